"""Marked sheets for people: a table of verdicts, the first mistake, the score, totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from backcalc.checking.report import Report
from backcalc.checking.totals import Total, totals
from backcalc.checking.verdict import KNOWN, MISSING, RIGHT, VERDICTS, Marked
from backcalc.expression import Name, Number
from backcalc.notation import Phrase, sentence
from backcalc.views.sheet import Block, Heading, Sentences, Sheet, Table


def report_sheet(report: Report) -> Sheet:
    """One person's sheet: a row for each answer, then what it comes to."""
    whose = ", ".join(filter(None, (report.head.name, variant(report))))
    title = f"{report.file}: {whose}" if whose else report.file
    return Sheet(title, (_answers(report.answers), *summary(report)))


def variant(report: Report) -> str:
    """Of which variant a sheet is, where it is of one."""
    return "" if report.head.variant is None else f"variant {report.head.variant}"


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

SCORES = ("score", "of", "%", "right", "follows", "wrong", "missing")


def overview(reports: Sequence[Report]) -> Sheet:
    """A row for each file, then which lines and which mistakes trouble most people."""
    heads = [_file_head(report) for report in reports]
    used = [any(cells) for cells in zip(*heads, strict=True)]
    columns = [word for word, shown in zip(("file", "name", "variant"), used, strict=True) if shown]
    rows = tuple(
        (*((cell,) for cell, shown in zip(head, used, strict=True) if shown), *_file_row(report))
        for head, report in zip(heads, reports, strict=True)
    )
    blocks: list[Block] = [Table((*columns, *SCORES, "first mistake"), rows, prose=True)]
    blocks += _totals(totals(reports))
    return Sheet(f"{len(reports)} sheets", tuple(blocks))


def _file_head(report: Report) -> tuple[str, str, str]:
    """The file, whose it is and of which variant."""
    number = report.head.variant
    return report.file, report.head.name, "" if number is None else str(number)


def _file_row(report: Report) -> tuple[Phrase, ...]:
    """The score in points and percent, the verdicts counted, the first mistake."""
    if report.error:
        blanks: list[Phrase] = [("-",)] * len(SCORES)
        return (*blanks, (f"not marked: {report.error.message}",))
    counts = Counter(each.verdict for each in report.answers)
    right = sum(counts[verdict] for verdict in RIGHT)
    first: Phrase = ("none",)
    if report.first:
        first = (Name(report.first.name), ": ", *named(report.first))
    figures = (right, counts["follows"], counts["wrong"] + counts["undecided"], counts[MISSING])
    percent = "-" if report.percent is None else f"{report.percent:g}"
    cells: list[Phrase] = [(points(report.score),), (points(report.points),), (percent,)]
    cells += [(str(figure),) for figure in figures]
    return (*cells, first)


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
