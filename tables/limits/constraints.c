/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/limits/constraints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/error.h"
#include "kernels/sample/plain_text.h"
#include "kernels/sample/record.h"
#include "tables/base/embedded.h"
#include "tables/base/words.h"
#include "tables/limits/bibtex.h"
#include "tables/physics/rates.h"

#define BRANCHING "branching ratio of " /* what the text of every decay begins with */

static struct {
    char const *name;
    enum bl23_quantity quantity;
    char const *text;
} const observables[BL23_OBSERVABLES] = {
#define ROW(name, unit, text, quantity) {#name, BL23_QUANTITY_##quantity, text},
    BL23_MODE_LIST(ROW)
#undef ROW
        {"delta_a_mu", BL23_QUANTITY_G2, "Delta a_mu"},
    {"g_bl", BL23_QUANTITY_G, "g_B-L"},
};

/* The dated sets that have a short name, and the short names: these move to the next year's set. */
#define ALIAS_LIST(X)                                                                              \
    X(world_2026, current)                                                                         \
    X(charm_known_2026, charm_known)                                                               \
    X(charm_loose_2026, charm_loose)                                                               \
    X(charm_searches_2026, charm_searches)                                                         \
    X(charm_mixing_2026, charm_mixing)                                                             \
    X(top_2026, top)

#define SET(set, alias) " " #set
#define SHOWN(set, alias) " " #set " (" #alias ")"
#define WORDS(set, alias) " " #set " " #alias
#define WITHOUT_ALIAS "paper2020 b_invisible_2021 world_2025"
char const bl23_constraint_set_names[] = WITHOUT_ALIAS ALIAS_LIST(SET);
char const bl23_constraint_sets_shown[] = WITHOUT_ALIAS ALIAS_LIST(SHOWN);
char const bl23_constraint_set_words[] = WITHOUT_ALIAS ALIAS_LIST(WORDS);
#undef SET
#undef SHOWN
#undef WORDS

struct bl23_set_alias const bl23_set_aliases[] = {
#define ROW(set, alias) {#alias, #set},
    ALIAS_LIST(ROW)
#undef ROW
        {NULL, NULL}};

enum { BIBTEX_TEXT_SIZE = 1 << 20 };

#define POSITIVE .kind = BL23_VALUE_NUMBER, .smallest = 1e-100, .largest = 1e100
#define SIGNED(low, high) .kind = BL23_VALUE_NUMBER, .smallest = (low), .largest = (high)
#define EDGES(low, high)                                                                           \
    .kind = BL23_VALUE_LIST, .smallest = 2, .largest = 2, BL23_VALUE_PART(SIGNED(low, high))
#define TEXT(size) .kind = BL23_VALUE_TEXT, .smallest = 1, .largest = (size)-1
#define WORD(name, ...) " " #name

static struct bl23_value const constraint_rows[] = {
    {.key = "name",
     TEXT(BL23_NAME_SIZE),
     .pattern = "^(?!\\.+$)[A-Za-z0-9_+.-]+$",
     .required = true,
     .text = "a name that no other constraint has"},
    {.key = "observable",
     .kind = BL23_VALUE_WORD,
     .words = BL23_MODE_LIST(WORD) " delta_a_mu g_bl",
     .required = true,
     .text = "what it limits"},
    {.key = "upper", POSITIVE, .text = "an upper limit, a plain number"},
    {.key = "curve",
     TEXT(BL23_NAME_SIZE),
     .text = "a CSV file with an upper limit against mass, relative to the folder of the "
             "configuration"},
    {.key = "curve_rows",
     .kind = BL23_VALUE_LIST,
     .smallest = 1,
     .largest = BL23_CURVE_ROWS_MAX,
     BL23_VALUE_PART(.kind = BL23_VALUE_LIST, .smallest = 2, .largest = 4,
                     BL23_VALUE_PART(SIGNED(-1e100, 1e100))),
     .text = "the curve itself, in rows [mass, limit], [window, mass, limit] or [window, mass, "
             "limit, best fit]"},
    {.key = "band_1sigma", EDGES(-DBL_MAX, DBL_MAX), .text = "the band of one sigma"},
    {.key = "band_2sigma", EDGES(-DBL_MAX, DBL_MAX), .text = "the band of two sigma, around it"},
    {.key = "central",
     SIGNED(-1e100, 1e100),
     .text = "a measurement; beside bands their centre, which a fit uses: without it, the middle "
             "of band_1sigma"},
    {.key = "sigma", POSITIVE, .text = "the error of a measurement"},
    {.key = "cl",
     .kind = BL23_VALUE_NUMBER,
     .smallest = 1e-6,
     .largest = 1.0 - 1e-9,
     .text = "confidence level of a limit, which chi^2 uses; it changes no cut"},
    {.key = "likelihood",
     .kind = BL23_VALUE_WORD,
     .words = "none split_gauss half_gauss tabulated",
     .text = "what chi^2 makes of the constraint; it changes no cut"},
    {.key = "mass_near_pi0_gev",
     POSITIVE,
     .text = "it applies only so near to the mass of the pi0 [GeV]"},
    {.key = "mass_inside_gev",
     EDGES(-DBL_MAX, DBL_MAX),
     .text = "it applies only at these masses, both ends included [GeV]"},
    {.key = "mass_outside_gev",
     EDGES(-DBL_MAX, DBL_MAX),
     .text = "it applies only below and above these masses [GeV]"},
    {.key = "invisible",
     .kind = BL23_VALUE_WORD,
     .words = "false true",
     .text = "whether a limit on a branching ratio is on the rate times BR(Z' -> invisible)"},
    {.key = "cite",
     TEXT(BL23_CITE_SIZE),
     .required = true,
     .text = "BibTeX keys, separated by commas"},
    {.key = "bibtex",
     TEXT(BIBTEX_TEXT_SIZE),
     .text = "BibTeX entries for the keys in cite, or a file that holds them"},
    {.key = "note", TEXT(BL23_NOTE_SIZE), .text = "a sentence on assumptions"}};

