/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* How the search works. The smallest v is enclosed from both sides. A part is a set of (w, g); the
 * parts cover them all, and one part that holds everything is the beginning.
 *   - From below: the solver relaxes a part to a convex program (sigma >= 0 in place of g w w^+)
 * and returns multipliers. bl23_bound_certify turns them into a v that the part provably excludes.
 *     The least v of all parts is `lower`.
 *   - From above: the eigenvectors of sigma, and rows of lower rank with the same K, are tried as
 * w. The v of the best row is `upper`. The part with the least v is divided, by the direction of a
 * K with a lower edge or by a box of w, until the two bounds meet. Nothing here or in the solver is
 * trusted: `lower` rests on the certificates alone, which bound_certificate.c checks in interval
 * arithmetic, at once and again for `bl23 bound --verify`, and `upper` on the row, whose v is
 * computed anew. Limits that no certificate can use are left out of all this; the best rows by all
 * limits, of those that were tried and of some that are random, are improved at the end. */
#include "tables/bound/bound_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tables/bound/bound_polish.h"
#include "tables/bound/bound_rank.h"
#include "tables/bound/bound_solver.h"

#define CONVEX_TOLERANCE 1e-9
#define PURE 0.999     /* a sigma so near to rank one is a row w */
#define LEANING 1e-6   /* a multiplier times its limit that counts */
#define BOX_ASPECT 4.0 /* a box is never longer than that */
#define NEIGHBOURHOOD_FIRST 0.1
#define NEIGHBOURHOOD_LAST 1e-9
#define FAR_FROM_UNIT 1e3
#define SAME 1e-6
enum { POOL = 4, WALKS = 32 };
enum { SECTOR_HALVINGS = 3, REFINEMENTS_MAX = 8, NEIGHBOURHOOD_STEPS_MAX = 24, UNIT_PASSES = 4 };

/* The sigma of a leaf: its largest eigenvalue over the trace, and the spread of z in both discs of
 * its chart. */
struct spread {
    double purity, variance[2];
};

/* A search in progress; spread[k] belongs to leaf k. `all` is NULL where the proof leaves nothing
 * out; else the pool holds the best rows by all limits, the best first. */
struct search {
    struct bl23_bound_problem const *problem, *all;
    struct {
        struct bl23_bound_w w;
        double v;
    } pool[POOL];
    struct bl23_bound_answer *answer;
    struct spread *spread;
    int refinements;
    struct bl23_bound_w w; /* the witness */
};

static struct bl23_bound_part part_of(char const *path)
{
    struct bl23_bound_part part = bl23_bound_everything();
    for (; *path; path++)
        bl23_bound_descend(*path, &part);
    return part;
}

/* Keep a row in the pool if its v by all limits is one of the smallest. */
static void keep_row(struct search *s, struct bl23_bound_w const *w, double v)
{
    int k = POOL - 1;
    if (v >= s->pool[k].v)
        return;
    for (; k > 0 && v < s->pool[k - 1].v; k--)
        s->pool[k] = s->pool[k - 1];
    s->pool[k].w = *w;
    s->pool[k].v = v;
}

/* Try a row as the witness; true if it is better by more than rounding. */
static bool try_row(struct search *s, struct bl23_bound_w const *w)
{
    double monomial[BL23_MONOMIALS], g;
    bl23_bound_monomials(w, monomial);
    if (s->all)
        keep_row(s, w, bl23_bound_value(s->all, monomial, &g));
    double const v = bl23_bound_value(s->problem, monomial, &g);
    if (!(v < s->answer->upper))
        return false;
    bool const better = v < s->answer->upper * (1.0 - 1e-12);
    s->answer->upper = v;
    s->w = *w;
    s->answer->g = g;
    return better;
}

/* The eigenvectors of sigma as witnesses; returns its largest eigenvalue. */
static double try_sigma(struct search *s, struct bl23_bound_solution const *solution, bool *better)
{
    struct bl23_bound_eigen eigen;
    double form[BL23_MONOMIALS]; /* sigma_ji = the monomial itself, twice what a form would give */
    for (int k = 0; k < BL23_MONOMIALS; k++)
        form[k] = k < 3 ? solution->moment[k] : 2.0 * solution->moment[k];
    *better = false;
    if (bl23_bound_eigen(form, &eigen) != BL23_OK)
        return 0.0;
    for (int k = 2; k >= 0; k--)
        *better = try_row(s, &eigen.vector[k]) || *better;
    return eigen.value[2];
}

