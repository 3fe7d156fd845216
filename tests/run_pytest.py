#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Run a test file by pytest as ctest does: run_pytest.py OPTION... FILE

Exit 0: passed; 77: pytest is missing, or every test was skipped; anything else: failed.
"""
import sys

sys.dont_write_bytecode = True
try:
    import pytest
except ImportError:
    print("skipped: pytest (python3-pytest) is not installed")
    sys.exit(77)

sys.exit(pytest.main(sys.argv[1:]))
