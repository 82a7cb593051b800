"""Answers to verdicts: each line judged by what honest work may have come to there."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from backcalc.checking.honest import Range
from backcalc.checking.key import GIVEN, UPDATE, Key
from backcalc.checking.naming import (
    NAMELESS,
    Finding,
    Named,
    Search,
    as_formula_says,
    diagnose,
    explained,
)
from backcalc.checking.own_work import FEWEST_KEPT, NOTHING, Guess, Work
from backcalc.checking.slips import SLIPS
from backcalc.checking.symbols import doubts, judged_formula
from backcalc.checking.verdict import (
    AGAIN,
    CLOSE,
    CORRECT,
    FOLLOWS,
    MISSING,
    ROUNDED,
    UNDECIDED,
    WRONG,
    Answer,
    Marked,
)
from backcalc.checking.written import FEWEST_DIGITS, Written, written_number
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Name, Number, Scalar, names_in
from backcalc.formulas.notation import InDigits, Part, Phrase, sentence
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
UNTOLD: Phrase = (" We could not tell what went wrong.",)
LEAST_OFF = 4  # figures that must be wrong before a sheet is taken for another variant's
MOST_MIXED = 8  # wrong lines before a line, each of which may have been put right on the way


@dataclass(slots=True, eq=False)
class Submission:
    """A sheet while it is marked."""

    work: Work
    answers: tuple[Answer, ...]
    figures: dict[int, Written]
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
    moved: frozenset[str]
    """The new weights on the sheet that are right and tell how far they have moved."""
    search: Search = field(default_factory=Search)
    names: dict[str, str] = field(default_factory=dict)
    """For each mistake made so far the line where it was made first."""
    causes: dict[str, Named] = field(default_factory=dict)
    """For each wrong line what may have made it so."""
    shared: dict[str, Finding] = field(default_factory=dict)
    """For each wrong line the mistake in a line left out that explains others as well."""

    @property
    def key(self) -> Key:
        """The right lines."""
        return self.work.key


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
    figures: dict[int, Written] = {}
    for place, answer in enumerate(answers):
        if answer.formula is not None:
            places_of.setdefault(answer.name, []).append(place)
            if not answer.symbolic:
                figures[place] = figure_of(answer)
    work = Work(key, frozenset(places_of))
    inexact = [
        place for place, each in figures.items() if not each.means(key.value(answers[place].name))
    ]
    still = {place for place in inexact if _hardly_moves(key, answers[place].name, figures[place])}
    digits_of = {place: figures[place].digits for place in inexact if figures[place].digits}
    work.digits = max(FEWEST_KEPT, _usual([*digits_of.values()]))
    usual = _usual([count for place, count in digits_of.items() if place not in still])
    places = _usual([figures[place].places for place in inexact])
    moved = frozenset(
        answers[place].name for place, each in figures.items()
        if place not in still and change_of(key, answers[place].name)
        and each.fits(key.value(answers[place].name))
    )  # fmt: skip
    sheet = Submission(work, answers, figures, tolerance, fewest, digits, places, usual, moved)
    marked: dict[int, Marked] = {}
    for name in lines_of(key, places_of):
        if name not in places_of:
            work.leave_out(name)
            continue
        outcomes = []
        for place in places_of[name]:
            earlier = {each: marked[each] for each in places_of[name] if each in marked}
            before = _written_before(sheet, place, earlier)
            marked[place], outcome = (before, None) if before else _judged(sheet, place)
            outcomes += [outcome] if outcome else []
        _go_on(sheet, name, outcomes)
    for place, each in marked.items():
        if each.verdict == WRONG and (finding := sheet.shared.get(each.name)):
            comment = explained(each.name, finding)
            marked[place] = replace(each, finding=finding, comment=comment)
    _once(marked)
    _identities(key, marked)
    _hollow(marked, figures)
    found = tuple(marked.get(n) or _blank(key, answer) for n, answer in enumerate(answers))
    return tuple(map(_unnamed, found)) if has_other_numbers(key, found) else found


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
    comment = marked.comment[:-1] if marked.comment[-1:] == UNTOLD else ()
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


def _hollow(marked: dict[int, Marked], figures: Mapping[int, Written]) -> None:
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


def lines_of(key: Key, names: Iterable[str]) -> list[str]:
    """Return the lines that a sheet with answers to these goes through, in order."""
    return sorted(key.needed(names, key.given), key=key.order.__getitem__)


def _blank(key: Key, answer: Answer) -> Marked:
    """A line without an answer."""
    return Marked(answer, key.value(answer.name), MISSING, ("There is no answer.",))


def figure_of(answer: Answer) -> Written:
    """Return the number that an answer is; raise BackcalcError where it has none."""
    assert answer.formula is not None
    try:
        return written_number(answer.formula, answer.text)
    except (ArithmeticError, ValueError):
        raise BackcalcError(f"{answer.text[:60]!r} has no value", answer.place) from None


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What later lines go on from."""

    own: Range | None
    """The range of the person's own figure; None: a formula, which has set its own."""
    right: Range | None = None
    """The range that right work has here; None: the figure is no right work."""


