#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Forged certificates under a checksum that is right: every number of the file is checked.

A file of an excluded, an open and a divided mass, and one with limits on charm, of which those on
mixing are left out of the proof, is altered in one place at a time, by hand and at random, and
sealed again. `bl23 bound --verify` must end with exit 1 or 2 and one sentence.
BL23_SLOW=1: 2000 random alterations.
"""

import copy
import json
import math
import os
import random
import re

import pytest

import survey_tools as t

RANDOM = 2000 if t.SLOW else 30
SEED = int(os.environ.get("BL23_SEED", "1"))
HEAD = '{"format": "bl23-bound", "format_version": 5, "checksum": "%s",\n'
ZEROS = "0" * 16
# At 0.14 GeV: bands on moduli, so that all W_u must be divided; and (g-2)_mu, which excludes all.
BANDS = [
    {"name": name, "observable": name, "band_1sigma": band, "band_2sigma": band, "cite": "x"}
    for name, band in (
        ("br_kl_pi0", [2.2404e-9, 7.6030e-9]),
        ("br_b0_pi0", [7.1781e-6, 7.6980e-6]),
        ("br_b0_k0", [1.5475e-4, 2.7801e-4]),
    )
]
WITHOUT = ["koto_2018", "koto_2024_pi0", "na62_2025", "na62_pi0window"]
CHARM = [
    {"name": name, "observable": name, "upper": upper, "cl": 0.9, "cite": "x"}
    for name, upper in (
        ("br_dp_known", 0.1),
        ("br_dp_pip", 8.0e-6),
        ("br_d0_omega", 1.1e-5),
        ("br_t_q", 0.2),
        ("x12", 5.0e-3),
        ("x12_im", 1.5e-4),
    )
]
MUON = [
    {"name": "muon", "observable": "delta_a_mu", "central": 250e-11, "sigma": 30e-11, "cite": "x"}
]


def certificates(bl23, folder, name, extra, sets, without=()):
    config, path = (os.path.join(folder, name + end) for end in (".yaml", ".json"))
    t.save_yaml(
        config,
        {
            "survey": {"mass_gev": {"fixed": 0.14}},
            "constraints": {"sets": sets, "without": list(without), "extra": extra},
        },
    )
    t.run_ok([bl23, "bound", config, "-o", path])
    return json.loads(t.read(path))


def verify(bl23, path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return t.run([bl23, "bound", "--verify", path])


def sealed(bl23, path, content, head=HEAD):
    """Verify content under the checksum that the refusal of a wrong one names."""
    body = {k: v for k, v in content.items() if k not in ("format", "format_version", "checksum")}
    text = head % ZEROS + json.dumps(body)[1:]
    done = verify(bl23, path, text)
    digits = re.search(r"its checksum is ([0-9a-f]{16})", done.stderr)
    return verify(bl23, path, text.replace(ZEROS, digits.group(1), 1)) if digits else done


def refused(done, what, says=""):
    assert (
        done.returncode in (1, 2)
        and done.stderr.count("\n") == 1
        and not done.stdout
        and says in done.stderr
    ), t.told(done, f"{what}: refused")


def places(content):
    """(container, key) of everything in the answers, in a fixed order."""
    items = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in list(items):
        yield content, key
        if isinstance(value, (dict, list)):
            yield from places(value)


def row_forgeries(a):
    """Rows and couplings that nobody has, though they stand for the same w."""

    def scaled(f):
        return {f"wu1{i}_abs": f * a[f"wu1{i}_abs"] for i in (1, 2, 3)}

    second = a["wu12_phase"]
    return {
        "a row of norm 1/2": scaled(0.5),
        "a row that is 1e-9 too long": scaled(1 + 1e-9),
        "a negative row": scaled(-1.0),
        "a modulus below zero": {"wu12_abs": -a["wu12_abs"], "wu12_phase": second - math.pi},
        "a phase beyond pi": {"wu12_phase": second - math.copysign(2 * math.pi, second)},
        "a phase of text": {"wu11_phase": "0"},
        "a coupling of 0": {"g_bl": 0.0},
        "a coupling beyond the domain": {"g_bl": 10.000001},
        "no coupling": {"g_bl": None},
    }


def answer_forgeries(a):
    """What may stand in an answer: the changes of its members."""
    leaf = a["certificate"][0] if a["certificate"] else {"part": "", "multipliers": [0.0] * 19}
    path, rest = leaf["part"], a["certificate"][1:]
    with_leaf = {
        "a part of unknown letters": [{**leaf, "part": path + "x"}, *rest],
        "a step that does not exist": [{**leaf, "part": path + "++"}, *rest],
        "a part too many": [*a["certificate"], {**leaf, "part": path + "+"}],
        "a part twice": [*a["certificate"], leaf],
        "a part that is no object": [*a["certificate"], "x"],
        "a member of a part": [{**leaf, "v": 1.0}, *rest],
        "a multiplier less": [{**leaf, "multipliers": leaf["multipliers"][1:]}, *rest],
        "a multiplier more": [{**leaf, "multipliers": [*leaf["multipliers"], 0.0]}, *rest],
        "a whole multiplier": [{**leaf, "multipliers": [0, *leaf["multipliers"][1:]]}, *rest],
        "a multiplier of text": [{**leaf, "multipliers": ["0.0", *leaf["multipliers"][1:]]}, *rest],
    }
    above = a["upper"] * (1 + 1e-6) if a["upper"] else 1.0
    forged = {name: {"certificate": value} for name, value in with_leaf.items()}
    forged.update(
        {
            "proven above reached": {"lower": above},
            "proven of text": {"lower": "1"},
            "proven below zero": {"lower": -1.0},
            "reached of text": {"upper": "1"},
            "no certificate": {"certificate": None},
            "another member": {"w": 1.0},
        }
    )
    if a["upper"] is not None:
        forged.update(row_forgeries(a))
        forged["no row"] = {"upper": None}
    return forged


@pytest.fixture(scope="module")
def files(bl23, shared):
    """A file of an excluded, of an open and of a divided mass, and of one with charm."""
    sets = ["b_invisible_2021"]
    return {
        "excluded": certificates(bl23, shared, "excluded", MUON, sets),
        "open": certificates(bl23, shared, "open", [], sets),
        "divided": certificates(bl23, shared, "divided", BANDS, ["world_2025"], WITHOUT),
        "charm": certificates(bl23, shared, "charm", CHARM + MUON, sets),
    }


@pytest.fixture
def path(folder):
    """Where the forged file is put."""
    return os.path.join(folder, "forged.json")


def test_kinds(files):
    masses = {name: content["masses"][0] for name, content in files.items()}
    assert masses["excluded"]["state"] == "excluded"
    assert masses["open"]["state"] == "open"
    assert len(masses["divided"]["tension"]["certificate"]) > 3
    assert masses["charm"]["state"] == "excluded"
    assert masses["charm"]["left_out"] == ["x12", "x12_im"]
    # F_V and F_A of u and c: two rows, a lower edge of |F_V|, and four of each sum; eight of top
    multipliers = masses["charm"]["tension"]["certificate"][0]["multipliers"]
    assert len(multipliers) == 19 + 2 + 1 + 2 * 4 + 8


@pytest.mark.parametrize("name", ("divided", "charm"))
def test_genuine(bl23, files, path, name):
    """The claims as they are, under a checksum of the test's making, are verified."""
    done = sealed(bl23, path, files[name])
    assert done.returncode == 0, t.told(done)


