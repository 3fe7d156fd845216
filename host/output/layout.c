/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/output/layout.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "host/output/columns_file.h"

struct bl23_h5_sealed const bl23_layout_groups[] = {
    {.path = "/config", .text = "The resolved configuration: `bl23 survey` reads it again."},
    {.path = "/citations",
     .text = "BibTeX of the model, the inputs and every limit that was used."},
    {.path = "/constraints",
     .text = "The constraints in declared order, and what is needed to use them: limits on the "
             "observable at each mass, likelihood, citations, the rows of their curves."},
    {.path = "/provenance",
     .text =
         "Programs, machines and times of the computation; the only group that may differ "
         "between equal runs. The attributes tell of the call that wrote the file, the datasets "
         "of every call that computed samples in it: one row for each call and machine.",
     .varies = true},
    {.path = "/ranges",
     .text =
         "The samples in the file, as ranges that do not touch: one of all samples if `complete` "
         "is 1."},
    {.path = "/tables", .text = "What was computed before the first sample was drawn."},
    {.path = "/survivors",
     .text =
         "The stored survivors, ordered by `index`; with `store: index` this column only. "
         "Columns of the groups charm and top are there if a constraint limits an observable of "
         "the group, or if the configuration has `columns: all`; those of the group chi2 with "
         "`rank: chi2`.",
     .compared = true},
    {.path = "/nearest",
     .text = "The samples of least tension, ordered by tension, then by index; with `rank: chi2` "
             "those of least chi^2. Columns as in `/survivors`.",
     .compared = true},
    {.path = "/cutflow",
     .text = "Counts for each constraint, over the `drawn` samples of every `every`-th tile."},
    {.path = "/histograms", .text = "Histograms of all survivors, stored or not."},
    {.path = "/extrema",
     .text = "Smallest and largest value of each column among all survivors, stored or not."},
    {.path = "/cover",
     .text = "With `draw: cover` only: the cells from which the samples were drawn, of each mass "
             "as a tree. A node of a tree is a code of 3 bits: 0 to 4, the cell is halved in the "
             "word a, b, x2, y or x5; 5, nothing in it survives; 6, undecided; 7, all of it "
             "survives. Nodes stand in preorder, the lower half first. a and b are the smaller and "
             "the larger one of the words x0 and x1, and y is x3 - x2. A cell that has the same "
             "range of a and b is halved in both by code 0, into (low, low), (low, high) and "
             "(high, high).",
     .optional = true},
    {.path = "/profiles",
     .text =
         "With `rank: chi2` only: the least chi^2 of all samples, survivors or not, in each bin "
         "of `/histograms`. The bin of g is that of `chi2_g`.",
     .optional = true},
    {.path = "/draws",
     .text =
         "With inputs that vary only: the sets of inputs that were drawn, of which the first is "
         "the central one. There is a mass knot for each mass and draw, those of the first "
         "draw first.",
     .optional = true},
    {.path = NULL}};

/* ---- where the values of a row stand in memory ---- */

static void *of_knot(struct bl23_layout_cell at)
{
    return (double *)((char *)&at.data->knots[at.i] + at.row->offset) + at.j;
}

static void *of_loop_table(struct bl23_layout_cell at)
{
    return (double *)((char *)&at.data->tables[at.i] + at.row->offset) + at.j;
}

static void *of_cover(struct bl23_layout_cell at)
{
    return (char *)&at.data->cover[at.i] + at.row->offset;
}

/* The offset is that of a list of errors or names. */
static void *of_varied(struct bl23_layout_cell at)
{
    return (double *)((char *)at.data->draws + at.row->offset) + at.i;
}

static void *name_of_varied(struct bl23_layout_cell at)
{
    return (char *)at.data->draws->name[at.i];
}

static void *of_draw(struct bl23_layout_cell at)
{
    return &at.data->draws->value[at.i * at.data->size[-BL23_SIZE_VARIED] + at.j];
}

static void *number_of_draw(struct bl23_layout_cell at)
{
    return &at.data->draws->number[at.i];
}

static void *draw_of_knot(struct bl23_layout_cell at)
{
    return &at.data->draws->of_knot[at.i];
}

static void *byte_of_tree(struct bl23_layout_cell at)
{
    return (uint8_t *)at.data->trees + at.i;
}

static void *byte_of_model(struct bl23_layout_cell at)
{
    return (char *)at.data->model + at.i;
}

static void *of_constraint_shown(struct bl23_layout_cell at)
{
    return (char *)&at.data->constraints->item[at.i] + at.row->offset + at.j * sizeof(double);
}

static void *constraint_text(struct bl23_layout_cell at)
{
    return *(char **)of_constraint_shown(at);
}

static void *limit_of_constraint(struct bl23_layout_cell at)
{
    size_t const rest = BL23_LEVELS * at.data->size[-BL23_SIZE_KNOTS];
    return (char *)&at.data->constraints->limit[at.i * rest + at.j] + at.row->offset;
}

static void *of_curve_row(struct bl23_layout_cell at)
{
    return (char *)&at.data->constraints->row[at.i] + at.row->offset;
}

static void *of_range(struct bl23_layout_cell at)
{
    return (char *)&at.data->range[at.i] + at.row->offset;
}

static void *of_call(struct bl23_layout_cell at)
{
    return (char *)&at.data->call[at.i] + at.row->offset;
}

