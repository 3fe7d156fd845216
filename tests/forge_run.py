# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Forged run folders: manifests and what lies about in OUT.run. Segments are in forge_segments.py.

Every forgery is a function of a case (forge_campaign.py). What it changes can be told from the
files alone; a lie that only a new computation could find (a count moved from one bin to another,
with all sums and checksums right) is not among them.
"""
import os
import shutil
import stat

import forge_formats as f
import survey_tools as t

FORGERIES = []


def forgery(function):
    FORGERIES.append(function)
    return function


def special(case, path, kind, target=None):
    """Put something that is no plain file at path; what a user could lose by it is protected."""
    genuine = t.read(target) if target and os.path.exists(target) else b"a file of the user\n" * 9
    if os.path.lexists(path):
        os.remove(path)
    if kind == "link":
        case.write(case.beside("user.txt"), genuine, protect=True)
        os.symlink(case.beside("user.txt"), path)
    elif kind == "dangling link":
        os.symlink(case.beside("not-there"), path)
        case.absent.add(case.beside("not-there"))
    elif kind == "FIFO":
        os.mkfifo(path)
    elif kind == "folder":
        os.mkdir(path)
        case.write(os.path.join(path, "mine.txt"), b"mine\n", protect=True)
    elif kind == "device":
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))       # /dev/zero
        except OSError:
            kind = "link to a device"                                    # only root may make one
    if kind == "link to a device":
        os.symlink("/dev/zero", path)
    elif kind == "link to itself":
        os.symlink(os.path.basename(path), path)
    elif kind == "empty":
        case.write(path, b"")
    return f"{os.path.basename(path)} is: {kind}"


KINDS = ("link", "dangling link", "FIFO", "folder", "device", "link to a device", "link to itself",
         "empty")


# ---- entries of the manifest that do not belong there, with segments that fit ----

def shifted(case, number, first, count=None):
    """A segment of the run as one of other samples: indices moved, all else as it was."""
    s = case.segment(number)
    delta = first - int(s.header[0]["first"])
    s.header["first"] = first % f.WRAP
    if count is not None:
        s.header["count"] = count % f.WRAP
    s.set_survivors([(i + delta) % f.WRAP for i in s.survivors()])
    move = f.np.uint64(delta % f.WRAP)
    s.nearest["index"] += move
    extremum = s.tallies[0]["extremum"]["index"]
    extremum[extremum != f.WRAP - 1] += move
    return s


@forgery
def entry_beyond_the_samples(case):
    step = case.rnd.choice((0, 1, 5, 2**20, 2**50))
    first = case.survey.samples + 4096 * step
    if step == 0:
        first = -first % 8192 + first     # on a boundary of tiles of all masses
    case.add_segment(shifted(case, case.any_segment(), first))
    return f"samples from {first}, of {case.survey.samples}"


@forgery
def entry_of_no_samples(case):
    s = shifted(case, case.any_segment(), 8192 * case.rnd.randrange(6), 0)
    if case.rnd.random() < 0.5:
        s.tallies["drawn"] = 0
    case.add_segment(s, at=case.rnd.choice((0, None)))
    return f"count 0 at {s.header[0]['first']}"


@forgery
def entry_that_wraps(case):
    first = f.WRAP - 8192 * case.rnd.choice((1, 2, 5))
    count = case.rnd.choice((8192, 16384, 40960, f.WRAP - 1, f.WRAP - 8192, 2**63))
    case.add_segment(shifted(case, case.any_segment(), first, count), at=case.rnd.choice((0, None)))
    return f"first {first}, count {count}"


@forgery
def entry_over_several(case):
    number, count = case.any_segment(), case.rnd.choice((8193, 16384, 40000, 2**40, f.WRAP - 1))
    s = case.segment(number)
    s.header["count"] = count
    case.add_segment(s, at=case.rnd.choice((0, None)))
    return f"[{s.header[0]['first']}, + {count}) with the results of 8192 samples"


@forgery
def genuine_overlap(case):
    name, data, text = case.survey.overlapping
    case.write(case.path(name), data)
    case.lines.insert(case.rnd.randrange(len(case.lines) + 1), text)
    return f"the genuine {name} beside the others"


@forgery
def segment_of_another_range(case):
    a, b = case.rnd.sample(range(len(case.entries)), 2)
    s = case.segment(b)
    if case.rnd.random() < 0.7:
        s.header["first"] = case.entries[a][0]
        s.header["count"] = case.entries[a][1]
    case.put_segment(a, s)
    return f"segment {b} under the name of {a}"


@forgery
def lines_change_places(case):
    """The ranges of two lines exchanged, each with the checksum of the other's segment."""
    a, b = case.rnd.sample(range(len(case.entries)), 2)
    texts = [case.lines[k].rsplit(b" line ", 1)[0].split(b" ", 3) for k in (a, b)]
    for k, (head, tail) in zip((a, b), ((texts[0], texts[1]), (texts[1], texts[0]))):
        case.lines[k] = f.seal_line(b" ".join(head[:3] + tail[3:]))
    return f"lines {a} and {b}"


