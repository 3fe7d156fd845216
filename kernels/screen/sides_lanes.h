/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The two-sided screen on a block of samples, in vectors of single precision.
 * kernels/cpu/cpu_range.c includes it. */
#ifndef BL23_KERNELS_SIDES_LANES_H
#define BL23_KERNELS_SIDES_LANES_H

#include "kernels/screen/screen_lanes.h"
#include "kernels/screen/sides_answer.h"

/* The plain samples of a block side by side, and the places of those to ask for. */
struct bl23_sides_block {
    unsigned plain, one_sigma, ask; /* how many; of the plain ones those of level 1 */
    _Alignas(64) uint32_t offset[BL23_BLOCK_ROOM], word[4][BL23_BLOCK_ROOM],
        x5[BL23_BLOCK_ROOM];      /* of the plain ones; x5: where g is drawn */
    float g2[2][BL23_BLOCK_ROOM]; /* solve: between these, in units of the knot */
    uint32_t ask_place[BL23_BLOCK_ROOM];
    float all_g2[2][BL23_BLOCK_ROOM];
    unsigned plain_lanes[BL23_BLOCK_ROOM / BL23_LANES]; /* bits of each vector */
    unsigned one_sigma_lanes[BL23_BLOCK_ROOM / BL23_LANES];
};

/* The lanes of the vector at a place of the block that are samples. */
BL23_INLINE unsigned bl23_lanes_within(struct bl23_block const *b, unsigned at)
{
    unsigned const left = b->count - at;
    return left < BL23_LANES ? (1u << left) - 1u : (1u << BL23_LANES) - 1u;
}

/* The rows of one vector of samples at a place of the block. */
BL23_INLINE void bl23_side_rows_at(struct bl23_sides const *s, int forms, int solve,
                                   struct bl23_block const *b, struct bl23_sides_block *out,
                                   unsigned at, struct bl23_side_rows *r)
{
    bl23_vi const x[4] = {bl23_vi_load(b->x[0] + at), bl23_vi_load(b->x[1] + at),
                          bl23_vi_load(b->x[2] + at), bl23_vi_load(b->x[3] + at)};
    bl23_side_rows_of(s, forms, solve, x, bl23_vi_load(b->more[0] + at),
                      bl23_vi_load(b->more[solve ? 0 : 1] + at), r);
    if (solve) {
        bl23_vf_store(out->all_g2[0] + at, r->g2.lo);
        bl23_vf_store(out->all_g2[1] + at, r->g2.hi);
    }
}

/* forms and solve are constants at every call. ask_all: ~0u or 0. */
BL23_INLINE void bl23_sides_answers(struct bl23_sides const *s, int forms, int solve,
                                    unsigned ask_all, struct bl23_block const *b,
                                    struct bl23_sides_block *out)
{
    out->plain = out->one_sigma = out->ask = 0;
    for (unsigned at = 0; at < b->count; at += BL23_LANES) {
        unsigned const within = bl23_lanes_within(b, at);
        struct bl23_side_rows r;
        bl23_side_rows_at(s, forms, solve, b, out, at, &r);
        struct bl23_side_answer const answer =
            bl23_side_answer(s, bl23_side_quantities_of(forms), solve, &r);
        unsigned const plain = answer.possible & answer.plain & within;
        out->plain_lanes[at / BL23_LANES] = plain;
        out->one_sigma_lanes[at / BL23_LANES] = plain & answer.one_sigma;
        out->one_sigma += (unsigned)__builtin_popcount(plain & answer.one_sigma);
        for (unsigned ask = (answer.possible | ask_all) & within & ~plain; ask != 0; ask &= ask - 1)
            out->ask_place[out->ask++] = at + (unsigned)__builtin_ctz(ask);
    }
}

