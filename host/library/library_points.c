/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Points: the tables of new masses first, then the rows, both on all threads, some thousand rows at
 * a time. */
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "host/config/judged_limit.h"
#include "host/config/points_input.h"
#include "host/library/handle.h"
#include "kernels/lanes/parallel_for.h"
#include "kernels/lanes/point_rows.h"
#include "kernels/sample/error.h"

enum { ROWS_AT_ONCE = 4096, STEP = 64 };

/* What a call works on. */
struct points {
    struct bl23_handle *handle;
    double const *mass_gev, *g, *w;
    struct bl23_request const *request;
    int const *column;
    uint64_t first; /* of the rows at once */
    size_t n;
    size_t number[ROWS_AT_ONCE];                /* of the knot of a row */
    struct bl23_knot const *knot[ROWS_AT_ONCE]; /* the same */
    struct bl23_chi2 const *chi2[ROWS_AT_ONCE];
    bool wants_chi2;
    struct bl23_dd new_mass[ROWS_AT_ONCE];
    size_t new_knot[ROWS_AT_ONCE], n_new;
    atomic_uint_fast64_t unbounded; /* the first row whose g nothing bounds */
};

/* Find the knots of the rows; those of new masses are made next. */
static enum bl23_status find_knots(struct points *p)
{
    struct bl23_mass_cache *const masses = &p->handle->masses;
    BL23_TRY(bl23_mass_cache_reserve(masses, p->n));
    p->n_new = 0;
    for (size_t k = 0; k < p->n; k++) {
        double const mass = p->mass_gev[p->first + k];
        bool is_new = false;
        bool const same = k > 0 && mass == p->mass_gev[p->first + k - 1];
        p->number[k] = same ? p->number[k - 1] : bl23_mass_cache_find(masses, mass, &is_new);
        if (is_new) {
            p->new_mass[p->n_new] = bl23_dd_shortest(bl23_dd(mass));
            p->new_knot[p->n_new++] = p->number[k];
        }
    }
    for (size_t k = 0; k < p->n; k++)
        p->knot[k] = &masses->tables[p->number[k]].knot;
    for (size_t k = 0; k < p->n; k++)
        p->chi2[k] = &masses->tables[p->number[k]].chi2;
    return BL23_OK;
}

static enum bl23_status make_knots(void *context, unsigned worker, uint64_t first, uint64_t count)
{
    struct points *const p = context;
    struct bl23_handle *const h = p->handle;
    (void)worker;
    for (uint64_t k = first; k < first + count; k++) {
        struct bl23_loop_table table;
        struct bl23_mass_tables *const made = &h->masses.tables[p->new_knot[k]];
        BL23_TRY(bl23_knot_make(&h->maker, h->header, p->new_mass[k], &made->knot, &table, NULL));
        bl23_chi2_build(&h->config->constraints, &h->config->inputs, h->header, p->new_mass[k],
                        &made->knot, &made->chi2);
    }
    return BL23_OK;
}

static double value_of(struct bl23_point_values const *point, int column)
{
    switch (column) {
    case BL23_COLUMN_g_min:
        return sqrt(point->solved.g2_lo);
    case BL23_COLUMN_g_max:
        return sqrt(point->solved.g2_hi);
    case BL23_COLUMN_tension:
        return point->tension;
    case BL23_COLUMN_OF_TENSION_G_FREE:
        return point->solved.tension;
    case BL23_COLUMN_OF_LEVEL:
        return (double)point->record.level;
    case BL23_COLUMN_OF_SURVIVES:
        return (double)point->record.survives;
    case BL23_COLUMN_chi2:
        return point->chi2;
    case BL23_COLUMN_chi2_g:
        return point->chi2_g;
    case BL23_COLUMN_LogLike:
        return bl23_log_like(point->chi2);
    default:
        return point->record.value[column];
    }
}

/* Remember the least row. */
static void note_unbounded(struct points *p, uint64_t row)
{
    uint_fast64_t least = atomic_load(&p->unbounded);
    while (row < least && !atomic_compare_exchange_weak(&p->unbounded, &least, row))
        continue;
}

static enum bl23_status fill_rows(void *context, unsigned worker, uint64_t first, uint64_t count)
{
    struct points *const p = context;
    struct bl23_point_values point[STEP];
    struct bl23_point_rows const rows = {.knot = p->knot,
                                         .chi2 = p->wants_chi2 ? p->chi2 : NULL,
                                         .w = p->w + 6 * p->first,
                                         .g = p->g ? p->g + p->first : NULL};
    (void)worker;
    bl23_points_fill(p->handle->header, &rows, first, count, point);
    for (uint64_t k = 0; !p->g && k < count; k++)
        if (!bl23_point_is_bounded(&point[k]))
            note_unbounded(p, p->first + first + k);
    for (uint32_t c = 0; c < p->request->n_columns; c++) {
        double *const value = p->request->values[c] + p->first + first;
        for (uint64_t k = 0; k < count; k++)
            value[k] = value_of(&point[k], p->column[c]);
    }
    return BL23_OK;
}

