/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/run/merge_gaps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"

/* Gaps that are named; room for any path in the quotes of a shell. */
enum { NAMED = 5, WORD_SIZE = 4 * BL23_PATH_SIZE + 128 };

/* A committed range and its part. */
struct piece {
    struct bl23_range range;
    size_t part;
};

/* Samples in no part, and the part to compute them in: that of the samples before, or after. */
struct gap {
    uint64_t first, end;
    size_t part;
};

static enum bl23_status refuse_overlap(struct bl23_merge_gaps const *c, struct piece const *a,
                                       struct piece const *b, struct bl23_error *error)
{
    uint64_t const end_a = a->range.first + a->range.count, end_b = b->range.first + b->range.count;
    uint64_t const last = (end_a < end_b ? end_a : end_b) - 1;
    return bl23_fail(
        error, BL23_ERROR_REFUSED,
        "%s and %s both hold the samples %llu to %llu; merge parts that share no sample",
        c->part[a->part].path, c->part[b->part].path, (unsigned long long)b->range.first,
        (unsigned long long)last);
}

/* ---- what is missing ---- */

/* A text as one word of a shell. */
static char const *shell_word(char const *text, char word[WORD_SIZE])
{
    static char const plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./+,:@%=-";
    char *w = word;
    if (text[0] && strspn(text, plain) == strlen(text))
        return text;
    *w++ = '\'';
    for (char const *p = text; *p && w < word + WORD_SIZE - 8; p++)
        if (*p == '\'')
            w += snprintf(w, 5, "'\\''");
        else
            *w++ = *p;
    *w++ = '\'';
    *w = '\0';
    return word;
}

/* The name that 'bl23 survey -o' must be given to work in a folder: without .run. Another one where
 * the folder has been named anew. */
static void output_of(char const *folder, char out[BL23_PATH_SIZE + 16])
{
    size_t const length = strlen(folder), ending = strlen(".run");
    bool const run = length > ending && strcmp(folder + length - ending, ".run") == 0;
    snprintf(out, BL23_PATH_SIZE + 16, "%.*s%s", (int)(run ? length - ending : length), folder,
             run ? "" : "-more");
}

/* The command that computes a gap, as a line. */
static void print_command(struct bl23_merge_gaps const *c, struct gap const *g, FILE *out)
{
    char path[BL23_PATH_SIZE + 16], output[BL23_PATH_SIZE + 16], word[WORD_SIZE];
    struct bl23_merge_part const *const part = &c->part[g->part];
    output_of(part->path, output);
    snprintf(path, sizeof path, "%s%s", part->path, part->folder ? "/" BL23_RUN_YAML : "");
    fprintf(out, "  bl23 survey %s", shell_word(c->config_path ? c->config_path : path, word));
    if (c->config_path) /* the part's own copy has both */
        fprintf(out, " --samples %llu --seed %llu", (unsigned long long)c->samples,
                (unsigned long long)c->seed);
    if (c->model_path)
        fprintf(out, " --model %s", shell_word(c->model_path, word));
    fprintf(out, " --first %llu --count %llu -o %s\n", (unsigned long long)g->first,
            (unsigned long long)(g->end - g->first), shell_word(output, word));
}

static enum bl23_status refuse_gaps(struct bl23_merge_gaps const *c, struct gap const *gap,
                                    size_t n, FILE *out, struct bl23_error *error)
{
    char ranges[NAMED * 48], more[48] = "";
    size_t const named = n < NAMED ? n : NAMED;
    size_t used = 0;
    fprintf(out, "these commands compute the missing samples:\n");
    for (size_t k = 0; k < named; k++) {
        used += (size_t)snprintf(ranges + used, sizeof ranges - used, "%s%llu to %llu",
                                 k ? ", " : "", (unsigned long long)gap[k].first,
                                 (unsigned long long)(gap[k].end - 1));
        print_command(c, &gap[k], out);
    }
    if (n > named)
        snprintf(more, sizeof more, " and %zu more range%s", n - named, n - named == 1 ? "" : "s");
    return bl23_fail(error, BL23_ERROR_REFUSED,
                     "the samples %s%s of %llu are missing from all parts; repeat the commands "
                     "that began these parts or use those above, and merge again, or write what "
                     "is there with --partial",
                     ranges, more, (unsigned long long)c->samples);
}

/* The gaps between pieces that do not overlap, [n + 1] at most; their number. */
static size_t find_gaps(struct piece const *piece, size_t n, uint64_t samples, struct gap *gap)
{
    size_t found = 0;
    uint64_t at = 0;
    for (size_t k = 0; k <= n; k++) {
        uint64_t const end = k < n ? piece[k].range.first : samples;
        if (end > at)
            gap[found++] = (struct gap){at, end, n == 0 ? 0 : piece[k > 0 ? k - 1 : 0].part};
        if (k < n)
            at = end + piece[k].range.count;
    }
    return found;
}

static enum bl23_status check_pieces(struct bl23_merge_gaps const *c, struct piece const *piece,
                                     size_t n, bool partial, FILE *out, struct bl23_error *error)
{
    for (size_t k = 1; k < n; k++) /* first: overlaps also look like gaps elsewhere */
        if (piece[k].range.first < piece[k - 1].range.first + piece[k - 1].range.count)
            return refuse_overlap(c, &piece[k - 1], &piece[k], error);
    if (partial && n > 0)
        return BL23_OK;
    if (partial)
        return bl23_fail(error, BL23_ERROR_REFUSED,
                         "%s: no samples are committed there yet; try again later",
                         c->part[0].path);
    struct gap *const gap = calloc(n + 1, sizeof *gap);
    if (!gap)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of segments");
    size_t const found = find_gaps(piece, n, c->samples, gap);
    enum bl23_status const status = found > 0 ? refuse_gaps(c, gap, found, out, error) : BL23_OK;
    free(gap);
    return status;
}

static size_t ranges_of(struct bl23_merge_part const *p)
{
    return p->folder ? p->folder->committed.size : p->file.n_ranges;
}

static struct bl23_range range_of(struct bl23_merge_part const *p, size_t number)
{
    return p->folder ? p->folder->committed.entry[number].range : p->file.range[number];
}

enum bl23_status bl23_merge_gaps_check(struct bl23_merge_gaps const *c, bool partial, FILE *out,
                                       struct bl23_error *error)
{
    size_t n = 0;
    for (size_t k = 0; k < c->n_parts; k++)
        n += ranges_of(&c->part[k]);
    struct piece *const piece = calloc(n + 1, sizeof *piece);
    if (!piece)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the list of segments");
    n = 0;
    for (size_t k = 0; k < c->n_parts; k++)
        for (size_t e = 0; e < ranges_of(&c->part[k]); e++)
            piece[n++] = (struct piece){range_of(&c->part[k], e), k};
    qsort(piece, n, sizeof *piece, bl23_range_compare_first);
    enum bl23_status const status = check_pieces(c, piece, n, partial, out, error);
    free(piece);
    return status;
}
