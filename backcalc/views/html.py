"""Sheets as one HTML file: MathML, no script, nothing loaded, for phone, paper and the dark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from backcalc.errors import printable
from backcalc.expression import Name
from backcalc.notation import UNICODE, Notation, Phrase, part_text, phrase_text
from backcalc.program import denominator
from backcalc.views.html_style import STYLE
from backcalc.views.mathml import MATHML, linked, marked
from backcalc.views.sheet import (
    Block,
    Derivation,
    Heading,
    Matrix,
    Picture,
    Sentences,
    Sheet,
    Table,
)

NOTATION = MATHML

WIDTHS = ((34, "slim"), (62, "middling"), (92, "wide"), (10**9, "vast"))
"""Letters in the longest row of a table, and the class that says when its rows are stacked."""

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{contents}
<main>
{body}
</main>
</body>
</html>
"""


def render(sheet: Sheet, notation: Notation = MATHML) -> str:
    """The sheet as a whole page."""
    page = _Page(sheet, notation)
    body = "\n".join(page.block(block) for block in sheet.blocks)
    return PAGE.format(title=escaped(sheet.title), style=STYLE, contents=page.contents(), body=body)


def escaped(text: str) -> str:
    """Text from a file as HTML that shows it and nothing else.

    >>> escaped("<b>")
    '&lt;b&gt;'
    """
    return escape(printable(text))


def anchor(name: str) -> str:
    """The id of a quantity's line.

    >>> anchor("dL/dw0"), anchor("h[2]'")
    ('dL-dw0', 'h:2.')
    """
    return name.replace("]", "").translate(str.maketrans("/'[", "-.:"))


