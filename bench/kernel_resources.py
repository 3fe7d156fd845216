#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the compiler makes of the CUDA kernels: registers, spills, shared memory, and with cuobjdump
the instructions per sample in the loops of the screen. Nothing is run.

The loops of screen_kernel that every sample passes are found in the disassembly: innermost loops
with the products of Philox in them, told apart by their special functions (square roots and
cosines).
"""
import argparse
import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = ("cuda_screen.cu", "cuda_full.cu", "cuda_cutflow.cu", "cuda_collect.cu")
FLAGS = ["-std=c++17", "-O3", "--fmad=false", "-Xcompiler=-Wall,-Wextra", "-Werror=all-warnings",
         "-I" + ROOT]
STEPS = 4  # samples of a lane in one pass of a loop: STEPS of cuda_screen.cu
# special functions a sample: a root, a cosine each
VARIANTS = {0: "x5", 2: "one amplitude", 3: "two amplitudes"}
PRODUCTS = 8  # a sample has more of them, and no other innermost loop does
# Units with fewer lanes than a multiprocessor issues in a clock, 128: CUDA C++ Programming Guide,
# table "Throughput of Native Arithmetic Instructions", for 8.0 and 9.0: 64 for products, additions,
# shifts, logic, comparisons, 16 for special functions. Opcodes by their beginning.
UNITS = {
    "products": (64, ("IMAD",)), "special functions": (16, ("MUFU",)),
    "logic and comparisons": (64, (
        "IADD", "LOP3", "LEA", "ISETP", "SHF", "IMNMX", "VIMNMX", "SEL", "PRMT", "IABS", "VIADD",
        "FSETP", "FMNMX", "PLOP3"))}
ISSUED = 128


def find(tool, given):
    usual = f"/usr/local/cuda/bin/{tool}"
    return given or shutil.which(tool) or (usual if os.path.exists(usual) else None)


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"kernel_resources: {' '.join(command)} ended with "
                 f"{done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


# ---- what ptxas says ----

def plain_name(mangled):
    found = re.match(r"_Z(\d+)(\w+)", mangled)
    return found[2][:int(found[1])] if found else mangled


def resources(report):
    """Rows (kernel, registers, stack, spill stores, spill loads, shared bytes) out of -Xptxas
    -v."""
    rows = []
    for part in report.split("Compiling entry function '")[1:]:
        memory = re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill "
                           r"loads", part)
        shared = re.search(r"(\d+) bytes smem", part)
        registers = int(re.search(r"Used (\d+) registers", part)[1])
        rows.append((plain_name(part.split("'")[0]), registers,
                     *(int(x) for x in memory.groups()), int(shared[1]) if shared else 0))
    return rows


# ---- what the disassembly says ----

def instructions_of(listing, kernel):
    """[(address, text)] of one kernel."""
    found, inside = [], False
    for line in listing.splitlines():
        if "Function :" in line:
            inside = plain_name(line.split()[-1]) == kernel
        match = re.match(r"\s+/\*([0-9a-f]{4,5})\*/\s+(.*?);", line)
        if inside and match:
            found.append((int(match[1], 16), match[2]))
    return found


def opcode(text):
    return re.sub(r"^@!?U?P\w+\s+", "", text).split()[0].split(".")[0]


def loops_of(code):
    """[(from, to)] of backward branches; what lies behind the last EXIT is the slow path of
    votes."""
    end = max(address for address, text in code if opcode(text) == "EXIT")
    jumps = [(re.search(r"\bBRA\b.*?0x([0-9a-f]+)", text), address)
             for address, text in code if address < end]
    return [(int(m[1], 16), address) for m, address in jumps if m and int(m[1], 16) < address]


def screen_loops(code):
    """{variant: Counter of opcodes per sample} of the loops over samples."""
    loops, found = loops_of(code), {}
    for first, last in loops:
        inner = [(a, b) for a, b in loops if (a, b) != (first, last) and first <= a and b <= last]
        body = collections.Counter(opcode(text) for address, text in code
                                   if first <= address <= last)
        if inner or body["IMAD"] < PRODUCTS * STEPS:
            continue
        variant = VARIANTS.get(body["MUFU"] / STEPS)
        if variant is None or variant in found:
            sys.exit(f"kernel_resources: the loop at {first:#x} with {body['MUFU']} special "
                     "functions is not one of ours")
        found[variant] = {name: count / STEPS for name, count in body.items() if name != "NOP"}
    if set(found) != set(VARIANTS.values()):
        sys.exit(f"kernel_resources: of the loops of the screen only {sorted(found)} were found")
    return found


# ---- both ----

def compile_all(nvcc, cuobjdump, arch):
    """(rows of resources, loops or None) for one architecture."""
    rows, loops = [], None
    with tempfile.TemporaryDirectory() as folder:
        for source in SOURCES:
            out = os.path.join(folder, source + ".o")
            rows += resources(run([nvcc, *FLAGS, "-Xptxas=-v", f"-arch={arch}", "-c",
                                   os.path.join(ROOT, "kernels", "cuda", source), "-o", out]))
            if cuobjdump and source == "cuda_screen.cu":
                loops = screen_loops(instructions_of(run([cuobjdump, "-sass", out]),
                                                     "screen_kernel"))
    return rows, loops


def loop_rows(loops):
    """(variant, instructions, of each unit) of a lane for a sample."""
    for variant in VARIANTS.values():
        n = loops[variant]
        of_unit = [sum(count for name, count in n.items() if name.startswith(opcodes))
                   for _, opcodes in UNITS.values()]
        yield variant, sum(n.values()), of_unit


def counts_of(loops):
    return ",".join(f"{total:.2f}" for _, total, _ in loop_rows(loops))


def version_of(tool):
    return re.search(r"release ([\d.]+)", run([tool, "--version"]))[1]


def markdown(nvcc, cuobjdump, archs):
    print("## CUDA kernels: resources\n")
    print("This is output of the compiler. Nothing was run, and no GPU has been measured.\n")
    print(f"- Command: bench/kernel_resources.py. nvcc {version_of(nvcc)}"
          + (f", cuobjdump {version_of(cuobjdump)}." if cuobjdump
             else "; no cuobjdump, so instructions are not counted."))
    print(f"- Flags: {' '.join(FLAGS[:-1])}; no warning.\n")
    compiled = {arch: compile_all(nvcc, cuobjdump, arch) for arch in archs}
    print("| kernel | target | registers | stack, bytes | spill stores, bytes | spill loads, bytes "
          "| shared, bytes |\n|---|---|---:|---:|---:|---:|---:|")
    for arch, (rows, _) in compiled.items():
        for name, *numbers in rows:
            print(f"| {name} | {arch} | " + " | ".join(str(n) for n in numbers) + " |")
    if not cuobjdump:
        return
    print("\nThe next table counts the instructions of one lane for one sample, in the loops of "
          "the screen\nthat every sample passes (the loops for the remainder are left out). "
          f"A multiprocessor issues\n{ISSUED} instructions a clock. Some units take fewer:\n"
          + ", ".join(f"{lanes} {name}" for name, (lanes, _) in UNITS.items())
          + "\n(CUDA C++ Programming Guide). The last column is what the busiest unit needs, as "
          "issued\ninstructions.\n")
    print("| first condition | target | instructions | " + " | ".join(UNITS) + " | busiest needs |")
    print("|---|---|---:|" + "---:|" * (len(UNITS) + 1))
    for arch, (_, loops) in compiled.items():
        for name, total, of_unit in loop_rows(loops):
            needs = max([total] + [ISSUED / lanes * n
                                   for n, (lanes, _) in zip(of_unit, UNITS.values())])
            figures = " | ".join(f"{n:.2f}" for n in [total, *of_unit, needs])
            print(f"| {name} | {arch} | {figures} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--arch", action="append", help="target (default sm_80 and sm_90); may be "
                        "repeated")
    parser.add_argument("--nvcc")
    parser.add_argument("--cuobjdump")
    parser.add_argument("--object", help="only count: X,A,B of this object file, for gpu_check "
                        "--instructions")
    parser.add_argument("--counts", action="store_true",
                        help="only count: a line 'TARGET X,A,B' for each target")
    options = parser.parse_args()
    cuobjdump = find("cuobjdump", options.cuobjdump)
    if options.object is not None:
        if not cuobjdump:
            sys.exit("kernel_resources: no cuobjdump")
        print(counts_of(screen_loops(instructions_of(run([cuobjdump, "-sass", options.object]),
                                                     "screen_kernel"))))
        return
    nvcc = find("nvcc", options.nvcc)
    if not nvcc:
        sys.exit("kernel_resources: no nvcc (CUDA toolkit); name it with --nvcc")
    archs = options.arch or ["sm_80", "sm_90"]
    if not options.counts:
        return markdown(nvcc, cuobjdump, archs)
    if not cuobjdump:
        sys.exit("kernel_resources: no cuobjdump")
    for arch in archs:
        print(arch, counts_of(compile_all(nvcc, cuobjdump, arch)[1]))


if __name__ == "__main__":
    main()
