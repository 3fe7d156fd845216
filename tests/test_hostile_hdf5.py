#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Every attribute, dataset and group of an output and of a tables file replaced by what bl23 never
writes, with seals that fit again, and given to every command that reads it.

Each ends with exit 0, 1 or 2, soon; with 0 only if its answer is that of the unaltered file.
"""

import itertools
import os
import random
import shutil
import subprocess

import hostile_tools as h
import survey_tools as t

SEED = 20080997
SAMPLES, MORE = 8192, 20000
HANG_S = 30
CONFIG = """survey: {samples: 8192, seed: 3, mass_gev: {list: [0.14, 0.13]}}
constraints: {sets: [paper2020], without: [ccfr, na62_pi0, e949]}
output: {nearest: 20}
"""
# Bytes of the header of struct bl23_model (kernels/sample/model.h), as words.
N_KNOTS, N_CONSTRAINTS, G_MODE, W_MODE, LEVEL, QUANTITY = 1, 2, 3, 4, 5, 23


class Case:
    """A file, the commands that read it, and their answers while it is whole."""

    def __init__(self, bl23, folder, good, commands):
        self.bl23, self.folder, self.good, self.commands = bl23, folder, good, commands
        self.path = os.path.join(folder, "t.h5")
        self.answers = [self.ask(k) for k in range(len(commands))]
        for (command, _), (done, _) in zip(commands, self.answers):
            t.check(done.returncode == 0, f"{command} on the good file", *t.told(done))

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
        """`altered`: an object that may differ in what is written, as it does in what is read: it
        may be one that no command uses."""
        done, differing = self.ask(k, change)
        command, good = self.commands[k][0], self.answers[k][0]
        same = done.stdout == good.stdout or self.commands[k][1]
        differing = [name for name in differing if altered not in ("/" + name, "/") or not altered]
        t.check(
            done.returncode in (0, 1, 2),
            f"{what}: {' '.join(map(str, command))} ends by itself",
            *t.told(done),
        )
        t.check(
            done.returncode != 0 or (same and not differing),
            f"{what}: another answer",
            differing,
            *t.told(done),
        )
        t.check(
            done.returncode == 0 or done.stderr.startswith("bl23: "),
            f"{what}: it says why",
            *t.told(done),
        )
        return done

    def refused(self, what, k, change, says=""):
        done = self.judge(what, k, change)
        t.check(
            done.returncode in (1, 2) and says in done.stderr,
            f"{what}: {' '.join(map(str, self.commands[k][0]))} refuses it",
            *t.told(done),
        )


def h_differences(a, b):
    """Objects and attributes that differ; seals do where anything else does."""
    return [
        name.split("@")[0]
        for name in t.h5_differences(a, b)
        if not name.endswith(("@seal", "@xxh3"))
    ]


def sealed(change, hashes=False):
    def both(f):
        change(f)
        if hashes:
            h.rehash(f)
        h.reseal(f)

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


def check_replaced(case, numbers):
    everything = list(changes_of(case.good))
    count = 0
    for n, (what, where, kind, change) in enumerate(
        everything if t.SLOW else sample(everything, numbers)
    ):
        for k in range(3 if t.SLOW else 1):
            command = (n + 5 * k) % len(case.commands)
            if k < 2:
                case.judge(what + ", sealed", command, sealed(change), where)
            else:
                case.judge(what, command, change, where if kind is h.extreme else "")
            count += 1
        if t.failures() > 40:
            break
    return count


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


def check_counts(case, recall, extend):
    """Counts that contradict each other, with seals and hashes that fit."""
    u8 = t.np.uint64
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
        for k in (recall, extend) if t.SLOW else (recall, extend)[n % 2 :][:1]:
            case.refused(what, k, sealed(change))
    for what, change in (
        ("a survivor beyond", count("survivors/index", lambda d: d.__setitem__(-1, SAMPLES))),
        ("survivors not in order", count("survivors/index", lambda d: d.__setitem__(0, d[1]))),
        ("a nearest beyond", count("nearest/index", lambda d: d.__setitem__(0, 2**63))),
    ):
        for k in (0, 2, 3, extend) if t.SLOW else (0, 3):
            case.refused(what, k, sealed(change))


def check_model(case):
    """Fields of the model that index arrays, with hashes and seals that fit."""
    n = 2
    for what, k, value in (
        ("n_knots", N_KNOTS, n + 1),
        ("n_knots", N_KNOTS, 0),
        ("n_knots", N_KNOTS, 2**61),
        ("n_constraints", N_CONSTRAINTS, 10**9),
        ("g_mode", G_MODE, 3),
        ("w_mode", W_MODE, 2),
        ("level", LEVEL, 10**9),
        ("level", LEVEL, 2**64 - 1),
        ("constraint_quantity", QUANTITY, 10**9),
    ):
        for command in range(4) if t.SLOW else (1, 3):
            case.refused(
                f"model.{what} = {value}", command, sealed(word(k, value), hashes=True), "model"
            )
    for what, change in (
        ("NaN", lambda d: d.view("f8").__setitem__(slice(55, None), t.np.nan)),
        ("1e308", lambda d: d.view("f8").__setitem__(slice(55, None), 1e308)),
    ):
        case.refused(
            f"a model of {what}", 0, sealed(count("tables/model", change), hashes=True), "model"
        )


def check_files(bl23, folder):
    """What is no HDF5 file of bl23's at all."""
    fifo, empty, other = (os.path.join(folder, name) for name in ("fifo", "empty.h5", "other.h5"))
    os.mkfifo(fifo)
    with t.h5py.File(empty, "w"):
        pass
    with t.h5py.File(other, "w") as f:
        f.attrs["format"] = "bl23-survey"
    config = os.path.join(folder, "c.yaml")
    for path in (fifo, folder, empty, other, "/dev/null"):
        for command in (
            ["replay", path],
            ["fit", path],
            ["survey", config, "-o", path],
            ["survey", config, "-o", path, "--extend"],
            ["survey", config, "-o", os.path.join(folder, "y.h5"), "--model", path],
        ):
            try:
                done = t.run([bl23, *command], timeout=HANG_S)
                t.check(
                    done.returncode in (1, 2) and done.stderr.startswith("bl23: "),
                    f"{command}: refused",
                    *t.told(done),
                )
            except subprocess.TimeoutExpired:
                t.check(False, f"{command}: it hangs")


