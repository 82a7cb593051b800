"""The report of a class on one page: points, first mistakes, hardest lines, what is not marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor
from statistics import mean, median

from backcalc.checking.checked import points
from backcalc.checking.gradebook import file_name
from backcalc.checking.report import Report
from backcalc.checking.totals import Group, Total, Totals
from backcalc.checking.verdict import FOLLOWS, MISSING
from backcalc.errors import counted
from backcalc.formulas.notation import PLAIN, Phrase, phrase_text
from backcalc.sheets.blocks import Bar, Bars, Block, Heading, Linked, Sentences, SheetBlocks, Table
from backcalc.sheets.worked import joined

HARDEST = 8  # lines that are shown
NAMELESS = ("no ", "we could not tell", "marked by hand")  # how the kinds begin that name none
NAMED = 8  # people of a group who are named
BY_EYE = 15  # sheets with lines that were not read, which are shown
BARS = 10  # at most
STEPS = (1, 2, 5, *(10**power * each for power in range(1, 9) for each in (1, 2, 5)))
"""Widths of a bar."""


@dataclass(slots=True, eq=False)
class ClassResult:
    """What is known of a class, counted as its sheets come; no sheet is kept."""

    totals: Totals = field(default_factory=Totals)
    """What the sheets come to."""
    copies: dict[str, str] = field(default_factory=dict)
    """The marked copy of each sheet, in the folder of the report."""
    people: dict[str, list[Phrase]] = field(default_factory=dict)
    """Whose sheets have each first mistake."""
    unread: list[tuple[Fraction, int, Phrase, str, bool, str]] = field(default_factory=list)
    """The sheets with lines that were not read: points at stake, how many, whose, the score.

    Then True where points are lost, wherever it is, and the file of one with other numbers.
    """
    scores: list[tuple[Fraction, Fraction]] = field(default_factory=list)
    """The score of each sheet that is marked and in no doubt, and of how many points."""
    refused: list[tuple[Phrase, str]] = field(default_factory=list)
    """The sheets that are not marked, and why."""
    by_hand: list[tuple[Phrase, Phrase, Phrase, Phrase]] = field(default_factory=list)
    """The marks that a person has set: whose sheet, the line, its points, the remark."""

    def add(self, report: Report) -> None:
        """Count one more sheet."""
        self.totals.add(report)
        owner = report.person or file_name(report.file)
        self.totals.holders.setdefault(report.head.variant, []).append(owner)
        if report.error:
            self.refused.append((self._called(report.person, report.file), report.error.message))
            return
        self.scores += [] if report.suspicion else [(report.score, report.points)]
        whose = self._called(report.person, report.file)
        self.people.setdefault(report.mistake, []).append(whose)
        if report.given is not None:
            self.by_hand.append((whose, ("all",), (_score(report),), (report.remark,)))
        for each in filter(lambda each: each.by_hand, report.answers):
            earned = f"{points(each.earned)} of {points(each.worth)}"
            self.by_hand.append((whose, each.label, (earned,), (each.remark,)))
        stake, lost = report.at_stake, report.given is None and report.score < report.points
        doubted = report.file if report.file in self.totals.doubted else ""
        looked_at = report.given is not None or any(each.by_hand for each in report.answers)
        if (report.open_lines and not looked_at) or stake or doubted:
            stake = report.points - report.score if doubted else stake
            row = (stake, len(report.open_lines), whose, _score(report), lost, doubted)
            self.unread.append(row)

    def _called(self, name: str, file: str) -> Phrase:
        """Whose sheet it is, or its file, with a link to its marked copy."""
        copy = self.copies.get(file)
        if copy is None:
            return (name or file_name(file),)
        return (Linked(name or copy.rpartition(".")[0], copy),)


def _score(report: Report) -> str:
    return f"{points(report.score)} of {points(report.points)}"


def class_report(found: ClassResult, title: str) -> SheetBlocks:
    """Return the report of a class."""
    many = found.totals.sheets
    told = [*_points(found), *((each,) for each in found.totals.remarks)]
    blocks: list[Block] = [Sentences(tuple(told))]
    if found.people:
        blocks += [*_by_eye(found), *_distribution(found), *_mistakes(found), *_hardest(found)]
    if found.by_hand:
        table = Table(("sheet", "line", "points", "remark"), tuple(found.by_hand), prose=True)
        blocks += [Heading(("Marked by hand",)), table]
    if found.refused:
        reasons = tuple((file, (why,)) for file, why in found.refused)
        blocks += [Heading(("Not marked",)), Table(("file", "why"), reasons, prose=True)]
    return SheetBlocks(": ".join(filter(None, (title, counted(many, "sheet")))), tuple(blocks))


def _points(found: ClassResult) -> Iterator[Phrase]:
    """Say how many sheets are marked, and what they earn."""
    sheets = found.totals.sheets
    yield (f"{sheets - len(found.refused)} of {sheets} sheets are marked",)
    if not any(worth for _, worth in found.scores):
        return
    alike, figures = _earned(found)
    unit = "" if alike else " %"
    typical = f"mean {float(mean(figures)):.3g}{unit}, median {float(median(figures)):.3g}{unit}"
    ends = min(figures), max(figures)
    least, most = (points(end) if alike else f"{float(end):.3g} %" for end in ends)
    of = f", of {points(found.scores[0][1])}" if alike else ""
    yield (f"points: {typical}, from {least} to {most}{of}",)
    whole = sum(score == worth for score, worth in found.scores)
    all_points = f"{whole} sheet{' has' if whole == 1 else 's have'} all points"
    yield (all_points if alike else UNLIKE,)


UNLIKE = (
    "the sheets are not all of the same number of points: each counts the lines that it answers. "
    "With --ask forward,gradients,update or `ask:` in the file all count the same lines"
)


def _earned(found: ClassResult) -> tuple[bool, list[Fraction]]:
    """What each sheet earns; in percent, and False before it, where their points differ."""
    if len({worth for _, worth in found.scores}) == 1:
        return True, [score for score, _ in found.scores]
    return False, [100 * score / worth for score, worth in found.scores if worth]


def _by_eye(found: ClassResult) -> Iterator[Block]:
    """List the sheets on which something was not read, by the points that may be lost so."""
    worth = max((worth for _, worth in found.scores), default=Fraction(0))
    refused = [(worth, "all", whose, "not marked") for whose, _ in found.refused]
    totals = found.totals
    figures = {"": "", **{file: f": {totals.doubt(file)}" for file in totals.doubted}}
    open_ = [(stake, str(count), (*whose, figures[file]), score)
             for stake, count, whose, score, lost, file in found.unread
             if lost and stake]  # fmt: skip
    sheets = sorted((*refused, *open_), key=lambda each: -each[0])
    rest = len(found.unread) - len(open_)
    if not sheets and not rest:
        return
    yield Heading(("Please look at these sheets by eye",))
    said = "Something on them could not be read or judged, and points are lost. At stake are those"
    said += " of lines that are unread, undecided or not found"
    said += ", and all that a sheet of another exercise may lose." if totals.doubted else "."
    if left := max(len(sheets) - BY_EYE, 0):
        are = "is" if left == 1 else "are"
        said += f" {left} more {are} in the gradebook, with a number in the column `not_read`."
    have = "has lines" if rest == 1 else "have lines"
    costless = f"{counted(rest, 'sheet')} {have} that could not be read and cost nothing."
    told = ((said,), (costless,))
    yield Sentences(tuple(each for each, there in zip(told, (sheets, rest), strict=True) if there))
    if not sheets:
        return
    rows = [(whose, (points(stake),), (n,), (score,)) for stake, n, whose, score in sheets[:BY_EYE]]
    yield Table(("sheet", "points at stake", "lines not read", "score"), tuple(rows))


def _distribution(found: ClassResult) -> Iterator[Block]:
    """Yield how many sheets earn how much: in points, or in percent where their points differ."""
    alike, figures = _earned(found)
    if not figures:
        return
    least, most = floor(min(figures)), floor(max(figures))
    step = next(n for n in STEPS if n * (BARS - 1) > most - least)
    least -= least % step if step > 1 else 0
    top = max(worth for _, worth in found.scores) if alike else Fraction(100)
    counts = Counter((floor(each) - least) // step for each in figures)
    whole = all(each.denominator == 1 for each in figures)
    bars = []
    for first in range(least, most + 1, step):
        last = min(first + step - 1, most)
        label = str(first) if first == last else f"{first} to {last}"
        if not whole and first < top:  # so that no figure falls between two bars
            label = f"{first} to {points(top) if last + 1 > top else f'below {last + 1}'}"
        bars.append(Bar((label if alike else f"{label} %",), counts[(first - least) // step]))
    yield Heading(("Points",))
    yield Bars(("points", "sheets"), tuple(bars))


def _mistakes(found: ClassResult) -> Iterator[Block]:
    """Yield the groups of sheets by their first mistake, the largest first."""
    rows: list[tuple[Phrase, ...]] = []
    groups = {kind: found.totals.groups[kind] for kind in found.people}
    ordered = sorted(groups, key=lambda kind: (kind.startswith("no "), -len(found.people[kind])))
    for kind in ordered:
        group, people = groups[kind], found.people[kind]
        more = f" and {len(people) - NAMED} more" if len(people) > NAMED else ""
        who = (*joined(people[:NAMED], "; "), more)
        rows.append((group.title, (str(len(people)),), group.lines, who))
    yield Heading(("First mistakes",))
    yield Table(("first mistake", "sheets", "lines", "who"), tuple(rows), prose=True)
    slips: dict[str, list[Total]] = {}
    for total in found.totals.ordered:
        for slip in total.slips:
            slips.setdefault(slip, []).append(total)
    counts = {slip: sum(each.slips[slip] for each in own) for slip, own in slips.items()}
    told = [len(found.people[each]) for each in groups if not each.startswith(NAMELESS)]
    if sum(counts.values()) > sum(told):  # else the table above has them all
        yield Heading(("All mistakes",))
        ways = {slip: Group(titles={phrase_text(each.titles[slip], PLAIN): each.titles[slip]
                                    for each in own}) for slip, own in slips.items()}  # fmt: skip
        every = tuple(
            (ways[slip].title, (str(counts[slip]),), _labels(slips[slip]))
            for slip in sorted(slips, key=lambda slip: -counts[slip])
        )
        yield Table(("mistake", "times", "lines"), every, prose=True)


def _labels(totals: Sequence[Total]) -> Phrase:
    """The lines in which a mistake was made."""
    more = f" and {len(totals) - HARDEST} more" if len(totals) > HARDEST else ""
    return (*joined([each.label for each in totals[:HARDEST]]), more)


def _hardest(found: ClassResult) -> Iterator[Block]:
    """Yield the lines that people got wrong, or most left out, with the usual mistake."""
    hard = [each for each in found.totals.ordered
            if each.wrong or each.counts[MISSING] > each.answers]  # fmt: skip
    hard.sort(key=lambda each: (-2 * each.wrong - each.counts[MISSING], -each.wrong))
    yield Heading(("Hardest lines",))
    if not hard:
        yield Sentences((("nobody got a line wrong, and no line was left out by most",),))
        return
    rows = tuple(
        (
            (*each.label, ""), (str(each.wrong),), (str(each.counts[FOLLOWS]),),
            (str(each.counts[MISSING]),), (str(each.right),), each.usual,
        )
        for each in hard[:HARDEST]
    )  # fmt: skip
    heads = ("line", "wrong", "follows", "missing", "right", "most common mistake")
    yield Table(heads, rows, prose=True)
