#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Tree-level decays of charm and top by explicit sums over polarisations: writes charm_rates.csv.

    python3 tests/reference/reference_charm.py > tests/reference/charm_rates.csv

The amplitude of each polarisation of the Z' (and of a vector daughter) is computed from explicit
four-vectors, and those of the baryons and of top from traces of Dirac matrices; no formula for a
rate is used. Of BR = g^2 (k_V |F_V|^2 + k_A |F_A|^2) it gives k_V and k_A. The current is
(g/2) q gamma^mu (F_V + F_A gamma_5) Q. Form factors and inputs (pdg2018): docs/charm.md.
"""
from itertools import permutations

from mpmath import diag, eye, lu_solve, matrix, mp, mpf, pi, sqrt, zeros

mp.dps = 40
MASSES = ("1e-3 0.01 0.05 0.116 0.128 0.134977 0.14 0.2 0.3 0.5 0.7 0.7755 0.9 0.986 1 1.05 1.0819 "
          "1.08217 1.08219 1.0895 1.0896 1.09 1.0943 1.3 1.348 1.34818 1.4 1.5 1.6 1.7 1.7298 "
          "1.72986 1.72987 1.7299 1.73 1.73008 2 3 4.7").split()
# name: parent, daughter, width of the parent, isospin factor
PSEUDOSCALAR = {"br_dp_pip": ("1.86966", "0.13957061", "6.37e-13", 1),
                "br_d0_pi0": ("1.86484", "0.1349770", "1.604e-12", 2),
                "br_ds_kp": ("1.96835", "0.493677", "1.313e-12", 1)}
VECTOR = {"br_dp_rhop": ("1.86966", "0.77526", "6.37e-13", 1),
          "br_d0_rho0": ("1.86484", "0.77526", "1.604e-12", 2),
          "br_d0_omega": ("1.86484", "0.78266", "1.604e-12", 2)}
BARYON = ("2.28646", "0.93827209", "3.248e-12")
TOP = {"br_t_u": ("173.0", "2.2e-3", "1.42"), "br_t_c": ("173.0", "1.275", "1.42")}

METRIC = diag([1, -1, -1, -1])


def dot(a, b):
    return a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3]


def momenta(parent, m1, m2):
    """Parent at rest, daughter m1 along -z, vector m2 along +z; and |p|."""
    e2 = (parent**2 + m2**2 - m1**2) / (2 * parent)
    p = sqrt(e2**2 - m2**2)
    return (parent, 0, 0, 0), (parent - e2, 0, 0, -p), (e2, 0, 0, p), p


def polarisations(k, mass):
    """Three real vectors orthogonal to k along the z axis, of norm -1."""
    return (0, 1, 0, 0), (0, 0, 1, 0), (k[3] / mass, 0, 0, k[0] / mass)


def width(parent, p, amplitudes2):
    """Two-body decay width."""
    return p / (8 * pi * parent**2) * amplitudes2


# ---- form factors ----

def z_of(q2, t_plus, t_0):
    a, b = sqrt(t_plus - q2), sqrt(t_plus - t_0)
    return (a - b) / (a + b)


def f_plus_d(q2):
    t_plus = (mpf("1.86484") + mpf("0.13957061"))**2
    t_minus = (mpf("1.86484") - mpf("0.13957061"))**2
    t_0 = t_plus * (1 - sqrt(1 - t_minus / t_plus))
    z = z_of(q2, t_plus, t_0) - z_of(0, t_plus, t_0)
    series = mpf("0.612") - mpf("0.9331") * z - mpf("3.3364") * z**2
    return series / (1 - q2 / mpf("2.007")**2)


def vector_form_factors(q2):
    a1_0 = mpf("0.525")
    axial = 1 - q2 / mpf("2.42")**2
    return (a1_0 / axial, mpf("0.845") * a1_0 / axial,
            mpf("1.695") * a1_0 / (1 - q2 / mpf("2.01")**2))


NODES = [mpf(x) for x in ("0.272119", "0.725650", "1.269888")]
T_PLUS, T_0 = (mpf("1.86484") + mpf("0.13957"))**2, (mpf("2.28646") - mpf("0.9395654"))**2


def fitted(values, pole, constant=None):
    """Coefficients of 1, z, z^2 of a form factor times (1 - q^2/pole^2) through its points."""
    z = [z_of(q2, T_PLUS, T_0) for q2 in NODES]
    left, right = matrix(3, 3), matrix(3, 1)
    for row, text in enumerate(values):
        left[row, 0], left[row, 1], left[row, 2] = 1, z[row], z[row]**2
        right[row] = mpf(text) * (1 - NODES[row] / mpf(pole)**2)
    if constant is not None:
        left[2, 0], right[2] = 1, constant
    return list(lu_solve(left, right))


F_PLUS = fitted(("0.719875870", "0.833221978", "1.064145098"), "2.010")
F_PERP = fitted(("1.234443932", "1.462890789", "1.854303372"), "2.010")
G_PERP = fitted(("0.638149869", "0.713354434", "0.830683186"), "2.423")
G_PLUS = fitted(("0.636086919", "0.706017159"), "2.423", G_PERP[0])


def baryon(coefficients, pole, q2):
    z = z_of(q2, T_PLUS, T_0)
    a, b, c = coefficients
    return (a + b * z + c * z**2) / (1 - q2 / mpf(pole)**2)


# ---- mesons ----

def pseudoscalar(mass, parent, daughter, total, isospin):
    parent, daughter, total = mpf(parent), mpf(daughter), mpf(total)
    if mass + daughter >= parent:
        return mpf(0), mpf(0)
    p, k, q, momentum = momenta(parent, daughter, mass)
    both = [a + b for a, b in zip(p, k)]
    f = f_plus_d(mass**2)
    squared = sum((f * dot(e, both) / 2)**2 for e in polarisations(q, mass))
    return width(parent, momentum, squared) / isospin / total, mpf(0)


def epsilon(a, b, c, d):
    """epsilon_{mu nu rho sigma} a b c d, up to a sign: the determinant of the four vectors."""
    total = mpf(0)
    for order in permutations(range(4)):
        inversions = sum(order[i] > order[j] for i in range(4) for j in range(i + 1, 4))
        product = a[order[0]] * b[order[1]] * c[order[2]] * d[order[3]]
        total += -product if inversions % 2 else product
    return total


def vector(mass, parent, daughter, total, isospin):
    parent, daughter, total = mpf(parent), mpf(daughter), mpf(total)
    if mass + daughter >= parent:
        return mpf(0), mpf(0)
    p, k, q, momentum = momenta(parent, daughter, mass)
    both = [a + b for a, b in zip(p, k)]
    a1, a2, v = vector_form_factors(mass**2)
    k_v = k_a = mpf(0)
    for e in polarisations(q, mass):
        for eta in polarisations(k, daughter):
            vector_part = 2 * v / (parent + daughter) * epsilon(e, eta, p, k)
            axial_part = ((parent + daughter) * a1 * dot(e, eta)
                          - a2 / (parent + daughter) * dot(eta, q) * dot(e, both))
            k_v += (vector_part / 2)**2
            k_a += (axial_part / 2)**2
    return tuple(width(parent, momentum, x) / isospin / total for x in (k_v, k_a))


# ---- fermions: traces in the Dirac representation ----

def gammas():
    i = mp.j
    sigma = [matrix([[0, 1], [1, 0]]), matrix([[0, -i], [i, 0]]), matrix([[1, 0], [0, -1]])]
    out = [diag([1, 1, -1, -1])]
    for s in sigma:
        g = zeros(4)
        for a in range(2):
            for b in range(2):
                g[a, 2 + b], g[2 + a, b] = s[a, b], -s[a, b]
        out.append(g)
    five = zeros(4)
    for a in range(2):
        five[a, 2 + a] = five[2 + a, a] = 1
    return out, five


GAMMA, GAMMA_5 = gammas()


def slash(p):
    out = zeros(4)
    for mu in range(4):
        out += GAMMA[mu] * (METRIC[mu, mu] * p[mu])
    return out


def adjoint(vertex):
    return GAMMA[0] * vertex.H * GAMMA[0]


def spin_sum(p, m1, k, m2, vertices):
    """The sum of |u(k) V u(p)|^2 over vertices and spins of k, averaged over the spins of p."""
    total = mpf(0)
    for vertex in vertices:
        product = (slash(k) + m2 * eye(4)) * vertex * (slash(p) + m1 * eye(4)) * adjoint(vertex)
        total += sum(product[a, a] for a in range(4))
    return mp.re(total) / 2


def contracted(e, current):
    """e_mu current^mu of four matrices."""
    out = zeros(4)
    for mu in range(4):
        out += current[mu] * (METRIC[mu, mu] * e[mu])
    return out


def lambda_c(mass):
    m1, m2, total = (mpf(x) for x in BARYON)
    if mass + m2 >= m1:
        return mpf(0), mpf(0)
    p, k, q, momentum = momenta(m1, m2, mass)
    q2 = mass**2
    q_plus, q_minus = (m1 + m2)**2 - q2, (m1 - m2)**2 - q2
    fp, ft = baryon(F_PLUS, "2.010", q2), baryon(F_PERP, "2.010", q2)
    gp, gt = baryon(G_PLUS, "2.423", q2), baryon(G_PERP, "2.423", q2)
    one = eye(4)
    vector_current, axial_current = [], []
    for mu in range(4):
        middle = p[mu] + k[mu] - (m1**2 - m2**2) / q2 * q[mu]
        vector_current.append(
            one * (fp * (m1 + m2) / q_plus * middle)
            + (GAMMA[mu] - one * ((2 * m2 * p[mu] + 2 * m1 * k[mu]) / q_plus)) * ft)
        axial_current.append(GAMMA_5 * (
            one * (gp * (m1 - m2) / q_minus * middle)
            + (GAMMA[mu] + one * ((2 * m2 * p[mu] - 2 * m1 * k[mu]) / q_minus)) * gt))
    waves = polarisations(q, mass)
    return tuple(width(m1, momentum, spin_sum(p, m1, k, m2, [contracted(e, c) for e in waves]) / 4)
                 / total for c in (vector_current, axial_current))


def top(mass, parent, quark, total):
    m1, m2, total = mpf(parent), mpf(quark), mpf(total)
    p, k, q, momentum = momenta(m1, m2, mass)
    waves = polarisations(q, mass)
    return tuple(width(m1, momentum,
                       spin_sum(p, m1, k, m2, [slash(e) * chiral for e in waves]) / 4) / total
                 for chiral in (eye(4), GAMMA_5))


def main():
    print("# k_V and k_A of BR = g^2 (k_V |F_V|^2 + k_A |F_A|^2) by sums over polarisations,")
    print("# 40 digits computed, 17 printed; inputs pdg2018. Written by reference_charm.py.")
    print("m_gev,mode,k_v,k_a")
    for text in MASSES:
        mass = mpf(text)
        rates = {name: pseudoscalar(mass, *row) for name, row in PSEUDOSCALAR.items()}
        rates |= {name: vector(mass, *row) for name, row in VECTOR.items()}
        rates["br_lc_p"] = lambda_c(mass)
        rates |= {name: top(mass, *row) for name, row in TOP.items()}
        for name, (k_v, k_a) in rates.items():
            print(f"{text},{name},{mp.nstr(k_v, 17)},{mp.nstr(k_a, 17)}")


if __name__ == "__main__":
    main()
