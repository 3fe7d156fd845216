# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The model: points, samples, limits. All numbers are the library's."""
from __future__ import annotations

import ctypes as c
import json
import os
import sys
import threading
from typing import Any, Callable, Iterable, NamedTuple, Optional, Sequence, Union

import numpy as np

from . import library
from .errors import ArgumentError, ConfigError, DomainError, ReadError
from .reading import HDF5, name_of, start_of
from .table import Table, column_names, html_table

Source = Union[str, "os.PathLike[str]", dict]
Progress = Union[bool, Callable[[int, int], Any]]
BLOCK = 1 << 18  # samples at once in memory
FORMS = "give a file, the text of a configuration, or a shipped survey such as '@fig3'"
CONFIG = f"a configuration must be a text, the name of a file, or a dict; {FORMS}"


class Limit(NamedTuple):
    """A constraint at a point.

    value: of its observable; lower, upper: what it allows (0 and inf: no such edge); ratio: value
    over upper, or lower over value where that is larger (NaN: no limit at this mass);
    passes: what the library says; confidence_level: None where none is stated; cite: BibTeX keys.
    likelihood: its kind ("none": it is not in chi2); central, sigma_down, sigma_up: of the
    likelihood, in the unit of the observable (NaN: none); pull: (x - central)/sigma, x being the
    value at the point's chi2_g, so that chi2 is the sum of the squares (docs/fit.md).
    """

    name: str
    observable: str
    value: float
    lower: float
    upper: float
    ratio: float
    passes: bool
    confidence_level: Optional[float]
    cite: str
    note: str
    likelihood: str
    central: float
    sigma_down: float
    sigma_up: float
    pull: float


class Limits:
    """The edges of all constraints at some masses, at one sigma.

    mass_gev [...], lower and upper [..., limits] (0 and inf: no such edge); names, observables,
    confidence_levels (None: none is stated), cites and notes [limits].
    """

    def __init__(self, infos: list[dict[str, Any]], mass_gev: np.ndarray, sigma: int,
                 lower: np.ndarray, upper: np.ndarray):
        self.mass_gev, self.sigma, self.lower, self.upper = mass_gev, sigma, lower, upper
        self.names, self.observables, self.confidence_levels, self.cites, self.notes = (
            [info[key] for info in infos]
            for key in ("name", "observable", "confidence_level", "cite", "note"))

    def __len__(self) -> int:
        return len(self.names)

    def to_pandas(self) -> Any:
        """A pandas.DataFrame with a row for each mass and constraint."""
        import pandas

        count, masses = len(self), np.repeat(np.ravel(self.mass_gev), len(self))
        rows = len(masses) // count if count else 0
        return pandas.DataFrame({
            "mass_gev": masses, "name": self.names * rows, "observable": self.observables * rows,
            "lower": np.ravel(self.lower), "upper": np.ravel(self.upper),
            "confidence_level": np.array(self.confidence_levels * rows, dtype=float),
            "cite": self.cites * rows})

    def _rows(self) -> list[list[str]]:
        lower, upper = (edge.reshape(-1, len(self)) for edge in (self.lower, self.upper))
        return [[f"{mass:.6g}", name, observable, allowed_text(lower[k, i], upper[k, i]), cite]
                for k, mass in enumerate(np.ravel(self.mass_gev))
                for i, (name, observable, cite) in enumerate(
                    zip(self.names, self.observables, self.cites))]

    def __repr__(self) -> str:
        return "\n".join(f"{mass:>10} GeV  {name:<20} {observable:<11} {allowed:<24} [{cite}]"
                         for mass, name, observable, allowed, cite in self._rows())

    def _repr_html_(self) -> str:
        return html_table(["mass [GeV]", "constraint", "observable", "allowed", "cited"],
                          self._rows())


