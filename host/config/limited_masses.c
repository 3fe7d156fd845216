/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/limited_masses.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/config/mass_order.h"
#include "kernels/sample/verdict.h"

struct bl23_limited_masses bl23_limited_masses(struct bl23_model const *model, size_t constraint)
{
    struct bl23_limited_masses m = {.text = "no mass"};
    bool *const limited = calloc(bl23_model_masses(model), sizeof *limited);
    for (uint64_t k = 0; k < bl23_model_masses(model); k++) {
        double const mass_gev = model->knot[k].mass_gev;
        if (!bl23_is_limit(model->knot[k].limit[model->level][constraint]))
            continue;
        m.low_gev = m.count > 0 ? fmin(m.low_gev, mass_gev) : mass_gev;
        m.high_gev = fmax(m.high_gev, mass_gev);
        m.count++;
        if (limited)
            limited[k] = true;
    }
    if (m.count > 0 && !(limited && bl23_mass_stretches(model, limited, m.text, sizeof m.text)))
        snprintf(m.text, sizeof m.text, "%.6g .. %.6g GeV", m.low_gev, m.high_gev);
    free(limited);
    return m;
}

void bl23_limited_masses_describe(struct bl23_model const *model, size_t constraint,
                                  char text[BL23_MASSES_TEXT_SIZE])
{
    struct bl23_limited_masses const m = bl23_limited_masses(model, constraint);
    if (m.count == bl23_model_masses(model))
        snprintf(text, BL23_MASSES_TEXT_SIZE, "all masses");
    else if (m.count == 0)
        snprintf(text, BL23_MASSES_TEXT_SIZE, "no mass");
    else
        snprintf(text, BL23_MASSES_TEXT_SIZE, "%.140s, %llu of %llu masses", m.text,
                 (unsigned long long)m.count, (unsigned long long)bl23_model_masses(model));
}
