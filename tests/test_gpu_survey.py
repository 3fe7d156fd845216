#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The shipped surveys on a real GPU: the file of the CPU, byte for byte but for /provenance.

Skipped where no device answers. BL23_GPU_SAMPLES sets the samples (default 1e9).
"""

import json
import os

import pytest

import survey_tools as t

SAMPLES = os.environ.get("BL23_GPU_SAMPLES", "1e9")


@pytest.fixture(scope="module")
def device(bl23):
    """What bl23 says of the device."""
    info = t.run([bl23, "info", "--json"])
    if info.returncode:
        t.skip(f"bl23 does not run here: {info.stderr[-200:]}")
    told = json.loads(info.stdout)
    if told["cuda_devices"] == 0:
        t.skip(told["cuda"])
    return told["cuda"]


@pytest.mark.parametrize("name", t.SURVEYS)
def test_gpu_survey(bl23, surveys, folder, device, name):
    config = os.path.join(surveys, name + ".yaml")
    files = {backend: os.path.join(folder, backend + ".h5") for backend in ("cuda", "cpu")}
    for backend, out in files.items():
        command = [bl23, "survey", config, "-o", out, "--samples", SAMPLES, "--backend", backend]
        t.run_ok(command)
    differing = t.h5_differences(files["cpu"], files["cuda"])
    assert not differing, f"{SAMPLES} samples on {device}: {differing}"
