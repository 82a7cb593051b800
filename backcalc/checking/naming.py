"""Which mistake gives a wrong figure: named only where that is far likelier than chance.

Each way of making each mistake of the table has a value. Somebody who made the mistake wrote that
value; somebody whose figure comes from nowhere writes any figure, near the right one rather than
far from it. By the weights of the table follows how likely it is that a figure within the written
digits is a mistake's: with few digits or many candidates it is not, and nothing is named.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from backcalc.arithmetic.intervals import CLOSE, FAILURES, Range, Way, number, numeric, point, way
from backcalc.checking.key import GRADIENT, Key
from backcalc.checking.mistakes.figure import is_class, readings
from backcalc.checking.mistakes.form import Form, Spot
from backcalc.checking.own_work import OwnWork
from backcalc.checking.slips import SLIPS, Slip
from backcalc.checking.written import FEW_DIGITS, WrittenNumber
from backcalc.equations.named import whole_named
from backcalc.equations.optimizers import RATE
from backcalc.formulas.expression import Expression, Name, Number, Sum, names_in, walk
from backcalc.formulas.notation import DIGITS, InDigits, Part, Phrase, sentence
from backcalc.formulas.quantity import Derivative, Quantity, parsed

SURE = 0.8  # how likely a mistake must be that is named
NOWHERE = 0.4  # the share of wrong figures that come from no mistake of the table
NEAR, FAR = 0.5, 0.1  # of those in a stretch as wide as the right value, near it or not
NOUGHTS = 0.01  # of those that are 0
FACTOR = 3  # within which a figure is near
AHEAD = 2  # how much likelier a mistake must be than the next one
HIDDEN = 0.3  # how much rarer a mistake is in a line left out than in the one that is wrong
EACH = 0.5  # and in the same line of every sample
SHORT = 0.3  # of its width, what a short figure leaves open where the right one is exact
AGAIN = 8.0  # how much likelier a mistake is that was made before
REPEATED = 0.5  # how often somebody who made a mistake makes it in another wrong line as well
HIT = 3.0  # and one that gives the very figure, where others give it only when rounded
MANY_TERMS = 4  # of a sum, of which some often come to a figure by chance where all are coarse
FEW_UNITS = 20  # that the terms of such a sum are at most
BORNE_OUT = 100.0  # how much likelier a mistake is that the working beside the figure shows
FINEST = 1e-6  # the smallest unit
MOST_HIDDEN = 60  # lines left out before a wrong one that are searched for the mistake
MOST_GUESSES = 12  # lines left out before a wrong one that may have made it wrong
TELLING = 0.2  # how wide a figure may be, relatively, that confirms a guess
MOST_FORMS = 12_000  # tried for one sheet
NUDGE = 1e-4  # of a value, by which its slope is measured
STEPS = 6  # of the search for what a line left out must have been
ZERO = 4  # digits that a nought is taken to have
Changed = Callable[[dict[str, float], Sequence[float]], float]
OF_ANOTHER = ("other-activation", "other-derivative")
"""The mistakes of taking another function for an activation, forward and on the way back."""


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """One way of making a mistake that gives the figure which somebody wrote."""

    slip: Slip
    """The mistake."""
    line: str
    """The line in which it was made: the wrong one, or one left out before it."""
    values: Mapping[str, float]
    """What that line then is, or that line in every sample."""
    parts: tuple[Part | Phrase, ...] = ()
    """What is named in telling of it: the path that was dropped, the value that was copied."""
    expression: Expression | None = None
    """How the line reads with it, where scalars tell."""
    weight: float = 0.0
    """How likely it was before anything was written."""

    @property
    def title(self) -> Phrase:
        """What was done."""
        return sentence(self.slip.title, *self.parts)

    @property
    def comment(self) -> Phrase:
        """What is said to the person."""
        return sentence(self.slip.comment, *self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The mistake's identifier."""
        return (self.slip.name,)

    @property
    def once(self) -> bool:
        """True for a slip with the figure only, which is no other one's; two may be exchanged.

        Not so where only the working beside it tells that it is another line's.
        """
        return self.slip.figure and not (self.slip.name == "copied" and self.values)

    def mistake(self, key: Key, listed: Collection[str]) -> str:
        """Return what is the same where this mistake is made again.

        Of a misread number it is the number, of a copied value the two lines, of another
        activation or its derivative the function; for a sign what comes back with it from the
        nearest of the lines that are `listed`.
        """
        if self.slip.name == "misread-given":
            return f"{self.slip.name} {self.parts[0]}"
        if self.slip.name in OF_ANOTHER:
            return f"{OF_ANOTHER[0]} {self.parts[0]}"
        if self.slip.name == "copied":
            of = (part.id for part in self.parts if isinstance(part, Name))
            return " ".join((self.slip.name, *sorted((self.line, *of))))
        if not self.slip.of_one_value:
            return self.slip.name
        way = "back" if key.lines[self.line].role == GRADIENT else "forward"
        back, pending = set[str](), [self.line]
        while pending:
            line = key.lines[pending.pop()]
            terms = line.equation.terms
            further = [str(t.upstream) for t in terms if t.upstream.of != t.upstream.by]
            if not terms and line.role == GRADIENT:  # the total of all samples
                further = [*key.used(line.name)]
            hidden = [each for each in further if each not in listed and each in key.lines]
            back |= {*further}.difference(hidden) or (set() if terms or hidden else {line.name})
            pending += hidden
        wholes = (whole_named(key.network, each) for each in back)
        stems = {each.by.stem if isinstance(each, Derivative) else each for each in wholes}
        return " ".join((self.slip.name, *sorted(stems), way))

    def explained(self, name: str) -> Phrase:
        """Return what was done wrong in a line, or before it, and what to do instead."""
        if self.line == name:
            return self.comment
        said = "Look at {}, which your sheet leaves out. "
        if len(self.values) > 1:
            said = "Look at the lines that your sheet leaves out, such as {}. "
        where = sentence(said, Name(self.line))
        return (*where, *self.comment)


