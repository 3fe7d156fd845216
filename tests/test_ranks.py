#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A survey over MPI ranks makes the file of the single process, also when it is shot at.

1, 2, 3 and 8 ranks for every shipped survey; ranks killed at random and the job resumed with
another number of them; signals to mpirun and to one rank; ranks that fail: the job ends with their
message.
"""

import errno
import glob
import os
import random
import re
import signal
import time

import pytest

import mpi_tools
import survey_tools as t

SMALL = ("--range", 20000, "--commit", 0)
ODD = ("--range", 4099, "--threads", 2, "--commit", 0.01)
WAYS = ((1, SMALL), (2, ()), (3, ODD), (8, SMALL))
WAYS += ((1, ODD), (2, SMALL), (3, ()), (8, ())) if t.SLOW else ()
RANKS = sorted({ranks for ranks, _ in WAYS})
SAMPLES = {"fig3": 400000, "open_question": 3000000, "random_g": 3000000, "today": 400000}
KILLS = 150 if t.SLOW else 8
SEED = 20080997
LINE = re.compile(
    r"^segment (\d+) (\d+) passed \d+ bytes \d+ xxh3 [0-9a-f]{16}"
    r" config [0-9a-f]{16} sampling \d+ line [0-9a-f]{16}$"
)


class Job:
    def __init__(self, mpi, bl23, surveys, folder, name, samples):
        self.mpi, self.bl23, self.folder, self.name, self.samples = mpi, bl23, folder, name, samples
        self.config = os.path.join(surveys, name + ".yaml")
        self.out, self.reference = (
            os.path.join(folder, f"{name}-{kind}.h5") for kind in ("out", "reference")
        )
        self.make_reference()

    def survey(self, *options, out=None):
        return t.survey_command(
            self.bl23, self.config, "", "-o", out or self.out, "--samples", self.samples, *options)

    def make_reference(self):
        t.run_ok(self.survey("--quiet", out=self.reference))

    def clean(self):
        t.run_ok(
            ["rm", "-rf", self.out, self.out + ".run", *glob.glob(glob.escape(self.out) + ".*.tmp")]
        )

    def committed(self):
        """The ranges that whole lines of all manifests vouch for."""
        found, folder = set(), self.out + ".run"
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            if name.startswith("manifest"):
                with open(os.path.join(folder, name), encoding="ascii", errors="replace") as f:
                    lines = (LINE.match(line) for line in f.read().split("\n")[:-1])
                found |= {(int(m[1]), int(m[2])) for m in lines if m}
        return found

    def check_file(self, what):
        t.assert_same(self.reference, self.out, f"{self.name}: {what}")
        left = [
            n for n in os.listdir(self.folder) if n.startswith(os.path.basename(self.out) + ".")
        ]
        assert not left, t.note(f"{self.name}: {what}: nothing else is left", left)


@pytest.fixture(scope="module")
def mpi():
    return mpi_tools.Mpi()


@pytest.fixture(scope="module", params=SAMPLES)
def shipped(request, mpi, bl23, surveys):
    """A job of each shipped survey."""
    samples = SAMPLES[request.param] * (10 if t.SLOW else 1)
    with t.temporary_folder() as folder:
        yield Job(mpi, bl23, surveys, folder, request.param, samples)


@pytest.fixture(scope="module")
def fig3(mpi, bl23, surveys):
    """The job of the other tests."""
    with t.temporary_folder() as folder:
        yield Job(mpi, bl23, surveys, folder, "fig3", SAMPLES["fig3"])


@pytest.fixture
def job(fig3):
    """The same, with nothing of an earlier test."""
    fig3.clean()
    return fig3


@pytest.mark.parametrize("ranks, options", WAYS, ids=[" ".join(map(str, (n, *o))) for n, o in WAYS])
def test_shipped(shipped, ranks, options):
    """Any number of ranks, small and large units, commits now and then: the same bytes."""
    job = shipped
    job.clean()
    done = job.mpi.run(ranks, *job.survey(*options))
    what = f"{ranks} ranks {options}"
    assert done.returncode == 0, t.told(done, f"{job.name}: {what}")
    assert done.stdout.count("acceptance  ") == 1 and (
        ranks == 1 or f"{ranks} ranks on 1 node" in done.stdout
    ), t.told(done, f"{job.name}: {what}: one summary")
    assert done.stderr.count(" ranks on ") == (ranks > 1), t.told(
        done, f"{job.name}: {what}: one voice"
    )
    job.check_file(what)


@pytest.mark.parametrize("ranks", RANKS)
def test_extended(job, ranks):
    """A finished file with fewer samples, gone on from by any number of ranks."""
    job.clean()
    t.run_ok(
        [job.bl23, "survey", job.config, "-o", job.out, "--samples", job.samples // 3, "--quiet"]
    )
    done = job.mpi.run(ranks, *job.survey("--extend", *SMALL))
    assert done.returncode == 0 and done.stderr.count("resuming: ") == 1, t.told(
        done, f"{ranks} ranks go on from a shorter file"
    )
    job.check_file(f"a shorter file gone on from by {ranks} ranks")


def test_kill_ranks(mpi, bl23, surveys, folder):
    """Kill one rank, or all, or stop mpirun; go on with another number of ranks, or without MPI."""
    job, rng = Job(mpi, bl23, surveys, folder, "fig3", 4000000), random.Random(SEED)
    options = ["--range", 20000, "--commit", 0, "--quiet"]
    hits = ends = 0
    known = set()
    while hits < KILLS:
        ranks = rng.choice(RANKS)
        process = job.mpi.start(ranks, *job.survey(*options))
        what = f"{job.name}: kill {hits} of {ranks} ranks"
        time.sleep(rng.uniform(0.1, 1.2))
        victims = mpi_tools.processes(job.bl23, job.out)
        kind = rng.choice(("one", "one", "one", "all", "mpirun"))
        for pid in (
            victims if kind == "all" else [rng.choice(victims)] if kind == "one" and victims else []
        ):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if kind == "mpirun":
            process.send_signal(signal.SIGTERM)
        out, error = mpi_tools.end(process, what)
        mpi_tools.all_gone(job.bl23, job.out, what)
        hits += process.returncode != 0
        assert "damaged" not in error.replace("torn, damaged", ""), t.note(
            f"{what} ({kind}): no segment is damaged", error
        )
        if os.path.exists(job.out):
            t.assert_same(job.reference, job.out, f"{what} ({kind}), exit {process.returncode}")
            job.clean()
            known, ends = set(), ends + 1
            continue
        assert process.returncode != 0, t.note(
            f"{what} ({kind}): exit 0 without a file", out, error
        )
        now = job.committed()
        assert known <= now, t.note(
            f"{what} ({kind}): nothing committed is lost", sorted(known - now)
        )
        covered = sorted(now)
        overlaps = [p for p, q in zip(covered, covered[1:]) if p[0] + p[1] > q[0]]
        assert not overlaps, t.note(f"{what} ({kind}): no range is computed twice", overlaps)
        known = now
        if known and rng.random() < 0.3:
            done = t.run(job.survey(*[o for o in options if o != "--quiet"]))  # without mpirun
            assert done.returncode == 0 and "resuming: " in done.stderr, t.told(
                done, f"{what} ({kind}): resumed by one process"
            )
            job.check_file(f"after kill {hits}")
            job.clean()
            known, ends = set(), ends + 1
    done = job.mpi.run(2, *job.survey(*options))
    assert done.returncode == 0, t.told(done, f"{job.name}: after the last kill")
    job.check_file("after the last kill")
    print(f"{hits} jobs killed, {ends} that came to their end between")


COVER = """survey: {samples: 100000, mass_gev: {list: [0.14, 0.12]}, draw: cover,
         cover: {cells: 300}}
