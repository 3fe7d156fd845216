/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Which constraints decide a mass, in words.
 * bound_file.c stores it, bound_report.c prints it. */
#ifndef BL23_HOST_BOUND_REASON_H
#define BL23_HOST_BOUND_REASON_H

#include "host/bound/bound_run.h"

/* The constraints behind the limits that the proof of the least tension leans on, lower edges
 * "against" upper ones (once where both are the same), into text[size]. Where nothing can meet a
 * limit: which asks for what. */
void bl23_bound_decided_by(struct bl23_bound_run const *run, size_t knot, char *text, size_t size);

/* Is a limit of constraint c left out of the proofs at knot k (docs/bound.md)? What is reached
 * counts it. */
bool bl23_bound_left_out(struct bl23_bound_run const *run, size_t k, size_t c);

#endif
