#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""bl23 bound against surveys of random samples, its certificates, and what it refuses.

No sample may beat a bound, and the nearest must come close to it. BL23_SLOW=1: 1e10 samples.
"""
import json
import os
import random
import re

import before_pytest as t

SAMPLES = "1e10" if t.SLOW else "1e8"
ALTERED = 60                    # digits that are changed, one at a time
NEAR = 1.01                     # of the least tension
CONVEX = 1e-9


def bound(bl23, config, out=None, *options):
    done = t.run_ok([bl23, "bound", config, "--json", *(["-o", out] if out else []), *options], timeout=3600)
    return json.loads(done.stdout)


def by_mass(answers, key):
    return {m["mass_gev"]: m[key] for m in answers["masses"]}


def nothing_beats_it(bl23, folder, config, samples):
    """Every nearest sample above the proof; every survivor where it is open, with g below the largest."""
    out = os.path.join(folder, "survey.h5")
    t.run_ok([bl23, "survey", config, "-o", out, "--samples", samples, "--quiet", "--force"], timeout=3600)
    answers = bound(bl23, config)
    tension, g_max, state = by_mass(answers, "tension"), by_mass(answers, "g_max_proven"), by_mass(answers, "state")
    nearest, survivors = t.columns(out, "nearest"), t.columns(out)
    below = [(m, x) for m, x in zip(nearest["mass_gev"], nearest["tension"]) if x < tension[m]["lower"]]
    t.check(not below, f"{config}: no sample beats the least tension", below[:3])
    t.check(len(nearest["mass_gev"]) > 0, f"{config}: there are nearest samples")
    wrong = [m for m in set(survivors["mass_gev"]) if state[m] != "open"]
    t.check(not wrong, f"{config}: survivors only where it is open", wrong[:3])
    g = survivors["g_max" if "g_max" in survivors else "g_bl"]
    above = [(m, x) for m, x in zip(survivors["mass_gev"], g) if x > g_max[m] * (1 + 1e-12)]
    t.check(not above, f"{config}: no survivor above the largest g", above[:3])
    return answers, nearest, survivors


def open_question(bl23, source, folder):
    config = os.path.join(source, "scripts", "surveys", "open_question.yaml")
    answers, nearest, _ = nothing_beats_it(bl23, folder, config, SAMPLES)
    t.check(all(m["state"] == "excluded" for m in answers["masses"]), "excluded at every mass")
    t.check(len(answers["masses"]) == 256, "256 masses", len(answers["masses"]))
    gaps = [1 - m["tension"]["lower"] / m["tension"]["upper"] for m in answers["masses"]]
    t.check(max(gaps) < CONVEX, "primal and dual agree where the range is convex", max(gaps))
    least = min(m["tension"]["lower"] for m in answers["masses"])
    t.check(nearest["tension"][0] <= NEAR * least, "the nearest miss comes within 1 %", nearest["tension"][0], least)
    print(f"{SAMPLES} samples: nearest {nearest['tension'][0]:.6f}, least {least:.6f}, gap {max(gaps):.1e}")


def altered_files(bl23, folder, path):
    """One digit changed anywhere: refused, whether it is in a claim, a certificate or the checksum."""
    text = t.read(path).decode()
    digits = [m.start() for m in re.finditer(r"[0-9]", text)]
    random.seed(1)
    other = os.path.join(folder, "altered.json")
    multipliers = [p for p in digits if text.rfind("multipliers", 0, p) > text.rfind("part", 0, p)]
    for place in random.sample(digits, ALTERED // 2) + random.sample(multipliers, ALTERED // 2):
        changed = text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1:]
        with open(other, "w", encoding="utf-8") as f:
            f.write(changed)
        done = t.run([bl23, "bound", "--verify", other])
        t.check(done.returncode in (1, 2) and done.stderr and not done.stdout,
                f"byte {place} altered: refused", text[place - 30:place + 10], *t.told(done))
    for name, content in (("empty", ""), ("short", text[:200]), ("json", "{}\n"), ("cut", text[:-400]), ("longer", text + "\n")):
        with open(other, "w", encoding="utf-8") as f:
            f.write(content)
        done = t.run([bl23, "bound", "--verify", other])
        t.check(done.returncode in (1, 2) and done.stderr.count("\n") == 1, f"{name} file: refused", *t.told(done))


def forged(bl23, folder, path):
    """False claims under a checksum that is right, so that only the check of each claim can refuse them."""
    other = os.path.join(folder, "forged.json")

    def excluded(c):
        return next(m for m in c["masses"] if m["possible"])

    def seal(content):
        """The checksum is the one that the refusal names."""
        text = json.dumps({"format": "bl23-bound", "format_version": 4, "checksum": "0" * 16})[:-1]
        text += ",\n" + json.dumps({k: v for k, v in content.items() if k not in ("format", "format_version", "checksum")})[1:]
        for _ in range(2):
            with open(other, "w", encoding="utf-8") as f:
                f.write(text)
            done = t.run([bl23, "bound", "--verify", other])
            digits = re.search(r"its checksum is ([0-9a-f]{16})", done.stderr)
            text = text.replace("0" * 16, digits.group(1), 1) if digits else text
        return done

    whole = t.read(path).decode()
    done = seal(json.loads(whole))
    t.check(done.returncode == 0, "the same claims, sealed again: verified", *t.told(done))
    forgeries = {
        "g of the witness": lambda c: excluded(c)["tension"].update(g_bl=2 * excluded(c)["tension"]["g_bl"]),
        "reached, worse": lambda c: excluded(c)["tension"].update(upper=1e9),
        "reached, slightly worse": lambda c: excluded(c)["tension"].update(upper=excluded(c)["tension"]["upper"] * (1 + 1e-9)),
        "proven": lambda c: excluded(c)["tension"].update(lower=excluded(c)["tension"]["lower"] * 1.001),
        "v of a part": lambda c: excluded(c)["tension"]["certificate"][0].update(v=20.0),
        "state": lambda c: excluded(c).update(state="open"),
        "decided by": lambda c: excluded(c).update(decided_by="nobody"),
        "constraints": lambda c: c.update(constraints="none"),
        "program": lambda c: c.update(program="bl23 99"),
    }
    for name, forge in forgeries.items():
        content = json.loads(whole)
        forge(content)
        done = seal(content)
        t.check(done.returncode == 1 and done.stderr.count("\n") == 1 and not done.stdout, f"forged {name}: refused", *t.told(done))


def certificates(bl23, source, folder):
    for name in ("fig3", "today", "random_g"):
        config = t.with_changes(os.path.join(source, "scripts", "surveys", name + ".yaml"),
                                os.path.join(folder, name + ".yaml"), output={"max_survivors": 20000})
        settings = t.load_yaml(config)
        if "knots" in settings["survey"]["mass_gev"]:
            settings["survey"]["mass_gev"]["knots"] = 16
            t.save_yaml(config, settings)
        nothing_beats_it(bl23, folder, config, "2e6")
        path = os.path.join(folder, name + ".json")
        bound(bl23, config, path)
        done = t.run_ok([bl23, "bound", "--verify", path])
        t.check("verified" in done.stdout, f"{name}: verified", *t.told(done))
    altered_files(bl23, folder, os.path.join(folder, "random_g.json"))
    settings = t.load_yaml(os.path.join(source, "scripts", "surveys", "open_question.yaml"))
    settings["survey"]["mass_gev"]["knots"] = 2
    config, path = (os.path.join(folder, "excluded" + end) for end in (".yaml", ".json"))
    t.save_yaml(config, settings)
    bound(bl23, config, path)
    forged(bl23, folder, path)


def witnesses(bl23, source, folder):
    """An open mass: `bl23 point` passes its witness."""
    config = os.path.join(source, "scripts", "surveys", "fig3.yaml")
    mass = bound(bl23, config)["masses"][0]
    w = mass["tension"]
    t.check(mass["state"] == "open", "Fig. 3 is open", mass["state"])
    row = ",".join(f"{w[f'wu1{i}_abs']!r},{w[f'wu1{i}_phase'] / 3.141592653589793!r}" for i in (1, 2, 3))
    done = t.run_ok([bl23, "point", "--mass", "0.140", "--g", repr(w["g_bl"]), f"--w={row}", "--constraints", "paper2020", "--json"])
    passes = {c["name"]: c["pass"] for c in json.loads(done.stdout)["constraints"]}
    t.check(passes["koto_events"] and passes["gm2"], "bl23 point passes the witness of Fig. 3", passes)


def printed(text):
    """The two numbers of the summary on the terminal: {name: (proven, reached)}, as texts."""
    found = {}
    for name in ("Least tension", "Largest g there"):
        one = re.search(rf"^{name} +(\S+) at \S+ GeV, proven and reached", text, flags=re.M)
        both = re.search(rf"^{name} +[<>]= (\S+) proven, (\S+) reached, at", text, flags=re.M)
        if one or both:
            found[name] = (one.group(1), one.group(1)) if one else both.groups()
    return found


def cancelled_row(bl23, folder, settings):
    """KOTO's band against K+ at a light Z': a witness whose H_ds is a rest of large terms is the same to --verify."""
    settings = json.loads(json.dumps(settings))
    settings["survey"].update(mass_gev={"fixed": 3.032297e-8}, g_bl={"log_uniform": [1.776e-11, 1.038e-3]})
    settings["constraints"].update(sets=["paper2020"], without=["gm2"])
    config, path = (os.path.join(folder, "cancelled" + end) for end in (".yaml", ".json"))
    t.save_yaml(config, settings)
    mass = bound(bl23, config, path)["masses"][0]
    t.check(mass["state"] == "open" and mass["tension"]["lower"] <= mass["tension"]["upper"], "a row that cancels passes", mass["tension"])
    t.run_ok([bl23, "bound", "--verify", path])


def light_masses(bl23, source, folder):
    """Longitudinal Z' dominate at small masses, so that the largest g goes as the mass: proven, reached, and by samples."""
    settings = t.load_yaml(os.path.join(source, "scripts", "surveys", "open_question.yaml"))
    settings["survey"]["mass_gev"] = {"list": [1.0e-12, 1.0e-9, 1.0e-6, 1.0e-3]}
    settings["constraints"]["without"] = ["koto_events", "gm2"]
    config, path = (os.path.join(folder, "light" + end) for end in (".yaml", ".json"))
    t.save_yaml(config, settings)
    answers, _, survivors = nothing_beats_it(bl23, folder, config, "1e6")
    bound(bl23, config, path)
    t.run_ok([bl23, "bound", "--verify", path])
    slopes = [m["g_max_proven"] / m["mass_gev"] for m in answers["masses"]]
    for m, slope in zip(answers["masses"], slopes):
        t.check(m["state"] == "open" and m["tension"]["g_bl"] > 0, f"{m['mass_gev']} GeV is open, at a g above zero", m)
        t.check(m["g_max_proven"] <= m["g_max_reached"] * (1 + CONVEX), f"{m['mass_gev']} GeV: tight", m)
        t.check(abs(slope / slopes[0] - 1) < 3 * m["mass_gev"], "the largest g goes as the mass", slopes)
        sampled = survivors["g_max"][survivors["mass_gev"] == m["mass_gev"]].max()
        t.check(sampled > 0.5 * m["g_max_proven"], "samples come near it", sampled, m["g_max_proven"])
    cancelled_row(bl23, folder, settings)
    settings["constraints"]["without"] = []
    t.save_yaml(config, settings)
    rows = [m for m in bound(bl23, config)["masses"] if m["mass_gev"] < 1e-3]
    products = [m["tension"]["upper"] * m["mass_gev"] for m in rows]
    t.check(all(m["tension"]["upper"] <= m["tension"]["lower"] * (1 + CONVEX) for m in rows), "the tension is tight too", rows)
    t.check(max(products) < min(products) * 1.0001, "and goes as one over the mass", products)


