/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Brings what a process inherits (descriptors, limits, environment, arithmetic) into the state that
 * bl23 relies on. main() calls it first. */
#ifndef BL23_HOST_PROCESS_H
#define BL23_HOST_PROCESS_H

#include "kernels/sample/status.h"

/* Descriptors 0, 1 and 2 are open, so that no file of ours gets their numbers; writing to a closed
 * pipe or beyond the limit of file sizes fails instead of ending the process; the environment does
 * not change how the HDF5 library stores a file; the stack may grow as far as bl23 needs, and
 * there is memory to begin with. An error says which of this cannot be had. Then as
 * bl23_process_set_arithmetic. */
enum bl23_status bl23_process_prepare(struct bl23_error *error);

/* The default floating-point environment: rounding to nearest, denormal numbers kept. A library
 * that was loaded since may have set another one, so call it again after such a step.
 * BL23_ERROR_FAILED where it cannot be had: the results would not be the promised bytes. */
enum bl23_status bl23_process_set_arithmetic(struct bl23_error *error);

#endif
