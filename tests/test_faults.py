#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Every write, fsync, close, rename, open, truncation, mkdir and unlink fails once, and a full disk.

fault_shim.c is preloaded and fails call N, for every N: the program ends with exit 1 and one
sentence that names a file, there is no output or a complete one, and the run goes on afterwards.
"""
import errno
import os
import re
import shutil

import survey_tools as t

STRIDE = 1 if t.SLOW else 9            # of the many alike pwrites of the HDF5 library, but for the first case
ISSUE = re.compile(r"^bl23: .+\n$")
# Closing what was only locked or has gone may fail without harm, and the HDF5 library opens a file twice.
# So is closing a segment that was read.
# What is left of a folder that is no longer needed costs a note.
HARMLESS = re.compile(r"((unlinkat|unlink|rmdir) .*\.run(/.*)?|close .*\.run/((ranks\.)?lock|manifest|config\.yaml|segment-[0-9a-f]{16}-[0-9a-f]{16})( \(deleted\))?|close .*\.run|open .*\.h5\.HOST-PID-0\.tmp)$")
TEMPORARY = re.compile(r"\.[0-9a-f]{8}-\d+-(\d+)\.tmp")


class Faults:
    def __init__(self, bl23, source, folder, shim):
        self.bl23, self.folder, self.shim = bl23, folder, shim
        self.config = os.path.join(source, "scripts", "surveys", "fig3.yaml")
        self.under = os.path.join(folder, "under")
        self.out, self.log = os.path.join(self.under, "out.h5"), os.path.join(folder, "log")
        self.reference = os.path.join(folder, "reference.h5")
        os.mkdir(self.under)

    def survey(self, *more, out=None, samples=100000):
        return [self.bl23, "survey", self.config, "-o", out or self.out, "--samples", samples, "--range", 40000,
                "--commit", 0, "--threads", 1, "--quiet", *more]

    def empty(self):
        shutil.rmtree(self.under)
        os.mkdir(self.under)

    def with_shim(self, command, at, number=errno.ENOSPC, stays=0, short=0):
        if os.path.exists(self.log):
            os.remove(self.log)
        env = {"LD_PRELOAD": self.shim, "BL23_FAULT_UNDER": self.under, "BL23_FAULT_AT": str(at),
               "BL23_FAULT_ERRNO": str(number), "BL23_FAULT_STAYS": str(stays), "BL23_FAULT_SHORT": str(short),
               "BL23_FAULT_LOG": self.log, "ASAN_OPTIONS": "verify_asan_link_order=0"}
        return t.run(command, env=env)

    def calls(self):
        """name and path of every counted call of the last run; a temporary file without host and process."""
        with open(self.log, encoding="utf-8") as f:
            return [TEMPORARY.sub(r".HOST-PID-\1.tmp", line.split(" ", 1)[1].rstrip("\n").replace(" FAILS", "")) for line in f]


def numbers(calls, stride):
    """The calls to fail: all, but of the library's pwrites only every so many."""
    alike = [k for k, call in enumerate(calls, 1) if call.startswith("pwrite")]
    return [k for k, call in enumerate(calls, 1) if not call.startswith("pwrite")] + alike[::stride]


def judge(f, done, what, call, before):
    """One failed run: exit code, sentence, output."""
    if done.returncode == 0:
        t.check(HARMLESS.match(call), f"{what}: exit 0 although it failed", *t.told(done))
        t.check_same(f.reference, f.out, f"{what}: exit 0")
    else:
        t.check(done.returncode == 1, f"{what}: exit {done.returncode}, expected 1", *t.told(done))
        t.check(ISSUE.match(done.stderr) and f.under in done.stderr, f"{what}: one sentence that names a file", *t.told(done))
        t.check("(" in done.stderr, f"{what}: the sentence says why", *t.told(done))
    if os.path.exists(f.out):
        if t.read(f.out) != before:
            t.check_same(f.reference, f.out, f"{what}: the output is complete")
    elif before is not None:
        t.check(False, f"{what}: the output that was there is gone")
    left = [n for n in os.listdir(f.under) if n.endswith(".tmp")]
    t.check(not left or call.startswith("unlink"), f"{what}: no temporary file is left", left)