def what_is_printed(bl23, source, folder):
    """One number where proven and reached print alike, else both, each on its safe side; reasons and no empty headings."""
    def changed(name, **changes):
        path = os.path.join(folder, name + ".yaml")
        settings = t.load_yaml(os.path.join(source, "scripts", "surveys", "open_question.yaml"))
        settings["survey"].update({"mass_gev": {"fixed": 0.14}, **changes.pop("survey", {})})
        settings["constraints"].update(changes)
        t.save_yaml(path, settings)
        return path, t.run_ok([bl23, "bound", path]).stdout, bound(bl23, path)["masses"][0]

    def agree(text, mass, name, lower, upper):
        proven, reached = printed(text).get(name, ("nan", "nan"))
        digits = len(proven.split("e")[0].replace(".", "").strip("0"))
        t.check(abs(float(proven) / lower - 1) < 10.0 ** (1 - digits) and abs(float(reached) / upper - 1) < 10.0 ** (1 - digits),
                f"{name}: what is printed", proven, lower, reached, upper)
        return proven, reached

    _, text, mass = changed("excluded_one")
    agree(text, mass, "Least tension", mass["tension"]["lower"], mass["tension"]["upper"])
    agree(text, mass, "Largest g there", mass["g_max_proven"], mass["g_max_reached"])
    t.check("One limit to give way" in text, "where it is excluded, what would have to give way", text)
    bands = [{"name": name, "observable": name, "band_1sigma": band, "band_2sigma": band, "cite": "planted"}
             for name, band in (("br_kl_pi0", [2.2404e-9, 7.6030e-9]), ("br_b0_pi0", [7.1781e-6, 7.6980e-6]), ("br_b0_k0", [1.5475e-4, 2.7801e-4]))]
    _, text, mass = changed("gap", sets=["current"], without=["koto_2018", "koto_2024_pi0", "na62_2025", "na62_pi0window"], extra=bands)
    lower, upper = mass["tension"]["lower"], mass["tension"]["upper"]
    t.check(upper > lower * (1 + 1e-6), "bands on moduli leave a gap", lower, upper)
    proven, reached = agree(text, mass, "Least tension", lower, upper)
    t.check(proven != reached and float(proven) <= lower, "both are printed, the proven one rounded down", proven, reached, lower)
    t.check("One limit to give way" not in text, "no heading with nothing under it", text)
    _, text, mass = changed("small_g", sets=["current"], without=[], survey={"g_bl": {"log_uniform": [1.0e-12, 1.0e-3]}})
    t.check(0 < mass["tension"]["lower"] <= mass["tension"]["upper"] == 1e-9, "a tension that is positive and nothing", mass["tension"])
    proven = re.search(r"^Least tension +< 1e-09 at 0.14 GeV, proven >= (\S+): as good as none$", text, flags=re.M)
    t.check(proven and 0 < float(proven.group(1)) <= mass["tension"]["lower"], "is called so", text)
    _, text, mass = changed("no_band", without=["koto_events", "gm2"])
    t.check("Least tension   0 at 0.14 GeV: nothing asks for a g" in text, "no band, no tension", text)
    planted = {"name": "negative", "observable": "delta_a_mu", "central": -3.0e-9, "sigma": 1.0e-10, "cite": "planted"}
    _, text, mass = changed("closed_mode", survey={"mass_gev": {"list": [0.35, 0.4]}}, extra=[])
    reason = "koto_events asks for K_L -> pi0 Z', closed at this mass"
    t.check(text.count(reason) == 2 and "0.4 GeV: " + reason in text, "a band on a closed mode is named, above and in the table", text)
    _, text, mass = changed("negative_band", extra=[planted])
    t.check(not mass["possible"] and mass["decided_by"] == "negative leaves no Delta a_mu above zero" and mass["decided_by"] in text,
            "so is a band below zero", text, mass)


