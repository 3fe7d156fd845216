/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* BLAKE2b (RFC 7693) without a key, of 16 bytes: a digest that every language has in its standard
 * library, so that anybody can compute a content_hash. hdf5_content.c calls it; checksums that bl23
 * alone reads are XXH3 (file_io.h). */
#ifndef BL23_HOST_CONTENT_DIGEST_H
#define BL23_HOST_CONTENT_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { BL23_DIGEST_BLOCK = 128, BL23_DIGEST_BYTES = 16, BL23_DIGEST_TEXT = 33 };

struct bl23_digest {
    uint64_t state[8], bytes; /* bytes: compressed so far */
    size_t held;              /* of the block */
    uint8_t block[BL23_DIGEST_BLOCK];
};

void bl23_digest_begin(struct bl23_digest *digest);
void bl23_digest_add(struct bl23_digest *digest, void const *data, size_t size);

/* The digest as 32 hexadecimal digits. */
void bl23_digest_end(struct bl23_digest *digest, char text[BL23_DIGEST_TEXT]);

#endif
