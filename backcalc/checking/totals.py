"""Many sheets together: which line did most people get wrong, which mistake is most common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from backcalc.checking.report import Report
from backcalc.checking.verdict import AGAIN, MISSING, UNDECIDED, VERDICTS, WRONG
from backcalc.formulas.notation import Phrase


@dataclass(frozen=True, slots=True, eq=False)
class Total:
    """One quantity over all sheets."""

    name: str
    """The quantity or the question."""
    label: Phrase
    """The same, as it is set."""
    counts: Counter[str] = field(default_factory=Counter)
    """How many answers have each verdict."""
    slips: Counter[str] = field(default_factory=Counter)
    """How often each mistake was made in it."""

    @property
    def answers(self) -> int:
        """How many people answered."""
        return sum(self.counts.values()) - self.counts[MISSING]

    @property
    def right(self) -> int:
        """How many were right."""
        return sum(count for verdict, count in self.counts.items() if VERDICTS[verdict].passes)

    @property
    def wrong(self) -> int:
        """How many were wrong, or could not be judged."""
        return self.counts[WRONG] + self.counts[AGAIN] + self.counts[UNDECIDED]


@dataclass(slots=True, eq=False)
class Totals:
    """What many sheets come to, counted as they come."""

    sheets: int = 0
    """How many sheets there were."""
    quantities: dict[str, Total] = field(default_factory=dict)
    """Each quantity that some sheet answers, in the order in which they turn up."""
    groups: dict[str, list[str]] = field(default_factory=dict)
    """The files by their first mistake."""

    def add(self, report: Report) -> None:
        """Count one more sheet."""
        self.sheets += 1
        self.groups.setdefault(report.kind, []).append(report.file)
        for each in report.answers:
            total = self.quantities.setdefault(each.name, Total(each.name, each.label))
            total.counts[each.verdict] += 1
            if each.finding:
                total.slips[each.finding.slip.name] += 1

    @property
    def worst(self) -> Total | None:
        """The quantity that most people got wrong, if anybody did."""
        found = max(self.quantities.values(), key=lambda total: total.wrong, default=None)
        return found if found and found.wrong else None

    @property
    def grouped(self) -> list[tuple[str, list[str]]]:
        """The groups of sheets with one first mistake, the largest first."""
        return sorted(self.groups.items(), key=lambda group: -len(group[1]))
