/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/physics/inputs.h"

#include <stdio.h>
#include <string.h>

#include "kernels/sample/error.h"

struct bl23_input_row const bl23_input_rows[] = {
#define ROW(name, unit, value_2018, value_2024, smallest, largest, text)                           \
    {#name,                                                                                        \
     unit,                                                                                         \
     smallest,                                                                                     \
     largest,                                                                                      \
     text,                                                                                         \
     offsetof(struct bl23_inputs, name),                                                           \
     offsetof(struct bl23_inputs, name) >= offsetof(struct bl23_inputs, norm_k_pi)},
    BL23_INPUT_LIST(ROW)
#undef ROW
};
size_t const bl23_n_input_rows = sizeof bl23_input_rows / sizeof bl23_input_rows[0];

/* The values of the presets, in the order of the rows. */
static char const *const preset_values[2][sizeof bl23_input_rows / sizeof bl23_input_rows[0]] = {
    {
#define VALUE(name, unit, value_2018, value_2024, smallest, largest, text) value_2018,
        BL23_INPUT_LIST(VALUE)
#undef VALUE
    },
    {
#define VALUE(name, unit, value_2018, value_2024, smallest, largest, text) value_2024,
        BL23_INPUT_LIST(VALUE)
#undef VALUE
    }};
static char const *const preset_names[2] = {"pdg2018", "pdg2024"};
static enum bl23_form_factors const preset_form_factors[2] = {BL23_FORM_FACTORS_bz2004,
                                                              BL23_FORM_FACTORS_ff2022};

char const bl23_preset_words[] = "pdg2018 pdg2024";

#define WORD(name, text) " " #name
char const bl23_form_factor_words[] = BL23_FORM_FACTOR_LIST(WORD);
#undef WORD

static char const *const form_factor_names[] = {
#define NAME(name, text) #name,
    BL23_FORM_FACTOR_LIST(NAME)
#undef NAME
};