struct bl23_value const bl23_constraint_value = {
    .kind = BL23_VALUE_MAPPING, BL23_VALUE_PARTS(constraint_rows), .text = "a constraint"};

struct bl23_constraint_form const bl23_constraint_forms[] = {
    {"upper", false, true, ""},
    {"curve curve_rows", true, true, ""},
    {"band_1sigma band_2sigma", false, false, "central"},
    {"central sigma", false, false, ""},
    {NULL, false, false, NULL}};
char const *const bl23_constraint_windows[] = {"mass_near_pi0_gev", "mass_inside_gev",
                                               "mass_outside_gev", NULL};

char const *bl23_constraint_kind_name(enum bl23_constraint_kind kind)
{
    static char const *const names[] = {"upper", "curve", "band"};
    return names[kind];
}

char const *bl23_window_name(enum bl23_window window)
{
    static char const *const names[] = {"all", "near_pi0", "inside", "outside"};
    return names[window];
}

char const *bl23_invisible_name(enum bl23_invisible invisible)
{
    static char const *const names[] = {"not said", "false", "true"};
    return names[invisible];
}

char const *bl23_likelihood_name(enum bl23_likelihood likelihood)
{
    static char const *const names[BL23_LIKELIHOODS] = {"none", "split_gauss", "half_gauss",
                                                        "tabulated"};
    return names[likelihood];
}

enum bl23_likelihood bl23_constraint_likelihood(struct bl23_constraint const *c)
{
    if (c->kind == BL23_BAND)
        return c->observable == BL23_OBSERVABLE_G_BL ? BL23_LIKELIHOOD_NONE
                                                     : BL23_LIKELIHOOD_SPLIT_GAUSS;
    if (c->confidence_level == 0.0)
        return BL23_LIKELIHOOD_NONE;
    return c->curve.has_best_fit && c->observable != BL23_OBSERVABLE_G_BL
               ? BL23_LIKELIHOOD_TABULATED
               : BL23_LIKELIHOOD_HALF_GAUSS;
}

struct bl23_dd bl23_constraint_middle(struct bl23_constraint const *c)
{
    struct bl23_dd const *const band = c->band[0];
    return bl23_dd_shortest(bl23_dd_mul_d(bl23_dd_add(band[0], band[1]), 0.5));
}

char const *bl23_observable_name(int observable)
{
    return observables[observable].name;
}

static bool is_mixing(int observable)
{
    return observable == BL23_MODE_x12 || observable == BL23_MODE_x12_im;
}

bool bl23_observable_is_rate(int observable)
{
    return observable < BL23_MODES && !is_mixing(observable);
}

bool bl23_observable_is_known(int observable, struct bl23_dd mass)
{
    static double const from_gev = 0.4, to_gev = 2.0;
    return !is_mixing(observable) || bl23_dd_round(mass) < from_gev || bl23_dd_round(mass) > to_gev;
}

char const *bl23_observable_symbol(int observable)
{
    if (bl23_observable_is_rate(observable))
        return &observables[observable].text[sizeof BRANCHING - 1];
    return is_mixing(observable) ? observables[observable].name : observables[observable].text;
}

enum bl23_quantity bl23_observable_quantity(int observable)
{
    return observables[observable].quantity;
}

int bl23_observable_quantity_in(unsigned groups, int observable)
{
    return observable < BL23_MODES ? bl23_mode_quantity(groups, observable)
                                   : (int)bl23_observable_quantity(observable);
}

