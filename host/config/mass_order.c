/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/mass_order.h"

#include <stdlib.h>

struct knot_mass {
    double mass_gev;
    size_t knot;
};

static int by_mass(void const *a, void const *b)
{
    struct knot_mass const *const x = a, *const y = b;
    if (x->mass_gev != y->mass_gev)
        return x->mass_gev > y->mass_gev ? 1 : -1;
    return x->knot > y->knot ? 1 : -1;
}

size_t *bl23_mass_order(struct bl23_model const *model)
{
    size_t const n = model->n_knots;
    struct knot_mass *const pair = calloc(n, sizeof *pair);
    size_t *const order = calloc(n, sizeof *order);
    for (size_t k = 0; pair && k < n; k++)
        pair[k] = (struct knot_mass){model->knot[k].mass_gev, k};
    if (pair)
        qsort(pair, n, sizeof *pair, by_mass);
    for (size_t k = 0; pair && order && k < n; k++)
        order[k] = pair[k].knot;
    if (!pair) {
        free(order);
        return NULL;
    }
    free(pair);
    return order;
}
