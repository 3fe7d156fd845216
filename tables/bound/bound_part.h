/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* A part is a set of (w, g), named by the steps of division that lead to it: the sign or sector of
 * a K with a lower edge, the largest component of w, halves of a box of w. The search divides parts
 * where one certificate does not decide, and the check follows the same steps. */
#ifndef BL23_TABLES_BOUND_PART_H
#define BL23_TABLES_BOUND_PART_H

#include "tables/bound/bound_problem.h"

enum { BL23_BOUND_PATH_SIZE = 96 };

/* Where K lies in its plane (Im K_ds: on its line), and where w lies: w_i its largest component,
 * z = w_j/w_i for the two other components in a box, Re and Im each. */
struct bl23_bound_part {
    int halvings[BL23_BOUND_PLANES]; /* of the circle of directions of K; 0: any direction */
    uint32_t sector[BL23_BOUND_PLANES];
    int chart; /* i, or -1: all w */
    double z_lo[4], z_hi[4];
};

/* All w and g. */
struct bl23_bound_part bl23_bound_everything(void);

/* One step down: '+' '-' the signs of Im K_ds; 'd' 'D', 'b' 'B', 's' 'S', 'v' 'V', 'k' 'K' the
 * halves of the sector of K_ds, K_db, K_sb, g F_V, K_ds of K+; 'u' 'c' 't' the largest component of
 * w; '0' '1' to '6' '7' the halves of side 0 to 3 of the box. False where the step does not exist.
 */
bool bl23_bound_descend(char step, struct bl23_bound_part *part);

/* The steps that together cover the part they divide, as a text; NULL for no step. */
char const *bl23_bound_family(char step);

/* The steps that divide the directions in a plane. */
char const *bl23_bound_direction_family(enum bl23_bound_plane plane);

/* The component of w behind z of disc 0 or 1 in a chart. */
int bl23_bound_component(int chart, int disc);

/* Does the box lie beyond |z| = 1, where other charts hold every w? */
bool bl23_bound_is_empty(struct bl23_bound_part const *part);

/* direction . K >= cosine |K| for every K of the part in a plane; cosine 0: nothing is known. */
void bl23_bound_direction(struct bl23_bound_part const *part, enum bl23_bound_plane plane,
                          double direction[BL23_BOUND_ROWS_MAX], double *cosine);

/* |w_j - c w_i|^2 - R^2 |w_i|^2, at most 0 in the part: the disc 0 or 1 around its box. */
void bl23_bound_disc(struct bl23_bound_part const *part, int disc, double form[BL23_MONOMIALS]);

/* The row in the middle of the part. */
void bl23_bound_middle(struct bl23_bound_part const *part, double re[3], double im[3]);

#endif
