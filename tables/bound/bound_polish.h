/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A search for a row of small v where limits that the proof leaves out decide. bound_search.c calls
 * it; what it finds is only ever an example. */
#ifndef BL23_TABLES_BOUND_POLISH_H
#define BL23_TABLES_BOUND_POLISH_H

#include "tables/bound/bound_form.h"
#include "tables/bound/bound_problem.h"

/* A row by a random walk that starts anywhere and goes where v falls; the same for the same *state,
 * which becomes that of the next walk. Returns its v, infinity if it meets the limits at no v. */
double bl23_bound_walk(struct bl23_bound_problem const *problem, uint64_t *state,
                       struct bl23_bound_w *w);

/* Improve *w by all limits of the problem, of which `provable` is the part that bl23_bound_provable
 * leaves. Returns its v, infinity if it meets the limits at no v. */
double bl23_bound_polish(struct bl23_bound_problem const *problem,
                         struct bl23_bound_problem const *provable, struct bl23_bound_w *w);

#endif
