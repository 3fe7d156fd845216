#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The figures of bl23.plot.fit_plots, from the command line: see --help."""
import sys

import bl23_package

sys.exit(bl23_package.module("plot.fit_plots").main())
