/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A model that was read, not built: is every field that indexes an array or chooses a mode in its
 * range, and every number one that a sample can be judged with?
 * Whoever reads a model from a file asks here before it is used; a checksum only says that the file
 * is as somebody wrote it. */
#ifndef BL23_KERNELS_MODEL_CHECK_H
#define BL23_KERNELS_MODEL_CHECK_H

#include "kernels/results/results.h"

/* What is wrong with a model of `bytes` in all, as a clause; NULL: nothing. */
char const *bl23_model_fault(struct bl23_model const *model, size_t bytes);

/* The same of a reduction. */
char const *bl23_reduction_fault(struct bl23_reduction const *reduction);

#endif
