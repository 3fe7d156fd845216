# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The local (B-L)_23 model (arXiv:2008.09793) in Python: the numbers of the program bl23.

    import bl23
    model = bl23.Model("@open_question")
    model.point(0.128, 1e-3, w=[0.1 + 0.2j, 0.7, 0.5j])

docs/python.md begins with examples. numpy is all that is needed; pandas, xarray, matplotlib, h5py
and PyYAML are imported where they are used.
"""
from __future__ import annotations

import importlib
from typing import Any

from .errors import (ArgumentError, ConfigError, DomainError, Error, Failed, FileError,
                     LibraryNotFound, MissingFile, OutOfMemory, ReadError, Stopped)
from .bound_data import Bound
from .cover_data import Cover
from .fit_data import Fit
from .files import bestfit, bound, cite, cover, plane, survey
from .files import open_file as open  # pylint: disable=redefined-builtin
from .library import Column, columns
from .model import Limit, Limits, Model, Point
from .plane_data import Plane
from .command import program
from .report_page import report
from .survey_data import Survey
from .table import Table

__all__ = ["ArgumentError", "Bound", "Column", "ConfigError", "Cover", "DomainError", "Error",
           "Failed", "FileError", "Fit", "LibraryNotFound", "Limit", "Limits", "MissingFile",
           "Model", "OutOfMemory", "Plane", "Point", "ReadError", "Stopped", "Survey", "Table",
           "bestfit", "bound", "cite", "columns", "cover", "open", "plane", "plot", "program",
           "report", "survey"]


def __getattr__(name: str) -> Any:
    """Only what is used is imported: `plot` needs matplotlib, the version libbl23."""
    if name == "__version__":
        return importlib.import_module(".library", __name__).version()
    if name == "plot":
        return importlib.import_module(".plot", __name__)
    raise AttributeError(f"module 'bl23' has no attribute '{name}'")
