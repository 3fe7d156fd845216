/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How a file is read: head and checksum of its bytes; configuration, from which model and tables
 * are built anew; every answer, whose numbers must be of the kind that they claim to be; and then
 * each mass is written again from what was read, and must be what stands in the file. So a number
 * that no claim is made of, such as g_max_proven, cannot differ either. Whether the claims hold is
 * for bl23_bound_run_verify. */
#include "host/bound/bound_file.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/bound/bound_reason.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "kernels/sample/error.h"
#include "kernels/sample/record.h"

#define FORMAT "{\"format\": \"bl23-bound\", \"format_version\": "
static char const head[] = FORMAT "5, \"checksum\": \"";
enum { CHECKSUM_DIGITS = 16, FILE_BYTES_MAX = 1 << 30, VERSION_SHOWN = 20 };

static json_t *leaf_json(struct bl23_bound_problem const *problem,
                         struct bl23_bound_leaf const *leaf)
{
    struct bl23_bound_multipliers copy = leaf->multipliers;
    double *list[BL23_BOUND_MULTIPLIERS_MAX];
    int n_upper;
    int const count = bl23_bound_multiplier_list(problem, &copy, list, &n_upper);
    json_t *const multipliers = json_array();
    for (int k = 0; k < count; k++)
        json_array_append_new(multipliers, json_real(*list[k]));
    return json_pack("{s:s, s:o}", "part", leaf->path, "multipliers", multipliers);
}

/* v alone answers the questions of g. */
static bool has_g(int question)
{
    return question != BL23_BOUND_LARGEST_G && question != BL23_BOUND_SMALLEST_G;
}

static json_t *answer_json(struct bl23_bound_problem const *problem,
                           struct bl23_bound_knot const *knot, int question, bool certificates)
{
    struct bl23_bound_answer const *const a = &knot->answer[question];
    json_t *const object =
        json_pack("{s:f, s:o}", "lower", a->lower, "upper", bl23_json_number(a->upper));
    if (!isinf(a->upper)) {
        if (has_g(question))
            json_object_set_new(object, "g_bl", bl23_json_number(a->g));
        for (int i = 0; i < 3; i++) {
            json_object_set_new(object, bl23_column_name(BL23_COLUMN_wu11_abs + 2 * i),
                                json_real(a->modulus[i]));
            json_object_set_new(object, bl23_column_name(BL23_COLUMN_wu11_phase + 2 * i),
                                json_real(a->phase[i]));
        }
    }
    json_t *const leaves = certificates ? json_array() : NULL;
    for (size_t k = 0; leaves && k < a->n_leaves; k++)
        json_array_append_new(leaves, leaf_json(problem, &a->leaf[k]));
    if (leaves)
        json_object_set_new(object, "certificate", leaves);
    return object;
}

/* The constraints that the proofs leave out at a mass. */
static json_t *left_out_json(struct bl23_bound_run const *run, size_t k)
{
    json_t *const names = json_array();
    for (size_t c = 0; c < run->of.model->n_constraints; c++)
        if (bl23_bound_left_out(run, k, c))
            json_array_append_new(names, json_string(run->of.config->constraints.item[c].name));
    return names;
}

