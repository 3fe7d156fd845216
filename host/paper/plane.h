/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Regions of the (m_Z', g) plane: for each mass the edges in g of every constraint, in closed form
 * because every rate goes as g^2 (Figs. 2 and 4 of arXiv:2008.09793).
 * cmd_plane.c builds one, plane_file.c writes it. */
#ifndef BL23_HOST_PLANE_H
#define BL23_HOST_PLANE_H

#include "host/config/config.h"

/* I: only the left-handed couplings, which the CKM matrix fixes. II: with the w of the
 * configuration. */
enum bl23_scenario { BL23_SCENARIO_I = 1, BL23_SCENARIO_II = 2 };

/* Lengths c tau [m] whose contours are given, from 1 nm over the KOTO detector (3 m) to the muon
 * beam line of NA64 (150 m). */
#define BL23_CTAU_LIST_M                                                                           \
    {                                                                                              \
        1e-9, 1e-6, 1e-3, 3.0, 150.0                                                               \
    }
enum { BL23_CTAUS = 5 };

/* A plane; the configuration is borrowed, all else owned. */
struct bl23_plane {
    struct bl23_config const *config;
    enum bl23_scenario scenario;
    struct bl23_model *model;         /* [n_masses] knots with the constraints that cut */
    struct bl23_model *overlay_model; /* the same knots with the overlays */
    struct bl23_constraints overlays; /* drawn, never cut on */
    size_t *by_mass;                  /* [n_masses] the knots by rising mass */
};

/* Build it at the masses of the configuration. Overlays: the shipped ones that are no constraints
 * of the configuration, and then `user`, whose curves the plane takes over. Scenario II needs a
 * fixed w: BL23_ERROR_CONFIG otherwise. */
enum bl23_status bl23_plane_build(struct bl23_config const *config, enum bl23_scenario scenario,
                                  struct bl23_constraints *user, struct bl23_plane *plane,
                                  struct bl23_error *error);
void bl23_plane_free(struct bl23_plane *plane);

/* H_ds, H_db, H_sb (re, im) at mass k. */
void bl23_plane_amplitudes(struct bl23_plane const *plane, size_t k, double h[BL23_FORMS]);

/* The interval of g that constraint c (its bands at level 0: 1 sigma, 1: 2 sigma) allows at mass k:
 * lo = 0 and hi = infinity where it says nothing, lo = infinity where no g can meet it. */
struct bl23_interval bl23_plane_limit(struct bl23_plane const *plane, int level, size_t c,
                                      size_t k);
struct bl23_interval bl23_plane_overlay(struct bl23_plane const *plane, int level, size_t c,
                                        size_t k);

/* All constraints at once; empty where lo > hi. */
struct bl23_interval bl23_plane_allowed(struct bl23_plane const *plane, int level, size_t k);

/* The coupling at which a Z' of this mass flies ctau_m. */
double bl23_plane_ctau_g(struct bl23_inputs const *inputs, double ctau_m, double mass_gev);

#endif
