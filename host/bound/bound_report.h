/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The answers of a bound on the terminal: the verdict over all masses first, then why, then a
 * table. cmd_bound.c calls it. */
#ifndef BL23_HOST_BOUND_REPORT_H
#define BL23_HOST_BOUND_REPORT_H

#include <stdio.h>

#include "host/bound/bound_run.h"

void bl23_bound_print(struct bl23_bound_run const *run, FILE *out);

#endif
