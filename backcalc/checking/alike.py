"""Sheets of a class that are the same, or nearly, and names on several: remarks, no verdicts."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from zlib import crc32

from backcalc.checking.heads import FILL_IN, RESULTS
from backcalc.checking.report import Report
from backcalc.checking.verdict import VERDICTS
from backcalc.errors import listed
from backcalc.errors.patterns import regex

LONG = 20  # letters of a sentence or line that hardly two people write alike by themselves
WORDY = 7  # words of one that is more than a figure and what it is called
FEWEST = 5  # such sentences
ALIKE = 0.9  # of the sentences of two sheets together, or all but one of each
RARE = 3, 10  # people, and one in so many, who may have a sentence that tells something
MOST = 1000  # sheets of which each is compared with each
SHOWN = 8  # remarks, and sheets in one of them

SENTENCE = regex(r"\S.*?(?:[.!?](?=\s+[^\W\d_])|$)", re.MULTILINE)
WORD = regex(r"(?<!\S)[^\W\d_]{2,}(?=[\s,.;:]|$)")
BARE = regex(r"\W*\d+(?:[.,/]\d+)*(?:e[+−-]?\d+)?(?![\w+*/^(·×−-]|[.,]\d)")
"""A figure behind a sign of equality, with no working."""


def sketch(report: Report) -> frozenset[int]:
    """Return what tells a sheet from others: a number for each sentence or line that is its own.

    Those are ones with a mistake, and long ones of working or prose; neither a right figure that
    stands alone, which all have, nor what the file that was handed out prints.
    """
    if report.document is None:
        return frozenset()
    text = report.document.text
    parts = [*SENTENCE.finditer(text)]
    starts = [part.start() for part in parts]
    within = [(bisect_right(starts, each.answer.start) - 1, each)
              for each in report.answers if each.answer.start is not None]  # fmt: skip
    off = {at for at, each in within if not VERDICTS[each.verdict].passes}
    right, asked = {at for at, _ in within}, {at for at, each in within if each.asked}
    said = ["".join(part[0].casefold().split()) for part in parts]
    own = {
        at for at, part in enumerate(said)
        if len(part) >= LONG and at not in asked and not (at in right and _is_bare(parts[at][0]))
        and not part.endswith("=") and not (FILL_IN in text and part.startswith("#"))
    }  # fmt: skip
    told = off if RESULTS in text else off | own
    return frozenset(crc32(said[at].encode("utf-8", "replace")) for at in told)


def _is_bare(part: str) -> bool:
    """True if a sentence or line holds figures alone, with no working and few words."""
    line = "".join(part.casefold().split())
    _, *figures = re.split("[=≈]" if "=" in line or "≈" in line else ":", line)
    return len(WORD.findall(part)) < WORDY and all(map(BARE.match, figures))


def remarks(sketches: Mapping[str, frozenset[int]], people: Mapping[str, str]) -> list[str]:
    """Return what is to be said of a class, by the files of its sheets and whose they are."""
    said = [*_same(sketches), *_several(people)]
    more = [f"and {len(said) - SHOWN} more of this kind"] if len(said) > SHOWN else []
    return [*said[:SHOWN], *more]


def _several(people: Mapping[str, str]) -> Iterator[str]:
    """Say which names stand on several sheets; a given name alone may be that of many."""
    files: defaultdict[str, list[str]] = defaultdict(list)
    for file, person in people.items():
        if " " in person:
            files[" ".join(person.casefold().split())].append(file)
    for own in files.values():
        if len(own) > 1:  # two people may have one name
            yield f"{len(own)} sheets have the name {people[own[0]]}: {listed(own, SHOWN)}"


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
        but_one = rare > FEWEST and max(len(one - other), len(other - one)) == 1
        nearly = rare >= FEWEST and len(both) >= ALIKE * len(one | other)
        if (but_one or nearly) and home[one] is not home[other]:
            joined, gone = home[one], home[other]
            joined += gone
            home = {each: joined if files is gone else files for each, files in home.items()}
    for files in {id(files): files for files in home.values()}.values():
        if len(files) > 1:
            yield f"these sheets are the same, or nearly: {listed(files, SHOWN)}"
