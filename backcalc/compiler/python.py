"""The engine that runs the equations as Python code, compiled as backcalc runs.

The code consists of positional names and numbers; no text of a file gets into it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from backcalc.compiler.code import columns
from backcalc.compiler.engine import Advance, State
from backcalc.compiler.graph import UNDEFINED
from backcalc.compiler.plan import Plan
from backcalc.compiler.python_code import source


class Python:
    """One network's equations as Python functions."""

    name = "python"

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows: list[tuple[float, ...]] = []
        code = source(plan)
        if plan.sample:
            table = columns(plan.loss.graph, plan.sample.graph)
            samples = len(plan.network.samples)
            self.rows = list(zip(*table, strict=True)) if table else [()] * samples
        functions: dict[str, Any] = {"rows": self.rows}
        functions.update(vars(math))
        exec(compile(code, "<equations>", "exec"), functions)
        self._run: Callable[..., Any] = functions["run"]
        self._loss: Callable[..., float] = functions["loss"]

    def advance(
        self, runs: Sequence[State], epochs: int, rate: float, seeds: Sequence[int], *, keep: bool
    ) -> list[Advance]:
        """Take each run so many epochs further."""
        return [
            self.further(state, epochs, rate, seed, keep)
            for state, seed in zip(runs, seeds, strict=True)
        ]

    def further(self, state: State, epochs: int, rate: float, seed: int, keep: bool) -> Advance:
        """One run so many epochs further, or to the last epoch that has finite answers."""
        losses: list[float] = []
        while epochs:
            reached = self._attempt(state, epochs, rate, seed, keep)
            if reached:
                state, more = reached
                return Advance(state, (*losses, *more))
            # Somewhere in these epochs: as many of the first half as can be done, then again.
            if epochs == 1:
                return Advance(state, tuple(losses), undefined=True)
            half = self.further(state, epochs // 2, rate, seed, keep)
            state = half.state
            losses += half.losses
            if half.undefined:
                return Advance(state, tuple(losses), undefined=True)
            epochs -= epochs // 2
        return Advance(state, tuple(losses))

    def _attempt(
        self, state: State, epochs: int, rate: float, seed: int, keep: bool
    ) -> tuple[State, list[float]] | None:
        """The state so many epochs on, with the losses; None where that is undefined."""
        samples = len(self.plan.network.samples)
        clock = float(state.epoch * self.plan.batches.each(samples))
        arguments = state.weights, state.memory, rate, clock, self._orders(state, epochs, seed)
        try:
            weights, memory, losses = self._run(*arguments, keep)
        except UNDEFINED:
            return None
        if not all(map(math.isfinite, (*weights, *memory, *losses))):
            return None
        return State(tuple(weights), tuple(memory), state.epoch + epochs), losses

    def _orders(self, state: State, epochs: int, seed: int) -> Iterable[object]:
        """What each epoch goes through: batches of rows, unless all samples are written out."""
        batches, samples = self.plan.batches, len(self.plan.network.samples)
        if not self.plan.sample:
            return range(epochs)

        def batches_of(epoch: int) -> list[list[tuple[float, ...]]]:
            return [[self.rows[k] for k in batch] for batch in batches.order(samples, epoch, seed)]

        if batches.shuffled:
            return map(batches_of, range(state.epoch, state.epoch + epochs))
        return [batches_of(0)] * epochs

    def loss(self, state: State) -> float:
        """The loss over all samples; nan where it has no finite value."""
        try:
            loss = self._loss(state.weights)
        except UNDEFINED:
            return math.nan
        return loss if math.isfinite(loss) else math.nan