double bl23_knot_factor(struct bl23_knot const *knot, int observable)
{
    return observable < BL23_MODES                    ? knot->kappa[observable]
           : observable == BL23_OBSERVABLE_DELTA_A_MU ? knot->delta_a_mu_per_g2
                                                      : 1.0;
}

/* The constraint that is read, its YAML node, and where its curve comes from. */
struct reading {
    struct bl23_yaml *yaml;
    bl23_yaml_node *node;
    struct bl23_file_source source;
    struct bl23_error *error;
    struct bl23_constraint *c;
};

static bl23_yaml_node *find(struct reading *r, char const *key)
{
    return bl23_yaml_find(r->yaml, r->node, key);
}

static struct bl23_value const *row(char const *key)
{
    return bl23_value_part(&bl23_constraint_value, key);
}

static enum bl23_status refuse(struct reading *r, char const *key, char const *allowed)
{
    return bl23_yaml_refuse_key(r->yaml, r->node, key, allowed, r->error);
}

/* Too few or too many of the listed keys are there. */
static enum bl23_status refuse_choice(struct reading *r, char const *keys, char const *allowed)
{
    char found[128] = "", key[32];
    for (char const *p = keys; *p; p += strspn(p, " ")) {
        size_t const length = strcspn(p, " "), used = strlen(found);
        snprintf(key, sizeof key, "%.*s", (int)length, p);
        if (find(r, key))
            snprintf(found + used, sizeof found - used, "%s%s", used ? ", " : "", key);
        p += length;
    }
    return bl23_fail(r->error, BL23_ERROR_CONFIG, "%s:%zu: constraint '%s' must have %s (got %s)",
                     r->yaml->name, r->node->start_mark.line + 1, r->c->name, allowed,
                     found[0] ? found : "none of them");
}

