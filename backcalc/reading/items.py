"""The items of a text, in order: mathematics, lines, tables, code and headings."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from backcalc.errors.patterns import regex
from backcalc.formulas import record, replace
from backcalc.reading.sessions import FIGURE
from backcalc.reading.tokens import FILLER, argument, blanked

MAX_LINE = 20_000
MATH = regex(
    r"(?<!\\)\$\$(?P<display>(?:(?!\n[ \t>]*(?:\n|\$\$[^\s$][^\n]*\$\$[ \t]*\n)).)+?)(?<!\\)\$\$"
    r"|(?<![\\$])\$`(?P<ticked>[^`\n]+)`\$"
    r"|(?<![\\$])\$(?!\$)(?P<inline>(?:[^$\n\\]|\\.|\\\n"
    r"|\n(?!\s*\n|[ \t>]*(?:[*+-]|\d+[.)])[ \t]+\$))+?)\$(?!\$)"
    r"|\\\[(?P<square>(?:(?!\n[ \t>]*\n).)+?)\\\]"
    r"|\\\((?P<round>(?:(?!\n[ \t>]*\n).)+?)\\\)"
    r"|(?P<env>\\begin\{(?P<name>align|alignat|aligned|gather|eqnarray|equation|multline|split|"
    r"displaymath|math|flalign|IEEEeqnarray|dmath)(?P<star>\*?)\}.+?\\end\{(?P=name)(?P=star)\})",
    re.DOTALL,
)
FENCE = regex(r"^[ \t]*(```+|~~~+)[ \t]*([\w-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.M | re.S)
DEFINES = r"[ \t]*(?:def|class|return)\b|\w+[ \t]*=[ \t]*lambda\b"
"""How a line of code begins that defines a function, and says nothing of a quantity."""
HEADING = regex(
    r"^[ \t]*(?:#{1,6}[ \t]+.+|\\(?:sub)*(?:section|paragraph|chapter)\*?\{[^{}]*\}.*)$"
)
STATED = regex(
    r"^[ \t]*#+(?:[^#\n]*(?:=|≈|\\approx)[ \t$]*|[ \t]+\S{1,12}:[ \t]*)"
    r"[-−+]?[ \t]*\d*(?:[.,]|\{,\})\d"
)
"""How a heading of Markdown reads that says what something comes to."""
SECTION = regex(r"\\(?:sub)*(?:section|paragraph|chapter|part)\*?\{((?:[^{}]|\{[^{}]*\})*)\}")
LIST_MARK = regex(
    r"[ \t>]*(?:(?:[-*+•–]|\(?\d{1,3}[.)]|\(?[a-h]\))[ \t\xa0]+"
    r"(?:(?:\[[ xX]\]|\d{1,2}\)(?=[ \t]+[^\W\d]))[ \t]+)?)?"
)
ROW_END = regex(r"\\\\\*?(?:\[[^\]]*\])?|\\hline|\\(?:top|mid|bottom)rule|\\end(?:first)?head")
TABLE_RULE = regex(r"^[ \t>]*\|?[ \t]*:?-{1,}:?[ \t]*(?:\|[ \t]*:?-{1,}:?[ \t]*)*\|?[ \t]*$")
TABULAR = regex(r"\\begin\{(tabular|longtable|tabularx|tabulary)\*?\}(.*?)\\end\{\1\*?\}", re.S)
IN_WORDS = regex(r"\s*\\(?:text(?:bf|rm)?|mathrm|mbox)\s*\{")
ARRAY = regex(
    r"\s*(?:\\left\W\s*)?\\begin\{array\}(?P<cells>\{[^{}=]*\}[^\\=]*"
    rf"(?=[^=]*?\\\\)(?:(?!\\\\|=).)*?{IN_WORDS.pattern}(?:(?!\\\\|=).)*\\\\(?:(?!\\begin\{{).)*)"
    r"\\end\{array\}\s*(?:\\right\W)?[\s.,]*",
    re.DOTALL,
)
"""A display that is a table, with words at its head."""
BAR = regex(r"\|")
TICKED = regex(r"(`+)([^`\n]+)\1")
BLANK_LINES = regex(r"\n+")
RULE = regex(r"[ \t]*(?:[-─=_━][ \t~]*){4,}")
RULER = regex(r"[ \t]*=+(?:[ \t]+=+)+[ \t]*")
"""A line of reStructuredText that says where the columns of a table begin."""
HEADED = regex(r"[^\W\d_]")
"""What stands in a cell that may be the title of a column."""
COLUMN = regex(r"\t[ \t]*|(?:(?<![=≈ ])|(?<=[ ]{2}[=≈]))[ ]{2,}")
TAB = regex(r"\t")
COUNTING = regex(r"\b[tkn] ?= ?\d\b")
"""A title that says after how many steps it is."""
MOST_IN_TITLE = 6  # words of a line in a table that is the title of some rows
GAP_BETWEEN = regex(
    r"[ \t]*[^\s=≈][^\n=≈]*[=≈][^\n]*?\S {4,}(?=\S[^\n=≈]*[=≈])"
    r"|[ \t]*[-−–+*/·×=≈][^\n]*?\S {4,}(?=\S)"
)
"""The left of two columns, up to the right one."""
GOING_ON = regex(r"[ \t]*(?=[=≈])|[ \t]{2,}(?=[-−–+·×/] ?(?:[\d(.]|\w+ ?[·*(]))")
"""What stands before a line that goes on with the one above it."""
WIDEST = 500  # characters of a line of two columns
NEARLY_BELOW = 3  # columns by which two lines of the right column may begin apart
GIVEN_BELOW = regex(r"[ \t]*\w+ {2,}[=≈] ?-?\d")
"""A word and, apart from it, what is found: no row of a table, whose cells have no signs."""
APART, PRINTED = regex(r"\S+"), regex(FIGURE)
DECIMAL = regex(r"[-−+]?\d*[.,]\d+")
SPACED_NUMBER = regex(r"\d \. \d")
SPACED_TEX = regex(r"[_^] ?\{|\\[A-Za-z]+ ?\{")
"""Signs of LaTeX as character recognition sets it, without dollars around it."""
COMMAND = regex(r"\\(?:operatorname|mathrm|text) ?\{[^{}]*\}|\\[A-Za-z]+")
WORD = regex(r"[^\W\d_]{3}")


class Span(NamedTuple):
    """A stretch of the document."""

    start: int
    """Offset of its first character."""
    end: int
    """Offset behind its last one."""
    math: bool
    """Whether blanks mean nothing in it, as in TeX."""


Spans: TypeAlias = tuple[Span, ...]
"""The stretches of a cell."""
SpanRow: TypeAlias = Sequence[Spans]
"""The cells of a row."""
SpanRows: TypeAlias = Sequence[SpanRow]
"""The rows of a table."""


@record(frozen=True, slots=True)
class Item:
    """What is read in one go: a display, a line, a row's cells; or words that say what follows."""

    kind: str
    """math, line, heading, table or code."""
    spans: Spans = ()
    """The stretches, in order."""
    rows: SpanRows = ()
    """For a table its rows of cells, the head first."""
    headed: bool = True
    """For a table whether its first row is a head."""
    column: str = ""
    """Of two columns the one that it stands in: left, right, or on where the left one goes on."""

    @property
    def start(self) -> int:
        """The offset of its first character; -1 if all its cells are empty."""
        cells = (span for row in self.rows for cell in row for span in cell)
        return next((span.start for span in (*self.spans, *cells)), -1)


