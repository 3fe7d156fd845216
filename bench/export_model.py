#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""export_model.py BL23 CONFIG OUT: what the peers of the benchmark compute with, as plain text.

Tables come from `bl23 tables --json`, limits from the constraint set that CONFIG names; the limits
are divided here, not by bl23, so that equal survivors also confirm how bl23 collapses them.
Only what the benchmark needs: one mass, paper2020, bands at 2 sigma, g solved for.
"""
import json
import os
import subprocess
import sys

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
G2, IM_DS2 = 0, 1  # quantities, numbered as in peers/peer_common.h
CHANNELS = ("ds", "db", "sb")


def band_2sigma(constraint):
    if "band_2sigma" in constraint:
        return [float(edge) for edge in constraint["band_2sigma"]]
    central, sigma = float(constraint["central"]), float(constraint["sigma"])
    return [central - 2 * sigma, central + 2 * sigma]


def limits_of(config, table):
    """Rows (quantity, lo, hi): lo <= g^2 quantity <= hi."""
    with open(os.path.join(ROOT, "tables", "data", "paper2020.yaml"), encoding="utf-8") as f:
        known = yaml.safe_load(f)["constraints"]
    asked = config["constraints"]
    if asked["sets"] != ["paper2020"] or asked["sigma"] != 2:
        sys.exit("export_model.py: only 2 sigma bands of paper2020 are exported")
    scale = {"br_kl_pi0": (IM_DS2, table["kappa"]["br_kl_pi0"]),
             "delta_a_mu": (G2, table["delta_a_mu_per_g2"])}
    rows = []
    for constraint in known:
        if constraint["name"] in asked.get("without", []):
            continue
        if constraint["observable"] not in scale:
            sys.exit("export_model.py: only bands on K_L and g-2 are exported, and the constraint "
                     f"{constraint['name']} is none")
        quantity, factor = scale[constraint["observable"]]
        low, high = band_2sigma(constraint)
        rows.append((quantity, low / factor, high / factor))
    return rows


def numbers(values):
    """Any nesting of lists, flat, each number with all its digits."""
    if isinstance(values, list):
        return " ".join(numbers(value) for value in values)
    return repr(float(values))


def export_model(bl23, config_path, out_path):
    with open(config_path, encoding="utf-8") as f:
        config = yaml.safe_load(f)
    mass = config["survey"]["mass_gev"]["fixed"]
    answer = subprocess.run([bl23, "tables", "--mass", str(mass), "--inputs", config["inputs"],
                             "--json"],
                            check=True, capture_output=True, text=True)
    table = json.loads(answer.stdout)["tables"][0]
    limits = limits_of(config, table)
    with open(out_path, "w", encoding="utf-8") as f:
        f.write(f"seed {int(float(config['survey']['seed']))}\n")
        f.write(f"a {numbers([table['a'][x] for x in CHANNELS])}\n")
        f.write(f"c_right {numbers([table['c_right'][x] for x in CHANNELS])}\n")
        f.write(f"forms {numbers(table['forms'])}\n")
        f.write(f"limits {len(limits)}\n")
        for quantity, low, high in limits:
            f.write(f"{quantity} {low!r} {high!r}\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: export_model.py BL23 CONFIG OUT")
    export_model(*sys.argv[1:])