class Joint(NamedTuple):
    """A mistake that several wrong lines may share."""

    slip: Slip
    ways: Mapping[str, tuple[str, str]]
    """For each of them the mistake, and where it was made."""
    odds: float
    """How much likelier it is than another cause in each of them."""
    likely: float
    """How likely it is beside other mistakes in several lines."""


class Made(NamedTuple):
    """A line with a mistake in it."""

    slip: Slip
    form: Form
    value: float
    """What it comes to."""


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """What is known of the cause of a wrong figure."""

    finding: Finding | None = None
    """The mistake, where one is likely."""
    several: bool = False
    """True if several would give the figure and none is the likeliest by far."""
    candidates: tuple[Finding, ...] = ()
    """All ways of making a mistake that give the figure."""

    @property
    def slip(self) -> str:
        """The mistake's name; empty where none is likely."""
        return self.finding.slip.name if self.finding else ""

    def out_of(self, name: str) -> Finding | None:
        """Return the likeliest mistake with a line left out, or with a given number."""
        there = [
            each for each in self.candidates
            if each.line == name
            or (each.slip.name == "misread-given" and Name(name) in each.parts)
        ]  # fmt: skip
        return max(there, key=lambda each: each.weight, default=None)


NAMELESS = Named()


@dataclass(frozen=True, slots=True, eq=False)
class Guess:
    """What a quantity that the sheet does not show must have been to make a line wrong."""

    ranges: Mapping[str, Range]
    """What it must have been: a line left out, perhaps in every sample, or a misread number."""
    source: str
    """The wrong line."""

    @property
    def name(self) -> str:
        """The quantity, or the first of several."""
        return next(iter(self.ranges))


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
    inverse: dict[tuple[str, str], Range | None] = field(default_factory=dict)
    """What a quantity before a wrong line must have been, as far as it was looked for."""
    repeated: set[str] = field(default_factory=set)
    """The mistakes in wrong lines so far: made once more they are the same mistake."""
    guesses: list[Guess] = field(default_factory=list)
    """What may have gone wrong out of sight: in a line left out, or in reading a given number."""
    causes: dict[str, Named] = field(default_factory=dict)
    """For each wrong line what may have made it so."""
    tried: dict[str, tuple[Sequence[Finding], float]] = field(default_factory=dict)
    """For each line that was diagnosed all that gives its figure, and how likely chance is."""
    shared: dict[str, Finding] = field(default_factory=dict)
    """For each wrong line the mistake out of sight that explains others as well."""
    twins: dict[str, tuple[str, Phrase]] = field(default_factory=dict)
    """The lines with the mistake of another on which they do not rest: it, and what is said."""
    adopted: dict[str, Range | None] = field(default_factory=dict)
    """What each misread number or guessed line was before: later work may go on from that too."""
    taken: dict[str, Guess] = field(default_factory=dict)
    """The guesses that later lines have confirmed, by the quantity."""
    assumed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """For lines with a mistake that others have as well that mistake, and where it was made."""

    def is_repeated(self, known: Named) -> bool:
        """Return true if a line has the same mistake as one before it."""
        work, found = self.work, known.finding
        return found is not None and found.mistake(work.key, work.listed) in self.repeated

    def diagnose(
        self, name: str, written: WrittenNumber, working: Sequence[Expression] = ()
    ) -> Named:
        """Return the mistake that gives a figure, if it is likelier than chance and others.

        One whose names and numbers are all that stands in the `working` is much likelier.
        """
        work, right = self.work, self.work.due(name)
        every = (*self._candidates(name, written, right),)
        if every and (last := next((e for e in working[::-1] if not isinstance(e, Number)), None)):
            every = tuple(
                replace(each, weight=each.weight * BORNE_OUT)
                if each.line != name and self._is_borne_out(each, name, last) else each
                for each in every
            )  # fmt: skip
        # a nought alone tells nothing of the lines left out before it
        found = [*_specific(e for e in every if written.value or e.line == name)]
        line = work.key.lines[name]
        old, unit = work.own.at.get(line.moves, 0.0), self._unit(name)
        chance = NOWHERE * _chance(written, right, old, unit)
        short = written.digits <= FEW_DIGITS and not unit
        if short and isinstance(work.key.value(name), Fraction):
            chance *= SHORT  # where figures are short and exact, so is one with a mistake in it
        assumed = self.assumed.get(name)
        ways = [e for e in every if assumed and (self._mistake(e), e.line) == assumed]
        if every and not unit:
            self.tried[name] = every, chance
        told = ways or found
        if not told:
            return NAMELESS
        by_slip: dict[tuple[str, str], float] = {}
        for each in told:
            key = (each.slip.name, each.line)
            again = each.slip.name in self.made or (
                (each.slip.name in OF_ANOTHER or self._is_of_class(each))
                and each.mistake(self.work.key, self.work.listed) in self.repeated
            )
            weight = each.weight * (AGAIN if again else 1.0)
            by_slip[key] = by_slip.get(key, 0.0) + weight
        (likeliest, first), *others = sorted(by_slip.items(), key=lambda pair: -pair[1])[:2]
        unsure = first < SURE * (first + chance)
        if not ways and (unsure or any(first < AHEAD * second for _, second in others)):
            tells = written.digits > 1 or isinstance(work.key.value(name), Fraction)
            return Named(several=bool(others) and tells, candidates=tuple(found))
        best = max(
            (each for each in told if (each.slip.name, each.line) == likeliest),
            key=lambda each: (each.weight, -abs(each.values.get(name, math.inf) - written.here)),
        )
        return Named(best, candidates=tuple(found))

    def _is_borne_out(self, finding: Finding, name: str, working: Expression) -> bool:
        """True if a working uses just what a mistake leaves of a line that is not written."""
        work, lines = self.work, self.work.key.lines
        if finding.expression is None or finding.line not in lines or lines[name].moves:
            return False
        if not {*names_in(finding.expression)} < {*work.key.used(finding.line)}:
            return False  # only what is left out can be seen so
        between = [n for n in work.gap(name) if work.key.depends(n, finding.line)]
        formulas = [finding.expression, *(lines[n].equation.expression for n in (name, *between))]
        used = {n for each in formulas for n in names_in(each)} - {finding.line}
        parts = [part for each in formulas for part in walk(each) if isinstance(part, Sum)]
        known = [work.own.at.get(n) for n in used] + [work.value(part) for part in parts]
        numbers = [abs(float(n.value)) for n in walk(working) if isinstance(n, Number)]
        numbers += [abs(work.own.at.get(n, math.nan)) for n in names_in(working)]
        own = [work.own.at.get(n) for n in names_in(finding.expression)]

        def stands_in(value: float, among: Iterable[float | None]) -> bool:
            return any(n is not None and abs(abs(n) - value) <= 5e-3 * value for n in among)

        return all(stands_in(n, known) for n in numbers if n not in (0.5, 1, 2)) and all(
            stands_in(abs(n), numbers) for n in own if n
        )

    def _is_of_class(self, finding: Finding) -> bool:
        """True for a class taken for another, of which the figure at the right one tells none."""
        read = finding.parts[0] if finding.slip.name == "misread-given" else None
        return isinstance(read, Name) and is_class(self.work.key, read.id)

    def _unit(self, name: str) -> float:
        """The unit of which all terms of a longer sum are small multiples, as many figures are."""
        terms = self.work.ways(name)[0].terms
        if len(terms) < MANY_TERMS:
            return 0.0
        values = [number(term, self.work.own.at) or 0.0 for term in terms]
        counts = [round(value / FINEST) for value in values]
        exact = all(same(n * FINEST, value) for n, value in zip(counts, values, strict=True))
        unit = math.gcd(*counts) if exact else 0
        return unit * FINEST if max(map(abs, counts)) < FEW_UNITS * unit else 0.0

    def _mistake(self, finding: Finding) -> str:
        """What is the same where a mistake is made again; of most misread numbers what was read."""
        misread = finding.slip.name == "misread-given" and not self._is_of_class(finding)
        read = finding.parts[1:] if misread else ()
        return " ".join((finding.mistake(self.work.key, self.work.listed), *map(str, read)))

    def shared_mistakes(self, wrong: Collection[str]) -> Mapping[str, tuple[str, str]]:
        """Return for each wrong line that shares a mistake with others it, and where it was made.

        One mistake in several lines is likelier than another one in each.
        """
        found: dict[str, tuple[str, str]] = {}
        left = {*wrong}.intersection(self.tried)
        while joint := [each for each in self._jointly(left) if each.odds >= SURE / (1 - SURE)]:
            most = max(each.likely for each in joint)
            best, *others = sorted(
                (each for each in joint if AHEAD * each.likely >= most),
                key=lambda each: (-len(each.ways), -each.likely),
            )
            if not any(len(each.ways) == len(best.ways) for each in others):
                found |= best.ways
            left -= best.ways.keys()
        return found

    def _jointly(self, names: Collection[str]) -> Iterator[Joint]:
        """Yield each mistake that several wrong lines may share, with how likely it is.

        One that says less than another of the same lines is left out.
        """
        ways: dict[str, dict[str, list[Finding]]] = {}
        for name in (each for each in self.tried if each in names):
            for each in self.tried[name][0]:
                if not each.once and each.slip.name != "copied":
                    ways.setdefault(self._mistake(each), {}).setdefault(name, []).append(each)
        joint: list[Joint] = []
        for mistake, by_line in ways.items():
            spots = Counter(
                s for n, own in by_line.items() for s in {self._spot(n, e) for e in own}
            )
            chosen = {
                name: max(own, key=lambda each: (spots[self._spot(name, each)], each.weight))
                for name, own in by_line.items()
            }
            joint.append(self._joint(mistake, chosen))
        for one in (each for each in joint if len(each.ways) > 1):
            more = (each for each in joint if one.slip.name in each.slip.covers)
            if not any(one.ways.keys() <= each.ways.keys() for each in more):
                yield one

    def _joint(self, mistake: str, by_line: Mapping[str, Finding]) -> Joint:
        """How likely one mistake in several lines is, and in which of them.

        That it was made at one spot counts once, for all lines that show it.
        """
        slip = next(iter(by_line.values())).slip
        spots: dict[str, list[str]] = {}
        for name, each in by_line.items():
            spots.setdefault(self._spot(name, each), []).append(name)
        odds = likely = slip.weight / REPEATED
        lines: list[str] = []
        for names in spots.values():
            gain = relative = min(max(by_line[n].weight for n in names) / slip.weight, 1.0)
            for name in names:
                gain *= self._repeated(name, mistake)
                every, chance = self.tried[name]
                relative *= REPEATED / max(chance, *(each.weight for each in every))
            if gain > SURE / (1 - SURE):
                odds, likely = odds * gain, likely * relative
                lines += names
        made = {self._differentiated(by_line[name]) for name in lines}
        if len(lines) > 1 and len(made) == 1 and None not in made:  # then by other weights as well
            lines += [
                name for name, each in by_line.items()
                if name not in lines and self._differentiated(each) in made
                and self._repeated(name, mistake) > SURE / (1 - SURE)
            ]  # fmt: skip
        ways = {name: (mistake, by_line[name].line) for name in lines}
        return Joint(slip, ways, odds, likely)

    def _repeated(self, name: str, mistake: str) -> float:
        """How much likelier one mistake is in a further line than any other cause."""
        every, chance = self.tried[name]
        others = (each.weight for each in every if self._mistake(each) != mistake)
        return REPEATED / max(chance, *others, 1e-12)

    def _quantity(self, name: str) -> Quantity:
        return parsed(name, several=len(self.work.key.network.samples) > 1)

    def _differentiated(self, finding: Finding) -> str | None:
        """What the derivative with the mistake is of; None for another line."""
        of = parsed(finding.line)
        return str(of.of) if isinstance(of, Derivative) else None

    def _spot(self, name: str, finding: Finding) -> str:
        """Where a mistake was made, the same for lines of one kind: by each weight dJ/dw, z[i]."""
        if finding.slip.name == "misread-given":
            return finding.slip.name
        of, weights = parsed(finding.line), self.work.key.weights(self.work.key.lines[name].steps)
        if isinstance(of, Derivative) and finding.line != name and of.by.of_sample(None) in weights:
            return str(of.of)
        return str(of if isinstance(of, Derivative) else self._quantity(of).of_sample(None))

    def exact(self, name: str, written: WrittenNumber) -> Finding | None:
        """Return a mistake in a line's formula that gives the very figure, to the last digit."""
        spot = Spot(self.work.key.lines[name], self.work, written.digits, written.value)
        for each in self._made(spot):
            if not each.slip.about_one_figure and same(written.here, each.value):
                return self._candidate(each, name, {name: each.value}, 1.0)
        return None

    def _candidates(
        self, name: str, written: WrittenNumber, right: Range | None
    ) -> Iterator[Finding]:
        """The ways of making each mistake, in the line itself and in those left out before it."""
        work, low, high = self.work, *_around(written, right)
        digits = written.digits or (0 if written.value else ZERO)
        spot = Spot(work.key.lines[name], work, digits, written.value, (low, high))
        own = [*self._made(spot)]
        ways = _ways(own)
        for each in own:
            value = self._honestly(each, written, right)
            exact = abs(value - written.here) <= 1e-9 * abs(value)
            least, most = written.ends if each.slip.name == "rounded-early" else (low, high)
            if least <= value <= most and (exact or not each.slip.verbatim):
                hit = written.digits and abs(each.value - written.here) <= 1e-9 * abs(value)
                share = (HIT if hit else 1.0) / ways[each.slip.name] ** 0.5
                yield self._candidate(each, name, {name: value}, share)
        of = self._quantity(name)  # of a derivative, and where there are no others, 0 shows nothing
        shows = written.value or not (of.sample is None or isinstance(of, Derivative))
        hidden = work.gap(name)[-MOST_HIDDEN:] if shows else []
        for line in reversed(hidden):
            wanted = self.solved(line, name, written)
            made, here = (self._hidden(line) if wanted else ()), work.own.range(line)
            ways = _ways(made)
            inexact = here.width / abs(here.middle) if here and here.middle else 0.0
            for each in made:
                wider = inexact * max(abs(each.value) - abs(work.own.at[line]), 0.0)
                if wanted and wanted.low - wider <= each.value <= wanted.high + wider:
                    hit = written.digits and same(each.value, wanted.middle)
                    share = HIDDEN * (HIT if hit else 1.0) / len(hidden)
                    share /= ways[each.slip.name] ** 0.5
                    yield self._candidate(each, line, {line: each.value}, share)
        yield from self._in_each_sample(name, (low, high), hidden if written.value else ())

    def _candidate(
        self, made: Made, line: str, values: Mapping[str, float], share: float
    ) -> Finding:
        slip, form, _ = made
        weight = share * slip.weight * form.share
        return Finding(slip, line, values, form.parts, form.expression, weight)

    def _honestly(self, made: Made, written: WrittenNumber, right: Range | None) -> float:
        """A mistake's number; the written one where a small difference of larger ones meets it."""
        (low, high), whole = written.ends, right.width if right else 0.0
        if whole and low - whole <= made.value <= high + whole and not low <= made.value <= high:
            image = self.work.own.image((way(made.form.expression),))
            if image and image.width and image.meets((low, high)):
                return written.here
        return made.value

    def solved(self, hidden: str, name: str, written: WrittenNumber) -> Range | None:
        """Return what a quantity must have been for a line to come to what is written."""
        if (hidden, name) not in self.inverse:
            self.inverse[hidden, name] = self._solved(hidden, name, written)
        return self.inverse[hidden, name]

    def _solved(self, hidden: str, name: str, written: WrittenNumber) -> Range | None:
        work, wanted, (low, high) = self.work, written.here, written.ends
        here = work.own.at.get(hidden)
        if here is None:
            return None
        value, move, slope = work.middle_if(name, hidden, here), here * NUDGE or NUDGE, 0.0
        for _ in range(STEPS):
            moved = work.middle_if(name, hidden, here + move)
            if value is None or moved is None or not move:
                return None
            slope = (moved - value) / move
            if not slope:
                return None  # it makes no difference, or too small a one for floats
            here, value = here + move, moved
            move = (wanted - value) / slope
            if abs(move) <= 1e-9 * abs(here):
                break
        here += move
        found = work.middle_if(name, hidden, here)
        if found is None or not low <= found <= high:
            return None
        whole = work.due(name)
        spread = whole.width / 2 if whole else 0.0
        reach = (written.width / 2 + min(spread, abs(wanted))) / abs(slope)
        return Range(here, here - reach, here + reach)

    def _hidden(self, line: str) -> list[Made]:
        """Return what each mistake makes of a line left out."""
        if line not in self.known:
            spot = Spot(self.work.key.lines[line], self.work, 0)
            self.known[line] = [*self._made(spot)] if self.room > 0 else []
        return self.known[line]

    def _made(self, spot: Spot) -> Iterator[Made]:
        """What each mistake makes of a line, once for each value that it gives."""
        work, line, own = self.work, spot.line.name, spot.written is not None
        at, way = work.own.at, work.ways(line)[0]
        terms = [math.nan if (value := number(term, at)) is None else value for term in way.terms]
        right = sum(terms)
        known = _forms(work.key).setdefault(line, {})
        for name, slip in SLIPS.items():
            if slip.joint or (slip.figure and not own):
                continue
            forms = None if slip.own else known.get(name)
            if forms is None:
                forms = [(form, _function(form, way)) for form in slip.forms(spot)]
                if not slip.own:
                    known[name] = forms
            values: set[float] = set()
            for form, function in forms:
                self.room -= 1
                try:
                    value = function(at, terms)
                except FAILURES:
                    continue
                if math.isfinite(value) and not same(value, right) and value not in values:
                    values.add(value)
                    yield Made(slip, form, value)

    def _in_each_sample(
        self, name: str, ends: tuple[float, float], hidden: Sequence[str]
    ) -> Iterator[Finding]:
        """The same mistake made in a line of every sample, where only their total is written.

        In some of them it may make no difference.
        """
        groups: dict[str, list[str]] = {}
        for line in hidden:
            quantity = parsed(line)
            if quantity.sample is not None:
                groups.setdefault(quantity.of_sample(None), []).append(line)
        several = [lines for lines in groups.values() if len(lines) > 1]
        right = number(self.work.ways(name)[0].function, self.work.own.at)
        for lines in several:
            by_slip: dict[str, dict[str, list[Made]]] = {}
            for line in lines:
                for slip, made in groupby(self._hidden(line), lambda each: each.slip.name):
                    by_slip.setdefault(slip, {})[line] = [*made]
            for by_line in by_slip.values():
                for each in zip(*by_line.values(), strict=False) if len(by_line) > 1 else ():
                    values = {line: made.value for line, made in zip(by_line, each, strict=True)}
                    points = {line: point(value) for line, value in values.items()}
                    found = self.work.image_if(name, points)
                    fits = found and ends[0] <= found.middle <= ends[1]
                    if found and fits and not same(found.middle, right):
                        yield self._candidate(
                            each[0], next(iter(values)), values, EACH / len(several)
                        )

    # Out of sight.

    def suppose(
        self, name: str, written: WrittenNumber, known: Named, *, worked: bool = False
    ) -> None:
        """Note what may have made a line wrong: each line left out before it, or a given number.

        A number that was surely misread is taken so from here on; none was where the line is
        `worked` out and shows another mistake, or where a weight has its old value.
        """
        gap = (n for n in reversed(self.work.gap(name)) if not self.work.is_copied(n))
        for each in [*gap][:MOST_GUESSES]:
            found = None if name in self.assumed else self.solved(each, name, written)
            if found is not None:
                self.guesses.append(Guess({each: found}, name))
                self.guesses += self._misread(name, each, found.low, found.high)
        old = self.work.own.at.get(self.work.key.lines[name].moves)
        kept = old is not None and written.fits(old)  # which is no sign of another rate
        other = kept or (worked and known.slip not in ("", "misread-given"))
        if (name not in self.assumed and not other) or known.slip == "misread-given":
            whole, (low, high) = self.work.due(name), written.ends
            spread = min(whole.width / 2, written.width / 2) if whole else 0.0
            misread = [*self._misread(name, name, low - spread, high + spread)]
            self.guesses += misread
            if known.slip == "misread-given" and len(misread) == 1:
                self.adopt(misread[0])

    def _misread(self, name: str, line: str, low: float, high: float) -> Iterator[Guess]:
        """Yield what each given number of a line may have been read as that made one wrong."""
        way, own, given = self.work.ways(line)[0], self.work.own, self.work.key.given
        others = {n: v for n, v in given.items() if n != RATE and v and n in way.names}
        for each in (n for n in way.names if n in given and n in own.at):
            here, right = own.at[each], Fraction(given[each])
            read = [float(value) for value in readings(self.work.key, each)]
            if each == RATE:
                read = [value for value in read if value > 0]
            elif not is_class(self.work.key, each):
                read += [float(value) for value in others.values() if value != right]
            for value in dict.fromkeys(read):
                own.at[each] = value
                found = number(way.function, own.at)
                if found is not None and low <= found <= high:
                    yield Guess({each: point(value)}, name)
            own.at[each] = here

    def confirmed(
        self, name: str, written: WrittenNumber, *, given: bool
    ) -> tuple[Guess, Range] | None:
        """Return the guess that a figure shares with an earlier one, and what it makes of the line.

        It is one about a given number, or about a line left out; the work then goes on from it.
        """
        work, key = self.work, self.work.key
        if given and self._unit(name):
            return None  # many numbers read wrongly would come to it
        gap = work.gap(name) if self.guesses else ()
        needed = {*work.ways(name)[0].names, *gap, *(n for each in gap for n in key.used(each))}
        for guess in self.guesses:
            if (guess.name in key.given) != given or needed.isdisjoint(guess.ranges):
                continue
            found = work.image_if(name, guess.ranges)
            if found is None or not _tells(found, written):
                continue
            cause = self.causes[guess.source]
            finding = cause.out_of(guess.name)
            said = cause.finding.slip.covers if cause.finding and not given else ()
            if finding and finding.slip.name in said:
                continue  # what the line itself was called says more
            if given:
                parts = Name(guess.name), InDigits(guess.ranges[guess.name].middle, DIGITS)
                finding = Finding(SLIPS["misread-given"], guess.source, {}, parts)
            if finding:
                self.shared[guess.source] = finding
            self.guesses = [each for each in self.guesses if each.source != guess.source]
            self.adopt(guess)
            self.known.clear()
            return guess, found
        return None

    def adopt(self, guess: Guess) -> None:
        """Go on from what a quantity out of sight must have been."""
        for name in guess.ranges:
            self.adopted.setdefault(name, self.work.own.range(name))
            self.taken[name] = guess
        self.work.rests_on(guess.source, guess.ranges)


