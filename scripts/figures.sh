#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Build bl23 and make every figure of README and docs/paper.md from nothing.
#   scripts/figures.sh [FOLDER]   figures as PNG and PDF, their data and the HDF5 files go to FOLDER
#                                 (default: out/figures)
#   scripts/figures.sh --keep [FOLDER]   and small PNGs with their data to docs/figures
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install_packages.sh
source scripts/install_packages.sh
script_arguments "--keep" "$@"
install_packages build
install_packages plot

keep=no
if [ "${1:-}" = --keep ]; then
  keep=yes
  shift
fi
folder=${1:-out/figures}
mkdir -p "$folder"
[ -e build/release/CMakeCache.txt ] || cmake --preset release -DBL23_TESTS=OFF >/dev/null
cmake --build --preset release -j "$(nproc)" --target bl23 >/dev/null
bl23=$PWD/build/release/bin/bl23
python=/usr/bin/python3
surveys=scripts/surveys

plane() { # name, configuration, scenario
  "$bl23" plane "$surveys/$2.yaml" --scenario "$3" --force -o "$folder/$1.h5" \
    --csv "$folder/$1.csv" >/dev/null
  $python scripts/plot_plane.py "$folder/$1.h5"
}
survey() { # configuration
  "$bl23" survey "$surveys/$1.yaml" -o "$folder/$1.h5" --force --quiet >/dev/null
}

plane fig2_2020 benchmark 1
plane fig4_2020 benchmark 2
plane fig2_2026 benchmark_current 1
plane fig4_2026 benchmark_current 2
for name in fig3 fig3_closed; do
  survey $name
  $python scripts/plot_survey.py "$folder/$name.h5" --star @benchmark
done
maps="open_question_limits open_question_koto open_question_current random_g_limits random_g_koto"
for name in $maps; do
  survey "$name"
  $python scripts/plot_map.py "$folder/$name.h5" --csv --plane "$folder/fig4_2020.h5"
done
survey open_question
rm -f "$folder/open_question.json" # bound writes new files only
"$bl23" bound $surveys/open_question.yaml -o "$folder/open_question.json" >/dev/null
$python scripts/plot_bound.py "$folder/open_question.json" --survey "$folder/open_question.h5"
mkdir -p "$folder/answer"
for config in "$surveys"/answer/*.yaml; do
  bounds=$folder/answer/$(basename "$config" .yaml).json
  rm -f "$bounds"
  "$bl23" bound "$config" -o "$bounds" >/dev/null
done
$python scripts/plot_answer.py "$folder/answer"

[ $keep = yes ] || exit 0
kept=docs/figures
mkdir -p $kept
for name in fig2_2020 fig4_2020 fig2_2026 fig4_2026; do
  $python scripts/plot_plane.py "$folder/$name.h5" -o "$folder/small_$name" --dpi 90 >/dev/null
  cp "$folder/small_$name.png" $kept/$name.png
  awk 'NR == 1 || NR % 100 == 2' "$folder/$name.csv" >$kept/$name.csv # every hundredth mass
done
for name in fig3 fig3_closed; do
  $python scripts/plot_survey.py "$folder/$name.h5" --star @benchmark \
    -o "$folder/small_$name" --dpi 80 >/dev/null
  cp "$folder/small_${name}_fig3.png" $kept/$name.png
done
for name in $maps; do
  $python scripts/plot_map.py "$folder/$name.h5" -o "$folder/small_$name" --dpi 80 \
    --plane "$folder/fig4_2020.h5" >/dev/null
  cp "$folder/small_${name}_map.png" $kept/$name.png
  cp "$folder/${name}_simplex.csv" $kept/$name.csv
done
$python scripts/plot_bound.py "$folder/open_question.json" --survey "$folder/open_question.h5" \
  -o "$folder/small_open_question" --dpi 80 >/dev/null
cp "$folder/small_open_question_bound.png" $kept/open_question_bound.png
$python scripts/plot_answer.py "$folder/answer" -o "$folder/small_answer" --dpi 90 >/dev/null
cp "$folder/small_answer.png" $kept/answer.png
ls -l $kept
