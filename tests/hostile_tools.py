# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Hostile HDF5: what any attribute, dataset or group can be replaced by, and seals that then fit.

The seals are made here as host/output/hdf5_verify.c makes them, so that what is behind them is
reached.
"""

import math
import os
import struct

import survey_tools as t

h5py, np = t.h5py, t.np
SEALED = (*(group for group in t.GROUPS if group != "provenance"), "cover", "profiles")
ALL = (*SEALED, "provenance")


# ---- seals


def _with(digest, name, value):
    return t.xxh3(struct.pack("<3Q", digest, t.xxh3(name), value))


def _form(kind, space):
    shape = (
        space.get_simple_extent_dims() if space.get_simple_extent_type() == h5py.h5s.SIMPLE else ()
    )
    sign = kind.get_sign() if kind.get_class() == h5py.h5t.INTEGER else 0
    head = struct.pack("<4Q", kind.get_class(), kind.get_size(), sign, len(shape))
    return t.xxh3(
        struct.pack(
            "<2Q", t.xxh3(head), t.xxh3(struct.pack("<32Q", *shape, *[0] * (32 - len(shape))))
        )
    )


def _attributes(item, digest):
    for name in sorted(key.encode() for key in item.attrs 
                      if key not in ("seal", "content_hash", *t.REFERENCES)):
        attribute = h5py.h5a.open(item.id, name)
        try:
            value = np.zeros(attribute.shape, attribute.dtype)
            if value.size:
                attribute.read(value)
            part = t.xxh3(
                struct.pack(
                    "<2Q",
                    _form(attribute.get_type(), attribute.get_space()),
                    t.xxh3(value.tobytes()),
                )
            )
        except (TypeError, ValueError, OSError):  # of a type that has no seal
            part = 0
        digest = _with(digest, name, part)
    return digest


def _put(item, digest):
    if "seal" in item.attrs:
        del item.attrs["seal"]
    item.attrs.create("seal", np.uint64(digest))


def _inside(group, name):
    return group.get(name, getlink=True).__class__ is h5py.HardLink


def _is_number(item, key):
    """Whether an attribute is there and one number, as bl23 writes it."""
    if key not in item.attrs:
        return False
    attribute = item.attrs.get_id(key)
    return attribute.shape == () and attribute.dtype.kind in "uif"


def reseal(f, groups=ALL):
    """Checksums of data and seals of these groups and the file, as far as there is what they are
    of."""
    for name in groups:
        if name not in f or not _inside(f, name) or not isinstance(f[name], h5py.Group):
            continue
        digest = _attributes(f[name], 0)
        for member in sorted(f[name], key=str.encode):
            if not _inside(f[name], member) or not isinstance(f[name][member], h5py.Dataset):
                continue
            item = f[name][member]
            plain = (
                item.dtype.kind in "uifS"
                and item.shape is not None
                and math.prod(item.shape) < 10**6
            )
            if plain and _is_number(item, "xxh3"):
                item.attrs.modify("xxh3", np.uint64(t.xxh3(item[...].tobytes())))
            _put(item, _attributes(item, _form(item.id.get_type(), item.id.get_space())))
            digest = _with(digest, member.encode(), int(item.attrs["seal"]))
        _put(f[name], digest)
    digest = _attributes(f, 0)
    for name in SEALED:
        if name in f and _inside(f, name) and "seal" in f[name].attrs:
            digest = _with(digest, ("/" + name).encode(), int(f[name].attrs["seal"]))
    _put(f, digest)
    old = f.attrs.get("content_hash")
    if isinstance(old, bytes) and len(old) == 32:
        try:
            f.attrs.modify("content_hash", np.bytes_(t.content_hash(f)))
        except (AttributeError, OSError, KeyError, MemoryError, RuntimeError, TypeError,
                ValueError):  # unreadable
            pass


def rehash(f):
    """The hashes of model and configuration at the root."""
    model = t.xxh3(f["tables/model"][...].tobytes())
    yaml = h5py.h5a.open(f["config"].id, b"yaml")
    text = np.zeros((), yaml.dtype)
    yaml.read(text)
    for name, value in (
        ("model_hash", model),
        ("config_hash", t.xxh3(struct.pack("<2Q", t.xxh3(text.tobytes()), model))),
    ):
        f.attrs.modify(name, np.bytes_(f"{value:016x}"))


# ---- what an attribute can be replaced by


def _number(old):
    return old if np.shape(old) == () and np.asarray(old).dtype.kind in "uif" else 1


def _low_level(kind, make_space):
    def create(item, key, _old):
        h5py.h5a.create(item.id, key.encode(), kind(), make_space())

    return create


def _value(make, dtype=None):
    return lambda item, key, old: item.attrs.create(
        key, make(old), dtype=dtype() if dtype else None
    )


def _scalar():
    return h5py.h5s.create(h5py.h5s.SCALAR)


def _array_type():
    return h5py.h5t.array_create(h5py.h5t.STD_U64LE, (1000,))


def _opaque():
    return h5py.h5t.create(h5py.h5t.OPAQUE, 64)


ATTRIBUTES = {
    "8000 numbers": _value(lambda old: np.full(8000, _number(old), "u8")),
    "an array of one": _value(lambda old: np.array([_number(old)], "u8")),
    "an array of none": _value(lambda old: np.zeros(0, "u8")),
    "five dimensions": _value(lambda old: np.zeros((2, 1, 3, 1, 2), "u8")),
    "seven dimensions": _value(lambda old: np.zeros((1,) * 7, "u8")),
    "a null space": _value(lambda old: h5py.Empty("u8")),
    "a null space of text": _value(lambda old: h5py.Empty("S8")),
    "a float": _value(lambda old: np.float32(_number(old))),
    "a 32-bit number": _value(lambda old: np.uint32(int(_number(old)) % 2**32)),
    "a signed number": _value(lambda old: np.int64(-1)),
    "a big-endian number": _value(lambda old: np.array(1, ">u8")),
    "5000 texts": _value(lambda old: np.array([b"bl23-survey"] * 5000)),
    "a text array of one": _value(lambda old: np.array([b"bl23-survey"])),
    "a long text": _value(lambda old: np.bytes_(b"x" * 60000)),
    "a text with a NUL": _value(lambda old: np.array(b"bl23-survey\0x", "S13")),
    "variable text": _value(
        lambda old: (
            "bl23-survey"
            if np.asarray(old).dtype.kind != "S"
            else np.asarray(old).tobytes().decode()
        )
    ),
    "variable texts": _value(
        lambda old: np.array(["bl23-survey"] * 100, object), h5py.string_dtype
    ),
    "numbers of variable length": _low_level(
        lambda: h5py.h5t.vlen_create(h5py.h5t.STD_U64LE), _scalar
    ),
    "a compound": _value(lambda old: np.zeros((), [("a", "u8"), ("b", "f8", (500,))])),
    "an enumeration": _value(lambda old: 1, lambda: h5py.enum_dtype({"no": 0, "yes": 1}, "u8")),
    "a reference": lambda item, key, old: item.attrs.create(
        key, item.file.ref, dtype=h5py.ref_dtype
    ),
    "an array type": _low_level(_array_type, _scalar),
    "an opaque type": _low_level(_opaque, _scalar),
    "missing": lambda item, key, old: None,
}


def replace_attribute(item, key, kind):
    old = h5py.h5a.open(item.id, key.encode())
    value = np.zeros(old.shape, old.dtype)
    if value.size:
        old.read(value)
    del item.attrs[key]
    if isinstance(kind, str):
        ATTRIBUTES[kind](item, key, value[()])
    else:
        item.attrs.create(key, kind(value))


# ---- what a dataset can be replaced by


def _again(**how):
    def create(group, name, data):
        chunks = tuple(max(1, n) for n in np.shape(data))
        options = {k: (chunks if v == "chunks" else v) for k, v in how.items()}
        if chunks in options.values() and np.size(data) == 0:
            options["maxshape"] = chunks
        return group.create_dataset(name, data=data, **options)

    return create


def _data(make):
    return lambda group, name, data: group.create_dataset(name, data=make(data))


def _growing(group, name, data):
    return group.create_dataset(
        name,
        data=data,
        maxshape=(None,) * max(1, np.ndim(data)),
        chunks=tuple(max(1, n) for n in np.shape(data)),
    )


def _compact(group, name, data):
    create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    create.set_layout(h5py.h5d.COMPACT)
    data = np.ascontiguousarray(data if data.nbytes < 60000 else data.reshape(-1)[:100])
    made = h5py.h5d.create(
        group.id,
        name.encode(),
        h5py.h5t.py_create(data.dtype, logical=True),
        h5py.h5s.create_simple(data.shape),
        create,
    )
    if data.size:
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, data)
    return h5py.Dataset(made)


def _claiming(*shape):
    """Space that was never allocated."""

    def create(group, name, data):
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_LATE)
        kind = h5py.h5t.py_create(data.dtype, logical=True)
        return h5py.Dataset(
            h5py.h5d.create(
                group.id, name.encode(), kind, h5py.h5s.create_simple(shape or data.shape), plist
            )
        )

    return create


def _external(group, name, data):
    other = os.path.join(os.path.dirname(group.file.filename), "outside.bin")
    np.ascontiguousarray(data).tofile(other)
    return group.create_dataset(
        name, shape=data.shape, dtype=data.dtype, external=[(other, 0, h5py.h5f.UNLIMITED)]
    )


def _virtual(group, name, data):
    layout = h5py.VirtualLayout(shape=data.shape, dtype=data.dtype)
    layout[...] = h5py.VirtualSource("elsewhere.h5", "x", shape=data.shape)
    return group.create_virtual_dataset(name, layout)


def _moved(link):
    """The dataset under another name of the root, and a link in its place."""

    def create(group, name, data):
        made = group.file.create_dataset("moved", data=data)
        group[name] = link(group)
        return made

    return create


def _group(group, name, data):
    return group.create_group(name)


DATASETS = {
    "chunked": _again(chunks="chunks"),
    "compressed": _again(chunks="chunks", compression="gzip"),
    "growing": _growing,
    "compact": _compact,
    "never allocated": _claiming(),
    "2^60 values": _claiming(2**60),
    "2^62 x 4 values": _claiming(2**62, 4),
    "in another file": _external,
    "virtual": _virtual,
    "a soft link": _moved(lambda group: h5py.SoftLink("/moved")),
    "an external link": _moved(lambda group: h5py.ExternalLink(group.file.filename, "/moved")),
    "a dangling link": lambda group, name, data: group.__setitem__(name, h5py.SoftLink("/nowhere")),
    "a link to itself": lambda group, name, data: group.__setitem__(
        name, h5py.SoftLink(f"{group.name}/{name}")
    ),
    "the group": lambda group, name, data: group.__setitem__(name, group),
    "a group": _group,
    "a type": lambda group, name, data: group.__setitem__(name, np.dtype("u8")),
    "one value": _data(lambda data: data.reshape(-1)[0] if data.size else np.zeros((), data.dtype)),
    "one row more": _data(
        lambda data: np.concatenate(
            [data, data[-1:] if len(data) else np.zeros((1, *data.shape[1:]), data.dtype)]
        )
    ),
    "a thousand times": _data(
        lambda data: (
            np.tile(data, (1000,) + (1,) * (data.ndim - 1))
            if data.nbytes < 10**4
            else np.tile(data, (4,) + (1,) * (data.ndim - 1))
        )
    ),
    "a row less": _data(lambda data: data[:-1]),
    "no rows": _data(lambda data: data[:0]),
    "one dimension more": _data(lambda data: data.reshape(*data.shape, 1)),
    "flat": _data(lambda data: data.reshape(-1, 1)),
    "a null space": _data(lambda data: h5py.Empty(data.dtype)),
    "floats": _data(
        lambda data: data.astype("f4") if data.dtype.kind in "uif" else np.zeros(data.shape, "f4")
    ),
    "signed bytes": _data(lambda data: np.zeros(data.shape, "i1")),
    "wide texts": _data(lambda data: np.full(data.shape, b"x" * 300)),
    "variable texts": lambda group, name, data: group.create_dataset(
        name, data=np.full(data.shape, "text", object), dtype=h5py.string_dtype()
    ),
    "compounds": _data(lambda data: np.zeros(data.shape, [("a", "f8"), ("b", "u8", (20,))])),
    "big-endian": _data(
        lambda data: (
            data.astype(data.dtype.newbyteorder(">"))
            if data.dtype.itemsize > 1 and data.dtype.kind != "S"
            else data.astype(">u2") if data.dtype.kind in "uif" else np.zeros(data.shape, ">u8")
        )
    ),
    "missing": lambda group, name, data: None,
}


def replace_dataset(f, path, kind):
    """In its place, with the attributes it had."""
    group, name = f[os.path.dirname(path)], os.path.basename(path)
    item = group[name]
    data, attributes = item[...], {}
    for key in set(item.attrs) - set(t.REFERENCES):
        old = h5py.h5a.open(item.id, key.encode())
        attributes[key] = np.zeros(old.shape, old.dtype)
        old.read(attributes[key])
    del item
    if not isinstance(kind, str):
        group[name][...] = kind(data)
        return
    del group[name]
    made = DATASETS[kind](group, name, data)
    for key, value in attributes.items() if made is not None and made.name != "/" else ():
        made.attrs.create(key, value)


# ---- what a group can be replaced by


def _linked(link):
    def change(f, path):
        f.move(path, "/moved")
        f[path] = link(f)

    return change


def _hollow(f, path):
    del f[path]
    f.create_group(path)


def _flat(f, path):
    del f[path]
    f.create_dataset(path, data=np.arange(9, dtype="u8"))


def _stranger(make):
    return lambda f, path: make(f[path])


GROUPS = {
    "a soft link": _linked(lambda f: h5py.SoftLink("/moved")),
    "an external link": _linked(lambda f: h5py.ExternalLink(f.filename, "/moved")),
    "the root": lambda f, path: (f.__delitem__(path), f.__setitem__(path, f["/"])),
    "empty": _hollow,
    "a dataset": _flat,
    "with a group in it": _stranger(lambda g: g.create_group("x" * 600)),
    "with another dataset": _stranger(lambda g: g.create_dataset("stranger", data=np.arange(5.0))),
    "with itself in it": _stranger(lambda g: g.__setitem__("again", g)),
    "with a dangling link": _stranger(lambda g: g.__setitem__("gone", h5py.SoftLink("/nowhere"))),
    "missing": lambda f, path: f.__delitem__(path),
}


# ---- values that cannot be


def extreme(data):
    """The largest number, NaN, or another text, in the shape there was."""
    if data.dtype.kind == "f":
        return np.full(data.shape, np.nan)
    if data.dtype.kind == "S":
        return np.full(data.shape, b"x" * data.dtype.itemsize, data.dtype)
    return np.full(data.shape, np.iinfo(data.dtype).max, data.dtype)


def contents(path):
    """(attributes as (object, key), datasets, groups below the root)."""
    attributes, datasets, groups = [], [], []

    def add(name, item):
        attributes.extend(("/" + name, key) for key in item.attrs if key not in t.REFERENCES)
        (datasets if isinstance(item, h5py.Dataset) else groups).append("/" + name)

    with h5py.File(path) as f:
        attributes.extend(("/", key) for key in f.attrs)
        f.visititems(add)
    return attributes, datasets, groups
