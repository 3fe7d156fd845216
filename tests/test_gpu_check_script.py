#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""scripts/gpu_check.sh from begin to end, with the device played by tests/cuda_shim and the tools of a GPU host
by small programs: what it does with a good host, with a sanitizer that refuses, finds or says nothing, with a
device that fails the check, with peers that break or disagree, without time, and without make.
"""
import json
import os
import re
import shutil
import sys

import before_pytest as t

SAMPLES = 12000
CASES = 16
TOOLS = {
    "nvidia-smi": """
answers = {"name": "Played GPU", "driver_version": "1.2", "compute_cap": "9.0"}
print(answers[sys.argv[1].split("=")[1]])
""",
    "nvcc": """
print("Cuda compilation tools, release 13.0, V13.0.88")
""",
    # Builds nothing: the program is there.
    "cmake": """
arguments = sys.argv[1:]
if arguments[0] == "--build":
    os.makedirs(arguments[1] + "/bin", exist_ok=True)
    shutil.copy(HERE + "/gpu_check", arguments[1] + "/bin/gpu_check")
else:
    folder = arguments[arguments.index("-B") + 1]
    os.makedirs(folder, exist_ok=True)
    with open(folder + "/configured", "w") as f:
        f.write(os.environ.get("CMAKE_GENERATOR", "") + " " + " ".join(arguments))
""",
    "gpu_check": f"""
command = next((x for x in sys.argv[1:] if not x.startswith("-")), "")
fewer = ["--samples", "{SAMPLES}", "--large", "0", "--timed", "{SAMPLES}", "--only", "fig3"] if command != "info" else []
if "ONLY_ROWS" in os.environ and command != "info":
    if command == "kernels":
        with open(sys.argv[sys.argv.index("--rows") + 1], "a") as f:
            f.write("time\\tfig3\\tkernel: screen\\tdone\\t1\\t1\\t0\\t1\\t\\n")
    sys.exit(0)
program = os.environ["GPU_CHECK_ON_SHIM"]
os.execv(program, [program, *sys.argv[1:], *fewer])
""",
    # Runs what it is given, or says what its own environment tells it to say.
    "compute-sanitizer": """
said = os.environ.get("SANITIZER", "")
tool, command = sys.argv[2], sys.argv[5:]
code = 0
if not said:
    code = subprocess.run(command).returncode
elif said != "none":
    print("check    fig3           from 0, one call                     PASS      1.2e+04 samples  561 passed", flush=True)
summary = {"memcheck": "ERROR SUMMARY: %d errors", "racecheck": "RACECHECK SUMMARY: %d hazards displayed (%d errors, 0 warnings)"}[tool]
if said == "refuses":
    print("========= Error: Device not supported.\\n========= ERROR SUMMARY: 2 errors")
elif said == "silent":
    print("========= Error: no driver")
else:
    found = 3 if said == "finds" else 0
    print("========= " + summary % ((found,) * summary.count("%d")))
    code = 9 if found else code
sys.exit({"refuses": 1, "silent": 255}.get(said, code))
""",
    "played-python": f"""
fewer = ["--samples", "{SAMPLES}", "--batches", "{SAMPLES}", "--fill", "0.001"] if sys.argv[1].endswith("gpu_peers.py") else []
os.execv(sys.executable, [sys.executable, *sys.argv[1:], *fewer])
""",
}
PROGRAM = f"""
arguments = sys.argv[1:]
if "--samples" in arguments:
    arguments[arguments.index("--samples") + 1] = "{SAMPLES}"
program = os.environ["BL23_ON_SHIM"]
os.execv(program, [program, *arguments])
"""
# CuPy by numpy, PyTorch as one that cannot compile; JAX stays away.
MODULES = {
    "cupy.py": """
import os, types
import numpy
from numpy import *
__version__ = "played"

class Found(numpy.ndarray):
    def get(self):
        return numpy.asarray(self)

def flatnonzero(mask):
    found = numpy.flatnonzero(mask)
    return found[:-1 if os.environ.get("PEER_LOSES") else None].view(Found)

def fuse():
    return lambda function: function

def ElementwiseKernel(*arguments):
    raise RuntimeError("no compiler\\there\\nand more")

runtime = types.SimpleNamespace(getDeviceCount=lambda: 1, getDeviceProperties=lambda device: {"name": b"played"})
cuda = types.SimpleNamespace(runtime=runtime)
""",
    "torch.py": """
import types
__version__, int64 = "played", "int64"
cuda = types.SimpleNamespace(is_available=lambda: True, get_device_name=lambda: "played")

def compile(function, **options):
    def broken(*arguments):
        raise TypeError("an integer is required\\nand more")
    return broken

def arange(batch, **options):
    return range(batch)

def tensor(value, **options):
    return value
