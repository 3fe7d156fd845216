#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Forged manifests, segments, run folders, outputs and certificates, under checksums that fit.

    forge_campaign.py BL23 FOLDER --cases N --seed S [--only K] [--kind WORD] [--keep]

Case K of seed S is the same every time: --only K runs it alone, --keep leaves its files in FOLDER.
A forgery is what an attacker, or a writer with a fault, could leave behind; a share is plain
damage.
The program may refuse it, or compute what is missing again. It must not crash, hang, or need
unbounded memory; with exit 0 the output is that of the undisturbed survey, a report is that of the
genuine file, an accepted certificate claims no more than the genuine one; and what is not bl23's is
still there with the same bytes. Exit 0: so it was; 1: not so.
"""
import argparse
import concurrent.futures
import json
import os
import random
import re
import resource
import shutil
import stat
import subprocess
import sys
import time
import traceback

import survey_tools as t
import forge_bounds
import forge_formats as f
import forge_outputs
import forge_run
import forge_segments

HANG_S = 20                               # far above what a command needs, also on a busy machine
MEMORY, FILE_SIZE = 4 << 30, 1 << 28      # bytes a command may use, and write into one file
SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error:")
NOBODY = 65534
BASE = """survey: {{samples: {samples}, seed: {seed}, mass_gev: {{list: [0.14, 0.13]}}{more}}}
constraints: {constraints}
output: {{file: o.h5, nearest: 20{output}}}
"""
PAPER = "{sets: [paper2020], without: [ccfr, na62_pi0, e949]}"
NOTHING = ("{sets: [paper2020], extra: [{name: tiny, observable: br_bp_kp, upper: 1.0e-12, "
           "cl: 0.9, cite: y}]}")
PLANE = ", histograms: [[wu11_abs2, phase12]]"
SAMPLES = 40000                           # five segments, the last of them shorter


class Survey:
    """One survey: configuration, undisturbed output, and the folder of a run before its merge."""

    def __init__(self, bench, name, constraints=PAPER, output="", more="", samples=SAMPLES, seed=3):
        self.name, self.samples, self.keeps_all = name, samples, "max_survivors" not in output
        self.folder = os.path.join(bench.folder, "genuine", name)
        os.makedirs(self.folder)
        text = BASE.format(samples=samples, seed=seed, constraints=constraints, output=output,
                           more=more)
        self.config = bench.write(os.path.join(self.folder, "c.yaml"), text)
        self.reference = os.path.join(self.folder, "o.h5")
        bench.ok(["survey", "c.yaml", "-o", "o.h5", "--quiet"], self.folder)
        part = ["survey", "c.yaml", "--quiet", "--threads", 1, "--range", 8192, "--commit", 0]
        bench.ok([*part, "-o", "p.h5", "--first", 0, "--count", SAMPLES], self.folder)
        self.run = os.path.join(self.folder, "p.h5.run")
        bench.ok([*part, "-o", "q.h5", "--first", 12288, "--count", 8192], self.folder)
        other = os.path.join(self.folder, "q.h5.run")
        line = t.read(os.path.join(other, "manifest")).splitlines()[-1]
        name = f.segment_name(*[int(x) for x in line.split()[1:3]])
        self.overlapping = name, t.read(os.path.join(other, name)), line
        self.yaml = t.read(os.path.join(self.run, "config.yaml"))
        self.lines = t.read(os.path.join(self.run, "manifest")).splitlines()
        self.entries = [tuple(int(x) for x in line.split()[1:3]) for line in self.lines]
        self.hash = int(self.lines[0].split(b" config ")[1].split()[0], 16)
        self.content = t.h5_content(self.reference)
        self.constraints = self.content["cutflow/name"][1][0]
        self.other_seed = None


class Bench:
    """The program, the genuine files and the reports on them."""

    def __init__(self, bl23, folder):
        self.bl23, self.folder = bl23, folder
        with open(bl23, "rb") as file:
            self.sanitized = b"__asan_init" in file.read()
        self.surveys = [Survey(self, "plain", output=PLANE),
                        Survey(self, "thinned", output=", max_survivors: 300"),
                        Survey(self, "drawn", "{sets: [world_2025]}", PLANE,
                               ", g_bl: {log_uniform: [1.0e-7, 3.0e-3]}"),
                        Survey(self, "barren", NOTHING)]
        if int(self.surveys[3].lines[0].split()[4]) != 0:
            sys.exit("something survives where nothing should")
        seed4 = Survey(self, "seed4", output=PLANE, seed=4)
        for survey in self.surveys:
            survey.other_seed = seed4
        self.twice = Survey(self, "twice", output=PLANE, samples=2 * SAMPLES)
        self.bounds = []
        for survey in (self.surveys[0], self.surveys[3]):
            path = os.path.join(survey.folder, "b.json")
            self.ok(["bound", "c.yaml", "-o", "b.json"], survey.folder)
            self.bounds.append(path)
        why = f.genuine(self.surveys[0].run, self.surveys[0].reference, self.bounds[0])
        if why:
            sys.exit(f"the formats of forge_formats.py are not those of this program: {why}")
        self.reports = {}

    @staticmethod
    def write(path, data):
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        return path

    def ok(self, arguments, folder):
        done = t.run([self.bl23, *arguments], cwd=folder)
        if done.returncode != 0:
            sys.exit("a genuine command failed:\n" + "\n".join(t.told(done)))
        return done

    def report(self, survey, name):
        """What a command says of the genuine output, and what it writes."""
        key = survey.name, name
        if key not in self.reports:
            folder = os.path.join(self.folder, "genuine", f"report-{survey.name}-{name}")
            shutil.copytree(survey.folder, folder)
            done = self.ok(COMMANDS[name], folder)
            path = os.path.join(folder, "x.h5")
            content = t.h5_content(path) if os.path.exists(path) else None
            self.reports[key] = without_speed(done.stdout), content
        return self.reports[key]


SURVEY = ["survey", "c.yaml", "-o", "o.h5", "--quiet"]
RESUME = SURVEY + ["--range", "8192", "--commit", "0", "--threads", "1"]
COMMANDS = {
    "resume": RESUME, "resume --force": RESUME + ["--force"],
    "merge": ["merge", "o.h5", "-o", "x.h5"],
    "part": RESUME + ["--first", "0", "--count", str(SAMPLES)],
    "check": ["check", "c.yaml", "--no-forecast", "--json"],
    "again": SURVEY,
    "extend": SURVEY + ["--samples", str(2 * SAMPLES), "--extend"],
    "replay": ["replay", "o.h5"], "replay --index": ["replay", "o.h5", "--index", "5"],
    "fit": ["fit", "o.h5", "--starts", "1"],
    "--model": ["survey", "c.yaml", "-o", "x.h5", "--quiet", "--model", "o.h5"],
    "verify": ["bound", "--verify", "b.json"],
    "verify --json": ["bound", "--verify", "b.json", "--json"],
}
OF_RUNS = ("resume", "resume", "resume", "merge", "merge", "resume --force", "part", "check")
OF_OUTPUTS = ("again", "extend", "extend", "replay", "replay --index", "--model")


class Case:
    """One forgery in a folder of its own, what is run on it, and what must stay as it is."""

    def __init__(self, bench, number, seed, control=None):
        """control: (kind, command), for a case in which nothing is forged."""
        self.bench, self.number = bench, number
        self.genuine_files = control is not None
        self.rnd = random.Random(f"{seed}:{number}")
        self.folder = os.path.join(bench.folder, f"case-{number}")
        self.protected, self.absent = {}, set()
        self.as_nobody = self.may_not_read = self.not_run = False
        self.forge, kind = KINDS[number % len(KINDS)] if not control else (nothing, control[0])
        self.kind = f"{kind}: {self.forge.__name__}"
        runs = kind in ("run", "segment")
        self.survey = self.rnd.choice(bench.surveys) if runs else bench.surveys[0]
        self.expected, self.hash = self.survey.content, self.survey.hash
        self.out = os.path.join(self.folder, "o.h5")
        self.run = self.out + ".run"
        os.makedirs(self.folder)
        getattr(self, f"prepare_{kind}")()
        if control:
            self.commands = [control[1]]
        self.what = self.forge(self)
        self.finish()

    # ---- what the forgeries call ----

    def write(self, path, data, protect=False):
        self.bench.write(path, data)
        if protect:
            self.protected[path] = data

    def beside(self, name):
        """A place of the user's, outside OUT.run."""
        return os.path.join(self.folder, name)

    def path(self, name):
        return os.path.join(self.run, name)

    def any_segment(self):
        return self.rnd.randrange(len(self.entries))

    def segment_path(self, number):
        return self.path(f.segment_name(*self.entries[number]))

    def segment(self, number):
        return f.Segment(t.read(self.segment_path(number)))

    def line_of(self, first, count, passed, data):
        return f.line(first, count, passed, len(data), f.checksum(data), self.hash)

    def put_segment(self, number, segment):
        """The forged segment in the place of one of the run, and a line that fits it."""
        data = segment.bytes()
        self.write(self.segment_path(number), data)
        passed = int(segment.tallies[0]["passed"])
        self.lines[number] = self.line_of(*self.entries[number], passed, data)

    def put_bytes(self, number, data):
        passed = int(self.segment(number).tallies[0]["passed"])
        self.write(self.segment_path(number), data)
        self.lines[number] = self.line_of(*self.entries[number], passed, data)

    def fit_line(self, number):
        data = t.read(self.segment_path(number))
        passed = int(self.survey.lines[number].split()[4])
        self.lines[number] = self.line_of(*self.entries[number], passed, data)

    def add_segment(self, segment, at=None):
        """One more segment, under its own name, and its line."""
        h, data = segment.header[0], segment.bytes()
        first, count = int(h["first"]), int(h["count"])
        self.write(self.path(f.segment_name(first, count)), data)
        text = self.line_of(first, count, int(segment.tallies[0]["passed"]), data)
        self.lines.insert(len(self.lines) if at is None else at, text)

    def put_bound(self, data):
        self.write(self.beside("b.json"), data)
        self.bound_text = data

    def locked(self, path):
        """Nobody may read it; root could, so that the program does not run as root."""
        self.protected[path] = t.read(path)
        os.chmod(path, 0)
        self.as_nobody = os.geteuid() == 0
        self.may_not_read = True
        self.commands = [self.rnd.choice(("resume", "merge"))]

    # ---- the stages ----

    def prepare_run(self):
        shutil.copytree(self.survey.run, self.run)
        shutil.copy(self.survey.config, self.folder)
        self.lines, self.entries = list(self.survey.lines), list(self.survey.entries)
        self.line_end, self.last_end = b"\n", b"\n"
        self.commands = [self.rnd.choice(OF_RUNS)]
        interrupted = self.rnd.random() < 0.4 and not self.genuine_files
        if self.commands == ["resume"] and interrupted:
            first, count = self.entries.pop()
            os.remove(self.path(f.segment_name(first, count)))
            self.lines.pop()
        if self.commands == ["part"]:
            self.commands.append("merge")

    prepare_segment = prepare_run

    def prepare_output(self):
        shutil.copy(self.survey.reference, self.out)
        shutil.copy(self.survey.config, self.folder)
        self.lines, self.commands = None, [self.rnd.choice(OF_OUTPUTS)]

    def prepare_bound(self):
        self.lines, self.commands = None, [self.rnd.choice(("verify", "verify --json"))]
        self.genuine = self.rnd.choice(self.bench.bounds)
        self.put_bound(t.read(self.genuine))
        self.content = json.loads(self.bound_text)

    def finish(self):
        if self.lines is not None:
            self.write(self.path("manifest"), self.line_end.join(self.lines) + (
                self.last_end if self.line_end == b"\n" else self.line_end))
        if self.commands[0] in ("merge", "check") and os.path.isdir(self.run):    # they only read
            for name in os.listdir(self.run):
                path = self.path(name)
                if stat.S_ISREG(os.lstat(path).st_mode) and os.path.getsize(path) < FILE_SIZE:
                    if path not in self.protected:
                        self.protected[path] = t.read(path)

    # ---- running and judging ----

    def call(self, name):
        """(exit code or None for a hang, stdout, stderr, bytes of memory) of a command."""
        outs = [os.path.join(self.bench.folder, f"{n}-{self.number}") for n in ("stdout", "stderr")]
        options = f"hard_rss_limit_mb={MEMORY >> 20}:allocator_may_return_null=0"
        env = dict(os.environ, ASAN_OPTIONS=options)

        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if self.as_nobody else {}
        if self.as_nobody:
            self.give_to_nobody()
        with open(outs[0], "wb") as out, open(outs[1], "wb") as err:
            process = subprocess.Popen([self.bench.bl23, *COMMANDS[name]], cwd=self.folder, env=env,
                                       stdout=out, stderr=err, stdin=subprocess.DEVNULL, **user)
            self.limit(process.pid)
            end, found = time.monotonic() + HANG_S, (0, 0, None)
            while found[0] == 0 and time.monotonic() < end:
                time.sleep(0.002)
                found = os.wait4(process.pid, os.WNOHANG)
            hangs = found[0] == 0
            if hangs:
                process.kill()
                found = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(found[1])
        texts = [t.read(path)[-200000:].decode(errors="replace") for path in outs]
        for path in outs:
            os.remove(path)
        return None if hangs else process.returncode, *texts, found[2].ru_maxrss * 1024

    def limit(self, pid):
        """A sanitizer needs far more addresses than memory; it has a limit of its own."""
        try:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))
            if not self.bench.sanitized:
                resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
        except (ProcessLookupError, PermissionError):
            pass                                             # it has ended, or is nobody's

    def give_to_nobody(self):
        for folder, _, names in os.walk(self.folder):
            os.chown(folder, NOBODY, NOBODY)
            for name in names:
                os.lchown(os.path.join(folder, name), NOBODY, NOBODY)

    def judge(self):
        """What is wrong with the answers to this forgery, a list of (command, fault, stderr)."""
        faults = []
        for name in self.commands:
            try:
                code, out, err, memory = self.call(name)
            except PermissionError:
                if not self.as_nobody:
                    raise
                self.not_run = True                # the program lies where only root may go
                break
            for fault in self.faults(name, code, out, err, memory):
                faults.append((name, fault, err))
            if code != 0:
                break
        return faults

    def faults(self, name, code, out, err, memory):
        if code is None:
            yield f"no end within {HANG_S} s"
        elif code not in (0, 1, 2, 3):
            yield f"exit {code}"
        if SANITIZER.search(err):
            yield "a report of a sanitizer"
        if memory > MEMORY // (1 if self.bench.sanitized else 2):
            yield f"{memory >> 20} MiB of memory"
        if code in (1, 2, 3) and not err.strip():
            yield f"exit {code} without a word"
        if code == 0 and self.may_not_read:
            yield "exit 0 although a segment may not be read"
        if code != 0 and self.genuine_files:
            yield f"exit {code} although nothing is forged"
        if code == 0:
            yield from self.wrong(name, out)
        for path, data in self.protected.items():
            if not os.path.lexists(path):
                yield f"{os.path.relpath(path, self.folder)} is gone"
            elif data is not None and self.now(path) != data:
                yield f"{os.path.relpath(path, self.folder)} was changed"
        for path in self.absent:
            if os.path.exists(path):
                yield f"{os.path.relpath(path, self.folder)} was made, through a link"

    @staticmethod
    def now(path):
        if os.path.islink(path) or not os.path.isfile(path):
            return None
        if os.geteuid() != 0 and not os.access(path, os.R_OK):
            os.chmod(path, 0o600)
        return t.read(path)

    def wrong(self, name, out):
        """What exit 0 must not stand for."""
        if name.startswith("verify"):
            why = forge_bounds.false_claim(self.content, self.bound_text)
            if why:
                yield f"accepted, although {why}"
        elif name in ("resume", "resume --force"):
            yield from self.differs(self.out, self.expected)
        elif name == "merge":
            yield from self.differs(self.beside("x.h5"), self.expected)
        elif name == "extend":
            yield from self.differs(self.out, self.bench.twice.content)
        elif name == "check":
            done = json.loads(out)["samples_done"]
            if done > SAMPLES:
                yield f"exit 0, and {done} of {SAMPLES} samples are said to be done"
        elif name == "replay" and not self.genuine_files:
            yield "exit 0: the file is said to be what the program makes"
        elif name != "part":
            report, content = self.bench.report(self.survey, name)
            if without_speed(out) != report:
                yield ("exit 0 with another report than that of the genuine file: "
                       + first_difference(report, without_speed(out)))
            if content is not None:
                yield from self.differs(self.beside("x.h5"), content)

    def differs(self, path, content):
        try:
            found = t.h5_content(path)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            yield f"exit 0, and {os.path.basename(path)} cannot be read: {error}"
            return
        names = sorted(n for n in found.keys() | content.keys() if found.get(n) != content.get(n))
        if names:
            yield f"exit 0 and a wrong {os.path.basename(path)}: {', '.join(names[:6])}"


