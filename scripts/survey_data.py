# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A survey file as its figures need it: counts, settings, the first survivors of each level.

All drawing scripts use it, and what it says of texts and formats. It knows no figures.
"""
import numpy as np
import yaml

FORMATS = {"bl23-survey": 4, "bl23-plane": 1, "bl23-bound": 5}  # versions that are drawn
NAME_MAX = 200  # a longer text is cut
NAME_LINES = 4  # so many lines of a title name constraints
POINTS_MAX = 2500  # survivors of each level in a scatter plot, about the paper's: the first ones
READ_BLOCK = 1 << 20


class NotDrawn(Exception):
    """The file cannot be drawn; its name and this text are the sentence for the user."""


class NotASurvey(NotDrawn):
    pass


def text_of(value):
    """Text of a file; what is not UTF-8 in it is replaced."""
    raw = value if isinstance(value, bytes) else str(value).encode(errors="replace")
    return raw.decode(errors="replace")


def literal(text):
    """What a file names, for matplotlib to draw sign by sign: no formula, and no leading _, which
    would hide it from a legend."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in text_of(text))
    if len(shown) > NAME_MAX:
        shown = shown[:NAME_MAX - 1] + "\u2026"
    return ("\u200a" if shown.startswith("_") else "") + shown.replace("$", r"\$")


def check_format(found, wanted, maker, refused):
    """Raises `refused` unless the keys format and format_version of a file are what is drawn."""
    version, known = found.get("format_version"), FORMATS[wanted]
    if text_of(found.get("format", "")) != wanted:
        raise refused(f"is not a {wanted.replace('-', ' ')} file, as '{maker}' makes it (format)")
    if isinstance(version, bool) or np.shape(version) != () or version != known:
        raise refused(f"has format_version {text_of(version):.20}, and this script draws {known} "
                      f"only: make the file again with '{maker}', or use the scripts of the bl23 "
                      "that made it")


def check_data(holds, what):
    if not holds:
        raise NotDrawn(f"cannot be drawn: {what}")


def read_yaml(text):
    """What a configuration says; numbers stay texts, as they were written."""
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise NotDrawn(f"has a configuration that is not YAML: {error}") from error


def settings_of(text):
    """A resolved configuration as {section: {key: value}}."""
    found = read_yaml(text)
    whole = isinstance(found, dict) and all(isinstance(keys, dict) for keys in found.values())
    check_data(whole, "its configuration has no sections")
    return found


def finite_positive(values):
    return values.ndim == 1 and len(values) > 0 and bool(np.all(np.isfinite(values) & (values > 0)))


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
        check_format(file.attrs, "bl23-survey", "bl23 survey", NotASurvey)
        self.file = file
        self.samples = int(file.attrs["samples"])
        self.survey_samples = int(file.attrs["survey_samples"])
        self.passed = int(file.attrs["passed"])
        self.passed_1sigma = int(file.attrs["passed_1sigma"])
        self.seed = int(file.attrs["seed"])
        self.settings = settings_of(text_of(file["config"].attrs["yaml"]))
        self.masses = np.asarray(file["tables/mass_gev"])
        self.constraints = [text_of(name) for name in file["cutflow/name"]]
        check_data(0 <= self.passed_1sigma <= self.passed <= self.samples > 0
                   and self.samples <= self.survey_samples,
                   "its counts of samples and survivors disagree")
        check_data(finite_positive(self.masses), "a mass is not a positive number")
        self._check_shapes()
        self._check_histograms()

    def _check_shapes(self):
        cutflow = self.file["cutflow"]
        for group in ("survivors", "nearest"):
            check_data(len({column.shape for column in self.file[group].values()}) <= 1,
                       f"the columns of {group} differ in length")
        for names, shape, of_what in (
                (("passed", "passed_alone"), (len(self.constraints),), "constraints"),
                (("mass_drawn", "mass_passed"), self.masses.shape, "masses")):
            check_data(all(cutflow[name].shape == shape for name in names if name in cutflow),
                       f"the counts of the {of_what} do not fit the {of_what}")

    def _check_histograms(self):
        for name, counts in self.file["histograms"].items():
            if name.endswith("_mid"):
                continue
            axes = name.split("__")
            keys = ("edges",) if len(axes) == 1 else ("edges_x", "edges_y")
            edges = [np.asarray(counts.attrs[key]) for key in keys]
            check_data(len(axes) <= 2 and counts.shape == tuple(len(edge) - 1 for edge in edges)
                       and all(np.isfinite(edge).all() for edge in edges)
                       and all((np.diff(edge) > 0).all() for edge in edges),
                       f"the histogram {name} does not fit its edges")

    def has(self, *names):
        return all(name in self.file for name in names)

    def setting(self, key):
        """The value of a key of the section survey, as it was written; None where it is not
        there."""
        return self.settings.get("survey", {}).get(key)

    def mass_text(self):
        if len(self.masses) == 1:
            return rf"$m_{{Z'}}$ = {1e3 * self.masses[0]:.6g} MeV"
        low, high = 1e3 * self.masses.min(), 1e3 * self.masses.max()
        return rf"$m_{{Z'}}$ = {low:.4g} to {high:.4g} MeV ({len(self.masses)} masses)"

    def constraints_text(self, width):
        """Their names in lines of that width; the cut-flow shows all where these are too many."""
        lines = [""]
        for k, name in enumerate(self.constraints):
            if lines[-1] and len(lines[-1]) + len(name) > width:
                if len(lines) == NAME_LINES:
                    lines[-1] += f" and {len(self.constraints) - k} more"
                    break
                lines.append("")
            lines[-1] += (", " if lines[-1] else "") + literal(name)
        return ",\n".join(lines)

    def unfinished_text(self):
        """How much of the survey the file holds, where that is not all."""
        if self.samples == self.survey_samples:
            return ""
        return f" (unfinished: {percent(self.samples / self.survey_samples)} of the samples)"

    def acceptance_text(self):
        drawn, rest = f"of {thousands(self.samples)} samples", self.unfinished_text()
        if self.passed == 0:
            limit = 1 - 0.05 ** (1 / self.samples)
            return f"none {drawn} survives: acceptance < {scientific(limit, 2)} at 95 % CL{rest}"
        fraction = self.passed / self.samples
        return f"{thousands(self.passed)} {drawn} survive, {percent(fraction)}{rest}"

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
