# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the drawing scripts share: the packages they need, options, messages, files.

plot_survey.py, plot_map.py, plot_plane.py and plot_bound.py import it first. It knows no physics.
"""
import argparse
import logging
import os
import sys

SCRIPT = os.path.basename(sys.argv[0])
try:
    import h5py
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt  # noqa: E402
    import numpy as np
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter
except ImportError as missing:
    sys.exit(f"{SCRIPT}: {missing}; run it with a Python that has h5py, numpy and matplotlib, "
             "such as Debian's /usr/bin/python3")

BLUE, RED, ORANGE, GREEN, GREY = "#0072B2", "#D62728", "#E69F00", "#009E73", "#666666"
PLAIN = 100  # what spans less has numbers without powers of ten
LOG_MASSES = 10  # masses that span more are drawn against their logarithm
MASS_MARGIN = 0.02  # of the axis beyond the first and the last mass, so that marks there are whole
GRID = {"color": "0.9", "linewidth": 0.6}


def note(text):
    print(f"{SCRIPT}: {text}", file=sys.stderr)


def dots_per_inch(text):
    """The value of --dpi: a whole number from 20 to 1200."""
    if not (text.isdigit() and 20 <= int(text) <= 1200):
        raise argparse.ArgumentTypeError(f"found '{text}', allowed: a whole number from 20 to 1200")
    return int(text)


def parser_for(documentation, file, made_by, style):
    """The options that all have."""
    parser = argparse.ArgumentParser(description=documentation.split("\n\n")[0])
    parser.add_argument("file", metavar=file, help=f"what '{made_by}' wrote")
    parser.add_argument("-o", metavar="PREFIX", dest="prefix",
                        help=f"start of the names of what is written (default: FILE without {file[4:]})")
    parser.add_argument("--dpi", type=dots_per_inch, default=style["savefig.dpi"],
                        help="resolution of the PNG (default %(default)s)")
    return parser


def options_of(parser, style):
    """The command line, and the style set as it asks for."""
    options = parser.parse_args()
    options.prefix = options.prefix or os.path.splitext(options.file)[0]
    plt.rcParams.update(style, **{"savefig.dpi": options.dpi})
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it warns of fonts without a date
    return options


def read_hdf5(path, reader, refused):
    """What reader makes of the open file; None, and a sentence for the user, where there is none or
    reader raises `refused` or misses a part."""
    try:
        file = h5py.File(path, "r")
    except OSError:
        note(f"{path} " + ("is not an HDF5 file that can be read" if os.path.exists(path)
                           else "does not exist"))
        return None
    try:
        with file:
            return reader(file)
    except refused as error:
        note(f"{path} {error}")
    except KeyError as error:
        note(f"{path} lacks a part of such a file: {error.args[0]}")
    return None


def plain_ticks(axis, low, high):
    """Ticks of a logarithmic axis from low to high: in powers of ten where it spans PLAIN or more, else
    plain numbers at 1, 2 and 5, and where these are fewer than two, where a linear axis has them."""
    if high / low >= PLAIN:
        return
    number = FuncFormatter(lambda v, _: f"{v:g}")
    ticks = [m * 10.0**k for k in range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
             for m in (1, 2, 5)]
    few = sum(low <= tick <= high for tick in ticks) < 2
    axis.set_major_locator(MaxNLocator(5) if few else FixedLocator(ticks))
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(number)


def set_masses(axis, masses):
    """The masses and a margin; logarithmic where they span more than LOG_MASSES."""
    low, high = min(masses), max(masses)
    if low == high:
        return
    if high > LOG_MASSES * low:
        axis.set_xscale("log")
        margin = (high / low) ** MASS_MARGIN
        axis.set_xlim(low / margin, high * margin)
        plain_ticks(axis.xaxis, *axis.get_xlim())
    else:
        margin = MASS_MARGIN * (high - low)
        axis.set_xlim(low - margin, high + margin)


def save(figure, name, **options):
    """As PNG and PDF, without the time and the version, so that equal data are equal files."""
    for ending, metadata in (("png", {"Software": None}), ("pdf", {"CreationDate": None})):
        figure.savefig(f"{name}.{ending}", metadata=metadata, **options)
        print(f"{name}.{ending}")
    plt.close(figure)


def written(draw, *arguments):
    """Call what draws and saves; the exit code, and a sentence where a file cannot be written."""
    try:
        draw(*arguments)
    except OSError as error:
        note(f"{error.filename or 'the output'} cannot be written: {error.strerror}")
        return 1
    return 0
