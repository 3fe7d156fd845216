#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Too little memory ends a command with exit 1 and one sentence, never with a part of its answer.

Allocations of the program and of the libraries that build its text fail (BL23_SLOW=1: every one),
and the address space is limited to several sizes.
"""

import functools
import glob
import os
import resource
import shutil
import subprocess

import pytest

import survey_tools as t

STEPS = 100000 if t.SLOW else 25  # allocations to fail for one command
MIB = 1 << 20


class Case:
    def __init__(self, bl23, surveys, folder, shim):
        self.bl23, self.folder, self.shim = bl23, folder, shim
        self.config = os.path.join(surveys, "fig3.yaml")
        self.reference, self.log, self.under, self.limited = (
            os.path.join(folder, name) for name in ("reference.h5", "log", "under", "limited.h5")
        )
        t.run_ok(self.survey(self.reference))

    def survey(self, out):
        command = [self.bl23, "survey", self.config, "-o", out, "--samples", "10000"]
        return [*command, "--threads", "1", "--backend", "cpu", "--quiet"]

    def failing(self, command, number):
        shutil.rmtree(self.under, ignore_errors=True)
        os.mkdir(self.under)
        env = {"BL23_MEMORY_AT": str(number), "BL23_MEMORY_LOG": self.log}
        return t.run([self.bl23, *command], env={"LD_PRELOAD": self.shim, **env})


@pytest.fixture(scope="module")
def case(bl23, surveys, shared, shim):
    return Case(bl23, surveys, shared, shim)


def files(folder):
    return {name: t.read(os.path.join(folder, name)) for name in os.listdir(folder)}


# Every command that answers the same each time; CONFIG is a survey, OUT a file.
ROW = "0.6,0,0.6,0.4,0.5291502622129181,1"
COMMANDS = (
    ["info", "--json"],
    ["point", "--mass", "0.14", "--g", "1e-3", "--w", ROW, "--json"],
    ["tables", "--mass", "0.14", "--verify", "--json"],
    ["check", "CONFIG", "--no-forecast"],
    ["bound", "CONFIG", "--json"],
    ["bound", "CONFIG", "--ranges"],
    ["bound", "CONFIG", "-o", "OUT"],
    ["plane", "CONFIG", "--scenario", "1", "--json"],
    ["reproduce", "--json"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(c) for c in COMMANDS])
def test_every_allocation(case, command):
    """The whole answer, or exit 1 and one sentence, whichever allocation fails."""
    words = {"CONFIG": case.config, "OUT": os.path.join(case.under, "out.json")}
    command = [words.get(word, word) for word in command]
    ordinary = case.failing(command, 0)
    written, number = files(case.under), int(t.read(case.log))
    failed = 0
    for at in range(1, number + 1, max(1, number // STEPS)):
        done, what = case.failing(command, at), f"allocation {at} of {number}"
        failed += done.returncode == 1
        if done.returncode == ordinary.returncode and done.stdout == ordinary.stdout:
            assert files(case.under) == written, f"{what}: the file is not whole"
        else:
            last = (done.stderr.splitlines() or [""])[-1]
            assert done.returncode == 1, t.told(done, what)
            assert last.startswith("bl23: ") and "memory" in last, t.told(done, what)
    print(f"{number} allocations, {failed} ended it")


def limit_memory(mib):
    resource.setrlimit(resource.RLIMIT_AS, (mib * MIB, mib * MIB))


def begins(case, limit):
    """Whether main of the program is reached: all libraries are mapped, and their constructors ran.
    Some constructors, in libraries that HDF5 brings, end with a signal where memory is refused."""
    log = os.path.join(case.folder, "loader")
    subprocess.run(
        [case.bl23, "--version"],
        preexec_fn=limit,
        env=dict(os.environ, LD_DEBUG="files", LD_DEBUG_OUTPUT=log),
        capture_output=True,
        timeout=t.TIMEOUT_S,
        check=False,
    )
    told = b""
    for name in glob.glob(log + ".*"):
        told += t.read(name)
        os.remove(name)
    return b"transferring control" in told


def test_address_space(case):
    """From the least size with which the program begins: a file or a sentence, no signal."""
    ended = set()
    survey = case.survey(case.limited)
    sizes = (*range(32, 100, 4), 128, 256, 1024)
    limits = {size: functools.partial(limit_memory, size) for size in sizes}
    enough = [size for size in sizes if begins(case, limits[size])]
    for command in (
        survey,
        [case.bl23, "replay", case.reference],
        [case.bl23, "bound", case.config],
    ):
        for size in enough:
            shutil.rmtree(case.limited + ".run", ignore_errors=True)
            if os.path.exists(case.limited):
                os.remove(case.limited)
            done = subprocess.run(
                command,
                preexec_fn=limits[size],
                capture_output=True,
                text=True,
                timeout=t.TIMEOUT_S,
                check=False,
            )
            ended.add(done.returncode)
            what = f"{command[1]} in {size} MiB"
            assert done.returncode in (0, 1), t.told(done, what)
            sentence = "memory" in done.stderr and done.stderr.count("\n") == 1
            assert done.returncode == 0 or sentence, t.told(done, what)
    assert ended == {0, 1}, "some sizes are enough, and some are not"
