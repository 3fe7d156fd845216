# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the Python tests of the survey share: running bl23, and comparing what it writes."""

import os
import re
import shutil
import subprocess
import tempfile

import pytest

SLOW = os.environ.get("BL23_SLOW", "") not in ("", "0")
SHORT = os.environ.get("BL23_SHORT", "") not in ("", "0")  # the preset dev: sanitizers are slow
SURVEYS = ("fig3", "open_question", "random_g", "today")
CHARM_SURVEYS = ("charm", "scenario1", "above_charm", "today_charm")
TIMEOUT_S = 300
_reference = []  # the key and the _Reference of the last comparison: it is often that of the next


def skip(why):
    """Skip the test, or while a file is being imported all tests of the file."""
    pytest.skip(str(why), allow_module_level=True)


try:
    import h5py
    import numpy as np
    import xxhash
except ImportError as missing:
    skip(missing)


def temporary_folder():
    """A context manager: an empty folder, removed at its end."""
    return tempfile.TemporaryDirectory(prefix="bl23-test-")


def run(command, env=None, cwd=None, timeout=TIMEOUT_S, stdin=None):
    """The finished process, output as text."""
    merged = dict(os.environ, **(env or {}))
    return subprocess.run(
        [str(c) for c in command],
        env=merged,
        cwd=cwd,
        timeout=timeout,
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


# The groups of a survey file, and the branching ratios, in the order in which they are written.
GROUPS = ("config", "provenance", "citations", "constraints", "ranges", "tables", "survivors",
          "nearest", "cutflow", "histograms", "extrema")
MODES = ("br_kl_pi0", "br_kp_pip", "br_b0_pi0", "br_bp_pip", "br_b0_rho0", "br_bp_rhop",
         "br_b0_k0", "br_bp_kp", "br_b0_kst0", "br_bp_kstp")


def survey_command(bl23, config, options="", *more):
    """The command of a survey; options is a text of words, to which more are added as they are."""
    return [bl23, "survey", config, *options.split(), *more]


def note(what, *details):
    """The message of an assertion: what was checked, and a line for each value that matters."""
    return "\n    ".join([what, *map(str, details)])


def told(done, what="the command"):
    """The message of an assertion about a finished process: command, exit code, what it printed."""
    return note(
        what,
        f"command: {' '.join(done.args)}",
        f"exit {done.returncode}",
        f"stdout: {done.stdout[-600:]!r}",
        f"stderr: {done.stderr[-900:]!r}",
    )


def calls_to_disturb(calls, last=True, every=0):
    """The numbers, from 1, of the calls that a test disturbs, each in a run of its own. All in the
    slow configuration. Else of each kind of call on each kind of file the first and, if wanted, the
    last, so that every kind and both ends of the run are met; and every so many of all. Files whose
    names differ only in numbers are of one kind."""
    if SLOW:
        return list(range(1, len(calls) + 1))
    chosen = set(range(every, len(calls) + 1, every)) if every else set()
    kinds = {}
    for at, call in enumerate(calls, 1):
        kinds.setdefault(re.sub(r"[0-9a-f]{16}|[0-9]+", "N", call), []).append(at)
    for places in kinds.values():
        chosen |= {places[0], places[-1]} if last else {places[0]}
    return sorted(chosen)


def run_ok(command, **options):
    """The finished process, which must have succeeded."""
    done = run(command, **options)
    assert done.returncode == 0, told(done, "the command must succeed")
    return done


def read(path):
    with open(path, "rb") as f:
        return f.read()


def h5diff_or_skip():
    tool = shutil.which("h5diff")
    if not tool:
        skip("h5diff (hdf5-tools) is not installed")
    return tool


def _bytes(value):
    return np.asarray(value).dtype.str, np.shape(value), np.asarray(value).tobytes()


def raw_attribute(item, key):
    """Type, shape and bytes as they are stored."""
    attribute = item.attrs.get_id(key)
    value = np.empty(attribute.shape, attribute.dtype)
    attribute.read(value)
    return attribute.dtype.str, attribute.shape, value.tobytes()


NOT_CONTENT = {"content_hash", "seal", "xxh3", "DIMENSION_LIST", "REFERENCE_LIST"}


def content_hash(file):
    """The content_hash of an open file by the rule of docs/file-format.md."""
    digest = xxhash.xxh3_128()

    def add(name, kind, shape, data):
        digest.update(f"{name} {kind} {','.join(map(str, shape))}\n".encode() + data)

    def visit(node):
        for key in sorted(set(node.attrs) - NOT_CONTENT):
            add(f"{node.name}@{key}", *raw_attribute(node, key))
        if isinstance(node, h5py.Dataset):
            follows = node.parent.name in ("/survivors", "/nearest") and node.name[-6:] != "/index"
            add(node.name, node.dtype.str, node.shape, b"" if follows else node[...].tobytes())
            return
        if node.name.count("/") > 1:
            raise ValueError(f"{node.name} is a group in a group")
        for name in sorted(node):
            if node.name != "/" or (name != "provenance" and "seal" in node[name].attrs):
                visit(node[name])

    visit(file)
    return digest.hexdigest()


REFERENCES = ("DIMENSION_LIST", "REFERENCE_LIST")  # of dimension scales: addresses in the file


def h5_content(path, exclude=("/provenance",)):
    """Every dataset and attribute of a file as its bytes."""
    content = {}

    def add(name, item):
        if ("/" + name).startswith(tuple(exclude)):
            return
        if isinstance(item, h5py.Dataset):
            content[name] = _bytes(item[...])
        for key in set(item.attrs) - set(REFERENCES):
            content[f"{name}@{key}"] = _bytes(item.attrs[key])

    with h5py.File(path, "r") as f:
        for key in f.attrs:
            content["@" + key] = _bytes(f.attrs[key])
        f.visititems(add)
    return content


class _Reference:
    """A file that others are compared with: its content; and by their number of bytes a file that
    had the same content, and the places where others of the same content differ from it, which are
    those of /provenance. A file that differs from it nowhere else needs no reading."""

    def __init__(self, path, exclude):
        self.content, self.exclude, self.like = h5_content(path, exclude), exclude, {}

    def knows(self, path):
        """Has the file the bytes of one that had the same content?"""
        data = np.fromfile(path, np.uint8)
        same, free = self.like.get(len(data), (None, None))
        return same is not None and not ((data != same) & ~free).any()

    def differences(self, path):
        if self.knows(path):
            return []
        x, y = self.content, h5_content(path, self.exclude)
        found = sorted(name for name in x.keys() | y.keys() if x.get(name) != y.get(name))
        if not found:
            data = np.fromfile(path, np.uint8)
            same, free = self.like.setdefault(len(data), (data, np.zeros(len(data), bool)))
            free |= data != same
        return found


def _reference_of(path, exclude=("/provenance",)):
    stat = os.stat(path)
    key = (str(path), exclude, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    if _reference[:1] != [key]:
        _reference[:] = key, _Reference(path, exclude)
    return _reference[1]


def h5_differences(a, b, exclude=("/provenance",)):
    """Names of datasets and attributes whose bytes, types or shapes differ, NaN and -0 included."""
    return _reference_of(a, exclude).differences(b)


def same_h5(a, b, exclude=("/provenance",)):
    """(same, report) by h5diff, without the groups that may differ.

    h5diff cannot compare empty datasets, and says so; what it says of them does not count.
    """
    options = [x for path in exclude for x in ("--exclude-path", path)]
    done = run([h5diff_or_skip(), "-c", *options, a, b])
    said = [
        line
        for line in done.stdout.splitlines()
        if line.strip()
        and "empty dataset" not in line
        and line != "Not comparable: <> has rank 0"
        and set(line) != {"-"}
        and line not in ("Some objects are not comparable", "Use -c for a list of objects.")
    ]
    return done.returncode == 0 and not said, (done.stdout + done.stderr)[-800:]


def assert_same(a, b, what):
    """Two outputs are equal but for /provenance, by their bytes and, where these are new, by
    h5diff."""
    assert os.path.exists(a) and os.path.exists(b), f"{what}: {a} and {b} must exist"
    if _reference_of(a).knows(b):
        return
    differing = h5_differences(a, b)
    assert not differing, note(f"{what}: {a} and {b} differ", differing[:20])
    same, report = same_h5(a, b)
    assert same, note(f"{what}: {a} and {b} differ by h5diff", report)


def _yaml():
    try:
        import yaml
    except ImportError as missing:
        skip(missing)
    return yaml


def xxh3(data):
    """XXH3 of 64 bits."""
    return xxhash.xxh3_64_intdigest(data)


def alter_table(path, dataset, change, forged):
    """Change the array of a dataset of /tables in place; `forged`: and its checksum with it."""
    with h5py.File(path, "r+") as f:
        item = f["tables"][dataset]
        data = item[...]
        change(data)
        item[...] = data
        if forged:
            item.attrs.modify("xxh3", np.uint64(xxh3(data.tobytes())))


def parse_yaml(text):
    return _yaml().safe_load(text)


def load_yaml(path):
    with open(path, encoding="utf-8") as f:
        return parse_yaml(f)


def save_yaml(path, config):
    with open(path, "w", encoding="utf-8") as f:
        _yaml().safe_dump(config, f, sort_keys=False)
    return path


def with_changes(source, target, **sections):
    """A copy of a configuration with some keys of some sections replaced."""
    config = load_yaml(source)
    for section, changes in sections.items():
        if isinstance(changes, dict) and isinstance(config.get(section), dict):
            config[section].update(changes)
        else:
            config[section] = changes
    return save_yaml(target, config)


def columns(path, group="survivors"):
    """The columns of a group as a dict of arrays."""
    with h5py.File(path, "r") as f:
        return {name: np.array(f[group][name]) for name in f[group]}
