/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Candidates: the verdict of verdict.h in double precision, and all that is kept of survivors. */
#include "kernels/cuda/cuda_profile.h"

/* Minimum and maximum side by side: one load reads both. */
struct alignas(16) range {
    double low, high;
};

/* Extrema of a warp, so that none waits for another; the columns of all survivors, then those of
 * the ones of level 1. */
struct warp_extrema {
    struct range value[2][BL23_COLUMNS];
    uint64_t index[2][BL23_COLUMNS][2];
    uint64_t newest; /* highest index among them */
};

/* What the warps of a block have found. */
struct found {
    struct tallies tallies;
    struct warp_extrema extrema[WARPS];
};

/* Highest index among known extrema: they may come from later samples than those of the launch. */
BL23_DEVICE uint64_t newest_of(struct bl23_extremum const *known)
{
    uint64_t newest = 0;
    for (int k = 0; k < BL23_CUDA_EXTREMA; k++)
        if (known[k].index != BL23_NO_INDEX && known[k].index > newest)
            newest = known[k].index;
    return newest;
}

/* The value of an extremum by its number, BL23_CUDA_EXTREMUM; and its index. */
BL23_DEVICE double &value_of(struct warp_extrema &e, unsigned which)
{
    struct range &r = (&e.value[0][0])[which / 2];
    return which % 2 ? r.high : r.low;
}

BL23_DEVICE uint64_t &index_of(struct warp_extrema &e, unsigned which)
{
    return (&e.index[0][0][0])[which];
}

BL23_DEVICE void found_init(struct bl23_cuda_launch const &launch, struct found &f)
{
    tallies_init(launch, f.tallies);
    for (unsigned k = threadIdx.x; k < WARPS * BL23_CUDA_EXTREMA; k += THREADS) {
        unsigned const which = k % BL23_CUDA_EXTREMA;
        value_of(f.extrema[k / BL23_CUDA_EXTREMA], which) = launch.extrema[which].value;
        index_of(f.extrema[k / BL23_CUDA_EXTREMA], which) = launch.extrema[which].index;
    }
    if (threadIdx.x < WARPS)
        f.extrema[threadIdx.x].newest = newest_of(launch.extrema);
    __syncthreads();
}

/* Could a record change an extremum of the warp? Those of level 1 are survivors, too, so that their
 * range lies within that of all: a record of level 1 changes nothing unless it changes theirs. Only
 * one older than the newest extremum can win by its index alone. */
BL23_DEVICE bool may_be_extremum(struct warp_extrema const &e, struct bl23_record const &record)
{
    struct range const *const known = e.value[record.level == 1];
    bool beats = record.index <= e.newest;
    BL23_UNROLL
    for (int c = 0; c < BL23_COLUMNS; c++) {
        if (!bl23_has_column(record.groups, c))
            continue;
        struct range const r = known[c];
        beats |= (record.value[c] < r.low) | (record.value[c] > r.high);
    }
    return beats;
}

BL23_DEVICE void offer(double &value, uint64_t &at, double v, uint64_t index, bool better,
                       uint64_t &newest)
{
    if (!better && !(v == value && index < at))
        return;
    value = v;
    at = index;
    newest = index > newest ? index : newest;
}

/* One lane's record against the extrema of its warp. */
BL23_DEVICE void offer_record(struct warp_extrema &e, struct bl23_record const &record)
{
    int const sets = record.level == 1 ? 2 : 1;
    for (int set = 0; set < sets; set++) {
        BL23_UNROLL
        for (int c = 0; c < BL23_COLUMNS; c++) {
            if (!bl23_has_column(record.groups, c))
                continue;
            struct range &r = e.value[set][c];
            uint64_t *const at = e.index[set][c];
            double const v = record.value[c];
            offer(r.low, at[0], v, record.index, v < r.low, e.newest);
            offer(r.high, at[1], v, record.index, v > r.high, e.newest);
        }
    }
}

BL23_DEVICE void collect_extrema(struct warp_extrema &e, bool survives,
                                 struct bl23_record const &record)
{
    unsigned mask = __ballot_sync(BL23_ALL_LANES, survives && may_be_extremum(e, record));
    __syncwarp();       /* all lanes have read them */
    while (mask != 0) { /* rare once the extrema of a survey have settled */
        unsigned const lane = (unsigned)__ffs((int)mask) - 1u;
        mask &= mask - 1u;
        if (lane_of_thread() == lane)
            offer_record(e, record);
        __syncwarp();
    }
}