def items_of(text: str, kind: str, code: Sequence[tuple[int, int]]) -> Iterator[Item]:
    """The items of a text in order."""
    blocks: list[tuple[int, int, str]] = [(start, end, "code") for start, end in code]
    if kind in ("markdown", "notebook", "text"):
        for match in FENCE.finditer(text):
            fence = [(match.start(), match.start(3)), (match.end(3), match.end())]
            if match[2] in ("backcalc", "mermaid"):  # the network that the figures are of
                fence = [match.span()]
            else:
                inside = "math" if match[2] == "math" else "code"
                blocks.append((match.start(3), match.end(3), inside))
            text = blanked(text, fence)
    outside = (m for m in MATH.finditer(text) if not any(s <= m.start() < e for s, e, _ in blocks))
    math = [(*m.span(), *m.span(m.lastgroup or 0)) for m in outside]
    tables = {m.span(): m.span(2) for m in TABULAR.finditer(text)} if kind == "latex" else {}
    arrays = {m[:2]: a.span(1) for m in math if (a := ARRAY.fullmatch(text, *m[2:]))}
    at = 0
    drawn = [(*span, "table") for span in tables], [(*span, "array") for span in arrays]
    for start, end, what in sorted([*blocks, *chain(*drawn)]):
        if start < at:
            continue
        yield from _lines(text, at, start, math, kind)
        if what == "math":
            yield Item("math", (Span(start, end, True),))
        elif what == "code":
            for line in re.finditer(rf"(?!{DEFINES})^[^\n]+", text[start:end], re.M):
                yield Item("code", (Span(start + line.start(), start + line.end(), False),))
        elif what == "array":
            yield from _tabular(text, *arrays[start, end], (), math=True)
        else:
            yield from _tabular(text, *tables[start, end], math)
        at = end
    yield from _lines(text, at, len(text), math, kind)


