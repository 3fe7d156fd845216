/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/bound/bound_range.h"

#include <math.h>
#include <string.h>

#define STEP_MAX 1e-3            /* of the size of a form: a check that fails there never holds */
#define MODULUS_TOLERANCE 1e-10  /* between the proven and the reached largest |H| */
#define MODULUS_ROUNDING 0x1p-46 /* of the few operations between support and modulus */
#define ZERO_MODULUS 1e-6        /* of the largest |H|: smaller ones are not told from zero */
enum { DIRECTIONS_FIRST = 8, DIRECTIONS_MAX = 512 };

static double value_of(double const form[BL23_MONOMIALS], struct bl23_bound_w const *w)
{
    double monomial[BL23_MONOMIALS], sum = 0.0;
    bl23_bound_monomials(w, monomial);
    for (int k = 0; k < BL23_MONOMIALS; k++)
        sum += form[k] * monomial[k];
    return sum;
}

static double size_of(double const form[BL23_MONOMIALS])
{
    double size = 0.0;
    for (int k = 0; k < BL23_MONOMIALS; k++)
        size += fabs(form[k]);
    return size;
}

/* Is form - bound positive definite, so that bound is below all its values? */
static bool is_below(double const form[BL23_MONOMIALS], double error, double bound)
{
    struct bl23_interval matrix[BL23_MONOMIALS] = {{0.0, 0.0}};
    bl23_bound_add_form(matrix, bl23_interval_of(1.0), form, error);
    for (int i = 0; i < 3; i++)
        matrix[i] = bl23_interval_sub(matrix[i], bl23_interval_of(bound));
    return bl23_bound_positive(matrix);
}

/* The least eigenvalue, lowered until it is proven. */
static enum bl23_status smallest_value(double const form[BL23_MONOMIALS], double error,
                                       struct bl23_bound_extreme *smallest)
{
    struct bl23_bound_eigen eigen;
    BL23_TRY(bl23_bound_eigen(form, &eigen));
    double const size = size_of(form) + error;
    smallest->w = eigen.vector[0];
    smallest->reached = value_of(form, &eigen.vector[0]);
    smallest->proven = eigen.value[0];
    for (double step = 0x1p-52; size > 0.0 && !is_below(form, error, smallest->proven);
         step *= 2.0) {
        if (!(step < STEP_MAX))
            return BL23_ERROR_FAILED;
        smallest->proven = eigen.value[0] - step * size;
    }
    return BL23_OK;
}

enum bl23_status bl23_bound_form_range(double const form[BL23_MONOMIALS], double error,
                                       struct bl23_bound_extreme *smallest,
                                       struct bl23_bound_extreme *largest)
{
    double negative[BL23_MONOMIALS];
    for (int k = 0; k < BL23_MONOMIALS; k++)
        negative[k] = -form[k];
    BL23_TRY(smallest_value(form, error, smallest));
    BL23_TRY(smallest_value(negative, error, largest));
    largest->proven = -largest->proven;
    largest->reached = -largest->reached;
    return BL23_OK;
}

bool bl23_bound_extremes_in_order(struct bl23_bound_extreme const *smallest,
                                  struct bl23_bound_extreme const *largest)
{
    double const size = fmax(fabs(smallest->proven), fabs(largest->proven));
    return bl23_bound_in_order(smallest->proven, smallest->reached, size) &&
           bl23_bound_in_order(smallest->reached, largest->reached, size) &&
           bl23_bound_in_order(largest->reached, largest->proven, size);
}

/* Re, Im of the complex form at the direction of angle: its largest value and the row. */
struct support {
    double angle, value;
    struct bl23_bound_w w;
};

