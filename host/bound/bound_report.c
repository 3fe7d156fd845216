/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/bound/bound_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/bound/bound_reason.h"
#include "host/config/limited_masses.h"
#include "host/config/mass_order.h"
#include "host/config/survey_warnings.h"

enum { TABLE_ROWS = 9, STRETCHES_MAX = 6 };

/* The largest g that upper limits leave to any w at a possible mass, the g that limits ask for, and
 * the end of the domain. */
struct largest_g {
    double proven, reached, asked, end;
};

/* Numbers of masses in each state, where the tension is least, and how far proof and witness are
 * apart at most: (upper - lower)/upper. */
struct overview {
    size_t count[BL23_BOUND_STATES], possible, least;
    double gap, gap_of_g;
};

static struct bl23_bound_answer const *tension_of(struct bl23_bound_run const *run, size_t k)
{
    return &run->knot[k].answer[BL23_BOUND_TENSION];
}

static struct largest_g largest_g_of(struct bl23_bound_run const *run, size_t k)
{
    struct bl23_bound_problem problem;
    struct largest_g g = {0.0, 0.0, 0.0, 0.0};
    if (!bl23_bound_of_knot(run->of.model, run->of.tables, k, &problem))
        return g;
    bl23_bound_largest_g(&problem, &run->knot[k], &g.proven, &g.reached);
    g.asked = bl23_bound_g_asked(&problem, &run->knot[k]);
    g.end = fmin(problem.g_hi[0], BL23_G_MAX);
    return g;
}

static struct overview overview_of(struct bl23_bound_run const *run)
{
    struct overview o = {.least = run->of.config->n_masses};
    for (size_t k = 0; k < run->of.config->n_masses; k++) {
        struct bl23_bound_answer const *const a = tension_of(run, k);
        o.count[run->knot[k].state]++;
        if (!run->knot[k].possible)
            continue;
        struct largest_g const g = largest_g_of(run, k);
        o.possible++;
        o.gap_of_g = fmax(o.gap_of_g, 1.0 - g.reached / g.proven);
        if (o.least == run->of.config->n_masses || a->upper < tension_of(run, o.least)->upper)
            o.least = k;
        if (a->upper > BL23_BOUND_NOTHING)
            o.gap = fmax(o.gap, isinf(a->upper) ? 1.0 : 1.0 - a->lower / a->upper);
    }
    return o;
}

enum { NUMBER_SIZE = 32, BRACKET_SIZE = 128, TENSION_DIGITS = 8, G_DIGITS = 6 };

/* x > 0 with a number of digits, rounded up (side 1) or down (side -1). */
static void print_outward(double x, int digits, int side, char text[NUMBER_SIZE])
{
    snprintf(text, NUMBER_SIZE, "%.*g", digits, x);
    if (side * (strtod(text, NULL) - x) < 0.0)
        snprintf(text, NUMBER_SIZE, "%.*g", digits, x * (1.0 + side * 5.0 * pow(10.0, -digits)));
}

/* What is proven and what is reached, as one number where both print alike; true if they do. The
 * proven one is an upper bound (side 1) or a lower one (side -1); no bound and no witness are 0 or
 * infinity. */
static bool bracket_text(double proven, double reached, int digits, int side,
                         char text[BRACKET_SIZE])
{
    char bound[NUMBER_SIZE], witness[NUMBER_SIZE];
    bool const has_witness = reached > 0.0 && !isinf(reached);
    snprintf(bound, sizeof bound, "%.*g", digits, proven);
    snprintf(witness, sizeof witness, "%.*g", digits, reached);
    snprintf(text, BRACKET_SIZE, "%s", bound);
    if (has_witness && strcmp(bound, witness) == 0)
        return true;
    print_outward(proven, digits, side, bound);
    snprintf(text, BRACKET_SIZE, "%s %s proven, %s reached", side > 0 ? "<=" : ">=", bound,
             has_witness ? witness : "none");
    return false;
}

static double mass(struct bl23_bound_run const *run, size_t k)
{
    return run->of.model->knot[k].mass_gev;
}

/* "0.116 .. 0.125, 0.14 GeV": the masses in a state, at most a few stretches. */
static void print_masses(struct bl23_bound_run const *run, enum bl23_bound_state state, FILE *out)
{
    char text[BL23_MASSES_TEXT_SIZE];
    bool *const in = calloc(run->of.config->n_masses, sizeof *in);
    for (size_t k = 0; in && k < run->of.config->n_masses; k++)
        in[k] = run->knot[k].state == state;
    if (in && bl23_mass_stretches(run->of.model, in, text, sizeof text))
        fprintf(out, "%s", text);
    free(in);
}

