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

/* An interval that holds the values of an amplitude h = w^+ A w for all rows w: the extreme
 * eigenvalues of the Hermitian 3 x 3 matrix A, by the trigonometric formula, with room for its
 * rounding. */
static struct bl23_interval form_range(double const row[BL23_MONOMIALS])
{
    double const mean = (row[0] + row[1] + row[2]) / 3.0, third = 0x1.0c152382d7366p+1;
    double const a = row[0] - mean, b = row[1] - mean, c = row[2] - mean;
    double const re[3] = {0.5 * row[3], 0.5 * row[5], 0.5 * row[7]}; /* A_12, A_13, A_23 */
    double const im[3] = {-0.5 * row[4], -0.5 * row[6], -0.5 * row[8]};
    double off2[3];
    for (int p = 0; p < 3; p++)
        off2[p] = re[p] * re[p] + im[p] * im[p];
    double const size2 =
        (a * a + b * b + c * c + 2.0 * (off2[0] + off2[1] + off2[2])) / 6.0; /* p^2 */
    double const size = sqrt(size2);
    double const triple = (re[0] * re[2] - im[0] * im[2]) * re[1] +
                          (re[0] * im[2] + im[0] * re[2]) * im[1]; /* Re A_12 A_23 A_13^* */
    double const determinant = a * b * c + 2.0 * triple - a * off2[2] - b * off2[1] - c * off2[0];
    double const r = size > 0.0 ? determinant / (2.0 * size2 * size) : 0.0;
    double const angle = acos(fmax(-1.0, fmin(r, 1.0))) / 3.0;
    double const room = 1e-6 * (fabs(mean) + size);
    return (struct bl23_interval){mean + 2.0 * size * cos(angle + third) - room,
                                  mean + 2.0 * size * cos(angle) + room};
}

static double form_largest(double const row[BL23_MONOMIALS])
{
    struct bl23_interval const range = form_range(row);
    return fmax(fabs(range.lo), fabs(range.hi));
}

/* The least cos(t) Re H + sin(t) Im H over all rows w, for amplitudes (Re H, Im H). */
static double least_along(double const row[2][BL23_MONOMIALS], double t)
{
    double const c = cos(t), s = sin(t);
    double turned[BL23_MONOMIALS];
    for (int k = 0; k < BL23_MONOMIALS; k++)
        turned[k] = c * row[0][k] + s * row[1][k];
    return form_range(turned).lo;
}

/* No row w has |H| below this: the distance of zero from the numerical range of H. Each direction
 * gives a lower bound of it, so that it does not matter how well the best one is found. */
static double pair_least(double const row[2][BL23_MONOMIALS])
{
    enum { DIRECTIONS = 32, STEPS = 12 };
    double const step = 2.0 * 0x1.921fb54442d18p+1 / DIRECTIONS;
    double best = -BL23_INFINITY, at = 0.0;
    for (int k = 0; k < DIRECTIONS; k++) {
        double const least = least_along(row, k * step);
        if (least > best) {
            best = least;
            at = k * step;
        }
    }
    double width = 0.5 * step;
    for (int k = 0; best > 0.0 && k < STEPS; k++, width *= 0.5)
        for (int side = -1; side <= 1; side += 2) {
            double const least = least_along(row, at + side * width);
            if (least > best) {
                best = least;
                at += side * width;
                break;
            }
        }
    return fmax(best, 0.0);
}

double bl23_quantity_largest(struct bl23_knot const *knot, int q)
{
    struct bl23_form_range const range = bl23_form_range_of(q);
    double sum = range.shape == BL23_SHAPE_ONE ? 1.0 : 0.0;
    for (int r = 0; r < range.count; r++) {
        double const h = form_largest(knot->form[range.first + r]);
        double const weight =
            range.shape == BL23_SHAPE_SQUARES ? 1.0 : fabs(knot->weight[range.weight + r / 2]);
        sum += weight * h * h;
    }
    return sum;
}