static bool printable(char const *text)
{
    for (char const *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return false;
    return true;
}

static enum bl23_status read_text(struct reading *r, char const *key, char *out, size_t size,
                                  bool required)
{
    bl23_yaml_node *const node = find(r, key);
    if (!node && !required)
        return BL23_OK;
    char const *const text = bl23_yaml_text(node);
    if (!text || text[0] == '\0' || strlen(text) >= size || !printable(text)) {
        char allowed[64];
        snprintf(allowed, sizeof allowed, "a printable text of 1 to %zu bytes", size - 1);
        return refuse(r, key, allowed);
    }
    snprintf(out, size, "%s", text);
    return BL23_OK;
}

bool bl23_is_name(char const *text, size_t length)
{
    static char const allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.";
    return length < BL23_NAME_SIZE && strspn(text, allowed) >= length && strspn(text, ".") < length;
}

static enum bl23_status read_name(struct reading *r)
{
    char const *const text = bl23_yaml_text(find(r, "name"));
    if (!text || !bl23_is_name(text, strlen(text)))
        return refuse(r, "name", BL23_NAME_ALLOWED);
    snprintf(r->c->name, sizeof r->c->name, "%s", text);
    return BL23_OK;
}

static enum bl23_status read_observable(struct reading *r)
{
    struct bl23_value const *const value = row("observable");
    r->c->observable = bl23_value_word(value, bl23_yaml_text(find(r, value->key)));
    if (r->c->observable >= 0)
        return BL23_OK;
    char allowed[512];
    snprintf(allowed, sizeof allowed, "one of%s", value->words);
    return refuse(r, value->key, allowed);
}

#define POSITIVE_ALLOWED "a number from 1e-100 to 1e100"

static enum bl23_status read_positive(struct reading *r, char const *key, struct bl23_dd *value)
{
    return bl23_value_number(row(key), r->yaml, find(r, key), key, POSITIVE_ALLOWED, value,
                             r->error);
}

#define ROWS_ALLOWED                                                                               \
    "a list of rows [mass, upper], [window, mass, upper] or [window, mass, upper, best fit]"

/* A row of two, three or four numbers. */
static enum bl23_status read_row(struct bl23_yaml *yaml, bl23_yaml_node *row,
                                 struct bl23_curve *curve, struct bl23_error *error)
{
    struct bl23_dd value[4] = {{0.0, 0.0}};
    size_t const n = bl23_yaml_length(row), first = n == 2;
    if (n < 2 || n > 4)
        return bl23_yaml_refuse(yaml, row, "each of curve_rows", ROWS_ALLOWED, error);
    BL23_TRY(
        bl23_yaml_numbers(yaml, row, "each of curve_rows", n, ROWS_ALLOWED, &value[first], error));
    return bl23_curve_add(yaml->name, row->start_mark.line + 1, value[0].hi, value[1], value[2],
                          n == 4 ? &value[3] : NULL, curve, error);
}

enum bl23_status bl23_constraint_read_rows(struct bl23_yaml *yaml, bl23_yaml_node *rows,
                                           struct bl23_curve *curve, struct bl23_error *error)
{
    size_t const n = bl23_yaml_length(rows);
    char where[sizeof yaml->name + 24];
    *curve = (struct bl23_curve){0};
    if (!bl23_yaml_is_sequence(rows))
        return bl23_yaml_refuse(yaml, rows, "curve_rows", ROWS_ALLOWED, error);
    snprintf(where, sizeof where, "%s:%zu", yaml->name, rows->start_mark.line + 1);
    size_t *const line = calloc(n + 1, sizeof *line);
    enum bl23_status status = line
                                  ? bl23_curve_reserve(where, n, curve, error)
                                  : bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory", where);
    for (size_t k = 0; line && status == BL23_OK && k < n; k++) {
        bl23_yaml_node *const row = bl23_yaml_item(yaml, rows, k);
        line[k] = row->start_mark.line + 1;
        status = read_row(yaml, row, curve, error);
    }
    if (status == BL23_OK)
        status = bl23_curve_order(yaml->name, line, curve, error);
    free(line);
    if (status != BL23_OK)
        bl23_curve_free(curve);
    return status;
}

/* The rows in the YAML count; a file that is named beside them is where they came from. */
static enum bl23_status read_curve(struct reading *r)
{
    struct bl23_constraint *const c = r->c;
    bl23_yaml_node *const rows = find(r, "curve_rows");
    char *text = NULL;
    size_t length;
    BL23_TRY(read_text(r, "curve", c->curve_name, sizeof c->curve_name, !rows));
    if (rows)
        return bl23_constraint_read_rows(r->yaml, rows, &c->curve, r->error);
    BL23_TRY(r->source.read(r->source.context, "curve", c->curve_name, &text, &length, r->error));
    enum bl23_status const status =
        bl23_curve_parse(c->curve_name, text, length, &c->curve, r->error);
    free(text);
    return status;
}

static enum bl23_status read_edges(struct reading *r, char const *key, struct bl23_dd edge[2])
{
    bl23_yaml_node *const node = find(r, key);
    char const *const allowed = "[low, high] with low < high";
    if (!node)
        return refuse(r, key, allowed);
    BL23_TRY(bl23_yaml_numbers(r->yaml, node, key, 2, allowed, edge, r->error));
    return bl23_dd_less(edge[0], edge[1]) ? BL23_OK
                                          : bl23_yaml_refuse(r->yaml, node, key, allowed, r->error);
}

/* central +- 1 and 2 sigma, with no more digits than a resolved configuration writes of them, so
 * that both give the same limits. */
static enum bl23_status read_measurement(struct reading *r)
{
    struct bl23_dd central, sigma;
    BL23_TRY(bl23_value_number(row("central"), r->yaml, find(r, "central"), "central",
                               "a number from -1e100 to 1e100", &central, r->error));
    if (!find(r, "sigma"))
        return refuse(r, "sigma", POSITIVE_ALLOWED);
    BL23_TRY(read_positive(r, "sigma", &sigma));
    for (int level = 0; level < BL23_LEVELS; level++) {
        struct bl23_dd const half = bl23_dd_mul_d(sigma, level + 1.0);
        r->c->band[level][0] = bl23_dd_shortest(bl23_dd_sub(central, half));
        r->c->band[level][1] = bl23_dd_shortest(bl23_dd_add(central, half));
    }
    r->c->central = central;
    if (!bl23_dd_less(r->c->band[0][0], r->c->band[0][1]))
        return refuse(r, "sigma", "a number large enough that central +- sigma differ as doubles");
    return BL23_OK;
}

/* The band at 1 sigma must lie inside the one at 2 sigma. */
static enum bl23_status read_bands(struct reading *r)
{
    struct bl23_dd(*const band)[2] = r->c->band;
    BL23_TRY(read_edges(r, "band_1sigma", band[0]));
    BL23_TRY(read_edges(r, "band_2sigma", band[1]));
    if (!bl23_dd_less(band[0][0], band[1][0]) && !bl23_dd_less(band[1][1], band[0][1]))
        return BL23_OK;
    char edge[4][32];
    for (int k = 0; k < 4; k++)
        bl23_dd_print_shortest(band[k / 2][k % 2], edge[k], sizeof edge[k]);
    return bl23_fail(r->error, BL23_ERROR_CONFIG,
                     "%s:%zu: constraint '%s' must have its band_1sigma [%s, %s] inside its "
                     "band_2sigma [%s, %s]",
                     r->yaml->name, find(r, "band_1sigma")->start_mark.line + 1, r->c->name,
                     edge[0], edge[1], edge[2], edge[3]);
}

/* The centre of bands, inside the one at 1 sigma. */
static enum bl23_status read_centre(struct reading *r)
{
    bl23_yaml_node *const node = find(r, "central");
    struct bl23_dd const *const band = r->c->band[0];
    char const *const allowed = "a number inside band_1sigma";
    r->c->central = bl23_constraint_middle(r->c);
    if (!node)
        return BL23_OK;
    BL23_TRY(bl23_value_number(row("central"), r->yaml, node, "central", allowed, &r->c->central,
                               r->error));
    return bl23_dd_less(band[0], r->c->central) && bl23_dd_less(r->c->central, band[1])
               ? BL23_OK
               : refuse(r, "central", allowed);
}

/* Is one of these keys there, other than those of `but`? */
static bool has_key(struct reading *r, char const *keys, char const *but)
{
    for (size_t k = 0; k < bl23_constraint_value.parts; k++) {
        char const *const key = constraint_rows[k].key;
        if (bl23_find_word(keys, key) >= 0 && bl23_find_word(but, key) < 0 && find(r, key))
            return true;
    }
    return false;
}

/* Of how many forms are keys there? A key that one form may also have is no sign of another. */
static int count_forms(struct reading *r)
{
    char const *also = "";
    int forms = 0;
    for (struct bl23_constraint_form const *form = bl23_constraint_forms; form->keys; form++)
        if (form->also[0] && has_key(r, form->keys, ""))
            also = form->also;
    for (struct bl23_constraint_form const *form = bl23_constraint_forms; form->keys; form++)
        forms += has_key(r, form->keys, also);
    return forms;
}

static enum bl23_status read_kind(struct reading *r)
{
    bool const upper = find(r, "upper"), central = find(r, "central");
    bool const curve = find(r, "curve") || find(r, "curve_rows");
    if (count_forms(r) != 1 || (find(r, "sigma") && !central))
        return refuse_choice(r, "upper curve curve_rows band_1sigma band_2sigma central sigma",
                             "exactly one of upper | curve | band_1sigma and band_2sigma "
                             "| central and sigma");
    if (r->c->observable == BL23_MODE_x12_im && !upper && !curve)
        return refuse_choice(r, "band_1sigma band_2sigma central sigma",
                             "upper or curve, since a limit on x12_im acts on its modulus");
    r->c->kind = upper ? BL23_UPPER : curve ? BL23_CURVE : BL23_BAND;
    if (upper)
        return read_positive(r, "upper", &r->c->upper);
    if (curve)
        return read_curve(r);
    if (!find(r, "band_1sigma") && !find(r, "band_2sigma"))
        return read_measurement(r);
    BL23_TRY(read_bands(r));
    return read_centre(r);
}

static enum bl23_status read_window(struct reading *r)
{
    bool const near = find(r, "mass_near_pi0_gev"), inside = find(r, "mass_inside_gev"),
               outside = find(r, "mass_outside_gev");
    int windows = 0;
    for (char const *const *key = bl23_constraint_windows; *key; key++)
        windows += find(r, *key) != NULL;
    if (windows > 1)
        return refuse_choice(r, "mass_near_pi0_gev mass_inside_gev mass_outside_gev",
                             "at most one of mass_near_pi0_gev mass_inside_gev mass_outside_gev");
    if (near) {
        r->c->window_kind = BL23_WINDOW_NEAR_PI0;
        return read_positive(r, "mass_near_pi0_gev", &r->c->window[0]);
    }
    if (!inside && !outside)
        return BL23_OK;
    r->c->window_kind = inside ? BL23_WINDOW_INSIDE : BL23_WINDOW_OUTSIDE;
    return read_edges(r, inside ? "mass_inside_gev" : "mass_outside_gev", r->c->window);
}

/* A constraint without a likelihood may have no confidence level. */
static enum bl23_status read_likelihood(struct reading *r)
{
    bl23_yaml_node *const node = find(r, "likelihood");
    enum bl23_likelihood const usual = bl23_constraint_likelihood(r->c);
    char const *const text = node ? bl23_yaml_text(node) : bl23_likelihood_name(usual);
    bool const band = r->c->kind == BL23_BAND, on_g = r->c->observable == BL23_OBSERVABLE_G_BL;
    char const *const allowed = band && on_g ? "none, since it is a band on g_bl"
                                : band       ? "split_gauss or none, since it is a band"
                                : usual == BL23_LIKELIHOOD_TABULATED
                                    ? "tabulated or none, since its curve has a best fit"
                                    : "half_gauss, with the key cl, or none";
    r->c->likelihood = usual;
    if (text && strcmp(text, bl23_likelihood_name(usual)) == 0)
        return BL23_OK;
    if (!text || strcmp(text, bl23_likelihood_name(BL23_LIKELIHOOD_NONE)) != 0)
        return refuse(r, "likelihood", allowed);
    r->c->likelihood = BL23_LIKELIHOOD_NONE;
    return BL23_OK;
}

/* Is `likelihood: none` said, so that no confidence level is needed? */
static bool says_none(struct reading *r)
{
    char const *const text = bl23_yaml_text(find(r, "likelihood"));
    return text && strcmp(text, bl23_likelihood_name(BL23_LIKELIHOOD_NONE)) == 0;
}

static enum bl23_status read_confidence_level(struct reading *r)
{
    bl23_yaml_node *const node = find(r, "cl");
    bool const limit = r->c->kind != BL23_BAND;
    if (!node && (!limit || says_none(r)))
        return BL23_OK;
    char const *const allowed =
        !limit ? "absent beside a band, whose levels are 1 and 2 sigma"
        : node ? "a confidence level from 1e-6 to 1 - 1e-9"
               : "a confidence level from 1e-6 to 1 - 1e-9; or give likelihood: none in its place";
    if (!node || !limit)
        return refuse(r, "cl", allowed);
    struct bl23_dd value;
    BL23_TRY(bl23_value_number(row("cl"), r->yaml, node, "cl", allowed, &value, r->error));
    r->c->confidence_level = value.hi;
    return BL23_OK;
}

static enum bl23_status read_invisible(struct reading *r)
{
    int const word = bl23_value_word(row("invisible"), bl23_yaml_text(find(r, "invisible")));
    if (!find(r, "invisible"))
        return BL23_OK;
    if (!bl23_observable_is_rate(r->c->observable))
        return refuse(r, "invisible", "absent unless the observable is a branching ratio");
    if (word < 0)
        return refuse(r, "invisible", "true or false");
    r->c->invisible = word == 1 ? BL23_INVISIBLE_YES : BL23_INVISIBLE_NO;
    return BL23_OK;
}

enum { BIBTEX_BYTES_MAX = 1 << 16 };

static bool is_plain_text(char const *text)
{
    for (char const *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 && !strchr("\t\n\r", *p))
            return false;
    return bl23_utf8_is_valid(text);
}

/* Keep the entries that `cite` names, with an empty line between two. */
static enum bl23_status keep_cited(struct reading *r, char const *text, size_t length)
{
    char const *const end = text + length;
    struct bl23_bibtex_entry e;
    struct bl23_slice other = {"none", 4};
    size_t used = 0;
    r->c->bibtex = calloc(1, length + 1);
    if (!r->c->bibtex)
        return bl23_fail(r->error, BL23_ERROR_MEMORY, "%s: out of memory", r->yaml->name);
    while (bl23_bibtex_next(&text, end, &e)) {
        other = e.key;
        if (bl23_bibtex_listed(e.key, r->c->cite))
            used += (size_t)snprintf(r->c->bibtex + used, length + 1 - used, "%s%.*s",
                                     used ? "\n\n" : "", (int)e.whole.length, e.whole.text);
    }
    if (used == 0)
        return bl23_fail(r->error, BL23_ERROR_CONFIG,
                         "%s:%zu: bibtex must hold an entry @TYPE{KEY, ...} with a key that cite "
                         "names (cite is '%.80s'; the last key found is '%.*s')",
                         r->yaml->name, find(r, "bibtex")->start_mark.line + 1, r->c->cite,
                         other.length < 80 ? (int)other.length : 80, other.text);
    return used <= BIBTEX_BYTES_MAX && is_plain_text(r->c->bibtex)
               ? BL23_OK
               : bl23_fail(r->error, BL23_ERROR_CONFIG,
                           "%s:%zu: the entries of bibtex that cite names must be UTF-8 text of at "
                           "most %d bytes",
                           r->yaml->name, find(r, "bibtex")->start_mark.line + 1, BIBTEX_BYTES_MAX);
}

/* Entries, or the name of a file that holds them. */
static enum bl23_status read_bibtex(struct reading *r)
{
    bl23_yaml_node *const node = find(r, "bibtex");
    char const *const text = bl23_yaml_text(node);
    char name[BL23_NAME_SIZE], *file = NULL;
    size_t length;
    if (!node)
        return BL23_OK;
    if (text && strchr(text, '{'))
        return keep_cited(r, text, strlen(text));
    BL23_TRY(read_text(r, "bibtex", name, sizeof name, true));
    BL23_TRY(r->source.read(r->source.context, "bibtex", name, &file, &length, r->error));
    enum bl23_status const status = keep_cited(r, file, length);
    free(file);
    return status;
}

static void free_constraint(struct bl23_constraint *c)
{
    bl23_curve_free(&c->curve);
    free(c->bibtex);
    c->bibtex = NULL;
}

static enum bl23_status read_constraint(struct reading *r)
{
    struct bl23_constraint *const c = r->c;
    char keys[BL23_VALUE_KEYS_SIZE];
    bl23_value_keys(&bl23_constraint_value, keys);
    BL23_TRY(bl23_yaml_check_keys(r->yaml, r->node, "a constraint", keys, r->error));
    BL23_TRY(read_name(r));
    BL23_TRY(read_observable(r));
    BL23_TRY(read_kind(r));
    BL23_TRY(read_window(r));
    BL23_TRY(read_confidence_level(r));
    BL23_TRY(read_likelihood(r));
    BL23_TRY(read_invisible(r));
    BL23_TRY(read_text(r, "cite", c->cite, sizeof c->cite, true));
    BL23_TRY(read_bibtex(r));
    return read_text(r, "note", c->note, sizeof c->note, false);
}

bool bl23_constraints_named(struct bl23_constraints const *list, char const *name)
{
    for (size_t k = 0; k < list->size; k++)
        if (strcmp(list->item[k].name, name) == 0)
            return true;
    return false;
}

enum bl23_status bl23_constraints_add_yaml(struct bl23_constraints *list, struct bl23_yaml *yaml,
                                           bl23_yaml_node *node, struct bl23_file_source source,
                                           struct bl23_error *error)
{
    if (list->size == BL23_CONSTRAINTS_MAX)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s:%zu: this constraint exceeds the maximum of %d constraints; remove "
                         "this or another one",
                         yaml->name, node->start_mark.line + 1, BL23_CONSTRAINTS_MAX);
    struct bl23_constraint *const c = &list->item[list->size];
    *c = (struct bl23_constraint){0};
    struct reading r = {yaml, node, source, error, c};
    enum bl23_status status = read_constraint(&r);
    if (status == BL23_OK && bl23_constraints_named(list, c->name))
        status = bl23_yaml_refuse(yaml, bl23_yaml_find(yaml, node, "name"), "name",
                                  "a name that no other constraint has", error);
    if (status == BL23_OK)
        list->size++;
    else
        free_constraint(c);
    return status;
}