static json_t *knot_json(struct bl23_bound_run const *run, size_t k, bool certificates)
{
    struct bl23_bound_knot const *const r = &run->knot[k];
    struct bl23_bound_problem problem;
    char decided[BL23_NOTE_SIZE];
    double proven, reached;
    json_t *const object = json_pack("{s:f, s:s, s:b}", "mass_gev", r->mass_gev, "state",
                                     bl23_bound_state_name(r->state), "possible", r->possible);
    bl23_bound_decided_by(run, k, decided, sizeof decided);
    json_object_set_new(object, "decided_by", json_string(decided));
    json_t *const left_out = left_out_json(run, k);
    if (json_array_size(left_out) > 0)
        json_object_set(object, "left_out", left_out);
    json_decref(left_out);
    if (!bl23_bound_of_knot(run->of.model, run->of.tables, k, &problem))
        return object;
    bl23_bound_largest_g(&problem, r, &proven, &reached);
    json_object_set_new(object, "g_max_proven", json_real(proven));
    json_object_set_new(object, "g_max_reached", json_real(reached));
    json_object_set_new(object, "g_min_asked", json_real(bl23_bound_g_asked(&problem, r)));
    json_object_set_new(object, "tension",
                        answer_json(&problem, r, BL23_BOUND_TENSION, certificates));
    if (r->asked[BL23_BOUND_LARGEST_G])
        json_object_set_new(object, "largest_g",
                            answer_json(&problem, r, BL23_BOUND_LARGEST_G, certificates));
    if (r->asked[BL23_BOUND_SMALLEST_G])
        json_object_set_new(object, "smallest_g",
                            answer_json(&problem, r, BL23_BOUND_SMALLEST_G, certificates));
    json_t *const relief = json_object();
    for (int q = 0; q < BL23_QUANTITIES; q++)
        if (r->asked[BL23_BOUND_RELIEF + q])
            json_object_set_new(relief, bl23_bound_quantity_name(q).key,
                                answer_json(&problem, r, BL23_BOUND_RELIEF + q, certificates));
    json_object_set_new(object, "relief", relief);
    return object;
}

json_t *bl23_bound_json(struct bl23_bound_run const *run, bool certificates)
{
    json_t *const knots = json_array();
    for (size_t k = 0; k < run->of.config->n_masses; k++)
        json_array_append_new(knots, knot_json(run, k, certificates));
    return json_pack("{s:s, s:s, s:o}", "constraints", run->of.constraints, "config", run->of.yaml,
                     "masses", knots);
}

/* Head, checksum of all bytes with zeros in its place, and the object without its first brace. */
static char *sealed(char const *body, size_t *size)
{
    size_t const at = sizeof head - 1;
    *size = at + CHECKSUM_DIGITS + 3 + strlen(body);
    char *const text = malloc(*size + 1);
    char digits[CHECKSUM_DIGITS + 1];
    if (!text)
        return NULL;
    snprintf(text, *size + 1, "%s%016d\",\n%s\n", head, 0, body + 1);
    snprintf(digits, sizeof digits, "%016" PRIx64, bl23_checksum(text, *size));
    memcpy(text + at, digits, CHECKSUM_DIGITS);
    return text;
}

enum bl23_status bl23_bound_file_write(struct bl23_bound_run const *run, char const *path,
                                       struct bl23_error *error)
{
    json_t *const object = bl23_bound_json(run, true);
    char *const body = object ? json_dumps(object, JSON_INDENT(1)) : NULL;
    size_t size = 0;
    char *const text = body ? sealed(body, &size) : NULL;
    enum bl23_status const status =
        text ? bl23_file_replace(path, text, size, error)
             : bl23_fail(error, BL23_ERROR_MEMORY, "%s: out of memory for the file", path);
    free(text);
    free(body);
    json_decref(object);
    return status;
}

static enum bl23_status check_seal(char const *path, char *text, size_t size,
                                   struct bl23_error *error)
{
    size_t const at = sizeof head - 1, version_at = sizeof FORMAT - 1;
    char found[CHECKSUM_DIGITS + 1] = "", expected[CHECKSUM_DIGITS + 1];
    bool const ours = size > version_at && memcmp(text, FORMAT, version_at) == 0;
    int const digits = ours ? (int)strcspn(text + version_at, ",}") : 0;
    if (ours && (digits != 1 || text[version_at] != head[version_at]))
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s has format_version %.*s, and this program reads %.1s; make it again "
                         "with 'bl23 bound -o'",
                         path, digits < VERSION_SHOWN ? digits : VERSION_SHOWN, text + version_at,
                         head + version_at);
    if (size < at + CHECKSUM_DIGITS || memcmp(text, head, at) != 0)
        return bl23_fail(error, BL23_ERROR_CONFIG,
                         "%s is not a file of certificates, as 'bl23 bound -o' makes them", path);
    memcpy(found, text + at, CHECKSUM_DIGITS);
    memset(text + at, '0', CHECKSUM_DIGITS);
    snprintf(expected, sizeof expected, "%016" PRIx64, bl23_checksum(text, size));
    if (strcmp(found, expected) != 0)
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "%s does not match its checksum: its checksum is %s, and the file says %s",
                         path, expected, found);
    return BL23_OK;
}

