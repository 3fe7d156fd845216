/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Survivors in any order, with their hashes, as a device returns them: flat pairs that are cut in a
 * few passes and sorted once. results.c collects them here and moves them into the packed list when
 * it sorts. */
#ifndef BL23_KERNELS_UNSORTED_SURVIVORS_H
#define BL23_KERNELS_UNSORTED_SURVIVORS_H

#include <stddef.h>

#include "kernels/results/survivor_list.h"

struct bl23_unsorted_survivors {
    size_t n, capacity;
    struct bl23_hashed_survivor *hashed; /* owned */
};

void bl23_unsorted_free(struct bl23_unsorted_survivors *unsorted);

/* Add those of hashed[n] of a hash up to the bound. BL23_ERROR_MEMORY changes nothing. */
enum bl23_status bl23_unsorted_add(struct bl23_unsorted_survivors *unsorted,
                                   struct bl23_hashed_survivor const *hashed, size_t n,
                                   uint64_t bound);

/* Cut them down to the max of smallest hash; *last is the last that is kept. Fewer are left alone,
 * and so is *last. BL23_ERROR_MEMORY changes nothing. */
enum bl23_status bl23_unsorted_cut(struct bl23_unsorted_survivors *unsorted, uint64_t max,
                                   struct bl23_hashed_survivor *last);

/* Append all to a list, in rising order and each once; none are left. After BL23_ERROR_MEMORY the
 * list is what it was, and these survivors are lost. */
enum bl23_status bl23_unsorted_move(struct bl23_unsorted_survivors *unsorted,
                                    struct bl23_survivor_list *list);

#endif
