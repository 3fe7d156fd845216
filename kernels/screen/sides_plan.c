/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/screen/sides.h"

#include <string.h>

#include "kernels/sample/verdict.h"

/* Values in units of a knot beyond these are none for single precision. */
static double const tiny = 1e-30, huge = 1e30;

static struct bl23_edge const always = {0.0f, -1.0f}, never = {0.0f, 1.0f};

int bl23_sides_apply(struct bl23_model const *model)
{
    return model->w_mode == BL23_W_HAAR && model->g_mode != BL23_G_FIXED &&
           model->cover_bytes == 0 && (model->groups & (BL23_GROUP_CHARM | BL23_GROUP_TOP)) == 0;
}

int bl23_sides_apply_at(struct bl23_model const *model, struct bl23_knot const *knot)
{
    int from_below = model->g_mode != BL23_G_SOLVE;
    for (int q = 0; q < BL23_QUANTITIES; q++)
        from_below |= knot->allowed[model->level][q].lo > 0.0;
    return from_below;
}

static double log2_range(struct bl23_model const *model)
{
    return model->g_mode == BL23_G_LOG_UNIFORM ? 2.0 * model->g_log2_ratio : 0.0;
}

/* Relative error of g^2 s, without that of the amplitudes. */
static double rate_error(struct bl23_model const *model)
{
    double const of_g2 = model->g_mode == BL23_G_SOLVE
                             ? BL23_SIDES_ROOT_ERROR
                             : BL23_SIDES_LOG_ERROR * (1.0 + log2_range(model)) * 0.7;
    return of_g2 + BL23_SIDES_POWER_ERROR + BL23_SIDES_FLOAT_ERROR;
}

static struct bl23_interval common(struct bl23_interval a, struct bl23_interval b)
{
    return (struct bl23_interval){fmax(a.lo, b.lo), fmin(a.hi, b.hi)};
}

/* ---- edges ---- */

/* x <= limit (1 + room) and x >= limit (1 + room); x is a float in [0, 1e30]. */
static struct bl23_edge at_most(double limit, double room)
{
    double const edge = limit * (1.0 + room);
    if (!(edge < huge))
        return edge > 0.0 ? always : never;
    return edge > tiny ? (struct bl23_edge){(float)(1.0 / edge), -1.0f} : never;
}

static struct bl23_edge at_least(double limit, double room)
{
    double const edge = limit * (1.0 + room);
    if (!(edge < huge))
        return never;
    if (edge <= 0.0)
        return always;
    return (struct bl23_edge){(float)(-1.0 / fmax(edge, tiny)), 1.0f};
}

/* lo + error <= x <= hi - error as a range; rounding is relative to the larger one. */
static struct bl23_edge between(double lo, double hi, double error)
{
    if (lo == -BL23_INFINITY && hi == BL23_INFINITY)
        return (struct bl23_edge){0.0f, 0.0f};
    double const middle = 0.5 * (lo + hi);
    double const half = 0.5 * (hi - lo) - error - BL23_SIDES_FLOAT_ERROR * fmax(fabs(lo), fabs(hi));
    if (!(half > 1e-6) || !(fabs(middle) < huge))
        return (struct bl23_edge){0.0f, 2.0f};
    return (struct bl23_edge){(float)(1.0 / half), (float)(-middle / half)};
}

/* ---- the knot ---- */

/* A coefficient. None is subnormal, as arithmetic with such numbers is slow on some processors. */
static float coefficient(double f)
{
    return fabs(f) < tiny ? 0.0f : (float)f;
}

static void forms_build(struct bl23_knot const *knot, struct bl23_sides *s)
{
    for (int q = 0; q < BL23_SIDES_QUANTITIES; q++) {
        struct bl23_side_quantity const of = bl23_side_quantity(q);
        struct bl23_form_range const range = bl23_form_range_of(of.quantity);
        double unit = 0.0;
        /* Im H_ds is in the unit of H_ds */
        int const pair = q == 0 ? BL23_FORM_DS_RE : range.first;
        for (int r = pair; r < pair + 2; r++) {
            double const *const form = knot->form[r];
            double size = fmax(fabs(form[0]), fmax(fabs(form[1]), fabs(form[2])));
            for (int k = 3; k < BL23_MONOMIALS; k++)
                size += 0.5 * fabs(form[k]);
            unit = fmax(unit, size);
        }
        s->form_unit[q] = unit > 0.0 ? unit : 1.0;
        for (int r = 0; r < of.count; r++) {
            double const *const form = knot->form[range.first + r];
            double diagonal = 0.0, waves = 0.0;
            for (int k = 0; k < BL23_MONOMIALS; k++) {
                double const f = form[k] / s->form_unit[q];
                s->form[of.first + r][k] = coefficient(f);
                diagonal += k < 3 ? fabs(f) : 0.0;
                waves += k < 3 ? 0.0 : 0.5 * fabs(f);
            }
            s->error[of.first + r] =
                (float)(1.001 * (BL23_SIDES_FLOAT_ERROR * (diagonal + waves) +
                                 BL23_SIDES_WAVE_ERROR * waves + BL23_MONOMIALS * tiny));
        }
    }
}

