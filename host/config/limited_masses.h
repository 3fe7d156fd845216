/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The masses of a survey at which a constraint limits anything: a curve ends, a window leaves
 * masses out. The warnings, `bl23 check`, the summary, `bl23 bound` and the output file tell them.
 */
#ifndef BL23_HOST_LIMITED_MASSES_H
#define BL23_HOST_LIMITED_MASSES_H

#include "host/config/config.h"

enum { BL23_MASSES_TEXT_SIZE = 192 };

/* `count` of the survey's masses, from the lowest to the highest of them (0 where there are none).
 * The text is "0.1 .. 0.1345, 0.15 GeV", in stretches of neighbouring masses; "no mass" for none.
 */
struct bl23_limited_masses {
    uint64_t count;
    double low_gev, high_gev;
    char text[BL23_MASSES_TEXT_SIZE];
};

struct bl23_limited_masses bl23_limited_masses(struct bl23_model const *model, size_t constraint);

/* "all masses", "no mass" or "0.1 .. 0.1345 GeV, 8 of 16 masses". */
void bl23_limited_masses_describe(struct bl23_model const *model, size_t constraint,
                                  char text[BL23_MASSES_TEXT_SIZE]);

#endif
