#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Whose folder is OUT.run? What is not bl23's is never read, written or removed.

Under every name of bl23's lies something that is no regular file; other names stand beside them;
the folder is somebody else's; lines of a manifest cannot be of this survey. Each time: what the
message says, what is still there, and that --force finds a way on or says why not.
"""

import os
import shutil
import socket
import stat

import pytest

import survey_tools as t

SAMPLES = 60000
HANG_S = 20
CONFIG = """survey: {samples: %d, seed: 3, mass_gev: {fixed: 0.14}}
constraints: {sets: [paper2020], without: [ccfr, na62_pi0, e949]}
output: {nearest: 20}
""" % SAMPLES
FOREIGN = (
    "segment-notes.txt",
    "segment-0-1",
    "segment-0000000000000000-0000000000004E20",
    "segment-0000000000000000-0000000000004e20.bak",
    "manifest.bak",
    "manifest.1",
    "manifest.0000x",
    "manifests",
    "config.yaml.orig",
    "config.yaml.tmp",
    "lock.old",
    "ranks.lock~",
    "data.csv",
    ".hidden",
)


class Folder:
    def __init__(self, bl23, folder):
        self.bl23, self.folder = bl23, folder
        self.config, self.reference = os.path.join(folder, "c.yaml"), os.path.join(folder, "r.h5")
        self.kept, self.work = os.path.join(folder, "kept.run"), os.path.join(folder, "work")
        self.out, self.run = os.path.join(self.work, "o.h5"), os.path.join(self.work, "o.h5.run")
        self.victim = os.path.join(self.work, "victim")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG)
        t.run_ok(self.survey("-o", self.reference))
        part = os.path.join(folder, "part.h5")
        t.run_ok(self.survey("-o", part, "--first", 0, "--count", 40000))
        shutil.move(part + ".run", self.kept)
        self.segments = sorted(n for n in os.listdir(self.kept) if n.startswith("segment-"))
        self.hash = t.read(os.path.join(self.kept, "manifest")).split(b" config ")[1][:16].decode()
        assert len(self.segments) == 2, t.note("segments of the run", self.segments)

    def survey(self, *more):
        return t.survey_command(
            self.bl23, self.config, "--backend cpu --threads 1 --quiet --range 20000 --commit 0",
            *more)

    def restore(self):
        shutil.rmtree(self.work, ignore_errors=True)
        os.mkdir(self.work)
        shutil.copytree(self.kept, self.run)
        with open(self.victim, "w", encoding="utf-8") as f:
            f.write("precious\n")

    def path(self, name):
        return os.path.join(self.run, name)

    def go(self, *more):
        return t.run(self.survey("-o", self.out, *more), timeout=HANG_S)

    def content(self):
        """Names and bytes of what is in the folder; of what is no regular file its kind."""
        found = {}
        for name in os.listdir(self.run) if os.path.isdir(self.run) else ():
            mode = os.lstat(self.path(name)).st_mode
            found[name] = t.read(self.path(name)) if stat.S_ISREG(mode) else stat.S_IFMT(mode)
        return found

    def check_output(self, done, what):
        assert done.returncode == 0, t.told(done, f"{what}: exit 0")
        assert os.path.exists(self.out), f"{what}: there is no output"
        differing = t.h5_differences(self.reference, self.out)
        assert not differing, f"{what}: not the same survey: {differing[:10]}"


def put_link(f, path):
    os.symlink(f.victim, path)


def put_dangling(f, path):
    os.symlink(os.path.join(f.work, "nowhere"), path)


def put_fifo(_, path):
    os.mkfifo(path)


def put_folder(_, path):
    os.mkdir(path)


def put_socket(_, path):
    here = os.getcwd()
    os.chdir(os.path.dirname(path))  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(os.path.basename(path))
    os.chdir(here)


def put_device(_, path):
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero


KINDS = (
    (put_link, "a symbolic link"),
    (put_dangling, "a symbolic link"),
    (put_fifo, "a FIFO"),
    (put_folder, "a folder"),
    (put_socket, "a socket"),
    (put_device, "a device"),
)


@pytest.fixture(scope="module")
def f(bl23, shared):
    return Folder(bl23, shared)


OPENED = ("lock", "ranks.lock", "config.yaml", "manifest", "manifest.00001", "SEGMENT")


@pytest.mark.parametrize("put, kind", KINDS, ids=[put.__name__[4:] for put, _ in KINDS])
@pytest.mark.parametrize("name", OPENED)
def test_no_regular_file(f, name, put, kind):
    """Each name of bl23's that is opened, as each kind of thing."""
    name = f.segments[0] if name == "SEGMENT" else name
    what = f"{name} is {kind} ({put.__name__})"
    f.restore()
    if os.path.lexists(f.path(name)):
        os.remove(f.path(name))
    try:
        put(f, f.path(name))
    except PermissionError:
        pytest.skip("this needs more rights")
    before = f.content()
    done = f.go()
    assert done.returncode == 2 and f.path(name) in done.stderr and kind in done.stderr, t.told(
        done, f"{what}: is named"
    )
    after = f.content()
    assert {k: v for k, v in after.items() if "lock" not in k} == {
        k: v for k, v in before.items() if "lock" not in k
    }, t.note(f"{what}: nothing has changed", sorted(before), sorted(after))
    force(f, name, kind, what)
    assert t.read(f.victim) == b"precious\n" and not os.path.lexists(
        os.path.join(f.work, "nowhere")
    ), f"{what}: nothing is written through it"


