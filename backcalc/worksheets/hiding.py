"""Common mistakes that some numbers hide: their figures are as near as honest rounding may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TypeAlias

from backcalc.arithmetic.intervals import Numeric, number, numeric
from backcalc.checking.key import key_for
from backcalc.checking.mistakes.form import Spot
from backcalc.checking.naming import same
from backcalc.checking.own_work import OwnWork
from backcalc.checking.slips import SLIPS
from backcalc.formulas.expression import Number, Values, walk
from backcalc.worksheets.asked import Exercise, Room

COMMON = 0.02  # the weight of a mistake that is looked for, made in that way
MOST_NAMES = 400  # in the lines of a sheet that is not too large to look for mistakes
NEVER = 100  # times as small as what is seen: a mistake that no numbers show

Hidden: TypeAlias = Callable[[Values], list[tuple[str, str]]]
"""Gives the lines, each with a mistake, that have the right figure at some numbers."""


def hiding(sheet: Exercise, rate: Fraction | None, digits: int) -> Hidden:
    """Take apart the lines that a sheet asks, to see which common mistakes some numbers hide."""
    room = Room.of(sheet)
    asked = {str(step.name): sheet.digits.get(step.name, digits) for step in sheet.steps}
    forms: list[tuple[str, str, Numeric]] = []

    def hidden(values: Values, below: int = 1) -> list[tuple[str, str]]:
        at = {name: float(value) for name, value in values.items()}
        rooms = {each: room.at(at, each) for each in {*asked.values()} if forms}
        return [*dict.fromkeys(
            (line, mistake) for line, mistake, formula in forms
            if (value := number(formula, at)) is not None and not same(value, at[line])
            and below * abs(value - at[line]) <= rooms[asked[line]][line]
        )]  # fmt: skip

    if sum(len(names) for _, _, names, _ in room.lines) <= MOST_NAMES:
        key = key_for(sheet.network, rate, len(sheet.calculation.rounds))
        work = OwnWork(key, frozenset())
        work.own.at.update((name, float(value)) for name, value in sheet.values.items())
        spots = [Spot(key.lines[name], work, asked[name]) for name in asked if name in key.lines]
        forms += ((each.line.name, *form) for each in spots for form in _forms(each))
        never = hidden(sheet.values, NEVER)
        forms[:] = [each for each in forms if each[:2] not in never]
    return hidden


def _forms(spot: Spot) -> Iterator[tuple[str, Numeric]]:
    """Yield a line with each common mistake in its formula, none of which holds the numbers."""
    right = {*walk(spot.equation.expression)}
    for slip in SLIPS.values():
        for form in slip.forms(spot) if not slip.about_one_figure else ():
            formula = form.expression
            held = slip.own and any(isinstance(n, Number) and n not in right for n in walk(formula))
            if slip.weight * form.share >= COMMON and not held:
                yield slip.name, numeric(formula)
