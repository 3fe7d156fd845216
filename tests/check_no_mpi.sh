#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# check_no_mpi.sh BL23 0|1: a program built without MPI (0) has no MPI symbol and loads no MPI
# library; one built with it (1) has and does, so that this check can fail.
set -eu
symbols=$(nm -u "$1" | grep -cE ' P?MPI_[A-Z]' || true)
libraries=$(ldd "$1" | grep -ciE 'lib(mpi|mpich|open-rte|open-pal|pmix)' || true)
echo "$symbols MPI symbols, $libraries MPI libraries"
if [ "$2" = 1 ]; then
  [ "$symbols" -gt 0 ] && [ "$libraries" -gt 0 ]
else
  [ "$symbols" = 0 ] && [ "$libraries" = 0 ]
fi