constraints: {sets: [paper2020], without: [ccfr, na62_pi0, e949], sigma: 1}
"""


def test_cover(mpi, bl23, folder):
    """Samples of a cover: each rank makes the same cells."""
    with open(os.path.join(folder, "cover.yaml"), "w", encoding="ascii") as f:
        f.write(COVER)
    job = Job(mpi, bl23, folder, folder, "cover", 100000)
    for ranks, options in ((2, SMALL), (3, ODD)):
        done = mpi.run(ranks, *job.survey(*options))
        assert done.returncode == 0 and done.stdout.count("Allowed part") == 1, t.told(done)
        job.check_file(f"a cover by {ranks} ranks")
        job.clean()


def wait_for_commit(job, process):
    while not job.committed() and process.poll() is None:
        time.sleep(0.01)


@pytest.fixture(scope="module")
def long_job(mpi, bl23, surveys):
    with t.temporary_folder() as folder:
        yield Job(mpi, bl23, surveys, folder, "today", 20000000)


@pytest.mark.parametrize("target", ("SIGUSR1", "SIGTERM", "SIGINT", "one rank"))
def test_soft_stop(long_job, target):
    """A signal to mpirun or to one rank stops all: what was committed is kept and continued."""
    job = long_job
    job.clean()
    process = job.mpi.start(3, *job.survey("--range", 20000, "--commit", 0))
    wait_for_commit(job, process)
    if target == "one rank":
        os.kill(mpi_tools.processes(job.bl23, job.out)[-1], signal.SIGTERM)
    else:
        process.send_signal(getattr(signal, target))
    _, error = mpi_tools.end(process, target)
    mpi_tools.all_gone(job.bl23, job.out, target)
    # Only these leave the end to the ranks: after SIGINT or SIGTERM a launcher may kill them
    # after a second and has an exit code of its own, and MPICH's loses the ranks' code after
    # SIGUSR1.
    if target in ("SIGUSR1", "one rank"):
        codes = (3, 0) if job.mpi.kind == "mpich" and target == "SIGUSR1" else (3,)
        assert process.returncode in codes, t.note(f"{target}: exit {process.returncode}", error)
        assert (
            error.count("keeps everything computed so far") == 1
            and job.out + ".run" in error
        ), t.note(f"{target}: the message", error)
    assert job.committed() and not os.path.exists(job.out), f"{target}: a folder and no file"
    done = job.mpi.run(2, *job.survey())
    assert done.returncode == 0 and done.stderr.count("resuming: ") == 1, t.told(
        done, f"{target}: resumed"
    )
    job.check_file(f"resumed after {target}")


def fails(job, done, what, code, *says):
    assert done.returncode == code, t.told(done, f"{what}: exit {done.returncode}, expected {code}")
    assert done.stderr.count("bl23: ") == 1 and not done.stdout, t.told(
        done, f"{what}: one sentence"
    )
    for text in says:
        assert text in done.stderr, t.told(done, f"{what}: '{text}' in the message")
    mpi_tools.all_gone(job.bl23, job.out, what)


def test_wrong_option(job):
    done = job.mpi.run(3, job.bl23, "survey", job.config, "--nonsense")
    fails(job, done, "a wrong option", 2, "unknown option --nonsense for 'bl23 survey'")


def test_no_configuration(job):
    done = job.mpi.run(3, job.bl23, "survey", job.config + ".no")
    says = job.config + ".no cannot be read (No such file or directory)"
    fails(job, done, "no configuration", 2, says)


def test_help(job):
    done = job.mpi.run(3, job.bl23, "survey", "--help")
    assert done.returncode == 0 and "usage: bl23 survey" in done.stdout, t.told(done)


RANK = "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}"


def test_manifest_fails(job, shim):
    """One rank cannot write its manifest: the others' commits stay."""
    fault = {
        "BL23_FAULT_UNDER": job.out + ".run/manifest.00001",
        "BL23_FAULT_AT": 3,  # its first fsync
        "BL23_FAULT_ERRNO": errno.EIO,
        "LD_PRELOAD": shim,
    }
    settings = " ".join(f"{name}={value}" for name, value in fault.items())
    script = f'if [ {RANK} = 1 ]; then export {settings}; fi; exec "$@"'
    survey = job.survey("--range", 1000, "--commit", 0)
    done = job.mpi.run(3, "sh", "-c", script, "sh", *survey)
    fails(job, done, "a rank that cannot write", 1, "rank 1 of 3", "manifest.00001")
    assert job.committed()


