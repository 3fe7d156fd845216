#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The domain of g_B-L ends at 10 for every command that solves for g.

survey, replay, plane and bound on bands around that end, and the warnings of bands beyond it.
"""

import json
import math
import os

import pytest

import survey_tools as t

END = 10.0
ROW = [0.5, 0.1, 0.5, -0.9, math.sqrt(0.5), 1.0]
ROOF = {"name": "roof", "observable": "g_bl", "upper": 30, "cl": 0.9, "cite": "x"}
SAMPLES = 20000


def band(name, observable, narrow, wide):
    return {
        "name": name,
        "observable": observable,
        "band_1sigma": narrow,
        "band_2sigma": wide,
        "cite": "x",
    }


def save(folder, name, extra, **survey):
    survey = {"samples": SAMPLES, "mass_gev": {"fixed": 0.14}, **survey}
    return t.save_yaml(
        os.path.join(folder, name + ".yaml"),
        {"survey": survey, "constraints": {"extra": extra}, "output": {"nearest": 9}},
    )


def answers(bl23, config):
    """What a survey says of a configuration, in its summary and its file, and a bound."""
    out = config.replace(".yaml", ".h5")
    done = t.run_ok([bl23, "survey", config, "-o", out, "--quiet", "--json", "--backend", "cpu"])
    proven = t.run_ok([bl23, "bound", config, "--json"])
    return json.loads(done.stdout), out, json.loads(proven.stdout)["masses"][0]


def test_beyond(bl23, folder):
    """A band of g above the end: nothing survives, T = 16/10 for the survey and by proof."""
    config = save(folder, "beyond", [band("big", "g_bl", [18, 22], [16, 24])])
    summary, out, mass = answers(bl23, config)
    alone = summary["cutflow"]["constraints"][0]["passed_alone"]
    assert summary["passed"] == 0 == alone, t.note(
        "a band beyond the end: nothing survives", summary
    )
    decided = mass["state"], mass["decided_by"]
    assert decided == ("excluded", "big against the survey's range of g"), t.note(
        "excluded, by the domain", mass
    )
    nearest = t.columns(out, "nearest")
    tensions = [*nearest["tension"], mass["tension"]["lower"], mass["tension"]["upper"]]
    assert all(abs(x / 1.6 - 1) < 1e-9 for x in tensions), t.note("T = 16/10 for both", tensions)
    largest = [*nearest["g_max"], mass["g_max_proven"], mass["g_max_reached"]]
    assert all(g == END for g in largest), t.note("no g above 10 is left", largest)


def test_across(bl23, folder):
    """Bands that reach beyond the end: what survives ends at 10, and is counted so."""
    config = save(
        folder,
        "across",
        [band("rate", "br_b0_pi0", [200, 3000], [100, 5000]), band("g", "g_bl", [8, 12], [5, 15])],
    )
    summary, out, mass = answers(bl23, config)
    rate, last = summary["cutflow"]["constraints"]
    passed, survivors = summary["passed"], t.columns(out)
    assert 0 < passed < SAMPLES and last["passed"] == passed, t.note(
        "the last cut leaves the survivors", last, passed
    )
    assert rate["passed"] == rate["passed_alone"] == passed, t.note(
        "alone: by g of the domain", rate
    )
    assert survivors["g_max"].max() == END and survivors["g_min"].min() >= 5, "they end at 10"
    assert mass["state"] == "open" and mass["g_max_proven"] == END, t.note("bound agrees", mass)
    index = str(survivors["index"][0])
    shown = json.loads(t.run_ok([bl23, "replay", out, "--index", index, "--json"]).stdout)
    assert shown["g_max"] == survivors["g_max"][0], t.note("replay agrees", shown)


def test_plane(bl23, folder):
    """A row whose limits leave g <= 30: where g is free it ends at 10, whatever the mode of g."""
    config = save(folder, "roof", [ROOF], w={"fixed": ROW})
    fixed = save(folder, "fixed", [ROOF], w={"fixed": ROW}, g_bl={"fixed": 1e-3})
    for path in (config, fixed):
        out = path.replace(".yaml", "-plane.h5")
        plane = json.loads(t.run_ok([bl23, "plane", path, "--json", "-o", out]).stdout)
        ends = [plane["allowed"][f"g_max_{level}sigma"] for level in (1, 2)]
        assert ends == [[END], [END]], t.note(f"{path}: the plane ends at 10", ends)
        drawn = plane["constraints"][0]["g_max_2sigma"]
        assert drawn == [30], t.note(f"{path}: the limit itself is drawn where it is", drawn)


DRAWN = {"g_bl": {"log_uniform": [1e-3, 10]}}
FIXED = {"w": {"fixed": ROW}}


@pytest.mark.parametrize(
    "edges, observable, survey, said",
    (
        ([16, 24], "g_bl", {}, True),
        ([9, 24], "g_bl", {}, False),
        ([16, 24], "g_bl", DRAWN, True),
        ([9, 24], "g_bl", DRAWN, False),
        ([1.0, 2.0], "delta_a_mu", {}, True),
        ([0.01, 1.0], "delta_a_mu", {}, False),
        ([1e26, 2e26], "br_bp_kp", {}, True),
        ([1e3, 2e3], "br_bp_kp", {}, False),
        ([1e3, 2e3], "br_b0_pi0", FIXED, True),
        ([1e3, 2e3], "br_b0_pi0", {}, False),
    ),
)
def test_warning(bl23, folder, edges, observable, survey, said):
    """A band that asks for more than any w and any g of the domain give is named."""
    words = "one can never be met: it requires g_B-L above 10 at 1 of the 1 masses"
    config = save(folder, "warned", [band("one", observable, edges, edges), ROOF], **survey)
    done = t.run_ok([bl23, "check", config, "--no-forecast"])
    assert (words in done.stdout) == said, t.told(done)


def test_unsorted(bl23, folder):
    """Masses in any order: what is said of a stretch holds for every mass between its ends."""
    config = os.path.join(folder, "unsorted.yaml")
    with open(config, "w", encoding="utf-8") as f:
        f.write("""survey: {samples: 20000, mass_gev: {list: [0.1, 0.25, 0.3, 0.2, 0.22]}}
constraints:
  extra:
    - {name: a, observable: g_bl, band_1sigma: [0.02, 0.03], band_2sigma: [0.01, 0.04], cite: M}
    - {name: b, observable: g_bl, upper: 0.001, cl: 0.9, cite: M, mass_outside_gev: [0.15, 0.23]}
""")
    done = t.run_ok([bl23, "bound", config])
    assert (
        "5 masses from 0.1 to 0.3 GeV" in done.stdout
        and "at 3 of 5 masses, 0.1, 0.25 .. 0.3 GeV" in done.stdout
        and "at 2 of 5 masses, 0.2 .. 0.22 GeV" in done.stdout
    ), t.told(done, "bound: stretches")
    done = t.run_ok([bl23, "survey", config, "-o", os.path.join(folder, "unsorted.h5"), "--quiet"])
    assert "5 masses from 0.1 to 0.3 GeV" in done.stdout, t.told(done, "survey: heading")