class _Page:
    """Turns blocks into elements; knows where each quantity has its line."""

    def __init__(self, sheet: Sheet, notation: Notation) -> None:
        self.sheet = sheet
        self.plain = notation
        self.rows = set(_named_rows(sheet.blocks))
        self.given = set(_given(sheet.blocks)) - self.rows
        self.missing = {*self.rows, *self.given}
        self.places = {name: anchor(name) for name in self.missing}
        self.drawn: dict[str, str] = {}
        for block in sheet.blocks:
            if isinstance(block, Picture):
                self.drawn = block.drawing.identifiers
        self.notation = linked(notation, self.address)
        self.headings = 0

    def address(self, name: str) -> str | None:
        """Where a link to a quantity leads, if anywhere."""
        return f"#{self.places[name]}" if name in self.places else None

    def in_drawing(self, name: str | None) -> str:
        """A link to the place of a quantity in the drawing, or of what a derivative is taken by."""
        if name and "/d" in name:
            name = denominator(name)
        own = self.drawn.get(name or "", self.drawn.get(re.sub(r"\[\d+\]$", "", name or "")))
        if own is None:
            return ""
        return f'<a class="drawn" href="#{own}" title="in the drawing">drawing</a>'

    def anchored(self, name: str | None) -> str:
        """The id of a quantity, where this is its first line."""
        if name not in self.missing:
            return ""
        self.missing.remove(name)
        return f' id="{self.places[name]}"'

    def text(self, phrase: Phrase, notation: Notation | None = None) -> str:
        """Words escaped, formulas as MathML."""
        notation = notation or self.notation
        return "".join(
            marked(part_text(part, notation))
            if not isinstance(part, str) or part == " = "
            else escaped(part_text(part, notation))
            for part in phrase
        )

    def contents(self) -> str:
        """A list of links to the parts, and to each derivative that has a part of its own."""
        items: list[str] = []
        names: list[str] = []
        number = 0
        for block in (*self.sheet.blocks, Heading(())):
            if isinstance(block, Derivation) and (name := _own_name(block.name)):
                names.append(f'<a href="#{anchor(name)}">{self.text(block.name, self.plain)}</a>')
            elif isinstance(block, Heading):
                if names and items:
                    items[-1] += f'<p class="links">{" ".join(names)}</p>'
                    names = []
                number += 1
                if block.level == 1 and block.text:
                    link = f'<a href="#part-{number}">{self.text(block.text, self.plain)}</a>'
                    items.append(link)
        listed = "\n".join(f"<li>{item}</li>" for item in items)
        return f"<nav>\n<h2>Contents</h2>\n<ul>\n{listed}\n</ul>\n</nav>" if items else ""

    def block(self, block: Block) -> str:
        """One block of the sheet."""
        match block:
            case Heading(text, level):
                self.headings += 1
                start = f'<h{level + 1} id="part-{self.headings}">'
                return f"{start}{self.text(text, self.plain)}</h{level + 1}>"
            case Sentences(lines, marked):
                if marked:
                    return "\n".join(self.note(line) for line in lines)
                return "<ul>\n{}\n</ul>".format("\n".join(map(self.sentence, lines)))
            case Table():
                return self.table(block)
            case Derivation():
                return self.derivation(block)
            case Matrix():
                return self.matrix(block)
            case Picture(drawing, words):
                from backcalc.views.drawing_svg import drawing_svg  # other sheets do without

                said = "".join(f"<li>{self.text(line, self.plain)}</li>" for line in words)
                return (
                    f'<div class="box" id="drawing">{drawing_svg(drawing)}</div>\n'
                    f'<ul class="unseen">{said}</ul>'
                )

    def note(self, line: Phrase) -> str:
        """Something that the reader must notice."""
        return f'<p class="note">{self.text(line)}</p>'

    def sentence(self, line: Phrase) -> str:
        """One item of a list; a number that is given here is found here."""
        item = ""
        for place, part in enumerate(line):
            if _is_given(line, place) and part.id in self.given:  # type: ignore[union-attr]
                own = self.anchored(part.id)  # type: ignore[union-attr]
                item += f"<span{own}>{self.text((part,), self.plain)}</span>"
            else:
                item += self.text((part,))
        return f"<li>{item}</li>"

    def table(self, table: Table) -> str:
        """A table whose rows are stacked where they have no room."""
        letters = [sum(len(phrase_text(cell, UNICODE)) for cell in row) for row in table.rows]
        kind = next(name for most, name in WIDTHS if max(letters, default=0) <= most)
        heads = "".join(f'<th scope="col">{escaped(head)}</th>' for head in table.columns)
        rows = "\n".join(self.row(table.columns, row) for row in table.rows)
        return (
            f'<div class="box"><table class="{kind}">\n<thead><tr>{heads}</tr></thead>\n'
            f"<tbody>\n{rows}\n</tbody>\n</table></div>"
        )

    def row(self, columns: Sequence[str], row: Sequence[Phrase]) -> str:
        """One row; its name is what links lead to."""
        name = _own_name(row[0])
        first = self.text(row[0], self.plain if name else None)
        cells = "".join(
            f'<td data-head="{escaped(head)}"><span>{self.text(cell)}</span></td>'
            for head, cell in zip(columns[1:], row[1:], strict=True)
        )
        head = f'<th scope="row">{first}{self.in_drawing(name)}</th>'
        return f"<tr{self.anchored(name)}>{head}{cells}</tr>"

    def derivation(self, derivation: Derivation) -> str:
        """A name and its labelled lines, each an equation."""
        name = _own_name(derivation.name)
        lines = "\n".join(
            f"<dt>{escaped(label)}</dt>"
            f"<dd><span>{self.text(left, self.plain)}{self.text(line)}</span></dd>"
            for label, left, line in derivation.equations()
        )
        remarks = "".join(f"\n{self.note(remark)}" for remark in derivation.remarks)
        return (
            f"<section{self.anchored(name)}>\n"
            f"<h3>{self.text(derivation.name, self.plain)}{self.in_drawing(name)}</h3>\n"
            f"<dl>\n{lines}\n</dl>{remarks}\n</section>"
        )

    def matrix(self, matrix: Matrix) -> str:
        """An equation of matrices, each line of it in a box that scrolls."""
        name = "".join(part_text(part, self.plain) for part in matrix.name)
        lines = [f"<p>{marked(name)}</p>"]
        for factors in matrix.lines:
            line = ""
            for factor in factors:
                rows = (
                    "<mtr>{}</mtr>".format("".join(f"<mtd>{cell}</mtd>" for cell in row))
                    for row in factor.texts(self.plain)
                )
                cells = self.plain.bracket.format(f"<mtable>{''.join(rows)}</mtable>")
                line += marked(factor.sign_text(self.plain) + cells)
            lines.append(f'<div class="box">{line}</div>')
        return "\n".join(lines)


def _own_name(phrase: Phrase) -> str | None:
    """The quantity that a line is about, if it starts with nothing but its name."""
    match phrase:
        case (Name(name),):
            return name
    return None


def _named_rows(blocks: Sequence[Block]) -> Iterator[str]:
    """The quantities that have a line of their own."""
    for block in blocks:
        heads: Sequence[Phrase] = ()
        if isinstance(block, Table):
            heads = [row[0] for row in block.rows]
        elif isinstance(block, Derivation):
            heads = [block.name]
        yield from (name for name in map(_own_name, heads) if name)


def _given(blocks: Sequence[Block]) -> Iterator[str]:
    """The quantities whose numbers stand in sentences."""
    for block in blocks:
        if isinstance(block, Sentences) and not block.marked:
            for line in block.lines:
                yield from (
                    part.id  # type: ignore[union-attr]
                    for place, part in enumerate(line)
                    if _is_given(line, place)
                )


def _is_given(line: Phrase, place: int) -> bool:
    """Whether a name in a sentence has its number after it."""
    return isinstance(line[place], Name) and line[place + 1 : place + 2] == (" = ",)
