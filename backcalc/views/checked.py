"""Marked sheets for people: a table of verdicts, the first mistake, the score, totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import compress

from backcalc.checking.report import Report
from backcalc.checking.totals import Total, totals
from backcalc.checking.verdict import KNOWN, MISSING, RIGHT, VERDICTS, Marked
from backcalc.expression import Name, Number
from backcalc.notation import Phrase, sentence
from backcalc.views.sheet import Block, Heading, Sentences, Sheet, Table


def report_sheet(report: Report) -> Sheet:
    """One person's sheet: a row for each answer, then what it comes to."""
    number = report.head.variant
    whose = (report.head.name, "" if number is None else f"variant {number}")
    said = ", ".join(filter(None, whose))
    title = f"{report.file}: {said}" if said else report.file
    return Sheet(title, (_answers(report.answers), *summary(report)))


def _answers(answers: Iterable[Marked]) -> Table:
    """What was written, what is right, the verdict, one sentence."""
    columns = ("quantity", "written", "expected", "verdict", "comment")
    return Table(columns, tuple(_row(each) for each in answers), prose=True)


def _row(marked: Marked) -> tuple[Phrase, ...]:
    expected = Number(marked.expected) if marked.formula is None else marked.formula
    written = marked.answer.text or "-"
    return ((Name(marked.name),), (written,), (expected,), (marked.verdict,), marked.comment)


def summary(report: Report) -> Iterator[Block]:
    """The first mistake and how far it reaches, the verdicts counted, the score."""
    yield Heading(("Summary",))
    answered = sum(each.verdict != MISSING for each in report.answers)
    missing = len(report.answers) - answered
    blank = f", {missing} line{'s' if missing > 1 else ''} missing" if missing else ""
    many = "1 answer" if answered == 1 else f"{answered} answers"
    lines: list[Phrase] = [(f"no mistake in {many}{blank}",)]
    if report.first:
        first = sentence("first mistake: {}, {}", Name(report.first.name), named(report.first))
        lines = [first, (_reach(report.touched),)]
    score = f"score {points(report.score)} of {points(report.points)}"
    yield Sentences((*lines, (f"{counted(report.answers)}; {score}",)))


def _reach(touched: int) -> str:
    """How many lines a mistake touches."""
    if not touched:
        return "no later line follows from it"
    return f"{touched} later line{' follows' if touched == 1 else 's follow'} from it"


def named(marked: Marked) -> Phrase:
    """A mistake by its name, or what is said of it where it has none."""
    return marked.findings[0].title if marked.findings else marked.comment


def counted(answers: Iterable[Marked]) -> str:
    """How many answers have each verdict."""
    counts = Counter(each.verdict for each in answers)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])


def points(value: Fraction) -> str:
    """Points as a decimal."""
    return f"{float(value):g}"


# Printed answers.


def lint_sheet(reports: Sequence[Report]) -> Sheet:
    """A line for each network file, then the figures that are off."""
    rows = tuple(((report.file,), (_outcome(report),)) for report in reports)
    blocks: list[Block] = [Table(("file", "printed answers"), rows, prose=True)]
    for report in reports:
        off = [marked for marked in report.answers if not marked.right]
        if off:
            blocks += [Heading((report.file,)), _answers(off)]
    return Sheet("Printed answers", tuple(blocks))


def _outcome(report: Report) -> str:
    """What became of one file's printed answers."""
    if report.error:
        return f"not tested: {report.error.message}"
    if not report.answers:
        return "none (no expect: block)"
    known = [marked.name for marked in report.answers if marked.verdict == KNOWN]
    off = sum(not marked.right for marked in report.answers)
    right = len(report.answers) - off - len(known)
    words = [f"{off} off" if off else "", f"{right} right"]
    words.append(f"known to be wrong: {', '.join(known)}" if known else "")
    return ", ".join(filter(None, words))


# Many sheets.

FIGURES = ("score", "of", "%")
VERDICTS_COUNTED = ("right", "follows", "wrong", "missing")


