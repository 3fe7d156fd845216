# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The program bl23, for what writes files: surveys, bounds, planes, covers.

It is the one of the environment variable BL23_PROGRAM, the one that came with this package, or the
one in PATH.
"""
from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
from typing import Any, Iterator, Optional, Union

from . import errors
from .model import CONFIG, Model, Source
from .reading import name_of

PACKAGE = pathlib.Path(__file__).resolve().parent
EXIT_MISUSE, EXIT_INTERRUPTED = 2, 3
Path = Union[str, "os.PathLike[str]"]


def program() -> str:
    """The path of the program. LibraryNotFound where there is none."""
    chosen = os.environ.get("BL23_PROGRAM")
    if chosen:
        return chosen
    places = [PACKAGE / "bin" / "bl23"]
    if PACKAGE.parts[-4:-1] == ("share", "bl23", "python"):  # of cmake --install
        places.append(PACKAGE.parents[3] / "bin" / "bl23")
    for place in places:
        if place.exists():
            return str(place)
    found = shutil.which("bl23")
    if found and not _is_entry(found):
        return found
    raise errors.LibraryNotFound(
        "the program bl23 was not found; put it into PATH, or name it in the environment variable "
        "BL23_PROGRAM (a package that was built without HDF5 has none)")


def _is_entry(path: str) -> bool:
    """Is it the script that pip made for main() below?"""
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def main() -> None:
    """The command bl23 of an installed package."""
    try:
        path = program()
    except errors.LibraryNotFound as error:
        sys.exit(f"bl23: {error}")
    os.execv(path, ["bl23", *sys.argv[1:]])


def shipped(name: str) -> Optional[str]:
    """The file of a shipped survey, NAME.yaml, where the scripts are beside this package."""
    for place in (PACKAGE / "share" / "bl23", PACKAGE.parents[1], PACKAGE.parents[2]):
        path = place / "scripts" / "surveys" / name
        if path.exists():
            return str(path)
    return None


def run(*arguments: Any, progress: bool = False) -> str:
    """What a command of bl23 prints; its sentence is raised where it fails. progress: what it says
    meanwhile goes to stderr."""
    command = [program(), *map(os.fspath, map(_word, arguments))]
    said: list[bytes] = []
    with tempfile.TemporaryFile() as printed, subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said_by = process.stderr.fileno()
        try:
            for part in iter(lambda: os.read(said_by, 4096), b""):
                said.append(part)
                if progress:
                    sys.stderr.write(part.decode(errors="replace"))
                    sys.stderr.flush()
            code = process.wait()
        except BaseException:
            process.send_signal(signal.SIGINT)  # it keeps what it has computed
            process.wait()
            raise
        printed.seek(0)
        output = printed.read().decode(errors="replace")
    if code:
        raise _failure(code, b"".join(said).decode(errors="replace"))
    return output


def _word(value: Any) -> Any:
    return value if isinstance(value, (str, os.PathLike)) else str(value)


def _failure(code: int, said: str) -> errors.Error:
    lines = [line.strip() for line in said.replace("\r", "\n").splitlines() if line.strip()]
    own = [line[len("bl23: "):] for line in lines if line.startswith("bl23: ")]
    text = "\n".join(own or lines[-1:]) or f"bl23 ended with {code}"
    if code == EXIT_MISUSE:
        return errors.ConfigError(text)
    return errors.Stopped(text) if code == EXIT_INTERRUPTED else errors.Failed(text)


def words_of(options: dict[str, Any]) -> list[str]:
    """Options of the command line: force=True is --force, samples=1e7 is --samples 1e7, and a list
    repeats its option. None and False leave it out."""
    words: list[str] = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is True:
                words.append(option)
            elif one is not None and one is not False:
                words += [option, str(_word(one))]
    return words


@contextlib.contextmanager
def config_file(config: Union[Source, Model]) -> Iterator[str]:
    """A configuration as the program takes it. A text, a dict or a model is written to a temporary
    file: what it names must have whole paths."""
    if isinstance(config, Model):
        config = config.resolved
    if not isinstance(config, dict):
        text = name_of(config, CONFIG)
        if "\n" not in text and (text.startswith("@") or os.path.exists(text) or ":" not in text):
            yield text
            return
    else:
        text = json.dumps(config)
    with tempfile.TemporaryDirectory(prefix="bl23-") as folder:
        path = os.path.join(folder, "configuration.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        yield path
