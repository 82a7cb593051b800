"""Answers to verdicts: each line judged by what honest work may have come to there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from backcalc.arithmetic.intervals import Range, Ranges, point
from backcalc.checking.key import GIVEN, Key
from backcalc.checking.links import (
    WORKED_OUT,
    about_formula,
    as_working_says,
    broken,
    doubts,
    has_signs_of,
    is_a_step,
    is_another,
    leads_to,
    put_in_for,
)
from backcalc.checking.mistakes.update import EPSILON_INSIDE
from backcalc.checking.naming import NAMELESS, Finding, Guess, Named, Search, same
from backcalc.checking.own_work import FEWEST_KEPT, NOTHING, OwnWork
from backcalc.checking.precision import (
    UNDERFLOW,
    Precision,
    precision_of,
    untold,
    without_zeros,
    write_at_least,
)
from backcalc.checking.slips import SLIPS
from backcalc.checking.symbols import judged_formula, made_with
from backcalc.checking.together import (
    NOUGHT,
    factor_off,
    has_other_numbers,
    see_together,
    without_names,
)
from backcalc.checking.verdict import (
    AGAIN,
    CLOSE,
    CORRECT,
    FOLLOWS,
    MISSING,
    NO_ANSWER,
    ROUNDED,
    UNDECIDED,
    WRONG,
    Answer,
    Marked,
    from_own,
    named,
    unexplained,
)
from backcalc.checking.written import (
    FEW_DIGITS,
    FEWEST_DIGITS,
    WrittenNumber,
    rounded_to,
    written_number,
)
from backcalc.equations.optimizers import RATE
from backcalc.errors import BackcalcError
from backcalc.formulas import replace
from backcalc.formulas.expression import ZERO, Call, Expression, Name, Number, Scalar, names_in
from backcalc.formulas.notation import DIGITS, InDigits, Phrase, sentence
from backcalc.formulas.quantity import Derivative, parsed

TOLERANCE = Fraction(1, 100)  # how far off a line may be that is close
TELLING_UNITS = 20  # how far off, in what its digits leave open, a figure is that is near and named
TELLING_TURNED = 5  # the same where its digits are those of the right one in another order
SAME = 1e-9  # how far apart, relatively, one number may be that is worked out in two ways
OFF = (WRONG, AGAIN, FOLLOWS)
HARMLESS = frozenset((Name("eps"), EPSILON_INSIDE))  # what makes a figure hardly another one
MOST_MIXED = 8  # wrong lines before a line, each of which may have been put right on the way


def mark(
    key: Key,
    answers: Iterable[Answer],
    tolerance: Fraction = TOLERANCE,
    digits: int | None = None,
    fewest: Mapping[str, int] = {},
    *,
    printed: bool = False,
) -> tuple[Marked, ...]:
    """Return a verdict for each answer, in the order in which they stand on the person's sheet.

    On a `printed` one the lines that are left out were not rounded on the way.
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
    precision = precision_of(key, answers, figures, digits, fewest)
    for place, figure in figures.items():  # 0.00 without its zeros
        right = abs(float(key.value(answers[place].name)))
        if not (figure.value or figure.places) and UNDERFLOW < right < 10.0**-precision.places:
            figures[place] = written_number(ZERO, f"0.{'0' * precision.places}")
    kept = None if printed else max(FEWEST_KEPT, precision.kept)
    sheet = WrittenSheet(key, answers, places_of, figures, precision, tolerance, kept)
    search, marked, off = sheet.judged()
    wrong = {each.name for each in marked.values() if each.verdict in OFF}
    if shared := search.shared_mistakes(wrong):
        search, marked, off = sheet.judged(shared)
    for place, each in marked.items():
        if each.verdict == WRONG and (finding := search.shared.get(each.name)):
            marked[place] = replace(each, finding=finding, comment=finding.explained(each.name))
    see_together(key, marked, figures, off, search.twins)
    found = tuple(
        marked.get(n) or Marked(each, key.value(each.name), MISSING, NO_ANSWER)
        for n, each in enumerate(answers)
    )
    if has_other_numbers(key, found):
        found = tuple(map(without_names, found))
    return tuple(precision.shown(each, figures.get(n)) for n, each in enumerate(found))


