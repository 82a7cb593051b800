"""What a sheet asks, in the order of the work: the one list that sheets and skeletons share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from backcalc import calculation as calculating
from backcalc.calculation import Calculation
from backcalc.checking.key import FORWARD, GIVEN, GRADIENT, UPDATE, find, key_for, steps_named
from backcalc.errors import BackcalcError
from backcalc.evaluate import Step
from backcalc.expression import Scalar
from backcalc.network import Network
from backcalc.program import assemble

MOST_LINES = 2000  # of one pass that somebody works by hand


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One part of a sheet."""

    heading: str
    """What it is called."""
    role: str
    """What kind of lines it has: forward, gradient, update."""
    steps: tuple[Step, ...]
    """The lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Exercise:
    """A sheet to be worked: the calculation and the lines that are asked."""

    calculation: Calculation
    """The right figures."""
    parts: tuple[Part, ...]
    """The lines in the order of the work."""
    values: Mapping[str, Scalar]
    """The number of every name on the sheet."""
    points: Mapping[str, Fraction] = field(default_factory=dict)
    """What each line earns where the file says so."""

    @property
    def network(self) -> Network:
        """The network with the numbers that are used."""
        return self.calculation.network

    @property
    def steps(self) -> Iterator[Step]:
        """Every line that is asked."""
        for part in self.parts:
            yield from part.steps

    def worth(self, name: str) -> Fraction:
        """The points of a line."""
        return self.points.get(name, Fraction(1))


def exercise(network: Network, rate: Fraction | None = None, steps: int = 1) -> Exercise:
    """The whole sheet of a network; without a learning rate the forward and the backward pass.

    Raises BackcalcError for a network that is too large for it.
    """
    rate = network.learning_rate if rate is None else rate
    steps = max(steps, steps_named(network.points, network))
    program = assemble(network)
    lines = len(program.forward) + len(program.backward)
    if lines > MOST_LINES:
        message = f"{lines} lines of forward and backward pass are no sheet to be worked by hand"
        raise BackcalcError(message, hint=f"at most {MOST_LINES} are; `backcalc train` goes on")
    if rate is None:
        calculation = calculating.backward(network)
    else:
        calculation = calculating.step(network, rate, steps)
    if calculation.stopped:
        raise calculation.stopped
    parts = tuple(_parts(calculation))
    if not network.points:
        return Exercise(calculation, parts, calculation.values)
    key = key_for(network, rate, steps)
    points = {find(key, name): value for name, value in network.points.items()}
    listed = {step.name for part in parts for step in part.steps}
    names = [n for n in points if n not in listed and key.lines[n].role != GIVEN]
    names.sort(key=key.order.__getitem__)
    if names:
        further = tuple(Step(key.lines[name].equation, key.value(name)) for name in names)
        parts += (Part("Further quantities", GRADIENT, further),)
    return Exercise(calculation, parts, {**key.right, **calculation.values}, points)


def _parts(calculation: Calculation) -> Iterator[Part]:
    """Forward pass, backward pass, update, and the forward pass after it."""
    yield Part("1. Forward pass", FORWARD, calculation.forward)
    if not calculation.rounds:
        yield Part("2. Backward pass", GRADIENT, calculation.backward)
    many = len(calculation.rounds) > 1
    for each in calculation.rounds:
        of_step = f" of step {each.number + 1}" if many else ""
        yield Part(f"2. Backward pass{of_step}", GRADIENT, each.backward)
        if each.update:
            yield Part(f"3. Update{of_step}", UPDATE, each.update)
        yield Part(f"4. Forward pass after the update{of_step}", FORWARD, each.after)
