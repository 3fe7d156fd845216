/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/limits/curve.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "kernels/sample/error.h"
#include "tables/base/csv_reader.h"

enum bl23_status bl23_curve_reserve(char const *where, size_t rows, struct bl23_curve *c,
                                    struct bl23_error *error)
{
    *c = (struct bl23_curve){0};
    if (rows < 1 || rows > BL23_CURVE_ROWS_MAX)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s: a curve must have from 1 to %d rows (got %zu)", where,
                         BL23_CURVE_ROWS_MAX, rows);
    c->mass_gev = calloc(rows, sizeof *c->mass_gev);
    c->log_upper = calloc(rows, sizeof *c->log_upper);
    c->upper = calloc(rows, sizeof *c->upper);
    c->window = calloc(rows, sizeof *c->window);
    c->best_fit = calloc(rows, sizeof *c->best_fit);
    c->log_above = calloc(rows, sizeof *c->log_above);
    if (c->mass_gev && c->log_upper && c->upper && c->window && c->best_fit && c->log_above)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", where);
}

/* The best fit of row k, below its limit; every row has one, or none. */
static enum bl23_status add_best_fit(char const *name, size_t line, struct bl23_dd const *best_fit,
                                     struct bl23_dd upper, struct bl23_curve *c,
                                     struct bl23_error *error)
{
    size_t const k = c->size;
    if (k > 0 && c->has_best_fit != (best_fit != NULL))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: every row must have a best fit, or none", name, line);
    c->has_best_fit = best_fit != NULL;
    if (!best_fit)
        return BL23_OK;
    c->best_fit[k] = bl23_dd_shortest(*best_fit);
    if (!(fabs(c->best_fit[k].hi) <= 1e100) || !bl23_dd_less(c->best_fit[k], upper))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: the best fit must be below the limit %g (got %g)", name, line,
                         upper.hi, c->best_fit[k].hi);
    c->log_above[k] = bl23_dd_log(bl23_dd_sub(upper, c->best_fit[k]));
    return BL23_OK;
}

enum bl23_status bl23_curve_add(char const *name, size_t line, double window,
                                struct bl23_dd mass_gev, struct bl23_dd upper_limit,
                                struct bl23_dd const *best_fit, struct bl23_curve *c,
                                struct bl23_error *error)
{
    size_t const k = c->size;
    struct bl23_dd const mass = bl23_dd_shortest(mass_gev), upper = bl23_dd_shortest(upper_limit);
    if (!(window >= 0.0 && window <= (double)INT_MAX && window == floor(window)))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: window must be a whole number from 0 (got %g)", name, line,
                         window);
    if (!(mass.hi >= 0.0 && mass.hi <= 1e3))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: the mass must be from 0 to 1000 GeV (got %g)", name, line,
                         mass.hi);
    if (!(upper.hi >= 1e-100 && upper.hi <= 1e100))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: the limit must be from 1e-100 to 1e100, the limit itself and not "
                         "its logarithm (got %g)",
                         name, line, upper.hi);
    BL23_TRY(add_best_fit(name, line, best_fit, upper, c, error));
    c->mass_gev[k] = mass;
    c->upper[k] = bl23_dd_round(upper);
    c->log_upper[k] = bl23_dd_log(upper);
    c->window[k] = (int)window;
    c->size++;
    return BL23_OK;
}

/* Row k of the text becomes a row of the curve, in the order of the file. */
static enum bl23_status read_row(struct bl23_csv const *csv, size_t k, struct bl23_curve *c,
                                 struct bl23_error *error)
{
    struct bl23_dd window = {0.0, 0.0}, mass, upper, best_fit;
    bool const has_best_fit = bl23_csv_text(csv, 0, "best_fit") != NULL;
    if (bl23_csv_text(csv, 0, "window"))
        BL23_TRY(bl23_csv_decimal(csv, k, "window", &window, error));
    if (has_best_fit)
        BL23_TRY(bl23_csv_decimal(csv, k, "best_fit", &best_fit, error));
    BL23_TRY(bl23_csv_decimal(csv, k, "m_gev", &mass, error));
    BL23_TRY(bl23_csv_decimal(csv, k, "upper", &upper, error));
    return bl23_curve_add(csv->name, csv->line[k], window.hi, mass, upper,
                          has_best_fit ? &best_fit : NULL, c, error);
}

