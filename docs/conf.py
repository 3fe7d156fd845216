# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The site of these pages: scripts/site.sh builds it. Notebooks are executed with the package and
the program of the build in BL23_BUILD."""
import os
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
build = pathlib.Path(os.environ.get("BL23_BUILD", root / "build" / "release")).resolve()
package = str(root / "host" / "python")
sys.path.insert(0, package)
# Of the kernels that execute notebooks; scripts/site.sh puts corner into build/python.
os.environ["PYTHONPATH"] = os.pathsep.join([package, str(root / "build" / "python")])
os.environ.setdefault("BL23_PROGRAM", str(build / "bin" / "bl23"))
os.environ.setdefault("BL23_LIBRARY", str(next(build.rglob("libbl23.so"), "libbl23.so")))

project = "bl23"
author = "the bl23 authors"
copyright = "2026, the bl23 authors"  # pylint: disable=redefined-builtin
release = re.search(r"VERSION (\d+\.\d+\.\d+)", (root / "CMakeLists.txt").read_text())[1]

extensions = ["myst_parser", "nbsphinx", "sphinx.ext.autodoc"]
html_theme = "sphinx_rtd_theme"
html_title = f"bl23 {release}"
myst_heading_anchors = 3
exclude_patterns = ["notebooks/.ipynb_checkpoints"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
nbsphinx_execute = "always"
nbsphinx_execute_arguments = ["--InlineBackend.figure_formats={'png'}"]
# README links to files that are no pages here; `ctest -R house_paths` looks at every link.
suppress_warnings = ["ref.myst"]


def setup(app):
    """Docstrings are plain text: |W| is no substitution of reStructuredText."""
    def plain(_app, _what, _name, _object, _options, lines):
        lines[:] = [line.replace("|", r"\|") for line in lines]

    app.connect("autodoc-process-docstring", plain)
