"""What honest work may have come to: one interval for each quantity of a person's sheet.

Behind each written figure stands a number of the person's in the interval that its digits leave
open, and later lines go on from any number there. An equation makes of the intervals before it
another one, to first order: each input is moved to its ends by itself, and then all together to
the ends that make the result least and largest. What a line is worked out from may stand there
several times, as in h·(1 - h): it is moved as one. Lines that the sheet leaves out are widened by
one unit of the last digit that the person keeps; their roundings are taken as independent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from backcalc.checking.written import CLOSE, Written
from backcalc.formulas.expression import (
    RELATIONS,
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Scalar,
    Sum,
    apply,
    names_in,
)
from backcalc.formulas.functions import Formula, formula

Values = Mapping[str, float]
Numeric = Callable[[Values], float]
"""A formula on floats."""

FAILURES = (ArithmeticError, ValueError, KeyError)
BESIDE = 1e-9  # of the way back from an end at which a line has no value
MOST_MOVED = 400  # inputs of one line that are moved one by one
LARGEST = 1e308


class Range(NamedTuple):
    """The numbers that may stand behind a quantity."""

    middle: float
    """What is worked with where one number must do: what was written, or what follows from it."""
    low: float
    high: float

    def meets(self, other: tuple[float, float]) -> bool:
        """Return true if some number is in both, up to the rounding of floats."""
        low, high = other
        slack = CLOSE * max(abs(self.low), abs(self.high), 0.0 if low or high else 1.0)
        return low <= self.high + slack and self.low <= high + slack

    def joined(self, other: Range | None) -> Range:
        """Both, and what lies between them."""
        if other is None:
            return self
        return Range(self.middle, min(self.low, other.low), max(self.high, other.high))

    def cut(self, written: Written) -> Range:
        """What a written figure leaves of it, stretched to hold the figure itself."""
        here, (low, high) = written.here, written.ends
        low, high = max(low, min(self.low, high)), min(high, max(self.high, low))
        return Range(here, min(low, here), max(high, here))

    def widened(self, digits: int) -> Range:
        """The range of a line left out, kept to so many significant digits."""
        if self.low == self.high and float(f"{self.middle:.{digits - 1}e}") == self.middle:
            return self
        size = max(abs(self.low), abs(self.high))
        if not 0 < size < LARGEST:
            return self
        unit = 10.0 ** max(math.floor(math.log10(size)) - digits + 1, -320)
        return Range(self.middle, self.low - unit, self.high + unit)


def numeric(node: Expression) -> Numeric:
    """Return a formula as a function on floats."""
    match node:
        case Name(name):
            return lambda at: at[name]
        case Number(value):
            number = float(value)
            return lambda at: number
        case Sum(terms):
            added = [*map(numeric, terms)]
            if len(added) == 2:
                one, two = added
                return lambda at: one(at) + two(at)
            return lambda at: sum([each(at) for each in added])
        case Product(factors):
            return _product(factors)
        case Negation(operand):
            turned = numeric(operand)
            return lambda at: -turned(at)
        case Inverse(operand):
            below = numeric(operand)
            return lambda at: 1 / below(at)
        case Power(base, Number(exponent)) if exponent == int(exponent):
            raised, times = numeric(base), int(exponent)
            return lambda at: raised(at) ** times
        case Power(base, exponent):
            raised, power = numeric(base), numeric(exponent)
            return lambda at: math.pow(raised(at), power(at))
        case Call(function, arguments, output):
            parts, own = [*map(numeric, arguments)], function.value
            if isinstance(own, Formula):
                names, inner = own.parameters, _inside(own)
                if len(names) == 1:
                    (only,), (part,) = names, parts
                    return lambda at: inner({only: part(at)})
                return lambda at: inner(dict(zip(names, [part(at) for part in parts], strict=True)))
            if len(parts) == 1 and output is None and "softmax" not in function.name:
                (part,) = parts
                only_value: Callable[[float], float] = own  # type: ignore[assignment]
                return lambda at: float(only_value(part(at)))
            return lambda at: float(apply(function, [part(at) for part in parts], output))
        case Choice(condition, then, otherwise):
            left, right = numeric(condition.left), numeric(condition.right)
            holds, yes, no = RELATIONS[condition.relation], numeric(then), numeric(otherwise)
            return lambda at: yes(at) if holds(left(at), right(at)) else no(at)
    raise TypeError(node)


@lru_cache(maxsize=256)
def _inside(value: Formula) -> Numeric:
    """A function's own formula as a function on floats."""
    return numeric(formula(value.text))


