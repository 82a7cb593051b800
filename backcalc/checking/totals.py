"""Many sheets together: which line did most people get wrong, which mistake is most common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from backcalc.checking.record import Record
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


@dataclass(slots=True, eq=False)
class Totals:
    """What many sheets come to, counted as they come."""

    sheets: int = 0
    """How many sheets there were."""
    quantities: dict[str, Total] = field(default_factory=dict)
    """Each quantity that some sheet answers, in the order in which they turn up."""

    def add(self, record: Record) -> None:
        """Count one more sheet."""
        self.sheets += 1
        for line in record.lines:
            total = self.quantities.setdefault(line.name, Total(line.name))
            total.counts[line.verdict] += 1
            if line.findings:
                total.slips[" + ".join(line.findings[0])] += 1

    @property
    def worst(self) -> Total | None:
        """The quantity that most people got wrong, if anybody did."""
        found = max(self.quantities.values(), key=lambda total: total.wrong, default=None)
        return found if found and found.wrong else None
