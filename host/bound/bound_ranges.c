/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/bound/bound_ranges.h"

#include "kernels/sample/error.h"
#include "kernels/sample/record.h"

static struct {
    char const *key, *text;
} const names[BL23_BOUND_RANGES] = {
    {"h_ds_re", "Re H_ds"}, {"h_ds_im", "Im H_ds"}, {"h_db_re", "Re H_db"}, {"h_db_im", "Im H_db"},
    {"h_sb_re", "Re H_sb"}, {"h_sb_im", "Im H_sb"}, {"h_ds_abs", "|H_ds|"}, {"h_db_abs", "|H_db|"},
    {"h_sb_abs", "|H_sb|"}, {"f_v_re", "Re F_V"},   {"f_v_im", "Im F_V"},   {"f_a_re", "Re F_A"},
    {"f_a_im", "Im F_A"},   {"f_v_abs", "|F_V|"},   {"f_a_abs", "|F_A|"},
};

/* The ranges of a kind of two rows and of its modulus, from row `first` and at row `modulus`. */
static enum bl23_status find_ranges(struct bl23_bound_problem const *free, int kind, int first,
                                    int modulus, struct bl23_bound_ranges *ranges)
{
    struct bl23_bound_kind const *const k = &free->kind[kind];
    for (int r = 0; r < 2; r++)
        BL23_TRY(bl23_bound_form_range(k->form[r], k->error[r], &ranges->smallest[first + r],
                                       &ranges->largest[first + r]));
    return bl23_bound_modulus_range(free, kind, &ranges->smallest[modulus],
                                    &ranges->largest[modulus]);
}

enum bl23_status bl23_bound_ranges_find(struct bl23_knot const *knot,
                                        struct bl23_loop_table const *table,
                                        struct bl23_bound_ranges *ranges, struct bl23_error *error)
{
    enum { CURRENTS = 3 * BL23_CHANNELS };
    struct bl23_bound_problem loops, currents;
    enum bl23_status status = BL23_OK;
    bl23_bound_of_loops(table, &loops);
    bl23_bound_of_currents(knot, &currents);
    for (int x = 0; x < BL23_CHANNELS && status == BL23_OK; x++)
        status = find_ranges(&loops, BL23_BOUND_DS + x, 2 * x, 2 * BL23_CHANNELS + x, ranges);
    for (int f = 0; f < 2 && status == BL23_OK; f++)
        status = find_ranges(&currents, f, CURRENTS + 2 * f, CURRENTS + 4 + f, ranges);
    if (status != BL23_OK)
        return bl23_fail(error, status, "%.9g GeV: the ranges of the amplitudes: %s",
                         table->mass_gev, bl23_status_text(status));
    for (int r = 0; r < BL23_BOUND_RANGES; r++)
        if (!bl23_bound_extremes_in_order(&ranges->smallest[r], &ranges->largest[r]))
            return bl23_fail(
                error, BL23_ERROR_FAILED,
                "%.9g GeV: range of %s: the proven range for every W_u is %.9g .. %.9g, but rows "
                "reach %.9g and %.9g; either the proof or the rows are wrong",
                table->mass_gev, names[r].text, ranges->smallest[r].proven,
                ranges->largest[r].proven, ranges->smallest[r].reached, ranges->largest[r].reached);
    return BL23_OK;
}

void bl23_bound_ranges_print(struct bl23_bound_ranges const *ranges, double mass_gev, FILE *out)
{
    fprintf(out, "  m_Z' = %.6g GeV\n", mass_gev);
    for (int r = 0; r < BL23_BOUND_RANGES; r++)
        fprintf(out, "    %-8s %16.9e .. %16.9e\n", names[r].text, ranges->smallest[r].proven,
                ranges->largest[r].proven);
}

static json_t *extreme_json(struct bl23_bound_extreme const *e)
{
    double modulus[3], phase[3];
    json_t *const object = json_pack("{s:f, s:f}", "proven", e->proven, "reached", e->reached);
    bl23_bound_polar(&e->w, modulus, phase);
    for (int i = 0; i < 3; i++) {
        json_object_set_new(object, bl23_column_name(BL23_COLUMN_wu11_abs + 2 * i),
                            json_real(modulus[i]));
        json_object_set_new(object, bl23_column_name(BL23_COLUMN_wu11_phase + 2 * i),
                            json_real(phase[i]));
    }
    return object;
}

json_t *bl23_bound_ranges_json(struct bl23_bound_ranges const *ranges)
{
    json_t *const object = json_object();
    for (int r = 0; r < BL23_BOUND_RANGES; r++)
        json_object_set_new(object, names[r].key,
                            json_pack("{s:o, s:o}", "smallest", extreme_json(&ranges->smallest[r]),
                                      "largest", extreme_json(&ranges->largest[r])));
    return object;
}