def _product(factors: Sequence[Expression]) -> Numeric:
    """A product on floats; an exact nought stays one."""
    names = [each.id for each in factors if isinstance(each, Name)]
    if 1 < len(names) == len(factors):
        numbers = itemgetter(*names)
        return lambda at: math.prod(numbers(at))
    parts = [
        (numeric(each.operand), True) if isinstance(each, Inverse) else (numeric(each), False)
        for each in factors
    ]
    if len(parts) == 2 and not (parts[0][1] or parts[1][1]):
        one, two = parts[0][0], parts[1][0]
        return lambda at: one(at) * two(at)

    def product(at: Values) -> float:
        total = 1.0
        for part, divides in parts:
            total = total / part(at) if divides else total * part(at)
        return total

    return product


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """A right way to a line."""

    expression: Expression
    """The formula."""
    terms: tuple[Numeric, ...]
    """The terms that it adds, each as a function on floats."""
    uses: Mapping[str, tuple[int, ...]]
    """The quantities that it uses, each with the places of the terms that do."""
    products: tuple[tuple[float, tuple[str, ...]], ...] | None = None
    """Where each term is a number times quantities that stand in it once, these; else None."""

    @property
    def names(self) -> Iterable[str]:
        """The quantities that it uses."""
        return self.uses

    def function(self, at: Values) -> float:
        """Return its number."""
        return sum([term(at) for term in self.terms])


def way(expression: Expression) -> Way:
    """Return a formula with what working it out needs."""
    parts = expression.terms if isinstance(expression, Sum) else (expression,)
    uses: dict[str, tuple[int, ...]] = {}
    for place, part in enumerate(parts):
        for name in names_in(part):
            uses[name] = (*uses.get(name, ()), place)
    products = [*map(_as_product, parts)]
    plain = None if None in products else tuple(filter(None, products))
    return Way(expression, tuple(map(numeric, parts)), uses, plain)


def _as_product(term: Expression) -> tuple[float, tuple[str, ...]] | None:
    """Return a term as a number times quantities; None where it is more than that."""
    number, names, sign = 1.0, list[str](), 1.0
    pending = [term]
    while pending:
        match pending.pop():
            case Name(name):
                names.append(name)
            case Number(value):
                number *= float(value)
            case Negation(operand):
                sign = -sign
                pending.append(operand)
            case Product(factors):
                pending += reversed(factors)
            case _:
                return None
    return (sign * number, tuple(names)) if len({*names}) == len(names) else None