/* A counter of mass i. */
static void *of_mass(struct bl23_layout_cell at)
{
    return (char *)&at.data->results->knot[at.i] + at.row->offset;
}

/* A counter of constraint i at mass j. */
static void *of_constraint(struct bl23_layout_cell at)
{
    return (uint64_t *)((char *)&at.data->results->knot[at.j] + at.row->offset) + at.i;
}

/* Bins of an axis; the offset is the number of the first one, where underflow is bin 0. */
static void *of_axis(struct bl23_layout_cell at)
{
    return &at.data->results->tallies.histogram_1d[at.item][at.i + at.row->offset];
}

static void *overflow_of_axis(struct bl23_layout_cell at)
{
    return &at.data->results->tallies.histogram_1d[at.item][at.data->reduction->bins[at.item] + 1];
}

static void *edge_of_axis(struct bl23_layout_cell at)
{
    return (double *)&at.data->edge[at.item][at.i];
}

static void *of_pair(struct bl23_layout_cell at)
{
    struct bl23_reduction const *const r = at.data->reduction;
    uint64_t const side = bl23_bins_all(r, r->histogram_2d[at.item][1]);
    return at.data->results->histogram_2d + bl23_histogram_begin(r, at.item) + (at.i + 1) * side +
           at.j + 1;
}

/* Of the profile; the offset is that in an extremum. */
static void *profile_of_axis(struct bl23_layout_cell at)
{
    struct bl23_extremum *const e = &at.data->results->profile[at.item * BL23_BINS_ALL + at.i + 1];
    return (char *)e + at.row->offset;
}

static void *profile_of_pair(struct bl23_layout_cell at)
{
    struct bl23_reduction const *const r = at.data->reduction;
    uint64_t const side = bl23_bins_all(r, r->histogram_2d[at.item][1]);
    struct bl23_extremum *const e = at.data->results->profile + BL23_PROFILE_2D +
                                    bl23_histogram_begin(r, at.item) + (at.i + 1) * side + at.j + 1;
    return (char *)e + at.row->offset;
}

static void *mid_of_axis(struct bl23_layout_cell at)
{
    return (double *)&at.data->mid[at.item][at.i];
}

/* The offset is the number of the axis in the pair. */
static void *edge_of_pair(struct bl23_layout_cell at)
{
    uint64_t const axis = at.data->reduction->histogram_2d[at.item][at.row->offset];
    return (double *)&at.data->edge[axis][at.i];
}

static void *extremum_name(struct bl23_layout_cell at)
{
    return (char *)bl23_column_name(at.data->extrema[at.i]);
}

/* The offset is that of the first column's extremum. */
static void *of_extremum(struct bl23_layout_cell at)
{
    struct bl23_tallies *const t = &at.data->results->tallies;
    return (char *)t + at.row->offset + (size_t)at.data->extrema[at.i] * sizeof t->extremum[0][0];
}

/* Names along dimensions of the tables. */
static struct label_lists {
    char const *form_names[BL23_FORMS], *monomial_names[BL23_MONOMIALS], *mode_names[BL23_MODES],
        *weight_names[BL23_WEIGHTS], *channel_names[BL23_CHANNELS], *quark_names[3], *part_names[2],
        *level_names[BL23_LEVELS], *edge_names[2];
} const labels = {.form_names = {"h_ds_re",   "h_ds_im",   "h_db_re",   "h_db_im",    "h_sb_re",
                                 "h_sb_im",   "f_v_uc_re", "f_v_uc_im", "f_a_uc_re",  "f_a_uc_im",
                                 "f_v_ut_re", "f_v_ut_im", "f_a_ut_re", "f_a_ut_im",  "f_v_ct_re",
                                 "f_v_ct_im", "f_a_ct_re", "f_a_ct_im", "h_ds_kp_re", "h_ds_kp_im"},
                  .monomial_names = {"w1_abs2", "w2_abs2", "w3_abs2", "w1w2_re", "w1w2_im",
                                     "w1w3_re", "w1w3_im", "w2w3_re", "w2w3_im"},
#define MODE_NAME(name, unit, text, quantity) #name,
                  .mode_names = {BL23_MODE_LIST(MODE_NAME)},
#undef MODE_NAME
                  .weight_names = {"dp_known_v", "dp_known_a", "dp_rhop_v", "dp_rhop_a",
                                   "d0_rho0_v", "d0_rho0_a", "d0_omega_v", "d0_omega_a", "lc_p_v",
                                   "lc_p_a", "t_u_v", "t_u_a", "t_c_v", "t_c_a", "mixing_v",
                                   "mixing_a"},
                  .channel_names = {"ds", "db", "sb"},
                  .quark_names = {"u", "c", "t"},
                  .part_names = {"re", "im"},
                  .level_names = {"1 sigma", "2 sigma"},
                  .edge_names = {"low", "high"}};

/* The offset is that of a list. */
static void *label_of(struct bl23_layout_cell at)
{
    char const *const *const list =
        (char const *const *)(void const *)((char const *)&labels + at.row->offset);
    return (char *)list[at.i];
}

/* ---- the rows ---- */

