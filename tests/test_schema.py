#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The JSON Schema of `bl23 info --schema` says what the parser accepts.

Every shipped survey validates, what the parser refuses is refused, and values at the ends of each
range are accepted by both and values beyond them by neither.
"""

import copy
import glob
import json
import math
import os
import re

import pytest

import survey_tools as t
from cli_cases import BAD, GOOD

jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")


@pytest.fixture(scope="module")
def schema(bl23):
    text = t.run_ok([bl23, "info", "--schema"]).stdout
    schema = json.loads(text)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


@pytest.fixture(scope="module")
def accepts(schema):
    validator = jsonschema.Draft202012Validator(schema)
    return validator.is_valid


def core(value):
    """A document as readers of YAML 1.2 see it: PyYAML takes 1e8 for a text."""
    if isinstance(value, dict):
        return {key: core(item) for key, item in value.items()}
    if isinstance(value, list):
        return [core(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?", value):
        return float(value)
    return value


def test_shipped_surveys(accepts, surveys):
    paths = glob.glob(os.path.join(surveys, "**", "*.yaml"), recursive=True)
    assert len(paths) > 20
    for path in paths:
        assert accepts(core(t.load_yaml(path))), path


def test_resolved(bl23, accepts, surveys):
    for name in ("fig3", "today_charm", "random_g"):
        said = t.run_ok([bl23, "check", os.path.join(surveys, name + ".yaml"), "--no-forecast",
                         "--json"]).stdout
        assert accepts(core(t.parse_yaml(json.loads(said)["yaml"]))), name


# What only the parser sees: the order of two numbers, equal numbers and keys, names of the chosen
# sets and of other constraints, sets that share a constraint, files, and words that readers of YAML
# take for something else.
PARSER_ALONE = (
    "with low < high", "low < high (got", "must hold each mass once", "not all moduli zero",
    "with moduli r from 0", "must have its band_1sigma", "both hold", "is listed twice",
    "a constraint of the chosen sets", "without names", "that no other constraint has",
    "high at least 1e-06 above low", "twice; write it", "unsorted.csv", "none.csv",
    "this is not valid YAML", "pairs of two different axes", "(got '0x", "(got 'yes')",
)


def test_refused_by_both(accepts):
    """Each configuration that test_cli.py has refused."""
    assert accepts(core(t.parse_yaml(GOOD)))
    alone = []
    for old, new, _, says in BAD:
        if any(words in says for words in PARSER_ALONE):
            continue
        text = GOOD.replace(old, new)
        try:
            document = core(t.parse_yaml(text))
        except Exception:  # noqa: no YAML for PyYAML, either
            continue
        if accepts(document):
            alone.append((new, says))
    assert not alone, "\n".join(map(str, alone))


@pytest.mark.parametrize("empty", ("", " ~", " null", " # nothing"))
@pytest.mark.parametrize("key", ("output", "inputs", "  without", "  extra", "  histograms",
                                 "  g_bl"))
def test_empty_values(bl23, folder, accepts, key, empty):
    """A section or list without a value is as if it were not there."""
    section = "output" if "hist" in key else "survey" if "g_bl" in key else "constraints"
    lines = {"survey": "survey:\n  samples: 5000\n  mass_gev: {fixed: 0.14}\n",
             "constraints": "constraints:\n  sets: [paper2020]\n",
             "output": "output:\n  nearest: 5\n"}
    if not key.startswith(" "):
        lines.pop(key, None)
        text = "".join(lines.values()) + f"{key}:{empty}\n"
    else:
        lines[section] += f"{key}:{empty}\n"
        text = "".join(lines.values())
    assert accepts(core(t.parse_yaml(text))), text
    config = os.path.join(folder, "c.yaml")
    with open(config, "w", encoding="utf-8") as f:
        f.write(text)
    t.run_ok([bl23, "check", config, "--no-forecast"])


def resolve(document, path):
    for key in path:
        document = document[key]
    return document


BASE = {
    "survey": {"samples": 5000, "seed": 7, "mass_gev": {"fixed": 0.14}, "g_bl": "solve",
               "w": "haar"},
    "inputs": {"preset": "pdg2018"},
    "constraints": {"sets": ["paper2020"], "extra": [
        {"name": "mine", "observable": "br_bp_kp", "upper": 1e-5, "cl": 0.9, "cite": "x"}]},
    "output": {"store": "records", "nearest": 10, "bins": {}},
}


def numbers(schema):
    """Every number of the schema: its path in a configuration, a copy of it, and its rule."""
    properties = schema["properties"]
    survey = properties["survey"]["properties"]
    for key in ("samples", "seed"):
        yield ("survey", key), survey[key]
    for form in survey["mass_gev"]["oneOf"] + survey["g_bl"]["oneOf"][1:]:
        where = "mass_gev" if form in survey["mass_gev"]["oneOf"] else "g_bl"
        for key, rule in form.get("properties", {}).items():
            if rule.get("type") in ("number", "integer") and key != "knots":
                yield ("survey", where, key), rule
    for key, rule in properties["inputs"]["oneOf"][1]["properties"].items():
        if rule.get("type") == "number":
            yield ("inputs", key), rule
    yield ("constraints", "sigma"), properties["constraints"]["properties"]["sigma"]
    extra = properties["constraints"]["properties"]["extra"]["items"]["properties"]
    for key in ("upper", "cl", "mass_near_pi0_gev"):
        yield ("constraints", "extra", 0, key), extra[key]
    for key, rule in properties["output"]["properties"].items():
        if rule.get("type") == "integer":
            yield ("output", key), rule


def beyond(value, rule, side):
    if rule["type"] == "integer":
        return int(value) + side * max(1, int(value) >> 50)
    return math.nextafter(value, side * math.inf) if value else side * 1e-9


def test_ranges(bl23, folder, schema, accepts):
    """Ends of ranges, and what lies just beyond them: the parser and the schema agree."""
    config = os.path.join(folder, "c.yaml")
    tried = 0
    for path, rule in numbers(schema):
        for end, side in (("minimum", -1), ("maximum", 1)):
            for value in (rule[end], beyond(rule[end], rule, side)):
                document = copy.deepcopy(BASE)
                parent = resolve(document, path[:-1]) if path[1] not in ("mass_gev", "g_bl") else {}
                parent[path[-1]] = int(value) if rule["type"] == "integer" else value
                if path[1] in ("mass_gev", "g_bl"):
                    document["survey"][path[1]] = parent
                with open(config, "w", encoding="utf-8") as f:
                    json.dump(document, f)
                done = t.run([bl23, "check", config, "--no-forecast"])
                inside = value == rule[end]
                refused = done.returncode == 2 and f" {path[-1]} must be " in " " + done.stderr or (
                    f"{path[1]} must be " in done.stderr) or f"{path[-1]} (" in done.stderr
                assert accepts(document) == inside, (path, value)
                assert bool(refused) == (not inside), (path, value, done.stderr)
                tried += 1
    assert tried > 250


KEYS = re.compile(r"^\| ((?:`\w+`[, ]*)+)\|", re.M)


def test_documented(schema, source):
    """docs/configuration.md has a row for every key, and gives the ends of its range."""
    with open(os.path.join(source, "docs", "configuration.md"), encoding="utf-8") as f:
        page = f.read()
    rows = {}
    for line in page.splitlines():
        match = KEYS.match(line)
        for key in re.findall(r"`(\w+)`", match.group(1)) if match else ():
            rows.setdefault(key, "")
            rows[key] += line
    properties = schema["properties"]
    sections = (properties["survey"]["properties"], properties["output"]["properties"],
                properties["constraints"]["properties"], properties["inputs"]["oneOf"][1][
                    "properties"], properties["output"]["properties"]["bins"]["properties"],
                properties["constraints"]["properties"]["extra"]["items"]["properties"])
    missing = [key for section in sections for key in section if key not in rows]
    assert not missing, missing
    for section in sections:
        for key, rule in section.items():
            row = rows[key].replace("2^63", str(2**63))
            ends = [rule[end] for end in ("minimum", "maximum") if end in rule]
            found = {float(x) for x in re.findall(r"(?<![\w.])-?\d[\d.]*(?:e[-+]?\d+)?", row)}
            absent = [end for end in ends if float(end) not in found]
            assert not absent, (key, absent, row)
            for word in rule.get("enum", ()):
                text = str(word).lower() if isinstance(word, bool) else word
                assert f"`{text}`" in row or text in row, (key, word)
