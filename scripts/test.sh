#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Install what is missing (Debian, Ubuntu), configure, build and run all tests.
#   scripts/test.sh          everything: release build, 64-bit ARM by qemu, sanitizer build, MPI
#                            builds, fuzz targets
#   scripts/test.sh --quick  the release build and its tests only
# Between two edits, in a tree that is built: ctest --preset release -L quick -j 2 (under a minute).
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install_packages.sh
source scripts/install_packages.sh
script_arguments "--quick" "$@"
install_packages build
install_packages test
install_packages plot # the tests of the figures need it

if [ "${1:-}" != --quick ] && [ "$(uname -m)" = x86_64 ]; then # for the test aarch64
  install_packages arm
  scripts/aarch64_sysroot.sh || [ $? = 77 ]
fi

jobs=$(nproc)
cmake --preset release -DBL23_TESTS=ON -DBL23_WERROR=ON
cmake --build --preset release -j "$jobs"
ctest --preset release -j "$jobs" --no-tests=error

if [ "${1:-}" != --quick ]; then
  cmake --preset dev
  cmake --build --preset dev -j "$jobs"
  ctest --preset dev -j "$jobs" -LE 'house|release-only' --no-tests=error
  install_packages mpi
  for mpi in mpi mpich; do # Open MPI is Debian's default
    cmake --preset "$mpi" -DBL23_TESTS=ON -DBL23_WERROR=ON -DBL23_CUDA=OFF
    cmake --build --preset "$mpi" --target bl23 bl23_on_shim fault_shim -j "$jobs"
    ctest --preset "$mpi" -L mpi $([ "$mpi" = mpi ] || echo "-E slurm") -j 2 --no-tests=error
  done
  scripts/fuzz.sh "${BL23_FUZZ_SECONDS:-8}" || [ $? = 77 ] # 77: skipped, clang is absent
fi
