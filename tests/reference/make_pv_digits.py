# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Writes pv_digits.csv: the loop functions to 36 digits at a few points, to judge error estimates.

`python3 make_pv_digits.py` in this folder (minutes). The quadrature is that of reference_loops.py
with more digits and a tighter goal; above threshold Im C0 is checked against its closed form.
"""
import os

from mpmath import mp, mpf, nstr

import reference_loops

HERE = os.path.dirname(os.path.abspath(__file__))
MASSES = {"u": "2.2e-3", "c": "1.275", "t": "173.0"}
MASS_W = "80.379"
PAIRS = ("uu", "uc", "ut", "cc", "ct", "tt")
Q = ("0.001", "0.0043", "0.0045", "0.02", "0.134977", "0.6", "1.2771", "1.2773", "2.0", "2.5499",
     "2.5501", "4.0", "5.19")
DIGITS = 36


def digits(x):
    return nstr(x, DIGITS) if x else "0"


def main():
    reference_loops.WORK_DPS = 60
    reference_loops.GOAL = mpf(10) ** -42
    with open(os.path.join(HERE, "pv_digits.csv"), "w", encoding="utf-8") as out:
        out.write("# C0 [GeV^-2] and S as in pv.csv, to 36 digits (make_pv_digits.py): masses and "
                  "q are the printed decimals.\n"
                  "q_gev,qi,qj,re_c0,im_c0,re_s,im_s\n")
        for q in Q:
            for i, j in PAIRS:
                c0, s = reference_loops.loop_functions(q, MASSES[i], MASSES[j], MASS_W)
                with mp.workdps(60):
                    closed = reference_loops.imag_c0_closed(q, MASSES[i], MASSES[j], MASS_W)
                    if abs(c0.imag - closed) > abs(closed) * mpf(10) ** -38:
                        raise ArithmeticError(f"Im C0 at {q}, {i}{j}: {c0.imag} and {closed}")
                row = (q, i, j) + tuple(digits(x) for x in (c0.real, c0.imag, s.real, s.imag))
                out.write(",".join(row) + "\n")


if __name__ == "__main__":
    main()
