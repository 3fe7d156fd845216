/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The model: everything a sample needs, in one flat struct that is built once and uploaded once.
 * tables/ builds it, kernels/ reads it, host/ hashes and stores it. */
#ifndef BL23_KERNELS_MODEL_H
#define BL23_KERNELS_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/sample/device.h"
#include "kernels/sample/status.h"

/* The observables that are columns and that constraints may name, first the ten decay modes of the
 * paper: name, unit, what it is, quantity. Observable = kappa * quantity; of x12_im the quantity is
 * the modulus. PHYSICS: (4.6), (4.7), (5.2)-(5.5) of arXiv:2008.09793; docs/charm.md. */
#define BL23_MODE_LIST(X)                                                                          \
    X(br_kl_pi0, "1", "branching ratio of K_L -> pi0 Z'", IM_DS2)                                  \
    X(br_kp_pip, "1", "branching ratio of K+ -> pi+ Z'", ABS_DS2)                                  \
    X(br_b0_pi0, "1", "branching ratio of B0 -> pi0 Z'", ABS_DB2)                                  \
    X(br_bp_pip, "1", "branching ratio of B+ -> pi+ Z'", ABS_DB2)                                  \
    X(br_b0_rho0, "1", "branching ratio of B0 -> rho0 Z'", ABS_DB2)                                \
    X(br_bp_rhop, "1", "branching ratio of B+ -> rho+ Z'", ABS_DB2)                                \
    X(br_b0_k0, "1", "branching ratio of B0 -> K0 Z'", ABS_SB2)                                    \
    X(br_bp_kp, "1", "branching ratio of B+ -> K+ Z'", ABS_SB2)                                    \
    X(br_b0_kst0, "1", "branching ratio of B0 -> K*0 Z'", ABS_SB2)                                 \
    X(br_bp_kstp, "1", "branching ratio of B+ -> K*+ Z'", ABS_SB2)                                 \
    X(br_dp_pip, "1", "branching ratio of D+ -> pi+ Z'", ABS_FV2)                                  \
    X(br_d0_pi0, "1", "branching ratio of D0 -> pi0 Z'", ABS_FV2)                                  \
    X(br_ds_kp, "1", "branching ratio of D_s+ -> K+ Z'", ABS_FV2)                                  \
    X(br_dp_rhop, "1", "branching ratio of D+ -> rho+ Z'", DP_RHOP)                                \
    X(br_d0_rho0, "1", "branching ratio of D0 -> rho0 Z'", D0_RHO0)                                \
    X(br_d0_omega, "1", "branching ratio of D0 -> omega Z'", D0_OMEGA)                             \
    X(br_lc_p, "1", "branching ratio of Lambda_c -> p Z'", LC_P)                                   \
    X(br_dp_known, "1", "branching ratio of D+ -> pi+ Z' or rho+ Z'", DP_KNOWN)                    \
    X(br_t_u, "1", "branching ratio of t -> u Z'", T_U)                                            \
    X(br_t_c, "1", "branching ratio of t -> c Z'", T_C)                                            \
    X(br_t_q, "1", "branching ratio of t -> u Z' or c Z'", T_Q)                                    \
    X(x12, "1", "x12 = 2 |M12|/Gamma of D0 mixing", X12)                                           \
    X(x12_im, "1", "x12_im = 2 Im M12/Gamma of D0 mixing", X12_IM)

enum bl23_mode {
#define BL23_MODE_ENUM(name, unit, text, quantity) BL23_MODE_##name,
    BL23_MODE_LIST(BL23_MODE_ENUM)
#undef BL23_MODE_ENUM
        BL23_MODES
};

enum bl23_channel { BL23_DS, BL23_DB, BL23_SB, BL23_CHANNELS };

/* The amplitudes: each is a row of coefficients (struct bl23_knot: form) times the monomials. The
 * first BL23_COLUMN_FORMS are columns. F_V and F_A are the vector and axial couplings of a pair of
 * up-type quarks. */
enum bl23_form {
    BL23_FORM_DS_RE, /* Re H_ds */
    BL23_FORM_DS_IM,
    BL23_FORM_DB_RE,
    BL23_FORM_DB_IM,
    BL23_FORM_SB_RE,
    BL23_FORM_SB_IM,
    BL23_LOOP_FORMS,
    BL23_FORM_UC = BL23_LOOP_FORMS, /* Re F_V, Im F_V, Re F_A, Im F_A of u and c */
    BL23_COLUMN_FORMS = BL23_FORM_UC + 4,
    BL23_FORM_UT = BL23_COLUMN_FORMS,
    BL23_FORM_CT = BL23_FORM_UT + 4,
    BL23_FORM_KP = BL23_FORM_CT + 4, /* Re, Im H_ds of K+, with its long-distance part */
    BL23_FORMS = BL23_FORM_KP + 2
};