enum {
    N = BL23_SIZE_KNOTS,
    C = BL23_SIZE_CONSTRAINTS,
    COLUMNS = BL23_SIZE_EXTREMA,
    BYTES = BL23_SIZE_MODEL,
    ROWS = BL23_SIZE_ROWS,
    RANGES = BL23_SIZE_RANGES,
    CALLS = BL23_SIZE_CALLS,
    TREES = BL23_SIZE_TREES,
    V = BL23_SIZE_VARIED,
    DRAWS = BL23_SIZE_DRAWS,
    B = BL23_SIZE_BINS,
    EDGES = BL23_SIZE_EDGES,
    B_Y = BL23_SIZE_BINS_Y,
    EDGES_Y = BL23_SIZE_EDGES_Y
};

#define U8 BL23_H5_U8
#define U64 BL23_H5_U64
#define F64 BL23_H5_F64
#define TEXT BL23_H5_TEXT

#define SHAPE(...)                                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define ONE SHAPE(0)
#define SAMPLE_TEXT "index of the sample with this value; 2^64 - 1 if there is none"

/* Rows of the list below; HEAD is an attribute that is kept in struct bl23_survey_head. */
#define DATASET(path, kind, shape, scales, unit, text, use, ...)                                   \
    {                                                                                              \
        path, NULL, kind, shape, scales, unit, text, BL23_USE_##use, __VA_ARGS__                   \
    }
#define ATTRIBUTE(path, name, kind, shape, text, use, ...)                                         \
    {                                                                                              \
        path, name, kind, shape, NULL, NULL, text, BL23_USE_##use, __VA_ARGS__                     \
    }
#define HEAD(path, name, kind, text, field)                                                        \
    ATTRIBUTE(path, name, kind, ONE, text, HEAD, NULL, offsetof(struct bl23_survey_head, field))

/* Where values stand: a member of a struct per mass, or of the results. */
#define KNOT(field) of_knot, offsetof(struct bl23_knot, field)
#define LOOPS(field) of_loop_table, offsetof(struct bl23_loop_table, field)
#define CONSTRAINT(field) of_constraint_shown, offsetof(struct bl23_constraint_shown, field)
#define CONSTRAINT_TEXT(field) constraint_text, offsetof(struct bl23_constraint_shown, field)
#define LIMIT(side) limit_of_constraint, offsetof(struct bl23_interval, side)
#define CURVE_ROW(field) of_curve_row, offsetof(struct bl23_curve_row, field)
#define RANGE(field) of_range, offsetof(struct bl23_range, field)
#define COVER(field) of_cover, offsetof(struct bl23_cover_row, field)
#define CALL(field) of_call, offsetof(struct bl23_call, field)
#define PER_MASS(field) of_mass, offsetof(struct bl23_knot_counts, field)
#define PER_CONSTRAINT(field) of_constraint, offsetof(struct bl23_knot_counts, field)
#define LABELS(list) label_of, offsetof(struct label_lists, list)
#define PROFILE(field) profile_of_axis, offsetof(struct bl23_extremum, field)
#define PROFILE_2D(field) profile_of_pair, offsetof(struct bl23_extremum, field)
#define EXTREMUM(set, side, field)                                                                 \
    of_extremum, offsetof(struct bl23_tallies, extremum[set][0][side].field)

struct bl23_layout_row const bl23_layout_rows[] = {
    HEAD("/", "format", TEXT, "`bl23-survey`", format),
    HEAD("/", "format_version", U64, "version of this format; bl23 reads only this one",
         format_version),
    HEAD("/", "seed", U64, "seed of the random numbers", seed),
    HEAD("/", "samples", U64, "number of samples drawn: those of `/ranges`", samples),
    HEAD("/", "survey_samples", U64,
         "samples of the whole survey, as in its configuration; more than `samples` if `complete` "
         "is "
         "0",
         survey_samples),
    HEAD("/", "sampling", U64,
         "version of the sampling: of random numbers, amplitudes and verdict; bl23 reads only its "
         "own",
         sampling),
    HEAD("/", "passed", U64, "samples that meet all constraints: the survivors", passed),
    HEAD("/", "passed_1sigma", U64, "survivors that also meet the 1-sigma bands", passed_1sigma),
    HEAD("/", "stored", U64, "number of survivors in `/survivors`: S", stored),
    HEAD("/", "nearest", U64, "number of samples in `/nearest`: K", nearest),
    HEAD("/", "store", TEXT, "what is stored of a survivor: `records`, `index` or `none`", store),
    HEAD("/", "sigma", U64, "level of the bands, 1 or 2 sigma", sigma),
    HEAD("/", "config_hash", TEXT,
         "XXH3 over two hashes, the XXH3 of the YAML text in `/config` and `model_hash`; 16 "
         "hexadecimal digits",
         config_hash),
    HEAD("/", "model_hash", TEXT,
         "XXH3 of `/tables/model` and, with `draw: cover`, of the cells of `/cover` behind it as "
         "the kernels read them; 16 hexadecimal digits",
         model_hash),
    HEAD("/", "complete", U64,
         "1 in a finished survey; 0 where only some of its samples are there, as `bl23 merge "
         "--partial` writes it",
         complete),
    HEAD("/", "content_hash", TEXT,
         "XXH3 of everything that bl23 wrote but `/provenance`, as above; 32 hexadecimal digits",
         content_hash),

    HEAD("/config", "yaml", TEXT, "the configuration with all defaults filled in", yaml),
    HEAD("/citations", "bibtex", TEXT, "one entry for each source", bibtex),

