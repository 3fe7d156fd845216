#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""bl23 bound against bl23 survey on random configurations: two answers to one question.

Limits and bands of any size, also far beyond what a coupling can do, in all three modes of g. No
sample survives where a mass is excluded by proof, none has less than the least tension or more than
the largest g, and the row that leaves a mass open passes a survey of that row alone.
BL23_SLOW=1: many more; BL23_SEED=N: others.
"""

import collections
import json
import math
import os
import random

import pytest

import survey_tools as t

CASES = 400 if t.SLOW else 8 if t.SHORT else 24
SEED = int(os.environ.get("BL23_SEED", "1"))
SAMPLES = 40000
ROUNDING = 1e-9
RATES = t.MODES
CHARM = ("br_dp_pip", "br_ds_kp", "br_dp_rhop", "br_d0_omega", "br_lc_p", "br_dp_known", "br_t_u",
         "br_t_q")
MIXING = ("x12", "x12_im")  # upper limits only, and outside 0.4 to 2 GeV


# Rows that lean on a band alone: its sector is halved as often as a sector can be, and then w is.
SECTORS = {
    "survey": {"samples": SAMPLES, "mass_gev": {"fixed": 0.003011324963811805}},
    "constraints": {
        "extra": [
            {
                "name": "pi",
                "observable": "br_b0_pi0",
                "cite": "x",
                "cl": 0.9,
                "upper": 597.7396086317386,
            },
            {
                "name": "kp",
                "observable": "br_kp_pip",
                "cite": "x",
                "cl": 0.9,
                "upper": 4.104849172415607e-08,
            },
            {
                "name": "band",
                "observable": "br_bp_kp",
                "cite": "x",
                "central": 4.477214179925702e28,
                "sigma": 3.510569745718125e26,
            },
        ]
    },
    "output": {"nearest": 100},
}


def size_of(draw, observable):
    """A value of an observable: most often one that some g from 1e-6 to 100 may give, or any."""
    if observable == "g_bl":
        return 10 ** draw.uniform(-8, 1.7)
    if draw.random() < 0.15:
        return 10 ** draw.uniform(-30, 30)
    if observable in (*CHARM, *MIXING):
        return 10 ** draw.uniform(-14, 2)
    g = 10 ** draw.uniform(-6, 2)
    return g**2 * 10 ** (-3 if observable == "delta_a_mu" else draw.uniform(-2, 8))


def constraint(draw, number, mixing):
    tree = [*CHARM, *(MIXING * 2 if mixing else ())]
    observable = draw.choice([*RATES, *RATES, *tree, *["delta_a_mu", "g_bl"] * 4])
    one = {"name": f"c{number}", "observable": observable, "cite": "x"}
    x = size_of(draw, observable)
    kind = draw.choice(("upper", "upper", "band", "measured"))
    if kind == "upper" or observable in MIXING:
        return {**one, "upper": x, "cl": 0.9}
    if kind == "measured":
        return {**one, "central": x, "sigma": x * 10 ** draw.uniform(-3, 0.5)}
    narrow, wide = sorted(10 ** draw.uniform(0.001, 1) for _ in range(2))
    return {**one, "band_1sigma": [x / narrow, x * narrow], "band_2sigma": [x / wide, x * wide]}


def coupling(draw):
    low = 10 ** draw.uniform(-9, 0.9)
    high = min(10.0, low * 10 ** draw.uniform(0.1, 4))
    return draw.choice(("solve", "solve", "solve", {"fixed": low}, {"log_uniform": [low, high]}))


def configuration(draw):
    lightest = draw.choice((-3, -3, -3, -11))
    masses = sorted(10 ** draw.uniform(lightest, 0.67) for _ in range(draw.choice((1, 1, 2))))
    mixing = not any(0.4 <= mass <= 2.0 for mass in masses)
    extra = [constraint(draw, k, mixing) for k in range(draw.randint(1, 4))]
    return {
        "survey": {
            "samples": SAMPLES,
            "seed": draw.randrange(1 << 30),
            "mass_gev": {"list": masses},
            "g_bl": coupling(draw),
        },
        "constraints": {"extra": extra, "sigma": draw.choice((1, 2, 2))},
        "output": {"nearest": 100},
    }


def numbers_agree(mass):
    """What is proven and what is reached, within the rounding that the program allows itself."""
    answers = [("tension", mass["tension"]), *mass["relief"].items()]
    answers += [(name, mass[name]) for name in ("largest_g", "smallest_g") if name in mass]
    for name, a in answers:
        if a["upper"] is not None:
            assert a["lower"] <= a["upper"] * (1 + 2e-12), t.note(
                f"{name}: proven <= reached", mass
            )
    assert mass["g_max_reached"] <= mass["g_max_proven"] * (1 + 2e-12), t.note("largest g", mass)
    assert mass["g_max_proven"] <= 10, t.note("the domain of g", mass)
    for name, ends in mass["ranges"].items():
        low, high = ends["smallest"], ends["largest"]
        room = 2e-12 * max(abs(low["proven"]), abs(high["proven"]))
        assert (
            low["proven"] - room <= low["reached"] <= high["reached"] + room
            and high["reached"] <= high["proven"] + room
        ), t.note(f"range of {name}", ends)


def witness_passes(bl23, folder, config, mass):
    """A survey of the one row, at the one g where g is not solved for."""
    w = mass["tension"]
    row = [x for i in (1, 2, 3) for x in (w[f"wu1{i}_abs"], w[f"wu1{i}_phase"] / math.pi)]
    all_masses = config["survey"]["mass_gev"].get("list", [mass["mass_gev"]])
    others = [m for m in all_masses if m != mass["mass_gev"]]
    survey = {
        **config["survey"],
        "samples": 1,
        "mass_gev": {"list": [mass["mass_gev"], *others]},  # the first sample is at the first
        "w": {"fixed": row},
    }
    if survey["g_bl"] != "solve":
        survey["g_bl"] = {"fixed": w["g_bl"]}
    path, out = os.path.join(folder, "row.yaml"), os.path.join(folder, "row.h5")
    t.save_yaml(path, {**config, "survey": survey})
    t.run_ok([bl23, "survey", path, "-o", out, "--quiet", "--force"])
    nearest = t.columns(out, "nearest")
    assert nearest["mass_gev"][0] == mass["mass_gev"]
    tension = nearest["tension"][0]
    assert tension <= 1 + ROUNDING, t.note("the row that leaves a mass open passes", tension, mass)


def compare(mass, survivors, nearest):
    """The proofs at one mass against the samples there."""
    m, state = mass["mass_gev"], mass["state"]
    here, near = survivors["mass_gev"] == m, nearest["mass_gev"] == m
    may_survive = ("open", "undecided") if "left_out" in mass else ("open",)
    assert state in may_survive or not here.any(), t.note(
        f"survivors at {m} GeV, which is {state}", mass
    )
    if not mass["possible"]:
        return
    least = nearest["tension"][near].min() if near.any() else math.inf
    assert least >= mass["tension"]["lower"] * (1 - ROUNDING), t.note(
        f"no sample has less than the least tension at {m} GeV", least, mass
    )
    g = survivors["g_max" if "g_max" in survivors else "g_bl"][here].max(initial=0.0)
    assert g <= mass["g_max_proven"] * (1 + ROUNDING), t.note(
        "nor more than the largest g", g, mass
    )


CONFIGURATIONS = {
    str(number): configuration(random.Random(f"{SEED}-{number}")) for number in range(CASES)
}
if t.SLOW:
    CONFIGURATIONS["sectors"] = SECTORS
ANSWERS = []  # what bound said of each mass of the configurations that were run


@pytest.mark.parametrize("config", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_random(bl23, folder, config):
    path, out, proofs = (os.path.join(folder, "random" + end) for end in (".yaml", ".h5", ".json"))
    t.save_yaml(path, config)
    done = t.run([bl23, "bound", path, "--json", "--ranges", "-o", proofs], timeout=3600)
    closed = ("bounds g from above", "can exclude nothing")
    if done.returncode == 2 and any(words in done.stderr for words in closed):
        ANSWERS.append("refused")  # the decay of each upper edge is closed, or of one constraint
        return
    assert done.returncode == 0, t.told(done, json.dumps(config))
    t.run_ok([bl23, "bound", "--verify", proofs], timeout=3600)
    t.run_ok([bl23, "survey", path, "-o", out, "--quiet", "--force", "--backend", "cpu"])
    survivors, nearest = t.columns(out), t.columns(out, "nearest")
    for mass in json.loads(done.stdout)["masses"]:
        ANSWERS.append(mass["state"] if mass["possible"] else "impossible")
        compare(mass, survivors, nearest)
        if mass["possible"]:
            numbers_agree(mass)
        if mass["state"] == "open":
            witness_passes(bl23, folder, config, mass)


def test_both_kinds():
    """Of the masses of all configurations enough were open, and enough excluded."""
    tally = collections.Counter(ANSWERS)
    if len(ANSWERS) < CASES:
        pytest.skip("only some of the configurations were run")
    assert tally["open"] > CASES // 8 and tally["excluded"] > CASES // 8, tally
