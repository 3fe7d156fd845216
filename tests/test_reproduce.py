#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""bl23 reproduce and bl23 fit: verdicts judged again, values found by other ways, known rates."""

import csv
import json
import os
import re

import numpy as np
import pytest

import survey_tools as t

FILES = ("paper_results.csv", "paper_couplings.csv", "paper_tables.csv")
CHARM_FILES = ("paper_charm.csv",)
DOCUMENTED = 6
B_MODES = list(t.MODES[2:])


def rows_of(source, files=FILES):
    for name in files:
        with open(os.path.join(source, "tables", "data", name), encoding="utf-8") as f:
            yield from csv.DictReader(line for line in f if not line.startswith("#"))


def verdict(row, found):
    """PASS, DOCUMENTED or FAIL by the words of paper_results.csv."""
    low, high = (float(row.get(key) or "nan") for key in ("low", "high"))
    inside = low <= found <= high
    if not row.get("half_unit"):
        return "FAIL" if not inside else "DOCUMENTED" if row.get("reason") else "PASS"
    printed = float(row["printed"])
    room = float(row["half_unit"]) + float(row.get("slack") or 0) * abs(printed)
    return "PASS" if abs(found - printed) <= room else "DOCUMENTED" if inside else "FAIL"


def complex_matrix(rows):
    return np.array(rows)[..., 0] + 1j * np.array(rows)[..., 1]


def ckm():
    """The standard parametrisation at the Wolfenstein parameters of pdg2018, in doubles."""
    lam, a, rho, eta = 0.22453, 0.836, 0.122, 0.355
    s12, s23 = lam, a * lam**2
    z = (
        a
        * lam**3
        * (rho + 1j * eta)
        * np.sqrt(1 - a**2 * lam**4)
        / (np.sqrt(1 - lam**2) * (1 - a**2 * lam**4 * (rho + 1j * eta)))
    )
    s13, phase = abs(z), z / abs(z)
    c12, c23, c13 = (np.sqrt(1 - s * s) for s in (s12, s23, s13))
    return np.array(
        [
            [c12 * c13, s12 * c13, s13 / phase],
            [-s12 * c23 - c12 * s23 * s13 * phase, c12 * c23 - s12 * s23 * s13 * phase, s23 * c13],
            [s12 * s23 - c12 * c23 * s13 * phase, -c12 * s23 - s12 * c23 * s13 * phase, c23 * c13],
        ]
    )


def other_matrices(bl23):
    """V, g_L/g, C_L and C_R by name, the loop tables out of bl23 tables."""
    table = json.loads(t.run_ok([bl23, "tables", "--mass", "0.1349770", "--json"]).stdout)[
        "tables"
    ][0]
    v = ckm()
    matrices = {"V": v, "g_L": (np.eye(3) - np.outer(v[:, 0], v[:, 0].conj())) / 3}
    for side, key in (("L", "c_left"), ("R", "c_right")):
        for channel, rows in table[key].items():
            matrices[f"{side}{channel}"] = complex_matrix(rows)
    return matrices


def check_matrices(bl23, rows, items):
    matrices = other_matrices(bl23)
    for row, item in zip(rows, items):
        if "i" not in row:
            continue
        z = matrices[row.get("matrix") or row["chirality"] + row["channel"]][
            int(row["i"]) - 1, int(row["j"]) - 1
        ]
        other = z.real if row["part"] == "re" else z.imag
        assert abs(item["found"] - other) <= 1e-12 * abs(z), t.note(
            f"({row['equation']}) {item['quantity']}", item["found"], other
        )
    return matrices


def benchmark(source):
    with open(os.path.join(source, "scripts", "surveys", "benchmark.yaml"), encoding="utf-8") as f:
        return re.search(r"fixed: \[(.*)\]", f.read())[1].replace(" ", "")


