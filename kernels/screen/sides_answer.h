/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The two-sided screen on a vector of samples, in single precision: from their words to the three
 * answers. sides_lanes.h asks it for blocks of samples on the CPU; the CUDA kernels ask it for one
 * sample a thread, with the vectors of one lane of kernels/cuda/cuda_lane.h, which they include
 * before it. */
#ifndef BL23_KERNELS_SIDES_ANSWER_H
#define BL23_KERNELS_SIDES_ANSWER_H

#include "kernels/lanes/simd.h"
#include "kernels/screen/sides.h"

enum { BL23_SIDES_COS_TERMS = 6, BL23_SIDES_POWER_TERMS = 6 };

/* The even minimax polynomial of degree 10 of the cosine, as bl23_cos_lanes; error 7.8e-7. */
BL23_INLINE bl23_vf bl23_fine_cos_lanes(bl23_vi x)
{
    float const k[BL23_SIDES_COS_TERMS] = {0.9999992216f, -19.73898252f, 64.92872665f,
                                           -85.27239719f, 58.79403916f,  -21.07678235f};
    bl23_vf const t = bl23_vf_mul(bl23_vf_of_signed(x), bl23_vf_set(0x1p-32f));
    bl23_vf const v = bl23_vf_mul(t, t);
    bl23_vf p = bl23_vf_set(k[BL23_SIDES_COS_TERMS - 1]);
    BL23_UNROLL
    for (int n = BL23_SIDES_COS_TERMS - 2; n >= 0; n--)
        p = bl23_vf_fma(p, v, bl23_vf_set(k[n]));
    return p;
}

/* 2^t for -120 < t < 120: t is split at the nearest integer; minimax polynomial of degree 5 of
 * 2^f, |f| <= 1/2, error 7.5e-8. */
BL23_INLINE bl23_vf bl23_power_lanes(bl23_vf t)
{
    float const k[BL23_SIDES_POWER_TERMS] = {1.0000000717f,  0.69314696706f, 0.24022119721f,
                                             0.05550713275f, 0.00967554150f, 0.00132764720f};
    bl23_vf const magic = bl23_vf_set(12582912.0f); /* 1.5 2^23: the sum is rounded to integers */
    bl23_vf const z = bl23_vf_add(t, magic);
    bl23_vf const f = bl23_vf_sub(t, bl23_vf_sub(z, magic));
    bl23_vf p = bl23_vf_set(k[BL23_SIDES_POWER_TERMS - 1]);
    BL23_UNROLL
    for (int n = BL23_SIDES_POWER_TERMS - 2; n >= 0; n--)
        p = bl23_vf_fma(p, f, bl23_vf_set(k[n]));
    return bl23_vf_scaled(p, z);
}

/* 1/sqrt(x) after one step of Newton's method, for x > 1e-30. */
BL23_INLINE bl23_vf bl23_inverse_root_lanes(bl23_vf x)
{
    bl23_vf const y = bl23_vf_rsqrt(x);
    bl23_vf const half = bl23_vf_mul(bl23_vf_mul(x, bl23_vf_set(-0.5f)), y);
    return bl23_vf_mul(y, bl23_vf_fma(half, y, bl23_vf_set(1.5f)));
}

