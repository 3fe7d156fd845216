#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Every write, fsync, close, rename, open, truncation, mkdir and unlink fails once; a full disk.

fault_shim.c is preloaded and fails call N: the program ends with exit 1 and one sentence that names
a file, there is no output or a complete one, and the run goes on afterwards, also without the
user's curve where something of the run is committed. The slow configuration fails every call; the
short one those of t.calls_to_disturb: of each kind of call on each kind of file the first, and in
the series of a full disk, of a resumed run, of `merge --partial` and of `replay` also the last.
"""

import errno
import os
import re
import shutil
import signal

import pytest

import survey_tools as t

EVERY = 41  # besides the calls at either end of the run
ISSUE = re.compile(r"^bl23: .+\n$")
# Closing what was only locked, only read or has gone may fail without harm, and the HDF5 library
# opens a file twice. What is left of a folder that is no longer needed costs a note.
HARMLESS = re.compile(
    r"((unlinkat|unlink|rmdir) .*\.run(/.*)?"
    r"|close .*\.run/((ranks\.)?lock|manifest|config\.yaml|segment-[0-9a-f]{16}-[0-9a-f]{16})"
    r"( \(deleted\))?"
    r"|close .*\.run|close .*/out\.h5|open .*\.h5\.HOST-PID-0\.tmp)$"
)
TEMPORARY = re.compile(r"\.[0-9a-f]{8}-\d+-(\d+)\.tmp")


class Faults:
    def __init__(self, bl23, source, folder, shim):
        self.bl23, self.folder, self.shim = bl23, folder, shim
        self.curve = os.path.join(folder, "mine.csv")
        with open(self.curve, "w", encoding="ascii") as file:
            file.write("m_gev,upper\n0.01,0.5\n1,0.5\n")
        own = {"name": "mine", "observable": "br_kp_pip", "curve": "mine.csv", "cl": 0.9,
               "cite": "none"}
        self.config = t.with_changes(os.path.join(source, "scripts", "surveys", "fig3.yaml"),
                                     os.path.join(folder, "own.yaml"), constraints={"extra": [own]})
        self.under = os.path.join(folder, "under")
        self.out, self.log = os.path.join(self.under, "out.h5"), os.path.join(folder, "log")
        self.reference = os.path.join(folder, "reference.h5")
        os.mkdir(self.under)

    def survey(self, *more, out=None, samples=100000):
        return t.survey_command(
            self.bl23, self.config, "--range 40000 --commit 0 --threads 1 --quiet", "-o",
            out or self.out, "--samples", samples, *more)

    def empty(self):
        shutil.rmtree(self.under)
        os.mkdir(self.under)

    def run_without_curve(self, command):
        """Without its file, if something is committed with it."""
        manifest, hidden = self.out + ".run/manifest", self.curve + ".hidden"
        stored = os.path.exists(manifest) and os.path.getsize(manifest) > 0
        if stored:
            os.rename(self.curve, hidden)
        try:
            return t.run(command)
        finally:
            if stored:
                os.rename(hidden, self.curve)

    def with_shim(self, command, at, number=errno.ENOSPC, stays=0, short=0, stop=0):
        if os.path.exists(self.log):
            os.remove(self.log)
        env = {
            "LD_PRELOAD": self.shim,
            "BL23_FAULT_UNDER": self.under,
            "BL23_FAULT_AT": str(at),
            "BL23_FAULT_ERRNO": str(number),
            "BL23_FAULT_STAYS": str(stays),
            "BL23_FAULT_SHORT": str(short),
            "BL23_FAULT_SIGNAL": str(int(stop)),
            "BL23_FAULT_LOG": self.log,
            "ASAN_OPTIONS": "verify_asan_link_order=0",
        }
        return t.run(command, env=env)

    def calls(self):
        """Name and path of each call of the last run; temporary files without host and process."""
        with open(self.log, encoding="utf-8") as f:
            return [
                TEMPORARY.sub(
                    r".HOST-PID-\1.tmp", line.split(" ", 1)[1].rstrip("\n").replace(" FAILS", "")
                )
                for line in f
            ]


def judge(f, done, what, call, before):
    """One failed run: exit code, sentence, output."""
    if done.returncode == 0:
        assert HARMLESS.match(call), t.told(done, f"{what}: exit 0 although it failed")
        t.assert_same(f.reference, f.out, f"{what}: exit 0")
    else:
        assert done.returncode == 1, t.told(done, f"{what}: exit {done.returncode}, expected 1")
        assert ISSUE.match(done.stderr) and f.under in done.stderr, t.told(
            done, f"{what}: one sentence that names a file"
        )
        assert "(" in done.stderr, t.told(done, f"{what}: the sentence says why")
    if os.path.exists(f.out):
        if t.read(f.out) != before:
            t.assert_same(f.reference, f.out, f"{what}: the output is complete")
    elif before is not None:
        assert False, f"{what}: the output that was there is gone"
    left = [n for n in os.listdir(f.under) if n.endswith(".tmp")]
    assert not left or call.startswith("unlink"), t.note(f"{what}: no temporary file is left", left)


def recover(f, what, command):
    """The same command without faults ends in the same file and leaves nothing beside it."""
    done = f.run_without_curve(command)
    assert done.returncode == 0, t.told(done, f"{what}: resumed")
    t.assert_same(f.reference, f.out, f"{what}: resumed")
    left = sorted(os.listdir(f.under))
    assert left == [os.path.basename(f.out)], t.note(f"{what}: nothing else is left", left)


@pytest.fixture(scope="module")
def f(bl23, source, shared, shim):
    t.h5diff_or_skip()
    faults = Faults(bl23, source, shared, shim)
    t.run_ok(faults.survey(out=faults.reference))
    return faults


def series(f, name, prepare, command, last=True, **fault):
    """Fail calls of a command, each once."""
    f.empty()
    prepare()
    done = f.with_shim(command, 0)
    assert done.returncode == 0, t.told(done, f"{name}: without a fault")
    t.assert_same(f.reference, f.out, f"{name}: without a fault")
    calls, codes = f.calls(), {0: 0, 1: 0}
    kinds = {c.split(" ")[0] for c in calls}
    assert len(calls) > 30 and {"write", "fsync", "close", "rename"} <= kinds, t.note(
        f"{name}: the shim counts", len(calls), kinds
    )
    for at in t.calls_to_disturb(calls, last, EVERY):
        f.empty()
        prepare()
        before = t.read(f.out) if os.path.exists(f.out) else None
        done = f.with_shim(command, at, **fault)
        call, what = calls[at - 1], f"{name}: call {at} of {len(calls)}, {calls[at - 1]}"
        assert len(f.calls()) >= at and f.calls()[at - 1] == call, t.note(
            f"{what}: another call was met", f.calls()[at - 1 : at]
        )
        judge(f, done, what, call, before)
        recover(f, what, command)
        codes[done.returncode] = codes.get(done.returncode, 0) + 1
    print(
        f"{name}: {len(calls)} calls, {sum(codes.values())} failed once each, exit codes {codes}",
        flush=True,
    )


def interrupted(f):
    """A folder with one committed segment and the torn beginning of another line."""

    def prepare():
        f.with_shim(f.survey(), f.second_line, errno.EIO, short=1)
        assert os.path.exists(f.out + ".run/manifest") and not os.path.exists(f.out), t.note(
            "an interrupted run", os.listdir(f.under)
        )

    f.empty()
    f.with_shim(f.survey(), 0)
    lines = [
        k for k, c in enumerate(f.calls(), 1) if c.startswith("write ") and c.endswith("manifest")
    ]
    f.second_line = lines[1]
    return prepare


def test_stopped(f):
    """A signal at a call ends the survey with what it advises: start again, continue, or write the
    output; or the survey ends as if nothing had come."""
    f.empty()
    f.with_shim(f.survey(), 0)
    calls, ways = f.calls(), set()
    for at in t.calls_to_disturb(calls, True, EVERY):
        f.empty()
        done = f.with_shim(f.survey(), at, stop=signal.SIGTERM)
        what = f"a signal at call {at} of {len(calls)}, {calls[at - 1]}"
        left = sorted(os.listdir(f.under))
        partial = t.run([f.bl23, "merge", "--partial", f.out, "-o", f.out + ".partial"])
        if done.returncode == 0:
            ways.add("done")
            assert left == ["out.h5"], t.note(what, left)
        elif "before anything was computed; the same command starts again" in done.stderr:
            ways.add("nothing")
            assert not left and partial.returncode == 2, t.note(what, left)
        elif "merge --partial" in done.stderr:
            ways.add("some")
            assert partial.returncode == 0, t.told(partial, what)
            with t.h5py.File(f.out + ".partial") as file:
                assert 0 < file.attrs["samples"] < 100000, what
        else:
            ways.add("all")
            assert "all samples are computed" in done.stderr, t.told(done, what)
            assert "drawn       100000\n" in partial.stdout, t.told(partial, what)
        assert done.returncode in (0, 3), t.told(done, what)
        for name in set(os.listdir(f.under)) - set(left):
            os.remove(os.path.join(f.under, name))
        recover(f, what, f.survey())
    assert ways == {"done", "nothing", "some", "all"}, ways


def test_no_space(f):
    series(f, "no space", lambda: None, f.survey())


def test_no_space_from_then_on(f):
    series(f, "no space from then on", lambda: None, f.survey(), last=False, stays=1,
           short=1)


def test_io_error(f):
    series(f, "I/O error", lambda: None, f.survey(), last=False, number=errno.EIO)


def test_force_over_an_output(f):
    def prepare():
        t.run_ok(f.survey("--seed", 77))

    series(f, "--force over an output", prepare, f.survey("--force"), last=False,
           number=errno.EIO)


def test_partial(f):
    """merge --partial over an older partial output; no call in the parts fails."""
    parts = [os.path.join(f.folder, f"part{k}.h5") for k in range(2)]
    for k, part in enumerate(parts):
        t.run_ok(f.survey("--first", 50000 * k, "--count", 30000, out=part))
    older, whole = os.path.join(f.folder, "older.h5"), f.reference
    f.reference = os.path.join(f.folder, "partial.h5")
    command = [f.bl23, "merge", "--partial", *parts, "-o"]
    t.run_ok([f.bl23, "merge", "--partial", parts[0], "-o", older])
    t.run_ok([*command, f.reference])
    try:
        series(f, "merge --partial", lambda: shutil.copy(older, f.out), [*command, f.out],
               number=errno.EIO)
    finally:
        f.reference = whole


def test_resumed(f):
    """As series, but the run under test resumes; its torn line is named on stderr besides."""
    prepare = interrupted(f)
    f.empty()
    prepare()
    done = f.with_shim(f.survey(), 0)
    assert (
        done.returncode == 0 and "manifest:2: the line is torn, damaged or" in done.stderr
    ), t.told(done, "resume names the torn line")
    calls = f.calls()
    for at in t.calls_to_disturb(calls, every=EVERY):
        f.empty()
        prepare()
        done = f.with_shim(f.survey(), at, errno.EIO)
        what = f"resumed: call {at} of {len(calls)}, {calls[at - 1]}"
        lines = done.stderr.splitlines()
        assert done.returncode == 1 or HARMLESS.match(calls[at - 1]), t.told(
            done, f"{what}: exit {done.returncode}"
        )
        assert all(
            line.startswith(("bl23: ", "note: ")) and f.under in line for line in lines
        ), t.told(done, f"{what}: messages")
        recover(f, what, f.survey())


def test_replay(f):
    """replay -o: no output or a complete one, and the survey itself is untouched."""
    f.empty()
    full, before = os.path.join(f.under, "full.h5"), t.read(f.reference)
    command = [f.bl23, "replay", f.reference, "-o", full]
    done = f.with_shim(command, 0)
    assert done.returncode == 0, t.told(done, "replay -o without a fault")
    calls = f.calls()
    for at in t.calls_to_disturb(calls, every=EVERY):
        f.empty()
        done = f.with_shim(command, at)
        what = f"replay -o: call {at} of {len(calls)}, {calls[at - 1]}"
        fine = (
            done.returncode == 1
            and ISSUE.match(done.stderr)
            and f.under in done.stderr
            or done.returncode == 0
            and HARMLESS.match(calls[at - 1])
            and os.path.exists(full)
        )
        assert fine, t.told(done, what)
        if os.path.exists(full):
            assert not t.h5_differences(f.reference, full, ("/provenance",)), f"{what}: complete"
        assert t.read(f.reference) == before, f"{what}: the survey is untouched"


@pytest.fixture
def small(f):
    """A function that mounts a file system of some KiB, again with another size; its folder."""
    mount = os.path.join(f.folder, "small")
    os.mkdir(mount)
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", mount]
    if os.geteuid() != 0 or t.run(command).returncode != 0:
        pytest.skip("a full disk needs the right to mount a tmpfs")

    def resize(kib):
        t.run_ok(["mount", "-o", f"remount,size={kib}k", mount])

    try:
        yield resize, mount
    finally:
        t.run(["umount", mount])


def test_full_disk(f, small):
    """A file system too small for the run, at several sizes; then room is made and it goes on."""
    resize, mount = small
    out, answered = os.path.join(mount, "out.h5"), set()
    for size in (16, 64, 128, 256, 512, 1024):
        resize(size)
        done = t.run(f.survey(out=out))
        what = f"a disk of {size} KiB"
        assert done.returncode == 1 and not os.path.exists(out), t.told(done, what)
        full = "No space left" in done.stderr or "disk full" in done.stderr
        shown = not done.stdout or f"Not written: {out}" in done.stdout
        answered.add(bool(done.stdout))
        assert shown, t.told(done, f"{what}: the summary says that it is not written")
        kept = os.path.exists(out + ".run")
        says = f"is kept in {out}.run" if kept else "Nothing has been kept"
        assert not done.stdout or says in done.stdout, t.told(done, f"{what}: kept, or not")
        lines = [x for x in done.stderr.splitlines() if not x.startswith("warning: the output may")]
        assert len(lines) == 1 and mount in lines[0] and full, t.told(done, f"{what}: says so")
    assert True in answered, "what was found is shown where only the output cannot be written"
    shutil.rmtree(out + ".run")
    for size in (16, 64, 128, 256, 512, 1024):
        resize(size)
        done = t.run([f.bl23, "replay", f.reference, "-o", out])
        left = os.listdir(mount)
        assert done.returncode == 1 and not left, t.note(
            f"replay -o on a disk of {size} KiB", left, t.told(done)
        )
    resize(65536)
    t.run_ok(f.survey(out=out))
    t.assert_same(f.reference, out, "after room was made")
    assert os.listdir(mount) == ["out.h5"], "something else is left on the disk"


def test_dev_full(f):
    """A summary that cannot be printed is an error, with the output in place."""
    f.empty()
    done = t.run(["sh", "-c", '"$@" > /dev/full', "sh", *f.survey()])
    assert done.returncode == 1 and "stdout" in done.stderr, t.told(done, "stdout on /dev/full")
    t.assert_same(f.reference, f.out, "stdout on /dev/full")
