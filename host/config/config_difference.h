/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Says in words where two resolved configurations differ. Code that refuses another configuration
 * calls it: merge, and a survey that finds the output or the run of another one. */
#ifndef BL23_HOST_CONFIG_DIFFERENCE_H
#define BL23_HOST_CONFIG_DIFFERENCE_H

#include <stdbool.h>
#include <stddef.h>

enum { BL23_DIFFERENCE_SIZE = 512 };

/* Name the first keys that differ, with both values: "survey.seed is 9, not 1; and 2 more keys".
 * Both are texts of bl23_config_text; any other text is safe, but less may be said about it. True
 * if the rows w of a file have changed, which both call by the same name: the old file is a way out
 * then. */
bool bl23_config_difference(char const *found, char const *wanted, char text[BL23_DIFFERENCE_SIZE]);

#endif
