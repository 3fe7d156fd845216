/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The loop of a command over masses, or over masses and draws, on all processors that this process
 * may use. On a terminal a line tells how far it is; it is gone when the loop ends. */
#ifndef BL23_HOST_ITEM_LOOP_H
#define BL23_HOST_ITEM_LOOP_H

#include "kernels/lanes/parallel_for.h"

/* bl23_parallel_for, one item at a time; `items` is what they are: "masses". */
enum bl23_status bl23_for_items(char const *items, uint64_t n, bl23_parallel_body *body,
                                void *context);

#endif