static enum bl23_status read_embedded(void *context, char const *key, char const *name, char **text,
                                      size_t *length, struct bl23_error *error)
{
    (void)context;
    (void)key;
    return bl23_embedded_read(name, text, length, error);
}

/* Refuse an item of a set whose name another set has. */
static enum bl23_status refuse_clash(struct bl23_constraints const *list, char const *set,
                                     char const *name, struct bl23_error *error)
{
    for (size_t k = 0; k < list->size; k++) {
        char const *const other = list->item[k].set;
        if (!name || strcmp(list->item[k].name, name) != 0 || other[0] == '\0')
            continue;
        if (strcmp(other, set) == 0)
            return bl23_fail(error, BL23_ERROR_CONFIG,
                             "the constraint set '%s' is listed twice; list it once", set);
        return bl23_fail(
            error, BL23_ERROR_CONFIG,
            "the constraint sets '%s' and '%s' both hold '%s'; use one of the two sets", other, set,
            name);
    }
    return BL23_OK;
}

static enum bl23_status add_document(struct bl23_constraints *list, char const *set,
                                     struct bl23_yaml *yaml, struct bl23_error *error)
{
    struct bl23_file_source const embedded = {read_embedded, NULL};
    bl23_yaml_node *root;
    BL23_TRY(bl23_yaml_root(yaml, &root, error));
    BL23_TRY(
        bl23_yaml_check_keys(yaml, root, "a constraint set", "description constraints", error));
    bl23_yaml_node *const items = bl23_yaml_find(yaml, root, "constraints");
    size_t const n = bl23_yaml_length(items);
    for (size_t k = 0; k < n; k++) {
        bl23_yaml_node *const item = bl23_yaml_item(yaml, items, k);
        BL23_TRY(
            refuse_clash(list, set, bl23_yaml_text(bl23_yaml_find(yaml, item, "name")), error));
    }
    for (size_t k = 0; k < n; k++) {
        BL23_TRY(
            bl23_constraints_add_yaml(list, yaml, bl23_yaml_item(yaml, items, k), embedded, error));
        struct bl23_constraint *const added = &list->item[list->size - 1];
        snprintf(added->set, sizeof added->set, "%s", set);
    }
    return BL23_OK;
}