    HEAD("/constraints", "bibtex", TEXT,
         "the BibTeX entries of constraints of your own; `/citations` has them too", own_bibtex),
    DATASET("/constraints/name", TEXT, SHAPE(C), "name", NULL, "constraints in declared order",
            CHECKED, CONSTRAINT_TEXT(name)),
    DATASET("/constraints/level", TEXT, SHAPE(BL23_LEVELS), "level", NULL, "levels of bands",
            SEALED, LABELS(level_names)),
    DATASET("/constraints/edge", TEXT, SHAPE(2), "edge", NULL, "edges of windows of masses", SEALED,
            LABELS(edge_names)),
    DATASET("/constraints/mass_gev", F64, SHAPE(N), "mass_gev", "GeV", "mass knots", SEALED,
            KNOT(mass_gev)),
    DATASET("/constraints/observable", TEXT, SHAPE(C), "name", NULL,
            "what is limited: a column or `g_bl`", CHECKED, CONSTRAINT_TEXT(observable)),
    DATASET("/constraints/kind", TEXT, SHAPE(C), "name", NULL,
            "`upper` and `curve` are upper limits, `band` has two edges", CHECKED,
            CONSTRAINT_TEXT(kind)),
    DATASET("/constraints/likelihood", TEXT, SHAPE(C), "name", NULL,
            "`split_gauss` from central value and edges; `half_gauss` from upper limit and cl; "
            "`tabulated` from limit, best fit and cl; `none`",
            CHECKED, CONSTRAINT_TEXT(likelihood)),
    DATASET("/constraints/cl", F64, SHAPE(C), "name", "1",
            "confidence level of an upper limit; NaN for a band, and where none is stated", CHECKED,
            CONSTRAINT(cl)),
    DATASET("/constraints/central", F64, SHAPE(C), "name", "1",
            "centre of a band, as its likelihood has it; NaN for upper limits", CHECKED,
            CONSTRAINT(central)),
    DATASET("/constraints/lower", F64, SHAPE(C, BL23_LEVELS, N), "name level mass_gev", "1",
            "lower edge at 1 and 2 sigma at each mass; 0 where there is none", CHECKED, LIMIT(lo)),
    DATASET("/constraints/upper", F64, SHAPE(C, BL23_LEVELS, N), "name level mass_gev", "1",
            "upper edge at 1 and 2 sigma at each mass, divided by BR(Z' -> invisible) where "
            "`invisible` is true; infinite where there is none",
            CHECKED, LIMIT(hi)),
    DATASET("/constraints/window", TEXT, SHAPE(C), "name", NULL,
            "masses at which it applies: `all`, `inside` or `outside` of window_gev, or `near_pi0`",
            CHECKED, CONSTRAINT_TEXT(window)),
    DATASET("/constraints/window_gev", F64, SHAPE(C, 2), "name edge", "GeV",
            "edges of the window; NaN where it applies at all masses", CHECKED,
            CONSTRAINT(window_gev)),
    DATASET("/constraints/covers_gev", F64, SHAPE(C, 2), "name edge", "GeV",
            "smallest and largest mass of the survey at which it has limits; NaN if there is none",
            CHECKED, CONSTRAINT(covers_gev)),
    DATASET("/constraints/invisible", TEXT, SHAPE(C), "name", NULL,
            "whether it limits the rate times BR(Z' -> invisible): `true`, `false` or `not said`",
            CHECKED, CONSTRAINT_TEXT(invisible)),
    DATASET("/constraints/set", TEXT, SHAPE(C), "name", NULL,
            "the shipped set that it is from; `extra`: your own", CHECKED, CONSTRAINT_TEXT(set)),
    DATASET("/constraints/cite", TEXT, SHAPE(C), "name", NULL, "BibTeX keys, separated by commas",
            CHECKED, CONSTRAINT_TEXT(cite)),
    DATASET("/constraints/note", TEXT, SHAPE(C), "name", NULL, "assumptions and origin", CHECKED,
            CONSTRAINT_TEXT(note)),
    DATASET("/constraints/curve", TEXT, SHAPE(C), "name", NULL,
            "name of the file that its curve was read from; empty if there is none", CHECKED,
            CONSTRAINT_TEXT(curve)),
    DATASET("/constraints/row_constraint", U64, SHAPE(ROWS), "row_mass_gev", "1",
            "of each row of a curve: the number of its constraint, from 0", CHECKED,
            CURVE_ROW(constraint)),
    DATASET("/constraints/row_window", U64, SHAPE(ROWS), "row_mass_gev", "1",
            "of each row of a curve: its window; nothing is interpolated between two windows",
            CHECKED, CURVE_ROW(window)),
    DATASET("/constraints/row_mass_gev", F64, SHAPE(ROWS), "row_mass_gev", "GeV",
            "of each row of a curve: its mass", CHECKED, CURVE_ROW(mass_gev)),
    DATASET("/constraints/row_upper", F64, SHAPE(ROWS), "row_mass_gev", "1",
            "of each row of a curve: the limit; its logarithm is interpolated linearly in mass",
            CHECKED, CURVE_ROW(upper)),
    DATASET("/constraints/row_best_fit", F64, SHAPE(ROWS), "row_mass_gev", "1",
            "of each row of a curve: the best fit of a tabulated likelihood, interpolated linearly "
            "in mass; NaN: its curve has none",
            CHECKED, CURVE_ROW(best_fit)),

