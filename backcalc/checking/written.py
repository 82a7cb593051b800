"""A number as somebody wrote it, and which numbers would be written that way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, ROUND_DOWN, Context, Decimal
from fractions import Fraction

from backcalc.arithmetic.digits import decimal_of
from backcalc.formulas.expression import (
    Expression,
    Number,
    Rounded,
    Scalar,
    evaluate,
    walk,
)
from backcalc.formulas.expression import rebuilt as with_operands

CLOSE = 1e-12  # two floats this near, relatively, are the same number
CLOSELY = Decimal("1e-12")
EXACT = Context(50, Emin=MIN_EMIN, Emax=MAX_EMAX)
SHORT_OF_ONE = 1 - Fraction(1, 10**6)  # of a unit may be cut off
FEWEST_PLACES = 3  # behind the point to which anybody would round every figure
FEWEST_DIGITS = 2  # to which anybody would round a figure on the way

DECIMAL = re.compile(
    r"[-+−]?\s*(?P<whole>\d*)\.?(?P<after>(?<=\.)\d*)?(?:[eE](?P<power>[-+]?\d+))?"
)


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A number on a sheet: its value, and the numbers that it may stand for."""

    value: Fraction
    """What stands there."""
    low: Decimal
    """The smallest number that would be written so, rounded or cut off."""
    high: Decimal
    """The largest."""
    digits: int
    """Significant digits; 0 for a fraction, which stands for itself alone."""
    places: int | None = None
    """Digits behind the point, where it is an ordinary decimal."""

    def fits(self, least: Scalar, most: Scalar | None = None) -> bool:
        """Whether a number, or one between two, would be written so.

        >>> number = written_number(Number(Fraction("0.67")), "0.67")
        >>> number.fits(2 / 3), number.fits(0.6789), number.fits(0.664)
        (True, True, False)
        """
        start, end, slack = self._ends(least, most)
        return EXACT.add(end, slack) >= self.low and EXACT.subtract(start, slack) <= self.high

    def rounds(self, least: Scalar, most: Scalar | None = None) -> bool:
        """Whether this is a number, or one between two, rounded and not cut off."""
        start, end, slack = self._ends(least, most)
        here = _decimal_of(self.value)
        half = min(EXACT.subtract(here, self.low), EXACT.subtract(self.high, here))
        near = EXACT.add(half, slack)
        return EXACT.subtract(start, near) <= here <= EXACT.add(end, near)

    def means(self, value: Scalar) -> bool:
        """Whether it is this very number, no digit left out."""
        if isinstance(value, Fraction):
            return self.value == value
        off = EXACT.subtract(_decimal_of(self.value), _decimal_of(value))
        return abs(off) <= EXACT.multiply(CLOSELY, abs(_decimal_of(value)))

    def _ends(self, least: Scalar, most: Scalar | None) -> tuple[Decimal, Decimal, Decimal]:
        """Both ends of a range, and how far they may be off.

        A float that ought to be zero may be off by what is left when larger ones cancel.
        """
        start = _decimal_of(least)
        end = start if most is None else _decimal_of(most)
        size = max(abs(start), abs(end))
        if not self.value and type(least) is float:
            size = max(size, Decimal(1))
        return start, end, EXACT.multiply(CLOSELY, size)


def _decimal_of(value: Scalar) -> Decimal:
    """A number with all the digits that count here, however small it is."""
    if isinstance(value, Rounded):
        return value.digits
    return Decimal(value) if isinstance(value, float) else decimal_of(value, EXACT.prec)


def written_number(expression: Expression, text: str) -> Written:
    """What is written: a decimal to its last digit, a fraction, or arithmetic with both.

    Raises ArithmeticError or ValueError where arithmetic has no answer.
    """
    match = DECIMAL.fullmatch(text.strip())
    if match:
        return _decimal(expression, match)
    value = Fraction(evaluate(expression, {}))
    spread = _spread(expression, value)
    low, high = _decimal_of(value - spread), _decimal_of(value + spread)
    return Written(value, low, high, FEWEST_DIGITS if spread else 0)


def _decimal(expression: Expression, match: re.Match[str]) -> Written:
    """A decimal stands for what is rounded to it, or cut off to it where it has a point."""
    value = Fraction(evaluate(expression, {}))
    after = match["after"] or ""
    unit = Fraction(10) ** (int(match["power"] or 0) - len(after))
    figures = (match["whole"] + after).lstrip("0")
    if not after and not match["power"]:  # in 1200 the zeros may only hold the place
        held = min(len(figures) - len(figures.rstrip("0")), len(figures) - FEWEST_DIGITS)
        unit *= 10 ** max(held, 0)
    places = len(after) if after and not match["power"] else None
    if not value:
        near = _decimal_of(unit * SHORT_OF_ONE if after else Fraction(0))
        return Written(value, -near, near, 0, places)
    size = abs(value)
    below = unit / 20 if figures.strip("0") == "1" and not after else unit / 2
    above = unit * SHORT_OF_ONE if after else unit / 2
    least, most = size - below, size + above
    low, high = (least, most) if value > 0 else (-most, -least)
    return Written(value, _decimal_of(low), _decimal_of(high), len(figures), places)


def _spread(expression: Expression, value: Fraction) -> Fraction:
    """How far arithmetic may be off because of the decimals in it, each rounded to its last digit.

    Fractions, integers and decimals of one digit are taken as exact.
    """
    total = Fraction(0)
    for node in walk(expression):
        if isinstance(node, Number):
            half = _half_unit(Fraction(node.value))
            if half:
                moved = _with(expression, node, Number(node.value + half))
                total += abs(Fraction(evaluate(moved, {})) - value)
    return total


def _half_unit(value: Fraction) -> Fraction:
    """Half a unit in the last digit of a decimal of two digits or more, else 0."""
    places = next((n for n in range(1, 30) if (value * 10**n).denominator == 1), 0)
    if not places or value.denominator == 1 or abs(value) * 10**places < 10:
        return Fraction(0)
    return Fraction(1, 2 * 10**places)


def _with(expression: Expression, old: Number, new: Number) -> Expression:
    """The expression with one number, that very one, changed."""
    if expression is old:
        return new
    return with_operands(expression, lambda operand: _with(operand, old, new))


def rounded_to(value: Scalar, digits: int) -> float:
    """A number rounded to so many significant digits."""
    return float(f"{float(value):.{digits - 1}e}")


def roundings(value: Scalar, digits: int, places: int | None) -> tuple[Scalar, ...]:
    """A number as people carry it on: rounded, cut off, with every digit, to fixed places."""
    number = float(value)
    size = Decimal(number)
    if not number:
        return (0.0,)
    unit = Decimal(1).scaleb(size.adjusted() - digits + 1)
    found = [rounded_to(value, digits), float(size.quantize(unit, ROUND_DOWN)), value]
    if places is not None and places >= FEWEST_PLACES:
        found.append(float(round(number, places)))
    return tuple(found)
