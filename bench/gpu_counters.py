#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What a GPU's own counters say of the kernels, by Nsight Compute (ncu): instructions that each
executed for a sample, the part of the cycles in which a scheduler issued one, which is the bound
that the instructions set, and how busy the pipes were that take fewer than one a cycle.

gpu_counters.py PROGRAM MODELS [--survey NAME] [--samples N] [--rows FILE]: PROGRAM is gpu_check,
which tells ncu when its launches have grown to their size: only then is counted. A pipe that the
device does not have is left out. Exit 77: no ncu here, or the counters cannot be read.
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
BASIC = (TIME, EXECUTED, ISSUING)
# Products of 32-bit words to 64 bits (IMAD.WIDE) are the work of fmaheavy, special functions that
# of xu.
PIPE = "sm__inst_executed_pipe_"
PIPES = ("fma", "fmaheavy", "alu", "xu", "fp64")
OF_PEAK = ".avg.pct_of_peak_sustained_active"
LANES = 32
SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "nsecond": 1e-9, "usecond": 1e-6,
           "msecond": 1e-3, "second": 1.0}


def skip(why):
    print(f"no counters: {why}", file=sys.stderr)
    sys.exit(SKIP)


def run(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as problem:
        return skip(problem)


def pipes_of(ncu):
    """Metrics of the pipes that this device has."""
    known = set(re.findall(rf"^\s*({PIPE}\w+)", run([ncu, "--query-metrics"]).stdout, flags=re.M))
    return [PIPE + pipe + OF_PEAK for pipe in PIPES if PIPE + pipe in known]


def try_profile(options, metrics):
    """What ncu writes: lines in quotes, one a launch and metric, after one of their names; or why
    there are none."""
    with tempfile.NamedTemporaryFile("r", suffix=".csv") as log:
        done = run([options.ncu, "--csv", "--print-units", "base", "--clock-control", "none",
                    "--profile-from-start", "off",
                    "--metrics", ",".join(metrics), "--log-file", log.name, options.program, "once",
                    "--models", options.models,
                    "--only", options.survey, "--timed", str(options.samples)])
        text = log.read()
    lines = [line for line in text.splitlines() if line.startswith('"')]
    if done.returncode or len(lines) < 2:
        why = " ".join((text + done.stdout + done.stderr).split())
        return None, f"ncu ended with {done.returncode}: {why[-200:]}"
    return lines, None


def profile(options):
    pipes = pipes_of(options.ncu)
    lines, why = try_profile(options, [*BASIC, *pipes])
    if lines is None and pipes:  # listed, and yet not there: the rest is still worth having
        lines, why = try_profile(options, BASIC)
    return lines if lines is not None else skip(why)


def number(text):
    """None: ncu has none, "n/a"."""
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def launches_of(lines):
    """[(kernel, {metric: value})], times in seconds."""
    launches = {}
    for row in csv.DictReader(lines):
        value = number(row["Metric Value"])
        if value is None:
            continue
        scale = SECONDS[row["Metric Unit"]] if row["Metric Name"] == TIME else 1.0
        kernel = re.match(r"\w+", row["Kernel Name"])[0]
        launches.setdefault((row["ID"], kernel), {})[row["Metric Name"]] = value * scale
    return [(kernel, metrics) for (_, kernel), metrics in launches.items()]


def totals(lines):
    """{kernel: {metric: value}}: times and instructions added up, the others means that are
    weighted by time."""
    found = {}
    for kernel, metrics in launches_of(lines):
        if any(metric not in metrics for metric in BASIC):
            skip(f"ncu gives no value for all of {', '.join(BASIC)}")
        total = found.setdefault(kernel, {})
        for metric, value in metrics.items():
            weight = 1.0 if metric in (TIME, EXECUTED) else metrics[TIME]
            total[metric] = total.get(metric, 0.0) + value * weight
    for total in found.values():
        for metric in set(total) - {TIME, EXECUTED}:
            total[metric] /= total[TIME]
    return found


def note_of(total, samples):
    note = (f"{LANES * total[EXECUTED] / samples:.2f} instructions a sample executed; issuing in "
            f"{total[ISSUING]:.1f} % of the cycles")
    busy = [f"{pipe} {total[PIPE + pipe + OF_PEAK]:.1f} %" for pipe in PIPES if PIPE + pipe
            + OF_PEAK in total]
    return note + ("; pipes: " + ", ".join(busy) if busy else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("program")
    parser.add_argument("models")
    parser.add_argument("--survey", default="fig3")
    parser.add_argument("--samples", type=int, default=1 << 30)
    parser.add_argument("--rows", help="append rows there, tab-separated")
    parser.add_argument("--ncu", default="ncu")
    options = parser.parse_args()
    rows = []
    for kernel, total in totals(profile(options)).items():
        seconds = total[TIME]
        rows.append(["count", options.survey, f"counters: {kernel}", "done", options.samples,
                     f"{seconds:.9g}", 0,
                     f"{options.samples / seconds:.6g}", note_of(total, options.samples)])
    for row in rows:
        print("  ".join(str(x) for x in row))
    if options.rows:
        with open(options.rows, "a", encoding="utf-8") as f:
            f.writelines("\t".join(str(x) for x in row) + "\n" for row in rows)


main()
