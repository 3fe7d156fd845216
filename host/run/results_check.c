/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/results_check.h"

#include <math.h>
#include <string.h>

#include "kernels/lanes/record_rows.h"

/* ---- counts ---- */

/* Add to a sum that may not exceed `most`. */
static bool add(uint64_t *sum, uint64_t value, uint64_t most)
{
    bool const fits = value <= most && *sum <= most - value;
    *sum += fits ? value : 0;
    return fits;
}

/* The sum of n counters into *sum; false where it exceeds `most`. */
static bool add_all(uint64_t const *count, size_t n, uint64_t most, uint64_t *sum)
{
    *sum = 0;
    for (size_t k = 0; k < n; k++)
        if (!add(sum, count[k], most))
            return false;
    return true;
}

static bool tallies_agree(struct bl23_results const *r, uint64_t drawn)
{
    struct bl23_tallies const *const t = &r->tallies;
    uint64_t sum;
    if (t->drawn != drawn || t->passed > t->drawn || t->passed_1sigma > t->passed)
        return false;
    for (int axis = 0; axis < BL23_HISTOGRAM_AXES; axis++)
        if (!add_all(t->histogram_1d[axis], r->bins[axis] + 2, t->passed, &sum) || sum != t->passed)
            return false;
    return true;
}

/* What a constraint leaves after those before it, it also leaves alone. */
static bool cutflow_agrees(uint64_t const sequential[BL23_CONSTRAINTS_MAX],
                           uint64_t const alone[BL23_CONSTRAINTS_MAX], uint64_t drawn)
{
    for (int i = 0; i < BL23_CONSTRAINTS_MAX; i++)
        if (sequential[i] > alone[i] || alone[i] > drawn)
            return false;
    return true;
}

/* The results of a shorter output, which a run may begin with, have the cut-flow of all masses at
 * the first one. */
static bool knots_agree(struct bl23_results const *r)
{
    uint64_t drawn = 0, passed = 0, counted = 0;
    uint64_t sequential[BL23_CONSTRAINTS_MAX] = {0}, alone[BL23_CONSTRAINTS_MAX] = {0};
    for (uint64_t k = 0; k < r->n_knots; k++) {
        struct bl23_knot_counts const *const c = &r->knot[k];
        if (c->passed > c->drawn || c->passed_sequentially[0] > c->drawn ||
            !add(&drawn, c->drawn, r->tallies.drawn) ||
            !add(&passed, c->passed, r->tallies.passed) ||
            !add(&counted, c->cutflow_drawn, r->tallies.drawn))
            return false;
        for (int i = 0; i < BL23_CONSTRAINTS_MAX; i++)
            if (!add(&sequential[i], c->passed_sequentially[i], r->tallies.drawn) ||
                !add(&alone[i], c->passed_alone[i], r->tallies.drawn) ||
                (i > 0 && c->passed_sequentially[i] > c->passed_sequentially[i - 1]))
                return false;
    }
    return drawn == r->tallies.drawn && passed == r->tallies.passed &&
           cutflow_agrees(sequential, alone, counted);
}

/* What lies outside the edges may be missing: it is in no output. */
static bool histograms_agree(struct bl23_results const *r)
{
    uint64_t const *cell = r->histogram_2d;
    uint64_t sum;
    for (uint64_t h = 0; h < r->n_histograms_2d; cell += r->cells[h++])
        if (!add_all(cell, r->cells[h], r->tallies.passed, &sum))
            return false;
    return true;
}

static bool is_in(struct bl23_range s, uint64_t index)
{
    return index >= s.first && index - s.first < s.count;
}

static bool extrema_lie_in(struct bl23_tallies const *t, struct bl23_range s)
{
    for (int set = 0; set < 2; set++)
        for (int c = 0; c < BL23_COLUMNS; c++)
            for (int side = 0; side < 2; side++) {
                struct bl23_extremum const e = t->extremum[set][c][side];
                double const none = side == 0 ? BL23_INFINITY : -BL23_INFINITY;
                if (e.index == BL23_NO_INDEX ? e.value != none
                                             : isnan(e.value) || !is_in(s, e.index))
                    return false;
            }
    return true;
}

