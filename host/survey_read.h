/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A finished output file read back: probed, replayed from its indices, verified, expanded.
 * extend.c, cmd_merge.c and cmd_replay.c call it.
 * It must not know of running surveys. */
#ifndef BL23_HOST_SURVEY_READ_H
#define BL23_HOST_SURVEY_READ_H

#include "host/columns_file.h"

/* What a file at PATH is. */
enum bl23_output_state { BL23_OUTPUT_ABSENT, BL23_OUTPUT_FINISHED };

/* Is there nothing at path, or the finished output of config_hash, whose resolved configuration is
 * `yaml`? Anything else is BL23_ERROR_REFUSED. */
enum bl23_status bl23_output_probe(char const *path, uint64_t config_hash, char const *yaml,
                                   enum bl23_output_state *state, struct bl23_error *error);

/* What a finished survey says of itself; yaml is owned. */
struct bl23_output_identity {
    uint64_t config_hash, samples;
    char *yaml;
};

/* Of the finished survey at path; false, and nothing to free, for anything else. */
bool bl23_output_identify(char const *path, struct bl23_output_identity *identity);

/* What a replay needs of a finished file; model and indices are owned. */
struct bl23_survey_reader {
    char const *path;
    hid_t file;
    struct bl23_model *model;
    uint64_t *index; /* of the survivors, [n_survivors] */
    size_t n_survivors;
    uint64_t samples;
};

/* Open and check a finished survey; BL23_ERROR_CONFIG for anything else. */
enum bl23_status bl23_survey_open(char const *path, struct bl23_survey_reader *reader,
                                  struct bl23_error *error);
void bl23_survey_close(struct bl23_survey_reader *reader);

/* Something at the root of the file that is not bl23's, by its name; false if there is nothing. */
bool bl23_survey_find_foreign(struct bl23_survey_reader const *reader, char name[64]);

/* Verify the seals of the file, then compare every stored column of /survivors and /nearest with
 * the records rebuilt from the indices, bit for bit; *checked counts the values. BL23_ERROR_FAILED
 * names the first difference. */
enum bl23_status bl23_survey_verify(struct bl23_survey_reader const *reader, uint64_t *checked,
                                    struct bl23_error *error);

/* Write a copy of the survey with all columns of its survivors. */
enum bl23_status bl23_survey_expand(struct bl23_survey_reader const *reader, char const *path,
                                    struct bl23_error *error);

#endif
