#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A survey over MPI ranks makes the file of the single process, also when it is shot at.

1, 2, 3 and 8 ranks for every shipped survey; ranks killed at random and the job resumed with another
number of them; signals to mpirun and to one rank; ranks that fail: the job ends with their message.
"""
import errno
import glob
import os
import random
import re
import signal
import time

import mpi_tools
import before_pytest as t

SMALL, ODD = ("--range", 20000, "--commit", 0), ("--range", 4099, "--threads", 2, "--commit", 0.01)
WAYS = ((1, SMALL), (2, ()), (3, ODD), (8, SMALL)) + (((1, ODD), (2, SMALL), (3, ()), (8, ())) if t.SLOW else ())
RANKS = sorted({ranks for ranks, _ in WAYS})
SAMPLES = {"fig3": 400000, "open_question": 3000000, "random_g": 3000000, "today": 400000}
KILLS = 150 if t.SLOW else 8
SEED = 20080997
LINE = re.compile(r"^segment (\d+) (\d+) passed \d+ bytes \d+ xxh3 [0-9a-f]{16} config [0-9a-f]{16} line [0-9a-f]{16}$")


class Job:
    def __init__(self, mpi, bl23, source, folder, name, samples):
        self.shim = os.environ["BL23_SHIM"]
        self.mpi, self.bl23, self.folder, self.name, self.samples = mpi, bl23, folder, name, samples
        self.config = os.path.join(source, "scripts", "surveys", name + ".yaml")
        self.out, self.reference = (os.path.join(folder, f"{name}-{kind}.h5") for kind in ("out", "reference"))

    def survey(self, *options, out=None):
        return [self.bl23, "survey", self.config, "-o", out or self.out, "--samples", self.samples, *options]

    def make_reference(self):
        t.run_ok(self.survey("--quiet", out=self.reference))

    def clean(self):
        t.run_ok(["rm", "-rf", self.out, self.out + ".run", *glob.glob(glob.escape(self.out) + ".*.tmp")])

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
        t.check_same(self.reference, self.out, f"{self.name}: {what}")
        left = [n for n in os.listdir(self.folder) if n.startswith(os.path.basename(self.out) + ".")]
        t.check(not left, f"{self.name}: {what}: nothing else is left", left)


def shipped(job):
    """Any number of ranks, small and large units, commits now and then: the same bytes."""
    job.make_reference()
    for ranks, options in WAYS:
        job.clean()
        done = job.mpi.run(ranks, *job.survey(*options))
        what = f"{ranks} ranks {options}"
        t.check(done.returncode == 0, f"{job.name}: {what}", *t.told(done))
        t.check(done.stdout.count("acceptance  ") == 1 and (ranks == 1 or f"{ranks} ranks on 1 node" in done.stdout),
                f"{job.name}: {what}: one summary", *t.told(done))
        t.check(done.stderr.count(" ranks on ") == (ranks > 1), f"{job.name}: {what}: one voice", *t.told(done))
        job.check_file(what)


def extended(job):
    """A finished file with fewer samples, gone on from by any number of ranks."""
    job.make_reference()
    for ranks in RANKS:
        job.clean()
        t.run_ok([job.bl23, "survey", job.config, "-o", job.out, "--samples", job.samples // 3, "--quiet"])
        done = job.mpi.run(ranks, *job.survey("--extend", *SMALL))
        t.check(done.returncode == 0 and done.stderr.count("resuming: ") == 1, f"{ranks} ranks go on from a shorter file", *t.told(done))
        job.check_file(f"a shorter file gone on from by {ranks} ranks")


def kill_ranks(job, rng):
    """Kill one rank, or all, or stop mpirun; go on with another number of ranks, or without MPI."""
    job.make_reference()
    job.clean()
    options = ["--range", 20000, "--commit", 0, "--quiet"]
    hits = ends = 0
    known = set()
    while hits < KILLS and t.failures() < 10:
        ranks = rng.choice(RANKS)
        process = job.mpi.start(ranks, *job.survey(*options))
        what = f"{job.name}: kill {hits} of {ranks} ranks"
        time.sleep(rng.uniform(0.1, 1.2))
        victims = mpi_tools.processes(job.bl23, job.out)
        kind = rng.choice(("one", "one", "one", "all", "mpirun"))
        for pid in victims if kind == "all" else [rng.choice(victims)] if kind == "one" and victims else []:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if kind == "mpirun":
            process.send_signal(signal.SIGTERM)
        out, error = mpi_tools.end(process, what)
        mpi_tools.all_gone(job.bl23, job.out, what)
        hits += process.returncode != 0
        t.check("damaged" not in error.replace("torn or damaged", ""), f"{what} ({kind}): no segment is damaged", error)
        if os.path.exists(job.out):
            t.check_same(job.reference, job.out, f"{what} ({kind}), exit {process.returncode}")
            job.clean()
            known, ends = set(), ends + 1
            continue
        t.check(process.returncode != 0, f"{what} ({kind}): exit 0 without a file", out, error)
        now = job.committed()
        t.check(known <= now, f"{what} ({kind}): nothing committed is lost", sorted(known - now))
        covered = sorted(now)
        overlaps = [p for p, q in zip(covered, covered[1:]) if p[0] + p[1] > q[0]]
        t.check(not overlaps, f"{what} ({kind}): no range is computed twice", overlaps)
        known = now
        if known and rng.random() < 0.3:
            done = t.run(job.survey(*[o for o in options if o != "--quiet"]))   # without mpirun
            t.check(done.returncode == 0 and "resuming: " in done.stderr, f"{what} ({kind}): resumed by one process", *t.told(done))
            job.check_file(f"after kill {hits}")
            job.clean()
            known, ends = set(), ends + 1
    done = job.mpi.run(2, *job.survey(*options))
    t.check(done.returncode == 0, f"{job.name}: after the last kill", *t.told(done))
    job.check_file("after the last kill")
    return hits, ends


def wait_for_commit(job, process):
    while not job.committed() and process.poll() is None:
        time.sleep(0.01)


def soft_stops(job):
    """A signal to mpirun or to one rank stops all: what was committed is there and is gone on from."""
    job.make_reference()
    for target in ("SIGUSR1", "SIGTERM", "SIGINT", "one rank"):
        job.clean()
        process = job.mpi.start(3, *job.survey("--range", 20000, "--commit", 0))
        wait_for_commit(job, process)
        if target == "one rank":
            os.kill(mpi_tools.processes(job.bl23, job.out)[-1], signal.SIGTERM)
        else:
            process.send_signal(getattr(signal, target))
        _, error = mpi_tools.end(process, target)
        mpi_tools.all_gone(job.bl23, job.out, target)
        # Only these leave the end to the ranks: after SIGINT or SIGTERM a launcher may kill them after a
        # second and has an exit code of its own, and MPICH's loses the ranks' code after SIGUSR1.
        if target in ("SIGUSR1", "one rank"):
            codes = (3, 0) if job.mpi.kind == "mpich" and target == "SIGUSR1" else (3,)
            t.check(process.returncode in codes, f"{target}: exit {process.returncode}", error)
            t.check(error.count("interrupted; all that was computed is kept") == 1 and job.out + ".run" in error, f"{target}: the message", error)
        t.check(job.committed() and not os.path.exists(job.out), f"{target}: a folder and no file")
        done = job.mpi.run(2, *job.survey())
        t.check(done.returncode == 0 and done.stderr.count("resuming: ") == 1, f"{target}: resumed", *t.told(done))
        job.check_file(f"resumed after {target}")


def fails(job, done, what, code, *says):
    t.check(done.returncode == code, f"{what}: exit {done.returncode}, expected {code}", *t.told(done))
    t.check(done.stderr.count("bl23: ") == 1 and not done.stdout, f"{what}: one sentence", *t.told(done))
    for text in says:
        t.check(text in done.stderr, f"{what}: '{text}' in the message", *t.told(done))
    mpi_tools.all_gone(job.bl23, job.out, what)


def failures(job):
    """What fails on one rank, or on all, ends the job with one message."""
    job.make_reference()
    job.clean()
    fails(job, job.mpi.run(3, job.bl23, "survey", job.config, "--nonsense"), "a wrong option", 2,
          "unknown option --nonsense for 'bl23 survey'")
    fails(job, job.mpi.run(3, job.bl23, "survey", job.config + ".no"), "no configuration", 2,
          job.config + ".no cannot be read (No such file or directory)")
    done = job.mpi.run(3, job.bl23, "survey", "--help")
    t.check(done.returncode == 0 and "usage: bl23 survey" in done.stdout, "help", *t.told(done))
    rank = "${OMPI_COMM_WORLD_RANK:-$PMI_RANK}"
    manifest = job.out + ".run/manifest.00001"
    fault = f"BL23_FAULT_UNDER={manifest} BL23_FAULT_AT=3 BL23_FAULT_ERRNO={errno.EIO} LD_PRELOAD={job.shim}" # its first fsync
    script = f'if [ {rank} = 1 ]; then export {fault}; fi; exec "$@"'
    fails(job, job.mpi.run(3, "sh", "-c", script, "sh", *job.survey("--range", 1000, "--commit", 0)), "a rank that cannot write its manifest", 1, "rank 1 of 3", "manifest.00001")
    t.check(job.committed(), "the others' commits stay")
    job.clean()
    script = f'if [ {rank} = 1 ]; then seed=2; else seed=1; fi; exec "$@" --seed $seed'
    fails(job, job.mpi.run(2, "sh", "-c", script, "sh", *job.survey()), "ranks of two minds", 1, "rank 1 of 2", "tables differ from those of rank 0")
    t.check(not os.path.exists(job.out + ".run"), "nothing was begun")
    t.run_ok(job.survey("--quiet"))
    done = job.mpi.run(3, *job.survey())
    t.check(done.returncode == 0 and done.stdout.count("finished") == 1, "a finished output is reported once", *t.told(done))
    done = job.mpi.run(3, *job.survey("--seed", 5))
    fails(job, done, "another survey's output", 2, "another configuration", "--force")
    job.clean()


def full_disk(job):
    """A disk that is full for whichever rank comes first; room is made, and other ranks go on."""
    mount = os.path.join(job.folder, "small")
    os.mkdir(mount)
    if os.geteuid() != 0 or t.run(["mount", "-t", "tmpfs", "-o", "size=600k", "none", mount]).returncode != 0:
        print("NOT RUN: a full disk needs the right to mount a tmpfs")
        return
    try:
        job.out = os.path.join(mount, "out.h5")
        done = job.mpi.run(3, *job.survey("--range", 20000, "--commit", 0, "--quiet"))
        fails(job, done, "a full disk", 1, mount, "No space left")
        kept = job.committed()
        t.check(kept and not os.path.exists(job.out), "what was committed stays", os.listdir(mount))
        t.run_ok(["mount", "-o", "remount,size=64m", mount])
        done = job.mpi.run(2, *job.survey("--quiet"))
        t.check(done.returncode == 0, "after room was made", *t.told(done))
        t.check_same(job.reference, job.out, "after room was made")
    finally:
        t.run(["umount", mount])


def parts(job):
    """Ranks compute a part, too, and another number of ranks the rest."""
    middle, names = job.samples // 3, [os.path.join(job.folder, n) for n in ("one.h5", "two.h5")]
    for ranks, first, count, name in ((3, 0, middle, names[0]), (2, middle, job.samples - middle, names[1])):
        done = job.mpi.run(ranks, *job.survey("--range", 20000, "--first", first, "--count", count, out=name))
        t.check(done.returncode == 0 and done.stdout.count("Part: ") == 1, f"a part by {ranks} ranks", *t.told(done))
    job.clean()
    fails(job, job.mpi.run(3, job.bl23, "merge", names[1], "-o", job.out), "a merge by ranks of what is not whole", 2, f"the samples 0 to {middle - 1} of {job.samples}")
    for ranks in (1, 2, 3):
        done = job.mpi.run(ranks, job.bl23, "merge", *names, "-o", job.out)
        t.check(done.returncode == 0 and done.stdout.count("Written: ") == 1 and not done.stderr, f"parts by ranks, merged by {ranks} ranks", *t.told(done))
        job.check_file(f"parts by ranks, merged by {ranks} ranks")
        done = job.mpi.run(ranks, job.bl23, "merge", *names, "-o", job.out)
        t.check(done.returncode == 0 and done.stdout.count("is finished") == 1, f"merged again by {ranks} ranks", *t.told(done))
        job.clean()


def falls_back(job):
    """The device of one rank cannot be opened: that rank says so and computes on its processor, into the same file."""
    program = os.environ.get("BL23_ON_SHIM")
    if not program:
        print("NOT RUN: a device that cannot be opened needs a bl23 on the shim")
        return
    script = 'if [ ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} = 1 ]; then export SHIM_MEMORY=1000; fi; exec "$@"'
    command = ["sh", "-c", script, "sh", program, *job.survey("--range", 20000)[1:]]
    done = job.mpi.run(2, *command)
    t.check(done.returncode == 0 and done.stderr.count(" cannot be used (") == 1 and "rank 1: cuda cannot be used (" in done.stderr,
            "one rank without its device", *t.told(done))
    job.check_file("one rank without its device")
    job.clean()
    fails(job, job.mpi.run(2, *command, "--backend", "cuda"), "a device that is asked for", 1, "rank 1 of 2", "does not fit")


def others(job):
    """What is no survey is done by rank 0: said once, made once, and all ranks end as it does."""
    for command in (["--help"], ["--version"], ["info"], ["info", "--json"], ["point", "--mass", 0.128, "--g", 1e-3, "--w", "0,0,1,0,1,0.59"],
                    ["tables", "--mass", 0.14], ["check", job.config, "--no-forecast"], ["survey", "--help"], ["merge", "--help"],
                    [], ["nonsense"], ["info", "--nonsense"], ["check", job.config + ".no"], ["replay", job.config]):
        alone, done = t.run([job.bl23, *command]), job.mpi.run(3, job.bl23, *command)
        t.check((done.returncode, done.stdout) == (alone.returncode, alone.stdout), f"{command} by three ranks is that of one", *t.told(done), *t.told(alone))
        t.check(done.stderr.count("bl23: ") == alone.stderr.count("bl23: ") and alone.stderr in done.stderr, f"{command}: one voice", *t.told(done))
    tables = os.path.join(job.folder, "tables.h5")
    for code in (0, 2):                                  # made once, then it is in the way once
        done = job.mpi.run(3, job.bl23, "tables", "--mass", 0.14, "-o", tables)
        t.check(done.returncode == code and os.path.exists(tables) and done.stderr.count("bl23: ") == (code > 0), "tables -o by three ranks", *t.told(done))
    script = 'if [ ${OMPI_COMM_WORLD_RANK:-$PMI_RANK} = 1 ]; then mass=0.2; else mass=0.1; fi; exec "$@" --mass $mass'
    done = job.mpi.run(2, "sh", "-c", script, "sh", job.bl23, "tables")
    fails(job, done, "ranks that were asked different things", 2, "rank 1 of 2",
          "the command line differs from that of rank 0; give every rank of a job the same")


def main():
    bl23, source = t.arguments()
    t.h5diff_or_skip()
    mpi, folder, rng = mpi_tools.Mpi(), t.work_folder(), random.Random(SEED)
    print(f"{mpi.kind}: {mpi.path}", flush=True)
    for name, samples in SAMPLES.items():
        shipped(Job(mpi, bl23, source, folder, name, samples * (10 if t.SLOW else 1)))
    hits, ends = kill_ranks(Job(mpi, bl23, source, t.work_folder(), "fig3", 4000000), rng)
    soft_stops(Job(mpi, bl23, source, t.work_folder(), "today", 20000000))
    job = Job(mpi, bl23, source, t.work_folder(), "fig3", 400000)
    extended(job)
    failures(job)
    parts(job)
    falls_back(job)
    others(job)
    full_disk(job)
    t.finish(f"{hits} jobs killed, {ends} that came to their end between")


if __name__ == "__main__":
    main()
