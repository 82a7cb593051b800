"""Which mistake gives a wrong figure: named only where that is far likelier than chance.

Each way of making each mistake of the table has a value. Somebody who made the mistake wrote that
value; somebody whose figure comes from nowhere writes any figure, near the right one rather than
far from it. By the weights of the table follows how likely it is that a figure within the written
digits is a mistake's: with few digits or many candidates it is not, and nothing is named.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from backcalc.checking.honest import Numeric, Range, numeric, way
from backcalc.checking.key import UPDATE, Key
from backcalc.checking.mistakes.form import Form, Spot
from backcalc.checking.own_work import Work
from backcalc.checking.slips import SLIPS, Slip
from backcalc.checking.written import CLOSE, FEW_DIGITS, Written
from backcalc.formulas.expression import Expression, Name, evaluate, names_in
from backcalc.formulas.notation import Phrase, sentence
from backcalc.formulas.quantity import parsed

SURE = 0.8  # how likely a mistake must be that is named
NOWHERE = 0.4  # the share of wrong figures that come from no mistake of the table
NEAR, FAR = (
    0.5,
    0.1,
)  # of those in a stretch as wide as the right value, within a factor of 3 or not
FACTOR = 3
AHEAD = 2  # how much likelier a mistake must be than the next one
HIDDEN = 0.3  # how much rarer a mistake is in a line left out than in the one that is wrong
EACH = 0.5  # and in the same line of every sample
SHORT = 0.3  # of its width, what a short figure leaves open where the right one is exact
AGAIN = 8.0  # how much likelier a mistake is that was made before
HIT = 3.0  # and one that gives the very figure, where others give it only when rounded
MOST_HIDDEN = 60  # lines left out before a wrong one that are searched for the mistake
MOST_FORMS = 12_000  # tried for one sheet
ZERO = 4  # digits that a nought is taken to have


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """The mistake that gives the figure which somebody wrote."""

    slip: Slip
    """The mistake."""
    line: str
    """The line in which it was made: the wrong one, or one left out before it."""
    values: Mapping[str, float]
    """What that line then is, or that line in every sample."""
    title: Phrase
    """What was done."""
    comment: Phrase
    """What is said to the person."""

    @property
    def names(self) -> tuple[str, ...]:
        """The mistake's identifier."""
        return (self.slip.name,)


@dataclass(slots=True, eq=False)
class Search:
    """The search for the mistakes of one sheet."""

    room: int = MOST_FORMS
    """How many forms may still be tried."""
    made: set[str] = field(default_factory=set)
    """The mistakes named so far."""
    known: dict[str, list[Made]] = field(default_factory=dict)
    """What each mistake makes of the lines left out that were looked at."""

    def hidden(self, work: Work, line: str) -> list[Made]:
        """Return what each mistake makes of a line left out."""
        if line not in self.known:
            spot = Spot(work.key.lines[line], work, 0)
            self.known[line] = [*_made(spot, self)] if self.room > 0 else []
        return self.known[line]


