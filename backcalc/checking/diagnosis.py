"""Which mistake gives a wrong figure: every slip of the table is tried, alone and then in pairs."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from backcalc.checking.mistakes.form import Form, Spot
from backcalc.checking.slips import SLIPS, Slip
from backcalc.checking.work import Work, worked_out
from backcalc.checking.written import CLOSE, Written
from backcalc.formulas.expression import Scalar
from backcalc.formulas.notation import Phrase, sentence

MOST_HIDDEN = 60  # lines left out before a wrong one that are searched for the mistake
MOST_WORK = 100_000  # names looked up for one figure
MOST_NAMED = 4  # mistakes named for one figure
MOST_FOUND = 16  # among which they are chosen
MOST_PAIRS = 3000  # pairs of mistakes tried for one figure
ZERO = 4  # digits that a nought is taken to have
FIRM_DIGITS = 3  # a figure with fewer matches too many pairs by chance


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """A mistake, or two at once, that gives the figure which somebody wrote."""

    slips: tuple[Slip, ...]
    """The mistakes."""
    line: str
    """The line in which they were made: the wrong one, or one left out before it."""
    value: Scalar
    """What that line then is."""
    result: Scalar
    """What the wrong line then is, before rounding."""
    title: Phrase
    """What was done."""
    advice: Phrase
    """What to do instead."""

    @property
    def names(self) -> tuple[str, ...]:
        """The mistakes' identifiers."""
        return tuple(slip.name for slip in self.slips)


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """What the sheet holds after a line."""

    lines: list[str]
    """The lines, those among them that were left out."""
    figures: Mapping[str, Written]
    """The numbers that were written."""


def diagnose(work: Work, name: str, written: Written) -> tuple[Finding, ...]:
    """The mistakes that give the figure at the digits written, likeliest first.

    Two at once are tried only where no single one does.
    """
    rough = work.rough()
    singles = tuple(_firsts(_singles(rough, name, written)))
    return singles or tuple(_firsts(_pairs(rough, name, written)))


def likeliest(
    work: Work, name: str, written: Written, findings: tuple[Finding, ...], ahead: Ahead
) -> tuple[Finding, ...]:
    """The findings to name, first the one by which most of the later lines are right.

    A mistake in a line that was left out shows in every line that uses it.
    """
    if any(finding.line != name for finding in findings):
        score = {f: _explains(work, name, written, f, ahead) for f in findings}
        findings = tuple(sorted(findings, key=score.__getitem__, reverse=True))
    first: dict[tuple[str, ...], Finding] = {}
    for finding in findings:
        first.setdefault(finding.names, finding)
    return tuple(first.values())[:MOST_NAMED]


def _explains(work: Work, name: str, written: Written, finding: Finding, ahead: Ahead) -> int:
    """How many of the later figures are right if this is what happened."""
    trial = work.copy()
    go_on(trial, name, written.value, finding)
    right = 0
    for line in ahead.lines:
        figure = ahead.figures.get(line)
        if figure is None:
            if line not in trial.listed:
                trial.leave_out(line)
            continue
        expression = trial.key.lines[line].equation.expression
        ends = (trial.value(expression), trial.value(expression, kept=True))
        right += any(end is not None and figure.fits(end) for end in ends)
        trial.set(line, figure.value, figure.value)
    return right


def go_on(work: Work, name: str, value: Scalar, finding: Finding | None) -> None:
    """Carry a wrong figure forward, and with it what must have been wrong before it."""
    if finding and finding.line != name:
        work.assume(finding.line, finding.value, name)
    work.set(name, value, finding.result if finding else value)
    work.sources[name] = frozenset((name,))