    HEAD("/provenance", "version", TEXT, "version of bl23", version),
    HEAD("/provenance", "git_revision", TEXT, "commit from which the program was built",
         git_revision),
    HEAD("/provenance", "compiler", TEXT, "compiler and its version", compiler),
    HEAD("/provenance", "flags", TEXT, "flags of the compiler", flags),
    HEAD("/provenance", "backend", TEXT, "`cpu`, `cuda`, or `merge` for parts that were merged",
         backend),
    HEAD("/provenance", "device", TEXT, "name of the processor or GPU", device),
    HEAD("/provenance", "host", TEXT, "name of the machine", host),
    HEAD("/provenance", "start", TEXT, "start of the last call, UTC in ISO 8601", start),
    HEAD("/provenance", "end", TEXT, "end of the last call", end),
    HEAD("/provenance", "wall_s", F64, "duration of the computation in the last call, in seconds",
         wall_s),
    HEAD("/provenance", "samples_per_s", F64, "samples per second in the last call", samples_per_s),
    DATASET("/provenance/version", TEXT, SHAPE(CALLS), "start", NULL, "version of bl23", SEALED,
            CALL(version)),
    DATASET("/provenance/git_revision", TEXT, SHAPE(CALLS), "start", NULL,
            "commit from which the program was built", SEALED, CALL(git_revision)),
    DATASET("/provenance/host", TEXT, SHAPE(CALLS), "start", NULL, "name of the machine", SEALED,
            CALL(host)),
    DATASET("/provenance/backend", TEXT, SHAPE(CALLS), "start", NULL, "`cpu` or `cuda`", SEALED,
            CALL(backend)),
    DATASET("/provenance/device", TEXT, SHAPE(CALLS), "start", NULL,
            "instruction set, or name of the GPU", SEALED, CALL(device)),
    DATASET("/provenance/threads", U64, SHAPE(CALLS), "start", "1", "threads of each process",
            SEALED, CALL(threads)),
    DATASET("/provenance/ranks", U64, SHAPE(CALLS), "start", "1",
            "processes of the call, on all machines", SEALED, CALL(ranks)),
    DATASET("/provenance/start", TEXT, SHAPE(CALLS), "start", NULL,
            "start of the call, UTC in ISO 8601", SEALED, CALL(start)),
    DATASET("/provenance/end", TEXT, SHAPE(CALLS), "start", NULL,
            "when the call had computed the last of these samples", SEALED, CALL(end)),
    DATASET("/provenance/samples", U64, SHAPE(CALLS), "start", "1",
            "samples in the file that the call computed on this machine; their sum is the "
            "attribute `samples` of the file",
            SEALED, CALL(samples)),

    DATASET("/ranges/first", U64, SHAPE(RANGES), "first", "1", "first sample of the range; rising",
            SEALED, RANGE(first)),
    DATASET("/ranges/count", U64, SHAPE(RANGES), "first", "1", "samples in the range", SEALED,
            RANGE(count)),

    DATASET("/tables/mass_gev", F64, SHAPE(N), "mass_gev", "GeV",
            "mass knots; tile i >> 12 of the samples uses knot (i >> 12) mod N, but with `draw: "
            "cover` one by the volumes of the covers",
            VALUES, KNOT(mass_gev)),
    DATASET("/tables/forms", F64, SHAPE(N, BL23_FORMS, BL23_MONOMIALS), "mass_gev form monomial",
            "1", "quadratic forms of the amplitudes in w", VALUES, KNOT(form)),
    DATASET("/tables/kappa", F64, SHAPE(N, BL23_MODES), "mass_gev observable", "1",
            "observable = kappa g^2 s; 0 where a decay is closed", VALUES, KNOT(kappa)),
    DATASET("/tables/weight", F64, SHAPE(N, BL23_WEIGHTS), "mass_gev coupling", "1",
            "weights of |F_V|^2 and |F_A|^2 in widths, and of F_V^2 and F_A^2 in x12", VALUES,
            KNOT(weight)),
    DATASET("/tables/delta_a_mu_per_g2", F64, SHAPE(N), "mass_gev", "1",
            "contribution to the muon's anomalous magnetic moment, divided by g^2", VALUES,
            KNOT(delta_a_mu_per_g2)),
    DATASET("/tables/c_left", F64, SHAPE(N, BL23_CHANNELS, 3, 3, 2), "mass_gev channel i j part",
            "1", "C_L; sign as in the paper", CHECKED, LOOPS(c_left)),
    DATASET("/tables/c_right", F64, SHAPE(N, BL23_CHANNELS, 3, 3, 2), "mass_gev channel i j part",
            "1", "C_R, as c_left", CHECKED, LOOPS(c_right)),
    DATASET("/tables/model", U8, SHAPE(BYTES), "model", "1",
            "the flat model as the kernels read it (struct bl23_model), without its cover or rows, "
            "for bl23 replay",
            WHOLE, byte_of_model, 0),
    DATASET("/tables/form", TEXT, SHAPE(BL23_FORMS), "form", NULL,
            "amplitudes: H_ds, H_db, H_sb, F_V and F_A of the pairs uc, ut and ct, H_ds of K+",
            SEALED, LABELS(form_names)),
    DATASET("/tables/monomial", TEXT, SHAPE(BL23_MONOMIALS), "monomial", NULL,
            "|w1|^2, |w2|^2, |w3|^2, Re and Im of w1* w2, of w1* w3, of w2* w3", SEALED,
            LABELS(monomial_names)),
    DATASET("/tables/observable", TEXT, SHAPE(BL23_MODES), "observable", NULL,
            "observables: columns of /survivors", SEALED, LABELS(mode_names)),
    DATASET("/tables/coupling", TEXT, SHAPE(BL23_WEIGHTS), "coupling", NULL,
            "vector and axial coupling in a decay or in D0 mixing", SEALED, LABELS(weight_names)),
    DATASET("/tables/channel", TEXT, SHAPE(BL23_CHANNELS), "channel", NULL, "transitions", SEALED,
            LABELS(channel_names)),
    DATASET("/tables/i", TEXT, SHAPE(3), "i", NULL, "first up-type quark", SEALED,
            LABELS(quark_names)),
    DATASET("/tables/j", TEXT, SHAPE(3), "j", NULL, "second up-type quark", SEALED,
            LABELS(quark_names)),
    DATASET("/tables/part", TEXT, SHAPE(2), "part", NULL, "real and imaginary part", SEALED,
            LABELS(part_names)),

