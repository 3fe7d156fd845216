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
import textwrap

import h5py

HEAD = """# The output file

`scripts/make_file_format.py` makes this page from the rows of `host/output/layout.c` and from files
that the program wrote. A test compares the page with both.

The output is one HDF5 file of little-endian datasets without compound types. Text is UTF-8. Equal
surveys give equal groups on every machine, except for the group `/provenance`.

**Reading it.** h5py, h5dump and every HDF5 library read the file as it is. Every dataset has a
`long_name`, and numbers have `units` as udunits writes them (`1`: a pure number). The dimensions
have scales (column "along" below), so that xarray and netCDF name them:

```python
import h5py, pandas, xarray
with h5py.File("out/survey.h5") as f:                          # pandas
    table = pandas.DataFrame({name: column[...] for name, column in f["survivors"].items()})
table = table.set_index("index")
rows = xarray.open_dataset("out/survey.h5", group="survivors", engine="h5netcdf")
bins = xarray.open_dataset("out/survey.h5", group="histograms", engine="h5netcdf")
bins["wu12_abs2__wu13_abs2"].sum("wu13_abs2_mid")
```

`pandas.read_hdf` reads only files that pandas wrote.

**The same survey.** The attribute `content_hash` of the file is the XXH3 (128 bits, from xxHash) of
all its content but `/provenance` and groups that you added. It does not depend on how the file is
stored: `h5repack`, compressed or not, keeps it. `bl23 replay` prints it. It is taken over:

1. the file itself, then its groups in the order of their names, each followed by its datasets in
   the order of theirs;
2. of each of them first the attributes in the order of their names, without `content_hash`, `seal`,
   `xxh3`, `DIMENSION_LIST` and `REFERENCE_LIST`, then, of a dataset, the dataset;
3. of each attribute the text `PATH@NAME TYPE SHAPE`, of each dataset `PATH TYPE SHAPE`, a newline,
   and the bytes of the values. PATH of the file is `/`. TYPE is that of numpy (`<u8`, `<i8`, `<f8`,
   `|u1`, `|S` and the width of texts), SHAPE the sizes separated by commas, empty for one value. Of
   `/survivors` and `/nearest` only the values of `index` count, from which the other columns
   follow.

`content_hash` in `tests/survey_tools.py` is this rule in 15 lines of Python (package `xxhash`).

**Verifying it.** `bl23 replay` verifies the whole file:

- Survivors and nearest samples are computed again from their indices. For every other dataset the
  XXH3 of its bytes is compared with its attribute `xxh3`.
- Every object has an attribute `seal`, which finds the object that is damaged. It is an XXH3 over
  the other attributes of the object (units, edges, totals, texts), over type and shape if the
  object is a dataset, and over the seals of its members if the object is a group. The seal of the
  file covers neither `/provenance`, which has its own seal, nor groups that you add.
- Counts must agree with each other, tables with the model, and extrema and nearest samples with
  their records. The content must have its `content_hash`.

The references between datasets and their scales (`DIMENSION_LIST`, `REFERENCE_LIST`) are for other
programs: they are places in the file, `bl23` never reads them, and nothing verifies them.

`bl23` writes every dataset in one piece; a column without a row may grow, because `h5repack` cannot
filter it otherwise. It also reads files that `h5repack` or `h5copy` have rewritten, chunked and
with the filters deflate, shuffle and fletcher32. Rows of a compressed file are verified more
slowly.

**Reserved.** Another version may add groups `/cover`, `/draws` and `/profiles` with an attribute
`version` to surveys that have none in this version, and other attributes of the file. This version
accepts them, verifies their seals and keeps them, but reads none of them. It reads `/cover` of
surveys with `draw: cover`, `/profiles` of those with `rank: chi2`, and verifies `/draws` of those
whose inputs vary.

The shapes of datasets use these letters: N mass knots (the masses of the survey; with inputs that
vary, one for each mass and draw), C constraints, S stored survivors, K nearest samples, B bins (64
unless `bins` of the configuration says another number).

"""

