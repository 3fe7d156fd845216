#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""bl23 bound against surveys of random samples, its certificates, and what it refuses.

No sample may beat a bound, and the nearest must come close to it. BL23_SLOW=1: 1e10 samples.
"""

import json
import os
import random
import re

import pytest

import survey_tools as t
from bound_tools import bound, changed, named, small, write_version2

SAMPLES = "1e10" if t.SLOW else "1e8"
ALTERED = 60  # digits that are changed, one at a time
NEAR = 1.01  # of the least tension
CONVEX = 1e-9


def by_mass(answers, key):
    return {m["mass_gev"]: m[key] for m in answers["masses"]}


def nothing_beats_it(bl23, folder, config, samples):
    """No sample has less than the least tension; survivors are where it is open."""
    out = os.path.join(folder, "survey.h5")
    command = [bl23, "survey", config, "-o", out, "--samples", samples, "--quiet", "--force"]
    t.run_ok(command, timeout=3600)
    answers = bound(bl23, config)
    keys = "tension", "g_max_proven", "state"
    tension, g_max, state = (by_mass(answers, key) for key in keys)
    nearest, survivors = t.columns(out, "nearest"), t.columns(out)
    assert len(nearest["mass_gev"]) > 0, f"{config}: no nearest sample"
    for m, x in zip(nearest["mass_gev"], nearest["tension"]):
        assert x >= tension[m]["lower"], f"{config}: a sample beats the least tension at {m} GeV"
    for m in set(survivors["mass_gev"]):
        assert state[m] == "open", f"{config}: survivors at {m} GeV"
    g = survivors["g_max" if "g_max" in survivors else "g_bl"]
    for m, x in zip(survivors["mass_gev"], g):
        assert x <= g_max[m] * (1 + 1e-12), f"{config}: a survivor above the largest g at {m} GeV"
    return answers, nearest, survivors


def test_open_question(bl23, surveys, folder):
    """Excluded at every mass, and the nearest miss comes within 1 % of the least tension."""
    config = os.path.join(surveys, "open_question.yaml")
    answers, nearest, _ = nothing_beats_it(bl23, folder, config, SAMPLES)
    assert [m["state"] for m in answers["masses"]] == ["excluded"] * 256
    gaps = [1 - m["tension"]["lower"] / m["tension"]["upper"] for m in answers["masses"]]
    assert max(gaps) < CONVEX, "primal and dual agree where the range is convex"
    least = min(m["tension"]["lower"] for m in answers["masses"])
    assert nearest["tension"][0] <= NEAR * least
    found = nearest["tension"][0]
    print(f"{SAMPLES} samples: nearest {found:.6f}, least {least:.6f}, gap {max(gaps):.1e}")


@pytest.mark.parametrize("name", ("fig3", "today", "random_g", "charm", "today_charm"))
def test_survey(bl23, surveys, folder, name):
    config = small(surveys, folder, name)
    nothing_beats_it(bl23, folder, config, "2e6")
    path = os.path.join(folder, name + ".json")
    bound(bl23, config, path)
    done = t.run_ok([bl23, "bound", "--verify", path])
    assert "verified" in done.stdout, t.told(done)


@pytest.fixture(scope="module")
def random_g(bl23, surveys, shared):
    """The certificates of random_g."""
    path = os.path.join(shared, "random_g.json")
    bound(bl23, small(surveys, shared, "random_g"), path)
    return path


def verify(bl23, folder, text):
    path = os.path.join(folder, "altered.json")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return t.run([bl23, "bound", "--verify", path])


def test_altered_digits(bl23, folder, random_g):
    """One digit changed: refused, whether in a claim, a certificate or the checksum."""
    text = t.read(random_g).decode()
    digits = [m.start() for m in re.finditer(r"[0-9]", text)]
    multipliers = [p for p in digits if text.rfind("multipliers", 0, p) > text.rfind("part", 0, p)]
    random.seed(1)
    for at in random.sample(digits, ALTERED // 2) + random.sample(multipliers, ALTERED // 2):
        other = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
        done = verify(bl23, folder, other)
        what = f"byte {at} altered, after {text[at - 30:at]!r}"
        assert done.returncode in (1, 2) and done.stderr and not done.stdout, t.told(done, what)


@pytest.mark.parametrize("name", ("empty", "short", "json", "cut", "longer"))
def test_altered_length(bl23, folder, random_g, name):
    text = t.read(random_g).decode()
    cases = {"short": text[:200], "json": "{}\n", "cut": text[:-400], "longer": text + "\n"}
    done = verify(bl23, folder, cases.get(name, ""))
    assert done.returncode in (1, 2) and done.stderr.count("\n") == 1, t.told(done)


def test_old_version(bl23, folder, random_g):
    """A file of another version is not called altered."""
    other = write_version2(random_g, os.path.join(folder, "version2.json"))
    done = t.run([bl23, "bound", "--verify", other])
    says = "has format_version 2, and this program reads 5;"
    assert done.returncode == 2 and says in done.stderr, t.told(done)


@pytest.fixture(scope="module")
def excluded(bl23, surveys, shared):
    """The certificates of two masses of open_question."""
    settings = t.load_yaml(os.path.join(surveys, "open_question.yaml"))
    settings["survey"]["mass_gev"]["knots"] = 2
    config, path = (os.path.join(shared, "excluded" + end) for end in (".yaml", ".json"))
    bound(bl23, t.save_yaml(config, settings), path)
    return path


def sealed(bl23, folder, content):
    """Verify the content under the checksum that the refusal names."""
    head = {"format": "bl23-bound", "format_version": 5, "checksum": "0" * 16}
    body = {key: value for key, value in content.items() if key not in head}
    text = json.dumps(head)[:-1] + ",\n" + json.dumps(body)[1:]
    done = verify(bl23, folder, text)
    digits = re.search(r"its checksum is ([0-9a-f]{16})", done.stderr)
    return verify(bl23, folder, text.replace("0" * 16, digits.group(1), 1)) if digits else done


def test_sealed(bl23, folder, excluded):
    """The same claims, sealed again, are verified."""
    done = sealed(bl23, folder, json.loads(t.read(excluded)))
    assert done.returncode == 0, t.told(done)


# Of the whole content, of the first mass at which something is possible, and of its least tension.
FORGERIES = {
    "g of the witness": lambda c, m, a: a.update(g_bl=2 * a["g_bl"]),
    "reached, worse": lambda c, m, a: a.update(upper=1e9),
    "reached, slightly worse": lambda c, m, a: a.update(upper=a["upper"] * (1 + 1e-9)),
    "proven": lambda c, m, a: a.update(lower=a["lower"] * 1.001),
    "v of a part": lambda c, m, a: a["certificate"][0].update(v=20.0),
    "state": lambda c, m, a: m.update(state="open"),
    "decided by": lambda c, m, a: m.update(decided_by="nobody"),
    "constraints": lambda c, m, a: c.update(constraints="none"),
    "program": lambda c, m, a: c.update(program="bl23 99"),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_forged(bl23, folder, excluded, forge):
    """False claims under a checksum that is right: only the check of each claim can refuse them."""
    content = json.loads(t.read(excluded))
    mass = next(m for m in content["masses"] if m["possible"])
    forge(content, mass, mass["tension"])
    done = sealed(bl23, folder, content)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, t.told(done)
    assert not done.stdout, t.told(done)


def test_witness(bl23, surveys):
    """An open mass: `bl23 point` passes its witness."""
    mass = bound(bl23, os.path.join(surveys, "fig3.yaml"))["masses"][0]
    assert mass["state"] == "open"
    w, pi = mass["tension"], 3.141592653589793
    row = ",".join(f"{w[f'wu1{i}_abs']!r},{w[f'wu1{i}_phase'] / pi!r}" for i in (1, 2, 3))
    point = [bl23, "point", "--mass", "0.140", "--g", repr(w["g_bl"]), f"--w={row}"]
    done = t.run_ok([*point, "--constraints", "paper2020", "--json"])
    passes = {c["name"]: c["pass"] for c in json.loads(done.stdout)["constraints"]}
    assert passes["koto_events"] and passes["gm2"], passes


def light(surveys, without):
    """open_question at small masses, where longitudinal Z' dominate."""
    settings = t.load_yaml(os.path.join(surveys, "open_question.yaml"))
    settings["survey"]["mass_gev"] = {"list": [1.0e-12, 1.0e-9, 1.0e-6, 1.0e-3]}
    settings["constraints"]["without"] = without
    return settings