/* Is an edge of g^2 s in units of the knot. */
static double in_units(struct bl23_sides const *s, int q, double x)
{
    return x / (s->form_unit[q] * s->form_unit[q] * s->g2_unit);
}

/* g^2 within a range, of which a sample is certain if room > 0, and certainly out of it if room is
 * < 0. */
static struct bl23_edge log_between(struct bl23_model const *model, struct bl23_sides const *s,
                                    struct bl23_interval g2, int certain)
{
    double const range = log2_range(model);
    double const room = BL23_SIDES_LOG_ERROR * (1.0 + range);
    double const lo = g2.lo > 0.0 ? log2(g2.lo / s->g2_unit) : -BL23_INFINITY;
    double const hi = g2.hi > 0.0 ? log2(g2.hi / s->g2_unit) : -BL23_INFINITY;
    /* beyond the range of what is drawn it makes no difference where an end is */
    return between(fmax(lo, -range - 1.0), fmin(hi, 1.0), certain ? room : -3.0 * room);
}

/* The edges of g^2 of a level. */
static struct bl23_interval g2_allowed(struct bl23_interval const allowed[BL23_QUANTITIES],
                                       double stretch)
{
    struct bl23_interval const g2 = allowed[BL23_QUANTITY_G2], g = allowed[BL23_QUANTITY_G];
    double const lo = g.lo / stretch, hi = g.hi * stretch;
    return (struct bl23_interval){fmax(g2.lo / stretch, lo * lo), fmin(g2.hi * stretch, hi * hi)};
}

static void limits_build(struct bl23_model const *model,
                         struct bl23_interval const allowed[BL23_QUANTITIES], double error,
                         struct bl23_sides const *s, struct bl23_side_limits *out)
{
    struct bl23_interval const g2 = g2_allowed(allowed, 1.0);
    out->fails_log = log_between(model, s, g2, 0);
    out->over_g2 = (float)(s->g2_unit / fmin(g2.hi, bl23_domain_g2().hi));
    out->under_g2 = (float)(g2.lo > 0.0 ? fmin(s->g2_unit / g2.lo, huge) : huge);
    out->lower = 0;
    for (int q = 0; q < BL23_SIDES_QUANTITIES; q++) {
        struct bl23_interval const limit = allowed[bl23_side_quantity(q).quantity];
        double const lo = in_units(s, q, limit.lo), hi = in_units(s, q, limit.hi);
        out->fails.upper[q] = hi > tiny ? at_most(hi, error) : always;
        out->fails.lower[q] = lo < huge ? at_least(lo, -error) : always;
        out->over[q] = (float)(hi < huge ? fmin(1.0 / hi, huge) : 0.0);
        out->under[q] = (float)(lo > 0.0 ? fmin(1.0 / lo, huge) : 0.0);
        out->lower |= lo > 0.0 ? 1u << q : 0u;
    }
}

/* Where g is solved for, the largest g^2 that some limit leaves a sample of the largest amplitudes:
 * so g^2 is about 1. */
static double solve_unit(struct bl23_sides const *s,
                         struct bl23_interval const allowed[BL23_QUANTITIES])
{
    double unit = fmin(g2_allowed(allowed, 1.0).hi, bl23_domain_g2().hi);
    for (int q = 0; q < BL23_SIDES_QUANTITIES; q++) {
        double const hi = allowed[bl23_side_quantity(q).quantity].hi;
        double const size = s->form_unit[q] * s->form_unit[q];
        if (hi > 0.0 && hi / size < unit)
            unit = hi / size;
    }
    return unit;
}

