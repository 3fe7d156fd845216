#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# check_compilers.sh SOURCE: bl23 built by gcc and clang, at -O0 and -O3, writes the same surveys
# but for /provenance. Exit 0: all the same; 1: a difference; 77: as far as compared the same, but a
# compiler or h5diff is absent.
set -u
source=$1 samples=200000 skipped=0
for tool in h5diff ninja cmake; do
  command -v "$tool" >/dev/null || { printf 'skipped: %s is not installed\n' "$tool"; exit 77; }
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

build() { # compiler level folder
  cmake -S "$source" -B "$3" -G Ninja -DBL23_TESTS=OFF -DCMAKE_C_COMPILER="$1" \
    -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_FLAGS="$2" >"$3.log" 2>&1 && ninja -C "$3" bl23 >>"$3.log" 2>&1 ||
    { printf 'FAILED to build: %s %s\n' "$1" "$2"; tail -n 5 "$3.log"; exit 1; }
}

reference=
for compiler in gcc clang; do
  command -v "$compiler" >/dev/null || {
    printf 'SKIPPED: %s is not installed\n' "$compiler"
    skipped=1
    continue
  }
  for level in -O0 -O3; do
    folder=$work/$compiler$level
    build "$compiler" "$level" "$folder"
    for survey in fig3 random_g; do
      "$folder/bin/bl23" survey "$source/scripts/surveys/$survey.yaml" --samples "$samples" \
        -o "$folder/$survey.h5" --quiet >"$folder/$survey.txt" || exit 1
      "$folder/bin/bl23" replay "$folder/$survey.h5" >/dev/null || exit 1
      [ -z "$reference" ] && continue
      if ! h5diff -c --exclude-path /provenance "$reference/$survey.h5" "$folder/$survey.h5" \
        >"$work/report" ||
        grep -v -e 'empty dataset' -e '^-*$' -e 'not comparable' -e 'Use -c' -e 'has rank 0' \
          "$work/report" | grep -q .; then
        printf 'DIFFERENT: %s, %s %s\n' "$survey" "$compiler" "$level"
        head -n 8 "$work/report"
        exit 1
      fi
      printf 'same: %s, %s samples, %s %s\n' "$survey" "$samples" "$compiler" "$level"
    done
    reference=${reference:-$folder}
  done
done
[ -n "$reference" ] && [ "$skipped" -eq 0 ] || exit 77
