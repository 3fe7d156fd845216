/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* Cost of what is known before the first sample: S_ij and C0_ij for the six pairs of up-type quarks
 * at 4096 masses, and whole models of 4096 masses. Prints one JSON object; bench_survey.py runs it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tables/model_build.h"
#include "tables/physics/passarino_veltman.h"

enum { MASSES = 4096, PAIRS = 6 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Equally spaced from 1 MeV to 4.7 GeV: below and above every threshold. */
static void fill_masses(struct bl23_dd mass[MASSES])
{
    struct bl23_dd const low = bl23_dd_parse("0.001", NULL);
    struct bl23_dd const span = bl23_dd_sub(bl23_dd_parse("4.7", NULL), low);
    for (int k = 0; k < MASSES; k++) {
        double const t = (double)k / MASSES;
        mass[k] = bl23_dd_add(low, bl23_dd_mul_d(span, t));
    }
}

/* Seconds for all masses and pairs, each giving S and C0. The sum keeps the work from being
 * optimised away. */
static double time_pairs(struct bl23_inputs const *inputs, struct bl23_dd const mass[MASSES],
                         double *sum)
{
    struct bl23_dd const quark[3] = {inputs->m_u, inputs->m_c, inputs->m_t};
    double const start = now();
    for (int k = 0; k < MASSES; k++)
        for (int i = 0; i < 3; i++)
            for (int j = i; j < 3; j++) {
                struct bl23_pv_masses const masses = {quark[i], quark[j], inputs->m_w, mass[k]};
                struct bl23_pv pv;
                if (bl23_pv_compute(&masses, &pv) != BL23_OK)
                    exit(1);
                *sum += pv.s.re.hi + pv.c0.re.hi;
            }
    return now() - start;
}

/* Seconds to build a model of n masses with the constraints of 2020 (the five of the paper). */
static double time_model(struct bl23_inputs const *inputs, struct bl23_dd const *mass, size_t n)
{
    static struct bl23_constraints constraints;
    struct bl23_error error = {BL23_OK, ""};
    constraints.size = 0;
    if (bl23_constraints_add_set(&constraints, "paper2020", &error) != BL23_OK)
        exit(1);
    struct bl23_model_spec const spec = {.inputs = inputs,
                                         .constraints = &constraints,
                                         .mass_gev = mass,
                                         .n_masses = n,
                                         .seed = 1,
                                         .sigma = 2,
                                         .g_mode = BL23_G_LOG_UNIFORM,
                                         .g_min = bl23_dd_parse("1e-6", NULL),
                                         .g_max = bl23_dd_parse("3e-3", NULL),
                                         .w_mode = BL23_W_HAAR};
    struct bl23_model *model = NULL;
    double const start = now();
    if (bl23_model_build(&spec, &model, NULL, &error) != BL23_OK) {
        fprintf(stderr, "bench_loops: %s\n", error.text);
        exit(1);
    }
    double const seconds = now() - start;
    free(model);
    bl23_constraints_free(&constraints);
    return seconds;
}

int main(void)
{
    static struct bl23_dd mass[MASSES];
    struct bl23_inputs inputs;
    struct bl23_error error = {BL23_OK, ""};
    double sum = 0.0;
    if (bl23_inputs_preset("pdg2018", &inputs, &error) != BL23_OK)
        return 1;
    fill_masses(mass);
    double const pairs = time_pairs(&inputs, mass, &sum);
    double const model = time_model(&inputs, mass, MASSES);
    printf("{\"masses\": %d, \"pairs\": %d, \"us_per_pair\": %.4f, \"model_build_s\": %.4f, "
           "\"checksum\": %.17g}\n",
           MASSES, MASSES * PAIRS, 1e6 * pairs / (MASSES * PAIRS), model, sum);
    return 0;
}
