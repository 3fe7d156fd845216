/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Which instruction set this process computes with. BL23_ISA names it, without it the best one is
 * taken; every loop that is compiled once per instruction set (ranges, hashes, records, products,
 * points) asks here which of its copies to run. */
#ifndef BL23_KERNELS_ISA_H
#define BL23_KERNELS_ISA_H

#include <stdint.h>

#include "kernels/sample/status.h"

/* The instruction sets of this build, best first; kernels/CMakeLists.txt compiles the same ones. */
#if defined(__x86_64__)
#define BL23_ISA_LIST(X) X(avx512) X(avx2) X(generic)
#elif defined(__aarch64__)
#define BL23_ISA_LIST(X) X(neon) X(generic)
#else
#define BL23_ISA_LIST(X) X(generic)
#endif

enum bl23_isa {
#define BL23_ISA_ENUM(name) BL23_ISA_##name,
    BL23_ISA_LIST(BL23_ISA_ENUM)
#undef BL23_ISA_ENUM
        BL23_ISAS
};

/* Take the instruction set of this name from now on. BL23_ERROR_CONFIG: this build or this
 * processor has none of that name, and nothing changes. */
enum bl23_status bl23_isa_choose(char const *name, struct bl23_error *error);

/* BL23_ERROR_CONFIG: BL23_ISA names an instruction set that is not here, and bl23_isa_choose has
 * not been called. */
enum bl23_status bl23_isa_check(struct bl23_error *error);

/* The instruction set to use: the chosen one, else that of BL23_ISA, else the best. A BL23_ISA that
 * bl23_isa_check refuses counts as none. */
enum bl23_isa bl23_isa_chosen(void);

/* The best instruction set that this build has and this processor can run. */
enum bl23_isa bl23_isa_best(void);

char const *bl23_isa_name(enum bl23_isa isa);

/* The loops that are compiled once per instruction set. */
enum bl23_isa_loop {
    BL23_LOOP_RANGE,
    BL23_LOOP_HASHES,
    BL23_LOOP_RECORDS,
    BL23_LOOP_PRODUCTS,
    BL23_LOOP_POINTS,
    BL23_LOOPS
};

/* Each compiled copy of a loop counts its calls, by the instruction set it was compiled for, so
 * that a test can tell which copies have run. */
void bl23_isa_count(enum bl23_isa isa, enum bl23_isa_loop loop);
uint64_t bl23_isa_calls(enum bl23_isa isa, enum bl23_isa_loop loop);

#endif
