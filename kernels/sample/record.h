/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The record of a sample: every column of the output, rebuilt from the index alone.
 * Backends (for extrema), the store and the replay call it; the column list is the only one. */
#ifndef BL23_KERNELS_RECORD_H
#define BL23_KERNELS_RECORD_H

#include "kernels/sample/cell.h"
#include "kernels/sample/chi2.h"
#include "kernels/sample/draw.h"
#include "kernels/sample/verdict.h"
#if !BL23_IS_CUDA
#include "kernels/sample/row.h"
#endif

/* Real columns: name, unit, description, and the quantity of a mode. `index` and `level` are
 * integers beside them. */
#define BL23_COLUMN_LIST(X)                                                                        \
    X(mass_gev, "GeV", "mass of the Z'", NONE)                                                     \
    X(g_bl, "1", "gauge coupling g_B-L at which the observables are given", NONE)                  \
    X(g_min, "1", "solve: smallest g_B-L that meets all constraints", NONE)                        \
    X(g_max, "1", "solve: largest g_B-L that meets all constraints", NONE)                         \
    X(wu11_abs, "1", "modulus of (W_u)_11", NONE)                                                  \
    X(wu11_phase, "rad", "phase of (W_u)_11, in (-pi, pi]", NONE)                                  \
    X(wu12_abs, "1", "modulus of (W_u)_12", NONE)                                                  \
    X(wu12_phase, "rad", "phase of (W_u)_12, in (-pi, pi]", NONE)                                  \
    X(wu13_abs, "1", "modulus of (W_u)_13", NONE)                                                  \
    X(wu13_phase, "rad", "phase of (W_u)_13, in (-pi, pi]", NONE)                                  \
    X(h_ds_re, "1", "Re H_ds, where g_eff = -g_B-L H/(16 pi^2)", NONE)                             \
    X(h_ds_im, "1", "Im H_ds", NONE)                                                               \
    X(h_db_re, "1", "Re H_db", NONE)                                                               \
    X(h_db_im, "1", "Im H_db", NONE)                                                               \
    X(h_sb_re, "1", "Re H_sb", NONE)                                                               \
    X(h_sb_im, "1", "Im H_sb", NONE)                                                               \
    X(f_v_re, "1", "Re F_V, the vector coupling of Z' to u and c per g_B-L", NONE)                 \
    X(f_v_im, "1", "Im F_V", NONE)                                                                 \
    X(f_a_re, "1", "Re F_A, the axial coupling of Z' to u and c per g_B-L", NONE)                  \
    X(f_a_im, "1", "Im F_A", NONE)                                                                 \
    BL23_MODE_LIST(X)                                                                              \
    X(delta_a_mu, "1", "contribution to the muon's anomalous magnetic moment", NONE)               \
    X(tension, "1", "factor by which the worst constraint is missed; at most 1 for a survivor",    \
      NONE)                                                                                        \
    X(chi2, "1", "chi^2 at g_B-L; where g is solved for, the least over g", NONE)                  \
    X(chi2_g, "1", "the g_B-L at which chi2 is", NONE)                                             \
    X(LogLike, "1", "-chi2/2", NONE)

enum bl23_column {
#define BL23_COLUMN_ENUM(name, unit, text, quantity) BL23_COLUMN_##name,
    BL23_COLUMN_LIST(BL23_COLUMN_ENUM)
#undef BL23_COLUMN_ENUM
        BL23_COLUMNS
};

/* One sample, all of it. The columns of groups that the survey does not have are 0. */
struct bl23_record {
    uint64_t index;
    unsigned groups;
    int64_t level;
    int64_t survives;
    double value[BL23_COLUMNS];
};

/* 2 pi x/2^32 in (-pi, pi]. */
BL23_INLINE double bl23_phase_of_word(uint32_t x)
{
    double const turns = x == 0x80000000u ? 2147483648.0 : (double)(int32_t)x;
    return turns * BL23_RAD_PER_WORD;
}

