#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A survey file explains itself and can be run again: with an output in the place of a
configuration, in an empty folder, also when curves and BibTeX of the user are gone or changed."""

import ctypes
import json
import os
import random
import re
import shutil
import struct

import numpy as np
import pytest

import survey_tools as t

h5py = t.h5py
CURVE = "# ours\nm_gev,upper\n0.10,2e-2\n0.13, 1.5e-2\n0.2,1e-2\n"
WINDOWS = "window,m_gev,upper\n0,0.1,2e-2\n0,0.125,1e-2\n3,0.13,0.03\n7,0.13,0.02\n7,0.2,1.25e-2\n"
ENTRY = "@article{Me:2026,\n  author = {M{\\\"u}ller, A.},\n\ttitle = {\u00dcber {Z'}},\n}"
OTHER = "@string{prl = \"Phys\"}\n@book(round, title={x})\n@misc{Not:2026, title={not cited}}\n"
OWN = {"name": "mine", "observable": "br_kp_pip", "curve": "my.csv", "cl": 0.9,
       "cite": "Me:2026, Kang:2020", "bibtex": "my.bib", "note": "B \x96 K,\x85\u2028 yes: [no]"}
UPPER = {"name": "top", "observable": "br_bp_kp", "upper": 1e-2, "cl": 0.9, "cite": "NA62:2025upx"}


def config(mass=None, g="solve", w="haar", extra=(), sets=("paper2020",), **output):
    return {
        "survey": {"samples": 20000, "seed": 5, "w": w, "g_bl": g,
                   "mass_gev": mass or {"uniform": [0.116, 0.152], "knots": 3}},
        "constraints": {"sets": list(sets), "extra": list(extra)},
        "output": {"nearest": 7, "max_survivors": 300, **output},
    }


W = {"fixed": [0.0, 1.0, 1.0, 0.25, 0.3, -0.59]}
KINDS = {
    "solve": config(),
    "fixed g": config(g={"fixed": 1e-3}, extra=[UPPER]),
    "log-uniform g": config(g={"log_uniform": [1e-5, 3e-3]}, histograms=[["wu12_abs2", "log10_g"]]),
    "fixed w": config(w=W, extra=[UPPER]),
    "own curve": config(extra=[OWN]),
    "mass list": config(mass={"list": [0.14, 0.1175, 1.2e-1, 0.1500000001]}),
    "charm": config(sets=["charm_known", "charm_mixing", "top"], columns="all"),
    "bins": config(bins={"log10_g": [-5, -2.5]}, store="index", cutflow_every=2),
    "inline": config(extra=[{**{k: v for k, v in OWN.items() if k != "curve"}, "bibtex": ENTRY,
                             "curve_rows": [[0, 0.1, 1e-2], [2, 0.12, "1.0e-2"], [2, 0.2, 0.02]]}]),
    "no likelihood": config(extra=[{**UPPER, "likelihood": "none", "invisible": True}]),
}


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


class Own:
    """A survey with a curve and BibTeX of the user's own, in a folder of its own."""

    def __init__(self, bl23, folder, curve=CURVE):
        self.bl23, self.folder, self.out = bl23, folder, os.path.join(folder, "out.h5")
        self.csv = write(folder, "my.csv", curve)
        self.bib = write(folder, "my.bib", OTHER + ENTRY)
        self.config = t.save_yaml(os.path.join(folder, "c.yaml"), config(extra=[OWN]))

    def command(self, *more, out=None, samples=20000):
        return t.survey_command(self.bl23, self.config, "--samples", samples, "-o",
                                out or self.out, *more)

    def lose_files(self):
        os.remove(self.csv)
        os.remove(self.bib)


@pytest.fixture
def own(bl23, folder):
    return Own(bl23, folder)


def content(path):
    """The hash of the content where the file has one, and everything in it."""
    with h5py.File(path, "r") as f:
        return f.attrs.get("content_hash"), t.h5_content(path)


class Watch:
    """Files of a folder that somebody opened for writing and closed (inotify)."""

    CLOSE_WRITE = 8

    def __init__(self, folder):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.fd = self.libc.inotify_init1(os.O_NONBLOCK)
        if self.fd < 0 or self.libc.inotify_add_watch(
                self.fd, os.fsencode(folder), self.CLOSE_WRITE) < 0:
            pytest.skip("inotify is not available")

    def names(self):
        try:
            data, found = os.read(self.fd, 1 << 16), set()
        except BlockingIOError:
            return set()
        while data:
            length = struct.unpack_from("iIII", data)[3]
            found.add(data[16:16 + length].rstrip(b"\0").decode())
            data = data[16 + length:]
        return found


