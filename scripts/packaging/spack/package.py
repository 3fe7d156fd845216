# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Untested recipe of Spack; README.md beside this folder says how it is used."""
from spack.package import *


class Bl23(CMakePackage):
    """Surveys of the local (B-L)_23 model of particle physics."""

    homepage = "https://arxiv.org/abs/2008.09793"

    license("GPL-3.0-or-later")

    version("develop")  # the tree that `spack dev-build` is called in
    variant("mpi", default=False, description="surveys over several processes")
    variant("cuda", default=False, description="the CUDA backend")

    depends_on("c", type="build")
    depends_on("cmake@3.22:", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("gsl")
    depends_on("hdf5")
    depends_on("jansson")
    depends_on("libyaml")
    depends_on("xxhash")
    depends_on("mpi", when="+mpi")
    depends_on("cuda@11:", when="+cuda")

    def cmake_args(self):
        return [
            self.define("BL23_TESTS", False),
            self.define("BL23_CUDA", "ON" if "+cuda" in self.spec else "OFF"),
            self.define_from_variant("BL23_MPI", "mpi"),
        ]

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def check_install(self):
        """One survey, and the check of what it stored."""
        program = Executable(self.prefix.bin.bl23)
        with working_dir("check", create=True):
            program("survey", "@fig3", "--samples", "1e6")
            program("replay", "fig3.h5")