/* The row of a sample: the fixed one, that of the user's list, or out of block 0 and the word x4 of
 * its common phase 2 pi x4/2^32. The CUDA backend takes no lists. */
BL23_INLINE struct bl23_row bl23_draw_row(struct bl23_model const *model, uint64_t index,
                                          struct bl23_words words, uint32_t x4)
{
    struct bl23_row row;
    (void)index;
    if (model->w_mode == BL23_W_FIXED)
        return model->w;
#if !BL23_IS_CUDA
    if (model->w_mode == BL23_W_ROWS) {
        bl23_given_row_of(model, index, &row);
        return row;
    }
#endif
    bl23_draw_monomials(words, row.monomial);
    for (int k = 0; k < 3; k++)
        row.abs[k] = sqrt(row.monomial[k]);
    row.phase[0] = bl23_phase_of_word(x4);
    row.phase[1] = bl23_phase_of_word(x4 + words.x[2]);
    row.phase[2] = bl23_phase_of_word(x4 + words.x[3]);
    return row;
}

/* The row of sample `index`. */
BL23_INLINE struct bl23_row bl23_row_of(struct bl23_model const *model, uint64_t index)
{
    struct bl23_sample const sample = bl23_sample_of(model, index);
    return bl23_draw_row(model, index, sample.block[0], sample.block[1].x[0]);
}

/* g of a sample out of the word x5; 0 in solve mode. */
BL23_INLINE double bl23_sample_g(struct bl23_model const *model, uint64_t index, uint32_t x5)
{
    (void)index;
#if !BL23_IS_CUDA
    if (model->g_mode == BL23_G_ROWS)
        return bl23_given_g(model, index);
#endif
    return bl23_draw_g(model, x5);
}

/* The quantity of a mode in a survey with these groups. */
BL23_INLINE int bl23_mode_quantity(unsigned groups, int mode)
{
#define BL23_MODE_QUANTITY(name, unit, text, quantity) BL23_QUANTITY_##quantity,
    int const quantity[BL23_MODES] = {BL23_MODE_LIST(BL23_MODE_QUANTITY)};
#undef BL23_MODE_QUANTITY
    int const long_distance = (groups & BL23_GROUP_LONG_DISTANCE) != 0;
    return mode == BL23_MODE_br_kp_pip && long_distance ? BL23_QUANTITY_KP_DS2 : quantity[mode];
}

/* Does a survey with these groups have a column? */
BL23_INLINE int bl23_has_column(unsigned groups, int column)
{
    int const mode = column - BL23_COLUMN_br_kl_pi0;
    if (mode >= 0 && mode < BL23_MODES)
        return (bl23_quantities_of_groups(groups) >> bl23_mode_quantity(0, mode) & 1u) != 0;
    if (column >= BL23_COLUMN_chi2 && column <= BL23_COLUMN_LogLike)
        return (groups & BL23_GROUP_CHI2) != 0;
    return (groups & BL23_GROUP_CHARM) != 0 || column < BL23_COLUMN_f_v_re ||
           column > BL23_COLUMN_f_a_im;
}

/* The amplitudes that are columns of such a survey. */
BL23_INLINE unsigned bl23_column_forms(unsigned groups)
{
    int const count = groups & BL23_GROUP_CHARM ? BL23_COLUMN_FORMS : BL23_LOOP_FORMS;
    return (1u << count) - 1u;
}

/* The coupling columns of a verdict: g_bl, where the observables are given, g_min and g_max. Where
 * nothing meets a limit, g_min is infinite or g_max 0, and g_bl is g_max. */
struct bl23_couplings {
    double g2, g_bl, g_min, g_max;
};

BL23_INLINE struct bl23_couplings bl23_record_couplings(struct bl23_verdict v, int solve, double g)
{
    double const hi = solve ? bl23_max(v.g2_hi, 0.0) : v.g2_hi;
    struct bl23_couplings c;
    c.g_min = solve ? sqrt(v.g2_lo) : g;
    c.g_max = solve ? sqrt(hi) : g;
    double const reference = bl23_reference_of(v, c.g_min, c.g_max);
    c.g2 = solve && (v.g2_lo < BL23_INFINITY) & (hi > 0.0) ? reference : hi;
    c.g_bl = solve ? sqrt(c.g2) : g;
    return c;
}

