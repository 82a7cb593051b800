"""The search for numbers that make a good sheet, from a seed: the same seed, the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import TypeAlias

from backcalc.equations.calculation import run
from backcalc.equations.named import with_numbers
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.formulas.expression import Values
from backcalc.worksheets.asked import Exercise, exercise, given
from backcalc.worksheets.conditions import (
    BLEMISHES,
    CONDITIONS,
    RISING,
    Examiner,
)
from backcalc.worksheets.numbers import Group, draws

TRIES = 2000  # for one variant
POLISH = 100  # further ones for numbers that are nicer than the first that will do
PROBES = 200  # to find out what no numbers avoid
ALIKE = "the same numbers as another variant"
UNDEFINED = "a line that has no value"

Drawn: TypeAlias = dict[str, Fraction]
"""Numbers that differ from the file's, by name."""

Judgement: TypeAlias = tuple[Counter[str], tuple[int, int]]
"""Faults that could be avoided; where there is none, the number of blemishes and rising losses."""


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A network with other numbers, and its sheet."""

    index: int
    """Its place among the variants, from 1."""
    numbers: Drawn
    """Its numbers."""
    exercise: Exercise
    """Its sheet."""

    @property
    def network(self) -> Network:
        """The network with these numbers."""
        return self.exercise.network

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"variant-{self.index:02}"


@dataclass(frozen=True, slots=True, eq=False)
class VariantSearch:
    """The measure of good numbers for one network."""

    judge: Examiner
    """The sheet with the file's own numbers, taken apart."""
    rate: Fraction | None
    """The learning rate, where it is not the file's."""
    draws: tuple[Group, ...]
    """The ways in which numbers are drawn."""
    allowed: frozenset[str]
    """Conditions that nobody minds."""
    unavoidable: Counter[str]
    """The least number of times that each condition is met."""

    @property
    def model(self) -> Exercise:
        """The sheet with the file's own numbers."""
        return self.judge.model

    def numbers(self, rng: Random) -> Drawn:
        """Draw numbers that may do."""
        return dict(pair for each in self.draws for pair in each.drawn(rng))

    def network(self, numbers: Drawn, title: str = "") -> Network:
        """Return the network with these numbers."""
        network = with_numbers(self.model.network, numbers)
        return replace(network, random=(), expect=(), title=title or network.title)

    def sheet(self, numbers: Drawn, title: str = "") -> Exercise:
        """Work out the sheet with these numbers."""
        steps = max(len(self.model.calculation.rounds), 1)
        return exercise(self.network(numbers, title), self.rate, steps)

    def roughly(self, numbers: Drawn) -> Judgement:
        """Judge numbers by doubles, or by their sheet where doubles have no answer.

        Raises UndefinedError where the sheet has none either.
        """
        values = dict(given(self.network(numbers), self.model.calculation))  # so in doubles
        try:
            run(self.judge.lines, values)
            return self.judged(values)
        except (UndefinedError, ArithmeticError, ValueError, KeyError):
            # KeyError: a line of `points:` may need more than the sheet asks
            return self.surely(self.sheet(numbers))

    def surely(self, sheet: Exercise) -> Judgement:
        """Judge a sheet by its own digits."""
        return self.judged(sheet.values)

    def judged(self, values: Values) -> Judgement:
        """Judge the numbers of all lines."""
        found = self.judge.conditions(values)
        wrong = {
            name: found[name] for name in CONDITIONS
            if name not in self.allowed and found[name] > self.unavoidable[name]
        }  # fmt: skip
        if wrong:
            return Counter(wrong), (0, 0)
        small = self.judge.blemishes(values)
        return Counter(), (sum(small[name] for name in BLEMISHES), small[RISING])


def search(
    network: Network, rate: Fraction | None = None, steps: int = 1, allowed: Collection[str] = ()
) -> VariantSearch:
    """Find out what good numbers are for a network.

    What no numbers avoid, such as the zero that a max gives all but one of its arguments, is no
    reason to refuse any. Raises BackcalcError where no number may vary.
    """
    found = draws(network)
    if not found:
        raise BackcalcError("no number of this network may vary", hint="zeros and constants stay")
    judge = Examiner.of(exercise(network, rate, steps))
    start = VariantSearch(judge, rate, found, frozenset(allowed), Counter())
    return replace(start, unavoidable=_unavoidable(start))


def _unavoidable(start: VariantSearch) -> Counter[str]:
    """Return the least of each condition over many draws, which have a seed of their own."""
    rng = Random("what no numbers avoid")
    least: Counter[str] | None = None
    for _ in range(PROBES):
        try:
            found, _ = start.roughly(start.numbers(rng))
        except UndefinedError:
            continue
        least = found if least is None else least & found
        if not least:
            break
    return least or Counter()


def variants(wanted: VariantSearch, seed: int, count: int) -> Iterator[Variant]:
    """Yield so many variants, no two alike; the first ones do not depend on how many follow.

    Raises BackcalcError, with what stood in the way, where none is found.
    """
    own = with_drawn(wanted)
    taken = {tuple(own.items())}
    for index in range(1, count + 1):
        variant = _variant(wanted, seed, index, taken)
        taken.add(tuple(variant.numbers.items()))
        yield variant


def with_drawn(wanted: VariantSearch) -> Drawn:
    """Return the file's own numbers of all that varies."""
    network = wanted.model.network
    several = len(network.samples) > 1
    own = dict(network.weights)
    for place, sample in enumerate(network.samples, 1):
        own |= {f"{name}[{place}]" if several else name: v for name, v in sample.items()}
    return {name: own[name] for each in wanted.draws for name in each.names}


def _variant(
    wanted: VariantSearch,
    seed: int,
    index: int,
    taken: Collection[tuple[tuple[str, Fraction], ...]],
) -> Variant:
    """Try numbers in doubles; work out the sheet of those that are the best so far."""
    rng = Random(f"{seed}, {index}")
    failed: Counter[str] = Counter()
    title = f"{wanted.model.network.title or wanted.model.network.file}, variant {index}"
    best: tuple[tuple[int, int], Variant] | None = None
    tries = 0
    while tries < TRIES:
        tries += 1
        numbers = wanted.numbers(rng)
        if tuple(numbers.items()) in taken:
            failed[ALIKE] += 1
            continue
        try:
            found, blemishes = wanted.roughly(numbers)
            failed.update(found.keys())
            if found or (best and blemishes >= best[0]):
                continue
            sheet = wanted.sheet(numbers, title)
        except UndefinedError:
            failed[UNDEFINED] += 1
            continue
        found, blemishes = wanted.surely(sheet)
        failed.update(found.keys())
        if not found and (best is None or blemishes < best[0]):
            tries = max(tries, TRIES - POLISH)
            best = blemishes, Variant(index, numbers, sheet)
            if not any(blemishes):
                break
    if best:
        return best[1]
    (most, times), *_ = failed.most_common(1)
    message = (
        f"no variant {index} was found: of {TRIES} sets of numbers {times} have"
        f" {CONDITIONS.get(most, most)}"
    )
    hint = f"add --allow {most}" if most in CONDITIONS else "ask for fewer"
    raise BackcalcError(message, hint=hint)