/* Where no w and no g can meet some limit, and which: in stretches of one reason. */
static void print_impossible(struct bl23_bound_run const *run, FILE *out)
{
    size_t const n = run->of.config->n_masses, *const at = run->of.order;
    int stretches = 0;
    for (size_t k = 0; k < n; k++) {
        char reason[BL23_NOTE_SIZE], next[BL23_NOTE_SIZE];
        size_t const first = k;
        if (run->knot[at[k]].possible)
            continue;
        bl23_bound_decided_by(run, at[k], reason, sizeof reason);
        for (; k + 1 < n && !run->knot[at[k + 1]].possible; k++) {
            bl23_bound_decided_by(run, at[k + 1], next, sizeof next);
            if (strcmp(next, reason) != 0)
                break;
        }
        if (++stretches > STRETCHES_MAX) {
            fprintf(out, "  ...\n");
            break;
        }
        fprintf(out, "  at %.6g", mass(run, at[first]));
        if (k > first)
            fprintf(out, " .. %.6g", mass(run, at[k]));
        fprintf(out, " GeV: %s\n", reason);
    }
}

static void print_verdict(struct bl23_bound_run const *run, struct overview const *o, FILE *out)
{
    static char const *const what[BL23_BOUND_STATES] = {
        "EXCLUDED for every W_u and every such g_B-L, by proof",
        "OPEN, as some W_u and g_B-L meet all constraints",
        "UNDECIDED: the proven tension is at most 1, the reached tension is above 1",
    };
    size_t const n = run->of.config->n_masses;
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
        print_impossible(run, out);
}

/* The constraints that the proofs leave out at some mass. */
static void print_left_out(struct bl23_bound_run const *run, FILE *out)
{
    bool any = false;
    for (size_t c = 0; c < run->of.model->n_constraints; c++) {
        bool left_out = false;
        for (size_t k = 0; k < run->of.config->n_masses; k++)
            left_out = left_out || bl23_bound_left_out(run, k, c);
        if (!left_out)
            continue;
        fprintf(out, "%s%s", any ? ", " : "The proofs leave out ",
                run->of.config->constraints.item[c].name);
        any = true;
    }
    if (any)
        fprintf(out, "; the reached numbers count them\n");
}

/* The row that reaches an answer. */
static void print_w(struct bl23_bound_answer const *a, FILE *out)
{
    double const pi = bl23_dd_pi.hi;
    fprintf(out, "  reached by    |w| = %.6f %.6f %.6f, phases/pi %+.6f %+.6f %+.6f\n",
            a->modulus[0], a->modulus[1], a->modulus[2], a->phase[0] / pi, a->phase[1] / pi,
            a->phase[2] / pi);
}

static void print_w_and_g(struct bl23_bound_answer const *a, FILE *out)
{
    print_w(a, out);
    fprintf(out, "                g = %.5g\n", a->g);
}

/* Is the least tension practically zero? */
static bool is_nothing(struct bl23_bound_answer const *a)
{
    return a->upper <= BL23_BOUND_NOTHING;
}

static void tension_text(struct bl23_bound_answer const *a, char text[BRACKET_SIZE], bool *same)
{
    *same = is_nothing(a);
    if (*same)
        snprintf(text, BRACKET_SIZE, a->upper == 0.0 ? "0" : "< %g", BL23_BOUND_NOTHING);
    else
        *same = bracket_text(a->lower, a->upper, TENSION_DIGITS, -1, text);
}

static void print_gap(double gap, FILE *out)
{
    fprintf(out,
            "  gap           at most %.2g, relative, between the proven and the reached value at "
            "any mass\n",
            gap);
}

/* A tension that is practically zero. Its row is of interest only where g cannot vanish. */
static void print_no_tension(struct bl23_bound_run const *run, size_t k, FILE *out)
{
    struct bl23_bound_answer const *const a = tension_of(run, k);
    char bound[NUMBER_SIZE];
    if (a->lower > 0.0) {
        print_outward(a->lower, TENSION_DIGITS, -1, bound);
        fprintf(out, ", proven >= %s", bound);
    }
    if (run->of.config->g_mode == BL23_G_SOLVE && a->upper == 0.0) {
        fprintf(out, ": no constraint requires a coupling, so a small g passes\n");
        return;
    }
    fprintf(out, ": practically zero\n");
    print_w_and_g(a, out);
}

static void print_tension(struct bl23_bound_run const *run, struct overview const *o, FILE *out)
{
    struct bl23_bound_answer const *const a = tension_of(run, o->least);
    char decided[BL23_NOTE_SIZE], text[BRACKET_SIZE];
    bool same;
    tension_text(a, text, &same);
    fprintf(out, "\nLeast tension   %s%s %.6g GeV", text, same ? " at" : ", at",
            mass(run, o->least));
    if (is_nothing(a)) {
        print_no_tension(run, o->least, out);
        return;
    }
    fprintf(out, "%s; a survivor has at most 1\n", same ? ", proven and reached" : "");
    if (!isinf(a->upper))
        print_w_and_g(a, out);
    bl23_bound_decided_by(run, o->least, decided, sizeof decided);
    fprintf(out, "  decided by    %s\n", decided[0] ? decided : "no limit");
    print_gap(o->gap, out);
}

