"""What a terminal can show: its width, its letters, and where lines are broken."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from shutil import get_terminal_size
from typing import TextIO

from rich.cells import cell_len, set_cell_size

from backcalc.errors import printable, spelled
from backcalc.formulas.notation import PLAIN, UNICODE, Notation

MARGIN = "  "
SHORTEST_PROSE = 24  # columns that a sentence beside something needs
BREAKS = (r"(?<![=<>≈~]) +(?![=<>≈~])", " +", r"(?<=·)|(?<=\*)(?!\*)", r"(?<=[/(,|_])")
"""Where a line that is too long ends, best first: never within a number that fits."""

GLANCE = 20  # letters after the end of a line that say whether it may end there


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
