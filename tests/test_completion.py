# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Completion as it is typed: bash, zsh and fish behind a terminal of their own."""
import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest
import survey_tools as t

# What is typed before the tab, and what then stands on the line.
TYPED = [("surv", "survey"), ("rep", "repl|repr|rep"), ("survey @fig3_c", "survey @fig3_closed"),
         ("check @open_question_k", "check @open_question_koto"),
         ("bound @answer/kn", "bound @answer/known"), ("survey --quie", "survey --quiet"),
         ("survey --backend cu", "survey --backend cuda"), ("help reprod", "help reproduce"),
         ("survey lon", "survey long_name.yaml"), ("replay lon", "replay long_name.yaml"),
         ("merge -o lon", "merge -o long_name.yaml"), ("merge lon", "merge long_name.yaml"),
         ("merge --config @fig3_c", "merge --config @fig3_closed"),
         ("plane @scen", "plane @scenario1"), ("point --inputs pdg2018 --js",
                                               "point --inputs pdg2018 --json")]
START = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"], "fish": ["--no-config"]}


def script(bl23, shell, folder):
    done = t.run([bl23, "help", "--completion", shell])
    assert done.returncode == 0 and not done.stderr, t.told(done)
    path = os.path.join(folder, "_bl23" if shell == "zsh" else f"bl23.{shell}")
    with open(path, "w", encoding="ascii") as f:
        f.write(done.stdout)
    return path


def shell_or_skip(shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    return shell


@pytest.mark.parametrize("shell", START)
def test_the_shell_reads_it(bl23, folder, shell):
    path = script(bl23, shell_or_skip(shell), folder)
    done = t.run([shell, "-n", path])
    assert done.returncode == 0 and not done.stderr, t.told(done)


class Terminal:
    """A shell that waits for keys."""

    def __init__(self, shell, folder):
        self.descriptor, other = pty.openpty()
        environment = dict(os.environ, TERM="dumb", PS1="> ", HOME=folder, HISTFILE="")
        self.process = subprocess.Popen([shell, *START[shell]], stdin=other, stdout=other,
                                        stderr=other, cwd=folder, env=environment,
                                        start_new_session=True)
        os.close(other)
        self.seen = ""

    def type(self, keys, until, seconds=20.0):
        """What is shown until the pattern comes."""
        os.write(self.descriptor, keys.encode())
        shown, end = "", time.monotonic() + seconds
        while not re.search(until, shown) and time.monotonic() < end:
            if select.select([self.descriptor], [], [], 0.1)[0]:
                shown += os.read(self.descriptor, 65536).decode(errors="replace")
        self.seen += shown
        assert re.search(until, shown), f"{keys!r}: {until!r} is not in {self.seen!r}"

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.descriptor)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_what_a_tab_adds(bl23, folder, shell):
    path = script(bl23, shell_or_skip(shell), folder)
    with open(os.path.join(folder, "long_name.yaml"), "w", encoding="ascii"):
        pass
    terminal = Terminal(shell, folder)
    try:
        terminal.type("bl23() { echo \"ran=<$*>\"; }\n", "bl23")
        if shell == "zsh":
            terminal.type("autoload -U compinit && compinit -u -D && echo re''ady\n", "ready")
        terminal.type(f"source {path} && echo sour''ced\n", "sourced")
        for typed, line in TYPED:
            terminal.type(f"bl23 {typed}\t\x05\n", f"ran=<({line}) ?>")
    finally:
        terminal.close()


def test_what_fish_offers(bl23, folder):
    path = script(bl23, shell_or_skip("fish"), folder)
    with open(os.path.join(folder, "long_name.yaml"), "w", encoding="ascii"):
        pass
    for typed, line in TYPED:
        done = subprocess.run(["fish", "--no-config", "-c",
                               f"source {path}; complete -C 'bl23 {typed}'"], cwd=folder,
                              capture_output=True, text=True, check=False,
                              env=dict(os.environ, HOME=folder))
        offered = [words.split("\t")[0] for words in done.stdout.splitlines()]
        assert done.returncode == 0 and not done.stderr, t.told(done)
        assert line.split()[-1] in offered or "|" in line, (typed, offered)
