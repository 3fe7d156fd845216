/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The group /tables of an output file: the loop tables, forms and kappa of every mass knot.
 * `bl23 tables -o` and the survey write it, `--model` reads it, a replay verifies it. */
#ifndef BL23_HOST_TABLES_FILE_H
#define BL23_HOST_TABLES_FILE_H

#include "host/output/hdf5_write.h"
#include "tables/physics/loop_tables.h"

/* Write /tables for n knots of the model and their loop tables. */
void bl23_tables_write(struct bl23_h5 *h5, struct bl23_knot const *knots,
                       struct bl23_loop_table const *tables, size_t n);

/* Read mass, forms, kappa and Delta a_mu of a file's /tables; the caller frees *knots. A file that
 * is no HDF5 file, lacks them, or has other data than their checksums say is BL23_ERROR_CONFIG. */
enum bl23_status bl23_tables_read(char const *path, struct bl23_knot **knots, size_t *n,
                                  struct bl23_error *error);

/* Are the tables of an open file those of its model, bit for bit, in the shapes that bl23 writes?
 * BL23_ERROR_FAILED names the dataset that is not. */
enum bl23_status bl23_tables_verify(hid_t file, char const *path, struct bl23_model const *model,
                                    struct bl23_error *error);

/* Tables of a file for the same masses may differ from those of the configuration by rounding
 * alone, 1e-11 of an entry or of the largest in its row of the forms: else they were made with
 * other inputs, or altered. BL23_ERROR_CONFIG names the dataset and the mass. */
enum bl23_status bl23_tables_compare(char const *path, struct bl23_knot const *found,
                                     struct bl23_knot const *expected, size_t n,
                                     struct bl23_error *error);

#endif