/* Weights of |F_V|^2 and |F_A|^2, and of F_V^2 and F_A^2 in D0 mixing (struct bl23_knot: weight);
 * each name is the first of two. */
enum bl23_weight {
    BL23_WEIGHT_DP_KNOWN = 0,
    BL23_WEIGHT_DP_RHOP = 2,
    BL23_WEIGHT_D0_RHO0 = 4,
    BL23_WEIGHT_D0_OMEGA = 6,
    BL23_WEIGHT_LC_P = 8,
    BL23_WEIGHT_T_U = 10,
    BL23_WEIGHT_T_C = 12,
    BL23_WEIGHT_MIXING = 14,
    BL23_WEIGHTS = 16,
    BL23_WEIGHT_NONE = 0
};

/* What a survey may have beside the amplitudes of the paper, as bits of struct bl23_model: groups.
 * What it does not have is neither computed nor written. */
enum bl23_group {
    BL23_GROUP_PAPER = 0,
    BL23_GROUP_CHARM = 1, /* columns of F_V and F_A, of D and Lambda_c decays, of D0 mixing */
    BL23_GROUP_TOP = 2,   /* columns of top decays */
    BL23_GROUP_LONG_DISTANCE = 4, /* br_kp_pip is of the amplitudes FORM_KP */
    BL23_GROUP_CHI2 = 8,          /* samples have a chi^2, and are ranked by it */
    BL23_GROUP_DRAWS = 16         /* knots are of several draws of the inputs */
};

enum bl23_shape {
    BL23_SHAPE_ONE,
    BL23_SHAPE_SQUARES,
    BL23_SHAPE_WEIGHTED,
    BL23_SHAPE_MODULUS,
    BL23_SHAPE_IMAGINARY
};

/* The one table of what constraints bound and rates are proportional to: name, shape, first
 * amplitude, number of amplitudes, first weight, group. By shape a quantity is g^2 times
 *   ONE        1
 *   SQUARES    the sum of the squares of its amplitudes
 *   WEIGHTED   the sum of |F|^2 times its weight, F being two amplitudes
 *   MODULUS    |sum of F^2 times its weight|
 *   IMAGINARY  |Im of that sum|
 * and G is g. The weight of a quantity in a rate is the kappa of the mode. Verdict, rows of
 * batches, screen, bound and CUDA kernels are made of this table. The order is stored in models:
 * new quantities go before G. */
#define BL23_QUANTITY_LIST(X)                                                                      \
    X(G2, ONE, 0, 0, NONE, PAPER)                            /* g^2 */                             \
    X(IM_DS2, SQUARES, BL23_FORM_DS_IM, 1, NONE, PAPER)      /* g^2 (Im H_ds)^2 */                 \
    X(ABS_DS2, SQUARES, BL23_FORM_DS_RE, 2, NONE, PAPER)     /* g^2 |H_ds|^2 */                    \
    X(ABS_DB2, SQUARES, BL23_FORM_DB_RE, 2, NONE, PAPER)     /* g^2 |H_db|^2 */                    \
    X(ABS_SB2, SQUARES, BL23_FORM_SB_RE, 2, NONE, PAPER)     /* g^2 |H_sb|^2 */                    \
    X(ABS_FV2, SQUARES, BL23_FORM_UC, 2, NONE, CHARM)        /* g^2 |F_V|^2 */                     \
    X(DP_KNOWN, WEIGHTED, BL23_FORM_UC, 4, DP_KNOWN, CHARM)  /* BR(D+ -> pi+ Z', rho+ Z') */       \
    X(DP_RHOP, WEIGHTED, BL23_FORM_UC, 4, DP_RHOP, CHARM)    /* BR(D+ -> rho+ Z') */               \
    X(D0_RHO0, WEIGHTED, BL23_FORM_UC, 4, D0_RHO0, CHARM)    /* BR(D0 -> rho0 Z') */               \
    X(D0_OMEGA, WEIGHTED, BL23_FORM_UC, 4, D0_OMEGA, CHARM)  /* BR(D0 -> omega Z') */              \
    X(LC_P, WEIGHTED, BL23_FORM_UC, 4, LC_P, CHARM)          /* BR(Lambda_c -> p Z') */            \
    X(X12, MODULUS, BL23_FORM_UC, 4, MIXING, CHARM)          /* 2 |M12|/Gamma of D0 */             \
    X(X12_IM, IMAGINARY, BL23_FORM_UC, 4, MIXING, CHARM)     /* 2 |Im M12|/Gamma of D0 */          \
    X(T_U, WEIGHTED, BL23_FORM_UT, 4, T_U, TOP)              /* BR(t -> u Z') */                   \
    X(T_C, WEIGHTED, BL23_FORM_CT, 4, T_C, TOP)              /* BR(t -> c Z') */                   \
    X(T_Q, WEIGHTED, BL23_FORM_UT, 8, T_U, TOP)              /* BR(t -> u Z', c Z') */             \
    X(KP_DS2, SQUARES, BL23_FORM_KP, 2, NONE, LONG_DISTANCE) /* g^2 |H_ds|^2 of K+ */              \
    X(G, ONE, 0, 0, NONE, PAPER)                             /* g itself */

