/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/segment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/run/results_check.h"
#include "kernels/sample/error.h"

static char const magic[8] = {'B', 'L', '2', '3', 'S', 'E', 'G', '6'};

/* Bytes of the sections behind the header, and of all. */
struct sizes {
    size_t tallies, knots, histograms, nearest, profile, calls, survivors, total;
};

static struct sizes sizes_of(struct bl23_segment_header const *h)
{
    struct sizes p = {.tallies = sizeof(struct bl23_tallies),
                      .knots = h->n_knots * sizeof(struct bl23_knot_counts),
                      .histograms = h->cells * sizeof(uint64_t),
                      .nearest = h->n_nearest * sizeof(struct bl23_extremum),
                      .profile = h->n_profile * sizeof(struct bl23_extremum),
                      .calls = h->n_calls * sizeof(struct bl23_call),
                      .survivors = h->survivor_words * sizeof(uint16_t)};
    p.total = sizeof *h + p.tallies + p.knots + p.histograms + p.nearest + p.profile + p.calls +
              p.survivors;
    return p;
}

static char *append(char *at, void const *data, size_t size)
{
    if (size > 0)
        memcpy(at, data, size);
    return at + size;
}

enum bl23_status bl23_segment_encode(struct bl23_results const *r, struct bl23_calls const *calls,
                                     uint64_t config_hash, struct bl23_range range, void **bytes,
                                     size_t *size, struct bl23_error *error)
{
    bool const all = r->survivors.n == r->tallies.passed;
    struct bl23_segment_header header = {.config_hash = config_hash,
                                         .sampling = BL23_SAMPLING_VERSION,
                                         .first = range.first,
                                         .count = range.count,
                                         .n_knots = r->n_knots,
                                         .cells = bl23_results_cells(r),
                                         .n_nearest = r->n_nearest,
                                         .n_profile = r->n_profile,
                                         .n_calls = calls->size,
                                         .n_survivors = r->survivors.n,
                                         .survivor_words = r->survivors.words,
                                         .hash_bound = all ? UINT64_MAX : r->hash_bound};
    memcpy(header.magic, magic, sizeof magic);
    struct sizes const p = sizes_of(&header);
    char *const buffer = malloc(p.total);
    if (!buffer)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for a segment of %zu bytes",
                         p.total);
    char *at = append(buffer, &header, sizeof header);
    at = append(at, &r->tallies, p.tallies);
    at = append(at, r->knot, p.knots);
    at = append(at, r->histogram_2d, p.histograms);
    at = append(at, r->nearest, p.nearest);
    at = append(at, r->profile, p.profile);
    at = append(at, calls->call, p.calls);
    append(at, r->survivors.word, p.survivors);
    *bytes = buffer;
    *size = p.total;
    return BL23_OK;
}

/* Every size is bounded before sizes are multiplied or added. */
static bool header_fits(struct bl23_segment_header const *h, size_t size,
                        struct bl23_segment_claim claim, struct bl23_results const *like)
{
    return memcmp(h->magic, magic, sizeof magic) == 0 && h->config_hash == claim.config_hash &&
           h->sampling == BL23_SAMPLING_VERSION && h->first == claim.first &&
           h->count == claim.count && h->n_knots == like->n_knots &&
           h->cells == bl23_results_cells(like) && h->n_nearest <= like->nearest_capacity &&
           h->n_profile == like->n_profile && h->n_calls <= size / sizeof(struct bl23_call) &&
           h->survivor_words <= size / sizeof(uint16_t) && sizes_of(h).total == size;
}

static void set_view(char *at, struct bl23_segment_header const *h, struct bl23_results const *like,
                     struct bl23_results *view, struct bl23_calls *calls)
{
    struct sizes const p = sizes_of(h);
    *view = (struct bl23_results){.n_knots = h->n_knots,
                                  .n_histograms_2d = like->n_histograms_2d,
                                  .n_nearest = h->n_nearest,
                                  .n_profile = h->n_profile,
                                  .hash_bound = h->hash_bound};
    memcpy(view->bins, like->bins, sizeof view->bins);
    memcpy(view->cells, like->cells, sizeof view->cells);
    memcpy(&view->tallies, at, p.tallies);
    at += p.tallies;
    view->knot = (struct bl23_knot_counts *)(void *)at;
    at += p.knots;
    view->histogram_2d = (uint64_t *)(void *)at;
    at += p.histograms;
    view->nearest = (struct bl23_extremum *)(void *)at;
    at += p.nearest;
    view->profile = (struct bl23_extremum *)(void *)at;
    at += p.profile;
    *calls = (struct bl23_calls){.call = (struct bl23_call *)(void *)at, .size = h->n_calls};
    at += p.calls;
    view->survivors = (struct bl23_survivor_list){
        .n = h->n_survivors, .words = h->survivor_words, .word = (uint16_t *)(void *)at};
}

enum bl23_status bl23_segment_view(void *bytes, size_t size, struct bl23_segment_claim claim,
                                   struct bl23_results const *like, struct bl23_results *view,
                                   struct bl23_calls *calls)
{
    struct bl23_segment_header header;
    if (size < sizeof header)
        return BL23_ERROR_FAILED;
    memcpy(&header, bytes, sizeof header);
    if (!header_fits(&header, size, claim, like))
        return BL23_ERROR_FAILED;
    set_view((char *)bytes + sizeof header, &header, like, view, calls);
    bool const all = view->survivors.n == claim.passed || like->max_survivors == 0;
    bool const agree =
        view->tallies.passed == claim.passed && view->survivors.n <= claim.passed &&
        (all || header.hash_bound < UINT64_MAX) && bl23_list_is_whole(&view->survivors) &&
        bl23_list_is_sorted_within(&view->survivors, claim.first, claim.count) &&
        bl23_calls_agree(calls, claim.count) &&
        bl23_counts_agree(view, (struct bl23_range){claim.first, claim.count}, claim.count);
    return agree ? BL23_OK : BL23_ERROR_FAILED;
}
