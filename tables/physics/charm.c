/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/physics/charm.h"

#include "tables/base/monomials.h"
#include "tables/physics/form_factors.h"
#include "tables/physics/rates.h"

/* Short names, for formulas that are longer than those of other files. */
typedef struct bl23_dd dd;
static dd add(dd a, dd b)
{
    return bl23_dd_add(a, b);
}
static dd sub(dd a, dd b)
{
    return bl23_dd_sub(a, b);
}
static dd mul(dd a, dd b)
{
    return bl23_dd_mul(a, b);
}
static dd times(double x, dd a)
{
    return bl23_dd_mul_d(a, x);
}
static dd over(dd a, dd b)
{
    return bl23_dd_div(a, b);
}
static dd square(dd a)
{
    return bl23_dd_sqr(a);
}
static dd decimal(char const *text)
{
    return bl23_dd_literal(text);
}

/* value/(1 - q^2/pole^2) */
static dd with_pole(dd value, dd q2, char const *pole_gev)
{
    return mul(value, bl23_pole_of_mass(q2, pole_gev));
}

/* The numerator of such a form factor. */
static dd without_pole(dd form_factor, dd q2, char const *pole_gev)
{
    return over(form_factor, bl23_pole_of_mass(q2, pole_gev));
}

/* Masses [GeV] in the z variables: constants of the fits, not inputs. */
#define FIT_M_D0 "1.86484"
#define FIT_M_PIP "0.13957061"
#define FIT_M_PIP_BARYON "0.13957"
#define FIT_M_LC "2.28646"
#define FIT_M_N "0.9395654"

/* f_+(q^2) of D -> pi and of D_s -> K: (a0 + a1 (z - z0) + a2 (z - z0)^2)/(1 - q^2/pole^2),
 * z0 = z(0). ETM 2017, arXiv:1706.03017. */
static dd d_pi_form_factor(struct bl23_inputs const *in, dd q2)
{
    dd t_plus, t_0;
    bl23_conformal_points(decimal(FIT_M_D0), decimal(FIT_M_PIP), &t_plus, &t_0);
    dd const z = sub(bl23_conformal(q2, t_plus, t_0), bl23_conformal(bl23_dd(0.0), t_plus, t_0));
    dd const series = add(in->dpi_a0, mul(z, add(in->dpi_a1, mul(z, in->dpi_a2))));
    return with_pole(series, q2, "2.007");
}

/* k_V = lambda^(3/2) f_+^2/(64 pi kappa2 m^2 M^3 Gamma); the axial current makes no pseudoscalar.
 */
static struct bl23_current_rate d_to_pseudoscalar(struct bl23_inputs const *in,
                                                  struct bl23_decay const *d, dd m)
{
    dd const lambda = bl23_triangle(d->parent_gev, d->daughter_gev, m), m2 = square(m);
    dd const f = d_pi_form_factor(in, m2);
    dd const rate = bl23_pseudoscalar_factor(lambda, f, m2);
    return (struct bl23_current_rate){over(rate, bl23_decay_norm(d)), bl23_dd(0.0)};
}

/* With l = lambda(M^2, mV^2, m^2) and H0 = [(M^2 - mV^2 - m^2)(M + mV) A1 - l A2/(M + mV)]/(2 mV
 * m): k_V = sqrt(l) 2 l V^2/(M + mV)^2, k_A = sqrt(l) [H0^2 + 2 (M + mV)^2 A1^2], over the same
 * norm. Single poles; ratios of BESIII, arXiv:1809.06496. */
static struct bl23_current_rate d_to_vector(struct bl23_inputs const *in,
                                            struct bl23_decay const *d, dd m)
{
    dd const lambda = bl23_triangle(d->parent_gev, d->daughter_gev, m), m2 = square(m);
    dd const sum = add(d->parent_gev, d->daughter_gev);
    dd const a1 = with_pole(in->dv_a1, m2, "2.42");
    dd const a2 = with_pole(mul(in->dv_a1, in->dv_a2), m2, "2.42");
    dd const v = with_pole(mul(in->dv_a1, in->dv_v), m2, "2.01");
    dd const energy = sub(sub(square(d->parent_gev), square(d->daughter_gev)), m2);
    dd const h0 = over(sub(mul(mul(energy, sum), a1), over(mul(lambda, a2), sum)),
                       times(2.0, mul(d->daughter_gev, m)));
    dd const scale = over(bl23_dd_sqrt(lambda), bl23_decay_norm(d));
    dd const vector = times(2.0, mul(lambda, square(over(v, sum))));
    dd const axial = add(square(h0), times(2.0, square(mul(sum, a1))));
    return (struct bl23_current_rate){mul(scale, vector), mul(scale, axial)};
}

