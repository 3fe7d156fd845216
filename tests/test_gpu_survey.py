#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The shipped surveys on a real GPU: the file of the CPU, byte for byte but for /provenance.

Skipped where no device answers. BL23_GPU_SAMPLES sets the samples (default 1e9).
"""
import json
import os

import survey_tools as t

SAMPLES = os.environ.get("BL23_GPU_SAMPLES", "1e9")


def main():
    bl23, source = t.arguments()
    info = t.run([bl23, "info", "--json"])
    if info.returncode:
        t.skip(f"bl23 does not run here: {info.stderr[-200:]}")
    told = json.loads(info.stdout)
    if told["cuda_devices"] == 0:
        t.skip(told["cuda"])
    folder = t.work_folder()
    for name in t.SURVEYS:
        config = os.path.join(source, "scripts", "surveys", name + ".yaml")
        a, b = os.path.join(folder, name + "_cpu.h5"), os.path.join(folder, name + "_cuda.h5")
        done = t.run([bl23, "survey", config, "-o", b, "--samples", SAMPLES, "--backend", "cuda"])
        t.check(done.returncode == 0, f"{name} on the device", *t.told(done))
        t.run_ok([bl23, "survey", config, "-o", a, "--samples", SAMPLES, "--backend", "cpu"])
        same = os.path.exists(b) and not t.h5_differences(a, b)
        t.check(same, f"{name}: {SAMPLES} samples on the device give the file of the CPU")
    t.finish(f"{SAMPLES} samples of each survey on {told['cuda']}")


main()
