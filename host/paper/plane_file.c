/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/paper/plane_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/config/citations.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/output/hdf5_write.h"
#include "kernels/sample/error.h"
#include "kernels/sample/record.h"
#include "version.h"

#define PLANE_FORMAT "bl23-plane"
enum { PLANE_FORMAT_VERSION = 1 };

static double const ctau_m[BL23_CTAUS] = BL23_CTAU_LIST_M;

/* Whose edges are asked for. */
enum source { SOURCE_CONSTRAINT, SOURCE_OVERLAY, SOURCE_ALLOWED };

static struct bl23_interval edges(struct bl23_plane const *p, enum source source, size_t c,
                                  int level, size_t k)
{
    if (source == SOURCE_ALLOWED)
        return bl23_plane_allowed(p, level, k);
    return source == SOURCE_OVERLAY ? bl23_plane_overlay(p, level, c, k)
                                    : bl23_plane_limit(p, level, c, k);
}

/* The two sources that are lists. */
static struct bl23_constraints const *list_of(struct bl23_plane const *p, enum source source)
{
    return source == SOURCE_OVERLAY ? &p->overlays : &p->config->constraints;
}

/* g_min and g_max of GROUP: [2, N], rows 1 and 2 sigma. */
static void write_edges(struct bl23_h5 *h5, struct bl23_plane const *p, char const *group,
                        enum source source, size_t c)
{
    static char const *const names[2] = {"g_min", "g_max"};
    static char const *const texts[2] = {
        "smallest g_B-L that it allows, at 1 and at 2 sigma; 0 without a lower edge",
        "largest g_B-L that it allows, at 1 and at 2 sigma; infinite without a limit"};
    size_t const n = p->model->n_knots;
    double *const data = calloc(BL23_LEVELS * n, sizeof *data);
    h5->ok = h5->ok && data;
    for (int edge = 0; edge < 2 && data; edge++) {
        char path[160];
        for (int level = 0; level < BL23_LEVELS; level++)
            for (size_t k = 0; k < n; k++) {
                struct bl23_interval const g = edges(p, source, c, level, k);
                data[(size_t)level * n + k] = edge ? g.hi : g.lo;
            }
        snprintf(path, sizeof path, "%s/%s", group, names[edge]);
        bl23_h5_matrix(h5, (struct bl23_h5_label){path, "1", texts[edge]}, BL23_LEVELS, n, data);
    }
    free(data);
}

static void write_list(struct bl23_h5 *h5, struct bl23_plane const *p, char const *root,
                       enum source source)
{
    struct bl23_constraints const *const list = list_of(p, source);
    bl23_h5_group(h5, root);
    for (size_t c = 0; c < list->size; c++) {
        struct bl23_constraint const *const item = &list->item[c];
        char path[128];
        snprintf(path, sizeof path, "%s/%s", root, item->name);
        bl23_h5_group(h5, path);
        bl23_h5_u64(h5, path, "order", c);
        bl23_h5_text(h5, path, "observable", bl23_observable_name(item->observable));
        bl23_h5_text(h5, path, "kind", item->kind == BL23_BAND ? "band" : "limit");
        bl23_h5_f64(h5, path, "cl", item->confidence_level);
        bl23_h5_text(h5, path, "cite", item->cite);
        bl23_h5_text(h5, path, "note", item->note);
        write_edges(h5, p, path, source, c);
    }
}

/* One value per mass, made by of(plane, which, k). */
static void write_column(struct bl23_h5 *h5, struct bl23_plane const *p, struct bl23_h5_label label,
                         double (*of)(struct bl23_plane const *, int, size_t), int which)
{
    size_t const n = p->model->n_knots;
    double *const data = calloc(n, sizeof *data);
    h5->ok = h5->ok && data;
    for (size_t k = 0; data && k < n; k++)
        data[k] = of(p, which, k);
    bl23_h5_doubles(h5, label, n, data);
    free(data);
}

static double mass_of(struct bl23_plane const *p, int which, size_t k)
{
    (void)which;
    return p->model->knot[k].mass_gev;
}

static double amplitude_of(struct bl23_plane const *p, int which, size_t k)
{
    double h[BL23_FORMS];
    bl23_plane_amplitudes(p, k, h);
    return h[which];
}

static double contour_of(struct bl23_plane const *p, int which, size_t k)
{
    return bl23_plane_ctau_g(&p->config->inputs, ctau_m[which], p->model->knot[k].mass_gev);
}