def _go_on(sheet: Submission, name: str, outcomes: list[Outcome]) -> None:
    """Go on from the figures of one quantity: any that is right, else the first."""
    work = sheet.work
    good = [each for each in outcomes if each.own and each.right]
    if not good:
        return
    own, right = good[0].own, good[0].right
    for each in good[1:]:
        own, right = own and own.joined(each.own), right and right.joined(each.right)
    if work.right is not work.own:
        work.right.set(name, right)
    work.own.set(name, own)


def _written_before(sheet: Submission, place: int, earlier: Mapping[int, Marked]) -> Marked | None:
    """The verdict on a wrong figure that was written before for the same quantity: what it was.

    It confirms no guess, and a mistake in it is no further one.
    """
    figure = sheet.figures.get(place)
    for other, each in earlier.items():
        before = sheet.figures.get(other)
        if each.verdict == WRONG and figure and before and before.value == figure.value:
            return replace(each, answer=sheet.answers[place])
    return None


def _judged(sheet: Submission, place: int) -> tuple[Marked, Outcome | None]:
    """The verdict on one answer, and what later lines go on from."""
    answer, work = sheet.answers[place], sheet.work
    if place not in sheet.figures:
        return judged_formula(work, answer), None
    written, name = sheet.figures[place], answer.name
    expected = work.key.value(name)
    role = work.key.lines[name].role
    if role == GIVEN:
        return _restated(sheet, answer, written, expected)
    sources = work.sources_of(name)
    fits = written.fits(expected)
    own = _reached(work, name, written, own=True)
    right = own if work.right is work.own else _reached(work, name, written, own=False)
    others = [float(expected), *([right.middle] if right else [])]
    if (fits or right) and not (sources and own and _rather(own, written, others)):
        return _right(sheet, answer, written, fits, own, right)
    if own and sources:
        return _following(sheet, answer, written, own, sources), None
    found = _mixed(sheet, answer, written, sources)
    found = found or _confirmed(sheet, answer, written, given=False)
    if found:
        return found, None
    known = diagnose(work, name, written, sheet.search)
    slip = known.finding.slip.name if known.finding else ""
    if slip == "misread-given" or not (known.finding and _is_again(sheet, known.finding)):
        found = _confirmed(sheet, answer, written, given=True, known=known)
    return found or _wrong(sheet, answer, written, known), None


def _is_given(work: Work, guess: Guess) -> bool:
    """True if a guess is about a number that the sheet gives."""
    return guess.name in work.key.given


def _is_again(sheet: Submission, finding: Finding) -> bool:
    """True if a mistake was made in an earlier line."""
    return finding.slip.name in sheet.names and not finding.slip.figure


def _reached(work: Work, name: str, written: Written, *, own: bool) -> Range | None:
    """What honest work makes of a line, in the first way that meets what is written."""
    honest, ends = (work.own if own else work.right), written.ends
    if written.value and not written.here and isinstance(work.key.value(name), Fraction):
        return None  # 1e-400 is no rounded nought
    for way in work.ways(name):
        found = honest.image((way,))
        if found is not None and found.meets(ends):
            return found
    return None


