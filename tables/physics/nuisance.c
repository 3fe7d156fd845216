/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/physics/nuisance.h"

#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "kernels/sample/philox.h"

/* The block of Philox, of the number of a dimension, whose first word shifts the digits of its
 * Sobol numbers. No sample uses it. */
enum { SHIFT_BLOCK = 4, SOBOL_BITS = 30, WORD_BITS = 32 };

static struct {
    size_t offset;
    char const *error[2];
} const errors[] = {
#define ROW(name, first, second) {offsetof(struct bl23_inputs, name), {first, second}},
    BL23_ERROR_LIST(ROW)
#undef ROW
};

void bl23_vary_default(struct bl23_inputs const *inputs, struct bl23_vary *vary)
{
    bool const newer[2] = {strcmp(inputs->preset, "pdg2018") != 0,
                           inputs->form_factors != BL23_FORM_FACTORS_bz2004};
    memset(vary, 0, sizeof *vary);
    for (size_t row = 0; row < bl23_n_input_rows; row++)
        for (size_t k = 0; k < sizeof errors / sizeof errors[0]; k++)
            if (bl23_input_rows[row].offset == errors[k].offset)
                vary->item[vary->n++] = (struct bl23_varied){
                    row, bl23_dd_parse(errors[k].error[newer[bl23_input_rows[row].factor]], NULL)};
}

enum bl23_status bl23_vary_add(struct bl23_vary *vary, size_t row, struct bl23_dd error,
                               struct bl23_error *message)
{
    size_t at = 0;
    while (at < vary->n && vary->item[at].row < row)
        at++;
    if (at < vary->n && vary->item[at].row == row)
        return bl23_fail(message, BL23_ERROR_CONFIG, "%s has two errors; give it one",
                         bl23_input_rows[row].name);
    if (vary->n == BL23_VARIED_MAX)
        return bl23_fail(message, BL23_ERROR_CONFIG, "at most %d inputs can vary", BL23_VARIED_MAX);
    memmove(&vary->item[at + 1], &vary->item[at], (vary->n - at) * sizeof vary->item[0]);
    vary->item[at] = (struct bl23_varied){row, error};
    vary->n++;
    return BL23_OK;
}

/* The normal distribution's probability of more than 0 and less than z,
 * density sum_k z^(2k+1)/(1 3 5 ... (2k+1)), all of one sign. */
static struct bl23_dd normal_area(struct bl23_dd z, struct bl23_dd density)
{
    struct bl23_dd const z2 = bl23_dd_sqr(z);
    struct bl23_dd term = z, sum = z;
    for (double odd = 3.0; term.hi > 0x1p-104 * sum.hi; odd += 2.0) {
        term = bl23_dd_div(bl23_dd_mul(term, z2), bl23_dd(odd));
        sum = bl23_dd_add(sum, term);
    }
    return bl23_dd_mul(sum, density);
}

static struct bl23_dd normal_density(struct bl23_dd z)
{
    struct bl23_dd const scale = bl23_dd_sqrt(bl23_dd_mul_d(bl23_dd_pi, 2.0));
    return bl23_dd_div(bl23_dd_exp(bl23_dd_mul_d(bl23_dd_sqr(z), -0.5)), scale);
}

/* Newton's steps from 0 come from below only, because the area is concave. */
double bl23_normal_quantile(double p)
{
    struct bl23_dd const half = bl23_dd_sub(bl23_dd(p), bl23_dd(0.5));
    struct bl23_dd const area = bl23_dd_abs(half);
    struct bl23_dd z = bl23_dd(0.0), step = bl23_dd(1.0);
    for (int k = 0; k < 100 && step.hi > 0x1p-60 * z.hi && area.hi > 0.0; k++) {
        struct bl23_dd const density = normal_density(z);
        step = bl23_dd_div(bl23_dd_sub(area, normal_area(z, density)), density);
        z = bl23_dd_add(z, step);
    }
    return half.hi < 0.0 ? -bl23_dd_round(z) : bl23_dd_round(z);
}

/* L with L L^T = correlations, row by row in place of them. */
static enum bl23_status cholesky(struct bl23_vary const *vary,
                                 double factor[BL23_VARIED_MAX][BL23_VARIED_MAX],
                                 struct bl23_error *error)
{
    for (size_t i = 0; i < vary->n; i++)
        for (size_t j = 0; j <= i; j++) {
            double sum = i == j ? 1.0 : vary->correlation[i][j];
            for (size_t k = 0; k < j; k++)
                sum -= factor[i][k] * factor[j][k];
            if (i == j && !(sum > 1e-12))
                return bl23_fail(error, BL23_ERROR_CONFIG,
                                 "correlations: those of %s and other inputs contradict each other "
                                 "(the matrix is not positive definite); make them smaller",
                                 bl23_input_rows[vary->item[i].row].name);
            factor[i][j] = i == j ? sqrt(sum) : sum / factor[j][j];
        }
    return BL23_OK;
}

