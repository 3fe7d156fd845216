/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* B -> P and B -> V form factors in the published parametrisations. rates.c calls it. */
#ifndef BL23_TABLES_FORM_FACTORS_H
#define BL23_TABLES_FORM_FACTORS_H

#include "tables/physics/inputs.h"

/* V and A_1 of B -> V, dimensionless, and lambda(m_B^2, m_V^2, q^2) A_2 [GeV^4]: rates need this
 * product, and it stays finite at the end point where a set gives A_12. */
struct bl23_vector_form_factors {
    struct bl23_dd v, a1, lambda_a2;
};

/* The kinematics of a B -> V form factor; lambda = lambda(m_B^2, m_V^2, q^2). */
struct bl23_vector_kinematics {
    struct bl23_dd mass_b_gev, mass_v_gev, q2_gev2, lambda_gev4;
};

/* f_+(q^2) of the B -> pi or B -> K mode; q2_gev2 below (m_B - m_P)^2. */
struct bl23_dd bl23_form_factor_plus(enum bl23_form_factors set, enum bl23_mode mode,
                                     struct bl23_dd q2_gev2);

/* The form factors of the B -> rho or B -> K* mode; q2_gev2 below (m_B - m_V)^2. */
struct bl23_vector_form_factors bl23_form_factor_vector(enum bl23_form_factors set,
                                                        enum bl23_mode mode,
                                                        struct bl23_vector_kinematics const *k);

/* ---- what published parametrisations are made of ---- */

/* 1/(1 - q2/m2) of a resonance, whose mass [GeV] is a decimal. */
struct bl23_dd bl23_pole_of_mass(struct bl23_dd q2_gev2, char const *mass_gev);

/* z(t) = (sqrt(t+ - t) - sqrt(t+ - t0))/(sqrt(t+ - t) + sqrt(t+ - t0)), t < t+. */
struct bl23_dd bl23_conformal(struct bl23_dd t, struct bl23_dd t_plus, struct bl23_dd t_0);

/* t+ = (M + m)^2 and t0 = t+ (1 - sqrt(1 - t-/t+)) of a parent M and a daughter m. */
void bl23_conformal_points(struct bl23_dd parent_gev, struct bl23_dd daughter_gev,
                           struct bl23_dd *t_plus, struct bl23_dd *t_0);

#endif
