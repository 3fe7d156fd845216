/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tests/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INPUTS_SIZE = 512 };

#define FORMAT_INPUTS(inputs, format)                                                              \
    do {                                                                                           \
        va_list arguments;                                                                         \
        va_start(arguments, format);                                                               \
        vsnprintf(inputs, sizeof(inputs), format, arguments);                                      \
        va_end(arguments);                                                                         \
    } while (0)

static void compare(double found, double expected, double allowed, char const *inputs)
{
    bool const near = isfinite(expected) && fabs(found - expected) <= allowed;
    if (found == expected || near)
        return;
    fail_msg("%s: found %.17g, expected %.17g, off by %.3g where %.3g is allowed", inputs, found,
             expected, found - expected, allowed);
}

void check_relative(double found, double expected, double tolerance, char const *format, ...)
{
    char inputs[INPUTS_SIZE];
    FORMAT_INPUTS(inputs, format);
    compare(found, expected, tolerance * fabs(expected), inputs);
}

void check_absolute(double found, double expected, double tolerance, char const *format, ...)
{
    char inputs[INPUTS_SIZE];
    FORMAT_INPUTS(inputs, format);
    compare(found, expected, tolerance, inputs);
}

void check_exact(double found, double expected, char const *format, ...)
{
    char inputs[INPUTS_SIZE];
    FORMAT_INPUTS(inputs, format);
    compare(found, expected, 0.0, inputs);
}

void check_dd(struct bl23_dd found, struct bl23_dd expected, double absolute, char const *format,
              ...)
{
    char inputs[INPUTS_SIZE];
    FORMAT_INPUTS(inputs, format);
    double const off = bl23_dd_round(bl23_dd_sub(found, expected));
    if (fabs(off) <= absolute)
        return;
    fail_msg("%s: found %.17g %+.17g, expected %.17g %+.17g, off by %.3g where %.3g is allowed",
             inputs, found.hi, found.lo, expected.hi, expected.lo, off, absolute);
}

void check_that(int holds, char const *format, ...)
{
    char inputs[INPUTS_SIZE];
    FORMAT_INPUTS(inputs, format);
    if (!holds)
        fail_msg("%s", inputs);
}

void check_ok(enum bl23_status status, struct bl23_error const *error, char const *format, ...)
{
    char inputs[INPUTS_SIZE];
    FORMAT_INPUTS(inputs, format);
    if (status != BL23_OK)
        fail_msg("%s: found status %d (%s), expected 0", inputs, (int)status,
                 error ? error->text : "no message");
}

void check_refused(enum bl23_status status, struct bl23_error const *error, char const *input,
                   char const *const *words)
{
    if (status != BL23_ERROR_CONFIG || error->status != BL23_ERROR_CONFIG)
        fail_msg("'%s': found status %d (%s), expected %d", input, (int)status, error->text,
                 (int)BL23_ERROR_CONFIG);
    for (; *words; words++)
        if (!strstr(error->text, *words))
            fail_msg("'%s': found the message '%s', expected '%s' in it", input, error->text,
                     *words);
}
