#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""house.py CHECK ROOT: one of the rules of the house, over every file of the repository.

Exit 0: kept; 1: broken, with a line per place; 77: the tool that checks it is not installed.
"""
import ast
import fnmatch
import os
import re
import shutil
import subprocess
import sys

COLUMNS_MAX = 100
SKIPPED_FOLDERS = {".git", "build", "out", "__pycache__"}
SOURCES = (".c", ".h", ".cu", ".cuh", ".py", ".sh", ".cmake")
TEXTS = SOURCES + (".md", ".txt", ".yaml", ".yml", ".json", ".cff", ".csv", ".bib", ".in")
C_HEADERS = {name + ".h" for name in (
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal "
    "stdalign stdarg stdatomic stdbool stddef stdint stdlib stdnoreturn string tgmath threads "
    "uchar wchar wctype").split()}
GENERATED = { # by the build, and beside which file they stand
    "embedded_data.inc": "tables/base/embedded.c",
    "surveys_data.inc": "host/config/shipped_surveys.c", "version.h": "host/io/version.h.in"}
WIDTH_CHECKED = SOURCES + (".cpp", ".md", ".yaml", ".yml", ".sbatch", "CMakeLists.txt")
COLLECTIVE_FILES = ("host/main.c", "host/survey/survey_job.c")   # and host/ranks
LINUX_FILES = ("host/io/system.c", "host/io/cgroup.c")   # where what is Linux's own may be used
LINUX_NAMES = (r"\b(_GNU_SOURCE|sched_(?:get|set)affinity|cpu_set_t|CPU_(?:ZERO|SET|COUNT)|O_PATH|"
               r"O_TMPFILE|sync_file_range|renameat2|fallocate|copy_file_range|sendfile|splice|"
               r"sysinfo|prctl|gettid|getrandom|statx|pipe2|accept4|memfd_create|epoll_\w+|"
               r"inotify_\w+|__linux__)\b|\"/(?:proc|sys)/")
PACKAGE = "host/python/bl23/"   # a package of Python, which a room may hold
FIGURES = PACKAGE + "plot/"
EXTRAS = {"": {"numpy"}, FIGURES: {"numpy", "matplotlib"}}   # what is imported with the package
FUNCTIONS = r"(arc)?(sin|cos|tan)h?|arctan2|exp|exp2|expm1|log\w*|sqrt|cbrt|power|hypot"
HDF5_NAMES = r"\b(H5[A-Z]\w*|hid_t|hsize_t|herr_t|haddr_t)\b"


def files(root, extensions):
    """Paths below root, relative to it."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders
                            if f not in SKIPPED_FOLDERS and not f.endswith(".run"))
        for name in sorted(names):
            if name.endswith(extensions):
                yield os.path.relpath(os.path.join(folder, name), root)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
        return f.read()


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


# ---- the arrows, which CONTRIBUTING.md states ----