    ATTRIBUTE("/cutflow", "drawn", U64, ONE,
              "samples that were counted; 0 with `draw: cover`, which has no cut-flow", SUM,
              PER_CONSTRAINT(cutflow_drawn)),
    HEAD("/cutflow", "every", U64, "tile t was counted if floor(t/N) is a multiple of `every`",
         cutflow_every),
    DATASET("/cutflow/name", TEXT, SHAPE(C), "name", NULL, "constraints in declared order", CHECKED,
            CONSTRAINT_TEXT(name)),
    DATASET("/cutflow/mass_gev", F64, SHAPE(N), "mass_gev", "GeV", "mass knots", SEALED,
            KNOT(mass_gev)),
    DATASET("/cutflow/passed", U64, SHAPE(C), "name", "1",
            "samples that pass this constraint and all before it", TOTAL,
            PER_CONSTRAINT(passed_sequentially)),
    DATASET("/cutflow/passed_alone", U64, SHAPE(C), "name", "1",
            "samples that pass this constraint by itself", SUM, PER_CONSTRAINT(passed_alone)),
    DATASET("/cutflow/by_mass", U64, SHAPE(C, N), "name mass_gev", "1",
            "as `passed`, for each mass knot", VALUES, PER_CONSTRAINT(passed_sequentially)),
    DATASET("/cutflow/mass_drawn", U64, SHAPE(N), "mass_gev", "1",
            "all samples drawn at each mass knot", VALUES, PER_MASS(drawn)),
    DATASET("/cutflow/mass_passed", U64, SHAPE(N), "mass_gev", "1",
            "all survivors at each mass knot", VALUES, PER_MASS(passed)),

    DATASET("/histograms/<axis>", U64, SHAPE(B), "<axis>_mid", "1", "survivors in bins of", VALUES,
            of_axis, 1),
    ATTRIBUTE("/histograms/<axis>", "edges", F64, SHAPE(EDGES), "edges of the bins, rising", SEALED,
              edge_of_axis, 0),
    ATTRIBUTE("/histograms/<axis>", "underflow", U64, ONE, "survivors below the first edge", VALUES,
              of_axis, 0),
    ATTRIBUTE("/histograms/<axis>", "overflow", U64, ONE, "survivors above the last edge", VALUES,
              overflow_of_axis, 0),
    DATASET("/histograms/<axis>_mid", F64, SHAPE(B), "<axis>_mid", NULL, "middles of the bins of",
            SEALED, mid_of_axis, 0),
    DATASET("/histograms/<axis>__<axis>", U64, SHAPE(B, B_Y), "<axis>_mid <axis>_mid", "1",
            "survivors in bins of", VALUES, of_pair, 0),
    ATTRIBUTE("/histograms/<axis>__<axis>", "edges_x", F64, SHAPE(EDGES), "edges of the rows",
              SEALED, edge_of_pair, 0),
    ATTRIBUTE("/histograms/<axis>__<axis>", "edges_y", F64, SHAPE(EDGES_Y), "edges of the columns",
              SEALED, edge_of_pair, 1),

    HEAD("/profiles", "likelihoods", U64,
         "constraints that have a likelihood at a mass of the survey", likelihoods),
    DATASET("/profiles/<axis>", F64, SHAPE(B), "<axis>_mid", "1",
            "least chi^2, or infinity, of the samples in bins of", VALUES, PROFILE(value)),
    DATASET("/profiles/<axis>_index", U64, SHAPE(B), "<axis>_mid", "1",
            "its sample, or 2^64 - 1, in bins of", VALUES, PROFILE(index)),
    DATASET("/profiles/<axis>_mid", F64, SHAPE(B), "<axis>_mid", NULL, "middles of the bins of",
            SEALED, mid_of_axis, 0),
    DATASET("/profiles/<axis>__<axis>", F64, SHAPE(B, B_Y), "<axis>_mid <axis>_mid", "1",
            "least chi^2, or infinity, of the samples in bins of", VALUES, PROFILE_2D(value)),
    DATASET("/profiles/<axis>__<axis>_index", U64, SHAPE(B, B_Y), "<axis>_mid <axis>_mid", "1",
            "its sample, or 2^64 - 1, in bins of", VALUES, PROFILE_2D(index)),

