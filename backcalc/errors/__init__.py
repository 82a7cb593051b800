"""What a user sees when something is wrong: the message, the place, the caret, the hint."""

from __future__ import annotations

import os
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from operator import attrgetter
from typing import Any, TextIO

from backcalc.errors.lettering import BETWEEN_WORDS, USUAL, columns_of, wrapped

UNSAFE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # Unicode categories
SHOWN_WIDTH = 100  # of a source line; a longer one is cut around the caret
DOTS = "..."  # where it is cut
NEARBY = 300  # letters on each side of the caret that are looked at

MOST_OTHERS = 9  # errors of one file beside the first


def by_fields(data: Any) -> tuple[type[object], tuple[object, ...]]:
    """Return a dataclass as its fields: a `__reduce__` that is faster than that of its state."""
    return type(data), attrgetter(*data.__match_args__)(data)


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a source file, counted from 1, with the line that stands there."""

    file: str
    line: int = 1
    column: int = 1
    text: str = ""
    length: int = 1
    within: str = ""
    """Where people find it in a file whose lines they do not see: cell 3, line 2."""

    __reduce__ = by_fields

    @property
    def shown(self) -> str:
        """The line for a table; in a notebook cell:line, as 3:2 or for an output 3:out 2."""
        within = self.within.removeprefix("cell ").replace(", output, line ", ":out ")
        return within.replace(", line ", ":") or str(self.line)

    def moved(self, offset: int, length: int = 1) -> Place:
        """The place `offset` characters further right."""
        return Place(self.file, self.line, self.column + offset, self.text, length, self.within)

    def __str__(self) -> str:
        within = f" ({self.within})" if self.within else ""
        return f"{printable(self.file)}:{self.line}:{self.column}{within}"


class BackcalcError(Exception):
    """The only exception that a user sees: bad input or bad usage."""

    exit_status = 2
    longest = 280  # characters of the message or the hint

    def __init__(self, message: str, where: Place | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.others: tuple[BackcalcError, ...] = ()
        """What else is wrong in the same file."""

    def beside(self, others: Iterable[BackcalcError]) -> BackcalcError:
        """Return the error with others of the same file, in the order in which they stand there."""
        whole = [self, *others]
        for each in whole:
            each.others = ()
        seen = {str(each): each for each in whole}
        first, *rest = sorted(
            seen.values(),
            key=lambda each: (each.where.line, each.where.column) if each.where else (0, 0),
        )
        first.others = tuple(rest)
        return first

    def __str__(self) -> str:
        """The whole message: `file:line:column: what`, the line with a caret, the hint."""
        return self.written()

    def written(self, stream: TextIO | None = None, columns: int | None = None) -> str:
        """The message for a stream, in lines no wider than so many columns."""
        message = _cut(printable(self.message), self.longest)
        lines = _in_lines(f"{self.where}: {message}" if self.where else message, columns)
        if self.where and self.where.text:
            lines += _source_lines(self.where, stream, columns)
        if self.hint:
            lines += _in_lines(f"hint: {_cut(printable(self.hint), self.longest)}", columns)
        for other in self.others[:MOST_OTHERS]:
            lines += ["", other.written(stream, columns)]
        if self.others[MOST_OTHERS:]:
            lines += ["", f"and {len(self.others) - MOST_OTHERS} more"]
        return "\n".join(lines)


class UndefinedError(BackcalcError):
    """Arithmetic with no answer (division by zero, log of 0, overflow), naming the equation."""

    exit_status = 3
    longest = 1000  # an equation and its numbers


class BugError(BackcalcError):
    """A fault of the program's own, met where it is not to end the work on other files."""

    exit_status = 70

    def __init__(self, error: Exception, file: str) -> None:
        what = f"{type(error).__name__}: {str(error)[:200]}"
        hint = "please report it with the network file and this sheet; the other sheets are marked"
        super().__init__(f"{file}: this is a bug in backcalc: {what}", hint=hint)


def _cut(text: str, longest: int) -> str:
    """A sentence that is no longer than a few lines, whatever words of a file stand in it."""
    return text if len(text) <= longest else f"{text[: longest - 4]} ..."


def _in_lines(text: str, columns: int | None) -> list[str]:
    """A sentence in lines of so many columns, broken between words only."""
    return wrapped(text, columns, BETWEEN_WORDS) if columns else [text]


