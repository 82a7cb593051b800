"""Common mistakes that some numbers hide: their figures are as near as honest rounding may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from backcalc.arithmetic.intervals import Numeric, number, numeric
from backcalc.checking.key import key_for
from backcalc.checking.mistakes.form import Spot
from backcalc.checking.naming import same
from backcalc.checking.own_work import OwnWork
from backcalc.checking.slips import SLIPS
from backcalc.formulas.expression import Expression, Number, Values, walk
from backcalc.worksheets.asked import Exercise, Room

COMMON = 0.02  # the weight of a mistake that is looked for, made in that way
MOST_NAMES = 400  # in the lines of a sheet that is not too large to look for mistakes
NEVER = 100  # times as small as what is seen: a mistake that no numbers show


@dataclass(frozen=True, slots=True, eq=False)
class Hiding:
    """The lines that a sheet asks, as they read with each common mistake in their formulas."""

    room: Room
    """How far off their figures may be."""
    digits: Mapping[str, int]
    """The digits that are asked of each."""
    forms: tuple[tuple[str, str, Numeric], ...]
    """Each line and mistake with the formula."""

    @classmethod
    def of(cls, sheet: Exercise, rate: Fraction | None, digits: int) -> Hiding:
        """Make the mistakes on a sheet."""
        room = Room.of(sheet)
        if sum(len(names) for _, _, names, _ in room.lines) > MOST_NAMES:
            return cls(room, {}, ())
        key = key_for(sheet.network, rate, len(sheet.calculation.rounds))
        work = OwnWork(key, frozenset())
        work.own.at.update((name, float(value)) for name, value in sheet.values.items())
        asked = {str(step.name): sheet.digits.get(step.name, digits) for step in sheet.steps}
        spots = [Spot(key.lines[name], work, asked[name]) for name in asked if name in key.lines]
        forms = [(each.line.name, *form) for each in spots for form in _forms(each)]
        never = {*cls(room, asked, tuple(forms)).hidden(sheet.values, NEVER)}
        return cls(room, asked, tuple(each for each in forms if each[:2] not in never))

    def hidden(self, values: Values, below: int = 1) -> list[tuple[str, str]]:
        """Return each line with each mistake that is, so many times, below what is seen."""
        at = {name: float(value) for name, value in values.items()}
        rooms = {each: self.room.at(at, each) for each in {*self.digits.values()}}
        found = dict[tuple[str, str], None]()
        for line, mistake, formula in self.forms:
            value, right = number(formula, at), at[line]
            seen = rooms[self.digits[line]][line] / below
            if value is not None and abs(value - right) <= seen and not same(value, right):
                found[line, mistake] = None
        return [*found]


def _forms(spot: Spot) -> Iterator[tuple[str, Numeric]]:
    """Yield a line with each common mistake in its formula, none of which holds the numbers."""
    own = _numbers(spot.equation.expression)
    for slip in SLIPS.values():
        for form in slip.forms(spot) if not slip.about_one_figure else ():
            formula = form.equation.expression
            if slip.weight * form.share >= COMMON and (not slip.own or _numbers(formula) <= own):
                yield slip.name, numeric(formula)


def _numbers(formula: Expression) -> set[object]:
    """Return the numbers in a formula."""
    return {node.value for node in walk(formula) if isinstance(node, Number)}
