#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The translator of PTX refuses what it does not know, and all arithmetic that ptxas may fuse.

It names the line and a reason; what it knows it writes down.
"""

import os
import re
import sys

import pytest

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
    "fma.rn.f64 %fd1, %fd2, %fd3, 0d3FF0000000000000;": (
        "fd_1 = whole<f64, f64>(fma_rn<f64>(fd_2, fd_3, part<f64>(b64(0x3FF0000000000000u))))"
    ),
    "add.s32 %r1, %r2, -1;": (
        "r_1 = whole<b32, s32>(add<s32>(part<s32>(r_2), s32(18446744073709551615u)))"
    ),
    "@!%p1 bra $L__BB0_1;": "if (!p_1) goto at_L__BB0_1;",
    "cvt.u16.u32 %r1, %r2;": "r_1 = whole<b32, u16>(cvt<u16, u32>(part<u32>(r_2)))",
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
    script = os.path.join(source, "tests", "ptx", "ptx_translate.py")
    done = t.run([sys.executable, "-B", script, *paths, "-o", out])
    return done, t.read(out).decode() if os.path.exists(out) else None


def refused(source, folder, text, why):
    done, written = translate(source, folder, text)
    assert done.returncode == 1 and written is None, t.told(done)
    assert re.search(why, done.stderr), t.told(done)


@pytest.mark.parametrize("line, expected", KNOWN.items(), ids=KNOWN)
def test_translated(source, folder, line, expected):
    done, written = translate(source, folder, KERNEL.replace("LINE", line))
    assert done.returncode == 0, t.told(done)
    assert expected in written


@pytest.mark.parametrize("line, why", REFUSED.items(), ids=REFUSED)
def test_refused(source, folder, line, why):
    text = KERNEL.replace("LINE", line)
    refused(source, folder, text, f"line {LINE}: .*{re.escape(why)}")


@pytest.mark.parametrize("line, other, why", [(k, *v) for k, v in MODULES.items()])
def test_refused_module(source, folder, line, other, why):
    text = KERNEL.replace("	LINE\n", "").replace(line, other)
    refused(source, folder, text, re.escape(why))


GOOD = KERNEL.replace("LINE", "neg.f64 %fd1, %fd2;")


def test_targets_agree(source, folder):
    done, _ = translate(source, folder, GOOD, GOOD.replace("sm_80", "sm_90"))
    assert done.returncode == 0, t.told(done)


def test_targets_differ(source, folder):
    done, written = translate(source, folder, GOOD, GOOD.replace("%fd2;", "%fd3;"))
    assert done.returncode == 1 and written is None, t.told(done)
    assert "does not say what" in done.stderr, t.told(done)