/* Try the rows of a sigma of lower rank with the same K: of all K with limits, or (leaning) only of
 * those whose multipliers are not negligible. */
static void try_lower_rank(struct search *s, struct bl23_bound_solution const *solution,
                           bool leaning, bool *better)
{
    double form[BL23_BOUND_KINDS_MAX * BL23_BOUND_ROWS_MAX][BL23_MONOMIALS];
    struct bl23_bound_w row[3];
    int n = 0;
    for (int k = s->problem->kinds - 1; k >= 0; k--) {
        struct bl23_bound_kind const *const kind = &s->problem->kind[k];
        struct bl23_bound_multipliers const *const m = &solution->multipliers;
        double pull = 0.0;
        for (int r = 0; r < kind->rows; r++)
            pull += fabs(m->upper[k][r]);
        pull *= sqrt(isinf(kind->k2.hi) ? 0.0 : kind->k2.hi);
        bool const limited = !isinf(kind->k2.hi) || kind->k2.lo > 0.0;
        bool const leans = pull > LEANING || m->lower[k] > 0.0;
        if (!limited || (leaning && !leans) || (kind->plane == BL23_BOUND_IM_DS && n > 4))
            continue;
        for (int r = 0; r < kind->rows; r++)
            memcpy(form[n++], kind->form[r], sizeof form[0]);
    }
    int const rank = bl23_bound_lower_rank(solution->moment, form, n, row);
    for (int k = 0; k < rank; k++)
        *better = try_row(s, &row[k]) || *better;
}

/* <|z|^2> - |<z>|^2 of both z = w_j/w_i under sigma, weighted with |w_i|^2. */
static void measure(struct bl23_bound_part const *part, double const moment[BL23_MONOMIALS],
                    double variance[2])
{
    int const i = part->chart;
    for (int disc = 0; disc < 2; disc++) {
        variance[disc] = 0.0;
        if (i < 0)
            continue;
        int const j = bl23_bound_component(i, disc), pair = 3 + 2 * (i + j - 1);
        double const mixed = moment[pair] * moment[pair] + moment[pair + 1] * moment[pair + 1];
        variance[disc] = moment[j] / moment[i] - mixed / (moment[i] * moment[i]);
    }
}

/* Improve the best row: solve the relaxation in a neighbourhood of it, smaller each time, and much
 * smaller where that found nothing better. */
static void refine(struct search *s, struct bl23_bound_part const *part)
{
    struct bl23_bound_part all = *part;
    double radius = NEIGHBOURHOOD_FIRST;
    all.chart = -1;
    for (int k = 0; k < NEIGHBOURHOOD_STEPS_MAX && radius > NEIGHBOURHOOD_LAST; k++) {
        struct bl23_bound_solution solution;
        struct bl23_bound_w const near = s->w;
        bool better = false;
        bl23_bound_solve(s->problem, &all, &near, radius, &solution);
        s->answer->solves++;
        if (solution.found && solution.feasible)
            try_sigma(s, &solution, &better);
        radius *= better ? 0.5 : 0.1;
    }
}

static enum bl23_status grow(struct search *s)
{
    struct bl23_bound_answer *const a = s->answer;
    if (a->n_leaves < a->capacity && s->spread)
        return BL23_OK;
    size_t const capacity = 2 * a->capacity + 8;
    void *const leaf = realloc(a->leaf, capacity * sizeof *a->leaf);
    if (leaf)
        a->leaf = leaf;
    void *const spread = realloc(s->spread, capacity * sizeof *s->spread);
    if (spread)
        s->spread = spread;
    if (!leaf || !spread)
        return BL23_ERROR_MEMORY;
    a->capacity = capacity;
    return BL23_OK;
}

