#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""File systems that lack something: every command ends well, and says once what is missing.

file_system_shim.c is preloaded. Files that are removed while they are open stay for a while (NFS,
FUSE); there are no locks, or locks that everybody gets; a folder cannot be synced. A file that
another program has locked, or that may not be read, is never called broken.
"""

import errno
import os
import shutil
import subprocess
import time

import h5py
import pytest

import survey_tools as t

NOBODY = 65534
NOT_SUPPORTED = 524  # of the Linux kernel, without a name outside of it
SAMPLES = 20000
LACKING = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, NOT_SUPPORTED)
FAILING = (errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class Case:
    def __init__(self, bl23, surveys, folder, shim):
        self.bl23, self.folder, self.shim = bl23, folder, shim
        self.config = os.path.join(surveys, "fig3.yaml")
        self.under = os.path.join(folder, "under")
        self.out = os.path.join(self.under, "out.h5")
        self.reference, self.longer = self.path("reference.h5"), self.path("longer.h5")
        self.parts = [self.path(f"part{k}.h5") for k in range(2)]
        half = SAMPLES // 2
        t.run_ok(self.survey(self.reference))
        t.run_ok(self.survey(self.longer, samples=2 * SAMPLES))
        for k, part in enumerate(self.parts):
            t.run_ok(self.survey(part, "--first", k * half, "--count", half))
        self.empty()

    def path(self, name):
        return os.path.join(self.folder, name)

    def empty(self):
        shutil.rmtree(self.under, ignore_errors=True)
        os.mkdir(self.under)

    def survey(self, out, *more, samples=SAMPLES, threads=1):
        return t.survey_command(
            self.bl23, self.config, "--backend cpu --quiet --range 5000 --commit 0", "-o", out,
            "--samples", samples, "--threads", threads, *more)

    def writers(self):
        """Every command that writes a file, with one of each kind already at its name."""
        out = lambda name: os.path.join(self.under, name)
        plane = os.path.join(os.path.dirname(self.config), "benchmark.yaml")
        return {
            "survey": self.survey(self.out),
            "survey --extend": self.survey(self.out, "--extend", samples=2 * SAMPLES),
            "survey --force": self.survey(self.out, "--force"),
            "merge": [self.bl23, "merge", *self.parts, "-o", out("merged.h5")],
            "tables": [self.bl23, "tables", "--mass", "0.14", "-o", out("tables.h5")],
            "plane": [self.bl23, "plane", plane, "-o", out("p.h5"), "--csv", out("p.csv")],
            "plane --force": [self.bl23, "plane", plane, "--force", "-o", out("p.h5")],
            "bound": [self.bl23, "bound", self.config, "-o", out("bound.json")],
            "replay": [self.bl23, "replay", self.reference, "-o", out("replay.h5")],
        }

    def some_writers(self, every):
        """All of them, or two that stand for them."""
        return {name: command for name, command in self.writers().items()
                if every or name in ("survey", "tables")}

    def environment(self, **settings):
        env = {f"BL23_FS_{name.upper()}": str(value) for name, value in settings.items()}
        return dict(env, LD_PRELOAD=self.shim, BL23_FS_UNDER=self.under,
                    ASAN_OPTIONS="verify_asan_link_order=0")

    def run(self, command, **settings):
        return t.run(command, env=self.environment(**settings))

    def hidden(self):
        return sorted(n for _, folders, names in os.walk(self.under) for n in folders + names
                      if n.startswith(".nfs") or n.endswith((".run", ".tmp")))


@pytest.fixture(scope="module")
def c(bl23, surveys, shared, shim):
    return Case(bl23, surveys, shared, shim)


# ---- what was removed while it was open ----


def test_nothing_is_removed_while_open(c):
    """No command removes what it has open: nothing is left, and nothing is said."""
    c.empty()
    for name, command in c.writers().items():
        done = c.run(command, silly=1)
        assert done.returncode == 0 and not done.stderr, t.told(done, name)
        assert not c.hidden(), t.note(f"{name}: nothing is left", c.hidden())
    t.assert_same(c.reference, c.out, "after --force")
    for name, command in c.writers().items():  # even where nothing of it ever goes
        done = c.run([*command, "--force"] if name == "merge" else command, silly=2)
        fine = done.returncode == 0 or "choose a name that is free" in done.stderr
        assert fine or "--force to overwrite" in done.stderr, t.told(done, name)
        left = [n for n in os.listdir(c.under) if n.startswith(".nfs") or n.endswith(".tmp")]
        assert not left, t.note(f"{name}: nothing is left beside the output", left)


def test_leftover_of_the_file_system(c):
    """What the file system keeps costs a note; the same command again and --extend work."""
    c.empty()
    done = c.run(c.survey(c.out), silly=2)
    assert done.returncode == 0 and "Written: " in done.stdout, t.told(done)
    assert done.stderr.startswith("note: ") and done.stderr.count("\n") == 1, t.told(done)
    assert ".nfs" in done.stderr and "the file system keeps" in done.stderr, t.told(done)
    t.assert_same(c.reference, c.out, "with a leftover")
    assert [n[:4] for n in os.listdir(c.out + ".run")] == [".nfs"], t.note(
        "only the leftover stays", os.listdir(c.out + ".run"))
    again = c.run(c.survey(c.out), silly=2)
    assert again.returncode == 0 and "is finished" in again.stdout, t.told(again)
    done = c.run(c.survey(c.out, "--extend", samples=2 * SAMPLES), silly=2)
    assert done.returncode == 0, t.told(done)
    t.assert_same(c.longer, c.out, "--extend with a leftover")
    for name in os.listdir(c.out + ".run"):  # they go by themselves
        os.remove(os.path.join(c.out + ".run", name))
    done = t.run_ok(c.survey(c.out, samples=2 * SAMPLES))
    assert not done.stderr and not os.path.exists(c.out + ".run"), t.told(done, "then it goes")


def test_names_of_leftovers(c):
    """Only the names that file systems give are theirs."""
    for name, theirs in ((".nfs0000000000a84a8800000002", True), (".fuse_hidden0000001500000001",
                         True), (".__afs1A2B", True), (".nfs", False), (".nfsroot", False)):
        c.empty()
        os.mkdir(c.out + ".run")
        with open(os.path.join(c.out + ".run", name), "w", encoding="ascii"):
            pass
        done = t.run(c.survey(c.out))
        assert (done.returncode == 0) == theirs, t.told(done, name)
        assert os.listdir(c.out + ".run") == [name], f"{name} is not touched"
        assert theirs or "is not the folder of a run" in done.stderr, t.told(done, name)


def test_answers_that_get_lost(c):
    """A rename that was done and says that there is nothing to rename has been done."""
    c.empty()
    for name, command in c.some_writers(True).items():
        done = c.run(command, reply=1)
        assert done.returncode == 0 and not done.stderr, t.told(done, name)
        assert not c.hidden(), t.note(f"{name}: nothing is left", c.hidden())


def test_numbers_that_change(c):
    """A file whose number changes while nobody has it open is still the one that was there."""
    c.empty()
    for name in ("survey", "survey --extend", "survey --force"):
        done = c.run(c.writers()[name], inodes=1)
        assert done.returncode == 0 and not done.stderr, t.told(done, name)


# ---- locks ----


@pytest.mark.parametrize("number", (*LACKING, errno.ENOLCK))
def test_no_locks(c, number):
    """A file system without locks costs one warning of the survey, and nothing else."""
    c.empty()
    for name, command in c.some_writers(number == errno.ENOLCK).items():
        done = c.run(command, flock=number)
        assert done.returncode == 0, t.told(done, name)
        if not name.startswith("survey"):
            assert not done.stderr, t.told(done, name)
            continue
        says = f"warning: {c.out}.run: locking failed ("
        assert done.stderr.startswith(says) and done.stderr.count("\n") == 1, t.told(done, name)
        assert "second bl23" in done.stderr and "Unknown" not in done.stderr, t.told(done, name)
        t.assert_same(c.longer if "extend" in name else c.reference, c.out, name)
        again = c.run(c.survey(c.out, samples=2 * SAMPLES if "extend" in name else SAMPLES),
                      flock=number)
        assert again.returncode == 0 and "is finished" in again.stdout, t.told(again, name)
    done = c.run([c.bl23, "replay", c.out], flock=number)
    assert done.returncode == 0 and not done.stderr, t.told(done, "replay")
    shutil.copytree(c.parts[0] + ".run", os.path.join(c.under, "part0.h5.run"))
    part = os.path.join(c.under, "part0.h5")
    done = c.run([c.bl23, "merge", part, c.parts[1], "-o", c.path("m.h5"), "--force"],
                 flock=number)
    assert done.returncode == 0 and not done.stderr, t.told(done, "merge")
    t.assert_same(c.reference, c.path("m.h5"), "merge")


def test_lock_that_fails(c):
    """A failure of the machine is none of the file system: it stays an error."""
    c.empty()
    done = c.run(c.survey(c.out), flock=errno.EIO)
    assert done.returncode == 1 and "locking failed (Input/output error)" in done.stderr, t.told(
        done)


def test_locks_asked_for(c):
    """HDF5's own setting cannot stop bl23 from writing where there are no locks."""
    for value in ("TRUE", "1", "BEST_EFFORT", "FALSE"):
        c.empty()
        env = dict(c.environment(flock=errno.ENOLCK), HDF5_USE_FILE_LOCKING=value)
        t.run_ok(c.survey(c.out), env=env)
        t.run_ok([c.bl23, "replay", c.out], env=env)