def _rather(own: Range, written: Written, others: Iterable[float]) -> bool:
    """True if a figure is the person's own, rounded, while right work would be cut off."""
    here, (low, high) = written.here, written.ends
    half = min(here - low, high - here) * (1 + 1e-9)
    return abs(own.middle - here) <= half < min(abs(each - here) for each in others)


def _right(
    sheet: Submission,
    answer: Answer,
    written: Written,
    fits: bool,
    own: Range | None,
    right: Range | None,
) -> tuple[Marked, Outcome | None]:
    """The verdict on a figure that the right value has, or right work from right lines."""
    work, name, expected = sheet.work, answer.name, sheet.key.value(answer.name)
    exact = Range(float(expected), float(expected), float(expected))
    whole = right.joined(exact) if right and fits else right or exact
    sources = frozenset(n for n in work.sources_of(name) if sheet.key.depends(name, n))
    off = sources and not own
    alike = own is not None and whole.low <= own.low and own.high <= whole.high
    goes_on = (own or whole).joined(whole).cut(written)
    if work.is_suspect(name):  # by chance it looks right, and any number may stand behind it
        goes_on = Range(written.here, *written.ends)
    outcome = Outcome(goes_on, whole.cut(written))
    coarse = _too_few(sheet, answer, written, expected, whole)
    if coarse and own and sources and abs(own.middle - written.here) <= NOUGHT:
        return _following(sheet, answer, written, own, sources), None
    if coarse and own:  # the end zeros may be left out of the person's own figure
        coarse = _too_few(sheet, answer, written, expected, own.joined(whole))
    if not (fits or coarse) and _is_far_off(work, name, written, expected):
        coarse = sentence("Rounding may give this, but it should be {}.", InDigits(float(expected)))
        coarse += (" Write the lines before it too.",)
    work.sources[name] = frozenset() if off or alike else sources
    if coarse:
        return Marked(answer, expected, UNDECIDED, coarse), outcome
    if off:
        said = sentence("Right, though not from your own {}.", named(sorted(sources)))
    elif not fits:
        said = ("Right, worked from rounded figures.",)
        if not written.value and abs(float(expected)) < UNDERFLOW:
            said = ("Right: a calculator shows 0 for so small a number.",)
    else:
        said = doubts(work, answer, written)
    verdict = CORRECT if written.means(expected) else ROUNDED
    return Marked(answer, expected, verdict, said), outcome


def _too_few(
    sheet: Submission, answer: Answer, written: Written, expected: Scalar, whole: Range
) -> Phrase:
    """What is said of a figure with too few digits to tell whether it is right; else nothing."""
    if written.means(expected) or abs(float(expected)) < UNDERFLOW:
        return ()
    name = answer.name
    asked = sheet.fewest.get(name, sheet.digits)
    width, change = written.ends[1] - written.ends[0], change_of(sheet.key, name)
    if not written.value or abs(written.here) < UNDERFLOW:
        if width < TELLING_NOUGHT * change:
            return ()  # 0.000 for 1 - 0.99999 has all the digits of that difference
        return ("Write more digits: the value is not 0.",)
    worked = [sheet.work.value(each) for each in answer.working[-1:] if not names_in(each)]
    near = any(
        abs(each - float(expected)) <= TRIMMED * change
        for each in (written.here, *worked) if each is not None
    )  # fmt: skip
    if width > change > 0 and not (near or asked or _can_update(sheet, name, written, whole)):
        return ("Write more digits: these do not show how far the weight has moved.",)
    fewest = asked or FEWEST_DIGITS
    if not written.digits or written.digits >= fewest:
        return ()
    if not asked:
        right = float(expected)
        trimmed = abs(written.here - right) <= TRIMMED * abs(right)
        trimmed = trimmed or _without_zeros(written, whole, FEWEST_DIGITS)
        if trimmed or (written.places and written.places >= sheet.places):
            return ()
    return (f"Too few digits: write at least {fewest}.",)


