/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/paper/paper_values.h"

#include <stdlib.h>
#include <string.h>

#include "host/config/config.h"
#include "kernels/sample/error.h"
#include "kernels/sample/verdict.h"
#include "tables/physics/rates.h"

/* What a function computes from: the row's mass, coupling and limit, and the tables there. */
struct row {
    struct bl23_paper const *paper;
    struct bl23_loop_table table;
    struct bl23_dd mass;
    double g, limit, printed;
    int mode;                 /* BL23_MODES if the observable is none */
    enum bl23_status *failed; /* the first failure of what the value is made of */
};

/* Not a number, and the reason why the row has no value. */
static double no_value(struct row const *r, enum bl23_status status)
{
    if (*r->failed == BL23_OK)
        *r->failed = status;
    return (double)NAN;
}

enum bl23_status bl23_paper_open(struct bl23_csv const *couplings, struct bl23_csv const *tables,
                                 struct bl23_paper *paper, struct bl23_error *error)
{
    struct bl23_config *config = NULL;
    memset(paper, 0, sizeof *paper);
    paper->couplings = couplings;
    paper->tables = tables;
    BL23_TRY(bl23_inputs_preset("pdg2018", &paper->inputs, error));
    bl23_ckm_build(&paper->inputs, &paper->ckm);
    bl23_loop_context_build(&paper->inputs, 1.0, &paper->context);
    BL23_TRY(bl23_loop_table_compute(&paper->context, paper->inputs.m_pi0, &paper->at_pi0));
    BL23_TRY(bl23_config_load("@benchmark", &config, error));
    memcpy(paper->w_modulus, config->w_modulus, sizeof paper->w_modulus);
    memcpy(paper->w_phase_pi, config->w_phase_pi, sizeof paper->w_phase_pi);
    bl23_config_free(config);
    return BL23_OK;
}

static double kappa(struct row const *r, int mode)
{
    return bl23_dd_round(bl23_rate_kappa(&r->paper->inputs, (enum bl23_mode)mode, r->mass));
}

/* BR/g^2 of a mode in scenario I, H = A. */
static double left_rate(struct row const *r, int mode)
{
    int const q = (int)bl23_observable_quantity(mode);
    struct bl23_form_range const rows = bl23_form_range_of(q);
    double const *const h = &r->table.a[0][0] + rows.first;
    return kappa(r, mode) * bl23_shape_SQUARES(h, rows.count, NULL);
}

/* The knot of a row at the benchmark, with its rates. */
static double benchmark_rate(struct row const *r, int mode)
{
    struct bl23_constraints const none = {0};
    struct bl23_model_spec spec = {.inputs = &r->paper->inputs,
                                   .constraints = &none,
                                   .mass_gev = &r->mass,
                                   .n_masses = 1,
                                   .sigma = 2,
                                   .w_mode = BL23_W_FIXED};
    struct bl23_model *model = NULL;
    int const q = (int)bl23_observable_quantity(mode);
    double s[BL23_QUANTITIES];
    memcpy(spec.w_modulus, r->paper->w_modulus, sizeof spec.w_modulus);
    memcpy(spec.w_phase_pi, r->paper->w_phase_pi, sizeof spec.w_phase_pi);
    enum bl23_status const status = bl23_model_build(&spec, &model, NULL, NULL);
    if (status != BL23_OK)
        return no_value(r, status);
    bl23_quantities_of_row(&model->knot[0], 1u << q, model->w.monomial, s);
    double const rate = model->knot[0].kappa[mode] * s[q];
    free(model);
    return rate;
}

static double rate(struct row const *r)
{
    return left_rate(r, r->mode) * r->g * r->g;
}

static double coupling(struct row const *r)
{
    return sqrt(r->limit / left_rate(r, r->mode));
}

static double benchmark(struct row const *r)
{
    return benchmark_rate(r, r->mode) * r->g * r->g;
}

/* theta_13/pi of w = (0, 1, e^{i theta_13})/sqrt 2 at which BR(K_L) has the wanted value: Im H_ds
 * is c + d cos(theta - delta), and of the four solutions the one next to the print is meant. */
static double angle(struct row const *r)
{
    double const *const im = r->table.form[1];
    double const c = 0.5 * (im[1] + im[2]), d = 0.5 * hypot(im[7], im[8]);
    double const delta = atan2(im[8], im[7]);
    double const h = sqrt(r->limit / (kappa(r, r->mode) * r->g * r->g));
    double best = (double)NAN;
    for (int k = 0; k < 4; k++) {
        double const way = acos(((k & 1 ? h : -h) - c) / d);
        double const theta = remainder((delta + (k & 2 ? way : -way)) / bl23_dd_pi.hi, 2.0);
        if (!(fabs(theta - r->printed) >= fabs(best - r->printed)))
            best = theta;
    }
    return best;
}