static enum bl23_status compute_rows(struct points *p, unsigned threads)
{
    enum bl23_status status = find_knots(p);
    if (status == BL23_OK)
        status = bl23_parallel_for(threads, p->n_new, 1, make_knots, p);
    if (status != BL23_OK) { /* some knots may not be made */
        bl23_mass_cache_clear(&p->handle->masses);
        return status;
    }
    return bl23_parallel_for(threads, p->n, STEP, fill_rows, p);
}

static enum bl23_status compute(struct points *p, uint64_t rows, uint64_t *row,
                                struct bl23_error *error)
{
    unsigned const threads = bl23_request_threads(p->request);
    for (*row = 0; *row < rows; ++*row)
        BL23_TRY(bl23_point_check(p->mass_gev + *row, p->g ? p->g + *row : NULL, p->w + 6 * *row,
                                  error));
    for (p->first = 0; p->first < rows; p->first += p->n) {
        *row = BL23_NO_ROW;
        p->n = rows - p->first < ROWS_AT_ONCE ? (size_t)(rows - p->first) : ROWS_AT_ONCE;
        BL23_TRY(compute_rows(p, threads));
        *row = atomic_load(&p->unbounded);
        if (*row != BL23_NO_ROW)
            return bl23_fail(error, BL23_ERROR_DOMAIN,
                             "no constraint bounds g from above at %.9g GeV; give g",
                             p->mass_gev[*row]);
        if (bl23_request_stops(p->request, p->first + p->n, rows))
            return bl23_fail(error, BL23_INTERRUPTED, "the progress function asked to stop");
    }
    *row = BL23_NO_ROW;
    return BL23_OK;
}

int32_t bl23_points(struct bl23_handle *h, uint64_t rows, double const *mass_gev,
                    double const *g_bl, double const *w, struct bl23_request const *request,
                    struct bl23_message *message)
{
    struct bl23_error error = {BL23_OK, ""};
    uint64_t row = BL23_NO_ROW;
    int *column;
    if (!h || (rows > 0 && (!mass_gev || !w)))
        return bl23_refuse(message, "handle, masses and w must not be NULL");
    int32_t const code =
        bl23_request_read(request, (unsigned)h->header->groups, true, &column, message);
    if (code != BL23_CODE_OK)
        return code;
    struct points *const p = malloc(sizeof *p);
    enum bl23_status status = BL23_ERROR_MEMORY;
    if (p) {
        *p = (struct points){.handle = h,
                             .mass_gev = mass_gev,
                             .g = g_bl,
                             .w = w,
                             .request = request,
                             .column = column};
        atomic_init(&p->unbounded, BL23_NO_ROW);
        for (uint32_t c = 0; c < request->n_columns; c++)
            p->wants_chi2 =
                p->wants_chi2 || (column[c] >= BL23_COLUMN_chi2 && column[c] < BL23_COLUMNS);
        struct bl23_scope const scope = bl23_scope_enter(h->locale);
        status = compute(p, rows, &row, &error);
        bl23_scope_leave(&scope);
    }
    free(p);
    free(column);
    return bl23_answer(status, &error, row, message);
}

int32_t bl23_point_limits(struct bl23_handle *h, double mass_gev, double const *g_bl,
                          double const *w, struct bl23_limit_value *values,
                          struct bl23_message *message)
{
    struct bl23_request const nothing = {.threads = 1};
    if (!values)
        return bl23_refuse(message, "values must not be NULL");
    int32_t const code = bl23_points(h, 1, &mass_gev, g_bl, w, &nothing, message);
    if (code != BL23_CODE_OK)
        return code;
    bool is_new; /* it is not: the tables of the mass have just been made */
    struct bl23_mass_tables const *const tables =
        &h->masses.tables[bl23_mass_cache_find(&h->masses, mass_gev, &is_new)];
    struct bl23_scope const scope = bl23_scope_enter(h->locale);
    struct bl23_row row;
    struct bl23_point_values point;
    bl23_row_of_complex(w, &row);
    bl23_point_fill(h->header, &tables->knot, &tables->chi2, !g_bl, &row, g_bl ? *g_bl : 0.0,
                    &point);
    struct bl23_judged_point const judged = {.config = h->config,
                                             .model = h->header,
                                             .knot = &tables->knot,
                                             .mass_gev = bl23_dd_shortest(bl23_dd(mass_gev)),
                                             .monomial = row.monomial,
                                             .values = &point,
                                             .solved = !g_bl};
    for (size_t k = 0; k < h->config->constraints.size; k++) {
        struct bl23_judged_limit const r = bl23_judge_limit(&judged, k);
        struct bl23_likelihood_values const l = r.likelihood;
        bool const none = l.kind == BL23_LIKELIHOOD_NONE;
        values[k] = (struct bl23_limit_value){.value = r.value,
                                              .lower = fmax(r.lo, 0.0),
                                              .upper = r.hi,
                                              .ratio = r.applies ? r.ratio : (double)NAN,
                                              .passes = r.pass,
                                              .likelihood = bl23_likelihood_name(l.kind),
                                              .central = none ? (double)NAN : l.central,
                                              .sigma_down = none ? (double)NAN : l.sigma_down,
                                              .sigma_up = none ? (double)NAN : l.sigma_up,
                                              .pull = r.pull};
    }
    bl23_scope_leave(&scope);
    return code;
}
