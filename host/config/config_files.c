/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The user's own constraints and the files that they name: curves and BibTeX.
 *
 * A file is read once, when its survey begins. From then on its content stands in the resolved
 * configuration (`curve_rows`, `bibtex`), which the run folder and the output hold. So a survey is
 * resumed, extended, merged and run again also after the file has changed or is gone: what was
 * stored counts, and the user is told where the file differs. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config/config_loading.h"
#include "host/config/shipped_surveys.h"
#include "host/io/file_io.h"
#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"
#include "tables/base/embedded.h"
#include "tables/limits/bibtex.h"

enum { FILE_BYTES_MAX = 16 << 20 };

/* ---- notes ---- */

/* Add a line to the notes. One that finds no memory is left out. */
__attribute__((format(printf, 2, 3))) static void note(struct bl23_loading *l, char const *format,
                                                       ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    size_t const used = l->config->notes ? strlen(l->config->notes) : 0;
    char *const longer = realloc(l->config->notes, used + strlen(line) + 2);
    if (!longer)
        return;
    sprintf(longer + used, "%s\n", bl23_text_make_printable(line));
    l->config->notes = longer;
}

static char const *item_name(struct bl23_loading *l)
{
    char const *const name = bl23_yaml_text(bl23_loading_find(l, l->item, "name"));
    return name ? name : "";
}

/* ---- what was stored ---- */

static char const *output_name(struct bl23_loading *l)
{
    bl23_yaml_node *const root = yaml_document_get_root_node(&l->yaml.document);
    bl23_yaml_node *const output = bl23_loading_find(l, root, "output");
    char const *const name = bl23_yaml_text(bl23_loading_find(l, output, "file"));
    return l->store->output ? l->store->output : name ? name : l->config->output;
}

static void look_for_stored(struct bl23_loading *l)
{
    char from[BL23_STORE_NAME_SIZE];
    l->looked = true;
    char *const yaml = l->store ? l->store->find(l->store, output_name(l), from) : NULL;
    l->has_stored = yaml && bl23_yaml_parse(from, yaml, strlen(yaml), &l->stored, NULL) == BL23_OK;
    free(yaml);
}

/* The value of a key of the constraint as it was stored; NULL if it was not. */
static bl23_yaml_node *find_stored(struct bl23_loading *l, char const *key)
{
    if (!l->looked)
        look_for_stored(l);
    if (!l->has_stored)
        return NULL;
    bl23_yaml_node *const root = yaml_document_get_root_node(&l->stored.document);
    bl23_yaml_node *const extra =
        bl23_yaml_find(&l->stored, bl23_yaml_find(&l->stored, root, "constraints"), "extra");
    for (size_t k = 0; k < bl23_yaml_length(extra); k++) {
        bl23_yaml_node *const item = bl23_yaml_item(&l->stored, extra, k);
        char const *const name = bl23_yaml_text(bl23_yaml_find(&l->stored, item, "name"));
        if (name && strcmp(name, item_name(l)) == 0)
            return bl23_yaml_find(&l->stored, item, key);
    }
    return NULL;
}

void bl23_loading_free_files(struct bl23_loading *l)
{
    if (l->has_stored)
        bl23_yaml_free(&l->stored);
    l->has_stored = false;
}

/* ---- files ---- */

void bl23_config_locate(struct bl23_config const *config, char const *name,
                        char path[2 * BL23_PATH_SIZE])
{
    char folder[BL23_PATH_SIZE];
    bl23_path_folder(config->path, folder, sizeof folder);
    bool const here = strcmp(folder, ".") == 0 && name[0] != '-'; /* "-" is stdin to some */
    bool const as_it_is = name[0] == '/' || here;
    snprintf(path, 2 * (size_t)BL23_PATH_SIZE, "%s%s%s", as_it_is ? "" : folder,
             as_it_is ? "" : "/", name);
}

static enum bl23_status read_whole(struct bl23_loading const *l, char const *path, char **text,
                                   size_t *length, struct bl23_error *error)
{
    return l->apart ? bl23_file_read_apart(path, FILE_BYTES_MAX, text, length, error)
                    : bl23_file_read(path, FILE_BYTES_MAX, text, length, error);
}

enum { ROW_SIZE = 120 };

/* Mass, limit and perhaps best fit of row k of a curve, as a CSV file has them. */
static char const *row_text(struct bl23_curve const *c, size_t k, char text[ROW_SIZE])
{
    char mass[32], upper[32], best_fit[32] = "";
    if (k >= c->size)
        return "nothing";
    bl23_dd_print_shortest(c->mass_gev[k], mass, sizeof mass);
    bl23_dd_print_shortest(bl23_dd(c->upper[k]), upper, sizeof upper);
    if (c->has_best_fit)
        bl23_dd_print_shortest(c->best_fit[k], best_fit, sizeof best_fit);
    snprintf(text, ROW_SIZE, "%s,%s%s%s", mass, upper, c->has_best_fit ? "," : "", best_fit);
    return text;
}

/* Say whether the file of a curve, which is in `text`, differs from the curve that is used. */
static void compare_curve(struct bl23_loading *l, char const *path, char const *text, size_t length,
                          struct bl23_curve const *used, char const *from, char const *advice)
{
    struct bl23_curve curve;
    struct bl23_error why = {BL23_OK, ""};
    char in_file[ROW_SIZE], in_use[ROW_SIZE];
    size_t row;
    if (bl23_curve_parse(path, text, length, &curve, &why) != BL23_OK) {
        note(l, "constraint %s uses the curve in %s, and not %s, which is no curve now (%s)",
             item_name(l), from, path, why.text);
        return;
    }
    if (!bl23_curve_same(&curve, used, &row))
        note(l,
             "constraint %s uses the curve in %s, and not %s, which has changed since (row %zu is "
             "%s, and was %s); %s",
             item_name(l), from, path, row + 1, row_text(&curve, row, in_file),
             row_text(used, row, in_use), advice);
    bl23_curve_free(&curve);
}

