/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* From the words of a sample (cell.h) to the row w as nine real monomials, and g.
 * Backends and the record call it.
 * It must not know of amplitudes or limits. */
#ifndef BL23_KERNELS_DRAW_H
#define BL23_KERNELS_DRAW_H

#include "kernels/sample/elementary.h"
#include "kernels/sample/model.h"
#include "kernels/sample/philox.h"

#define BL23_WORD_UNIT 2.3283064365386963e-10 /* 2^-32; C++11 has no hexadecimal ones */

/* |w_i|^2 from the two words x0, x1: the spacings of two uniform numbers, formed on integers and
 * so exact; uniform on the simplex, hence w is Haar-distributed (DESIGN 2). */
BL23_INLINE void bl23_draw_simplex(uint32_t x0, uint32_t x1, double w2[3])
{
    uint32_t const a = x0 < x1 ? x0 : x1, b = x0 < x1 ? x1 : x0;
    w2[0] = (double)a * BL23_WORD_UNIT;
    w2[1] = (double)(b - a) * BL23_WORD_UNIT;
    w2[2] = (4294967296.0 - (double)b) * BL23_WORD_UNIT;
}

/* The monomials |w1|^2, |w2|^2, |w3|^2, Re and Im of w1* w2, w1* w3, w2* w3, from block 0. */
BL23_INLINE void bl23_draw_monomials(struct bl23_words words, double m[BL23_MONOMIALS])
{
    double s12, c12, s13, c13, s23, c23;
    bl23_draw_simplex(words.x[0], words.x[1], m);
    bl23_sincos_word(words.x[2], &s12, &c12);
    bl23_sincos_word(words.x[3], &s13, &c13);
    bl23_sincos_word(words.x[3] - words.x[2], &s23, &c23);
    double const r12 = sqrt(m[0] * m[1]), r13 = sqrt(m[0] * m[2]), r23 = sqrt(m[1] * m[2]);
    m[3] = r12 * c12;
    m[4] = r12 * s12;
    m[5] = r13 * c13;
    m[6] = r13 * s13;
    m[7] = r23 * c23;
    m[8] = r23 * s23;
}

/* Log-uniform g from word x5: g_min 2^(u R), u = (x5 + 1/2)/2^32. */
BL23_INLINE double bl23_draw_log_uniform_g(uint32_t x5, double g_min, double log2_ratio)
{
    double const u = ((double)x5 + 0.5) * BL23_WORD_UNIT;
    return g_min * bl23_exp2(u * log2_ratio);
}

/* g from word x5 in the modes that have one; 0 in solve mode. */
BL23_INLINE double bl23_draw_g(struct bl23_model const *model, uint32_t x5)
{
    if (model->g_mode == BL23_G_SOLVE)
        return 0.0;
    if (model->g_mode == BL23_G_FIXED)
        return model->g_min;
    return bl23_draw_log_uniform_g(x5, model->g_min, model->g_log2_ratio);
}

#endif
