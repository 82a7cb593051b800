"""Numbers of 50 digits, and the elementary functions that decimal leaves out, from their series."""

from __future__ import annotations

from collections.abc import Callable
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    getcontext,
    localcontext,
    setcontext,
)
from fractions import Fraction
from functools import cache

DIGITS = 50
CONTEXT = Context(
    DIGITS, ROUND_HALF_EVEN, MIN_EMIN, MAX_EMAX, traps=[InvalidOperation, DivisionByZero, Overflow]
)
FAR = 10**12  # arguments beyond which exp has no value even here


class UndefinedHereError(ArithmeticError):
    """There is no such number."""


class TooLargeError(UndefinedHereError):
    """The number is beyond what even this arithmetic holds."""


def begin() -> None:
    """Work with so many digits from here on, in this process."""
    setcontext(CONTEXT.copy())


def decimal(value: Fraction | Decimal) -> Decimal:
    """The number in 50 digits."""
    if isinstance(value, Decimal):
        return value
    return Decimal(value.numerator) / Decimal(value.denominator)


def series(first: Decimal, ratio: Callable[[int], Decimal]) -> Decimal:
    """A sum whose next term is the last one times ratio(1), ratio(2), ..."""
    total = term = first
    place = 0
    smallest = Decimal(10) ** (-getcontext().prec - 6)
    while term and abs(term) > abs(total) * smallest:
        place += 1
        term *= ratio(place)
        total += term
    return total


def exp(z: Decimal) -> Decimal:
    """e to the z."""
    if z > FAR:
        raise TooLargeError("too large a number")
    return max(z, Decimal(-FAR)).exp()


def log(z: Decimal) -> Decimal:
    """The natural logarithm."""
    if z <= 0:
        raise UndefinedHereError("log of a number that has none")
    return z.ln()


def sqrt(z: Decimal) -> Decimal:
    """The root."""
    if z < 0:
        raise UndefinedHereError("root of a negative number")
    return z.sqrt()


@cache
def pi() -> Decimal:
    """The circle's number, by Machin's formula."""
    with localcontext() as context:
        context.prec = 2 * DIGITS

        def arctan(under: int) -> Decimal:
            x = Decimal(1) / under
            return series(x, lambda k: -x * x * (2 * k - 1) / (2 * k + 1))

        return 16 * arctan(5) - 4 * arctan(239)


def sin(z: Decimal) -> Decimal:
    """The sine."""
    z = turned(z)
    square = z * z
    return series(z, lambda k: -square / (2 * k * (2 * k + 1)))


def cos(z: Decimal) -> Decimal:
    """The cosine."""
    square = turned(z) ** 2
    return series(Decimal(1), lambda k: -square / (2 * k * (2 * k - 1)))


def turned(z: Decimal) -> Decimal:
    """The angle without whole turns."""
    if abs(z) < 8:
        return z
    with localcontext() as context:
        context.prec = 2 * DIGITS
        if abs(z) > Decimal(10) ** DIGITS:
            raise TooLargeError("too large an angle")
        return z - 2 * pi() * (z / (2 * pi())).to_integral_value()


def erf(z: Decimal) -> Decimal:
    """The error function."""
    if abs(z) > 12:
        return Decimal(1).copy_sign(z)  # to 60 digits
    square = z * z
    first = 2 * z * (-square).exp() / pi().sqrt()
    return series(first, lambda k: 2 * square / (2 * k + 1))


def erfc(z: Decimal) -> Decimal:
    """1 - erf(z) with all its digits."""
    if z < 1:
        return 1 - erf(z)
    if z > 12:  # 1/(z + (1/2)/(z + 1/(z + (3/2)/(z + ...
        deep = z
        for place in range(60, 0, -1):
            deep = z + place / (2 * deep)
        return exp(-z * z) / (deep * pi().sqrt())
    with localcontext() as context:
        context.prec = DIGITS + int(z * z / 2) + 5
        return 1 - erf(z)
