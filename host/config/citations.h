/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* BibTeX of everything a survey used: model, inputs, form factors, limits, generator.
 * survey_file.c writes it into the output. */
#ifndef BL23_HOST_CITATIONS_H
#define BL23_HOST_CITATIONS_H

#include "host/config/config.h"
#include "tables/base/words.h"
#include "tables/limits/bibtex.h"

/* The entries of all keys that the configuration's inputs and constraints cite, each once, in the
 * order of tables/data/citations.bib; then the user's own entries, and the user's citations as
 * comments. The caller frees *text. */
enum bl23_status bl23_citations_collect(struct bl23_config const *config, char **text,
                                        struct bl23_error *error);

/* The user's own entries only. */
enum bl23_status bl23_citations_collect_own(struct bl23_config const *config, char **text,
                                            struct bl23_error *error);

/* Is there an entry with this key, shipped or the user's own? If not, which key is nearly the
 * same? */
bool bl23_citations_know(struct bl23_config const *config, struct bl23_slice key);
bool bl23_citations_nearest(struct bl23_config const *config, struct bl23_slice key,
                            char nearest[BL23_WORD_SIZE]);

#endif
