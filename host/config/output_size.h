/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How large the output of a survey may become, and whether its disk has room for that.
 * `bl23 check` shows it, a survey warns before it starts.
 */
#ifndef BL23_HOST_OUTPUT_SIZE_H
#define BL23_HOST_OUTPUT_SIZE_H

#include "host/config/config.h"

/* Upper bound on the output file [bytes]: as many survivors as may be stored, and the rest. */
double bl23_output_bytes_max(struct bl23_config const *config, struct bl23_model const *model);

/* What this user may still write beside the output [bytes]; infinity where the system does not
 * tell. */
double bl23_output_bytes_free(struct bl23_config const *config);

enum { BL23_OUTPUT_WARNING_SIZE = 256 };

/* A sentence when the output may not fit; false, and none, when it does. */
bool bl23_output_warning(struct bl23_config const *config, struct bl23_model const *model,
                         char text[BL23_OUTPUT_WARNING_SIZE]);

#endif