class House:
    """The rooms and what they may include: the indented lines of CONTRIBUTING.md, "The house"."""

    def __init__(self, root):
        section = re.search(r"^## The house\n(.*?)(?=^## |\Z)", read(root, "CONTRIBUTING.md"),
                            flags=re.M | re.S)
        text = section.group(1) if section else ""
        self.rank = {}      # (top folder, room): place in the order
        self.others = {}    # top folder: what else it may include
        self.headers = []   # (patterns, where they may be included)
        self.unread = []    # lines that are none of these
        lines = [line.strip() for line in text.splitlines() if line.startswith("    ")]
        for line in lines:
            if re.fullmatch(r"(<\S+>\s+)+[^<>]+", line):
                words = line.split()
                patterns = [word[1:-1] for word in words if word.startswith("<")]
                self.headers.append((patterns, words[len(patterns):]))
            elif re.fullmatch(r"\w+\s*->[\w/\s]+", line):
                top, places = line.split("->")
                self.others[top.strip()] = places.split()
            elif re.fullmatch(r"\w+:[\w<\s]+", line):
                top, levels = line.split(":")
                for rank, level in enumerate(levels.split("<")):
                    self.rank.update({(top, room): rank for room in level.split()})
            else:
                self.unread.append(line)
        self.tops = sorted({top for top, _ in self.rank})
        self.folders = {key for key in self.rank if os.path.isdir(os.path.join(root, *key))}

    def room_of(self, path):
        """(top folder, room) of a file of the house; None: it lies in no room."""
        if path.startswith(PACKAGE):
            path = os.path.join(os.path.dirname(os.path.dirname(PACKAGE)), os.path.basename(path))
        parts = path.split("/")
        key = tuple(parts[:2]) if len(parts) == 3 else (parts[0], parts[-1].split(".")[0])
        whole = len(parts) == 3 if key in self.folders else len(parts) == 2
        return key if key in self.rank and whole else None

    def sees(self, path, name):
        """Whether a file may include another one of the repository."""
        top, other = path.split("/")[0], name.split("/")[0]
        if top not in self.tops:
            return other in self.tops or other == top
        here, there = self.room_of(path), self.room_of(name)
        if not here or not there:
            return False
        if top == other:
            return here == there or self.rank[there] < self.rank[here]
        return any(place in (other, "/".join(there)) for place in self.others.get(top, []))

    def takes(self, path, header):
        """Whether a file may include a header of the system or of a library."""
        if path.split("/")[0] not in self.tops:
            return True
        for patterns, places in self.headers:
            if patterns == ["*"] and header in C_HEADERS:
                return True
            if any(fnmatch.fnmatchcase(header, pattern) for pattern in patterns):
                return any(lies_in(path, place) for place in places)
        return header in C_HEADERS


def lies_in(path, place):
    """Whether a path is a place, lies below it, or fits it: * stands for one name."""
    pattern = "/".join(re.escape(part).replace(r"\*", "[^/]*") for part in place.split("/"))
    return re.fullmatch(rf"{pattern}(/.*)?", path) is not None


def include_found(root, house, path, name):
    """The path of what a file includes in quotes; None: it is not there."""
    if name in GENERATED:
        return GENERATED[name]
    beside = os.path.join(os.path.dirname(path), name)
    places = [name] if house.room_of(path) else [name, beside]
    return next((place for place in places if os.path.exists(os.path.join(root, place))), None)


def collective_functions(root):
    """Functions of ranks.h that all ranks must call in the same order, as their comments say."""
    path = "host/ranks/ranks.h"
    text = read(root, path) if os.path.exists(os.path.join(root, path)) else ""
    declarations = re.findall(r"/\*((?:(?!\*/).)*)\*/\s*([^/#;]*;)", text, flags=re.S)
    return [name for comment, declaration in declarations if "ollective" in comment
            for name in re.findall(r"(bl23_\w+)\(", declaration)]


def file_arrows(root, house, path):
    """What is wrong with the includes of one file, and with what it may be."""
    text = without_comments(read(root, path))
    for bracket, name in re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)', text, flags=re.M):
        if bracket == "<":
            fine = house.takes(path, name)
        else:
            found = include_found(root, house, path, name)
            fine = found is not None and house.sees(path, found)
        if not fine:
            yield f"{path} includes {name}"
    if path.split("/")[0] not in house.tops:
        return
    if path != "host/main.c" and re.search(r"\bmain\s*\(", text):
        yield f"{path} has a main, which only host/main.c may"
    if not path.startswith("host/ranks/") and path not in COLLECTIVE_FILES:
        for name in collective_functions(root):
            if re.search(rf"\b{name}\s*\(", text):
                yield f"{path} calls the collective {name}: only {COLLECTIVE_FILES} may"
    if not house.takes(path, "hdf5.h"):
        for name in sorted(set(re.findall(HDF5_NAMES, text))):
            yield f"{path} uses {name} of HDF5"