/* Rising by tension or chi^2, then index. */
static bool nearest_lie_in(struct bl23_results const *r, struct bl23_range s)
{
    for (uint64_t k = 0; k < r->n_nearest; k++) {
        struct bl23_extremum const e = r->nearest[k], *const before = &r->nearest[k] - (k > 0);
        bool const rises = k == 0 || e.value > before->value ||
                           (e.value == before->value && e.index > before->index);
        if (!(e.value >= 0.0 && e.value < BL23_INFINITY) || !is_in(s, e.index) || !rises)
            return false;
    }
    return true;
}

/* A bin has the least chi^2 of the samples in it, or nothing. */
static bool profile_lies_in(struct bl23_results const *r, struct bl23_range s)
{
    for (uint64_t k = 0; k < r->n_profile; k++) {
        struct bl23_extremum const e = r->profile[k];
        if (e.index == BL23_NO_INDEX
                ? e.value != BL23_INFINITY
                : !(e.value >= 0.0 && e.value < BL23_INFINITY) || !is_in(s, e.index))
            return false;
    }
    return true;
}

bool bl23_counts_agree(struct bl23_results const *r, struct bl23_range s, uint64_t drawn)
{
    return tallies_agree(r, drawn) && knots_agree(r) && histograms_agree(r) &&
           extrema_lie_in(&r->tallies, s) && nearest_lie_in(r, s) && profile_lies_in(r, s);
}

/* ---- records ---- */

static bool is_same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool extrema_agree(struct bl23_model const *model, struct bl23_tallies const *t,
                          uint64_t *index)
{
    for (int set = 0; set < 2; set++)
        for (int c = 0; c < BL23_COLUMNS; c++)
            for (int side = 0; side < 2; side++) {
                struct bl23_extremum const e = t->extremum[set][c][side];
                struct bl23_record record;
                if (e.index == BL23_NO_INDEX)
                    continue;
                bl23_record_of(model, e.index, &record);
                *index = e.index;
                if (!record.survives || record.level > 2 - set ||
                    !is_same(record.value[c], e.value))
                    return false;
            }
    return true;
}

static bool nearest_agree(struct bl23_model const *model, struct bl23_results const *r,
                          uint64_t *index)
{
    enum { AT_ONCE = 64 };
    uint64_t number[AT_ONCE];
    struct bl23_record record[AT_ONCE];
    for (uint64_t first = 0, n; first < r->n_nearest; first += n) {
        n = r->n_nearest - first < AT_ONCE ? r->n_nearest - first : AT_ONCE;
        for (uint64_t k = 0; k < n; k++)
            number[k] = r->nearest[first + k].index;
        bl23_records(model, number, n, record);
        for (uint64_t k = 0; k < n; k++) {
            *index = number[k];
            if (!is_same(bl23_record_rank(&record[k]), r->nearest[first + k].value))
                return false;
        }
    }
    return true;
}

/* The chi^2 of the samples of the profile are theirs. */
static bool profile_agrees(struct bl23_model const *model, struct bl23_results const *r,
                           uint64_t *index)
{
    for (uint64_t k = 0; k < r->n_profile; k++) {
        struct bl23_record record;
        if (r->profile[k].index == BL23_NO_INDEX)
            continue;
        *index = r->profile[k].index;
        bl23_records(model, index, 1, &record);
        if (!is_same(bl23_record_rank(&record), r->profile[k].value))
            return false;
    }
    return true;
}

bool bl23_records_agree(struct bl23_model const *model, struct bl23_results const *r,
                        uint64_t *index)
{
    return extrema_agree(model, &r->tallies, index) && nearest_agree(model, r, index) &&
           profile_agrees(model, r, index);
}
