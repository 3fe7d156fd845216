# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Starting bl23 under mpirun in a test: Open MPI or MPICH, as root too, more ranks than processors.

BL23_MPIRUN in the environment names the launcher that belongs to the build.
"""

import os
import shutil
import signal
import subprocess
import time

import pytest

import survey_tools as t

END_S = 120  # a job that has not ended by then hangs
ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def launcher():
    """Path and kind of mpirun, or the test is skipped."""
    path = shutil.which(os.environ.get("BL23_MPIRUN") or "mpirun")
    if not path:
        t.skip("mpirun is not installed")
    said = t.run([path, "--version"], env=ROOT).stdout
    return path, "openmpi" if "Open MPI" in said or "OpenRTE" in said else "mpich"


class Mpi:
    def __init__(self):
        self.path, self.kind = launcher()

    def command(self, ranks, *command):
        crowded = ["--oversubscribe"] if self.kind == "openmpi" else []
        return [str(x) for x in (self.path, *crowded, "-n", ranks, *command)]

    def run(self, ranks, *command, env=None):
        return t.run(self.command(ranks, *command), env=dict(ROOT, **(env or {})), timeout=END_S)

    def start(self, ranks, *command):
        return subprocess.Popen(
            self.command(ranks, *command),
            env=dict(os.environ, **ROOT),
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


def processes(program, out):
    """Process ids of running bl23 that write `out`: the ranks, or a single process."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read().split(b"\0")
        except OSError:
            continue
        if words[0] == program.encode() and out.encode() in words:
            found.append(int(pid))
    return sorted(found)


def end(process, what):
    """Output of a job that must end by itself; a job that hangs fails the check and is ended."""
    try:
        return process.communicate(timeout=END_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        pytest.fail(f"{what}: the job hangs")


def all_gone(program, out, what, seconds=30):
    """No rank outlives its job."""
    stop = time.monotonic() + seconds
    while processes(program, out) and time.monotonic() < stop:
        time.sleep(0.05)
    left = processes(program, out)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, f"{what}: ranks {left} were left"