def force(f, name, kind, what):
    """--force removes what has a name of its own; a folder and the lock are the user's to move."""
    done = f.go("--force")
    if "lock" in name:
        assert (
            done.returncode == 2 and f.path(name) in done.stderr and "move it away" in done.stderr
        ), t.told(done, f"{what}: --force says why not")
    elif kind == "a folder":
        assert done.returncode == 1 and f.path(name) in done.stderr, t.told(
            done, f"{what}: --force says why not"
        )
    else:
        f.check_output(done, f"{what}: --force")


def test_foreign_names(f):
    """Files beside bl23's own stay, whatever their names, and a survey is finished all the same."""
    f.restore()
    for name in FOREIGN:
        with open(f.path(name), "w", encoding="utf-8") as file:
            file.write("precious " + name)
    os.mkdir(f.path("segment-folder"))
    for orphan in (
        "segment-0000000000009c40-0000000000000001",
        f.segments[0] + ".01234567-1-0.tmp",
        "config.yaml.01234567-1-0.tmp",
    ):
        with open(f.path(orphan), "w", encoding="utf-8") as file:
            file.write("left by a writer that died")
    done = f.go()
    f.check_output(done, "foreign names")
    assert (
        f.run in done.stderr
        and "which bl23 did not make" in done.stderr
        and done.stderr.startswith("note: ")
    ), t.told(done, "foreign names: a note")
    left = sorted(os.listdir(f.run))
    assert left == sorted(FOREIGN + ("segment-folder",)), t.note(
        "foreign names: they are what stays", left
    )
    assert all(
        t.read(f.path(n)) == b"precious " + n.encode() for n in FOREIGN
    ), "foreign names: with their bytes"
    again = f.go()
    assert again.returncode == 0 and "is finished" in again.stdout, t.told(
        again, "foreign names: the same command again"
    )


