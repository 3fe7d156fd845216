#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# check_compilers.sh SOURCE BL23: built by clang at -O0, or where there is none by gcc at -O0, bl23
# writes the same surveys as BL23 but for /provenance. BL23_SLOW=1 in the environment: at -O0 and at
# -O3 by both.
# Exit 0: all the same; 1: a difference; 77: as far as compared the same, but a compiler or h5diff
# is absent.
set -u
source=$1 program=$2 samples=200000 skipped=0
for tool in h5diff ninja cmake; do
  command -v "$tool" >/dev/null || { printf 'skipped: %s is not installed\n' "$tool"; exit 77; }
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

build() { # compiler level folder
  cmake -S "$source" -B "$3" -G Ninja -DBL23_TESTS=OFF -DBL23_CUDA=OFF -DCMAKE_C_COMPILER="$1" \
    -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_FLAGS="$2" >"$3.log" 2>&1 && ninja -C "$3" bl23 >>"$3.log" 2>&1 ||
    { printf 'FAILED to build: %s %s\n' "$1" "$2"; tail -n 5 "$3.log"; exit 1; }
}

compute() { # program folder: both surveys, each replayed
  for survey in fig3 random_g; do
    "$1" survey "$source/scripts/surveys/$survey.yaml" --samples "$samples" --backend cpu \
      -o "$2/$survey.h5" --quiet >"$2/$survey.txt" || exit 1
    "$1" replay "$2/$survey.h5" >/dev/null || exit 1
  done
}

compare() { # compiler level
  folder=$work/$1$2
  build "$1" "$2" "$folder"
  compute "$folder/bin/bl23" "$folder"
  for survey in fig3 random_g; do
    if ! h5diff -c --exclude-path /provenance "$work/$survey.h5" "$folder/$survey.h5" \
      >"$work/report" ||
      grep -v -e 'empty dataset' -e '^-*$' -e 'not comparable' -e 'Use -c' -e 'has rank 0' \
        "$work/report" | grep -q .; then
      printf 'DIFFERENT: %s, %s %s\n' "$survey" "$1" "$2"
      head -n 8 "$work/report"
      exit 1
    fi
    printf 'same: %s, %s samples, %s %s\n' "$survey" "$samples" "$1" "$2"
  done
}

compute "$program" "$work"
if [ -z "${BL23_SLOW:-}" ]; then
  if command -v clang >/dev/null; then compare clang -O0; else compare gcc -O0; fi
  exit
fi
for compiler in gcc clang; do
  if ! command -v "$compiler" >/dev/null; then
    printf 'SKIPPED: %s is not installed\n' "$compiler"
    skipped=1
    continue
  fi
  compare "$compiler" -O0
  compare "$compiler" -O3
done
[ "$skipped" -eq 0 ] || exit 77
