#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What a GPU's own counters say of the kernels, by Nsight Compute (ncu): instructions that each executed for a
sample, and the part of the cycles in which a scheduler issued one, which is the bound that the instructions set.

gpu_counters.py PROGRAM MODELS [--survey NAME] [--samples N] [--rows FILE]: PROGRAM is gpu_check.
Exit 77: no ncu here, or the counters cannot be read.
"""
import argparse
import csv
import re
import subprocess
import sys
import tempfile

SKIP = 77
TIME = "gpu__time_duration.sum"
EXECUTED = "smsp__inst_executed.sum"  # by warps
ISSUING = "smsp__issue_active.avg.pct_of_peak_sustained_active"
LANES = 32
SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "nsecond": 1e-9, "usecond": 1e-6, "msecond": 1e-3, "second": 1.0}


def profile(options):
    """What ncu writes: lines in quotes, one a launch and metric, after one of their names."""
    with tempfile.NamedTemporaryFile("r", suffix=".csv") as log:
        command = [options.ncu, "--csv", "--print-units", "base", "--clock-control", "none", "--metrics", f"{TIME},{EXECUTED},{ISSUING}",
                   "--log-file", log.name, options.program, "once", "--models", options.models, "--only", options.survey,
                   "--timed", str(options.samples)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as problem:
            print(f"no counters: {problem}", file=sys.stderr)
            sys.exit(SKIP)
        lines = [line for line in log.read().splitlines() if line.startswith('"')]
    if done.returncode or len(lines) < 2:
        print(f"no counters: ncu ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-200:]}", file=sys.stderr)
        sys.exit(SKIP)
    return lines


def totals(lines):
    """{kernel: (seconds, instructions of warps, mean part of issuing cycles, weighted by time)}."""
    launches = {}
    for row in csv.DictReader(lines):
        scale = SECONDS[row["Metric Unit"]] if row["Metric Name"] == TIME else 1.0
        launch = launches.setdefault((row["ID"], re.match(r"\w+", row["Kernel Name"])[0]), {})
        launch[row["Metric Name"]] = float(row["Metric Value"].replace(",", "")) * scale
    found = {}
    for (_, kernel), metric in launches.items():
        seconds, executed, issuing = found.get(kernel, (0.0, 0.0, 0.0))
        found[kernel] = (seconds + metric[TIME], executed + metric[EXECUTED], issuing + metric[ISSUING] * metric[TIME])
    return {kernel: (seconds, executed, issuing / seconds) for kernel, (seconds, executed, issuing) in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("models")
    parser.add_argument("--survey", default="fig3")
    parser.add_argument("--samples", type=int, default=1 << 30)
    parser.add_argument("--rows", help="append rows there, tab-separated")
    parser.add_argument("--ncu", default="ncu")
    options = parser.parse_args()
    rows = []
    for kernel, (seconds, executed, issuing) in totals(profile(options)).items():
        note = f"{LANES * executed / options.samples:.2f} instructions a sample executed; issuing in {issuing:.1f} % of the cycles"
        rows.append(["count", options.survey, f"counters: {kernel}", "done", options.samples, f"{seconds:.9g}", 0,
                     f"{options.samples / seconds:.6g}", note])
    for row in rows:
        print("  ".join(str(x) for x in row))
    if options.rows:
        with open(options.rows, "a", encoding="utf-8") as f:
            f.writelines("\t".join(str(x) for x in row) + "\n" for row in rows)


main()
