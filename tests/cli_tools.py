# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the tests of the command line share: bl23 in a folder of its own."""

import os

import survey_tools as t
from cli_cases import GOOD


class Cli:
    """bl23 in a folder with a good configuration and three curves."""

    def __init__(self, bl23, folder):
        self.bl23, self.folder = bl23, folder
        self.out = os.path.join(folder, "out.h5")
        self.good = self.write("good.yaml", GOOD)
        self.write("good.csv", "m_gev,upper\n0.01,1e-9\n1,1e-9\n")
        self.write("empty.csv", "")
        self.write("unsorted.csv", "m_gev,upper\n0.2,1e-9\n0.1,1e-9\n0.3,1e-9\n")
        self.write("vast.csv", "m_gev,upper\n0.1,1e200\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text.replace("OUT", self.out))
        return self.path(name)

    def run(self, *arguments, **options):
        return t.run([self.bl23, *arguments], cwd=self.folder, **options)

    def refused(self, *arguments, says, **options):
        """Exit 2, one sentence on stderr, nothing on stdout, nothing new in the folder."""
        before = set(os.listdir(self.folder))
        done = self.run(*arguments, **options)
        assert done.returncode == 2, t.told(done)
        assert done.stderr.startswith("bl23: ") and done.stderr.count("\n") == 1, t.told(done)
        assert says in done.stderr, t.told(done, f"the message does not say {says!r}")
        assert not done.stdout, t.told(done)
        left = set(os.listdir(self.folder)) - before
        assert not left, t.told(done, f"{sorted(left)} was written")
        return done
