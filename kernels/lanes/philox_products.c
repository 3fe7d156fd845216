/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Compiled once per instruction set. */
#include "kernels/lanes/philox_products.h"

#include <string.h>

#include "kernels/lanes/isa.h"
#include "kernels/lanes/simd.h"
#include "kernels/sample/philox.h"

enum { CHAINS = 8, LANES = BL23_LANES / 2 };

bl23_product_loop BL23_OF_SET(bl23_products);

uint64_t BL23_OF_SET(bl23_products)(uint64_t rounds, uint64_t *sink)
{
    bl23_vq const m0 = bl23_vq_set(BL23_PHILOX_M0 ^ *sink);
    bl23_vq const m1 = bl23_vq_set(BL23_PHILOX_M1 ^ *sink);
    bl23_vq chain[CHAINS]; /* independent of each other */
    bl23_isa_count(BL23_SET_ISA, BL23_LOOP_PRODUCTS);
    for (int j = 0; j < CHAINS; j++)
        chain[j] = bl23_vq_set((uint64_t)j + *sink);
    for (uint64_t r = 0; r < rounds; r++) {
        BL23_UNROLL
        for (int j = 0; j < CHAINS; j++)
            chain[j] = bl23_vq_mul32(chain[j], m0);
        BL23_UNROLL
        for (int j = 0; j < CHAINS; j++)
            chain[j] = bl23_vq_mul32(chain[j], m1);
    }
    for (int j = 1; j < CHAINS; j++)
        chain[0] = bl23_vq_xor(chain[0], chain[j]);
    uint64_t lane[LANES];
    memcpy(lane, &chain[0], sizeof lane);
    for (int l = 0; l < LANES; l++)
        *sink ^= lane[l];
    return rounds * 2 * CHAINS * LANES;
}
