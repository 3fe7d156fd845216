/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/output_size.h"

#include <math.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "host/io/file_io.h"
#include "kernels/results/results.h"
#include "kernels/sample/cell.h"
#include "kernels/sample/record.h"
#include "tables/physics/loop_tables.h"

/* Bytes of all columns of a sample, index and level included. */
static double bytes_of_record(struct bl23_model const *model)
{
    return 8.0 * (bl23_column_count((unsigned)model->groups) + 2);
}

/* The two edges of a constraint at each level at one knot; the rows of a curve, as numbers and in
 * the resolved configuration. */
static double bytes_of_constraints(struct bl23_config const *c, struct bl23_model const *model)
{
    double const edges = sizeof(struct bl23_interval[BL23_LEVELS]) * (double)model->n_knots;
    double const per_row = 128.0;
    double bytes = edges * (double)c->constraints.size;
    for (size_t k = 0; k < c->constraints.size; k++)
        bytes += per_row * (double)c->constraints.item[k].curve.size;
    return bytes;
}

/* Everything but survivors and texts: the tables, where the model's image and its parts both are,
 * the counts of each mass, histograms with their profiles, nearest samples, draws of the inputs. */
static double rest_of_output(struct bl23_config const *c, struct bl23_model const *model)
{
    double const parts =
        sizeof model->knot[0].form + sizeof model->knot[0].kappa + sizeof model->knot[0].weight;
    double const per_knot = sizeof model->knot[0] + parts + sizeof(struct bl23_loop_table) +
                            sizeof(struct bl23_knot_counts);
    double const per_bin = c->rank == BL23_RANK_CHI2 ? 8.0 + sizeof(struct bl23_extremum) : 8.0;
    double bins = 0.0;
    for (int axis = 0; axis < BL23_AXES; axis++)
        bins += (double)(c->n_bins[axis] + 2);
    for (size_t h = 0; h < c->n_histograms_2d; h++)
        bins += (double)((c->n_bins[c->histogram_2d[h][0]] + 2) *
                         (c->n_bins[c->histogram_2d[h][1]] + 2));
    double const draws = 8.0 * (double)(c->n_draws * (c->vary.n + 1));
    double const trees = /* 3 bytes a cell, at most */
        model->cover_bytes > 0 ? 3.0 * (double)bl23_model_cover(model)->n_cells : 0.0;
    return per_knot * (double)model->n_knots + per_bin * bins + trees + draws +
           bytes_of_record(model) * (double)c->nearest + bytes_of_constraints(c, model);
}

double bl23_output_bytes(struct bl23_config const *c, struct bl23_model const *model,
                         double survivors)
{
    double const texts = 3e5; /* and headers of the library */
    double const columns = c->store == BL23_STORE_RECORDS ? bytes_of_record(model) : 8.0;
    double const record = c->store == BL23_STORE_NONE ? 0.0 : columns;
    return record * survivors + rest_of_output(c, model) + texts;
}

double bl23_output_bytes_max(struct bl23_config const *c, struct bl23_model const *model)
{
    double const room = 7e5; /* for long texts */
    return bl23_output_bytes(c, model, fmin((double)c->samples, (double)c->max_survivors)) + room;
}

double bl23_output_bytes_free(struct bl23_config const *c)
{
    char folder[BL23_PATH_SIZE];
    struct statvfs disk;
    char target[BL23_PATH_BYTES_MAX];
    bl23_path_target(c->output, target);
    bl23_path_folder(target, folder, sizeof folder);
    if (statvfs(folder, &disk) != 0)
        return INFINITY;
    return (double)disk.f_bavail * (double)disk.f_frsize;
}

bool bl23_output_warning(struct bl23_config const *c, struct bl23_model const *model,
                         char text[BL23_OUTPUT_WARNING_SIZE])
{
    double const needed = bl23_output_bytes_max(c, model), there = bl23_output_bytes_free(c);
    if (needed <= there)
        return false;
    snprintf(text, BL23_OUTPUT_WARNING_SIZE,
             "the output may take up to %.3g MB, but its disk has only %.3g MB free; a smaller "
             "output.max_survivors, or output.store index or none, makes it smaller",
             needed / 1e6, there / 1e6);
    return true;
}
