/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The policy of the CUDA backend: which device, how much memory, how large a launch, what to do
 * when something does not fit or fails. Two launches are under way at a time: the host stores and
 * audits one while the device computes the next. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cuda_profiler_api.h>

#include "kernels/backend.h"
#include "kernels/cuda/cuda_intake.h"
#include "kernels/results/bins.h"
#include "kernels/sample/error.h"

enum {
    SLOTS = 2,
    FIRST_LAUNCH = 1 << 16, /* samples: no bounds are known yet, every miss is a near one */
    GROWTH = 4,
    PIECES_MAX = 64,
    CANDIDATES_MAX = 1 << 26,
    CANDIDATES_MIN = 1 << 16,
    SIDED_KNOTS_MAX = 4096 /* whose sides the host can afford to make for each launch */
};

/* A launch is made shorter above the one, longer below the other. */
static float const launch_ms_max = 250.0f, launch_ms_min = 60.0f;

/* A screen serves until the bound has fallen by this factor. */
static double const screen_stale = 0.95;

/* Samples [first, first + count). */
struct piece {
    uint64_t first, count;
};

/* From all samples seen so far: what a sample must beat. */
struct known {
    struct bl23_bounds bounds;
    struct bl23_extremum extremum[BL23_CUDA_EXTREMA];
    uint64_t end; /* all of these samples come before it */
};

struct bl23_backend_state {
    struct bl23_model const *model;
    struct bl23_reduction const *reduction;
    struct bl23_backend_options options;
    char name[256];
    int device;
    void *d_model, *d_reduction, *d_cuts;
    struct bl23_cuda_shape shape;
    struct bl23_cuda_slot slot[SLOTS];
    struct piece in_flight[SLOTS]; /* count = 0: idle */
    uint64_t launch_samples;
    struct bl23_screen_knot *screen_knot; /* [n_knots]; NULL: no screen */
    struct bl23_screen_pilot *pilot;
    struct bl23_screen *screen; /* [n_knots], for screen_bound */
    double screen_bound;
    struct bl23_sides *sides; /* [n_knots], for sides_known; NULL: there are none */
    struct bl23_side_cuts *cuts;
    struct known sides_known;
    int sided; /* are any of them on? */
    struct known known;
    struct bl23_extremum *profile; /* the same of the bins, [shape.places] */
    uint32_t audit_phase;
    double seconds[BL23_CUDA_KERNELS];
    uint64_t candidates;
    struct bl23_results partial; /* of one call of run */
};

static enum bl23_status device_fail(struct bl23_error *error, char const *what, cudaError_t cause)
{
    return bl23_fail(error, BL23_ERROR_DEVICE, "%s: %s", what, cudaGetErrorString(cause));
}

/* ---- open ---- */

/* Why there is none; NULL: there is one. */
static char const *no_device(cudaError_t cause, int count)
{
    if (cause == cudaErrorInsufficientDriver)
        return "there is no NVIDIA driver, or the driver is older than the CUDA toolkit that bl23 "
               "was built with";
    if (cause != cudaSuccess)
        return cudaGetErrorString(cause);
    return count == 0 ? "the driver reports none" : NULL;
}

static enum bl23_status choose_device(struct bl23_backend_state *s, struct bl23_error *error)
{
    struct cudaDeviceProp properties;
    int count = 0;
    cudaError_t cause = cudaGetDeviceCount(&count);
    char const *const why = no_device(cause, count);
    if (why)
        return bl23_fail(error, BL23_ERROR_DEVICE, "no CUDA device: %s", why);
    s->device = (int)(s->options.device % (unsigned)count);
    cause = cudaSetDevice(s->device);
    if (cause == cudaSuccess)
        cause = cudaGetDeviceProperties(&properties, s->device);
    if (cause == cudaSuccess)
        cause = bl23_cuda_grid_of(s->device, &s->shape.grid);
    if (cause != cudaSuccess)
        return device_fail(error, "the CUDA device cannot be used", cause);
    memcpy(s->name, properties.name, sizeof s->name - 1);
    return BL23_OK;
}

/* Copy to new device memory. */
static cudaError_t upload(void **device, void const *host, size_t bytes)
{
    cudaError_t const error = cudaMalloc(device, bytes);
    return error == cudaSuccess ? cudaMemcpy(*device, host, bytes, cudaMemcpyHostToDevice) : error;
}

