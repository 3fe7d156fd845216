/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "host/bound/bound_ranges.h"

#include "kernels/sample/error.h"
#include "kernels/sample/record.h"

static struct {
    char const *key, *text;
} const names[BL23_BOUND_RANGES] = {
    {"h_ds_re", "Re H_ds"}, {"h_ds_im", "Im H_ds"}, {"h_db_re", "Re H_db"},
    {"h_db_im", "Im H_db"}, {"h_sb_re", "Re H_sb"}, {"h_sb_im", "Im H_sb"},
    {"h_ds_abs", "|H_ds|"}, {"h_db_abs", "|H_db|"}, {"h_sb_abs", "|H_sb|"},
};

enum bl23_status bl23_bound_ranges_find(struct bl23_loop_table const *table,
                                        struct bl23_bound_ranges *ranges, struct bl23_error *error)
{
    enum bl23_status status = BL23_OK;
    for (int r = 0; r < BL23_FORMS && status == BL23_OK; r++)
        status = bl23_bound_form_range(table->form[r], table->form_error[r], &ranges->smallest[r],
                                       &ranges->largest[r]);
    for (int x = 0; x < BL23_CHANNELS && status == BL23_OK; x++)
        status =
            bl23_bound_modulus_range(table, (enum bl23_channel)x, &ranges->smallest[BL23_FORMS + x],
                                     &ranges->largest[BL23_FORMS + x]);
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