struct bl23_choice_row const bl23_choice_rows[] = {
#define ROW(name, field, first, second, text)                                                      \
    {#name, {first, second}, text, offsetof(struct bl23_inputs, field)},
    BL23_CHOICE_LIST(ROW)
#undef ROW
};
size_t const bl23_n_choice_rows = sizeof bl23_choice_rows / sizeof bl23_choice_rows[0];

size_t bl23_input_find(char const *name)
{
    size_t row = 0;
    while (row < bl23_n_input_rows && !(name && strcmp(name, bl23_input_rows[row].name) == 0))
        row++;
    return row;
}

void bl23_inputs_put(struct bl23_inputs *inputs, size_t row, struct bl23_dd value)
{
    *(struct bl23_dd *)((char *)inputs + bl23_input_rows[row].offset) = value;
}

struct bl23_dd bl23_inputs_get(struct bl23_inputs const *inputs, size_t row)
{
    return *(struct bl23_dd const *)((char const *)inputs + bl23_input_rows[row].offset);
}

static bool *choice(struct bl23_inputs *inputs, size_t row)
{
    return (bool *)((char *)inputs + bl23_choice_rows[row].offset);
}

bool bl23_inputs_choice(struct bl23_inputs const *inputs, size_t row)
{
    return *(bool const *)((char const *)inputs + bl23_choice_rows[row].offset);
}

char const *bl23_form_factors_name(enum bl23_form_factors set)
{
    return form_factor_names[set];
}

enum bl23_status bl23_inputs_preset(char const *name, struct bl23_inputs *inputs,
                                    struct bl23_error *error)
{
    for (size_t p = 0; p < 2; p++) {
        if (strcmp(name, preset_names[p]) != 0)
            continue;
        for (size_t row = 0; row < bl23_n_input_rows; row++)
            bl23_inputs_put(inputs, row, bl23_dd_parse(preset_values[p][row], NULL));
        inputs->form_factors = preset_form_factors[p];
        for (size_t row = 0; row < bl23_n_choice_rows; row++)
            *choice(inputs, row) = false;
        inputs->preset = preset_names[p];
        return BL23_OK;
    }
    return bl23_fail(error, BL23_ERROR_CONFIG,
                     "the preset of the inputs must be pdg2018 or pdg2024 (got '%.80s')", name);
}

static void append_name(char const *name, int *changed, char text[BL23_INPUTS_TEXT_SIZE])
{
    size_t const used = strlen(text);
    snprintf(text + used, BL23_INPUTS_TEXT_SIZE - used, "%s%s",
             (*changed)++ == 0 ? " with changed " : ", ", name);
}

void bl23_inputs_describe(struct bl23_inputs const *inputs, char text[BL23_INPUTS_TEXT_SIZE])
{
    struct bl23_inputs preset;
    int changed = 0;
    snprintf(text, BL23_INPUTS_TEXT_SIZE, "%s", inputs->preset);
    if (bl23_inputs_preset(inputs->preset, &preset, NULL) != BL23_OK)
        return;
    for (size_t row = 0; row < bl23_n_input_rows; row++) {
        struct bl23_dd const a = bl23_inputs_get(inputs, row), b = bl23_inputs_get(&preset, row);
        if (a.hi != b.hi || a.lo != b.lo)
            append_name(bl23_input_rows[row].name, &changed, text);
    }
    for (size_t row = 0; row < bl23_n_choice_rows; row++)
        if (bl23_inputs_choice(inputs, row) != bl23_inputs_choice(&preset, row))
            append_name(bl23_choice_rows[row].name, &changed, text);
}

static enum bl23_status set_choice(struct bl23_inputs *inputs, size_t row, char const *text,
                                   struct bl23_error *error)
{
    struct bl23_choice_row const *const r = &bl23_choice_rows[row];
    for (int k = 0; k < 2; k++)
        if (strcmp(text, r->value[k]) == 0) {
            *choice(inputs, row) = k == 1;
            return BL23_OK;
        }
    return bl23_fail(error, BL23_ERROR_CONFIG, "%s (%s) must be %s or %s (got '%.80s')", r->name,
                     r->text, r->value[0], r->value[1], text);
}

enum bl23_status bl23_inputs_set(struct bl23_inputs *inputs, char const *name, char const *text,
                                 struct bl23_error *error)
{
    if (strcmp(name, "form_factors") == 0) {
        for (int set = 0; set < BL23_FORM_FACTOR_SETS; set++)
            if (strcmp(text, form_factor_names[set]) == 0) {
                inputs->form_factors = (enum bl23_form_factors)set;
                return BL23_OK;
            }
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "form_factors must be bz2004 or ff2022 (got '%.80s')", text);
    }
    for (size_t k = 0; k < bl23_n_choice_rows; k++)
        if (strcmp(name, bl23_choice_rows[k].name) == 0)
            return set_choice(inputs, k, text, error);
    size_t const row = bl23_input_find(name);
    if (row == bl23_n_input_rows)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "'%.80s' is not an input; 'bl23 info' lists the inputs", name);
    struct bl23_input_row const *const r = &bl23_input_rows[row];
    bool const pure = strcmp(r->unit, "1") == 0;
    char *end;
    struct bl23_dd const value = bl23_dd_shortest(bl23_dd_parse(text, &end));
    if (end == text || *end != '\0' || !(value.hi >= bl23_dd_parse(r->smallest, NULL).hi) ||
        !(value.hi <= bl23_dd_parse(r->largest, NULL).hi))
        return bl23_fail(
            error, BL23_ERROR_CONFIG, "%s (%s) must be a number from %s to %s%s%s (got '%.80s')",
            r->name, r->text, r->smallest, r->largest, pure ? "" : " ", pure ? "" : r->unit, text);
    bl23_inputs_put(inputs, row, value);
    return BL23_OK;
}