def constraints_named(bl23, source, folder):
    """The file, --json and the terminal name the constraints with the same words: sets, what is left out, what is added."""
    settings = t.load_yaml(os.path.join(source, "scripts", "surveys", "open_question_koto.yaml"))
    settings["survey"]["mass_gev"] = {"list": [0.12, 0.14]}
    mine = {"name": "my_bk", "observable": "br_bp_kp", "upper": 1.0e-5, "cl": 0.9, "cite": "planted"}
    for name, extra, words in (("named", [], "paper2020, b_invisible_2021 without gm2, na62_pi0, e949"),
                               ("named_extra", [mine], "paper2020, b_invisible_2021 without gm2, na62_pi0, e949 and my_bk")):
        config, path = (os.path.join(folder, name + end) for end in (".yaml", ".json"))
        settings["constraints"]["extra"] = extra
        t.save_yaml(config, settings)
        headline = re.search(r", constraints (.*) at 2 sigma,$", t.run_ok([bl23, "bound", config, "-o", path]).stdout, flags=re.M).group(1)
        texts = {headline, bound(bl23, config)["constraints"], json.loads(t.read(path))["constraints"]}
        t.check(texts == {words}, "one text names the constraints", texts, words)
        t.run_ok([bl23, "bound", "--verify", path])


