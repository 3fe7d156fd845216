# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Columns of numbers: what points, samples and files give."""
from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, Iterator, Optional

import numpy as np

from .errors import ArgumentError

SHOWN = 6  # columns and rows of a table that a notebook shows


def column_names(columns: Any) -> list[str]:
    """Names of columns as a list; ArgumentError where they are none."""
    names = None if isinstance(columns, (str, bytes)) else columns
    try:
        found = list(names)  # type: ignore[arg-type]
    except TypeError:
        found = [None]
    if not all(isinstance(name, str) for name in found):
        raise ArgumentError(f"columns must be a list of names (got {columns!r})")
    return found


class Table(Mapping):
    """Arrays of one number a row, by the names of their columns.

    table["tension"] is an array [rows]. `units` has the unit of each column ("1" of a number),
    `texts` what it is, and `attrs` what holds for all of it.
    """

    def __init__(self, values: dict[str, np.ndarray], units: Optional[dict[str, str]] = None,
                 texts: Optional[dict[str, str]] = None, attrs: Optional[dict[str, Any]] = None,
                 row: str = "row"):
        self._values = dict(values)
        self.units = {name: (units or {}).get(name, "1") for name in self._values}
        self.texts = {name: (texts or {}).get(name, "") for name in self._values}
        self.attrs = dict(attrs or {})
        self._row = row

    def __getitem__(self, name: str) -> np.ndarray:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(next(iter(self._values.values()), ()))

    def take(self, rows: Any) -> "Table":
        """Some of the rows: a slice, a mask [rows], or their numbers."""
        return Table({name: value[rows] for name, value in self._values.items()}, self.units,
                     self.texts, self.attrs, self._row)

    def to_numpy(self) -> np.ndarray:
        """A structured array [rows] with a field for each column."""
        array = np.empty(self.rows, [(name, value.dtype) for name, value in self._values.items()])
        for name, value in self._values.items():
            array[name] = value
        return array

    def to_pandas(self) -> Any:
        """A pandas.DataFrame; samples are indexed by their numbers."""
        import pandas

        frame = pandas.DataFrame({name: value for name, value in self._values.items()
                                  if name != "index"})
        if "index" in self._values:
            frame.index = pandas.Index(self._values["index"], name="index")
        frame.attrs.update(self.attrs, units=self.units)
        return frame

    def to_xarray(self) -> Any:
        """An xarray.Dataset with units and long_name of each column; samples have their number as
        the coordinate `index`."""
        import xarray

        fields = {name: (self._row, value, {"units": self.units[name],
                                            "long_name": self.texts[name] or name})
                  for name, value in self._values.items()}
        coordinates = {name: fields.pop(name) for name in ("index",) if name in fields}
        return xarray.Dataset(fields, coordinates, self.attrs)

    def __repr__(self) -> str:
        names = ", ".join([*list(self)[:SHOWN], *(["..."] if len(self) > SHOWN else [])])
        return f"<bl23 table: {self.rows} rows of {len(self)} columns ({names})>"

    def _repr_html_(self) -> str:
        names = list(self)
        head = [f"{name} [{self.units[name]}]" if self.units[name] != "1" else name
                for name in names]
        body = [[value_text(self[name][k]) for name in names] for k in range(min(self.rows, SHOWN))]
        return (f"<div style='overflow-x: auto'>{html_table(head, body)}</div>"
                f"<p>{self.rows} rows, {len(self)} columns</p>")


def value_text(value: Any) -> str:
    """A number, or a text."""
    return str(value) if isinstance(value, (str, bytes, int, np.integer)) else f"{value:.6g}"


def html_table(head: list[str], body: list[list[str]], marks: Optional[list[str]] = None) -> str:
    """A table in HTML; marks: the class of each row."""
    def cells(texts: list[str], tag: str) -> str:
        return "".join(f"<{tag}>{html.escape(text)}</{tag}>" for text in texts)

    lines = [f"<tr class='{marks[k]}'>{cells(row, 'td')}</tr>" if marks else
             f"<tr>{cells(row, 'td')}</tr>" for k, row in enumerate(body)]
    return (f"<table class='bl23'><thead><tr>{cells(head, 'th')}</tr></thead><tbody>"
            f"{''.join(lines)}</tbody></table>")
