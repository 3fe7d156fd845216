/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A survey in the plainest way: bl23_record_of one sample after the other, everything kept, sorted
 * and counted at the end. What backends and results must agree with, bit for bit.
 * The conformance tests call it.
 * It must not use batches, heaps or merging. */
#ifndef BL23_TESTS_PLAIN_SURVEY_H
#define BL23_TESTS_PLAIN_SURVEY_H

#include "host/config/prepared_survey.h"
#include "host/run/sample_range.h"

/* A shipped survey by name, or one from YAML text, made ready; a failure fails the running test. */
void plain_survey_load(char const *name, struct bl23_survey *survey);
void plain_survey_parse(char const *text, struct bl23_survey *survey);

/* Name and text of surveys that have what no shipped one has: fixed w or g, 1 sigma, closed modes,
 * chosen bins. */
enum { PLAIN_SURVEY_MODES = 28 };
extern char const *const plain_survey_modes[PLAIN_SURVEY_MODES][2];

/* Compute [first, first + count) into *results, which is initialised here and sorted at the end;
 * the caller calls bl23_results_free. */
void plain_survey_run(struct bl23_model const *model, struct bl23_reduction const *reduction,
                      struct bl23_range range, struct bl23_results *results);

/* Cut-flow of one sample at a knot, constraint by constraint from the definition. */
void plain_survey_cuts(struct bl23_model const *model, struct bl23_knot const *knot,
                       struct bl23_record const *record, struct bl23_knot_counts *counts);

/* The running test fails at the first difference of two sorted results. */
void plain_survey_compare(struct bl23_results const *found, struct bl23_results const *expected,
                          char const *what);

#endif
