/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* libFuzzer target: any bytes as a segment, with the magic that fits. What is accepted must
 * be results of its own range: indices inside it, lists in order, counts that fit each other. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/run/segment.h"
#include "kernels/results/thinning.h"

/* Of tests/data/fuzz_survey.yaml. */
enum { KNOTS = 2, NEAREST = 20, MAX_SURVIVORS = 200, SEED = 3 };
static uint64_t const samples = 40000;
static struct bl23_reduction const reduction = {
    .nearest = NEAREST, .max_survivors = MAX_SURVIVORS, .bins = {64, 64, 64, 64, 64, 64, 64}};
static char magic[8];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void require(int holds)
{
    if (!holds)
        abort();
}

static void seal(char *bytes, struct bl23_segment_header *header)
{
    memcpy(bytes, magic, sizeof magic);
    memcpy(header, bytes, sizeof *header);
}

/* The magic is that of the program. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct bl23_results results;
    struct bl23_segment_header header;
    struct bl23_calls const calls = {0};
    void *bytes;
    size_t size;
    (void)argc;
    (void)argv;
    require(bl23_results_init(&results, KNOTS, SEED, &reduction) == BL23_OK);
    require(bl23_segment_encode(&results, &calls, 1, (struct bl23_range){0, 1}, &bytes, &size,
                                NULL) == BL23_OK);
    memcpy(magic, bytes, sizeof magic);
    seal(bytes, &header);
    require(header.n_knots == KNOTS && header.count == 1);
    free(bytes);
    bl23_results_free(&results);
    return 0;
}

static int inside(struct bl23_segment_header const *h, uint64_t index)
{
    return index >= h->first && index - h->first < h->count;
}

static void check_extremum(struct bl23_segment_header const *h, struct bl23_extremum const *e)
{
    require(e->index == BL23_NO_INDEX || (inside(h, e->index) && !isnan(e->value)));
}

static void check_counts(struct bl23_segment_header const *h, struct bl23_results const *view)
{
    struct bl23_tallies const *const t = &view->tallies;
    require(t->drawn == h->count && t->passed <= t->drawn && t->passed_1sigma <= t->passed);
    for (int set = 0; set < 2; set++)
        for (int c = 0; c < BL23_COLUMNS; c++)
            for (int side = 0; side < 2; side++)
                check_extremum(h, &t->extremum[set][c][side]);
    require(view->n_nearest <= NEAREST);
    for (uint64_t k = 0; k < view->n_nearest; k++)
        require(inside(h, view->nearest[k].index) && !isnan(view->nearest[k].value));
}

static void check_survivors(struct bl23_segment_header const *h,
                            struct bl23_survivor_list const *list)
{
    struct bl23_tile_survivors tile;
    uint64_t at = 0, n = 0, next = h->first;
    while (bl23_list_next(list, &at, &tile)) {
        for (unsigned k = 0; k < tile.count; k++) {
            uint64_t const index = tile.first + tile.offset[k];
            require(inside(h, index) && index >= next);
            next = index + 1;
        }
        n += tile.count;
    }
    require(n == list->n);
}

/* What a merge does with it. */
static void use(struct bl23_results *view, struct bl23_results *sum)
{
    struct bl23_thinning thinning;
    require(bl23_thinning_init(&thinning, MAX_SURVIVORS, samples) == BL23_OK);
    bl23_thinning_count_list(&thinning, SEED, &view->survivors);
    bl23_thinning_free(&thinning);
    require(bl23_results_merge(sum, view) == BL23_OK && bl23_results_sort(sum) == BL23_OK);
}

static void read_segment(char *bytes, size_t size)
{
    struct bl23_segment_header header;
    struct bl23_results like, view;
    struct bl23_calls calls;
    seal(bytes, &header);
    /* What a manifest that was read can ask for. */
    if (header.count == 0 || header.first >= samples || header.count > samples - header.first)
        return;
    if (size < sizeof header + sizeof(struct bl23_tallies))
        return;
    struct bl23_tallies tallies;
    memcpy(&tallies, bytes + sizeof header, sizeof tallies);
    struct bl23_segment_claim const claim = {header.config_hash, header.first, header.count,
                                             tallies.passed};
    require(bl23_results_init(&like, KNOTS, SEED, &reduction) == BL23_OK);
    if (bl23_segment_view(bytes, size, claim, &like, &view, &calls) == BL23_OK) {
        check_counts(&header, &view);
        check_survivors(&header, &view.survivors);
        use(&view, &like);
    }
    bl23_results_free(&like);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    if (size < sizeof(struct bl23_segment_header))
        return 0;
    char *const bytes = malloc(size);
    if (!bytes)
        return 0;
    memcpy(bytes, data, size);
    read_segment(bytes, size);
    free(bytes);
    return 0;
}
