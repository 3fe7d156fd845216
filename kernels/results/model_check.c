/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/results/model_check.h"

#include <math.h>
#include <stdbool.h>

/* Far above all that inputs give; below it products of two amplitudes are finite. */
#define LARGEST 1e100
/* bl23_exp2 is made for less. */
#define LARGEST_LOG2 1000.0
/* Of a norm, by rounding. */
#define ROUNDING 1e-12

enum { NEAREST_MAX = 1 << 24 };

/* Is each of them a number of at most this size? NaN is not. */
static bool within(double const *x, size_t n, double largest)
{
    bool fine = true;
    for (size_t k = 0; k < n; k++)
        fine = fine && fabs(x[k]) <= largest;
    return fine;
}

/* ---- the header ---- */

static bool has_coupling(struct bl23_model const *m)
{
    if (m->g_mode == BL23_G_SOLVE)
        return true;
    bool const drawn = m->g_mode == BL23_G_LOG_UNIFORM;
    return m->g_min > 0.0 && m->g_min <= LARGEST &&
           (!drawn || (m->g_log2_ratio >= 0.0 && m->g_log2_ratio < LARGEST_LOG2));
}

static bool has_row(struct bl23_model const *m)
{
    double const pi = 0x1.921fb54442d18p+1;
    double const *const w2 = m->w.monomial;
    if (m->w_mode == BL23_W_HAAR)
        return true;
    return within(w2, BL23_MONOMIALS, 1.0) && within(m->w.abs, 3, 1.0) &&
           within(m->w.phase, 3, pi) && fabs(w2[0] + w2[1] + w2[2] - 1.0) <= ROUNDING;
}

static char const *header_fault(struct bl23_model const *m)
{
    if (m->n_constraints > BL23_CONSTRAINTS_MAX)
        return "it has more constraints than a model can hold";
    if (m->g_mode > BL23_G_SOLVE || m->w_mode > BL23_W_FIXED || m->level >= BL23_LEVELS)
        return "its level, its mode of g or its mode of w is not a known one";
    for (int c = 0; c < BL23_CONSTRAINTS_MAX; c++)
        if (m->constraint_quantity[c] >= BL23_QUANTITIES)
            return "a constraint is on a quantity that does not exist";
    if (!has_coupling(m))
        return "its coupling g is out of range";
    return has_row(m) ? NULL : "its row w does not have norm 1";
}

/* ---- a knot ---- */

/* An interval as kernels/sample/model.h has it; lo > hi is an empty one. */
static bool is_interval(struct bl23_interval x)
{
    return x.lo >= 0.0 && x.hi == x.hi;
}

/* `allowed` must be what the limits leave. */
static bool is_intersection(struct bl23_model const *m, struct bl23_knot const *knot, int level)
{
    struct bl23_interval all[BL23_QUANTITIES];
    bool fine = true;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        all[q] = (struct bl23_interval){0.0, BL23_INFINITY};
    for (uint64_t c = 0; c < m->n_constraints; c++) {
        struct bl23_interval const limit = knot->limit[level][c];
        struct bl23_interval *const a = &all[m->constraint_quantity[c]];
        fine = fine && is_interval(limit);
        a->lo = limit.lo > a->lo ? limit.lo : a->lo;
        a->hi = limit.hi < a->hi ? limit.hi : a->hi;
    }
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        struct bl23_interval const allowed = knot->allowed[level][q];
        fine = fine && allowed.lo == all[q].lo && allowed.hi == all[q].hi;
    }
    return fine;
}

static char const *knot_fault(struct bl23_model const *m, struct bl23_knot const *knot)
{
    if (!(knot->mass_gev > 0.0 && knot->mass_gev <= LARGEST))
        return "a mass is not above 0";
    if (!within(&knot->form[0][0], (size_t)BL23_FORMS * BL23_MONOMIALS, LARGEST) ||
        !within(&knot->delta_a_mu_per_g2, 1, LARGEST))
        return "a coefficient of an amplitude, or Delta a_mu, is not a finite number";
    for (int mode = 0; mode < BL23_MODES; mode++)
        if (!(knot->kappa[mode] >= 0.0 && knot->kappa[mode] < BL23_INFINITY))
            return "a rate is negative or not finite";
    for (int level = 0; level < BL23_LEVELS; level++)
        if (!is_intersection(m, knot, level))
            return "its limits contradict each other";
    return NULL;
}

char const *bl23_model_fault(struct bl23_model const *m, size_t bytes)
{
    size_t const knot = sizeof(struct bl23_knot);
    if (bytes < sizeof *m + knot || m->n_knots != (bytes - sizeof *m) / knot ||
        (bytes - sizeof *m) % knot != 0)
        return "its number of masses does not fit its size";
    char const *fault = header_fault(m);
    for (uint64_t k = 0; !fault && k < m->n_knots; k++)
        fault = knot_fault(m, &m->knot[k]);
    return fault;
}

/* ---- the reduction ---- */

static bool is_rising(double const edge[BL23_BINS + 1])
{
    bool rising = within(edge, BL23_BINS + 1, LARGEST);
    for (int k = 0; k < BL23_BINS; k++)
        rising = rising && edge[k] < edge[k + 1];
    return rising;
}

char const *bl23_reduction_fault(struct bl23_reduction const *r)
{
    if (r->nearest > NEAREST_MAX)
        return "it keeps more nearest samples than the limit";
    if (r->cutflow_every == 0)
        return "its cut-flow counts every 0th tile";
    if (r->n_histograms_2d > BL23_HISTOGRAMS_2D)
        return "it has more histograms than the limit";
    for (uint64_t h = 0; h < r->n_histograms_2d; h++)
        if (r->histogram_2d[h][0] >= BL23_HISTOGRAM_AXES ||
            r->histogram_2d[h][1] >= BL23_HISTOGRAM_AXES)
            return "a histogram is of an axis that does not exist";
    for (int axis = 0; axis < BL23_HISTOGRAM_AXES; axis++)
        if (!is_rising(r->edge[axis]))
            return "the edges of its bins do not rise";
    return NULL;
}
