"""The engine that runs the equations as Python code, compiled as backcalc runs.

The code consists of positional names and numbers; no text of a file gets into it. It is two
functions, `run` for epochs and `loss`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from backcalc.training.engines.code import IN_PYTHON, Statement, Writer, columns
from backcalc.training.engines.engine import Advance, State
from backcalc.training.engines.plan import UNDEFINED, Fragments, Planner

MOST_LOCAL = 120_000
"""Operations up to which values are local variables; beyond, compiling these takes too long."""
BLOCK = 500  # lines in one function, where values stand in lists
ARGUMENTS = "(weights, memory, g, v, x, lr, t, n)"


def python_source(plan: Fragments) -> tuple[str, ...]:
    """Return the code of a plan, function by function, which compiles in less memory."""
    functions: list[list[str]] = []
    for depth, text in _PythonCode(plan, IN_PYTHON, MOST_LOCAL, BLOCK).lines():
        if depth == 0:
            functions.append([])
        functions[-1].append(f"{' ' * depth}{text}\n")
    return tuple("".join(function) for function in functions)


class _PythonCode(Writer):
    """The code of one plan while it is written."""

    kept_if, kept, call = "keep", "losses.append({})", f"{{}}{ARGUMENTS}"

    @property
    def row(self) -> str:
        """The name of a sample's numbers, or all their names."""
        return "x" if self.indexed else _tuple(self.listed("x", len(self.table)))

    def function(self, name: str, lines: Sequence[Statement]) -> list[Statement]:
        return self.language.block(f"def {name}{ARGUMENTS}", lines)

    def checked(self, values: Sequence[str]) -> list[Statement]:
        """A failure where one of these is zero."""
        condition = f"if not ({' and '.join(values)})"
        return self.language.block(condition, [(0, "raise ZeroDivisionError")])

    def total(self) -> tuple[list[Statement], str]:
        return [], "loss(weights)" if self.indexed else f"loss(({_tuple(self.weights)}))"

    def lines(self) -> list[Statement]:
        block, epoch = self.language.block, self.epoch()
        loss = self.written(self.plan.loss)
        own, result = self.part("one_loss", loss.lines), loss.results[0]
        if not self.plan.epoch:
            own.append((0, f"total += {result}"))
            own, result = [(0, "total = 0.0"), *block(f"for {self.row} in rows", own)], self.reduced
        weights, memory = ("weights", "memory")
        loaded = [(0, "weights, memory = [*weights], [*memory]"), (0, "g = x = n = ()")]
        blank = [(0, f"v = [0.0] * {self.size}"), (0, "memory = g = x = lr = t = n = ()")]
        loaded.append(blank[0])
        if not self.indexed:
            weights, memory = _tuple(self.weights), _tuple(self.memory)
            loaded = [(0, f"{weights} = weights"), (0, f"{memory} = memory")]
            blank = loaded[:1]
        run = [
            *loaded, (0, "losses = []"), *block("for batches in orders", epoch),
            (0, f"return ({weights}), ({memory}), losses"),
        ]  # fmt: skip
        return [
            *self.functions,
            *block("def run(weights, memory, lr, t, orders, keep)", run),
            *block("def loss(weights)", [*blank, *own, (0, f"return {result}")]),
        ]

    def batches(self, sample: Sequence[Statement], update: Sequence[Statement]) -> list[Statement]:
        """An epoch as a loop over batches, with the lines for a sample and for an update."""
        sums = f"g = [0.0] * {len(self.sums)}" if self.indexed else " = ".join([*self.sums, "0.0"])
        body = [
            (0, "t += 1.0"),
            (0, sums),
            *self.language.block(f"for {self.row} in batch", sample),
            (0, "n = float(len(batch))"),
            *update,
        ]
        return self.language.block("for batch in batches", body)


def _tuple(names: Sequence[str]) -> str:
    return "".join(f"{name}, " for name in names) or "()"


class Functions:
    """The functions of compiled code."""

    def __init__(self, plan: Fragments) -> None:
        self.rows: list[tuple[float, ...]] | None = None
        """Numbers that differ by sample, a row for each; None where all samples are written out."""
        if not plan.epoch:
            table = columns(plan)
            self.rows = list(zip(*table, strict=True)) or [()] * len(plan.network.samples)
        functions: dict[str, Any] = {**vars(math), "rows": self.rows}
        for part in python_source(plan):
            exec(compile(part, "<equations>", "exec"), functions)
        self.run: Callable[..., Any] = functions["run"]
        self.loss: Callable[..., float] = functions["loss"]


class Python:
    """One network's equations as Python functions: hasty ones, careful ones where these fail."""

    name = "python"

    def __init__(self, plan: Fragments) -> None:
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
            if reached := self._attempt(self.careful, state, epochs, rate, seed, keep):
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
