/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/cover/cover_build.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "tables/cover/cover_bounds.h"
#include "tables/cover/cover_flat.h"

/* How it works. A growing tree has one 32-bit entry a node: the code, and behind it the number of
 * the first child, the others following. Undecided cells wait in buckets by the volume that is
 * likely to be discarded in them, four buckets for each factor of two; the last cell that came into
 * the highest bucket is split next. A cell that cannot be split any more waits no longer. */
enum {
    CODE_BITS = 3,
    CODE_MASK = (1 << CODE_BITS) - 1,
    STEPS_BITS = 2,          /* buckets for a factor of two, as bits */
    UNDECIDED_MIN_BITS = 12, /* at least 2^-12 of a cell counts as undecided */
    BUCKETS = (BL23_CELL_DEPTH_MAX + UNDECIDED_MIN_BITS + 1) << STEPS_BITS,
    PILOT_SAMPLES = 4096,
    PILOT_CELLS = 1024 /* after which the first pilot is drawn */
};
#define PILOT_SEED UINT64_C(0x636f766572)
#define NONE UINT32_MAX

/* An undecided cell that waits to be split. */
struct waiting {
    struct bl23_cell cell;
    uint32_t node;
    uint32_t next; /* in its bucket, or among the free ones */
    int word;      /* to be split on */
};

struct growth {
    struct bl23_cover_problem problem;
    uint32_t *node;
    size_t nodes, node_room;
    struct waiting *waiting;
    size_t waiting_used, waiting_room;
    uint32_t free;
    uint32_t bucket[BUCKETS]; /* its first cell */
    int highest;              /* no bucket above it has any */
    uint64_t cells;           /* not discarded */
};

static void growth_free(struct growth *g)
{
    free(g->node);
    free(g->waiting);
}

/* Room for one element more, by doubling. */
static void *with_room(void *elements, size_t used, size_t *room, size_t size)
{
    if (used < *room)
        return elements;
    size_t const more = *room > 0 ? 2 * *room : 1024;
    void *const grown = realloc(elements, more * size);
    *room = grown ? more : *room;
    return grown;
}

/* The word to split a cell on: the one that is most to blame among those that can be split; the
 * diagonal is split on a and b at once. -1: none. */
static int word_to_split(struct bl23_cell const *cell, double by[BL23_CELL_WORDS], bool g_is_drawn)
{
    int best = -1;
    if (bl23_cell_is_diagonal(cell))
        by[BL23_CELL_A] += by[BL23_CELL_B];
    for (int d = 0; d < (g_is_drawn ? BL23_CELL_WORDS : BL23_CELL_G); d++)
        if ((best < 0 || by[d] > by[best]) && bl23_cell_children(cell, d) > 0)
            best = d;
    return best;
}

/* The bucket of a cell, by volume times undecidedness: exponent and first bits of a double. */
static int bucket_of(struct bl23_cell const *cell, double undecided)
{
    double const least = 1.0 / (1 << UNDECIDED_MIN_BITS);
    double const priority =
        bl23_max(undecided, least) * (double)bl23_cell_volume(cell); /* from 2^-12 to 2^60 */
    uint64_t bits;
    memcpy(&bits, &priority, sizeof bits);
    return (int)(bits >> (52 - STEPS_BITS)) - ((1023 - UNDECIDED_MIN_BITS) << STEPS_BITS);
}

static bool put_waiting(struct growth *g, struct bl23_cell const *cell, uint32_t node, int word,
                        double undecided)
{
    uint32_t w = g->free;
    if (w == NONE) {
        struct waiting *const grown =
            with_room(g->waiting, g->waiting_used, &g->waiting_room, sizeof *g->waiting);
        if (!grown)
            return false;
        g->waiting = grown;
        w = (uint32_t)g->waiting_used++;
    } else {
        g->free = g->waiting[w].next;
    }
    int const b = bucket_of(cell, undecided);
    g->waiting[w] = (struct waiting){*cell, node, g->bucket[b], word};
    g->bucket[b] = w;
    g->highest = b > g->highest ? b : g->highest;
    return true;
}

/* The next cell to split; false where none waits. */
static bool take_waiting(struct growth *g, struct waiting *taken)
{
    while (g->highest >= 0 && g->bucket[g->highest] == NONE)
        g->highest--;
    if (g->highest < 0)
        return false;
    uint32_t const w = g->bucket[g->highest];
    *taken = g->waiting[w];
    if (taken->next != NONE) /* likely to be the next one, and anywhere in memory */
        __builtin_prefetch(&g->waiting[taken->next]);
    g->bucket[g->highest] = taken->next;
    g->waiting[w].next = g->free;
    g->free = w;
    return true;
}

