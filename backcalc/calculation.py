"""What a command asks for, worked out whole: forward, backward, steps, one derivative explained."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.errors import BackcalcError, did_you_mean, listed
from backcalc.evaluate import Step, run, start_values
from backcalc.expression import ZERO, Scalar, replaced
from backcalc.functions import simplified
from backcalc.network import Network
from backcalc.paths import PathSum, path_sum
from backcalc.program import (
    RATE,
    Equation,
    Program,
    after_steps,
    assemble,
    denominator,
    differentiate,
    loss_name,
    lower,
    needed,
    numerator,
)

MOST_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Round:
    """One step of gradient descent and what came of it."""

    number: int
    """Which step, from 0: its quantities carry so many primes."""
    forward: tuple[Step, ...]
    """The forward pass before the step."""
    backward: tuple[Step, ...]
    """The derivatives."""
    update: tuple[Step, ...]
    """The new weights."""
    after: tuple[Step, ...]
    """The forward pass with the new weights."""

    @property
    def loss_before(self) -> Scalar:
        """The loss before the step."""
        return self.forward[-1].value

    @property
    def loss_after(self) -> Scalar:
        """The loss after it."""
        return self.after[-1].value


@dataclass(frozen=True, slots=True)
class Calculation:
    """A network worked out: the equations, the numbers and the steps that were asked for."""

    network: Network
    """The network with the numbers that were used."""
    program: Program
    """Its equations."""
    values: Mapping[str, Scalar]
    """The number of every name."""
    forward: tuple[Step, ...]
    """The forward pass."""
    of: str
    """What the derivatives are of: the loss unless another value was asked for."""
    backward: tuple[Step, ...] = ()
    """The derivatives, if they were asked for."""
    rounds: tuple[Round, ...] = ()
    """The steps of gradient descent, if they were asked for."""
    by_inputs: bool = False
    """Whether derivatives by the inputs were asked for too."""


def with_numbers(network: Network, changes: Mapping[str, Fraction]) -> Network:
    """The network with other numbers for some weights, constants, inputs or targets.

    With several samples `x[2]` is the x of sample 2 and `x` that of all.
    """
    weights, constants = dict(network.weights), dict(network.constants)
    samples = [dict(sample) for sample in network.samples]
    for name, value in changes.items():
        stem, _, index = name.rstrip("]").partition("[")
        if name in weights:
            weights[name] = value
        elif name in constants:
            constants[name] = value
        elif stem in samples[0] and (not index or 0 < int(index) <= len(samples)):
            for sample in samples if not index else [samples[int(index) - 1]]:
                sample[stem] = value
        else:
            known = [*weights, *constants, *samples[0]]
            message = f"there is no number {name!r} to set"
            hint = did_you_mean(name, known) or f"the file gives numbers to {listed(known)}"
            raise BackcalcError(message, hint=hint)
    return replace(network, weights=weights, constants=constants, samples=tuple(samples))


def forward(network: Network) -> Calculation:
    """The forward pass."""
    program = assemble(network)
    values = start_values(network)
    return Calculation(network, program, values, run(program.forward, values), program.loss)


def backward(network: Network, *, of: str | None = None, by_inputs: bool = False) -> Calculation:
    """The forward pass and the derivatives of the loss, or of any value `of`."""
    program = assemble(network, by_inputs=by_inputs)
    of = program.loss if of is None else known_value(of, program, network)
    if of != program.loss:
        program = replace(program, backward=backward_equations(network, program, of, by_inputs))
    values = start_values(network)
    passed = run(program.forward, values)
    worked = run(program.backward, values)
    return Calculation(network, program, values, passed, of, worked, by_inputs=by_inputs)


def backward_equations(
    network: Network, program: Program, of: str, by_inputs: bool
) -> tuple[Equation, ...]:
    """The derivatives of any value by the weights (and inputs) under the network's conventions."""
    if of == program.loss:
        return assemble(network, by_inputs=by_inputs).backward
    by = [*network.weights, *(sample_names(network, network.inputs) if by_inputs else ())]
    return differentiate(program.forward, of, by, network.conventions)


def step(
    network: Network, rate: Fraction | None = None, steps: int = 1, *, by_inputs: bool = False
) -> Calculation:
    """So many steps of gradient descent, each with its forward pass, derivatives and update."""
    rate = network.learning_rate if rate is None else rate
    if rate is None:
        message = "no learning rate is given"
        raise BackcalcError(message, hint="add --lr 0.5, or learning_rate: 0.5 to the file")
    if not 0 < steps <= MOST_STEPS:
        raise BackcalcError(f"steps must be from 1 to {MOST_STEPS}, not {steps}")
    program = assemble(network, by_inputs=by_inputs)
    values = start_values(network)
    values[RATE] = rate
    passed = first = run(program.forward, values)
    rounds = []
    for number in range(steps):
        derived = run(after_steps(program.backward, number, network), values)
        changed = run(after_steps(program.update, number, network), values)
        after = run(after_steps(program.forward, number + 1, network), values)
        rounds.append(Round(number, passed, derived, changed, after))
        passed = after
    own = rounds[0].backward
    return Calculation(
        network, program, values, first, program.loss, own, tuple(rounds), by_inputs=by_inputs
    )


