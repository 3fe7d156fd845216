/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The factors that do not depend on w: of the branching ratios, the muon's anomalous moment,
 * the width and the decay length. model_build and `bl23 point` call it. */
#ifndef BL23_TABLES_RATES_H
#define BL23_TABLES_RATES_H

#include "tables/physics/inputs.h"

#define BL23_HBAR_C_GEV_M "1.973269804e-16" /* CODATA 2018 */

/* A two-body decay: parent and daughter, width of the parent, isospin factor kappa^2 (2 for pi0,
 * rho0 and omega, else 1), and the factor of the inputs on its rate. */
struct bl23_decay {
    struct bl23_dd parent_gev, daughter_gev, width_gev;
    double isospin;
    struct bl23_dd norm;
};

/* Of a mode that is one decay of a meson or baryon; all 0 for the others. */
struct bl23_decay bl23_rate_decay(struct bl23_inputs const *inputs, enum bl23_mode mode);

/* The factor of the inputs on the rate of a mode, or on x12: their norm_...; of a sum of rates the
 * largest factor, 1 where there is none. */
struct bl23_dd bl23_rate_norm(struct bl23_inputs const *inputs, enum bl23_mode mode);

/* kappa(m) of BR = kappa g^2 s for the ten modes of the paper, s = (Im H_ds)^2, |H_ds|^2, |H_db|^2
 * or |H_sb|^2 by mode; 0 at and above the kinematic threshold. mass_gev > 0. arXiv:2008.09793,
 * Eqs. (4.6), (4.7), (5.2)-(5.5). */
struct bl23_dd bl23_rate_kappa(struct bl23_inputs const *inputs, enum bl23_mode mode,
                               struct bl23_dd mass_gev);

/* Delta a_mu / g^2 of a vector boson coupled to the muon,
 * 1/(8 pi^2) Int_0^1 dz 2 m_mu^2 z (1-z)^2 / [m_mu^2 (1-z)^2 + z m^2], in closed form; the
 * cancellation at m >> m_mu costs digits of the double-double only. */
struct bl23_dd bl23_rate_delta_a_mu(struct bl23_inputs const *inputs, struct bl23_dd mass_gev);

/* 64 pi kappa^2 M^3 Gamma / norm, the denominator of every branching ratio of a meson or baryon. */
struct bl23_dd bl23_decay_norm(struct bl23_decay const *decay);

/* lambda(M^2, m1^2, m2^2) = (M^2 - (m1 + m2)^2)(M^2 - (m1 - m2)^2). */
struct bl23_dd bl23_triangle(struct bl23_dd parent_gev, struct bl23_dd m1_gev,
                             struct bl23_dd m2_gev);

/* lambda^(3/2) f^2/m^2 of a decay to a pseudoscalar. */
struct bl23_dd bl23_pseudoscalar_factor(struct bl23_dd lambda_gev4, struct bl23_dd f,
                                        struct bl23_dd m2_gev2);

/* f_+(q2) of K+ -> pi+ or K0 -> pi0 (mode br_kp_pip or br_kl_pi0). */
struct bl23_dd bl23_rate_kaon_form_factor(struct bl23_inputs const *inputs, enum bl23_mode mode,
                                          struct bl23_dd q2_gev2);

/* Widths [GeV]/g^2 of the Z' to nu nu (nu_mu and nu_tau together, m/(12 pi): twice Eq. (3.1), which
 * counts one Weyl neutrino), mu mu and tau tau; 0 where closed. Hadrons are left out. */
struct bl23_lepton_widths {
    struct bl23_dd nunu, mumu, tautau;
};
struct bl23_lepton_widths bl23_rate_lepton_widths(struct bl23_inputs const *inputs,
                                                  struct bl23_dd mass_gev);

/* BR(Z' -> invisible): nu nu over all leptons, 1 below 2 m_mu, and 1 with the input br_inv: one. */
struct bl23_dd bl23_rate_br_inv(struct bl23_inputs const *inputs, struct bl23_dd mass_gev);

/* 2 m_mu and 2 m_pi [GeV]: above them Z' -> mu mu and Z' -> pi+ pi- are open. */
double bl23_rate_muon_pair_gev(struct bl23_inputs const *inputs);
double bl23_rate_pion_pair_gev(struct bl23_inputs const *inputs);

/* Width [GeV] / g^2 and c tau [m] * g^2, neutrinos only: m/(24 pi), Eq. (3.1), or m/(12 pi) with
 * the input width: two_neutrinos. */
double bl23_rate_width_gev_per_g2(struct bl23_inputs const *inputs, double mass_gev);
double bl23_rate_ctau_m_times_g2(struct bl23_inputs const *inputs, double mass_gev);

#endif
