#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Write docs/file-format.md from the rows of host/output/layout.c and from files of the program.

usage: make_file_format.py BL23 [-o docs/file-format.md]

Every object of the files must have its row and every row its object, of the same type, shape, unit
and description. A test runs this script and compares the page.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py

HEAD = """# The output file

`scripts/make_file_format.py` makes this page from the rows of `host/output/layout.c` and from files
that the program wrote. A test compares the page with both.

The output is one HDF5 file of plain contiguous little-endian datasets without compound types. h5py,
pandas, h5dump and any HDF5 library can read it. Equal surveys give equal groups on every machine,
except for the group `/provenance`.

`bl23 replay` verifies the whole file:

- Survivors and nearest samples are computed again from their indices. For every other dataset the
  XXH3 of its bytes is compared with its attribute `xxh3`.
- Every object has an attribute `seal`. The seal is an XXH3 over the other attributes of the object
  (units, edges, totals, texts), over type and shape if the object is a dataset, and over the seals
  of its members if the object is a group. The seal of the file covers neither `/provenance`, which
  has its own seal, nor groups that you add.
- Counts must agree with each other, tables with the model, and extrema and nearest samples with
  their records.

`bl23` reads only files that have exactly the layout it writes. For example, it refuses a copy to
which `h5repack` has added chunks or filters.

The shapes of datasets use these letters: N mass knots (the masses of the survey), C constraints,
S stored survivors, K nearest samples, B = 64 bins.

"""

SURVEY = """
survey: {{samples: 20000, mass_gev: {{list: [0.128, 0.140, 0.150]}}, g_bl: {g}}}
constraints: {{sets: [paper2020], without: [{without}]}}
output: {{nearest: 7, max_survivors: 11, histograms: [[wu12_abs2, wu13_abs2]]}}
"""

USUAL = ("unit", "description", "xxh3", "seal")  # attributes of datasets
SIZES = {"N": 3, "C": 2, "S": 11, "K": 7, "B": 64}  # letters of shapes, and what they are in SURVEY
KINDS = {"U8": "unsigned8", "U64": "unsigned64", "F64": "float64", "TEXT": "text"}


class Layout:
    """The rows of host/output/layout.c."""

    def __init__(self, path):
        source = re.sub(r'"\s*\n\s*"', "", path.read_text())  # adjacent literals are one
        macros = dict(re.findall(r'#define (\w+) "([^"]*)"', source))
        self.groups = {"/": "Attributes of the file."}
        self.groups.update(re.findall(r'\.path = "([^"]*)",\s*\.text = "([^"]*)"', source))
        self.attributes, self.datasets = {}, {}
        text = r'("[^"]*"|\w+)'
        for path, name, meaning in re.findall(
                rf'(?:HEAD|ATTRIBUTE)\("([^"]+)", "(\w+)",[^"]*"([^"]*)"', source):
            self.attributes[path, name] = meaning
        for path, kind, shape, unit, meaning in re.findall(
                rf'DATASET\("([^"]+)",\s*(\w+),\s*SHAPE\(([^)]*)\),\s*{text},\s*{text},', source):
            plain = [t[1:-1] if t[0] == '"' else macros.get(t) for t in (unit, meaning)]
            self.datasets[path] = (KINDS[kind], shape.split(", "), *plain)

    @staticmethod
    def pattern(path):
        """The path in the rows: a histogram's is that of any axis."""
        group, _, name = path.rpartition("/")
        axes = "__".join("<axis>" for _ in name.split("__"))
        return f"{group}/{axes}" if group == "/histograms" else path

    def meaning(self, path, name):
        return self.attributes[self.pattern(path), name]

    def shape(self, path, shape):
        """The shape in letters, which must be that of the file; a column's is its group's."""
        row = self.datasets.get(self.pattern(path))
        names = row[1] if row else ["S" if path.startswith("/survivors") else "K"]
        names = [n if n in SIZES else n.lower() if n in ("COLUMNS", "BYTES") else str(size)
                 for n, size in zip(names, shape)]
        if any(SIZES.get(n, size) != size for n, size in zip(names, shape)):
            raise SystemExit(f"{path}: has the shape {shape}, and not {names}")
        return " x ".join(names)

    def compare(self, file):
        """Each object of a file must have a row, and each row an object of that type and text."""
        found = set()
        for group in list(self.groups)[1:]:
            for name, data in file[group].items():
                path = f"{group}/{name}"
                found.add(self.pattern(path))
                row = self.datasets.get(self.pattern(path))
                said = type_name(data.dtype), text_of(data, "unit"), text_of(data, "description")
                if row and any(a and a != b for a, b in zip((row[0], row[2], row[3]), said)):
                    raise SystemExit(f"{path}: is {said}, and its row says {row}")
        columns = {p for p in found if p.startswith(("/survivors", "/nearest"))}
        expected = set(self.datasets) | columns
        if found != expected:
            raise SystemExit(f"file and rows differ in {found ^ expected}")


