/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The configuration of a survey: from YAML to a checked struct, and back to text. Every command
 * that takes CONFIG calls it; users read docs/configuration.md. */
#ifndef BL23_HOST_CONFIG_H
#define BL23_HOST_CONFIG_H

#include "tables/model_build.h"

/* What can be histogrammed: name, unit, description. */
#define BL23_AXIS_LIST(X)                                                                          \
    X(wu11_abs2, "1", "|(W_u)_11|^2")                                                              \
    X(wu12_abs2, "1", "|(W_u)_12|^2")                                                              \
    X(wu13_abs2, "1", "|(W_u)_13|^2")                                                              \
    X(phase12, "rad", "arg (W_u)_12 - arg (W_u)_11")                                               \
    X(phase13, "rad", "arg (W_u)_13 - arg (W_u)_11")                                               \
    X(log10_g, "1", "log10 of g_B-L")

enum bl23_axis {
#define BL23_AXIS_ENUM(name, unit, text) BL23_AXIS_##name,
    BL23_AXIS_LIST(BL23_AXIS_ENUM)
#undef BL23_AXIS_ENUM
        BL23_AXES
};

enum bl23_store { BL23_STORE_RECORDS, BL23_STORE_INDEX, BL23_STORE_NONE };
enum bl23_mass_mode { BL23_MASS_FIXED, BL23_MASS_UNIFORM, BL23_MASS_LOG_UNIFORM, BL23_MASS_LIST };

enum {
    BL23_KNOTS_MAX = 65536,
    BL23_HISTOGRAMS_2D_MAX = 15,
    BL23_NEAREST_MAX = 1000000,
    BL23_PATH_SIZE = 4096
};

/* The largest number of samples, and what is counted like them. */
#define BL23_SAMPLES_MAX (UINT64_C(1) << 63)

/* The resolved configuration; masses, constraints and the list of removed names are owned. */
struct bl23_config {
    char path[BL23_PATH_SIZE]; /* where it was read from */
    uint64_t samples, seed;
    enum bl23_mass_mode mass_mode;
    struct bl23_dd mass_low, mass_high; /* uniform, log_uniform */
    struct bl23_dd *mass_gev;           /* [n_masses] */
    size_t n_masses;
    enum bl23_g_mode g_mode;
    struct bl23_dd g_min, g_max;
    enum bl23_w_mode w_mode;
    struct bl23_dd w_modulus[3], w_phase_pi[3];
    struct bl23_inputs inputs;
    struct bl23_constraints constraints;
    char sets[BL23_NOTE_SIZE], without[BL23_NOTE_SIZE]; /* names, separated by ", " */
    size_t n_extra; /* the last n_extra constraints are the user's own */
    int sigma;
    char output[BL23_PATH_SIZE];
    enum bl23_store store;
    uint64_t max_survivors, nearest;
    uint64_t cutflow_every; /* the cut-flow counts every n-th tile of each knot */
    size_t n_histograms_2d;
    enum bl23_axis histogram_2d[BL23_HISTOGRAMS_2D_MAX][2];
};

/* Read and check a configuration file; every refusal is BL23_ERROR_CONFIG with file, line, key,
 * what was found and what is allowed. *config is allocated; the caller calls bl23_config_free. */
enum bl23_status bl23_config_load(char const *path, struct bl23_config **config,
                                  struct bl23_error *error);

/* The same from text in memory; `path` stands in messages and locates the user's curves. */
enum bl23_status bl23_config_parse(char const *path, char const *text, size_t length,
                                   struct bl23_config **config, struct bl23_error *error);

void bl23_config_free(struct bl23_config *config);

/* A whole number up to 2^63 on the command line, like 1e9, read as the file's are; `option` names
 * it in messages. */
enum bl23_status bl23_config_whole(char const *option, char const *text, uint64_t smallest,
                                   uint64_t *value, struct bl23_error *error);

/* Command-line overrides of samples and seed. */
enum bl23_status bl23_config_set_samples(struct bl23_config *config, char const *text,
                                         struct bl23_error *error);
enum bl23_status bl23_config_set_seed(struct bl23_config *config, char const *text,
                                      struct bl23_error *error);

/* Check what no single key shows: in solve mode the constraints must bound g from above. */
enum bl23_status bl23_config_check(struct bl23_config const *config, struct bl23_model const *model,
                                   struct bl23_error *error);

/* The resolved configuration as YAML that this program reads again, all defaults filled in, without
 * the name of the output file; the caller frees *text. */
enum bl23_status bl23_config_text(struct bl23_config const *config, char **text,
                                  struct bl23_error *error);

/* The same with the name of the output file at its end. */
enum bl23_status bl23_config_text_with_file(struct bl23_config const *config, char **text,
                                            struct bl23_error *error);

/* The part of the configuration that makes a model. */
struct bl23_model_spec bl23_config_model_spec(struct bl23_config const *config);

/* Names of enumerators as they stand in the YAML. */
char const *bl23_axis_name(enum bl23_axis axis);
char const *bl23_axis_unit(enum bl23_axis axis);
char const *bl23_axis_text(enum bl23_axis axis);
char const *bl23_store_name(enum bl23_store store);

/* The axis of a name; false if there is none. */
bool bl23_axis_find(char const *name, enum bl23_axis *axis);

#endif
