# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Shipped surveys by name: '@fig3' in the place of a configuration, in any folder."""
import json
import os
import pathlib
import re
import shutil

import pytest
import survey_tools as t
from figure_tools import module_of


def names_in(surveys):
    root = pathlib.Path(surveys)
    return sorted(str(path.relative_to(root).with_suffix("")) for path in root.rglob("*.yaml"))


@pytest.fixture
def run(bl23, folder):
    def run_there(*arguments):
        return t.run([bl23, *arguments], cwd=folder)
    return run_there


def resolved(done):
    assert done.returncode == 0, t.told(done)
    return json.loads(done.stdout)["yaml"]


def test_every_survey_is_built_in(run, surveys):
    for name in names_in(surveys):
        by_name = resolved(run("check", f"@{name}", "--no-forecast", "--json"))
        by_path = resolved(run("check", f"{surveys}/{name}.yaml", "--no-forecast", "--json"))
        assert by_name.split("\n  file:")[0] == by_path.split("\n  file:")[0], name
        assert by_name == resolved(run("check", f"@{name}.yaml", "--no-forecast", "--json"))


def test_list_of_surveys(run, surveys):
    done = run("info", "--surveys")
    listed = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert done.returncode == 0 and sorted(listed) == [f"@{name}" for name in names_in(surveys)]
    for name, question in listed.items():
        text = pathlib.Path(surveys, name[1:] + ".yaml").read_text(encoding="utf-8")
        assert text.startswith(f"# {question}\n") and question[-1] in ".?", name
    assert json.loads(run("info", "--surveys", "--json").stdout) == {"surveys": listed}


def test_the_output_has_the_name(run, folder, bl23):
    done = run("survey", "@fig3", "--samples", "1e5", "--json")
    assert done.returncode == 0 and os.listdir(folder) == ["fig3.h5"], t.told(done)
    assert "output answer" not in run("check", "@answer/known", "--no-forecast").stdout
    assert "output known.h5," in run("check", "@answer/known", "--no-forecast").stdout
    part = run("survey", "@fig3", "--samples", "1e5", "-o", "p.h5", "--first", "0", "--count",
               "50000", "--quiet")
    rest = run("survey", "@fig3", "--samples", "1e5", "-o", "q.h5", "--first", "50000", "--count",
               "50000", "--quiet")
    merged = run("merge", "p.h5.run", "q.h5.run", "-o", "merged.h5", "--config", "@fig3")
    assert not (part.returncode or rest.returncode or merged.returncode), t.told(merged)


def test_every_command_is_tested(run):
    """Those that take a configuration, but for merge, which needs parts first."""
    with_config = [command for command in re.findall(r"^  (\w+) +\w", run("--help").stdout, re.M)
                   if re.search(r"^ .*CONFIG  ", run(command, "--help").stdout, re.M)]
    assert sorted(with_config) == ["bestfit", "bound", "check", "cite", "cover", "merge", "plane",
                                   "point", "points", "survey"]


@pytest.mark.parametrize("command", ["survey", "check", "bound", "cover", "bestfit", "plane",
                                     "cite", "point --mass 0.1 --w 0,0,1,0,1,0.5 --config"])
@pytest.mark.parametrize("name, says", [
    ("fig3", "fig3 does not exist; the shipped survey is named '@fig3'"),
    ("@fig4", "no survey '@fig4' is shipped; similar names are @fig3; "),
    ("@question", "similar names are @open_question, @open_question_current, "),
    ("@nothing_like_it", "no survey '@nothing_like_it' is shipped; 'bl23 info --surveys' lists "),
    ("@../fig3", "is shipped"), ("@" + "x" * 5000, "is shipped"), ("@", "is shipped")])
def test_unknown_names(run, folder, command, name, says):
    done = run(*command.split(), name)
    assert done.returncode == 2 and says in done.stderr, t.told(done)
    assert done.stderr.count("\n") == 1 and not os.listdir(folder), t.told(done)


def test_a_file_whose_name_begins_so(run, folder, surveys):
    shutil.copy(f"{surveys}/today.yaml", f"{folder}/@fig3")
    assert "w: haar" in resolved(run("check", "./@fig3", "--no-forecast", "--json"))
    assert "pdg2024" in resolved(run("check", "./@fig3", "--no-forecast", "--json"))
    assert "pdg2018" in resolved(run("check", "@fig3", "--no-forecast", "--json"))


def test_a_shipped_curve_needs_no_file(run, folder, source, surveys):
    name, shipped = "kp_pip_na62_pi0window.csv", pathlib.Path(source, "tables", "data")
    shutil.copy(f"{surveys}/fig3_closed.yaml", f"{folder}/mine.yaml")
    survey = ("survey", "mine.yaml", "--samples", "1e5", "--force", "--json")
    first = run(*survey)
    assert first.returncode == 0, t.told(first)
    passed = json.loads(first.stdout)["passed"]
    text = (shipped / name).read_text(encoding="utf-8")
    pathlib.Path(folder, name).write_text(text, encoding="utf-8")
    assert json.loads(run(*survey).stdout)["passed"] == passed
    # A file beside the configuration comes first; the shipped survey does not see it.
    pathlib.Path(folder, name).write_text("m_gev,upper\n0.001,1e-30\n1,1e-30\n", encoding="utf-8")
    assert json.loads(run(*survey).stdout)["passed"] == 0 < passed
    by_name = run("survey", "@fig3_closed", "--samples", "1e5", "-o", "x.h5", "--json")
    assert json.loads(by_name.stdout)["passed"] == passed
    pathlib.Path(folder, "mine.yaml").write_text(
        pathlib.Path(folder, "mine.yaml").read_text(encoding="utf-8").replace(name, "absent.csv"),
        encoding="utf-8")
    done = run("survey", "mine.yaml", "-o", "other.h5")  # no output has this curve
    assert done.returncode == 2 and "absent.csv cannot be read" in done.stderr, t.told(done)


def test_scripts_beside_the_program(run, source):
    done = run("info", "--scripts")
    assert os.path.samefile(done.stdout.strip(), os.path.join(source, "scripts")), t.told(done)
    assert json.loads(run("info", "--scripts", "--json").stdout) == {
        "scripts": done.stdout.strip()}


def test_scripts_that_are_not_there(bl23, folder):
    alone = shutil.copy(bl23, os.path.join(folder, "bl23"))
    done = t.run([alone, "info", "--scripts"], cwd=folder)
    assert done.returncode == 1 and "are not installed beside it" in done.stderr, t.told(done)
    assert t.run([alone, "check", "@fig3_closed", "--no-forecast"], cwd=folder).returncode == 0


def test_row_of_a_shipped_survey_in_a_figure(scripts, surveys):
    del scripts
    plot_survey = module_of("plot_survey")
    row = plot_survey.read_star("@benchmark")
    assert (row == plot_survey.read_star(f"{surveys}/benchmark.yaml")).all()
    assert (row == plot_survey.read_star("@benchmark.yaml")).all() and row[2].imag < 0.0
