"""Names in Python code, and lines of it that are no longer than a person would leave them."""

from __future__ import annotations

import builtins
import keyword
import re
import textwrap
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence

WIDTH = 88
INDENT = "    "


def indented(lines: Iterable[str]) -> list[str]:
    """The lines one level further in."""
    return [INDENT + line if line else "" for line in lines]


def statement(start: str, text: str) -> list[str]:
    """A line that ends in an expression, which stands in brackets where it is long."""
    if len(start) + len(text) + len(INDENT) <= WIDTH:
        return [start + text]
    return [f"{start}(", *indented(_folded(text)), ")"]


def _folded(text: str) -> list[str]:
    """A formula inside brackets, broken before a sign where it can be, else at any space."""
    width = WIDTH - 3 * len(INDENT)
    lines: list[str] = []
    for term in re.split(r" (?=[+-] )", text):
        if lines and len(lines[-1]) + 1 + len(term) <= width:
            lines[-1] += f" {term}"
        else:
            lines += textwrap.wrap(term, width, break_long_words=False, break_on_hyphens=False)
    return lines


def bracketed(start: str, items: Sequence[str], end: str) -> list[str]:
    """Items between brackets: on one line, or folded where they need more."""
    whole = f"{start}{', '.join(items)}{end}"
    if len(whole) + len(INDENT) <= WIDTH:
        return [whole]
    lines: list[str] = []
    width = WIDTH - 2 * len(INDENT)
    for item in items:  # inside an item only where it is a long list
        if len(item) > width:
            lines += textwrap.wrap(f"{item},", width, subsequent_indent=INDENT)
        elif lines and len(lines[-1]) + len(item) + 2 <= width:
            lines[-1] += f" {item},"
        else:
            lines.append(f"{item},")
    return [start, *indented(lines), end.lstrip()]


def mapping(start: str, numbers: Mapping[str, str], end: str = "") -> list[str]:
    """A dictionary with text for keys."""
    items = [f'"{name}": {number}' for name, number in numbers.items()]
    return bracketed(f"{start}{{", items, f"}}{end}")


def defined(head: str, parameters: Sequence[str], meaning: str, body: Iterable[str]) -> list[str]:
    """A function with its docstring."""
    lines = bracketed(f"def {head}(", parameters, "):")
    return [*lines, *indented([f'"""{meaning}"""', *body])]


def parted(*parts: Sequence[str], gap: int = 2) -> list[str]:
    """Parts with empty lines between those that are there."""
    lines: list[str] = []
    for part in filter(None, parts):
        lines += [*([""] * gap if lines else ()), *part]
    return lines


def identifier(name: str) -> str:
    """A name that Python reads as it is written.

    >>> identifier("z[2]"), identifier("dL/dw0"), identifier("lambda"), identifier("ŵ")
    ('z_2', 'dL_dw0', 'lambda_', 'ŵ')
    """
    text = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", name).replace("]", ""))
    text = "".join(char if f"a{char}".isidentifier() else f"u{ord(char):x}" for char in text)
    if text.startswith("_") or not text.isidentifier():
        text = f"n{text}"  # a leading underscore means something to Python
    return f"{text}_" if keyword.iskeyword(text) else text


def identifiers(names: Iterable[str], reserved: Collection[str]) -> dict[str, str]:
    """Each name as an identifier of its own that hides nothing the code needs."""
    taken = {*reserved, *dir(builtins)}
    found: dict[str, str] = {}
    for name in names:
        if name not in found:
            own = identifier(name)
            while own in taken:
                own += "_"
            taken.add(own)
            found[name] = own
    return found