double bl23_quantity_least(struct bl23_knot const *knot, int q)
{
    struct bl23_form_range const range = bl23_form_range_of(q);
    double sum = 0.0;
    if (range.count == 1) {
        struct bl23_interval const h = form_range(knot->form[range.first]);
        double const least = fmax(0.0, fmax(h.lo, -h.hi));
        return bl23_weight_of(range, knot->weight, 0) * least * least;
    }
    for (int r = 0; r < range.count; r += 2) {
        double const least = pair_least(knot->form + range.first + r);
        sum += bl23_weight_of(range, knot->weight, r) * least * least;
    }
    return sum;
}

static int ascending(void const *a, void const *b)
{
    double const x = *(double const *)a, y = *(double const *)b;
    return (x > y) - (x < y);
}

void bl23_screen_pilot_build(struct bl23_model const *model, struct bl23_screen_pilot *pilot)
{
    struct bl23_knot knot = model->knot[0];
    unsigned limited = 0;
    for (uint64_t k = 0; k < model->n_knots; k++)
        limited |= bl23_limited_of(&model->knot[k]);
    for (int w = 0; w < BL23_WEIGHTS; w++)
        for (uint64_t k = 1; k < model->n_knots && knot.weight[w] == 0.0; k++)
            knot.weight[w] = model->knot[k].weight[w];
    memcpy(pilot->weight, knot.weight, sizeof pilot->weight);
    for (uint64_t k = 0; k < BL23_PILOT; k++) {
        double m[BL23_MONOMIALS], s[BL23_QUANTITIES];
        /* where there is a cover, a sample of each tile, at any mass */
        struct bl23_sample const sample =
            bl23_sample_of(model, model->cover_bytes > 0 ? k << BL23_TILE_BITS : k);
        bl23_draw_monomials(sample.block[0], m);
        bl23_quantities_of_row(&knot, limited, m, s);
        for (int q = 0; q < BL23_QUANTITIES; q++)
            pilot->quantity[q][k] = s[q];
    }
    for (int q = 0; q < BL23_QUANTITIES; q++)
        if (limited >> q & 1u)
            qsort(pilot->quantity[q], BL23_PILOT, sizeof(double), ascending);
}

/* The weights of a quantity at a mass in units of those of the pilot. */
static double weight_ratio(struct bl23_screen_pilot const *pilot, struct bl23_knot const *knot,
                           struct bl23_form_range range)
{
    double here = 0.0, there = 0.0;
    for (int r = 0; r < range.count; r++) {
        here += bl23_weight_of(range, knot->weight, r);
        there += bl23_weight_of(range, pilot->weight, r);
    }
    return there > 0.0 ? here / there : 1.0;
}

