/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How a mass is answered: the limits at the mass become a problem, "the least v that some w and g
 * reach" (tables/bound/bound_problem.h). The search returns a lower bound of v with certificates,
 * and a row that reaches an upper bound. The tension is asked first: its lower bound above 1
 * excludes the mass, a row that survives the verdict leaves it open. The other questions are the
 * same problem with other limits: only upper ones for the largest g, only lower ones for the
 * smallest, all but one for the relief of that one. Nothing of the search is trusted:
 * bl23_bound_knot_verify checks the certificates in interval arithmetic and computes every witness
 * again. */
#include "host/bound/bound_knot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/sample/verdict.h"

static char const *const state_names[] = {
#define NAME(name, text) #name,
    BL23_BOUND_STATE_LIST(NAME)
#undef NAME
};

char const *bl23_bound_state_name(enum bl23_bound_state state)
{
    return state_names[state];
}

struct bl23_bound_name bl23_bound_quantity_name(int quantity)
{
    static struct bl23_bound_name const names[BL23_QUANTITIES] = {
        [BL23_QUANTITY_IM_DS2] = {"im_h_ds", "Im H_ds", "g^2 (Im H_ds)^2"},
        [BL23_QUANTITY_ABS_DS2] = {"h_ds", "H_ds", "g^2 |H_ds|^2"},
        [BL23_QUANTITY_ABS_DB2] = {"h_db", "H_db", "g^2 |H_db|^2"},
        [BL23_QUANTITY_ABS_SB2] = {"h_sb", "H_sb", "g^2 |H_sb|^2"},
        [BL23_QUANTITY_ABS_FV2] = {"f_v", "F_V", "g^2 |F_V|^2"},
        [BL23_QUANTITY_DP_KNOWN] = {"br_dp_known", "br_dp_known", "br_dp_known"},
        [BL23_QUANTITY_DP_RHOP] = {"br_dp_rhop", "br_dp_rhop", "br_dp_rhop"},
        [BL23_QUANTITY_D0_RHO0] = {"br_d0_rho0", "br_d0_rho0", "br_d0_rho0"},
        [BL23_QUANTITY_D0_OMEGA] = {"br_d0_omega", "br_d0_omega", "br_d0_omega"},
        [BL23_QUANTITY_LC_P] = {"br_lc_p", "br_lc_p", "br_lc_p"},
        [BL23_QUANTITY_T_U] = {"br_t_u", "br_t_u", "br_t_u"},
        [BL23_QUANTITY_T_C] = {"br_t_c", "br_t_c", "br_t_c"},
        [BL23_QUANTITY_T_Q] = {"br_t_q", "br_t_q", "br_t_q"},
        [BL23_QUANTITY_KP_DS2] = {"h_ds_kp", "H_ds of K+", "g^2 |H_ds|^2, K+"},
    };
    return names[quantity];
}

/* A question as messages name it. */
static void question_name(int question, char name[BL23_BOUND_QUESTION_SIZE])
{
    bool const is_relief = question >= BL23_BOUND_RELIEF;
    char const *const word =
        is_relief ? bl23_bound_quantity_name(question - BL23_BOUND_RELIEF).word : NULL;
    snprintf(name, BL23_BOUND_QUESTION_SIZE, "%s%s",
             is_relief                          ? "relief of "
             : question == BL23_BOUND_TENSION   ? "least tension"
             : question == BL23_BOUND_LARGEST_G ? "largest g"
                                                : "smallest g",
             word ? word : "");
}

/* Least upper limit on g itself, the range of the survey included, at tension 1. */
static double g_allowed_max(struct bl23_bound_problem const *p)
{
    return fmin(p->g_hi[0], fmin(p->g_hi[1], p->g_hi[2]));
}

double bl23_bound_g_asked(struct bl23_bound_problem const *tension,
                          struct bl23_bound_knot const *knot)
{
    double const of_g = fmax(tension->g_lo[1], tension->g_lo[2]);
    if (!knot->asked[BL23_BOUND_SMALLEST_G])
        return of_g;
    double const lower = knot->answer[BL23_BOUND_SMALLEST_G].lower;
    return fmax(of_g, sqrt(lower) * (1.0 - BL23_BOUND_ROUNDING));
}

/* Is any K limited from that side? */
static bool limits_k(struct bl23_bound_problem const *p, bool upper)
{
    bool limited = false;
    for (int k = 0; k < p->kinds; k++)
        limited = limited || (upper ? !isinf(p->kind[k].k2.hi) : p->kind[k].k2.lo > 0.0);
    for (int k = 0; k < p->outsides; k++)
        limited = limited || (upper ? !isinf(p->outside[k].k2.hi) : p->outside[k].k2.lo > 0.0);
    return limited;
}

