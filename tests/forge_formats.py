# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The formats that the campaign of forgeries writes: manifest lines, segments, seals of an HDF5
file, files of certificates. All that the campaign knows of them is here; genuine() compares it with
what the program wrote, so that a changed format fails and is not mistaken for a refused forgery.
"""
import json
import os
import struct

import survey_tools as t

np, h5py = t.np, t.h5py
WRAP = 2**64
checksum = t.xxh3


# ---- the configuration in a run folder (host/run/run_verify.c) ----

def seal_yaml(text):
    """With the line that says its checksum."""
    return text + b"# XXH3 of the lines above: %016x\n" % checksum(text)


def unseal_yaml(text):
    return text[:text.rindex(b"# XXH3")]


# ---- manifest lines (host/run/manifest.c) ----

def line(first, count, passed, size, digest, config_hash):
    """A manifest line with its own checksum, without its end."""
    text = (f"segment {first} {count} passed {passed} bytes {size} xxh3 {digest:016x} "
            f"config {config_hash:016x} sampling {SAMPLING}")
    return seal_line(text)


def seal_line(text):
    raw = text if isinstance(text, bytes) else text.encode()
    return raw + b" line %016x" % checksum(raw)


def segment_name(first, count):
    return f"segment-{first % WRAP:016x}-{count % WRAP:016x}"


# ---- segments (host/run/segment.h, results.h and survivor_list.h of kernels/results) ----

MAGIC = b"BL23SEG6"
SAMPLING = 1                              # BL23_SAMPLING_VERSION
BINS, BINS_ALL, AXES, COLUMNS, CONSTRAINTS, TILE = 66, 256, 7, 48, 32, 4096  # BINS: usual ones
EXTREMUM = np.dtype([("value", "<f8"), ("index", "<u8")])
HEADER = np.dtype([("magic", "S8"), ("config_hash", "<u8"), ("sampling", "<u8"),
                   ("first", "<u8"), ("count", "<u8"),
                   ("n_knots", "<u8"), ("cells", "<u8"), ("n_nearest", "<u8"), ("n_profile", "<u8"),
                   ("n_calls", "<u8"), ("n_survivors", "<u8"), ("survivor_words", "<u8"),
                   ("hash_bound", "<u8")])
CALL = np.dtype([("version", "S24"), ("git_revision", "S48"), ("host", "S72"), ("backend", "S8"),
                 ("device", "S160"), ("start", "S32"), ("end", "S32"), ("threads", "<u8"),
                 ("ranks", "<u8"), ("samples", "<u8")])
TALLIES = np.dtype([("drawn", "<u8"), ("passed", "<u8"), ("passed_1sigma", "<u8"),
                    ("histogram", "<u8", (AXES, BINS_ALL)),
                    ("extremum", EXTREMUM, (2, COLUMNS, 2))])
KNOT = np.dtype([("drawn", "<u8"), ("passed", "<u8"), ("cutflow_drawn", "<u8"),
                 ("sequential", "<u8", CONSTRAINTS), ("alone", "<u8", CONSTRAINTS)])


class Segment:
    """One segment as arrays that can be changed; bytes() puts them together again."""

    def __init__(self, data):
        at = 0

        def take(dtype, n):
            nonlocal at
            part = np.frombuffer(data, dtype, n, at).copy()
            at += n * dtype.itemsize
            return part

        self.header = take(HEADER, 1)[0:1]
        h = self.header[0]
        self.tallies = take(TALLIES, 1)[0:1]
        self.knots = take(KNOT, int(h["n_knots"]))
        bins = np.dtype("<u8")
        self.histograms = [take(bins, BINS * BINS) for _ in range(int(h["cells"]) // BINS**2)]
        self.nearest = take(EXTREMUM, int(h["n_nearest"]))
        self.profile = take(EXTREMUM, int(h["n_profile"]))
        self.calls = take(CALL, int(h["n_calls"]))
        self.words = take(np.dtype("<u2"), int(h["survivor_words"]))

    def bytes(self):
        return b"".join(part.tobytes() for part in (self.header, self.tallies, self.knots,
                                                    *self.histograms, self.nearest,
                                                    self.profile, self.calls,
                                                    self.words))

    def survivors(self):
        """Indices in the order of the list."""
        at, found = 0, []
        while at < len(self.words):
            head = struct.unpack("<Q", self.words[at:at + 4].tobytes())[0]
            n = head % TILE + 1
            found += [head - head % TILE + int(o) for o in self.words[at + 4:at + 4 + n]]
            at += 4 + n
        return found

    def set_words(self, words, n_survivors=None):
        self.words = np.asarray(words, "<u2")
        self.header["survivor_words"] = len(self.words)
        if n_survivors is not None:
            self.header["n_survivors"] = n_survivors

    def set_survivors(self, indices):
        """The list of these indices, in this order: a new head wherever the tile changes."""
        words, at = [], 0
        while at < len(indices):
            first, n = indices[at] - indices[at] % TILE, 1
            while at + n < len(indices) and indices[at + n] - indices[at + n] % TILE == first:
                n += 1
            words += np.frombuffer(struct.pack("<Q", (first | n - 1) % WRAP), "<u2").tolist()
            words += [i % TILE for i in indices[at:at + n]]
            at += n
        self.set_words(words, len(indices))

    def set_nearest(self, nearest):
        self.nearest = np.asarray(nearest, EXTREMUM)
        self.header["n_nearest"] = len(self.nearest)


# ---- HDF5 files (host/output/hdf5_verify.c): xxh3 of data, seals of types and shapes ----

GROUPS = ("/config", "/citations", "/constraints", "/provenance", "/ranges", "/tables",
          "/survivors", "/nearest", "/cutflow", "/histograms", "/extrema")
VARIES, COMPARED = ("/provenance",), ("/survivors", "/nearest")


def _with(digest, name, part):
    return checksum(struct.pack("<QQQ", digest, checksum(name), part))


def _form(kind, space):
    simple = space.get_simple_extent_type() == h5py.h5s.SIMPLE
    dims = space.get_simple_extent_dims() if simple else ()
    sign = kind.get_sign() if kind.get_class() == h5py.h5t.INTEGER else 0
    head = checksum(struct.pack("<4Q", kind.get_class(), kind.get_size(), sign, len(dims)))
    tail = checksum(struct.pack("<32Q", *dims, *[0] * (32 - len(dims))))
    return checksum(struct.pack("<QQ", head, tail))


def _attribute(item, name):
    attribute = h5py.h5a.open(item.id, name.encode())
    kind, space = attribute.get_type(), attribute.get_space()
    value = np.zeros(attribute.shape, f"V{kind.get_size()}")
    if value.size:
        attribute.read(value, mtype=kind)
    return checksum(struct.pack("<QQ", _form(kind, space), checksum(value.tobytes())))


def _attributes(item, digest=0):
    for name in sorted(item.attrs):
        if name not in ("seal", "content_hash", *t.REFERENCES):
            digest = _with(digest, name.encode(), _attribute(item, name))
    return digest


def _put_u64(item, name, value):
    """Unless a forgery has made something else of it."""
    old = item.attrs.get(name)
    if isinstance(old, np.uint64) and old != value:
        item.attrs.modify(name, np.uint64(value))


def _members(group):
    """(name, dataset), without links that lead nowhere."""
    for name in sorted(group):
        try:
            item = group[name]
        except (KeyError, OSError, RuntimeError):
            continue
        if isinstance(item, h5py.Dataset):
            yield name, item


def _content_hash(f):
    try:
        return t.content_hash(f)
    except (OSError, KeyError, MemoryError, RuntimeError, TypeError, ValueError):  # unreadable
        return "0" * 32


def seal_h5(path, groups=GROUPS):
    """Checksums and seals of all that is in the file, as the program computes them."""
    with h5py.File(path, "r+") as f:
        root = _attributes(f)
        for name in groups:
            digest = _attributes(f[name])
            for member, item in _members(f[name]):
                if name not in COMPARED:
                    data = item[...].tobytes() if item.shape is not None else b""
                    _put_u64(item, "xxh3", checksum(data))
                seal = _attributes(item, _form(item.id.get_type(), item.id.get_space()))
                _put_u64(item, "seal", seal)
                digest = _with(digest, member.encode(), seal)
            _put_u64(f[name], "seal", digest)
            if name not in VARIES:
                root = _with(root, name.encode(), digest)
        _put_u64(f, "seal", root)
        old = f.attrs.get("content_hash")
        if isinstance(old, bytes) and len(old) == 32:
            f.attrs.modify("content_hash", np.bytes_(_content_hash(f)))


# The head of struct bl23_model (kernels/sample/model.h) as words of 8 bytes.
MODEL_WORDS = {"seed": 0, "n_knots": 1, "n_constraints": 2, "g_mode": 3, "w_mode": 4, "level": 5,
               "groups": 6, "cover_bytes": 9, "n_rows": 57}
MODEL_FIRST_DOUBLE, MODEL_QUANTITY = 7, 25


# ---- files of certificates (host/bound/bound_file.c) ----

BOUND_HEAD = ("format", "format_version", "checksum")


def seal_text(text):
    """The text with the checksum in its first line computed anew, of zeros in its place."""
    raw = text if isinstance(text, bytes) else text.encode()
    at = raw.find(b'"checksum": "') + len(b'"checksum": "')
    raw = raw[:at] + b"0" * 16 + raw[at + 16:]
    return raw[:at] + b"%016x" % checksum(raw) + raw[at + 16:]


def bound_bytes(content):
    """A file of certificates with this content, sealed."""
    head = {k: content[k] for k in BOUND_HEAD if k in content}
    rest = {k: v for k, v in content.items() if k not in BOUND_HEAD}
    return seal_text(json.dumps(head)[:-1] + ",\n" + json.dumps(rest, indent=1)[1:] + "\n")


# ---- is this what the program writes? ----

def genuine(run_folder, output, certificates):
    """Why the formats above are not those of these files of the program; None if they are."""
    lines = t.read(os.path.join(run_folder, "manifest")).splitlines()
    for text in lines:
        fields = text.split()
        first, count = int(fields[1]), int(fields[2])
        data = t.read(os.path.join(run_folder, segment_name(first, count)))
        s = Segment(data)
        if (s.bytes() != data or s.header[0]["magic"] != MAGIC
                or len(s.survivors()) != s.header[0]["n_survivors"]):
            return f"segment {first} {count}"
        h = int(s.header[0]["config_hash"])
        if line(first, count, int(s.tallies[0]["passed"]), len(data), checksum(data), h) != text:
            return f"manifest line {text!r}"
        again = Segment(data)
        again.set_survivors(s.survivors())
        if again.bytes() != data:
            return f"survivors of segment {first} {count}"
    before = t.read(output)
    seal_h5(output)
    if t.read(output) != before:
        return f"seals of {output}"
    raw = t.read(certificates)
    return None if seal_text(raw) == raw else f"checksum of {certificates}"
