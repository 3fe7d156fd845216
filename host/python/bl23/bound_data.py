# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""A file of 'bl23 bound -o': what was proven at each mass."""
import json
import os
import textwrap

import numpy as np

from .reading import NotDrawn, check_data, check_format, finite_positive, settings_of
from .texts import literal, masses_text, text_of

TITLE_WIDTH, TITLE_LINES = 92, 4
FEW = 64  # so many masses are marks, without lines or shades between them


class NotABound(NotDrawn):
    pass


def asked(settings):
    """What a resolved configuration asks for: all but masses, samples, seed and output."""
    return {f"{section}: {key}": value
            for section, keys in settings.items() if section != "output"
            for key, value in keys.items() if key not in ("mass_gev", "samples", "seed")}


class Bound:
    """Bounds: mass [MeV], lower and upper, the least tension that is proven and reached, g_max and
    g_reached, the largest g that any W_u allows, and g_asked, each [masses]; states, such as
    "excluded", in the order of the file; config: the resolved configuration, as YAML."""

    def __init__(self, path):
        try:
            with open(path, encoding="utf-8") as file:
                content = json.load(file)
        except OSError as error:
            raise NotABound(f"cannot be read: {os.strerror(error.errno)}") from error
        except (ValueError, RecursionError) as error:
            raise NotABound("is not JSON; give a file that 'bl23 bound -o FILE.json' wrote"
                            ) from error
        if not isinstance(content, dict):
            raise NotABound("is not a bl23 bound file, as 'bl23 bound -o' makes it")
        check_format(content, "bl23-bound", "bl23 bound -o", NotABound)
        rows = sorted(content["masses"], key=lambda m: m["mass_gev"])
        self.possible = np.array([m["possible"] for m in rows], dtype=bool)
        closed = [m for m in rows if not m["possible"]]
        self.impossible = 1e3 * np.array([m["mass_gev"] for m in closed])
        self.reasons = sorted({m.get("decided_by", "") for m in closed} - {""})
        self.config = text_of(content["config"])
        self.settings = settings_of(self.config)
        self.count, self.constraints = len(content["masses"]), content["constraints"]
        self.few = self.count <= FEW
        self.mass = 1e3 * np.array([m["mass_gev"] for m in rows])
        tension = [m.get("tension", {}) for m in rows]  # no number where nothing can meet a limit
        self.lower = np.array([a.get("lower", np.nan) for a in tension], dtype=float)
        self.upper = np.array([a.get("upper", np.nan) for a in tension], dtype=float)
        self.g_max, self.g_reached, self.g_asked = (
            np.array([m.get(key, np.nan) for m in rows], dtype=float)
            for key in ("g_max_proven", "g_max_reached", "g_min_asked"))
        self.states = [m["state"] for m in content["masses"]]
        self.check()
        decided = [m["decided_by"] for m in rows if m["possible"]]
        left_out = [name for m in rows for name in m.get("left_out", [])]
        self.left_out = ", ".join(dict.fromkeys(left_out))
        self.decided = sorted(set(decided) - {""}, key=lambda d: (-decided.count(d), d))
        self.solve = self.settings.get("survey", {}).get("g_bl") == "solve"

    def __repr__(self):
        states = ", ".join(f"{self.states.count(s)} {s}" for s in dict.fromkeys(self.states))
        least = f"; least tension {np.nanmin(self.upper):.6g}" if self.possible.any() else ""
        return (f"<bl23 bounds: {masses_text(self.mass / 1e3)}: {states}{least}; constraints "
                f"{self.constraints}>")

    def check(self):
        check_data(finite_positive(self.mass), "a mass is not a positive number")
        check_data(not (self.lower > self.upper).any(),
                   "a tension is proven that lies above one that is reached")
        numbers = np.array([self.lower, self.upper, self.g_max, self.g_reached, self.g_asked])
        numbers = numbers[:, self.possible]
        check_data((np.isfinite(numbers) & (numbers >= 0)).all(),
                   "a tension or a g is missing, or is no number")

    def title(self):
        states = [f"{self.states.count(s)} {s}" for s in ("excluded", "open", "undecided")
                  if s in self.states]
        decided = "; ".join(self.decided[:2]) + (" ..." if len(self.decided) > 2 else "")
        where = f"{self.count} masses" if self.count > 1 else f"{self.mass[0]:.6g} MeV"
        closed = "".join(self.reasons[:1]) + (" ..." if len(self.reasons) > 1 else "")

        def lines(text):
            wrapped = textwrap.wrap(text, TITLE_WIDTH, max_lines=TITLE_LINES)
            return [literal(line) for line in wrapped]

        return "\n".join([rf"every $W_u$ and every $g_{{B-L}}$ at {where}: {', '.join(states)}",
                          *lines(f"constraints {self.constraints}"),
                          *(lines(f"decided by {decided}") if decided else []),
                          *(lines(f"the proofs leave out {self.left_out}; the reached numbers "
                                  "count them") if self.left_out else []),
                          *(lines(f"infinite T: {closed}") if closed else [])])
