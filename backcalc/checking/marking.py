"""Answers to verdicts: each line judged by its right value and by the person's own earlier ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from backcalc.checking.answers import Answer
from backcalc.checking.diagnosis import Ahead, Finding, diagnose, go_on, likeliest
from backcalc.checking.key import GIVEN, Key
from backcalc.checking.symbols import doubts, judged_formula
from backcalc.checking.verdict import CORRECT, FOLLOWS, MISSING, ROUNDED, WRONG, Marked
from backcalc.checking.work import Work
from backcalc.checking.written import Written, written_number
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Expression, Name, Scalar, names_in
from backcalc.formulas.notation import Decimal, Part, Phrase, sentence

UNDERFLOW = 1e-300  # what is smaller is 0 to most that computes
NEAR = 0.1  # a wrong figure this near, relatively, to the right one is called a small slip


def mark(key: Key, answers: Iterable[Answer]) -> tuple[Marked, ...]:
    """A verdict for each answer, in the order in which they stand on the person's sheet.

    Raises UndefinedError where a line that was answered has no right value.
    """
    answers = tuple(answers)
    work = Work(key, dict(key.given), dict(key.given))
    by_name = {answer.name: answer for answer in answers if answer.formula is not None}
    figures = {n: _figure(answer) for n, answer in by_name.items() if not answer.symbolic}
    work.listed.update(by_name)
    marked: dict[str, Marked] = {}
    lines = lines_of(key, by_name)
    for place, name in enumerate(lines, 1):
        if name in figures:
            ahead = Ahead(lines[place:], figures)
            marked[name] = _judged(work, by_name[name], figures[name], ahead)
        elif name in by_name:
            marked[name] = judged_formula(work, by_name[name])
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


def _figure(answer: Answer) -> Written:
    """The number that an answer is."""
    assert answer.formula is not None
    try:
        written = written_number(answer.formula, answer.text)
        float(written.value)  # OverflowError beyond all figures
        return written
    except (ArithmeticError, ValueError):
        raise BackcalcError(f"{answer.text[:60]!r} has no value", answer.place) from None


def _judged(work: Work, answer: Answer, written: Written, ahead: Ahead) -> Marked:
    """The verdict on a number; the work goes on from what was written."""
    name, value, key = answer.name, written.value, work.key
    expected = key.value(name)
    expression = key.lines[name].equation.expression
    sources = work.sources_of(expression)
    if written.fits(expected) and not (sources and _rather(work, expression, written, expected)):
        work.set(name, value, expected)
        work.vouch(name)
        verdict = CORRECT if written.means(expected) else ROUNDED
        return Marked(answer, expected, verdict, doubts(work, answer, written))
    for way in (expression, *key.others.get(name, ())):
        if work.reaches(way, written):
            return _reached(work, answer, written, way, expected)
    if sources and (found := _put_right(work, answer, written, sources)):
        return found
    plain = work.unassumed() if work.assumed else work
    sheet_only = plain.sources_of(expression) if work.assumed else ()
    if sheet_only and plain.reaches(expression, written):
        own = _own(plain, expression, written)
        return _following(work, answer, written, own, expected, sheet_only)
    findings = likeliest(work, name, written, diagnose(work, name, written), ahead)
    instead = work.value(expression)
    comment = _explained(work, name, written, findings)
    if instead is not None:
        work.instead[name], work.rests[name] = instead, sources
    go_on(work, name, value, findings[0] if findings else None)
    return Marked(answer, expected, WRONG, comment, findings)


def _reached(
    work: Work, answer: Answer, written: Written, way: Expression, expected: Scalar
) -> Marked:
    """The verdict on a figure that right work on the person's own earlier ones gives."""
    own = _own(work, way, written)
    work.vouch(answer.name)
    sources = work.sources_of(way)
    if not sources:
        work.set(answer.name, written.value, own)
        comment, trivial = _rounding(work, written, way, expected)
        return Marked(answer, expected, ROUNDED, comment, trivial=trivial)
    return _following(work, answer, written, own, expected, sources)


