#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Check and time the CUDA backend on this machine; needs nvcc and CMake, but neither GSL nor HDF5.
#
#   scripts/gpu_check.sh --export DIR               on a machine that can build bl23: write the models
#   scripts/gpu_check.sh [--models DIR] [--json FILE] [--python PYTHON] [--budget SECONDS] [--stages LIST] [--build DIR]
#                                                   on the GPU host: check, then time, in under 8 minutes
#   scripts/gpu_check.sh --tune [--models DIR]      on the GPU host: build and time variants of the kernels
#
# The models (default build/gpu_models) are a folder of a few files, with bl23 itself and the libraries
# it needs, which is timed end to end where it runs; without --models, and where bl23 can be built here,
# it is made here. PYTHON (default python3) is the one whose CuPy, JAX and PyTorch are the peers;
# what it lacks is left out. The table is printed, and written to FILE (default build/gpu_check.json).
# The stages are check, bench, peers, end, files, counters and sanitizer, in this order; --stages check,bench
# runs some. What does not fit into the budget (default 465) is not run, and nothing is timed after a check
# that fails. Programs and logs are in --build (default build/gpu_check). Exit 0: everything that was run
# agrees; 1: it does not, or nothing could be run; 2: misuse.
set -u
budget_s=465
start_s=$(date +%s)
root=$(cd "$(dirname "$0")/.." && pwd)
models=$root/build/gpu_models json=$root/build/gpu_check.json python=python3 export="" tune="" models_named=""
build=$root/build/gpu_check all_stages="check bench peers end files counters sanitizer"
stages=$all_stages

say() { printf '%s\n' "$*"; }
fail() {
  printf 'gpu_check.sh: %s\n' "$*" >&2
  exit 1
}
misuse() {
  printf 'gpu_check.sh: %s\n' "$*" >&2
  exit 2
}
left() { echo $((budget_s - ($(date +%s) - start_s))); }

# stage SECONDS COMMAND...: within its own limit and what is left of the budget; 124: no time.
stage() {
  limit=$1 rest=$(left)
  shift
  [ "$rest" -gt 5 ] || return 124
  [ "$limit" -lt "$rest" ] || limit=$rest
  timeout -k 5 "$limit" "$@"
}

# row KIND SURVEY WHAT RESULT NOTE: a row without figures.
row() { printf '%s\t%s\t%s\t%s\t0\t0\t0\t0\t%s\n' "$@" >>"$rows"; }
last_line() { tail -n 1 "$1" | tr '\t' ' '; }

# A program and the libraries it needs, but those of the C library, in a folder.
bundle() {
  mkdir -p "$2" && cp "$1" "$2" || return 1
  ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | grep -vE '/lib(c|m|pthread|dl|rt|resolv)\.so' |
    while read -r library; do cp -L "$library" "$2" || return 1; done
}

# The models of the shipped surveys, the text that the Python peers read, and the program.
write_models() {
  mkdir -p "$1" || return 1
  say "building bl23 to export the models"
  git -C "$root" rev-parse HEAD >"$1/commit" 2>/dev/null || echo unknown >"$1/commit"
  "$python" "$root/bench/kernel_resources.py" --counts >"$1/instructions" 2>/dev/null || rm -f "$1/instructions"
  # The program looks for its libraries, and these for theirs, where it lies.
  cmake -S "$root" -B "$root/build/gpu_export" -DCMAKE_BUILD_TYPE=Release -DBL23_TESTS=OFF -DCMAKE_BUILD_RPATH='$ORIGIN' \
    -DCMAKE_EXE_LINKER_FLAGS=-Wl,--disable-new-dtags >"$1/export.log" 2>&1 &&
    cmake --build "$root/build/gpu_export" -j "$(nproc)" --target bl23 >>"$1/export.log" 2>&1 &&
    "$root/build/gpu_export/bin/bl23" bench --export "$1" >>"$1/export.log" 2>&1 &&
    bundle "$root/build/gpu_export/bin/bl23" "$1/program" >>"$1/export.log" 2>&1 || return 1
  for interpreter in "$python" /usr/bin/python3; do # the one of the system has PyYAML where bl23 was installed
    "$interpreter" "$root/bench/export_model.py" "$root/build/gpu_export/bin/bl23" "$root/scripts/surveys/fig3.yaml" \
      "$1/fig3.txt" >>"$1/export.log" 2>&1 && break
  done
  [ -f "$1/fig3.txt" ] || say "no fig3.txt for the Python peers: $(tail -n 1 "$1/export.log")"
  rm -f "$1/export.log"
}

