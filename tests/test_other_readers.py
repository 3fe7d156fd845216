#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Outputs in the hands of other programs: the tools of HDF5, pandas, xarray.

With survivors and without. A file that h5repack or h5copy has written holds the same survey: bl23
reads it, its content_hash is that of the original. What docs/file-format.md shows works.
"""

import os
import re
import shutil

import pytest

import survey_tools as t

np = t.np
CONFIG = """survey: {{samples: {samples}, seed: 3, mass_gev: {{list: [0.14, 0.13]}}}}
constraints: {{sets: [paper2020], without: [ccfr, na62_pi0, e949]}}
output: {{nearest: {nearest}, histograms: [[wu12_abs2, wu13_abs2], [phase23, log10_g]],
  bins: {{phase23: {{number: 36}}}}}}
"""
SAMPLES, MORE = 8192, 12288
KINDS = {"survivors": {"samples": SAMPLES, "nearest": 20}, "none": {"samples": 1, "nearest": 20},
         "nothing": {"samples": 1, "nearest": 0}}
GROUPS = ("survivors", "nearest", "histograms", "cutflow", "extrema", "constraints", "tables")
REPACKED = {
    "as it is": [],
    "compressed": ["-f", "GZIP=4"],
    "shuffled, compressed, summed": ["-f", "SHUF", "-f", "GZIP=1", "-f", "FLET"],
    "in chunks": ["-l", "CHUNK=7"],
    "compact": ["-l", "COMPA"],
}


def tool(name):
    path = shutil.which(name)
    if not path:
        t.skip(f"{name} (hdf5-tools) is not installed")
    return path


@pytest.fixture(scope="module", params=KINDS)
def made(request, bl23, shared):
    """The configuration and its output."""
    config = os.path.join(shared, request.param + ".yaml")
    with open(config, "w", encoding="utf-8") as f:
        f.write(CONFIG.format(**KINDS[request.param]))
    out = os.path.join(shared, request.param + ".h5")
    t.run_ok([bl23, "survey", config, "-o", out, "--quiet"])
    return config, out


def content_hash(path):
    with t.h5py.File(path) as f:
        assert f.attrs["content_hash"].decode() == t.content_hash(f), path
        return f.attrs["content_hash"].decode()


@pytest.mark.parametrize("how", REPACKED)
def test_repacked(bl23, made, folder, how):
    (config, out), path = made, os.path.join(folder, "r.h5")
    repack = [tool("h5repack"), *REPACKED[how], out, path]
    t.run_ok(repack)
    assert content_hash(path) == content_hash(out)
    done = t.run_ok([bl23, "replay", path])
    assert "identical" in done.stdout and content_hash(out) in done.stdout, t.told(done)
    again = t.run_ok([bl23, "survey", config, "-o", path])
    assert "is finished" in again.stdout, t.told(again)
    t.run_ok([bl23, "survey", config, "-o", path, "--samples", MORE, "--extend", "--quiet"])
    direct = os.path.join(folder, "direct.h5")
    t.run_ok([bl23, "survey", config, "-o", direct, "--samples", MORE, "--quiet"])
    assert content_hash(path) == content_hash(direct)


def test_copied(bl23, made, folder):
    """Every group copied into a new file, and the attributes of the file."""
    (_, out), path = made, os.path.join(folder, "copy.h5")
    with t.h5py.File(out) as f, t.h5py.File(path, "w") as g:
        groups = list(f)
        for key in f.attrs:
            kind, shape, data = t.raw_attribute(f, key)
            g.attrs.create(key, np.frombuffer(data, kind).reshape(shape), dtype=kind)
    for group in groups:
        t.run_ok([tool("h5copy"), "-i", out, "-o", path, "-s", "/" + group, "-d", "/" + group])
    assert content_hash(path) == content_hash(out)
    done = t.run_ok([bl23, "replay", path])
    assert "identical" in done.stdout, t.told(done)


def test_tools(made, folder):
    (_, out), copy = made, os.path.join(folder, "copy.h5")
    shutil.copy(out, copy)
    assert t.run_ok([tool("h5diff"), out, copy]).returncode == 0
    said = t.run_ok([tool("h5dump"), out])
    assert "unable" not in said.stdout + said.stderr


def pages(source):
    """The Python of docs/file-format.md."""
    with open(os.path.join(source, "docs", "file-format.md"), encoding="utf-8") as f:
        return re.findall(r"```python\n(.*?)```", f.read(), flags=re.S)


def test_recipe(source, made, folder):
    """What the page shows."""
    pandas, xarray = (pytest.importorskip(name) for name in ("pandas", "xarray"))
    pytest.importorskip("h5netcdf")
    os.makedirs(os.path.join(folder, "out"))
    shutil.copy(made[1], os.path.join(folder, "out", "survey.h5"))
    (recipe,) = pages(source)
    before, found = os.getcwd(), {}
    os.chdir(folder)
    try:
        exec(recipe, found)  # pylint: disable=exec-used
    finally:
        os.chdir(before)
    columns = t.columns(made[1])
    assert isinstance(found["table"], pandas.DataFrame)
    assert isinstance(found["rows"], xarray.Dataset)
    assert found["table"].index.name == "index" and len(found["table"]) == len(columns["index"])
    for name in set(columns) - {"index"}:
        assert np.array_equal(found["table"][name], columns[name]), name
        assert np.array_equal(found["rows"][name], columns[name]), name


def test_xarray(made):
    """Every group opens, with named dimensions, coordinates, units and long names."""
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    for group in GROUPS:
        with xarray.open_dataset(made[1], group=group, engine="h5netcdf") as data:
            data.load()
            assert data.sizes and all(name in data.coords for name in data.sizes), group
            assert not [name for name in data.sizes if name.startswith("phony")], group
            assert all("long_name" in data[name].attrs for name in data.variables), group
    with xarray.open_dataset(made[1], group="histograms", engine="h5netcdf") as data:
        assert data["phase23__log10_g"].dims == ("phase23_mid", "log10_g_mid")
        assert data["phase23_mid"].attrs["units"] == "rad" and data.sizes["phase23_mid"] == 36
    with xarray.open_dataset(made[1], group="tables", engine="h5netcdf") as data:
        row = data["forms"].sel(form=b"h_ds_im", mass_gev=0.13)
        with t.h5py.File(made[1]) as f:
            assert np.array_equal(row, f["tables/forms"][1, 1])
