/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tests/plain_survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check.h"

#define HEAD "survey: {samples: 1000000, seed: 9223372036854775808, mass_gev: "
#define SETS "constraints: {sets: [paper2020, b_invisible_2021], without: [na62_pi0, e949], sigma: "
#define OUT                                                                                        \
    "output: {nearest: 3, max_survivors: 100, cutflow_every: 3, histograms: [[phase12, "           \
    "log10_g]]}\n"
char const *const plain_survey_modes[PLAIN_SURVEY_MODES][2] = {
    {"fixed w, solve", HEAD
     "{list: [0.14, 0.12, 0.13]}, w: {fixed: [0.5, 0.1, 0.5, -0.9, 0.7, 1]}}\n" SETS "2}\n" OUT},
    {"fixed w, random g",
     HEAD "{fixed: 0.14}, w: {fixed: [3, 1, 4, 2.5, 0, 0]}, g_bl: {log_uniform: [1e-9, 10]}}\n"
          "constraints: {sets: [current], sigma: 1}\n" OUT},
    {"fixed g", HEAD "{uniform: [0.01, 0.3], knots: 5}, g_bl: {fixed: 1e-6}}\n"
                     "constraints: {sets: [current], without: [gm2_wp2025], sigma: 1}\n" OUT},
    {"fixed g and w", HEAD "{fixed: 0.2}, g_bl: {fixed: 1e-6}, w: {fixed: [0, 0, 0, 0, 2, 1]}}\n"
                           "constraints: {sets: [current]}\n" OUT},
    {"1 sigma", HEAD "{fixed: 0.14}, g_bl: solve}\nconstraints: {sets: [paper2020], without: "
                     "[ccfr, na62_pi0, e949], sigma: 1}\n" OUT},
    {"closed modes", HEAD "{list: [0.5, 0.3, 4.6]}, g_bl: solve}\n" SETS "2}\n" OUT},
    {"closed modes, given g",
     HEAD "{list: [0.5, 0.3, 4.6]}, g_bl: {log_uniform: [1e-6, 1e-2]}}\n" SETS "2}\n" OUT},
    {"the end of the domain of g",
     HEAD "{fixed: 0.14}, g_bl: solve}\nconstraints: {extra: ["
          "{name: rate, observable: br_b0_pi0, band_1sigma: [200, 3e3], band_2sigma: [100, 5e3], "
          "cite: none}, {name: roof, observable: br_bp_kp, upper: 5e6, cl: 0.9, cite: none}, "
          "{name: g, observable: g_bl, band_1sigma: [8, 12], band_2sigma: [5, 15], "
          "cite: none}]}\n" OUT}};

void plain_survey_load(char const *name, struct bl23_survey *survey)
{
    char path[1024];
    struct bl23_config *config = NULL;
    struct bl23_error error = {BL23_OK, ""};
    snprintf(path, sizeof path, "%s/%s.yaml", BL23_SURVEY_DIR, name);
    check_ok(bl23_config_load(path, &config, &error), &error, "%s", path);
    check_ok(bl23_survey_prepare(config, survey, &error), &error, "%s", path);
}

void plain_survey_parse(char const *text, struct bl23_survey *survey)
{
    struct bl23_config *config = NULL;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_config_parse("text", text, strlen(text), &config, &error), &error, "%s", text);
    check_ok(bl23_survey_prepare(config, survey, &error), &error, "%s", text);
}

/* Every sample's tension, and the survivors' hashes. */
struct all {
    struct bl23_extremum *sample;
    struct bl23_hashed_survivor *survivor;
    size_t n_samples, n_survivors;
};

