# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
# Sourced by the other scripts. install_packages build|test|plot|mpi|arm|deb names what bl23 needs
# and installs what is missing with apt, as root or with sudo; elsewhere it names the packages and
# stops. install_from_pypi "NAME>=VERSION" ... puts what Debian lacks from PyPI into build/python:
# corner, which a notebook draws with, and getdist, which a test compares with. script_arguments
# "OPTIONS" "$@" answers --help with the head of the script, and refuses options that are not among
# OPTIONS.

packages_build="gcc cmake ninja-build make pkg-config git libgsl-dev libhdf5-dev libyaml-dev
  libjansson-dev libxxhash-dev"
packages_test="ccache libcmocka-dev clang libclang-rt-14-dev clang-format clang-tidy valgrind
  hdf5-tools
  python3 python3-numpy python3-h5py python3-yaml python3-mpmath python3-pytest python3-xxhash
  python3-jsonschema python3-scipy python3-pandas python3-xarray python3-h5netcdf
  man-db groff zsh fish"
packages_mpi="libopenmpi-dev openmpi-bin libmpich-dev mpich slurm-wlm munge"
packages_arm="gcc-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user"
packages_deb="build-essential debhelper dpkg-dev fakeroot lintian xz-utils"
packages_site="python3-sphinx python3-myst-parser python3-nbsphinx python3-ipykernel pandoc
  python3-sphinx-rtd-theme python3-emcee python3-pandas python3-pip"
packages_plot="python3 python3-numpy python3-h5py python3-matplotlib python3-yaml"

script_arguments() {
  local known=" $1 " argument
  shift
  for argument in "$@"; do
    case $argument in
    -h | --help)
      sed -n '4,/^set /{ /^set /d; s/^# \{0,1\}//p; }' \
        "$(find scripts -name "$(basename "$0")" -print -quit)"
      exit 0
      ;;
    -*)
      [[ $known == *" $argument "* ]] && continue
      echo "$(basename "$0"): unknown option $argument (see --help)" >&2
      exit 2
      ;;
    esac
  done
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
  done
}

install_packages() {
  local list="packages_$1" missing
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian or Ubuntu; bl23 needs these packages under your system's names:" >&2
    echo "  ${!list}" | tr '\n' ' ' >&2
    echo >&2
    return 0
  fi
  # shellcheck disable=SC2086
  missing=$(missing_packages ${!list})
  # The fuzzer's runtime carries clang's version in its name, which differs between releases.
  missing=$(echo "$missing" | while read -r p; do
    [ "$p" = libclang-rt-14-dev ] && ! apt-cache show "$p" >/dev/null 2>&1 && continue
    echo "$p"
  done)
  [ -z "$missing" ] && return 0
  local sudo=""
  if [ "$(id -u)" != 0 ]; then
    sudo=sudo
    if ! command -v sudo >/dev/null; then
      echo "These packages are missing, and this is neither root nor has sudo:" $missing >&2
      exit 1
    fi
  fi
  echo "Installing:" $missing
  $sudo apt-get update -qq
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

install_from_pypi() {
  local into=build/python package name
  for package in "$@"; do
    name=${package%%[<>=]*}
    PYTHONPATH=$into /usr/bin/python3 -c "import $name" 2>/dev/null && continue
    PIP_ROOT_USER_ACTION=ignore /usr/bin/python3 -m pip install --quiet --no-deps \
      --disable-pip-version-check --target $into "$package" ||
      echo "$name was not installed from PyPI; the tests that need it are skipped" >&2
  done
}
