#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""ptx_translate.py IN.ptx... -o OUT.cpp: the kernels of a PTX file as C++ on
tests/ptx/ptx_machine.h.

An instruction becomes a statement, a register a variable, a branch a goto. Registers start out with
values that no kernel can have meant. Several files are those of several targets, and must say the
same. Exit 1 and no output where they do not, or where a line is not understood.
"""
import argparse
import os
import re
import sys

import ptx_instructions as known
from ptx_module import Refused, read_module

SPECIAL_REGISTERS = {"%tid.x": "threadIdx.x", "%ctaid.x": "blockIdx.x", "%nctaid.x": "gridDim.x"}
HEAD = """/* By tests/ptx/ptx_translate.py from {source}. */
#include "tests/ptx/ptx_machine.h"

using namespace ptx;
"""


class Translator:
    """The body of one kernel."""

    def __init__(self, kernel):
        self.kernel, self.used = kernel, {}  # class by register
        self.labels = {s.label for s in kernel.body if s.label}
        self.targets = set()

    # ---- operands ----

    def class_of(self, statement, register):
        """The class a register was declared with."""
        found = re.fullmatch(r"%([a-z]+)(\d+)", register)
        declared = self.kernel.registers.get(found[1]) if found else None
        if not declared or int(found[2]) >= declared[1]:
            raise Refused(statement.line, f"{register} is not a register of the kernel")
        self.used[cpp_name(register)] = declared[0]
        return declared[0]

    def source(self, statement, operand, kind, wider=False):
        """An expression of type kind; wider: it may be the lower part of a register."""
        if operand in SPECIAL_REGISTERS and kind == "u32":
            return SPECIAL_REGISTERS[operand]
        if operand.startswith("%"):
            held = self.class_of(statement, operand)
            self.check_fits(statement, operand, held, kind, wider)
            name = cpp_name(operand)
            return name if held == kind else f"part<{kind}>({name})"
        if operand in self.kernel.shared or operand in self.kernel.parameters:
            return f"{kind}({self.symbol(statement, operand)})"
        return immediate(statement, operand, kind)

    def check_fits(self, statement, register, held, kind, wider):
        bits, needed = known.BITS[held], known.BITS[kind]
        if bits != needed and not (wider and bits > needed and held[0] != "f" and kind[0] != "f"):
            raise Refused(statement.line, f"{register} of class {held} cannot hold a {kind} of "
                          f"{statement.opcode}")

    def symbol(self, statement, name):
        """The address of a variable in the window of its space."""
        if name in self.kernel.shared:
            return f"SHARED_BASE + {self.kernel.shared[name]}"
        if name in self.kernel.parameters:
            return f"PARAM_BASE + {self.kernel.parameters[name]}"
        raise Refused(statement.line, f"{name} is neither a register nor a variable of the kernel")

    def assign(self, statement, register, kind, value, wider=False):
        """register = value, which has the type kind."""
        held = self.class_of(statement, register)
        self.check_fits(statement, register, held, kind, wider)
        return f"{cpp_name(register)} = whole<{held}, {kind}>({value});"

    def address(self, statement, operand):
        found = re.fullmatch(r"\[([%$\w]+)(?:\+(-?\d+))?\]", operand)
        if not found:
            raise Refused(statement.line, f"an address of unknown form: {operand}")
        base, offset = found[1], int(found[2] or 0)
        if not base.startswith("%"):
            return f"{self.symbol(statement, base)} + {offset}"
        kind = self.class_of(statement, base)
        if kind not in ("b32", "b64"):
            raise Refused(statement.line, f"an address in {base} of class {kind}")
        if kind == "b64":
            return f"b64({cpp_name(base)}) + b64({offset})"
        return f"{cpp_name(base)} + b32({offset})"

    # ---- instructions ----

    def regular(self, s):
        kinds = known.OPERANDS[s.opcode]
        if len(s.operands) != len(kinds):
            raise Refused(s.line, f"{s.opcode} has {len(s.operands)} operands, not {len(kinds)}")
        convert = s.opcode.startswith("cvt.")
        sources = [self.source(s, o, k, convert) for o, k in zip(s.operands[1:], kinds[1:])]
        return self.assign(s, s.operands[0], kinds[0],
                           f"{known.function_of(s.opcode)}({', '.join(sources)})", convert)

    def place(self, s):
        return f"{{name, {s.line}}}"

    def memory(self, s):
        """ld and st: one element, or the elements of a vector, which is aligned as a whole."""
        parts = s.opcode.split(".")
        action, space, kind = parts[0], parts[1] if len(parts) > 1 else "", parts[-1]
        lanes = {"v2": 2,
                 "v4": 4}.get(parts[2]) if len(parts) == 4 else 1 if len(parts) == 3 else None
        possible = space in known.SPACES[action] and kind in known.IN_MEMORY
        if not possible or not lanes or len(s.operands) != 2:
            raise Refused(s.line, known.why_unknown(s.opcode))
        where, what = s.operands if action == "st" else reversed(s.operands)
        elements = [e.strip() for e in what.strip("{}").split(",")] if lanes > 1 else [what]
        if len(elements) != lanes:
            raise Refused(s.line, f"{s.opcode} of {len(elements)} elements")
        width = known.BITS[kind] // 8
        lines = [f"auto const at = located({self.place(s)}, {space}, {self.address(s, where)}, "
                 f"{lanes * width});"]
        for k, element in enumerate(elements):
            if action == "ld":
                lines.append(self.assign(s, element, kind, f"load<{kind}>(at + {k * width})", True))
            else:
                lines.append(f"store<{kind}>(at + {k * width}, "
                             f"{self.source(s, element, kind, True)});")
        return "{ " + " ".join(lines) + " }"

    def atomic(self, s):
        if s.opcode not in known.ATOMICS or len(s.operands) != 3:
            raise Refused(s.line, known.why_unknown(s.opcode))
        _, space, action, kind = s.opcode.split(".")
        address, size = self.address(s, s.operands[1]), known.BITS[kind] // 8
        at = f"located({self.place(s)}, {space}, {address}, {size})"
        return self.assign(s, s.operands[0], kind, f"atom_{action}<{kind}>({at}, "
                           f"{self.source(s, s.operands[2], kind)})")

    def branch(self, s):
        if s.opcode not in ("bra",
                            "bra.uni") or len(s.operands) != 1 or s.operands[0] not in self.labels:
            raise Refused(s.line, f"an unknown branch: {s.opcode} {', '.join(s.operands)}")
        self.targets.add(s.operands[0])
        return f"goto {cpp_label(s.operands[0])};"

    def barrier(self, s):
        if s.opcode == "bar.sync" and s.operands == ["0"]:
            return "__syncthreads();"
        if s.opcode == "bar.warp.sync" and len(s.operands) == 1:
            return f"bar_warp_sync({self.place(s)}, {self.source(s, s.operands[0], 'u32')});"
        raise Refused(s.line, f"an unknown barrier: {s.opcode} {', '.join(s.operands)}")

    def vote(self, s):
        if s.opcode != "vote.sync.ballot.b32" or len(s.operands) != 3:
            raise Refused(s.line, known.why_unknown(s.opcode))
        values = f"{self.source(s, s.operands[1], 'pred')}, {self.source(s, s.operands[2], 'u32')}"
        return self.assign(s, s.operands[0], "b32", f"vote_sync_ballot({self.place(s)}, {values})")

    def shuffle(self, s):
        """Destination and, behind a bar, whether its source was in range."""
        found = re.fullmatch(r"shfl\.sync\.(idx|up)\.b32", s.opcode)
        if not found or len(s.operands) != 5:
            raise Refused(s.line, known.why_unknown(s.opcode))
        to, _, in_range = s.operands[0].partition("|")
        values = [self.source(s, s.operands[1], "b32")] + [self.source(s, o, "u32")
                                                           for o in s.operands[2:]]
        lines = [f"auto const got = shfl_sync_{found[1]}({self.place(s)}, {', '.join(values)});",
                 self.assign(s, to, "b32", "got.value")]
        if in_range:
            lines.append(self.assign(s, in_range, "pred", "got.in_range"))
        return "{ " + " ".join(lines) + " }"

    def convert_address(self, s):
        """Addresses of global memory are generic ones."""
        if s.opcode != "cvta.to.global.u64" or len(s.operands) != 2:
            raise Refused(s.line, known.why_unknown(s.opcode))
        return self.assign(s, s.operands[0], "u64", self.source(s, s.operands[1], "u64"))

    OTHERS = {"ld": memory, "st": memory, "atom": atomic, "bra": branch, "bar": barrier,
              "vote": vote, "shfl": shuffle, "cvta": convert_address}

    def statement(self, s):
        if s.opcode in known.OPERANDS:
            text = self.regular(s)
        elif s.opcode.split(".")[0] in self.OTHERS:
            text = self.OTHERS[s.opcode.split(".")[0]](self, s)
        elif s.opcode == "ret" and not s.operands:
            text = "return;"
        else:
            raise Refused(s.line, known.why_unknown(s.opcode))
        if s.guard:
            condition = self.source(s, s.guard.lstrip("!"), "pred")
            text = f"if ({'!' if s.guard.startswith('!') else ''}{condition}) {text}"
        return text

    # ---- the kernel ----

    def function(self):
        body = [(s, None if s.label else self.statement(s)) for s in self.kernel.body]
        lines = [f"{cpp_label(s.label)}:" if s.label else f"    {text} /* {s.line} */"
                 for s, text in body if text or s.label in self.targets]
        k = self.kernel
        shared = f"shim_shared({k.shared_bytes})" if k.shared else "nullptr"
        registers = [f"    {held} {r} = poison<{held}>({r.split('_')[1]});"
                     for r, held in sorted(self.used.items())]
        return "\n".join([
            f"\nstatic void body_of_{k.name}(void const *parameters)", "{",
            f"    static constexpr char const *name = \"{k.name}\";",
            f"    window const param = {{PARAM_BASE, {k.parameter_bytes}, "
            "const_cast<void *>(parameters)};",
            f"    window const shared = {{SHARED_BASE, {k.shared_bytes}, {shared}}};",
            "    everywhere const global{};", "    (void)name, (void)param, (void)shared, "
            "(void)global;", *registers, *lines, "}", "",
            f"extern kernel const ptx_{k.name} = {{",
            f"    \"{k.name}\", {k.parameter_bytes}, {k.threads_max}, body_of_{k.name}}};", ""])


def immediate(statement, text, kind):
    """A constant of a type, by its bits where it is a floating one."""
    found = re.fullmatch(r"0[fF]([0-9a-fA-F]{8})|0[dD]([0-9a-fA-F]{16})", text)
    if found and kind == ("f32" if found[1] else "f64"):
        return f"part<{kind}>({'b32' if found[1] else 'b64'}(0x{found[1] or found[2]}u))"
    if re.fullmatch(r"-?\d+|0x[0-9a-fA-F]+", text) and kind[0] != "f":
        value = int(text, 0)
        if kind == "pred" and value in (-1, 0, 1):
            return "true" if value else "false"
        if kind != "pred" and -2 ** (known.BITS[kind] - 1) <= value < 2 ** known.BITS[kind]:
            return f"{kind}({value % 2 ** 64}u)"
    raise Refused(statement.line, f"{text} is no constant of type {kind} for {statement.opcode}")


def cpp_label(label):
    return "at_" + label.strip("$")


def cpp_name(register):
    """%f32 is a register, f32 a type of the machine."""
    return re.sub(r"%([a-z]+)", r"\1_", register)


def translated(path):
    with open(path, encoding="ascii") as f:
        kernels = read_module(f.read())
    return "".join(Translator(k).function() for k in kernels)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("sources", nargs="+")
    parser.add_argument("-o", dest="output", required=True)
    options = parser.parse_args()
    texts = []
    for path in options.sources:
        try:
            texts.append(translated(path))
        except Refused as refused:
            sys.exit(f"ptx_translate: {path}: {refused}")
        if texts[-1] != texts[0]:
            sys.exit(f"ptx_translate: {path} does not say what {options.sources[0]} says: only one "
                     "of them can be run")
    with open(options.output, "w", encoding="ascii") as f:
        f.write(HEAD.format(source=os.path.basename(options.sources[0])) + texts[0])


if __name__ == "__main__":
    main()
