/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/library/mass_cache.h"

#include <stdlib.h>
#include <string.h>

enum bl23_status bl23_mass_cache_reserve(struct bl23_mass_cache *cache, size_t more)
{
    if (!cache->slot && !(cache->slot = calloc(BL23_MASS_SLOTS, sizeof *cache->slot)))
        return BL23_ERROR_MEMORY;
    if (cache->size + more > BL23_MASSES_KEPT)
        bl23_mass_cache_clear(cache);
    size_t const needed = cache->size + more;
    if (needed <= cache->capacity)
        return BL23_OK;
    size_t const capacity = needed > 2 * cache->capacity ? needed : 2 * cache->capacity;
    struct bl23_knot *const knot = realloc(cache->knot, capacity * sizeof *knot);
    if (!knot)
        return BL23_ERROR_MEMORY;
    cache->knot = knot;
    cache->capacity = capacity;
    return BL23_OK;
}

size_t bl23_mass_cache_find(struct bl23_mass_cache *cache, double mass_gev, bool *is_new)
{
    uint64_t bits;
    memcpy(&bits, &mass_gev, sizeof bits);
    size_t at = (size_t)((bits * 0x9e3779b97f4a7c15u) >> 32) % BL23_MASS_SLOTS;
    for (; cache->slot[at] > 0; at = (at + 1) % BL23_MASS_SLOTS)
        if (cache->knot[cache->slot[at] - 1].mass_gev == mass_gev) {
            *is_new = false;
            return cache->slot[at] - 1;
        }
    *is_new = true;
    memset(&cache->knot[cache->size], 0, sizeof *cache->knot);
    cache->knot[cache->size].mass_gev = mass_gev;
    cache->slot[at] = (uint32_t)++cache->size;
    return cache->size - 1;
}

void bl23_mass_cache_clear(struct bl23_mass_cache *cache)
{
    cache->size = 0;
    if (cache->slot)
        memset(cache->slot, 0, BL23_MASS_SLOTS * sizeof *cache->slot);
}

void bl23_mass_cache_free(struct bl23_mass_cache *cache)
{
    free(cache->knot);
    free(cache->slot);
    *cache = (struct bl23_mass_cache){0};
}
