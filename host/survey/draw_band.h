/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How far the acceptance moves with the inputs, by the draws of them that a survey has. The summary
 * calls it. */
#ifndef BL23_HOST_DRAW_BAND_H
#define BL23_HOST_DRAW_BAND_H

#include "kernels/results/results.h"

/* The acceptance, all masses together: of the central inputs, and over those draws that have
 * samples its mean and where 16, 50 and 84 % of them are below, between neighbours by a straight
 * line. */
struct bl23_draw_band {
    double central, mean, quantile[3];
};

/* BL23_ERROR_MEMORY. All are NaN if no draw has a sample. */
enum bl23_status bl23_draw_band_find(struct bl23_model const *model,
                                     struct bl23_results const *results,
                                     struct bl23_draw_band *band, struct bl23_error *error);

#endif