def main():
    bl23, _ = t.arguments()
    folder, numbers = t.work_folder(), random.Random(SEED)
    config, good, tables = (
        os.path.join(folder, name) for name in ("c.yaml", "good.h5", "tables.h5")
    )
    with open(config, "w", encoding="utf-8") as f:
        f.write(CONFIG)
    survey = ["survey", "c.yaml", "--quiet", "--backend", "cpu", "--threads", 1]
    t.run_ok([bl23, *survey, "-o", good], cwd=folder)
    t.run_ok([bl23, *survey, "-o", "part.h5", "--first", 0, "--count", SAMPLES], cwd=folder)
    t.run_ok([bl23, "tables", "--mass", "0.14,0.13", "-o", tables], cwd=folder)
    with t.h5py.File(shutil.copy(good, os.path.join(folder, "sealed.h5")), "r+") as f:
        sealed(lambda f: None, hashes=True)(f)
    differing = t.h5_differences(good, os.path.join(folder, "sealed.h5"), exclude=())
    t.check(not differing, "the seals of this test are those of bl23", differing)
    model = [*survey, "-o", "x.h5", "--model", "t.h5"]
    outputs = Case(
        bl23,
        folder,
        good,
        [
            (["replay", "t.h5"], None),
            (["replay", "t.h5", "--index", 5], None),
            (["replay", "t.h5", "-o", "x.h5"], "x.h5"),
            (["fit", "t.h5", "--starts", 1], None),
            ([*survey, "-o", "t.h5"], None),
            ([*survey, "-o", "t.h5", "--samples", MORE, "--extend"], "t.h5"),
            (["merge", "part.h5.run", "-o", "t.h5"], None),
            (model, "x.h5"),
        ],
    )
    told = check_replaced(outputs, numbers)
    check_read_first(outputs, READ_FIRST, (4, 5, 0))
    check_counts(outputs, recall=4, extend=5)
    check_model(outputs)
    of_tables = Case(bl23, folder, tables, [(model, "x.h5")])
    told += check_replaced(of_tables, numbers)
    check_read_first(of_tables, OF_TABLES, (0,))
    check_files(bl23, folder)
    t.finish(f"{told} replaced objects")


main()