/* The same of BibTeX. */
static void compare_bibtex(struct bl23_loading *l, char const *path, char const *text,
                           char const *used, char const *from, char const *advice)
{
    struct bl23_bibtex_entry entry;
    char const *const end = used + strlen(used);
    while (bl23_bibtex_next(&used, end, &entry)) {
        char *const whole = strndup(entry.whole.text, entry.whole.length);
        if (whole && !strstr(text, whole))
            note(l,
                 "constraint %s uses the BibTeX entry %.*s in %s, and not that of %s, which has "
                 "changed since; %s",
                 item_name(l), (int)entry.key.length, entry.key.text, from, path, advice);
        free(whole);
    }
}

/* The rows of a stored curve as CSV. */
static enum bl23_status rows_as_csv(struct bl23_curve const *c, char **text, size_t *length,
                                    struct bl23_error *error)
{
    char row[ROW_SIZE];
    FILE *const f = open_memstream(text, length);
    if (!f)
        return bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for a curve");
    fprintf(f, "window,m_gev,upper%s\n", c->has_best_fit ? ",best_fit" : "");
    for (size_t k = 0; k < c->size; k++)
        fprintf(f, "%d,%s\n", c->window[k], row_text(c, k, row));
    return fclose(f) == 0 ? BL23_OK
                          : bl23_fail(error, BL23_ERROR_MEMORY, "out of memory for a curve");
}

/* Give the stored value of a key as the text of its file would be, and compare it with that file,
 * where `file` is not NULL. */
static enum bl23_status use_stored(struct bl23_loading *l, char const *path, char const *file,
                                   size_t file_length, bl23_yaml_node *stored, char **text,
                                   size_t *length, struct bl23_error *error)
{
    static char const advice[] = "to use the file, choose another output, or --force";
    char const *const from = l->stored.name;
    char const *const bibtex = bl23_yaml_text(stored);
    if (!file)
        note(l, "constraint %s uses what is stored in %s, because %s cannot be read", item_name(l),
             from, path);
    if (bibtex) {
        if (file)
            compare_bibtex(l, path, file, bibtex, from, advice);
        *text = strdup(bibtex);
        *length = strlen(bibtex);
        return *text ? BL23_OK : bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", path);
    }
    struct bl23_curve curve;
    BL23_TRY(bl23_constraint_read_rows(&l->stored, stored, &curve, error));
    if (file)
        compare_curve(l, path, file, file_length, &curve, from, advice);
    enum bl23_status const status = rows_as_csv(&curve, text, length, error);
    bl23_curve_free(&curve);
    return status;
}

/* Reads a file that a constraint names: bl23_file_source. The name of a shipped curve, without
 * folder, needs no file. */
static enum bl23_status read_user_file(void *context, char const *key, char const *name,
                                       char **text, size_t *length, struct bl23_error *error)
{
    struct bl23_loading *const l = context;
    struct bl23_error unread = {BL23_OK, ""};
    char path[2 * BL23_PATH_SIZE], *file = NULL;
    size_t file_length = 0;
    bl23_yaml_node *const stored = find_stored(l, strcmp(key, "curve") == 0 ? "curve_rows" : key);
    bl23_config_locate(l->config, name, path);
    bool const shipped = l->config->path[0] == BL23_SHIPPED_MARK;
    if (bl23_embedded_find(name) && (shipped || !bl23_path_exists(path)))
        return bl23_embedded_read(name, text, length, error);
    enum bl23_status status = read_whole(l, path, &file, &file_length, stored ? &unread : error);
    if (!stored || (status == BL23_OK && l->store->prefers_files)) {
        *text = file;
        *length = file_length;
        return status;
    }
    status = use_stored(l, path, status == BL23_OK ? file : NULL, file_length, stored, text, length,
                        error);
    free(file);
    return status;
}

/* The rows in the configuration count. If the file that they are from is still there, compare. */
static void compare_rows(struct bl23_loading *l, struct bl23_constraint const *c)
{
    char path[2 * BL23_PATH_SIZE], *text;
    size_t length;
    bl23_config_locate(l->config, c->curve_name, path);
    if (!bl23_path_exists(path) || read_whole(l, path, &text, &length, NULL) != BL23_OK)
        return;
    compare_curve(l, path, text, length, &c->curve, l->yaml.name,
                  "to use the file, remove the key curve_rows");
    free(text);
}

enum bl23_status bl23_loading_extra(struct bl23_loading *l, struct bl23_value const *value,
                                    bl23_yaml_node *node)
{
    (void)value;
    struct bl23_file_source const source = {read_user_file, l};
    struct bl23_constraints *const list = &l->config->constraints;
    l->config->n_extra++;
    l->item = node;
    BL23_TRY(bl23_constraints_add_yaml(list, &l->yaml, node, source, l->error));
    struct bl23_constraint const *const added = &list->item[list->size - 1];
    if (bl23_loading_find(l, node, "curve_rows") && added->curve_name[0])
        compare_rows(l, added);
    return BL23_OK;
}
