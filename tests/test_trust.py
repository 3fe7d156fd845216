#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What a survey does not take on trust, and what it warns of before it starts.

Tables of --model that are altered or of other inputs, a finished output that is not what was
written.
"""

import os
import re
import shutil

import pytest

import survey_tools as t

SAMPLES = 20000
ALTERED = (
    ("delta_a_mu_per_g2", (0,), float("inf")),
    ("forms", (0, 0, 0), 2.0),
    ("forms", (0, 1, 3), float("nan")),
    ("kappa", (0, 1), -5.0),
    ("kappa", (0, 3), 1.0),
    ("mass_gev", (0,), 0.15),
)


@pytest.fixture
def fig3(surveys):
    return os.path.join(surveys, "fig3.yaml")


def test_altered_tables(bl23, fig3, folder):
    good = os.path.join(folder, "tables.h5")
    t.run_ok([bl23, "tables", "--mass", "0.14", "-o", good])
    reference, pinned = os.path.join(folder, "plain.h5"), os.path.join(folder, "pinned.h5")
    t.run_ok([bl23, "survey", fig3, "--samples", SAMPLES, "-o", reference])
    t.run_ok([bl23, "survey", fig3, "--samples", SAMPLES, "-o", pinned, "--model", good])
    t.assert_same(reference, pinned, "tables of the same inputs")
    out = os.path.join(folder, "out.h5")
    for dataset, place, value in ALTERED:
        for forged in (False, True):
            bad = shutil.copy(good, os.path.join(folder, "bad.h5"))
            t.alter_table(bad, dataset, lambda data: data.__setitem__(place, value), forged)
            done = t.run([bl23, "survey", fig3, "--samples", SAMPLES, "-o", out, "--model", bad])
            says = (
                "bad.h5: .* differs from the tables of this configuration by .* use tables|"
                "bad.h5 does not hold a complete group /tables as it was written .* use a file|"
                "the given tables is at .* use tables with the same masses"
            )
            assert (
                done.returncode == 2
                and re.search(says, done.stderr)
                and not os.path.exists(out)
                and (not forged or dataset in done.stderr or dataset == "mass_gev")
            ), t.told(
                done, f"{dataset}{place} = {value}, {'with' if forged else 'without'} its checksum"
            )


@pytest.mark.parametrize(
    "change", ("m_t=165", "m_w=80.3", "ckm_lambda=0.2246", "m_mu=0.1057", "gamma_kl=1.29e-17")
)
def test_other_inputs(bl23, fig3, folder, change):
    tables, out = os.path.join(folder, "other.h5"), os.path.join(folder, "out.h5")
    t.run_ok([bl23, "tables", "--mass", "0.14", "--set", change, "-o", tables])
    done = t.run([bl23, "survey", fig3, "--samples", SAMPLES, "-o", out, "--model", tables])
    assert (
        done.returncode == 2
        and "use tables that were made with the same inputs" in done.stderr
        and not os.path.exists(out)
    ), t.told(done, f"tables of {change}")


def test_finished(bl23, fig3, folder):
    """The same command on an output that is not what was written."""
    out = os.path.join(folder, "finished.h5")
    command = [bl23, "survey", fig3, "--samples", SAMPLES, "-o", out]
    t.run_ok(command)
    again = t.run(command)
    assert again.returncode == 0 and "is finished" in again.stdout, t.told(
        again, "a finished output is reported"
    )
    good = t.read(out)

    def alter(what, change):
        with t.h5py.File(out, "r+") as f:
            change(f)
        done = t.run(command)
        assert (
            done.returncode == 2
            and "is not what was written" in done.stderr
            and "--force" in done.stderr
        ), t.told(done, what)
        with open(out, "wb") as f:
            f.write(good)

    for name, value in (("seed", 2), ("samples", 10 * SAMPLES), ("passed", 0)):
        alter(
            f"/{name} = {value}",
            lambda f, name=name, value=value: f.attrs.modify(name, t.np.uint64(value)),
        )
    for path in ("survivors", "tables/kappa", "cutflow/passed"):
        alter(f"{path} deleted", lambda f, path=path: f.__delitem__(path))
    alter("a count of the cut-flow", lambda f: f["cutflow/passed"].__setitem__(0, 1))


def test_warnings(bl23, surveys, folder):
    """Masses without a sample, a curve that no mass meets; none where there is nothing to say."""
    out = os.path.join(folder, "few.h5")
    done = t.run_ok(
        [
            bl23,
            "survey",
            os.path.join(surveys, "open_question.yaml"),
            "--samples",
            "1000000",
            "-o",
            out,
        ]
    )
    with t.h5py.File(out) as f:
        empty = int(t.np.count_nonzero(f["cutflow/mass_drawn"][...] == 0))
    assert (
        empty == 11
        and f"{empty} of the 256 masses" in done.stderr
        and "1044481 or more" in done.stderr
    ), t.told(done, "masses without a sample")
    assert f"({empty} of them without a sample)" in done.stdout, t.told(done, "the summary says so")
    enough = t.run_ok(
        [
            bl23,
            "survey",
            os.path.join(surveys, "open_question.yaml"),
            "--samples",
            "1044481",
            "-o",
            out,
            "--force",
        ]
    )
    with t.h5py.File(out) as f:
        assert f["cutflow/mass_drawn"][...].min() > 0, "so many reach every mass"
    assert "warning" not in enough.stderr and "without a sample" not in enough.stdout, t.told(
        enough, "and nothing is said then"
    )
    with open(os.path.join(folder, "mev.csv"), "w", encoding="utf-8") as f:
        f.write("m_gev,upper\n116,1e-9\n152,1e-9\n")
    extra = [
        {
            "name": "kp_mine",
            "observable": "br_kp_pip",
            "curve": "mev.csv",
            "cl": 0.9,
            "cite": "mine",
        }
    ]
    config = t.with_changes(
        os.path.join(surveys, "fig3.yaml"),
        os.path.join(folder, "mev.yaml"),
        constraints={"extra": extra},
    )
    for command in (
        ["check", config, "--no-forecast"],
        ["survey", config, "--samples", SAMPLES, "-o", out, "--force"],
    ):
        done = t.run_ok([bl23, *command])
        assert (
            "kp_mine has no effect: its curve covers 116 to 152 GeV"
            in done.stdout + done.stderr
        ), t.told(done, f"{command[0]}: a curve in MeV")
    closed = t.with_changes(
        os.path.join(surveys, "fig3.yaml"),
        os.path.join(folder, "closed.yaml"),
        survey={"mass_gev": {"list": [0.14, 0.5]}},
    )
    told = t.run_ok([bl23, "check", closed, "--no-forecast"])
    closed = "koto_events requires br_kl_pi0, but this decay is closed at 1 of the 2 masses"
    assert closed in told.stdout, t.told(told, "a decay that is closed")
    assert "Z' -> mu mu" not in told.stdout, t.told(
        told, "above 2 m_mu no limit of fig3 assumes an invisible Z'"
    )
    negative = {
        "name": "kp_negative",
        "observable": "br_kp_pip",
        "central": -1e-9,
        "sigma": 1e-10,
        "cite": "mine",
    }
    b_limits = {"sets": ["b_invisible_2021"], "without": [], "extra": [negative]}
    muons = t.with_changes(
        config,
        os.path.join(folder, "muons.yaml"),
        survey={"mass_gev": {"list": [0.14, 0.21, 0.2114, 0.5]}},
        constraints=b_limits,
    )
    for command in (
        ["check", muons, "--no-forecast"],
        ["survey", muons, "--samples", SAMPLES, "-o", out, "--force"],
    ):
        told = t.run_ok([bl23, *command])
        said = told.stdout + told.stderr
        assert "Z' -> mu mu is open above 0.2113 GeV, at 2 of the 4 masses" in said, t.told(
            told, f"{command[0]}: muons"
        )
        asks = "kp_negative can never be met: it requires br_kp_pip of at most -8e-10"
        why = "but no observable is negative; nothing survives at 4 of the 4 masses"
        assert f"{asks}, {why}" in said, t.told(told, f"{command[0]}: a negative band")
    positive = t.with_changes(
        muons,
        os.path.join(folder, "positive.yaml"),
        constraints={"extra": [{**negative, "sigma": 1e-9}]},
    )
    told = t.run_ok([bl23, "check", positive, "--no-forecast"])
    assert "never be met" not in told.stdout, t.told(told, "a band that reaches above zero")
    for mass, noted in ((0.21, False), (0.2114, True)):
        point = t.run_ok([bl23, "point", "--mass", mass, "--g", "1e-4", "--w", "1,0,1,0,1,0"])
        assert ("Note: Z' -> mu mu is open above 0.2113 GeV" in point.stdout) == noted, t.told(
            point, f"point at {mass} GeV"
        )
    assert (
        "and kp_mine at 2 sigma" in done.stdout and "limits no mass" in done.stdout
    ), t.told(done, "the summary names what is in force")