def old_version(bl23, folder, path):
    """A file of another version is not called altered."""
    other = os.path.join(folder, "version2.json")
    with open(other, "w", encoding="utf-8") as f:
        f.write(t.read(path).decode().replace('"format_version": 4', '"format_version": 2', 1))
    done = t.run([bl23, "bound", "--verify", other])
    t.check(done.returncode == 2 and 
            "has format_version 2, and this program reads 4;" in done.stderr,
            "another version: refused as such", *t.told(done))


def whole_marks(source):
    """The first and the last mass are further inside than half a mark, whether the axis is linear or logarithmic."""
    t.sys.path.insert(0, os.path.join(source, "scripts"))
    import plot_bound as p  # it has drawn already, so that it can be had
    for masses in ([116.0, 152.0], [1e-9, 1e-6, 1.0], [140.0]):
        shown, axis = p.plt.subplots(figsize=(7.4, 4.0))
        mark, = axis.plot(masses, masses, "^", markersize=5)
        p.set_masses(axis, masses)
        shown.draw_without_rendering()
        half = 0.5 * mark.get_markersize() * shown.dpi / 72
        x, box = axis.transData.transform([(m, m) for m in masses])[:, 0], axis.get_window_extent()
        t.check(x.min() - half > box.x0 and x.max() + half < box.x1, f"marks at {masses} MeV are whole", x, box)
        p.plt.close(shown)


