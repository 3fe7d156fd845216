#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The domain of g_B-L ends at 10 for every command that solves for g: survey, replay, point, plane and bound."""
import json
import math
import os

import survey_tools as t

END = 10.0
ROW = [0.5, 0.1, 0.5, -0.9, math.sqrt(0.5), 1.0]
SAMPLES = 20000


def band(name, observable, narrow, wide):
    return {"name": name, "observable": observable, "band_1sigma": narrow, "band_2sigma": wide, "cite": "planted"}


def save(folder, name, extra, **survey):
    return t.save_yaml(os.path.join(folder, name + ".yaml"),
                       {"survey": {"samples": SAMPLES, "mass_gev": {"fixed": 0.14}, **survey}, "constraints": {"extra": extra},
                        "output": {"nearest": 10}})


def answers(bl23, folder, config):
    """What a survey (its summary, its columns) and a bound say of one configuration."""
    out = config.replace(".yaml", ".h5")
    done = t.run_ok([bl23, "survey", config, "-o", out, "--quiet", "--json", "--backend", "cpu"])
    return json.loads(done.stdout), t.columns(out), t.columns(out, "nearest"), json.loads(t.run_ok([bl23, "bound", config, "--json"]).stdout)["masses"][0]


def beyond(bl23, folder):
    """A band of g above the end: nothing survives, T = 16/10 for the survey and by proof."""
    config = save(folder, "beyond", [band("big", "g_bl", [18, 22], [16, 24])])
    summary, _, nearest, mass = answers(bl23, folder, config)
    t.check(summary["passed"] == 0 and summary["cutflow"]["constraints"][0]["passed_alone"] == 0, "a band beyond the end: nothing survives", summary)
    t.check(mass["state"] == "excluded" and mass["decided_by"] == "big against range of g", "excluded, by the domain", mass)
    tensions = [*nearest["tension"], mass["tension"]["lower"], mass["tension"]["upper"]]
    t.check(all(abs(x / 1.6 - 1) < 1e-9 for x in tensions), "T = 16/10 for both", tensions)
    t.check((nearest["g_max"] == END).all() and mass["g_max_proven"] == END == mass["g_max_reached"], "no g above 10 is left", mass)


def across(bl23, folder):
    """Bands that reach beyond the end: what survives ends at 10, and is counted once in every way."""
    config = save(folder, "across", [band("rate", "br_b0_pi0", [200, 3000], [100, 5000]), band("g", "g_bl", [8, 12], [5, 15])])
    summary, survivors, _, mass = answers(bl23, folder, config)
    cuts = summary["cutflow"]["constraints"]
    t.check(0 < summary["passed"] < SAMPLES and cuts[-1]["passed"] == summary["passed"], "the last cut leaves the survivors", cuts, summary["passed"])
    t.check(cuts[0]["passed"] == cuts[0]["passed_alone"] == summary["passed"], "alone: by some g of the domain", cuts)
    t.check(survivors["g_max"].max() == END and (survivors["g_min"] >= 5).all(), "intervals end at 10")
    t.check(mass["state"] == "open" and mass["g_max_proven"] == END, "bound agrees", mass)
    shown = json.loads(t.run_ok([bl23, "replay", config.replace(".yaml", ".h5"), "--index", str(survivors["index"][0]), "--json"]).stdout)
    t.check(shown["g_max"] == survivors["g_max"][0], "replay agrees", shown)


def point_and_plane(bl23, folder):
    """A row whose limits leave g <= 30: with g free and in the plane it ends at 10, whatever the mode of g."""
    row = ",".join(map(str, ROW))
    config = save(folder, "roof", [{"name": "roof", "observable": "g_bl", "upper": 30, "cl": 0.9, "cite": "planted"}], w={"fixed": ROW})
    fixed = save(folder, "fixed", [{"name": "roof", "observable": "g_bl", "upper": 30, "cl": 0.9, "cite": "planted"}], w={"fixed": ROW}, g_bl={"fixed": 1e-3})
    for path in (config, fixed):
        plane = json.loads(t.run_ok([bl23, "plane", path, "--json", "-o", path.replace(".yaml", "-plane.h5")]).stdout)
        t.check(plane["allowed"]["g_max_1sigma"] == [END] == plane["allowed"]["g_max_2sigma"], f"{path}: the plane ends at 10", plane["allowed"])
        t.check(plane["constraints"][0]["g_max_2sigma"] == [30], f"{path}: the limit itself is drawn where it is", plane["constraints"])
    told = json.loads(t.run_ok([bl23, "point", "--mass", "4.6", "--g", "1e-3", f"--w={row}", "--constraints", "paper2020", "--json"]).stdout)
    t.check(told["g_max"] <= END, "point, where nothing limits g", told["g_max"])


def warnings(bl23, folder):
    """A band that asks for more than any w and any g of the domain give is named, whatever it is a band of."""
    words = "can never be met: it asks for g_B-L above 10 at 1 of the 1 masses"
    cases = (([16, 24], "g_bl", {}, True), ([9, 24], "g_bl", {}, False), ([16, 24], "g_bl", {"g_bl": {"log_uniform": [1e-3, 10]}}, True),
             ([1.0, 2.0], "delta_a_mu", {}, True), ([0.01, 1.0], "delta_a_mu", {}, False),
             ([1e26, 2e26], "br_bp_kp", {}, True), ([1e3, 2e3], "br_bp_kp", {}, False),
             ([1e3, 2e3], "br_b0_pi0", {"w": {"fixed": ROW}}, True), ([1e3, 2e3], "br_b0_pi0", {}, False))
    for k, (edges, observable, survey, said) in enumerate(cases):
        config = save(folder, f"warned{k}", [band("one", observable, edges, edges), {"name": "roof", "observable": "g_bl", "upper": 30, "cl": 0.9, "cite": "planted"}], **survey)
        done = t.run_ok([bl23, "check", config, "--no-forecast"])
        t.check((f"one {words}" in done.stdout) == said, f"{observable} in {edges}, {survey}: said {said}", *t.told(done))


def main():
    bl23, _ = t.arguments()
    folder = t.work_folder()
    beyond(bl23, folder)
    across(bl23, folder)
    point_and_plane(bl23, folder)
    warnings(bl23, folder)
    t.finish()


if __name__ == "__main__":
    main()