@dataclass(slots=True, eq=False)
class Honest:
    """The ranges of all quantities as far as a sheet has been read."""

    at: dict[str, float]
    """The middle of each quantity's range."""
    wide: dict[str, tuple[float, float]] = field(default_factory=dict)
    """The ends of each range that is more than a point."""
    known: dict[Way, Range | None] = field(default_factory=dict)
    """What was worked out since a range was last set."""

    def copy(self) -> Honest:
        """Return the same, to go on with in another way."""
        return Honest(dict(self.at), dict(self.wide))

    def set(self, name: str, found: Range | None) -> None:
        """Hold a quantity's range; None: nothing that needs it can be worked out."""
        self.known.clear()
        self.at.pop(name, None)
        self.wide.pop(name, None)
        if found is not None:
            self.at[name] = found.middle
            if found.low < found.high:
                self.wide[name] = found.low, found.high

    def range(self, name: str) -> Range | None:
        """Return a quantity's range."""
        if name not in self.at:
            return None
        here = self.at[name]
        return Range(here, *self.wide.get(name, (here, here)))

    def value(self, expression: Expression) -> float | None:
        """Return a formula's number from the middles, None where it has none."""
        return self.number(numeric(expression))

    def number(self, function: Numeric) -> float | None:
        """Return a function's number from the middles, None where it has none."""
        try:
            found = function(self.at)
        except FAILURES:
            return None
        return found if math.isfinite(found) else None

    def image(self, ways: Iterable[Way]) -> Range | None:
        """Return what right work in any of these ways makes of the ranges; None if nothing."""
        whole: Range | None = None
        for each in ways:
            if each not in self.known:
                self.known[each] = self._image(each) or self._inside(each)
            found = self.known[each]
            if found is not None:
                whole = found if whole is None else whole.joined(found)
        return whole

    def _inside(self, way: Way) -> Range | None:
        """Return the same from the middle of each range: a 1.0 in log(1 - h) may be 0.9996."""
        here = {name: self.at[name] for name in way.uses if name in self.wide}
        if not here or any(name not in self.at for name in way.uses):
            return None
        self.at.update({name: sum(self.wide[name]) / 2 for name in here})
        found = self._image(way)
        self.at.update(here)
        return found

    def _image(self, way: Way) -> Range | None:
        if way.products is not None:
            return self._of_products(way.products)
        at, wide, terms = self.at, self.wide, way.terms
        try:
            parts = [term(at) for term in terms]
        except FAILURES:
            return None
        start = sum(parts)
        if not math.isfinite(start):
            return None
        low = high = start
        least: dict[str, float] = {}
        most: dict[str, float] = {}
        for name in [name for name in way.uses if name in wide][:MOST_MOVED]:
            here, ends, places = at[name], wide[name], way.uses[name]
            seen: list[tuple[float, float]] = []
            least[name] = most[name] = here
            down = up = 0.0
            middle = here if ends[0] < here < ends[1] else (ends[0] + ends[1]) / 2
            for end in (ends[0], middle, ends[1], None):
                if end is here:
                    seen.append((here, 0.0))
                    continue
                if end is None and (end := _turn(seen)) is None:
                    break
                change = math.nan
                for near in (end, end + (here - end) * BESIDE):  # log(1 - h) has no value at 1
                    at[name] = near
                    with suppress(*FAILURES):
                        change = sum([terms[place](at) - parts[place] for place in places])
                        break
                if math.isnan(change):
                    continue
                seen.append((end, change))
                if change < down:
                    down, least[name] = change, end
                elif change > up:
                    up, most[name] = change, end
            at[name] = here
            low, high = low + down, high + up
        if len(least) > 1:
            here_all = {name: at[name] for name in least}
            for corner in (least, most):
                at.update(corner)
                value = self.number(way.function)
                if value is not None:
                    low, high = min(low, value), max(high, value)
            at.update(here_all)
        return Range(start, low, high)

    def _of_products(self, terms: Sequence[tuple[float, tuple[str, ...]]]) -> Range | None:
        """Return the same for sums of products: along each quantity these are straight lines."""
        at, wide = self.at, self.wide
        slopes: dict[str, float] = {}
        start = 0.0
        try:
            for number, names in terms:
                whole = number
                for name in names:
                    whole *= at[name]
                start += whole
                for name in names:
                    if name in wide:
                        rest = number
                        for other in names:
                            if other is not name:
                                rest *= at[other]
                        slopes[name] = slopes.get(name, 0.0) + rest
        except KeyError:
            return None
        if not math.isfinite(start):
            return None
        low = high = start
        least: dict[str, float] = {}
        most: dict[str, float] = {}
        for name, slope in slopes.items():
            (down, up), here = wide[name], at[name]
            if slope < 0:
                down, up = up, down
            low, high = low + slope * (down - here), high + slope * (up - here)
            least[name], most[name] = down, up
        if len(slopes) > 1:
            for corner in (least, most):
                total = 0.0
                for number, names in terms:
                    for name in names:
                        number *= corner[name] if name in corner else at[name]
                    total += number
                if math.isfinite(total):
                    low, high = min(low, total), max(high, total)
        return Range(start, low, high)


def _turn(seen: Sequence[tuple[float, float]]) -> float | None:
    """Return where the parabola through three points turns, if between the outer ones.

    A square may be least between the ends of what is squared.
    """
    if len(seen) < 3:
        return None
    (low, first), (middle, second), (high, third) = seen
    if not low < middle < high:
        return None
    before, after = (second - first) / (middle - low), (third - second) / (high - middle)
    bent = (after - before) / (high - low)
    starts, ends = before - bent * (middle - low), after + bent * (high - middle)
    return low - starts / (2 * bent) if starts * ends < 0 else None


def start(values: Mapping[str, Scalar]) -> Honest:
    """Return the ranges of what is given, each a point."""
    return Honest({name: float(value) for name, value in values.items()})
