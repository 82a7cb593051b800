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
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from backcalc.checking.honest import Numeric, Range, numeric, way
from backcalc.checking.key import UPDATE, Key
from backcalc.checking.mistakes.form import Form, Spot
from backcalc.checking.own_work import OwnWork
from backcalc.checking.slips import SLIPS, Slip
from backcalc.checking.written import CLOSE, FEW_DIGITS, WrittenNumber
from backcalc.formulas.expression import Expression, Name, Number, Sum, evaluate, names_in, walk
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
LEAF = 0.02  # how far off, relatively, a number in the working may be that is rounded
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

    @property
    def slip(self) -> str:
        """The mistake's name; empty where none is likely."""
        return self.finding.slip.name if self.finding else ""

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


@dataclass(slots=True, eq=False)
class Search:
    """The search for the mistakes of one sheet."""

    work: OwnWork
    """The person's own work, as far as the sheet has been read."""
    room: int = MOST_FORMS
    """How many forms may still be tried."""
    made: set[str] = field(default_factory=set)
    """The mistakes named so far."""
    known: dict[str, list[Made]] = field(default_factory=dict)
    """What each mistake makes of the lines left out that were looked at."""

    def diagnose(self, name: str, written: WrittenNumber) -> Named:
        """Return the mistake that gives a figure, if it is likelier than chance and others."""
        work = self.work
        right = work.own.image(work.ways(name)[:1])
        found = [*_specific(self._candidates(name, written, right))]
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
        (likeliest, first), *others = sorted(by_slip.items(), key=lambda pair: -pair[1])[:2]
        if first < SURE * (first + chance) or any(first < AHEAD * second for _, second in others):
            return Named(several=bool(others), candidates=tuple(found))
        best = max(
            (each for each in found if (each.slip.name, each.line) == likeliest),
            key=lambda each: (each.weight, -abs(each.values.get(name, math.inf) - written.here)),
        )
        self.made.add(best.slip.name)
        return Named(_finding(best), candidates=tuple(found))

    def _candidates(
        self, name: str, written: WrittenNumber, right: Range | None
    ) -> Iterator[Candidate]:
        """The ways of making each mistake, in the line itself and in those left out before it."""
        work, low, high = self.work, *_around(written, right)
        digits = written.digits or (0 if written.value else ZERO)
        own = [*self._made(Spot(work.key.lines[name], work, digits, written.value))]
        counts = Counter(each.slip.name for each in own)
        for each in own:
            value = self._honestly(each, written, right)
            exact = abs(value - written.here) <= 1e-9 * abs(value)
            if low <= value <= high and (exact or not each.slip.verbatim):
                share = (HIT if exact and written.digits else 1.0) / counts[each.slip.name] ** 0.5
                yield self._candidate(each, name, {name: value}, share)
        hidden = work.gap(name)[-MOST_HIDDEN:]
        for line in reversed(hidden):
            wanted = work.solved(line, name, written)
            made = self._hidden(line) if wanted else ()
            counts = Counter(each.slip.name for each in made)
            for each in made:
                if wanted and wanted.low <= each.value <= wanted.high:
                    share = HIDDEN / len(hidden) / counts[each.slip.name] ** 0.5
                    yield self._candidate(each, line, {line: each.value}, share)
        yield from self._in_each_sample(name, (low, high), hidden)

    def _candidate(
        self, made: Made, line: str, values: Mapping[str, float], share: float
    ) -> Candidate:
        again = AGAIN if made.slip.name in self.made else 1.0
        weight = again * share * made.slip.weight * made.form.share
        return Candidate(made.slip, made.form, line, values, weight)

    def _honestly(self, made: Made, written: WrittenNumber, right: Range | None) -> float:
        """A mistake's number; the written one where a small difference of larger ones meets it."""
        (low, high), whole = written.ends, right.high - right.low if right else 0.0
        if whole and low - whole <= made.value <= high + whole and not low <= made.value <= high:
            image = self.work.own.image((way(made.form.equation.expression),))
            if image and image.meets((low, high)):
                return written.here
        return made.value

    def _hidden(self, line: str) -> list[Made]:
        """Return what each mistake makes of a line left out."""
        if line not in self.known:
            spot = Spot(self.work.key.lines[line], self.work, 0)
            self.known[line] = [*self._made(spot)] if self.room > 0 else []
        return self.known[line]

    def _made(self, spot: Spot) -> Iterator[Made]:
        """What each mistake makes of a line, once for each value that it gives."""
        work, line, own = self.work, spot.line.name, spot.written is not None
        right = work.own.number(work.ways(line)[0].function)
        known = _forms(work.key).setdefault(line, {})
        for name, slip in SLIPS.items():
            if slip.figure and not own:
                continue
            always = not (slip.figure or slip.own)
            forms = known.get(name) if always else None
            if forms is None:
                forms = [(form, numeric(form.equation.expression)) for form in slip.forms(spot)]
                known |= {name: forms} if always else {}
            values: set[float] = set()
            for form, function in forms:
                self.room -= 1
                value = work.own.number(function)
                if value is not None and not _same(value, right) and value not in values:
                    values.add(value)
                    yield Made(slip, form, value)

    def _in_each_sample(
        self, name: str, ends: tuple[float, float], hidden: Sequence[str]
    ) -> Iterator[Candidate]:
        """The same mistake made in a line of every sample, where only their total is written."""
        groups: dict[str, list[str]] = {}
        for line in hidden:
            quantity = parsed(line)
            if quantity.sample is not None:
                groups.setdefault(quantity.of_sample(None), []).append(line)
        several = [lines for lines in groups.values() if len(lines) > 1]
        right = self.work.own.number(self.work.ways(name)[0].function)
        for lines in several:
            by_slip: dict[str, list[list[Made]]] = {}
            for line in lines:
                for slip, found in groupby(self._hidden(line), lambda each: each.slip.name):
                    by_slip.setdefault(slip, []).append([*found])
            for all_made in by_slip.values():
                for same in zip(*all_made, strict=False) if len(all_made) == len(lines) else ():
                    values = {line: each.value for line, each in zip(lines, same, strict=True)}
                    points = {line: Range(v, v, v) for line, v in values.items()}
                    result = self.work.image_if(name, points)
                    value = right if result is None else result.middle
                    if (
                        value is not None
                        and not _same(value, right)
                        and (ends[0] <= value <= ends[1])
                    ):
                        yield self._candidate(same[0], lines[0], values, EACH / len(several))


