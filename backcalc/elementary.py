"""Elementary functions of whole fractions: where a float of 16 digits would not be enough."""

from __future__ import annotations

import math
from fractions import Fraction

from backcalc.expression import LEAST, Scalar

NEGLIGIBLE = 1e-20


def logarithm(z: Scalar) -> float:
    """The natural logarithm, near 1 by what the number has above 1, below LEAST by its digits."""
    if isinstance(z, Fraction) and 2 * abs(z - 1) < 1:
        return math.log1p(z - 1)
    if isinstance(z, Fraction) and 0 < z < LEAST:
        return math.log(z.numerator) - math.log(z.denominator)
    return math.log(z)


def root(z: Scalar) -> float:
    """The square root, taken of a larger number where the given one is below LEAST."""
    if isinstance(z, Fraction) and 0 < z < LEAST:
        half = z.denominator.bit_length() // 2
        return math.ldexp(math.sqrt(z * 4**half), -half)
    return math.sqrt(z)


def sine(z: Scalar) -> float:
    """The sine of all digits of a number."""
    return _turn(z).imag


def cosine(z: Scalar) -> float:
    """The cosine of all digits of a number."""
    return _turn(z).real


def _turn(z: Scalar) -> complex:
    """Cos z + i sin z, from floats that add up to z."""
    part = float(z)
    turn = complex(math.cos(part), math.sin(part))
    rest = Fraction(z) - Fraction(part)
    return turn * _turn(rest) if abs(rest) > NEGLIGIBLE else turn
