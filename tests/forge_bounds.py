# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Forged files of certificates, and what --verify may accept of them.

A forged file may be accepted only if all it claims is as true as what the program claimed: the same
numbers, or weaker ones (a smaller lower bound, a larger upper one) under a proof that holds.
"""
import copy
import json
import math
import re

import forge_formats as f

FORGERIES = []
ROW = [f"wu1{i}_{part}" for i in (1, 2, 3) for part in ("abs", "phase")]


def made(change, function, genuine):
    """The forgery of that name: the first of some tries that changes anything."""
    def forge(case):
        for _ in range(50):
            what, text = change(case)
            if text != genuine(case):
                case.put_bound(text)
                return what
        raise ValueError(f"{function.__name__} changes nothing")
    forge.__name__ = function.__name__
    FORGERIES.append(forge)
    return function


def forgery(function):
    """A function that changes the content of a file; the checksum fits."""
    def change(case):
        content = copy.deepcopy(case.content)
        what = function(case.rnd, content)
        return what, f.bound_bytes(content)
    return made(change, function, lambda case: f.bound_bytes(case.content))


def text_forgery(function):
    """A function that changes the text; sealed where it says so."""
    return made(lambda case: function(case.rnd, case.bound_text), function,
                lambda case: case.bound_text)


def any_mass(rnd, content):
    return rnd.choice([m for m in content["masses"] if m["possible"]] or content["masses"])


def answers(mass):
    """(name, object) of all answers of a mass."""
    found = [(q, mass[q]) for q in ("tension", "largest_g", "smallest_g") if q in mass]
    return found + sorted(mass.get("relief", {}).items())


def any_answer(rnd, content, with_row=False):
    some = [(question, answer) for mass in content["masses"] for question, answer in answers(mass)
            if not with_row or "wu11_abs" in answer]
    return rnd.choice(some)


def places(node, path=()):
    """(container, key, path) of every value that is not an object or a list."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in list(items):
        if isinstance(value, (dict, list)):
            yield from places(value, path + (key,))
        yield node, key, path + (key,)


# ---- claims ----

@forgery
def lower_bound(rnd, content):
    name, a = any_answer(rnd, content)
    before = a["lower"]
    a["lower"] = rnd.choice((before * 1.001 + 1e-30, before * (1 + 1e-9) + 1e-30, before * 2 + 1.0,
                             1e300, before / 2, 0.0, -1.0, -0.0))
    return f"{name}: lower {before} made {a['lower']}"


@forgery
def upper_bound(rnd, content):
    name, a = any_answer(rnd, content)
    before = a["upper"]
    n = before if isinstance(before, float) else 1.0
    a["upper"] = rnd.choice((n * 0.999, n * (1 - 1e-9), n / 2, 0.0, -1.0, n * 1.5, 1e300, None,
                             "inf"))
    return f"{name}: upper {before} made {a['upper']}"


@forgery
def both_bounds(rnd, content):
    """The whole answer moved, so that lower <= upper stays."""
    name, a = any_answer(rnd, content)
    factor = rnd.choice((0.5, 0.99, 1.01, 2.0, 1e10))
    for key in ("lower", "upper"):
        if isinstance(a[key], float):
            a[key] *= factor
    return f"{name}: both bounds times {factor}"


@forgery
def crossed_bounds(rnd, content):
    name, a = any_answer(rnd, content)
    upper = a["upper"] if isinstance(a["upper"], float) else 1.0
    a["lower"], a["upper"] = upper * 1.01 + 1e-12, upper
    return f"{name}: lower above upper"


@forgery
def state(rnd, content):
    mass = any_mass(rnd, content)
    before = mass["state"]
    states = ("excluded", "open", "undecided", "", "x" * 5000)
    mass["state"] = rnd.choice([s for s in states if s != before])
    if rnd.random() < 0.5 and "tension" in mass:
        bounds = {"excluded": {"lower": 1.5, "upper": 2.0}, "open": {"lower": 0.1, "upper": 0.5}}
        mass["tension"].update(bounds.get(mass["state"], {}))
    return f"state {before} made {mass['state'][:20]}"


