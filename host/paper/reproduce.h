/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Every number that the paper prints, computed again, and what charm does to its conclusions:
 * tables/data/paper_*.csv says what is printed and how it is to be computed, this says what comes
 * out. `bl23 reproduce` shows it. No printed number stands in the code. */
#ifndef BL23_HOST_REPRODUCE_H
#define BL23_HOST_REPRODUCE_H

#include "tables/base/csv_reader.h"

/* PASS: ours rounds to what is printed, or the statement holds. DOCUMENTED: it does not, and lies
 * where the file says that and why it must. */
enum bl23_agreement { BL23_PASS, BL23_DOCUMENTED, BL23_FAIL };

/* One printed number or statement; texts are owned by the reproduction. */
struct bl23_reproduced {
    char const *equation, *condition, *printed, *reason;
    char quantity[64];
    double half_unit; /* half a unit of the last printed digit; 0 for a statement */
    double low, high; /* of a statement, or of ours where it is known to differ; else NaN */
    double slack;     /* relative, allowed beyond the rounding */
    double found;
    double off_half_units; /* |found - printed| in half units; NaN for a statement */
    enum bl23_agreement agreement;
};

/* The numbers of the paper; those of an independent computation of charm, which the paper leaves
 * out. */
enum bl23_reproduced_part { BL23_PART_PAPER, BL23_PART_CHARM, BL23_PARTS };

enum { BL23_PAPER_FILES = 4 }; /* results and statements, couplings, loop tables; charm */
struct bl23_reproduction {
    struct bl23_csv csv[BL23_PAPER_FILES];
    size_t end[BL23_PARTS]; /* of the items of a part, which begin where the one before it ends */
    struct bl23_reproduced *item;
};

/* Compute everything with the inputs of the paper. The caller calls bl23_reproduction_free. */
enum bl23_status bl23_reproduce(struct bl23_reproduction *out, struct bl23_error *error);
void bl23_reproduction_free(struct bl23_reproduction *r);

char const *bl23_agreement_name(enum bl23_agreement agreement);

/* The first item of a part. */
size_t bl23_reproduction_begin(struct bl23_reproduction const *r, enum bl23_reproduced_part part);
size_t bl23_reproduction_count(struct bl23_reproduction const *r, enum bl23_reproduced_part part,
                               enum bl23_agreement agreement);

#endif
