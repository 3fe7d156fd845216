/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/output_size.h"

#include <math.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "host/io/file_io.h"
#include "kernels/results/results.h"
#include "kernels/sample/record.h"
#include "tables/physics/loop_tables.h"

/* A generous estimate of everything but survivors: texts and headers of the library, tables and
 * counts of each mass, 2-D histograms, nearest samples. */
static double rest_of_output(struct bl23_config const *c, struct bl23_model const *model)
{
    double const texts = 1e6, per_record = 8.0 * (BL23_COLUMNS + 2);
    double const per_knot =
        sizeof(struct bl23_knot) + sizeof(struct bl23_loop_table) + sizeof(struct bl23_knot_counts);
    double const plane = sizeof(uint64_t[BL23_BINS_ALL][BL23_BINS_ALL]);
    return texts + per_knot * (double)model->n_knots + plane * (double)c->n_histograms_2d +
           per_record * (double)c->nearest;
}

double bl23_output_bytes_max(struct bl23_config const *c, struct bl23_model const *model)
{
    double const columns = c->store == BL23_STORE_RECORDS ? 8.0 * (BL23_COLUMNS + 2) : 8.0;
    double const record = c->store == BL23_STORE_NONE ? 0.0 : columns;
    double const stored = fmin((double)c->samples, (double)c->max_survivors);
    return record * stored + rest_of_output(c, model);
}

double bl23_output_bytes_free(struct bl23_config const *c)
{
    char folder[BL23_PATH_SIZE];
    struct statvfs disk;
    bl23_path_folder(c->output, folder, sizeof folder);
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
