"""What code has to compute in an epoch: all of it in one piece, or one sample and an update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from backcalc.equations.network import Network
from backcalc.equations.optimizers import CLOCK, RATE
from backcalc.equations.program import (
    TOTAL,
    Equation,
    derivative_name,
    loss_name,
    primed,
    update,
)
from backcalc.formulas.expression import Name, Scalar, walk
from backcalc.training.engines.engine import Batches
from backcalc.training.engines.equations import derivatives, for_loss, in_floats
from backcalc.training.engines.operations import Graph

MOST_UNROLLED = 2000
"""Operations up to which the samples of an epoch are written out, each with its own numbers."""
MOST_ALONE = 150_000
"""The same where there is one sample."""

COUNT = "#n"
"""The number of samples in a batch, where it is known only as the code runs."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Operations with what goes in and what comes out, by their places in the graph."""

    graph: Graph
    """The operations."""
    inputs: Mapping[str, int]
    """What is given as the code runs, by name."""
    results: tuple[int, ...]
    """The results; those of an update: new weights, then what the optimizer remembers."""
    losses: tuple[int, ...] = ()
    """The loss, where it is not among the results."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The pieces of code that one network needs."""

    network: Network
    """The network."""
    batches: Batches
    """How an epoch goes through the samples."""
    hasty: bool
    """Whether the code may fail where the network has an answer after all."""
    trained: tuple[str, ...]
    """The weights that change."""
    remembered: tuple[str, ...]
    """What the optimizer remembers."""
    loss: Piece
    """One sample's loss, or that of all samples where they are written out."""
    epoch: Piece | None
    """A whole epoch, where its samples are written out: an update, and the loss before it."""
    sample: Piece | None
    """Else one sample: the derivative by each trained weight."""
    update: Piece | None
    """Else an update from the samples' sums of derivatives."""

    @property
    def operations(self) -> int:
        """How many operations an epoch takes, about."""
        if self.epoch:
            return len(self.epoch.graph.nodes)
        assert self.sample
        assert self.update
        samples = len(self.network.samples)
        updates = self.batches.each(samples)
        return len(self.sample.graph.nodes) * samples + len(self.update.graph.nodes) * updates

    @property
    def statements(self) -> int:
        """How many operations are written out as code, about."""
        pieces = (self.loss, self.epoch, self.sample, self.update)
        return sum(len(piece.graph.nodes) for piece in pieces if piece)


