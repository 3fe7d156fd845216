/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How far a number moves with the inputs, by the draws of them: the acceptance of a survey, for the
 * summary, and chi^2 of a best fit. */
#ifndef BL23_HOST_DRAW_BAND_H
#define BL23_HOST_DRAW_BAND_H

#include "kernels/results/results.h"

/* The acceptance, all masses together: of the central inputs, and over those draws that have
 * samples its mean and its band. */
struct bl23_draw_band {
    double central, mean, quantile[3];
    uint64_t draws; /* that have samples */
};

/* Of n values, which it sorts: where 16, 50 and 84 % of them are below, between neighbours by a
 * straight line; NaN if n is 0. */
void bl23_band_of(double *value, size_t n, double quantile[3]);

/* BL23_ERROR_MEMORY. All are NaN if no draw has a sample. */
enum bl23_status bl23_draw_band_find(struct bl23_model const *model,
                                     struct bl23_results const *results,
                                     struct bl23_draw_band *band, struct bl23_error *error);

#endif