static enum bl23_status upload_model(struct bl23_backend_state *s, struct bl23_error *error)
{
    cudaError_t cause = upload(&s->d_model, s->model, bl23_model_size(s->model));
    if (cause == cudaSuccess)
        cause = upload(&s->d_reduction, s->reduction, sizeof *s->reduction);
    if (cause == cudaSuccess && s->cuts)
        cause = upload(&s->d_cuts, s->cuts, s->model->n_knots * sizeof *s->cuts);
    if (cause ==
        cudaSuccess) /* a copy may still be on its way, and the slots' streams wait for none */
        cause = cudaStreamSynchronize(NULL);
    if (cause != cudaSuccess)
        return device_fail(error, "the model does not fit on the CUDA device", cause);
    s->shape.d_model = s->d_model;
    s->shape.d_reduction = s->d_reduction;
    s->shape.d_cuts = s->d_cuts;
    s->shape.n_knots = s->model->n_knots;
    s->shape.cells = bl23_histogram_begin(s->reduction, s->reduction->n_histograms_2d);
    s->shape.places = bl23_profile_places(s->reduction);
    s->shape.words_decide = s->model->w_mode == BL23_W_HAAR && bl23_bins_words_decide(s->reduction);
    for (uint64_t k = 0; k < s->model->n_knots; k++)
        s->shape.limited |= bl23_limited_of(&s->model->knot[k]);
    s->shape.groups = (unsigned)s->model->groups;
    s->shape.cover = s->model->cover_bytes > 0;
    s->shape.solve = s->model->g_mode == BL23_G_SOLVE;
    return BL23_OK;
}

static uint32_t at_most(uint64_t wanted, uint64_t most)
{
    return (uint32_t)(wanted < most ? wanted : most);
}

/* Room for lists; a launch that overflows one is cut in half and repeated. */
static struct bl23_cuda_capacity capacity_of(struct bl23_backend_state const *s,
                                             uint32_t candidates)
{
    struct bl23_cuda_capacity c;
    c.candidates = candidates;
    c.nearest = FIRST_LAUNCH + at_most(8 * s->reduction->nearest, 1 << 26);
    c.kept = s->reduction->max_survivors ? candidates / 16 + BL23_TILE : 1;
    c.audited = BL23_CUDA_AUDITED_MAX;
    c.extrema = s->shape.grid.collect * BL23_CUDA_EXTREMA;
    return c;
}

/* Take the slots; while memory is short, with half of the room. */
static enum bl23_status open_slots(struct bl23_backend_state *s, struct bl23_error *error)
{
    cudaError_t cause = cudaErrorMemoryAllocation;
    s->shape.tiles = BL23_CUDA_LAUNCH_MAX / BL23_TILE + 1;
    for (uint32_t room = CANDIDATES_MAX; cause == cudaErrorMemoryAllocation; room /= 2) {
        if (room < CANDIDATES_MIN)
            return device_fail(error, "the CUDA device has too little memory left", cause);
        cudaGetLastError(); /* the failed allocation is dealt with */
        s->shape.capacity = capacity_of(s, room);
        cause = cudaSuccess;
        for (int k = 0; cause == cudaSuccess && k < SLOTS; k++)
            cause = bl23_cuda_slot_open(&s->shape, &s->slot[k]);
        for (int k = 0; cause != cudaSuccess && k < SLOTS; k++)
            bl23_cuda_slot_close(&s->slot[k]);
    }
    return cause == cudaSuccess ? BL23_OK : device_fail(error, "memory of the CUDA device", cause);
}

/* The sides and cut-flows of all masses, without edges. */
static bool open_sides(struct bl23_backend_state *s)
{
    struct bl23_model const *const model = s->model;
    if (!bl23_sides_apply(model) || model->groups != BL23_GROUP_PAPER ||
        !bl23_bins_words_decide(s->reduction) || model->n_knots > SIDED_KNOTS_MAX)
        return true;
    s->sides = calloc(model->n_knots, sizeof *s->sides);
    s->cuts = calloc(model->n_knots, sizeof *s->cuts);
    if (!s->sides || !s->cuts)
        return false;
    for (uint64_t k = 0; k < model->n_knots; k++) {
        bl23_sides_knot(model, &model->knot[k], &s->sides[k]);
        bl23_sides_cuts(model, &model->knot[k], &s->sides[k], &s->cuts[k]);
    }
    return true;
}

