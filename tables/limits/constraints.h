/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The experimental constraints, shipped sets and the user's own, and the limits they give at a
 * mass. host/config/config.c fills the list, model_build.c evaluates it, `bl23 point` prints it. */
#ifndef BL23_TABLES_CONSTRAINTS_H
#define BL23_TABLES_CONSTRAINTS_H

#include "tables/base/yaml_value.h"
#include "tables/limits/curve.h"
#include "tables/physics/inputs.h"

/* The observables: the modes, then these two. */
enum { BL23_OBSERVABLE_DELTA_A_MU = BL23_MODES, BL23_OBSERVABLE_G_BL, BL23_OBSERVABLES };

char const *bl23_observable_name(int observable);

/* As papers write it: "K_L -> pi0 Z'", "Delta a_mu", "g_B-L", "x12". */
char const *bl23_observable_symbol(int observable);
enum bl23_quantity bl23_observable_quantity(int observable);

/* The same in a model with these groups (enum bl23_group). */
int bl23_observable_quantity_in(unsigned groups, int observable);

/* The factor of an observable in its quantity at a mass: observable = factor * quantity. 0: the
 * decay is closed. */
double bl23_knot_factor(struct bl23_knot const *knot, int observable);

enum bl23_constraint_kind { BL23_UPPER, BL23_CURVE, BL23_BAND };

/* What a fit makes of a constraint. The data file names it, or it follows from the kind
 * (bl23_constraint_likelihood): a band is split_gauss, from its centre and its edges at 1 sigma; an
 * upper limit is half_gauss, by its confidence level, or tabulated if its curve has a best fit. A
 * limit without a level is none, and so is a band on g, whose chi^2 would be no parabola in g^2. */
enum bl23_likelihood {
    BL23_LIKELIHOOD_NONE,
    BL23_LIKELIHOOD_SPLIT_GAUSS,
    BL23_LIKELIHOOD_HALF_GAUSS,
    BL23_LIKELIHOOD_TABULATED,
    BL23_LIKELIHOODS
};

/* At which masses a constraint applies. */
enum bl23_window {
    BL23_WINDOW_ALL,
    BL23_WINDOW_NEAR_PI0, /* |m - m_pi0| < window[0] */
    BL23_WINDOW_INSIDE,   /* window[0] <= m <= window[1] */
    BL23_WINDOW_OUTSIDE   /* m < window[0] or m > window[1] */
};

/* What a limit on a branching ratio is a limit on: not said, so that it is taken at face value; the
 * rate whatever the Z' does; the rate times BR(Z' -> invisible), as of a search. */
enum bl23_invisible { BL23_INVISIBLE_NOT_SAID, BL23_INVISIBLE_NO, BL23_INVISIBLE_YES };

enum { BL23_NAME_SIZE = 64, BL23_CITE_SIZE = 256, BL23_NOTE_SIZE = 512 };

/* Is the text, of this length, a valid name, safe in a table, in a file and as a group of HDF5?
 * BL23_NAME_ALLOWED is the rule in words. */
bool bl23_is_name(char const *text, size_t length);
#define BL23_NAME_ALLOWED "1 to 63 letters, digits and signs _ - + . (not dots alone)"

/* The keys of a constraint in YAML, for readers and the JSON Schema. */
extern struct bl23_value const bl23_constraint_value;

/* What it states: the keys of exactly one form are there, all of them or any one, and a limit has a
 * confidence level. A form may also have keys that are those of another form. It has at most one
 * key of the windows. The lists end with NULL. */
struct bl23_constraint_form {
    char const *keys;
    bool any, limit;
    char const *also;
};
extern struct bl23_constraint_form const bl23_constraint_forms[];
extern char const *const bl23_constraint_windows[];

/* One constraint; the curve and bibtex are owned. */
struct bl23_constraint {
    char name[BL23_NAME_SIZE];
    int observable;
    enum bl23_constraint_kind kind;
    struct bl23_dd upper;
    struct bl23_curve curve;
    struct bl23_dd band[BL23_LEVELS][2]; /* 1 and 2 sigma: lower, upper edge */
    struct bl23_dd central;              /* of a band, inside the one at 1 sigma */
    enum bl23_window window_kind;
    struct bl23_dd window[2];
    double confidence_level; /* 0 for bands, and for limits that state none */
    enum bl23_likelihood likelihood;
    enum bl23_invisible invisible;
    char cite[BL23_CITE_SIZE], note[BL23_NOTE_SIZE];
    char curve_name[BL23_NAME_SIZE]; /* empty: the rows of the curve stand in the YAML */
    char *bibtex;                    /* the user's own entries for `cite`; NULL: none */
    char set[BL23_NAME_SIZE];        /* the shipped set that it comes from; empty: the user's own */
};

