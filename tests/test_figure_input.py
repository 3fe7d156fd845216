#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The drawing scripts refuse another version, and a damaged file gives one sentence and no figure.

With BL23_SLOW=1 every part of the files is damaged in every way, else a random choice.
"""

import collections
import json
import os
import random
import resource
import shutil

import numpy as np
import pytest

import survey_tools as t
from figure_tools import SCRIPTS, draw, kept_figures, make_files, module_of

DAMAGES = 10000 if t.SLOW else 8  # of each file


VERSIONS = (0, 7, 99, -3, "3", [3, 3], 3.5, None)
FORMATS = ("bl23-tables", "", None)
ATTRIBUTES = [("format_version", v) for v in VERSIONS] + [("format", v) for v in FORMATS]
READERS = {  # script, file, and the option by which it reads another file beside the first
    "survey": ("plot_survey", "s.h5", []),
    "map": ("plot_map", "s.h5", []),
    "plane": ("plot_plane", "p.h5", []),
    "bound": ("plot_bound", "b.json", []),
    "plane of a map": ("plot_map", "p.h5", ["s.h5", "--plane"]),
    "survey of a bound": ("plot_bound", "s.h5", ["b.json", "--survey"]),
}


@pytest.fixture(scope="module")
def paths(bl23, scripts, shared):
    return make_files(bl23, shared)


def put(path, key, value):
    """Give a file another attribute, or none of its name."""
    if path.endswith("json"):
        content = json.loads(t.read(path))
        del content[key]
        if value is not None:
            content[key] = value
        with open(path, "w", encoding="utf-8") as f:
            json.dump(content, f)
    else:
        with t.h5py.File(path, "r+") as f:
            del f.attrs[key]
            if value is not None:
                f.attrs[key] = value


@pytest.mark.parametrize("key, value", ATTRIBUTES, ids=[f"{k} {v!r}" for k, v in ATTRIBUTES])
@pytest.mark.parametrize("script, name, first", READERS.values(), ids=READERS)
def test_version(paths, folder, script, name, first, key, value):
    """A version or a format that is not known is refused: one sentence, and nothing drawn."""
    path, made = os.path.join(folder, "version_" + name), os.path.join(folder, "made")
    shutil.copy(paths[name], path)
    put(path, key, value)
    os.mkdir(made)
    before = [paths.get(word, word) for word in first]
    code, said = draw(script, *before, path, "-o", os.path.join(made, "x"))
    assert code == 2 and said.count("\n") == 1 and path in said, said
    assert not os.listdir(made)


@pytest.mark.parametrize("script, name, first", READERS.values(), ids=READERS)
def test_older_version(paths, folder, script, name, first):
    """The first versions, of planes the second."""
    version = 2 if name == "p.h5" else 1
    test_version(paths, folder, script, name, first, "format_version", version)


def damages_of_hdf5(path):
    """All (description, function of the open file) that damage one object or attribute."""
    made = []

    def add(name, item):
        def replace(f, value, target=name):
            del f[target]
            f[target] = value

        made.append((f"{name} missing", lambda f: f.__delitem__(name)))
        if isinstance(item, t.h5py.Dataset):
            shape, number = item.shape, item.dtype.kind in "fiu"
            for what, value in (
                ("a text", "text"),
                ("one number", 1.0),
                ("empty", np.zeros(0)),
                ("of another shape", np.ones((2, 3))),
                ("nan", np.full(shape, np.nan)),
                ("infinite", np.full(shape, np.inf)),
                ("negative", np.full(shape, -1.0)),
                ("zero", np.zeros(shape)),
                ("huge", np.full(shape, 1e308)),
            ):
                if number or what != "nan":
                    made.append((f"{name} {what}", lambda f, value=value: replace(f, value)))
            made.append((f"{name} a group", lambda f: (f.__delitem__(name), f.create_group(name))))
        for key in item.attrs:
            for value in (None, "text", b"\xff\xfe", np.nan, -1, 2**63, np.ones(3), np.zeros((0,))):

                def change(f, key=key, value=value):
                    del f[name].attrs[key]
                    if value is not None:
                        f[name].attrs[key] = value

                made.append((f"{name} @{key} {value!r}", change))

    with t.h5py.File(path, "r") as f:
        add("/", f)
        made.pop(0)
        f.visititems(add)
    return made


def damages_of_json(text):
    """All texts that differ in one value."""
    made = []

    def walk(node, holder):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            old = node[key]
            for value in (None, "text", -1, float("nan"), 1e999, [], {}, True, 10**400):
                node[key] = value
                made.append((f"{key} {str(value)[:9]}", json.dumps(holder)))
            node[key] = old
            if isinstance(old, (dict, list)) and key != "certificate":
                walk(old, holder)
            if isinstance(node, dict):
                del node[key]
                made.append((f"{key} missing", json.dumps(holder)))
                node[key] = old

    holder = json.loads(text)
    walk(holder, holder)
    return made


def judge(script, path, what, prefix):
    with kept_figures() as drawn:
        code, said = draw(script, path, "-o", prefix)
        try:
            for figure in drawn if t.SLOW else ():
                figure.draw_without_rendering()
        except Exception as error:  # it would have come from the saving, and be said
            assert isinstance(error, module_of("plot_style").MALFORMED), t.note(
                f"{script}: {what}", repr(error)
            )
    assert (
        code in (0, 2)
        and said.count("\n") == len(said.splitlines())
        and (code == 0 or said.count("\n") == 1)
    ), t.note(f"{script}: {what}", code, said)
    return code


def test_damage(paths, folder):
    chance, refused = random.Random(1), collections.Counter()
    for script, name in (
        ("plot_survey", "s.h5"),
        ("plot_survey", "none.h5"),
        ("plot_map", "s.h5"),
        ("plot_plane", "p.h5"),
    ):
        every, path = damages_of_hdf5(paths[name]), os.path.join(folder, "damaged.h5")
        for what, change in chance.sample(every, min(DAMAGES, len(every))):
            shutil.copy(paths[name], path)
            with t.h5py.File(path, "r+") as f:
                change(f)
            code = judge(script, path, f"{name}: {what}", os.path.join(folder, "x"))
            refused[script] += code == 2
        whole = t.read(paths[name])
        for length in (0, 1, 8, 512, 2000, len(whole) // 2, len(whole) - 1):
            with open(path, "wb") as f:
                f.write(whole[:length])
            code = judge(script, path, f"{name}: cut to {length} bytes", os.path.join(folder, "x"))
            assert code == 2, f"{script}: {length} bytes are not refused"
            refused[script] += 1
    for script, name in (("plot_bound", "b.json"), ("plot_bench", "bench.json")):
        text, path = t.read(paths[name]).decode(), os.path.join(folder, "damaged.json")
        every = damages_of_json(text)
        cuts = [(f"cut to {n} bytes", text[:n]) for n in (0, 1, len(text) // 2, len(text) - 2)]
        other = [
            ("a list", "[]"),
            ("a number", "1"),
            ("deep", "[" * 100000),
            ("not UTF-8", "\udcff"),
        ]
        for what, damaged in chance.sample(every, min(DAMAGES, len(every))) + cuts + other:
            with open(path, "w", encoding="utf-8", errors="surrogateescape") as f:
                f.write(damaged)
            code = judge(script, path, f"{name}: {what}", os.path.join(folder, "x"))
            refused[script] += code == 2
            if what.startswith("cut") or (what, damaged) in other:
                assert code == 2, t.note(f"{script}: {what} is refused", damaged[:60])
    assert all(refused[script] > 1 for script in SCRIPTS), t.note("damage is refused", refused)


@pytest.mark.parametrize(
    "script, name, target, value",
    (
        ("plot_plane", "p.h5", "constraints/n0/g_max", np.nan),
        ("plot_plane", "p.h5", "mass_gev", np.nan),
        ("plot_survey", "s.h5", "tables/mass_gev", -1.0),
        ("plot_survey", "s.h5", "tables/mass_gev", np.inf),
    ),
)
def test_value(paths, folder, script, name, target, value):
    """Refused though it could be drawn: a limit that is no number."""
    path = os.path.join(folder, "value.h5")
    shutil.copy(paths[name], path)
    with t.h5py.File(path, "r+") as f:
        f[target][...] = np.full(f[target].shape, value)
    code, said = draw(script, path, "-o", os.path.join(folder, "x"))
    assert code == 2 and "cannot be drawn" in said, (code, said)


def test_proof_above_reached(paths, folder):
    """Refused though it could be drawn: a proof above what was reached."""
    bound = json.loads(t.read(paths["b.json"]))
    tension = next(mass["tension"] for mass in bound["masses"] if mass["possible"])
    tension["lower"] = 2 * tension["upper"] + 1
    path = os.path.join(folder, "value.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(bound, f)
    code, said = draw("plot_bound", path, "-o", os.path.join(folder, "x"))
    assert code == 2 and "proven that lies above" in said, (code, said)


@pytest.mark.parametrize(
    "script, name, made",
    (
        ("plot_plane", "p.h5", "x"),
        ("plot_survey", "none.h5", "x_cutflow"),
        ("plot_bound", "b.json", "x_bound"),
        ("plot_bench", "bench.json", "x"),
        ("plot_map", "s.h5", "x_map"),
    ),
)
def test_no_room(paths, folder, script, name, made):
    """A figure that cannot be finished is not there at all, and an older one of its name stays."""
    older = os.path.join(folder, made + ".png")
    with open(older, "w", encoding="utf-8") as f:
        f.write("older")
    room = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, room[1]))
    try:
        code, said = draw(script, paths[name], "-o", os.path.join(folder, "x"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, room)
    assert code == 1 and said.count("\n") == 1 and "cannot be written" in said, (code, said)
    assert os.listdir(folder) == [made + ".png"]
    assert t.read(older) == b"older"


@pytest.mark.parametrize("out", ("none/x", "p.h5/x"))
def test_no_folder(paths, shared, out):
    code, said = draw("plot_plane", paths["p.h5"], "-o", os.path.join(shared, out))
    assert code == 1 and said.count("\n") == 1, (code, said)


@pytest.mark.parametrize("script", ("plot_survey", "plot_map", "plot_plane", "plot_bound"))
@pytest.mark.parametrize("name, says", ((".", "not a file"), ("nothing.h5", "does not exist")))
def test_no_file(folder, scripts, script, name, says):
    code, said = draw(script, os.path.join(folder, name))
    assert code == 2 and said.count("\n") == 1, (code, said)
    assert says in said or script == "plot_bound", said


@pytest.mark.parametrize("key", ("edges_x", "edges_y"))
def test_part_of_the_simplex(paths, folder, key):
    """A map needs bins of the whole simplex."""
    path = os.path.join(folder, "part.h5")
    shutil.copy(paths["s.h5"], path)
    with t.h5py.File(path, "r+") as f:
        edges = f["histograms/wu12_abs2__wu13_abs2"].attrs[key]
        f["histograms/wu12_abs2__wu13_abs2"].attrs[key] = edges / 2
    code, said = draw("plot_map", path, "-o", os.path.join(folder, "x"))
    assert code == 2 and said.count("\n") == 1 and "do not cover 0 to 1" in said, (code, said)


def test_no_survivor(paths, folder):
    """Without a survivor there is no map."""
    code, said = draw("plot_map", paths["none.h5"], "-o", os.path.join(folder, "x"))
    assert code == 2 and said.count("\n") == 1 and "no stored survivors" in said, (code, said)