static bool open_host(struct bl23_backend_state *s)
{
    uint64_t const n_knots = s->model->n_knots, places = bl23_profile_places(s->reduction);
    bool const ranked = (s->model->groups & BL23_GROUP_CHI2) != 0; /* all samples are looked at */
    s->screen = calloc(n_knots, sizeof *s->screen);
    s->profile = calloc(places + 1, sizeof *s->profile);
    if (!s->screen || !s->profile ||
        bl23_results_init(&s->partial, n_knots, s->model->seed, s->reduction) != BL23_OK)
        return false;
    memcpy(s->known.extremum, s->partial.tallies.extremum, sizeof s->known.extremum);
    memcpy(s->profile, s->partial.profile, places * sizeof *s->profile);
    if (s->options.no_screen || ranked ||
        s->model->cover_bytes > 0) /* few samples would be discarded */
        return true;
    s->screen_knot = calloc(n_knots, sizeof *s->screen_knot);
    s->pilot = calloc(1, sizeof *s->pilot);
    if (!s->screen_knot || !s->pilot || !open_sides(s))
        return false;
    bl23_screen_pilot_build(s->model, s->pilot);
    for (uint64_t k = 0; k < n_knots; k++)
        bl23_screen_knot_build(s->model, &s->model->knot[k], s->pilot, &s->screen_knot[k]);
    return true;
}

static void cuda_close(struct bl23_backend_state *s)
{
    if (!s)
        return;
    for (int k = 0; k < SLOTS; k++)
        bl23_cuda_slot_close(&s->slot[k]);
    cudaFree(s->d_model);
    cudaFree(s->d_reduction);
    cudaFree(s->d_cuts);
    bl23_results_free(&s->partial);
    free(s->screen_knot);
    free(s->pilot);
    free(s->screen);
    free(s->sides);
    free(s->cuts);
    free(s->profile);
    free(s);
}

static enum bl23_status cuda_open(struct bl23_model const *model,
                                  struct bl23_reduction const *reduction,
                                  struct bl23_backend_options const *options,
                                  struct bl23_backend_state **out, struct bl23_error *error)
{
    *out = NULL;
    BL23_TRY(bl23_cuda_takes(model, error));
    struct bl23_backend_state *const s = calloc(1, sizeof *s);
    if (!s)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the CUDA backend");
    s->model = model;
    s->reduction = reduction;
    s->options = *options;
    s->launch_samples = FIRST_LAUNCH;
    s->known.bounds = (struct bl23_bounds){BL23_INFINITY, UINT64_MAX};
    s->screen_bound = BL23_INFINITY;
    s->audit_phase =
        (uint32_t)bl23_survivor_hash(model->seed, 0) & ((1u << BL23_CUDA_AUDIT_BITS) - 1u);
    enum bl23_status status = choose_device(s, error);
    if (status == BL23_OK && !open_host(s))
        status = bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the CUDA backend");
    if (status == BL23_OK)
        status = upload_model(s, error);
    if (status == BL23_OK)
        status = open_slots(s, error);
    if (status != BL23_OK)
        cuda_close(s);
    else
        *out = s;
    return status;
}

/* ---- submit ---- */

/* Screens for the bound as it is now; they are kept while it falls slowly. */
static void refresh_screens(struct bl23_backend_state *s)
{
    double const bound =
        bl23_max(s->known.bounds.tension, 1.0); /* survivors are wanted in any case */
    if (!s->screen_knot || !(bound < screen_stale * s->screen_bound))
        return;
    for (uint64_t k = 0; k < s->model->n_knots; k++) { /* the kernels have the first condition */
        struct bl23_screen screen[BL23_SCREENS];
        if (!bl23_screen_build(s->model, &s->model->knot[k], &s->screen_knot[k], s->pilot, bound,
                               screen))
            screen->n_terms = screen->has_x5 = 0;
        s->screen[k] = screen[0];
    }
    s->screen_bound = bound;
}

/* Sides for what is known now, of samples that all come before a piece; returns whether it has
 * any. */
