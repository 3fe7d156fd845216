/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Which backend runs: the one that was asked for, or the best that is there.
 * The commands that draw samples call it.
 * It must not know what is computed. */
#ifndef BL23_HOST_BACKENDS_H
#define BL23_HOST_BACKENDS_H

#include <stdbool.h>

#include "kernels/backend.h"

/* The backend of a name of --backend, auto, cpu or cuda; NULL is auto: CUDA where a device answers,
 * else the CPU, with one sentence on stderr if this build could have used a device. */
struct bl23_backend const *bl23_backend_choose(char const *name, bool quiet);

#endif
