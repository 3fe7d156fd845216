/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* C_L, C_R and A_X against the numbers printed in the paper, the independence of A_X of the
 * renormalisation scale, and the quadratic forms against the sum they abbreviate. */
#include <stdlib.h>
#include <string.h>

#include "kernels/sample/draw.h"
#include "tables/physics/loop_tables.h"
#include "tables/physics/passarino_veltman.h"
#include "tests/check.h"
#include "tests/csv.h"

static char const *const channel_names[BL23_CHANNELS] = {"ds", "db", "sb"};

static struct bl23_inputs preset(char const *name)
{
    struct bl23_inputs inputs;
    struct bl23_error error = {BL23_OK, ""};
    check_ok(bl23_inputs_preset(name, &inputs, &error), &error, "%s", name);
    return inputs;
}

static struct bl23_loop_table compute(struct bl23_inputs const *inputs, double mu2,
                                      struct bl23_dd mass)
{
    struct bl23_loop_context context;
    struct bl23_loop_table table;
    memset(&table, 0, sizeof table);
    bl23_loop_context_build(inputs, mu2, &context);
    check_ok(bl23_loop_table_compute(&context, mass, &table), NULL, "mass %.17g", mass.hi);
    return table;
}

static int channel_index(char const *name)
{
    for (int x = 0; x < BL23_CHANNELS; x++)
        if (strcmp(name, channel_names[x]) == 0)
            return x;
    fail_msg("there is no channel '%s'", name);
    return 0;
}

/* Ours for a row of paper_tables.csv. */
static double value_of(struct bl23_loop_table const *table, struct csv const *csv, size_t row)
{
    int const x = channel_index(csv_text(csv, row, "channel"));
    int const i = (int)csv_double(csv, row, "i") - 1, j = (int)csv_double(csv, row, "j") - 1;
    int const part = strcmp(csv_text(csv, row, "part"), "im") == 0;
    bool const left = strcmp(csv_text(csv, row, "chirality"), "L") == 0;
    return left ? table->c_left[x][i][j][part] : table->c_right[x][i][j][part];
}

/* The three numbers of the paper that do not agree stand in the file with a reason and the range
 * that ours must lie in. */
static bool is_exception(struct csv const *csv, size_t row)
{
    return csv_text(csv, row, "reason")[0] != '\0';
}

static void test_paper_tables(void **state)
{
    (void)state;
    struct bl23_inputs const inputs = preset("pdg2018");
    struct bl23_loop_table const table = compute(&inputs, 1.0, inputs.m_pi0);
    struct csv *const csv = csv_open("paper_tables.csv");
    size_t agree = 0, except = 0;
    for (size_t row = 0; row < csv_rows(csv); row++) {
        double const found = value_of(&table, csv, row);
        double const printed = csv_double(csv, row, "printed");
        double const half_unit = csv_double(csv, row, "half_unit");
        bool const exception = is_exception(csv, row);
        bool const agrees = fabs(found - printed) <= half_unit;
        check_that(agrees == !exception, "(%s) %s%s %s: found %.6g, printed %g, half a unit %g, %s",
                   csv_text(csv, row, "equation"), csv_text(csv, row, "i"), csv_text(csv, row, "j"),
                   csv_text(csv, row, "part"), found, printed, half_unit,
                   exception ? "expected to disagree" : "expected to agree");
        if (exception)
            check_that(found >= csv_double(csv, row, "low") &&
                           found <= csv_double(csv, row, "high"),
                       "row %zu: found %.6g, expected %s to %s", row, found,
                       csv_text(csv, row, "low"), csv_text(csv, row, "high"));
        agree += agrees;
        except += exception;
    }
    check_that(agree == 97 && except == 3 && csv_rows(csv) == 100,
               "%zu of %zu numbers agree, %zu are listed not to", agree, csv_rows(csv), except);
    csv_close(csv);
}

