#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Inputs that vary: the draws, their tables, and what a survey makes of them."""

import contextlib
import json
import math
import os
import pty
import re
import subprocess
import sys

import h5py
import numpy as np
import pytest

import survey_tools as t

MASSES = [0.128, 0.14, 0.3]
ERRORS = {"m_t": 0.4, "ckm_rhobar": 0.0175, "ckm_etabar": 0.0115, "norm_b_k": 0.24,
          "norm_d_v": 0.23, "norm_m12": 0.3}
CENTRAL = {"m_t": 173.0, "ckm_rhobar": 0.122, "ckm_etabar": 0.355}
DRAWS = 16
SAMPLES = 4096 * len(MASSES) * DRAWS * 3 - 77


def configuration(folder, name="draws.yaml", samples=SAMPLES, g="solve", w="haar", seed=3,
                  output=None, **inputs):
    return t.save_yaml(os.path.join(folder, name), {
        "survey": {"samples": samples, "seed": seed, "mass_gev": {"list": MASSES}, "g_bl": g,
                   "w": w},
        "inputs": {"preset": "pdg2018", **inputs},
        "constraints": {"sets": ["paper2020"]},
        "output": {"max_survivors": 10**7, "columns": "all", **(output or {})}})


def surveyed(bl23, folder, name, *options, env=None, **keys):
    config, out = configuration(folder, name + ".yaml", **keys), os.path.join(folder, name + ".h5")
    t.run_ok([bl23, "survey", config, "-o", out, "--quiet", *options], env=env)
    return out


def drawn(bl23, folder, name="drawn", samples=1, **inputs):
    """The values of each input, [draws]."""
    with h5py.File(surveyed(bl23, folder, name, samples=samples, **inputs)) as f:
        names = [n.decode() for n in f["draws/name"]]
        return dict(zip(names, f["draws/value"][()].T))


def as_normal(name, values):
    """The normal numbers that the values were made of."""
    if name in CENTRAL:
        return (values - CENTRAL[name]) / ERRORS[name]
    return np.log(values) / ERRORS[name]