def check_statements(bl23, source, rows, items, matrices):
    """The statements by another way: numpy on the matrices, bl23 point at the benchmark."""
    by = {}
    for row, item in zip(rows, items):
        by.setdefault(row.get("check"), []).append((row, item["found"]))
    point = json.loads(
        t.run_ok(
            [bl23, "point", "--mass", "0.128", "--g", "1.02e-3", "--w", benchmark(source), "--json"]
        ).stdout
    )
    left = (matrices["Lds"] * matrices["g_L"]).imag
    worst = max(c["ratio"] for c in point["constraints"] if c["observable"] in B_MODES)
    others = np.delete(abs(matrices["Lds"]).ravel(), 1)
    for name, other in (
        ("im_sum", left.sum()),
        ("cancellation", 1 - abs(left.sum()) / abs(left).max()),
        ("im_c_right_32", matrices["Rds"][2, 1].imag),
        ("im_c_right_33", abs(matrices["Rds"][2, 2].imag)),
        ("c_left_12", abs(matrices["Lds"][0, 1]) / others.max()),
        ("bs_over_bd", point["br_bp_kp"] / point["br_bp_pip"]),
        ("b_limit_factor", worst**0.5),
    ):
        found = by[name][0][1]
        assert abs(found / other - 1) < 1e-9, t.note(f"statement {name}", found, other)
    for row, found in by["benchmark"]:
        other = json.loads(
            t.run_ok(
                [
                    bl23,
                    "point",
                    "--mass",
                    row["mass_gev"],
                    "--g",
                    row["g_bl"],
                    "--w",
                    benchmark(source),
                    "--json",
                ]
            ).stdout
        )
        assert abs(found / other[row["observable"]] - 1) < 1e-12, t.note(
            f"Table I {row['observable']}", found, other[row["observable"]]
        )
    config = os.path.join(source, "scripts", "surveys", "benchmark.yaml")
    plane = json.loads(t.run_ok([bl23, "plane", config, "--scenario", "1", "--json"]).stdout)
    limits = [
        [x if x is not None else np.inf for x in c["g_max_2sigma"]]
        for c in plane["constraints"]
        if c["observable"] in B_MODES
    ]
    at = np.interp(0.128, plane["mass_gev"], np.min(limits, axis=0))
    assert abs(by["b_limit_g"][0][1] / at - 1) < 1e-5, t.note(
        "strongest B limit of scenario I, out of the plane", by["b_limit_g"], at
    )
    for row, found in by["b_limits"]:
        assert abs(found / (float(row["g_bl"]) / at) ** 2 - 1) < 1e-4, t.note(
            "b_limits, out of the plane", row, found
        )


def test_reproduce(bl23, source):
    done = t.run_ok([bl23, "reproduce", "--json"])
    result = json.loads(done.stdout)
    rows, items = list(rows_of(source)), result["items"]
    assert len(items) == len(rows) > 160, t.note(
        "every row of the three files is reproduced", len(items), len(rows)
    )
    verdicts = [item["verdict"] for item in items]
    assert [
        verdict(r, i["found"]) for r, i in zip(rows, items)
    ] == verdicts, "the verdicts judged again"
    assert (
        verdicts.count("DOCUMENTED") == result["documented"] == DOCUMENTED
        and result["fail"] == 0
        and result["pass"] == len(rows) - DOCUMENTED
    ), t.note("as documented", result["pass"], result["documented"], result["fail"])
    assert all(
        i["reason"] for i in items if i["verdict"] == "DOCUMENTED"
    ), "each difference has a reason"
    matrices = check_matrices(bl23, rows, items)
    check_statements(bl23, source, rows, items, matrices)
    text = t.run_ok([bl23, "reproduce"]).stdout
    assert (
        f"{result['pass']} PASS, {DOCUMENTED} DOCUMENTED, 0 FAIL" in text.splitlines()[0]
    ), t.note("the first line counts", text[:200])
    assert all(
        item["printed"] in text for item in items
    ), "every printed number stands in the table"


LEFT = "1,0,0,0,0,0"  # a row w whose coupling of u and c is left-handed
SETS = ["paper2020", "charm_known_2026", "charm_loose_2026", "charm_searches_2026",
        "charm_mixing_2026"]


def point_of(bl23, row, w, *options):
    command = [bl23, "point", "--mass", row["mass_gev"], "--g", "1", "--w", w, *options]
    return json.loads(t.run_ok([*command, "--json"]).stdout)


def scenario_1(bl23, row):
    """The observable over g^2, and the g with the wanted BR(K_L -> pi0 Z')."""
    tables = json.loads(t.run_ok([bl23, "tables", "--mass", row["mass_gev"], "--json"]).stdout)
    table = tables["tables"][0]
    of_koto = table["kappa"]["br_kl_pi0"] * table["a"]["ds"][1] ** 2
    per_g2 = point_of(bl23, row, LEFT)[row["observable"]]
    return per_g2, (float(row["limit"] or "nan") / of_koto) ** 0.5