def check_arrows(root):
    house = House(root)
    if house.unread or not house.rank or not house.headers:
        what = "unclear" if house.unread else "missing"
        yield f'CONTRIBUTING.md, "The house": lines of rooms and headers are {what}'
        yield from house.unread
        return
    for path in files(root, ""):
        parts = path.split("/")
        beside = parts[1:] == ["CMakeLists.txt"] or parts[:2] == ["tables", "data"]
        if parts[0] in house.tops and not house.room_of(path) and not beside:
            yield f"{path} lies in no room of CONTRIBUTING.md"
        if path.endswith((".c", ".h", ".cu", ".cuh", ".cpp")):
            yield from file_arrows(root, house, path)
    for top, room in house.rank:
        place = os.path.join(root, top, room)
        if not any(os.path.exists(place + end) for end in ("", ".c", ".h")):
            yield f"CONTRIBUTING.md names the room {top}/{room}, which is not there"


def check_names(root):
    seen = {}
    for path in files(root, SOURCES):
        name = os.path.basename(path)
        if name in seen and name != "__init__.py":
            yield f"{path} has the name of {seen[name]}"
        seen[name] = path


def check_format(root):
    tool = shutil.which("clang-format")
    if not tool:
        print("clang-format is not installed")
        sys.exit(77)
    paths = list(files(root, (".c", ".h")))
    done = subprocess.run([tool, "--dry-run", "-Werror", *paths], cwd=root, capture_output=True,
                          text=True, check=False)
    for line in done.stderr.splitlines():
        if "error:" in line:
            yield line
    if done.returncode and not done.stderr:
        yield f"clang-format ended with {done.returncode}"


def check_spdx(root):
    extra = [p for p in files(root, ("CMakeLists.txt",))]
    for path in list(files(root, SOURCES)) + extra:
        lines = read(root, path).splitlines()
        head = lines[1:3] if lines and lines[0].startswith("#!") else lines[:2]
        licence = "SPDX-License-Identifier: GPL-3.0-or-later"
        if len(head) < 2 or licence not in head[0] or "Copyright (C)" not in head[1]:
            yield f"{path} does not begin with the two lines of licence and copyright"


def prose_of(text):
    """(number, line) of a Markdown text, but for code, rows of tables, lines with a web address."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        fence = line.lstrip().startswith("```")
        fenced ^= fence
        if not (fenced or fence or line.startswith(("    ", "|")) or "://" in line):
            yield number, line


def check_width(root):
    """No line is wider than COLUMNS_MAX; in Markdown this holds for prose."""
    for path in files(root, WIDTH_CHECKED):
        text = read(root, path)
        lines = prose_of(text) if path.endswith(".md") else enumerate(text.splitlines(), 1)
        for number, line in lines:
            if len(line) > COLUMNS_MAX:
                yield f"{path}:{number} has {len(line)} columns, more than {COLUMNS_MAX}"


def check_paths(root):
    folders = "|".join(("work", "tmp", "home", "root", "Users", "mnt"))
    pattern = re.compile(rf"(?<![\w.*$}}/-])/(?:{folders})/")
    for path in files(root, TEXTS):
        for number, line in enumerate(read(root, path).splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number} names a folder of one machine: {line.strip()[:100]}"


def check_binary(root):
    """What a program left behind, such as a core file, is not kept: only figures are no text."""
    kept = files(root, "")
    if os.path.exists(os.path.join(root, ".git")) and shutil.which("git"):
        kept = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, text=True,
                              check=True).stdout.split("\0")[:-1]
    for path in kept:
        if path.endswith((".png", ".pdf")) or not os.path.isfile(os.path.join(root, path)):
            continue
        with open(os.path.join(root, path), "rb") as f:
            if b"\0" in f.read():
                yield f"{path} is neither text nor a figure"


def check_marks(root):
    marks = tuple(mark * 7 for mark in "<>")
    for path in files(root, TEXTS):
        for number, line in enumerate(read(root, path).splitlines(), 1):
            if line.startswith(marks):
                yield f"{path}:{number} has a mark of an unfinished merge"


def check_modes(root):
    """What names its interpreter can be called by its name, as the pages do."""
    for path in files(root, (".py", ".sh")):
        if read(root, path).startswith("#!") and not os.access(os.path.join(root, path), os.X_OK):
            yield f"{path} begins with #! and is not executable"


def check_version(root):
    """The version of the build is in CITATION.cff, CHANGELOG.md, recipe.yaml and the BibTeX."""
    def found(path, pattern):
        match = re.search(pattern, read(root, path), flags=re.M)
        return match.groups() if match else ()
    version = found("CMakeLists.txt", r"^project\(bl23 VERSION (\S+)")
    cited = found("CITATION.cff", r"^version: (\S+)\n(?:.*\n)*?date-released: (\S+)$")
    changed = found("CHANGELOG.md", r"^## \[(.*?)\] - (\S+)$")
    packed = found("scripts/packaging/conda/recipe.yaml", r"^  version: \"(\S+)\"$")
    entry = found("tables/data/citations.bib", r"^@misc\{bl23,\n(?:.*\n)*?.*\{version (\S+)\}")
    if not version or cited[:1] != version or changed != cited or {packed, entry} != {version}:
        yield (f"versions differ: CMakeLists {version}, CITATION {cited}, CHANGELOG {changed}, "
               f"recipe {packed}, citations.bib {entry}")


def check_linux(root):
    """What only Linux has is in LINUX_FILES of the house, behind #ifdef __linux__."""
    for path in files(root, (".c", ".h", ".cu", ".cuh")):
        if path.split("/")[0] not in ("host", "kernels", "tables"):
            continue
        text = without_comments(read(root, path))
        if path in LINUX_FILES:
            if "#ifdef __linux__" not in text or "#else" not in text:
                yield f"{path} has no other way where there is no Linux"
            continue
        for name in sorted({found.group(0) for found in re.finditer(LINUX_NAMES, text)}):
            yield f"{path} uses {name}, which is Linux's own: only {LINUX_FILES} may"