@pytest.mark.parametrize("kind", KINDS)
def test_rerun(bl23, folder, kind):
    """From the output alone, in an empty folder: the same content, and the input is not touched."""
    first, empty = os.path.join(folder, "first"), os.path.join(folder, "empty")
    os.mkdir(first)
    os.mkdir(empty)
    write(first, "my.csv", WINDOWS)
    write(first, "my.bib", OTHER + ENTRY)
    made, again = os.path.join(first, "out.h5"), os.path.join(empty, "again.h5")
    t.run_ok([bl23, "survey", t.save_yaml(os.path.join(first, "c.yaml"), KINDS[kind]), "-o", made])
    kept = shutil.move(made, os.path.join(empty, "kept.h5"))
    shutil.rmtree(first)
    before, watch = t.read(kept), Watch(empty)
    for command in (["survey", kept, "-o", again], ["survey", "kept.h5", "-o", again],
                    ["check", kept, "--no-forecast"], ["replay", again]):
        done = t.run_ok([bl23, *command], cwd=empty)
        assert "warning: mine cites" not in done.stderr, t.told(done)
    assert "kept.h5" not in watch.names() and t.read(kept) == before, "the input was written"
    assert content(kept) == content(again), t.note(
        f"{kind}: another content", t.h5_differences(kept, again))
    assert sorted(os.listdir(empty)) == ["again.h5", "kept.h5"]


def test_other_commands(own):
    """Every command that takes CONFIG gives for an output what it gives for its configuration."""
    t.run_ok(own.command())
    for command in (("bound", "--json"), ("plane", "--scenario", "1", "--json")):
        told = [t.run_ok([own.bl23, command[0], source, *command[1:]])
                for source in (own.config, own.out)]
        assert told[0].stdout.replace(own.config, "CONFIG") == told[1].stdout.replace(
            own.out, "CONFIG"), t.told(told[1])


def test_answers_without_files(own):
    """Proofs and fits of a survey whose files are gone; point and cite take its output."""
    t.run_ok(own.command())
    proof = os.path.join(own.folder, "bound.json")
    t.run_ok([own.bl23, "bound", own.config, "-o", proof])
    cited = t.run_ok([own.bl23, "cite", own.config]).stdout
    own.lose_files()
    t.run_ok([own.bl23, "bound", "--verify", proof])
    done = t.run([own.bl23, "fit", own.out, "--starts", 1])
    assert "chi^2" in done.stdout and "my.csv" not in done.stderr, t.told(done)
    assert t.run_ok([own.bl23, "cite", own.out]).stdout == cited and ENTRY in cited
    told = t.run_ok([own.bl23, "point", "--config", own.out, "--mass", 0.134,
                     "--w", "0,0,1,0,1,0.59"])
    assert "mine" in told.stdout, t.told(told)


def test_rerun_in_parts(own):
    """Parts of a rerun, merged; and a rerun with other samples and seed."""
    t.run_ok(own.command())
    own.lose_files()
    os.rename(own.out, own.out + ".kept")
    parts = [os.path.join(own.folder, f"p{k}.h5") for k in (0, 1)]
    for k, part in enumerate(parts):
        t.run_ok([own.bl23, "survey", own.out + ".kept", "-o", part, "--first", 12288 * k,
                  "--count", (12288, 20000 - 12288)[k]])
    t.run_ok([own.bl23, "merge", *parts, "-o", own.out, "--config", own.out + ".kept"])
    t.assert_same(own.out + ".kept", own.out, "parts of a rerun")
    more = own.out + ".more"
    t.run_ok([own.bl23, "survey", own.out, "-o", more, "--samples", 9000, "--seed", 6])
    with h5py.File(more, "r") as f:
        assert (f.attrs["samples"], f.attrs["seed"]) == (9000, 6)


