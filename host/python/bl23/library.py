# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""libbl23 by ctypes: its header bl23.h, function by function. model.py calls it.

The library is loaded when it is first needed: that of the environment variable BL23_LIBRARY, the
one beside this file, that of the installation this file belongs to, or what the system finds.
"""
from __future__ import annotations

import ctypes as c
import functools
import os
import pathlib
from typing import Any, Callable, Iterator, NamedTuple, Optional

from . import errors

NAME = "libbl23.dylib" if os.uname().sysname == "Darwin" else "libbl23.so"
SONAME = NAME if NAME.endswith("dylib") else NAME + ".0"
NO_ROW = 2**64 - 1
ERRORS = (None, errors.Failed, errors.OutOfMemory, errors.ReadError, errors.ConfigError,
          errors.DomainError, errors.ArgumentError, errors.Stopped)  # by BL23_CODE_...


class Message(c.Structure):
    """struct bl23_message"""

    _fields_ = [("code", c.c_int32), ("row", c.c_uint64), ("text", c.c_char * 1024)]


class ColumnInfo(c.Structure):
    """struct bl23_column_info"""

    _fields_ = [("name", c.c_char_p), ("unit", c.c_char_p), ("text", c.c_char_p),
                ("of_points", c.c_int32), ("of_samples", c.c_int32)]


class LimitInfo(c.Structure):
    """struct bl23_limit_info"""

    _fields_ = [("name", c.c_char_p), ("observable", c.c_char_p), ("cite", c.c_char_p),
                ("note", c.c_char_p), ("confidence_level", c.c_double)]


class LimitValue(c.Structure):
    """struct bl23_limit_value"""

    _fields_ = [("value", c.c_double), ("lower", c.c_double), ("upper", c.c_double),
                ("ratio", c.c_double), ("passes", c.c_int32), ("likelihood", c.c_char_p),
                ("central", c.c_double), ("sigma_down", c.c_double), ("sigma_up", c.c_double),
                ("pull", c.c_double)]


PROGRESS = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.c_uint64, c.c_uint64)


class Request(c.Structure):
    """struct bl23_request"""

    _fields_ = [("n_columns", c.c_uint32), ("columns", c.POINTER(c.c_char_p)),
                ("values", c.POINTER(c.c_void_p)), ("threads", c.c_uint32),
                ("progress", PROGRESS), ("data", c.c_void_p)]


class Column(NamedTuple):
    """A column: its unit ("1" of a number), and what it is."""

    name: str
    unit: str
    text: str
    of_points: bool
    of_samples: bool


Handle = c.c_void_p
Double = c.c_void_p  # const double *: the address of an array
FUNCTIONS = {  # name: arguments, before the message where the function can fail
    "bl23_open": (c.c_char_p, c.c_uint64, c.c_char_p, c.POINTER(Handle)),
    "bl23_open_sets": (c.c_char_p, c.c_int32, c.c_char_p, c.POINTER(Handle)),
    "bl23_column": (c.c_uint32, c.POINTER(ColumnInfo)),
    "bl23_points": (Handle, c.c_uint64, Double, Double, Double, c.POINTER(Request)),
    "bl23_samples": (Handle, c.c_uint64, c.c_uint64, c.POINTER(Request)),
    "bl23_sample_count": (Handle, c.POINTER(c.c_uint64)),
    "bl23_limit": (Handle, c.c_uint32, c.POINTER(LimitInfo)),
    "bl23_limits": (Handle, c.c_uint64, Double, c.c_int32, Double, Double),
    "bl23_point_limits": (Handle, c.c_double, Double, Double, c.POINTER(LimitValue)),
    "bl23_resolved": (Handle, c.POINTER(c.c_char_p)),
    "bl23_bibtex": (Handle, c.POINTER(c.c_char_p)),
}


def _places() -> Iterator[str]:
    """Where the library may be."""
    chosen = os.environ.get("BL23_LIBRARY")
    if chosen:
        yield chosen
        return
    package = pathlib.Path(__file__).resolve().parent
    yield str(package / NAME)
    if package.parts[-4:-1] == ("share", "bl23", "python"):  # of cmake --install
        for found in sorted(package.parents[3].glob(f"lib*/**/{SONAME}")):
            yield str(found)
    yield SONAME  # as the system finds it


@functools.lru_cache(maxsize=None)
def load() -> c.CDLL:
    """The library. LibraryNotFound where there is none."""
    tried = []
    for place in _places():
        if os.sep in place and not os.path.exists(place):
            tried.append(f"{place}: no such file")
            continue
        try:
            library = c.CDLL(place)
        except OSError as error:
            tried.append(str(error))
            continue
        return _declared(library)
    raise errors.LibraryNotFound("libbl23 was not found; name its file in the environment "
                                 f"variable BL23_LIBRARY ({'; '.join(tried)})")


def _declared(library: c.CDLL) -> c.CDLL:
    library.bl23_version.restype = c.c_char_p
    library.bl23_columns.restype = c.c_uint32
    library.bl23_limit_count.restype = c.c_uint32
    library.bl23_limit_count.argtypes = [Handle]
    library.bl23_close.restype = None
    library.bl23_close.argtypes = [Handle]
    for name, arguments in FUNCTIONS.items():
        function = getattr(library, name)
        function.argtypes = [*arguments, c.POINTER(Message)]
        function.restype = c.c_int32
    return library


def call(name: str, *arguments: Any) -> None:
    """Call a function that can fail; raises what went wrong, with the library's sentence."""
    message = Message()
    if getattr(load(), name)(*arguments, c.byref(message)):
        kind = ERRORS[message.code] if message.code < len(ERRORS) else errors.Failed
        row = None if message.row == NO_ROW else int(message.row)
        text = message.text.decode(errors="replace")
        many = name in ("bl23_points", "bl23_limits") and arguments[1] > 1  # rows
        raise (kind or errors.Failed)(f"row {row}: {text}" if many and row is not None else text,
                                      row)


@functools.lru_cache(maxsize=None)
def known_columns() -> dict[str, Column]:
    """columns(), which nobody may change."""
    found, info = {}, ColumnInfo()
    for k in range(load().bl23_columns()):
        call("bl23_column", k, c.byref(info))
        column = Column(info.name.decode(), info.unit.decode(), info.text.decode(),
                        bool(info.of_points), bool(info.of_samples))
        found[column.name] = column
    return found


def columns() -> dict[str, Column]:
    """All columns by their names, in their order: columns()["tension"] is a Column with its name,
    unit and text, and whether points and samples have it (of_points, of_samples)."""
    return dict(known_columns())


def version() -> str:
    """The version of the library."""
    return load().bl23_version().decode()


class Watched:
    """A progress function for the library, which also lets an exception through: an interruption
    by the keyboard, or what the caller's own function raises."""

    def __init__(self, progress: Optional[Callable[[int, int], Any]]):
        self.progress, self.raised = progress, None  # type: Any, Optional[BaseException]
        self.function = PROGRESS(self._note)

    def _note(self, _: Any, done: int, total: int) -> int:
        try:
            if self.progress is not None:
                self.progress(done, total)
            return 0
        except BaseException as error:  # pylint: disable=broad-except
            self.raised = error
            return 1

    def call(self, name: str, *arguments: Any) -> None:
        """As call()."""
        try:
            call(name, *arguments)
        except errors.Stopped:
            if self.raised is not None:
                raise self.raised from None
            raise
