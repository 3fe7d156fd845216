# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What bl23 raises. The text is the sentence of the library, of the program, or of this package."""
from __future__ import annotations

from typing import Optional


class Error(Exception):
    """The base of all. `row` is the row of the arrays that is wrong, from 0, where one is."""

    def __init__(self, text: str, row: Optional[int] = None):
        super().__init__(text)
        self.row = row


class ConfigError(Error, ValueError):
    """A configuration, an option or the name of something is wrong."""


class DomainError(Error, ValueError):
    """A number is outside the domain of the model, or NaN."""


class ArgumentError(Error, ValueError):
    """A column or a range that does not exist, or arrays that do not fit together."""


class FileError(Error, ValueError):
    """A file is not one that bl23 wrote, or is damaged."""


class ReadError(Error, OSError):
    """A file could not be read: it may not be, it is a folder, or the machine failed."""

    def __str__(self) -> str:
        return str(self.args[0])


class MissingFile(ReadError, FileNotFoundError):
    """A file is not there."""


class OutOfMemory(Error, MemoryError):
    """There was not enough memory."""


class Failed(Error, RuntimeError):
    """A computation failed, or the program bl23 did."""


class Stopped(Error, RuntimeError):
    """A computation was stopped before its end."""


class LibraryNotFound(Error, ImportError):
    """libbl23, the program bl23 or getdist is not there."""
