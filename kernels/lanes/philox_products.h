/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Products of 32-bit words and nothing else: what the rounds of Philox are made of, and so the
 * bound that `bl23 bench` compares a survey with. */
#ifndef BL23_KERNELS_PHILOX_PRODUCTS_H
#define BL23_KERNELS_PHILOX_PRODUCTS_H

#include <stdint.h>

/* Multiply on one core by the chosen instruction set, `rounds` times 16 vectors; returns the number
 * of products. */
uint64_t bl23_products(uint64_t rounds);

/* One copy of the loop; *sink keeps the compiler from leaving the products out. */
typedef uint64_t bl23_product_loop(uint64_t rounds, uint64_t *sink);

#endif
