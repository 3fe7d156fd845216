/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/physics/pv_quadrature.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdbool.h>

/* D(x, y) = (1-x-y) mW^2 + x mi^2 + y mj^2 - x y q^2 = L(y) - x G(y): the inner integral over x is
 * elementary, the outer one over y is left to GSL, with the zeros of E(y) = D(1-y, y) as its
 * break points. */
struct integrand {
    double mi2, mj2, mw2, q2;
    int function; /* 0: C0, 1: S */
    int part;     /* 0: real, 1: imaginary */
};

enum { INTERVALS = 2000 };

static double e_of(struct integrand const *f, double y)
{
    return (1.0 - y) * f->mi2 + y * f->mj2 - y * (1.0 - y) * f->q2;
}

static double value(double y, void *context)
{
    struct integrand const *const f = context;
    double const e = e_of(f, y), l = f->mw2 * (1.0 - y) + f->mj2 * y;
    double const g = f->mw2 - f->mi2 + f->q2 * y;
    double const log_e = f->part == 0 ? log(fabs(e)) : (e < 0.0 ? -M_PI : 0.0);
    double const log_l = f->part == 0 ? log(l) : 0.0;
    double const real = f->part == 0 ? 1.0 : 0.0;
    if (!isfinite(log_e)) /* a node on a zero of E: the logarithm is integrable */
        return 0.0;
    if (f->function == 0)
        return (log_e - log_l) / g;
    return (l * log_l - e * log_e) / g - real * (1.0 - y) -
           f->q2 * (1.0 - y) * (real * (1.0 - y) + (g - l) * (log_l - log_e) / g) / g;
}

/* Where the logarithm of E is singular or steepest in (0, 1): its two zeros above threshold, else
 * its minimum, on which a double zero lies at threshold. Returns how many. */
static int break_points(struct integrand const *f, double *y, bool *above)
{
    double const b = f->mj2 - f->mi2 - f->q2;
    double const sum = sqrt(f->mi2) + sqrt(f->mj2);
    *above = f->q2 > sum * sum;
    if (!*above) {
        y[0] = -0.5 * b / f->q2;
        return f->q2 > 0.0 && y[0] > 0.0 && y[0] < 1.0;
    }
    double const root = sqrt(fmax(b * b - 4.0 * f->q2 * f->mi2, 0.0));
    double const q = 0.5 * (root - b);
    y[0] = f->mi2 / q;
    y[1] = q / f->q2;
    return 2;
}

static enum bl23_status integrate(struct integrand f, gsl_integration_workspace *workspace,
                                  double *result, double *error)
{
    gsl_function const function = {value, &f};
    double points[4] = {0.0};
    bool above;
    int const n = break_points(&f, points + 1, &above);
    *result = *error = 0.0;
    if (f.part == 1 && !above)
        return BL23_OK;
    double const tolerance = 1e-13;
    int status;
    if (f.part == 1) {
        status = gsl_integration_qags(&function, points[1], points[2], 0.0, tolerance, INTERVALS,
                                      workspace, result, error);
    } else {
        points[n + 1] = 1.0;
        status = gsl_integration_qagp(&function, points, (size_t)n + 2, 0.0, tolerance, INTERVALS,
                                      workspace, result, error);
    }
    bool const usable = status == GSL_SUCCESS || status == GSL_EROUND || status == GSL_ESING;
    return usable ? BL23_OK : BL23_ERROR_FAILED;
}

enum bl23_status bl23_pv_quadrature_compute(double mass_i_gev, double mass_j_gev, double mass_w_gev,
                                            double q_gev, struct bl23_pv_quadrature *out)
{
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(INTERVALS);
    if (!workspace)
        return BL23_ERROR_MEMORY;
    double const lighter = fmin(mass_i_gev, mass_j_gev), heavier = fmax(mass_i_gev, mass_j_gev);
    struct integrand f = {
        heavier * heavier, lighter * lighter, mass_w_gev * mass_w_gev, q_gev * q_gev, 0, 0};
    double *const results[4] = {&out->c0_re, &out->c0_im, &out->s_re, &out->s_im};
    double *const errors[4] = {&out->c0_re_error, &out->c0_im_error, &out->s_re_error,
                               &out->s_im_error};
    enum bl23_status status = BL23_OK;
    for (int k = 0; status == BL23_OK && k < 4; k++) {
        f.function = k / 2;
        f.part = k % 2;
        status = integrate(f, workspace, results[k], errors[k]);
    }
    gsl_integration_workspace_free(workspace);
    return status;
}
