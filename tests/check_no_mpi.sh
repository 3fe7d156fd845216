#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# check_no_mpi.sh BL23 0|1 CONFIG: a program built without MPI (0) has no MPI symbol and loads no
# MPI library; one built with it (1) has and does, so that this check can fail. Under a launcher
# that began several processes the one without says, where it meets the lock of another, what is
# amiss.
set -eu
symbols=$(nm -u "$1" | grep -cE ' P?MPI_[A-Z]' || true)
libraries=$(ldd "$1" | grep -ciE 'lib(mpi|mpich|open-rte|open-pal|pmix)' || true)
echo "$symbols MPI symbols, $libraries MPI libraries"
if [ "$2" = 1 ]; then
  [ "$symbols" -gt 0 ] && [ "$libraries" -gt 0 ]
  exit
fi
[ "$symbols" = 0 ] && [ "$libraries" = 0 ]

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/x.h5.run"
locked() { # variables of a launcher
  code=0
  flock "$folder/x.h5.run/lock" env "$@" "$bl23" survey "$config" -o "$folder/x.h5" \
    --samples 1000 --backend cpu \
    2>"$folder/said" || code=$?
  cat "$folder/said"
  [ "$code" = 2 ] && grep -q \
    'another bl23 that is running holds the lock; an output file takes one run at' "$folder/said"
}
bl23=$1 config=$3
for several in OMPI_COMM_WORLD_SIZE=2 PMI_SIZE=16 MV2_COMM_WORLD_SIZE=3 SLURM_STEP_NUM_TASKS=2; do
  locked "$several"
  grep -q 'BL23_MPI=ON' "$folder/said"
done
for single in OMPI_COMM_WORLD_SIZE=1 SLURM_STEP_NUM_TASKS=1 SLURM_NTASKS=8 SLURM_PROCID=0 \
  PMI_SIZE=; do
  locked "$single"
  if grep -q 'MPI' "$folder/said"; then exit 1; fi
done
