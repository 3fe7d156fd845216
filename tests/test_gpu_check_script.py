#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""scripts/gpu_check.py: what it makes of exit codes and of the output of tools, and its stages with
tests/cuda_shim as the device; the arithmetic of the peers, with numpy as the library.
"""
import json
import os
import subprocess
import sys

import numpy as np
import pytest

import survey_tools as t

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(TREE, "scripts"), os.path.join(TREE, "bench", "peers")]
import gpu_check    # pylint: disable=wrong-import-position
import gpu_peers    # pylint: disable=wrong-import-position
import peer_numpy   # pylint: disable=wrong-import-position

SAMPLES = 12000
CASES = 16
PASSED = "check    fig3           from 0, one call                 PASS      1.2e+04 samples\n"
FAILED = "check    fig3           from 0, one call                 FAIL      on the CPU 3, not 4\n"
CLEAN = {"memcheck": "========= ERROR SUMMARY: 0 errors\n",
         "racecheck": "========= RACECHECK SUMMARY: 0 hazards displayed (0 errors, 0 warnings)\n"}
LDD = """\tlinux-vdso.so.1 (0x00007ffd0b5f2000)
\tlibgsl.so.27 => /usr/lib/x86_64-linux-gnu/libgsl.so.27 (0x00007f3b1a000000)
\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f3b19f00000)
\tlibcudart.so.13 => /opt/cuda/lib64/libcudart.so.13 (0x00007f3b19e00000)
\tlibpthread.so.0 => /lib/x86_64-linux-gnu/libpthread.so.0 (0x00007f3b19d00000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f3b19c00000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f3b1a400000)
"""


# ---- what exit codes and output mean ----

@pytest.mark.parametrize("kind, code, result, note", [
    ("end", 0, "PASS", ""), ("end", 77, "not run", "no CUDA device"),
    ("end", 124, "not run", "time"), ("end", 137, "not run", "time"),
    ("end", 1, "FAIL", "exit code 1: no CUDA device"),
    ("check", 1, "FAIL", "exit code 1"), ("check", 124, "not run", "time"),
    ("peer", 3, "FAIL", "exit code 3"), ("peer", 1, "not run", "exit code 1"),
    ("peer", 77, "not run", "no CUDA device"), ("count", 3, "FAIL", "exit code 3")])
def test_exit_codes(kind, code, result, note):
    found = gpu_check.judge(kind, code, "a line\nno CUDA device\n")
    assert found[0] == result and note in found[1]


@pytest.mark.parametrize("tool", CLEAN)
def test_sanitizer(tool):
    clean = CLEAN[tool]
    found = clean.replace(" 0 ", " 3 ", 1)
    for code, output, result, note in (
            (0, PASSED + PASSED + clean, "PASS", "2 cases, " + clean[10:-1]),
            (9, PASSED + found, "FAIL", "SUMMARY: 3"),
            (124, PASSED + found, "FAIL", "SUMMARY: 3"),
            (1, FAILED + clean, "FAIL", "exit code 1"),
            (255, PASSED + "========= Error: no driver\n", "not run", "255, 1 cases, no summary"),
            (0, clean, "not run", "0 cases"),
            (0, PASSED, "not run", "no summary"),
            (1, PASSED + clean, "not run", "exit code 1"),
            (124, PASSED, "not run", "out of time"),
            (1, "========= Error: Device not supported.\n" + found, "not run", "refuses this"),
            (1, "========= Internal Sanitizer Error\n", "not run", "refuses this device")):
        answer = gpu_check.judge_sanitizer(code, output)
        assert answer[0] == result and note in answer[1], (code, output)


def test_rows_are_read_as_they_were_written(tmp_path):
    rows = [gpu_check.Row("time", "fig3", "kernel: screen", "done", 2**40, 4e-06, 0.01, 1.5e12),
            gpu_check.Row("check", "", "conformance", "FAIL", note="two\nlines\tand a tab")]
    gpu_check.add_rows(tmp_path / "rows.tsv", *rows)
    read = gpu_check.read_rows(tmp_path / "rows.tsv")
    assert read == [rows[0], rows[1]._replace(note="two lines and a tab")]
    assert isinstance(read[0].samples, int)


def test_table_and_conclusion():
    case = gpu_check.Row("check", "fig3", "from 0", "PASS")
    time = gpu_check.Row("time", "fig3", "all kernels", "done", 1000, 2.0, 0.1, 500.0, "a note")
    peer = gpu_check.Row("peer", "fig3", "jax", "not run", note="no JAX")
    lines = gpu_check.table_of([case, case, time])
    assert lines[0] == "check  fig3           2 of 2 cases agree with the CPU, bit for bit"
    assert lines[1].split() == "time fig3 all kernels done 1000 2 s 500 /s a note".split()
    failed = case._replace(result="FAIL", note="why")
    lines = gpu_check.table_of([case, failed])
    assert "1 of 2 cases" in lines[0] and lines[1].endswith("why")
    assert gpu_check.conclusion([case, time]) == (0, "everything agrees")
    assert gpu_check.conclusion([case, peer]) == (
        0, "everything that was run agrees; some was not run")
    assert gpu_check.conclusion([case, peer, failed])[0] == 1


def test_variants():
    """Only values that the header does not have, each flag a name of the header."""
    with open(os.path.join(TREE, "kernels", "cuda", "cuda_tiles.h"), encoding="utf-8") as f:
        header = f.read()
    variants = gpu_check.variants_of(header)
    assert variants[0] == "as_it_is" and len(variants) == 9
    for variant in variants[1:]:
        name, value = variant.split("=")
        assert f"#define BL23_CUDA_{name} " in header
        assert f"#define BL23_CUDA_{name} {value}\n" not in header


def test_libraries_of_the_program():
    assert gpu_check.bundled_libraries(LDD) == ["/usr/lib/x86_64-linux-gnu/libgsl.so.27",
                                                "/opt/cuda/lib64/libcudart.so.13"]


# ---- the command line ----

@pytest.mark.parametrize("arguments, message", [
    *(([option], f"argument {option}: expected one argument") for option in (
        "--export", "--models", "--json", "--python", "--stages", "--build", "--budget")),
    (["--budget", "--tune"], "argument --budget: expected one argument"),
    (["--budget", "1.5"], "argument --budget: invalid int value: '1.5'"),
    (["--stages", "check,dance"], "--stages: unknown stage 'dance'"),
    (["--stages", ","], "--stages: unknown stage ''"),
    (["--what"], "unrecognized arguments: --what"),
    (["--python", "/nonexistent/python"], "--python: there is no interpreter /nonexistent/python"),
    (["--models", "/nonexistent"], "--models: /nonexistent has no models; make them with")])
def test_misuse(arguments, message):
    done = subprocess.run([sys.executable, gpu_check.__file__, *arguments], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert f"gpu_check.py: error: {message}" in done.stderr


@pytest.mark.parametrize("tools, asked, taken", [
    ({"ninja"}, "", "Ninja"), ({"make", "ninja"}, "", ""), ({"ninja"}, "Other", "Other")])
def test_generator(monkeypatch, tmp_path, tools, asked, taken):
    """Where there is no make, Ninja is taken; what the user asks for goes first."""
    monkeypatch.setattr(gpu_check.shutil, "which", lambda name: name if name in tools | {
        "cmake", sys.executable} else None)
    monkeypatch.setattr(gpu_check, "write_models", lambda folder, python: None)
    monkeypatch.setenv("CMAKE_GENERATOR", asked)
    assert gpu_check.main(["--export", str(tmp_path)]) == 0
    assert os.environ["CMAKE_GENERATOR"] == taken


# ---- a session, with the shim as the device ----

@pytest.fixture(name="models", scope="module")
def exported_models(bl23, source, tmp_path_factory):
    """The folder of --export; its program draws fewer samples."""
    folder = tmp_path_factory.mktemp("models")
    t.run_ok([bl23, "bench", "--export", folder])
    t.run_ok([sys.executable, os.path.join(source, "bench", "export_model.py"), bl23,
              os.path.join(source, "scripts", "surveys", "fig3.yaml"), folder / "fig3.txt"])
    (folder / "program").mkdir()
    write_program(folder / "program" / "bl23",
                  f'for x; do shift; [ "$y" = --samples ] && x={SAMPLES}; y=$x; set -- "$@" "$x"\n'
                  'done\nexec "$BL23_ON_SHIM" "$@"\n')
    return folder


def write_program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


@pytest.fixture(name="host")
def played_host(models, monkeypatch, tmp_path):
    """A function that calls main() where nvcc "builds" gpu_check on the shim, for few samples of
    one survey: (exit code, rows, builds as folder, log and options)."""
    for name in ("GPU_CHECK_ON_SHIM", "BL23_ON_SHIM"):
        if not os.path.exists(os.environ.get(name, "")):
            pytest.skip(f"{name} names no file")
    built = []

    def build(folder, log, *options):
        few = f"--samples {SAMPLES} --large 0 --timed {SAMPLES} --only fig3"
        write_program(folder / "bin" / "gpu_check",
                      f'[ "$1" = info ] || set -- "$@" {few}\nexec "$GPU_CHECK_ON_SHIM" "$@"\n')
        built.append((folder, log, options))
        return True

    monkeypatch.setattr(gpu_check, "find_nvcc", lambda: "nvcc")
    monkeypatch.setattr(gpu_check, "build", build)
    monkeypatch.setenv("BL23_GPU_SAMPLES", str(SAMPLES))

    def run(*arguments, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        code = gpu_check.main(["--models", str(models), "--build", str(tmp_path / "build"),
                               "--json", str(tmp_path / "out.json"), *arguments])
        if not (tmp_path / "out.json").exists():
            return code, gpu_check.read_rows(tmp_path / "build" / "rows.tsv"), built
        with open(tmp_path / "out.json", encoding="utf-8") as f:
            rows = [gpu_check.Row(*(row[key] for key in gpu_check.Row._fields))
                    for row in json.load(f)["rows"]]
        return code, rows, built

    return run


def results(rows, kind):
    return [row.result for row in rows if row.kind == kind]


def test_good_host(host, capfd):
    code, rows, built = host()
    shown = capfd.readouterr().out
    assert code == 0 and "everything that was run agrees; some was not run" in shown
    assert list(dict.fromkeys(row.kind for row in rows)) == [
        "info", "check", "time", "bound", "peer", "end", "count", "tool"]
    assert results(rows, "check") == ["PASS"] * (CASES + 1)
    assert f"check  fig3           {CASES} of {CASES} cases agree" in shown
    assert results(rows, "end") == ["done"] * 5
    assert len(results(rows, "peer")) >= 4 and len(results(rows, "tool")) == 2
    assert [options[-1] for *_, options in built] == ["-DCMAKE_CUDA_FLAGS="]


def test_nothing_is_timed_on_a_wrong_device(host, capfd):
    code, rows, _ = host("--stages", "sanitizer,bench,check", SHIM_FLIP_COPY="1")
    assert code == 1 and "SOMETHING IS WRONG" in capfd.readouterr().out
    assert results(rows, "check").count("FAIL") == 1
    assert [row[2:4] for row in rows if row.kind == "time"] == [("stage bench", "not run")]
    assert len(results(rows, "tool")) == 2


def test_budget(host):
    """A check without time has failed: nothing is known. Anything else is just not run."""
    code, rows, _ = host("--stages", "end,counters", "--budget", "1")
    assert code == 0
    assert [(row.kind, row.result, row.note) for row in rows if row.kind != "info"] == [
        (kind, "not run", "out of time") for kind in ("end", "count", "count")]
    code, rows, _ = host("--stages", "check,bench", "--budget", "1")
    assert code == 1 and results(rows, "check") == ["FAIL"]


def test_tune(host, monkeypatch):
    monkeypatch.setattr(gpu_check, "CANDIDATES", {"STEPS": (2,)})
    code, rows, built = host("--tune")
    assert code == 0 and "FAIL" not in [row.result for row in rows]
    assert [options[-1] for *_, options in sorted(built, key=lambda b: b[2])] == [
        "-DCMAKE_CUDA_FLAGS=", "-DCMAKE_CUDA_FLAGS=-DBL23_CUDA_STEPS=2"]
    names = [row.what.split()[0] for row in rows if row.what.endswith("kernel: screen")]
    assert list(dict.fromkeys(names)) == ["as_it_is", "STEPS=2"]
    assert names.count("as_it_is") == 2 * names.count("STEPS=2")
    monkeypatch.setattr(gpu_check, "build", lambda *_: False)
    code, rows, _ = host("--tune")
    assert code == 1 and [row.result for row in rows] == ["FAIL"] * 3


# ---- the peers ----

class Numpy:
    """A library of gpu_peers.py."""
    name = "numpy"

    def __init__(self, model):
        self.model = model

    def indices(self, first, batch):
        index = np.arange(first, first + batch, dtype=np.uint64)
        words = gpu_peers.philox(self.model["seed"], index)
        passed = gpu_peers.survives(np, self.model, [x.astype(float) for x in words])
        return np.flatnonzero(passed).astype(np.uint64) + np.uint64(first)

    def count(self, first, batch):
        return len(self.indices(first, batch))

    @staticmethod
    def to_host(found):
        return found


def test_peers_find_the_survivors(models, tmp_path, capsys):
    listed = tmp_path / "survivors.bin"
    program = os.environ.get("GPU_CHECK_ON_SHIM", "")
    if not os.path.exists(program):
        pytest.skip("GPU_CHECK_ON_SHIM names no file")
    t.run_ok([program, "survivors", listed, "--models", models, "--samples", SAMPLES])
    survivors = np.fromfile(listed, np.uint64)
    library = Numpy(peer_numpy.read_model(models / "fig3.txt"))
    assert len(survivors) > 100
    gpu_peers.check(library, survivors, SAMPLES, SAMPLES // 4)
    for others in (survivors[:-1], np.append(survivors[1:], np.uint64(SAMPLES))):
        with pytest.raises(SystemExit) as ended:
            gpu_peers.check(library, others, SAMPLES, SAMPLES // 4)
        assert ended.value.code == gpu_peers.DIFFERENT
        assert "first difference at" in capsys.readouterr().err
