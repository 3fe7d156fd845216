#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""bl23 for 64-bit ARM, cross-built and run by qemu, gives what bl23 gives here.

Surveys byte for byte, on every instruction set, in parts made on both; tables, points, planes and
the paper's numbers as text; proofs of bounds, each checked by the other. Skipped without the cross
compiler, qemu or the libraries that scripts/aarch64_sysroot.sh unpacks.
"""

import json
import os
import platform
import shutil

import pytest

import survey_tools as t

SAMPLES = {
    "fig3": 200000,
    "open_question": 200000,
    "random_g": 100000,
    "today": 100000,
    "loose": 100000,
}
LOOSE = {"without": ["koto_events", "gm2"]}  # random_g, but so that something survives
WAYS = (
    ("neon", {}, ["--threads", 3, "--range", 20001]),
    ("neon", {"BL23_ISA": "neon"}, ["--threads", 1]),
    ("generic", {"BL23_ISA": "generic"}, []),
)
PROGRAMS = ("dd", "passarino_veltman", "philox", "screen", "thinning", "verdict")
TEXTS = (
    ["tables", "--mass", "0.134977", "--json"],
    ["tables", "--mass", "4.5", "--json"],
    ["point", "--mass", "0.128", "--g", "1e-3", "--w", "0,0,1,0,1,0.59", "--json"],
    ["reproduce"],
)
BOUND_AGREES = 1e-9  # relative: the gap between what is proven and what is reached


def build(source, folder):
    """Folder and emulator of a build with warnings as errors; skips where something is missing."""
    sysroot = os.path.join(source, "build", "sysroot-aarch64")
    for tool in (
        "aarch64-linux-gnu-gcc",
        "aarch64-linux-gnu-g++",
        "qemu-aarch64",
        "cmake",
        "ninja",
    ):
        if not shutil.which(tool):
            t.skip(f"{tool} is not installed")
    if not os.path.exists(os.path.join(sysroot, "complete")):
        t.skip("scripts/aarch64_sysroot.sh has not been run")
    out = os.path.join(folder, "build")
    t.run_ok(
        [
            "cmake",
            "-S",
            source,
            "-B",
            out,
            "-G",
            "Ninja",
            "-DCMAKE_BUILD_TYPE=Release",
            "-DBL23_CUDA=OFF",
            "-DBL23_TESTS=ON",
            "-DBL23_WERROR=ON",
            f"-DCMAKE_TOOLCHAIN_FILE={source}/scripts/aarch64.cmake",
        ]
    )
    targets = ["bl23", "bl23_on_shim", *(f"test_{p}" for p in PROGRAMS)]
    t.run_ok(["ninja", "-C", out, *targets], timeout=900)
    return out, ["qemu-aarch64", "-L", sysroot]


class Pair:
    """bl23 of this machine and bl23 for aarch64."""

    def __init__(self, native, foreign, source, folder):
        self.native, self.foreign, self.source, self.folder = [native], foreign, source, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def shipped(self, name):
        if name == "loose":
            return t.with_changes(
                self.shipped("random_g"), self.path("loose.yaml"), constraints=LOOSE
            )
        return os.path.join(self.source, "scripts", "surveys", name + ".yaml")

    def survey(self, program, name, out, *options, env=None, samples=None):
        t.run_ok(
            [
                *program,
                "survey",
                self.shipped(name),
                "--samples",
                samples or SAMPLES[name],
                "-o",
                self.path(out),
                "--quiet",
                "--force",
                *options,
            ],
            env=env,
        )
        return self.path(out)


@pytest.fixture(scope="module")
def built(source, shared):
    """Folder of the build for aarch64, and the command that runs a program of it."""
    if platform.machine() in ("aarch64", "arm64"):
        t.skip("this is such a machine: the other tests say what this one would")
    return build(source, shared)


@pytest.fixture(scope="module")
def pair(bl23, source, shared, built):
    out, emulator = built
    return Pair(bl23, [*emulator, os.path.join(out, "bin", "bl23")], source, shared)


@pytest.mark.parametrize("program", PROGRAMS)
def test_unit(built, program):
    """The unit tests of what the answers are made of."""
    out, emulator = built
    command = [*emulator, os.path.join(out, "tests", f"test_{program}")]
    t.run_ok(command, env={"BL23_SCREEN_TILES": "1"}, timeout=1200)


@pytest.mark.parametrize("name", SAMPLES)
def test_survey(pair, name):
    here = pair.survey(pair.native, name, "here.h5")
    for isa, env, options in WAYS:
        there = pair.survey(pair.foreign, name, "there.h5", *options, env=env)
        t.assert_same(here, there, f"{name}: aarch64, {isa} {options}")
        with t.h5py.File(there) as f:
            device = str(f["provenance"].attrs["device"])
        assert isa in device, t.note(f"{name}: computed by {isa}", device)
    other = pair.survey(pair.foreign, name, "seed.h5", "--seed", 2)
    assert (
        len(t.h5_differences(here, other)) > 10
    ), f"{name}: another seed differs, and the comparison sees it"
    t.run_ok([*pair.foreign, "replay", here])
    t.run_ok([*pair.native, "replay", there])


def test_parts(pair):
    """A survey whose first part is made here and its second on aarch64, merged by either."""
    name = "fig3"
    here, middle = pair.survey(pair.native, name, "here.h5"), SAMPLES[name] // 3
    first = pair.survey(pair.native, name, "first.h5", "--first", 0, "--count", middle)
    last = pair.survey(
        pair.foreign, name, "last.h5", "--first", middle, "--count", SAMPLES[name] - middle
    )
    for program in (pair.native, pair.foreign):
        merged = pair.path("merged.h5")
        t.run_ok([*program, "merge", first, last, "-o", merged])
        t.assert_same(here, merged, f"{name}: parts of both")
        os.remove(merged)


def test_kernels(pair, built):
    """The CUDA backend on its host runtime, built for aarch64."""
    out, emulator = built
    name, shim = "fig3", [*emulator, os.path.join(out, "tests", "bl23_on_shim")]
    here = pair.survey(pair.native, name, "here.h5", samples=20000)
    there = pair.survey(shim, name, "there.h5", "--backend", "cuda", samples=20000)
    t.assert_same(here, there, f"{name}: the CUDA kernels of aarch64")


@pytest.mark.parametrize("command", TEXTS, ids=[" ".join(text[:3]) for text in TEXTS])
def test_text(pair, command):
    here, there = (t.run([*program, *command]) for program in (pair.native, pair.foreign))
    assert here.stdout and (here.returncode, here.stdout) == (
        there.returncode,
        there.stdout,
    ), t.note(f"the same text: {command}", t.told(here), t.told(there))


def test_plane(pair):
    files = [pair.path("plane-here.h5"), pair.path("plane-there.h5")]
    for program, file in zip((pair.native, pair.foreign), files):
        t.run_ok([*program, "plane", pair.shipped("benchmark"), "-o", file])
    t.assert_same(*files, "plane")


def test_bounds(pair):
    """The search may go another way (its long double is another one); its proofs hold in both."""
    config = t.with_changes(
        pair.shipped("open_question"),
        pair.path("bound.yaml"),
        survey={"mass_gev": {"list": [0.116, 0.134, 0.152]}},
    )
    answers = []
    for program, name in ((pair.native, "here.json"), (pair.foreign, "there.json")):
        t.run_ok([*program, "bound", config, "-o", pair.path(name)])
        with open(pair.path(name), encoding="utf-8") as f:
            answers.append(json.load(f)["masses"])
        for judge in (pair.native, pair.foreign):
            t.run_ok([*judge, "bound", "--verify", pair.path(name)])
    assert len(answers[0]) == len(answers[1]) == 3, "three masses"
    for here, there in zip(*answers):
        assert here["state"] == there["state"] == "excluded", t.note(
            "the same verdict", here["state"], there["state"]
        )
        for side in ("lower", "upper"):
            a, b = here["tension"][side], there["tension"][side]
            assert abs(a - b) <= BOUND_AGREES * a, t.note(
                f"the same least tension at {here['mass_gev']}", a, b
            )
