/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The largest coupling g_B-L that the limits of 2026 allow one row w, at some masses:
 * cc limit.c $(pkg-config --cflags --libs bl23) */
#include <bl23.h>
#include <stdio.h>

enum { MASSES = 4 };

int main(void)
{
    static double const mass_gev[MASSES] = {0.05, 0.1, 0.128, 0.2};
    static double const row[3][2] = {{0.6, 0.1}, {-0.3, 0.4}, {0.0, 0.7}}; /* of any norm */
    char const *const columns[] = {"g_max", "br_kp_pip"};
    double g_max[MASSES], br_kp_pip[MASSES], w[MASSES][3][2];
    double *values[2];
    struct bl23_request request = {2, columns, values, 1, NULL, NULL};
    struct bl23_message message;
    struct bl23_handle *model;
    int k, i;
    values[0] = g_max;
    values[1] = br_kp_pip;
    for (k = 0; k < MASSES; k++)
        for (i = 0; i < 6; i++)
            w[k][i / 2][i % 2] = row[i / 2][i % 2];
    if (bl23_open_sets("world_2026", 2, "pdg2024", &model, &message) != BL23_CODE_OK) {
        fprintf(stderr, "%s\n", message.text);
        return 1;
    }
    if (bl23_points(model, MASSES, mass_gev, NULL, &w[0][0][0], &request, &message) == BL23_CODE_OK)
        for (k = 0; k < MASSES; k++)
            printf("%.3f GeV: g up to %.17g, where BR(K+ -> pi+ Z') = %.17g\n", mass_gev[k],
                   g_max[k], br_kp_pip[k]);
    else
        fprintf(stderr, "%s\n", message.text);
    bl23_close(model);
    return message.code != BL23_CODE_OK;
}
