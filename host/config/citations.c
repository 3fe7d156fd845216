/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/citations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "tables/base/embedded.h"
#include "tables/base/words.h"

/* Keys that every survey cites, then those of a preset and of a set of form factors. */
static char const always[] = "bl23, Kang:2020, Kang:2019, Salmon:2011, Mescia:2007kn, "
                             "FlavourLatticeAveragingGroupFLAG:2021npn";
static char const pdg2018[] = "Tanabashi:2018oca", pdg2024[] = "ParticleDataGroup:2024cfk";
static char const *const form_factor_keys[BL23_FORM_FACTOR_SETS] = {
    "Ball:2004ye, Ball:2004rg", "Straub:2015ica, Parrott:2022rgu, Leljak:2021vte"};

/* What the observables of charm and top rest on, by the range of modes that a constraint is on; and
 * the long-distance part of K+ -> pi+ Z'. */
static struct {
    enum bl23_mode first, last;
    char const *keys;
} const tree_keys[] = {
    {BL23_MODE_br_dp_pip, BL23_MODE_br_dp_known,
     "ParticleDataGroup:2024cfk, Lubicz:2017syv, BESIII:2018, Meinel:2017ggx"},
    {BL23_MODE_br_t_u, BL23_MODE_br_t_q, "ParticleDataGroup:2024cfk"},
    {BL23_MODE_x12, BL23_MODE_x12_im, "ParticleDataGroup:2024cfk, Bazavov:2017weg"}};
static char const long_distance[] = "ParticleDataGroup:2024cfk, Cirigliano:2011ny";

static bool cited_by(int observable, struct bl23_slice key)
{
    for (size_t k = 0; k < sizeof tree_keys / sizeof tree_keys[0]; k++)
        if (observable >= (int)tree_keys[k].first && observable <= (int)tree_keys[k].last &&
            bl23_bibtex_listed(key, tree_keys[k].keys))
            return true;
    return false;
}

static bool cited(struct bl23_config const *c, struct bl23_slice key)
{
    char const *const pdg = strcmp(c->inputs.preset, "pdg2018") == 0 ? pdg2018 : pdg2024;
    if (bl23_bibtex_listed(key, always) || bl23_bibtex_listed(key, pdg) ||
        bl23_bibtex_listed(key, form_factor_keys[c->inputs.form_factors]))
        return true;
    for (size_t k = 0; k < c->constraints.size; k++)
        if (bl23_bibtex_listed(key, c->constraints.item[k].cite) ||
            cited_by(c->constraints.item[k].observable, key))
            return true;
    return c->inputs.long_distance && bl23_bibtex_listed(key, long_distance);
}

static void print_entry(FILE *out, struct bl23_bibtex_entry const *entry)
{
    fwrite(entry->whole.text, 1, entry->whole.length, out);
    fputs("\n\n", out);
}

static void copy_entries(FILE *out, struct bl23_config const *c, char const *bib,
                         char const *bib_end)
{
    for (struct bl23_bibtex_entry entry; bl23_bibtex_next(&bib, bib_end, &entry);)
        if (cited(c, entry.key))
            print_entry(out, &entry);
}

/* Has one of the first `n` constraints an entry of its own with this key? */
static bool has_own_entry(struct bl23_constraints const *list, size_t n, struct bl23_slice key)
{
    struct bl23_bibtex_entry entry;
    for (size_t k = 0; k < n; k++) {
        char const *bib = list->item[k].bibtex ? list->item[k].bibtex : "";
        char const *const end = bib + strlen(bib);
        while (bl23_bibtex_next(&bib, end, &entry))
            if (entry.key.length == key.length && memcmp(entry.key.text, key.text, key.length) == 0)
                return true;
    }
    return false;
}

/* The user's own entries, each key once; one that bl23 ships is not taken from the user. */
static void copy_own_entries(FILE *out, struct bl23_constraints const *list)
{
    struct bl23_bibtex_entry entry;
    for (size_t k = 0; k < list->size; k++) {
        char const *bib = list->item[k].bibtex ? list->item[k].bibtex : "";
        char const *const end = bib + strlen(bib);
        while (bl23_bibtex_next(&bib, end, &entry))
            if (!bl23_bibtex_shipped(entry.key) && !has_own_entry(list, k, entry.key))
                print_entry(out, &entry);
    }
}

bool bl23_citations_know(struct bl23_config const *c, struct bl23_slice key)
{
    return bl23_bibtex_shipped(key) || has_own_entry(&c->constraints, c->constraints.size, key);
}

/* Every key that has an entry, as words. */
static void print_keys(FILE *out, char const *bib, char const *end)
{
    for (struct bl23_bibtex_entry entry; bl23_bibtex_next(&bib, end, &entry);)
        fprintf(out, "%.*s ", (int)entry.key.length, entry.key.text);
}

bool bl23_citations_nearest(struct bl23_config const *c, struct bl23_slice key,
                            char nearest[BL23_WORD_SIZE])
{
    struct bl23_embedded_file const *const file = bl23_embedded_find("citations.bib");
    char wanted[BL23_CITE_SIZE], *words = NULL;
    size_t size;
    FILE *const out = open_memstream(&words, &size);
    if (!out || !file)
        return false;
    print_keys(out, (char const *)file->data, (char const *)file->data + file->size);
    for (size_t k = 0; k < c->constraints.size; k++)
        if (c->constraints.item[k].bibtex)
            print_keys(out, c->constraints.item[k].bibtex,
                       c->constraints.item[k].bibtex + strlen(c->constraints.item[k].bibtex));
    snprintf(wanted, sizeof wanted, "%.*s", (int)key.length, key.text);
    bool const found = fclose(out) == 0 && bl23_similar_word(wanted, words, nearest);
    free(words);
    return found;
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
    copy_own_entries(out, &config->constraints);
    for (size_t k = config->constraints.size - config->n_extra; k < config->constraints.size; k++)
        print_comment(out, &config->constraints.item[k]);
    if (fclose(out) != 0)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the citations");
    return BL23_OK;
}

enum bl23_status bl23_citations_collect_own(struct bl23_config const *config, char **text,
                                            struct bl23_error *error)
{
    size_t size;
    FILE *const out = open_memstream(text, &size);
    if (!out)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the citations");
    copy_own_entries(out, &config->constraints);
    if (fclose(out) != 0)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for the citations");
    return BL23_OK;
}