def test_locks_for_everybody(c):
    """Two runs that both get the lock: the output is right, and the loser says what happened."""
    samples, reference, finished = 3000000, c.path("two.h5"), 0
    t.run_ok(c.survey(reference, samples=samples, threads=2))
    for k in range(20 if t.SLOW else 3):
        c.empty()
        command = [str(65536 if x == "5000" else x) for x in c.survey(c.out, samples=samples)]
        runs = [subprocess.Popen(command, env=dict(os.environ, **c.environment(flock=0)),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for _ in range(2) if not time.sleep(0.02 * k)]
        told = [(run.communicate()[1], run.returncode) for run in runs]
        if 0 in (code for _, code in told):
            finished += 1
            t.assert_same(reference, c.out, f"two at once, {told}")
        for error, code in told:
            says = "another bl23 seems" in error or "has appeared or changed" in error
            assert code == 0 or says, t.note("the loser says why", *told)
            assert "damaged" not in error, t.note("nothing is damaged", *told)
        t.run_ok(command)
        t.assert_same(reference, c.out, "afterwards")
    assert finished > 0, "of two runs one does it, but for rare moments"


def test_locked_by_another_program(c):
    """An output that a notebook has open is locked, not broken, and the message says a way."""
    c.empty()
    shutil.copy(c.reference, c.out)
    before = t.read(c.out)
    with h5py.File(c.out, "r+"):
        for command in ([c.bl23, "replay", c.out], c.survey(c.out)):
            done = t.run(command)
            assert done.returncode == 1 and "is locked by another program" in done.stderr, t.told(
                done)
            assert "--force" not in done.stderr, t.told(done, "no advice to replace it")
            assert "HDF5_USE_FILE_LOCKING=FALSE" in done.stderr, t.told(done)
            t.run_ok(command, env={"HDF5_USE_FILE_LOCKING": "FALSE"})
    assert t.read(c.out) == before, "it is as it was"


def prepare_for_nobody(c):
    """A copy of the program that another user can run."""
    if os.geteuid() != 0:
        pytest.skip("what another user may do needs root")
    c.empty()
    os.chmod(c.folder, 0o755)
    return shutil.copy(c.bl23, c.path("bl23"))


def run_as_nobody(command):
    return subprocess.run([str(x) for x in command], user=NOBODY, group=NOBODY, extra_groups=[],
                          capture_output=True, text=True, check=False)


def test_may_not_be_read(c):
    """An output that may not be read is not called broken."""
    program = prepare_for_nobody(c)
    config = shutil.copy(c.config, c.path("fig3.yaml"))
    shutil.copy(c.reference, c.out)
    os.chmod(c.out, 0)
    os.chmod(c.under, 0o777)
    for command in ([program, "replay", c.out],
                    [program, "survey", config, *c.survey(c.out)[3:]]):
        done = run_as_nobody(command)
        assert done.returncode == 1 and "Permission denied" in done.stderr, t.told(done)
        assert "--force" not in done.stderr, t.told(done, "no advice to replace it")


# ---- fsync of a folder ----


@pytest.mark.parametrize("number", LACKING)
def test_no_sync_of_folders(c, number):
    """A folder that cannot be synced costs one note."""
    c.empty()
    for name, command in c.some_writers(number == errno.EINVAL).items():
        done = c.run(command, folder=number)
        assert done.returncode == 0, t.told(done, name)
        assert done.stderr.startswith("note: ") and done.stderr.count("\n") == 1, t.told(done, name)
        assert "fsync of the folder failed (" in done.stderr, t.told(done, name)
    t.assert_same(c.reference, c.out, "without fsync of folders")


@pytest.mark.parametrize("number", FAILING)
def test_sync_that_fails(c, number):
    """A disk that fails, is full or was taken away stays an error."""
    for name, command in c.some_writers(number == errno.EIO).items():
        c.empty()
        if name == "survey --extend":
            shutil.copy(c.reference, c.out)
        done = c.run(command, folder=number)
        assert done.returncode == 1 and os.strerror(number) in done.stderr, t.told(done, name)


def test_folder_that_may_not_be_read(c):
    """A folder in which one may write and not look: a note, and the file is there."""
    program = prepare_for_nobody(c)
    os.chmod(c.under, 0o733)
    done = run_as_nobody([program, "tables", "--mass", "0.14", "-o", os.path.join(c.under, "t.h5")])
    assert done.returncode == 0 and done.stderr.count("\n") == 1, t.told(done)
    assert done.stderr.startswith("note: ") and "Permission denied" in done.stderr, t.told(done)
    os.chmod(c.under, 0o755)
    assert os.listdir(c.under) == ["t.h5"], t.note("the file is there", os.listdir(c.under))