/* One more node, judged. */
static bool add_cell(struct growth *g, struct bl23_cell const *cell)
{
    uint32_t *const grown = with_room(g->node, g->nodes, &g->node_room, sizeof *g->node);
    if (!grown)
        return false;
    g->node = grown;
    struct bl23_cover_judgement j = bl23_cover_judge(&g->problem, cell);
    uint32_t const node = (uint32_t)g->nodes++;
    g->node[node] = (uint32_t)j.kind;
    g->cells += j.kind != BL23_LEAF_DISCARDED;
    if (j.kind != BL23_LEAF_UNDECIDED)
        return true;
    int const word = word_to_split(cell, j.by, g->problem.model->g_mode == BL23_G_LOG_UNIFORM);
    return word < 0 || put_waiting(g, cell, node, word, j.undecided);
}

/* Splits cells until there are so many, or none that can be split. */
static bool grow(struct growth *g, uint64_t cells)
{
    struct waiting w;
    while (g->cells < cells && take_waiting(g, &w)) {
        struct bl23_cell child[3];
        int const children = bl23_cell_split(&w.cell, w.word, child);
        g->node[w.node] = (uint32_t)(g->nodes << CODE_BITS) | (uint32_t)w.word;
        g->cells--;
        for (int k = 0; k < children; k++)
            if (!add_cell(g, &child[k]))
                return false;
    }
    return true;
}

/* The codes below a node in preorder. Its children stand together: two, or three on the diagonal,
 * of which the middle one leaves it. */
static uint8_t *write_codes(struct growth const *g, uint32_t node, bool diagonal, uint8_t *code)
{
    uint32_t const entry = g->node[node], first = entry >> CODE_BITS, word = entry & CODE_MASK;
    bool const square = diagonal && word == BL23_CELL_A;
    *code++ = (uint8_t)word;
    if (word >= BL23_CELL_WORDS)
        return code;
    for (uint32_t k = 0; k < (square ? 3u : 2u); k++)
        code = write_codes(g, first + k, diagonal && !(square && k == 1), code);
    return code;
}

static bool tree_of(struct growth const *g, struct bl23_cover_tree *tree)
{
    *tree = (struct bl23_cover_tree){malloc(g->nodes), g->nodes};
    if (tree->node)
        write_codes(g, 0, true, tree->node);
    return tree->node != NULL;
}

/* The part of the pilot samples that survives; 1 of an empty cover. False: out of memory. */
static bool pilot_acceptance(struct growth const *g, double *acceptance)
{
    *acceptance = 1.0;
    if (g->cells == 0)
        return true;
    struct bl23_cover_tree tree;
    struct bl23_cover_knot knot;
    struct bl23_cell *const cells = malloc(g->cells * sizeof *cells);
    bool const enough = cells && tree_of(g, &tree);
    if (enough) {
        struct bl23_model const *const model = g->problem.model;
        struct bl23_cells const all = {&knot, cells};
        bl23_cover_flatten(&tree, &knot, cells);
        uint64_t const survivors = bl23_cover_survivors(
            model, (uint64_t)(g->problem.knot - model->knot), all, PILOT_SEED, 0, PILOT_SAMPLES);
        *acceptance = (double)survivors / PILOT_SAMPLES;
        bl23_cover_tree_free(&tree);
    }
    free(cells);
    return enough;
}

static bool grow_until(struct growth *g, struct bl23_cover_aim aim)
{
    uint64_t const most =
        aim.cells > 0 && aim.cells < BL23_COVER_CELLS_MAX ? aim.cells : BL23_COVER_CELLS_MAX;
    if (!(aim.accept > 0.0))
        return grow(g, most);
    for (uint64_t cells = PILOT_CELLS;; cells *= 2) {
        double acceptance;
        if (!grow(g, cells < most ? cells : most) || !pilot_acceptance(g, &acceptance))
            return false;
        if (acceptance >= aim.accept || g->cells < cells)
            return true;
    }
}

enum bl23_status bl23_cover_build(struct bl23_model const *model, uint64_t knot,
                                  struct bl23_cover_aim aim, struct bl23_cover_tree *tree,
                                  struct bl23_error *error)
{
    struct growth *const g = calloc(1, sizeof *g);
    struct bl23_cell const root = bl23_cell_root();
    bool done = false;
    if (g) {
        bl23_cover_problem_build(model, knot, &g->problem);
        g->free = NONE;
        g->highest = -1;
        for (int b = 0; b < BUCKETS; b++)
            g->bucket[b] = NONE;
        done = add_cell(g, &root) && grow_until(g, aim) && tree_of(g, tree);
        growth_free(g);
    }
    free(g);
    return done ? BL23_OK
                : bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the cover of %g GeV",
                            model->knot[knot].mass_gev);
}
