/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/cuda/cuda_intake.h"

#include <stdbool.h>

#include "kernels/cuda/cuda_audit.h"
#include "kernels/sample/error.h"

/* ---- the audit ---- */

static uint32_t offset_of(uint64_t entry)
{
    return (uint32_t)entry & ~BL23_CUDA_DISCARDED;
}

/* Were all samples that had to be audited returned, each once? */
static enum bl23_status all_audited(struct bl23_cuda_slot const *slot, struct bl23_error *error)
{
    struct bl23_cuda_range const *const r = &slot->launch.range;
    unsigned char seen[BL23_CUDA_AUDITED_MAX] = {0};
    uint32_t const step = 1u << BL23_CUDA_AUDIT_BITS;
    uint32_t const low = (uint32_t)r->base + r->begin;
    uint32_t const first = r->begin + ((r->audit_phase - low) & (step - 1u));
    for (uint32_t k = 0; k < slot->host.counts->audited; k++) {
        uint32_t const offset = offset_of(slot->host.audited[k].entry);
        uint32_t const place = (offset - first) / step;
        if (offset >= r->end || place >= BL23_CUDA_AUDITED_MAX)
            return bl23_audit_fail(r->base + offset,
                                   "the device returned this sample although it was not requested",
                                   error);
        seen[place]++;
    }
    for (uint32_t at = first; at < r->end; at += step)
        if (seen[(at - first) / step] != 1)
            return bl23_audit_fail(r->base + at, "the device lost this sample or returned it twice",
                                   error);
    return BL23_OK;
}

/* Are all extrema those of a column? Any other number would index out of bounds. */
static enum bl23_status extrema_exist(struct bl23_cuda_host const *h, struct bl23_error *error)
{
    for (uint32_t k = 0; k < h->counts->extrema; k++)
        if (h->new_extrema[k].which >= BL23_CUDA_EXTREMA)
            return bl23_audit_fail(
                h->new_extrema[k].best.index,
                "the device reports it as extreme in a column that does not exist", error);
    return BL23_OK;
}

static struct bl23_audit_claim claim_of_extremum(struct bl23_cuda_new_extremum const *e)
{
    int const which = (int)e->which;
    return (struct bl23_audit_claim){.index = e->best.index,
                                     .survives = 1,
                                     .is_extremum = 1,
                                     .column = which / 2 % BL23_COLUMNS,
                                     .one_sigma = which / 2 / BL23_COLUMNS,
                                     .value = e->best.value};
}

/* The sample of an entry of the profile has its chi^2. */
static struct bl23_audit_claim claim_of_profile(struct bl23_extremum const *e)
{
    return (struct bl23_audit_claim){
        .index = e->index, .is_extremum = 1, .column = BL23_COLUMN_chi2, .value = e->value};
}

/* What a launch has returned, list after list: claim k of the list that it lies in. */
static struct bl23_audit_claim claim_of(struct bl23_cuda_slot const *slot, size_t k)
{
    struct bl23_cuda_host const *const h = &slot->host;
    uint64_t const base = slot->launch.range.base;
    if (k < h->counts->kept)
        return (struct bl23_audit_claim){
            .index = base + h->kept[k].offset, .digest = h->kept[k].digest, .survives = 1};
    k -= h->counts->kept;
    if (k < h->counts->nearest)
        return (struct bl23_audit_claim){.index = base + h->nearest[k].offset,
                                         .digest = h->nearest[k].digest};
    k -= h->counts->nearest;
    if (k >= h->counts->audited + h->n_news)
        return claim_of_extremum(&h->new_extrema[k - h->counts->audited - h->n_news]);
    if (k >= h->counts->audited)
        return claim_of_profile(&h->profile[h->news[k - h->counts->audited]]);
    uint64_t const entry = h->audited[k].entry;
    return (struct bl23_audit_claim){.index = base + offset_of(entry),
                                     .digest = h->audited[k].digest,
                                     .discarded = (entry & BL23_CUDA_DISCARDED) != 0};
}

static void claims_of(void const *slot, size_t first, size_t n, struct bl23_audit_claim *claim)
{
    for (size_t k = 0; k < n; k++)
        claim[k] = claim_of(slot, first + k);
}

enum bl23_status bl23_cuda_intake_audit(struct bl23_model const *model,
                                        struct bl23_cuda_slot const *slot, unsigned threads,
                                        struct bl23_error *error)
{
    struct bl23_cuda_counts const *const n = slot->host.counts;
    struct bl23_audit_source const source = {claims_of, slot,
                                             (size_t)n->kept + n->nearest + n->audited +
                                                 slot->host.n_news + n->extrema};
    enum bl23_status status = extrema_exist(&slot->host, error);
    if (status == BL23_OK)
        status = all_audited(slot, error);
    return status == BL23_OK ? bl23_audit_claims(model, &source, threads, error) : status;
}

