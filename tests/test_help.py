# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Help, manual page and completion come from the rows of the commands: is every option in each?"""
import re
import shutil
import subprocess

import pytest

INPUTS = "inputs set"
SURVEY = ("output samples seed backend threads no-audit model range commit first count extend "
          "force json quiet")
OPTIONS = {
    "survey": SURVEY,
    "merge": "output config model partial force json",
    "replay": "index output json",
    "point": f"mass g w config constraints sigma {INPUTS} json",
    "points": "output columns json threads",
    "plane": "scenario output csv overlay force json",
    "fit": "targets starts json",
    "tables": f"mass {INPUTS} verify json output",
    "bound": f"output verify ranges within {INPUTS} json",
    "cover": "output verify cells accept samples json",
    "bestfit": f"starts {INPUTS} json",
    "reproduce": "json",
    "check": f"show no-forecast {SURVEY}",
    "bench": "samples threads json export",
    "cite": "",
    "info": "sets surveys scripts schema json",
    "help": "man completion",
}
OPERANDS = {"survey": "CONFIG", "merge": "PART", "replay": "SURVEY.h5", "points": "CONFIG",
            "plane": "CONFIG",
            "fit": "SURVEY.h5", "bound": "CONFIG", "cover": "CONFIG", "bestfit": "CONFIG",
            "check": "CONFIG",
            "cite": "CONFIG", "help": "COMMAND"}
PROGRAM = []


@pytest.fixture(autouse=True, scope="module")
def program(bl23):
    PROGRAM[:] = [bl23]


def run(*arguments):
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, check=False)


def shown(*arguments):
    done = run(*arguments)
    assert done.returncode == 0 and not done.stderr, (arguments, done)
    return done.stdout


def options_of(command):
    return [f"--{name}" for name in OPTIONS[command].split()] + ["--help"]


@pytest.mark.parametrize("command", OPTIONS)
def test_help_of_a_command(command):
    text = shown(command, "--help")
    assert text == shown("help", command) == shown(command, "-h")
    assert text.startswith(f"usage: bl23 {command}")
    assert all(len(line) <= 80 and line == line.rstrip() for line in text.splitlines()), text
    found = re.findall(r"^  (?:-\w, )?(--[\w-]+)(?: \S+)?(?:  +\S|$)", text, flags=re.M)
    assert sorted(found) == sorted(options_of(command))
    if command in OPERANDS:
        assert OPERANDS[command] in text.splitlines()[0]
        assert re.search(rf"^  {re.escape(OPERANDS[command])}  +\w", text, flags=re.M), text


def test_help_lists_the_commands():
    text = shown("--help")
    assert text == shown("-h") == shown("help")
    assert re.findall(r"^  (\w+) +\w", text, flags=re.M) == list(OPTIONS)
    assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.parametrize("arguments, says", [
    (["survey", "--foce", "c"], "unknown option --foce for 'bl23 survey'; did you mean --force?"),
    (["survey", "--treads=2", "c"], "unknown option --treads .* did you mean --threads?"),
    (["survey", "--zzzzzz"],
     r"unknown option --zzzzzz for 'bl23 survey' \(see 'bl23 survey --help'"),
    (["survey", "-xq"], "unknown option -x for"),
    (["survey", "--seed"], "--seed needs a value"),
    (["survey", "-o"], "--output needs a value"),
    (["survey", "--json=1", "c"], "--json takes no value"),
    (["survey", "--help=1", "c"], "--help takes no value"),
    (["survey", "--extend", "--first", "1", "c"], "--extend cannot be combined with --first"),
    (["bound", "--set", "m_t=1", "--verify", "c"], "--verify cannot be combined with --set"),
    (["bound", "c", "--verify", "c"], "bl23 bound takes no CONFIG beside --verify"),
    (["replay", "--index", "1", "-o", "x", "c"], "--index cannot be combined with -o"),
    (["bound", "--output"], "--output needs a value"),
    (["merge", "c"], "bl23 merge needs -o FILE.h5"),
    (["merge", "-o", "x.h5"], "bl23 merge takes one PART or more"),
    (["merge", "-o", "x.h5", ""], "bl23 merge: the name of a file must not be empty"),
    (["survey", "c", "d"], r"bl23 survey takes one CONFIG \(got 2 operands\)"),
    (["info", "c"], "bl23 info takes options only"),
    (["plane", "--scenario", "3", "c"], r"--scenario must be 1 or 2 \(got '3'\)"),
    (["survey", "--backend", "gpu", "c"], "--backend must be auto, cpu or cuda"),
    (["survy"], "no command 'survy'; did you mean 'survey'?"),
    (["help", "nonsense"], "no command 'nonsense'; its commands are survey merge "),
    (["help", "--completion", "csh"], r"--completion must be bash, zsh or fish \(got 'csh'\)"),
])
def test_misuse(arguments, says):
    done = run(*arguments)
    assert done.returncode == 2 and not done.stdout, done
    assert re.match(f"bl23: .*{says}", done.stderr) and done.stderr.count("\n") == 1, done.stderr