# ---- numbers of a line ----

def with_field(case, number, name, value):
    body = case.lines[number].rsplit(b" line ", 1)[0].split(b" ")
    at = 1 if name == b"first" else 2 if name == b"count" else body.index(name) + 1
    body[at] = value
    case.lines[number] = f.seal_line(b" ".join(body))


@forgery
def wrong_passed(case):
    number = case.any_segment()
    value = case.rnd.choice((0, 1, 8193, 2**32, 2**63, f.WRAP - 1, f.WRAP, 10**30))
    with_field(case, number, b"passed", b"%d" % value)
    return f"line {number}: passed {value}"


@forgery
def wrong_bytes(case):
    number = case.any_segment()
    value = case.rnd.choice((0, 1, 2**31, 2**40, f.WRAP - 1, f.WRAP + 5, 10**30))
    with_field(case, number, b"bytes", b"%d" % value)
    return f"line {number}: bytes {value}"


@forgery
def odd_numbers(case):
    number, name = case.any_segment(), case.rnd.choice((b"first", b"count", b"passed", b"bytes"))
    value = case.rnd.choice((b"-1", b"-8192", b"+8192", b"0x2000", b"8192.0", b"1e3", b"", b" 8192",
                             b"\t8192", b"9" * 5000, b"%n", b"\xff"))
    with_field(case, number, name, value)
    return f"line {number}: {name.decode()} {value[:20]!r}"


@forgery
def another_configuration(case):
    number = case.any_segment()
    with_field(case, number, b"config", b"%016x" % case.rnd.choice((0, 1, f.WRAP - 1)))
    return f"line {number}"


# ---- lines as text ----

@forgery
def duplicate_lines(case):
    case.lines += [case.rnd.choice(case.lines) for _ in range(case.rnd.choice((1, 7, 500)))]
    case.rnd.shuffle(case.lines)
    return f"{len(case.lines)} lines"


@forgery
def foreign_lines(case):
    for _ in range(case.rnd.choice((1, 20))):
        text = case.rnd.choice((b"# my notes", b"segment", b"segment 0 8192", b"\xef\xbb\xbf", b" ",
                                b"line 0", f.seal_line(b"segment 0 8192 passed 1"),
                                f.seal_line(b""), b"segment 0 0 line " + b"0" * 16, b"%s%n%s"))
        case.lines.insert(case.rnd.randrange(len(case.lines) + 1), text)
    return "foreign text among the lines"


