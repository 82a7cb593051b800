"""Which mistake gives a wrong figure: named only where that is far likelier than chance.

Each way of making each mistake of the table has a value. Somebody who made the mistake wrote that
value; somebody whose figure comes from nowhere writes any figure, near the right one rather than
far from it. By the weights of the table follows how likely it is that a figure within the written
digits is a mistake's: with few digits or many candidates it is not, and nothing is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from backcalc.checking.honest import Range, numeric
from backcalc.checking.key import UPDATE
from backcalc.checking.mistakes.form import Form, Spot
from backcalc.checking.slips import SLIPS, Slip
from backcalc.checking.work import Work
from backcalc.checking.written import CLOSE, FEW_DIGITS, Written
from backcalc.formulas.expression import Name
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
MOST_HIDDEN = 60  # lines left out before a wrong one that are searched for the mistake
MOST_FORMS = 40_000  # tried for one sheet
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
    advice: Phrase
    """What to do instead."""

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
        key=lambda each: each.weight,
    )
    search.made.add(best.slip.name)
    return Named(_finding(best), candidates=tuple(found))


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
    value, width = float(written.value) - old, high - low
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
    reached = Reach(work, name, written, right)
    yield from _forms_of(reached, name, search, 1.0)
    hidden = work.key.needs(name, work.listed)[:-1][-MOST_HIDDEN:]
    if not hidden:
        return
    share = HIDDEN / len(hidden)
    for line in reversed(hidden):
        if search.room <= 0:
            return
        yield from _forms_of(reached, line, search, share)
    yield from _in_each_sample(reached, hidden, search)


@dataclass(slots=True, eq=False)
class Reach:
    """A wrong line, and what a mistake before it makes of it."""

    work: Work
    name: str
    written: Written
    right: Range | None
    chains: dict[tuple[str, ...], list[str]] = field(default_factory=dict)

    def result(self, changed: Mapping[str, float]) -> float | None:
        """Return the wrong line's value if some lines before it, or it, had others."""
        if self.name in changed:
            return changed[self.name]
        lines = tuple(changed)
        if lines not in self.chains:
            self.chains[lines] = self.work.chain(lines, self.name)
        at = self.work.own.at
        chain = [*self.chains[lines], self.name]
        saved = {each: at.get(each) for each in (*lines, *chain)}
        try:
            at.update(changed)
            found = None
            for each in chain:
                found = self.work.own.number(self.work.ways(each)[0].function)
                if found is None:
                    return None
                at[each] = found
            return found
        finally:
            for each, value in saved.items():
                if value is None:
                    at.pop(each, None)
                else:
                    at[each] = value

    def fits(self, value: float) -> bool:
        """Return true if honest work with the mistake in it may come to what is written."""
        low, high = self.written.ends
        spread = CLOSE * abs(value)
        if self.right and self.right.low < self.right.high:
            size = abs(self.right.middle)
            whole = self.right.high - self.right.low
            spread += whole * abs(value) / size if size else whole
        return low - spread <= value <= high + spread


def _forms_of(reached: Reach, line: str, search: Search, share: float) -> Iterator[Candidate]:
    """The forms of one line that give the written figure, each with its weight."""
    work, written = reached.work, reached.written
    own = line == reached.name
    digits = written.digits or (0 if written.value else ZERO)
    spot = Spot(work.key.lines[line], work, digits, written.value if own else None)
    right = work.own.number(work.ways(line)[0].function)
    for slip in SLIPS.values():
        if slip.figure and not own:
            continue
        found: list[tuple[Form, float]] = []
        values: set[float] = set()
        for form in slip.forms(spot):
            search.room -= 1
            value = work.own.number(numeric(form.equation.expression))
            if value is None or _same(value, right) or value in values:
                continue
            values.add(value)
            result = reached.result({line: value})
            if result is not None and reached.fits(result) and _exactly(slip, written, result):
                found.append((form, value))
        boost = AGAIN if slip.name in search.made else 1.0
        for form, value in found:
            weight = boost * share * slip.weight * form.share / max(1.0, len(values) ** 0.5)
            yield Candidate(slip, form, line, {line: value}, weight)


def _exactly(slip: Slip, written: Written, value: float) -> bool:
    """Return true unless a slip of the pen gives other digits than those written."""
    here = float(written.value)
    return not slip.verbatim or abs(value - here) <= 1e-9 * abs(here)


def _in_each_sample(reached: Reach, hidden: Sequence[str], search: Search) -> Iterator[Candidate]:
    """The same mistake made in a line of every sample, where only their total is written."""
    groups: dict[str, list[str]] = {}
    for line in hidden:
        name = parsed(line)
        if name.sample is not None:
            groups.setdefault(name.of_sample(None), []).append(line)
    several = [lines for lines in groups.values() if len(lines) > 1]
    work = reached.work
    for lines in several:
        spots = [Spot(work.key.lines[line], work, reached.written.digits) for line in lines]
        for slip in SLIPS.values():
            if slip.figure or search.room <= 0:
                continue
            for forms in zip(*(slip.forms(spot) for spot in spots), strict=False):
                search.room -= len(forms)
                values: dict[str, float] = {}
                for line, form in zip(lines, forms, strict=True):
                    value = work.own.number(numeric(form.equation.expression))
                    if value is not None:
                        values[line] = value
                result = reached.result(values) if len(values) == len(lines) else None
                same = reached.right and result is not None and _same(result, reached.right.middle)
                if result is not None and not same and reached.fits(result):
                    boost = AGAIN if slip.name in search.made else 1.0
                    weight = boost * slip.weight * forms[0].share * EACH / len(several)
                    yield Candidate(slip, forms[0], lines[0], values, weight)


def told(slip: Slip, form: Form) -> tuple[Phrase, Phrase]:
    """Return what was done and what to do instead, with what the form names put in."""
    inside = slip.title.count("{}")
    return sentence(slip.title, *form.parts[:inside]), sentence(slip.advice, *form.parts[inside:])


def explained(name: str, finding: Finding) -> Phrase:
    """Return what was done wrong and what to do instead."""
    where: Phrase = ()
    if finding.line != name:
        every = " and the like" if len(finding.values) > 1 else ""
        where = sentence(f"In {{}}{every}, which your sheet leaves out: ", Name(finding.line))
    return (*where, *capitalised(finding.title), ". ", *capitalised(finding.advice), ".")


def capitalised(phrase: Phrase) -> Phrase:
    """Return a phrase as the start of a sentence."""
    first, *rest = phrase
    return (first[:1].upper() + first[1:] if isinstance(first, str) else first, *rest)


def _same(first: float, second: float | None) -> bool:
    """True if two numbers are the same up to the rounding of floats."""
    return second is not None and abs(first - second) <= CLOSE * abs(second)
