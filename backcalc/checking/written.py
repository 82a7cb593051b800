"""A number as somebody wrote it, and which numbers the digits leave open."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from backcalc.arithmetic import decimal_of
from backcalc.arithmetic.intervals import Range
from backcalc.formulas import record
from backcalc.formulas.expression import (
    Expression,
    Number,
    Rounded,
    Scalar,
    evaluate,
    exchanged,
    walk,
)

CLOSELY = Decimal("1e-12")
NEARLY = 1e-10  # floats that differ by more are other numbers, whatever their last digits
EXACT = Context(50, Emin=MIN_EMIN, Emax=MAX_EMAX)
FLOAT_ERROR = 4e-16  # by which a float may be off, relatively
SMALLEST = 1e-300  # below it floats have fewer digits
SHORT_OF_ONE = 1 - Decimal("1e-10")  # of a unit may be cut off
FEW_DIGITS = 3  # with more, a double that is just below a short number may be cut off: 0.2499
FEWEST_DIGITS = 2  # to which anybody would round a figure on the way
MISREAD = (
    (Fraction(10), 1.0), (Fraction(1, 10), 1.0), (Fraction(-1), 0.3), (Fraction(100), 0.2),
    (Fraction(1, 100), 0.2),
)  # fmt: skip
"""By what a number is changed that is misread, and how often."""
ONE_DIGIT = 0.03  # how often a digit of it is another one, beside a point out of place
MOST_MISREAD = 8  # digits of a given number of which one may be misread
DOUBLE_DIGITS, SINGLE_DIGITS = 15, 7  # that a double and a float32 are sure to hold

SMALL_UNIT = Fraction(1, 100)  # of a result, which the last digit of a short change is worth
SHORT_CHANGE = re.compile(r"[-+] (\(?)-?(\d*\.(\d\d+))\)?$")
DECIMAL = re.compile(
    r"[-+−]?\s*(?P<whole>\d*)\.?(?P<after>(?<=\.)\d*)?(?:[eE](?P<power>[-+]?\d+))?"
)


@record(frozen=True, slots=True, eq=False)
class WrittenNumber:
    """A number on a sheet: its value, and the interval that the digits leave open."""

    value: Fraction
    """The number that stands there."""
    here: float
    """The same as a float."""
    low: Decimal
    """The smallest number that would be written so, rounded or cut off."""
    high: Decimal
    """The largest."""
    ends: tuple[float, float]
    """The interval in floats, the number itself within."""
    digits: int
    """Significant digits; 0 for a fraction or a bare nought, which stand for themselves alone."""
    places: int = 0
    """Digits behind the point."""

    @property
    def width(self) -> float:
        """The width of the interval."""
        return self.ends[1] - self.ends[0]

    @property
    def range(self) -> Range:
        """The same interval, with the number that stands there."""
        return Range(self.here, *self.ends)

    def cut(self, whole: Range) -> Range:
        """Return what the digits leave of a range, stretched to hold the number itself.

        Some go on from one digit more than they write, so the range ends at such numbers.
        """
        here, (low, high) = self.here, self.ends
        least, most = max(low, min(whole.low, high)), min(high, max(whole.high, low))
        if self.digits and abs(here) > SMALLEST:
            unit = 10.0 ** (math.floor(math.log10(abs(here))) - self.digits)
            least = max(low, math.floor(least / unit + NEARLY) * unit)
            most = min(high, math.ceil(most / unit - NEARLY) * unit)
        return Range(here, min(least, here), max(most, here))

    def fits(self, value: Scalar) -> bool:
        """Return true if a number would be written so.

        >>> number = written_number(Number(Fraction("0.67")), "0.67")
        >>> number.fits(2 / 3), number.fits(0.6789), number.fits(0.664)
        (True, True, False)
        """
        about = float(value)
        (low, high), unsure = self.ends, NEARLY * max(abs(about), abs(self.here))
        if abs(self.here) > SMALLEST and not low - unsure <= about <= high + unsure:
            return False
        if low + unsure < about < high - unsure:
            return True
        number = _decimal_of(value)
        slack = EXACT.multiply(CLOSELY, abs(number))
        if not self.value and type(value) is float:
            slack = max(slack, CLOSELY)  # what is left where larger ones cancel
        return EXACT.add(number, slack) >= self.low and EXACT.subtract(number, slack) <= self.high

    def means(self, value: Scalar) -> bool:
        """Return true if it is this very number, no digit left out."""
        if isinstance(value, Fraction):
            return self.value == value
        if abs(self.here - float(value)) > max(NEARLY * abs(float(value)), SMALLEST):
            return False
        off = EXACT.subtract(_decimal_of(self.value), _decimal_of(value))
        return abs(off) <= EXACT.multiply(CLOSELY, abs(_decimal_of(value)))


def _decimal_of(value: Scalar) -> Decimal:
    """A number with all the digits that count here, however small it is."""
    if isinstance(value, Rounded):
        return value.digits
    return Decimal(value) if isinstance(value, float) else decimal_of(value, EXACT.prec)


@lru_cache(maxsize=2048)  # of a class's sheets most have the same figures
def written_number(expression: Expression, text: str) -> WrittenNumber:
    """Return what is written: a decimal to its last digit, a fraction, or arithmetic with both.

    Raises ArithmeticError or ValueError where arithmetic has no answer.
    """
    match = DECIMAL.fullmatch(text.strip())
    value = Fraction(evaluate(expression, {}))
    if match and (match["whole"] or match["after"]):
        return _decimal(value, match["whole"], match["after"] or "", int(match["power"] or 0))
    if isinstance(expression, Number) and (places := _places(value)) is not None:
        whole = str(abs(value * 10**places)).rjust(places + 1, "0")
        return _decimal(value, whole[: len(whole) - places], whole[len(whole) - places :], 0)
    spread = _spread(expression, value, text)
    digits = DOUBLE_DIGITS if not spread else max(len(str(int(abs(value) / spread))), 1)
    low, high = _decimal_of(value - spread), _decimal_of(value + spread)
    return _written(value, low, high, digits if spread else 0)


def _decimal(value: Fraction, whole: str, after: str, power: int) -> WrittenNumber:
    """A decimal stands for what is rounded to its last digit, or cut off where it has a point.

    How it is spelled makes no difference: 1.0e3 leaves open what 1000 does, 0.0e9 what 0 does.
    """
    unit = Decimal(1).scaleb(power - len(after), EXACT)
    figures = (whole + after).lstrip("0")
    places = max(len(after) - power, 0)
    broken = unit < 1 and bool(after or power)
    if not value:
        near = EXACT.multiply(unit, SHORT_OF_ONE) if broken else Decimal(0)
        return _written(value, -near, near, 0, places)
    if not after and not power:  # in 1200 the zeros may only hold the place
        held = min(len(figures) - len(figures.rstrip("0")), len(figures) - FEWEST_DIGITS)
        unit = unit.scaleb(max(held, 0), EXACT)
        figures = figures[: len(figures) - max(held, 0)]
    size, count = _decimal_of(abs(value)), len(figures)
    if count > SINGLE_DIGITS + 1 and _is_single(value):
        unit, count = _last_unit(size, SINGLE_DIGITS), SINGLE_DIGITS
    elif count > DOUBLE_DIGITS:
        unit, count = max(unit, _last_unit(size, DOUBLE_DIGITS)), DOUBLE_DIGITS
    half = EXACT.divide(unit, Decimal(2))
    one = count == 1 and figures.strip("0") == "1" and not broken
    below = EXACT.divide(half, Decimal(10)) if one else half
    above = half
    if broken or count >= FEWEST_DIGITS:
        above = unit if count > FEW_DIGITS else EXACT.multiply(unit, SHORT_OF_ONE)
    if count in (SINGLE_DIGITS, DOUBLE_DIGITS) and count < len(figures):
        below = unit
    least, most = EXACT.subtract(size, below), EXACT.add(size, above)
    return _written(value, *((least, most) if value > 0 else (-most, -least)), count, places)


def _written(
    value: Fraction, low: Decimal, high: Decimal, digits: int, places: int = 0
) -> WrittenNumber:
    """Return what is written, with its interval in floats too."""
    here = float(value)
    ends = min(float(low), here), max(float(high), here)
    return WrittenNumber(value, here, low, high, ends, digits, places)


def _is_single(value: Fraction) -> bool:
    """Return true if a number is one of single precision, printed with more digits than it has."""
    number = float(value)
    try:
        (single,) = struct.unpack("f", struct.pack("f", number))
    except OverflowError:
        return False
    return bool(single == number) and Fraction(number) != value


def _last_unit(size: Decimal, digits: int) -> Decimal:
    """One unit of the last of so many significant digits."""
    return Decimal(1).scaleb(size.adjusted() - digits + 1, EXACT)


def _spread(expression: Expression, value: Fraction, text: str) -> Fraction:
    """How far arithmetic may be off because of the decimals in it, each by its last digit.

    Fractions, integers and decimals of one digit are exact, but 0.0070 has two and 0.008 one where
    it is what changes a larger number; a result is, relatively, no less exact than the least
    exact part.
    """
    total = worst = Fraction(0)
    last = SHORT_CHANGE.search(text)
    least = Fraction(1, 10 ** len(last[3])) if last else Fraction(0)
    short = last and (last[1] or least <= SMALL_UNIT * abs(value))  # in brackets as a Delta is
    change = Fraction(last[2]) if last and short else None
    for node in walk(expression):
        if isinstance(node, Number):
            unit = _unit(Fraction(node.value)) or (abs(node.value) == change and least)
            if unit:
                moved = exchanged(expression, node, Number(node.value + unit))
                total += abs(Fraction(evaluate(moved, {})) - value)
                worst = max(worst, unit / (abs(Fraction(node.value)) or unit))
    return min(total, worst * abs(value))


def _unit(value: Fraction) -> Fraction:
    """One unit of the last digit of a decimal of two digits or more, else 0."""
    places = _places(value)
    if not places or abs(value) * 10**places < 10:
        return Fraction(0)
    return Fraction(1, 10**places)


def _places(value: Fraction) -> int | None:
    """Digits behind the point that a number needs; None where it never ends."""
    return next((n for n in range(60) if (value * 10**n).denominator == 1), None)


def rounded_to(value: Scalar, digits: int) -> float:
    """A number rounded to so many significant digits, a half upward as people do."""
    return float(f"{float(value) * (1 + FLOAT_ERROR):.{digits - 1}e}")


@lru_cache(maxsize=256)
def misreadings(given: Fraction) -> Mapping[Fraction, float]:
    """Return the numbers for which a given one is taken by a slip of the pen, and how often.

    The decimal point, the sign, one digit that is another one, two digits the wrong way round.
    """
    read = {given * power: share for power, share in MISREAD}
    places = _places(given)
    if places is not None:
        figures, unit = str(abs(given * 10**places)), Fraction(1 if given > 0 else -1, 10**places)
        for place, digit in enumerate(figures[:MOST_MISREAD]):
            before, after = figures[:place], figures[place + 1 :]
            turned = f"{before}{after[:1]}{digit}{after[1:]}"
            for other in (turned, *(f"{before}{n}{after}" for n in "0123456789")):
                read.setdefault(int(other) * unit, ONE_DIGIT / len(figures))
    return {value: share for value, share in read.items() if value and value != given}
