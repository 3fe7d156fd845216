# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""`pip install .` in a new virtual environment: what is in it, and that it computes the same."""
import json
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import survey_tools as t

COMPUTE = """
import json, sys
import bl23, h5py
model = bl23.Model("@fig3")
point = model.point(0.14, w=[0.62 + 0.1j, -0.3 - 0.42j, 0.66j])
with bl23.survey("@fig3", "x.h5", samples=1e5) as survey:
    survivors = survey.survivors()
found = model.survey(1e5, threads=4)
same = all(found[n].astype(survivors[n].dtype).tobytes() == survivors[n].tobytes()
           for n in survivors)
print(json.dumps({"values": point.values, "same": same, "rows": found.rows, "file": bl23.__file__,
                  "version": bl23.__version__, "program": bl23.program(),
                  "states": bl23.bound("@fig3").states}))
"""


@pytest.fixture(scope="module", name="run")
def run_in_environment(source, shared):
    """Run a command of a new environment, in which the package is installed."""
    home = pathlib.Path(shared, "venv")
    environment = {key: value for key, value in os.environ.items()
                   if key not in ("BL23_LIBRARY", "BL23_PROGRAM", "PYTHONPATH")}
    environment.update(PATH=f"{home}/bin:{os.environ['PATH']}", MPLCONFIGDIR=shared,
                       SKBUILD_BUILD_DIR=f"{shared}/build", CMAKE_ARGS="-DBL23_CUDA=OFF")

    def run(*command, timeout=300):
        return subprocess.run([str(home / "bin" / command[0]), *command[1:]], cwd=shared, text=True,
                              env=environment, capture_output=True, timeout=timeout, check=False)

    made = t.run([sys.executable, "-m", "venv", "--system-site-packages", str(home)])
    if made.returncode:
        pytest.skip(f"no virtual environment can be made: {made.stdout} {made.stderr}")
    tool = run("pip", "install", "--quiet", "scikit-build-core>=0.8")
    if tool.returncode:
        pytest.skip(f"scikit-build-core cannot be had: {tool.stderr}")
    done = run("pip", "install", "--no-build-isolation", "--no-deps", source, timeout=1500)
    assert done.returncode == 0, t.told(done)
    return run


def test_numbers(run, bl23, source):
    done = run("python3", "-c", COMPUTE)
    assert done.returncode == 0, t.told(done)
    found = json.loads(done.stdout)
    assert found["same"] and found["rows"] > 4000 and found["states"] == ["open"]
    assert found["file"].startswith(str(pathlib.Path(found["program"]).parent.parent))
    text = pathlib.Path(source, "CMakeLists.txt").read_text(encoding="utf-8")
    assert found["version"] == re.search(r"project\(bl23 VERSION (\S+)", text).group(1)
    expected = json.loads(t.run_ok([bl23, "point", "--mass", "0.14", "--json", "--constraints",
                                    "paper2020", "--w=0.62+0.1j,-0.3-0.42j,0.66j"]).stdout)
    for name in ("br_kl_pi0", "x12", "wu12_phase", "h_sb_im"):
        assert np.float64(found["values"][name]) == np.float64(expected[name]), name


def test_program(run):
    """The command bl23, and the scripts that came with it."""
    for command in (("bl23", "survey", "@fig3", "--samples", "1e5", "-o", "y.h5", "--quiet"),
                    ("bl23", "replay", "y.h5")):
        done = run(*command)
        assert done.returncode == 0, t.told(done)
    wrong = run("bl23", "survey", "none.yaml")
    assert wrong.returncode == 2 and wrong.stderr.startswith("bl23: none.yaml cannot be read")
    pytest.importorskip("matplotlib")
    folder = run("bl23", "info", "--scripts").stdout.strip()
    drawn = run("python3", f"{folder}/plot_survey.py", "y.h5", "--star", "@benchmark",
                "--formats", "svg")
    assert drawn.returncode == 0 and "y_fig3.svg\n" in drawn.stdout, t.told(drawn)


def test_wheel(run):
    """One wheel for all versions of Python 3, which needs numpy alone."""
    done = run("python3", "-c", "import importlib.metadata as m; d = m.distribution('bl23'); "
               "print(d.read_text('WHEEL')); print(d.requires); print(*d.files, sep='\\n')")
    assert "Tag: py3-none-" in done.stdout, t.told(done)
    needed = [name for name in re.findall(r"'([^']*)'", done.stdout) if "extra" not in name]
    assert len([name for name in needed if name.startswith("numpy")]) == 1
    assert not [name for name in needed if name.startswith(("h5py", "pandas", "matplotlib"))]
    for name in ("bl23/py.typed", "bl23/plot/bl23.mplstyle", "licenses/LICENSE",
                 "share/bl23/scripts/surveys/fig3.yaml"):
        assert name in done.stdout, name
    for name in ("bl23.h", "cmocka", "tests/", ".a\n"):
        assert name not in done.stdout, name