Math = Sequence[tuple[int, int, int, int]]


def _within(math: Math, start: int, end: int) -> Math:
    """The stretches that begin between two places."""
    first = bisect_left(math, start, key=itemgetter(0))
    return math[first : bisect_left(math, end, first, key=itemgetter(0))]


def _lines(text: str, start: int, end: int, math: Math, kind: str) -> Iterator[Item]:
    """The items between two places: whole displays, tables in Markdown, and lines."""
    at = start
    rows: list[tuple[int, int]] = []
    while at < end:
        if not rows and (blank := BLANK_LINES.match(text, at, end)):
            at = blank.end()
            continue
        stop, last = at - 1, at
        while stop < min(last, end):  # mathematics may go on over several lines
            stop = _line_end(text, last, end)
            inside = _within(math, at, stop)
            last = max((m[1] for m in inside), default=stop)
        if not rows and RULER.fullmatch(text, at, stop):
            at = stop + 1  # above the head of a table, or below its last row
            continue
        below = _columns(text, at, stop, end, math) if not rows and not inside else None
        if below:
            item, at = below
            yield item
            continue
        if not (rows or inside) and (halves := _in_columns(text, at, stop, end)):
            columns = ("left", "on", "right", "right")
            for column, (first, last) in zip(columns, halves, strict=True):
                if column == "on":  # whose sign is that of no list
                    yield Item("line", _spans_in(text, first, last, ()), column=column)
                    continue
                for item in _line(text, first, last, (), kind):
                    yield replace(item, column=column)
            at = halves[-1][1] + 1
            continue
        if not rows and (open_rows := _open_rows(text, at, end)):
            yield from _table(text, open_rows, math)
            at = open_rows[-1][1] + 1
            continue
        row = text[at:stop].lstrip(f" >\t{FILLER}")
        if row.startswith("|") and "\n" not in row and row.count("|") > 1:
            rows.append((at, stop))
        else:
            yield from _table(text, rows, math)
            rows = []
            if stop - at <= MAX_LINE:  # nobody writes a longer one
                yield from _line(text, at, stop, inside, kind)
        at = stop + 1
    yield from _table(text, rows, math)


def _in_columns(text: str, at: int, stop: int, end: int) -> list[tuple[int, int]]:
    """Two lines of two columns of which the left one goes on: left, left, right and right."""
    after, below = stop + 1, _line_end(text, stop + 1, end)
    if below - at > 2 * WIDEST:
        return []
    here = GAP_BETWEEN.match(text, at, stop)
    further = here and GOING_ON.match(text, after, below)
    if not (here and further) or further.end() - after > here.end() - at:
        return []
    there = GAP_BETWEEN.match(text, after, below)
    if there and abs((there.end() - after) - (here.end() - at)) > NEARLY_BELOW:
        return []
    middle = there.end() if there else below
    return [(at, here.end()), (after, middle), (here.end(), stop), (middle, below)]


