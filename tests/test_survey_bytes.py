#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The same survey gives the same file, however it is computed, and a replay rebuilds it.

Every shipped survey over threads, ranges, commits and instruction sets; replay of records and of
indices; thinning; pinned tables; the layout of the file.
"""
import os

import numpy as np

import survey_tools as t

SAMPLES = {"fig3": 300000, "open_question": 1200000, "random_g": 1200000, "today": 300000, "loose": 1200000}
LOOSE = {"without": ["koto_events", "gm2"]}      # random_g, but so that something survives
WAYS = ([("threads", ["--threads", n], {}) for n in (1, 2, 7)]
        + [("range", ["--range", n], {}) for n in (4096, 5000, 65536)]
        + [("range and commit", ["--range", n, "--commit", 0], {}) for n in (20001, 65536)]
        + [("instruction set", [], {"BL23_ISA": isa}) for isa in ("generic", "avx2", "avx512", "neon")])
REAL_COLUMNS = 28


class Survey:
    def __init__(self, bl23, source, folder, name):
        self.bl23, self.name, self.folder = bl23, name, folder
        shipped = os.path.join(source, "scripts", "surveys", ("random_g" if name == "loose" else name) + ".yaml")
        self.config = shipped if name != "loose" else t.with_changes(shipped, os.path.join(folder, "loose.yaml"),
                                                                     constraints=LOOSE)
        self.samples = SAMPLES[name] * (20 if t.SLOW else 1)
        self.reference = os.path.join(folder, name + ".h5")

    def run(self, out, *options, env=None, config=None, samples=None):
        command = [self.bl23, "survey", config or self.config, "-o", out, "--quiet",
                   "--samples", samples or self.samples, *options]
        return t.run(command, env=env)

    def made(self, out, *options, **more):
        done = self.run(out, *options, **more)
        t.check(done.returncode == 0, f"{self.name}: survey", *t.told(done))
        t.check(not os.path.exists(out + ".run"), f"{self.name}: no folder {out}.run is left")
        return out

    def altered(self, name, **output):
        return t.with_changes(self.config, os.path.join(self.folder, name + ".yaml"), output=output)


def check_ways(s):
    compared = 0
    for what, options, env in WAYS:
        out = os.path.join(s.folder, "way.h5")
        done = s.run(out, *options, env=env)
        label = f"{s.name}: {what} {options} {env}"
        if env and done.returncode == 2 and "instruction set of this processor" in done.stderr:
            print(f"    not compared, the instruction set is not here: {env}")
            continue
        if t.check(done.returncode == 0, label, *t.told(done)):
            t.check_same(s.reference, out, label)
            compared += 1
            os.remove(out)
    t.check(compared >= len(WAYS) - 2, f"{s.name}: {compared} of {len(WAYS)} ways compared")


def check_layout(s):
    with t.h5py.File(s.reference, "r") as f:
        stored, passed = int(f.attrs["stored"]), int(f.attrs["passed"])
        t.check(f.attrs["format"] == b"bl23-survey" and f.attrs["complete"] == 1 and f.attrs["samples"] == s.samples,
                f"{s.name}: attributes of /", dict(f.attrs))
        t.check(set(f) == {"config", "provenance", "citations", "tables", "survivors", "nearest", "cutflow",
                           "histograms", "extrema"}, f"{s.name}: groups", list(f))
        for group in ("survivors", "nearest"):
            lengths = {len(f[group][c]) for c in f[group]}
            t.check(len(lengths) == 1, f"{s.name}: columns of {group} are equally long", lengths)
            t.check(len(f[group]) >= REAL_COLUMNS, f"{s.name}: columns of {group}", list(f[group]))
        bare = []
        f.visititems(lambda name, o: bare.append(name) if isinstance(o, t.h5py.Dataset)
                     and not {"unit", "description"} <= set(o.attrs) else None)
        t.check(not bare, f"{s.name}: unit and description on every dataset", bare)
        index = f["survivors/index"][...].astype(np.int64)
        t.check(np.all(np.diff(index) > 0) and len(index) == stored, f"{s.name}: survivors in order of index", index[:9])
        t.check(stored == min(passed, 100000), f"{s.name}: {stored} stored of {passed}")
        tension = f["nearest/tension"][...]
        t.check(np.all(np.diff(tension) >= 0), f"{s.name}: nearest in order of tension", tension[:9])
        for name in f["histograms"]:
            h = f["histograms"][name]
            total = int(h[...].sum()) + sum(int(h.attrs.get(k, 0)) for k in ("underflow", "overflow"))
            whole = h.ndim == 1
            t.check(total == passed if whole else total <= passed, f"{s.name}: {name} counts every survivor", total, passed)
            edges = h.attrs["edges"] if whole else h.attrs["edges_x"]
            t.check(len(edges) == h.shape[0] + 1 and np.all(np.diff(edges) > 0), f"{s.name}: edges of {name}", edges)
        cut = f["cutflow"]
        t.check(int(cut["mass_drawn"][...].sum()) == s.samples and int(cut["mass_passed"][...].sum()) == passed
                and (int(cut["passed"][-1]) == passed or int(cut.attrs["every"]) > 1 and int(cut["passed"][-1]) <= passed)
                and np.array_equal(cut["by_mass"][...].sum(axis=1), cut["passed"][...]),
                f"{s.name}: sums of the cut-flow", cut["passed"][...], passed)
        check_histogram(s, f)


def check_histogram(s, f):
    """One histogram and the extrema again from the columns, where all survivors are stored."""
    if int(f.attrs["stored"]) != int(f.attrs["passed"]) or not int(f.attrs["stored"]):
        return
    column, h = f["survivors/wu12_abs"][...] ** 2, f["histograms/wu12_abs2"]
    counts = np.histogram(column, h.attrs["edges"])[0]
    t.check(np.array_equal(counts, h[...]), f"{s.name}: histogram wu12_abs2 from the columns", counts, h[...])
    for k, name in enumerate(f["extrema/name"][...]):
        values = f["survivors"][name.decode()][...]
        index = f["survivors/index"][...]
        for end, at in (("min", np.argmin(values)), ("max", np.argmax(values))):
            found = f["extrema"][end][k], f["extrema"][end + "_index"][k]
            t.check(found == (values[at], index[at]), f"{s.name}: {end} of {name.decode()}", found, values[at], index[at])


def check_replay(s):
    for options in ([], ["--json"]):
        done = t.run_ok([s.bl23, "replay", s.reference, *options])
        t.check("identical" in done.stdout, f"{s.name}: replay", *t.told(done))
    before = t.read(s.reference)
    config, out, full = s.altered("index", store="index"), os.path.join(s.folder, "index.h5"), os.path.join(s.folder, "full.h5")
    s.made(out, config=config)
    t.check(list(t.columns(out)) == ["index"], f"{s.name}: store index holds indices only", list(t.columns(out)))
    t.run_ok([s.bl23, "replay", out, "-o", full])
    differing = t.h5_differences(s.reference, full)
    t.check(differing == ["@config_hash", "@seal", "config@seal", "config@yaml"], f"{s.name}: replay -o of indices equals the records", differing)
    t.run_ok([s.bl23, "replay", full])
    t.check(t.read(s.reference) == before, f"{s.name}: replay leaves the file as it was")
    none = s.made(os.path.join(s.folder, "none.h5"), config=s.altered("none", store="none"))
    t.check(len(t.columns(none)["index"]) == 0, f"{s.name}: store none holds nothing")
    same = all(np.array_equal(t.columns(none, g)[c], v) for g in ("cutflow", "extrema", "nearest")
               for c, v in t.columns(s.reference, g).items() if v.dtype.kind != "f" or not np.isnan(v).any())
    t.check(same, f"{s.name}: reductions do not depend on the store")


def check_sample(s):
    """replay --index of a survivor gives its stored row."""
    rows = t.columns(s.reference, "survivors")
    rows = rows if len(rows["index"]) else t.columns(s.reference, "nearest")
    done = t.run_ok([s.bl23, "replay", s.reference, "--index", int(rows["index"][0]), "--json"])
    found = t.parse_yaml(done.stdout)
    for name, values in rows.items():
        t.check(float(found[name]) == float(values[0]), f"{s.name}: replay --index {rows['index'][0]}: {name}",
                found[name], values[0])
    for index in (s.samples, 2 * s.samples):
        done = t.run([s.bl23, "replay", s.reference, "--index", index])
        t.check(done.returncode == 2 and "--index" in done.stderr, "an index beyond the survey", *t.told(done))


def check_thinning(s):
    full = t.columns(s.reference)
    n = len(full["index"])
    for limit in (1, 100, n // 2) if n > 1 else (1,):
        out = s.made(os.path.join(s.folder, "thin.h5"), "--threads", 7, config=s.altered("thin", max_survivors=limit))
        thin = t.columns(out)
        rows = np.searchsorted(full["index"], thin["index"])
        t.check(len(thin["index"]) == min(limit, n), f"{s.name}: {limit} survivors kept", len(thin["index"]))
        t.check(all(np.array_equal(full[c][rows], thin[c]) for c in full), f"{s.name}: a thinned set is a subset", limit)
        t.run_ok([s.bl23, "replay", out])
        os.remove(out)


def check_pinned(s):
    """The tables of a finished file, pinned, give the same file again."""
    out = os.path.join(s.folder, "pinned.h5")
    s.made(out, "--model", s.reference)
    t.check_same(s.reference, out, f"{s.name}: pinned to its own tables")


def main():
    bl23, source = t.arguments()
    t.h5diff_or_skip()
    for name in SAMPLES:
        s = Survey(bl23, source, t.work_folder(), name)
        s.made(s.reference)
        again = s.made(os.path.join(s.folder, "again.h5"))
        t.check_same(s.reference, again, f"{name}: the same command again")
        other = s.made(os.path.join(s.folder, "seed.h5"), "--seed", 2)
        t.check(not t.same_h5(s.reference, other)[0] and len(t.h5_differences(s.reference, other)) > 10,
                f"{name}: another seed gives another file, and the comparison sees it")
        check_layout(s)
        check_ways(s)
        check_replay(s)
        check_sample(s)
        check_thinning(s)
        check_pinned(s)
        print(f"{name}: {s.samples} samples, {len(t.columns(s.reference)['index'])} survivors stored", flush=True)
    t.finish()


if __name__ == "__main__":
    main()
