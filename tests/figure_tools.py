# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the tests of the drawing scripts on odd files share: small files, and a call of a script."""

import contextlib
import importlib
import io
import json
import os
import sys

import survey_tools as t

NAMES = (
    "a_b^c$d",
    r"$\alpha$",
    "%s%n",
    "_hidden",
    r"$\undefined{$",
    "back\\slash",
    r"\$x",
    "{x}_{y",
    "two\nlines",
    "$",
    "x" * 63,
    "é 日",
    "#&~!|<>",
    "$$",
    "-",
    "_",
    "__main__",
    r"$\frac{a}{b}$ and $",
)
SCRIPTS = ("plot_survey", "plot_map", "plot_plane", "plot_bound", "plot_bench")
MODULES = {"plot_survey": "survey_plots", "plot_map": "map_plots", "plot_plane": "plane_plot",
           "plot_bestfit": "fit_plots", "plot_bound": "bound_plots", "plot_cover": "cover_plots",
           "plot_answer": "answer_plot", "plot_style": "style"}
figures = []


def module_of(script):
    """The module of the package bl23 that a script calls; of plot_bench, the script."""
    name = f"bl23.plot.{MODULES[script]}" if script in MODULES else script
    return importlib.import_module(name)


def draw(script, *arguments):
    """Exit code and stderr of the main() of a script; an exception that it lets through fails."""
    module, said = module_of(script), io.StringIO()
    argv, sys.argv = sys.argv, [script + ".py", *map(str, arguments)]
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            code = module.main()
    except SystemExit as ended:
        code = ended.code
    except Exception as error:  # a user would see a traceback
        code = f"{type(error).__name__}: {error}"
    finally:
        sys.argv = argv
        module.plt.close("all")
    return code, said.getvalue()


def drawn_by(script, function, *arguments):
    """The figure that a function of a script draws, caught before it is saved, or None."""
    module, figures = module_of(script), []
    saves, module.save = module.save, lambda figure, *_, **__: figures.append(figure)
    getattr(module, function)(*arguments)
    module.save = saves
    return figures[0] if figures else None


def boxes(figure, *artists):
    """Where they are drawn, in pixels."""
    figure.draw_without_rendering()
    return [artist.get_window_extent() for artist in artists]


def outline(text):
    """The box of a text as it is turned, in pixels."""
    from matplotlib.path import Path
    from matplotlib.text import Text
    from matplotlib.transforms import Affine2D

    angle = text.get_rotation()
    text.set_rotation(0)
    box = Text.get_window_extent(text)  # without the line of an annotation
    text.set_rotation(angle)
    corners = Path([box.min, (box.x1, box.y0), box.max, (box.x0, box.y1), box.min])
    return corners.transformed(Affine2D().rotate_deg_around(
        *text.get_transform().transform(text.get_position())
        if text.get_rotation_mode() == "anchor" else (0, 0), angle))


def crossings(axis):
    """What lies on texts in axes: (text, what crosses it), of curves, lines to names, frames of
    panels and other texts."""
    from matplotlib.path import Path

    axis.figure.figure.draw_without_rendering()
    texts = [text for text in axis.texts if text.get_text()]
    drawn = [(line.get_label(), line.get_path(), line.get_transform()) for line in axis.lines]
    drawn += [("patch", patch.get_path(), patch.get_transform()) for patch in axis.patches]
    drawn += [("upright line", path, lines.get_transform()) for lines in axis.collections
              if not len(lines.get_facecolor()) for path in lines.get_paths()]
    drawn = [(name, transform.transform_path(path).cleaned(remove_nans=True))
             for name, path, transform in drawn]
    curves = [(name, Path(piece)) for name, path in drawn
              for piece in path.to_polygons(closed_only=False)]
    curves += [("panel", Path(child.get_window_extent().corners()[[0, 1, 3, 2, 0]]))
               for child in axis.child_axes]
    boxes_of = [outline(text) for text in texts]
    curves += [(text.get_text(), box) for text, box in zip(texts, boxes_of)]
    arrows = [(f"line to {text.get_text()}", text.arrow_patch.get_path()) for text in texts
              if getattr(text, "arrow_patch", None)]
    return [(text.get_text(), name) for text, box in zip(texts, boxes_of)
            for name, curve in curves + arrows
            if curve is not box and name != f"line to {text.get_text()}"
            and (box.intersects_path(curve, filled=False)
                 or box.contains_points(curve.vertices).any())]


@contextlib.contextmanager
def kept_figures():
    """Figures are kept in `figures` and not saved: in a sweep the time goes into the saving."""
    modules = [module_of(name) for name in ("plot_style", *SCRIPTS)]
    saves = [(module, module.save) for module in modules if hasattr(module, "save")]
    for module, _ in saves:
        if not module.__name__.endswith("survey_plots"):  # its own calls that of style
            module.save = lambda figure, *_, **__: figures.append(figure)
    try:
        yield figures
    finally:
        figures.clear()
        for module, save in saves:
            module.save = save


def make_files(bl23, folder):
    """A survey with survivors and one without, a plane, bounds, a bench: all of them small."""
    extra = [
        {"name": f"n{k}", "observable": "g_bl", "upper": 1e-2 * (1 + k), "cl": 0.9, "cite": "x"}
        for k in range(len(NAMES) - 2)
    ]
    extra.append(
        {
            "name": "asks",
            "observable": "delta_a_mu",
            "central": 279e-11,
            "sigma": 100e-11,
            "cite": "x:2020abc",
        }
    )
    extra.append(
        {"name": "wide", "observable": "br_bp_kp", "central": 1e-6, "sigma": 1e3, "cite": "x"}
    )
    base = {
        "survey": {"samples": 30000, "seed": 1, "mass_gev": {"uniform": [0.12, 0.15], "knots": 4}},
        "constraints": {"extra": extra},
        "output": {"histograms": [["wu12_abs2", "wu13_abs2"]], "max_survivors": 500, "nearest": 40},
    }
    none = {
        **base,
        "constraints": {"sets": ["paper2020"]},
        "survey": {"samples": 30000, "mass_gev": {"list": [0.05, 0.06, 0.1]}},
    }
    paths = {
        name: os.path.join(folder, name)
        for name in ("s.h5", "none.h5", "p.h5", "b.json", "bench.json")
    }
    for name, config in (("s", base), ("none", none)):
        t.save_yaml(os.path.join(folder, name + ".yaml"), config)
        t.run_ok(
            [
                bl23,
                "survey",
                os.path.join(folder, name + ".yaml"),
                "-o",
                paths[name + ".h5"],
                "--quiet",
            ]
        )
    t.run_ok([bl23, "plane", os.path.join(folder, "s.yaml"), "--scenario", 1, "-o", paths["p.h5"]])
    t.run_ok([bl23, "bound", os.path.join(folder, "s.yaml"), "-o", paths["b.json"]])
    row = {
        "name": "bl23 a",
        "samples_per_s": 1e6,
        "seconds": [1.0, 2.0],
        "samples": 1e6,
        "ns_per_sample": 1.0,
    }
    with open(paths["bench.json"], "w", encoding="utf-8") as f:
        json.dump(
            {
                "comparison": [row, {**row, "name": "peer", "samples_per_s": 1e5}],
                "date": "d",
                "repeats": 2,
                "machine": {"cpu": "c", "peer_compiler": "g", "commit": "0" * 40},
            },
            f,
        )
    return paths