def recover(f, what, command):
    """The same command without faults ends in the same file and leaves nothing beside it."""
    done = t.run(command)
    t.check(done.returncode == 0, f"{what}: resumed", *t.told(done))
    t.check_same(f.reference, f.out, f"{what}: resumed")
    left = sorted(os.listdir(f.under))
    t.check(left == [os.path.basename(f.out)], f"{what}: nothing else is left", left)


def series(f, name, prepare, command, stride=STRIDE, **fault):
    """Fail every call of a command once."""
    f.empty()
    prepare()
    done = f.with_shim(command, 0)
    t.check(done.returncode == 0, f"{name}: without a fault", *t.told(done))
    t.check_same(f.reference, f.out, f"{name}: without a fault")
    calls, codes = f.calls(), {0: 0, 1: 0}
    kinds = {c.split(" ")[0] for c in calls}
    t.check(len(calls) > 30 and {"write", "fsync", "close", "rename"} <= kinds, f"{name}: the shim counts", len(calls), kinds)
    for at in numbers(calls, stride):
        f.empty()
        prepare()
        before = t.read(f.out) if os.path.exists(f.out) else None
        done = f.with_shim(command, at, **fault)
        call, what = calls[at - 1], f"{name}: call {at} of {len(calls)}, {calls[at - 1]}"
        t.check(len(f.calls()) >= at and f.calls()[at - 1] == call, f"{what}: another call was met", f.calls()[at - 1:at])
        judge(f, done, what, call, before)
        recover(f, what, command)
        codes[done.returncode] = codes.get(done.returncode, 0) + 1
        if t.failures() > 40:
            break
    print(f"{name}: {len(calls)} calls, {sum(codes.values())} failed once each, exit codes {codes}", flush=True)


def interrupted(f):
    """A folder with one committed segment and the torn beginning of another line."""
    def prepare():
        f.with_shim(f.survey(), f.second_line, errno.EIO, short=1)
        t.check(os.path.exists(f.out + ".run/manifest") and not os.path.exists(f.out), "an interrupted run", os.listdir(f.under))
    f.empty()
    f.with_shim(f.survey(), 0)
    lines = [k for k, c in enumerate(f.calls(), 1) if c.startswith("write ") and c.endswith("manifest")]
    f.second_line = lines[1]
    return prepare


def resumed_series(f):
    """As series, but the run under test resumes; its torn line is named on stderr besides."""
    prepare = interrupted(f)
    f.empty()
    prepare()
    done = f.with_shim(f.survey(), 0)
    t.check(done.returncode == 0 and "manifest:2: the line is torn or damaged" in done.stderr, "resume names the torn line", *t.told(done))
    calls = f.calls()
    for at in numbers(calls, STRIDE):
        f.empty()
        prepare()
        done = f.with_shim(f.survey(), at, errno.EIO)
        what = f"resumed: call {at} of {len(calls)}, {calls[at - 1]}"
        lines = done.stderr.splitlines()
        t.check(done.returncode == 1 or HARMLESS.match(calls[at - 1]), f"{what}: exit {done.returncode}", *t.told(done))
        t.check(all(line.startswith(("bl23: ", "note: ")) and f.under in line for line in lines), f"{what}: messages", *t.told(done))
        recover(f, what, f.survey())
        if t.failures() > 40:
            break
    print(f"resumed: {len(calls)} calls", flush=True)


