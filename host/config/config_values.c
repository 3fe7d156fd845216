/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/config/config_values.h"

#include "host/config/config.h"

/* ---- survey ---- */

#define MASS .kind = BL23_VALUE_NUMBER, .smallest = BL23_MASS_MIN_GEV, .largest = BL23_MASS_MAX_GEV
#define COUPLING .kind = BL23_VALUE_NUMBER, .smallest = BL23_G_MIN, .largest = BL23_G_MAX
#define PAIR .kind = BL23_VALUE_LIST, .smallest = 2, .largest = 2
#define KNOTS                                                                                      \
    {                                                                                              \
        .key = "knots", .kind = BL23_VALUE_WHOLE, .smallest = 2, .largest = BL23_KNOTS_MAX,        \
        .required = true, .text = "number of masses, both ends included"                           \
    }

static struct bl23_value const mass_fixed[] = {
    {.key = "fixed", MASS, .required = true, .text = "one mass [GeV]"}};
static struct bl23_value const mass_uniform[] = {
    {.key = "uniform",
     PAIR,
     BL23_VALUE_PART(MASS),
     .required = true,
     .text = "lowest and highest of equally spaced masses [GeV]"},
    KNOTS};
static struct bl23_value const mass_log_uniform[] = {
    {.key = "log_uniform",
     PAIR,
     BL23_VALUE_PART(MASS),
     .required = true,
     .text = "lowest and highest of masses with equal ratios [GeV]"},
    KNOTS};
static struct bl23_value const mass_list[] = {{.key = "list",
                                               .kind = BL23_VALUE_LIST,
                                               .smallest = 1,
                                               .largest = BL23_KNOTS_MAX,
                                               BL23_VALUE_PART(MASS),
                                               .required = true,
                                               .distinct = true,
                                               .text = "different masses [GeV], in any order"}};
static struct bl23_value const mass_forms[] = {
    {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(mass_fixed)},
    {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(mass_uniform)},
    {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(mass_log_uniform)},
    {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(mass_list)}};

static struct bl23_value const g_fixed[] = {
    {.key = "fixed", COUPLING, .required = true, .text = "one coupling"}};
static struct bl23_value const g_log_uniform[] = {{.key = "log_uniform",
                                                   PAIR,
                                                   BL23_VALUE_PART(COUPLING),
                                                   .required = true,
                                                   .text = "range of log-uniform couplings"}};
static struct bl23_value const g_forms[] = {
    {.kind = BL23_VALUE_WORD, .words = "solve rows"},
    {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(g_fixed)},
    {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(g_log_uniform)}};

static struct bl23_value const w_fixed[] = {
    {.key = "fixed",
     .kind = BL23_VALUE_LIST,
     .smallest = 6,
     .largest = 6,
     BL23_VALUE_PART(.kind = BL23_VALUE_NUMBER, .smallest = -1e6, .largest = 1e6),
     .required = true,
     .text = "modulus and phase/pi of each element of the "
             "row; no modulus is negative, one is not 0"}};
#define ROWS_FILE                                                                                  \
    {                                                                                              \
        .key = "file", .kind = BL23_VALUE_TEXT, .smallest = 1, .largest = BL23_PATH_SIZE - 1,      \
        .required = true, .text = "file of rows, CSV or HDF5 as for bl23 points"                   \
    }
static struct bl23_value const w_file[] = {ROWS_FILE};
static struct bl23_value const w_rows[] = {ROWS_FILE,
                                           {.key = "rows",
                                            .kind = BL23_VALUE_WHOLE,
                                            .smallest = 1,
                                            .largest = BL23_SAMPLES_MAX,
                                            .required = true,
                                            .text = "how many rows the file has, as bl23 found it"},
                                           {.key = "xxh3",
                                            .kind = BL23_VALUE_TEXT,
                                            .smallest = 16,
                                            .largest = 16,
                                            .pattern = "^[0-9a-f]{16}$",
                                            .required = true,
                                            .text = "checksum of the rows, as bl23 found it"}};
static struct bl23_value const w_forms[] = {{.kind = BL23_VALUE_WORD, .words = "haar"},
                                            {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(w_fixed)},
                                            {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(w_file)},
                                            {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(w_rows)}};

static struct bl23_value const cover_cells[] = {{.key = "cells",
                                                 .kind = BL23_VALUE_WHOLE,
                                                 .smallest = 1,
                                                 .largest = BL23_COVER_CELLS_MAX,
                                                 .required = true,
                                                 .text = "number of cells at each mass"}};
static struct bl23_value const cover_accept[] = {
    {.key = "accept",
     .kind = BL23_VALUE_NUMBER,
     .smallest = 1e-6,
     .largest = 0.99,
     .required = true,
     .text = "part of the samples that is to survive, at each mass"}};
static struct bl23_value const cover_forms[] = {
    {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(cover_cells)},
    {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(cover_accept)}};

