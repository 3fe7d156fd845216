#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What a user writes as a name, a citation, a note or a path is data to bl23.

With any signs it comes back as it was and is neither a format, nor an entry of BibTeX, nor lost in
JSON.
"""

import json
import os
import re
import subprocess
import unicodedata

import pytest

import survey_tools as t

SIGNS = "%s %n $x_1^2$ {a: b} [c] 'q' \\ \"d\" # e & * ! | > é 日 @comment{ ~"
CITES = (
    SIGNS,
    "@article{evil, Aoyama:2020ynm",
    "- x",
    "? y",
    "null",
    "1.0e-3",
    "true",
    ": z",
    "%d%s%n",
)
NAMES = ("_a-b+c.d", "-", "+1", "1e-3", "null", "true", "...a", "_")
BYTES = b"o \xff\xfe'\"$x%s"  # the name of a file may be any bytes


def text_of(value):
    return value.decode() if isinstance(value, bytes) else value


def test_round_trip(bl23, folder):
    """Configuration -> file -> configuration: the same texts, and the same survey."""
    items = [
        {
            "name": f"n{k}",
            "observable": "g_bl",
            "upper": 1.0,
            "cl": 0.9,
            "cite": cite,
            "note": SIGNS,
        }
        for k, cite in enumerate(CITES)
    ]
    items += [
        {"name": name, "observable": "g_bl", "upper": 1.0, "cl": 0.9, "cite": "x"} for name in NAMES
    ]
    config = t.save_yaml(
        os.path.join(folder, "c.yaml"),
        {"survey": {"samples": 1000, "mass_gev": {"fixed": 0.13}}, "constraints": {"extra": items}},
    )
    one, other, again = (
        os.path.join(folder, name) for name in ("one.h5", "other.h5", "again.yaml")
    )
    t.run_ok([bl23, "survey", config, "-o", one, "--quiet"])
    with t.h5py.File(one) as f:
        yaml, bibtex = text_of(f["config"].attrs["yaml"]), text_of(f["citations"].attrs["bibtex"])
        names = [text_of(name) for name in f["cutflow/name"]]
    assert names == [item["name"] for item in items], t.note("names in the file", names)
    found = t.parse_yaml(yaml)["constraints"]["extra"]
    for item, read in zip(items, found):
        assert all(read.get(key) == item[key] for key in ("name", "cite")) and read.get(
            "note"
        ) == item.get("note"), t.note("a text comes back", item, read)
    with open(again, "w", encoding="utf-8") as f:
        f.write(yaml)
    t.run_ok([bl23, "survey", again, "-o", other, "--quiet"])
    assert t.h5_differences(one, other) == [], t.note(
        "the survey of the resolved configuration", t.h5_differences(one, other)
    )
    entries = re.findall(r"@\s*(\w+)\s*[{(]\s*([^,\s]*)", bibtex)
    assert len(entries) > 5 and all(
        kind in ("article", "inproceedings", "misc") and key != "evil" for kind, key in entries
    ), t.note("an @ in a citation begins no entry of BibTeX", entries)
    assert "(at)article{evil, Aoyama:2020ynm" in bibtex, t.note(
        "the citation is there", bibtex[-500:]
    )


@pytest.mark.parametrize(
    "arguments, key",
    (([], "output"), (["--first", "0", "--count", "1000"], "part")),
    ids=("output", "part"),
)
def test_json(bl23, folder, arguments, key):
    """JSON is UTF-8; a byte of a name that is not stands in it as \\xNN."""
    config, base = os.path.join(folder, "j.yaml"), os.fsencode(folder) + b"/"
    survey = {"samples": 1000, "mass_gev": {"fixed": 0.13}}
    t.save_yaml(config, {"survey": survey, "constraints": {"sets": ["paper2020"]}})
    path, expected = base + BYTES + key.encode(), (base + b"o \\xff\\xfe'\"$x%s").decode() + key
    command = [bl23, "survey", config, "-o", path, "--json", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.decode("utf-8", "strict"))[key].startswith(expected), done.stdout
    assert all(byte == 10 or 32 <= byte < 127 for byte in done.stdout), done.stdout


CONTROLS = "a\x85b\x9b31mc\u2028d\u2029e\ufefff\x7fg\xa0h\u00e9\u65e5"


def test_controls(bl23, folder):
    """Controls that YAML can escape come back from the resolved configuration, by bl23 and by
    PyYAML, and none of them reaches a terminal."""
    item = {"name": "mine", "observable": "g_bl", "upper": 1.0, "cl": 0.9, "cite": "x",
            "note": CONTROLS.replace("\x7f", "")}
    config, h5 = os.path.join(folder, "c.yaml"), os.path.join(folder, "c.h5")
    survey = {"samples": 1000, "mass_gev": {"fixed": 0.13}}
    with open(config, "w", encoding="utf-8") as f:  # JSON is YAML, and escapes
        json.dump({"survey": survey, "constraints": {"extra": [item]}}, f)
    t.run_ok([bl23, "survey", config, "-o", h5, "--quiet"])
    with t.h5py.File(h5) as f:
        yaml = text_of(f["config"].attrs["yaml"])
    assert t.parse_yaml(yaml)["constraints"]["extra"][0]["note"] == item["note"]
    with open(config, "w", encoding="utf-8") as f:
        f.write(yaml)
    said = [t.run_ok([bl23, "check", config, "--no-forecast", "--show"]).stdout]
    shown = t.parse_yaml(said[0])
    assert shown["constraints"]["extra"][0]["note"] == item["note"]
    for name in (b"o\x1b[31m", "o\x9b".encode(), b"o\x9b", b"o\xff"):
        path = os.fsencode(folder) + b"/" + name
        done = subprocess.run([bl23, "survey", config, "-o", path, "--quiet"], capture_output=True,
                              check=True)
        again = subprocess.run([bl23, "survey", config, "-o", path, "--seed", "3"],
                               capture_output=True, check=False)
        assert again.returncode == 2
        said += [(done.stdout + again.stderr).decode("utf-8", "strict")]
    for text in said:
        assert not [c for c in text if unicodedata.category(c) == "Cc" and c != "\n"], ascii(text)
