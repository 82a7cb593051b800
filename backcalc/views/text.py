"""Sheets for the terminal: tables where they fit, stacked lines where they do not."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import replace
from shutil import get_terminal_size
from typing import TYPE_CHECKING, TextIO, TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from backcalc.errors import printable, spelled
from backcalc.notation import PLAIN, UNICODE, Notation, Phrase, phrase_text
from backcalc.views.sheet import (
    Block,
    Derivation,
    Factor,
    Heading,
    Matrix,
    Picture,
    Sentences,
    Sheet,
    Table,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

PIPED_WIDTH = 160  # a wider table is stacked even where nothing limits the width
GAP = "   "
MARGIN = "  "  # before matrices
SHORTEST_PROSE = 24  # columns that a sentence in a table needs
BREAKS = (r"(?<![=<>≈~]) +(?![=<>≈~])", " +", r"(?<=·)|(?<=\*)(?!\*)", r"(?<=[/(,|_])")
"""Where a line that is too long ends, best first: never within a number that fits."""

GLANCE = 20  # letters after the end of a line that say whether it may end there

Piece: TypeAlias = tuple[str, str]
"""Text and its style."""


def columns(stream: TextIO) -> int | None:
    """How wide a terminal is; None for a pipe or a file."""
    if not stream.isatty():
        return None
    own = 0
    with suppress(OSError, ValueError):
        own = os.get_terminal_size(stream.fileno()).columns
    return get_terminal_size((own or 80, 24)).columns


def unicode_works(stream: TextIO) -> bool:
    """Whether a stream can carry ŷ, ∂ and ·."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf")


def notation_for(stream: TextIO) -> Notation:
    """The notation that a stream can carry; letters of a file that it can't are spelled out."""
    if unicode_works(stream):
        return UNICODE
    return replace(
        PLAIN, quantity=lambda name: spelled(name, stream),
        label=lambda words: spelled(printable(words), stream),
    )  # fmt: skip