def figure_of(answer: Answer) -> WrittenNumber:
    """Return the number that an answer is; raise BackcalcError where it has none."""
    assert answer.formula is not None
    try:
        return written_number(answer.formula, answer.text)
    except (ArithmeticError, ValueError):
        raise BackcalcError(f"{answer.text[:60]!r} has no value", answer.place) from None


@dataclass(frozen=True, slots=True, eq=False)
class WrittenSheet:
    """The answers of one sheet, to be judged in the order of the work."""

    key: Key
    """The right lines."""
    answers: tuple[Answer, ...]
    """The answers in the order in which they stand."""
    places_of: Mapping[str, Sequence[int]]
    """The places of the answers to each quantity."""
    figures: Mapping[int, WrittenNumber]
    """The numbers on it, by their places."""
    precision: Precision
    """The digits of its figures."""
    tolerance: Fraction
    """How far off a line may be that is close, relatively."""
    kept: int | None
    """Significant digits of the lines that it leaves out."""

    def judged(
        self, assumed: Mapping[str, tuple[str, str]] = {}
    ) -> tuple[Search, dict[int, Marked], dict[int, Range]]:
        """Return the search for its mistakes, the verdicts, and the factors that lines are off by.

        Lines have the mistakes that are `assumed`, where these give their figures.
        """
        key, figures = self.key, self.figures
        work = OwnWork(key, frozenset(self.places_of), self.kept, self.precision.decimals)
        search = Search(work, assumed=assumed)
        marked: dict[int, Marked] = {}
        off: dict[int, Range] = {}
        for name in key.needed(self.places_of, key.given):
            if name not in self.places_of:
                work.leave_out(name)
                continue
            wrong: dict[Fraction, Marked] = {}
            for place in self.places_of[name]:
                answer, written = self.answers[place], figures.get(place)
                if written is None:
                    marked[place] = judged_formula(work, answer)
                elif written.value in wrong:  # it confirms no guess and is no further mistake
                    marked[place] = replace(wrong[written.value], answer=answer)
                else:
                    figure = Figure(self, work, search, answer, written, name, key.value(name))
                    marked[place] = figure.judged()
                    if marked[place].verdict == WRONG:
                        wrong[written.value] = marked[place]
                        old = work.own.at.get(key.lines[name].moves, 0.0)
                        if factor := factor_off(written, work.due(name), old):
                            off[place] = factor
            work.settle(name)
        return search, marked, off