def allowed_text(lower: float, upper: float) -> str:
    """What a constraint allows, for a person."""
    if upper == np.inf:
        return f"> {lower:.4g}" if lower > 0 else "no limit at this mass"
    return f"{lower:.4g} .. {upper:.4g}" if lower > 0 else f"< {upper:.4g}"


class Point:
    """A point: `values` has all columns of it by name, as attributes too (point.br_kp_pip), and
    `constraints` a Limit for each constraint."""

    def __init__(self, values: dict[str, float], constraints: list[Limit], solved: bool):
        self.values, self.constraints, self.solved = values, constraints, solved

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(f"a point has no '{name}'") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.values]

    @property
    def survives(self) -> bool:
        """Do all constraints hold?"""
        return self.values["survives"] == 1

    @property
    def level(self) -> int:
        """1 for a point that passes with 1-sigma bands too, else 2."""
        return int(self.values["level"])

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def __reduce__(self) -> Any:
        return Point, (self.values, self.constraints, self.solved)

    def _head(self) -> str:
        row = ", ".join(f"{self.values[f'wu1{i}_abs']:.6f} at {self.values[f'wu1{i}_phase']:+.6f}"
                        for i in (1, 2, 3))
        verdict = "survives" if self.survives else "excluded"
        return (f"(B-L)_23 point: m_Z' = {self.values['mass_gev']:.6g} GeV, g_B-L = "
                f"{self.values['g_bl']:.6g}{' (solved for)' if self.solved else ''}: {verdict}\n"
                f"|(W_u)_1i| and phases [rad]: {row}\n"
                f"tension at this g {self.values['tension']:.4g}, g free "
                f"{self.values['tension_g_free']:.4g} (a survivor has at most 1); g_min "
                f"{self.values['g_min']:.4g}, g_max {self.values['g_max']:.4g}\n"
                f"chi^2 {self.values['chi2']:.5g} at g_B-L = {self.values['chi2_g']:.6g}"
                f"{', where it is least' if self.solved else ''}")

    def _rows(self) -> list[list[str]]:
        return [["--" if np.isnan(limit.ratio) else "PASS" if limit.passes else "FAIL",
                 limit.name, limit.observable, f"{limit.value:.4g}",
                 allowed_text(limit.lower, limit.upper),
                 "" if np.isnan(limit.ratio) else f"{limit.ratio:.3g}",
                 "" if limit.likelihood == "none" else f"{limit.pull:+.3g}", limit.cite]
                for limit in self.constraints]

    def __repr__(self) -> str:
        return "\n".join([self._head(), *(
            f"{verdict:>6} {name:<20} {observable:<11} {value:>11}  {allowed:<24} {ratio:>9} "
            f"{pull:>9}  [{cite}]" for verdict, name, observable, value, allowed, ratio, pull, cite
            in self._rows())])

    def _repr_html_(self) -> str:
        rows = self._rows()
        head = "<br>".join(self._head().replace("&", "&amp;").replace("<", "&lt;").split("\n"))
        return f"<p>{head}</p>" + html_table(
            ["", "constraint", "observable", "value", "allowed", "ratio", "pull", "cited"], rows,
            [row[0].strip("-").lower() for row in rows])


def config_of(source: Source, path: Optional[str]) -> tuple[bytes, Optional[str]]:
    """The text of a configuration, and its path, from what a caller names."""
    if isinstance(source, dict):
        return json.dumps(source).encode(), path
    text = name_of(source, CONFIG)
    if text.startswith("@") or "\n" in text or (not os.path.exists(text) and ":" in text):
        return text.encode(), path
    try:
        if start_of(text, FORMS) == HDF5:
            from .survey_data import config_text

            return config_text(text).encode(), path
        with open(text, "rb") as file:
            return file.read(), path or text
    except ReadError as error:
        raise ConfigError(str(error)) from error


