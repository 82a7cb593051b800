"""One answer with its verdict."""

from __future__ import annotations

from dataclasses import dataclass

from backcalc.checking.answers import Answer
from backcalc.checking.naming import Finding
from backcalc.formulas.expression import Expression, Scalar
from backcalc.formulas.notation import Phrase

CORRECT, ROUNDED, FOLLOWS, CLOSE = "correct", "rounded", "follows", "close"
WRONG, AGAIN, UNDECIDED, UNREAD, MISSING = "wrong", "again", "undecided", "unread", "missing"
KNOWN = "known"  # of a printed figure that is wrong in the way that its file says
VERDICTS = (CORRECT, ROUNDED, KNOWN, FOLLOWS, CLOSE, AGAIN, WRONG, UNDECIDED, UNREAD, MISSING)
RIGHT = (CORRECT, ROUNDED, KNOWN)


@dataclass(frozen=True, slots=True, eq=False)
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
    trivial: bool = False
    """True if it follows only because a carried value is zero."""
    formula: Expression | None = None
    """For an answer that is a formula the right one."""

    @property
    def name(self) -> str:
        """The quantity."""
        return self.answer.name

    @property
    def right(self) -> bool:
        """True if nothing is wrong with it."""
        return self.verdict in RIGHT

    @property
    def named(self) -> Phrase:
        """A mistake by its name, or what is said of it where it has none."""
        return self.finding.title if self.finding else self.comment
