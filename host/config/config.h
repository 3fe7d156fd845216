/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The configuration of a survey: from YAML to a checked struct, and back to text. Every command
 * that takes CONFIG calls it; users read docs/configuration.md. */
#ifndef BL23_HOST_CONFIG_H
#define BL23_HOST_CONFIG_H

#include "tables/cover/cover_build.h"
#include "tables/model_build.h"
#include "tables/physics/nuisance.h"

/* What can be histogrammed: name, unit, description, domain, and the range that the bins cover if
 * the configuration chooses none. */
#define BL23_AXIS_PI 0x1.921fb54442d18p+1
#define BL23_AXIS_LIST(X)                                                                          \
    X(wu11_abs2, "1", "|(W_u)_11|^2", 0.0, 1.0, 0.0, 1.0)                                          \
    X(wu12_abs2, "1", "|(W_u)_12|^2", 0.0, 1.0, 0.0, 1.0)                                          \
    X(wu13_abs2, "1", "|(W_u)_13|^2", 0.0, 1.0, 0.0, 1.0)                                          \
    X(phase12, "rad", "arg (W_u)_12 - arg (W_u)_11", -BL23_AXIS_PI, BL23_AXIS_PI, -BL23_AXIS_PI,   \
      BL23_AXIS_PI)                                                                                \
    X(phase13, "rad", "arg (W_u)_13 - arg (W_u)_11", -BL23_AXIS_PI, BL23_AXIS_PI, -BL23_AXIS_PI,   \
      BL23_AXIS_PI)                                                                                \
    X(phase23, "rad", "arg (W_u)_13 - arg (W_u)_12", -BL23_AXIS_PI, BL23_AXIS_PI, -BL23_AXIS_PI,   \
      BL23_AXIS_PI)                                                                                \
    X(log10_g, "1", "log10 of g_B-L", -30.0, 1.0, -8.0, 0.0)

enum bl23_axis {
#define BL23_AXIS_ENUM(name, ...) BL23_AXIS_##name,
    BL23_AXIS_LIST(BL23_AXIS_ENUM)
#undef BL23_AXIS_ENUM
        BL23_AXES
};

enum bl23_store { BL23_STORE_RECORDS, BL23_STORE_INDEX, BL23_STORE_NONE };
enum bl23_rank { BL23_RANK_TENSION, BL23_RANK_CHI2 };
enum bl23_draw { BL23_DRAW_UNIFORM, BL23_DRAW_COVER };
enum bl23_mass_mode { BL23_MASS_FIXED, BL23_MASS_UNIFORM, BL23_MASS_LOG_UNIFORM, BL23_MASS_LIST };

enum {
    BL23_KNOTS_MAX = 65536,
    BL23_HISTOGRAMS_2D_MAX = 15,
    BL23_CONFIG_BINS = 64, /* of an axis, by default and at most */
    BL23_CONFIG_BINS_MAX = 254,
    BL23_NEAREST_MAX = 1000000,
    BL23_COVER_CELLS = 10000, /* of each mass, by default */
    BL23_PATH_SIZE = 4096,
    BL23_STORE_NAME_SIZE = 256, /* of what holds a stored configuration, in messages */
    /* Of a configuration as text: the longest that bl23 writes, with every curve, is shorter. */
    BL23_CONFIG_BYTES_MAX = 192 << 20
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
    struct bl23_dd w_modulus[3], w_phase_pi[3]; /* fixed */
    char rows_file[BL23_PATH_SIZE];             /* rows: as the configuration names the file */
    uint64_t n_rows, rows_checksum;             /* what is in it (given_rows.h) */
    enum bl23_draw draw;
    uint64_t cover_cells;        /* of each mass; 0: by cover_accept */
    struct bl23_dd cover_accept; /* part of the samples of each mass that is to survive */
    struct bl23_inputs inputs;
    struct bl23_vary vary;
    uint64_t n_draws; /* of the inputs that vary, with the central one; 0: none varies */
    bool common_w;    /* all draws of the inputs see the same rows w */
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
    enum bl23_rank rank;
    struct bl23_dd
        chi2_max;     /* rank: chi2, survivors have at most this; infinity: they pass the cuts */
    bool all_columns; /* also those of groups whose observables nothing limits */
    struct bl23_interval bins[BL23_AXES]; /* the range that the bins of an axis cover */
    uint64_t n_bins[BL23_AXES];
    char *notes; /* lines about curves and BibTeX whose files differ from what is used; or NULL */
};