def test_two_minds(job):
    """Ranks with different seeds: nothing is begun."""
    script = f'if [ {RANK} = 1 ]; then seed=2; else seed=1; fi; exec "$@" --seed $seed'
    done = job.mpi.run(2, "sh", "-c", script, "sh", *job.survey())
    fails(job, done, "ranks of two minds", 1, "rank 1 of 2", "tables differ from those of rank 0")
    assert not os.path.exists(job.out + ".run")


def test_finished(job):
    """A finished output is reported once, and that of another survey is refused once."""
    t.run_ok(job.survey("--quiet"))
    done = job.mpi.run(3, *job.survey())
    assert done.returncode == 0 and done.stdout.count("finished") == 1, t.told(done)
    done = job.mpi.run(3, *job.survey("--seed", 5))
    fails(job, done, "another survey's output", 2, "another configuration", "--force")


def test_full_disk(mpi, bl23, surveys, folder):
    """A disk that is full for whichever rank comes first; room is made, and other ranks go on."""
    job, mount = Job(mpi, bl23, surveys, folder, "fig3", 400000), os.path.join(folder, "small")
    os.mkdir(mount)
    command = ["mount", "-t", "tmpfs", "-o", "size=600k", "none", mount]
    if os.geteuid() != 0 or t.run(command).returncode != 0:
        pytest.skip("a full disk needs the right to mount a tmpfs")
    try:
        job.out = os.path.join(mount, "out.h5")
        done = job.mpi.run(3, *job.survey("--range", 20000, "--commit", 0, "--quiet"))
        fails(job, done, "a full disk", 1, mount, "No space left")
        kept = job.committed()
        assert kept and not os.path.exists(job.out), t.note(
            "what was committed stays", os.listdir(mount)
        )
        t.run_ok(["mount", "-o", "remount,size=64m", mount])
        done = job.mpi.run(2, *job.survey("--quiet"))
        assert done.returncode == 0, t.told(done, "after room was made")
        t.assert_same(job.reference, job.out, "after room was made")
    finally:
        t.run(["umount", mount])