def as_working_says(work: OwnWork, known: Named, name: str, working: Sequence[Expression]) -> Named:
    """Return the mistake that the working on the line shows, or none where it shows another one."""
    here = [each for each in known.candidates if each.line == name and not each.slip.figure]
    formulas = [part for part in working if names_in(part)]
    if formulas:
        own, weights = work.key.lines[name], work.key.weights(0)
        copied = (
            Candidate(SLIPS["copied"], Form(line.equation, (Name(line.name),)), name, {}, 0.0)
            for line in work.key.lines.values()
            if (line.role, line.by in weights) == (own.role, own.by in weights) and line is not own
        )
        bare = Named(candidates=known.candidates)
        usual = bare if known.finding and _contradicts(formulas[-1], known.finding, name) else known
        found = here if usual.finding else (*here, *copied)
        shown = (e for e in found if _equal(formulas[-1], e.form.equation.expression))
        known = next((replace(bare, finding=_finding(each)) for each in shown), usual)
        if known.finding or not any(isinstance(node, Number) for node in walk(formulas[-1])):
            return known
    written = _leaves([*working, *formulas][-1], work.own.at) if working else []
    if len(written) < 2:
        return known
    matched = [e for e in here if _alike(written, _leaves(e.form.equation.expression, work.own.at))]
    if matched:
        likeliest = max(matched, key=lambda each: each.weight)
        return Named(_finding(likeliest), candidates=known.candidates)
    right = _leaves(work.ways(name)[0].expression, work.own.at)
    if len(written) == len(right) and known.slip in {each.slip.name for each in here}:
        return Named(candidates=known.candidates)  # all is put in, and not as with that mistake
    return known


def _contradicts(formula: Expression, finding: Finding, name: str) -> bool:
    """True if the formula on a line shows that it was not made with this mistake."""
    if finding.line != name:
        return False
    if finding.slip.name == "added-for-multiplied":
        return not any(isinstance(node, Sum) for node in walk(formula))
    swapped = {part.id for part in finding.comment if isinstance(part, Name)}
    return finding.slip.name == "swapped-weights" and swapped.isdisjoint(names_in(formula))


def _equal(one: Expression, two: Expression) -> bool:
    """True if two formulas in the same names come to the same at some point."""
    names = {*names_in(one)}
    draw = random.Random(len(names))
    at = {each: draw.uniform(0.5, 2) for each in sorted(names)}
    with suppress(ArithmeticError, ValueError):
        return names == {*names_in(two)} and _same(
            float(evaluate(one, at)), float(evaluate(two, at))
        )
    return False


def _leaves(expression: Expression, at: Mapping[str, float]) -> list[float]:
    """The sizes of the numbers in a formula, names by their values, but for each 1."""
    found = [
        abs(at.get(node.id, math.nan) if isinstance(node, Name) else float(node.value))
        for node in walk(expression)
        if isinstance(node, (Name, Number))
    ]
    return sorted(each for each in found if each != 1)


def _alike(one: Sequence[float], two: Sequence[float]) -> bool:
    """True if the same numbers stand in two formulas, but for rounding."""
    return len(one) == len(two) and all(
        abs(a - b) <= LEAF * max(a, b) for a, b in zip(one, two, strict=True)
    )


def _specific(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """The candidates without those that say less than another of the same line."""
    found = [*candidates]
    covered = {(name, each.line) for each in found for name in each.slip.covers}
    return (each for each in found if (each.slip.name, each.line) not in covered)


def _finding(best: Candidate) -> Finding:
    return Finding(best.slip, best.line, best.values, *told(best.slip, best.form))


def _chance(written: WrittenNumber, right: Range | None, old: float) -> float:
    """How likely a figure from nowhere is to fall within the written digits.

    Of a new weight it is the change from the old one that comes from nowhere.
    """
    value, width = written.here - old, written.width
    should = right.middle - old if right else value
    if right and should:
        width += 2 * (right.high - right.low) * min(abs(value / should), 1.0)
    if not value:
        return min(1.0, width / (abs(should) or 1.0)) if width else 1e-6
    if should and 1 / FACTOR < value / should < FACTOR:
        return min(1.0, NEAR * width / abs(should))
    return min(1.0, FAR * width / abs(value))


def _around(written: WrittenNumber, right: Range | None) -> tuple[float, float]:
    """The numbers that honest work with a mistake in it may come to where this is written."""
    (low, high), value = written.ends, abs(written.here)
    spread = CLOSE * value
    if right and right.low < right.high:
        size, whole = abs(right.middle), right.high - right.low
        spread += whole * value / size if size else whole
    return low - spread, high + spread


@lru_cache(maxsize=8)
def _forms(key: Key) -> dict[str, dict[str, list[tuple[Form, Numeric]]]]:
    """For each line that was looked at its forms with each mistake, the same on every sheet."""
    return {}


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
