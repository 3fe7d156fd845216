#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# check_same_doubles.sh SOURCE EMBEDDED PROGRAM: the tables are the same doubles under gcc and
# clang, at -O0 and -O3, with and without the processor's own instructions, and in PROGRAM, the
# dump_tables of this build. EMBEDDED is the folder of embedded_data.inc. BL23_SLOW=1 in the
# environment: every combination of these, and all covers; else two that have each of them.
# Exit 0: all the same; 1: a difference; 77: the same as far as compared, but a compiler is absent.
set -u
source=$1 embedded=$2 program=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
libraries=$(pkg-config --cflags --libs gsl yaml-0.1) || exit 1
"$program" >"$work/reference" || exit 1
printf 'reference: this build, %s lines\n' "$(wc -l <"$work/reference")"
failed=0 skipped=0

compare() { # compiler flags...
  compiler=$1
  shift
  # shellcheck disable=SC2086 # the flags of pkg-config are several words
  "$compiler" -std=c17 -D_POSIX_C_SOURCE=200809L -ffp-contract=off "$@" -I"$source" -I"$embedded" \
    "$source"/tables/*.c "$source"/tables/*/*.c "$source"/kernels/sample/error.c \
    "$source"/kernels/sample/plain_text.c \
    "$source"/tests/dump_tables.c $libraries -lm -o "$work/dump" &&
    "$work/dump" >"$work/found" || {
    printf 'FAILED to build or run: %s %s\n' "$compiler" "$*"
    failed=1
    return
  }
  if cmp -s "$work/reference" "$work/found"; then
    printf 'same: %s %s\n' "$compiler" "$*"
  else
    printf 'DIFFERENT: %s %s\n' "$compiler" "$*"
    diff "$work/reference" "$work/found" | head -n 6
    failed=1
  fi
}

for compiler in gcc clang; do
  if ! command -v "$compiler" >/dev/null 2>&1; then
    printf 'SKIPPED: %s is not installed\n' "$compiler"
    skipped=1
  elif [ -n "${BL23_SLOW:-}" ]; then
    compare "$compiler" -O0
    compare "$compiler" -O3
    compare "$compiler" -O3 -march=native
  elif [ "$compiler" = gcc ]; then
    compare gcc -O0
  else
    compare clang -O3 -march=native
  fi
done
[ "$failed" -eq 0 ] || exit 1
[ "$skipped" -eq 0 ] || exit 77
