"""Damage as character recognition and hasty fingers do it to a sheet, from a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from backcalc.formulas.expression import Name
from backcalc.formulas.notation import formula_text
from backcalc.reading import Assertion, Reading

ALIKE = {
    "0": "Oo", "1": "lI|", "2": "zZ", "5": "Ss", "6": "b", "8": "B", "9": "gq", "z": "2", "l": "1",
    "w": "ωvW", "y": "gv", "h": "n", "L": "l", "S": "5", "x": "χX", "-": "–~_", "=": "-:",
    ".": ", ",
    ",": ".",
    "(": "{[", ")": "}]", "{": "(", "}": ")", "_": "-", "^": "'", "'": "`", "\\": "/",
    "+": "t", "*": "x", "·": ".", "&": "8", "|": "1l", "$": "S", "∂": "d", "ŷ": "y",
}  # fmt: skip
"""Signs that are taken for each other."""


def damaged(text: str, seed: int) -> str:
    """Return the text with one to four places damaged."""
    draw = random.Random(seed)
    for _ in range(draw.choice((1, 1, 2, 3, 4))):
        text = draw.choice(WAYS)(text, draw)
    return text


def _at(text: str, draw: random.Random) -> int:
    return draw.randrange(max(len(text), 1))


def _dropped(text: str, draw: random.Random) -> str:
    """A sign or a few are lost."""
    at = _at(text, draw)
    return text[:at] + text[at + draw.choice((1, 1, 1, 2, 5)) :]


def _doubled(text: str, draw: random.Random) -> str:
    """A stretch stands twice."""
    at = _at(text, draw)
    end = at + draw.randrange(1, 30)
    return text[:end] + text[at:end] + text[end:]


def _exchanged(text: str, draw: random.Random) -> str:
    """A sign is taken for one that looks alike."""
    places = [place for place, sign in enumerate(text) if sign in ALIKE]
    if not places:
        return text
    at = draw.choice(places)
    return text[:at] + draw.choice(ALIKE[text[at]]) + text[at + 1 :]


def _swapped(text: str, draw: random.Random) -> str:
    """Two signs change places."""
    at = _at(text, draw)
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _merged(text: str, draw: random.Random) -> str:
    """Two lines become one."""
    places = [place for place, sign in enumerate(text) if sign == "\n"]
    if not places:
        return text
    at = draw.choice(places)
    return text[:at] + " " + text[at + 1 :]


def _parted(text: str, draw: random.Random) -> str:
    """A blank or a new line where there was none."""
    at = _at(text, draw)
    return text[:at] + draw.choice((" ", " ", "  ", "\n")) + text[at:]


def _line(text: str, draw: random.Random) -> str:
    """A line is lost or stands twice."""
    lines = text.split("\n")
    at = draw.randrange(len(lines))
    return "\n".join(lines[:at] + draw.choice(([], [lines[at]] * 2)) + lines[at + 1 :])


def _noise(text: str, draw: random.Random) -> str:
    """A sign that was a speck of dust."""
    at = _at(text, draw)
    return text[:at] + draw.choice("'`.,:;-_~^|\\/*#?!%&$(){}[]oOlI10") + text[at:]


WAYS = (_dropped, _doubled, _exchanged, _exchanged, _exchanged, _swapped, _merged, _parted, _line,
        _noise)  # fmt: skip


# Whether what was read of a damaged sheet is a misreading.


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _cut(hurt: Reading, end: int, rest: str) -> bool:
    """True if the rest of a statement stands behind it and was not read."""
    return len(rest) > 1 and rest[:4] in _bare(hurt.document.text[end : end + 30])[:7]


def _named(each: Assertion) -> list[str]:
    """The quantities that stand in a chain by themselves: z2 in yhat = z2 = 0.375."""
    return [p.expression.id for p in each.chain if isinstance(p.expression, Name)]


def misread(whole: Reading, hurt: Reading) -> Iterator[str]:
    """What a damaged sheet was taken to say that neither the whole one says nor the damaged signs.

    A statement whose own signs are not damaged must be about the same quantity. One that is cut
    off, and one that ends with the result of another quantity, must not be read.
    """
    said = {
        (name, formula_text(part.expression))
        for each in whole.assertions
        for name in (each.quantity, *_named(each))
        for part in each.chain
    }
    texts = {_bare(whole.document.text[each.start : each.end]) for each in whole.assertions}
    results = {(each.quantity, formula_text(each.said.expression)) for each in whole.assertions}
    for each in hurt.assertions:
        value = formula_text(each.said.expression)
        if (each.quantity, value) in said:
            continue
        text = _bare(hurt.document.text[each.start : each.end])
        if text in texts and len(text) > 4:  # a cell holds a number only
            yield f"{each.quantity} = {value}: another quantity than in the whole sheet: {text}"
        elif any(
            _cut(hurt, each.end, other[len(text) :])
            for other in texts
            if other[: len(text)] == text
        ):
            yield f"{each.quantity} = {value}: cut off: {text}"
        elif (
            len(re.findall("[=≈]|approx", text)) > 1
            and len(value) > 4
            and any(v == value and q not in (each.quantity, *_named(each)) for q, v in results)
        ):
            yield f"{each.quantity} = {value}: the result of another quantity: {text}"
