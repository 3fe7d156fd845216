/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/cover/cover_verify.h"

#include <stdlib.h>

#include "kernels/sample/error.h"
#include "tables/bound/bound_interval.h"
#include "tables/cover/cover_shear.h"
#include "tables/cover/cover_strips.h"

/* Of a comparison of limits divided by quantities: sums of up to eight squares, their weights, the
 * division, and the edge itself are rounded, 16 units of 2^-53 at most on each side. */
#define MARGIN 0x1p-47

struct bl23_cover_limits bl23_cover_limits_of(struct bl23_model const *model, uint64_t knot)
{
    return (struct bl23_cover_limits){.model = model,
                                      .knot = &model->knot[knot],
                                      .limited = bl23_limited_at(&model->knot[knot], model->level)};
}

/* What a limit or g itself asks of g^2 from below and leaves above, between bounds over a cell:
 * asked 0 and left infinity where it does not. */
struct edges {
    struct bl23_interval asked, left;
};

/* edge/s, edge > 0. */
static struct bl23_interval quotient(double edge, struct bl23_interval s)
{
    struct bl23_interval const e = bl23_interval_of(edge);
    return (struct bl23_interval){
        isinf(edge) ? edge : bl23_interval_div(e, bl23_interval_of(s.hi)).lo,
        s.lo > 0.0 ? bl23_interval_div(e, bl23_interval_of(s.lo)).hi : (double)INFINITY};
}

static struct edges edges_of(int q, struct bl23_interval limit, struct bl23_interval s)
{
    struct edges e = {{0.0, 0.0}, {(double)INFINITY, (double)INFINITY}};
    if (q == BL23_QUANTITY_G) { /* a limit on g, not on g^2 */
        e.asked = bl23_interval_square(bl23_interval_of(limit.lo));
        e.left = bl23_interval_square(bl23_interval_of(limit.hi));
        return e;
    }
    if (limit.lo > 0.0)
        e.asked = quotient(limit.lo, s);
    if (limit.hi > 0.0)
        e.left = quotient(limit.hi, s);
    else /* nothing is left, and of a limit of 0 whatever s is where s may vanish */
        e.left =
            (struct bl23_interval){limit.hi, s.lo > 0.0 || limit.hi < 0.0 ? limit.hi : e.left.hi};
    return e;
}

static bool is_beyond(double x, double y)
{
    return x > y * (1.0 + MARGIN);
}

static bool is_within(double x, double y)
{
    return x * (1.0 + MARGIN) <= y;
}

/* The edges in a box: of each limited quantity, and of g^2 as it is drawn or may be. Returns
 * their number. */
enum { EDGES_MAX = BL23_QUANTITIES + 1 };
static int all_edges(struct bl23_cover_limits *limits, struct bl23_cover_box const *box,
                     struct edges edges[EDGES_MAX], struct bl23_interval limit[EDGES_MAX])
{
    struct bl23_interval amplitude[BL23_FORMS], s[BL23_QUANTITIES];
    struct bl23_interval const g2 = bl23_cover_g2(limits->model, box);
    bool const solve = limits->model->g_mode == BL23_G_SOLVE;
    int n = 0;
    bl23_cover_amplitudes(limits->knot, bl23_forms_of(limits->limited), box, &limits->arcs,
                          amplitude);
    bl23_cover_quantities(limits->knot, limits->limited, amplitude, s);
    for (int q = 0; q < BL23_QUANTITIES; q++)
        if (limits->limited >> q & 1u) {
            limit[n] = limits->knot->allowed[limits->model->level][q];
            edges[n] = edges_of(q, limit[n], s[q]);
            n++;
        }
    limit[n] = (struct bl23_interval){0.0, 0.0};
    edges[n] = solve ? (struct edges){{0.0, 0.0}, bl23_interval_of(g2.hi)} : (struct edges){g2, g2};
    return n + 1;
}

bool bl23_cover_none_survives_in(struct bl23_cover_limits *limits, struct bl23_cover_box const *box)
{
    struct edges e[EDGES_MAX];
    struct bl23_interval limit[EDGES_MAX];
    int const n = all_edges(limits, box, e, limit);
    for (int i = 0; i < n; i++) {
        if (isinf(e[i].asked.lo) || e[i].left.hi < 0.0 || is_beyond(limit[i].lo, limit[i].hi))
            return true;
        for (int j = 0; j < n; j++)
            if (i != j && is_beyond(e[i].asked.lo, e[j].left.hi))
                return true;
    }
    return false;
}

