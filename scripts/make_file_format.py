#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Write docs/file-format.md out of survey files made by the program itself.

usage: make_file_format.py BL23 [-o docs/file-format.md]

Names, types, units and descriptions come from the attributes that every dataset carries, so that
the page cannot differ from the program. A test runs this script and compares.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import h5py

HEAD = """# The output file

Made by `scripts/make_file_format.py` from files that the program wrote; a test compares.

One HDF5 file, plain contiguous little-endian datasets, no compound types: h5py, pandas, h5dump and
any HDF5 library read it. Equal surveys give equal groups on every machine, but for `/provenance`.
All that is in a file is verified by `bl23 replay`. Data are compared with the attribute `xxh3` of
their dataset, the XXH3 of its bytes; survivors and nearest samples are computed again from their
indices. The attribute `seal` of every object is XXH3 over its other attributes (units, edges,
totals, texts), over type and shape of a dataset, and over the seals in a group. The seal of the
file leaves out `/provenance`, which has its own, and any group of yours.
Then counts must agree with each other, tables with the model, and extrema and nearest samples with
their records. bl23 reads only what it writes: a copy that `h5repack` has given chunks or filters is
refused.
Sizes: N mass knots, C constraints, S stored survivors, K nearest samples, B = 64 bins.

"""

SURVEY = """
survey: {{samples: 20000, mass_gev: {{list: [0.128, 0.140, 0.150]}}, g_bl: {g}}}
constraints: {{sets: [paper2020], without: [{without}]}}
output: {{nearest: 7, max_survivors: 11, histograms: [[wu12_abs2, wu13_abs2]]}}
"""

USUAL = ("unit", "description", "xxh3", "seal")  # attributes of datasets
GROUPS = {
    "/": "Attributes of the file.",
    "/config": "The resolved configuration: `bl23 survey` reads it again.",
    "/citations": "BibTeX of the model, the inputs and every limit that was used.",
    "/provenance": "Who computed it; the only group that may differ between equal runs.",
    "/tables": "What was known before the first sample was drawn.",
    "/survivors": "The kept survivors, ordered by `index`; with `store: index` only that column.",
    "/nearest": "The samples of least tension, ordered by tension, then index; same columns.",
    "/cutflow": "Counts of the constraints; `drawn` samples were counted, every `every`-th tile.",
    "/histograms": "All survivors, stored or not.",
    "/extrema": "Over all survivors, stored or not.",
}
SIZES = {3: "N", 5: "C", 2: "C", 11: "S", 7: "K", 64: "B"}


def survey(program, folder, g, without):
    config, out = folder / "c.yaml", folder / f"{g[:3].strip('{')}.h5"
    config.write_text(SURVEY.format(g=g, without=without))
    subprocess.run([program, "survey", config, "-o", out, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    return h5py.File(out, "r")


def type_name(dtype):
    return "text" if dtype.kind in "SO" else {"f": "float", "u": "unsigned", "i": "signed"}[
        dtype.kind] + str(8 * dtype.itemsize)


def shape_name(path, shape):
    if path == "/tables/model":
        return "bytes"
    if path.startswith("/extrema"):
        return "columns"
    fixed = {"forms": ["N", "6", "9"], "kappa": ["N", "10"]}.get(path.split("/")[-1])
    if path.startswith("/tables/c_"):
        fixed = ["N", "3", "3", "3", "2"]
    return " x ".join(fixed or [SIZES.get(n, str(n)) for n in shape])


def attribute_rows(node):
    """All attributes of a group, the seal among them."""
    return [f"- attribute `{name}`" for name in node.attrs]


def dataset_row(path, data, mode):
    attrs = data.attrs
    text = lambda key: attrs[key].decode() if isinstance(attrs[key], bytes) else attrs[key]
    extra = "; attributes " + ", ".join(
        f"`{a}`" for a in attrs if a not in USUAL) if set(attrs) - set(USUAL) else ""
    return (f"| `{path.split('/')[-1]}` | {type_name(data.dtype)} | {shape_name(path, data.shape)} "
            f"| {text('unit')} | {text('description').replace('|', chr(92) + '|')}{extra}{mode} |")


def page(solve, given):
    lines = [HEAD]
    for group, text in GROUPS.items():
        node = solve[group]
        lines += [f"## `{group}`", "", text, ""]
        rows = attribute_rows(node)
        lines += rows + [""] * bool(rows)
        solved, drawn = ({n: d for n, d in file[group].items() if isinstance(d, h5py.Dataset)}
                         for file in (solve, given))
        datasets = {**drawn, **solved}
        mode = lambda name: ("" if name in solved and name in drawn else
                             "; with `g_bl: solve` only" if name in solved else
                             "; with `g_bl: {fixed}` or `{log_uniform}` only")
        if datasets:
            lines += ["| dataset | type | shape | unit | description |", "|---|---|---|---|---|"]
            lines += [dataset_row(f"{group}/{n}", d, mode(n))
                      for n, d in sorted(datasets.items())] + [""]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("-o", "--output", default="docs/file-format.md")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        text = page(survey(options.program, folder, "solve", "ccfr, na62_pi0, e949"),
                    survey(options.program, folder, "{fixed: 1.0e-3}", "ccfr, na62_pi0, e949"))
    path = pathlib.Path(options.output)
    if options.check:
        if path.read_text() != text:
            print(f"{path}: differs from what the program writes; run scripts/make_file_format.py",
                  file=sys.stderr)
            return 1
        return 0
    path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