enum bl23_quantity {
#define BL23_QUANTITY_ENUM(name, shape, first, count, weight, group) BL23_QUANTITY_##name,
    BL23_QUANTITY_LIST(BL23_QUANTITY_ENUM)
#undef BL23_QUANTITY_ENUM
        BL23_QUANTITIES
};

/* The quantities that have amplitudes: this one and those after it, up to G. */
enum {
    BL23_QUANTITY_OF_FORMS = BL23_QUANTITY_IM_DS2,
    BL23_QUANTITIES_OF_FORMS = BL23_QUANTITY_G - BL23_QUANTITY_OF_FORMS
};

enum {
    BL23_MONOMIALS = 9, /* |w1|^2, |w2|^2, |w3|^2, Re and Im of w1* w2, of w1* w3, of w2* w3 */
    BL23_LEVELS = 2,    /* [0]: 1-sigma bands, [1]: 2-sigma bands */
    BL23_CONSTRAINTS_MAX = 32,
    BL23_TILE_BITS = 12, /* 4096 consecutive samples share a mass knot */
    BL23_TILE = 1 << BL23_TILE_BITS
};

/* The domain of g_B-L is (0, BL23_G_MAX]: above it perturbation theory is gone. The configuration
 * refuses more, and where g is solved for no larger one is found (kernels/sample/verdict.h). */
#define BL23_G_MAX 10.0

/* Raise it when draw.h, the forms or verdict.h give any sample another result: samples of two
 * versions are never mixed (host/run refuses it), and no output of another one is replayed. */
enum { BL23_SAMPLING_VERSION = 1 };

/* ROWS: of a list of rows that the user gives, of which sample i takes row i. */
enum bl23_g_mode { BL23_G_FIXED, BL23_G_LOG_UNIFORM, BL23_G_SOLVE, BL23_G_ROWS };
enum bl23_w_mode { BL23_W_HAAR, BL23_W_FIXED, BL23_W_ROWS };

/* lo <= x <= hi; no limit is lo = 0, hi = infinity; lo > hi is empty. */
struct bl23_interval {
    double lo, hi;
};

/* All that depends on the mass. Only doubles, so that the struct has no padding. */
struct bl23_knot {
    double mass_gev;
    double form[BL23_FORMS][BL23_MONOMIALS];
    double kappa[BL23_MODES]; /* observable / quantity; 0: closed */
    double weight[BL23_WEIGHTS];
    double delta_a_mu_per_g2;                                      /* Delta a_mu / g^2 */
    struct bl23_interval limit[BL23_LEVELS][BL23_CONSTRAINTS_MAX]; /* on the quantity */
    struct bl23_interval allowed[BL23_LEVELS][BL23_QUANTITIES];    /* limits intersected */
};

/* A row w, normalised. */
struct bl23_row {
    double monomial[BL23_MONOMIALS];
    double abs[3];
    double phase[3]; /* rad, in (-pi, pi] */
};

/* A constraint with a centre, on its quantity: 1/sigma^2 below and above it. Both are 0 where it
 * does not act. */
struct bl23_split_gauss {
    double central, below, above;
};

/* The likelihoods of all constraints at one mass (kernels/sample/chi2.h). */
struct bl23_chi2 {
    double half[BL23_QUANTITIES]; /* sum of 1/sigma^2 of the limits on a quantity */
    double constant;              /* from centres of rates that are closed at this mass */
    struct bl23_split_gauss split[BL23_CONSTRAINTS_MAX];
};

