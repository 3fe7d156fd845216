#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Peak memory of a survey does not grow with the number of samples.

open_question and fig3 with all columns stored, from 1e7 to 1e9 samples; 1e10 with BL23_SLOW=2.
"""
import os
import sys

import survey_tools as t

COUNTS = ["1e7", "1e8", "1e9"] + (["1e10"] if os.environ.get("BL23_SLOW") == "2" else [])
ALLOWED = 1.10                          # of the peak at the smallest number of samples


# A process inherits the peak of the one that starts it, so a bare interpreter does; it prints its own
# size before and the peak of the process after, in KiB, and the exit code.
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
    t.check(code == 0 and peak > own, "the command must succeed and need more than what starts it", own, peak, *t.told(done))
    return peak / 1024


def main():
    bl23, source = t.arguments()
    folder = t.work_folder()
    out = os.path.join(folder, "out.h5")
    cases = {"open_question": {}, "fig3": {"max_survivors": 100000}}
    for name, output in cases.items():
        shipped = os.path.join(source, "scripts", "surveys", name + ".yaml")
        config = t.with_changes(shipped, os.path.join(folder, name + ".yaml"), output={"store": "records", **output})
        peaks = []
        for count in COUNTS:
            peaks.append(peak_mib([bl23, "survey", config, "-o", out, "--samples", count, "--threads", 2, "--commit", 1, "--quiet"]))
            print(f"{name}: {count} samples, peak {peaks[-1]:.1f} MiB", flush=True)
            os.remove(out)
        t.check(max(peaks) <= ALLOWED * peaks[0] + 2, f"{name}: the peak is flat", peaks)
    t.finish()


if __name__ == "__main__":
    sys.exit(main())
