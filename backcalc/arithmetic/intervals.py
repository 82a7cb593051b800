"""Formulas on intervals of floats: the least and the largest that one comes to, to first order.

Each input is moved to the ends of its interval by itself, and then all together to the ends that
make the result least and largest. What a formula has several times, as in h·(1 - h), is moved as
one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from backcalc.formulas import record
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
    walk,
)
from backcalc.formulas.functions import Formula, formula

FloatValues = Mapping[str, float]
Numeric = Callable[[FloatValues], float]
"""A formula on floats."""

FAILURES = (ArithmeticError, ValueError, KeyError)
CLOSE = 1e-12  # two floats this near, relatively, are the same number
BESIDE = 1e-9  # of the way back from an end at which a line has no value
MOST_IMAGES = 200  # of one line that are kept
MOST_MOVED = 400  # inputs of one line that are moved one by one
WAVES = {"sin", "cos"}
MOST_WAVES = 40  # numbers between the ends of a range that are tried in a wave
GOLDEN = (math.sqrt(5) - 1) / 2  # steps that are in time with no wave


class Range(NamedTuple):
    """The numbers that a quantity may be."""

    middle: float
    """The one that is worked with where one must do."""
    low: float
    high: float

    @property
    def width(self) -> float:
        """How much it leaves open."""
        return self.high - self.low

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


def point(value: float) -> Range:
    """Return the range of a number that is known."""
    return Range(value, value, value)


def numeric(node: Expression) -> Numeric:
    """Return a formula as a function on floats."""
    match node:
        case Name(name):
            return itemgetter(name)
        case Number(value):
            number = float(value)
            return lambda at: number
        case Sum(terms):
            added = [*map(numeric, terms)]
            return lambda at: sum([each(at) for each in added])
        case Product(factors):
            over = [numeric(each.operand) for each in factors if isinstance(each, Inverse)]
            times = [numeric(each) for each in factors if not isinstance(each, Inverse)]
            if over:
                return lambda at: (
                    math.prod([each(at) for each in times]) / math.prod([each(at) for each in over])
                )
            names = [each.id for each in factors if isinstance(each, Name)]
            if 1 < len(names) == len(factors):
                numbers = itemgetter(*names)
                return lambda at: math.prod(numbers(at))
            return lambda at: math.prod([each(at) for each in times])
        case Negation(operand):
            turned = numeric(operand)
            return lambda at: -turned(at)
        case Inverse(operand):
            below = numeric(operand)
            return lambda at: 1 / below(at)
        case Power(base, exponent):
            raised, power = numeric(base), numeric(exponent)
            return lambda at: math.pow(raised(at), power(at))
        case Call(function, arguments, output):
            parts, own = [*map(numeric, arguments)], function.value
            if isinstance(own, Formula):
                given, inner = own.parameters, _inside(own)
                return lambda at: inner(dict(zip(given, [part(at) for part in parts], strict=True)))
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


def number(function: Numeric, at: FloatValues) -> float | None:
    """Return what a function makes of some numbers; None where it has no value."""
    try:
        found = function(at)
    except FAILURES:
        return None
    return found if math.isfinite(found) else None


@record(frozen=True, slots=True, eq=False)
class Way:
    """A formula, ready to be worked out."""

    expression: Expression
    """The formula."""
    terms: tuple[Numeric, ...]
    """The terms that it adds, each as a function on floats."""
    uses: Mapping[str, tuple[int, ...]]
    """The quantities that it uses, each with the places of the terms that do."""
    bent: bool
    """True unless it is a straight line along each quantity."""
    waving: bool = False
    """True if it has a sine or cosine, which goes up and down between the ends of a range."""
    images: dict[tuple[object, ...], Range | None] = field(default_factory=dict)
    """What it made of some ranges: on a class's sheets most figures are the same."""

    @property
    def names(self) -> Iterable[str]:
        """The quantities that it uses."""
        return self.uses

    def function(self, at: FloatValues) -> float:
        """Return its number."""
        return sum([term(at) for term in self.terms])


def way(expression: Expression) -> Way:
    """Return a formula with what working it out needs."""
    parts = expression.terms if isinstance(expression, Sum) else (expression,)
    uses: dict[str, tuple[int, ...]] = {}
    for place, part in enumerate(parts):
        for name in names_in(part):
            uses[name] = (*uses.get(name, ()), place)
    bent, waving = any(map(_is_bent, parts)), any(map(_is_waving, parts))
    return Way(expression, tuple(map(numeric, parts)), uses, bent, waving)


