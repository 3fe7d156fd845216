#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""house_links.py ROOT BUILD: no object file uses a function that is defined in a higher room.

An include that breaks the arrows of CONTRIBUTING.md is found by house.py. A declaration can hide
the same circle: this looks at the symbols of the objects of kernels/, tables/ and host/, by nm.

Exit 0: the arrows hold; 1: a line for each symbol that breaks them; 77: there is no nm.
"""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import house


def objects(build, top):
    """(source, object) of the objects below a top folder: NAME.dir/ROOM/FILE.c.o comes from
    ROOM/FILE.c."""
    for folder, _, names in os.walk(os.path.join(build, top, "CMakeFiles")):
        inside = folder.split(".dir" + os.sep, 1)
        for name in sorted(names):
            if name.endswith(".o") and (len(inside) == 2 or folder.endswith(".dir")):
                parts = [top, inside[1]] if len(inside) == 2 else [top]
                yield "/".join([*parts, name[:-2]]), os.path.join(folder, name)


def symbols(path):
    """(defined, used): the global symbols of an object."""
    lines = subprocess.run(["nm", "-gP", path], capture_output=True, text=True, check=True).stdout
    defined, used = set(), set()
    for name, kind in (line.split()[:2] for line in lines.splitlines()):
        (used if kind in "Uw" else defined).add(name)
    return defined, used


def check_links(root, build):
    rooms = house.House(root)
    users, definer = [], {}
    for top in rooms.tops:
        for source, path in objects(build, top):
            if not os.path.exists(os.path.join(root, source)):
                continue    # of a file that has been moved
            defined, used = symbols(path)
            definer.update(dict.fromkeys(defined, source))
            users.append((source, used))
    if not users:
        yield f"there are no objects below {build}"
    for source, used in users:
        for name in sorted(used & definer.keys()):
            if not rooms.sees(source, definer[name]):
                yield f"{source} uses {name}, which is defined in {definer[name]}"


def main():
    if len(sys.argv) != 3:
        print("usage: house_links.py ROOT BUILD", file=sys.stderr)
        return 2
    if not shutil.which("nm"):
        print("nm is not installed")
        return 77
    broken = sorted(set(check_links(*sys.argv[1:])))
    print("\n".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
