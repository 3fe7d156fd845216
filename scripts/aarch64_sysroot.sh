#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# aarch64_sysroot.sh [FOLDER]: the libraries of bl23 for 64-bit ARM, unpacked into a folder (default
# build/sysroot-aarch64) for `cmake --preset aarch64`. The packages come from this system's own
# sources (Debian), with apt's lists kept in the folder: nothing is installed and no root is needed.
# Exit 0: it is there; 77: those sources have no such packages, or this system has no apt.
set -euo pipefail
cd "$(dirname "$0")/.."
sysroot=${1:-build/sysroot-aarch64}
packages="libc6-dev libgsl-dev libhdf5-dev libyaml-dev libjansson-dev libxxhash-dev libcmocka-dev"
[ -f "$sysroot/complete" ] && exit 0
command -v apt-get >/dev/null ||
  { echo "skipped: no sysroot for aarch64 without apt-get"; exit 77; }
mkdir -p "$(dirname "$sysroot")"
work=$(mktemp -d "$(realpath "$sysroot").XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/{lists,archives}/partial "$work/root/usr/lib"
touch "$work/apt/status"
ln -s usr/lib "$work/root/lib" # as in an installed system

apt() {
  apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 \
    -o APT::Install-Recommends=false \
    -o APT::Sandbox::User=root -o Acquire::Languages=none -o Dir::State="$work/apt" \
    -o Dir::State::status="$work/apt/status" -o Dir::Cache="$work/apt" "$@"
}
apt update || true # what is missing shows in the next line
# shellcheck disable=SC2086
apt install --download-only -y $packages >/dev/null ||
  { echo "skipped: not all of these packages are available for arm64: $packages"; exit 77; }
for package in "$work"/apt/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$work/root"
done
# Links to absolute places are meant within the folder.
find "$work/root" -lname '/*' -printf '%p\t%l\n' | while IFS=$'\t' read -r link target; do
  ln -sfnr "$work/root$target" "$link"
done
chmod 755 "$work/root"
touch "$work/root/complete"
rm -rf "$sysroot"
mv "$work/root" "$sysroot"
