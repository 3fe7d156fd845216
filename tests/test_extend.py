#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A finished survey goes on to more samples: the same file as that of all samples at once.

Every shipped survey in two steps, every way to store survivors, kills on the way; the shorter file
stays until the longer one replaces it, and is verified before anything is taken from it.
"""

import os
import random
import shutil
import signal
import subprocess

import pytest

import survey_tools as t

STEPS = (4095, 300001, 900000)  # samples of the first output, the second, the last
LOOSE = {"without": ["koto_events", "gm2"]}  # random_g, but so that something survives
KILLS = 200 if t.SLOW else 25


class Survey:
    def __init__(self, bl23, folder, name, config):
        self.bl23, self.folder, self.name, self.config = bl23, folder, name, config
        self.out, self.whole = (
            os.path.join(folder, f"{name}-{kind}.h5") for kind in ("out", "whole")
        )

    def command(self, samples, *options, out=None):
        return t.survey_command(
            self.bl23, self.config, "", "-o", out or self.out, "--samples", samples, *options)

    def refused(self, what, samples, *options, code=2, says=(), env=None):
        """The call says so, changes nothing and leaves nothing."""
        before = t.read(self.out) if os.path.exists(self.out) else None
        done = t.run(self.command(samples, *options), env=env)
        assert (
            done.returncode == code and not done.stdout and all(s in done.stderr for s in says)
        ), t.note(f"{self.name}: {what}", says, t.told(done))
        after = t.read(self.out) if os.path.exists(self.out) else None
        assert before == after and not os.path.exists(self.out + ".run"), t.note(
            f"{self.name}: {what}: nothing is changed", os.listdir(self.folder)
        )


def in_steps(s):
    """Three outputs, each out of the one before."""
    t.run_ok(s.command(STEPS[-1], out=s.whole))
    t.run_ok(s.command(STEPS[0]))
    done = STEPS[0]
    for samples in STEPS[1:]:
        told = t.run_ok(s.command(samples, "--extend"))
        assert f"resuming: {done:.4g} of {samples:.4g} samples are done" in told.stderr, t.told(
            told, f"{s.name}: goes on"
        )
        done = samples
    t.assert_same(s.whole, s.out, f"{s.name}: {STEPS} samples")
    assert not os.path.exists(s.out + ".run"), f"{s.name}: no folder is left"
    again = t.run_ok(s.command(STEPS[-1], "--extend"))
    assert "Nothing to do" in again.stdout, t.told(again, f"{s.name}: finished")
    t.run_ok([s.bl23, "replay", s.out])


@pytest.mark.parametrize("name", (*t.SURVEYS, "loose"))
def test_steps(bl23, surveys, folder, name):
    config = os.path.join(surveys, name + ".yaml")
    if name == "loose":
        random_g, config = os.path.join(surveys, "random_g.yaml"), os.path.join(
            folder, "loose.yaml"
        )
        t.with_changes(random_g, config, constraints=LOOSE)
    in_steps(Survey(bl23, folder, name, config))


STORES = {
    "index": {"store": "index"},
    "thin": {"max_survivors": 500},
    "none": {"store": "none"},
    "many": {"max_survivors": 20000, "nearest": 7, "cutflow_every": 3},
}


def stored(bl23, surveys, folder, name):
    """fig3 in steps with survivors stored in another way: the path of its file."""
    shipped, config = os.path.join(surveys, "fig3.yaml"), os.path.join(folder, name + ".yaml")
    t.with_changes(shipped, config, output=STORES[name])
    survey = Survey(bl23, folder, name, config)
    in_steps(survey)
    return survey.out


@pytest.mark.parametrize("name", ("index", "none", "many"))
def test_store(bl23, surveys, folder, name):
    """Survivors as indices, not at all, or many of them."""
    stored(bl23, surveys, folder, name)


def test_thinned(bl23, surveys, folder):
    """Survivors of both halves are kept."""
    thin = t.columns(stored(bl23, surveys, folder, "thin"))
    assert (
        len(thin["index"]) == 500 and thin["index"].max() >= STEPS[1] > thin["index"].min()
    ), t.note("thinned: survivors of both halves are kept", thin["index"])


@pytest.fixture
def s(bl23, surveys, folder):
    return Survey(bl23, folder, "fig3", os.path.join(surveys, "fig3.yaml"))


def test_killed(s):
    """SIGKILL at any moment: the shorter file stays until the longer one is there."""
    moments = random.Random(4)
    t.run_ok(s.command(STEPS[-1], out=s.whole))
    t.run_ok(s.command(STEPS[1]))
    shorter = t.read(s.out)
    hits = 0
    for kill in range(KILLS):
        process = subprocess.Popen(
            [str(x) for x in s.command(STEPS[2], "--extend", "--range", 4096, "--commit", 0)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            process.wait(moments.uniform(0.0, 0.15))
        except subprocess.TimeoutExpired:
            process.kill()
        error = process.communicate()[1]
        hits += process.returncode == -signal.SIGKILL
        assert process.returncode in (0, -signal.SIGKILL), t.note(
            f"{s.name}: kill {kill}: exit {process.returncode}", error
        )
        if t.read(s.out) != shorter:
            t.assert_same(s.whole, s.out, f"{s.name}: kill {kill}: the longer file")
            t.run_ok(s.command(STEPS[2], "--extend"))
            assert not os.path.exists(s.out + ".run"), f"{s.name}: kill {kill}: no folder is left"
            with open(s.out, "wb") as f:
                f.write(shorter)
    assert hits > KILLS // 5, f"{s.name}: {hits} of {KILLS} kills hit"
    t.run_ok(s.command(STEPS[2], "--extend"))
    t.assert_same(s.whole, s.out, f"{s.name}: after {hits} kills")


def test_refused(s):
    t.run_ok(s.command(STEPS[1]))
    s.refused(
        "without --extend",
        STEPS[2],
        says=(f"{s.out} holds this survey with {STEPS[1]} samples, not {STEPS[2]}; use --",),
    )
    config = t.with_changes(s.config, os.path.join(s.folder, "check.yaml"), output={"file": s.out})
    found = t.parse_yaml(
        t.run_ok([s.bl23, "check", config, "--no-forecast", "--json", "--samples", STEPS[2]]).stdout
    )
    assert "--extend" in found["output_taken"], t.note(f"{s.name}: check says so, too", found)
    for extend in ([], ["--extend"]):
        s.refused(
            "fewer samples than are there",
            STEPS[0],
            *extend,
            says=(f"already holds this survey with {STEPS[1]} samples, more than {STEPS[0]};",),
        )
    s.refused(
        "another seed",
        STEPS[2],
        "--extend",
        "--seed",
        2,
        says=("another configuration (survey.seed is 1, not 2)",),
    )
    s.refused(
        "no device",
        STEPS[2],
        "--extend",
        "--backend",
        "cuda",
        code=1,
        says=("CUDA",),
        env={"CUDA_VISIBLE_DEVICES": ""},
    )
    shorter = t.read(s.out)
    with t.h5py.File(s.out, "r+") as f:
        f["mine/x"] = [1, 2, 3]
    s.refused(
        "a group of the user's",
        STEPS[2],
        "--extend",
        says=(f"{s.out} holds 'mine', which is not bl23's and would be lost with --extend",),
    )
    with open(s.out, "wb") as f:
        f.write(shorter)
    for option in (["--force"], ["--first", 0, "--count", 10]):
        s.refused(
            f"beside {option[0]}",
            STEPS[2],
            "--extend",
            *option,
            says=(f"--extend cannot be combined with {option[0]}",),
        )
    with open(s.out, "r+b") as f:  # a byte of the nearest samples' data
        position = t.read(s.out).rfind(t.columns(s.out, "nearest")["tension"].tobytes())
        f.seek(position + 3)
        f.write(bytes([t.read(s.out)[position + 3] ^ 1]))
    s.refused("a damaged file", STEPS[2], "--extend", code=1, says=("/nearest/tension",))
    os.remove(s.out)
    s.refused(
        "no file",
        STEPS[2],
        "--extend",
        says=(f"{s.out} does not exist; --extend needs this survey, finished with fewer",),
    )
    with open(s.out, "w", encoding="ascii") as f:
        f.write("notes")
    s.refused("another file", STEPS[2], "--extend", says=("exists and is not a finished survey",))
    os.remove(s.out)


def test_begun(s):
    """What an interrupted extension has left: found by check, and gone on from.

    It is not in the way of the shorter survey.
    """
    t.run_ok(s.command(STEPS[1]))
    process = subprocess.Popen(
        [str(x) for x in s.command(10**12, "--extend", "--commit", 0)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not any(
        name.startswith("segment-") and not name.startswith("segment-0000000000000000")
        for name in (os.listdir(s.out + ".run") if os.path.isdir(s.out + ".run") else [])
    ):
        if process.poll() is not None:
            break
    process.send_signal(signal.SIGINT)
    error = process.communicate()[1]
    assert process.returncode == 3, t.note(f"{s.name}: interrupted", error)
    config = t.with_changes(s.config, os.path.join(s.folder, "begun.yaml"), output={"file": s.out})
    look = lambda n: t.parse_yaml(
        t.run_ok([s.bl23, "check", config, "--no-forecast", "--json", "--samples", n]).stdout
    )
    assert (
        look(10**12)["samples_done"] > STEPS[1] and "--extend" in look(10**12)["output_taken"]
    ), t.note(f"{s.name}: seen by check", look(10**12))
    taken = look(10**11)["output_taken"]
    assert (
        ".run/manifest:1: this line is of another configuration (survey.samples is" in taken
    ), t.note(f"{s.name}: another number of samples", taken)
    done = t.run_ok(s.command(STEPS[1]))
    assert "Nothing to do" in done.stdout and os.path.isdir(s.out + ".run"), t.told(
        done, f"{s.name}: the shorter survey is finished as before"
    )
    os.rename(s.out, s.out + ".away")
    process = subprocess.Popen(
        [str(x) for x in s.command(10**12, "--extend", "--backend", "cpu")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = process.stderr.readline()
    process.kill()
    process.communicate()
    assert said.startswith("resuming: "), t.note(
        f"{s.name}: goes on without the shorter file", said
    )
    shutil.rmtree(s.out + ".run")
    os.remove(s.out + ".away")


def test_curve_changed(bl23, folder):
    """The curve of the output counts, and the message says where the file differs; with --force the
    file counts."""
    path = os.path.join(folder, "curve.csv")
    config = t.save_yaml(
        os.path.join(folder, "curve.yaml"),
        {
            "survey": {"samples": 5000, "mass_gev": {"fixed": 0.14}, "g_bl": "solve"},
            "constraints": {
                "extra": [
                    {
                        "name": "mine",
                        "observable": "br_kp_pip",
                        "curve": "curve.csv",
                        "cl": 0.9,
                        "cite": "me",
                    }
                ]
            },
        },
    )
    s = Survey(bl23, folder, "curve", config)
    for limit in ("1e-9", "2e-9"):
        with open(path, "w", encoding="ascii") as f:
            f.write(f"m_gev,upper\n0.1,{limit}\n0.2,{limit}\n")
        if limit == "1e-9":
            t.run_ok(s.command(5000))
            t.run_ok(s.command(6000, out=s.whole))
    done = t.run_ok(s.command(6000, "--extend"))
    assert "(row 1 is 0.1,2e-09, and was 0.1,1e-09)" in done.stderr, t.told(done)
    t.assert_same(s.whole, s.out, "the curve of the output")
    t.run_ok(s.command(6000, "--force"))
    assert "tables/model" in t.h5_differences(s.whole, s.out)