def without_speed(report):
    return re.sub(r"(?m)^speed .*\n", "", report)


def nothing(_):
    return "nothing is forged"


CONTROLS = [("run", name) for name in ("resume", "resume --force", "merge", "part", "check")]
CONTROLS += [("output", name) for name in sorted(set(OF_OUTPUTS))]
CONTROLS += [("bound", name) for name in ("verify", "verify --json")]


def first_difference(a, b):
    pairs = zip(a.splitlines() + [""], b.splitlines() + [""])
    return next((f"{x!r}, {y!r}" for x, y in pairs if x != y), "")


KINDS = [(function, kind) for kind, module in (("run", forge_run), ("segment", forge_segments),
                                               ("output", forge_outputs), ("bound", forge_bounds))
         for function in module.FORGERIES]
random.Random(0).shuffle(KINDS)           # so that a short campaign has some of each


def run_case(bench, number, options, control=None):
    """The lines that tell what went wrong in a case, None where it could not be run."""
    told = []
    try:
        case = Case(bench, number, options.seed, control)
        faults = case.judge()
    except Exception:
        return [f"FAILED: case {number} of seed {options.seed} could not be made or judged",
                traceback.format_exc()]
    for name, fault, err in faults:
        told += [f"FAILED: case {number} of seed {options.seed}: {case.kind}: {case.what} "
                 f"[{case.survey.name}]", f"    {name}: {fault}"]
        told += [f"    | {line[:300]}" for line in err.strip().splitlines()[-3:]]
    if not options.keep:
        shutil.rmtree(case.folder, ignore_errors=True)
    return None if case.not_run else told