def test_light_masses(bl23, surveys, folder):
    """The largest g goes as the mass at small masses: proven, reached, and by samples."""
    config, path = (os.path.join(folder, "light" + end) for end in (".yaml", ".json"))
    t.save_yaml(config, light(surveys, ["koto_events", "gm2"]))
    answers, _, survivors = nothing_beats_it(bl23, folder, config, "1e6")
    bound(bl23, config, path)
    t.run_ok([bl23, "bound", "--verify", path])
    slopes = [m["g_max_proven"] / m["mass_gev"] for m in answers["masses"]]
    for m, slope in zip(answers["masses"], slopes):
        assert m["state"] == "open" and m["tension"]["g_bl"] > 0, m
        assert m["g_max_proven"] <= m["g_max_reached"] * (1 + CONVEX), m
        assert abs(slope / slopes[0] - 1) < 3 * m["mass_gev"], slopes
        sampled = survivors["g_max"][survivors["mass_gev"] == m["mass_gev"]].max()
        assert sampled > 0.5 * m["g_max_proven"], "samples come near it"


def test_light_tension(bl23, surveys, folder):
    """With all constraints the least tension is tight too, and goes as one over the mass."""
    config = t.save_yaml(os.path.join(folder, "light.yaml"), light(surveys, []))
    rows = [m for m in bound(bl23, config)["masses"] if m["mass_gev"] < 1e-3]
    for m in rows:
        assert m["tension"]["upper"] <= m["tension"]["lower"] * (1 + CONVEX), m
    products = [m["tension"]["upper"] * m["mass_gev"] for m in rows]
    assert max(products) < min(products) * 1.0001, products


