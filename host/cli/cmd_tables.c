/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include <stdlib.h>
#include <string.h>

#include "host/cli/commands.h"
#include "host/io/file_io.h"
#include "host/io/json_values.h"
#include "host/io/output_check.h"
#include "host/output/tables_file.h"
#include "kernels/sample/error.h"
#include "kernels/sample/verdict.h"
#include "tables/model_build.h"
#include "tables/physics/passarino_veltman.h"
#include "tables/physics/pv_quadrature.h"

enum { MASSES_MAX = 4096 };

/* What the options say. */
static struct options {
    struct bl23_input_options inputs;
    struct bl23_dd mass[MASSES_MAX];
    size_t n_masses;
    bool json, verify;
    char const *output;
} given = {.inputs = {.preset = "pdg2018"}};

static char const *const channel_names[BL23_CHANNELS] = {"ds", "db", "sb"};

static json_t *reals(double const *values, size_t count)
{
    json_t *const list = json_array();
    for (size_t k = 0; k < count; k++)
        json_array_append_new(list, json_real(values[k]));
    return list;
}

/* [3][3] pairs [re, im]. */
static json_t *matrix_json(double const m[3][3][2])
{
    json_t *const rows = json_array();
    for (int i = 0; i < 3; i++) {
        json_t *const row = json_array();
        for (int j = 0; j < 3; j++)
            json_array_append_new(row, reals(m[i][j], 2));
        json_array_append_new(rows, row);
    }
    return rows;
}

static struct bl23_form_range rows_of(int mode)
{
    return bl23_form_range_of((int)bl23_observable_quantity(mode));
}

static json_t *table_json(struct bl23_knot const *knot, struct bl23_loop_table const *t)
{
    json_t *const left = json_object(), *const right = json_object(), *const a = json_object();
    json_t *const forms = json_array(), *const kappa = json_object();
    for (int x = 0; x < BL23_CHANNELS; x++) {
        json_object_set_new(left, channel_names[x], matrix_json(t->c_left[x]));
        json_object_set_new(right, channel_names[x], matrix_json(t->c_right[x]));
        json_object_set_new(a, channel_names[x], reals(t->a[x], 2));
    }
    json_t *const couplings = json_array(), *const weights = json_object();
    for (int r = 0; r < BL23_LOOP_FORMS; r++)
        json_array_append_new(forms, reals(knot->form[r], BL23_MONOMIALS));
    for (int r = BL23_FORM_UC; r < BL23_FORM_KP; r++)
        json_array_append_new(couplings, reals(knot->form[r], BL23_MONOMIALS));
    for (int mode = 0; mode < BL23_MODES; mode++) {
        struct bl23_form_range const rows = rows_of(mode);
        char const *const name = bl23_observable_name(mode);
        if (rows.shape == BL23_SHAPE_SQUARES)
            json_object_set_new(kappa, name, json_real(knot->kappa[mode]));
        else
            json_object_set_new(weights, name,
                                reals(knot->weight + rows.weight, (size_t)rows.count / 2));
    }
    return json_pack("{s:f, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:o, s:o}", "mass_gev",
                     knot->mass_gev, "c_left", left, "c_right", right, "a", a, "forms", forms,
                     "forms_error", reals(t->form_error, BL23_LOOP_FORMS), "kappa", kappa,
                     "delta_a_mu_per_g2", knot->delta_a_mu_per_g2, "f_forms", couplings, "weights",
                     weights);
}

static void print_matrix(char const *name, double const m[3][3][2])
{
    static char const quark[] = "uct";
    for (int i = 0; i < 3; i++) {
        printf("  %-7s %c", i == 0 ? name : "", quark[i]);
        for (int j = 0; j < 3; j++)
            printf("   %+.6e %+.6e i", m[i][j][0], m[i][j][1]);
        printf("\n");
    }
}

