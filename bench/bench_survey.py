#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The benchmark of bl23: the same survey by bl23 and by its peers, alternating in one run.

First everybody must find the same survivors; only then is anything timed. bl23 is timed from the
start of the process to the finished file; the peers from their first sample to the written list,
without interpreter start and compilation. See bench/README.md.
"""
import argparse
import datetime
import json
import os
import shlex
import statistics
import sys

from bench_report import count, print_text, write_markdown
from bench_runs import (ROOT, Workshop, compare_survivors, describe_machine, run_checked, say,
                        summarise, survivors_of)
from export_model import export_model

CHECK_SAMPLES = 1_000_000
PEERS = {  # name: label, samples as a share of bl23's
    "plain_c": ("plain C, double complex", 0.075),
    "gsl_peer": ("GSL, complex BLAS", 0.0375),
    "numpy_einsum": ("numpy, einsum", 0.03),
    "numpy_monomials": ("numpy, nine monomials", 0.05),
    "jax_peer": ("JAX, jitted", 0.1),
    "plain_c_special": ("C for this one survey only", 0.75),
}
ISA_SHARE = {"avx512": 1.0, "avx2": 0.5, "neon": 0.25, "generic": 0.05}
KEEP_ALL = 10**15  # survivors: the peers keep all of theirs
INDEX_ONLY = {"output": {"store": "index", "max_survivors": KEEP_ALL}}
# samples as a share of fig3's
SURVEYS = {"fig3": 4.0, "open_question": 8.0, "random_g": 6.0, "today": 0.5}
FORECASTS = {"fig3": 1.0, "open_question": 2.5, "random_g": 2.5, "today": 0.5}
SURVEY_REPEATS = 3
PI0_MASS = 0.134977  # GeV: here the limit of NA62 applies as well
CONSTRAINT_SETS = {2: (["paper2020"], ["ccfr", "na62_pi0", "e949"]), 5: (["paper2020"], []),
                   13: (["paper2020", "b_invisible_2021"], [])}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--samples", type=float, default=4e8,
                        help="samples of bl23's fig3; all others scale with it")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", metavar="FILE", help="write every measured figure here")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables here, as Markdown")
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "bench"),
                        help="build folder (default build/bench)")
    parser.add_argument("--no-build", action="store_true",
                        help="take bl23 in the build folder as it is")
    parser.add_argument("--jax-python", default=os.environ.get("BENCH_JAX_PYTHON", sys.executable),
                        help="the interpreter that has JAX (default: this one, or "
                        "$BENCH_JAX_PYTHON)")
    return parser.parse_args()


def comparison_cases(workshop, isas, peers, model, samples):
    """Rows (label, samples, function that runs it once); the fastest instruction set first."""
    full = workshop.write_config("fig3", "fig3", INDEX_ONLY)
    counted = {"output": {**INDEX_ONLY["output"], "cutflow_every": 1}}
    every_tile = workshop.write_config("fig3_every_tile", "fig3", counted)

    def bl23_case(label, config, share, env):
        return (label, samples * share, lambda n: workshop.bl23_survey(config, n, 1, env))

    cases = [bl23_case(f"bl23, {isa}", full, ISA_SHARE[isa], {"BL23_ISA": isa}) for isa in isas]
    cases.append(bl23_case(f"bl23, {isas[0]}, cutflow_every: 1", every_tile, ISA_SHARE[isas[0]] / 4,
                           {"BL23_ISA": isas[0]}))
    for name in peers:
        label, share = PEERS[name]
        cases.append((label, samples * share, lambda n, name=name: workshop.peer(name, model, n)))
    return cases


def check_equal(cases):
    """All programs on the same samples; the list of survivors they agree on."""
    reference = None
    for label, _, run in cases:
        found = survivors_of(run(CHECK_SAMPLES)[2])
        if reference is None:
            reference = found
        compare_survivors(label, found, CHECK_SAMPLES, reference, CHECK_SAMPLES)
        say(f"  same survivors: {label} ({len(found)})")
    return reference


def time_comparison(cases, repeats):
    """All cases in turn, `repeats` times, so that a slow minute of the machine meets everybody."""
    seconds, mib = [[] for _ in cases], [[] for _ in cases]
    reference, reference_samples = None, 0
    for repeat in range(repeats):
        for k, (label, samples, run) in enumerate(cases):
            s, m, path = run(samples)
            seconds[k].append(s)
            mib[k].append(m)
            found = survivors_of(path)
            if reference is None:
                reference, reference_samples = found, samples
            compare_survivors(label, found, samples, reference, reference_samples)
        say(f"  round {repeat + 1} of {repeats} done")
    return [summarise(label, samples, seconds[k], mib[k])
            for k, (label, samples, _) in enumerate(cases)]


def time_bl23(workshop, name, config, samples, repeats, threads=1):
    runs = [workshop.bl23_survey(config, samples, threads) for _ in range(repeats)]
    return summarise(name, samples, [r[0] for r in runs], [r[1] for r in runs], threads=threads)


def time_surveys(workshop, samples):
    """One thread, two, and two processes of one thread each, which nothing but the machine keeps
    from being twice as fast as one: in turn."""
    rows = []
    for name, share in SURVEYS.items():
        config = workshop.write_config(name, name, {})
        n = samples * share
        cases = [("1", n, lambda c=config, n=n: workshop.bl23_survey(c, n, 1))]
        if len(workshop.cpus) > 1:
            cases.append(("2", n, lambda c=config, n=n: workshop.bl23_survey(c, n, 2)))
            cases.append(("1 + 1 (two processes)", 2 * n, lambda c=config,
                          n=n: workshop.bl23_side_by_side(c, n, 2)))
        runs = [[run() for _, _, run in cases] for _ in range(SURVEY_REPEATS)]
        for k, (threads, drawn, _) in enumerate(cases):
            rows.append(summarise(name, drawn, [r[k][0] for r in runs], [r[k][1] for r in runs],
                                  threads=threads))
    return rows


def time_ladder(workshop, samples):
    config = workshop.write_config("ladder", "fig3", INDEX_ONLY)
    steps = [samples / 4 / 10**k for k in (5, 3, 2, 1, 0)]
    return [time_bl23(workshop, count(n), config, n, SURVEY_REPEATS) for n in steps]


def time_knots(workshop, samples):
    rows = []
    for knots in (1, 16, 256, 4096):
        mass = {"fixed": 0.140} if knots == 1 else {"uniform": [0.116, 0.152], "knots": knots}
        config = workshop.write_config("knots", "fig3",
                                       {**INDEX_ONLY, "survey": {"mass_gev": mass}})
        rows.append(time_bl23(workshop, knots, config, samples * 0.1, SURVEY_REPEATS))
    return rows


def time_constraints(workshop, samples):
    rows = []
    for number, (sets, without) in CONSTRAINT_SETS.items():
        changes = {**INDEX_ONLY, "survey": {"mass_gev": {"fixed": PI0_MASS}},
                   "constraints": {"sets": sets, "without": without}}
        config = workshop.write_config("constraints", "fig3", changes)
        rows.append(time_bl23(workshop, number, config, samples * 0.1, SURVEY_REPEATS))
    return rows


def time_forecasts(workshop, samples):
    """What `bl23 check` expects and what the survey then takes, in turn."""
    rows = []
    cases = [(name, name, share, {}) for name, share in FORECASTS.items()]
    cases.append(("fig3, store: index, all kept", "fig3", 0.25, INDEX_ONLY))
    for label, survey, share, changes in cases:
        n = int(samples * share)
        config = workshop.write_config("forecast", survey, {**changes, "survey": {"samples": n}})
        for threads in (1, 2):
            if threads <= len(workshop.cpus):
                pairs = [(workshop.bl23_forecast(config, threads),
                          workshop.bl23_survey(config, n, threads)[0])
                         for _ in range(SURVEY_REPEATS)]
                expected, taken = (statistics.median(values) for values in zip(*pairs))
                rows.append({"name": label, "threads": threads, "samples": n,
                             "expected_s": expected, "taken_s": taken,
                             "ratios": [e / m for e, m in pairs]})
    return rows


def time_startup(workshop):
    rows = []
    for survey in ("fig3", "open_question"):
        config = workshop.write_config("startup", survey, {})
        rows.append(time_bl23(workshop, f"bl23 survey {survey} --samples 1, the whole process",
                              config, 1, 15))
    return rows


def measure(workshop, options):
    samples = options.samples
    probe = workshop.write_config("probe", "fig3", {})
    isas = workshop.available_isas(probe)
    jax = workshop.has_jax()
    peers = [name for name in PEERS if name != "jax_peer" or jax]
    if not jax:
        say(f"JAX is skipped: {options.jax_python} has none (pip install jax, or --jax-python)")
    machine = {**describe_machine(workshop), "jax": jax}
    if machine["load_average_at_start"] > 0.5:
        say(f"warning: other processes are running (load average "
            f"{machine['load_average_at_start']:.2f})")
    model = workshop.path("model.txt")
    export_model(workshop.bl23, probe, model)
    cases = comparison_cases(workshop, isas, peers, model, samples)
    say("checking survivors")
    agreed = check_equal(cases)
    say("timing")
    results = {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
               "command": shlex.join(["bench/bench_survey.py", *sys.argv[1:]]), "machine": machine,
               "repeats": options.repeats, "isas": isas, "threads": 1,
               "check_samples": CHECK_SAMPLES, "check_survivors": len(agreed),
               "comparison": time_comparison(cases, options.repeats)}
    for name, function in (("surveys", time_surveys), ("ladder", time_ladder),
                           ("knots", time_knots),
                           ("constraints", time_constraints), ("forecasts", time_forecasts)):
        say(f"  {name}")
        results[name] = function(workshop, samples)
    results["startup"] = time_startup(workshop)
    say("  in memory")
    results["memory"] = workshop.bl23_bench(samples / 4)
    results["loops"] = json.loads(run_checked([workshop.path("bench_loops")]))
    return results


def main():
    options = arguments()
    workshop = Workshop(options.build, options.jax_python)
    if not options.no_build:
        say("building")
        workshop.compile_bl23()
    workshop.compile_tools()
    try:
        results = measure(workshop, options)
    finally:
        workshop.clean()
    print_text(results)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as f:
            json.dump(results, f, indent=1)
    if options.markdown:
        write_markdown(results, options.markdown)


if __name__ == "__main__":
    main()
