# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""libbl23 by ctypes, for the tests; the structures of host/library/bl23.h are the package's."""
import ctypes as c
import os
import pathlib
import sys

import numpy as np
import survey_tools as t

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "host" / "python"))
from bl23.library import (ColumnInfo, LimitInfo, Message, NO_ROW,  # noqa: E402,F401
                          PROGRESS as Progress, Request)

OK, FAILED, MEMORY, IO, CONFIG, DOMAIN, ARGUMENT, STOPPED = range(8)

class Refused(Exception):
    """The library refused: code, row and sentence."""

    def __init__(self, message):
        super().__init__(message.text.decode())
        self.code, self.row, self.text = message.code, message.row, message.text.decode()


def path_of(bl23):
    """The library of a build tree, by its program."""
    return pathlib.Path(bl23).parent.parent / "lib" / "libbl23.so"


def load(bl23):
    """The library of a build tree; without one that runs here the test is skipped."""
    path = path_of(bl23)
    if not path.exists():
        t.skip(f"{path} is not built")
    if b"__asan_init" in path.read_bytes():
        t.skip("the library has sanitizers, and runs in no other program")
    library = c.CDLL(str(path))
    library.bl23_version.restype = c.c_char_p
    library.bl23_columns.restype = library.bl23_limit_count.restype = c.c_uint32
    return library


def columns(library, of_samples=False):
    """The names of the columns."""
    names, info = [], ColumnInfo()
    for k in range(library.bl23_columns()):
        assert library.bl23_column(c.c_uint32(k), c.byref(info), None) == OK
        if info.of_samples or not of_samples:
            names.append(info.name.decode())
    return names


def doubles(array):
    return array.ctypes.data_as(c.POINTER(c.c_double)) if array is not None else None


class Handle:
    """A handle, and arrays out of it."""

    def __init__(self, library, text, path=None, sigma=None, inputs=None):
        self.library, self.handle, message = library, c.c_void_p(), Message()
        if sigma:
            code = library.bl23_open_sets(text.encode(), c.c_int32(sigma), inputs,
                                          c.byref(self.handle), c.byref(message))
        else:
            data = text if isinstance(text, bytes) else text.encode()
            code = library.bl23_open(data, c.c_uint64(len(data)),
                                     os.fsencode(path) if path else None, c.byref(self.handle),
                                     c.byref(message))
        self.check(code, message)

    @staticmethod
    def check(code, message):
        assert code == message.code and bool(code) == bool(message.text)
        if code:
            raise Refused(message)

    def close(self):
        self.library.bl23_close(self.handle)
        self.handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def compute(self, rows, names, threads, progress, call):
        """The columns that call(request, message) fills."""
        values = {name: np.full(rows, np.nan) for name in names}
        array = (c.c_char_p * len(names))(*(name.encode() for name in names))
        places = (c.c_void_p * len(names))(*(values[name].ctypes.data for name in names))
        request = Request(len(names), array, places, threads,
                          Progress(progress) if progress else Progress(), None)
        message = Message()
        self.check(call(c.byref(request), c.byref(message)), message)
        return values

    def points(self, mass, w, g=None, names=None, threads=1, progress=None):
        mass = np.ascontiguousarray(mass, float)
        w = np.ascontiguousarray(w, complex).view(float).reshape(-1)
        g = None if g is None else np.ascontiguousarray(g, float)
        names = columns(self.library) if names is None else names
        return self.compute(len(mass), names, threads, progress,
                            lambda request, message: self.library.bl23_points(
                                self.handle, c.c_uint64(len(mass)), doubles(mass), doubles(g),
                                doubles(w), request, message))

    def samples(self, first, count, names, threads=1, progress=None):
        return self.compute(count, names, threads, progress,
                            lambda request, message: self.library.bl23_samples(
                                self.handle, c.c_uint64(first), c.c_uint64(count), request,
                                message))

    def text(self, function):
        text, message = c.c_char_p(), Message()
        self.check(function(self.handle, c.byref(text), c.byref(message)), message)
        return text.value.decode()

    def limits(self, mass, sigma=0):
        """[(info, lower, upper)] at one mass."""
        n = self.library.bl23_limit_count(self.handle)
        mass, lower, upper = np.array([mass]), np.empty(n), np.empty(n)
        message, info, found = Message(), LimitInfo(), []
        self.check(self.library.bl23_limits(self.handle, c.c_uint64(1), doubles(mass),
                                            c.c_int32(sigma), doubles(lower), doubles(upper),
                                            c.byref(message)), message)
        for k in range(n):
            self.check(self.library.bl23_limit(self.handle, c.c_uint32(k), c.byref(info),
                                               c.byref(message)), message)
            found.append({"name": info.name.decode(), "observable": info.observable.decode(),
                          "cite": info.cite.decode(), "note": info.note.decode(),
                          "cl": info.confidence_level, "lower": lower[k], "upper": upper[k]})
        return found
