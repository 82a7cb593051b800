"""One derivative as the sum over all its paths, beside what backpropagation accumulates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.equations.calculation import Calculation, known_value, quantity
from backcalc.equations.evaluate import start_values, with_enough_digits, work_out
from backcalc.equations.network import Network
from backcalc.equations.program import (
    Equation,
    Program,
    assemble,
    differentiate,
    needed,
)
from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.explaining.paths import PathSum, path_sum
from backcalc.formulas.expression import ZERO, Scalar, replaced
from backcalc.formulas.functions import simplified
from backcalc.formulas.quantity import Derivative, Quantity, parsed


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """One derivative as a sum over paths, beside what backpropagation accumulates."""

    calculation: Calculation
    """The forward pass and the derivatives on the way."""
    name: str
    """The derivative."""
    paths: PathSum
    """Its paths."""
    value: Scalar
    """What backpropagation finds."""
    without: tuple[str, Explanation] | None = None
    """A weight and the same derivative with that weight's edges taken away."""

    @property
    def agrees(self) -> bool:
        """Whether the paths add up to what backpropagation finds, to the last rounding."""
        total = self.paths.total
        if isinstance(total, Fraction) and isinstance(self.value, Fraction):
            return total == self.value
        largest = max((abs(float(path.value)) for path in self.paths.paths), default=0.0)
        return abs(float(total) - float(self.value)) <= 1e-12 * max(largest, 1e-300)


@with_enough_digits
def explain(network: Network, derivative: str, *, without: str | None = None) -> Explanation:
    """A derivative `dL/dw0`, of any value by any, as the sum over all its paths."""
    program = assemble(network)
    of, by = _asked(derivative, program, network)
    values = start_values(network)
    passed = work_out(program.forward, values)
    equations = differentiate(program.forward, of, [by], network.conventions)
    worked = work_out(_only(equations, of, by), values)
    paths = path_sum(program.forward, of, by, values, network.conventions)
    value = Fraction(1) if of == by else worked[-1].value
    name = Derivative(of, by)
    calculation = Calculation(network, program, values, passed, of, worked)
    cut = None
    if without is not None:
        if without == by:
            raise BackcalcError(f"{by} cannot be taken away from the derivative by {by}")
        cut = without, explain(_without(network, without), name)
    return Explanation(calculation, name, paths, value, cut)


def _only(equations: tuple[Equation, ...], of: Quantity, by: Quantity) -> list[Equation]:
    """Those equations that the derivative by `by` needs, that one last."""
    name = Derivative(of, by)
    kept = needed(equations, name)
    return sorted(
        (equation for equation in equations if equation.name in kept),
        key=lambda equation: equation.name == name,
    )


def _without(network: Network, weight: str) -> Network:
    """The network with a weight's edges, and its terms in equations, taken away."""
    if weight not in network.weights:
        hint = did_you_mean(weight, network.weights)
        hint = hint or f"the weights are {listed(network.weights)}"
        raise BackcalcError(f"there is no weight {weight!r} to take away", hint=hint)
    units = tuple(
        replace(
            unit,
            edges=tuple(edge for edge in unit.edges if edge.weight != weight),
            bias=None if unit.bias == weight else unit.bias,
        )
        for unit in network.units
    )
    definitions = tuple(
        replace(line, expression=simplified(replaced(line.expression, {weight: ZERO})))
        for line in network.definitions
    )
    loss = network.loss
    if not isinstance(loss, str):
        loss = simplified(replaced(loss, {weight: ZERO}))
    weights = {name: value for name, value in network.weights.items() if name != weight}
    frozen = tuple(name for name in network.frozen if name != weight)
    return replace(
        network, units=units, definitions=definitions, loss=loss, weights=weights, frozen=frozen
    )


def _asked(text: str, program: Program, network: Network) -> tuple[Quantity, Quantity]:
    """The two values that a derivative's name names."""
    name = parsed(quantity(text, program.loss))
    if not isinstance(name, Derivative):
        raise BackcalcError(f"{text[:60]!r} is not a derivative", hint="write it as dL/dw0")
    of = known_value(name.of, program, network)
    return of, known_value(name.by, program, network, leaves=True)
