# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""An installation that was moved, with the commands of README.md as they are written there.

The commands run in an empty folder, with the installed bl23 in the PATH, without a checkout. Those
that build something, or need several machines, are named in NOT_RUN.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import survey_tools as t

# Commands of README.md that belong to a checkout: the test clean_root runs the first ones.
NOT_RUN = r"sudo |scripts/|cmake |ctest |PATH=|build/release|mpirun |python3 -m (venv|pip)"
SLOW = ["bl23 bound known.yaml"] # a minute and more: for ctest -C slow
FOLDERS = """bin share/bash-completion/completions share/bl23/data share/bl23/scripts/slurm
share/bl23/scripts/surveys/answer share/doc/bl23/bench share/doc/bl23/docs/figures
share/fish/vendor_completions.d share/man/man1 share/zsh/site-functions""".split()


@pytest.fixture(scope="module", name="build")
def the_build(bl23):
    """The build tree of the program."""
    tree = pathlib.Path(bl23).parent.parent
    if not (tree / "cmake_install.cmake").exists():
        pytest.skip(f"{tree} is no build tree")
    return tree


@pytest.fixture(scope="module", name="moved")
def an_installation(build, shared):
    """A prefix that was moved after the installation."""
    first, last = pathlib.Path(shared, "first"), pathlib.Path(shared, "moved", "prefix")
    done = t.run(["cmake", "--install", str(build), "--prefix", str(first)], cwd=shared)
    assert done.returncode == 0, t.told(done)
    last.parent.mkdir()
    first.rename(last)
    return last


@pytest.fixture(name="installed")
def run_installed(moved, folder):
    """Run a line of a shell in an empty folder, bl23 being that of the moved prefix."""
    path = [f"{moved}/bin", os.path.dirname(sys.executable), os.environ["PATH"]]
    environment = dict(os.environ, PATH=":".join(path), MPLCONFIGDIR=folder, LC_ALL="C.UTF-8",
                       PYTHONPATH=f"{moved}/share/bl23/python")
    environment.pop("LD_LIBRARY_PATH", None)

    def run(line, timeout=300):
        return subprocess.run(["bash", "-c", "set -o pipefail; " + line], cwd=folder, text=True,
                              env=environment, capture_output=True, timeout=timeout, check=False)
    return run


def installed_files(moved):
    return [path for path in moved.rglob("*") if path.is_file()]


