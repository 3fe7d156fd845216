/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The configuration that a survey was begun with, as its run or its output holds it. Commands that
 * go on with a survey read curves and BibTeX from it (bl23_config_store). */
#ifndef BL23_HOST_STORED_CONFIG_H
#define BL23_HOST_STORED_CONFIG_H

#include "host/config/config.h"

/* `find` of a bl23_config_store, without context. What a run has begun with counts; of a finished
 * output only if it is extended, or if files are gone. */
char *bl23_stored_config_find(struct bl23_config_store *store, char const *output,
                              char from[BL23_STORE_NAME_SIZE]);

#endif
