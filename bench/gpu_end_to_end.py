#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The whole program on a GPU, from the start of the process to the finished, synced file.

gpu_end_to_end.py BL23 SURVEYS [--samples N] [--rows FILE]: SURVEYS is the folder of the shipped
surveys. fig3 with `store: index`, the other surveys as shipped, and fig3 with a hundred times the
kept survivors. Median of the repeats; none begins later than 15 seconds after the first. The row is
written after each repeat, so that whoever stops this loses only what is under way. Exit 77: the
program does not run here, or finds no device.
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
REPEAT_S = 15.0  # no repeat begins later than so long after the first
# Survey, what, samples, changes of its output section; the longest last. Of `today` a third
# survives.
ROWS = (
    ("fig3", "whole process, store: index", 200 * 10**9, {"store": "index"}),
    ("open_question", "whole process, as shipped", 200 * 10**9, {}),
    ("random_g", "whole process, as shipped", 200 * 10**9, {}),
    ("today", "whole process, as shipped", 20 * 10**9, {}),
    ("fig3", "whole process, store: index, 1e7 kept", 20 * 10**9,
     {"store": "index", "max_survivors": 10**7}),
)


def run(command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def skip_without_device(program):
    try:
        done = run([program, "info", "--json"])
    except OSError as problem:
        print(f"bl23 does not run here: {problem}", file=sys.stderr)
        sys.exit(SKIP)
    if done.returncode:
        print(f"bl23 does not run here: {(done.stderr or done.stdout).strip().splitlines()[-1]}",
              file=sys.stderr)
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


def run_once(options, config, out, samples):
    """(seconds, what it says); None instead of the seconds: it failed, and what it says is why."""
    start = time.perf_counter()
    done = run([options.program, "survey", config, "-o", out, "--samples", str(samples),
                "--backend", "cuda", "--force", "--quiet", "--json"])
    seconds = time.perf_counter() - start
    if done.returncode:
        return None, (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
    passed, size = json.loads(done.stdout)["passed"], os.path.getsize(out)
    return seconds, f"{passed} passed, file {size / 2**20:.1f} MiB"


def row_of(name, what, samples, seconds, note):
    middle = statistics.median(seconds)
    return ["end", name, what, "done", samples, f"{middle:.9g}",
            f"{(max(seconds) - min(seconds)) / middle:.4g}",
            f"{samples / middle:.6g}", f"{note}; median of {len(seconds)}"]


def repeat(options, name, text, what, samples, tell):
    """Calls tell(row) after each repeat with the row as it is by then; False: one failed."""
    seconds, start = [], time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        config, out = os.path.join(folder, name + ".yaml"), os.path.join(folder, name + ".h5")
        with open(config, "w", encoding="utf-8") as f:
            f.write(text)
        while not seconds or (len(seconds) < options.repeats and time.perf_counter() - start
                              < REPEAT_S):
            took, note = run_once(options, config, out, samples)
            if took is None:
                tell(["end", name, what, "FAIL", 0, 0, 0, 0, note])
                return False
            seconds.append(took)
            tell(row_of(name, what, samples, seconds, note))
    return True


class Rows:
    """The file of rows: the last one can be written again."""

    def __init__(self, path):
        self.path, self.at = path, 0

    def begin(self):
        self.at = os.path.getsize(self.path) if self.path and os.path.exists(self.path) else 0

    def write(self, row):
        print("  ".join(str(x) for x in row), flush=True)
        if not self.path:
            return
        with open(self.path, "a", encoding="utf-8") as f:
            f.truncate(self.at)
            f.write("\t".join(str(x) for x in row) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("program")
    parser.add_argument("surveys")
    parser.add_argument("--samples", type=lambda text: int(float(text)),
                        help="of every row (default: of each its own)")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--rows", help="append rows there, tab-separated")
    options = parser.parse_args()
    skip_without_device(options.program)
    rows, good = Rows(options.rows), True
    for name, what, samples, changes in ROWS:
        with open(os.path.join(options.surveys, name + ".yaml"), encoding="utf-8") as f:
            text = with_output(f.read(), **changes)
        rows.begin()
        good &= repeat(options, name, text, what, options.samples or samples, rows.write)
    sys.exit(not good)


main()