def _open_rows(text: str, at: int, end: int) -> list[tuple[int, int]]:
    """The rows of a table in Markdown with no bars around it, whose head stands there."""
    found: list[tuple[int, int]] = []
    count = text.count("|", at, _line_end(text, at, end))
    while count and at < end:
        stop = _line_end(text, at, end)
        line = text[at:stop]
        ruled = len(found) != 1 or ("-" in line and TABLE_RULE.match(line))
        if line.count("|") != count or line.lstrip().startswith("|") or not ruled:
            break
        found.append((at, stop))
        at = stop + 1
    return found if len(found) > 2 else []


def _line_end(text: str, at: int, end: int) -> int:
    """Where the line ends in which a place stands, or the stretch."""
    stop = text.find("\n", at, end)
    return end if stop < 0 else stop


def _columns(text: str, at: int, stop: int, end: int, math: Math) -> tuple[Item, int] | None:
    """A table in plain text with a rule below its head, and where it ends; None for no table."""
    below = _line_end(text, stop + 1, end)
    tabs = text.count("\t", at, stop)
    ruler = RULER.fullmatch(text, stop + 1, below)
    parts = [m.start() for m in re.finditer("=+", ruler[0])] if ruler else []
    headed = ruler or (COLUMN.search(text[at:stop].strip()) and "=" not in text[at:stop])
    boxed = text[below + 1 : below + 40].lstrip(" \t").startswith("|")  # a table of its own
    ruled = headed and not boxed and RULE.fullmatch(text[stop + 1 : below])
    pasted = (
        (tabs > 1 or (tabs and _has_two_columns(text)))
        and tabs in (text.count("\t", stop + 1, below), _tabs_behind_title(text, stop + 1, below))
        and "=" not in COUNTING.sub("", text[at:stop])
    )
    row = COLUMN.split(text[stop + 1 : below].strip()) if headed else []
    counted = len(row) > 2 and len(COLUMN.split(text[at:stop].strip())) == len(row) and (
        all(map(DECIMAL.fullmatch, row[1:])) and not re.search(r"\d", text[at:stop])
    )  # fmt: skip
    if not (ruled or pasted or counted):
        return _printed(text, at, stop, end)
    rows: list[SpanRow] = []
    heads: list[int] = []
    over_all = text[at:stop].rstrip().endswith("  all")
    column = TAB if pasted else COLUMN
    while at < end and text[at:stop].strip():
        if len(text[at:stop].split()) > MOST_IN_TITLE and not column.search(text[at:stop].strip()):
            break  # a sentence
        if not RULE.fullmatch(text[at:stop]):
            blanks = " " if pasted else None  # a tab before it is an empty cell
            first = at + len(text[at:stop]) - len(text[at:stop].lstrip(blanks))
            edges = [(m.start(), m.end()) for m in column.finditer(text, first, stop)]
            starts = [first, *(e for _, e in edges if e < stop)]
            ends = [*(s for s, e in edges if e < stop), stop]
            if parts:  # the columns of the ruler
                starts = [min(at + start, stop) for start in parts]
                ends = [*starts[1:], stop]
            places = {s - at: (s, e) for s, e in zip(starts, ends, strict=True)}
            heads = heads or [*places]
            ends_there = max(places) == heads[-1] or over_all  # else which cell is empty?
            if ends_there and len(places) < len(heads) and places.keys() <= {*heads}:
                places = {start: places.get(start, (at, at)) for start in heads}
            inside = _within(math, at, stop)
            rows.append(tuple(_spans_in(text, *place, inside) for place in places.values()))
        at = stop + 1
        stop = _line_end(text, at, end)
    return (Item("table", rows=tuple(rows)), at) if len(rows) > 1 else None


