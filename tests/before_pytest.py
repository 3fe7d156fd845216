# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the Python tests of the survey share: running bl23, comparing files, counting checks.

A test is called as test_<noun>.py BL23 SOURCE. Exit 0: passed; 1: a check failed; 77: skipped.
BL23_SLOW=1 in the environment asks for the long version.
"""
import atexit
import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
try:
    import h5py
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(SKIP)

SLOW = os.environ.get("BL23_SLOW", "") not in ("", "0")
SURVEYS = ("fig3", "open_question", "random_g", "today")
TIMEOUT_S = 300
_checks, _failed = [0], [0]
_xxhash = []


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def arguments():
    """(path of the program, root of the sources)."""
    if len(sys.argv) != 3:
        print(f"usage: {os.path.basename(sys.argv[0])} BL23 SOURCE", file=sys.stderr)
        sys.exit(2)
    return os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])


def work_folder():
    """A folder that goes with the test."""
    folder = tempfile.mkdtemp(prefix="bl23-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def check(holds, what, *details):
    """Count a check; print what was checked and the details where it does not hold."""
    _checks[0] += 1
    if not holds:
        _failed[0] += 1
        print(f"FAILED: {what}", flush=True)
        for detail in details:
            print(f"    {detail}", flush=True)
    return bool(holds)


def finish(what=""):
    """Say how many checks there were and end: 1 if one failed or there was none."""
    print(f"{_checks[0]} checks, {_failed[0]} failed{'; ' + what if what else ''}")
    sys.exit(1 if _failed[0] or not _checks[0] else 0)


def failures():
    return _failed[0]


def run(command, env=None, cwd=None, timeout=TIMEOUT_S, stdin=None):
    """The finished process, output as text."""
    merged = dict(os.environ, **(env or {}))
    return subprocess.run([str(c) for c in command], env=merged, cwd=cwd, timeout=timeout, input=stdin,
                          capture_output=True, text=True, errors="replace", check=False)


def told(done):
    """A finished process in a few lines, for the details of a check."""
    return (f"command: {' '.join(done.args)}", f"exit {done.returncode}",
            f"stdout: {done.stdout[-600:]!r}", f"stderr: {done.stderr[-900:]!r}")


def run_ok(command, **options):
    done = run(command, **options)
    check(done.returncode == 0, "the command must succeed", *told(done))
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


def h5_content(path, exclude=("/provenance",)):
    """Every dataset and attribute of a file as its bytes."""
    content = {}

    def add(name, item):
        if ("/" + name).startswith(tuple(exclude)):
            return
        if isinstance(item, h5py.Dataset):
            content[name] = _bytes(item[...])
        for key in item.attrs:
            content[f"{name}@{key}"] = _bytes(item.attrs[key])

    with h5py.File(path, "r") as f:
        for key in f.attrs:
            content["@" + key] = _bytes(f.attrs[key])
        f.visititems(add)
    return content


def h5_differences(a, b, exclude=("/provenance",)):
    """Names of datasets and attributes whose bytes, types or shapes differ, NaN and -0 included."""
    x, y = h5_content(a, exclude), h5_content(b, exclude)
    return sorted(name for name in x.keys() | y.keys() if x.get(name) != y.get(name))


def same_h5(a, b, exclude=("/provenance",)):
    """(same, report) by h5diff, without the groups that may differ; it cannot compare empty datasets."""
    options = [x for path in exclude for x in ("--exclude-path", path)]
    done = run([h5diff_or_skip(), "-c", *options, a, b])
    said = [line for line in done.stdout.splitlines() if line.strip() and "empty dataset" not in line
            and line != "Not comparable: <> has rank 0" and set(line) != {"-"}
            and line not in ("Some objects are not comparable", "Use -c for a list of objects.")]
    return done.returncode == 0 and not said, (done.stdout + done.stderr)[-800:]


def check_same(a, b, what):
    if not check(os.path.exists(a) and os.path.exists(b), f"{what}: both files are there", a, b):
        return False
    differing = h5_differences(a, b)
    same, report = same_h5(a, b)
    return check(same and not differing, f"{what}: the same file but for /provenance", a, b, report, differing[:20])


def _yaml():
    try:
        import yaml
    except ImportError as missing:
        skip(missing)
    return yaml


def xxh3(data):
    """XXH3 of 64 bits, from the library itself."""
    if not _xxhash:
        name = ctypes.util.find_library("xxhash")
        if not name:
            skip("libxxhash is not installed")
        _xxhash.append(ctypes.CDLL(name).XXH3_64bits)
        _xxhash[0].restype = ctypes.c_uint64
    return _xxhash[0](data, ctypes.c_size_t(len(data)))


def alter_table(path, dataset, change, forged):
    """Change the array of a dataset of /tables in place; forged: with the checksum that then fits."""
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