@dataclass(slots=True, eq=False)
class Figure:
    """A figure of a sheet while it is judged."""

    sheet: WrittenSheet
    """The sheet."""
    work: OwnWork
    """The person's own work before it."""
    search: Search
    """The search for the sheet's mistakes."""
    answer: Answer
    """The answer that it is."""
    written: WrittenNumber
    """The number that stands there."""
    name: str
    """The quantity."""
    expected: Scalar
    """The right value."""

    def judged(self) -> Marked:
        """Return the verdict on it; later lines then go on from it."""
        if self.work.key.lines[self.name].role == GIVEN:
            return self._restated()
        work, values = self.work, [float(self.expected)]
        own = work.due(self.name)
        if own and work.coarse.isdisjoint(work.ways(self.name)[0].names):
            values.append(own.middle)
        found = self._judged()
        if found.verdict in (CORRECT, ROUNDED, FOLLOWS, CLOSE) and (
            few := self.sheet.precision.fewer_than_asked(self.answer, self.written, values)
        ):
            work.coarse.add(self.name)
            return replace(found, verdict=UNDECIDED, comment=few, sources=())
        return found

    def _judged(self) -> Marked:
        work, written = self.work, self.written
        sources, fits = work.sources_of(self.name), written.fits(self.expected)
        own = self._reached(work.own)
        right = own if work.right is work.own else self._reached(work.right)
        others = [float(self.expected), *([right.middle] if right else [])]
        beside = right if sources and not (fits or own) else None
        if beside and (due := work.due(self.name)):  # 0/0 may be anything: right is what is near
            here = written.here
            right = beside if abs(beside.middle - here) <= abs(due.middle - here) else None
        if (fits or right) and not (sources and own and _rather(own, written, others)):
            return self._right(fits, own, right)
        if own and sources:
            return self._following(own, sources)
        if found := self._mixed(sources):
            return found
        known = self.search.diagnose(self.name, written, self.answer.working)
        other = known.slip == "misread-given" or not self.search.is_repeated(known)
        found = self._confirmed(given=False) or (self._confirmed(given=True) if other else None)
        return found or self._wrong(known)

    def _marked(self, verdict: str, comment: Phrase = (), sources: tuple[str, ...] = ()) -> Marked:
        digits = min(self.sheet.precision.shown_of(self.name, self.written), DIGITS)
        return Marked(self.answer, self.expected, verdict, comment, None, sources, digits=digits)

    def _reached(self, honest: Ranges) -> Range | None:
        """What honest work makes of the line, in the first way that meets what is written."""
        written = self.written
        if written.value and not written.here and isinstance(self.expected, Fraction):
            return None  # 1e-400 is no rounded nought
        for way in self.work.ways(self.name):
            found = honest.image((way,))
            if found and isinstance(way.expression, Call) and (
                way.expression.function.name == "softmax"
            ):  # fmt: skip
                found = self.work.kept(found)  # the exponentials are rounded as well
            if found and found.meets(written.ends):
                return found
        found = self.work.with_rounded_slopes(self.name, honest)
        return found if found and found.meets(written.ends) else None

    def _restated(self) -> Marked:
        """The verdict on a number that the sheet itself gives."""
        if self.written.fits(self.expected):
            return self._marked(CORRECT if self.written.means(self.expected) else ROUNDED)
        self.search.adopted.setdefault(self.name, self.work.own.range(self.name))
        self.work.rests_on(self.name, {self.name: self.written.range})
        said = "You have misread this: the sheet gives {} = {}."
        return self._marked(WRONG, sentence(said, Name(self.name), Number(self.expected)))

    def _right(self, fits: bool, own: Range | None, right: Range | None) -> Marked:
        """The verdict on a figure that the right value has, or right work from right lines."""
        work, name, written, exact = self.work, self.name, self.written, point(float(self.expected))
        sources = frozenset(n for n in work.sources_of(name) if work.key.depends(name, n))
        whole = right.joined(exact) if right and fits else right or exact
        coarse = self._too_few(whole)
        if coarse and own:
            trimmed = without_zeros(written, own, FEWEST_KEPT)  # 0.4 for a 0.400 of one's own
            if sources and (trimmed or abs(own.middle - written.here) <= NOUGHT):
                return self._following(own, sources)
            coarse = self._too_few(own.joined(whole))  # its own end zeros may be left out
        if not (fits or coarse) and (coarse := untold(work, name, written, own)):
            work.off(name, written.range)  # so that what rests on it follows
            return self._marked(UNDECIDED, coarse)
        if not fits and (formula := self._formula_of_it(own)):
            causes = tuple(made_with(work, name, formula))
            known = Named(next(iter(causes), None), candidates=causes)
            return self._wrong(known, shown=True)
        doubted = doubts(work, self.answer, written) if fits else ()
        step = self._is_worked_out() and is_a_step(work, self.answer)
        unsure = not coarse and (doubted or self.sheet.precision.is_shorter(written, whole))
        made = self.search.exact(name, written) if coarse or unsure or step else None
        old = coarse and written.value == work.key.given.get(work.key.lines[name].moves)
        kept = old and self.sheet.precision.is_shorter(written, whole, FEW_DIGITS)
        if step or (made and (self._is_worked_out() or kept)):
            return self._wrong(Named(made, candidates=(made,)) if made else NAMELESS)
        if made and written.here:
            coarse = coarse or write_at_least(written.digits + 1)
        work.reached.append((self._behind((own or whole).joined(whole)), written.cut(whole)))
        alike = own is not None and whole.low <= own.low and own.high <= whole.high
        work.sources[name] = sources if own and not alike else NOTHING
        if coarse:
            return self._marked(UNDECIDED, coarse)
        if sources and not own:
            said = sentence("Right, though not from your own {}.", named(sorted(sources)))
        elif fits:
            said = doubted
        elif not written.value and abs(exact.middle) < UNDERFLOW:
            said = ("Right: a calculator shows 0 for so small a number.",)
        else:
            said = ("Right, worked from rounded figures.",)
        marked = self._marked(CORRECT if written.means(self.expected) else ROUNDED, said)
        cancelled = bool(sources and not own)
        return replace(marked, cancelled=cancelled, doubted=bool(doubted) and not cancelled)

    def _formula_of_it(self, own: Range | None) -> Expression | None:
        """The wrong formula in names on the line that gives the figure, if right work does not."""
        formulas = [part for part in self.answer.working if names_in(part)]
        value = self.work.value(formulas[-1]) if formulas else None
        due = own.middle if own else float(self.expected)
        if value is None or self.written.fits(due) or not self.written.fits(value):
            return None
        return formulas[-1] if is_another(self.work, self.name, formulas[-1]) else None

    def _is_worked_out(self) -> bool:
        """True if the working comes to the very figure that stands there, and right work does not.

        The figure is then no rounded one; but a nought may be worked from rounded noughts.
        """
        due, here = self.work.due(self.name), self.written.here
        values = (self.work.value(e) for e in self.answer.working if not isinstance(e, Number))
        return here != 0 and due is not None and not same(here, due.middle) and any(
            value is not None and same(here, value) for value in values
        )  # fmt: skip

    def _too_few(self, whole: Range) -> Phrase:
        return self.sheet.precision.too_few(self.work, self.answer, self.written, whole)

    # Lines that rest on wrong ones.

    def _following(self, own: Range, sources: frozenset[str], said: Phrase = ()) -> Marked:
        """The verdict on a line that is right from the person's own wrong values."""
        work, name, written, search = self.work, self.name, self.written, self.search
        key = work.key
        for given in (n for n in work.ways(name)[0].names if n in search.taken and n in key.given):
            before = work.image_if(name, {given: search.adopted[given]})
            if before is None or not before.meets(written.ends):
                return self._misread(given, said)
            sources = sources.difference(work.sources[given]) or sources
        idle = [n for n in sources if len(sources) > 1 and self._makes_no_difference(n)]
        kept = sources.difference(idle) or sources
        ordered = tuple(sorted(kept, key=key.order.__getitem__))
        nearer = tuple(each for each in ordered if key.depends(name, each))
        if nearer:
            comment = from_own(nearer)
        else:  # it shares a mistake with a line on which it does not depend
            shared = [n for n, each in search.taken.items() if each.source in kept]
            last = ([each for each in shared if key.depends(name, each)] or shared)[-1:]
            if last and last[0] in key.given:
                return self._misread(last[0], said)
            nearer, told = ordered[:1], "This is the same mistake as in {}"
            cause = search.causes.get(nearer[0], NAMELESS).finding
            if cause and cause.line == nearer[0] and nearer[0] not in search.shared:
                last = []  # it was made on the line itself: what lies before it need not be known
            told += ": both go on from {}, which your sheet leaves out." if last else "."
            comment = sentence(told, *map(Name, (*nearer, *last)))
            search.twins[name] = nearer[0], sentence(told, *map(Name, (name, *last)))
        work.off(name, self._behind(own))
        return self._marked(FOLLOWS, comment + said, nearer)

    def _behind(self, whole: Range) -> Range:
        """The numbers from which later lines go on; any where it fits by chance, or by a guess."""
        work, name = self.work, self.name
        suspect = work.suspects and not work.suspects.isdisjoint((*work.gap(name), name))
        return self.written.range if suspect else self.written.cut(whole)

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
            found = self.work.image_if(self.name, instead) if sources or rest else None
            if found and found.meets(self.written.ends):
                if rest:
                    return self._following(found, rest, said)
                return self._right(False, None, found)
        return None

    def _alternatives(
        self, sources: frozenset[str]
    ) -> Iterator[tuple[Mapping[str, Range], frozenset[str], Phrase]]:
        """Yield what it may go on from instead, the wrong lines it then rests on, what is said.

        A misread number may be taken as the sheet gives it, a wrong line put right, and what is put
        right further down may be gone on from as it stood first.
        """
        work, search = self.work, self.search
        wrong = sorted(sources & search.causes.keys(), key=work.key.order.__getitem__)
        for each, old in search.adopted.items():
            if old and work.key.depends(self.name, each):
                yield {each: old}, sources - work.sources[each] or sources, ()
        for each in wrong[-MOST_MIXED:]:
            said = sentence(" You did not go on from your own {}.", Name(each))
            used = work.resting(work.ways(each)[0].names)
            for better, more in ((work.instead[each], used), (work.right.range(each), NOTHING)):
                if better:
                    yield {each: better}, (sources - {each}) | more, said
        depends = work.key.depends
        stood = {each: old for each, old in work.stood.items() if depends(self.name, each)}
        for some in (stood, *({each: old} for each, old in stood.items() if len(stood) > 1)):
            behind = (n for n in some if not any(depends(m, n) for m in some if m != n))
            yield some, frozenset(behind), ()

    def _confirmed(self, *, given: bool) -> Marked | None:
        """The verdict on a figure that shares what is wrong out of sight with an earlier one."""
        found = self.search.confirmed(self.name, self.written, given=given)
        if found is None:
            return None
        guess, own = found
        sources = self.work.sources_of(self.name)
        return self._misread(guess.name) if given else self._following(own, sources)

    def _misread(self, given: str, said: Phrase = ()) -> Marked:
        """The verdict on a line that takes the same wrong number for a given one as another.

        What the right value fits is right, however near the wrong number comes to it.
        """
        if self.written.fits(self.expected):
            return self._right(True, None, None)
        guess = self.search.taken[given]
        self.work.off(self.name, self.written.range)
        value = InDigits(guess.ranges[given].middle, DIGITS)
        why = sentence("As in {}: you read {} as {}.", Name(guess.source), Name(given), value)
        return self._marked(AGAIN, why + said, (guess.source,))

    # Wrong lines.

    def _wrong(self, known: Named, *, shown: bool = False) -> Marked:
        """The verdict on a figure that nothing honest reaches, or that is `shown` to be wrong."""
        work, name, written, search = self.work, self.name, self.written, self.search
        known = as_working_says(work, known, self.answer, written)
        if known.slip == "added-for-multiplied" and self._is_of_the_forward_pass():
            known = Named(several=True, candidates=known.candidates)  # p_3, where p_3 - 1 belongs
        if not known.finding and written.value == work.key.given.get(work.key.lines[name].moves):
            kept = [e for e in known.candidates if e.slip.name == "not-updated"]  # to the digit
            known = Named(kept[0], candidates=known.candidates) if kept else known
        signs = known.slip in ("", "gradient-sign")  # of a given number, or of a term
        put = put_in_for(work, self.answer) if signs else None
        if known.finding and put and has_signs_of(work, known.finding.expression, self.answer):
            put = None
        if put and (put[0] in work.key.given or put[0] == RATE):
            parts = Name(put[0]), InDigits(put[1], DIGITS)
            read = Finding(SLIPS["misread-given"], name, {}, parts)
            known = Named(read, candidates=known.candidates)
        finding, own = known.finding, work.due(name)
        link, verdict = broken(work, self.answer), WRONG
        if known.slip == "other-convention":
            verdict = CLOSE
        elif search.is_repeated(known) and not (link and known.slip not in WORKED_OUT):
            verdict = AGAIN
        elif not shown and own and not link and self._near(own) and (
            not self._beyond(own, finding)
        ):  # fmt: skip
            led = leads_to(work, self.answer)
            led = led if led and led.meets(written.ends) else own
            there = own.low, own.high
            worded = led is not own and names_in(self.answer.working[-1])
            if led is not own and led.meets(there) and not worded:
                own, sources = own.joined(written.range), work.sources_of(name)
                return self._following(own, sources) if sources else self._right(False, own, own)
            made = worded or (finding and not finding.slip.mild)
            if led.meets(there) or not made:  # else the working shows a mistake
                verdict, finding = CLOSE, None
        if finding:
            search.made.add(finding.slip.name)
            told = finding.explained(name)
            comment = (*link, " ", *told) if link else told
        else:
            comment = link or self._unexplained(known, own, verdict)
        search.causes[name] = known
        work.suspects |= {*work.gap(name)}
        if verdict == WRONG:
            worked = any(not names_in(e) for e in self.answer.working)
            search.suppose(name, written, known, worked=worked)
            if finding and not finding.once:
                search.repeated.add(finding.mistake(work.key, work.listed))
        if finding and finding.line != name:
            ranges = {n: work.kept(point(v)) for n, v in finding.values.items()}
            search.guesses.insert(0, Guess(ranges, name))
        work.off(name, written.range)
        return replace(self._marked(verdict, comment), finding=finding)

    def _is_of_the_forward_pass(self) -> bool:
        """True if a derivative's figure, with no working, is that of a unit or an output."""
        key, few = self.work.key, self.written.digits <= FEWEST_DIGITS
        if few or self.answer.working or not isinstance(parsed(self.name), Derivative):
            return False
        forward = (each for each in key.lines if not isinstance(parsed(each), Derivative))
        return any(self.written.fits(key.value(n)) for n in forward if n not in key.given)

    def _near(self, own: Range) -> bool:
        """True if it is off by less than the tolerance; of the change, where that is smaller."""
        work, here = self.work, self.written.here
        before = work.own.at.get(work.key.lines[self.name].moves, 0.0)
        right = [own.middle, *(() if work.sources_of(self.name) else (float(self.expected),))]
        sizes = {each: min(abs(each), abs(each - before)) for each in right}
        near = float(self.sheet.tolerance)
        return any(size > 0 and abs(each - here) <= near * size for each, size in sizes.items())

    def _beyond(self, own: Range, finding: Finding | None) -> bool:
        """True if a figure within the tolerance is far enough off for a mistake's name."""
        if not finding or finding.slip.mild or not HARMLESS.isdisjoint(finding.parts):
            return False
        (low, high), digits = self.written.ends, self.written.digits
        right = rounded_to(self.expected, digits) if finding.slip.verbatim and digits else 0.0
        telling = TELLING_UNITS
        if sorted(str(abs(right))) == sorted(str(abs(self.written.here))):
            own, telling = point(right), TELLING_TURNED  # not what a wrong line before it gives
        return max(own.low - high, low - own.high) > telling * self.written.width

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
        if put := put_in_for(self.work, self.answer):
            said = " Your working has {} where {} belongs."
            return (*should, *sentence(said, InDigits(put[1], DIGITS), Name(put[0])))
        if about := about_formula(self.work, self.answer, self.written):
            return (*should, *about)
        return (*should, *unexplained(known, self.name))


def _rather(own: Range, written: WrittenNumber, others: Iterable[float]) -> bool:
    """True if a figure is the person's own, rounded, while right work would be cut off."""
    here, (low, high) = written.here, written.ends
    half = min(here - low, high - here) * (1 + SAME)
    return abs(own.middle - here) <= half < min(abs(each - here) for each in others)
