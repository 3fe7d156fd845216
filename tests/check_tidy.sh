#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# check_tidy.sh SOURCE BUILD [TOOL]: clang-tidy (TOOL) finds nothing in the C sources of the house.
# BUILD holds compile_commands.json. A source that is not in it fails, except the ranks of the other
# kind and the stub of CUDA; a tool that crashes fails. BL23_SLOW=1 in the environment: with clang's
# static analyzer, which takes ten times as long. Exit 77: there is no clang-tidy.
set -eu
tool=${3:-clang-tidy}
command -v "$tool" >/dev/null || { echo "$tool is not installed"; exit 77; }
cd "$1"
database=$2/compile_commands.json
analyzer= # without it the compiler's own warnings would show
[ -n "${BL23_SLOW:-}" ] || analyzer="--checks=-clang-analyzer-* --extra-arg=-w"
unbuilt="host/ranks/ranks_mpi.c host/ranks/ranks_single.c kernels/cuda/cuda_stub.c"

sources="" missing=""
for source in $(find kernels tables host -name '*.c' | sort); do
  if grep -q "/$source\"" "$database"; then
    sources="$sources $source"
  elif echo "$unbuilt" | grep -qw "$source"; then
    echo "not part of this build: $source"
  else
    missing="$missing $source"
  fi
done
[ -z "$missing" ] || { echo "not in $database:$missing"; exit 1; }
[ -n "$sources" ] || { echo "no source was found below $1"; exit 1; }
printf '%s\n' $sources | xargs -P "$(nproc)" -n 3 "$tool" -p "$2" --quiet $analyzer