def _firsts(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The first few findings, each set of mistakes once for each line."""
    seen: set[tuple[str, ...]] = set()
    for finding in findings:
        key = (finding.line, *sorted(finding.names))
        if key not in seen:
            seen.add(key)
            yield finding
        if len(seen) == MOST_FOUND:
            return


def _singles(work: Work, name: str, written: Written) -> Iterator[Finding]:
    """Each slip in the line itself, then in those left out before it, nearest first."""
    hidden = work.key.needs(name, work.listed)[:-1]
    lines = [name, *reversed(hidden[-MOST_HIDDEN:])]
    found: list[tuple[tuple[bool, int, int], Finding]] = []
    room = MOST_WORK
    for distance, line in enumerate(lines):
        cost = sum(len(work.key.used(each)) for each in lines[: distance + 1])
        spot = Spot(work.key.lines[line], work, written.digits or (0 if written.value else ZERO))
        for rank, slip in enumerate(SLIPS.values()):
            if slip.figure and distance:
                continue
            for form in slip.forms(spot) if room > 0 else ():
                room -= cost
                result = _result(work, name, line, form, hidden, written)
                if result and (not slip.verbatim or written.means(result[1])):
                    finding = Finding((slip,), line, *result, *told(slip, form))
                    found.append(((work.left_out.get(line, False), rank, distance), finding))
    found.sort(key=lambda entry: entry[0])
    return (finding for _, finding in found)


def told(slip: Slip, form: Form) -> tuple[Phrase, Phrase]:
    """What was done and what to do instead, with what the form names put in."""
    inside = slip.title.count("{}")
    return sentence(slip.title, *form.parts[:inside]), sentence(slip.advice, *form.parts[inside:])


def _result(
    work: Work, name: str, line: str, form: Form, hidden: list[str], written: Written
) -> tuple[Scalar, Scalar] | None:
    """What a line and the wrong one become with a mistake in it, where that is what is written."""
    right = work.key.lines[line].equation.expression
    for values in (work.shown, work.kept):
        value = worked_out(form.equation.expression, values)
        if value is None or _same(value, worked_out(right, values)):
            continue
        if line == name:
            result: Scalar | None = value
        else:
            result = _carried(line, value, hidden, name, work, values)
        if result is not None and written.fits(result):
            return value, result
    return None


def _carried(
    line: str, value: Scalar, hidden: list[str], name: str, work: Work, values: Mapping[str, Scalar]
) -> Scalar | None:
    """The wrong line, worked out from another value in a line left out before it."""
    changed: dict[str, Scalar] = {line: value}
    seen = ChainMap(changed, values)  # type: ignore[arg-type]
    for each in (*hidden, name):
        expression = work.key.lines[each].equation.expression
        if each != line and not changed.keys().isdisjoint(work.key.used(each)):
            found = worked_out(expression, seen)
            if found is None:
                return None
            changed[each] = found
    return changed.get(name)


def _same(first: Scalar, second: Scalar | None) -> bool:
    """Whether two numbers are the same up to the rounding of floats."""
    if second is None:
        return False
    return abs(float(first) - float(second)) <= CLOSE * abs(float(second))


def _pairs(work: Work, name: str, written: Written) -> Iterator[Finding]:
    """Every two slips in the line itself, one after the other."""
    line = work.key.lines[name]
    spot = Spot(line, work, written.digits)
    right = work.value(line.equation.expression)
    tried = 0
    for first, form in _different(spot, right):
        halfway = replace(spot, line=replace(line, equation=form.equation))
        for second, then in _different(halfway, work.value(form.equation.expression)):
            value = work.value(then.equation.expression)
            tried += 1
            if tried > MOST_PAIRS:
                return
            if value is None or _same(value, right) or not _firmly(written, value):
                continue
            (title, advice), (title_too, advice_too) = told(first, form), told(second, then)
            both = (*title, ", and ", *title_too), (*advice, "; ", *advice_too)
            yield Finding((first, second), name, value, value, *both)


def _different(spot: Spot, value: Scalar | None) -> Iterator[tuple[Slip, Form]]:
    """The forms of a line that change its value, one for each value that they give it."""
    seen: list[Scalar] = []
    for slip in SLIPS.values():
        for form in () if slip.figure else slip.forms(spot):
            found = spot.work.value(form.equation.expression)
            if found is None or _same(found, value) or any(_same(found, each) for each in seen):
                continue
            seen.append(found)
            yield slip, form


def _firmly(written: Written, value: Scalar) -> bool:
    """Whether a figure is this value and not only near it by chance."""
    return written.fits(value) if written.digits >= FIRM_DIGITS else written.means(value)
