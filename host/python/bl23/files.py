# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Files of bl23: opening them, and the commands that write them."""
from __future__ import annotations

import os
import tempfile
from typing import Any, Callable, Optional, Union

from . import command
from .bound_data import Bound
from .cover_data import Cover
from .errors import FileError
from .fit_data import Fit
from .model import Model, Source
from .plane_data import Plane
from .reading import MALFORMED, malformed, name_of, start_of
from .survey_data import Survey
from .texts import text_of

NAMED = "out must be the name of a file"
MADE = "a file that bl23 survey, plane, bound or cover made"
File = Union[Survey, Plane, Bound, Cover]
READERS: dict[str, Callable[[Any], File]] = {
    "bl23-survey": Survey, "bl23-plane": Plane, "bl23-cover": Cover}


def open_file(path: command.Path) -> File:
    """A file that bl23 wrote: a Survey, Plane, Bound or Cover. HDF5 needs h5py, and all of them
    PyYAML. A Survey keeps its file open until it is closed (with bl23.open(...) as survey: ...);
    the others hold all they need. FileError where it is no such file; MissingFile where there is
    none, and ReadError where it cannot be read."""
    name = name_of(path, f"a file must be given by its name, {MADE}")
    start = start_of(name, f"name {MADE}")
    try:
        return Bound(name) if start.lstrip()[:1] == b"{" else _of_hdf5(name)
    except MALFORMED as error:
        raise FileError(f"{name} {malformed(error)}") from error


def _of_hdf5(name: str) -> File:
    import h5py

    if not h5py.is_hdf5(name):
        raise FileError(f"is neither HDF5 nor a file of bounds; name {MADE}")
    file = h5py.File(name, "r")
    opened: Optional[File] = None
    try:
        reader = READERS.get(text_of(file.attrs.get("format", "")))
        if reader is None:
            raise FileError(f"is not a survey, plane or cover of bl23; name {MADE}")
        opened = reader(file)
    finally:
        if not isinstance(opened, Survey):
            file.close()
    return opened


def _made(verb: str, config: Union[Source, Model], out: Optional[command.Path], ending: str,
          options: dict[str, Any]) -> File:
    """Run a command that writes one file, and open it."""
    with command.config_file(config) as path, tempfile.TemporaryDirectory(prefix="bl23-") as folder:
        name = os.path.join(folder, verb + ending) if out is None else name_of(out, NAMED)
        command.run(verb, path, "-o", name, *command.words_of(options))
        return open_file(name)


def survey(config: Union[Source, Model], out: command.Path, progress: bool = False,
           **options: Any) -> Survey:
    """Draw a survey into the file `out`, and open it: `bl23 survey CONFIG -o OUT`.

    config: as for Model, or a Model. options are those of the command: samples=1e7, threads=4,
    seed=2, force=True, extend=True ... An interrupted survey continues when it is called again.
    Failed, ConfigError, Stopped: the program's sentence."""
    name = name_of(out, NAMED)
    with command.config_file(config) as path:
        command.run("survey", path, "-o", name, *command.words_of(options), progress=progress)
    return open_file(name)  # type: ignore[return-value]


def bound(config: Union[Source, Model], out: Optional[command.Path] = None,
          **options: Any) -> Bound:
    """Exact statements for every W_u, at each mass: `bl23 bound CONFIG`. out: the file of the
    certificates, which must be new (None: not kept). options: inputs="pdg2024", set="NAME=VALUE"
    or a list of these."""
    return _made("bound", config, out, ".json", options)  # type: ignore[return-value]


def bestfit(config: Union[Source, Model], **options: Any) -> Fit:
    """The row and the coupling of the least chi^2 at each mass, and what chi^2 of no row is below,
    by proof: `bl23 bestfit CONFIG`. config may also be the output of a survey, whose nearest
    samples are tried. options: starts=100, inputs="pdg2024", set="NAME=VALUE" or a list of
    these."""
    with command.config_file(config) as path:
        return Fit(command.run("bestfit", path, "--json", *command.words_of(options)))


def plane(config: Union[Source, Model], out: Optional[command.Path] = None, scenario: int = 2,
          **options: Any) -> Plane:
    """The regions of the (m_Z', g_B-L) plane: `bl23 plane CONFIG`. out: the file (None: not kept);
    scenario 1: without right-handed couplings, 2: with the fixed w of the configuration. options:
    overlay="NAME=FILE", csv="FILE.csv", force=True."""
    return _made("plane", config, out, ".h5",  # type: ignore[return-value]
                 {"scenario": scenario, **options})


def cover(config: Union[Source, Model], out: Optional[command.Path] = None,
          **options: Any) -> Cover:
    """How much of all W_u is allowed, by proof: `bl23 cover CONFIG`. out: the file (None: not
    kept). options: cells=1e5, accept=0.5, samples=1e6."""
    return _made("cover", config, out, ".h5", options)  # type: ignore[return-value]


def cite(config: Union[Source, Model]) -> str:
    """BibTeX of all that a configuration, an output or a model rests on: `bl23 cite CONFIG`."""
    return (config if isinstance(config, Model) else Model(config)).bibtex
