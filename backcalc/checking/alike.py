"""Sheets of a class that are the same, or nearly, and people with several: remarks, no verdicts."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from zlib import crc32

from backcalc.checking.heads import FILL_IN, RESULTS
from backcalc.checking.report import Report
from backcalc.checking.verdict import VERDICTS
from backcalc.errors import counted, listed

LONG = 20  # letters of a line that hardly two people write alike by themselves
FEWEST = 5  # such lines
ALIKE = 0.9  # of the lines of two sheets together
RARE = 3, 10  # people, and one in so many, who may have a line that tells something
MOST = 1000  # sheets of which each is compared with each
SHOWN = 5  # remarks

BARE = re.compile(r"\W*\d+(?:[.,/]\d+)*(?:e[+−-]?\d+)?(?![\w+*/^(·×−-]|[.,]\d)")
"""A figure behind a sign of equality, with no working."""


def sketch(report: Report) -> frozenset[int]:
    """Return what tells a sheet from others: a number for each line that is its own.

    Those are lines with a mistake, and long ones of working or prose; neither a right figure that
    stands alone, which all have, nor what the file that was handed out prints.
    """
    if report.document is None:
        return frozenset()
    text, row_of = report.document.text, report.document.row
    on_rows = [(row_of(e.answer.start), e) for e in report.answers if e.answer.start is not None]
    off = {row for row, each in on_rows if not VERDICTS[each.verdict].passes}
    right, asked = {row for row, _ in on_rows}, {row for row, each in on_rows if each.asked}
    lines = ["".join(each.casefold().split()) for each in text.splitlines()]
    own = {
        row for row, line in enumerate(lines)
        if len(line) >= LONG and row not in asked and not (row in right and _is_bare(line))
        and not line.endswith("=") and not (FILL_IN in text and line.startswith("#"))
    }  # fmt: skip
    told = off if RESULTS in text else off | own
    return frozenset(
        crc32(line.encode("utf-8", "replace")) for row, line in enumerate(lines) if row in told
    )


def _is_bare(line: str) -> bool:
    """True if a line holds figures alone, with no working."""
    _, *figures = re.split("[=≈]" if "=" in line or "≈" in line else ":", line)
    for figure in figures:
        found = BARE.match(figure)
        if not found or sum(map(str.isalpha, figure[found.end() :])) >= LONG:
            return False
    return True


def remarks(sketches: Mapping[str, frozenset[int]], people: Mapping[str, str]) -> list[str]:
    """Return what is to be said of a class, by the files of its sheets and whose they are."""
    said = [*_several(people), *_same(sketches)]
    more = [f"and {len(said) - SHOWN} more of this kind"] if len(said) > SHOWN else []
    return [*said[:SHOWN], *more]


def _several(people: Mapping[str, str]) -> Iterator[str]:
    """Say which people have several sheets."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for file, person in people.items():
        if " " in person:  # two people may have one first name
            files[" ".join(person.casefold().split())].append(file)
    for own in files.values():
        if len(own) > 1:
            yield f"{people[own[0]]} has {counted(len(own), 'sheet')}: {listed(own, SHOWN)}"


def _same(sketches: Mapping[str, frozenset[int]]) -> Iterator[str]:
    """Say which sheets are the same, or nearly."""
    seen = Counter(line for each in sketches.values() for line in each)
    most = max(RARE[0], len(sketches) // RARE[1])
    equal: defaultdict[frozenset[int], list[str]] = defaultdict(list)
    for file, lines in sketches.items():
        if sum(seen[line] <= most for line in lines) >= FEWEST:
            equal[lines].append(file)
    home = {**equal}
    for one, other in combinations(equal, 2) if len(equal) <= MOST else ():
        both = one & other
        rare = sum(seen[line] <= most for line in both)
        if (
            rare >= FEWEST
            and len(both) >= ALIKE * len(one | other)
            and home[one] is not home[other]
        ):
            joined, gone = home[one], home[other]
            joined += gone
            home = {each: joined if files is gone else files for each, files in home.items()}
    for files in {id(files): files for files in home.values()}.values():
        if len(files) > 1:
            yield f"these sheets are the same, or nearly: {listed(files, SHOWN)}"