static int by_value(void const *a, void const *b)
{
    struct bl23_extremum const *const x = a, *const y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static int by_hash(void const *a, void const *b)
{
    struct bl23_hashed_survivor const *const x = a, *const y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static int by_index(void const *a, void const *b)
{
    struct bl23_hashed_survivor const *const x = a, *const y = b;
    return (x->index > y->index) - (x->index < y->index);
}

static double limit_low(struct bl23_interval limit, double s)
{
    return limit.lo > 0.0 ? limit.lo / s : 0.0;
}

static double limit_high(struct bl23_interval limit, double s)
{
    return isinf(limit.hi) ? limit.hi : limit.hi / s;
}

/* Cut-flow of one sample, constraint by constraint from the definition. */
static void count_cuts(struct bl23_model const *model, struct bl23_knot const *knot,
                       struct bl23_record const *record, struct bl23_knot_counts *counts)
{
    double const g2_end = 100.0; /* the domain of g ends at 10 */
    double s[BL23_QUANTITIES], lo = 0.0, hi = g2_end;
    double const g = record->value[BL23_COLUMN_g_bl];
    bool all = true;
    bl23_quantities(&record->value[BL23_COLUMN_h_ds_re], s);
    counts->cutflow_drawn++;
    for (uint64_t c = 0; c < model->n_constraints; c++) {
        struct bl23_interval const limit = knot->limit[model->level][c];
        bool const on_g = model->constraint_quantity[c] == BL23_QUANTITY_G;
        double const q = s[model->constraint_quantity[c]];
        bool alone;
        if (model->g_mode == BL23_G_SOLVE) {
            double const low = on_g ? limit.lo * limit.lo : limit_low(limit, q);
            double const high = on_g ? limit.hi * limit.hi : limit_high(limit, q);
            lo = fmax(lo, low);
            hi = fmin(hi, high);
            alone = low <= fmin(high, g2_end);
            all = lo <= hi;
        } else {
            double const x = on_g ? g : (g * g) * q;
            alone = x >= limit.lo && x <= limit.hi;
            all = all && alone;
        }
        counts->passed_alone[c] += alone;
        counts->passed_sequentially[c] += all;
    }
}

/* 0 below, 1 .. BL23_BINS inside (the last edge belongs to the last bin), BL23_BINS + 1 above. */
static size_t bin_by_search(double const edge[BL23_BINS + 1], double value)
{
    if (value < edge[0])
        return 0;
    for (size_t k = 0; k < BL23_BINS; k++)
        if (value < edge[k + 1])
            return k + 1;
    return value == edge[BL23_BINS] ? BL23_BINS : BL23_BINS + 1;
}

static double wrap(double phase)
{
    double const pi = 0x1.921fb54442d18p+1;
    return phase > pi ? phase - 2.0 * pi : phase <= -pi ? phase + 2.0 * pi : phase;
}

static void count_bins(struct bl23_reduction const *reduction, double const *v,
                       struct bl23_results *r)
{
    double const a = v[BL23_COLUMN_wu11_abs], b = v[BL23_COLUMN_wu12_abs];
    double const c = v[BL23_COLUMN_wu13_abs], phase = v[BL23_COLUMN_wu11_phase];
    double const value[BL23_HISTOGRAM_AXES] = {a * a,
                                               b * b,
                                               c * c,
                                               wrap(v[BL23_COLUMN_wu12_phase] - phase),
                                               wrap(v[BL23_COLUMN_wu13_phase] - phase),
                                               v[BL23_COLUMN_g_bl]};
    size_t bin[BL23_HISTOGRAM_AXES];
    for (int k = 0; k < BL23_HISTOGRAM_AXES; k++) {
        bin[k] = bin_by_search(reduction->edge[k], value[k]);
        r->tallies.histogram_1d[k][bin[k]]++;
    }
    for (uint64_t h = 0; h < reduction->n_histograms_2d; h++) {
        uint64_t const *const pair = reduction->histogram_2d[h];
        r->histogram_2d[h][bin[pair[0]]][bin[pair[1]]]++;
    }
}

static void widen(struct bl23_extremum e[2], double value, uint64_t index)
{
    if (value < e[0].value) /* samples come in order: a tie keeps the lower index */
        e[0] = (struct bl23_extremum){value, index};
    if (value > e[1].value)
        e[1] = (struct bl23_extremum){value, index};
}

static void count_survivor(struct bl23_model const *model, struct bl23_reduction const *reduction,
                           struct bl23_record const *record, struct all *all,
                           struct bl23_results *r)
{
    bool const one = record->level == 1;
    r->tallies.passed++;
    r->tallies.passed_1sigma += one;
    for (int set = 0; set < 1 + one; set++)
        for (int c = 0; c < BL23_COLUMNS; c++)
            widen(r->tallies.extremum[set][c], record->value[c], record->index);
    count_bins(reduction, record->value, r);
    struct bl23_words const words = bl23_sample_words(model->seed, record->index, 2);
    all->survivor[all->n_survivors++] =
        (struct bl23_hashed_survivor){((uint64_t)words.x[1] << 32) + words.x[0], record->index};
}

static void finish(struct all *all, struct bl23_reduction const *reduction, struct bl23_results *r)
{
    qsort(all->sample, all->n_samples, sizeof *all->sample, by_value);
    qsort(all->survivor, all->n_survivors, sizeof *all->survivor, by_hash);
    while (all->n_samples > 0 && isinf(all->sample[all->n_samples - 1].value))
        all->n_samples--; /* a sample that no g can help is never near */
    r->n_nearest = all->n_samples < reduction->nearest ? all->n_samples : reduction->nearest;
    if (r->n_nearest > 0)
        memcpy(r->nearest, all->sample, r->n_nearest * sizeof *r->nearest);
    uint64_t const max = reduction->max_survivors;
    uint64_t const n = all->n_survivors < max ? all->n_survivors : max;
    qsort(all->survivor, n, sizeof *all->survivor, by_index);
    for (uint64_t k = 0; k < n; k++) {
        uint16_t const offset = all->survivor[k].index % 4096;
        assert_int_equal(bl23_list_append(&r->survivors,
                                          (struct bl23_tile_survivors){
                                              all->survivor[k].index - offset, 1, &offset}),
                         BL23_OK);
    }
}

void plain_survey_run(struct bl23_model const *model, struct bl23_reduction const *reduction,
                      struct bl23_range range, struct bl23_results *r)
{
    struct all all = {.sample = calloc(range.count + 1, sizeof *all.sample),
                      .survivor = calloc(range.count + 1, sizeof *all.survivor)};
    assert_non_null(all.sample);
    assert_non_null(all.survivor);
    assert_int_equal(bl23_results_init(r, model->n_knots, model->seed, reduction), BL23_OK);
    for (uint64_t i = range.first; i - range.first < range.count; i++) {
        uint64_t const tile = i / BL23_TILE, k = tile % model->n_knots;
        struct bl23_record record;
        bl23_record_of(model, i, &record);
        r->tallies.drawn++;
        r->knot[k].drawn++;
        if (tile / model->n_knots % reduction->cutflow_every == 0)
            count_cuts(model, &model->knot[k], &record, &r->knot[k]);
        all.sample[all.n_samples++] = (struct bl23_extremum){record.value[BL23_COLUMN_tension], i};
        if (!record.survives)
            continue;
        r->knot[k].passed++;
        count_survivor(model, reduction, &record, &all, r);
    }
    finish(&all, reduction, r);
    free(all.sample);
    free(all.survivor);
}

/* Where two arrays of 64-bit words first differ. */
static void compare_words(void const *found, void const *expected, size_t bytes, char const *part,
                          char const *what)
{
    for (size_t k = 0; k < bytes / 8; k++) {
        uint64_t a, b;
        memcpy(&a, (char const *)found + 8 * k, 8);
        memcpy(&b, (char const *)expected + 8 * k, 8);
        if (a != b)
            fail_msg("%s: %s: 64-bit word %zu of %zu is %#llx, expected %#llx", what, part, k,
                     bytes / 8, (unsigned long long)a, (unsigned long long)b);
    }
}

void plain_survey_compare(struct bl23_results const *found, struct bl23_results const *expected,
                          char const *what)
{
    uint64_t const n = expected->survivors.n;
    check_that(found->survivors.n == n && found->n_nearest == expected->n_nearest &&
                   found->n_knots == expected->n_knots,
               "%s: %llu survivors and %llu nearest, expected %llu and %llu", what,
               (unsigned long long)found->survivors.n, (unsigned long long)found->n_nearest,
               (unsigned long long)n, (unsigned long long)expected->n_nearest);
    uint64_t *const index = calloc(2 * n + 1, sizeof *index);
    assert_non_null(index);
    bl23_list_unpack(&found->survivors, index);
    bl23_list_unpack(&expected->survivors, index + n);
    compare_words(&found->tallies, &expected->tallies, sizeof found->tallies, "tallies", what);
    compare_words(found->knot, expected->knot, found->n_knots * sizeof *found->knot, "knots", what);
    compare_words(found->histogram_2d, expected->histogram_2d,
                  found->n_histograms_2d * sizeof *found->histogram_2d, "2-D histograms", what);
    compare_words(found->nearest, expected->nearest, found->n_nearest * sizeof *found->nearest,
                  "nearest", what);
    compare_words(index, index + n, n * sizeof *index, "survivors", what);
    free(index);
}
