"""Answers to verdicts: each line judged by what honest work may have come to there."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from backcalc.checking.honest import Honest, Range
from backcalc.checking.key import GIVEN, UPDATE, Key
from backcalc.checking.naming import NAMELESS, Finding, Named, Search, as_working_says, explained
from backcalc.checking.own_work import FEWEST_KEPT, NOTHING, Guess, OwnWork
from backcalc.checking.slips import SLIPS
from backcalc.checking.symbols import doubts, judged_formula
from backcalc.checking.verdict import (
    AGAIN,
    CLOSE,
    CORRECT,
    FEWEST_SHOWN,
    FOLLOWS,
    MISSING,
    ROUNDED,
    UNDECIDED,
    WRONG,
    Answer,
    Marked,
    in_fitting_digits,
)
from backcalc.checking.written import FEWEST_DIGITS, WrittenNumber, written_number
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Name, Negation, Number, Product, Scalar, names_in
from backcalc.formulas.notation import DIGITS, InDigits, Part, Phrase, rounded, sentence
from backcalc.formulas.quantity import Derivative, parsed

UNDERFLOW = 1e-300  # what is smaller is 0 to most that computes
TOLERANCE = Fraction(1, 100)  # how far off a line may be that is close
TRIMMED = 0.05  # how far off one digit may be whose zeros were left out: 0.3 for 0.298
FAR_OFF = 0.1  # relatively, what may not be put down to lines that are left out
TELLING_NOUGHT = 0.01  # of an update's change, what 0.000 may leave open
TELLING = 0.2  # how wide a figure may be, relatively, that confirms a guess
TELLING_UNITS = 20  # how far off, in what its digits leave open, a figure is that is near and named
SAME = 1e-9  # how far apart, relatively, one number may be that is worked out in two ways
NOUGHT = 1e-20  # what is smaller stands for nothing
HOLLOW: Phrase = (" The same figure stands on most lines, so this one earns no points.",)
NO_VALUE: Phrase = ("This is true, but it gives no value. Work it out from the lines before it.",)
UNTOLD = " We could not tell what went wrong."
LEAST_OFF = 4  # figures that must be wrong before a sheet is taken for another variant's
MOST_MIXED = 8  # wrong lines before a line, each of which may have been put right on the way


@dataclass(slots=True, eq=False)
class Submission:
    """A sheet while it is marked."""

    work: OwnWork
    answers: tuple[Answer, ...]
    figures: dict[int, WrittenNumber]
    """The numbers, by the place of the answer."""
    tolerance: Fraction
    """How far off a line may be that is close, relatively."""
    fewest: Mapping[str, int]
    """The fewest digits of a quantity's figure, where that is said."""
    digits: int | None
    """The same for every other one; None: as many as tell."""
    places: int
    """Digits behind the point that most figures have."""
    usual: int
    """Significant digits that most of them have, new weights that hardly move left out."""
    beside: Mapping[int | None, int]
    """Digits behind the point of a figure with enough digits, by where a matrix of them begins."""
    moved: frozenset[str]
    """The new weights on the sheet that are right and tell how far they have moved."""
    search: Search
    """The search for its mistakes."""
    names: dict[str, str] = field(default_factory=dict)
    """For each mistake made so far the line where it was made first."""
    causes: dict[str, Named] = field(default_factory=dict)
    """For each wrong line what may have made it so."""
    shared: dict[str, Finding] = field(default_factory=dict)
    """For each wrong line the mistake in a line left out that explains others as well."""
    twins: dict[str, tuple[str, Phrase]] = field(default_factory=dict)
    """The lines with the mistake of another on which they do not rest: it, and what is said."""

    reached: list[tuple[Range, Range]] = field(default_factory=list)
    """The ranges of the right figures of one quantity: the person's own, and that of right work."""

    @property
    def key(self) -> Key:
        """The right lines."""
        return self.work.key

    def judged(self, place: int) -> Marked:
        """Return the verdict on an answer."""
        if place not in self.figures:
            return judged_formula(self.work, self.answers[place])
        return Figure(self, self.answers[place], self.figures[place]).judged()

    def go_on(self, name: str) -> None:
        """Go on from the right figures of a quantity, where there are any."""
        if self.reached:
            self.work.stand(name)
            own, right = self.reached[0]
            for more, better in self.reached[1:]:
                own, right = own.joined(more), right.joined(better)
            if self.work.right is not self.work.own:
                self.work.right.set(name, right)
            self.work.own.set(name, own)
            self.reached.clear()


