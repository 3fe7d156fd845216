#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""bl23 survey --first --count makes parts, bl23 merge makes of them the file that one run makes.

Every shipped survey, in parts of odd sizes, some of them interrupted; thinning at and around the
number of survivors; parts that overlap, are missing, foreign, damaged, in use or no parts at all.
"""

import fcntl
import glob
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time

import pytest

import survey_tools as t

SAMPLES = {"fig3": 300000, "open_question": 2000000, "random_g": 2000000, "today": 400000}
SEED = 20080997
THINNED = 200000  # samples of the surveys that are thinned
EXTRA = [{"name": "mine", "observable": "br_bp_kp", "curve": "mine.csv", "cl": 0.9, "cite": "me"}]


class Parts:
    """One survey, its single run, and parts of it."""

    def __init__(self, bl23, config, folder, name, samples):
        self.bl23, self.config, self.folder, self.name, self.samples = (
            bl23,
            config,
            folder,
            name,
            samples,
        )
        self.reference = self.path("single.h5")
        t.run_ok([bl23, "survey", config, "-o", self.reference, "--samples", samples, "--quiet"])

    def path(self, name):
        return os.path.join(self.folder, f"{self.name}-{name}")

    def part(self, name, first, count, *options):
        out = self.path(name)
        done = t.run_ok(
            [
                self.bl23,
                "survey",
                self.config,
                "-o",
                out,
                "--samples",
                self.samples,
                "--quiet",
                "--first",
                first,
                "--count",
                count,
                *(options or ("--range", 33333, "--commit", 0)),
            ]
        )
        assert (
            os.path.isdir(out + ".run")
            and not os.path.exists(out)
            and out + ".run" in done.stdout
            and "bl23 merge" in done.stdout
        ), t.told(done, f"{self.name}: a part is a folder")
        return out

    def merge(self, parts, *options, out=None):
        return t.run([self.bl23, "merge", *parts, "-o", out or self.path("merged.h5"), *options])

    def check_merge(self, parts, what, *options):
        out = self.path("merged.h5")
        if os.path.exists(out):
            os.remove(out)
        before = {
            p: sorted(os.listdir(p))
            for p in (q if q.endswith(".run") else q + ".run" for q in parts)
        }
        done = self.merge(parts, *options)
        assert done.returncode == 0, t.told(done, f"{self.name}: {what}")
        t.assert_same(self.reference, out, f"{self.name}: {what}")
        assert before == {
            p: sorted(os.listdir(p)) for p in before
        }, f"{self.name}: {what}: the parts are untouched"
        return done

    def refused(self, parts, what, *says, options=(), code=2):
        out = self.path("refused.h5")
        done = self.merge(parts, *options, out=out)
        assert done.returncode == code, t.told(
            done, f"{self.name}: {what}: exit {done.returncode}, expected {code}"
        )
        for text in says:
            assert text in done.stderr, t.told(
                done, f"{self.name}: {what}: '{text}' in the message"
            )
        assert not done.stdout and not glob.glob(glob.escape(out) + "*"), t.told(
            done, f"{self.name}: {what}: nothing is written"
        )


@pytest.fixture
def s(bl23, surveys, folder):
    """fig3, and nothing else in the folder."""
    return Parts(bl23, os.path.join(surveys, "fig3.yaml"), folder, "fig3", SAMPLES["fig3"])


@pytest.fixture
def parts(s):
    return three_parts(s)


def three_parts(s):
    a, b = s.samples // 3 + 1, s.samples // 2 + 7
    return [s.part("a.h5", 0, a), s.part("b.h5", a, b - a), s.part("c.h5", b, s.samples - b)]


@pytest.mark.parametrize("name", SAMPLES)
def test_shipped(bl23, surveys, folder, name):
    config, samples = os.path.join(surveys, name + ".yaml"), SAMPLES[name] * (10 if t.SLOW else 1)
    s = Parts(bl23, config, folder, name, samples)
    parts = three_parts(s)
    done = s.check_merge(parts, "three parts")
    assert "3 parts" in done.stdout and "Written" in done.stdout, t.told(
        done, f"{s.name}: the summary"
    )
    before = t.read(s.path("merged.h5"))
    done = s.merge(parts)
    assert (
        done.returncode == 0 and "finished" in done.stdout and t.read(s.path("merged.h5")) == before
    ), t.told(done, f"{s.name}: merging again changes nothing")
    s.check_merge(
        [parts[2] + ".run", parts[0], parts[1] + ".run"], "in another order, folders named"
    )
    done = s.check_merge(parts, "as JSON", "--json")
    assert json.loads(done.stdout)["drawn"] == s.samples, t.told(done, f"{s.name}: --json")
    done = s.merge(parts, "--json")
    assert {key: json.loads(done.stdout).get(key) for key in ("output", "drawn", "finished")} == {
        "output": s.path("merged.h5"),
        "drawn": s.samples,
        "finished": True,
    }, t.told(done, f"{s.name}: --json of what is finished")
    t.run_ok([s.bl23, "replay", s.path("merged.h5")])
    whole = s.part("whole.h5", 0, s.samples, "--threads", 2)
    s.check_merge([whole], "one part that is all")


@pytest.fixture
def foreign(s):
    """A part of a survey with another seed."""
    other = os.path.join(s.folder, "foreign.yaml")
    t.with_changes(s.config, other, survey={"seed": 9})
    survey = Parts(s.bl23, other, s.folder, "foreign", s.samples)
    return survey.part("f.h5", s.samples // 2 + 7, 1000)


def test_foreign_configuration(s, parts, surveys):
    random_g = os.path.join(surveys, "random_g.yaml")
    says = parts[0], "(survey.mass_gev is ", "survey.g_bl is ", ", not solve; ", " more keys)"
    s.refused(parts, "another one", random_g, *says, options=("--config", random_g))


def test_wrong_parts(s, parts, foreign):
    a, b, c = parts
    n = s.samples
    s.refused(
        [a, c],
        "a missing part",
        f"the samples {n // 3 + 1} to {n // 2 + 6} of {n} are missing from all parts",
        "--first",
    )
    s.refused([b, c], "the first missing", f"the samples 0 to {n // 3} ")
    s.refused([a, b], "the last missing", f"to {n - 1} of {n} are missing from all parts")
    s.refused(
        [a, b, c, b + ".run"],
        "a part twice",
        "b.h5.run is named twice; name each part once",
    )
    over = s.part("over.h5", n // 3, 100)
    s.refused(
        [a, over, b, c],
        "an overlap",
        f"{a}.run and {over}.run both hold the samples {n // 3} to {n // 3}; merge",
    )
    s.refused(
        [a, b, foreign],
        "a foreign part",
        foreign,
        "have different configurations",
        a,
        "(survey.seed is 9, not 1)",
    )
    s.refused([foreign, b, c], "foreign parts", b, "have different configurations", foreign)
    s.refused([a, b, s.reference], "a whole survey", f"{s.reference} is a finished survey of all")
    for what in (s.path("nothing"), s.config, s.folder):
        s.refused(
            [a, b, what],
            "no part",
            f"{what}: there is no run here; give the name used with -o in 'bl23 survey",
        )
    s.refused([], "no parts at all", "bl23 merge takes one PART or more (got 0 operands)")
    for out in (b, os.path.join(b + ".run", "x.h5")):
        for force in ([], ["--force"]):
            done = s.merge(parts, *force, out=out)
            says = f"-o: '{out}' is the part {b}.run or lies in it; choose a name outside"
            assert done.returncode == 2 and says in done.stderr and not os.path.exists(out), t.told(
                done, f"an output at the place of a part: {out}"
            )
    done = t.run([s.bl23, "merge", a, b, c])
    assert done.returncode == 2 and "bl23 merge needs -o FILE.h5 (see" in done.stderr, t.told(
        done, "merge without -o"
    )
    with open(os.path.join(b + ".run", "lock"), "r+", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        s.refused(parts, "a part in use", f"{b}.run: another bl23 that is running holds the lock")
    out = s.path("refused.h5")
    for text in (b"precious", b""):
        with open(out, "wb") as f:
            f.write(text)
        done = s.merge(parts, out=out)
        assert (
            done.returncode == 2
            and t.read(out) == text
            and "exists and is not a finished survey; choose" in done.stderr
        ), t.told(done, "an output that is something else")
    assert s.merge(parts, "--force", out=out).returncode == 0, "--force"
    t.assert_same(s.reference, out, "--force replaces it")
    os.remove(out)


def test_reused_part(s):
    """A folder that already holds what is asked for, and more: the summary tells what it holds."""
    half, few = s.samples // 2, s.samples // 10
    out = s.part("reused.h5", 0, half)
    command = [
        s.bl23,
        "survey",
        s.config,
        "-o",
        out,
        "--samples",
        s.samples,
        "--quiet",
        "--json",
        "--first",
    ]
    for first, held, now in (
        (half - few, half, 0),
        (half - few // 2, half + few - few // 2, few - few // 2),
    ):
        told = json.loads(t.run_ok([*command, first, "--count", few]).stdout)
        assert (told["held"], told["computed_now"], told["count"]) == (held, now, few), t.note(
            "a reused part", told, held, now
        )
    index = t.columns(s.reference)["index"]
    assert told["passed"] == sum(index < held), t.note("the survivors of all that it holds", told)
    done = t.run(
        [
            str(x)
            for x in (
                s.bl23,
                "survey",
                s.config,
                "-o",
                s.reference,
                "--samples",
                s.samples,
                "--first",
                0,
                "--count",
                few,
            )
        ]
    )
    assert (
        done.returncode == 2
        and s.reference in done.stderr
        and "--first" in done.stderr
        and not done.stdout
        and not os.path.exists(s.reference + ".run")
    ), t.told(done, "a part with the name of a finished survey")


def paste(s, done):
    """Run the commands of a refused merge as a shell would, from where the merge was called."""
    commands = [line for line in done.stderr.splitlines() if line.startswith("  bl23 survey ")]
    assert commands, t.told(done, f"{s.name}: a refused merge says what to run")
    for line in commands:
        t.run_ok(
            ["sh", "-c", line + " --quiet"],
            env={"PATH": f"{os.path.dirname(s.bl23)}:{os.environ['PATH']}"},
        )
    return len(commands)


def test_gaps(s):
    """Every gap is named, up to five, and the commands in the message fill them.

    Also where a name has blanks and quotes.
    """
    step, n = s.samples // 17, s.samples
    out = s.path('it\'s "a" part.h5')
    for k in range(0, 16, 2):  # the gaps 1, 3, ..., 13 and the rest from 15 on
        s.part(
            os.path.basename(out)[len(s.name) + 1 :], k * step, step, "--range", step, "--commit", 0
        )
    said = [f"{k * step} to {(k + 1) * step - 1 if k < 15 else n - 1}" for k in range(1, 16, 2)]
    for more in (" and 3 more ranges", ""):
        done = s.merge([out])
        named = ", ".join(said[:5]) + more
        assert (
            done.returncode == 2
            and f"the samples {named} of {n} are missing from all parts" in done.stderr
        ), t.note("gaps", named, t.told(done))
        said = said[paste(s, done) :]
    assert not said, t.note("all gaps are filled", said)
    s.check_merge([out], "gaps that were filled by the commands that merge told")
    moved = s.path("moved")  # a folder whose name does not tell the part's
    half = s.part("half.h5", 0, n // 2)
    os.rename(half + ".run", moved)
    os.remove(s.path("merged.h5"))
    assert paste(s, s.merge([moved])) == 1, "a folder that was named anew: one command"
    done = s.merge([moved, moved + "-more"], "--force")
    assert done.returncode == 0, t.told(done, "a folder that was named anew")
    t.assert_same(s.reference, s.path("merged.h5"), "a folder that was named anew")
    deep = os.path.join(s.folder, *("x" * 200 for _ in range(10)))
    os.makedirs(deep)
    half = shutil.move(moved, os.path.join(deep, "half.h5.run"))
    assert paste(s, s.merge([half], out=s.path("unmade.h5"))) == 1, "long names: one command"
    s.check_merge([half], "long names")


def test_damaged_parts(s, parts):
    """What is damaged counts as missing; computing the part again mends it."""
    a, b, c = parts
    folder = b + ".run"
    name = sorted(n for n in os.listdir(folder) if n.startswith("segment-"))[1]
    first, count = (int(x, 16) for x in name.split("-")[1:])
    kept = s.path("kept")
    shutil.copytree(folder, kept)
    path = os.path.join(folder, name)
    for what, change in (
        ("cut", lambda: os.truncate(path, 1000)),
        ("removed", lambda: os.remove(path)),
        ("flipped", lambda: flip(path, 4321)),
    ):
        change()
        s.refused(
            parts,
            f"a segment {what}",
            path,
            "its samples are missing",
            f"the samples {first} to {first + count - 1} of",
        )
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)
    os.remove(path)
    with open(os.path.join(folder, "manifest"), "a", encoding="ascii") as f:
        f.write("segment 12")
    s.part("b.h5", s.samples // 3 + 1, s.samples // 2 + 7 - s.samples // 3 - 1)
    s.check_merge(parts, "a mended part")


def flip(path, offset):
    with open(path, "r+b") as f:
        f.seek(offset)
        byte = f.read(1)[0]
        f.seek(offset)
        f.write(bytes([byte ^ 4]))


def test_interrupted(bl23, surveys, folder):
    """A part that is stopped and killed again and again ends as the same part."""
    s = Parts(bl23, os.path.join(surveys, "fig3.yaml"), folder, "stopped", 3000000)
    rng, first, stops = random.Random(SEED), s.samples // 5, 0
    command = [
        str(x)
        for x in (
            s.bl23,
            "survey",
            s.config,
            "-o",
            s.path("i.h5"),
            "--samples",
            s.samples,
            "--first",
            first,
            "--count",
            s.samples - first,
            "--range",
            5000,
            "--commit",
            0,
            "--threads",
            2,
        )
    ]
    for number in (signal.SIGUSR1, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        time.sleep(rng.uniform(0.02, 0.15))
        process.send_signal(number)
        _, error = process.communicate()
        expected = {
            0,
            -number if number == signal.SIGKILL else 3,
            -number,
        }  # -number: before the handler was there
        assert process.returncode in expected, t.note(
            f"{signal.Signals(number).name}: exit {process.returncode}", error
        )
        stops += process.returncode != 0
    assert stops >= 2, f"{stops} of 5 signals met a running part"
    done = t.run_ok(command)
    again = t.run_ok(command)
    assert (
        done.stdout.split("\n")[0] == again.stdout.split("\n")[0]
        and "; this run computed 0 of them" in again.stdout
        and not re.search("computed again", again.stderr)
    ), t.told(again, "a finished part is reported")
    s.check_merge([s.part("j.h5", 0, first), s.path("i.h5")], "parts that were interrupted")


@pytest.fixture(scope="module")
def passed(bl23, surveys, shared):
    """How many samples of fig3 survive."""
    config = os.path.join(shared, "all.yaml")
    fig3 = os.path.join(surveys, "fig3.yaml")
    t.with_changes(fig3, config, output={"max_survivors": 1000000})
    return len(t.columns(Parts(bl23, config, shared, "all", THINNED).reference)["index"])


@pytest.mark.parametrize("limit", ("0", "1", "17", "all but one", "all", "more"))
@pytest.mark.parametrize("store", ("records", "index", "none"))
def test_thinning(bl23, surveys, folder, passed, store, limit):
    """Exactly the survivors of smallest hash, however the samples are cut into segments."""
    near = {"all but one": passed - 1, "all": passed, "more": passed + 1}
    limit = near[limit] if limit in near else int(limit)
    config = os.path.join(folder, "thin.yaml")
    output = {"max_survivors": limit, "store": store}
    t.with_changes(os.path.join(surveys, "fig3.yaml"), config, output=output)
    s = Parts(bl23, config, folder, "thin", THINNED)
    stored = len(t.columns(s.reference)["index"])
    assert stored == (0 if store == "none" else min(limit, passed))
    s.check_merge(three_parts(s), "thinned")


def test_own_curve(bl23, surveys, folder):
    """A curve of the user's beside the configuration."""
    home = os.path.join(folder, "home")
    os.mkdir(home)
    with open(os.path.join(home, "mine.csv"), "w", encoding="ascii") as f:
        f.write("m_gev,upper\n0.01,0.5\n1,0.5\n")
    fig3, config = os.path.join(surveys, "fig3.yaml"), os.path.join(home, "curve.yaml")
    t.with_changes(fig3, config, constraints={"extra": EXTRA})
    s = Parts(bl23, config, folder, "curve", 100000)
    parts = three_parts(s)
    s.check_merge(parts, "a curve that is elsewhere")
    s.check_merge(parts, "a curve of the user's", "--config", config)
    shutil.rmtree(parts[1] + ".run")
    os.remove(s.path("merged.h5"))
    paste(s, s.merge([parts[0], parts[2]], "--config", config))
    s.check_merge([parts[0], parts[2]], "a gap beside a curve", "--config", config)


def test_own_tables(bl23, surveys, folder):
    """Tables given by --model, a little different, as another compiler may round."""
    fig3, tables = os.path.join(surveys, "fig3.yaml"), os.path.join(folder, "tables.h5")
    t.run_ok([bl23, "survey", fig3, "-o", tables, "--samples", 5000, "--quiet"])
    t.alter_table(tables, "kappa", lambda data: t.np.nextafter(data, 1, out=data), forged=True)
    s = Parts(bl23, fig3, folder, "plain", 100000)
    model = ("--model", tables)
    a, b = s.part("pa.h5", 0, 40000, *model), s.part("pb.h5", 40000, 60000, *model)
    s.refused([a, b], "tables that were given", "--model")
    command = [bl23, "survey", fig3, "-o", s.reference, "--samples", 100000, "--quiet", "--force"]
    t.run_ok([*command, *model])
    s.check_merge([a, b], "tables that were given", *model)
    other = s.part("pc.h5", 40000, 60000)
    s.refused([a, other], "a part with other tables", "pc.h5", options=model)
    os.remove(s.path("merged.h5"))
    paste(s, s.merge([b], *model))
    s.check_merge([b], "a gap beside tables that were given", *model)
