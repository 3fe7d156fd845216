#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The command line by example: command, exit code, stdout and stderr, and nothing written.

Bad configurations are made from one good one by replacing one text; each must be refused with file,
line, the rule that it breaks and what was found.
"""
import json
import os
import re
import subprocess

from cli_cases import A_THREAD_COUNT, BAD, GOOD, OPTIONS, TWICE
import before_pytest as t

COMMANDS = ("survey", "merge", "replay", "point", "plane", "fit", "tables", "bound", "reproduce",
            "check", "bench", "info", "help")
ONCE = (                               # a command with an option of one value
    ("survey", "--range"), ("merge", "--config"), ("replay", "--index"), ("point", "--mass"),
    ("plane", "--scenario"), ("fit", "--starts"), ("tables", "--mass"),
    ("bound", "--inputs"), ("check", "--samples"), ("bench", "--threads"),
)


class Cli:
    def __init__(self, bl23, folder):
        self.bl23, self.folder = bl23, folder
        self.out = os.path.join(folder, "out.h5")
        self.good = self.write("good.yaml", GOOD)
        self.write("good.csv", "m_gev,upper\n0.01,1e-9\n1,1e-9\n")
        self.write("empty.csv", "")
        self.write("unsorted.csv", "m_gev,upper\n0.2,1e-9\n0.1,1e-9\n")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace("OUT", self.out))
        return path

    def run(self, *arguments, **options):
        return t.run([self.bl23, *arguments], cwd=self.folder, **options)

    def refused(self, done, what, *says):
        """Exit 2, one sentence on stderr, nothing on stdout, nothing new in the folder."""
        t.check(done.returncode == 2, f"{what}: exit {done.returncode}, expected 2", *t.told(done))
        one_line = done.stderr.startswith("bl23: ") and done.stderr.count("\n") == 1
        t.check(one_line and not done.stdout, f"{what}: one line on stderr", *t.told(done))
        for text in says:
            t.check(text in done.stderr, f"{what}: '{text}' in the message", *t.told(done))
        left = set(os.listdir(self.folder)) - self.before
        t.check(not left, f"{what}: nothing is written", sorted(left))
        for name in left:
            t.run(["rm", "-r", os.path.join(self.folder, name)])


def bad_configurations(c):
    c.write("bad.yaml", "")
    c.before = set(os.listdir(c.folder))
    for old, new, line, says in BAD:
        text = GOOD.replace(old, new)
        t.check(text != GOOD, "the example replaces something", old)
        path = c.write("bad.yaml", text)
        if not new.startswith("curve: "):      # else the message is about another file
            says = f"{path}:{line}: {says}"
        for command in ("check", "survey"):
            c.refused(c.run(command, path), f"{command} with {old[:40]!r} -> {new[:60]!r}", says)


def bad_curves(c):
    """Refused with the place in the curve."""
    c.write("vast.csv", "m_gev,upper\n0.1,1e200\n")
    c.before = set(os.listdir(c.folder)) | {"bad.yaml"}
    for name, says in (
            ("empty.csv", "empty.csv:1: the file must hold a header line and at least one row"),
            ("vast.csv", "vast.csv:2: the mass must be from 0 to 1000 and the limit from 1e-100 to "
             "1e100 (got mass 0.1 and limit 1e+200)")):
        path = c.write("bad.yaml", GOOD.replace("upper: 1.0e-5", f"curve: {name}"))
        c.refused(c.run("check", path), f"a curve {name}", says)


def bad_files(c):
    binary = os.path.join(c.folder, "binary.yaml")
    with open(binary, "wb") as f:
        f.write(bytes(range(256)) * 50)
    big = c.write("big.yaml", "# " + "x" * (2 << 20))
    c.before = set(os.listdir(c.folder))
    for command in ("check", "survey"):
        for path, says in (("absent.yaml", " cannot be read (No such file or directory)"),
                           (binary, ":1: this is not valid YAML ("),
                           (big, " has more than 1048576 bytes, the most that is read"),
                           (c.folder, " cannot be read (Is a directory)")):
            c.refused(c.run(command, path), f"{command} {os.path.basename(path)}", path + says)
    for path, says in (("absent.h5", "does not exist"),
                       (c.good, "is truncated or is not an HDF5 file"),
                       (c.folder, "is truncated or is not an HDF5 file")):
        c.refused(c.run("replay", path), f"replay {path}",
                  f"{path} {says}; name a file that 'bl23 survey' finished")
    if os.geteuid() == 0:
        print("not run as root: a folder without the right to write")
        return
    os.mkdir(os.path.join(c.folder, "closed"), 0o500)
    c.before.add("closed")
    c.refused(c.run("survey", c.good, "-o", "closed/out.h5"), "a closed folder",
              "output file: 'closed/out.h5' is in a folder that cannot be written")


def bad_options(c):
    os.mkdir(os.path.join(c.folder, "folder"))
    c.before = set(os.listdir(c.folder))
    for options, says in OPTIONS:
        c.refused(c.run("survey", c.good, *options), f"survey {options}"[:80], f"bl23: {says}")
    c.refused(c.run("survey", c.good, env={"BL23_ISA": "mmx"}), "BL23_ISA=mmx",
              "BL23_ISA must be an instruction set of this processor: ", "generic (got 'mmx')")
    c.refused(c.run("survey"), "survey without CONFIG", "survey takes one CONFIG (got 0 operands)")
    for command in (["survey", c.good], ["check", c.good], ["bench"]):
        for threads in ("0", "1025", "1.5", ""):
            c.refused(c.run(*command, "--threads", threads), f"{command[0]} --threads {threads!r}",
                      f"{A_THREAD_COUNT}'{threads}')")
    c.refused(c.run("replay"), "replay without FILE", "replay takes one SURVEY.h5 (got 0 operands)")
    for command, option in ONCE:
        values = {"--inputs": ("pdg2018", "pdg2024")}.get(option, ("1", "2"))
        c.refused(c.run(command, option, values[0], f"{option}={values[1]}"),
                  f"{command} {option} twice", f"{option} {TWICE} '{values[1]}'; give it once")
    for options in (["--set", "m_t=163", "--set", "m_c=1.2"], ["--json", "--json"], ["--constraints", "paper2020", "--constraints", "b_invisible_2021"]):
        done = c.run("point", "--mass", "0.128", "--g", "1e-3", "--w", "0,0,1,0,1,0.59", *options)
        t.check(done.returncode == 0 and done.stdout, f"{options[0]} may be repeated", *t.told(done))
    c.refused(c.run("nonsense"), "an unknown command",
              "bl23 has no command 'nonsense'; its commands are survey merge replay point")
    done = c.run()
    t.check(done.returncode == 2 and not done.stdout and done.stderr == c.run("--help").stdout, "no arguments: the help text on stderr", *t.told(done))
    for command in ("survey", "check", "plane", "bound", "replay", "fit"):
        c.refused(c.run(command, ""), f"{command} ''",
                  f"bl23 {command}: the name of a file must not be empty")
    point = ["point", "--mass", "0.128", "--g", "1e-3", "--w", "0,0,1,0,1,0.59"]
    for command in (point, ["tables", "--mass", "0.1"], ["bound", c.good]):
        c.refused(c.run(*command, "--set", "m_t=170", "--set", "m_c=1.2", "--set", "m_t=180"),
                  f"{command[0]} --set twice",
                  "--set sets 'm_t' twice, the second time with 'm_t=180'; set it once")
        c.refused(c.run(*command, "--set", "m_t=0xaa"), f"{command[0]} --set, hexadecimal",
                  "m_t (top quark mass) must be a number from 100 to 1000 GeV (got '0xaa')")
    for option, value, says in (
            ("--g", "1e-300", "--g must be a coupling in [1e-30, 10] (got '1e-300')"),
            ("--w", "0,0,1,0,-1,0.59", "--w must be six numbers r11,ph11,r12,ph12,r13,ph13"),
            ("--mass", "0x1p-3", "--mass must be a mass in [1e-12, 4.7] GeV (got '0x1p-3')")):
        changed = [value if before == option else word for before, word in zip(["", *point], point)]
        c.refused(c.run(*changed), f"point {option} {value}", says)


def disk_space(c):
    """A warning where the output may be larger than the disk; the survey runs all the same."""
    size = os.statvfs(c.folder)
    told = json.loads(c.run("check", c.good, "--json", "--no-forecast").stdout)
    t.check(0 < told["output_bytes_free"] <= size.f_blocks * size.f_frsize, "output_bytes_free", told["output_bytes_free"], size)
    vast = c.write("vast.yaml", GOOD.replace("samples: 5000", "samples: 1e18").replace("max_survivors: 1000,", "max_survivors: 1e18,"))
    says = r"warning: the output may take up to ([0-9.e+]+) MB, and its disk has [0-9.e+]+ MB free"
    done = c.run("check", vast, "--no-forecast")
    found = re.search("^# " + says, done.stdout, flags=re.M)
    t.check(done.returncode == 0 and found and 2e14 < float(found[1]) < 4e14, "check of a survey for no disk", *t.told(done))   # 8 bytes in 25 to 50 columns
    for path in (c.good, c.write("none.yaml", open(vast, encoding="utf-8").read().replace("store: records", "store: none"))):
        done = c.run("check", path, "--no-forecast")
        t.check(done.returncode == 0 and "warning" not in done.stdout, f"check {os.path.basename(path)}: it fits", *t.told(done))
    process = subprocess.Popen([c.bl23, "survey", vast, "--backend", "cpu"], cwd=c.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = process.stderr.readline()
    process.terminate()
    process.communicate()
    t.check(process.returncode == 3 and re.match(says, line), "survey for no disk", process.returncode, line)
    t.run_ok(["rm", "-r", c.out + ".run"])


def exports(c):
    """bl23 bench --export replaces models, and nothing else."""
    folder = os.path.join(c.folder, "models")
    names = [os.path.join(folder, name + ".model") for name in t.SURVEYS]
    t.run_ok([c.bl23, "bench", "--export", folder])
    models = [t.read(name) for name in names]
    with open(names[1], "r+b") as f:                     # as an older one would be: another version, another length
        f.seek(6)
        f.write(b"0")
        f.truncate(100)
    t.run_ok([c.bl23, "bench", "--export", folder])
    t.check([t.read(name) for name in names] == models, "models are replaced by models")
    c.before = set(os.listdir(c.folder))
    for text in (b"precious", b""):
        with open(names[2], "wb") as f:
            f.write(text)
        os.remove(names[0])
        c.refused(c.run("bench", "--export", folder), "a file that is no model",
                  f"--export: {names[2]} exists and is not a model of bl23; choose another folder")
        t.check(t.read(names[2]) == text and not os.path.exists(names[0]), "nothing is exported beside it", os.listdir(folder))
        t.run_ok(["cp", names[1], names[0]])
    no_folder = os.path.join(c.folder, "no", "folder")
    for bad, says in ((c.good, f"output file: '{c.good}/"),
                      (no_folder, f"--export: the folder '{no_folder}"[:80]),
                      ("x" * 5000, "cannot be made (File name too long)"),
                      ("", "--export: the folder '' cannot be made (No such file or directory)")):
        c.refused(c.run("bench", "--export", bad), f"--export {bad[:40]!r}", says)


def writers_at_once(c):
    """Any number of writers of one output: each ends with a complete file or finds that one is there."""
    survey, out = os.path.join(c.folder, "source.h5"), os.path.join(c.folder, "shared.h5")
    t.run_ok([c.bl23, "survey", c.good, "-o", survey, "--quiet", "--backend", "cpu"])
    mine = c.write("shared.h5.tmp", "precious")
    commands = {"tables": ["tables", "--mass", ",".join(f"0.{k}" for k in range(101, 160))], "replay": ["replay", survey]}
    for name, command in commands.items():
        codes, before, several = [], set(os.listdir(c.folder)), 0
        for _ in range(8):
            writers = [subprocess.Popen([c.bl23, *command, "-o", out], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in range(6)]
            told = [w.communicate()[1] for w in writers]
            codes += [w.returncode for w in writers]
            late = [w.returncode == 2 and "has appeared" in text for w, text in zip(writers, told)]
            taken = [w.returncode == 2 and "exists; choose a name that is free" in text
                     for w, text in zip(writers, told)]
            t.check(all(w.returncode == 0 or is_late or is_taken
                        for w, is_late, is_taken in zip(writers, late, taken)),
                    f"{name}: six at once", told)
            several += sum(late)
            t.check(set(os.listdir(c.folder)) == before | {"shared.h5"}, f"{name}: nothing but the output", os.listdir(c.folder))
            with t.h5py.File(out) as f:
                t.check("tables/forms" in f and f["tables/forms"].size, f"{name}: the output is whole")
            os.remove(out)
        t.check(codes.count(0) >= 8 and several > 0, f"{name}: several got as far as writing at once", codes, several)
    with open(mine, encoding="utf-8") as f:
        t.check(f.read() == "precious", "a file of yours with the ending .tmp is left alone")
    os.remove(mine)
    os.remove(survey)


def help_texts(c):
    for arguments in (["--help"], ["-h"], ["help"], ["--version"], *([name, "--help"] for name in COMMANDS)):
        done = c.run(*arguments)
        t.check(done.returncode == 0 and done.stdout.strip() and not done.stderr, f"{arguments}: exit 0 on stdout", *t.told(done))
    commands = c.run("--help").stdout
    for name in COMMANDS:
        t.check(re.search(rf"^  {name} ", commands, flags=re.M), f"--help lists {name}", commands)
        usage = c.run(name, "--help").stdout
        t.check(usage.startswith(f"usage: bl23 {name}"), f"{name} --help", usage[:200])
        for after in ([], ["--help"]):
            c.refused(c.run(name, "--nonsense", *after), f"{name} --nonsense {after}",
                      f"unknown option --nonsense for 'bl23 {name}' (see 'bl23 {name} --help')")
        done = c.run(name, "--help", "--nonsense")
        t.check(done.returncode == 0 and done.stdout == usage and not done.stderr, f"{name}: --help ends the command line", *t.told(done))
        done = c.run(name, "-h")
        t.check(done.returncode == 0 and done.stdout == usage and not done.stderr and "\n  -h, --help " in usage, f"{name}: -h is --help", *t.told(done))


def shipped(c, source):
    """Every shipped configuration is valid."""
    folder = os.path.join(source, "scripts", "surveys")
    for name in sorted(os.listdir(folder)):
        done = c.run("check", os.path.join(folder, name))
        t.check(done.returncode == 0 and "is valid" in done.stdout, f"check {name}", *t.told(done))


def config_hash(path):
    with t.h5py.File(path) as f:
        return f.attrs["config_hash"], f["config"].attrs["yaml"].decode()


def resolved(c, source):
    """What `check` shows is read again and means the same; so is what the file carries."""
    configs = {name: os.path.join(source, "scripts", "surveys", name + ".yaml") for name in t.SURVEYS}
    configs["good"] = c.good
    configs["wild"] = c.write("wild.yaml", GOOD.replace("{fixed: 0.140}", "{list: [0.1, 0.12345678901234567, 0.3]}").replace(
        "g_bl: solve", "g_bl: {log_uniform: [1.1e-6, 0.1]}").replace("w: haar", "w: {fixed: [0.3, 1.7, 0.2, 0.1, 1e-3, -5]}").replace(
        "upper: 1.0e-5", "curve: good.csv").replace('"me"', '"a \\"quoted\\" \\\\ text: # \\u00e9"'))
    configs["bands"] = c.write("bands.yaml", GOOD.replace("upper: 1.0e-5, cl: 0.9", "central: 3.3e-6, sigma: 1.1e-6, mass_outside_gev: [0.2, 0.3]"))
    for name, path in configs.items():
        done = c.run("check", path, "--json")
        t.check(done.returncode == 0, f"check {name}", *t.told(done))
        text = json.loads(done.stdout)["yaml"]
        again = c.write(name + "-resolved.yaml", text)
        twice = json.loads(c.run("check", again, "--json").stdout or "{}").get("yaml")
        t.check(twice == text, f"check of the resolved {name} shows it again", text, twice)
        plain = c.run("check", path)
        t.check(plain.returncode == 0 and text in plain.stdout, f"check {name} as text", plain.stdout[:500])
        hashes = []
        for config in (path, again):
            out = os.path.join(c.folder, "hash.h5")
            t.run_ok([c.bl23, "survey", config, "-o", out, "--force", "--quiet", "--samples", 5000], cwd=c.folder)
            hashes.append(config_hash(out))
        t.check(hashes[0] == hashes[1], f"{name}: the resolved configuration has the same config_hash", *hashes)


def good_runs(c):
    """stdout, stderr and --json of a run that works."""
    done = c.run("survey", c.good, "--json", "--backend", "cpu")
    summary = json.loads(done.stdout)
    t.check(done.returncode == 0 and summary["drawn"] == 5000 and summary["output"] == c.out, "survey --json", *t.told(done))
    again = c.run("survey", c.good, "--json", "--backend", "cpu")
    recalled = dict(json.loads(again.stdout), samples_per_s=summary["samples_per_s"])
    t.check(again.returncode == 0 and recalled == dict(summary, finished=True), "--json of a finished survey is its summary", *t.told(again))
    text = c.run("survey", c.good, "--force", "--backend", "cpu").stdout.split("\nWritten:")[0]
    first = [line for line in text.splitlines() if not line.startswith("speed")]
    second, found, _ = c.run("survey", c.good, "--backend", "cpu").stdout.partition(f"\n{c.out} is finished: 5000 samples")
    t.check(found and len(first) > 10 and first == second.splitlines(), "so it is as text", first, second)
    t.check(not done.stderr, "a short survey says nothing on stderr", done.stderr)
    with t.h5py.File(c.out) as f:
        t.check(int(f.attrs["passed"]) == summary["passed"] and int(f.attrs["seed"]) == 7, "summary and file agree", summary, dict(f.attrs))
    for options, key, value in ((["--samples", "123"], "samples", 123), (["--seed", "9223372036854775808"], "seed", 2**63), (["--samples", "1e4"], "samples", 10000)):
        t.run_ok([c.bl23, "survey", c.good, "--force", *options], cwd=c.folder)
        with t.h5py.File(c.out) as f:
            t.check(int(f.attrs[key]) == value, f"survey {options}", dict(f.attrs))
    c.before = set(os.listdir(c.folder))
    c.refused(c.run("replay", c.out, "--index", "5", "-o", "one.h5"), "replay --index with -o",
              "--index cannot be combined with -o")
    for index in ("-1", "x", "1.5", "0x10", "nan", "inf", ""):
        c.refused(c.run("replay", c.out, "--index", index), f"replay --index {index!r}",
                  f"--index must be a whole number from 0, like 1e5 (got '{index}')")
    for index in ("99999999", "10000", "1e4", "1e30", "9223372036854775808", "18446744073709551616"):
        c.refused(c.run("replay", c.out, "--index", index), f"replay --index {index}",
                  f"--index must be a sample of the survey, from 0 to 9999 (got '{index}')")
    one, same = (c.run("replay", c.out, "--index", index) for index in ("5000", "5e3"))
    t.check(one.returncode == 0 and one.stdout == same.stdout and one.stdout.startswith("index          5000\n"), "replay --index 5e3", *t.told(one), *t.told(same))
    t.check(re.search(r"^mass_gev +\S+ GeV$", one.stdout, flags=re.M) and re.search(r"^g_min +\S+$", one.stdout, flags=re.M) and not re.search(" 1$", one.stdout, flags=re.M), "units where there are some", one.stdout)
    before = t.read(c.out)
    done = c.run("replay", c.out, "-o", "none/full.h5")
    t.check(done.returncode == 2 and "none/full.h5" in done.stderr, "replay -o into nowhere", *t.told(done))
    done = c.run("replay", c.out, "-o", c.out)
    t.check(done.returncode == 2 and t.read(c.out) == before, "replay -o onto the file itself is refused", *t.told(done))
    os.remove(c.out)


def solved_cutflow(c, source):
    """What `alone` means with g free stands under the cut-flow, in README.md too, and nowhere else."""
    note = "\n  (alone: g is free, and some g meets a single constraint for nearly every w)\n"
    fixed = c.write("fixed.yaml", GOOD.replace("g_bl: solve", "g_bl: {fixed: 1.0e-3}"))
    for config, there in ((c.good, True), (fixed, False)):
        done = t.run_ok([c.bl23, "survey", config, "--force", "--quiet", "--backend", "cpu"])
        t.check((note in done.stdout) == there, f"{os.path.basename(config)}: what alone means", done.stdout)
    with open(os.path.join(source, "README.md"), encoding="utf-8") as f:
        t.check(note.replace("\n ", "\n     ") in f.read(), "README.md shows the cut-flow as it is printed")
    os.remove(c.out)


def largest_survey(c):
    """2^63 samples: every number of the summary of a part is one that JSON readers take as it is."""
    part = os.path.join(c.folder, "part.h5")
    done = t.run_ok([c.bl23, "survey", c.good, "-o", part, "--samples", 2**63, "--first", 2**63 - 4096, "--count", 4096, "--json", "--quiet", "--backend", "cpu"])
    told = json.loads(done.stdout or "{}")
    t.check((told.get("samples"), told.get("first"), told.get("count"), told.get("held")) == (2**63, 2**63 - 4096, 4096, 4096), "--json of a part of 2^63 samples", *t.told(done))
    t.run_ok(["rm", "-r", part + ".run"])


def main():
    bl23, source = t.arguments()
    c = Cli(bl23, t.work_folder())
    bad_configurations(c)
    bad_curves(c)
    bad_files(c)
    bad_options(c)
    help_texts(c)
    exports(c)
    writers_at_once(c)
    disk_space(c)
    good_runs(c)
    solved_cutflow(c, source)
    largest_survey(c)
    shipped(c, source)
    resolved(c, source)
    t.finish(f"{len(BAD)} bad configurations, {len(OPTIONS)} bad options")


if __name__ == "__main__":
    main()
