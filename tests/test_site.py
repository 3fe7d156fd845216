# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The site of the documentation: every page, without a warning, and every notebook, executed."""
import importlib.util
import os
import pathlib
import re
import subprocess
import sys

import pytest
import survey_tools as t
from library_tools import path_of

NEEDED = ("sphinx", "myst_parser", "nbsphinx", "ipykernel", "sphinx_rtd_theme", "emcee", "pandas",
          "corner")
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "build" / "python"))
MISSING = [name for name in NEEDED if not importlib.util.find_spec(name)]
if MISSING:
    t.skip(f"{', '.join(MISSING)} not installed")


@pytest.fixture(scope="module")
def site(bl23, source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    environment = dict(os.environ, BL23_PROGRAM=bl23, BL23_LIBRARY=str(path_of(bl23)))
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html",
         "-d", str(folder / "trees"), os.path.join(source, "docs"), str(folder / "html")],
        capture_output=True, text=True, check=False, env=environment, timeout=600)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return folder / "html"


def test_every_page(site, source):
    pages = [*pathlib.Path(source, "docs").glob("*.md"),
             *pathlib.Path(source, "docs", "notebooks").glob("*.ipynb")]
    assert len(pages) > 20
    for page in pages:
        name = page.relative_to(pathlib.Path(source, "docs")).with_suffix(".html")
        assert (site / name).stat().st_size > 0, name


def test_links(site):
    """What a page links to on this site is there, and figures are."""
    for page in site.rglob("*.html"):
        text = re.sub(r"(?s)<(script|style).*?</\1>", "", page.read_text(encoding="utf-8"))
        for link in re.findall(r'(?:href|src)="([^"#?:]+)[#?"]', text):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.mark.parametrize("name, figures", [("fig3", 3), ("own_limit", 2), ("charm_and_bound", 4),
                                           ("sampler", 1)])
def test_notebook(site, source, name, figures):
    """Its outputs are on the page, and none is kept in the source."""
    page = (site / "notebooks" / f"{name}.html").read_text(encoding="utf-8")
    assert page.count('src="../_images/notebooks_' + name) >= figures, "its figures are missing"
    kept = pathlib.Path(source, "docs", "notebooks", f"{name}.ipynb").read_text(encoding="utf-8")
    assert '"output_type"' not in kept


def test_fit(site):
    """The sampler asks the likelihood at least 1e5 times, over m, g and W_u: the mass moves too.
    corner draws the chain, in a triangle of panels."""
    page = (site / "notebooks" / "sampler.html").read_text(encoding="utf-8")
    (evaluations,) = re.findall(r"(?<!\w)(\d+) evaluations", page)
    low, high = re.search(r"within \[\s*([\d.]+)\s+([\d.]+)\s*\] MeV", page).groups()
    assert int(evaluations) >= 100000 and 25 < float(high) - float(low) < 36
    assert "corner.corner" in re.sub(r"<[^>]+>", "", page)
    (image,) = re.findall(r'src="\.\./(_images/notebooks_sampler[^"]+)"', page)
    pixels = pytest.importorskip("matplotlib.pyplot").imread(site / image)[..., :3].mean(axis=2)
    y, x = (size // 3 for size in pixels.shape)
    drawn = [(part < 0.9).mean() for part in (pixels[:y, 2 * x:], pixels[y:, :x], pixels[2 * y:])]
    assert drawn[0] == 0 < 0.05 < min(drawn[1:]), drawn


def test_reference(site):
    page = (site / "api.html").read_text(encoding="utf-8")
    for name in ("bl23.Model.points", "bl23.Model.loglike", "bl23.plot.plane", "bl23.survey"):
        assert f'id="{name}"' in page, name
