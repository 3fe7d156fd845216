/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The conditions of the CUDA kernels, read by the host's compiler, with fast functions that are as
 * wrong as the device's may be. */
#include "kernels/cuda/cuda_condition.h"
#include "kernels/cuda/cuda_sides.h"

#include "tests/screen_check.h"

static double larger(double a, double b)
{
    return a > b ? a : b;
}

/* Of the angle less a phase, as the lean condition has it, and of the whole one's word. */
static void cosine_errors(struct screen_errors *e)
{
    for (uint64_t k = 0; k < 1000000; k++) {
        uint32_t word[2];
        screen_probe_pair(k, word);
        float const phase = phase_of_word(word[1]);
        double const lean = bl23_fast_cos(fmaf(float_of_word(word[0]), BL23_TWO_PI, -phase));
        double const whole = bl23_fast_cos(float_of_word(word[0]) * BL23_TWO_PI);
        double const exact = cos((double)(word[0] - word[1]) * BL23_RAD_PER_WORD);
        e->cosine = larger(e->cosine, fabs(lean - exact));
        e->cosine = larger(e->cosine, fabs(whole - cos(word[0] * BL23_RAD_PER_WORD)));
    }
}

static void sample_errors(struct screen_errors *e)
{
    static int const pairs[3][2] = {{0, 1}, {0, 2}, {1, 2}};
    for (uint64_t k = 0; k < 1000000; k++) {
        struct bl23_words words = {{0, 0, 0, 0}};
        double exact[3];
        screen_probe_pair(k, words.x);
        bl23_draw_simplex(words.x[0], words.x[1], exact);
        struct sample const s = sample_of(words);
        struct lean_sample const lean[3] = {lean_sample_of<0>(words), lean_sample_of<1>(words),
                                            lean_sample_of<2>(words)};
        for (int p = 0; p < 3; p++) {
            double const root = sqrt(exact[pairs[p][0]] * exact[pairs[p][1]]);
            e->root_product = larger(e->root_product, fabs((double)s.root[p] - root) / 0.5);
            e->root_product = larger(e->root_product, fabs((double)lean[p].root - root) / 0.5);
            e->diagonal = larger(e->diagonal, fabs((double)s.w2[p] - exact[p]));
        }
        e->diagonal = larger(e->diagonal, fabs((double)lean[0].fa - 1.0 - exact[0]));
        e->diagonal = larger(e->diagonal, fabs(2.0 - (double)lean[0].fb - exact[2]));
    }
}

/* Of the two-sided screen: monomials, powers, inverse roots. */
static void side_errors(struct screen_errors *e)
{
    for (uint64_t k = 0; k < 1000000; k++) {
        struct bl23_words words;
        float m[BL23_MONOMIALS];
        double exact[BL23_MONOMIALS];
        screen_probe_pair(k, words.x);
        screen_probe_pair(k + k % 977, words.x + 2);
        bl23_monomial_lanes(words.x, m);
        bl23_draw_monomials(words, exact);
        for (int r = 0; r < BL23_MONOMIALS; r++) {
            double const error = fabs((double)m[r] - exact[r]);
            e->diagonal = larger(e->diagonal, r < 3 ? error : 0.0);
            e->wave = larger(e->wave, r < 3 ? 0.0 : error / 0.5);
        }
        float const t = (float)(200.0 * (screen_probe_word(k) * 0x1p-32 - 0.5));
        float const x = (float)exp2(0.4 * (double)t);
        double const power = bl23_power_lanes(t), root = bl23_inverse_root_lanes(x);
        e->power = larger(e->power, fabs(power / exp2((double)t) - 1.0));
        e->inverse_root = larger(e->inverse_root, fabs(root * sqrt((double)x) - 1.0));
    }
}

static struct screen_errors errors()
{
    struct screen_errors e = {};
    cosine_errors(&e);
    sample_errors(&e);
    side_errors(&e);
    return e;
}