def broken(text: str, width: int) -> list[str]:
    """A text in lines no wider than so many columns.

    >>> broken("0.25·0.5 + 0.75·0.5·(1 - 0.5)", 16)
    ['0.25·0.5 +', '0.75·0.5·(1 -', '0.5)']
    """
    lines, text = [], text.rstrip()
    while cell_len(text) > width:
        fits = max(len(set_cell_size(text, width).rstrip(" ")), 1)
        ends = [_last_break(each, text, fits) for each in BREAKS]
        start, after = next((end for end in ends if end[0] > width // 3), max(ends))
        if not start:
            start = after = fits
        lines.append(text[:start])
        text = text[after:]
    return [*lines, text]


def _last_break(pattern: str, text: str, fits: int) -> tuple[int, int]:
    """Where the last break that leaves no more than so many letters starts and ends, or 0."""
    found = (match.span() for match in re.finditer(pattern, text[: fits + GLANCE]))
    return max((span for span in found if span[0] <= fits), default=(0, 0))


def render(sheet: Sheet, notation: Notation, stream: TextIO | None = None) -> str:
    """The sheet as text for this stream, or for a file: as wide as a terminal; never cut."""
    writer = _Writer(notation, stream, sheet.roomy)
    writer.hanging(("", ""), (writer.text((sheet.title,)), "bold"))
    for before, block in zip((None, *sheet.blocks), sheet.blocks, strict=False):
        opens = isinstance(block, (Matrix, Derivation) if sheet.roomy else Matrix)
        if opens and isinstance(before, (Table, Sentences)):
            writer.line()
        writer.block(block)
    return "\n".join(writer.lines).lstrip("\n") + "\n"


def fitted(text: str, stream: TextIO) -> list[str]:
    """A text as lines that a stream can show: broken where it is a narrower terminal."""
    text, width = spelled(printable(text), stream), columns(stream)
    return [text] if width is None else broken(text, width)


def listing(rows: Iterable[tuple[str, str]], margin: int, stream: TextIO) -> str:
    """Names and what they are, beside them or on a narrow terminal below them."""
    lines, width = [], columns(stream)
    for name, about in rows:
        first, rest = f"{name:{margin}} ", spelled(printable(about), stream)
        if width is not None and width - cell_len(first) < SHORTEST_PROSE:
            lines.append(name)
            first = " " * (len(name) - len(name.lstrip()) + len(MARGIN))
        parts = [rest] if width is None else broken(rest, max(width - cell_len(first), 8))
        for part in parts:
            lines.append(first + part)
            first = " " * cell_len(first)
    return "".join(f"{line}\n" for line in lines)


def _console(stream: TextIO) -> Console | None:
    """A terminal, or a pipe that wants colours; None where plain text goes out."""
    if not stream.isatty() and not os.environ.get("FORCE_COLOR"):
        return None
    from rich.console import Console  # it takes a while to load and a pipe does not need it

    return Console(file=stream, highlight=False, markup=False, emoji=False, legacy_windows=False)


class _Writer:
    """Turns blocks into lines for one console, or for a pipe."""

    def __init__(self, notation: Notation, stream: TextIO | None, roomy: bool) -> None:
        self.lines: list[str] = []
        self.roomy = roomy
        self.notation = notation
        self.console = _console(stream) if stream else None
        self.unicode = notation.name != "plain"
        self.rule = "─" if self.unicode else "-"
        self.mark = "▸ " if self.unicode else "> "
        self.limit = columns(stream) if stream else None

    def text(self, phrase: Phrase) -> str:
        """A phrase in this notation; never markup or escape codes, whatever the file says."""
        return self.notation.label(phrase_text(phrase, self.notation))

    def line(self, *pieces: Piece) -> None:
        """One line."""
        if self.console is None:
            self.lines.append("".join(text for text, _ in pieces).rstrip())
            return
        line = Text.assemble(*pieces)
        line.rstrip()
        with self.console.capture() as captured:
            self.console.print(line, end="", soft_wrap=True)
        self.lines.append(captured.get())

    def hanging(self, first: Piece, rest: Piece) -> None:
        """A line whose continuations on a narrow terminal start below its text."""
        indent = cell_len(first[0])
        if self.limit is None or indent + cell_len(rest[0]) <= self.limit or not self.console:
            self.line(first, rest)
            return
        for place, part in enumerate(self.wrapped(rest[0], max(self.limit - indent, 8))):
            start = first if place == 0 else (" " * indent, "")
            self.line(start, (part, rest[1]))

    def block(self, block: Block) -> None:
        """One block of the sheet."""
        match block:
            case Heading():
                self.heading(block)
            case Picture(_, words):
                self.block(Sentences(words))
            case Sentences():
                style = "yellow" if block.marked else ""
                for phrase in block.lines:
                    self.hanging(
                        (self.mark if block.marked else "  ", style), (self.text(phrase), style)
                    )
            case Table():
                self.table(block)
            case Derivation():
                self.derivation(block)
            case Matrix():
                self.matrix(block)

    def heading(self, heading: Heading) -> None:
        """A heading, underlined where it starts a part."""
        text = self.text(heading.text)
        if self.lines[-1]:
            self.line()
        self.hanging(("", ""), (text, "bold"))
        if heading.level == 1:
            self.line((self.rule * min(cell_len(text), self.limit or PIPED_WIDTH), "dim"))

    def table(self, table: Table) -> None:
        """A table, or its rows one below the other where it is too wide."""
        rows = [[self.text(cell) for cell in row] for row in table.rows]
        upright = zip(table.columns, *rows, strict=True)
        widths = [max(cell_len(cell) for cell in column) for column in upright]
        if table.prose:
            widths[-1] = self.prose_width(widths)
        if sum(widths) + len(GAP) * (len(widths) - 1) > (self.limit or PIPED_WIDTH):
            for row in table.rows:
                plain = all(isinstance(part, str) for part in row[0])  # 0.1 says less than w0
                name = (f"{table.columns[0]}: ", *row[0]) if plain and row[0] else row[0]
                stages = tuple(zip(table.columns[1:], row[1:], strict=True))
                self.derivation(Derivation(name, stages))
            return
        last = len(widths) - 1
        emphasis = last - 1 if table.prose else last
        styles = [
            "bold" if place == emphasis else "cyan" if place == 0 else ""
            for place in range(last + 1)
        ]
        self.row(table.columns, widths, ["dim"] * (last + 1))
        self.line((self.rule * (sum(widths) + len(GAP) * last), "dim"))
        for row_text in rows:
            if self.roomy:
                self.line()
            self.row(row_text, widths, styles)

    def prose_width(self, widths: list[int]) -> int:
        """The width of a last column of sentences: what is left of a terminal's."""
        if self.limit is None:
            return min(widths[-1], SHORTEST_PROSE)  # in a pipe they run on
        left = self.limit - sum(widths[:-1]) - len(GAP) * (len(widths) - 1)
        return min(widths[-1], max(left, SHORTEST_PROSE))

    def row(self, cells: tuple[str, ...] | list[str], widths: list[int], styles: list[str]) -> None:
        """One row, its cells as wide as their columns; a longer last cell goes on below itself."""
        pieces = [
            (cell + " " * (width - cell_len(cell)) + GAP, style)
            for cell, width, style in zip(cells, widths, styles, strict=True)
        ]
        before, last = pieces[:-1], cells[-1]
        indent = sum(cell_len(text) for text, _ in before)
        for place, part in enumerate(self.wrapped(last, widths[-1])):
            start = before if place == 0 else [(" " * indent, "")]
            self.line(*start, (part, styles[-1]))

    def wrapped(self, text: str, width: int) -> list[str]:
        """A text in lines no wider than so many columns, where there is a terminal."""
        if self.console is None or self.limit is None or cell_len(text) <= width:
            return [text]
        return broken(text, width)

    def derivation(self, derivation: Derivation) -> None:
        """A name and its labelled lines."""
        self.hanging(("", ""), (self.text(derivation.name), "bold cyan"))
        indent = min(20, (self.limit or PIPED_WIDTH) * 3 // 8)
        for label, phrase in derivation.stages:
            if not phrase:
                continue
            style = "bold" if label == "result" else ""
            if self.roomy:
                self.line()
            first = f"  {label} ".ljust(indent)
            if cell_len(first) > indent:  # its line starts below it
                self.line((first, "dim"))
                first = " " * indent
            self.hanging((first, "dim"), (self.text(phrase), style))
        for remark in derivation.remarks:
            self.hanging((f"  {self.mark}", "yellow"), (self.text(remark), "yellow"))
        self.line()

    def matrix(self, matrix: Matrix) -> None:
        """An equation of matrices side by side, or one below the other where it is too wide."""
        self.hanging(("", ""), (self.text(matrix.name), "bold cyan"))
        limit = self.limit or PIPED_WIDTH
        for factors in matrix.lines:
            boxes = [self.box(factor) for factor in factors]
            if sum(cell_len(box[0]) for box in boxes) + len(MARGIN) <= limit:
                self.beside(boxes)
                continue
            for factor, box in zip(factors, boxes, strict=True):
                if cell_len(box[0]) + len(MARGIN) <= limit:
                    self.beside([box])
                else:
                    self.sliced(factor, limit)
        self.line()

    def box(self, factor: Factor) -> list[str]:
        """A matrix in brackets with its sign before its middle row, in lines of one width."""
        texts = factor.texts(self.notation)
        cells = [[self.notation.label(cell) for cell in row] for row in texts]
        widths = [max(cell_len(cell) for cell in column) for column in zip(*cells, strict=True)]
        sign = factor.sign_text(self.notation).lstrip() or "  "
        tall = len(cells) > 1 and self.unicode
        lefts = ["⎡", *"⎢" * (len(cells) - 2), "⎣"] if tall else ["["] * len(cells)
        rights = ["⎤", *"⎥" * (len(cells) - 2), "⎦"] if tall else ["]"] * len(cells)
        lines = []
        for place, row in enumerate(cells):
            before = sign if place == (len(cells) - 1) // 2 else " " * cell_len(sign)
            padded = (
                " " * (width - cell_len(cell)) + cell
                for cell, width in zip(row, widths, strict=True)
            )
            lines.append(f"{before}{lefts[place]}{'  '.join(padded)}{rights[place]} ")
        return lines

    def beside(self, boxes: list[list[str]]) -> None:
        """Boxes side by side, each in the middle of the height."""
        height = max(map(len, boxes))
        for place in range(height):
            parts = []
            for box in boxes:
                row = place - ((height - 1) // 2 - (len(box) - 1) // 2)
                parts.append(box[row] if 0 <= row < len(box) else " " * cell_len(box[0]))
            self.line((MARGIN + "".join(parts), ""))

    def sliced(self, factor: Factor, limit: int) -> None:
        """A matrix that is wider than the terminal, some columns at a time."""
        first, count = 0, len(factor.rows[0])
        while first < count:
            last = count
            while True:
                rows = tuple(row[first:last] for row in factor.rows)
                box = self.box(Factor(factor.sign, rows))
                if cell_len(box[0]) + len(MARGIN) <= limit or last == first + 1:
                    break
                last -= 1
            self.line((f"{MARGIN}columns {first + 1} to {last} of {count}", "dim"))
            self.beside([box])
            first = last