def marks_of_few(folder):
    """Few masses are marks and bars, more are lines and areas; the title names the constraints, and older files are refused."""
    import plot_bound as p
    shown = p.Bound(os.path.join(folder, "named_extra.json"))
    t.check("constraints paper2020, b_invisible_2021 without gm2, na62_pi0, e949 and my_bk" in shown.title(), "the title names all", shown.title())
    t.check(shown.few and "at the 2 masses that are marked" in p.asked_at(shown), "two masses are few", p.asked_at(shown))
    for few in (True, False):
        shown.few = few
        drawn, axes = p.plt.subplots(2, 1)
        p.draw_tension(axes[0], shown, None)
        p.draw_largest_g(axes[1], shown, None)
        lines = [line for axis in axes for line in axis.lines if "below this line" not in line.get_label()]
        t.check(len(lines) >= 2 and all((line.get_linestyle() == "None" and line.get_marker() == "o") == few for line in lines), "marks or lines", few, lines)
        t.check(all(len(axis.collections) == 1 and isinstance(axis.collections[0], p.plt.matplotlib.collections.LineCollection) == few for axis in axes),
                "bars or areas", few)
        p.plt.close(drawn)
    try:
        p.Bound(os.path.join(folder, "version2.json"))
        t.check(False, "plot_bound.py refuses an older file")
    except p.NotABound as refused:
        t.check("has format_version 2, and this script draws 4 only" in str(refused), "plot_bound.py refuses an older file as such", refused)


