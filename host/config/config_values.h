/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What a configuration may hold: every key with its range, its words and what it is. config.c and
 * config_survey.c read by these rows, config_schema.c prints them as a JSON Schema. */
#ifndef BL23_HOST_CONFIG_VALUES_H
#define BL23_HOST_CONFIG_VALUES_H

#include "tables/base/yaml_value.h"

/* The whole document. The mapping of `inputs` has, beside its rows here, those of
 * tables/physics/inputs.h. */
extern struct bl23_value const bl23_config_value;

#endif
