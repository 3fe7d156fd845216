# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Forged outputs: numbers, types and shapes in OUT.h5 that cannot be, under seals and checksums
that fit; a share of plain damage too. Each can be told from the file: a count moved from one bin to
another is not among them.
"""
import os

import forge_formats as f
import survey_tools as t
from forge_run import special

h5py, np = f.h5py, f.np
FORGERIES = []
HUGE = (2**31, 2**32 + 1, 2**60, 2**63, 2**64 - 1)
UNREAD = ("seal", "units", "long_name", "CLASS", "NAME", *t.REFERENCES)  # the first apart


def forgery(function):
    """A function that changes an open file; what it changed is sealed."""
    def forge(case):
        with h5py.File(case.out, "r+") as file:
            what = function(case.rnd, file)
        f.seal_h5(case.out)
        return what
    forge.__name__ = function.__name__
    FORGERIES.append(forge)
    return function


def file_forgery(function):
    FORGERIES.append(function)
    return function


def put_attribute(item, name, value):
    if name in item.attrs:
        del item.attrs[name]
    item.attrs.create(name, value)


def put_dataset(file, name, value):
    """Another dataset under the same name, with the attributes of the old one."""
    kept = [(key, file[name].attrs[key]) for key in file[name].attrs if key not in t.REFERENCES]
    del file[name]
    item = file.create_dataset(name, data=value)
    for key, old in kept:
        item.attrs.create(key, old)


def put_value(file, name, at, value):
    data = file[name][...]
    before = data[at]
    data[at] = value
    file[name][...] = data
    return f"{name}[{at}] {before} made {value}"


# ---- numbers ----

@forgery
def number_of_the_file(rnd, file):
    name = rnd.choice(("samples", "passed", "passed_1sigma", "stored", "nearest", "sigma",
                       "format_version", "complete"))
    n = int(file.attrs[name])
    drawn = int(file.attrs["samples"])
    value = rnd.choice((0, drawn + 1, *HUGE) if name != "complete" else (0, 2, 2**63))
    file.attrs.modify(name, np.uint64(value))
    return f"{name} {n} made {value}"


@forgery
def format_of_the_file(rnd, file):
    name = rnd.choice(("format", "store", "config_hash", "model_hash"))
    put_attribute(file, name, np.bytes_(rnd.choice((b"x", b"x" * 30000, b"%s%n", b"\xff"))))
    return name


@forgery
def attribute_of_another_type(rnd, file):
    items = ["/", "/config", "/cutflow", "/histograms/phase12", "/tables/forms", "/survivors/index",
             "/nearest"]
    item = file[rnd.choice(items)]
    name = rnd.choice([key for key in item.attrs if key not in UNREAD] + ["seal"])
    value = rnd.choice((np.full(8000, 1, "u8"), np.array([b"bl23-survey"] * 5000), "a text",
                        np.float64("nan"), np.bytes_(b"1"), np.int8(-1), np.uint8(1),
                        np.zeros((0,), "u8"), np.bytes_(b"y" * 60000)))
    put_attribute(item, name, value)
    return f"{item.name}@{name} is {np.asarray(value).dtype} {np.shape(value)}"


@forgery
def counts_of_the_cutflow(rnd, file):
    drawn = int(file.attrs["samples"])
    names = ("passed", "passed_alone", "mass_drawn", "mass_passed", "by_mass")
    name = "cutflow/" + rnd.choice(names)
    data = file[name][...]
    at = tuple(rnd.randrange(n) for n in data.shape)
    return put_value(file, name, at, rnd.choice((drawn + 1, *HUGE)))


@forgery
def cutflow_drawn(rnd, file):
    name = rnd.choice(("drawn", "every"))
    file["cutflow"].attrs.modify(name, np.uint64(rnd.choice((0, *HUGE))))
    return f"/cutflow@{name}"


@forgery
def counts_of_a_histogram(rnd, file):
    name = "histograms/" + rnd.choice(("phase12", "wu11_abs2", "log10_g"))
    if rnd.random() < 0.3:
        key = rnd.choice(("underflow", "overflow"))
        file[name].attrs.modify(key, np.uint64(rnd.choice((1, *HUGE))))
        return f"{name}@{key}"
    at = rnd.randrange(64)
    return put_value(file, name, at, int(file[name][at]) + rnd.choice((1, *HUGE[:-1])))


@forgery
def index_of_a_survivor(rnd, file):
    index, samples = file["survivors/index"][...], int(file.attrs["samples"])
    at = rnd.randrange(1, len(index) - 1)
    gap = next((int(i) for i in range(samples) if i not in set(index.tolist())), 0)
    value = rnd.choice((samples, 2**40, 2**64 - 1, *[int(index[k]) for k in (at - 1, 0, -1)]))
    if rnd.random() < 0.3:
        data = sorted(index.tolist()[1:] + [gap])
        file["survivors/index"][...] = np.array(data, "u8")
        return f"sample {gap} among the survivors"
    return put_value(file, "survivors/index", at, value)


@forgery
def value_of_a_survivor(rnd, file):
    columns = ("tension", "mass_gev", "br_bp_kp", "level")
    name = rnd.choice(("survivors", "nearest")) + "/" + rnd.choice(columns)
    value = 7 if name.endswith("level") else rnd.choice((float("nan"), -1.0, 1e300, 0.0))
    return put_value(file, name, rnd.randrange(len(file[name])), value)


@forgery
def index_of_a_nearest(rnd, file):
    n, samples = len(file["nearest/index"]), int(file.attrs["samples"])
    value = rnd.choice((samples, 2**40, 2**64 - 1, int(file["nearest/index"][0])))
    return put_value(file, "nearest/index", rnd.randrange(1, n), value)


@forgery
def index_of_an_extremum(rnd, file):
    name = "extrema/" + rnd.choice(("min", "max", "min_1sigma", "max_1sigma"))
    if rnd.random() < 0.4:
        return put_value(file, name, 0, rnd.choice((float("nan"), float("inf"), -1e300)))
    samples = int(file.attrs["samples"])
    return put_value(file, name + "_index", 0, rnd.choice((samples, 2**63, 2**64 - 2)))


@forgery
def mode_of_the_model(rnd, file):
    data = file["tables/model"][...]
    name = rnd.choice((*list(f.MODEL_WORDS)[1:], "quantity"))
    at = 8 * (f.MODEL_WORDS.get(name, f.MODEL_QUANTITY))
    value = rnd.choice((5, 33, 10**9, *HUGE))
    data[at:at + 8] = np.frombuffer(int(value).to_bytes(8, "little"), "u1")
    file["tables/model"][...] = data
    put_attribute(file, "model_hash", np.bytes_(b"%016x" % f.checksum(data.tobytes())))
    return f"model: {name} made {value}"


@forgery
def number_of_the_model(rnd, file):
    """Every number of the first mass not a number, or not finite."""
    data = file["tables/model"][...]
    numbers = data.view("f8")[f.MODEL_WORDS["n_rows"] + 1:]    # the last word of the head
    numbers[:len(numbers) // 2] = rnd.choice((float("nan"), -1e308))
    file["tables/model"][...] = data
    put_attribute(file, "model_hash", np.bytes_(b"%016x" % f.checksum(data.tobytes())))
    return "model: numbers of a mass"


# ---- types and shapes ----

DATASETS = ("survivors/index", "survivors/tension", "survivors/level", "nearest/index",
            "nearest/tension", "cutflow/passed", "cutflow/by_mass", "cutflow/name",
            "histograms/phase12", "extrema/min", "extrema/min_index", "extrema/name",
            "tables/model", "tables/forms", "tables/mass_gev")


@forgery
def another_shape(rnd, file):
    name = rnd.choice(DATASETS)
    data = file[name][...]
    kind = rnd.choice(("longer", "shorter", "empty", "scalar", "more dimensions", "twice"))
    flat = data.reshape(-1)
    value = {"longer": np.concatenate([flat, flat[:1]]), "shorter": flat[:-1], "empty": flat[:0],
             "scalar": flat[0], "more dimensions": data[..., None],
             "twice": np.concatenate([flat, flat])}[kind]
    put_dataset(file, name, value)
    return f"{name}: {kind}"


@forgery
def another_type(rnd, file):
    name = rnd.choice([n for n in DATASETS if not n.endswith("name")])
    kind = rnd.choice([k for k in ("f4", "u1", "S40", "i2") if name != "tables/model" or k != "u1"])
    put_dataset(file, name, np.nan_to_num(file[name][...]).astype(kind))
    return f"{name} is {kind}"


@forgery
def a_huge_claim(rnd, file):
    """A dataset that says it has far more values than the file holds."""
    name = rnd.choice([n for n in DATASETS if not n.endswith("name")])
    kept = {key: x for key, x in file[name].attrs.items() if key not in t.REFERENCES}
    dtype = file[name].dtype
    del file[name]
    item = file.create_dataset(name, (2**20,), dtype, chunks=(2**10,), fillvalue=0)
    for key, value in kept.items():
        item.attrs.create(key, value)
    return f"{name}: a chunked dataset of 2^20 values, none of them stored"


@forgery
def members(rnd, file):
    name = rnd.choice(DATASETS + ("survivors/g_min", "nearest/level"))
    kind = rnd.choice(("gone", "a link to itself", "a link to another", "a second name"))
    if kind == "a second name":
        file[name + "_2"] = file[name]
        return f"{name}: {kind}"
    del file[name]
    if kind == "a link to itself":
        file[name] = h5py.SoftLink("/" + name)
    elif kind == "a link to another":
        file[name] = h5py.SoftLink("/survivors/g_max")
    return f"{name}: {kind}"


# ---- files ----

@file_forgery
def rotten_data(case):
    """Flipped bits in the data of a dataset, without new seals."""
    with h5py.File(case.out, "r") as file:
        item = file[case.rnd.choice(DATASETS)]
        at, size = item.id.get_offset(), item.id.get_storage_size()
        name = item.name
    with open(case.out, "r+b") as file:
        file.seek(at + case.rnd.randrange(size))
        byte = file.read(1)[0] ^ 1 << case.rnd.randrange(8)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte]))
    return f"a flipped bit in {name}"


@file_forgery
def cut_output(case):
    length = case.rnd.randrange(os.path.getsize(case.out))
    os.truncate(case.out, length)
    return f"cut to {length} bytes"


@file_forgery
def special_output(case):
    """Only as the place of an output: what a user names as an input may be a pipe."""
    case.commands = ["again", "extend"]
    kinds = ("FIFO", "folder", "dangling link", "link to itself", "empty")
    return special(case, case.out, case.rnd.choice(kinds))