def _is_far_off(work: Work, name: str, written: Written, expected: Scalar) -> bool:
    """True if a figure is right only for what may be lost in lines that the sheet leaves out.

    Of a new weight it is the change that is right or not.
    """
    size = change_of(work.key, name) or abs(float(expected))
    off = abs(written.here - float(expected)) > FAR_OFF * size and size > UNDERFLOW
    return off and bool(work.gap(name))


def _can_update(sheet: Submission, name: str, written: Written, whole: Range) -> bool:
    """True if a weight that has not moved as far as its digits show may be honest all the same.

    It has as many digits as the sheet's other figures, and those show how an update is made:
    the derivative that it needs, or another weight that has moved as far as it should.
    """
    return _without_zeros(written, whole, sheet.usual) and (
        _shows_slope(sheet, name) or any(each != name for each in sheet.moved)
    )


def _without_zeros(written: Written, whole: Range, digits: int) -> bool:
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


def _hardly_moves(key: Key, name: str, written: Written) -> bool:
    """True for a new weight whose digits leave open more than its whole change."""
    low, high = written.ends
    return high - low > change_of(key, name) > 0


def _shows_slope(sheet: Submission, name: str) -> bool:
    """True if a derivative from which a new weight comes stands on the sheet."""
    work = sheet.work
    return any(
        isinstance(parsed(each), Derivative) and work.key.depends(name, each)
        for each in work.listed
    )


def _restated(
    sheet: Submission, answer: Answer, written: Written, given: Scalar
) -> tuple[Marked, Outcome | None]:
    """The verdict on a number that the sheet itself gives."""
    if written.fits(given):
        verdict = CORRECT if written.means(given) else ROUNDED
        return Marked(answer, given, verdict), None
    work, name = sheet.work, answer.name
    work.part()
    work.adopted.setdefault(name, work.own.range(name))
    work.own.set(name, Range(written.here, *written.ends))
    work.sources[name] = frozenset((name,))
    comment = sentence("You have misread this: the sheet gives {} = {}.", Name(name), Number(given))
    return Marked(answer, given, WRONG, comment), None


def _following(
    sheet: Submission, answer: Answer, written: Written, own: Range, sources: frozenset[str]
) -> Marked:
    """The verdict on a line that is right from the person's own wrong values."""
    work, name = sheet.work, answer.name
    for given in (each for each in work.ways(name)[0].names if each in work.taken):
        if given not in work.key.given:
            continue
        before = work.image_if(name, {given: work.adopted[given]})
        if before is None or not before.meets(written.ends):
            return _misread(sheet, answer, written, given)
        sources = sources.difference(work.sources[given]) or sources
    expected = work.key.value(name)
    idle = [each for each in sources if len(sources) > 1 and _makes_no_difference(work, name, each)]
    kept = sources.difference(idle) or sources
    ordered = tuple(sorted(kept, key=work.key.order.__getitem__))
    nearer = tuple(each for each in ordered if work.key.depends(name, each))
    if not nearer:
        shared = [n for n, each in work.taken.items() if each.source in kept]
        near = [each for each in shared if work.key.depends(name, each)]
        return _shared(sheet, answer, written, own, ordered[0], (near or shared)[-1:])
    ordered = nearer
    comment: Phrase = sentence("Right from your own {}", named(ordered))
    value = own.middle
    other = abs(written.here - value) > SAME * abs(value)
    if other and written.ends[0] <= value <= written.ends[1]:
        comment += sentence(", rounded from {}", InDigits(value))
    work.off(name, own.cut(written))
    return Marked(answer, expected, FOLLOWS, (*comment, "."), sources=ordered)


def _shared(
    sheet: Submission,
    answer: Answer,
    written: Written,
    own: Range,
    source: str,
    hidden: Sequence[str],
) -> Marked:
    """The verdict on a line that shares a mistake with one on which it does not depend."""
    work, name = sheet.work, answer.name
    if hidden and hidden[0] in work.key.given:
        return _misread(sheet, answer, written, hidden[0])
    said = sentence("This is the same mistake as in {}.", Name(source))
    if hidden:
        said = sentence(
            "This is the same mistake as in {}: both go on from {}, which your sheet leaves out.",
            Name(source), Name(hidden[0]),
        )  # fmt: skip
    work.off(name, own.cut(written))
    return Marked(answer, work.key.value(name), FOLLOWS, said, sources=(source,))


