# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A survey file: counts, settings, survivors, histograms. The figures are made of it."""
import numpy as np

from .chains import getdist_samples, write_gambit
from .errors import ArgumentError, ConfigError, FileError
from .limit_names import shown_name
from .reading import NotDrawn, check_data, check_format, draws_g, finite_positive, settings_of
from .table import Table, column_names
from .texts import masses_text, percent, scientific, text_of, thousands, wholes_text

NAME_LINES = 4  # so many lines of a title name constraints
POINTS_MAX = 2500  # survivors of each level in a scatter plot, about the paper's: the first ones
READ_BLOCK = 1 << 20
TILE_BITS = 12  # so many samples in a row share a mass and a draw of the inputs


class NotASurvey(NotDrawn):
    pass


def acceptance_of_masses(drawn, passed):
    """The fraction that passes at each mass, NaN at a mass without a sample; of any shape."""
    return np.divide(passed, drawn, out=np.full(np.shape(drawn), np.nan), where=drawn > 0)


def gaps_text(drawn):
    """How many of the masses have no sample; nothing where each has one."""
    without = int(np.count_nonzero(drawn == 0))
    return f"gaps: {without} of {len(drawn)} masses have no sample" if without else ""


def config_text(path):
    """The configuration in an output, as YAML."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return text_of(file["config"].attrs["yaml"])
    except (OSError, KeyError) as error:
        raise ConfigError(f"{path} is HDF5, but holds no configuration that can be read; name a "
                          "survey, plane or cover of bl23, or a YAML file") from error


class Survey:
    """A survey file, which stays open until close(), or the end of a `with`.

    samples, passed and passed_1sigma count its samples and survivors; masses [GeV]; draws: sets of
    inputs, 1 where none varies; constraints: their names; settings: the configuration as {section:
    {key: text}}; file: the h5py.File.
    """

    def __init__(self, file):
        check_format(file.attrs, "bl23-survey", "bl23 survey", NotASurvey)
        self._file = file
        self.samples = int(file.attrs["samples"])
        self.survey_samples = int(file.attrs["survey_samples"])
        self.passed = int(file.attrs["passed"])
        self.passed_1sigma = int(file.attrs["passed_1sigma"])
        self.seed = int(file.attrs["seed"])
        self.settings = settings_of(text_of(file["config"].attrs["yaml"]))
        knots = np.asarray(file["tables/mass_gev"])
        self.draws = len(file["draws/draw"]) if "draws/draw" in file else 1
        self.masses = knots[:len(knots) // self.draws]
        self.constraints = [text_of(name) for name in file["cutflow/name"]]
        check_data(0 <= self.passed_1sigma <= self.passed <= self.samples > 0
                   and self.samples <= self.survey_samples,
                   "its counts of samples and survivors disagree")
        check_data(finite_positive(self.masses), "a mass is not a positive number")
        check_data((np.tile(self.masses, self.draws) == knots).all()
                   if len(self.masses) * self.draws == len(knots) else False,
                   "its draws of the inputs do not have the same masses")
        self._check_shapes()
        self._check_histograms()

    def _check_shapes(self):
        cutflow = self.file["cutflow"]
        for group in ("survivors", "nearest"):
            check_data(len({column.shape for column in self.file[group].values()}) <= 1,
                       f"the columns of {group} differ in length")
        for names, shape, of_what in (
                (("passed", "passed_alone"), (len(self.constraints),), "constraints"),
                (("mass_drawn", "mass_passed"), (self.draws * len(self.masses),), "masses")):
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

    @property
    def file(self):
        """The h5py.File. ArgumentError after close()."""
        if not self._file:
            raise ArgumentError("the survey is closed; open its file again with bl23.open")
        return self._file

    def close(self):
        """Close the file."""
        self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        name = self._file.filename if self._file else "(closed)"
        return (f"<bl23 survey {name}: {self.passed} of {self.samples} samples "
                f"{'pass' if self.chi2_max is None else f'have chi^2 up to {self.chi2_max:g}'}; "
                f"{masses_text(self.masses)}, constraints {', '.join(self.constraints) or 'none'}>")

    @property
    def config(self):
        """The resolved configuration, as YAML."""
        return text_of(self.file["config"].attrs["yaml"])

    @property
    def bibtex(self):
        """BibTeX of all that it rests on."""
        return text_of(self.file["citations"].attrs["bibtex"])

    def survivors(self, columns=None):
        """A Table of the stored survivors: `index`, and all columns or some."""
        return self._table("survivors", columns)

    def nearest(self, columns=None):
        """A Table of the samples that come nearest to passing, the nearest first; with rank: chi2
        of those of least chi^2."""
        return self._table("nearest", columns)

    def _table(self, group, columns):
        rows = self.file[group]
        names = list(rows) if columns is None else ["index", *column_names(columns)]
        names = sorted(dict.fromkeys(names), key=lambda name: name != "index")
        for name in names:
            if name not in rows:
                raise ArgumentError(f"{self.file.filename} has no column '{name}' of {group}")
        return Table({name: rows[name][...] for name in names},
                     {name: text_of(rows[name].attrs.get("units", "1")) for name in names},
                     {name: text_of(rows[name].attrs.get("long_name", "")) for name in names},
                     {"samples": self.samples, "passed": self.passed}, "sample")

    def getdist(self, columns=None, weights=None):
        """The stored survivors as a getdist.MCSamples, with labels, ranges and LogLike.

        columns: names (default: all that vary and are finite). weights: "likelihood", in proportion
        to exp(LogLike) (default where the survey ranks by chi^2), or "equal". docs/fit.md says what
        the weights mean, and what chi2_max cuts off. LibraryNotFound without getdist."""
        return getdist_samples(self, columns, weights)

    def to_gambit(self, path, columns=None, force=False):
        """Write the stored survivors as GAMBIT does, for pippi (docs/fit.md): the group /data has
        LogLike, pointID (the number of the sample), MPIrank (0) and the columns (default: all), and
        for each of them NAME_isvalid, which is 0 where the value is not finite. path must end in
        .hdf5. FileError where the survey does not rank by chi^2, or where the file exists and force
        is not given."""
        write_gambit(self, path, columns, force)

    @property
    def draws_of_a_row(self):
        """How many draws of the inputs see each row w: all with common_w, or one."""
        common = self.settings.get("inputs", {}).get("common_w") == "true"
        return self.draws if common else 1

    @property
    def has_cutflow(self):
        """Were samples counted? Not where they are drawn from a cover."""
        return int(self.file["cutflow"].attrs["drawn"]) > 0

    @property
    def in_cover(self):
        """Are samples drawn from a cover, and not from all rows?"""
        return self.setting("draw") == "cover"

    def wholes(self, g="$g$"):
        """What a volume is a part of, in the plural; g as a figure writes it, or another text."""
        return wholes_text(draws_g(self.settings), g)

    @property
    def volumes(self):
        """At each mass the part of all rows (and of g, if drawn) that samples are drawn from."""
        if not self.in_cover:
            return np.ones(len(self.masses))
        volumes = np.asarray(self.file["cover/volume_upper"], dtype=float)
        check_data(volumes.shape == self.masses.shape, "its cover has other masses")
        return volumes

    def mass_counts(self, what):
        """Samples ("drawn") or survivors ("passed") of each draw of the inputs and each mass,
        [draws, masses]."""
        if what not in ("drawn", "passed"):
            raise ArgumentError(f"what must be 'drawn' or 'passed' (got {what!r})")
        counts = np.asarray(self.file[f"cutflow/mass_{what}"])
        return counts.reshape(self.draws, len(self.masses))

    def inputs(self):
        """A Table of the inputs that vary: one row for each draw, of which row 0 is central.
        ArgumentError where none varies."""
        if self.draws == 1:
            raise ArgumentError(f"no input of {self.file.filename} varies; with inputs: "
                                "{vary: default} in its configuration they do")
        names = [text_of(name) for name in self.file["draws/name"]]
        return Table(dict(zip(names, self.file["draws/value"][...].T)), row="draw")

    def draw_of(self, index):
        """The draws of the inputs (rows of inputs()) that samples belong to, by their numbers,
        such as survivors()["index"]; 0 where none varies. A file with a cover has one draw."""
        knots = self.draws * len(self.masses)
        tile = np.asarray(index, dtype=np.uint64) >> np.uint64(TILE_BITS)
        return (tile % np.uint64(knots) // np.uint64(len(self.masses))).astype(int)

    def cutflow(self):
        """A Table of the constraints: `name`, and how many of the counted samples (attrs: drawn)
        passed it and all before it, and it alone. FileError where none was counted."""
        if not self.has_cutflow:
            raise FileError(f"{self.file.filename} has no cut-flow: its samples were drawn from a "
                            "cover")
        group = self.file["cutflow"]
        return Table({"name": np.array(self.constraints),
                      **{name: group[name][...] for name in ("passed", "passed_alone")}},
                     attrs={"drawn": int(group.attrs["drawn"])}, row="constraint")

    def histogram(self, name):
        """Counts of all survivors and edges of the bins of a histogram: (counts, edges), or
        (counts, edges_x, edges_y)."""
        known = [n for n in self.file["histograms"] if not n.endswith("_mid")]
        if name not in known:
            turned = "__".join(reversed(name.split("__"))) if isinstance(name, str) else ""
            raise ArgumentError(f"{self.file.filename} has no histogram {name!r}; it has "
                                f"{turned if turned in known else ', '.join(known) or 'none'}")
        counts = self.file["histograms"][name]
        edges = [key for key in ("edges", "edges_x", "edges_y") if key in counts.attrs]
        return (counts[...], *(counts.attrs[key] for key in edges))

    def has(self, *names):
        return all(name in self.file for name in names)

    def setting(self, key):
        """The value of a key of the section survey, as it was written; None where it is not
        there."""
        return self.settings.get("survey", {}).get(key)

    @property
    def chi2_max(self):
        """Survivors are the samples of chi^2 up to this; None: those of the cuts."""
        return None if self.setting("chi2_max") is None else float(self.setting("chi2_max"))

    def chi2_text(self):
        """What survivors are, where they are not those of the cuts."""
        return rf"$\chi^2\leq$ {scientific(self.chi2_max, 6)}"

    def mass_text(self):
        draws = "" if self.draws == 1 else f", {self.draws} draws of the inputs" + (
            " on the same $W_u$" if self.draws_of_a_row > 1 else "")
        if len(self.masses) == 1:
            return rf"$m_{{Z'}}$ = {1e3 * self.masses[0]:.6g} MeV{draws}"
        low, high = 1e3 * self.masses.min(), 1e3 * self.masses.max()
        return rf"$m_{{Z'}}$ = {low:.4g} to {high:.4g} MeV ({len(self.masses)} masses){draws}"

    def constraints_text(self, width):
        """Their names in lines of that width; the cut-flow shows all where these are too many."""
        lines = [""]
        for k, name in enumerate(self.constraints):
            if lines[-1] and len(lines[-1]) + len(name) > width:
                if len(lines) == NAME_LINES:
                    lines[-1] += f" and {len(self.constraints) - k} more"
                    break
                lines.append("")
            lines[-1] += (", " if lines[-1] else "") + shown_name(name)
        return ",\n".join(lines)

    def unfinished_text(self):
        """How much of the survey the file holds, where that is not all."""
        if self.samples == self.survey_samples:
            return ""
        return f" (unfinished: {percent(self.samples / self.survey_samples)} of the samples)"

    def acceptance_text(self):
        drawn, rest = f"of {thousands(self.samples)} samples", self.unfinished_text()
        of_what = ""
        if self.in_cover:
            drawn, of_what = drawn + " drawn from a cover", " of its volume"
        if self.passed == 0:
            limit = 1 - 0.05 ** (self.draws_of_a_row / self.samples)
            none = "survives" if self.chi2_max is None else f"has {self.chi2_text()}"
            return (f"none {drawn} {none}: acceptance < {scientific(limit, 2)}{of_what} at "
                    f"95 % CL{rest}")
        some = "survive" if self.chi2_max is None else f"have {self.chi2_text()}"
        return (f"{thousands(self.passed)} {drawn} {some}, {percent(self.passed / self.samples)}"
                f"{of_what}{rest}")

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
