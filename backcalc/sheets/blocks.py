"""A sheet as data: headings, sentences, tables and derivations, before any format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, TypeAlias

from backcalc.formulas import record
from backcalc.formulas.expression import Expression, Name, Scalar, Values
from backcalc.formulas.notation import (
    NUMBERS,
    Notation,
    Phrase,
    Sign,
    formula_text,
    is_exact,
    number_text,
    part_text,
    result_text,
)

if TYPE_CHECKING:
    from backcalc.drawing.picture import Drawing

EQUALS = Sign("equals")
FORMULAS = ("formula", "chain rule", "factors", "worked out", "numbers")
"""The stages of a derivation that say what the derivative is."""
PAPER = 80  # columns of a drawing in letters where nothing limits the width
INK = 20  # letters of the longest bar


class Linked(str):
    """Words that lead to another file, in a format that has links."""

    address: str
    """The file, in the same folder."""

    def __new__(cls, words: str, address: str) -> Linked:
        """Make such words."""
        made = super().__new__(cls, words)
        made.address = address
        return made

    @property
    def quoted(self) -> str:
        """The file's name as an address, whatever bytes it has."""
        from urllib.parse import quote  # most sheets have no links

        return quote(self.address.encode("utf-8", "surrogateescape"))


@record(frozen=True, slots=True, eq=False)
class Heading:
    """The start of a part of the sheet."""

    text: Phrase
    """Its title."""
    level: int = 1
    """1 for a part, 2 for a part of a part."""


@record(frozen=True, slots=True, eq=False)
class Sentences:
    """Sentences or short lines, one below the other."""

    lines: tuple[Phrase, ...]
    marked: bool = False
    """True if the reader must notice them."""


@record(frozen=True, slots=True, eq=False)
class Table:
    """Rows under column heads; the first column names the row."""

    columns: tuple[str, ...]
    """The heads."""
    rows: tuple[tuple[Phrase, ...], ...]
    """A cell for each column."""
    prose: bool = False
    """True if the last column holds sentences, which may take several lines."""
    signs: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    """Words that a terminal shows with a sign, perhaps one in ASCII, and in a colour."""
    spread: int = 0
    """Columns at the end that go on in a further table where they have no room beside the rest."""
    whole: bool = False
    """True if it stays a table where it is too wide: its cells then go on below themselves."""


@record(frozen=True, slots=True, eq=False)
class Derivation:
    """One derivative step by step, a labelled line for each stage."""

    name: Phrase
    """The derivative."""
    stages: tuple[tuple[str, Phrase], ...]
    """The label of each line (chain rule, numbers, ...) and the line."""
    remarks: tuple[Phrase, ...] = ()
    """Remarks for the student."""
    about: Mapping[str, str] = field(default_factory=dict)
    """The quantity of each line that is about another one than the derivative: of one sample."""
    short: bool = False
    """True for blanks that have room on half of a page."""

    def equations(self) -> Iterator[tuple[str, Phrase, Phrase]]:
        """For each stage its label, what stands left of its formula, and the formula.

        A derivative stands left of the first line that says what it is, and = before the next.
        """
        quantity = len(self.name) == 1 and isinstance(self.name[0], Name)
        left: Phrase = (*self.name, EQUALS) if quantity else ()
        for label, phrase in self.stages:
            if label in FORMULAS:
                yield label, left, phrase
                left = (EQUALS,)
            elif phrase:
                yield label, self._named(label, phrase), phrase

    def _named(self, label: str, phrase: Phrase) -> Phrase:
        """The quantity that a line is about, where it is another one than the derivative."""
        if label not in self.about:
            return ()
        return (Name(self.about[label]), EQUALS if len(phrase) > 1 else " ")


Cells: TypeAlias = "tuple[tuple[Name | Scalar | Sign, ...], ...]"
"""The cells of a matrix, row by row; a Sign is a blank to be filled in."""


