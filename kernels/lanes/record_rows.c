/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Compiled once per instruction set. */
#include "kernels/lanes/record_rows.h"

#include "kernels/lanes/isa.h"
#include "kernels/lanes/simd.h"

bl23_record_loop BL23_OF_SET(bl23_records);

void BL23_OF_SET(bl23_records)(struct bl23_model const *model, uint64_t const *index, size_t n,
                               struct bl23_record *record)
{
    bl23_isa_count(BL23_SET_ISA, BL23_LOOP_RECORDS);
    if (model->groups == BL23_GROUP_PAPER) /* the compiler leaves out all other groups */
        for (size_t k = 0; k < n; k++)
            bl23_record_of_groups(model, BL23_GROUP_PAPER, index[k], &record[k]);
    else
        for (size_t k = 0; k < n; k++)
            bl23_record_of(model, index[k], &record[k]);
}
