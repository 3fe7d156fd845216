/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The measured numbers the model stands on: masses, widths, couplings, CKM parameters, K -> pi form
 * factor, each with two published values and the range a user may override it in.
 * Configuration and command line fill it; ckm, loop tables and rates read it.
 * It must not know what is computed from it. */
#ifndef BL23_TABLES_INPUTS_H
#define BL23_TABLES_INPUTS_H

#include <stdbool.h>

#include "kernels/sample/model.h"
#include "tables/base/dd.h"

/* Inputs of the tree-level decays of charm and top, of D0 mixing, of the Z' widths and of the
 * long-distance part of K+ -> pi+ Z': the same in both presets. Sources: PDG 2024 (masses, widths);
 * FNAL/MILC (arXiv:1706.04622; O1 to O5, f_D by FLAG); ETM 2017 (arXiv:1706.03017; D -> pi);
 * BESIII (arXiv:1809.06496; ratios of D -> V); arXiv:1107.6001 (g8). */
#define BL23_CHARM_INPUT_LIST(X)                                                                   \
    X(m_dp, "GeV", "1.86966", "1.86966", "1.8", "1.95", "D+ mass")                                 \
    X(m_d0, "GeV", "1.86484", "1.86484", "1.8", "1.95", "D0 mass")                                 \
    X(m_ds, "GeV", "1.96835", "1.96835", "1.9", "2.1", "D_s+ mass")                                \
    X(m_lc, "GeV", "2.28646", "2.28646", "2.2", "2.4", "Lambda_c mass")                            \
    X(m_p, "GeV", "0.93827209", "0.93827209", "0.9", "1", "proton mass")                           \
    X(m_omega, "GeV", "0.78266", "0.78266", "0.7", "0.9", "omega mass")                            \
    X(gamma_dp, "GeV", "6.37e-13", "6.37e-13", "1e-14", "1e-11", "D+ width")                       \
    X(gamma_d0, "GeV", "1.604e-12", "1.604e-12", "1e-14", "1e-11", "D0 width")                     \
    X(gamma_ds, "GeV", "1.313e-12", "1.313e-12", "1e-14", "1e-11", "D_s+ width")                   \
    X(gamma_lc, "GeV", "3.248e-12", "3.248e-12", "1e-14", "1e-11", "Lambda_c width")               \
    X(gamma_t, "GeV", "1.42", "1.42", "0.5", "5", "top width")                                     \
    X(f_d, "GeV", "0.2120", "0.2120", "0.1", "0.4", "D decay constant")                            \
    X(mc3, "GeV", "0.986", "0.986", "0.5", "2", "m_c(3 GeV) in D0 mixing")                         \
    X(smear_w, "GeV", "0.5", "0.5", "0.1", "2", "smearing of the exchange in D0 mixing")           \
    X(o1, "GeV^4", "0.0805", "0.0805", "-1", "1", "matrix element O1 of D0 mixing at 3 GeV")       \
    X(o2, "GeV^4", "-0.1561", "-0.1561", "-1", "1", "matrix element O2")                           \
    X(o3, "GeV^4", "0.0464", "0.0464", "-1", "1", "matrix element O3")                             \
    X(o4, "GeV^4", "0.2747", "0.2747", "-1", "1", "matrix element O4")                             \
    X(o5, "GeV^4", "0.1035", "0.1035", "-1", "1", "matrix element O5")                             \
    X(dpi_a0, "1", "0.612", "0.612", "0", "2", "f_+^{D pi}: constant term of its z expansion")     \
    X(dpi_a1, "1", "-0.9331", "-0.9331", "-20", "20", "its linear term")                           \
    X(dpi_a2, "1", "-3.3364", "-3.3364", "-100", "100", "its quadratic term")                      \
    X(dv_a1, "1", "0.525", "0.525", "0", "2", "A1(0) of D -> rho and D -> omega")                  \
    X(dv_v, "1", "1.695", "1.695", "0", "10", "V(0)/A1(0) of D -> rho and D -> omega")             \
    X(dv_a2, "1", "0.845", "0.845", "-5", "5", "A2(0)/A1(0) of D -> rho and D -> omega")           \
    X(g_f, "1/GeV^2", "1.1663788e-5", "1.1663788e-5", "1e-5", "1.3e-5", "Fermi constant")          \
    X(f_pi, "GeV", "0.0921", "0.0921", "0.08", "0.11", "pion decay constant F_pi")                 \
    X(g8, "1", "3.61", "3.61", "-10", "10", "octet coupling of K -> pi at long distance")          \
    X(m_tau, "GeV", "1.77693", "1.77693", "1.7", "1.9", "tau mass")

/* Factors on rates, which only their theory errors make anything but 1 (nuisance.h). At one mass
 * q^2 is fixed, so that the shape of a form factor is such a factor too. */
