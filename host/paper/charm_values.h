/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What charm at tree level does to the conclusions of the paper: one function per name in the
 * column `check` of tables/data/paper_charm.csv, which says what each row asks for.
 * reproduce.c calls it. The expected numbers are not used here. */
#ifndef BL23_HOST_CHARM_VALUES_H
#define BL23_HOST_CHARM_VALUES_H

#include "host/paper/paper_values.h"

/* Ours for a row of the file. BL23_ERROR_FAILED: a name in the row is not known. */
enum bl23_status bl23_charm_value(struct bl23_paper const *paper, struct bl23_csv const *csv,
                                  size_t row, double *value, struct bl23_error *error);

#endif
