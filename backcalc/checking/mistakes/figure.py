"""Slips of the pen: the figure itself, or the one beside it."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from itertools import pairwise

from backcalc.checking.mistakes.form import Forms, Spot, reads
from backcalc.checking.written import rounded_to
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Name, Number, multiplied, names_in, replaced

MOST_COPIED = 200  # other quantities that a value may have been copied from


def decimal_point(spot: Spot) -> Forms:
    """The decimal point one, two or three places off."""
    for places in (1, -1, 2, -2, 3, -3):
        power = Number(Fraction(10) ** places)
        yield reads(spot, multiplied(power, spot.equation.expression))


def digits_transposed(spot: Spot) -> Forms:
    """Two digits that stand side by side the wrong way round."""
    value = spot.work.value(spot.equation.expression)
    if not value or spot.digits < 2:
        return
    mantissa, power = f"{abs(float(value)):.{spot.digits - 1}e}".split("e")
    digits = mantissa.replace(".", "")
    for place, pair in enumerate(pairwise(digits)):
        if pair[0] != pair[1]:
            turned = int(f"{digits[:place]}{pair[1]}{pair[0]}{digits[place + 2 :]}")
            size = turned * Fraction(10) ** (int(power) - spot.digits + 1)
            number = Number(-size if value < 0 else size)
            yield reads(spot, number, f"{pair[0]} and {pair[1]}")


def rounded_early(spot: Spot) -> Forms:
    """Earlier figures rounded to fewer digits than the answer has."""
    for digits in range(min(spot.digits - 1, 4), 0, -1):
        names = names_in(spot.equation.expression)
        values = {name: spot.work.value(Name(name)) for name in names}
        coarse = {
            name: Number(Fraction(repr(rounded_to(value, digits))))
            for name, value in values.items()
            if value is not None
        }
        words = f"{digits} digit{'s' if digits > 1 else ''}"
        yield reads(spot, replaced(spot.equation.expression, coarse), words)


def copied(spot: Spot) -> Forms:
    """The value of another quantity of the same kind, nearest first.

    One that the sheet leaves out only where the figure has digits enough to tell.
    """
    key, listed = spot.key, spot.work.listed
    _, _, sample = spot.line.name.partition("[")
    names = [
        line.name
        for line in key.lines.values()
        if (line.role, line.steps) == (spot.line.role, spot.line.steps)
        and " " not in line.name
        and line.name.partition("[")[2] in ("", sample)
        and (line.name in listed or spot.digits > 1)
    ]
    place = key.order[spot.line.name]
    for name in sorted(names, key=lambda each: abs(key.order[each] - place))[: MOST_COPIED + 1]:
        value = spot.work.value(Name(name))
        with suppress(BackcalcError):
            value = key.value(name) if value is None else value
        if value and name != spot.line.name:
            yield reads(spot, Number(value), Name(name))
