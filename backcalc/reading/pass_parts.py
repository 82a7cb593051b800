"""Of which pass a part of a sheet is, as its titles count: Step 1, Step 2; Iteration 1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, pairwise

from backcalc.errors.patterns import regex
from backcalc.reading.documents import Document
from backcalc.reading.items import Item
from backcalc.reading.signs import PASSES, STEPS, STEPS_OF_WORK

ORDINALS = ("first", "second", "third"), ("erste", "zweite", "dritte")
"""Words that count passes, in their order."""
COUNTING = "|".join(sorted(STEPS | STEPS_OF_WORK | PASSES & {"update"}))
ORDINAL = "|".join(chain.from_iterable(ORDINALS))
TITLE = regex(
    r"[\W_]*(?:(?<=\\)[a-z]+\*?\{[\W_]*)?"
    r"(?:(?:sgd|gd|gradient descent|training|update|der|the)[ -])?"
    rf"(?:(?P<word>{COUNTING})[ .~]*(?:no\.?|nr\.?|#)?[ ~]*(?P<number>\d)"
    rf"|(?:(?P<count>\d)\.|(?P<ordinal>{ORDINAL})[rsn]?)[ ~](?P<behind>{COUNTING}))"
    r"(?!\w)(?![.,]\d)(?P<colon>[*_ ]*:)?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
"""A title, or the beginning of a line, that counts passes."""
MOST_BEHIND = 6  # words behind the number in a title


def counted_passes(document: Document) -> dict[int, int]:
    """For each item below a title that may count passes how many steps are made before it."""
    titles = dict[int, tuple[int, str]]()
    for place, item in enumerate(document.items):
        if item.kind in ("heading", "line") and (found := title_of(document, item)):
            titles[place] = found
    by_work = {place: n for place, (n, word) in titles.items() if word in STEPS_OF_WORK}
    others = {place: n for place, (n, word) in titles.items() if word not in STEPS_OF_WORK}
    chosen = next((each for each in (others, by_work) if is_count([*each.values()])), {})
    if not chosen:
        return {}
    first = min(min(chosen.values()), 1)
    below, now, level = dict[int, int](), -1, 0
    for place, item in enumerate(document.items):
        line = _written(document, item)
        depth = depth_of(line) if item.kind == "heading" else 0
        if place in chosen:
            now, level = chosen[place] - first, depth
        elif depth and not 0 < level < depth:
            now = -1
        if now >= 0:
            below[place] = now
    return below


def _written(document: Document, item: Item) -> str:
    """What stands where an item is."""
    return document.text[item.spans[0].start : item.spans[-1].end] if item.spans else ""


def depth_of(heading: str) -> int:
    """The level of a heading in Markdown or LaTeX, from 1."""
    return len(heading) - len(heading.lstrip("#")) or 1 + heading.partition("{")[0].count("sub")


def counts_time(document: Document, length: int) -> bool:
    """True if what titles call a step can be one of so many steps in time, and none of the work."""
    numbers = set[int]()
    for item in document.items if length else ():
        text = _written(document, item)
        match = TITLE.match(text.partition("\n")[0])
        if match and (match["word"] or match["behind"]).casefold() in STEPS_OF_WORK:
            found = counted_title(text)
            numbers.add(found[0] if found else length + 1)
    return bool(numbers) and numbers <= {*range(1, length + 1)}


def title_of(document: Document, item: Item) -> tuple[int, str] | None:
    """The number of the pass that an item begins with, as a point of a list too: 2. Schritt."""
    start = item.spans[0].start if item.spans else 0
    line = document.text.rfind("\n", 0, start) + 1
    end = item.spans[-1].end if item.spans else 0
    return counted_title(document.text[line:end]) or counted_title(document.text[start:end])


def counted_title(text: str) -> tuple[int, str] | None:
    """The number of the pass that a line begins with, and the word for it; None for no title."""
    match = TITLE.match(text.partition("\n")[0])
    if not match:
        return None
    said = (match["ordinal"] or "").casefold()
    ordinal = next((row.index(said) + 1 for row in ORDINALS if said in row), 0)
    word = (match["word"] or match["behind"]).casefold()
    stated = match["colon"] and re.search("[=≈]", match["rest"])
    behind = re.findall(r"[^\W_]+", match["rest"])
    short = not behind if word in STEPS_OF_WORK else len(behind) <= MOST_BEHIND
    if not stated and (not short or re.search("[=≈]", match["rest"])):
        return None
    return int(match["number"] or match["count"] or ordinal), word


def is_count(numbers: Sequence[int]) -> bool:
    """True for 1, 2, 3 or 0, 1, and for a 2 alone."""
    from_start = len(numbers) > 1 and numbers[0] < 2
    in_turn = all(two - one == 1 for one, two in pairwise(numbers))
    return numbers == [2] or (from_start and in_turn)