    DATASET("/cover/mass_gev", F64, SHAPE(N), "mass_gev", "GeV", "mass knots", SEALED,
            KNOT(mass_gev)),
    DATASET("/cover/cells", U64, SHAPE(N), "mass_gev", "1",
            "cells of each mass that are not discarded", SEALED, COVER(cells)),
    DATASET("/cover/volume_upper", F64, SHAPE(N), "mass_gev", "1",
            "their volume: no larger part of all samples survives", SEALED, COVER(volume_upper)),
    DATASET("/cover/volume_inside", F64, SHAPE(N), "mass_gev", "1",
            "volume of the cells in which every sample survives", SEALED, COVER(volume_inside)),
    DATASET("/cover/nodes", U64, SHAPE(N), "mass_gev", "1", "nodes of the tree of each mass",
            SEALED, COVER(nodes)),
    DATASET("/cover/offset", U64, SHAPE(N), "mass_gev", "1", "its first byte in tree", SEALED,
            COVER(offset)),
    DATASET("/cover/tree", U8, SHAPE(TREES), "tree", "1",
            "the trees, packed: the lowest bits of a byte first, and zeros up to a whole byte",
            WHOLE, byte_of_tree, 0),

    DATASET("/draws/name", TEXT, SHAPE(V), "name", NULL, "inputs that vary", SEALED, name_of_varied,
            0),
    DATASET("/draws/error", F64, SHAPE(V), "name", NULL,
            "error of one sigma, in the unit of the input; of a factor on rates that of its "
            "logarithm",
            SEALED, of_varied, offsetof(struct bl23_draws_shown, error)),
    DATASET("/draws/value", F64, SHAPE(DRAWS, V), "draw name", NULL,
            "value of each input in each draw, in its unit", SEALED, of_draw, 0),
    DATASET("/draws/draw", U64, SHAPE(DRAWS), "draw", "1", "numbers of the draws; 0 is central",
            SEALED, number_of_draw, 0),
    DATASET("/draws/of_knot", U64, SHAPE(N), "mass_gev", "1", "draw of each mass knot", SEALED,
            draw_of_knot, 0),
    DATASET("/draws/mass_gev", F64, SHAPE(N), "mass_gev", "GeV", "mass knots", SEALED,
            KNOT(mass_gev)),

    DATASET("/extrema/name", TEXT, SHAPE(COLUMNS), "name", NULL, "columns of /survivors", CHECKED,
            extremum_name, 0),
    DATASET("/extrema/min", F64, SHAPE(COLUMNS), "name", NULL,
            "smallest value of each column, in its unit, among all survivors; NaN if there is none",
            VALUES, EXTREMUM(0, 0, value)),
    DATASET("/extrema/min_index", U64, SHAPE(COLUMNS), "name", "1", SAMPLE_TEXT, VALUES,
            EXTREMUM(0, 0, index)),
    DATASET("/extrema/max", F64, SHAPE(COLUMNS), "name", NULL,
            "largest value of each column, in its unit, among all survivors; NaN if there is none",
            VALUES, EXTREMUM(0, 1, value)),
    DATASET("/extrema/max_index", U64, SHAPE(COLUMNS), "name", "1", SAMPLE_TEXT, VALUES,
            EXTREMUM(0, 1, index)),
    DATASET("/extrema/min_1sigma", F64, SHAPE(COLUMNS), "name", NULL,
            "smallest value of each column, in its unit, among survivors of level 1; NaN if there "
            "is none",
            VALUES, EXTREMUM(1, 0, value)),
    DATASET("/extrema/min_1sigma_index", U64, SHAPE(COLUMNS), "name", "1", SAMPLE_TEXT, VALUES,
            EXTREMUM(1, 0, index)),
    DATASET("/extrema/max_1sigma", F64, SHAPE(COLUMNS), "name", NULL,
            "largest value of each column, in its unit, among survivors of level 1; NaN if there "
            "is none",
            VALUES, EXTREMUM(1, 1, value)),
    DATASET("/extrema/max_1sigma_index", U64, SHAPE(COLUMNS), "name", "1", SAMPLE_TEXT, VALUES,
            EXTREMUM(1, 1, index)),
};
size_t const bl23_layout_n_rows = sizeof bl23_layout_rows / sizeof bl23_layout_rows[0];

struct bl23_layout_row const *bl23_layout_find(char const *path)
{
    struct bl23_layout_row const *row = bl23_layout_rows;
    while (row->attribute || strcmp(row->path, path) != 0)
        row++;
    return row;
}

bool bl23_layout_has_group(struct bl23_h5_sealed const *group, struct bl23_model const *model)
{
    if (!group->optional)
        return true;
    if (strcmp(group->path, "/cover") == 0)
        return model->cover_bytes > 0;
    return (model->groups &
            (strcmp(group->path, "/draws") == 0 ? BL23_GROUP_DRAWS : BL23_GROUP_CHI2)) != 0;
}

bool bl23_layout_in_group(struct bl23_layout_row const *row, char const *group)
{
    size_t const length = strlen(group);
    return strncmp(row->path, group, length) == 0 &&
           (row->path[length] == '\0' || row->path[length] == '/');
}

/* ---- sizes and names ---- */

