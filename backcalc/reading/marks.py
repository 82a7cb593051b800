"""Marks in texts of many kinds and what is read for each, as marks.txt has them."""

from __future__ import annotations

import re
from functools import cache
from typing import TypeAlias

from backcalc.errors import texts
from backcalc.errors.patterns import regex
from backcalc.reading.signs import ERROR_WORDS, NEW, phrases
from backcalc.reading.tokens import FILLER

Marks: TypeAlias = "tuple[tuple[str, re.Pattern[str], str], ...]"
"""What a text has if it has a mark, the mark, and what is read for it, row by row."""
BLANKS = str.maketrans("␣⏎", " \n")
_PARTS = {
    "FILLER": FILLER,
    "ACCENTED": "|".join(phrases("ACCENTED")),
    "LEARNINGRATE": "|".join(phrases("LEARNINGRATE")),
    "NEWLY": "|".join(sorted(word for word in NEW if word.isalpha() and len(word) > 2)),
    "ERRORS": "|".join(sorted(ERROR_WORDS)),
}


@cache
def rows(name: str) -> list[tuple[str, str, str]]:
    """Return the rows of a table, with the parts that they name."""
    tables = texts(__package__, "marks.txt").items()
    table = next(table for head, table in tables if head.partition(":")[0] == name)
    whole = re.sub(r"<([A-Z]{5,})>", lambda m: _PARTS[m[1]], table)
    found = re.findall(r"^(.*?) ?« (.*) » ?(.*)$", whole, re.MULTILINE)
    return [(*(column.translate(BLANKS) for column in row),) for row in found]


def marks(name: str, flags: int = re.IGNORECASE | re.MULTILINE) -> Marks:
    """Return the marks of a table."""
    return tuple((has, regex(mark, flags), written) for has, mark, written in rows(name))


def rewritten(text: str, marks: Marks) -> str:
    """A text with marks as what is read for them, what is kept of each where it stands."""
    low = f"{text}\n".casefold()
    for has, mark, written in marks:
        if has not in low:
            continue

        def instead(match: re.Match[str], written: str = written) -> str:
            kept = "kept" if "kept" in match.re.groupindex else 0
            new = match[kept] if kept else match.expand(written)
            before = FILLER * (match.start(kept) - match.start())
            return before + new + FILLER * (len(match[0]) - len(before) - len(new))

        text = mark.sub(instead, text)
    return text


_PARTS |= {name: part for name, part, _ in rows("PARTS")}
