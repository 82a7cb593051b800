"""How text stands in columns: how wide it is, and where a line that is too long ends."""

from __future__ import annotations

import re
import unicodedata

GAP = "   "  # between parts of a line
BREAKS = (
    rf"{GAP} *",
    r"(?<![=<>≈~]) +(?![=<>≈~])",
    r" +",
    r"(?<=·)|(?<=\*)(?!\*)",
    r"(?<=[/(,|_])",
)
"""Where a line that is too long ends, best first: never within a number that fits."""
BETWEEN_WORDS = BREAKS[2:3]

RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
TURNED = rf"\w*[{RIGHT_TO_LEFT}]\w*(?: +\w*[{RIGHT_TO_LEFT}]\w*)*"
"""Words that hold letters written from right to left."""
ISOLATES = "\u2068\u2069"
"""The marks before and after what is set in an order of its own."""

USUAL = re.compile(
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0391-\u03a1\u03a3-\u03ce\u2070\u2074-\u208e\u2200-\u22ff]*"
)
"""Letters of which each takes one column and none is unsafe: most texts have no others."""

SUM = re.compile(r"\((?:[^()]|\([^()]*\))*? [-+−] (?:[^()]|\([^()]*\))*\)")
GLANCE = 20  # letters after the end of a line that say whether it may end there
JAMO = range(0x1160, 0x1200)  # vowels and ends of Korean syllables, which join what stands before


def columns_of(text: str) -> int:
    """Return how many terminal columns a text takes: wide letters two, marks and isolates none.

    >>> columns_of("ŷ = θ"), columns_of("変数"), columns_of("e\u0301")
    (5, 4, 1)
    """
    return len(text) if USUAL.fullmatch(text) else sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.category(letter).startswith("M") or ord(letter) in JAMO or letter in ISOLATES:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def isolated(text: str) -> str:
    """Return a text in which words from right to left leave the order of all others as it is.

    Without the marks around them a viewer shows `א = 0.5` with the number on the left.
    """
    if USUAL.fullmatch(text):
        return text
    return re.sub(TURNED, rf"{ISOLATES[0]}\g<0>{ISOLATES[1]}", text)


def wrapped(text: str, width: int, breaks: tuple[str, ...] = BREAKS) -> list[str]:
    """Return a text in lines no wider than so many columns.

    With `BETWEEN_WORDS` a longer word has a line of its own and stays whole.

    >>> wrapped("0.25·0.5 + 0.75·0.5·(1 - 0.5)", 16)
    ['0.25·0.5 +', '0.75·0.5·', '(1 - 0.5)']
    """
    lines, text = [], text.rstrip()
    while columns_of(text) > width:
        fits = max(len(text[: _fitting(text, width)].rstrip(" ")), 1)
        whole = held(text, width)
        ends = [_last_break(each, whole, fits) for each in breaks]
        ends = ends if max(ends)[0] else [_last_break(each, text, fits) for each in breaks]
        start, after = next((end for end in ends if end[0] > width // 3), max(ends))
        if not start and breaks is BETWEEN_WORDS:
            first = re.search(r"(?<=\S) +", text)
            start, after = first.span() if first else (len(text), len(text))
        elif not start:
            start = after = fits
        lines.append(text[:start])
        text = text[after:]
    return [*lines, text] if text else lines or [""]


def held(text: str, width: int) -> str:
    """Return a text with marks in place of the sums in brackets that have room on one line."""
    kept = lambda m: "\0" * len(m[0]) if len(m[0]) <= width else f"({held(m[0][1:], width)}"  # noqa: E731
    return SUM.sub(kept, text)


def _fitting(text: str, width: int) -> int:
    """How many letters of a text have room."""
    for place, letter in enumerate(text):
        width -= columns_of(letter)
        if width < 0:
            return place
    return len(text)


def _last_break(pattern: str, text: str, fits: int) -> tuple[int, int]:
    """Where the last break that leaves no more than so many letters starts and ends, or 0."""
    found = (match.span() for match in re.finditer(pattern, text[: fits + GLANCE]))
    return max((span for span in found if span[0] <= fits), default=(0, 0))