/* The nine monomials of kernels/sample/draw.h, and |w_i| = 0 where |w_i|^2 is. */
BL23_INLINE void bl23_monomial_lanes(bl23_vi const x[4], bl23_vf m[BL23_MONOMIALS])
{
    bl23_vf const unit = bl23_vf_set(0x1p-32f);
    bl23_vi const a = bl23_vi_min(x[0], x[1]), b = bl23_vi_max(x[0], x[1]);
    bl23_vi const quarter = bl23_vi_set(0x40000000u);
    bl23_vf root[3], c[2], s[2];
    m[0] = bl23_vf_mul(bl23_vf_of_words(a), unit);
    m[1] = bl23_vf_mul(bl23_vf_of_words(bl23_vi_sub(b, a)), unit);
    m[2] = bl23_vf_mul(bl23_vf_of_words(bl23_vi_sub(bl23_vi_set(0), b)), unit);
    bl23_vf const whole = /* 1 for b = 0, which is 2^32 here; else not above 0 */
        bl23_vf_fma(bl23_vf_add(m[0], m[1]), bl23_vf_set(-0x1p32f), bl23_vf_set(1.0f));
    m[2] = bl23_vf_max(whole, m[2]);
    BL23_UNROLL
    for (int i = 0; i < 3; i++)
        root[i] =
            bl23_vf_mul(m[i], bl23_inverse_root_lanes(bl23_vf_max(m[i], bl23_vf_set(1e-20f))));
    BL23_UNROLL
    for (int i = 0; i < 2; i++) {
        c[i] = bl23_fine_cos_lanes(x[2 + i]);
        s[i] = bl23_fine_cos_lanes(bl23_vi_sub(x[2 + i], quarter));
    }
    bl23_vf const r12 = bl23_vf_mul(root[0], root[1]), r13 = bl23_vf_mul(root[0], root[2]);
    bl23_vf const r23 = bl23_vf_mul(root[1], root[2]);
    bl23_vf const none = bl23_vf_set(0.0f);
    m[3] = bl23_vf_mul(r12, c[0]);
    m[4] = bl23_vf_mul(r12, s[0]);
    m[5] = bl23_vf_mul(r13, c[1]);
    m[6] = bl23_vf_mul(r13, s[1]);
    m[7] = bl23_vf_mul(r23, bl23_vf_fma(c[0], c[1], bl23_vf_mul(s[0], s[1])));
    m[8] = bl23_vf_mul(r23, bl23_vf_fma(s[1], c[0], bl23_vf_sub(none, bl23_vf_mul(c[1], s[0]))));
}

/* A number between two. */
struct bl23_span {
    bl23_vf lo, hi;
};

/* The larger one of what was found so far and what misses an edge. */
BL23_INLINE bl23_vf bl23_miss(bl23_vf so_far, struct bl23_edge e, bl23_vf x)
{
    return bl23_vf_max(bl23_vf_fma(bl23_vf_set(e.a), x, bl23_vf_set(e.b)), so_far);
}

/* The same of a range, from 1 on. */
BL23_INLINE bl23_vf bl23_miss_range(bl23_vf so_far, struct bl23_edge e, bl23_vf x)
{
    return bl23_vf_max(bl23_vf_abs(bl23_vf_fma(bl23_vf_set(e.a), x, bl23_vf_set(e.b))), so_far);
}

/* What is known of a vector of samples. */
struct bl23_side_rows {
    bl23_vf amplitude[BL23_LOOP_FORMS], w2[3], phase[3];
    struct bl23_span s[BL23_SIDES_QUANTITIES]; /* quantities over g^2 */
    struct bl23_span rate[BL23_SIDES_QUANTITIES];
    bl23_vf log; /* of g^2, where it is given */
    struct bl23_span g2;
    struct bl23_span over, under; /* solve */
};

BL23_INLINE int bl23_side_quantities_of(int forms)
{
    return forms > BL23_LOOP_FORMS ? BL23_SIDES_QUANTITIES : BL23_SIDES_QUANTITIES - 1;
}

/* One amplitude, and between what its square is. */
BL23_INLINE bl23_vf bl23_side_amplitude(struct bl23_sides const *s, int f,
                                        bl23_vf const m[BL23_MONOMIALS], struct bl23_span *square)
{
    bl23_vf const error = bl23_vf_set(s->error[f]);
    bl23_vf h = bl23_vf_mul(bl23_vf_set(s->form[f][0]), m[0]);
    BL23_UNROLL
    for (int k = 1; k < BL23_MONOMIALS; k++)
        h = bl23_vf_fma(bl23_vf_set(s->form[f][k]), m[k], h);
    bl23_vf const size = bl23_vf_abs(h), hi = bl23_vf_add(size, error);
    bl23_vf const lo = bl23_vf_max(bl23_vf_sub(size, error), bl23_vf_set(0.0f));
    square->lo = bl23_vf_mul(lo, lo);
    square->hi = bl23_vf_mul(hi, hi);
    return h;
}