/* What stands behind the knots of a model of the group CHI2. */
struct bl23_ranking {
    double chi2_max; /* a survivor has at most this; infinity: survivors are those of the cuts */
    struct bl23_chi2 chi2[]; /* [n_knots] */
};

/* What a model of the group DRAWS ends with before its cover or rows. Knot k is of mass k mod
 * n_masses and of draw k / n_masses. */
struct bl23_draws {
    uint64_t n_masses;
    uint64_t common_w; /* 1: the same words for each of them (bl23_index_of_words) */
};

/* The flat model, followed by its knots, by its ranking and its draws if it has them, and by its
 * cover or the rows that the user gives: bl23_model_size() bytes in one allocation.
 * Only 64-bit members, so that equal models are equal bytes. */
struct bl23_model {
    uint64_t seed;
    uint64_t n_knots;
    uint64_t n_constraints;
    uint64_t g_mode;     /* enum bl23_g_mode */
    uint64_t w_mode;     /* enum bl23_w_mode */
    uint64_t level;      /* 0 or 1: the bands a survivor must pass */
    uint64_t groups;     /* bits of enum bl23_group */
    double g_min;        /* fixed: g; log_uniform: lower edge */
    double g_log2_ratio; /* log_uniform: log2(upper / lower) */
    uint64_t
        cover_bytes;   /* of the cover behind the knots (kernels/sample/cell.h); 0: there is none */
    struct bl23_row w; /* fixed */
    uint64_t constraint_quantity[BL23_CONSTRAINTS_MAX]; /* enum bl23_quantity */
    uint64_t n_rows; /* behind the knots (kernels/sample/row.h); 0: they are not given */
    struct bl23_knot knot[];
};

/* Of one row: Re and Im of its elements, and g where the rows have it. */
BL23_INLINE size_t bl23_row_bytes(uint64_t g_mode)
{
    return (g_mode == BL23_G_ROWS ? 7 : 6) * sizeof(double);
}

/* Up to the knots; up to the ranking; and all of it. */
BL23_INLINE size_t bl23_model_bytes(uint64_t n_knots)
{
    return sizeof(struct bl23_model) + (size_t)n_knots * sizeof(struct bl23_knot);
}

BL23_INLINE size_t bl23_ranked_bytes(uint64_t n_knots, uint64_t groups)
{
    size_t const ranking = sizeof(struct bl23_ranking) + (size_t)n_knots * sizeof(struct bl23_chi2);
    return bl23_model_bytes(n_knots) + ((groups & BL23_GROUP_CHI2) != 0 ? ranking : 0) +
           ((groups & BL23_GROUP_DRAWS) != 0 ? sizeof(struct bl23_draws) : 0);
}

/* Of a model of the group DRAWS. */
BL23_INLINE struct bl23_draws const *bl23_model_draws(struct bl23_model const *model)
{
    return (struct bl23_draws const *)((char const *)model +
                                       bl23_ranked_bytes(model->n_knots, model->groups)) -
           1;
}

/* Masses of the survey, and draws of the inputs. */
BL23_INLINE uint64_t bl23_model_masses(struct bl23_model const *model)
{
    return (model->groups & BL23_GROUP_DRAWS) != 0 ? bl23_model_draws(model)->n_masses
                                                   : model->n_knots;
}

/* Do all draws of the inputs see the same rows? */
BL23_INLINE int bl23_has_common_w(struct bl23_model const *model)
{
    return (model->groups & BL23_GROUP_DRAWS) != 0 && bl23_model_draws(model)->common_w != 0;
}

/* The sample whose random words this one has. With common_w a tile has those of the tile that is at
 * its mass in a survey without draws, so that all draws see the same rows; otherwise its own. */
BL23_INLINE uint64_t bl23_index_of_words(struct bl23_model const *model, uint64_t index)
{
    if (!bl23_has_common_w(model))
        return index;
    uint64_t const masses = bl23_model_draws(model)->n_masses, tile = index >> BL23_TILE_BITS;
    uint64_t const other = tile / model->n_knots * masses + tile % masses;
    return other << BL23_TILE_BITS | (index & (BL23_TILE - 1));
}

BL23_INLINE size_t bl23_model_size(struct bl23_model const *model)
{
    return bl23_ranked_bytes(model->n_knots, model->groups) + (size_t)model->cover_bytes +
           (size_t)model->n_rows * bl23_row_bytes(model->g_mode);
}

#endif
