/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The records of many samples: what writers, checks of outputs and the audit of a device need. */
#ifndef BL23_KERNELS_RECORD_ROWS_H
#define BL23_KERNELS_RECORD_ROWS_H

#include "kernels/sample/record.h"

/* The records of the samples index[n] into record[n], by the chosen instruction set: the numbers of
 * bl23_record_of, faster. */
typedef void bl23_record_loop(struct bl23_model const *model, uint64_t const *index, size_t n,
                              struct bl23_record *record);
bl23_record_loop bl23_records;

#endif
