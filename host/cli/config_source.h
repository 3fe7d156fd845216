/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* CONFIG on a command line: a YAML file, or the output of a survey, which holds one. Every command
 * that takes CONFIG reads it by this. */
#ifndef BL23_HOST_CONFIG_SOURCE_H
#define BL23_HOST_CONFIG_SOURCE_H

#include "host/config/config.h"

/* Read a configuration, and warn on stderr where a curve or BibTeX that it uses differs from its
 * file, unless `silent` is set, as for all ranks but one. An output must be a finished survey, and
 * unaltered. `store` gives files of a YAML file that were stored; NULL: none. */
enum bl23_status bl23_config_source_read(char const *path, struct bl23_config_store *store,
                                         bool silent, struct bl23_config **config,
                                         struct bl23_error *error);

#endif
