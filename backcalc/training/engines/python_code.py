"""A plan as Python code: two functions, `run` for epochs and `loss`."""

from __future__ import annotations

from collections.abc import Sequence

from backcalc.training.engines.code import PYTHON, Statement, Writer
from backcalc.training.engines.plan import Pieces

MOST_LOCAL = 120_000
"""Operations up to which values are local variables; beyond, compiling these takes too long."""
BLOCK = 500
"""Lines in one function, where values stand in lists."""
ARGUMENTS = "(weights, memory, g, v, x, lr, t, n)"


def source(plan: Pieces) -> tuple[str, ...]:
    """Return the code of a plan, function by function, which compiles in less memory."""
    functions: list[list[str]] = []
    for depth, text in _PythonCode(plan, PYTHON, MOST_LOCAL, BLOCK).lines():
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
        """Lines as a function."""
        return self.language.block(f"def {name}{ARGUMENTS}", lines)

    def checked(self, values: Sequence[str]) -> list[Statement]:
        """A failure where one of these is zero."""
        condition = f"if not ({' and '.join(values)})"
        return self.language.block(condition, [(0, "raise ZeroDivisionError")])

    def total(self) -> tuple[list[Statement], str]:
        """The call of the function `loss`."""
        return [], "loss(weights)" if self.indexed else f"loss(({_tuple(self.weights)}))"

    def lines(self) -> list[Statement]:
        """All functions."""
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
            *loaded,
            (0, "losses = []"),
            *block("for batches in orders", epoch),
            (0, f"return ({weights}), ({memory}), losses"),
        ]
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
    """Names as a tuple, also where there is one or none."""
    return "".join(f"{name}, " for name in names) or "()"
