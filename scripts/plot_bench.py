#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""plot_bench.py FILE.json -o PREFIX: the comparison of bench/bench_survey.py as PREFIX.png and
.pdf.

One bar per program: samples per second on a logarithmic axis, with the time per sample and the
ratio to the first row of the comparison, bl23 on the fastest instruction set.
"""
import argparse
import json
import sys

import bl23_package

style, reading = bl23_package.module("plot.style"), bl23_package.module("reading")
literal, np, plt = bl23_package.module("texts").literal, style.np, style.plt

OURS, PEER = "#1f5fa8", "#9a9a9a"


def ratio_text(row, best):
    ratio = best / row["samples_per_s"]
    if ratio == 1.0:
        return "reference"
    return f"{ratio:.1f} times slower" if ratio > 1.0 else f"{1.0 / ratio:.1f} times faster"


def error_bars(row):
    """Slowest and fastest repeat, as distances from the median [samples/s]."""
    rates = [row["samples"] / seconds for seconds in row["seconds"]]
    middle = row["samples_per_s"]
    return max(middle - min(rates), 0.0), max(max(rates) - middle, 0.0)


def draw(results, axes):
    rows = sorted(results["comparison"], key=lambda row: row["samples_per_s"])
    best = results["comparison"][0]["samples_per_s"]
    rates = [row["samples_per_s"] for row in rows]
    reading.check_data(reading.finite_positive(np.array(rates)), "a rate is not a positive number")
    low, high = zip(*(error_bars(row) for row in rows))
    colours = [OURS if row["name"].startswith("bl23") else PEER for row in rows]
    axes.barh(range(len(rows)), rates, color=colours, height=0.7, xerr=(low, high),
              error_kw={"ecolor": "black", "capsize": 3, "lw": 1})
    for k, row in enumerate(rows):
        text = f"{row['ns_per_sample']:.1f} ns, {ratio_text(row, best)}"
        axes.text((rates[k] + high[k]) * 1.08, k, text, va="center", fontsize=9)
    axes.set_yticks(range(len(rows)), [literal(row["name"]) for row in rows])
    axes.set_xscale("log")
    axes.set_xlim(min(rates) / 3.0, max(rates) * 12.0)
    axes.set_xlabel("samples per second, one thread (longer is faster)")
    axes.spines[["top", "right"]].set_visible(False)


def draw_file(results, prefix):
    figure, axes = plt.subplots(figsize=(9.0, 0.5 * len(results["comparison"]) + 1.8))
    draw(results, axes)
    machine = results["machine"]
    figure.suptitle("The same survey (Fig. 3: one mass, two constraints, g solved for), equal "
                    "survivors", fontsize=11, x=0.5)
    made_by = (f"{machine['cpu']}, {machine['peer_compiler']}, commit {machine['commit'][:12]}, "
               f"{results['date']}; median of {results['repeats']}, whiskers: slowest and fastest")
    figure.text(0.01, 0.01, literal(made_by), fontsize=7)
    figure.tight_layout(rect=(0, 0.03, 1, 1))
    style.save(figure, prefix, dpi=150)


def main():
    style.script_settings()
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("results", metavar="FILE.json")
    parser.add_argument("-o", dest="prefix", metavar="PREFIX", required=True)
    options = parser.parse_args()
    try:
        with open(options.results, encoding="utf-8") as f:
            results = json.load(f)
    except style.MALFORMED as error:
        style.note(f"{options.results} {style.malformed(error)}")
        return 2
    return style.written(options.results, draw_file, results, options.prefix)


if __name__ == "__main__":
    sys.exit(main())
