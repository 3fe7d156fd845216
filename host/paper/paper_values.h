/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How each number of the paper is computed: one function per name in the column `check` of
 * tables/data/paper_results.csv, and the matrices element by element.
 * reproduce.c calls it. The printed numbers are used only where the paper's own sum is checked and
 * to choose among several solutions. */
#ifndef BL23_HOST_PAPER_VALUES_H
#define BL23_HOST_PAPER_VALUES_H

#include "tables/base/csv_reader.h"
#include "tables/physics/loop_tables.h"

/* What the values share: the paper's inputs, its reference mass m_pi0, the benchmark row. */
struct bl23_paper {
    struct bl23_inputs inputs;
    struct bl23_ckm ckm;
    struct bl23_loop_context context;
    struct bl23_loop_table at_pi0;
    struct bl23_dd w_modulus[3], w_phase_pi[3];
    struct bl23_csv const *couplings, *tables; /* as printed; borrowed */
};

enum bl23_status bl23_paper_open(struct bl23_csv const *couplings, struct bl23_csv const *tables,
                                 struct bl23_paper *paper, struct bl23_error *error);

/* Ours for a row of one of the three files. */
enum bl23_status bl23_paper_value(struct bl23_paper const *paper, struct bl23_csv const *csv,
                                  size_t row, double *value, struct bl23_error *error);

#endif
