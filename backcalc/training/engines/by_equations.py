"""The engine that works equation by equation: slow, with no preparation, naming what fails."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from backcalc.equations.calculation import run
from backcalc.equations.network import Network
from backcalc.equations.optimizers import CLOCK, RATE
from backcalc.equations.program import (
    TOTAL,
    Equation,
    derivative_name,
    loss_name,
    needed,
    update,
)
from backcalc.errors import UndefinedError
from backcalc.formulas.expression import Scalar
from backcalc.formulas.quantity import parsed
from backcalc.training.engines.engine import Advance, Batches, State
from backcalc.training.engines.equations import derivatives, for_loss, in_floats


class Equations:
    """One network's equations of one sample, worked out in floats as often as is asked.

    Weights, the learning rate and what the optimizer remembers are floats; all that the file
    gives besides stays exact until it meets one.
    """

    name = "equations"

    def __init__(self, network: Network, batches: Batches) -> None:
        self.network, self.batches = network, batches
        self.own_loss = loss_name(network)
        weights = tuple(network.weights)
        given = {*network.constants, *network.descent.numbers}
        exact = {*given, *network.inputs, *network.targets}
        forward = for_loss(network)
        backward = derivatives(forward, network, weights)
        self.forward = in_floats(forward, exact)
        self.backward = in_floats(backward, exact)
        uses = needed((*forward, *backward), *(each.name for each in backward))
        self.necessary = tuple(each for each in self.forward if each.name in uses)
        """The forward equations without those that only the loss needs."""
        self.update = in_floats(update(network, TOTAL, None), given)
        self.trained = [weight for weight in weights if weight not in network.frozen]
        self.remembered = [n for w in self.trained for n in network.descent.state_names(w)]

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
            worked = [self._worked(values, place, self.necessary) for place in batch]
            for weight in self.network.weights:
                own = derivative_name(self.own_loss, weight)
                values[derivative_name(TOTAL, weight)] = self._mean(each[own] for each in worked)
            values[CLOCK] = float(clock)
            run(self.update, values)
            for name in (*self.trained, *self.remembered):
                values[name] = values[parsed(name).after(1)]
        return State(
            tuple(float(values[weight]) for weight in self.network.weights),
            tuple(float(values[name]) for name in self.remembered),
            state.epoch + 1,
        )

    def sample(self, values: dict[str, Scalar], place: int) -> dict[str, Scalar]:
        """Every value that the loss needs and every derivative of one sample."""
        return self._worked(values, place, self.forward)

    def _worked(
        self, values: dict[str, Scalar], place: int, forward: Iterable[Equation]
    ) -> dict[str, Scalar]:
        own = {**values, **self.network.samples[place]}
        run(forward, own)
        run(self.backward, own)
        return own

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
        network = self.network
        values: dict[str, Scalar] = {**network.constants, **network.descent.numbers}
        values.update(zip(network.weights, state.weights, strict=True))
        values.update(zip(self.remembered, state.memory, strict=True))
        return values
