#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""`bl23 bestfit`: minima that are known in closed form, those of scipy's simplex, and what samples
reach, against what it finds and what it proves."""

import json
import os
import subprocess

import h5py
import numpy as np
import pytest

import survey_tools as t

MASS = 0.128
FOUND = 1e-9  # relative, of a minimum in closed form
PROVEN = 2e-2  # the same of what is proven, where one measurement and one limit decide
Z = {0.68: 0.994, 0.9: 1.645, 0.95: 1.96}


def own(name, observable, **values):
    return {"name": name, "observable": observable, "cite": "none", **values}


def save(folder, constraints, survey=None, output=None):
    return t.save_yaml(
        os.path.join(folder, "c.yaml"),
        {
            "survey": {"samples": 1e6, "mass_gev": {"fixed": MASS}, **(survey or {})},
            "constraints": constraints,
            **({"output": output} if output else {}),
        },
    )


def bestfit(bl23, config, *options):
    done = subprocess.run(
        [bl23, "bestfit", config, "--json", *options], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout)


def only(fit):
    assert len(fit["masses"]) == 1
    return fit["masses"][0]


def point(bl23, config, w, g):
    row = ",".join(f"{re!r}{im:+}j" for re, im in w)
    done = subprocess.run(
        [bl23, "point", "--config", config, "--w", row, "--g", repr(g), "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


def check(found, expected, tight=True):
    assert found["chi2"] == pytest.approx(expected, rel=FOUND)
    assert found["chi2_proven"] <= found["chi2"] * (1 + 1e-12)
    if tight:
        assert found["chi2_proven"] >= expected * (1 - PROVEN)


def test_g_alone(bl23, folder):
    """A band on Delta a_mu = a x and a limit on g, x = g^2: a parabola."""
    central, sigma, limit = 2.5e-9, 5e-10, 3e-4
    config = save(
        folder,
        {
            "extra": [
                own("a", "delta_a_mu", central=central, sigma=sigma),
                own("g", "g_bl", upper=limit, cl=0.95),
            ]
        },
    )
    row = ((1, 0), (1, 0), (1, 0))
    a = point(bl23, config, row, 1.0)["delta_a_mu"]
    weight = (Z[0.95] / limit) ** 2
    x = (a * central / sigma**2 - weight / 2) / (a / sigma) ** 2
    expected = ((a * x - central) / sigma) ** 2 + weight * x
    found = only(bestfit(bl23, config))
    check(found, expected)
    assert found["chi2_g"] == pytest.approx(x**0.5, rel=1e-9)
    assert found["chi2_no_zprime"] == pytest.approx((central / sigma) ** 2, rel=1e-12)


def test_grossman_nir(bl23, folder):
    """KOTO's band and a limit on K+: |Im H_ds| is at most |H_ds|, and equal for the best rows."""
    central, sigma, limit = 2.1e-9, 8e-10, 1e-9
    config = save(
        folder,
        {
            "extra": [
                own("koto", "br_kl_pi0", central=central, sigma=sigma),
                own("na62", "br_kp_pip", upper=limit, cl=0.9),
            ]
        },
    )
    any_row = point(bl23, config, ((0.3, 0.1), (0.5, -0.4), (0.2, 0.6)), 1e-3)
    h2 = any_row["h_ds_re"] ** 2 + any_row["h_ds_im"] ** 2
    ratio = any_row["br_kp_pip"] / h2 * any_row["h_ds_im"] ** 2 / any_row["br_kl_pi0"]
    weight = ratio**2 * (Z[0.9] / limit) ** 2
    y = central / sigma**2 / (1 / sigma**2 + weight)
    found = only(bestfit(bl23, config))
    check(found, ((y - central) / sigma) ** 2 + weight * y**2)
    assert found["point"]["br_kl_pi0"] == pytest.approx(y, rel=1e-6)
    assert found["starts_that_agree"] > found["starts"] / 2
    assert found["terms"] == 2 and found["parameters"] == 5 and found["p_value"] is None


def test_one_measurement(bl23, folder):
    """A single measurement is met; a single limit is met at g = 0."""
    band = own("koto", "br_kl_pi0", central=2.1e-9, sigma=8e-10)
    found = only(bestfit(bl23, save(folder, {"extra": [band]})))
    assert found["chi2"] < 1e-18 and found["chi2_proven"] == 0
    limit = own("na62", "br_kp_pip", upper=1e-9, cl=0.9)
    found = only(bestfit(bl23, save(folder, {"extra": [limit]})))
    assert found["chi2"] == 0 and found["chi2_g"] == 0 and found["point"] is None
    closed = own("d", "br_kl_pi0", central=2e-9, sigma=5e-10)
    limit = own("b", "br_bp_kp", upper=1e-6, cl=0.9)
    config = save(folder, {"extra": [closed, limit]}, {"mass_gev": {"fixed": 0.5}})
    found = only(bestfit(bl23, config))
    assert found["chi2"] == found["chi2_proven"] == found["chi2_no_zprime"] == pytest.approx(16)


