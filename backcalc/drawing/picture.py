"""The parts of a picture, boxes, edges and lines of text, and how they are measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from backcalc.charts.scale import Point
from backcalc.errors import printable
from backcalc.formulas.expression import Scalar
from backcalc.formulas.notation import UNICODE, Notation, Phrase, phrase_text


@dataclass(frozen=True, slots=True)
class Caption:
    """One line of text in a box or on an edge."""

    text: Phrase
    """Its words and formulas, for the notation of the format."""
    role: str
    """Its role: name, kind, value or gradient."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: an input, a unit, the value of an equation, a target, the loss."""

    name: str
    """The value that leaves it: x, h0, yhat, L."""
    kind: str
    """input, weight, constant, target, unit, equation, loss, or more where nodes are left out."""
    lines: tuple[Caption, ...]
    """Its text, from top to bottom."""
    quantities: tuple[str, ...] = ()
    """All quantities that belong in it: z0, h0, b0."""
    layer: int = 0
    """Its column, from the left."""
    x: float = 0
    """Where its left side is, from the left of the picture."""
    y: float = 0
    """Where its upper side is, from the top of the picture."""
    width: float = 0
    """How wide it is."""
    height: float = 0
    """How high it is."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """One connection: what leaves a node and goes into another, most often times a weight."""

    source: str
    """The node that it comes from, by name."""
    target: str
    """The node that it goes to."""
    weight: str | None = None
    """The weight on it, if there is one; a shared weight stands on several edges."""
    skip: bool = False
    """True if it passes other columns by, or stands under `skip:`."""
    lines: tuple[Caption, ...] = ()
    """Its text, set where it ends."""
    share: Scalar | None = None
    """Its part of a shared weight's derivative; None: not shared, or no gradients shown."""
    size: float | None = None
    """How much flows back through it, from 0 to 1 for the largest of the picture; None: not shown.

    It is the derivative by the weight, or this edge's share of it."""
    negative: bool = False
    """True if that is below 0."""
    bends: tuple[Point, ...] = ()
    """Its way, of even length: a level line from the first to the second, a curve that starts
    and ends level to the third, a level line to the fourth, and so on."""
    label: Point = (0, 0)
    """The left end of its text, on the line."""

    def parts(self) -> Iterator[tuple[Point, Point, bool]]:
        """Each part of its way: where it starts, where it ends, whether it is a curve."""
        for place, (start, end) in enumerate(pairwise(self.bends)):
            if start != end:
                yield start, end, place % 2 == 1 and start[1] != end[1]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole picture."""

    title: str
    """Its title: text from a file, never markup."""
    nodes: tuple[Box, ...]
    """The boxes, column by column."""
    edges: tuple[Arrow, ...]
    """The edges, in the order of the file."""
    width: float
    """How wide it is."""
    height: float
    """How high it is."""
    remarks: tuple[str, ...] = ()
    """Remarks for the reader: which sample it shows, which boxes are left out."""

    @property
    def identifiers(self) -> dict[str, str]:
        """A safe, unique id for each node, `node-h0`, and each weight's first edge, `edge-w1`.

        Every quantity that the picture shows leads to the id of the place where it is; an edge
        that has no such id is not in the table.
        """
        taken: set[str] = set()
        places: dict[str, str] = {}
        for node in self.nodes:
            own = _unique(f"node-{node.name}", taken)
            places = dict.fromkeys((node.name, *node.quantities), own) | places
        for edge in self.edges:
            if edge.weight and edge.weight not in places:
                places[edge.weight] = _unique(f"edge-{edge.weight}", taken)
        return places

    def edge_ids(self) -> Iterator[tuple[Arrow, str]]:
        """Each edge with an id of its own, that of its weight where it is the first with it."""
        places, taken = self.identifiers, set(self.identifiers.values())
        told: set[str] = set()
        for edge in self.edges:
            own = places.get(edge.weight or "", "")
            if not own.startswith("edge-") or own in told:
                own = _unique(f"edge-{edge.weight or edge.source}-{edge.target}", taken)
            told.add(own)
            yield edge, own


def _unique(text: str, taken: set[str]) -> str:
    """An id of letters, digits, - and _ only, which is then taken."""
    safe = "".join(char if char.isalnum() or char in "-_" else "." for char in text).rstrip(".")
    own, number = safe, 2
    while own in taken:
        own, number = f"{safe}.{number}", number + 1
    taken.add(own)
    return own


DIGITS = 4  # significant digits of a number in a picture
NOTATION = UNICODE.with_numbers(DIGITS, fractions=False)

NARROW, BROAD = " .,:;|'’[]()/ijlft-", "mwMW@%—…→"


def letters(text: str) -> float:
    """How wide a text is in a sans-serif type of size 13, rather too wide than too narrow."""
    return sum(
        5.0 if char in NARROW else 13.0 if char in BROAD or char > "⺀" else 8.6 for char in text
    )


@dataclass(frozen=True, slots=True)
class Ruler:
    """The measures of a picture."""

    width: Callable[[str], float] = letters
    """How wide a text is."""
    bold: float = 1.15
    """How much wider a box's name is for being bold."""
    notation: Notation = NOTATION
    """How names and numbers are written."""
    line: float = 18
    """How high a line of text is."""
    pad: tuple[float, float] = (10, 7)
    """Between a box's sides and its text, across and up."""
    apart: float = 26
    """Between boxes of a column."""
    passing: float = 14
    """How high the place is where an edge passes a column."""
    curve: float = 52
    """How wide the room for an edge's curve is, and how much wider for each that starts there."""
    track: float = 2
    port: float = 12
    """From one edge that enters a box without text to the next."""
    between: float = 6
    """Between the texts of two such edges, where they have several lines."""
    above: float = 1
    """How many lines of an edge's text stand above it."""
    label: tuple[float, float] = (6, 12)
    """Before and after the text on an edge; the arrow's head has its room there."""
    margin: float = 14
    """Around the whole."""

    def text(self, line: Caption) -> str:
        """A line of text as it will be written."""
        return printable(phrase_text(line.text, self.notation))

    def widest(self, lines: Sequence[Caption]) -> float:
        """The width of the widest of some lines."""
        widths = ((self.width(self.text(each)), each.role == "name") for each in lines)
        return max((wide * (self.bold if bold else 1) for wide, bold in widths), default=0)


PIXELS = Ruler()
