/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* What the samples of a dyadic cell can be, in interval arithmetic: amplitudes, quantities and g^2
 * between bounds that hold whatever the rounding was. The check of covers is made of it
 * (cover_verify.h); it shares no code with the search that makes them.
 *
 * How it works. A form of w is d.p + sum_ij R_ij (re_ij cos phi_ij + im_ij sin phi_ij), with
 * p = (a, b - a, 1 - b), R_ij = sqrt(p_i p_j) and the phases x2, x2 + y, y of the pairs 12, 13, 23.
 * d.p is linear: its extremes lie at corners. R_ij^2 has its least value at a corner too, its
 * largest at a corner or at a = b/2 (pair 12), b = (1 + a)/2 (pair 23); in units of 2^-64 these are
 * whole numbers, so that they are exact. The wave in the bracket has its extremes at the ends of
 * the arc of the phase, or is plus or minus its amplitude inside; the sign of its slope at both
 * ends tells. Sine and cosine at the ends are enclosed by their Taylor series in Horner's form,
 * whose rest lies between 0 and 1. */
#ifndef BL23_TABLES_COVER_ENCLOSURE_H
#define BL23_TABLES_COVER_ENCLOSURE_H

#include "kernels/sample/cell.h"
#include "kernels/sample/verdict.h"

/* Words between bounds: low to low + size of a, b, x2, y and g's word, closed. On the diagonal only
 * a <= b belongs to it, elsewhere a <= b everywhere. */
struct bl23_cover_box {
    uint64_t low[BL23_CELL_WORDS], size[BL23_CELL_WORDS];
    int diagonal;
};

struct bl23_cover_box bl23_cover_box_of(struct bl23_cell const *cell);

/* cos and sin of 2 pi x/2^32, x any whole number below 2^34. */
void bl23_cover_turn(uint64_t x, struct bl23_interval *cosine, struct bl23_interval *sine);

/* The closed arc of phases 2 pi x/2^32 from x = low to low + size, in parts of at most half a turn,
 * with cosine and sine at their ends. A whole turn has no parts. */
struct bl23_cover_arc {
    uint64_t low, size;
    int parts;
    struct bl23_interval cosine[3], sine[3];
};

/* The arcs of the box that was asked for last: neighbours share most of them. All zero at first.
 */
struct bl23_cover_arcs {
    struct bl23_cover_arc pair[3];
};

/* The amplitudes of a box, those whose bits are in `forms`. The bounds hold for the exact
 * coefficients, of which those of the knot differ by rounding, and for the verdict's own rounding.
 */
void bl23_cover_amplitudes(struct bl23_knot const *knot, unsigned forms,
                           struct bl23_cover_box const *box, struct bl23_cover_arcs *arcs,
                           struct bl23_interval amplitude[BL23_FORMS]);

/* By how much the verdict's amplitude may differ from the form as it is in the knot. */
double bl23_cover_amplitude_room(double const form[BL23_MONOMIALS]);

/* The derivatives of forms as they are in the knot, by a and b (as parts of 1) and the phases x2
 * and y, in a box off the diagonal. Returns the bits of the pairs ij whose R_ij is left out, as its
 * derivative has no bound there. */
unsigned bl23_cover_slopes(struct bl23_knot const *knot, unsigned forms,
                           struct bl23_cover_box const *box, struct bl23_cover_arcs *arcs,
                           struct bl23_interval slope[BL23_FORMS][BL23_CELL_G]);

/* The terms of some pairs in the forms, by their bits. */
void bl23_cover_terms(struct bl23_knot const *knot, unsigned forms, unsigned pairs,
                      struct bl23_cover_box const *box, struct bl23_cover_arcs *arcs,
                      struct bl23_interval term[BL23_FORMS]);

/* The quantities divided by g^2 of amplitudes within bounds, those whose bits are in `quantities`:
 * of G and G2 they are 1. */
void bl23_cover_quantities(struct bl23_knot const *knot, unsigned quantities,
                           struct bl23_interval const amplitude[BL23_FORMS],
                           struct bl23_interval s[BL23_QUANTITIES]);

/* g^2 in a box; in solve mode, of the domain. */
struct bl23_interval bl23_cover_g2(struct bl23_model const *model,
                                   struct bl23_cover_box const *box);

#endif
