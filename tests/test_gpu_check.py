#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The program that checks and times a GPU host, on the shim.

What it says of a good device, of a wrong one, of one that fails, of none, and of models that are
damaged. Times are not looked at.
"""

import os
import re
import shutil
import struct
import sys

import pytest

import survey_tools as t

SAMPLES = 12000
GROWN = 1 << 18  # of a launch that has grown, and is one all the same
HEADER = 72  # bytes of struct bl23_model_image
CASES = 16  # of a survey: four ranges in four ways


def gpu_check(program, folder, *arguments, env=None):
    return t.run(
        [program, *arguments, "--models", folder, "--samples", SAMPLES, "--large", 50000], env=env
    )


@pytest.fixture(scope="module")
def program():
    """gpu_check on the shim; ctest names it in the environment."""
    path = os.environ.get("GPU_CHECK_ON_SHIM", "")
    if not os.path.exists(path):
        pytest.skip(f"GPU_CHECK_ON_SHIM names no file: '{path}'")
    return path


@pytest.fixture(scope="module")
def exported(bl23, shared):
    """The folder of the models of the shipped surveys."""
    folder = os.path.join(shared, "models")
    t.run_ok([bl23, "bench", "--export", folder])
    return folder


@pytest.fixture
def models(exported, folder):
    """A copy of the models."""
    return shutil.copytree(exported, os.path.join(folder, "models"))


def test_exported(bl23, exported, folder):
    assert sorted(os.listdir(exported)) == [name + ".model" for name in sorted(t.SURVEYS)]
    done = t.run([bl23, "bench", "--export", os.path.join(folder, "no", "folder")])
    assert done.returncode == 2 and "cannot be made (No such file" in done.stderr, t.told(done)


def results(done, kind="check"):
    """The column of results."""
    return re.findall(rf"^{kind}\s.*?\b(PASS|FAIL|not run|done)\b", done.stdout, flags=re.M)


def test_good(program, models, folder):
    rows = os.path.join(folder, "rows.tsv")
    done = gpu_check(program, models, "check", "--rows", rows)
    found = results(done)
    assert done.returncode == 0 and found == ["PASS"] * (CASES + 1) * len(t.SURVEYS), t.told(
        done, "a good device passes"
    )
    with open(rows, encoding="utf-8") as f:
        lines = f.read().splitlines()
    assert len(lines) == len(found) and all(
        line.count("\t") == 8 for line in lines
    ), "a row of nine fields for each"


@pytest.mark.parametrize("copy", (1, 3), ids=("of the launch", "planes of histograms"))
def test_wrong(program, models, copy):
    """One byte wrong in a copy of counts, which no audit knows: one case fails and says where."""
    if True:
        done = gpu_check(
            program, models, "check", "--only", "fig3", env={"SHIM_FLIP_COPY": str(copy)}
        )
        found = results(done)
        assert (
            done.returncode == 1 and found.count("FAIL") == 1 and "on the CPU" in done.stdout
        ), t.told(done, f"copy {copy} is wrong: one case fails and says where")


def test_failing(program, models):
    """A device that fails: every case fails and says why."""
    done = gpu_check(program, models, "check", "--only", "fig3", env={"SHIM_FAIL_AT": "100"})
    assert (
        done.returncode == 1
        and set(results(done)) == {"FAIL"}
        and "illegal memory access" in done.stdout
    ), t.told(done, "a device that fails: every case fails and says why")


@pytest.mark.parametrize("command", ("info", "check", "bench"))
def test_no_device(program, models, command):
    if True:
        done = gpu_check(program, models, command, env={"SHIM_DEVICES": "0"})
        assert (
            done.returncode == 1
            and not done.stdout
            and done.stderr.count("\n") == 1
            and "no CUDA device" in done.stderr
        ), t.told(done, f"{command} without a device: one sentence")


def test_no_time(program, models):
    done = gpu_check(program, models, "check", "--seconds", 0)
    found = results(done)
    assert done.returncode == 0 and found and set(found) == {"not run"}, t.told(
        done, "no time: nothing passes"
    )


def test_bench(program, models):
    done = gpu_check(
        program,
        models,
        "bench",
        "--only",
        "fig3",
        "--timed",
        SAMPLES,
        "--instructions",
        "70,107,140",
    )
    assert (
        done.returncode == 0 and len(results(done, "time")) == 12 and "FAIL" not in done.stdout
    ), t.told(done, "times are rows")


PLAYED = """#!/usr/bin/env python3
import os, subprocess, sys
arguments = sys.argv[1:]
if arguments == ["--query-metrics"]:
    print("Device X")
    for name in ("fma   # of the pipe", "fp64   # of the pipe", "alu_x   # another"):
        print("sm__inst_executed_pipe_" + name)
    sys.exit(0)
