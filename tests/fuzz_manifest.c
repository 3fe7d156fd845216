/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* libFuzzer target: any bytes as a manifest, each line with a checksum that fits it. The entries
 * that are accepted must be ranges of samples that do not overlap, and gaps and entries together
 * must be what was asked for. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/io/file_io.h"
#include "host/run/manifest.h"

enum { SAMPLES = 40000, DIGITS = 16 };

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* The checksum of a line that has room for one. */
static void seal(char *line)
{
    char digits[DIGITS + 1], *const tail = strstr(line, " line ");
    char *const at = tail ? tail + strlen(" line ") : NULL;
    if (!tail || strlen(at) < DIGITS)
        return;
    snprintf(digits, sizeof digits, "%016" PRIx64, bl23_checksum(line, (size_t)(tail - line)));
    memcpy(at, digits, DIGITS);
}

/* An entry can be written and read back. */
static void check_round_trip(struct bl23_manifest_entry const *entry,
                             struct bl23_manifest_origin const *origin)
{
    char line[BL23_MANIFEST_LINE_SIZE];
    struct bl23_manifest_entry again;
    struct bl23_manifest_origin from;
    size_t const length = bl23_manifest_line(entry, origin, line);
    require(length > 0 && length < sizeof line && line[length - 1] == '\n');
    line[length - 1] = '\0';
    require(bl23_manifest_parse(line, &again, &from) && memcmp(&from, origin, sizeof from) == 0 &&
            memcmp(&again, entry, sizeof again) == 0);
}

static void read_lines(char *text, size_t size, struct bl23_manifest *manifest)
{
    struct bl23_manifest_entry entry;
    struct bl23_manifest_origin origin;
    for (char *line = text, *end; line < text + size; line = end + 1) {
        end = memchr(line, '\n', (size_t)(text + size - line));
        end = end ? end : text + size;
        *end = '\0';
        seal(line);
        if (!bl23_manifest_parse(line, &entry, &origin))
            continue;
        check_round_trip(&entry, &origin);
        if (!bl23_manifest_fits(&entry, SAMPLES))
            continue;
        require(bl23_manifest_add(manifest, &entry, NULL) == BL23_OK);
    }
}

static void check_ranges(struct bl23_manifest const *m)
{
    uint64_t at = 0;
    for (size_t k = 0; k < m->size; k++) {
        struct bl23_range const r = m->entry[k].range;
        require(r.first >= at && r.count > 0 && r.count <= UINT64_MAX - r.first);
        at = r.first + r.count;
        require(bl23_manifest_find(m, r.first) == &m->entry[k]);
    }
}

static void check_gaps(struct bl23_manifest const *m)
{
    struct bl23_range const wanted = {0, SAMPLES};
    uint64_t missing = 0;
    struct bl23_range left = wanted;
    for (size_t k = 0; left.count > 0; k++) {
        struct bl23_range const gap = bl23_manifest_gap(m, left);
        require(k <= m->size + 1 && gap.count <= left.count);
        if (gap.count == 0)
            break;
        require(gap.first >= left.first && gap.first + gap.count <= SAMPLES);
        missing += gap.count;
        left = (struct bl23_range){gap.first + gap.count, SAMPLES - gap.first - gap.count};
    }
    require(missing + bl23_manifest_done(m, wanted) == SAMPLES);
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct bl23_manifest manifest = {0};
    char *const text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    read_lines(text, size, &manifest);
    bl23_manifest_drop_overlaps(&manifest);
    check_ranges(&manifest);
    check_gaps(&manifest);
    bl23_manifest_free(&manifest);
    free(text);
    return 0;
}
