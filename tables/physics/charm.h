/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What the Z' does at tree level to up-type quarks: decays of D, Lambda_c and top, and D0 mixing;
 * beside it the long-distance part of K+ -> pi+ Z'. model_build and `bl23 point` call it.
 *
 * The couplings of the pair (i, j) are g_L,ij = g L and g_R,ij = g R, R = -w_i* w_j / 3, of which
 * F_V = L + R is the vector and F_A = R - L the axial one. Every rate below is
 * BR = g^2 (k_V |F_V|^2 + k_A |F_A|^2); only M12 of D0 mixing is no sum of squares. */
#ifndef BL23_CHARM_H
#define BL23_CHARM_H

#include "kernels/sample/record.h"
#include "tables/physics/ckm.h"

/* The pairs of up-type quarks, in the order of the monomials w_1* w_2, w_1* w_3, w_2* w_3. */
enum bl23_pair { BL23_PAIR_UC, BL23_PAIR_UT, BL23_PAIR_CT, BL23_PAIRS };

/* k_V and k_A of BR = g^2 (k_V |F_V|^2 + k_A |F_A|^2). */
struct bl23_current_rate {
    struct bl23_dd vector, axial;
};

/* k_V and k_A of a mode from br_dp_pip to br_lc_p at a mass > 0 [GeV]; both 0 at and above its
 * threshold. D -> P, D -> V and Lambda_c -> p by their form factors at q^2 = m^2. */
struct bl23_current_rate bl23_charm_rate(struct bl23_inputs const *inputs, enum bl23_mode mode,
                                         struct bl23_dd mass_gev);

/* k_V and k_A of t -> u Z' (pair UT) or t -> c Z' (pair CT), exact at tree level, with the masses
 * m_u, m_c and m_t and the width gamma_t of the inputs. */
struct bl23_current_rate bl23_top_rate(struct bl23_inputs const *inputs, enum bl23_pair pair,
                                       struct bl23_dd mass_gev);

/* a and b [GeV] of D0 mixing, M12 = g^2 [a (L^2 + R^2) + b L R] with L and R of the pair UC. The
 * annihilation part is exact in m, the exchange is smeared with the width smear_w around mc3: good
 * to 30 % below 0.4 and above 2 GeV, to a factor 2 to 3 between 0.5 and 1.8 GeV. */
struct bl23_mixing {
    struct bl23_dd a, b;
};
struct bl23_mixing bl23_d0_mixing(struct bl23_inputs const *inputs, struct bl23_dd mass_gev);

/* L = g_L,ij / g = -V_id V_jd* / 3 of a pair. */
struct bl23_ddc bl23_left_coupling(struct bl23_ckm const *ckm, enum bl23_pair pair);

/* The coefficients of the nine monomials in Re F_V, Im F_V, Re F_A and Im F_A of a pair
 * (kernels/sample/model.h, BL23_MONOMIALS). */
void bl23_current_rows(struct bl23_ckm const *ckm, enum bl23_pair pair,
                       struct bl23_dd rows[4][BL23_MONOMIALS]);

/* The coefficients of the nine monomials in the long-distance part of H_ds, real, which belongs to
 * K+ -> pi+ Z' alone (arXiv:1107.6001; good to 50 %). */
void bl23_long_distance_row(struct bl23_inputs const *inputs, struct bl23_ckm const *ckm,
                            struct bl23_dd mass_gev, struct bl23_dd row[BL23_MONOMIALS]);

/* The amplitudes FORM_UC, FORM_UT and FORM_CT, each coefficient rounded once. */
void bl23_charm_forms(struct bl23_ckm const *ckm, double form[BL23_FORMS][BL23_MONOMIALS]);

/* Weights and kappa of the modes from br_dp_pip on at a mass > 0 [GeV], each rounded once. Weights
 * are rates per g^2 |F|^2, those of mixing x12 per g^2 F^2; kappa is 0 where a decay is closed. */
void bl23_charm_factors(struct bl23_inputs const *inputs, struct bl23_dd mass_gev,
                        double kappa[BL23_MODES], double weight[BL23_WEIGHTS]);

/* What a point has of charm, top and the Z' itself beside its columns: name, unit, what it is. */
#define BL23_TREE_LIST(X)                                                                          \
    X(m12_re, "GeV", "Re M12 of D0 mixing")                                                        \
    X(m12_im, "GeV", "Im M12 of D0 mixing")                                                        \
    X(gamma_t_u, "GeV", "width of t -> u Z'")                                                      \
    X(gamma_t_c, "GeV", "width of t -> c Z'")                                                      \
    X(gamma_nunu, "GeV", "width of Z' -> nu nu, nu_mu and nu_tau")                                 \
    X(gamma_mumu, "GeV", "width of Z' -> mu mu")                                                   \
    X(gamma_tautau, "GeV", "width of Z' -> tau tau")                                               \
    X(br_inv, "1", "nu nu over all leptons; hadrons are left out")                                 \
    X(h_ds_ld, "1", "long-distance part of H_ds, for K+ -> pi+ Z' only")

enum bl23_tree {
#define ENUM(name, unit, text) BL23_TREE_##name,
    BL23_TREE_LIST(ENUM)
#undef ENUM
        BL23_TREE_VALUES
};

/* All of them for a record with the columns of charm and top, its knot and the nine monomials of
 * its row w. */
void bl23_tree_values(struct bl23_inputs const *inputs, struct bl23_record const *record,
                      struct bl23_knot const *knot, double const monomial[BL23_MONOMIALS],
                      double value[BL23_TREE_VALUES]);

#endif
