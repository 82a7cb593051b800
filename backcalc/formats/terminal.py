"""The width and the letters of a terminal, and text that fits it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Literal, TextIO

from backcalc.errors import printable, spelled
from backcalc.errors.lettering import BETWEEN_WORDS, columns_of, wrapped
from backcalc.formulas.notation import PLAIN, UNICODE, Notation

MARGIN = "  "
WIDEST_PAGE = 100  # columns of a page to read
TRAILING = re.compile(r"(?: |\x1b\[[0-9;]*m)+$", re.MULTILINE)
ON = "  ↪ "
CUT = "Lines that go on behind ↪ are wider than this terminal; through `| less -S` they are whole."
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLANK = re.compile(r"\n(?:(?:\x1b\[[0-9;]*m)*\n){2,}")
SHORTEST_PROSE = 24  # columns that a sentence beside something needs


def columns(stream: TextIO | None) -> int | None:
    """How wide a terminal is; None for a pipe or a file."""
    if stream is None or not stream.isatty():
        return None
    from shutil import get_terminal_size  # loads four archivers, which a pipe does without

    own = 0
    with suppress(OSError, ValueError):
        own = os.get_terminal_size(stream.fileno()).columns
    return get_terminal_size((own or 80, 24)).columns


def styles() -> Literal["auto"] | None:
    """Return the styles that rich finds for a terminal; with NO_COLOR there is none, nor bold."""
    return None if os.environ.get("NO_COLOR") else "auto"


def unicode_works(stream: TextIO) -> bool:
    """True if a stream can carry ŷ, ∂ and ·."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "").startswith("utf")


def notation_for(stream: TextIO | None) -> Notation:
    """The notation that a stream or a file can carry; letters that it can't are spelled out."""
    if stream is None or unicode_works(stream):
        return UNICODE
    return replace(
        PLAIN, quantity=lambda name: spelled(name, stream), cases=UNICODE.cases,
        label=lambda words: spelled(printable(words), stream),
    )  # fmt: skip


def fitted(text: str, stream: TextIO) -> list[str]:
    """A text as lines that a stream can show: broken where it is a narrower terminal."""
    text, width = spelled(printable(text), stream), columns(stream)
    return [text] if width is None else wrapped(text, width)


def listing(rows: Iterable[tuple[str, str]], margin: int, stream: TextIO) -> str:
    """Names and what they are, beside them or on a narrow terminal below them."""
    lines, width = [], columns(stream)
    for name, about in rows:
        first, rest = f"{name:{margin}} ", spelled(printable(about), stream)
        if width is not None and width - columns_of(first) < SHORTEST_PROSE:
            lines.append(name)
            first = " " * (len(name) - len(name.lstrip()) + len(MARGIN))
        parts = [rest] if width is None else wrapped(rest, max(width - columns_of(first), 8))
        for part in parts:
            lines.append(first + part)
            first = " " * columns_of(first)
    return "".join(f"{line}\n" for line in lines)


def _parts(line: str, width: int) -> list[str]:
    """A line of an example as it fits; a rule is cut off."""
    if columns_of(line) <= width - 2 or " " not in line.strip():
        return [line]
    own = line[: len(line) - len(line.lstrip())]
    first, *rest = wrapped(line, width - 2 - len(own) - len(ON), BETWEEN_WORDS)
    return [first, *(f"{own}{ON}{each.strip()}" for each in rest)]


def page(markdown: str, stream: TextIO) -> str:
    """A page of Markdown as a terminal shows it: prose that fits, tables, heads in bold.

    A line of an example that is wider goes on in the next one. A terminal that lacks letters gets
    the page as it is written.
    """
    width = columns(stream)
    if width is None or not unicode_works(stream):
        return spelled(markdown, stream)
    from rich.console import Console  # loaded when used
    from rich.markdown import Markdown
    from rich.syntax import Syntax
    from rich.theme import Theme

    own = {"markdown.code": "bold cyan", "markdown.h1": "bold", "markdown.h2": "bold"}
    console = Console(
        file=stream,
        color_system=styles(),
        theme=Theme(own),
        width=width,
        height=width,
        legacy_windows=False,
    )  # without a height rich takes 80 columns where TERM is dumb
    title, _, text = markdown.partition("\n")
    wide = (line for code in FENCE.split(text)[2::3] for line in code.splitlines())
    with console.capture() as shown:
        console.print(title.removeprefix("# "), style="bold", markup=False, highlight=False)
        for prose, lexer, code in zip(*[iter([*FENCE.split(text), "", ""])] * 3, strict=True):
            shown_prose = Markdown(prose, "ansi_dark", "left", hyperlinks=False)
            console.print(shown_prose, width=min(width, WIDEST_PAGE))
            if code:
                code = "\n".join(part for line in code.splitlines() for part in _parts(line, width))
                block = Syntax(code, lexer or "text", theme="ansi_dark", padding=1)
                console.print(block, no_wrap=True, overflow="crop")
        if any(columns_of(line) > width - 2 for line in wide):
            console.print(f"\n{CUT}", markup=False, highlight=False)
    text = TRAILING.sub(lambda ends: ends[0].replace(" ", ""), shown.get())
    return BLANK.sub("\n\n", text)
