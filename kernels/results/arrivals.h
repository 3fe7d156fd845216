/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Survivors as they arrive, in any order, with their hashes: flat pairs that are cut in a few
 * passes and put in order once. results.c keeps here what a device returns, and moves it into the
 * packed list when it sorts. It must not know where survivors come from. */
#ifndef BL23_KERNELS_ARRIVALS_H
#define BL23_KERNELS_ARRIVALS_H

#include <stddef.h>

#include "kernels/results/survivor_list.h"

struct bl23_arrivals {
    size_t n, capacity;
    struct bl23_hashed_survivor *kept; /* owned */
};

void bl23_arrivals_free(struct bl23_arrivals *arrivals);

/* Add those of kept[n] of a hash up to the bound. BL23_ERROR_MEMORY changes nothing. */
enum bl23_status bl23_arrivals_add(struct bl23_arrivals *arrivals,
                                   struct bl23_hashed_survivor const *kept, size_t n,
                                   uint64_t bound);

/* Cut them down to the max of smallest hash; *last is the last that is kept. Fewer are left alone,
 * and so is *last. BL23_ERROR_MEMORY changes nothing. */
enum bl23_status bl23_arrivals_cut(struct bl23_arrivals *arrivals, uint64_t max,
                                   struct bl23_hashed_survivor *last);

/* Append all to a list, in rising order and each once; none are left. After BL23_ERROR_MEMORY the
 * list is what it was, and the arrivals are lost. */
enum bl23_status bl23_arrivals_move(struct bl23_arrivals *arrivals,
                                    struct bl23_survivor_list *list);

#endif
