#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""bl23 cover: volumes against an independent computation and against surveys, files, forgeries.

The volumes of the cases A, B, C and E were computed by a program of its own in another language.
BL23_SLOW=1: more samples of the surveys.
"""

import json
import os
import shutil

import h5py
import numpy as np
import pytest

import forge_formats
import survey_tools as t

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
# configuration, volume, its relative error, least acceptance at 1e5 cells
CASES = {
    "A": (os.path.join(DATA, "cover_a.yaml"), 2.612e-4, 0.01, 0.30),
    "B": (os.path.join(DATA, "cover_b.yaml"), 1.551e-13, 0.10, 0.35),
    "C": ("@fig3", 0.0454, 0.01, 0.55),
    "E": (os.path.join(DATA, "cover_e.yaml"), 6.19e-12, 0.01, 0.55),
}
KEYS = {"mass_gev", "volume_upper", "volume_inside", "acceptance", "acceptance_low",
        "acceptance_high", "volume", "volume_low", "volume_high", "cells", "excluded"}
SURVEY_SAMPLES = 100_000_000 if t.SLOW else 4_000_000
KP = {"name": "kp", "observable": "br_kp_pip", "upper": 1e-9, "cl": 0.9, "cite": "x"}
MIXING = {"name": "mix", "observable": "x12", "upper": 0.1, "cl": 0.9, "cite": "x"}
GROUPS = ("/config", "/cover")
PION = {"name": "pi", "observable": "br_dp_pip", "upper": 1.0, "cl": 0.9, "cite": "x"}


def config_of(g_bl="solve", extra=(KP,), without=("ccfr", "na62_pi0", "e949"), masses=(0.14,)):
    return {
        "survey": {"mass_gev": {"list": list(masses)}, "g_bl": g_bl},
        "constraints": {"sets": ["paper2020"], "without": list(without), "extra": list(extra)},
    }


MODES = {
    "solve": config_of(masses=(0.14, 0.12)),
    "g fixed": config_of({"fixed": 1e-3}),
    "g drawn": config_of({"log_uniform": [1e-4, 1e-2]}),
    "D0 mixing": config_of(extra=(KP, PION, MIXING), without=("gm2", "ccfr", "na62_pi0", "e949")),
}


@pytest.fixture(scope="module")
def folder():
    with t.temporary_folder() as path:
        yield path


def saved(folder, name, config):
    return t.save_yaml(os.path.join(folder, name.replace(" ", "_") + ".yaml"), config)


def masses_of(bl23, config, *options, **more):
    done = t.run_ok([bl23, "cover", config, "--json", *options], **more)
    answer = json.loads(done.stdout)
    assert set(answer) == {"masses"}, t.told(done)
    for mass in answer["masses"]:
        assert set(mass) == KEYS, t.told(done)
        assert (0 <= mass["volume_inside"] <= mass["volume_low"] <= mass["volume"]
                <= mass["volume_high"] <= mass["volume_upper"] <= 1), mass
        assert mass["excluded"] == (mass["cells"] == 0) == (mass["volume_upper"] == 0), mass
    return answer["masses"]


@pytest.mark.parametrize("case", CASES)
def test_volumes(bl23, case):
    config, volume, error, acceptance = CASES[case]
    (found,) = masses_of(bl23, config, "--cells", "1e5")
    assert abs(found["volume"] / volume - 1) <= error, found
    assert found["volume_low"] <= volume <= found["volume_high"], found
    assert found["acceptance"] >= acceptance and not found["excluded"], found
    assert 99_990 <= found["cells"] <= 100_002, found


@pytest.mark.parametrize("case", ["A", "C"])
def test_a_uniform_survey_agrees(bl23, folder, case):
    (found,) = masses_of(bl23, CASES[case][0], "--cells", "1e4")
    out = os.path.join(folder, f"uniform_{case}.h5")
    t.run_ok([bl23, "survey", CASES[case][0], "-o", out, "--samples", SURVEY_SAMPLES, "--quiet"])
    with h5py.File(out) as f:
        passed, drawn = int(f.attrs["passed"]), int(f.attrs["samples"])
    part, cover_error = passed / drawn, (found["volume_high"] - found["volume_low"]) / 7.8
    error = np.hypot(np.sqrt(part / drawn), cover_error)
    assert abs(found["volume"] - part) < 6 * error, (found, part, error)


def test_open_question_is_excluded(bl23):
    found = masses_of(bl23, "@open_question")
    assert len(found) == 256 and all(mass["excluded"] for mass in found)
    text = t.run_ok([bl23, "cover", "@open_question"]).stdout
    assert "EXCLUDED by proof, for every W_u and every such g_B-L: at all 256 masses" in text


@pytest.mark.parametrize("accept", ["0.1", "0.4"])
def test_accept(bl23, accept):
    (found,) = masses_of(bl23, CASES["A"][0], "--accept", accept)
    # the pilot that decides has 4096 samples
    assert found["acceptance"] > float(accept) - 5 * np.sqrt(0.25 / 4096), found
    assert found["acceptance"] < 2 * float(accept) + 0.1, found


def test_text(bl23, folder):
    config = saved(folder, "two", config_of(extra=(KP,), masses=(0.14, 0.12)))
    done = t.run_ok([bl23, "cover", config])
    assert "Allowed part of the Haar measure of W_u, mean of all masses" in done.stdout
    assert "99.99 % interval" in done.stdout and not done.stderr, t.told(done)


def test_samples(bl23):
    few = masses_of(bl23, CASES["A"][0], "--cells", "1e4", "--samples", "1000")[0]
    many = masses_of(bl23, CASES["A"][0], "--cells", "1e4", "--samples", "1e6")[0]
    assert few["volume_upper"] == many["volume_upper"]
    width = [m["acceptance_high"] - m["acceptance_low"] for m in (few, many)]
    assert 25 < width[0] / width[1] < 40, width  # sqrt(1000), and what discreteness adds
    # 99.99 % of a normal distribution are within 3.89 standard deviations
    error = np.sqrt(many["acceptance"] * (1 - many["acceptance"]) / 1e6)
    assert abs(width[1] / (2 * 3.8906 * error) - 1) < 0.01, (width, error)


# ---- files ----


@pytest.mark.parametrize("mode", MODES)
def test_verify(bl23, folder, mode):
    out = os.path.join(folder, mode.replace(" ", "_") + ".h5")
    config = saved(folder, mode, MODES[mode])
    found = masses_of(bl23, config, "--cells", "3000", "-o", out)
    done = t.run_ok([bl23, "cover", "--verify", out, "--json"])
    answer = json.loads(done.stdout)
    assert answer["verified"] is True and answer["masses"] == len(found), t.told(done)
    assert answer["leaves"] - answer["discarded"] == sum(m["cells"] for m in found), t.told(done)
    assert "verified" in t.run_ok([bl23, "cover", "--verify", out]).stdout
    with h5py.File(out) as f:
        assert list(f["cover/cells"]) == [m["cells"] for m in found]
        assert list(f["cover/volume_upper"]) == [m["volume_upper"] for m in found]
        assert list(f["cover/volume_inside"]) == [m["volume_inside"] for m in found]


def test_the_open_question_verifies(bl23, folder):
    out = os.path.join(folder, "open.h5")
    t.run_ok([bl23, "cover", "@open_question", "-o", out])
    answer = json.loads(t.run_ok([bl23, "cover", "--verify", out, "--json"]).stdout)
    assert answer["excluded"] == answer["masses"] == 256, answer
    assert answer["leaves"] == answer["discarded"], answer


def test_same_bytes_everywhere(bl23, folder):
    config = saved(folder, "bytes", config_of(masses=(0.14, 0.12, 0.13, 0.1, 0.15)))
    one = os.path.join(folder, "one.h5")
    answer = masses_of(bl23, config, "--cells", "2000", "-o", one)
    ways = [{"BL23_ISA": isa} for isa in ("generic", "avx2", "avx512", "neon")]
    for k, env in enumerate([*ways, {"OMP_NUM_THREADS": "1"}, {"SLURM_CPUS_PER_TASK": "1"}]):
        other = os.path.join(folder, f"other{k}.h5")
        done = t.run([bl23, "cover", config, "--cells", "2000", "--json", "-o", other], env=env)
        if "BL23_ISA" in env and done.returncode == 2 and "BL23_ISA" in done.stderr:
            continue  # not of this machine
        assert done.returncode == 0, t.told(done, str(env))
        assert json.loads(done.stdout)["masses"] == answer, env
        assert t.read(other) == t.read(one), env


# ---- forgeries, with checksums that are right ----


def codes_of(packed, nodes):
    bits = np.unpackbits(packed, bitorder="little")[: 3 * nodes].reshape(-1, 3)
    return bits @ np.array([1, 2, 4])


def packed_of(codes):
    bits = (codes[:, None] >> np.arange(3)) & 1
    return np.packbits(bits.astype(np.uint8).ravel(), bitorder="little")


def forged(path, change):
    """The file with its datasets changed, and sealed again."""
    with h5py.File(path, "r+") as f:
        data = {name: item[...] for name, item in f["cover"].items()}
        codes = codes_of(data["tree"], int(data["nodes"][0]))
        codes = change(data, codes)
        if codes is not None:
            data["tree"], data["nodes"][0] = packed_of(codes), len(codes)
        for name, values in data.items():
            attributes = dict(f["cover"][name].attrs.items())
            del f["cover"][name]
            f["cover"][name] = values
            for key, value in attributes.items():
                f["cover"][name].attrs[key] = value
    forge_formats.seal_h5(path, GROUPS)


def discard(at):
    def change(data, codes):
        leaves = np.flatnonzero(codes == 6)
        codes[leaves[at]] = 5
        return codes
    return change


def call_inside(data, codes):
    codes[np.flatnonzero(codes == 6)[7]] = 7
    return codes


def one_leaf(code):
    return lambda data, codes: np.array([code])


def add(name, value):
    def change(data, codes):
        data[name][0] += value
    return change


def split_other_word(data, codes):
    """Another tree of as many leaves."""
    codes[np.flatnonzero(codes == 3)[0]] = 2
    return codes


FORGERIES = {
    "all discarded": (discard(slice(None)), "is discarded, but the limits do not exclude"),
    "everything discarded": (one_leaf(5), "leaf 1 is discarded, but"),
    "everything inside": (one_leaf(7), "leaf 1 is inside, but"),
    "a leaf inside": (call_inside, "is inside, but the limits do not allow"),
    "other words": (split_other_word, "but the limits do not"),
    "no whole tree": (lambda data, codes: codes[:-1], "/cover/tree holds a tree that is not whole"),
    "too much of a tree": (lambda data, codes: np.append(codes, 6),
                           "/cover/tree holds a tree that is not whole"),
    "another mass": (add("mass_gev", 1e-3), "/cover/mass_gev does not belong"),
    "more cells": (add("cells", 1), "/cover/cells does not belong"),
    "a smaller volume": (add("volume_upper", -2.0**-40), "/cover/volume_upper does not belong"),
    "more inside": (add("volume_inside", 2.0**-40), "/cover/volume_inside does not belong"),
    "another offset": (add("offset", 1), "/cover/offset does not fit"),
    "more nodes": (add("nodes", 8), "/cover/"),
}


@pytest.fixture(scope="module")
def genuine(bl23, folder):
    out = os.path.join(folder, "genuine.h5")
    t.run_ok([bl23, "cover", "@fig3", "--cells", "300", "-o", out])
    return out


def refused(bl23, path, says, code=1):
    done = t.run([bl23, "cover", "--verify", path])
    assert done.returncode == code and not done.stdout and says in done.stderr, t.told(done, says)
    assert done.stderr.count("\n") == 1, t.told(done)


def test_sealing_changes_nothing(bl23, genuine, folder):
    path = shutil.copy(genuine, os.path.join(folder, "sealed.h5"))
    forged(path, lambda data, codes: codes)
    t.run_ok([bl23, "cover", "--verify", path])


@pytest.mark.parametrize("name", FORGERIES)
def test_forgery(bl23, genuine, folder, name):
    path = shutil.copy(genuine, os.path.join(folder, "forged.h5"))
    change, says = FORGERIES[name]
    forged(path, change)
    refused(bl23, path, says)


def test_other_limits_do_not_fit(bl23, genuine, folder):
    path = shutil.copy(genuine, os.path.join(folder, "limits.h5"))
    for sigma, without in ((1, []), (2, ["gm2"])):
        with h5py.File(path, "r+") as f:
            config = t.parse_yaml(bytes(f["config"].attrs["yaml"]).decode())
            config["constraints"]["sigma"] = sigma
            config["constraints"]["without"] += without
            f["config"].attrs["yaml"] = np.bytes_(json.dumps(config))
        forge_formats.seal_h5(path, GROUPS)
        if sigma == 1:  # tighter bands exclude all the more
            t.run_ok([bl23, "cover", "--verify", path])
    refused(bl23, path, "is discarded, but the limits do not exclude")


def test_damage(bl23, genuine, folder):
    path = shutil.copy(genuine, os.path.join(folder, "damaged.h5"))
    with h5py.File(path, "r+") as f:
        f["cover/tree"][5] ^= 8
    refused(bl23, path, "/cover/tree")
    with open(path, "wb") as f:
        f.write(b"not HDF5")
    refused(bl23, path, "is truncated or is not an HDF5 file; name a file of", 2)
    refused(bl23, os.path.join(folder, "nothing.h5"), "nothing.h5 does not exist; name a", 2)


def test_other_files_are_refused(bl23, folder):
    survey, tables = (os.path.join(folder, name) for name in ("survey.h5", "tables.h5"))
    t.run_ok([bl23, "survey", "@fig3", "--samples", "4096", "-o", survey, "--quiet"])
    t.run_ok([bl23, "tables", "--mass", "0.14", "-o", tables])
    refused(bl23, survey, "is a survey without a cover", 2)
    refused(bl23, tables, "holds no cover", 2)


def test_misuse(bl23, folder):
    fixed = config_of()
    fixed["survey"]["w"] = {"fixed": [1, 0, 0, 0, 0, 0]}
    path = saved(folder, "fixed", fixed)
    for options, says in (
        ([path], "w must be haar"),
        (["@fig3", "--cells", "0"], "--cells"),
        (["@fig3", "--cells", "1e7"], "--cells"),
        (["@fig3", "--accept", "1.5"], "--accept"),
        (["@fig3", "--samples", "0"], "--samples"),
        (["--verify", "x.h5", "--cells", "5"], "--verify"),
        ([], "CONFIG"),
    ):
        done = t.run([bl23, "cover", *options])
        assert done.returncode == 2 and says in done.stderr, t.told(done)
        assert done.stderr.count("\n") <= 2 and not done.stdout, t.told(done)
