#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Closure of the fit: measurements are simulated from a known point and fitted by `bl23 bestfit`.

With precise measurements alone, the truth lies within the region of 68.3 and 95 % of five
parameters as often as it should. Limits that the truth is well below make the region too large:
half_gauss takes each as a measurement of 0. docs/fit.md quotes what was found. In the environment:
BL23_TOYS, their number; BL23_TOY_ERROR, the relative error; BL23_TOY_SEED.
"""

import json
import math
import os
import subprocess

import numpy as np
import pytest

import survey_tools as t

MASS = 0.128
G = 1e-3
W = np.array([0.62, 0.48 * np.exp(0.9j), 0.6 * np.exp(-0.5j)])
TOYS = int(os.environ.get("BL23_TOYS", "200" if t.SLOW else "4"))
MEASURED = ("br_kl_pi0", "br_kp_pip", "br_b0_pi0", "br_b0_k0", "br_dp_pip", "br_dp_rhop", "br_t_u",
            "br_t_c", "delta_a_mu")
ERROR = float(os.environ.get("BL23_TOY_ERROR", "0.005"))  # relative, of each measurement
SEED = int(os.environ.get("BL23_TOY_SEED", "2026"))
LEVELS = {0.683: 5.888, 0.95: 11.070}  # of chi^2 with five degrees of freedom
SIGMAS = 4.0  # binomial, of the number of toys inside


def measurement(observable, central, sigma):
    return {"name": observable, "observable": observable, "cite": "none",
            "central": float(central), "sigma": float(sigma)}


def configuration(folder, extra):
    return t.save_yaml(os.path.join(folder, "toy.yaml"), {
        "survey": {"samples": 1, "mass_gev": {"fixed": MASS}, "g_bl": "solve"},
        "constraints": {"extra": extra}})


def distance(bl23, package, folder, extra):
    """chi^2 of the truth above the least."""
    config = configuration(folder, extra)
    done = subprocess.run([bl23, "bestfit", config, "--json"], check=True,
                          capture_output=True, text=True)
    fit = json.loads(done.stdout)["masses"][0]
    truth = package.Model(config).points(MASS, W[None, :], G, columns=["chi2"])["chi2"][0]
    assert fit["chi2_proven"] <= fit["chi2"] <= truth * (1 + 1e-9)
    return truth - fit["chi2"]


def true_values(package, folder):
    config = configuration(folder, [measurement(o, 1e-9, 1e-9) for o in MEASURED])
    values = package.Model(config).points(MASS, W[None, :], G, columns=list(MEASURED))
    return {o: float(values[o][0]) for o in MEASURED}


def test_measurements(bl23, package, folder):
    truth, random = true_values(package, folder), np.random.default_rng(SEED)
    found = []
    for _ in range(TOYS):
        extra = [measurement(o, value * (1 + ERROR * random.normal()), ERROR * value)
                 for o, value in truth.items()]
        found.append(distance(bl23, package, folder, extra))
    for level, edge in LEVELS.items():
        inside = np.mean(np.array(found) <= edge)
        error = math.sqrt(level * (1 - level) / TOYS)
        print(f"{inside:.3f} of {TOYS} within {level} +- {error:.3f}")
        assert abs(inside - level) <= SIGMAS * error, (level, inside, error)


@pytest.mark.skipif(not t.SLOW, reason="slow")
def test_limits(bl23, package, folder):
    """A limit at 90 % CL on each of the rates of B and t at which it is expected without a signal:
    the truth is never outside more often than it should be."""
    truth, random = true_values(package, folder), np.random.default_rng(SEED + 1)
    found = []
    for _ in range(TOYS):
        extra = []
        for o, value in truth.items():
            sigma = value if o in ("br_b0_pi0", "br_b0_k0", "br_t_u", "br_t_c") else ERROR * value
            central = value + sigma * random.normal()
            extra.append(measurement(o, central, sigma) if sigma < value else
                         {"name": o, "observable": o, "cite": "none", "cl": 0.9,
                          "upper": 1.645 * sigma})
        found.append(distance(bl23, package, folder, extra))
    for level, edge in LEVELS.items():
        inside = np.mean(np.array(found) <= edge)
        error = math.sqrt(level * (1 - level) / TOYS)
        print(f"limits: {inside:.3f} of {TOYS} within {level} +- {error:.3f}")
        assert inside >= level - SIGMAS * error