def replay_series(f):
    """replay -o: no output or a complete one, and the survey itself is untouched."""
    f.empty()
    full, before = os.path.join(f.under, "full.h5"), t.read(f.reference)
    command = [f.bl23, "replay", f.reference, "-o", full]
    done = f.with_shim(command, 0)
    t.check(done.returncode == 0, "replay -o without a fault", *t.told(done))
    calls = f.calls()
    for at in numbers(calls, STRIDE):
        f.empty()
        done = f.with_shim(command, at)
        what = f"replay -o: call {at} of {len(calls)}, {calls[at - 1]}"
        fine = (done.returncode == 1 and ISSUE.match(done.stderr) and f.under in done.stderr
                or done.returncode == 0 and HARMLESS.match(calls[at - 1]) and os.path.exists(full))
        t.check(fine, what, *t.told(done))
        if os.path.exists(full):
            t.check(not t.h5_differences(f.reference, full, ("/provenance",)), f"{what}: complete")
        t.check(t.read(f.reference) == before, f"{what}: the survey is untouched")
        if t.failures() > 40:
            break
    print(f"replay -o: {len(calls)} calls", flush=True)


def full_disk(f):
    """A file system too small for the run, at several sizes; then room is made and the run goes on."""
    mount = os.path.join(f.folder, "small")
    os.mkdir(mount)
    if os.geteuid() != 0 or t.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", mount]).returncode != 0:
        print("NOT RUN: a full disk needs the right to mount a tmpfs")
        return
    try:
        out = os.path.join(mount, "out.h5")
        for size in (16, 64, 128, 256, 512, 1024):
            t.run_ok(["mount", "-o", f"remount,size={size}k", mount])
            done = t.run(f.survey(out=out))
            what = f"a disk of {size} KiB"
            t.check(done.returncode == 1 and not os.path.exists(out), f"{what}: exit 1 and no output", *t.told(done))
            t.check(done.stderr.count("\n") == 1 and mount in done.stderr and ("No space left" in done.stderr or "disk full" in done.stderr), f"{what}: says so", *t.told(done))
        shutil.rmtree(out + ".run")
        for size in (16, 64, 128, 256, 512, 1024):
            t.run_ok(["mount", "-o", f"remount,size={size}k", mount])
            done = t.run([f.bl23, "replay", f.reference, "-o", out])
            t.check(done.returncode == 1 and not os.listdir(mount), f"replay -o on a disk of {size} KiB", os.listdir(mount), *t.told(done))
            for name in os.listdir(mount):
                os.remove(os.path.join(mount, name))
        t.run_ok(["mount", "-o", "remount,size=64m", mount])
        done = t.run_ok(f.survey(out=out))
        t.check_same(f.reference, out, "after room was made")
        t.check(os.listdir(mount) == ["out.h5"], "nothing else is left on the disk", os.listdir(mount))
    finally:
        t.run(["umount", mount])


def dev_full(f):
    """A summary that cannot be printed is an error, with the output in place."""
    f.empty()
    done = t.run(["sh", "-c", '"$@" > /dev/full', "sh", *f.survey()])
    t.check(done.returncode == 1 and "stdout" in done.stderr, "stdout on /dev/full", *t.told(done))
    t.check_same(f.reference, f.out, "stdout on /dev/full")


def main():
    bl23, source = t.arguments()
    t.h5diff_or_skip()
    shim = os.environ.get("BL23_SHIM", "")
    if not os.path.exists(shim):
        t.skip(f"BL23_SHIM names no library: '{shim}'")
    f = Faults(bl23, source, t.work_folder(), shim)
    t.run_ok(f.survey(out=f.reference))
    series(f, "no space", lambda: None, f.survey(), stride=1)
    series(f, "no space from then on", lambda: None, f.survey(), stays=1, short=1)
    series(f, "I/O error", lambda: None, f.survey(), number=errno.EIO)
    series(f, "--force over an output", lambda: t.run(f.survey("--seed", 77)), f.survey("--force"), number=errno.EIO)
    resumed_series(f)
    replay_series(f)
    dev_full(f)
    full_disk(f)
    t.finish()


if __name__ == "__main__":
    main()
