/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/physics/loop_tables.h"

#include "tables/base/monomials.h"
#include "tables/physics/passarino_veltman.h"

/* Down-type quarks (a, b) of the channels ds, db, sb. */
static int const channel_quarks[BL23_CHANNELS][2] = {{0, 1}, {0, 2}, {1, 2}};

static struct bl23_ddc const zero = {{0.0, 0.0}, {0.0, 0.0}};

static struct bl23_ddc third(struct bl23_ddc z)
{
    struct bl23_dd const three = bl23_dd(3.0);
    return (struct bl23_ddc){bl23_dd_div(z.re, three), bl23_dd_div(z.im, three)};
}

/* V*_ia V_jb */
static struct bl23_ddc pair(struct bl23_ckm const *ckm, int i, int a, int j, int b)
{
    return bl23_ddc_mul(bl23_ddc_conj(ckm->element[i][a]), ckm->element[j][b]);
}

void bl23_loop_context_build(struct bl23_inputs const *in, double mu2_gev2,
                             struct bl23_loop_context *context)
{
    struct bl23_ckm ckm;
    bl23_ckm_build(in, &ckm);
    /* g2^2 = 4 pi alpha / sin^2 theta_W */
    struct bl23_dd const g2_squared = bl23_dd_div(bl23_dd_mul_d(bl23_dd_pi, 4.0),
                                                  bl23_dd_mul(in->alpha_inverse, in->sin2_theta_w));
    context->mass_gev[0] = in->m_u;
    context->mass_gev[1] = in->m_c;
    context->mass_gev[2] = in->m_t;
    context->mass_w_gev = in->m_w;
    context->log_mu2 = bl23_dd_log(bl23_dd(mu2_gev2));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            for (int x = 0; x < BL23_CHANNELS; x++)
                context->vertex[x][i][j] =
                    bl23_ddc_scale(pair(&ckm, i, channel_quarks[x][0], j, channel_quarks[x][1]),
                                   bl23_dd_neg(g2_squared));
            struct bl23_ddc const delta = {bl23_dd(i == j ? 1.0 : 0.0), bl23_dd(0.0)};
            context->left[i][j] = third(bl23_ddc_sub(delta, pair(&ckm, j, 0, i, 0)));
        }
}

/* Loop functions of all pairs at one mass. */
struct loop_functions {
    struct bl23_ddc s[3][3];       /* S_ij at the context's mu^2 */
    struct bl23_ddc s_minus[3][3]; /* S_ij - Re S_uu: what survives the unitarity of V */
    struct bl23_ddc mass_c0[3][3]; /* mi mj C0_ij */
    double error[3][3];            /* bound on the errors of s and mass_c0 */
};

static enum bl23_status functions_compute(struct bl23_loop_context const *context,
                                          struct bl23_dd mass, struct loop_functions *f)
{
    struct bl23_dd common = bl23_dd(0.0);
    struct bl23_dd const shift = bl23_dd_mul_d(context->log_mu2, -0.5);
    for (int i = 0; i < 3; i++)
        for (int j = i; j < 3; j++) {
            struct bl23_pv_masses const masses = {context->mass_gev[i], context->mass_gev[j],
                                                  context->mass_w_gev, mass};
            struct bl23_pv pv;
            enum bl23_status const status = bl23_pv_compute(&masses, &pv);
            if (status != BL23_OK)
                return status;
            if (i == 0 && j == 0)
                common = pv.s.re;
            struct bl23_dd const mm = bl23_dd_mul(context->mass_gev[i], context->mass_gev[j]);
            f->s[i][j] = f->s_minus[i][j] = pv.s;
            f->s[i][j].re = bl23_dd_add(pv.s.re, shift);
            f->s_minus[i][j].re = bl23_dd_sub(pv.s.re, common);
            f->mass_c0[i][j] = bl23_ddc_scale(pv.c0, mm);
            f->error[i][j] =
                pv.s_re_error + pv.s_im_error + mm.hi * (pv.c0_re_error + pv.c0_im_error);
            f->s[j][i] = f->s[i][j];
            f->s_minus[j][i] = f->s_minus[i][j];
            f->mass_c0[j][i] = f->mass_c0[i][j];
            f->error[j][i] = f->error[i][j];
        }
    return BL23_OK;
}

/* One channel in double-doubles. */
struct channel_table {
    struct bl23_ddc left[3][3], right[3][3], a, left_diagonal, right_diagonal;
    double error; /* bound on the error of any sum of its elements */
};