# ---- the package: it shows numbers of the library and the program, and makes none ----

def inputs_of(root):
    """Names of the inputs of the physics, and their values of three digits and more."""
    rows = re.findall(r'\bX\((\w+), "[^"]*", "([^"]+)", "([^"]+)"', read(
        root, "tables/physics/inputs.h"))
    texts = {text for _, *values in rows for text in values}
    long = {text for text in texts if len(re.sub(r"e.*|\D", "", text).strip("0")) >= 3}
    return {name for name, *_ in rows}, {float(text) for text in long}


def imported(tree):
    """The modules that are imported with a file; those of its functions come later."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def physics_in(node, names, values, figures):
    """What of a node belongs to a formula of physics, or None."""
    word = getattr(node, "id", getattr(node, "attr", getattr(node, "arg", None)))
    if word in names:
        return f"the input {word}"
    if isinstance(node, ast.Constant) and isinstance(node.value, float) and node.value in values:
        return f"the value {node.value} of an input"
    if figures:
        return None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and re.fullmatch(
            FUNCTIONS, node.func.attr):
        return f"the function {node.func.attr}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not isinstance(
            node.left, ast.Constant):
        return "a power"
    return None


def check_python(root):
    """No formula of physics is in the package: no input by name or value and, but for what figures
    need, no power and no function such as sqrt. numpy is all that comes with it, and matplotlib
    with the figures."""
    names, values = inputs_of(root)
    for path in files(root, (".py",)):
        if not path.startswith(PACKAGE):
            continue
        tree, figures = ast.parse(read(root, path)), path.startswith(FIGURES)
        for name in imported(tree):
            if name in ("math", "cmath") or (name not in sys.stdlib_module_names
                                             and name not in EXTRAS[FIGURES if figures else ""]):
                yield f"{path} imports {name}"
        for node in ast.walk(tree):
            found = physics_in(node, names, values, figures)
            if found:
                yield f"{path}:{getattr(node, 'lineno', 0)} has {found}"


CHECKS = {"arrows": check_arrows, "binary": check_binary, "linux": check_linux,
          "names": check_names, "format": check_format, "spdx": check_spdx, "width": check_width,
          "marks": check_marks, "paths": check_paths, "modes": check_modes,
          "version": check_version, "python": check_python}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in CHECKS:
        print(f"usage: house.py {'|'.join(CHECKS)} ROOT", file=sys.stderr)
        return 2
    if not any(files(sys.argv[2], SOURCES)):
        print(f"there is no source below {sys.argv[2]}")
        return 1
    broken = list(CHECKS[sys.argv[1]](sys.argv[2]))
    print("\n".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