@forgery
def very_long_line(case):
    size = case.rnd.choice((300, 5000, 2**20, 2**24))
    text = case.rnd.choice((b"x", b"segment ", b"9", b" line ", b"\r"))
    case.lines.insert(case.rnd.randrange(2), text * (size // len(text)))
    return f"a line of {size} bytes of {text!r}"


@forgery
def very_many_lines(case):
    text = case.rnd.choice((b"x", b"", case.lines[0],
                            f.line(case.survey.samples + 8192, 8192, 1, 7000, 1, case.hash)))
    case.lines[1:1] = [text] * 100000
    return f"100000 times {text[:40]!r}"


@forgery
def nul_bytes(case):
    at = case.rnd.randrange(2)
    text = case.rnd.choice((b"\0", b"\0" * 100000, case.lines[0][:30] + b"\0" + case.lines[0][31:],
                            case.lines[0] + b"\0", b"\0" + case.lines[0]))
    case.lines.insert(at, text)
    return f"NUL bytes at line {at}"


@forgery
def other_line_ends(case):
    case.line_end = case.rnd.choice((b"\r\n", b"\r", b"\n\n\n", b"\n\r"))
    return f"line ends {case.line_end!r}"


@forgery
def no_end_of_the_last_line(case):
    case.last_end = case.rnd.choice((b"", b" ", b"\0"))
    return f"after the last line: {case.last_end!r}"


@forgery
def rotten_manifest(case):
    raw = bytearray(b"\n".join(case.lines) + b"\n")
    for _ in range(case.rnd.choice((1, 3, 40))):
        raw[case.rnd.randrange(len(raw))] ^= 1 << case.rnd.randrange(8)
    case.lines = bytes(raw).split(b"\n")
    return "flipped bits in the manifest"


# ---- manifests as files ----

@forgery
def special_manifest(case):
    name = case.rnd.choice(("manifest", "manifest", "manifest.00001"))
    if name == "manifest":
        case.lines = None
    return special(case, case.path(name), case.rnd.choice(KINDS), case.path("manifest"))


@forgery
def more_manifests(case):
    name = case.rnd.choice(("manifest.00001", "manifest.99999", "manifest.00000"))
    some = [case.rnd.choice(case.lines) for _ in range(9)]
    case.write(case.path(name), b"\n".join(some) + b"\n")
    return f"{name} with lines that are also in manifest"


# ---- the folder ----

STRANGERS = ("segment-notes.txt", "segment-0000000000000000-0000000000002000.bak", "manifest.bak",
             "manifest.txt", "manifest.1", "config.yaml.orig", "config.yaml~", "notes.txt",
             "Manifest", "segment-", "segment-0-8192", "manifest.", "lock.txt",
             "segment-000000000000000G-0")


@forgery
def foreign_files(case):
    names = case.rnd.sample(STRANGERS, case.rnd.choice((1, 3)))
    for name in names:
        mine = b"the user's\n" if case.rnd.random() < 0.6 else t.read(case.path("manifest"))
        case.write(case.path(name), mine, protect=True)
    return ", ".join(names)


@forgery
def foreign_folders(case):
    name = case.rnd.choice(("plots", "segment-plots", "manifest.d", "config.yaml.d"))
    os.mkdir(case.path(name))
    case.write(os.path.join(case.path(name), "mine.txt"), b"mine\n", protect=True)
    return name


@forgery
def special_lock(case):
    name = case.rnd.choice(("lock", "ranks.lock"))
    return special(case, case.path(name), case.rnd.choice(KINDS[:-1]))


@forgery
def special_configuration(case):
    return special(case, case.path("config.yaml"), case.rnd.choice(KINDS), case.path("config.yaml"))


@forgery
def altered_configuration(case):
    text = f.unseal_yaml(t.read(case.path("config.yaml")))
    a, b = case.rnd.choice(((b"seed: 3", b"seed: 4"), (b"samples: ", b"samples: 1"),
                            (b"sigma: 2", b"sigma: 1"), (b"survey:", b"# mine\nsurvey:"),
                            (b"survey:", b"survey: {}\nsurvey:"), (b"\n", b"\r\n"),
                            (b"survey:", b"\0survey:"), (b"survey:", b"&a [*a]\nsurvey:"),
                            (b"survey:", b"[" * 100000), (text, b""), (text, b"\xff" * 70000)))
    case.write(case.path("config.yaml"), f.seal_yaml(text.replace(a, b)))
    return f"{a[:20]!r} made {b[:20]!r} in config.yaml"


@forgery
def another_seed_under_this_hash(case):
    """The segments of one seed, the configuration and its hash of another: no survivor survives."""
    other = case.survey.other_seed
    if case.survey.name != "plain":
        return another_configuration(case)
    case.write(case.path("config.yaml"), other.yaml)
    case.hash = other.hash
    for number in range(len(case.entries)):
        s = case.segment(number)
        s.header["config_hash"] = other.hash
        case.put_segment(number, s)
    case.commands, case.expected = ["merge"], other.content
    return "segments of seed 3 in a run of seed 4"


USERS = {"notes.txt": b"notes\n", "segment-notes.txt": b"notes\n", "manifest.bak": b"old\n"}


def users_folder(case, path, names):
    os.mkdir(path)
    for name in names:
        data = USERS.get(name, b"the user's " + name.encode())
        case.write(os.path.join(path, name), data, protect=True)


@forgery
def folder_of_the_user(case):
    """OUT.run was there before bl23, and holds something else."""
    shutil.rmtree(case.run)
    case.lines = None
    own = case.rnd.choice(((), ("manifest",), ("config.yaml",), ("manifest", "config.yaml"),
                           ("lock",),
                           ("segment-0000000000000000-0000000000002000",), ("manifest.00001",)))
    users_folder(case, case.run, own + tuple(USERS))
    return f"a folder of the user with {', '.join(own + tuple(USERS))}"


@forgery
def no_folder(case):
    """OUT.run is no folder at all, or a link to one."""
    kind = case.rnd.choice(("file", "FIFO", "dangling link", "link", "link to a run",
                            "link to itself"))
    if kind == "link to a run":
        os.rename(case.run, case.beside("elsewhere"))
        os.symlink(case.beside("elsewhere"), case.run)
        return kind
    shutil.rmtree(case.run)
    case.lines = None
    if kind == "file":
        case.write(case.run, b"a file of the user\n", protect=True)
    elif kind == "link":
        users_folder(case, case.beside("elsewhere"), ("manifest", "config.yaml") + tuple(USERS))
        os.symlink(case.beside("elsewhere"), case.run)
    else:
        special(case, case.run, kind)
    return f"OUT.run is: {kind}"
