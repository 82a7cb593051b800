"""A plan as lines of code: one writer for every language, which is a row and what only it says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from backcalc.equations.optimizers import CLOCK, RATE
from backcalc.formulas.expression import RELATIONS
from backcalc.training.engines.plan import COUNT, Fragment, Fragments, Node, NodeGraph

DEEPEST = 12  # operations inside each other on one line
LARGEST_BRANCH = 20  # operations in a branch that stays on one line
LEAVES = ("known", "input")

Statement = tuple[int, str]  # a line of code with its indentation


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """How a language writes what plans contain."""

    assign: str
    """A name is given a value."""
    choice: str
    """One of two values by a condition."""
    condition: str
    """The head of the lines that a condition decides on."""
    column: str
    """A number of the sample."""
    opening: str
    """The end of a head."""
    closing: str = ""
    """The line after what stands under a head, if there is one."""
    end: str = ""
    """The end of any other line."""
    declare: str = ""
    """The line before a name that both branches give a value, if one is needed."""
    nothing: str = ""
    """A line that does nothing."""

    def line(self, text: str) -> Statement:
        """One line."""
        return 0, text + self.end

    def block(self, head: str, lines: Sequence[Statement]) -> list[Statement]:
        """Lines under a head."""
        inside = [(depth + 1, text) for depth, text in lines or [(0, self.nothing)]]
        return [(0, head + self.opening), *inside, *([(0, self.closing)] if self.closing else [])]


IN_PYTHON = Language("{} = {}", "({then} if {left} {relation} {right} else {otherwise})",
                     "if {}", "x{}", ":", nothing="pass")  # fmt: skip
IN_C = Language("const double {} = {};", "({left} {relation} {right} ? {then} : {otherwise})",
                "if ({})", "x[{}]", " {", "}", ";", "double {};", ";")  # fmt: skip


class Printer:
    """Writes the operations of one graph; names once given stay known."""

    def __init__(self, graph: NodeGraph, language: Language, names: Mapping[int, str]) -> None:
        self.graph, self.language = graph, language
        self.names = dict(names)
        """Values that have names: inputs, columns, and computed ones."""
        self.inline: dict[int, tuple[str, int]] = {}
        """Texts of values that are written where they are used, with their depth."""

    def lines(self, wanted: Iterable[int], name: Callable[[int], str]) -> list[Statement]:
        """Lines after which every wanted value can be used; `name` names what is computed."""
        nodes = self.graph.nodes
        wanted = list(wanted)
        reached, uses = self._reached(wanted, branches=False), [0] * len(nodes)
        for place in wanted:
            uses[place] += 1
        for place, counts in enumerate(self._reached(wanted, branches=True)):
            if counts:
                for used in nodes[place].of:
                    uses[used] += 1
        lines: list[Statement] = []
        for place, counts in enumerate(reached):
            if not counts:
                continue
            node = nodes[place]
            if place in self.names or node.kind in LEAVES:
                continue
            if node.kind in RELATIONS and not all(map(self._short, node.of[2:])):
                lines += self._branches(place, name)
                continue
            text, depth = self._written(place)
            self.inline[place] = text, depth
            if uses[place] > 1 or depth >= DEEPEST:
                lines.append(self.named(place, name))
        return lines

    def named(self, place: int, name: Callable[[int], str]) -> Statement:
        """The line that gives a name to what is written where it is used."""
        text = self.inline.pop(place)[0]
        self.names[place] = name(place)
        return 0, self.language.assign.format(self.names[place], text)

    def text(self, place: int) -> str:
        """A value where it is used: its name, its number, or how it is computed."""
        if place in self.names:
            return self.names[place]
        return self._written(place)[0]

    def reads(self, place: int) -> set[str]:
        """The names that a value is written with."""
        pending, found = [place], set()
        while pending:
            place = pending.pop()
            if place in self.names:
                found.add(self.names[place])
            else:
                pending.extend(self.graph.nodes[place].of)
        return found

    def _reached(self, wanted: Sequence[int], *, branches: bool) -> bytearray:
        """Mark the nodes to compute that have no name; without `branches`, those always needed."""
        reached = bytearray(len(self.graph.nodes))
        pending = list(wanted)
        while pending:
            place = pending.pop()
            if not reached[place] and place not in self.names:
                reached[place] = True
                node = self.graph.nodes[place]
                pending.extend(node.of if branches or node.kind not in RELATIONS else node.of[:2])
        return reached

    def _short(self, place: int) -> bool:
        """True if a branch has few operations and none of them twice."""
        seen: set[int] = set()
        pending = [place]
        while pending:
            place = pending.pop()
            leaf = self.graph.nodes[place].kind in LEAVES
            if leaf or place in self.names or place in self.inline:
                continue
            if place in seen or len(seen) > LARGEST_BRANCH:
                return False
            seen.add(place)
            pending.extend(self.graph.nodes[place].of)
        return True

    def _branches(self, place: int, name: Callable[[int], str]) -> list[Statement]:
        """A choice whose sides are lines of their own."""
        left, right, then, otherwise = self.graph.nodes[place].of
        own, language = name(place), self.language
        condition = f"{self.text(left)} {self.graph.nodes[place].kind} {self.text(right)}"
        lines: list[Statement] = [(0, language.declare.format(own))] if language.declare else []
        for head, side in ((language.condition.format(condition), then), ("else", otherwise)):
            outside, inside = dict(self.names), dict(self.inline)
            body = self.lines([side], name)
            lines += language.block(head, [*body, language.line(f"{own} = {self.text(side)}")])
            self.names, self.inline = outside, inside
        self.names[place] = own
        return lines

    def _written(self, place: int) -> tuple[str, int]:
        if place in self.names:
            return self.names[place], 0
        if place in self.inline:
            return self.inline[place]
        node = self.graph.nodes[place]
        if node.kind == "known":
            return literal(node), 0
        texts, depths = zip(*map(self._written, node.of), strict=True)
        return self._operation(node, texts), 1 + max(depths)

    def _operation(self, node: Node, texts: Sequence[str]) -> str:
        if node.kind in ("+", "-", "*", "/"):
            return f"({texts[0]} {node.kind} {texts[1]})"
        if node.kind == "neg":
            return f"(-{texts[0]})"
        if node.kind in RELATIONS:
            left, right, then, otherwise = texts
            return self.language.choice.format(
                left=left, relation=node.kind, right=right, then=then, otherwise=otherwise
            )
        return f"{node.kind}({', '.join(texts)})"


def literal(node: Node) -> str:
    """A known number as both languages write it."""
    (value,) = node.values
    text = repr(float(value))
    return f"({text})" if text.startswith("-") else text


class FragmentCode(NamedTuple):
    """One piece as code."""

    lines: list[Statement]
    """Lines that come first."""
    results: tuple[str, ...]
    """Then the results can be written like this."""
    loss_lines: list[Statement]
    """Lines that only the loss needs."""
    loss: str
    """The loss, after them."""


class Writer(ABC):
    """Writes one plan; a letter and a position stand for each name of the file.

    A language's own writer says how an epoch goes through batches, and what is around it all.
    Code of more operations than `most` has its values in arrays, and functions of `size` lines.
    """

    kept_if = kept = call = ""
    """Condition and line that keep a loss; the call of a function that lines are put into."""

    def __init__(self, plan: Fragments, language: Language, most: int, size: int) -> None:
        self.plan, self.function_size, self.indexed = plan, size, plan.statements > most
        self.language = language
        if self.indexed:
            assign = "{} = {}" + language.end
            self.language = replace(language, assign=assign, declare="", column="x[{}]")
        self.form = "{}[{}]" if self.indexed else "{}{}"
        self.weights = self.listed("weights" if self.indexed else "w", len(plan.network.weights))
        self.memory = self.listed("memory" if self.indexed else "m", len(plan.remembered))
        self.sums = self.listed("g", len(plan.trained))
        places = {name: place for place, name in enumerate(plan.network.weights)}
        self.state = (*(self.weights[places[name]] for name in plan.trained), *self.memory)
        self.table = columns(plan)
        pieces = (plan.epoch, plan.sample, plan.update)
        self.size = max(len(piece.graph.nodes) for piece in pieces if piece)
        self.functions: list[Statement] = []
        """Functions that the lines of an epoch call."""

    @abstractmethod
    def function(self, name: str, lines: Sequence[Statement]) -> list[Statement]:
        """Lines as a function."""

    @abstractmethod
    def batches(self, sample: Sequence[Statement], update: Sequence[Statement]) -> list[Statement]:
        """An epoch as a loop over batches, with the lines for a sample and for an update."""

    @abstractmethod
    def checked(self, values: Sequence[str]) -> list[Statement]:
        """A failure where one of these is zero."""

    @abstractmethod
    def total(self) -> tuple[list[Statement], str]:
        """Lines that work out the loss over all samples, where they are no part of an epoch."""

    def epoch(self) -> list[Statement]:
        """The lines of an epoch."""
        plan, line = self.plan, self.language.line
        if plan.epoch:
            written = self.written(plan.epoch, self.state, plan.loss)
            updates = plan.batches.each(len(plan.network.samples))
            return [
                *self.part("epoch", written.lines),
                *self.keeping(self.part("kept", written.loss_lines), written.loss),
                *self.part("update", self.assigned(self.state, written.results)),
                line(f"t += {updates}.0"),
            ]
        assert plan.sample
        assert plan.update
        sample, update = self.written(plan.sample), self.written(plan.update, self.state)
        added = self.assigned(self.sums, sample.results, "+=")
        changed = self.assigned(self.state, update.results)
        return [
            *self.keeping(*self.total()),
            *self.batches(
                self.part("sample", [*sample.lines, *added]),
                self.part("update", [*update.lines, *changed]),
            ),
        ]

    def keeping(self, lines: Sequence[Statement], loss: str) -> list[Statement]:
        """Note a loss, where losses are wanted."""
        kept = self.language.line(self.kept.format(loss))
        return self.language.block(self.language.condition.format(self.kept_if), [*lines, kept])

    def part(self, name: str, lines: Sequence[Statement]) -> list[Statement]:
        """Lines where they are to be run, or calls of functions that they are put into."""
        if not self.indexed:
            return [*lines]
        blocks = in_blocks(lines, self.function_size)
        for number, block in enumerate(blocks):
            self.functions += self.function(f"{name}{number}", block)
        return [self.language.line(self.call.format(f"{name}{n}")) for n in range(len(blocks))]

    def listed(self, letter: str, count: int) -> tuple[str, ...]:
        """So many names."""
        return tuple(self.form.format(letter, place) for place in range(count))

    def inputs(self, piece: Fragment) -> dict[int, str]:
        """The inputs of a piece by their places, and what differs by sample."""
        names = dict(zip(self.plan.network.weights, self.weights, strict=True))
        names |= zip(self.plan.remembered, self.memory, strict=True)
        names |= {RATE: "lr", CLOCK: "t", COUNT: "n"}
        names |= zip([name for name in piece.inputs if name not in names], self.sums, strict=False)
        given = {place: names[name] for name, place in piece.inputs.items()}
        rows = {each: self.language.column.format(n) for n, each in enumerate(self.table)}
        for place, node in enumerate(piece.graph.nodes):
            if node.kind == "known" and len(node.values) > 1:
                given[place] = rows[tuple(map(float, node.values))]
        return given

    def written(
        self, piece: Fragment, renewed: Sequence[str] = (), loss: Fragment | None = None
    ) -> FragmentCode:
        """A piece as code, and a loss by it; the results become `renewed`, one by one."""
        printer = Printer(piece.graph, self.language, self.inputs(piece))

        def name(place: int) -> str:
            return self.form.format("v", place)

        lines = printer.lines([*piece.results, *piece.checks], name)
        checks = list(dict.fromkeys(map(printer.text, piece.checks)))
        lines += self.checked(checks) if checks else []
        changing = frozenset(renewed)
        for own, result in zip(renewed, piece.results, strict=False):
            if (printer.reads(result) & changing) - {own}:  # these may be renewed before it
                lines.append(printer.named(result, name))
        results = tuple(map(printer.text, piece.results))
        losses = loss.results if loss else ()
        loss_lines = printer.lines(losses, name)
        return FragmentCode(lines, results, loss_lines, "".join(map(printer.text, losses)))

    def assigned(
        self, names: Sequence[str], results: Sequence[str], sign: str = "="
    ) -> list[Statement]:
        """Results put into, or with `+=` added to, what has these names."""
        pairs = zip(names, results, strict=True)
        line = self.language.line
        return [line(f"{name} {sign} {value}") for name, value in pairs if name != value]

    @property
    def reduced(self) -> str:
        """The sum of the losses as their mean, if that is asked for."""
        mean = self.plan.network.reduction == "mean"
        return f"total / {len(self.plan.network.samples)}.0" if mean else "total"


def columns(plan: Fragments) -> list[tuple[float, ...]]:
    """Return the columns of numbers that differ by sample, where one sample's code is written."""
    nodes = plan.sample.graph.nodes if plan.sample else ()
    values = (node.values for node in nodes if node.kind == "known" and len(node.values) > 1)
    return list(dict.fromkeys(tuple(map(float, each)) for each in values))


def in_blocks(lines: Sequence[Statement], most: int) -> list[list[Statement]]:
    """Lines in lists of so many, none of which ends inside a branch."""
    blocks: list[list[Statement]] = [[]]
    for line in lines:
        inside = line[0] > 0 or line[1].startswith(("}", "else"))
        if len(blocks[-1]) >= most and not inside:
            blocks.append([])
        blocks[-1].append(line)
    return blocks
