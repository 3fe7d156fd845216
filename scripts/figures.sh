#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Build bl23 and make every figure of README and docs/paper.md from nothing.
#   scripts/figures.sh [FOLDER]   figures as PNG and PDF, their data and the HDF5 files go to FOLDER
#                                 (default: out/figures)
#   scripts/figures.sh --keep [FOLDER]   and PNGs of 256 colours with their data to docs/figures
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install_packages.sh
source scripts/install_packages.sh
script_arguments "--keep" "$@"
install_packages build
install_packages plot

keep_them=no
if [ "${1:-}" = --keep ]; then
  keep_them=yes
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

[ $keep_them = yes ] || exit 0
kept=docs/figures
mkdir -p $kept
keep() { # figure, name of what is kept; of 256 colours it has a third of the size
  $python -c 'import sys; from PIL import Image
Image.open(sys.argv[1]).convert("RGB").quantize(256, dither=0).save(sys.argv[2], optimize=True)' \
    "$folder/$1.png" "$kept/$2.png"
}
for name in fig2_2020 fig4_2020 fig2_2026 fig4_2026; do
  keep $name $name
  awk 'NR == 1 || NR % 100 == 2' "$folder/$name.csv" >$kept/$name.csv # every hundredth mass
done
for name in fig3 fig3_closed; do
  keep ${name}_fig3 $name
done
for name in $maps; do
  keep "${name}_map" "$name"
  cp "$folder/${name}_simplex.csv" "$kept/$name.csv"
done
keep open_question_bound open_question_bound
keep answer answer
ls -l $kept