static enum bl23_status support_at(double const form[2][BL23_MONOMIALS], double const error[2],
                                   double angle, struct support *s)
{
    double turned[BL23_MONOMIALS];
    struct bl23_bound_extreme smallest = {0}, largest = {0};
    double const c = cos(angle), d = sin(angle);
    for (int k = 0; k < BL23_MONOMIALS; k++)
        turned[k] = c * form[0][k] + d * form[1][k];
    double const rounding = MODULUS_ROUNDING * (size_of(form[0]) + size_of(form[1]));
    enum bl23_status const status =
        bl23_bound_form_range(turned, error[0] + error[1] + rounding, &smallest, &largest);
    *s = (struct support){angle, largest.proven, largest.w};
    return status;
}

/* The most that |H| can be between two directions a < b: support is sublinear, so it is at most
 * [A sin(b - x) + B sin(x - a)]/sin(b - a) at x. */
static double between(struct support const *a, struct support const *b)
{
    double const angle = b->angle - a->angle;
    double const half = 2.0 * sin(0.5 * angle); /* A^2 + B^2 - 2 A B cos, without cancellation */
    double const square =
        pow(a->value - b->value, 2.0) + fmax(a->value * b->value, 0.0) * half * half;
    return sqrt(square) / sin(angle) * (1.0 + MODULUS_ROUNDING);
}

static double modulus(double const form[2][BL23_MONOMIALS], struct bl23_bound_w const *w)
{
    return hypot(value_of(form[0], w), value_of(form[1], w));
}

/* Directions are added in the gap that allows most, until it allows no more than some row has. */
static enum bl23_status largest_modulus(double const form[2][BL23_MONOMIALS], double const error[2],
                                        struct bl23_bound_extreme *largest)
{
    struct support s[DIRECTIONS_MAX + 1];
    double const turn = 2.0 * acos(-1.0);
    int n = DIRECTIONS_FIRST;
    largest->reached = -1.0;
    for (int k = 0; k < n; k++)
        BL23_TRY(support_at(form, error, turn * k / n, &s[k]));
    for (;;) {
        int widest = 0;
        s[n] = s[0];
        s[n].angle += turn;
        for (int k = 0; k < n; k++) {
            if (modulus(form, &s[k].w) > largest->reached) {
                largest->reached = modulus(form, &s[k].w);
                largest->w = s[k].w;
            }
            if (between(&s[k], &s[k + 1]) > between(&s[widest], &s[widest + 1]))
                widest = k;
        }
        largest->proven = between(&s[widest], &s[widest + 1]);
        if (largest->proven <= largest->reached * (1.0 + MODULUS_TOLERANCE) || n == DIRECTIONS_MAX)
            return BL23_OK;
        memmove(&s[widest + 2], &s[widest + 1], (size_t)(n - widest) * sizeof s[0]);
        n++;
        BL23_TRY(
            support_at(form, error, 0.5 * (s[widest].angle + s[widest + 2].angle), &s[widest + 1]));
    }
}

/* The least |H|^2 in units of the largest, as a bound at g = 1. */
static enum bl23_status smallest_modulus(struct bl23_bound_problem const *free, int kind,
                                         double unit, struct bl23_bound_extreme *smallest)
{
    struct bl23_bound_problem tension = *free, problem;
    struct bl23_bound_answer answer;
    tension.kind[kind].k2.hi = unit * unit;
    bl23_bound_of_largest_g(&tension, &problem);
    struct bl23_bound_goal const goal = {MODULUS_TOLERANCE, 1.0, ZERO_MODULUS * ZERO_MODULUS, 0};
    BL23_TRY(bl23_bound_search(&problem, goal, &answer));
    smallest->proven = unit * sqrt(answer.lower) * (1.0 - MODULUS_ROUNDING);
    smallest->w = bl23_bound_row(answer.modulus, answer.phase);
    smallest->reached = modulus(free->kind[kind].form, &smallest->w);
    bl23_bound_answer_free(&answer);
    return BL23_OK;
}

enum bl23_status bl23_bound_modulus_range(struct bl23_bound_problem const *free, int kind,
                                          struct bl23_bound_extreme *smallest,
                                          struct bl23_bound_extreme *largest)
{
    BL23_TRY(largest_modulus(free->kind[kind].form, free->kind[kind].error, largest));
    return smallest_modulus(free, kind, largest->proven, smallest);
}