def overview(reports: Sequence[Report]) -> Sheet:
    """A row for each file, then which lines and which mistakes trouble most people."""
    names = any(report.head.name for report in reports)
    variants = any(report.head.variant is not None for report in reports)
    split = names or variants
    blocks: list[Block] = [*_class(reports, names, variants)] if split else [_one(reports)]
    blocks += _totals(totals(reports))
    return Sheet(f"{len(reports)} sheets", tuple(blocks))


def _one(reports: Sequence[Report]) -> Table:
    """The scores, the verdicts counted and the first mistakes in one table."""
    columns = ("file", *FIGURES, *VERDICTS_COUNTED, "first mistake")
    rows = tuple(
        ((report.file,), *_figures(report), *_counts(report), _first(report)) for report in reports
    )
    return Table(columns, rows, prose=True)


def _class(reports: Sequence[Report], names: bool, variants: bool) -> Iterator[Block]:
    """The scores with whose they are, then what is right and wrong: one table would be too wide."""
    shown = (True, names, variants, True, True, True)
    columns = tuple(compress(("file", "name", "variant", *FIGURES), shown))
    rows = tuple(tuple(compress(_whose(report), shown)) for report in reports)
    yield Table(columns, rows)
    yield Heading(("Mistakes",))
    words = tuple(((report.file,), _told(report)) for report in reports)
    yield Table(("file", "verdicts"), words, prose=True)


def _whose(report: Report) -> tuple[Phrase, ...]:
    """The file, whose it is, of which variant, the score."""
    number = report.head.variant
    variant = "-" if number is None else str(number)
    return (report.file,), (report.head.name or "-",), (variant,), *_figures(report)


def _told(report: Report) -> Phrase:
    """The verdicts counted and the first mistake in a line."""
    if report.first is None:
        return _first(report) if report.error else (counted(report.answers),)
    return (f"{counted(report.answers)}; first mistake: ", *_first(report))


def _figures(report: Report) -> tuple[Phrase, ...]:
    """The score in points and in percent."""
    if report.error:
        return (("-",),) * len(FIGURES)
    percent = "-" if report.percent is None else f"{report.percent:g}"
    return (points(report.score),), (points(report.points),), (percent,)


def _counts(report: Report) -> tuple[Phrase, ...]:
    """How many answers are right, follow, are wrong, are missing."""
    if report.error:
        return (("-",),) * len(VERDICTS_COUNTED)
    counts = Counter(each.verdict for each in report.answers)
    right = sum(counts[verdict] for verdict in RIGHT)
    wrong = counts["wrong"] + counts["undecided"]
    return tuple((str(count),) for count in (right, counts["follows"], wrong, counts[MISSING]))


def _first(report: Report) -> Phrase:
    """The first mistake, or why the file is not marked."""
    if report.error:
        return (f"not marked: {report.error.message}",)
    if report.first is None:
        return ("none",)
    return (Name(report.first.name), ": ", *named(report.first))


def _totals(found: Sequence[Total]) -> Iterator[Block]:
    """Which line most people got wrong, and which mistake they made there."""
    yield Heading(("Totals for each quantity",))
    columns = ("quantity", "answers", "right", "follows", "wrong", "missing", "most common mistake")
    rows: list[tuple[Phrase, ...]] = []
    for total in found:
        counts = total.counts
        cells = (total.answers, total.right, counts["follows"], total.wrong, counts[MISSING])
        slips = total.slips.most_common(1)
        common = f"{slips[0][0]} ({slips[0][1]})" if slips else ""
        rows.append(((Name(total.name),), *((str(cell),) for cell in cells), (common,)))
    yield Table(columns, tuple(rows), prose=True)
    worst = max(found, key=lambda total: total.wrong, default=None)
    if worst and worst.wrong:
        often = f"most often wrong: {{}}, on {worst.wrong} of {worst.answers} sheets"
        yield Sentences((sentence(often, Name(worst.name)),))
