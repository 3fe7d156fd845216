#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The drawing scripts refuse another version; a damaged file gives one sentence and no part of a
figure. With BL23_SLOW=1 every part of the files is damaged in every way, else a random choice."""

import collections
import importlib
import importlib.util
import json
import os
import random
import resource
import shutil
import sys

import numpy as np

import survey_tools as t
from figure_tools import SCRIPTS, draw, kept_figures, make_files

DAMAGES = 10000 if t.SLOW else 8  # of each file


def check_versions(paths, folder):
    """A version or a format that is not known is refused: one sentence, exit 2, nothing drawn."""
    cases = [
        ("plot_survey", "s.h5", []),
        ("plot_map", "s.h5", []),
        ("plot_plane", "p.h5", []),
        ("plot_bound", "b.json", []),
        ("plot_map", "p.h5", ["--plane"]),
        ("plot_bound", "s.h5", ["--survey"]),
    ]
    for script, name, option in cases:
        for key, values in (
            ("format_version", (0, 1 if "p" not in name else 2, 7, 99, -3, "3", [3, 3], 3.5, None)),
            ("format", ("bl23-tables", "", None)),
        ):
            for value in values:
                path = os.path.join(folder, "version_" + name)
                shutil.copy(paths[name], path)
                if name.endswith("json"):
                    with open(path, encoding="utf-8") as f:
                        content = json.load(f)
                    content.update({key: value}) if value is not None else content.pop(key)
                    with open(path, "w", encoding="utf-8") as f:
                        json.dump(content, f)
                else:
                    with t.h5py.File(path, "r+") as f:
                        del f.attrs[key]
                        if value is not None:
                            f.attrs[key] = value
                made = os.path.join(folder, "made")
                os.makedirs(made, exist_ok=True)
                first = (
                    [paths["b.json" if script == "plot_bound" else "s.h5"], *option, path]
                    if option
                    else [path]
                )
                code, said = draw(script, *first, "-o", os.path.join(made, "x"))
                t.check(
                    code == 2 and said.count("\n") == 1 and path in said and not os.listdir(made),
                    f"{script} {option}: {key} {value!r} is refused",
                    code,
                    said,
                    os.listdir(made),
                )
                shutil.rmtree(made)


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
            t.check(
                isinstance(error, importlib.import_module("plot_style").MALFORMED),
                f"{script}: {what}",
                repr(error),
            )
    t.check(
        code in (0, 2)
        and said.count("\n") == len(said.splitlines())
        and (code == 0 or said.count("\n") == 1),
        f"{script}: {what}",
        code,
        said,
    )
    return code


def check_damage(paths, folder):
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
            refused[script] += (
                judge(script, path, f"{name}: {what}", os.path.join(folder, "x")) == 2
            )
        whole = t.read(paths[name])
        for length in (0, 1, 8, 512, 2000, len(whole) // 2, len(whole) - 1):
            with open(path, "wb") as f:
                f.write(whole[:length])
            code = judge(script, path, f"{name}: cut to {length} bytes", os.path.join(folder, "x"))
            refused[script] += t.check(code == 2, f"{script}: {length} bytes are refused")
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
                t.check(code == 2, f"{script}: {what} is refused", damaged[:60])
    t.check(all(refused[script] > 1 for script in SCRIPTS), "damage is refused", refused)


def check_values(paths, folder):
    """Refused though it could be drawn: a limit that is no number, a proof above what was reached."""
    path = os.path.join(folder, "value.h5")
    for script, name, target, value in (
        ("plot_plane", "p.h5", "constraints/n0/g_max", np.nan),
        ("plot_plane", "p.h5", "mass_gev", np.nan),
        ("plot_survey", "s.h5", "tables/mass_gev", -1.0),
        ("plot_survey", "s.h5", "tables/mass_gev", np.inf),
    ):
        shutil.copy(paths[name], path)
        with t.h5py.File(path, "r+") as f:
            f[target][...] = np.full(f[target].shape, value)
        code, said = draw(script, path, "-o", os.path.join(folder, "x"))
        t.check(
            code == 2 and "cannot be drawn" in said, f"{script}: {target} = {value}", code, said
        )
    with open(paths["b.json"], encoding="utf-8") as f:
        bound = json.load(f)
    tension = next(mass["tension"] for mass in bound["masses"] if mass["possible"])
    tension["lower"] = 2 * tension["upper"] + 1
    path = os.path.join(folder, "value.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(bound, f)
    code, said = draw("plot_bound", path, "-o", os.path.join(folder, "x"))
    t.check(
        code == 2 and "proven that lies above" in said, "a bound above what is reached", code, said
    )


def check_whole(paths, folder):
    """A figure that cannot be finished is not there at all, and an older one of its name stays."""
    for script, name, made in (
        ("plot_plane", "p.h5", "x"),
        ("plot_survey", "none.h5", "x_cutflow"),
        ("plot_bound", "b.json", "x_bound"),
        ("plot_bench", "bench.json", "x"),
        ("plot_map", "s.h5", "x_map"),
    ):
        out = os.path.join(folder, "out_" + script)
        os.mkdir(out)
        with open(os.path.join(out, made + ".png"), "w", encoding="utf-8") as f:
            f.write("older")
        room = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, room[1]))
        code, said = draw(script, paths[name], "-o", os.path.join(out, "x"))
        resource.setrlimit(resource.RLIMIT_FSIZE, room)
        t.check(
            code == 1 and said.count("\n") == 1 and "cannot be written" in said,
            f"{script}: no room",
            code,
            said,
        )
        t.check(
            os.listdir(out) == [made + ".png"]
            and t.read(os.path.join(out, made + ".png")) == b"older",
            f"{script}: no part of a figure",
            os.listdir(out),
        )
    for arguments in (["none/x"], ["p.h5/x"]):
        code, said = draw("plot_plane", paths["p.h5"], "-o", os.path.join(folder, *arguments))
        t.check(
            code == 1 and said.count("\n") == 1, f"a folder that is none: {arguments}", code, said
        )
    for path, says in (
        (folder, "not a file"),
        (os.path.join(folder, "nothing.h5"), "does not exist"),
    ):
        for script in ("plot_survey", "plot_map", "plot_plane", "plot_bound"):
            code, said = draw(script, path)
            t.check(
                code == 2 and said.count("\n") == 1 and (says in said or script == "plot_bound"),
                f"{script} {path}",
                code,
                said,
            )
    code, said = draw("plot_map", paths["none.h5"], "-o", os.path.join(folder, "x"))
    t.check(
        code == 2 and said.count("\n") == 1 and "no stored survivors" in said,
        "no survivor: no map",
        code,
        said,
    )


def main():
    bl23, source = t.arguments()
    if importlib.util.find_spec("matplotlib") is None:
        t.skip("matplotlib (python3-matplotlib) is not installed")
    sys.path.insert(0, os.path.join(source, "scripts"))
    folder = t.work_folder()
    paths = make_files(bl23, folder)
    check_versions(paths, folder)
    check_values(paths, folder)
    check_damage(paths, folder)
    check_whole(paths, folder)
    t.finish()


if __name__ == "__main__":
    main()
