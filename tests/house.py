#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""house.py CHECK ROOT: one of the rules of the house, over every file of the repository.

Exit 0: kept; 1: broken, with a line per place; 77: the tool that checks it is not installed.
"""
import os
import re
import shutil
import subprocess
import sys

LINES_MAX = 500
SKIPPED_FOLDERS = {".git", "build", "out", "__pycache__"}
SOURCES = (".c", ".h", ".cu", ".cuh", ".py", ".sh", ".cmake")
TEXTS = SOURCES + (".md", ".txt", ".yaml", ".yml", ".json", ".cff", ".csv", ".bib", ".in")
C_HEADERS = {name + ".h" for name in (
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg "
    "stdatomic stdbool stddef stdint stdlib stdnoreturn string tgmath threads uchar wchar wctype").split()}
STDIO = {"stdio.h", "time.h"}
THREADS = {"pthread.h", "unistd.h"}     # of POSIX; the CPU backend is made of them
GENERATED = {"embedded_data.inc"}       # by tables/base/embed.cmake
ROOMS = ("tests", "bench", "scripts")   # nothing outside includes them


def files(root, extensions):
    """Paths below root, relative to it."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and not f.endswith(".run"))
        for name in sorted(names):
            if name.endswith(extensions):
                yield os.path.relpath(os.path.join(folder, name), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


def room_of(path):
    return path.split(os.sep)[0]


def allowed_include(path, name, system):
    """Whether a file may include a header: the arrows of the house."""
    room = room_of(path)
    if room_of(name) in ROOMS and room_of(name) != room:
        return False
    if room == "tables":
        if system:
            return name in C_HEADERS | STDIO | {"yaml.h"} or name.startswith("gsl/")
        return name.startswith("tables/") or name.startswith("kernels/sample/") or name in GENERATED
    if room == "kernels":
        cuda = path.startswith("kernels/cuda/")
        if system:
            threads = path.endswith(".c") and name in THREADS
            vectors = os.path.basename(path).startswith("simd_") and name in ("immintrin.h", "arm_neon.h")
            words = path == "kernels/sample/error.c" and name == "stdio.h"
            return name in C_HEADERS or words or threads or vectors or (cuda and name.startswith(("cuda", "curand")))
        return name.startswith("kernels/")
    return True


def check_arrows(root):
    for path in files(root, (".c", ".h", ".cu", ".cuh")):
        text = without_comments(read(root, path))
        for bracket, name in re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)', text, flags=re.M):
            if not allowed_include(path, name, bracket == "<"):
                yield f"{path} includes {name}"
            if name == "mpi.h" and path != os.path.join("host", "ranks", "ranks_mpi.c"):
                yield f"{path} includes mpi.h, which only host/ranks/ranks_mpi.c may"
            if room_of(path) != "host" and re.search(r"hdf5|H5\w*\.h", name):
                yield f"{path} includes {name}, which only host/ may"
        if room_of(path) not in ("host",) + ROOMS and re.search(r"\bmain\s*\(", text):
            yield f"{path} has a main, which only host/ may"


def check_names(root):
    seen = {}
    for path in files(root, SOURCES):
        name = os.path.basename(path)
        if name in seen:
            yield f"{path} has the name of {seen[name]}"
        seen[name] = path


def check_format(root):
    tool = shutil.which("clang-format")
    if not tool:
        print("clang-format is not installed")
        sys.exit(77)
    paths = list(files(root, (".c", ".h")))
    done = subprocess.run([tool, "--dry-run", "-Werror", *paths], cwd=root, capture_output=True, text=True, check=False)
    for line in done.stderr.splitlines():
        if "error:" in line:
            yield line
    if done.returncode and not done.stderr:
        yield f"clang-format ended with {done.returncode}"


def check_spdx(root):
    extra = [p for p in files(root, ("CMakeLists.txt",))]
    for path in list(files(root, SOURCES)) + extra:
        lines = read(root, path).splitlines()
        head = lines[1:3] if lines and lines[0].startswith("#!") else lines[:2]
        whole = len(head) == 2 and "SPDX-License-Identifier: GPL-3.0-or-later" in head[0] and "Copyright (C)" in head[1]
        if not whole:
            yield f"{path} does not begin with the two lines of licence and copyright"


def check_lengths(root):
    for path in files(root, SOURCES):
        count = len(read(root, path).splitlines())
        if count > LINES_MAX:
            yield f"{path} has {count} lines, allowed: {LINES_MAX}"


def check_paths(root):
    folders = "|".join(("work", "tmp", "home", "root", "Users", "mnt"))
    pattern = re.compile(rf"(?<![\w.*$}}/-])/(?:{folders})/")
    for path in files(root, TEXTS):
        for number, line in enumerate(read(root, path).splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number} names a folder of one machine: {line.strip()[:100]}"


def check_marks(root):
    marks = tuple(mark * 7 for mark in "<>")
    for path in files(root, TEXTS):
        for number, line in enumerate(read(root, path).splitlines(), 1):
            if line.startswith(marks):
                yield f"{path}:{number} has a mark of an unfinished merge"


def check_modes(root):
    """What names its interpreter can be called by its name, as the pages do."""
    for path in files(root, (".py", ".sh")):
        if read(root, path).startswith("#!") and not os.access(os.path.join(root, path), os.X_OK):
            yield f"{path} begins with #! and is not executable"


CHECKS = {"arrows": check_arrows, "names": check_names, "format": check_format, "spdx": check_spdx,
          "lengths": check_lengths, "marks": check_marks, "paths": check_paths, "modes": check_modes}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in CHECKS:
        print(f"usage: house.py {'|'.join(CHECKS)} ROOT", file=sys.stderr)
        return 2
    if not any(files(sys.argv[2], SOURCES)):
        print(f"there is no source below {sys.argv[2]}")
        return 1
    broken = list(CHECKS[sys.argv[1]](sys.argv[2]))
    print("\n".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