def _tabs_behind_title(text: str, at: int, stop: int) -> int:
    """The tabs of the row below a line that is the title of some rows; 0 where it is none."""
    titled = text[at:stop].strip() and "\t" not in text[at:stop]
    return text[stop + 1 :].partition("\n")[0].count("\t") if titled else 0


def _printed(text: str, at: int, stop: int, end: int) -> tuple[Item, int] | None:
    """A table as libraries print it: a word for each column, and below it this column's figures.

    A word on a line of its own below the head is the title of the first column.
    """
    heads, top = [*APART.finditer(text, at, stop)], at
    lettered = all(any(map(str.isalpha, each[0])) for each in heads)
    if len(heads) < 2 or not lettered or any(sign in text[at:stop] for sign in "=:*"):
        return None
    rows: list[SpanRow] = []
    at = stop + 1
    while at < end:
        stop = _line_end(text, at, end)
        words = [*APART.finditer(text, at, stop)]
        if not words:
            break
        label, *figures = words
        titles = heads if len(figures) == len(heads) else heads[1:]
        cells = figures if titles is heads else words
        below = len(cells) == len(heads) and all(
            (two is label or PRINTED.fullmatch(two[0]))
            and max(one.start() - top, two.start() - at) < min(one.end() - top, two.end() - at)
            for one, two in zip(heads, cells, strict=True)
        )
        if below:
            first = () if titles is heads else (_span(heads[0]),)
            rows = rows or [(first, *((_span(each),) for each in titles))]
            rows.append(tuple((_span(each),) for each in (label, *figures)))
        elif rows and GIVEN_BELOW.match(text, at, stop):
            return None  # a formula, and below it its numbers and its result
        elif figures or rows or not label[0].isalpha():
            break
        at = stop + 1
    return (Item("table", rows=tuple(rows), headed=True), at) if rows else None


def _span(match: re.Match[str]) -> Span:
    return Span(match.start(), match.end(), False)


@lru_cache(maxsize=2)
def _has_two_columns(text: str) -> bool:
    """True if there is a tab in each line of a text."""
    return all("\t" in line for line in text.strip().split("\n"))


def _line(text: str, at: int, stop: int, inside: Math, kind: str) -> Iterator[Item]:
    """One line, with the mathematics in it."""
    line = text[at:stop]
    if not line.strip():
        return
    heading = HEADING.match(line) if not inside or line.lstrip().startswith("#") else None
    if heading and kind != "answers":
        yield Item("heading", (Span(at, stop, False),))
        if not STATED.search(line):
            return
        at += len(line) - len(line.lstrip("# \t"))  # an answer in big letters
    if section := SECTION.search(line):
        title = Span(at + section.start(1), at + section.end(1), False)
        whole = section[0] == line.strip()  # what its title says stands in no bracket
        yield Item("heading", (Span(at, stop, False) if whole else title,))
        at, stop = title[:2] if whole else (at, stop)
    mark = LIST_MARK.match(text[at:stop])
    at += mark.end() if mark else 0
    scanned = not inside and is_scanned_formula(text[at:stop])
    spans = (Span(at, stop, True),) if scanned else _spans_in(text, at, stop, inside)
    if spans:
        yield Item("math" if all(s.math for s in spans) else "line", spans)


def is_scanned_formula(line: str) -> bool:
    """True for LaTeX without dollars whose digits stand apart: z _ { 1 } = 0 . 6 4."""
    if not SPACED_NUMBER.search(line) or not SPACED_TEX.search(line):
        return False
    return not WORD.search(COMMAND.sub("", line))


def _with_code(text: str, span: Span) -> Iterator[Span]:
    """A stretch of text with each piece of code in it apart, without its marks."""
    at = span.start
    if not span.math:
        for mark in TICKED.finditer(text, span.start, span.end):
            if text[at : mark.start()].strip():
                yield Span(at, mark.start(), False)
            yield Span(mark.start(2), mark.end(2), False)
            at = mark.end()
    if text[at : span.end].strip():
        yield Span(at, span.end, span.math)


