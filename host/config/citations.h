/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* BibTeX of everything a survey used: model, inputs, form factors, limits, generator.
 * survey_file.c writes it into the output. */
#ifndef BL23_HOST_CITATIONS_H
#define BL23_HOST_CITATIONS_H

#include "host/config/config.h"

/* The entries of all keys that the configuration's inputs and constraints cite, each once, in the
 * order of tables/data/citations.bib; the user's own citations follow as comments. The caller frees
 * *text. */
enum bl23_status bl23_citations_collect(struct bl23_config const *config, char **text,
                                        struct bl23_error *error);

#endif
