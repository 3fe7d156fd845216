/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a finished launch brings: first its audit, then its part of the results.
 * cuda_backend.c calls it, launch by launch. */
#ifndef BL23_KERNELS_CUDA_INTAKE_H
#define BL23_KERNELS_CUDA_INTAKE_H

#include "kernels/backend.h"
#include "kernels/cuda/cuda_slot.h"

enum { BL23_CUDA_AUDITED_MAX = (BL23_CUDA_LAUNCH_MAX >> BL23_CUDA_AUDIT_BITS) + 2 };

/* Judge again, on some threads (0: all), every survivor, near miss and extremum that came back, and
 * the samples whose low index bits are range.audit_phase, each of which must have come back once.
 * BL23_ERROR_DEVICE names the sample that differs. */
enum bl23_status bl23_cuda_intake_audit(struct bl23_model const *model,
                                        struct bl23_cuda_slot const *slot, unsigned threads,
                                        struct bl23_error *error);

/* Add the launch to the results; after BL23_ERROR_MEMORY they are worth nothing. */
enum bl23_status bl23_cuda_intake_add(struct bl23_model const *model,
                                      struct bl23_cuda_slot const *slot,
                                      struct bl23_results *results, struct bl23_error *error);

#endif
