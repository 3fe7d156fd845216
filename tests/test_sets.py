# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The constraint sets: their aliases, accepted on input and never shown nor stored; what they
cite."""
import json
import os
import re

import pytest

import survey_tools as t

ALIASES = {"current": "world_2026", "charm_known": "charm_known_2026",
           "charm_loose": "charm_loose_2026", "charm_searches": "charm_searches_2026",
           "charm_mixing": "charm_mixing_2026", "top": "top_2026"}
MASS = "0.14"


@pytest.fixture(name="config", params=ALIASES)
def of_an_alias(folder, request):
    """(a configuration that names an alias, the same with the name of the set, the alias)"""
    files = []
    for name in (request.param, ALIASES[request.param]):
        files.append(os.path.join(folder, name + ".yaml"))
        t.save_yaml(files[-1], {"survey": {"samples": 20000, "mass_gev": {"fixed": float(MASS)}},
                                "constraints": {"sets": [name]}})
    return *files, request.param


def test_values(bl23, source):
    """`info --sets` has every set, with the values of its file."""
    sets = json.loads(t.run_ok([bl23, "info", "--sets", "--json"]).stdout)["sets"]
    text = t.run_ok([bl23, "info", "--sets"]).stdout
    assert {s["name"]: s["alias"] for s in sets if s["alias"]} == {
        name: alias for alias, name in ALIASES.items()}
    assert len(sets) == len(json.loads(t.run_ok([bl23, "info", "--json"]).stdout)
                            ["constraint_sets"].split())
    for item in sets:
        with open(os.path.join(source, "tables", "data", item["name"] + ".yaml"),
                  encoding="utf-8") as f:
            written = t.parse_yaml(f.read())["constraints"]
        assert [c["name"] for c in item["constraints"]] == [c["name"] for c in written]
        for found, limit in zip(item["constraints"], written):
            assert found["observable"] == limit["observable"] and found["cite"] == limit["cite"]
            assert found["cl"] == (float(limit["cl"]) if "cl" in limit else None), found
            if "upper" in limit:
                assert found["upper"] == float(limit["upper"]), found
            elif "sigma" in limit:
                centre, sigma = float(limit["central"]), float(limit["sigma"])
                assert found["band_2sigma"] == pytest.approx([centre - 2 * sigma,
                                                              centre + 2 * sigma]), found
            elif "curve" in limit:
                with open(os.path.join(source, "tables", "data", limit["curve"]),
                          encoding="utf-8") as f:
                    rows = [line for line in f if line.strip() and not line.startswith("#")]
                assert len(found["window_mass_gev_upper"]) == len(rows) - 1, found
            assert f"\n  {found['name']} " in text and f"[{found['cite']}]" in text


def test_cite(bl23, surveys):
    """`cite` prints BibTeX with every key that the limits name, each once."""
    for name in ("fig3", "today_charm"):
        path = os.path.join(surveys, name + ".yaml")
        bib = t.run_ok([bl23, "cite", path]).stdout
        keys = re.findall(r"^@\w+\{([^,]+),$", bib, flags=re.M)
        point = json.loads(t.run_ok([bl23, "point", "--config", path, "--mass", "0.14", "--g",
                                     "1e-3", "--w", "1,1,1", "--json"]).stdout)
        cited = {key for c in point["constraints"] for key in c["cite"].split(", ")}
        assert len(keys) == len(set(keys)) and cited | {"Kang:2020"} <= set(keys), (cited, keys)
    done = t.run([bl23, "cite", "none.yaml"])
    assert done.returncode == 2 and "none.yaml" in done.stderr and not done.stdout, done


def test_info(bl23):
    info = json.loads(t.run_ok([bl23, "info", "--json"]).stdout)
    assert info["constraint_set_aliases"] == ALIASES, info
    names = info["constraint_sets"].split()
    assert set(ALIASES.values()) <= set(names) and not set(ALIASES) & set(names), names
    text = t.run_ok([bl23, "info"]).stdout
    for alias, name in ALIASES.items():
        assert f" {name} ({alias})" in text, text


def test_survey_and_bound(bl23, folder, config):
    by_alias, by_name, alias = config
    resolved = [t.run_ok([bl23, "check", path, "--no-forecast", "--show"]).stdout.replace(path, "C")
                for path in (by_alias, by_name)]
    assert f"sets: [{ALIASES[alias]}]" in resolved[0] and resolved[0] == resolved[1], resolved
    outputs = [os.path.join(folder, x) for x in ("alias.h5", "name.h5")]
    for path, output in zip((by_alias, by_name), outputs):
        t.run_ok([bl23, "survey", path, "-o", output, "--quiet"])
    t.assert_same(*outputs, "alias and name")
    proofs = [os.path.join(folder, x) for x in ("alias.json", "name.json")]
    for path, proof in zip((by_alias, by_name), proofs):
        t.run_ok([bl23, "bound", path, "-o", proof])
    texts = [t.read(proof) for proof in proofs]
    assert not re.search(rf"\b{alias}\b".encode(), texts[0]) and texts[0] == texts[1], texts


def test_point_and_plane(bl23, config):
    by_alias, by_name, alias = config
    row = ["--w", "1,0,1,0.3,1,-0.2", "--g", "1e-3", "--mass", MASS]
    points = [t.run_ok([bl23, "point", *row, "--constraints", sets]).stdout
              for sets in (alias, ALIASES[alias])]
    planes = [t.run_ok([bl23, "plane", path, "--scenario", "1"]).stdout.replace(path, "CONFIG")
              for path in (by_alias, by_name)]
    assert points[0] == points[1] and planes[0] == planes[1], (points, planes)


def test_refusals(bl23, folder):
    """An unknown set is answered with names and aliases, a set named twice with its name."""
    config = os.path.join(folder, "c.yaml")
    for sets, says in (
        (["curent"], "there is no constraint set 'curent'; the sets are paper2020 b_"),
        (["curent"], "world_2025 world_2026 (current)"),
        (["current", "world_2026"], "the constraint set 'world_2026' is listed twice"),
        (["paper2020", "current"], "the constraint sets 'paper2020' and 'world_2026' both hold "),
    ):
        t.save_yaml(config, {"survey": {"mass_gev": {"fixed": 0.14}},
                             "constraints": {"sets": sets}})
        done = t.run([bl23, "check", config])
        assert done.returncode == 2 and says in done.stderr, t.told(done)


SOURCES = {  # of inputs, by a constraint that uses them
    "br_dp_pip": {"Lubicz:2017syv", "BESIII:2018", "Meinel:2017ggx", "ParticleDataGroup:2024cfk"},
    "br_lc_p": {"Lubicz:2017syv", "BESIII:2018", "Meinel:2017ggx", "ParticleDataGroup:2024cfk"},
    "x12_im": {"Bazavov:2017weg", "ParticleDataGroup:2024cfk"},
    "br_t_q": {"ParticleDataGroup:2024cfk"},
    "br_bp_kp": set(),
}


def cited_by(bl23, folder, constraints, inputs="pdg2018"):
    """The keys of the BibTeX entries of a survey."""
    config, output = os.path.join(folder, "b.yaml"), os.path.join(folder, "b.h5")
    survey = {"samples": 4096, "mass_gev": {"fixed": 0.1}, "g_bl": {"fixed": 1e-9}}
    t.save_yaml(config, {"survey": survey, "inputs": inputs, "constraints": constraints})
    t.run_ok([bl23, "survey", config, "-o", output, "--quiet", "--force"])
    with t.h5py.File(output) as f:
        bibtex = f["citations"].attrs["bibtex"]
        return set(re.findall(r"^@\w+{([^,]+),", bibtex.decode(), flags=re.M))


def test_citations(bl23, source, folder):
    """A survey cites every key of its sets, and the sources of the inputs that they use."""
    data = os.path.join(source, "tables", "data")
    for name in json.loads(t.run_ok([bl23, "info", "--json"]).stdout)["constraint_sets"].split():
        items = t.load_yaml(os.path.join(data, name + ".yaml"))["constraints"]
        keys = {key for item in items for key in item["cite"].split(", ")}
        missing = keys - cited_by(bl23, folder, {"sets": [name]})
        assert not missing, t.note(name, missing)
    extra = {"name": "mine", "upper": 1.0, "cl": 0.9, "cite": "Me:2026"}
    common = cited_by(bl23, folder, {"extra": [{**extra, "observable": "g_bl"}]})
    for observable, sources in SOURCES.items():
        found = cited_by(bl23, folder, {"extra": [{**extra, "observable": observable}]})
        assert found == common | sources, t.note(observable, found ^ (common | sources))
    longer = {"preset": "pdg2018", "long_distance": True}
    found = cited_by(bl23, folder, {"extra": [{**extra, "observable": "g_bl"}]}, longer)
    assert found - common == {"Cirigliano:2011ny", "ParticleDataGroup:2024cfk"}, found - common
