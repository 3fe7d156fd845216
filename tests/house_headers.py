#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""house_headers.py ROOT BUILD: every header compiles alone.

Each header of kernels/, tables/ and host/ is compiled as C17, with the include folders and the
options of BUILD/compile_commands.json. Headers of one processor or of CUDA are compiled where that
compiler is.

Exit 0: all compile; 1: the compiler's words about each that does not; 77: there is no compiler.
"""
import json
import os
import platform
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import house

WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-Wno-unused-variable"]
NEEDS = {"simd_avx2.h": ("x86_64", ["-mavx2", "-mfma"]),
         "simd_avx512.h": ("x86_64", ["-mavx2", "-mfma", "-mavx512f", "-mavx512dq", "-mavx512vl",
                                      "-mavx512bw"]),
         "simd_neon.h": ("aarch64", [])}


def include_folders(build):
    """What the files of the house are compiled with: -I, -isystem and -D."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        commands = " ".join(entry["command"] for entry in json.load(f)
                            if "/tests/" not in entry["file"] and entry["file"].endswith(".c"))
    return sorted(set(re.findall(r"-I\S+|-D\S+", commands)) - {"-DNDEBUG"} |
                  {f"-isystem{place}" for place in re.findall(r"-isystem (\S+)", commands)})


def faults(compiler, options, folder, header):
    """What the compiler says of a file that includes the header and nothing else; None: nothing."""
    done = subprocess.run([compiler, "-x", "c", *options, "-fsyntax-only", "-"], cwd=folder,
                          input=f'#include "{header}"\n', capture_output=True, text=True,
                          check=False)
    return done.stderr if done.returncode else None


def check_alone(root, build, compiler):
    options = [*WARNINGS, "-std=c17", *(option for option in include_folders(build)
                                        if not option.startswith("-DBL23_SET="))]
    for path in house.files(root, (".h",)):
        processor, flags = NEEDS.get(os.path.basename(path), (platform.machine(), []))
        if path.split("/")[0] not in ("kernels", "tables", "host"):
            continue
        if processor != platform.machine():
            continue
        if "/cuda/" in path and "cuda_runtime" in house.read(root, path):
            continue    # the compiler of CUDA reads it
        said = faults(compiler, [*options, *flags], root, path)
        if said and not ("/cuda/" in path and "cuda_runtime" in said):
            yield f"{path} does not compile alone as C17:\n{said}"


def main():
    if len(sys.argv) != 3:
        print("usage: house_headers.py ROOT BUILD", file=sys.stderr)
        return 2
    compiler = shutil.which("cc")
    if not compiler:
        print("there is no compiler of C")
        return 77
    broken = list(check_alone(*sys.argv[1:], compiler))
    print("\n".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
