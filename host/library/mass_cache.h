/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The tables of the masses that a handle has met: a hash table. library_points.c fills it.
 * It grows up to BL23_MASSES_KEPT; then all are forgotten, and it fills again. */
#ifndef BL23_HOST_MASS_CACHE_H
#define BL23_HOST_MASS_CACHE_H

#include "tables/limits/likelihood.h"
#include "tables/model_build.h"

enum { BL23_MASSES_KEPT = 16384, BL23_MASS_SLOTS = 2 * BL23_MASSES_KEPT };

struct bl23_mass_tables {
    struct bl23_knot knot;
    struct bl23_chi2 chi2;
};

/* A mass, 0 where there is none, and the number of its tables. Looking it up touches none. */
struct bl23_mass_slot {
    double mass_gev;
    size_t number;
};

/* All zero is empty. */
struct bl23_mass_cache {
    struct bl23_mass_tables *tables; /* [size], owned */
    size_t size, capacity;
    struct bl23_mass_slot *slot; /* [BL23_MASS_SLOTS], by the bits of the mass */
};

/* Make room for `more` masses; what is kept may be forgotten. BL23_ERROR_MEMORY. */
enum bl23_status bl23_mass_cache_reserve(struct bl23_mass_cache *cache, size_t more);

/* The number of the tables of a mass, which is finite and above 0; *is_new: they have been added,
 * all zero. There must be room. */
size_t bl23_mass_cache_find(struct bl23_mass_cache *cache, double mass_gev, bool *is_new);

/* Forget all masses, and free all. */
void bl23_mass_cache_clear(struct bl23_mass_cache *cache);
void bl23_mass_cache_free(struct bl23_mass_cache *cache);

#endif
