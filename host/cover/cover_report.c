/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/cover/cover_report.h"

#include <stdlib.h>

#include "host/config/limited_masses.h"
#include "host/config/mass_order.h"
#include "host/io/json_values.h"

enum { TABLE_ROWS = 9 };

static bool is_excluded(struct bl23_cover_mass const *m)
{
    return m->cells == 0;
}

static size_t count_excluded(struct bl23_cover_run const *run)
{
    size_t excluded = 0;
    for (size_t k = 0; k < run->of.config->n_masses; k++)
        excluded += is_excluded(&run->mass[k]);
    return excluded;
}

/* The masses that are excluded, or those that are not. */
static void print_masses(struct bl23_cover_run const *run, bool excluded, FILE *out)
{
    char text[BL23_MASSES_TEXT_SIZE];
    bool *const in = calloc(run->of.config->n_masses, sizeof *in);
    for (size_t k = 0; in && k < run->of.config->n_masses; k++)
        in[k] = is_excluded(&run->mass[k]) == excluded;
    if (in && bl23_mass_stretches(run->of.model, in, text, sizeof text))
        fprintf(out, "%s", text);
    free(in);
}

/* What the mean over all masses is of: rows, or rows and couplings. */
static char const *measure(struct bl23_cover_run const *run)
{
    return run->of.config->g_mode == BL23_G_LOG_UNIFORM ? "the Haar measure of W_u times that of g"
                                                        : "the Haar measure of W_u";
}

static void print_verdict(struct bl23_cover_run const *run, size_t excluded, FILE *out)
{
    size_t const n = run->of.config->n_masses;
    double sum = 0.0, low = 0.0, high = 0.0, upper = 0.0;
    bool seen = true;
    for (size_t k = 0; k < n; k++) {
        struct bl23_cover_mass const *const m = &run->mass[k];
        sum += m->volume / (double)n;
        low += m->volume_low / (double)n;
        high += m->volume_high / (double)n;
        upper += m->volume_upper / (double)n;
        seen = seen && (is_excluded(m) || m->survivors > 0 || m->volume_inside > 0.0);
    }
    fprintf(out, "\n");
    if (excluded > 0) {
        fprintf(out, "EXCLUDED by proof, for every W_u and every such g_B-L: at ");
        if (excluded == n)
            fprintf(out, n == 1 ? "this mass" : "all %zu masses", n);
        else
            fprintf(out, "%zu of %zu masses, ", excluded, n);
        if (excluded < n)
            print_masses(run, true, out);
        fprintf(out, "\n");
    }
    if (excluded == n)
        return;
    fprintf(out, "Allowed part of %s%s: ", measure(run), n > 1 ? ", mean of all masses" : "");
    fprintf(out, "%.4g\n  99.99 %% interval %.4g .. %.4g%s; no more than %.4g, by proof\n", sum,
            low, high, n > 1 ? " (the mean of the intervals at all masses)" : "", upper);
    if (!seen)
        fprintf(out,
                "%s of the cover survives, and it is not proven that none can: more cells or "
                "samples may decide\n",
                n > 1 ? "At some masses no sample" : "No sample");
}

static void print_row(struct bl23_cover_mass const *m, FILE *out)
{
    fprintf(out, "  %10.6g", m->mass_gev);
    if (is_excluded(m))
        fprintf(out, "   excluded by proof\n");
    else
        fprintf(out, "   %10.4g   %10.4g .. %-10.4g   %10.4g   %10.4g   %7.2f %%   %8llu\n",
                m->volume, m->volume_low, m->volume_high, m->volume_inside, m->volume_upper,
                100.0 * m->acceptance, (unsigned long long)m->cells);
}

/* Some masses from the first to the last. */
static void print_table(struct bl23_cover_run const *run, FILE *out)
{
    size_t const n = run->of.config->n_masses, rows = n < TABLE_ROWS ? n : TABLE_ROWS;
    fprintf(out, "\n");
    if (rows < n)
        fprintf(out, "%zu of the %zu masses (--json shows all):\n", rows, n);
    fprintf(out, "  m_Z' [GeV]      allowed         99.99 %% interval         proven >=    "
                 "proven <=   survive      cells\n");
    for (size_t r = 0; r < rows; r++)
        print_row(&run->mass[run->of.order[rows > 1 ? r * (n - 1) / (rows - 1) : 0]], out);
}

void bl23_cover_print(struct bl23_cover_run const *run, FILE *out)
{
    bl23_statement_print(&run->of, "cover", "g_B-L drawn", out);
    bl23_cover_print_allowed(run, out);
}

void bl23_cover_print_allowed(struct bl23_cover_run const *run, FILE *out)
{
    size_t const excluded = count_excluded(run);
    print_verdict(run, excluded, out);
    if (excluded < run->of.config->n_masses)
        print_table(run, out);
}

static json_t *mass_json(struct bl23_cover_mass const *m)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "mass_gev",
        bl23_json_number(m->mass_gev), "volume_upper", bl23_json_number(m->volume_upper),
        "volume_inside", bl23_json_number(m->volume_inside), "acceptance",
        bl23_json_number(m->acceptance), "acceptance_low", bl23_json_number(m->acceptance_low),
        "acceptance_high", bl23_json_number(m->acceptance_high), "volume",
        bl23_json_number(m->volume), "volume_low", bl23_json_number(m->volume_low), "volume_high",
        bl23_json_number(m->volume_high), "cells", bl23_json_count(m->cells), "excluded",
        is_excluded(m));
}

json_t *bl23_cover_json(struct bl23_cover_run const *run)
{
    json_t *const masses = json_array();
    for (size_t k = 0; k < run->of.config->n_masses; k++)
        json_array_append_new(masses, mass_json(&run->mass[k]));
    return json_pack("{s:o}", "masses", masses);
}
