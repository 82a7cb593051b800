"""Answers as people write them: YAML, or plain lines with an equals sign."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from backcalc.document import LINE_END, Mapping, Scalar, compose
from backcalc.errors import BackcalcError, Place
from backcalc.expression import Expression, names_in, renamed
from backcalc.functions import FUNCTIONS
from backcalc.parser import parse

MAX_BYTES = 1_000_000
MAX_ANSWERS = 10_000

PLAIN = re.compile(r"\s*(?P<name>[^=:#≈~]*[^=:#≈~\s])\s*(?:[=≈~]|:=|:(?=\s))")
BLANKS = ("", "?", "-", "–", "—", "null", "~", "...", "…")
"""What people leave where they have no answer."""


Entry: TypeAlias = tuple[Scalar, Scalar]
"""A quantity's name and the answer to it, as they stand in a file."""

Find: TypeAlias = Callable[[str, Place | None], str]
"""Gives the sheet's name for a quantity as people type it, or raises BackcalcError."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What somebody wrote for one quantity."""

    name: str
    """The quantity, as the sheet calls it."""
    text: str
    """What stands there, as written."""
    formula: Expression | None
    """The number, arithmetic or formula that it is; None for a blank."""
    place: Place | None = None
    """Where it stands."""

    @property
    def symbolic(self) -> bool:
        """Whether it is a formula in names and no number."""
        return self.formula is not None and bool(names_in(self.formula))


def read_entries(text: str, file: str) -> tuple[Entry, ...]:
    """The names and answers in a text, as they stand there."""
    entries = tuple(_plain(text, file) if _is_plain(text) else _mapping(text, file))
    if not entries:
        raise BackcalcError("there are no answers", Place(file), "write lines such as z0 = 0.5")
    if len(entries) > MAX_ANSWERS:
        raise BackcalcError(f"more than {MAX_ANSWERS} answers in one file", entries[-1][0].place)
    return entries


def parsed(entries: Iterable[Entry], find: Find) -> tuple[Answer, ...]:
    """The answers, with `find` giving the sheet's name for each quantity as people type it.

    Raises BackcalcError at the first that cannot be read.
    """
    answers: dict[str, Answer] = {}
    for name, value in entries:
        answer = _answer(find(name.text, name.place), value, find)
        first = answers.get(answer.name)
        if first and first.place:
            message = f"{answer.name!r} is answered here and on line {first.place.line}"
            raise BackcalcError(message, name.place, "each quantity may stand once")
        answers[answer.name] = answer
    return tuple(answers.values())


def _answer(name: str, value: Scalar, find: Find) -> Answer:
    """One answer; where a line has several equals signs the last part counts."""
    text = value.text.strip()
    if text in BLANKS:
        return Answer(name, "", None, value.place)
    last = list(re.finditer(r"(?<![<>=!])[=≈](?!=)|^~", value.text))
    start = last[-1].end() if last else 0
    cut = re.sub(r"(\.\.\.|…)\s*$", "", value.text[start:])
    shown = cut.strip()
    place = value.inside.moved(start)
    formula = parse(cut.replace("²", "**2"), FUNCTIONS, place=place, derivatives=True)
    formula = renamed(formula, lambda used: find(used, place))
    return Answer(name, shown, formula, value.place)


def _is_plain(text: str) -> bool:
    """Whether the first line that says something has an equals sign behind a name."""
    for line in text.splitlines():
        said = line.partition("#")[0].strip()
        if said and said != "---":
            match = PLAIN.match(said)
            return bool(match) and not said[: match.end()].endswith(":") if match else False
    return False


def _plain(text: str, file: str) -> Iterator[Entry]:
    """Names and answers of plain lines."""
    for number, line in enumerate(LINE_END.split(text.removeprefix("\ufeff")), 1):
        said = line.partition("#")[0].rstrip()
        if not said.strip():
            continue
        match = PLAIN.match(said)
        if not match:
            place = Place(file, number, 1, line, len(line))
            raise BackcalcError("this is no answer", place, "write a line such as z0 = 0.5")
        start, end = match.start("name"), match.end()
        name = Scalar(match["name"], Place(file, number, start + 1, line, len(match["name"])))
        blank = len(said[end:]) - len(said[end:].lstrip())
        rest = said[end + blank :]
        yield name, Scalar(rest, Place(file, number, end + blank + 1, line, max(len(rest), 1)))


def _mapping(text: str, file: str) -> Iterator[Entry]:
    """Names and answers of a YAML mapping."""
    if not text.strip():
        return
    root = compose(text, file)
    if not isinstance(root, Mapping):
        hint = "write lines such as z0 = 0.5, or z0: 0.5"
        raise BackcalcError("these are no answers", root.place, hint)
    for name, value in root.entries:
        if not isinstance(value, Scalar):
            raise BackcalcError(f"the answer to {name.text[:60]!r} is no line", value.place)
        yield name, value
