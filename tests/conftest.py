# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the Python tests share: where the program and the sources are, folders, and skipping.

    python3 -m pytest tests/test_cli.py --bl23 build/release/bin/bl23 -k samples

BL23_SLOW=1 in the environment asks for the long versions. Exit 77: every test was skipped.
"""
import importlib
import os
import sys
import tempfile

import pytest

ALL_SKIPPED = 77
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
for name in ("survey", "cli", "figure", "hostile", "library", "mpi"):
    pytest.register_assert_rewrite(name + "_tools")


def pytest_addoption(parser):
    tree = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser.addoption("--bl23", metavar="PATH", help="the program under test")
    parser.addoption("--source", metavar="DIR", default=tree, help="the source tree")


def pytest_sessionfinish(session, exitstatus):
    """ctest shows a file as skipped only if no test of it ran."""
    reports = session.config.pluginmanager.get_plugin("terminalreporter").stats
    nothing_ran = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    if nothing_ran and "skipped" in reports and "passed" not in reports:
        session.exitstatus = ALL_SKIPPED


@pytest.fixture(scope="session")
def bl23(request):
    """Path of the program."""
    path = request.config.getoption("bl23")
    if not path:
        raise pytest.UsageError("name the program: --bl23 build/release/bin/bl23")
    return os.path.abspath(path)


@pytest.fixture(scope="session")
def source(request):
    """Root of the source tree."""
    return os.path.abspath(request.config.getoption("source"))


@pytest.fixture(scope="session")
def surveys(source):
    """Folder of the shipped surveys."""
    return os.path.join(source, "scripts", "surveys")


def temporary_folder():
    with tempfile.TemporaryDirectory(prefix="bl23-test-") as path:
        yield path


# An empty folder for one test, and one for files that several tests of a module use.
folder = pytest.fixture(temporary_folder)
shared = pytest.fixture(temporary_folder, scope="module")


def library(name):
    """The path in an environment variable, which ctest sets; without it the test is skipped."""
    path = os.environ.get(name, "")
    if not os.path.exists(path):
        pytest.skip(f"{name} names no file: '{path}'")
    return path


@pytest.fixture(scope="session")
def scripts(source):
    """Folder of the scripts that draw; they and the package bl23 can be imported. Without
    matplotlib: skipped."""
    pytest.importorskip("matplotlib", reason="matplotlib (python3-matplotlib) is not installed")
    folder = os.path.join(source, "scripts")
    sys.path[:0] = [folder, os.path.join(source, "host", "python")]
    return folder


@pytest.fixture(scope="session")
def package(bl23, source):
    """The package bl23 of the source tree, with the library and the program of the build tree."""
    import library_tools  # pylint: disable=import-outside-toplevel
    library_tools.load(bl23)  # without one that runs here: skipped
    os.environ.update(BL23_LIBRARY=str(library_tools.path_of(bl23)), BL23_PROGRAM=bl23)
    sys.path.insert(0, os.path.join(source, "host", "python"))
    return importlib.import_module("bl23")


@pytest.fixture(scope="session")
def shim():
    """The library that is preloaded to make system calls fail."""
    return library("BL23_SHIM")


@pytest.fixture(scope="session")
def on_shim():
    """A bl23 whose GPU is tests/cuda_shim."""
    return library("BL23_ON_SHIM")
