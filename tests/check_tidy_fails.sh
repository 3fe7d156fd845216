#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# check_tidy_fails.sh SOURCE: check_tidy.sh passes a clean source, and fails where a warning is
# planted, of the analyzer or of another check, where the tool crashes or fails silently, and where
# a source is not in the database.
# Exit 77: there is no clang-tidy.
set -eu
command -v clang-tidy >/dev/null || { echo "clang-tidy is not installed"; exit 77; }
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
cp "$1/.clang-tidy" "$tree"
mkdir -p "$tree/kernels/sample" "$tree/tables" "$tree/host"
planted=$tree/kernels/sample/planted.c
clean='int first(int const *p);\nint first(int const *p)\n{\n    return p ? *p : 0;\n}\n'
printf '[{"directory": "%s", "file": "%s", "command": "cc -c %s"}]\n' \
  "$tree" "$planted" "$planted" >"$tree/compile_commands.json"
printf '#!/bin/sh\nkill -SEGV $$\n' >"$tree/crashes"
printf '#!/bin/sh\nexit 1\n' >"$tree/fails"
chmod +x "$tree/crashes" "$tree/fails"

failures=0
# expect SOURCE CODE PATTERN WHAT [TOOL]: CODE is 0, 77, or 1 for any other failure.
expect() {
  code=0
  said=$("$1/tests/check_tidy.sh" "$tree" "$tree" ${5:-} 2>&1) || code=$?
  case $code in 0 | 77) ;; *) code=1 ;; esac
  if [ $code -ne "$2" ] || ! printf '%s\n' "$said" | grep -q "$3"; then
    echo "$4: exit code class $code, expected $2 and '$3': $said"
    failures=$((failures + 1))
  fi
}

printf "$clean" >"$planted"
expect "$1" 0 '' "a clean source"
expect "$1" 1 'signal' "a tool that crashes" "$tree/crashes"
expect "$1" 1 '' "a tool that fails silently" "$tree/fails"
expect "$1" 77 'not installed' "no tool" "$tree/absent"
printf "$clean" | sed 's/p ? \*p : 0/p ? *p : 0 * sizeof(sizeof(p))/' >"$planted"
expect "$1" 1 'planted.c:4:.*sizeof' "the size of a size"
printf "$clean" | sed 's/p ? \*p : 0/p ? 0 : *p/' >"$planted"
expect "$1" 0 '' "a null pointer that is followed, without the analyzer"
export BL23_SLOW=1
expect "$1" 1 'planted.c:4:.*null' "a null pointer that is followed"
unset BL23_SLOW
printf "$clean" >"$planted"
printf 'extern int unknown;\n' >"$tree/tables/unknown.c"
expect "$1" 1 'not in .*tables/unknown.c' "a source that is not in the database"
rm "$tree/tables/unknown.c" "$planted"
expect "$1" 1 'no source' "no source at all"
exit $((failures > 0))
