/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The kernels, as a host compiler reads them. */
#include "kernels/cuda/cuda_collect.cu"
#include "kernels/cuda/cuda_cutflow.cu"
#include "kernels/cuda/cuda_full.cu"
#include "kernels/cuda/cuda_screen.cu"
