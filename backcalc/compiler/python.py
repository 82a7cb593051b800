"""The engine that runs the equations as Python code, compiled as backcalc runs.

The code consists of positional names and numbers; no text of a file gets into it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from backcalc.compiler.code import columns
from backcalc.compiler.engine import Advance, Batches, State, cores
from backcalc.compiler.graph import UNDEFINED
from backcalc.compiler.plan import Plan
from backcalc.compiler.python_code import source

if TYPE_CHECKING:
    from concurrent.futures import Executor

Rows = list[tuple[float, ...]] | None
"""What differs by sample, a row for each; None where all samples are written out."""


class Python:
    """One network's equations as Python functions."""

    name = "python"

    def __init__(self, code: str, rows: Rows, samples: int, batches: Batches) -> None:
        self.given = code, rows, samples, batches
        self.rows, self.samples, self.batches = rows, samples, batches
        functions: dict[str, Any] = {**vars(math), "rows": rows}
        exec(compile(code, "<equations>", "exec"), functions)
        self._run: Callable[..., Any] = functions["run"]
        self._loss: Callable[..., float] = functions["loss"]
        self._workers: Executor | None = None

    @staticmethod
    def of(plan: Plan) -> Python:
        """The engine of a plan."""
        table = columns(plan.loss.graph, plan.sample.graph) if plan.sample else []
        samples = len(plan.network.samples)
        rows: Rows = list(zip(*table, strict=True)) if table else [()] * samples
        return Python(source(plan), rows if plan.sample else None, samples, plan.batches)

    def on_all_cores(self) -> Python:
        """The same engine with its runs spread over the cores, each a process of its own."""
        if cores() > 1 and self._workers is None:
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            self._workers = ProcessPoolExecutor(
                cores(), multiprocessing.get_context("spawn"), _prepare, self.given
            )
        return self

    def advance(
        self, runs: Sequence[State], epochs: int, rate: float, seeds: Sequence[int], *, keep: bool
    ) -> list[Advance]:
        """Take each run so many epochs further."""
        if self._workers and len(runs) > 1:
            parts = [slice(start, None, cores()) for start in range(min(cores(), len(runs)))]
            jobs = [
                self._workers.submit(_work, runs[part], epochs, rate, seeds[part], keep)
                for part in parts
            ]
            reached: list[Advance] = [Advance(state) for state in runs]
            for part, job in zip(parts, jobs, strict=True):
                reached[part] = job.result()
            return reached
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
        clock = float(state.epoch * self.batches.each(self.samples))
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
        rows = self.rows
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
        try:
            loss = self._loss(state.weights)
        except UNDEFINED:
            return math.nan
        return loss if math.isfinite(loss) else math.nan


_own: list[Python] = []
"""In a process that works for another: its engine."""


def _prepare(code: str, rows: Rows, samples: int, batches: Batches) -> None:
    """Make a worker's engine; whoever asked for it answers an interrupt."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _own[:] = [Python(code, rows, samples, batches)]


def _work(
    runs: Sequence[State], epochs: int, rate: float, seeds: Sequence[int], keep: bool
) -> list[Advance]:
    return _own[0].advance(runs, epochs, rate, seeds, keep=keep)