def test_output_is_required(own):
    t.run_ok(own.command())
    before = t.read(own.out)
    for options, says in (((), "-o is required"), (("-o", own.out), own.out),
                          (("-o", own.out, "--force"), own.out),
                          (("-o", own.out, "--extend", "--samples", "30000"), own.out)):
        done = t.run([own.bl23, "survey", own.out, *options])
        assert done.returncode == 2 and says in done.stderr and not done.stdout, t.told(done)
    assert t.read(own.out) == before and not os.path.exists(own.out + ".run")


def cut(path):
    os.truncate(path, os.path.getsize(path) // 2)


def change_yaml(path):
    with h5py.File(path, "r+") as f:
        text = f["config"].attrs["yaml"]
        f["config"].attrs.modify("yaml", text.replace(b"0.02", b"0.03")
                                 if isinstance(text, bytes) else text.replace("0.02", "0.03"))


def change_limit(path):
    with h5py.File(path, "r+") as f:
        data = f["constraints/upper"][...]
        data[-1, 1, 0] *= 2
        f["constraints/upper"][...] = data


def other_file(path):
    os.remove(path)
    with h5py.File(path, "w") as f:
        f["x"] = 1


@pytest.mark.parametrize("damage", (cut, change_yaml, change_limit, other_file))
def test_damaged_output(own, damage):
    """A damaged output is no configuration, and the message names it."""
    t.run_ok(own.command())
    damage(own.out)
    for command in ("survey", "check", "bound"):
        more = ("-o", own.out + ".again") if command == "survey" else ()
        done = t.run([own.bl23, command, own.out, *more])
        assert done.returncode in (1, 2) and own.out in done.stderr and "YAML" not in done.stderr, (
            t.told(done))
        assert not os.path.exists(own.out + ".again")


# ---- curves and BibTeX that are gone or changed ----


@pytest.fixture
def whole(own):
    """The file of all samples at once."""
    whole = os.path.join(own.folder, "whole.h5")
    t.run_ok(own.command(out=whole))
    return whole


@pytest.mark.parametrize("curve", (CURVE, WINDOWS))
def test_files_gone(bl23, folder, curve):
    """Resume, show, extend, replay and merge go on without them."""
    own, whole = Own(bl23, folder, curve), os.path.join(folder, "whole.h5")
    t.run_ok(own.command(out=whole))
    t.run_ok(own.command("--first", 0, "--count", 8192))
    for part in ("p0", "p1"):
        first = 8192 if part == "p1" else 0
        t.run_ok(own.command("--first", first, "--count", 20000 - 8192 if first else 8192,
                             out=os.path.join(folder, part)))
    short = os.path.join(folder, "short.h5")
    t.run_ok(own.command(out=short, samples=5000))
    own.lose_files()
    done = t.run_ok(own.command())
    assert "resuming" in done.stderr and done.stderr.count("cannot be read") == 2, t.told(done)
    done = t.run_ok(own.command())
    assert "Nothing to do" in done.stdout, t.told(done)
    t.run_ok([bl23, "replay", own.out])
    t.run_ok(own.command("--extend", out=short))
    merged = os.path.join(folder, "merged.h5")
    parts = [os.path.join(folder, part) for part in ("p0", "p1")]
    t.run_ok([bl23, "merge", *parts, "-o", merged])
    t.run_ok([bl23, "merge", *parts, "-o", merged, "--config", own.config])
    for path in (own.out, short, merged):
        t.assert_same(whole, path, "without the files")
    done = t.run(own.command(out=os.path.join(folder, "new.h5")))
    assert done.returncode == 2 and "my.csv cannot be read (No such file" in done.stderr, (
        t.told(done))


def test_curve_changed(own, whole):
    """What the run began with counts, and the message says where the file differs."""
    t.run_ok(own.command("--first", 0, "--count", 8192))
    write(own.folder, "my.csv", CURVE.replace("1.5e-2", "3e-4"))
    check = t.run_ok([own.bl23, "check", own.config, "--no-forecast", "-o", own.out])
    done = t.run_ok(own.command())
    says = "my.csv, which has changed since (row 2 is 0.13,0.0003, and was 0.13,0.015)"
    assert says in done.stderr and "--force" in done.stderr, t.told(done)
    assert says in check.stderr and "8192 of these samples are done" in check.stdout, t.told(check)
    t.assert_same(whole, own.out, "the curve of the run")
    done = t.run(own.command())
    assert done.returncode == 2 and "curve_rows[2][2] is 0.015, not 0.0003)" in done.stderr, (
        t.told(done, "a finished output is of its curve"))
    done = t.run_ok(own.command("--extend", samples=25000))
    assert says in done.stderr, t.told(done)
    done = t.run_ok(own.command("--force"))
    assert "my.csv" not in done.stderr and t.h5_differences(whole, own.out), t.told(
        done, "--force takes the file")
    write(own.folder, "my.csv", "nonsense\n")
    assert "no curve now" in t.run_ok(own.command("--extend", samples=30000)).stderr


def test_rows_beside_a_file(own):
    """A resolved configuration beside the file: its rows count, and the difference is told."""
    t.run_ok(own.command())
    with h5py.File(own.out, "r") as f:
        text = f["config"].attrs["yaml"]
    path = write(own.folder, "again.yaml", text.decode() if isinstance(text, bytes) else text)
    again = os.path.join(own.folder, "again.h5")
    done = t.run_ok([own.bl23, "survey", path, "-o", again, "--backend", "cpu"])
    assert not done.stderr, t.told(done)
    write(own.folder, "my.csv", CURVE.replace("0.13", "0.14"))
    done = t.run_ok([own.bl23, "survey", path, "-o", again, "--force"])
    assert "row 2 is 0.14,0.015, and was 0.13,0.015" in done.stderr, t.told(done)
    t.assert_same(own.out, again, "the rows of the configuration")


def test_bibtex_changed(own, whole):
    t.run_ok(own.command("--first", 0, "--count", 8192))
    write(own.folder, "my.bib", ENTRY.replace("ber", "ver"))
    done = t.run_ok(own.command())
    assert "BibTeX entry Me:2026" in done.stderr and "my.bib" in done.stderr, t.told(done)
    t.assert_same(whole, own.out, "the BibTeX of the run")


def test_stored_copy_damaged(own, whole):
    """A copy of the configuration that was damaged is written anew from the files; without them
    nothing is computed with it, and nothing is lost."""
    t.run_ok(own.command("--first", 0, "--count", 8192))
    copy = os.path.join(own.out + ".run", "config.yaml")
    good = t.read(copy)
    with open(copy, "wb") as f:
        f.write(good.replace(b"0.015", b"0.025"))
    hidden = own.csv + ".hidden"
    os.rename(own.csv, hidden)
    done = t.run(own.command())
    assert done.returncode == 2 and "my.csv cannot be read" in done.stderr, t.told(done)
    done = t.run([own.bl23, "merge", own.out, "-o", own.out + ".m"])
    assert done.returncode == 1 and copy in done.stderr and "damaged" in done.stderr, t.told(done)
    os.rename(hidden, own.csv)
    t.run_ok(own.command("--first", 0, "--count", 8192))
    assert t.read(copy) == good
    t.run_ok(own.command())
    t.assert_same(whole, own.out, "after damage")


def test_nothing_committed(own, whole):
    """A folder without a commit stores nothing that counts."""
    t.run_ok(own.command("--first", 0, "--count", 8192))
    run = own.out + ".run"
    for name in os.listdir(run):
        if name.startswith("segment"):
            os.remove(os.path.join(run, name))
    write(run, "manifest", "")
    write(own.folder, "my.csv", CURVE.replace("1.5e-2", "3e-4"))
    done = t.run_ok(own.command())
    assert "my.csv" not in done.stderr and t.h5_differences(whole, own.out), t.told(done)


# ---- citations ----


def bibtex_of(path):
    with h5py.File(path, "r") as f:
        texts = f["citations"].attrs["bibtex"], f["constraints"].attrs["bibtex"]
    return [x.decode() if isinstance(x, bytes) else x for x in texts]


def test_own_bibtex(own):
    t.run_ok(own.command())
    every, mine = bibtex_of(own.out)
    assert mine == ENTRY + "\n\n" and ENTRY in every and "Not:2026" not in every
    assert every.count("@article{Kang:2020,") == 1


@pytest.mark.parametrize("cite, says", (
    ("BaBar:2013npW", "mine cites 'BaBar:2013npW', which no BibTeX entry has; did you mean "
                      "'BaBar:2013npw'?"),
    ("Kangg:2020", "did you mean 'Kang:2020'?"),
    ("You:2031abc", "mine cites 'You:2031abc', which no BibTeX entry has; give the entry by"),
    ("Kang:2020", None), ("none", None), ("in preparation", None)))
def test_unknown_key(bl23, folder, cite, says):
    path = t.save_yaml(os.path.join(folder, "c.yaml"),
                       config(extra=[{**UPPER, "name": "mine", "cite": cite}]))
    done = t.run_ok([bl23, "check", path, "--no-forecast"])
    assert (says or "BibTeX") in done.stdout if says else "BibTeX" not in done.stdout, t.told(done)
    done = t.run_ok([bl23, "survey", path, "-o", os.path.join(folder, "o.h5")])
    assert says in done.stderr if says else "BibTeX" not in done.stderr, t.told(done)


@pytest.mark.parametrize("text, says", (
    ("@misc{Other:2026, title={x}}", "the last key found is 'Other:2026'"),
    ("no entry", "the last key found is 'none'"),
    ("@article{Me:2026, title={never closed}", "the last key found is 'none'"),
    ("@article{Me:2026, title={\udcff}}", "UTF-8"),
    ("@article{Me:2026, title={" + "x" * 70000 + "}}", "65536 bytes"),
    ("@string{Me:2026, a={b}}", "the last key found is 'none'")))
def test_bad_bibtex(own, text, says):
    with open(own.bib, "wb") as f:
        f.write(text.encode("utf-8", "surrogateescape"))
    done = t.run(own.command())
    assert done.returncode == 2 and says in done.stderr and "c.yaml:" in done.stderr, t.told(done)


# ---- /constraints ----


def texts(group, name):
    return [x.decode() for x in group[name][...]]


def test_constraints_group(own, source):
    """Against the data files and an independent reading of the curves."""
    t.run_ok(own.command())
    data = os.path.join(source, "tables", "data")
    declared = t.load_yaml(os.path.join(data, "paper2020.yaml"))["constraints"] + [OWN]
    masses = np.linspace(0.116, 0.152, 3)
    with h5py.File(own.out, "r") as f:
        g, n = f["constraints"], len(declared)
        assert texts(g, "name") == [c["name"] for c in declared]
        assert texts(g, "observable") == [c["observable"] for c in declared]
        assert texts(g, "cite") == [c["cite"] for c in declared]
        assert texts(g, "note") == [c["note"] for c in declared]
        assert texts(g, "set") == ["paper2020"] * (n - 1) + ["extra"]
        assert texts(g, "kind") == ["band", "band", "curve", "upper", "curve", "curve"]
        assert texts(g, "likelihood") == ["split_gauss"] * 2 + ["half_gauss"] * 4
        assert texts(g, "curve")[-1] == "my.csv"
        np.testing.assert_array_equal(g["cl"], [float(c.get("cl", "nan")) for c in declared])
        np.testing.assert_allclose(g["central"][:2], [2.1e-9, 279e-11], rtol=1e-15)
        assert g["lower"].shape == g["upper"].shape == (n, 2, 3)
        np.testing.assert_array_equal(g["upper"][0], [[4.1e-9] * 3, [6.2e-9] * 3])
        np.testing.assert_array_equal(g["lower"][0], [[1.0e-9] * 3, [0.4e-9] * 3])
        assert not g["lower"][2:].any()
        limit = np.exp(np.interp(masses, [0.1, 0.13, 0.2], np.log([2e-2, 1.5e-2, 1e-2])))
        np.testing.assert_allclose(g["upper"][-1], [limit, limit], rtol=1e-14)
        np.testing.assert_array_equal(np.isinf(g["upper"][3]), [[True, False, True]] * 2)
        assert np.isinf(g["upper"][4]).all(), "e949 has a gap here"
        np.testing.assert_array_equal(g["covers_gev"][4], [np.nan, np.nan])
        np.testing.assert_array_equal(g["covers_gev"][3], [masses[1], masses[1]])
        np.testing.assert_array_equal(g["window_gev"][4], [0.116, 0.152])
        np.testing.assert_allclose(g["window_gev"][3], [0.1349770 - 0.0038, 0.1349770 + 0.0038],
                                   rtol=1e-15)
        assert texts(g, "window") == ["all"] * 3 + ["near_pi0", "outside", "all"]
        rows = g["row_constraint"][...] == n - 1
        np.testing.assert_array_equal(g["row_mass_gev"][rows], [0.1, 0.13, 0.2])
        np.testing.assert_array_equal(g["row_upper"][rows], [2e-2, 1.5e-2, 1e-2])
        shipped = np.genfromtxt(os.path.join(data, declared[2]["curve"]), delimiter=",",
                                comments="#", skip_header=0)
        shipped = shipped[~np.isnan(shipped).any(axis=1)]
        rows = g["row_constraint"][...] == 2
        np.testing.assert_array_equal(g["row_upper"][rows], shipped[:, -1])


def test_likelihoods(bl23, folder):
    """One rule: bands, limits with a level, limits on g; what the data files say differs."""
    extra = [{**UPPER, "name": "open", "likelihood": "none"},
             {"name": "band", "observable": "delta_a_mu", "central": 1e-9, "sigma": 1e-8,
              "likelihood": "none", "cite": "none"}]
    del extra[0]["cl"]
    path = t.save_yaml(os.path.join(folder, "c.yaml"), config(
        sets=["charm_known", "charm_loose", "top", "world_2026"], extra=extra))
    out = os.path.join(folder, "o.h5")
    t.run_ok([bl23, "survey", path, "-o", out])
    with h5py.File(out, "r") as f:
        g = f["constraints"]
        found = dict(zip(texts(g, "name"), texts(g, "likelihood")))
        cl = dict(zip(texts(g, "name"), g["cl"]))
    none = {"d_life", "dp_pip_loose", "d0_omega_loose", "t_q", "open", "band"}
    assert {name for name in found if found[name] == "none"} == none
    assert {name for name in found if found[name] == "split_gauss"} == {"gm2_wp2025"}
    assert found["ccfr"] == "half_gauss" and np.isnan(cl["open"]) and cl["ccfr"] == 0.95
    for change, says in (({"likelihood": "tabulated"}, "half_gauss, with the key cl, or none"),
                         ({"observable": "g_bl", "likelihood": "split_gauss"}, "half_gauss, with")):
        t.save_yaml(path, config(extra=[{**UPPER, **change}]))
        done = t.run([bl23, "check", path])
        assert done.returncode == 2 and says in done.stderr, t.told(done)


# ---- what is written as YAML is read ----


def resolved(bl23, path):
    done = t.run_ok([bl23, "check", path, "--no-forecast", "--json"])
    return json.loads(done.stdout)["yaml"]


ODD = ("\x7f", "\x80", "\x85", "\x96", "\x9f", "\xa0", "\xad", "\u2028", "\u2029", "\ufeff",
       "\ufffd", "\ufffe", "\uffff", "\U0001f600", "\U0010ffff", "\"", "\\", "'", "#", ": ", "- ",
       "[", "{", "%", "@", "`", "|", ">", "&", "*", "!", "\t", " ")
LOOKS = ("1e-9", "1.0e-9", "yes", "No", "null", "~", "2026-01-01", "0x1F", "1_000", "12:30:45",
         ".inf", "true", "", "-", "?", "<<", "=", " a", "a ", "a: b", "a #b")


def write_escaped(text):
    """A YAML text in double quotes, every character escaped."""
    return '"' + "".join(f"\\U{ord(c):08x}" for c in text) + '"'


def test_yaml_round_trip(bl23, folder):
    """Texts and numbers of all kinds: PyYAML reads from the resolved text what was meant, and bl23
    resolves it to the same text."""
    rnd, path = random.Random(20261130), os.path.join(folder, "c.yaml")
    for case in range(60):
        note = LOOKS[case] if case < len(LOOKS) else "".join(
            rnd.choice(ODD) if rnd.random() < 0.6 else chr(rnd.randrange(0x20, 0x7f))
            for _ in range(rnd.randrange(1, 60)))
        note = "".join(c for c in note if c >= " " and c != "\x7f") or "x"
        note = note.encode()[:500].decode(errors="ignore")
        number = float(f"{rnd.uniform(1, 10):.{rnd.randrange(1, 17)}g}e{rnd.randrange(-30, 3)}")
        mass = float(f"{rnd.uniform(0.01, 4):.{rnd.randrange(1, 17)}g}")
        with open(path, "w", encoding="utf-8") as f:
            f.write(f"survey: {{samples: 5e3, mass_gev: {{fixed: {mass!r}}}, "
                    f"g_bl: {{fixed: 1e-9}}}}\nconstraints:\n  extra:\n"
                    f"    - {{name: \"1e-9\", observable: g_bl, upper: {min(number, 5.0)!r}, "
                    f"cl: 0.9, cite: {write_escaped(note)[:255 * 10 + 1]}"
                    f", note: {write_escaped(note)}}}\n"
                    if len(note.encode()) < 256 else
                    f"survey: {{mass_gev: {{fixed: {mass!r}}}, g_bl: {{fixed: 1e-9}}}}\n"
                    "constraints:\n  extra:\n    - {name: \"1e-9\", observable: g_bl, upper: "
                    f"{min(number, 5.0)!r}, cl: 0.9, cite: none, note: {write_escaped(note)}}}\n")
        text = resolved(bl23, path)
        read = t.parse_yaml(text)
        item = read["constraints"]["extra"][0]
        assert item["note"] == note and item["name"] == "1e-9", t.note(repr(note), text)
        assert item["upper"] == min(number, 5.0) and isinstance(item["upper"], (int, float)), text
        assert read["survey"]["mass_gev"]["fixed"] == mass, text
        assert read["survey"]["g_bl"]["fixed"] == 1e-9 and item["observable"] == "g_bl", text
        assert all(isinstance(v, (int, float, str)) for v in read["inputs"].values()), text
        numbers = [v for k, v in read["inputs"].items() if k not in ("preset", "form_factors")]
        assert all(isinstance(v, (int, float)) for v in numbers), text
        write(folder, "again.yaml", text)
        assert resolved(bl23, os.path.join(folder, "again.yaml")) == text, t.note(repr(note), text)


def test_many_masses(bl23, folder):
    """As many as are allowed, with all their digits: what is written is not too long to be read."""
    masses = [float(f"{0.0123456789012 + 1e-6 * k:.17g}") for k in range(65536)]
    path = t.save_yaml(os.path.join(folder, "c.yaml"), config(mass={"list": masses}))
    text = resolved(bl23, path)
    assert len(text) > 1 << 20
    assert t.parse_yaml(text)["survey"]["mass_gev"]["list"] == masses
    assert resolved(bl23, write(folder, "again.yaml", text)) == text


def test_many_rows(bl23, folder):
    """The same of the rows of a curve; one more is refused."""
    rows = "".join(f"{k},{1e-3 * (k + 1) * 1.000000001},{1.2345678901234567e-3 * (1 + 1e-9 * k)}\n"
                   for k in range(65536))
    own = {k: v for k, v in OWN.items() if k != "bibtex"}
    path = t.save_yaml(os.path.join(folder, "c.yaml"),
                       config(mass={"list": [0.12, 0.13]}, extra=[own]))
    csv = write(folder, "my.csv", "window,m_gev,upper\n" + rows)
    out, again = (os.path.join(folder, name) for name in ("o.h5", "again.h5"))
    t.run_ok([bl23, "survey", path, "-o", out])
    os.remove(csv)
    t.run_ok([bl23, "survey", out, "-o", again])
    differing = t.h5_differences(out, again)
    assert not differing, differing
    write(folder, "my.csv", "window,m_gev,upper\n" + rows + "65536,0.1,1\n")
    done = t.run([bl23, "check", path])
    assert done.returncode == 2 and "from 1 to 65536 rows" in done.stderr, t.told(done)


def test_output_name_that_is_not_utf8(bl23, folder):
    """YAML cannot hold it: what check prints says so and is read again."""
    path = t.save_yaml(os.path.join(folder, "c.yaml"), config())
    done = t.run_ok([bl23, "check", path, "--no-forecast", "--show", "-o",
                     os.fsdecode(os.fsencode(folder) + b"/\xff.h5")])
    assert "# file: its name is not UTF-8" in done.stdout, t.told(done)
    t.run_ok([bl23, "check", write(folder, "again.yaml", done.stdout), "--no-forecast"])


def test_brackets_in_texts(bl23, folder):
    """Only real nesting counts, not brackets in texts."""
    own = {**UPPER, "note": "[{" * 120}
    path = t.save_yaml(os.path.join(folder, "c.yaml"), config(extra=[own]))
    write(folder, "again.yaml", resolved(bl23, path))
    assert resolved(bl23, os.path.join(folder, "again.yaml")) == resolved(bl23, path)
    deep = write(folder, "deep.yaml", "a:\n  b: " + "[" * 101 + "]" * 101)
    done = t.run([bl23, "check", deep])
    assert done.returncode == 2 and re.search(r"deep.yaml:2: brackets", done.stderr), t.told(done)
