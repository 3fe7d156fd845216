/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/cover/cover_build.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "tables/cover/cover_bounds.h"
#include "tables/cover/cover_flat.h"
#include "tables/cover/cover_shear.h"

/* How it works. A growing tree has one 32-bit entry a node: the code, and behind it the number of
 * the first child, the others following. Undecided cells wait in buckets by the volume that is
 * likely to be discarded in them, four buckets for each factor of two; the last cell that came into
 * the highest bucket is split next. A cell that cannot be split any more waits no longer.
 *
 * Where too few pilot samples survive, the tree grows a second time, with sheared cells: their
 * strips are as thin as the limits, however coarse the cells, if only the cells are so small that
 * the limits bend little in them. What is split next is the strip with the most volume in which
 * samples fail; the word is the one whose halves have the least volume of strips, or, where none
 * gains much, the one along which the strips are steepest. */
enum {
    CODE_BITS = 3,
    CODE_MASK = (1 << CODE_BITS) - 1,
    STEPS_BITS = 2,          /* buckets for a factor of two, as bits */
    UNDECIDED_MIN_BITS = 12, /* at least 2^-12 of a cell counts as undecided */
    BUCKETS = (BL23_CELL_DEPTH_MAX + UNDECIDED_MIN_BITS + 1) << STEPS_BITS,
    PILOT_SAMPLES = 4096,
    PILOT_CELLS = 1024, /* after which the first pilot is drawn */
    STRIP_SAMPLES = 8   /* which estimate how many survive in a sheared cell */
};
#define SHEARED_BELOW 0.1 /* of the pilot samples survive */
#define GAIN 0.1          /* that is worth a split, as a part of the volume of strips */
#define PILOT_SEED UINT64_C(0x636f766572)
#define NONE UINT32_MAX

/* An undecided cell that waits to be split. */
struct waiting {
    struct bl23_cell cell;
    uint32_t node;
    uint32_t next; /* in its bucket, or among the free ones */
    int word;      /* to be split on */
    int extra;     /* of its strips */
};

