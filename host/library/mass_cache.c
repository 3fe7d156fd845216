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
    struct bl23_mass_tables *const tables = realloc(cache->tables, capacity * sizeof *tables);
    if (!tables)
        return BL23_ERROR_MEMORY;
    cache->tables = tables;
    cache->capacity = capacity;
    return BL23_OK;
}

size_t bl23_mass_cache_find(struct bl23_mass_cache *cache, double mass_gev, bool *is_new)
{
    uint64_t bits;
    memcpy(&bits, &mass_gev, sizeof bits);
    size_t at = (size_t)((bits * 0x9e3779b97f4a7c15u) >> 32) % BL23_MASS_SLOTS;
    while (cache->slot[at].mass_gev > 0.0 && cache->slot[at].mass_gev != mass_gev)
        at = (at + 1) % BL23_MASS_SLOTS;
    *is_new = cache->slot[at].mass_gev == 0.0;
    if (*is_new) {
        memset(&cache->tables[cache->size], 0, sizeof *cache->tables);
        cache->slot[at] = (struct bl23_mass_slot){mass_gev, cache->size++};
    }
    return cache->slot[at].number;
}

void bl23_mass_cache_clear(struct bl23_mass_cache *cache)
{
    cache->size = 0;
    if (cache->slot)
        memset(cache->slot, 0, BL23_MASS_SLOTS * sizeof *cache->slot);
}

void bl23_mass_cache_free(struct bl23_mass_cache *cache)
{
    free(cache->tables);
    free(cache->slot);
    *cache = (struct bl23_mass_cache){0};
}