/* ---- the results ---- */

/* Samples of a launch by knot, tile by tile. */
static void count_drawn(struct bl23_model const *model, struct bl23_cuda_range const *r,
                        struct bl23_results *p)
{
    uint32_t const n_knots = (uint32_t)model->n_knots;
    bool const has_cutflow = model->cover_bytes == 0;
    uint32_t place = r->first_knot, wait = r->cutflow_wait;
    for (uint32_t at = 0; at < r->end; at += BL23_TILE) {
        uint32_t const first = at > r->begin ? at : r->begin;
        uint32_t const next = at + BL23_TILE < r->end ? at + BL23_TILE : r->end;
        uint64_t const knot = bl23_knot_of_tile(model, (r->base + at) >> BL23_TILE_BITS);
        struct bl23_knot_counts *const counts = &p->knot[knot];
        counts->drawn += next - first;
        if (wait == 0 && has_cutflow)
            counts->cutflow_drawn += next - first;
        if (++place == n_knots) { /* the next round */
            place = 0;
            wait = wait ? wait - 1 : r->cutflow_every - 1;
        }
    }
    p->tallies.drawn += r->end - r->begin;
}

/* The device counts survivors and the cut-flow; count_drawn has the rest of a knot's counts. */
static void add_counts(struct bl23_cuda_host const *h, struct bl23_results *p)
{
    p->tallies.passed += h->counts->passed;
    p->tallies.passed_1sigma += h->counts->passed_1sigma;
    bl23_counts_add(p->tallies.histogram_1d, h->counts->histogram_1d,
                    sizeof p->tallies.histogram_1d);
    bl23_counts_add(p->knot, h->knot, p->n_knots * sizeof *p->knot);
    bl23_counts_add(p->histogram_2d, h->histogram_2d,
                    bl23_results_cells(p) * sizeof *p->histogram_2d);
}

static void add_extrema(struct bl23_cuda_host const *h, struct bl23_results *p)
{
    for (uint32_t k = 0; k < h->counts->extrema; k++) {
        struct bl23_cuda_new_extremum const *const found = &h->new_extrema[k];
        bl23_results_extremum(&p->tallies.extremum[0][0][0] + found->which, found->which % 2,
                              found->best.value, found->best.index);
    }
}

static void add_profile(struct bl23_cuda_host const *h, struct bl23_results *p)
{
    for (uint64_t k = 0; k < h->n_news; k++) {
        struct bl23_extremum const least = h->profile[h->news[k]];
        bl23_results_extremum(&p->profile[h->news[k]], 0, least.value, least.index);
    }
}

static enum bl23_status add_kept(struct bl23_cuda_host const *h, uint64_t base,
                                 struct bl23_results *p)
{
    enum { AT_ONCE = 1024 };
    uint64_t index[AT_ONCE];
    enum bl23_status status = BL23_OK;
    uint32_t const n = h->counts->kept;
    for (uint32_t at = 0, count; status == BL23_OK && at < n; at += count) {
        count = n - at < AT_ONCE ? n - at : AT_ONCE;
        for (uint32_t k = 0; k < count; k++)
            index[k] = base + h->kept[at + k].offset;
        status = bl23_results_keep_any(p, index, count);
    }
    return status;
}

static enum bl23_status add_lists(struct bl23_cuda_host const *h, uint64_t base,
                                  struct bl23_results *p, struct bl23_error *error)
{
    for (uint32_t k = 0; k < h->counts->nearest; k++)
        bl23_results_nearest(p, h->nearest[k].rank, base + h->nearest[k].offset);
    enum bl23_status const status = add_kept(h, base, p);
    return status == BL23_OK ? status : bl23_fail(error, status, "out of memory for survivors");
}

enum bl23_status bl23_cuda_intake_add(struct bl23_model const *model,
                                      struct bl23_cuda_slot const *slot,
                                      struct bl23_results *results, struct bl23_error *error)
{
    struct bl23_cuda_range const *const range = &slot->launch.range;
    enum bl23_status status = extrema_exist(&slot->host, error);
    if (status == BL23_OK)
        status = add_lists(&slot->host, range->base, results, error);
    if (status != BL23_OK)
        return status;
    count_drawn(model, range, results);
    add_counts(&slot->host, results);
    add_extrema(&slot->host, results);
    add_profile(&slot->host, results);
    return BL23_OK;
}