/* Which answer at which mass is read, to name it where it is refused, and the problem there. */
struct reading {
    char const *path, *answer;
    struct bl23_bound_problem problem;
    int question;
    double mass_gev;
    struct bl23_error *error;
};

static enum bl23_status refuse(struct reading const *r, char const *key, char const *must_be)
{
    return bl23_fail(r->error, BL23_ERROR_FAILED, "%s: at %.9g GeV: '%s' of %s must be %s", r->path,
                     r->mass_gev, key, r->answer, must_be);
}

/* What a number must be, ends included, and the same in words. */
struct rule {
    double lo, hi;
    char const *text;
};
static struct rule const rule_v = {0.0, DBL_MAX, "a number that is not negative"};
static struct rule const rule_g = {DBL_MIN, BL23_G_MAX, "a number above 0 and at most 10"};
static struct rule const rule_modulus = {0.0, 1.0, "a number from 0 to 1"};
static struct rule const rule_phase = {-0x1.921fb54442d17p+1, 0x1.921fb54442d18p+1,
                                       "a number above -pi and at most pi"};
static struct rule const rule_multiplier = {-DBL_MAX, DBL_MAX, NULL};
#define NORM_ROUNDING 1e-12

static bool is_number(json_t const *number, struct rule const *rule)
{
    return json_is_real(number) && json_real_value(number) >= rule->lo &&
           json_real_value(number) <= rule->hi;
}

static enum bl23_status read_number(struct reading const *r, json_t *object, char const *key,
                                    struct rule const *rule, double *x)
{
    json_t *const number = json_object_get(object, key);
    *x = json_real_value(number);
    return is_number(number, rule) ? BL23_OK : refuse(r, key, rule->text);
}

/* The number of multipliers follows from the problem. */
static enum bl23_status read_multipliers(struct reading const *r, json_t *array,
                                         struct bl23_bound_multipliers *m)
{
    double *list[BL23_BOUND_MULTIPLIERS_MAX];
    char must_be[sizeof "numbers" + 16];
    int n_upper;
    int const count = bl23_bound_multiplier_list(&r->problem, m, list, &n_upper);
    snprintf(must_be, sizeof must_be, "%d numbers", count);
    if (json_array_size(array) != (size_t)count)
        return refuse(r, "multipliers", must_be);
    for (int k = 0; k < count; k++) {
        json_t *const number = json_array_get(array, (size_t)k);
        if (!is_number(number, &rule_multiplier))
            return refuse(r, "multipliers", must_be);
        *list[k] = json_real_value(number);
    }
    return BL23_OK;
}

/* A part is claimed to be excluded up to the lower bound of its answer, v. The steps that lead to
 * it must exist. */
static enum bl23_status read_leaf(struct reading const *r, json_t *object, double v,
                                  struct bl23_bound_leaf *leaf)
{
    char const *const path = json_string_value(json_object_get(object, "part"));
    struct bl23_bound_part part = bl23_bound_everything();
    bool exists = path && strlen(path) < sizeof leaf->path;
    for (size_t k = 0; exists && path[k]; k++)
        exists = bl23_bound_descend(path[k], &part);
    if (!exists)
        return refuse(r, "part", "steps to a part of all W_u and g");
    memcpy(leaf->path, path, strlen(path));
    leaf->v = v;
    BL23_TRY(read_multipliers(r, json_object_get(object, "multipliers"), &leaf->multipliers));
    return json_object_size(object) == 2
               ? BL23_OK
               : refuse(r, "certificate", "a list of parts with the keys 'part' and 'multipliers'");
}

static enum bl23_status read_leaves(struct reading const *r, json_t *leaves,
                                    struct bl23_bound_answer *a)
{
    if (!json_is_array(leaves))
        return refuse(r, "certificate", "a list of parts");
    a->n_leaves = json_array_size(leaves);
    a->leaf = a->n_leaves ? calloc(a->n_leaves, sizeof *a->leaf) : NULL;
    a->capacity = a->leaf ? a->n_leaves : 0;
    if (a->n_leaves > a->capacity)
        return bl23_fail(r->error, BL23_ERROR_MEMORY, "%s: out of memory for %zu parts", r->path,
                         a->n_leaves);
    for (size_t k = 0; k < a->n_leaves; k++)
        BL23_TRY(read_leaf(r, json_array_get(leaves, k), a->lower, &a->leaf[k]));
    return BL23_OK;
}

