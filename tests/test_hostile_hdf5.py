#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Parts of files replaced by what bl23 never writes, under seals that fit, for every command.

Every attribute, dataset and group of an output, of a tables file and of a cover. Each command that
reads it ends with exit 0, 1 or 2, soon; with 0 only if its answer is that of the unaltered file.
"""

import itertools
import os
import random
import re
import shutil
import subprocess

import hostile_tools as h
import pytest

import survey_tools as t

SEED = 20080997
SAMPLES, MORE = 8192, 20000
HANG_S = 30
CONFIG = """survey: {samples: 8192, seed: 3, mass_gev: {list: [0.14, 0.13]}}
constraints: {sets: [paper2020], without: [ccfr, na62_pi0, e949]}
output: {nearest: 20}
"""
COVER = CONFIG.replace("}\n", ", draw: cover, cover: {cells: 40}}\n", 1)
SURVEY = ["survey", "c.yaml", "--quiet", "--backend", "cpu", "--threads", 1]
MODEL = [*SURVEY, "-o", "x.h5", "--model", "t.h5"]
# The commands that read an output, and what they write.
OF_OUTPUTS = [
    (["replay", "t.h5"], None),
    (["replay", "t.h5", "--index", 5], None),
    (["replay", "t.h5", "-o", "x.h5"], "x.h5"),
    (["fit", "t.h5", "--starts", 1], None),
    ([*SURVEY, "-o", "t.h5"], None),
    ([*SURVEY, "-o", "t.h5", "--samples", MORE, "--extend"], "t.h5"),
    (["merge", "part.h5.run", "-o", "t.h5"], None),
    (MODEL, "x.h5"),
]
RECALL, EXTEND = 4, 5  # of them
VERIFY = (["cover", "--verify", "t.h5"], None)
WITHOUT_CELLS = [OF_OUTPUTS[k] for k in (RECALL, 6, 7)]  # what is finished, and other samples
# Bytes of the header of struct bl23_model (kernels/sample/model.h), as words.
N_KNOTS, N_CONSTRAINTS, G_MODE, W_MODE, LEVEL, GROUPS = 1, 2, 3, 4, 5, 6
COVER_BYTES, QUANTITY, N_ROWS, KNOT = 9, 25, 57, 58


class Case:
    """A file, the commands that read it, and their answers while it is whole."""

    def __init__(self, bl23, folder, good, commands):
        self.bl23, self.folder, self.good, self.commands = bl23, folder, good, commands
        self.path = os.path.join(folder, "t.h5")
        self.answers = [self.ask(k) for k in range(len(commands))]
        for (command, _), (done, _) in zip(commands, self.answers):
            assert done.returncode == 0, t.told(done, f"{command} on the good file")

    def restore(self):
        for name in ("t.h5.run", "x.h5.run"):
            shutil.rmtree(os.path.join(self.folder, name), ignore_errors=True)
        for name in ("x.h5", "outside.bin"):
            if os.path.exists(os.path.join(self.folder, name)):
                os.remove(os.path.join(self.folder, name))
        shutil.copy(self.good, self.path)

    def ask(self, k, change=None):
        """The k-th command on the file after a change: (process, content of what it wrote)."""
        self.restore()
        if change:
            with t.h5py.File(self.path, "r+") as f:
                change(f)
        command, written = self.commands[k]
        try:
            done = t.run([self.bl23, *command], cwd=self.folder, timeout=HANG_S)
        except subprocess.TimeoutExpired as slow:
            done = subprocess.CompletedProcess(
                [self.bl23, *command], None, str(slow.stdout), str(slow.stderr)
            )
        path = os.path.join(self.folder, written or "none")
        kept = os.path.join(self.folder, f"kept-{k}.h5")
        if change is None and written:
            shutil.copy(path, kept)
        return done, h_differences(kept, path) if written and done.returncode == 0 else []

    def judge(self, what, k, change, altered=""):
        """Check the answer to an altered file.

        `altered`: an object that may differ in what is written, as it does in what is read: it may
        be one that no command uses.
        """
        done, differing = self.ask(k, change)
        command, good = self.commands[k][0], self.answers[k][0]
        same = answer(done) == answer(good) or self.commands[k][1]
        differing = [name for name in differing if altered not in ("/" + name, "/") or not altered]
        assert done.returncode in (0, 1, 2), t.told(
            done, f"{what}: {' '.join(map(str, command))} ends by itself"
        )
        assert done.returncode != 0 or (same and not differing), t.note(
            f"{what}: another answer", differing, t.told(done)
        )
        assert done.returncode == 0 or done.stderr.startswith("bl23: "), t.told(
            done, f"{what}: it says why"
        )
        return done

    def refused(self, what, k, change, says=""):
        done = self.judge(what, k, change)
        assert done.returncode in (1, 2) and says in done.stderr, t.told(
            done, f"{what}: {' '.join(map(str, self.commands[k][0]))} refuses it"
        )


def answer(done):
    """What a command said, but for the hash of what nothing reads, such as a long_name."""
    return re.sub(r'(content_hash"?:? ).*', r"\1", done.stdout)


def h_differences(a, b):
    """Objects and attributes that differ; seals do where anything else does."""
    return [
        name.split("@")[0]
        for name in t.h5_differences(a, b)
        if not name.endswith(("@seal", "@xxh3", "@content_hash"))
    ]


def sealed(change, hashes=False, only=h.ALL):
    def both(f):
        change(f)
        if hashes:
            h.rehash(f)
        h.reseal(f, only)

    return both


def changes_of(path):
    """(what, object, change) for everything in the file and every kind of replacement."""
    attributes, datasets, groups = h.contents(path)
    for (where, key), kind in itertools.product(attributes, [*h.ATTRIBUTES, h.extreme]):
        what = f"attribute {key} of {where}: {kind if isinstance(kind, str) else 'extreme'}"
        yield what, where, kind, lambda f, w=where, y=key, c=kind: h.replace_attribute(f[w], y, c)
    for where, kind in itertools.product(datasets, [*h.DATASETS, h.extreme]):
        what = f"{where}: {kind if isinstance(kind, str) else 'extreme'}"
        yield what, where, kind, lambda f, w=where, c=kind: h.replace_dataset(f, w, c)
    for where, kind in itertools.product(groups, h.GROUPS):
        yield f"{where}: {kind}", where, kind, lambda f, w=where, c=kind: h.GROUPS[c](f, w)


def sample(changes, numbers):
    """Each kind of replacement once, of an object drawn at random."""
    by_kind = {}
    for change in changes:
        by_kind.setdefault((str(change[2]), " of " in change[0]), []).append(change)
    return [numbers.choice(group) for group in by_kind.values()]


def survey_in(bl23, folder, config):
    """An output and a part of it in a folder with their configuration."""
    with open(os.path.join(folder, "c.yaml"), "w", encoding="utf-8") as f:
        f.write(config)
    t.run_ok([bl23, *SURVEY, "-o", "good.h5"], cwd=folder)
    t.run_ok([bl23, *SURVEY, "-o", "part.h5", "--first", 0, "--count", SAMPLES], cwd=folder)
    return folder


@pytest.fixture(scope="module")
def bench(bl23, shared):
    """The folder with a configuration, an output, a part of it, and a tables file."""
    t.run_ok([bl23, "tables", "--mass", "0.14,0.13", "-o", "tables.h5"], cwd=shared)
    return survey_in(bl23, shared, CONFIG)


@pytest.fixture(scope="module")
def outputs(bl23, bench):
    return Case(bl23, bench, os.path.join(bench, "good.h5"), OF_OUTPUTS)


@pytest.fixture(scope="module")
def tables(bl23, bench):
    return Case(bl23, bench, os.path.join(bench, "tables.h5"), [(MODEL, "x.h5")])


@pytest.fixture(scope="module")
def drawn(bl23):
    """An output whose samples were drawn from a cover."""
    with t.temporary_folder() as folder:
        survey_in(bl23, folder, COVER)
        yield Case(bl23, folder, os.path.join(folder, "good.h5"), [*OF_OUTPUTS, VERIFY])


@pytest.fixture(scope="module")
def cover(bl23):
    """The file of a cover."""
    with t.temporary_folder() as folder:
        config = os.path.join(folder, "c.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(CONFIG)
        t.run_ok([bl23, "cover", config, "--cells", 40, "-o", "good.h5"], cwd=folder)
        yield Case(bl23, folder, os.path.join(folder, "good.h5"), [VERIFY])


@pytest.mark.parametrize("name", ("outputs", "drawn", "cover"))
def test_seals(request, name):
    """The seals of this test are those of bl23."""
    case = request.getfixturevalue(name)
    case.restore()
    with t.h5py.File(case.path, "r+") as f:
        sealed(lambda f: None, hashes=name == "outputs")(f)
    differing = t.h5_differences(case.good, case.path, exclude=())
    assert not differing, differing


@pytest.mark.parametrize("name", ("outputs", "tables", "drawn", "cover"))
def test_replaced(request, name):
    case, numbers = request.getfixturevalue(name), random.Random(SEED)
    everything = list(changes_of(case.good))
    only = h.ALL
    if name == "drawn":  # the rest is that of outputs
        only, everything = ["cover"], [x for x in everything if x[1].startswith("/cover")]
    changes = everything if t.SLOW else sample(everything, numbers)
    for n, (what, where, kind, change) in enumerate(changes):
        for k in range(3 if t.SLOW else 1):
            command = (n + 5 * k) % len(case.commands)
            if k < 2:
                case.judge(what + ", sealed", command, sealed(change, only=only), where)
            else:
                case.judge(what, command, change, where if kind is h.extreme else "")


# Attributes that are read before a seal is looked at, or are seals themselves, and what was written
# past the end of the memory for one value. Commands are of the case of outputs, or of tables.
READ_FIRST = (
    ("/", "format"),
    ("/", "format_version"),
    ("/", "complete"),
    ("/", "samples"),
    ("/", "config_hash"),
    ("/config", "yaml"),
    ("/", "seal"),
    ("/config", "seal"),
    ("/cutflow/passed", "xxh3"),
    ("/cutflow", "seal"),
)
OF_TABLES = (("/tables/forms", "xxh3"), ("/tables/kappa", "xxh3"))
LARGE = ("8000 numbers", "5000 texts", "variable texts", "an array type")


def check_read_first(case, attributes, commands):
    for n, ((where, key), kind) in enumerate(itertools.product(attributes, LARGE)):
        for k in commands if t.SLOW else commands[n % len(commands) :][:1]:
            case.refused(
                f"attribute {key} of {where}: {kind}",
                k,
                lambda f, w=where, y=key, c=kind: h.replace_attribute(f[w], y, c),
            )


def test_read_first(outputs):
    check_read_first(outputs, READ_FIRST, (RECALL, EXTEND, 0))


def test_read_first_of_tables(tables):
    check_read_first(tables, OF_TABLES, (0,))


def attribute(where, key, change):
    return lambda f: f[where].attrs.modify(key, change(f[where].attrs[key]))


def count(where, change):
    def apply(f):
        data = f[where][...]
        change(data)
        f[where][...] = data

    return apply


def word(k, value):
    return lambda f: count("tables/model", lambda data: data.view("u8").__setitem__(k, value))(f)


def test_counts(outputs):
    """Counts that contradict each other, with seals and hashes that fit."""
    case, u8 = outputs, t.np.uint64
    forged = {
        "no samples": attribute("/", "samples", lambda n: u8(0)),
        "one sample": attribute("/", "samples", lambda n: u8(1)),
        "2^64 - 1 samples": attribute("/", "samples", lambda n: u8(2**64 - 1)),
        "more passed than drawn": attribute("/", "passed", lambda n: u8(SAMPLES + 1)),
        "more at 1 sigma than passed": lambda f: attribute(
            "/", "passed_1sigma", lambda n: f.attrs["passed"] + u8(1)
        )(f),
        "more stored than passed": lambda f: attribute(
            "/", "stored", lambda n: f.attrs["passed"] + u8(1)
        )(f),
        "fewer stored": attribute("/", "stored", lambda n: n - u8(1)),
        "more nearest than kept": attribute("/", "nearest", lambda n: u8(10**6)),
        "more underflow": attribute("histograms/phase12", "underflow", lambda n: n + u8(1)),
        "an overflow that wraps": attribute(
            "histograms/phase12", "overflow", lambda n: u8(2**64 - 1)
        ),
        "a bin more": count("histograms/wu11_abs2", lambda d: d.__setitem__(3, d[3] + 1)),
        "a sample more of a mass": count(
            "cutflow/mass_drawn", lambda d: d.__setitem__(1, d[1] + 1)
        ),
        "a survivor more of a mass": count(
            "cutflow/mass_passed", lambda d: d.__setitem__(0, d[0] + 1)
        ),
        "a cut that adds samples": count(
            "cutflow/by_mass", lambda d: d.__setitem__((1, 0), d[0, 0] + 1)
        ),
        "more alone than drawn": count(
            "cutflow/passed_alone", lambda d: d.__setitem__(0, SAMPLES + 1)
        ),
        "more cut than drawn": attribute("cutflow", "drawn", lambda n: u8(SAMPLES + 1)),
        "an extremum beyond the survey": count(
            "extrema/max_index", lambda d: d.__setitem__(0, SAMPLES)
        ),
        "an extremum of none": count("extrema/min_index", lambda d: d.__setitem__(0, 2**64 - 1)),
        "an extremum that is no number": count("extrema/min", lambda d: d.__setitem__(2, t.np.nan)),
    }
    for n, (what, change) in enumerate(forged.items()):
        for k in (RECALL, EXTEND) if t.SLOW else (RECALL, EXTEND)[n % 2 :][:1]:
            case.refused(what, k, sealed(change))
    for what, change in (
        ("a survivor beyond", count("survivors/index", lambda d: d.__setitem__(-1, SAMPLES))),
        ("survivors not in order", count("survivors/index", lambda d: d.__setitem__(0, d[1]))),
        ("a nearest beyond", count("nearest/index", lambda d: d.__setitem__(0, 2**63))),
    ):
        for k in (0, 2, 3, EXTEND) if t.SLOW else (0, 3):
            case.refused(what, k, sealed(change))


def test_model(outputs):
    """Fields of the model that index arrays, with hashes and seals that fit."""
    case, n = outputs, 2
    for what, k, value in (
        ("n_knots", N_KNOTS, n + 1),
        ("n_knots", N_KNOTS, 0),
        ("n_knots", N_KNOTS, 2**61),
        ("n_constraints", N_CONSTRAINTS, 10**9),
        ("g_mode", G_MODE, 3),
        ("g_mode", G_MODE, 4),
        ("w_mode", W_MODE, 2),
        ("w_mode", W_MODE, 3),
        ("n_rows", N_ROWS, 1),
        ("n_rows", N_ROWS, 2**61),
        ("level", LEVEL, 10**9),
        ("level", LEVEL, 2**64 - 1),
        ("groups", GROUPS, 8),
        ("cover_bytes", COVER_BYTES, 8),
        ("constraint_quantity", QUANTITY, 10**9),
    ):
        for command in range(4) if t.SLOW else (1, 3):
            case.refused(
                f"model.{what} = {value}", command, sealed(word(k, value), hashes=True), "model"
            )
    for what, change in (
        ("NaN", lambda d: d.view("f8").__setitem__(slice(KNOT, None), t.np.nan)),
        ("1e308", lambda d: d.view("f8").__setitem__(slice(KNOT, None), 1e308)),
    ):
        case.refused(
            f"a model of {what}", 0, sealed(count("tables/model", change), hashes=True), "model"
        )


def cover_column(name, value, at=0):
    return lambda f: count("cover/" + name, lambda d: d.__setitem__(at, value))(f)


def as_long(make):
    """Another array of another length in the place of a dataset."""
    def change(f, path):
        attributes = dict(f[path].attrs.items())
        data = make(f[path][...])
        del f[path]
        f[path] = data
        for key in set(attributes) - set(t.REFERENCES):
            f[path].attrs[key] = attributes[key]
    return change


def each_mass(make):
    """Every dataset of a row for each mass made anew of its rows."""
    def change(f):
        for name in set(f["cover"]) - {"tree"}:
            as_long(make)(f, "cover/" + name)
    return change


def new_tree(make):
    return lambda f: as_long(make)(f, "cover/tree")


def both(*changes):
    return lambda f: [change(f) for change in changes]


def of_codes(*codes):
    """A tree of these codes alone in the place of the first one, whose bytes it fills."""
    def make(f):
        bits = t.np.array([code >> k & 1 for code in codes for k in range(3)], "u1")
        size = int(f["cover/offset"][1])
        packed = t.np.packbits(bits, bitorder="little")
        new_tree(lambda d: t.np.concatenate([packed, d[size:]]))(f)
        cover_column("nodes", len(codes))(f)
        cover_column("offset", len(packed), 1)(f)
    return make


NOT_WHOLE, NODES = "holds a tree that is not whole", "does not fit /cover/nodes"
FORGED_COVERS = {
    "2^64 - 1 nodes": (cover_column("nodes", 2**64 - 1), NODES),
    "2^61 nodes": (cover_column("nodes", 2**61), NODES),
    "no nodes": (cover_column("nodes", 0), NOT_WHOLE),
    "an offset of 2^64 - 1": (cover_column("offset", 2**64 - 1, 1), NODES),
    "trees that overlap": (cover_column("offset", 0, 1), NODES),
    "trees in another order": (each_mass(lambda d: d[::-1]), "/cover/"),
    "masses in another order": (count("cover/mass_gev", lambda d: d.sort()), "/cover/mass_gev"),
    "a mass that is no number": (cover_column("mass_gev", t.np.nan), "/cover/mass_gev"),
    "2^64 - 1 cells": (cover_column("cells", 2**64 - 1), "/cover/cells"),
    "a volume that is no number": (cover_column("volume_upper", t.np.nan), "/cover/volume_upper"),
    "a volume of 2": (cover_column("volume_upper", 2.0), "/cover/volume_upper"),
    "a negative volume": (cover_column("volume_inside", -1.0), "/cover/volume_inside"),
    "one mass of two": (each_mass(lambda d: d[:1]), "/cover/tree does not fit"),
    "no masses": (each_mass(lambda d: d[:0]), "/cover/"),
    "no trees": (new_tree(lambda d: d[:0]), NODES),
    "trees cut off": (new_tree(lambda d: d[:-1]), NODES),
    "bytes behind the trees": (new_tree(lambda d: t.np.append(d, d[-1])), NODES),
    "leaves alone": (count("cover/tree", lambda d: d.fill(255)), NOT_WHOLE),
    "splits without end": (count("cover/tree", lambda d: d.fill(0)), NOT_WHOLE),
    "a leaf missing": (of_codes(2, 6), NOT_WHOLE),
    "a leaf too many": (of_codes(2, 6, 6, 6), NOT_WHOLE),
    "b split on the diagonal": (of_codes(1, 6, 6), NOT_WHOLE),
    "a prefix of 32 bits": (of_codes(*[2] * 32, *[6] * 33), NOT_WHOLE),
    "a cell below 2^-60": (of_codes(*[2] * 31, *[3] * 30, *[6] * 62), NOT_WHOLE),
    "another tree": (of_codes(2, 6, 6), "/cover/"),
    "an empty one": (of_codes(5), ""),
}


@pytest.mark.parametrize("name", ("drawn", "cover"))
def test_covers(request, name):
    """Trees and numbers that contradict each other or name cells that cannot be."""
    case = request.getfixturevalue(name)
    reads = [k for k, command in enumerate(case.commands) if command not in WITHOUT_CELLS]
    for n, (what, (change, says)) in enumerate(FORGED_COVERS.items()):
        for k in reads if t.SLOW else reads[n % len(reads) :][:1]:
            done = case.judge(what, k, sealed(change, only=["cover"]))
            assert done.returncode == 1 and says in done.stderr, t.told(done, f"{what}: {says}")
            assert done.stderr.count("\n") == 1 and not done.stdout, t.told(done, what)


def reserve(version=1):
    """What another version may add: groups by their reserved names."""

    def change(f):
        for name in ("cover", "profiles"):
            f.create_group(name).attrs["version"] = t.np.uint64(version)
            f[name]["cell"] = t.np.arange(5.0)
            f[name]["cell"].attrs["xxh3"] = t.np.uint64(0)

    return change


def test_reserved(bench, bl23):
    """Reserved groups are accepted, kept and sealed; other columns are not."""
    good, path = os.path.join(bench, "good.h5"), os.path.join(bench, "reserved.h5")
    full = os.path.join(bench, "full.h5")
    with t.h5py.File(shutil.copy(good, path), "r+") as f:
        sealed(reserve())(f)
    t.run_ok([bl23, "replay", path, "-o", full])
    assert "cover" in t.h5py.File(full, "r") and "profiles" in t.h5py.File(full, "r")
    t.run_ok([bl23, "replay", full])
    done = t.run_ok([bl23, *SURVEY, "-o", path], cwd=bench)
    assert "Written" not in done.stdout, t.told(done, "it is complete")
    for change in (
        lambda f: f["cover"]["cell"].write_direct(t.np.ones(5)),
        lambda f: f["cover"].attrs.modify("version", t.np.uint64(2)),
        lambda f: f.__delitem__("profiles"),
        sealed(lambda f: f["survivors"].__setitem__("chi2", f["survivors/tension"][...])),
    ):
        with t.h5py.File(shutil.copy(good, path), "r+") as f:
            sealed(reserve())(f)
            change(f)
        done = t.run([bl23, "replay", path])
        assert done.returncode == 1 and done.stderr.startswith("bl23: "), t.told(done)


@pytest.mark.parametrize("name", ("fifo", "folder", "empty", "other", "null"))
def test_no_output(bl23, bench, folder, name):
    """What is no HDF5 file of bl23's at all."""
    path = {"folder": folder, "null": "/dev/null"}.get(name, os.path.join(folder, name))
    if name == "fifo":
        os.mkfifo(path)
    if name in ("empty", "other"):
        with t.h5py.File(path, "w") as f:
            if name == "other":
                f.attrs["format"] = "bl23-survey"
    config = os.path.join(bench, "c.yaml")
    for command in (
        ["replay", path],
        ["fit", path],
        ["survey", config, "-o", path],
        ["survey", config, "-o", path, "--extend"],
        ["survey", config, "-o", os.path.join(folder, "y.h5"), "--model", path],
    ):
        done = t.run([bl23, *command], timeout=HANG_S)
        assert done.returncode in (1, 2) and done.stderr.startswith("bl23: "), t.told(done)
