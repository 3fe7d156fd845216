/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/mass_order.h"

#include <stdio.h>
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
    size_t const n = bl23_model_masses(model);
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

bool bl23_mass_stretches(struct bl23_model const *model, bool const *in, char *text, size_t size)
{
    enum { STRETCHES_MAX = 6 };
    size_t *const order = bl23_mass_order(model);
    size_t const n = bl23_model_masses(model);
    size_t used = 0;
    int stretches = 0;
    for (size_t k = 0, end; order && k < n && used < size; k = end + 1) {
        end = k;
        if (!in[order[k]])
            continue;
        while (end + 1 < n && in[order[end + 1]])
            end++;
        char const *const comma = stretches > 0 ? ", " : "";
        double const low = model->knot[order[k]].mass_gev, high = model->knot[order[end]].mass_gev;
        if (++stretches > STRETCHES_MAX) {
            used += (size_t)snprintf(text + used, size - used, ", ...");
            break;
        }
        used += (size_t)snprintf(text + used, size - used, end > k ? "%s%.6g .. %.6g" : "%s%.6g",
                                 comma, low, high);
    }
    if (used < size)
        snprintf(text + used, size - used, " GeV");
    free(order);
    return order != NULL;
}
