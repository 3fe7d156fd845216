/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A point, which is a sample that somebody chose: its record, and what its constraints say with g
 * given and with g free. `bl23 point` and the loop over many points (kernels/lanes/point_rows.h)
 * call it. */
#ifndef BL23_KERNELS_POINT_H
#define BL23_KERNELS_POINT_H

#include "kernels/sample/chi2.h"
#include "kernels/sample/record.h"

struct bl23_point_values {
    struct bl23_record record;  /* g_bl is what was given, or what was solved for */
    double tension;             /* at g_bl */
    struct bl23_verdict solved; /* with g free */
    double chi2, chi2_g;        /* at g where it is given, else the least over g, and where it is */
};

/* chi^2 of a point, out of the quantities s divided by g^2. */
BL23_INLINE void bl23_point_chi2(struct bl23_model const *model, struct bl23_chi2 const *chi2,
                                 int solve, double const s[BL23_QUANTITIES], double g,
                                 struct bl23_point_values *point)
{
    struct bl23_chi2_least const least = bl23_chi2_of(model, chi2, solve, s, g);
    point->chi2 = least.chi2;
    point->chi2_g = solve ? sqrt(least.g2) : g;
}

/* The point of a row and a coupling g (ignored where it is solved for) at a knot of the model, with
 * the columns of the model's groups. chi2 is that of the knot; NULL: chi^2 is not asked for. */
BL23_INLINE void bl23_point_fill(struct bl23_model const *model, struct bl23_knot const *knot,
                                 struct bl23_chi2 const *chi2, int solve,
                                 struct bl23_row const *row, double g,
                                 struct bl23_point_values *point)
{
    unsigned const groups = (unsigned)model->groups, all = bl23_quantities_of_groups(groups);
    int const level = (int)model->level;
    double s[BL23_QUANTITIES];
    bl23_record_judge(knot, groups, level, solve, all, row, g, s, &point->record);
    point->solved = bl23_judge_limited(knot, level, 1, all, s, 0.0);
    point->solved.g2_hi = bl23_max(point->solved.g2_hi, 0.0); /* below 0: nothing meets a limit */
    point->tension =
        bl23_judge_limited(knot, level, 0, all, s, point->record.value[BL23_COLUMN_g_bl]).tension;
    point->chi2 = point->chi2_g = BL23_INFINITY;
    if (chi2)
        bl23_point_chi2(model, chi2, solve, s, g, point);
}

/* Is there a largest g? Where there is none, the coupling cannot be solved for. */
BL23_INLINE int bl23_point_is_bounded(struct bl23_point_values const *point)
{
    return sqrt(point->solved.g2_hi) < BL23_G_MAX;
}

#endif
