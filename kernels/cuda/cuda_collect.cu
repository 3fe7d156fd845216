/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Candidates: the verdict of verdict.h in double precision, and all that is kept of survivors. */
#include "kernels/cuda/cuda_tiles.h"

#include "kernels/results/bins.h"

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
struct tallies {
    uint32_t histogram_1d[BL23_HISTOGRAM_AXES][BL23_BINS_ALL];
    uint32_t passed, passed_1sigma;
    uint32_t bins[BL23_HISTOGRAM_AXES];
    uint32_t n_histograms_2d;
    uint32_t begin[BL23_HISTOGRAMS_2D], side[BL23_HISTOGRAMS_2D]; /* of their cells; of a row */
    uint32_t bits[BL23_HISTOGRAMS_2D][2]; /* where the bins of their axes lie among the packed */
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

BL23_DEVICE void tallies_init(struct bl23_cuda_launch const &launch, struct tallies &t)
{
    uint32_t *const bins = &t.histogram_1d[0][0];
    for (unsigned k = threadIdx.x; k < BL23_HISTOGRAM_AXES * BL23_BINS_ALL; k += THREADS)
        bins[k] = 0;
    for (unsigned k = threadIdx.x; k < WARPS * BL23_CUDA_EXTREMA; k += THREADS) {
        unsigned const which = k % BL23_CUDA_EXTREMA;
        value_of(t.extrema[k / BL23_CUDA_EXTREMA], which) = launch.extrema[which].value;
        index_of(t.extrema[k / BL23_CUDA_EXTREMA], which) = launch.extrema[which].index;
    }
    if (threadIdx.x < WARPS)
        t.extrema[threadIdx.x].newest = newest_of(launch.extrema);
    if (threadIdx.x < BL23_HISTOGRAM_AXES)
        t.bins[threadIdx.x] = (uint32_t)launch.reduction->bins[threadIdx.x];
    if (threadIdx.x < launch.reduction->n_histograms_2d) {
        uint64_t const *const axis = launch.reduction->histogram_2d[threadIdx.x];
        t.begin[threadIdx.x] = (uint32_t)bl23_histogram_begin(launch.reduction, threadIdx.x);
        t.side[threadIdx.x] = (uint32_t)bl23_bins_all(launch.reduction, axis[1]);
        for (int k = 0; k < 2; k++)
            t.bits[threadIdx.x][k] = 8u * (uint32_t)axis[k];
    }
    if (threadIdx.x == 0) {
        t.n_histograms_2d = (uint32_t)launch.reduction->n_histograms_2d;
        t.passed = t.passed_1sigma = 0;
    }
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

BL23_DEVICE void collect_extrema(struct tallies &t, bool survives, struct bl23_record const &record)
{
    struct warp_extrema &e = t.extrema[threadIdx.x / WARP];
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

/* Bin of g by its logarithm. With the default range, 1e-8 to 1, this is right except at an edge;
 * where it is not, the bin is searched by halving. */
BL23_DEVICE int32_t bin_of_g(double const *edge, uint32_t bins, double g)
{
    float const log2_low = -26.575425f, per_octave = (float)bins / -log2_low;
    float const place = (bl23_fast_log2((float)g) - log2_low) * per_octave;
    int const bin = (int)fminf(fmaxf(place, 0.0f), (float)(bins - 1u));
    return edge[bin] <= g && g < edge[bin + 1] ? bin + 1 : bl23_bin_rising(edge, (int32_t)bins, g);
}

/* The bins of a record with these words of block 0, by the words where they decide. */
BL23_DEVICE void bins_of(struct bl23_cuda_launch const &launch, struct tallies const &t,
                         struct bl23_words words, struct bl23_record const &record,
                         int32_t bin[BL23_HISTOGRAM_AXES])
{
    uint32_t const x0 = words.x[0], x1 = words.x[1], a = x0 < x1 ? x0 : x1, b = x0 < x1 ? x1 : x0;
    uint32_t word[BL23_AXIS_G] = {a, b - a, 0u - b}; /* bl23_draw_simplex */
    bl23_phase_words(words.x[2], words.x[3], word + BL23_AXIS_PHASES);
    bool edge = !launch.words_decide;
    BL23_UNROLL
    for (int i = 0; i < BL23_AXIS_G; i++) {
        bin[i] = bl23_bin_of_word(word[i], t.bins[i]);
        edge |= bl23_word_on_edge(word[i], t.bins[i]);
    }
    if (edge)
        bl23_bins_of_record(launch.reduction, record.value, bin);
    else
        bin[BL23_AXIS_G] = bin_of_g(launch.reduction->edge[BL23_AXIS_G], t.bins[BL23_AXIS_G],
                                    record.value[BL23_COLUMN_g_bl]);
}

BL23_DEVICE void collect_histograms(struct bl23_cuda_launch const &launch, struct tallies &t,
                                    struct bl23_words words, struct bl23_record const &record)
{
    int32_t bin[BL23_HISTOGRAM_AXES];
    bins_of(launch, t, words, record, bin);
    BL23_UNROLL
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        atomicAdd(&t.histogram_1d[a][bin[a]], 1u);
    uint64_t packed = 0; /* registers cannot be indexed */
    BL23_UNROLL
    for (int a = 0; a < BL23_HISTOGRAM_AXES; a++)
        packed |= (uint64_t)bin[a] << (8 * a);
    for (unsigned h = 0; h < t.n_histograms_2d; h++) {
        unsigned const x = (packed >> t.bits[h][0]) & 0xffu, y = (packed >> t.bits[h][1]) & 0xffu;
        atomicAdd(launch.histogram_2d + t.begin[h] + x * t.side[h] + y, 1ull);
    }
}
static_assert(BL23_BINS_ALL <= 256 && BL23_HISTOGRAM_AXES <= 8, "a byte for each bin");

/* Counts of survivors, of the block and of their knots. */
BL23_DEVICE void collect_counts(struct bl23_cuda_launch const &launch, struct tallies &t,
                                bool survives, uint32_t knot, int64_t level)
{
    unsigned const mask = __ballot_sync(BL23_ALL_LANES, survives);
    unsigned const one_sigma = __ballot_sync(BL23_ALL_LANES, survives && level == 1);
    uint32_t const first = __shfl_sync(BL23_ALL_LANES, knot, mask ? __ffs((int)mask) - 1 : 0);
    unsigned const same = __ballot_sync(BL23_ALL_LANES, survives && knot == first);
    if (lane_of_thread() == 0 && mask != 0) {
        atomicAdd(&t.passed, (unsigned)__popc(mask));
        atomicAdd(&t.passed_1sigma, (unsigned)__popc(one_sigma));
        bl23_atomic_add(&launch.knot[first].passed, (unsigned)__popc(same));
    }
    if (survives && knot != first) /* the warp straddles tiles */
        bl23_atomic_add(&launch.knot[knot].passed, 1u);
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
        struct bl23_cuda_nearest const n = {record.value[BL23_COLUMN_tension],
                                            bl23_record_digest(&record), offset};
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
 * `cover`: it has a cover. */
template <bool paper, bool cover>
BL23_DEVICE void collect(struct bl23_cuda_launch const &launch, struct tallies &t, bool exists,
                         uint32_t entry)
{
    struct bl23_model const *const model = launch.model;
    uint32_t const offset = entry & ~BL23_CUDA_DISCARDED;
    uint64_t const index = launch.range.base + offset;
    uint32_t const knot = knot_of<cover>(launch, offset / BL23_TILE);
    struct bl23_words block[2];
    struct bl23_record record;
    words_of_sample<cover>(launch, knot, index, block);
    bl23_record_of_words(model, &model->knot[knot],
                         paper ? (unsigned)BL23_GROUP_PAPER : launch.groups, launch.limited, index,
                         block, &record);
    bool const counts = exists && (entry & BL23_CUDA_DISCARDED) == 0;
    bool const survives = counts && record.survives;
    double const tension = record.value[BL23_COLUMN_tension];
    bool const near = counts && tension <= launch.range.bounds.tension && tension < BL23_INFINITY;
    collect_counts(launch, t, survives, knot, record.level);
    collect_extrema(t, survives, record);
    if (survives)
        collect_histograms(launch, t, block[0], record);
    collect_lists(launch, survives, near, offset, record);
    collect_audited(launch, exists, entry, record);
}

/* The best that the warps of a block have found. */
BL23_DEVICE struct bl23_extremum best_of_warps(struct tallies &t, unsigned which)
{
    struct bl23_extremum best = {value_of(t.extrema[0], which), index_of(t.extrema[0], which)};
    uint64_t newest = 0;
    for (unsigned warp = 1; warp < WARPS; warp++) {
        double const v = value_of(t.extrema[warp], which);
        bool const better = which % 2 == 0 ? v < best.value : v > best.value;
        offer(best.value, best.index, v, index_of(t.extrema[warp], which), better, newest);
    }
    return best;
}

/* What a block has found goes to the launch. */
BL23_DEVICE void tallies_flush(struct bl23_cuda_launch const &launch, struct tallies &t)
{
    __syncthreads();
    uint32_t const *const bins = &t.histogram_1d[0][0];
    for (unsigned k = threadIdx.x; k < BL23_HISTOGRAM_AXES * BL23_BINS_ALL; k += THREADS)
        if (bins[k] != 0)
            atomicAdd(&launch.counts->histogram_1d[0][0] + k, (unsigned long long)bins[k]);
    for (unsigned which = threadIdx.x; which < BL23_CUDA_EXTREMA; which += THREADS) {
        struct bl23_extremum const best = best_of_warps(t, which);
        if (best.index == launch.extrema[which].index)
            continue;
        uint32_t const at = atomicAdd(&launch.counts->extrema, 1u);
        struct bl23_cuda_new_extremum const found = {which, best};
        if (at < launch.capacity.extrema)
            launch.new_extrema[at] = found;
    }
    if (threadIdx.x == 0 && t.passed != 0) {
        atomicAdd(&launch.counts->passed, (unsigned long long)t.passed);
        atomicAdd(&launch.counts->passed_1sigma, (unsigned long long)t.passed_1sigma);
    }
}

template <bool paper, bool cover>
BL23_DEVICE void collect_all(struct bl23_cuda_launch const &launch, struct tallies &t)
{
    uint32_t const found = launch.counts->candidates;
    uint32_t const n = found < launch.capacity.candidates ? found : launch.capacity.candidates;
    tallies_init(launch, t);
    for (uint32_t at = warp_of_grid() * WARP; at < n; at += gridDim.x * THREADS) {
        bool const exists = at + lane_of_thread() < n;
        collect<paper, cover>(launch, t, exists,
                              launch.candidates[exists ? at + lane_of_thread() : at]);
    }
    tallies_flush(launch, t);
}

__global__ void __launch_bounds__(THREADS, BL23_CUDA_COLLECT_BLOCKS)
    collect_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct tallies, shared, [1]);
    collect_all<true, false>(launch, shared[0]);
}

/* The same for models that have groups of columns beside those of the paper. */
__global__ void __launch_bounds__(THREADS, BL23_CUDA_COLLECT_BLOCKS)
    collect_groups_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct tallies, shared, [1]);
    collect_all<false, false>(launch, shared[0]);
}

/* The same for models that have a cover. */
__global__ void __launch_bounds__(THREADS, BL23_CUDA_COLLECT_BLOCKS)
    collect_cover_kernel(struct bl23_cuda_launch const launch)
{
    BL23_SHARED(struct tallies, shared, [1]);
    collect_all<false, true>(launch, shared[0]);
}

cudaError_t bl23_cuda_collect_blocks(int processors, unsigned *blocks)
{
    return resident(collect_kernel, processors, blocks);
}

cudaError_t bl23_cuda_collect(struct bl23_cuda_launch const *launch, unsigned blocks,
                              cudaStream_t stream)
{
    if (launch->cover)
        BL23_LAUNCH(collect_cover_kernel, blocks, THREADS, stream, *launch);
    else if (launch->groups == BL23_GROUP_PAPER)
        BL23_LAUNCH(collect_kernel, blocks, THREADS, stream, *launch);
    else
        BL23_LAUNCH(collect_groups_kernel, blocks, THREADS, stream, *launch);
    return cudaGetLastError();
}