def mark(
    key: Key,
    answers: Iterable[Answer],
    tolerance: Fraction = TOLERANCE,
    digits: int | None = None,
    fewest: Mapping[str, int] = {},
) -> tuple[Marked, ...]:
    """Return a verdict for each answer, in the order in which they stand on the person's sheet.

    Raises UndefinedError where a line that was answered has no right value.
    """
    answers = tuple(answers)
    places_of: dict[str, list[int]] = {}
    figures: dict[int, WrittenNumber] = {}
    for place, answer in enumerate(answers):
        if answer.formula is not None:
            places_of.setdefault(answer.name, []).append(place)
            if not answer.symbolic:
                figures[place] = figure_of(answer)
    work = OwnWork(key, frozenset(places_of))
    inexact = [
        place for place, each in figures.items() if not each.means(key.value(answers[place].name))
    ]
    still = {n for n in inexact if figures[n].width > change_of(key, answers[n].name) > 0}
    digits_of = {place: figures[place].digits for place in inexact if figures[place].digits}
    work.digits = max(FEWEST_KEPT, _usual([*digits_of.values()]))
    usual = _usual([count for place, count in digits_of.items() if place not in still])
    places = _usual([figures[place].places for place in inexact])
    beside = {
        answers[n].start: each.places for n, each in figures.items() if each.digits >= FEWEST_DIGITS
    }
    moved = frozenset(
        answers[place].name for place, each in figures.items()
        if place not in still and change_of(key, answers[place].name)
        and each.fits(key.value(answers[place].name))
    )  # fmt: skip
    sheet = Submission(
        work,
        answers,
        figures,
        tolerance,
        fewest,
        digits,
        places,
        usual,
        beside,
        moved,
        Search(work),
    )
    marked: dict[int, Marked] = {}
    for name in key.needed(places_of, key.given):
        if name not in places_of:
            work.leave_out(name)
            continue
        wrong: dict[Fraction, Marked] = {}
        for place in places_of[name]:
            value = figures[place].value if place in figures else None
            again = wrong.get(value) if wrong and value is not None else None
            # a wrong figure that stands there again confirms no guess and is no further mistake
            marked[place] = replace(again, answer=answers[place]) if again else sheet.judged(place)
            if value is not None and marked[place].verdict == WRONG:
                wrong[value] = marked[place]
        sheet.go_on(name)
    for place, each in marked.items():
        if each.verdict == WRONG and (finding := sheet.shared.get(each.name)):
            comment = explained(each.name, finding)
            marked[place] = replace(each, finding=finding, comment=comment)
    _first_of_twins(marked, sheet.twins)
    _once(marked)
    _identities(key, marked)
    _hollow(marked, figures)
    found = tuple(
        marked.get(n) or Marked(each, key.value(each.name), MISSING, ("There is no answer.",))
        for n, each in enumerate(answers)
    )
    if has_other_numbers(key, found):
        found = tuple(map(_unnamed, found))
    kept = max(usual, _usual([each.digits for each in figures.values()])) + 1
    return tuple(
        _shown_in(each, figures.get(n), fewest.get(each.name, digits or 0), kept)
        for n, each in enumerate(found)
    )


def _shown_in(marked: Marked, written: WrittenNumber | None, asked: int, usual: int) -> Marked:
    """A verdict with its numbers in as many digits as the sheet's author works with.

    These are the digits that are asked, or one more than stand there, so that the two differ.
    """
    own = written.digits + 1 if written and written.digits else usual
    digits = max(asked, own, FEWEST_SHOWN)
    while written and not marked.right and digits < DIGITS and written.value == Fraction(
        rounded(marked.expected, digits)[0]
    ):  # fmt: skip
        digits += 1
    comment = tuple(
        in_fitting_digits(part.value, digits)
        if isinstance(part, InDigits) and not part.digits
        else part
        for part in marked.comment
    )
    return replace(marked, comment=comment, digits=min(digits, DIGITS))


