/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* bench_library SETS: what a point costs in libbl23, in processor time of one thread, with all
 * columns: at a mass that the handle knows, with g given and solved for, and at new masses. Each is
 * the median of some repeats. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/library/bl23.h"

enum { POINTS = 20000, MASSES = 2000, REPEATS = 9, COLUMNS_MAX = 128 };

static double mass_gev[POINTS], g_bl[POINTS], w[6 * POINTS];
static char const *name[COLUMNS_MAX];
static double *value[COLUMNS_MAX];
static struct bl23_request request = {.columns = name, .values = value, .threads = 1};

static double uniform(void)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) * 0x1p-53;
}

static double processor_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int by_size(void const *a, void const *b)
{
    double const x = *(double const *)a, y = *(double const *)b;
    return (x > y) - (x < y);
}

/* Seconds a point, of one call. */
static double seconds(struct bl23_handle *handle, uint64_t points, double const *g)
{
    struct bl23_message message;
    double const begin = processor_s();
    if (bl23_points(handle, points, mass_gev, g, w, &request, &message) != BL23_CODE_OK) {
        fprintf(stderr, "%s\n", message.text);
        exit(1);
    }
    return (processor_s() - begin) / (double)points;
}

static void show(char const *what, double *times)
{
    qsort(times, REPEATS, sizeof *times, by_size);
    printf("%-28s %10.1f ns (%.1f .. %.1f)\n", what, 1e9 * times[REPEATS / 2], 1e9 * times[0],
           1e9 * times[REPEATS - 1]);
}

static struct bl23_handle *opened(char const *sets)
{
    struct bl23_handle *handle;
    struct bl23_message message;
    if (bl23_open_sets(sets, 2, NULL, &handle, &message) == BL23_CODE_OK)
        return handle;
    fprintf(stderr, "%s\n", message.text);
    exit(1);
}

int main(int argc, char **argv)
{
    char const *const sets = argc > 1 ? argv[1] : "world_2026";
    double given[REPEATS], solved[REPEATS], fresh[REPEATS];
    struct bl23_handle *handle = opened(sets);
    for (request.n_columns = 0; request.n_columns < bl23_columns(); request.n_columns++) {
        struct bl23_column_info info;
        bl23_column(request.n_columns, &info, NULL);
        name[request.n_columns] = info.name;
        value[request.n_columns] = calloc(POINTS, sizeof(double));
        if (!value[request.n_columns])
            return 1;
        memset(value[request.n_columns], 1, POINTS * sizeof(double)); /* pages of its own */
    }
    for (int k = 0; k < POINTS; k++) {
        mass_gev[k] = 0.128;
        g_bl[k] = 1e-4;
        for (int c = 0; c < 6; c++)
            w[6 * k + c] = 2.0 * uniform() - 1.0;
    }
    for (int r = 0; r < REPEATS; r++) {
        given[r] = seconds(handle, POINTS, g_bl);
        solved[r] = seconds(handle, POINTS, NULL);
    }
    bl23_close(handle);
    for (int r = 0; r < REPEATS; r++) {
        for (int k = 0; k < MASSES; k++)
            mass_gev[k] = 0.001 + 4.6 * uniform();
        handle = opened(sets);
        fresh[r] = seconds(handle, MASSES, g_bl);
        bl23_close(handle);
    }
    printf("libbl23 %s, %s, %u columns\n", bl23_version(), sets, (unsigned)request.n_columns);
    show("known mass, g given", given);
    show("known mass, g solved for", solved);
    show("new mass", fresh);
    for (uint32_t c = 0; c < request.n_columns; c++)
        free(value[c]);
    return 0;
}