/* Solve a part and add it as a leaf, unless it is empty. */
static enum bl23_status add_leaf(struct search *s, char const path[BL23_BOUND_PATH_SIZE])
{
    struct bl23_bound_part const part = part_of(path);
    struct bl23_bound_solution solution;
    bool better = false;
    if (bl23_bound_is_empty(&part))
        return BL23_OK;
    if (grow(s) != BL23_OK)
        return BL23_ERROR_MEMORY;
    struct bl23_bound_leaf *const leaf = &s->answer->leaf[s->answer->n_leaves];
    struct spread *const spread = &s->spread[s->answer->n_leaves++];
    bl23_bound_solve(s->problem, &part, NULL, 0.0, &solution);
    s->answer->solves++;
    memset(leaf, 0, sizeof *leaf);
    memcpy(leaf->path, path, sizeof leaf->path);
    leaf->multipliers = solution.multipliers;
    leaf->v = bl23_bound_certify(s->problem, &part, &leaf->multipliers);
    solution.multipliers = leaf->multipliers; /* of size 1 */
    *spread = (struct spread){.purity = 0.0};
    if (solution.found && solution.feasible) {
        spread->purity = try_sigma(s, &solution, &better);
        measure(&part, solution.moment, spread->variance);
        for (int leaning = 0; leaning < 2 && spread->purity < 1.0 - CONVEX_TOLERANCE; leaning++)
            try_lower_rank(s, &solution, leaning, &better);
    }
    if (better && spread->purity < 1.0 - CONVEX_TOLERANCE && s->refinements < REFINEMENTS_MAX &&
        s->answer->upper > leaf->v * (1.0 + CONVEX_TOLERANCE)) {
        s->refinements++;
        refine(s, &part);
    }
    return BL23_OK;
}

static enum bl23_status add_family(struct search *s, char const parent[BL23_BOUND_PATH_SIZE],
                                   char const *family)
{
    char path[BL23_BOUND_PATH_SIZE];
    memcpy(path, parent, sizeof path);
    for (size_t const end = strlen(parent); *family; family++) {
        path[end] = *family;
        BL23_TRY(add_leaf(s, path));
    }
    return BL23_OK;
}

static size_t weakest(struct bl23_bound_answer const *a)
{
    size_t k = 0;
    for (size_t i = 1; i < a->n_leaves; i++)
        if (a->leaf[i].v < a->leaf[k].v)
            k = i;
    return k;
}

/* Divide the wider side of the disc in which z spreads most, or of the wider disc if the spreads
 * are equal. */
static char const *box_family(struct bl23_bound_part const *part, struct spread const *spread)
{
    static char const *const side_family[] = {"01", "23", "45", "67"};
    double width[4];
    for (int side = 0; side < 4; side++)
        width[side] = part->z_hi[side] - part->z_lo[side];
    double const *const v = spread->variance;
    double const first = fmax(width[0], width[1]), second = fmax(width[2], width[3]);
    int const disc = v[0] == v[1] || fmax(first, second) > BOX_ASPECT * fmin(first, second)
                         ? second > first
                         : v[1] > v[0];
    return side_family[2 * disc + (width[2 * disc + 1] > width[2 * disc])];
}

/* How a leaf is divided. Directions come first: without one a lower edge proves nothing, and a wide
 * sector loses as the square of its width, as a box does. Where sigma is already a row w, only
 * directions can help. */
static char const *division(struct search const *s, size_t k)
{
    char const *const path = s->answer->leaf[k].path;
    struct bl23_bound_part const part = part_of(path);
    int widest = -1, box_steps = 0;
    for (char const *step = path; *step; step++)
        box_steps += *step >= '0' && *step <= '7';
    for (int i = 0; i < s->problem->kinds; i++) {
        struct bl23_bound_part below = part;
        int const plane = (int)s->problem->kind[i].plane;
        bool const needed = s->problem->kind[i].k2.lo > 0.0 && plane < BL23_BOUND_PLANES;
        if (!needed || !bl23_bound_descend(*bl23_bound_direction_family(plane), &below))
            continue; /* this sector cannot be halved again */
        if (widest < 0 || part.halvings[plane] < part.halvings[widest])
            widest = plane;
    }
    bool const wide = widest >= 0 && part.halvings[widest] < SECTOR_HALVINGS + box_steps / 2;
    if (wide || (widest >= 0 && s->spread[k].purity > PURE))
        return bl23_bound_direction_family(widest);
    return part.chart < 0 ? "uct" : box_family(&part, &s->spread[k]);
}

static bool is_done(struct bl23_bound_answer const *a, double lower, struct bl23_bound_goal goal)
{
    if (a->upper <= lower * (1.0 + CONVEX_TOLERANCE) || a->upper <= goal.enough ||
        (isinf(a->upper) && lower >= BL23_BOUND_NEVER))
        return true;
    return a->upper <= lower * (1.0 + goal.tolerance) &&
           !(lower <= goal.decide && goal.decide < a->upper);
}

