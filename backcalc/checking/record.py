"""A marked sheet as a flat record: what is shown of it, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from backcalc.checking.report import Report
from backcalc.checking.verdict import RIGHT, Marked
from backcalc.formulas.notation import PLAIN, Phrase, formula_text, part_text

Words: TypeAlias = tuple[tuple[str, bool], ...]
"""A phrase: texts, each with whether it is a formula."""


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
        findings=(marked.finding.names,) if marked.finding else (),
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