SURVEY = """
survey: {{samples: 20000, mass_gev: {{list: {masses}}}, g_bl: {g}{draw}}}
{inputs}
constraints: {{sets: [paper2020], without: [{without}]{extra}}}
output: {{nearest: 7, max_survivors: 11, histograms: [[wu12_abs2, wu13_abs2]],
  columns: {columns}{rank}}}
"""
# A limit that no sample misses, on an observable of each group of columns that is not always there.
GROUPS = {"charm": "br_dp_pip", "top": "br_t_u"}
LIMIT = ", extra: [{{name: wide, observable: {}, upper: 1e90, cl: 0.9, cite: none}}]"

USUAL = ("units", "long_name", "xxh3", "seal", "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST")
# Groups of surveys with draw: cover, with rank: chi2, and with inputs that vary.
COVER, PROFILES, DRAWS = "/cover", "/profiles", "/draws"
MASSES = "[0.128, 0.140, 0.150]"
SIZES = {"N": 3, "C": 2, "S": 11, "K": 7, "B": 64}  # letters of shapes, and what they are in SURVEY
LENGTHS = ("COLUMNS", "BYTES", "ROWS", "RANGES", "CALLS", "TREES", "V", "DRAWS")
KINDS = {"U8": "unsigned8", "U64": "unsigned64", "F64": "float64", "TEXT": "text"}


class Layout:
    """The rows of host/output/layout.c."""

    def __init__(self, path):
        source = re.sub(r'"\s*\n\s*"', "", path.read_text())  # adjacent literals are one
        macros = dict(re.findall(r'#define (\w+) "([^"]*)"', source))
        self.groups = {"/": "Attributes of the file."}
        self.groups.update(re.findall(r'\.path = "([^"]*)",\s*\.text =\s*"([^"]*)"', source))
        self.attributes, self.datasets = {}, {}
        text = r'("[^"]*"|\w+)'
        for path, name, meaning in re.findall(
                rf'(?:HEAD|ATTRIBUTE)\("([^"]+)", "(\w+)",[^"]*"([^"]*)"', source):
            self.attributes[path, name] = meaning
        for path, kind, shape, unit, meaning in re.findall(
                rf'DATASET\("([^"]+)",\s*(\w+),\s*SHAPE\(([^)]*)\),\s*"[^"]*",\s*{text},\s*{text},',
                source):
            plain = [t[1:-1] if t[0] == '"' else macros.get(t) for t in (unit, meaning)]
            self.datasets[path] = (KINDS[kind], shape.split(", "), *plain)

    @staticmethod
    def pattern(path):
        """The path in the rows: a histogram's is that of any axis."""
        group, _, name = path.rpartition("/")
        suffix = next((s for s in ("_mid", "_index") if name.endswith(s)), "")
        axes = "__".join("<axis>" for _ in name.split("__")) + suffix
        return f"{group}/{axes}" if group in ("/histograms", PROFILES) else path

    def meaning(self, path, name):
        return self.attributes[self.pattern(path), name]

    def shape(self, path, shape):
        """The shape in letters, which must be that of the file; a column's is its group's."""
        row = self.datasets.get(self.pattern(path))
        names = ([n.removesuffix("_Y") for n in row[1]] if row else
                 ["S" if path.startswith("/survivors") else "K"])
        names = [n if n in SIZES else n.lower() if n in LENGTHS else str(size)
                 for n, size in zip(names, shape)]
        if any(SIZES.get(n, size) != size for n, size in zip(names, shape)):
            raise SystemExit(f"{path}: has the shape {shape}, and not {names}")
        return " x ".join(names)

    def compare(self, file):
        """Each object of a file must have a row, and each row an object of that type and text."""
        found, groups = set(), {f"/{name}" for name in file}
        left_out = {"/"} | ({COVER, PROFILES, DRAWS} - groups)
        if groups != set(self.groups) - left_out:
            raise SystemExit(f"file and rows differ in the groups {groups ^ set(self.groups)}")
        for group in sorted(groups):
            for name, data in file[group].items():
                path = f"{group}/{name}"
                found.add(self.pattern(path))
                row = self.datasets.get(self.pattern(path))
                said = type_name(data.dtype), text_of(data, "units"), text_of(data, "long_name")
                text = None if row and "<" in self.pattern(path) else row and row[3]
                expected = row and (row[0], row[2], text)
                if row and any(a and a != b for a, b in zip(expected, said)):
                    raise SystemExit(f"{path}: is {said}, and its row says {row}")
        columns = {p for p in found if p.startswith(("/survivors", "/nearest"))}
        rows = {path for path in self.datasets if path.rpartition("/")[0] not in left_out}
        expected = rows | columns
        if found != expected:
            raise SystemExit(f"file and rows differ in {found ^ expected}")


