/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>

#include "host/arguments.h"
#include "host/commands.h"
#include "host/config.h"
#include "host/file_io.h"
#include "host/report.h"
#include "tables/message.h"

static char const usage[] =
    "usage: bl23 check CONFIG [--json]\n"
    "\n"
    "Validate a configuration, show it with all defaults filled in, and what it would cost.\n"
    "Draws nothing and writes nothing.\n"
    "\n"
    "  --json   one JSON object instead of text\n"
    "  --help   this text\n";

/* Size of the columns of one stored survivor, and of everything that is kept in memory. */
struct cost {
    double model_bytes, survivor_bytes, output_bytes_max;
};

static struct cost cost_of(struct bl23_config const *c, struct bl23_model const *model)
{
    double const record = c->store == BL23_STORE_RECORDS ? 8.0 * (BL23_COLUMNS + 1) : 8.0;
    double const kept = fmin((double)c->samples, (double)c->max_survivors);
    return (struct cost){.model_bytes = (double)bl23_model_bytes(model->n_knots),
                         .survivor_bytes = c->store == BL23_STORE_NONE ? 0.0 : record,
                         .output_bytes_max = (c->store == BL23_STORE_NONE ? 0.0 : record * kept) +
                                             (double)bl23_model_bytes(model->n_knots) +
                                             8.0 * (BL23_COLUMNS + 2) * (double)c->nearest};
}

static json_t *constraints_json(struct bl23_config const *c)
{
    json_t *const list = json_array();
    for (size_t k = 0; k < c->constraints.size; k++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s}", "name", c->constraints.item[k].name, "observable",
                            bl23_observable_name(c->constraints.item[k].observable), "cite",
                            c->constraints.item[k].cite));
    return list;
}

static enum bl23_status show(struct bl23_config const *c, struct bl23_model const *model, bool json,
                             struct bl23_error *error)
{
    char *text;
    enum bl23_status status = bl23_config_text(c, &text, error);
    if (status != BL23_OK)
        return status;
    struct cost const cost = cost_of(c, model);
    if (json) {
        status = bl23_json_print(json_pack("{s:s, s:s, s:f, s:I, s:o, s:f, s:f}", "yaml", text,
                                           "output", c->output, "samples", (double)c->samples,
                                           "mass_knots", (json_int_t)c->n_masses, "constraints",
                                           constraints_json(c), "model_bytes", cost.model_bytes,
                                           "output_bytes_max", cost.output_bytes_max),
                                 error);
    } else {
        printf("%s is valid. Resolved:\n\n%s", c->path, text);
        printf("\n# constraints in the order they are applied\n");
        for (size_t k = 0; k < c->constraints.size; k++)
            printf("#   %-20s %-12s [%s]\n", c->constraints.item[k].name,
                   bl23_observable_name(c->constraints.item[k].observable),
                   c->constraints.item[k].cite);
        printf("# %.4g samples, %zu mass knot%s; model %.3g MB; output %s, at most %.3g MB\n",
               (double)c->samples, c->n_masses, c->n_masses == 1 ? "" : "s", cost.model_bytes / 1e6,
               c->output, cost.output_bytes_max / 1e6);
    }
    free(text);
    return status;
}

static enum bl23_status check(char const *path, bool json, struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    struct bl23_model *model = NULL;
    enum bl23_status status = bl23_config_load(path, &config, error);
    if (status == BL23_OK)
        status = bl23_path_check_writable(config->output, error);
    if (status == BL23_OK) {
        struct bl23_model_spec const spec = bl23_config_model_spec(config);
        status = bl23_model_build(&spec, &model, NULL, error);
    }
    if (status == BL23_OK)
        status = bl23_config_check(config, model, error);
    if (status == BL23_OK)
        status = show(config, model, json, error);
    free(model);
    bl23_config_free(config);
    return status;
}

enum bl23_status bl23_cmd_check(int argc, char **argv, struct bl23_error *error)
{
    static struct option const known[] = {
        {"json", no_argument, 0, 'j'}, {"help", no_argument, 0, 'h'}, {0, 0, 0, 0}};
    bool json = false;
    for (int option; (option = getopt_long(argc, argv, ":", known, 0)) != -1;) {
        if (option == 'h') {
            bl23_print_help(usage);
            return BL23_OK;
        }
        if (option != 'j')
            return bl23_argument_unknown(argv, error);
        json = true;
    }
    enum bl23_status const status = bl23_argument_operands(argc, argv, 1, "one CONFIG", error);
    return status == BL23_OK ? check(argv[optind], json, error) : status;
}