/* The problem behind a question; false where it is not asked: there is no such limit, or the mass
 * is open and no limit needs to give way. */
static bool is_asked(struct bl23_bound_problem const *tension, int question,
                     enum bl23_bound_state state, struct bl23_bound_problem *problem)
{
    if (question == BL23_BOUND_TENSION) {
        *problem = *tension;
        return true;
    }
    if (question == BL23_BOUND_LARGEST_G) {
        bl23_bound_of_largest_g(tension, problem);
        return limits_k(tension, true);
    }
    if (question == BL23_BOUND_SMALLEST_G) {
        bl23_bound_of_smallest_g(tension, problem);
        return limits_k(tension, false);
    }
    int const kind = bl23_bound_kind_of(tension, question - BL23_BOUND_RELIEF);
    if (state == BL23_BOUND_open || kind < 0)
        return false;
    struct bl23_bound_limit const k2 = tension->kind[kind].k2;
    if (isinf(k2.hi) || k2.lo > 0.0)
        return false; /* the lower edge of a band would have to stay: not asked */
    bl23_bound_of_quantity(tension, kind, k2.hi, problem);
    return true;
}

static struct bl23_bound_goal goal_of(struct bl23_bound_problem const *tension, int question)
{
    struct bl23_bound_goal goal = {BL23_BOUND_TOLERANCE, 1.0, BL23_BOUND_NOTHING, 0};
    if (question == BL23_BOUND_LARGEST_G) { /* a g beyond its own limits is as good as any */
        double const g = g_allowed_max(tension);
        goal.decide = goal.enough = 1.0 / (g * g);
    } else if (question == BL23_BOUND_SMALLEST_G) { /* no g is small enough to be zero */
        goal.decide = goal.enough = 0.0;
    }
    return goal;
}

static void monomials_of(struct bl23_bound_answer const *a, double monomial[BL23_MONOMIALS])
{
    struct bl23_bound_w const w = bl23_bound_row(a->modulus, a->phase);
    bl23_bound_monomials(&w, monomial);
}

/* The verdict on a row and its g. */
static struct bl23_verdict judge(struct bl23_model const *model, size_t knot,
                                 struct bl23_bound_answer const *a)
{
    double monomial[BL23_MONOMIALS], s[BL23_QUANTITIES];
    monomials_of(a, monomial);
    bl23_quantities_of_row(&model->knot[knot], BL23_ALL_QUANTITIES, monomial, s);
    return bl23_judge(&model->knot[knot], (int)model->level, model->g_mode == BL23_G_SOLVE, s,
                      a->g);
}

/* The tension of the row at its g, by the verdict: the search has it up to rounding only. In solve
 * mode g is the verdict's as well, else it is inside the range of the survey. */
static void take_verdict(struct bl23_model const *model, size_t knot,
                         struct bl23_bound_problem const *tension, struct bl23_bound_answer *a)
{
    a->g = fmin(fmax(a->g, tension->g_lo[0]), tension->g_hi[0]);
    struct bl23_verdict const v = judge(model, knot, a);
    a->upper = v.tension;
    if (a->upper > 0.0) /* what is smaller is not distinguished: rounding decides it */
        a->upper = fmax(a->upper, BL23_BOUND_NOTHING);
    if (model->g_mode == BL23_G_SOLVE)
        a->g = fmin(sqrt(bl23_reference_g2(v)), BL23_G_MAX);
}

static enum bl23_bound_state state_of(struct bl23_model const *model, size_t k,
                                      struct bl23_bound_answer const *a)
{
    if (a->lower > 1.0 + BL23_BOUND_ROUNDING) /* or else rounding might let a sample pass */
        return BL23_BOUND_excluded;
    if (!isinf(a->upper) && judge(model, k, a).survives)
        return BL23_BOUND_open;
    return BL23_BOUND_undecided;
}

/* The first `questions` of them. */
static enum bl23_status ask(struct bl23_model const *model, struct bl23_loop_table const *tables,
                            size_t knot, int questions, struct bl23_bound_knot *r)
{
    struct bl23_bound_problem tension, problem;
    memset(r, 0, sizeof *r);
    r->mass_gev = model->knot[knot].mass_gev;
    r->state = BL23_BOUND_excluded;
    r->possible = bl23_bound_of_knot(model, tables, knot, &tension);
    for (int q = 0; r->possible && q < questions; q++) {
        r->asked[q] = is_asked(&tension, q, r->state, &problem);
        if (!r->asked[q])
            continue;
        enum bl23_status const status =
            bl23_bound_search(&problem, goal_of(&tension, q), &r->answer[q]);
        if (status != BL23_OK) {
            bl23_bound_knot_free(r);
            return status;
        }
        if (!(r->answer[q].lower > bl23_bound_floor(&problem)))
            bl23_bound_answer_free(&r->answer[q]); /* nothing that a certificate would prove */
        if (q == BL23_BOUND_TENSION) {
            if (!isinf(r->answer[q].upper))
                take_verdict(model, knot, &tension, &r->answer[q]);
            r->state = state_of(model, knot, &r->answer[q]);
        } else {
            r->answer[q].upper = fmax(r->answer[q].upper, goal_of(&tension, q).enough);
        }
    }
    return BL23_OK;
}