class Planner:
    """The equations of one network, placed in graphs."""

    def __init__(self, network: Network, batches: Batches, *, hasty: bool = True) -> None:
        self.network, self.batches, self.hasty = network, batches, hasty
        self.trained = tuple(name for name in network.weights if name not in network.frozen)
        states = network.descent.state_names
        self.remembered = tuple(state for weight in self.trained for state in states(weight))
        self.own_loss = loss_name(network)
        self.given: dict[str, Scalar] = {**network.constants, **network.descent.numbers}
        exact = {*self.given, *network.inputs, *network.targets}
        forward = for_loss(network)
        backward = derivatives(forward, network, self.trained)
        self.forward, self.backward = in_floats(forward, exact), in_floats(backward, exact)
        self.changes = in_floats(update(network, TOTAL, None), {*self.given})

    def plan(self) -> Plan:
        """Everything that code has to compute."""
        every = range(len(self.network.samples))
        most = MOST_UNROLLED if len(every) > 1 else MOST_ALONE
        equations = (*self.forward, *self.backward)
        operations = sum(isinstance(n, Name) for e in equations for n in walk(e.expression))
        if (self.batches.shuffled and len(every) > 1) or operations * len(every) > most:
            return self._plan(self.one_loss(every), None, self.sample(every), self.updated())
        return self._plan(self.all_losses(), self.epoch(), None, None)

    def _plan(
        self, loss: Piece, epoch: Piece | None, sample: Piece | None, update: Piece | None
    ) -> Plan:
        names = self.trained, self.remembered
        return Plan(self.network, self.batches, self.hasty, *names, loss, epoch, sample, update)

    def epoch(self) -> Piece:
        """A whole epoch, the samples written out: the state after it, and the loss before it."""
        graph, inputs, meaning = self._start((*self.remembered, RATE, CLOCK), hasty=self.hasty)
        clock = inputs[CLOCK]
        losses: list[int] = []
        before = dict(meaning)
        for number, batch in enumerate(self.batches.order(len(self.network.samples), 0, 0), 1):
            own = [self._sample(graph, meaning, range(place, place + 1)) for place in batch]
            losses += [graph.rounded(each[self.own_loss]) for each in own]
            step = graph.total([clock, graph.known(Fraction(number))])
            size = graph.known(Fraction(len(batch)))
            sums = {
                weight: graph.total([graph.rounded(each[self._by(weight)]) for each in own])
                for weight in self.trained
            }
            self._update(graph, meaning | {CLOCK: step}, meaning, sums, size)
        if self.batches.each(len(losses)) > 1:  # the loss before the epoch, with its old weights
            every = range(len(losses))
            losses = [self._loss(graph, before, range(place, place + 1)) for place in every]
        results = tuple(meaning[name] for name in (*self.trained, *self.remembered))
        return Piece(graph, inputs, results, (self._reduced(graph, losses),))

    def sample(self, places: range) -> Piece:
        """One sample of many: the derivatives of its loss."""
        graph, inputs, meaning = self._start((), hasty=self.hasty)
        own = self._sample(graph, meaning, places)
        return Piece(graph, inputs, tuple(own[self._by(weight)] for weight in self.trained))

    def one_loss(self, places: range) -> Piece:
        """One sample of many: its loss."""
        graph, inputs, meaning = self._start(())
        return Piece(graph, inputs, (self._loss(graph, meaning, places),))

    def all_losses(self) -> Piece:
        """The loss over all samples, written out."""
        graph, inputs, meaning = self._start(())
        every = range(len(self.network.samples))
        losses = [self._loss(graph, meaning, range(place, place + 1)) for place in every]
        return Piece(graph, inputs, (self._reduced(graph, losses),))

    def updated(self) -> Piece:
        """The state after an update, from sums of derivatives and the number of samples."""
        sums = {weight: self._by(weight) for weight in self.trained}
        names = (*self.remembered, RATE, CLOCK, *sums.values(), COUNT)
        graph, inputs, meaning = self._start(names)
        totals = {weight: inputs[name] for weight, name in sums.items()}
        self._update(graph, dict(meaning), meaning, totals, inputs[COUNT])
        results = tuple(meaning[name] for name in (*self.trained, *self.remembered))
        return Piece(graph, inputs, results)

    def _start(
        self, names: tuple[str, ...], *, hasty: bool = False
    ) -> tuple[Graph, dict[str, int], dict[str, int]]:
        """A graph with the weights and further inputs, and with the numbers that never change."""
        graph = Graph(hasty=hasty)
        inputs = {name: graph.input(name) for name in (*self.network.weights, *names)}
        return graph, inputs, inputs | {n: graph.known(value) for n, value in self.given.items()}

    def _by(self, weight: str) -> str:
        return derivative_name(self.own_loss, weight)

    def _sample(self, graph: Graph, meaning: Mapping[str, int], places: range) -> dict[str, int]:
        """Every value that the loss needs and derivative of one sample, or of one out of these."""
        return self._placed(graph, meaning, places, (*self.forward, *self.backward))

    def _loss(self, graph: Graph, meaning: Mapping[str, int], places: range) -> int:
        return graph.rounded(self._placed(graph, meaning, places, self.forward)[self.own_loss])

    def _placed(
        self,
        graph: Graph,
        meaning: Mapping[str, int],
        places: range,
        equations: tuple[Equation, ...],
    ) -> dict[str, int]:
        samples = [self.network.samples[place] for place in places]
        own = dict(meaning)
        for name in (*self.network.inputs, *self.network.targets):
            own[name] = graph.known(*(sample[name] for sample in samples))
        for equation in equations:
            own[equation.name] = graph.build(equation.expression, own)
        return own

    def _update(
        self,
        graph: Graph,
        own: dict[str, int],
        meaning: dict[str, int],
        sums: Mapping[str, int],
        size: int,
    ) -> None:
        """Give `meaning` the new weights and states, with `own` for what is meant on the way."""
        mean = self.network.reduction == "mean"
        for weight, total in sums.items():
            gradient = graph.divided(total, size) if mean else total
            own[derivative_name(TOTAL, weight)] = gradient
        for equation in self.changes:
            own[equation.name] = graph.build(equation.expression, own)
        for name in (*self.trained, *self.remembered):
            meaning[name] = own[primed(name, 1)]

    def _reduced(self, graph: Graph, losses: list[int]) -> int:
        total = graph.total(losses)
        if self.network.reduction == "sum":
            return total
        return graph.divided(total, graph.known(Fraction(len(losses))))
