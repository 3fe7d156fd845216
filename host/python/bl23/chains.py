# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The stored survivors of a survey as a chain, for GetDist and in a file as GAMBIT writes it, which
pippi reads. docs/fit.md says what their weights mean."""
import os

import numpy as np

from .column_labels import COLUMNS
from .errors import ArgumentError, FileError, LibraryNotFound, ReadError
from .reading import name_of
from .table import column_names

NO_PARAMETERS = ("index", "level", "LogLike")
NO_LOGLIKE = "{} has no LogLike: its configuration lacks output: {{rank: chi2}}"
POSITIVE = ("g_bl", "g_max", "chi2_g", "delta_a_mu", "tension", "x12")


def log_like(survey):
    """LogLike of the stored survivors; None where the survey does not rank by chi^2."""
    if "LogLike" not in survey.file["survivors"]:
        return None
    return survey.file["survivors/LogLike"][...]


def stored(survey, columns):
    """The Table of the stored survivors. FileError where the file holds none, or their numbers
    only."""
    if set(survey.file["survivors"]) <= {"index"} or not survey.survivors([]).rows:
        raise FileError(f"{survey.file.filename} holds no survivors with their columns")
    return survey.survivors(columns)


def parameters(survey, columns):
    """The columns of a chain: those that are asked for, or all that vary and are finite."""
    columns = None if columns is None else column_names(columns)
    table = stored(survey, columns)
    missing = {name: int(np.count_nonzero(~np.isfinite(table[name]))) for name in table}
    if columns is None:
        columns = [name for name, values in table.items() if name not in NO_PARAMETERS
                   and missing[name] == 0 and (values != values[0]).any()]
    for name in columns:
        if missing[name]:
            raise ArgumentError(f"{name} is not finite for {missing[name]} of the {table.rows} "
                                "stored survivors; leave it out")
    if not columns:
        raise ArgumentError(f"no column varies among the {table.rows} stored survivors; name some")
    return {name: table[name] for name in columns}


def ranges(survey):
    """Where columns end, in the form of GetDist: [low, high], and True where they are periodic."""
    drawn = survey.setting("g_bl")
    found = {name: [0, None] for name in COLUMNS if name.startswith("br_") or name in POSITIVE}
    if isinstance(drawn, dict) and "log_uniform" in drawn:
        found["g_bl"] = [float(end) for end in drawn["log_uniform"]]
    return {**found, "mass_gev": [survey.masses.min(), survey.masses.max()],
            "chi2": [0, survey.chi2_max], **{f"wu1{i}_abs": [0, 1] for i in (1, 2, 3)},
            **{f"wu1{i}_phase": [-np.pi, np.pi, True] for i in (1, 2, 3)}}


def getdist_samples(survey, columns, weights):
    """What Survey.getdist returns."""
    try:
        from getdist import MCSamples
    except ImportError as error:
        raise LibraryNotFound("getdist is not there: python3 -m pip install getdist") from error
    if weights not in (None, "likelihood", "equal"):
        raise ArgumentError(f"weights must be 'likelihood' or 'equal' (got {weights!r})")
    chain, like = parameters(survey, columns), log_like(survey)
    if weights == "likelihood" and like is None:
        raise FileError(NO_LOGLIKE.format(survey.file.filename))
    by_likelihood = like is not None and weights != "equal"
    known = ranges(survey)
    samples = MCSamples(
        samples=np.column_stack(list(chain.values())), names=list(chain),
        labels=[COLUMNS.get(name, name) for name in chain],
        ranges={name: known[name] for name in chain if name in known}, sampler="uncorrelated",
        loglikes=None if like is None else np.zeros_like(like) if by_likelihood else -like)
    if by_likelihood:
        samples.reweightAddingLogLikes(-like)
        samples.updateBaseStatistics()
    return samples


def write_gambit(survey, path, columns, force):
    """What Survey.to_gambit does."""
    import h5py

    name = name_of(path, "path must be the name of a file")
    if not name.endswith(".hdf5"):
        raise ArgumentError("the name of the file must end in .hdf5, by which pippi knows HDF5 "
                            f"(got {name})")
    if os.path.lexists(name) and not force:
        raise FileError(f"{name} exists; choose another name or use force=True")
    table, like = stored(survey, columns), log_like(survey)
    if like is None:
        raise FileError(NO_LOGLIKE.format(survey.file.filename))
    points = {**table, "LogLike": like, "pointID": table["index"],
              "MPIrank": np.zeros(table.rows, dtype=np.int32)}
    del points["index"]
    try:
        with h5py.File(name, "w") as file:
            group = file.create_group("data")
            for column, values in points.items():
                group[column] = values
                group[f"{column}_isvalid"] = np.isfinite(values).astype(np.int32)
    except OSError as error:
        raise ReadError(f"{name} cannot be written ({error})") from error
