#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A survey on the CUDA backend, as a user runs it, with the device played by tests/cuda_shim.

The same file as on the CPU; a device that fails in the middle of a run, and the run that goes on
elsewhere; no device at all. BL23_KERNELS=1 in the environment: the same file alone, for other makes
of the kernels.
"""

import os
import re

import pytest

import survey_tools as t

SAMPLES = 400000
SURVEYS = ("fig3", "today_charm") if t.SHORT else (*t.SURVEYS, *t.CHARM_SURVEYS)
COMMITTED = 1070  # calls of the runtime after which some samples are on the disk
FAILING = (1, 150, 300, 700, COMMITTED, 1110, 1180)


# Surveys that rank by chi^2, by g: few samples, as no screen discards any.
RANKED = {
    "solve": {"survey": {"mass_gev": {"list": [0.14, 0.12, 0.5]}, "g_bl": "solve"}},
    "drawn": {
        "survey": {"mass_gev": {"fixed": 0.14}, "g_bl": {"log_uniform": [1e-4, 1e-2]}},
        "inputs": {"vary": "default", "draws": 3, "common_w": True},
    },
    "decides, solve": {"survey": {"mass_gev": {"fixed": 0.13}, "g_bl": "solve", "chi2_max": 16.5}},
    "decides, fixed, with charm": {
        "survey": {"mass_gev": {"fixed": 0.14}, "g_bl": {"fixed": 1e-3}, "chi2_max": 1e6},
        "constraints": {"sets": ["paper2020", "charm_known"]},
    },
}


def survey(program, config, out, *options, env=None):
    return t.run(
        [
            program,
            "survey",
            config,
            "-o",
            out,
            "--samples",
            SAMPLES,
            "--range",
            65536,
            "--commit",
            0,
            *options,
        ],
        env=env,
        timeout=900,
    )


def config_of(surveys, name):
    return os.path.join(surveys, name + ".yaml")


@pytest.fixture(scope="module")
def references(bl23, surveys, shared):
    """The files of the CPU by the names of the surveys."""
    made = {name: os.path.join(shared, name + "_cpu.h5") for name in SURVEYS}
    for name, out in made.items():
        command = [bl23, "survey", config_of(surveys, name), "-o", out, "--samples", SAMPLES]
        t.run_ok([*command, "--backend", "cpu"])
    return made


@pytest.mark.parametrize("name", SURVEYS)
def test_same_file(on_shim, surveys, references, folder, name):
    """The backend `auto` takes the device, and the file is that of the CPU."""
    out = os.path.join(folder, "cuda.h5")
    done = survey(on_shim, config_of(surveys, name), out)
    assert done.returncode == 0 and "no CUDA device" not in done.stderr, t.told(done)
    t.assert_same(references[name], out, "CPU against CUDA")
    with t.h5py.File(out) as f:
        assert f["provenance"].attrs["backend"] in (b"cuda", "cuda")


@pytest.mark.parametrize("name", RANKED)
def test_same_ranked_file(bl23, on_shim, folder, name):
    """Survivors, nearest samples and profiles by chi^2."""
    config = t.save_yaml(
        os.path.join(folder, "ranked.yaml"),
        {
            "constraints": {"sets": ["paper2020", "b_invisible_2021"]},
            "output": {
                "rank": "chi2",
                "nearest": 40,
                "max_survivors": 500,
                "histograms": [["wu11_abs2", "phase13"], ["phase23", "log10_g"]],
                "bins": {"log10_g": [-5, -2]},
            },
            **RANKED[name],
        },
    )
    out = {}
    for backend, program in (("cpu", bl23), ("cuda", on_shim)):
        out[backend] = os.path.join(folder, backend + ".h5")
        command = [program, "survey", config, "-o", out[backend], "--backend", backend]
        t.run_ok([*command, "--samples", 70000, "--seed", 7])
    t.assert_same(out["cpu"], out["cuda"], "CPU against CUDA")
    with t.h5py.File(out["cuda"]) as f:
        assert f["provenance"].attrs["backend"] in (b"cuda", "cuda")
        assert len(f["nearest/chi2"]) == 40 and "profiles/phase23__log10_g_index" in f
        assert "decides" not in name or len(f["survivors/index"]) == 500


# The rest says nothing of the kernels, of which there may be another make.
WHOLE = pytest.mark.skipif("BL23_KERNELS" in os.environ, reason="BL23_KERNELS: the kernels alone")


@WHOLE
@pytest.mark.parametrize("call", FAILING)
def test_failure(bl23, on_shim, surveys, references, folder, call):
    """The device fails for good at some call of its runtime."""
    cpu, cuda, config, reference = bl23, on_shim, config_of(surveys, "fig3"), references["fig3"]
    out = os.path.join(folder, "failing.h5")
    done = survey(cuda, config, out, "--backend", "cuda", env={"SHIM_FAIL_AT": str(call)})
    if done.returncode == 0:  # it ended before that call
        t.assert_same(reference, out, f"call {call} never came")
    else:
        said = re.search(r"^bl23: .*illegal memory access", done.stderr, flags=re.M)
        assert done.returncode == 1 and said, t.told(done, f"call {call}: exit 1 and the cause")
        assert not os.path.exists(out), f"call {call}: no output is there"
        resumed = survey(cpu if call % 20 else cuda, config, out)
        assert resumed.returncode == 0, t.told(resumed, f"call {call}: the same command goes on")
        if call >= COMMITTED:
            assert "resuming" in resumed.stderr, t.told(
                resumed, f"call {call}: something had been committed"
            )
        t.assert_same(reference, out, f"call {call}: resumed")


OPENING = (2, 4, 6, 12, 60)  # calls with which a device is opened
FAULTS = [({"SHIM_FAIL_AT": str(call)}, "illegal memory access") for call in OPENING]
FAULTS += [
    ({"SHIM_MEMORY": "1000"}, "does not fit"),
    ({"SHIM_MEMORY": "900000"}, "too little memory left"),
]


@WHOLE
@pytest.mark.parametrize("env, why", FAULTS, ids=["=".join(*env.items()) for env, _ in FAULTS])
def test_fall_back(on_shim, surveys, references, folder, env, why):
    """A device that cannot be opened: auto goes on without it, who asks for it gets an error."""
    config, out = config_of(surveys, "fig3"), os.path.join(folder, "fallen.h5")
    done = survey(on_shim, config, out, "--backend", "cuda", env=env)
    assert done.returncode == 1 and why in done.stderr, t.told(done, "--backend cuda fails")
    assert not os.path.exists(out)
    for options in ((), ("--backend", "auto", "--quiet")):
        done = survey(on_shim, config, out, *options, env=env)
        said = re.findall(
            r"^warning: cuda cannot be used \((.*)\): running on the CPU$", done.stderr, flags=re.M
        )
        assert done.returncode == 0, t.told(done, "auto falls back")
        assert len(said) == 1, t.told(done, "it says so; --quiet silences no warning")
        assert all(why in text for text in said), t.told(done, "it says why")
        t.assert_same(references["fig3"], out, "the same file")
        with t.h5py.File(out) as f:
            assert f["provenance"].attrs["backend"] in (b"cpu", "cpu")
        os.remove(out)


@WHOLE
def test_no_device(on_shim, surveys, folder):
    config, out = config_of(surveys, "fig3"), os.path.join(folder, "none.h5")
    done = survey(on_shim, config, out, "--backend", "cuda", env={"SHIM_DEVICES": "0"})
    assert done.returncode == 1 and "no CUDA device" in done.stderr, t.told(done)
    assert not os.listdir(folder), "something is left of it"
    done = survey(on_shim, config, out, env={"SHIM_DEVICES": "0"})
    sentences = [line for line in done.stderr.splitlines() if "running on the CPU" in line]
    assert done.returncode == 0 and len(sentences) == 1, t.told(done, "auto falls back")
