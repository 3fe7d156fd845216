#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Build the Debian package of bl23, and show what lintian says of it.
#   scripts/packaging/build_deb.sh [FOLDER]    the packages go to FOLDER (default: out/deb)
# The tree is copied and stays as it is. Exit 1 if lintian finds an error or a warning.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/install_packages.sh
source scripts/install_packages.sh
script_arguments "" "$@"
if [ $# -gt 1 ]; then
  echo "build_deb.sh takes one FOLDER (got $#); see --help" >&2
  exit 2
fi
install_packages build
install_packages deb
folder=$(realpath -m -- "${1:-out/deb}")
mkdir -p "$folder"
version=$(sed -n 's/^project(bl23 VERSION \([^ ]*\).*/\1/p' CMakeLists.txt)
date=$(sed -n "s/^## \[$version\] - //p" CHANGELOG.md)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/bl23-$version
mkdir "$tree"
if git rev-parse --git-dir >/dev/null 2>&1; then
  git ls-files -z
else
  find . -name .git -prune -o -path ./build -prune -o -path ./out -prune -o -type f -print0
fi | tar --null -c -T - | tar -x -C "$tree"
tar -C "$work" -cJf "$work/bl23_$version.orig.tar.xz" "bl23-$version"
cp -r "$tree/scripts/packaging/debian" "$tree/debian"
cat >"$tree/debian/changelog" <<END
bl23 ($version-1) unstable; urgency=medium

  * New release; its CHANGELOG.md says what has changed.

 -- $(sed -n 's/^Maintainer: //p' "$tree/debian/control")  $(date -R -u -d "$date")
END
(cd "$tree" && DEB_BUILD_OPTIONS="parallel=$(nproc) noautodbgsym" dpkg-buildpackage -us -uc)
cp "$work"/bl23_"$version"* "$folder"
echo "Packages: $folder"
lintian --pedantic --display-info --fail-on error,warning "$folder"/bl23_"$version"-1_*.changes
