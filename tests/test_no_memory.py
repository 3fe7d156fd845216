#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Memory that cannot be had ends a command with exit 1 and one sentence, never with a part of its answer.

Every allocation of the program and of the libraries that build its text fails once (BL23_SLOW=1: every one), and the
address space is limited to several sizes.
"""
import os
import resource
import shutil
import subprocess

import survey_tools as t

STEPS = 100000 if t.SLOW else 25       # allocations to fail for one command
MIB = 1 << 20


class Case:
    def __init__(self, bl23, source, folder, shim):
        self.bl23, self.folder, self.shim = bl23, folder, shim
        self.config = os.path.join(source, "scripts", "surveys", "fig3.yaml")
        self.reference, self.log, self.under = (os.path.join(folder, name) for name in ("reference.h5", "log", "under"))
        t.run_ok(self.survey(self.reference))

    def survey(self, out):
        return [self.bl23, "survey", self.config, "-o", out, "--samples", "10000", "--threads", "1", "--backend", "cpu", "--quiet"]

    def commands(self):
        """Every command that answers the same each time."""
        row = "0.6,0,0.6,0.4,0.5291502622129181,1"
        return (["info", "--json"], ["point", "--mass", "0.14", "--g", "1e-3", "--w", row, "--json"], ["tables", "--mass", "0.14", "--verify", "--json"],
                ["check", self.config, "--no-forecast"], ["bound", self.config, "--json"], ["bound", self.config, "--ranges"],
                ["bound", self.config, "-o", os.path.join(self.under, "out.json")], ["plane", self.config, "--scenario", "1", "--json"],
                ["reproduce", "--json"])

    def failing(self, command, number):
        shutil.rmtree(self.under, ignore_errors=True)
        os.mkdir(self.under)
        return t.run([self.bl23, *command], env={"LD_PRELOAD": self.shim, "BL23_MEMORY_AT": str(number), "BL23_MEMORY_LOG": self.log})


def files(folder):
    return {name: t.read(os.path.join(folder, name)) for name in os.listdir(folder)}


def every_allocation(c):
    """The whole answer, or exit 1 and one sentence, whichever allocation fails."""
    for command in c.commands():
        ordinary = c.failing(command, 0)
        written, number = files(c.under), int(t.read(c.log))
        failed = 0
        for at in range(1, number + 1, max(1, number // STEPS)):
            done, what = c.failing(command, at), f"{' '.join(command[:2])}: allocation {at} of {number}"
            failed += done.returncode == 1
            if done.returncode == ordinary.returncode and done.stdout == ordinary.stdout:
                t.check(files(c.under) == written, f"{what}: the whole file", list(files(c.under)))
            else:
                last = done.stderr.splitlines()[-1:] or [""]
                t.check(done.returncode == 1 and last[0].startswith("bl23: ") and "memory" in last[0], f"{what}: exit 1 and a sentence", *t.told(done))
            if t.failures() > 40:
                return
        print(f"{' '.join(command[:2])}: {number} allocations, {failed} ended it", flush=True)


def address_space(c):
    """From the least size with which the program can be loaded: a file or a sentence, never a signal."""
    limited = lambda size: lambda: resource.setrlimit(resource.RLIMIT_AS, (size * MIB, size * MIB))
    ended = set()
    for command in (c.survey(os.path.join(c.folder, "limited.h5")), [c.bl23, "replay", c.reference], [c.bl23, "bound", c.config]):
        for size in (*range(32, 100, 4), 128, 256, 1024):
            shutil.rmtree(os.path.join(c.folder, "limited.h5.run"), ignore_errors=True)
            if os.path.exists(os.path.join(c.folder, "limited.h5")):
                os.remove(os.path.join(c.folder, "limited.h5"))
            done = subprocess.run(command, preexec_fn=limited(size), capture_output=True, text=True, timeout=t.TIMEOUT_S, check=False)
            if done.returncode == 127 or "shared libraries" in done.stderr: # of the loader
                continue
            ended.add(done.returncode)
            what = f"{command[1]} in {size} MiB"
            t.check(done.returncode == 0 or done.returncode == 1 and "memory" in done.stderr and done.stderr.count("\n") == 1, f"{what}: a result or a sentence", *t.told(done))
    t.check(ended == {0, 1}, "some sizes are enough, and some are not", ended)


def main():
    bl23, source = t.arguments()
    shim = os.environ.get("BL23_SHIM", "")
    if not os.path.exists(shim):
        t.skip(f"BL23_SHIM names no library: '{shim}'")
    c = Case(bl23, source, t.work_folder(), shim)
    address_space(c)
    every_allocation(c)
    t.finish()


if __name__ == "__main__":
    main()
