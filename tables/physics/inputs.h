/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The measured numbers the model stands on: masses, widths, couplings, CKM parameters, K -> pi form
 * factor, each with two published values and the range a user may override it in.
 * Configuration and command line fill it; ckm, loop tables and rates read it.
 * It must not know what is computed from it. */
#ifndef BL23_TABLES_INPUTS_H
#define BL23_TABLES_INPUTS_H

#include "kernels/sample/model.h"
#include "tables/base/dd.h"

/* name, unit, pdg2018, pdg2024, smallest and largest value allowed, what it is.
 * Sources: PDG 2018 (Phys. Rev. D 98, 030001) and PDG 2024 (Phys. Rev. D 110, 030001); K -> pi form
 * factor: FLAG 2021 (arXiv:2111.09849), Mescia and Smith (arXiv:0705.2025). */
#define BL23_INPUT_LIST(X)                                                                         \
    X(m_u, "GeV", "2.2e-3", "2.16e-3", "1e-6", "1", "up quark mass")                               \
    X(m_c, "GeV", "1.275", "1.273", "0.1", "10", "charm quark mass")                               \
    X(m_t, "GeV", "173.0", "172.57", "100", "1000", "top quark mass")                              \
    X(m_w, "GeV", "80.379", "80.369", "70", "90", "W mass")                                        \
    X(alpha_inverse, "1", "127.955", "127.951", "100", "150", "1/alpha(mZ)")                       \
    X(sin2_theta_w, "1", "0.23122", "0.23121", "0.1", "0.4", "sin^2 of the weak angle at mZ")      \
    X(ckm_lambda, "1", "0.22453", "0.22501", "0.1", "0.4", "Wolfenstein lambda")                   \
    X(ckm_a, "1", "0.836", "0.826", "0.1", "2", "Wolfenstein A")                                   \
    X(ckm_rhobar, "1", "0.122", "0.1591", "-1", "1", "Wolfenstein rho-bar")                        \
    X(ckm_etabar, "1", "0.355", "0.3523", "-1", "1", "Wolfenstein eta-bar")                        \
    X(m_kp, "GeV", "0.493677", "0.493677", "0.4", "0.6", "K+ mass")                                \
    X(m_k0, "GeV", "0.497611", "0.497611", "0.4", "0.6", "K0 and K_L mass")                        \
    X(m_pip, "GeV", "0.13957061", "0.13957039", "0.1", "0.2", "pi+ mass")                          \
    X(m_pi0, "GeV", "0.1349770", "0.1349768", "0.1", "0.2", "pi0 mass")                            \
    X(m_b0, "GeV", "5.27963", "5.27972", "5", "5.6", "B0 mass")                                    \
    X(m_bp, "GeV", "5.27932", "5.27941", "5", "5.6", "B+ mass")                                    \
    X(m_rho, "GeV", "0.77526", "0.77526", "0.6", "0.9", "rho mass")                                \
    X(m_kst0, "GeV", "0.89555", "0.89555", "0.7", "1.1", "K*0 mass")                               \
    X(m_kstp, "GeV", "0.89176", "0.89167", "0.7", "1.1", "K*+ mass")                               \
    X(gamma_kp, "GeV", "5.317e-17", "5.317e-17", "1e-18", "1e-15", "K+ width")                     \
    X(gamma_kl, "GeV", "1.287e-17", "1.287e-17", "1e-18", "1e-15", "K_L width")                    \
    X(gamma_b0, "GeV", "4.330e-13", "4.339e-13", "1e-14", "1e-11", "B0 width")                     \
    X(gamma_bp, "GeV", "4.018e-13", "4.018e-13", "1e-14", "1e-11", "B+ width")                     \
    X(m_mu, "GeV", "0.1056583745", "0.1056583755", "0.05", "0.2", "muon mass")                     \
    X(f_k0pip, "1", "0.9698", "0.9698", "0.5", "1.5", "f_+(0) of K0 -> pi+")                       \
    X(f_kppip_ratio, "1", "1.0015", "1.0015", "0.5", "1.5", "f_+(0) of K+ -> pi+ over K0 -> pi+")  \
    X(f_kppi0_ratio, "1", "1.0238", "1.0238", "0.5", "1.5", "f_+(0) of K+ -> pi+ over K0 -> pi0")  \
    X(lambda_1, "1", "24.82e-3", "24.82e-3", "0", "0.1", "slope of f_+^{K pi}")                    \
    X(lambda_2, "1", "1.64e-3", "1.64e-3", "0", "0.1", "curvature of f_+^{K pi}")

/* Sets of B form factors: name, what it is. */
#define BL23_FORM_FACTOR_LIST(X)                                                                   \
    X(bz2004, "Ball and Zwicky 2004 (hep-ph/0406232, hep-ph/0412079), as in the paper")            \
    X(ff2022, "B->V BSZ 2015 (1503.05534), B->K HPQCD 2022 (2207.12468), B->pi LMvD 2021 "         \
              "(2102.07233)")

enum bl23_form_factors {
#define ENUM(name, text) BL23_FORM_FACTORS_##name,
    BL23_FORM_FACTOR_LIST(ENUM)
#undef ENUM
        BL23_FORM_FACTOR_SETS
};

/* One value per row of BL23_INPUT_LIST, under its name, in its unit. */
struct bl23_inputs {
#define FIELD(name, unit, value_2018, value_2024, smallest, largest, text) struct bl23_dd name;
    BL23_INPUT_LIST(FIELD)
#undef FIELD
    enum bl23_form_factors form_factors;
    char const *preset; /* name of the preset it started from, static */
};

/* A row of the list, for help texts and resolved configurations. */
struct bl23_input_row {
    char const *name, *unit, *smallest, *largest, *text;
    size_t offset; /* of the field in struct bl23_inputs */
};
extern struct bl23_input_row const bl23_input_rows[];
extern size_t const bl23_n_input_rows;

/* The values of a preset, "pdg2018" (with bz2004) or "pdg2024" (with ff2022). */
enum bl23_status bl23_inputs_preset(char const *name, struct bl23_inputs *inputs,
                                    struct bl23_error *error);

/* Override one value by name; text is a decimal number, or the name of a form-factor set when name
 * is "form_factors". BL23_ERROR_CONFIG says what is allowed. */
enum bl23_status bl23_inputs_set(struct bl23_inputs *inputs, char const *name, char const *text,
                                 struct bl23_error *error);

/* The value of a row. */
struct bl23_dd bl23_inputs_get(struct bl23_inputs const *inputs, size_t row);

char const *bl23_form_factors_name(enum bl23_form_factors set);

#endif
