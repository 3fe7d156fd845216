/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/limits/curve.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"

enum { COLUMNS_MAX = 3, LINE_SIZE = 256 };

/* Where the reader stands. */
struct reader {
    char const *name;
    int line;
    int columns; /* 0 until the header is read */
    struct bl23_curve *curve;
    struct bl23_error *error;
};

#define HEADERS "'m_gev,upper' or 'window,m_gev,upper'"

static enum bl23_status read_header(struct reader *r, char const *line)
{
    if (strcmp(line, "m_gev,upper") == 0)
        r->columns = 2;
    else if (strcmp(line, "window,m_gev,upper") == 0)
        r->columns = 3;
    else
        return bl23_fail(r->error, BL23_ERROR_CONFIG,
                         "%s:%d: the header must be " HEADERS " (got '%.80s')", r->name, r->line,
                         line);
    return BL23_OK;
}

static enum bl23_status append(struct bl23_curve *c, int window, struct bl23_dd mass,
                               struct bl23_dd upper)
{
    size_t const size = c->size + 1;
    if ((size & (size - 1)) == 0 || size == 1) { /* grow at powers of two */
        void *const grown[4] = {realloc(c->mass_gev, 2 * size * sizeof *c->mass_gev),
                                realloc(c->log_upper, 2 * size * sizeof *c->log_upper),
                                realloc(c->upper, 2 * size * sizeof *c->upper),
                                realloc(c->window, 2 * size * sizeof *c->window)};
        c->mass_gev = grown[0] ? grown[0] : c->mass_gev;
        c->log_upper = grown[1] ? grown[1] : c->log_upper;
        c->upper = grown[2] ? grown[2] : c->upper;
        c->window = grown[3] ? grown[3] : c->window;
        if (!grown[0] || !grown[1] || !grown[2] || !grown[3])
            return BL23_ERROR_MEMORY;
    }
    c->mass_gev[c->size] = mass;
    c->upper[c->size] = bl23_dd_round(upper);
    c->log_upper[c->size] = bl23_dd_log(upper);
    c->window[c->size] = window;
    c->size = size;
    return BL23_OK;
}

/* The window must stay or rise, the mass must rise within it. */
static bool in_order(struct bl23_curve const *c, int window, struct bl23_dd mass)
{
    if (c->size == 0)
        return true;
    size_t const last = c->size - 1;
    return window > c->window[last] ||
           (window == c->window[last] && bl23_dd_less(c->mass_gev[last], mass));
}

/* Numbers of one row; returns how many were read, -1 if there is anything else on the line. */
static int split(char const *line, struct bl23_dd value[COLUMNS_MAX])
{
    int count = 0;
    for (char const *p = line;; p++) {
        char *end;
        if (count == COLUMNS_MAX)
            return -1;
        value[count] = bl23_dd_parse(p, &end);
        if (end == p)
            return -1;
        count++;
        p = end;
        if (*p == '\0')
            return count;
        if (*p != ',')
            return -1;
    }
}

static enum bl23_status read_row(struct reader *r, char const *line)
{
    struct bl23_dd value[COLUMNS_MAX];
    if (split(line, value) != r->columns)
        return bl23_fail(r->error, BL23_ERROR_CONFIG,
                         "%s:%d: a row must be %d numbers separated by commas (got '%.80s')",
                         r->name, r->line, r->columns, line);
    double const window = r->columns == 3 ? value[0].hi : 0.0;
    struct bl23_dd const mass = value[r->columns - 2], upper = value[r->columns - 1];
    if (!(window >= 0.0 && window <= (double)INT_MAX && window == floor(window)))
        return bl23_fail(r->error, BL23_ERROR_CONFIG,
                         "%s:%d: window must be a whole number from 0 (got %g)", r->name, r->line,
                         window);
    if (!(mass.hi >= 0.0 && mass.hi <= 1e3) || !(upper.hi >= 1e-100 && upper.hi <= 1e100))
        return bl23_fail(r->error, BL23_ERROR_CONFIG,
                         "%s:%d: the mass must be from 0 to 1000 and the limit from 1e-100 to "
                         "1e100 (got mass %g and limit %g)",
                         r->name, r->line, mass.hi, upper.hi);
    if (!in_order(r->curve, (int)window, mass))
        return bl23_fail(
            r->error, BL23_ERROR_CONFIG,
            "%s:%d: masses must rise within a window, and windows must rise (got mass %g after %g)",
            r->name, r->line, mass.hi, r->curve->mass_gev[r->curve->size - 1].hi);
    return append(r->curve, (int)window, mass, upper);
}

static enum bl23_status read_line(struct reader *r, char *line)
{
    size_t length = strlen(line);
    while (length > 0 && strchr(" \t\r", line[length - 1]))
        line[--length] = '\0';
    if (length == 0 || line[0] == '#')
        return BL23_OK;
    return r->columns == 0 ? read_header(r, line) : read_row(r, line);
}

static enum bl23_status read_text(struct reader *r, char const *text, size_t length)
{
    char const *const end = text + length;
    for (char const *p = text; p < end;) {
        char const *const stop = memchr(p, '\n', (size_t)(end - p));
        size_t const size = (size_t)((stop ? stop : end) - p);
        char line[LINE_SIZE];
        r->line++;
        bool const comment = *p == '#';
        if (!comment && (size >= sizeof line || memchr(p, '\0', size)))
            return bl23_fail(r->error, BL23_ERROR_CONFIG,
                             "%s:%d: a row must be text of less than %d bytes (got %zu bytes)",
                             r->name, r->line, LINE_SIZE, size);
        if (!comment) {
            memcpy(line, p, size);
            line[size] = '\0';
            enum bl23_status const status = read_line(r, line);
            if (status != BL23_OK)
                return status;
        }
        p += size + 1;
    }
    if (r->curve->size == 0)
        return bl23_fail(
            r->error, BL23_ERROR_CONFIG,
            "%s:%d: the file must hold the header " HEADERS " and at least one row (%s)", r->name,
            r->line > 0 ? r->line : 1, length > 0 ? "got no rows" : "it is empty");
    return BL23_OK;
}

enum bl23_status bl23_curve_parse(char const *name, char const *text, size_t length,
                                  struct bl23_curve *curve, struct bl23_error *error)
{
    *curve = (struct bl23_curve){0};
    struct reader r = {name, 0, 0, curve, error};
    enum bl23_status const status = read_text(&r, text, length);
    if (status == BL23_ERROR_MEMORY)
        bl23_fail(error, status, "%s: out of memory", name);
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