/* Quantities between two numbers each, out of amplitudes and their errors. */
BL23_INLINE void bl23_side_quantities(struct bl23_sides const *s, int forms,
                                      bl23_vf const m[BL23_MONOMIALS], struct bl23_side_rows *r)
{
    int const quantities = bl23_side_quantities_of(forms);
    struct bl23_span square[BL23_SIDES_FORMS];
    BL23_UNROLL
    for (int f = 0; f < forms; f++) {
        bl23_vf const h = bl23_side_amplitude(s, f, m, &square[f]);
        if (f < BL23_LOOP_FORMS)
            r->amplitude[f] = h;
    }
    BL23_UNROLL
    for (int q = 0; q < quantities; q++) {
        struct bl23_side_quantity const of = bl23_side_quantity(q);
        r->s[q] = square[of.first];
        if (of.count > 1) {
            r->s[q].lo = bl23_vf_add(r->s[q].lo, square[of.first + 1].lo);
            r->s[q].hi = bl23_vf_add(r->s[q].hi, square[of.first + 1].hi);
        }
    }
}

/* What the limits of a level leave of g^2, as its inverse. */
BL23_INLINE void bl23_side_solve(struct bl23_side_limits const *limits, int quantities,
                                 struct bl23_span const *s, struct bl23_span *over,
                                 struct bl23_span *under)
{
    over->lo = over->hi = bl23_vf_set(limits->over_g2);
    under->lo = under->hi = bl23_vf_set(limits->under_g2);
    BL23_UNROLL
    for (int q = 0; q < quantities; q++) {
        bl23_vf const a = bl23_vf_set(limits->over[q]), b = bl23_vf_set(limits->under[q]);
        over->lo = bl23_vf_max(bl23_vf_mul(a, s[q].lo), over->lo);
        over->hi = bl23_vf_max(bl23_vf_mul(a, s[q].hi), over->hi);
        if (limits->lower >> q & 1u) {
            under->lo = bl23_vf_min(bl23_vf_mul(b, s[q].lo), under->lo);
            under->hi = bl23_vf_min(bl23_vf_mul(b, s[q].hi), under->hi);
        }
    }
}

/* g^2 and the rates where g is solved for. */
BL23_INLINE void bl23_side_reference(int quantities, struct bl23_side_rows *r)
{
    bl23_vf const least = bl23_vf_set(1e-30f);
    bl23_vf const lo = bl23_vf_max(bl23_vf_mul(r->over.lo, r->under.lo), least);
    bl23_vf const hi = bl23_vf_max(bl23_vf_mul(r->over.hi, r->under.hi), least);
    r->g2.lo = bl23_inverse_root_lanes(hi);
    r->g2.hi = bl23_inverse_root_lanes(lo);
    BL23_UNROLL
    for (int q = 0; q < quantities; q++) {
        r->rate[q].lo = bl23_vf_mul(r->g2.lo, r->s[q].lo);
        r->rate[q].hi = bl23_vf_mul(r->g2.hi, r->s[q].hi);
    }
}

/* What misses the limits of a level for certain, where it is above 0. */
BL23_INLINE bl23_vf bl23_side_fails(struct bl23_side_limits const *limits, int quantities,
                                    struct bl23_side_rows const *r)
{
    bl23_vf const one = bl23_vf_set(1.0f);
    bl23_vf miss = bl23_vf_sub(bl23_miss_range(bl23_vf_set(0.0f), limits->fails_log, r->log), one);
    BL23_UNROLL
    for (int q = 0; q < quantities; q++) {
        miss = bl23_miss(miss, limits->fails.upper[q], r->rate[q].lo);
        if (limits->lower >> q & 1u)
            miss = bl23_miss(miss, limits->fails.lower[q], r->rate[q].hi);
    }
    return miss;
}

/* over > under for certain, and over <= under for certain, where it is above 0 and not. */
BL23_INLINE bl23_vf bl23_side_fails_solve(struct bl23_span over, struct bl23_span under)
{
    float const room = (float)(1.0 - 3.0 * BL23_SIDES_FLOAT_ERROR);
    return bl23_vf_sub(bl23_vf_mul(over.lo, bl23_vf_set(room)), under.hi);
}

BL23_INLINE bl23_vf bl23_side_asks_solve(struct bl23_span over, struct bl23_span under)
{
    float const room = (float)(1.0 + 3.0 * BL23_SIDES_FLOAT_ERROR);
    return bl23_vf_sub(bl23_vf_mul(over.hi, bl23_vf_set(room)), under.lo);
}

