/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/physics/form_factors.h"

/* Published central values stand here as the decimals that were printed. */
static struct bl23_dd number(char const *decimal)
{
    return bl23_dd_literal(decimal);
}

/* 1/(1 - q2/m2) */
static struct bl23_dd pole(struct bl23_dd q2, struct bl23_dd m2)
{
    return bl23_dd_div(m2, bl23_dd_sub(m2, q2));
}

struct bl23_dd bl23_pole_of_mass(struct bl23_dd q2, char const *mass)
{
    return pole(q2, bl23_dd_sqr(number(mass)));
}

struct bl23_dd bl23_conformal(struct bl23_dd t, struct bl23_dd tp, struct bl23_dd t0)
{
    struct bl23_dd const a = bl23_dd_sqrt(bl23_dd_sub(tp, t));
    struct bl23_dd const b = bl23_dd_sqrt(bl23_dd_sub(tp, t0));
    return bl23_dd_div(bl23_dd_sub(a, b), bl23_dd_add(a, b));
}

void bl23_conformal_points(struct bl23_dd mass_b, struct bl23_dd mass, struct bl23_dd *tp,
                           struct bl23_dd *t0)
{
    *tp = bl23_dd_sqr(bl23_dd_add(mass_b, mass));
    struct bl23_dd const tm = bl23_dd_sqr(bl23_dd_sub(mass_b, mass));
    struct bl23_dd const root = bl23_dd_sqrt(bl23_dd_mul(bl23_dd_sub(*tp, tm), *tp));
    *t0 = bl23_dd_sub(*tp, root);
}

static bool kaon_mode(enum bl23_mode mode)
{
    return mode == BL23_MODE_br_b0_k0 || mode == BL23_MODE_br_bp_kp;
}

static bool kstar_mode(enum bl23_mode mode)
{
    return mode == BL23_MODE_br_b0_kst0 || mode == BL23_MODE_br_bp_kstp;
}

/* Ball and Zwicky, hep-ph/0406232, Table 1 set 2 with f_+^pi(0) = 0.258: B -> pi has the B* pole
 * and an effective one, B -> K a double pole. */
static struct bl23_dd bz2004_plus(enum bl23_mode mode, struct bl23_dd q2)
{
    if (kaon_mode(mode)) {
        struct bl23_dd const p = bl23_pole_of_mass(q2, "5.41");
        return bl23_dd_mul(p, bl23_dd_add(number("0.162"), bl23_dd_mul(number("0.173"), p)));
    }
    return bl23_dd_sub(bl23_dd_mul(number("0.744"), bl23_pole_of_mass(q2, "5.32")),
                       bl23_dd_mul(number("0.486"), pole(q2, number("40.73"))));
}

/* Ball and Zwicky, hep-ph/0412079, Table 8: V has the poles 5.32 and mfit, A_1 a pole, A_2 a pole
 * and its square. */
static struct bl23_vector_form_factors bz2004_vector(enum bl23_mode mode,
                                                     struct bl23_vector_kinematics const *k)
{
    static char const *const table[2][9] = {
        {"1.045", "-0.721", "38.34", "0.240", "37.51", "0.009", "0.212", "40.82", "rho"},
        {"0.923", "-0.511", "49.40", "0.290", "40.38", "-0.084", "0.342", "52.00", "K*"}};
    char const *const *const r = table[kstar_mode(mode)];
    struct bl23_dd const q2 = k->q2_gev2;
    struct bl23_vector_form_factors f;
    f.v = bl23_dd_add(bl23_dd_mul(number(r[0]), bl23_pole_of_mass(q2, "5.32")),
                      bl23_dd_mul(number(r[1]), pole(q2, number(r[2]))));
    f.a1 = bl23_dd_mul(number(r[3]), pole(q2, number(r[4])));
    struct bl23_dd const p = pole(q2, number(r[7]));
    struct bl23_dd const a2 =
        bl23_dd_mul(p, bl23_dd_add(number(r[5]), bl23_dd_mul(number(r[6]), p)));
    f.lambda_a2 = bl23_dd_mul(k->lambda_gev4, a2);
    return f;
}

/* HPQCD 2022, arXiv:2207.12468: f_+ = L/(1 - q2/M_Bs*^2) [a0 + a1 (z - z^3/3) + a2 (z^2 + 2 z^3/3)]
 * with t0 = 0; the values are those of the data file published with the paper. */
static struct bl23_dd hpqcd2022_plus(struct bl23_dd q2)
{
    struct bl23_dd const mass_b = number("5.279495108051249"), mass_k = number("0.495644");
    struct bl23_dd const tp = bl23_dd_sqr(bl23_dd_add(mass_b, mass_k));
    struct bl23_dd const z = bl23_conformal(q2, tp, bl23_dd(0.0));
    struct bl23_dd const z2 = bl23_dd_sqr(z);
    struct bl23_dd const cube = bl23_dd_div(bl23_dd_mul(z2, z), bl23_dd(3.0));
    struct bl23_dd sum = number("0.2546162729845652");
    sum = bl23_dd_add(sum, bl23_dd_mul(number("-0.7084710010870424"), bl23_dd_sub(z, cube)));
    sum = bl23_dd_add(
        sum, bl23_dd_mul(number("0.3096901516968882"), bl23_dd_add(z2, bl23_dd_mul_d(cube, 2.0))));
    struct bl23_dd const chiral_log = number("1.3036556717286227");
    return bl23_dd_mul(bl23_dd_mul(chiral_log, bl23_pole_of_mass(q2, "5.415766151925566")), sum);
}