def _function(form: Form, way: Way) -> Changed:
    """A form's formula on floats, with what its terms are without the mistake.

    `way` is the line's own; where the form only puts something in the place of some names, only
    the terms that use them are worked out anew.
    """
    if not form.instead:
        whole = numeric(form.right)
        return lambda at, terms: whole(at)
    meant = {name: numeric(expression) for name, expression in form.instead.items()}
    changed = {place: way.terms[place] for name in meant for place in way.uses.get(name, ())}

    def function(at: dict[str, float], terms: Sequence[float]) -> float:
        others = {name: read(at) for name, read in meant.items()}
        kept = {name: at[name] for name in others}
        at.update(others)
        try:
            new = {place: term(at) for place, term in changed.items()}
        finally:
            at.update(kept)
        return sum([new.get(place, term) for place, term in enumerate(terms)])

    return function


def _ways(made: Iterable[Made]) -> Mapping[str, float]:
    """In how many ways each mistake can be made: one at least, and rare ones in part."""
    ways, most = dict[str, float](), dict[str, float]()
    for each in made:
        ways[each.slip.name] = ways.get(each.slip.name, 0.0) + min(each.form.share, 1.0)
        most[each.slip.name] = max(most.get(each.slip.name, 1.0), each.form.among)
    return {name: max(count, most[name]) for name, count in ways.items()}


