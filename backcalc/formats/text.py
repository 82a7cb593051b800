"""Sheets for the terminal: tables where they fit, stacked lines where they do not."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from operator import not_
from typing import TYPE_CHECKING, TextIO, TypeAlias

from backcalc.errors import listed
from backcalc.errors.lettering import BREAKS, GAP, columns_of, held, wrapped
from backcalc.formats.terminal import MARGIN, SHORTEST_PROSE, columns, styles
from backcalc.formulas.expression import Choice
from backcalc.formulas.notation import SIGNS, Notation, Phrase, phrase_text, pieces
from backcalc.sheets.blocks import (
    PAPER,
    Bars,
    Block,
    Chart,
    Copy,
    Derivation,
    Factor,
    Heading,
    Matrix,
    Picture,
    Running,
    Sentences,
    SheetBlocks,
    Table,
)

if TYPE_CHECKING:
    from rich.console import Console

INDENT = 2  # columns before a sentence
GAPS = (GAP, "  ")  # between columns, the widest that has room
ROOM_FOR_PROSE = 26  # columns that sentences get before others are dropped for them
SIGN = 2  # columns that a sign before a word takes
WIDEST_PIPED = 2000  # columns of a table that stays one
MOST_LINES = 2  # of a cell that goes on below itself; with more there is a record for each row
MOST_CASES = 5  # one below the other
PIPED_WIDTH = 160  # a wider table is stacked even where nothing limits the width

UNBROKEN = re.compile(r"(?<!^[=≈~]) +|(?<=[·*])")
"""Between what stays in one piece in a cell that goes on below itself; ≈ stays with its number."""

IN_CELLS = (r"(?<=,) +", *BREAKS)
"""Where a cell that is too long for its column goes on below itself, best first."""

Styled: TypeAlias = tuple[str, str]  # text and its style


def render(
    sheet: SheetBlocks, notation: Notation, stream: TextIO | None = None,
    console: Console | None = None,
) -> str:  # fmt: skip
    """The sheet as text for this stream, or for a file: as wide as a terminal; never cut.

    With a console it has that one's colours, and is as wide as it needs to be.
    """
    writer = _Screen(notation, stream, sheet.roomy)
    if console:
        writer.console, writer.signed = console, True
    writer.hanging(("", ""), (writer.text((sheet.title,)), "bold"))
    for before, block in zip((None, *sheet.blocks), sheet.blocks, strict=False):
        opens = isinstance(block, (Matrix, Derivation) if sheet.roomy else Matrix)
        if opens and isinstance(before, (Table, Sentences, Chart)):
            writer.line()
        writer.block(block)
    return "\n".join(writer.lines).lstrip("\n") + "\n"


def running(sheet: Running, notation: Notation, stream: TextIO | None = None) -> Iterator[str]:
    """A sheet with a growing table, piece by piece as its rows come."""
    writer = _Screen(notation, stream, roomy=False)
    writer.hanging(("", ""), (writer.text((sheet.title,)), "bold"))
    widths = writer.widths(sheet.columns[:-1], map(writer.texts, sheet.measures))
    widths.append(SHORTEST_PROSE if writer.limit is None else ROOM_FOR_PROSE)
    shown = [True] * len(widths)
    for name in sheet.dropped:
        if not writer.fits([*compress(widths, shown)]) and name in sheet.columns:
            shown[sheet.columns.index(name)] = False
    columns, widths = tuple(compress(sheet.columns, shown)), [*compress(widths, shown)]
    widths[-1] = writer.prose_width([*widths[:-1], PIPED_WIDTH])
    fits = writer.fits(widths)
    if fits:
        writer.heads(columns, widths)
    yield writer.fresh()
    for row in sheet.rows:
        if fits:
            writer.cells(writer.texts(compress(row, shown)), widths, Table((), (), prose=True))
        else:
            writer.stacked(sheet.columns, row, writer.texts(row))
        yield writer.fresh()
    left = [*compress(sheet.columns, map(not_, shown))]
    if fits and left:
        writer.hanging(("  ", ""), (f"no room here for {listed(left)}", "dim"), INDENT)
    for block in sheet.closing():
        writer.block(block)
    yield writer.fresh()


def _console(stream: TextIO) -> Console | None:
    """A terminal, or a pipe that wants colours; None where plain text goes out."""
    if not stream.isatty() and not os.environ.get("FORCE_COLOR"):
        return None
    from rich.console import Console  # it takes a while to load and a pipe does not need it

    return Console(
        file=stream, color_system=styles(), highlight=False, markup=False, emoji=False,
        legacy_windows=False,
    )  # fmt: skip


class _Screen:
    """Turns blocks into lines for one console, or for a pipe."""

    def __init__(self, notation: Notation, stream: TextIO | None, roomy: bool) -> None:
        self.lines: list[str] = []
        self.given = 0
        self.roomy = roomy
        self.notation = notation
        self.console = _console(stream) if stream else None
        self.unicode = notation.name != "plain"
        self.rule = "─" if self.unicode else "-"
        self.mark = "▸ " if self.unicode else "> "
        self.limit = columns(stream)
        self.signed = self.limit is not None
        self.gap = GAP

    def fresh(self) -> str:
        """The lines since the last time; the last one stays, as the next looks at it."""
        lines = self.lines[self.given :]
        self.lines = self.lines[-1:]
        self.given = len(self.lines)
        return "".join(f"{line}\n" for line in lines)

    def text(self, phrase: Phrase) -> str:
        """A phrase in this notation; never markup or escape codes, whatever the file says."""
        return self.notation.label(phrase_text(phrase, self.notation))

    def line(self, *pieces: Styled) -> None:
        if self.console is None:
            self.lines.append("".join(text for text, _ in pieces).rstrip())
            return
        from rich.text import Text  # loaded with the console

        line = Text.assemble(*pieces)
        line.rstrip()
        with self.console.capture() as captured:
            self.console.print(line, end="", soft_wrap=True)
        self.lines.append(captured.get())

    def hanging(self, first: Styled, rest: Styled, more: int = 0) -> None:
        """A line whose continuations on a narrow terminal start below its text, or further in."""
        indent = columns_of(first[0])
        if self.limit and not rest[0].strip("_ "):  # a blank stays on its line
            rest = (rest[0][: max(self.limit - indent, 8)], rest[1])
        if self.limit is None or indent + columns_of(rest[0]) <= self.limit or not self.console:
            self.line(first, rest)
            return
        for place, part in enumerate(wrapped(rest[0], max(self.limit - indent - more, 8))):
            start = first if place == 0 else (" " * (indent + more), "")
            self.line(start, (part, rest[1]))

    def block(self, block: Block) -> None:
        match block:
            case Heading():
                self.heading(block)
            case Picture(_, words, letters):
                drawn = letters(self.notation, (self.limit or PAPER) - INDENT) if letters else ""
                self.block(Sentences(words) if not drawn else Chart(tuple(drawn.splitlines())))
            case Sentences():
                style = "yellow" if block.marked else ""
                for phrase in block.lines:
                    first = (self.mark if block.marked else "  ", style)
                    more = 0 if block.marked else INDENT
                    self.hanging(first, (self.text(phrase), style), more)
            case Chart(lines):
                self.block(Sentences(tuple((line,) for line in lines)))
            case Table():
                self.table(block)
            case Derivation():
                self.derivation(block)
            case Matrix():
                self.matrix(block)
            case Copy() | Bars():
                self.table(block.table())

    def heading(self, heading: Heading) -> None:
        text = self.text(heading.text)
        if self.lines[-1]:
            self.line()
        self.hanging(("", ""), (text, "bold"))
        if heading.level == 1:
            self.line((self.rule * min(columns_of(text), self.limit or PIPED_WIDTH), "dim"))
        elif self.roomy:
            self.line()

    def table(self, table: Table) -> None:
        """A table; where it is too wide its sentences stand below their rows, or all cells do."""
        rows = [self.texts(row) for row in table.rows]
        widths = self.widths(table.columns, rows)
        if table.signs and self.signed:
            widths[-2] += SIGN
        for self.gap in GAPS if not (table.whole or table.spread) else GAPS[:1]:
            if self.fits(widths[: -1 if table.prose else None]):
                break
        if table.prose:
            widths[-1] = self.prose_width(widths)
        fits = self.fits(widths)
        if not fits and (table.whole or table.prose) and self.limit is None:
            fits = sum(widths) <= WIDEST_PIPED
        elif not fits and table.whole and (narrow := self.narrowed(table, rows, widths)) and all(
            len(wrapped(cell, width)) <= MOST_LINES
            for row in rows for cell, width in zip(row, narrow, strict=True)
        ):  # fmt: skip
            self.folded(table.columns, rows, narrow)
            return
        if not fits and table.spread:
            self.spread(table, rows, widths)
            return
        below = table.prose and not fits and len(widths) > 1 and self.fits(widths[:-1])
        if not below and not fits:
            for row, texts in zip(table.rows, rows, strict=True):
                self.stacked(table.columns, row, texts)
            return
        last = len(widths) - below
        plain = Table((), (), table.prose and not below, table.signs)
        self.heads(table.columns[:last], widths[:last])
        for texts in rows:
            if self.roomy:
                self.line()
            self.cells(texts[:last], widths[:last], plain)
            if below and texts[-1]:
                self.hanging((MARGIN * 2, ""), (texts[-1], ""))

    def spread(self, table: Table, rows: list[list[str]], widths: list[int]) -> None:
        """A table with many columns as several, each with as many of them as have room."""
        place, count = 1, len(widths)
        while place < count:
            end, last = place + 1, count - table.spread
            last = last if place < last else count
            while end < last and self.fits([widths[0], *widths[place : end + 1]]):
                end += 1
            picked = [0, *range(place, end)]
            columns = tuple(table.columns[each] for each in picked)
            cells = [[row[each] for each in picked] for row in rows]
            kept = [row for row in cells if any(row[1:])]
            if place > 1:
                self.line()
            own = [widths[each] for each in picked]
            part = Table(columns, ())
            narrow = self.narrowed(part, kept, own) or self.narrowed(part, kept, own, loose=True)
            self.folded(columns, kept, narrow or own)
            place, self.gap = end, GAP

    def narrowed(
        self, table: Table, rows: list[list[str]], widths: list[int], *, loose: bool = False
    ) -> list[int] | None:
        """Widths with which a table fits if its cells go on below themselves; None: there are none.

        The widest columns give way, but none breaks a number. The last one, the result, gives way
        only with `loose`.
        """
        limit = self.limit or PIPED_WIDTH
        columns = [*zip(table.columns, *rows, strict=True)]
        least = [max(columns_of(part.replace("\0", "x")) for cell in each
                     for part in UNBROKEN.split(held(cell, SHORTEST_PROSE)))
                 for each in columns]  # fmt: skip
        least[0], least[-1] = widths[0], least[-1] if loose else widths[-1]
        for self.gap in GAPS:
            room, narrow = limit - len(self.gap) * (len(widths) - 1), [*widths]
            while sum(narrow) > room:
                wide = [place for place, each in enumerate(narrow) if each > least[place]]
                if not wide:
                    break
                narrow[max(wide, key=narrow.__getitem__)] -= 1
            else:
                return narrow
        self.gap = GAP
        return None

    def folded(self, columns: tuple[str, ...], rows: list[list[str]], widths: list[int]) -> None:
        styles = ["cyan", *[""] * (len(widths) - 2), "bold"]
        self.fold(columns, widths, ["dim"] * len(widths))
        self.line((self.rule * (sum(widths) + len(self.gap) * (len(widths) - 1)), "dim"))
        for row in rows:
            self.fold(row, widths, styles)

    def fold(self, cells: Sequence[str], widths: list[int], styles: Sequence[str]) -> None:
        parts = [wrapped(cell, width, IN_CELLS) for cell, width in zip(cells, widths, strict=True)]
        for place in range(max(map(len, parts))):
            self.line(*(
                (text + " " * (width - columns_of(text)) + self.gap, style if text else "")
                for each, width, style in zip(parts, widths, styles, strict=True)
                for text in [each[place] if place < len(each) else ""]
            ))  # fmt: skip

    def texts(self, row: Iterable[Phrase]) -> list[str]:
        return [self.text(cell) for cell in row]

    def widths(self, heads: tuple[str, ...], rows: Iterable[list[str]]) -> list[int]:
        return [max(map(columns_of, column)) for column in zip(heads, *rows, strict=True)]

    def fits(self, widths: list[int]) -> bool:
        return sum(widths) + len(self.gap) * (len(widths) - 1) <= (self.limit or PIPED_WIDTH)

    def heads(self, columns: tuple[str, ...], widths: list[int]) -> None:
        self.row(columns, widths, ["dim"] * len(widths))
        self.line((self.rule * (sum(widths) + len(self.gap) * (len(widths) - 1)), "dim"))

    def cells(self, texts: list[str], widths: list[int], table: Table) -> None:
        """One row of a table, its result in bold, or with a sign and a colour on a terminal."""
        last = len(widths) - 1
        emphasis = last - 1 if table.prose else last
        styles = [
            "bold" if place == emphasis else "cyan" if place == 0 else ""
            for place in range(last + 1)
        ]
        if self.console and texts[emphasis] in table.signs:
            sign, plain, styles[emphasis] = table.signs[texts[emphasis]]
            if self.signed:
                texts[emphasis] = f"{sign if self.unicode else plain} {texts[emphasis]}"
        self.row(texts, widths, styles)

    def stacked(self, columns: tuple[str, ...], row: tuple[Phrase, ...], texts: list[str]) -> None:
        """One row of a table that is too wide: its cells one below the other."""
        plain = all(isinstance(part, str) for part in row[0])  # 0.1 says less than w0
        name = f"{columns[0]}: {texts[0]}" if plain and row[0] else texts[0]
        cells = zip(columns[1:], row[1:], texts[1:], strict=True)
        self.labelled(name, ((head, text) for head, cell, text in cells if cell))
        self.line()

    def prose_width(self, widths: list[int]) -> int:
        """The width of a last column of sentences: what is left of a terminal's."""
        if self.limit is None:
            return min(widths[-1], SHORTEST_PROSE)  # in a pipe they run on
        left = self.limit - sum(widths[:-1]) - len(self.gap) * (len(widths) - 1)
        return min(widths[-1], max(left, SHORTEST_PROSE))

    def row(self, cells: tuple[str, ...] | list[str], widths: list[int], styles: list[str]) -> None:
        """One row; too long a cell goes on below itself, but in a pipe not the last one."""
        last = widths[-1] if self.console and self.limit else columns_of(cells[-1])
        self.fold(cells, [*widths[:-1], last], styles)

    def derivation(self, derivation: Derivation) -> None:
        stages = (
            ("" if place else label, text)
            for label, phrase in derivation.stages
            if phrase
            for place, text in enumerate(self.cases(phrase))
        )
        self.labelled(self.text(derivation.name), stages)
        for remark in derivation.remarks:
            self.hanging((f"  {self.mark}", "yellow"), (self.text(remark), "yellow"))
        self.line()

    def cases(self, phrase: Phrase) -> list[str]:
        """The lines of a formula: two for one that ends with a choice, as a textbook sets it."""
        last = phrase[-1]
        if not isinstance(last, Choice) or not self.unicode or len(pieces(last)[0]) > MOST_CASES:
            return [self.text(phrase)]
        found, rest = pieces(last)
        rows = [(self.text((value,)), "if " + " and ".join(self.text((c,)) for c in conditions))
                for conditions, value in found]  # fmt: skip
        rows.append((self.text((rest,)), "otherwise"))
        wide = max(columns_of(value) for value, _ in rows)
        before, after = self.text(phrase[:-1]), " " * columns_of(self.text(phrase[:-1]))
        signs = ["⎧", *"⎨⎪⎪⎪⎪"[: len(rows) - 2], "⎩"] if len(rows) > 2 else "⎧⎩"
        return [
            f"{after if place else before}{sign} {value}{' ' * (wide - columns_of(value))}  {when}"
            for place, (sign, (value, when)) in enumerate(zip(signs, rows, strict=False))
        ]

    def labelled(self, name: str, stages: Iterable[tuple[str, str]]) -> None:
        self.hanging(("", ""), (name, "bold cyan"))
        indent = min(20, (self.limit or PIPED_WIDTH) * 3 // 8)
        for label, text in stages:
            style = "bold" if label == "result" else ""
            if self.roomy:
                self.line()
            first = f"  {label} ".ljust(indent)
            if columns_of(first) > indent:  # its line starts below it
                self.line((first, "dim"))
                first = " " * indent
            self.hanging((first, "dim"), (text, style))

    def matrix(self, matrix: Matrix) -> None:
        """An equation of matrices side by side, or one below the other where it is too wide."""
        self.hanging(("", ""), (self.text(matrix.name), "bold cyan"))
        limit = self.limit or PIPED_WIDTH
        for factors in matrix.factors(self.notation):
            boxes = [self.box(factor, first=not place) for place, factor in enumerate(factors)]
            comma = self.notation.sign(SIGNS["comma"][0])
            if sum(columns_of(box[0]) for box in boxes) + len(MARGIN) <= limit:
                self.beside(boxes)
                continue
            row: list[list[str]] = []
            for factor, box in zip(factors, boxes, strict=True):
                taken = sum(columns_of(each[0]) for each in row) + len(MARGIN)
                if row and taken + columns_of(box[0]) > limit:
                    self.beside(row)
                    row = []
                    if any(line.startswith(comma) for line in box):  # no line starts with one
                        box = [line[len(comma) :] for line in box]
                if columns_of(box[0]) + len(MARGIN) > limit and not factor.rows:
                    self.hanging((MARGIN, ""), (box[0].strip(), ""))
                elif columns_of(box[0]) + len(MARGIN) > limit:
                    self.sliced(factor, limit)
                else:
                    row.append(box)
            if row:
                self.beside(row)
        self.line()

    def box(self, factor: Factor, *, first: bool = True) -> list[str]:
        """A matrix in brackets with its sign before its middle row, in lines of one width."""
        sign = factor.sign_text(self.notation)
        sign = (sign.lstrip() if first else sign) or "  " * first
        if not factor.rows:
            return [sign]
        texts = factor.texts(self.notation)
        cells = [[self.notation.label(cell) for cell in row] for row in texts]
        widths = [max(columns_of(cell) for cell in column) for column in zip(*cells, strict=True)]
        tall = len(cells) > 1 and self.unicode
        lefts = ["⎡", *"⎢" * (len(cells) - 2), "⎣"] if tall else ["["] * len(cells)
        rights = ["⎤", *"⎥" * (len(cells) - 2), "⎦"] if tall else ["]"] * len(cells)
        lines = []
        for place, row in enumerate(cells):
            before = sign if place == (len(cells) - 1) // 2 else " " * columns_of(sign)
            padded = (
                " " * (width - columns_of(cell)) + cell
                for cell, width in zip(row, widths, strict=True)
            )
            lines.append(f"{before}{lefts[place]}{'  '.join(padded)}{rights[place]}")
        return lines

    def beside(self, boxes: list[list[str]]) -> None:
        height = max(map(len, boxes))
        for place in range(height):
            parts = []
            for box in boxes:
                row = place - ((height - 1) // 2 - (len(box) - 1) // 2)
                parts.append(box[row] if 0 <= row < len(box) else " " * columns_of(box[0]))
            self.line((MARGIN + "".join(parts), ""))

    def sliced(self, factor: Factor, limit: int) -> None:
        """A matrix that is wider than the terminal, some columns at a time."""
        first, count = 0, len(factor.rows[0])
        while first < count:
            last = count
            while True:
                box = self.box(Factor(factor.sign, tuple(row[first:last] for row in factor.rows)))
                if columns_of(box[0]) + len(MARGIN) <= limit or last == first + 1:
                    break
                last -= 1
            self.line((f"{MARGIN}columns {first + 1} to {last} of {count}", "dim"))
            self.beside([box])
            first = last
