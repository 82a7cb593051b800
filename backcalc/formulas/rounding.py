"""Numbers as decimals: rounded half-up to so many significant digits."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import cache

from backcalc.formulas.expression import Rounded, Scalar

DIGITS = 9
SURE = 25  # digits of what is Rounded that are right at least
CLEAN = 48  # of 50 digits, the last of which may be rounding: 0.12499...99 is a tie
MOST_NINES = 40  # more may be but rounding


def rounded(value: Scalar, digits: int = DIGITS) -> tuple[str, bool]:
    """The decimal at so many significant digits, half-up, and whether it is the value itself.

    >>> rounded(Fraction(3, 8)), rounded(2 / 3, 3)
    (('0.375', True), ('0.667', False))
    """
    if value == 0:
        return "0", True
    if isinstance(value, Rounded):
        found = _half_up(digits).plus(_half_up(CLEAN).plus(value.digits))
        text = "".join(map(str, found.as_tuple().digits)).rstrip("0")
        return "-" * (found < 0) + _placed(text, found.adjusted(), digits), False
    numerator, denominator = abs(Fraction(value)).as_integer_ratio()
    # The leading digit's place, or one above; str of a long integer would be refused.
    power = Decimal(numerator).adjusted() - Decimal(denominator).adjusted()
    if numerator * 10 ** max(-power, 0) < denominator * 10 ** max(power, 0):
        power -= 1
    shift = digits - 1 - power
    scaled = numerator * 10 ** max(shift, 0)
    unit = denominator * 10 ** max(-shift, 0)
    whole = (2 * scaled + unit) // (2 * unit)
    exact = whole * unit == scaled
    text = str(whole)
    power += len(text) - digits
    text = text.rstrip("0") or "0"
    sign = "-" if value < 0 else ""
    return sign + _placed(text, power, digits), exact


@cache
def _half_up(digits: int) -> Context:
    return Context(digits, ROUND_HALF_UP, Emin=MIN_EMIN, Emax=MAX_EMAX)


def short_of_one(value: Rounded, digits: int) -> int:
    """The digits that tell a number from 1 or -1 where so many do not: 1 - 0.9999999999999998."""
    rest = 1 - abs(value.digits)
    zeros = -rest.adjusted() if rest else 0
    return zeros + 1 if digits <= zeros < MOST_NINES else digits


def _placed(text: str, power: int, digits: int) -> str:
    """Digits with the point where the leading one's power of ten puts it."""
    if not -5 < power < max(digits, 9):
        return f"{text[0]}{'.' if text[1:] else ''}{text[1:]}e{power}"
    if power < 0:
        return f"0.{'0' * (-power - 1)}{text}"
    if power + 1 >= len(text):
        return text.ljust(power + 1, "0")
    return f"{text[: power + 1]}.{text[power + 1 :]}"