@forgery
def possible(rnd, content):
    mass = rnd.choice(content["masses"])
    mass["possible"] = rnd.choice((not mass["possible"], 1, 0, "true", None))
    if mass["possible"] is False and rnd.random() < 0.5:
        for key in [k for k in mass if k not in ("mass_gev", "state", "possible", "decided_by")]:
            del mass[key]
        mass["state"] = "excluded"
    return f"possible {mass['possible']!r}"


@forgery
def largest_g(rnd, content):
    mass = any_mass(rnd, content)
    keys = ("g_max_proven", "g_max_reached", "g_min_asked")
    key = rnd.choice([k for k in keys if k in mass] or ["mass_gev"])
    before = mass[key]
    mass[key] = (before or 1.0) * rnd.choice((0.5, 1 - 1e-9, 1 + 1e-9, 2.0, 0.0, -1.0))
    return f"{key} {before} made {mass[key]}"


@forgery
def mass_value(rnd, content):
    mass = rnd.choice(content["masses"])
    mass["mass_gev"] *= rnd.choice((1 + 1e-15 * 4, 1.001, 2.0, -1.0, 0.0))
    return f"mass_gev {mass['mass_gev']}"


@forgery
def masses(rnd, content):
    kind = rnd.choice(("exchanged", "one less", "one more", "the same twice", "none", "no list"))
    m = content["masses"]
    content["masses"] = {"exchanged": m[::-1], "one less": m[1:], "one more": m + m[:1],
                         "the same twice": [m[0]] * len(m), "none": [], "no list": {}}[kind]
    return f"masses: {kind}"


@forgery
def answers_exchanged(rnd, content):
    a, b = content["masses"][0], content["masses"][-1]
    keys = [k for k in a if k in b and k != "mass_gev"]
    for key in keys if rnd.random() < 0.5 else [rnd.choice(keys)]:
        a[key], b[key] = b[key], a[key]
    return "answers of two masses exchanged"


@forgery
def answer_removed(rnd, content):
    mass = any_mass(rnd, content)
    key = rnd.choice([k for k in mass if k != "mass_gev"])
    del mass[key]
    return f"without {key}"


# ---- witnesses ----

@forgery
def row(rnd, content):
    name, a = any_answer(rnd, content, with_row=True)
    kind = rnd.choice(("scaled", "negative", "turned", "another", "nothing", "huge"))
    at = rnd.randrange(3)
    modulus, phase = ROW[2 * at], ROW[2 * at + 1]
    if kind == "scaled":
        factor = rnd.choice((2.0, 0.5, 1 + 1e-9))
        for key in ROW[::2]:
            a[key] *= factor
    elif kind == "negative":
        a[modulus], a[phase] = -a[modulus], a[phase] + (math.pi if a[phase] <= 0 else -math.pi)
    elif kind == "turned":
        a[phase] += rnd.choice((2 * math.pi, -2 * math.pi, 200 * math.pi))
    elif kind == "another":
        a[phase] += 1.0 if a[phase] < 2 else -1.0
        a[modulus], a[ROW[2 * ((at + 1) % 3)]] = a[ROW[2 * ((at + 1) % 3)]], a[modulus]
    else:
        a[modulus] = 0.0 if kind == "nothing" else 1e200
    return f"{name}: row {kind}"


@forgery
def coupling(rnd, content):
    name, a = any_answer(rnd, content, with_row=True)
    before = a.get("g_bl") or 1.0
    a["g_bl"] = rnd.choice((0.0, -before, before * 2, before * 1e5, 11.0, 1e300, None,
                            before * (1 + 1e-6)))
    return f"{name}: g_bl {before} made {a['g_bl']}"


# ---- certificates ----