assert arguments[arguments.index("--profile-from-start") + 1] == "off"
log, metrics = (arguments[arguments.index(option) + 1] for option in ("--log-file", "--metrics"))
if "BROKEN" in os.environ and "fp64" in metrics:
    sys.exit("==ERROR== Failed to find metric")
done = subprocess.run(arguments[arguments.index("--log-file") + 2:])
units = ("ns", "inst", "%", "%", "%")
with open(log, "w") as f:
    f.write("==PROF== Connected to process 1\\n")
    f.write('"ID","Process ID","Kernel Name","Metric Name","Metric Unit","Metric Value"\\n')
    for launch, kernel in enumerate(("screen_kernel", "collect_kernel", "screen_kernel")):
        values = ("2,000", "3,000", 50 + 10 * launch, 7, "n/a")
        for metric, unit, value in zip(metrics.split(","), units, values):
            row = (launch, 1, kernel + "(bl23_cuda_launch)", metric, unit, value)
            f.write(",".join(f'"{field}"' for field in row) + "\\n")
sys.exit(done.returncode)
"""


def test_counters(program, models, source, folder):
    """The counters' arithmetic, with Nsight Compute played by a script; what is said without it."""
    script, ncu = os.path.join(source, "bench", "gpu_counters.py"), os.path.join(folder, "ncu")
    rows = os.path.join(folder, "counters.tsv")
    with open(ncu, "w", encoding="utf-8") as f:
        f.write(PLAYED)
    os.chmod(ncu, 0o755)
    command = [sys.executable, script, program, models, "--samples", SAMPLES, "--rows", rows]
    done = t.run_ok([*command, "--ncu", ncu])
    with open(rows, encoding="utf-8") as f:
        found = [line.rstrip("\n").split("\t") for line in f]
    assert [row[2] for row in found] == [
        "counters: screen_kernel",
        "counters: collect_kernel",
    ], t.told(done, "a row for each kernel")
    told = (
        f"{32 * 6000 / SAMPLES:.2f} instructions a sample executed; issuing in 60.0 % of the cycles"
    )
    assert found[0][8] == told + "; pipes: fma 7.0 %" and found[0][5] == "4e-06", t.note(
        "launches are added up, and a pipe that is not there or has no value is left out", found
    )
    done = t.run_ok([*command, "--ncu", ncu], env={"BROKEN": "1"})
    assert done.stdout.count(" of the cycles") == 2 and "pipes" not in done.stdout, t.told(
        done, "ncu refuses the pipes: the rest is counted"
    )
    done = t.run([*command, "--ncu", os.path.join(folder, "no-ncu")])
    assert done.returncode == 77 and "no-ncu" in done.stderr and not done.stdout, t.told(
        done, "without ncu: skipped, with the reason"
    )


def test_profiled(program, models):
    """What a profiler counts begins when launches have grown: one launch of five kernels."""
    done = t.run(
        [program, "once", "--models", models, "--only", "fig3", "--timed", GROWN],
        env={"SHIM_TELL_PROFILE": "1", "SHIM_MEMORY": str(64 << 20)},
    )
    told = re.search(r"shim: (\d+) launches, 5 of them profiled", done.stderr)
    assert (
        done.returncode == 0 and told and int(told[1]) > 5 and results(done, "time") == ["done"]
    ), t.told(done, "the ramp is not profiled")


def test_end_to_end(source, surveys, on_shim):
    """The whole program on the shim; without a device it is skipped."""
    script = os.path.join(source, "bench", "gpu_end_to_end.py")
    command = [sys.executable, script, on_shim, surveys, "--samples", SAMPLES, "--repeats", 1]
    done = t.run(command)
    rows = [line.split("  ") for line in done.stdout.splitlines()]
    assert (
        done.returncode == 0 and len(rows) == 5 and all(row[3] == "done" for row in rows)
    ), t.told(done, "five surveys end to end")
    done = t.run(command, env={"SHIM_DEVICES": "0"})
    assert done.returncode == 77 and not done.stdout, t.told(done, "no device: skipped")