/* A form factor of Lambda_c -> N, a parabola in z over a pole, given by what it is at three q^2
 * (arXiv:1712.05783). at_zero: for the third point, its numerator at z = 0 instead. */
static dd baryon_form_factor(dd q2, char const *const value[3], char const *pole, dd const *at_zero)
{
    static char const *const nodes_gev2[3] = {"0.272119", "0.725650", "1.269888"};
    dd const t_plus = square(add(decimal(FIT_M_D0), decimal(FIT_M_PIP_BARYON)));
    dd const t_0 = square(sub(decimal(FIT_M_LC), decimal(FIT_M_N)));
    dd const z = bl23_conformal(q2, t_plus, t_0);
    dd node[3], numerator[3];
    for (int k = 0; k < 3; k++) {
        dd const node_q2 = decimal(nodes_gev2[k]);
        bool const given = k == 2 && at_zero;
        node[k] = given ? bl23_dd(0.0) : bl23_conformal(node_q2, t_plus, t_0);
        numerator[k] = given ? *at_zero : without_pole(decimal(value[k]), node_q2, pole);
    }
    dd sum = bl23_dd(0.0); /* Lagrange */
    for (int k = 0; k < 3; k++) {
        int const i = (k + 1) % 3, j = (k + 2) % 3;
        dd const weight = over(mul(sub(z, node[i]), sub(z, node[j])),
                               mul(sub(node[k], node[i]), sub(node[k], node[j])));
        sum = add(sum, mul(numerator[k], weight));
    }
    return with_pole(sum, q2, pole);
}

/* With Q+- = (M1 +- M2)^2 - m^2: k_V = sqrt(Q+ Q-) Q- [(M1 + M2)^2 f_+^2/m^2 + 2 f_perp^2] over
 * 64 pi M1^3 Gamma, and k_A the same with Q- -> Q+, M1 + M2 -> M1 - M2, f -> g. */
static struct bl23_current_rate lambda_c_to_proton(struct bl23_decay const *d, dd m)
{
    static char const *const f_plus[3] = {"0.719875870", "0.833221978", "1.064145098"};
    static char const *const f_perp[3] = {"1.234443932", "1.462890789", "1.854303372"};
    static char const *const g_perp[3] = {"0.638149869", "0.713354434", "0.830683186"};
    static char const *const g_plus[3] = {"0.636086919", "0.706017159", NULL};
    static char const f_pole[] = "2.010", g_pole[] = "2.423";
    dd const t_0 = square(sub(decimal(FIT_M_LC), decimal(FIT_M_N))); /* there z = 0 */
    dd const g_at_zero = without_pole(baryon_form_factor(t_0, g_perp, g_pole, NULL), t_0, g_pole);
    dd const q2 = square(m);
    dd const sum = square(add(d->parent_gev, d->daughter_gev));
    dd const difference = square(sub(d->parent_gev, d->daughter_gev));
    dd const q_plus = sub(sum, q2), q_minus = sub(difference, q2);
    dd const fp = square(baryon_form_factor(q2, f_plus, f_pole, NULL));
    dd const ft = square(baryon_form_factor(q2, f_perp, f_pole, NULL));
    dd const gp = square(baryon_form_factor(q2, g_plus, g_pole, &g_at_zero));
    dd const gt = square(baryon_form_factor(q2, g_perp, g_pole, NULL));
    dd const scale = over(bl23_dd_sqrt(mul(q_plus, q_minus)), bl23_decay_norm(d));
    dd const vector = mul(q_minus, add(over(mul(sum, fp), q2), times(2.0, ft)));
    dd const axial = mul(q_plus, add(over(mul(difference, gp), q2), times(2.0, gt)));
    return (struct bl23_current_rate){mul(scale, vector), mul(scale, axial)};
}

