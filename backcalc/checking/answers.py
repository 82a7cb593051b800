"""Answers as people write them: YAML, or plain lines with an equals sign."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias
from unicodedata import category, normalize

from backcalc.document import LINE_END, Mapping, Scalar, compose
from backcalc.errors import BackcalcError, Place
from backcalc.expression import Expression, names_in, renamed
from backcalc.functions import FUNCTIONS
from backcalc.parser import parse

MAX_BYTES = 1_000_000
MAX_ANSWERS = 10_000

PLAIN = re.compile(r"(?P<name>[^=:#≈~→←<]*[^=:#≈~→←<\s])\s*(?P<sign>:=|<-|←|[=≈~→]|:(?!=))")
SEVERAL = re.compile(r"[,;]\s*(?=[^\W\d][^=:,;()]*[^=:,;()<>!]?=(?!=))")
LIST_MARK = re.compile(r"\s*(?:[-*•]\s+|\(?\d{1,3}[.)]\s+)(?=\S)")
COMMENT = re.compile(r"#|//")
ASSIGNED = (":=", "<-", "←")
"""Signs by which people write that a weight gets a new value."""

SYMBOLS = str.maketrans("⋅∙•∗⁎÷⁄∕", "****" + "*///")
POWERS_OF_TEN = re.compile(r"(?<=\d)\s*[x×·*]\s*10\s*(?:\^|\*\*)\s*\(?([-+−]?\d+)\)?")
FUNCTIONS_AS_WRITTEN = {**FUNCTIONS, **{
    alias: FUNCTIONS[name]
    for alias, name in {"ln": "log", "σ": "sigmoid", "sigma": "sigmoid", "sgn": "sign"}.items()
}}  # fmt: skip
"""The functions, under the names too that people use on paper."""

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
    working: tuple[Expression, ...] = ()
    """What stands before it in a line with several equals signs."""

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
    if value.text.strip() in BLANKS:
        return Answer(name, "", None, value.place)
    parts: list[tuple[str, Expression]] = []
    start = 0
    for sign in [*re.finditer(r"(?<![<>=!])[=≈](?!=)|^~", value.text), None]:
        end = sign.start() if sign else len(value.text)
        if value.text[start:end].strip():
            parts.append(_part(value.text[start:end], value.inside.moved(start), find))
        start = sign.end() if sign else end
    if not parts:
        return Answer(name, "", None, value.place)
    *working, (text, formula) = parts
    return Answer(name, text, formula, value.place, tuple(part for _, part in working))


def _part(text: str, place: Place, find: Find) -> tuple[str, Expression]:
    """One part of an answer as it stands, and what it means."""
    shown = re.sub(r"(\.\.\.|…|[.;,])\s*$", "", text)
    plain = POWERS_OF_TEN.sub(r"e\1", _unfolded(shown)).replace("²", "**2").replace("−", "-")
    formula = parse(plain, FUNCTIONS_AS_WRITTEN, place=place, derivatives=True)
    return shown.strip().replace("−", "-"), renamed(formula, lambda used: find(used, place))


def _unfolded(text: str) -> str:
    """A text with ½ and the like written out and every multiplication dot a star."""
    if text.isascii():
        return text
    fraction = (
        f"({normalize('NFKC', char)})" if category(char) == "No" and "⁄" in normalize("NFKC", char)
        else char
        for char in text
    )  # fmt: skip
    return "".join(fraction).translate(SYMBOLS)


def _is_plain(text: str) -> bool:
    """Whether the first line that says something has an equals sign behind a name."""
    for line in text.splitlines():
        said = COMMENT.split(line)[0].strip()
        if said and said != "---":
            match = PLAIN.match(LIST_MARK.sub("", said))
            heading = match and match["sign"] == ":" and said.endswith(":")
            if not (match and heading):
                return match is not None and match["sign"] != ":"
    return False


def _plain(text: str, file: str) -> Iterator[Entry]:
    """Names and answers of plain lines; several may stand on one line."""
    for number, line in enumerate(LINE_END.split(text.removeprefix("\ufeff")), 1):
        said = COMMENT.split(line)[0].rstrip()
        start = 0
        for gap in [*SEVERAL.finditer(said), None]:
            end = gap.start() if gap else len(said)
            if said[start:end].strip():
                yield from _entry(said[start:end], Place(file, number, start + 1, line))
            start = gap.end() if gap else end


def _entry(text: str, place: Place) -> Iterator[Entry]:
    """One name and its answer; nothing for a heading."""
    mark = LIST_MARK.match(text)
    start = mark.end() if mark else len(text) - len(text.lstrip())
    match = PLAIN.match(text, start)
    if not match:
        whole = place.moved(0, len(text))
        raise BackcalcError("this is no answer", whole, "write a line such as z0 = 0.5")
    name, rest = match["name"], text[match.end() :]
    if match["sign"] == ":" and not rest.strip() and " " in name:
        return
    name += "'" if match["sign"] in ASSIGNED and "'" not in name else ""
    blank = len(rest) - len(rest.lstrip())
    value = place.moved(match.end() + blank, max(len(rest.strip()), 1))
    yield Scalar(name, place.moved(start, len(match["name"]))), Scalar(rest.lstrip(), value)


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