/* A branching ratio at g^2; s is its quantity divided by g^2. */
BL23_INLINE double bl23_record_rate(double kappa, double g2, double s)
{
    return kappa * (g2 * s);
}

/* The columns of observables at g^2, out of the quantities s divided by it. The amplitudes of u and
 * c are columns already. */
BL23_INLINE void bl23_record_rates(struct bl23_knot const *knot, unsigned groups, double g2,
                                   double const s[BL23_QUANTITIES], double value[BL23_COLUMNS])
{
    unsigned const quantities = bl23_quantities_of_groups(groups);
    BL23_UNROLL
    for (int mode = 0; mode < BL23_MODES; mode++) {
        int const q = bl23_mode_quantity(0, mode);
        value[BL23_COLUMN_br_kl_pi0 + mode] =
            quantities >> q & 1u ? bl23_record_rate(knot->kappa[mode], g2, s[q]) : 0.0;
    }
    if ((groups & BL23_GROUP_LONG_DISTANCE) != 0)
        value[BL23_COLUMN_br_kp_pip] =
            bl23_record_rate(knot->kappa[BL23_MODE_br_kp_pip], g2, s[BL23_QUANTITY_KP_DS2]);
    if ((groups & BL23_GROUP_CHARM) != 0 &&
        bl23_mixing_im(value + BL23_COLUMN_f_v_re, knot->weight + BL23_WEIGHT_MIXING) < 0.0)
        value[BL23_COLUMN_x12_im] = -value[BL23_COLUMN_x12_im];
    value[BL23_COLUMN_delta_a_mu] = knot->delta_a_mu_per_g2 * g2;
}

/* The record of a row w and a coupling g (ignored in solve mode) at a knot, with the columns of the
 * groups; `limited` is of bl23_judge_limited. The quantities divided by g^2 go into s. */
BL23_INLINE void bl23_record_judge(struct bl23_knot const *knot, unsigned groups, int level,
                                   int solve, unsigned limited, struct bl23_row const *row,
                                   double g, double s[BL23_QUANTITIES], struct bl23_record *record)
{
    unsigned const quantities = bl23_quantities_of_groups(groups);
    double h[BL23_FORMS];
    double *const value = record->value;
    bl23_amplitudes(knot, bl23_forms_of(quantities), row->monomial, h);
    bl23_quantities(knot, quantities, h, s);
    struct bl23_verdict const v = bl23_judge_limited(knot, level, solve, limited, s, g);
    struct bl23_couplings const c = bl23_record_couplings(v, solve, g);
    value[BL23_COLUMN_mass_gev] = knot->mass_gev;
    value[BL23_COLUMN_g_bl] = c.g_bl;
    value[BL23_COLUMN_g_min] = c.g_min;
    value[BL23_COLUMN_g_max] = c.g_max;
    for (int k = 0; k < 3; k++) {
        value[BL23_COLUMN_wu11_abs + 2 * k] = row->abs[k];
        value[BL23_COLUMN_wu11_abs + 2 * k + 1] = row->phase[k];
    }
    BL23_UNROLL
    for (int r = 0; r < BL23_COLUMN_FORMS; r++)
        value[BL23_COLUMN_h_ds_re + r] = h[r];
    bl23_record_rates(knot, groups, c.g2, s, value);
    value[BL23_COLUMN_tension] = v.tension;
    value[BL23_COLUMN_chi2] = value[BL23_COLUMN_chi2_g] = value[BL23_COLUMN_LogLike] = 0.0;
    record->groups = groups;
    record->level = v.level;
    record->survives = v.survives;
}

/* The columns of chi^2. Where it decides who survives, and g is solved for, the observables are
 * given at its g. */
