#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Check and time the CUDA backend on this machine; needs nvcc and CMake, but neither GSL nor HDF5.

  scripts/gpu_check.py --export DIR            where bl23 can be built: write the models to DIR
  scripts/gpu_check.py [--models DIR]          on the GPU host: check and time, in under 8 minutes
  scripts/gpu_check.py --tune [--models DIR]   on the GPU host: time variants of the kernels

The models are a folder with the shipped surveys, bl23 itself and the libraries it needs; where bl23
can be built, the folder is made here. What does not fit into the budget is not run, and nothing is
timed after a check that fails.
Exit 0: everything that was run agrees; 1: it does not, or nothing could be run; 2: misuse.
"""
import argparse
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
import json
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import time

ROOT = Path(__file__).resolve().parent.parent
FLAGS = "-O3 --fmad=false -arch=native"
# Values that --tune tries, one at a time.
CANDIDATES = {"STEPS": (2, 4, 8), "SCREEN_BLOCKS": (4, 5, 6, 7), "COLLECT_BLOCKS": (2, 3, 4, 5)}
# The stages in their order, and the Python programs of each: kind, survey, what, seconds, command.
PEER = "bench/peers/gpu_peers.py {} {{models}}/fig3.txt {{build}}/survivors.bin --rows {{rows}}"
COUNTERS = "bench/gpu_counters.py {{program}} {{models}} --survey {} --rows {{rows}}"
STAGES = {
    "check": (), "bench": (),
    "peers": [("peer", "fig3", library, 90, PEER.format(library))
              for library in ("cupy", "cupy_kernel", "jax", "torch")],
    "end": [("end", "", "whole processes", 90,
             "bench/gpu_end_to_end.py {models}/program/bl23 {root}/scripts/surveys --rows {rows}")],
    "files": [("check", "files", "whole files of 1e9 samples against the CPU's", 60,
               "tests/run_pytest.py --bl23={models}/program/bl23 --source={root} "
               "{root}/tests/test_gpu_survey.py")],
    "counters": [("count", survey, "counters", 40, COUNTERS.format(survey))
                 for survey in ("fig3", "open_question")],
    "sanitizer": ()}
PASS, FAIL, NOT_RUN = "PASS", "FAIL", "not run"
SKIP, DIFFERENT, OUT_OF_TIME = 77, 3, (124, 137)  # exit codes: of a script, of a peer, of timeout

# A line of the table, and of the file to which gpu_check and the Python programs append (--rows).
Row = namedtuple("Row", "kind survey what result samples seconds spread samples_per_s note",
                 defaults=(0, 0, 0, 0, ""))


def read_rows(path):
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return [Row(*texts[:4], *(int(x) if x.isdigit() else float(x) for x in texts[4:8]), texts[8])
            for texts in lines]


def add_rows(path, *rows):
    with open(path, "a", encoding="utf-8") as f:
        for row in rows:
            f.write("\t".join(re.sub(r"\s", " ", str(field)) for field in row) + "\n")


# ---- what exit codes and output mean ----

def judge(kind, code, output=""):
    """(result, note) of a Python program. A peer that breaks says nothing about bl23; a peer that
    finds other survivors does."""
    last = (output.splitlines() or [""])[-1]
    if code == 0:
        return PASS, ""
    if code in OUT_OF_TIME:
        return NOT_RUN, "out of time"
    if code == SKIP:
        return NOT_RUN, last
    return FAIL if kind != "peer" or code == DIFFERENT else NOT_RUN, f"exit code {code}: {last}"


def judge_sanitizer(code, output):
    """(result, note) by the sanitizer's own summary. Without one it did not run, as where a driver
    refuses."""
    summary = (re.findall(r"(?:ERROR|RACECHECK) SUMMARY: .*", output) or ["no summary"])[-1]
    passed = len(re.findall(r"^check .* PASS\b", output, flags=re.M))
    note = f"exit code {code}, {passed} cases, {summary}"
    if re.search("Device not supported|Internal Sanitizer Error", output):
        return NOT_RUN, "the sanitizer refuses this device"
    if re.search("SUMMARY: [^0]", summary) or re.search(r"^check .* FAIL\b", output, flags=re.M):
        return FAIL, note
    if code in OUT_OF_TIME:
        return NOT_RUN, "out of time"
    return PASS if passed and code == 0 and summary != "no summary" else NOT_RUN, note


def table_of(rows):
    """The lines to print: device, cases that agree, everything else."""
    lines = [f"info   {row.note}" for row in rows if row.kind == "info"]
    cases = [row for row in rows if row.kind == "check"]
    for survey in dict.fromkeys(row.survey for row in cases):
        results = [row.result for row in cases if row.survey == survey]
        lines.append(f"check  {survey:14} {results.count(PASS)} of {len(results)} cases agree with "
                     "the CPU, bit for bit")
    for row in rows:
        if row.kind != "info" and (row.kind, row.result) != ("check", PASS):
            figures = [f"{x:.4g}{unit}" if x else "" for x, unit in (
                (row.samples, ""), (row.seconds, " s"), (row.samples_per_s, " /s"))]
            lines.append("{:6} {:14} {:50} {:8} {:>11} {:>12} {:>11}  {}".format(
                *row[:4], *figures, row.note))
    return lines


def conclusion(rows):
    """(exit code, sentence)."""
    results = [row.result for row in rows]
    if FAIL in results:
        return 1, "SOMETHING IS WRONG: see the rows FAIL"
    some = "that was run agrees; some was not run" if NOT_RUN in results else "agrees"
    return 0, f"everything {some}"


def variants_of(header):
    """What --tune builds, by the text of cuda_tiles.h: as it is, and other values than its own."""
    now = re.findall(r"^#define BL23_CUDA_([A-Z_]+) (\d+)$", header, flags=re.M)
    return ["as_it_is"] + [f"{name}={value}" for name, values in CANDIDATES.items()
                           for value in values if (name, str(value)) not in now]


def bundled_libraries(ldd):
    """Paths of the libraries that travel with a program: all but those of the C library."""
    c_library = re.compile(r"/lib(c|m|pthread|dl|rt|resolv)\.so")
    return [path for path in re.findall(r"=> (/\S+)", ldd) if not c_library.search(path)]


# ---- running ----

def run(log, *command):
    """The exit code of a command; what it prints goes to the file `log`, None: to stderr."""
    with open(log or os.devnull, "w", encoding="utf-8") as f:
        return subprocess.run([str(word) for word in command], stdout=f if log else sys.stderr,
                              stderr=f if log else None, check=False).returncode


def answer(*command):
    """What a command prints; nothing where it fails or is not there."""
    try:
        return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def git(*command):
    return answer("git", "-C", ROOT, *command)


def ask_device(key):
    return answer("nvidia-smi", f"--query-gpu={key}", "--format=csv,noheader").partition("\n")[0]


def build(folder, log, *options):
    """Configure and build; whether both went well."""
    return not (run(log, "cmake", "-S", ROOT, "-B", folder, "-DCMAKE_BUILD_TYPE=Release", *options)
                or run(log, "cmake", "--build", folder, "-j", os.cpu_count()))


def write_models(folder, python):
    """The models of the shipped surveys, the text that the Python peers read, and the program."""
    print("building bl23 to export the models", flush=True)
    (folder / "program").mkdir(parents=True, exist_ok=True)
    (folder / "commit").write_text(git("rev-parse", "HEAD") or "unknown")
    counts = answer(python, ROOT / "bench/kernel_resources.py", "--counts")
    (folder / "instructions").write_text(counts)
    built, log = ROOT / "build/gpu_export", folder / "export.log"
    bl23 = built / "bin/bl23"
    # The program looks for its libraries where it lies, and so do the libraries.
    if not build(built, log, "-DBL23_TESTS=OFF", "-DCMAKE_BUILD_RPATH=$ORIGIN",
                 "-DCMAKE_EXE_LINKER_FLAGS=-Wl,--disable-new-dtags") or run(
                     log, bl23, "bench", "--export", folder):
        sys.exit(f"gpu_check.py: bl23 could not be built here, or did not export: see {log}; make "
                 "the models elsewhere with --export DIR, and name them here with --models")
    for path in (bl23, *bundled_libraries(answer("ldd", bl23))):
        shutil.copy(path, folder / "program")
    if run(log, python, ROOT / "bench/export_model.py", bl23, ROOT / "scripts/surveys/fig3.yaml",
           folder / "fig3.txt"):
        print(f"there will be no peers, as {python} could not write fig3.txt: see {log}")


class Session:
    """A run on a GPU host; commands name its attributes in braces."""

    def __init__(self, options, nvcc):
        self.root, self.nvcc, self.build, self.models = ROOT, nvcc, options.build, options.models
        self.python, self.rows = options.python, self.build / "rows.tsv"
        self.program, self.end = self.build / "bin/gpu_check", options.start + options.budget
        self.build.mkdir(parents=True, exist_ok=True)
        self.rows.write_text("")
        commit, of_models = git("rev-parse", "HEAD"), self.models / "commit"
        if git("status", "--porcelain", "--", "kernels", "bench"):
            commit += " with changes"
        elif not commit and of_models.exists():
            commit = of_models.read_text().strip() + " by its models"
        toolkit = re.search(r"release ([\d.]+)|$", answer(nvcc, "--version"))[1]
        self.device = {"device": ask_device("name"), "driver": ask_device("driver_version"),
                       "cuda": toolkit, "commit": commit or "unknown", "flags": FLAGS}

    def about(self):
        return "GPU {device}, driver {driver}, CUDA {cuda}, commit {commit}".format(**self.device)

    def build_gpu_check(self, folder, log, flags=""):
        return build(folder, log, "-DBL23_KERNELS_ONLY=ON", "-DBL23_CUDA=ON",
                     f"-DCMAKE_CUDA_COMPILER={self.nvcc}", "-DCMAKE_CUDA_ARCHITECTURES=native",
                     f"-DCMAKE_CUDA_FLAGS={flags}")

    def run(self, limit_s, command, log=None, **names):
        """(exit code, output) within the limit and what is left of the budget."""
        limit_s = min(limit_s, int(self.end - time.monotonic()))
        if limit_s <= 5:
            return OUT_OF_TIME[0], ""
        words = [word.format(**vars(self), **names) for word in command.split()]
        code = run(log, "timeout", "-k", "5", limit_s, *words)
        return code, log.read_text(errors="replace") if log else ""

    def add(self, *fields, note=""):
        add_rows(self.rows, Row(*fields, note=note))

    def gpu_check(self, kind, what, seconds, command):
        """gpu_check adds its own rows, and stops by itself after these seconds."""
        code, _ = self.run(seconds + 15, "{program} " + command + " --seconds {seconds} "
                           "--models {models} --rows {rows}", seconds=seconds)
        results, (result, note) = [row.result for row in read_rows(self.rows)], judge(kind, code)
        if kind == "check" and (PASS not in results or code in OUT_OF_TIME):
            result, note = FAIL, f"{results.count(PASS)} cases passed; {note or 'no time for more'}"
        if result != PASS and FAIL not in results:
            self.add(kind, "", what, result, note=note)

    def instructions(self):
        """Of a sample in the loops of the screen, by this compiler, or by that of the models."""
        objects = [path for path in self.build.rglob("cuda_screen.cu.o")
                   if self.build / "tune" not in path.parents]
        counted = objects and answer(self.python, ROOT / "bench/kernel_resources.py", "--object",
                                     objects[0])
        if not counted and (self.models / "instructions").exists():
            counts = dict(re.findall(r"(sm_\d+) (\S+)", (self.models / "instructions").read_text()))
            counted = counts.get("sm_" + ask_device("compute_cap").replace(".", ""))
        return counted or "0,0,0"

    def sanitizer(self, tool):
        if not shutil.which("compute-sanitizer"):
            return NOT_RUN, "compute-sanitizer is not installed"
        log = self.build / f"{tool}.log"
        result, note = judge_sanitizer(*self.run(
            40, "compute-sanitizer --tool {tool} --error-exitcode 9 {program} check --seconds 25 "
            "--models {models} --only fig3 --samples 200000 --large 0", log, tool=tool))
        return result, note if result == PASS else f"{note}: see {log}"

    def stage(self, name):
        if name == "check":
            self.gpu_check("check", "conformance", 100, "check")
        elif name == "bench":
            self.gpu_check("time", "times", 110, f"bench --instructions {self.instructions()}")
        elif name == "peers":
            (self.build / "survivors.bin").unlink(missing_ok=True)
            self.run(20, "{program} survivors {build}/survivors.bin --samples 16777216 "
                     "--models {models}")
        elif name == "sanitizer":
            for tool in ("memcheck", "racecheck"):
                result, note = self.sanitizer(tool)
                self.add("tool", "fig3", f"compute-sanitizer {tool}", result, note=note)
        for kind, survey, what, limit_s, command in STAGES[name]:
            log = self.build / (Path(command.split()[0]).name + ".log")
            code, output = self.run(limit_s, "{python} {root}/" + command, log)
            result, note = judge(kind, code, output)
            if result != PASS or kind == "check":  # the others add their own rows
                self.add(kind, survey, what, result, note=note)

    def run_stages(self, names):
        for name in (name for name in STAGES if name in names):
            failed = [row.kind for row in read_rows(self.rows) if row.result == FAIL]
            if "check" in failed and name != "sanitizer":
                note = "nothing is timed after a check that failed"
                self.add("time", "", f"stage {name}", NOT_RUN, note=note)
            else:
                self.stage(name)

    def try_variant(self, name, folder, built):
        """Check a variant of the kernels and time it."""
        log, rows = folder / "run.log", folder / "rows.tsv"
        if not built:
            return self.add("tune", "fig3", name, FAIL, note=f"it does not build: see {folder}.log")
        if self.run(30, "{folder}/bin/gpu_check check --only fig3 --models {models} "
                    "--samples 1048576 --large 0", log, folder=folder)[0]:
            return self.add("tune", "fig3", name, FAIL, note="it does not agree with the CPU, or "
                            f"there was no time: see {log}")
        rows.write_text("")
        for survey in ("fig3", "open_question"):
            self.run(30, "{folder}/bin/gpu_check kernels --only {survey} --models {models} "
                     "--rows {folder}/rows.tsv", log, folder=folder, survey=survey)
        add_rows(self.rows, *(row._replace(kind="tune", what=f"{name} {row.what}")
                              for row in read_rows(rows)))

    def tune(self):
        variants = variants_of((ROOT / "kernels/cuda/cuda_tiles.h").read_text(encoding="utf-8"))
        print("building the variants", *variants, flush=True)
        folders = [self.build / "tune" / name for name in variants]
        folders[0].mkdir(parents=True, exist_ok=True)
        flags = ["", *(f"-DBL23_CUDA_{name}" for name in variants[1:])]
        with ThreadPoolExecutor(len(variants)) as pool:
            logs = [f"{folder}.log" for folder in folders]
            built = list(pool.map(self.build_gpu_check, folders, logs, flags))
        for k in (*range(len(variants)), 0):  # the first one twice: the difference is noise
            self.try_variant(variants[k], folders[k], built[k])


# ---- the command line ----

def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)

    def add(name, default, text, kind=Path, value="DIR"):
        parser.add_argument(name, type=kind, default=default, metavar=value, help=text)

    add("--export", None, "only write the models to DIR")
    add("--models", None, "models from --export (default: build/gpu_models)")
    add("--json", ROOT / "build/gpu_check.json", "default: build/gpu_check.json", value="FILE")
    add("--python", sys.executable, "its CuPy, JAX and PyTorch are the peers", str, "PYTHON")
    add("--budget", 465, "stop after so many seconds (default: 465)", int, "SECONDS")
    add("--stages", ",".join(STAGES), f"run some of {','.join(STAGES)}", str, "LIST")
    add("--build", ROOT / "build/gpu_check", "programs and logs (default: build/gpu_check)")
    parser.add_argument("--tune", action="store_true", help="time variants of the kernels")
    options = parser.parse_args(arguments)
    options.stages = options.stages.replace(",", " ").split()
    unknown = sorted(set(options.stages) - set(STAGES))
    if unknown or not options.stages:
        parser.error(f"--stages: unknown stage '{' '.join(unknown)}'")
    if not shutil.which(options.python):
        parser.error(f"--python: there is no interpreter {options.python}")
    if options.models and not (options.models / "fig3.model").exists():
        parser.error(f"--models: {options.models} has no models; make them with "
                     "'scripts/gpu_check.py --export DIR' where bl23 can be built")
    options.models, options.start = options.models or ROOT / "build/gpu_models", time.monotonic()
    return options


def find_nvcc():
    """Its path; ends the program where there is no nvcc, no CMake or no GPU."""
    toolkit = os.path.join(os.environ.get("CUDA_HOME", "/usr/local/cuda"), "bin/nvcc")
    nvcc = os.environ.get("CUDACXX") or shutil.which("nvcc") or shutil.which(toolkit)
    if not nvcc:
        sys.exit("gpu_check.py: no nvcc was found; install the CUDA toolkit or set CUDACXX to nvcc")
    if not ask_device("name") and not os.path.exists("/dev/nvidia0"):
        sys.exit("gpu_check.py: no GPU answers, so nothing was checked and nothing was timed")
    os.environ["PATH"] += os.pathsep + os.path.dirname(nvcc)
    return nvcc


def main(arguments=None):
    options = options_of(arguments)
    if not shutil.which("cmake"):
        sys.exit("gpu_check.py: no cmake was found; version 3.22 or later is needed")
    if not os.environ.get("CMAKE_GENERATOR") and not shutil.which("make") and shutil.which("ninja"):
        os.environ["CMAKE_GENERATOR"] = "Ninja"
    if options.export:
        write_models(options.export, options.python)
        print(f"{options.export} holds the models: name it on the GPU host with --models")
        return 0
    nvcc = find_nvcc()
    if not (options.models / "fig3.model").exists():
        write_models(options.models, options.python)
    session = Session(options, nvcc)
    print(session.about(), flush=True)
    if options.tune:
        session.tune()
        rows = read_rows(session.rows)
        shown = [row for row in rows if not re.search("sort|without|launch", row.what)]
        print(*table_of(shown), session.rows, sep="\n")
        return conclusion(rows)[0]

    log = options.build / "build.log"
    print("building gpu_check", flush=True)
    if not session.build_gpu_check(options.build, log):
        sys.exit(f"gpu_check.py: gpu_check does not build: see {log}\n{log.read_text()[-2000:]}")
    if run(None, session.program, "info", "--rows", session.rows):
        sys.exit("gpu_check.py: no CUDA device was found, so nothing was checked or timed")
    session.run_stages(options.stages)

    rows, now = read_rows(session.rows), datetime.now(timezone.utc)
    with open(options.json, "w", encoding="utf-8") as f:
        json.dump({"date": f"{now:%Y-%m-%d %H:%M UTC}", **session.device, "rows": [
            {**row._asdict(), **session.device} for row in rows]}, f, indent=1)
    code, sentence = conclusion(rows)
    print("", f"{session.about()}, {FLAGS}", *table_of(rows), "", sep="\n")
    print(f"{options.json}; {time.monotonic() - options.start:.0f} s in all", sentence, sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