struct bl23_current_rate bl23_charm_rate(struct bl23_inputs const *in, enum bl23_mode mode, dd m)
{
    struct bl23_decay const d = bl23_rate_decay(in, mode);
    if (!bl23_dd_less(add(m, d.daughter_gev), d.parent_gev))
        return (struct bl23_current_rate){bl23_dd(0.0), bl23_dd(0.0)};
    if (mode == BL23_MODE_br_lc_p)
        return lambda_c_to_proton(&d, m);
    return mode <= BL23_MODE_br_ds_kp ? d_to_pseudoscalar(in, &d, m) : d_to_vector(in, &d, m);
}

/* Gamma = sqrt(lambda) g^2/(32 pi mt^3) {(|L|^2 + |R|^2) A - 12 mt mq Re(L R*)} with
 * A = mt^2 + mq^2 - 2 m^2 + (mt^2 - mq^2)^2/m^2; |L|^2 + |R|^2 = (|F_V|^2 + |F_A|^2)/2 and
 * Re(L R*) = (|F_V|^2 - |F_A|^2)/4. */
struct bl23_current_rate bl23_top_rate(struct bl23_inputs const *in, enum bl23_pair pair, dd m)
{
    dd const quark = pair == BL23_PAIR_UT ? in->m_u : in->m_c;
    dd const t2 = square(in->m_t), q2 = square(quark), m2 = square(m);
    dd const scale = over(bl23_dd_sqrt(bl23_triangle(in->m_t, quark, m)),
                          mul(times(32.0, bl23_dd_pi), mul(bl23_dd_pow(in->m_t, 3), in->gamma_t)));
    dd const a = add(sub(add(t2, q2), times(2.0, m2)), over(square(sub(t2, q2)), m2));
    dd const half = times(0.5, a), flip = times(3.0, mul(in->m_t, quark));
    return (struct bl23_current_rate){mul(scale, sub(half, flip)), mul(scale, add(half, flip))};
}

struct bl23_mixing bl23_d0_mixing(struct bl23_inputs const *in, dd m)
{
    dd const m2 = square(m), c2 = square(in->mc3), d = sub(m2, c2);
    dd const annihilation = over(mul(square(in->f_d), in->m_d0), times(8.0, m2));
    dd const exchange = over(d, add(square(d), square(square(in->smear_w))));
    dd const ratio = over(c2, m2);
    dd const third_o5 = over(in->o5, bl23_dd(3.0)), third_o4 = over(in->o4, bl23_dd(3.0));
    dd const s4 = times(1.125, sub(in->o4, third_o5)), t4 = times(1.125, sub(in->o5, third_o4));
    dd const t1 = times(0.25, in->o1);
    dd const t2 = times(0.125, sub(times(3.0, in->o3), in->o2));
    dd const t3 = over(times(-2.0, s4), bl23_dd(3.0)), t4_third = over(t4, bl23_dd(3.0));
    dd const same = over(mul(exchange, add(t1, mul(t2, ratio))), times(4.0, in->m_d0));
    dd const crossed = over(mul(exchange, add(t3, mul(t4_third, ratio))), times(2.0, in->m_d0));
    return (struct bl23_mixing){add(annihilation, same), sub(crossed, times(2.0, annihilation))};
}

struct bl23_ddc bl23_left_coupling(struct bl23_ckm const *ckm, enum bl23_pair pair)
{
    struct bl23_ddc const product = bl23_ddc_mul(
        ckm->element[bl23_pairs[pair][0]][0], bl23_ddc_conj(ckm->element[bl23_pairs[pair][1]][0]));
    dd const minus_three = bl23_dd(-3.0);
    return (struct bl23_ddc){over(product.re, minus_three), over(product.im, minus_three)};
}