# value OPTION WHAT VALUE: the value of an option, which has to be there and to be none itself.
value() {
  case ${3:-} in
  '' | --*) misuse "$1 wants $2" ;;
  esac
  given=$3
}

while [ $# -gt 0 ]; do
  given=""
  case $1 in
  --export) value "$1" "a folder" "${2:-}" && export=$given && shift ;;
  --models) value "$1" "a folder" "${2:-}" && models=$given models_named=yes && shift ;;
  --json) value "$1" "a file" "${2:-}" && json=$given && shift ;;
  --python) value "$1" "an interpreter" "${2:-}" && python=$given && shift ;;
  --stages) value "$1" "a list, of: $all_stages" "${2:-}" && stages=$(printf '%s' "$given" | tr ',' ' ') && shift ;;
  --build) value "$1" "a folder" "${2:-}" && build=$given && shift ;;
  --budget) value "$1" "seconds" "${2:-}" && budget_s=$given && shift ;;
  --tune) tune=yes ;;
  --help | -h) sed -n '4,21s/^# \{0,1\}//p' "$0" && exit 0 ;;
  *) misuse "what is \"$1\"? (--help)" ;;
  esac
  shift
done
for name in $stages; do
  case " $all_stages " in
  *" $name "*) ;;
  *) misuse "--stages: found \"$name\", allowed: $all_stages" ;;
  esac
done
case $stages in
*[!\ ]*) ;;
*) misuse "--stages wants a list, of: $all_stages" ;;
esac
case $budget_s in
*[!0-9]* | 0?* | ???????*) misuse "--budget: found \"$budget_s\", allowed: whole seconds, up to 999999" ;;
esac

if [ -z "${CMAKE_GENERATOR:-}" ] && ! command -v make >/dev/null && command -v ninja >/dev/null; then
  export CMAKE_GENERATOR=Ninja
fi

if [ -n "$export" ]; then
  write_models "$export" || fail "bl23 cannot be built or does not export: see $export/export.log"
  say "$export holds the models: carry it to the GPU host, and name it there with --models"
  exit 0
fi
if [ -n "$models_named" ] && [ ! -f "$models/fig3.model" ]; then
  misuse "--models: $models has no models: make them with 'scripts/gpu_check.sh --export DIR', where bl23 can be built"
fi

# ---- what is here ----

command -v cmake >/dev/null || fail "no cmake here: version 3.25 or later is needed"
nvcc=${CUDACXX:-$(command -v nvcc || ls "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc" 2>/dev/null)}
[ -n "$nvcc" ] || fail "no nvcc here: the CUDA toolkit is needed (set CUDACXX to its path)"
ask() { nvidia-smi --query-gpu="$1" --format=csv,noheader 2>/dev/null | head -n 1; } # empty: no answer
gpu=$(ask name)
[ -n "$gpu" ] || [ -e /dev/nvidia0 ] || fail "no GPU answers here, so nothing was checked and nothing was timed"
PATH=$PATH:$(dirname "$nvcc")
if [ ! -f "$models/fig3.model" ]; then
  write_models "$models" ||
    fail "$models has no models and bl23 cannot be built here: run 'scripts/gpu_check.sh --export DIR' elsewhere and carry DIR over"
fi

mkdir -p "$build" || exit 1
rows=$build/rows.tsv log=$build/build.log
: >"$rows"
commit=$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)
[ -z "$(git -C "$root" status --porcelain -- kernels bench 2>/dev/null)" ] || commit="$commit with changes"
[ "$commit" != unknown ] || [ ! -f "$models/commit" ] || commit="$(cat "$models/commit") by its models"
driver=$(ask driver_version)
toolkit=$("$nvcc" --version | sed -n 's/.*release \([0-9.]*\).*/\1/p')
flags="-O3 --fmad=false -arch=native"
say "GPU $gpu, driver $driver, CUDA $toolkit, commit $commit"

