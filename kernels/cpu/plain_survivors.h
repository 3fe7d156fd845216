/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The reductions over plain survivors (kernels/screen/sides.h): those that change nothing but
 * counts, bins and the list of what is kept. cpu_range.c calls it. */
#ifndef BL23_KERNELS_PLAIN_SURVIVORS_H
#define BL23_KERNELS_PLAIN_SURVIVORS_H

#include "kernels/cpu/cpu_survivors.h"
#include "kernels/screen/sides_lanes.h"

/* ---- bins ---- */

/* Bins of |w_i|^2 and phases out of x0..x3; returns whether a word is on an edge. */
BL23_INLINE int bl23_plain_word_bins(struct bl23_bin_plan const *plan,
                                     struct bl23_sides_block const *p, size_t at, size_t count,
                                     struct bl23_survivor_rows *s)
{
    uint32_t edges = 0;
    BL23_UNROLL
    for (int axis = 0; axis < BL23_AXIS_G; axis++) {
        uint32_t const bins = (uint32_t)plan->bins[axis];
        int32_t *const bin = s->bin[axis];
        for (size_t k = 0; k < count; k++) {
            uint32_t const x0 = p->word[0][at + k], x1 = p->word[1][at + k];
            uint32_t const low = x0 < x1 ? x0 : x1, high = x0 < x1 ? x1 : x0;
            uint32_t word[BL23_AXIS_G] = {low, high - low, 0u - high};
            bl23_phase_words(p->word[2][at + k], p->word[3][at + k], word + BL23_AXIS_PHASES);
            edges |= (uint32_t)bl23_word_on_edge(word[axis], bins);
            bin[k] = bl23_bin_of_word(word[axis], bins);
        }
    }
    return edges != 0;
}

/* Bins of g where it is solved for, and which are in doubt, as an edge lies between what is known
 * of g^2; returns whether any is. */
BL23_INLINE int bl23_plain_g_bins(struct bl23_bin_plan const *plan, double g2_unit,
                                  struct bl23_sides_block const *p, size_t at, size_t count,
                                  int32_t *bin, uint8_t *doubt)
{
    double const room = 2.0 * (BL23_SIDES_ROOT_ERROR + BL23_SIDES_FLOAT_ERROR);
    double const low = g2_unit * (1.0 - room), high = g2_unit * (1.0 + room);
    int any = 0;
    for (size_t k = 0; k < count; k++) {
        bin[k] = bl23_bin_of_g2(plan, low * p->g2[0][at + k]);
        int const in_doubt = !(high * p->g2[1][at + k] < plan->edge_g2[bin[k]]);
        doubt[k] = (uint8_t)in_doubt;
        any |= in_doubt;
    }
    return any;
}

/* All bins of the plain survivors [at, at + count). The record decides where words are on an edge,
 * or the bin of g is in doubt. */
BL23_STAGE void bl23_plain_bins(struct bl23_cpu_context const *context,
                                struct bl23_sides const *sides, struct bl23_tile const *tile,
                                struct bl23_sides_block const *p, size_t at, size_t count,
                                struct bl23_survivor_rows *s)
{
    struct bl23_bin_plan const *const plan = context->bins;
    uint8_t doubt[BL23_BATCH];
    int32_t *const bin_of_g = s->bin[BL23_AXIS_G];
    int const on_edge = bl23_plain_word_bins(plan, p, at, count, s);
    int any = on_edge;
    if (sides->solve)
        any |= bl23_plain_g_bins(plan, sides->g2_unit, p, at, count, bin_of_g, doubt);
    for (size_t k = 0; !sides->solve && k < count; k++)
        bin_of_g[k] = bl23_bin_of_x5(plan, p->x5[at + k]);
    for (size_t k = 0; any && k < count; k++) {
        struct bl23_record record;
        int32_t bin[BL23_HISTOGRAM_AXES];
        if (!on_edge && !doubt[k])
            continue;
        bl23_record_of(context->model, tile->first + p->offset[at + k], &record);
        bl23_bins_of_record(context->reduction, record.value, bin);
        for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
            s->bin[a][k] = bin[a];
    }
}

/* ---- all of them ---- */

BL23_STAGE void bl23_plain_reduce(struct bl23_cpu_context const *context,
                                  struct bl23_sides const *sides, struct bl23_tile const *tile,
                                  struct bl23_sides_block const *p, uint64_t hash_bound,
                                  struct bl23_survivor_rows *s, struct bl23_kept *kept,
                                  struct bl23_results *r)
{
    r->tallies.passed += p->plain;
    r->tallies.passed_1sigma += p->one_sigma;
    for (size_t at = 0, count; at < p->plain; at += count) {
        count = p->plain - at < BL23_BATCH ? p->plain - at : BL23_BATCH;
        bl23_plain_bins(context, sides, tile, p, at, count, s);
        bl23_rows_histograms(context, count, s, r);
        bl23_rows_keep(tile, p->offset + at, count, hash_bound, kept, r);
    }
}

#endif