static void print_table(struct bl23_knot const *knot, struct bl23_loop_table const *t)
{
    printf("m_Z' = %.9g GeV, q^2 = m^2 (rows i, columns j = u, c, t; printed sign of the paper)\n",
           knot->mass_gev);
    for (int x = 0; x < BL23_CHANNELS; x++) {
        char name[8];
        snprintf(name, sizeof name, "C_L^%s", channel_names[x]);
        print_matrix(name, t->c_left[x]);
        snprintf(name, sizeof name, "C_R^%s", channel_names[x]);
        print_matrix(name, t->c_right[x]);
        printf("  A_%s      %+.9e %+.9e i\n", channel_names[x], t->a[x][0], t->a[x][1]);
    }
    static char const *const rows[BL23_FORM_KP] = {
        "Re H_ds",   "Im H_ds",   "Re H_db",   "Im H_db",   "Re H_sb",   "Im H_sb",
        "Re F_V,uc", "Im F_V,uc", "Re F_A,uc", "Im F_A,uc", "Re F_V,ut", "Im F_V,ut",
        "Re F_A,ut", "Im F_A,ut", "Re F_V,ct", "Im F_V,ct", "Re F_A,ct", "Im F_A,ct"};
    printf("  forms in |w1|^2 |w2|^2 |w3|^2 Re,Im w1*w2 Re,Im w1*w3 Re,Im w2*w3\n");
    for (int r = 0; r < BL23_FORM_KP; r++) {
        printf("  %-9s ", rows[r]);
        for (int k = 0; k < BL23_MONOMIALS; k++)
            printf(" %+.3e", knot->form[r][k]);
        printf("\n");
    }
    printf("  kappa = BR/(g^2 |H|^2), or BR/(g^2 |F_V|^2)\n");
    for (int mode = 0; mode < BL23_MODES; mode++)
        if (rows_of(mode).shape == BL23_SHAPE_SQUARES)
            printf("    %-12s %.9e\n", bl23_observable_name(mode), knot->kappa[mode]);
    printf("  k_V and k_A of BR = g^2 (k_V |F_V|^2 + k_A |F_A|^2), of br_t_q for u and for c;\n"
           "  x12 = g^2 |k_V F_V^2 + k_A F_A^2|, x12_im = g^2 Im (k_V F_V^2 + k_A F_A^2)\n");
    for (int mode = 0; mode < BL23_MODES; mode++) {
        struct bl23_form_range const r = rows_of(mode);
        if (r.shape == BL23_SHAPE_SQUARES)
            continue;
        printf("    %-12s", bl23_observable_name(mode));
        for (int k = 0; k < r.count / 2; k++)
            printf(" %.9e", knot->weight[r.weight + k]);
        printf("\n");
    }
    printf("  Delta a_mu/g^2 %.9e\n\n", knot->delta_a_mu_per_g2);
}

/* What the quadrature reaches: next to a threshold its integrand has two singularities that nearly
 * meet. */
#define TOLERANCE 1e-9
#define TOLERANCE_AT_THRESHOLD 1e-6

/* Largest relative difference between closed form and quadrature over the pairs at one mass. */
static enum bl23_status verify(struct bl23_inputs const *in, struct bl23_dd mass,
                               struct bl23_error *error)
{
    struct bl23_dd const quark[3] = {in->m_u, in->m_c, in->m_t};
    double worst = 0.0, tolerance = TOLERANCE;
    for (int i = 0; i < 3; i++)
        for (int j = i; j < 3; j++) {
            if (fabs(mass.hi / (quark[i].hi + quark[j].hi) - 1.0) < 0.01)
                tolerance = TOLERANCE_AT_THRESHOLD;
            struct bl23_pv_masses const masses = {quark[i], quark[j], in->m_w, mass};
            struct bl23_pv pv;
            struct bl23_pv_quadrature gsl;
            if (bl23_pv_compute(&masses, &pv) != BL23_OK ||
                bl23_pv_quadrature_compute(quark[i].hi, quark[j].hi, in->m_w.hi, mass.hi, &gsl) !=
                    BL23_OK)
                return bl23_fail(error, BL23_ERROR_FAILED,
                                 "the quadrature at %.17g GeV did not converge, so this mass is "
                                 "not verified (the quadrature is difficult at thresholds)",
                                 mass.hi);
            worst = fmax(worst, hypot(gsl.c0_re - pv.c0.re.hi, gsl.c0_im - pv.c0.im.hi) /
                                    hypot(pv.c0.re.hi, pv.c0.im.hi));
            worst = fmax(worst, hypot(gsl.s_re - pv.s.re.hi, gsl.s_im - pv.s.im.hi) /
                                    hypot(pv.s.re.hi, pv.s.im.hi));
        }
    fprintf(stderr, "verify: %.9g GeV, closed form against quadrature: %.1e relative\n", mass.hi,
            worst);
    if (!(worst < tolerance))
        return bl23_fail(error, BL23_ERROR_FAILED,
                         "the closed form and the quadrature differ by %.1e at %g GeV; the "
                         "difference must be below %.0e",
                         worst, mass.hi, tolerance);
    return BL23_OK;
}

