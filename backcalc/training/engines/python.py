"""The engine that runs the equations as Python code, compiled as backcalc runs.

The code consists of positional names and numbers; no text of a file gets into it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from backcalc.training.engines.code import columns
from backcalc.training.engines.engine import Advance, State
from backcalc.training.engines.plan import UNDEFINED, Pieces, Planner
from backcalc.training.engines.python_code import source


class Functions:
    """The functions of compiled code."""

    def __init__(self, plan: Pieces) -> None:
        self.rows: list[tuple[float, ...]] | None = None
        """Numbers that differ by sample, a row for each; None where all samples are written out."""
        if not plan.epoch:
            table = columns(plan)
            self.rows = list(zip(*table, strict=True)) or [()] * len(plan.network.samples)
        functions: dict[str, Any] = {**vars(math), "rows": self.rows}
        for part in source(plan):
            exec(compile(part, "<equations>", "exec"), functions)
        self.run: Callable[..., Any] = functions["run"]
        self.loss: Callable[..., float] = functions["loss"]


class Python:
    """One network's equations as Python functions: hasty ones, careful ones where these fail."""

    name = "python"

    def __init__(self, plan: Pieces) -> None:
        self.network, self.batches = plan.network, plan.batches
        self.samples = len(plan.network.samples)
        self.hasty = Functions(plan)

    @cached_property
    def careful(self) -> Functions:
        """The functions that fail only where the network has no answer."""
        return Functions(Planner(self.network, self.batches, hasty=False).plan())

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
        asked = state, epochs, rate, seed, keep
        return self._attempt(self.hasty, *asked) or self._as_far_as_defined(*asked)

    def _as_far_as_defined(
        self, state: State, epochs: int, rate: float, seed: int, keep: bool
    ) -> Advance:
        """Halves of these epochs, and halves of halves, up to the one that has no answer."""
        losses: tuple[float, ...] = ()
        while epochs:
            reached = self._attempt(self.careful, state, epochs, rate, seed, keep)
            if reached:
                return Advance(reached.state, losses + reached.losses)
            if epochs == 1:
                break
            half = self._as_far_as_defined(state, epochs // 2, rate, seed, keep)
            state, losses = half.state, losses + half.losses
            if half.undefined:
                break
            epochs -= epochs // 2
        return Advance(state, losses, undefined=bool(epochs))

    def _attempt(
        self, functions: Functions, state: State, epochs: int, rate: float, seed: int, keep: bool
    ) -> Advance | None:
        """The run so many epochs further; None where that is undefined."""
        clock = float(state.epoch * self.batches.each(self.samples))
        orders = self._orders(functions.rows, state, epochs, seed)
        try:
            weights, memory, losses = functions.run(
                state.weights, state.memory, rate, clock, orders, keep
            )
        except UNDEFINED:
            return None
        if not all(map(math.isfinite, (*weights, *memory, *losses))):
            return None
        return Advance(State(tuple(weights), tuple(memory), state.epoch + epochs), tuple(losses))

    def _orders(
        self, rows: Sequence[tuple[float, ...]] | None, state: State, epochs: int, seed: int
    ) -> Iterable[object]:
        """The batches of rows of each epoch, unless all samples are written out."""
        if rows is None:
            return range(epochs)

        def batches_of(epoch: int) -> list[list[tuple[float, ...]]]:
            order = self.batches.order(self.samples, epoch, seed)
            return [[rows[place] for place in batch] for batch in order]

        if self.batches.shuffled:
            return map(batches_of, range(state.epoch, state.epoch + epochs))
        return [batches_of(0)] * epochs

    def loss(self, state: State) -> float:
        """The loss over all samples; nan where it has no finite value."""
        for way in ("hasty", "careful"):
            with suppress(*UNDEFINED):
                loss: float = getattr(self, way).loss(state.weights)
                if math.isfinite(loss):
                    return loss
        return math.nan
