/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tests/csv_point.h"

#include "tests/check.h"

struct bl23_model *csv_point_model(struct csv const *csv, size_t row,
                                   struct bl23_inputs const *inputs)
{
    static char const *const moduli[3] = {"r11", "r12", "r13"};
    static char const *const phases[3] = {"phase11_pi", "phase12_pi", "phase13_pi"};
    struct bl23_constraints const none = {0};
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_dd const mass = csv_decimal(csv, row, "m_gev");
    struct bl23_model *model = NULL;
    struct bl23_model_spec spec = {.inputs = inputs,
                                   .constraints = &none,
                                   .mass_gev = &mass,
                                   .n_masses = 1,
                                   .sigma = 2,
                                   .g_mode = BL23_G_FIXED,
                                   .g_min = csv_decimal(csv, row, "g_bl"),
                                   .w_mode = BL23_W_FIXED,
                                   .all_columns = true};
    for (int k = 0; k < 3; k++) {
        spec.w_modulus[k] = csv_decimal(csv, row, moduli[k]);
        spec.w_phase_pi[k] = csv_decimal(csv, row, phases[k]);
    }
    check_ok(bl23_model_build(&spec, &model, NULL, &error), &error, "row %zu", row);
    return model;
}