/* Of the central inputs, z errors away. */
static struct bl23_dd moved(struct bl23_inputs const *central, struct bl23_varied const *item,
                            struct bl23_dd z)
{
    struct bl23_dd const value = bl23_inputs_get(central, item->row);
    struct bl23_dd const change = bl23_dd_mul(item->error, z);
    return bl23_input_rows[item->row].factor ? bl23_dd_mul(value, bl23_dd_exp(change))
                                             : bl23_dd_add(value, change);
}

struct bl23_vary bl23_vary_without_factors(struct bl23_vary const *vary)
{
    struct bl23_vary rest = {0};
    size_t from[BL23_VARIED_MAX];
    for (size_t k = 0; k < vary->n; k++)
        if (!bl23_input_rows[vary->item[k].row].factor) {
            from[rest.n] = k;
            rest.item[rest.n++] = vary->item[k];
        }
    for (size_t i = 0; i < rest.n; i++)
        for (size_t j = 0; j < i; j++)
            rest.correlation[i][j] = vary->correlation[from[i]][from[j]];
    return rest;
}

struct bl23_inputs bl23_inputs_with_factors(struct bl23_inputs const *central,
                                            struct bl23_vary const *vary, struct bl23_dd sigmas)
{
    struct bl23_inputs inputs = *central;
    for (size_t k = 0; k < vary->n; k++)
        if (bl23_input_rows[vary->item[k].row].factor)
            bl23_inputs_put(&inputs, vary->item[k].row, moved(central, &vary->item[k], sigmas));
    return inputs;
}

/* The inputs at the normal numbers z, independent of each other. */
static enum bl23_status draw_one(struct bl23_inputs const *central, struct bl23_vary const *vary,
                                 double factor[BL23_VARIED_MAX][BL23_VARIED_MAX], double const *z,
                                 size_t number, struct bl23_inputs *draw, struct bl23_error *error)
{
    *draw = *central;
    for (size_t i = 0; i < vary->n; i++) {
        struct bl23_input_row const *const row = &bl23_input_rows[vary->item[i].row];
        double sum = 0.0;
        for (size_t j = 0; j <= i; j++)
            sum += factor[i][j] * z[j];
        struct bl23_dd const exact = moved(central, &vary->item[i], bl23_dd(sum));
        struct bl23_dd const value = bl23_dd_shortest(bl23_dd(bl23_dd_round(exact)));
        if (!(value.hi >= bl23_dd_parse(row->smallest, NULL).hi &&
              value.hi <= bl23_dd_parse(row->largest, NULL).hi))
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "draw %zu of the inputs has %s = %.9g, outside %s to %s; give it a "
                             "smaller error, or take fewer draws",
                             number, row->name, value.hi, row->smallest, row->largest);
        bl23_inputs_put(draw, vary->item[i].row, value);
    }
    return BL23_OK;
}

/* The points 1 to n - 1 of the sequence, as normal numbers. */
static enum bl23_status draw_all(struct bl23_inputs const *central, struct bl23_vary const *vary,
                                 double factor[BL23_VARIED_MAX][BL23_VARIED_MAX], uint64_t seed,
                                 size_t n, gsl_qrng *sobol, struct bl23_inputs *set,
                                 struct bl23_error *error)
{
    set[0] = *central;
    for (size_t b = 1; b < n; b++) {
        double point[BL23_VARIED_MAX], z[BL23_VARIED_MAX];
        gsl_qrng_get(sobol, point);
        for (size_t i = 0; i < vary->n; i++) {
            uint32_t const digits = (uint32_t)(point[i] * (1 << SOBOL_BITS))
                                    << (WORD_BITS - SOBOL_BITS);
            uint32_t const shift = bl23_sample_words(seed, i, SHIFT_BLOCK).x[0];
            z[i] = bl23_normal_quantile(((double)(digits ^ shift) + 0.5) * 0x1p-32);
        }
        BL23_TRY(draw_one(central, vary, factor, z, b, &set[b], error));
    }
    return BL23_OK;
}

enum bl23_status bl23_inputs_draw(struct bl23_inputs const *central, struct bl23_vary const *vary,
                                  uint64_t seed, size_t n, struct bl23_inputs **draw,
                                  struct bl23_error *error)
{
    double factor[BL23_VARIED_MAX][BL23_VARIED_MAX] = {{0.0}};
    BL23_TRY(cholesky(vary, factor, error));
    struct bl23_inputs *const set = calloc(n, sizeof *set);
    gsl_qrng *const sobol = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)vary->n);
    enum bl23_status status;
    if (set && sobol)
        status = draw_all(central, vary, factor, seed, n, sobol, set, error);
    else
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    if (sobol)
        gsl_qrng_free(sobol);
    if (status == BL23_OK)
        *draw = set;
    else
        free(set);
    return status;
}
