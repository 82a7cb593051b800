"""A person's own work, line by line: the honest ranges, and which lines rest on a wrong one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from backcalc.checking.honest import Honest, Range, Way, start, way
from backcalc.checking.key import Key
from backcalc.checking.written import WrittenNumber, misreadings
from backcalc.equations.optimizers import RATE
from backcalc.equations.program import ChainTerm
from backcalc.formulas.expression import Expression, Name, Number, Product, Sum

FEWEST_KEPT = 3  # significant digits of a line that is left out
MOST_GUESSES = 12  # lines left out before a wrong one that may have made it wrong
MOST_TRIED = 8_000  # lines worked out again for one sheet
NUDGE = 1e-4  # of a value, by which its slope is measured
STEPS = 6  # of the search for what a line left out must have been
NOTHING: frozenset[str] = frozenset()


def is_first(term: ChainTerm) -> bool:
    """Return true if a term comes straight from what is differentiated."""
    return term.upstream.of == term.upstream.by


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """What a quantity that the sheet does not show must have been to make a line wrong."""

    ranges: Mapping[str, Range]
    """What it must have been: a line left out, perhaps in every sample, or a misread number."""
    source: str
    """The wrong line."""

    @property
    def name(self) -> str:
        """The quantity, or the first of several."""
        return next(iter(self.ranges))


@dataclass(slots=True, eq=False)
class OwnWork:
    """What is known of a sheet so far."""

    key: Key
    """The right lines."""
    listed: frozenset[str]
    """The lines that stand on the sheet."""
    digits: int = FEWEST_KEPT
    """Significant digits to which lines left out are kept."""
    own: Honest = field(init=False)
    """The ranges that go by the person's own figures, right or wrong."""
    right: Honest = field(init=False)
    """The ranges with each wrong figure put right; the same as `own` until one is wrong."""
    sources: dict[str, frozenset[str]] = field(default_factory=dict)
    """For each line the nearest own ones that it rests on and that are wrong or follow."""
    instead: dict[str, Range | None] = field(default_factory=dict)
    """For each wrong or following figure what right work makes of the own ones before it."""
    stood: dict[str, Range] = field(default_factory=dict)
    """What stood first of a quantity of which the sheet says another figure, put right, as well."""
    guesses: list[Guess] = field(default_factory=list)
    """What may have gone wrong out of sight."""
    left_out: list[str] = field(default_factory=list)
    """The lines so far that the sheet does not show."""
    formulas: dict[str, Expression] = field(default_factory=dict)
    """The wrong formulas on the sheet."""
    inverse: dict[tuple[str, str], Range | None] = field(default_factory=dict)
    """What a quantity before a wrong line must have been, as far as it was looked for."""
    adopted: dict[str, Range | None] = field(default_factory=dict)
    """What each misread number or guessed line was before: later work may go on from that too."""
    taken: dict[str, Guess] = field(default_factory=dict)
    """The guesses that later lines have confirmed, by the quantity."""
    gaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The lines left out before each line, as far as they were looked up."""
    suspects: set[str] = field(default_factory=set)
    """The lines left out in which a mistake may be that made a later line wrong."""
    room: int = MOST_TRIED
    """How many lines may still be worked out again; the verdicts themselves need none of it."""

    def __post_init__(self) -> None:
        self.own = self.right = start(self.key.given)

    def value(self, expression: Expression) -> float | None:
        """Return a formula's number from the person's own figures; None where it has none."""
        return self.own.value(expression)

    # Right ways.

    def ways(self, name: str) -> tuple[Way, ...]:
        """Return the right ways to a line, also those over local derivatives on the sheet."""
        found = self.key.ways.get(name)
        if found is None:
            formulas = (self.key.lines[name].equation.expression, *self.key.others.get(name, ()))
            found = self.key.ways[name] = tuple(map(way, formulas))
        terms = self.key.lines[name].equation.terms
        if terms and any(term.local_name in self.listed for term in terms):
            found = (*found, way(self._by_own_slopes(name)))
        return found

    def _by_own_slopes(self, name: str) -> Expression:
        """A derivative as upstream times local derivatives, those on the sheet by their names."""
        products: list[Expression] = []
        for term in self.key.lines[name].equation.terms:
            own = Name(term.local_name) if term.local_name in self.listed else term.local
            upstream = Name(term.upstream)
            products.append(own if is_first(term) else Product((upstream, own)))
        return Sum(tuple(products)) if len(products) > 1 else products[0]

    # Going on.

    def leave_out(self, name: str) -> None:
        """Go on over a line that the sheet does not show, or shows as a formula."""
        self.stand(name)
        self.own.set(name, self._hidden(name, self.own))
        if self.right is not self.own:
            self.right.set(name, self._hidden(name, self.right))
        self.sources[name] = self.sources_of(name)
        self.left_out.append(name)

    def _hidden(self, name: str, honest: Honest) -> Range | None:
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
        return found.widened(self.digits)

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
        ways = self.ways(name)[:1]
        instead, right = self.own.image(ways), self.right.image(ways)
        self.instead[name] = instead and instead.widened(self.digits)
        self.right.set(name, right)
        self.own.set(name, own)
        self.sources[name] = frozenset((name,))

    def stand(self, name: str) -> None:
        """Note the figure before another of the same quantity: other lines may go on from it."""
        if name in self.instead and (found := self.own.range(name)):
            self.stood.setdefault(name, found)

    def suspect(self, name: str) -> None:
        """Note that a mistake may be in the lines left out before a wrong one."""
        self.suspects |= {*self.gap(name)}

    def is_suspect(self, name: str) -> bool:
        """Return true if a line goes on from one left out in which a mistake may be."""
        return bool(self.suspects) and not self.suspects.isdisjoint((*self.gap(name), name))

    def gap(self, name: str) -> tuple[str, ...]:
        """Return the lines left out that a line goes on from, in order."""
        if name not in self.gaps:
            self.gaps[name] = tuple(self.key.needs(name, self.listed)[:-1])
        return self.gaps[name]

    # What if.

    def chain(self, names: Sequence[str], name: str) -> list[str]:
        """Return the lines left out that lead from some quantities to a line, in order."""
        reached, found = set(names), list[str]()
        if not self.gap(name):
            return found
        for each in self.key.needs(name, self.listed | reached)[:-1]:
            if not reached.isdisjoint(self.key.used(each)):
                reached.add(each)
                found.append(each)
        return found

    def image_if(self, name: str, instead: Mapping[str, Range | None]) -> Range | None:
        """Return what right work makes of a line if some quantities before it were others."""
        chain = self.chain([*instead], name)
        self.room -= len(chain) + 1
        if self.room < 0:
            return None
        saved = {each: self.own.range(each) for each in (*instead, *chain)}
        try:
            for each, found in instead.items():
                self.own.set(each, found)
            for each in chain:
                self.own.set(each, self._hidden(each, self.own))
            return self.own.image(self.ways(name)[:1])
        finally:
            for each, found in saved.items():
                self.own.set(each, found)

    def middle_if(self, name: str, source: str, value: float) -> float | None:
        """Return what a line comes to with one quantity before it changed, all others in between.

        Each goes on from the middle of what is before it.
        """
        chain, at = self.chain((source,), name), self.own.at
        self.room -= len(chain) + 1
        if self.room < 0:
            return None
        saved = dict(at)
        at[source] = value
        try:
            for each in (*chain, name):
                found = self.own.number(self.ways(each)[0].function)
                if found is None:
                    return None
                at[each] = found
            return at[name]
        finally:
            at.clear()
            at.update(saved)

    def suppose(self, name: str, written: WrittenNumber) -> None:
        """Note what each line left out before a wrong one must have been to make it wrong."""
        for each in [*reversed(self.gap(name))][:MOST_GUESSES]:
            found = self.solved(each, name, written)
            if found is not None:
                self.guesses.append(Guess({each: found}, name))
        self.guesses += self._misread(name, written)

    def _misread(self, name: str, written: WrittenNumber) -> Iterator[Guess]:
        """Yield each given number of a line with what it may have been read as."""
        way, own = self.ways(name)[0], self.own
        low, high = written.ends
        whole = own.image((way,))
        spread = min((whole.high - whole.low) / 2, (high - low) / 2) if whole else 0.0
        numbers = {n: v for n, v in self.key.given.items() if n != RATE and v}
        for given in (n for n in way.names if n in self.key.given and n in own.at):
            here, right = own.at[given], Fraction(self.key.given[given])
            read = [float(each) for each in misreadings(right)]
            if given == RATE:
                read = [each for each in read if each > 0]
            else:
                read += [float(v) for n, v in numbers.items() if v != right and n in way.names]
            for value in dict.fromkeys(read):
                own.at[given] = value
                found = own.number(way.function)
                if found is not None and low - spread <= found <= high + spread:
                    yield Guess({given: Range(value, value, value)}, name)
            own.at[given] = here

    def solved(self, hidden: str, name: str, written: WrittenNumber) -> Range | None:
        """Return what a quantity must have been for a line to come to what is written."""
        if (hidden, name) not in self.inverse:
            self.inverse[hidden, name] = self._solved(hidden, name, written)
        return self.inverse[hidden, name]

    def _solved(self, hidden: str, name: str, written: WrittenNumber) -> Range | None:
        here, wanted, (low, high) = self.own.at.get(hidden), written.here, written.ends
        if here is None:
            return None
        value, move, slope = self.middle_if(name, hidden, here), here * NUDGE or NUDGE, 0.0
        for _ in range(STEPS):
            moved = self.middle_if(name, hidden, here + move)
            if value is None or moved is None or not move or moved == value:
                return None
            slope = (moved - value) / move
            here, value = here + move, moved
            move = (wanted - value) / slope
            if abs(move) <= 1e-9 * abs(here):
                break
        here += move
        found = self.middle_if(name, hidden, here)
        if found is None or not low <= found <= high:
            return None
        whole = self.own.image(self.ways(name)[:1])
        spread = (whole.high - whole.low) / 2 if whole else 0.0
        reach = (written.width / 2 + min(spread, abs(wanted))) / abs(slope)
        return Range(here, here - reach, here + reach)

    def adopt(self, guess: Guess) -> None:
        """Go on from what a quantity out of sight must have been, as a later line confirms."""
        self.part()
        for name, found in guess.ranges.items():
            self.adopted.setdefault(name, self.own.range(name))
            self.taken[name] = guess
            self.own.set(name, found)
            self.sources[name] = frozenset((guess.source,))
        reached = {*guess.ranges}
        for each in self.left_out:
            if each not in guess.ranges and not reached.isdisjoint(self.key.used(each)):
                reached.add(each)
                self.own.set(each, self._hidden(each, self.own))
                self.sources[each] = self.sources_of(each)
