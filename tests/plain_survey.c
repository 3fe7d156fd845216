/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tests/plain_survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check.h"

#define HEAD "survey: {samples: 1000000, seed: 9223372036854775808, mass_gev: "
#define SETS "constraints: {sets: [paper2020, b_invisible_2021], without: [na62_pi0, e949], sigma: "
#define LOOSE "constraints: {sets: [world_2025], sigma: 1}\n" /* a third survives */
#define OUT                                                                                        \
    "output: {nearest: 3, max_survivors: 100, cutflow_every: 3, histograms: [[phase12, "           \
    "log10_g]]}\n"
#define RANKED                                                                                     \
    "output: {rank: chi2, nearest: 5, max_survivors: 100, cutflow_every: 3, histograms: "          \
    "[[phase12, log10_g], [wu11_abs2, wu12_abs2]]}\n"
char const *const plain_survey_modes[PLAIN_SURVEY_MODES][2] = {
    {"fixed w, solve", HEAD
     "{list: [0.14, 0.12, 0.13]}, w: {fixed: [0.5, 0.1, 0.5, -0.9, 0.7, 1]}}\n" SETS "2}\n" OUT},
    {"fixed w, random g",
     HEAD "{fixed: 0.14}, w: {fixed: [3, 1, 4, 2.5, 0, 0]}, g_bl: {log_uniform: [1e-9, 10]}}\n"
          "constraints: {sets: [world_2025], sigma: 1}\n" OUT},
    {"fixed g", HEAD "{uniform: [0.01, 0.3], knots: 5}, g_bl: {fixed: 1e-6}}\n"
                     "constraints: {sets: [world_2025], without: [gm2_wp2025], sigma: 1}\n" OUT},
    {"fixed g and w", HEAD "{fixed: 0.2}, g_bl: {fixed: 1e-6}, w: {fixed: [0, 0, 0, 0, 2, 1]}}\n"
                           "constraints: {sets: [world_2025]}\n" OUT},
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
          "cite: none}]}\n" OUT},
    {"chosen bins",
     HEAD "{fixed: 0.14}, g_bl: {log_uniform: [1e-9, 10]}}\n" LOOSE
          "output: {max_survivors: 100, histograms: [[wu13_abs2, phase12], [phase13, log10_g]], "
          "bins: {wu12_abs2: [0.25, 0.5], wu13_abs2: [0, 0.1], phase12: [-3.1, 0.2], phase13: [1, "
          "2], log10_g: [-8.5, -5.5]}}\n"},
    {"chosen bins, narrow ones of g, fixed w", HEAD
     "{fixed: 0.14}, w: {fixed: [3, 1, 4, 2.5, 0, 0]}, g_bl: {log_uniform: [1e-9, 10]}}\n" LOOSE
     "output: {histograms: [[wu11_abs2, log10_g]], bins: {wu11_abs2: [0.3, 0.4], log10_g: [-6, "
     "-5.8]}}\n"},
    {"chosen numbers of bins, read from the words",
     HEAD "{fixed: 0.14}, g_bl: {log_uniform: [1e-9, 10]}}\n" LOOSE
          "output: {max_survivors: 100, histograms: [[wu11_abs2, phase23], [phase23, log10_g], "
          "[wu13_abs2, wu12_abs2]], bins: {wu11_abs2: {number: 254}, wu12_abs2: {number: 1}, "
          "wu13_abs2: {number: 7}, phase12: {number: 100}, phase13: {number: 254}, phase23: "
          "{number: 37}, log10_g: {number: 200}}}\n"},
    {"chosen numbers and ranges of bins",
     HEAD "{list: [0.14, 0.12]}, g_bl: {log_uniform: [1e-9, 10]}}\n" LOOSE
          "output: {max_survivors: 100, histograms: [[phase23, phase13], [log10_g, wu11_abs2]], "
          "bins: {wu11_abs2: {range: [0.1, 0.7], number: 11}, phase23: {range: [-3, 3], number: "
          "254}, log10_g: {range: [-7, -6.9], number: 254}}}\n"},
    {"charm, solve",
     HEAD "{list: [0.1, 0.01, 1.2, 1.6]}, g_bl: solve}\nconstraints: {extra: ["
          "{name: k, observable: br_kl_pi0, band_1sigma: [6e-10, 6e-9], band_2sigma: [3e-10, "
          "1e-8], cite: none}, {name: pi, observable: br_dp_pip, upper: 30, cl: 0.9, cite: none}, "
          "{name: om, observable: br_d0_omega, upper: 10, cl: 0.9, cite: none}, "
          "{name: lc, observable: br_lc_p, upper: 50, cl: 0.9, cite: none}, "
          "{name: mix, observable: x12, upper: 1, cl: 0.9, cite: none}]}\n" OUT},
    {"charm, given g",
     HEAD "{list: [0.1, 0.2]}, g_bl: {log_uniform: [1e-8, 1e-6]}}\nconstraints: {extra: ["
          "{name: known, observable: br_dp_known, upper: 2e-3, cl: 0.9, cite: none}, "
          "{name: ds, observable: br_ds_kp, upper: 1e-3, cl: 0.9, cite: none}, "
          "{name: im, observable: x12_im, upper: 2e-8, cl: 0.9, cite: none}]}\n" OUT},
    {"charm and top, fixed g",
     HEAD "{list: [0.5, 2.5, 4.5]}, g_bl: {fixed: 1e-5}}\nconstraints: {sigma: 1, extra: ["
          "{name: rho, observable: br_d0_rho0, band_1sigma: [1e-9, 1], band_2sigma: [0, 2], "
          "cite: none}, {name: t, observable: br_t_q, upper: 5e-6, cl: 0.9, cite: none}, "
          "{name: u, observable: br_t_u, upper: 3e-6, cl: 0.9, cite: none}, "
          "{name: c, observable: br_t_c, upper: 4e-6, cl: 0.9, cite: none}]}\n" OUT},
    {"long distance and a signal in charm",
     HEAD "{fixed: 0.14}, g_bl: solve}\ninputs: {preset: pdg2024, long_distance: true}\n"
          "constraints: {extra: [{name: pi, observable: br_d0_pi0, band_1sigma: [1e-4, 2e-4], "
          "band_2sigma: [8e-5, 3e-4], cite: none}, "
          "{name: k, observable: br_kp_pip, upper: 3e-15, cl: 0.9, cite: none}, "
          "{name: rho, observable: br_dp_rhop, upper: 3e-4, cl: 0.9, cite: none}]}\n" OUT},
    {"draws of the inputs, solve",
     HEAD "{list: [0.14, 0.3]}}\n"
          "inputs: {vary: {m_t: 0.4, norm_k_pi: 0.2}, draws: 3, common_w: true}\n" SETS "2}\n" OUT},
    {"draws of the inputs, random g",
     HEAD "{list: [0.14, 0.3]}, g_bl: {log_uniform: [1e-9, 10]}}\n"
          "inputs: {vary: default, draws: 2, common_w: true}\n" LOOSE OUT},
    {"draws of the inputs, fixed g and charm",
     HEAD "{list: [0.1, 0.2]}, g_bl: {fixed: 1e-7}}\n"
          "inputs: {vary: default, draws: 2}\nconstraints: {extra: ["
          "{name: known, observable: br_dp_known, upper: 3e-4, cl: 0.9, cite: none}]}\n" OUT},
    {"cover, solve",
     HEAD "{list: [0.14, 0.12, 0.13]}, draw: cover, cover: {accept: 0.1}}\n"
          "constraints: {sets: [paper2020], without: [ccfr, na62_pi0, e949], sigma: 1}\n" OUT},
    {"cover, random g", HEAD "{list: [0.14, 0.01]}, g_bl: {log_uniform: [1e-9, 10]}, draw: cover, "
                             "cover: {cells: 60}}\n" LOOSE OUT},
    {"cover of charm, fixed g",
     HEAD "{list: [0.1, 0.2, 1.2]}, g_bl: {fixed: 1e-7}, draw: cover, cover: {cells: 2000}}\n"
          "constraints: {extra: ["
          "{name: known, observable: br_dp_known, upper: 3e-4, cl: 0.9, cite: none}, "
          "{name: im, observable: x12_im, upper: 1e-9, cl: 0.9, cite: none}, "
          "{name: k, observable: br_bp_kp, upper: 3e-5, cl: 0.9, cite: none}]}\n" OUT},
    {"chi^2, solve", HEAD "{list: [0.14, 0.12, 0.5, 4.6]}, g_bl: solve}\n" SETS "2}\n" RANKED},
    {"chi^2, random g",
     HEAD "{list: [0.14, 0.3]}, g_bl: {log_uniform: [1e-5, 1e-2]}}\n" SETS "1}\n" RANKED},
    {"chi^2 decides, solve",
     HEAD "{list: [0.14, 0.12, 0.5]}, chi2_max: 16.5}\n"
          "constraints: {sets: [paper2020, charm_mixing], sigma: 2}\n" RANKED},
    {"chi^2 decides, random g",
     HEAD "{fixed: 0.13}, g_bl: {log_uniform: [1e-5, 1e-2]}, chi2_max: 14}\n"
          "constraints: {sets: [paper2020], theory: {br_kl_pi0: 0.2}, sigma: 1}\n" RANKED},
    {"chi^2, fixed w, chosen bins",
     HEAD "{list: [0.14, 0.12, 0.13]}, w: {fixed: [0.5, 0.1, 0.5, -0.9, 0.7, 1]}}\n" SETS
          "2}\noutput: {rank: chi2, bins: {wu11_abs2: [0.3, 0.4], log10_g: [-6, -2]}, "
          "histograms: [[phase23, log10_g]]}\n"},
    {"chi^2, chosen bins",
     HEAD "{fixed: 0.14}, g_bl: {log_uniform: [1e-9, 10]}}\n" LOOSE
          "output: {rank: chi2, max_survivors: 100, histograms: [[wu13_abs2, phase12], [phase13, "
          "log10_g]], bins: {wu12_abs2: [0.25, 0.5], phase12: [-3.1, 0.2], log10_g: [-8.5, "
          "-5.5]}}\n"},
};

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