/* What misses the ranges of a set. */
BL23_INLINE bl23_vf bl23_side_ranges(struct bl23_side_plain const *plain, int solve,
                                     struct bl23_side_rows const *r)
{
    bl23_vf range = bl23_vf_set(0.0f);
    BL23_UNROLL
    for (int f = 0; f < BL23_LOOP_FORMS; f++)
        range = bl23_miss_range(range, plain->range[f], r->amplitude[f]);
    BL23_UNROLL
    for (int i = 0; i < 3; i++) {
        range = bl23_miss_range(range, plain->range[BL23_RANGE_W2 + i], r->w2[i]);
        range = bl23_miss_range(range, plain->range[BL23_RANGE_PHASE + i], r->phase[i]);
    }
    if (!solve)
        range = bl23_miss_range(range, plain->range[BL23_RANGE_LOG], r->log);
    return bl23_vf_sub(range, bl23_vf_set(1.0f));
}

/* What a plain sample of a set does not miss, ranges included. */
BL23_INLINE bl23_vf bl23_side_news(struct bl23_side_plain const *plain, bl23_vf ranges,
                                   int quantities, int solve, struct bl23_side_rows const *r)
{
    bl23_vf miss = ranges;
    BL23_UNROLL
    for (int q = 0; q < quantities; q++) {
        miss = bl23_miss(miss, plain->rates.upper[q], r->rate[q].hi);
        miss = bl23_miss(miss, plain->rates.lower[q], r->rate[q].lo);
    }
    if (!solve)
        return miss;
    miss = bl23_miss(miss, plain->g2_upper, r->g2.hi);
    miss = bl23_miss(miss, plain->g2_lower, r->g2.lo);
    miss = bl23_miss(miss, plain->over_upper, r->over.hi);
    miss = bl23_miss(miss, plain->over_lower, r->over.lo);
    miss = bl23_miss(miss, plain->under_upper, r->under.hi);
    miss = bl23_miss(miss, plain->under_lower, r->under.lo);
    bl23_vf const most = bl23_vf_mul(bl23_vf_set(plain->tension2), r->under.lo);
    return bl23_vf_max(bl23_vf_sub(r->over.hi, most), miss);
}

/* Certainly not among the nearest where it is not below 0. */
BL23_INLINE bl23_vf bl23_side_far(struct bl23_sides const *s, int quantities, int solve,
                                  struct bl23_side_rows const *r)
{
    bl23_vf far = bl23_vf_set(s->far_begin);
    if (solve) {
        bl23_vf const least = bl23_vf_mul(bl23_vf_set(s->far_tension2), r->under.hi);
        return bl23_vf_max(far, bl23_vf_sub(r->over.lo, least));
    }
    BL23_UNROLL
    for (int q = 0; q < quantities; q++) {
        far = bl23_miss(far, s->far.upper[q], r->rate[q].lo);
        if (s->limits[0].lower >> q & 1u)
            far = bl23_miss(far, s->far.lower[q], r->rate[q].hi);
    }
    far = bl23_miss(far, s->far_log[0], r->log);
    return bl23_miss(far, s->far_log[1], r->log);
}

/* The three answers for a vector of samples, as bits of lanes. */
struct bl23_side_answer {
    unsigned possible, plain, one_sigma; /* one_sigma: where plain */
};

