/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* All that is asked at one mass: can any w and g meet the constraints, the least tension, the
 * largest g that upper limits leave, and how much a single limit would have to give way.
 * bound_run.c asks it at every mass, and for --verify checks what was answered. */
#ifndef BL23_HOST_BOUND_KNOT_H
#define BL23_HOST_BOUND_KNOT_H

#include "tables/bound/bound_search.h"

/* name, what it says of one mass */
#define BL23_BOUND_STATE_LIST(X)                                                                   \
    X(excluded, "no w and no g meets all constraints: proven")                                     \
    X(open, "a w and a g that meet all constraints are known")                                     \
    X(undecided, "proven and reached tension lie on both sides of 1")

enum bl23_bound_state {
#define BL23_BOUND_STATE_ENUM(name, text) BL23_BOUND_##name,
    BL23_BOUND_STATE_LIST(BL23_BOUND_STATE_ENUM)
#undef BL23_BOUND_STATE_ENUM
        BL23_BOUND_STATES
};

char const *bl23_bound_state_name(enum bl23_bound_state state);

/* The questions with an answer of their own: the tension, the largest and the smallest g, and the
 * relief of the upper limit on each quantity. */
enum {
    BL23_BOUND_TENSION,
    BL23_BOUND_LARGEST_G,
    BL23_BOUND_SMALLEST_G,
    BL23_BOUND_RELIEF, /* [BL23_QUANTITIES] */
    BL23_BOUND_QUESTIONS = BL23_BOUND_RELIEF + BL23_QUANTITIES
};

/* What a limit is on, as files, messages and reports name it; NULL for g and g^2. */
struct bl23_bound_name {
    char const *key, *word, *text;
};
struct bl23_bound_name bl23_bound_quantity_name(int quantity);

/* The answers at a mass; answers are owned: bl23_bound_knot_free.
 * tension: v is T. largest g: v = 1/g^2, of upper limits on K alone. smallest g: v = g^2,
 * of lower edges on K alone. relief of a quantity: v is its least value over its upper limit that
 * all other constraints leave (at tension 1); lower at least BL23_BOUND_NEVER where they leave
 * nothing. */
struct bl23_bound_knot {
    double mass_gev;
    enum bl23_bound_state state;
    bool possible; /* false: a limit that nothing can meet, no answers */
    bool asked[BL23_BOUND_QUESTIONS];
    struct bl23_bound_answer answer[BL23_BOUND_QUESTIONS];
};

/* How precise: relative gap where the range is not convex (docs/bound.md). */
#define BL23_BOUND_TOLERANCE 1e-3

/* A smaller v is practically zero: rounding of the row decides its value, and no smaller one is
 * searched for. */
#define BL23_BOUND_NOTHING 1e-9

enum bl23_status bl23_bound_knot_ask(struct bl23_model const *model,
                                     struct bl23_loop_table const *tables, size_t knot,
                                     struct bl23_bound_knot *result);

/* The first of them only: the tension, and with it the state. */
enum bl23_status bl23_bound_knot_ask_tension(struct bl23_model const *model,
                                             struct bl23_loop_table const *tables, size_t knot,
                                             struct bl23_bound_knot *result);

void bl23_bound_knot_free(struct bl23_bound_knot *result);

/* The g that the constraints require of any w at least, at tension 1 (0: none): the largest lower
 * limit on g itself, or what lower edges on K are proven to ask if that is more. */
double bl23_bound_g_asked(struct bl23_bound_problem const *tension,
                          struct bl23_bound_knot const *knot);

/* The largest g that upper limits leave to any w: proven, and reached by the witness. */
void bl23_bound_largest_g(struct bl23_bound_problem const *tension,
                          struct bl23_bound_knot const *knot, double *proven, double *reached);

/* Which limits the proof leans on: those whose terms make up more than a thousandth of it. */
struct bl23_bound_binding {
    bool upper[BL23_BOUND_KINDS_MAX], lower[BL23_BOUND_KINDS_MAX];
    bool g_hi[BL23_BOUND_POWERS], g_lo[BL23_BOUND_POWERS];
};
struct bl23_bound_binding bl23_bound_binding(struct bl23_bound_problem const *problem,
                                             struct bl23_bound_answer const *answer);

/* A proven and a reached number that contradict each other. */
enum { BL23_BOUND_QUESTION_SIZE = 48 };
struct bl23_bound_pair {
    char question[BL23_BOUND_QUESTION_SIZE];
    double proven, reached;
};

/* Does no row reach what is proven to be beyond every row, in any answer and in the largest g? If
 * one does, the first such pair. */
bool bl23_bound_knot_in_order(struct bl23_model const *model, struct bl23_loop_table const *tables,
                              size_t knot, struct bl23_bound_knot const *answers,
                              struct bl23_bound_pair *pair);

/* Check the certificates and the witness of every answer from scratch. True, or the name of the
 * first claim that does not hold. */
bool bl23_bound_knot_verify(struct bl23_model const *model, struct bl23_loop_table const *tables,
                            size_t knot, struct bl23_bound_knot const *claimed,
                            char claim[BL23_BOUND_QUESTION_SIZE]);

#endif