@forgery
def parts(rnd, content):
    name, a = any_answer(rnd, content)
    leaves = a["certificate"]
    kind = rnd.choice(("one less", "one twice", "none", "reversed", "no list", "many",
                       "not an object"))
    a["certificate"] = {"one less": leaves[1:], "one twice": leaves + leaves[:1], "none": [],
                        "reversed": leaves[::-1], "no list": {}, "many": leaves * 2000,
                        "not an object": [[]] * max(1, len(leaves))}[kind]
    return f"{name}: parts: {kind}"


@forgery
def path(rnd, content):
    leaves = [leaf for m in content["masses"] for _, a in answers(m) for leaf in a["certificate"]]
    if not leaves:
        return state(rnd, content)
    leaf = rnd.choice(leaves)
    before = leaf["part"]
    leaf["part"] = rnd.choice((before + "+", before[:-1], "-", "x", "0" * 95, "d" * 95,
                               "u01234567" * 10, "u" * 5000, "dD" * 40, "\0+", "%n", None, 5))
    return f"part {before!r} made {str(leaf['part'])[:30]!r}"


@forgery
def multipliers(rnd, content):
    leaves = [leaf for m in content["masses"] for _, a in answers(m) for leaf in a["certificate"]]
    if not leaves:
        return state(rnd, content)
    numbers = rnd.choice(leaves)["multipliers"]
    kind = rnd.choice(("one", "sign", "all", "one less", "one more", "zeros", "type"))
    at = rnd.randrange(len(numbers))
    if kind == "one":
        numbers[at] = rnd.choice((1.0, -1.0, 1e300, -1e300, 1e-300, 5e-324))
    elif kind == "sign":
        numbers[at] = -numbers[at] if numbers[at] else -1e-3
    elif kind == "type":
        numbers[at] = rnd.choice((None, "1.0", True, [], {}))
    else:
        numbers[:] = {"all": [1e300] * len(numbers), "one less": numbers[1:],
                      "one more": numbers + [0.0], "zeros": [0.0] * len(numbers)}[kind]
    return f"multipliers: {kind} at {at}"


# ---- anything ----

@forgery
def any_value(rnd, content):
    node, key, where = rnd.choice([p for p in places(content) if p[2][0] not in ("checksum",)])
    before = node[key]
    choices = [None, True, False, "", "0", 0, 1, -1, 2**63, 10**30, [], {}, [before], {"x": before},
               "\u0000"]
    if isinstance(before, float):
        choices += [before * 1.01 + 1e-3, -before - 1e-3, 1e308, 5e-324, str(before)] * 3
    node[key] = rnd.choice([c for c in choices if c != before or type(c) is not type(before)])
    return f"{'/'.join(map(str, where))}: {str(before)[:30]} made {str(node[key])[:30]}"


@forgery
def a_value_that_is_gone(rnd, content):
    node, key, where = rnd.choice([p for p in places(content) if isinstance(p[0], dict)])
    del node[key]
    return f"without {'/'.join(map(str, where))}"


@forgery
def a_member_more(rnd, content):
    nodes = [content] + [n[k] for n, k, _ in places(content) if isinstance(n[k], dict)]
    node = rnd.choice(nodes)
    key = rnd.choice(("note", "lower2", "", "g_BL", "v", "__proto__", "x" * 5000))
    node[key] = rnd.choice((1.0, "note", {}, [[]], None))
    return f"a member more: {key[:20]!r}"


@forgery
def heading(rnd, content):
    key = rnd.choice(("constraints", "config"))
    old = content[key]
    content[key] = rnd.choice(("", "x", "survey: {}", old.replace("0", "1"), old + " ",
                               "&a [*a, *a]", "[" * 50000, "\u0000", old * 300))
    return f"{key} altered"


@text_forgery
def version(rnd, text):
    value = rnd.choice((b"3.0", b'"3"', b"30", b"3e0", b"2", b"4", b"6", b"-3", b"03", b"null",
                        b"3" * 400))
    text = re.sub(rb'(?<="format_version": )\d+', lambda _: value, text, count=1)
    return f"{value[:20]!r}", f.seal_text(text)