/* A_X must not know mu^2, C_L must. */
static void test_scale_independence(void **state)
{
    (void)state;
    static char const *const names[2] = {"pdg2018", "pdg2024"};
    static double const masses[] = {1e-3, 0.05, 0.134977, 0.5, 1.3, 2.6, 4.7};
    for (int p = 0; p < 2; p++)
        for (size_t k = 0; k < sizeof masses / sizeof masses[0]; k++) {
            struct bl23_inputs const inputs = preset(names[p]);
            struct bl23_dd const m = bl23_dd(masses[k]);
            struct bl23_loop_table const one = compute(&inputs, 1.0, m);
            struct bl23_loop_table const other = compute(&inputs, 1e4, m);
            for (int x = 0; x < BL23_CHANNELS; x++) {
                double const moved = fabs(one.c_left[x][0][0][0] - other.c_left[x][0][0][0]);
                check_that(moved > 0.5 * fabs(one.c_left[x][0][0][0]),
                           "%s, m = %g: C_L,11 of %s moved by %g only", names[p], masses[k],
                           channel_names[x], moved);
                for (int part = 0; part < 2; part++) {
                    check_absolute(other.a[x][part], one.a[x][part], 1e-14,
                                   "%s, m = %g: A_%s, part %d", names[p], masses[k],
                                   channel_names[x], part);
                    check_relative(other.a[x][part], one.a[x][part], 1e-12,
                                   "%s, m = %g: A_%s, part %d", names[p], masses[k],
                                   channel_names[x], part);
                }
            }
        }
}

/* w as complex double-doubles from its words, and its monomials as the kernels draw them. */
static void draw(uint64_t index, struct bl23_ddc w[3], double monomial[BL23_MONOMIALS])
{
    struct bl23_words const words = bl23_sample_words(20200823, index, 0);
    bl23_draw_monomials(words, monomial);
    uint32_t const phase[3] = {0u, words.x[2], words.x[3]};
    for (int i = 0; i < 3; i++) {
        struct bl23_dd sine, cosine;
        bl23_dd_sincospi(bl23_dd((double)phase[i] * 0x1p-31), &sine, &cosine);
        struct bl23_dd const r = bl23_dd_sqrt(bl23_dd(monomial[i]));
        w[i] = (struct bl23_ddc){bl23_dd_mul(r, cosine), bl23_dd_mul(r, sine)};
    }
}

/* The C_L, C_R of one channel and pair from the loop functions, straight. */
static void couplings(struct bl23_loop_context const *context, struct bl23_dd mass, int x, int i,
                      int j, struct bl23_ddc *left, struct bl23_ddc *right)
{
    struct bl23_pv_masses const m = {context->mass_gev[i], context->mass_gev[j],
                                     context->mass_w_gev, mass};
    struct bl23_pv pv;
    check_ok(bl23_pv_compute(&m, &pv), NULL, "mass %g, %d-%d", mass.hi, i, j);
    struct bl23_dd const mm = bl23_dd_mul(m.mass_i_gev, m.mass_j_gev);
    *left = bl23_ddc_mul(context->vertex[x][i][j], pv.s);
    *right = bl23_ddc_mul(context->vertex[x][i][j], bl23_ddc_scale(pv.c0, mm));
}

/* H_X = sum_ij [C_L,ij g_L,ij + C_R,ij g_R,ij]/g, nine terms in double-doubles. */
static struct bl23_ddc direct(struct bl23_loop_context const *context, struct bl23_dd mass, int x,
                              struct bl23_ddc const w[3])
{
    struct bl23_ddc sum = {{0.0, 0.0}, {0.0, 0.0}};
    struct bl23_dd const third = bl23_dd_div(bl23_dd(1.0), bl23_dd(3.0));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            struct bl23_ddc left, right;
            couplings(context, mass, x, i, j, &left, &right);
            struct bl23_ddc const delta = {bl23_dd(i == j ? 1.0 : 0.0), bl23_dd(0.0)};
            struct bl23_ddc const g_right =
                bl23_ddc_scale(bl23_ddc_sub(delta, bl23_ddc_mul(bl23_ddc_conj(w[i]), w[j])), third);
            sum = bl23_ddc_add(sum, bl23_ddc_mul(left, context->left[i][j]));
            sum = bl23_ddc_add(sum, bl23_ddc_mul(right, g_right));
        }
    return sum;
}

static struct bl23_dd form_value(double const form[BL23_MONOMIALS], double const *monomial)
{
    struct bl23_dd sum = bl23_dd(0.0);
    for (int k = 0; k < BL23_MONOMIALS; k++)
        sum = bl23_dd_add(sum, bl23_dd_two_prod(form[k], monomial[k]));
    return sum;
}

