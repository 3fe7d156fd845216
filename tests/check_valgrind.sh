#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# check_valgrind.sh BL23 SOURCE: memcheck finds nothing in the commands. Exit 77: valgrind is
# absent. The instruction set is the generic one, for valgrind knows no AVX-512.
set -eu
command -v valgrind >/dev/null || { echo "valgrind is not installed"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
check() {
  BL23_ISA=generic valgrind -q --error-exitcode=9 --leak-check=full \
    --errors-for-leak-kinds=definite \
    "$@" >"$folder/out" 2>"$folder/err" || { echo "$*"; cat "$folder/err"; exit 1; }
}
check "$1" point --mass 0.128 --g 1e-3 --w 0,0,1,0,1,0.59
check "$1" tables --mass 0.0044,0.134977,3 --json
check "$1" check "$2/scripts/surveys/today.yaml"
check "$1" info
check "$1" survey "$2/scripts/surveys/fig3.yaml" --samples 20000 --threads 1 \
  -o "$folder/s.h5" --quiet
check "$1" replay "$folder/s.h5"
check "$1" fit "$folder/s.h5" --starts 2
check "$1" reproduce
printf '%s\n' 'survey: {mass_gev: {list: [0.3, 0.01]}, w: {fixed: [1, 0, 1, 0, 1, 1]}}' \
  'constraints: {sets: [world_2025]}' \
  >"$folder/p.yaml"
check "$1" plane "$folder/p.yaml" -o "$folder/p.h5" --csv "$folder/p.csv" --json
