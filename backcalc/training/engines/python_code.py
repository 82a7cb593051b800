"""A plan as Python code: two functions, `run` for epochs and `loss`."""

from __future__ import annotations

from collections.abc import Sequence

from backcalc.training.engines.code import Emitted, Writer, in_blocks, indented
from backcalc.training.engines.plan import Pieces
from backcalc.training.engines.source import PYTHON, Statement

MOST_LOCAL = 120_000
"""Operations up to which values are local variables; beyond, compiling these takes too long."""
BLOCK = 500
"""Lines in one function, where values stand in lists."""
ARGUMENTS = "(weights, memory, g, v, x, lr, t, n)"


def source(plan: Pieces) -> tuple[str, ...]:
    """Return the code of a plan, function by function, which compiles in less memory."""
    functions: list[list[str]] = []
    for depth, text in _Code(plan).lines():
        if depth == 0 and not text.startswith("else"):
            functions.append([])
        functions[-1].append(f"{' ' * depth}{text}\n")
    return tuple("".join(function) for function in functions)


class _Code:
    """The code of one plan while it is written."""

    def __init__(self, plan: Pieces) -> None:
        self.plan, self.indexed = plan, plan.statements > MOST_LOCAL
        column = "x[{}]" if self.indexed else "x{}"
        self.writer = writer = Writer(plan, PYTHON, indexed=self.indexed, column=column)
        self.weights, self.memory, self.row = "weights", "memory", "x"
        if not self.indexed:
            columns = writer.listed("x", len(writer.table))
            self.weights, self.memory, self.row = map(
                _tuple, (writer.weights, writer.memory, columns)
            )
        self.functions: list[Statement] = []
        """Functions that the lines of `run` and `loss` call."""

    def part(self, name: str, lines: Sequence[Statement], depth: int) -> list[Statement]:
        """Lines where they are to be run, or calls of functions that they are put into."""
        if not self.indexed:
            return indented(lines or [(0, "pass")], depth)
        blocks = in_blocks(lines or [(0, "pass")], BLOCK)
        for number, block in enumerate(blocks):
            self.functions += [(0, f"def {name}{number}{ARGUMENTS}:"), *indented(block, 1)]
        return [(depth, f"{name}{number}{ARGUMENTS}") for number in range(len(blocks))]

    def lines(self) -> list[Statement]:
        """All functions."""
        epoch = self.whole_epoch() if self.plan.epoch else self.batches()
        loss = self.writer.written(self.plan.loss)
        own = self.part("one_loss", [*loss.lines, *_checked(loss)], 1)
        if not self.plan.epoch:
            own = [
                (1, "total = 0.0"),
                (1, f"for {self.row} in rows:"),
                *indented(own, 1),
                (2, f"total += {loss.results[0]}"),
            ]
        result = loss.results[0] if self.plan.epoch else self.writer.reduced
        loaded: list[Statement] = [(1, f"{self.weights} = weights"), (1, f"{self.memory} = memory")]
        blank = loaded[:1]
        if self.indexed:
            values: Statement = (1, f"v = [0.0] * {self.writer.size}")
            blank = [values, (1, "memory = g = x = lr = t = n = ()")]
            loaded = [(1, "weights, memory = [*weights], [*memory]"), values, (1, "g = x = n = ()")]
        return [
            *self.functions,
            (0, "def run(weights, memory, lr, t, orders, keep):"),
            *loaded,
            (1, "losses = []"),
            (1, "for batches in orders:"),
            *epoch,
            (1, f"return ({self.weights}), ({self.memory}), losses"),
            (0, "def loss(weights):"),
            *blank,
            *own,
            (1, f"return {result}"),
        ]

    def whole_epoch(self) -> list[Statement]:
        """An epoch with all samples written out."""
        writer, plan = self.writer, self.plan
        assert plan.epoch
        epoch = writer.written(plan.epoch, writer.state, plan.loss)
        return [
            *self.part("epoch", [*epoch.lines, *_checked(epoch)], 2),
            (2, "if keep:"),
            *self.part("kept", epoch.loss_lines, 3),
            (3, f"losses.append({epoch.loss})"),
            *self.part("update", writer.assigned(writer.state, epoch.results), 2),
            (2, f"t += {plan.batches.each(len(plan.network.samples))}.0"),
        ]

    def batches(self) -> list[Statement]:
        """An epoch as a loop over batches and samples."""
        writer, plan = self.writer, self.plan
        assert plan.sample
        assert plan.update
        sample, update = writer.written(plan.sample), writer.written(plan.update, writer.state)
        added = writer.assigned(writer.sums, sample.results, "+=")
        sums = (
            f"g = [0.0] * {len(writer.sums)}" if self.indexed else " = ".join([*writer.sums, "0.0"])
        )
        return [
            (2, "if keep:"),
            (3, f"losses.append(loss(({self.weights})))"),
            (2, "for batch in batches:"),
            (3, "t += 1.0"),
            (3, sums),
            (3, f"for {self.row} in batch:"),
            *self.part("sample", [*sample.lines, *_checked(sample), *added], 4),
            (3, "n = float(len(batch))"),
            *self.part(
                "update", [*update.lines, *writer.assigned(writer.state, update.results)], 3
            ),
        ]


def _checked(piece: Emitted) -> list[Statement]:
    """A failure where something is zero that must not be."""
    if not piece.checks:
        return []
    return [(0, f"if not ({' and '.join(piece.checks)}):"), (1, "raise ZeroDivisionError")]


def _tuple(names: Sequence[str]) -> str:
    """Names as a tuple, also where there is one or none."""
    return "".join(f"{name}, " for name in names) or "()"
