"""What a user sees when something is wrong: the message, the place, the caret, the hint."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

UNSAFE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # Unicode categories
LONGEST = 280  # characters of a message or a hint
SHOWN_WIDTH = 100  # of a source line; a longer one is cut around the caret


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a source file, counted from 1, with the line that stands there."""

    file: str
    line: int = 1
    column: int = 1
    text: str = ""
    length: int = 1

    def moved(self, offset: int, length: int = 1) -> Place:
        """The place `offset` characters further right."""
        return replace(self, column=self.column + offset, length=length)

    def __str__(self) -> str:
        return f"{printable(self.file)}:{self.line}:{self.column}"


class BackcalcError(Exception):
    """The only exception that a user sees: bad input or bad usage."""

    exit_status = 2

    def __init__(self, message: str, where: Place | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """The whole message: `file:line:column: what`, the line with a caret, the hint."""
        message = _cut(printable(self.message))
        lines = [f"{self.where}: {message}" if self.where else message]
        if self.where and self.where.text:
            lines += _source_lines(self.where)
        if self.hint:
            lines.append(f"hint: {_cut(printable(self.hint))}")
        return "\n".join(lines)


class UndefinedError(BackcalcError):
    """Arithmetic with no answer (division by zero, log of 0, overflow), naming the equation."""

    exit_status = 3


def _cut(text: str) -> str:
    """A sentence that is no longer than a few lines, whatever words of a file stand in it."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def _source_lines(where: Place) -> list[str]:
    """The source line and a caret line below it, cut around the caret where it is long."""
    start, end = 0, len(where.text)
    if end > SHOWN_WIDTH:
        start = max(0, min(where.column - SHOWN_WIDTH // 2, end - SHOWN_WIDTH))
        end = start + SHOWN_WIDTH
    before = printable(where.text[start : where.column - 1])
    marked = printable(where.text[where.column - 1 : min(where.column - 1 + where.length, end)])
    after = printable(where.text[where.column - 1 + where.length : end])
    if len(before + marked + after) > SHOWN_WIDTH:  # what is spelled out takes more room
        before, marked = before[-SHOWN_WIDTH // 2 :], marked[: SHOWN_WIDTH // 2]
        after = after[: SHOWN_WIDTH - len(before + marked)]
    number = str(where.line)
    return [
        f"{number} | {before}{marked}{after}".rstrip(),
        f"{' ' * len(number)} | {' ' * _columns(before)}{'^' * max(1, _columns(marked.rstrip()))}",
    ]


def _columns(text: str) -> int:
    """How many terminal columns a text takes: wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def printable(text: str) -> str:
    r"""Text from a file, safe on a terminal and on one line.

    Control, bidi and surrogate characters are spelled out; tabs and line ends become spaces.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " "
        if char in "\t\n"
        else char
        if unicodedata.category(char) not in UNSAFE
        else char.encode("unicode_escape", "backslashreplace").decode("ascii")
        for char in text
    )


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the known words nearest to a misspelt one, or None.

    >>> did_you_mean("rellu", ["relu", "tanh"])
    "did you mean 'relu'?"
    """
    from difflib import get_close_matches

    close = get_close_matches(word[:100], list(known)[:2000], n=2, cutoff=0.6)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else None


def listed(words: Iterable[str], most: int = 12) -> str:
    """Words as a comma list, cut with '...' where there are many."""
    words = list(words)
    return ", ".join(words[:most]) + (", ..." if len(words) > most else "")
