"""One answer with its verdict."""

from __future__ import annotations

from dataclasses import dataclass

from backcalc.checking.answers import Answer
from backcalc.checking.diagnosis import Finding
from backcalc.formulas.expression import Expression, Scalar
from backcalc.formulas.notation import Phrase

CORRECT, ROUNDED, FOLLOWS = "correct", "rounded", "follows"
WRONG, UNDECIDED, MISSING = "wrong", "undecided", "missing"
KNOWN = "known"  # of a printed figure that is wrong in the way that its file says
VERDICTS = (CORRECT, ROUNDED, KNOWN, FOLLOWS, WRONG, UNDECIDED, MISSING)
RIGHT = (CORRECT, ROUNDED, KNOWN)


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """One answer with its verdict."""

    answer: Answer
    """What was written."""
    expected: Scalar
    """The right value."""
    verdict: str
    """correct, rounded, follows, wrong, undecided or missing."""
    comment: Phrase = ()
    """One sentence to the person."""
    findings: tuple[Finding, ...] = ()
    """For a wrong figure the mistakes that give it, likeliest first."""
    sources: tuple[str, ...] = ()
    """The person's own values, wrong or following, that it follows from."""
    trivial: bool = False
    """Whether it follows only because a carried value is zero."""

    formula: Expression | None = None
    """For an answer that is a formula the right one."""

    @property
    def name(self) -> str:
        """The quantity."""
        return self.answer.name

    @property
    def right(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.verdict in RIGHT

    @property
    def named(self) -> Phrase:
        """A mistake by its name, or what is said of it where it has none."""
        return self.findings[0].title if self.findings else self.comment
