# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A survey file as its figures need it: counts, settings, the first survivors of each level.

plot_survey.py, plot_map.py and plot_plane.py use it. It knows no figures.
"""
import numpy as np

POINTS_MAX = 2500  # survivors of each level in a scatter plot, about the paper's: the first ones
READ_BLOCK = 1 << 20


class NotASurvey(Exception):
    """The file cannot be drawn; the text is the sentence for the user."""


def text_of(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def thousands(count):
    """12345678 -> '12 345 678', from 1e9 on in powers of ten."""
    if count >= 10**9:
        mantissa, exponent = f"{count:.3e}".split("e")
        return rf"{float(mantissa):g}$\times10^{{{int(exponent)}}}$"
    return f"{count:,}".replace(",", "\u2009")


def scientific(x, digits=3):
    mantissa, _, exponent = f"{x:.{digits}g}".partition("e")
    return rf"${mantissa}\times10^{{{int(exponent)}}}$" if exponent else mantissa


def percent(fraction):
    if fraction == 0:
        return "0"
    if 0.9995 <= fraction < 1:
        return "> 99.9 %"
    return f"{100 * fraction:.3g} %" if fraction >= 1e-5 else scientific(fraction)


def acceptance_of_masses(drawn, passed):
    """The fraction that passes at each mass, NaN at a mass without a sample."""
    return np.divide(passed, drawn, out=np.full(len(drawn), np.nan), where=drawn > 0)


def gaps_text(drawn):
    """How many of the masses have no sample; nothing where each has one."""
    without = int(np.count_nonzero(drawn == 0))
    return f"gaps: {without} of {len(drawn)} masses have no sample" if without else ""


class Survey:
    """What the figures need of a survey file."""

    def __init__(self, file):
        if text_of(file.attrs.get("format", "")) != "bl23-survey":
            raise NotASurvey("is not a bl23 survey file (root attribute format)")
        self.file = file
        self.samples = int(file.attrs["samples"])
        self.passed = int(file.attrs["passed"])
        self.passed_1sigma = int(file.attrs["passed_1sigma"])
        self.seed = int(file.attrs["seed"])
        self.yaml = text_of(file["config"].attrs["yaml"])
        self.masses = np.asarray(file["tables/mass_gev"])
        self.constraints = [text_of(name) for name in file["cutflow/name"]]

    def has(self, *names):
        return all(name in self.file for name in names)

    def setting(self, key):
        """The value of a key in the resolved configuration, as text."""
        for line in self.yaml.splitlines():
            name, _, value = line.strip().partition(":")
            if name == key:
                return value.strip()
        return ""

    def mass_text(self):
        if len(self.masses) == 1:
            return rf"$m_{{Z'}}$ = {1e3 * self.masses[0]:.6g} MeV"
        low, high = 1e3 * self.masses.min(), 1e3 * self.masses.max()
        return rf"$m_{{Z'}}$ = {low:.4g} to {high:.4g} MeV ({len(self.masses)} masses)"

    def constraints_text(self, width):
        lines = [""]
        for name in self.constraints:
            if len(lines[-1]) + len(name) > width:
                lines.append("")
            lines[-1] += (", " if lines[-1] else "") + name
        return ",\n".join(lines)

    def acceptance_text(self):
        drawn = f"of {thousands(self.samples)} samples"
        if self.passed == 0:
            limit = 1 - 0.05 ** (1 / self.samples)
            return f"none {drawn} survives: acceptance < {scientific(limit, 2)} at 95 % CL"
        fraction = self.passed / self.samples
        return f"{thousands(self.passed)} {drawn} survive, {percent(fraction)}"

    def title(self, width=90):
        return (f"{self.mass_text()},  {self.acceptance_text()}\n"
                f"constraints: {self.constraints_text(width)}")

    def first_of_level(self, level):
        """Rows of the first POINTS_MAX survivors of a level."""
        column, rows, found = self.file["survivors/level"], [], 0
        for start in range(0, len(column), READ_BLOCK):
            hits = start + np.flatnonzero(column[start:start + READ_BLOCK] == level)
            rows.append(hits[:POINTS_MAX - found])
            found += len(rows[-1])
            if found == POINTS_MAX:
                break
        return np.concatenate(rows) if rows else np.array([], dtype=int)

    def row_of_w(self, rows):
        """(W_u)_1i of some survivors, complex [rows, 3]."""
        if len(rows) == 0:
            return np.zeros((0, 3), dtype=complex)
        last = rows[-1] + 1

        def column(name):
            return self.file[f"survivors/{name}"][:last][rows]

        return np.stack([column(f"wu1{i}_abs") * np.exp(1j * column(f"wu1{i}_phase"))
                         for i in (1, 2, 3)], axis=1)