def names_of(sets: Union[str, Iterable[str]]) -> str:
    """Names of sets as the library takes them."""
    try:
        return sets if isinstance(sets, str) else ",".join(sets)
    except TypeError:
        raise ArgumentError("constraints must be names of sets, as 'world_2026,charm_known' or a "
                            f"list (got {sets!r})") from None


def sigma_of(sigma: Any) -> int:
    """1 or 2."""
    if sigma not in (1, 2):
        raise ArgumentError(f"sigma must be 1 or 2 (got {sigma!r})")
    return int(sigma)


def numbers(value: Any, what: str, kind: type = float) -> np.ndarray:
    """An array of numbers; ArgumentError where it is none."""
    try:
        if kind is float and np.iscomplexobj(value):
            raise TypeError("real ones, not complex ones")  # numpy would drop the imaginary parts
        return np.asarray(value, dtype=kind)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{what} must be numbers ({error})") from None


def rows_of_w(w: Any) -> np.ndarray:
    """w as an array [..., 3] of complex numbers, from complex [..., 3] or real [..., 3, 2]."""
    try:
        array = np.asarray(w)
    except ValueError:  # rows of different lengths
        array = np.array(None)
    if array.dtype.kind not in "biufc":
        array = numbers(w, "w", complex)
    if array.dtype.kind != "c" and array.ndim > 1 and array.shape[-2:] == (3, 2):
        array = np.ascontiguousarray(array, dtype=float).view(complex)[..., 0]
    if array.ndim == 0 or array.shape[-1] != 3:
        raise ArgumentError("w must have the shape (..., 3) of complex numbers, or (..., 3, 2) of "
                            f"real and imaginary parts (got {array.shape})")
    return array.astype(complex)


def pointer(array: Optional[np.ndarray]) -> Any:
    """The address of a contiguous array of doubles, which must be kept meanwhile."""
    return array.ctypes.data if array is not None else None


