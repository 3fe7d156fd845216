/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The band of the least chi^2 over draws of the inputs, at each mass. cmd_bestfit.c shows it. */
#ifndef BL23_HOST_BESTFIT_DRAWS_H
#define BL23_HOST_BESTFIT_DRAWS_H

#include "host/config/config.h"
#include "tables/bestfit/best_row.h"

/* Fit each draw of the inputs of a configuration, which vary, at each mass k: from the best row of
 * the central inputs, central[k], which draw 0 is taken to have, and from a few rows that are
 * drawn. band[k] is where 16, 50 and 84 % of the least chi^2 of the draws are below; both
 * [n_masses]. */
enum bl23_status bl23_bestfit_of_draws(struct bl23_config const *config,
                                       struct bl23_best_row const *central, double (*band)[3],
                                       struct bl23_error *error);

#endif