static void print_largest_g(struct bl23_bound_run const *run, struct overview const *o, FILE *out)
{
    struct bl23_bound_knot const *const knot = &run->knot[o->least];
    struct bl23_bound_answer const *const a = &knot->answer[BL23_BOUND_LARGEST_G];
    struct largest_g const g = largest_g_of(run, o->least);
    char text[BRACKET_SIZE];
    bool const same = bracket_text(g.proven, g.reached, G_DIGITS, 1, text);
    fprintf(out, "Largest g       %s%s %.6g GeV%s\n                ", text, same ? " at" : ", at",
            mass(run, o->least), same ? ", proven and reached" : "");
    if (g.proven < g.end)
        fprintf(out, "upper limits exclude any larger g for every W_u");
    else if (same)
        fprintf(out, "for some W_u, upper limits allow the whole range of g");
    else
        fprintf(out, "there is no g that upper limits are proven to exclude");
    fprintf(out, g.asked > 0.0 ? "; the constraints require g >= %.6g\n" : "\n", g.asked);
    if (knot->state == BL23_BOUND_open && knot->asked[BL23_BOUND_LARGEST_G] && !isinf(a->upper))
        print_w(a, out);
    print_gap(o->gap_of_g, out);
}

/* How far each limit alone would have to give way, at one mass. */
static void print_relief(struct bl23_bound_run const *run, size_t k, FILE *out)
{
    struct bl23_bound_knot const *const knot = &run->knot[k];
    bool headed = false;
    for (int q = 0; q < BL23_QUANTITIES; q++) {
        struct bl23_bound_answer const *const a = &knot->answer[BL23_BOUND_RELIEF + q];
        char text[BRACKET_SIZE];
        if (!knot->asked[BL23_BOUND_RELIEF + q])
            continue;
        if (!headed)
            fprintf(out, "Relaxing the limit on one quantity, with all others kept, at %.6g GeV:\n",
                    mass(run, k));
        headed = true;
        fprintf(out, "  %-16s ", bl23_bound_quantity_name(q).text);
        if (bl23_bound_is_never(a)) {
            fprintf(out, "the other constraints exclude the mass even without this limit\n");
        } else if (a->lower == 0.0 && isinf(a->upper)) {
            fprintf(out, "not decided: no known W_u meets the other constraints\n");
        } else if (a->lower == 0.0) {
            fprintf(out, "not decided: a known W_u passes if this limit is multiplied by %.6g\n",
                    a->upper);
        } else {
            bracket_text(a->lower, a->upper, G_DIGITS, -1, text);
            fprintf(out, "the mass opens if this limit is multiplied by %s\n", text);
        }
    }
}

/* Some masses from the first to the last, each with its two numbers. */
static void print_table(struct bl23_bound_run const *run, FILE *out)
{
    size_t const n = run->of.config->n_masses, rows = n < TABLE_ROWS ? n : TABLE_ROWS;
    struct {
        size_t knot;
        char tension[BRACKET_SIZE], g[BRACKET_SIZE];
    } row[TABLE_ROWS];
    size_t tension_width = sizeof "least tension" + 1, g_width = sizeof "largest g" + 2;
    if (n == 1)
        return;
    for (size_t r = 0; r < rows; r++) {
        size_t const k = row[r].knot = r * (n - 1) / (rows - 1);
        struct largest_g const g = largest_g_of(run, k);
        bool same;
        snprintf(row[r].tension, BRACKET_SIZE, "infinite");
        snprintf(row[r].g, BRACKET_SIZE, "none");
        if (run->knot[k].possible) {
            tension_text(tension_of(run, k), row[r].tension, &same);
            bracket_text(g.proven, g.reached, G_DIGITS, 1, row[r].g);
        }
        size_t const tension_length = strlen(row[r].tension), g_length = strlen(row[r].g);
        tension_width = tension_length > tension_width ? tension_length : tension_width;
        g_width = g_length > g_width ? g_length : g_width;
    }
    fprintf(out, "\n");
    if (rows < n)
        fprintf(out, "%zu of the %zu masses (--json shows all):\n", rows, n);
    fprintf(out, "  m [GeV]      state      %-*s %-*s decided by\n", (int)tension_width,
            "least tension", (int)g_width, "largest g");
    for (size_t r = 0; r < rows; r++) {
        size_t const k = row[r].knot;
        char decided[BL23_NOTE_SIZE];
        bl23_bound_decided_by(run, k, decided, sizeof decided);
        fprintf(out, "  %-12.6g %-10s %-*s %-*s %s\n", mass(run, k),
                bl23_bound_state_name(run->knot[k].state), (int)tension_width, row[r].tension,
                (int)g_width, row[r].g, decided[0] ? decided : "-");
    }
}

void bl23_bound_print(struct bl23_bound_run const *run, FILE *out)
{
    struct overview const o = overview_of(run);
    bl23_statement_print(&run->of, "bound", "every g_B-L", out);
    print_verdict(run, &o, out);
    print_left_out(run, out);
    bl23_cover_warn(run->of.config, run->of.model, "", out);
    if (o.possible == 0)
        return;
    print_tension(run, &o, out);
    print_largest_g(run, &o, out);
    print_relief(run, o.least, out);
    print_table(run, out);
}
