"""YAML text to a small frozen tree in which every word knows its place; the only importer of yaml."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from backcalc.errors import BackcalcError, Place

MAX_BYTES = 5_000_000
MAX_DEPTH = 20

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # only its scanner and parser are used


@dataclass(frozen=True, slots=True)
class Scalar:
    """A word or number as it is written."""

    text: str
    """What it says, quotes taken off; always text: what it means is for the loader."""
    place: Place
    """Where it starts."""
    quoted: bool = False
    """Whether it stands in quotes."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with values, in file order, each key once."""

    entries: tuple[tuple[Scalar, Node], ...]
    """The pairs."""
    place: Place
    """Where it starts."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """Items in file order."""

    items: tuple[Node, ...]
    """The items."""
    place: Place
    """Where it starts."""


Node: TypeAlias = Scalar | Mapping | Sequence


def read_text(file: str) -> str:
    """The text of a file, or of stdin for `-`: UTF-8 and no larger than 5 MB."""
    try:
        if file == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(file).open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise BackcalcError(f"{file} is a folder", hint="name a file in it") from None
    except OSError as error:
        raise BackcalcError(f"cannot read {file}: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise BackcalcError(f"the file is larger than {MAX_BYTES // 1_000_000} MB", Place(file))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        place = Place(file, line, column)
        raise BackcalcError(f"not UTF-8: byte 0x{data[error.start]:02x}", place) from None


def compose(text: str, file: str) -> Node:
    """The tree of a YAML text: plain mappings, lists and words, nothing that could run or grow."""
    lines = text.splitlines()
    try:
        return _Composer(file, lines).tree(yaml.parse(text, Loader=_LOADER))
    except yaml.reader.ReaderError as error:
        place = _place_of_offset(text, lines, file, error.position)
        what = (
            f"the character U+{ord(str(error.character)[:1] or chr(0)):04X} is not allowed in YAML"
        )
        raise BackcalcError(what, place) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        place = _place(file, lines, mark.line, mark.column) if mark else Place(file)
        problem = getattr(error, "problem", None) or "this is not YAML"
        hint = "indent with spaces" if "'\\t'" in problem else None
        raise BackcalcError(f"not YAML: {problem}", place, hint) from None


def _place(file: str, lines: list[str], line: int, column: int) -> Place:
    return Place(file, line + 1, column + 1, lines[line] if line < len(lines) else "")


def _place_of_offset(text: str, lines: list[str], file: str, offset: object) -> Place:
    before = text[: offset if isinstance(offset, int) else 0]
    return _place(file, lines, before.count("\n"), len(before) - before.rfind("\n") - 1)


class _Composer:
    """Builds the tree from parse events with a stack of its own: no recursion, nothing expanded."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file = file
        self.lines = lines

    def error(self, message: str, event: Any, hint: str | None = None) -> BackcalcError:
        """An error at the start of an event."""
        return BackcalcError(message, self.place(event), hint)

    def place(self, event: Any) -> Place:
        """Where an event starts."""
        mark = event.start_mark
        line = self.lines[mark.line] if mark.line < len(self.lines) else ""
        length = event.end_mark.column - mark.column if event.end_mark.line == mark.line else 1
        return Place(self.file, mark.line + 1, mark.column + 1, line, max(length, 1))

    def tree(self, events: Iterator[Any]) -> Node:
        """The one document."""
        root: Node | None = None
        open_parts: list[tuple[Any, list[Node]]] = []
        documents = 0
        for event in events:
            kind = type(event)
            node: Node
            if kind is yaml.ScalarEvent:
                self.check(event)
                node = Scalar(event.value, self.place(event), event.style is not None)
            elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
                self.check(event)
                if len(open_parts) >= MAX_DEPTH:
                    raise self.error(f"nested deeper than {MAX_DEPTH} levels", event)
                open_parts.append((event, []))
                continue
            elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
                start, children = open_parts.pop()
                node = self.closed(start, children)
            elif kind is yaml.AliasEvent:
                raise self.error("aliases are not supported here", event, "write the value out")
            else:
                documents += kind is yaml.DocumentStartEvent
                if documents > 1:
                    raise self.error("more than one document in the file", event)
                continue
            if open_parts:
                open_parts[-1][1].append(node)
            else:
                root = node
        if root is None or (isinstance(root, Scalar) and not root.text and not root.quoted):
            raise BackcalcError(
                "the file is empty", Place(self.file), "backcalc networks lists examples"
            )
        return root

    def check(self, event: Any) -> None:
        """Anchors and tags have no meaning in a network file."""
        if event.anchor:
            raise self.error(
                "anchors are not supported here", event, "write the value out each time"
            )
        if event.tag:
            raise self.error(f"tags such as {event.tag[:40]!r} are not supported here", event)

    def closed(self, start: Any, children: list[Node]) -> Node:
        """A list or a mapping from its parts."""
        place = self.place(start)
        if type(start) is yaml.SequenceStartEvent:
            return Sequence(tuple(children), place)
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise BackcalcError("a key must be a word", key.place)
            if key.text == "<<" and not key.quoted:
                raise BackcalcError(
                    "merge keys are not supported here", key.place, "write the keys out"
                )
            if key.text in seen:
                first = seen[key.text].place.line
                message = f"{key.text[:60]!r} stands here and on line {first}"
                raise BackcalcError(message, key.place, "each key may stand once")
            seen[key.text] = key
            entries.append((key, value))
        return Mapping(tuple(entries), place)
