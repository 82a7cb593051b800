"""The measures of a picture: type, distances, and how texts are written and measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backcalc.drawing.picture import Line
from backcalc.errors import printable
from backcalc.formulas.notation import UNICODE, Notation, phrase_text

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

    def text(self, line: Line) -> str:
        """A line of text as it will be written."""
        return printable(phrase_text(line.text, self.notation))

    def widest(self, lines: Sequence[Line]) -> float:
        """The width of the widest of some lines."""
        return max(map(self._wide, lines), default=0)

    def _wide(self, line: Line) -> float:
        return self.width(self.text(line)) * (self.bold if line.role == "name" else 1)


PIXELS = Ruler()