@record(frozen=True, slots=True, eq=False)
class Factor:
    """One matrix in an equation of matrices, with the sign before it."""

    sign: Phrase | None
    """The sign before it; None before a result: = if it is exact, else ≈."""
    rows: Cells
    """Its cells; none where words stand alone."""

    def sign_text(self, notation: Notation) -> str:
        """The sign as this notation writes it."""
        if self.sign is not None:
            return "".join(part_text(part, notation) for part in self.sign)
        cells = [cell for row in self.rows for cell in row if not isinstance(cell, (Name, Sign))]
        exact = all(is_exact(cell, notation) for cell in cells)
        return notation.sign(" = " if exact else f" {notation.about} ")

    def texts(self, notation: Notation) -> list[list[str]]:
        """The cells as this notation writes them."""

        def text(cell: Name | Scalar | Sign) -> str:
            if isinstance(cell, (Name, Sign)):
                return part_text(cell, notation)
            return number_text(cell, notation)

        return [[*map(text, row)] for row in self.rows]


def grid_name(number: int) -> str:
    """Return a name that stands for the numbers of a matrix in a formula."""
    return f"{NUMBERS}{chr(0xE100 + number)}"


@record(frozen=True, slots=True, eq=False)
class WorkedOut:
    """A formula with numbers in place of its vectors and matrices, and its result."""

    expression: Expression | None
    """The formula; None where the result is all."""
    grids: Mapping[str, Cells]
    """The numbers of each name that stands for a matrix; none for what is left out of a sum."""
    values: Values
    """The number of each scalar."""
    result: Cells | None
    """The numbers of the result; None where they are too many."""
    bracketed: bool = True
    """False if the result is a scalar."""
    own: bool = False
    """True if it is a quantity by itself, on the way to that of the equation."""

    def factors(self, notation: Notation) -> Iterator[Factor]:
        """The formula cut at its matrices, and the result; what stands last may be words alone."""
        if self.expression is not None:
            plain = replace(
                notation,
                quantity=lambda name: name if name in self.grids else notation.quantity(name),
                link=None,
            )
            equals = "" if self.own else notation.sign(" = ")
            text = equals + formula_text(self.expression, plain, self.values)
            pieces = re.split(f"({'|'.join(self.grids)})", text) if self.grids else [text]
            for piece, name in zip(pieces[::2], pieces[1::2], strict=False):
                rows = self.grids[name]
                yield Factor((piece,) if rows else (piece, Sign("dots")), rows)
            if pieces[-1]:
                yield Factor((pieces[-1],), ())
        if self.result and self.bracketed:
            yield Factor(None, self.result)
        elif self.result:
            value = self.result[0][0]
            assert not isinstance(value, (Name, Sign))
            between = " " if notation.name != "mathml" else ""
            yield Factor((between + result_text(value, notation),), ())


@record(frozen=True, slots=True, eq=False)
class Matrix:
    """An equation of matrices: in symbols, then with its matrices written out."""

    name: Phrase
    """The equation in symbols."""
    lines: tuple[tuple[Factor, ...] | WorkedOut, ...]
    """The same with matrices of names, or of numbers."""

    def factors(self, notation: Notation) -> Iterator[tuple[Factor, ...]]:
        """The matrices of each line with the signs before them."""
        for line in self.lines:
            yield line if isinstance(line, tuple) else tuple(line.factors(notation))


@record(frozen=True, slots=True, eq=False)
class Picture:
    """A drawing of the network."""

    drawing: Drawing
    """Its boxes and edges."""
    words: tuple[Phrase, ...]
    """The same in words, for those who cannot see it."""
    letters: Callable[[Notation, int], str] | None = None
    """The same drawn with letters, for a notation and a width, where text shows more than words."""


@record(frozen=True, slots=True, eq=False)
class Mark:
    """A verdict beside a line of somebody's document."""

    verdict: str
    """The word for it."""
    statement: Phrase
    """The statement that was judged, as it was read."""
    words: Phrase = ()
    """Sentences to the person."""
    home: str = ""
    """The quantity whose place this is: its name elsewhere leads here."""