def of_known_row(bl23, row):
    """The tension of the row w: KOTO's lower edge against the limits."""
    found = point_of(bl23, row, row["w"], "--constraints", ",".join(SETS))
    by = {c["name"]: c for c in found["constraints"]}
    koto, *limits = [by[name] for name in row["constraints"].split()]
    return (koto["lower"] / koto["value"] * max(x["ratio"] for x in limits)) ** 0.5


def of_any_w(bl23, source, folder, row):
    """What `bl23 bound` says with the constraints of the row alone."""
    named = []
    for name in SETS:
        with open(os.path.join(source, "tables", "data", name + ".yaml"), encoding="utf-8") as f:
            named += re.findall(r"- name: (\w+)", f.read())
    wanted = row["constraints"].split()
    assert set(wanted) <= set(named), row
    path = os.path.join(folder, "bound.yaml")
    t.save_yaml(path, {"survey": {"mass_gev": {"list": [float(row["mass_gev"])]}},
                       "constraints": {"sets": SETS,
                                       "without": [n for n in named if n not in wanted]}})
    return json.loads(t.run_ok([bl23, "bound", path, "--json"]).stdout)["masses"][0]


def other_way(bl23, source, folder, row):
    """The value of a row by other commands."""
    check = row["check"]
    if check in ("rate", "coupling"):
        per_g2, of_koto = scenario_1(bl23, row)
        g = float(row["g_bl"]) if row["g_bl"] else of_koto
        return per_g2 * g * g if check == "rate" else (float(row["limit"]) / per_g2) ** 0.5
    if check == "tension_of_row":
        return of_known_row(bl23, row)
    found = of_any_w(bl23, source, folder, row)
    return found["tension"]["lower"] if check == "tension" else found["g_max_proven"]


@pytest.fixture(scope="module", name="charm")
def _charm(bl23):
    return json.loads(t.run_ok([bl23, "reproduce", "--json"]).stdout)["charm"]


def test_charm(bl23, charm, source):
    """Every number of the independent computation is met; none is documented away."""
    rows = list(rows_of(source, CHARM_FILES))
    assert len(charm["items"]) == len(rows) == charm["pass"] > 30, charm
    assert charm["documented"] == charm["fail"] == 0
    text = t.run_ok([bl23, "reproduce"]).stdout
    for row, item in zip(rows, charm["items"]):
        assert verdict(row, item["found"]) == item["verdict"] == "PASS", (row, item)
        assert item["printed"] == row["printed"] and item["printed"] in text
        assert not item["reason"]


@pytest.mark.parametrize("check", ["rate", "coupling", "tension_of_row", "tension", "largest_g"])
def test_charm_by_other_commands(bl23, source, folder, charm, check):
    rows = zip(rows_of(source, CHARM_FILES), charm["items"])
    chosen = [(row, item) for row, item in rows if row["check"] == check]
    assert chosen
    for row, item in chosen:
        other = other_way(bl23, source, folder, row)
        assert abs(item["found"] / other - 1) < 1e-9, t.note(row["condition"], item, other)


def test_no_operand(bl23):
    done = t.run([bl23, "reproduce", "something"])
    assert done.returncode == 2 and "takes options only (got 1 operand)" in done.stderr, t.told(
        done, "reproduce takes no operand"
    )


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


HEAD = "observable,mass_gev,g_bl,value,error\n"


@pytest.fixture(scope="module")
def survey(bl23, surveys, shared):
    """A survey with survivors."""
    config, out = os.path.join(surveys, "fig3.yaml"), os.path.join(shared, "fig3.h5")
    t.run_ok([bl23, "survey", config, "-o", out, "--samples", "1e6", "--quiet"])
    return out


def test_fit(bl23, survey):
    """Table I is met, and `bl23 point` gives the same rates for the row."""
    result = json.loads(t.run_ok([bl23, "fit", survey, "--json"]).stdout)
    assert result["met"] and len(result["targets"]) == 18, result
    assert all(abs(x["pull"]) <= 1 for x in result["targets"]), result
    w = ",".join(repr(x) for x in result["w"])
    for target in result["targets"]:
        mass, g = repr(target["mass_gev"]), repr(target["g_bl"])
        done = t.run_ok([bl23, "point", "--mass", mass, "--g", g, "--w", w, "--json"])
        found = json.loads(done.stdout)[target["observable"]]
        assert abs(found / target["found"] - 1) < 1e-9, (found, target)


