/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/io/output_check.h"
#include "host/output/columns_file.h"
#include "host/output/survey_read.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"
#include "kernels/sample/record.h"

/* What the options say. */
static struct options {
    char const *path, *output, *index_text; /* NULL: no --index */
    bool json;
    uint64_t index;
} given;

#define TWO_COUPLINGS "the observables are those at g_bl; chi2 and LogLike are those at chi2_g"

static enum bl23_status read_index(struct bl23_option const *row, char const *text,
                                   struct bl23_error *error)
{
    struct options *const o = row->target;
    char *end;
    double const number = bl23_dd_parse(text, &end).hi;
    o->index_text = text;
    if (bl23_text_whole(text, &o->index))
        return BL23_OK;
    o->index = UINT64_MAX; /* beyond any survey: refused when the survey is known */
    if (end != text && *end == '\0' && number >= 0x1p63 && !isinf(number))
        return BL23_OK;
    return bl23_fail(error, BL23_ERROR_USAGE,
                     "--index must be a whole number from 0, like 1e5 (got '%.80s')", text);
}

/* One line; "1" is the unit of what has none. */
static void print_value(int column, double value)
{
    char const *const unit = bl23_column_unit(column);
    bool const none = strcmp(unit, "1") == 0;
    printf("%-14s %.17g%s%s\n", bl23_column_name(column), value, none ? "" : " ", none ? "" : unit);
}

static enum bl23_status show_sample(struct options const *o, struct bl23_survey_reader const *r,
                                    struct bl23_error *error)
{
    struct bl23_record record;
    if (o->index >= r->head.survey_samples)
        return bl23_fail(error, BL23_ERROR_USAGE,
                         "--index must be a sample of the survey, from 0 to %llu (got '%.80s')",
                         (unsigned long long)(r->head.survey_samples - 1), o->index_text);
    bl23_record_of(r->model, o->index, &record);
    json_t *const object = json_object();
    json_object_set_new(object, "index", json_integer((json_int_t)record.index));
    if (!o->json)
        printf("%-14s %llu\n", "index", (unsigned long long)record.index);
    uint64_t const draw = bl23_sample_of(r->model, o->index).knot / bl23_model_masses(r->model);
    bool const varies = (r->model->groups & BL23_GROUP_DRAWS) != 0;
    if (varies && o->json)
        json_object_set_new(object, "draw", json_integer((json_int_t)draw));
    else if (varies)
        printf("%-14s %llu, of the inputs in /draws\n", "draw", (unsigned long long)draw);
    for (int c = 0; c < BL23_COLUMNS; c++) {
        if (!bl23_column_written(r->model, c))
            continue;
        json_object_set_new(object, bl23_column_name(c), bl23_json_number(record.value[c]));
        if (!o->json)
            print_value(c, record.value[c]);
    }
    json_object_set_new(object, "level", json_integer(record.level));
    json_object_set_new(object, "survives", json_boolean(record.survives));
    bool const two = (r->model->groups & BL23_GROUP_CHI2) != 0 &&
                     record.value[BL23_COLUMN_g_bl] != record.value[BL23_COLUMN_chi2_g];
    if (two)
        json_object_set_new(object, "note", json_string(TWO_COUPLINGS));
    if (o->json)
        return bl23_json_print(object, error);
    json_decref(object);
    printf("%-14s %d\n%-14s %s\n", "level", (int)record.level, "survives",
           record.survives ? "yes" : "no");
    if (two)
        printf("%-14s %s\n", "note", TWO_COUPLINGS);
    return BL23_OK;
}

static enum bl23_status replay(struct options const *o, struct bl23_survey_reader const *r,
                               struct bl23_error *error)
{
    if (o->index_text)
        return show_sample(o, r, error);
    uint64_t checked;
    enum bl23_status written = BL23_OK, shown = BL23_OK;
    BL23_TRY(bl23_survey_verify(r, &checked, error));
    if (o->output) /* what was found is printed whether the copy can be written or not */
        written = bl23_survey_expand(r, o->output, error);
    if (o->json)
        shown = bl23_json_print(json_pack("{s:I, s:I, s:b, s:s}", "survivors",
                                          (json_int_t)r->n_survivors, "values_checked",
                                          (json_int_t)checked, "identical", 1, "content_hash",
                                          r->head.content_hash),
                                error);
    else
        printf("%s: %zu survivors rebuilt, %llu stored values identical\ncontent_hash %s\n",
               BL23_SHOWN(o->path), r->n_survivors, (unsigned long long)checked,
               r->head.content_hash);
    if (o->output && written == BL23_OK && !o->json)
        printf("Written: %s\n", BL23_SHOWN(o->output));
    return written == BL23_OK ? shown : written;
}

static enum bl23_status run(struct bl23_error *error)
{
    struct bl23_survey_reader reader;
    BL23_TRY(bl23_survey_open(given.path, &reader, error));
    enum bl23_status const status = replay(&given, &reader, error);
    bl23_survey_close(&reader);
    return status;
}

static struct bl23_option const options[] = {
    {.name = "index",
     .value = "I",
     .help = "instead, show sample I of the survey, survivor or not",
     .read = read_index,
     .target = &given,
     .excludes = "output"},
    BL23_OPTION_OUTPUT("FILE.h5", &given.output, bl23_path_check_free,
                       "write a copy with all columns of the survivors (for 'store: index')"),
    BL23_OPTION_JSON(&given.json),
    {0}};

struct bl23_command const bl23_command_replay = {
    .name = "replay",
    .summary = "rebuild and verify the survivors of a survey from their indices",
    .description = "Rebuild the survivors of a survey from their indices and compare every stored "
                   "column bit for bit. Each sample depends only on the seed, its index and the "
                   "tables, and the file holds all three.",
    .operand = {.name = "SURVEY.h5", .help = "the output of a survey", .one = &given.path},
    .option = options,
    .run = run};
