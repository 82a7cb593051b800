"""The work of an epoch as graphs: all of it in one piece, or one sample and an update."""

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
    update,
)
from backcalc.formulas.expression import Name, Scalar, walk
from backcalc.formulas.quantity import parsed
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
    """Values that are given as the code runs, by name."""
    results: tuple[int, ...]
    """The results; those of an update: new weights, then what the optimizer remembers."""
    checks: tuple[int, ...] = ()
    """Values that must not be zero, or the results do not hold."""


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The pieces of code that one network needs."""

    network: Network
    """The network."""
    batches: Batches
    """How an epoch goes through the samples."""
    trained: tuple[str, ...]
    """The weights that change."""
    remembered: tuple[str, ...]
    """The optimizer's memory."""
    loss: Piece
    """One sample's loss, or that of all samples where they are written out."""
    epoch: Piece | None = None
    """A whole epoch, where its samples are written out: an update, after the loss before it."""
    sample: Piece | None = None
    """Else one sample: the derivative by each trained weight."""
    update: Piece | None = None
    """Else an update from the samples' sums of derivatives."""

    @property
    def operations(self) -> int:
        """How many operations an epoch takes, about."""
        samples = len(self.network.samples)
        counts = (
            (self.epoch, 1), (self.sample, samples), (self.update, self.batches.each(samples))
        )  # fmt: skip
        return sum(len(piece.graph.nodes) * count for piece, count in counts if piece)

    @property
    def statements(self) -> int:
        """How many operations are written out as code, about."""
        pieces = (self.epoch, self.sample, self.update)
        return sum(len(piece.graph.nodes) for piece in pieces if piece)


class Planner:
    """The equations of one network, placed in graphs.

    A hasty plan may fail where the network has an answer after all.
    """

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

    def plan(self) -> Pieces:
        """Return everything that code has to compute."""
        samples = len(self.network.samples)
        most = MOST_UNROLLED if samples > 1 else MOST_ALONE
        equations = (*self.forward, *self.backward)
        operations = sum(isinstance(n, Name) for e in equations for n in walk(e.expression))
        known = self.network, self.batches, self.trained, self.remembered
        if operations * samples <= most and not (self.batches.shuffled and samples > 1):
            return Pieces(*known, *self.epoch())
        sample, loss = self.sample(range(samples))
        return Pieces(*known, loss, sample=sample, update=self.updated())

    def epoch(self) -> tuple[Piece, Piece]:
        """The loss over all samples, and an epoch of all their operations."""
        names = (*self.remembered, RATE, CLOCK)
        graph, inputs, meaning = self._start(names, hasty=self.hasty)
        clock, before = inputs[CLOCK], dict(meaning)
        forward: dict[int, dict[str, int]] = {}
        checks: list[int] = []
        for number, batch in enumerate(self.batches.order(len(self.network.samples), 0, 0), 1):
            own = [self._forward(graph, meaning, range(place, place + 1)) for place in batch]
            if number == 1:  # else the loss has to be worked out with the weights before the epoch
                forward |= zip(batch, own, strict=True)
                checks += graph.checks
            own = [self._placed(graph, each, self.backward) for each in own]
            step = graph.total([clock, graph.known(Fraction(number))])
            size = graph.known(Fraction(len(batch)))
            sums = {
                weight: graph.total([graph.rounded(each[self._by(weight)]) for each in own])
                for weight in self.trained
            }
            self._update(graph, meaning | {CLOCK: step}, meaning, sums, size)
        for place in range(len(self.network.samples)):
            if place not in forward:
                done = len(graph.checks)
                forward[place] = self._forward(graph, before, range(place, place + 1))
                checks += graph.checks[done:]
        losses = [graph.rounded(forward[place][self.own_loss]) for place in sorted(forward)]
        total = graph.total(losses)
        if self.network.reduction == "mean":
            total = graph.divided(total, graph.known(Fraction(len(losses))))
        loss = Piece(graph, inputs, (total,), tuple(checks))
        return loss, Piece(graph, inputs, self._state(meaning), tuple(graph.checks))

    def sample(self, places: range) -> tuple[Piece, Piece]:
        """One sample of many: the derivatives of its loss, and its loss."""
        graph, inputs, meaning = self._start((), hasty=self.hasty)
        own = self._forward(graph, meaning, places)
        loss = graph.rounded(own[self.own_loss])
        checks = tuple(graph.checks)
        own = self._placed(graph, own, self.backward)
        results = tuple(own[self._by(weight)] for weight in self.trained)
        return (
            Piece(graph, inputs, results, tuple(graph.checks)),
            Piece(graph, inputs, (loss,), checks),
        )

    def updated(self) -> Piece:
        """The state after an update, from sums of derivatives and the number of samples."""
        sums = {weight: self._by(weight) for weight in self.trained}
        names = (*self.remembered, RATE, CLOCK, *sums.values(), COUNT)
        graph, inputs, meaning = self._start(names)
        totals = {weight: inputs[name] for weight, name in sums.items()}
        self._update(graph, dict(meaning), meaning, totals, inputs[COUNT])
        return Piece(graph, inputs, self._state(meaning))

    def _start(
        self, names: tuple[str, ...], *, hasty: bool = False
    ) -> tuple[Graph, dict[str, int], dict[str, int]]:
        """A graph with the weights and further inputs, and with the numbers that never change."""
        graph = Graph(hasty=hasty)
        inputs = {name: graph.input(name) for name in (*self.network.weights, *names)}
        return graph, inputs, inputs | {n: graph.known(value) for n, value in self.given.items()}

    def _by(self, weight: str) -> str:
        return derivative_name(self.own_loss, weight)

    def _state(self, meaning: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(meaning[name] for name in (*self.trained, *self.remembered))

    def _forward(self, graph: Graph, meaning: Mapping[str, int], places: range) -> dict[str, int]:
        """Every value that the loss needs of one sample, or of one out of these."""
        samples = [self.network.samples[place] for place in places]
        own = dict(meaning)
        for name in (*self.network.inputs, *self.network.targets):
            own[name] = graph.known(*(sample[name] for sample in samples))
        return self._placed(graph, own, self.forward)

    def _placed(
        self, graph: Graph, meaning: Mapping[str, int], equations: tuple[Equation, ...]
    ) -> dict[str, int]:
        own = dict(meaning)
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
        own = self._placed(graph, own, self.changes)
        for name in (*self.trained, *self.remembered):
            meaning[name] = own[parsed(name).after(1)]
