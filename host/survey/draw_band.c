/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/draw_band.h"

#include <math.h>
#include <stdlib.h>

#include "kernels/sample/error.h"

static int by_value(void const *a, void const *b)
{
    double const x = *(double const *)a, y = *(double const *)b;
    return (x > y) - (x < y);
}

void bl23_band_of(double *value, size_t n, double quantile[3])
{
    static double const level[3] = {0.16, 0.5, 0.84};
    qsort(value, n, sizeof *value, by_value);
    for (int k = 0; k < 3; k++) {
        double const place = n > 0 ? level[k] * (double)(n - 1) : 0.0;
        size_t const at = (size_t)place, next = at + 1 < n ? at + 1 : at;
        quantile[k] =
            n > 0 ? value[at] + (place - (double)at) * (value[next] - value[at]) : (double)NAN;
    }
}

static double acceptance_of(struct bl23_results const *r, uint64_t masses, uint64_t draw)
{
    uint64_t drawn = 0, passed = 0;
    for (uint64_t k = draw * masses; k < (draw + 1) * masses; k++) {
        drawn += r->knot[k].drawn;
        passed += r->knot[k].passed;
    }
    return drawn > 0 ? (double)passed / (double)drawn : (double)NAN;
}

enum bl23_status bl23_draw_band_find(struct bl23_model const *model,
                                     struct bl23_results const *results,
                                     struct bl23_draw_band *band, struct bl23_error *error)
{
    uint64_t const masses = bl23_model_masses(model), draws = model->n_knots / masses;
    double *const value = calloc(draws, sizeof *value);
    size_t n = 0;
    if (!value)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for %llu draws",
                         (unsigned long long)draws);
    for (uint64_t b = 0; b < draws; b++) {
        value[n] = acceptance_of(results, masses, b);
        n += isnan(value[n]) ? 0 : 1;
    }
    double sum = 0.0;
    for (size_t b = 0; b < n; b++)
        sum += value[b];
    band->central = acceptance_of(results, masses, 0);
    band->draws = n;
    band->mean = n > 0 ? sum / (double)n : (double)NAN;
    bl23_band_of(value, n, band->quantile);
    free(value);
    return BL23_OK;
}