def figure(bl23, source, folder):
    """plot_bound.py draws what it is given, and refuses what is no bound."""
    script = os.path.join(source, "scripts", "plot_bound.py")
    path, survey = (os.path.join(folder, "random_g" + end) for end in (".json", ".h5"))
    t.run_ok([bl23, "survey", os.path.join(folder, "random_g.yaml"), "-o", survey, "--samples", "1e5", "--quiet"])
    done = t.run([t.sys.executable, script, path, "--survey", survey])
    if "No module named" in done.stderr:
        print("no figure: " + done.stderr.strip())
        return
    t.check(done.returncode == 0, "plot_bound.py draws", *t.told(done))
    for end in ("png", "pdf"):
        size = os.path.getsize(os.path.join(folder, "random_g_bound." + end))
        t.check(size > 10000, f"the {end} has something in it", size)
    other = os.path.join(folder, "other.h5")
    changed = t.with_changes(os.path.join(folder, "random_g.yaml"), os.path.join(folder, "other.yaml"), inputs="pdg2024")
    t.run_ok([bl23, "survey", changed, "-o", other, "--samples", "1e5", "--quiet"])
    done = t.run([t.sys.executable, script, path, "--survey", other])
    t.check(done.returncode == 2 and done.stderr.count("\n") == 1 and "another configuration" in done.stderr,
            "plot_bound.py refuses a survey of other inputs", *t.told(done))
    closed = os.path.join(folder, "closed.json")
    settings = t.load_yaml(os.path.join(source, "scripts", "surveys", "open_question.yaml"))
    settings["survey"]["mass_gev"] = {"list": [4.7]}
    t.save_yaml(os.path.join(folder, "closed.yaml"), settings)
    t.run_ok([bl23, "bound", os.path.join(folder, "closed.yaml"), "-o", closed])
    done = t.run([t.sys.executable, script, closed])
    t.check(done.returncode == 0, "one mass at which nothing meets a limit: a figure", *t.told(done))
    for name in ("closed_mode", "no_band", "gap"):
        out = os.path.join(folder, name + ".json")
        t.run_ok([bl23, "bound", os.path.join(folder, name + ".yaml"), "-o", out])
        done = t.run([t.sys.executable, script, out])
        t.check(done.returncode == 0 and not done.stderr, f"{name}: a figure", *t.told(done))
    whole_marks(source)
    marks_of_few(folder)
    done = t.run([t.sys.executable, script, survey])
    t.check(done.returncode == 2 and done.stderr.count("\n") == 1, "plot_bound.py refuses a survey as a bound", *t.told(done))


def refusals(bl23, source, folder):
    good = os.path.join(source, "scripts", "surveys", "fig3.yaml")
    fixed = t.with_changes(good, os.path.join(folder, "fixed.yaml"), survey={"w": {"fixed": [1, 0, 0, 0, 0, 0]}})
    cases = (([], "bl23 bound takes one CONFIG (got 0 operands)"),
             (["none.yaml"], "none.yaml cannot be read (No such file or directory)"),
             ([fixed], f"{fixed}: w must be haar, because a bound is about every row"),
             ([good, "-o", "none/x.json"], "'none/x.json' is in a folder that does not exist"),
             ([good, "--set", "m_t=5"], "m_t (top quark mass) must be a number from 100 to 1000"),
             ([good, "--inputs", "pdg1066"], "must be pdg2018 or pdg2024 (got 'pdg1066')"),
             ([good, "--nonsense"], "unknown option --nonsense for 'bl23 bound'"),
             (["--verify", "none.json"], "none.json cannot be read (No such file or directory)"),
             (["--verify", good], f"{good} is not a file of certificates, as 'bl23 bound"),
             (["--verify", good, "-o", "x"], "--verify cannot be combined with -o"),
             ([good, good], "bl23 bound takes one CONFIG (got 2 operands)"),
             ([good, "-o", fixed], f"-o: '{fixed}' exists; choose a name that is free"))
    for options, says in cases:
        done = t.run([bl23, "bound", *options], cwd=folder)
        t.check(done.returncode == 2 and says in done.stderr and done.stderr.count("\n") == 1 and not done.stdout,
                f"bound {options}: refused", *t.told(done))


def main():
    bl23, source = t.arguments()
    folder = t.work_folder()
    refusals(bl23, source, folder)
    witnesses(bl23, source, folder)
    certificates(bl23, source, folder)
    old_version(bl23, folder, os.path.join(folder, "random_g.json"))
    light_masses(bl23, source, folder)
    what_is_printed(bl23, source, folder)
    constraints_named(bl23, source, folder)
    figure(bl23, source, folder)
    open_question(bl23, source, folder)
    t.finish()


if __name__ == "__main__":
    main()
