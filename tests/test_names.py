#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What a user writes as a name, a citation, a note or a path is data to bl23: with any signs it
comes back as it was and is neither a format, nor an entry of BibTeX, nor lost in JSON."""

import json
import os
import re

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


def check_round_trip(bl23, folder):
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
    t.check(names == [item["name"] for item in items], "names in the file", names)
    found = t.parse_yaml(yaml)["constraints"]["extra"]
    for item, read in zip(items, found):
        t.check(
            all(read.get(key) == item[key] for key in ("name", "cite"))
            and read.get("note") == item.get("note"),
            "a text comes back",
            item,
            read,
        )
    with open(again, "w", encoding="utf-8") as f:
        f.write(yaml)
    t.run_ok([bl23, "survey", again, "-o", other, "--quiet"])
    t.check(
        t.h5_differences(one, other) == [],
        "the survey of the resolved configuration",
        t.h5_differences(one, other),
    )
    entries = re.findall(r"@\s*(\w+)\s*[{(]\s*([^,\s]*)", bibtex)
    t.check(
        len(entries) > 5
        and all(
            kind in ("article", "inproceedings", "misc") and key != "evil" for kind, key in entries
        ),
        "an @ in a citation begins no entry of BibTeX",
        entries,
    )
    t.check("(at)article{evil, Aoyama:2020ynm" in bibtex, "the citation is there", bibtex[-500:])


def check_json(bl23, folder):
    """JSON keeps the name of a file that is not UTF-8, but for its bytes."""
    config, base = os.path.join(folder, "j.yaml"), os.fsencode(folder) + b"/"
    t.save_yaml(
        config,
        {
            "survey": {"samples": 1000, "mass_gev": {"fixed": 0.13}},
            "constraints": {"sets": ["paper2020"]},
        },
    )
    expected = (base + b"o ??'\"$x%s").decode()
    for arguments, key in (([], "output"), (["--first", "0", "--count", "1000"], "part")):
        path = base + BYTES + key.encode()
        done = t.subprocess.run(
            [bl23, "survey", config, "-o", path, "--json", "--quiet", *arguments],
            capture_output=True,
            check=False,
        )
        try:
            said = json.loads(done.stdout).get(key, "absent")
        except ValueError:
            said = "no JSON"
        t.check(
            done.returncode == 0 and said.startswith(expected + key),
            f"{key} of a name that is not UTF-8",
            arguments,
            said,
            expected,
            done.stderr,
        )


def main():
    bl23, _ = t.arguments()
    folder = t.work_folder()
    check_round_trip(bl23, folder)
    check_json(bl23, folder)
    t.finish()


if __name__ == "__main__":
    main()
