#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The command line by example: command, exit code, stdout and stderr, and nothing written.

Bad configurations are made from one good one by replacing one text; each must be refused with file,
line, the rule that it breaks and what was found.
"""

import os
import re

import pytest

import survey_tools as t
from cli_cases import A_THREAD_COUNT, BAD, GOOD, OPTIONS, TWICE
from cli_tools import Cli

COMMANDS = (
    "survey",
    "merge",
    "replay",
    "point",
    "plane",
    "fit",
    "tables",
    "bound",
    "reproduce",
    "check",
    "bench",
    "cite",
    "info",
    "help",
)
ONCE = (  # a command with an option of one value
    ("survey", "--range"),
    ("merge", "--config"),
    ("replay", "--index"),
    ("point", "--mass"),
    ("plane", "--scenario"),
    ("fit", "--starts"),
    ("tables", "--mass"),
    ("bound", "--inputs"),
    ("check", "--samples"),
    ("bench", "--threads"),
)


@pytest.fixture
def c(bl23, folder):
    return Cli(bl23, folder)


@pytest.mark.parametrize("command", ("check", "survey"))
@pytest.mark.parametrize("old, new, line, says", BAD, ids=[repr(row[1][:50])[1:-1] for row in BAD])
def test_bad_configuration(c, command, old, new, line, says):
    text = GOOD.replace(old, new)
    assert text != GOOD, f"the example has no {old!r}"
    path = c.write("bad.yaml", text)
    if not new.startswith("curve: "):  # else the message is about another file
        says = f"{path}:{line}: {says}"
    c.refused(command, path, says=says)


@pytest.mark.parametrize(
    "name, says",
    (
        (
            "empty.csv",
            "empty.csv:1: the file must hold at least one row of numbers",
        ),
        (
            "vast.csv",
            "vast.csv:2: the limit must be from 1e-100 to 1e100, the limit itself and not its "
            "logarithm (got 1e+200)",
        ),
    ),
)
def test_bad_curve(c, name, says):
    """Refused with the line of the curve."""
    path = c.write("bad.yaml", GOOD.replace("upper: 1.0e-5", f"curve: {name}"))
    c.refused("check", path, says=says)


@pytest.mark.parametrize("command", ("check", "survey"))
@pytest.mark.parametrize(
    "name, says",
    (
        ("absent.yaml", " cannot be read (No such file or directory)"),
        ("binary.yaml", ":1: this is not valid YAML, at "),
        (".", " cannot be read (it is a folder)"),
        ("big.yaml", f" has more than {192 << 20} bytes, the maximum size of such a file"),
    ),
)
def test_bad_file(c, command, name, says):
    if name == "binary.yaml":
        with open(c.path(name), "wb") as f:
            f.write(bytes(range(256)) * 50)
    if name == "big.yaml":
        with open(c.path(name), "wb") as f:
            f.truncate((192 << 20) + 1)
    c.refused(command, c.path(name), says=c.path(name) + says)


@pytest.mark.parametrize(
    "name, says",
    (
        ("absent.h5", "does not exist"),
        ("good.yaml", "is truncated or is not an HDF5 file"),
    ),
)
def test_no_output(c, name, says):
    path = c.path(name)
    says = f"{path} {says}; name a file that 'bl23 survey' finished"
    c.refused("replay", path, says=says)


def test_folder_for_an_output(c):
    """A folder is called one; that of a run is known by its name."""
    os.mkdir(c.path("some.run"))
    c.refused("replay", c.path("."), says=f"{c.path('.')} is a folder, not an HDF5 file\n")
    says = "some.run/ is a folder, not an HDF5 file; it is of a run that has not finished"
    c.refused("replay", c.path("some.run/"), says=says)


def test_closed_folder(c):
    if os.geteuid() == 0:
        pytest.skip("root may write into every folder")
    os.mkdir(c.path("closed"), 0o500)
    says = "'closed/out.h5' is in a folder that cannot be written; choose another folder"
    c.refused("survey", c.good, "-o", "closed/out.h5", says=says)


@pytest.mark.parametrize("options, says", OPTIONS, ids=[" ".join(o)[:60] for o, _ in OPTIONS])
def test_bad_option(c, options, says):
    os.mkdir(c.path("folder"))
    c.refused("survey", c.good, *options, says=f"bl23: {says}")


def test_bad_instruction_set(c):
    says = "BL23_ISA must be an instruction set of this processor: "
    done = c.refused("survey", c.good, env={"BL23_ISA": "mmx"}, says=says)
    assert "generic (got 'mmx')" in done.stderr, t.told(done)


@pytest.mark.parametrize(
    "command, operand", (("survey", "CONFIG"), ("replay", "SURVEY.h5")), ids=("survey", "replay")
)
def test_no_operand(c, command, operand):
    c.refused(command, says=f"{command} takes one {operand} (got 0 operands)")


@pytest.mark.parametrize("threads", ("0", "1025", "1.5", ""))
@pytest.mark.parametrize("command", ("survey", "check", "bench"))
def test_bad_threads(c, command, threads):
    operands = [] if command == "bench" else [c.good]
    says = f"{A_THREAD_COUNT}'{threads}')"
    c.refused(command, *operands, "--threads", threads, says=says)


@pytest.mark.parametrize("command, option", ONCE)
def test_option_twice(c, command, option):
    first, second = {"--inputs": ("pdg2018", "pdg2024")}.get(option, ("1", "2"))
    says = f"{option} {TWICE} '{second}'; give it once"
    c.refused(command, option, first, f"{option}={second}", says=says)


POINT = ["point", "--mass", "0.128", "--g", "1e-3", "--w", "0,0,1,0,1,0.59"]


@pytest.mark.parametrize(
    "options",
    (
        ["--set", "m_t=163", "--set", "m_c=1.2"],
        ["--json", "--json"],
        ["--constraints", "paper2020", "--constraints", "b_invisible_2021"],
    ),
    ids=lambda options: options[0],
)
def test_option_repeated(c, options):
    done = c.run(*POINT, *options)
    assert done.returncode == 0 and done.stdout, t.told(done)


def test_unknown_command(c):
    says = "bl23 has no command 'nonsense'; its commands are survey merge replay point"
    c.refused("nonsense", says=says)


def test_no_arguments(c):
    """The help text is on stderr."""
    done = c.run()
    assert done.returncode == 2 and not done.stdout, t.told(done)
    assert done.stderr == c.run("--help").stdout


@pytest.mark.parametrize("command", ("survey", "check", "plane", "bound", "replay", "fit"))
def test_empty_name(c, command):
    c.refused(command, "", says=f"bl23 {command}: the name of a file must not be empty")


@pytest.mark.parametrize("command", ("point", "tables", "bound"))
@pytest.mark.parametrize(
    "changes, says",
    (
        (
            ("m_t=170", "m_c=1.2", "m_t=180"),
            "--set sets 'm_t' twice, the second time with 'm_t=180'; set it once",
        ),
        (("m_t=0xaa",), "m_t (top quark mass) must be a number from 100 to 1000 GeV (got '0xaa')"),
    ),
    ids=("twice", "hexadecimal"),
)
def test_bad_set(c, command, changes, says):
    commands = {"point": POINT, "tables": ["tables", "--mass", "0.1"], "bound": ["bound", c.good]}
    options = [word for change in changes for word in ("--set", change)]
    c.refused(*commands[command], *options, says=says)


@pytest.mark.parametrize(
    "option, value, says",
    (
        ("--g", "1e-300", "--g must be a coupling in [1e-30, 10] (got '1e-300')"),
        ("--w", "0,0,1,0,-1,0.59", "--w must be three complex numbers like 0.1+0.2j, or six"),
        ("--mass", "0x1p-3", "--mass must be a mass in [1e-12, 4.7] GeV (got '0x1p-3')"),
    ),
)
def test_bad_point(c, option, value, says):
    words = list(POINT)
    words[words.index(option) + 1] = value
    c.refused(*words, says=says)


HELP = (["--help"], ["-h"], ["help"], ["--version"], *([name, "--help"] for name in COMMANDS))


@pytest.mark.parametrize("arguments", HELP, ids=" ".join)
def test_help(c, arguments):
    done = c.run(*arguments)
    assert done.returncode == 0 and done.stdout.strip() and not done.stderr, t.told(done)


@pytest.mark.parametrize("name", COMMANDS)
def test_usage(c, name):
    """--help lists the command, and ends its command line; -h is the same."""
    commands = c.run("--help").stdout
    assert re.search(rf"^  {name} ", commands, flags=re.M), commands
    usage = c.run(name, "--help").stdout
    assert usage.startswith(f"usage: bl23 {name}") and "\n  -h, --help " in usage, usage
    for options in (["--help", "--nonsense"], ["-h"]):
        done = c.run(name, *options)
        assert done.returncode == 0 and not done.stderr, t.told(done)
        assert done.stdout == usage


@pytest.mark.parametrize("after", ([], ["--help"]), ids=("", "--help"))
@pytest.mark.parametrize("name", COMMANDS)
def test_unknown_option(c, name, after):
    says = f"unknown option --nonsense for 'bl23 {name}' (see 'bl23 {name} --help')"
    c.refused(name, "--nonsense", *after, says=says)
