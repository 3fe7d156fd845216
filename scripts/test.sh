#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Install what is missing (Debian, Ubuntu), configure, build and run tests.
#   scripts/test.sh            everything: release build, 64-bit ARM by qemu, sanitizer build, MPI
#                              builds, fuzz targets
#   scripts/test.sh --release  the release build and all its tests
#   scripts/test.sh --quick    the release build and its quick tests, which take under a minute
# Between two edits, in a tree that is built: ctest --preset release -L quick -j 2
# One test: ctest --preset release -R '^kill$'
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/install_packages.sh
source scripts/install_packages.sh
script_arguments "--quick --release" "$@"
install_packages build
install_packages test
install_packages plot # the tests of the figures need it
install_packages site
install_from_pypi 'corner>=2.2,<3' 'getdist>=1.7,<2'

part=${1:-everything}
if [ "$part" = everything ] && [ "$(uname -m)" = x86_64 ]; then # for the test aarch64
  install_packages arm
  scripts/aarch64_sysroot.sh || [ $? = 77 ]
fi

jobs=$(nproc)
if command -v ccache >/dev/null; then # the MPI builds and the wheel compile the same files again
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CCACHE_DIR=${CCACHE_DIR:-$PWD/build/ccache}
fi
cmake --preset release -DBL23_TESTS=ON -DBL23_WERROR=ON
cmake --build --preset release -j "$jobs"
if [ "$part" = --quick ]; then
  ctest --preset release -L quick -j "$jobs" --no-tests=error
else
  ctest --preset release -j "$jobs" --no-tests=error
fi

if [ "$part" = everything ]; then
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
