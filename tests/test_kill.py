#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A survey killed at any moment goes on from what it had committed and ends in the same file.

100 times SIGKILL at moments from a fixed list, every signal that asks for a stop, two runs at
once, an output that is finished, of another configuration, or no survey at all, and --force.
"""

import fcntl
import glob
import os
import random
import re
import signal
import subprocess
import time

import pytest

import survey_tools as t

KILLS = 1000 if t.SLOW else 100
SEEDS = {"fig3": 20080997, "today": 1, "open_question": 2, "own": 3}  # seeds of the moments
FORWARD_SEED = 13
LINE = re.compile(
    r"^segment (\d+) (\d+) passed (\d+) bytes (\d+) xxh3 [0-9a-f]{16}"
    r" config [0-9a-f]{16} sampling 1 line [0-9a-f]{16}$"
)


def committed(out):
    """The ranges that whole manifest lines vouch for."""
    try:
        with open(os.path.join(out + ".run", "manifest"), encoding="ascii") as f:
            found = [LINE.match(line) for line in f.read().split("\n")[:-1]]
    except FileNotFoundError:
        return set()
    return {(int(m[1]), int(m[2])) for m in found if m}


class Case:
    """One small survey with many commits."""

    def __init__(self, bl23, source, folder, name, samples, step):
        self.name, self.folder, self.samples, self.bl23 = name, folder, samples, bl23
        self.config = os.path.join(source, "scripts", "surveys", name + ".yaml")
        self.out, self.reference = (
            os.path.join(folder, f"{name}-{kind}.h5") for kind in ("out", "reference")
        )
        self.options = ["--samples", samples, "--range", step, "--commit", 0, "--threads", 2]

    def command(self, *more, out=None):
        own = self.options[2:] if "--samples" in more else self.options
        return [
            str(x) for x in (self.bl23, "survey", self.config, "-o", out or self.out, *own, *more)
        ]

    def start(self, *more):
        return subprocess.Popen(
            self.command(*more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def provide_curve(self, there):
        """For surveys with a curve of the user's: its file."""

    def clean(self):
        for path in (self.out, *glob.glob(glob.escape(self.out) + ".*.tmp")):
            if os.path.exists(path):
                os.remove(path)
        t.run_ok(["rm", "-rf", self.out + ".run"])

    def duration(self):
        """Make the uninterrupted file; how long that took."""
        started = time.monotonic()
        t.run_ok(self.command(out=self.reference))
        return time.monotonic() - started

    def check_file(self, what):
        """A complete file is there, or none."""
        if not os.path.exists(self.out):
            return False
        t.assert_same(self.reference, self.out, what)
        return True


class OwnCase(Case):
    """fig3 with a curve of the user's, whose file is gone as soon as something is committed."""

    def __init__(self, bl23, source, folder):
        super().__init__(bl23, source, folder, "fig3", 1000000, 20000)
        self.curve, self.name = os.path.join(folder, "mine.csv"), "own"
        own = {"name": "mine", "observable": "br_kp_pip", "curve": "mine.csv", "cl": 0.9,
               "cite": "none"}
        self.config = t.with_changes(self.config, os.path.join(folder, "own.yaml"),
                                     constraints={"extra": [own]})
        self.out, self.reference = (
            os.path.join(folder, f"own-{kind}.h5") for kind in ("out", "reference")
        )

    def provide_curve(self, there):
        if there:
            with open(self.curve, "w", encoding="ascii") as f:
                f.write("m_gev,upper\n0.01,0.5\n1,0.5\n")
        elif os.path.exists(self.curve):
            os.remove(self.curve)


@pytest.fixture(scope="module")
def cases(bl23, source, shared):
    t.h5diff_or_skip()
    return {
        "fig3": Case(bl23, source, shared, "fig3", 2000000, 20000),
        "today": Case(bl23, source, shared, "today", 400000, 4096),
        "open_question": Case(bl23, source, shared, "open_question", 4000000, 65536),
        "own": OwnCase(bl23, source, shared),
    }


@pytest.fixture(scope="module")
def case(cases):
    """The survey of the other tests, with its uninterrupted file."""
    cases["fig3"].duration()
    return cases["fig3"]


