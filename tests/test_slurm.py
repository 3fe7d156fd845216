#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The batch scripts of scripts/slurm under a real Slurm of one node, started here and ended here.

Needs root and slurmctld, slurmd and munged (Debian: slurm-wlm, munge); without them it is skipped.
A job that is told to stop does so, is requeued and goes on (told by scancel, and by its time limit
in the long version); so does one whose rank is killed; an array makes parts that are merged. All
end in the file of one process.
"""

import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

import mpi_tools
import survey_tools as t

START_S = 40  # until the node is ready
JOB_S = 900 if t.SLOW else 240  # until a job has ended
CONF = """ClusterName=bl23test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=6
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=2,bf_interval=2
ReturnToService=2
OverTimeLimit=0
KillWait=5
SlurmctldPort={port}
SlurmdPort={port1}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmctldParameters=enable_configless
PlugStackConfig={folder}/plugstack.conf
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:4
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Slurm:
    """munged, slurmctld and slurmd in one folder."""

    def __init__(self, folder):
        if os.geteuid() != 0:
            t.skip("starting Slurm needs root")
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        for tool in ("munged", "slurmctld", "slurmd", "sbatch", "scontrol"):
            if not shutil.which(tool):
                t.skip(f"{tool} is not installed")
        self.folder, self.daemons = folder, []
        os.chmod(folder, 0o755)
        for name in ("state", "spool"):
            os.mkdir(os.path.join(folder, name))
        with open(os.path.join(folder, "plugstack.conf"), "w", encoding="ascii"):
            pass
        host = socket.gethostname().split(".")[0]
        conf = os.path.join(folder, "slurm.conf")
        with open(conf, "w", encoding="ascii") as f:
            f.write(
                CONF.format(
                    host=host,
                    folder=folder,
                    port=free_port(),
                    port1=free_port(),
                    cpus=os.cpu_count(),
                )
            )
        os.environ["SLURM_CONF"] = conf

    def start(self):
        conf, host = os.environ["SLURM_CONF"], socket.gethostname().split(".")[0]
        self.start_munge()
        self.daemon("slurmctld", "-D", "-f", conf)
        self.daemon("slurmd", "-D", "-f", conf, "-N", host)
        self.wait_ready()

    def daemon(self, *command):
        log = open(os.path.join(self.folder, command[0] + ".out"), "w", encoding="ascii")
        self.daemons.append(
            subprocess.Popen([str(c) for c in command], stdout=log, stderr=subprocess.STDOUT)
        )

    def start_munge(self):
        def path(name):
            return os.path.join(self.folder, "munge." + name)

        with open(os.open(path("key"), os.O_CREAT | os.O_WRONLY, 0o400), "wb") as f:
            f.write(os.urandom(1024))
        self.daemon(
            "munged",
            "--foreground",
            "--force",
            "--socket",
            path("socket"),
            "--key-file",
            path("key"),
            "--pid-file",
            path("pid"),
            "--seed-file",
            path("seed"),
            "--log-file",
            path("log"),
        )
        stop = time.monotonic() + START_S
        while not os.path.exists(path("socket")) and time.monotonic() < stop:
            time.sleep(0.1)

    def log(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as f:
            return f.read()[-1500:]

    def wait_ready(self):
        stop = time.monotonic() + START_S
        while time.monotonic() < stop:
            done = t.run(["sinfo", "-h", "-o", "%T"])
            if done.stdout.strip() == "idle":
                return
            time.sleep(0.3)
        logs = self.log("slurmctld.out"), self.log("slurmd.out")
        t.skip(t.note("Slurm does not start here", done.stdout, done.stderr, *logs))

    def stop(self):
        """End the daemons and, if a test broke off, what runs under them."""
        if len(self.daemons) == 3 and t.run(["squeue", "-h"]).stdout:
            t.run(["scancel", "-u", "root", "--signal=KILL", "--full"])
        daemons, self.daemons = self.daemons, []
        for daemon in reversed(daemons):
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()

    def submit(self, *arguments):
        done = t.run(
            ["sbatch", "--parsable", f"--output={self.folder}/job-%A-%a-%j.txt", *arguments]
        )
        assert done.returncode == 0, t.told(done, "sbatch")
        return done.stdout.strip()

    def field(self, job, name):
        """A field of `scontrol show job`, of all its tasks."""
        words = t.run(["scontrol", "-a", "show", "job", job]).stdout.split()
        return [w.split("=", 1)[1] for w in words if w.startswith(name + "=")]

    def wait_state(self, job, states):
        stop = time.monotonic() + JOB_S
        found = []
        while time.monotonic() < stop:
            found = self.field(job, "JobState")
            if found and set(found) <= set(states):
                return found
            time.sleep(0.2)
        log = self.log("slurmctld.log")
        return pytest.fail(t.note(f"job {job}: {found}, not {states}", log, self.said()))

    def said(self):
        """The ends of what the jobs printed."""
        return t.run(["sh", "-c", f"tail -c 800 {self.folder}/job-*"]).stdout

    def ended(self, job, what):
        """It must end well; how often it was started again."""
        states = self.wait_state(job, {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL"})
        assert set(states) == {"COMPLETED"}, t.note(f"{what}: {states}", self.said())
        return [int(n) for n in self.field(job, "Restarts")]


class Case:
    def __init__(self, bl23, source, folder, samples):
        self.bl23, self.folder, self.samples = bl23, folder, samples
        self.config = os.path.join(source, "scripts", "surveys", "fig3.yaml")
        self.batch, self.parts = (
            os.path.join(source, "scripts", "slurm", n) for n in ("survey.sbatch", "parts.sbatch")
        )
        self.options = ["--range", "20000", "--commit", "0", "--quiet"]
        self.reference = os.path.join(folder, "reference.h5")
        t.run_ok(
            [bl23, "survey", self.config, "-o", self.reference, "--samples", samples, "--quiet"]
        )

    def submit(self, slurm, out, *sbatch):
        return slurm.submit(
            "--ntasks=2",
            *sbatch,
            self.batch,
            self.config,
            out,
            "--samples",
            str(self.samples),
            *self.options,
        )

    def wait_commit(self, out):
        stop = time.monotonic() + JOB_S
        files = out + ".run/manifest", out
        while not any(map(os.path.exists, files)) and time.monotonic() < stop:
            time.sleep(0.05)
        time.sleep(0.5)

    def check(self, out, what):
        t.assert_same(self.reference, out, what)
        assert not os.path.exists(out + ".run"), f"{what}: the folder is gone"


@pytest.fixture(scope="module")
def launch(bl23):
    """The environment of the batch scripts."""
    mpi = mpi_tools.Mpi()
    crowded = " --oversubscribe" if mpi.kind == "openmpi" else ""
    return dict(mpi_tools.ROOT, BL23=bl23, BL23_LAUNCH=f"{mpi.path}{crowded} -n 2")


@pytest.fixture(scope="module")
def slurm(launch):
    os.environ.update(launch)
    with t.temporary_folder() as folder:
        slurm = Slurm(folder)
        try:
            slurm.start()
            yield slurm
        finally:
            slurm.stop()


@pytest.fixture(scope="module")
def case(bl23, source, slurm, shared):
    return Case(bl23, source, shared, 60000000 if t.SLOW else 30000000)


def test_stopped(slurm, case):
    """The signal before the time limit: Slurm's own in the long version, which takes its time."""
    out = os.path.join(case.folder, "limit.h5")
    if t.SLOW:
        case.options[1] = "2000"  # many commits: longer than Slurm takes to look at its clock
    job = case.submit(slurm, out, *(("--time=1", "--signal=B:USR1@58") if t.SLOW else ()))
    case.options[1] = "20000"
    case.wait_commit(out)
    if not t.SLOW:
        t.run(["scancel", "--signal=USR1", "--batch", job])
    restarts = slurm.ended(job, "a job that is told to stop")
    assert restarts and restarts[0] >= 1, t.note("it was stopped and started again", restarts)
    case.check(out, "a job that is told to stop")


def test_killed(slurm, case):
    """A rank dies: the job fails, keeps what it has, and goes on when it is requeued."""
    out = os.path.join(case.folder, "killed.h5")
    job = case.submit(slurm, out)
    case.wait_commit(out)
    for pid in mpi_tools.processes(case.bl23, out)[-1:]:
        os.kill(pid, signal.SIGKILL)
    slurm.wait_state(job, {"FAILED"})
    assert os.path.isdir(out + ".run") and not os.path.exists(out), "what was committed is kept"
    t.run_ok(["scontrol", "requeue", job])
    slurm.ended(job, "a job that was requeued")
    case.check(out, "a job that was requeued")


def test_array(slurm, case):
    """Parts, one of which is told to stop; then the merge that waits for them."""
    out = os.path.join(case.folder, "array.h5")
    survey = [case.config, out, str(case.samples), "--threads", "1", *case.options]
    job = slurm.submit("--array=1-3", "--ntasks=1", case.parts, *survey)
    command = f"{case.bl23} merge {out}.part-*.run -o {out}"
    merge = slurm.submit(f"--dependency=afterok:{job}", "--wrap", command)
    first = out + ".part-0"
    case.wait_commit(first)
    t.run(["scancel", "--signal=USR1", "--batch", f"{job}_1"])
    restarts = slurm.ended(job, "an array")
    assert sum(restarts) >= 1, t.note("the part that was stopped was started again", restarts)
    slurm.ended(merge, "the merge")
    t.assert_same(case.reference, out, "an array of parts, merged")


def test_misuse(slurm, case):
    parts = [case.config, "x.h5", "1e9"]
    for script, arguments in ((case.batch, [case.config]), (case.parts, parts)):
        job = slurm.submit(
            "--array=0-1" if script == case.parts else "--ntasks=1", script, *arguments
        )
        slurm.wait_state(job, {"FAILED"})
        assert set(slurm.field(job, "ExitCode")) == {"2:0"}, t.note(
            f"{os.path.basename(script)} misused", slurm.field(job, "ExitCode")
        )