@text_forgery
def twice(rnd, text):
    """A name twice in one object: which of both counts?"""
    name, value = rnd.choice(((b'"state": ', b'"excluded"'), (b'"lower": ', b"99.0"),
                              (b'"masses": ', b"[]"), (b'"part": ', b'""')))
    return f"{name!r}", f.seal_text(text.replace(name, name + value + b", " + name, 1))


@text_forgery
def odd_numbers(rnd, text):
    at = text.find(b'"lower": ') + 9
    end = min(k for k in (text.find(c, at) for c in (b",", b"}", b"\n")) if k > 0)
    value = rnd.choice((b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1e-999", b"0x1p0",
                        b"1" * 400, b"01.5", b"1.5.5", b"'1.5'", b"1e", b"-"))
    return f"lower {value[:20]!r}", f.seal_text(text[:at] + value + text[end:])


@text_forgery
def around(rnd, text):
    kind = rnd.choice(("behind", "another object behind", "NUL", "deep", "cut", "bytes", "before"))
    list_ = b'"masses": ['
    new = {"behind": text + b"garbage", "another object behind": text + text,
           "NUL": text + b"\0" * 9, "deep": text.replace(list_, list_ + b"[" * 100000, 1),
           "cut": text[:rnd.randrange(len(text))], "before": b" " + text,
           "bytes": text.replace(b"open", b"\xff\xfe").replace(b"excluded", b"\xc0\x80")}[kind]
    return kind, f.seal_text(new) if b'"checksum": "' in new else new


@text_forgery
def rot(rnd, text):
    raw = bytearray(text)
    for _ in range(rnd.choice((1, 1, 9))):
        raw[rnd.randrange(len(raw))] ^= 1 << rnd.randrange(8)
    return "flipped bits", bytes(raw) if rnd.random() < 0.5 else f.seal_text(bytes(raw))


# ---- what may be accepted ----

def differences(old, new, path=()):
    """(path, old, new) of every value that differs, a missing one as KeyError."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from differences(old.get(key, KeyError), new.get(key, KeyError), path + (key,))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for k, (a, b) in enumerate(zip(old, new)):
            yield from differences(a, b, path + (k,))
    elif {type(old), type(new)} <= {int, float}:
        if old != new:
            yield path, old, new
    elif old != new or type(old) is not type(new):
        yield path, old, new


def pairs_of(members):
    keys = [k for k, _ in members]
    if len(set(keys)) != len(keys):
        raise ValueError("a name twice")
    return dict(members)


def weaker(key, old, new):
    """Does a changed number claim less than the program did?"""
    if not isinstance(new, (int, float)) or isinstance(new, bool) or not math.isfinite(new):
        return False
    if key in ("lower", "g_max_reached"):
        return 0 <= new < old
    if key in ("upper", "g_max_proven"):
        return isinstance(old, float) and new > old
    return False


ROUNDING = 1e-12                          # that --verify leaves a row (docs/bound.md)


def same_but_for_rounding(old, new):
    return (isinstance(old, float) and isinstance(new, float)
            and abs(old - new) <= ROUNDING * max(abs(old), abs(new)))


def false_claim(old, text):
    """What an accepted file claims that the program did not; None if nothing."""
    try:
        new = json.loads(text.decode(), object_pairs_hook=pairs_of)
    except ValueError as error:
        return f"it is no JSON: {error}"
    for path, a, b in differences(old, new):
        key = path[-1]
        if path == ("checksum",) or weaker(key, a, b) or same_but_for_rounding(a, b):
            continue
        if "certificate" in path and {type(a), type(b)} in ({list}, {str}, {float}, {float, int}):
            continue      # another proof of the same, or of less: it was checked
        if key == "state" and b == "undecided" or key == "decided_by" and isinstance(b, str):
            continue
        return f"{'/'.join(map(str, path))}: {str(a)[:40]} is now {str(b)[:40]}"
    return None
