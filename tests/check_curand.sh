#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# check_curand.sh SOURCE TEST_PHILOX: the words of a sample are those of cuRAND's device generator,
# whose header is compiled for the host by nvcc, or by g++ or clang++ with CUDA's headers.
# Exit 0: all the same; 1: a difference; 77: no CUDA headers or no compiler.
set -u
source=$1 program=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
nvcc=$(command -v nvcc || ls "${CUDA_HOME:-/usr/local/cuda}"/bin/nvcc 2>/dev/null)
include=
for folder in "${CUDA_HOME:-/usr/local/cuda}/include" /usr/local/include /usr/include; do
  [ -f "$folder/curand_kernel.h" ] && include=$folder && break
done

# Triples seed, sample, block: the edges and some in between (a multiplicative generator).
triples=$(awk 'BEGIN {
  n = split("0 1 4095 4294967295 4294967296 9223372036854775807 9223372036854775808 " \
    "18446744073709551615", edge, " ")
  for (i = 1; i <= n; i++)
    for (j = 1; j <= n; j++)
      for (b = 0; b < 3; b++) print edge[i], edge[j], b
  x = 20080997
  for (k = 0; k < 2000; k++) { x = x * 48271 % 2147483647; y = x * 48271 % 2147483647
    printf "%d%06d %d%06d %d\n", x, y % 1000000, y, x % 1000000, k % 3; x = y }
}')
compared=0
for build in nvcc g++ clang++; do
  rm -f "$work/words"
  case $build in
  nvcc)
    [ -n "$nvcc" ] && "$nvcc" -x cu -O1 "$source/tests/curand_words.cpp" -o "$work/words" \
      >"$work/log" 2>&1
    ;;
  *) [ -n "$include" ] && command -v "$build" >/dev/null &&
    "$build" -O1 -w -I"$include" -I"$include/cccl" "$source/tests/curand_words.cpp" \
      -o "$work/words" >"$work/log" 2>&1
    ;;
  esac
  if [ ! -x "$work/words" ]; then
    printf 'not built with %s\n' "$build"
    [ -f "$work/log" ] && head -n 3 "$work/log"
    continue
  fi
  # shellcheck disable=SC2086 # the triples are many words
  "$work/words" words $triples >"$work/theirs" && "$program" words $triples >"$work/ours" || exit 1
  lines=$(wc -l <"$work/theirs")
  if [ "$lines" -lt 2000 ] || ! cmp -s "$work/theirs" "$work/ours"; then
    printf 'DIFFERENT, %s (seed sample block words; < cuRAND, > ours)\n' "$build"
    diff "$work/theirs" "$work/ours" | head -n 6
    exit 1
  fi
  printf 'same: %s blocks, %s\n' "$lines" "$build"
  compared=1
done
[ "$compared" -eq 1 ] || { printf 'skipped: no cuRAND header could be compiled\n'; exit 77; }
