/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Inputs that vary within their errors: which, by how much, with what correlations, and the sets of
 * inputs that are drawn. The configuration fills struct bl23_vary; a survey has one knot for each
 * mass and set. */
#ifndef BL23_TABLES_NUISANCE_H
#define BL23_TABLES_NUISANCE_H

#include "tables/physics/inputs.h"

/* name, its error with pdg2018 or bz2004, with pdg2024 or ff2022. Form factors decide for the
 * factors of BL23_FACTOR_INPUT_LIST, the preset for the others. Sources: PDG 2018 and PDG 2024
 * (m_t, m_c, the fit of the CKM matrix, upper and lower errors averaged); FLAG 2021 (K -> pi); the
 * papers of the form factors; D -> V: 11 % by its data and 20 % by its shape, added in quadrature.
 */
#define BL23_ERROR_LIST(X)                                                                         \
    X(m_t, "0.4", "0.29")                                                                          \
    X(m_c, "0.03", "0.005")                                                                        \
    X(ckm_lambda, "0.00044", "0.00068")                                                            \
    X(ckm_a, "0.015", "0.016")                                                                     \
    X(ckm_rhobar, "0.0175", "0.0094")                                                              \
    X(ckm_etabar, "0.0115", "0.0072")                                                              \
    X(norm_k_pi, "0.005", "0.005")                                                                 \
    X(norm_b_pi, "0.16", "0.16")                                                                   \
    X(norm_b_rho, "0.2", "0.2")                                                                    \
    X(norm_b_k, "0.24", "0.07")                                                                    \
    X(norm_b_kst, "0.2", "0.2")                                                                    \
    X(norm_d_pi, "0.12", "0.12")                                                                   \
    X(norm_d_v, "0.23", "0.23")                                                                    \
    X(norm_lc_p, "0.13", "0.13")                                                                   \
    X(norm_m12, "0.3", "0.3")

enum { BL23_VARIED_MAX = 40 }; /* dimensions of the Sobol sequence of GSL */

/* An input that varies: a row of bl23_input_rows and its error of one sigma, in the unit of the
 * input; of a factor the error of its logarithm. */
struct bl23_varied {
    size_t row;
    struct bl23_dd error;
};

/* What varies, by rising row. correlation[i][j] is of i > j; 0 without one. */
struct bl23_vary {
    size_t n;
    struct bl23_varied item[BL23_VARIED_MAX];
    double correlation[BL23_VARIED_MAX][BL23_VARIED_MAX];
};

/* The errors of BL23_ERROR_LIST for the preset and form factors of the inputs. */
void bl23_vary_default(struct bl23_inputs const *inputs, struct bl23_vary *vary);

/* Let another input vary. BL23_ERROR_CONFIG: it has an error already, or there is no room. */
enum bl23_status bl23_vary_add(struct bl23_vary *vary, size_t row, struct bl23_dd error,
                               struct bl23_error *message);

/* What varies apart from factors. */
struct bl23_vary bl23_vary_without_factors(struct bl23_vary const *vary);

/* The inputs with each factor that varies at `sigmas` errors above its value. */
struct bl23_inputs bl23_inputs_with_factors(struct bl23_inputs const *central,
                                            struct bl23_vary const *vary, struct bl23_dd sigmas);

/* Sets of inputs [n], of which the first is the central one and set b > 0 a pure function of
 * (central, vary, seed, b): a Sobol point, its digits shifted by random ones of the seed, brought
 * to the normal distribution and correlated. An input is central + error z, a factor central
 * exp(error z), to 17 digits. The caller frees *draw. BL23_ERROR_CONFIG: the correlations belong to
 * no distribution, or a value lies outside the range of its input. */
enum bl23_status bl23_inputs_draw(struct bl23_inputs const *central, struct bl23_vary const *vary,
                                  uint64_t seed, size_t n, struct bl23_inputs **draw,
                                  struct bl23_error *error);

/* z with the probability p, 0 < p < 1, of a smaller one in the normal distribution; relative error
 * below 1e-15, the same on every machine. */
double bl23_normal_quantile(double p);

#endif
