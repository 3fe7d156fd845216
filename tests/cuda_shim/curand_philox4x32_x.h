/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* cuRAND's function for the shim, out of our own generator: the test curand_words compares the two.
 * kernels/cuda/cuda_tiles.h calls it.
 * It must not know of surveys. */
#ifndef BL23_TESTS_CURAND_PHILOX_H
#define BL23_TESTS_CURAND_PHILOX_H

#include "kernels/sample/philox.h"

static inline struct uint4 curand_Philox4x32_10(struct uint4 c, struct uint2 k)
{
    struct bl23_words const counter = {{c.x, c.y, c.z, c.w}};
    struct bl23_words const words = bl23_philox(counter, k.x, k.y);
    return {words.x[0], words.x[1], words.x[2], words.x[3]};
}

#endif
