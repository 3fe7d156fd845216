/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/lanes/simd_neon.h"

#include "tests/screen_check_body.h"

struct screen_check const screen_check_neon = {"neon", errors, sieve};
