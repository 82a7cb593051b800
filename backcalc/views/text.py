"""Sheets for the terminal, through rich: tables where they fit, stacked lines where they do not."""

from __future__ import annotations

import sys
from io import StringIO
from typing import TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from backcalc.errors import printable
from backcalc.notation import PLAIN, UNICODE, Notation, Phrase, phrase_text
from backcalc.views.sheet import Block, Derivation, Heading, Sentences, Sheet, Table

PIPED_WIDTH = 160  # a wider table is stacked even where nothing limits the width
NO_LIMIT = 1_000_000


def unicode_works(stream: TextIO) -> bool:
    """Whether a stream can carry ŷ, ∂ and ·."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf")


def notation_for(stream: TextIO) -> Notation:
    """The notation that a stream can carry."""
    return UNICODE if unicode_works(stream) else PLAIN


def render(sheet: Sheet, notation: Notation, stream: TextIO | None = None) -> str:
    """The sheet as text for this stream: as wide as the terminal, if it is one; never cut."""
    stream = stream or sys.stdout
    terminal = Console(file=stream)
    limited = stream.isatty()
    console = Console(
        file=StringIO(),
        width=terminal.width if limited else NO_LIMIT,
        force_terminal=terminal.is_terminal,
        color_system=terminal.color_system,  # type: ignore[arg-type]
        no_color=terminal.no_color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    writer = _Writer(console, notation, terminal.width if limited else PIPED_WIDTH)
    writer.title(sheet.title)
    for block in sheet.blocks:
        writer.block(block)
    lines = console.file.getvalue().split("\n")  # type: ignore[attr-defined]
    return "\n".join(line.rstrip(" ") for line in lines)


class _Writer:
    """Prints blocks to one console in one notation."""

    def __init__(self, console: Console, notation: Notation, width: int) -> None:
        self.console = console
        self.notation = notation
        self.width = width
        self.limited = console.width < NO_LIMIT
        self.unicode = notation.name != "plain"
        self.mark = "▸ " if self.unicode else "> "

    def text(self, phrase: Phrase, style: str = "") -> Text:
        """A phrase in this notation; never markup, whatever the file says."""
        return Text(printable(phrase_text(phrase, self.notation)), style=style, overflow="fold")

    def print(self, *parts: Text) -> None:
        """One line, wrapped only at the edge of a terminal."""
        if self.limited or self.console.is_terminal:
            self.console.print(Text.assemble(*parts), overflow="fold", no_wrap=not self.limited)
        else:
            self.console.file.write("".join(part.plain for part in parts) + "\n")

    def title(self, title: str) -> None:
        """The sheet's name."""
        if title:
            self.print(Text(printable(title), style="bold"))

    def block(self, block: Block) -> None:
        """One block of the sheet."""
        match block:
            case Heading():
                self.heading(block)
            case Sentences():
                self.sentences(block)
            case Table():
                self.table(block)
            case Derivation():
                self.derivation(block)

    def heading(self, heading: Heading) -> None:
        """A heading, underlined where it starts a part."""
        text = self.text(heading.text, "bold")
        self.print()
        self.print(text)
        if heading.level == 1:
            line = ("─" if self.unicode else "-") * min(cell_len(text.plain), self.width)
            self.print(Text(line, style="dim"))

    def sentences(self, sentences: Sentences) -> None:
        """Sentences, with an arrow where they must be noticed."""
        for line in sentences.lines:
            if sentences.marked:
                self.hanging(Text(self.mark, style="yellow"), self.text(line, "yellow"))
            else:
                self.hanging(Text("  "), self.text(line))

    def hanging(self, first: Text, text: Text) -> None:
        """A line whose continuations start below its text."""
        if not self.limited or first.cell_len + text.cell_len <= self.width:
            self.print(first, text)
            return
        grid = RichTable.grid(padding=0)
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        grid.add_row(first, text)
        self.console.print(grid)

    def table(self, table: Table) -> None:
        """A table, or its rows one below the other where it is too wide."""
        rows = [[self.text(cell) for cell in row] for row in table.rows]
        widths = [
            max(cell_len(head), *(cell_len(row[place].plain) for row in rows)) if rows else 0
            for place, head in enumerate(table.columns)
        ]
        if sum(widths) + 3 * len(widths) + 1 > self.width:
            for row in table.rows:
                stages = tuple(zip(table.columns[1:], row[1:], strict=True))
                self.derivation(Derivation(row[0], stages))
            return
        lines = box.SIMPLE_HEAD if self.unicode else box.ASCII2
        shown = RichTable(box=lines, show_edge=False, pad_edge=False, header_style="dim")
        for place, head in enumerate(table.columns):
            last = place == len(table.columns) - 1
            style = "bold" if last else "cyan" if place == 0 else ""
            shown.add_column(head, style=style, no_wrap=True)
        for cells in rows:
            shown.add_row(*cells)
        self.console.print(shown)

    def derivation(self, derivation: Derivation) -> None:
        """A name and its labelled lines."""
        self.print(self.text(derivation.name, "bold cyan"))
        indent = min(20, self.width // 3)
        for label, phrase in derivation.stages:
            style = "bold" if label == "result" else ""
            self.hanging(Text(f"  {label}".ljust(indent), style="dim"), self.text(phrase, style))
        for remark in derivation.remarks:
            self.hanging(Text(f"  {self.mark}", style="yellow"), self.text(remark, "yellow"))
        self.print()
