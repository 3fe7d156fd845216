#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Truncated and bit-flipped segments, manifests and output files.

A damaged segment or manifest line of an interrupted run is named on stderr and computed again, to
the same final bytes; a damaged output given to replay is refused or its difference named, and
never touched.
"""

import os
import random
import shutil
import sys

import pytest

import survey_tools as t

FLIPS = 400 if t.SLOW else 4 if t.SHORT else 12  # per region of a segment
OUTPUT_FLIPS = 6000 if t.SLOW else 40 if t.SHORT else 150
SEED = 20080997
# Lengths in bytes of the parts of a segment before its lists (host/run/segment.c,
# kernels/results/results.h).
HEADER, TALLIES = 72, 8 * (3 + 7 * 256) + 2 * 45 * 2 * 16


def check_bytes(reference, found, what):
    """The same content; slower h5diff is left to the other tests."""
    assert os.path.exists(found), f"{what}: there is no file"
    differing = t.h5_differences(reference, found)
    assert not differing, f"{what}: the file differs: {differing[:10]}"


class Run:
    """An interrupted run kept aside, to be damaged again and again."""

    def __init__(self, bl23, source, folder):
        self.bl23, self.folder, self.random = bl23, folder, random.Random(SEED)
        self.config = os.path.join(source, "scripts", "surveys", "fig3.yaml")
        self.out, self.reference = os.path.join(folder, "out.h5"), os.path.join(
            folder, "reference.h5"
        )
        self.kept = os.path.join(folder, "kept")
        t.run_ok(self.command(self.reference))
        t.run_ok(self.command())
        self.interrupt()

    def command(self, out=None, samples=150000):
        return t.survey_command(
            self.bl23, self.config, "--range 20000 --commit 0 --threads 2", "-o", out or self.out,
            "--samples", samples)

    def interrupt(self):
        """All segments committed, but no output: stopped before the file, as a part is."""
        os.remove(self.out)
        t.run_ok(self.command() + ["--first", 0, "--count", 150000])
        shutil.move(self.out + ".run", self.kept)
        self.segments = sorted(n for n in os.listdir(self.kept) if n.startswith("segment-"))
        assert len(self.segments) == 8, t.note("segments of the interrupted run", self.segments)

    def restore(self):
        shutil.rmtree(self.out + ".run", ignore_errors=True)
        if os.path.exists(self.out):
            os.remove(self.out)
        shutil.copytree(self.kept, self.out + ".run")

    def path(self, name):
        return os.path.join(self.out + ".run", name)

    def resume(self, what, named):
        """Resume; every text of `named` must stand on stderr. The same file must come out."""
        done = t.run(self.command())
        assert done.returncode == 0, t.told(done, f"{what}: resumed")
        for text in named:
            assert text in done.stderr, t.told(done, f"{what}: '{text}' is named")
        assert bool(named) == ("computed again" in done.stderr), t.told(
            done, f"{what}: says that it computes again"
        )
        check_bytes(self.reference, self.out, what)
        assert not os.path.exists(self.out + ".run"), f"{what}: the folder is gone"


def flip(path, offset, bit):
    with open(path, "r+b") as f:
        f.seek(offset)
        byte = f.read(1)[0]
        f.seek(offset)
        f.write(bytes([byte ^ 1 << bit]))


def regions(size):
    """First and last offset of the parts of a segment."""
    ends = [0, HEADER, HEADER + TALLIES, size]
    edges = list(zip(ends, ends[1:]))
    middle = ends[2] + (ends[3] - ends[2]) // 2
    return edges[:2] + [(ends[2], middle), (middle, ends[3])]


@pytest.fixture(scope="module")
def r(bl23, source, shared):
    return Run(bl23, source, shared)


@pytest.mark.parametrize("number", range(0, 8, 1 if t.SLOW else 3))
def test_segment(r, number):
    """A segment that is cut, flipped, removed, longer, or another's."""
    name = r.segments[number]
    size = os.path.getsize(os.path.join(r.kept, name))
    for length in sorted(
        {0, 1, 8, HEADER - 1, HEADER, HEADER + 8, HEADER + TALLIES, size // 2, size - 8, size - 1}
    ):
        r.restore()
        os.truncate(r.path(name), length)
        r.resume(f"{name} cut to {length} of {size} bytes", [name])
    for first, end in regions(size):
        for _ in range(max(1, FLIPS // 4)):
            offset, bit = r.random.randrange(first, end), r.random.randrange(8)
            r.restore()
            flip(r.path(name), offset, bit)
            r.resume(f"{name} with bit {bit} of byte {offset} of {size} flipped", [name])
    for what, change in (
        ("removed", os.remove),
        ("longer", lambda p: os.truncate(p, size + 1)),
        ("another's bytes", lambda p: shutil.copy(r.path(r.segments[1]), p)),
    ):
        if change is not os.remove and name == r.segments[1]:
            continue
        r.restore()
        change(r.path(name))
        r.resume(f"{name} {what}", [name])


def test_manifest(r):
    with open(os.path.join(r.kept, "manifest"), "rb") as f:
        text = f.read()
    ends = [k for k, c in enumerate(text) if c == 10]
    for length in sorted(
        {
            0,
            1,
            ends[0],
            ends[0] + 1,
            ends[1] - 1,
            ends[3] + 20,
            len(text) // 2,
            len(text) - 2,
            len(text) - 1,
        }
    ):
        r.restore()
        os.truncate(r.path("manifest"), length)
        whole = length == 0 or text[length - 1] == 10 or length in ends
        done_lines = sum(e <= length for e in ends)
        r.resume(
            f"manifest cut to {length} of {len(text)} bytes",
            [] if whole else [f"manifest:{done_lines + 1}"],
        )
    for _ in range(4 * FLIPS):
        offset, bit = r.random.randrange(len(text)), r.random.randrange(8)
        line = text[:offset].count(b"\n") + 1
        r.restore()
        flip(r.path("manifest"), offset, bit)
        r.resume(f"manifest with bit {bit} of byte {offset} flipped", [f"manifest:{line}"])
    r.restore()
    with open(r.path("manifest"), "ab") as f:
        f.write(text)
    r.resume("every line twice", [])
    r.restore()
    with open(r.path("manifest"), "wb") as f:
        f.write(bytes(r.random.randrange(256) for _ in range(5000)))
    done = t.run(r.command())
    assert done.returncode == 0 and "manifest:1" in done.stderr, t.told(
        done, "noise for a manifest"
    )
    check_bytes(r.reference, r.out, "noise for a manifest")


def test_orphans(r):
    """What a writer that died has left goes away: a segment without a line, half a segment."""
    r.restore()
    with open(r.path("segment-0000000000000000-000000000000dead"), "wb") as f:
        f.write(b"orphan")
    with open(r.path(r.segments[0] + ".01234567-4711-0.tmp"), "wb") as f:
        f.write(b"half a segment")
    r.resume("orphaned segments", [])


def datasets(path):
    """(first byte, end, name) of the raw data of every dataset."""
    found = []

    def add(name, item):
        if isinstance(item, t.h5py.Dataset) and item.id.get_offset() is not None and item.size:
            found.append(
                (item.id.get_offset(), item.id.get_offset() + item.id.get_storage_size(), name)
            )

    with t.h5py.File(path) as f:
        f.visititems(add)
    return sorted(found)


def test_output(r):
    """Truncated and flipped outputs given to replay; what goes unnoticed changes nothing."""
    path, size = os.path.join(r.folder, "damaged.h5"), os.path.getsize(r.reference)
    parts, unnoticed = datasets(r.reference), {}
    for length in (0, 1, 8, 48, 96, 4096, size // 4, size // 2, size - 4096, size - 1):
        shutil.copy(r.reference, path)
        os.truncate(path, length)
        done = t.run([r.bl23, "replay", path])
        assert (
            done.returncode == 2
            and f"{path} is truncated or is not an HDF5 file; name a file" in done.stderr
        ), t.told(done, f"an output cut to {length} of {size} bytes")
        assert os.path.getsize(path) == length, "it is untouched"
    meta = [o for o in range(0, size) if not any(a <= o < b for a, b, _ in parts)]
    for k in range(OUTPUT_FLIPS):
        a, b, name = r.random.choice(parts)
        offset, bit = (
            (r.random.choice(meta), 3)
            if k % 3 == 0
            else (r.random.randrange(a, b), r.random.randrange(8))
        )
        region = next((n for a, b, n in parts if a <= offset < b), "metadata")
        shutil.copy(r.reference, path)
        flip(path, offset, bit)
        before = t.read(path)
        done = t.run([r.bl23, "replay", path])
        what = f"an output with bit {bit} of byte {offset} ({region}) flipped"
        assert done.returncode in (0, 1, 2), t.told(done, f"{what}: exit {done.returncode}")
        assert (done.returncode == 0) != done.stderr.startswith("bl23: "), t.told(
            done, f"{what}: a message with a failure"
        )
        assert t.read(path) == before, f"{what}: untouched"
        if done.returncode == 1:
            group = region.split("/")[0]
            assert f"/{group}/" in done.stderr or region == "metadata", t.told(
                done, f"{what}: the difference is named"
            )
        if done.returncode == 0:
            unnoticed.setdefault(region, []).append((offset, bit))
        vouched = region != "metadata"
        assert done.returncode != 0 or not vouched, t.told(done, f"{what}: goes unnoticed")
    changed = changed_by(r, unnoticed)
    assert not changed, t.note("replay does not notice", *list(changed.items())[:12])


# In a process of its own: the HDF5 library itself may crash on a damaged file.
DIFFERENCES = "import sys, survey_tools as t; print(t.h5_differences(*sys.argv[1:]))"


def changed_by(r, unnoticed):
    """Of the flips that passed unnoticed, by region, those that change what the file says."""
    changed = {}
    for region, flips in unnoticed.items():
        for offset, bit in flips:
            path = os.path.join(r.folder, "damaged.h5")
            shutil.copy(r.reference, path)
            flip(path, offset, bit)
            command = [sys.executable, "-c", DIFFERENCES, r.reference, path]
            done = t.run(command, cwd=os.path.dirname(os.path.abspath(__file__)))
            if done.returncode != 0 or done.stdout.strip() != "[]":
                changed.setdefault(region, []).append(
                    (offset, bit, done.stdout.strip() or done.stderr.strip()[-200:])
                )
    return changed


def test_finished(r):
    """A damaged output is not taken for a finished one where what identifies it is damaged."""
    path = os.path.join(r.folder, "finished.h5")
    shutil.copy(r.reference, path)
    os.truncate(path, os.path.getsize(path) - 5)
    before = t.read(path)
    done = t.run(r.command(path))
    assert (
        done.returncode == 2
        and path in done.stderr
        and t.read(path) == before
        and not os.path.exists(path + ".run")
    ), t.told(done, "survey on a truncated output is refused")


@pytest.mark.parametrize(
    "name",
    (
        "survivors/br_bp_kp",
        "survivors/level",
        "survivors/index",
        "nearest/index",
        "nearest",
        "tables/model",
        "tables/forms",
        "cutflow/passed_alone",
        "histograms/phase12",
        "extrema",
    ),
)
def test_missing(r, name):
    """What was taken out of a file may not go unnoticed."""
    path = os.path.join(r.folder, "missing.h5")
    shutil.copy(r.reference, path)
    with t.h5py.File(path, "r+") as f:
        del f[name]
    before = t.read(path)
    done = t.run([r.bl23, "replay", path])
    assert done.returncode in (1, 2) and path in done.stderr, t.told(
        done, f"an output without /{name}"
    )
    assert t.read(path) == before, f"an output without /{name} is untouched"


def alter(item, key, kind):
    """Change one attribute of an object as its kind says, or add one."""
    attribute = t.h5py.h5a.open(item.id, key.encode())
    value = t.np.zeros(attribute.shape, attribute.dtype)
    attribute.read(value)
    if kind == "another value":
        value.reshape(-1).view("u1")[0] ^= 1
        attribute.write(value)
    elif kind == "another type":
        item.attrs[key] = 1 if value.dtype.kind == "S" else str(value)
    elif kind == "removed":
        del item.attrs[key]
    else:
        item.attrs["note"] = 1


def attributes(path):
    """(object, attribute) of all of a file."""
    found = []
    with t.h5py.File(path) as f:
        found += [("/", key) for key in f.attrs]
        f.visititems(lambda name, item: found.extend(("/" + name, key) for key in item.attrs))
    return [(name, key) for name, key in found if key not in t.REFERENCES]


def test_attributes(r):
    """Attributes of every object altered, removed, or one more beside them: noticed and named."""
    small, path = os.path.join(r.folder, "small.h5"), os.path.join(r.folder, "altered.h5")
    t.run_ok(r.command(small, samples=8192))
    t.run_ok([r.bl23, "replay", small])
    found, kinds = attributes(small), ("another value", "another type", "removed", "added")
    groups = {name.split("/")[1] for name, _ in found}
    assert {"", *t.GROUPS} == groups, t.note("all groups have attributes", groups)
    for k, (name, key) in enumerate(found):
        for kind in kinds if name.count("/") == 1 or t.SLOW else kinds[k % 4 :][:1]:
            shutil.copy(small, path)
            with t.h5py.File(path, "r+") as f:
                alter(f[name], key, kind)
            done = t.run([r.bl23, "replay", path])
            what = f"attribute {key} of {name}: {kind}"
            named = f"{path}: {name} is not what was written" in done.stderr
            identity = (
                name == "/"
                and done.returncode == 2
                and (f"{path} is not a finished survey of this format" in done.stderr
                     or key == "sampling" and "another version of the sampling" in done.stderr
                     or key == "format_version" and "by an earlier build of bl23" in done.stderr)
            ) or (key == "content_hash" and "content_hash" in done.stderr)
            assert done.returncode == 1 and named or identity, t.told(
                done, f"{what}: replay notices and names it"
            )