bool bl23_cover_none_survives(struct bl23_cover_limits *limits, struct bl23_cell const *cell)
{
    struct bl23_cover_box const box = bl23_cover_box_of(cell);
    return bl23_cover_none_survives_in(limits, &box);
}

double bl23_cover_least_g2(struct bl23_cover_limits *limits, struct bl23_cover_box const *box)
{
    struct edges e[EDGES_MAX];
    struct bl23_interval limit[EDGES_MAX];
    double least = 0.0;
    int const n = all_edges(limits, box, e, limit);
    for (int i = 0; i < n; i++)
        least = e[i].asked.lo > least ? e[i].asked.lo : least;
    return least * (1.0 - MARGIN);
}

bool bl23_cover_all_survive(struct bl23_cover_limits *limits, struct bl23_cell const *cell)
{
    struct edges e[EDGES_MAX];
    struct bl23_interval limit[EDGES_MAX];
    struct bl23_cover_box const box = bl23_cover_box_of(cell);
    int const n = all_edges(limits, &box, e, limit);
    for (int i = 0; i < n; i++) {
        if (isinf(e[i].asked.hi) || e[i].left.lo < 0.0 || !(limit[i].lo <= limit[i].hi))
            return false;
        for (int j = 0; j < n; j++)
            if (i != j && !is_within(e[i].asked.hi, e[j].left.lo))
                return false;
    }
    return true;
}

/* ---- the tree ---- */

/* A first code that splits the diagonal on b says that cells are sheared. */
enum code {
    SHEARED = BL23_CELL_B,
    SPLIT_LAST = BL23_CELL_G,
    DISCARDED = 5,
    UNDECIDED = 6,
    INSIDE = 7
};

struct walk {
    struct bl23_cover_limits limits;
    uint8_t const *node;
    size_t nodes, next;
    uint64_t volume;                    /* of all leaves, 2^-60 */
    struct bl23_cover_problem *problem; /* of the search, which makes strips; NULL: not sheared */
    struct bl23_cover_proof *proof;
    struct bl23_error *error;
};

/* One bit more of a prefix: its low or its high half. */
static uint32_t half_of(uint32_t prefix, bool high)
{
    uint32_t const mark = prefix & (~prefix + 1u);
    return (prefix ^ mark) | (high ? mark : 0u) | mark >> 1;
}

static enum bl23_status leaf_fails(struct walk const *w, struct bl23_cell const *cell,
                                   char const *said, char const *but)
{
    uint32_t low[BL23_CELL_WORDS];
    int bits[BL23_CELL_WORDS];
    for (int d = 0; d < BL23_CELL_WORDS; d++) {
        low[d] = bl23_prefix_low(cell->prefix[d]);
        bits[d] = bl23_prefix_bits(cell->prefix[d]);
    }
    uint64_t const leaf = w->proof->discarded + w->proof->undecided + w->proof->inside;
    return bl23_fail(w->error, BL23_ERROR_FAILED,
                     "the cover at %.9g GeV says that leaf %llu is %s, but the limits %s (words "
                     "a, b, x2, y, g from %08x/%d %08x/%d %08x/%d %08x/%d %08x/%d)",
                     w->limits.knot->mass_gev, (unsigned long long)leaf, said, but, low[0], bits[0],
                     low[1], bits[1], low[2], bits[2], low[3], bits[3], low[4], bits[4]);
}

/* A leaf of a sheared tree, whose strips are made by the search: *extra are their bits. */
static enum bl23_status check_strips(struct walk *w, struct bl23_cell const *cell, int *extra)
{
    struct bl23_cover_sheared sheared;
    bl23_cover_shear(w->problem, cell, &sheared);
    *extra = sheared.extra;
    if (sheared.extra > 0 && !bl23_cover_strips_hold(&w->limits, cell, &sheared.shear))
        return leaf_fails(w, cell, "undecided", "allow samples outside of its strips");
    return BL23_OK;
}