def survey(program, folder, g, without):
    config, out = folder / "c.yaml", folder / f"{g[:3].strip('{')}.h5"
    config.write_text(SURVEY.format(g=g, without=without))
    subprocess.run([program, "survey", config, "-o", out, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    return h5py.File(out, "r")


def type_name(dtype):
    return "text" if dtype.kind in "SO" else {"f": "float", "u": "unsigned", "i": "signed"}[
        dtype.kind] + str(8 * dtype.itemsize)


def text_of(data, name):
    value = data.attrs[name]
    return value.decode() if isinstance(value, bytes) else value


def cell(text):
    return text.replace("|", "\\|")


def attribute_table(layout, objects):
    """Of the objects, by path; what several have alike stands once."""
    rows = {name: f"| `{name}` | {type_name(node.attrs.get_id(name).dtype)} | "
            f"{cell(layout.meaning(path, name))} |"
            for path, node in objects.items() for name in node.attrs if name not in USUAL}
    head = ["| attribute | type | description |", "|---|---|---|"]
    return [*head, *map(rows.get, sorted(rows)), ""] if rows else []


def dataset_row(layout, path, data, mode):
    more = [f"`{a}`" for a in sorted(data.attrs) if a not in USUAL]
    extra = "; attributes " + ", ".join(more) if more else ""
    return (f"| `{path.split('/')[-1]}` | {type_name(data.dtype)} | "
            f"{layout.shape(path, data.shape)} | {text_of(data, 'unit')} | "
            f"{cell(text_of(data, 'description'))}{extra}{mode} |")


def page(layout, solve, given):
    lines = [HEAD]
    for group, text in layout.groups.items():
        node = solve[group]
        lines += [f"## `{group}`", "", text, ""]
        lines += attribute_table(layout, {group: node})
        solved, drawn = ({n: d for n, d in file[group].items() if isinstance(d, h5py.Dataset)}
                         for file in (solve, given))
        datasets = {**drawn, **solved}
        mode = lambda name: ("" if name in solved and name in drawn else
                             "; with `g_bl: solve` only" if name in solved else
                             "; with `g_bl: {fixed}` or `{log_uniform}` only")
        if datasets:
            lines += ["| dataset | type | shape | unit | description |", "|---|---|---|---|---|"]
            lines += [dataset_row(layout, f"{group}/{n}", d, mode(n))
                      for n, d in sorted(datasets.items())] + [""]
            lines += attribute_table(layout, {f"{group}/{n}": d for n, d in datasets.items()})
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("-o", "--output", default="docs/file-format.md")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = [survey(options.program, folder, g, "ccfr, na62_pi0, e949")
                 for g in ("solve", "{fixed: 1.0e-3}")]
        layout = Layout(pathlib.Path(__file__).parent.parent / "host" / "output" / "layout.c")
        for file in files:
            layout.compare(file)
        text = page(layout, *files)
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