def test_parts(job):
    """Ranks compute a part, too, and another number of ranks the rest."""
    middle, names = job.samples // 3, [os.path.join(job.folder, n) for n in ("one.h5", "two.h5")]
    for ranks, first, count, name in (
        (3, 0, middle, names[0]),
        (2, middle, job.samples - middle, names[1]),
    ):
        done = job.mpi.run(
            ranks, *job.survey("--range", 20000, "--first", first, "--count", count, out=name)
        )
        assert done.returncode == 0 and done.stdout.count("Part: ") == 1, t.told(
            done, f"a part by {ranks} ranks"
        )
    job.clean()
    fails(
        job,
        job.mpi.run(3, job.bl23, "merge", names[1], "-o", job.out),
        "a merge by ranks of what is not whole",
        2,
        f"the samples 0 to {middle - 1} of {job.samples}",
    )
    for ranks in (1, 2, 3):
        done = job.mpi.run(ranks, job.bl23, "merge", *names, "-o", job.out)
        assert (
            done.returncode == 0 and done.stdout.count("Written: ") == 1 and not done.stderr
        ), t.told(done, f"parts by ranks, merged by {ranks} ranks")
        job.check_file(f"parts by ranks, merged by {ranks} ranks")
        done = job.mpi.run(ranks, job.bl23, "merge", *names, "-o", job.out)
        assert done.returncode == 0 and done.stdout.count("is finished") == 1, t.told(
            done, f"merged again by {ranks} ranks"
        )
        job.clean()


def test_falls_back(job, on_shim):
    """The device of one rank cannot be opened: the rank says so and computes on its processor."""
    program = on_shim
    script = (
        'if [ ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} = 1 ]; then export SHIM_MEMORY=1000; fi; exec "$@"'
    )
    command = ["sh", "-c", script, "sh", program, *job.survey("--range", 20000)[1:]]
    done = job.mpi.run(2, *command)
    assert (
        done.returncode == 0
        and done.stderr.count(" cannot be used (") == 1
        and "rank 1: cuda cannot be used (" in done.stderr
    ), t.told(done, "one rank without its device")
    job.check_file("one rank without its device")
    job.clean()
    fails(
        job,
        job.mpi.run(2, *command, "--backend", "cuda"),
        "a device that is asked for",
        1,
        "rank 1 of 2",
        "does not fit",
    )


OTHERS = (  # CONFIG is the configuration of the survey
    "--help",
    "--version",
    "info",
    "info --json",
    "point --mass 0.128 --g 0.001 --w 0,0,1,0,1,0.59",
    "tables --mass 0.14",
    "check CONFIG --no-forecast",
    "survey --help",
    "merge --help",
    "",
    "nonsense",
    "info --nonsense",
    "check CONFIG.no",
    "replay CONFIG",
)


@pytest.mark.parametrize("command", OTHERS)
def test_others(job, command):
    """What is no survey is done by rank 0: said once, made once, and all ranks end as it does."""
    command = command.replace("CONFIG", job.config).split()
    alone, done = t.run([job.bl23, *command]), job.mpi.run(3, job.bl23, *command)
    same = (done.returncode, done.stdout) == (alone.returncode, alone.stdout)
    assert same, t.note("three ranks and one", t.told(done), t.told(alone))
    assert done.stderr.count("bl23: ") == alone.stderr.count("bl23: "), t.told(done)
    assert alone.stderr in done.stderr, t.told(done)


def test_tables(job):
    """Made once; then the file is in the way once."""
    tables = os.path.join(job.folder, "tables.h5")
    for code in (0, 2):
        done = job.mpi.run(3, job.bl23, "tables", "--mass", 0.14, "-o", tables)
        assert (
            done.returncode == code
            and os.path.exists(tables)
            and done.stderr.count("bl23: ") == (code > 0)
        ), t.told(done, "tables -o by three ranks")


def test_different_commands(job):
    """Ranks that were asked different things."""
    script = (
        'if [ ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} = 1 ]; then mass=0.2; else mass=0.1; fi; exec "$@"'
        " --mass $mass"
    )
    done = job.mpi.run(2, "sh", "-c", script, "sh", job.bl23, "tables")
    fails(
        job,
        done,
        "ranks that were asked different things",
        2,
        "rank 1 of 2",
        "the command line differs from that of rank 0; give every rank of a job the same",
    )
