/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Builds the flat model, one struct bl23_model, from inputs, constraints and masses. host/ calls it
 * once per run. */
#ifndef BL23_TABLES_MODEL_BUILD_H
#define BL23_TABLES_MODEL_BUILD_H

#include "tables/limits/constraints.h"
#include "tables/physics/loop_tables.h"

/* Work on items [first, first + count) by one of several workers, and what shares n items among
 * them, `step` at a time (bl23_parallel_for of kernels/lanes, which tables need not know). */
typedef enum bl23_status bl23_shared_work(void *context, unsigned worker, uint64_t first,
                                          uint64_t count);
typedef enum bl23_status bl23_share_work(unsigned workers, uint64_t n, uint64_t step,
                                         bl23_shared_work *work, void *context);

/* What a model is made from. Masses are in BL23_MASS_ALLOWED. */
struct bl23_model_spec {
    struct bl23_inputs const *inputs;
    struct bl23_inputs const *draw; /* [n_draws], the first is *inputs (nuisance.h); or NULL */
    size_t n_draws;
    bool common_w;                   /* the same rows w for each of them */
    struct bl23_inputs const *widen; /* limits on rates are wider by its factors norm_; NULL: not */
    struct bl23_constraints const *constraints;
    struct bl23_dd const *mass_gev; /* [n_masses] */
    size_t n_masses;
    bl23_share_work *share; /* NULL: this thread makes all knots */
    unsigned threads;       /* that share them */
    uint64_t seed;
    int sigma; /* 1 or 2: the bands a survivor must pass */
    enum bl23_g_mode g_mode;
    struct bl23_dd g_min, g_max; /* fixed: g_min; log_uniform: both; solve: unused */
    enum bl23_w_mode w_mode;
    struct bl23_dd w_modulus[3], w_phase_pi[3]; /* fixed: any norm > 0, phases in units of pi */
    bool
        all_columns; /* those of charm and top also where no constraint is on an observable there */
    bool ranked;     /* samples have a chi^2 */
    double chi2_max; /* ranked: a survivor has at most this; infinity: those of the cuts survive */
};

/* The largest and smallest mass the program is made for [GeV]. */
#define BL23_MASS_MAX_GEV 4.7
#define BL23_MASS_MIN_GEV 1e-12
#define BL23_MASS_ALLOWED "[1e-12, 4.7] GeV" /* the same in words */

/* The coupling g_B-L of a configuration or an option, and the same in words. */
#define BL23_G_MIN 1e-30 /* the largest is BL23_G_MAX, kernels/sample/model.h */
#define BL23_G_ALLOWED "[1e-30, 10]"

/* Knots of the specification: one for each draw and mass, the masses of the first draw first. */
size_t bl23_spec_knots(struct bl23_model_spec const *spec);

/* *model and *tables (a loop table for each knot, for the record; may be NULL) are owned by the
 * caller, who calls free() on each. */
enum bl23_status bl23_model_build(struct bl23_model_spec const *spec, struct bl23_model **model,
                                  struct bl23_loop_table **tables, struct bl23_error *error);

/* What the knots of all masses share, for whoever makes them one by one. The inputs and constraints
 * of the specification must outlive it. */
struct bl23_knot_maker {
    struct bl23_model_spec spec;
    struct bl23_loop_context context;
    struct bl23_ckm ckm;
    double charm[BL23_FORMS][BL23_MONOMIALS];
};
void bl23_knot_maker_prepare(struct bl23_model_spec const *spec, struct bl23_knot_maker *maker);

/* The knot of one mass and its loop table, for a model of the same specification (with any masses,
 * also none): what bl23_model_build makes of it. BL23_ERROR_DOMAIN: the mass is outside. Threads
 * may share maker and model. */
enum bl23_status bl23_knot_make(struct bl23_knot_maker const *maker, struct bl23_model const *model,
                                struct bl23_dd mass_gev, struct bl23_knot *knot,
                                struct bl23_loop_table *table, struct bl23_error *error);

/* Replace forms, kappa and Delta a_mu of a built model by those of pinned[knots], which holds
 * the same masses, and scale the constraints anew. */
enum bl23_status bl23_model_pin(struct bl23_model_spec const *spec, struct bl23_knot const *pinned,
                                struct bl23_model *model, struct bl23_error *error);

#endif
