#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# fuzz.sh SECONDS [SEED]: build the libFuzzer targets (preset `fuzz`, build/fuzz) and run each that
# long, starting from the files of tables/data and from what bl23 itself writes; survey_file edits
# an output of its own. The seed is 1 unless another is given: short runs try the same inputs again.
# Exit 0: nothing found; 77: clang or its fuzzer is absent.
set -eu
seconds=${1:-}
seed=${2:-1}
for number in "$seconds" "$seed"; do
  case $number in
  '' | *[!0-9]*) printf 'usage: fuzz.sh SECONDS [SEED]\n' >&2; exit 2 ;;
  esac
done
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
probe='int LLVMFuzzerTestOneInput(const char *d, unsigned long n)'
printf '%s;\n%s { return n > 9 && d[0] ? 0 : 0; }\n' "$probe" "$probe" >"$work/probe.c"
if ! clang -fsanitize=fuzzer,address "$work/probe.c" -o "$work/probe" >/dev/null 2>&1; then
  printf 'skipped: clang with libFuzzer is not installed\n'
  exit 77
fi
targets="curve constraints config manifest segment bound survey_file"
cmake --preset fuzz
cmake --build --preset fuzz --target bl23 $(printf 'fuzz_%s ' $targets)

# Seeds.
for target in $targets; do mkdir -p "build/fuzz/corpus_$target"; done
cp tables/data/*.csv build/fuzz/corpus_curve
cp tables/data/*.yaml build/fuzz/corpus_constraints
cp scripts/surveys/*.yaml tests/data/fuzz_own.yaml build/fuzz/corpus_config
survey=tests/data/fuzz_survey.yaml
build/fuzz/bin/bl23 survey $survey -o "$work/o.h5" --quiet --backend cpu --range 8192 --commit 0 \
  --first 0 --count 40000
cp "$work/o.h5.run/manifest" build/fuzz/corpus_manifest
for range in '8192 0' '4096 8192' '18446744073709543424 16384' '0 18446744073709551615'; do
  sed "s/segment 8192 8192/segment $range/" "$work/o.h5.run/manifest" \
    >"build/fuzz/corpus_manifest/$range"
done
cp "$work/o.h5.run"/segment-* build/fuzz/corpus_segment
build/fuzz/bin/bl23 bound $survey -o "$work/b.json" >"$work/bound.txt"
sed -n '/^ "masses"/,$p' "$work/b.json" >build/fuzz/corpus_bound/b.json

# The mutations of fuzz_bound are longer than the numbers they replace: -len_control=0. libFuzzer's
# own exit code for a crash is 77, which means skipped here.
for target in $targets; do
  TMPDIR=$work build/fuzz/tests/fuzz_$target -max_len=16384 -len_control=0 \
    -seed="$seed" -max_total_time="$seconds" -timeout=10 -error_exitcode=1 -timeout_exitcode=1 \
    -print_final_stats=1 -artifact_prefix=build/fuzz/found_${target}_ "build/fuzz/corpus_$target"
done
