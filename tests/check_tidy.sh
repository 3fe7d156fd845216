#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# check_tidy.sh SOURCE BUILD: clang-tidy finds nothing in the sources of the three rooms. BUILD holds
# compile_commands.json. Exit 77: clang-tidy is absent.
set -eu
command -v clang-tidy >/dev/null || { echo "clang-tidy is not installed"; exit 77; }
cd "$1"
database=$2/compile_commands.json # one of the two files of the ranks is in it
built() { for f in "$@"; do ! grep -q "/$f\"" "$database" || echo "$f"; done; }
# shellcheck disable=SC2046
found=$(clang-tidy -p "$2" --quiet $(built tables/*.c tables/*/*.c host/*.c host/*/*.c) \
  kernels/cpu/cpu_backend.c kernels/results/results.c \
  kernels/screen/screen_plan.c kernels/cpu/cpu_range.c 2>/dev/null | grep -E '(error|warning):' || true)
[ -z "$found" ] && exit 0
echo "$found"
exit 1
