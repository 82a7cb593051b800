"""Other numbers in the style of a network's own: as many digits, the same size, a few signs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from random import Random

from backcalc.arithmetic import decimal_of
from backcalc.equations.losses import LOSSES
from backcalc.equations.network import Givens, Network

FEWEST = 4  # magnitudes to choose from
MOST = 100
SMALLEST = Fraction(1, 10)  # of the largest magnitude
CLASSES = ((0, 1), (-1, 1))
NEARLY = Fraction(1, 10)  # targets of 0.1 and 0.9, or nearer to 0 and 1, are classes too
FIVES = Fraction(1, 10)
MINUS_SIGNS = Fraction(1, 4)  # among weights, where the file has none


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers that are drawn alike, each other than the ones before while there are enough."""

    names: tuple[str, ...]
    """The quantities that get them."""
    choices: tuple[Fraction, ...]
    """The numbers to choose from: magnitudes, or the classes of targets, which change places."""
    minus: Fraction | None = None
    """The share of magnitudes that gets a minus sign; None for classes."""

    def drawn(self, rng: Random) -> Iterator[tuple[str, Fraction]]:
        """Draw a number for each name."""
        left: list[Fraction] = []
        for name in self.names:
            left = left or [*self.choices]
            number = left.pop(rng.randrange(len(left)))
            negative = self.minus is not None and rng.random() < self.minus
            yield name, -number if negative else number


def draws(network: Network) -> tuple[Group, ...]:
    """Return the way in which each number is drawn; zeros and constants stay as they are.

    Where there are several samples inputs and targets that are all 0 or 1 stay too: XOR is XOR.
    """
    biases = {name: v for name, v in network.weights.items() if name in network.biases}
    weights = {name: v for name, v in network.weights.items() if name not in biases}
    found: list[Group | None] = [
        _group(weights, network, MINUS_SIGNS),
        _group(biases, network, MINUS_SIGNS),
    ]
    if len(network.samples) == 1:
        (sample,) = network.samples
        found.append(_group({name: sample[name] for name in network.inputs}, network))
        found.append(_targets({name: sample[name] for name in network.targets}, network))
    else:
        for name in (*network.inputs, *network.targets):
            values = [sample[name] for sample in network.samples]
            if not _classes(values):
                numbers = {f"{name}[{place}]": value for place, value in enumerate(values, 1)}
                found.append(_group(numbers, network))
    return tuple(each for each in found if each)


def _targets(targets: Givens, network: Network) -> Group | None:
    """Return the way in which the targets of a single sample are drawn."""
    row = LOSSES.get(network.loss_name or "")
    names, values = tuple(targets), tuple(targets.values())
    if row and row.classes and len(values) == 1 < len(network.outputs):
        return Group(names, tuple(map(Fraction, range(len(network.outputs)))))
    classes = _classes(values)
    if not classes:
        return _group(targets, network)
    return Group(names, values if len(values) > 1 else classes)


def _classes(values: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return the classes that numbers are from; none where they are just numbers."""
    for pair in CLASSES:
        if values and set(values) <= set(pair):
            return tuple(map(Fraction, pair))
    near = {min(value, 1 - value) for value in values}
    if len(near) == 1 and 0 < (low := near.pop()) <= NEARLY:
        return low, 1 - low
    return ()


def _group(numbers: Givens, network: Network, minus: Fraction = Fraction(0)) -> Group | None:
    """Return the group of numbers of one kind, zeros left out."""
    kept = {name: value for name, value in numbers.items() if value}
    if not kept:
        return None
    some_minus = any(value < 0 for value in kept.values())
    sizes = _sizes([abs(value) for value in kept.values()], fractions=network.fractions)
    return Group(tuple(kept), sizes, Fraction(1, 2) if some_minus else minus)


def _sizes(values: Sequence[Fraction], *, fractions: bool) -> tuple[Fraction, ...]:
    """Return magnitudes in the style of some: multiples of one, up to about the largest."""
    most = max(values)
    below = lcm(*(value.denominator for value in values))
    places = next((n for n in range(3) if 10**n % below == 0), None)
    if fractions:
        unit = Fraction(1, below if most >= 1 else 2 * below)
    elif len(set(values)) >= 3:
        unit = Fraction(gcd(*(int(value * below) for value in values)), below)
    else:
        unit = Fraction(1, below) if places is None else Fraction(1, 10**places)
        if all(value % (5 * unit) == 0 for value in values) and unit < FIVES:
            unit *= 5  # 0.35 and 0.6: 0.05, 0.1, 0.15, ...
    while unit * MOST < most:
        unit = Fraction(10) ** (decimal_of(unit, MOST).adjusted() + 1)  # the next power of ten
    few = FEWEST if most >= 1 or fractions else 9  # 0.1, 0.2, ... 0.9
    most = max(most, min(few * unit, 1 - unit) if most < 1 else few * unit)
    count = most // unit
    return tuple(unit * times for times in range(1, count + 1) if unit * times >= SMALLEST * most)