def copies(work: OwnWork, name: str) -> Iterator[Finding]:
    """Yield the mistake of taking the formula of another line, for each of the same kind."""
    for line in work.key.kin(name):
        expression = line.equation.expression
        yield Finding(SLIPS["copied"], name, {}, (Name(line.name),), expression)


def _specific(candidates: Iterable[Finding]) -> Iterator[Finding]:
    """The candidates without those that say less than another of the same line."""
    found = [*candidates]
    covered = {(name, each.line) for each in found for name in each.slip.covers}
    once = {each.slip.name for each in found if len(each.values) < 2}  # in the total itself
    return (
        each for each in found
        if (each.slip.name, each.line) not in covered
        and not (len(each.values) > 1 and each.slip.name in once)
    )  # fmt: skip


def _tells(found: Range, written: WrittenNumber) -> bool:
    """True if a figure confirms a guess: it has digits enough, or is the very number."""
    value, wide = written.here, max(found.width, written.width)
    return found.meets(written.ends) and (
        wide <= TELLING * abs(value) or abs(found.middle - value) <= 1e-9 * abs(value)
    )


def _chance(written: WrittenNumber, right: Range | None, old: float, unit: float) -> float:
    """How likely a figure from nowhere is to fall within the written digits, or on its unit."""
    value, width = written.here - old, max(written.width, unit)
    should = right.middle - old if right else value
    if right and should:
        width += 2 * right.width * min(abs(value / should), 1.0)
    if not value:
        return min(1.0, max(width / (abs(should) or 1.0), NOUGHTS))
    if should and 1 / FACTOR < value / should < FACTOR:
        return min(1.0, NEAR * width / abs(should))
    return min(1.0, FAR * width / abs(value))


def _around(written: WrittenNumber, right: Range | None) -> tuple[float, float]:
    """The numbers that honest work with a mistake in it may come to where this is written."""
    (low, high), value = written.ends, abs(written.here)
    spread = CLOSE * value
    if right and right.low < right.high:
        size = abs(right.middle)
        reach = max(right.high - right.middle, right.middle - right.low)
        spread += reach * max(value / size, 1.0) if size else reach
    return low - spread, high + spread


@lru_cache(maxsize=8)
def _forms(key: Key) -> dict[str, dict[str, list[tuple[Form, Changed]]]]:
    """For each line that was looked at its forms with each mistake, the same on every sheet."""
    return {}


def same(first: float, second: float | None) -> bool:
    """True if two numbers are the same up to the rounding of floats."""
    return second is not None and abs(first - second) <= CLOSE * abs(second)