def survey(program, folder, g="solve", extra="", columns="limited", draw="",
           rank="", inputs="", masses=MASSES):
    config, out = folder / "c.yaml", folder / f"{len(list(folder.iterdir()))}.h5"
    config.write_text(SURVEY.format(g=g, without="ccfr, na62_pi0, e949", extra=extra,
                                    columns=columns, draw=draw, rank=rank, inputs=inputs,
                                    masses=masses))
    subprocess.run([program, "survey", config, "-o", out, "--quiet"], check=True,
                   stdout=subprocess.DEVNULL)
    return h5py.File(out, "r")


def type_name(dtype):
    return "text" if dtype.kind in "SO" else {"f": "float", "u": "unsigned", "i": "signed"}[
        dtype.kind] + str(8 * dtype.itemsize)


def text_of(data, name):
    value = data.attrs.get(name, "")
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


def along(data):
    """The scales of its dimensions."""
    if h5py.h5ds.is_scale(data.id):
        return "itself"
    return ", ".join(f"`{dimension[0].name.split('/')[-1]}`" for dimension in data.dims)


def dataset_row(layout, path, data, mode):
    more = [f"`{a}`" for a in sorted(data.attrs) if a not in USUAL]
    extra = "; attributes " + ", ".join(more) if more else ""
    return (f"| `{path.split('/')[-1]}` | {type_name(data.dtype)} | "
            f"{layout.shape(path, data.shape)} | {along(data)} | {text_of(data, 'units')} | "
            f"{cell(text_of(data, 'long_name'))}{extra}{mode} |")


def columns_of_groups(program, folder):
    """Group of each column that not every survey has."""
    columns = lambda **options: set(survey(program, folder, **options)["survivors"])
    always = columns()
    found = {name: group for group, observable in GROUPS.items()
             for name in columns(extra=LIMIT.format(observable)) - always}
    # only with output: {rank: chi2}
    return {**found, **{name: "chi2" for name in columns(rank=", rank: chi2") - always}}


def page(layout, solve, given, covered, ranked, varied, groups):
    lines = [HEAD]
    for group, text in layout.groups.items():
        files = {COVER: (covered, covered), PROFILES: (ranked, ranked),
                 DRAWS: (varied, varied)}.get(group, (solve, given))
        node = files[0][group]
        lines += [f"## `{group}`", "", textwrap.fill(text, 100), ""]
        lines += attribute_table(layout, {group: node})
        solved, drawn = ({n: d for n, d in file[group].items() if isinstance(d, h5py.Dataset)}
                         for file in files)
        chi2 = {name: ranked[group][name] for name, g in groups.items()
                if g == "chi2" and group in ("/survivors", "/nearest")}
        datasets = {**drawn, **solved, **chi2}
        mode = lambda name: ("" if name in chi2 or (name in solved and name in drawn) else
                             "; with `g_bl: solve` only" if name in solved else
                             "; with `g_bl: {fixed}` or `{log_uniform}` only") + (
            f"; group {groups[name]}" if name in groups else "")
        if datasets:
            lines += ["| dataset | type | shape | along | units | long_name |",
                      "|---|---|---|---|---|---|"]
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
        files = [survey(options.program, folder, g=g, columns="all")
                 for g in ("solve", "{fixed: 1.0e-3}")]
        files.append(survey(options.program, folder, columns="all", draw=", draw: cover, "
                            "cover: {cells: 100}"))
        files.append(survey(options.program, folder, columns="all", rank=", rank: chi2"))
        files.append(survey(options.program, folder, columns="all", masses="[0.128]",
                            inputs="inputs: {vary: {m_t: 0.4, m_c: 0.03}, draws: 3}"))
        groups = columns_of_groups(options.program, folder)
        layout = Layout(pathlib.Path(__file__).parent.parent / "host" / "output" / "layout.c")
        for file in files:
            layout.compare(file)
        text = page(layout, *files, groups)
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
