#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Every call by which a survey reads its own files fails once, or returns a wrong bit once.

fault_shim.c is preloaded. Segments are committed, thinned (there are more survivors than are kept)
and merged; a run is resumed; parts are merged; a finished output is shown again, replayed and
extended. A call that fails is no damage: exit 1 with the reason, nothing removed, no advice to
replace what may be whole, and the same command goes on. A wrong bit is damage: what it spoils is
computed again, or missing from an output of some samples. Whatever happens, exit 0 stands for the
bytes of the undisturbed survey. The slow configuration disturbs every call; the short one those of
t.calls_to_disturb.
"""

import errno
import os
import shutil

import pytest

import survey_tools as t

SAMPLES = 100000
ERRORS = ("EIO", "EMFILE", "EACCES", "ENOMEM", "EINTR", "ESTALE")
HANG_S = 20
COMPUTING, SHOWING = ("survey", "resume", "merge"), ("again", "replay", "extend", "partial")
EVERY = 97  # besides the calls at either end of the run; no multiple of a segment's calls
CONFIG = """survey: {samples: %d, seed: 3, mass_gev: {list: [0.13, 0.14]}}
constraints: {sets: [paper2020], without: [ccfr, na62_pi0, e949]}
output: {max_survivors: 2000, nearest: 20}
""" % SAMPLES


class Reads:
    def __init__(self, bl23, folder, shim):
        self.bl23, self.folder, self.shim = bl23, folder, shim
        self.config = os.path.join(folder, "c.yaml")
        self.under = os.path.join(folder, "under")
        self.out, self.run = os.path.join(self.under, "o.h5"), os.path.join(self.under, "o.h5.run")
        self.log, self.reference = os.path.join(folder, "log"), os.path.join(folder, "r.h5")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG)
        t.run_ok(self.survey("-o", self.reference))
        self.shorter = os.path.join(folder, "shorter.h5")
        t.run_ok(self.survey("-o", self.shorter, "--samples", 40000))
        self.parts = []
        for first, count in ((0, 60000), (60000, 40000)):
            part = os.path.join(folder, f"part{first}.h5")
            t.run_ok(self.survey("-o", part, "--first", first, "--count", count))
            self.parts.append(part + ".run")
        self.some = os.path.join(folder, "some.h5")
        t.run_ok([bl23, "merge", "--partial", self.parts[1], "-o", self.some])

    def survey(self, *more):
        return t.survey_command(
            self.bl23, self.config, "--backend cpu --threads 1 --quiet --range 20000 --commit 0",
            *more)

    def restore(self, kind):
        """The files that a command of this kind begins with."""
        shutil.rmtree(self.under, ignore_errors=True)
        os.mkdir(self.under)
        if kind == "resume":
            shutil.copytree(self.parts[0], self.run)
        if kind in ("again", "replay"):
            shutil.copy(self.reference, self.out)
        if kind == "extend":
            shutil.copy(self.shorter, self.out)
        if kind == "merge":
            for k, part in enumerate(self.parts):
                shutil.copytree(part, os.path.join(self.under, f"p{k}.run"))
        if kind == "partial":
            shutil.copytree(self.parts[0], os.path.join(self.under, "p0.run"))
            shutil.copy(self.some, os.path.join(self.under, "p1"))

    def command(self, kind):
        if kind in ("merge", "partial"):
            return [
                self.bl23,
                "merge",
                *(["--partial"] if kind == "partial" else []),
                *(os.path.join(self.under, f"p{k}") for k in range(2)),
                "-o",
                self.out,
            ]
        if kind == "replay":
            return [self.bl23, "replay", self.out]
        return self.survey("-o", self.out, *(("--extend",) if kind == "extend" else ()))

    def shimmed(self, kind, at, **settings):
        if os.path.exists(self.log):
            os.remove(self.log)
        env = {
            "LD_PRELOAD": self.shim,
            "BL23_FAULT_UNDER": self.under,
            "BL23_FAULT_AT": str(at),
            "BL23_FAULT_READS": "1",
            "BL23_FAULT_LOG": self.log,
            "ASAN_OPTIONS": "verify_asan_link_order=0",
        }
        env.update({f"BL23_FAULT_{key}": str(value) for key, value in settings.items()})
        return t.run(self.command(kind), env=env, timeout=HANG_S)

    def calls(self):
        with open(self.log, encoding="utf-8") as f:
            return [line.split(" ", 1)[1].rstrip("\n").replace(" FAILS", "") for line in f]

    def output(self):
        return t.read(self.out) if os.path.exists(self.out) else None

    def committed(self):
        """Name and bytes of all that is in the folders of runs."""
        return {
            os.path.join(folder, name): t.read(os.path.join(folder, name))
            for folder, _, names in os.walk(self.under)
            if folder.endswith(".run")
            for name in names
            if name.startswith(("segment-", "manifest"))
        }


@pytest.fixture(scope="module")
def r(bl23, shared, shim):
    return Reads(bl23, shared, shim)


def check_same(r, what):
    assert os.path.exists(r.out), f"{what}: there is no output"
    differing = t.h5_differences(r.reference, r.out)
    assert not differing, f"{what}: the bytes of the undisturbed survey: {differing[:10]}"


def check_recovery(r, kind, what):
    done = t.run(r.command(kind), timeout=HANG_S)
    assert done.returncode == 0, t.told(done, f"{what}: the same command goes on")
    check_same(r, f"{what}: and then")


def count_calls(r, kind, **settings):
    r.restore(kind)
    done = r.shimmed(kind, 0, **settings)
    assert done.returncode == 0, t.told(done, f"{kind}: nothing fails")
    check_same(r, f"{kind}: nothing fails")
    calls = r.calls()
    assert len(calls) > 10, t.note(f"{kind}: calls are counted", len(calls))
    return calls


@pytest.mark.parametrize("kind", COMPUTING + SHOWING)
def test_fail_each(r, kind):
    """Calls that read fail once, each with another errno; the long version tries all. A survey
    from its beginning meets the last call of each kind as well."""
    calls, codes = count_calls(r, kind), {0: 0, 1: 0}
    every = EVERY if kind in COMPUTING else 0
    for k, at in enumerate(t.calls_to_disturb(calls, kind == "survey", every)):
        call = calls[at - 1]
        for name in ERRORS if t.SLOW else (ERRORS[k % len(ERRORS)],):
            number = getattr(errno, name)
            what = f"{kind}: call {at} of {len(calls)}, {call}, gives {name}"
            r.restore(kind)
            before, output = r.committed(), r.output()
            done = r.shimmed(kind, at, ERRNO=number)
            after = r.committed()
            # A folder that may not be read is a wrong name for an output.
            closed = name == "EACCES" and "is in a folder that cannot be read" in done.stderr
            assert done.returncode in (0, 2 if closed else 1), t.told(
                done, f"{what}: exit {done.returncode}")
            assert "computed again" not in done.stderr and "missing" not in done.stderr, t.told(
                done, f"{what}: an error of the machine is not damage"
            )
            if done.returncode > 0:
                # Of some calls the library does not tell errno: it must not guess then.
                silent = (
                    call.startswith("lstat")
                    and ".tmp" in call
                    and "the HDF5 library could not write" in done.stderr
                ) or "or cannot be read to its end" in done.stderr
                assert (
                    (os.strerror(number) in done.stderr or silent or closed)
                    and r.under in done.stderr
                    and done.stderr.count("\n") == 1
                ), t.told(done, f"{what}: one sentence with the reason")
                assert "--force" not in done.stderr and r.output() == output, t.told(
                    done, f"{what}: the output is as it was"
                )
                assert all(
                    after.get(path) == data
                    for path, data in before.items()
                    if not path.endswith("manifest")
                ) and all(path in after for path in before), f"{what}: nothing is removed"
            else:
                check_same(r, what)
            codes[min(done.returncode, 1)] += 1
            check_recovery(r, kind, what)
    assert 2 * codes[1] > codes[0], t.note(f"{kind}: many failures are told", codes)
    print(
        f"{kind}: {len(calls)} calls that read, {sum(codes.values())} failures, exit codes {codes}",
        flush=True,
    )


def reads_to_spoil(reads, every):
    """All that bl23 reads by itself; and of those of the HDF5 library some."""
    own = {at for at, call in enumerate(reads, 1) if not call.startswith("pread")}
    return sorted(own | set(t.calls_to_disturb(reads, every=every)))


@pytest.mark.parametrize("kind", COMPUTING)
def test_spoil_each(r, kind):
    """Every read returns a wrong bit once: what it spoils is computed again, or not needed. The
    long version tries all of the many alike reads of the HDF5 library."""
    reads, named = count_calls(r, kind, FLIP=1), 0
    for at in reads_to_spoil(reads, 31):
        call = reads[at - 1]
        what = f"{kind}: read {at} of {len(reads)}, {call}, has a wrong bit"
        r.restore(kind)
        done = r.shimmed(kind, at, FLIP=1)
        named += "computed again" in done.stderr or "missing" in done.stderr
        if done.returncode == 0:
            check_same(r, what)
        else:
            assert (
                done.returncode in (1, 2)
                and done.stderr.startswith("bl23: ")
                and not os.path.exists(r.out)
            ), t.told(done, f"{what}: exit {done.returncode}")
        check_recovery(r, kind, what)
    assert named > 3, t.note(f"{kind}: damage is named", named, len(reads))
    print(f"{kind}: {len(reads)} reads with a wrong bit", flush=True)


def test_spoil_partial(r):
    """The same of merge --partial: what is spoilt is named, and not in an output that is whole."""
    reads, named = count_calls(r, "partial", FLIP=1), 0
    for at in reads_to_spoil(reads, 201):
        call = reads[at - 1]
        what = f"partial: read {at} of {len(reads)}, {call}, has a wrong bit"
        r.restore("partial")
        done = r.shimmed("partial", at, FLIP=1)
        if done.returncode == 0 and "missing" in done.stderr:
            named += 1
            with t.h5py.File(r.out) as file:
                assert file.attrs["complete"] == 0, what
            t.run_ok([r.bl23, "replay", r.out])
        elif done.returncode == 0:
            check_same(r, what)
        else:
            assert done.returncode in (1, 2), t.told(done, what)
            assert done.stderr.startswith("bl23: "), t.told(done, what)
            assert not os.path.exists(r.out), what
        check_recovery(r, "partial", what)
    assert named > 1, t.note("damage is named", named, len(reads))


@pytest.mark.parametrize("settings", ({}, {"FLIP": 1}), ids=("fails", "flips"))
@pytest.mark.parametrize("kind", COMPUTING)
def test_fail_for_ever(r, kind, settings):
    """From some call on all fail, or every read has a wrong bit: exit 1, and an end."""
    calls, count = count_calls(r, kind, **settings), 0
    for at in range(1, len(calls) + 1, 1 if t.SLOW else max(1, len(calls) // 8)):
        what = (
            f"{kind}: call {at} of {len(calls)} and all after it"
            f" {'are wrong' if settings else 'fail'}"
        )
        r.restore(kind)
        done = r.shimmed(kind, at, STAYS=1, ERRNO=errno.EIO, **settings)
        if done.returncode == 0:
            check_same(r, what)
        else:
            assert done.returncode in (1, 2) and not os.path.exists(r.out), t.told(
                done, f"{what}: exit {done.returncode}"
            )
            count += 1
        check_recovery(r, kind, what)
    assert count > 2, t.note(f"{kind}: most of these end with a failure", count)


def test_no_descriptors(r):
    """Too few descriptors for some step: exit 1 with that reason, or the right bytes."""
    codes = set()
    for limit in range(3, 20):
        r.restore("survey")
        done = t.run(
            ["bash", "-c", f'ulimit -n {limit}; exec "$@"', "bash", *r.command("survey")],
            timeout=HANG_S,
        )
        what = f"{limit} descriptors"
        codes.add(done.returncode)
        if done.returncode == 0:
            check_same(r, what)
        elif limit > 4:  # fewer are not enough for the loader
            assert done.returncode == 1 and os.strerror(errno.EMFILE) in done.stderr, t.told(
                done, f"{what}: exit 1 and the reason"
            )
        check_recovery(r, "survey", what)
    assert {0, 1} <= codes, t.note("some limits suffice and some do not", codes)
