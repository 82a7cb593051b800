"""Marked sheets for people: a table of verdicts, the first mistake, the score, totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress

from backcalc.checking.record import Line, Record, Words
from backcalc.checking.report import Report
from backcalc.checking.totals import Totals
from backcalc.checking.verdict import KNOWN, MISSING, VERDICTS, Marked
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Name, Number
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import Part, Phrase, sentence
from backcalc.formulas.parser import parse
from backcalc.sheets.blocks import Block, Heading, Running, Sentences, Sheet, Table

ANSWERS = ("quantity", "written", "expected", "verdict", "comment")


def report_sheet(report: Report) -> Sheet:
    """One person's sheet: a row for each answer, then what it comes to."""
    number = report.head.variant
    whose = (report.head.name, "" if number is None else f"variant {number}")
    said = ", ".join(filter(None, whose))
    title = f"{report.file}: {said}" if said else report.file
    return Sheet(title, (_answers(report.answers), *summary(report)))


def _answers(answers: Iterable[Marked]) -> Table:
    """What was written, what is right, the verdict, one sentence."""
    return Table(ANSWERS, tuple(_row(each) for each in answers), prose=True)


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
        first = sentence("first mistake: {}, {}", Name(report.first.name), report.first.named)
        lines = [first, (_reach(report.touched),)]
    said = counted(each.verdict for each in report.answers)
    score = f"score {points(report.score)} of {points(report.points)}"
    yield Sentences((*lines, (f"{said}; {score}",)))


def _reach(touched: int) -> str:
    """How many lines a mistake touches."""
    if not touched:
        return "no later line follows from it"
    return f"{touched} later line{' follows' if touched == 1 else 's follow'} from it"


def counted(verdicts: Iterable[str]) -> str:
    """How many answers have each verdict."""
    counts = Counter(verdicts)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])


def points(value: Fraction | float) -> str:
    """Points as a decimal."""
    return f"{float(value):g}"


# Many sheets, one by one as they come.


@dataclass(frozen=True, slots=True)
class Whose:
    """What is known of a sheet before it is marked."""

    file: str
    """Where it is."""
    name: str = ""
    """Whose it is."""
    variant: int | None = None
    """Of which variant it is."""


FIGURES = ("score", "of", "%")
WIDEST: tuple[Phrase, ...] = (("12.75",), ("100",), ("92.9",))
"""Figures as wide as most: a longer one moves its own row alone."""


def overview(records: Iterable[Record], sheets: Sequence[Whose]) -> Running:
    """A row for each file, then which lines and which mistakes trouble most people."""
    names = any(each.name for each in sheets)
    variants = any(each.variant is not None for each in sheets)
    shown = (True, names, variants, True, True, True, True)
    columns = tuple(compress(("file", "name", "variant", *FIGURES, "verdicts"), shown))
    measures = tuple(tuple(compress((*_whose(each), *WIDEST), shown)) for each in sheets)
    totals = Totals()

    def rows() -> Iterator[tuple[Phrase, ...]]:
        for record in records:
            totals.add(record)
            yield tuple(compress((*_whose(record), *_figures(record), _told(record)), shown))

    def closing() -> Iterator[Block]:
        if totals.sheets < len(sheets):
            stopped = f"interrupted: {totals.sheets} of {len(sheets)} sheets are marked"
            yield Sentences(((stopped,),), marked=True)
        yield from _totals(totals)

    return Running(f"{len(sheets)} sheets", columns, measures, rows(), closing)


def _whose(sheet: Whose | Record) -> tuple[Phrase, ...]:
    """The file, whose it is, of which variant."""
    variant = "-" if sheet.variant is None else str(sheet.variant)
    return (sheet.file,), (sheet.name or "-",), (variant,)


def _figures(record: Record) -> tuple[Phrase, ...]:
    """The score in points and in percent."""
    if record.error:
        return (("-",),) * len(FIGURES)
    percent = "-" if record.percent is None else f"{record.percent:g}"
    return (points(record.score),), (points(record.points),), (percent,)


def _told(record: Record) -> Phrase:
    """The verdicts counted and the first mistake in a line, or why the file is not marked."""
    if record.error:
        return (f"not marked: {record.reason}",)
    first, said = record.first_line, counted(line.verdict for line in record.lines)
    if first is None:
        return (said,)
    return (f"{said}; first mistake: ", Name(first.name), ": ", *phrase(record.mistake))


def phrase(said: Words) -> Phrase:
    """A phrase of a record with its formulas, for each notation to set in its own way."""
    return tuple(_formula(text) if formula else text for text, formula in said)


def _formula(text: str) -> Part:
    try:
        return parse(text, FUNCTIONS, derivatives=True)
    except BackcalcError:  # no formula of the language, such as a matrix
        return text


def _totals(totals: Totals) -> Iterator[Block]:
    """Which line most people got wrong, and which mistake they made there."""
    yield Heading(("Totals for each quantity",))
    columns = ("quantity", "answers", "right", "follows", "wrong", "missing", "most common mistake")
    rows: list[tuple[Phrase, ...]] = []
    for total in totals.quantities.values():
        counts = total.counts
        cells = (total.answers, total.right, counts["follows"], total.wrong, counts[MISSING])
        slips = total.slips.most_common(1)
        common = f"{slips[0][0]} ({slips[0][1]})" if slips else ""
        rows.append(((Name(total.name),), *((str(cell),) for cell in cells), (common,)))
    yield Table(columns, tuple(rows), prose=True)
    worst = totals.worst
    if worst:
        often = f"most often wrong: {{}}, on {worst.wrong} of {worst.answers} sheets"
        yield Sentences((sentence(often, Name(worst.name)),))


# Printed answers.


def printed_answers(records: Iterable[Record], files: Sequence[Whose]) -> Running:
    """A line for each network file, then the figures that are off."""
    off: list[tuple[str, tuple[Line, ...]]] = []
    done: list[str] = []

    def rows() -> Iterator[tuple[Phrase, ...]]:
        for record in records:
            done.append(record.file)
            wrong = tuple(line for line in record.lines if not line.right)
            off.extend([(record.file, wrong)] if wrong else [])
            yield (record.file,), (_outcome(record),)

    def closing() -> Iterator[Block]:
        if len(done) < len(files):
            stopped = f"interrupted: {len(done)} of {len(files)} files are tested"
            yield Sentences(((stopped,),), marked=True)
        for file, lines in off:
            yield Heading((file,))
            yield Table(ANSWERS, tuple(map(_line, lines)), prose=True)

    measures = tuple(((each.file,),) for each in files)
    return Running("Printed answers", ("file", "printed answers"), measures, rows(), closing)


def _line(line: Line) -> tuple[Phrase, ...]:
    """An answer that is off, as the table of answers has it."""
    value = line.expected if line.exact is None else Fraction(line.exact)
    expected = Number(value) if line.formula is None else _formula(line.formula)
    written = line.written or "-"
    return ((Name(line.name),), (written,), (expected,), (line.verdict,), phrase(line.comment))


def _outcome(record: Record) -> str:
    """What became of one file's printed answers."""
    if record.error:
        return f"not tested: {record.reason}"
    if not record.lines:
        return "none (no expect: block)"
    known = [line.name for line in record.lines if line.verdict == KNOWN]
    off = sum(not line.right for line in record.lines)
    right = len(record.lines) - off - len(known)
    words = [f"{off} off" if off else "", f"{right} right"]
    words.append(f"known to be wrong: {', '.join(known)}" if known else "")
    return ", ".join(filter(None, words))
