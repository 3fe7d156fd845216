/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Where two resolved configurations differ, key by key, in words for a message.
 * Whoever refuses another configuration calls it: merge, and a survey that meets an older one.
 * It must not know what a key means. */
#ifndef BL23_HOST_CONFIG_DIFFERENCE_H
#define BL23_HOST_CONFIG_DIFFERENCE_H

#include <stddef.h>

enum { BL23_DIFFERENCE_SIZE = 512 };

/* The first keys that differ, with both values: "survey.seed is 9, not 1; ... and 2 more keys".
 * Both are texts of bl23_config_text; any other text is safe, and may give less to say. */
void bl23_config_difference(char const *found, char const *wanted, char text[BL23_DIFFERENCE_SIZE]);

#endif