def test_cancelled_row(bl23, surveys, folder):
    """KOTO's band against K+ at a light Z': the H_ds of the witness is a rest of large terms.

    It is the same to --verify.
    """
    settings = light(surveys, ["gm2"])
    survey = {"mass_gev": {"fixed": 3.032297e-8}, "g_bl": {"log_uniform": [1.776e-11, 1.038e-3]}}
    settings["survey"].update(survey)
    settings["constraints"]["sets"] = ["paper2020"]
    config, path = (os.path.join(folder, "cancelled" + end) for end in (".yaml", ".json"))
    mass = bound(bl23, t.save_yaml(config, settings), path)["masses"][0]
    assert mass["state"] == "open"
    assert mass["tension"]["lower"] <= mass["tension"]["upper"]
    t.run_ok([bl23, "bound", "--verify", path])


# ---- what is printed: one number where proven and reached print alike, else both ----


def answers_of(bl23, surveys, folder, name):
    """What `bl23 bound` prints of CHANGED[name], and its first mass."""
    config = changed(surveys, folder, name)
    return t.run_ok([bl23, "bound", config]).stdout, bound(bl23, config)["masses"][0]


def agree(text, name, lower, upper):
    """The numbers of a line as they are printed, (proven, reached); they must be right."""
    one = re.search(rf"^{name} +(\S+) at \S+ GeV, proven and reached", text, flags=re.M)
    both = re.search(rf"^{name} +[<>]= (\S+) proven, (\S+) reached, at", text, flags=re.M)
    assert one or both, t.note(f"no line '{name}'", text)
    proven, reached = (one.group(1), one.group(1)) if one else both.groups()
    digits = len(proven.split("e")[0].replace(".", "").strip("0"))
    assert abs(float(proven) / lower - 1) < 10.0 ** (1 - digits), name
    assert abs(float(reached) / upper - 1) < 10.0 ** (1 - digits), name
    return proven, reached


def test_print_excluded(bl23, surveys, folder):
    """Where it is excluded, also what would have to give way."""
    text, mass = answers_of(bl23, surveys, folder, "excluded_one")
    agree(text, "Least tension", mass["tension"]["lower"], mass["tension"]["upper"])
    agree(text, "Largest g ", mass["g_max_proven"], mass["g_max_reached"])
    assert "Relaxing the limit on one quantity" in text