/* |g_eff|/g' when both coupling matrices are g' times the unit matrix. */
static double diagonal(struct row const *r)
{
    double const *const left = r->table.left_diagonal[BL23_DS];
    double const *const right = r->table.right_diagonal[BL23_DS];
    return hypot(left[0] + right[0], left[1] + right[1]) / (16.0 * bl23_dd_pi.hi * bl23_dd_pi.hi);
}

static double ctau(struct row const *r)
{
    return bl23_rate_ctau_m_times_g2(&r->paper->inputs, bl23_dd_round(r->mass)) / (r->g * r->g);
}

static double im_sum(struct row const *r)
{
    return r->table.a[BL23_DS][1];
}

/* Im (C_L)_ij (g_L)_ij / g of channel ds. */
static double im_term(struct row const *r, int i, int j)
{
    struct bl23_ddc const g = r->paper->context.left[i][j];
    double const *const c = r->table.c_left[BL23_DS][i][j];
    return c[0] * bl23_dd_round(g.im) + c[1] * bl23_dd_round(g.re);
}

static double cancellation(struct row const *r)
{
    double sum = 0.0, largest = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            sum += im_term(r, i, j);
            largest = fmax(largest, fabs(im_term(r, i, j)));
        }
    return 1.0 - fabs(sum) / largest;
}

/* The printed number of a matrix element; 0 where nothing is printed. */
static double printed_element(struct bl23_csv const *csv, char const *equation, int const ij[2],
                              char const *part)
{
    for (size_t row = 0; row < csv->rows; row++)
        if (strcmp(bl23_csv_text(csv, row, "equation"), equation) == 0 &&
            atoi(bl23_csv_text(csv, row, "i")) == ij[0] &&
            atoi(bl23_csv_text(csv, row, "j")) == ij[1] &&
            strcmp(bl23_csv_text(csv, row, "part"), part) == 0)
            return strtod(bl23_csv_text(csv, row, "printed"), NULL);
    return 0.0;
}

static double im_sum_printed(struct row const *r)
{
    double sum = 0.0;
    for (int k = 0; k < 9; k++) {
        int const ij[2] = {1 + k / 3, 1 + k % 3};
        struct bl23_csv const *const c = r->paper->tables, *const g = r->paper->couplings;
        sum += printed_element(c, "4.8", ij, "re") * printed_element(g, "3.8", ij, "im") +
               printed_element(c, "4.8", ij, "im") * printed_element(g, "3.8", ij, "re");
    }
    return sum;
}

static double im_c_right_32(struct row const *r)
{
    return r->table.c_right[BL23_DS][2][1][1];
}

static double im_c_right_33(struct row const *r)
{
    return fabs(r->table.c_right[BL23_DS][2][2][1]);
}

static double c_left_12(struct row const *r)
{
    double other = 0.0;
    for (int k = 0; k < 9; k++)
        if (k != 1)
            other = fmax(other, hypot(r->table.c_left[BL23_DS][k / 3][k % 3][0],
                                      r->table.c_left[BL23_DS][k / 3][k % 3][1]));
    return hypot(r->table.c_left[BL23_DS][0][1][0], r->table.c_left[BL23_DS][0][1][1]) / other;
}

static double bs_over_bd(struct row const *r)
{
    return benchmark_rate(r, BL23_MODE_br_bp_kp) / benchmark_rate(r, BL23_MODE_br_bp_pip);
}

/* A shipped set, or the overlays where set is NULL, at the row's mass: the smallest lower edge
 * (edge 0) or upper edge (1) at 2 sigma of an observable; NaN where there is none. */
static double edge_of(struct row const *r, char const *set, int observable, int edge)
{
    struct bl23_constraints *const list = calloc(1, sizeof *list);
    double found = (double)NAN;
    if (!list)
        return no_value(r, BL23_ERROR_MEMORY);
    enum bl23_status const status =
        set ? bl23_constraints_add_set(list, set, NULL) : bl23_constraints_add_overlays(list, NULL);
    for (size_t k = 0; status == BL23_OK && k < list->size; k++) {
        struct bl23_dd bound[2];
        if (list->item[k].observable != observable)
            continue;
        bl23_constraint_at(&list->item[k], &r->paper->inputs, r->mass, 1, &bound[0], &bound[1]);
        found = fmin(found, bl23_dd_round(bound[edge]));
    }
    if (status != BL23_OK)
        found = no_value(r, status);
    bl23_constraints_free(list);
    free(list);
    return found;
}

/* The g that gives the central (g-2)_mu over the limit of KOTO before its events. */
static double gm2_over_koto(struct row const *r)
{
    double const muon = bl23_dd_round(bl23_rate_delta_a_mu(&r->paper->inputs, r->mass));
    double const low = edge_of(r, "paper2020", BL23_OBSERVABLE_DELTA_A_MU, 0);
    double const high = edge_of(r, "paper2020", BL23_OBSERVABLE_DELTA_A_MU, 1);
    double const limit = edge_of(r, NULL, BL23_MODE_br_kl_pi0, 1);
    return sqrt(0.5 * (low + high) / muon / (limit / left_rate(r, BL23_MODE_br_kl_pi0)));
}