void bl23_sides_knot(struct bl23_model const *model, struct bl23_knot const *knot,
                     struct bl23_sides *s)
{
    struct bl23_interval const *const allowed = knot->allowed[model->level];
    double const range = log2_range(model);
    double const g_max = model->g_min * exp2(0.5 * range);
    memset(s, 0, sizeof *s);
    s->solve = model->g_mode == BL23_G_SOLVE;
    s->n_forms = (model->groups & BL23_GROUP_LONG_DISTANCE) != 0 ? 8 : 6;
    s->same_levels = memcmp(knot->allowed[0], allowed, sizeof knot->allowed[0]) == 0;
    forms_build(knot, s);
    s->g2_unit = s->solve ? solve_unit(s, allowed) : g_max * g_max;
    s->log_step = (float)(range * 0x1p-32);
    s->log_begin = (float)(range * 0x1p-33 - range);
    limits_build(model, allowed, rate_error(model), s, &s->limits[0]);
    limits_build(model, knot->allowed[0], rate_error(model), s, &s->limits[1]);
    s->g2_limits = common(bl23_domain_g2(), g2_allowed(allowed, 1.0));
    s->g2_error = 2.0 * rate_error(model);
}

/* ---- the cut-flow ---- */

static int side_of(int quantity)
{
    int side = 0;
    while (side < BL23_SIDES_QUANTITIES && bl23_side_quantity(side).quantity != quantity)
        side++;
    return side;
}

/* A limit on g^2 s, or on g^2 itself: the edges where g is given, and 1/U and 1/L. */
static struct bl23_side_cut cut_of(struct bl23_model const *model, struct bl23_sides const *s,
                                   int quantity, struct bl23_interval limit)
{
    double const error = rate_error(model);
    struct bl23_side_cut cut = {.side = side_of(quantity)};
    struct bl23_interval x;
    if (cut.side == BL23_SIDES_QUANTITIES) {
        struct bl23_interval const g2 = bl23_allowed_g2(limit, quantity, 1.0);
        cut.upper_meets = log_between(model, s, g2, 1);
        cut.upper_fails = log_between(model, s, g2, 0);
        x = (struct bl23_interval){g2.lo / s->g2_unit, g2.hi / s->g2_unit};
    } else {
        x.lo = in_units(s, cut.side, limit.lo);
        x.hi = in_units(s, cut.side, limit.hi);
        cut.upper_meets = at_most(x.hi, -error);
        cut.upper_fails = x.hi > tiny ? at_most(x.hi, error) : always;
        cut.lower_meets = at_least(x.lo, error);
        cut.lower_fails = x.lo < huge ? at_least(x.lo, -error) : always;
    }
    cut.over = (float)(x.hi < huge ? fmin(1.0 / x.hi, huge) : 0.0);
    cut.under = (float)(x.lo > 0.0 ? fmin(1.0 / x.lo, huge) : 0.0);
    cut.has_lower = x.lo > 0.0;
    return cut;
}

void bl23_sides_cuts(struct bl23_model const *model, struct bl23_knot const *knot,
                     struct bl23_sides const *s, struct bl23_side_cuts *cuts)
{
    cuts->knot = knot;
    cuts->n = (int)model->n_constraints;
    cuts->over = (float)(s->g2_unit / bl23_domain_g2().hi);
    cuts->under = (float)huge;
    cuts->sides = 0;
    for (int c = 0; c < cuts->n; c++) {
        cuts->cut[c] =
            cut_of(model, s, (int)model->constraint_quantity[c], knot->limit[model->level][c]);
        cuts->sides |= 1u << cuts->cut[c].side;
    }
    cuts->sides &= (1u << BL23_SIDES_QUANTITIES) - 1u;
}

/* ---- what is settled ---- */

/* Values x at which the column f = scale x, or its root, lies within what was seen of it, with room
 * for the rounding of both. */
static struct bl23_interval settled_by(struct bl23_interval seen, double scale, int squared)
{
    double const room = 1e-14, lo = seen.lo, hi = seen.hi;
    return (struct bl23_interval){
        (squared && lo < BL23_INFINITY ? lo * lo : lo) / scale * (1.0 + room),
        (squared && hi > -BL23_INFINITY ? hi * hi : hi) / scale * (1.0 - room)};
}

