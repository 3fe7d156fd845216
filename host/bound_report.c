/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/bound_report.h"

#include <math.h>
#include <string.h>

#include "host/bound_file.h"

enum { TABLE_ROWS = 9 };

static char const *const kind_texts[BL23_BOUND_KINDS] = {"(Im H_ds)^2", "|H_ds|^2", "|H_db|^2",
                                                         "|H_sb|^2"};

/* Numbers of masses in each state, and where the tension is least. */
struct overview {
    size_t count[BL23_BOUND_STATES], possible, least;
    double gap; /* largest (upper - lower)/upper of the tension */
};

static struct bl23_bound_answer const *tension_of(struct bl23_bound_run const *run, size_t k)
{
    return &run->knot[k].answer[BL23_BOUND_TENSION];
}

static struct overview overview_of(struct bl23_bound_run const *run)
{
    struct overview o = {.least = run->config->n_masses};
    for (size_t k = 0; k < run->config->n_masses; k++) {
        struct bl23_bound_answer const *const a = tension_of(run, k);
        o.count[run->knot[k].state]++;
        if (!run->knot[k].possible)
            continue;
        o.possible++;
        if (o.least == run->config->n_masses || a->upper < tension_of(run, o.least)->upper)
            o.least = k;
        if (a->lower > 0.0 && !isinf(a->upper))
            o.gap = fmax(o.gap, 1.0 - a->lower / a->upper);
    }
    return o;
}

static double mass(struct bl23_bound_run const *run, size_t k)
{
    return run->model->knot[k].mass_gev;
}

static void print_header(struct bl23_bound_run const *run, FILE *out)
{
    struct bl23_config const *const c = run->config;
    fprintf(out, "(B-L)_23 bound: ");
    if (c->n_masses == 1)
        fprintf(out, "m_Z' = %.6g GeV", mass(run, 0));
    else
        fprintf(out, "%zu masses from %.6g to %.6g GeV", c->n_masses, mass(run, 0),
                mass(run, c->n_masses - 1));
    fprintf(out, ", constraints %s at %d sigma,\ninputs %s, every W_u, ",
            c->sets[0] ? c->sets : "of your own", c->sigma, c->inputs.preset);
    if (c->g_mode == BL23_G_SOLVE)
        fprintf(out, "every g_B-L up to %g\n", BL23_BOUND_G_MAX);
    else if (c->g_mode == BL23_G_FIXED)
        fprintf(out, "g_B-L = %.6g\n", bl23_dd_round(c->g_min));
    else
        fprintf(out, "every g_B-L from %.6g to %.6g\n", bl23_dd_round(c->g_min),
                bl23_dd_round(c->g_max));
}

/* "0.116 .. 0.125, 0.14 GeV": the masses in a state, at most a few stretches. */
static void print_masses(struct bl23_bound_run const *run, enum bl23_bound_state state, FILE *out)
{
    size_t const n = run->config->n_masses;
    int stretches = 0;
    for (size_t k = 0; k < n; k++) {
        size_t end = k;
        if (run->knot[k].state != state)
            continue;
        while (end + 1 < n && run->knot[end + 1].state == state)
            end++;
        if (++stretches > 6) {
            fprintf(out, ", ...");
            break;
        }
        fprintf(out, end > k ? "%s%.6g .. %.6g" : "%s%.6g", stretches > 1 ? ", " : "", mass(run, k),
                mass(run, end));
        k = end;
    }
    fprintf(out, " GeV");
}

static void print_verdict(struct bl23_bound_run const *run, struct overview const *o, FILE *out)
{
    static char const *const what[BL23_BOUND_STATES] = {
        "EXCLUDED for every W_u and every g_B-L, by proof",
        "OPEN: some W_u and g_B-L meet all constraints",
        "UNDECIDED: the least tension is too close to 1",
    };
    size_t const n = run->config->n_masses;
    fprintf(out, "\n");
    for (int state = 0; state < BL23_BOUND_STATES; state++) {
        if (o->count[state] == 0)
            continue;
        fprintf(out, "%s: at ", what[state]);
        if (o->count[state] == n)
            fprintf(out, n == 1 ? "this mass" : "all %zu masses", n);
        else
            fprintf(out, "%zu of %zu masses, ", o->count[state], n);
        if (o->count[state] != n)
            print_masses(run, (enum bl23_bound_state)state, out);
        fprintf(out, "\n");
    }
    if (o->possible < n)
        fprintf(out,
                "  (at %zu masses some limit can be met by nothing at all, such as a band on a "
                "closed mode)\n",
                n - o->possible);
}