/* Divide the weakest leaf until the bounds meet. */
static enum bl23_status divide(struct search *s, struct bl23_bound_goal goal)
{
    struct bl23_bound_answer *const a = s->answer;
    double const floor = bl23_bound_floor(s->problem);
    size_t const most = goal.parts > 0 ? goal.parts : BL23_BOUND_PARTS_MAX;
    while (s->spread && a->n_leaves > 0 && a->n_leaves < most) {
        size_t const k = weakest(a);
        char path[BL23_BOUND_PATH_SIZE];
        memcpy(path, a->leaf[k].path, sizeof path);
        if (is_done(a, fmax(a->leaf[k].v, floor), goal) || strlen(path) + 2 > sizeof path)
            break;
        char const *const family = division(s, k);
        a->leaf[k] = a->leaf[--a->n_leaves];
        s->spread[k] = s->spread[a->n_leaves];
        BL23_TRY(add_family(s, path, family));
    }
    a->lower = a->n_leaves > 0 ? fmax(a->leaf[weakest(a)].v, floor) : floor;
    return BL23_OK;
}

/* Solve all w and g as one leaf, with v in units of a v that some row reaches: whatever masses and
 * limits are, the arithmetic sees numbers near 1. Repeat if the leaf leads to a row with a much
 * smaller v. */
static enum bl23_status first_leaf(struct search *s, struct bl23_bound_problem *scaled,
                                   double *unit)
{
    struct bl23_bound_problem const *const problem = s->problem;
    struct bl23_bound_answer *const a = s->answer;
    for (int pass = 0; pass < UNIT_PASSES; pass++) {
        *unit = bl23_bound_unit(a->upper);
        bl23_bound_in_units(problem, *unit, scaled);
        s->problem = scaled;
        a->upper /= *unit;
        a->n_leaves = 0;
        enum bl23_status const status = add_leaf(s, (char const[BL23_BOUND_PATH_SIZE]){""});
        s->problem = problem;
        a->upper *= *unit;
        double const change = bl23_bound_unit(a->upper) / *unit;
        if (status != BL23_OK || (change > 1.0 / FAR_FROM_UNIT && change < FAR_FROM_UNIT))
            return status;
    }
    return BL23_OK;
}

static enum bl23_status search_in_units(struct search *s, struct bl23_bound_goal goal)
{
    struct bl23_bound_answer *const a = s->answer;
    struct bl23_bound_problem const *const problem = s->problem;
    struct bl23_bound_problem scaled;
    double unit = 1.0;
    enum bl23_status status = first_leaf(s, &scaled, &unit);
    s->problem = &scaled;
    a->upper /= unit;
    goal.decide /= unit;
    goal.enough /= unit;
    if (status == BL23_OK)
        status = divide(s, goal);
    s->problem = problem;
    a->lower *= unit;
    for (size_t k = 0; k < a->n_leaves; k++)
        a->leaf[k].v *= unit;
    return status;
}

/* The witness by all limits: the best of the rows that were tried and of random walks, improved.
 * It is good enough where it reaches what is proven, or v = enough. */
static void best_by_all(struct search *s, double enough)
{
    double const good = fmax(s->answer->lower * (1.0 + CONVEX_TOLERANCE), enough);
    uint64_t state = 1;
    for (int k = 0; k < WALKS && s->pool[0].v > good; k++) {
        struct bl23_bound_w w;
        keep_row(s, &w, bl23_bound_walk(s->all, &state, &w));
    }
    if (isinf(s->pool[0].v)) /* the one by the limits of the proof alone */
        s->pool[0].w = s->w;
    s->answer->upper = (double)INFINITY;
    for (int k = 0; k < POOL && (k == 0 || s->answer->upper > good); k++) {
        bool const as_it_is = s->pool[k].v <= good || (k > 0 && isinf(s->pool[k].v));
        double const v =
            as_it_is ? s->pool[k].v : bl23_bound_polish(s->all, s->problem, &s->pool[k].w);
        bool const again = fabs(v - s->answer->upper) <= SAME * v;
        if (v < s->answer->upper || k == 0) {
            s->answer->upper = v;
            s->w = s->pool[k].w;
        }
        if (again) /* two rows lead to the same */
            break;
    }
}

