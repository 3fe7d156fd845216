# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Texts and numbers as figures and pages show them."""

NAME_MAX = 200  # a longer text is cut


def text_of(value):
    """Text of a file; what is not UTF-8 in it is replaced."""
    raw = value if isinstance(value, bytes) else str(value).encode(errors="replace")
    return raw.decode(errors="replace")


def literal(text):
    """What a file names, for matplotlib to draw sign by sign: no formula, and no leading _, which
    would hide it from a legend."""
    shown = "".join(c if c.isprintable() else "\ufffd" for c in text_of(text))
    if len(shown) > NAME_MAX:
        shown = shown[:NAME_MAX - 1] + "\u2026"
    return ("\u200a" if shown.startswith("_") else "") + shown.replace("$", r"\$")


def thousands(count):
    """12345678 -> '12 345 678', from 1e9 on in powers of ten."""
    if count >= 10**9:
        mantissa, exponent = f"{count:.3e}".split("e")
        return rf"{float(mantissa):g}$\times10^{{{int(exponent)}}}$"
    return f"{count:,}".replace(",", "\u2009")


def scientific(x, digits=3):
    mantissa, _, exponent = f"{x:.{digits}g}".partition("e")
    return rf"${mantissa}\times10^{{{int(exponent)}}}$" if exponent else mantissa


def percent(fraction):
    if fraction == 0:
        return "0"
    if 0.9995 <= fraction < 1:
        return "> 99.9 %"
    return f"{100 * fraction:.3g} %" if fraction >= 1e-5 else scientific(fraction)


def percent_text(fraction):
    """The same without a formula."""
    return f"{fraction:.3g}" if 0 < fraction < 1e-5 else percent(fraction)


def wholes_text(draws_g, g="$g$"):
    """What a volume is a part of, in the plural; g as a figure writes it, or another text."""
    return f"pairs of row and {g}" if draws_g else "rows"


def masses_text(mass_gev):
    """Masses [GeV] in words, for a person."""
    if len(mass_gev) == 1:
        return f"m_Z' = {mass_gev[0]:.6g} GeV"
    return f"{len(mass_gev)} masses from {min(mass_gev):.6g} to {max(mass_gev):.6g} GeV"
