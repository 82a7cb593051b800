"""Sheets as Markdown with dollar mathematics, as GitHub and notebooks render it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from backcalc.errors import printable, verbatim
from backcalc.formats.latex import aligned
from backcalc.formulas.notation import LATEX, UNICODE, Notation, Phrase, part_text
from backcalc.sheets.blocks import (
    PAPER,
    Bars,
    Block,
    Chart,
    Copy,
    Derivation,
    Heading,
    Linked,
    Matrix,
    Picture,
    Running,
    Sentences,
    SheetBlocks,
    Table,
)

NOTATION = LATEX

FormulaMarks: TypeAlias = tuple[str, str]  # the marks before and after a formula in a line
DOLLARS = ("$", "$")
GITHUB = ("$`", "`$")  # with dollars alone GitHub takes `_` and a backslash for Markdown

SIGN = re.compile(r"(=|\\approx)")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~&!^])")


def render(sheet: SheetBlocks, notation: Notation = LATEX) -> str:
    """The sheet as Markdown text."""
    return _joined(sheet, [_block(block, notation) for block in sheet.blocks])


def github(sheet: SheetBlocks, notation: Notation = LATEX) -> str:
    """The sheet as GitHub shows it best: mathematics and the drawing in fences of their own."""
    return _joined(sheet, [_fenced(block, notation) for block in sheet.blocks])


def running(sheet: Running, notation: Notation = LATEX) -> Iterator[str]:
    """A sheet with a growing table, piece by piece as its rows come."""
    yield f"# {escaped(sheet.title)}\n\n{_table(sheet.columns, ())}\n"
    yield from (_row(phrase(cell, notation) for cell in row) + "\n" for row in sheet.rows)
    yield from (f"\n{_block(block, notation)}\n" for block in sheet.closing())


def _joined(sheet: SheetBlocks, blocks: Iterable[str]) -> str:
    return "\n\n".join((f"# {escaped(sheet.title)}", *blocks)) + "\n"


def _fenced(block: Block, notation: Notation) -> str:
    match block:
        case Derivation(name, _, remarks):
            lines = [f"{_equation(*line, notation)} \\\\" for line in block.equations()]
            inside = "\n".join(["\\begin{aligned}", *lines, "\\end{aligned}"])
            parts = [f"**{phrase(name, notation, GITHUB)}**", f"```math\n{inside}\n```"]
            parts += [f"> {phrase(remark, notation, GITHUB)}" for remark in remarks]
            return "\n\n".join(parts)
        case Matrix():
            return f"```math\n{aligned(block, notation)}\n```"
        case Picture(drawing):
            from backcalc.drawing.as_dot import drawing_mermaid  # other sheets do without

            return f"```mermaid\n{drawing_mermaid(drawing)}```"
    return _block(block, notation, GITHUB)


def _equation(label: str, left: Phrase, right: Phrase, notation: Notation) -> str:
    """A stage of a derivation: its sides around the place where all lines meet, and its label."""
    text = "".join(part_text(part, notation) for part in (*left, *right)).strip()
    sides = SIGN.split(text, maxsplit=1) if left else ()
    before, sign, after = sides if len(sides) == 3 else ("", "", text)
    about = f" && \\text{{{label}}}" if label else ""
    return f"{before.strip()} &{sign}{after}{about}"


def escaped(text: str) -> str:
    r"""Text from a file as Markdown that shows it and nothing else.

    >>> print(escaped("<b>a|b</b>"))
    \<b\>a\|b\</b\>
    """
    return SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))


def phrase(parts: Phrase, notation: Notation, marks: FormulaMarks = DOLLARS) -> str:
    """Words escaped, formulas between dollars."""
    return "".join(
        escaped_words(part) if isinstance(part, str) else part_text(part, notation).join(marks)
        for part in parts
    )


def escaped_words(text: str) -> str:
    """Words of a sentence, with their spaces, made a link where they are one."""
    words = SPECIAL.sub(r"\\\1", printable(text))
    return f"[{words}]({text.quoted})" if isinstance(text, Linked) else words


def _block(block: Block, notation: Notation, marks: FormulaMarks = DOLLARS) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * (level + 1)} {phrase(text, notation, marks)}"
        case Sentences(lines, marked):
            mark = "> " if marked else "- "
            return ("  \n" if marked else "\n").join(
                f"{mark}{phrase(line, notation, marks)}" for line in lines
            )
        case Table(columns, rows):
            return _table(
                columns, ([phrase(cell, notation, marks) for cell in row] for row in rows)
            )
        case Derivation(name, stages, remarks):
            cells = ([label, phrase(text, notation, marks)] for label, text in stages)
            parts = [f"**{phrase(name, notation, marks)}**", "", _table(("", ""), cells)]
            parts += [f"\n> {phrase(remark, notation, marks)}" for remark in remarks]
            return "\n".join(parts)
        case Matrix():
            return f"$$\n{aligned(block, notation)}\n$$"
        case Picture(_, words, letters):
            if letters:
                return "\n".join(("```text", *letters(UNICODE, PAPER).splitlines(), "```"))
            return _block(Sentences(words), notation, marks)
        case Chart(lines):
            return "\n".join(("```text", *lines, "```"))
        case Bars():
            return _block(block.table(), notation, marks)
        case Copy():
            return "\n".join(_copied(block, notation, marks)).rstrip("\n")


def _copied(copy: Copy, notation: Notation, marks: FormulaMarks) -> Iterator[str]:
    """The lines as they stand, in fences, each with its verdicts below it."""
    texts = [verbatim(line.text) for line in copy.lines]
    fence = "`" * max([3, *(len(run) + 1 for text in texts for run in re.findall("`+", text))])
    opened = False
    for line, text in zip(copy.lines, texts, strict=True):
        yield text if opened else f"{fence}text\n{text}"
        opened = not line.marks
        if line.marks:
            yield f"{fence}\n"
        for mark in line.marks:
            said = f"> **{copy.said(mark)}** {phrase(mark.statement, notation, marks)}"
            yield f"{said} {phrase(mark.words, notation, marks)}".rstrip() + "  "
        if line.marks:
            yield ""
    if opened:
        yield fence


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(columns)
    return "\n".join(map(_row, (heads, ["---"] * len(heads), *rows)))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
