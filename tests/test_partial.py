#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Outputs of some of the samples of a survey: bl23 merge --partial.

What they hold is compared with the finished survey, and with the records that replay makes of it.
The bytes of a partial output depend on its samples alone, not on the parts that they came from. A
run that goes on is not disturbed. Partial outputs merge to the finished one. Every call that
computed samples stands in /provenance.
"""

import glob
import importlib
import json
import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time

import pytest

import survey_tools as t

SAMPLES, STEP, RUNNING = 200000, 25000, 2000000
CONFIG = f"""survey: {{samples: {SAMPLES}, seed: 5, mass_gev: {{list: [0.13, 0.14, 0.15]}}}}
constraints: {{sets: [paper2020], without: [na62_pi0, e949]}}
output: {{nearest: 30, histograms: [[wu12_abs2, wu13_abs2]]}}
"""
MANY_PARTS, DESCRIPTORS, KILLS = 200, 32, 40


class Survey:
    def __init__(self, bl23, folder, config=CONFIG):
        self.bl23, self.folder, self.config = bl23, folder, os.path.join(folder, "c.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(config)
        self.whole = self.path("whole.h5")
        t.run_ok(self.survey("-o", self.whole))

    def path(self, name):
        return os.path.join(self.folder, name)

    def survey(self, *more):
        threads = () if "--threads" in more else ("--threads", 1)
        return t.survey_command(self.bl23, self.config, "--backend cpu --quiet", *threads, *more)

    def part(self, name, first, count, *more):
        out = self.path(name)
        t.run_ok(self.survey("-o", out, "--first", first, "--count", count,
                             *(more or ("--range", 8192, "--commit", 0))))
        return out

    def merge(self, out, *parts):
        return t.run([self.bl23, "merge", *parts, "-o", self.path(out)])

    def merge_ok(self, out, *parts):
        done = self.merge(out, *parts)
        assert done.returncode == 0, t.told(done, "the merge must succeed")
        return self.path(out)

    def refused(self, out, *parts, says):
        done = self.merge(out, *parts)
        assert done.returncode == 2 and not done.stdout, t.told(done, f"refused: {says}")
        for text in says:
            assert text in done.stderr, t.told(done, f"the message says {text!r}")


@pytest.fixture
def s(bl23, folder):
    return Survey(bl23, folder)


def eighths(s, *numbers, prefix="part"):
    return [s.part(f"{prefix}{k}.h5", k * STEP, STEP) for k in numbers]


def ranges(path):
    with t.h5py.File(path) as f:
        return list(zip(f["ranges/first"][:].tolist(), f["ranges/count"][:].tolist()))


def attributes(path, group="/"):
    with t.h5py.File(path) as f:
        return dict(f[group].attrs)


def calls(path):
    """The rows of /provenance."""
    with t.h5py.File(path) as f:
        columns = {name: column[:] for name, column in f["provenance"].items()}
    size = {len(column) for column in columns.values()}
    assert len(size) == 1, t.note("columns of one length", columns)
    return [{name: column[k] for name, column in columns.items()} for k in range(size.pop())]


def inside(index, held):
    return t.np.any([(index >= a) & (index < a + n) for a, n in held], axis=0)


def check_content(s, path, held):
    """The samples are these, and the survivors those of the finished survey among them."""
    head, whole = attributes(path), t.columns(s.whole)
    drawn = sum(count for _, count in held)
    assert ranges(path) == held, t.note("the ranges", ranges(path), held)
    assert (head["complete"], head["samples"], head["survey_samples"]) == (0, drawn, SAMPLES)
    keep = inside(whole["index"], held)
    for name, column in t.columns(path).items():
        assert column.tobytes() == whole[name][keep].tobytes(), f"column {name}"
    assert head["passed"] == keep.sum() > 0, "survivors"
    with t.h5py.File(path) as f:
        assert f["cutflow/mass_drawn"][:].sum() == drawn
        assert f["cutflow/mass_passed"][:].sum() == head["passed"]
        counted = f["histograms/wu12_abs2"][:].sum()
        assert counted == head["passed"], "all survivors are in the histogram of an axis"
        low, at = f["extrema/min"][:], f["extrema/min_index"][:]
        for name, value, index in zip(f["extrema/name"][:], low, at):
            column = whole[name.decode()][keep]
            assert value == column.min() and column[whole["index"][keep] == index] == value, name
    done = t.run([s.bl23, "replay", path])
    assert done.returncode == 0, t.told(done, "replay of a partial output")


def test_parts(s):
    """Some of the parts, in any order and number: the same bytes."""
    parts = eighths(s, 0, 2, 3, 6)
    held = [(0, STEP), (2 * STEP, 2 * STEP), (6 * STEP, STEP)]
    one = s.merge_ok("one.h5", "--partial", *parts)
    check_content(s, one, held)
    other = s.merge_ok("other.h5", *(p + ".run" for p in reversed(parts)), "--partial")
    t.assert_same(one, other, "another order")
    joined = s.part("joined.h5", 2 * STEP, 2 * STEP, "--range", 5000)
    again = s.merge_ok("again.h5", "--partial", joined, parts[3], parts[0])
    t.assert_same(one, again, "two parts as one")
    pieces = [s.merge_ok(f"piece{k}.h5", "--partial", p) for k, p in enumerate(parts)]
    mixed = s.merge_ok("mixed.h5", "--partial", pieces[3], parts[1], pieces[0], pieces[2])
    t.assert_same(one, mixed, "outputs of some samples, and a part")


def test_summary(s):
    parts = eighths(s, 1, 4, 7)
    done = s.merge("p.h5", "--partial", *parts)
    assert "drawn       75000 of 200000: 37.5 % of the samples" in done.stdout, t.told(done)
    assert "out of 3 parts\n" in done.stdout and "removed" not in done.stdout, t.told(done)
    shown = json.loads(s.merge("p.h5", "--partial", "--json", *parts).stdout)
    assert (shown["drawn"], shown["survey_samples"], shown["complete"]) == (75000, SAMPLES, False)
    done = s.merge("q.h5", s.part("all.h5", 0, SAMPLES))
    assert "out of 1 part; it can be removed" in done.stdout, t.told(done)
    shown = json.loads(s.merge("q.h5", s.path("all.h5"), "--json").stdout)
    assert shown["complete"] is True and shown["survey_samples"] == SAMPLES


def test_figures(s, source):
    """The text that all figures of a survey have says how much of it there is."""
    pytest.importorskip("yaml")
    sys.path.insert(0, os.path.join(source, "host", "python"))
    survey_data = importlib.import_module("bl23.survey_data")
    for path, says in ((s.merge_ok("p.h5", "--partial", *eighths(s, 0, 3, 4)), True),
                       (s.whole, False)):
        with t.h5py.File(path) as f:
            survey = survey_data.Survey(f)
            for text in (survey.title(), survey.acceptance_text()):
                assert ("(unfinished: 37.5 % of the samples)" in text) == says, text
            assert ("unfinished" in survey.title()) == says


def test_outputs_merge(s):
    """Partial outputs whose ranges interleave are merged to the finished survey."""
    even = s.merge_ok("even.h5", "--partial", *eighths(s, 0, 2, 4, 6))
    odd = s.merge_ok("odd.h5", "--partial", *eighths(s, 1, 3, 5, 7))
    for folder in glob.glob(s.path("part*.run")):
        shutil.rmtree(folder)
    t.assert_same(s.whole, s.merge_ok("both.h5", odd, even), "two outputs")
    s.refused("x.h5", even, says=("175000 to 199999 of 200000 are missing", "--partial"))
    s.refused("x.h5", even, s.path("even.h5"), says=("is named twice",))
    s.refused("x.h5", even, s.part("over.h5", 10, 10), "--partial",
              says=("both hold the samples 10 to 19",))
    s.refused("x.h5", even, s.whole, says=(f"{s.whole} is a finished survey",))


@pytest.mark.parametrize("store", ("records", "index", "none"))
@pytest.mark.parametrize("limit", (0, 1, 333, 5000))
def test_thinned(bl23, folder, store, limit):
    """More survivors than are kept: those of smallest hash among the samples that are there."""
    s = Survey(bl23, folder, CONFIG.replace("{nearest", f"{{max_survivors: {limit}, store: {store},"
                                            " nearest"))
    parts = eighths(s, 0, 1, 3, 4, 7)
    one = s.merge_ok("one.h5", "--partial", *parts)
    pieces = [s.merge_ok(f"piece{k}.h5", "--partial", *some)
              for k, some in enumerate((parts[:1], parts[1:4], parts[4:]))]
    t.assert_same(one, s.merge_ok("two.h5", "--partial", *reversed(pieces)), "thinned twice")
    head = attributes(one)
    kept = 0 if store == "none" else min(limit, head["passed"])
    assert head["stored"] == kept and head["passed"] > 5000, t.note("stored", head)
    t.run_ok([bl23, "replay", one])
    t.assert_same(s.whole, s.merge_ok("all.h5", one, *eighths(s, 2, 5, 6)), "thinned, then all")


def test_thinned_by_what_is_missing(bl23, folder):
    """A run leaves out survivors that samples before outdo: without these nothing can be told."""
    s = Survey(bl23, folder, CONFIG.replace("{nearest", "{max_survivors: 50, nearest"))
    part = s.part("part.h5", 0, SAMPLES, "--range", 20000, "--commit", 0)
    one = s.merge_ok("one.h5", "--partial", part)
    assert "50 survivors" in t.run_ok([bl23, "replay", one]).stdout
    os.remove(sorted(glob.glob(glob.escape(part) + ".run/segment-*"))[0])
    s.refused("lost.h5", "--partial", part, says=("its samples are missing", "cannot be told"))
    t.run_ok(s.survey("-o", part, "--first", 0, "--count", SAMPLES))
    t.assert_same(s.whole, s.merge_ok("all.h5", part), "computed again")


def stopped(s, name="run.h5"):
    """A run that was stopped after some commits."""
    process = subprocess.Popen(
        [str(x) for x in s.survey("-o", s.path(name), "--range", 2048, "--commit", 0)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while len(glob.glob(s.path(name) + ".run/segment-*")) < 3 and process.poll() is None:
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    error = process.communicate()[1]
    assert process.returncode == 3, t.note("stopped", process.returncode, error)
    return s.path(name), error


def tree(folder):
    return {name: (t.read(os.path.join(folder, name)), os.stat(os.path.join(folder, name)).st_ino)
            for name in os.listdir(folder)}


def test_stopped(s):
    """A run that was stopped: the message names the way, and the folder stays as it was."""
    out, error = stopped(s)
    assert f"'bl23 merge --partial {out}.run -o" in error, error
    before = tree(out + ".run")
    part = s.merge_ok("part.h5", "--partial", out)
    assert tree(out + ".run") == before, "the folder is untouched"
    check_content(s, part, ranges(part))
    s.refused("x.h5", out, says=("missing from all parts", "or write what is there with --partial"))
    s.refused("run.h5", "--partial", out, says=("choose a name outside of the parts",))
    t.run_ok(s.survey("-o", out))
    t.assert_same(s.whole, out, "the run goes on")


def test_running(bl23, folder):
    """Again and again while a run goes on: each output is whole, grows, and the run ends well."""
    s = Survey(bl23, folder, CONFIG.replace(f"samples: {SAMPLES}", f"samples: {RUNNING}"))
    run = s.path("run.h5")
    process = subprocess.Popen(
        [str(x) for x in s.survey("-o", run, "--range", 4096, "--commit", 0)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen, gone = [], 0
    while process.poll() is None:
        if not os.path.exists(run + ".run/config.yaml"):
            continue
        done = s.merge("now.h5", "--partial", run)
        if done.returncode == 0:
            assert not done.stderr, t.told(done, "nothing of a running survey is amiss")
            process.send_signal(signal.SIGSTOP)  # a slow machine sees no less of the run
            seen.append(attributes(s.path("now.h5"))["samples"])
            t.run_ok([bl23, "replay", s.path("now.h5")])
            process.send_signal(signal.SIGCONT)
        else:
            says = ("there is no run here", "has ended while", "no samples are committed there yet",
                    "is a finished survey", "No such file")
            assert done.returncode in (1, 2) and any(text in done.stderr for text in says), t.told(
                done, "at the begin and at the end of a run")
            gone += 1
    out, error = process.communicate()
    assert process.returncode == 0, t.note("the run", out, error)
    assert len(seen) > 1 and seen == sorted(seen), t.note("while it runs", seen, gone)
    t.assert_same(s.whole, run, "the run that was watched")
    if seen[-1] == RUNNING:  # it was not finished yet, but had committed all
        t.assert_same(s.whole, s.path("now.h5"), "all of it")
    else:
        rest = s.part("rest.h5", seen[-1], RUNNING - seen[-1], "--range", 100000)
        t.assert_same(s.whole, s.merge_ok("all.h5", s.path("now.h5"), rest), "and the rest of it")


def test_killed(s):
    """SIGKILL at any moment: the older output or the newer one, and parts as they were."""
    parts, moments, hits = eighths(s, 0, 1, 2, 3), random.Random(8), 0
    older = t.read(s.merge_ok("older.h5", "--partial", parts[1]))
    newer = s.merge_ok("newer.h5", "--partial", *parts)
    before = [tree(part + ".run") for part in parts]
    begin = time.monotonic()
    s.merge_ok("out.h5", "--partial", *parts)
    longest = time.monotonic() - begin
    for _ in range(KILLS):
        with open(s.path("out.h5"), "wb") as f:
            f.write(older)
        process = subprocess.Popen([s.bl23, "merge", "--partial", *parts, "-o", s.path("out.h5")],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(moments.uniform(0, longest))
        except subprocess.TimeoutExpired:
            process.kill()
        hits += process.wait() == -signal.SIGKILL
        if t.read(s.path("out.h5")) != older:
            t.assert_same(newer, s.path("out.h5"), "killed at its end")
    assert hits > KILLS // 5 and before == [tree(part + ".run") for part in parts]
    t.assert_same(newer, s.merge_ok("out.h5", "--partial", *parts), "after the kills")
    left = [n for n in os.listdir(s.folder) if n.startswith("out.h5")]
    assert left == ["out.h5"], t.note("nothing else is left", left)


def test_replaced(s):
    """A partial output gives way to more samples of its survey, and to nothing else."""
    parts = eighths(s, 0, 1, 2)
    s.merge_ok("p.h5", "--partial", *parts[:2])
    before = t.read(s.path("p.h5"))
    s.refused("p.h5", "--partial", *parts[1:], says=("holds the samples 0 to 49999",
                                                     "choose another name"))
    done = t.run(s.survey("-o", s.path("p.h5")))
    assert done.returncode == 2 and "only 50000 of the 200000 samples" in done.stderr, t.told(done)
    done = t.run(s.survey("-o", s.path("p.h5"), "--samples", SAMPLES * 2, "--extend"))
    assert done.returncode == 2 and "cannot continue from it" in done.stderr, t.told(done)
    assert t.read(s.path("p.h5")) == before and not os.path.exists(s.path("p.h5.run"))
    check_content(s, s.merge_ok("p.h5", "--partial", *parts), [(0, 3 * STEP)])
    s.merge_ok("p.h5", *parts, *eighths(s, 3, 4, 5, 6, 7))
    t.assert_same(s.whole, s.path("p.h5"), "the finished survey takes its place")
    done = s.merge("p.h5", "--partial", *parts)
    assert done.returncode == 0 and "is finished" in done.stdout, t.told(done, "finished already")
    t.assert_same(s.whole, s.path("p.h5"), "a finished survey is not replaced")


def test_damaged(s):
    """A damaged segment is named, and its samples are not in the output."""
    part = s.part("part.h5", 0, 4 * 8192)
    segment = sorted(glob.glob(glob.escape(part) + ".run/segment-*"))[1]
    os.truncate(segment, 100)
    done = s.merge("p.h5", "--partial", part)
    assert done.returncode == 0 and segment in done.stderr, t.told(done, "it is named")
    check_content(s, s.path("p.h5"), [(0, 8192), (2 * 8192, 2 * 8192)])
    damaged = s.merge_ok("q.h5", "--partial", *eighths(s, 3))
    with open(damaged, "r+b") as f:
        f.seek(os.path.getsize(damaged) // 2)
        f.write(b"\xff" * 64)
    done = s.merge("r.h5", "--partial", damaged, part)
    assert done.returncode == 1 and damaged in done.stderr, t.told(done, "a damaged output")
    assert not os.path.exists(s.path("r.h5"))


def test_read_only(s):
    """Parts that may only be read, by one who may not write there."""
    parts = eighths(s, 0, 1)
    parts.append(s.merge_ok("rest.h5", "--partial", *eighths(s, 2, 3, 4, 5, 6, 7)))
    home = s.path("home")
    os.mkdir(home)
    for part in (p if os.path.isfile(p) else p + ".run" for p in parts):
        shutil.move(part, home)
    parts = [os.path.join(home, os.path.basename(p)) for p in parts]
    for folder, _, names in os.walk(home, topdown=False):
        for path in (folder, *(os.path.join(folder, n) for n in names)):
            os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & ~0o222)
    command = [s.bl23, "merge", *parts]
    mounted = os.geteuid() == 0 and t.run(["mount", "--bind", home, home]).returncode == 0
    try:
        if os.geteuid() == 0 and (not mounted or t.run(
                ["mount", "-o", "remount,ro,bind", home]).returncode != 0):
            pytest.skip("root may write anywhere, and no read-only file system can be mounted")
        t.run_ok([*command, "-o", s.path("all.h5")])
        t.assert_same(s.whole, s.path("all.h5"), "read-only parts")
        t.run_ok([*command[:-1], "--partial", "-o", s.path("some.h5")])
        check_content(s, s.path("some.h5"), [(0, 2 * STEP)])
    finally:
        if mounted:
            t.run(["umount", home])
        for folder, _, _ in os.walk(home):
            os.chmod(folder, 0o755)


def limited():
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


def test_many_parts(bl23, folder):
    """Any number of parts, folders and outputs, with few descriptors."""
    s = Survey(bl23, folder, CONFIG.replace(f"samples: {SAMPLES}",
                                            f"samples: {4096 * MANY_PARTS}"))
    parts = [s.part(f"p{k}.h5", 4096 * k, 4096, "--range", 4096) for k in range(MANY_PARTS)]
    outputs = [s.merge_ok(f"o{k}.h5", "--partial", p) if k % 4 == 0 else p
               for k, p in enumerate(parts)]
    for name, some in (("folders.h5", parts), ("mixed.h5", outputs)):
        done = subprocess.run([bl23, "merge", *some, "-o", s.path(name)], check=False,
                              capture_output=True, text=True, preexec_fn=limited)
        assert done.returncode == 0, t.told(done, f"{MANY_PARTS} parts, {DESCRIPTORS} descriptors")
        t.assert_same(s.whole, s.path(name), f"{MANY_PARTS} parts")
    assert len(calls(s.path("folders.h5"))) == MANY_PARTS
    done = subprocess.run([bl23, "merge", "--partial", *parts[1:], "-o", s.path("x.h5")],
                          check=False, capture_output=True, text=True, preexec_fn=limited)
    assert done.returncode == 0, t.told(done, "--partial")


# ---- the calls that computed the samples ----

def check_calls(path, number):
    """So many calls, in order, whose samples are those of the file."""
    rows = calls(path)
    assert len(rows) == number, t.note(f"{number} calls", rows)
    drawn = attributes(path)["samples"]
    assert sum(row["samples"] for row in rows) == drawn, t.note("samples", drawn, rows)
    assert [row["start"] for row in rows] == sorted(row["start"] for row in rows)
    for row in rows:
        assert row["start"] <= row["end"] and row["ranks"] == 1 and row["threads"] >= 1, row
        assert row["host"] == os.uname().nodename.encode()[:71] and row["backend"] == b"cpu", row
        assert row["version"] and row["device"] and row["git_revision"], row
    return rows


def test_calls(s):
    """Calls before an interruption, parts, and --extend."""
    check_calls(s.whole, 1)
    out, _ = stopped(s)
    held = attributes(s.merge_ok("p.h5", "--partial", out))["samples"]
    assert check_calls(s.path("p.h5"), 1)[0]["samples"] == held
    t.run_ok(s.survey("-o", out, "--threads", 2))
    rows = check_calls(out, 2)
    assert rows[0]["samples"] == held and [row["threads"] for row in rows] == [1, 2], rows
    t.assert_same(s.whole, out, "two calls")
    t.run_ok(s.survey("-o", out, "--samples", SAMPLES + 5000, "--extend"))
    assert [row["samples"] for row in check_calls(out, 3)] == [held, SAMPLES - held, 5000]
    t.run_ok(s.survey("-o", out, "--samples", SAMPLES + 7000, "--extend"))
    assert [row["samples"] for row in check_calls(out, 4)][2:] == [5000, 2000]
    parts = eighths(s, *range(8))
    half = s.merge_ok("half.h5", "--partial", *parts[:4])
    check_calls(s.merge_ok("m.h5", half, *parts[4:]), 8)
    full = s.path("full.h5")
    t.run_ok([s.bl23, "replay", s.path("m.h5"), "-o", full])
    check_calls(full, 8)


# ---- the version of the sampling ----

def other_version(folder):
    """Make the samples of a run those of another version of the sampling."""
    manifest = os.path.join(folder, "manifest")
    lines = []
    for line in t.read(manifest).splitlines():
        text = line.split(b" line ")[0]
        text = text[:text.index(b" sampling ")] + b" sampling 99"
        lines.append(text + b" line %016x\n" % t.xxh3(text))
    with open(manifest, "wb") as f:
        f.writelines(lines)


def test_other_sampling(s):
    """Another version of the sampling goes on from nothing of this one."""
    out, _ = stopped(s)
    part = s.part("part.h5", STEP, STEP)
    other_version(out + ".run")
    other_version(part + ".run")
    before = tree(out + ".run")
    for what, command in (
            ("resume", s.survey("-o", out)),
            ("merge", [s.bl23, "merge", part, "-o", s.path("x.h5")]),
            ("partial", [s.bl23, "merge", "--partial", out, "-o", s.path("x.h5")])):
        done = t.run(command)
        assert done.returncode == 2 and not done.stdout, t.told(done, what)
        assert "by version 99 of the sampling" in done.stderr and "manifest:1" in (
            done.stderr), t.told(done, what)
    assert tree(out + ".run") == before, "nothing is changed"
    t.run_ok(s.survey("-o", out, "--force"))
    t.assert_same(s.whole, out, "--force starts over")


def test_output_of_other_sampling(s):
    """An output of another version is told from a damaged or foreign one, by all who read it."""
    out = s.path("other.h5")
    shutil.copy(s.whole, out)
    with t.h5py.File(out, "r+") as f:
        f.attrs.modify("sampling", t.np.uint64(99))
    before = t.read(out)
    for command in ([s.bl23, "replay", out], s.survey("-o", out),
                    s.survey("-o", out, "--samples", 2 * SAMPLES, "--extend"),
                    [s.bl23, "merge", out, "-o", s.path("x.h5")]):
        done = t.run(command)
        assert done.returncode == 2 and not done.stdout, t.told(done)
        assert "another version of the sampling" in done.stderr, t.told(done)
    assert t.read(out) == before
