/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Comparisons that print what they compared: every failing check of the tests names its inputs.
 * All test programs include it, and through it cmocka.
 * It must not know what is tested. */
#ifndef BL23_TESTS_CHECK_H
#define BL23_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kernels/sample/status.h"
#include "tables/base/dd.h"

/* The running test fails unless |found - expected| <= tolerance |expected| (relative), <= tolerance
 * (absolute), or found == expected as bits of a finite number or infinity (exact). A NaN fails
 * always. The format says which inputs led there. */
void check_relative(double found, double expected, double tolerance, char const *format, ...)
    __attribute__((format(printf, 4, 5)));
void check_absolute(double found, double expected, double tolerance, char const *format, ...)
    __attribute__((format(printf, 4, 5)));
void check_exact(double found, double expected, char const *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for double-doubles, on their 30 digits. */
void check_dd(struct bl23_dd found, struct bl23_dd expected, double absolute, char const *format,
              ...) __attribute__((format(printf, 4, 5)));

/* A condition, with its inputs. */
void check_that(int holds, char const *format, ...) __attribute__((format(printf, 2, 3)));

/* A call that must succeed. */
void check_ok(enum bl23_status status, struct bl23_error const *error, char const *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A refusal: BL23_ERROR_CONFIG whose message holds every one of the words, a list ended by NULL. */
void check_refused(enum bl23_status status, struct bl23_error const *error, char const *input,
                   char const *const *words);

#endif
