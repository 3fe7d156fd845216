/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/physics/ckm.h"

static struct bl23_dd cosine(struct bl23_dd sine)
{
    return bl23_dd_sqrt(bl23_dd_sub(bl23_dd(1.0), bl23_dd_sqr(sine)));
}

static struct bl23_ddc real(struct bl23_dd x)
{
    return (struct bl23_ddc){x, bl23_dd(0.0)};
}

/* s13 e^{i delta} = A l^3 (rb + i eb) sqrt(1 - A^2 l^4) / (sqrt(1 - l^2) [1 - A^2 l^4 (rb + i eb)])
 */
static struct bl23_ddc sine_13(struct bl23_inputs const *in, struct bl23_dd s23)
{
    struct bl23_dd const lambda = in->ckm_lambda;
    struct bl23_ddc const apex = {in->ckm_rhobar, in->ckm_etabar};
    struct bl23_ddc const bracket =
        bl23_ddc_sub(real(bl23_dd(1.0)), bl23_ddc_scale(apex, bl23_dd_sqr(s23)));
    struct bl23_dd const norm = bl23_dd_add(bl23_dd_sqr(bracket.re), bl23_dd_sqr(bracket.im));
    struct bl23_dd const scale = bl23_dd_div(bl23_dd_mul(bl23_dd_mul(s23, lambda), cosine(s23)),
                                             bl23_dd_mul(cosine(lambda), norm));
    return bl23_ddc_scale(bl23_ddc_mul(apex, bl23_ddc_conj(bracket)), scale);
}

/* -a - b z, the shape of the elements with two terms. */
static struct bl23_ddc minus_sum(struct bl23_dd a, struct bl23_dd b, struct bl23_ddc z)
{
    struct bl23_ddc const sum = bl23_ddc_add(real(a), bl23_ddc_scale(z, b));
    return (struct bl23_ddc){bl23_dd_neg(sum.re), bl23_dd_neg(sum.im)};
}

void bl23_ckm_build(struct bl23_inputs const *in, struct bl23_ckm *ckm)
{
    struct bl23_dd const s12 = in->ckm_lambda;
    struct bl23_dd const s23 = bl23_dd_mul(in->ckm_a, bl23_dd_sqr(s12));
    struct bl23_ddc const z = sine_13(in, s23); /* s13 e^{i delta} */
    struct bl23_dd const c12 = cosine(s12), c23 = cosine(s23);
    struct bl23_dd const c13 =
        bl23_dd_sqrt(bl23_dd_sub(bl23_dd(1.0), bl23_dd_add(bl23_dd_sqr(z.re), bl23_dd_sqr(z.im))));
    struct bl23_dd const s12c23 = bl23_dd_mul(s12, c23), c12s23 = bl23_dd_mul(c12, s23);
    struct bl23_dd const c12c23 = bl23_dd_mul(c12, c23), s12s23 = bl23_dd_mul(s12, s23);

    ckm->element[0][0] = real(bl23_dd_mul(c12, c13));
    ckm->element[0][1] = real(bl23_dd_mul(s12, c13));
    ckm->element[0][2] = bl23_ddc_conj(z);
    ckm->element[1][0] = minus_sum(s12c23, c12s23, z);
    ckm->element[1][1] = minus_sum(bl23_dd_neg(c12c23), s12s23, z);
    ckm->element[1][2] = real(bl23_dd_mul(s23, c13));
    ckm->element[2][0] = minus_sum(bl23_dd_neg(s12s23), c12c23, z);
    ckm->element[2][1] = minus_sum(c12s23, s12c23, z);
    ckm->element[2][2] = real(bl23_dd_mul(c23, c13));
}