# ---- build ----

# build_check FOLDER FLAGS...: gpu_check with these flags of nvcc.
build_check() {
  folder=$1
  shift
  cmake -S "$root" -B "$folder" -DCMAKE_BUILD_TYPE=Release -DBL23_KERNELS_ONLY=ON -DBL23_CUDA=ON \
    -DCMAKE_CUDA_COMPILER="$nvcc" -DCMAKE_CUDA_ARCHITECTURES=native -DCMAKE_CUDA_FLAGS="$*" &&
    cmake --build "$folder" -j "$(nproc)"
}

# ---- tune: variants of the kernels, each checked before it is timed ----

# One of its values at a time, the others as they are; those that are as they are anyway are left out.
candidates="STEPS=2 STEPS=4 STEPS=8 SCREEN_BLOCKS=4 SCREEN_BLOCKS=5 SCREEN_BLOCKS=6 SCREEN_BLOCKS=7
COLLECT_BLOCKS=2 COLLECT_BLOCKS=3 COLLECT_BLOCKS=4 COLLECT_BLOCKS=5"

# Names of the variants, as_it_is first.
variants_of() {
  defaults=$(sed -n 's/^#define BL23_CUDA_\([A-Z_]*\) \([0-9]*\)$/\1=\2/p' "$root/kernels/cuda/cuda_tiles.h" | tr '\n' ' ')
  printf 'as_it_is'
  for candidate in $candidates; do
    case " $defaults " in
    *" $candidate "*) ;;
    *) printf ' %s' "$candidate" ;;
    esac
  done
}

# build_variant NAME: in the folder of this name.
build_variant() {
  rm -f "$build/tune/$1/bin/gpu_check"
  flag=""
  [ "$1" = as_it_is ] || flag=-DBL23_CUDA_$1
  build_check "$build/tune/$1" "$flag" >"$build/tune/$1.log" 2>&1
}

# try_variant NAME: one that has been built.
try_variant() {
  folder=$build/tune/$1
  program=$folder/bin/gpu_check variant_rows=$folder/rows.tsv log=$folder/run.log
  if [ ! -x "$program" ]; then
    row tune fig3 "$1" FAIL "it does not build: see $folder.log"
  elif ! stage 30 "$program" check --models "$models" --only fig3 --samples 1048576 --large 0 >"$log" 2>&1; then
    row tune fig3 "$1" FAIL "it does not agree with the CPU, or there was no time: see $log"
  else
    : >"$variant_rows"
    for survey in fig3 open_question; do
      stage 30 "$program" kernels --models "$models" --only $survey --rows "$variant_rows" >>"$log" 2>&1
    done
    awk -F '\t' -v OFS='\t' -v name="$1" '{ $1 = "tune"; $3 = name " " $3; print }' "$variant_rows" >>"$rows"
  fi
}

if [ -n "$tune" ]; then
  variants=$(variants_of)
  say "building the variants $variants"
  mkdir -p "$build/tune" || exit 1
  for variant in $variants; do
    build_variant "$variant" &
  done
  wait
  for variant in $variants as_it_is; do # the first once more: what is noise
    try_variant "$variant"
  done
  awk -F '\t' '$3 !~ /sort|without|launch/ { printf "%-6s %-14s %-50s %-8s %11s  %s\n", $1, $2, $3, $4, ($8 > 0 ? sprintf("%.4g /s", $8) : ""), $9 }' "$rows"
  say "$rows; $(($(date +%s) - start_s)) s in all"
  ! grep -q '	FAIL	' "$rows"
  exit
fi

say "building gpu_check"
(build_check "$build" "" >"$log" 2>&1) || {
  tail -n 20 "$log" >&2
  fail "gpu_check does not build: see $log"
}
program=$build/bin/gpu_check
"$program" info --rows "$rows" || fail "the CUDA runtime finds no device, so nothing was checked and nothing was timed"

# ---- the stages ----

failed=0 agrees=yes
run() { # run SECONDS ARGUMENTS...: gpu_check with the models; it stops by itself, timeout is for the worst
  seconds=$1
  shift
  stage $((seconds + 15)) "$program" "$@" --models "$models" --rows "$rows" --seconds "$seconds" >&2
}