class Made(NamedTuple):
    """A line with a mistake in it."""

    slip: Slip
    form: Form
    value: float
    """What it comes to."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One way of making a mistake that gives the written figure."""

    slip: Slip
    form: Form
    line: str
    values: Mapping[str, float]
    """What the line with the mistake is, or that line in every sample."""
    weight: float
    """How likely it was before anything was written."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """What is known of the cause of a wrong figure."""

    finding: Finding | None = None
    """The mistake, where one is likely."""
    several: bool = False
    """True if several would give the figure and none is the likeliest by far."""
    candidates: tuple[Candidate, ...] = ()
    """All ways of making a mistake that give the figure."""

    def slips(self) -> set[str]:
        """Return the mistakes with the formula that give the figure, misread numbers aside."""
        names = {each.slip.name for each in self.candidates if not each.slip.figure}
        return names - {"misread-given"}

    def out_of(self, name: str) -> Finding | None:
        """Return the likeliest mistake with a line left out, or with a given number."""
        there = [
            each for each in self.candidates
            if each.line == name
            or (each.slip.name == "misread-given" and Name(name) in each.form.parts)
        ]  # fmt: skip
        return _finding(max(there, key=lambda each: each.weight)) if there else None


NAMELESS = Named()


def diagnose(work: Work, name: str, written: Written, search: Search) -> Named:
    """Return the mistake that gives a wrong figure, if it is likelier than chance and others."""
    right = work.own.image(work.ways(name)[:1])
    found = [*_specific(_candidates(work, name, written, right, search))]
    if not found:
        return NAMELESS
    line = work.key.lines[name]
    old = work.own.at.get(line.equation.before or "") if line.role == UPDATE else None
    chance = NOWHERE * _chance(written, right, old or 0.0)
    if isinstance(work.key.value(name), Fraction) and written.digits <= FEW_DIGITS:
        chance *= SHORT  # where figures are short and exact, so is one with a mistake in it
    by_slip: dict[tuple[str, str], float] = {}
    for each in found:
        key = (each.slip.name, each.line)
        by_slip[key] = by_slip.get(key, 0.0) + each.weight
    likeliest = max(by_slip, key=by_slip.__getitem__)
    first = by_slip.pop(likeliest)
    second = max(by_slip.values(), default=0.0)
    if first < SURE * (first + chance) or first < AHEAD * second:
        return Named(several=bool(by_slip), candidates=tuple(found))
    best = max(
        (each for each in found if (each.slip.name, each.line) == likeliest),
        key=lambda each: (each.weight, -abs(each.values.get(name, math.inf) - written.here)),
    )
    search.made.add(best.slip.name)
    return Named(_finding(best), candidates=tuple(found))


def as_formula_says(known: Named, name: str, working: Sequence[Expression | None]) -> Named:
    """Return the mistake that the formula on the line shows, where several give the figure."""
    shown = [part for part in working if part is not None and names_in(part)]
    draw = random.Random(name)
    at = {each: draw.uniform(0.5, 2) for part in shown[-1:] for each in names_in(part)}
    for each in known.candidates if shown else ():
        expression = each.form.equation.expression
        if each.line == name and {*names_in(expression)} == at.keys():
            with suppress(ArithmeticError, ValueError):
                one, two = (float(evaluate(part, at)) for part in (shown[-1], expression))
                if _same(one, two):
                    return Named(_finding(each), candidates=known.candidates)
    return known


def _specific(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """The candidates without those that say less than another of the same line."""
    found = [*candidates]
    covered = {(name, each.line) for each in found for name in each.slip.covers}
    return (each for each in found if (each.slip.name, each.line) not in covered)


def _finding(best: Candidate) -> Finding:
    return Finding(best.slip, best.line, best.values, *told(best.slip, best.form))


def _chance(written: Written, right: Range | None, old: float) -> float:
    """How likely a figure from nowhere is to fall within the written digits.

    Of a new weight it is the change from the old one that comes from nowhere.
    """
    low, high = written.ends
    value, width = written.here - old, high - low
    should = right.middle - old if right else value
    if right and should:
        width += 2 * (right.high - right.low) * min(abs(value / should), 1.0)
    if not value:
        return min(1.0, width / (abs(should) or 1.0)) if width else 1e-6
    if should and 1 / FACTOR < value / should < FACTOR:
        return min(1.0, NEAR * width / abs(should))
    return min(1.0, FAR * width / abs(value))


def _candidates(
    work: Work, name: str, written: Written, right: Range | None, search: Search
) -> Iterator[Candidate]:
    """The ways of making each mistake, in the line itself and in those left out before it."""
    digits = written.digits or (0 if written.value else ZERO)
    own = [*_made(Spot(work.key.lines[name], work, digits, written.value), search)]
    low, high = _around(written, right)
    yield from _fitting(_honestly(work, own, written, right), name, low, high, written, search, 1.0)
    hidden = work.gap(name)[-MOST_HIDDEN:]
    for line in reversed(hidden):
        wanted = work.solved(line, name, written)
        if wanted:
            made = search.hidden(work, line)
            share = HIDDEN / len(hidden)
            yield from _fitting(made, line, wanted.low, wanted.high, None, search, share)
    yield from _in_each_sample(work, name, (low, high), hidden, search)


def _honestly(
    work: Work, made: Sequence[Made], written: Written, right: Range | None
) -> Sequence[Made]:
    """The same with the written figure itself where a small difference of larger ones meets it."""
    if not right or right.low == right.high:
        return made
    (low, high), whole = written.ends, right.high - right.low
    found = []
    for each in made:
        if low - whole <= each.value <= high + whole and not low <= each.value <= high:
            image = work.own.image((way(each.form.equation.expression),))
            if image and image.meets((low, high)):
                each = each._replace(value=written.here)
        found.append(each)
    return found


def _around(written: Written, right: Range | None) -> tuple[float, float]:
    """The numbers that honest work with a mistake in it may come to where this is written."""
    (low, high), value = written.ends, abs(written.here)
    spread = CLOSE * value
    if right and right.low < right.high:
        size, whole = abs(right.middle), right.high - right.low
        spread += whole * value / size if size else whole
    return low - spread, high + spread


def _made(spot: Spot, search: Search) -> Iterator[Made]:
    """What each mistake makes of a line, once for each value that it gives."""
    work, own = spot.work, spot.written is not None
    right = work.own.number(work.ways(spot.line.name)[0].function)
    always = _forms(work.key).get(spot.line.name)
    if always is None:
        always = _forms(work.key)[spot.line.name] = {
            name: [(form, numeric(form.equation.expression)) for form in slip.forms(spot)]
            for name, slip in SLIPS.items()
            if not (slip.figure or slip.own)
        }
    for name, slip in SLIPS.items():
        values: set[float] = set()
        forms: Iterable[tuple[Form, Numeric]] = always.get(name, ())
        if slip.own or (slip.figure and own):
            forms = ((form, numeric(form.equation.expression)) for form in slip.forms(spot))
        for form, function in forms:
            search.room -= 1
            value = work.own.number(function)
            if value is not None and not _same(value, right) and value not in values:
                values.add(value)
                yield Made(slip, form, value)


@lru_cache(maxsize=8)
def _forms(key: Key) -> dict[str, dict[str, list[tuple[Form, Numeric]]]]:
    """For each line that was looked at its forms with each mistake, the same on every sheet."""
    return {}


def _fitting(
    made: Sequence[Made],
    line: str,
    low: float,
    high: float,
    written: Written | None,
    search: Search,
    share: float,
) -> Iterator[Candidate]:
    """Those that come to a number between two, each with its weight."""
    counts = Counter(each.slip.name for each in made)
    for slip, form, value in made:
        if low <= value <= high and (written is None or _exactly(slip, written, value)):
            boost = AGAIN if slip.name in search.made else 1.0
            weight = boost * share * slip.weight * form.share / counts[slip.name] ** 0.5
            if written and written.digits and abs(value - written.here) <= 1e-9 * abs(value):
                weight *= HIT
            yield Candidate(slip, form, line, {line: value}, weight)


def _exactly(slip: Slip, written: Written, value: float) -> bool:
    """Return true unless a slip of the pen gives other digits than those written."""
    here = written.here
    return not slip.verbatim or abs(value - here) <= 1e-9 * abs(here)


def _in_each_sample(
    work: Work,
    name: str,
    ends: tuple[float, float],
    hidden: Sequence[str],
    search: Search,
) -> Iterator[Candidate]:
    """The same mistake made in a line of every sample, where only their total is written."""
    groups: dict[str, list[str]] = {}
    for line in hidden:
        quantity = parsed(line)
        if quantity.sample is not None:
            groups.setdefault(quantity.of_sample(None), []).append(line)
    several = [lines for lines in groups.values() if len(lines) > 1]
    right = work.own.number(work.ways(name)[0].function)
    for lines in several:
        by_slip: dict[str, list[list[Made]]] = {}
        for line in lines:
            for slip_name, found in groupby(search.hidden(work, line), lambda each: each.slip.name):
                by_slip.setdefault(slip_name, []).append([*found])
        for all_made in by_slip.values():
            if len(all_made) < len(lines):
                continue
            for same in zip(*all_made, strict=False):
                values = {line: each.value for line, each in zip(lines, same, strict=True)}
                points = {line: Range(v, v, v) for line, v in values.items()}
                result = work.image_if(name, points)
                if (
                    result
                    and not _same(result.middle, right)
                    and ends[0] <= result.middle <= ends[1]
                ):
                    slip, form, _ = same[0]
                    boost = AGAIN if slip.name in search.made else 1.0
                    weight = boost * slip.weight * form.share * EACH / len(several)
                    yield Candidate(slip, form, lines[0], values, weight)


def told(slip: Slip, form: Form) -> tuple[Phrase, Phrase]:
    """Return what was done and what is said of it, with what the form names put in."""
    inside = slip.title.count("{}")
    return sentence(slip.title, *form.parts[:inside]), sentence(slip.comment, *form.parts)


def explained(name: str, finding: Finding) -> Phrase:
    """Return what was done wrong and what to do instead."""
    if finding.line == name:
        return finding.comment
    every = " and the like" if len(finding.values) > 1 else ""
    where = sentence(f"Look at {{}}{every}, which your sheet leaves out. ", Name(finding.line))
    return (*where, *finding.comment)


def _same(first: float, second: float | None) -> bool:
    """True if two numbers are the same up to the rounding of floats."""
    return second is not None and abs(first - second) <= CLOSE * abs(second)
