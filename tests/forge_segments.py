# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Forged segments: headers, counts and lists that do not fit each other or the survey, under
checksums that do; and segments as files. The manifest line of the segment always fits it.
"""
import os

import forge_formats as f
from forge_run import KINDS, special

FORGERIES = []
HUGE = (2**31, 2**32 + 1, 2**60, 2**61, 2**63, 2**64 - 1)
MASS, TENSION, ROW = 0, 27, 4             # columns that every survey has (kernels/sample/record.h)


def forgery(function):
    """A function that changes a segment and says what it changed."""
    def forge(case):
        number = case.any_segment()
        s = case.segment(number)
        what = function(case.rnd, s, case)
        case.put_segment(number, s)
        return f"segment {number}: {what}"
    forge.__name__ = function.__name__
    FORGERIES.append(forge)
    return function


def file_forgery(function):
    """A function of the case, the number and the path of a segment."""
    def forge(case):
        number = case.any_segment()
        return f"segment {number}: {function(case, number, case.segment_path(number))}"
    forge.__name__ = function.__name__
    FORGERIES.append(forge)
    return function


def bounds(s):
    first = int(s.header[0]["first"])
    return first, first + int(s.header[0]["count"])


def change(rnd, array, key, values):
    value = rnd.choice(values) % f.WRAP
    before = int(array[key])
    array[key] = value
    return f"{key} {before} made {value}"


@forgery
def header_count(rnd, s, _):
    key = rnd.choice(("n_knots", "cells", "n_nearest", "n_survivors", "survivor_words"))
    n = int(s.header[0][key])
    return change(rnd, s.header[0], key, (n + 1, n - 1, 0 if n else 3, *HUGE))


@forgery
def header_sizes_that_overflow(rnd, s, _):
    """Two counts whose bytes cancel modulo 2^64, so that the whole length seems right."""
    sizes = {"n_knots": f.KNOT.itemsize, "cells": 8, "n_nearest": 16,
             "survivor_words": 2}
    a = rnd.choice(sorted(sizes))
    n = int(s.header[0][a])
    power = 64 - (sizes[a] & -sizes[a]).bit_length() + 1
    s.header[0][a] = (n + 2**power) % f.WRAP
    return f"{a} {n} + 2^{power}"


@forgery
def header_counts_that_balance(rnd, s, _):
    """One knot or bin fewer, that many words of survivors more: the length is the same."""
    key, size = rnd.choice((("n_nearest", 16), ("n_knots", f.KNOT.itemsize)))
    n = rnd.choice((1, -1))
    s.header[0][key] = (int(s.header[0][key]) - n) % f.WRAP
    s.header[0]["survivor_words"] = (int(s.header[0]["survivor_words"]) + n * size // 2) % f.WRAP
    return f"{key} {-n:+}, survivor_words {n * size // 2:+}"


@forgery
def header_range(rnd, s, _):
    key = rnd.choice(("first", "count"))
    n = int(s.header[0][key])
    return change(rnd, s.header[0], key, (n + 1, n - 1, n + 4096, 0 if n else 1, *HUGE))


@forgery
def header_identity(rnd, s, _):
    if rnd.random() < 0.5:
        return change(rnd, s.header[0], "config_hash", (0, 1, 2**64 - 1))
    s.header["magic"] = rnd.choice((b"BL23SEG1", b"BL23SEG9", b"", b"\x89HDF\r\n\x1a\n"))
    return "magic"


@forgery
def drawn(rnd, s, _):
    n = int(s.tallies[0]["drawn"])
    return change(rnd, s.tallies[0], "drawn", (0, n + 1, n - 1, 2 * n, *HUGE))


@forgery
def passed(rnd, s, _):
    key = rnd.choice(("passed", "passed_1sigma"))
    n = int(s.tallies[0]["passed"])
    values = (n + 1, int(s.tallies[0]["drawn"]) + 1, *HUGE)
    return change(rnd, s.tallies[0], key, values + ((n - 1, 0) if n and key == "passed" else ()))


@forgery
def knot_counts(rnd, s, _):
    knot = s.knots[rnd.randrange(len(s.knots))]
    key = rnd.choice(("drawn", "passed", "cutflow_drawn"))
    n = int(knot[key])
    return "knot: " + change(rnd, knot, key, (n + 1, n - 1, n + 10**6, *HUGE))


@forgery
def cutflow(rnd, s, case):
    """A constraint that more samples pass than were looked at, or than pass the one before it."""
    knot = s.knots[rnd.randrange(len(s.knots))]
    key, n = rnd.choice(("sequential", "alone")), int(knot["cutflow_drawn"])
    at = rnd.randrange(case.survey.constraints)
    knot[key][at] = rnd.choice((n + 1, *HUGE))
    return f"{key}[{at}] is {knot[key][at]} of {n}"


@forgery
def cutflow_that_rises(rnd, s, case):
    knot = s.knots[rnd.randrange(len(s.knots))]
    at = case.survey.constraints - 1
    if at == 0:
        knot["sequential"][0] = int(knot["cutflow_drawn"]) + 1
    else:
        knot["sequential"][at] = int(knot["sequential"][at - 1]) + 1
    return f"sequential {knot['sequential'][:at + 1]}"


@forgery
def constraints_that_are_not_there(rnd, s, case):
    knot = s.knots[rnd.randrange(len(s.knots))]
    at = rnd.randrange(case.survey.constraints, f.CONSTRAINTS)
    knot[rnd.choice(("sequential", "alone"))][at] = rnd.choice((1, 2**64 - 1))
    return f"a count of constraint {at} of {case.survey.constraints}"


@forgery
def histogram(rnd, s, _):
    """More or fewer entries than survivors."""
    axis, bin_ = rnd.randrange(f.AXES), rnd.randrange(f.BINS_ALL)
    n = int(s.tallies[0]["histogram"][axis][bin_])
    s.tallies[0]["histogram"][axis][bin_] = rnd.choice((n + 1, n + 2**20, *HUGE))
    return f"axis {axis}, bin {bin_}: {n} made {s.tallies[0]['histogram'][axis][bin_]}"


@forgery
def histogram_2d(rnd, s, case):
    if not s.histograms:
        return histogram(rnd, s, case)
    at = rnd.randrange(f.BINS**2)
    n = int(s.histograms[0][at])
    s.histograms[0][at] = rnd.choice((n + 1, *HUGE))
    return f"bin {at}: {n} made {s.histograms[0][at]}"


@forgery
def extremum_index(rnd, s, _):
    first, end = bounds(s)
    at = rnd.randrange(2), rnd.choice((MASS, TENSION, ROW)), rnd.randrange(2)
    e = s.tallies[0]["extremum"][at]
    e["index"] = rnd.choice((end, first - 1 if first else end + 1, 2**63, 2**64 - 2))
    if rnd.random() < 0.5:
        e["value"] = (-1e300, 1e300)[at[2]]
    s.tallies[0]["extremum"][at] = e
    return f"extremum {at}: value {e['value']}, index {e['index']}"


@forgery
def extremum_value(rnd, s, _):
    """A value that no sample has: not a number, infinite, beyond, or one where nothing survived."""
    first, _ = bounds(s)
    at = rnd.randrange(2), rnd.choice((MASS, TENSION, ROW)), rnd.randrange(2)
    value = rnd.choice((float("nan"), float("inf"), -float("inf"), (-1e300, 1e300)[at[2]]))
    s.tallies[0]["extremum"][at] = (value, first + rnd.randrange(100))
    return f"extremum {at}: value {value}"


@forgery
def nearest_index(rnd, s, _):
    first, end = bounds(s)
    index = rnd.choice((end, first - 1 if first else end + 9, 10**9, 2**63, 2**64 - 1))
    nearest = s.nearest.copy()
    if len(nearest) == 0:
        nearest = f.np.zeros(1, f.EXTREMUM)
    nearest[0] = (0.0, index)
    s.set_nearest(nearest)
    return f"nearest sample {index} of [{first}, {end})"


@forgery
def nearest_tension(rnd, s, _):
    """A tension that the sample does not have, small enough to be among the nearest of all."""
    first, _ = bounds(s)
    nearest = s.nearest.copy() if len(s.nearest) else f.np.zeros(1, f.EXTREMUM)
    value = rnd.choice((float("nan"), -1.0, -float("inf"), 0.0, 1e-9, -0.0))
    nearest[0] = (value, first + 7 + rnd.randrange(1000))
    s.set_nearest(nearest)
    return f"nearest tension {value}"


@forgery
def too_many_nearest(rnd, s, _):
    first, end = bounds(s)
    n = rnd.choice((21, 1000, 8000))
    s.set_nearest([(1e-3, i) for i in range(first, min(first + n, end))])
    return f"{n} nearest"


@forgery
def nearest_twice(_, s, __):
    first, _ = bounds(s)
    one = s.nearest[0] if len(s.nearest) else (0.5, first)
    s.set_nearest([one] * 20)
    return "one sample 20 times among the nearest"


# ---- the list of survivors ----

@forgery
def survivor_order(rnd, s, _):
    found = s.survivors() or [bounds(s)[0] + 5, bounds(s)[0] + 3]
    if rnd.random() < 0.3:
        found.reverse()
    else:
        at = rnd.randrange(len(found))
        found.insert(rnd.randrange(len(found) + 1), found[at])
    s.set_survivors(found)
    return "survivors out of order or twice"


@forgery
def survivor_range(rnd, s, _):
    first, end = bounds(s)
    far = rnd.choice((end, end + 4096 * 7, 2**40, 2**63, 2**64 - 1,
                      first - 1 if first else end + 1))
    found = s.survivors()
    if found and rnd.random() < 0.7:
        found.pop()                                   # as many as passed
    s.set_survivors(sorted(found + [far]))
    return f"survivor {far} of [{first}, {end})"


@forgery
def survivor_that_does_not_survive(rnd, s, case):
    """In a survey that keeps all: one of another sample in the place of a survivor."""
    first, end = bounds(s)
    found = s.survivors()
    others = sorted(set(range(first, end)) - set(found))
    stranger = others[rnd.randrange(len(others))]
    if found and case.survey.keeps_all:
        found.pop(rnd.randrange(len(found)))
    s.set_survivors(sorted(found + [stranger] + (others[:1] if not case.survey.keeps_all else [])))
    if not case.survey.keeps_all:                      # there are more of them than passed
        s.tallies["passed"] = len(s.survivors()) - 1
    return f"sample {stranger} in the list"


@forgery
def survivors_left_out(rnd, s, case):
    found = s.survivors()
    if not found or not case.survey.keeps_all:
        return survivor_order(rnd, s, case)
    n = rnd.choice((1, len(found)))
    s.set_survivors(found[n:])
    return f"{n} survivors left out"


@forgery
def survivor_words(rnd, s, _):
    """Heads, offsets and counts that do not fit each other."""
    words = s.words.tolist() or [0, 0, 0, 0, 1]
    kind = rnd.choice(("head", "offset", "cut", "more", "noise", "zeros"))
    if kind == "head":
        words[rnd.randrange(4)] ^= 1 << rnd.randrange(16)
    elif kind == "offset":
        words[-1] = rnd.choice((4096, 65535, 0x8000))
    elif kind == "cut":
        words = words[:rnd.randrange(len(words))]
    elif kind == "more":
        words += [0] * rnd.choice((1, 3, 4, 5))
    elif kind == "noise":
        words = [rnd.randrange(2**16) for _ in words]
    else:
        words = [0] * rnd.choice((4, 5, 5000))
    s.set_words(words, rnd.choice((None, len(words), 0)))
    return f"words of survivors: {kind}"


# ---- segments as files ----

@file_forgery
def cut_segment(case, number, path):
    size = os.path.getsize(path)
    length = case.rnd.choice((0, 1, 71, 72, 80, size - 8, size - 1, case.rnd.randrange(size)))
    os.truncate(path, length)
    if case.rnd.random() < 0.6:
        case.fit_line(number)
    return f"cut to {length} of {size} bytes"


@file_forgery
def longer_segment(case, number, path):
    more = case.rnd.choice((1, 8, 4096, 2**20))
    with open(path, "ab") as file:
        file.write(bytes([case.rnd.randrange(256)]) * more)
    if case.rnd.random() < 0.6:
        case.fit_line(number)
    return f"{more} bytes longer"


@file_forgery
def sparse_segment(case, _, path):
    size = 2**40
    try:
        os.truncate(path, size)
    except OSError:
        size = 2**34
        os.truncate(path, size)
    return f"{size} bytes, sparse"


@file_forgery
def special_segment(case, _, path):
    return special(case, path, case.rnd.choice(KINDS), path)


@file_forgery
def segment_that_may_not_be_read(case, _, path):
    """A reason of the machine: it says nothing about the bytes, which must stay where they are."""
    case.locked(path)
    return "permission denied"


@file_forgery
def missing_segment(_, __, path):
    os.remove(path)
    return "is gone"


@file_forgery
def rotten_segment(case, _, path):
    with open(path, "r+b") as file:
        raw = bytearray(file.read())
        for _ in range(case.rnd.choice((1, 30))):
            raw[case.rnd.randrange(len(raw))] ^= 1 << case.rnd.randrange(8)
        file.seek(0)
        file.write(raw)
    return "flipped bits"


@file_forgery
def random_header_word(case, number, _):
    s = case.segment(number)
    at = 8 * case.rnd.randrange(1, f.HEADER.itemsize // 8)
    data = s.bytes()
    word = case.rnd.getrandbits(64).to_bytes(8, "little")
    case.put_bytes(number, data[:at] + word + data[at + 8:])
    return f"any number at byte {at}"