def _is_bent(term: Expression) -> bool:
    """True unless a term is a product of numbers and different quantities."""
    nodes = [*walk(term)]
    names = [each.id for each in nodes if isinstance(each, Name)]
    straight = (Name, Number, Negation, Product)
    return len({*names}) < len(names) or not all(isinstance(each, straight) for each in nodes)


def _is_waving(term: Expression) -> bool:
    """True if a term has a sine or cosine in it."""
    calls = (node.function.name for node in walk(term) if isinstance(node, Call))
    return not WAVES.isdisjoint(calls)


@dataclass(slots=True, eq=False)
class Ranges:
    """The ranges of the quantities that are known."""

    at: dict[str, float]
    """The middle of each quantity's range."""
    wide: dict[str, tuple[float, float]] = field(default_factory=dict)
    """The ends of each range that is more than a point."""

    def copy(self) -> Ranges:
        """Return the same, to go on with in another way."""
        return Ranges(dict(self.at), dict(self.wide))

    def set(self, name: str, found: Range | None) -> None:
        """Hold a quantity's range; None: nothing that needs it can be worked out."""
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

    def image(self, ways: Iterable[Way]) -> Range | None:
        """Return what any of these formulas makes of the ranges; None if they make nothing."""
        whole: Range | None = None
        for each in ways:
            ranges = tuple([(self.at.get(name), self.wide.get(name)) for name in each.uses])
            if ranges not in each.images:
                if len(each.images) == MOST_IMAGES:
                    each.images.clear()
                each.images[ranges] = self._image(each) or self._inside(each)
            found = each.images[ranges]
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
        try:
            parts = [term(self.at) for term in way.terms]
        except FAILURES:
            return None
        start = low = high = sum(parts)
        if not math.isfinite(start):
            return None
        least: dict[str, float] = {}
        most: dict[str, float] = {}
        for name in [name for name in way.uses if name in self.wide][:MOST_MOVED]:
            seen = self._moved(name, way, parts)
            least[name] = min(seen, key=seen.__getitem__)
            most[name] = max(seen, key=seen.__getitem__)
            low, high = low + seen[least[name]], high + seen[most[name]]
        if len(least) > 1:
            here = {name: self.at[name] for name in least}
            for corner in (least, most):
                self.at |= corner
                value = number(way.function, self.at)
                if value is not None:
                    low, high = min(low, value), max(high, value)
            self.at |= here
        return Range(start, low, high)

    def _moved(self, name: str, way: Way, parts: Sequence[float]) -> dict[float, float]:
        """Return by how much a way's number changes where one quantity has other values."""
        at, here, (first, last) = self.at, self.at[name], self.wide[name]
        terms = [(way.terms[place], parts[place]) for place in way.uses[name]]
        if not way.bent:
            at[name] = far = max(first, last, key=lambda end: abs(end - here))
            slope = sum([term(at) - before for term, before in terms]) / (far - here)
            at[name] = here
            return {here: 0.0, first: slope * (first - here), last: slope * (last - here)}
        seen = {here: 0.0}
        middle, reach = (first + last) / 2, (last - first) / 2
        ends = [first, last, middle]
        if way.waving:
            ends += [first + 2 * reach * (GOLDEN * n % 1) for n in range(1, MOST_WAVES)]
        for end in ends:
            for near in (end, end + (here - end) * BESIDE):  # log(1 - h) has no value at 1
                at[name] = near
                try:
                    seen[end] = sum([term(at) - before for term, before in terms])
                    break
                except FAILURES:
                    continue
            if end is middle and {first, last, middle} <= seen.keys():
                bend = seen[first] - 2 * seen[middle] + seen[last]
                if abs(seen[first] - seen[last]) < 2 * abs(bend):  # a square turns between the ends
                    ends.append(middle + reach * (seen[first] - seen[last]) / (2 * bend))
        at[name] = here
        return seen


def start(values: Mapping[str, Scalar]) -> Ranges:
    """Return the ranges of what is given, each a point."""
    return Ranges({name: float(value) for name, value in values.items()})