struct growth {
    struct bl23_cover_problem problem;
    bool sheared;
    uint64_t strips; /* their volume, and that of cells without, 2^-60 */
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
static int bucket_of(uint64_t volume, double undecided)
{
    double const least = 1.0 / (1 << UNDECIDED_MIN_BITS);
    double const priority = bl23_max(undecided, least) * (double)volume; /* from 2^-12 to 2^60 */
    uint64_t bits;
    memcpy(&bits, &priority, sizeof bits);
    return (int)(bits >> (52 - STEPS_BITS)) - ((1023 - UNDECIDED_MIN_BITS) << STEPS_BITS);
}

static bool put_waiting(struct growth *g, struct waiting const *cell, double undecided)
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
    int const b = bucket_of(bl23_cell_volume(&cell->cell) >> cell->extra, undecided);
    g->waiting[w] = *cell;
    g->waiting[w].next = g->bucket[b];
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

/* A sheared cell, judged: `undecided` is the part of a few samples that does not survive. */
static struct bl23_cover_judgement judge_sheared(struct growth const *g,
                                                 struct bl23_cell const *cell, int *extra)
{
    struct bl23_cover_sheared sheared;
    bl23_cover_shear(&g->problem, cell, &sheared);
    *extra = sheared.extra;
    if (sheared.judgement.kind == BL23_LEAF_UNDECIDED) {
        struct bl23_model const *const model = g->problem.model;
        struct bl23_cover_knot const one = {.begin = {0, 1}};
        struct bl23_w_prefixes const w = bl23_w_prefixes_of(cell);
        struct bl23_cells const cells = {&one, &w, &cell->prefix[BL23_CELL_G], &sheared.shear};
        uint64_t const survivors =
            bl23_cover_survivors(model, (uint64_t)(g->problem.knot - model->knot), cells,
                                 PILOT_SEED, STRIP_SAMPLES * g->nodes, STRIP_SAMPLES);
        sheared.judgement.undecided = 1.0 - (double)survivors / (STRIP_SAMPLES + 1);
    }
    return sheared.judgement;
}

/* One more node, judged. */
static bool add_cell(struct growth *g, struct bl23_cell const *cell)
{
    uint32_t *const grown = with_room(g->node, g->nodes, &g->node_room, sizeof *g->node);
    if (!grown)
        return false;
    g->node = grown;
    struct waiting w = {.cell = *cell, .node = (uint32_t)g->nodes++};
    struct bl23_cover_judgement j =
        g->sheared ? judge_sheared(g, cell, &w.extra) : bl23_cover_judge(&g->problem, cell, 0);
    g->node[w.node] = (uint32_t)j.kind;
    g->cells += j.kind != BL23_LEAF_DISCARDED;
    g->strips += j.kind != BL23_LEAF_DISCARDED ? bl23_cell_volume(cell) >> w.extra : 0;
    if (j.kind != BL23_LEAF_UNDECIDED)
        return true;
    w.word = word_to_split(cell, j.by, g->problem.model->g_mode == BL23_G_LOG_UNIFORM);
    bool const is_smallest = bl23_cell_volume(cell) >> w.extra == 1; /* parts of it are not less */
    return w.word < 0 || is_smallest || put_waiting(g, &w, j.undecided);
}

/* The volume of strips in the children of a split. */
static double strips_after(struct growth const *g, struct bl23_cell const *cell, int word)
{
    struct bl23_cell child[3];
    int const children = bl23_cell_split(cell, word, child);
    double volume = children > 0 ? 0.0 : BL23_INFINITY;
    for (int k = 0; k < children; k++) {
        struct bl23_cover_sheared s;
        bl23_cover_shear(&g->problem, &child[k], &s);
        if (s.judgement.kind != BL23_LEAF_DISCARDED)
            volume += s.part * (double)bl23_cell_volume(&child[k]);
    }
    return volume;
}

/* The word with the largest number among those that have their whole width and can be split; -1:
 * none has any. */
static int largest_word(struct bl23_cell const *cell, struct bl23_shear const *shear,
                        double const by[BL23_CELL_WORDS])
{
    double largest = 0.0;
    int word = -1;
    for (int k = 0; k < BL23_CELL_WORDS; k++) {
        int const d = k < BL23_SHEAR_WORDS ? shear->word[k] : k,
                  extra = k < BL23_SHEAR_WORDS ? shear->extra[k] : 0;
        if (extra == 0 && by[d] > largest && bl23_cell_children(cell, d) > 0) {
            largest = by[d];
            word = d;
        }
    }
    return word;
}

/* The part of the strips of a cell that lies outside of it, roughly: that of the one that reaches
 * out most, from the range of its middle. Each word is to blame by the slopes along it. */
static double part_outside(struct bl23_shear const *shear, double by[BL23_CELL_WORDS])
{
    double largest = 0.0;
    for (int k = 0; k < BL23_SHEAR_WORDS; k++) {
        int32_t const *const slope = &shear->slope[k * (k - 1) / 2];
        double reach = 0.0;
        for (int j = 0; j < k; j++)
            reach += fabs((double)slope[j]) * 0x1p-30;
        double const beyond = fabs((double)shear->centre[k]) * 0x1p-28 + reach - 1.0;
        double const part = beyond > 0.0 ? bl23_min(0.5 * beyond / reach, 1.0) : 0.0;
        for (int j = 0; j < k; j++)
            by[shear->word[j]] += part * fabs((double)slope[j]);
        largest = bl23_max(largest, part);
    }
    return largest;
}

/* The word to split a sheared cell on; `blamed` where nothing else tells. */
static int sheared_word_to_split(struct growth const *g, struct bl23_cell const *cell, int blamed)
{
    struct bl23_cover_sheared s;
    int const words =
        g->problem.model->g_mode == BL23_G_LOG_UNIFORM ? BL23_CELL_WORDS : BL23_CELL_G;
    double least = BL23_INFINITY, slope[BL23_CELL_WORDS] = {0.0};
    int best = blamed;
    for (int d = 0; d < words; d++) {
        double const after = strips_after(g, cell, d);
        if (after < least) {
            least = after;
            best = d;
        }
    }
    bl23_cover_shear(&g->problem, cell, &s);
    if (least < (1.0 - GAIN) * s.part * (double)bl23_cell_volume(cell))
        return best;
    struct bl23_cover_judgement const others = bl23_cover_judge(&g->problem, cell, s.quantities);
    double const outside = part_outside(&s.shear, slope);
    int const by_others = largest_word(cell, &s.shear, others.by);
    int const by_slope = largest_word(cell, &s.shear, slope);
    if (by_slope >= 0 && (outside > 0.5 * others.undecided || by_others < 0))
        return by_slope;
    return by_others >= 0 ? by_others : blamed;
}

/* Splits cells until there are so many, or none that can be split. */
static bool grow(struct growth *g, uint64_t cells)
{
    struct waiting w;
    while (g->cells < cells && take_waiting(g, &w)) {
        struct bl23_cell child[3];
        int const word = g->sheared ? sheared_word_to_split(g, &w.cell, w.word) : w.word;
        int const children = bl23_cell_split(&w.cell, word, child);
        g->node[w.node] = (uint32_t)(g->nodes << CODE_BITS) | (uint32_t)word;
        g->cells--;
        g->strips -= bl23_cell_volume(&w.cell) >> w.extra;
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
    size_t const nodes = g->nodes + (g->sheared ? 1 : 0);
    *tree = (struct bl23_cover_tree){malloc(nodes), nodes, g->strips};
    if (tree->node && g->sheared)
        tree->node[0] = BL23_CELL_B;
    if (tree->node)
        write_codes(g, 0, true, tree->node + (g->sheared ? 1 : 0));
    return tree->node != NULL;
}

/* The part of the pilot samples that survives; 1 of an empty cover. False: out of memory. */
static bool pilot_acceptance(struct growth const *g, double *acceptance)
{
    *acceptance = 1.0;
    if (g->cells == 0)
        return true;
    struct bl23_model const *const model = g->problem.model;
    uint64_t const knot = (uint64_t)(g->problem.knot - model->knot);
    struct bl23_cover_tree tree;
    struct bl23_cover_flat flat;
    if (!tree_of(g, &tree))
        return false;
    enum bl23_status const status = bl23_cover_flatten(model, knot, &tree, g->cells, &flat);
    bl23_cover_tree_free(&tree);
    if (status != BL23_OK)
        return false;
    uint64_t const survivors = bl23_cover_survivors(model, knot, bl23_cover_flat_cells(&flat),
                                                    PILOT_SEED, 0, PILOT_SAMPLES);
    *acceptance = (double)survivors / PILOT_SAMPLES;
    bl23_cover_flat_free(&flat);
    return true;
}

/* From the whole cube. */
static bool grow_from_root(struct growth *g, bool sheared, struct bl23_cover_aim aim)
{
    uint64_t const most =
        aim.cells > 0 && aim.cells < BL23_COVER_CELLS_MAX ? aim.cells : BL23_COVER_CELLS_MAX;
    struct bl23_cell const root = bl23_cell_root();
    g->sheared = sheared;
    g->strips = g->cells = 0;
    g->nodes = g->waiting_used = 0;
    g->free = NONE;
    g->highest = -1;
    for (int b = 0; b < BUCKETS; b++)
        g->bucket[b] = NONE;
    if (!add_cell(g, &root))
        return false;
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

/* Sheared cells where too few samples of the others survive, if their strips have less volume.
 * False: out of memory. */
static bool grow_tree(struct growth *g, struct bl23_cover_aim aim, struct bl23_cover_tree *tree)
{
    double acceptance;
    if (!grow_from_root(g, false, aim) || !pilot_acceptance(g, &acceptance) || !tree_of(g, tree))
        return false;
    if (acceptance >= SHEARED_BELOW)
        return true;
    uint64_t const without = g->strips;
    bool const grown = grow_from_root(g, true, aim);
    if (grown && g->strips >= without)
        return true;
    bl23_cover_tree_free(tree);
    return grown && tree_of(g, tree);
}

enum bl23_status bl23_cover_build(struct bl23_model const *model, uint64_t knot,
                                  struct bl23_cover_aim aim, struct bl23_cover_tree *tree,
                                  struct bl23_error *error)
{
    struct growth *const g = calloc(1, sizeof *g);
    bool done = false;
    if (g) {
        bl23_cover_problem_build(model, knot, &g->problem);
        done = grow_tree(g, aim, tree);
        growth_free(g);
    }
    free(g);
    return done ? BL23_OK
                : bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the cover of %g GeV",
                            model->knot[knot].mass_gev);
}
