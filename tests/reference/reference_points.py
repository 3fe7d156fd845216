# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Random whole points with both input sets, called by make_reference_masses.py."""
import random

from mpmath import mp

import reference_physics as rp

# below and above the thresholds of K -> pi (0.354, 0.363), B -> K* (4.384), B -> rho (4.504), B ->
# K (4.782)
MASSES = (0.01, 0.03, 0.0437, 0.0815, 0.116, 0.13, 0.1449, 0.152, 0.24, 0.33, 0.3541, 0.3543, 0.358,
          0.3628, 0.5, 1.2, 1.9, 2.6, 4.45, 4.5)

HEAD = """\
# Single points with Ball-Zwicky form factors, columns as in points.csv after the name of the \
input set. W = (W_u)_1i is unnormalised: divide by the norm; phases in units of pi.
# Modes that are closed at this mass give 0. Every number of a point and of the inputs is an IEEE \
double, converted exactly; 40-digit arithmetic throughout, 17 digits shown.
"""


def write(path):
    draw = random.Random(2008_09793)
    names = ["h_%s_%s" % (x, part) for x in ("ds", "db", "sb") for part in ("re", "im")]
    header = ["inputs", "m_gev", "g_bl", "r11", "phase11_pi", "r12", "phase12_pi", "r13",
              "phase13_pi", *names, *rp.BR_NAMES, "delta_a_mu"]
    with open(path, "w", encoding="ascii") as out:
        out.write(HEAD + ",".join(header) + "\n")
        for mass in MASSES:
            g = round(10 ** draw.uniform(-6, -2.5), 12)
            polar = [round(draw.gauss(0, 1) ** 2, 6) if k % 2 == 0
                     else round(draw.uniform(-1, 1), 6) for k in range(6)]
            for preset in rp.PRESETS:
                with mp.workdps(rp.DPS):
                    h, br, muon = rp.point(mass, g, polar, rp.resolve_inputs(preset))
                    values = [part for z in h for part in (z.real, z.imag)] + br + [muon]
                    shown = [mp.nstr(v, 17, min_fixed=0, max_fixed=0) if v else "0" for v in values]
                out.write(",".join([preset, *(repr(v) for v in (mass, g, *polar)), *shown]) + "\n")
    print(f"{path}: {2 * len(MASSES)} points")
