#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What a process inherits changes no answer and costs nothing that was computed.

Descriptors 0 to 2 closed, readers that went away, POSIXLY_CORRECT, a small stack, blocked signals, another rounding:
the files are those of an ordinary start, or one sentence says why there are none.
"""
import itertools
import os
import resource
import signal
import subprocess
import time

import survey_tools as t

SAMPLES = 40000
STANDARD = (0, 1, 2)
HANG_S = 60


class Case:
    def __init__(self, bl23, source, folder):
        self.bl23, self.folder = bl23, folder
        self.surveys = os.path.join(source, "scripts", "surveys")
        self.config = os.path.join(self.surveys, "today.yaml")
        self.bound = os.path.join(self.surveys, "fig3.yaml")
        self.plane = os.path.join(self.surveys, "benchmark.yaml")
        self.reference = self.path("reference.h5")
        self.number = 0
        t.run_ok(self.survey(self.reference))

    def path(self, name):
        return os.path.join(self.folder, name)

    def fresh(self, ending=".h5"):
        self.number += 1
        return self.path(f"out{self.number}{ending}")

    def survey(self, out, *more):
        return [self.bl23, "survey", self.config, "-o", out, "--samples", str(SAMPLES), "--threads", "2", "--backend", "cpu", *more]

    def part(self, out, quarters=2):
        return self.survey(out, "--first", "0", "--count", str(quarters * SAMPLES // 4), "--range", str(SAMPLES // 4), "--commit", "0")

    def unfinished(self, out):
        """The folder of a survey that goes on, and says so on stderr."""
        t.run_ok(self.part(out))
        return self.survey(out)


def started(command, closed=(), **options):
    """The finished process, started with some of the descriptors 0 to 2 closed."""
    def close():
        for descriptor in closed:
            os.close(descriptor)
    return subprocess.run(command, preexec_fn=close, capture_output=True, text=True, timeout=t.TIMEOUT_S, check=False, **options)


def part_of(out):
    return {name: t.read(os.path.join(out + ".run", name)) for name in sorted(os.listdir(out + ".run"))}


def descriptors_closed(c):
    """No file of ours gets a number that messages go to; a result that goes nowhere is an error."""
    part, certificates, tables = c.fresh(), c.fresh(".json"), c.fresh()
    t.run_ok(c.part(part))
    t.run_ok(c.part(part, 3))
    t.run_ok([c.bl23, "bound", c.bound, "-o", certificates])
    t.run_ok([c.bl23, "tables", "--mass", "0.14", "--verify", "-o", tables])
    for closed in itertools.chain.from_iterable(itertools.combinations(STANDARD, n) for n in (1, 2, 3)):
        expected = 1 if 1 in closed else 0
        def end(done, what):
            t.check(done.returncode == expected, f"{what} without {closed}: exit {expected}", *t.told(done))
            t.check(2 in closed or 1 not in closed or "stdout" in done.stderr, f"{what} without {closed}: says so", *t.told(done))
        out = c.fresh()
        end(started(c.survey(out), closed), "survey")
        t.check_same(c.reference, out, f"survey without {closed}")
        out = c.fresh()
        t.run_ok(c.part(out))
        end(started(c.part(out, 3), closed), "a part that goes on, and says so")
        t.check(part_of(out) == part_of(part), f"part without {closed}: the same files", part_of(out).keys(), part_of(out).get("lock"), part_of(out).get("manifest"))
        out = c.fresh(".json")
        end(started([c.bl23, "bound", c.bound, "-o", out], closed), "bound")
        t.check(t.read(out) == t.read(certificates), f"bound without {closed}: the same certificates")
        out = c.fresh()
        done = started([c.bl23, "tables", "--mass", "0.14", "--verify", "-o", out], closed)
        t.check(done.returncode == 0 and t.read(out) == t.read(tables), f"tables without {closed}: the same file", *t.told(done))


def left_by_reader(command, stdout=False, stderr=False):
    """The finished process, whose readers of stdout or stderr have gone before it writes."""
    gone, end = os.pipe()
    os.close(gone)
    process = subprocess.Popen(command, stdout=end if stdout else subprocess.PIPE, stderr=end if stderr else subprocess.PIPE, text=True)
    os.close(end)
    said = process.communicate(timeout=t.TIMEOUT_S)
    return subprocess.CompletedProcess(command, process.returncode, said[0] or "", said[1] or "")


def readers_gone(c):
    """A pipe without a reader: the survey is computed and written, and the exit code says what was lost."""
    for json in ([], ["--json"]):
        for stdout, stderr in ((True, False), (False, True), (True, True)):
            out = c.fresh()
            done = left_by_reader([*c.unfinished(out), *json], stdout, stderr)
            what = f"survey {' '.join(json)} without a reader of {'stdout ' * stdout}{'stderr' * stderr}"
            t.check(done.returncode == (1 if stdout else 0), f"{what}: exit", *t.told(done))
            t.check(stderr or not stdout or "stdout" in done.stderr, f"{what}: says so", *t.told(done))
            t.check_same(c.reference, out, what)
            t.check(not os.path.exists(out + ".run"), f"{what}: nothing is left to do")
    for command in (["plane", c.plane], ["bound", c.bound], ["tables", "--mass", "0.14", "--json"], ["info"], ["--help"]):
        done = left_by_reader([c.bl23, *command], stdout=True)
        t.check(done.returncode == 1 and "stdout" in done.stderr, f"{command[0]} without a reader: exit 1 and a sentence", *t.told(done))


def command_line_as_ever(c):
    """Options after the operand are options."""
    env = {"POSIXLY_CORRECT": "1"}
    out = c.fresh()
    done = t.run(c.survey(out), env=env)
    t.check(done.returncode == 0, "POSIXLY_CORRECT: survey", *t.told(done))
    t.check_same(c.reference, out, "POSIXLY_CORRECT: survey")
    for command in (["bound", c.bound, "--json"], ["plane", c.plane, "--json"], ["replay", c.reference, "--json"], ["check", c.config, "--no-forecast"]):
        done = t.run([c.bl23, *command], env=env)
        t.check(done.returncode == 0 and done.stdout == t.run([c.bl23, *command]).stdout, f"POSIXLY_CORRECT: {command[0]}", *t.told(done))


def small_stack(c):
    """A limit that cannot be raised is told in a sentence; one that can be is raised."""
    everything = resource.getrlimit(resource.RLIMIT_STACK)[1]
    kib = 1024
    for size in (64, 192, 512, 4096):
        for hard in (size * kib, everything):
            out = c.fresh()
            limit = lambda: resource.setrlimit(resource.RLIMIT_STACK, (size * kib, hard))
            done = subprocess.run(c.survey(out), preexec_fn=limit, capture_output=True, text=True, timeout=t.TIMEOUT_S, check=False, env={})
            what = f"a stack of {size} KiB, {'at most' if hard != everything else 'at first'}"
            if hard == everything or size > 1024:
                t.check(done.returncode == 0, f"{what}: exit 0", *t.told(done))
                t.check_same(c.reference, out, what)
            else:
                t.check(done.returncode == 1 and done.stderr.count("\n") == 1 and f"limited to {size} KiB" in done.stderr, f"{what}: a sentence", *t.told(done))


def blocked_signals(c):
    """Whoever asks a survey to stop is heard, also where the signals were blocked at its start."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        out = c.fresh()
        block = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1))
        command = [c.bl23, "survey", c.config, "-o", out, "--samples", "1e15", "--commit", "0", "--threads", "1", "--backend", "cpu"]
        process = subprocess.Popen(command, preexec_fn=block, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        begin = time.monotonic()
        while not os.path.exists(out + ".run/manifest") and time.monotonic() - begin < HANG_S:
            time.sleep(0.01)
        process.send_signal(number)
        try:
            process.wait(HANG_S)
        except subprocess.TimeoutExpired:
            process.kill()
        said = process.communicate()
        t.check(process.returncode == 3, f"{signal.Signals(number).name}, blocked at the start: exit 3", process.returncode, *said)


def another_rounding(c, shim):
    """The bytes are the promised ones, whatever a library has done to the arithmetic."""
    commands = (["tables", "--mass", "1e-12,0.14,4.7", "--json"], ["bound", c.bound, "--json"], ["plane", c.plane, "--json"],
                ["point", "--mass", "0.14", "--g", "1e-3", "--w", "0.6,0,0.6,0.4,0.5291502622129181,1", "--json"])
    said = [t.run([c.bl23, *command]).stdout for command in commands]
    for rounding in ("up", "zero"):
        env = {"LD_PRELOAD": shim, "BL23_ROUNDING": rounding, "ASAN_OPTIONS": "verify_asan_link_order=0"}
        out = c.fresh()
        t.run_ok(c.survey(out), env=env)
        t.check_same(c.reference, out, f"rounding {rounding}: survey")
        for command, expected in zip(commands, said):
            done = t.run([c.bl23, *command], env=env)
            t.check(expected and done.stdout == expected, f"rounding {rounding}: {command[0]}", done.returncode, done.stderr)


def main():
    bl23, source = t.arguments()
    t.h5diff_or_skip()
    shim = os.environ.get("BL23_SHIM", "")
    if not os.path.exists(shim):
        t.skip(f"BL23_SHIM names no library: '{shim}'")
    c = Case(bl23, source, t.work_folder())
    descriptors_closed(c)
    readers_gone(c)
    command_line_as_ever(c)
    small_stack(c)
    blocked_signals(c)
    another_rounding(c, shim)
    t.finish()


if __name__ == "__main__":
    main()