static enum bl23_status add_file(struct bl23_constraints *list, char const *set,
                                 struct bl23_embedded_file const *file, struct bl23_error *error)
{
    struct bl23_yaml yaml;
    BL23_TRY(bl23_yaml_parse(file->name, (char const *)file->data, file->size, &yaml, error));
    enum bl23_status const status = add_document(list, set, &yaml, error);
    bl23_yaml_free(&yaml);
    return status;
}

char const *bl23_constraint_set(char const *name)
{
    for (struct bl23_set_alias const *a = bl23_set_aliases; a->alias; a++)
        if (strcmp(name, a->alias) == 0)
            return a->set;
    return name;
}

enum bl23_status bl23_constraints_add_set(struct bl23_constraints *list, char const *set_or_alias,
                                          struct bl23_error *error)
{
    char const *const set = bl23_constraint_set(set_or_alias);
    char name[BL23_NAME_SIZE];
    snprintf(name, sizeof name, "%s.yaml", set);
    struct bl23_embedded_file const *const file =
        bl23_find_word(bl23_constraint_set_names, set) >= 0 ? bl23_embedded_find(name) : NULL;
    if (!file)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "there is no constraint set '%s'; the sets are %s", set,
                         bl23_constraint_sets_shown);
    return add_file(list, set, file, error);
}

