"""The parts of a plan as code, whatever the language: names by position, and what is assigned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from backcalc.equations.optimizers import CLOCK, RATE
from backcalc.training.engines.operations import Graph
from backcalc.training.engines.plan import COUNT, Piece, Plan
from backcalc.training.engines.source import Language, Line, Printer


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """One piece as code."""

    lines: tuple[Line, ...]
    """What is computed first."""
    results: tuple[str, ...]
    """Then the results can be written like this."""
    checks: tuple[str, ...] = ()
    """What must not be zero."""
    loss_lines: tuple[Line, ...] = ()
    """What only the loss needs."""
    loss: str = ""
    """The loss, after them."""


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """What the code calls the inputs of a plan: a letter and a position, never a name of a file."""

    plan: Plan
    """The plan."""
    weight: Callable[[int], str] = "w{}".format
    """A weight by its position among all."""
    memory: Callable[[int], str] = "m{}".format
    """What the optimizer remembers."""
    gradient: Callable[[int], str] = "g{}".format
    """The sum of the samples' derivatives by a trained weight."""
    column: Callable[[int], str] = "x{}".format
    """What differs by sample."""
    computed: Callable[[int], str] = "v{}".format
    """What is computed."""
    others: tuple[str, str, str] = ("lr", "t", "n")
    """The learning rate, the number of the update, the number of samples in the batch."""

    def of(self, piece: Piece) -> dict[int, str]:
        """The inputs of a piece by their places."""
        weights = list(self.plan.network.weights)
        names = {weight: self.weight(place) for place, weight in enumerate(weights)}
        for place, state in enumerate(self.plan.remembered):
            names[state] = self.memory(place)
        known = dict(zip((RATE, CLOCK, COUNT), self.others, strict=True))
        others = [name for name in piece.inputs if name not in names and name not in known]
        names |= {name: self.gradient(place) for place, name in enumerate(others)} | known
        return {place: names[name] for name, place in piece.inputs.items()}

    @property
    def sums(self) -> tuple[str, ...]:
        """The sums of the samples' derivatives, one for each trained weight."""
        return tuple(map(self.gradient, range(len(self.plan.trained))))

    @property
    def state(self) -> tuple[str, ...]:
        """The trained weights, then what the optimizer remembers."""
        weights = list(self.plan.network.weights)
        trained = (self.weight(weights.index(name)) for name in self.plan.trained)
        memory = (self.memory(place) for place in range(len(self.plan.remembered)))
        return (*trained, *memory)


def columns(*graphs: Graph) -> list[tuple[float, ...]]:
    """What differs by sample in graphs of one sample, a tuple of floats for each."""
    values = (n.values for g in graphs for n in g.nodes if n.kind == "known" and len(n.values) > 1)
    return list(dict.fromkeys(tuple(map(float, each)) for each in values))


def written(
    piece: Piece,
    names: Names,
    language: Language,
    table: Sequence[tuple[float, ...]] = (),
    renewed: Sequence[str] = (),
) -> Written:
    """A piece as code.

    `table` are the columns of the samples, if they are not written out; `renewed` is what the
    results become the new values of, one after the other.
    """
    graph = piece.graph
    given = names.of(piece)
    places: Mapping[tuple[float, ...], int] = {each: place for place, each in enumerate(table)}
    for place, node in enumerate(graph.nodes):
        if node.kind == "known" and len(node.values) > 1:
            given[place] = names.column(places[tuple(map(float, node.values))])
    printer = Printer(graph, language, given)
    lines = printer.lines([*piece.results, *graph.checks], names.computed)
    checks = tuple(dict.fromkeys(map(printer.text, graph.checks)))
    changing = frozenset(renewed)
    for own, result in zip(renewed, piece.results, strict=False):
        if (_reads(printer, result) & changing) - {own}:  # these may be renewed before it
            lines.append(printer.named(result, names.computed))
    results = tuple(map(printer.text, piece.results))
    if not piece.losses:
        return Written(tuple(lines), results, checks)
    loss_lines = printer.lines(piece.losses, names.computed)
    text = printer.text(piece.losses[0])
    return Written(tuple(lines), results, checks, tuple(loss_lines), text)


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


def pieces(
    plan: Plan, names: Names, language: Language
) -> tuple[list[tuple[float, ...]], Written, Written, Written]:
    """The table of what differs by sample; one sample, its loss, and an update as code."""
    assert plan.sample
    assert plan.update
    table = columns(plan.loss.graph, plan.sample.graph)
    sample = written(plan.sample, names, language, table)
    loss = written(plan.loss, names, language, table)
    return table, sample, loss, written(plan.update, names, language, renewed=names.state)


def summed(sample: Written, names: Names, language: Language) -> list[Line]:
    """A sample's derivatives added to the sums."""
    pairs = zip(names.sums, sample.results, strict=True)
    return [(0, f"{name} += {value}{language.end}") for name, value in pairs]


def renewed(update: Written, names: Names, language: Language) -> list[Line]:
    """The new weights and states in place of the old."""
    pairs = zip(names.state, update.results, strict=True)
    return [(0, f"{name} = {value}{language.end}") for name, value in pairs if name != value]


def reduced(plan: Plan) -> str:
    """The sum of the losses as their mean, if that is asked for."""
    mean = plan.network.reduction == "mean"
    return f"total / {len(plan.network.samples)}.0" if mean else "total"


def indented(lines: Iterable[Line], by: int) -> list[Line]:
    """Lines further to the right."""
    return [(depth + by, text) for depth, text in lines]
