/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright (C) 2026 The bl23 authors */
/* The check of sheared cells, independent of the search that makes strips: their whole numbers are
 * decoded here a second time, and in interval arithmetic it is proven that no sample of the cell
 * survives outside of them. cover_verify.c calls it for the leaves of sheared trees.
 *
 * How it works. What lies beyond each edge of a strip is looked at on its own: nothing of it may
 * survive. A survivor keeps |sum_r m_r L_r| <= sum_q |m_q| radius_q, whatever the multipliers m
 * are, for the amplitudes L_r (and the real and imaginary part of M12) of quantities q with upper
 * limits; |m_q| is the norm of those of q. Derivatives enclosed over a box bound the left side by
 * its value at the centre and how far the words are from there (the mean value theorem). With
 * multipliers that leave the derivative by one word alone it bounds that word, and the box becomes
 * smaller; with those that leave the slopes of the strip it bounds how far survivors are from the
 * edge. Multipliers only need to be good, not exact: the rest is in the enclosure. A box that is
 * not decided is divided in two, as derivatives vary less over smaller boxes. */
#ifndef BL23_TABLES_COVER_STRIPS_H
#define BL23_TABLES_COVER_STRIPS_H

#include "tables/cover/cover_verify.h"

/* Is it proven that all samples of the closed cell that survive lie in its strips? Without strips
 * (NULL): that none survives. The cell is not on the diagonal. */
bool bl23_cover_strips_hold(struct bl23_cover_limits *limits, struct bl23_cell const *cell,
                            struct bl23_shear const *shear);

#endif