def kind_of(number):
    """The name of a case's kind."""
    function, kind = KINDS[number % len(KINDS)]
    return f"{kind}: {function.__name__}"


def run_campaign(bl23, options, numbers):
    """What run_case says of each control, by its command, and of each case, by its number."""
    os.chmod(options.folder, 0o755)
    bench = Bench(bl23, os.path.join(os.path.abspath(options.folder), f"forge-{os.getpid()}"))
    results = {}
    for k, control in enumerate(CONTROLS):           # who refuses everything does not pass
        results[control] = run_case(bench, -1 - k, options, control)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results.update(zip(numbers, pool.map(lambda n: run_case(bench, n, options), numbers)))
    if not options.keep:
        shutil.rmtree(bench.folder, ignore_errors=True)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("bl23")
    parser.add_argument("folder", help="for the files")
    parser.add_argument("--cases", type=int, default=len(KINDS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="K", help="this case alone")
    parser.add_argument("--kind", default="", metavar="WORD",
                        help="only forgeries that have this in their name")
    parser.add_argument("--keep", action="store_true", help="leave the files of the cases")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    numbers = range(options.cases) if options.only is None else [options.only]
    numbers = [n for n in numbers if options.kind in kind_of(n)]
    results = run_campaign(os.path.abspath(options.bl23), options, numbers)
    told = [line for lines in results.values() if lines for line in lines]
    print(*told, sep="\n")
    print(f"{len(numbers)} forgeries of {len(KINDS)} kinds, seed {options.seed}; "
          f"{list(results.values()).count(None)} that root cannot run were left out")
    sys.exit(1 if told or not numbers else 0)


if __name__ == "__main__":
    main()
