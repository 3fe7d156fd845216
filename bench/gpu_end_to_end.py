#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The whole program on a GPU, from the start of the process to the finished, synced file.

gpu_end_to_end.py BL23 SURVEYS [--samples N] [--rows FILE]: SURVEYS is the folder of the shipped surveys.
fig3 with `store: index`, as shipped and with a hundred times the kept survivors; the other surveys as
shipped. Median of the repeats. Exit 77: the program does not run here, or finds no device.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

SKIP = 77
REPEATS = 3
OTHERS = ("open_question", "random_g", "today")


def run(command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def skip_without_device(program):
    try:
        done = run([program, "info", "--json"])
    except OSError as problem:
        print(f"bl23 does not run here: {problem}", file=sys.stderr)
        sys.exit(SKIP)
    if done.returncode:
        print(f"bl23 does not run here: {(done.stderr or done.stdout).strip().splitlines()[-1]}", file=sys.stderr)
        sys.exit(SKIP)
    info = json.loads(done.stdout)
    if info["cuda_devices"] == 0:
        print(f"no CUDA device: {info['cuda']}", file=sys.stderr)
        sys.exit(SKIP)


def with_output(text, **changes):
    """A configuration with keys of its output section replaced or added."""
    for key, value in changes.items():
        text, n = re.subn(rf"(?m)^(  {key}:).*$", rf"\1 {value}", text)
        if not n:
            text = re.sub(r"(?m)^output:\n", f"output:\n  {key}: {value}\n", text)
    return text


def timed(options, name, text, what):
    """A row of one survey."""
    with tempfile.TemporaryDirectory() as folder:
        config, out, seconds = os.path.join(folder, name + ".yaml"), os.path.join(folder, name + ".h5"), []
        with open(config, "w", encoding="utf-8") as f:
            f.write(text)
        for _ in range(options.repeats):
            start = time.perf_counter()
            done = run([options.program, "survey", config, "-o", out, "--samples", str(options.samples), "--backend", "cuda",
                        "--force", "--quiet", "--json"])
            seconds.append(time.perf_counter() - start)
            if done.returncode:
                return ["end", name, what, "FAIL", 0, 0, 0, 0, done.stderr.strip().splitlines()[-1]]
        size = os.path.getsize(out) / 2**20
        passed = json.loads(done.stdout)["passed"]
    middle = statistics.median(seconds)
    return ["end", name, what, "done", options.samples, f"{middle:.9g}", f"{(max(seconds) - min(seconds)) / middle:.4g}",
            f"{options.samples / middle:.6g}", f"{passed} passed, file {size:.1f} MiB"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("surveys")
    parser.add_argument("--samples", type=lambda text: int(float(text)), default=200 * 10**9)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--rows", help="append rows there, tab-separated")
    options = parser.parse_args()
    skip_without_device(options.program)
    failed = False

    def survey(name, what, **changes):
        nonlocal failed
        with open(os.path.join(options.surveys, name + ".yaml"), encoding="utf-8") as f:
            row = timed(options, name, with_output(f.read(), **changes), what)
        failed |= row[3] == "FAIL"
        print("  ".join(str(x) for x in row), flush=True)
        if options.rows:
            with open(options.rows, "a", encoding="utf-8") as f:
                f.write("\t".join(str(x) for x in row) + "\n")

    survey("fig3", "whole process, store: index", store="index")
    survey("fig3", "whole process, store: index, 1e7 kept", store="index", max_survivors=10**7)
    for name in OTHERS:
        survey(name, "whole process, as shipped")
    sys.exit(failed)


main()