enum bl23_status bl23_bound_search(struct bl23_bound_problem const *problem,
                                   struct bl23_bound_goal goal, struct bl23_bound_answer *answer)
{
    static struct bl23_bound_w const first[] = {
        /* any rows: they give the size of v */
        {{1.0, 1.0, 1.0}, {0.0, 0.5, -0.5}},
        {{1.0, 0.0, 0.0}, {0.0, 0.0, 0.0}},
        {{0.0, 1.0, 0.0}, {0.0, 0.0, 0.0}},
        {{0.0, 0.0, 1.0}, {0.0, 0.0, 0.0}},
    };
    struct bl23_bound_problem provable;
    bool const leaves_out = bl23_bound_provable(problem, &provable);
    struct search s = {.problem = &provable, .all = leaves_out ? problem : NULL, .answer = answer};
    enum bl23_status status = BL23_OK;
    for (int k = 0; k < POOL; k++)
        s.pool[k].v = (double)INFINITY;
    memset(answer, 0, sizeof *answer);
    answer->upper = (double)INFINITY;
    for (size_t k = 0; k < sizeof first / sizeof first[0]; k++)
        try_row(&s, &first[k]);
    if (answer->upper > 0.0)
        status = search_in_units(&s, goal);
    answer->lower = fmax(answer->lower, bl23_bound_floor(problem));
    if (leaves_out && answer->upper < (double)INFINITY)
        best_by_all(&s, goal.enough);
    if (!isinf(answer->upper)) { /* v of the moduli and phases that are stored */
        double monomial[BL23_MONOMIALS];
        bl23_bound_polar(&s.w, answer->modulus, answer->phase);
        struct bl23_bound_w const stored = bl23_bound_row(answer->modulus, answer->phase);
        bl23_bound_monomials(&stored, monomial);
        answer->upper = bl23_bound_value(problem, monomial, &answer->g);
    }
    void *const fitted =
        answer->n_leaves ? realloc(answer->leaf, answer->n_leaves * sizeof *answer->leaf) : NULL;
    if (fitted) {
        answer->leaf = fitted;
        answer->capacity = answer->n_leaves;
    }
    free(s.spread);
    if (status != BL23_OK)
        bl23_bound_answer_free(answer);
    return status;
}

bool bl23_bound_is_never(struct bl23_bound_answer const *answer)
{
    return isinf(answer->upper) && answer->lower >= BL23_BOUND_NEVER;
}

bool bl23_bound_in_order(double lower, double upper, double size)
{
    return lower <= upper + BL23_BOUND_ROUNDING * size;
}

void bl23_bound_answer_free(struct bl23_bound_answer *answer)
{
    free(answer->leaf);
    answer->leaf = NULL;
    answer->n_leaves = answer->capacity = 0;
}

/* A check of leaves against a v; `used` counts those that were needed. */
struct cover {
    struct bl23_bound_problem const *problem;
    struct bl23_bound_leaf const *leaf;
    size_t n_leaves, used;
    double v;
};

/* One leaf at the path itself, or else whole families below it; every step must exist. */
static bool covers(struct cover *c, char *path, size_t length, struct bl23_bound_part const *part)
{
    char step = 0;
    if (bl23_bound_is_empty(part))
        return true;
    for (size_t k = 0; k < c->n_leaves; k++) {
        if (strncmp(c->leaf[k].path, path, length) != 0)
            continue;
        if (c->leaf[k].path[length] == '\0') {
            c->used++;
            return bl23_bound_excludes(c->problem, part, &c->leaf[k].multipliers, c->v);
        }
        step = c->leaf[k].path[length];
    }
    char const *family = bl23_bound_family(step);
    if (!family || length + 2 > BL23_BOUND_PATH_SIZE)
        return false;
    for (; *family; family++) {
        struct bl23_bound_part below = *part;
        path[length] = *family;
        path[length + 1] = '\0';
        if (!bl23_bound_descend(*family, &below) || !covers(c, path, length + 1, &below))
            return false;
        path[length] = '\0';
    }
    return true;
}

bool bl23_bound_verify(struct bl23_bound_problem const *problem, struct bl23_bound_leaf const *leaf,
                       size_t n_leaves, double v)
{
    struct cover c = {problem, leaf, n_leaves, 0, v};
    struct bl23_bound_part const all = bl23_bound_everything();
    char path[BL23_BOUND_PATH_SIZE] = "";
    if (v <= bl23_bound_floor(problem))
        return true;
    return covers(&c, path, 0, &all) && c.used == n_leaves;
}