/* Leljak, Melic, van Dyk 2021, arXiv:2102.07233, LCSR and lattice, K = 4: f_+ = f_+(0)/(1 -
 * q2/m_B*^2) {1 + sum_{k=1}^3 b_k [z^k - z0^k - (-1)^(k-4) (k/4)(z^4 - z0^4)]}; posterior medians.
 */
static struct bl23_dd lmvd2021_plus(struct bl23_dd q2)
{
    static char const *const b[4] = {"0", "-2.450837171898434", "-0.15097220515844212",
                                     "-0.9024595563756068"};
    struct bl23_dd tp, t0;
    bl23_conformal_points(number("5.279"), number("0.135"), &tp, &t0);
    struct bl23_dd const z = bl23_conformal(q2, tp, t0), z0 = bl23_conformal(bl23_dd(0.0), tp, t0);
    struct bl23_dd const fourth = bl23_dd_sub(bl23_dd_pow(z, 4), bl23_dd_pow(z0, 4));
    struct bl23_dd sum = bl23_dd(1.0);
    for (unsigned k = 1; k < 4; k++) {
        double const weight = (k % 2 ? -0.25 : 0.25) * (double)k;
        struct bl23_dd const term = bl23_dd_sub(bl23_dd_sub(bl23_dd_pow(z, k), bl23_dd_pow(z0, k)),
                                                bl23_dd_mul_d(fourth, weight));
        sum = bl23_dd_add(sum, bl23_dd_mul(number(b[k]), term));
    }
    return bl23_dd_mul(bl23_dd_mul(number("0.23467601855748074"), bl23_pole_of_mass(q2, "5.325")),
                       sum);
}

/* a[0] + a[1] x + a[2] x^2 with the pole of a resonance. */
static struct bl23_dd bsz_series(char const *const a[3], struct bl23_dd x, struct bl23_dd q2,
                                 char const *resonance)
{
    struct bl23_dd const sum = bl23_dd_add(
        number(a[0]), bl23_dd_mul(x, bl23_dd_add(number(a[1]), bl23_dd_mul(x, number(a[2])))));
    return bl23_dd_mul(bl23_pole_of_mass(q2, resonance), sum);
}

/* Bharucha, Straub, Zwicky 2015, arXiv:1503.05534: B -> K* from LCSR and lattice, B -> rho from
 * LCSR; x = z(q2) - z(0). A_12 = [(mB+mV)^2 (mB^2 - mV^2 - q2) A_1 - lambda A_2]/[16 mB mV^2
 * (mB+mV)]. */
static struct bl23_vector_form_factors bsz2015_vector(enum bl23_mode mode,
                                                      struct bl23_vector_kinematics const *k)
{
    static char const *const v[2][3] = {{"0.327414", "-0.859703", "1.80233"},
                                        {"0.376313", "-1.16597", "2.42443"}};
    static char const *const a1[2][3] = {{"0.261755", "0.393552", "0.163472"},
                                         {"0.29725", "0.392378", "1.18916"}};
    static char const *const a12[2][3] = {{"0.296777", "0.758805", "0.464519"},
                                          {"0.265375", "0.533638", "0.483166"}};
    static char const *const vector_gev[2] = {"5.325", "5.415"}, *const axial_gev[2] = {"5.724",
                                                                                        "5.829"};
    bool const s = kstar_mode(mode);
    struct bl23_dd const q2 = k->q2_gev2, mb = k->mass_b_gev, mv = k->mass_v_gev;
    struct bl23_dd tp, t0;
    bl23_conformal_points(mb, mv, &tp, &t0);
    struct bl23_dd const x =
        bl23_dd_sub(bl23_conformal(q2, tp, t0), bl23_conformal(bl23_dd(0.0), tp, t0));
    struct bl23_vector_form_factors f;
    f.v = bsz_series(v[s], x, q2, vector_gev[s]);
    f.a1 = bsz_series(a1[s], x, q2, axial_gev[s]);
    struct bl23_dd const f12 = bsz_series(a12[s], x, q2, axial_gev[s]);
    struct bl23_dd const sum = bl23_dd_add(mb, mv);
    struct bl23_dd const rest = bl23_dd_sub(bl23_dd_sub(bl23_dd_sqr(mb), bl23_dd_sqr(mv)), q2);
    struct bl23_dd const with_a1 = bl23_dd_mul(bl23_dd_mul(bl23_dd_sqr(sum), rest), f.a1);
    struct bl23_dd const with_a12 =
        bl23_dd_mul_d(bl23_dd_mul(bl23_dd_mul(bl23_dd_mul(mb, bl23_dd_sqr(mv)), sum), f12), 16.0);
    f.lambda_a2 = bl23_dd_sub(with_a1, with_a12);
    return f;
}

struct bl23_dd bl23_form_factor_plus(enum bl23_form_factors set, enum bl23_mode mode,
                                     struct bl23_dd q2)
{
    if (set == BL23_FORM_FACTORS_bz2004)
        return bz2004_plus(mode, q2);
    return kaon_mode(mode) ? hpqcd2022_plus(q2) : lmvd2021_plus(q2);
}

struct bl23_vector_form_factors bl23_form_factor_vector(enum bl23_form_factors set,
                                                        enum bl23_mode mode,
                                                        struct bl23_vector_kinematics const *k)
{
    return set == BL23_FORM_FACTORS_bz2004 ? bz2004_vector(mode, k) : bsz2015_vector(mode, k);
}