static struct bl23_value const survey_keys[] = {
    {.key = "samples",
     .kind = BL23_VALUE_WHOLE,
     .smallest = 1,
     .largest = BL23_SAMPLES_MAX,
     .text = "how many samples are drawn"},
    {.key = "seed",
     .kind = BL23_VALUE_WHOLE,
     .smallest = 0,
     .largest = BL23_SAMPLES_MAX,
     .text = "seed of the random numbers"},
    {.key = "mass_gev",
     .kind = BL23_VALUE_FORMS,
     BL23_VALUE_PARTS(mass_forms),
     .required = true,
     .text = "masses of the Z' [GeV]"},
    {.key = "g_bl",
     .kind = BL23_VALUE_FORMS,
     BL23_VALUE_PARTS(g_forms),
     .text = "coupling g_B-L: solved for, of the rows, fixed or drawn"},
    {.key = "w",
     .kind = BL23_VALUE_FORMS,
     BL23_VALUE_PARTS(w_forms),
     .text = "the row (W_u)_1i: drawn, fixed, or from a file"},
    {.key = "draw",
     .kind = BL23_VALUE_WORD,
     .words = "uniform cover",
     .text = "whether samples are drawn from everything, or from cells that hold every survivor"},
    {.key = "cover",
     .kind = BL23_VALUE_FORMS,
     BL23_VALUE_PARTS(cover_forms),
     .text = "how far the cells of draw: cover are divided"},
    {.key = "chi2_max",
     .kind = BL23_VALUE_NUMBER,
     .smallest = 0.0,
     .largest = 1e100,
     .text = "rank: chi2, the largest chi^2 of a survivor, in place of the cuts"}};

/* ---- inputs ---- */

#define VARIES(name, ...)                                                                          \
    {.key = #name,                                                                                 \
     .kind = BL23_VALUE_NUMBER,                                                                    \
     .smallest = 1e-30,                                                                            \
     .largest = 1e3,                                                                               \
     .text = "its error of one sigma; of a factor, that of its logarithm"},
static struct bl23_value const vary_keys[] = {BL23_INPUT_LIST(VARIES)};
#undef VARIES
static struct bl23_value const vary_forms[] = {
    {.kind = BL23_VALUE_WORD, .words = "default"},
    {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(vary_keys)}};

#define WORD(name, ...) " " #name
static struct bl23_value const correlation_keys[] = {
    {.key = "of",
     PAIR,
     BL23_VALUE_PART(.kind = BL23_VALUE_WORD, .words = BL23_INPUT_LIST(WORD)),
     .distinct = true,
     .required = true,
     .text = "two inputs that vary"},
    {.key = "value",
     .kind = BL23_VALUE_NUMBER,
     .smallest = -0.999999,
     .largest = 0.999999,
     .required = true,
     .text = "their correlation"}};
#undef WORD

static struct bl23_value const inputs_keys[] = {
    {.key = "preset",
     .kind = BL23_VALUE_WORD,
     .words = bl23_preset_words,
     .text = "where all values come from that are not given"},
    {.key = "form_factors",
     .kind = BL23_VALUE_WORD,
     .words = bl23_form_factor_words,
     .text = "set of B form factors"},
    {.key = "vary",
     .kind = BL23_VALUE_FORMS,
     BL23_VALUE_PARTS(vary_forms),
     .text = "inputs that are drawn within their errors"},
    {.key = "correlations",
     .kind = BL23_VALUE_LIST,
     .largest = BL23_VARIED_MAX * (BL23_VARIED_MAX - 1) / 2.0,
     BL23_VALUE_PART(.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(correlation_keys)),
     .text = "correlations of inputs that vary, 0 where none is given"},
    {.key = "draws",
     .kind = BL23_VALUE_WHOLE,
     .smallest = 2,
     .largest = BL23_KNOTS_MAX,
     .text = "how many sets of inputs are drawn, with the central one"},
    {.key = "common_w",
     .kind = BL23_VALUE_WORD,
     .words = "false true",
     .text = "whether all sets of inputs see the same rows w"}};
static struct bl23_value const inputs_forms[] = {
    {.kind = BL23_VALUE_WORD, .words = bl23_preset_words},
    {.kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(inputs_keys)}};

/* ---- constraints ---- */

#define THEORY(name, ...)                                                                          \
    {.key = #name,                                                                                 \
     .kind = BL23_VALUE_NUMBER,                                                                    \
     .largest = 10.0,                                                                              \
     .text = "relative error of its prediction at one sigma"},
static struct bl23_value const theory_keys[] = {BL23_MODE_LIST(THEORY) THEORY(delta_a_mu, )};
#undef THEORY