def _makes_no_difference(work: Work, name: str, source: str) -> bool:
    """True if a line comes to the same with a wrong figure before it put right."""
    better, here = work.right.at.get(source), work.own.at.get(source)
    if better is None or here is None or not work.key.depends(name, source):
        return False
    before = work.middle_if(name, source, here)
    return before is not None and before == work.middle_if(name, source, better)


def _mixed(
    sheet: Submission, answer: Answer, written: Written, sources: frozenset[str]
) -> Marked | None:
    """The verdict on a figure that goes on from some wrong lines, but not from all before it."""
    for instead, rest, said in _alternatives(sheet, answer.name, sources):
        found = sheet.work.image_if(answer.name, instead) if rest else None
        if found and found.meets(written.ends):
            marked = _following(sheet, answer, written, found, rest)
            return replace(marked, comment=marked.comment + said)
    return None


def _alternatives(
    sheet: Submission, name: str, sources: frozenset[str]
) -> Iterator[tuple[Mapping[str, Range], frozenset[str], Phrase]]:
    """Yield what a line may go on from instead, the wrong lines it then rests on, what is said.

    A wrong line may have been put right, and a misread number taken as the sheet gives it.
    """
    work = sheet.work
    wrong = sorted((s for s in sources if s in sheet.causes), key=work.key.order.__getitem__)
    for each in wrong[-MOST_MIXED:]:
        said = sentence(" You did not go on from your own {}.", Name(each))
        used = work.resting(work.ways(each)[0].names)
        for better, more in ((work.instead[each], used), (work.right.range(each), NOTHING)):
            if better:
                yield {each: better}, (sources - {each}) | more, said
    for each, old in work.adopted.items():
        if old and work.key.depends(name, each):
            yield {each: old}, sources - work.sources[each] or sources, ()


def _confirmed(
    sheet: Submission, answer: Answer, written: Written, *, given: bool, known: Named = NAMELESS
) -> Marked | None:
    """The verdict on a figure that shares what is wrong out of sight with an earlier one.

    That is a line left out, or a given number that was misread.
    """
    work, name = sheet.work, answer.name
    needed: set[str] | None = None
    for guess in work.guesses:
        if (guess.name in work.key.given) != given:
            continue
        if needed is None:
            needed = {*work.ways(name)[0].names}
            for each in work.gap(name):
                needed |= {each, *work.key.used(each)}
        if needed.isdisjoint(guess.ranges):
            continue
        found = work.image_if(name, guess.ranges)
        if found is None or not found.meets(written.ends) or not _tells(found, written):
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
            return _misread(sheet, answer, written, guess.name)
        return _following(sheet, answer, written, found, work.sources_of(name))
    return None


def _tells(found: Range, written: Written) -> bool:
    """True if a figure has digits enough to confirm a guess, or is the very number guessed."""
    low, high = written.ends
    value = written.here
    wide = max(found.high - found.low, high - low)
    return wide <= TELLING * abs(value) or abs(found.middle - value) <= 1e-9 * abs(value)


def _misreading(guess: Guess) -> Finding:
    """The mistake of somebody who read a given number as another one."""
    row, name = SLIPS["misread-given"], guess.name
    parts = Name(name), InDigits(guess.ranges[name].middle)
    title, comment = sentence(row.title, *parts), sentence(row.comment, *parts)
    return Finding(row, guess.source, {}, title, comment)


def _misread(sheet: Submission, answer: Answer, written: Written, given: str) -> Marked:
    """The verdict on a line that takes the same wrong number for a given one as an earlier line."""
    work, name, guess = sheet.work, answer.name, sheet.work.taken[given]
    work.off(name, Range(written.here, *written.ends))
    value = InDigits(guess.ranges[given].middle)
    said = sentence("As in {}: you read {} as {}.", Name(guess.source), Name(given), value)
    return Marked(answer, work.key.value(name), AGAIN, said, sources=(guess.source,))


