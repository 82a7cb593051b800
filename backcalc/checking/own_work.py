"""A person's own work: what honest work may have come to, and which lines rest on a wrong one.

Behind each written figure stands a number of the person's in the interval that its digits leave
open, and later lines go on from any number there. An equation makes of the intervals before it
another one. Lines that the sheet leaves out are widened by one unit of the last digit that the
person keeps; their roundings are taken as independent. What a course prints is not worked by hand:
the lines that it leaves out are exact.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from backcalc.arithmetic.intervals import Range, Ranges, Way, number, numeric, start, way
from backcalc.checking.key import Key
from backcalc.checking.written import rounded_to
from backcalc.equations.program import ChainTerm
from backcalc.formulas.expression import Expression, Name, Number, Product, Sum

FEWEST_KEPT = 3  # significant digits of a line that is left out
MOST_TRIED = 16_000  # lines worked out again for one sheet
LARGEST = 1e308
NOTHING: frozenset[str] = frozenset()


def is_first(term: ChainTerm) -> bool:
    """Return true if a term comes straight from what is differentiated."""
    return term.upstream.of == term.upstream.by


@dataclass(slots=True, eq=False)
class OwnWork:
    """What is known of a sheet so far."""

    key: Key
    """The right lines."""
    listed: frozenset[str]
    """The lines that stand on the sheet."""
    digits: int | None = FEWEST_KEPT
    """Significant digits to which lines left out are kept; None: they were not rounded."""
    decimals: int = 0
    """The decimals to which a sheet rounds all figures, small ones too; 0: it does not."""
    known_ways: dict[str, tuple[Way, ...]] = field(default_factory=dict)
    """The right ways to each line, as far as they were asked for."""
    own: Ranges = field(init=False)
    """The ranges that go by the person's own figures, right or wrong."""
    right: Ranges = field(init=False)
    """The ranges with each wrong figure put right; the same as `own` until one is wrong."""
    sources: dict[str, frozenset[str]] = field(default_factory=dict)
    """For each line the nearest own ones that it rests on and that are wrong or follow."""
    instead: dict[str, Range | None] = field(default_factory=dict)
    """For each wrong or following figure what right work makes of the own ones before it."""
    stood: dict[str, Range] = field(default_factory=dict)
    """What stood first of a quantity of which the sheet says another figure, put right, as well."""
    left_out: list[str] = field(default_factory=list)
    """The lines so far that the sheet does not show."""
    formulas: dict[str, Expression] = field(default_factory=dict)
    """The wrong formulas on the sheet."""
    gaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The lines left out before each line, as far as they were looked up."""
    chains: dict[tuple[str, ...], list[str]] = field(default_factory=dict)
    """The lines left out between some quantities and a line, as far as they were looked up."""
    suspects: set[str] = field(default_factory=set)
    """The lines left out in which a mistake may be that made a later line wrong."""
    coarse: set[str] = field(default_factory=set)
    """The lines with fewer digits than are asked."""
    reached: list[tuple[Range, Range]] = field(default_factory=list)
    """The ranges of a line's right figures so far: the person's own, and that of right work."""
    room: int = MOST_TRIED
    """How many lines may still be worked out again; the verdicts themselves need none of it."""

    def __post_init__(self) -> None:
        self.own = self.right = start(self.key.given)

    def value(self, expression: Expression) -> float | None:
        """Return a formula's number from the person's own figures; None where it has none."""
        return number(numeric(expression), self.own.at)

    # Right ways.

    def ways(self, name: str) -> tuple[Way, ...]:
        """Return the right ways to a line, also those over local derivatives on the sheet."""
        if name in self.known_ways:
            return self.known_ways[name]
        found = self.key.ways.get(name)
        if found is None:
            formulas = (self.key.lines[name].equation.expression, *self.key.others.get(name, ()))
            found = self.key.ways[name] = tuple(map(way, formulas))
        if any(term.local_name in self.listed for term in self.key.lines[name].equation.terms):
            found = (*found, way(self._by_own_slopes(name, self.listed)))
        self.known_ways[name] = found
        return found

    def with_rounded_slopes(self, name: str, honest: Ranges) -> Range | None:
        """Return what a derivative comes to whose local derivatives were rounded on the way.

        None for another line, or where nothing is rounded.
        """
        slopes = {
            str(term.local_name): term.local
            for term in self.key.lines[name].equation.terms
            if self.digits is not None and term.local_name not in self.listed
            if not isinstance(term.local, Name | Number)
        }
        if not slopes:
            return None
        honest = honest.copy()
        for slope, local in slopes.items():
            found = honest.image((way(local),))
            honest.set(slope, found and self.kept(found))
        return honest.image((way(self._by_own_slopes(name, self.listed | slopes.keys())),))

    def _by_own_slopes(self, name: str, named: Collection[str]) -> Expression:
        """A derivative as upstream times local derivatives, some of these by their names."""
        products: list[Expression] = []
        for term in self.key.lines[name].equation.terms:
            own = Name(term.local_name) if term.local_name in named else term.local
            products.append(own if is_first(term) else Product((Name(term.upstream), own)))
        return Sum(tuple(products)) if len(products) > 1 else products[0]

    def due(self, name: str) -> Range | None:
        """Return what the usual way makes of a line, from the person's own figures."""
        return self.own.image(self.ways(name)[:1])

    # Going on.

    def leave_out(self, name: str) -> None:
        """Go on over a line that the sheet does not show, or shows as a formula."""
        self.stand(name)
        self._go_over(name)
        if self.right is not self.own:
            self.right.set(name, self._hidden(name, self.right))
        self.sources[name] = self.sources_of(name)
        self.left_out.append(name)

    def _go_over(self, name: str) -> None:
        self.own.set(name, self._hidden(name, self.own))

    def _hidden(self, name: str, honest: Ranges) -> Range | None:
        """The range of a line left out; a copy of such a line is no work and loses no digit."""
        ways = self.ways(name)
        if len(ways) > 1 and honest is self.own and self.sources_of(name):
            ways = ways[-1:] if len(ways) > len(self.key.ways[name]) else ways[:1]
        found = honest.image(ways)
        copied = ways[0].expression
        if found is None or isinstance(copied, Number):
            return found
        if isinstance(copied, Name) and copied.id not in self.listed:
            return found
        return self.kept(found)

    def kept(self, found: Range) -> Range:
        """Return what is left open where a number is kept to the digits of the sheet."""
        if self.digits is None:
            return found
        short = not self.decimals or round(found.middle, self.decimals) == found.middle
        if found.low == found.high == rounded_to(found.middle, self.digits) and short:
            return found
        size = max(abs(found.low), abs(found.high))
        if not 0 < size < LARGEST:
            return found
        unit = 10.0 ** max(math.floor(math.log10(size)) - self.digits + 1, -320)
        unit = max(unit, 0.5 * 10.0**-self.decimals) if self.decimals else unit
        return Range(found.middle, found.low - unit, found.high + unit)

    def sources_of(self, name: str) -> frozenset[str]:
        """Return the own lines, wrong or following, that a line rests on, the nearest ones."""
        if self.right is self.own:
            return NOTHING
        return self.resting(name for each in self.ways(name) for name in each.uses)

    def resting(self, names: Iterable[str]) -> frozenset[str]:
        """Return the own lines, wrong or following, that these rest on."""
        return NOTHING.union(*(self.sources.get(name, NOTHING) for name in names))

    def part(self) -> None:
        """From here on what is right is no longer what the sheet has."""
        if self.right is self.own:
            self.right = self.own.copy()

    def off(self, name: str, own: Range | None) -> None:
        """Go on from an answer that is wrong, or that follows from wrong ones."""
        self.part()
        self.stand(name)
        instead, right = self.due(name), self.right.image(self.ways(name)[:1])
        self.instead[name] = instead and self.kept(instead)
        self.right.set(name, right)
        self.own.set(name, own)
        self.sources[name] = frozenset((name,))

    def stand(self, name: str) -> None:
        """Note the figure before another of the same quantity: other lines may go on from it."""
        if name in self.instead and (found := self.own.range(name)):
            self.stood.setdefault(name, found)

    def settle(self, name: str) -> None:
        """Go on from the right figures of a line, where there are any."""
        if self.reached:
            self.stand(name)
            own, right = (reduce(Range.joined, each) for each in zip(*self.reached, strict=True))
            if self.right is not self.own:
                self.right.set(name, right)
            self.own.set(name, own)
            self.reached.clear()

    def gap(self, name: str) -> tuple[str, ...]:
        """Return the lines left out that a line goes on from, in order."""
        if name not in self.gaps:
            self.gaps[name] = tuple(self.key.needs(name, self.listed)[:-1])
        return self.gaps[name]

    def is_copied(self, name: str) -> bool:
        """Return true if a line left out is nothing but one that stands on the sheet."""
        copied = self.ways(name)[0].expression
        return isinstance(copied, Name) and copied.id in self.listed

    # What if.

    def _chain(self, names: Iterable[str], name: str) -> list[str] | None:
        """The lines left out that lead from some quantities to a line, in order.

        None where too many lines have been worked out again.
        """
        ends = (*names, name)
        if ends not in self.chains:
            reached, found = {*names}, list[str]()
            for each in self.key.needs(name, self.listed | reached)[:-1] if self.gap(name) else ():
                if not reached.isdisjoint(self.key.used(each)):
                    reached.add(each)
                    found.append(each)
            self.chains[ends] = found
        self.room -= len(self.chains[ends]) + 1
        return None if self.room < 0 else self.chains[ends]

    def image_if(self, name: str, instead: Mapping[str, Range | None]) -> Range | None:
        """Return what right work makes of a line if some quantities before it were others."""
        chain = self._chain(instead, name)
        if chain is None:
            return None
        before, self.own = self.own, self.own.copy()
        try:
            for each, found in instead.items():
                self.own.set(each, found)
            for each in chain:
                self._go_over(each)
            return self.due(name)
        finally:
            self.own = before

    def middle_if(self, name: str, source: str, value: float) -> float | None:
        """Return what a line comes to with one quantity before it changed, all others in between.

        Each goes on from the middle of what is before it.
        """
        chain, at = self._chain((source,), name), self.own.at | {source: value}
        if chain is None:
            return None
        for each in (*chain, name):
            found = number(self.ways(each)[0].function, at)
            if found is None:
                return None
            at[each] = found
        return at[name]

    def rests_on(self, source: str, instead: Mapping[str, Range | None]) -> None:
        """Go on from other values of some quantities, as a wrong line shows them to have been."""
        self.part()
        for name, found in instead.items():
            self.own.set(name, found)
            self.sources[name] = frozenset((source,))
        reached = {*instead}
        for each in self.left_out:
            if each not in instead and not reached.isdisjoint(self.key.used(each)):
                reached.add(each)
                self._go_over(each)
                self.sources[each] = self.sources_of(each)
