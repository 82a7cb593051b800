"""THE table of verdicts, and one answer with its verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING, TypeAlias

from backcalc.checking.naming import Finding, Named
from backcalc.errors import Place, by_fields
from backcalc.formulas import record
from backcalc.formulas.expression import Expression, Name, Number, Scalar, names_in
from backcalc.formulas.notation import InDigits, Phrase, rounded, sentence
from backcalc.loading.policies import Policies
from backcalc.sheets.worked import joined

if TYPE_CHECKING:
    from backcalc.checking.queries import Query

NOTHING, WHOLE = Fraction(0), Fraction(1)
NO_ANSWER: Phrase = ("There is no answer.",)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row: what may become of an answer."""

    name: str
    """The word for it."""
    sign: str
    """How a terminal marks it."""
    plain: str
    """The same in ASCII."""
    style: str
    """Its colour on a terminal."""
    meaning: str
    """What it says to the person; nothing where the word is enough."""
    share: Callable[[Policies], Fraction] = lambda _: NOTHING
    """What part of its points it earns."""
    passes: bool = False
    """True if nothing is wrong with it."""
    shown: str = ""
    """The word that people read for it, where it is that of another one."""


def _whole(_: Policies) -> Fraction:
    return WHOLE


ROWS = (
    Verdict("correct", "✓", "+", "green", "", _whole, passes=True),
    Verdict("rounded", "✓", "+", "green", "", _whole, passes=True, shown="correct"),
    Verdict("known", "≈", "~", "green", "wrong in its source, in the way that is named there",
            _whole, passes=True),
    Verdict("follows", "→", ">", "cyan", "right from your own earlier lines", lambda p: p.carry),
    Verdict("close", "≈", "~", "yellow", "a little off, but no mistake", lambda p: p.close),
    Verdict("again", "✗", "x", "yellow", "the same mistake as before", lambda p: p.again),
    Verdict("wrong", "✗", "x", "red", ""),
    Verdict("undecided", "?", "?", "magenta", "we could not tell whether it is right"),
    Verdict("unread", "?", "?", "magenta", "we could not read it, so it is not marked"),
    Verdict("missing", "?", "?", "dim", "asked for, but not found on your sheet"),
)  # fmt: skip
VERDICTS = {row.name: row for row in ROWS}
(
    CORRECT, ROUNDED, KNOWN, FOLLOWS, CLOSE, AGAIN, WRONG, UNDECIDED, UNREAD, MISSING
) = VERDICTS  # fmt: skip
"""KNOWN is of a printed figure that is wrong in the way that its file says."""
ABSENT = (UNREAD, MISSING)
"""Verdicts on what is asked for and has no answer, since none was read or none stands there."""

UNTOLD = " We could not tell what went wrong."
SEVERAL = " Several mistakes would give your figure, so we could not tell which you made: {}."
MOST_TOLD, LIKELY = 3, 0.05  # mistakes that are listed then, and how likely beside the likeliest


def named(names: Sequence[str]) -> Phrase:
    """Return quantities as a list in words."""
    *others, last = ((Name(each),) for each in names)
    return (*joined(others), " and ", *last) if others else last


def unexplained(known: Named, name: str) -> Phrase:
    """Return what is said where no mistake is likely enough: which would give the figure."""
    ways = sorted(known.candidates, key=lambda each: -each.weight) if known.several else []
    titles = dict.fromkeys(
        ("; ", *each.title, *((" in ", Name(each.line)) if each.line != name else ()))
        for each in ways if each.weight >= LIKELY * ways[0].weight
    )  # fmt: skip
    told = [part for title in [*titles][:MOST_TOLD] for part in title]
    return sentence(SEVERAL, tuple(told[1:])) if len(titles) > 1 else (UNTOLD,)


def from_own(names: Sequence[str]) -> Phrase:
    """Return what is said of a line that is right from some wrong ones before it."""
    return sentence("Right from your own {}.", named(names))


NumberRows: TypeAlias = "tuple[Scalar, ...] | tuple[tuple[Scalar, ...], ...]"
"""The numbers of a vector, or of a matrix row by row."""

FEWEST_SHOWN, EXACTLY, MOST_SHOWN = 4, 6, 12
"""Digits of a right number at least, of one that is shown as it is, and at most."""


