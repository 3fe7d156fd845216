/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How large the output of a survey may become, and whether the disk has room for it. `bl23 check`
 * prints it, a survey warns before it starts. */
#ifndef BL23_HOST_OUTPUT_SIZE_H
#define BL23_HOST_OUTPUT_SIZE_H

#include "host/config/config.h"

/* What the output file takes with so many stored survivors [bytes], about. */
double bl23_output_bytes(struct bl23_config const *config, struct bl23_model const *model,
                         double survivors);

/* Upper bound on the output file [bytes], with as many survivors as may be stored. */
double bl23_output_bytes_max(struct bl23_config const *config, struct bl23_model const *model);

/* Free space beside the output for this user [bytes]; infinite if the system does not say. */
double bl23_output_bytes_free(struct bl23_config const *config);

enum { BL23_OUTPUT_WARNING_SIZE = 256 };

/* True, with a sentence, if the output may not fit. */
bool bl23_output_warning(struct bl23_config const *config, struct bl23_model const *model,
                         char text[BL23_OUTPUT_WARNING_SIZE]);

#endif