void bl23_screen_knot_build(struct bl23_model const *model, struct bl23_knot const *knot,
                            struct bl23_screen_pilot const *pilot, struct bl23_screen_knot *out)
{
    unsigned const forms = bl23_forms_of(bl23_limited_of(knot));
    memset(out, 0, sizeof *out);
    out->g2_ceiling = BL23_INFINITY;
    for (int r = 0; r < BL23_FORMS; r++)
        if (forms >> r & 1u)
            form_build(knot->form[r], &out->form[r]);
    for (int q = BL23_QUANTITY_OF_FORMS; q < BL23_QUANTITY_G; q++) {
        struct bl23_interval const allowed = knot->allowed[model->level][q];
        struct bl23_form_range const range = bl23_form_range_of(q);
        double const largest = allowed.lo > 0.0 ? bl23_quantity_largest(knot, q) : 0.0;
        double const ratio = weight_ratio(pilot, knot, range);
        double const least = model->g_mode == BL23_G_LOG_UNIFORM && allowed.hi < BL23_INFINITY
                                 ? bl23_quantity_least(knot, q)
                                 : 0.0;
        if (largest > 0.0)
            out->g2_floor = fmax(out->g2_floor, allowed.lo / largest);
        if (least > 0.0)
            out->g2_ceiling = fmin(out->g2_ceiling, allowed.hi / least);
        if (allowed.hi < BL23_INFINITY && range.shape <= BL23_SHAPE_WEIGHTED && ratio > 0.0)
            out->upper[out->n_upper++] = (struct bl23_screen_edge){q, allowed.hi, ratio};
    }
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
 * range, within what the constraints on g and g^2 leave, above what lower edges of quantities ask
 * of the largest amplitudes, and below what upper edges leave the least. In solve mode these are
 * not relaxed, quantity_limit relaxes the ratio L/U as a whole. */
static struct bl23_interval g2_range(struct bl23_model const *model, struct bl23_knot const *knot,
                                     struct bl23_screen_knot const *forms, double t)
{
    struct bl23_interval const g2 = knot->allowed[model->level][BL23_QUANTITY_G2];
    struct bl23_interval const g = knot->allowed[model->level][BL23_QUANTITY_G];
    double const relax = model->g_mode == BL23_G_SOLVE ? 1.0 : t, slack = 1e-12;
    double const g_min = model->g_min, g_max = g_min * exp2(model->g_log2_ratio);
    if (model->g_mode == BL23_G_FIXED)
        return (struct bl23_interval){g_min * g_min, g_min * g_min};
    struct bl23_interval range = {fmax(g2.lo / relax, g.lo / relax * (g.lo / relax)),
                                  fmin(g2.hi * relax, g.hi * relax * (g.hi * relax))};
    range.lo = fmax(range.lo, forms->g2_floor / relax);
    if (model->g_mode == BL23_G_LOG_UNIFORM) {
        range.hi = fmin(range.hi, forms->g2_ceiling * relax);
        range.lo = fmax(range.lo, g_min * g_min);
        range.hi = fmin(range.hi, g_max * g_max);
    }
    range.lo *= 1.0 - slack;
    range.hi *= 1.0 + slack;
    return range;
}

/* Words x5 whose g lies in the range, widened by far more than the rounding of the drawn g. */
static int x5_range(struct bl23_model const *model, struct bl23_interval g2,
                    struct bl23_screen *screen)
{
    double const span = model->g_log2_ratio, slack = 1e-9 * (1.0 + span);
    double const low = (0.5 * log2(g2.lo) - log2(model->g_min) - slack) / span;
    double const high = (0.5 * log2(g2.hi) - log2(model->g_min) + slack) / span;
    screen->x5_low = low > 0.0 ? (uint32_t)fmin(low * 0x1p32, 0xffffffffp0) : 0;
    screen->x5_high = high < 1.0 ? (uint32_t)fmax(high * 0x1p32 + 1.0, 0.0) : 0xffffffffu;
    if (screen->x5_low > 0)
        screen->x5_low--;
    return (double)(screen->x5_high - screen->x5_low) < pass_max * 0x1p32;
}

/* One amplitude times the root of its weight. */
static void term_build(struct bl23_screen_form const *form, double root_weight, double root_limit,
                       struct bl23_screen_term *term)
{
    double margin = 0.0;
    *term = (struct bl23_screen_term){.pairs = 0};
    for (int i = 0; i < 3; i++) {
        double const d = root_weight * form->diagonal[i], k = root_weight * form->modulus[i];
        int const computed = 0.5 * k > neglect * root_limit;
        term->diagonal[i] = (float)d;
        term->modulus[i] = (float)k;
        term->phase[i] = form->phase[i];
        term->pairs |= (uint32_t)computed << i;
        margin += fabs(d) * BL23_SCREEN_FLOAT_ERROR;
        margin +=
            computed /* sqrt(|wi|^2 |wj|^2) <= 1/2 */
                ? 0.5 * k *
                      (BL23_SCREEN_COS_ERROR + BL23_SCREEN_ROOT_ERROR + BL23_SCREEN_FLOAT_ERROR)
                : 0.5 * k;
    }
    term->margin = (float)(margin * (1.0 + 1e-6));
}

/* The condition that a quantity divided by g^2 is at most `limit`: its amplitudes of rising
 * weight from the last to the first, and terms that are 0 up to the next number of them that loops
 * are made for. */
static void terms_build(struct bl23_knot const *knot, struct bl23_screen_knot const *forms,
                        struct bl23_form_range range, double limit, struct bl23_screen *screen)
{
    int order[BL23_SCREEN_FORMS], n = 0;
    double total[BL23_SCREEN_PAIRS] = {0.0};
    for (int r = 0; r < range.count; r++) {
        double const weight = bl23_weight_of(range, knot->weight, r);
        int at = n;
        if (!(weight > 0.0))
            continue;
        for (; at > 0 && bl23_weight_of(range, knot->weight, order[at - 1]) < weight; at--)
            order[at] = order[at - 1];
        order[at] = r;
        n++;
    }
    for (int r = 0; r < n; r++) {
        double const weight = bl23_weight_of(range, knot->weight, order[r]);
        struct bl23_screen_form const *const form = &forms->form[range.first + order[r]];
        term_build(form, sqrt(weight), sqrt(limit), &screen->term[r]);
        for (int p = 0; r < 2 && p < BL23_SCREEN_PAIRS; p++)
            total[p] += form->modulus[p];
    }
    for (screen->n_terms = 1; screen->n_terms < n; screen->n_terms *= 2)
        ;
    screen->pair = BL23_SCREEN_PAIRS - 1;
    for (int p = 0; screen->n_terms > 1 && p < BL23_SCREEN_PAIRS; p++)
        if (total[p] > total[screen->pair])
            screen->pair = p;
    screen->limit = (float)(limit * (1.0 + 1e-5));
}

/* Which parts of the pilot pass the upper edges: s = quantity/g^2 is at most `scale` times an edge.
 */
static void passing_build(struct bl23_screen_knot const *forms,
                          struct bl23_screen_pilot const *pilot, double scale,
                          double pass[BL23_QUANTITIES_OF_FORMS])
{
    for (int k = 0; k < forms->n_upper; k++)
        pass[k] = passing(pilot, forms->upper[k].quantity,
                          scale * forms->upper[k].edge / forms->upper[k].ratio);
}

/* The condition that rejects most, other than that of the quantity `taken`. */
static int condition_build(struct bl23_knot const *knot, struct bl23_screen_knot const *forms,
                           double const pass[BL23_QUANTITIES_OF_FORMS], double scale, int taken,
                           struct bl23_screen *screen)
{
    double best_pass = pass_max;
    int best = -1;
    for (int k = 0; k < forms->n_upper; k++)
        if (forms->upper[k].quantity != taken && pass[k] < best_pass) {
            best_pass = pass[k];
            best = k;
        }
    if (best < 0 || scale * forms->upper[best].edge < 1e-30)
        return 0; /* nothing to gain, or too small for single precision */
    screen->quantity = forms->upper[best].quantity;
    terms_build(knot, forms, bl23_form_range_of(screen->quantity), scale * forms->upper[best].edge,
                screen);
    return 1;
}

int bl23_screen_build(struct bl23_model const *model, struct bl23_knot const *knot,
                      struct bl23_screen_knot const *forms, struct bl23_screen_pilot const *pilot,
                      double tension_bound, struct bl23_screen screen[BL23_SCREENS])
{
    double const t = fmax(1.0, tension_bound) * (1.0 + 1e-9);
    memset(screen, 0, BL23_SCREENS * sizeof *screen);
    if (!(t < BL23_INFINITY) || model->w_mode != BL23_W_HAAR)
        return 0;
    struct bl23_interval const g2 = g2_range(model, knot, forms, t);
    if (model->g_mode == BL23_G_LOG_UNIFORM)
        screen->has_x5 = x5_range(model, g2, screen);
    /* With g given, g^2 s <= t hi and g^2 >= g2.lo; in solve mode the largest g^2 over the smallest
     * is at most t^2, the smallest is at least g2.lo and the largest at most hi/s. */
    double const relaxed = model->g_mode == BL23_G_SOLVE ? t * t : t;
    double const scale = relaxed / g2.lo * (1.0 + 1e-12);
    double pass[BL23_QUANTITIES_OF_FORMS];
    if (!(g2.lo > 0.0))
        return screen->has_x5;
    passing_build(forms, pilot, scale, pass);
    if (!condition_build(knot, forms, pass, scale, -1, &screen[0]))
        return screen->has_x5;
    return 1 + condition_build(knot, forms, pass, scale, screen->quantity, &screen[1]);
}