def in_fitting_digits(value: Scalar, digits: int) -> InDigits:
    """Return a number in so many digits, one with few digits as it is; 0 digits: as ever."""
    exact = digits and rounded(value, EXACTLY)[1]
    return InDigits(value, EXACTLY if exact else min(digits, MOST_SHOWN))


def _matrix(rows: NumberRows, digits: int) -> Phrase:
    """A matrix in brackets, a vector in one pair of them."""
    parts = (
        _matrix(each, digits) if isinstance(each, tuple) else (in_fitting_digits(each, digits),)
        for each in rows
    )
    return ("[", *joined([*parts]), "]")


@record(frozen=True, slots=True, eq=False)
class Answer:
    """What somebody wrote for one quantity."""

    name: str
    """The quantity, as the sheet calls it."""
    text: str
    """What stands there, as written."""
    formula: Expression | None
    """The number, arithmetic or formula that it is; None for a blank."""
    place: Place | None = None
    """Where it stands."""
    working: tuple[Expression, ...] = ()
    """What stands before it in a line with several equals signs."""
    start: int | None = None
    """Where it begins in the document that it was read from."""

    __reduce__ = by_fields

    @property
    def symbolic(self) -> bool:
        """True for a formula in names that is no number."""
        formula = self.formula
        return not (formula is None or isinstance(formula, Number) or not names_in(formula))


@record(frozen=True, slots=True, eq=False)
class Marked:
    """One answer with its verdict."""

    answer: Answer
    """The answer."""
    expected: Scalar
    """The right value."""
    verdict: str
    """One of VERDICTS."""
    comment: Phrase = ()
    """One or two sentences to the person."""
    finding: Finding | None = None
    """For a wrong figure the mistake that gives it, where one is likely."""
    sources: tuple[str, ...] = ()
    """The person's own values, wrong or following, that it follows from."""
    cancelled: bool = False
    """True if it is right, though it does not follow from the person's own wrong lines."""
    doubted: bool = False
    """True if it is right, though the working beside it does not give it."""
    identity: bool = False
    """True for a true statement that gives no value, such as z2 = yhat; it counts for nothing."""
    hollow: bool = False
    """True if it follows only because one figure stands on most lines."""
    formula: Expression | None = None
    """For an answer that is a formula the right one."""
    rows: NumberRows = ()
    """For a vector its right numbers, for a matrix the rows of them."""
    asked: Query | None = None
    """For an answer to a question that is no quantity the question."""
    corrected: bool = False
    """True if it is wrong but put right further down, and nothing rests on it."""
    bears: str = ""
    """The line that is not asked and whose mistake costs the points of this one."""
    digits: int = 0
    """Significant digits in which right numbers are shown beside it."""
    word: str = ""
    """The quantity in its network's own word, where a document has other networks too."""
    by_hand: bool = False
    """True if a person has set its mark."""
    remark: str = ""
    """What that person says of it."""
    mistake: str = ""
    """What went wrong by that person's words."""
    order: float = inf
    """Its place among the lines of the work."""
    worth: Fraction = NOTHING
    """The points of its line."""
    earned: Fraction = NOTHING
    """What it earns of them."""

    __reduce__ = by_fields

    @property
    def name(self) -> str:
        """The quantity."""
        return self.answer.name

    @property
    def word_shown(self) -> str:
        """The verdict as people read it: how figures are rounded is said once for a sheet."""
        return VERDICTS[self.verdict].shown or self.verdict

    @property
    def label(self) -> Phrase:
        """The quantity or the question, as it is set."""
        return self.asked.label if self.asked else (Name(self.word or self.name),)

    @property
    def cause(self) -> Phrase:
        """What went wrong, in words; nothing where nobody knows."""
        return self.finding.title if self.finding else (self.mistake,) if self.mistake else ()

    def shown(self) -> Phrase:
        """What is right: a formula, a number, the numbers of a matrix, or words."""
        if self.asked:
            return self.asked.shown
        if self.formula is not None:
            return (self.formula,)
        if self.rows:
            return _matrix(self.rows, self.digits)
        digits = self.digits
        return (in_fitting_digits(self.expected, digits) if digits else Number(self.expected),)

    @property
    def right(self) -> bool:
        """True if nothing is wrong with it."""
        return VERDICTS[self.verdict].passes