static int refresh_sides(struct bl23_backend_state *s, struct piece piece)
{
    struct bl23_seen seen;
    if (!s->sides || piece.first < s->known.end)
        return 0;
    if (memcmp(&s->sides_known, &s->known, offsetof(struct known, end)) == 0)
        return s->sided;
    for (int k = 0; k < BL23_CUDA_EXTREMA; k += 2)
        seen.column[k / 2 / BL23_COLUMNS][k / 2 % BL23_COLUMNS] =
            (struct bl23_interval){s->known.extremum[k].value, s->known.extremum[k + 1].value};
    s->sided = 0;
    for (uint64_t k = 0; k < s->model->n_knots; k++) {
        struct bl23_knot const *const knot = &s->model->knot[k];
        struct bl23_settled settled[2];
        bl23_sides_settled(s->model, knot, &s->sides[k], &seen, settled);
        bl23_sides_edges(s->model, knot, settled, s->known.bounds.tension, &s->sides[k]);
        s->sided |= s->sides[k].on;
    }
    s->sides_known = s->known;
    return s->sided;
}

/* The place of a piece among tiles, knots and rounds of the cut-flow. */
static struct bl23_cuda_range range_of(struct bl23_backend_state const *s, struct piece piece)
{
    uint64_t const every = s->reduction->cutflow_every;
    uint64_t const tile = piece.first >> BL23_TILE_BITS;
    uint64_t const round = tile / s->model->n_knots % every;
    struct bl23_cuda_range range = {
        .seed = s->model->seed,
        .base = tile << BL23_TILE_BITS,
        .first_knot = (uint32_t)(tile % s->model->n_knots),
        .first_round = tile / s->model->n_knots,
        .n_masses = bl23_has_common_w(s->model) ? (uint32_t)bl23_model_masses(s->model) : 0,
        .cutflow_wait = at_most(round ? every - round : 0, UINT32_MAX),
        .cutflow_every = at_most(every, UINT32_MAX),
        .audit_phase = s->audit_phase,
        .bounds = s->known.bounds};
    range.begin = (uint32_t)(piece.first - range.base);
    range.end = range.begin + (uint32_t)piece.count;
    return range;
}

static enum bl23_status submit(struct bl23_backend_state *s, int k, struct piece piece,
                               struct bl23_error *error)
{
    struct bl23_cuda_slot *const slot = &s->slot[k];
    struct bl23_cuda_range const range = range_of(s, piece);
    refresh_screens(s);
    memcpy(slot->host.screen, s->screen, s->model->n_knots * sizeof *s->screen);
    memcpy(slot->host.extrema, s->known.extremum, sizeof s->known.extremum);
    memcpy(slot->host.profile_known, s->profile, s->shape.places * sizeof *s->profile);
    slot->launch.sided = refresh_sides(s, piece);
    if (s->sides)
        memcpy(slot->host.sides, s->sides, s->model->n_knots * sizeof *s->sides);
    cudaError_t const cause = bl23_cuda_slot_submit(&s->shape, slot, &range);
    if (cause != cudaSuccess)
        return device_fail(error, "a launch on the CUDA device failed", cause);
    s->in_flight[k] = piece;
    return BL23_OK;
}

/* ---- collect ---- */

/* How large the next launch may be, by the time and the room that this one took. */
static void adapt(struct bl23_backend_state *s, struct bl23_cuda_slot const *slot, uint64_t samples,
                  float milliseconds)
{
    struct bl23_cuda_counts const *const n = slot->host.counts;
    struct bl23_cuda_capacity const *const c = &s->shape.capacity;
    bool const tight =
        n->candidates > c->candidates / 2 || n->nearest > c->nearest / 2 || n->kept > c->kept / 2;
    if (milliseconds > launch_ms_max && s->launch_samples > FIRST_LAUNCH)
        s->launch_samples /= 2;
    else if (samples == s->launch_samples && !tight && milliseconds < launch_ms_min)
        s->launch_samples = at_most(GROWTH * s->launch_samples, BL23_CUDA_LAUNCH_MAX);
}