static void write_contours_and_amplitudes(struct bl23_h5 *h5, struct bl23_plane const *p)
{
    char path[64];
    bl23_h5_group(h5, "/contours");
    for (int c = 0; c < BL23_CTAUS; c++) {
        snprintf(path, sizeof path, "/contours/ctau_%d", c);
        write_column(h5, p, (struct bl23_h5_label){path, "1", "g_B-L at which the Z' flies ctau_m"},
                     contour_of, c);
        bl23_h5_f64(h5, path, "ctau_m", ctau_m[c]);
    }
    bl23_h5_group(h5, "/amplitudes");
    for (int r = 0; bl23_column_forms((unsigned)p->model->groups) >> r & 1u; r++) {
        int const column = BL23_COLUMN_h_ds_re + r;
        snprintf(path, sizeof path, "/amplitudes/%s", bl23_column_name(column));
        write_column(h5, p, (struct bl23_h5_label){path, "1", bl23_column_text(column)},
                     amplitude_of, r);
    }
}

static enum bl23_status write_texts(struct bl23_h5 *h5, struct bl23_plane const *p,
                                    struct bl23_error *error)
{
    char *yaml = NULL, *bibtex = NULL;
    enum bl23_status status = bl23_config_text(p->config, &yaml, error);
    if (status == BL23_OK)
        status = bl23_citations_collect(p->config, &bibtex, error);
    if (status == BL23_OK) {
        bl23_h5_group(h5, "/config");
        bl23_h5_text(h5, "/config", "yaml", yaml);
        bl23_h5_group(h5, "/citations");
        bl23_h5_text(h5, "/citations", "bibtex", bibtex);
    }
    free(yaml);
    free(bibtex);
    return status;
}

static void write_root(struct bl23_h5 *h5, struct bl23_plane const *p)
{
    struct bl23_inputs const *const inputs = &p->config->inputs;
    bl23_h5_text(h5, "/", "format", PLANE_FORMAT);
    bl23_h5_u64(h5, "/", "format_version", PLANE_FORMAT_VERSION);
    bl23_h5_u64(h5, "/", "scenario", (uint64_t)p->scenario);
    bl23_h5_u64(h5, "/", "sigma", (uint64_t)p->config->sigma);
    bl23_h5_text(h5, "/", "inputs", inputs->preset);
    bl23_h5_text(h5, "/", "form_factors", bl23_form_factors_name(inputs->form_factors));
    if (p->scenario == BL23_SCENARIO_II) {
        bl23_h5_f64s(h5, "/", "w_abs", p->model->w.abs, 3);
        bl23_h5_f64s(h5, "/", "w_phase", p->model->w.phase, 3);
    }
    bl23_h5_group(h5, "/provenance");
    bl23_h5_text(h5, "/provenance", "version", BL23_VERSION);
    bl23_h5_text(h5, "/provenance", "git_revision", BL23_GIT_REVISION);
    bl23_h5_text(h5, "/provenance", "compiler", BL23_COMPILER);
    bl23_h5_text(h5, "/provenance", "flags", BL23_FLAGS);
}

enum bl23_status bl23_plane_write_h5(struct bl23_plane const *p, char const *path,
                                     struct bl23_error *error)
{
    struct bl23_temporary temporary;
    struct bl23_h5 h5;
    BL23_TRY(bl23_temporary_make(path, &temporary, error));
    bl23_h5_create(&h5, temporary.name);
    write_root(&h5, p);
    enum bl23_status status = write_texts(&h5, p, error);
    write_column(&h5, p, (struct bl23_h5_label){"/mass_gev", "GeV", "mass of the Z'"}, mass_of, 0);
    write_list(&h5, p, "/constraints", SOURCE_CONSTRAINT);
    write_list(&h5, p, "/overlays", SOURCE_OVERLAY);
    bl23_h5_group(&h5, "/allowed");
    write_edges(&h5, p, "/allowed", SOURCE_ALLOWED, 0);
    write_contours_and_amplitudes(&h5, p);
    status = bl23_h5_close(&h5, temporary.name, status, error);
    return bl23_temporary_finish(&temporary, status, error);
}

#define NUMBER(value) bl23_dd_print_shortest(bl23_dd(value), (char[32]){0}, 32)

/* A band has four columns, a limit one. */
static void print_csv_head(FILE *f, char const *name, bool band)
{
    if (!band)
        fprintf(f, ",%s_g_max", name);
    for (int level = 0; band && level < BL23_LEVELS; level++)
        fprintf(f, ",%s_g_min_%dsigma,%s_g_max_%dsigma", name, level + 1, name, level + 1);
}

static void print_csv_cells(FILE *f, struct bl23_plane const *p, enum source source, size_t c,
                            size_t k)
{
    bool const band = source == SOURCE_ALLOWED || list_of(p, source)->item[c].kind == BL23_BAND;
    if (!band)
        fprintf(f, ",%s", NUMBER(edges(p, source, c, 0, k).hi));
    for (int level = 0; band && level < BL23_LEVELS; level++) {
        struct bl23_interval const g = edges(p, source, c, level, k);
        fprintf(f, ",%s,%s", NUMBER(g.lo), NUMBER(g.hi));
    }
}

