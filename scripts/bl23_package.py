# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The package bl23 for the scripts: that of this checkout or installation, without its own being
installed. The drawing scripts import it first."""
import importlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for place in ("../host/python", "../python"):
    if os.path.isdir(os.path.join(HERE, place, "bl23")):
        sys.path.insert(0, os.path.normpath(os.path.join(HERE, place)))
        break


def module(name):
    """A module of the package; the script ends with a sentence where a library is missing."""
    try:
        for needed in ("h5py", "matplotlib", "numpy", "yaml"):
            importlib.import_module(needed)
        return importlib.import_module("bl23." + name)
    except ImportError as missing:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {missing}; use a Python that has h5py, "
                 "matplotlib, numpy and PyYAML (python3-yaml), such as Debian's /usr/bin/python3")