def has_other_numbers(key: Key, marked: Sequence[Marked]) -> bool:
    """Return true if most figures are wrong where the given numbers enter, and nothing says why.

    Then the sheet may be of another variant: it goes on from numbers that are not given here.
    """
    if sum(each.verdict in (WRONG, AGAIN) for each in marked) < LEAST_OFF:
        return False
    entered = [
        each for each in marked
        if each.verdict != MISSING and key.lines[each.name].role != GIVEN
        and not each.answer.symbolic
        and any(name in key.given for name in key.used(each.name))
    ]  # fmt: skip
    off = [each for each in entered if each.verdict in (WRONG, AGAIN)]
    named = [each for each in off if each.finding and not _may_be_chance(each.finding)]
    right = sum(each.right for each in marked)
    causes = Counter((*each.sources, each.name)[0] for each in off)
    return (
        len(off) >= LEAST_OFF
        and off[0] is entered[0]
        and len(off) > len(entered) / 2
        and len(named) < len(off) / 4
        and max(causes.values()) < len(off) / 2
        and right < len(marked) / 4
    )


def _may_be_chance(finding: Finding) -> bool:
    """True for a mistake that is about one figure, where many are wrong."""
    return finding.slip.figure or finding.slip.name == "misread-given"


def _unnamed(marked: Marked) -> Marked:
    """A line of a sheet that goes on from other numbers, without a name for what is off."""
    if marked.verdict not in (WRONG, AGAIN):
        return marked
    comment = marked.comment[:-1] if marked.comment[-1:] == (UNTOLD,) else ()
    if not comment:
        comment = sentence("This should be {}.", InDigits(float(marked.expected)))
    return replace(marked, verdict=WRONG, comment=comment, finding=None, sources=())


def _once(marked: dict[int, Marked]) -> None:
    """Of the lines with one mistake let the first on the person's sheet be the wrong one."""
    by_slip: dict[str, list[int]] = {}
    for place in sorted(marked):
        each = marked[place]
        if each.finding and each.verdict in (WRONG, AGAIN) and not each.finding.slip.figure:
            by_slip.setdefault(each.finding.slip.name, []).append(place)
    for first, *rest in by_slip.values():
        if marked[first].verdict == AGAIN:
            marked[first] = replace(marked[first], verdict=WRONG)
            marked |= {place: replace(marked[place], verdict=AGAIN) for place in rest}


def _first_of_twins(marked: dict[int, Marked], twins: Mapping[str, tuple[str, Phrase]]) -> None:
    """Of two lines with one mistake in a line left out let the first on the sheet be the wrong one.

    The other is often a copy of it: dL/dw1 = x dL/db1.
    """
    done = set[str]()
    for place in sorted(marked):
        here = marked[place]
        source, said = twins.get(here.name, ("", ()))
        others = [n for n in marked if marked[n].name == source]
        if here.verdict != FOLLOWS or here.sources != (source,) or source in done:
            continue
        done.add(source)
        if place > min(others) or any(marked[n].verdict != WRONG for n in others):
            continue
        finding = marked[others[0]].finding
        comment = explained(here.name, finding) if finding else sentence(
            "This should be {}.", InDigits(float(here.expected))
        )  # fmt: skip
        comment = comment if finding else (*comment, UNTOLD)
        marked[place] = replace(here, verdict=WRONG, comment=comment, finding=finding, sources=())
        for n in others:
            marked[n] = replace(
                marked[n], verdict=FOLLOWS, comment=said, finding=None, sources=(here.name,)
            )


def _identities(key: Key, marked: dict[int, Marked]) -> None:
    """Let a true statement such as z2 = yhat count for what it names, where that has a value."""
    valued = {each.name: each for each in marked.values() if not each.identity}
    for place, each in marked.items():
        if not each.identity or each.name in valued:
            continue
        used = names_in(each.answer.formula) if each.answer.formula else ()
        off = tuple(name for name in used if name in valued and not valued[name].right)
        if not all(name in valued or name in key.given for name in used):
            marked[place] = replace(each, comment=NO_VALUE)
        elif off:
            said = sentence("Right from your own {}.", named(off))
            marked[place] = replace(
                each, verdict=FOLLOWS, comment=said, sources=off, identity=False
            )
        else:
            marked[place] = replace(each, identity=False)


