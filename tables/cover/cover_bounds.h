/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What can be said of all samples of a cell at once: ranges of the monomials' factors, of the
 * amplitudes, of the quantities, and from them whether none or all survive, or on which word to
 * split the cell to find out. cover_build.c calls it for every cell; tests/test_cover.c holds each
 * range against samples.
 *
 * How it works. An amplitude is linear in a and b, plus for each pair of rows R_ij times a harmonic
 * of the pair's phase. The linear part takes its extrema at corners. R_ij, the root of a product of
 * two spacings, is concave in (a, b), so that its least value is at a corner; its largest one is
 * where the two spacings are equal, as far as the cell reaches. The harmonic is known at the centre
 * of the phase with its slope, and so at both ends; between them it has an extremum where the slope
 * changes sign. Everything is moved outward by more than the rounding of verdict.h and of the
 * tables can amount to, so that what is found holds for the verdict as computed and as exact. */
#ifndef BL23_TABLES_COVER_BOUNDS_H
#define BL23_TABLES_COVER_BOUNDS_H

#include <stdbool.h>

#include "kernels/sample/draw.h"
#include "kernels/sample/verdict.h"
#include "tables/cover/cover_tree.h"

enum {
    BL23_COVER_PAIRS = 3,
    BL23_COVER_TURN_BITS = 8, /* of a phase, for which sines are tabulated */
    BL23_COVER_TURN = 1 << BL23_COVER_TURN_BITS
};

/* An amplitude as constant + by_a a + by_b b + sum over pairs of R (re cos + im sin). */
struct bl23_cover_row {
    double constant, by_a, by_b;
    double re[BL23_COVER_PAIRS], im[BL23_COVER_PAIRS];
    double amplitude[BL23_COVER_PAIRS]; /* the root of re^2 + im^2 */
    double margin;                      /* by which a range is moved outward */
};

/* A quantity with a limit: its amplitudes among the rows of the problem, and the weight of each in
 * the sum of squares; in D0 mixing the weights of F_V^2 and F_A^2. */
struct bl23_cover_quantity {
    int q; /* enum bl23_quantity */
    enum bl23_shape shape;
    int first, count;
    double weight[BL23_QUANTITY_FORMS_MAX];
    struct bl23_interval allowed;
};

/* What the cells of a mass are judged by: the limited quantities and their amplitudes. */
struct bl23_cover_problem {
    struct bl23_model const *model;
    struct bl23_knot const *knot;
    bool solve; /* for g */
    int quantities, rows;
    struct bl23_cover_quantity quantity[BL23_QUANTITIES];
    struct bl23_cover_row row[BL23_FORMS];
    double turn[BL23_COVER_TURN][2];        /* sine and cosine of k parts of a turn */
    double half[BL23_CELL_BITS_MAX + 1][2]; /* of half the width of a prefix of k bits */
};

/* The factors of the monomials over a cell: a and b as parts of 1, R_ij, and the phases. */
struct bl23_cover_ranges {
    bool diagonal; /* only a <= b belongs to the cell */
    struct bl23_interval a, b;
    struct bl23_interval root[BL23_COVER_PAIRS];
    double root_by[BL23_COVER_PAIRS][2]; /* how much R_ij changes with a, with b */
    bool whole[BL23_COVER_PAIRS];        /* half a turn or more: any phase */
    double sine[BL23_COVER_PAIRS], cosine[BL23_COVER_PAIRS]; /* at the centre */
    double half_sine[BL23_COVER_PAIRS], half_cosine[BL23_COVER_PAIRS];
    double phase_by[BL23_COVER_PAIRS][2]; /* the parts of x2 and of y in the width of the phase */
};

/* The range of an amplitude, and of the harmonics in it. */
struct bl23_cover_range {
    struct bl23_interval h;
    struct bl23_interval harmonic[BL23_COVER_PAIRS];
};

/* What is known of a cell. Of an undecided one: how much of it seems not to survive, 0 to 1, and
 * the words by how much they are to blame. */
struct bl23_cover_judgement {
    enum bl23_leaf kind;
    double g2_lo; /* no sample survives with a smaller g^2 */
    double undecided;
    double by[BL23_CELL_WORDS];
};

void bl23_cover_problem_build(struct bl23_model const *model, uint64_t knot,
                              struct bl23_cover_problem *problem);

void bl23_cover_ranges_of(struct bl23_cover_problem const *problem, struct bl23_cell const *cell,
                          struct bl23_cover_ranges *ranges);

struct bl23_cover_range bl23_cover_row_range(struct bl23_cover_row const *row,
                                             struct bl23_cover_ranges const *ranges);

/* How much of the width of an amplitude is due to a, b, x2 and y: together all of it, or more. */
void bl23_cover_blame(struct bl23_cover_row const *row, struct bl23_cover_ranges const *ranges,
                      struct bl23_cover_range const *range, double by[BL23_CELL_G]);

/* The range of a quantity divided by g^2, out of those of the rows of the problem. */
struct bl23_interval bl23_cover_quantity_range(struct bl23_cover_quantity const *quantity,
                                               struct bl23_cover_range const *row);

/* The g of the samples of a cell; 1 in solve mode. */
struct bl23_interval bl23_cover_g_range(struct bl23_model const *model, uint32_t prefix);

/* Sine and cosine of a phase in words, to about 1e-16: the error is part of a row's margin. */
void bl23_cover_sincos(struct bl23_cover_problem const *problem, uint32_t word, double *sine,
                       double *cosine);

/* spared: bits of quantities of the problem that are not to blame words, nor to count as undecided.
 */
struct bl23_cover_judgement bl23_cover_judge(struct bl23_cover_problem const *problem,
                                             struct bl23_cell const *cell, unsigned spared);

#endif