#define BL23_FACTOR_INPUT_LIST(X)                                                                  \
    X(norm_k_pi, "1", "1", "1", "0.01", "100", "factor on the rates of K -> pi Z'")                \
    X(norm_b_pi, "1", "1", "1", "0.01", "100", "factor on the rates of B -> pi Z'")                \
    X(norm_b_rho, "1", "1", "1", "0.01", "100", "factor on the rates of B -> rho Z'")              \
    X(norm_b_k, "1", "1", "1", "0.01", "100", "factor on the rates of B -> K Z'")                  \
    X(norm_b_kst, "1", "1", "1", "0.01", "100", "factor on the rates of B -> K* Z'")               \
    X(norm_d_pi, "1", "1", "1", "0.01", "100", "factor on the rates of D -> pi Z', D_s -> K Z'")   \
    X(norm_d_v, "1", "1", "1", "0.01", "100", "factor on the rates of D -> rho Z', omega Z'")      \
    X(norm_lc_p, "1", "1", "1", "0.01", "100", "factor on the rate of Lambda_c -> p Z'")           \
    X(norm_m12, "1", "1", "1", "0.01", "100", "factor on M12 of D0 mixing")

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
    X(lambda_2, "1", "1.64e-3", "1.64e-3", "0", "0.1", "curvature of f_+^{K pi}")                  \
    BL23_CHARM_INPUT_LIST(X)                                                                       \
    BL23_FACTOR_INPUT_LIST(X)

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

/* Choices between two conventions: key, field that is true for the second, the two values of which
 * the first is the default of both presets, what it is. */
#define BL23_CHOICE_LIST(X)                                                                        \
    X(width, two_neutrinos, "paper", "two_neutrinos",                                              \
      "width of the Z' in width_gev and c tau: m/(24 pi) g^2, Eq. (3.1), or m/(12 pi) g^2")        \
    X(br_inv, br_inv_is_one, "leptons", "one",                                                     \
      "BR(Z' -> invisible) of the limits on an invisible Z': nu nu over all leptons, or 1")        \
    X(long_distance, long_distance, "false", "true",                                               \
      "whether H_ds of K+ -> pi+ Z' includes its long-distance part")

/* One value per row of BL23_INPUT_LIST, under its name, in its unit. */
struct bl23_inputs {
#define FIELD(name, unit, value_2018, value_2024, smallest, largest, text) struct bl23_dd name;
    BL23_INPUT_LIST(FIELD)
#undef FIELD
    enum bl23_form_factors form_factors;
#define FIELD(name, field, first, second, text) bool field;
    BL23_CHOICE_LIST(FIELD)
#undef FIELD
    char const *preset; /* name of the preset it started from, static */
};

/* A row of the list, for help texts and resolved configurations. */
struct bl23_input_row {
    char const *name, *unit, *smallest, *largest, *text;
    size_t offset; /* of the field in struct bl23_inputs */
    bool factor;   /* of BL23_FACTOR_INPUT_LIST */
};
extern struct bl23_input_row const bl23_input_rows[];
extern size_t const bl23_n_input_rows;

/* A row of the list of choices. */
struct bl23_choice_row {
    char const *name, *value[2], *text;
    size_t offset; /* of the field in struct bl23_inputs */
};
extern struct bl23_choice_row const bl23_choice_rows[];
extern size_t const bl23_n_choice_rows;

/* The names of presets and of sets of form factors, separated by blanks. */
extern char const bl23_preset_words[], bl23_form_factor_words[];

/* The values of a preset, "pdg2018" (with bz2004) or "pdg2024" (with ff2022). */
enum bl23_status bl23_inputs_preset(char const *name, struct bl23_inputs *inputs,
                                    struct bl23_error *error);

/* Override one value by name; text is a decimal number, or the name of a form-factor set when name
 * is "form_factors", or a value of a choice. BL23_ERROR_CONFIG says what is allowed. */
enum bl23_status bl23_inputs_set(struct bl23_inputs *inputs, char const *name, char const *text,
                                 struct bl23_error *error);

/* The row of a name; bl23_n_input_rows if there is none. name may be NULL. */
size_t bl23_input_find(char const *name);

/* The value of a row, and another one for it. */
struct bl23_dd bl23_inputs_get(struct bl23_inputs const *inputs, size_t row);
void bl23_inputs_put(struct bl23_inputs *inputs, size_t row, struct bl23_dd value);

/* Is the second value of a choice chosen, which is not the default? */
bool bl23_inputs_choice(struct bl23_inputs const *inputs, size_t row);

char const *bl23_form_factors_name(enum bl23_form_factors set);

/* The preset and the names of the values that differ from it, for a person: "pdg2018", or
 * "pdg2018 with changed m_t, long_distance". */
enum { BL23_INPUTS_TEXT_SIZE = 1024 };
void bl23_inputs_describe(struct bl23_inputs const *inputs, char text[BL23_INPUTS_TEXT_SIZE]);

#endif
