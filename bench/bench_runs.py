# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""How the benchmark builds, configures, runs and times things; bench_survey.py says what."""
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import time

import h5py
import numpy as np
import yaml

BENCH = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(BENCH)
PEERS = os.path.join(BENCH, "peers")
SURVEYS = os.path.join(ROOT, "scripts", "surveys")
CC = os.environ.get("CC", "gcc")
BASE_FLAGS = ["-std=gnu17", "-march=native", "-fno-math-errno"]
C_PEERS = {  # file: flags, libraries
    "plain_c": (["-O3", "-fcx-limited-range"], ["-lm"]),
    "gsl_peer": (["-O3"], ["-lgsl", "-lgslcblas", "-lm"]),
    "plain_c_special": (["-Ofast", "-mprefer-vector-width=512"], ["-lm"]),
}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def say(text):
    print(text, file=sys.stderr, flush=True)


def run_checked(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        sys.exit(f"bench: '{shlex.join(command)}' ended with "
                 f"{done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


class Workshop:
    """The build, a scratch folder inside it, and every process the benchmark starts."""

    def __init__(self, build, jax_python):
        self.build = os.path.abspath(build)
        self.scratch = os.path.join(self.build, "bench-scratch")
        self.bl23 = os.path.join(self.build, "bin", "bl23")
        self.jax_python = jax_python
        self.cpus = sorted(os.sched_getaffinity(0))
        shutil.rmtree(self.scratch, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.scratch, name)

    def clean(self):
        shutil.rmtree(self.scratch, ignore_errors=True)

    def compile_bl23(self):
        run_checked(["cmake", "-S", ROOT, "-B", self.build, "-G", "Ninja", "-DBL23_TESTS=OFF",
                     "-DCMAKE_BUILD_TYPE=Release"])
        run_checked(["ninja", "-C", self.build, "bin/bl23"])

    def compile_tools(self):
        """The peers, the runner, and the program that times the loop functions."""
        os.makedirs(self.scratch)
        for name, (flags, libraries) in C_PEERS.items():
            run_checked([CC, *BASE_FLAGS, *flags, os.path.join(PEERS, name + ".c"), "-o",
                         self.path(name), *libraries])
        run_checked([CC, "-O2", os.path.join(BENCH, "timed_run.c"), "-o", self.path("timed_run")])
        libraries = run_checked(["pkg-config", "--libs", "gsl", "yaml-0.1"]).split()
        run_checked([CC, "-O3", "-std=c17", "-D_POSIX_C_SOURCE=200809L", "-ffp-contract=off",
                     "-I" + ROOT,
                     os.path.join(BENCH, "bench_loops.c"), "-o", self.path("bench_loops"),
                     os.path.join(self.build, "tables", "libbl23_tables.a"),
                     os.path.join(self.build, "kernels", "libbl23_kernels.a"), *libraries, "-lm"])

    def timed(self, command, threads=1, env=None):
        """Wall seconds, peak memory [MiB] and stdout of a command, pinned to `threads`
        processors."""
        os.sched_setaffinity(0, self.cpus[-threads:])
        report = self.path("timed_run.txt")
        out = run_checked([self.path("timed_run"), report, *command],
                          env={**os.environ, **ONE_THREAD, **(env or {})})
        os.sched_setaffinity(0, self.cpus)
        with open(report, encoding="utf-8") as f:
            wall = float(f.read().split()[0])
        return wall, self.peak_mib("timed_run.txt"), out

    def peak_mib(self, report):
        """Peak memory of what timed_run has run."""
        with open(self.path(report), encoding="utf-8") as f:
            return int(f.read().split()[1]) / 1024.0

    # ---- bl23 ----

    def write_config(self, name, survey, changes):
        """A shipped survey with changes {section: {key: value}}; its path."""
        with open(os.path.join(SURVEYS, survey + ".yaml"), encoding="utf-8") as f:
            config = yaml.safe_load(f)
        for section, values in changes.items():
            config[section].update(values)
        path = self.path(name + ".yaml")
        with open(path, "w", encoding="utf-8") as f:
            yaml.safe_dump(config, f)
        return path

    def bl23_survey(self, config, samples, threads=1, env=None):
        """One survey from process start to file in place: seconds, MiB, path of the file."""
        out = self.path("survey.h5")
        if os.path.exists(out):
            os.remove(out)
        seconds, mib, _ = self.timed([self.bl23, "survey", config, "--samples", str(int(samples)),
                                      "-o", out,
                                      "--threads", str(threads), "--quiet", "--json"], threads, env)
        return seconds, mib, out

    def bl23_side_by_side(self, config, samples, processes):
        """So many surveys of one thread at once, each on a processor of its own: seconds until the
        last ends, MiB."""
        def command(k):
            return ["taskset", "-c", str(self.cpus[k]), self.path("timed_run"),
                    self.path(f"timed_run{k}.txt"),
                    self.bl23, "survey", config, "--samples", str(int(samples)), "-o",
                    self.path(f"survey{k}.h5"), "--threads", "1", "--quiet", "--json", "--force"]

        begin = time.perf_counter()
        running = [subprocess.Popen(command(k), stdout=subprocess.DEVNULL)
                   for k in range(processes)]
        ends = [p.wait() for p in running]
        seconds = time.perf_counter() - begin
        if any(ends):
            raise RuntimeError(f"surveys side by side ended with {ends}")
        return seconds, sum(self.peak_mib(f"timed_run{k}.txt") for k in range(processes))

    def bl23_forecast(self, config, threads=1):
        """Seconds that `bl23 check` expects."""
        _, _, text = self.timed([self.bl23, "check", config, "--threads", str(threads), "--json"],
                                threads)
        return json.loads(text)["forecast"]["total_s"]

    def bl23_bench(self, samples):
        """`bl23 bench` on one thread: no start and no file, each row beside the machine's bound."""
        return json.loads(self.timed([self.bl23, "bench", "--threads", "1", "--samples",
                                      str(int(samples)), "--json"])[2])

    def available_isas(self, config):
        found = []
        for isa in ("avx512", "avx2", "neon", "generic"):
            command = [self.bl23, "survey", config, "--samples", "1", "-o", self.path("isa.h5"),
                       "--quiet", "--force"]
            done = subprocess.run(command, env={**os.environ, "BL23_ISA": isa}, capture_output=True,
                                  check=False)
            if done.returncode == 0:
                found.append(isa)
        return found

    # ---- peers ----

    def peer_command(self, name):
        if name in C_PEERS:
            return [self.path(name)]
        python = self.jax_python if name == "jax_peer" else sys.executable
        return [python, os.path.join(PEERS, name + ".py")]

    def peer(self, name, model, samples):
        """One peer: its own seconds (without start of the interpreter and compilation), MiB,
        path."""
        out = self.path("peer.bin")
        _, mib, text = self.timed([*self.peer_command(name), model, str(int(samples)), out])
        return json.loads(text.strip().splitlines()[-1])["seconds"], mib, out

    def has_jax(self):
        """Versions of JAX and its numpy, or None."""
        if not shutil.which(self.jax_python):
            return None
        done = subprocess.run([self.jax_python, "-c", "import jax, numpy; print(jax.__version__, "
                               "numpy.__version__)"],
                              capture_output=True, text=True, check=False)
        return done.stdout.split() if done.returncode == 0 else None


def survivors_of(path):
    if path.endswith(".h5"):
        with h5py.File(path, "r") as f:
            return f["survivors/index"][:]
    return np.fromfile(path, np.uint64)


def compare_survivors(name, found, found_samples, reference, reference_samples):
    """Equal lists below the smaller number of samples, or the end of the benchmark."""
    limit = np.uint64(min(found_samples, reference_samples))
    a, b = found[found < limit], reference[reference < limit]
    if np.array_equal(a, b):
        return
    different = np.setxor1d(a, b)
    sys.exit(f"bench: {name} finds {len(a)} survivors below {limit}, bl23 finds {len(b)}; "
             f"first difference at sample {different[0] if len(different) else 'none: order'}. "
             "Nothing was timed on.")


def summarise(name, samples, seconds, mib, **more):
    """One row of results out of the repeats."""
    middle = statistics.median(seconds)
    return {"name": name, "samples": int(samples), "seconds": [round(s, 6) for s in seconds],
            "median_s": middle, "samples_per_s": samples / middle,
            "ns_per_sample": 1e9 * middle / samples,
            "spread": (max(seconds) - min(seconds)) / middle, "peak_mib": max(mib), **more}


# ---- where it ran ----

def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown"


def gpu_model():
    """Name of a GPU that answers, or None."""
    if not shutil.which("nvidia-smi"):
        return None
    done = subprocess.run(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
                          capture_output=True, text=True, check=False)
    said = done.stdout.strip().splitlines()
    return said[0] if done.returncode == 0 and said else None


def describe_machine(workshop):
    info = dict(line.split(None, 1) for line in run_checked([workshop.bl23, "info"]).splitlines()
                if line.startswith(("compiler", "instruction")))
    changed = [line[3:] for line in run_checked(["git", "-C", ROOT, "status", "--porcelain", "--",
                                                     "CMakeLists.txt", "kernels", "tables", "host",
                                                 "bench", "scripts"]).splitlines()]
    changed = [name for name in changed if not name.endswith("bench/RESULTS.md")]
    with open("/proc/meminfo", encoding="utf-8") as f:
        memory_kib = int(f.readline().split()[1])
    return {"commit": run_checked(["git", "-C", ROOT, "rev-parse", "HEAD"]).strip(),
            "commit_clean": not changed, "changed": changed,
            "version": run_checked([workshop.bl23, "info"]).splitlines()[0],
            "cpu": cpu_model(), "gpu": gpu_model(), "processors": len(workshop.cpus),
            "memory_gib": round(memory_kib / 2**20, 1), "bl23_compiler": info["compiler"].strip(),
            "peer_compiler": run_checked([CC, "--version"]).splitlines()[0],
            "peer_flags": {name: shlex.join(BASE_FLAGS + flags)
                           for name, (flags, _) in C_PEERS.items()},
            "python": sys.version.split()[0], "numpy": np.__version__,
            "load_average_at_start": os.getloadavg()[0]}