def test_fit_known(bl23, survey, folder):
    """Rates of a known row are met to a millionth of their errors."""
    row = ["--mass", "0.14", "--g", "1e-3", "--w", "0.5,0.1,0.6,-0.4,0.62,0.9"]
    known = json.loads(t.run_ok([bl23, "point", *row, "--json"]).stdout)
    names = ("br_kl_pi0", "br_kp_pip", "br_bp_pip", "br_bp_kp", "delta_a_mu")
    lines = [f"{name},0.14,1e-3,{known[name]!r},{1e-6 * known[name]!r}\n" for name in names]
    targets = write(folder, "known.csv", HEAD + "".join(lines))
    result = json.loads(t.run_ok([bl23, "fit", survey, "--targets", targets, "--json"]).stdout)
    assert result["met"] and result["chi2"] < 1e-6, result


def test_fit_missed(bl23, survey, folder):
    """b -> s does not go away."""
    far = write(folder, "far.csv", HEAD + "br_bp_kp,0.14,1e-3,1e-9,1e-12\n")
    done = t.run([bl23, "fit", survey, "--targets", far])
    assert done.returncode == 1 and "NOT all" in done.stdout and "misses" in done.stderr, t.told(
        done
    )


NO_ROWS = ": the file must hold at least one row of numbers (got no rows)"
BAD_TARGETS = {
    "empty": ("", NO_ROWS),
    "no row": (HEAD, NO_ROWS),
    "observable": (
        HEAD + "br_none,0.14,1e-3,1,1\n",
        ":2: observable must be one of those in docs/configuration.md",
    ),
    "mass": (HEAD + "br_bp_kp,0,1e-3,1,1\n", ":2: mass_gev must be a number from 1e-12 to 4.7"),
    "g": (HEAD + "br_bp_kp,0.14,nan,1,1\n", ":2: g_bl must be a finite number (got 'nan')"),
    "error": (HEAD + "br_bp_kp,0.14,1e-3,1,0\n", ":2: error must be a number from "),
    "short row": (
        HEAD + "br_bp_kp,0.14\n",
        ":2: a row must have 5 fields, as line 1 has, separated by commas (got 2)",
    ),
    "header": (
        "observable,mass_gev,g_bl,value\nbr_bp_kp,0.14,1e-3,1\n",
        ":1: the header must name the column 'error'",
    ),
    "no header": (
        "br_bp_kp,0.14,1e-3,1,1\n" * 2,
        ":1: the header must name the column 'observable'",
    ),
    "many": (HEAD + "br_bp_kp,0.14,1e-3,1,1\n" * 257, " must not have more than 256 targets"),
}


@pytest.mark.parametrize("text, says", BAD_TARGETS.values(), ids=BAD_TARGETS)
def test_bad_targets(bl23, survey, folder, text, says):
    done = t.run([bl23, "fit", survey, "--targets", write(folder, "bad.csv", text)])
    assert done.returncode == 2 and says in done.stderr and not done.stdout, t.told(done)


STARTS = "--starts must be a whole number from 1 to 10000 (got "
NO_SURVEY = "BAD is truncated or is not an HDF5 file; name a file that"
BAD_FITS = (  # SURVEY has survivors, EMPTY none, and BAD is no survey
    ("", "bl23 fit takes one SURVEY.h5 (got 0 operands)"),
    ("EMPTY", "EMPTY has no survivors to start from; use a survey with survivors"),
    ("BAD", NO_SURVEY),
    ("SURVEY --starts 0", f"{STARTS}'0')"),
    ("SURVEY --starts 1e9", f"{STARTS}'1e9')"),
    ("SURVEY --targets none.csv", "none.csv cannot be read"),
    ("SURVEY --nonsense", "unknown option --nonsense for 'bl23 fit'"),
)


@pytest.fixture(scope="module")
def empty(bl23, surveys, shared):
    """A survey without survivors."""
    config, out = os.path.join(surveys, "open_question.yaml"), os.path.join(shared, "empty.h5")
    t.run_ok([bl23, "survey", config, "-o", out, "--samples", "1e5", "--quiet"])
    return out


@pytest.mark.parametrize("arguments, says", BAD_FITS, ids=[row[0] for row in BAD_FITS])
def test_bad_fit(bl23, survey, empty, folder, arguments, says):
    paths = {"EMPTY": empty, "BAD": write(folder, "bad.csv", ""), "SURVEY": survey}
    words = [paths.get(word, word) for word in arguments.split()]
    says = says.replace("EMPTY", empty).replace("BAD", paths["BAD"])
    done = t.run([bl23, "fit", *words], cwd=folder)
    assert done.returncode == 2 and says in done.stderr and not done.stdout, t.told(done)
