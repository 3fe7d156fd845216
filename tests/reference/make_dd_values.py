# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (C) 2026 The bl23 authors
"""Writes dd_values.csv: elementary functions of double-double arguments, 40 digits, by mpmath.

`python3 make_dd_values.py` in this folder. An argument is hi:lo, two hexadecimal doubles whose sum
it is exactly; the argument of `parse` is a decimal text, its value the nearest such pair.
"""
import os
import random

from mpmath import mp, mpf, nstr

mp.dps = 60
HERE = os.path.dirname(os.path.abspath(__file__))
FUNCTIONS = {
    "sqrt": lambda x, y: mp.sqrt(x), "log": lambda x, y: mp.log(x), "exp": lambda x, y: mp.exp(x),
    "atan": lambda x, y: mp.atan(x), "atan2": lambda x, y: mp.atan2(y, x),
    "sinpi": lambda x, y: mp.sinpi(x), "cospi": lambda x, y: mp.cospi(x)}


def pair(hi, lo=0.0):
    """A double-double whose parts do not overlap."""
    total = mpf(hi) + mpf(lo)
    hi = float(total)
    return hi, float(total - mpf(hi))


def near(value):
    """The double-double nearest to an mpf."""
    hi = float(value)
    return hi, float(value - mpf(hi))


def some(rng, low, high):
    """A number between low and high with about 106 random bits."""
    x = rng.uniform(low, high)
    return pair(x, x * rng.uniform(-1, 1) * 2.0**-54)


def some_scale(rng, low, high, sign=True):
    """As `some`, log-uniform between 10^low and 10^high, of either sign."""
    x = 10.0**rng.uniform(low, high) * (rng.choice((-1, 1)) if sign else 1)
    return pair(x, x * rng.uniform(-1, 1) * 2.0**-54)


def arguments(rng):
    """(function, x, y) of every row but those of parse."""
    one = 1.0
    for x in (0.0, 1.0, 2.0, 4.0, 1e-250, 1e300, 2.0**-100, 0.25):
        yield "sqrt", pair(x), None
    for x in (one, 2.0, 0.5, one + 2.0**-52, one - 2.0**-53, 0.7071067811865475, 0.7071067811865476,
              1.4142135623730951, 1e-300, 1e300, 2.0**-1022, 10.0, 1.0000001, 0.9999999):
        yield "log", pair(x), None
    yield "log", pair(one, 2.0**-80), None
    yield "log", pair(one, -2.0**-80), None
    for x in (0.0, one, -one, 699.0, -699.0, 0.34657359027997264, -0.34657359027997264, 1e-20,
              -1e-20, 2.0**-60):
        yield "exp", pair(x), None
    for x in (0.0, one, -one, 1e-300, -1e-300, 1e300, -1e300, one + 2.0**-52, one - 2.0**-53,
              0.41421356237309503):
        yield "atan", pair(x), None
    for x in (-2.0, -1.0, 0.0, 1.0, 2.0):
        for y in (-3.0, -1.0, 0.0, 1.0, 3.0):
            yield "atan2", pair(x), pair(y)
    for x, y in ((-1.0, 1e-200), (-1.0, -1e-40), (1e-200, 1.0), (-1e-200, -1.0), (1e150, 1e-150),
                 (1e-150, 1e150)):
        yield "atan2", pair(x), pair(y)
    for quarter in range(-9, 10):
        yield "sinpi", pair(quarter / 4), None
        yield "cospi", pair(quarter / 4), None
    for x in (2.0**39 + 0.25, -2.0**39 + 0.125, 1e-300, 0.5 + 2.0**-53, 1.0 - 2.0**-53,
              123456789.375):
        yield "sinpi", pair(x), None
        yield "cospi", pair(x), None
    for _ in range(60):
        yield "sqrt", some_scale(rng, -250, 300, False), None
        yield "log", some_scale(rng, -250, 300, False), None
        yield "log", some(rng, 0.5, 2.0), None
        yield "exp", some(rng, -699, 699), None
        yield "exp", some_scale(rng, -12, 0), None
        yield "atan", some_scale(rng, -20, 20), None
        yield "atan", some(rng, -2, 2), None
        yield "atan2", some(rng, -3, 3), some(rng, -3, 3)
        yield "atan2", some_scale(rng, -9, 9), some_scale(rng, -9, 9)
        yield "sinpi", some(rng, -4, 4), None
        yield "cospi", some(rng, -4, 4), None
        yield "sinpi", some_scale(rng, -12, 11), None
        yield "cospi", some_scale(rng, -12, 11), None


def decimals(rng):
    """Texts for parse."""
    yield from ("0", "-0", "1", "+1", "-1", "2.2e-3", "1.275", "173.0", "80.379", "0.1349770", ".5",
                "5.", "1E5",
                "1e+05", "5.317e-17", "4.7", "0.1", "0.3", "1e22", "1e23", "9007199254740993",
                "1e-199", "1e199", "9223372036854775808", "18446744073709551615",
                "000000000000000000000000000000000001.5", "0.000000000000000000000000000000000001",
                "3.14159265358979323846264338327950288419716939937510",
                "100000000000000000000000000000000000000000",
                "1.0000000000000000000000000000099999",
                "123456789012345678901234567890123456789012345",
                "9.99999999999999999999999999999999999e-5",
                "1.7976931348623157e100", "2.2250738585072014e-100",
                "0.500000000000000000000000000001")
    for _ in range(100):
        digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(1, 30)))
        point = rng.randint(0, len(digits))
        yield f"{digits[:point]}.{digits[point:]}e{rng.randint(-40, 40)}"
    for _ in range(40):
        digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(31, 45)))
        yield f"{rng.choice('123456789')}.{digits}e{rng.randint(-150, 150)}"


def text(x):
    return f"{x[0].hex()}:{x[1].hex()}"


def main():
    rng = random.Random(20200823)
    with open(os.path.join(HERE, "dd_values.csv"), "w") as out:
        out.write("# Elementary functions of double-double arguments: 40 digits by mpmath "
                  "(make_dd_values.py).\n"
                  "# x, y: hi:lo as hexadecimal doubles, exact (atan2 is the angle of the point x, "
                  "y; sinpi(x) = sin pi x);\n"
                  "# parse: x is a decimal text, value the nearest hi:lo.\n"
                  "function,x,y,value\n")
        for name, x, y in arguments(rng):
            exact = FUNCTIONS[name](mpf(x[0]) + mpf(x[1]), y and mpf(y[0]) + mpf(y[1]))
            out.write(f"{name},{text(x)},{text(y) if y else ''},{nstr(exact, 40)}\n")
        for decimal in decimals(rng):
            out.write(f"parse,{decimal},,{text(near(mpf(decimal)))}\n")


if __name__ == "__main__":
    main()
