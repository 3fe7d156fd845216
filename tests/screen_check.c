/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Compiled once per instruction set: the answers of its screen. */
#include <string.h>

#include "kernels/screen/sides_lanes.h"
#include "tables/base/monomials.h"
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

static void cosine_errors(struct screen_errors *e)
{
    bl23_vf wave[BL23_COS_TERMS];
    bl23_cos_coefficients(1.0f, wave);
    for (uint64_t k = 0; k < 1000000; k += BL23_LANES) {
        uint32_t word[BL23_LANES];
        float found[BL23_LANES];
        for (unsigned l = 0; l < BL23_LANES; l++)
            word[l] = screen_probe_word(k + l);
        unload(bl23_cos_lanes(wave, load(word)), found);
        for (unsigned l = 0; l < BL23_LANES; l++)
            e->cosine = fmax(e->cosine, fabs((double)found[l] - cos(word[l] * BL23_RAD_PER_WORD)));
    }
}

static void sample_errors(struct screen_errors *e)
{
    for (uint64_t k = 0; k < 1000000; k += BL23_LANES) {
        uint32_t word[2][BL23_LANES];
        bl23_vi words[4];
        float w2[2][BL23_LANES], root[BL23_SCREEN_PAIRS][BL23_LANES];
        for (unsigned l = 0; l < BL23_LANES; l++) {
            uint32_t pair[2];
            screen_probe_pair(k + l, pair);
            word[0][l] = pair[0];
            word[1][l] = pair[1];
        }
        for (int w = 0; w < 4; w++)
            words[w] = load(word[w % 2]);
        struct bl23_lane_sample const s = bl23_sample_lanes(words);
        for (int i = 0; i < 2; i++)
            unload(s.w2[i], w2[i]);
        for (int p = 0; p < BL23_SCREEN_PAIRS; p++)
            unload(s.root[p], root[p]);
        for (unsigned l = 0; l < BL23_LANES; l++) {
            double exact[3];
            bl23_draw_simplex(word[0][l], word[1][l], exact);
            for (int i = 0; i < 2; i++)
                e->diagonal = fmax(e->diagonal, fabs(0x1p-32 * (double)w2[i][l] - exact[i]));
            for (int p = 0; p < BL23_SCREEN_PAIRS; p++) {
                double const rr = sqrt(exact[bl23_pairs[p][0]] * exact[bl23_pairs[p][1]]);
                e->root_product =
                    fmax(e->root_product, fabs(0x1p-32 * (double)root[p][l] - rr) / 0.5);
            }
        }
    }
}

static void monomial_errors(struct screen_errors *e)
{
    for (uint64_t k = 0; k < 1000000; k += BL23_LANES) {
        uint32_t word[4][BL23_LANES];
        bl23_vi words[4];
        bl23_vf m[BL23_MONOMIALS];
        for (unsigned l = 0; l < BL23_LANES; l++)
            for (int p = 0; p < 4; p += 2) {
                uint32_t pair[2];
                screen_probe_pair(k + l + (p ? k % 977 : 0), pair);
                word[p][l] = pair[0];
                word[p + 1][l] = pair[1];
            }
        for (int w = 0; w < 4; w++)
            words[w] = load(word[w]);
        bl23_monomial_lanes(words, m);
        for (int r = 0; r < BL23_MONOMIALS; r++) {
            float found[BL23_LANES];
            unload(m[r], found);
            for (unsigned l = 0; l < BL23_LANES; l++) {
                double exact[BL23_MONOMIALS];
                struct bl23_words const of = {{word[0][l], word[1][l], word[2][l], word[3][l]}};
                bl23_draw_monomials(of, exact);
                double const error = fabs((double)found[l] - exact[r]);
                if (r < 3)
                    e->diagonal = fmax(e->diagonal, error);
                else
                    e->wave = fmax(e->wave, error / 0.5);
            }
        }
    }
}