def _table(text: str, rows: Sequence[tuple[int, int]], math: Math) -> Iterator[Item]:
    """A table in Markdown; rows that are none are lines."""
    if not rows:
        return
    cells = [tuple(_cells_of(text, start, end, math)) for start, end in rows]
    rules = [n for n, (start, end) in enumerate(rows) if TABLE_RULE.match(text[start:end])]
    kept = tuple(row for n, row in enumerate(cells) if n not in rules)
    second = rules[1] - 1 if len(rules) == 2 and rules[0] == 1 and rules[1] > 3 else 0
    if second and all(HEADED.search(text, c[0].start, c[-1].end) for c in cells[second] if c):
        yield from _table(text, rows[:second], math)  # two tables without a line between them
        yield from _table(text, rows[second:], math)
        return
    if len(rules) > 2 and rules[0] == 0:  # a row of a drawn table may have several lines
        ends = [*rules, len(rows)]
        parts = [cells[one + 1 : two] for one, two in pairwise(ends)]
        kept = tuple(
            tuple(tuple(s for cell in column for s in cell) for column in zip(*part, strict=False))
            for part in parts if part
        )  # fmt: skip
    if kept:
        yield Item("table", rows=kept, headed=rules[:1] == [1] or rules[:1] == [0])


def _cells_of(text: str, start: int, end: int, math: Math) -> Iterator[Spans]:
    """The cells of one row of a table in Markdown."""
    inside = [m for m in _within(math, start, end) if m[1] <= end]
    bars = [
        n for n in (bar.start() for bar in BAR.finditer(text, start, end))
        if text[n - 1] != "\\" and not any(m[0] <= n < m[1] for m in inside)
    ]  # fmt: skip
    if not bars or text[start : bars[0]].strip(f" >\t{FILLER}"):
        bars.insert(0, start - 1)  # a table with no bars around it
    elif not text[bars[-1] + 1 : end].strip():
        end = bars[-1]
    for left, right in pairwise([*bars, end]):
        if left < right:
            yield _spans_in(text, left + 1, right, inside)


def _spans_in(text: str, start: int, end: int, math: Math) -> Spans:
    """The stretches of mathematics and of text between two places."""
    spans: list[Span] = []
    at = start
    for first, last, inner, outer in _within(math, start, end):
        if text[at:first].strip():
            spans.append(Span(at, first, False))
        spans.append(Span(inner, outer, True))
        at = last
    if text[at:end].strip():
        spans.append(Span(at, end, False))
    return tuple(part for span in spans for part in _with_code(text, span))


def _tabular(
    text: str, start: int, end: int, inside: Math, *, math: bool = False
) -> Iterator[Item]:
    """A table in LaTeX; if `math`, an array, whose cells are mathematics but for words."""
    start += len(match[0]) if (match := re.match(r"\s*\[[tbc]\]", text[start:end])) else 0
    if text[start : start + 1] == "{":
        start = argument(text, start)[1]
    rows = []
    at = start
    marks = [
        m
        for m in ROW_END.finditer(text, start, end)
        if not any(a < m.start() < b for a, b, *_ in inside)
    ]
    for mark in [*marks, None]:
        stop = mark.start() if mark else end
        cells = []
        left = at
        for bar in [n for n in range(at, stop) if text[n] == "&" and text[n - 1] != "\\"] + [stop]:
            if not any(m[0] < bar < m[1] for m in inside):
                left = bar - len(text[left:bar].lstrip())  # it begins on the line of its text
                spans = _spans_in(text, left, bar, inside)
                worded = not math or bool(IN_WORDS.match(text, left, bar))
                cells.append(spans if worded else tuple(s._replace(math=True) for s in spans))
                left = bar + 1
        if any(cells):
            rows.append(tuple(cells))
        at = mark.end() if mark else end
    if rows:
        yield Item("table", rows=tuple(rows))
