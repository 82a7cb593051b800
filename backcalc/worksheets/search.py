"""The search for numbers that make a good sheet, from a seed: the same seed, the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from backcalc.equations.calculation import with_numbers
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, UndefinedError
from backcalc.worksheets.asked import Exercise, exercise
from backcalc.worksheets.conditions import BLEMISHES, CONDITIONS, RISING, complaints
from backcalc.worksheets.numbers import Group, Labels, draws

TRIES = 2000  # for one variant
POLISH = 100  # further ones for numbers that are nicer than the first that will do
PROBES = 200  # to find out what no numbers avoid
ALIKE = "the same numbers as another variant"
UNDEFINED = "a line that has no value"


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A network with other numbers, and its sheet."""

    index: int
    """Which one, from 1."""
    numbers: dict[str, Fraction]
    """The numbers that differ from the file's."""
    exercise: Exercise
    """Its sheet."""

    @property
    def network(self) -> Network:
        """The network with these numbers."""
        return self.exercise.network

    @property
    def name(self) -> str:
        """What its folder is called."""
        return f"variant-{self.index:02}"


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What good numbers are for one network."""

    model: Exercise
    """The sheet with the file's own numbers."""
    rate: Fraction | None
    """The learning rate, where it is not the file's."""
    draws: tuple[Group | Labels, ...]
    """How numbers are drawn."""
    allowed: frozenset[str]
    """Conditions that nobody minds."""
    unavoidable: Counter[str]
    """How often each condition is met whatever the numbers are."""

    def numbers(self, rng: Random) -> dict[str, Fraction]:
        """Numbers that may do."""
        return dict(pair for each in self.draws for pair in each.drawn(rng))

    def sheet(self, numbers: dict[str, Fraction], title: str = "") -> Exercise:
        """The sheet with these numbers."""
        network = with_numbers(self.model.network, numbers)
        network = replace(network, random=(), expect=(), title=title or network.title)
        return exercise(network, self.rate, max(len(self.model.calculation.rounds), 1))

    def judged(self, sheet: Exercise) -> tuple[Counter[str], tuple[int, int]]:
        """What is wrong with a sheet that could be avoided, and its blemishes and rising losses."""
        found = complaints(sheet, self.model)
        wrong = {
            name: found[name] for name in CONDITIONS
            if name not in self.allowed and found[name] > self.unavoidable[name]
        }  # fmt: skip
        return Counter(wrong), (sum(found[name] for name in BLEMISHES), found[RISING])


def search(
    network: Network, rate: Fraction | None = None, steps: int = 1, allowed: Collection[str] = ()
) -> Search:
    """What good numbers are for a network.

    What no numbers avoid, such as the zero that a max gives all but one of its arguments, is no
    reason to refuse any. Raises BackcalcError where no number may vary.
    """
    found = draws(network)
    if not found:
        raise BackcalcError("no number of this network may vary", hint="zeros and constants stay")
    model = exercise(network, rate, steps)
    start = Search(model, rate, found, frozenset(allowed), Counter())
    return replace(start, unavoidable=_unavoidable(start))


def _unavoidable(start: Search) -> Counter[str]:
    """The least of each condition over many draws, which have a seed of their own."""
    rng = Random("what no numbers avoid")
    least: Counter[str] | None = None
    for _ in range(PROBES):
        try:
            found, _ = start.judged(start.sheet(start.numbers(rng)))
        except UndefinedError:
            continue
        least = found if least is None else least & found
        if not least:
            break
    return least or Counter()


def variants(wanted: Search, seed: int, count: int) -> Iterator[Variant]:
    """So many variants, no two alike; the first ones do not depend on how many follow.

    Raises BackcalcError where none is found, with what stood in the way.
    """
    own = with_drawn(wanted)
    taken = {tuple(own.items())}
    for index in range(1, count + 1):
        variant = _variant(wanted, seed, index, taken)
        taken.add(tuple(variant.numbers.items()))
        yield variant


def with_drawn(wanted: Search) -> dict[str, Fraction]:
    """The file's own numbers of all that varies."""
    network = wanted.model.network
    several = len(network.samples) > 1
    own = dict(network.weights)
    for place, sample in enumerate(network.samples, 1):
        own |= {f"{name}[{place}]" if several else name: v for name, v in sample.items()}
    return {name: own[name] for each in wanted.draws for name in each.names}


def _variant(
    wanted: Search, seed: int, index: int, taken: Collection[tuple[tuple[str, Fraction], ...]]
) -> Variant:
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
            sheet = wanted.sheet(numbers, title)
        except UndefinedError:
            failed[UNDEFINED] += 1
            continue
        found, blemishes = wanted.judged(sheet)
        failed.update(found.keys())
        if not found and (best is None or blemishes < best[0]):
            tries = max(tries, TRIES - POLISH)
            best = blemishes, Variant(index, numbers, sheet)
        if best and not any(best[0]):
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