/* Wait for a launch and take what it found; *overflowed: it has to be repeated in halves. */
static enum bl23_status collect(struct bl23_backend_state *s, int k, bool *overflowed,
                                struct bl23_error *error)
{
    struct bl23_cuda_slot *const slot = &s->slot[k];
    struct piece const piece = s->in_flight[k];
    float milliseconds[BL23_CUDA_KERNELS] = {0}, all = 0.0f;
    s->in_flight[k].count = 0;
    cudaError_t cause = bl23_cuda_slot_wait(slot, milliseconds);
    for (int kernel = 0; kernel < BL23_CUDA_KERNELS; kernel++) {
        all += milliseconds[kernel];
        s->seconds[kernel] += 1e-3 * (double)milliseconds[kernel];
    }
    *overflowed = cause == cudaSuccess && bl23_cuda_slot_overflowed(slot);
    if (*overflowed)
        return BL23_OK;
    if (cause == cudaSuccess)
        cause = bl23_cuda_slot_fetch(&s->shape, slot);
    if (cause != cudaSuccess)
        return device_fail(error, "the CUDA device failed", cause);
    enum bl23_status status = BL23_OK;
    if (!s->options.no_audit)
        status = bl23_cuda_intake_audit(s->model, slot, s->options.threads, error);
    if (status == BL23_OK)
        status = bl23_cuda_intake_add(s->model, slot, &s->partial, error);
    if (status != BL23_OK)
        return status;
    for (uint32_t e = 0; e < slot->host.counts->extrema; e++) {
        struct bl23_cuda_new_extremum const *const found = &slot->host.new_extrema[e];
        bl23_results_extremum(&s->known.extremum[found->which], found->which % 2, found->best.value,
                              found->best.index);
    }
    for (uint64_t n = 0; n < slot->host.n_news; n++) {
        uint64_t const place = slot->host.news[n];
        struct bl23_extremum const found = slot->host.profile[place];
        bl23_results_extremum(&s->profile[place], 0, found.value, found.index);
    }
    bl23_results_tighten(&s->known.bounds, &s->partial);
    if (s->known.end < piece.first + piece.count)
        s->known.end = piece.first + piece.count;
    s->candidates += slot->host.counts->candidates;
    adapt(s, slot, piece.count, all);
    return BL23_OK;
}

/* ---- run: pieces of a range, two under way ---- */

/* What is left to do: a stack, the next piece on top. */
struct work {
    struct piece piece[PIECES_MAX];
    int n;
};

static struct piece next_piece(struct bl23_backend_state const *s, struct work *work)
{
    struct piece *const top = &work->piece[work->n - 1];
    uint64_t const room = s->launch_samples - (top->first & (BL23_TILE - 1));
    struct piece const next = {top->first, top->count < room ? top->count : room};
    top->first += next.count;
    top->count -= next.count;
    if (top->count == 0)
        work->n--;
    return next;
}

/* The halves of a launch that found more than fits. */
static enum bl23_status split(struct bl23_backend_state *s, struct piece piece, struct work *work,
                              struct bl23_error *error)
{
    uint64_t const half = piece.count / 2;
    if (half < BL23_TILE || work->n + 2 > PIECES_MAX)
        return bl23_fail(
            error, BL23_ERROR_DEVICE,
            "a launch on the CUDA device overflows its lists even at the smallest size");
    work->piece[work->n++] = (struct piece){piece.first + half, piece.count - half};
    work->piece[work->n++] = (struct piece){piece.first, half};
    if (s->launch_samples > half)
        s->launch_samples = half > FIRST_LAUNCH ? half : FIRST_LAUNCH;
    return BL23_OK;
}

static enum bl23_status run_pieces(struct bl23_backend_state *s, struct work *work,
                                   struct bl23_error *error)
{
    enum bl23_status status = BL23_OK;
    int const slots = s->options.one_launch ? 1 : SLOTS;
    for (int k = 0; status == BL23_OK; k = (k + 1) % slots) {
        struct piece const done = s->in_flight[k];
        bool overflowed = false;
        if (done.count > 0)
            status = collect(s, k, &overflowed, error);
        if (status == BL23_OK && overflowed)
            status = split(s, done, work, error);
        if (status == BL23_OK && work->n > 0)
            status = submit(s, k, next_piece(s, work), error);
        bool idle = work->n == 0;
        for (int other = 0; other < SLOTS; other++)
            idle = idle && s->in_flight[other].count == 0;
        if (idle)
            break;
    }
    return status;
}

