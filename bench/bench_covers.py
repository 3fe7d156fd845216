#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Independent survivors a second: bl23 with a cover against dynesty and emcee on the same verdict.

    bench/bench_covers.py build/release/bin/bl23 CONFIG... [--seconds S]

CONFIG has one mass and g_bl: solve. The verdict of the samplers is written in numpy out of the
tables and limits of an output of bl23, and must agree with its survivors before anything is timed.
bl23 is timed as a whole process on one thread: the cover, 1e7 samples, store: index. dynesty takes
the tension as its likelihood until T = 1; what counts are its live points with T <= 1 at the end.
emcee starts from survivors that bl23 found; what counts are its samples divided by the longest
autocorrelation time. Both run in one thread. A package that is not installed is left out.
"""
import argparse
import os
import subprocess
import tempfile
import time

import h5py
import numpy as np
import yaml

os.environ["OMP_NUM_THREADS"] = "1"
PAIRS = ((0, 1), (0, 2), (1, 2))
QUANTITIES = {"br_kl_pi0": ("h_ds_im",), "br_kp_pip": ("h_ds_re", "h_ds_im"),
              "br_bp_pip": ("h_db_re", "h_db_im"), "br_dp_pip": ("f_v_uc_re", "f_v_uc_im"),
              "delta_a_mu": ()}
SAMPLES = 10_000_000


class Verdict:
    """The tension of rows given by four numbers of the unit cube, as bl23 draws them."""

    def __init__(self, file):
        names = [name.decode() for name in file["tables/form"]]
        modes = [name.decode() for name in file["tables/observable"]]
        level = int(file.attrs["sigma"]) - 1
        self.limits = []
        for k, observable in enumerate(name.decode() for name in file["constraints/observable"]):
            rows = [file["tables/forms"][0, names.index(form)] for form in QUANTITIES[observable]]
            factor = (file["tables/delta_a_mu_per_g2"][0] if observable == "delta_a_mu"
                      else file["tables/kappa"][0, modes.index(observable)])
            low, high = (file[f"constraints/{side}"][k, level, 0] / factor
                         for side in ("lower", "upper"))
            self.limits.append((np.array(rows), low, high))

    @staticmethod
    def monomials(p, phase):
        """Of |w_i|^2 and the phases of w_2 and w_3 in turns."""
        full = (0.0, *phase)
        waves = []
        for i, j in PAIRS:
            root, angle = np.sqrt(p[i] * p[j]), 2 * np.pi * (full[j] - full[i])
            waves += [root * np.cos(angle), root * np.sin(angle)]
        return np.array([*p, *waves])

    def tension(self, monomials):
        asked, left = 0.0, 100.0
        for rows, low, high in self.limits:
            s = np.sum((rows @ monomials) ** 2, axis=0) if len(rows) else 1.0
            asked, left = np.maximum(asked, low / s), np.minimum(left, high / s)
        return np.sqrt(asked / left)

    def of_cube(self, u):
        a, b = min(u[0], u[1]), max(u[0], u[1])
        return self.tension(self.monomials((a, b - a, 1 - b), (u[2], u[3])))


def run(bl23, config, folder, store, samples):
    """A survey of the configuration with a cover; the path of its output, and its seconds."""
    with open(config, encoding="utf-8") as f:
        settings = yaml.safe_load(f)
    settings["survey"].update(draw="cover", cover={"cells": 100000}, samples=samples)
    settings["output"] = {"store": store, "nearest": 0, "max_survivors": SAMPLES}
    path, out = (os.path.join(folder, f"{store}.{end}") for end in ("yaml", "h5"))
    with open(path, "w", encoding="utf-8") as f:
        yaml.safe_dump(settings, f)
    start = time.perf_counter()
    subprocess.run([bl23, "survey", path, "-o", out, "--threads", "1", "--quiet", "--force"],
                   check=True, stdout=subprocess.DEVNULL)
    return out, time.perf_counter() - start


def survivors_of(path):
    """The verdict of a survey with records, and its first survivors as points of the cube."""
    with h5py.File(path) as file:
        verdict, rows = Verdict(file), file["survivors"]
        moduli = [rows[f"wu1{i}_abs"][:] for i in (1, 2, 3)]
        phases = [rows[f"wu1{i}_phase"][:] / (2 * np.pi) for i in (1, 2, 3)]
    p = np.array(moduli) ** 2
    turns = [(phases[i] - phases[0]) % 1 for i in (1, 2)]
    tension = verdict.tension(verdict.monomials(p, turns))
    if not np.all(tension <= 1 + 1e-9):
        raise SystemExit(f"{path}: the verdict differs: tension {tension.max()}")
    return verdict, np.array([p[0], p[0] + p[1], *turns]).T


def dynesty_rate(verdict, seconds):
    import dynesty
    calls = [0]

    def likelihood(u):
        calls[0] += 1
        return -np.log(max(verdict.of_cube(u), 1.0)) - 1e-9 * np.sum(u)  # no ties

    sampler = dynesty.NestedSampler(likelihood, lambda u: u, 4, nlive=500, sample="rwalk",
                                    periodic=[2, 3], rstate=np.random.default_rng(1))
    start = time.perf_counter()
    for _ in sampler.sample(dlogz=1e-3):
        if np.min(sampler.live_logl) > -1e-8 or time.perf_counter() - start > seconds:
            break
    wall = time.perf_counter() - start
    return int(np.sum(sampler.live_logl > -1e-8)) / wall, calls[0], wall


def emcee_rate(verdict, points, seconds):
    import emcee
    walkers = 64

    def likelihood(u):
        inside = 0 <= u[0] <= u[1] <= 1 and np.all((u[2:] >= 0) & (u[2:] < 1))
        return 0.0 if inside and verdict.of_cube(u) <= 1 else -np.inf

    np.random.seed(1)
    start = np.random.default_rng(1).choice(points, walkers, replace=False)
    sampler = emcee.EnsembleSampler(walkers, 4, likelihood)
    begin = time.perf_counter()
    state = sampler.run_mcmc(start, 100, skip_initial_state_check=True)
    while time.perf_counter() - begin < seconds:
        state = sampler.run_mcmc(state, 100, skip_initial_state_check=True)
    wall = time.perf_counter() - begin
    tau = np.nanmax(sampler.get_autocorr_time(tol=0))
    return walkers * sampler.iteration / max(tau, 1.0) / wall, tau, wall


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("bl23")
    parser.add_argument("config", nargs="+")
    parser.add_argument("--seconds", type=float, default=60, help="of each sampler")
    options = parser.parse_args()
    print("| configuration | program | independent survivors/s | measured |")
    print("|---|---|---|---|")
    for config in options.config:
        name = os.path.basename(config)
        with tempfile.TemporaryDirectory() as folder:
            verdict, points = survivors_of(run(options.bl23, config, folder, "records", 100000)[0])
            out, wall = run(options.bl23, config, folder, "index", SAMPLES)
            with h5py.File(out) as file:
                passed = int(file.attrs["passed"])
        print(f"| {name} | bl23 | {passed / wall:.3g} | {passed} survivors in {wall:.3g} s |",
              flush=True)
        for program, rate, what in (
                ("dynesty", lambda: dynesty_rate(verdict, options.seconds), "calls"),
                ("emcee", lambda: emcee_rate(verdict, points, options.seconds),
                 "steps of autocorrelation")):
            try:
                found, count, wall = rate()
            except ImportError as missing:
                print(f"| {name} | {program} | left out | {missing} |")
                continue
            print(f"| {name} | {program} | {found:.3g} | {count:.6g} {what}, {wall:.3g} s |",
                  flush=True)


if __name__ == "__main__":
    main()