BL23_INLINE void bl23_record_chi2(struct bl23_model const *model, struct bl23_knot const *knot,
                                  double g, double const s[BL23_QUANTITIES],
                                  struct bl23_record *record)
{
    struct bl23_ranking const *const ranking = bl23_model_ranking(model);
    struct bl23_chi2 const *const t = &ranking->chi2[knot - model->knot];
    int const solve = model->g_mode == BL23_G_SOLVE;
    struct bl23_chi2_least const least = bl23_chi2_of(model, t, solve, s, g);
    double *const value = record->value;
    value[BL23_COLUMN_chi2] = least.chi2;
    value[BL23_COLUMN_chi2_g] = solve ? sqrt(least.g2) : g;
    value[BL23_COLUMN_LogLike] = bl23_log_like(least.chi2);
    if (!bl23_chi2_decides(model))
        return;
    record->survives = least.chi2 <= ranking->chi2_max;
    if (solve) {
        value[BL23_COLUMN_g_bl] = value[BL23_COLUMN_chi2_g];
        bl23_record_rates(knot, record->groups, least.g2, s, value);
    }
}

/* The record of sample `index` at its knot, out of its words x0..x3 and x4..x7. */
BL23_INLINE void bl23_record_of_words(struct bl23_model const *model, struct bl23_knot const *knot,
                                      unsigned groups, unsigned limited, uint64_t index,
                                      struct bl23_words const block[2], struct bl23_record *record)
{
    struct bl23_row const row = bl23_draw_row(model, index, block[0], block[1].x[0]);
    double const g = bl23_sample_g(model, index, block[1].x[1]);
    double s[BL23_QUANTITIES];
    record->index = index;
    bl23_record_judge(knot, groups, (int)model->level, model->g_mode == BL23_G_SOLVE, limited, &row,
                      g, s, record);
    if ((groups & BL23_GROUP_CHI2) != 0)
        bl23_record_chi2(model, knot, g, s, record);
}

/* The record of sample `index` of a model with these groups. */
BL23_INLINE void bl23_record_of_groups(struct bl23_model const *model, unsigned groups,
                                       uint64_t index, struct bl23_record *record)
{
    struct bl23_sample const sample = bl23_sample_of(model, index);
    bl23_record_of_words(model, &model->knot[sample.knot], groups,
                         bl23_quantities_of_groups(groups), index, sample.block, record);
}

/* The record of sample `index`: a pure function of (model, index). */
BL23_INLINE void bl23_record_of(struct bl23_model const *model, uint64_t index,
                                struct bl23_record *record)
{
    bl23_record_of_groups(model, (unsigned)model->groups, index, record);
}

/* By what samples are ranked: the nearest are those of the least. */
BL23_INLINE double bl23_record_rank(struct bl23_record const *record)
{
    return record->value[record->groups & BL23_GROUP_CHI2 ? BL23_COLUMN_chi2 : BL23_COLUMN_tension];
}

/* 64 bits that change with any bit of a record (FNV-1a over its words): two processors that agree
 * on it agree on the record. */
BL23_INLINE uint64_t bl23_record_digest(struct bl23_record const *record)
{
    uint64_t const prime = 0x100000001b3u;
    uint64_t digest = 0xcbf29ce484222325u ^ record->index;
    digest = (digest * prime) ^ (uint64_t)record->level;
    digest = (digest * prime) ^ (uint64_t)record->survives;
    BL23_UNROLL
    for (int c = 0; c < BL23_COLUMNS; c++) {
        if (!bl23_has_column(record->groups, c))
            continue;
        uint64_t bits;
        memcpy(&bits, &record->value[c], sizeof bits);
        digest = (digest * prime) ^ bits;
    }
    return digest;
}

/* Number of columns of a survey with these groups. */
int bl23_column_count(unsigned groups);

/* Names, units and descriptions of the columns. */
char const *bl23_column_name(int column);
char const *bl23_column_unit(int column);
char const *bl23_column_text(int column);

#endif
