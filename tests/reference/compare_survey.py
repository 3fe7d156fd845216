# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Compares a survey of the C program with that of reference_survey.py.

    python3 compare_survey.py BL23_OUT.h5 REFERENCE.h5

Prints a table of checks and their number; exit 1 if one fails, with the offending rows.
Columns must agree to 1e-10 relative (phases: 1e-10 modulo 2 pi). Where H is a small difference of
large terms a double can do no better than ROUNDING x (largest coefficient of that row of the
forms), and that much is allowed to H and, through |H|, to what is made of it.
Indices must be equal. Two mass knots can give the same tension but for the last bit, so the nearest
of one knot must be the same samples in the same order, and only knots may interleave differently;
an extremum may sit at another sample whose value agrees to TIE relative. Both are shown.
"""
import sys

import h5py
import numpy as np

RELATIVE = 1e-10
ROUNDING = 2e-15
TIE = 1e-12
SHOWN = 5
H_NAMES = ("h_ds_re", "h_ds_im", "h_db_re", "h_db_im", "h_sb_re", "h_sb_im")
EXACT = ("index", "level")


class Report:
    def __init__(self):
        self.checks = self.failed = 0

    def check(self, what, good, detail="", offending=()):
        self.checks += 1
        self.failed += not good
        print(f"{'ok  ' if good else 'FAIL'}  {what:32s} {detail}")
        if not good:
            for line in list(offending)[:SHOWN]:
                print("        " + line)


def text(values):
    return [v.decode() if isinstance(v, bytes) else str(v) for v in values]


def relative(a, b):
    """|a-b|/|b|, 0 where equal (infinities included)."""
    with np.errstate(all="ignore"):
        out = np.abs(a - b) / np.abs(b)
    out = np.where(a == b, 0.0, out)
    return np.where(np.isnan(a) & np.isnan(b), 0.0, np.where(np.isnan(out), np.inf, out))


def knot_of(index, knots):
    return ((index >> np.uint64(12)) % np.uint64(knots)).astype(np.int64)


def cancellation(group, reference):
    """Per row: ROUNDING x scale of the six H, and the relative loss of the worst |H|."""
    knots = reference["cutflow/by_mass"].shape[1]
    knot = knot_of(group["index"][...], knots)
    scale = np.abs(reference["tables/forms"][...]).max(axis=2)[knot].T                     # [6, n]
    h = np.stack([group[name][...] for name in H_NAMES])
    with np.errstate(divide="ignore"):
        loss = np.max([ROUNDING * scale[1] / np.abs(h[1]),
                       *(ROUNDING * scale[i:i + 2].max(axis=0) / np.hypot(h[i], h[i + 1])
                         for i in (0, 2, 4))], axis=0)
    return ROUNDING * scale, 2 * loss


def compare_columns(report, where, mine, reference_group, reference, skip=()):
    """Every column of two groups whose indices are the same."""
    a_names, b_names = set(mine), set(reference_group)
    report.check(f"{where}: columns", a_names == b_names, f"{len(b_names)} columns",
                 [f"only in one file: {n}" for n in sorted(a_names ^ b_names)])
    if not len(reference_group["index"]):
        return
    floor, loss = cancellation(reference_group, reference)
    for name in (n for n in reference_group if n in a_names and n not in skip):
        a, b = mine[name][...], reference_group[name][...]
        if name in EXACT:
            off, allowed = (a != b).astype(float), np.zeros(len(b))
        elif name.endswith("_phase"):
            off, allowed = np.abs(np.remainder(a - b + np.pi, 2 * np.pi) - np.pi), np.full(len(b),
                                                                                           RELATIVE)
            off = np.where((a > -np.pi) & (a <= np.pi), off, np.inf)
        elif name in H_NAMES:
            off, allowed = np.abs(a - b), RELATIVE * np.abs(b) + floor[H_NAMES.index(name)]
        else:
            off, allowed = relative(a, b), RELATIVE + loss
        bad = np.flatnonzero(~(off <= allowed))
        report.check(f"{where}: {name}", len(bad) == 0, f"largest deviation {off.max():.2e}",
                     (f"index {reference_group['index'][i]}: {a[i]!r} against {b[i]!r}"
                      for i in bad[:SHOWN]))


def compare_survivors(report, mine, reference):
    a, b = mine["survivors/index"][...], reference["survivors/index"][...]
    extra, missing = np.setdiff1d(a, b), np.setdiff1d(b, a)
    same = np.array_equal(a, b)
    report.check("survivors: index", same, f"{len(a)} and {len(b)} survivors",
                 [f"only in {n}: {list(v[:8])}" for n, v in (("bl23", extra),
                                                             ("the reference", missing)) if len(v)]
                 or ["the order differs"])
    if same:
        compare_columns(report, "survivors", mine["survivors"], reference["survivors"], reference)


def compare_cutflow(report, mine, reference):
    a, b = mine["cutflow"], reference["cutflow"]
    names, wanted = text(a["name"][...]), text(b["name"][...])
    report.check("cutflow: name", names == wanted, f"{len(wanted)} constraints",
                 [f"{names} against {wanted}"])
    drawn = int(np.asarray(a.attrs.get("drawn", -1)).ravel()[0])
    report.check("cutflow: drawn", drawn == int(b.attrs["drawn"]), f"{drawn}",
                 [f"{drawn} against {b.attrs['drawn']}"])
    for key in ("passed", "passed_alone", "by_mass"):
        x, y = a[key][...].astype(np.int64), b[key][...].astype(np.int64)
        same = np.array_equal(x, y)
        offending = [f"shape {x.shape} against {y.shape}"] if x.shape != y.shape else [
            f"{wanted[i[0]]} {list(i[1:])}: {x[tuple(i)]} against {y[tuple(i)]}"
            for i in np.argwhere(x != y)]
        report.check(f"cutflow: {key}", same, f"{y.size} numbers", offending)


def compare_extrema(report, mine, reference):
    a, b = mine["extrema"], reference["extrema"]
    names, wanted = text(a["name"][...]), text(b["name"][...])
    if not len(reference["survivors/index"]):
        print("        no survivors, so no extrema to compare")
        return
    both = [n for n in wanted if n in names]
    report.check("extrema: name", set(wanted) <= set(names), f"{len(both)} in both",
                 [f"{names} against {wanted}"])
    indices, loss = reference["survivors/index"][...], cancellation(reference["survivors"],
                                                                    reference)[1]
    for name in both:
        i, j = names.index(name), wanted.index(name)
        for end in ("min", "max"):
            value, want = float(a[end][i]), float(b[end][j])
            got, index = int(a[end + "_index"][i]), int(b[end + "_index"][j])
            row = int(np.searchsorted(indices, index))
            near = float(relative(np.float64(value), np.float64(want)))
            tie = ""
            if got != index and got in indices and name in reference["survivors"]:
                there = float(reference["survivors"][name][int(np.searchsorted(indices, got))])
                tie = " (tie)" if abs(there - want) <= TIE * abs(want) else ""
            report.check(f"extrema: {name} {end}", near <= RELATIVE + loss[row]
                         and (got == index or bool(tie)), f"deviation {near:.2e}, index {got}{tie}",
                         [f"{value!r} at {got} against {want!r} at {index}"])


def compare_nearest(report, mine, reference):
    if "nearest" not in mine or "nearest" not in reference:
        print(f"        nearest: bl23 {'nearest' in mine}, reference {'nearest' in reference}: not "
              "compared")
        return
    a, b = mine["nearest"], reference["nearest"]
    i, j = a["index"][...], b["index"][...]
    x, y = a["tension"][...], b["tension"][...]
    if len(i) != len(j):
        report.check("nearest: index", False, f"{len(i)} and {len(j)} rows")
        return
    loss = cancellation(b, reference)[1]
    bad = np.flatnonzero(~(relative(x, y) <= RELATIVE + loss))
    report.check("nearest: tension in order", len(bad) == 0, f"{len(y)} rows",
                 (f"row {k}: {x[k]!r} against {y[k]!r}" for k in bad))
    own_order = np.array_equal(np.lexsort((i, x)), np.arange(len(i)))
    report.check("nearest: own order", own_order, "by tension, then index", ["not sorted"])
    tied, knots = reference["nearest_tied/index"][...], reference["cutflow/by_mass"].shape[1]
    wrong = []
    for knot in range(knots):
        here, there = i[knot_of(i, knots) == knot], tied[knot_of(tied, knots) == knot]
        length = min(len(here), len(there))
        wrong += [f"knot {knot}, its row {k}: {here[k]} against {there[k]}"
                  for k in np.flatnonzero(here[:length] != there[:length])[:1]]
        if len(here) > len(there):
            wrong.append(f"knot {knot}: {len(here)} samples where {len(there)} are that near")
    moved = np.count_nonzero(i != j)
    report.check("nearest: index", not wrong, f"{len(j)} rows, {moved} displaced by ties between "
                 "knots", wrong)
    # the level of a sample that fails is not defined
    if moved == 0:
        compare_columns(report, "nearest", a, b, reference, skip=("level",))


def main():
    if len(sys.argv) != 3:
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    report = Report()
    with h5py.File(sys.argv[1], "r") as mine, h5py.File(sys.argv[2], "r") as reference:
        for key in ("seed", "samples"):
            if key in mine.attrs:
                report.check(key, int(mine.attrs[key]) == int(reference.attrs[key]),
                             f"{reference.attrs[key]}")
        for compare in (compare_cutflow, compare_survivors, compare_extrema, compare_nearest):
            try:
                compare(report, mine, reference)
            except KeyError as error:
                report.check(compare.__name__, False, f"missing: {error}")
    print(f"{report.checks} checks, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