static void swap_numbers(struct bl23_dd *list, size_t a, size_t b)
{
    struct bl23_dd const number = list[a];
    list[a] = list[b];
    list[b] = number;
}

static void swap_rows(struct bl23_curve *c, size_t a, size_t b)
{
    double const upper = c->upper[a];
    c->upper[a] = c->upper[b];
    c->upper[b] = upper;
    swap_numbers(c->mass_gev, a, b);
    swap_numbers(c->log_upper, a, b);
    swap_numbers(c->best_fit, a, b);
    swap_numbers(c->log_above, a, b);
}

/* Put the rows [begin, end) of a window in rising order: masses that fall throughout are turned
 * round. Two rows of one mass are a step. */
static enum bl23_status order_window(char const *name, size_t const *line, struct bl23_curve *c,
                                     size_t begin, size_t end, struct bl23_error *error)
{
    struct bl23_dd const *const mass = c->mass_gev;
    bool rises = false, falls = false;
    for (size_t k = begin + 1; k < end; k++) {
        bool const up = bl23_dd_less(mass[k - 1], mass[k]);
        bool const down = bl23_dd_less(mass[k], mass[k - 1]);
        if ((up && falls) || (down && rises))
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "%s:%zu: masses must rise down the file, or fall throughout (got mass "
                             "%g after %g); sort the rows, or number the parts of the curve in a "
                             "column 'window'",
                             name, line[k], mass[k].hi, mass[k - 1].hi);
        if (!up && !down && k > begin + 1 && mass[k - 2].hi == mass[k].hi &&
            mass[k - 2].lo == mass[k].lo)
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "%s:%zu: one mass may have two rows, the limits below and above a "
                             "step, but not more (got mass %g again); leave out the rows between",
                             name, line[k], mass[k].hi);
        rises = rises || up;
        falls = falls || down;
    }
    for (size_t k = 0; falls && k < (end - begin) / 2; k++)
        swap_rows(c, begin + k, end - 1 - k);
    c->falls = c->falls || falls;
    return BL23_OK;
}

enum bl23_status bl23_curve_order(char const *name, size_t const *line, struct bl23_curve *c,
                                  struct bl23_error *error)
{
    for (size_t begin = 0, end; begin < c->size; begin = end) {
        for (end = begin; end < c->size && c->window[end] == c->window[begin];)
            end++;
        if (end < c->size && c->window[end] < c->window[begin])
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "%s:%zu: the numbers of windows must rise down the file (got %d after "
                             "%d)",
                             name, line[end], c->window[end], c->window[begin]);
        BL23_TRY(order_window(name, line, c, begin, end, error));
    }
    return BL23_OK;
}

/* A file without a header has the two columns that everybody writes. */
static enum bl23_status find_columns(struct bl23_csv *csv, struct bl23_error *error)
{
    bool const plain = !csv->has_header && csv->columns == 2;
    if (plain) {
        csv->header[0] = "m_gev";
        csv->header[1] = "upper";
    }
    size_t columns = 2;
    columns += bl23_csv_text(csv, 0, "window") != NULL;
    columns += bl23_csv_text(csv, 0, "best_fit") != NULL;
    if (bl23_csv_text(csv, 0, "m_gev") && bl23_csv_text(csv, 0, "upper") && csv->columns == columns)
        return BL23_OK;
    char got[64] = "";
    for (size_t k = 0, used = 0; csv->has_header && k < csv->columns && used < sizeof got; k++)
        used +=
            (size_t)snprintf(got + used, sizeof got - used, "%s%s", k ? "," : "", csv->header[k]);
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "%s:%zu: the columns must be 'm_gev,upper' or 'window,m_gev,upper', named in "
                     "the first line; 'best_fit' may follow; without names there must be two, "
                     "masses in GeV and limits (got %s%s%s)",
                     csv->name, csv->header_line, *got ? "'" : "columns without names", got,
                     *got ? "'" : "");
}

static enum bl23_status read_all(struct bl23_csv *csv, struct bl23_curve *c,
                                 struct bl23_error *error)
{
    BL23_TRY(find_columns(csv, error));
    BL23_TRY(bl23_curve_reserve(csv->name, csv->rows, c, error));
    c->unnamed = !csv->has_header;
    for (size_t k = 0; k < csv->rows; k++)
        BL23_TRY(read_row(csv, k, c, error));
    return bl23_curve_order(csv->name, csv->line, c, error);
}