/* Files that a configuration names, as they were read when its survey began: they stand in the
 * resolved configuration that the run or the output holds, and count there even if the files have
 * changed or are gone. */
struct bl23_config_store {
    /* The resolved configuration that belongs to an output, or NULL; the caller frees it. `from`
     * becomes the name of the file that holds it. It may set prefers_files. */
    char *(*find)(struct bl23_config_store *store, char const *output,
                  char from[BL23_STORE_NAME_SIZE]);
    void *context;
    char const *output; /* NULL: the output of the configuration */
    bool extends;       /* the survey goes on from a finished output */
    bool prefers_files; /* what can be read of them counts */
};

/* Read and check a configuration file, or a shipped survey ("@fig3"), with files that were stored
 * (NULL: none); every refusal is BL23_ERROR_CONFIG with file, line, key, what was found and what is
 * allowed. *config is allocated; the caller calls bl23_config_free. */
enum bl23_status bl23_config_load_stored(char const *path, struct bl23_config_store *store,
                                         struct bl23_config **config, struct bl23_error *error);
enum bl23_status bl23_config_load(char const *path, struct bl23_config **config,
                                  struct bl23_error *error);

/* The same from text in memory; `path` stands in messages and locates the files that it names. */
enum bl23_status bl23_config_parse(char const *path, char const *text, size_t length,
                                   struct bl23_config **config, struct bl23_error *error);

/* The same for a caller that writes no outputs, from any thread: the files that the configuration
 * names are read, but not registered as inputs (host/io/file_io.h). */
enum bl23_status bl23_config_parse_apart(char const *path, char const *text, size_t length,
                                         struct bl23_config **config, struct bl23_error *error);

void bl23_config_free(struct bl23_config *config);

/* The path of a file that the configuration names, relative to its own folder. */
void bl23_config_locate(struct bl23_config const *config, char const *name,
                        char path[2 * BL23_PATH_SIZE]);

/* A whole number up to 2^63 on the command line, like 1e9, read as the file's are; `option` names
 * it in messages. */
enum bl23_status bl23_config_whole(char const *option, char const *text, uint64_t smallest,
                                   uint64_t *value, struct bl23_error *error);

/* Command-line overrides of samples and seed. */
enum bl23_status bl23_config_set_samples(struct bl23_config *config, char const *text,
                                         struct bl23_error *error);
enum bl23_status bl23_config_set_seed(struct bl23_config *config, char const *text,
                                      struct bl23_error *error);

/* Check what no single key shows: a limit of the user's own must be able to exclude something, and
 * in solve mode the constraints must bound g from above. */
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

/* The same for its survey, whose samples may have a chi^2, with draws of the inputs [n_draws], or
 * NULL where none varies. All threads of the process share the work on the model. */
struct bl23_model_spec bl23_config_survey_spec(struct bl23_config const *config,
                                               struct bl23_inputs const *draw);

/* How far the cover of each mass is to be refined. */
struct bl23_cover_aim bl23_config_cover_aim(struct bl23_config const *config);

/* Names of enumerators as they stand in the YAML. */
char const *bl23_axis_name(enum bl23_axis axis);
char const *bl23_axis_unit(enum bl23_axis axis);
char const *bl23_axis_text(enum bl23_axis axis);
char const *bl23_store_name(enum bl23_store store);

/* Values that an axis can have, and the range of its bins by default. */
struct bl23_interval bl23_axis_domain(enum bl23_axis axis);
struct bl23_interval bl23_axis_default_bins(enum bl23_axis axis);

/* The axis of a name; false if there is none. */
bool bl23_axis_find(char const *name, enum bl23_axis *axis);

#endif