CASES = {
    "paper": ({"sets": ["paper2020", "b_invisible_2021"]}, None),
    "charm": ({"sets": ["paper2020", "charm_known_2026"], "without": ["gm2"]}, None),
    "given_g": ({"sets": ["paper2020", "b_invisible_2021"]}, {"g_bl": {"fixed": 1e-4}}),
    "range_of_g": (
        {"sets": ["paper2020", "b_invisible_2021"]},
        {"g_bl": {"log_uniform": [3e-5, 1e-3]}},
    ),
    "mixing": ({"sets": ["paper2020", "charm_mixing_2026"]}, {"mass_gev": {"fixed": 2.2}}),
}


@pytest.mark.parametrize("name", CASES)
def test_against_others(bl23, folder, package, name):
    """No sample and no descent of scipy's simplex (Nelder, Mead) is below what is proven, nor well
    below what is found; the pulls that are shown make up chi^2."""
    optimize = pytest.importorskip("scipy.optimize")
    constraints, survey = CASES[name]
    survey = {"g_bl": "solve", **(survey or {})}
    config = save(folder, constraints, survey)
    found = only(bestfit(bl23, config))
    assert found["chi2_proven"] <= found["chi2"] * (1 + 1e-12)
    assert found["chi2"] <= found["chi2_no_zprime"] * (1 + 1e-12) or "fixed" in str(survey["g_bl"])
    pulls = [c["pull"] for c in found["point"]["constraints"]]
    assert sum(p**2 for p in pulls) == pytest.approx(found["chi2"], rel=1e-9)
    assert found["point"]["chi2"] == pytest.approx(found["chi2"], rel=1e-12)

    model = package.Model(config)
    mass = found["mass_gev"]
    fixed = survey["g_bl"] if isinstance(survey["g_bl"], dict) else {}
    low, high = fixed.get("log_uniform", [fixed.get("fixed")] * 2)

    def chi2(w, g=None):
        row = np.asarray(w, dtype=float).reshape(-1, 6)
        row = row / np.linalg.norm(row, axis=1, keepdims=True)
        complex_row = row[:, ::2] + 1j * row[:, 1::2]
        return np.asarray(model.points(mass, complex_row, g, columns=["chi2"])["chi2"])

    def target(x):
        if low is None:
            return chi2(x[:6])[0]
        return chi2(x[:6], float(np.exp(np.clip(x[6], np.log(low), np.log(high)))))[0]

    random = np.random.default_rng(7)
    rows = random.normal(size=(5000, 6))
    g = None if low is None else low
    values = chi2(rows, g)
    assert values.min() >= found["chi2_proven"] * (1 - 1e-12)
    assert values.min() >= found["chi2"] * (1 - 1e-6)
    best = np.inf
    for start in rows[np.argsort(values)[:3]]:
        x = start / np.linalg.norm(start)
        if low is not None:
            x = np.append(x, np.log(low * high) / 2)
        for _ in range(2):
            x = optimize.minimize(target, x, method="Nelder-Mead", options={"maxiter": 1000}).x
        best = min(best, target(x))
    assert best >= found["chi2_proven"] * (1 - 1e-12)
    assert best >= found["chi2"] * (1 - 1e-6), "a simplex found less"


def test_survey(bl23, folder):
    """From the nearest of an output; all masses of a range."""
    survey = {"samples": 40960, "mass_gev": {"uniform": [0.1, 0.2], "knots": 5}, "g_bl": "solve"}
    config = save(folder, CASES["paper"][0], survey, {"rank": "chi2"})
    out = os.path.join(folder, "s.h5")
    subprocess.run([bl23, "survey", config, "-o", out, "--quiet"], check=True, capture_output=True)
    fit = bestfit(bl23, out, "--starts", "1")
    full = bestfit(bl23, config)
    with h5py.File(out) as file:
        nearest = file["nearest/chi2"][:]
        masses = file["nearest/mass_gev"][:]
    assert [m["mass_gev"] for m in fit["masses"]] == sorted(m["mass_gev"] for m in full["masses"])
    for one, other in zip(fit["masses"], full["masses"]):
        assert one["chi2"] == pytest.approx(other["chi2"], rel=1e-5)
        here = nearest[masses == one["mass_gev"]]
        assert not len(here) or one["chi2"] <= here.min()
        assert not len(here) or other["chi2_proven"] <= here.min()
    best = min(full["masses"], key=lambda m: m["chi2"])
    assert full["best_mass_gev"] == best["mass_gev"]
    text = subprocess.run([bl23, "bestfit", config], check=True, capture_output=True, text=True)
    command = text.stdout.split("The same point: bl23 ")[1].split()
    again = json.loads(
        subprocess.run([bl23, *command, "--json"], check=True, capture_output=True).stdout
    )
    assert again["chi2"] == pytest.approx(best["chi2"], rel=1e-12)


def test_refused(bl23, folder):
    for constraints, survey, says in (
        ({"sets": ["paper2020"]}, {"w": {"fixed": [1, 0, 1, 0, 1, 0]}}, "a fit is over all rows"),
        ({"extra": [own("x", "br_kp_pip", upper=1e-9, likelihood="none")]}, {}, "has a likelihood"),
    ):
        config = save(folder, constraints, survey)
        done = subprocess.run([bl23, "bestfit", config], capture_output=True, text=True)
        assert done.returncode == 2 and says in done.stderr and done.stdout == ""