""",
    "jax.py": "raise ImportError('no JAX')\n",
}


def write_program(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(f"#!{sys.executable}\nimport os, shutil, subprocess, sys\nHERE = os.path.dirname(os.path.abspath(__file__))\n{text}")
    os.chmod(path, 0o755)


class Host:
    """A GPU host in a folder."""

    def __init__(self, bl23, source, folder):
        self.source, self.folder, self.number = source, folder, 0
        self.tools, self.models = os.path.join(folder, "tools"), os.path.join(folder, "models")
        for name, text in TOOLS.items():
            write_program(os.path.join(self.tools, name), text)
        write_program(os.path.join(self.models, "program", "bl23"), PROGRAM)
        t.run_ok([bl23, "bench", "--export", self.models])
        t.run_ok([sys.executable, os.path.join(source, "bench", "export_model.py"), bl23,
                  os.path.join(source, "scripts", "surveys", "fig3.yaml"), os.path.join(self.models, "fig3.txt")])
        modules = os.path.join(folder, "modules")
        os.makedirs(modules)
        for name, text in MODULES.items():
            with open(os.path.join(modules, name), "w", encoding="utf-8") as f:
                f.write(text)
        self.environment = {"CUDACXX": os.path.join(self.tools, "nvcc"), "PYTHONPATH": modules,
                            "PATH": self.tools + os.pathsep + os.environ["PATH"]}

    def check(self, *arguments, env=None):
        """(process, rows as lists of kind, survey, what, result, note; None without a JSON file, build folder)."""
        self.number += 1
        build = os.path.join(self.folder, f"build{self.number}")
        out = build + ".json"
        done = t.run([os.path.join(self.source, "scripts", "gpu_check.sh"), "--models", self.models, "--build", build, "--json", out,
                      "--python", os.path.join(self.tools, "played-python"), *arguments], env={**self.environment, **(env or {})})
        if not os.path.exists(out):
            return done, None, build
        with open(out, encoding="utf-8") as f:
            rows = json.load(f)["rows"]
        return done, [[row[key] for key in ("kind", "survey", "what", "result", "note")] for row in rows], build


def of_kind(rows, kind):
    return [row for row in rows if row[0] == kind]


def check_whole(host):
    done, rows, _ = host.check()
    t.check(done.returncode == 0 and "everything that was run agrees" in done.stdout, "a good host", *t.told(done))
    t.check([row[3] for row in of_kind(rows, "check")] == ["PASS"] * (CASES + 1), "cases and files pass", rows)
    kinds = list(dict.fromkeys(row[0] for row in rows))
    t.check(kinds == ["info", "check", "time", "bound", "peer", "end", "count", "tool"], "the stages in their order", kinds)
    t.check(f"check  fig3           {CASES} of {CASES} cases agree" in done.stdout, "they are counted", *t.told(done))
    t.check([row[3] for row in of_kind(rows, "end")] == ["done"] * 5, "five surveys end to end", rows)
    for row, summary in zip(of_kind(rows, "tool"), ("ERROR SUMMARY: 0", "RACECHECK SUMMARY: 0")):
        t.check(row[3] == "PASS" and row[4].startswith(f"{CASES} cases, {summary}"), "the sanitizer's cases are counted", row)
    peers = of_kind(rows, "peer")
    t.check([row[3] for row in peers] == ["done", "done", "not run", "not run", "not run"], "peers", peers)
    for row, why in zip(peers[2:], ("does not start here: RuntimeError: no compiler here$", "no JAX$", "played, compile breaks: TypeError: an integer is required$")):
        t.check(re.search(why, row[4]), "why a peer is not run", row)


def check_sanitizer(host):
    for said, code, result, note in (("refuses", 0, "not run", "refuses this device"), ("silent", 0, "not run", "exit code 255, 1 cases, no summary"),
                                     ("none", 0, "not run", "0 cases"), ("finds", 1, "FAIL", "exit code 9, .* SUMMARY: 3 ")):
        done, rows, _ = host.check("--stages", "sanitizer", env={"SANITIZER": said})
        tools = of_kind(rows, "tool")
        t.check(done.returncode == code and [row[3] for row in tools] == [result] * 2 and all(re.search(note, row[4]) for row in tools),
                f"a sanitizer: {said}", tools, *t.told(done))


def check_gate(host):
    done, rows, _ = host.check("--stages", "check,bench,sanitizer", env={"SHIM_FLIP_COPY": "1", "SANITIZER": "good"})
    t.check(done.returncode == 1 and "SOMETHING IS WRONG" in done.stdout, "a wrong device", *t.told(done))
    t.check([row[3] for row in of_kind(rows, "check")].count("FAIL") == 1, "one case fails", rows)
    t.check([row[2:4] for row in of_kind(rows, "time")] == [["stage bench", "not run"]], "nothing is timed", rows)
    t.check([row[3] for row in of_kind(rows, "tool")] == ["PASS"] * 2, "the sanitizer runs all the same", rows)


def check_peers(host):
    done, rows, _ = host.check("--stages", "peers", env={"PEER_LOSES": "1"})
    t.check(done.returncode == 1, "a peer finds other survivors", *t.told(done))
    t.check([row[3] for row in of_kind(rows, "peer")] == ["FAIL", "not run", "not run", "not run"] and "first difference" in rows[1][4],
            "that is a row FAIL", rows)


def check_time(host):
    done, rows, _ = host.check("--stages", "end,counters", "--budget", 1)
    t.check(done.returncode == 0 and [row[3:] for row in rows[1:]] == [["not run", "not run: time"]] * 3, "no time", rows, *t.told(done))
    done, rows, _ = host.check("--stages", "check,bench", "--budget", 1)
    t.check(done.returncode == 1 and of_kind(rows, "check")[0][3] == "FAIL", "no time for the check: nothing is known", rows, *t.told(done))


def check_tune(host):
    done, rows, build = host.check("--tune", env={"ONLY_ROWS": "1"})
    with open(os.path.join(host.source, "kernels", "cuda", "cuda_tiles.h"), encoding="utf-8") as f:
        now = ["=".join(found) for found in re.findall(r"^#define BL23_CUDA_([A-Z_]+) (\d+)$", f.read(), flags=re.M)]
    variants = sorted(name for name in os.listdir(os.path.join(build, "tune")) if not name.endswith(".log"))
    t.check(done.returncode == 0 and rows is None and "FAIL" not in done.stdout, "variants", *t.told(done))
    t.check("as_it_is" in variants and len(variants) == 9 and len(now) == 3 and not set(now) & set(variants),
            "what is the default is not built twice", variants, now)
    for variant in variants:
        with open(os.path.join(build, "tune", variant, "configured"), encoding="utf-8") as f:
            flags = f.read().split("-DCMAKE_CUDA_FLAGS=")[1]
        t.check(flags == ("" if variant == "as_it_is" else f"-DBL23_CUDA_{variant}"), "the flag of a variant", variant, flags)
    t.check(done.stdout.count("as_it_is kernel: screen") == 4, "the first is timed twice on two surveys", *t.told(done))


def check_misuse(host):
    done, rows, _ = host.check("--stages", "check,dance")
    t.check(done.returncode == 2 and rows is None and '"dance"' in done.stderr, "a stage that there is not", *t.told(done))
    refused = [([option], f"{option} wants ") for option in ("--export", "--models", "--json", "--python", "--stages", "--build", "--budget")]
    refused += [(["--budget", "--tune"], "--budget wants "), (["--stages", ","], "--stages wants "), (["--what"], 'what is "--what"')]
    refused += [(["--budget", found], f'--budget: found "{found}"') for found in ("x", "1.5", "-1", "010", "1000000")]
    refused += [(["--models", found], f"--models: {found} has no models") for found in ("/nonexistent", host.folder)]
    for arguments, message in refused:
        done = t.run([os.path.join(host.source, "scripts", "gpu_check.sh"), *arguments], env={"PATH": "/usr/bin:/bin"})  # no GPU here
        t.check(done.returncode == 2 and done.stdout == "" and done.stderr.startswith(f"gpu_check.sh: {message}") and done.stderr.count("\n") == 1,
                f"{arguments}: exit 2 and one sentence", *t.told(done))


def check_generator(host):
    """Where there is no make, Ninja is taken; what the user wants goes first."""
    path = os.path.join(host.folder, "no_make")
    os.makedirs(path)
    for folder in ("/bin", "/usr/bin"):
        for name in os.listdir(folder):
            if name != "make" and not os.path.lexists(os.path.join(path, name)):
                os.symlink(os.path.join(folder, name), os.path.join(path, name))
    write_program(os.path.join(host.tools, "ninja"), "")
    bare = {"PATH": host.tools + os.pathsep + path, "CMAKE_GENERATOR": ""}
    for env, wanted in ((bare, "Ninja"), ({**bare, "CMAKE_GENERATOR": "Other"}, "Other"),
                        ({"CMAKE_GENERATOR": ""}, "" if shutil.which("make") else "Ninja")):
        done, _, build = host.check("--stages", "counters", env=env)
        with open(os.path.join(build, "configured"), encoding="utf-8") as f:
            t.check(done.returncode == 0 and f.read().split(" ")[0] == wanted, f"generator {wanted}", *t.told(done))


def main():
    bl23, source = t.arguments()
    if not os.environ.get("GPU_CHECK_ON_SHIM"):
        t.skip("GPU_CHECK_ON_SHIM does not name a gpu_check on the shim")
    try:
        import yaml  # pylint: disable=unused-import,import-outside-toplevel
    except ImportError as missing:
        t.skip(f"export_model.py needs it: {missing}")
    host = Host(bl23, source, t.work_folder())
    check_whole(host)
    check_sanitizer(host)
    check_gate(host)
    check_peers(host)
    check_time(host)
    check_tune(host)
    check_misuse(host)
    check_generator(host)
    t.finish()


main()