void bl23_current_rows(struct bl23_ckm const *ckm, enum bl23_pair pair,
                       struct bl23_dd rows[4][BL23_MONOMIALS])
{
    struct bl23_ddc const left = bl23_left_coupling(ckm, pair);
    dd const third = over(bl23_dd(1.0), bl23_dd(3.0));
    for (int r = 0; r < 4; r++)
        for (int k = 0; k < BL23_MONOMIALS; k++)
            rows[r][k] = bl23_dd(0.0);
    for (int r = 0; r < 4; r++) {
        dd const part = r % 2 == 0 ? left.re : left.im;
        for (int k = 0; k < 3; k++) /* times |w_1|^2 + |w_2|^2 + |w_3|^2 = 1 */
            rows[r][k] = r < 2 ? part : bl23_dd_neg(part);
        rows[r][3 + 2 * (int)pair + r % 2] = bl23_dd_neg(third);
    }
}

/* delta H_ds = -16 pi^2 sqrt2 G_F Re(V_ud* V_us) F_pi^2 g8 [X + c_L - c_R]/f_+(m^2) with
 * X = (mK^2 + mpi^2)/(mK^2 - mpi^2)/3, c_L = (1 - |V_ud|^2)/3 and c_R = (1 - |w_1|^2)/3. */
void bl23_long_distance_row(struct bl23_inputs const *in, struct bl23_ckm const *ckm, dd m,
                            struct bl23_dd row[BL23_MONOMIALS])
{
    struct bl23_ddc const v_ud = ckm->element[0][0];
    struct bl23_ddc const v = bl23_ddc_mul(bl23_ddc_conj(v_ud), ckm->element[0][1]);
    dd const v_ud2 = add(square(v_ud.re), square(v_ud.im)), three = bl23_dd(3.0);
    dd const k2 = square(in->m_kp), pi2 = square(in->m_pip);
    dd const x = over(over(add(k2, pi2), sub(k2, pi2)), three);
    dd scale = mul(times(-16.0, square(bl23_dd_pi)), bl23_dd_sqrt(bl23_dd(2.0)));
    scale = mul(mul(scale, in->g_f), mul(v.re, mul(square(in->f_pi), in->g8)));
    scale = over(scale, bl23_rate_kaon_form_factor(in, BL23_MODE_br_kp_pip, square(m)));
    dd const rest = sub(x, over(v_ud2, three));
    for (int k = 0; k < BL23_MONOMIALS; k++)
        row[k] = k < 3 ? mul(scale, rest) : bl23_dd(0.0);
    row[0] = mul(scale, add(rest, over(bl23_dd(1.0), three)));
}

/* With L = (F_V - F_A)/2 and R = (F_V + F_A)/2: a (L^2 + R^2) + b L R
 * = (a/2 + b/4) F_V^2 + (a/2 - b/4) F_A^2. */
static void mixing_weights(struct bl23_inputs const *in, dd m, double weight[2])
{
    struct bl23_mixing const mixing = bl23_d0_mixing(in, m);
    dd const half = times(0.5, mixing.a), quarter = times(0.25, mixing.b);
    dd const to_x12 = over(times(2.0, in->norm_m12), in->gamma_d0);
    weight[0] = bl23_dd_round(mul(add(half, quarter), to_x12));
    weight[1] = bl23_dd_round(mul(sub(half, quarter), to_x12));
}

static void store(struct bl23_current_rate rate, double weight[2])
{
    weight[0] = bl23_dd_round(rate.vector);
    weight[1] = bl23_dd_round(rate.axial);
}

static double is_open(double const weight[2])
{
    return weight[0] > 0.0 || weight[1] > 0.0 ? 1.0 : 0.0;
}

void bl23_charm_forms(struct bl23_ckm const *ckm, double form[BL23_FORMS][BL23_MONOMIALS])
{
    static int const first[BL23_PAIRS] = {BL23_FORM_UC, BL23_FORM_UT, BL23_FORM_CT};
    for (int pair = 0; pair < BL23_PAIRS; pair++) {
        dd rows[4][BL23_MONOMIALS];
        bl23_current_rows(ckm, (enum bl23_pair)pair, rows);
        for (int r = 0; r < 4; r++)
            for (int k = 0; k < BL23_MONOMIALS; k++)
                form[first[pair] + r][k] = bl23_dd_round(rows[r][k]);
    }
}

