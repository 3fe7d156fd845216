#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Run the commands of docs/paper.md and put what they print below them.

usage: make_paper.py BL23 [-o docs/paper.md] [--check]

In a block that begins with ```console, a line "$ COMMAND" is run (by bash, in an empty folder) and
the lines below it, up to the next command, are what it prints. With --check nothing is written: the
page must say what the commands print, and every decimal number of its text must be printed by one
of them. A test does this.
"""
import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
FENCE = "```"
# 4.1e-05, 0.0255, 7e-12; no arXiv number, no (4.12) of the paper, no name of a file
NUMBER = re.compile(r"(?<![\w./(-])\d+(?:\.\d+(?:e-?\d+)?|e-?\d+)(?![\w./)])")
CITED = re.compile(r"\d{4}\.\d{5}|\"[^\"]*\"")  # and words of the paper


def run(command, folder, environment):
    done = subprocess.run(["bash", "-c", "set -o pipefail; " + command], cwd=folder,
                          env=environment, capture_output=True, text=True, timeout=900, check=False)
    warnings = all(line.startswith("warning: ") for line in done.stderr.splitlines())
    if done.returncode not in (0, 1) or not warnings:
        sys.exit(f"make_paper.py: exit {done.returncode}: {command}\n{done.stderr}")
    return [line.rstrip() for line in done.stdout.splitlines()]


def written(lines, folder, environment):
    """The page with every block as its commands print it."""
    inside = False
    for line in lines:
        if line.startswith(FENCE):
            inside = line.strip() == FENCE + "console"
            yield line
        elif not inside:
            yield line
        elif line.startswith("$ "):
            yield line
            yield from run(line[2:], folder, environment)


def prose_and_output(lines):
    """The text outside of all blocks, and the text inside."""
    prose, output, inside = [], [], False
    for line in lines:
        if line.startswith(FENCE):
            inside = not inside
        (output if inside else prose).append(line)
    return "\n".join(prose), "\n".join(output)


def unprinted(lines):
    """Decimal numbers of the text that no command prints."""
    prose, output = prose_and_output(lines)
    printed = {float(number) for number in re.findall(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?", output)}
    return [number for number in NUMBER.findall(CITED.sub("", prose))
            if float(number) not in printed]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("bl23", metavar="BL23", help="the program")
    parser.add_argument("-o", dest="page", default=SOURCE / "docs" / "paper.md", type=pathlib.Path)
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    options = parser.parse_args()
    found = options.page.read_text(encoding="utf-8").splitlines()
    path = f"{pathlib.Path(options.bl23).resolve().parent}:{os.environ.get('PATH', '')}"
    with tempfile.TemporaryDirectory(prefix="bl23-paper-") as folder:
        page = list(written(found, folder, dict(os.environ, PATH=path)))
    stray = unprinted(page)
    if stray:
        print("numbers of the text that no command prints:", *stray)
    if not options.check:
        options.page.write_text("\n".join(page) + "\n", encoding="utf-8")
        return 1 if stray else 0
    different = list(difflib.unified_diff(found, page, str(options.page), "what the commands print",
                                          lineterm="", n=1))
    print("\n".join(different))
    return 1 if different or stray else 0


if __name__ == "__main__":
    sys.exit(main())
