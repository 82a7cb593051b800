"""Damage as character recognition and hasty fingers do it to a sheet, from a seed."""

from __future__ import annotations

import random

ALIKE = {
    "0": "Oo", "1": "lI|", "2": "zZ", "5": "Ss", "6": "b", "8": "B", "9": "gq", "z": "2", "l": "1",
    "w": "ωvW", "y": "gv", "h": "n", "L": "l", "S": "5", "x": "χX", "-": "–~_", "=": "-:", ".": ", ",
    ",": ".", "(": "{[", ")": "}]", "{": "(", "}": ")", "_": "-", "^": "'", "'": "`", "\\": "/",
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
