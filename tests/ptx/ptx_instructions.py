# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The instructions of PTX that the translator knows, with the types of their operands.

Each becomes a call of the function of ptx_machine.h that has its name: add.rn.f64 is add_rn<f64>.
Only what nvcc makes of the kernels is here. What is not here is refused, above all arithmetic in
floating point without .rn: ptxas may fuse it, so its bits are not known.
"""

# Instructions whose operands all have the type at their end, and the number of their sources.
REGULAR = {
    "add sub mul.lo": ("s16 s32 s64", 2),
    "mul.hi div rem": ("u32", 2),
    "mad.lo": ("s32", 3),
    "min max": ("u32 u64 f32 f64", 2),
    "add.rn sub.rn mul.rn div.rn": ("f32 f64", 2),
    "fma.rn": ("f32 f64", 3),
    "sqrt.rn": ("f64", 1),
    "cos.approx lg2.approx rsqrt.approx sqrt.approx.ftz": ("f32", 1),
    "abs": ("f32 f64", 1),
    "neg": ("s32 s64 f32 f64", 1),
    "and or xor": ("pred b16 b32 b64", 2),
    "not": ("pred b16 b32 b64", 1),
    "brev": ("b32", 1),
    "mov": ("pred u16 u32 u64 f32 f64 b16 b32 b64", 1),
}

# The others: name, types at the end, operands with T for that type.
SPECIAL = (
    ("mul.wide", "u16", "u32 T T"),
    ("mul.wide", "u32", "u64 T T"),
    ("mul.wide", "s32", "s64 T T"),
    ("shl", "b16 b32 b64", "T T u32"),
    ("shr", "u16 u32 u64 s32 s64", "T T u32"),
    ("popc", "b32", "u32 T"),
    ("bfind.shiftamt", "u32", "u32 T"),
    ("bfi", "b32 b64", "T T T u32 u32"),
    ("selp", "b16 b32 b64 u16 u32 u64 f64", "T T T pred"),
)

COMPARISONS = "eq ne lt le gt ge"
UNORDERED = "equ neu ltu leu gtu geu"   # true where an operand is no number
COMPARED = (("b16 b32 b64", "eq ne"), ("s16 s32 s64 u16 u32 u64", COMPARISONS),
            ("f32 f64", COMPARISONS + " " + UNORDERED))

# Between integers, and with a rounding where one is due; the source may lie in a wider register.
CONVERSIONS = ("s64.s32 u16.u32 u32.u16 u32.u64 u64.u16 u64.u32 f64.f32 "
               "rn.f64.s32 rn.f64.u32 rn.f32.s32 rn.f32.u32 rn.f32.f64 rmi.f64.f64 "
               "rzi.s32.f32 rzi.s32.f64 rzi.s64.f64").split()

# Operands of memory: space, vector, type.
SPACES = {"ld": ("param", "global", "shared"), "st": ("global", "shared")}
IN_MEMORY = "b8 u8 b16 b32 b64 u16 u32 u64 s32 f32 f64".split()
ATOMICS = {"atom.global.min.u64",
           *(f"atom.{space}.add.{t}" for space in ("global", "shared") for t in ("u32", "u64"))}

BITS = {"pred": 1}
BITS.update({kind + str(bits): bits for kind in "busf" for bits in (8, 16, 32, 64)})


def _all():
    known = {}
    for names, (types, sources) in REGULAR.items():
        known.update({f"{name}.{t}": [t] * (sources + 1) for name in names.split()
                      for t in types.split()})
    for name, types, operands in SPECIAL:
        known.update({f"{name}.{t}": operands.replace("T", t).split() for t in types.split()})
    for types, comparisons in COMPARED:
        known.update({f"setp.{c}.{t}": ["pred", t, t] for t in types.split()
                      for c in comparisons.split()})
    for conversion in CONVERSIONS:
        known[f"cvt.{conversion}"] = conversion.split(".")[-2:]
    return known


OPERANDS = _all()   # types of destination and sources by instruction


def function_of(opcode):
    """fma.rn.f64 -> fma_rn<f64>, and.b32 -> and_<b32>, as `and` is a word of C++."""
    parts = opcode.split(".")
    types = [p for p in parts[1:] if p in BITS]
    name = "_".join(p for p in parts if p not in types)
    return name + ("_" if name in ("and", "or", "xor", "not") else "") + f"<{', '.join(types)}>"


def why_unknown(opcode):
    """A sentence for an instruction that is not in the table."""
    parts = opcode.split(".")
    floating = parts[0] in ("add", "sub", "mul", "mad", "fma") and parts[-1] in ("f32", "f64")
    if floating and "rn" not in parts:
        return (f"{opcode} has no .rn: ptxas may fuse it with another one, so that its bits are "
                "not the CPU's")
    if parts[0] in ("ld", "st", "atom") and not {"global", "shared", "param"} & set(parts):
        return (f"{opcode} does not say which memory: only .param, .global and .shared are "
                "translated")
    return f"the translator does not know {opcode}"