/* The row that reaches `upper`, and its g. */
static enum bl23_status read_witness(struct reading const *r, json_t *object,
                                     struct bl23_bound_answer *a)
{
    double norm2 = 0.0;
    BL23_TRY(read_number(r, object, "upper", &rule_v, &a->upper));
    a->g = r->question == BL23_BOUND_SMALLEST_G ? sqrt(a->upper) : 1.0;
    if (has_g(r->question))
        BL23_TRY(read_number(r, object, "g_bl", &rule_g, &a->g));
    for (int i = 0; i < 3; i++) {
        char const *const modulus = bl23_column_name(BL23_COLUMN_wu11_abs + 2 * i);
        char const *const phase = bl23_column_name(BL23_COLUMN_wu11_phase + 2 * i);
        BL23_TRY(read_number(r, object, modulus, &rule_modulus, &a->modulus[i]));
        BL23_TRY(read_number(r, object, phase, &rule_phase, &a->phase[i]));
        norm2 += a->modulus[i] * a->modulus[i];
    }
    if (fabs(norm2 - 1.0) > NORM_ROUNDING)
        return refuse(r, bl23_column_name(BL23_COLUMN_wu11_abs), "the first modulus of a unit row");
    return BL23_OK;
}

/* "upper" is null where no row is known: then there is none. */
static enum bl23_status read_answer(struct reading const *r, json_t *object,
                                    struct bl23_bound_answer *a)
{
    bool const has_witness = !json_is_null(json_object_get(object, "upper"));
    size_t const members = !has_witness ? 3 : has_g(r->question) ? 10 : 9;
    BL23_TRY(read_number(r, object, "lower", &rule_v, &a->lower));
    a->upper = (double)INFINITY;
    if (has_witness)
        BL23_TRY(read_witness(r, object, a));
    BL23_TRY(read_leaves(r, json_object_get(object, "certificate"), a));
    if (json_object_size(object) != members)
        return refuse(r, "upper", "null, or stand beside its row and nothing else");
    return BL23_OK;
}

static char const *question_key(int question)
{
    static char const *const keys[BL23_BOUND_RELIEF] = {
        [BL23_BOUND_TENSION] = "tension",
        [BL23_BOUND_LARGEST_G] = "largest_g",
        [BL23_BOUND_SMALLEST_G] = "smallest_g",
    };
    return question < BL23_BOUND_RELIEF
               ? keys[question]
               : bl23_bound_quantity_name(question - BL23_BOUND_RELIEF).key;
}

static enum bl23_status read_knot(struct reading *r, json_t *object, struct bl23_bound_knot *knot)
{
    char const *const state = json_string_value(json_object_get(object, "state"));
    int k = 0;
    r->answer = "a mass";
    knot->possible = json_is_true(json_object_get(object, "possible"));
    BL23_TRY(read_number(r, object, "mass_gev", &rule_v, &knot->mass_gev));
    while (state && k < BL23_BOUND_STATES &&
           strcmp(state, bl23_bound_state_name((enum bl23_bound_state)k)) != 0)
        k++;
    if (!state || k == BL23_BOUND_STATES)
        return refuse(r, "state", "excluded, open or undecided");
    knot->state = (enum bl23_bound_state)k;
    for (int q = 0; q < BL23_BOUND_QUESTIONS; q++) {
        json_t *const parent = q < BL23_BOUND_RELIEF ? object : json_object_get(object, "relief");
        r->answer = question_key(q);
        r->question = q;
        json_t *const answer = r->answer ? json_object_get(parent, r->answer) : NULL;
        knot->asked[q] = answer != NULL;
        if (answer)
            BL23_TRY(read_answer(r, answer, &knot->answer[q]));
    }
    return BL23_OK;
}

/* The first member of an object that is not the one written again from what was read; NULL if all
 * are. Members that are in one of them alone differ too. */