def formulas(network: Network) -> tuple[tuple[Equation, ...], tuple[Equation, ...]]:
    """The forward equations of one sample and the derivatives of its loss, without numbers."""
    forward_equations = lower(network)
    loss = loss_name(network)
    by = tuple(network.weights)
    return forward_equations, differentiate(forward_equations, loss, by, network.conventions)


def check_wrt(calculation: Calculation, name: str | None) -> None:
    """Say so where there is no derivative by this name, with those that there are."""
    if name is None:
        return
    known = [denominator(step.name) for step in calculation.backward]
    if name not in known:
        hint = did_you_mean(name, known) or f"there are derivatives by {listed(known, 20)}"
        raise BackcalcError(f"there is no derivative by {name[:60]!r}", hint=hint)


def gradients_after(calculation: Calculation) -> tuple[Step, ...]:
    """The derivatives that one more step would start from, or none where one is undefined."""
    steps = len(calculation.rounds)
    equations = after_steps(calculation.program.backward, steps, calculation.network)
    try:
        return run(equations, dict(calculation.values))
    except BackcalcError:
        return ()


# One derivative explained.


@dataclass(frozen=True, slots=True)
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


def explain(network: Network, derivative: str, *, without: str | None = None) -> Explanation:
    """A derivative `dL/dw0`, of any value by any, as the sum over all its paths."""
    program = assemble(network)
    of, by = _asked(derivative, program, network)
    values = start_values(network)
    passed = run(program.forward, values)
    equations = differentiate(program.forward, of, [by], network.conventions)
    worked = run(_only(equations, of, by), values)
    paths = path_sum(program.forward, of, by, values, network.conventions)
    value = Fraction(1) if of == by else worked[-1].value
    name = f"d{of}/d{by}"
    calculation = Calculation(network, program, values, passed, of, worked)
    cut = None
    if without is not None:
        cut = without, explain(_without(network, without), name)
    return Explanation(calculation, name, paths, value, cut)


def _only(equations: tuple[Equation, ...], of: str, by: str) -> list[Equation]:
    """Those equations that the derivative by `by` needs, that one last."""
    name = f"d{of}/d{by}"
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


def _asked(text: str, program: Program, network: Network) -> tuple[str, str]:
    """The two values that a derivative's name names."""
    name = quantity(text, program.loss)
    if not re.fullmatch(r"d[^/]+/d[^/]+", name):
        raise BackcalcError(f"{text[:60]!r} is not a derivative", hint="write it as dL/dw0")
    of, by = numerator(name), denominator(name)
    return known_value(of, program, network), known_value(by, program, network, leaves=True)


def quantity(text: str, loss: str = "L") -> str:
    """A quantity's name as people type it: `∂L/∂ŷ` and `grad w0` are understood.

    >>> quantity("∂L/∂ŷ1"), quantity("grad w0")
    ('dL/dyhat1', 'dL/dw0')
    """
    name = unicodedata.normalize("NFC", text).strip().replace("∂", "d").replace("ŷ", "yhat")
    name = name.replace("\N{PRIME}", "'").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    match = re.fullmatch(r"grad[ (]+([^ )]+)\)?", name)
    if match:
        return f"d{loss}/d{match.group(1)}"
    return re.sub(r"\s*/\s*", "/", name)


def known_value(text: str, program: Program, network: Network, *, leaves: bool = False) -> str:
    """A value of the program by its name, or an error that lists what there is."""
    name = quantity(text, program.loss)
    known = [equation.name for equation in program.forward]
    if leaves:
        known += [*network.weights, *network.constants]
        known += sample_names(network, [*network.inputs, *network.targets])
    if name in known:
        return name
    hint = did_you_mean(name, known) or f"known values: {listed(known, 20)}"
    if f"{name}[1]" in known:
        hint = f"name the sample too: {name}[1] to {name}[{len(network.samples)}]"
    raise BackcalcError(f"there is no value {text[:60]!r} in this network", hint=hint)


def sample_names(network: Network, names: tuple[str, ...] | list[str]) -> list[str]:
    """Names that differ by sample, with each sample's number where there are several."""
    if len(network.samples) == 1:
        return list(names)
    numbers = range(1, len(network.samples) + 1)
    return [f"{name}[{number}]" for number in numbers for name in names]
