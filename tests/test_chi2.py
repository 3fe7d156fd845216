#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""chi^2 and its least value over g, against reference/reference_chi2.py and mpmath; surveys that
rank by it, against the points of their rows."""

import importlib
import json
import os
import subprocess
import sys

import h5py
import mpmath
import numpy as np
import pytest

import survey_tools as t

ROWS = 10000
M_PI0_GEV = 0.1349768
MASSES = (0.02, 0.1, 0.128, 0.1349, 0.14, 0.2, 0.3, 0.36, 1.0, 2.2, 4.4, 4.6)
OWN = [
    {"name": "k", "observable": "br_kl_pi0", "band_1sigma": [1e-9, 4e-9], "central": 1.5e-9},
    {"name": "kp", "observable": "br_kp_pip", "upper": 1e-11, "cl": 0.68},
    {"name": "b", "observable": "br_bp_kp", "central": 2.1e-6, "sigma": 0.9e-6},
    {"name": "below", "observable": "br_b0_pi0", "central": -1e-6, "sigma": 3e-6},
    {"name": "mixing", "observable": "x12", "central": 4e-3, "sigma": 5e-4},
    {"name": "d", "observable": "br_dp_known", "upper": 1e-3, "cl": 0.99},
    {"name": "top", "observable": "br_t_q", "band_1sigma": [1e-12, 9e-12]},
    {"name": "amu", "observable": "delta_a_mu", "central": 2.5e-9, "sigma": 5e-10},
    {"name": "g", "observable": "g_bl", "upper": 1e-3, "cl": 0.95},
    {"name": "unused", "observable": "br_b0_k0", "upper": 1e-9, "likelihood": "none"},
]
for own in OWN:
    own["cite"] = "none"
    if "band_1sigma" in own:
        low, high = own["band_1sigma"]
        own["band_2sigma"] = [low - (high - low), high + (high - low)]
CASES = {
    "paper": (["paper2020", "b_invisible_2021"], [], {}),
    "world_2026": (["world_2026"], [], {}),
    "charm": (["world_2026", "charm_known_2026", "charm_mixing_2026", "top_2026"], [], {}),
    "own": ([], OWN, {}),
    "theory": (
        ["paper2020"],
        OWN,
        {"br_kl_pi0": 0.3, "br_bp_kp": 0.07, "br_kp_pip": 0.1, "x12": 2},
    ),
}


@pytest.fixture(scope="module", name="reference")
def fixture_reference(source):
    sys.path.insert(0, os.path.join(source, "tests", "reference"))
    return importlib.import_module("reference_chi2")


def write_case(folder, name):
    sets, extra, theory = CASES[name]
    return t.save_yaml(
        os.path.join(folder, "c.yaml"),
        {
            "survey": {"samples": 1, "mass_gev": {"fixed": 0.14}},
            "constraints": {"sets": sets, "extra": extra, "theory": theory},
        },
    )


def points(bl23, folder, config, columns, mass, w, g=None):
    """Columns [n] of `bl23 points`."""
    data = np.column_stack([mass, w] + ([] if g is None else [np.broadcast_to(g, len(mass))]))
    names = "mass_gev,wu11_re,wu11_im,wu12_re,wu12_im,wu13_re,wu13_im"
    given = os.path.join(folder, "in.csv")
    np.savetxt(
        given,
        data,
        fmt="%.17g",
        delimiter=",",
        comments="",
        header=names + ("" if g is None else ",g_bl"),
    )
    out = subprocess.run(
        [bl23, "points", config, given, "-o", "-", "--columns", ",".join(columns)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    lines = [line for line in out if not line.startswith("#")]
    table = np.array([line.split(",") for line in lines[1:]], dtype=float)
    return {name: table[:, k] for k, name in enumerate(lines[0].split(","))}


def terms_of(reference, name, mass):
    sets, extra, theory = CASES[name]
    items = [item for one in sets for item in reference.read_set(one)] + extra
    found = []
    for item in items:
        observable = item["observable"]
        term = reference.term(item, mass, M_PI0_GEV, theory.get(observable, 0.0))
        if term:
            found.append((observable, *term))
    return found


def rows(n):
    random = np.random.default_rng(20260101)
    return np.sort(random.choice(MASSES, n)), random.normal(size=(n, 6))


@pytest.mark.parametrize("name", CASES)
def test_least(bl23, folder, reference, name):
    """chi^2 and g^2 to 1e-10 of the root of the derivative."""
    mass, w = rows(ROWS)
    config = write_case(folder, name)
    needed = {observable for m in MASSES for observable, *_ in terms_of(reference, name, m)}
    needed -= {"g_bl"}
    per_g2 = points(bl23, folder, config, sorted(needed), mass, w, 1.0)
    found = points(bl23, folder, config, ["chi2", "chi2_g", "LogLike"], mass, w)
    above_zero = 0
    for m in MASSES:
        rows_of_m = mass == m
        terms = terms_of(reference, name, m)
        values = {key: column[rows_of_m].astype(np.longdouble) for key, column in per_g2.items()}
        n = int(rows_of_m.sum())
        chi2, g2 = reference.least(terms, values, n)
        got_chi2, got_g2 = found["chi2"][rows_of_m], found["chi2_g"][rows_of_m] ** 2
        assert np.allclose(got_g2.astype(float), g2.astype(float), rtol=1e-10, atol=0), (name, m)
        assert np.allclose(got_chi2, chi2.astype(float), rtol=1e-10, atol=1e-14), (name, m)
        above_zero += int((chi2 > 1e-10).sum())
        check_roots(terms, values, chi2, g2)
    assert np.array_equal(found["LogLike"], -0.5 * found["chi2"])
    assert above_zero > (0.9 * ROWS if name != "charm" else 0)


def check_roots(terms, values, chi2, g2):
    """The reference itself: a few of its minima by mpmath."""
    for k in range(0, len(g2), max(1, len(g2) // 3)):
        if not 0 < g2[k] < 100:
            continue

        def total(x, k=k):
            pieces = []
            for observable, central, down, up in terms:
                rate = 1 if observable == "g_bl" else abs(mpmath.mpf(float(values[observable][k])))
                value = mpmath.sqrt(x) if observable == "g_bl" else x * rate
                miss = value - mpmath.mpf(central)
                pieces.append((miss / (down if miss < 0 else up)) ** 2)
            return mpmath.fsum(pieces)

        with mpmath.workdps(40):
            x = mpmath.mpf(float(g2[k]))
            for factor in (1 - mpmath.mpf("1e-6"), 1 + mpmath.mpf("1e-6")):
                assert total(x * factor) >= total(x) * (1 - mpmath.mpf("1e-25"))
            assert float(total(x)) == pytest.approx(float(chi2[k]), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_given(bl23, folder, reference, name):
    """With g given chi^2 is at that g, and never below the least."""
    mass, w = rows(200)
    config = write_case(folder, name)
    g = 10.0 ** np.random.default_rng(3).uniform(-7, -2, len(mass))
    needed = sorted(
        {o for m in MASSES for o, *_ in terms_of(reference, name, m)} - {"g_bl"}
    )
    per_g2 = points(bl23, folder, config, needed, mass, w, 1.0)
    given = points(bl23, folder, config, ["chi2", "chi2_g"], mass, w, g)
    least = points(bl23, folder, config, ["chi2"], mass, w)["chi2"]
    assert np.array_equal(given["chi2_g"], g)
    assert np.all(least <= given["chi2"] * (1 + 1e-14) + 1e-14)
    for m in set(mass):
        of_m = mass == m
        values = {key: column[of_m].astype(np.longdouble) for key, column in per_g2.items()}
        g2 = g[of_m].astype(np.longdouble) ** 2
        expected = reference.chi2(terms_of(reference, name, m), values, g2)
        assert np.allclose(given["chi2"][of_m], expected.astype(float), rtol=1e-10, atol=1e-14)


def test_point(bl23, folder, reference):
    """`bl23 point` has the numbers of `bl23 points`, and pulls whose squares add up to chi^2."""
    config = write_case(folder, "theory")
    for g in ([], ["--g", "3e-4"]):
        point = json.loads(
            subprocess.run(
                [bl23, "point", "--config", config, "--w", "0.1+0.2j,0.5-0.1j,0.7j", "--json", *g],
                check=True,
                capture_output=True,
            ).stdout
        )
        one = points(
            bl23,
            folder,
            config,
            ["chi2", "chi2_g"],
            np.array([0.14]),
            np.array([[0.1, 0.2, 0.5, -0.1, 0.0, 0.7]]),
            float(g[1]) if g else None,
        )
        assert (point["chi2"], point["chi2_g"]) == (one["chi2"][0], one["chi2_g"][0])
        assert point["chi2"] == pytest.approx(sum(c["pull"] ** 2 for c in point["constraints"]))
        for item in point["constraints"]:
            expected = [x for x in CASES["theory"][1] if x["name"] == item["name"]]
            if not expected:
                continue
            theory = CASES["theory"][2].get(item["observable"], 0.0)
            term = reference.term(expected[0], 0.14, M_PI0_GEV, theory)
            likelihood = item["likelihood"]
            if term is None:
                assert likelihood["kind"] == "none" and likelihood["sigma_up"] is None
                continue
            assert likelihood["central"] == pytest.approx(term[0], rel=1e-14)
            assert likelihood["sigma_up"] == pytest.approx(term[2], rel=1e-12)
            half = likelihood["kind"] == "half_gauss"
            assert likelihood["sigma_down"] == (0 if half else pytest.approx(term[1], rel=1e-12))
            assert half == ("upper" in expected[0])


@pytest.mark.parametrize(
    "extra, words",
    [
        ({"band_1sigma": [1, 2], "band_2sigma": [0, 3], "central": 2.5}, "inside band_1sigma"),
        ({"band_1sigma": [1, 2], "band_2sigma": [0, 3], "sigma": 1}, "exactly one of"),
        ({"upper": 1, "cl": 0.9, "central": 0.5}, "exactly one of"),
        ({"central": 0.5}, "sigma"),
    ],
)
def test_refused(bl23, folder, extra, words):
    item = {"name": "x", "observable": "br_kl_pi0", "cite": "none", **extra}
    config = t.save_yaml(
        os.path.join(folder, "bad.yaml"),
        {
            "survey": {"samples": 1, "mass_gev": {"fixed": 0.14}},
            "constraints": {"sets": ["world_2026"], "extra": [item]},
        },
    )
    run = subprocess.run([bl23, "check", config], capture_output=True, text=True, check=False)
    assert run.returncode == 2 and words in run.stderr, run.stderr


@pytest.mark.parametrize(
    "theory", [{"g_bl": 0.1}, {"br_kl_pi0": -1}, {"br_kl_pi0": 11}, [1], {"no": 1}]
)
def test_theory_refused(bl23, folder, theory):
    config = t.save_yaml(
        os.path.join(folder, "bad.yaml"),
        {
            "survey": {"samples": 1, "mass_gev": {"fixed": 0.14}},
            "constraints": {"sets": ["world_2026"], "theory": theory},
        },
    )
    run = subprocess.run([bl23, "check", config], capture_output=True, text=True, check=False)
    assert run.returncode == 2 and "bad.yaml:" in run.stderr, run.stderr


def test_round_trip(bl23, folder):
    """Centres and theory errors come back from the resolved configuration."""
    config = write_case(folder, "theory")
    def check(path):
        run = subprocess.run([bl23, "check", path, "--json"], check=True, capture_output=True)
        return json.loads(run.stdout)

    one = check(config)
    again = os.path.join(folder, "again.yaml")
    with open(again, "w", encoding="utf-8") as f:
        f.write(one["yaml"])
    two = check(again)
    assert one["constraints"] == two["constraints"]
    assert one["yaml"] == two["yaml"] and "theory: {" in one["yaml"]


# ---- surveys ----

SAMPLES = 30000
SURVEYS = {
    "solve": {"mass_gev": {"list": [0.14, 0.13, 0.12]}, "g_bl": "solve"},
    "drawn": {"mass_gev": {"fixed": 0.14}, "g_bl": {"log_uniform": [1e-4, 1e-2]}},
    "decides": {"mass_gev": {"fixed": 0.13}, "g_bl": "solve", "chi2_max": 16.5},
}
AXES = ("wu11_abs2", "wu12_abs2", "wu13_abs2", "phase12", "phase13", "phase23", "log10_g")


def write_survey(folder, name, **more):
    return t.save_yaml(
        os.path.join(folder, "s.yaml"),
        {
            "survey": {"samples": SAMPLES, "seed": 7, **SURVEYS[name], **more},
            "constraints": {"sets": ["paper2020", "b_invisible_2021"]},
            "output": {
                "rank": "chi2",
                "nearest": 40,
                "histograms": [["wu11_abs2", "phase13"], ["phase23", "log10_g"]],
                "bins": {"log10_g": [-5, -2], "wu12_abs2": {"number": 20, "range": [0.1, 0.9]}},
            },
        },
    )


def run_survey(bl23, config, out, *more):
    done = subprocess.run(
        [bl23, "survey", config, "-o", out, "--backend", "cpu", "--json", *more],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def all_samples(bl23, folder, config, name):
    """chi^2, its g and the axes of every sample: rows by `bl23 replay --index` of a survey without
    a rank would take long, so that the survey is repeated with everything kept as a survivor."""
    with open(config, encoding="utf-8") as f:
        text = f.read()
    everything = os.path.join(folder, "all.yaml")
    document = t.parse_yaml(text)
    document["survey"]["chi2_max"] = 1e99
    t.save_yaml(everything, document)
    out = os.path.join(folder, "all.h5")
    run_survey(bl23, everything, out, "--force")
    with h5py.File(out) as f:
        columns = {key: f["survivors"][key][...] for key in f["survivors"]}
    assert len(columns["index"]) == SAMPLES
    mass = columns["mass_gev"]
    w = np.column_stack(
        [
            part
            for k in (1, 2, 3)
            for part in (
                columns[f"wu1{k}_abs"] * np.cos(columns[f"wu1{k}_phase"]),
                columns[f"wu1{k}_abs"] * np.sin(columns[f"wu1{k}_phase"]),
            )
        ]
    )
    g = None if SURVEYS[name]["g_bl"] == "solve" else columns["g_bl"]
    some = slice(0, SAMPLES, 30)
    found = points(
        bl23,
        folder,
        config,
        ["chi2", "chi2_g"],
        mass[some],
        w[some],
        None if g is None else g[some],
    )
    for key in ("chi2", "chi2_g"):
        assert np.allclose(found[key], columns[key][some], rtol=1e-9), key
    return columns


def axis_values(columns):
    phase = [columns[f"wu1{k}_phase"] for k in (1, 2, 3)]
    difference = [phase[1] - phase[0], phase[2] - phase[0], phase[2] - phase[1]]
    difference = [np.where(d > np.pi, d - 2 * np.pi, d) for d in difference]
    difference = [np.where(d <= -np.pi, d + 2 * np.pi, d) for d in difference]
    with np.errstate(divide="ignore"):
        log_g = np.log10(columns["chi2_g"])
    return [*(columns[f"wu1{k}_abs"] ** 2 for k in (1, 2, 3)), *difference, log_g]


@pytest.mark.parametrize("name", SURVEYS)
def test_survey(bl23, folder, name):
    """Profiles, nearest samples and survivors are those of all samples."""
    config, out = write_survey(folder, name), os.path.join(folder, "o.h5")
    shown = run_survey(bl23, config, out)
    columns = all_samples(bl23, folder, config, name)
    chi2, values = columns["chi2"], axis_values(columns)
    order = np.lexsort([columns["index"], chi2])
    assert shown["least_chi2"] == chi2[order[0]]
    with h5py.File(out) as f:
        assert np.array_equal(f["nearest/index"], columns["index"][order[:40]])
        assert np.array_equal(f["nearest/chi2"], chi2[order[:40]])
        assert np.array_equal(f["survivors/LogLike"], -0.5 * f["survivors/chi2"][...])
        if name == "decides":
            kept = columns["index"][chi2 <= 16.5]
            assert 0 < len(kept) < SAMPLES and np.array_equal(f["survivors/index"], kept)
            assert np.array_equal(f["survivors/g_bl"], f["survivors/chi2_g"])
        names = [*AXES, *(k for k in f["histograms"] if "__" in k)]
        for key in names:
            axes = [AXES.index(a) for a in key.split("__")]
            edges = [f["histograms"][AXES[a]].attrs["edges"] for a in axes]
            bins = [np.searchsorted(e, values[a], "right") - 1 for a, e in zip(axes, edges)]
            inside = np.all([(b >= 0) & (b < len(e) - 1) for b, e in zip(bins, edges)], axis=0)
            shape = [len(e) - 1 for e in edges]
            best, sample = np.full(shape, np.inf), np.full(shape, 2**64 - 1, np.uint64)
            for k in order[::-1]:
                if inside[k]:
                    at = tuple(b[k] for b in bins)
                    best[at], sample[at] = chi2[k], columns["index"][k]
            differ = f["profiles"][key][...] != best
            assert differ.sum() <= 2, (key, differ.sum())  # a sample on an edge, by rounding
            assert (f["profiles"][key + "_index"][...] != sample).sum() <= 2, key
    subprocess.run([bl23, "replay", out], check=True, capture_output=True)


def test_same_bytes(bl23, folder):
    """Parts that are merged, other threads and instruction sets, and --extend: one content."""
    config, out = write_survey(folder, "drawn"), os.path.join(folder, "o.h5")
    expected = run_survey(bl23, config, out)["content_hash"]
    for isa, threads in (("generic", "3"), ("avx2", "1")):
        again = os.path.join(folder, "again.h5")
        done = subprocess.run(
            [bl23, "survey", config, "-o", again, "--force", "--json", "--backend", "cpu"]
            + ["--threads", threads],
            env={**os.environ, "BL23_ISA": isa},
            capture_output=True,
            text=True,
            check=False,
        )
        if "not here" in done.stderr or "does not have" in done.stderr:
            continue
        assert json.loads(done.stdout)["content_hash"] == expected, done.stderr
    merged = os.path.join(folder, "merged.h5")
    parts = [os.path.join(folder, f"part{k}") for k in range(3)]
    for k, part in enumerate(parts):
        span = ["--first", str(10000 * k), "--count", "10000"]
        subprocess.run(
            [bl23, "survey", config, "-o", part, "--backend", "cpu", *span],
            check=True,
            capture_output=True,
        )
    subprocess.run([bl23, "merge", *parts, "-o", merged], check=True, capture_output=True)
    with h5py.File(merged) as f, h5py.File(out) as g:
        assert f.attrs["content_hash"] == g.attrs["content_hash"]
    short = os.path.join(folder, "short.h5")
    less = write_survey(folder, "drawn", samples=12000)
    run_survey(bl23, less, short)
    more = write_survey(folder, "drawn")
    assert run_survey(bl23, more, short, "--extend")["content_hash"] == expected


@pytest.mark.parametrize(
    "survey, rank, words",
    [
        ({"chi2_max": 3}, "tension", "rank: chi2"),
        ({"chi2_max": -1}, "chi2", "chi2_max must be"),
        ({"draw": "cover"}, "chi2", "draw: uniform"),
        ({}, "chi", "rank must be tension or chi2"),
    ],
)
def test_survey_refused(bl23, folder, survey, rank, words):
    config = t.save_yaml(
        os.path.join(folder, "bad.yaml"),
        {
            "survey": {"samples": 1000, "mass_gev": {"fixed": 0.14}, **survey},
            "constraints": {"sets": ["paper2020"]},
            "output": {"rank": rank},
        },
    )
    run = subprocess.run([bl23, "check", config], capture_output=True, text=True, check=False)
    assert run.returncode == 2 and words in run.stderr, run.stderr


# ---- words ----

UP = {"name": "up", "observable": "br_kp_pip", "upper": 1e-9, "cl": 0.9, "cite": "none"}
LIFE = {"name": "life", "observable": "br_dp_known", "upper": 0.1, "likelihood": "none"}
NEGATIVE = {"name": "neg", "observable": "br_kp_pip", "band_1sigma": [-2e-9, -1e-9]}
W = "1,0,1,0,1,0.59"


def words_config(folder, survey, constraints, rank="chi2"):
    return t.save_yaml(
        os.path.join(folder, "words.yaml"),
        {
            "survey": {"samples": 30000, "mass_gev": {"fixed": 0.128}, **survey},
            "constraints": constraints,
            "output": {"rank": rank} if rank else {},
        },
    )


def told(bl23, *arguments):
    """Exit code and everything that a command prints."""
    run = subprocess.run([bl23, *arguments], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def told_of(bl23, folder, config):
    """What `check` and `survey` say, which both succeed."""
    out = os.path.join(folder, "words.h5")
    checked = told(bl23, "check", config)
    done = told(bl23, "survey", config, "-o", out, "--force", "--backend", "cpu")
    assert checked[0] == done[0] == 0, (checked, done)
    return checked[1], done[1]


def test_words_where_chi2_decides(bl23, folder):
    """Nothing is said of cuts as if they decided who survives."""
    masses = {"mass_gev": {"list": [0.128, 0.5]}, "chi2_max": 13}
    config = words_config(folder, masses, {"sets": ["paper2020"]})
    check, survey = told_of(bl23, folder, config)
    for text in (check, survey):
        assert "closed at 1 of the 2 masses: there it adds the same to chi^2" in text, text
        assert "nothing survives" not in text and "can never" not in text
    assert " with chi^2 up to 13\n" in survey and "sigma" not in survey, survey
    assert "chi^2 decides who survives; the cut-flow" in survey
    shown = run_survey(bl23, config, os.path.join(folder, "words.h5"))
    assert "passed_1sigma" not in shown and "extrema_1sigma" not in shown and "extrema" in shown
    for command in (("bound",), ("cover",), ("plane", "--scenario", "1")):
        text = told(bl23, command[0], config, *command[1:])[1]
        assert "has chi2_max, but this command answers for the cuts" in text, text
    assert "the cuts" not in told(bl23, "bestfit", config)[1]
    rows = [[0, 0.1, 2e-9, 1e-9], [0, 0.6, 2e-9, 1e-9]]
    fitted = {"name": "fit", "observable": "br_kp_pip", "curve_rows": rows, "cl": 0.9}
    more = {"sets": ["paper2020"], "extra": [{**fitted, "cite": "none"}]}
    config = words_config(folder, masses, more)
    for text in told_of(bl23, folder, config):
        assert "fit measures br_kp_pip, but this decay is closed at 1 of the 2 masses" in text, text
        assert "fit can exclude nothing" not in text, text
    none = words_config(folder, {"chi2_max": 0}, {"sets": ["paper2020"]})
    check = told(bl23, "check", none)[1]
    assert "none has chi^2 up to 0" in check and "bl23 cover" not in check, check
    cuts = words_config(folder, {"mass_gev": masses["mass_gev"]}, {"sets": ["paper2020"]})
    check, survey = told_of(bl23, folder, cuts)
    assert "closed at 1 of the 2 masses: nothing survives there" in check
    assert " at 2 sigma" in survey and " of them at 1 sigma" in survey


def test_words_of_what_is_not_counted(bl23, folder):
    sets = {"sets": ["paper2020", "charm_known"]}
    for text in told_of(bl23, folder, words_config(folder, {}, sets)):
        assert "warning: d_life_known" not in text and "warning: d_life has no likelihood" in text
    assert "a branching ratio above 1 makes this sample impossible" in text, text
    only = words_config(folder, {}, {"sets": ["paper2020"], "theory": {"br_b0_k0": 0.3}})
    check = told(bl23, "check", only)[1]
    assert "the theory error of br_b0_k0 has no effect" in check and "no likelihood" not in check
    inside = {**UP, "mass_inside_gev": [0.1, 0.2]}
    some = {"mass_gev": {"list": [0.128, 0.3]}, "g_bl": {"fixed": 1e-3}}
    check = told(bl23, "check", words_config(folder, some, {"extra": [inside]}))[1]
    assert "no constraint has a likelihood at 1 of the 2 masses: chi^2 is 0 there" in check, check
    negative = {**NEGATIVE, "band_2sigma": [-3e-9, -1e-10], "cite": "none"}
    extra = {"sets": ["paper2020"], "extra": [negative]}
    check = told(bl23, "check", words_config(folder, {}, extra))[1]
    assert "neg can never be met" in check and "acts as an upper limit" not in check, check


def test_words_without_any_likelihood(bl23, folder):
    config = words_config(folder, {}, {"extra": [{**LIFE, "cite": "none"}]})
    code, text = told(bl23, "check", config)
    assert code == 2 and "words.yaml:" in text and "give a limit its cl" in text, text
    w = ["--w", W]
    for item, words in ((LIFE, None), (UP, "chi^2 of the 1 constraint that has a")):
        config = words_config(folder, {}, {"extra": [{**item, "cite": "none"}]}, None)
        code, text = told(bl23, "point", "--config", config, *w)
        assert code == 0 and (words in text if words else "chi^2" not in text), text


def test_words_where_the_best_g_is_zero(bl23, folder):
    config = words_config(folder, {"chi2_max": 3}, {"extra": [UP]})
    for text in told_of(bl23, folder, config):
        assert "chi^2 is least at g = 0 for every sample" in text, text
        assert "output.bins.log10_g" not in text and "-0.000" not in text
    drawn = {"chi2_max": 3, "g_bl": {"log_uniform": [1e-30, 1e-29]}}
    for text in told_of(bl23, folder, words_config(folder, drawn, {"extra": [UP]})):
        assert "least at g = 0" not in text and "output.bins.log10_g" in text, text


@pytest.mark.parametrize(
    "text, words",
    [
        (
            "survey: {mass_gev: {fixed: 0.1},\n  chi2_max: 3}\nconstraints: {sets: [paper2020]}",
            "c.yaml:2: chi2_max is only used with",
        ),
        (
            "survey: {mass_gev: {fixed: 0.1}}\nconstraints: {extra: [{name: a, cite: none,\n"
            "  observable: g_bl, upper: 1e-3}]}",
            "or give likelihood: none in its place",
        ),
    ],
)
def test_words_of_refusals(bl23, folder, text, words):
    config = os.path.join(folder, "c.yaml")
    with open(config, "w", encoding="utf-8") as f:
        f.write(text + "\n")
    code, found = told(bl23, "check", config)
    assert code == 2 and words in found, found


@pytest.mark.parametrize("more", [{}, {"cl": 0.9}])
def test_limit_on_g_without_likelihood(bl23, folder, more):
    item = {"name": "g", "observable": "g_bl", "upper": 1e-3, "likelihood": "none", **more}
    config = words_config(folder, {}, {"extra": [{**item, "cite": "none"}]}, None)
    shown = json.loads(subprocess.check_output([bl23, "check", config, "--json"]))
    assert shown["constraints"][0]["likelihood"]["kind"] == "none"


def test_two_couplings_are_named(bl23, folder):
    """Where the cuts and chi^2 have a g of their own, JSON says which value is at which."""
    config = words_config(folder, {}, {"sets": ["paper2020"]})
    w = ["--config", config, "--w", W, "--json"]
    assert "chi2_g" in json.loads(subprocess.check_output([bl23, "point", *w]))["note"]
    assert "note" not in json.loads(subprocess.check_output([bl23, "point", *w, "--g", "1e-3"]))
    out = os.path.join(folder, "words.h5")
    run_survey(bl23, config, out)
    sample = json.loads(subprocess.check_output([bl23, "replay", out, "--index", "3", "--json"]))
    assert "chi2_g" in sample["note"]
    other = words_config(folder, {}, {"sets": ["paper2020"]}, None)
    code, text = told(bl23, "survey", other, "-o", out)
    assert code != 0 and "output.rank is chi2, not its default" in text, text


@pytest.mark.parametrize("extra", [[], [{**NEGATIVE, "band_2sigma": [-3e-9, -1e-10]}]])
def test_point_that_no_g_allows(bl23, folder, extra):
    """g and the observables are finite, what is missed fails, and the sentence says why."""
    extra = [{**item, "cite": "none"} for item in extra]
    survey = {"mass_gev": {"fixed": 0.5 if not extra else 0.128}}
    config = words_config(folder, survey, {"sets": ["paper2020"], "extra": extra}, None)
    chosen = ["--config", config, "--w", W]
    code, text = told(bl23, "point", *chosen)
    missed = "neg" if extra else "koto_events"
    assert code == 0 and f"FAIL {missed}" in text and "nan" not in text, text
    why = "leaves no K+" if extra else "asks for K_L -> pi0 Z', closed at this mass"
    assert f"no g passes: {missed} {why}" in text, text
    point = json.loads(subprocess.check_output([bl23, "point", *chosen, "--json"]))
    item = [c for c in point["constraints"] if c["name"] == missed][0]
    assert not item["pass"] and not point["survives"]
    assert point["g_bl"] == point["g_max"] and point["br_bp_kp"] is not None
    assert (point["g_max"] == 0) == bool(extra)
    if not extra:
        assert point["g_min"] is None and point["g_max"] > 0
    w = np.array([[0.6, 0.1, -0.3, 0.4, 0, 0.7]])
    mass = np.array([survey["mass_gev"]["fixed"]])
    row = points(bl23, folder, config, ["g_bl", "g_max", "br_kl_pi0", "br_bp_kp"], mass, w)
    assert row["g_bl"] == row["g_max"] and np.all(np.isfinite([*row.values()])), row


def test_tabulated(bl23, folder):
    """A curve with the best fit: from CSV, from the resolved configuration and from an output."""
    with open(os.path.join(folder, "mine.csv"), "w", encoding="utf-8") as f:
        f.write("best_fit,m_gev,upper\n-1e-9,0.2,8e-9\n1e-9,0.1,2e-9\n")
    config = t.save_yaml(
        os.path.join(folder, "c.yaml"),
        {
            "survey": {"samples": 4096, "mass_gev": {"fixed": 0.15}},
            "constraints": {
                "extra": [
                    {"name": "mine", "observable": "br_kp_pip", "curve": "mine.csv", "cl": 0.9,
                     "cite": "none"}
                ],
                "theory": {"br_kp_pip": 0.5},
            },
        },
    )
    out, resolved = os.path.join(folder, "s.h5"), os.path.join(folder, "r.yaml")
    t.run_ok([bl23, "survey", config, "-o", out, "--quiet"])
    with h5py.File(out) as file:
        t.save_yaml(resolved, t.parse_yaml(file["config"].attrs["yaml"]))
        assert list(file["constraints/row_best_fit"]) == [1e-9, -1e-9]
        assert list(file["constraints/likelihood"].asstr()) == ["tabulated"]
    sigma = np.hypot(3e-9 / 1.645, 0.5 * 4e-9)  # the limit at 0.15 GeV is 4e-9
    for given in (config, resolved, out):
        found = json.loads(t.run_ok([bl23, "check", given, "--json", "--no-forecast"]).stdout)
        likelihood = found["constraints"][0]["likelihood"]
        assert likelihood["kind"] == "tabulated"
        assert likelihood["central"] == pytest.approx(0.0, abs=1e-24)
        assert likelihood["sigma_up"] == likelihood["sigma_down"]
        assert likelihood["sigma_up"] == pytest.approx(sigma, rel=1e-12)
    for rows, says in (
        ([[0, 0.1, 1e-9, 2e-9]], "the best fit must be below the limit 1e-09 (got 2e-09)"),
        ([[0, 0.1, 1e-9, 0], [0, 0.2, 1e-9]], "every row must have a best fit, or none"),
        ([[0, 0.1, 1e-9, 0, 0]], "[window, mass, upper, best fit]"),
    ):
        item = {"name": "m", "observable": "br_kp_pip", "curve_rows": rows, "cl": 0.9, "cite": "x"}
        bad = t.save_yaml(
            resolved,
            {
                "survey": {"samples": 1, "mass_gev": {"fixed": 0.1}},
                "constraints": {"extra": [item]},
            },
        )
        done = t.run([bl23, "check", bad])
        assert done.returncode == 2 and says in done.stderr
