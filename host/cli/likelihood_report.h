/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A likelihood as JSON. `bl23 point` and `bl23 check` show it. */
#ifndef BL23_HOST_LIKELIHOOD_REPORT_H
#define BL23_HOST_LIKELIHOOD_REPORT_H

#include <jansson.h>

#include "tables/limits/likelihood.h"

/* {kind, central, sigma_down, sigma_up}, in the unit of the observable; the numbers are null where
 * there is no likelihood. */
json_t *bl23_likelihood_json(struct bl23_likelihood_values likelihood);

#endif
