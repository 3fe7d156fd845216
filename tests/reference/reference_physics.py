# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""The physics of bl23 in mpmath: CKM, C_L, C_R, the quadratic forms, rates and Delta a_mu.

Written from the papers, without sight of the C program. Equation numbers are those of Kang and
Shigekami, arXiv:2008.09793. GeV everywhere. `python3 check_physics.py` runs the checks.
"""
import os
from functools import lru_cache

from mpmath import mp, mpf, mpc

from reference_loops import loop_functions

HERE = os.path.dirname(os.path.abspath(__file__))
DPS = 40

# ---------------------------------------------------------------- inputs, as printed decimals
PDG2018 = dict(
    m_u="2.2e-3", m_c="1.275", m_t="173.0", m_w="80.379", alpha_inverse="127.955",
    sin2_theta_w="0.23122",
    ckm_lambda="0.22453", ckm_a="0.836", ckm_rhobar="0.122", ckm_etabar="0.355",
    m_kp="0.493677", m_k0="0.497611", m_pip="0.13957061", m_pi0="0.1349770",
    m_b0="5.27963", m_bp="5.27932", m_rho="0.77526", m_kst0="0.89555", m_kstp="0.89176",
    gamma_kp="5.317e-17", gamma_kl="1.287e-17", gamma_b0="4.330e-13", gamma_bp="4.018e-13",
    m_mu="0.1056583745")
PDG2024 = dict(
    PDG2018, m_u="2.16e-3", m_c="1.273", m_t="172.57", m_w="80.369", alpha_inverse="127.951",
    sin2_theta_w="0.23121",
    ckm_lambda="0.22501", ckm_a="0.826", ckm_rhobar="0.1591", ckm_etabar="0.3523",
    m_pip="0.13957039", m_pi0="0.1349768", m_b0="5.27972", m_bp="5.27941", m_kstp="0.89167",
    gamma_b0="4.339e-13", m_mu="0.1056583755")
PRESETS = {"pdg2018": PDG2018, "pdg2024": PDG2024}

BR_NAMES = ("br_kl_pi0", "br_kp_pip", "br_b0_pi0", "br_bp_pip", "br_b0_rho0", "br_bp_rhop",
            "br_b0_k0", "br_bp_kp", "br_b0_kst0", "br_bp_kstp")
# which s multiplies kappa g^2: 0 (Im H_ds)^2, 1 |H_ds|^2, 2 |H_db|^2, 3 |H_sb|^2
S_OF_MODE = (0, 1, 2, 2, 2, 2, 3, 3, 3, 3)
CHANNELS = (("ds", 0, 1), ("db", 0, 2), ("sb", 1, 2))


def resolve_inputs(preset="pdg2018", override=None, as_doubles=True):
    """Inputs as mpf: the exact values of the doubles, or (as_doubles=False) of the printed
    decimals."""
    values = dict(PRESETS[preset])
    for key, value in (override or {}).items():
        if key not in values:
            raise KeyError(f"unknown input {key}")
        values[key] = repr(float(value))
    with mp.workdps(DPS):
        return {k: mpf(float(v)) if as_doubles else mpf(v) for k, v in values.items()}


# ---------------------------------------------------------------- CKM
def ckm_matrix(p):
    """Exactly unitary V from the Wolfenstein parameters through the standard parametrisation
    (PDG)."""
    lam, a, rho, eta = p["ckm_lambda"], p["ckm_a"], p["ckm_rhobar"], p["ckm_etabar"]
    s12, s23 = lam, a * lam**2
    z = mpc(rho, eta)
    vub_conj = a * lam**3 * z * mp.sqrt(1 - a**2 * lam**4) / (
        mp.sqrt(1 - lam**2) * (1 - a**2 * lam**4 * z))          # s13 e^{i delta}
    s13 = abs(vub_conj)
    phase = vub_conj / s13
    c12, c23, c13 = (mp.sqrt(1 - s**2) for s in (s12, s23, s13))
    return [[c12 * c13 + 0j, s12 * c13 + 0j, s13 / phase],
            [-s12 * c23 - c12 * s23 * s13 * phase, c12 * c23 - s12 * s23 * s13 * phase,
             s23 * c13 + 0j],
            [s12 * s23 - c12 * c23 * s13 * phase, -c12 * s23 - s12 * c23 * s13 * phase,
             c23 * c13 + 0j]]


# ---------------------------------------------------------------- couplings at one mass
@lru_cache(maxsize=None)
def _loops(q, mi, mj, mw, mu2):
    return loop_functions(q, mi, mj, mw, mu2)


def couplings(mass, p, mu2=1):
    """C_L[X][i][j], C_R[X][i][j] and A_X at q2 = mass^2 (the printed overall minus sign)."""
    with mp.workdps(DPS):
        v = ckm_matrix(p)
        g2sq = 4 * mp.pi / (p["alpha_inverse"] * p["sin2_theta_w"])
        mq = (p["m_u"], p["m_c"], p["m_t"])
        # D is symmetric under (x, mi) <-> (y, mj), hence so are C0 and S
        loops = [[_loops(mpf(mass), mq[min(i, j)], mq[max(i, j)], p["m_w"], mu2) for j in range(3)]
                 for i in range(3)]
        c_left, c_right, a_x = [], [], []
        for _, a, b in CHANNELS:
            cl = [[-g2sq * mp.conj(v[i][a]) * v[j][b] * loops[i][j][1] for j in range(3)]
                  for i in range(3)]
            cr = [[-g2sq * mp.conj(v[i][a]) * v[j][b] * mq[i] * mq[j] * loops[i][j][0]
                   for j in range(3)]
                  for i in range(3)]
            c_left.append(cl)
            c_right.append(cr)
            a_x.append(sum(cl[i][j] * ((i == j) - v[i][0] * mp.conj(v[j][0])) / 3
                           for i in range(3) for j in range(3)))
        return c_left, c_right, a_x


def forms_of(c_right, a_x):
    """The 6 x 9 real matrix: rows Re, Im of H_ds, H_db, H_sb; columns the nine monomials of w."""
    rows = []
    with mp.workdps(DPS):
        for cr, a in zip(c_right, a_x):
            const = a + (cr[0][0] + cr[1][1] + cr[2][2]) / 3
            columns = [const - cr[i][i] / 3 for i in range(3)]
            for i, j in ((0, 1), (0, 2), (1, 2)):
                # w_i* C_ij w_j + w_j* C_ji w_i with z = w_i* w_j: C_ij z + C_ji conj z
                columns.append(-(cr[i][j] + cr[j][i]) / 3)
                columns.append(-(cr[i][j] - cr[j][i]) * mpc(0, 1) / 3)
            # columns are now |w1|^2, |w2|^2, |w3|^2, Re 12, Im 12, Re 13, Im 13, Re 23, Im 23
            rows.append([c.real for c in columns])
            rows.append([c.imag for c in columns])
    return rows


def amplitudes(w, c_left, c_right, p):
    """H_ds, H_db, H_sb straight from the definition (no forms), for a normalised w."""
    with mp.workdps(DPS):
        v = ckm_matrix(p)
        out = []
        for cl, cr in zip(c_left, c_right):
            h = mpc(0)
            for i in range(3):
                for j in range(3):
                    g_left = ((i == j) - v[i][0] * mp.conj(v[j][0])) / 3
                    g_right = ((i == j) - mp.conj(w[i]) * w[j]) / 3
                    h += cl[i][j] * g_left + cr[i][j] * g_right
            out.append(h)
        return out


def w_vector(polar):
    """Normalised (w1, w2, w3) from r11, ph11, ... with phases in units of pi."""
    with mp.workdps(DPS):
        w = [mpf(polar[2 * i]) * mp.expjpi(mpf(polar[2 * i + 1])) for i in range(3)]
        norm = mp.sqrt(sum(abs(z) ** 2 for z in w))
        return [z / norm for z in w]


# ---------------------------------------------------------------- rates
def kallen(x, y, z):
    return x**2 + y**2 + z**2 - 2 * (x * y + y * z + z * x)


def _d(text):
    return mpf(text)


def f_plus_k(q2, p, mode):
    """K -> pi form factor, quadratic in t = q2 / m_pi+^2 (FLAG 2021; Mescia and Smith)."""
    zero = _d("0.9698") * _d("1.0015")                         # K+ -> pi+
    if mode == "kl":
        zero /= _d("1.0238")                                   # K0 -> pi0
    t = q2 / p["m_pip"] ** 2
    return zero * (1 + _d("24.82e-3") * t + _d("1.64e-3") * t**2 / 2)


def f_plus_b(q2, final):
    """B -> P of Ball and Zwicky, hep-ph/0406232."""
    if final == "pi":
        return _d("0.744") / (1 - q2 / _d("5.32") ** 2) - _d("0.486") / (1 - q2 / _d("40.73"))
    pole = 1 - q2 / _d("5.41") ** 2
    return _d("0.162") / pole + _d("0.173") / pole**2


def vector_form_factors(q2, final):
    """(V, A1, A2) of Ball and Zwicky, hep-ph/0412079."""
    rho = final == "rho"
    v1, v2, v_fit = (_d(t) for t in (("1.045", "-0.721", "38.34") if rho
                                     else ("0.923", "-0.511", "49.40")))
    a1, a1_fit = (_d(t) for t in (("0.240", "37.51") if rho else ("0.290", "40.38")))
    b1, b2, b_fit = (_d(t) for t in (("0.009", "0.212", "40.82") if rho
                                     else ("-0.084", "0.342", "52.00")))
    pole = 1 - q2 / b_fit
    return (v1 / (1 - q2 / _d("5.32") ** 2) + v2 / (1 - q2 / v_fit), a1 / (1 - q2 / a1_fit),
            b1 / pole + b2 / pole**2)


def _to_pseudoscalar(mass, m_in, m_out, width, f_plus, kappa2):
    """(4.6), (4.7), (5.2): BR = this x g^2 |H|^2."""
    lam = kallen(m_in**2, m_out**2, mass**2)
    loop = (16 * mp.pi**2) ** 2
    return lam * mp.sqrt(lam) * f_plus**2 / (64 * mp.pi * kappa2 * mass**2 * m_in**3 * width * loop)


def _to_vector(mass, m_in, m_out, width, final, kappa2):
    """(5.3)-(5.5)."""
    v, a1, a2 = vector_form_factors(mass**2, final)
    lam = kallen(m_in**2, m_out**2, mass**2)
    total = m_in + m_out
    x = (m_in**2 - m_out**2 - mass**2) / (2 * m_out * mass)
    x2m1 = lam / (2 * m_out * mass) ** 2                       # x^2 - 1 without cancellation
    h_0 = -total * a1 * x + 2 * m_out * mass / total * a2 * x2m1
    side = 2 * m_out * mass / total * v * mp.sqrt(x2m1)
    helicities = h_0**2 + (total * a1 + side) ** 2 + (total * a1 - side) ** 2
    return (mp.sqrt(lam) * helicities
            / (64 * mp.pi * kappa2 * m_in**3 * width * (16 * mp.pi**2) ** 2))


def kappa(mass, p):
    """The ten kappa of BR = kappa g^2 s, in the order of BR_NAMES; 0 where the mode is closed."""
    with mp.workdps(DPS):
        m, q2 = mpf(mass), mpf(mass) ** 2

        def pseudo(m_in, m_out, width, f_plus, kappa2):
            if m >= p[m_in] - p[m_out]:
                return mpf(0)
            return _to_pseudoscalar(m, p[m_in], p[m_out], p[width], f_plus(), kappa2)

        def vector(m_in, m_out, width, final, kappa2):
            if m >= p[m_in] - p[m_out]:
                return mpf(0)
            return _to_vector(m, p[m_in], p[m_out], p[width], final, kappa2)

        return [
            pseudo("m_k0", "m_pi0", "gamma_kl", lambda: f_plus_k(q2, p, "kl"), 1),
            pseudo("m_kp", "m_pip", "gamma_kp", lambda: f_plus_k(q2, p, "kp"), 1),
            pseudo("m_b0", "m_pi0", "gamma_b0", lambda: f_plus_b(q2, "pi"), 2),
            pseudo("m_bp", "m_pip", "gamma_bp", lambda: f_plus_b(q2, "pi"), 1),
            vector("m_b0", "m_rho", "gamma_b0", "rho", 2),
            vector("m_bp", "m_rho", "gamma_bp", "rho", 1),
            pseudo("m_b0", "m_k0", "gamma_b0", lambda: f_plus_b(q2, "k"), 1),
            pseudo("m_bp", "m_kp", "gamma_bp", lambda: f_plus_b(q2, "k"), 1),
            vector("m_b0", "m_kst0", "gamma_b0", "kst", 1),
            vector("m_bp", "m_kstp", "gamma_bp", "kst", 1)]


def muon_integral(mass, p):
    """Delta a_mu / g^2, the z integral done numerically."""
    with mp.workdps(DPS):
        m2, mu2 = mpf(mass) ** 2, p["m_mu"] ** 2

        def f(z):
            return 2 * mu2 * z * (1 - z) ** 2 / (mu2 * (1 - z) ** 2 + z * m2)
        # the structure sits at z ~ ratio, or at 1 - z ~ 1/sqrt
        ratio = mu2 / m2
        cuts = sorted({mpf(0), mpf(1), *(c for c in (ratio, 1 - 1 / mp.sqrt(ratio)) if 0 < c < 1),
                       mpf("0.5")})
        value, error = mp.quad(f, cuts, error=True)
        assert error < mpf(10) ** -28 * value, (mass, error)
        return value / (8 * mp.pi**2)


def tables_at(mass, p):
    """Everything the survey needs at one mass: forms [6][9], kappa [10], Delta a_mu / g^2."""
    _, c_right, a_x = couplings(mass, p)
    return forms_of(c_right, a_x), kappa(mass, p), muon_integral(mass, p)


def point(mass, g, polar, p):
    """H (3 complex), the ten branching ratios and Delta a_mu of one point."""
    with mp.workdps(DPS):
        c_left, c_right, _ = couplings(mass, p)
        h = amplitudes(w_vector(polar), c_left, c_right, p)
        s = (h[0].imag ** 2, *(abs(z) ** 2 for z in h))
        g2 = mpf(g) ** 2
        br = [k * g2 * s[S_OF_MODE[i]] for i, k in enumerate(kappa(mass, p))]
        return h, br, g2 * muon_integral(mass, p)