enum bl23_status bl23_bound_knot_ask(struct bl23_model const *model,
                                     struct bl23_loop_table const *tables, size_t knot,
                                     struct bl23_bound_knot *r)
{
    return ask(model, tables, knot, BL23_BOUND_QUESTIONS, r);
}

enum bl23_status bl23_bound_knot_ask_tension(struct bl23_model const *model,
                                             struct bl23_loop_table const *tables, size_t knot,
                                             struct bl23_bound_knot *r)
{
    return ask(model, tables, knot, BL23_BOUND_TENSION + 1, r);
}

void bl23_bound_knot_free(struct bl23_bound_knot *r)
{
    for (int q = 0; q < BL23_BOUND_QUESTIONS; q++)
        bl23_bound_answer_free(&r->answer[q]);
}

void bl23_bound_largest_g(struct bl23_bound_problem const *tension,
                          struct bl23_bound_knot const *knot, double *proven, double *reached)
{
    struct bl23_bound_answer const *const a = &knot->answer[BL23_BOUND_LARGEST_G];
    double const allowed = g_allowed_max(tension);
    *proven = *reached = allowed;
    if (!knot->asked[BL23_BOUND_LARGEST_G])
        return;
    *proven =
        a->lower > 0.0 ? fmin(allowed, (1.0 + BL23_BOUND_ROUNDING) / sqrt(a->lower)) : allowed;
    *reached = fmin(allowed, 1.0 / sqrt(a->upper));
}

#define BINDING_SHARE 1e-3

/* Mark the limits whose terms in the proof of one part, with multipliers m, are not small. */
static void bind_leaf(struct bl23_bound_problem const *p, struct bl23_bound_multipliers const *m,
                      double v, struct bl23_bound_binding *b)
{
    double total = 0.0, upper[BL23_BOUND_KINDS_MAX], lower[BL23_BOUND_KINDS_MAX];
    double g_hi[BL23_BOUND_POWERS], g_lo[BL23_BOUND_POWERS];
    for (int k = 0; k < p->kinds; k++) {
        struct bl23_bound_limit const k2 = p->kind[k].k2;
        double const scale = pow(v, 0.5 * k2.power);
        double const size = bl23_bound_upper_size(&p->kind[k], m->upper[k]);
        upper[k] = size > 0.0 ? size * sqrt(k2.hi) * scale : 0.0;
        lower[k] = m->lower[k] * sqrt(k2.lo) / scale;
        total += lower[k];
    }
    for (int n = 0; n < BL23_BOUND_POWERS; n++) {
        g_hi[n] = m->g_hi[n] > 0.0 ? m->g_hi[n] * p->g_hi[n] * pow(v, 0.5 * n) : 0.0;
        g_lo[n] = m->g_lo[n] * p->g_lo[n] * pow(v, -0.5 * n);
        total += g_lo[n];
    }
    for (int k = 0; k < p->kinds; k++) {
        b->upper[k] = b->upper[k] || upper[k] > BINDING_SHARE * total;
        b->lower[k] = b->lower[k] || lower[k] > BINDING_SHARE * total;
    }
    for (int n = 0; n < BL23_BOUND_POWERS; n++) {
        b->g_hi[n] = b->g_hi[n] || g_hi[n] > BINDING_SHARE * total;
        b->g_lo[n] = b->g_lo[n] || g_lo[n] > BINDING_SHARE * total;
    }
}

struct bl23_bound_binding bl23_bound_binding(struct bl23_bound_problem const *problem,
                                             struct bl23_bound_answer const *answer)
{
    struct bl23_bound_binding binding = {0};
    double const floor = bl23_bound_floor(problem);
    for (int k = 0; answer->lower <= floor && k < problem->kinds; k++) {
        struct bl23_bound_limit const limit = problem->kind[k].k2;
        binding.lower[k] = limit.lo > 0.0 && sqrt(limit.lo / limit.hi) >= floor;
        binding.upper[k] = binding.lower[k];
    }
    if (floor > 0.0 && answer->lower <= floor)
        return binding;
    for (size_t k = 0; k < answer->n_leaves; k++)
        if (answer->leaf[k].v > 0.0)
            bind_leaf(problem, &answer->leaf[k].multipliers, answer->lower, &binding);
    return binding;
}