static void function_errors(struct screen_errors *e)
{
    for (uint64_t k = 0; k < 1000000; k += BL23_LANES) {
        float t[BL23_LANES], x[BL23_LANES], found[BL23_LANES];
        bl23_vf v;
        for (unsigned l = 0; l < BL23_LANES; l++) {
            t[l] = (float)(200.0 * (screen_probe_word(k + l) * 0x1p-32 - 0.5));
            x[l] = (float)exp2(0.4 * t[l]);
        }
        memcpy(&v, t, sizeof v);
        unload(bl23_power_lanes(v), found);
        for (unsigned l = 0; l < BL23_LANES; l++)
            e->power = fmax(e->power, fabs((double)found[l] / exp2((double)t[l]) - 1.0));
        memcpy(&v, x, sizeof v);
        unload(bl23_inverse_root_lanes(v), found);
        for (unsigned l = 0; l < BL23_LANES; l++)
            e->inverse_root =
                fmax(e->inverse_root, fabs((double)found[l] * sqrt((double)x[l]) - 1.0));
    }
}

static struct screen_errors errors(void)
{
    struct screen_errors e = {0};
    cosine_errors(&e);
    sample_errors(&e);
    monomial_errors(&e);
    function_errors(&e);
    return e;
}

static void sieve(struct bl23_screen const *screen, int n, uint64_t seed, uint64_t first,
                  unsigned count, unsigned char kept[BL23_TILE])
{
    static struct bl23_block b;
    static uint32_t place[BL23_BLOCK_ROOM];
    struct bl23_screened screened[BL23_SCREENS] = {{0, 0}, {0, 0}};
    struct bl23_tile const tile = {.seed = seed, .first = first, .words = first, .count = count};
    memset(kept, 0, BL23_TILE);
    for (uint32_t at = 0; at < count; at += BL23_BLOCK) {
        bl23_block_fill(&tile, at, &b);
        unsigned const found = bl23_screen_block(screen, n, &tile, &b, place, screened);
        for (unsigned k = 0; k < found; k++)
            kept[bl23_block_offset(&b, place[k])] = 1;
    }
}

static void answers(struct bl23_sides const *sides, uint64_t seed, uint64_t first, unsigned count,
                    unsigned char answer[BL23_TILE])
{
    static struct bl23_block b;
    static struct bl23_sides_block out;
    static uint32_t place[BL23_BLOCK_ROOM];
    struct bl23_tile const tile = {.seed = seed, .first = first, .words = first, .count = count};
    memset(answer, SCREEN_NOT, BL23_TILE);
    for (uint32_t at = 0; at < count; at += BL23_BLOCK) {
        bl23_block_fill(&tile, at, &b);
        bl23_block_words(&tile, 0, &b);
        bl23_block_keep(&b, place, bl23_all_places(&b, place));
        bl23_sides_block(sides, 0, &tile, &b, &out);
        for (unsigned k = 0; k < out.ask; k++)
            answer[bl23_block_offset(&b, out.ask_place[k])] = SCREEN_ASK;
        for (unsigned k = 0; k < b.count; k++) {
            unsigned const lane = 1u << k % BL23_LANES;
            if (out.plain_lanes[k / BL23_LANES] & lane)
                answer[bl23_block_offset(&b, k)] =
                    out.one_sigma_lanes[k / BL23_LANES] & lane ? SCREEN_PLAIN_1SIGMA : SCREEN_PLAIN;
        }
    }
}

static void cutflow(struct bl23_sides const *sides, struct bl23_side_cuts const *cuts,
                    uint64_t seed, uint64_t first, unsigned count, struct bl23_knot_counts *counts,
                    unsigned char left[BL23_TILE])
{
    static struct bl23_block b;
    static uint32_t place[BL23_BLOCK_ROOM];
    uint32_t *const more[4] = {b.more[0], b.more[1], b.more[2], b.more[3]};
    struct bl23_tile const tile = {.seed = seed, .first = first, .words = first, .count = count};
    memset(left, 0, BL23_TILE);
    for (uint32_t at = 0; at < count; at += BL23_BLOCK) {
        struct bl23_cutflow_counts n;
        bl23_block_fill(&tile, at, &b);
        bl23_block_words(&tile, 0, &b);
        bl23_words_from(&tile, 1, b.first, b.count, more);
        unsigned const found = sides->solve ? bl23_cutflow_solve(sides, cuts, &b, &n, place)
                                            : bl23_cutflow_given(sides, cuts, &b, &n, place);
        for (unsigned k = 0; k < found; k++)
            left[at + place[k]] = 1;
        for (int c = 0; c < cuts->n; c++) {
            counts->passed_alone[c] += n.alone[c];
            counts->passed_sequentially[c] += n.sequentially[c];
        }
    }
}

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

struct screen_check const BL23_OF_SET(screen_check) = {TEXT(BL23_SET), errors, sieve, answers,
                                                       cutflow};
