/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Covers on stdout: what is excluded and how much is allowed, for a person or as JSON.
 * cmd_cover.c calls it. */
#ifndef BL23_HOST_COVER_REPORT_H
#define BL23_HOST_COVER_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "host/cover/cover_run.h"

void bl23_cover_print(struct bl23_cover_run const *run, FILE *out);

/* Only what is excluded and how much is allowed: config, model and order of *run's statement, and
 * its masses, are read. */
void bl23_cover_print_allowed(struct bl23_cover_run const *run, FILE *out);

/* NULL when out of memory. */
json_t *bl23_cover_json(struct bl23_cover_run const *run);

#endif
