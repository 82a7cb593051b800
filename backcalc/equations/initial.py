"""THE table of initialisations: one row each; how the weights given as `random` get their numbers.

Drawn numbers have four significant digits and are exact from there on, so that they fit on a sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from random import Random

RANDOM = "random"
"""What stands in a network file for the number of a weight that is drawn."""

DRAWN_DIGITS = 4
MOST_SEED = 10**9

Draw: TypeAlias = "Callable[[Random, Mapping[str, Fraction], int, int], Fraction | float]"
"""A weight's number from the stream, the options, fan_in and fan_out."""


@dataclass(frozen=True, slots=True, eq=False)
class Initialisation:
    """One row: how a weight gets its first number."""

    name: str
    """The name that network files use."""
    draw: Draw
    """What gives the number; one that is no fraction is rounded."""
    words: str
    """What is drawn, in words, with the options in braces."""
    options: tuple[tuple[str, Fraction], ...] = ()
    """The further numbers with their defaults."""
    by_fans: bool = False
    """Whether the numbers of edges count; biases then start at 0."""
    spread: str | None = None
    """The option that must be above 0, if any."""


def _limits(limit: Fraction) -> tuple[float, float]:
    return -float(limit), float(limit)


INITIALISATIONS: dict[str, Initialisation] = {
    row.name: row
    for row in (
        Initialisation("normal", lambda rng, given, _in, _out: rng.gauss(0.0, float(given["std"])),
                       "normal with mean 0 and std {std}", (("std", Fraction(1)),), spread="std"),
        Initialisation("uniform",
                       lambda rng, given, _in, _out: rng.uniform(*_limits(given["limit"])),
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


@dataclass(frozen=True, slots=True, eq=False)
class Initial:
    """An initialisation with its options and its seed, as a file or a command asks for it."""

    row: Initialisation = INITIALISATIONS["normal"]
    """The row."""
    options: Mapping[str, Fraction] | None = None
    """Those that were given."""
    seed: int = 0
    """Where the stream of random numbers starts."""
    asked: bool = True
    """Whether it is named, so that numbers which are given may give way to it."""

    @property
    def seeded(self) -> bool:
        """Whether the seed makes a difference."""
        return self.row.by_fans or self.row.spread is not None

    @property
    def numbers(self) -> dict[str, Fraction]:
        """Every option with its number."""
        return {**dict(self.row.options), **(self.options or {})}


def drawn_number(
    initial: Initial, rng: Random, numbers: Mapping[str, Fraction], fans: tuple[int, int] | None
) -> Fraction:
    """The next weight's number; `fans` are fan_in and fan_out, None for a bias.

    >>> from random import Random
    >>> drawn_number(Initial(), Random(0), {"std": Fraction(1)}, (2, 1))
    Fraction(9417, 10000)
    """
    if fans is None and initial.row.by_fans:
        return Fraction(0)
    value = initial.row.draw(rng, numbers, *(fans or (1, 1)))
    return value if isinstance(value, Fraction) else Fraction(f"{value:.{DRAWN_DIGITS}g}")