void bl23_charm_factors(struct bl23_inputs const *in, dd m, double kappa[BL23_MODES],
                        double weight[BL23_WEIGHTS])
{
    static struct {
        enum bl23_mode mode;
        enum bl23_weight first;
    } const weighted[] = {{BL23_MODE_br_dp_rhop, BL23_WEIGHT_DP_RHOP},
                          {BL23_MODE_br_d0_rho0, BL23_WEIGHT_D0_RHO0},
                          {BL23_MODE_br_d0_omega, BL23_WEIGHT_D0_OMEGA},
                          {BL23_MODE_br_lc_p, BL23_WEIGHT_LC_P}};
    for (int mode = BL23_MODE_br_dp_pip; mode <= BL23_MODE_br_ds_kp; mode++)
        kappa[mode] = bl23_dd_round(bl23_charm_rate(in, (enum bl23_mode)mode, m).vector);
    for (size_t k = 0; k < sizeof weighted / sizeof weighted[0]; k++) {
        double *const w = &weight[weighted[k].first];
        store(bl23_charm_rate(in, weighted[k].mode, m), w);
        kappa[weighted[k].mode] = is_open(w);
    }
    struct bl23_current_rate const pi = bl23_charm_rate(in, BL23_MODE_br_dp_pip, m);
    struct bl23_current_rate const rho = bl23_charm_rate(in, BL23_MODE_br_dp_rhop, m);
    store((struct bl23_current_rate){add(pi.vector, rho.vector), rho.axial},
          &weight[BL23_WEIGHT_DP_KNOWN]);
    store(bl23_top_rate(in, BL23_PAIR_UT, m), &weight[BL23_WEIGHT_T_U]);
    store(bl23_top_rate(in, BL23_PAIR_CT, m), &weight[BL23_WEIGHT_T_C]);
    kappa[BL23_MODE_br_dp_known] = is_open(&weight[BL23_WEIGHT_DP_KNOWN]);
    kappa[BL23_MODE_br_t_u] = kappa[BL23_MODE_br_t_c] = kappa[BL23_MODE_br_t_q] = 1.0;
    mixing_weights(in, m, &weight[BL23_WEIGHT_MIXING]);
    kappa[BL23_MODE_x12] = kappa[BL23_MODE_x12_im] = 1.0;
}

static double applied(dd const row[BL23_MONOMIALS], double const monomial[BL23_MONOMIALS])
{
    dd sum = bl23_dd(0.0);
    for (int k = 0; k < BL23_MONOMIALS; k++)
        sum = add(sum, times(monomial[k], row[k]));
    return bl23_dd_round(sum);
}

void bl23_tree_values(struct bl23_inputs const *in, struct bl23_record const *record,
                      struct bl23_knot const *knot, double const monomial[BL23_MONOMIALS],
                      double value[BL23_TREE_VALUES])
{
    double const g = record->value[BL23_COLUMN_g_bl],
                 half_width = 0.5 * bl23_dd_round(in->gamma_d0);
    double const top_width = bl23_dd_round(in->gamma_t);
    double const *const f = &record->value[BL23_COLUMN_f_v_re];
    dd const m = bl23_dd(knot->mass_gev);
    value[BL23_TREE_m12_re] =
        half_width * (g * g) * bl23_mixing_re(f, knot->weight + BL23_WEIGHT_MIXING);
    value[BL23_TREE_m12_im] = half_width * record->value[BL23_COLUMN_x12_im];
    value[BL23_TREE_gamma_t_u] = top_width * record->value[BL23_COLUMN_br_t_u];
    value[BL23_TREE_gamma_t_c] = top_width * record->value[BL23_COLUMN_br_t_c];
    struct bl23_lepton_widths const w = bl23_rate_lepton_widths(in, m);
    value[BL23_TREE_gamma_nunu] = g * g * bl23_dd_round(w.nunu);
    value[BL23_TREE_gamma_mumu] = g * g * bl23_dd_round(w.mumu);
    value[BL23_TREE_gamma_tautau] = g * g * bl23_dd_round(w.tautau);
    value[BL23_TREE_br_inv] = bl23_dd_round(over(w.nunu, add(w.nunu, add(w.mumu, w.tautau))));
    struct bl23_ckm ckm;
    dd row[BL23_MONOMIALS];
    bl23_ckm_build(in, &ckm);
    bl23_long_distance_row(in, &ckm, m, row);
    value[BL23_TREE_h_ds_ld] = applied(row, monomial);
}
