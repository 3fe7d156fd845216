#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The same survey gives the same file, however it is computed, and a replay rebuilds it.

Every shipped survey over threads, ranges, commits and instruction sets; replay of records and of
indices; thinning; pinned tables; the layout of the file.
"""

import os

import numpy as np
import pytest

import survey_tools as t

SAMPLES = {
    "fig3": 300000,
    "open_question": 1200000,
    "random_g": 1200000,
    "today": 300000,
    "charm": 300000,
    "above_charm": 30000,
    "today_charm": 60000,
    "loose": 1200000,
    "bins": 200000,
    "columns": 200000,
}
SHORT = ("random_g", "today_charm", "bins")  # under the sanitizers
LOOSE = {"without": ["koto_events", "gm2"]}  # random_g, but so that something survives
BINS = {  # of today
    "histograms": [["wu12_abs2", "wu13_abs2"], ["log10_g", "phase23"]],
    "bins": {
        "wu11_abs2": [0.2, 0.20001],
        "wu12_abs2": [0.125, 0.25],
        "phase12": [-3.0, 1],
        "phase13": [0, 3.141592653589793],
        "phase23": {"range": [-3.141592653589793, 3.141592653589793], "number": 100},
        "log10_g": {"range": [-6.5, -5.2], "number": 254},
    },
}
WAYS = {
    "1 thread": ["--threads", 1],
    "2 threads": ["--threads", 2],
    "7 threads": ["--threads", 7],
    "range 4096": ["--range", 4096],
    "range 5000": ["--range", 5000],
    "range 65536": ["--range", 65536],
    "range 20001, commit 0": ["--range", 20001, "--commit", 0],
    "range 65536, commit 0": ["--range", 65536, "--commit", 0],
}
INSTRUCTION_SETS = ("generic", "avx2", "avx512", "neon")
REAL_COLUMNS = 28
GROUPS = set(t.GROUPS)


CHARM = {  # of today; a third of what today leaves survives
    "extra": [
        {"name": "d_life", "observable": "br_dp_known", "upper": 0.1, "cl": 0.9, "cite": "none"},
        {"name": "x12_im", "observable": "x12_im", "upper": 1.5e-4, "cl": 0.9, "cite": "none"},
    ]
}
COLUMNS_OF = {  # groups of columns that only some surveys have
    "charm": {"f_v_re", "f_v_im", "f_a_re", "f_a_im", "br_dp_pip", "br_d0_pi0", "br_ds_kp",
              "br_dp_rhop", "br_d0_rho0", "br_d0_omega", "br_lc_p", "br_dp_known", "x12", "x12_im"},
    "top": {"br_t_u", "br_t_c", "br_t_q"},
}


class Survey:
    """A shipped survey, its output, and how to run it in other ways."""

    def __init__(self, bl23, surveys, folder, name):
        self.bl23, self.name, self.folder = bl23, name, folder
        self.config = os.path.join(surveys, name + ".yaml")
        if name == "loose":
            base, self.config = os.path.join(surveys, "random_g.yaml"), self.beside("loose.yaml")
            t.with_changes(base, self.config, constraints=LOOSE)
        if name == "bins":
            base, self.config = os.path.join(surveys, "today.yaml"), self.beside("bins.yaml")
            t.with_changes(base, self.config, output=BINS)
        if name == "columns":
            base, self.config = os.path.join(surveys, "today.yaml"), self.beside("columns.yaml")
            t.with_changes(base, self.config, constraints=CHARM, output={"columns": "all"})
        self.samples = SAMPLES[name] * (20 if t.SLOW else 1)
        self.reference = self.made(name + ".h5")

    def beside(self, name):
        return os.path.join(self.folder, name)

    def run(self, out, *options, env=None, config=None):
        """The finished process of a survey into a file that is not there yet."""
        if os.path.exists(out):
            os.remove(out)
        config = config or self.config
        command = [self.bl23, "survey", config, "-o", out, "--quiet", "--samples", self.samples]
        return t.run([*command, *options], env=env)

    def made(self, name, *options, **more):
        """The path of an output that is made now; no folder of the run may be left."""
        out = self.beside(name)
        done = self.run(out, *options, **more)
        assert done.returncode == 0, t.told(done, f"{self.name}: survey")
        assert not os.path.exists(out + ".run"), f"{self.name}: the folder {out}.run is left"
        return out

    def altered(self, name, **output):
        """A configuration with other keys of the section `output`."""
        return t.with_changes(self.config, self.beside(name + ".yaml"), output=output)


@pytest.fixture(scope="module", params=SHORT if t.SHORT else SAMPLES)
def survey(request, bl23, surveys):
    with t.temporary_folder() as folder:
        yield Survey(bl23, surveys, folder, request.param)


def test_again(survey):
    again = survey.made("again.h5")
    t.assert_same(survey.reference, again, "the same command again")


def test_another_seed(survey):
    """Another seed gives another file, and both comparisons see it."""
    other = survey.made("seed.h5", "--seed", 2)
    assert not t.same_h5(survey.reference, other)[0]
    assert len(t.h5_differences(survey.reference, other)) > 10


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_ways(survey, options):
    way = survey.made("way.h5", *options)
    t.assert_same(survey.reference, way, f"options {options}")


@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
def test_instruction_set(survey, isa):
    out = survey.beside(isa + ".h5")
    done = survey.run(out, env={"BL23_ISA": isa})
    if isa != "generic" and done.returncode == 2 and "BL23_ISA" in done.stderr:
        pytest.skip(f"this processor lacks {isa}")
    assert done.returncode == 0, t.told(done)
    t.assert_same(survey.reference, out, f"BL23_ISA={isa}")


def test_instruction_sets_are_had(bl23, surveys, folder):
    """The processors that bl23 is built for have one set beside `generic` at least."""
    command = [bl23, "survey", os.path.join(surveys, "fig3.yaml"), "--samples", 4096, "--quiet"]
    codes = {
        isa: t.run([*command, "-o", isa + ".h5"], env={"BL23_ISA": isa}, cwd=folder).returncode
        for isa in INSTRUCTION_SETS
    }
    assert list(codes.values()).count(0) >= 2, codes


def test_layout(survey):
    with t.h5py.File(survey.reference, "r") as f:
        assert f.attrs["format"] == b"bl23-survey"
        assert f.attrs["complete"] == 1
        assert f.attrs["samples"] == survey.samples
        assert set(f) == GROUPS
        bare = []
        f.visititems(
            lambda name, item: (
                bare.append(name)
                if isinstance(item, t.h5py.Dataset)
                and not {"long_name", *(["units"] if item.dtype.kind != "S" else [])}
                <= set(item.attrs) | ({"units"} if name.startswith("extrema/") else set())
                else None
            )
        )
        assert not bare, f"datasets without units or long_name: {bare}"


@pytest.mark.parametrize("group", ("survivors", "nearest"))
def test_columns(survey, group):
    columns = t.columns(survey.reference, group)
    assert len(columns) >= REAL_COLUMNS, list(columns)
    lengths = {name: len(column) for name, column in columns.items()}
    assert len(set(lengths.values())) == 1, lengths


def test_order(survey):
    """Survivors rise in the index, the nearest in tension; all survivors are stored if they fit."""
    with t.h5py.File(survey.reference, "r") as f:
        stored, passed = int(f.attrs["stored"]), int(f.attrs["passed"])
        index = f["survivors/index"][...].astype(np.int64)
        assert np.all(np.diff(index) > 0) and len(index) == stored, index[:9]
        assert stored == min(passed, 100000)
        tension = f["nearest/tension"][...]
        assert np.all(np.diff(tension) >= 0), tension[:9]


def histograms(f):
    """Name and counts of each; the middles of bins stand beside them."""
    return [(name, h) for name, h in f["histograms"].items() if not name.endswith("_mid")]


def test_dimensions(survey):
    """Every dimension has a scale of its length in the same group, by which tools name it."""
    with t.h5py.File(survey.reference, "r") as f:
        for group in GROUPS:
            for name, data in f[group].items():
                if t.h5py.h5ds.is_scale(data.id):
                    assert data.ndim == 1 and data.attrs["NAME"].decode() == name, data.name
                    continue
                scales = [dimension[0] for dimension in data.dims]
                assert [len(scale) for scale in scales] == list(data.shape), data.name
                assert all(scale.parent == data.parent for scale in scales), data.name
                for number, scale in enumerate(scales):
                    back = [(f[ref].name, d) for ref, d in scale.attrs["REFERENCE_LIST"]]
                    assert (data.name, number) in back, (data.name, number)
        for name, h in histograms(f):
            for axis, dimension in zip(name.split("__"), h.dims):
                edges = f["histograms"][axis].attrs["edges"]
                assert dimension[0].name == f"/histograms/{axis}_mid"
                assert np.allclose(dimension[0], (edges[1:] + edges[:-1]) / 2)


def test_content_hash(survey):
    """The hash follows from the file by its rule; a run elsewhere has the same one."""
    with t.h5py.File(survey.reference, "r") as f:
        expected = f.attrs["content_hash"].decode()
        assert len(expected) == 32 and expected == t.content_hash(f)
    again = survey.made("again.h5", "--threads", 2)
    with t.h5py.File(again, "r") as f:
        assert f.attrs["content_hash"].decode() == expected


def test_histograms(survey):
    """A histogram of one quantity counts every survivor; edges rise."""
    with t.h5py.File(survey.reference, "r") as f:
        passed = int(f.attrs["passed"])
        for name, h in histograms(f):
            outside = sum(int(h.attrs.get(key, 0)) for key in ("underflow", "overflow"))
            total = int(h[...].sum()) + outside
            assert total == passed if h.ndim == 1 else total <= passed, (name, total, passed)
            edges = h.attrs["edges" if h.ndim == 1 else "edges_x"]
            assert len(edges) == h.shape[0] + 1 and np.all(np.diff(edges) > 0), (name, edges)


def test_cutflow(survey):
    with t.h5py.File(survey.reference, "r") as f:
        cut, passed = f["cutflow"], int(f.attrs["passed"])
        last, every = int(cut["passed"][-1]), int(cut.attrs["every"])
        assert int(cut["mass_drawn"][...].sum()) == survey.samples
        assert int(cut["mass_passed"][...].sum()) == passed
        assert last == passed or every > 1 and last <= passed, (last, passed, every)
        assert np.array_equal(cut["by_mass"][...].sum(axis=1), cut["passed"][...])


def axis_values(f):
    """Of each axis of the histograms, from the columns of the survivors."""
    rows = f["survivors"]
    values = {f"wu1{k}_abs2": rows[f"wu1{k}_abs"][...] ** 2 for k in (1, 2, 3)}
    for i, k in ((1, 2), (1, 3), (2, 3)):
        turn = rows[f"wu1{k}_phase"][...] - rows[f"wu1{i}_phase"][...]
        values[f"phase{i}{k}"] = np.pi - (np.pi - turn) % (2 * np.pi)
    return {**values, "log10_g": np.log10(rows["g_bl"][...])}


@pytest.mark.parametrize("group", ("survivors", "nearest"))
def test_coupling(survey, group):
    """g_bl is a column of every survey, solved for or given: where the observables are given."""
    rows = t.columns(survey.reference, group)
    solved = t.load_yaml(survey.config)["survey"].get("g_bl", "solve") == "solve"
    assert solved == ("g_min" in rows) == ("g_max" in rows), sorted(rows)
    if solved:
        low, high = rows["g_min"], rows["g_max"]
        with np.errstate(invalid="ignore"):
            middle = np.where(low > 0, np.sqrt(low * high), high)
        assert np.allclose(rows["g_bl"], middle, rtol=1e-14, atol=0, equal_nan=True)


def test_from_columns(survey):
    """Histograms and extrema again from the columns, where every survivor is stored."""
    with t.h5py.File(survey.reference, "r") as f:
        stored, passed = int(f.attrs["stored"]), int(f.attrs["passed"])
        if stored != passed or not stored:
            pytest.skip(f"{stored} of {passed} survivors are stored")
        values = axis_values(f)
        for name, h in histograms(f):
            of = [values[axis] for axis in name.split("__")]
            edges = [h.attrs[key] for key in ("edges", "edges_x", "edges_y") if key in h.attrs]
            assert np.array_equal(np.histogramdd(of, edges)[0], h[...]), name
            if h.ndim == 1:
                outside = np.sum(of[0] < edges[0][0]), np.sum(of[0] > edges[0][-1])
                assert outside == (h.attrs["underflow"], h.attrs["overflow"]), name
        chosen = t.parse_yaml(f["config"].attrs["yaml"].decode())["output"].get("bins", {})
        assert chosen == t.load_yaml(survey.config)["output"].get("bins", {})
        for axis, bins in chosen.items():
            edges, ends, number = f["histograms"][axis].attrs["edges"], bins, 64
            if isinstance(bins, dict):
                number = bins["number"]
                ends = bins.get("range", [-np.pi, np.pi])
            expected = np.linspace(*ends, number + 1)
            assert np.allclose(edges, expected, rtol=1e-15, atol=1e-15), axis
        index = f["survivors/index"][...]
        for k, name in enumerate(f["extrema/name"][...]):
            values = f["survivors"][name.decode()][...]
            for end, row in (("min", np.argmin(values)), ("max", np.argmax(values))):
                found = f["extrema"][end][k], f["extrema"][end + "_index"][k]
                assert found == (values[row], index[row]), f"{end} of {name.decode()}"


@pytest.mark.parametrize("options", ([], ["--json"]), ids=("text", "json"))
def test_replay(survey, options):
    before = t.read(survey.reference)
    done = t.run_ok([survey.bl23, "replay", survey.reference, *options])
    assert "identical" in done.stdout, t.told(done)
    assert t.read(survey.reference) == before, "replay changed the file"


def test_store_index(survey):
    """A file of indices holds nothing else, and replay -o makes the records of it."""
    before, full = t.read(survey.reference), survey.beside("full.h5")
    out = survey.made("index.h5", config=survey.altered("index", store="index"))
    assert list(t.columns(out)) == ["index"]
    t.run_ok([survey.bl23, "replay", out, "-o", full])
    differing = t.h5_differences(survey.reference, full)
    assert differing == ["@config_hash", "@content_hash", "@seal", "config@seal", "config@yaml"]
    t.run_ok([survey.bl23, "replay", full])
    assert t.read(survey.reference) == before, "replay changed the file"


def test_store_none(survey):
    """Reductions do not depend on what is stored."""
    none = survey.made("none.h5", config=survey.altered("none", store="none"))
    assert len(t.columns(none)["index"]) == 0
    for group in ("cutflow", "extrema", "nearest"):
        found = t.columns(none, group)
        for name, column in t.columns(survey.reference, group).items():
            if column.dtype.kind != "f" or not np.isnan(column).any():
                assert np.array_equal(found[name], column), f"{group}/{name}"


def test_replay_index(survey):
    """replay --index of a survivor gives its stored row."""
    rows = t.columns(survey.reference, "survivors")
    rows = rows if len(rows["index"]) else t.columns(survey.reference, "nearest")
    index = int(rows["index"][0])
    done = t.run_ok([survey.bl23, "replay", survey.reference, "--index", index, "--json"])
    found = t.parse_yaml(done.stdout)
    for name, values in rows.items():
        assert float(found[name]) == float(values[0]), f"sample {index}: {name}"


@pytest.mark.parametrize("times", (1, 2))
def test_replay_beyond(survey, times):
    command = [survey.bl23, "replay", survey.reference, "--index", times * survey.samples]
    done = t.run(command)
    assert done.returncode == 2 and "--index" in done.stderr, t.told(done)


@pytest.mark.parametrize("share", ("1", "100", "half"))
def test_thinning(survey, share):
    """A thinned set of survivors is a subset, and replay accepts it."""
    full = t.columns(survey.reference)
    n = len(full["index"])
    limit = n // 2 if share == "half" else int(share)
    if limit != 1 and n <= 1:
        pytest.skip(f"{n} survivors cannot be thinned")
    config = survey.altered("thin", max_survivors=limit)
    out = survey.made("thin.h5", "--threads", 7, config=config)
    thin = t.columns(out)
    rows = np.searchsorted(full["index"], thin["index"])
    assert len(thin["index"]) == min(limit, n)
    for name, column in full.items():
        assert np.array_equal(column[rows], thin[name]), f"limit {limit}: {name}"
    t.run_ok([survey.bl23, "replay", out])


def test_pinned(survey):
    """The tables of a finished file, pinned, give the same file again."""
    out = survey.made("pinned.h5", "--model", survey.reference)
    t.assert_same(survey.reference, out, "pinned to its own tables")


@pytest.mark.parametrize(
    "observable, columns, groups",
    (
        (None, "limited", ()),
        ("br_d0_omega", "limited", ("charm",)),
        ("x12", None, ("charm",)),
        ("br_t_q", "limited", ("top",)),
        (None, "all", ("charm", "top")),
    ),
)
def test_groups(bl23, surveys, folder, observable, columns, groups):
    """Columns of a group are there if one of its observables is limited, or on demand."""
    limit = {"name": "wide", "observable": observable, "upper": 1e90, "cl": 0.9, "cite": "none"}
    plain, config = os.path.join(surveys, "today.yaml"), os.path.join(folder, "groups.yaml")
    t.with_changes(
        plain,
        config,
        constraints={"extra": [limit] if observable else []},
        output={"columns": columns, "nearest": 5} if columns else {"nearest": 5},
    )
    usual, out = os.path.join(folder, "usual.h5"), os.path.join(folder, "groups.h5")
    options = ["--samples", 20000, "--quiet"]
    for path, name in ((plain, usual), (config, out)):
        t.run_ok([bl23, "survey", path, "-o", name, *options])
    more = set().union(*(COLUMNS_OF[group] for group in groups))
    with t.h5py.File(usual) as a, t.h5py.File(out) as b:
        for group in ("survivors", "nearest"):
            assert set(b[group]) == set(a[group]) | more and not set(a[group]) & more, group
        names = [{name.decode() for name in f["extrema/name"][...]} for f in (a, b)]
        assert names[1] == names[0] | more and names[1] == set(b["survivors"]) - {"index", "level"}
        assert int(a.attrs["passed"]) == int(b.attrs["passed"])
        for name in a["survivors"]:
            assert np.array_equal(a["survivors"][name][...], b["survivors"][name][...]), name
        for name in more:
            assert np.any(b["survivors"][name][...] != 0), name
    t.run_ok([bl23, "replay", out])
    index = ["--index", 123, "--json"]
    shown = [t.parse_yaml(t.run_ok([bl23, "replay", f, *index]).stdout) for f in (usual, out)]
    assert set(shown[1]) - set(shown[0]) == more