def filled(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The array in that shape, contiguous."""
    return np.ascontiguousarray(array if array.shape == shape else np.broadcast_to(array, shape))


def progress_function(progress: Progress, what: str) -> Optional[Callable[[int, int], Any]]:
    """What is called with how much is done; True prints a line on stderr."""
    if progress is True:
        def show(done: int, total: int) -> None:
            end = "\n" if done == total else ""
            print(f"\r{what}: {done} of {total}", end=end, file=sys.stderr, flush=True)

        return show
    return progress or None


class Model:
    """The (B-L)_23 model with its inputs and constraints.

    source: a configuration (docs/configuration.md): a file, its text, a dict, an output .h5 (needs
    h5py), or a shipped survey such as "@fig3". Without it, constraints: names of sets, as
    "world_2026,charm_known" or a list; sigma: 1 or 2, of their bands; inputs: "pdg2018" (default)
    or "pdg2024". path: where the configuration is, for files that it names.

    A model can be pickled, and used from several threads (calls wait for each other). `threads` of
    a call: 0 is one per processor; results do not depend on it.
    """

    def __init__(self, source: Optional[Source] = None, *, path: Optional[str] = None,
                 constraints: Union[None, str, Iterable[str]] = None, sigma: Optional[int] = None,
                 inputs: Optional[str] = None):
        if (source is None) == (constraints is None):
            raise TypeError("give a configuration, or constraints=..., and not both")
        if source is not None and (sigma is not None or inputs is not None):
            raise TypeError("sigma and inputs belong to constraints=...; a configuration has its "
                            "own")
        if constraints is not None:
            if inputs is not None and not isinstance(inputs, str):
                raise ArgumentError(f"inputs must be 'pdg2018' or 'pdg2024' (got {inputs!r})")
            self._opened: tuple = (None, names_of(constraints),
                                   2 if sigma is None else sigma_of(sigma), inputs)
        else:
            self._opened = (config_of(source, path),)  # type: ignore[arg-type]
        self._open()

    def _open(self) -> None:
        self._lock, self._busy = threading.RLock(), False
        self._handle, self._sample_columns = library.Handle(), None  # type: Any, Any
        if self._opened[0] is None:
            _, sets, sigma, inputs = self._opened
            library.call("bl23_open_sets", sets.encode(), sigma,
                         inputs.encode() if inputs is not None else None, c.byref(self._handle))
        else:
            text, path = self._opened[0]
            library.call("bl23_open", text, len(text), os.fsencode(path) if path else None,
                         c.byref(self._handle))

    def __getstate__(self) -> dict[str, Any]:
        return {"_opened": self._opened}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._opened = state["_opened"]
        self._open()

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle and handle.value:
            library.load().bl23_close(handle)

    def __repr__(self) -> str:
        names = ", ".join(info["name"] for info in self._limit_infos())
        return f"<bl23 model: constraints {names or 'none'}>"

    # ---- calls ----

    def _call(self, name: str, *arguments: Any, progress: Any = None) -> None:
        with self._lock:
            if self._busy:
                raise RuntimeError("a model cannot be used from its own progress function")
            self._busy = True
            try:
                if progress is None:
                    library.call(name, self._handle, *arguments)
                else:
                    progress.call(name, self._handle, *arguments)
            finally:
                self._busy = False

    def _compute(self, name: str, rows: int, columns: Sequence[str], threads: int,
                 progress: Optional[Callable[[int, int], Any]], *arguments: Any
                 ) -> dict[str, np.ndarray]:
        values = {column: np.empty(rows) for column in columns}
        watched = library.Watched(progress)
        threads = whole(threads, "threads")
        if threads >= 2**32:
            raise ArgumentError(f"threads must be a whole number from 0 on (got {threads})")
        request = library.Request(
            len(values), (c.c_char_p * len(values))(*(column.encode() for column in values)),
            (c.c_void_p * len(values))(*(value.ctypes.data for value in values.values())),
            threads, watched.function, None)
        self._call(name, *arguments, c.byref(request), progress=watched)
        return values

    def _table(self, values: dict[str, np.ndarray], row: str, **attrs: Any) -> Table:
        known = library.known_columns()
        return Table(values, {n: known[n].unit for n in values if n in known},
                     {n: known[n].text for n in values if n in known}, attrs, row)

    # ---- points ----

    def points(self, mass: Any, w: Any, g: Any = None, columns: Optional[Sequence[str]] = None,
               threads: int = 0, progress: Progress = False) -> Table:
        """Points, as `bl23 point` and `bl23 points` compute them.

        mass: [GeV], g: coupling g_B-L, each a number or an array [rows]; g None: solved for. w:
        (W_u)_1i, complex [rows, 3] or [3], or real and imaginary part [rows, 3, 2]; it is
        normalised. columns: names, by default all (bl23.columns()). DomainError, which names the
        row and has it as .row, where a number is outside of the model's domain or NaN.
        """
        mass, w, g = self._rows(mass, w, g)
        names = ([n for n, col in library.known_columns().items() if col.of_points]
                 if columns is None else column_names(columns))
        values = self._compute("bl23_points", len(mass), names, threads,
                               progress_function(progress, "points"), len(mass), pointer(mass),
                               pointer(g), pointer(w.view(float)))
        return self._table(values, "row")

    @staticmethod
    def _rows(mass: Any, w: Any, g: Any) -> tuple[np.ndarray, np.ndarray, Optional[np.ndarray]]:
        """The arrays [rows], [rows, 3] and [rows] of what may be broadcast."""
        mass, w = numbers(mass, "mass"), rows_of_w(w)
        g = None if g is None else numbers(g, "g")
        given = {"mass": mass.shape, "w": w.shape[:-1], **({} if g is None else {"g": g.shape})}
        for name, shape in given.items():
            if len(shape) > 1:
                raise ArgumentError(f"{name} must have one number or one row for each point "
                                    f"(its rows have the shape {shape})")
        try:
            rows = np.broadcast_shapes(*given.values())
        except ValueError:
            lengths = ", ".join(f"{name} {shape}" for name, shape in given.items())
            raise ArgumentError(f"the numbers of rows differ: {lengths}") from None
        rows = rows or (1,)
        return (filled(mass, rows), filled(w, (*rows, 3)),
                None if g is None else filled(g, rows))

    def point(self, mass: float, g: Optional[float] = None, *, w: Any) -> Point:
        """One point: mass [GeV], coupling (None: solved for), w: three complex numbers."""
        masses, rows, couplings = self._rows(mass, w, g)
        if len(masses) != 1:
            raise ArgumentError(f"a point has one mass, g and w (got {len(masses)} rows)")
        table = self.points(masses, rows, couplings, threads=1)
        found = (library.LimitValue * max(len(self._limit_infos()), 1))()
        self._call("bl23_point_limits", masses[0], pointer(couplings), pointer(rows.view(float)),
                   found)
        constraints = [Limit(value=v.value, lower=v.lower, upper=v.upper, ratio=v.ratio,
                             passes=bool(v.passes), likelihood=v.likelihood.decode(),
                             central=v.central, sigma_down=v.sigma_down, sigma_up=v.sigma_up,
                             pull=v.pull, **info)
                       for v, info in zip(found, self._limit_infos())]
        return Point({name: float(value[0]) for name, value in table.items()}, constraints,
                     couplings is None)

    def loglike(self, theta: Any, by: str = "cuts") -> Any:
        """The logarithm of a likelihood, for samplers.

        by="cuts": 0 where all constraints hold, else -inf. by="chi2": -chi2/2 at the given g, with
        the likelihoods of the constraints (docs/fit.md).
        theta: (m, g, Re w1, Im w1, Re w2, Im w2, Re w3, Im w3), m in GeV and w_i = (W_u)_1i of any
        norm, or an array [rows, 8] of these, for which an array [rows] is returned. -inf also
        outside of the model's domain, and for NaN, so that a sampler may step there.
        """
        columns = {"cuts": "survives", "chi2": "LogLike"}
        if by not in columns:
            raise ArgumentError(f"by must be 'cuts' or 'chi2' (got {by!r})")
        theta = numbers(theta, "theta")
        if theta.ndim not in (1, 2) or theta.shape[-1] != 8:
            raise ArgumentError("theta must have the shape (8,) or (rows, 8): m, g and the real "
                                f"and imaginary parts of w (got {theta.shape})")
        rows = np.atleast_2d(theta)
        result, waiting = np.full(len(rows), -np.inf), np.arange(len(rows))
        while len(waiting):
            some = rows[waiting]
            try:
                table = self.points(some[:, 0], some[:, 2:].reshape(-1, 3, 2), some[:, 1],
                                    [columns[by]], threads=1 if len(some) < 64 else 0)
            except DomainError as error:
                if error.row is None:
                    raise
                waiting = np.delete(waiting, error.row)
                continue
            value = table[columns[by]]
            result[waiting] = value if by == "chi2" else np.where(value == 1, 0.0, -np.inf)
            break
        return result if theta.ndim == 2 else float(result[0])

    # ---- the survey ----

    @property
    def sample_count(self) -> int:
        """The number of samples that the configuration asks for."""
        count = c.c_uint64()
        self._call("bl23_sample_count", c.byref(count))
        return count.value

    @property
    def sample_columns(self) -> list[str]:
        """The columns that samples of this survey have."""
        if self._sample_columns is None:
            names = [n for n, col in library.known_columns().items() if col.of_samples]
            self._compute("bl23_samples", 0, [], 1, None, 0, 0)  # raises what is amiss
            self._sample_columns = [name for name in names if self._has(name)]
        return list(self._sample_columns)

    def _has(self, name: str) -> bool:
        try:
            self._compute("bl23_samples", 0, [name], 1, None, 0, 0)
        except ArgumentError:
            return False
        return True

    def samples(self, first: int, count: int, columns: Optional[Sequence[str]] = None,
                threads: int = 0, progress: Progress = False) -> Table:
        """The samples first .. first + count - 1 of the survey, survivors or not, with the values
        that its output has: columns [count], and `index`. ArgumentError beyond the last sample that
        the configuration asks for (sample_count)."""
        first, count = (whole(value, name) for value, name in ((first, "first"),
                                                               (count, "count")))
        names = self.sample_columns if columns is None else column_names(columns)
        values = self._compute("bl23_samples", count, names, threads,
                               progress_function(progress, "samples"), first, count)
        index = np.arange(first, first + count, dtype=np.int64)
        return self._table({"index": index, **values}, "sample")

    def survey(self, samples: Optional[float] = None, first: int = 0,
               columns: Optional[Sequence[str]] = None, threads: int = 0,
               progress: Progress = False) -> Table:
        """The survivors among some samples of the survey, in memory: columns [survivors], `index`.

        samples: how many are drawn, from `first` on (default: what the configuration asks for);
        attrs says how many were drawn and passed. For many samples, or all statistics, use
        bl23.survey, which writes a file."""
        drawn = whole(self.sample_count if samples is None else samples, "samples")
        first = whole(first, "first")
        names = self.sample_columns if columns is None else column_names(columns)
        asked = list(dict.fromkeys([*names, "survives"]))
        show, kept = progress_function(progress, "survey"), []
        for done in range(0, max(drawn, 1), BLOCK):
            block = self.samples(first + done, min(BLOCK, drawn - done), asked, threads)
            kept.append(block.take(block["survives"] == 1))
            if show:
                show(min(done + BLOCK, drawn), drawn)
        values = {name: np.concatenate([block[name] for block in kept])
                  for name in ("index", *names)}
        return self._table(values, "survivor", samples=drawn, first=first,
                           passed=len(values["index"]))

    # ---- limits and texts ----

    def _limit_infos(self) -> list[dict[str, Any]]:
        infos, info = [], library.LimitInfo()
        for k in range(library.load().bl23_limit_count(self._handle)):
            self._call("bl23_limit", k, c.byref(info))
            infos.append({"name": info.name.decode(), "observable": info.observable.decode(),
                          "confidence_level": info.confidence_level or None,
                          "cite": info.cite.decode(), "note": info.note.decode()})
        return infos

    def limits(self, mass: Any, sigma: Optional[int] = None) -> Limits:
        """What the constraints allow at masses [GeV], a number or an array of any shape, at sigma
        1 or 2 (default: that of the model)."""
        masses, infos = numbers(mass, "mass"), self._limit_infos()
        level = 0 if sigma is None else sigma_of(sigma)
        flat = np.ascontiguousarray(masses.ravel())
        lower, upper = np.empty((flat.size, len(infos))), np.empty((flat.size, len(infos)))
        self._call("bl23_limits", flat.size, pointer(flat), level,
                   pointer(lower), pointer(upper))
        shape = (*masses.shape, len(infos))
        return Limits(infos, masses, level, lower.reshape(shape), upper.reshape(shape))

    def _text(self, name: str) -> str:
        text = c.c_char_p()
        self._call(name, c.byref(text))
        return (text.value or b"").decode()

    @property
    def resolved(self) -> str:
        """The configuration with all defaults filled in, as YAML."""
        return self._text("bl23_resolved")

    @property
    def bibtex(self) -> str:
        """BibTeX of all that the model rests on."""
        return self._text("bl23_bibtex")


def whole(value: Any, name: str) -> int:
    """A whole number from 0 on; 1e6 is one."""
    try:
        number = int(value)
        fine = number == value and 0 <= number < 2**63
    except (TypeError, ValueError, OverflowError):
        fine = False
    if not fine:
        raise ArgumentError(f"{name} must be a whole number from 0 on (got {value!r})")
    return number
