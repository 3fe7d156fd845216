/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "kernels/sample/error.h"

/* A line but for its checksum, which is of what stands before " line ". */
#define LINE_FORMAT                                                                                \
    "segment %" PRIu64 " %" PRIu64 " passed %" PRIu64 " bytes %" PRIu64 " xxh3 %016" PRIx64        \
    " config %016" PRIx64 " sampling %" PRIu64
#define LINE_SCAN                                                                                  \
    "segment %" SCNu64 " %" SCNu64 " passed %" SCNu64 " bytes %" SCNu64 " xxh3 %16" SCNx64         \
    " config %16" SCNx64 " sampling %" SCNu64

size_t bl23_manifest_line(struct bl23_manifest_entry const *e,
                          struct bl23_manifest_origin const *origin,
                          char line[BL23_MANIFEST_LINE_SIZE])
{
    size_t const room = BL23_MANIFEST_LINE_SIZE;
    size_t const length =
        (size_t)snprintf(line, room, LINE_FORMAT, e->range.first, e->range.count, e->passed,
                         e->bytes, e->checksum, origin->config_hash, origin->sampling);
    uint64_t const sum = bl23_checksum(line, length);
    return length + (size_t)snprintf(line + length, room - length, " line %016" PRIx64 "\n", sum);
}

/* What is read is written again and compared: scanf also takes signs, spaces and capitals. */
bool bl23_manifest_parse(char const *line, struct bl23_manifest_entry *e,
                         struct bl23_manifest_origin *origin)
{
    char again[BL23_MANIFEST_LINE_SIZE];
    if (sscanf(line, LINE_SCAN, &e->range.first, &e->range.count, &e->passed, &e->bytes,
               &e->checksum, &origin->config_hash, &origin->sampling) != 7)
        return false;
    size_t const length = bl23_manifest_line(e, origin, again) - 1;
    return strlen(line) == length && memcmp(line, again, length) == 0;
}

bool bl23_manifest_fits(struct bl23_manifest_entry const *e, uint64_t samples)
{
    struct bl23_range const r = e->range;
    return r.count > 0 && r.first < samples && r.count <= samples - r.first && e->passed <= r.count;
}

enum bl23_status bl23_manifest_add(struct bl23_manifest *m, struct bl23_manifest_entry const *e,
                                   struct bl23_error *error)
{
    if (m->size == m->capacity) {
        size_t const capacity = 2 * m->capacity + 16;
        void *const grown = realloc(m->entry, capacity * sizeof *m->entry);
        if (!grown)
            return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the manifest");
        m->entry = grown;
        m->capacity = capacity;
    }
    m->entry[m->size++] = *e;
    return BL23_OK;
}

static int compare_entries(void const *a, void const *b)
{
    uint64_t const i = ((struct bl23_manifest_entry const *)a)->range.count;
    uint64_t const j = ((struct bl23_manifest_entry const *)b)->range.count;
    int const first = bl23_range_compare_first(a, b);
    return first != 0 ? first : (i > j) - (i < j);
}

void bl23_manifest_sort(struct bl23_manifest *m)
{
    if (m->size > 1)
        qsort(m->entry, m->size, sizeof *m->entry, compare_entries);
}

void bl23_manifest_drop_overlaps(struct bl23_manifest *m)
{
    if (m->size < 2)
        return;
    bl23_manifest_sort(m);
    size_t kept = 1;
    for (size_t k = 1; k < m->size; k++) {
        struct bl23_range const last = m->entry[kept - 1].range;
        if (m->entry[k].range.first >= last.first + last.count)
            m->entry[kept++] = m->entry[k];
    }
    m->size = kept;
}

struct bl23_manifest_entry const *bl23_manifest_find(struct bl23_manifest const *m, uint64_t first)
{
    struct bl23_manifest_entry const key = {.range = {first, 0}};
    return m->size ? bsearch(&key, m->entry, m->size, sizeof *m->entry, bl23_range_compare_first)
                   : NULL;
}

void bl23_manifest_remove(struct bl23_manifest *m, size_t number)
{
    memmove(&m->entry[number], &m->entry[number + 1], (m->size - number - 1) * sizeof *m->entry);
    m->size--;
}

struct bl23_range bl23_manifest_gap(struct bl23_manifest const *m, struct bl23_range wanted)
{
    uint64_t const end = wanted.first + wanted.count;
    uint64_t at = wanted.first;
    for (size_t k = 0; k < m->size && at < end; k++) {
        struct bl23_range const r = m->entry[k].range;
        if (r.first > at)
            return (struct bl23_range){at, (r.first < end ? r.first : end) - at};
        if (r.first + r.count > at)
            at = r.first + r.count;
    }
    return (struct bl23_range){at, at < end ? end - at : 0};
}

uint64_t bl23_manifest_done(struct bl23_manifest const *m, struct bl23_range wanted)
{
    uint64_t const wanted_end = wanted.first + wanted.count;
    uint64_t done = 0;
    for (size_t k = 0; k < m->size; k++) {
        struct bl23_range const r = m->entry[k].range;
        uint64_t const first = r.first > wanted.first ? r.first : wanted.first;
        uint64_t const end = r.first + r.count < wanted_end ? r.first + r.count : wanted_end;
        done += end > first ? end - first : 0;
    }
    return done;
}

uint64_t bl23_manifest_passed(struct bl23_manifest const *m)
{
    uint64_t passed = 0;
    for (size_t k = 0; k < m->size; k++)
        passed += m->entry[k].passed;
    return passed;
}

void bl23_manifest_free(struct bl23_manifest *m)
{
    free(m->entry);
    *m = (struct bl23_manifest){0};
}
