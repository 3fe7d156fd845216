/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* libFuzzer target: any bytes as a constraint set. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tables/base/embedded.h"
#include "tables/limits/constraints.h"

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

/* Curves are read from what is built in; any other name is refused. */
static enum bl23_status read_embedded(void *context, char const *key, char const *name, char **text,
                                      size_t *length, struct bl23_error *error)
{
    (void)context;
    (void)key;
    struct bl23_embedded_file const *const file = bl23_embedded_find(name);
    if (!file) {
        error->status = BL23_ERROR_CONFIG;
        return BL23_ERROR_CONFIG;
    }
    *text = malloc(file->size);
    memcpy(*text, file->data, file->size);
    *length = file->size;
    return BL23_OK;
}

/* What a constraint promises at a mass: an interval from 0 up, never NaN. */
static void evaluate(struct bl23_constraints const *list, struct bl23_inputs const *inputs)
{
    for (size_t k = 0; k < list->size; k++)
        for (int level = 0; level < BL23_LEVELS; level++) {
            struct bl23_dd lo, hi;
            bl23_constraint_at(&list->item[k], inputs, bl23_dd(0.14), level, &lo, &hi);
            if (!(lo.hi >= 0.0) || isnan(hi.hi))
                abort();
        }
}

static void add_items(struct bl23_constraints *list, struct bl23_yaml *yaml, bl23_yaml_node *root)
{
    struct bl23_file_source const source = {read_embedded, NULL};
    bl23_yaml_node *const items = bl23_yaml_find(yaml, root, "constraints");
    for (size_t k = 0; k < bl23_yaml_length(items); k++) {
        struct bl23_error error = {BL23_OK, ""};
        size_t const before = list->size;
        enum bl23_status const status =
            bl23_constraints_add_yaml(list, yaml, bl23_yaml_item(yaml, items, k), source, &error);
        if (status != error.status || list->size != before + (status == BL23_OK))
            abort();
    }
}

int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
    static struct bl23_constraints list;
    struct bl23_inputs inputs;
    struct bl23_error error = {BL23_OK, ""};
    struct bl23_yaml yaml;
    bl23_yaml_node *root;
    bl23_inputs_preset("pdg2018", &inputs, NULL);
    if (bl23_yaml_parse("fuzz.yaml", (char const *)data, size, &yaml, &error) != BL23_OK)
        return 0;
    if (bl23_yaml_root(&yaml, &root, &error) == BL23_OK) {
        add_items(&list, &yaml, root);
        evaluate(&list, &inputs);
    }
    bl23_constraints_free(&list);
    bl23_yaml_free(&yaml);
    return 0;
}
