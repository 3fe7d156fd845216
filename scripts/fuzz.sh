#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# fuzz.sh SECONDS: build the libFuzzer targets (preset `fuzz`, build/fuzz) and run each that long,
# starting from the files of tables/data; survey_file edits an output of its own. Exit 0: nothing
# found; 77: clang or its fuzzer is absent.
set -eu
seconds=${1:-}
case $seconds in
'' | *[!0-9]*) printf 'usage: fuzz.sh SECONDS\n' >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n);\nint LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return n > 9 && d[0] ? 0 : 0; }\n' >"$work/probe.c"
if ! clang -fsanitize=fuzzer,address "$work/probe.c" -o "$work/probe" >/dev/null 2>&1; then
  printf 'skipped: clang with libFuzzer is not installed\n'
  exit 77
fi
cmake --preset fuzz
cmake --build --preset fuzz --target fuzz_curve fuzz_constraints fuzz_config fuzz_survey_file
for target in curve constraints config survey_file; do
  case $target in curve) seeds=csv ;; *) seeds=yaml ;; esac
  corpus=build/fuzz/corpus_$target
  mkdir -p "$corpus"
  case $target in
  config) cp scripts/surveys/*.yaml "$corpus" ;;
  survey_file) ;; # makes a real file itself, and edits it as its input says
  *) cp tables/data/*."$seeds" "$corpus" ;;
  esac
  build/fuzz/tests/fuzz_$target -max_total_time="$seconds" -timeout=10 -print_final_stats=1 -len_control=0 \
    -artifact_prefix=build/fuzz/found_${target}_ "$corpus"
done
