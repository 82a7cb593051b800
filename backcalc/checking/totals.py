"""Many sheets together: which line did most people get wrong, which mistake is most common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import inf

from backcalc.checking.alike import SHOWN, remarks
from backcalc.checking.report import Report
from backcalc.checking.verdict import ABSENT, AGAIN, VERDICTS, WRONG, Marked
from backcalc.errors import listed
from backcalc.formulas.notation import PLAIN, Phrase, phrase_text
from backcalc.sheets.worked import joined

LEFT_OUT = "the figures of the class are those of the other sheets"


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
    titles: dict[str, Phrase] = field(default_factory=dict)
    """Each of them in words, as it is told where it was first made."""
    order: float = inf
    """Its place among the lines of the work."""

    @property
    def usual(self) -> Phrase:
        """The mistakes that are most common in it, with how often each was made.

        Where several were made once, none is more common than others.
        """
        most = max(self.slips.values(), default=0)
        common = [self.titles[slip] for slip, count in self.slips.items() if count == most]
        if len(common) > 1 and most == 1:
            return (f"{len(common)} different ones",)
        parts = joined(common, "; ")
        return (*parts, f" ({most}{' each' if len(common) > 1 else ''})") if parts else ()

    @property
    def answers(self) -> int:
        """How many people answered."""
        return sum(self.counts.values()) - sum(self.counts[each] for each in ABSENT)

    @property
    def right(self) -> int:
        """How many were right."""
        return sum(count for verdict, count in self.counts.items() if VERDICTS[verdict].passes)

    @property
    def wrong(self) -> int:
        """How many were wrong."""
        return self.counts[WRONG] + self.counts[AGAIN]


@dataclass(slots=True, eq=False)
class Group:
    """Sheets with one first mistake, in whatever lines they make it."""

    files: list[str] = field(default_factory=list)
    """The sheets."""
    titles: dict[str, Phrase] = field(default_factory=dict)
    """The mistake in words, in each way in which they make it."""
    places: dict[str, Phrase] = field(default_factory=dict)
    """The lines in which they make it, by their names."""

    def add(self, report: Report) -> None:
        """Count one more sheet."""
        self.files.append(report.file)
        self.titles.setdefault(phrase_text(report.title, PLAIN), report.title)
        if report.first and not report.first.asked and not report.suspicion:
            self.places.setdefault(report.first.name, report.first.label)

    @property
    def title(self) -> Phrase:
        """The mistake in words."""
        first, *others = self.titles.values()
        if len(others) == 1:
            return (*first, "; ", *others[0])
        return (*first, ", and alike") if others else first

    @property
    def lines(self) -> Phrase:
        """The lines in which it was made."""
        return joined([*self.places.values()])


@dataclass(slots=True, eq=False)
class Totals:
    """What many sheets come to, counted as they come."""

    sheets: int = 0
    """How many sheets there were."""
    quantities: dict[str, Total] = field(default_factory=dict)
    """Each quantity that some sheet answers."""
    groups: dict[str, Group] = field(default_factory=dict)
    """The sheets by the kind of their first mistake."""
    sketches: dict[str, frozenset[int]] = field(default_factory=dict)
    """What tells each sheet from the others."""
    people: dict[str, str] = field(default_factory=dict)
    """Whose each sheet is."""
    words: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """The sheets that have a word of their own for a quantity."""
    holders: dict[int | None, list[str]] = field(default_factory=dict)
    """Who has each variant."""
    doubted: dict[str, int | None] = field(default_factory=dict)
    """The sheets that may be of another exercise, and of which variant their numbers are."""
    strangers: set[str] = field(default_factory=set)
    """Those of them on which no figure is right."""

    def add(self, report: Report) -> None:
        """Count one more sheet."""
        self.sheets += 1
        self.groups.setdefault(report.mistake, Group()).add(report)
        self.people[report.file], self.sketches[report.file] = report.person, report.sketch
        if report.suspicion:  # what it says of the mistakes of others is nothing
            self.doubted[report.file] = report.figures_of
            self.strangers |= set() if report.elsewhere else {report.file}
            return
        for word in report.proposed.items():
            self.words.setdefault(word, []).append(report.file)
        once: dict[str, Marked] = {}  # one verdict for a line that stands twice: that of a mistake
        for each in report.answers:
            if each.name not in once or not each.right or once[each.name].corrected:
                once[each.name] = each
        for each in once.values():
            total = self.quantities.get(each.name)
            if total is None:
                total = self.quantities[each.name] = Total(each.name, each.label, order=each.order)
            total.counts[each.verdict] += 1
            if each.cause:
                name = each.finding.slip.name if each.finding else each.mistake
                total.slips[name] += 1
                total.titles.setdefault(name, each.cause)

    def doubt(self, file: str) -> str:
        """Say why a sheet may be of another exercise: whose figures are on it."""
        variant = self.doubted[file]
        if variant is None:
            return "no figure is right" if file in self.strangers else "figures of other numbers"
        people = self.holders.get(variant, ())
        return f"figures of variant {variant}" + (f" ({listed(people, 4)})" if people else "")

    @property
    def remarks(self) -> list[str]:
        """What is to be said of sheets with other numbers, alike sheets, and names."""
        meanings, usual = Counter(word for _, word in self.words), dict[str, str]()
        for of, word in sorted(self.words, key=lambda each: -len(self.words[each])):
            if meanings[word] == 1 and len(self.words[of, word]) > 1:  # several, and all mean it
                usual.setdefault(of, word)
        said = ", ".join(f"{of}: {usual[of]}" for of in (*self.quantities,) if of in usual)
        files = dict.fromkeys(file for each in usual.items() for file in self.words[each])
        told = f"{len(files)} sheets use other words ({listed(files, SHOWN)})"
        told += (
            f"; to see these words on every sheet write names: {{{said}}} into the network's file"
        )
        doubted = [f"{file}: {self.doubt(file)}" for file in self.doubted]
        looks = [f"please look at {listed(doubted, SHOWN)}; {LEFT_OUT}"] if doubted else []
        return [*looks, *remarks(self.sketches, self.people), *([told] if said else [])]

    @property
    def ordered(self) -> list[Total]:
        """The quantities in the order of the work."""
        return sorted(self.quantities.values(), key=lambda total: total.order)

    @property
    def grouped(self) -> list[Group]:
        """The groups of sheets with one first mistake, the largest first."""
        return sorted(self.groups.values(), key=lambda group: -len(group.files))
