/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A prepared survey: its model, its reduction and its resolved configuration, before a sample is
 * drawn. Every command that takes a survey's configuration calls it. */
#ifndef BL23_HOST_PREPARED_SURVEY_H
#define BL23_HOST_PREPARED_SURVEY_H

#include "host/config/config.h"
#include "kernels/results/results.h"

/* Everything that is fixed before the first sample; all owned. */
struct bl23_survey {
    struct bl23_config *config;
    struct bl23_inputs *draw; /* [config->n_draws]; NULL: no input varies */
    struct bl23_model *model;
    struct bl23_loop_table *tables;
    struct bl23_cover_tree *cover; /* [masses], which the model has, too; NULL: draw: uniform */
    struct bl23_reduction reduction;
    char *yaml; /* the resolved configuration */
    uint64_t model_hash, config_hash;
};

/* Prepare the survey of a configuration, and take ownership of the configuration, also on failure.
 * With the tables of a file: host/output/given_tables.h. */
enum bl23_status bl23_survey_prepare(struct bl23_config *config, struct bl23_survey *survey,
                                     struct bl23_error *error);

/* The same in two steps, between which the model may get other tables. After a failure there is
 * nothing to free. */
enum bl23_status bl23_survey_build_model(struct bl23_config *config, struct bl23_survey *survey,
                                         struct bl23_error *error);
enum bl23_status bl23_survey_complete(struct bl23_survey *survey, struct bl23_error *error);

/* The config_hash, of everything that the results depend on. */
uint64_t bl23_survey_hash(char const *yaml, uint64_t model_hash);

/* Resolved configuration and config_hash of the same survey with another number of samples; the
 * caller frees *yaml. */
enum bl23_status bl23_survey_with(struct bl23_survey const *survey, uint64_t samples, char **yaml,
                                  uint64_t *config_hash, struct bl23_error *error);

/* Edge k = 0 .. n_bins of the bins of an axis, in the unit of the axis. */
double bl23_survey_edge(struct bl23_config const *config, enum bl23_axis axis, uint64_t k);

void bl23_survey_free(struct bl23_survey *survey);

#endif
