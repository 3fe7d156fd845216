# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What 'bl23 bestfit --json' prints: the best fit at each mass."""
import json

import numpy as np

from .errors import ArgumentError
from .reading import NotDrawn, check_data, finite_positive
from .table import html_table
from .texts import masses_text

SAME_MASS = 1e-9  # relative: a mass is given by as many digits


class NotAFit(NotDrawn):
    pass


class Fit:
    """Best fits, the masses rising: mass_gev, chi2, the least that was found, chi2_proven, which
    no row and no g is below, chi2_no_zprime, that without a Z', chi2_g, the g of the least, and
    p_value (NaN without a degree of freedom), terms, the constraints that chi^2 is made of,
    parameters, starts, and starts_that_agree, those that led to chi2, each [masses]; w, the row of
    the least, complex [masses, 3]; best: the number of the best mass. chi2_band, where inputs vary:
    16, 50 and 84 % of the least chi^2 over their draws, [masses, 3]; otherwise None."""

    def __init__(self, text):
        try:
            rows = sorted(json.loads(text)["masses"], key=lambda m: m["mass_gev"])
        except (ValueError, RecursionError, LookupError, TypeError) as error:
            raise NotAFit("is not what 'bl23 bestfit --json' prints") from error
        check_data(bool(rows), "holds no mass")
        self.mass_gev, self.chi2, self.chi2_proven, self.chi2_no_zprime, self.chi2_g = (
            np.array([m[key] for m in rows], dtype=float)
            for key in ("mass_gev", "chi2", "chi2_proven", "chi2_no_zprime", "chi2_g"))
        self.p_value = np.array([np.nan if m["p_value"] is None else m["p_value"] for m in rows],
                                dtype=float)
        self.w = np.array([m["w"] for m in rows], dtype=float).view(complex)[..., 0]
        self.terms, self.parameters, self.starts, self.starts_that_agree = (
            np.array([m[key] for m in rows], dtype=int)
            for key in ("terms", "parameters", "starts", "starts_that_agree"))
        self._points = [m["point"] for m in rows]
        self.chi2_band = (np.array([m["chi2_16_50_84"] for m in rows], dtype=float)
                          if "chi2_16_50_84" in rows[0] else None)
        check_data(finite_positive(self.mass_gev), "a mass is not a positive number")
        check_data(bool(np.isfinite([self.chi2, self.chi2_proven, self.chi2_no_zprime]).all()),
                   "a chi^2 is no number")
        self.best = int(np.argmin(self.chi2))

    def point(self, mass=None):
        """The best point at a mass [GeV] (None: the best one), a dict as `bl23 point --json` prints
        it, with likelihood and pull of each of its "constraints"; None where chi^2 is least
        without a Z'. ArgumentError where nothing was fitted at that mass."""
        return self._points[self.number_of(mass)]

    def number_of(self, mass=None):
        """Which of the masses that is."""
        if mass is None:
            return self.best
        for k, fitted in enumerate(self.mass_gev):
            if isinstance(mass, (int, float)) and abs(mass - fitted) <= SAME_MASS * fitted:
                return k
        raise ArgumentError(f"nothing was fitted at {mass!r} GeV; the fit has "
                            f"{masses_text(self.mass_gev)}")

    def __repr__(self):
        k = self.best
        return (f"<bl23 best fit: {masses_text(self.mass_gev)}: chi^2 {self.chi2[k]:.5g} at "
                f"{self.mass_gev[k]:.6g} GeV; no W_u has less than {self.chi2_proven[k]:.5g} "
                "there>")

    def _repr_html_(self):
        columns = (self.mass_gev, self.chi2, self.chi2_proven, self.chi2_no_zprime, self.chi2_g,
                   *np.abs(self.w).T)
        return html_table(
            ["mass [GeV]", "chi^2", "no W_u is below", "without Z'", "g_B-L",
             *(f"|(W_u)_1{i}|" for i in (1, 2, 3))],
            [[f"{value:.6g}" for value in row] for row in zip(*columns)])
