# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What reading any file of bl23 needs: formats, checks, configurations."""
import os

import numpy as np

from .errors import ArgumentError, FileError, MissingFile, ReadError
from .texts import text_of

FORMATS = {"bl23-survey": 6, "bl23-plane": 1, "bl23-bound": 5,
           "bl23-cover": 1}  # versions that are read
# What reading and drawing raise where a file holds something else than its format says.
MALFORMED = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError,
             TypeError, ValueError)


HDF5 = b"\x89HDF\r\n\x1a\n"


def name_of(path, what):
    """The name of a file; ArgumentError where it is none."""
    try:
        return os.fsdecode(path)
    except TypeError:
        raise ArgumentError(f"{what} (got {path!r})") from None


def start_of(name, advice):
    """The first bytes of a file; the error says what keeps it from being read, and what to do."""
    try:
        with open(name, "rb") as file:
            return file.read(len(HDF5))
    except OSError as error:
        kind = MissingFile if isinstance(error, FileNotFoundError) else ReadError
        raise kind(f"{name} cannot be read ({os.strerror(error.errno or 0)}); {advice}") from error


class NotDrawn(FileError):
    """The file is not what it should be; its name and this text are the sentence for the user."""


def check_format(found, wanted, maker, refused):
    """Raises `refused` unless the keys format and format_version of a file are what is drawn."""
    version, known = found.get("format_version"), FORMATS[wanted]
    if text_of(found.get("format", "")) != wanted:
        raise refused(f"is not a {wanted.replace('-', ' ')} file, as '{maker}' makes it (format)")
    if isinstance(version, bool) or np.shape(version) != () or version != known:
        raise refused(f"has format_version {text_of(version):.20}, and only {known} is read: make "
                      f"the file again with '{maker}', or use the bl23 that made it")


def malformed(error):
    """The end of the sentence on a file: what of it is amiss."""
    if isinstance(error, FileError):
        return str(error)
    if isinstance(error, KeyError):
        return f"lacks a part of such a file: {error.args[0] if error.args else ''}"
    return f"holds something that cannot be read ({type(error).__name__}: {error})"


def check_data(holds, what):
    if not holds:
        raise NotDrawn(f"cannot be drawn: {what}")


def read_yaml(text):
    """What a configuration says; numbers stay texts, as they were written."""
    import yaml

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


def draws_g(settings):
    """Does a survey of these settings draw g?"""
    g = settings.get("survey", {}).get("g_bl")
    return isinstance(g, dict) and "fixed" not in g


def finite_positive(values):
    return values.ndim == 1 and len(values) > 0 and bool(np.all(np.isfinite(values) & (values > 0)))
