/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/citations.h"

#include <stdio.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "tables/base/embedded.h"

/* Keys that every survey cites, then those of a preset and of a set of form factors. */
static char const always[] = "Kang:2020, Kang:2019, Salmon:2011, Mescia:2007kn, "
                             "FlavourLatticeAveragingGroupFLAG:2021npn";
static char const pdg2018[] = "Tanabashi:2018oca", pdg2024[] = "ParticleDataGroup:2024cfk";
static char const *const form_factor_keys[BL23_FORM_FACTOR_SETS] = {
    "Ball:2004ye, Ball:2004rg", "Straub:2015ica, Parrott:2022rgu, Leljak:2021vte"};

/* Is the key (of `length` bytes) in a comma-separated list? */
static bool listed(char const *key, size_t length, char const *list)
{
    for (char const *p = list; *p;) {
        p += strspn(p, ", ");
        size_t const size = strcspn(p, ",");
        if (size == length && memcmp(p, key, length) == 0)
            return true;
        p += size;
    }
    return false;
}

static bool cited(struct bl23_config const *c, char const *key, size_t length)
{
    char const *const pdg = strcmp(c->inputs.preset, "pdg2018") == 0 ? pdg2018 : pdg2024;
    if (listed(key, length, always) || listed(key, length, pdg) ||
        listed(key, length, form_factor_keys[c->inputs.form_factors]))
        return true;
    for (size_t k = 0; k < c->constraints.size; k++)
        if (listed(key, length, c->constraints.item[k].cite))
            return true;
    return false;
}

/* An entry begins with "@type{key," and ends with "}", both at the start of a line. */
static void copy_entries(FILE *out, struct bl23_config const *c, char const *bib,
                         char const *bib_end)
{
    for (char const *p = bib; p < bib_end;) {
        char const *const stop = memchr(p, '\n', (size_t)(bib_end - p));
        char const *const next = stop ? stop + 1 : bib_end;
        if (*p != '@') {
            p = next;
            continue;
        }
        char const *const key = (char const *)memchr(p, '{', (size_t)(bib_end - p)) + 1;
        char const *end = next;
        while (end < bib_end && *end != '}') {
            char const *const line = memchr(end, '\n', (size_t)(bib_end - end));
            end = line ? line + 1 : bib_end;
        }
        if (cited(c, key, strcspn(key, ",")))
            fprintf(out, "%.*s}\n\n", (int)(end - p), p);
        p = end;
    }
}

/* The citation of a user's own constraint. BibTeX has no comments: an @ begins an entry anywhere.
 */
static void print_comment(FILE *out, struct bl23_constraint const *item)
{
    fprintf(out, "%% %s: ", item->name);
    for (char const *p = item->cite; *p; p++)
        fprintf(out, *p == '@' ? "(at)" : "%c", *p);
    fputc('\n', out);
}

enum bl23_status bl23_citations_collect(struct bl23_config const *config, char **text,
                                        struct bl23_error *error)
{
    struct bl23_embedded_file const *const file = bl23_embedded_find("citations.bib");
    size_t size;
    FILE *const out = open_memstream(text, &size);
    if (!out || !file)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the citations");
    copy_entries(out, config, (char const *)file->data, (char const *)file->data + file->size);
    for (size_t k = config->constraints.size - config->n_extra; k < config->constraints.size; k++)
        print_comment(out, &config->constraints.item[k]);
    if (fclose(out) != 0)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the citations");
    return BL23_OK;
}
