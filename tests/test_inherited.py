#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What a process inherits changes no answer and costs nothing that was computed.

Descriptors 0 to 2 closed, readers that went away, POSIXLY_CORRECT, a small stack, blocked signals,
another rounding: the files are those of an ordinary start, or one sentence says why there are none.
"""

import itertools
import os
import resource
import signal
import subprocess
import time

import pytest

import survey_tools as t

SAMPLES = 40000
STANDARD = (0, 1, 2)
HANG_S = 60


class Case:
    def __init__(self, bl23, surveys, folder):
        self.bl23, self.folder = bl23, folder
        self.config = os.path.join(surveys, "today.yaml")
        self.bound = os.path.join(surveys, "fig3.yaml")
        self.plane = os.path.join(surveys, "benchmark.yaml")
        self.reference = self.path("reference.h5")
        self.number = 0
        t.run_ok(self.survey(self.reference))

    def path(self, name):
        return os.path.join(self.folder, name)

    def fresh(self, ending=".h5"):
        self.number += 1
        return self.path(f"out{self.number}{ending}")

    def survey(self, out, *more):
        command = [self.bl23, "survey", self.config, "-o", out, "--samples", str(SAMPLES)]
        return [*command, "--threads", "2", "--backend", "cpu", *more]

    def part(self, out, quarters=2):
        quarter = SAMPLES // 4
        part = ["--first", "0", "--count", str(quarters * quarter)]
        return self.survey(out, *part, "--range", str(quarter), "--commit", "0")

    def unfinished(self, out):
        """The folder of a survey that goes on, and says so on stderr."""
        t.run_ok(self.part(out))
        return self.survey(out)


@pytest.fixture(scope="module")
def c(bl23, surveys, shared):
    return Case(bl23, surveys, shared)


def started(command, closed=(), **options):
    """The finished process, started with some of the descriptors 0 to 2 closed."""

    def close():
        for descriptor in closed:
            os.close(descriptor)

    return subprocess.run(
        command,
        preexec_fn=close,
        capture_output=True,
        text=True,
        timeout=t.TIMEOUT_S,
        check=False,
        **options,
    )


def tables(c):
    return [c.bl23, "tables", "--mass", "0.14", "--verify"]


@pytest.fixture(scope="module")
def whole(c):
    """Files of an ordinary start: certificates of bounds, tables."""
    made = {"bound": c.fresh(".json"), "tables": c.fresh()}
    t.run_ok([c.bl23, "bound", c.bound, "-o", made["bound"]])
    t.run_ok([*tables(c), "-o", made["tables"]])
    return made


CLOSED = [x for n in (1, 2, 3) for x in itertools.combinations(STANDARD, n)]
without = pytest.mark.parametrize("closed", CLOSED, ids=["".join(map(str, x)) for x in CLOSED])


def check_end(done, closed):
    """A result that goes nowhere is an error, and stderr says so if there is one."""
    assert done.returncode == (1 if 1 in closed else 0), t.told(done, f"without {closed}")
    says = 2 in closed or 1 not in closed or "stdout" in done.stderr
    assert says, t.told(done, f"without {closed}")


# No file of ours gets a number that messages go to.


@without
def test_survey_without(c, closed):
    out = c.fresh()
    check_end(started(c.survey(out), closed), closed)
    t.assert_same(c.reference, out, f"survey without {closed}")


@without
def test_part_without(c, closed):
    """A part that goes on, and says so: its segments are whole, and the survey goes on from it."""
    out = c.fresh()
    t.run_ok(c.part(out))
    check_end(started(c.part(out, 3), closed), closed)
    done = t.run_ok(c.survey(out))
    assert f"resuming: {0.75 * SAMPLES:.4g} of " in done.stderr, t.told(done)
    assert "again" not in done.stderr, t.told(done, f"without {closed}")
    t.assert_same(c.reference, out, f"without {closed}")


@without
def test_bound_without(c, whole, closed):
    out = c.fresh(".json")
    check_end(started([c.bl23, "bound", c.bound, "-o", out], closed), closed)
    assert t.read(out) == t.read(whole["bound"])


@without
def test_tables_without(c, whole, closed):
    out = c.fresh()
    done = started([*tables(c), "-o", out], closed)
    assert done.returncode == 0, t.told(done)
    assert t.read(out) == t.read(whole["tables"])


def left_by_reader(command, stdout=False, stderr=False):
    """The finished process, whose readers of stdout or stderr have gone before it writes."""
    gone, end = os.pipe()
    os.close(gone)
    process = subprocess.Popen(
        command,
        stdout=end if stdout else subprocess.PIPE,
        stderr=end if stderr else subprocess.PIPE,
        text=True,
    )
    os.close(end)
    said = process.communicate(timeout=t.TIMEOUT_S)
    return subprocess.CompletedProcess(command, process.returncode, said[0] or "", said[1] or "")


@pytest.mark.parametrize("json", ([], ["--json"]), ids=("text", "json"))
@pytest.mark.parametrize("gone", ("stdout", "stderr", "stdout stderr"))
def test_reader_of_survey_gone(c, json, gone):
    """The survey is computed and written, and the exit code says what was lost."""
    stdout, stderr, out = "stdout" in gone, "stderr" in gone, c.fresh()
    done = left_by_reader([*c.unfinished(out), *json], stdout, stderr)
    assert done.returncode == (1 if stdout else 0), t.told(done)
    assert stderr or not stdout or "stdout" in done.stderr, t.told(done)
    t.assert_same(c.reference, out, f"without a reader of {gone}")
    assert not os.path.exists(out + ".run"), "something is left to do"


READERS = ("plane", "bound", "tables", "info", "--help", "check", "replay", "reproduce", "point",
           "cite", "help")


@pytest.mark.parametrize("name", READERS)
def test_reader_gone(c, name):
    """A command whose reader of stdout has gone says so."""
    rest = {"plane": [c.plane], "bound": [c.bound], "tables": ["--mass", "0.14", "--json"],
            "check": [c.config, "--no-forecast"], "replay": [c.reference], "cite": [c.config],
            "point": ["--mass", "0.14", "--g", "1e-3", "--w", "0.6,0,0.6,0.4,0.5291502622129181,1"],
            "help": ["--man"]}
    done = left_by_reader([c.bl23, name, *rest.get(name, [])], stdout=True)
    assert done.returncode == 1 and "stdout" in done.stderr, t.told(done)


def test_reader_of_merge_gone(c):
    """The merged file is written, and the exit code says what was lost."""
    parts, out = [c.fresh(), c.fresh()], c.fresh()
    half = SAMPLES // 2
    for k, part in enumerate(parts):
        t.run_ok(c.survey(part, "--first", str(k * half), "--count", str(half)))
    done = left_by_reader([c.bl23, "merge", *parts, "-o", out], stdout=True, stderr=True)
    assert done.returncode == 1, t.told(done)
    t.assert_same(c.reference, out, "without a reader of merge")


POSIX = {"POSIXLY_CORRECT": "1"}  # options after the operand are options all the same


def test_posixly_correct_survey(c):
    out = c.fresh()
    t.run_ok(c.survey(out), env=POSIX)
    t.assert_same(c.reference, out, "POSIXLY_CORRECT")


@pytest.mark.parametrize("name", ("bound", "plane", "replay", "check"))
def test_posixly_correct(c, name):
    rest = {
        "bound": [c.bound, "--json"],
        "plane": [c.plane, "--json"],
        "replay": [c.reference, "--json"],
        "check": [c.config, "--no-forecast"],
    }
    command = [c.bl23, name, *rest[name]]
    done = t.run_ok(command, env=POSIX)
    assert done.stdout == t.run(command).stdout


@pytest.mark.parametrize("fixed", (True, False), ids=("at most", "at first"))
@pytest.mark.parametrize("size", (64, 192, 512, 4096))
def test_small_stack(c, size, fixed):
    """A limit that cannot be raised is told in a sentence; one that can be is raised."""
    everything, kib, out = resource.getrlimit(resource.RLIMIT_STACK)[1], 1024, c.fresh()
    limits = (size * kib, size * kib if fixed else everything)
    done = subprocess.run(
        c.survey(out),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_STACK, limits),
        capture_output=True,
        text=True,
        timeout=t.TIMEOUT_S,
        check=False,
        env={},
    )
    if not fixed or size > 1024:
        assert done.returncode == 0, t.told(done)
        t.assert_same(c.reference, out, f"a stack of {size} KiB")
    else:
        assert done.returncode == 1 and done.stderr.count("\n") == 1, t.told(done)
        assert f"limited to {size} KiB" in done.stderr, t.told(done)


ASKING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGALRM")


@pytest.mark.parametrize("name", ASKING)
def test_blocked_signal(c, name):
    """Whoever asks a survey to stop is heard, also where the signals were blocked at its start."""
    out, signals = c.fresh(), [signal.Signals[x] for x in ASKING]
    command = [c.bl23, "survey", c.config, "-o", out, "--samples", "1e15", "--commit", "0"]
    process = subprocess.Popen(
        [*command, "--threads", "1", "--backend", "cpu"],
        preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, signals),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    begin = time.monotonic()
    while not os.path.exists(out + ".run/manifest") and time.monotonic() - begin < HANG_S:
        time.sleep(0.01)
    process.send_signal(signal.Signals[name])
    try:
        process.wait(HANG_S)
    except subprocess.TimeoutExpired:
        process.kill()
    said = process.communicate()
    assert process.returncode == 3, t.note(f"{name}: exit {process.returncode}", *said)


@pytest.mark.parametrize("rounding", ("up", "zero"))
def test_another_rounding(c, shim, rounding):
    """The bytes are the promised ones, whatever a library has done to the arithmetic."""
    env = {"LD_PRELOAD": shim, "BL23_ROUNDING": rounding}
    env["ASAN_OPTIONS"] = "verify_asan_link_order=0"
    out, row = c.fresh(), "0.6,0,0.6,0.4,0.5291502622129181,1"
    t.run_ok(c.survey(out), env=env)
    t.assert_same(c.reference, out, f"rounding {rounding}: survey")
    for command in (
        ["tables", "--mass", "1e-12,0.14,4.7", "--json"],
        ["bound", c.bound, "--json"],
        ["plane", c.plane, "--json"],
        ["point", "--mass", "0.14", "--g", "1e-3", "--w", row, "--json"],
    ):
        expected = t.run([c.bl23, *command]).stdout
        done = t.run([c.bl23, *command], env=env)
        assert expected and done.stdout == expected, t.told(done, f"rounding {rounding}")


def test_limit_of_processor_time(c):
    """Where the kernel would kill at the limit without a signal, the survey stops before that."""
    limit, out = 16, c.fresh()
    command = [c.bl23, "survey", c.config, "-o", out, "--samples", "1e15", "--threads", "2"]
    process = subprocess.Popen(
        [*command, "--backend", "cpu", "--quiet"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = process.communicate(timeout=t.TIMEOUT_S)
    assert process.returncode == 3, t.note(f"exit {process.returncode}", *said)
    assert "interrupted; " in said[1], t.note("the message", *said)
    assert os.path.getsize(out + ".run/manifest") > 0, "what was computed is kept"