void plain_survey_cuts(struct bl23_model const *model, struct bl23_knot const *knot,
                       struct bl23_record const *record, struct bl23_knot_counts *counts)
{
    double const g2_end = 100.0; /* the domain of g ends at 10 */
    double s[BL23_QUANTITIES], lo = 0.0, hi = g2_end;
    double const g = record->value[BL23_COLUMN_g_bl];
    bool all = true;
    struct bl23_row const row = bl23_row_of(model, record->index);
    bl23_quantities_of_row(knot, BL23_ALL_QUANTITIES, row.monomial, s);
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

/* 0 below, 1 .. bins inside (the last edge belongs to the last bin), bins + 1 above. */
static size_t bin_by_search(double const *edge, size_t bins, double value)
{
    if (value < edge[0])
        return 0;
    for (size_t k = 0; k < bins; k++)
        if (value < edge[k + 1])
            return k + 1;
    return value == edge[bins] ? bins : bins + 1;
}

static double wrap(double phase)
{
    double const pi = 0x1.921fb54442d18p+1;
    return phase > pi ? phase - 2.0 * pi : phase <= -pi ? phase + 2.0 * pi : phase;
}

static void find_bins(struct bl23_reduction const *reduction, double const *v,
                      size_t bin[BL23_HISTOGRAM_AXES])
{
    double const a = v[BL23_COLUMN_wu11_abs], b = v[BL23_COLUMN_wu12_abs];
    double const c = v[BL23_COLUMN_wu13_abs], phase = v[BL23_COLUMN_wu11_phase];
    double const value[BL23_HISTOGRAM_AXES] = {
        a * a,
        b * b,
        c * c,
        wrap(v[BL23_COLUMN_wu12_phase] - phase),
        wrap(v[BL23_COLUMN_wu13_phase] - phase),
        wrap(v[BL23_COLUMN_wu13_phase] - v[BL23_COLUMN_wu12_phase]),
        v[BL23_COLUMN_g_bl]};
    for (int k = 0; k < BL23_HISTOGRAM_AXES; k++)
        bin[k] = bin_by_search(reduction->edge[k], reduction->bins[k], value[k]);
}

static void count_bins(struct bl23_reduction const *reduction, double const *v,
                       struct bl23_results *r)
{
    size_t bin[BL23_HISTOGRAM_AXES];
    find_bins(reduction, v, bin);
    for (int k = 0; k < BL23_HISTOGRAM_AXES; k++)
        r->tallies.histogram_1d[k][bin[k]]++;
    uint64_t *plane = r->histogram_2d;
    for (uint64_t h = 0; h < reduction->n_histograms_2d; h++) {
        uint64_t const *const pair = reduction->histogram_2d[h];
        size_t const rows = reduction->bins[pair[0]] + 2, columns = reduction->bins[pair[1]] + 2;
        plane[bin[pair[0]] * columns + bin[pair[1]]]++;
        plane += rows * columns;
    }
}

/* The least chi^2 of all samples in each bin, by the g at which it is. */
static void profile_bins(struct bl23_reduction const *reduction, struct bl23_record const *record,
                         struct bl23_results *r)
{
    double value[BL23_COLUMNS];
    size_t bin[BL23_HISTOGRAM_AXES];
    memcpy(value, record->value, sizeof value);
    value[BL23_COLUMN_g_bl] = value[BL23_COLUMN_chi2_g];
    find_bins(reduction, value, bin);
    struct bl23_extremum const e = {record->value[BL23_COLUMN_chi2], record->index};
    struct bl23_extremum *plane = r->profile;
    for (int k = 0; k < BL23_HISTOGRAM_AXES; k++, plane += BL23_BINS_ALL)
        if (e.value < plane[bin[k]].value)
            plane[bin[k]] = e;
    for (uint64_t h = 0; h < reduction->n_histograms_2d; h++) {
        uint64_t const *const pair = reduction->histogram_2d[h];
        size_t const rows = reduction->bins[pair[0]] + 2, columns = reduction->bins[pair[1]] + 2;
        struct bl23_extremum *const cell = &plane[bin[pair[0]] * columns + bin[pair[1]]];
        if (e.value < cell->value)
            *cell = e;
        plane += rows * columns;
    }
}

static void widen(struct bl23_extremum e[2], double value, uint64_t index)
{
    /* samples come in order: a tie keeps the lower index; the first may be infinite */
    if (value < e[0].value || e[0].index == BL23_NO_INDEX)
        e[0] = (struct bl23_extremum){value, index};
    if (value > e[1].value || e[1].index == BL23_NO_INDEX)
        e[1] = (struct bl23_extremum){value, index};
}

/* The columns of charm and top are there if the survey has their group. */
static bool is_column(struct bl23_model const *model, int c)
{
    bool const top = c >= BL23_COLUMN_br_t_u && c <= BL23_COLUMN_br_t_q;
    bool const charm = (c >= BL23_COLUMN_f_v_re && c <= BL23_COLUMN_f_a_im) ||
                       (c >= BL23_COLUMN_br_dp_pip && c <= BL23_COLUMN_br_dp_known) ||
                       c == BL23_COLUMN_x12 || c == BL23_COLUMN_x12_im;
    bool const ranked = c >= BL23_COLUMN_chi2 && c <= BL23_COLUMN_LogLike;
    return (!top || (model->groups & BL23_GROUP_TOP) != 0) &&
           (!ranked || (model->groups & BL23_GROUP_CHI2) != 0) &&
           (!charm || (model->groups & BL23_GROUP_CHARM) != 0);
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
            if (is_column(model, c))
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
        uint64_t const tile = i / BL23_TILE, k = bl23_knot_of_tile(model, tile);
        struct bl23_record record;
        bl23_record_of(model, i, &record);
        r->tallies.drawn++;
        r->knot[k].drawn++;
        if (model->cover_bytes == 0 && tile / model->n_knots % reduction->cutflow_every == 0)
            plain_survey_cuts(model, &model->knot[k], &record, &r->knot[k]);
        bool const ranked = (model->groups & BL23_GROUP_CHI2) != 0;
        int const rank = ranked ? BL23_COLUMN_chi2 : BL23_COLUMN_tension;
        all.sample[all.n_samples++] = (struct bl23_extremum){record.value[rank], i};
        if (ranked)
            profile_bins(reduction, &record, r);
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
                   found->n_knots == expected->n_knots && found->n_profile == expected->n_profile,
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
                  bl23_results_cells(found) * sizeof *found->histogram_2d, "2-D histograms", what);
    compare_words(found->nearest, expected->nearest, found->n_nearest * sizeof *found->nearest,
                  "nearest", what);
    compare_words(found->profile, expected->profile, found->n_profile * sizeof *found->profile,
                  "profile", what);
    compare_words(index, index + n, n * sizeof *index, "survivors", what);
    free(index);
}