/* The list in its declared order, and the relative error (1 sigma) of the prediction of each
 * observable, 0 unless the user gives one; likelihoods take it in, cuts do not. */
struct bl23_constraints {
    size_t size;
    struct bl23_dd theory[BL23_OBSERVABLES];
    struct bl23_constraint item[BL23_CONSTRAINTS_MAX];
};

/* Opens the text of a file that a constraint names by a key, `curve` or `bibtex`; the caller of the
 * reader owns *text. */
struct bl23_file_source {
    enum bl23_status (*read)(void *context, char const *key, char const *name, char **text,
                             size_t *length, struct bl23_error *error);
    void *context;
};

/* Names of the shipped sets, separated by blanks. A set whose name ends with a year never changes;
 * new limits are a new set. */
extern char const bl23_constraint_set_names[];

/* The same with the alias of each in parentheses, for people: "world_2025 (current)"; and the names
 * and aliases as words, for the completion of a command line. */
extern char const bl23_constraint_sets_shown[], bl23_constraint_set_words[];

/* An alias is a short name of the newest set of its kind: "current". It is read wherever a set is
 * named; what is stored and shown is the name of the set. The table ends with NULL. */
struct bl23_set_alias {
    char const *alias, *set;
};
extern struct bl23_set_alias const bl23_set_aliases[];

/* The set that a name means: that of an alias, or the name itself. */
char const *bl23_constraint_set(char const *name);

/* Append a shipped set by name or alias. A set is refused if it is in the list already or shares a
 * constraint with a set that is. */
enum bl23_status bl23_constraints_add_set(struct bl23_constraints *list, char const *set_or_alias,
                                          struct bl23_error *error);

/* Append the curves that planes draw for orientation; no survey may cut on them. */
enum bl23_status bl23_constraints_add_overlays(struct bl23_constraints *list,
                                               struct bl23_error *error);

/* Append one constraint from a YAML mapping (schema: tables/data/README.md). */
enum bl23_status bl23_constraints_add_yaml(struct bl23_constraints *list, struct bl23_yaml *yaml,
                                           bl23_yaml_node *node, struct bl23_file_source source,
                                           struct bl23_error *error);

/* The curve in the key curve_rows of a constraint; the caller frees it. */
enum bl23_status bl23_constraint_read_rows(struct bl23_yaml *yaml, bl23_yaml_node *rows,
                                           struct bl23_curve *curve, struct bl23_error *error);

/* As they stand in YAML and in files. */
char const *bl23_constraint_kind_name(enum bl23_constraint_kind kind);
char const *bl23_window_name(enum bl23_window window);
char const *bl23_invisible_name(enum bl23_invisible invisible);
char const *bl23_likelihood_name(enum bl23_likelihood likelihood);

/* The likelihood of a constraint whose data file names none. */
enum bl23_likelihood bl23_constraint_likelihood(struct bl23_constraint const *constraint);

/* The middle of the band at 1 sigma: its centre unless one is given. */
struct bl23_dd bl23_constraint_middle(struct bl23_constraint const *constraint);

/* Is there a constraint of that name? */
bool bl23_constraints_named(struct bl23_constraints const *list, char const *name);

/* Remove by name; false if it is not there. */
bool bl23_constraints_remove(struct bl23_constraints *list, char const *name);

void bl23_constraints_free(struct bl23_constraints *list);

/* Is the observable a branching ratio? */
bool bl23_observable_is_rate(int observable);

/* Is the observable known well enough at this mass for a limit? D0 mixing is not from 0.4 to 2 GeV,
 * where it is known to a factor of 2 to 3 (physics/charm.h): no constraint acts on it there. */
bool bl23_observable_is_known(int observable, struct bl23_dd mass_gev);

/* Does the limit treat every Z' as invisible? So do searches that do not say what they limit, and
 * all searches with the input br_inv: one. */
bool bl23_constraint_ignores_visible(struct bl23_constraint const *constraint,
                                     struct bl23_inputs const *inputs);

/* Has the constraint, by its kind and its masses, an upper edge at this mass? */
bool bl23_constraint_covers(struct bl23_constraint const *constraint,
                            struct bl23_inputs const *inputs, struct bl23_dd mass_gev);

/* Do the edges depend on the level? */
bool bl23_constraint_has_levels(struct bl23_constraint const *constraint);

/* The edges that a constraint sets to its observable at a mass, level 0 (1 sigma) or 1 (2 sigma):
 * lo = 0 where it has no lower edge above zero, hi = infinity where it has no limit. Those of a
 * search for an invisible Z' are divided by BR(Z' -> invisible). */
void bl23_constraint_at(struct bl23_constraint const *constraint, struct bl23_inputs const *inputs,
                        struct bl23_dd mass_gev, int level, struct bl23_dd *lo, struct bl23_dd *hi);

#endif