/* The bins of a record with these words of block 0, the last of them that of g. */
BL23_DEVICE void record_bins(struct bl23_cuda_launch const &launch, struct binning const &b,
                             struct bl23_words words, struct bl23_record const &record, double g,
                             int32_t bin[BL23_HISTOGRAM_AXES])
{
    double abs[3], phase[3];
    BL23_UNROLL
    for (int i = 0; i < 3; i++) {
        abs[i] = record.value[BL23_COLUMN_wu11_abs + 2 * i];
        phase[i] = record.value[BL23_COLUMN_wu11_phase + 2 * i];
    }
    sample_bins(launch, b, words, abs, phase, g, bin);
}

/* The columns of chi^2, which the record is still without. All lanes call. */
BL23_DEVICE void record_chi2(struct bl23_cuda_launch const &launch, struct bl23_knot const *knot,
                             struct quantity_row &row, struct bl23_record &record)
{
    double m[BL23_MONOMIALS];
    record.groups = launch.groups | (unsigned)BL23_GROUP_CHI2; /* the compiler knows its bit */
    monomials_of(launch, record.index, m);
    quantities_of<false>(knot, bl23_quantities_of_groups(launch.groups), m, row.quantity);
    bl23_record_chi2(launch.model, knot, coupling_of(launch, record.index), row.quantity, &record);
}

/* Survivors of small hash, and near misses. */
BL23_DEVICE void collect_lists(struct bl23_cuda_launch const &launch, bool survives, bool near,
                               uint32_t offset, struct bl23_record const &record)
{
    uint64_t const bound = launch.range.bounds.hash;
    bool keep = survives && launch.reduction->max_survivors > 0;
    if (keep && bound < UINT64_MAX) /* none has been dropped before: no hash is needed */
        keep = bl23_hash_of_words(sample_words(launch.range.seed, record.index, BL23_HASH_BLOCK)) <=
               bound;
    uint32_t at = reserve(&launch.counts->kept, keep);
    if (keep && at < launch.capacity.kept) {
        struct bl23_cuda_survivor const s = {bl23_record_digest(&record), offset};
        launch.kept[at] = s;
    }
    at = reserve(&launch.counts->nearest, near);
    if (near && at < launch.capacity.nearest) {
        struct bl23_cuda_nearest const n = {bl23_record_rank(&record), bl23_record_digest(&record),
                                            offset};
        launch.nearest[at] = n;
    }
}

BL23_DEVICE void collect_audited(struct bl23_cuda_launch const &launch, bool exists, uint32_t entry,
                                 struct bl23_record const &record)
{
    uint32_t const mask = (1u << BL23_CUDA_AUDIT_BITS) - 1u;
    bool const audited =
        exists && (((uint32_t)record.index ^ launch.range.audit_phase) & mask) == 0;
    uint32_t const at = reserve(&launch.counts->audited, audited);
    if (audited && at < launch.capacity.audited) {
        struct bl23_cuda_audited const a = {bl23_record_digest(&record), entry};
        launch.audited[at] = a;
    }
}

/* `paper`: the model has no groups beside those of the paper, which the compiler then leaves out;
 * `cover`: it has a cover; `ranked`: it ranks by chi^2, and `row` is that of the thread. */
template <bool paper, bool cover, bool ranked>
BL23_DEVICE void collect(struct bl23_cuda_launch const &launch, struct found &f,
                         struct quantity_row *row, bool exists, uint32_t entry)
{
    struct bl23_model const *const model = launch.model;
    uint32_t const offset = entry & ~BL23_CUDA_DISCARDED;
    uint64_t const index = launch.range.base + offset;
    uint32_t const knot = knot_of<cover>(launch, offset / BL23_TILE);
    int32_t bin[BL23_HISTOGRAM_AXES];
    struct bl23_words block[2];
    struct bl23_record record;
    words_of_sample<cover>(launch, knot, index, block);
    bl23_record_of_words(model, &model->knot[knot],
                         paper ? (unsigned)BL23_GROUP_PAPER
                               : launch.groups & ~(unsigned)BL23_GROUP_CHI2,
                         launch.limited, index, block, &record);
    if (ranked)
        record_chi2(launch, &model->knot[knot], *row, record);
    bool const counts = exists && (entry & BL23_CUDA_DISCARDED) == 0;
    bool const survives = counts && record.survives;
    double const rank = bl23_record_rank(&record);
    bool const near = counts && rank <= launch.range.bounds.tension && rank < BL23_INFINITY;
    count_survivors(launch, f.tallies, survives, knot, record.level == 1);
    collect_extrema(f.extrema[threadIdx.x / WARP], survives, record);
    if (survives) {
        record_bins(launch, f.tallies.binning, block[0], record, record.value[BL23_COLUMN_g_bl],
                    bin);
        count_bins(launch, f.tallies, bin);
    }
    if (ranked && counts) {
        record_bins(launch, f.tallies.binning, block[0], record, record.value[BL23_COLUMN_chi2_g],
                    bin);
        offer_indices(launch, f.tallies.binning, bin, rank, index);
    }
    collect_lists(launch, survives, near, offset, record);
    collect_audited(launch, exists, entry, record);
}