static enum bl23_status check_leaf(struct walk *w, struct bl23_cell const *cell, int code)
{
    uint64_t const volume = (uint64_t)1 << (BL23_CELL_DEPTH_MAX - bl23_cell_depth(cell));
    int extra = 0;
    w->proof->discarded += code == DISCARDED;
    w->proof->undecided += code == UNDECIDED;
    w->proof->inside += code == INSIDE;
    if (code == DISCARDED && !bl23_cover_none_survives(&w->limits, cell) &&
        (!w->problem || bl23_cell_is_diagonal(cell) ||
         !bl23_cover_strips_hold(&w->limits, cell, NULL)))
        return leaf_fails(w, cell, "discarded", "do not exclude all of it");
    if (code == INSIDE && !bl23_cover_all_survive(&w->limits, cell))
        return leaf_fails(w, cell, "inside", "do not allow all of it");
    if (code == UNDECIDED && w->problem)
        BL23_TRY(check_strips(w, cell, &extra));
    w->proof->upper_volume += code == DISCARDED ? 0 : volume >> extra;
    w->proof->inside_volume += code == INSIDE ? volume : 0;
    w->volume += volume;
    return BL23_OK;
}

static enum bl23_status tree_fails(struct walk const *w, char const *what)
{
    return bl23_fail(w->error, BL23_ERROR_FAILED,
                     "the cover at %.9g GeV is not a whole tree: %s (node %zu of %zu)",
                     w->limits.knot->mass_gev, what, w->next, w->nodes);
}

/* The children of a split in order; 0 if the cell cannot be split so. */
static int children_of(struct bl23_model const *model, struct bl23_cell const *cell, int word,
                       struct bl23_cell child[3])
{
    bool const diagonal = bl23_cell_is_diagonal(cell);
    uint32_t const prefix = cell->prefix[word];
    if (prefix & 1u || (diagonal && word == BL23_CELL_B) ||
        (word == BL23_CELL_G && model->g_mode != BL23_G_LOG_UNIFORM) ||
        bl23_cell_depth(cell) + (diagonal && word == BL23_CELL_A ? 2 : 1) > BL23_CELL_DEPTH_MAX)
        return 0;
    bool const in_three = diagonal && word == BL23_CELL_A;
    int const children = in_three ? 3 : 2;
    for (int k = 0; k < children; k++) {
        child[k] = *cell;
        child[k].prefix[word] = half_of(prefix, in_three ? k == 2 : k == 1);
        if (in_three)
            child[k].prefix[BL23_CELL_B] = half_of(prefix, k >= 1);
    }
    return children;
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than the bits of a cell */
static enum bl23_status check_node(struct walk *w, struct bl23_cell const *cell)
{
    struct bl23_cell child[3];
    if (w->next == w->nodes)
        return tree_fails(w, "it ends before its last leaf");
    int const code = w->node[w->next++];
    if (code > INSIDE)
        return tree_fails(w, "there is no such code");
    if (code > SPLIT_LAST)
        return check_leaf(w, cell, code);
    int const children = children_of(w->limits.model, cell, code, child);
    if (children == 0)
        return tree_fails(w, "it splits a word that has no bit left, or does not count");
    for (int k = 0; k < children; k++)
        BL23_TRY(check_node(w, &child[k]));
    return BL23_OK;
}

enum bl23_status bl23_cover_verify(struct bl23_model const *model, uint64_t knot,
                                   uint8_t const *node, size_t nodes,
                                   struct bl23_cover_proof *proof, struct bl23_error *error)
{
    struct bl23_cell root;
    struct walk w = {.limits = bl23_cover_limits_of(model, knot),
                     .node = node,
                     .nodes = nodes,
                     .proof = proof,
                     .error = error};
    *proof = (struct bl23_cover_proof){0};
    for (int d = 0; d < BL23_CELL_WORDS; d++)
        root.prefix[d] = 0x80000000u;
    if (nodes > 0 && node[0] == SHEARED) {
        w.next = 1;
        w.problem = malloc(sizeof *w.problem);
        if (!w.problem)
            return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the check of a cover");
        bl23_cover_problem_build(model, knot, w.problem);
    }
    enum bl23_status const status = check_node(&w, &root);
    free(w.problem);
    BL23_TRY(status);
    if (w.next != nodes)
        return tree_fails(&w, "there are nodes behind its last leaf");
    if (w.volume != (uint64_t)1 << BL23_CELL_DEPTH_MAX)
        return tree_fails(&w, "its leaves do not tile the cube");
    return BL23_OK;
}