def _wrong(sheet: Submission, answer: Answer, written: Written, known: Named) -> Marked:
    """The verdict on a figure that nothing honest reaches."""
    work, name = sheet.work, answer.name
    expected = work.key.value(name)
    known = as_formula_says(known, name, answer.working) if known.several else known
    sheet.causes[name] = known
    own = work.own.image(work.ways(name)[:1])
    broken = _broken(work, answer, own)
    finding = known.finding
    verdict = WRONG
    if finding and finding.slip.name == "other-convention":
        verdict = CLOSE
    elif finding and _is_again(sheet, finding) and not broken:
        verdict = AGAIN
    elif not broken and _near(sheet, name, written, own) and not _beyond(written, own, finding):
        verdict, finding = CLOSE, None
    if finding and verdict == WRONG and not finding.slip.figure:
        sheet.names.setdefault(finding.slip.name, name)
    known = replace(known, finding=finding)
    comment = broken or _explained(sheet, name, known, own, verdict)
    work.suspect(name)
    if verdict == WRONG:
        work.suppose(name, written)
        misread = [each for each in work.guesses if each.source == name and _is_given(work, each)]
        if finding and finding.slip.name == "misread-given" and len(misread) == 1:
            work.adopt(misread[0])
    if finding and finding.line != name:
        ranges = {n: Range(v, v, v).widened(work.digits) for n, v in finding.values.items()}
        work.guesses.insert(0, Guess(ranges, name))
    work.off(name, Range(written.here, *written.ends))
    return Marked(answer, expected, verdict, comment, finding)


def _near(sheet: Submission, name: str, written: Written, own: Range | None) -> bool:
    """True if a figure is off by less than the tolerance; of the change, where it is an update."""
    if own is None or not own.middle:
        return False
    line, size = sheet.key.lines[name], abs(own.middle)
    if line.role == UPDATE and line.equation.before:
        size = abs(own.middle - sheet.work.own.at.get(line.equation.before, 0.0))
    off = max(own.low - written.here, written.here - own.high)
    return off <= float(sheet.tolerance) * size


def _beyond(written: Written, own: Range | None, finding: Finding | None) -> bool:
    """True if a figure within the tolerance is far enough off for a mistake's name."""
    if not finding or not own or finding.slip.mild:
        return False
    low, high = written.ends
    off = max(own.low - high, low - own.high)
    return off > TELLING_UNITS * (high - low)


def _broken(work: Work, answer: Answer, own: Range | None) -> Phrase:
    """The link of a chain of equals signs that does not hold; nothing where all do."""
    parts = [*answer.working, answer.formula]
    for left, right in pairwise(parts):
        if left is None or right is None or names_in(left) or names_in(right):
            continue
        if isinstance(left, Number) and isinstance(right, Number):
            continue
        value, stated = work.value(left), work.value(right)
        text = answer.text if right is answer.formula else ""
        if value is None or stated is None:
            continue
        shown = written_number(right, text) if text else None
        if not (shown.fits(value) if shown else abs(value - stated) <= 0.005 * abs(value)):
            return (left, " is ", InDigits(value), ", not ", right, ".")
    return ()


def _explained(
    sheet: Submission, name: str, known: Named, own: Range | None, verdict: str
) -> Phrase:
    """What is wrong with a figure, in a sentence or two."""
    work, finding = sheet.work, known.finding
    if finding:
        return explained(name, finding)
    if own is None:
        return ("This cannot be worked out from your own figures.",)
    rests = any(each in work.listed for each in work.key.needs(name, work.key.given)[:-1])
    right = InDigits(own.middle) if rests else InDigits(work.key.value(name))
    if verdict == CLOSE:
        said = "Close: your own figures give {}." if rests else "Close: it is {}."
        return sentence(said, right)
    should = sentence("Your own figures give {}." if rests else "This should be {}.", right)
    if known.several:
        return (*should, " Several mistakes would give your figure.")
    return (*should, *UNTOLD)


def named(names: Sequence[str]) -> Phrase:
    """Return quantities as a list in words."""
    parts: list[Part] = []
    for place, name in enumerate(names):
        if place:
            parts.append(" and " if place == len(names) - 1 else ", ")
        parts.append(Name(name))
    return tuple(parts)