#define BL23_SIDES_STAGE(name, forms, solve)                                                       \
    BL23_STAGE void name(struct bl23_sides const *s, unsigned ask_all, struct bl23_block const *b, \
                         struct bl23_sides_block *out)                                             \
    {                                                                                              \
        bl23_sides_answers(s, forms, solve, ask_all, b, out);                                      \
    }
BL23_SIDES_STAGE(bl23_sides_given_6, 6, 0)
BL23_SIDES_STAGE(bl23_sides_given_8, 8, 0)
BL23_SIDES_STAGE(bl23_sides_solve_6, 6, 1)
BL23_SIDES_STAGE(bl23_sides_solve_8, 8, 1)
#undef BL23_SIDES_STAGE

/* bl23_pack_words of floats. */
BL23_INLINE void bl23_pack_floats(unsigned lanes, float const *from, float *to)
{
    uint32_t in[BL23_DOUBLE_LANES], out[BL23_DOUBLE_LANES];
    memcpy(in, from, sizeof in);
    bl23_pack_words(lanes, in, out);
    memcpy(to, out, sizeof out);
}

/* The plain samples side by side. */
BL23_STAGE void bl23_sides_pack(struct bl23_block const *b, int solve, struct bl23_sides_block *out)
{
    enum { PARTS = BL23_LANES / BL23_DOUBLE_LANES };
    unsigned n = 0;
    for (unsigned at = 0; at < b->count; at += BL23_LANES)
        for (unsigned part = 0; part < PARTS; part++) {
            unsigned const k = at + part * BL23_DOUBLE_LANES;
            unsigned const lanes = out->plain_lanes[at / BL23_LANES] >> part * BL23_DOUBLE_LANES &
                                   ((1u << BL23_DOUBLE_LANES) - 1u);
            if (lanes == 0)
                continue;
            bl23_pack_words(lanes, b->offset + k, out->offset + n);
            for (int x = 0; x < 4; x++)
                bl23_pack_words(lanes, b->x[x] + k, out->word[x] + n);
            if (!solve)
                bl23_pack_words(lanes, b->more[1] + k, out->x5 + n);
            for (int end = 0; solve && end < 2; end++)
                bl23_pack_floats(lanes, out->all_g2[end] + k, out->g2[end] + n);
            n += (unsigned)__builtin_popcount(lanes);
        }
    out->plain = n;
}

/* The answers for a block that has its words and offsets. ask_all: also of samples that certainly
 * do not survive. */
BL23_INLINE void bl23_sides_block(struct bl23_sides const *s, int ask_all,
                                  struct bl23_tile const *tile, struct bl23_block *b,
                                  struct bl23_sides_block *out)
{
    uint32_t *const more[4] = {b->more[0], b->more[1], b->more[2], b->more[3]};
    unsigned const all = ask_all ? ~0u : 0u;
    if (!b->has_more)
        bl23_words_of(tile, 1, b->offset, b->count, more);
    if (s->solve && s->n_forms > BL23_LOOP_FORMS)
        bl23_sides_solve_8(s, all, b, out);
    else if (s->solve)
        bl23_sides_solve_6(s, all, b, out);
    else if (s->n_forms > BL23_LOOP_FORMS)
        bl23_sides_given_8(s, all, b, out);
    else
        bl23_sides_given_6(s, all, b, out);
    bl23_sides_pack(b, s->solve, out);
}

/* ---- the cut-flow ---- */

/* The cut-flow of a vector of samples: bits of the lanes that certainly meet each constraint, and
 * all up to it; and of those that certainly meet all, or for which some constraint cannot tell. */
struct bl23_side_cutflow {
    unsigned alone[BL23_CONSTRAINTS_MAX], all[BL23_CONSTRAINTS_MAX], left;
};

/* How many of a block meet each constraint, and all up to it. */
struct bl23_cutflow_counts {
    unsigned alone[BL23_CONSTRAINTS_MAX], sequentially[BL23_CONSTRAINTS_MAX];
};

