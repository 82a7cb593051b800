"""Digits of a sheet's figures, and which figures have too few of them to tell if they are right."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

from backcalc.arithmetic.intervals import Range, point
from backcalc.checking.key import Key
from backcalc.checking.own_work import OwnWork
from backcalc.checking.verdict import FEWEST_SHOWN, Answer, Marked, in_fitting_digits
from backcalc.checking.written import FEWEST_DIGITS, WrittenNumber, written_number
from backcalc.formulas import replace
from backcalc.formulas.expression import names_in
from backcalc.formulas.notation import DIGITS, InDigits, Phrase, rounded, sentence
from backcalc.formulas.quantity import Derivative, parsed

UNDERFLOW = 1e-300  # what is smaller is 0 to most that computes
TRIMMED = 0.02  # how far off one digit may be whose zeros were left out: 0.3 for 0.298
FAR_OFF = 0.1  # relatively, what may not be put down to lines that are left out
OPEN = 10  # times its size, what a line may come to that leaves everything open
FEWEST_SHORT = 3  # figures of few digits that show that a sheet rounds to decimals
TELLING_NOUGHT = 0.01  # of an update's change, what 0.000 may leave open


@dataclass(frozen=True, slots=True, eq=False)
class Precision:
    """How many digits the figures of a sheet have, and how many they must have."""

    fewest: Mapping[str, int]
    """The fewest digits of a quantity's figure, where that is said."""
    digits: int | None
    """The same for every other one; None: as many as tell."""
    kept: int
    """Significant digits that most figures have."""
    usual: int
    """The same with new weights that hardly move left out."""
    working: int
    """Digits in which right numbers are shown beside no figure of its own."""
    places: int
    """Digits behind the point that most of them have."""
    decimals: int
    """Digits behind the point to which all figures are rounded, small ones too; else 0."""
    beside: Mapping[int | None, int]
    """Digits behind the point of a figure with enough digits, by where a matrix of them begins."""
    moved: frozenset[str]
    """The new weights on the sheet that are right and tell how far they have moved."""

    def shown(self, marked: Marked, written: WrittenNumber | None) -> Marked:
        """Return a verdict with its numbers in as many digits as the sheet's author works with.

        These are the digits that are asked, or one more than stand there, so that the two differ.
        """
        digits, right = self.shown_of(marked.name, written), marked.expected
        if written and not marked.right and math.isclose(written.here, float(right), rel_tol=0.1):
            while digits < DIGITS and written.value == Fraction(rounded(right, digits)[0]):
                digits += 1
        comment = tuple([
            in_fitting_digits(part.value, digits)
            if isinstance(part, InDigits) and not part.digits
            else part
            for part in marked.comment
        ])  # fmt: skip
        if comment == marked.comment and marked.digits == min(digits, DIGITS):
            return marked
        return replace(marked, comment=comment, digits=min(digits, DIGITS))

    def shown_of(self, name: str, written: WrittenNumber | None) -> int:
        """Return the digits in which the right number is shown beside what is written."""
        own = written.digits + 1 if written and written.digits else self.working
        return max(self.fewest.get(name, self.digits or 0), own, FEWEST_SHOWN)

    def too_few(
        self, work: OwnWork, answer: Answer, written: WrittenNumber, whole: Range
    ) -> Phrase:
        """Return what is said of a figure with too few digits to tell if it is right.

        `whole` is what right work may come to. Nothing is said of a figure that tells.
        """
        name, expected = answer.name, work.key.value(answer.name)
        right, width, change = float(expected), written.width, change_of(work.key, name)
        if written.means(expected) or abs(right) < UNDERFLOW:
            return ()
        asked = self.fewest.get(name, self.digits)
        if not written.value or abs(written.here) < UNDERFLOW:
            if width < TELLING_NOUGHT * change:
                return ()  # 0.000 for 1 - 0.99999 has all the digits of that difference
            if not asked and written.places >= self.beside.get(answer.start, math.inf):
                return ()  # as in [0.642, 0.000]
            return ("Write more digits: the value is not 0.",)
        if width > change > 0 and not asked:
            worked = [work.value(each) for each in answer.working[-1:] if not names_in(each)]
            figures = [written.here, *(each for each in worked if each is not None)]
            near = any(abs(each - right) <= TRIMMED * change for each in figures)
            if not (near or self._can_update(work, name, written, whole)):
                return ("Write more digits: these do not show how far the weight has moved.",)
        if asked or not written.digits or without_zeros(written, whole, FEWEST_DIGITS):
            return ()
        trimmed = abs(written.here - right) <= TRIMMED * abs(right)
        if trimmed or (written.places and written.places >= self.places):
            return ()
        return write_at_least(FEWEST_DIGITS)

    def is_shorter(self, written: WrittenNumber, whole: Range, digits: int = DIGITS) -> bool:
        """Return true if a figure has fewer digits than the others, and would not with them.

        It would not with so many `digits` either.
        """
        as_long = written.places and written.places >= self.places
        return not (as_long or without_zeros(written, whole, min(digits, self.kept)))

    def fewer_than_asked(
        self, answer: Answer, written: WrittenNumber, values: Iterable[float]
    ) -> Phrase:
        """Return what is said of a figure with fewer digits than are asked.

        Nothing is said where one of the values has only zeros there, or the working has the digits.
        """
        asked = self.fewest.get(answer.name, self.digits)
        if not asked or written.digits >= asked or not written.here:
            return ()
        parts: list[WrittenNumber] = []
        for each in answer.working:
            with suppress(ArithmeticError, ValueError):
                parts += () if names_in(each) else (written_number(each, ""),)
        longer = [each for each in parts if each.digits >= asked]
        for value in values:
            if without_zeros(written, point(value), asked) or any(p.fits(value) for p in longer):
                return ()
        return write_at_least(asked)

    def _can_update(self, work: OwnWork, name: str, written: WrittenNumber, whole: Range) -> bool:
        """True if a weight that has not moved as far as its digits show may be honest all the same.

        It has as many digits as the sheet's other figures, and those show how an update is made:
        the derivative that it needs, or another weight that has moved as far as it should.
        """
        if self.moved - {name}:
            return without_zeros(written, whole, self.usual)
        slopes = (each for each in work.listed if isinstance(parsed(each), Derivative))
        needed = any(work.key.depends(name, each) for each in slopes)
        return needed and without_zeros(written, whole, self.usual)


