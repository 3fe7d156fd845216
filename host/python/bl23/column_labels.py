# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Columns and axes of histograms as figures name them: formulas of LaTeX, without $."""

DECAYS = {
    "kl_pi0": r"K_L\to\pi^0 Z'",
    "kp_pip": r"K^+\to\pi^+ Z'",
    "b0_pi0": r"B^0\to\pi^0 Z'",
    "bp_pip": r"B^+\to\pi^+ Z'",
    "b0_rho0": r"B^0\to\rho^0 Z'",
    "bp_rhop": r"B^+\to\rho^+ Z'",
    "b0_k0": r"B^0\to K^0 Z'",
    "bp_kp": r"B^+\to K^+ Z'",
    "b0_kst0": r"B^0\to K^{*0} Z'",
    "bp_kstp": r"B^+\to K^{*+} Z'",
    "dp_pip": r"D^+\to\pi^+ Z'",
    "d0_pi0": r"D^0\to\pi^0 Z'",
    "ds_kp": r"D_s^+\to K^+ Z'",
    "dp_rhop": r"D^+\to\rho^+ Z'",
    "d0_rho0": r"D^0\to\rho^0 Z'",
    "d0_omega": r"D^0\to\omega Z'",
    "lc_p": r"\Lambda_c\to p Z'",
    "dp_known": r"D^+\to\pi^+ Z',\rho^+ Z'",
    "t_u": r"t\to u Z'",
    "t_c": r"t\to c Z'",
    "t_q": r"t\to u Z',c Z'",
}
COLUMNS = {
    "mass_gev": r"m_{Z'}\,[\mathrm{GeV}]",
    "g_bl": r"g_{B-L}",
    "g_min": r"g_{B-L}^\mathrm{min}",
    "g_max": r"g_{B-L}^\mathrm{max}",
    **{f"wu1{i}_abs": rf"|(W_u)_{{1{i}}}|" for i in (1, 2, 3)},
    **{f"wu1{i}_phase": rf"\arg(W_u)_{{1{i}}}" for i in (1, 2, 3)},
    **{f"{column}_{part.lower()}": rf"\mathrm{{{part}}}\,{amplitude}"
       for column, amplitude in (("h_ds", "H_{ds}"), ("h_db", "H_{db}"), ("h_sb", "H_{sb}"),
                                 ("f_v", "F_V"), ("f_a", "F_A"))
       for part in ("Re", "Im")},
    **{f"br_{decay}": rf"\mathrm{{BR}}({text})" for decay, text in DECAYS.items()},
    "x12": r"x_{12}",
    "x12_im": r"x_{12}^\mathrm{im}",
    "delta_a_mu": r"\Delta a_\mu",
    "tension": r"T",
    "level": r"\mathrm{level}",
    "chi2": r"\chi^2",
    "chi2_g": r"g_{B-L}(\chi^2)",
    "LogLike": r"\ln L",
}
AXES = {
    **{f"wu1{i}_abs2": rf"|(W_u)_{{1{i}}}|^2" for i in (1, 2, 3)},
    **{f"phase{i}{j}": rf"\arg(W_u)_{{1{j}}}-\arg(W_u)_{{1{i}}}"
       for i, j in ((1, 2), (1, 3), (2, 3))},
    "log10_g": r"\log_{10}\,g_{B-L}",
}
