/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/cover/cover_tree.h"

#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"

enum {
    CODE_BITS = 3,
    CHILDREN_MAX = 3,
    /* Cells that wait while a tree is walked: each split on the way leaves at most two. */
    WAITING_MAX = (CHILDREN_MAX - 1) * BL23_CELL_DEPTH_MAX + 1
};

struct bl23_cell bl23_cell_root(void)
{
    struct bl23_cell cell;
    for (int d = 0; d < BL23_CELL_WORDS; d++)
        cell.prefix[d] = 0x80000000u;
    return cell;
}

/* The prefix of the upper (1) or lower (0) half. */
static uint32_t half_of(uint32_t prefix, int upper)
{
    uint32_t const mark = prefix & -prefix;
    return (prefix - mark) + (upper ? mark : 0u) + (mark >> 1);
}

int bl23_cell_children(struct bl23_cell const *cell, int word)
{
    int const diagonal = bl23_cell_is_diagonal(cell);
    int const square = diagonal && word == BL23_CELL_A;
    if ((diagonal && word == BL23_CELL_B) || (cell->prefix[word] & 1u) != 0 ||
        bl23_cell_depth(cell) + (square ? 2 : 1) > BL23_CELL_DEPTH_MAX)
        return 0;
    return square ? 3 : 2;
}

int bl23_cell_split(struct bl23_cell const *cell, int word, struct bl23_cell child[3])
{
    int const children = bl23_cell_children(cell, word);
    for (int k = 0; k < children; k++) {
        child[k] = *cell;
        child[k].prefix[word] = half_of(cell->prefix[word], children == 3 ? k == 2 : k);
        if (children == 3)
            child[k].prefix[BL23_CELL_B] = half_of(cell->prefix[word], k > 0);
    }
    return children;
}

uint64_t bl23_cell_volume(struct bl23_cell const *cell)
{
    return UINT64_C(1) << (BL23_CELL_DEPTH_MAX - bl23_cell_depth(cell));
}

bool bl23_cover_tree_is_sheared(struct bl23_cover_tree const *tree)
{
    return tree->nodes > 0 && tree->node[0] == BL23_CELL_B;
}

bool bl23_cover_tree_walk(struct bl23_cover_tree const *tree, bl23_leaf_visit *visit, void *data)
{
    struct bl23_cell waiting[WAITING_MAX + CHILDREN_MAX] = {bl23_cell_root()};
    int count = 1;
    for (size_t n = bl23_cover_tree_is_sheared(tree) ? 1 : 0; n < tree->nodes; n++) {
        if (count == 0)
            return false;
        struct bl23_cell const cell = waiting[--count];
        int const code = tree->node[n];
        if (code >= BL23_CELL_WORDS) {
            visit(&cell, (enum bl23_leaf)code, data);
            continue;
        }
        struct bl23_cell child[CHILDREN_MAX];
        int const children = bl23_cell_split(&cell, code, child);
        if (children == 0)
            return false;
        for (int k = children - 1; k >= 0; k--)
            waiting[count++] = child[k];
    }
    return count == 0;
}

static void add_volume(struct bl23_cell const *cell, enum bl23_leaf kind, void *data)
{
    struct bl23_cover_volumes *const volumes = data;
    if (kind == BL23_LEAF_DISCARDED)
        return;
    uint64_t const volume = bl23_cell_volume(cell);
    volumes->upper += volume;
    volumes->inside += kind == BL23_LEAF_INSIDE ? volume : 0;
    volumes->cells++;
}

bool bl23_cover_tree_volumes(struct bl23_cover_tree const *tree, struct bl23_cover_volumes *volumes)
{
    memset(volumes, 0, sizeof *volumes);
    bool const whole = bl23_cover_tree_walk(tree, add_volume, volumes);
    if (bl23_cover_tree_is_sheared(tree))
        volumes->upper = tree->strips;
    return whole;
}

size_t bl23_cover_tree_packed_bytes(size_t nodes)
{
    return nodes / 8 * CODE_BITS + (nodes % 8 * CODE_BITS + 7) / 8;
}

void bl23_cover_tree_pack(struct bl23_cover_tree const *tree, uint8_t *packed)
{
    memset(packed, 0, bl23_cover_tree_packed_bytes(tree->nodes));
    for (size_t n = 0; n < tree->nodes; n++) {
        size_t const byte = n / 8 * CODE_BITS + n % 8 * CODE_BITS / 8;
        unsigned const bits = (unsigned)tree->node[n] << (n * CODE_BITS % 8);
        packed[byte] = (uint8_t)(packed[byte] | (bits & 0xffu));
        if (bits >> 8)
            packed[byte + 1] = (uint8_t)(bits >> 8);
    }
}

static void visit_nothing(struct bl23_cell const *cell, enum bl23_leaf kind, void *data)
{
    (void)cell;
    (void)kind;
    (void)data;
}

/* The code of a node, and whether the bits behind the last one are zeros. */
static uint8_t packed_code(uint8_t const *packed, size_t n)
{
    size_t const byte = n / 8 * CODE_BITS + n % 8 * CODE_BITS / 8;
    unsigned const shift = (unsigned)(n * CODE_BITS % 8);
    unsigned const next = shift > 8 - CODE_BITS ? packed[byte + 1] : 0u;
    return (uint8_t)((packed[byte] | next << 8) >> shift & ((1u << CODE_BITS) - 1u));
}

static bool ends_in_zeros(uint8_t const *packed, size_t nodes)
{
    size_t const used = nodes * CODE_BITS % 8;
    return used == 0 || packed[bl23_cover_tree_packed_bytes(nodes) - 1] >> used == 0;
}

enum bl23_status bl23_cover_tree_unpack(uint8_t const *packed, size_t nodes,
                                        struct bl23_cover_tree *tree, struct bl23_error *error)
{
    *tree = (struct bl23_cover_tree){malloc(nodes > 0 ? nodes : 1), nodes, 0};
    if (!tree->node)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for a cover of %zu nodes", nodes);
    for (size_t n = 0; n < nodes; n++)
        tree->node[n] = packed_code(packed, n);
    if (bl23_cover_tree_walk(tree, visit_nothing, NULL) && ends_in_zeros(packed, nodes))
        return BL23_OK;
    bl23_cover_tree_free(tree);
    return bl23_fail(error, BL23_ERROR_FAILED, "the codes of a cover are not one whole tree");
}

void bl23_cover_tree_free(struct bl23_cover_tree *tree)
{
    free(tree->node);
    *tree = (struct bl23_cover_tree){NULL, 0, 0};
}
