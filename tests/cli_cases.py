# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What test_cli.py has refused: configurations and options, each with what the message must say."""

GOOD = """survey:
  samples: 5000
  seed: 7
  mass_gev: {fixed: 0.140}
  g_bl: solve
  w: haar
inputs: {preset: pdg2018, m_t: 163.0}
constraints:
  sets: [paper2020]
  without: [ccfr]
  sigma: 2
  extra: [{name: my_limit, observable: br_bp_kp, upper: 1.0e-5, cl: 0.9, cite: "me"}]
output: {file: OUT, store: records, max_survivors: 1000, nearest: 10,
         histograms: [[wu12_abs2, wu13_abs2]]}
"""
# The rules, as the messages say them.
UP_TO_2_63 = f"to {2**63}"
MASS = ("mass_gev must be {fixed: m}, {uniform: [low, high], knots: N}, {log_uniform: [low, high], "
        "knots: N} or {list: [m, ...]} with masses in [1e-12, 4.7] GeV (got ")
EDGES = "uniform must be [low, high] with low < high, two masses in [1e-12, 4.7] GeV (got the list "
G = ("g_bl must be solve, rows, {fixed: g} or {log_uniform: [low, high]} with g in [1e-30, 10] and "
     "low < high (got ")
W = ("w must be haar, {file: name} or {fixed: [r11, ph11, r12, ph12, r13, ph13]} with moduli r "
     "from 0 and phases in units of pi")
KIND = ("constraint 'my_limit' must have exactly one of upper | curve | band_1sigma and "
        "band_2sigma | central and sigma (got ")
POSITIVE = "a number from 1e-100 to 1e100"
NAME = "1 to 63 letters, digits and signs _ - + . (not dots alone)"
AXES = ("histograms must be up to 15 pairs [a, b] of wu11_abs2 wu12_abs2 wu13_abs2 phase12 phase13 "
        "phase23 log10_g (got ")
LOG10_G = "log10_g must be [low, high] in [-30, 1], with high at least 1e-06 above low (got "
BIN_NUMBER = "a whole number from 1 to 254"
A_MAPPING = "the file must be a mapping of keys"
AN_EXTRA = "upper: 1.0e-5, cl: 0.9"


def values(rule, old, key, line, *texts):
    """One case for each value of a key: its text, or its text and what the message shows of it."""
    pairs = [text if isinstance(text, tuple) else (text, f"'{text}'") for text in texts]
    return [(old, f"{key}: {text}", line, f"{key} must be {rule} (got {got})")
            for text, got in pairs]


def replaced(old, line, *cases):
    """Cases that replace the same text: the new one, and what the message says of it."""
    return [(old, new, line, says) for new, says in cases]


def missing(line, old, key, rule, new=""):
    """A text is replaced, and then a key is missing."""
    return [(old, new, line, f"{key} is missing; it must be {rule}")]