def test_survivors(bl23, program, models, surveys, folder):
    """The list for the peers, against the file of a survey that keeps all."""
    listed, out = os.path.join(folder, "survivors.bin"), os.path.join(folder, "fig3.h5")
    done = gpu_check(program, models, "survivors", listed)
    assert done.returncode == 0, t.told(done, "survivors are listed")
    t.run_ok([bl23, "survey", os.path.join(surveys, "fig3.yaml"), "-o", out, "--samples", SAMPLES])
    with t.h5py.File(out) as f:
        assert t.np.array_equal(
            t.np.fromfile(listed, t.np.uint64), f["survivors/index"][:]
        ), "they are those of a survey"


def test_damaged(program, models):
    """A model that is cut, flipped, longer, of another version, or missing."""
    path = os.path.join(models, "fig3.model")
    with open(path, "rb") as f:
        good = f.read()
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 1
    for data, why in (
        (good[:-1], "cut short"),
        (good[:20], "cut short"),
        (bytes(flipped), "checksum"),
        (b"", "cut short"),
        (good + b"x", "more in it"),
        (b"X" + good[1:], "not a model"),
        (None, "cannot be opened"),
    ):
        os.remove(path)
        if data is not None:
            with open(path, "wb") as f:
                f.write(data)
        done = gpu_check(program, models, "check", "--only", "fig3")
        assert done.returncode == 1 and results(done) == ["FAIL"] and why in done.stdout, t.told(
            done, f"damaged: {why}"
        )
        if data is None:
            with open(path, "wb") as f:
                f.write(good)


def digest_of(data, start=0xCBF29CE484222325):
    """FNV-1a, as kernels/results/model_image.h has it."""
    for byte in data:
        start = ((start ^ byte) * 0x100000001B3) % 2**64
    return start


def forged(good, offset, value):
    """The image with one 64-bit word of model or reduction replaced, and a digest that fits."""
    data = bytearray(good)
    data[HEADER + offset : HEADER + offset + 8] = struct.pack("<Q", value)
    data[HEADER - 8 : HEADER] = struct.pack("<Q", digest_of(data[8:48] + data[HEADER:]))
    return bytes(data)


def test_forged(program, models):
    """Fields that index arrays or choose modes, though the digest fits."""
    path = os.path.join(models, "fig3.model")
    with open(path, "rb") as f:
        good = f.read()
    model_bytes = struct.unpack("<Q", good[48:56])[0]
    seed, n_knots, n_constraints, g_mode, w_mode, level = struct.unpack(
        "<6Q", good[HEADER : HEADER + 48]
    )
    assert forged(good, 0, seed) == good, "an image that nobody forged"
    assert (n_knots, level) == (1, 1) and n_constraints < 32 and g_mode < 3 and w_mode < 2, t.note(
        "the fields are where they are said to be", n_knots, level
    )
    for what, offset, value in (
        ("n_knots", 8, n_knots + 1),
        ("n_constraints", 16, 10**9),
        ("g_mode", 24, 3),
        ("w_mode", 32, 2),
        ("level", 40, 10**9),
        ("groups", 48, 16),
        ("groups: chi2", 48, 8),
        ("cover_bytes", 8 * 9, 8),
        ("constraint_quantity", 8 * 25, 10**9),
        ("n_rows", 8 * 57, 1),
        ("nearest", model_bytes, 2**60),
        ("profile", model_bytes + 8, 2),
        ("cutflow_every", model_bytes + 24, 0),
        ("n_histograms_2d", model_bytes + 32, 10**6),
    ):
        with open(path, "wb") as f:
            f.write(forged(good, offset, value))
        done = gpu_check(program, models, "check", "--only", "fig3")
        assert (
            done.returncode == 1 and results(done) == ["FAIL"] and "checksum" not in done.stdout
        ), t.told(done, f"forged {what} = {value}")
    with open(path, "wb") as f:
        f.write(good)


@pytest.mark.parametrize(
    "arguments",
    ("", "dance", "check --samples 0", "check --only fig4", "survivors", "bench --instructions x"),
)
def test_misuse(program, models, arguments):
    if True:
        done = t.run([program, *arguments.split(), "--models", models])
        assert done.returncode == 2 and not done.stdout and "gpu_check" in done.stderr, t.told(
            done, f"misuse: {arguments}"
        )
