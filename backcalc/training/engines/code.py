"""The parts of a plan as code, whatever the language: names by position, and what is assigned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backcalc.equations.optimizers import CLOCK, RATE
from backcalc.training.engines.plan import COUNT, Piece, Pieces
from backcalc.training.engines.source import Language, Printer, Statement

LOCAL, INDEXED = "{}{}", "{}[{}]"
"""How a value is named by its kind and its position: a variable, or an element of an array."""


@dataclass(frozen=True, slots=True, eq=False)
class Emitted:
    """One piece as code."""

    lines: tuple[Statement, ...]
    """Lines that come first."""
    results: tuple[str, ...]
    """Then the results can be written like this."""
    checks: tuple[str, ...]
    """Values that must not be zero."""
    loss_lines: tuple[Statement, ...]
    """Lines that only the loss needs."""
    loss: str
    """The loss, after them."""


class Writer:
    """Writes the pieces of one plan; a letter and a position stand for each name of the file."""

    def __init__(self, plan: Pieces, language: Language, *, indexed: bool, column: str) -> None:
        self.plan, self.language, self.indexed, self.column = plan, language, indexed, column
        self.form = INDEXED if indexed else LOCAL
        self.weights = self.listed("weights" if indexed else "w", len(plan.network.weights))
        self.memory = self.listed("memory" if indexed else "m", len(plan.remembered))
        self.sums = self.listed("g", len(plan.trained))
        places = {name: place for place, name in enumerate(plan.network.weights)}
        self.state = (*(self.weights[places[name]] for name in plan.trained), *self.memory)
        self.table = columns(plan)
        pieces = (plan.epoch, plan.sample, plan.update)
        self.size = max(len(piece.graph.nodes) for piece in pieces if piece)

    def listed(self, letter: str, count: int) -> tuple[str, ...]:
        """So many names."""
        return tuple(self.form.format(letter, place) for place in range(count))

    def inputs(self, piece: Piece) -> dict[int, str]:
        """The inputs of a piece by their places."""
        plan = self.plan
        names = dict(zip(plan.network.weights, self.weights, strict=True))
        names |= zip(plan.remembered, self.memory, strict=True)
        names |= {RATE: "lr", CLOCK: "t", COUNT: "n"}
        others = [name for name in piece.inputs if name not in names]
        names |= zip(others, self.sums, strict=False)
        return {place: names[name] for name, place in piece.inputs.items()}

    def written(
        self, piece: Piece, renewed: Sequence[str] = (), loss: Piece | None = None
    ) -> Emitted:
        """A piece as code, and a loss by it; the results become `renewed`, one by one."""
        graph, given = piece.graph, self.inputs(piece)
        places = {each: self.column.format(place) for place, each in enumerate(self.table)}
        for place, node in enumerate(graph.nodes):
            if node.kind == "known" and len(node.values) > 1:
                given[place] = places[tuple(map(float, node.values))]
        printer = Printer(graph, self.language, given)

        def name(place: int) -> str:
            return self.form.format("v", place)

        lines = printer.lines([*piece.results, *piece.checks], name)
        checks = tuple(dict.fromkeys(map(printer.text, piece.checks)))
        changing = frozenset(renewed)
        for own, result in zip(renewed, piece.results, strict=False):
            if (_reads(printer, result) & changing) - {own}:  # these may be renewed before it
                lines.append(printer.named(result, name))
        results = tuple(map(printer.text, piece.results))
        losses = loss.results if loss else ()
        loss_lines = printer.lines(losses, name)
        return Emitted(
            tuple(lines), results, checks, tuple(loss_lines), "".join(map(printer.text, losses))
        )

    def assigned(
        self, names: Sequence[str], results: Sequence[str], sign: str = "="
    ) -> list[Statement]:
        """Results put into, or with `+=` added to, what has these names."""
        pairs = zip(names, results, strict=True)
        end = self.language.end
        return [(0, f"{name} {sign} {value}{end}") for name, value in pairs if name != value]

    @property
    def reduced(self) -> str:
        """The sum of the losses as their mean, if that is asked for."""
        mean = self.plan.network.reduction == "mean"
        return f"total / {len(self.plan.network.samples)}.0" if mean else "total"


def columns(plan: Pieces) -> list[tuple[float, ...]]:
    """Return the columns of numbers that differ by sample, where one sample's code is written."""
    nodes = plan.sample.graph.nodes if plan.sample else ()
    values = (node.values for node in nodes if node.kind == "known" and len(node.values) > 1)
    return list(dict.fromkeys(tuple(map(float, each)) for each in values))


def _reads(printer: Printer, place: int) -> set[str]:
    """The names that a value is written with."""
    pending, reads = [place], set()
    while pending:
        place = pending.pop()
        if place in printer.names:
            reads.add(printer.names[place])
        else:
            pending.extend(printer.graph.nodes[place].of)
    return reads


def indented(lines: Iterable[Statement], by: int) -> list[Statement]:
    """Lines further to the right."""
    return [(depth + by, text) for depth, text in lines]


def in_blocks(lines: Sequence[Statement], most: int) -> list[list[Statement]]:
    """Lines in lists of so many, none of which ends inside a branch."""
    blocks: list[list[Statement]] = [[]]
    for line in lines:
        inside = line[0] > 0 or line[1].startswith(("}", "else"))
        if len(blocks[-1]) >= most and not inside:
            blocks.append([])
        blocks[-1].append(line)
    return blocks
