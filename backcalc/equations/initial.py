"""THE table of initialisations: one row each; how the weights given as `random` get their numbers.

Drawn numbers have four significant digits and are exact from there on, so that they fit on a sheet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

from backcalc.errors import BackcalcError, Place
from backcalc.formulas import record

if TYPE_CHECKING:
    from random import Random

    from backcalc.equations.matrix_form import MatrixForm
    from backcalc.equations.network import Network, Unit

RANDOM = "random"  # the word in a network file for the number of a weight that is drawn

DRAWN_DIGITS = 4
MOST_SEED = 10**9

Draw: TypeAlias = "Callable[[Random, Mapping[str, Fraction], int, int], Fraction | float]"
"""A weight's number from the stream, the options, fan_in and fan_out."""


@record(frozen=True, slots=True, eq=False)
class Initialisation:
    """One row: how a weight gets its first number."""

    name: str
    """The name that network files use."""
    draw: Draw
    """The function that gives the number; one that is no fraction is rounded."""
    words: str
    """The distribution in words, with the options in braces."""
    options: tuple[tuple[str, Fraction], ...] = ()
    """The further numbers with their defaults."""
    by_fans: bool = False
    """True if the numbers of edges count; biases then start at 0."""
    spread: str | None = None
    """The option that must be above 0, if any."""


INITIALISATIONS: dict[str, Initialisation] = {
    row.name: row
    for row in (
        Initialisation("normal", lambda rng, given, _in, _out: rng.gauss(0.0, float(given["std"])),
                       "normal with mean 0 and std {std}", (("std", Fraction(1)),), spread="std"),
        Initialisation("uniform",
                       lambda rng, given, _in, _out: rng.uniform(
                           -float(given["limit"]), float(given["limit"])),
                       "uniform between -limit and limit = {limit}", (("limit", Fraction(1)),),
                       spread="limit"),
        Initialisation("xavier",
                       lambda rng, _, fan_in, fan_out: rng.gauss(0.0, sqrt(2 / (fan_in + fan_out))),
                       "normal with std sqrt(2/(fan_in + fan_out)), biases 0", by_fans=True),
        Initialisation("he", lambda rng, _, fan_in, _out: rng.gauss(0.0, sqrt(2 / fan_in)),
                       "normal with std sqrt(2/fan_in), biases 0", by_fans=True),
        Initialisation("constant", lambda _rng, given, _in, _out: given["value"],
                       "all {value}", (("value", Fraction(1, 2)),)),
    )
}  # fmt: skip


@record(frozen=True, slots=True, eq=False)
class Initial:
    """An initialisation with its options and its seed, as a file or a command asks for it."""

    row: Initialisation = INITIALISATIONS["normal"]
    options: Mapping[str, Fraction] | None = None
    """Those that were given."""
    seed: int = 0
    """Where the stream of random numbers starts."""
    asked: bool = True
    """True if it is named, so that numbers which are given may give way to it."""

    @property
    def seeded(self) -> bool:
        """True if the seed makes a difference."""
        return self.row.by_fans or self.row.spread is not None

    @property
    def numbers(self) -> dict[str, Fraction]:
        """Every option with its number."""
        return {**dict(self.row.options), **(self.options or {})}


# The weights of a network.

Fans = dict[str, tuple[int, int]]


def fans(units: Collection[Unit]) -> Fans:
    """Fan_in and fan_out of each weight on an edge, those of its first use if it is shared.

    fan_in counts the edges into the unit that it leads to, fan_out those out of its source.
    """
    leaving = Counter(edge.source for unit in units for edge in unit.edges)
    found: Fans = {}
    for unit in units:
        for edge in unit.edges:
            found.setdefault(edge.weight, (len(unit.edges), leaving[edge.source]))
    return found


def start_numbers(
    initial: Initial, weights: Iterable[str], units: Collection[Unit], biases: Collection[str],
    places: Mapping[str, Place | None] | None = None, form: MatrixForm | None = None,
) -> dict[str, Fraction]:  # fmt: skip
    """A number for each of these weights, all from one stream, in this order."""
    from random import Random  # few files need it

    rng, numbers = Random(initial.seed), initial.numbers
    found: dict[str, tuple[int, int] | None] = {**fans(units)}
    if form is not None:
        from backcalc.equations.matrix_form import fans_of  # few files have matrices

        found = fans_of(form) | found
    started = {}
    for name in weights:
        if initial.row.by_fans and name not in found and name not in biases:
            message = f"{initial.row.name} needs the edges of a weight, and {name!r} is on none"
            hint = "draw it with init: normal; only units of nodes: and layers: have edges"
            raise BackcalcError(message, (places or {}).get(name), hint)
        ends = None if name in biases else found.get(name)
        value: Fraction | float = Fraction(0)  # of a bias beside weights by their fans
        if ends or not initial.row.by_fans:
            value = initial.row.draw(rng, numbers, *(ends or (1, 1)))
        exact = isinstance(value, Fraction)
        started[name] = Fraction(value if exact else f"{value:.{DRAWN_DIGITS}g}")
    return started


def drawn(network: Network, seed: int, initial: Initial | None = None) -> Network:
    """The network with its random weights drawn anew; with `initial` all but the frozen ones.

    A file whose `init:` says how draws all of them too where it gives none as random.
    """
    names: Collection[str] = network.random
    if initial is not None or (not names and network.initial.asked):
        names = [n for n in network.weights if n not in network.frozen or n in network.random]
    if not names:
        hint = "write `random` for a weight's number in the file, or add --init normal"
        raise BackcalcError("no weight of this network is random", hint=hint)
    chosen = replace(network.initial if initial is None else initial, seed=seed)
    biases, form = network.biases, network.matrices
    numbers = start_numbers(chosen, names, network.units, biases, form=form)
    return replace(
        network, weights={**network.weights, **numbers}, initial=chosen, random=tuple(names),
        fractions=False,
    )  # fmt: skip