/* The best that the warps of a block have found. */
BL23_DEVICE struct bl23_extremum best_of_warps(struct found &f, unsigned which)
{
    struct bl23_extremum best = {value_of(f.extrema[0], which), index_of(f.extrema[0], which)};
    uint64_t newest = 0;
    for (unsigned warp = 1; warp < WARPS; warp++) {
        double const v = value_of(f.extrema[warp], which);
        bool const better = which % 2 == 0 ? v < best.value : v > best.value;
        offer(best.value, best.index, v, index_of(f.extrema[warp], which), better, newest);
    }
    return best;
}

/* What a block has found goes to the launch. */
BL23_DEVICE void found_flush(struct bl23_cuda_launch const &launch, struct found &f)
{
    __syncthreads();
    tallies_flush(launch, f.tallies);
    for (unsigned which = threadIdx.x; which < BL23_CUDA_EXTREMA; which += THREADS) {
        struct bl23_extremum const best = best_of_warps(f, which);
        if (best.index == launch.extrema[which].index)
            continue;
        uint32_t const at = atomicAdd(&launch.counts->extrema, 1u);
        struct bl23_cuda_new_extremum const found = {which, best};
        if (at < launch.capacity.extrema)
            launch.new_extrema[at] = found;
    }
}

template <bool paper, bool cover, bool ranked>
BL23_DEVICE void collect_all(struct bl23_cuda_launch const &launch, struct found &f,
                             struct quantity_row *row)
{
    uint32_t const found = launch.counts->candidates;
    uint32_t const n = found < launch.capacity.candidates ? found : launch.capacity.candidates;
    found_init(launch, f);
    for (uint32_t at = warp_of_grid() * WARP; at < n; at += gridDim.x * THREADS) {
        bool const exists = at + lane_of_thread() < n;
        collect<paper, cover, ranked>(launch, f, row, exists,
                                      launch.candidates[exists ? at + lane_of_thread() : at]);
    }
    found_flush(launch, f);
}

__global__ void __launch_bounds__(THREADS, BL23_CUDA_COLLECT_BLOCKS)
    collect_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct found, shared, [1]);
    collect_all<true, false, false>(launch, shared[0], nullptr);
}

/* The same for models that have groups of columns beside those of the paper. */
__global__ void __launch_bounds__(THREADS, BL23_CUDA_COLLECT_BLOCKS)
    collect_groups_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct found, shared, [1]);
    collect_all<false, false, false>(launch, shared[0], nullptr);
}

/* The same for models that have a cover. */
__global__ void __launch_bounds__(THREADS, BL23_CUDA_COLLECT_BLOCKS)
    collect_cover_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct found, shared, [1]);
    collect_all<false, true, false>(launch, shared[0], nullptr);
}

/* The same for models that rank by chi^2. Told of blocks, the compiler spills registers. */
struct ranked_found {
    struct found found;
    struct quantity_row row[THREADS];
};

__global__ void __launch_bounds__(THREADS)
    collect_ranked_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct ranked_found, shared, [1]);
    collect_all<false, false, true>(launch, shared[0].found, &shared[0].row[threadIdx.x]);
}

cudaError_t bl23_cuda_collect_blocks(int processors, unsigned *blocks)
{
    return resident(collect_kernel, processors, blocks);
}

cudaError_t bl23_cuda_collect(struct bl23_cuda_launch const *launch, unsigned blocks,
                              cudaStream_t stream)
{
    if ((launch->groups & BL23_GROUP_CHI2) != 0)
        BL23_LAUNCH(collect_ranked_kernel, blocks, THREADS, stream, *launch);
    else if (launch->cover)
        BL23_LAUNCH(collect_cover_kernel, blocks, THREADS, stream, *launch);
    else if (launch->groups == BL23_GROUP_PAPER)
        BL23_LAUNCH(collect_kernel, blocks, THREADS, stream, *launch);
    else
        BL23_LAUNCH(collect_groups_kernel, blocks, THREADS, stream, *launch);
    return cudaGetLastError();
}
