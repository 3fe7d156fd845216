#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The translator of PTX refuses what it does not know, and all arithmetic that ptxas may fuse, with the line and a
reason; what it knows it writes down.
"""
import os
import re
import sys

import survey_tools as t

KERNEL = """.version 9.0
.target sm_80
.address_size 64
.visible .entry _Z4testPd(
	.param .u64 p
)
.maxntid 128, 1, 1
{
	.reg .pred 	%p<9>;
	.reg .b32 	%r<9>;
	.reg .b64 	%rd<9>;
	.reg .f32 	%f<9>;
	.reg .f64 	%fd<9>;
$L__BB0_1:
	LINE
	ret;
}
"""
LINE = KERNEL.splitlines().index("\tLINE") + 1

KNOWN = {
    "fma.rn.f64 %fd1, %fd2, %fd3, 0d3FF0000000000000;":
        "fd1 = whole<f64, f64>(fma_rn<f64>(fd2, fd3, part<f64>(b64(0x3FF0000000000000u))))",
    "add.s32 %r1, %r2, -1;":
        "r1 = whole<b32, s32>(add<s32>(part<s32>(r2), s32(18446744073709551615u)))",
    "@!%p1 bra $L__BB0_1;": "if (!p1) goto at_L__BB0_1;",
    "cvt.u16.u32 %r1, %r2;": "r1 = whole<b32, u16>(cvt<u16, u32>(part<u32>(r2)))",
}

REFUSED = {
    # what ptxas may fuse, or rounds in another way
    "mul.f64 %fd1, %fd2, %fd3;": "mul.f64 has no .rn: ptxas may fuse it",
    "add.f64 %fd1, %fd2, %fd3;": "add.f64 has no .rn",
    "sub.f32 %f1, %f2, %f3;": "sub.f32 has no .rn",
    "mul.rn.ftz.f32 %f1, %f2, %f3;": "does not know mul.rn.ftz.f32",
    "mul.rz.f64 %fd1, %fd2, %fd3;": "mul.rz.f64",
    "fma.rn.sat.f32 %f1, %f2, %f3, %f4;": "does not know fma.rn.sat.f32",
    "div.approx.f32 %f1, %f2, %f3;": "does not know div.approx.f32",
    "sqrt.approx.f32 %f1, %f2;": "does not know sqrt.approx.f32",
    # other instructions and modifiers
    "dp4a.u32.u32 %r1, %r2, %r3, %r4;": "does not know dp4a.u32.u32",
    "ld.u32 %r1, [%rd1];": "which memory",
    "ld.local.u32 %r1, [%rd1];": "ld.local.u32",
    "ld.volatile.global.u32 %r1, [%rd1];": "ld.volatile.global.u32",
    "ld.global.nc.u32 %r1, [%rd1];": "ld.global.nc.u32",
    "atom.global.exch.b32 %r1, [%rd1], %r2;": "atom.global.exch.b32",
    "red.global.add.u32 [%rd1], %r2;": "red.global.add.u32",
    "bar.sync 1;": "unknown barrier",
    "shfl.sync.down.b32 %r1, %r2, 1, 31, -1;": "shfl.sync.down.b32",
    "cvta.shared.u64 %rd1, %rd2;": "cvta.shared.u64",
    "call.uni f, (%r1);": "call.uni",
    "bra $L__BB0_2;": "unknown branch",
    "mov.u32 %r1, %clock;": "%clock is not a register",
    # operands
    "add.s32 %r1, %r2;": "2 operands, not 3",
    "add.s32 %rd1, %r2, %r3;": "%rd1 of class b64 cannot hold a s32",
    "add.s64 %rd1, %r2, %rd3;": "%r2 of class b32 cannot hold a s64",
    "add.rn.f64 %fd1, %fd2, 1;": "no constant of type f64",
    "add.s32 %r1, %r2, 4294967296;": "no constant of type s32",
    "add.s32 %r1, %r2, %r9;": "%r9 is not a register",
    "ld.global.v2.u32 %r1, [%rd1];": "of 1 elements",
    "ld.global.u32 %r1, [elsewhere];": "neither a register nor a variable",
    # lines
    ".local .align 8 .b8 depot[64];": "unknown in a kernel",
    ".reg .b128 %q<9>;": "unknown in a kernel",
    "add.s32 %r1, %r2, 1": "unknown in a kernel",
}

MODULES = {
    ".visible .entry _Z4testPd(": (".weak .entry _Z4testPd(", "unknown outside of kernels"),
    ".target sm_80": (".target sm_80, debug", "unknown outside of kernels"),
    ".maxntid 128, 1, 1": (".reqntid 128", "unknown before the body"),
    ".param .u64 p": (".param .u64 .ptr p", "unknown form"),
    "	ret;\n}": ("	ret;", "ends within a kernel"),
}


def translate(source, folder, *texts):
    """The finished translator, and what it wrote."""
    out, paths = os.path.join(folder, "out.cpp"), []
    if os.path.exists(out):
        os.remove(out)
    for k, text in enumerate(texts):
        paths.append(os.path.join(folder, f"{k}.ptx"))
        with open(paths[-1], "w", encoding="ascii") as f:
            f.write(text)
    done = t.run([sys.executable, "-B", os.path.join(source, "tests", "ptx", "ptx_translate.py"), *paths, "-o", out])
    return done, t.read(out).decode() if os.path.exists(out) else None


def check_refused(source, folder, text, what, why):
    done, written = translate(source, folder, text)
    t.check(done.returncode == 1 and written is None and re.search(why, done.stderr), f"refused: {what}", *t.told(done))


def main():
    _, source = t.arguments()
    folder = t.work_folder()
    for line, expected in KNOWN.items():
        done, written = translate(source, folder, KERNEL.replace("LINE", line))
        t.check(done.returncode == 0 and expected in written, f"translated: {line}", *t.told(done), written)
    for line, why in REFUSED.items():
        check_refused(source, folder, KERNEL.replace("LINE", line), line, f"line {LINE}: .*{re.escape(why)}")
    for line, (other, why) in MODULES.items():
        check_refused(source, folder, KERNEL.replace("	LINE\n", "").replace(line, other), other, re.escape(why))
    good = KERNEL.replace("LINE", "neg.f64 %fd1, %fd2;")
    done, _ = translate(source, folder, good, good.replace("sm_80", "sm_90"))
    t.check(done.returncode == 0, "targets that say the same", *t.told(done))
    done, written = translate(source, folder, good, good.replace("%fd2;", "%fd3;"))
    t.check(done.returncode == 1 and written is None and "does not say what" in done.stderr, "targets that differ",
            *t.told(done))
    t.finish()


main()
