"""What else is wrong in a file: it is read again without what was wrong first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from backcalc.errors import MOST_OTHERS, BackcalcError, Place, UndefinedError
from backcalc.loading.document import Entries, Items, Word, YamlNode
from backcalc.loading.fields import Sections

GIVING = ("inputs", "targets", "weights", "biases", "constants", "equations")
"""The sections with one value for each name; a wrong value is read as 1."""
UNITS = ("nodes", "skip")  # the sections of parts; what is wrong in one is left out
LONGEST = 20_000  # characters of a file that is read more than once
NodePath = tuple[int, ...]  # the way to a node: places of entries and items, from the outermost


def further(
    error: BackcalcError, document: Sections, size: int, read: Callable[[Sections], object]
) -> Iterator[BackcalcError]:
    """Yield what else is wrong in the sections that give names and units.

    What follows from an earlier error is not told: it names what was left out for that.
    """
    gone: set[str] = set()
    for _ in range(MOST_OTHERS * 2 if size <= LONGEST else 0):
        if not error.where or not (mended := _without(document, error.where, gone)):
            return
        document = mended
        try:
            read(document)
            return
        except UndefinedError:
            return
        except BackcalcError as found:
            error = found
        if error.where and _section(document, error.where) and gone.isdisjoint(_named(error)):
            yield error


def _named(error: BackcalcError) -> set[str]:
    """The words that an error is about: those of its message and the one under its caret."""
    place = error.where
    under = place.text[place.column - 1 :][: place.length] if place else ""
    return {under, *re.findall(r"(?<=')\w+(?=')|\b[^\W\d]\w*", error.message)}


def _section(document: Sections, place: Place) -> str:
    """The section that holds a place, of those that are read again; empty: none of them."""
    starts = [
        (_start(node.place), name)
        for name, node in document.items()
        if node.place.file == place.file
    ]
    before = [each for each in starts if each[0] <= _start(place)]
    name = max(before)[1] if before else ""
    return name if name in GIVING + UNITS else ""


def _start(place: Place) -> tuple[int, int]:
    return place.line, place.column


def _without(document: Sections, place: Place, gone: set[str]) -> Sections | None:
    """The document without what is wrong at a place; None: it is in no section to read again."""
    if not (name := _section(document, place)):
        return None
    spots = [(_start(at), path) for at, path in _spots(document[name], ())]
    before = [each for each in spots if each[0] <= _start(place)]
    if not before:
        return None
    part, path, giving = document[name], max(before)[1], name in GIVING
    if (giving and path[-1] < 0) or (giving and isinstance(part, Items)):
        return None  # nobody knows which name was meant
    if isinstance(part, Items) or (giving and isinstance(_at(part, path), Items)):
        path = path[:1]  # an edge, or the matrix of a row that has the wrong length
    value = _at(part, path) if not path[1:] else None
    alone = isinstance(value, Word) and not re.search(r"[ (]", value.text)  # no random 3x2
    alone = alone and giving and name != "equations"
    if isinstance(part, Entries) and not alone:
        key = part.entries[path[0]][0].text
        gone |= {key, f"h{key}", f"z{key}", *re.findall(r"\w+", key)}
    lines = document.get("equations")
    for left, right in lines.entries if isinstance(lines, Entries) else ():
        words = re.findall(r"\w+", right.text) if isinstance(right, Word) else []
        if gone & {*words}:  # what is worked out from it has another shape
            gone |= {*re.findall(r"\w+", left.text)}
    return {**document, name: _cut(part, path, giving)}


def _spots(node: YamlNode, path: NodePath) -> Iterator[tuple[Place, NodePath]]:
    """Yield where each part starts, and the way to it; that to a key ends with -1."""
    if path and not isinstance(node, Entries):
        yield node.place, path
    if isinstance(node, Entries):
        for number, (key, value) in enumerate(node.entries):
            yield key.place, (*path, number, -1)
            yield from _spots(value, (*path, number))
    elif isinstance(node, Items):
        for number, each in enumerate(node.items):
            yield from _spots(each, (*path, number))


def _at(node: YamlNode, path: NodePath) -> YamlNode:
    for number in path:
        if isinstance(node, Items):
            node = node.items[number]
        elif isinstance(node, Entries) and number >= 0:
            node = node.entries[number][1]
    return node


def _cut(node: YamlNode, path: NodePath, giving: bool) -> YamlNode:
    """Leave out the part at the end of the way, or write 1 for it where it is a value."""
    number, *rest = path
    if isinstance(node, Items):
        items = [*node.items]
        if rest or giving:
            inner = items[number]
            items[number] = _cut(inner, tuple(rest), giving) if rest else _one(inner)
        else:
            del items[number]
        return Items(tuple(items), node.place)
    assert isinstance(node, Entries)
    entries = [*node.entries]
    key, value = entries[number]
    if rest and rest[0] >= 0:
        entries[number] = key, _cut(value, tuple(rest), giving)
    elif giving and not rest:
        entries[number] = key, _one(value)
    else:
        del entries[number]
    return Entries(tuple(entries), node.place)


def _one(node: YamlNode) -> Word:
    return Word("1", node.place)
