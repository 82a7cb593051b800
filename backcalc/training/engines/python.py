"""The engine that runs the equations as Python code, compiled as backcalc runs.

The code consists of positional names and numbers; no text of a file gets into it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from backcalc.training.engines.code import columns
from backcalc.training.engines.engine import Advance, Batches, State, cores
from backcalc.training.engines.operations import UNDEFINED
from backcalc.training.engines.plan import Plan, Planner
from backcalc.training.engines.python_code import source

if TYPE_CHECKING:
    from concurrent.futures import Executor

Rows = list[tuple[float, ...]] | None
"""What differs by sample, a row for each; None where all samples are written out."""


class Code(NamedTuple):
    """Code with the numbers that it goes through."""

    parts: tuple[str, ...]
    """The source, function by function."""
    rows: Rows
    """What differs by sample."""

    @staticmethod
    def of(plan: Plan) -> Code:
        """The code of a plan."""
        if plan.epoch:
            return Code(source(plan), None)
        table = columns(plan)
        samples = len(plan.network.samples)
        return Code(source(plan), list(zip(*table, strict=True)) if table else [()] * samples)


class Functions:
    """The functions of compiled code."""

    def __init__(self, code: Code) -> None:
        functions: dict[str, Any] = {**vars(math), "rows": code.rows}
        for part in code.parts:
            exec(compile(part, "<equations>", "exec"), functions)
        self.rows = code.rows
        self.run: Callable[..., Any] = functions["run"]
        self.loss: Callable[..., float] = functions["loss"]


class Python:
    """One network's equations as Python functions: hasty ones, careful ones where these fail."""

    name = "python"

    def __init__(
        self, hasty: Code, careful: Callable[[], Code], samples: int, batches: Batches
    ) -> None:
        self.samples, self.batches = samples, batches
        self.code, self.careful_code = hasty, careful
        self.hasty = Functions(hasty)
        self._workers: Executor | None = None

    @staticmethod
    def of(plan: Plan) -> Python:
        """The engine of a plan."""
        network, batches = plan.network, plan.batches

        def careful() -> Code:
            return Code.of(Planner(network, batches, hasty=False).plan())

        return Python(Code.of(plan), careful, len(network.samples), batches)

    @cached_property
    def careful(self) -> Functions:
        """The functions that fail only where the network has no answer."""
        return Functions(self.careful_code())

    def on_all_cores(self) -> Python:
        """The same engine with its runs spread over the cores, each a process of its own."""
        if cores() > 1 and self._workers is None:
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            self._workers = ProcessPoolExecutor(
                cores(),
                multiprocessing.get_context("spawn"),
                _prepare,
                (self.code, self.careful_code(), self.samples, self.batches),
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
        reached = self._attempt(self.hasty, state, epochs, rate, seed, keep)
        if reached:
            further, kept = reached
            return Advance(further, tuple(kept))
        return self._as_far_as_defined(state, epochs, rate, seed, keep)

    def _as_far_as_defined(
        self, state: State, epochs: int, rate: float, seed: int, keep: bool
    ) -> Advance:
        """Halves of these epochs, and halves of halves, up to the one that has no answer."""
        losses: list[float] = []
        while epochs:
            reached = self._attempt(self.careful, state, epochs, rate, seed, keep)
            if reached:
                state, kept = reached
                return Advance(state, (*losses, *kept))
            if epochs == 1:
                break
            half = self._as_far_as_defined(state, epochs // 2, rate, seed, keep)
            state = half.state
            losses += half.losses
            if half.undefined:
                break
            epochs -= epochs // 2
        return Advance(state, tuple(losses), undefined=bool(epochs))

    def _attempt(
        self, functions: Functions, state: State, epochs: int, rate: float, seed: int, keep: bool
    ) -> tuple[State, list[float]] | None:
        """The state so many epochs on, with the losses; None where that is undefined."""
        clock = float(state.epoch * self.batches.each(self.samples))
        arguments = (
            state.weights,
            state.memory,
            rate,
            clock,
            self._orders(functions.rows, state, epochs, seed),
        )
        try:
            weights, memory, losses = functions.run(*arguments, keep)
        except UNDEFINED:
            return None
        if not all(map(math.isfinite, (*weights, *memory, *losses))):
            return None
        return State(tuple(weights), tuple(memory), state.epoch + epochs), losses

    def _orders(self, rows: Rows, state: State, epochs: int, seed: int) -> Iterable[object]:
        """What each epoch goes through: batches of rows, unless all samples are written out."""
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


_own: list[Python] = []
"""In a process that works for another: its engine."""


def _prepare(hasty: Code, careful: Code, samples: int, batches: Batches) -> None:
    """Make a worker's engine; whoever asked for it answers the signals that end it."""
    import signal

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    _own[:] = [Python(hasty, lambda: careful, samples, batches)]


def _work(
    runs: Sequence[State], epochs: int, rate: float, seeds: Sequence[int], keep: bool
) -> list[Advance]:
    return _own[0].advance(runs, epochs, rate, seeds, keep=keep)
