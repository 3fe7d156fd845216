/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/given_tables.h"

#include <stdlib.h>

#include "host/output/tables_file.h"
#include "kernels/sample/error.h"

static enum bl23_status pin(struct bl23_model_spec const *spec, char const *path,
                            struct bl23_model *model, struct bl23_error *error)
{
    struct bl23_knot *knots;
    size_t n;
    enum bl23_status status = BL23_OK;
    BL23_TRY(bl23_tables_read(path, &knots, &n, error));
    if (n != model->n_knots)
        status = bl23_fail(error, BL23_ERROR_CONFIG,
                           "%s has tables for %zu masses, but the configuration has %zu masses; "
                           "use tables with the same masses",
                           path, n, (size_t)model->n_knots);
    if (status == BL23_OK)
        status = bl23_tables_compare(path, knots, model->knot, n, error);
    if (status == BL23_OK)
        status = bl23_model_pin(spec, knots, model, error);
    free(knots);
    return status;
}

enum bl23_status bl23_survey_prepare_with_tables(struct bl23_config *config, char const *path,
                                                 struct bl23_survey *s, struct bl23_error *error)
{
    BL23_TRY(bl23_survey_build_model(config, s, error));
    struct bl23_model_spec const spec = bl23_config_survey_spec(config, s->draw);
    enum bl23_status const status = path ? pin(&spec, path, s->model, error) : BL23_OK;
    if (status == BL23_OK)
        return bl23_survey_complete(s, error);
    bl23_survey_free(s);
    return status;
}