def _source_lines(where: Place, stream: TextIO | None, columns: int | None) -> list[str]:
    """The source line and a caret line below it, cut around the caret where it is long."""
    number = str(where.line)
    width = SHOWN_WIDTH if columns is None else min(SHOWN_WIDTH, columns - len(number) - 3)
    first = max(0, where.column - 1 - NEARBY)
    near = where.text[first : where.column - 1 + NEARBY]
    letters = [spelled(printable(letter), stream) for letter in near]
    ends = [0, *accumulate(map(columns_of, letters))]
    caret = min(where.column - 1 - first, len(letters))
    length = len(near[caret : caret + where.length].rstrip())
    marked = ends[caret + length]
    whole = len(near) == len(where.text) and ends[-1] <= width
    width = width if whole else max(width - 2 * len(DOTS), 1)
    left = max(0, min(ends[caret] + 1 - width // 2, ends[-1] - width))
    left = max(left, min(marked - width, ends[caret]))
    start, end = bisect_left(ends, left), bisect_right(ends, left + width) - 1
    end = min(end, start + 2 * width)  # marks above a letter take no columns
    while end > caret + 1 and not letters[end - 1].strip():
        end -= 1
    before = DOTS if first + start else ""
    after = DOTS if where.text[first + end :].strip() else ""
    below = " " * (len(before) + ends[caret] - ends[start])
    below += "^" * max(1, ends[min(caret + length, end)] - ends[caret])
    return [
        f"{number} | {before}{''.join(letters[start:end])}{after}".rstrip(),
        f"{' ' * len(number)} | {below}",
    ]


def printable(text: str) -> str:
    r"""Text from a file, safe on a terminal and on one line.

    Control, bidi and surrogate characters are spelled out; tabs and line ends become spaces.

    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if USUAL.fullmatch(text):
        return text
    return "".join(
        " "
        if char in "\t\n"
        else char
        if unicodedata.category(char) not in UNSAFE
        else char.encode("unicode_escape", "backslashreplace").decode("ascii")
        for char in text
    )


def verbatim(line: str) -> str:
    r"""A line of somebody's document, safe to show, each tab as the blanks that it stands for.

    >>> verbatim("\tz0 = 0.5  ")
    '        z0 = 0.5'
    """
    return printable(line.expandtabs()).rstrip()


def spelled(text: str, stream: TextIO | None) -> str:
    r"""Text whose letters that a stream can't carry are spelled out; whole for no stream.

    >>> from io import BytesIO, TextIOWrapper
    >>> spelled("θ", TextIOWrapper(BytesIO(), "latin-1"))
    '\\u03b8'
    """
    encoding = getattr(stream, "encoding", None)
    if not encoding or text.isascii():
        return text
    return text.encode(encoding, "backslashreplace").decode(encoding)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that names the known words nearest to a misspelt one, or None.

    >>> did_you_mean("rellu", ["relu", "tanh"])
    "did you mean 'relu'?"
    >>> did_you_mean("DL/DW0", ["dL/dh0", "dL/dw0"])
    "did you mean 'dL/dw0'?"
    """
    close = meant(word, known)
    return f"did you mean {' or '.join(map(repr, close))}?" if close else None


def meant(word: str, known: Iterable[str]) -> list[str]:
    """Return the known word nearest to a misspelt one, or two that are about as near."""
    from difflib import SequenceMatcher, get_close_matches

    known = list(known)[:2000]
    close = [each for each in known if each.casefold() == word.casefold()][:2]
    close = close or get_close_matches(word[:100], known, n=2, cutoff=0.6)
    if len(close) > 1:  # the second only where it is about as near
        ratios = [SequenceMatcher(None, each, word[:100]).ratio() for each in close]
        close = close[: 1 + (ratios[0] - ratios[1] < 0.15)]
    return close


def nearest(file: str, known: Iterable[str] = ()) -> str | None:
    """Return a hint with the files of such a name that are there; `known` are other names."""
    folder, (_, ending) = os.path.dirname(file), os.path.splitext(file)
    alike = (".yaml", ".yml") if ending in ("", ".yaml", ".yml") else (ending,)
    names: list[str] = []
    with suppress(OSError, ValueError):
        names = sorted(each for each in os.listdir(folder or ".") if each.endswith(alike))
    return did_you_mean(file, [*known, *(os.path.join(folder, each) for each in names)])


def listed(words: Iterable[str], most: int = 12) -> str:
    """Words as a comma list, cut with '...' where there are many."""
    words = list(words)
    return ", ".join(words[:most]) + (", ..." if len(words) > most else "")


def counted(number: int, noun: str, nouns: str = "") -> str:
    """A number with its noun, in the plural unless it is 1.

    >>> counted(1, "unit"), counted(2, "bias", "biases")
    ('1 unit', '2 biases')
    """
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"


def texts(package: str, file: str) -> dict[str, str]:
    """Return the texts in a file of a package, each by its name in the line before it: ### item."""
    from importlib.resources import files  # few commands need any

    whole = files(package).joinpath(file).read_text("utf-8")
    return dict(re.findall(r"^### (.+)\n((?:(?!### ).*\n)*)", whole, re.MULTILINE))