static void test_forms_are_the_sum(void **state)
{
    (void)state;
    static double const masses[] = {0.01, 0.128, 0.134977, 1.0, 1.5, 3.0, 4.7};
    struct bl23_inputs const inputs = preset("pdg2018");
    struct bl23_loop_context context;
    bl23_loop_context_build(&inputs, 1.0, &context);
    for (size_t k = 0; k < sizeof masses / sizeof masses[0]; k++) {
        struct bl23_dd const mass = bl23_dd(masses[k]);
        struct bl23_loop_table const table = compute(&inputs, 1.0, mass);
        for (uint64_t index = 0; index < 40; index++) {
            struct bl23_ddc w[3];
            double monomial[BL23_MONOMIALS];
            draw(index, w, monomial);
            for (int x = 0; x < BL23_CHANNELS; x++) {
                struct bl23_ddc const h = direct(&context, mass, x, w);
                struct bl23_dd const re = form_value(table.form[2 * x], monomial);
                struct bl23_dd const im = form_value(table.form[2 * x + 1], monomial);
                check_relative(bl23_dd_round(re), bl23_dd_round(h.re), 1e-13,
                               "Re H_%s at m = %g, sample %d", channel_names[x], masses[k],
                               (int)index);
                check_relative(bl23_dd_round(im), bl23_dd_round(h.im), 1e-13,
                               "Im H_%s at m = %g, sample %d", channel_names[x], masses[k],
                               (int)index);
            }
        }
    }
}

/* The bound a row states is positive, and not above a few roundings of its largest coefficient. */
static void test_form_error(void **state)
{
    (void)state;
    static double const masses[] = {1e-12, 1e-3, 0.0044, 0.134977, 1.2772, 2.55, 4.7};
    struct bl23_inputs const inputs = preset("pdg2018");
    for (size_t k = 0; k < sizeof masses / sizeof masses[0]; k++) {
        struct bl23_loop_table const table = compute(&inputs, 1.0, bl23_dd(masses[k]));
        for (int r = 0; r < BL23_LOOP_FORMS; r++) {
            double largest = 0.0;
            for (int m = 0; m < BL23_MONOMIALS; m++)
                largest = fmax(largest, fabs(table.form[r][m]));
            check_that(table.form_error[r] > 0.0 && table.form_error[r] <= 0x1p-51 * largest,
                       "row %d at m = %g: error %g, largest coefficient %g", r, masses[k],
                       table.form_error[r], largest);
        }
    }
}

/* The other numbers of a table follow from C_L and C_R. */
static void test_sums_of_the_table(void **state)
{
    (void)state;
    struct bl23_inputs const inputs = preset("pdg2024");
    struct bl23_loop_table const t = compute(&inputs, 1.0, bl23_dd_parse("0.14", NULL));
    check_exact(t.mass_gev, 0.14, "mass");
    for (int x = 0; x < BL23_CHANNELS; x++)
        for (int part = 0; part < 2; part++) {
            double left = 0.0, right = 0.0, scale = 0.0;
            for (int i = 0; i < 3; i++) {
                left += t.c_left[x][i][i][part];
                right += t.c_right[x][i][i][part];
                scale = fmax(scale, fabs(t.c_left[x][i][i][part]));
            }
            check_absolute(t.left_diagonal[x][part], left, 1e-15 * scale, "%s: sum C_L,ii",
                           channel_names[x]);
            check_absolute(t.right_diagonal[x][part], right, 1e-15 * fabs(right), "%s: sum C_R,ii",
                           channel_names[x]);
        }
}

static void test_domain(void **state)
{
    (void)state;
    static double const bad[] = {5.2, 100.0, -1.0, (double)NAN, (double)INFINITY};
    struct bl23_inputs const inputs = preset("pdg2018");
    struct bl23_loop_context context;
    bl23_loop_context_build(&inputs, 1.0, &context);
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        struct bl23_loop_table table;
        enum bl23_status const status = bl23_loop_table_compute(&context, bl23_dd(bad[k]), &table);
        check_that(status == BL23_ERROR_DOMAIN, "mass %g: status %d", bad[k], (int)status);
    }
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(test_paper_tables),      cmocka_unit_test(test_scale_independence),
        cmocka_unit_test(test_forms_are_the_sum), cmocka_unit_test(test_form_error),
        cmocka_unit_test(test_sums_of_the_table), cmocka_unit_test(test_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