static void channel_compute(struct bl23_loop_context const *context, struct loop_functions const *f,
                            int x, struct channel_table *t)
{
    t->a = t->left_diagonal = t->right_diagonal = zero;
    t->error = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            struct bl23_ddc const vertex = context->vertex[x][i][j];
            t->left[i][j] = bl23_ddc_mul(vertex, f->s[i][j]);
            t->right[i][j] = bl23_ddc_mul(vertex, f->mass_c0[i][j]);
            t->a = bl23_ddc_add(
                t->a, bl23_ddc_mul(bl23_ddc_mul(vertex, f->s_minus[i][j]), context->left[i][j]));
            t->error += 2.0 * (fabs(vertex.re.hi) + fabs(vertex.im.hi)) * f->error[i][j];
        }
    for (int i = 0; i < 3; i++) {
        t->left_diagonal = bl23_ddc_add(t->left_diagonal, t->left[i][i]);
        t->right_diagonal = bl23_ddc_add(t->right_diagonal, t->right[i][i]);
    }
}

/* H = A + tr(C_R)/3 - (1/3) sum w*_i C_R,ij w_j as coefficients of the nine monomials. With
 * z = w*_i w_j, i < j: C_ij z + C_ji z* = (C_ij + C_ji) Re z + i (C_ij - C_ji) Im z. */
static void form_rows(struct channel_table const *t, struct bl23_dd re[BL23_MONOMIALS],
                      struct bl23_dd im[BL23_MONOMIALS])
{
    struct bl23_ddc const constant = bl23_ddc_add(t->a, third(t->right_diagonal));
    for (int i = 0; i < 3; i++) {
        struct bl23_ddc const h = bl23_ddc_sub(constant, third(t->right[i][i]));
        re[i] = h.re;
        im[i] = h.im;
    }
    for (int p = 0; p < 3; p++) {
        struct bl23_ddc const c = third(t->right[bl23_pairs[p][0]][bl23_pairs[p][1]]);
        struct bl23_ddc const d = third(t->right[bl23_pairs[p][1]][bl23_pairs[p][0]]);
        struct bl23_ddc const sum = bl23_ddc_add(c, d), difference = bl23_ddc_sub(c, d);
        re[3 + 2 * p] = bl23_dd_neg(sum.re);
        im[3 + 2 * p] = bl23_dd_neg(sum.im);
        re[4 + 2 * p] = difference.im;
        im[4 + 2 * p] = bl23_dd_neg(difference.re);
    }
}

static double store_row(struct bl23_dd const *exact, double error, double *row)
{
    double rounding = 0.0;
    for (int k = 0; k < BL23_MONOMIALS; k++) {
        row[k] = bl23_dd_round(exact[k]);
        rounding = fmax(rounding, 0x1p-53 * fabs(row[k]));
    }
    return error + rounding;
}

static void store_complex(struct bl23_ddc z, double out[2])
{
    out[0] = bl23_dd_round(z.re);
    out[1] = bl23_dd_round(z.im);
}

static void channel_store(struct channel_table const *t, int x, struct bl23_loop_table *table)
{
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            store_complex(t->left[i][j], table->c_left[x][i][j]);
            store_complex(t->right[i][j], table->c_right[x][i][j]);
        }
    store_complex(t->a, table->a[x]);
    store_complex(t->left_diagonal, table->left_diagonal[x]);
    store_complex(t->right_diagonal, table->right_diagonal[x]);
    struct bl23_dd re[BL23_MONOMIALS], im[BL23_MONOMIALS];
    form_rows(t, re, im);
    table->form_error[2 * x] = store_row(re, t->error, table->form[2 * x]);
    table->form_error[2 * x + 1] = store_row(im, t->error, table->form[2 * x + 1]);
}

BL23_FMA_COPY enum bl23_status bl23_loop_table_compute(struct bl23_loop_context const *context,
                                                       struct bl23_dd mass_gev,
                                                       struct bl23_loop_table *table)
{
    struct loop_functions functions;
    enum bl23_status const status = functions_compute(context, mass_gev, &functions);
    if (status != BL23_OK)
        return status;
    table->mass_gev = bl23_dd_round(mass_gev);
    for (int x = 0; x < BL23_CHANNELS; x++) {
        struct channel_table channel;
        channel_compute(context, &functions, x, &channel);
        channel_store(&channel, x, table);
    }
    return BL23_OK;
}
