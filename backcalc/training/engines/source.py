"""A graph's operations as lines of code; a language is one row of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from backcalc.formulas.expression import RELATIONS
from backcalc.training.engines.operations import Graph, Node

DEEPEST = 12
"""Operations inside each other on one line."""
LARGEST_BRANCH = 20
"""Operations in a branch that stays on one line."""
LEAVES = ("known", "input")


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """How a language writes what graphs contain."""

    assign: str
    """A name is given a value."""
    choice: str
    """One of two values by a condition."""
    branch: tuple[str, str, str]
    """The lines around the two branches of a condition."""
    declare: str
    """The line before a name that both branches give a value; empty where none is needed."""
    end: str
    """The end of a line."""


PYTHON = Language("{} = {}", "({then} if {left} {relation} {right} else {otherwise})",
                  ("if {}:", "else:", ""), "", "")  # fmt: skip
C = Language("const double {} = {};", "({left} {relation} {right} ? {then} : {otherwise})",
             ("if ({}) {{", "}} else {{", "}}"), "double {};", ";")  # fmt: skip
C_ARRAYS = replace(C, assign="{} = {};", declare="")

Statement = tuple[int, str]
"""A line of code with its indentation."""


class Printer:
    """Writes the operations of one graph; names once given stay known."""

    def __init__(self, graph: Graph, language: Language, names: Mapping[int, str]) -> None:
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
            if place in self.names or place in self.inline or self._leaf(place):
                continue
            if place in seen or len(seen) > LARGEST_BRANCH:
                return False
            seen.add(place)
            pending.extend(self.graph.nodes[place].of)
        return True

    def _leaf(self, place: int) -> bool:
        return self.graph.nodes[place].kind in LEAVES

    def _branches(self, place: int, name: Callable[[int], str]) -> list[Statement]:
        """A choice whose sides are lines of their own."""
        node = self.graph.nodes[place]
        own = name(place)
        left, right = map(self.text, node.of[:2])
        opening, middle, end = self.language.branch
        condition = f"{left} {node.kind} {right}"
        declared = self.language.declare.format(own)
        lines: list[Statement] = [(0, declared)] if declared else []
        for start, side in ((opening.format(condition), node.of[2]), (middle.format(), node.of[3])):
            outside, inside = dict(self.names), dict(self.inline)
            lines.append((0, start))
            lines += [(depth + 1, text) for depth, text in self.lines([side], name)]
            lines.append((1, f"{own} = {self.text(side)}{self.language.end}"))
            self.names, self.inline = outside, inside
        if end:
            lines.append((0, end.format()))
        self.names[place] = own
        return lines

    def _written(self, place: int) -> tuple[str, int]:
        """A value by its operands, and how deep it goes."""
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
