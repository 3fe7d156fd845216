/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The answers, over the vector words of a simd_<isa>.h that the including file has chosen. */
#include <stdlib.h>
#include <string.h>

#include "kernels/record.h"
#include "kernels/screen_body.h"
#include "tests/screen_check.h"

static void unload(bl23_vf v, float out[BL23_LANES])
{
    memcpy(out, &v, sizeof v);
}

static bl23_vi load(uint32_t const in[BL23_LANES])
{
    bl23_vi v;
    memcpy(&v, in, sizeof v);
    return v;
}

/* Words whose errors are looked at: random ones and the edges. */
static uint32_t probe_word(uint64_t k)
{
    static uint32_t const edges[] = {0,          1,          0x1fffffff, 0x20000000, 0x3fffffff,
                                     0x40000000, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff};
    return k < 10 ? edges[k] : bl23_sample_words(77, k, 0).x[0];
}

static void cosine_errors(struct screen_errors *e)
{
    bl23_vf wave[BL23_COS_TERMS];
    bl23_cos_coefficients(1.0f, wave);
    for (uint64_t k = 0; k < 1000000; k += BL23_LANES) {
        uint32_t word[BL23_LANES];
        float found[BL23_LANES];
        for (unsigned l = 0; l < BL23_LANES; l++)
            word[l] = probe_word(k + l);
        unload(bl23_cos_lanes(wave, load(word)), found);
        for (unsigned l = 0; l < BL23_LANES; l++)
            e->cosine = fmax(e->cosine, fabs((double)found[l] - cos(word[l] * BL23_RAD_PER_WORD)));
    }
}

static void sample_errors(struct screen_errors *e)
{
    static int const pairs[3][2] = {{0, 1}, {0, 2}, {1, 2}};
    for (uint64_t k = 0; k < 1000000; k += BL23_LANES) {
        uint32_t word[2][BL23_LANES];
        bl23_vi words[4];
        float w2[3][BL23_LANES], root[3][BL23_LANES];
        for (unsigned l = 0; l < BL23_LANES; l++) {
            word[0][l] = probe_word((k + l) % 10 + (k < 1000 ? 0 : k));
            word[1][l] = probe_word((k + l) / 10 % 10 + (k < 1000 ? 0 : 2 * k));
        }
        for (int w = 0; w < 4; w++)
            words[w] = load(word[w % 2]);
        struct bl23_lane_sample const s = bl23_sample_lanes(words);
        for (int i = 0; i < 3; i++) {
            unload(s.w2[i], w2[i]);
            unload(s.root[i], root[i]);
        }
        for (unsigned l = 0; l < BL23_LANES; l++) {
            double exact[3];
            bl23_draw_simplex(word[0][l], word[1][l], exact);
            for (int i = 0; i < 3; i++) {
                double const rr = sqrt(exact[pairs[i][0]] * exact[pairs[i][1]]);
                double const found = (double)root[pairs[i][0]][l] * (double)root[pairs[i][1]][l];
                e->diagonal = fmax(e->diagonal, fabs((double)w2[i][l] - exact[i]));
                e->root_product = fmax(e->root_product, fabs(found - rr) / 0.5);
            }
        }
    }
}

static struct screen_errors errors(void)
{
    struct screen_errors e = {0.0, 0.0, 0.0};
    cosine_errors(&e);
    sample_errors(&e);
    return e;
}

/* Samples of a block that the screen has no right to discard. */
static void census_block(struct bl23_model const *model, struct bl23_screen const *screen,
                         struct bl23_tile const *tile, uint32_t first, double bound,
                         struct screen_census *census)
{
    static struct bl23_block b;
    static uint32_t place[BL23_BLOCK_ROOM];
    bl23_block_fill(tile, first, &b);
    unsigned const samples = b.count, count = bl23_screen_block(screen, tile, &b, place);
    unsigned at = 0;
    census->samples += samples;
    census->candidates += count;
    for (uint32_t k = first; k < first + samples; k++) {
        if (at < count && bl23_block_offset(&b, place[at]) == k) {
            at++;
            continue;
        }
        struct bl23_record record;
        bl23_record_of(model, tile->first + k, &record);
        if (record.survives || record.value[BL23_COLUMN_tension] <= bound) {
            census->wrongly_discarded++;
            census->example = record.index;
        }
    }
}

static struct screen_census census(struct bl23_model const *model, double bound,
                                   uint64_t first_tile, uint64_t tiles)
{
    struct screen_census out = {0, 0, 0, 0};
    struct bl23_screen_pilot *const pilot = malloc(sizeof *pilot);
    if (!pilot)
        abort();
    bl23_screen_pilot_build(model, pilot);
    for (uint64_t t = first_tile; t < first_tile + tiles; t++) {
        struct bl23_knot const *const knot = &model->knot[t % model->n_knots];
        struct bl23_screen_knot forms;
        struct bl23_screen screen;
        struct bl23_tile const tile = {model->seed, t << BL23_TILE_BITS,
                                       BL23_TILE - (unsigned)(t % 3)};
        bl23_screen_knot_build(knot, &forms);
        if (bl23_screen_build(model, knot, &forms, pilot, bound, &screen))
            for (uint32_t first = 0; first < tile.count; first += BL23_BLOCK)
                census_block(model, &screen, &tile, first, bound, &out);
    }
    free(pilot);
    return out;
}