enum bl23_status bl23_constraints_add_overlays(struct bl23_constraints *list,
                                               struct bl23_error *error)
{
    struct bl23_embedded_file const *const file = bl23_embedded_find("overlays.yaml");
    return file ? add_file(list, "overlays", file, error)
                : bl23_fail(error, BL23_ERROR_FAILED, "overlays.yaml is not built in");
}

bool bl23_constraints_remove(struct bl23_constraints *list, char const *name)
{
    for (size_t k = 0; k < list->size; k++) {
        if (strcmp(list->item[k].name, name) != 0)
            continue;
        free_constraint(&list->item[k]);
        list->size--;
        memmove(&list->item[k], &list->item[k + 1], (list->size - k) * sizeof list->item[0]);
        return true;
    }
    return false;
}

void bl23_constraints_free(struct bl23_constraints *list)
{
    for (size_t k = 0; k < list->size; k++)
        free_constraint(&list->item[k]);
    list->size = 0;
}

static bool applies(struct bl23_constraint const *c, struct bl23_inputs const *inputs,
                    struct bl23_dd mass)
{
    switch (c->window_kind) {
    case BL23_WINDOW_NEAR_PI0:
        return bl23_dd_less(bl23_dd_abs(bl23_dd_sub(mass, inputs->m_pi0)), c->window[0]);
    case BL23_WINDOW_INSIDE:
        return !bl23_dd_less(mass, c->window[0]) && !bl23_dd_less(c->window[1], mass);
    case BL23_WINDOW_OUTSIDE:
        return bl23_dd_less(mass, c->window[0]) || bl23_dd_less(c->window[1], mass);
    case BL23_WINDOW_ALL:
    default:
        return true;
    }
}

