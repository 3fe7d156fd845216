/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/physics/rates.h"

#include "tables/physics/form_factors.h"

struct bl23_decay bl23_rate_decay(struct bl23_inputs const *in, enum bl23_mode mode)
{
    switch (mode) {
    case BL23_MODE_br_kl_pi0:
        return (struct bl23_decay){in->m_k0, in->m_pi0, in->gamma_kl, 1.0, in->norm_k_pi};
    case BL23_MODE_br_kp_pip:
        return (struct bl23_decay){in->m_kp, in->m_pip, in->gamma_kp, 1.0, in->norm_k_pi};
    case BL23_MODE_br_b0_pi0:
        return (struct bl23_decay){in->m_b0, in->m_pi0, in->gamma_b0, 2.0, in->norm_b_pi};
    case BL23_MODE_br_bp_pip:
        return (struct bl23_decay){in->m_bp, in->m_pip, in->gamma_bp, 1.0, in->norm_b_pi};
    case BL23_MODE_br_b0_rho0:
        return (struct bl23_decay){in->m_b0, in->m_rho, in->gamma_b0, 2.0, in->norm_b_rho};
    case BL23_MODE_br_bp_rhop:
        return (struct bl23_decay){in->m_bp, in->m_rho, in->gamma_bp, 1.0, in->norm_b_rho};
    case BL23_MODE_br_b0_k0:
        return (struct bl23_decay){in->m_b0, in->m_k0, in->gamma_b0, 1.0, in->norm_b_k};
    case BL23_MODE_br_bp_kp:
        return (struct bl23_decay){in->m_bp, in->m_kp, in->gamma_bp, 1.0, in->norm_b_k};
    case BL23_MODE_br_b0_kst0:
        return (struct bl23_decay){in->m_b0, in->m_kst0, in->gamma_b0, 1.0, in->norm_b_kst};
    case BL23_MODE_br_bp_kstp:
        return (struct bl23_decay){in->m_bp, in->m_kstp, in->gamma_bp, 1.0, in->norm_b_kst};
    case BL23_MODE_br_dp_pip:
        return (struct bl23_decay){in->m_dp, in->m_pip, in->gamma_dp, 1.0, in->norm_d_pi};
    case BL23_MODE_br_d0_pi0:
        return (struct bl23_decay){in->m_d0, in->m_pi0, in->gamma_d0, 2.0, in->norm_d_pi};
    case BL23_MODE_br_ds_kp:
        return (struct bl23_decay){in->m_ds, in->m_kp, in->gamma_ds, 1.0, in->norm_d_pi};
    case BL23_MODE_br_dp_rhop:
        return (struct bl23_decay){in->m_dp, in->m_rho, in->gamma_dp, 1.0, in->norm_d_v};
    case BL23_MODE_br_d0_rho0:
        return (struct bl23_decay){in->m_d0, in->m_rho, in->gamma_d0, 2.0, in->norm_d_v};
    case BL23_MODE_br_d0_omega:
        return (struct bl23_decay){in->m_d0, in->m_omega, in->gamma_d0, 2.0, in->norm_d_v};
    case BL23_MODE_br_lc_p:
        return (struct bl23_decay){in->m_lc, in->m_p, in->gamma_lc, 1.0, in->norm_lc_p};
    case BL23_MODE_br_dp_known: /* not one decay of a meson or baryon: charm.c */
    case BL23_MODE_br_t_u:
    case BL23_MODE_br_t_c:
    case BL23_MODE_br_t_q:
    case BL23_MODE_x12:
    case BL23_MODE_x12_im:
    case BL23_MODES:
        break;
    }
    return (struct bl23_decay){.isospin = 1.0};
}

struct bl23_dd bl23_rate_norm(struct bl23_inputs const *in, enum bl23_mode mode)
{
    if (mode == BL23_MODE_x12 || mode == BL23_MODE_x12_im)
        return in->norm_m12;
    if (mode == BL23_MODE_br_dp_known)
        return bl23_dd_less(in->norm_d_pi, in->norm_d_v) ? in->norm_d_v : in->norm_d_pi;
    struct bl23_decay const decay = bl23_rate_decay(in, mode);
    return decay.parent_gev.hi > 0.0 ? decay.norm : bl23_dd(1.0);
}

