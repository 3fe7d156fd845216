#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Threads and memory are those that a process was allotted, not those of the machine.

By the processors it is bound to, its limits and its batch system; `bl23 info` says what decided,
a survey starts so many threads and warns where its memory is short, and --threads wins.
"""

import json
import os
import resource
import subprocess
import time

import pytest

import survey_tools as t

PROCESSORS = sorted(os.sched_getaffinity(0))
NO_BATCH = {name: "" for name in ("SLURM_JOB_ID", "SGE_ROOT", "PBS_JOBID", "LSB_JOBID")}


def clean():
    """The environment of a process outside of batch systems."""
    return {k: v for k, v in os.environ.items() if k not in NO_BATCH and "SLURM" not in k}


def info(bl23, prepare=None, **env):
    done = subprocess.run([bl23, "info", "--json"], env=dict(clean(), **env), preexec_fn=prepare,
                          capture_output=True, text=True, timeout=t.TIMEOUT_S, check=False)
    assert done.returncode == 0, t.told(done)
    return json.loads(done.stdout)


def test_bound(bl23):
    """The processors to which a process is bound."""
    found = info(bl23, lambda: os.sched_setaffinity(0, PROCESSORS[:1]))
    assert found["threads"] == 1, t.note("bound to one", found["threads"], found["threads_by"])
    assert len(PROCESSORS) == 1 or found["threads_by"] == "CPU affinity", found["threads_by"]
    assert info(bl23)["threads"] <= len(PROCESSORS)


@pytest.mark.parametrize("job, name", (
    ("SLURM_JOB_ID", "SLURM_CPUS_PER_TASK"), ("SLURM_JOB_ID", "SLURM_CPUS_ON_NODE"),
    ("SGE_ROOT", "NSLOTS"), ("PBS_JOBID", "NCPUS"), ("LSB_JOBID", "LSB_DJOB_NUMPROC")))
def test_batch_system(bl23, job, name):
    """A batch system's number counts in its jobs, and only there; nonsense does not."""
    if len(PROCESSORS) == 1:
        pytest.skip("this needs two processors")
    free = info(bl23)["threads"]
    found = info(bl23, **{job: "7", name: "1"})
    assert (found["threads"], found["threads_by"]) == (1, name), found["threads_by"]
    assert info(bl23, **{name: "1"})["threads"] == free, f"{name} outside of a job"
    for value in ("", "0", "-3", "many", "1000000", "2(x3)"):
        assert info(bl23, **{job: "7", name: value})["threads"] == free, value
    assert info(bl23, OMP_NUM_THREADS="1")["threads"] == free, "a wish is no allotment"


def test_memory(bl23):
    """Limits of a process, and what Slurm gives."""
    everything = info(bl23)["memory_bytes"]
    mib, job = 1 << 20, {"SLURM_JOB_ID": "7"}
    for kind, name in ((resource.RLIMIT_AS, "ulimit -v"), (resource.RLIMIT_DATA, "ulimit -d")):
        found = info(bl23, lambda kind=kind: resource.setrlimit(kind, (400 * mib, 400 * mib)))
        assert (found["memory_bytes"], found["memory_by"]) == (400 * mib, name), found["memory_by"]
    found = info(bl23, **job, SLURM_MEM_PER_NODE="300")
    assert (found["memory_bytes"], found["memory_by"]) == (300 * mib, "SLURM_MEM_PER_NODE")
    found = info(bl23, **job, SLURM_MEM_PER_CPU="100", SLURM_CPUS_ON_NODE="2")
    assert (found["memory_bytes"], found["memory_by"]) == (200 * mib, "SLURM_MEM_PER_CPU")
    assert info(bl23, **job, SLURM_MEM_PER_NODE="0")["memory_bytes"] == everything, "all of it"


def threads_of(bl23, surveys, folder, *more, **env):
    """The most threads that a survey was seen to have."""
    command = [bl23, "survey", os.path.join(surveys, "fig3.yaml"), "--samples", "1e12", "-o",
               os.path.join(folder, "o.h5"), "--backend", "cpu", "--quiet", *more]
    process = subprocess.Popen(command, env=dict(clean(), **env), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    most, begin = 0, time.monotonic()
    while process.poll() is None and time.monotonic() - begin < 1.5:
        most = max(most, len(os.listdir(f"/proc/{process.pid}/task")))
    process.kill()
    process.wait()
    return most


def test_threads_of_a_survey(bl23, surveys, folder):
    """A survey starts what it was allotted; --threads wins."""
    if len(PROCESSORS) == 1:
        pytest.skip("this needs two processors")
    one = {"SLURM_JOB_ID": "7", "SLURM_CPUS_PER_TASK": "1"}
    assert threads_of(bl23, surveys, folder, **one) == 1
    assert threads_of(bl23, surveys, folder, "--threads", "3", **one) == 3
    assert threads_of(bl23, surveys, folder) == info(bl23)["threads"]


def test_short_memory_is_told(bl23, surveys, folder):
    """`check` and the survey warn where a survey may need more memory than it may use."""
    config = t.with_changes(os.path.join(surveys, "fig3.yaml"), os.path.join(folder, "c.yaml"),
                            output={"nearest": 1000000})
    env = {"SLURM_JOB_ID": "7", "SLURM_MEM_PER_NODE": "60"}
    done = t.run([bl23, "check", config, "--no-forecast"], env=env, cwd=folder)
    lines = [x for x in done.stdout.split("\n") if "of memory" in x]
    assert done.returncode == 0 and len(lines) == 1, t.told(done)
    assert "warning: " in lines[0] and "SLURM_MEM_PER_NODE" in lines[0], lines
    small = [bl23, "check", os.path.join(surveys, "fig3.yaml"), "--no-forecast"]
    assert "of memory" not in t.run_ok(small, env=env, cwd=folder).stdout