# Bit for bit; nothing is timed on a device that fails here, or that has passed in no case.
check_stage() {
  run 100 check
  code=$?
  passed=$(grep -c '^check	.*	PASS	' "$rows")
  [ $code -eq 0 ] && [ "$passed" -gt 0 ] && return
  failed=1 agrees=no
  case $code in
  0) row check "" "conformance" FAIL "no time for any case" ;;
  1) ;; # and has its row
  *) row check "" "conformance" FAIL "ended with exit code $code (124: out of time)" ;;
  esac
}

bench_stage() {
  object=$(find "$build" -path "$build/tune" -prune -o -name 'cuda_screen.cu.o' -print | head -n 1)
  counted=$("$python" "$root/bench/kernel_resources.py" --object "$object" 2>/dev/null)
  if [ -z "$counted" ] && [ -f "$models/instructions" ]; then # of another compiler, perhaps
    counted=$(sed -n "s/^sm_$(ask compute_cap | tr -d .) //p" "$models/instructions")
  fi
  run 110 bench --instructions "${counted:-0,0,0}"
  code=$?
  case $code in
  0) ;;
  1) failed=1 ;; # and has its row
  124 | 137) row time "" "what is missing" "not run" "not run: time" ;;
  *) failed=1 && row time "" "times" FAIL "ended with exit code $code" ;;
  esac
}

# optional KIND SURVEY WHAT SECONDS SCRIPT ARGUMENTS...: a Python program that writes its own rows; 77: it cannot
# run here. A peer that breaks says nothing of bl23; one that finds other survivors (3) does.
optional() {
  kind=$1 survey=$2 what=$3 seconds=$4 output=$build/$(basename "$5").log
  shift 4
  stage "$seconds" "$python" "$@" >"$output" 2>&1
  code=$?
  case $kind:$code in
  check:0) row check "$survey" "$what" PASS "" ;;
  *:0) ;;
  *:77) row "$kind" "$survey" "$what" "not run" "$(last_line "$output")" ;;
  *:124 | *:137) row "$kind" "$survey" "$what" "not run" "not run: time" ;;
  peer:3) failed=1 && row peer "$survey" "$what" FAIL "$(last_line "$output")" ;;
  peer:*) row peer "$survey" "$what" "not run" "it ends with exit code $code: $(last_line "$output")" ;;
  *) failed=1 && row "$kind" "$survey" "$what" FAIL "exit code $code: $(last_line "$output")" ;;
  esac
}

peers_stage() {
  survivors=$build/survivors.bin why=""
  stage 20 "$program" survivors "$survivors" --models "$models" --samples 16777216 || why="no list of survivors"
  [ -f "$models/fig3.txt" ] || why="no fig3.txt among the models"
  for library in cupy cupy_kernel jax torch; do
    if [ -n "$why" ]; then
      row peer fig3 "$library" "not run" "$why"
    else
      optional peer fig3 "$library" 90 "$root/bench/peers/gpu_peers.py" "$library" "$models/fig3.txt" "$survivors" --rows "$rows"
    fi
  done
}

end_stage() {
  optional end "" "whole processes" 90 "$root/bench/gpu_end_to_end.py" "$models/program/bl23" "$root/scripts/surveys" --rows "$rows"
}

files_stage() {
  optional check files "whole files of 1e9 samples against the CPU's" 60 "$root/tests/run_pytest.py" \
    "--bl23=$models/program/bl23" "--source=$root" "$root/tests/test_gpu_survey.py"
}

counters_stage() {
  for survey in fig3 open_question; do
    optional count $survey "counters" 40 "$root/bench/gpu_counters.py" "$program" "$models" --survey $survey --rows "$rows"
  done
}

