# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the tests of `bl23 bound` share: calling it, and configurations with a few other keys."""

import json
import os

import survey_tools as t

BANDS = [
    {"name": name, "observable": name, "band_1sigma": band, "band_2sigma": band, "cite": "planted"}
    for name, band in (
        ("br_kl_pi0", [2.2404e-9, 7.6030e-9]),
        ("br_b0_pi0", [7.1781e-6, 7.6980e-6]),
        ("br_b0_k0", [1.5475e-4, 2.7801e-4]),
    )
]
NEGATIVE = {
    "name": "negative",
    "observable": "delta_a_mu",
    "central": -3.0e-9,
    "sigma": 1.0e-10,
    "cite": "planted",
}
# Changes of open_question at 0.14 GeV: keys of `survey`, and of `constraints`.
CHANGED = {
    "excluded_one": ({}, {}),
    "gap": (  # bands on moduli leave a gap between what is proven and what is reached
        {},
        {
            "sets": ["world_2025"],
            "without": ["koto_2018", "koto_2024_pi0", "na62_2025", "na62_pi0window"],
            "extra": BANDS,
        },
    ),
    "small_g": ({"g_bl": {"log_uniform": [1.0e-12, 1.0e-3]}},
                {"sets": ["world_2025"], "without": []}),
    "no_band": ({}, {"without": ["koto_events", "gm2"]}),
    "closed_mode": ({"mass_gev": {"list": [0.35, 0.4]}}, {}),
    "negative_band": ({"mass_gev": {"list": [0.35, 0.4]}}, {"extra": [NEGATIVE]}),
}


def bound(bl23, config, out=None):
    """The answers of `bl23 bound --json`."""
    command = [bl23, "bound", config, "--json", *(["-o", out] if out else [])]
    return json.loads(t.run_ok(command, timeout=3600).stdout)


def changed(surveys, folder, name):
    """The configuration CHANGED[name], as a file in `folder`."""
    settings = t.load_yaml(os.path.join(surveys, "open_question.yaml"))
    survey, constraints = CHANGED[name]
    settings["survey"].update({"mass_gev": {"fixed": 0.14}, **survey})
    settings["constraints"].update(constraints)
    return t.save_yaml(os.path.join(folder, name + ".yaml"), settings)


def small(surveys, folder, name):
    """A shipped survey with 16 masses at most and few survivors, as a file in `folder`."""
    settings = t.load_yaml(os.path.join(surveys, name + ".yaml"))
    settings.setdefault("output", {})["max_survivors"] = 20000
    if "knots" in settings["survey"]["mass_gev"]:
        settings["survey"]["mass_gev"]["knots"] = 16
    return t.save_yaml(os.path.join(folder, name + ".yaml"), settings)


def named(surveys, folder, extra):
    """A configuration with two sets, some of them left out, and a limit of its own if `extra`."""
    settings = t.load_yaml(os.path.join(surveys, "open_question_koto.yaml"))
    settings["survey"]["mass_gev"] = {"list": [0.12, 0.14]}
    mine = {"observable": "br_bp_kp", "upper": 1.0e-5, "cl": 0.9, "cite": "planted"}
    settings["constraints"]["extra"] = [{"name": "my_bk", **mine}] if extra else []
    return t.save_yaml(os.path.join(folder, "named.yaml"), settings)


def write_version2(path, other):
    """A copy of a file of bounds that says it is of version 2."""
    text = t.read(path).decode().replace('"format_version": 5', '"format_version": 2', 1)
    with open(other, "w", encoding="utf-8") as f:
        f.write(text)
    return other