static void print_row(struct bl23_bound_answer const *a, FILE *out)
{
    double const pi = bl23_dd_pi.hi;
    fprintf(out, "|w| = %.6f %.6f %.6f, phases/pi %+.6f %+.6f %+.6f", a->modulus[0], a->modulus[1],
            a->modulus[2], a->phase[0] / pi, a->phase[1] / pi, a->phase[2] / pi);
}

static void print_tension(struct bl23_bound_run const *run, struct overview const *o, FILE *out)
{
    struct bl23_bound_answer const *const a = tension_of(run, o->least);
    char decided[BL23_NOTE_SIZE];
    if (a->lower == 0.0) {
        fprintf(out, "\nLeast tension   %.3g at %.6g GeV: as good as none\n", a->upper,
                mass(run, o->least));
        return;
    }
    fprintf(out, "\nLeast tension   %.8g at %.6g GeV, proven >= %.8g; at most 1 passes\n", a->upper,
            mass(run, o->least), a->lower);
    fprintf(out, "  reached by    ");
    print_row(a, out);
    fprintf(out, "\n                g = %.5g\n", a->g);
    bl23_bound_decided_by(run, o->least, decided, sizeof decided);
    fprintf(out, "  decided by    %s\n", decided[0] ? decided : "no limit");
    fprintf(out, "  gap           at most %.1e between proof and witness, over all masses\n",
            o->gap);
}

static void print_largest_g(struct bl23_bound_run const *run, size_t k, FILE *out)
{
    struct bl23_bound_problem problem;
    double proven, reached;
    if (!bl23_bound_of_knot(run->model, run->tables, k, &problem))
        return;
    bl23_bound_largest_g(&problem, &run->knot[k], &proven, &reached);
    double const asked = bl23_bound_g_allowed_min(&problem);
    fprintf(out, "Largest g       %.6g at %.6g GeV: upper limits exclude more for every W_u",
            proven, mass(run, k));
    fprintf(out, asked > 0.0 ? ";\n                g >= %.6g is asked for\n" : "\n", asked);
}

/* How far each limit alone would have to give way, at one mass. */
static void print_relief(struct bl23_bound_run const *run, size_t k, FILE *out)
{
    if (run->knot[k].state == BL23_BOUND_open)
        return;
    fprintf(out, "One limit to give way, all others kept, at %.6g GeV:\n", mass(run, k));
    for (int kind = 0; kind < BL23_BOUND_KINDS; kind++) {
        struct bl23_bound_answer const *const a = &run->knot[k].answer[BL23_BOUND_RELIEF + kind];
        if (!run->knot[k].asked[BL23_BOUND_RELIEF + kind])
            continue;
        if (a->lower >= BL23_BOUND_NEVER)
            fprintf(out, "  g^2 %-12s without any limit on it the others still exclude\n",
                    kind_texts[kind]);
        else
            fprintf(out, "  g^2 %-12s its limit would have to be %.6g times as large\n",
                    kind_texts[kind], a->lower);
    }
}

/* Row r of the table out of all masses. */
static size_t table_knot(size_t n, size_t r, size_t rows)
{
    return rows > 1 ? r * (n - 1) / (rows - 1) : 0;
}

static size_t table_rows(size_t n)
{
    return n < TABLE_ROWS ? n : TABLE_ROWS;
}

static void print_table(struct bl23_bound_run const *run, FILE *out)
{
    size_t const n = run->config->n_masses, rows = table_rows(n);
    if (n == 1)
        return;
    fprintf(out, "\n  m [GeV]      state      least tension   largest g    decided by\n");
    for (size_t r = 0; r < rows; r++) {
        size_t const k = table_knot(n, r, rows);
        struct bl23_bound_problem problem;
        double proven = 0.0, reached;
        char decided[BL23_NOTE_SIZE];
        bl23_bound_decided_by(run, k, decided, sizeof decided);
        if (bl23_bound_of_knot(run->model, run->tables, k, &problem))
            bl23_bound_largest_g(&problem, &run->knot[k], &proven, &reached);
        fprintf(out, "  %-12.6g %-10s", mass(run, k), bl23_bound_state_name(run->knot[k].state));
        if (run->knot[k].possible)
            fprintf(out, " %-15.8g %-12.6g %s\n", tension_of(run, k)->upper, proven, decided);
        else
            fprintf(out, " %-15s\n", "infinite");
    }
}

void bl23_bound_print(struct bl23_bound_run const *run, FILE *out)
{
    struct overview const o = overview_of(run);
    print_header(run, out);
    print_verdict(run, &o, out);
    if (o.possible == 0)
        return;
    print_tension(run, &o, out);
    print_largest_g(run, o.least, out);
    print_relief(run, o.least, out);
    print_table(run, out);
}