BL23_INLINE struct bl23_side_answer bl23_side_answer(struct bl23_sides const *s, int quantities,
                                                     int solve, struct bl23_side_rows const *r)
{
    bl23_vf const none = bl23_vf_set(0.0f);
    struct bl23_side_answer answer;
    bl23_vf fails, asks = bl23_vf_sub(none, bl23_side_far(s, quantities, solve, r));
    if (solve) {
        fails = bl23_side_fails_solve(r->over, r->under);
        asks = bl23_vf_max(bl23_side_asks_solve(r->over, r->under), asks);
    } else {
        fails = bl23_side_fails(&s->limits[0], quantities, r);
    }
    answer.possible = bl23_vf_not_greater(fails, none);
    /* The ranges of level 1 lie within those of all survivors. */
    bl23_vf const one_ranges = bl23_side_ranges(&s->plain[1], solve, r);
    bl23_vf ranges = one_ranges;
    if (!s->same_levels && (answer.possible & ~bl23_vf_not_greater(one_ranges, none)) != 0)
        ranges = bl23_side_ranges(&s->plain[0], solve, r);
    bl23_vf const news =
        bl23_vf_max(bl23_side_news(&s->plain[s->same_levels], ranges, quantities, solve, r), asks);
    answer.plain = answer.one_sigma = bl23_vf_not_greater(news, none);
    if (s->same_levels)
        return answer;
    bl23_vf one_fails, one_asks = none;
    if (solve) {
        struct bl23_span over, under;
        bl23_side_solve(&s->limits[1], quantities, r->s, &over, &under);
        one_fails = bl23_side_fails_solve(over, under);
        one_asks = bl23_side_asks_solve(over, under);
    } else {
        one_fails = bl23_side_fails(&s->limits[1], quantities, r);
    }
    bl23_vf const one_news =
        bl23_vf_max(bl23_side_news(&s->plain[1], one_ranges, quantities, solve, r), one_asks);
    answer.one_sigma = bl23_vf_not_greater(one_fails, none);
    answer.plain &= ~answer.one_sigma | bl23_vf_not_greater(one_news, none);
    return answer;
}

/* log2 of the g^2 that the word x5 draws, in units of the knot. */
BL23_INLINE bl23_vf bl23_side_log(struct bl23_sides const *s, bl23_vi x5)
{
    return bl23_vf_fma(bl23_vf_of_words(x5), bl23_vf_set(s->log_step), bl23_vf_set(s->log_begin));
}

/* What is known of a vector of samples out of their words: x0..x3, x4 and, where g is drawn, x5.
 * forms and solve are constants at every call. */
BL23_INLINE void bl23_side_rows_of(struct bl23_sides const *s, int forms, int solve,
                                   bl23_vi const x[4], bl23_vi x4, bl23_vi x5,
                                   struct bl23_side_rows *r)
{
    int const quantities = bl23_side_quantities_of(forms);
    bl23_vf const half_turn = bl23_vf_set(0x1p-31f);
    bl23_vf m[BL23_MONOMIALS];
    bl23_monomial_lanes(x, m);
    bl23_side_quantities(s, forms, m, r);
    BL23_UNROLL
    for (int i = 0; i < 3; i++)
        r->w2[i] = m[i];
    r->phase[0] = bl23_vf_mul(bl23_vf_of_signed(x4), half_turn);
    r->phase[1] = bl23_vf_mul(bl23_vf_of_signed(bl23_vi_add(x4, x[2])), half_turn);
    r->phase[2] = bl23_vf_mul(bl23_vf_of_signed(bl23_vi_add(x4, x[3])), half_turn);
    if (solve) {
        bl23_side_solve(&s->limits[0], quantities, r->s, &r->over, &r->under);
        bl23_side_reference(quantities, r);
        return;
    }
    r->log = bl23_side_log(s, x5);
    r->g2.lo = r->g2.hi = bl23_power_lanes(r->log);
    BL23_UNROLL
    for (int q = 0; q < quantities; q++) {
        r->rate[q].lo = bl23_vf_mul(r->g2.lo, r->s[q].lo);
        r->rate[q].hi = bl23_vf_mul(r->g2.lo, r->s[q].hi);
    }
}

/* ---- the cut-flow ---- */

/* Two answers of one constraint, as bits of lanes. */
struct bl23_side_met {
    unsigned meets, possible;
};

BL23_INLINE struct bl23_side_met bl23_side_met_solve(struct bl23_span over, struct bl23_span under)
{
    bl23_vf const none = bl23_vf_set(0.0f);
    struct bl23_side_met const met = {
        bl23_vf_not_greater(bl23_side_asks_solve(over, under), none),
        bl23_vf_not_greater(bl23_side_fails_solve(over, under), none)};
    return met;
}