def precision_of(
    key: Key,
    answers: Sequence[Answer],
    figures: Mapping[int, WrittenNumber],
    digits: int | None,
    fewest: Mapping[str, int],
) -> Precision:
    """Return the digits of a sheet's figures, which are numbered by their answers' places."""
    right = {place: key.value(answers[place].name) for place in figures}
    change = {place: change_of(key, answers[place].name) for place in figures}
    inexact = [place for place, each in figures.items() if not each.means(right[place])]
    still = {place for place in inexact if figures[place].width > change[place] > 0}
    every = _usual([each.digits for each in figures.values()])
    counted = [place for place in inexact if figures[place].digits]
    usual = _usual([figures[place].digits for place in counted if place not in still])
    kept = _usual([figures[place].digits for place in counted])
    most = max((figures[place].places for place in inexact), default=0)
    short = [n for n in counted if figures[n].digits < kept and figures[n].places == most]
    return Precision(
        fewest,
        digits,
        kept=kept,
        usual=usual,
        working=max(usual, every) + 1,
        places=_usual([figures[place].places for place in inexact]),
        decimals=most if len(short) >= FEWEST_SHORT else 0,
        beside={
            answers[place].start: each.places
            for place, each in figures.items()
            if each.digits >= FEWEST_DIGITS
        },
        moved=frozenset(
            answers[place].name
            for place, each in figures.items()
            if place not in still and change[place] and each.fits(right[place])
        ),
    )


def untold(work: OwnWork, name: str, written: WrittenNumber, own: Range | None) -> Phrase:
    """Return what is said of a figure that is right only for what lines before it may lose.

    They are left out, or leave everything open: 0.000, by which a line divides. Of a new weight
    it is the change that is right or not.
    """
    right = float(work.key.value(name))
    size = change_of(work.key, name) or abs(right)
    off = abs(written.here - right) > FAR_OFF * size and size > UNDERFLOW
    if not off or (own and written.fits(own.middle)):
        return ()  # it is near, or what the lines on the sheet give
    reach = work.due(name)
    if work.gap(name):
        before = "Write the lines before it too."
    elif reach and reach.width > OPEN * size:
        before = "Write more digits in the lines before it."
    else:
        return ()
    return sentence(f"Rounding may give this, but it should be {{}}. {before}", InDigits(right))


def change_of(key: Key, name: str) -> float:
    """Return how far an update moves what it starts from; 0 for every other line."""
    before = key.lines[name].moves
    return abs(float(key.value(name)) - float(key.value(before))) if before else 0.0


def write_at_least(digits: int) -> Phrase:
    """Return what is said of a figure with too few digits to tell if it is right."""
    return (f"Too few digits: write at least {digits}.",)


def without_zeros(written: WrittenNumber, whole: Range, digits: int) -> bool:
    """Return true if a figure would be so with more digits too, its end zeros left out."""
    here = written.here
    if written.digits >= digits or not here:
        return True
    unit = 10.0 ** (math.floor(math.log10(abs(here))) - digits + 1)
    away = math.copysign(unit, here)  # what may have been cut off
    low, high = min(here - unit / 2, here + away), max(here + unit / 2, here + away)
    return whole.low <= high and low <= whole.high


def _usual(counts: Sequence[int]) -> int:
    """The count in the middle; 0 where there are none."""
    return sorted(counts)[len(counts) // 2] if counts else 0