bool bl23_constraint_ignores_visible(struct bl23_constraint const *c,
                                     struct bl23_inputs const *inputs)
{
    bool const counts = c->invisible == BL23_INVISIBLE_YES && !inputs->br_inv_is_one;
    return bl23_observable_is_rate(c->observable) && c->invisible != BL23_INVISIBLE_NO && !counts;
}

bool bl23_constraint_covers(struct bl23_constraint const *c, struct bl23_inputs const *inputs,
                            struct bl23_dd mass)
{
    return applies(c, inputs, mass) &&
           (c->kind != BL23_CURVE || bl23_curve_covers(&c->curve, mass));
}

bool bl23_constraint_has_levels(struct bl23_constraint const *c)
{
    return c->kind == BL23_BAND;
}

void bl23_constraint_at(struct bl23_constraint const *c, struct bl23_inputs const *inputs,
                        struct bl23_dd mass, int level, struct bl23_dd *lo, struct bl23_dd *hi)
{
    *lo = bl23_dd(0.0);
    *hi = bl23_dd((double)INFINITY);
    if (!applies(c, inputs, mass) || !bl23_observable_is_known(c->observable, mass))
        return;
    if (c->kind == BL23_UPPER)
        *hi = c->upper;
    if (c->kind == BL23_CURVE)
        bl23_curve_at(&c->curve, mass, hi);
    if (c->kind == BL23_BAND) {
        *lo = c->band[level][0].hi > 0.0 ? c->band[level][0] : bl23_dd(0.0);
        *hi = c->band[level][1];
    }
    if (c->invisible == BL23_INVISIBLE_YES) {
        struct bl23_dd const br_inv = bl23_rate_br_inv(inputs, mass);
        *lo = bl23_dd_div(*lo, br_inv);
        *hi = isinf(hi->hi) ? *hi : bl23_dd_div(*hi, br_inv);
    }
}
