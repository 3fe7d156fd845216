/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The conditions of the screen on a CUDA device, in single precision on fast intrinsics: a lean one
 * of few instructions for all samples, and the whole one for those that it leaves.
 * cuda_screen.cu includes it. */
#ifndef BL23_KERNELS_CUDA_CONDITION_H
#define BL23_KERNELS_CUDA_CONDITION_H

#include "kernels/cuda/cuda_device.h"
#include "kernels/sample/philox.h"
#include "kernels/screen/screen.h"

#define BL23_TWO_PI 6.2831853f

/* A number in [1, 2) from the upper 23 bits of a word: x/2^32 + 1 to 1.2e-7. */
BL23_DEVICE float float_of_word(uint32_t x)
{
    return __uint_as_float((x >> 9) + 0x3f800000u);
}

/* 2 pi x/2^32, to 5e-7. */
BL23_DEVICE float phase_of_word(uint32_t x)
{
    return (float)x * (BL23_TWO_PI * 0x1p-32f);
}

/* ---- the lean condition ---- */

/* An amplitude with one pair alone; the largest value of the others is in the margin.
 * In H it is the pair 23, as the others carry the mass of the up quark (C_R,ij goes as mi mj). A
 * condition of more than two terms has the first two, the largest: a sum over some terms is at most
 * the sum over all. fa <= fb being the ordered words x0, x1 as numbers in [1, 2), |w|^2 is
 * (fa - 1, fb - fa, 2 - fb). */
struct lean_term {
    float offset, slope_a, slope_b; /* diagonal . |w|^2 = offset + slope_a fa + slope_b fb */
    float modulus, phase;           /* of the pair; phase in rad, in [0, 2 pi] */
    float margin;                   /* of one term alone: the largest modulus that passes */
};
enum { LEAN_TERMS = 2 };
struct lean_condition {
    struct lean_term term[LEAN_TERMS];
    float limit; /* of two terms */
    uint32_t x5_low, x5_high;
};

/* Largest value of a pair that is left out: its modulus times |wi| |wj| <= 1/2. */
BL23_DEVICE float margin_of_pair(struct bl23_screen_term const &term, int pair)
{
    return bl23_term_has_pair(&term, pair) ? 0.500001f * term.modulus[pair] : 0.0f;
}

/* The roundings of an amplitude made of these stay below 7.2e-7 of the sum of the diagonal's
 * moduli, of which the margin has BL23_SCREEN_FLOAT_ERROR. */
template <int pair> BL23_DEVICE struct lean_term lean_term_of(struct bl23_screen_term const &term)
{
    float const *const d = term.diagonal;
    struct lean_term lean;
    lean.offset = 2.0f * d[2] - d[0];
    lean.slope_a = d[0] - d[1];
    lean.slope_b = d[1] - d[2];
    lean.modulus = bl23_term_has_pair(&term, pair) ? term.modulus[pair] : 0.0f;
    lean.phase = phase_of_word(term.phase[pair]);
    lean.margin = term.margin;
    BL23_UNROLL
    for (int p = 0; p < BL23_SCREEN_PAIRS; p++)
        lean.margin += p == pair ? 0.0f : margin_of_pair(term, p);
    lean.margin *= 1.000001f;
    return lean;
}

template <int pair>
BL23_DEVICE struct lean_condition lean_condition_of(struct bl23_screen const &screen)
{
    struct lean_condition lean;
    BL23_UNROLL
    for (int t = 0; t < LEAN_TERMS; t++)
        if (t < screen.n_terms)
            lean.term[t] = lean_term_of<pair>(screen.term[t]);
    if (screen.n_terms == 1)
        lean.term[0].margin += bl23_fast_sqrt(screen.limit) * 1.000002f;
    lean.limit = screen.limit;
    lean.x5_low = screen.has_x5 ? screen.x5_low : 0u;
    lean.x5_high = screen.has_x5 ? screen.x5_high : 0xffffffffu;
    return lean;
}

/* Does the lean condition leave out anything that the whole one has? */
template <int pair, bool paper> BL23_DEVICE bool lean_is_whole(struct bl23_screen const &screen)
{
    bool whole = paper || screen.n_terms <= LEAN_TERMS;
    for (int t = 0; t < screen.n_terms; t++)
        whole = whole && (screen.term[t].pairs & ~(1u << pair)) == 0;
    return whole;
}

/* What the lean amplitudes are made of; root = |wi| |wj| of the pair, moved by the word's cut by at
 * most 3.5e-4, of which the margin has BL23_SCREEN_ROOT_ERROR/2. */
struct lean_sample {
    float fa, fb, root, angle; /* angle: a turn and the angle of wj to wi, in turns */
};

