/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a statement about every row w is made of: a configuration, its model at all masses, and the
 * words above the answer. bound_run.c and cover_run.c begin with one. */
#ifndef BL23_HOST_STATEMENT_H
#define BL23_HOST_STATEMENT_H

#include <stdio.h>

#include "host/config/config.h"

/* All owned. */
struct bl23_statement {
    struct bl23_config *config;
    struct bl23_model *model;
    struct bl23_loop_table *tables;
    char *yaml;        /* the resolved configuration */
    char *constraints; /* in words, as the summary of a survey has them */
    size_t *order; /* numbers of the knots by rising mass: a list of masses may have any order */
};

/* Build model and tables; takes the configuration over, also on failure. BL23_ERROR_CONFIG for a
 * configuration of one fixed row, with the reason why it must not be one. */
enum bl23_status bl23_statement_open(struct bl23_config *config, char const *reason,
                                     struct bl23_statement *statement, struct bl23_error *error);

/* Note where a survey of the configuration would not go by the cuts that the answer is about. */
void bl23_statement_note_cuts(struct bl23_config const *config);

/* Note that the answer is for the central inputs, where some vary. */
void bl23_statement_note_inputs(struct bl23_config const *config);

/* Title and inputs: masses, constraints, rows, and the range of g where it is drawn ("every g_B-L"
 * or "g_B-L drawn"). */
void bl23_statement_print(struct bl23_statement const *statement, char const *title,
                          char const *drawn, FILE *out);

void bl23_statement_close(struct bl23_statement *statement);

#endif
