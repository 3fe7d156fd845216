#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Make the site of the documentation: pages, reference of the Python package, notebooks.
#   scripts/site.sh [FOLDER]    into FOLDER (out/site); open FOLDER/index.html
# The program must be built (scripts/run.sh); BL23_BUILD names another build than build/release.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install_packages.sh
source scripts/install_packages.sh
script_arguments "" "$@"
install_packages plot
install_packages site
install_from_pypi 'corner>=2.2,<3'
# Debian's Sphinx is of Debian's Python.
site=${1:-out/site}
/usr/bin/python3 -m sphinx -q -W --keep-going -b html -d "$site/.doctrees" docs "$site"
echo "The site is $site/index.html."