static bool vector_mode(enum bl23_mode mode)
{
    return mode == BL23_MODE_br_b0_rho0 || mode == BL23_MODE_br_bp_rhop ||
           mode == BL23_MODE_br_b0_kst0 || mode == BL23_MODE_br_bp_kstp;
}

/* f_+(q2) = f_+(0) [1 + l' t + l'' t^2/2], t = q2/m_pi+^2, of K+ -> pi+ or K0 -> pi0. */
struct bl23_dd bl23_rate_kaon_form_factor(struct bl23_inputs const *in, enum bl23_mode mode,
                                          struct bl23_dd q2)
{
    struct bl23_dd const t = bl23_dd_div(q2, bl23_dd_sqr(in->m_pip));
    struct bl23_dd const slope =
        bl23_dd_add(in->lambda_1, bl23_dd_mul_d(bl23_dd_mul(in->lambda_2, t), 0.5));
    struct bl23_dd const shape = bl23_dd_add(bl23_dd(1.0), bl23_dd_mul(slope, t));
    struct bl23_dd at_zero = bl23_dd_mul(in->f_k0pip, in->f_kppip_ratio);
    if (mode == BL23_MODE_br_kl_pi0)
        at_zero = bl23_dd_div(at_zero, in->f_kppi0_ratio);
    return bl23_dd_mul(at_zero, shape);
}

struct bl23_dd bl23_pseudoscalar_factor(struct bl23_dd lambda, struct bl23_dd f, struct bl23_dd m2)
{
    struct bl23_dd const root = bl23_dd_sqrt(lambda);
    return bl23_dd_div(bl23_dd_mul(bl23_dd_mul(lambda, root), bl23_dd_sqr(f)), m2);
}

/* Eqs. (4.6), (4.7), (5.2). */
static struct bl23_dd pseudoscalar_factor(struct bl23_inputs const *in, enum bl23_mode mode,
                                          struct bl23_dd lambda, struct bl23_dd m2)
{
    bool const kaon = mode == BL23_MODE_br_kl_pi0 || mode == BL23_MODE_br_kp_pip;
    struct bl23_dd const f = kaon ? bl23_rate_kaon_form_factor(in, mode, m2)
                                  : bl23_form_factor_plus(in->form_factors, mode, m2);
    return bl23_pseudoscalar_factor(lambda, f, m2);
}

/* lambda^(1/2) (H_0^2 + H_+^2 + H_-^2), Eqs. (5.3)-(5.5). */
static struct bl23_dd vector_factor(struct bl23_inputs const *in, enum bl23_mode mode,
                                    struct bl23_decay const *k, struct bl23_dd lambda,
                                    struct bl23_dd m)
{
    struct bl23_dd const m2 = bl23_dd_sqr(m);
    struct bl23_vector_kinematics const kinematics = {k->parent_gev, k->daughter_gev, m2, lambda};
    struct bl23_vector_form_factors const f =
        bl23_form_factor_vector(in->form_factors, mode, &kinematics);
    struct bl23_dd const sum = bl23_dd_add(k->parent_gev, k->daughter_gev);
    struct bl23_dd const two_mm = bl23_dd_mul_d(bl23_dd_mul(k->daughter_gev, m), 2.0);
    struct bl23_dd const x = bl23_dd_div(
        bl23_dd_sub(bl23_dd_sub(bl23_dd_sqr(k->parent_gev), bl23_dd_sqr(k->daughter_gev)), m2),
        two_mm);
    struct bl23_dd const x2_minus_1 = bl23_dd_div(lambda, bl23_dd_sqr(two_mm));
    struct bl23_dd const a1 = bl23_dd_mul(sum, f.a1);
    struct bl23_dd const scale = bl23_dd_div(two_mm, sum);
    struct bl23_dd const a2_term =
        bl23_dd_div(bl23_dd_mul(scale, f.lambda_a2), bl23_dd_sqr(two_mm));
    struct bl23_dd const h0 = bl23_dd_sub(a2_term, bl23_dd_mul(a1, x));
    struct bl23_dd const transverse =
        bl23_dd_mul(bl23_dd_mul(scale, f.v), bl23_dd_sqrt(x2_minus_1));
    /* H_+^2 + H_-^2 = 2 (a1^2 + transverse^2) */
    struct bl23_dd const h_plus_minus =
        bl23_dd_mul_d(bl23_dd_add(bl23_dd_sqr(a1), bl23_dd_sqr(transverse)), 2.0);
    return bl23_dd_mul(bl23_dd_sqrt(lambda), bl23_dd_add(bl23_dd_sqr(h0), h_plus_minus));
}

