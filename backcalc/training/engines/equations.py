"""The equations that training runs: those that the loss needs, in floats, and their derivatives."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from backcalc.equations.calculation import run
from backcalc.equations.network import Network
from backcalc.equations.optimizers import CLOCK, RATE, Descent, points_ahead
from backcalc.equations.program import (
    LOSS,
    TOTAL,
    Equation,
    differentiate,
    loss_name,
    lower,
    needed,
    update,
)
from backcalc.errors import UndefinedError
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Comparison,
    Expression,
    Function,
    Inverse,
    Name,
    Negation,
    Number,
    Product,
    Scalar,
    Sum,
    names_in,
    rebuilt,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.parser import MAX_ARGUMENTS
from backcalc.formulas.quantity import Derivative, parsed
from backcalc.training.engines.engine import Advance, Batches, State

SHARED = " of "  # part of the name of each line that is none of the author's
TOP = f"greatest argument{SHARED}"
"""Begins the name of what softmax subtracts for the sake of exponents, which changes no output."""
ROUNDED = Function("rounded", ("z",), float, "1", None)


def for_loss(network: Network, *names: str) -> tuple[Equation, ...]:
    """Return the forward equations that the loss and these values need: training runs no others.

    A softmax layer of more outputs than a formula may have arguments is written with a sum that
    all outputs share, so that there are no more operations than outputs.
    """
    if network.descent.optimizer.ahead:  # where slopes are taken alone
        network = replace(network, descent=Descent())
    forward = lower(network)
    wanted = needed(forward, loss_name(network), *names)
    wanted.update(*(each.siblings for each in forward if each.name in wanted))  # derivatives do
    return tuple(_shared((each for each in forward if each.name in wanted), network))


def derivatives(
    forward: Sequence[Equation], network: Network, by: Sequence[str]
) -> tuple[Equation, ...]:
    """Return the derivatives of the loss, given the equations that it needs."""
    varying = [each for each in forward if not each.name.startswith(TOP)]
    return differentiate(varying, loss_name(network), by, network.conventions)


def is_shared(name: str) -> bool:
    """Return True for a line that outputs of a large layer share, which no file names."""
    return SHARED in name


def in_floats(equations: Iterable[Equation], exact: set[str]) -> tuple[Equation, ...]:
    """Return the equations with floats from each function and choice that is not all exact.

    The names of what stays exact are added to `exact`.
    """

    def rounded(node: Expression) -> Expression:
        if exact.issuperset(names_in(node)):
            return node
        inner = rebuilt(node, rounded)
        return Call(ROUNDED, (inner,)) if isinstance(node, (Call, Choice)) else inner

    changed = []
    for equation in equations:
        changed.append(replace(equation, expression=rounded(equation.expression), terms=()))
        if exact.issuperset(names_in(equation.expression)):
            exact.add(equation.name)
    return tuple(changed)


def _shared(equations: Iterable[Equation], network: Network) -> Iterator[Equation]:
    """The equations with what the outputs of a large softmax layer share as lines of their own."""
    written: dict[str, tuple[Expression, ...]] = {}
    many = len(network.outputs)
    for equation in equations:
        call = equation.expression
        if isinstance(call, Call) and call.function.outputs and len(call.arguments) > MAX_ARGUMENTS:
            first = equation.siblings[0]
            if first not in written:
                lines, written[first] = _layer(first, call)
                yield from lines
            yield replace(equation, expression=written[first][call.output or 0], siblings=())
        elif equation.name == LOSS and network.target_is_class and many > MAX_ARGUMENTS:
            yield from _picked(equation, network)
        else:
            yield equation


def _layer(first: str, call: Call) -> tuple[list[Equation], tuple[Expression, ...]]:
    """The lines that the outputs of a layer share, and each output by these."""
    top = Name(f"{TOP}{first}")
    powers = [Name(f"power {place}{SHARED}{first}") for place in range(len(call.arguments))]
    total, log_total = Name(f"sum{SHARED}{first}"), Name(f"log{SHARED}{first}")
    less: list[Expression] = [Sum((z, Negation(top))) for z in call.arguments]
    shares: list[Expression] = [Call(FUNCTIONS["exp"], (each,)) for each in less]
    sums: Expression = Sum(tuple(powers))
    outputs: list[Expression] = [Product((power, Inverse(total))) for power in powers]
    lines = []
    if call.function.name == "log_softmax":  # as its row computes it; see functions.py
        below = [Comparison(z, "<", top) for z in call.arguments]
        # The greatest one's power is left out of the sum: its place has the value 0, the slope 1.
        shares = [Choice(*each) for each in zip(below, shares, less, strict=True)]
        ties = (Choice(each, ZERO, ONE) for each in below)
        sums = Sum((*powers, Sum((*ties, Number(Fraction(-1))))))
        outputs = [Sum((z, Negation(top), Negation(log_total))) for z in call.arguments]
        lines = [Equation(parsed(log_total.id), Call(FUNCTIONS["log1p"], (total,)))]
    meanings = (Call(FUNCTIONS["max"], call.arguments), *shares, sums)
    named = zip((top, *powers, total), meanings, strict=True)
    lines = [*(Equation(parsed(name.id), meaning) for name, meaning in named), *lines]
    return lines, tuple(outputs)


def _picked(loss: Equation, network: Network) -> Iterator[Equation]:
    """The loss of the output that the target numbers, that output as a line of its own."""
    assert isinstance(loss.expression, Negation)
    assert isinstance(loss.expression.operand, Call)
    right, target = Name(f"output{SHARED}the right class"), Name(network.targets[0])
    terms = (
        Product((Choice(Comparison(target, "==", Number(Fraction(place))), ONE, ZERO), Name(name)))
        for place, name in enumerate(network.outputs)
    )
    yield Equation(parsed(right.id), Sum(tuple(terms)))
    log = Call(loss.expression.operand.function, (right,))
    yield replace(loss, expression=Negation(log))


class InFloats:
    """A network's equations of one sample, its derivatives and its update, as training runs them.

    Weights, the learning rate and what the optimizer remembers are floats; all that the file
    gives besides stays exact until it meets one. With `plain` all stays as the author wrote it.
    """

    def __init__(
        self, network: Network, batches: Batches, by: Sequence[str] = (), *, plain: bool = False
    ) -> None:
        self.network, self.batches, self.own_loss = network, batches, loss_name(network)
        self.trained = tuple(name for name in network.weights if name not in network.frozen)
        states = network.descent.state_names
        self.remembered = tuple(state for weight in self.trained for state in states(weight))
        self.given: dict[str, Scalar] = {**network.constants, **network.descent.numbers}
        exact = {*self.given, *network.inputs, *network.targets}
        self.forward = for_loss(network)
        self.backward = derivatives(self.forward, network, by or self.trained)
        self.update = update(network, TOTAL, None)
        away = bool(network.descent.optimizer.ahead)
        points = points_ahead(network.descent, self.trained) if away else {}
        self.points = tuple(Equation(parsed(name), right) for name, right in points.values())
        self.ahead = {weight: name for weight, (name, _) in points.items()}
        """For each weight the point at which its gradient is taken, where that is another one."""
        if not plain:
            self.points = in_floats(self.points, {*self.given})
            self.forward = in_floats(self.forward, exact)
            self.backward = in_floats(self.backward, exact)
            self.update = in_floats(self.update, {*self.given})


class Equations(InFloats):
    """One network's equations, worked out one by one as often as is asked."""

    name = "equations"

    def __init__(self, network: Network, batches: Batches, *, plain: bool = False) -> None:
        super().__init__(network, batches, tuple(network.weights), plain=plain)
        every = (*self.forward, *self.backward)
        uses = needed(every, *(each.name for each in self.backward))
        self.necessary = tuple(each for each in self.forward if each.name in uses)
        """The forward equations without those that only the loss needs."""

    def advance(
        self, runs: Sequence[State], epochs: int, rate: float, seeds: Sequence[int], *, keep: bool
    ) -> list[Advance]:
        """Take each run so many epochs further."""
        return [
            self._advance(state, epochs, rate, seed, keep)
            for state, seed in zip(runs, seeds, strict=True)
        ]

    def _advance(self, state: State, epochs: int, rate: float, seed: int, keep: bool) -> Advance:
        losses: list[float] = []
        for _ in range(epochs):
            try:
                loss = self._mean(self.losses(state)) if keep else 0.0
                state = self.epoch(state, rate, seed)
            except UndefinedError:
                return Advance(state, tuple(losses), undefined=True)
            losses += [loss] if keep else []
        return Advance(state, tuple(losses))

    def epoch(self, state: State, rate: float, seed: int) -> State:
        """One epoch; raises UndefinedError, naming the equation, where it has no finite answer."""
        samples = len(self.network.samples)
        clock = state.epoch * self.batches.each(samples)
        values = self._values(state) | {RATE: rate}
        for batch in self.batches.order(samples, state.epoch, seed):
            clock += 1
            run(self.points, values)
            at = {**values, **{weight: values[point] for weight, point in self.ahead.items()}}
            for weight, slope in self.gradient(at, batch, self.necessary).items():
                values[Derivative(TOTAL, weight)] = slope
            values[CLOCK] = float(clock)
            run(self.update, values)
            for name in (*self.trained, *self.remembered):
                values[name] = values[parsed(name).after(1)]
        return State(
            tuple(float(values[weight]) for weight in self.network.weights),
            tuple(float(values[name]) for name in self.remembered),
            state.epoch + 1,
        )

    def gradient(
        self,
        values: Mapping[str, Scalar],
        places: Iterable[int],
        forward: Sequence[Equation] | None = None,
    ) -> dict[str, float]:
        """The derivative of the loss over some samples by each weight.

        Raises UndefinedError where a value on the way is undefined, that of the loss too unless
        other forward equations are given.
        """
        worked = []
        for place in places:
            own = {**values, **self.network.samples[place]}
            run(forward or self.forward, own)
            run(self.backward, own)
            worked.append(own)
        names = {weight: Derivative(self.own_loss, weight) for weight in self.network.weights}
        return {weight: self._mean(own[name] for own in worked) for weight, name in names.items()}

    def losses(self, state: State) -> list[Scalar]:
        """The loss of each sample; raises UndefinedError where one has no finite answer."""
        return [values[self.own_loss] for values in self.passes(state)]

    def passes(self, state: State) -> list[dict[str, Scalar]]:
        """The forward pass of each sample: every value that the loss needs, by its name."""
        start = self._values(state)
        passes = [{**start, **sample} for sample in self.network.samples]
        for values in passes:
            run(self.forward, values)
        return passes

    def loss(self, state: State) -> float:
        """The loss over all samples; nan where it has no finite value."""
        try:
            return self._mean(self.losses(state))
        except UndefinedError:
            return math.nan

    def _mean(self, each: Iterable[Scalar]) -> float:
        """The samples' values as one, added in their order: the mean or the sum."""
        first, *others = map(float, each)
        for value in others:
            first += value
        return first / (1 + len(others)) if self.network.reduction == "mean" else first

    def _values(self, state: State) -> dict[str, Scalar]:
        values = self.given | dict(zip(self.network.weights, state.weights, strict=True))
        return values | dict(zip(self.remembered, state.memory, strict=True))
