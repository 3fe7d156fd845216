/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The reference tables of tests/reference, and the shipped ones of tables/data, as rows of named
 * text fields.
 * The tests call it; whatever is wrong with a file fails the running test.
 * It must not know what the columns mean. */
#ifndef BL23_TESTS_CSV_H
#define BL23_TESTS_CSV_H

#include <stddef.h>

#include "tables/base/dd.h"

struct csv;

/* tests/reference/NAME or, where there is none, the shipped tables/data/NAME. */
struct csv *csv_open(char const *name);
void csv_close(struct csv *csv);

size_t csv_rows(struct csv const *csv);

/* A field of a row (from 0) by the name of its column: as text, as the nearest double, and as the
 * decimal it is. */
char const *csv_text(struct csv const *csv, size_t row, char const *column);
double csv_double(struct csv const *csv, size_t row, char const *column);
struct bl23_dd csv_decimal(struct csv const *csv, size_t row, char const *column);

#endif
