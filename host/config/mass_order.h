/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The masses of a survey in rising order: a list of masses may have any order.
 * Bounds and planes are shown so. */
#ifndef BL23_HOST_MASS_ORDER_H
#define BL23_HOST_MASS_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/sample/model.h"

/* The numbers [n_knots] of the knots by rising mass, equal ones by number; the caller frees them.
 * NULL when out of memory. */
size_t *bl23_mass_order(struct bl23_model const *model);

/* "0.116 .. 0.125, 0.14 GeV": the knots that are in, [n_knots], as stretches of neighbouring
 * masses, at most a few and then "...". False when out of memory. */
bool bl23_mass_stretches(struct bl23_model const *model, bool const *in, char *text, size_t size);

#endif
