/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Limits that can exclude nothing at some masses of a survey, because the decay is closed there or
 * D0 mixing is not known. config_text.c refuses a limit of the user's own that is vain at all its
 * masses, survey_warnings.c names the masses. */
#ifndef BL23_HOST_VAIN_LIMITS_H
#define BL23_HOST_VAIN_LIMITS_H

#include "host/config/config.h"

/* The masses of a survey that a constraint covers, and those of them at which it is vain: their
 * number, "0.4 to 2 GeV" or "0.5 GeV", and why, as the end of a sentence. */
struct bl23_vain {
    uint64_t covered, masses;
    char range[64], reason[80];
};

struct bl23_vain bl23_vain_masses(struct bl23_config const *config, struct bl23_model const *model,
                                  size_t constraint);

#endif
