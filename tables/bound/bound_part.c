/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
#include "tables/bound/bound_part.h"

#include <string.h>

#include "tables/bound/bound_interval.h"

enum { HALVINGS_MAX = 24 };
#define SECTOR_ROUNDING 0x1p-46 /* on direction . K / |K|: two roundings of sine and cosine */

struct bl23_bound_part bl23_bound_everything(void)
{
    return (struct bl23_bound_part){.chart = -1};
}

/* First those of the planes. */
static char const *const families[] = {"+-",  "dD", "bB", "sS", "vV", "kK",
                                       "uct", "01", "23", "45", "67"};
enum { FAMILIES = sizeof families / sizeof families[0], FAMILY_CHART = BL23_BOUND_PLANES };

static int family_of(char step)
{
    for (int f = 0; f < FAMILIES; f++)
        if (step && strchr(families[f], step))
            return f;
    return -1;
}

char const *bl23_bound_family(char step)
{
    int const f = family_of(step);
    return f < 0 ? NULL : families[f];
}

char const *bl23_bound_direction_family(enum bl23_bound_plane plane)
{
    return families[plane];
}

bool bl23_bound_descend(char step, struct bl23_bound_part *part)
{
    int const f = family_of(step);
    if (f < 0)
        return false;
    int const member = (int)(strchr(families[f], step) - families[f]);
    if (f < FAMILY_CHART) { /* halve the sector in plane f */
        if (part->halvings[f] >= (f == BL23_BOUND_IM_DS ? 1 : HALVINGS_MAX))
            return false;
        part->halvings[f]++;
        part->sector[f] = 2 * part->sector[f] + (member > 0);
        return true;
    }
    if ((f == FAMILY_CHART) != (part->chart < 0))
        return false;
    if (f == FAMILY_CHART) {
        part->chart = member;
        for (int side = 0; side < 4; side++) {
            part->z_lo[side] = -1.0;
            part->z_hi[side] = 1.0;
        }
        return true;
    }
    /* Boxes have dyadic corners: their middles are exact for as many halvings as a path holds. */
    int const side = f - FAMILY_CHART - 1;
    double const middle = 0.5 * (part->z_lo[side] + part->z_hi[side]);
    if (member > 0)
        part->z_lo[side] = middle;
    else
        part->z_hi[side] = middle;
    return true;
}

int bl23_bound_component(int chart, int disc)
{
    return disc < chart ? disc : disc + 1;
}

static double nearest_to_zero(double lo, double hi)
{
    return lo > 0.0 ? lo : hi < 0.0 ? -hi : 0.0;
}

bool bl23_bound_is_empty(struct bl23_bound_part const *part)
{
    for (int disc = 0; part->chart >= 0 && disc < 2; disc++) {
        int const k = 2 * disc; /* corners are dyadic and short: the squares are exact */
        double const x = nearest_to_zero(part->z_lo[k], part->z_hi[k]);
        double const y = nearest_to_zero(part->z_lo[k + 1], part->z_hi[k + 1]);
        if (x * x + y * y > 1.0)
            return true;
    }
    return false;
}

void bl23_bound_direction(struct bl23_bound_part const *part, enum bl23_bound_plane plane,
                          double direction[BL23_BOUND_ROWS_MAX], double *cosine)
{
    memset(direction, 0, BL23_BOUND_ROWS_MAX * sizeof *direction);
    *cosine = 0.0;
    if (plane >= BL23_BOUND_PLANES) {
        *cosine = direction[0] = plane == BL23_BOUND_POSITIVE ? 1.0 : 0.0;
        return;
    }
    int const n = part->halvings[plane];
    if (plane == BL23_BOUND_IM_DS) { /* positive, then negative */
        direction[0] = part->sector[plane] ? -1.0 : 1.0;
        *cosine = n ? 1.0 : 0.0;
        return;
    }
    double const half = acos(-1.0) / (double)(1u << n),
                 middle = (2.0 * part->sector[plane] + 1.0) * half;
    direction[0] = cos(middle);
    direction[1] = sin(middle);
    *cosine = n > 1 ? cos(half) - SECTOR_ROUNDING : 0.0; /* half a circle proves nothing */
}

/* Centre and squared radius, rounded up; a whole unit square lies in the unit disc, as |z| <= 1. */
static double disc_of(struct bl23_bound_part const *part, int disc, double centre[2])
{
    double const *const lo = part->z_lo + 2 * disc, *const hi = part->z_hi + 2 * disc;
    double const x = 0.5 * (hi[0] - lo[0]), y = 0.5 * (hi[1] - lo[1]);
    centre[0] = 0.5 * (lo[0] + hi[0]);
    centre[1] = 0.5 * (lo[1] + hi[1]);
    if (x == 1.0 && y == 1.0)
        return 1.0;
    return bl23_interval_add(bl23_interval_square(bl23_interval_of(x)),
                             bl23_interval_square(bl23_interval_of(y)))
        .hi;
}

void bl23_bound_disc(struct bl23_bound_part const *part, int disc, double form[BL23_MONOMIALS])
{
    static int const monomial_of_pair[3][3] = {{0, 3, 5}, {3, 0, 7}, {5, 7, 0}};
    int const i = part->chart, j = bl23_bound_component(i, disc);
    double c[2];
    double const radius2 = disc_of(part, disc, c);
    int const re = monomial_of_pair[i][j];
    memset(form, 0, BL23_MONOMIALS * sizeof *form);
    form[j] = 1.0;
    form[i] = nextafter(c[0] * c[0] + c[1] * c[1] - radius2, -HUGE_VAL); /* may only widen */
    form[re] = -2.0 * c[0]; /* - 2 Re (c w_i w*_j) = - 2 (Re c Re z + Im c Im z), z = w*_i w_j */
    form[re + 1] = i < j ? -2.0 * c[1] : 2.0 * c[1];
}

void bl23_bound_middle(struct bl23_bound_part const *part, double re[3], double im[3])
{
    for (int i = 0; i < 3; i++) {
        re[i] = 1.0;
        im[i] = 0.0;
    }
    for (int disc = 0; part->chart >= 0 && disc < 2; disc++) {
        double c[2];
        disc_of(part, disc, c);
        re[bl23_bound_component(part->chart, disc)] = c[0];
        im[bl23_bound_component(part->chart, disc)] = c[1];
    }
}