@pytest.mark.parametrize("g", ("solve", {"log_uniform": [1e-4, 1e-2]}))
def test_central(bl23, folder, g):
    """Draw 0 is the survey without draws, bit for bit; with common_w every draw has its samples."""
    plain = surveyed(bl23, folder, "plain", samples=(SAMPLES + 77) // DRAWS, g=g)
    whole = surveyed(bl23, folder, "whole", samples=SAMPLES + 77, g=g, vary=ERRORS, draws=DRAWS,
                     common_w="true")
    with h5py.File(plain) as a, h5py.File(whole) as b:
        assert list(b["draws/of_knot"]) == [k // 3 for k in range(3 * DRAWS)]
        for name in ("forms", "kappa", "weight", "delta_a_mu_per_g2", "c_left", "mass_gev"):
            mine, theirs = b[f"tables/{name}"][()], a[f"tables/{name}"][()]
            assert mine[:3].tobytes() == theirs.tobytes(), name
            assert name in ("delta_a_mu_per_g2", "mass_gev") or not np.array_equal(
                mine[3:6], theirs), name
        assert (b["cutflow/mass_passed"][:3] == a["cutflow/mass_passed"][()]).all()
        assert (b["cutflow/by_mass"][:, :3] == a["cutflow/by_mass"][()]).all()
        index = b["survivors/index"][()]
        tile = index >> np.uint64(12)
        central = tile % (3 * DRAWS) < 3
        other = (tile // (3 * DRAWS) * 3 + tile % 3) << np.uint64(12) | index & np.uint64(4095)
        order = np.argsort(other[central])
        assert (other[central][order] == a["survivors/index"][()]).all() and central.sum() > 50
        for name, column in a["survivors"].items():
            if name != "index":
                assert b[f"survivors/{name}"][()][central][order].tobytes() == column[()].tobytes()
        rows = {}  # w of each sample of the survey without draws, by any draw
        for i, w in zip(other, b["survivors/wu11_abs"][()]):
            assert rows.setdefault(i, w) == w


def test_net(bl23, folder):
    """Each of 2^k intervals of equal probability has one of 2^k draws: a Sobol sequence. Shifted by
    the seed; the same for the same seed."""
    found = drawn(bl23, folder, vary=ERRORS, draws=64)
    for name, values in found.items():
        u = [0.5 * math.erfc(-z / math.sqrt(2)) for z in as_normal(name, values[1:])]
        assert len({int(64 * x) for x in u}) == 63, name
        assert values[0] == CENTRAL.get(name, 1.0)
    again = drawn(bl23, folder, "again", vary=ERRORS, draws=32)
    other = drawn(bl23, folder, "other", vary=ERRORS, draws=32, seed=4)
    for name, values in found.items():
        assert (again[name] == values[:32]).all() and not np.isin(other[name][1:], values).any()


def test_correlations(bl23, folder):
    pairs = {("ckm_rhobar", "ckm_etabar"): -0.6, ("ckm_etabar", "norm_b_k"): 0.3}
    found = drawn(bl23, folder, vary=ERRORS, draws=1024,
                  correlations=[{"of": list(p), "value": r} for p, r in pairs.items()])
    z = {name: as_normal(name, values[1:]) for name, values in found.items()}
    for a in ERRORS:
        assert abs(z[a].mean()) < 0.01 and abs(z[a].std() - 1) < 0.01, a
        for b in ERRORS:
            expected = 1.0 if a == b else pairs.get((a, b), pairs.get((b, a), 0.0))
            assert abs(np.corrcoef(z[a], z[b])[0, 1] - expected) < 0.02, (a, b)


def test_tables(bl23, source, folder):
    """Ten draws against the physics of tests/reference, which is written from the papers alone."""
    pytest.importorskip("mpmath", reason="mpmath (python3-mpmath) is not installed")
    sys.path.insert(0, os.path.join(source, "tests", "reference"))
    import reference_physics as rp
    path = surveyed(bl23, folder, "tables", samples=1, vary="default", draws=11)
    norm_of = ["k_pi"] * 2 + ["b_pi"] * 2 + ["b_rho"] * 2 + ["b_k"] * 2 + ["b_kst"] * 2
    with h5py.File(path) as f:
        names = [n.decode() for n in f["draws/name"]]
        modes = [n.decode() for n in f["tables/observable"]]
        forms, kappa, weight = (f[f"tables/{n}"][()] for n in ("forms", "kappa", "weight"))
        for b in range(1, 11):
            values = dict(zip(names, f["draws/value"][b]))
            p = rp.resolve_inputs("pdg2018", {n: v for n, v in values.items() if n[:4] != "norm"})
            knot = 3 * b + b % 3
            expected, rates, _ = rp.tables_at(MASSES[b % 3], p)
            expected = np.array(expected, dtype=float)
            for mine, theirs in zip(forms[knot], expected):
                assert np.abs(mine - theirs).max() <= 1e-10 * np.abs(theirs).max()
            for mine, theirs, norm in zip(kappa[knot], rates, norm_of):
                assert mine == pytest.approx(float(theirs) * values[f"norm_{norm}"], rel=1e-10)
            for mode in ("br_dp_pip", "br_d0_pi0", "br_ds_kp"):
                assert kappa[knot][modes.index(mode)] == pytest.approx(
                    kappa[b % 3][modes.index(mode)] * values["norm_d_pi"], rel=1e-12)
            scale = [(slice(2, 8), "norm_d_v"), (slice(8, 10), "norm_lc_p"),
                     (slice(14, 16), "norm_m12")]
            for part, norm in scale:
                assert weight[knot][part] == pytest.approx(weight[b % 3][part] * values[norm],
                                                           rel=1e-12)


def test_same_bytes(bl23, folder):
    """Threads, instruction sets, parts; and replay, which computes all of it again."""
    keys = dict(vary="default", draws=8, common_w="true", output={"rank": "chi2"})
    one = surveyed(bl23, folder, "one", "--threads", "1", **keys)
    two = surveyed(bl23, folder, "two", "--threads", "2", env={**os.environ,
                                                               "BL23_ISA": "generic"}, **keys)
    t.assert_same(one, two, "one and two threads")
    config, parts = configuration(folder, "parts.yaml", **keys), os.path.join(folder, "parts.h5")
    half = SAMPLES // 2
    for name, first, count in (("a", 0, half), ("b", half, SAMPLES - half)):
        t.run_ok([bl23, "survey", config, "-o", os.path.join(folder, name + ".h5"), "--quiet",
                  "--first", str(first), "--count", str(count)])
    t.run_ok([bl23, "merge", *(os.path.join(folder, n + ".h5.run") for n in "ab"), "-o", parts])
    t.assert_same(one, parts, "whole and parts")
    t.run_ok([bl23, "replay", one])
    index = 12345 + 4096 * 17
    shown = json.loads(t.run_ok([bl23, "replay", one, "--index", str(index), "--json"]).stdout)
    assert shown["draw"] == (index >> 12) % (8 * len(MASSES)) // len(MASSES)


def test_summary(bl23, folder):
    """Mean and quantiles over draws, as numpy has them of the counts in the file."""
    config, out = configuration(folder, vary="default", draws=DRAWS), os.path.join(folder, "s.h5")
    done = t.run_ok([bl23, "survey", config, "-o", out, "--json"])
    said = json.loads(done.stdout)["inputs"]
    with h5py.File(out) as f:
        passed, samples = (f[f"cutflow/mass_{n}"][()].reshape(DRAWS, 3).sum(axis=1)
                           for n in ("passed", "drawn"))
    accepted = passed / samples
    assert said["draws"] == DRAWS and said["common_w"] is False
    assert said["acceptance_central"] == accepted[0] and said["draws_with_samples"] == DRAWS
    assert said["acceptance_mean"] == pytest.approx(accepted.mean(), rel=1e-12)
    assert said["acceptance_16_50_84"] == pytest.approx(
        list(np.percentile(accepted, [16, 50, 84])), rel=1e-12)


BAD = [
    (dict(draws=5), "draws is only used with vary"),
    (dict(common_w="true"), "common_w is only used with vary"),
    (dict(vary={"m_x": 1}), "vary has no key 'm_x'"),
    (dict(vary={}), "vary must be default or {INPUT: its error, ...}"),
    (dict(vary={"m_t": 0}), "m_t must be its error, from 1e-30 to 1000"),
    (dict(vary={"m_t": -1}), "m_t must be its error, from 1e-30 to 1000"),
    (dict(vary="default", draws=1), "draws must be a whole number from 2 to 65536"),
    (dict(vary="default", draws=40000), "more than 65536 sets of constants"),
    (dict(vary="default", common_w="maybe"), "common_w must be false or true"),
    (dict(vary={"m_t": 60}, draws=64), "draw 5 of the inputs has m_t = "),
    (dict(vary={"m_t": 1}, correlations=[{"of": ["m_t", "m_c"], "value": 0.1}]),
     "of must be two inputs that vary"),
    (dict(vary={"m_t": 1, "m_c": 0.1}, correlations=[{"of": ["m_t", "m_c"], "value": 1.5}]),
     "value must be a correlation between -1 and 1"),
    (dict(vary={"m_t": 1, "m_c": 0.1}, correlations=[{"of": ["m_t", "m_c"]}]),
     "correlations must be {of: [INPUT, INPUT], value: r}"),
    (dict(vary={"m_t": 1, "m_c": 0.1, "ckm_a": 0.01},
          correlations=[{"of": [a, b], "value": r} for a, b, r in (
              ("m_t", "m_c", 0.9), ("m_c", "ckm_a", 0.9), ("m_t", "ckm_a", -0.9))]),
     "contradict each other"),
]


@pytest.mark.parametrize("inputs,says", BAD, ids=[says[:30] for _, says in BAD])
def test_refused(bl23, folder, inputs, says):
    done = t.run([bl23, "check", configuration(folder, **inputs), "--no-forecast"])
    assert done.returncode == 2 and says in done.stderr, t.told(done)


def test_refused_draws(bl23, folder):
    rows = os.path.join(folder, "rows.csv")
    with open(rows, "w", encoding="utf-8") as f:
        f.write("wu11_re,wu11_im,wu12_re,wu12_im,wu13_re,wu13_im\n1,0,1,0,1,0\n")
    config = configuration(folder, w={"file": rows}, samples=1, vary="default")
    assert "vary needs rows w that are drawn or fixed" in t.run([bl23, "check", config]).stderr
    config = t.load_yaml(configuration(folder, vary="default"))
    config["survey"]["draw"] = "cover"
    path = t.save_yaml(os.path.join(folder, "cover.yaml"), config)
    assert "vary needs draw: uniform" in t.run([bl23, "check", path]).stderr


def test_resolved(bl23, folder):
    """The resolved configuration says all of it, and is read again."""
    config = configuration(folder, vary={"m_t": 0.4, "ckm_a": 0.015}, draws=9,
                           correlations=[{"of": ["m_t", "ckm_a"], "value": 0.25}])
    shown = t.run_ok([bl23, "check", config, "--show", "--no-forecast"]).stdout
    again = os.path.join(folder, "again.yaml")
    with open(again, "w", encoding="utf-8") as f:
        f.write(shown)
    inputs = t.load_yaml(again)["inputs"]
    assert inputs["vary"] == {"m_t": 0.4, "ckm_a": 0.015} and inputs["draws"] == 9
    assert inputs["correlations"] == [{"of": ["m_t", "ckm_a"], "value": 0.25}]
    assert not any(name.startswith("norm_") for name in inputs)
    a, b = (os.path.join(folder, n) for n in ("a.h5", "b.h5"))
    t.run_ok([bl23, "survey", config, "-o", a, "--quiet", "--samples", "1e4"])
    t.run_ok([bl23, "survey", again, "-o", b, "--quiet", "--samples", "1e4"])
    t.assert_same(a, b, "configuration and resolved configuration")


def bounds(bl23, config, *options):
    return json.loads(t.run_ok([bl23, "bound", config, "--json", *options]).stdout)


def question(folder, **inputs):
    """The open question of the paper, at two masses."""
    return t.save_yaml(os.path.join(folder, "question.yaml"), {
        "survey": {"mass_gev": {"list": [0.128, 0.152]}, "seed": 5},
        "inputs": {"preset": "pdg2018", **inputs},
        "constraints": {"sets": ["paper2020", "b_invisible_2021"],
                        "without": ["na62_pi0", "e949"]}})


def settings(values):
    return [word for name, x in values.items() for word in ("--set", f"{name}={x!r}")]


def test_bound(bl23, folder):
    """The worst of the draws is the least tension of bounds with the inputs of each."""
    config = question(folder, vary="default", draws=6)
    draws = drawn_by(bl23, config, folder)
    told = bounds(bl23, config)["inputs_that_vary"]
    assert told["draws"] == 6 and told["varied"] == 15 and told["within_sigma"] == 0
    config = question(folder)
    each = [bounds(bl23, config, *settings({n: float(v[b]) for n, v in draws.items()}))["masses"]
            for b in range(6)]
    for k, mass in enumerate(told["masses"]):
        proven = [one[k]["tension"]["lower"] for one in each]
        assert mass["worst_draw"] == int(np.argmin(proven)) and mass["excluded"] == 6
        assert mass["tension"]["lower"] == pytest.approx(min(proven), rel=1e-8)


def on_a_terminal(command):
    """What a command says on stderr where that is a terminal, and what it prints."""
    ours, its = pty.openpty()
    said = b""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=its) as process:
        os.close(its)
        with contextlib.suppress(OSError):  # at the end
            while part := os.read(ours, 4096):
                said += part
        printed = process.stdout.read().decode()
    os.close(ours)
    return said.decode(), printed


def test_progress(bl23, folder):
    """A terminal is told how far a long bound is, in a line that is gone at the end; nothing else
    is."""
    config = question(folder, vary="default", draws=2000)
    said, printed = on_a_terminal([bl23, "bound", config])
    done = [int(n) for n in re.findall(r"\r(\d+) of 4000 proofs \(\d+\.\d %\), \d+ s left", said)]
    assert 2 <= len(done) and done == sorted(done) and 0 < done[0] and done[-1] <= 4000
    assert not said.split("\r")[-2].strip() and said.endswith("\r")
    plain = t.run_ok([bl23, "bound", config])
    assert printed == plain.stdout and not plain.stderr


def drawn_by(bl23, config, folder):
    out = os.path.join(folder, "by.h5")
    t.run_ok([bl23, "survey", config, "-o", out, "--samples", "1", "--quiet"])
    with h5py.File(out) as f:
        return dict(zip([n.decode() for n in f["draws/name"]], f["draws/value"][()].T))


def test_bound_within(bl23, folder):
    """--within holds for all factors: it is the tension at the worst of them, and below that of
    any others."""
    errors = {"norm_k_pi": 0.1, "norm_b_k": 0.24, "norm_b_kst": 0.2, "norm_b_pi": 0.16,
              "norm_b_rho": 0.2}
    within = bounds(bl23, question(folder, vary=errors), "--within", "2")["inputs_that_vary"]
    assert within["draws"] == 1 and within["within_sigma"] == 2
    config = question(folder)
    tension = lambda z: [m["tension"]["lower"] for m in bounds(bl23, config, *settings(
        {n: math.exp(e * z[n]) for n, e in errors.items()}))["masses"]]
    proven = [m["tension"]["lower"] for m in within["masses"]]
    assert proven == pytest.approx(tension(dict.fromkeys(errors, -2)), rel=1e-8)  # upper edges
    random = np.random.default_rng(7)
    for _ in range(8):
        other = tension({n: random.uniform(-2, 2) for n in errors})
        assert all(a > b for a, b in zip(other, proven))
    refused = t.run([bl23, "bound", config, "--within", "1"])
    assert refused.returncode == 2 and "--within needs factors on rates" in refused.stderr


def test_interval(bl23, folder):
    """Rows that all draws see count once in the interval of the acceptance."""
    width = {}
    for common in ("true", "false"):
        config = configuration(folder, samples=4096 * 3 * DRAWS * 4, vary={"m_u": 1e-9},
                               draws=DRAWS, common_w=common)
        out = os.path.join(folder, common + ".h5")
        said = json.loads(t.run_ok([bl23, "survey", config, "-o", out, "--json"]).stdout)
        low, high = said["acceptance_68"]
        width[common] = high - low
        assert low < said["acceptance"] < high
    assert width["true"] == pytest.approx(width["false"] * math.sqrt(DRAWS), rel=0.1)


def test_central_noted(bl23, folder):
    """Commands that take the central inputs say so."""
    config = question(folder, vary={"m_t": 0.4})
    rows = os.path.join(folder, "rows.csv")
    with open(rows, "w", encoding="utf-8") as f:
        f.write("wu11_re,wu11_im,wu12_re,wu12_im,wu13_re,wu13_im,mass_gev,g_bl\n"
                "1,0,1,0,1,0,0.1,1\n")
    for command in (["cover", config, "--cells", "10"], ["plane", config, "--scenario", "1"],
                    ["points", config, rows, "-o", "points.csv"]):
        done = t.run([bl23, *command], cwd=folder)
        assert "inputs vary in " in done.stderr and done.returncode == 0, t.told(done)
    for command in ("bound", "bestfit"):
        assert "inputs vary in " not in t.run([bl23, command, config]).stderr


def test_bestfit(bl23, package, folder):
    """The band of the least chi^2 is that of fits with the inputs of each draw."""
    pytest.importorskip("matplotlib")
    config = question(folder, vary="default", draws=4)
    draws = drawn_by(bl23, config, folder)
    fit = package.bestfit(config)
    assert package.bestfit(question(folder)).chi2_band is None
    config = question(folder)
    each = [[m["chi2"] for m in json.loads(t.run_ok([bl23, "bestfit", config, "--json", *settings(
        {n: float(v[b]) for n, v in draws.items()})]).stdout)["masses"]] for b in range(4)]
    expected = np.percentile(np.array(each), (16, 50, 84), axis=0).T
    assert fit.chi2_band == pytest.approx(expected, rel=1e-6)
    import bl23.plot
    names = [text.get_text() for text in bl23.plot.chi2(fit).get_legend().get_texts()]
    assert "68 % of the draws of inputs" in names


def test_python(bl23, package, folder):
    """bl23.Survey has masses and draws apart; its figure shows the band."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    out = surveyed(bl23, folder, "python", vary=ERRORS, draws=DRAWS)
    plain = surveyed(bl23, folder, "plain")
    with package.open(out) as survey, package.open(plain) as other, h5py.File(out) as f:
        assert survey.draws == DRAWS and list(survey.masses) == MASSES == list(other.masses)
        assert (survey.mass_counts("passed").ravel() == f["cutflow/mass_passed"][()]).all()
        assert survey.inputs()["m_t"][0] == 173.0 and len(survey.inputs()["m_t"]) == DRAWS
        last = survey.nearest(["mass_gev"])
        draw = survey.draw_of(last["index"])
        knot = (last["index"] >> np.uint64(12)) % (3 * DRAWS)
        assert (f["draws/of_knot"][()][knot] == draw).all() and set(draw) - {0}
        assert (np.array(MASSES)[knot % 3] == last["mass_gev"]).all()
        assert not other.draw_of(other.nearest()["index"]).any()
        assert other.draws == 1 and other.mass_counts("drawn").shape == (1, 3)
        with pytest.raises(package.ArgumentError, match="no input of .* varies"):
            other.inputs()
        import bl23.plot
        axis = bl23.plot.acceptance(survey)
        names = [text.get_text() for text in axis.get_legend().get_texts()]
        assert set(names) == {"central inputs", f"16 to 84 % of {DRAWS} draws", "median"}
        assert bl23.plot.acceptance(other).get_legend() is None
        pyplot.close("all")
