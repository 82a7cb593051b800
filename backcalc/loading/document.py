"""Files to text, and YAML to a small frozen tree where every word knows its place."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from backcalc.errors import BackcalcError, Place, nearest
from backcalc.formulas import record

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 5_000_000
MAX_DEPTH = 20
MAX_NODES = 200_000  # words, numbers, lists, mappings and their ends in one file

INDEX = re.compile(r"(?<=\w)\[([0-9]{1,9}|T|t|t-1)\]")
STAND_INS = ("\uf8f0", "\uf8f1")  # for the brackets of h[0], which would end a word within {}
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # a byte that no text has
LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
NOT_YAML = "not YAML: "
NO_COLON, AFTER_KEY = "could not find expected ':'", "write a colon and a blank behind the key"
SHEETS = (".md", ".tex", ".ipynb", ".txt", ".csv", ".tsv")
"""How the names of sheets end, and none of a network's file."""
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
BRACKETS = re.compile(r"""[\[\]{}]|'[^']*'|"[^"]*"|\s#.*""")  # or what may hold some as text
GLUED = re.compile(r"([^\s:]+)(:|[ ]+)(\S+)")  # a key and its value as one word: w0:0.4, x 2
STRAY = re.compile("[^\t\n\r\x20-\x7e]")
STRAY_BEYOND_ASCII = (  # compiled when a file needs it: it takes longer than a small file
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)

INPUTS: set[tuple[int, int]] = set()
"""The files that this run has read, or is to read, by device and number."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # only its scanner and parser are used


@record(frozen=True, slots=True)
class Word:
    """A word or number as it is written."""

    text: str
    """The text without its quotes; the loader finds out what it means."""
    place: Place
    """Where it starts."""
    quoted: bool = False
    """True if it stands in quotes."""

    @property
    def inside(self) -> Place:
        """Where its first character stands, for errors in the middle of a formula.

        Where the text is not in the file as it reads (folded lines, escapes), it is shown itself.
        """
        if self.place.text.startswith(self.text, self.place.column - 1 + self.quoted):
            return self.place.moved(1 if self.quoted else 0)
        return replace(self.place, column=1, text=LINE_END.sub(" ", self.text))


@record(frozen=True, slots=True)
class Entries:
    """Keys with values, in file order, each key once."""

    entries: tuple[tuple[Word, YamlNode], ...]
    """The pairs."""
    place: Place
    """Where it starts."""


@record(frozen=True, slots=True)
class Items:
    """Items in file order."""

    items: tuple[YamlNode, ...]
    place: Place
    """Where it starts."""


YamlNode: TypeAlias = Word | Entries | Items


def bundled(ending: str = ".yaml", name: str | None = None) -> list[Path]:
    """Return the files with this ending that come with backcalc, or the one of this name.

    They stand inside the package, or beside it in a checkout.
    """
    from pathlib import Path  # it loads urllib, which a file given by its path does not need

    package = Path(__file__).parent.parent
    for folder in (package / "networks", package.parent / "networks"):
        if folder.is_dir():
            files = os.listdir(folder)
            if name is not None:
                return [folder / (name + ending)] if name + ending in files else []
            return [folder / file for file in sorted(files) if file.endswith(ending)]
    return []


NO_TEXT = {
    b"%PDF": "a PDF", b"{\\rtf": "a file in RTF",
    b"PK\x03\x04": "a packed file, such as Word makes",
    **dict.fromkeys((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), "a picture"),
}  # fmt: skip
"""How files begin that people hand in for text, and what each is."""


def read_text(file: str, max_bytes: int = MAX_BYTES) -> str:
    """Read a file, or stdin for `-`: UTF-8 and no larger than 5 MB."""
    return _read(file, max_bytes)[0]


def read_letters(file: str, max_bytes: int = MAX_BYTES) -> tuple[str, str]:
    """Read a file that people may have saved in another encoding; return that too, if it is one."""
    return _read(file, max_bytes, guesses=True)


def _read(file: str, max_bytes: int, guesses: bool = False) -> tuple[str, str]:
    """A file's text, and its encoding where that is not UTF-8."""
    shown = "<stdin>" if file == "-" else file
    if file == "-" and sys.stdin is None:
        raise BackcalcError("cannot read <stdin>: it is closed")
    try:
        if file == "-":
            with suppress(OSError, ValueError):  # what stands for stdin may be no file
                note_input(sys.stdin.fileno())
            data = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with open(file, "rb") as stream:
                note_input(stream.fileno())
                data = stream.read(max_bytes + 1)
    except IsADirectoryError:
        raise BackcalcError(f"{file} is a folder", hint="name a file in it") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file has such a name"
        raise BackcalcError(f"cannot read {file[:200]}: {reason}", hint=nearest(file)) from None
    if len(data) > max_bytes:
        raise BackcalcError(f"the file is larger than {max_bytes // 1_000_000} MB", Place(shown))
    for start, what in NO_TEXT.items():
        if data.startswith(start):
            hint = "save it as text: Markdown, LaTeX, a notebook or a .txt file, in UTF-8"
            raise BackcalcError(f"this is {what}, which cannot be read", Place(shown), hint)
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        if guesses and (found := _in_other_letters(data)):
            return found
        offset = error.start + len(data) - len(error.object)  # a byte-order mark is left out there
        before = LINE_END.split(data[:offset].decode("utf-8-sig"))
        message = f"not UTF-8: byte 0x{data[offset]:02x} at offset {offset}"
        place = Place(shown, len(before), len(before[-1]) + 1)
        raise BackcalcError(message, place, "save it as UTF-8") from None