@pytest.mark.parametrize(
    "names", ("thesis.tex", "manifest config.yaml SEGMENT", "lock", "lock manifest")
)
def test_folder_of_the_user(f, names):
    """Every command leaves a folder without bl23's mark alone, whatever the names in it."""
    names = names.replace("SEGMENT", f.segments[0]).split()
    f.restore()
    shutil.rmtree(f.run)
    os.mkdir(f.run)
    for name in names:
        with open(f.path(name), "w", encoding="utf-8") as file:
            file.write("precious " + name)
    before = f.content()
    for command in (
        f.survey("-o", f.out),
        f.survey("-o", f.out, "--force"),
        [f.bl23, "merge", f.run, "-o", f.out + "2"],
    ):
        done = t.run(command, timeout=HANG_S)
        what = f"a folder with {names}: {command[1]} {command[-1]}"
        assert done.returncode == 2 and f.run in done.stderr and not os.path.exists(f.out), t.told(
            done, what
        )
        assert f.content() == before, t.note(
            f"{what}: it is as it was", sorted(before), sorted(f.content())
        )


@pytest.mark.parametrize("mark", (None, b"", b"bl23 r"))
def test_fresh_folder(f, mark):
    """An empty folder may be used, and one in which a run has died before its mark was whole."""
    f.restore()
    shutil.rmtree(f.run)
    os.mkdir(f.run)
    if mark is not None:
        with open(f.path("lock"), "wb") as file:
            file.write(mark)
    f.check_output(f.go(), f"a lock of {mark}")
    assert not os.path.exists(f.run), f"a lock of {mark}: the folder is gone"


def test_not_a_folder(f):
    f.restore()
    shutil.rmtree(f.run)
    shutil.copy(f.victim, f.run)
    for more in ((), ("--force",)):
        done = f.go(*more)
        assert (
            done.returncode == 2 and f"{f.run} exists and is not a folder" in done.stderr
        ), t.told(done, f"a file in its place {more}")
        assert t.read(f.run) == b"precious\n", "it is as it was"
    os.remove(f.run)
    os.mkdir(os.path.join(f.work, "scratch"))
    os.symlink("scratch", f.run)
    f.check_output(f.go(), "a link to a folder on another disk")


def line(f, first, count, passed=0, config=None):
    """A line of a manifest whose own checksum fits."""
    text = f"segment {first} {count} passed {passed} bytes 100 xxh3 {0:016x}"
    text = f"{text} config {config or f.hash} sampling 1".encode()
    return text + b" line %016x\n" % t.xxh3(text)


LINES = {  # first sample, samples, survivors; and another configuration
    "another configuration": (40000, 20000, 0, "0123456789abcdef"),
    "no samples": (40000, 0),
    "beyond the survey": (40000, 20001),
    "beginning beyond it": (SAMPLES, 1),
    "wrapping": (40000, 2**64 - 40000),
    "more survivors than samples": (40000, 20000, 20001),
}


@pytest.mark.parametrize("what", LINES)
def test_foreign_line(f, what):
    """A line that cannot be of this survey: file and line are named, and --force goes on."""
    text = line(f, *LINES[what])
    for name, number in (("manifest", 3), ("manifest.00007", 1)):
        f.restore()
        with open(f.path(name), "ab") as file:
            file.write(text)
        before = f.content()
        done = f.go()
        assert (
            done.returncode == 2
            and f"{f.path(name)}:{number}: " in done.stderr
            and "--force" in done.stderr
        ), t.told(done, f"a line of {what} in {name}: file and line are named")
        assert f.content() == before, f"a line of {what} in {name}: nothing has changed"
        merged = t.run([f.bl23, "merge", f.out, "-o", f.out + "2"], timeout=HANG_S)
        assert merged.returncode == 2 and f"{f.path(name)}:{number}: " in merged.stderr, t.told(
            merged, f"a line of {what} in {name}: merge"
        )
        f.check_output(f.go("--force"), f"a line of {what} in {name}: --force")


def test_many_lines(f):
    """Many lines of one segment, all but one wrong: it is read once, and the right line counts."""
    f.restore()
    with open(f.path("manifest"), "ab") as file:
        file.write(line(f, 0, 20000) * 20000)
    done = f.go()
    f.check_output(done, "many lines of one segment")
    assert "computed again" not in done.stderr, t.told(
        done, "many lines of one segment: nothing is lost"
    )