def version(source):
    text = pathlib.Path(source, "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"project\(bl23 VERSION (\S+)", text).group(1)


def test_what_is_installed(moved, source):
    files = [str(path.relative_to(moved)) for path in installed_files(moved)]
    developer = {name for name in files if re.search(r"\.(h|a|so.*|pc|cmake|o)$", name)}
    assert {re.sub(r"^lib[^/]*/([^/]*-linux-gnu/)?", "lib/", name) for name in developer} == {
        "include/bl23.h", "lib/libbl23.a", "lib/libbl23.so", "lib/libbl23.so.0",
        f"lib/libbl23.so.{version(source)}", "lib/pkgconfig/bl23.pc",
        "lib/cmake/bl23/bl23-config.cmake", "lib/cmake/bl23/bl23-config-version.cmake"}
    assert not [name for name in files if "__pycache__" in name]
    assert {name for name in files if name.startswith("bin/")} == {"bin/bl23"}
    for folder in FOLDERS:
        assert (moved / folder).is_dir(), folder
    for name in ("LICENSE", "CITATION.cff", "CHANGELOG.md", "README.md", "docs/physics.md"):
        assert (moved / "share" / "doc" / "bl23" / name).stat().st_size, name


def compiled(command, folder, moved, program):
    """What the program prints that a command made, which found the library where it was moved."""
    library = next(moved.rglob("libbl23.so")).parent
    environment = dict(os.environ, PKG_CONFIG_PATH=f"{library}/pkgconfig", LC_ALL="C.UTF-8",
                       LD_LIBRARY_PATH=str(library))
    made = t.run(["bash", "-c", command], cwd=folder, env=environment)
    assert made.returncode == 0, t.told(made)
    ran = t.run([program], cwd=folder, env=environment)
    assert ran.returncode == 0, t.told(ran)
    return ran.stdout


def without_sanitizers(moved):
    """A library with sanitizers runs in no other program."""
    if b"__asan_init" in next(moved.rglob("libbl23.so")).read_bytes():
        pytest.skip("the library has sanitizers")


def test_examples_of_the_library(moved, installed, folder):
    """In C and C++, shared and static, by pkg-config and by CMake; the numbers are bl23's."""
    without_sanitizers(moved)
    for tool in ("cc", "c++", "pkg-config", "cmake"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")
    examples = moved / "share/doc/bl23/docs/library"
    flags = "$(pkg-config --cflags --libs bl23)"
    shared = compiled(f"cc -std=c99 -pedantic -Wall -Wextra -Werror {examples}/limit.c {flags} "
                      "-o limit", folder, moved, "./limit")
    static = next(moved.rglob("libbl23.a"))
    assert compiled(f"cc -std=c99 {examples}/limit.c $(pkg-config --cflags bl23) {static} "
                    "$(pkg-config --libs $(pkg-config --print-requires-private bl23)) -lpthread "
                    "-lm -o alone",
                    folder, moved, "./alone") == shared
    told = installed("bl23 point --mass 0.128 --w=0.6+0.1j,-0.3+0.4j,0.7j "
                     "--constraints world_2026 --inputs pdg2024 --json").stdout
    found = re.search(r"0.128 GeV: g up to (\S+), where .* = (\S+)", shared)
    assert [float(text) for text in found.groups()] == [
        json.loads(told)[name] for name in ("g_max", "br_kp_pip")]
    scan = compiled(f"c++ -std=c++11 -pedantic -Wall -Wextra -Werror {examples}/scan.cpp {flags} "
                    "-o scan", folder, moved, "./scan")
    survey = installed("bl23 survey @fig3 --samples 1e4 -o scan.h5").stdout
    passed = re.search(r"passed +(\d+)", survey).group(1)
    assert scan.startswith(f"{passed} survive, least tension 0.54282"), scan
    with open(os.path.join(folder, "CMakeLists.txt"), "w", encoding="utf-8") as f:
        f.write("cmake_minimum_required(VERSION 3.22)\nproject(mine C CXX)\n"
                "find_package(bl23 0.2 REQUIRED)\n"
                f"add_executable(limit_cmake {examples}/limit.c)\n"
                "target_link_libraries(limit_cmake PRIVATE bl23::bl23)\n"
                f"add_executable(limit_static {examples}/limit.c)\n"
                "target_link_libraries(limit_static PRIVATE bl23::static)\n")
    for program in ("limit_cmake", "limit_static"):
        assert compiled(f"cmake -S . -B made -DCMAKE_PREFIX_PATH={moved} >/dev/null && "
                        "cmake --build made >/dev/null", folder, moved,
                        f"made/{program}") == shared


def test_package_of_the_installation(moved, folder):
    """The Python package finds the library and the program that were installed with it."""
    without_sanitizers(moved)
    environment = dict(os.environ, PATH="/usr/bin:/bin",
                       PYTHONPATH=str(moved / "share/bl23/python"))
    for name in ("BL23_LIBRARY", "BL23_PROGRAM", "LD_LIBRARY_PATH"):
        environment.pop(name, None)
    done = t.run([sys.executable, "-B", "-c", "import bl23; print(bl23.Model('@fig3').survey(1e5), "
                  "bl23.program(), bl23.bound('@fig3').states)"], cwd=folder, env=environment)
    assert done.returncode == 0 and f"{moved}/bin/bl23 ['open']" in done.stdout, t.told(done)


def made_by(tree, names):
    """Names of the files that some targets of a build tree make, with those that they depend on."""
    reply = pathlib.Path(tree, ".cmake/api/v1/reply")
    model = json.loads(next(reply.glob("codemodel-v2-*.json")).read_text(encoding="utf-8"))
    targets = {entry["id"]: json.loads((reply / entry["jsonFile"]).read_text(encoding="utf-8"))
               for entry in model["configurations"][0]["targets"]}
    waiting = [this for this, found in targets.items() if found["name"] in names]
    seen, made = set(), set()
    while waiting:
        this = waiting.pop()
        seen.add(this)
        waiting += [d["id"] for d in targets[this].get("dependencies", []) if d["id"] not in seen]
        made |= {os.path.basename(f["path"]) for key in ("artifacts", "sources")
                 for f in targets[this].get(key, [])}
    return made


def test_run_script_builds_what_is_installed(source, folder):
    """Whatever `cmake --install` takes out of the build tree is made by the targets of run.sh."""
    script = pathlib.Path(source, "scripts", "run.sh").read_text(encoding="utf-8")
    targets = re.search(r"cmake --build .* --target (.*) >", script).group(1).split()
    tree = pathlib.Path(folder, "tree")
    query = tree / ".cmake/api/v1/query/codemodel-v2"
    query.parent.mkdir(parents=True)
    query.touch()
    t.run_ok(["cmake", "-S", source, "-B", tree, "-DBL23_TESTS=OFF", "-DBL23_CUDA=OFF"])
    taken = {path for listing in tree.rglob("cmake_install.cmake") for path in
             re.findall(rf'"({re.escape(str(tree))}/[^";$]+)"', listing.read_text(encoding="utf-8"))
             if os.path.basename(path) != "cmake_install.cmake" and not os.path.exists(path)}
    made = made_by(tree, targets)
    assert {"bl23", "libbl23.so", "libbl23.a", "bl23.1"} <= {os.path.basename(p) for p in taken}
    plain = {re.sub(r"\.rule$|(?<=\.so)[.0-9]+$", "", name) for name in made}
    for path in taken:
        assert re.sub(r"(?<=\.so)[.0-9]+$", "", os.path.basename(path)) in plain, path


def test_package_without_installation(build, source, folder):
    """The lines of docs/python.md for a checkout that scripts/run.sh has built."""
    page = pathlib.Path(source, "docs", "python.md").read_text(encoding="utf-8")
    lines, = re.findall(r"((?:^    export .*\n)+)", page, flags=re.M)
    checkout = pathlib.Path(folder, "checkout")
    (checkout / "build").mkdir(parents=True)
    (checkout / "host").symlink_to(pathlib.Path(source, "host"))
    (checkout / "build" / "release").symlink_to(build)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("BL23_")}
    done = subprocess.run(
        ["bash", "-euc", f"cd {checkout}\n{lines}cd {folder}\n{sys.executable} -B -c '\n"
         "import bl23\nprint(bl23.Model(\"@fig3\").point(0.14, w=[1, 0.5, 0.2j]).survives)\n"
         "print(bl23.survey(\"@fig3\", \"x.h5\", samples=4096))\nprint(bl23.__file__)'"],
        env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "of 4096 samples pass" in done.stdout, t.told(done)
    assert f"{checkout}/host/python" in done.stdout, t.told(done)


def test_symbols_of_the_library(moved, source):
    """Shared and static have those of the interface, which the header declares."""
    if not shutil.which("nm"):
        pytest.skip("nm is not installed")
    listed = pathlib.Path(source, "host/library/bl23.symbols").read_text(encoding="utf-8").split()
    header = next(moved.rglob("bl23.h")).read_text(encoding="utf-8")
    assert sorted(re.findall(r"BL23_API .*?(bl23_\w+)\(", header)) == listed
    for name, options in (("libbl23.so", "-D"), ("libbl23.a", "-g")):
        shown = t.run(["nm", options, "--defined-only", next(moved.rglob(name))]).stdout
        found = [line.split()[-1] for line in shown.splitlines() if " T " in line or " D " in line]
        assert sorted(found) == listed, name


def test_no_path_of_the_build_is_in_it(moved, build, source, shared):
    for path in installed_files(moved):
        data = path.read_bytes()
        for place in (str(build), source, shared):
            assert os.fsencode(place) not in data, f"{path} names {place}"


def test_links_of_the_pages(moved, source):
    pages = moved / "share" / "doc" / "bl23"
    for page in pages.rglob("*.md"):
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert "://" in link or (page.parent / link).exists(), f"{page}: {link}"
    for folder in ("scripts/slurm", "scripts/surveys"):
        installed, shipped = moved / "share" / "bl23" / folder, pathlib.Path(source, folder)
        assert sorted(p.name for p in installed.rglob("*")) == sorted(
            p.name for p in shipped.rglob("*"))


def test_a_survey_without_a_checkout(installed, moved):
    done = installed("bl23 survey @fig3_closed --samples 1e5 --quiet && bl23 replay fig3_closed.h5")
    assert done.returncode == 0, t.told(done)
    scripts = installed("bl23 info --scripts").stdout
    assert scripts == f"{(moved / 'share/bl23/scripts').resolve()}\n"
    linked = installed(f"ln -s {moved}/bin/bl23 here && ./here info --scripts")
    assert linked.stdout == scripts, t.told(linked)


def readme_commands(source):
    """Commands of README.md: all lines of indented blocks but what they print."""
    commands, block = [], []
    text = pathlib.Path(source, "README.md").read_text(encoding="utf-8")
    for line in text.splitlines() + [""]:
        if line.startswith("    "):
            block.append(line[4:])
        elif line or not block:
            shown = [words for words in block if words.startswith("$ ")]
            commands += [words[2:] for words in shown] if shown else block
            block = []
    return [re.sub(r"\s+# .*", "", command) for command in commands]


def test_commands_of_the_readme(installed, source, scripts):
    """In their order, since some read what others wrote."""
    del scripts  # without matplotlib: skipped
    commands = readme_commands(source)
    ran = [command for command in commands if not re.match(NOT_RUN, command)]
    assert len(ran) > 10 and len(commands) > len(ran) and "bl23 survey @fig3" in ran
    for command in ran:
        if command in SLOW and not os.environ.get("BL23_SLOW"):
            continue
        command = command.replace("FILE.h5", "fig3.h5")
        done = installed(command)
        assert done.returncode == 0, t.told(done)
    assert not installed("ls *.png */*.png").stdout.startswith("ls: ")


def test_manual_page(moved):
    if not shutil.which("man"):
        pytest.skip("man is not installed")
    done = t.run(["man", "-l", "--warnings", str(moved / "share/man/man1/bl23.1")],
                 env=dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="80", MANROFFSEQ="",
                          MAN_KEEP_FORMATTING=""))
    assert done.returncode == 0 and not done.stderr, t.told(done)
    assert "bl23 - surveys of the local" in done.stdout and "bl23 survey CONFIG" in done.stdout


@pytest.mark.parametrize("shell, command, says", [
    ("bash", "source share/bash-completion/completions/bl23 && complete -p bl23",
     "complete -o default -F _bl23 bl23"),
    ("zsh", "fpath=(share/zsh/site-functions $fpath); autoload -U compinit && compinit -u -D && "
            "print $_comps[bl23]", "_bl23"),
    ("fish", "source share/fish/vendor_completions.d/bl23.fish; complete -C 'bl23 surv'",
     "survey\t")])
def test_completions(moved, folder, shell, command, says):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    start = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = t.run([shell, *start, "-c", command], cwd=moved, env=dict(os.environ, HOME=folder))
    assert done.returncode == 0 and done.stdout.startswith(says), t.told(done)


def test_scripts_begin_with_help(installed, scripts):
    del scripts
    done = installed("for f in $(bl23 info --scripts)/plot_*.py; do "
                     f"'{sys.executable}' \"$f\" --help >/dev/null || exit; done; "
                     "for f in $(bl23 info --scripts)/slurm/*; do "
                     "bash -n \"$f\" || exit; done")
    assert done.returncode == 0 and not done.stderr, t.told(done)
