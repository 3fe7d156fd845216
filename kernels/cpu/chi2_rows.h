/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* chi^2 of a batch of samples: the steps of kernels/sample/chi2.h, each on all samples at once, and
 * the profile of the least chi^2 in each bin. cpu_range.c calls it for surveys that rank by chi^2.
 * Quantities and constraints without a weight add exactly nothing, so that they are left out. */
#ifndef BL23_KERNELS_CHI2_ROWS_H
#define BL23_KERNELS_CHI2_ROWS_H

#include "kernels/cpu/cpu_survivors.h"

/* Parabolas a x^2 - 2 b x + ... of a batch. */
struct bl23_parabola_rows {
    double a[BL23_BATCH_ROOM], b[BL23_BATCH_ROOM];
};

BL23_INLINE int bl23_acts(struct bl23_split_gauss k)
{
    return k.below > 0.0;
}

/* bl23_parabola_above of a batch, at a break point of each sample. */
BL23_STAGE void bl23_rows_parabola(struct bl23_model const *model, struct bl23_chi2 const *t,
                                   struct bl23_batch const *batch, double const *x,
                                   struct bl23_parabola_rows *p)
{
    for (size_t k = 0; k < batch->padded; k++) {
        p->a[k] = 0.0;
        p->b[k] = -0.5 * t->half[BL23_QUANTITY_G];
    }
    for (int q = 0; q < BL23_QUANTITY_G; q++) {
        double const half = t->half[q], *const s = batch->quantity[q];
        for (size_t k = 0; half > 0.0 && k < batch->padded; k++)
            p->a[k] = fma(half * s[k], s[k], p->a[k]);
    }
    for (int c = 0; c < (int)model->n_constraints; c++) {
        struct bl23_split_gauss const split = t->split[c];
        double const *const s = batch->quantity[model->constraint_quantity[c]];
        for (size_t k = 0; bl23_acts(split) && k < batch->padded; k++) {
            double const weight = bl23_break_point(split, s[k]) <= x[k] ? split.above : split.below;
            p->a[k] = fma(weight * s[k], s[k], p->a[k]);
            p->b[k] = fma(weight * s[k], split.central, p->b[k]);
        }
    }
}

/* bl23_chi2_at of a batch, at its g^2. */
BL23_STAGE void bl23_rows_chi2_at(struct bl23_model const *model, struct bl23_chi2 const *t,
                                  struct bl23_batch *b)
{
    double const *const x = b->chi2_g2;
    double *const sum = b->chi2;
    for (size_t k = 0; k < b->padded; k++)
        sum[k] = fma(t->half[BL23_QUANTITY_G], x[k], t->constant);
    for (int q = 0; q < BL23_QUANTITY_G; q++) {
        double const half = t->half[q], *const s = b->quantity[q];
        for (size_t k = 0; half > 0.0 && k < b->padded; k++) {
            double const y = x[k] * s[k];
            sum[k] = fma(half * y, y, sum[k]);
        }
    }
    for (int c = 0; c < (int)model->n_constraints; c++) {
        struct bl23_split_gauss const split = t->split[c];
        double const *const s = b->quantity[model->constraint_quantity[c]];
        for (size_t k = 0; bl23_acts(split) && k < b->padded; k++) {
            double const miss = fma(x[k], s[k], -split.central);
            sum[k] = fma((miss < 0.0 ? split.below : split.above) * miss, miss, sum[k]);
        }
    }
}

/* The g^2 of bl23_chi2_minimum of a batch. */
BL23_STAGE void bl23_rows_best_g2(struct bl23_model const *model, struct bl23_chi2 const *t,
                                  struct bl23_batch *b)
{
    double const end = bl23_domain_g2().hi;
    double from[BL23_BATCH_ROOM] = {0.0}, x[BL23_BATCH_ROOM];
    struct bl23_parabola_rows p;
    for (int c = 0; c < (int)model->n_constraints; c++) {
        struct bl23_split_gauss const split = t->split[c];
        double const *const s = b->quantity[model->constraint_quantity[c]];
        if (!bl23_acts(split) || !(split.central > 0.0))
            continue;
        for (size_t k = 0; k < b->padded; k++)
            x[k] = bl23_break_point(split, s[k]);
        bl23_rows_parabola(model, t, b, x, &p);
        for (size_t k = 0; k < b->padded; k++) {
            int const begins =
                (x[k] > from[k]) & (x[k] < end) & (fma(p.a[k], x[k], -p.b[k]) <= 0.0);
            from[k] = begins ? x[k] : from[k];
        }
    }
    bl23_rows_parabola(model, t, b, from, &p);
    for (size_t k = 0; k < b->padded; k++) {
        double const beyond = p.b[k] > 0.0 ? end : 0.0;
        double const best = p.a[k] > 0.0 ? p.b[k] / p.a[k] : beyond;
        b->chi2_g2[k] = bl23_min(bl23_max(best, from[k]), end);
    }
}

/* chi^2 of a batch that has been judged; where it decides, who survives. */
BL23_STAGE void bl23_batch_chi2(struct bl23_model const *model, struct bl23_batch *b)
{
    struct bl23_ranking const *const ranking = bl23_model_ranking(model);
    struct bl23_chi2 const *const t = &ranking->chi2[b->knot - model->knot];
    if (model->g_mode == BL23_G_SOLVE)
        bl23_rows_best_g2(model, t, b);
    for (size_t k = 0; model->g_mode != BL23_G_SOLVE && k < b->padded; k++)
        b->chi2_g2[k] = b->g[k] * b->g[k];
    bl23_rows_chi2_at(model, t, b);
    for (size_t k = 0; ranking->chi2_max < BL23_INFINITY && k < b->padded; k++)
        b->survives[k] = b->chi2[k] <= ranking->chi2_max ? 1.0 : 0.0;
}

/* Offer a batch to the profile. */
BL23_STAGE void bl23_batch_profile(struct bl23_cpu_context const *context,
                                   struct bl23_tile const *tile, struct bl23_batch const *b,
                                   struct bl23_survivor_rows *s, struct bl23_results *r)
{
    int const solve = context->model->g_mode == BL23_G_SOLVE;
    for (size_t k = 0; k < b->padded; k++)
        s->g_bl[k] = solve ? sqrt(b->chi2_g2[k]) : b->g[k];
    if (context->model->w_mode == BL23_W_HAAR)
        bl23_rows_phases(tile, b, s);
    bl23_rows_bins(context, b, s);
    for (size_t k = 0; k < b->count; k++) {
        int32_t bin[BL23_HISTOGRAM_AXES];
        for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
            bin[a] = s->bin[a][k];
        bl23_results_profile(r, context->reduction, bin, b->chi2[k], bl23_batch_index(b, k));
    }
}

#endif
