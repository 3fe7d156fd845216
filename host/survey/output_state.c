/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/survey/output_state.h"

#include <stdlib.h>

#include "host/config/config_difference.h"
#include "host/output/survey_read.h"
#include "kernels/sample/error.h"

/* The state of a finished survey. It may be this one but for the number of its samples. */
static enum bl23_status compare_survey(struct bl23_survey const *s,
                                       struct bl23_output_identity const *there,
                                       enum bl23_output_state *state, struct bl23_error *refusal,
                                       struct bl23_error *error)
{
    char const *const path = s->config->output;
    unsigned long long const found = there->samples, wanted = s->config->samples;
    char *yaml, difference[BL23_DIFFERENCE_SIZE];
    uint64_t hash;
    BL23_TRY(bl23_survey_with(s, found, &yaml, &hash, error));
    bool const rows = bl23_config_difference(there->yaml, yaml, difference);
    free(yaml);
    *state = BL23_OUTPUT_OTHER;
    if (hash != there->config_hash) {
        bl23_fail(refusal, BL23_ERROR_REFUSED,
                  "%s is the output of another configuration (%s); %schoose another name, or use "
                  "--force to replace it",
                  path, difference, rows ? "put the old file back, " : "");
    } else if (there->partial) {
        *state = found == wanted ? BL23_OUTPUT_PARTIAL : BL23_OUTPUT_OTHER;
        bl23_fail(
            refusal, BL23_ERROR_REFUSED,
            "%s holds only %llu of the %llu samples of this survey ('bl23 merge --partial' "
            "made it), and a run cannot continue from it; choose another name, or compute the "
            "other samples as parts ('bl23 survey --first') and merge them with it",
            path, (unsigned long long)there->drawn, found);
    } else if (found == wanted) {
        *state = BL23_OUTPUT_FINISHED;
    } else if (found < wanted) {
        *state = BL23_OUTPUT_SHORTER;
        bl23_fail(refusal, BL23_ERROR_REFUSED,
                  "%s holds this survey with %llu samples, not %llu; use --extend to continue it, "
                  "--force to compute it again, or another name",
                  path, found, wanted);
    } else {
        bl23_fail(refusal, BL23_ERROR_REFUSED,
                  "%s already holds this survey with %llu samples, more than %llu; use --samples "
                  "%llu or more, --force to overwrite the file, or another name",
                  path, found, wanted, found);
    }
    return BL23_OK;
}

enum bl23_status bl23_find_output_state(struct bl23_survey const *s, enum bl23_output_state *state,
                                        struct bl23_error *refusal, struct bl23_error *error)
{
    char const *const path = s->config->output;
    struct bl23_output_identity there;
    struct bl23_error found = {BL23_OK, ""};
    *refusal = (struct bl23_error){BL23_OK, ""};
    *state = BL23_OUTPUT_OTHER;
    enum bl23_status status = bl23_output_identify(path, s->config_hash, &there, &found);
    if (status == BL23_ERROR_FAILED) {
        bl23_fail(refusal, BL23_ERROR_REFUSED,
                  "%s; put the output back as it was written, or use --force to compute it again",
                  found.text);
        status = BL23_OK;
    } else if (status != BL23_OK) {
        bl23_fail(error, status, "%s", found.text);
    } else if (!there.exists) {
        *state = BL23_OUTPUT_ABSENT;
    } else if (there.yaml) {
        status = compare_survey(s, &there, state, refusal, error);
    } else if (there.sampling) {
        bl23_fail(refusal, BL23_ERROR_REFUSED,
                  "%s was made by a bl23 with another version of the sampling (its attribute "
                  "'sampling'), which gives its samples other results; choose another name, or use "
                  "--force to compute the survey anew in its place",
                  path);
    } else if (there.older) {
        bl23_fail(
            refusal, BL23_ERROR_REFUSED,
            "%s was made by an earlier build of bl23, in another format; choose another name, "
            "or use --force to compute the survey anew in its place",
            path);
    } else {
        bl23_fail(refusal, BL23_ERROR_REFUSED,
                  "%s exists and is not a finished survey; choose another name, or use --force to "
                  "replace it",
                  path);
    }
    free(there.yaml);
    return status;
}