/* A value of g^2 that many samples have is settled once the column of its root has it. */
static struct bl23_interval with_common(struct bl23_interval settled, double g2,
                                        struct bl23_interval seen)
{
    double const g = sqrt(g2);
    if (!(seen.lo <= g && g <= seen.hi))
        return settled;
    return (struct bl23_interval){fmin(g2, settled.lo), fmax(g2, settled.hi)};
}

/* Is there a column that is the same for all samples of the knot - the mass, a closed mode - and
 * not yet an extremum? */
static int constant_is_new(unsigned groups, struct bl23_knot const *knot,
                           struct bl23_interval const seen[BL23_COLUMNS])
{
    unsigned const quantities = bl23_quantities_of_groups(groups);
    struct bl23_interval const mass = seen[BL23_COLUMN_mass_gev];
    int news = !(mass.lo <= knot->mass_gev && knot->mass_gev <= mass.hi);
    for (int mode = 0; mode < BL23_MODES; mode++)
        if ((quantities >> bl23_mode_quantity(groups, mode) & 1u) && !(knot->kappa[mode] > 0.0))
            news |= seen[BL23_COLUMN_br_kl_pi0 + mode].lo > 0.0;
    return news;
}

void bl23_sides_settled(struct bl23_model const *model, struct bl23_knot const *knot,
                        struct bl23_sides const *s, struct bl23_seen const *seen,
                        struct bl23_settled settled[2])
{
    unsigned const groups = (unsigned)model->groups;
    struct bl23_interval const everything = {-BL23_INFINITY, BL23_INFINITY};
    for (int set = 0; set < 2; set++) {
        struct bl23_interval const *const column = seen->column[set];
        struct bl23_settled *const out = &settled[set];
        for (int r = 0; r < BL23_LOOP_FORMS; r++)
            out->amplitude[r] = column[BL23_COLUMN_h_ds_re + r];
        for (int i = 0; i < 3; i++) {
            out->w2[i] = settled_by(column[BL23_COLUMN_wu11_abs + 2 * i], 1.0, 1);
            out->phase[i] = column[BL23_COLUMN_wu11_phase + 2 * i];
        }
        for (int q = 0; q < BL23_SIDES_QUANTITIES; q++)
            out->rate[q] = everything;
        for (int mode = 0; mode < BL23_MODES; mode++) {
            int const q = side_of(bl23_mode_quantity(groups, mode));
            if (q < BL23_SIDES_QUANTITIES && knot->kappa[mode] > 0.0)
                out->rate[q] = common(out->rate[q], settled_by(column[BL23_COLUMN_br_kl_pi0 + mode],
                                                               knot->kappa[mode], 0));
        }
        out->g2 = settled_by(column[BL23_COLUMN_g_bl], 1.0, 1);
        if (knot->delta_a_mu_per_g2 > 0.0)
            out->g2 = common(
                out->g2, settled_by(column[BL23_COLUMN_delta_a_mu], knot->delta_a_mu_per_g2, 0));
        out->g2_lo = with_common(settled_by(column[BL23_COLUMN_g_min], 1.0, 1), s->g2_limits.lo,
                                 column[BL23_COLUMN_g_min]);
        out->g2_hi = with_common(settled_by(column[BL23_COLUMN_g_max], 1.0, 1), s->g2_limits.hi,
                                 column[BL23_COLUMN_g_max]);
        out->tension = column[BL23_COLUMN_tension];
        if (constant_is_new(groups, knot, column))
            out->w2[0] = (struct bl23_interval){BL23_INFINITY, -BL23_INFINITY};
    }
}

/* The limits, on tension too. */
static struct bl23_interval stretched(struct bl23_interval limit, double t)
{
    return (struct bl23_interval){limit.lo / t, limit.hi * t};
}