static enum bl23_status write_file(char const *path, struct bl23_model const *model,
                                   struct bl23_loop_table const *tables, struct bl23_error *error)
{
    struct bl23_temporary temporary;
    struct bl23_h5 h5;
    BL23_TRY(bl23_temporary_make(path, &temporary, error));
    bl23_h5_create(&h5, temporary.name);
    bl23_h5_text(&h5, "/", "format", "bl23-tables");
    bl23_h5_u64(&h5, "/", "format_version", 1);
    bl23_tables_write(&h5, model->knot, tables, model->n_knots);
    enum bl23_status const status = bl23_h5_close(&h5, temporary.name, BL23_OK, error);
    return bl23_temporary_finish(&temporary, status, error);
}

/* What is computed is printed also where its file cannot be written. */
static enum bl23_status write_and_show(struct bl23_inputs const *inputs,
                                       struct bl23_model const *model,
                                       struct bl23_loop_table const *tables,
                                       struct bl23_error *error)
{
    enum bl23_status status = BL23_OK, shown = BL23_OK;
    for (size_t k = 0; given.verify && k < given.n_masses; k++)
        BL23_TRY(verify(inputs, given.mass[k], error));
    if (given.output)
        status = write_file(given.output, model, tables, error);
    if (given.json) {
        json_t *const list = json_array();
        for (size_t k = 0; k < given.n_masses; k++)
            json_array_append_new(list, table_json(&model->knot[k], &tables[k]));
        shown =
            bl23_json_print(json_pack("{s:s, s:s, s:o}", "inputs", inputs->preset, "form_factors",
                                      bl23_form_factors_name(inputs->form_factors), "tables", list),
                            error);
    } else if (!given.output || status != BL23_OK) {
        for (size_t k = 0; k < given.n_masses; k++)
            print_table(&model->knot[k], &tables[k]);
    }
    return status == BL23_OK ? shown : status;
}

static enum bl23_status run(struct bl23_error *error)
{
    static struct bl23_constraints const none;
    struct bl23_inputs inputs;
    struct bl23_model *model = NULL;
    struct bl23_loop_table *tables = NULL;
    struct bl23_model_spec const spec = {.inputs = &inputs,
                                         .constraints = &none,
                                         .mass_gev = given.mass,
                                         .n_masses = given.n_masses,
                                         .sigma = 2};
    BL23_TRY(bl23_input_options_apply(&given.inputs, &inputs, error));
    BL23_TRY(bl23_model_build(&spec, &model, &tables, error));
    enum bl23_status const status = write_and_show(&inputs, model, tables, error);
    free(model);
    free(tables);
    return status;
}

static struct bl23_option const options[] = {
    {.name = "mass",
     .value = "M[,M...]",
     .help = "masses of the Z', in " BL23_MASS_ALLOWED ", separated by commas",
     .number = given.mass,
     .capacity = MASSES_MAX,
     .count = &given.n_masses,
     .smallest = BL23_MASS_MIN_GEV,
     .largest = BL23_MASS_MAX_GEV,
     .allowed = "1 to 4096 masses in " BL23_MASS_ALLOWED ", separated by commas",
     .required = true},
    BL23_OPTIONS_INPUTS(&given.inputs, "pdg2018"),
    BL23_OPTION_FLAG("verify", &given.verify,
                     "also compute the loop functions by GSL's quadrature and compare"),
    BL23_OPTION_JSON(&given.json),
    BL23_OPTION_OUTPUT("FILE.h5", &given.output, bl23_path_check_free,
                       "write the tables to a new HDF5 file"),
    {0}};

struct bl23_command const bl23_command_tables = {
    .name = "tables",
    .summary = "one-loop tables C_L, C_R, A_X, quadratic forms and kappa at given masses",
    .description =
        "Show the one-loop tables C_L, C_R, A_X at q^2 = M^2, the quadratic forms in w of H "
        "and of the couplings F_V and F_A of up-type quarks, and the factors of all "
        "observables: kappa, or k_V and k_A.",
    .option = options,
    .run = run};
