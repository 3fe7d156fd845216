/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The model: everything a sample needs, in one flat struct that is built once and uploaded once.
 * tables/ builds it, kernels/ reads it, host/ hashes and stores it. */
#ifndef BL23_KERNELS_MODEL_H
#define BL23_KERNELS_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/sample/status.h"

/* The ten decay modes: name, unit, what it is, quantity its branching ratio is proportional to.
 * BR = kappa * quantity, PHYSICS: (4.6), (4.7), (5.2)-(5.5) of arXiv:2008.09793. Their columns
 * (kernels/sample/record.h) are these rows, too. */
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
    X(br_bp_kstp, "1", "branching ratio of B+ -> K*+ Z'", ABS_SB2)

enum bl23_mode {
#define BL23_MODE_ENUM(name, unit, text, quantity) BL23_MODE_##name,
    BL23_MODE_LIST(BL23_MODE_ENUM)
#undef BL23_MODE_ENUM
        BL23_MODES
};

enum bl23_channel { BL23_DS, BL23_DB, BL23_SB, BL23_CHANNELS };

/* The amplitudes: each is a row of coefficients (struct bl23_knot: form) times the monomials. */
enum bl23_form {
    BL23_FORM_DS_RE, /* Re H_ds */
    BL23_FORM_DS_IM,
    BL23_FORM_DB_RE,
    BL23_FORM_DB_IM,
    BL23_FORM_SB_RE,
    BL23_FORM_SB_IM,
    BL23_FORMS
};

/* The one table of what constraints bound and rates are proportional to: name, first amplitude,
 * number of amplitudes. A quantity is g^2 times the sum of the squares of its amplitudes, g^2
 * itself where it has none; G is g. The weight of a quantity in a rate is the kappa of the mode.
 * Verdict, rows of batches, screen, bound and CUDA kernels are made of this table. The order is
 * stored in models: new quantities go before G. */
#define BL23_QUANTITY_LIST(X)                                                                      \
    X(G2, 0, 0)                    /* g^2 */                                                       \
    X(IM_DS2, BL23_FORM_DS_IM, 1)  /* g^2 (Im H_ds)^2 */                                           \
    X(ABS_DS2, BL23_FORM_DS_RE, 2) /* g^2 |H_ds|^2 */                                              \
    X(ABS_DB2, BL23_FORM_DB_RE, 2) /* g^2 |H_db|^2 */                                              \
    X(ABS_SB2, BL23_FORM_SB_RE, 2) /* g^2 |H_sb|^2 */                                              \
    X(G, 0, 0)                     /* g itself */

enum bl23_quantity {
#define BL23_QUANTITY_ENUM(name, first, count) BL23_QUANTITY_##name,
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

enum bl23_g_mode { BL23_G_FIXED, BL23_G_LOG_UNIFORM, BL23_G_SOLVE };
enum bl23_w_mode { BL23_W_HAAR, BL23_W_FIXED };

/* lo <= x <= hi; no limit is lo = 0, hi = infinity; lo > hi is empty. */
struct bl23_interval {
    double lo, hi;
};

/* All that depends on the mass. Only doubles, so that the struct has no padding. */
struct bl23_knot {
    double mass_gev;
    double form[BL23_FORMS][BL23_MONOMIALS];
    double kappa[BL23_MODES];                                      /* BR / quantity; 0: closed */
    double delta_a_mu_per_g2;                                      /* Delta a_mu / g^2 */
    struct bl23_interval limit[BL23_LEVELS][BL23_CONSTRAINTS_MAX]; /* on the quantity */
    struct bl23_interval allowed[BL23_LEVELS][BL23_QUANTITIES];    /* limits intersected */
};

/* A row w given by the user (w: fixed), normalised. */
struct bl23_fixed_w {
    double monomial[BL23_MONOMIALS];
    double abs[3];
    double phase[3]; /* rad, in (-pi, pi] */
};

/* The flat model, followed by its knots: bl23_model_bytes() bytes in one allocation. Only 64-bit
 * members, so that equal models are equal bytes. */
struct bl23_model {
    uint64_t seed;
    uint64_t n_knots;
    uint64_t n_constraints;
    uint64_t g_mode;     /* enum bl23_g_mode */
    uint64_t w_mode;     /* enum bl23_w_mode */
    uint64_t level;      /* 0 or 1: the bands a survivor must pass */
    double g_min;        /* fixed: g; log_uniform: lower edge */
    double g_log2_ratio; /* log_uniform: log2(upper / lower) */
    struct bl23_fixed_w w;
    uint64_t constraint_quantity[BL23_CONSTRAINTS_MAX]; /* enum bl23_quantity */
    struct bl23_knot knot[];
};

static inline size_t bl23_model_bytes(uint64_t n_knots)
{
    return sizeof(struct bl23_model) + (size_t)n_knots * sizeof(struct bl23_knot);
}

#endif
