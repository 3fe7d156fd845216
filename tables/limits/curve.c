/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/limits/curve.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "tables/base/csv_reader.h"

static char const *const names[] = {"window", "m_gev", "upper"};

/* Row k of the text becomes point k of the curve; `first` is 1 where there are no windows. */
static enum bl23_status read_row(struct bl23_csv const *csv, size_t k, size_t first,
                                 struct bl23_curve *c, struct bl23_error *error)
{
    struct bl23_dd value[3] = {{0.0, 0.0}};
    for (size_t i = first; i < 3; i++) {
        char *end;
        char const *const text = csv->field[k * csv->columns + i - first];
        value[i] = bl23_dd_parse(text, &end);
        if (end == text || *end != '\0')
            return bl23_fail(error, BL23_ERROR_CONFIG, "%s:%zu: %s must be a number (got '%.80s')",
                             csv->name, csv->line[k], names[i], text);
    }
    double const window = value[0].hi;
    struct bl23_dd const mass = value[1], upper = value[2];
    if (!(window >= 0.0 && window <= (double)INT_MAX && window == floor(window)))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: window must be a whole number from 0 (got %g)", csv->name,
                         csv->line[k], window);
    if (!(mass.hi >= 0.0 && mass.hi <= 1e3) || !(upper.hi >= 1e-100 && upper.hi <= 1e100))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: the mass must be from 0 to 1000 and the limit from 1e-100 to "
                         "1e100 (got mass %g and limit %g)",
                         csv->name, csv->line[k], mass.hi, upper.hi);
    bool const next_window = k == 0 || window > c->window[k - 1];
    if (!next_window && (window < c->window[k - 1] || !bl23_dd_less(c->mass_gev[k - 1], mass)))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: masses must rise within a window, and the numbers of windows "
                         "down the file (got mass %g after %g)",
                         csv->name, csv->line[k], mass.hi, c->mass_gev[k - 1].hi);
    c->mass_gev[k] = mass;
    c->upper[k] = bl23_dd_round(upper);
    c->log_upper[k] = bl23_dd_log(upper);
    c->window[k] = (int)window;
    return BL23_OK;
}

static enum bl23_status read_all(struct bl23_csv const *csv, struct bl23_curve *c,
                                 struct bl23_error *error)
{
    size_t const first = csv->columns == 3 ? 0 : 1;
    bool known = csv->columns + first == 3;
    for (size_t i = first; known && i < 3; i++)
        known = strcmp(csv->header[i - first], names[i]) == 0;
    if (!known)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: the header must be 'm_gev,upper' or 'window,m_gev,upper'",
                         csv->name, csv->header_line);
    c->mass_gev = calloc(csv->rows, sizeof *c->mass_gev);
    c->log_upper = calloc(csv->rows, sizeof *c->log_upper);
    c->upper = calloc(csv->rows, sizeof *c->upper);
    c->window = calloc(csv->rows, sizeof *c->window);
    if (!c->mass_gev || !c->log_upper || !c->upper || !c->window)
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", csv->name);
    for (; c->size < csv->rows; c->size++)
        BL23_TRY(read_row(csv, c->size, first, c, error));
    return BL23_OK;
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

void bl23_curve_free(struct bl23_curve *curve)
{
    free(curve->mass_gev);
    free(curve->log_upper);
    free(curve->upper);
    free(curve->window);
    *curve = (struct bl23_curve){0};
}

/* The limit that row k gives by itself, or with the next row of its window. */
static bool limit_from(struct bl23_curve const *c, size_t k, struct bl23_dd mass,
                       struct bl23_dd *upper)
{
    if (c->mass_gev[k].hi == mass.hi && c->mass_gev[k].lo == mass.lo) {
        *upper = bl23_dd_exp(c->log_upper[k]);
        return true;
    }
    bool const segment = k + 1 < c->size && c->window[k + 1] == c->window[k];
    if (!segment || !bl23_dd_less(c->mass_gev[k], mass) || !bl23_dd_less(mass, c->mass_gev[k + 1]))
        return false;
    struct bl23_dd const t = bl23_dd_div(bl23_dd_sub(mass, c->mass_gev[k]),
                                         bl23_dd_sub(c->mass_gev[k + 1], c->mass_gev[k]));
    struct bl23_dd const rise = bl23_dd_sub(c->log_upper[k + 1], c->log_upper[k]);
    *upper = bl23_dd_exp(bl23_dd_add(c->log_upper[k], bl23_dd_mul(t, rise)));
    return true;
}

bool bl23_curve_at(struct bl23_curve const *c, struct bl23_dd mass, struct bl23_dd *upper)
{
    bool found = false;
    for (size_t k = 0; k < c->size; k++) {
        struct bl23_dd one;
        if (!limit_from(c, k, mass, &one) || (found && !bl23_dd_less(one, *upper)))
            continue;
        *upper = one;
        found = true;
    }
    return found;
}
