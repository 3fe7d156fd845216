# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A file of 'bl23 plane -o': the regions of the (m_Z', g) plane."""
import numpy as np

from .reading import NotDrawn, check_data, check_format, finite_positive
from .texts import masses_text, text_of


class NotAPlane(NotDrawn):
    pass


class Plane:
    """A plane: mass [GeV, masses], and by name constraints and overlays, each with its kind,
    observable, cl (0: none is stated), and g_min and g_max [2, masses] at 1 and 2 sigma; contours
    of the decay length. w_abs and w_phase [3]: the row of scenario 2, phases in radians; else
    None. config: the resolved configuration, as YAML."""

    def __init__(self, file):
        check_format(file.attrs, "bl23-plane", "bl23 plane -o", NotAPlane)
        self.mass = np.asarray(file["mass_gev"])
        check_data(finite_positive(self.mass), "a mass is not a positive number")
        self.order = np.argsort(self.mass)
        self.mass = self.mass[self.order]
        self.scenario = int(file.attrs["scenario"])
        self.inputs = text_of(file.attrs["inputs"])
        self.config = text_of(file["config"].attrs["yaml"])
        self.w_abs = self.w_phase = None
        if self.scenario == 2:
            self.w_abs, self.w_phase = (np.asarray(file.attrs[f"w_{key}"])
                                        for key in ("abs", "phase"))
            check_data(all(w.shape == (3,) and np.isfinite(w).all()
                           for w in (self.w_abs, self.w_phase)), "w is not three numbers")
        self.constraints = self._read(file["constraints"])
        self.overlays = self._read(file["overlays"])
        self.contours = [(float(d.attrs["ctau_m"]), np.asarray(d)[self.order])
                         for d in file["contours"].values()]
        for _, g in self.contours:
            check_data(g.shape == self.mass.shape and np.isfinite(g).all(),
                       "a contour does not fit the masses")

    def __repr__(self):
        return (f"<bl23 plane: {masses_text(self.mass)}, scenario {self.scenario}; constraints "
                f"{', '.join(self.constraints) or 'none'}>")

    def _read(self, group):
        names = sorted(group, key=lambda name: int(group[name].attrs["order"]))
        return {name: {"kind": text_of(group[name].attrs["kind"]),
                       "observable": text_of(group[name].attrs["observable"]),
                       "cl": float(group[name].attrs["cl"]),
                       "g_min": self._edge(group[name], "g_min"),
                       "g_max": self._edge(group[name], "g_max")} for name in names}

    def _edge(self, group, name):
        edge = np.asarray(group[name])
        check_data(edge.shape == (2, len(self.mass)) and not np.isnan(edge).any(),
                   f"{group.name}/{name} is not two numbers for each mass")
        return edge[:, self.order]

    def bands(self):
        """The constraints that ask for a g above zero."""
        return {name: c for name, c in self.constraints.items()
                if c["kind"] == "band" and (c["g_min"][1] > 0).any()}

    def b_limit(self):
        """The strongest limit of the B modes at each mass, None without one."""
        edges = [c["g_max"][1] for name, c in self.constraints.items()
                 if name not in self.bands() and c["observable"].startswith("br_b")]
        return np.minimum.reduce(edges) if edges else None