@pytest.mark.parametrize(
    "question,file",
    [(q, f) for f in ("divided", "charm") for q in ("tension", "largest_g")]
    + [("smallest_g", "divided")],
)
def test_answer(bl23, files, path, question, file):
    for name, changes in answer_forgeries(files[file]["masses"][0][question]).items():
        forged = copy.deepcopy(files[file])
        forged["masses"][0][question].update(changes)
        says = question if "text" in name else ""
        refused(sealed(bl23, path, forged), f"{question}, {name}", says)


@pytest.mark.parametrize("version", ("2", "4", "50", "5.0", '"5"', "null"))
def test_version(bl23, files, path, version):
    head = HEAD.replace("5,", version + ",", 1)
    done = sealed(bl23, path, files["divided"], head)
    says = f"has format_version {version}, and this program reads 5"
    refused(done, f"version {version}", says)


@pytest.mark.parametrize(
    "question,name",
    [(q, f) for f in ("excluded", "divided") for q in ("tension", "largest_g")]
    + [("smallest_g", "divided")],
)
def test_order(bl23, files, path, name, question):
    """A proven number beyond a reached one is named with its mass and its question."""
    forged = copy.deepcopy(files[name])
    answer = forged["masses"][0][question]
    answer["lower"] = answer["upper"] * (1 + 1e-9)
    words = question.replace("tension", "least tension").replace("_", " ")
    done = sealed(bl23, path, forged)
    refused(done, "proven > reached", f"0.14 GeV: {words}: ")
    assert "but a row reaches" in done.stderr, t.told(done, "both are named")


