/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/record.h"
#include "kernels/screen/screen.h"

/* A condition that rejects less than this part of the samples costs more than it saves. */
static double const pass_max = 0.7;
/* A pair whose largest contribution is below this part of the limit goes into the margin. */
static double const neglect = 0.02;

static void form_build(double const row[BL23_MONOMIALS], struct bl23_screen_form *form)
{
    double const words_per_rad = 0x1p31 / 0x1.921fb54442d18p+1;
    for (int i = 0; i < 3; i++) {
        double const re = row[3 + 2 * i], im = row[4 + 2 * i];
        form->diagonal[i] = row[i];
        form->modulus[i] = hypot(re, im);
        form->phase[i] = (uint32_t)(int64_t)(atan2(im, re) * words_per_rad);
    }
}

void bl23_screen_knot_build(struct bl23_knot const *knot, struct bl23_screen_knot *out)
{
    for (int r = 0; r < BL23_FORMS; r++)
        form_build(knot->form[r], &out->form[r]);
}

static int ascending(void const *a, void const *b)
{
    double const x = *(double const *)a, y = *(double const *)b;
    return (x > y) - (x < y);
}

void bl23_screen_pilot_build(struct bl23_model const *model, struct bl23_screen_pilot *pilot)
{
    for (uint64_t k = 0; k < BL23_PILOT; k++) {
        double m[BL23_MONOMIALS], h[BL23_FORMS], s[BL23_QUANTITIES];
        bl23_draw_monomials(bl23_sample_words(model->seed, k, 0), m);
        bl23_amplitudes(&model->knot[0], m, h);
        bl23_quantities(h, s);
        for (int q = 0; q < BL23_QUANTITIES; q++)
            pilot->quantity[q][k] = s[q];
    }
    for (int q = 0; q < BL23_QUANTITIES; q++)
        qsort(pilot->quantity[q], BL23_PILOT, sizeof(double), ascending);
}

/* Part of the pilot with s <= limit. */
static double passing(struct bl23_screen_pilot const *pilot, int quantity, double limit)
{
    size_t low = 0, high = BL23_PILOT;
    while (low < high) {
        size_t const middle = (low + high) / 2;
        if (pilot->quantity[quantity][middle] <= limit)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)low / BL23_PILOT;
}

/* The interval of g^2 that any sample of tension <= t may have: fixed as it is, drawn within its
 * range, and within what the constraints on g and g^2 leave. In solve mode these are not relaxed,
 * quantity_limit relaxes the ratio L/U as a whole. */
static struct bl23_interval g2_range(struct bl23_model const *model, struct bl23_knot const *knot,
                                     double t)
{
    struct bl23_interval const g2 = knot->allowed[model->level][BL23_QUANTITY_G2];
    struct bl23_interval const g = knot->allowed[model->level][BL23_QUANTITY_G];
    double const relax = model->g_mode == BL23_G_SOLVE ? 1.0 : t, slack = 1e-12;
    double const g_min = model->g_min, g_max = g_min * exp2(model->g_log2_ratio);
    if (model->g_mode == BL23_G_FIXED)
        return (struct bl23_interval){g_min * g_min, g_min * g_min};
    struct bl23_interval range = {fmax(g2.lo / relax, g.lo / relax * (g.lo / relax)),
                                  fmin(g2.hi * relax, g.hi * relax * (g.hi * relax))};
    if (model->g_mode == BL23_G_LOG_UNIFORM) {
        range.lo = fmax(range.lo, g_min * g_min);
        range.hi = fmin(range.hi, g_max * g_max);
    }
    range.lo *= 1.0 - slack;
    range.hi *= 1.0 + slack;
    return range;
}

/* The largest s = quantity/g^2 of a sample of tension <= t. With g given, g^2 s <= t hi and
 * g^2 >= lo'; in solve mode L/U <= t^2 with L >= lo' and U <= hi/s. */
