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

import survey_tools as t

SAMPLES = 400000
COMMITTED = 900         # calls of the runtime after which some samples are on the disk
FAILING = (1, 150, 300, 700, COMMITTED, 950, 1010)


def survey(program, config, out, *options, env=None):
    return t.run([program, "survey", config, "-o", out, "--samples", SAMPLES, "--range", 65536, "--commit", 0,
                  *options], env=env)


def check_same_file(cpu, cuda, config, folder, name):
    a, b = os.path.join(folder, name + "_cpu.h5"), os.path.join(folder, name + "_cuda.h5")
    t.run_ok([cpu, "survey", config, "-o", a, "--samples", SAMPLES, "--backend", "cpu"])
    done = survey(cuda, config, b)
    t.check(done.returncode == 0 and "no CUDA device" not in done.stderr, f"{name}: auto takes the device",
            *t.told(done))
    t.check_same(a, b, f"{name}: CPU against CUDA")
    with t.h5py.File(b) as f:
        t.check(f["provenance"].attrs["backend"] in (b"cuda", "cuda"), f"{name}: the provenance names the backend")
    return a


def check_failure(cpu, cuda, config, folder, reference, call):
    """The device fails for good at some call of its runtime."""
    out = os.path.join(folder, "failing.h5")
    done = survey(cuda, config, out, "--backend", "cuda", env={"SHIM_FAIL_AT": str(call)})
    if done.returncode == 0:        # it ended before that call
        t.check_same(reference, out, f"call {call} never came")
    else:
        said = re.search(r"^bl23: .*illegal memory access", done.stderr, flags=re.M)
        t.check(done.returncode == 1 and said, f"call {call}: exit 1 and the cause", *t.told(done))
        t.check(not os.path.exists(out), f"call {call}: no output is there")
        resumed = survey(cpu if call % 20 else cuda, config, out)
        t.check(resumed.returncode == 0, f"call {call}: the same command goes on", *t.told(resumed))
        if call >= COMMITTED:
            t.check("resuming" in resumed.stderr, f"call {call}: something had been committed", *t.told(resumed))
        t.check_same(reference, out, f"call {call}: resumed")
    if os.path.exists(out):
        os.remove(out)


def check_fall_back(cuda, config, folder, reference):
    """A device that is counted and cannot be opened: auto goes on without it, who asks for it is told."""
    out = os.path.join(folder, "fallen.h5")
    opening = (2, 4, 6, 12, 60)  # calls with which a device is opened
    faults = [({"SHIM_FAIL_AT": str(call)}, "illegal memory access") for call in opening]
    for env, why in (*faults, ({"SHIM_MEMORY": "1000"}, "does not fit"), ({"SHIM_MEMORY": "900000"}, "too little memory left")):
        done = survey(cuda, config, out, "--backend", "cuda", env=env)
        t.check(done.returncode == 1 and why in done.stderr and not os.path.exists(out), f"{env}: --backend cuda fails", *t.told(done))
        for options in ((), ("--backend", "auto", "--quiet")):
            done = survey(cuda, config, out, *options, env=env)
            said = re.findall(r"^cuda is left aside \((.*)\): running on the CPU$", done.stderr, flags=re.M)
            t.check(done.returncode == 0 and len(said) == ("--quiet" not in options) and all(why in text for text in said),
                    f"{env}: auto falls back and says why", *t.told(done))
            t.check_same(reference, out, f"{env}: the same file")
            with t.h5py.File(out) as f:
                t.check(f["provenance"].attrs["backend"] in (b"cpu", "cpu"), f"{env}: the provenance names the CPU")
            os.remove(out)


def check_no_device(cuda, config, folder):
    out = os.path.join(folder, "none.h5")
    done = survey(cuda, config, out, "--backend", "cuda", env={"SHIM_DEVICES": "0"})
    t.check(done.returncode == 1 and "no CUDA device" in done.stderr, "asked for, not there", *t.told(done))
    t.check(not os.path.exists(out) and not os.path.exists(out + ".run"), "nothing is left of it")
    done = survey(cuda, config, out, env={"SHIM_DEVICES": "0"})
    sentences = [line for line in done.stderr.splitlines() if "running on the CPU" in line]
    t.check(done.returncode == 0 and len(sentences) == 1, "auto falls back with one sentence", *t.told(done))


def main():
    cpu, source = t.arguments()
    cuda = os.environ.get("BL23_ON_SHIM")
    if not cuda:
        t.skip("BL23_ON_SHIM does not name a bl23 on the shim")
    folder = t.work_folder()
    for name in t.SURVEYS:
        config = os.path.join(source, "scripts", "surveys", name + ".yaml")
        reference = check_same_file(cpu, cuda, config, folder, name)
        if name == "fig3" and not os.environ.get("BL23_KERNELS"):
            for call in FAILING:
                check_failure(cpu, cuda, config, folder, reference, call)
            check_fall_back(cuda, config, folder, reference)
            check_no_device(cuda, config, folder)
    t.finish()


main()
