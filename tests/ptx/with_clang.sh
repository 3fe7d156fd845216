#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# with_clang.sh COMPILER ARGUMENT...: clang++ with these arguments, or COMPILER where there is none.
# On the long functions that PTX becomes g++ takes more than twice as long.
command -v clang++ >/dev/null || exec "$@"
shift
exec clang++ "$@"
