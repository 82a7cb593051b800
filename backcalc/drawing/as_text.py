"""The picture of a network for a terminal: boxes and lines, or a list where they do not fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from operator import or_

from backcalc.charts.scale import Point
from backcalc.drawing.picture import DIGITS, Arrow, Box, Drawing, Ruler
from backcalc.errors.lettering import GAP, ISOLATES, columns_of, isolated, wrapped
from backcalc.formulas.notation import Notation, name_text

LEFT, RIGHT, UP, DOWN = 1, 2, 4, 8
UNICODE_LINES = " ╴╶─╵┘└┴╷┐┌┬│┤├┼"
ASCII_LINES = " ---|+++|+++|+++"
"""The sign for each sum of directions in which a line leaves a cell."""
PLAIN_BORDER, ROUND_BORDER = "┌┐└┘─│", "╭╮╰╯─│"
BORDERS = {
    **dict.fromkeys(("input", "constant", "weight", "target"), ROUND_BORDER), "loss": "╔╗╚╝═║",
}  # fmt: skip
"""The corners and sides of the boxes of some kinds."""


def text_ruler(notation: Notation) -> Ruler:
    """The measures of a picture whose unit is one letter."""
    return Ruler(
        columns_of, bold=1, notation=notation.with_numbers(DIGITS, fractions=False), line=1,
        pad=(2, 1), apart=1, passing=1, curve=1, track=2, port=1, between=0, above=0,
        label=(1, 2), margin=0,
    )  # fmt: skip


def drawing_text(drawing: Drawing, notation: Notation, width: int) -> str:
    """A picture that was made with `text_ruler`, or its boxes and edges as a list.

    It is a list where the picture is wider, or where two lines would lie on each other.
    """
    unicode = notation.name != "plain"
    lines = wrapped(notation.label(drawing.title), width)
    clear = _cleared(drawing) if drawing.width <= width else None
    if clear:
        lines += ["", *_Letters(*clear, notation).lines()]
    else:
        for text in _listed(drawing, notation):
            indent = "  " if text.startswith(" ") else ""
            parts = wrapped(text.strip(), width - len(indent))
            lines += (indent + (isolated(part) if unicode else part) for part in parts)
    remarks = [
        part for remark in drawing.remarks for part in wrapped(notation.label(remark), width)
    ]
    return "\n".join([*lines, *([""] if remarks else []), *remarks]) + "\n"


def _listed(drawing: Drawing, notation: Notation) -> Iterator[str]:
    """Each box with its figures, and the edges that enter it."""
    ruler = text_ruler(notation)
    entering: dict[str, list[Arrow]] = {}
    for edge in drawing.edges:
        entering.setdefault(edge.target, []).append(edge)
    names = {
        node.name: ruler.text(node.lines[0])
        if node.kind == "more"
        else name_text(node.name, notation)
        for node in drawing.nodes
    }
    for before, node in zip((None, *drawing.nodes), drawing.nodes, strict=False):
        kinds = [ruler.text(line) for line in node.lines if line.role == "kind"]
        named = [] if node.kind == "more" else [names[node.name]]
        figures = [ruler.text(line) for line in node.lines if line.role in ("value", "gradient")]
        if before is None or {before.name, node.name} & entering.keys():
            yield ""
        yield ": ".join([*named, ", ".join(kinds)] if kinds else named)
        if figures:
            yield "  " + GAP.join(figures)
        for edge in entering.get(node.name, ()):
            weight = f"--{name_text(edge.weight, notation)}-->" if edge.weight else "-->"
            ends = f"{names[edge.source]} {weight} {names[edge.target]}"
            texts = [ruler.text(line) for line in edge.lines if line.role != "name"]
            skip = ["(skip edge)"] if edge.skip else []
            yield "  " + GAP.join([ends, *texts, *skip])


Tracks = dict[Point, int]
"""For what leaves a column at a place: which column of letters after it goes up and down."""


def _cleared(drawing: Drawing) -> tuple[Drawing, Tracks] | None:
    """The picture with no line on another, what is right of a column moved a little if need be."""
    tracks: Tracks = {}
    for x in sorted({x for edge in drawing.edges for (x, _), _ in _curves(edge)}):
        for down in (0, 1, -1, 2, -2):
            moved = _moved(drawing, x, down)
            found = _tracks(moved, x)
            if found is not None:
                break
        else:
            return None
        drawing = moved
        tracks |= found
    top = min(node.y for node in drawing.nodes)
    top = min([top, *(y for edge in drawing.edges for _, y in edge.bends)])
    tracks = {(x, y - top): track for (x, y), track in tracks.items()}
    return _moved(drawing, -1, -top), tracks


def _moved(drawing: Drawing, x: float, down: float) -> Drawing:
    """The picture with all that is right of a place moved down, or up."""
    if not down:
        return drawing
    nodes = tuple(replace(n, y=n.y + down) if n.x > x else n for n in drawing.nodes)
    edges = tuple(
        replace(
            edge,
            bends=tuple((a, b + down) if a > x else (a, b) for a, b in edge.bends),
            label=(edge.label[0], edge.label[1] + (down if edge.label[0] > x else 0)),
        )
        for edge in drawing.edges
    )
    height = max(node.y + node.height for node in nodes)
    height = max([height, *(y + 1 for edge in edges for _, y in edge.bends)])
    return replace(drawing, nodes=nodes, edges=edges, height=height)


def _tracks(drawing: Drawing, x: float) -> Tracks | None:
    """A column of letters for whatever leaves the column that ends here; None: there is none."""
    leaving: dict[float, set[float]] = {}
    for edge in drawing.edges:
        for (start, y), (_, to) in _curves(edge):
            if start == x:
                leaving.setdefault(y, set()).add(to)
    tracks: Tracks = {}
    left = dict(sorted(leaving.items()))
    while left:
        free = (y for y in left if not any(other in left[y] for other in left if other != y))
        first = next(free, None)
        if first is None:
            return None
        tracks[x, first] = len(tracks)
        del left[first]
    return tracks


def _curves(edge: Arrow) -> Iterator[tuple[Point, Point]]:
    """The ways between columns."""
    yield from zip(edge.bends[1::2], edge.bends[2::2], strict=False)


class _Letters:
    """The letters of a picture."""

    def __init__(self, drawing: Drawing, tracks: Tracks, notation: Notation) -> None:
        self.ruler = text_ruler(notation)
        self.unicode = notation.name != "plain"
        self.tracks = tracks
        self.size = int(drawing.width), int(drawing.height)
        self.ways: dict[tuple[int, int], dict[Point, int]] = {}
        self.letters: dict[tuple[int, int], str] = {}
        for edge in drawing.edges:
            self.edge(edge)
        for node in drawing.nodes:
            self.box(node)

    def lines(self) -> list[str]:
        width, height = self.size
        rows = ([self.letter(column, row) for column in range(width)] for row in range(height))
        return ["".join(row).rstrip() for row in rows]

    def letter(self, column: int, row: int) -> str:
        """Return the letter of a cell; where two lines cross, the upright one."""
        if (column, row) in self.letters:
            return self.letters[column, row]
        found = self.ways.get((column, row), {}).values()
        crossing = LEFT | RIGHT in found and UP | DOWN in found
        mask = UP | DOWN if crossing else reduce(or_, found, 0)
        return (UNICODE_LINES if self.unicode else ASCII_LINES)[mask]

    def edge(self, edge: Arrow) -> None:
        start, net = edge.bends[0], edge.bends[0]
        for (x, y), (_, to) in _curves(edge):
            track = int(x) + 1 + 2 * self.tracks[x, y]
            self.level(start[0] - 1, track, y, (x, y))
            for row in range(int(min(y, to)), int(max(y, to))):
                self.mark(track, row, DOWN, (x, y))
                self.mark(track, row + 1, UP, (x, y))
            start, net = (track + 1.0, to), (x, y)
        end, level = edge.bends[-1]
        self.level(start[0] - 1, end - 1, level, net)
        self.write(end - 1, level, "▸" if self.unicode else ">")
        for place, line in enumerate(edge.lines):
            text = self.ruler.text(line)
            spaced = place == 0 and " " in text
            self.write(edge.label[0] - spaced, level + place, f" {text} " if spaced else text)

    def level(self, left: float, right: float, row: float, net: Point) -> None:
        for column in range(int(left), int(right)):
            self.mark(column, row, RIGHT, net)
            self.mark(column + 1, row, LEFT, net)

    def mark(self, column: int, row: float, direction: int, net: Point) -> None:
        """A line that leaves a cell in a direction; all that leaves one box is one net."""
        cell = self.ways.setdefault((column, int(row)), {})
        cell[net] = cell.get(net, 0) | direction

    def box(self, node: Box) -> None:
        x, y, width, height = (int(size) for size in (node.x, node.y, node.width, node.height))
        if node.kind != "more":
            corners = BORDERS.get(node.kind, PLAIN_BORDER) if self.unicode else "++++-|"
            inside = corners[4] * (width - 2)
            self.write(x, y, corners[0] + inside + corners[1])
            for row in range(y + 1, y + height - 1):
                self.write(x, row, f"{corners[5]}{' ' * (width - 2)}{corners[5]}")
            self.write(x, y + height - 1, corners[2] + inside + corners[3])
        first = y + (height - len(node.lines)) // 2
        for place, line in enumerate(node.lines):
            text = self.ruler.text(line)
            self.write(x + (width - columns_of(text)) // 2, first + place, text)

    def write(self, column: float, row: float, text: str) -> None:
        """Text from a cell on; a wide letter takes the cell after it too."""
        place, opening = int(column), ""
        for char in isolated(text) if self.unicode else text:
            wide = columns_of(char)
            if char == ISOLATES[0]:
                opening = char
                continue
            if wide == 0:
                self.letters[place - 1, int(row)] += char
                continue
            self.letters[place, int(row)], opening = opening + char, ""
            if wide == 2:
                self.letters[place + 1, int(row)] = ""
            place += wide