# what is replaced, by what, the line of the message, what it must say
BAD = (
    *values(f"a whole number from 1 {UP_TO_2_63}", "samples: 5000", "samples", 2,
            "0", "-1", "1.5", "9223372036854775809", "1e19", "nan", ".inf", "many", "0x10",
            "5000 samples", ("[1]", "the list [1]"), ("[[1]]", "a list"), ("", "''")),
    *values(f"a whole number from 0 {UP_TO_2_63}", "seed: 7", "seed", 3, "-7", "0.5", "0x7"),
    *replaced("samples: 5000", 2, ("sampels: 5000", "survey has no key 'sampels'; its keys are "
                                   "samples seed mass_gev g_bl w")),
    *replaced("seed: 7", 4, ("seed: 7\n  seed: 8", "survey has the key 'seed' twice; write it")),
    *replaced(
        "{fixed: 0.140}", 4, ("0.140", f"{MASS}'0.140')"), ("{list: [0.1, 9]}", f"{MASS}'9')"),
        *((f"{{fixed: {m}}}", f"{MASS}'{m}')") for m in ("0", "-0.14", "4.7000001", "nan", "inf",
                                                         "0x1p-3")),
        ("{uniform: [0.12, 0.15]}", f"{MASS}a mapping)"),
        ("{fixed: 0.1, list: [0.1]}", f"{MASS}a mapping)"),
        *((f"{{uniform: {edges}, knots: 4}}", f"{EDGES}{edges})")
          for edges in ("[0.15, 0.12]", "[0.12, 0.12]", "[0.12]")),
        *((f"{{uniform: [0.12, 0.15], knots: {n}}}",
           f"knots must be a whole number from 2 to 65536 (got '{n}')") for n in (1, 65537)),
        ("{list: []}", "list must be [m, ...] with 1 to 65536 masses in [1e-12, 4.7] GeV (got a"),
        ("{fixd: 0.1}", "mass_gev has no key 'fixd'; its keys are fixed uniform knots "
         "log_uniform list")),
    *replaced("{fixed: 0.140}", 5, ("{list: [0.1, 0.2,\n    0.3, 0.10]}",
                                    "list must hold each mass once (got 0.10 twice)")),
    *missing(1, "  mass_gev: {fixed: 0.140}\n", "mass_gev", "{fixed: m}, {uniform: [low, high],"),
    *replaced(
        "g_bl: solve", 5, ("g_bl: guess", f"{G}'guess')"),
        *((f"g_bl: {{fixed: {g}}}", f"{G}'{g}')") for g in ("0", "-1e-3", "nan", "11", "1e-60")),
        *((f"g_bl: {{log_uniform: {edges}}}", f"{G}the list {edges})")
          for edges in ("[1e-3, 1e-3]", "[1e-3, 1e-4]", "[1e-5]")),
        ("g_bl: {log_uniform: [0, 1e-4]}", f"{G}'0')"),
        ("g_bl: {fixed: 1e-3, log_uniform: [1e-4, 1]}", f"{G}a mapping)")),
    *replaced(
        "w: haar", 6, ("w: random", f"{W} (got 'random')"), ("w: {fixed: 1}", f"{W} (got '1')"),
        ("w: {fixed: [0, 0, 0, 0, 0, 0]}", f"{W}, not all moduli zero (got the list [0, 0, 0,"),
        ("w: {fixed: [1, 0, 1, 0, 1]}", f"{W} (got the list [1, 0, 1, 0, 1])"),
        ("w: {fixed: [1, 0, 1, 0, nan, 0]}", f"{W} (got 'nan')"),
        ("w: {fixed: [1, 0, 1, 0, inf, 0]}", f"{W} (got 'inf')"),
        ("w: {fixed: [0, 0, 1, 0, -1, 0.59]}",
         f"{W}, each at most 1e6 in size (got the list [0, 0, 1, 0, -1, 0.59])")),
    *replaced("preset: pdg2018", 7, ("preset: pdg1066", "the preset of the inputs must be pdg2018 "
                                     "or pdg2024 (got 'pdg1066')")),
    *replaced(
        "m_t: 163.0", 7,
        *((f"m_t: {m}", f"m_t (top quark mass) must be a number from 100 to 1000 GeV (got '{m}')")
          for m in ("nan", "5", "0xa3")),
        ("m_x: 163.0", "inputs has no key 'm_x'; its keys are preset form_factors vary"),
        ("m_t: [163]", "m_t must be a single value (got the list [163])"),
        ("m_t: 163, m_t: 170", "inputs has the key 'm_t' twice; write it once"),
        ("form_factors: mine", "form_factors must be bz2004 or ff2022 (got 'mine')"),
        ("long_distance: yes", "long_distance (whether H_ds of K+ -> pi+ Z' includes its "
         "long-distance part) must be false or true (got 'yes')"),
        ("br_inv: [one]", "br_inv must be a single value (got the list [one])")),
    *replaced(
        "sets: [paper2020]", 9,
        ("sets: [paper2021]", "there is no constraint set 'paper2021'; the sets are paper2020"),
        ("sets: paper2020", "sets must be a list (got 'paper2020')"),
        ("sets: [paper2020, paper2020]", "the constraint set 'paper2020' is listed twice"),
        ("sets: [paper2020, world_2025]", "the constraint sets 'paper2020' and 'world_2025' both "
         "hold 'ccfr'; use one of the two sets"),
        ("sets: [[paper2020]]", "each item of sets must be the name of a constraint set (got the")),
    *replaced(
        "without: [ccfr]", 10, ("without: [ccfr, gm2, ccfr]", "without names 'ccfr' twice"),
        ("without: [cfr]", "each name in without must be a constraint of the chosen sets (got 'c"),
        ("without: ccfr", "without must be a list (got 'ccfr')")),
    *values("a whole number from 1 to 2", "sigma: 2", "sigma", 11, "3", "0", "1.5"),
    *replaced("sigma: 2", 11, ("sigmas: 2", "constraints has no key 'sigmas'; its keys are sets")),
    *values(POSITIVE, "upper: 1.0e-5", "upper", 12, "-1", "nan", "0", "1e300"),
    *replaced(
        "upper: 1.0e-5", 12,
        ("curve: none.csv", "none.csv cannot be read (No such file or directory)"),
        ("curve: unsorted.csv", "unsorted.csv:4: masses must rise down the file, or "
         "fall throughout (got mass 0.3 after 0.1); sort the rows"),
        ("upper: 1, curve: good.csv", f"{KIND}upper, curve)"),
        ("upper: 1, central: 2", f"{KIND}upper, central)"),
        ("upper: 1.0e-5, mass_inside_gev: [0.2, 0.1]",
         "mass_inside_gev must be [low, high] with low < high (got the list [0.2, 0.1])"),
        ("upper: 1, mass_inside_gev: [0.1, 0.2], mass_outside_gev: [0.3, 0.4]",
         "constraint 'my_limit' must have at most one of mass_near_pi0_gev mass_inside_gev "
         "mass_outside_gev (got mass_inside_gev, mass_outside_gev)")),
    *replaced("upper: 1.0e-5, ", 12, ("", f"{KIND}none of them)")),
    *replaced(
        AN_EXTRA, 12,
        ("band_1sigma: [2, 1], band_2sigma: [0, 3]",
         "band_1sigma must be [low, high] with low < high (got the list [2, 1])"),
        *((f"band_1sigma: {inner}, band_2sigma: {outer}", "constraint 'my_limit' must have its "
           f"band_1sigma {inner} inside its band_2sigma {outer}")
          for inner, outer in (("[0, 4]", "[1.5, 5]"), ("[1, 6]", "[1, 5]")))),
    *missing(12, AN_EXTRA, "sigma", POSITIVE, "central: 1.0e-5"),
    *missing(12, AN_EXTRA, "band_2sigma", "[low, high] with low < high", "band_1sigma: [1, 2]"),
    *missing(12, ", cl: 0.9", "cl", "a confidence level from 1e-6 to 1 - 1e-9"),
    *missing(12, ', cite: "me"', "cite", "a printable text of 1 to 255 bytes"),
    *missing(12, "name: my_limit, ", "name", NAME),
    *missing(12, "observable: br_bp_kp, ", "observable", "one of br_kl_pi0 br_kp_pip br_b0_pi0"),
    *values("a confidence level from 1e-6 to 1 - 1e-9", "cl: 0.9", "cl", 12, "1.5"),
    *replaced("observable: br_bp_kp", 12,
              ("observable: br_bp_kk", "observable must be one of br_kl_pi0 br_kp_pip br_b0_pi0 "
               "br_bp_pip br_b0_rho0 br_bp_rhop br_b0_k0 br_bp_kp br_b0_kst0 br_bp_kstp br_dp_pip "
               "br_d0_pi0 br_ds_kp br_dp_rhop br_d0_rho0 br_d0_omega br_lc_p br_dp_known br_t_u "
               "br_t_c br_t_q x12 x12_im delta_a_mu g_bl (got 'br_bp_kk')")),
    *values("a printable text of 1 to 255 bytes", 'cite: "me"', "cite", 12, ('""', "''")),
    *values("a name that no other constraint has", "name: my_limit", "name", 12, "gm2"),
    *values(NAME, "name: my_limit", "name", 12, "a/b", "/", ".", ("'...'", "'...'"),
            ("'a,b'", "'a,b'"), ("''", "''"), ("'a b'", "'a b'"), ('"a\\nb"', "'a?b'"),
            ('"a\\x7f"', "'a?'"), ("'a\"b'", "'a\"b'"), "a\\b", "caf\u00e9", "x" * 64,
            ("[a]", "the list [a]")),
    *values("records, index or none", "store: records", "store", 13, "all"),
    *values("limited or all", "nearest: 10", "columns", 13, "none", ("[all]", "the list [all]")),
    *values(f"a whole number from 0 {UP_TO_2_63}", "max_survivors: 1000", "max_survivors", 13,
            "-1"),
    *values("a whole number from 0 to 1000000", "nearest: 10", "nearest", 13, "1000001", "0xa"),
    *replaced("wu12_abs2, wu13_abs2", 14, ("wu12_abs2, wu14_abs2", f"{AXES}'wu14_abs2')"),
              ("wu12_abs2, wu12_abs2", "histograms must be pairs of two different axes (got the")),
    *replaced("[[wu12_abs2, wu13_abs2]]", 14, ("[wu12_abs2]", f"{AXES}'wu12_abs2')"),
              ("[[phase12, phase13], [phase12, phase13]]", "histograms must be a list that names "
               "each pair once (got the list [phase12, phase13])")),
    *replaced("histograms: [[wu12_abs2, wu13_abs2]]", 14,
              ("bins: {log10_g: [-31, 0]}", f"{LOG10_G}'-31')"),
              ("bins: {log10_g: [-8, 1.01]}", f"{LOG10_G}'1.01')"),
              ("bins: {log10_g: [-4, -12]}", f"{LOG10_G}the list [-4, -12])"),
              ("bins: {log10_g: [-4, -3.9999999]}", f"{LOG10_G}the list [-4, -3.9999999])"),
              ("bins: {log10_g: [-12, -8, -4]}", f"{LOG10_G}the list [-12, -8, -4])"),
              ("bins: {log10_g: 64}", f"{LOG10_G}'64')"),
              ("bins: {log10_g: [nan, 0]}", f"{LOG10_G}'nan')"),
              ("bins: {phase13: [-3.2, 0]}", "phase13 must be [low, high] in [-3.141592653589793, "
               "3.141592653589793], with high at least 1e-06 above low (got '-3.2')"),
              ("bins: {wu11_abs2: [-0.1, 0.5]}", "wu11_abs2 must be [low, high] in [0, 1], with "),
              ("bins: {g_bl: [0, 1]}", "bins has no key 'g_bl'; its keys are wu11_abs2 wu12_abs2 "
               "wu13_abs2 phase12 phase13 phase23 log10_g"),
              ("bins: {phase23: {range: [0, 9]}}", "phase23 must be [low, high] in [-3.14159265"),
              ("bins: {log10_g: {number: 0}}", f"number must be {BIN_NUMBER} (got '0')"),
              ("bins: {log10_g: {number: 255}}", f"number must be {BIN_NUMBER} (got '255')"),
              ("bins: {log10_g: {number: 4.5}}", f"number must be {BIN_NUMBER} (got '4.5')"),
              ("bins: {log10_g: {low: -8}}", "log10_g has no key 'low'; its keys are range number"),
              ("bins: [-12, -4]", "bins must be a mapping")),
    *values("the name of a file", "file: OUT", "file", 13, ("[a]", "the list [a]"), ('""', "''")),
    *replaced("output:", 13, ("outputs:", "the configuration has no key 'outputs'; its keys are "
                              "survey inputs constraints output")),
    *replaced(GOOD, 1, ("", f"{A_MAPPING} (it is empty)"), ("# nothing\n", f"{A_MAPPING} (it is e"),
              ("- survey\n", f"{A_MAPPING} (got a list)"), ("text\n", f"{A_MAPPING} (got a text)"),
              ("survey: {mass_gev: {fixed: 0.1}}\n", "constraints must name at least one")),
    *replaced(GOOD, 2, ("survey: {mass_gev: {fixed: 0.1}}\nconstraints: {sets: []}\n",
                        "constraints must name at least one constraint, by sets: [paper2020, ...]"),
              ("survey: {samples: [\n", "this is not valid YAML, at column 1 "
               "(did not find expected node")),
    *replaced(GOOD, 1, ("\t- \x01\x02 {\n", "this is not valid YAML, "
                        "at byte 4 of the line: U+0001 is a control")),
    *missing(1, GOOD, "survey", "a mapping with the keys samples seed mass_gev g_bl w",
             "constraints: {sets: [paper2020]}\n"),
    *replaced("survey:\n", 2, ("survey: 5\nsurvex:\n", "the configuration has no key 'survex'")),
)
A_THREAD_COUNT = "--threads must be a whole number from 1 to 1024 (got "
TWICE = "is given twice, the second time with"
OPTIONS = (                            # of `survey`, refused with exit 2; what the message says
    *((["--samples", text], f"--samples must be a whole number from 1 to 2^63 (got '{text}')")
      for text in ("0", "-1", "1.5", "9223372036854775809", "1e19", "", "nan", "[5")),
    *((["--seed", text], f"--seed must be a whole number from 0 to 2^63 (got '{text}')")
      for text in ("0x7", "-1", "x")),
    *((["--threads", text], f"{A_THREAD_COUNT}'{text}')") for text in ("0x2", "0", "1.5", "2000")),
    (["--first", "x", "--count", "1"], "--first must be a whole number from 0 to 2^63 (got 'x')"),
    (["--range", "0"], "--range must be a whole number from 1 to 1099511627776 (got '0')"),
    *((["--commit", text], f"--commit must be a number of seconds from 0 to 86400 (got '{text}')")
      for text in ("-1", "nan")),
    (["--backend", "gpu"], "--backend must be auto, cpu or cuda (got 'gpu')"),
    (["--seed", "1", "--seed", "2"], f"--seed {TWICE} '2'; give it once"),
    (["-o", "a.h5", "--output", "b.h5"], f"-o or --output {TWICE} 'b.h5'; give it once"),
    (["--model", "none.h5"], "none.h5 is not an HDF5 file that can be opened; use one made by"),
    (["--nonsense"], "unknown option --nonsense for 'bl23 survey' (see 'bl23 survey --help')"),
    (["--samples"], "--samples needs a value (see 'bl23 survey --help')"),
    (["other.yaml"], "bl23 survey takes one CONFIG (got 2 operands)"),
    (["-o", "none/out.h5"],
     "output file: 'none/out.h5' is in a folder that does not exist; choose another folder"),
    (["-o", "."], "output file: '.' exists and is not a regular file; choose another name"),
    *((["-o", name], f"output file: '{name}' is not the name of a file; choose another name")
      for name in ("", "folder/")),
    (["-o", "x" * 5000], "-o must be a name of at most 4095 bytes (got 5000 bytes)"),
)
