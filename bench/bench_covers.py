#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Independent survivors a second: bl23 with a cover against dynesty and emcee on the same verdict.

    bench/bench_covers.py build/release/bin/bl23 CONFIG... [--seconds S]
    bench/bench_covers.py build/release/bin/bl23 CONFIG --cost

CONFIG has one mass and g_bl: solve. The verdict of the samplers is written in numpy out of the
tables and limits of an output of bl23, and must agree with its survivors before anything is timed.
bl23 is timed as a whole process on one thread: the cover, 1e7 samples, store: index. dynesty takes
the tension as its likelihood until T = 1; what counts are its live points with T <= 1 at the end.
emcee starts from survivors that bl23 found; what counts are its samples divided by the longest
autocorrelation time. Both run in one thread. A package that is not installed is left out.

--cost: what a cover costs by the number of cells and of masses of CONFIG, and by the number of
conditions that single out few rows, in seconds of the processor.
"""
import argparse
import os
import resource
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


def survey(bl23, settings, folder, store, samples, cells=100_000):
    """A survey with a cover; the path of its output, its seconds, and those of the processor."""
    settings["survey"].update(draw="cover", cover={"cells": cells}, samples=samples)
    settings["output"] = {"store": store, "nearest": 0, "max_survivors": SAMPLES}
    path, out = (os.path.join(folder, f"{store}.{end}") for end in ("yaml", "h5"))
    with open(path, "w", encoding="utf-8") as f:
        yaml.safe_dump(settings, f)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([bl23, "survey", path, "-o", out, "--threads", "1", "--quiet", "--force"],
                   check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return out, wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def loaded(config):
    with open(config, encoding="utf-8") as f:
        return yaml.safe_load(f)


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


# Upper limits that ask for so many conditions: |amplitude| below its width, at g = 1.
WIDTHS = {"br_kl_pi0": 2.3e-5, "br_kp_pip": 5.1e-6, "br_bp_pip": 9.9e-6, "br_dp_pip": 0.9}
CONDITIONS = ((1, ("br_kl_pi0",)), (2, ("br_kp_pip",)), (3, ("br_kl_pi0", "br_dp_pip")),
              (4, ("br_kp_pip", "br_bp_pip")))


def cost_row(bl23, settings, what, cells, samples):
    """A row of the table: the least of three surveys of one sample, and of many samples."""
    with tempfile.TemporaryDirectory() as folder:
        build = min(survey(bl23, settings, folder, "none", 1, cells)[2] for _ in range(3))
        runs = [survey(bl23, settings, folder, "index", samples, cells) for _ in range(3)]
        with h5py.File(runs[0][0]) as file:
            passed, cover = int(file.attrs["passed"]), file["cover"]
            left, volume = int(np.sum(cover["cells"])), np.mean(cover["volume_upper"])
    processor = min(run[2] for run in runs)
    print(f"| {what} | {left} | {build:.2g} | {volume * passed / samples:.3g} |"
          f" {passed / samples:.1%} | {passed / processor:.3g} |", flush=True)


def show_cost(bl23, config):
    head = ("| {} | cells | cover, s | allowed part | survive | survivors/s |\n"
            "|---|---|---|---|---|---|")
    name = os.path.basename(config)
    print(head.format(f"{name}, cells asked for"))
    for cells in (1000, 10_000, 100_000, 1_000_000):
        cost_row(bl23, loaded(config), f"{cells:.0e}", cells, SAMPLES)
    print("\n" + head.format(f"{name}, masses with 1e4 cells each"))
    for masses in (1, 16, 256):
        settings = loaded(config)
        settings["survey"]["mass_gev"] = {"uniform": [0.116, 0.152], "knots": masses}
        if masses == 1:
            settings["survey"]["mass_gev"] = {"fixed": 0.134}
        cost_row(bl23, settings, masses, 10_000, SAMPLES)
    print("\n" + head.format("conditions, 1e5 cells"))
    for number, observables in CONDITIONS:
        limits = [{"name": x, "observable": x, "upper": WIDTHS[x], "cl": 0.9, "cite": "x"}
                  for x in observables]
        settings = {"survey": {"mass_gev": {"fixed": 0.14}, "g_bl": {"fixed": 1}},
                    "constraints": {"extra": limits}}
        cost_row(bl23, settings, f"{number}: {', '.join(observables)}", 100_000, SAMPLES)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("bl23")
    parser.add_argument("config", nargs="+")
    parser.add_argument("--seconds", type=float, default=60, help="of each sampler")
    parser.add_argument("--cost", action="store_true", help="by cells, masses and conditions")
    options = parser.parse_args()
    if options.cost:
        show_cost(options.bl23, options.config[0])
        return
    print("| configuration | program | independent survivors/s | measured |")
    print("|---|---|---|---|")
    for config in options.config:
        name = os.path.basename(config)
        with tempfile.TemporaryDirectory() as folder:
            settings = loaded(config)
            verdict, points = survivors_of(
                survey(options.bl23, settings, folder, "records", 100000)[0])
            out, wall, _ = survey(options.bl23, settings, folder, "index", SAMPLES)
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
