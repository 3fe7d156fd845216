/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The experimental constraints, shipped sets and the user's own, and the limits they give at a
 * mass. host/config/config.c fills the list, model_build.c evaluates it, `bl23 point` prints it. */
#ifndef BL23_TABLES_CONSTRAINTS_H
#define BL23_TABLES_CONSTRAINTS_H

#include "tables/base/yaml_reader.h"
#include "tables/limits/curve.h"
#include "tables/physics/inputs.h"

/* The observables: the ten modes, then these two. */
enum { BL23_OBSERVABLE_DELTA_A_MU = BL23_MODES, BL23_OBSERVABLE_G_BL, BL23_OBSERVABLES };

char const *bl23_observable_name(int observable);

/* As papers write it: "K_L -> pi0 Z'", "Delta a_mu", "g_B-L". */
char const *bl23_observable_symbol(int observable);
enum bl23_quantity bl23_observable_quantity(int observable);

enum bl23_constraint_kind { BL23_UPPER, BL23_CURVE, BL23_BAND };

/* At which masses a constraint applies. */
enum bl23_window {
    BL23_WINDOW_ALL,
    BL23_WINDOW_NEAR_PI0, /* |m - m_pi0| < window[0] */
    BL23_WINDOW_INSIDE,   /* window[0] <= m <= window[1] */
    BL23_WINDOW_OUTSIDE   /* m < window[0] or m > window[1] */
};

enum { BL23_NAME_SIZE = 64, BL23_CITE_SIZE = 256, BL23_NOTE_SIZE = 512 };

/* Is the text, of this length, a valid name, safe in a table, in a file and as a group of HDF5?
 * BL23_NAME_ALLOWED is the rule in words. */
bool bl23_is_name(char const *text, size_t length);
#define BL23_NAME_ALLOWED "1 to 63 letters, digits and signs _ - + . (not dots alone)"

/* One constraint; the curve is owned. */
struct bl23_constraint {
    char name[BL23_NAME_SIZE];
    int observable;
    enum bl23_constraint_kind kind;
    struct bl23_dd upper;
    struct bl23_curve curve;
    struct bl23_dd band[BL23_LEVELS][2]; /* 1 and 2 sigma: lower, upper edge */
    enum bl23_window window_kind;
    struct bl23_dd window[2];
    double confidence_level; /* 0 for bands */
    char cite[BL23_CITE_SIZE], note[BL23_NOTE_SIZE], curve_name[BL23_NAME_SIZE];
    char set[BL23_NAME_SIZE]; /* the shipped set that it comes from; empty: the user's own */
};

/* The list in its declared order. */
struct bl23_constraints {
    size_t size;
    struct bl23_constraint item[BL23_CONSTRAINTS_MAX];
};

/* Opens the text of a file that a constraint names; the caller of the reader owns *text. */
struct bl23_file_source {
    enum bl23_status (*read)(void *context, char const *name, char **text, size_t *length,
                             struct bl23_error *error);
    void *context;
};

/* Names of the shipped sets, separated by blanks. */
extern char const bl23_constraint_set_names[];

/* Append a shipped set by name. A set is refused if it is in the list already or shares a
 * constraint with a set that is. */
enum bl23_status bl23_constraints_add_set(struct bl23_constraints *list, char const *set,
                                          struct bl23_error *error);

/* Append the curves that planes draw for orientation; no survey may cut on them. */
enum bl23_status bl23_constraints_add_overlays(struct bl23_constraints *list,
                                               struct bl23_error *error);

/* Append one constraint from a YAML mapping (schema: tables/data/README.md). */
enum bl23_status bl23_constraints_add_yaml(struct bl23_constraints *list, struct bl23_yaml *yaml,
                                           bl23_yaml_node *node, struct bl23_file_source source,
                                           struct bl23_error *error);

/* Is there a constraint of that name? */
bool bl23_constraints_named(struct bl23_constraints const *list, char const *name);

/* Remove by name; false if it is not there. */
bool bl23_constraints_remove(struct bl23_constraints *list, char const *name);

void bl23_constraints_free(struct bl23_constraints *list);

/* The edges that a constraint sets to its observable at a mass, level 0 (1 sigma) or 1 (2 sigma):
 * lo = 0 where it has no lower edge above zero, hi = infinity where it has no limit. */
void bl23_constraint_at(struct bl23_constraint const *constraint, struct bl23_inputs const *inputs,
                        struct bl23_dd mass_gev, int level, struct bl23_dd *lo, struct bl23_dd *hi);

#endif