struct bl23_dd bl23_triangle(struct bl23_dd parent, struct bl23_dd m1, struct bl23_dd m2)
{
    struct bl23_dd const p2 = bl23_dd_sqr(parent);
    return bl23_dd_mul(bl23_dd_sub(p2, bl23_dd_sqr(bl23_dd_add(m1, m2))),
                       bl23_dd_sub(p2, bl23_dd_sqr(bl23_dd_sub(m1, m2))));
}

struct bl23_dd bl23_decay_norm(struct bl23_decay const *d)
{
    struct bl23_dd const width = bl23_dd_div(d->width_gev, d->norm);
    return bl23_dd_mul(bl23_dd_mul_d(bl23_dd_pi, 64.0 * d->isospin),
                       bl23_dd_mul(bl23_dd_pow(d->parent_gev, 3), width));
}

struct bl23_dd bl23_rate_kappa(struct bl23_inputs const *in, enum bl23_mode mode,
                               struct bl23_dd mass)
{
    struct bl23_decay const k = bl23_rate_decay(in, mode);
    if (!bl23_dd_less(bl23_dd_add(mass, k.daughter_gev), k.parent_gev))
        return bl23_dd(0.0);
    struct bl23_dd const lambda = bl23_triangle(k.parent_gev, k.daughter_gev, mass);
    struct bl23_dd const factor = vector_mode(mode)
                                      ? vector_factor(in, mode, &k, lambda, mass)
                                      : pseudoscalar_factor(in, mode, lambda, bl23_dd_sqr(mass));
    /* (1/16 pi^2)^2 / (64 pi kappa^2 M^3 Gamma) */
    struct bl23_dd const loop = bl23_dd_sqr(bl23_dd_mul_d(bl23_dd_sqr(bl23_dd_pi), 16.0));
    return bl23_dd_div(factor, bl23_dd_mul(loop, bl23_decay_norm(&k)));
}

/* J = Int_0^1 dy / (y^2 - r y + r), real for every r > 0; with root^2 = |r^2 - 4 r| it is
 * (2/root) atan(root/r) or (2/root) atanh(root/r). */
static struct bl23_dd muon_integral(struct bl23_dd r)
{
    struct bl23_dd const four = bl23_dd(4.0);
    struct bl23_dd const disc = bl23_dd_mul(r, bl23_dd_sub(r, four)); /* r^2 - 4 r */
    struct bl23_dd const x2 = bl23_dd_div(disc, bl23_dd_sqr(r));
    if (fabs(x2.hi) < 0x1p-35) /* atanh(x)/x = 1 + x^2/3, next term below a double's rounding */
        return bl23_dd_div(
            bl23_dd_add(bl23_dd(2.0), bl23_dd_div(bl23_dd_mul_d(x2, 2.0), bl23_dd(3.0))), r);
    struct bl23_dd const root = bl23_dd_sqrt(bl23_dd_abs(disc));
    if (disc.hi < 0.0)
        return bl23_dd_div(bl23_dd_mul_d(bl23_dd_atan2(root, r), 2.0), root);
    /* 2 atanh(root/r) = ln[(r + root)/(r - root)], (r - root)(r + root) = 4 r */
    struct bl23_dd const sum = bl23_dd_add(r, root);
    return bl23_dd_div(bl23_dd_log(bl23_dd_div(bl23_dd_sqr(sum), bl23_dd_mul(four, r))), root);
}

