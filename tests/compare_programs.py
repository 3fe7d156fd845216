#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""compare_programs.py OLD NEW: do two builds of bl23 compute the same?

    tests/compare_programs.py ../before/bin/bl23 build/release/bin/bl23 [--samples 1e6] [-k PART]

For a change that must not change results. Every shipped survey (shortened), its bounds, planes,
tables, points, merges, extensions and replays are run by both programs. HDF5 files must be equal in
every group, dataset and attribute (type, shape, bytes); JSON in every key and value; other text in
every number. Left out are wording, and what says when, where and by which program a result was made
(WORDING and PROVENANCE below), and the seals, which cover both. Exit 1 if anything differs.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import h5py
import numpy as np

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SURVEYS = os.path.join(SOURCE, "scripts", "surveys")
PROVENANCE = {"wall_s", "samples_per_s", "device", "start", "end", "host", "version", "commit",
              "compiler", "git_revision", "output_bytes_free"}
REFERENCES = ("DIMENSION_LIST", "REFERENCE_LIST")  # of dimension scales
WORDING = {"text", "statement", "reason", "meaning", "note", "long_name", "message", "warnings",
           "output_taken"}
ROW = "0.681536269941,0,0.236971459235,-0.471483892593,0.692353118187,-0.881668944890"


def commands(samples):
    """(name, arguments, files that it writes); {name} is a file of the run's own folder."""
    for name in sorted(os.listdir(SURVEYS)):
        path, base = os.path.join(SURVEYS, name), name.removesuffix(".yaml")
        if name.startswith("benchmark"):  # for planes: their w is fixed
            continue
        yield base, ["survey", path, "--samples", samples, "-o", base + ".h5", "--quiet",
                     "--json"], [base + ".h5"]
        yield base + " replay", ["replay", base + ".h5", "--json"], []
        yield base + " bound", ["bound", path, "--json", "-o", base + ".json"], [base + ".json"]
        yield base + " check", ["check", path, "--no-forecast", "--json"], []
    for name in ("benchmark", "benchmark_current"):
        path = os.path.join(SURVEYS, name + ".yaml")
        for scenario in "12":
            base = f"{name}_{scenario}"
            yield f"plane {base}", ["plane", path, "--scenario", scenario, "-o", base + ".h5",
                                    "--csv", base + ".csv", "--json"], [base + ".h5", base + ".csv"]
    for preset in ("pdg2018", "pdg2024"):
        yield f"tables {preset}", ["tables", "--mass", "1e-3,0.01,0.14,0.5,1,4.7", "--inputs",
                                   preset, "-o", preset + ".h5", "--json"], [preset + ".h5"]
        for sets in ("paper2020,b_invisible_2021", "world_2025"):
            for mass in ("1e-6", "0.013", "0.14", "0.31", "0.9"):
                yield (f"point {preset} {sets} {mass}",
                       ["point", "--mass", mass, "--g", "1e-3", "--w", ROW, "--inputs", preset,
                        "--constraints", sets, "--json"], [])
    fig3 = os.path.join(SURVEYS, "fig3.yaml")
    for first in ("0", "500000"):
        yield f"part {first}", ["survey", fig3, "--samples", "1e6", "-o", f"part{first}.h5",
                                "--first", first, "--count", "500000", "--quiet"], []
    yield "merge", ["merge", "part0.h5.run", "part500000.h5.run", "-o", "merged.h5"], ["merged.h5"]
    yield "extend", ["survey", fig3, "--samples", "2e6", "-o", "merged.h5", "--extend", "--quiet",
                     "--threads", "2", "--json"], ["merged.h5"]
    yield "fit", ["fit", "fig3.h5", "--json"], []
    yield "reproduce", ["reproduce", "--json"], []
    yield "info", ["info", "--json"], []


def h5_objects(path):
    """name -> what it holds: of groups, datasets and attributes."""
    found = {}

    def visit(name, thing):
        where = "/" + name.strip("/")
        if where.startswith("/provenance"):
            return
        for key, value in sorted(thing.attrs.items()):
            if key not in PROVENANCE | WORDING and key not in ("seal", "content_hash", *REFERENCES):
                a = np.asarray(value)
                found[f"{where}@{key}"] = (str(a.dtype), a.shape, a.tolist())
        if isinstance(thing, h5py.Dataset):
            found[where] = (str(thing.dtype), thing.shape, thing[...].tobytes()
                            if thing.dtype.kind != "O" else thing[...].tolist())
        else:
            found[where] = ("group", sorted(set(thing) - {"provenance"}))

    with h5py.File(path, "r") as f:
        visit("/", f)
        f.visititems(visit)
    return found


def differences(old, new, where=""):
    """Where two values of JSON differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(set(old) | set(new)):
            if key in PROVENANCE | WORDING:
                continue
            if key not in old or key not in new:
                yield f"{where}.{key} only in the {'old' if key in old else 'new'}"
            else:
                yield from differences(old[key], new[key], f"{where}.{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for k, (a, b) in enumerate(zip(old, new)):
            yield from differences(a, b, f"{where}[{k}]")
    elif old != new:
        yield f"{where}: {str(old)[:60]} became {str(new)[:60]}"


def text_differences(old, new):
    try:
        yield from differences(json.loads(old), json.loads(new))
    except ValueError:
        number = r"[-+]?\d[\d.]*(?:e[-+]?\d+)?"
        a, b = re.findall(number, old), re.findall(number, new)
        if a != b:
            first = next((x for x in zip(a, b) if x[0] != x[1]), (len(a), len(b)))
            yield f"numbers of the text: {first[0]} became {first[1]}"


def file_differences(old, new):
    if not (os.path.exists(old) and os.path.exists(new)):
        yield f"{os.path.basename(old)} is missing"
    elif old.endswith(".h5"):
        a, b = h5_objects(old), h5_objects(new)
        for key in sorted(set(a) | set(b)):
            if a.get(key) != b.get(key):
                yield f"{os.path.basename(old)}:{key}"
    else:
        with open(old, encoding="utf-8") as f, open(new, encoding="utf-8") as g:
            yield from text_differences(f.read(), g.read())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--samples", default="1e6", help="of each survey")
    parser.add_argument("-k", default="", help="only commands whose name holds this")
    o = parser.parse_args()
    programs = [os.path.abspath(p) for p in (o.old, o.new)]
    compared, wrong = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        places = [os.path.join(folder, name) for name in ("old", "new")]
        for place in places:
            os.mkdir(place)
        for name, arguments, written in commands(o.samples):
            if o.k not in name:
                continue
            runs = [subprocess.run([program, *arguments], cwd=place, capture_output=True, text=True,
                                   check=False) for program, place in zip(programs, places)]
            found = list(text_differences(runs[0].stdout, runs[1].stdout))
            if runs[0].returncode != runs[1].returncode:
                found.append(f"exit code {runs[0].returncode} became {runs[1].returncode}: "
                             + runs[1].stderr.strip())
            for file in written:
                found += file_differences(*(os.path.join(place, file) for place in places))
            compared += 1 + len(written)
            wrong += bool(found)
            print(f"{'DIFFERS' if found else 'equal'}  {name}")
            for line in found[:20]:
                print("    " + line)
    print(f"{compared} outputs of {programs[1]} compared, {wrong} commands differ")
    return 1 if wrong or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
