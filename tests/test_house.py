#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""test_house.py ROOT: house.py finds violations that are planted one at a time.

Exit 0: all were found, and nothing else; 1: a line for each that was not.
"""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import house as rules
import house_links

# A file, and what it may include or may not, whatever the table says.
MAY = """
kernels/cpu/x.c          kernels/backend.h
tables/limits/x.c        kernels/sample/sample.h
tables/bound/x.c         tables/model_build.h
host/output/x.c          host/run/run.h
host/cli/x.c             kernels/cuda/cuda.h
tests/x.c                host/cli/cli.h
host/config/x.c          version.h
host/library/x.c         host/config/config.h
host/output/x.c          <hdf5.h>
host/ranks/x.c           <mpi.h>
tables/physics/x.c       <gsl/gsl_math.h>
tables/base/x.h          <yaml.h>
host/paper/x.c           <jansson.h>
kernels/sample/error.c   <stdio.h>
kernels/cpu/x.c          <pthread.h>
kernels/cuda/x.cu        <cuda_runtime.h>
kernels/lanes/x.h        <immintrin.h>
host/io/x.c              <sys/stat.h>
kernels/sample/x.h       <math.h>
"""
MAY_NOT = """
kernels/cpu/x.c          kernels/cuda/cuda.h
kernels/cuda/x.cu        kernels/cpu/cpu.h
kernels/sample/x.h       kernels/lanes/lanes.h
kernels/results/x.c      kernels/screen/screen.h
kernels/results/x.c      kernels/backend.h
kernels/cpu/x.c          tables/base/base.h
kernels/cpu/x.c          host/io/io.h
tables/limits/x.c        kernels/results/results.h
tables/limits/x.c        tables/model_build.h
tables/base/x.c          host/io/io.h
host/io/x.c              host/config/config.h
host/run/x.c             host/output/output.h
host/bound/x.c           host/paper/paper.h
host/survey/x.c          host/cli/cli.h
host/cli/x.c             host/main.h
host/cli/x.c             tests/check.h
tables/base/x.c          bench/bench.h
host/cli/x.c             host/cli/absent.h
kernels/cpu/x.c          version.h
host/config/x.c          <hdf5.h>
host/library/x.c         host/output/output.h
host/library/x.c         <hdf5.h>
tables/base/x.c          <H5public.h>
host/survey/x.c          <mpi.h>
host/survey/x.c          <gsl/gsl_math.h>
kernels/sample/x.h       <gsl/gsl_math.h>
host/config/x.c          <yaml.h>
tables/base/x.c          <jansson.h>
kernels/sample/x.c       <stdio.h>
kernels/cpu/x.c          <time.h>
kernels/cpu/x.h          <pthread.h>
kernels/cpu/x.c          <cuda_runtime.h>
kernels/cpu/x.h          <immintrin.h>
tables/base/x.c          <sys/stat.h>
"""
# Files that may lie where they do, and files that may not.
ROOM = """host/main.c host/CMakeLists.txt tables/data/x.csv scripts/x.py host/python/bl23/x.py
host/python/bl23/plot/x.mplstyle"""
NO_ROOM = """kernels/x.h tables/x.c host/x.c host/io.c host/attic/x.c host/x.py
kernels/cpu/deep/x.c kernels/backend/x.h tables/notes.md host/python/other/x.py"""
TEXTS = [
    ("host/io/x.c", "int main(void)\n{\n}\n", False),
    ("host/paper/x.c", "hid_t file;\n", False),
    ("host/output/x.c", "hid_t file;\n", True),
    ("host/paper/x.c", "/* hid_t main() */\n", True),
    ("host/cli/x.c", "n = bl23_ranks_sum(1);\n", False),
    ("host/survey/x.c", "n = bl23_ranks_sum(1);\n", False),
    ("host/survey/survey_job.c", "n = bl23_ranks_sum(1);\n", True),
    ("host/cli/x.c", "n = bl23_ranks_rank(); /* bl23_ranks_sum(1) */\n", True),
]


class Tree:
    """A small repository: CONTRIBUTING.md, and one header in every room."""

    def __init__(self, folder, root):
        self.root = folder
        shutil.copy(os.path.join(root, "CONTRIBUTING.md"), folder)
        self.header, self.failures, self.planted = {}, [], 0
        for top, room in rules.House(folder).rank:
            divided = os.path.isdir(os.path.join(root, top, room))
            self.header[top, room] = f"{top}/{room}/{room}.h" if divided else f"{top}/{room}.h"
        for path in [*self.header.values(), "tests/check.h", "bench/bench.h"]:
            self.write(path, "")
        self.write("host/ranks/ranks.h", "/* This process. */\nint bl23_ranks_rank(void);\n\n"
                                         "/* Collective: the sum. */\nint bl23_ranks_sum(int);\n")
        self.house = rules.House(folder)
        self.expect("the tree as it is", True)

    def write(self, path, text):
        os.makedirs(os.path.dirname(os.path.join(self.root, path)), exist_ok=True)
        with open(os.path.join(self.root, path), "w", encoding="utf-8") as f:
            f.write(text)

    def expect(self, what, fine, check=rules.check_arrows):
        found = list(check(self.root))
        self.planted += 1
        if fine != (not found) or len(found) > 1:
            expected = "nothing" if fine else "one line"
            self.failures.append(f"{what}: found {found}, expected {expected}")

    def plant(self, path, text, fine, check=rules.check_arrows):
        self.write(path, text)
        self.expect(f"{path} with {text.strip()!r}", fine, check)
        os.remove(os.path.join(self.root, path))
        while not os.listdir(os.path.dirname(os.path.join(self.root, path))):   # no empty rooms
            path = os.path.dirname(path)
            os.rmdir(os.path.join(self.root, path))


def plant_pairs(tree):
    """Every room includes every other one."""
    for here, path in tree.header.items():
        folder, name = os.path.split(path)
        source = f"{folder}/planted.c" if folder.count("/") else f"{folder}/{name[:-2]}.c"
        for there, name in tree.header.items():
            if here[0] == there[0]:
                fine = here == there or tree.house.rank[there] < tree.house.rank[here]
            else:
                fine = bool({there[0], "/".join(there)} & set(tree.house.others.get(here[0], [])))
            tree.plant(source, f'#include "{name}"\n', fine)


def plant_tables(tree, root):
    """A table that is missing, unclear, or of a room that is not there."""
    text = rules.read(root, "CONTRIBUTING.md")
    others = {"no table": text.replace("## The house", "## A house"),
              "a room that is not there": text.replace("host:    io <", "host:    attic < io <")}
    for what, other in others.items():
        tree.write("CONTRIBUTING.md", other)
        tree.expect(what, False)
    tree.write("CONTRIBUTING.md", text)
    tree.expect("the table again", True)


def plant_calls(tree):
    """A lower room uses a function that a higher one defines, by a declaration of its own."""
    for compiler in (os.environ.get("CC"), "cc", "gcc", "clang"):
        if compiler and shutil.which(compiler):
            break
    else:
        print("no C compiler: calls are not planted")
        return
    calls = {"kernels/results/x.c":
             "int far_away(void);\nint near(void)\n{\n    return far_away();\n}\n",
             "kernels/cpu/y.c": "int far_away(void)\n{\n    return 1;\n}\n"}
    upside_down = {path: calls[other] for path, other in zip(calls, reversed(calls))}
    upwards = "kernels/results/x.c uses far_away, which is defined in kernels/cpu/y.c"
    for texts, expected in ((calls, [upwards]), (upside_down, [])):
        build = os.path.join(tree.root, "built")
        for path, text in texts.items():
            top, place = path.split("/", 1)
            target = os.path.join(build, top, "CMakeFiles", "some.dir", place + ".o")
            os.makedirs(os.path.dirname(target), exist_ok=True)
            tree.write(path, text)
            subprocess.run([compiler, "-c", path, "-o", target], cwd=tree.root, check=True)
        found = list(house_links.check_links(tree.root, build))
        tree.planted += 1
        if found != expected:
            tree.failures.append(f"calls: found {found}, expected {expected}")
        shutil.rmtree(build)
        for path in texts:
            os.remove(os.path.join(tree.root, path))


def plant_linux(tree):
    """What is Linux's own, in a room where it may not be, and in its place with and without a way
    for other systems."""
    guarded = "#ifdef __linux__\nint a;\n#else\nint b;\n#endif\n"
    uses = ("n = sched_getaffinity(0, 8, &set);", "#define _GNU_SOURCE", 'f = "/proc/self/exe";',
            "#ifdef __linux__", "fd = open(path, O_TMPFILE);")
    for text in uses:
        tree.plant("host/io/x.c", text + "\n", False, rules.check_linux)
        tree.plant("tests/x.c", text + "\n", True, rules.check_linux)
        tree.plant("host/io/x.c", f"/* {text} */\n", True, rules.check_linux)
        tree.plant("host/io/system.c", guarded + text + "\n", True, rules.check_linux)
    tree.plant("host/io/system.c", "int a;\n", False, rules.check_linux)


def plant_widths(tree):
    """A line of 101 columns in every kind of file, and what may be wide in Markdown."""
    line, wide = "x" * 49 + " " + "y" * 50, "x" * 50 + " " + "y" * 50
    cases = [(f"scripts/x{ending}", wide, False) for ending in (
        ".c", ".h", ".cu", ".cuh", ".cpp", ".py", ".sh", ".cmake", ".yaml", ".yml", ".sbatch")]
    cases += [("host/CMakeLists.txt", wide, False), ("docs/x.md", wide, False),
              ("docs/x.md", "\u00e4" * 100, True), ("scripts/x.csv", wide, True)]
    cases += [(path, line, True) for path, _, _ in cases]
    cases += [("docs/x.md", text, True) for text in (
        f"    {wide}", f"| {wide} |", f"[{wide}](https://example.org)", f"```\n{wide}\n```")]
    cases += [("docs/x.md", f"```\n{line}\n```\n{wide}", False)]
    for path, text, fine in cases:
        tree.plant(path, text + "\n", fine, rules.check_width)


def plant_binaries(tree):
    """A file with a byte 0 at the top, in a room and beside the tests."""
    for path in ("core", "host/io/x", "tests/x.c", "docs/x.md"):
        tree.plant(path, "ELF\0", False, rules.check_binary)
        tree.plant(path, "text\n", True, rules.check_binary)
    tree.plant("docs/figures/x.png", "PNG\0", True, rules.check_binary)


def plant_versions(tree):
    """A version or a date is changed in one of the files that have it."""
    texts = {"CMakeLists.txt": "project(bl23 VERSION 1.2.3 LANGUAGES C)\n",
             "CITATION.cff": "title: x\nversion: 1.2.3\ndate-released: 2026-01-02\n",
             "scripts/packaging/conda/recipe.yaml": 'context:\n  version: "1.2.3"\n',
             "tables/data/citations.bib": "@misc{bl23,\n  note = {version 1.2.3}\n}\n",
             "CHANGELOG.md": "# Changelog\n\n## [1.2.3] - 2026-01-02\n\n## [1.2.2] - 2025-01-01\n"}
    for path, text in texts.items():
        tree.write(path, text)
    tree.expect("equal versions", True, rules.check_version)
    for path, text in texts.items():
        for old, new in (("1.2.3", "1.2.4"), ("2026-01-02", "2026-01-03"), (text, "")):
            tree.write(path, text.replace(old, new))
            same = text.replace(old, new) == text
            tree.expect(f"{path} with {new!r}", same, rules.check_version)
        tree.write(path, text)


# What the package may and may not have; F: in figures.
PYTHON_MAY = ("import numpy as np", "import os", "from . import x", "def f():\n    import pandas",
              "a = 2**64", "a = 10**b", "a = 1e-3 * b", "a = np.zeros(3)",
              "F import matplotlib.pyplot as plt", "F a = np.sqrt(b)", "F a = b**2")
PYTHON_MAY_NOT = ("import pandas", "import h5py", "import matplotlib", "F import math",
                  "F from scipy import integrate", "F a = m_w", "F def f(alpha_inverse): pass",
                  "F a = inputs.m_c", "F a = 80.379 * b", "a = np.sqrt(b)", "a = b**2",
                  "a = np.log10(b)", "a = b**c")


def plant_python(tree, root):
    """Formulas of physics, and libraries that are no requirement, in the package."""
    tree.write("tables/physics/inputs.h", rules.read(root, "tables/physics/inputs.h"))
    for texts, fine in ((PYTHON_MAY, True), (PYTHON_MAY_NOT, False)):
        for text in texts:
            folder = "plot/" if text.startswith("F ") else ""
            tree.plant(f"host/python/bl23/{folder}x.py", text.removeprefix("F ") + "\n", fine,
                       rules.check_python)
    tree.plant("scripts/x.py", "import pandas\n", True, rules.check_python)
    tree.write("scripts/__init__.py", "")
    tree.write("scripts/x.py", "")

    def same_names(root):
        return [line for line in rules.check_names(root) if line.split()[0].endswith(".py")]

    tree.plant("host/python/bl23/__init__.py", "", True, same_names)
    tree.plant("host/python/bl23/x.py", "", False, same_names)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: test_house.py ROOT")
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(folder, sys.argv[1])
        plant_pairs(tree)
        for table, fine in ((MAY, True), (MAY_NOT, False)):
            for path, name in (line.split() for line in table.strip().splitlines()):
                name = name if name.startswith("<") else f'"{name}"'
                tree.plant(path, f"#include {name}\n", fine)
        for table, fine in ((ROOM, True), (NO_ROOM, False)):
            for path in table.split():
                tree.plant(path, "", fine)
        for path, text, fine in TEXTS:
            tree.plant(path, text, fine)
        plant_tables(tree, sys.argv[1])
        plant_linux(tree)
        plant_widths(tree)
        plant_binaries(tree)
        plant_versions(tree)
        plant_calls(tree)
        plant_python(tree, sys.argv[1])
    print("\n".join(tree.failures) or f"{tree.planted} trees, every violation was found")
    return 1 if tree.failures else 0


if __name__ == "__main__":
    sys.exit(main())
