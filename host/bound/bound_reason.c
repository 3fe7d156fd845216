/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/bound/bound_reason.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/config/judged_limit.h"

/* Append a name to a list unless it is there. */
static void add_name(char *text, size_t size, char const *name)
{
    size_t const length = strlen(text), n = strlen(name);
    for (char const *p = text; (p = strstr(p, name)) != NULL; p++)
        if ((p == text || p[-1] == ' ') && (p[n] == '\0' || p[n] == ','))
            return;
    snprintf(text + length, size - length, "%s%s", length ? ", " : "", name);
}

/* The constraints that set the tightest edge of a quantity. */
static void add_tightest(struct bl23_bound_run const *run, size_t k, int quantity, bool upper,
                         char *text, size_t size)
{
    struct bl23_model const *const m = run->of.model;
    struct bl23_interval const tightest = m->knot[k].allowed[m->level][quantity];
    for (size_t c = 0; c < m->n_constraints; c++) {
        struct bl23_interval const limit = m->knot[k].limit[m->level][c];
        bool const edge = upper ? limit.hi == tightest.hi && !isinf(limit.hi)
                                : limit.lo == tightest.lo && limit.lo > 0.0;
        if (edge && (int)m->constraint_quantity[c] == quantity)
            add_name(text, size, run->of.config->constraints.item[c].name);
    }
}

/* A limit on g of power 1 is one on g^2, or in solve mode one on g where that is tighter, or the
 * end of the domain where that is. */
static void add_g(struct bl23_bound_run const *run, size_t k, int power, bool upper, char *text,
                  size_t size)
{
    struct bl23_interval const *const allowed =
        run->of.model->knot[k].allowed[run->of.model->level];
    struct bl23_interval const g2 = allowed[BL23_QUANTITY_G2], g = allowed[BL23_QUANTITY_G];
    bool const solve = run->of.model->g_mode == BL23_G_SOLVE;
    bool const of_g = upper ? g.hi * g.hi < g2.hi : g.lo * g.lo > g2.lo;
    bool const of_domain = upper && solve && BL23_G_MAX < fmin(g.hi, sqrt(g2.hi));
    if (power == 0 || of_domain)
        add_name(text, size, "the survey's range of g");
    else
        add_tightest(run, k, power == 2 || (solve && of_g) ? BL23_QUANTITY_G : BL23_QUANTITY_G2,
                     upper, text, size);
}

/* The constraints that no w and no g can meet, and why. */
static void add_impossible(struct bl23_bound_run const *run, size_t k, char *text, size_t size)
{
    struct bl23_model const *const m = run->of.model;
    for (size_t c = 0; c < m->n_constraints; c++) {
        struct bl23_interval const limit = m->knot[k].limit[m->level][c];
        char why[BL23_NOTE_SIZE];
        size_t const length = strlen(text);
        if (bl23_limit_is_impossible(&run->of.config->constraints.item[c], limit, why, sizeof why))
            snprintf(text + length, size - length, "%s%s", length ? "; " : "", why);
    }
}

void bl23_bound_decided_by(struct bl23_bound_run const *run, size_t k, char *text, size_t size)
{
    struct bl23_bound_problem problem;
    char upper[BL23_NOTE_SIZE] = "";
    text[0] = '\0';
    if (!bl23_bound_of_knot(run->of.model, run->of.tables, k, &problem)) {
        add_impossible(run, k, text, size);
        return;
    }
    struct bl23_bound_binding const b =
        bl23_bound_binding(&problem, &run->knot[k].answer[BL23_BOUND_TENSION]);
    for (int n = 0; n < BL23_BOUND_POWERS; n++) {
        if (b.g_lo[n])
            add_g(run, k, n, false, text, size);
        if (b.g_hi[n])
            add_g(run, k, n, true, upper, sizeof upper);
    }
    for (int kind = 0; kind < problem.kinds; kind++) {
        int const quantity = (int)problem.kind[kind].quantity;
        if (b.lower[kind])
            add_tightest(run, k, quantity, false, text, size);
        if (b.upper[kind])
            add_tightest(run, k, quantity, true, upper, sizeof upper);
    }
    size_t const length = strlen(text);
    if (upper[0] && strcmp(upper, text) != 0) /* a band may be alone with its two edges */
        snprintf(text + length, size - length, "%sagainst %s", length ? " " : "", upper);
}

bool bl23_bound_left_out(struct bl23_bound_run const *run, size_t k, size_t c)
{
    struct bl23_model const *const m = run->of.model;
    return bl23_bound_leaves_out(m->knot[k].limit[m->level][c], (int)m->constraint_quantity[c]);
}
