/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/survey_cover.h"

#include <stdlib.h>

#include "host/io/allotment.h"
#include "kernels/lanes/parallel_for.h"
#include "kernels/sample/error.h"
#include "tables/cover/cover_flat.h"

/* What the workers share. */
struct building {
    struct bl23_model const *model;
    struct bl23_cover_aim aim;
    struct bl23_cover_tree *tree;
};

static enum bl23_status build(void *context, unsigned worker, uint64_t first, uint64_t count)
{
    struct building const *const b = context;
    (void)worker;
    for (uint64_t k = first; k < first + count; k++)
        BL23_TRY(bl23_cover_build(b->model, k, b->aim, &b->tree[k], NULL));
    return BL23_OK;
}

enum bl23_status bl23_cover_trees_build(struct bl23_model const *model, struct bl23_cover_aim aim,
                                        struct bl23_cover_tree **trees)
{
    struct building b = {model, aim, calloc(model->n_knots, sizeof *b.tree)};
    enum bl23_status status = BL23_ERROR_MEMORY;
    if (b.tree)
        status = bl23_parallel_for(bl23_allotment().threads, model->n_knots, 1, build, &b);
    if (status != BL23_OK)
        bl23_cover_trees_free(b.tree, model);
    *trees = status == BL23_OK ? b.tree : NULL;
    return status;
}

void bl23_cover_trees_free(struct bl23_cover_tree *trees, struct bl23_model const *model)
{
    for (uint64_t k = 0; trees && k < model->n_knots; k++)
        bl23_cover_tree_free(&trees[k]);
    free(trees);
}

/* The memory of all cells: in the model, and as nodes of trees. */
static enum bl23_status check_memory(struct bl23_config const *c, struct bl23_error *error)
{
    struct bl23_allotment const a = bl23_allotment();
    double const per_cell = sizeof(struct bl23_w_prefixes) + sizeof(uint32_t) + 4.0;
    double const needed = per_cell * (double)c->cover_cells * (double)c->n_masses;
    if (needed <= a.memory_bytes)
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "%s: a cover of %zu masses with %llu cells each needs %.3g MB of memory, but "
                     "bl23 may use only %.3g MB (%s); use fewer cells, or fewer masses",
                     c->path, c->n_masses, (unsigned long long)c->cover_cells, needed / 1e6,
                     a.memory_bytes / 1e6, a.memory_by);
}

/* Cells that are left at any mass. */
static uint64_t count_cells(struct bl23_cover_tree const *trees, uint64_t n)
{
    uint64_t cells = 0;
    for (uint64_t k = 0; k < n; k++) {
        struct bl23_cover_volumes volumes = {0, 0, 0};
        bl23_cover_tree_volumes(&trees[k], &volumes);
        cells += volumes.cells;
    }
    return cells;
}

static enum bl23_status attach(struct bl23_config const *c, struct bl23_model **model,
                               struct bl23_cover_tree const *trees, struct bl23_error *error)
{
    if (count_cells(trees, c->n_masses) > 0)
        return bl23_cover_attach(model, trees, error);
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "%s: there is nothing to draw: the cover proves that nothing survives at %s; "
                     "'bl23 bound' proves it in another way",
                     c->path, c->n_masses == 1 ? "this mass" : "any of the masses");
}

enum bl23_status bl23_survey_cover_build(struct bl23_config const *c, struct bl23_model **model,
                                         struct bl23_cover_tree **trees, struct bl23_error *error)
{
    BL23_TRY(check_memory(c, error));
    enum bl23_status status = bl23_cover_trees_build(*model, bl23_config_cover_aim(c), trees);
    if (status != BL23_OK)
        return bl23_fail(error, status, "%s: out of memory for the cover", c->path);
    status = attach(c, model, *trees, error);
    if (status != BL23_OK) {
        bl23_cover_trees_free(*trees, *model);
        *trees = NULL;
    }
    return status;
}