static struct bl23_value const constraints_keys[] = {
    {.key = "sets",
     .kind = BL23_VALUE_LIST,
     .largest = BL23_CONSTRAINTS_MAX,
     BL23_VALUE_PART(.kind = BL23_VALUE_WORD, .words = bl23_constraint_set_words),
     .distinct = true,
     .text = "constraint sets, by name or alias"},
    {.key = "without",
     .kind = BL23_VALUE_LIST,
     .largest = BL23_CONSTRAINTS_MAX,
     BL23_VALUE_PART(.kind = BL23_VALUE_TEXT, .smallest = 1, .largest = BL23_NAME_SIZE - 1),
     .distinct = true,
     .text = "names of constraints of the sets, to be left out"},
    {.key = "extra",
     .kind = BL23_VALUE_LIST,
     .largest = BL23_CONSTRAINTS_MAX,
     .part = &bl23_constraint_value,
     .parts = 1,
     .text = "constraints of your own"},
    {.key = "sigma",
     .kind = BL23_VALUE_WHOLE,
     .smallest = 1,
     .largest = 2,
     .text = "whether a survivor must lie in the bands of one sigma or of two"},
    {.key = "theory",
     .kind = BL23_VALUE_MAPPING,
     BL23_VALUE_PARTS(theory_keys),
     .text = "relative errors of predictions, which chi^2 takes in and cuts do not"}};

/* ---- output ---- */

#define WORD(name, ...) " " #name
#define EDGES(least, most)                                                                         \
    PAIR, BL23_VALUE_PART(.kind = BL23_VALUE_NUMBER, .smallest = (least), .largest = (most)),      \
        .text = "lowest and highest value that the bins cover"
#define NUMBER_OF_BINS                                                                             \
    .kind = BL23_VALUE_WHOLE, .smallest = 1, .largest = BL23_CONFIG_BINS_MAX,                      \
    .text = "number of equal bins"
#define BINS(axis, unit, what, least, most, low, high)                                             \
    {.key = #axis,                                                                                 \
     .kind = BL23_VALUE_FORMS,                                                                     \
     .part =                                                                                       \
         (struct bl23_value const[]){                                                              \
             {EDGES(least, most)},                                                                 \
             {.kind = BL23_VALUE_MAPPING,                                                          \
              .part = (struct bl23_value const[]){{.key = "range", EDGES(least, most)},            \
                                                  {.key = "number", NUMBER_OF_BINS}},              \
              .parts = 2}},                                                                        \
     .parts = 2,                                                                                   \
     .text = what},
static struct bl23_value const bins_keys[] = {BL23_AXIS_LIST(BINS)};

static struct bl23_value const output_keys[] = {
    {.key = "file",
     .kind = BL23_VALUE_TEXT,
     .smallest = 1,
     .largest = BL23_PATH_SIZE - 1,
     .text = "name of the output, relative to the folder in which the program runs"},
    {.key = "store",
     .kind = BL23_VALUE_WORD,
     .words = "records index none",
     .text = "what is stored of survivors: all columns, the numbers of samples, nothing"},
    {.key = "columns",
     .kind = BL23_VALUE_WORD,
     .words = "limited all",
     .text = "whether columns of charm and top are stored only if a constraint limits one of them"},
    {.key = "max_survivors",
     .kind = BL23_VALUE_WHOLE,
     .smallest = 0,
     .largest = BL23_SAMPLES_MAX,
     .text = "how many survivors are stored at most, a uniform subsample"},
    {.key = "nearest",
     .kind = BL23_VALUE_WHOLE,
     .smallest = 0,
     .largest = BL23_NEAREST_MAX,
     .text = "how many samples of least tension, or chi^2, are stored"},
    {.key = "rank",
     .kind = BL23_VALUE_WORD,
     .words = "tension chi2",
     .text = "what samples are ranked by; with chi2 each has a chi^2, and each bin its least"},
    {.key = "histograms",
     .kind = BL23_VALUE_LIST,
     .largest = BL23_HISTOGRAMS_2D_MAX,
     BL23_VALUE_PART(PAIR, .distinct = true,
                     BL23_VALUE_PART(.kind = BL23_VALUE_WORD, .words = BL23_AXIS_LIST(WORD))),
     .distinct = true,
     .text = "pairs of two different axes"},
    {.key = "bins",
     .kind = BL23_VALUE_MAPPING,
     BL23_VALUE_PARTS(bins_keys),
     .text = "range and number of the bins of an axis"},
    {.key = "cutflow_every",
     .kind = BL23_VALUE_WHOLE,
     .smallest = 1,
     .largest = BL23_SAMPLES_MAX,
     .text = "the cut-flow counts every n-th tile of each mass"}};

/* ---- the document ---- */

static struct bl23_value const document_keys[] = {
    {.key = "survey",
     .kind = BL23_VALUE_MAPPING,
     BL23_VALUE_PARTS(survey_keys),
     .required = true,
     .text = "what is drawn"},
    {.key = "inputs",
     .kind = BL23_VALUE_FORMS,
     BL23_VALUE_PARTS(inputs_forms),
     .text = "measured numbers: a preset, or a preset with changes"},
    {.key = "constraints",
     .kind = BL23_VALUE_MAPPING,
     BL23_VALUE_PARTS(constraints_keys),
     .required = true,
     .text = "what a survivor must meet"},
    {.key = "output",
     .kind = BL23_VALUE_MAPPING,
     BL23_VALUE_PARTS(output_keys),
     .text = "what is written, and where"}};

struct bl23_value const bl23_config_value = {.kind = BL23_VALUE_MAPPING,
                                             BL23_VALUE_PARTS(document_keys),
                                             .text = "The configuration of a survey of bl23"};