@pytest.mark.parametrize("name", SEEDS)
def test_kill_series(cases, name):
    """Kill again and again, resume each time."""
    case, moments, kills = cases[name], random.Random(SEEDS[name]), -(-KILLS // len(SEEDS))
    hits = ends = 0
    case.provide_curve(True)
    longest = case.duration()
    case.clean()
    known = set()
    while hits < kills:
        case.provide_curve(not known)
        process = case.start("--quiet")
        moment = moments.uniform(0, 1.05 * longest)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            process.kill()
        _, error = process.communicate()
        what = f"{case.name}: kill {hits} after {moment:.4f} s"
        hit = process.returncode == -signal.SIGKILL
        hits += hit
        assert process.returncode in (0, -signal.SIGKILL), t.note(
            f"{what}: exit {process.returncode}", error
        )
        assert (
            "damaged" not in error.replace("torn, damaged", "") and "differs" not in error
        ), t.note(f"{what}: no segment is damaged", error)
        now = committed(case.out)
        finished = (
            case.check_file(what)
            if not os.path.exists(case.out + ".run") or os.path.exists(case.out)
            else False
        )
        if not finished:
            assert known <= now, t.note(
                f"{what}: nothing committed is lost", f"lost: {sorted(known - now)}"
            )
            covered = sorted(now)
            overlaps = [p for p, q in zip(covered, covered[1:]) if p[0] + p[1] > q[0]]
            assert not overlaps, t.note(f"{what}: no range is computed twice", overlaps)
        known = now
        if process.returncode == 0:
            assert finished, f"{what}: exit 0 means a complete file"
            assert not os.path.exists(case.out + ".run"), f"{what}: no folder is left after exit 0"
            ends += 1
        if finished:
            t.run_ok(case.command("--quiet"))  # a folder left behind by the kill is removed
            assert sorted(
                n for n in os.listdir(case.folder) if n.startswith(os.path.basename(case.out))
            ) == [os.path.basename(case.out)], t.note(
                f"{what}: nothing but the file is left", os.listdir(case.folder)
            )
            case.clean()
            known = set()
    case.provide_curve(not known)
    done = t.run_ok(case.command())
    assert not known or "resuming: " in done.stderr, t.told(
        done, f"{case.name}: the last run resumes"
    )
    case.check_file(f"{case.name}: after the last kill")
    print(f"{hits} kills of a running survey, {ends} runs that ended first")


def test_kills_only_forward(case):
    """Many kills of one run that gets a little further each time: it must come to its end."""
    moments, runs = random.Random(FORWARD_SEED), 0
    case.clean()
    longest = case.duration()
    while not os.path.exists(case.out) and runs < 300:
        runs += 1
        process = case.start("--quiet")
        try:
            process.wait(
                0.02 + moments.uniform(0.05, 0.3) * longest + 0.005 * runs
            )  # later and later
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
    assert os.path.exists(case.out) and runs > 2, f"{case.name}: killed {runs} times, and no end"
    case.check_file(f"{case.name}: killed {runs} times on the way")


@pytest.mark.parametrize("name", ("SIGINT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGXCPU", "SIGALRM",
                                  "SIGHUP"))
def test_stop(case, name):
    """A stop by a signal: exit 3, all is committed, and the message says how to go on."""
    case.clean()
    number = signal.Signals[name]
    process = case.start()
    while not committed(case.out) and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(number)
    out, error = process.communicate()
    assert process.returncode == 3, t.note(
        f"{name}: exit {process.returncode}, expected 3", out, error
    )
    assert (
        "interrupted" in error and "same command" in error and case.out + ".run" in error
    ), t.note(f"{name}: message", error)
    assert not os.path.exists(case.out) and committed(case.out), t.note(
        f"{name}: a folder and no file", os.listdir(case.folder)
    )
    done = t.run_ok(case.command())
    assert re.search(r"resuming: .* samples are done", done.stderr), t.told(
        done, f"{name}: the next run resumes"
    )
    case.check_file(f"{name}: resumed")


def test_stop_between_commits(case):
    """Without --commit 0 nothing is on disk when the signal comes: it must be committed then."""
    case.clean()
    big = Case(case.bl23, "", case.folder, case.name, 0, 0)
    big.config, big.options = case.config, ["--samples", "1e10", "--range", 65536, "--threads", 2]
    process = big.start()
    while not os.path.exists(os.path.join(big.out + ".run", "manifest")) and process.poll() is None:
        time.sleep(0.002)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate()
    done = committed(big.out)
    assert process.returncode == 3 and sum(n for _, n in done) >= 65536, t.note(
        "SIGTERM between commits keeps all that was computed",
        f"exit {process.returncode}",
        error,
        done,
    )
    big.clean()


def test_lost_terminal_ignored(case):
    """Under nohup SIGHUP stays ignored: the survey runs to its end."""
    case.clean()
    process = subprocess.Popen(
        case.command(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    while not committed(case.out) and process.poll() is None:
        time.sleep(0.002)
    assert process.poll() is None, "the survey runs when SIGHUP comes"
    process.send_signal(signal.SIGHUP)
    out, error = process.communicate()
    assert process.returncode == 0, t.note(
        f"SIGHUP while ignored: exit {process.returncode}, expected 0", out, error
    )
    case.check_file("SIGHUP while ignored")


def test_two_at_once(case):
    """A second run on the same output is refused and disturbs nothing."""
    case.clean()
    os.makedirs(case.out + ".run")
    with open(os.path.join(case.out + ".run", "lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for options in ([], ["--force"]):
            done = t.run(case.command(*options))
            says = "another bl23 that is running holds the lock; an output file"
            assert done.returncode == 2 and not done.stdout, t.told(done, f"locked {options}")
            assert says in done.stderr, t.told(done, f"locked {options}")
            assert not os.path.exists(case.out), "a locked output is not written"
    t.run_ok(case.command())
    case.check_file("after the lock is gone")
    case.clean()
    first, second = case.start("--quiet"), case.start("--quiet")
    codes = [(p.communicate(), p.returncode)[1] for p in (first, second)]
    assert 0 in codes and set(codes) <= {0, 1, 2}, t.note("two at once: one does it", codes)
    case.check_file("two at once")


def test_finished_output(case):
    """A finished output is reported, one of another configuration refused, both untouched."""
    assert os.path.exists(case.out) or t.run_ok(case.command()), "a finished output"
    before, stamp = t.read(case.out), os.stat(case.out).st_mtime_ns
    done = t.run(case.command())
    assert done.returncode == 0 and "finished" in done.stdout and case.out in done.stdout, t.told(
        done, "a finished output is reported"
    )
    for options, found in (
        (["--seed", 99], "another configuration"),
        (["--samples", case.samples - 1], f"{case.samples} samples, more"),
    ):
        done = t.run(case.command(*options))
        assert (
            done.returncode == 2
            and case.out in done.stderr
            and found in done.stderr
            and "--force" in done.stderr
        ), t.told(done, f"another configuration {options}")
    assert (
        t.read(case.out) == before and os.stat(case.out).st_mtime_ns == stamp
    ), "the output is untouched"
    assert not os.path.exists(case.out + ".run"), t.note(
        "no folder is made", os.listdir(case.folder)
    )
    t.run_ok(case.command("--force"))
    case.check_file("--force on a finished output")
    t.run_ok(case.command("--force", "--seed", 99))
    assert not t.same_h5(case.reference, case.out)[
        0
    ], "--force with another seed replaces the output"


def test_something_else(case):
    """What is no survey is refused and left alone; a folder of another configuration too."""
    case.clean()
    for text in (b"", b"precious data", b"\x89HDF\r\n\x1a\n" + bytes(100)):
        with open(case.out, "wb") as f:
            f.write(text)
        done = t.run(case.command())
        says, what = "exists and is not a finished survey; choose", f"a file of {text[:13]}"
        assert done.returncode == 2 and says in done.stderr, t.told(done, what)
        assert t.read(case.out) == text and not os.path.exists(case.out + ".run"), "it is untouched"
    t.run_ok(case.command("--force"))
    case.check_file("--force on something else")
    case.clean()
    process = case.start("--quiet")
    while not committed(case.out) and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    before = {n: t.read(os.path.join(case.out + ".run", n)) for n in os.listdir(case.out + ".run")}
    done = t.run(case.command("--seed", 99))
    after = {n: t.read(os.path.join(case.out + ".run", n)) for n in os.listdir(case.out + ".run")}
    assert (
        done.returncode == 2 and "another configuration" in done.stderr and before == after
    ), t.told(done, "a folder of another configuration is refused and untouched")
    t.run_ok(case.command("--force"))
    case.check_file("--force on a folder of the same configuration")
