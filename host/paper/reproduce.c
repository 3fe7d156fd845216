/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/paper/reproduce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config.h"
#include "host/paper/charm_values.h"
#include "kernels/sample/error.h"

static char const *const files[BL23_PAPER_FILES] = {"paper_results.csv", "paper_couplings.csv",
                                                    "paper_tables.csv", "paper_charm.csv"};
enum { CHARM_FILE = BL23_PAPER_FILES - 1 };

char const *bl23_agreement_name(enum bl23_agreement agreement)
{
    static char const *const names[] = {"PASS", "DOCUMENTED", "FAIL"};
    return names[agreement];
}

/* A column that may be empty, or absent from this file. */
static char const *text_of(struct bl23_csv const *csv, size_t row, char const *column)
{
    char const *const text = bl23_csv_text(csv, row, column);
    return text ? text : "";
}

static double number_or(struct bl23_csv const *csv, size_t row, char const *column, double none)
{
    char const *const text = text_of(csv, row, column);
    return text[0] ? strtod(text, NULL) : none;
}

static void judge(struct bl23_reproduced *r)
{
    double const printed = strtod(r->printed, NULL);
    bool const statement = r->half_unit == 0.0;
    bool const inside = r->found >= r->low && r->found <= r->high;
    double const off = fabs(r->found - printed);
    r->off_half_units = statement ? (double)NAN : off / r->half_unit;
    if (statement)
        r->agreement = !inside ? BL23_FAIL : r->reason[0] ? BL23_DOCUMENTED : BL23_PASS;
    else if (off <= r->half_unit + r->slack * fabs(printed))
        r->agreement = BL23_PASS;
    else
        r->agreement = inside ? BL23_DOCUMENTED : BL23_FAIL;
}

/* What a number of a matrix is called: C_L^ds 12 re. */
static void name_matrix(struct bl23_csv const *csv, size_t row, struct bl23_reproduced *r)
{
    char const *const chirality = text_of(csv, row, "chirality");
    if (chirality[0])
        snprintf(r->quantity, sizeof r->quantity, "C_%s^%s %s%s %s", chirality,
                 text_of(csv, row, "channel"), text_of(csv, row, "i"), text_of(csv, row, "j"),
                 text_of(csv, row, "part"));
    else
        snprintf(r->quantity, sizeof r->quantity, "%s %s%s %s", text_of(csv, row, "matrix"),
                 text_of(csv, row, "i"), text_of(csv, row, "j"), text_of(csv, row, "part"));
}

static enum bl23_status reproduce_row(struct bl23_paper const *paper, struct bl23_csv const *csv,
                                      size_t row, bool is_charm, struct bl23_reproduced *r,
                                      struct bl23_error *error)
{
    *r = (struct bl23_reproduced){.equation = text_of(csv, row, "equation"),
                                  .condition = text_of(csv, row, "condition"),
                                  .printed = text_of(csv, row, "printed"),
                                  .reason = text_of(csv, row, "reason"),
                                  .half_unit = number_or(csv, row, "half_unit", 0.0),
                                  .low = number_or(csv, row, "low", (double)NAN),
                                  .high = number_or(csv, row, "high", (double)NAN),
                                  .slack = number_or(csv, row, "slack", 0.0)};
    if (text_of(csv, row, "quantity")[0])
        snprintf(r->quantity, sizeof r->quantity, "%.63s", text_of(csv, row, "quantity"));
    else
        name_matrix(csv, row, r);
    if (is_charm)
        BL23_TRY(bl23_charm_value(paper, csv, row, &r->found, error));
    else
        BL23_TRY(bl23_paper_value(paper, csv, row, &r->found, error));
    judge(r);
    return BL23_OK;
}

static enum bl23_status reproduce(struct bl23_reproduction *r, struct bl23_error *error)
{
    struct bl23_paper paper;
    size_t rows = 0, size = 0;
    for (int f = 0; f < BL23_PAPER_FILES; f++) {
        BL23_TRY(bl23_csv_shipped(files[f], &r->csv[f], error));
        rows += r->csv[f].rows;
    }
    r->item = calloc(rows + 1, sizeof *r->item);
    if (!r->item)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory");
    BL23_TRY(bl23_paper_open(&r->csv[1], &r->csv[2], &paper, error));
    for (int f = 0; f < BL23_PAPER_FILES; f++) {
        bool const is_charm = f == CHARM_FILE;
        for (size_t row = 0; row < r->csv[f].rows; row++)
            BL23_TRY(reproduce_row(&paper, &r->csv[f], row, is_charm, &r->item[size++], error));
        r->end[is_charm ? BL23_PART_CHARM : BL23_PART_PAPER] = size;
    }
    return BL23_OK;
}

enum bl23_status bl23_reproduce(struct bl23_reproduction *r, struct bl23_error *error)
{
    memset(r, 0, sizeof *r);
    enum bl23_status const status = reproduce(r, error);
    if (status != BL23_OK)
        bl23_reproduction_free(r);
    return status;
}

void bl23_reproduction_free(struct bl23_reproduction *r)
{
    for (int f = 0; f < BL23_PAPER_FILES; f++)
        bl23_csv_free(&r->csv[f]);
    free(r->item);
    memset(r, 0, sizeof *r);
}

size_t bl23_reproduction_begin(struct bl23_reproduction const *r, enum bl23_reproduced_part part)
{
    return part == BL23_PART_PAPER ? 0 : r->end[part - 1];
}

size_t bl23_reproduction_count(struct bl23_reproduction const *r, enum bl23_reproduced_part part,
                               enum bl23_agreement agreement)
{
    size_t count = 0;
    for (size_t k = bl23_reproduction_begin(r, part); k < r->end[part]; k++)
        count += r->item[k].agreement == agreement;
    return count;
}