def _hollow(marked: dict[int, Marked], figures: Mapping[int, WrittenNumber]) -> None:
    """Let lines earn nothing that follow only because one figure stands nearly everywhere."""
    size = {place: float(each.value) for place, each in figures.items()}
    size = {place: 0.0 if abs(value) < NOUGHT else value for place, value in size.items()}
    wrong = Counter(size[n] for n, each in marked.items() if each.verdict == WRONG and n in size)
    everywhere = Counter(size.values())
    for place, each in marked.items():
        value = size.get(place)
        if value is None or each.verdict not in (FOLLOWS, AGAIN) or value == float(each.expected):
            continue
        if wrong[value] > 1 and everywhere[value] > len(size) / 2:
            marked[place] = replace(each, comment=(*each.comment, *HOLLOW), hollow=True)


def _usual(counts: Sequence[int]) -> int:
    """The count in the middle; 0 where there are none."""
    return sorted(counts)[len(counts) // 2] if counts else 0


def figure_of(answer: Answer) -> WrittenNumber:
    """Return the number that an answer is; raise BackcalcError where it has none."""
    assert answer.formula is not None
    try:
        return written_number(answer.formula, answer.text)
    except (ArithmeticError, ValueError):
        raise BackcalcError(f"{answer.text[:60]!r} has no value", answer.place) from None


@dataclass(slots=True, eq=False)
class Figure:
    """A figure of a sheet while it is judged."""

    sheet: Submission
    """The sheet, with what is known of it before this line."""
    answer: Answer
    """The answer that it is."""
    written: WrittenNumber
    """The number that stands there."""
    work: OwnWork = field(init=False)
    """The person's work before it."""
    name: str = field(init=False)
    """The quantity."""
    expected: Scalar = field(init=False)
    """The right value."""

    def __post_init__(self) -> None:
        self.work, self.name = self.sheet.work, self.answer.name
        self.expected = self.work.key.value(self.name)

    def judged(self) -> Marked:
        """Return the verdict on it; later lines then go on from it."""
        work, written = self.work, self.written
        if work.key.lines[self.name].role == GIVEN:
            return self._restated()
        sources, fits = work.sources_of(self.name), written.fits(self.expected)
        own = self._reached(work.own)
        right = own if work.right is work.own else self._reached(work.right)
        others = [float(self.expected), *([right.middle] if right else [])]
        if (fits or right) and not (sources and own and _rather(own, written, others)):
            return self._right(fits, own, right)
        if own and sources:
            return self._following(own, sources)
        found = self._mixed(sources) or self._confirmed(given=False)
        if found:
            return found
        known = self.sheet.search.diagnose(self.name, written)
        if not (self._is_again(known) and known.slip != "misread-given"):
            found = self._confirmed(given=True, known=known)
        return found or self._wrong(known)

    def _marked(
        self,
        verdict: str,
        comment: Phrase = (),
        sources: tuple[str, ...] = (),
        finding: Finding | None = None,
    ) -> Marked:
        return Marked(self.answer, self.expected, verdict, comment, finding, sources)

    def _reached(self, honest: Honest) -> Range | None:
        """What honest work makes of the line, in the first way that meets what is written."""
        written = self.written
        if written.value and not written.here and isinstance(self.expected, Fraction):
            return None  # 1e-400 is no rounded nought
        found = (honest.image((way,)) for way in self.work.ways(self.name))
        return next((each for each in found if each and each.meets(written.ends)), None)

    def _restated(self) -> Marked:
        """The verdict on a number that the sheet itself gives."""
        written, work, name = self.written, self.work, self.name
        if written.fits(self.expected):
            return self._marked(CORRECT if written.means(self.expected) else ROUNDED)
        work.part()
        work.adopted.setdefault(name, work.own.range(name))
        work.own.set(name, Range(written.here, *written.ends))
        work.sources[name] = frozenset((name,))
        said = "You have misread this: the sheet gives {} = {}."
        return self._marked(WRONG, sentence(said, Name(name), Number(self.expected)))

    def _right(self, fits: bool, own: Range | None, right: Range | None) -> Marked:
        """The verdict on a figure that the right value has, or right work from right lines."""
        work, name, written, expected = self.work, self.name, self.written, self.expected
        about = float(expected)
        sources = frozenset(n for n in work.sources_of(name) if work.key.depends(name, n))
        exact = Range(about, about, about)
        whole = right.joined(exact) if right and fits else right or exact
        off = sources and not own
        alike = own is not None and whole.low <= own.low and own.high <= whole.high
        goes_on = (own or whole).joined(whole).cut(written)
        if work.is_suspect(name):  # by chance it looks right, and any number may stand behind it
            goes_on = Range(written.here, *written.ends)
        coarse = self._too_few(whole)
        if coarse and own and sources and abs(own.middle - written.here) <= NOUGHT:
            return self._following(own, sources)
        if coarse and own:  # the end zeros may be left out of the person's own figure
            coarse = self._too_few(own.joined(whole))
        if not (fits or coarse) and self._is_far_off(own):
            coarse = sentence("Rounding may give this, but it should be {}.", InDigits(about))
            coarse += (" Write the lines before it too.",)
        self.sheet.reached.append((goes_on, whole.cut(written)))
        work.sources[name] = NOTHING if off or alike else sources
        if coarse:
            return self._marked(UNDECIDED, coarse)
        if off:
            said = sentence("Right, though not from your own {}.", named(sorted(sources)))
        elif fits:
            said = doubts(work, self.answer, written)
        elif not written.value and abs(about) < UNDERFLOW:
            said = ("Right: a calculator shows 0 for so small a number.",)
        else:
            said = ("Right, worked from rounded figures.",)
        marked = self._marked(CORRECT if written.means(expected) else ROUNDED, said)
        return replace(marked, cancelled=True) if off else marked

    # Too few digits to tell.

    def _too_few(self, whole: Range) -> Phrase:
        """What is said of a figure with too few digits to tell if it is right; else nothing."""
        sheet, written, right = self.sheet, self.written, float(self.expected)
        if written.means(self.expected) or abs(right) < UNDERFLOW:
            return ()
        asked = sheet.fewest.get(self.name, sheet.digits)
        width, change = written.width, change_of(sheet.key, self.name)
        if not written.value or abs(written.here) < UNDERFLOW:
            if width < TELLING_NOUGHT * change:
                return ()  # 0.000 for 1 - 0.99999 has all the digits of that difference
            if not asked and written.places >= sheet.beside.get(self.answer.start, math.inf):
                return ()  # as in [0.642, 0.000]
            return ("Write more digits: the value is not 0.",)
        worked = [self.work.value(each) for each in self.answer.working[-1:] if not names_in(each)]
        figures = [written.here, *(each for each in worked if each is not None)]
        near = any(abs(each - right) <= TRIMMED * change for each in figures)
        if width > change > 0 and not (near or asked or self._can_update(whole)):
            return ("Write more digits: these do not show how far the weight has moved.",)
        fewest = asked or FEWEST_DIGITS
        if not written.digits or written.digits >= fewest:
            return ()
        if asked and _without_zeros(written, whole, asked):
            return ()
        trimmed = abs(written.here - right) <= TRIMMED * abs(right)
        trimmed = trimmed or _without_zeros(written, whole, FEWEST_DIGITS)
        if not asked and (trimmed or (written.places and written.places >= sheet.places)):
            return ()
        return (f"Too few digits: write at least {fewest}.",)

    def _is_far_off(self, own: Range | None) -> bool:
        """True if a figure is right only for what may be lost in lines that the sheet leaves out.

        Of a new weight it is the change that is right or not.
        """
        right = float(self.expected)
        if own and self.written.fits(own.middle):
            return False  # it is what the lines on the sheet give
        size = change_of(self.work.key, self.name) or abs(right)
        off = abs(self.written.here - right) > FAR_OFF * size and size > UNDERFLOW
        return off and bool(self.work.gap(self.name))

    def _can_update(self, whole: Range) -> bool:
        """True if a weight that has not moved as far as its digits show may be honest all the same.

        It has as many digits as the sheet's other figures, and those show how an update is made:
        the derivative that it needs, or another weight that has moved as far as it should.
        """
        key, name = self.work.key, self.name
        return _without_zeros(self.written, whole, self.sheet.usual) and (
            any(each != name for each in self.sheet.moved)
            or any(
                isinstance(parsed(each), Derivative) and key.depends(name, each)
                for each in self.work.listed
            )
        )

    # Lines that rest on wrong ones.

    def _following(self, own: Range, sources: frozenset[str]) -> Marked:
        """The verdict on a line that is right from the person's own wrong values."""
        work, name, written, key = self.work, self.name, self.written, self.work.key
        for given in (n for n in work.ways(name)[0].names if n in work.taken and n in key.given):
            before = work.image_if(name, {given: work.adopted[given]})
            if before is None or not before.meets(written.ends):
                return self._misread(given)
            sources = sources.difference(work.sources[given]) or sources
        idle = [n for n in sources if len(sources) > 1 and self._makes_no_difference(n)]
        kept = sources.difference(idle) or sources
        ordered = tuple(sorted(kept, key=key.order.__getitem__))
        nearer = tuple(each for each in ordered if key.depends(name, each))
        value = own.middle
        comment: Phrase = sentence("Right from your own {}", named(nearer))
        shown = rounded(value, max(written.digits + 1, FEWEST_SHOWN))[0]
        other = abs(written.here - value) > SAME * abs(value) and Fraction(shown) != written.value
        if other and written.ends[0] <= value <= written.ends[1]:
            comment += sentence(", rounded from {}", InDigits(value))
        comment += (".",)
        if not nearer:  # it shares a mistake with a line on which it does not depend
            shared = [n for n, each in work.taken.items() if each.source in kept]
            hidden = ([each for each in shared if key.depends(name, each)] or shared)[-1:]
            if hidden and hidden[0] in key.given:
                return self._misread(hidden[0])
            nearer, said = ordered[:1], "This is the same mistake as in {}"
            said += ": both go on from {}, which your sheet leaves out." if hidden else "."
            comment = sentence(said, *map(Name, (*nearer, *hidden)))
            self.sheet.twins[name] = nearer[0], sentence(said, *map(Name, (name, *hidden)))
        work.off(name, own.cut(written))
        return self._marked(FOLLOWS, comment, nearer)

    def _makes_no_difference(self, source: str) -> bool:
        """True if a line comes to the same with a wrong figure before it put right."""
        work, name = self.work, self.name
        better, here = work.right.at.get(source), work.own.at.get(source)
        if better is None or here is None or not work.key.depends(name, source):
            return False
        before = work.middle_if(name, source, here)
        return before is not None and before == work.middle_if(name, source, better)

    def _mixed(self, sources: frozenset[str]) -> Marked | None:
        """The verdict on a figure that goes on from some wrong lines, but not from all before."""
        for instead, rest, said in self._alternatives(sources):
            found = self.work.image_if(self.name, instead) if rest else None
            if found and found.meets(self.written.ends):
                marked = self._following(found, rest)
                return replace(marked, comment=marked.comment + said)
        return None

    def _alternatives(
        self, sources: frozenset[str]
    ) -> Iterator[tuple[Mapping[str, Range], frozenset[str], Phrase]]:
        """Yield what it may go on from instead, the wrong lines it then rests on, what is said.

        A wrong line may have been put right, a misread number taken as the sheet gives it, and
        what is put right further down may be gone on from as it stood first.
        """
        work = self.work
        wrong = sorted(
            (s for s in sources if s in self.sheet.causes), key=work.key.order.__getitem__
        )
        for each in wrong[-MOST_MIXED:]:
            said = sentence(" You did not go on from your own {}.", Name(each))
            used = work.resting(work.ways(each)[0].names)
            for better, more in ((work.instead[each], used), (work.right.range(each), NOTHING)):
                if better:
                    yield {each: better}, (sources - {each}) | more, said
        for each, old in work.adopted.items():
            if old and work.key.depends(self.name, each):
                yield {each: old}, sources - work.sources[each] or sources, ()
        depends = work.key.depends
        stood = {each: old for each, old in work.stood.items() if depends(self.name, each)}
        for some in (stood, *({each: old} for each, old in stood.items() if len(stood) > 1)):
            behind = (n for n in some if not any(depends(m, n) for m in some if m != n))
            yield some, frozenset(behind), ()

    def _confirmed(self, *, given: bool, known: Named = NAMELESS) -> Marked | None:
        """The verdict on a figure that shares what is wrong out of sight with an earlier one.

        That is a line left out, or a given number that was misread.
        """
        work, sheet, name, key = self.work, self.sheet, self.name, self.work.key
        gap = work.gap(name) if work.guesses else ()
        needed = {*work.ways(name)[0].names, *gap, *(n for each in gap for n in key.used(each))}
        for guess in work.guesses:
            if (guess.name in key.given) != given or needed.isdisjoint(guess.ranges):
                continue
            found = work.image_if(name, guess.ranges)
            if found is None or not self._tells(found):
                continue
            cause = sheet.causes[guess.source]
            if known.several and known.slips() & cause.slips():
                continue  # one mistake with the formula explains both as well
            finding = cause.out_of(guess.name)
            if finding and cause.finding and finding.slip.name in cause.finding.slip.covers:
                continue  # what the line itself was called says more
            if given:
                finding = _misreading(guess)
            if finding:
                sheet.shared[guess.source] = finding
            work.guesses = [each for each in work.guesses if each.source != guess.source]
            work.adopt(guess)
            sheet.search.known.clear()
            if given:
                return self._misread(guess.name)
            return self._following(found, work.sources_of(name))
        return None

    def _tells(self, found: Range) -> bool:
        """True if a figure confirms a guess: it has digits enough, or is the very number."""
        value, wide = self.written.here, max(found.high - found.low, self.written.width)
        return found.meets(self.written.ends) and (
            wide <= TELLING * abs(value) or abs(found.middle - value) <= 1e-9 * abs(value)
        )

    def _misread(self, given: str) -> Marked:
        """The verdict on a line that takes the same wrong number for a given one as another."""
        guess = self.work.taken[given]
        self.work.off(self.name, Range(self.written.here, *self.written.ends))
        value = InDigits(guess.ranges[given].middle, DIGITS)
        said = sentence("As in {}: you read {} as {}.", Name(guess.source), Name(given), value)
        return self._marked(AGAIN, said, (guess.source,))

    # Wrong lines.

    def _is_again(self, known: Named) -> bool:
        """True if a mistake was made in an earlier line."""
        return known.slip in self.sheet.names and not SLIPS[known.slip].figure

    def _wrong(self, known: Named) -> Marked:
        """The verdict on a figure that nothing honest reaches."""
        work, name, written = self.work, self.name, self.written
        known = as_working_says(work, known, name, self.answer.working)
        if known.slip == "added-for-multiplied" and self._is_of_the_forward_pass():
            known = Named(several=True, candidates=known.candidates)  # p_3, where p_3 - 1 belongs
        finding = known.finding
        self.sheet.causes[name] = known
        own = work.own.image(work.ways(name)[:1])
        broken, verdict = _broken(work, self.answer), WRONG
        if known.slip == "other-convention":
            verdict = CLOSE
        elif self._is_again(known) and not broken:
            verdict = AGAIN
        elif not broken and self._near(own) and not _beyond(written, own, finding):
            if own and self._is_of_rounded_factors(own):
                return self._from_factors(own)
            verdict, finding = CLOSE, None
        if finding and verdict == WRONG and not finding.slip.figure:
            self.sheet.names.setdefault(finding.slip.name, name)
        if finding:
            comment = (*broken, " " if broken else "", *explained(name, finding))
        else:
            comment = broken or self._unexplained(known, own, verdict)
        work.suspect(name)
        if verdict == WRONG:
            work.suppose(name, written)
            misread = [g for g in work.guesses if g.source == name and g.name in work.key.given]
            if finding and finding.slip.name == "misread-given" and len(misread) == 1:
                work.adopt(misread[0])
        if finding and finding.line != name:
            ranges = {n: Range(v, v, v).widened(work.digits) for n, v in finding.values.items()}
            work.guesses.insert(0, Guess(ranges, name))
        work.off(name, Range(written.here, *written.ends))
        return self._marked(verdict, comment, (), finding)

    def _is_of_the_forward_pass(self) -> bool:
        """True if a derivative's figure, with no working, is that of a unit or an output."""
        key, few = self.work.key, self.written.digits <= FEWEST_DIGITS
        if few or self.answer.working or not isinstance(parsed(self.name), Derivative):
            return False
        forward = (each for each in key.lines if not isinstance(parsed(each), Derivative))
        return any(self.written.fits(key.value(n)) for n in forward if n not in key.given)

    def _is_of_rounded_factors(self, own: Range) -> bool:
        """True if it is what the product on its line comes to, whose factors are rounded.

        The digits of these factors must leave open what the sheet's own figures make of the line.
        """
        product = self.answer.working[-1] if self.answer.working else None
        bare = product.operand if isinstance(product, Negation) else product
        if product is None or not isinstance(bare, Product) or names_in(product):
            return False
        with suppress(ArithmeticError, ValueError):
            made = written_number(product, "")
            return self.written.fits(made.value) and own.meets(made.ends)
        return False

    def _from_factors(self, own: Range) -> Marked:
        """The verdict on such a figure, from which later lines go on."""
        own = own.joined(Range(self.written.here, *self.written.ends))
        self.sheet.causes.pop(self.name, None)
        sources = self.work.sources_of(self.name)
        return self._following(own, sources) if sources else self._right(False, own, own)

    def _near(self, own: Range | None) -> bool:
        """True if it is off by less than the tolerance; of the change, where it is an update."""
        if own is None or not own.middle:
            return False
        line, size = self.work.key.lines[self.name], abs(own.middle)
        if line.role == UPDATE and line.equation.before:
            size = abs(own.middle - self.work.own.at.get(line.equation.before, 0.0))
        off = max(own.low - self.written.here, self.written.here - own.high)
        return off <= float(self.sheet.tolerance) * size

    def _unexplained(self, known: Named, own: Range | None, verdict: str) -> Phrase:
        """What is said of a wrong figure without a name for the mistake."""
        if own is None:
            return ("This cannot be worked out from your own figures.",)
        key = self.work.key
        rests = any(each in self.work.listed for each in key.needs(self.name, key.given)[:-1])
        right = InDigits(own.middle if rests else self.expected)
        if verdict == CLOSE:
            said = "Close: your own figures give {}." if rests else "Close: it is {}."
            return sentence(said, right)
        should = sentence("Your own figures give {}." if rests else "This should be {}.", right)
        return (*should, " Several mistakes would give your figure." if known.several else UNTOLD)


def _rather(own: Range, written: WrittenNumber, others: Iterable[float]) -> bool:
    """True if a figure is the person's own, rounded, while right work would be cut off."""
    here, (low, high) = written.here, written.ends
    half = min(here - low, high - here) * (1 + 1e-9)
    return abs(own.middle - here) <= half < min(abs(each - here) for each in others)


def _without_zeros(written: WrittenNumber, whole: Range, digits: int) -> bool:
    """True if a figure would be so with more digits too, zeros at its end that were left out."""
    here = written.here
    if written.digits >= digits or not here:
        return True
    unit = 10.0 ** (math.floor(math.log10(abs(here))) - digits + 1)
    away = math.copysign(unit, here)  # what may have been cut off
    low, high = min(here - unit / 2, here + away), max(here + unit / 2, here + away)
    return whole.low <= high and low <= whole.high


def change_of(key: Key, name: str) -> float:
    """Return how far an update moves what it starts from; 0 for every other line."""
    line = key.lines[name]
    if line.role != UPDATE or not line.equation.before:
        return 0.0
    return abs(float(key.value(name)) - float(key.value(line.equation.before)))


def _misreading(guess: Guess) -> Finding:
    """The mistake of somebody who read a given number as another one."""
    row, name = SLIPS["misread-given"], guess.name
    parts = Name(name), InDigits(guess.ranges[name].middle, DIGITS)
    title, comment = sentence(row.title, *parts), sentence(row.comment, *parts)
    return Finding(row, guess.source, {}, title, comment)


def _beyond(written: WrittenNumber, own: Range | None, finding: Finding | None) -> bool:
    """True if a figure within the tolerance is far enough off for a mistake's name."""
    if not finding or not own or finding.slip.mild:
        return False
    low, high = written.ends
    off = max(own.low - high, low - own.high)
    return off > TELLING_UNITS * written.width


def _broken(work: OwnWork, answer: Answer) -> Phrase:
    """The link of a chain of equals signs that does not hold; nothing where all do."""
    for left, right in pairwise([*answer.working, answer.formula]):
        if left is None or right is None or names_in(left) or names_in(right):
            continue
        value, stated = work.value(left), work.value(right)
        told = isinstance(left, Number) and isinstance(right, Number)
        if told or value is None or stated is None:
            continue
        holds = abs(value - stated) <= 0.005 * abs(value)
        if answer.text and right is answer.formula:
            holds = written_number(right, answer.text).fits(value)
        if not holds:
            return (left, " is ", InDigits(value), ", not ", right, ".")
    return ()


def named(names: Sequence[str]) -> Phrase:
    """Return quantities as a list in words."""
    parts: list[Part] = []
    for place, name in enumerate(names):
        if place:
            parts.append(" and " if place == len(names) - 1 else ", ")
        parts.append(Name(name))
    return tuple(parts)