/* The largest BR/limit of the B modes of 2021, rates given by `of` and the row's g. */
static double largest_b_ratio(struct row const *r, double (*of)(struct row const *, int))
{
    double largest = 0.0;
    for (int mode = BL23_MODE_br_b0_pi0; mode <= BL23_MODE_br_bp_kstp; mode++)
        largest =
            fmax(largest, of(r, mode) * r->g * r->g / edge_of(r, "b_invisible_2021", mode, 1));
    return largest;
}

static double b_limits(struct row const *r)
{
    return largest_b_ratio(r, left_rate);
}

static double b_limit_g(struct row const *r)
{
    return r->g / sqrt(largest_b_ratio(r, left_rate));
}

static double b_limit_factor(struct row const *r)
{
    return sqrt(largest_b_ratio(r, benchmark_rate));
}

static struct {
    char const *name;
    double (*of)(struct row const *);
} const checks[] = {
#define CHECK(name)                                                                                \
    {                                                                                              \
#name, name                                                                                \
    }
    CHECK(rate),          CHECK(coupling),      CHECK(angle),          CHECK(diagonal),
    CHECK(benchmark),     CHECK(ctau),          CHECK(im_sum),         CHECK(im_sum_printed),
    CHECK(im_c_right_32), CHECK(im_c_right_33), CHECK(cancellation),   CHECK(c_left_12),
    CHECK(gm2_over_koto), CHECK(bs_over_bd),    CHECK(b_limit_factor), CHECK(b_limits),
    CHECK(b_limit_g),
#undef CHECK
};

/* A matrix element of (3.5), (3.8), or of the loop tables at m_pi0. */
static double element(struct bl23_paper const *p, struct bl23_csv const *csv, size_t row)
{
    static char const *const channels[BL23_CHANNELS] = {"ds", "db", "sb"};
    char const *const matrix = bl23_csv_text(csv, row, "matrix");
    int const i = atoi(bl23_csv_text(csv, row, "i")) - 1;
    int const j = atoi(bl23_csv_text(csv, row, "j")) - 1;
    int const part = strcmp(bl23_csv_text(csv, row, "part"), "im") == 0;
    if (matrix) {
        struct bl23_ddc const z =
            strcmp(matrix, "V") == 0 ? p->ckm.element[i][j] : p->context.left[i][j];
        return bl23_dd_round(part ? z.im : z.re);
    }
    int x = 0;
    while (x < BL23_CHANNELS - 1 && strcmp(bl23_csv_text(csv, row, "channel"), channels[x]) != 0)
        x++;
    bool const left = strcmp(bl23_csv_text(csv, row, "chirality"), "L") == 0;
    return left ? p->at_pi0.c_left[x][i][j][part] : p->at_pi0.c_right[x][i][j][part];
}

static double number(struct bl23_csv const *csv, size_t row, char const *column)
{
    return strtod(bl23_csv_text(csv, row, column), NULL);
}

static enum bl23_status open_row(struct bl23_paper const *paper, struct bl23_csv const *csv,
                                 size_t row, struct row *r)
{
    char const *const mass = bl23_csv_text(csv, row, "mass_gev");
    *r = (struct row){.paper = paper,
                      .mass = strcmp(mass, "m_pi0") == 0 ? paper->inputs.m_pi0
                                                         : bl23_dd_parse(mass, NULL),
                      .g = number(csv, row, "g_bl"),
                      .limit = number(csv, row, "limit"),
                      .printed = number(csv, row, "printed")};
    while (r->mode < BL23_MODES &&
           strcmp(bl23_csv_text(csv, row, "observable"), bl23_observable_name(r->mode)) != 0)
        r->mode++;
    return bl23_loop_table_compute(&paper->context, r->mass, &r->table);
}

enum bl23_status bl23_paper_value(struct bl23_paper const *paper, struct bl23_csv const *csv,
                                  size_t row, double *value, struct bl23_error *error)
{
    char const *const check = bl23_csv_text(csv, row, "check");
    enum bl23_status failed = BL23_OK;
    struct row r;
    if (!check) {
        *value = element(paper, csv, row);
        return BL23_OK;
    }
    for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++)
        if (strcmp(check, checks[k].name) == 0) {
            BL23_TRY(open_row(paper, csv, row, &r));
            r.failed = &failed;
            *value = checks[k].of(&r);
            return failed;
        }
    return bl23_fail(error, BL23_ERROR_FAILED, "%s:%zu: there is no check '%s'", csv->name,
                     csv->line[row], check);
}
