"""A marked sheet as a flat record: what is shown of it and kept of it, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

from backcalc.checking.report import Report
from backcalc.checking.verdict import RIGHT, VERDICTS, Marked
from backcalc.formulas.notation import PLAIN, Phrase, formula_text, part_text

Words: TypeAlias = tuple[tuple[str, bool], ...]
"""A phrase: texts, each with whether it is a formula."""

T = TypeVar("T")

NEVER_IN_NAMES = frozenset('\\$<>&{}"`| \t\r\n')


@dataclass(frozen=True, slots=True)
class Line:
    """One answer with its verdict."""

    name: str
    """The quantity."""
    written: str
    """What stands there, as written."""
    expected: float
    """The right value."""
    exact: str | None
    """The right value as a fraction, where it is one."""
    verdict: str
    """correct, rounded, follows, wrong, undecided or missing."""
    findings: tuple[tuple[str, ...], ...]
    """The mistakes that give a wrong figure, likeliest first; two names where it took two."""
    sources: tuple[str, ...]
    """The person's own values that it follows from."""
    comment: Words
    """One sentence to the person."""
    formula: str | None
    """For an answer that is a formula the right one."""

    @property
    def right(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.verdict in RIGHT


@dataclass(frozen=True, slots=True)
class Record:
    """One marked sheet, or why it is not marked."""

    file: str
    """Where the answers came from."""
    name: str
    """Whose it is."""
    variant: int | None
    """Of which variant it is."""
    lines: tuple[Line, ...]
    """The answers in the order of the person's sheet, then the missing ones."""
    first: int | None
    """The place of the first mistake among the lines."""
    mistake: Words
    """What the first mistake is."""
    touched: int
    """How many later lines follow from it."""
    score: float
    """What the answers earned."""
    points: float
    """What they could have earned."""
    percent: float | None
    """The score in percent of the points."""
    error: str | None
    """Why the file could not be marked: the whole message."""
    reason: str
    """The same in a few words."""
    status: int
    """The exit status that it asks for."""

    @property
    def first_line(self) -> Line | None:
        """The line of the first mistake."""
        return None if self.first is None else self.lines[self.first]


def record(report: Report) -> Record:
    """A marked sheet as a record."""
    first = report.first
    return Record(
        file=report.file,
        name=report.head.name,
        variant=report.head.variant,
        lines=tuple(map(_line, report.answers)),
        first=next((place for place, each in enumerate(report.answers) if each is first), None),
        mistake=words(first.named) if first else (),
        touched=report.touched,
        score=float(report.score),
        points=float(report.points),
        percent=report.percent,
        error=str(report.error) if report.error else None,
        reason=report.error.message if report.error else "",
        status=report.status,
    )


def _line(marked: Marked) -> Line:
    expected = marked.expected
    return Line(
        name=marked.name,
        written=marked.answer.text,
        expected=float(expected),
        exact=str(expected) if isinstance(expected, Fraction) else None,
        verdict=marked.verdict,
        findings=tuple(each.names for each in marked.findings),
        sources=marked.sources,
        comment=words(marked.comment),
        formula=None if marked.formula is None else formula_text(marked.formula),
    )


def words(phrase: Phrase) -> Words:
    """A phrase with its formulas as text."""
    return tuple(
        (part, False) if isinstance(part, str) else (part_text(part, PLAIN), True)
        for part in phrase
    )


def plain(said: Words) -> str:
    """A phrase as text in ASCII's notation."""
    return "".join(text if formula else part_text(text, PLAIN) for text, formula in said)


# To plain data and back.


def data_of(value: Any) -> Any:
    """A record as JSON holds it."""
    if isinstance(value, (Line, Record)):
        return {name: data_of(getattr(value, name)) for name in value.__slots__}
    return [data_of(each) for each in value] if isinstance(value, tuple) else value


def record_from(data: object) -> Record:
    """The record that plain data hold, whoever wrote them; raises ValueError where it is none."""
    found = _taken(Record, data)
    odd = found.first is not None and not 0 <= found.first < len(found.lines)
    if odd or found.touched < 0 or not 0 <= found.status <= 3 or (found.variant or 0) < 0:
        raise ValueError
    for line in found.lines:
        if line.verdict not in VERDICTS or not NEVER_IN_NAMES.isdisjoint(line.name):
            raise ValueError
        if line.exact is not None:
            _check_fraction(line.exact)
    return found


def _check_fraction(text: str) -> None:
    over, slash, under = text.partition("/")
    digits = over.removeprefix("-"), under if slash else "1"
    if not all(each.isdecimal() and each.isascii() for each in digits) or not int(digits[1]):
        raise ValueError


def _taken(kind: type[T], data: object) -> T:
    """A record's fields, each of its own type."""
    types = _types()[kind]
    if not isinstance(data, Mapping) or data.keys() != types.keys():
        raise ValueError
    return kind(**{name: _value(types[name], value) for name, value in data.items()})


@cache
def _types() -> dict[type, dict[str, Any]]:
    """The types of the fields of both."""
    return {kind: get_type_hints(kind) for kind in (Line, Record)}


def _value(kind: Any, data: object) -> Any:
    """A value, if it is of a type."""
    if isinstance(kind, UnionType):  # X | None
        return None if data is None else _value(get_args(kind)[0], data)
    if get_origin(kind) is tuple:
        if not isinstance(data, list):
            raise ValueError
        inner = get_args(kind)
        if inner[-1] is Ellipsis:
            return tuple(_value(inner[0], each) for each in data)
        return tuple(_value(each, item) for each, item in zip(inner, data, strict=True))
    if kind is Line:
        return _taken(Line, data)
    if type(data) is not kind:
        raise ValueError
    return data
