# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""What the figures share: colours, axes, files; and what the drawing scripts share: options,
messages. It knows no physics.
"""
import argparse
import contextlib
import errno
import logging
import os
import sys
import warnings

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter

from ..reading import MALFORMED, NotDrawn, malformed
from ..texts import scientific

STYLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bl23.mplstyle")
FORMATS = ("png", "pdf")  # that a script writes
BLUE, RED, ORANGE, GREEN, GREY = "#0072B2", "#D62728", "#E69F00", "#009E73", "#666666"
PLAIN = 100  # what spans less has numbers without powers of ten
LOG_MASSES = 10  # masses that span more are drawn against their logarithm
MASS_MARGIN = 0.02  # of the axis beyond the first and the last mass, so that marks there are whole
chosen = {"formats": FORMATS, "title": None}  # by the options of a script
GRID = {"color": "0.9", "linewidth": 0.6}


class NotWritten(Exception):
    """An output cannot be written; the text is the sentence for the user."""


def note(text):
    """One line, whatever a file names in it."""
    script = os.path.basename(sys.argv[0])
    print(f"{script}: {''.join(c if c.isprintable() else '?' for c in str(text))}", file=sys.stderr)


def script_settings():
    """What a script sets and a notebook does not: figures go to files only. What is amiss is said
    in a sentence; the rest, such as a sign that no font has, is no matter."""
    matplotlib.use("Agg")
    warnings.filterwarnings("ignore", category=UserWarning)
    warnings.filterwarnings("ignore", category=RuntimeWarning)
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it warns of fonts without a date


def dots_per_inch(text):
    """The value of --dpi: a whole number from 20 to 1200."""
    if not (text.isdigit() and 20 <= int(text) <= 1200):
        raise argparse.ArgumentTypeError(
            f"must be a whole number from 20 to 1200 (got '{text}')")
    return int(text)


def parser_for(documentation, file, made_by, dpi=200):
    """The options that all have."""
    parser = argparse.ArgumentParser(description=documentation.split("\n\n")[0])
    parser.add_argument("file", metavar=file, help=f"what '{made_by}' wrote")
    parser.add_argument("-o", metavar="PREFIX", dest="prefix",
                        help="start of the names of what is written (default: "
                        f"{' without .'.join(file.split('.'))})")
    parser.add_argument("--dpi", type=dots_per_inch, default=dpi,
                        help="resolution of the PNG (default %(default)s)")
    parser.add_argument("--formats", type=formats, default=FORMATS, metavar="LIST",
                        help="formats that matplotlib writes, such as png,pdf,svg (default: png "
                        "and pdf)")
    parser.add_argument("--title", metavar="TEXT", help="another title; '' for none")
    parser.add_argument("--style", metavar="STYLE",
                        help="a style of matplotlib, or its file, on top of bl23's own")
    return parser


def formats(text):
    """The value of --formats."""
    known = plt.figure().canvas.get_supported_filetypes()
    plt.close("all")
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(
                f"must be formats out of {', '.join(sorted(known))} (got '{name}')")
    return names


def options_of(parser, changes=None):
    """The command line; the style is set, but for what a script wants otherwise."""
    script_settings()
    options = parser.parse_args()
    options.prefix = options.prefix or os.path.splitext(options.file.rstrip("/"))[0]
    plt.style.use(STYLE)
    plt.rcParams.update({**(changes or {}), "savefig.dpi": options.dpi})
    if options.style:
        try:
            plt.style.use(options.style)
        except OSError:
            parser.error(f"argument --style: '{options.style}' is no style of matplotlib and no "
                         "file of one")
    plt.rcParams["text.usetex"] = False
    chosen.update(formats=options.formats, title=options.title)
    return options


def read_hdf5(path, reader, refused=NotDrawn):
    """What reader makes of the open file; None, and a sentence for the user, where there is none,
    or reader raises `refused` or does not find what it reads."""
    import h5py

    try:
        if os.path.exists(path) and not os.path.isfile(path):
            note(f"{path} is not a file")  # opening a FIFO would wait
            return None
        file = h5py.File(path, "r")
    except OSError as error:
        why = "is not an HDF5 file that can be read"
        if error.errno == errno.ENOENT:
            why = "does not exist"
        elif error.errno:
            why = f"cannot be read: {os.strerror(error.errno)}"
        note(f"{path} {why}")
        return None
    try:
        with file:
            return reader(file)
    except (refused, NotDrawn, *MALFORMED) as error:
        note(f"{path} {malformed(error)}")
    return None


def plain_ticks(axis, low, high):
    """Ticks of a logarithmic axis from low to high: in powers of ten where it spans PLAIN or more,
    else plain numbers at 1, 2 and 5, or where a linear axis has them if these are fewer than
    two."""
    if high / low >= PLAIN:
        return
    number = FuncFormatter(lambda v, _: scientific(v, 6))
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    ticks = [m * 10.0**k for k in decades for m in (1, 2, 5)]
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


@contextlib.contextmanager
def whole_file(name):
    """A file for bytes that is under its name when it is complete, or not at all."""
    temporary = os.path.join(os.path.dirname(name), f".bl23-figure-{os.getpid()}")
    try:
        try:
            with open(temporary, "xb") as file:
                yield file
            os.replace(temporary, name)
        except OSError as error:
            if error.errno is None:
                raise
            raise NotWritten(f"{name} cannot be written: {os.strerror(error.errno)}") from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


METADATA = {"png": {"Software": None}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}


def save(figure, name, **options):
    """In the chosen formats, without the time and the version, so that equal data are equal
    files."""
    for ending in chosen["formats"]:
        with whole_file(f"{name}.{ending}") as file:
            figure.savefig(file, format=ending, metadata=METADATA.get(ending), **options)
        print(f"{name}.{ending}")
    plt.close(figure)


def titled(text):
    """The title of a figure: the text, or what the user wants instead."""
    return text if chosen["title"] is None else chosen["title"]


def written(path, draw, *arguments):
    """Call what draws the data of a file and saves; the exit code, and a sentence where a figure
    cannot be written (1) or the data cannot be drawn (2)."""
    try:
        draw(*arguments)
    except NotWritten as error:
        note(error)
        return 1
    except (NotDrawn, *MALFORMED) as error:
        note(f"{path} {malformed(error)}")
        return 2
    return 0
