/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cli/likelihood_report.h"

#include "host/io/json_values.h"

json_t *bl23_likelihood_json(struct bl23_likelihood_values l)
{
    bool const none = l.kind == BL23_LIKELIHOOD_NONE;
    return json_pack("{s:s, s:o, s:o, s:o}", "kind", bl23_likelihood_name(l.kind), "central",
                     none ? json_null() : bl23_json_number(l.central), "sigma_down",
                     none ? json_null() : bl23_json_number(l.sigma_down), "sigma_up",
                     none ? json_null() : bl23_json_number(l.sigma_up));
}