static bool agree(double x, double y)
{
    return fabs(x - y) <= BL23_BOUND_ROUNDING * fmax(fabs(x), fabs(y));
}

/* A row and a g of the survey have the tension that is claimed, by the verdict itself; in solve
 * mode the g is that of the verdict too. */
static bool tension_holds(struct bl23_model const *model, size_t knot,
                          struct bl23_bound_problem const *problem,
                          struct bl23_bound_answer const *a)
{
    struct bl23_bound_answer again = *a;
    take_verdict(model, knot, problem, &again);
    return agree(again.g, a->g) && agree(again.upper, a->upper);
}

/* The same of another v, that of the problem. Where it is as good as zero, rounding decides what it
 * is and which g is best: then the row and its g must reach no more than that. */
static bool witness_holds(struct bl23_bound_problem const *problem, double enough,
                          struct bl23_bound_answer const *a)
{
    double monomial[BL23_MONOMIALS], g;
    monomials_of(a, monomial);
    double const v = bl23_bound_value(problem, monomial, &g);
    if (a->upper <= enough)
        return a->upper == enough && bl23_bound_value_at(problem, monomial, a->g) <= enough;
    return agree(v, a->upper) && agree(g, a->g);
}

bool bl23_bound_knot_in_order(struct bl23_model const *model, struct bl23_loop_table const *tables,
                              size_t knot, struct bl23_bound_knot const *r,
                              struct bl23_bound_pair *pair)
{
    struct bl23_bound_problem tension;
    *pair = (struct bl23_bound_pair){.question = ""};
    if (!r->possible || !bl23_bound_of_knot(model, tables, knot, &tension))
        return true;
    for (int q = 0; q < BL23_BOUND_QUESTIONS; q++) {
        if (!r->asked[q])
            continue;
        pair->proven = r->answer[q].lower;
        pair->reached = r->answer[q].upper;
        question_name(q, pair->question);
        if (!bl23_bound_in_order(pair->proven, pair->reached, pair->reached))
            return false;
    }
    question_name(BL23_BOUND_LARGEST_G, pair->question);
    bl23_bound_largest_g(&tension, r, &pair->proven, &pair->reached);
    return bl23_bound_in_order(pair->reached, pair->proven, pair->proven);
}

/* One claim: is the question there, do its parts cover all, does the witness do what it says? */
static bool answer_holds(struct bl23_model const *model, size_t knot,
                         struct bl23_bound_problem const *tension, int question,
                         struct bl23_bound_knot const *claimed)
{
    struct bl23_bound_answer const *const a = &claimed->answer[question];
    struct bl23_bound_problem problem;
    if (!is_asked(tension, question, claimed->state, &problem))
        return !claimed->asked[question];
    if (!claimed->asked[question])
        return false;
    if (a->lower > bl23_bound_floor(&problem)
            ? !bl23_bound_verify(&problem, a->leaf, a->n_leaves, a->lower)
            : a->n_leaves != 0 || !(a->lower >= 0.0))
        return false;
    if (isinf(a->upper))
        return true;
    return question == BL23_BOUND_TENSION
               ? tension_holds(model, knot, &problem, a)
               : witness_holds(&problem, goal_of(tension, question).enough, a);
}

bool bl23_bound_knot_verify(struct bl23_model const *model, struct bl23_loop_table const *tables,
                            size_t knot, struct bl23_bound_knot const *claimed,
                            char claim[BL23_BOUND_QUESTION_SIZE])
{
    struct bl23_bound_problem tension;
    snprintf(claim, BL23_BOUND_QUESTION_SIZE, "mass");
    if (claimed->mass_gev != model->knot[knot].mass_gev)
        return false;
    snprintf(claim, BL23_BOUND_QUESTION_SIZE, "whether the limits can be met");
    if (bl23_bound_of_knot(model, tables, knot, &tension) != claimed->possible)
        return false;
    for (int q = 0; claimed->possible && q < BL23_BOUND_QUESTIONS; q++) {
        if (answer_holds(model, knot, &tension, q, claimed))
            continue;
        question_name(q, claim);
        return false;
    }
    snprintf(claim, BL23_BOUND_QUESTION_SIZE, "state");
    return claimed->state == (claimed->possible
                                  ? state_of(model, knot, &claimed->answer[BL23_BOUND_TENSION])
                                  : BL23_BOUND_excluded);
}
