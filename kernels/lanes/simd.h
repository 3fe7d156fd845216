/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The vector operations of the instruction set that this file is compiled for:
 * kernels/CMakeLists.txt compiles some files several times, each time with BL23_SET = generic,
 * avx2, avx512 or neon. */
#ifndef BL23_KERNELS_SIMD_SET_H
#define BL23_KERNELS_SIMD_SET_H

#ifndef BL23_SET
#define BL23_SET generic
#endif

#define BL23_PASTE_(a, b) a##b
#define BL23_PASTE(a, b) BL23_PASTE_(a, b)

/* The copy of a function, and the number (kernels/lanes/isa.h), of this instruction set. */
#define BL23_OF_SET(function) BL23_PASTE(function##_, BL23_SET)
#define BL23_SET_ISA BL23_PASTE(BL23_ISA_, BL23_SET)

#define BL23_SIMD_generic 0
#define BL23_SIMD_avx2 1
#define BL23_SIMD_avx512 2
#define BL23_SIMD_neon 3
#define BL23_SIMD_SET BL23_PASTE(BL23_SIMD_, BL23_SET)

#if BL23_SIMD_SET == BL23_SIMD_avx2
#include "kernels/lanes/simd_avx2.h"
#elif BL23_SIMD_SET == BL23_SIMD_avx512
#include "kernels/lanes/simd_avx512.h"
#elif BL23_SIMD_SET == BL23_SIMD_neon
#include "kernels/lanes/simd_neon.h"
#else
#include "kernels/lanes/simd_generic.h"
#endif

#endif