/* The quantities that the cut-flow needs, and 1; with g given times g^2, and log2 g^2. */
BL23_INLINE void bl23_side_cut_values(struct bl23_sides const *s, struct bl23_side_cuts const *cuts,
                                      int solve, struct bl23_block const *b, unsigned at,
                                      struct bl23_span x[BL23_SIDES_QUANTITIES + 1])
{
    bl23_vi const word[4] = {bl23_vi_load(b->x[0] + at), bl23_vi_load(b->x[1] + at),
                             bl23_vi_load(b->x[2] + at), bl23_vi_load(b->x[3] + at)};
    bl23_vf m[BL23_MONOMIALS], log = bl23_vf_set(1.0f), g2 = log;
    bl23_monomial_lanes(word, m);
    if (!solve) {
        log = bl23_side_log(s, bl23_vi_load(b->more[1] + at));
        g2 = bl23_power_lanes(log);
    }
    for (unsigned left = cuts->sides; left != 0; left &= left - 1) {
        int const q = __builtin_ctz(left);
        x[q] = bl23_side_cut_value(s, q, solve, m, g2);
    }
    x[BL23_SIDES_QUANTITIES].lo = x[BL23_SIDES_QUANTITIES].hi = log;
}

BL23_INLINE void bl23_side_cutflow(struct bl23_side_cuts const *cuts, int solve,
                                   struct bl23_span const x[BL23_SIDES_QUANTITIES + 1],
                                   struct bl23_side_cutflow *out)
{
    struct bl23_side_flow flow = bl23_side_flow_begin(cuts);
    for (int c = 0; c < cuts->n; c++) {
        struct bl23_side_cut const *const cut = &cuts->cut[c];
        out->alone[c] = bl23_side_flow_step(cut, solve, x[cut->side], &flow);
        out->all[c] = flow.all;
    }
    out->left = flow.all | flow.unsure;
}

/* The samples of a block that has its words - with g given those of block 1 too - of which not all
 * is certain, or which meet all constraints: their places and number. The others are counted. */
BL23_INLINE unsigned bl23_cutflow_left(struct bl23_sides const *s,
                                       struct bl23_side_cuts const *cuts, int solve,
                                       struct bl23_block const *b, struct bl23_cutflow_counts *out,
                                       uint32_t *place)
{
    unsigned n = 0;
    memset(out, 0, sizeof *out);
    for (unsigned at = 0; at < b->count; at += BL23_LANES) {
        struct bl23_span x[BL23_SIDES_QUANTITIES + 1];
        struct bl23_side_cutflow flow;
        bl23_side_cut_values(s, cuts, solve, b, at, x);
        bl23_side_cutflow(cuts, solve, x, &flow);
        unsigned const within = bl23_lanes_within(b, at), counted = within & ~flow.left;
        for (int c = 0; c < cuts->n; c++) {
            out->alone[c] += (unsigned)__builtin_popcount(flow.alone[c] & counted);
            out->sequentially[c] += (unsigned)__builtin_popcount(flow.all[c] & counted);
        }
        for (unsigned left = within & flow.left; left != 0; left &= left - 1)
            place[n++] = at + (unsigned)__builtin_ctz(left);
    }
    return n;
}

BL23_STAGE unsigned bl23_cutflow_given(struct bl23_sides const *s,
                                       struct bl23_side_cuts const *cuts,
                                       struct bl23_block const *b, struct bl23_cutflow_counts *out,
                                       uint32_t *place)
{
    return bl23_cutflow_left(s, cuts, 0, b, out, place);
}

BL23_STAGE unsigned bl23_cutflow_solve(struct bl23_sides const *s,
                                       struct bl23_side_cuts const *cuts,
                                       struct bl23_block const *b, struct bl23_cutflow_counts *out,
                                       uint32_t *place)
{
    return bl23_cutflow_left(s, cuts, 1, b, out, place);
}

#endif