def changed(draw, value):
    """Another value, or one of another type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        other = [
            value * (1 + 1e-6) if value else 1e-3,
            -value if value else -1e-3,
            str(value),
            1e308,
            None,
            [],
            int(value),
        ]
        return draw.choice(other)
    if isinstance(value, str):
        return draw.choice([value + "x", value[:-1] if value else "+", 1.0, None])
    return draw.choice([0.0, "", "x", True])


@pytest.mark.parametrize("left_out", (None, [], ["x12"], ["x12_im", "x12"], "x12, x12_im"))
def test_left_out(bl23, files, path, left_out):
    """What the proofs leave out is said, neither more nor less."""
    forged = copy.deepcopy(files["charm"])
    forged["masses"][0]["left_out"] = left_out
    refused(sealed(bl23, path, forged), f"left out: {left_out}", "'left_out' does not follow")
    del forged["masses"][0]["left_out"]
    refused(sealed(bl23, path, forged), "nothing is left out", "'left_out' does not follow")


def test_multipliers_of_charm(bl23, files, path):
    """Those of the limits that the proof leans on cannot vanish or change sign."""
    leaf = files["charm"]["masses"][0]["tension"]["certificate"][0]["multipliers"]
    large = [k for k in range(7, 7 + 18) if abs(leaf[k]) > 1e-3]
    assert large, leaf
    for k in large:
        for factor in (0.0, -1.0, 1.1):
            forged = copy.deepcopy(files["charm"])
            forged["masses"][0]["tension"]["certificate"][0]["multipliers"][k] *= factor
            refused(sealed(bl23, path, forged), f"multiplier {k} times {factor}")


@pytest.mark.parametrize("name", ("excluded", "open", "divided", "charm"))
def test_random(bl23, files, path, name):
    """One number, text, list or member anywhere in the answers is another one, or gone."""
    content = files[name]
    every = list(places(content["masses"]))
    for number in range(RANDOM):
        draw = random.Random(f"{SEED}-{number}")
        forged = copy.deepcopy(content)
        container, key = list(places(forged["masses"]))[draw.randrange(len(every))]
        before = container[key]
        if draw.random() < 0.1 or before is None:
            del container[key]
        else:
            container[key] = changed(draw, before)
        # Multipliers have room: another proof of the same claim is one, if it holds.
        room = isinstance(container, list) and len(container) >= 19
        done = sealed(bl23, path, forged)
        if done.returncode == 0 and room and isinstance(container[key], float):
            continue
        refused(done, f"random {number}: '{key}' was {str(before)[:80]}")
