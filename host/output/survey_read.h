/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Reads a finished output file: survey_open.c identifies and opens it, survey_read.c verifies it
 * and writes a copy with all columns. output_state.c, extend.c and cmd_replay.c call it,
 * host/cli/config_source.c for the configuration in a file. */
#ifndef BL23_HOST_SURVEY_READ_H
#define BL23_HOST_SURVEY_READ_H

#include "host/output/layout.h"

/* The content_hash of a finished output; the caller frees *hash. */
enum bl23_status bl23_output_content_hash(char const *path, char **hash, struct bl23_error *error);

/* What lies at the name of an output. */
struct bl23_output_identity {
    bool exists;
    bool older;    /* a survey of an earlier version of the format; then yaml is NULL */
    bool sampling; /* another version of the sampling made it; then yaml is NULL */
    bool partial;  /* it holds some of the survey's samples only */
    char *yaml;    /* the resolved configuration; NULL: not a survey of this format; owned */
    uint64_t config_hash, samples; /* samples of the whole survey */
    uint64_t drawn;                /* samples in the file */
};

/* Read it; a finished survey of this config_hash is verified but for the survivors' columns.
 * BL23_ERROR_FAILED says what is damaged in that one, BL23_ERROR_IO that the machine could not read
 * the file. The caller frees identity->yaml, also on failure. */
enum bl23_status bl23_output_identify(char const *path, uint64_t config_hash,
                                      struct bl23_output_identity *identity,
                                      struct bl23_error *error);

/* The resolved configuration of a finished survey, if it can be read and is what its hash says;
 * else NULL. The caller frees it. */
char *bl23_output_stored_yaml(char const *path);

/* The attributes of the file and of /config; owned, also after a failure, which is
 * BL23_ERROR_FAILED also where the counts contradict each other. */
enum bl23_status bl23_survey_head_read(hid_t file, char const *path, struct bl23_survey_head *head,
                                       struct bl23_error *error);

/* What a replay needs of a finished file, or of one of some of the samples; head, ranges, model and
 * indices are owned. */
struct bl23_survey_reader {
    char const *path;
    hid_t file;
    struct bl23_survey_head head;
    struct bl23_range *range; /* [n_ranges]: its samples */
    size_t n_ranges;
    bool records;     /* /survivors has all columns, not the index only */
    uint64_t checked; /* values that were compared with a checksum when it was opened */
    struct bl23_model *model;
    uint64_t *index; /* of the survivors, [n_survivors] */
    size_t n_survivors;
};

/* Open a survey; BL23_ERROR_REFUSED for one of another version of the format or of the sampling,
 * BL23_ERROR_CONFIG for anything else. Seals are verified, and everything
 * read here is checked: the model can be used, and totals, model and configuration agree with each
 * other and with the hashes; BL23_ERROR_FAILED says what does not. The indices of survivors are not
 * checked before bl23_survey_verify. */
enum bl23_status bl23_survey_open(char const *path, struct bl23_survey_reader *reader,
                                  struct bl23_error *error);
void bl23_survey_close(struct bl23_survey_reader *reader);

/* Is the sample one of the file's? */
bool bl23_survey_holds(struct bl23_survey_reader const *reader, uint64_t index);

/* Read the calls that computed the samples of the file, and add them. */
enum bl23_status bl23_survey_calls(struct bl23_survey_reader const *reader,
                                   struct bl23_calls *calls, struct bl23_error *error);

/* Read the `expected` indices of the dataset at path; the caller frees *index, also on failure. */
enum bl23_status bl23_survey_indices(struct bl23_survey_reader const *reader, char const *path,
                                     uint64_t expected, uint64_t **index, struct bl23_error *error);

/* The name of an object at the root of the file that bl23 did not write; false if there is none. */
bool bl23_survey_find_foreign(struct bl23_survey_reader const *reader, char name[64]);

/* Compare every stored column of /survivors and /nearest with the records rebuilt from the indices,
 * bit for bit; *checked counts the values, with those of bl23_survey_open. BL23_ERROR_FAILED names
 * the first difference. */
enum bl23_status bl23_survey_verify(struct bl23_survey_reader const *reader, uint64_t *checked,
                                    struct bl23_error *error);

/* Write a copy of the survey with all columns of its survivors. */
enum bl23_status bl23_survey_expand(struct bl23_survey_reader const *reader, char const *path,
                                    struct bl23_error *error);

#endif