static bool keeps(struct bl23_screen const &screen, uint64_t seed, uint64_t index)
{
    struct bl23_words const words = bl23_sample_words(seed, index, 0);
    uint32_t const x5 = bl23_sample_words(seed, index, 1).x[1];
    if (screen.has_x5 && (x5 < screen.x5_low || x5 > screen.x5_high))
        return false;
    if (screen.n_terms == 1 && !lean_passes<1, 2>(lean_condition_of<2>(screen), words))
        return false;
    if (screen.n_terms > 1 &&
        !(screen.pair == 0   ? lean_passes<2, 0>(lean_condition_of<0>(screen), words)
          : screen.pair == 1 ? lean_passes<2, 1>(lean_condition_of<1>(screen), words)
                             : lean_passes<2, 2>(lean_condition_of<2>(screen), words)))
        return false;
    return screen.n_terms == 0 || whole_passes_of<false>(screen, words);
}

static void sieve(struct bl23_screen const *screen, int n, uint64_t seed, uint64_t first,
                  unsigned count, unsigned char kept[BL23_TILE])
{
    (void)n; /* the kernels have the first condition */
    for (unsigned k = 0; k < count; k++)
        kept[k] = keeps(*screen, seed, first + k);
}

static void answers(struct bl23_sides const *sides, uint64_t seed, uint64_t first, unsigned count,
                    unsigned char answer[BL23_TILE])
{
    for (unsigned k = 0; k < count; k++) {
        struct bl23_words const block[2] = {bl23_sample_words(seed, first + k, 0),
                                            bl23_sample_words(seed, first + k, 1)};
        struct bl23_side_rows rows;
        struct bl23_side_answer const a = sides->solve ? side_answer<true>(*sides, block, rows)
                                                       : side_answer<false>(*sides, block, rows);
        answer[k] = !a.possible ? SCREEN_NOT
                    : !a.plain  ? SCREEN_ASK
                                : (a.one_sigma ? SCREEN_PLAIN_1SIGMA : SCREEN_PLAIN);
    }
}

/* Constraint by constraint, as a thread does it. */
static void cutflow(struct bl23_sides const *sides, struct bl23_side_cuts const *cuts,
                    uint64_t seed, uint64_t first, unsigned count, struct bl23_knot_counts *counts,
                    unsigned char left[BL23_TILE])
{
    for (unsigned k = 0; k < count; k++) {
        float m[BL23_MONOMIALS], g2 = 1.0f;
        struct bl23_span x[BL23_SIDES_QUANTITIES + 1];
        struct bl23_span &last = x[BL23_SIDES_QUANTITIES] = {1.0f, 1.0f};
        bool alone[BL23_CONSTRAINTS_MAX], all[BL23_CONSTRAINTS_MAX];
        bl23_monomial_lanes(bl23_sample_words(seed, first + k, 0).x, m);
        if (!sides->solve) {
            last.lo = last.hi = bl23_side_log(sides, bl23_sample_words(seed, first + k, 1).x[1]);
            g2 = bl23_power_lanes(last.lo);
        }
        for (int q = 0; q < BL23_SIDES_QUANTITIES; q++)
            x[q] = bl23_side_cut_value(sides, q, sides->solve, m, g2);
        struct bl23_side_flow flow = bl23_side_flow_begin(cuts);
        for (int c = 0; c < cuts->n; c++) {
            alone[c] =
                bl23_side_flow_step(&cuts->cut[c], sides->solve, x[cuts->cut[c].side], &flow) != 0;
            all[c] = flow.all != 0;
        }
        left[k] = (flow.unsure & 1u) != 0;
        for (int c = 0; !left[k] && c < cuts->n; c++) {
            counts->passed_alone[c] += alone[c];
            counts->passed_sequentially[c] += all[c];
        }
    }
}

struct screen_check const screen_check_cuda = {"cuda", errors, sieve, answers, cutflow};
