#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Peak memory of a survey does not grow with the number of samples.

open_question and fig3 with all columns stored, from 1e7 to 1e9 samples; 1e10 with BL23_SLOW=2.
"""

import os
import sys

import pytest

import survey_tools as t

COUNTS = ["1e7", "1e8", "1e9"] + (["1e10"] if os.environ.get("BL23_SLOW") == "2" else [])
ALLOWED = 1.10  # of the peak at the smallest number of samples


# A process inherits the peak of the one that starts it, so a bare interpreter does; it prints its
# own size before and the peak of the process after, in KiB, and the exit code.
STARTER = """import os, sys
own = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024
pid = os.fork()
if pid == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(pid, 0)
print(own, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


def peak_mib(command):
    """Peak resident set of one process [MiB]."""
    done = t.run([sys.executable, "-I", "-S", "-c", STARTER, *command], timeout=7200)
    own, peak, code = (int(x) for x in done.stdout.split())
    assert code == 0 and peak > own, t.note(
        "the command must succeed and need more than what starts it", own, peak, t.told(done)
    )
    return peak / 1024


@pytest.mark.parametrize(
    "name, output", (("open_question", {}), ("fig3", {"max_survivors": 100000}))
)
def test_memory(bl23, surveys, folder, name, output):
    out, peaks = os.path.join(folder, "out.h5"), []
    shipped, config = os.path.join(surveys, name + ".yaml"), os.path.join(folder, name + ".yaml")
    t.with_changes(shipped, config, output={"store": "records", **output})
    options = ["-o", out, "--threads", 2, "--commit", 1, "--quiet"]
    for count in COUNTS:
        peaks.append(peak_mib([bl23, "survey", config, *options, "--samples", count]))
        print(f"{name}: {count} samples, peak {peaks[-1]:.1f} MiB", flush=True)
        os.remove(out)
    assert max(peaks) <= ALLOWED * peaks[0] + 2, f"the peak is not flat: {peaks}"