void bl23_layout_measure(struct bl23_survey_data *data, struct bl23_model const *model)
{
    data->model = model;
    data->size[-BL23_SIZE_KNOTS] = model->n_knots;
    data->size[-BL23_SIZE_CONSTRAINTS] = model->n_constraints;
    data->size[-BL23_SIZE_MODEL] = bl23_ranked_bytes(model->n_knots, model->groups);
    data->size[-BL23_SIZE_EXTREMA] = bl23_columns_written(model, data->extrema);
}

/* Is the row one for each axis, or one for each pair of axes? */
static bool is_per_axis(struct bl23_layout_row const *row)
{
    return strchr(row->path, '<') != NULL;
}

static bool is_per_pair(struct bl23_layout_row const *row)
{
    return strstr(row->path, "__<") != NULL;
}

size_t bl23_layout_items(struct bl23_layout_row const *row, struct bl23_survey_data const *data)
{
    if (is_per_pair(row))
        return data->reduction->n_histograms_2d;
    return is_per_axis(row) ? BL23_AXES : 1;
}

struct bl23_layout_label bl23_layout_label(struct bl23_layout_row const *row,
                                           struct bl23_survey_data const *data, size_t item)
{
    struct bl23_layout_label label = {.unit = row->unit};
    enum bl23_axis const axis = (enum bl23_axis)item;
    int const before = (int)strcspn(row->path, "<");
    if (is_per_pair(row)) {
        uint64_t const *const pair = data->reduction->histogram_2d[item];
        enum bl23_axis const x = (enum bl23_axis)pair[0], y = (enum bl23_axis)pair[1];
        snprintf(label.path, sizeof label.path, "%.*s%s__%s%s", before, row->path,
                 bl23_axis_name(x), bl23_axis_name(y), strrchr(row->path, '>') + 1);
        snprintf(label.text, sizeof label.text, "%s %s (rows) and %s (columns)", row->text,
                 bl23_axis_text(x), bl23_axis_text(y));
    } else if (is_per_axis(row)) {
        if (!label.unit)
            label.unit = bl23_axis_unit(axis);
        snprintf(label.path, sizeof label.path, "%.*s%s%s", before, row->path, bl23_axis_name(axis),
                 strchr(row->path, '>') + 1);
        snprintf(label.text, sizeof label.text, "%s %s", row->text, bl23_axis_text(axis));
    } else {
        snprintf(label.path, sizeof label.path, "%s", row->path);
        snprintf(label.text, sizeof label.text, "%s", row->text);
    }
    return label;
}

size_t bl23_layout_scales(struct bl23_layout_row const *row, struct bl23_survey_data const *data,
                          size_t item, struct bl23_h5_scale_link *links)
{
    struct bl23_layout_label const label = bl23_layout_label(row, data, item);
    int const group = (int)(strrchr(label.path, '/') - label.path);
    size_t n = 0;
    for (char const *name = row->scales; name; n++) {
        int const length = (int)strcspn(name, " ");
        uint64_t const axis = is_per_pair(row) ? data->reduction->histogram_2d[item][n] : item;
        links[n].number = (uint32_t)n;
        snprintf(links[n].set, sizeof links[n].set, "%s", label.path);
        if (name[0] == '<')
            snprintf(links[n].scale, sizeof links[n].scale, "%.*s/%s_mid", group, label.path,
                     bl23_axis_name((enum bl23_axis)axis));
        else
            snprintf(links[n].scale, sizeof links[n].scale, "%.*s/%.*s", group, label.path, length,
                     name);
        name = name[length] ? name + length + 1 : NULL;
    }
    return n;
}

/* Bins of the axis of an item, or of its rows or columns. */
static hsize_t bins_of(struct bl23_layout_row const *row, struct bl23_survey_data const *data,
                       size_t item, int side)
{
    struct bl23_reduction const *const r = data->reduction;
    return r->bins[is_per_pair(row) ? r->histogram_2d[item][side] : item];
}

static hsize_t size_of(struct bl23_layout_row const *row, struct bl23_survey_data const *data,
                       size_t item, int dim)
{
    switch (dim) {
    case BL23_SIZE_BINS:
    case BL23_SIZE_EDGES:
        return bins_of(row, data, item, 0) + (dim == BL23_SIZE_EDGES);
    case BL23_SIZE_BINS_Y:
    case BL23_SIZE_EDGES_Y:
        return bins_of(row, data, item, 1) + (dim == BL23_SIZE_EDGES_Y);
    default:
        return dim > 0 ? (hsize_t)dim : data->size[-dim];
    }
}

struct bl23_h5_form bl23_layout_form(struct bl23_layout_row const *row,
                                     struct bl23_survey_data const *data, size_t item)
{
    struct bl23_h5_form form = {.kind = row->kind};
    for (; form.rank < BL23_H5_RANK_MAX && row->dims[form.rank] != 0; form.rank++)
        form.dims[form.rank] = size_of(row, data, item, row->dims[form.rank]);
    return form;
}

size_t bl23_layout_members(char const *group, struct bl23_survey_data const *data)
{
    size_t members = 0;
    for (size_t k = 0; k < bl23_layout_n_rows; k++)
        if (!bl23_layout_rows[k].attribute && bl23_layout_in_group(&bl23_layout_rows[k], group))
            members += bl23_layout_items(&bl23_layout_rows[k], data);
    return members;
}
