/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* libFuzzer target: any bytes as a limit curve. */
#include <stdint.h>
#include <stdlib.h>

#include "tables/limits/curve.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/* What a parsed curve promises: positive finite limits at its own masses, none above its row. */
static void check(struct bl23_curve const *curve)
{
    for (size_t k = 0; k < curve->size; k++) {
        struct bl23_dd upper;
        if (!bl23_curve_at(curve, curve->mass_gev[k], &upper) || !(upper.hi > 0.0) ||
            isinf(upper.hi) || bl23_dd_round(upper) > curve->upper[k] * (1.0 + 1e-14))
            abort();
    }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    struct bl23_curve curve;
    struct bl23_error error = {BL23_OK, ""};
    enum bl23_status const status =
        bl23_curve_parse("fuzz.csv", (char const *)data, size, &curve, &error);
    if (status != error.status || (status == BL23_OK) != (curve.size > 0))
        abort();
    check(&curve);
    bl23_curve_free(&curve);
    return 0;
}
