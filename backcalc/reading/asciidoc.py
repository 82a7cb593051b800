"""AsciiDoc as Markdown: its headings, formulas and tables, every character where it stands."""

from __future__ import annotations

import re
from itertools import accumulate

from backcalc.errors.patterns import regex
from backcalc.reading.marks import marks, rewritten
from backcalc.reading.tokens import FILLER, blanked

SHOWN = regex(r"stem:\[|^\|===$|^\[(?:stem|asciimath)\]$", re.M)
"""What shows such a document, whatever its file is called."""
BLANKED = regex(
    r"^////\n(?s:.*?)^////$|^//.*$|^:[\w!-]+:.*$|footnote:\[[^\]\n]*\]"
    r"|^\[(?![\d.,; -]*\]$)[^\[\]\n]*\]$",
    re.M,
)
"""Comments, footnotes, and lines of attributes."""
HEADING = regex(r"^={1,6}(?= )", re.M)
KIND = r"(?P<kind>stem|latexmath|asciimath)"
DISPLAY = regex(rf"^\[{KIND}\]\n\+{{4}}\n(?P<math>(?s:.*?))\+{{4}}$", re.M)
INLINE = regex(rf"{KIND}:\[(?P<math>(?:[^\[\]\n]|\[[^\[\]\n]*\])*)\]")
TABLE = regex(r"^(?P<options>\[[^\n]*\]\n)?(?P<start>\|===)\n(?P<body>(?s:.*?))^\|===$", re.M)
COLUMNS = regex(r"cols=\"?(?:(?P<count>\d{1,3})\*|(?P<listed>[^\"\]]*))")
ASCIIMATH = marks("ASCIIMATH")
SPECIFIED = regex(r"^(?=\S)[\d.+*<^>]*[a-z]?(?=\|)", re.M)
"""How a cell is set, before its bar: 2+^a|."""
BAR = regex(r"(?<!\\)\|")
ROW_END = regex(r" \\(?=[ \t]*$)", re.M)


def as_markdown(text: str) -> str:
    """A document of AsciiDoc as one of Markdown, of the same length."""
    text = DISPLAY.sub(lambda m: f"{'$$':<{m.start('math') - m.start()}}{_formula(m)}$$  ", text)
    text = INLINE.sub(lambda m: f"{'$':{FILLER}>{m.start('math') - m.start()}}{_formula(m)}$", text)
    text = TABLE.sub(_table, text)
    text = blanked(text, [match.span() for match in BLANKED.finditer(text)])
    return HEADING.sub(lambda m: "#" * len(m[0]), text)


def _formula(match: re.Match[str]) -> str:
    """A formula of AsciiMath with the signs of LaTeX where these are as long."""
    math = ROW_END.sub(r"\\\\", match["math"])
    if match["kind"] == "latexmath" or re.search(r"\\[A-Za-z]", math):
        return math
    return rewritten(math, ASCIIMATH)


def _table(match: re.Match[str]) -> str:
    """A table with a rule above its head, and the cells of each row on one line."""
    options, lines = match["options"] or "", SPECIFIED.sub(_blank, match["body"]).split("\n")[:-1]
    bars = [len(BAR.findall(line)) for line in lines]
    count, cells, written = next(filter(None, bars), 0), 0, list[str]()
    if columns := COLUMNS.search(options):
        count = int(columns["count"] or 0) or len((columns["listed"] or "").split(","))
    starts = [*accumulate(bars, initial=0)]
    gaps = [at for at, line in zip(starts, lines, strict=False) if not line.strip()]
    parted = len(gaps) > 1 and all(at % (count or 1) == 0 for at in gaps)  # by blank lines
    whole = not count or (starts[-1] % count == 0 and (parted or {*bars} <= {0, 1, count}))
    for line, more in zip(lines, bars, strict=True):
        anew = more and (cells >= count or not whole)
        written += ["\n" if anew else " ", line]
        cells = more if anew else cells + more
    headed = "header" in options or bars[:2] == [count, 0]
    start, end = "|--|" if headed else "    ", "\n" if lines else ""
    return f"{options}{start}\n{''.join(written[1:])}{end}    "


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
