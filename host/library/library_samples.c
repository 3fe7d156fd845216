/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The samples of a survey, by their indices. */
#include <stdlib.h>
#include <string.h>

#include "host/library/handle.h"
#include "kernels/lanes/parallel_for.h"
#include "kernels/lanes/record_rows.h"
#include "kernels/sample/error.h"

enum { SAMPLES_AT_ONCE = 1 << 18, STEP = 64 };

/* Prepare the survey, if that is not done. It owns a configuration of its own. */
static enum bl23_status prepare(struct bl23_handle *h, struct bl23_error *error)
{
    struct bl23_config *config;
    if (h->has_survey)
        return BL23_OK;
    BL23_TRY(
        bl23_config_parse_apart(h->config->path, h->resolved, strlen(h->resolved), &config, error));
    BL23_TRY(bl23_survey_prepare(config, &h->survey, error));
    h->has_survey = true;
    return BL23_OK;
}

/* What a call works on. */
struct samples {
    struct bl23_model const *model;
    struct bl23_request const *request;
    int const *column;
    uint64_t first, done; /* of the call; before those at once */
};

static double value_of(struct bl23_record const *record, int column)
{
    return column < BL23_COLUMNS            ? record->value[column]
           : column == BL23_COLUMN_OF_LEVEL ? (double)record->level
                                            : (double)record->survives;
}

static enum bl23_status fill_samples(void *context, unsigned worker, uint64_t first, uint64_t count)
{
    struct samples const *const s = context;
    struct bl23_record record[STEP];
    uint64_t index[STEP];
    (void)worker;
    for (uint64_t k = 0; k < count; k++)
        index[k] = s->first + s->done + first + k;
    bl23_records(s->model, index, count, record);
    for (uint32_t c = 0; c < s->request->n_columns; c++) {
        double *const value = s->request->values[c] + s->done + first;
        for (uint64_t k = 0; k < count; k++)
            value[k] = value_of(&record[k], s->column[c]);
    }
    return BL23_OK;
}

static enum bl23_status compute(struct samples *s, uint64_t count, struct bl23_error *error)
{
    unsigned const threads = bl23_request_threads(s->request);
    while (s->done < count) {
        uint64_t const left = count - s->done;
        uint64_t const n = left < SAMPLES_AT_ONCE ? left : SAMPLES_AT_ONCE;
        BL23_TRY(bl23_parallel_for(threads, n, STEP, fill_samples, s));
        s->done += n;
        if (bl23_request_stops(s->request, s->done, count))
            return bl23_fail(error, BL23_INTERRUPTED, "the progress function asked to stop");
    }
    return BL23_OK;
}

static int32_t refuse_without_survey(struct bl23_message *message)
{
    return bl23_refuse(message, "a handle of sets has no survey; open one with bl23_open");
}

int32_t bl23_samples(struct bl23_handle *h, uint64_t first, uint64_t count,
                     struct bl23_request const *request, struct bl23_message *message)
{
    struct bl23_error error = {BL23_OK, ""};
    int *column = NULL;
    if (!h)
        return bl23_refuse(message, "handle must not be NULL");
    if (!h->is_survey)
        return refuse_without_survey(message);
    uint64_t const all = h->config->samples;
    if (first > all || count > all - first)
        return bl23_refuse(message, "the survey has %llu samples, %s (got %llu from %llu on)",
                           (unsigned long long)all,
                           h->config->w_mode == BL23_W_ROWS && all == h->config->n_rows
                               ? "one for each row of its file"
                               : "as its configuration says (survey: samples)",
                           (unsigned long long)count, (unsigned long long)first);
    struct bl23_scope const scope = bl23_scope_enter(h->locale);
    enum bl23_status status = prepare(h, &error);
    int32_t code = BL23_CODE_OK;
    if (status == BL23_OK)
        code =
            bl23_request_read(request, (unsigned)h->survey.model->groups, false, &column, message);
    if (status == BL23_OK && code == BL23_CODE_OK) {
        struct samples s = {h->survey.model, request, column, first, 0};
        status = compute(&s, count, &error);
    }
    bl23_scope_leave(&scope);
    free(column);
    return code == BL23_CODE_OK ? bl23_answer(status, &error, BL23_NO_ROW, message) : code;
}

int32_t bl23_sample_count(struct bl23_handle *h, uint64_t *samples, struct bl23_message *message)
{
    if (!h || !samples)
        return bl23_refuse(message, "handle and samples must not be NULL");
    if (!h->is_survey)
        return refuse_without_survey(message);
    *samples = h->config->samples;
    return bl23_answer(BL23_OK, NULL, BL23_NO_ROW, message);
}