def test_overrides_do_not_depend_on_the_order_of_options():
    first, last = (shown("tables", "--mass", "0.14", "--json", *order) for order in (
        ["--set", "m_t=170", "--inputs", "pdg2024"], ["--inputs", "pdg2024", "--set", "m_t=170"]))
    assert first == last
    assert first != shown("tables", "--mass", "0.14", "--json", "--inputs", "pdg2024")


def test_manual_page(tmp_path):
    page = shown("help", "--man")
    assert page.startswith(".TH BL23 1 ")
    sections = dict(re.findall(r"^\.SS bl23 (\w+)(.*?)(?=^\.S[SH]|\Z)", page, flags=re.M | re.S))
    assert list(sections) == list(OPTIONS)
    for command, text in sections.items():
        for option in options_of(command)[:-1]:
            label = option.replace("-", r"\-")
            row = rf"^\.B .*{re.escape(label)}( |$)"
            assert re.search(row, text, flags=re.M), (command, option)
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    path = tmp_path / "bl23.1"
    path.write_text(page, encoding="ascii")
    done = subprocess.run(["groff", "-man", "-Tascii", "-ww", path], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0 and not done.stderr, done
    assert "no progress and no notes on" in done.stdout, done


def complete(*words):
    """What bash offers behind words, the last of which is being typed."""
    line = " ".join(f"'{word}'" for word in ("bl23", *words))
    script = (f"source <('{PROGRAM[0]}' help --completion bash); COMP_WORDS=({line}); "
              f"COMP_CWORD={len(words)}; compopt() {{ :; }}; _bl23; "
              "printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout.split()


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_completion_of_bash():
    assert complete("") == list(OPTIONS) + ["--help", "--version"]
    assert complete("re") == ["replay", "reproduce"]
    assert complete("help", "") == list(OPTIONS)
    for command in OPTIONS:
        assert sorted(complete(command, "--")) == sorted(options_of(command)), command
    assert complete("survey", "c.yaml", "--f") == ["--first", "--force"]
    assert complete("survey", "--backend", "c") == complete("survey", "--backend", "=", "c")
    assert complete("survey", "--backend", "c") == ["cpu", "cuda"]
    assert complete("survey", "--backend", "=") == ["auto", "cpu", "cuda"]
    assert complete("point", "--inputs", "") == ["pdg2018", "pdg2024"]
    assert complete("survey", "@", "fig3_") == complete("survey", "@fig3_") == ["@fig3_closed"]
    assert complete("check", "@") == complete("merge", "--config", "@")
    assert "@answer/known" in complete("bound", "@") and not complete("replay", "@")
    for words in (("survey", "-o", ""), ("survey", "--seed", ""), ("survey", "")):
        assert complete(*words) == [], words
