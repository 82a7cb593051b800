"""Many sheets together: which line did most people get wrong, which mistake is most common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from backcalc.checking.report import Report
from backcalc.checking.verdict import MISSING, RIGHT, UNDECIDED, WRONG


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """One quantity over all sheets."""

    name: str
    """The quantity."""
    counts: Counter[str] = field(default_factory=Counter)
    """How many answers have each verdict."""
    slips: Counter[str] = field(default_factory=Counter)
    """How often each mistake was made in it, going by the likeliest for each answer."""

    @property
    def answers(self) -> int:
        """How many people answered."""
        return sum(self.counts.values()) - self.counts[MISSING]

    @property
    def right(self) -> int:
        """How many were right."""
        return sum(self.counts[verdict] for verdict in RIGHT)

    @property
    def wrong(self) -> int:
        """How many were wrong, or could not be proved."""
        return self.counts[WRONG] + self.counts[UNDECIDED]


def totals(reports: Iterable[Report]) -> tuple[Total, ...]:
    """Each quantity that some sheet answers, in the order in which they turn up."""
    found: dict[str, Total] = {}
    for report in reports:
        for marked in report.answers:
            total = found.setdefault(marked.name, Total(marked.name))
            total.counts[marked.verdict] += 1
            if marked.findings:
                total.slips[" + ".join(marked.findings[0].names)] += 1
    return tuple(found.values())
