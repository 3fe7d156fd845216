/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "kernels/lanes/simd_generic.h"

#include "tests/screen_check_body.h"

struct screen_check const screen_check_generic = {"generic", errors, sieve};