static void print_csv(FILE *f, struct bl23_plane const *p)
{
    struct bl23_constraints const *const lists[2] = {list_of(p, SOURCE_CONSTRAINT),
                                                     list_of(p, SOURCE_OVERLAY)};
    fprintf(f, "mass_gev");
    for (int l = 0; l < 2; l++)
        for (size_t c = 0; c < lists[l]->size; c++)
            print_csv_head(f, lists[l]->item[c].name, lists[l]->item[c].kind == BL23_BAND);
    print_csv_head(f, "allowed", true);
    for (int c = 0; c < BL23_CTAUS; c++)
        fprintf(f, ",ctau_%g_m_g", ctau_m[c]);
    for (size_t k = 0; k < p->model->n_knots; k++) {
        fprintf(f, "\n%s", NUMBER(mass_of(p, 0, k)));
        for (int l = 0; l < 2; l++)
            for (size_t c = 0; c < lists[l]->size; c++)
                print_csv_cells(f, p, l ? SOURCE_OVERLAY : SOURCE_CONSTRAINT, c, k);
        print_csv_cells(f, p, SOURCE_ALLOWED, 0, k);
        for (int c = 0; c < BL23_CTAUS; c++)
            fprintf(f, ",%s", NUMBER(contour_of(p, c, k)));
    }
    fputc('\n', f);
}

enum bl23_status bl23_plane_write_csv(struct bl23_plane const *p, char const *path,
                                      struct bl23_error *error)
{
    char *text = NULL;
    size_t size = 0;
    FILE *const f = open_memstream(&text, &size);
    if (f)
        print_csv(f, p);
    if (!f || fclose(f) != 0) {
        free(text);
        return bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", path);
    }
    enum bl23_status const status = bl23_file_replace(path, text, size, error);
    free(text);
    return status;
}

static json_t *edges_json(struct bl23_plane const *p, enum source source, size_t c)
{
    static char const *const names[BL23_LEVELS][2] = {{"g_min_1sigma", "g_max_1sigma"},
                                                      {"g_min_2sigma", "g_max_2sigma"}};
    json_t *const object = json_object();
    for (int level = 0; level < BL23_LEVELS; level++) {
        json_t *const lo = json_array(), *const hi = json_array();
        for (size_t k = 0; k < p->model->n_knots; k++) {
            struct bl23_interval const g = edges(p, source, c, level, k);
            json_array_append_new(lo, bl23_json_number(g.lo));
            json_array_append_new(hi, bl23_json_number(g.hi));
        }
        json_object_set_new(object, names[level][0], lo);
        json_object_set_new(object, names[level][1], hi);
    }
    return object;
}

static json_t *list_json(struct bl23_plane const *p, enum source source)
{
    struct bl23_constraints const *const list = list_of(p, source);
    json_t *const array = json_array();
    for (size_t c = 0; c < list->size; c++) {
        json_t *const item = edges_json(p, source, c);
        json_object_set_new(item, "name", json_string(list->item[c].name));
        json_object_set_new(item, "observable",
                            json_string(bl23_observable_name(list->item[c].observable)));
        json_object_set_new(item, "kind",
                            json_string(list->item[c].kind == BL23_BAND ? "band" : "limit"));
        json_object_set_new(item, "cite", json_string(list->item[c].cite));
        json_array_append_new(array, item);
    }
    return array;
}

static json_t *column_json(struct bl23_plane const *p,
                           double (*of)(struct bl23_plane const *, int, size_t), int which)
{
    json_t *const list = json_array();
    for (size_t k = 0; k < p->model->n_knots; k++)
        json_array_append_new(list, bl23_json_number(of(p, which, k)));
    return list;
}

json_t *bl23_plane_json(struct bl23_plane const *p)
{
    json_t *const contours = json_array();
    for (int c = 0; c < BL23_CTAUS; c++)
        json_array_append_new(contours, json_pack("{s:f, s:o}", "ctau_m", ctau_m[c], "g",
                                                  column_json(p, contour_of, c)));
    return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "scenario", (int)p->scenario,
                     "inputs", p->config->inputs.preset, "form_factors",
                     bl23_form_factors_name(p->config->inputs.form_factors), "mass_gev",
                     column_json(p, mass_of, 0), "constraints", list_json(p, SOURCE_CONSTRAINT),
                     "overlays", list_json(p, SOURCE_OVERLAY), "allowed",
                     edges_json(p, SOURCE_ALLOWED, 0), "contours", contours);
}
