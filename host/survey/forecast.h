/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How long a survey will take here, and how large its output will be: the first samples are run
 * through its own backend, in memory. cmd_check.c calls it. The speed of the disk is not measured.
 */
#ifndef BL23_HOST_FORECAST_H
#define BL23_HOST_FORECAST_H

#include "host/survey/survey_loop.h"

/* All times in seconds of wall time. */
struct bl23_forecast {
    double setup_s;                  /* until the first sample: measured, this process */
    double samples_per_s, compute_s; /* of the last part of the calibration; of the survey */
    double columns_s;                /* of the records that are stored */
    double total_s;                  /* the sum */
    double calibration_s;            /* what measuring took */
    uint64_t calibration_samples;    /* samples that were run for it */
    uint64_t passed;                 /* survivors among them */
    uint64_t outside;                /* of these, outside the bins of log10_g */
    double survivors, stored;        /* expected of the survey; those in the file */
    double bytes;                    /* of the file */
    char device[128];                /* what ran them */
};

/* Measure and predict. setup_s is what the caller took until the survey was prepared. */
enum bl23_status bl23_forecast_make(struct bl23_survey const *survey,
                                    struct bl23_survey_options const *options, double setup_s,
                                    struct bl23_forecast *forecast, struct bl23_error *error);

#endif