static double quantity_limit(struct bl23_model const *model, struct bl23_knot const *knot, int q,
                             struct bl23_interval g2, double t)
{
    double const hi = knot->allowed[model->level][q].hi;
    double const relaxed = model->g_mode == BL23_G_SOLVE ? t * t : t;
    if (!(g2.lo > 0.0) || !(hi < BL23_INFINITY))
        return BL23_INFINITY;
    return relaxed * hi / g2.lo * (1.0 + 1e-12);
}

/* Words x5 whose g lies in the range, widened by far more than the rounding of the drawn g. */
static int x5_range(struct bl23_model const *model, struct bl23_interval g2,
                    struct bl23_screen *screen)
{
    double const span = model->g_log2_ratio, slack = 1e-9 * (1.0 + span);
    double const low = (0.5 * log2(g2.lo) - log2(model->g_min) - slack) / span;
    double const high = (0.5 * log2(g2.hi) - log2(model->g_min) + slack) / span;
    screen->has_x5 = 1;
    screen->x5_low = low > 0.0 ? (uint32_t)fmin(low * 0x1p32, 0xffffffffp0) : 0;
    screen->x5_high = high < 1.0 ? (uint32_t)fmax(high * 0x1p32 + 1.0, 0.0) : 0xffffffffu;
    if (screen->x5_low > 0)
        screen->x5_low--;
    return (double)(screen->x5_high - screen->x5_low) < pass_max * 0x1p32;
}

static void term_build(struct bl23_screen_form const *form, double root_limit,
                       struct bl23_screen_term *term)
{
    double margin = 0.0;
    *term = (struct bl23_screen_term){.pairs = 0};
    for (int i = 0; i < 3; i++) {
        double const k = form->modulus[i];
        int const computed = 0.5 * k > neglect * root_limit;
        term->diagonal[i] = (float)form->diagonal[i];
        term->modulus[i] = (float)k;
        term->phase[i] = form->phase[i];
        term->pairs |= (uint32_t)computed << i;
        margin += fabs(form->diagonal[i]) * BL23_SCREEN_FLOAT_ERROR;
        margin +=
            computed /* sqrt(|wi|^2 |wj|^2) <= 1/2 */
                ? 0.5 * k *
                      (BL23_SCREEN_COS_ERROR + BL23_SCREEN_ROOT_ERROR + BL23_SCREEN_FLOAT_ERROR)
                : 0.5 * k;
    }
    term->margin = (float)(margin * (1.0 + 1e-6));
}

int bl23_screen_build(struct bl23_model const *model, struct bl23_knot const *knot,
                      struct bl23_screen_knot const *forms, struct bl23_screen_pilot const *pilot,
                      double tension_bound, struct bl23_screen *screen)
{
    double const t = fmax(1.0, tension_bound) * (1.0 + 1e-9);
    memset(screen, 0, sizeof *screen);
    if (!(t < BL23_INFINITY) || model->w_mode == BL23_W_FIXED)
        return 0;
    struct bl23_interval const g2 = g2_range(model, knot, t);
    int useful = 0;
    if (model->g_mode == BL23_G_LOG_UNIFORM)
        useful = x5_range(model, g2, screen);
    double best_pass = pass_max, best_limit = 0.0;
    int best = -1;
    for (int q = BL23_QUANTITY_OF_FORMS; q < BL23_QUANTITY_G; q++) {
        double const limit = quantity_limit(model, knot, q, g2, t);
        double const pass = passing(pilot, q, limit);
        if (pass < best_pass) {
            best_pass = pass;
            best_limit = limit;
            best = q;
        }
    }
    screen->has_x5 = useful;
    if (best < 0 || best_limit < 1e-30) /* nothing to gain, or too small for single precision */
        return useful;
    struct bl23_form_range const range = bl23_form_range_of(best);
    screen->n_terms = range.count;
    for (int r = 0; r < range.count; r++)
        term_build(&forms->form[range.first + r], sqrt(best_limit), &screen->term[r]);
    screen->limit = (float)(best_limit * (1.0 + 1e-5));
    return 1;
}
