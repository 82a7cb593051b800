"""Figures of a sheet that stand in no statement: nothing that looks like an answer is lost."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from backcalc.errors.patterns import regex
from backcalc.reading.documents import Document
from backcalc.reading.figures import SheetValues
from backcalc.reading.items import Item
from backcalc.reading.pieces import REMARK, Unread
from backcalc.reading.signs import GIVING, VERBS

FIGURE = regex(
    r"(?<![\w.,:/\\])\d*(?:[.,]|\{,\})(\d+)(?:[eE][-+]?\d+)?(?![\w%]|(?:\\,|\s)*\\?%|[.,:/]\d|\{,\})"
)
"""A number with decimals, and no date, version or length."""
NAMED = regex(r"[^\W\d_]_?\{?[\d₀-₉]")
"""A name on a line, beside which a number with one decimal counts too."""
VERB = "|".join(sorted(filter(str.isalpha, VERBS | GIVING)))
STATES = regex(rf"[=≈→←⇒|\t]|->|\\approx|\\to\b|\b(?:{VERB})\b", re.IGNORECASE)
"""What stands on a line that says what something is, so that 1.12. on it is no date."""
SAID = regex(
    rf"(?:^|[:;,(])\s*([^\s:;,(]+)\s+(?:(?:{VERB})|(?:[^\W\d_]+\s+){{1,3}}?(?:as|to|at|be|zu|als|auf))"
    r"\s+[-−–+$]*\Z",
    re.IGNORECASE,
)
"""A name and words such as a verb before a figure, at the end of what stands before it."""
PAIR = regex(r"[:;,(]\s*([^\s:;,(=]+)\s+[-−+$]*\Z")
"""A name alone before a figure, behind words with a colon or in a list: deltas: o1 0.11."""
REMARKED = regex(r"\((?P<inner>[^()\n]*[^\W\d_]{3}[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)")
"""A remark in brackets behind an answer: (should be 0.3)."""
REFERENCE = regex(
    r"(?:\b(?:fig|figure|abb|abbildung|eq|eqn|equation|gl|gleichung|section|sec|chapter|chap|table|tab"
    r"|ex|exercise|problem|question|aufgabe|équation|ecuación|équ)\b[ ]?\.?|[图式表])[ ]*\(?[ ]*\Z",
    re.IGNORECASE,
)
"""What stands before the number of a figure, an equation or a chapter."""
SLOPE_BEFORE = regex(r"([d∂]\w{1,6}/\w{2,7}'?)[^\d=≈/]*\Z")
"""A derivative and only words behind it."""
DATE = regex(r"\b(?:0?[1-9]|[12]\d|3[01])\.(?:0?[1-9]|1[0-2])\.(?!\d)")
INDEX = regex(r"_\{?[ijkt]\}?(?!\w)")
ROW_NAME = regex(
    r"(?![ijkmnNtT]$)[^\W\d_](?:_?\d\w{0,2}|_\w{1,3})?'*|[^\W\d_]{2,4}_?\d\w{0,2}'*"
    r"|[d∂][^\W\d]\w{0,7}/?[d∂][^\W\d]\w{0,7}"
)
"""What a quantity may be called, and no count, in the first cell of a row."""
HASHES = regex(r"[ \t]*#+[ \t]*")
SHORT = regex(r"[-−+]?\d+(?:[.,]\d)?")
TAGGED = regex(r"\\tag\*?[ ]?\{[ ]?([\d.]+)[ ]?\}")
"""The number of an equation."""
MARKS = regex(r"[$`*{}\\\s]|frac|partial|mathrm")
LOST = "it is not clear which quantity has this figure"


def figures_lost(
    document: Document,
    stated: Sequence[tuple[int, int]],
    results: Sequence[float],
    unread: Sequence[Unread],
    figures: SheetValues,
    is_name: Callable[[str], bool],
    printed: bool = False,
) -> Iterator[Unread]:
    """Each line with a figure that was read neither as an answer nor as working or a given one.

    `stated` are the stretches of the statements that were read, `results` the numbers they give.

    What only says a figure of the sheet once more, perhaps in fewer digits, is none, unless the
    name of a quantity stands alone before it, or a sentence states what is only worked with
    elsewhere. In a `printed` text a number with one decimal counts too.
    """
    text = document.work
    spans = sorted({*stated, *((u.start, u.end) for u in unread)})
    starts = [start for start, _ in spans]
    told = {document.row(each.start) for each in unread}  # the rows that need no more words
    spelled = set[int]()  # the stretches of a printed text that are listed
    read = {document.row(at) for ends in stated for at in ends} | told
    known = [abs(float(each)) for each in figures.given.values()]
    known += [_amount(m[0]) for u in unread for m in FIGURE.finditer(text, u.start, u.end)]
    apart = (m for m in FIGURE.finditer(document.text) if not text[m.start() : m.end()].strip())
    known += [_amount(m[0]) for m in apart]  # of matrices, which are read before
    told_before = sorted([*known, *results])
    known += [_amount(m[0]) for start, end in stated for m in FIGURE.finditer(text, start, end)]
    known.sort()
    tags = {*TAGGED.findall(document.text)}
    for item in document.items:
        cells = [cell for row in item.rows for cell in row] if item.rows else [item.spans]
        for span in (span for cell in cells for span in cell):
            for figure in FIGURE.finditer(text, span.start, span.end):
                row, at = document.row(figure.start()), bisect_right(starts, figure.start())
                amount, room = _amount(figure[0]), 0.51 * 10.0 ** -len(figure[1])
                near, again = (
                    bisect_left(all_, amount - room) < bisect_right(all_, amount + room)
                    for all_ in (known, told_before)
                )
                within = any(figure.start() < end for _, end in spans[max(at - 3, 0) : at])
                end = text.find("\n", figure.end())
                line = document.starts[row], end % (len(text) + 1)
                before = text[line[0] : figure.start()]
                said = (SAID.search(before) or PAIR.search(before)) if not item.rows else None
                if item.rows:  # p_k before the numbers of classes
                    before = INDEX.sub("_1", before.strip(" |").split("|")[0])
                named = near and (is_name(said[1]) if said else row not in read and is_name(before))
                if near and not (named or item.rows or row in read):
                    slope = SLOPE_BEFORE.search(before)
                    named = bool(slope and is_name(slope[1]))
                states = STATES.search(text, *line)
                worked = near and not again and states and not item.rows
                told_here = span.start in spelled if printed else row in told
                if (near and not (named or worked)) or within or told_here:
                    continue
                if figure[0] in tags or REFERENCE.search(before):
                    continue
                ends = [end for _, end in stated if line[0] <= end <= figure.start()]
                aside = REMARKED.search(text, max(ends), line[1]) if ends else None
                if aside and aside.start() < figure.start() < aside.end():
                    told.add(row)
                    yield Unread(aside.start("inner") - 1, aside.end(), REMARK)
                    continue
                told.add(row)
                spelled.add(span.start)
                dated = not item.rows and DATE.match(text, figure.start())
                printed_alone = printed and not item.rows
                short = len(figure[1]) < 2 and not (printed_alone or NAMED.search(text, *line))
                if named or not (short or (dated and not states)):
                    read.add(row)
                    marks = item.kind == "heading" and HASHES.match(text, span.start)
                    yield Unread(marks.end() if marks else span.start, span.end, LOST)
        yield from _rows_lost(document, item, read)


def _rows_lost(document: Document, item: Item, done: set[int]) -> Iterator[Unread]:
    """Yield the rows in a table of answers that name something with a whole number beside it."""
    rows = [[cell for cell in row if cell] for row in item.rows[item.headed :]]
    there = {document.row(row[0][0].start): row for row in rows if row}
    for place, (first, *rest) in there.items() if done.intersection(there) else ():
        name, *figures = (
            MARKS.sub("", document.work[cell[0].start : cell[-1].end]) for cell in (first, *rest)
        )
        if place not in done and ROW_NAME.fullmatch(name) and any(map(SHORT.fullmatch, figures)):
            yield Unread(first[0].start - first[0].math, rest[-1][-1].end, LOST)


def _amount(figure: str) -> float:
    return float(figure.replace("{,}", ".").replace(",", "."))
