#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Shipped surveys with the screen on and off give the same survivors, and the same file.

Eight of them with 3e6 samples each; with BL23_SLOW=1 all of them with 1e9 (BL23_SAMPLES=N for
another number). Of fig3 every survivor is compared one by one; of the others the million of
smallest hash, and the exact counts, histograms per bin, extrema and counts per mass of all of them.
"""

import os
import pathlib
import time

import pytest

import survey_tools as t

SHIPPED = pathlib.Path(__file__).parent.parent / "scripts" / "surveys"
NAMES = (sorted(path.stem for path in SHIPPED.glob("*.yaml")) if t.SLOW
         else [*t.SURVEYS, *t.CHARM_SURVEYS])
SAMPLES = os.environ.get("BL23_SAMPLES", "1e9" if t.SLOW else "3e6")
KEPT = {"fig3": 10**9}
KEPT_OTHERS = 10**6


@pytest.mark.parametrize("name", NAMES)
def test_no_screen(bl23, surveys, folder, name):
    output = {"store": "index", "max_survivors": KEPT.get(name, KEPT_OTHERS)}
    shipped, config = os.path.join(surveys, name + ".yaml"), os.path.join(folder, name + ".yaml")
    t.with_changes(shipped, config, output=output)
    made, seconds = [], []
    for what, env in (("on", {}), ("off", {"BL23_NO_SCREEN": "1"})):
        out = os.path.join(folder, what + ".h5")
        command = [bl23, "survey", config, "--samples", SAMPLES, "-o", out, "--quiet"]
        start = time.monotonic()
        done = t.run(command, env=env, timeout=7200)
        seconds.append(time.monotonic() - start)
        assert done.returncode == 0, t.told(done, f"screen {what}")
        made.append(out)
    differing = t.h5_differences(*made)
    assert not differing, f"{SAMPLES} samples, screen on and off: {differing}"
    with t.h5py.File(made[0], "r") as f:
        print(
            f"{name}: {f.attrs['samples']} samples, {f.attrs['passed']} survivors, "
            f"{f.attrs['stored']} of them and {len(f['nearest/index'])} nearest compared one by "
            f"one; {seconds[0]:.1f} s with the screen, {seconds[1]:.1f} s without"
        )