/* After a failure nothing of the call is kept: launches under way are waited for and forgotten, and
 * so is what was learnt from those before them. */
static void forget(struct bl23_backend_state *s, struct known const *before)
{
    s->known = *before;
    for (uint64_t place = 0; place < s->shape.places; place++)
        s->profile[place] = (struct bl23_extremum){BL23_INFINITY, BL23_NO_INDEX};
    s->screen_bound = BL23_INFINITY;
    memset(s->screen, 0, s->model->n_knots * sizeof *s->screen);
    for (int k = 0; k < SLOTS; k++) {
        cudaStreamSynchronize(s->slot[k].stream);
        s->in_flight[k].count = 0;
    }
    cudaGetLastError(); /* an error that has passed is not that of the next launch */
}

/* Bounds from results that samples before or after a range have left, and where those end. */
static void learn_bounds(struct bl23_backend_state *s, struct bl23_results const *results)
{
    bl23_results_tighten(&s->known.bounds, results);
    for (uint64_t k = 0; k < results->n_nearest; k++)
        if (s->known.end <= results->nearest[k].index)
            s->known.end = results->nearest[k].index + 1;
}

static enum bl23_status cuda_run(struct bl23_backend_state *s, uint64_t first, uint64_t count,
                                 struct bl23_results *results, struct bl23_error *error)
{
    struct work work = {.piece = {{first, count}}, .n = count > 0};
    struct known const before = s->known;
    cudaError_t const cause = cudaSetDevice(s->device); /* of this thread */
    if (cause != cudaSuccess)
        return device_fail(error, "the CUDA device cannot be used", cause);
    bl23_results_clear(&s->partial);
    learn_bounds(s, results);
    enum bl23_status status = run_pieces(s, &work, error);
    if (status != BL23_OK) {
        forget(s, &before);
        return status;
    }
    status = bl23_results_merge(results, &s->partial);
    learn_bounds(s, results);
    return status == BL23_OK ? status : bl23_fail(error, status, "out of memory for survivors");
}

static char const *cuda_describe(struct bl23_backend_state const *s)
{
    return s->name;
}

struct bl23_backend const bl23_backend_cuda = {.name = "cuda",
                                               .open = cuda_open,
                                               .run = cuda_run,
                                               .describe = cuda_describe,
                                               .close = cuda_close};

void bl23_cuda_seconds(struct bl23_backend_state const *s, double seconds[BL23_CUDA_KERNELS])
{
    memcpy(seconds, s->seconds, sizeof s->seconds);
}

uint64_t bl23_cuda_candidates(struct bl23_backend_state const *s)
{
    return s->candidates;
}

void bl23_cuda_profile(int on)
{
    if (on) /* without a profiler these do nothing */
        cudaProfilerStart();
    else
        cudaProfilerStop();
}

void bl23_cuda_device_read(unsigned device, struct bl23_cuda_device *out)
{
    int const number = (int)device;
    memset(out, 0, sizeof *out);
    cudaDeviceGetAttribute(&out->processors, cudaDevAttrMultiProcessorCount, number);
    cudaDeviceGetAttribute(&out->clock_khz, cudaDevAttrClockRate, number);
    cudaDeviceGetAttribute(&out->capability_major, cudaDevAttrComputeCapabilityMajor, number);
    cudaDeviceGetAttribute(&out->capability_minor, cudaDevAttrComputeCapabilityMinor, number);
    cudaDriverGetVersion(&out->driver_version);
    cudaRuntimeGetVersion(&out->runtime_version);
    cudaGetLastError(); /* of a device that does not answer */
}

unsigned bl23_cuda_devices(char const **text)
{
    static char names[1024];
    struct cudaDeviceProp properties;
    int count = 0;
    cudaError_t const cause = cudaGetDeviceCount(&count);
    *text = no_device(cause, count);
    if (*text)
        return 0;
    names[0] = '\0';
    for (int k = 0; k < count && cudaGetDeviceProperties(&properties, k) == cudaSuccess; k++) {
        strncat(names, k ? ", " : "", sizeof names - strlen(names) - 1);
        strncat(names, properties.name, sizeof names - strlen(names) - 1);
    }
    *text = names;
    return (unsigned)count;
}

int bl23_cuda_built(void)
{
    return 1;
}
