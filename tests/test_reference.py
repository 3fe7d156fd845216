#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Surveys against reference/reference_survey.py, an independent program in numpy.

The shipped surveys, one whose bands reach beyond the largest g, and one whose Z' is visible. Its
tables cost half a second
a mass: 16 masses here, all 256 and more samples with BL23_SLOW=1.
"""

import os
import re
import sys

import pytest

import survey_tools as t

SAMPLES, KNOTS = ("1e6", None) if t.SLOW else ("2e5", 16)
# The reference knows the form factors of Ball and Zwicky only.
FORM_FACTORS = "bz2004"


END_OF_G = {
    "survey": {"seed": 5, "samples": 1, "mass_gev": {"fixed": 0.14}, "g_bl": "solve"},
    "constraints": {
        "extra": [
            {
                "name": "rate",
                "observable": "br_b0_pi0",
                "band_1sigma": [200, 3000],
                "band_2sigma": [100, 5000],
                "cite": "planted",
            },
            {
                "name": "g",
                "observable": "g_bl",
                "band_1sigma": [8, 12],
                "band_2sigma": [5, 15],
                "cite": "planted",
            },
        ]
    },
    "output": {"nearest": 20},
}


# Searches for an invisible Z' below and above 2 m_mu and 2 m_tau.
VISIBLE = {
    "survey": {"seed": 6, "samples": 1, "mass_gev": {"list": [0.14, 0.25, 0.3, 3.6]},
               "g_bl": {"log_uniform": [1.0e-7, 1.0e-3]}},
    "constraints": {"sets": ["world_2026"]},
    "output": {"nearest": 20},
}
OWN = {"end_of_g": END_OF_G, "visible": VISIBLE}


def configurations(surveys, folder, name):
    """The configuration for the program and the same for the reference."""
    shipped = os.path.join(surveys, name + ".yaml")
    config = OWN[name] if name in OWN else t.load_yaml(shipped)
    if KNOTS and "knots" in config["survey"]["mass_gev"]:
        config["survey"]["mass_gev"]["knots"] = KNOTS
    reference = t.save_yaml(os.path.join(folder, name + "-reference.yaml"), config)
    config["output"]["max_survivors"] = 10000000  # the reference keeps all
    preset = config.get("inputs", "pdg2018")
    config["inputs"] = {"preset": preset, "form_factors": FORM_FACTORS}
    return t.save_yaml(os.path.join(folder, name + ".yaml"), config), reference


@pytest.mark.parametrize("name", (*t.SURVEYS, *OWN))
def test_reference(bl23, source, surveys, folder, name):
    pytest.importorskip("mpmath", reason="mpmath (python3-mpmath) is not installed")
    scripts = os.path.join(source, "tests", "reference")
    config, for_reference = configurations(surveys, folder, name)
    mine, theirs = (os.path.join(folder, f"{who}.h5") for who in ("bl23", "reference"))
    t.run_ok([bl23, "survey", config, "-o", mine, "--samples", SAMPLES, "--quiet"])
    reference = [sys.executable, os.path.join(scripts, "reference_survey.py"), for_reference]
    t.run_ok([*reference, "--samples", SAMPLES, "-o", theirs], timeout=3600)
    done = t.run([sys.executable, os.path.join(scripts, "compare_survey.py"), mine, theirs])
    counts = re.search(r"^(\d+) checks, (\d+) failed$", done.stdout, flags=re.M)
    assert done.returncode == 0 and counts and int(counts[1]) > 5, t.told(done)
    print(f"{name}: {SAMPLES} samples, {counts[0]}")
