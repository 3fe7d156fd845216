# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The results of bench_survey.py as text tables and as Markdown; every figure is of the run."""
import os
import textwrap


def gpu_line(machine):
    if machine["gpu"]:
        return (f"GPU: {machine['gpu']}; this benchmark times the CPU backend only, so there is no "
                "GPU figure here.")
    return "No GPU was available to this run, so there is no GPU figure here."


def rate(value):
    return f"{value:.3g}"


def count(value):
    """1.5e7 for 15000000; small numbers as they are."""
    if value < 1000:
        return f"{value:.0f}"
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def comparison_table(results):
    best = results["comparison"][0]["samples_per_s"]
    rows = []
    for row in results["comparison"]:
        ratio = best / row["samples_per_s"]
        rows.append([row["name"], count(row["samples"]), f"{row['median_s']:.2f}",
                     f"{100 * row['spread']:.0f} %",
                     rate(row["samples_per_s"]), f"{row['ns_per_sample']:.1f}", f"{ratio:.2f}",
                     f"{row['peak_mib']:.0f}"])
    first = results["comparison"][0]["name"]
    return (f"The survey fig3 (store: index), one thread, {results['repeats']} repeats in turn",
            ["program", "samples", "median s", "spread", "samples/s", "ns/sample",
             f"times slower than {first}", "peak MiB"], rows)


def surveys_table(results):
    one_thread = {row["name"]: row["samples_per_s"] for row in results["surveys"] if row["threads"]
                  == "1"}
    rows = [[row["name"], row["threads"], count(row["samples"]), f"{row['median_s']:.2f}",
             f"{100 * row['spread']:.0f} %", rate(row["samples_per_s"]),
             f"{row['ns_per_sample']:.2f}",
             f"{row['samples_per_s'] / one_thread[row['name']]:.2f}", f"{row['peak_mib']:.0f}"]
            for row in results["surveys"]]
    return ("bl23: the shipped surveys, as shipped, end to end",
            ["survey", "threads", "samples", "median s", "spread", "samples/s", "ns/sample",
             "times one thread", "peak MiB"], rows)


def memory_table(results):
    rows = [[row["survey"], row["isa"], count(row["samples"]), rate(row["samples_per_s"]),
             f"{row['ns_per_sample']:.2f}",
             f"{100 * row['acceptance']:.3g} %", rate(row["bound_samples_per_s"]),
             f"{100 * row['fraction_of_bound']:.1f} %"]
            for row in results["memory"]["rows"]]
    return ("bl23 bench: one thread, without start and file; beside the bound of bench/README.md",
            ["survey", "instruction set", "samples", "samples/s", "ns/sample", "acceptance",
             "bound, samples/s", "of the bound"], rows)


def forecast_table(results):
    rows = [[row["name"], str(row["threads"]), count(row["samples"]), f"{row['expected_s']:.2f}",
             f"{row['taken_s']:.2f}", f"{row['expected_s'] / row['taken_s']:.2f}",
             f"{min(row['ratios']):.2f} .. {max(row['ratios']):.2f}"]
            for row in results["forecasts"]]
    return ("bl23 check: predicted time and measured time",
            ["survey", "threads", "samples", "predicted s", "measured s", "ratio", "single pairs"],
            rows)


def scaling_table(title, label, rows):
    """One row per value of what was varied; label None: the number of samples itself."""
    head = ([label] if label else []) + ["samples", "median s", "ns/sample", "peak MiB"]
    body = [[count(row["samples"]), f"{row['median_s']:.3f}", f"{row['ns_per_sample']:.2f}",
             f"{row['peak_mib']:.0f}"]
            for row in rows]
    return title, head, [[str(row["name"])] * bool(label) + cells for row, cells in zip(rows, body)]


def tables_table(results):
    loops = results["loops"]
    return ("bl23: before the first sample",
            ["what", "cost"],
            [["S_ij and C0_ij of one pair of quarks at one mass", f"{loops['us_per_pair']:.2f} us"],
             [f"model of {loops['masses']} masses, all tables and constraints",
              f"{loops['model_build_s']:.3f} s"],
             *[[row["name"], f"{1e3 * row['median_s']:.1f} ms"] for row in results["startup"]]])


def all_tables(results):
    return [comparison_table(results), surveys_table(results),
            scaling_table("bl23: fig3 against the number of samples, one thread", None,
                          results["ladder"]),
            scaling_table("bl23: fig3 against the number of mass knots, one thread", "knots",
                          results["knots"]),
            scaling_table("bl23: fig3 at the pi0 mass against the number of constraints, one "
                          "thread", "constraints", results["constraints"]),
            memory_table(results), forecast_table(results), tables_table(results)]


def header_lines(results):
    m = results["machine"]
    state = "" if m["commit_clean"] else " with uncommitted changes"
    jax = (f", JAX {m['jax'][0]} with numpy {m['jax'][1]}" if m["jax"]
           else ", JAX not installed: its row is missing")
    isas = ", ".join(results["isas"])
    return [f"Date: {results['date']}. Commit: {m['commit'][:12]}{state}. {m['version']}.",
            f"Command: {results['command']}",
            f"Machine: {m['cpu']}, {m['processors']} processors, {m['memory_gib']} GiB; load "
            "average at start "
            f"{m['load_average_at_start']:.2f}. Instruction sets of bl23 here: {isas}.",
            f"Compilers: bl23 {m['bl23_compiler']}; peers {m['peer_compiler']}, "
            + "; ".join(f"{name}: {flags}" for name, flags in m["peer_flags"].items()) + ".",
            f"Python {m['python']}, numpy {m['numpy']}{jax}.",
            gpu_line(m),
            f"Survivors of all programs were compared before timing "
            f"({count(results['check_samples'])} samples, "
            f"{results['check_survivors']} survivors, equal one by one) and after every timed run."]


def print_text(results):
    for line in header_lines(results):
        print(line)
    for title, head, rows in all_tables(results):
        widths = [max(len(str(r[c])) for r in [head, *rows]) for c in range(len(head))]
        print(f"\n{title}")
        for r in [head, *rows]:
            print("  " + "  ".join(v.ljust(w) if c == 0 else v.rjust(w)
                                   for c, (v, w) in enumerate(zip(r, widths))).rstrip())


def written_by_others(path):
    """The sections of the CUDA kernels in a file that is there: other programs write them."""
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as f:
        _, found, rest = f.read().partition("\n## CUDA ")
    return found + rest


def write_markdown(results, path):
    others = written_by_others(path)
    lines = ["# Results of the benchmark", "",
             "Measured speed of bl23 and of other programs. `bench/bench_survey.py --markdown` "
             "writes this", "page; `bench/README.md` says what the rows mean.", ""]
    lines += [textwrap.fill("- " + line, 100, subsequent_indent="  ", break_long_words=False,
                            break_on_hyphens=False) for line in header_lines(results)]
    for title, head, rows in all_tables(results):
        lines += ["", f"## {title}", "", "| " + " | ".join(head) + " |",
                  "|---" + "|---:" * (len(head) - 1) + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n" + others)
