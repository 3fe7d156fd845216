/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/acceptance.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Quantile of the beta distribution by bisection: GSL's own inversion does not converge for counts
 * of a survey's size, and its distribution function only fails close to the mean, at 1/2. */
static double beta_quantile(double p, double a, double b)
{
    double low = 0.0, high = 1.0;
    for (int k = 0; k < 200 && high - low > 1e-15 * high; k++) {
        double const middle = 0.5 * (low + high);
        double const value = gsl_cdf_beta_P(middle, a, b);
        if ((isnan(value) ? 0.5 : value) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

void bl23_acceptance_interval(uint64_t passed, uint64_t drawn, double outside, double *low,
                              double *high)
{
    double const k = (double)passed, n = (double)drawn;
    *low = passed == 0 ? 0.0 : beta_quantile(outside, k, n - k + 1.0);
    *high = passed == drawn ? 1.0 : beta_quantile(1.0 - outside, k + 1.0, n - k);
}