# sanitize TOOL: its own summary decides. Without one it did not run, as on hosts whose driver refuses it.
sanitize() {
  what="compute-sanitizer $1" log=$build/$1.log
  stage 40 compute-sanitizer --tool "$1" --error-exitcode 9 "$program" check --models "$models" --only fig3 \
    --samples 200000 --large 0 --seconds 25 >"$log" 2>&1
  code=$?
  summary=$(grep -E '(ERROR|RACECHECK) SUMMARY' "$log" | tail -n 1 | sed 's/^=* *//')
  cases=$(grep -cE '^check .* PASS( |$)' "$log")
  case $summary in
  *' SUMMARY: 0 '*) found="" ;;
  *) found=$summary ;;
  esac
  if grep -qE 'Device not supported|Internal Sanitizer Error' "$log"; then
    row tool fig3 "$what" "not run" "it refuses this device: see $log"
  elif [ -n "$found" ] || grep -qE '^check .* FAIL ' "$log"; then
    failed=1 && row tool fig3 "$what" FAIL "exit code $code, $summary: see $log"
  elif [ $code -eq 124 ] || [ $code -eq 137 ]; then
    row tool fig3 "$what" "not run" "not run: time"
  elif [ -z "$summary" ] || [ "$cases" -eq 0 ]; then
    row tool fig3 "$what" "not run" "exit code $code, $cases cases, ${summary:-no summary}: see $log"
  else
    row tool fig3 "$what" PASS "$cases cases, $summary"
  fi
}

sanitizer_stage() {
  for tool in memcheck racecheck; do
    if command -v compute-sanitizer >/dev/null; then
      sanitize $tool
    else
      row tool fig3 "compute-sanitizer $tool" "not run" "no compute-sanitizer here"
    fi
  done
}

for name in $all_stages; do # in their order, whatever that of --stages is
  case " $stages " in *" $name "*) ;; *) continue ;; esac
  if [ $agrees = no ] && [ "$name" != sanitizer ]; then
    row time "" "stage $name" "not run" "the check has failed: nothing is timed"
  else
    "${name}_stage"
  fi
done

# ---- one table, one JSON file ----

awk -F '\t' -v gpu="$gpu" -v driver="$driver" -v toolkit="$toolkit" -v commit="$commit" -v flags="$flags" -v date="$(date -u '+%Y-%m-%d %H:%M UTC')" '
  function text(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); gsub(/[\001-\037]/, " ", s); return "\"" s "\"" }
  function pair(name, value) { return text(name) ": " value ", " }
  BEGIN { printf "{%s%s%s%s%s%s\"rows\": [", pair("date", text(date)), pair("device", text(gpu)), pair("driver", text(driver)),
          pair("cuda", text(toolkit)), pair("commit", text(commit)), pair("flags", text(flags)) }
  { printf "%s\n{%s%s%s%s%s%s%s%s%s%s%s%s\"note\": %s}", (NR > 1 ? "," : ""), pair("kind", text($1)), pair("survey", text($2)),
    pair("what", text($3)), pair("result", text($4)), pair("samples", $5), pair("seconds", $6), pair("spread", $7),
    pair("samples_per_s", $8), pair("commit", text(commit)), pair("device", text(gpu)), pair("driver", text(driver)),
    pair("flags", text(flags)), text($9) }
  END { print "]}" }' "$rows" >"$json" || failed=1

say ""
say "GPU $gpu, driver $driver, CUDA $toolkit, commit $commit, $flags"
awk -F '\t' '
  $1 == "check" && $4 == "PASS" { agree[$2]++ }
  $1 == "info" { print "info   " $9; next }
  $1 == "check" { if (!cases[$2]++) order[++m] = $2 }
  $1 != "check" || $4 != "PASS" { lines[++n] = sprintf("%-6s %-14s %-46s %-8s %11s %12s %11s  %s", $1, $2, $3, $4,
    $5 > 0 ? sprintf("%.4g", $5) : "", $6 > 0 ? sprintf("%.4g s", $6) : "", $8 > 0 ? sprintf("%.4g /s", $8) : "", $9) }
  END { for (k = 1; k <= m; k++)
          printf "check  %-14s %d of %d cases agree with the CPU, bit for bit\n", order[k], agree[order[k]], cases[order[k]]
        for (k = 1; k <= n; k++) print lines[k] }' "$rows"
say ""
say "$json; $(($(date +%s) - start_s)) s in all"
if [ $failed -ne 0 ]; then
  say "SOMETHING IS WRONG: see the rows FAIL"
elif grep -q 'not run' "$rows"; then
  say "everything that was run agrees; some was not run"
else
  say "everything agrees"
fi
exit $failed