def test_print_gap(bl23, surveys, folder):
    """Both numbers, the proven one rounded down, and no heading with nothing under it."""
    text, mass = answers_of(bl23, surveys, folder, "gap")
    lower, upper = mass["tension"]["lower"], mass["tension"]["upper"]
    assert upper > lower * (1 + 1e-6), "bands on moduli leave a gap"
    proven, reached = agree(text, "Least tension", lower, upper)
    assert proven != reached and float(proven) <= lower
    assert "Relaxing the limit on one quantity" not in text


def test_print_small_tension(bl23, surveys, folder):
    """A tension that is positive and nothing is called so."""
    text, mass = answers_of(bl23, surveys, folder, "small_g")
    assert 0 < mass["tension"]["lower"] <= mass["tension"]["upper"] == 1e-9
    line = r"^Least tension +< 1e-09 at 0.14 GeV, proven >= (\S+): practically zero$"
    proven = re.search(line, text, flags=re.M)
    assert proven and 0 < float(proven.group(1)) <= mass["tension"]["lower"], text


def test_print_no_band(bl23, surveys, folder):
    text, _ = answers_of(bl23, surveys, folder, "no_band")
    assert "Least tension   0 at 0.14 GeV: no constraint requires a coupling" in text


def test_print_closed_mode(bl23, surveys, folder):
    """A band on a closed mode is named, above and in the table."""
    text, _ = answers_of(bl23, surveys, folder, "closed_mode")
    reason = "koto_events asks for K_L -> pi0 Z', closed at this mass"
    assert text.count(reason) == 2 and "0.4 GeV: " + reason in text, text


def test_print_negative_band(bl23, surveys, folder):
    """So is a band below zero."""
    text, mass = answers_of(bl23, surveys, folder, "negative_band")
    assert not mass["possible"]
    assert mass["decided_by"] == "negative leaves no Delta a_mu above zero"
    assert mass["decided_by"] in text


@pytest.mark.parametrize("extra", (False, True), ids=("sets", "a limit of its own"))
def test_constraints_named(bl23, surveys, folder, extra):
    """File, --json and terminal name the constraints with the same words."""
    words = "paper2020, b_invisible_2021 without gm2, na62_pi0, e949" + " and my_bk" * extra
    config, path = named(surveys, folder, extra), os.path.join(folder, "named.json")
    text = t.run_ok([bl23, "bound", config, "-o", path]).stdout
    headline = re.search(r", constraints (.*) at 2 sigma,$", text, flags=re.M)
    assert headline.group(1) == words
    assert bound(bl23, config)["constraints"] == words
    assert json.loads(t.read(path))["constraints"] == words
    t.run_ok([bl23, "bound", "--verify", path])


REFUSED = (  # GOOD is a survey, FIXED one of a single row
    ("", "bl23 bound takes one CONFIG (got 0 operands)"),
    ("none.yaml", "none.yaml cannot be read (No such file or directory)"),
    ("FIXED", "FIXED: w must be haar, because a bound holds for every row"),
    ("GOOD -o none/x.json", "'none/x.json' is in a folder that does not exist"),
    ("GOOD --set m_t=5", "m_t (top quark mass) must be a number from 100 to 1000"),
    ("GOOD --inputs pdg1066", "must be pdg2018 or pdg2024 (got 'pdg1066')"),
    ("GOOD --nonsense", "unknown option --nonsense for 'bl23 bound'"),
    ("--verify none.json", "none.json cannot be read (No such file or directory)"),
    ("--verify GOOD", "GOOD is not a file of certificates, as 'bl23 bound"),
    ("--verify GOOD -o x", "--verify cannot be combined with -o"),
    ("GOOD GOOD", "bl23 bound takes one CONFIG (got 2 operands)"),
    ("GOOD -o FIXED", "'FIXED' exists; choose a name that is free"),
)


@pytest.mark.parametrize("options, says", REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(bl23, surveys, folder, options, says):
    good, fixed = os.path.join(surveys, "fig3.yaml"), os.path.join(folder, "fixed.yaml")
    t.with_changes(good, fixed, survey={"w": {"fixed": [1, 0, 0, 0, 0, 0]}})
    options, says = (x.replace("GOOD", good).replace("FIXED", fixed) for x in (options, says))
    done = t.run([bl23, "bound", *options.split()], cwd=folder)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, t.told(done)
    assert says in done.stderr and not done.stdout, t.told(done)
