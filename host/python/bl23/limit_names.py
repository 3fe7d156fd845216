# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The shipped limits as figures name them. A limit of one's own is shown by its own name."""
from .texts import literal

NAMES = {
    "koto_events": "KOTO events",
    "gm2": r"$(g-2)_\mu$",
    "gm2_wp2025": r"$(g-2)_\mu$ 2025",
    "ccfr": "CCFR",
    "koto_2018": "KOTO 2018",
    "koto_2024_pi0": "KOTO 2024",
    "e949": "E949",
    "na62_2025": "NA62 2025",
    "na62_pi0": r"NA62 $\pi^0\,\to$ inv.",
    "na62_pi0window": r"NA62 $\pi^0\,\to$ inv.",
    "b0_pi0_inv": r"$B^0\,\to\,\pi^0$ inv.",
    "bp_pip_inv": r"$B^+\,\to\,\pi^+$ inv.",
    "b0_rho0_inv": r"$B^0\,\to\,\rho^0$ inv.",
    "bp_rhop_inv": r"$B^+\,\to\,\rho^+$ inv.",
    "b0_k0_inv": r"$B^0\,\to\,K^0$ inv.",
    "bp_kp_inv": r"$B^+\,\to\,K^+$ inv.",
    "bp_kp_belle2_recast": r"$B^+\,\to\,K^+X$ Belle II",
    "bp_kp_belle2_light": r"$B^+\,\to\,K^+X$ Belle II",
    "b0_kst0_inv": r"$B^0\,\to\,K^{*0}$ inv.",
    "bp_kstp_inv": r"$B^+\,\to\,K^{*+}$ inv.",
    "d_life": r"$D^+$ lifetime",
    "dp_pip": r"$D^+\,\to\,\pi^+X$",
    "dp_pip_loose": r"$D^+\,\to\,\pi^+X$ (loose)",
    "d0_omega": r"$D^0\,\to\,\omega X$",
    "d0_omega_loose": r"$D^0\,\to\,\omega X$ (loose)",
    "lc_p": r"$\Lambda_c\,\to\,p\,X$",
    "d0_x12": r"$D^0$ mixing, $x_{12}$",
    "d0_x12_im": r"$D^0$ mixing, phase",
    "t_q": r"$t\,\to\,q\,Z'$",
    "na64mu_projection": r"NA64$\mu$ (projection)",
    "borexino_lmutau": r"Borexino (for $L_\mu-L_\tau$)",
}


def shown_name(name):
    """The name of a limit, for matplotlib."""
    return NAMES.get(name) or literal(name)