static char const *differs(json_t *found, json_t *again)
{
    char const *key;
    json_t *value;
    json_object_foreach(again, key, value)
    {
        if (!json_equal(value, json_object_get(found, key)))
            return key;
    }
    json_object_foreach(found, key, value)
    {
        if (!json_object_get(again, key))
            return key;
    }
    return NULL;
}

/* What is in the file beside the claims must follow from them: nothing in it goes unchecked. */
static enum bl23_status check_knot(char const *path, struct bl23_bound_run const *run, size_t k,
                                   json_t *found, struct bl23_error *error)
{
    json_t *const again = knot_json(run, k, true);
    char const *const key = differs(found, again);
    enum bl23_status status = BL23_OK;
    if (!again || key)
        status = bl23_fail(error, BL23_ERROR_FAILED,
                           "%s: at %.9g GeV: '%s' does not follow from the rest of the file", path,
                           run->of.model->knot[k].mass_gev, key ? key : "an answer");
    json_decref(again);
    return status;
}

static enum bl23_status check_heading(char const *path, struct bl23_bound_run const *run,
                                      json_t *object, struct bl23_error *error)
{
    static char const *const keys[] = {"format",      "format_version", "checksum",
                                       "constraints", "config",         "masses"};
    json_t *const constraints = json_object_get(object, "constraints");
    json_t *const yaml = json_object_get(object, "config");
    size_t members = 0;
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        members += json_object_get(object, keys[k]) != NULL;
    if (json_object_size(object) != members)
        return bl23_fail(error, BL23_ERROR_FAILED, "%s has a key that certificates do not have",
                         path);
    if (!json_is_string(constraints) ||
        strcmp(json_string_value(constraints), run->of.constraints) != 0)
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "%s: 'constraints' must be '%s', as in its configuration", path,
                         run->of.constraints);
    if (strcmp(json_string_value(yaml), run->of.yaml) != 0)
        return bl23_fail(error, BL23_ERROR_FAILED, "%s: 'config' must be a resolved configuration",
                         path);
    return BL23_OK;
}

static enum bl23_status read_object(char const *path, json_t *object, struct bl23_bound_run *run,
                                    struct bl23_error *error)
{
    char const *const yaml = json_string_value(json_object_get(object, "config"));
    json_t *const masses = json_object_get(object, "masses");
    struct bl23_config *config = NULL;
    if (!yaml || !json_is_array(masses))
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "%s must hold a configuration and a list of masses", path);
    BL23_TRY(bl23_config_parse(path, yaml, strlen(yaml), &config, error));
    BL23_TRY(bl23_bound_run_open(config, run, error));
    BL23_TRY(check_heading(path, run, object, error));
    if (json_array_size(masses) != run->of.config->n_masses)
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "%s has answers for %zu masses, and its configuration has %zu masses",
                         path, json_array_size(masses), run->of.config->n_masses);
    for (size_t k = 0; k < run->of.config->n_masses; k++) {
        json_t *const knot = json_array_get(masses, k);
        struct reading reading = {
            .path = path, .mass_gev = run->of.model->knot[k].mass_gev, .error = error};
        bl23_bound_of_knot(run->of.model, run->of.tables, k, &reading.problem);
        BL23_TRY(read_knot(&reading, knot, &run->knot[k]));
        BL23_TRY(bl23_bound_run_in_order(run, k, error));
        BL23_TRY(check_knot(path, run, k, knot, error));
    }
    return BL23_OK;
}

enum bl23_status bl23_bound_file_read(char const *path, struct bl23_bound_run *run,
                                      struct bl23_error *error)
{
    char *text = NULL;
    size_t size;
    json_t *object = NULL;
    json_error_t where;
    memset(run, 0, sizeof *run);
    enum bl23_status status = bl23_file_read(path, FILE_BYTES_MAX, &text, &size, error);
    if (status == BL23_OK)
        status = check_seal(path, text, size, error);
    if (status == BL23_OK && !(object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where)))
        status = bl23_fail(error, BL23_ERROR_FAILED, "%s:%d: this is not valid JSON: %s", path,
                           where.line, where.text);
    if (status == BL23_OK)
        status = read_object(path, object, run, error);
    json_decref(object);
    free(text);
    return status;
}
