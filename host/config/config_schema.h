/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The configuration as a JSON Schema (draft 2020-12), by which editors complete and check it, made
 * from the rows that the parser reads by. `bl23 info --schema` prints it. */
#ifndef BL23_HOST_CONFIG_SCHEMA_H
#define BL23_HOST_CONFIG_SCHEMA_H

#include <jansson.h>

/* The caller owns the object; NULL when out of memory. What it cannot say (low < high, names of the
 * chosen sets) the parser refuses alone. */
json_t *bl23_config_schema(void);

#endif