def _in_other_letters(data: bytes) -> tuple[str, str] | None:
    """A text as Windows writes it: UTF-16 with its mark, or Windows-1252 with nothing of UTF-8."""
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not wide and (CONTROL.search(data) or not data.decode("utf-8", "ignore").isascii()):
        return None
    with suppress(UnicodeDecodeError):
        return data.decode("utf-16" if wide else "cp1252"), "UTF-16" if wide else "Windows-1252"
    return None


def note_input(file: str | int) -> None:
    """Keep in mind that a file is read, so that it is not written to."""
    found = os.stat(file)
    INPUTS.add((found.st_dev, found.st_ino))


def compose(text: str, file: str) -> YamlNode:
    """Return the tree of a YAML text: mappings, lists and words, nothing that could run or grow."""
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    lines = LINE_END.split(text)
    if stray := STRAY.search(text) and re.search(STRAY_BEYOND_ASCII, text):
        before = LINE_END.split(text[: stray.start()])
        place = Place(file, len(before), len(before[-1]) + 1, lines[len(before) - 1])
        raise BackcalcError(f"the character U+{ord(stray[0]):04X} is not allowed in a file", place)
    if repeats := "repeat:" in text and not any(mark in text for mark in STAND_INS):
        text = INDEX.sub(rf"{STAND_INS[0]}\1{STAND_INS[1]}", text)
    composer = _Composer(file, lines, repeats)
    try:
        return composer.tree(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        raise composer.too_deep(error) or _syntax_error(error, composer) from None


def _syntax_error(error: yaml.YAMLError, composer: _Composer) -> BackcalcError:
    if unclosed := composer.unclosed():
        return unclosed
    file, lines = composer.file, composer.lines[:-1]
    problem = getattr(error, "problem", None) or "it cannot be read"
    marks = [getattr(error, f"{each}_mark", None) for each in ("problem", "context")]
    mark = next(filter(None, reversed(marks) if problem == NO_COLON else marks), None)
    if mark is None:
        return BackcalcError(f"{NOT_YAML}{problem}", Place(file))
    number, column = mark.line, mark.column
    if number >= len(lines):  # at the end of a file, whose last line has no end of its own
        number, column = len(lines) - 1, len(lines[-1])
    place = Place(file, number + 1, column + 1, lines[number])
    hint = AFTER_KEY if problem == NO_COLON else _syntax_hint(lines[number], column)
    if file.lower().endswith(SHEETS):
        hint = "this looks like a sheet; the network's file is named first"
    return BackcalcError(f"{NOT_YAML}{problem}", place, hint)


def _syntax_hint(line: str, column: int) -> str | None:
    if "\t" in line[: column + 1]:
        return "indent with spaces, not tabs"
    if line[column : column + 1] in ("@", "%", "`"):
        return f"a word cannot start with {line[column]}; put a text in quotes"
    if line[column : column + 1] in ("}", "]"):
        return f"there is one {line[column]} too many"
    if line[column : column + 1] == ":":
        return "write one key and one value on a line; put a text with a colon in quotes"
    if line[column : column + 1] == "[" and line[:column][-1:].isalnum():
        return "put a name with brackets in quotes: 'z0[2]'"
    return None


def _check_apart(key: Word) -> None:
    """Raise BackcalcError for a key without a value that holds one: w0:0.4, x 2."""
    if parts := GLUED.fullmatch(key.text):
        what = "a blank behind its colon" if parts[2] == ":" else "a colon"
        message = f"{key.text[:60]!r} lacks {what}"
        raise BackcalcError(message, key.place, f"write {parts[1]}: {parts[3]}")


class _Composer:
    """Builds the tree from parse events with a stack of its own: no recursion, nothing expanded."""

    def __init__(self, file: str, lines: list[str], stand_ins: bool) -> None:
        self.file = file
        self.stand_ins = stand_ins
        self.lines = [*lines, ""]  # a block may end where no line starts
        self.open_parts: list[tuple[Any, list[YamlNode]]] = []
        self.seen = (0, 0)
        """Line and column, from 0, up to which the events have come."""

    def error(self, message: str, event: Any, hint: str | None = None) -> BackcalcError:
        return BackcalcError(message, self.place(event), hint)

    def place(self, event: Any) -> Place:
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        text = self.lines[line]
        length = (end.column if end.line == line else len(text)) - column
        return Place(self.file, line + 1, column + 1, text, length if length > 0 else 1)

    def written(self, text: str) -> str:
        """A word as it stands in the file."""
        if not self.stand_ins or text.isascii():
            return text
        return text.replace(STAND_INS[0], "[").replace(STAND_INS[1], "]")

    def tree(self, events: Iterator[Any]) -> YamlNode:
        root: YamlNode | None = None
        open_parts = self.open_parts
        documents = 0
        for count, event in enumerate(events):
            if count > MAX_NODES:
                raise self.error(f"more than {MAX_NODES} words and numbers in one file", event)
            kind = type(event)
            self.seen = (event.end_mark.line, event.end_mark.column)
            node: YamlNode
            if kind is yaml.ScalarEvent:
                self.check(event)
                node = Word(self.written(event.value), self.place(event), bool(event.style))
            elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
                self.check(event)
                if len(open_parts) >= MAX_DEPTH:
                    raise self.error(TOO_DEEP, event)
                open_parts.append((event, []))
                continue
            elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
                node = self.closed(*open_parts.pop())
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
        if root is None or (isinstance(root, Word) and not root.text and not root.quoted):
            hint = "backcalc networks lists examples"
            raise BackcalcError("the file is empty", Place(self.file), hint)
        return root

    def too_deep(self, error: yaml.YAMLError) -> BackcalcError | None:
        """Return the error for brackets nested too deep that no event has told of yet.

        The scanner runs some 1 000 characters ahead, and since libyaml 0.2.6 it gives up on the
        brackets there by itself, in words of its own.
        """
        mark = getattr(error, "problem_mark", None)
        depth = len(self.open_parts)
        line, start = self.seen
        while mark is not None and line <= mark.line:
            end = mark.column + 1 if line == mark.line else None
            for found in BRACKETS.finditer(self.lines[line][:end], start):
                depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
                if depth > MAX_DEPTH:
                    place = Place(self.file, line + 1, found.start() + 1, self.lines[line])
                    return BackcalcError(TOO_DEEP, place)
            line, start = line + 1, 0
        return None

    def unclosed(self) -> BackcalcError | None:
        """Return the error for a bracket that nothing closes: YAML finds it lines further down."""
        for start in (event for event, _ in self.open_parts if event.flow_style):
            depth, line, column = 0, start.start_mark.line, start.start_mark.column
            for text in (self.lines[line][column:], *self.lines[line + 1 :]):
                signs = [each for each in BRACKETS.findall(text) if len(each) == 1]
                depth += sum(1 if each in "[{" else -1 for each in signs)
                if depth <= 0:
                    break
            else:
                sign = self.lines[line][column]
                hint = f"put a {'}' if sign == '{' else ']'} where it ends"
                return self.error(f"{NOT_YAML}this {sign} is not closed", start, hint)
        return None

    def check(self, event: Any) -> None:
        """Anchors and tags have no meaning in a network file."""
        if event.anchor:
            message = "anchors and aliases are not supported here"
            raise self.error(message, event, "write the value out")
        if event.tag:
            raise self.error(f"tags such as {event.tag[:40]!r} are not supported here", event)

    def closed(self, start: Any, children: list[YamlNode]) -> YamlNode:
        place = self.place(start)
        if type(start) is yaml.SequenceStartEvent:
            return Items(tuple(children), place)
        entries: list[tuple[Word, YamlNode]] = []
        seen: dict[str, Word] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Word):
                raise BackcalcError("a key must be a word", key.place)
            if isinstance(value, Word) and not (value.text or key.quoted or value.quoted):
                _check_apart(key)
            if key.text == "<<" and not key.quoted:
                message = "merge keys are not supported here"
                raise BackcalcError(message, key.place, "write the keys out")
            if key.text in seen:
                first = seen[key.text].place.line
                message = f"{key.text[:60]!r} stands here and on line {first}"
                raise BackcalcError(message, key.place, "each key may stand once")
            seen[key.text] = key
            entries.append((key, value))
        return Entries(tuple(entries), place)