def _rounding(
    work: Work, written: Written, way: Expression, expected: Scalar
) -> tuple[Phrase, bool]:
    """What is said of a figure that is right but for rounding, and whether it earns nothing."""
    if written.value or not expected:
        return ("worked from rounded figures",), False
    if abs(float(expected)) < UNDERFLOW:
        return ("too small for a calculator, which has 0",), False
    own_zeros = [name for name in names_in(way) if name in work.listed]
    cause = sentence("your rounded {}", _named(own_zeros)) if own_zeros else ("rounding",)
    return ("0 only because of ", *cause, ", which earns nothing"), True


def _rather(work: Work, expression: Expression, written: Written, expected: Scalar) -> bool:
    """Whether a figure is the person's own, rounded, while the right value would be cut off."""
    own = (work.value(expression, kept=kept) for kept in (False, True))
    return not written.rounds(expected) and any(
        value is not None and written.rounds(value) for value in own
    )


def _put_right(
    work: Work, answer: Answer, written: Written, sources: frozenset[str]
) -> Marked | None:
    """The verdict on a figure that goes on from what should stand in the wrong lines before it.

    Where that is known only from other wrong figures, further up, it follows from those.
    """
    expression = work.key.lines[answer.name].equation.expression
    expected, trusted = work.key.value(answer.name), work.corrected(written.digits)
    named = _named(sorted(sources))
    if trusted.reaches(expression, written):
        work.set(answer.name, written.value, expected)
        comment = sentence("right, though not from your own {}", named)
        trivial = not written.value and bool(expected)
        return Marked(answer, expected, ROUNDED, comment, trivial=trivial)
    further = frozenset[str]().union(*(work.rests.get(name, ()) for name in sources))
    carried = work.corrected(written.digits, carried=True)
    if not (further and carried.reaches(expression, written)):
        return None
    own = _own(carried, expression, written)
    marked = _following(work, answer, written, own, expected, further)
    return replace(marked, comment=marked.comment + sentence("; not from your own {}", named))


def _own(work: Work, expression: Expression, written: Written) -> Scalar:
    """What was written, before it was rounded, as far as that can be told."""
    for kept in (False, True):
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
    """The verdict on a line that is right from the person's own wrong values."""
    work.set(answer.name, written.value, own)
    work.sources[answer.name] = frozenset((answer.name,))
    ordered = tuple(sorted(sources, key=work.key.order.__getitem__))
    comment: Phrase = sentence("right from your own {}", _named(ordered))
    if not written.means(own):
        comment += sentence(", rounded from {}", Decimal(own))
    trivial = not written.value and bool(expected)
    if trivial:
        zeros = [name for name in ordered if not work.shown.get(name)] or ordered
        comment += sentence("; 0 only because of {}, which earns nothing", _named(zeros))
    return Marked(answer, expected, FOLLOWS, comment, sources=ordered, trivial=trivial)


def _named(names: Sequence[str]) -> Phrase:
    """Quantities as a list in words."""
    parts: list[Part] = []
    for place, name in enumerate(names):
        if place:
            parts.append(" and " if place == len(names) - 1 else ", ")
        parts.append(Name(name))
    return tuple(parts)


def _explained(work: Work, name: str, written: Written, findings: Sequence[Finding]) -> Phrase:
    """What is wrong with a figure, in one sentence."""
    if findings:
        return _mistakes(name, findings)
    line = work.key.lines[name]
    own = work.value(line.equation.expression)
    if own is None:
        return ("it cannot be worked out from your own figures",)
    if line.role == GIVEN:
        return sentence("the sheet gives {} = {}", Name(name), Decimal(own))
    rests = not work.listed.isdisjoint(work.key.needs(name, work.key.given)[:-1])
    own = own if rests else work.key.value(name)
    right = sentence("your own figures give {}" if rests else "it comes to {}", Decimal(own))
    if own and abs(float(written.value) - float(own)) <= NEAR * abs(float(own)):
        return ("a small arithmetic slip: ", *right)
    return ("no mistake that has a name; ", *right)


def _mistakes(name: str, findings: Sequence[Finding]) -> Phrase:
    """The mistakes that give a figure; the likeliest with what to do instead."""
    comment: Phrase = ()
    for finding in findings:
        comment += ("; or ",) if comment else ()
        if len(finding.slips) > 1:
            comment += ("two mistakes at once: ",)
        if finding.line != name:
            comment += sentence("in {}, which the sheet leaves out: ", Name(finding.line))
        comment += finding.title
        if finding is findings[0]:
            comment += (": ", *finding.advice)
    return comment
