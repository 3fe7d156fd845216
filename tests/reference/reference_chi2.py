# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""chi^2 of constraints and its least value over g, from the YAML of the constraints alone.

With x = g^2 every observable but g is x times its value at g = 1. The minimum is the root of the
derivative, found by halving intervals: no use is made of what the pieces of chi^2 look like.
"""

import os

import numpy as np
import yaml

import reference_constraints as limits

NORMAL_WIDTH = {0.68: 0.994, 0.90: 1.645, 0.95: 1.960, 0.99: 2.576}
G2_MAX = 100.0
BELLE2_LIGHT = "bp_kp_belle2_light_2025.csv"


def read_set(name):
    with open(os.path.join(limits.CURVES, name + ".yaml"), encoding="utf-8") as f:
        return yaml.safe_load(f)["constraints"]


def acts(item, mass, m_pi0):
    """Is the mass inside the window of a constraint? D mixing is not known from 0.4 to 2 GeV."""
    if "mass_near_pi0_gev" in item and not abs(mass - m_pi0) < item["mass_near_pi0_gev"]:
        return False
    for key, wanted in (("mass_inside_gev", True), ("mass_outside_gev", False)):
        if key in item and (item[key][0] <= mass <= item[key][1]) != wanted:
            return False
    return not (item["observable"] in ("x12", "x12_im") and 0.4 <= mass <= 2.0)


def belle2_light(mass, theory, share):
    """Out of the table of best fits and upper edges at one sigma. Between rows the best fit goes
    straight, and so does the logarithm of the error."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bp_kp_belle2_light_fit.csv")
    at, best, edge = np.loadtxt(path, delimiter=",", comments="#", skiprows=4, unpack=True)
    if not at[0] <= mass <= at[-1]:
        return None
    upper = limits.curve_at(BELLE2_LIGHT.removesuffix(".csv"), mass)
    sigma = np.exp(np.interp(mass, at, np.log(edge - best)))
    sigma = np.hypot(sigma, theory * upper) / share
    return float(np.interp(mass, at, best)) / share, sigma, sigma


def term(item, mass, m_pi0, theory=0.0):
    """(central, sigma_down, sigma_up) on the observable; None: no likelihood at this mass."""
    if item.get("likelihood") == "none" or not acts(item, mass, m_pi0):
        return None
    share = limits.br_inv(mass) if item.get("invisible") else 1.0
    if item.get("curve") == BELLE2_LIGHT and "cl" in item:
        return belle2_light(mass, theory, share)
    if "upper" in item or "curve" in item:
        upper = item.get("upper") or limits.curve_at(item["curve"].removesuffix(".csv"), mass)
        if upper is None or "cl" not in item:
            return None
        upper = float(upper) / share
        sigma = np.hypot(upper / NORMAL_WIDTH[item["cl"]], theory * upper)
        return 0.0, sigma, sigma
    if "sigma" in item:
        central = float(item["central"])
        down = up = float(item["sigma"])
    else:
        low, high = (float(x) for x in item["band_1sigma"])
        central = float(item.get("central", (low + high) / 2))
        down, up = central - low, high - central
    error = theory * abs(central)
    return central / share, np.hypot(down, error) / share, np.hypot(up, error) / share


def chi2(terms, per_g2, x):
    """chi^2 [n] at x = g^2 [n]; terms: (observable, central, down, up); per_g2: name -> [n]."""
    total = np.zeros_like(x)
    for observable, central, down, up in terms:
        value = np.sqrt(x) if observable == "g_bl" else x * np.abs(per_g2[observable])
        miss = value - np.longdouble(central)
        total += (miss / np.where(miss < 0, np.longdouble(down), np.longdouble(up))) ** 2
    return total


def slope(terms, per_g2, x):
    """d chi^2/dx."""
    total = np.zeros_like(x)
    for observable, central, down, up in terms:
        if observable == "g_bl":
            total += 1 / np.longdouble(up) ** 2
            continue
        rate = np.abs(per_g2[observable])
        miss = x * rate - np.longdouble(central)
        total += 2 * rate * miss / np.where(miss < 0, np.longdouble(down), np.longdouble(up)) ** 2
    return total


def least(terms, per_g2, n):
    """(chi^2 [n], g^2 [n]) where chi^2 is least over 0 <= g^2 <= 100."""
    low, high = np.full(n, np.longdouble(1e-60)), np.full(n, np.longdouble(G2_MAX))
    at_zero = slope(terms, per_g2, low) >= 0
    at_end = slope(terms, per_g2, high) <= 0
    for _ in range(250):
        middle = np.sqrt(low * high)
        rises = slope(terms, per_g2, middle) > 0
        high = np.where(rises, middle, high)
        low = np.where(rises, low, middle)
    g2 = np.where(at_zero, 0, np.where(at_end, G2_MAX, np.sqrt(low * high)))
    return chi2(terms, per_g2, g2), g2