struct bl23_dd bl23_rate_delta_a_mu(struct bl23_inputs const *in, struct bl23_dd mass)
{
    /* With y = 1 - z and r = (m/m_mu)^2 the integrand is 2 (1-y) y^2/(y^2 - r y + r); polynomial
     * division gives 1 - 2 r - r (2 - r) ln r + r (4 r - 2 - r^2) J. */
    struct bl23_dd const r = bl23_dd_sqr(bl23_dd_div(mass, in->m_mu));
    struct bl23_dd const log_term =
        bl23_dd_mul(bl23_dd_mul(r, bl23_dd_sub(bl23_dd(2.0), r)), bl23_dd_log(r));
    struct bl23_dd const weight = bl23_dd_mul(
        r, bl23_dd_sub(bl23_dd_sub(bl23_dd_mul_d(r, 4.0), bl23_dd(2.0)), bl23_dd_sqr(r)));
    struct bl23_dd sum = bl23_dd_sub(bl23_dd(1.0), bl23_dd_mul_d(r, 2.0));
    sum = bl23_dd_sub(sum, log_term);
    sum = bl23_dd_add(sum, bl23_dd_mul(weight, muon_integral(r)));
    return bl23_dd_div(sum, bl23_dd_mul_d(bl23_dd_sqr(bl23_dd_pi), 8.0));
}

double bl23_rate_muon_pair_gev(struct bl23_inputs const *inputs)
{
    return 2.0 * bl23_dd_round(inputs->m_mu);
}

double bl23_rate_pion_pair_gev(struct bl23_inputs const *inputs)
{
    return 2.0 * bl23_dd_round(inputs->m_pip);
}

/* Gamma(Z' -> l l)/g^2 = m/(12 pi) (1 + 2 x) sqrt(1 - 4 x), x = m_l^2/m^2. */
static struct bl23_dd lepton_pair_width(struct bl23_dd mass, struct bl23_dd m_l)
{
    struct bl23_dd const x = bl23_dd_sqr(bl23_dd_div(m_l, mass)), one = bl23_dd(1.0);
    struct bl23_dd const beta2 = bl23_dd_sub(one, bl23_dd_mul_d(x, 4.0));
    if (!(beta2.hi > 0.0))
        return bl23_dd(0.0);
    struct bl23_dd const massless = bl23_dd_div(mass, bl23_dd_mul_d(bl23_dd_pi, 12.0));
    return bl23_dd_mul(massless,
                       bl23_dd_mul(bl23_dd_add(one, bl23_dd_mul_d(x, 2.0)), bl23_dd_sqrt(beta2)));
}

struct bl23_lepton_widths bl23_rate_lepton_widths(struct bl23_inputs const *in, struct bl23_dd mass)
{
    return (struct bl23_lepton_widths){
        bl23_dd_div(mass, bl23_dd_mul_d(bl23_dd_pi, 12.0)),
        lepton_pair_width(mass, in->m_mu),
        lepton_pair_width(mass, in->m_tau),
    };
}

struct bl23_dd bl23_rate_br_inv(struct bl23_inputs const *in, struct bl23_dd mass)
{
    struct bl23_lepton_widths const w = bl23_rate_lepton_widths(in, mass);
    struct bl23_dd const visible = bl23_dd_add(w.mumu, w.tautau);
    if (in->br_inv_is_one || visible.hi == 0.0)
        return bl23_dd(1.0);
    return bl23_dd_div(w.nunu, bl23_dd_add(w.nunu, visible));
}

/* m g^2 / Gamma of Z' -> nu nu. */
static struct bl23_dd mass_over_width(struct bl23_inputs const *inputs)
{
    return bl23_dd_mul_d(bl23_dd_pi, inputs->two_neutrinos ? 12.0 : 24.0);
}

double bl23_rate_width_gev_per_g2(struct bl23_inputs const *inputs, double mass_gev)
{
    return bl23_dd_round(bl23_dd_div(bl23_dd(mass_gev), mass_over_width(inputs)));
}

double bl23_rate_ctau_m_times_g2(struct bl23_inputs const *inputs, double mass_gev)
{
    struct bl23_dd const hbar_c = bl23_dd_parse(BL23_HBAR_C_GEV_M, NULL);
    return bl23_dd_round(
        bl23_dd_div(bl23_dd_mul(hbar_c, mass_over_width(inputs)), bl23_dd(mass_gev)));
}