BL23_INLINE struct bl23_side_met bl23_side_met_given(struct bl23_side_cut const *cut,
                                                     struct bl23_span x)
{
    bl23_vf const none = bl23_vf_set(0.0f), one = bl23_vf_set(1.0f);
    bl23_vf misses, fails;
    if (cut->side == BL23_SIDES_QUANTITIES) {
        misses = bl23_vf_sub(bl23_miss_range(none, cut->upper_meets, x.hi), one);
        fails = bl23_vf_sub(bl23_miss_range(none, cut->upper_fails, x.lo), one);
    } else {
        misses = bl23_miss(bl23_miss(none, cut->upper_meets, x.hi), cut->lower_meets, x.lo);
        fails = bl23_miss(bl23_miss(none, cut->upper_fails, x.lo), cut->lower_fails, x.hi);
    }
    struct bl23_side_met const met = {bl23_vf_not_greater(misses, none),
                                      bl23_vf_not_greater(fails, none)};
    return met;
}

/* What the constraints so far leave of g^2, as its inverse: solve. */
struct bl23_side_passing {
    struct bl23_span over, under;
};

BL23_INLINE struct bl23_side_passing
bl23_side_pass(struct bl23_side_passing p, struct bl23_side_cut const *cut, struct bl23_span x)
{
    bl23_vf const a = bl23_vf_set(cut->over), b = bl23_vf_set(cut->under);
    p.over.lo = bl23_vf_max(bl23_vf_mul(a, x.lo), p.over.lo);
    p.over.hi = bl23_vf_max(bl23_vf_mul(a, x.hi), p.over.hi);
    if (cut->has_lower) {
        p.under.lo = bl23_vf_min(bl23_vf_mul(b, x.lo), p.under.lo);
        p.under.hi = bl23_vf_min(bl23_vf_mul(b, x.hi), p.under.hi);
    }
    return p;
}

/* Quantity q, which a constraint limits, out of the monomials and, where g is given, g^2. */
BL23_INLINE struct bl23_span bl23_side_cut_value(struct bl23_sides const *s, int q, int solve,
                                                 bl23_vf const m[BL23_MONOMIALS], bl23_vf g2)
{
    struct bl23_side_quantity const of = bl23_side_quantity(q);
    struct bl23_span x, second;
    bl23_side_amplitude(s, of.first, m, &x);
    if (of.count > 1) {
        bl23_side_amplitude(s, of.first + 1, m, &second);
        x.lo = bl23_vf_add(x.lo, second.lo);
        x.hi = bl23_vf_add(x.hi, second.hi);
    }
    if (!solve) {
        x.lo = bl23_vf_mul(g2, x.lo);
        x.hi = bl23_vf_mul(g2, x.hi);
    }
    return x;
}

/* The constraints so far, as bits of lanes: those that certainly meet all, and those for which some
 * constraint cannot tell. */
struct bl23_side_flow {
    struct bl23_side_passing domain, passing;
    unsigned all, unsure;
};

BL23_INLINE struct bl23_side_flow bl23_side_flow_begin(struct bl23_side_cuts const *cuts)
{
    bl23_vf const over = bl23_vf_set(cuts->over), under = bl23_vf_set(cuts->under);
    struct bl23_side_passing const domain = {{over, over}, {under, under}};
    struct bl23_side_flow const flow = {domain, domain, ~0u, 0};
    return flow;
}

/* One more constraint, on bl23_side_cut_value or, of g alone, on log2 g^2, or 1 where g is solved
 * for; returns the bits of the lanes that certainly meet it. */
BL23_INLINE unsigned bl23_side_flow_step(struct bl23_side_cut const *cut, int solve,
                                         struct bl23_span x, struct bl23_side_flow *flow)
{
    struct bl23_side_met alone, so_far;
    if (solve) {
        struct bl23_side_passing const one = bl23_side_pass(flow->domain, cut, x);
        flow->passing = bl23_side_pass(flow->passing, cut, x);
        alone = bl23_side_met_solve(one.over, one.under);
        so_far = bl23_side_met_solve(flow->passing.over, flow->passing.under);
    } else {
        alone = bl23_side_met_given(cut, x);
        so_far.meets = so_far.possible = flow->all & alone.meets;
    }
    flow->all = so_far.meets;
    flow->unsure |= (alone.possible & ~alone.meets) | (so_far.possible & ~so_far.meets);
    return alone.meets;
}

#endif
