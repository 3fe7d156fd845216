# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What packages are made of: recipes, the citation, the oldest CMake, libraries in other places.

The Debian package is built by test_clean_root.py. Tests that download tools or build the program
run only for ctest -C slow.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import survey_tools as t

OLDEST_CMAKE = "3.22"
PACKAGING = pathlib.Path("scripts", "packaging")


def test_recipe_of_conda(source):
    yaml = pytest.importorskip("yaml")
    text = (source / PACKAGING / "conda" / "recipe.yaml").read_text(encoding="utf-8")
    recipe = yaml.safe_load(text)
    assert recipe["schema_version"] == 1 and recipe["package"]["name"] == "bl23"
    assert set(recipe) == {"schema_version", "context", "package", "source", "build",
                           "requirements", "tests", "about"}
    folder = (source / PACKAGING / "conda" / recipe["source"]["path"]).resolve()
    assert folder == pathlib.Path(source).resolve()
    assert (folder / recipe["about"]["license_file"]).exists() and "Untested" in text


def test_recipe_of_spack(source):
    path = source / PACKAGING / "spack" / "package.py"
    compile(path.read_text(encoding="utf-8"), str(path), "exec")


def test_one_list_of_libraries(source):
    """Every recipe needs what CMakeLists.txt looks for."""
    cmake = (source / "CMakeLists.txt").read_text(encoding="utf-8")
    wanted = {name.split("-")[0].removeprefix("lib").lower() for name in re.findall(
        r"find_package\((GSL|HDF5)|IMPORTED_TARGET (\S+?)\)", cmake) for name in name if name}
    wanted.remove("cmocka")
    assert wanted == {"gsl", "hdf5", "yaml", "jansson", "xxhash"}
    for path in ("debian/control", "conda/recipe.yaml", "spack/package.py", "bl23.def",
                 "../install_packages.sh", "../../README.md"):
        text = (source / PACKAGING / path).read_text(encoding="utf-8")
        assert [name for name in sorted(wanted) if name not in text] == [], path


@pytest.fixture(name="source")
def the_source(request):
    return pathlib.Path(request.config.getoption("source")).resolve()


@pytest.fixture(name="tools")
def an_environment(folder):
    """A function that installs a package of PyPI into an environment of Python, or skips."""
    if not os.environ.get("BL23_SLOW"):
        pytest.skip("only for ctest -C slow")

    def install(package):
        place = pathlib.Path(folder, "environment")
        for command in ([sys.executable, "-m", "venv", place],
                        [place / "bin" / "pip", "install", "-q", package]):
            done = t.run(command)
            if done.returncode:
                pytest.skip(f"{package} cannot be had: {done.stderr[-200:]}")
        return place / "bin"
    return install


def test_citation(tools, source):
    """As journals and people get it from CITATION.cff."""
    tool = tools("cffconvert") / "cffconvert"
    cff = str(source / "CITATION.cff")
    assert t.run([tool, "--validate", "-i", cff]).returncode == 0
    version = re.search(r"^version: (\S+)$", pathlib.Path(cff).read_text(encoding="utf-8"),
                        flags=re.M).group(1)
    bibtex, text = (t.run([tool, "-i", cff, "-f", kind]).stdout for kind in ("bibtex", "apalike"))
    for field in (r"^@misc\{", r"^author = \{The bl23 authors\}", r"^title = \{bl23: ", "^url = ",
                  r"^year = \{20\d\d\}"):
        assert re.search(field, bibtex, flags=re.M), (field, bibtex)
    assert f"(version {version})" in text


def test_recipe_as_rattler_build_reads_it(tools, source):
    python = tools("py-rattler-build") / "python"
    recipe = source / PACKAGING / "conda" / "recipe.yaml"
    done = t.run([python, "-c", "import rattler_build as r, sys; "
                  "rendered = r.Stage0Recipe.from_file(sys.argv[1]).render(r.VariantConfig()); "
                  "print([variant.recipe.package.name for variant in rendered])", recipe])
    assert done.returncode == 0 and "['bl23']" in done.stdout, t.told(done)


def private_libyaml(folder):
    """A copy of libyaml in a folder where no loader looks; None: it is not here."""
    def asked(option):
        done = subprocess.run(["pkg-config", option, "yaml-0.1"], capture_output=True, text=True,
                              check=False)
        return done.stdout.strip()
    libraries = pathlib.Path(asked("--variable=libdir"))
    headers = pathlib.Path(asked("--variable=includedir"), "yaml.h")
    if not headers.is_file():
        return None
    prefix = pathlib.Path(folder, "private")
    for place in ("lib/pkgconfig", "include"):
        (prefix / place).mkdir(parents=True)
    shutil.copy(headers, prefix / "include")
    for library in libraries.glob("libyaml*.so*"):
        shutil.copy(library, prefix / "lib", follow_symlinks=False)
    (prefix / "lib" / "pkgconfig" / "yaml-0.1.pc").write_text(
        f"prefix={prefix}\nName: yaml\nDescription: copy\nVersion: {asked('--modversion')}\n"
        "Libs: -L${prefix}/lib -lyaml\nCflags: -I${prefix}/include\n", encoding="utf-8")
    return prefix


def test_oldest_cmake_and_a_library_elsewhere(tools, source, folder):
    """CMake 3.22 builds and installs by the preset; the program finds a library outside /usr."""
    cmake = tools(f"cmake=={OLDEST_CMAKE}.*") / "cmake"
    text = (source / "CMakeLists.txt").read_text(encoding="utf-8")
    assert f"cmake_minimum_required(VERSION {OLDEST_CMAKE})" in text
    library = private_libyaml(folder)
    if not library:
        pytest.skip("pkg-config does not know libyaml")
    build, prefix = (pathlib.Path(folder, name) for name in ("build", "prefix"))
    environment = {"PKG_CONFIG_PATH": str(library / "lib" / "pkgconfig")}
    environment["LD_LIBRARY_PATH"] = ""
    for command in ([cmake, "--preset", "release", "-B", build, "-DBL23_TESTS=OFF",
                     "-DBL23_CUDA=OFF"], [cmake, "--build", build, "-j", "2"],
                    [cmake, "--install", build, "--prefix", prefix]):
        done = t.run(command, cwd=source, env=environment, timeout=1800)
        assert done.returncode == 0, t.told(done)
    shutil.rmtree(build)
    shown = t.run(["ldd", prefix / "bin" / "bl23"], env={"LD_LIBRARY_PATH": ""})
    assert f" {library}/lib/libyaml" in shown.stdout, shown.stdout
    done = t.run([prefix / "bin" / "bl23", "survey", "@fig3", "--samples", "1e5"], cwd=folder,
                 env={"LD_LIBRARY_PATH": ""})
    assert done.returncode == 0, t.told(done)
