/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The CKM matrix from Wolfenstein parameters, unitary to the last digit of a double-double.
 * loop_tables calls it: only an exactly unitary V cancels the UV pole and the large logarithms. */
#ifndef BL23_TABLES_CKM_H
#define BL23_TABLES_CKM_H

#include "tables/physics/inputs.h"

/* element[i][a]: i = u, c, t; a = d, s, b. */
struct bl23_ckm {
    struct bl23_ddc element[3][3];
};

/* Standard parametrisation (PDG review "CKM quark-mixing matrix", Eqs. (12.3)-(12.5)), valid to all
 * orders in lambda. */
void bl23_ckm_build(struct bl23_inputs const *inputs, struct bl23_ckm *ckm);

#endif