static void plain_build(struct bl23_model const *model,
                        struct bl23_interval const allowed[BL23_QUANTITIES],
                        struct bl23_interval const band[BL23_QUANTITIES],
                        struct bl23_settled const *settled, struct bl23_sides const *s,
                        struct bl23_side_plain *out)
{
    double const error = rate_error(model), tension = fmin(1.0, settled->tension.hi);
    int const given = !s->solve;
    for (int r = 0; r < BL23_LOOP_FORMS; r++) {
        double const unit = s->form_unit[1 + r / 2];
        out->range[r] =
            between(settled->amplitude[r].lo / unit, settled->amplitude[r].hi / unit, s->error[r]);
    }
    for (int i = 0; i < 3; i++) {
        double const pi = 0x1p31 * BL23_RAD_PER_WORD;
        out->range[BL23_RANGE_W2 + i] = between(settled->w2[i].lo, settled->w2[i].hi, 0.0);
        out->range[BL23_RANGE_PHASE + i] =
            between(settled->phase[i].lo / pi, settled->phase[i].hi / pi, 0.0);
    }
    struct bl23_interval g2 = settled->g2;
    if (given && tension > 0.0)
        g2 = common(g2, common(g2_allowed(allowed, tension), g2_allowed(band, 1.0)));
    out->range[BL23_RANGE_LOG] = log_between(model, s, g2, 1);
    for (int q = 0; q < BL23_SIDES_QUANTITIES; q++) {
        int const quantity = bl23_side_quantity(q).quantity;
        struct bl23_interval x = settled->rate[q];
        if (given && tension > 0.0)
            x = common(x, common(stretched(allowed[quantity], tension), band[quantity]));
        out->rates.upper[q] = at_most(in_units(s, q, x.hi), -error);
        out->rates.lower[q] = at_least(in_units(s, q, x.lo), error);
    }
    double const unit = s->g2_unit;
    out->g2_upper = at_most(settled->g2.hi / unit, -error);
    out->g2_lower = at_least(settled->g2.lo / unit, error);
    out->over_upper = at_most(unit / settled->g2_hi.lo, -error);
    out->over_lower =
        settled->g2_hi.hi >= s->g2_limits.hi ? always : at_least(unit / settled->g2_hi.hi, error);
    out->under_upper =
        settled->g2_lo.lo <= s->g2_limits.lo ? always : at_most(unit / settled->g2_lo.lo, -error);
    out->under_lower = at_least(unit / settled->g2_lo.hi, error);
    out->tension2 = (float)(tension * tension * (1.0 - 3.0 * error));
}

/* A tension above t, by one of the limits alone, or not below the least that there is. */
static void far_build(struct bl23_model const *model,
                      struct bl23_interval const allowed[BL23_QUANTITIES], double t,
                      struct bl23_sides *s)
{
    double const error = rate_error(model);
    double const room = 3.0 * BL23_SIDES_LOG_ERROR * (1.0 + log2_range(model));
    int const least = s->solve && t <= bl23_solve_tension(s->g2_limits);
    s->far_begin = t > 0.0 && !least ? -1.0f : 1.0f;
    s->far_tension2 = (float)fmin(t * t * (1.0 + 3.0 * error), huge);
    s->far_log[0] = s->far_log[1] = always;
    for (int q = 0; q < BL23_SIDES_QUANTITIES; q++) {
        struct bl23_interval const limit = allowed[bl23_side_quantity(q).quantity];
        double const hi = fmax(in_units(s, q, limit.hi * t), 2.0 * tiny);
        s->far.upper[q] = limit.hi < BL23_INFINITY ? at_most(hi, error) : always;
        s->far.lower[q] = limit.lo > 0.0 ? at_least(in_units(s, q, limit.lo / t), -error) : always;
    }
    double const g = allowed[BL23_QUANTITY_G].hi * t;
    double const upper = fmin(allowed[BL23_QUANTITY_G2].hi * t, g * g) / s->g2_unit;
    double const lower = allowed[BL23_QUANTITY_G2].lo / t / s->g2_unit;
    if (upper > 0.0 && upper < BL23_INFINITY)
        s->far_log[0] = (struct bl23_edge){1.0f, (float)(-log2(upper) - room)};
    if (lower > 0.0 && lower < BL23_INFINITY)
        s->far_log[1] = (struct bl23_edge){-1.0f, (float)(log2(lower) - room)};
}

void bl23_sides_edges(struct bl23_model const *model, struct bl23_knot const *knot,
                      struct bl23_settled const settled[2], double nearest, struct bl23_sides *s)
{
    struct bl23_interval const *const allowed = knot->allowed[model->level];
    double far = nearest;
    for (int set = 0; set < 2; set++) /* what is settled for neither is plain for neither */
        if (settled[set].tension.lo < BL23_INFINITY)
            far = fmax(far, settled[set].tension.lo);
    plain_build(model, allowed, allowed, &settled[0], s, &s->plain[0]);
    plain_build(model, allowed, knot->allowed[0], &settled[1], s, &s->plain[1]);
    far_build(model, allowed, far, s);
    /* beyond a tension of 1 samples that fail are near */
    s->on = nearest <= 1.0 && bl23_sides_apply_at(model, knot);
}
