/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/vain_limits.h"

#include <stdio.h>

/* Above its threshold a decay is closed: its rate is 0 and below any upper limit. (A lower limit
 * excludes everything there, which is told by itself.) */
static bool is_vain(struct bl23_constraint const *c, struct bl23_knot const *knot, uint64_t level)
{
    bool const upper_alone = c->kind != BL23_BAND || c->band[level][0].hi <= 0.0;
    return upper_alone && bl23_observable_is_rate(c->observable) &&
           knot->kappa[c->observable] == 0.0;
}

struct bl23_vain bl23_vain_masses(struct bl23_config const *config, struct bl23_model const *model,
                                  size_t constraint)
{
    struct bl23_constraint const *const c = &config->constraints.item[constraint];
    struct bl23_vain vain = {0};
    double low = (double)INFINITY, high = 0.0;
    for (uint64_t k = 0; k < bl23_model_masses(model); k++) {
        if (!bl23_constraint_covers(c, &config->inputs, config->mass_gev[k]))
            continue;
        vain.covered++;
        if (bl23_observable_is_known(c->observable, config->mass_gev[k]) &&
            !is_vain(c, &model->knot[k], model->level))
            continue;
        vain.masses++;
        low = fmin(low, model->knot[k].mass_gev);
        high = fmax(high, model->knot[k].mass_gev);
    }
    if (low < high)
        snprintf(vain.range, sizeof vain.range, "%.6g to %.6g GeV", low, high);
    else
        snprintf(vain.range, sizeof vain.range, "%.6g GeV", high);
    if (bl23_observable_is_rate(c->observable))
        snprintf(vain.reason, sizeof vain.reason, "%s is closed",
                 bl23_observable_name(c->observable));
    else
        snprintf(vain.reason, sizeof vain.reason, "D0 mixing is known to a factor of 2 to 3 only");
    return vain;
}
