/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What becomes of a bound if the inputs vary: the tension at every draw of them, the worst one at
 * each mass, and, where that can be proven, for all factors on rates within some errors.
 * cmd_bound.c asks it. */
#ifndef BL23_HOST_BOUND_DRAWS_H
#define BL23_HOST_BOUND_DRAWS_H

#include <jansson.h>
#include <stdio.h>

#include "host/bound/bound_knot.h"
#include "host/config/config.h"

/* Of one mass: draws in each state, and the one of least proven tension. The tension is infinite
 * where a limit is one that nothing can meet. */
struct bl23_bound_of_draws {
    double mass_gev;
    size_t count[BL23_BOUND_STATES], worst;
    double proven, reached; /* of the worst draw */
};

/* Of all masses; owned: bl23_bound_draws_free. */
struct bl23_bound_draws {
    struct bl23_bound_of_draws *mass;              /* [n_masses] */
    size_t n_masses, n_draws, n_varied, n_factors; /* n_varied: inputs that are drawn */
    double within; /* 0: factors on rates are drawn like the other inputs */
};

/* Ask at each mass and draw of a configuration with inputs that vary. With within > 0 the factors
 * on rates (norm_...) are not drawn: limits are widened so that what is proven holds for all of
 * their values within so many errors of the central ones, whatever their correlations. */
enum bl23_status bl23_bound_draws_ask(struct bl23_config const *config, struct bl23_dd within,
                                      struct bl23_bound_draws *draws, struct bl23_error *error);
void bl23_bound_draws_free(struct bl23_bound_draws *draws);

void bl23_bound_draws_print(struct bl23_bound_draws const *draws, FILE *out);
json_t *bl23_bound_draws_json(struct bl23_bound_draws const *draws);

#endif