template <int pair> BL23_DEVICE struct lean_sample lean_sample_of(struct bl23_words words)
{
    float const f0 = float_of_word(words.x[0]), f1 = float_of_word(words.x[1]);
    struct lean_sample s;
    s.fa = fminf(f0, f1);
    s.fb = fmaxf(f0, f1);
    float const first = pair == 2 ? s.fb - s.fa : s.fa - 1.0f;
    float const second = pair == 0 ? s.fb - s.fa : 2.0f - s.fb;
    s.root = bl23_fast_sqrt(first * second);
    s.angle = float_of_word(pair == 0   ? words.x[2]
                            : pair == 1 ? words.x[3]
                                        : words.x[3] - words.x[2]);
    return s;
}

BL23_DEVICE float lean_modulus(struct lean_term const &term, struct lean_sample const &s)
{
    float const wave = bl23_fast_cos(fmaf(s.angle, BL23_TWO_PI, -term.phase));
    float const diagonal = fmaf(s.fb, term.slope_b, fmaf(s.fa, term.slope_a, term.offset));
    return fabsf(fmaf(term.modulus * s.root, wave, diagonal));
}

/* max(|amplitude| - margin, 0). */
BL23_DEVICE float lean_excess(struct lean_term const &term, struct lean_sample const &s)
{
    return fmaxf(lean_modulus(term, s) - term.margin, 0.0f);
}

/* May a sample with these words of block 0 be needed? */
template <int terms, int pair>
BL23_DEVICE bool lean_passes(struct lean_condition const &lean, struct bl23_words words)
{
    struct lean_sample const s = lean_sample_of<pair>(words);
    if (terms == 1)
        return !(lean_modulus(lean.term[0], s) > lean.term[0].margin);
    float const a = lean_excess(lean.term[0], s), b = lean_excess(lean.term[1], s);
    return !(fmaf(a, a, b * b) > lean.limit);
}

/* ---- the whole condition ---- */

/* |w_i|^2 and the roots of their products, within BL23_SCREEN_ROOT_ERROR/2 of the product's
 * largest value 1/2: cutting words to 23 bits moves sqrt(|wi|^2 |wj|^2) by at most 3.5e-4. */
struct sample {
    float w2[3], root[BL23_SCREEN_PAIRS];
    uint32_t angle[BL23_SCREEN_PAIRS];
};

BL23_DEVICE struct sample sample_of(struct bl23_words words)
{
    uint32_t const x0 = words.x[0], x1 = words.x[1];
    uint32_t const a = x0 < x1 ? x0 : x1, b = x0 < x1 ? x1 : x0;
    struct sample s;
    s.w2[0] = float_of_word(a) - 1.0f;
    s.w2[1] = float_of_word(b - a) - 1.0f;
    s.w2[2] = 2.0f - float_of_word(b);
    s.root[0] = bl23_fast_sqrt(s.w2[0] * s.w2[1]);
    s.root[1] = bl23_fast_sqrt(s.w2[0] * s.w2[2]);
    s.root[2] = bl23_fast_sqrt(s.w2[1] * s.w2[2]);
    s.angle[0] = words.x[2];
    s.angle[1] = words.x[3];
    s.angle[2] = words.x[3] - words.x[2];
    return s;
}

/* max(|amplitude| - margin, 0). */
BL23_DEVICE float term_of(struct bl23_screen_term const &term, struct sample const &s)
{
    float sum = term.diagonal[0] * s.w2[0];
    sum = fmaf(term.diagonal[1], s.w2[1], sum);
    sum = fmaf(term.diagonal[2], s.w2[2], sum);
    BL23_UNROLL
    for (int p = 0; p < BL23_SCREEN_PAIRS; p++)
        if (bl23_term_has_pair(&term, p)) {
            float const turn = float_of_word(s.angle[p] - term.phase[p]);
            sum = fmaf(term.modulus[p] * s.root[p], bl23_fast_cos(turn * BL23_TWO_PI), sum);
        }
    return fmaxf(fabsf(sum) - term.margin, 0.0f);
}

/* May a sample with these words of block 0 be needed? */
template <int terms>
BL23_DEVICE bool whole_passes(struct bl23_screen const &screen, struct bl23_words words)
{
    struct sample const s = sample_of(words);
    float square = 0.0f;
    BL23_UNROLL
    for (int t = 0; t < terms; t++) {
        struct bl23_screen_term const term = screen.term[t];
        float const h = term_of(term, s);
        square = fmaf(h, h, square);
    }
    return !(square > screen.limit);
}

/* The same with the number of terms that the condition has; `paper`: 1 or 2. More are in a loop, so
 * that they cost no registers elsewhere. */
template <bool paper>
BL23_DEVICE bool whole_passes_of(struct bl23_screen const &screen, struct bl23_words words)
{
    if (screen.n_terms == 1)
        return whole_passes<1>(screen, words);
    if (paper || screen.n_terms == 2)
        return whole_passes<2>(screen, words);
    struct sample const s = sample_of(words);
    float square = 0.0f;
    BL23_NO_UNROLL
    for (int t = 0; t < screen.n_terms; t++) {
        float const h = term_of(screen.term[t], s);
        square = fmaf(h, h, square);
    }
    return !(square > screen.limit);
}

#endif