@record(frozen=True, slots=True, eq=False)
class CopyLine:
    """One line of somebody's document, with the verdicts beside it."""

    number: str
    """Its number in the file, or in a cell of a notebook; at its first line the cell."""
    text: str
    """The line as it stands there."""
    marks: tuple[Mark, ...]
    """The verdicts on what begins on it."""


@record(frozen=True, slots=True, eq=False)
class Copy:
    """Somebody's document as it stands, with verdicts beside its lines."""

    lines: tuple[CopyLine, ...]
    """All its lines."""
    signs: Mapping[str, tuple[str, str, str]]
    """For each verdict its sign, the sign in ASCII, and its colour."""

    def said(self, mark: Mark) -> str:
        """The sign and the word of a verdict."""
        return f"{self.signs[mark.verdict][0]} {mark.verdict}"

    def table(self) -> Table:
        """The same as a table, for formats in which nothing stands beside a line."""
        columns = ("line", "what stands there", "verdict", "comment")
        rows: list[tuple[Phrase, ...]] = []
        for line in self.lines:
            for said, words in [(self.said(m), m.words) for m in line.marks] or [("", ())]:
                rows.append(((line.number,), (line.text,), (said,), words))
        return Table(columns, tuple(rows), prose=True)


@record(frozen=True, slots=True, eq=False)
class Bar:
    """One bar of a diagram."""

    label: Phrase
    """What it counts."""
    count: int
    """How many there are."""


@record(frozen=True, slots=True, eq=False)
class Bars:
    """A diagram of bars, one below the other."""

    columns: tuple[str, str]
    """The heads: of what is counted, and of how many there are."""
    bars: tuple[Bar, ...]

    def share(self, bar: Bar) -> float:
        """Return how long a bar is beside the longest, from 0 to 1."""
        return bar.count / max(1, *(each.count for each in self.bars))

    def table(self, ink: str = "█") -> Table:
        """The same as a table, for formats that draw with letters."""
        rows = (
            (bar.label, (" ".join((str(bar.count), ink * round(INK * self.share(bar)))).strip(),))
            for bar in self.bars
        )
        return Table(self.columns, tuple(rows))


@record(frozen=True, slots=True, eq=False)
class Chart:
    """A chart in letters, and as a picture for formats that draw."""

    lines: tuple[str, ...]
    """The letters."""
    svg: Callable[[str], str] | None = None
    """Draws it under a title, where that says more than the letters."""


Block: TypeAlias = Heading | Sentences | Table | Derivation | Matrix | Picture | Copy | Bars | Chart


@record(frozen=True, slots=True, eq=False)
class SheetBlocks:
    """A whole sheet."""

    title: str
    """Its title: text from a file, never markup."""
    blocks: tuple[Block, ...]
    """Its contents in order."""
    roomy: bool = False
    """True if somebody will write on it, so its lines need room."""


@record(frozen=True, slots=True, eq=False)
class Running:
    """A sheet whose table is shown row by row while the rows are worked out."""

    title: str
    """Its title: text from a file, never markup."""
    columns: tuple[str, ...]
    """The heads; the last column holds sentences."""
    measures: tuple[tuple[Phrase, ...], ...]
    """Cells as wide as those to come, for every column but the last."""
    rows: Iterable[tuple[Phrase, ...]]
    """The rows as they come."""
    closing: Callable[[], Iterable[Block]]
    """Callback: returns the blocks below the rows, after the last row."""
    dropped: tuple[str, ...] = ()
    """The columns that a narrow terminal does without, in this order."""

    def whole(self) -> SheetBlocks:
        """Return the sheet with all its rows, once they are worked out."""
        table = Table(self.columns, tuple(self.rows), prose=True)
        return SheetBlocks(self.title, (table, *self.closing()))
