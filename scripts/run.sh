#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Build bl23, survey 1e8 random W_u against the paper's constraints, draw the paper's Fig. 3.
#   scripts/run.sh [FOLDER]    results go to FOLDER (default: out); the same command resumes
set -euo pipefail
if [ $# -gt 1 ]; then
  echo "run.sh takes one FOLDER (got $#); see --help" >&2
  exit 2
fi
folder=$(realpath -m -- "${1:-$(dirname "$0")/../out}") # relative to where it is called
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install_packages.sh
source scripts/install_packages.sh
script_arguments "" "$@"
install_packages build
install_packages plot

mkdir -p "$folder"
[ -e build/release/CMakeCache.txt ] || cmake --preset release -DBL23_TESTS=OFF >/dev/null
echo "Building bl23 (about a minute) ..."
cmake --build --preset release -j "$(nproc)" --target bl23_installed >/dev/null
bl23=$PWD/build/release/bin/bl23

"$bl23" survey scripts/surveys/fig3.yaml -o "$folder/survey.h5"
/usr/bin/python3 scripts/plot_survey.py "$folder/survey.h5" -o "$folder/survey"
echo "Figures: $folder/survey_fig3.png and others beside it"
