/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The covers of a whole configuration: at every mass the cells that can hold survivors, and how
 * many samples drawn from them survive; or every claim of a stored cover checked. On all
 * processors, with the same results on any number of them.
 * cmd_cover.c calls it; cover_report.c shows what it finds. */
#ifndef BL23_HOST_COVER_RUN_H
#define BL23_HOST_COVER_RUN_H

#include "host/config/statement.h"
#include "host/output/cover_file.h"
#include "tables/cover/cover_build.h"

/* One mass. Volumes are parts of all rows w (and, where g is drawn, of all g): proven to hold every
 * survivor, proven to survive whole, and the part that survives, by the samples that were drawn
 * from the cover, with an interval of 99.99 % clipped to what is proven. */
struct bl23_cover_mass {
    double mass_gev, volume_upper, volume_inside;
    uint64_t cells, samples, survivors;
    double acceptance, acceptance_low, acceptance_high; /* of the samples; 0 where there is none */
    double volume, volume_low, volume_high;
};

/* The acceptance and the volume, with their intervals, out of the other members: the summary of a
 * survey with draw: cover asks, too. */
void bl23_cover_mass_estimate(struct bl23_cover_mass *mass);

/* What the covers are of, and the covers; all owned. */
struct bl23_cover_run {
    struct bl23_statement of;
    struct bl23_cover_tree *tree; /* [n_masses] */
    struct bl23_cover_mass *mass; /* [n_masses] */
};

/* What a check of a stored cover counts. */
struct bl23_cover_checked {
    size_t masses, excluded;
    uint64_t leaves, discarded, inside;
};

/* Build the model; takes the configuration over, also on failure. BL23_ERROR_CONFIG for a
 * configuration of one fixed w. */
enum bl23_status bl23_cover_run_open(struct bl23_config *config, struct bl23_cover_run *run,
                                     struct bl23_error *error);

/* Make the cover of every mass, and draw `samples` > 0 from each that is not empty. */
enum bl23_status bl23_cover_run_make(struct bl23_cover_run *run, struct bl23_cover_aim aim,
                                     uint64_t samples, struct bl23_error *error);

/* Check the cover in a file from scratch. BL23_ERROR_FAILED names the mass and the first claim that
 * does not hold. */
enum bl23_status bl23_cover_run_verify(char const *path, struct bl23_cover_checked *checked,
                                       struct bl23_error *error);

void bl23_cover_run_close(struct bl23_cover_run *run);

#endif