enum bl23_status bl23_curve_parse(char const *name, char const *text, size_t length,
                                  struct bl23_curve *curve, struct bl23_error *error)
{
    struct bl23_csv csv;
    *curve = (struct bl23_curve){0};
    BL23_TRY(bl23_csv_parse(name, text, length, &csv, error));
    enum bl23_status const status = read_all(&csv, curve, error);
    bl23_csv_free(&csv);
    if (status != BL23_OK)
        bl23_curve_free(curve);
    return status;
}

static bool is_same(struct bl23_dd a, struct bl23_dd b)
{
    return a.hi == b.hi && a.lo == b.lo;
}

bool bl23_curve_same(struct bl23_curve const *a, struct bl23_curve const *b, size_t *row)
{
    size_t k = 0;
    while (k < a->size && k < b->size && a->window[k] == b->window[k] &&
           a->upper[k] == b->upper[k] && is_same(a->mass_gev[k], b->mass_gev[k]) &&
           a->has_best_fit == b->has_best_fit && is_same(a->best_fit[k], b->best_fit[k]))
        k++;
    *row = k;
    return k == a->size && k == b->size;
}

bool bl23_curve_has_windows(struct bl23_curve const *c)
{
    return c->size > 0 && (c->window[0] != 0 || c->window[c->size - 1] != 0);
}

void bl23_curve_free(struct bl23_curve *curve)
{
    free(curve->mass_gev);
    free(curve->log_upper);
    free(curve->upper);
    free(curve->window);
    free(curve->best_fit);
    free(curve->log_above);
    *curve = (struct bl23_curve){0};
}

/* Where a mass is in a curve: at row k, or behind it by the part t of the way to the next. */
struct place {
    size_t k;
    struct bl23_dd t;
};

/* Is the mass at row k or between it and the next row of its window? */
static bool is_at(struct bl23_curve const *c, size_t k, struct bl23_dd mass, struct place *place)
{
    *place = (struct place){k, bl23_dd(0.0)};
    if (is_same(c->mass_gev[k], mass))
        return true;
    bool const segment = k + 1 < c->size && c->window[k + 1] == c->window[k];
    if (!segment || !bl23_dd_less(c->mass_gev[k], mass) || !bl23_dd_less(mass, c->mass_gev[k + 1]))
        return false;
    place->t = bl23_dd_div(bl23_dd_sub(mass, c->mass_gev[k]),
                           bl23_dd_sub(c->mass_gev[k + 1], c->mass_gev[k]));
    return true;
}

static struct bl23_dd value_at(struct bl23_dd const *value, struct place at)
{
    if (at.t.hi == 0.0)
        return value[at.k];
    struct bl23_dd const rise = bl23_dd_sub(value[at.k + 1], value[at.k]);
    return bl23_dd_add(value[at.k], bl23_dd_mul(at.t, rise));
}

/* The place of the tightest limit; false where there is none. */
static bool find_tightest(struct bl23_curve const *c, struct bl23_dd mass, struct place *tightest,
                          struct bl23_dd *upper)
{
    bool found = false;
    for (size_t k = 0; k < c->size; k++) {
        struct place here;
        if (!is_at(c, k, mass, &here))
            continue;
        struct bl23_dd const one = bl23_dd_exp(value_at(c->log_upper, here));
        if (found && !bl23_dd_less(one, *upper))
            continue;
        *upper = one;
        *tightest = here;
        found = true;
    }
    return found;
}

bool bl23_curve_at(struct bl23_curve const *c, struct bl23_dd mass, struct bl23_dd *upper)
{
    struct place at;
    return find_tightest(c, mass, &at, upper);
}

bool bl23_curve_covers(struct bl23_curve const *c, struct bl23_dd mass)
{
    struct place at;
    for (size_t k = 0; k < c->size; k++)
        if (is_at(c, k, mass, &at))
            return true;
    return false;
}

void bl23_curve_best_fit_at(struct bl23_curve const *c, struct bl23_dd mass,
                            struct bl23_dd *best_fit, struct bl23_dd *above)
{
    struct place at;
    struct bl23_dd upper;
    if (!find_tightest(c, mass, &at, &upper))
        return;
    *best_fit = value_at(c->best_fit, at);
    *above = bl23_dd_exp(value_at(c->log_above, at));
}
