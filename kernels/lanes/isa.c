/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/lanes/isa.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/lanes/philox_products.h"
#include "kernels/lanes/point_rows.h"
#include "kernels/lanes/record_rows.h"
#include "kernels/lanes/survivor_hash.h"
#include "kernels/sample/error.h"

static bool has_generic(void)
{
    return true;
}

#if defined(__x86_64__)
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#elif defined(__aarch64__)
static bool has_neon(void)
{
    return true;
}
#endif

/* The copies of every loop of this room. */
#define DECLARE(name)                                                                              \
    bl23_hash_loop bl23_hashes_##name;                                                             \
    bl23_record_loop bl23_records_##name;                                                          \
    bl23_product_loop bl23_products_##name;                                                        \
    bl23_point_loop bl23_points_fill_##name;
BL23_ISA_LIST(DECLARE)
#undef DECLARE

static struct {
    char const *name;
    bool (*is_here)(void);
    bl23_hash_loop *hashes;
    bl23_record_loop *records;
    bl23_product_loop *products;
    bl23_point_loop *points;
} const isas[BL23_ISAS] = {
#define ROW(name)                                                                                  \
    {#name,                                                                                        \
     has_##name,                                                                                   \
     bl23_hashes_##name,                                                                           \
     bl23_records_##name,                                                                          \
     bl23_products_##name,                                                                         \
     bl23_points_fill_##name},
    BL23_ISA_LIST(ROW)
#undef ROW
};

/* ---- the choice ---- */

static atomic_int chosen = BL23_ISAS; /* BL23_ISAS: none yet */

/* BL23_ISAS: there is none of this name here. */
static enum bl23_isa find(char const *name)
{
    int isa = 0;
    while (isa < BL23_ISAS && (strcmp(isas[isa].name, name) != 0 || !isas[isa].is_here()))
        isa++;
    return (enum bl23_isa)isa;
}

static enum bl23_status refuse(char const *name, struct bl23_error *error)
{
    char here[64] = "";
    for (int isa = 0; isa < BL23_ISAS; isa++)
        if (isas[isa].is_here())
            strcat(strcat(here, *here ? ", " : ""), isas[isa].name);
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "BL23_ISA must be an instruction set of this processor: %s (got '%.40s')",
                     here, name);
}

enum bl23_status bl23_isa_choose(char const *name, struct bl23_error *error)
{
    enum bl23_isa const isa = find(name);
    if (isa == BL23_ISAS)
        return refuse(name, error);
    atomic_store(&chosen, (int)isa);
    return BL23_OK;
}

enum bl23_status bl23_isa_check(struct bl23_error *error)
{
    char const *const name = getenv("BL23_ISA");
    return name && atomic_load(&chosen) == BL23_ISAS ? bl23_isa_choose(name, error) : BL23_OK;
}

enum bl23_isa bl23_isa_best(void)
{
    int isa = 0;
    while (!isas[isa].is_here())
        isa++;
    return (enum bl23_isa)isa;
}

enum bl23_isa bl23_isa_chosen(void)
{
    if (atomic_load(&chosen) == BL23_ISAS && bl23_isa_check(NULL) == BL23_OK) {
        int none = BL23_ISAS; /* without BL23_ISA the best one, for good: this is a hot path */
        atomic_compare_exchange_strong(&chosen, &none, (int)bl23_isa_best());
    }
    int const isa = atomic_load(&chosen);
    return isa == BL23_ISAS ? bl23_isa_best() : (enum bl23_isa)isa;
}

char const *bl23_isa_name(enum bl23_isa isa)
{
    return isas[isa].name;
}

/* ---- calls ---- */

static atomic_uint_fast64_t calls[BL23_ISAS][BL23_LOOPS];

void bl23_isa_count(enum bl23_isa isa, enum bl23_isa_loop loop)
{
    atomic_fetch_add_explicit(&calls[isa][loop], 1, memory_order_relaxed);
}

uint64_t bl23_isa_calls(enum bl23_isa isa, enum bl23_isa_loop loop)
{
    return atomic_load(&calls[isa][loop]);
}

/* ---- the loops of this room ---- */

void bl23_hashes(uint64_t seed, uint64_t const *index, size_t n, struct bl23_hashed_survivor *out)
{
    isas[bl23_isa_chosen()].hashes(seed, index, n, out);
}

void bl23_records(struct bl23_model const *model, uint64_t const *index, size_t n,
                  struct bl23_record *record)
{
    isas[bl23_isa_chosen()].records(model, index, n, record);
}

void bl23_points_fill(struct bl23_model const *model, struct bl23_point_rows const *rows,
                      size_t first, size_t n, struct bl23_point_values *point)
{
    isas[bl23_isa_chosen()].points(model, rows, first, n, point);
}

uint64_t bl23_products(uint64_t rounds)
{
    static uint64_t volatile kept;
    uint64_t sink = kept;
    uint64_t const products = isas[bl23_isa_chosen()].products(rounds, &sink);
    kept = sink;
    return products;
}
