#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""How fast and in how much memory bl23 merges parts, beside the disk's own speed in the same
folder.

Two parts of fig3 are computed, with as many survivors as asked for; the merge is timed with its
peak of memory. The disk's time is that of reading the same segments once and writing as many bytes
as the output has, with fsync. With --cold (root) the page cache is dropped before each of the two.

With --segments N instead: N small segments of open_question (256 masses) in one folder, their lines
dealt to the manifests of 512 ranks, as a job of so many would leave them.

    bench/bench_merge.py --bl23 build/release/bin/bl23 [--segments N] [--survivors 1e8] [--store
    index] [--folder DIR] [--cold]
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ACCEPTANCE = 0.0453                     # of fig3, a little low: there shall be enough survivors
BLOCK = 1 << 22
RANKS = 512


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"bench: {' '.join(done.args)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as f:
        f.write("3")


def timed(command):
    """Seconds and peak MiB of one process."""
    begin = time.monotonic()
    pid = os.posix_spawn(command[0], command, os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"bench: {' '.join(command)} failed")
    return time.monotonic() - begin, usage.ru_maxrss / 1024


def disk_seconds(paths, bytes_out, target):
    """Read every file once, then write `bytes_out` bytes and sync them."""
    begin = time.monotonic()
    for path in paths:
        with open(path, "rb", buffering=0) as f:
            while f.read(BLOCK):
                pass
    read = time.monotonic() - begin
    begin, block = time.monotonic(), os.urandom(BLOCK)
    with open(target, "wb", buffering=0) as f:
        for at in range(0, bytes_out, BLOCK):
            f.write(block[:min(BLOCK, bytes_out - at)])
        os.fsync(f.fileno())
    written = time.monotonic() - begin
    os.remove(target)
    return read, written


def make_parts(options, folder, survivors):
    config = os.path.join(folder, "merge.yaml")
    with open(os.path.join(ROOT, "scripts", "surveys", "fig3.yaml"), encoding="utf-8") as f:
        survey = yaml.safe_load(f)
    survey["output"].update(store=options.store, max_survivors=survivors)
    with open(config, "w", encoding="utf-8") as f:
        yaml.safe_dump(survey, f, sort_keys=False)
    samples = int(survivors / ACCEPTANCE)
    parts = [os.path.join(folder, name) for name in ("one.h5", "two.h5")]
    for part, first, count in ((parts[0], 0, samples // 2),
                               (parts[1], samples // 2, samples - samples // 2)):
        say(run([options.bl23, "survey", config, "--samples", samples, "--first", first, "--count",
                 count, "-o", part, "--quiet"]))
    return parts


def make_segments(options, folder):
    part, unit = os.path.join(folder, "one.h5"), 65536
    samples = unit * options.segments
    say(run([options.bl23, "survey", os.path.join(ROOT, "scripts", "surveys", "open_question.yaml"),
             "--samples", samples, "--first", 0,
             "--count", samples, "-o", part, "--quiet", "--range", unit, "--commit", 0]))
    with open(part + ".run/manifest", encoding="ascii") as f:
        lines = f.readlines()
    for rank in range(RANKS):
        with open(part + (f".run/manifest.{rank:05d}" if rank else ".run/manifest"), "w",
                  encoding="ascii") as f:
            f.writelines(lines[rank::RANKS])
    return [part]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--bl23", required=True)
    parser.add_argument("--segments", type=int, default=0)
    parser.add_argument("--survivors", type=float, default=1e8)
    parser.add_argument("--store", choices=("index", "records"), default="index")
    parser.add_argument("--folder", default=None)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="bl23-merge-", dir=options.folder)
    try:
        parts = (make_segments(options, folder) if options.segments
                 else make_parts(options, folder, int(options.survivors)))
        segments = [os.path.join(p + ".run", n) for p in parts
                    for n in sorted(os.listdir(p + ".run")) if n.startswith("segment-")]
        out, rows = os.path.join(folder, "out.h5"), []
        for _ in range(options.repeats):
            if options.cold:
                drop_caches()
            seconds, peak = timed([options.bl23, "merge", *parts, "-o", out, "--force"])
            size = os.path.getsize(out)
            if options.cold:
                drop_caches()
            read, written = disk_seconds(segments, size, os.path.join(folder, "plain"))
            rows.append({"merge_s": seconds, "peak_mib": peak, "disk_read_s": read,
                         "disk_write_s": written, "ratio": seconds / (read + written)})
            say(f"merge {seconds:.2f} s, {peak:.0f} MiB; disk {read:.2f} + {written:.2f} s; ratio "
                f"{rows[-1]['ratio']:.2f}")
        print(json.dumps({"survivors": None if options.segments else options.survivors,
                          "store": options.store, "cold": options.cold, "segments": len(segments),
                          "bytes_in": sum(map(os.path.getsize, segments)), "bytes_out": size,
                          "runs": rows}, indent=1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
