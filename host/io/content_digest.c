/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/io/content_digest.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kernels/sample/device.h"

/* RFC 7693, 2.6 and 2.7: the first 64 bits of the fractional parts of the square roots of the first
 * eight primes, and the order of the words of a block in each round. */
static uint64_t const initial[8] = {0x6a09e667f3bcc908u, 0xbb67ae8584caa73bu, 0x3c6ef372fe94f82bu,
                                    0xa54ff53a5f1d36f1u, 0x510e527fade682d1u, 0x9b05688c2b3e6c1fu,
                                    0x1f83d9abfb41bd6bu, 0x5be0cd19137e2179u};
enum { ROUNDS = 12, ORDERS = 10 };
static uint8_t const order[ORDERS][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                          {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
                                          {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
                                          {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
                                          {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
                                          {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
                                          {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
                                          {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
                                          {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
                                          {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

static uint64_t turn(uint64_t x, int right)
{
    return x >> right | x << (64 - right);
}

/* The function G of the RFC, 3.1, on v[a], v[b], v[c], v[d]. */
static void mix(uint64_t v[16], size_t const at[4], uint64_t x, uint64_t y)
{
    uint64_t *const a = &v[at[0]], *const b = &v[at[1]], *const c = &v[at[2]], *const d = &v[at[3]];
    *a += *b + x;
    *d = turn(*d ^ *a, 32);
    *c += *d;
    *b = turn(*b ^ *c, 24);
    *a += *b + y;
    *d = turn(*d ^ *a, 16);
    *c += *d;
    *b = turn(*b ^ *c, 63);
}

/* The function F, 3.2. Once unrolled, all places of words are constants. */
static void compress(struct bl23_digest *d, bool last)
{
    static size_t const where[8][4] = {{0, 4, 8, 12},  {1, 5, 9, 13},  {2, 6, 10, 14},
                                       {3, 7, 11, 15}, {0, 5, 10, 15}, {1, 6, 11, 12},
                                       {2, 7, 8, 13},  {3, 4, 9, 14}};
    uint64_t v[16], word[16];
    memcpy(word, d->block, sizeof word); /* little-endian, as this program's processors are */
    memcpy(v, d->state, sizeof d->state);
    memcpy(v + 8, initial, sizeof initial);
    v[12] ^= d->bytes;
    v[14] ^= last ? UINT64_MAX : 0;
    BL23_UNROLL
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t const *const s = order[round % ORDERS];
        BL23_UNROLL
        for (size_t k = 0; k < 8; k++)
            mix(v, where[k], word[s[2 * k]], word[s[2 * k + 1]]);
    }
    for (size_t k = 0; k < 8; k++)
        d->state[k] ^= v[k] ^ v[k + 8];
}

void bl23_digest_begin(struct bl23_digest *d)
{
    *d = (struct bl23_digest){.held = 0};
    memcpy(d->state, initial, sizeof initial);
    d->state[0] ^= 0x01010000u ^ BL23_DIGEST_BYTES; /* no key; fan-out and depth 1 */
}

void bl23_digest_add(struct bl23_digest *d, void const *data, size_t size)
{
    char const *from = data;
    while (size > 0) {
        if (d->held == BL23_DIGEST_BLOCK) { /* the last block stays until the end */
            d->bytes += d->held;
            compress(d, false);
            d->held = 0;
        }
        size_t const room = BL23_DIGEST_BLOCK - d->held, n = size < room ? size : room;
        memcpy(d->block + d->held, from, n);
        d->held += n;
        from += n;
        size -= n;
    }
}

void bl23_digest_end(struct bl23_digest *d, char text[BL23_DIGEST_TEXT])
{
    uint8_t bytes[BL23_DIGEST_BYTES];
    memset(d->block + d->held, 0, BL23_DIGEST_BLOCK - d->held);
    d->bytes += d->held;
    compress(d, true);
    memcpy(bytes, d->state, sizeof bytes);
    for (size_t k = 0; k < sizeof bytes; k++)
        snprintf(text + 2 * k, 3, "%02x", bytes[k]);
}
