"""Answers to verdicts: each line judged by its right value and by the person's own earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from backcalc.checking.answers import Answer
from backcalc.checking.diagnosis import Finding, diagnose
from backcalc.checking.key import Key
from backcalc.checking.symbols import judged_formula
from backcalc.checking.verdict import CORRECT, FOLLOWS, MISSING, ROUNDED, WRONG, Marked
from backcalc.checking.work import Work
from backcalc.checking.written import Written, written_number
from backcalc.errors import BackcalcError
from backcalc.expression import Expression, Name, Scalar
from backcalc.notation import Decimal, Part, Phrase, sentence

NEAR = 0.1  # a wrong figure this near, relatively, to the right one is called a small slip


def mark(key: Key, answers: Iterable[Answer]) -> tuple[Marked, ...]:
    """A verdict for each answer, in the order in which they stand on the person's sheet.

    Raises UndefinedError where a line that was answered has no right value.
    """
    answers = tuple(answers)
    work = Work(key, dict(key.given), dict(key.given))
    by_name = {answer.name: answer for answer in answers if answer.formula is not None}
    work.listed.update(by_name)
    marked: dict[str, Marked] = {}
    for name in lines_of(key, by_name):
        if name in by_name:
            marked[name] = _judged(work, by_name[name])
        else:
            work.leave_out(name)
    return tuple(marked.get(answer.name) or _blank(key, answer) for answer in answers)


def lines_of(key: Key, names: Iterable[str]) -> list[str]:
    """The lines that a sheet with answers to these goes through, in order."""
    found = {each for name in names for each in key.needs(name, key.given)}
    return sorted(found, key=key.order.__getitem__)


def _blank(key: Key, answer: Answer) -> Marked:
    """A line without an answer."""
    return Marked(answer, key.value(answer.name), MISSING, ("no answer",))


def _judged(work: Work, answer: Answer) -> Marked:
    """The verdict on one answer; the work goes on from what was written."""
    if answer.symbolic:
        return judged_formula(work, answer)
    assert answer.formula is not None
    try:
        written = written_number(answer.formula, answer.text)
    except (ArithmeticError, ValueError):
        raise BackcalcError(f"{answer.text[:60]!r} has no value", answer.place) from None
    return _judged_number(work, answer, written)


def _judged_number(work: Work, answer: Answer, written: Written) -> Marked:
    """The verdict on a number."""
    name, value = answer.name, written.value
    expected = work.key.value(name)
    expression = work.key.lines[name].equation.expression
    sources = work.sources_of(expression)
    if written.fits(expected) and not (sources and _rather(work, expression, written, expected)):
        work.set(name, value, expected)
        work.vouch(name)
        return Marked(answer, expected, CORRECT if written.means(expected) else ROUNDED)
    if work.reaches(name, expression, written):
        own = _own(work, expression, written)
        work.set(name, value, own)
        work.vouch(name)
        if not sources:
            return Marked(answer, expected, ROUNDED, ("right work on figures rounded on the way",))
        work.sources[name] = frozenset((name,))
        return _following(work, answer, written, own, expected, sources)
    if sources and work.corrected(written.digits).reaches(name, expression, written):
        work.set(name, value, expected)
        comment = sentence("right, though not from your own {}", _named(sorted(sources)))
        return Marked(answer, expected, ROUNDED, comment)
    findings = diagnose(work, name, written)
    instead = work.value(expression)
    comment = _explained(written, name, instead, findings)
    if instead is not None:
        work.instead[name] = instead
    _go_on(work, name, value, findings)
    return Marked(answer, expected, WRONG, comment, findings)


def _rather(work: Work, expression: Expression, written: Written, expected: Scalar) -> bool:
    """Whether a figure is the person's own, rounded, while the right value would be cut off."""
    own = _own(work, expression, written)
    return written.rounds(own) and not written.rounds(expected)


def _own(work: Work, expression: Expression, written: Written) -> Scalar:
    """What was written, before it was rounded, as far as that can be told."""
    for kept in (True, False):
        own = work.value(expression, kept=kept)
        if own is not None and written.fits(own):
            return own
    return written.value


def _following(
    work: Work,
    answer: Answer,
    written: Written,
    own: Scalar,
    expected: Scalar,
    sources: frozenset[str],
) -> Marked:
    """A line that is right from the person's own wrong values."""
    ordered = tuple(sorted(sources, key=work.key.order.__getitem__))
    comment: Phrase = sentence("right from your own {}", _named(ordered))
    if not written.means(own):
        comment += sentence(", rounded from {}", Decimal(own))
    zeros = [name for name in ordered if not work.shown.get(name)]
    trivial = not written.value and bool(expected) and bool(zeros)
    if trivial:
        comment += sentence("; 0 only because {} is 0, which earns nothing", Name(zeros[0]))
    return Marked(answer, expected, FOLLOWS, comment, sources=ordered, trivial=trivial)


def _named(names: Sequence[str]) -> Phrase:
    """Quantities as a list in words."""
    parts: list[Part] = []
    for place, name in enumerate(names):
        if place:
            parts.append(" and " if place == len(names) - 1 else ", ")
        parts.append(Name(name))
    return tuple(parts)


def _explained(
    written: Written, name: str, own: Scalar | None, findings: Sequence[Finding]
) -> Phrase:
    """What is wrong with a figure, in one sentence; `own` is what should stand there."""
    if findings:
        first, *others = findings
        comment: Phrase = ()
        if len(first.slips) > 1:
            comment = ("two mistakes at once: ",)
        if first.line != name:
            comment += sentence("in {}, which the sheet leaves out: ", Name(first.line))
        comment += (*first.title, ": ", *first.advice)
        for other in others:
            comment += ("; or ", *other.title)
        return comment
    if own is None:
        return ("it cannot be worked out from your own figures",)
    right = Decimal(own)
    if own and abs(float(written.value) - float(own)) <= NEAR * abs(float(own)):
        return sentence("a small arithmetic slip: your own figures give {}", right)
    return sentence("no mistake that has a name; your own figures give {}", right)


def _go_on(work: Work, name: str, value: Fraction, findings: Sequence[Finding]) -> None:
    """Carry a wrong figure forward, and with it what must have been wrong before it."""
    kept: Scalar = value
    if findings:
        first = findings[0]
        kept = first.result
        if first.line != name:
            work.assume(first.line, first.value, name)
    work.set(name, value, kept)
    work.sources[name] = frozenset((name,))
