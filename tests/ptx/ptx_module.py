# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A PTX file as nvcc writes it, read into kernels: parameters, registers, shared memory,
statements.

It knows the form of lines, not the meaning of instructions. What has another form is refused.
"""
import re


class Refused(Exception):
    """A line of PTX that is not translated, and why."""

    def __init__(self, line, why):
        super().__init__(f"line {line}: {why}" if line else why)


class Statement:
    """A label, or an instruction with the predicate it depends on."""

    def __init__(self, line, label="", guard="", opcode="", operands=()):
        self.line, self.label, self.guard = line, label, guard
        self.opcode, self.operands = opcode, operands


class Kernel:
    def __init__(self, line, name):
        self.line, self.name = line, name
        self.parameters, self.shared = {}, {}       # offset by symbol
        self.parameter_bytes = self.shared_bytes = 0
        self.threads_max = 0
        self.registers = {}                         # class and number by prefix
        self.body = []


# Lines without a meaning for the translation. 6.0 is the first version with .sync.
IGNORED = re.compile(
    r'\.version [6-9]\.\d|\.target sm_\d+[af]?|\.address_size 64|\.minnctapersm \d+|\.pragma '
    r'"nounroll";|\.pragma "used_bytes_mask \d+";')  # which bytes of a load are read: a hint
ENTRY = re.compile(r"\.visible \.entry (\w+)\($")
VARIABLE = re.compile(r"(?:\.align (\d+) )?\.([bus]\d+|f\d+) (\w+)(?:\[(\d+)\])?")
REGISTERS = re.compile(r"\.reg \.(pred|b16|b32|b64|f32|f64)\s+%([a-z]+)<(\d+)>;")
LABEL = re.compile(r"(\$?\w+):")
INSTRUCTION = re.compile(r"(?:@(!?%p\d+)\s+)?([a-z][\w.]*)(?:\s+([^;]+))?;")


def _split(operands):
    """At the commas outside of braces."""
    return [part.strip() for part in re.split(r",(?![^{]*\})", operands)] if operands else []


def _allot(line, text, offset, symbols):
    """Give a variable the next place of its alignment; the offset behind it."""
    found = VARIABLE.fullmatch(text)
    if not found:
        raise Refused(line, f"a variable of unknown form: {text}")
    size = int(found[2][1:]) // 8
    alignment = int(found[1] or size)
    offset += -offset % alignment
    symbols[found[3]] = offset
    return offset + size * int(found[4] or 1)


def _name_of(line, symbol):
    """The name of a function from its mangled symbol."""
    found = re.match(r"_Z(\d+)(\w+)", symbol)
    if not found:
        return symbol
    name = found[2][:int(found[1])]
    if len(name) != int(found[1]) or not name.isidentifier():
        raise Refused(line, f"the symbol {symbol} names no plain function")
    return name


class Reader:
    """State of reading: outside of kernels, in the list of parameters, before the body, in the
    body."""

    def __init__(self):
        self.kernels, self.kernel, self.state = [], None, "outside"

    def line(self, number, text):
        if text and not IGNORED.fullmatch(text):
            getattr(self, "_" + self.state)(number, text)

    def end(self):
        if self.state != "outside" or not self.kernels:
            raise Refused(0, "the text ends within a kernel" if self.kernels
                          else "there is no kernel")
        return self.kernels

    def _outside(self, number, text):
        found = ENTRY.fullmatch(text)
        if not found:
            raise Refused(number, f"unknown outside of kernels: {text}")
        self.kernel = Kernel(number, _name_of(number, found[1]))
        self.kernels.append(self.kernel)
        self.state = "parameters"

    def _parameters(self, number, text):
        k = self.kernel
        if text == ")":
            self.state = "head"
        elif text.startswith(".param "):
            k.parameter_bytes = _allot(number, text[len(".param "):].rstrip(","), k.parameter_bytes,
                                       k.parameters)
        else:
            raise Refused(number, f"unknown in a list of parameters: {text}")

    def _head(self, number, text):
        found = re.fullmatch(r"\.maxntid (\d+)(?:, 1, 1)?", text)
        if found:
            self.kernel.threads_max = int(found[1])
        elif text == "{":
            self.state = "body"
        else:
            raise Refused(number, f"unknown before the body of a kernel: {text}")

    def _body(self, number, text):
        k = self.kernel
        registers, label, instruction = (p.fullmatch(text) for p in (REGISTERS, LABEL, INSTRUCTION))
        if text == "}":
            self.state = "outside"
        elif registers:
            k.registers[registers[2]] = (registers[1], int(registers[3]))
        elif text.startswith(".shared ") and text.endswith(";"):
            k.shared_bytes = _allot(number, text[len(".shared "):-1], k.shared_bytes, k.shared)
        elif label:
            k.body.append(Statement(number, label=label[1]))
        elif instruction:
            guard, opcode, operands = instruction.groups()
            k.body.append(Statement(number, guard=guard or "", opcode=opcode,
                                    operands=_split(operands)))
        else:
            raise Refused(number, f"unknown in a kernel: {text}")


def read_module(text):
    """The kernels of a PTX text."""
    reader = Reader()
    for number, line in enumerate(text.splitlines(), 1):
        reader.line(number, re.sub(r"\s*//.*", "", line).strip())
    return reader.end()
