"""Marked sheets for people: a table of verdicts, the first mistake, the score, totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import compress

from backcalc.checking.report import Report
from backcalc.checking.totals import Totals
from backcalc.checking.verdict import (
    ABSENT,
    CLOSE,
    FOLLOWS,
    KNOWN,
    MISSING,
    NO_ANSWER,
    ROUNDED,
    ROWS,
    UNDECIDED,
    UNREAD,
    VERDICTS,
    WRONG,
    Marked,
)
from backcalc.equations.optimizers import RATE
from backcalc.errors import Place, listed
from backcalc.errors import counted as counted_noun
from backcalc.errors.patterns import regex
from backcalc.formulas import replace
from backcalc.formulas.expression import Expression, Name, renamed
from backcalc.formulas.notation import Phrase, sentence
from backcalc.formulas.quantity import called, parsed
from backcalc.sheets.blocks import Block, Heading, Running, Sentences, SheetBlocks, Table
from backcalc.sheets.worked import joined

ANSWERS = ("quantity", "written", "expected", "verdict")
SIGNS = {row.name: (row.sign, row.plain, row.style) for row in ROWS}
UNASKED = "points are for the {}, of {} in this work; `ask:` asks for certain ones"
CANCELLED = ": right, though not from your own lines before. A second mistake may undo the first."
UNTESTED = "what is not read is not tested; with --strict it is an error"
NO_WORDS: Mapping[str, str] = {}
DECIMALS = regex(r"[-+−]?\d*\.\d+")
LONG = regex(r"\d{30,}")  # digits, more than a table has room for
HATTED = regex(r"^([A-Za-z])hat(?=\d*$)")
MOST_FILES = 12  # of one group that are listed
MOST_NAMED = 20  # lines of one reason
MOST_WORST = 3  # lines that are wrong as often as any


def report_sheet(report: Report) -> SheetBlocks:
    """Return one person's sheet: a row for each answer, then what it comes to."""
    answers = _answers(report.answers, report.lined)
    blocks = (*names_taken(report), answers, *not_read(report), *summary(report))
    return SheetBlocks(": ".join((report.file, *whose(report))), blocks)


def whose(report: Report) -> Iterator[str]:
    """Say whose a sheet is and of which variant, where it is known."""
    number = report.head.variant
    known = (report.head.name, "" if number is None else f"variant {number}")
    if any(known):
        yield ", ".join(filter(None, known))


def names_taken(report: Report) -> Iterator[Block]:
    """Say how names of the sheet were taken, and its letters where they are not in UTF-8."""
    if report.letters:
        yield Sentences(((f"the file is not in UTF-8, so it was read as {report.letters}",),))
    if report.head.otherwise is not None:
        said = f"the sheet says variant {report.head.variant}, the name of its file variant"
        yield Sentences(((f"{said} {report.head.otherwise}: it is marked as the sheet says",),))
    taken = [
        (f"{name} as the learning rate",) if of == RATE
        else (f"your {name[1:]} as {name}",) if called(parsed(of), report.names) == name[1:]
        else sentence("{} as {}", HATTED.sub("\\1\u0302", name), Name(of))
        for name, of in report.taken.items()
        if called(parsed(of), report.names) != name
    ]  # fmt: skip
    if taken:
        yield Sentences((("we took ", *joined(taken)),))


def _answers(
    answers: Iterable[Marked], lined: bool = False, names: Mapping[str, str] = NO_WORDS
) -> Table:
    """What was written, what is right, the verdict, a sentence or two."""
    marked = [*answers]
    told: set[Phrase] = set()
    for place, each in enumerate(marked):  # what many missing lines have in common is said once
        if each.verdict == MISSING and each.comment in told:
            marked[place] = replace(each, comment=())
        told.add(each.comment)
    weighed = any(each.worth not in (0, 1) for each in marked)
    columns = (_line_head(each.answer.place for each in marked), *ANSWERS, "points", "comment")
    shown = (lined, *(True for _ in ANSWERS), weighed, True)
    rows = (compress(_row(each), shown) for each in marked)
    worded = tuple(tuple(in_words(cell, names) for cell in row) for row in rows)
    return Table(tuple(compress(columns, shown)), worded, prose=True, signs=SIGNS)


def in_words(phrase: Phrase, names: Mapping[str, str]) -> Phrase:
    """Return a phrase with other words for its quantities."""
    rename = lambda name: called(parsed(name), names)  # noqa: E731
    return tuple(
        renamed(part, rename) if names and isinstance(part, Expression) else part for part in phrase
    )


def _row(marked: Marked) -> tuple[Phrase, ...]:
    cut = lambda digits: f"{digits[0][:12]}…{digits[0][-6:]}"  # noqa: E731
    written, place = LONG.sub(cut, marked.answer.text) or "-", marked.answer.place
    earned = f"{points(marked.earned)} of {points(marked.worth)}" if marked.worth else ""
    comment = () if marked.comment == NO_ANSWER else marked.comment  # the verdict says it
    return (
        (place.shown if place else "-",), marked.label, (written,), marked.shown(),
        (marked.word_shown,), (earned,), comment,
    )  # fmt: skip


def not_read(report: Report) -> Iterator[Block]:
    """List what could not be read, with its line and why."""
    if report.unread:
        yield Heading(("Not read",))
        rows = tuple(((e.place.shown,), (e.text,), (e.reason,)) for e in report.unread)
        head = _line_head(each.place for each in report.unread)
        yield Table((head, "what stands there", "why"), rows, prose=True)


def _line_head(places: Iterable[Place | None]) -> str:
    """The head of a column of lines, which in a notebook stand in cells."""
    return "cell:line" if any(each and each.within for each in places) else "line"


def summary(report: Report, to_person: bool = False) -> Iterator[Block]:
    """Yield the first mistake and how far it reaches, where points were lost, the score.

    To the person who wrote the sheet a sentence says what the teacher sees as a list.
    """
    yield Heading(("Summary",))
    counting = [each for each in report.answers if not each.corrected]
    answered = sum(each.verdict not in ABSENT for each in counting)
    missing = sum(each.verdict == MISSING for each in counting)
    gone = [_are(missing, "missing")] if missing else []
    gone += [_are(len(report.open_lines), "not read")] if report.open_lines else []
    if not answered and missing:
        lost = f"{missing} missing; score 0 of {points(report.points)}"
        return (yield Sentences((("there is no answer on this sheet",), (lost,))))
    lines: list[Phrase] = [(report.none_in(counted_noun(answered, "answer")),)]
    lines += [(", ".join(gone),)] if gone else []
    first = report.first
    if to_person:
        lines = [_told_to_person(report, " and ".join(gone))]
    elif first:
        lines = [_first(first), *([] if first.asked else [(_reach(report),)])]
    if corrected := [each.label for each in report.answers if each.corrected]:
        lines.append(("put right further down, where the last answer counts: ", *joined(corrected)))
    if report.online:
        lines.append(("right with an update after each sample: mark the sheet with --online",))
    lines += [(report.suspicion,)] if report.suspicion else []
    if report.given is not None:
        score = f"{points(report.given)} of {points(report.points)} points for the whole sheet"
        said = ": ".join(filter(None, (f"marked by hand, {score}", report.remark)))
        return (yield Sentences(((said,),)))
    if cancelled := [each.label for each in report.answers if each.cancelled]:
        lines.append((*joined(cancelled), CANCELLED))
    lines += [*_losses(report), *_worthless(report), *_rounding(report)]
    said = counted(each.verdict for each in counting)
    score = f"score {points(report.score)} of {points(report.points)}"
    there = {e.name for e in report.answers if not e.asked and e.worth}
    few = 0 < len(there) < report.lines
    lines_there = "one line answered" if len(there) == 1 else f"{len(there)} lines answered"
    lines_there += " or left blank" if missing else ""
    asked = ((UNASKED.format(lines_there, report.lines),),) if few else ()
    yield Sentences((*lines, *([] if to_person else [(f"{said}; {score}",)]), *asked))


def _told_to_person(report: Report, blank: str) -> Phrase:
    """Return what a tutor would write above the sheet."""
    first, of = report.first, f"{points(report.score)} of {points(report.points)} points"
    start = f"You have {of}" if report.points else "Nothing on this sheet earns points"
    if report.suspicion:
        return (f"{start}.",)
    if first is None and report.right and not blank:
        return (f"Well done: everything is right. {start}.",)
    if first is None:
        gone = f" {blank[0].upper()}{blank[1:]}." if blank else ""
        return (f"{start}. There is {report.none_in('the lines that we could read')}.{gone}",)
    title: Phrase = (": ", *first.cause) if first.cause else ()
    follows = ""
    if report.touched and not first.asked:
        lines = "1 later line is" if report.touched == 1 else f"{report.touched} later lines are"
        follows = f" From there on {lines} right from your own figures."
    return (f"{start}. Your first mistake is in ", *first.label, *title, ".", follows)


def _first(first: Marked) -> Phrase:
    """The first mistake, with its name where it has one."""
    title: Phrase = (": ", *first.cause) if first.cause else ()
    return ("first mistake: ", *first.label, *title)


def _losses(report: Report) -> Iterator[Phrase]:
    """Where points were lost, a line for each reason."""
    reasons: dict[Phrase, list[Marked]] = {}
    for each in report.answers:
        if each.earned < each.worth:
            reason: Phrase = ("no work of its own",) if each.hollow else each.cause
            if each.verdict == FOLLOWS and not reason and not each.by_hand:
                share = {Fraction(0): "nothing", Fraction(1, 2): "half"}
                part = share.get(each.earned / each.worth, f"{points(each.earned / each.worth)}")
                reason = (f"lines that follow earn {part} here",)
            said: Phrase = (", ", each.verdict, *((": ", *reason) if reason else ()))
            if each.bears:
                said = (" for the mistake in ", Name(each.bears), ", a line that is not asked")
            reasons.setdefault(said, []).append(each)
    for said, lost in reasons.items():
        total = sum((each.worth - each.earned for each in lost), Fraction(0))
        unit = "point" if total == 1 else "points"
        names = _names(lost)
        if lost[0].verdict == MISSING and report.unfound:
            stake = min(total, sum(sorted((e.worth for e in lost), reverse=True)[: report.unfound]))
            some = points(stake) if stake < total else "all"
            yield (
                f"{points(total)} {unit} in lines that were not found (",
                *names,
                f"), where {some} may be earned in lines that were not read",
            )
        elif lost[0].verdict == UNREAD:
            yield (f"{points(total)} {unit} in lines that were not read (", *names, ")")
        else:
            yield (f"{points(total)} {unit} lost", *said, " (", *names, ")")


def _names(answers: Sequence[Marked]) -> Phrase:
    """The lines that some answers are to, each once."""
    labels = [*dict.fromkeys(each.label for each in answers)]
    more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
    return (*joined(labels[:MOST_NAMED]), *((more,) if more else ()))


def _worthless(report: Report) -> Iterator[Phrase]:
    """Say which answers earn no points in any case, so that the figures add up."""
    found = [each for each in report.answers if each.verdict not in ABSENT and not each.worth]
    if found and report.points > report.score and not report.first:
        earn = "answer earns" if len(found) == 1 else "answers earn"
        why = "): given, written twice, or not asked"
        yield (f"{len(found)} {earn} no points (", *_names(found), why)


def _rounding(report: Report) -> Iterator[Phrase]:
    """Say once how figures are rounded that are right as far as they go."""
    texts = [e.answer.text.replace(",", ".") for e in report.answers if e.verdict == ROUNDED]
    places = sorted({len(text.partition(".")[2]) for text in texts if DECIMALS.fullmatch(text)})
    if texts:
        figures = "1 figure is" if len(texts) == 1 else f"{len(texts)} figures are"
        decimals = f"{places[0]} decimal{'' if places[0] == 1 else 's'}" if places else ""
        to = f" to {decimals}" if len(places) == 1 else ""
        yield (f"{figures} rounded{to}, which is fine",)


def _reach(report: Report) -> str:
    """How many lines the first mistake touches, and how many another one does."""
    touched = report.touched
    others = len({each.name for each in report.answers if each.verdict == FOLLOWS}) - touched
    several = sum(each.verdict == WRONG for each in report.answers) > 1
    more = f", {others} from other mistakes" if others > 0 and touched and several else ""
    if not touched:
        return "no later line follows from it"
    return f"{touched} later line{' follows' if touched == 1 else 's follow'} from it{more}"


def _are(count: int, what: str) -> str:
    return f"1 line is {what}" if count == 1 else f"{count} lines are {what}"


def counted(verdicts: Iterable[str]) -> str:
    """Return how many answers have each verdict."""
    counts = Counter(VERDICTS[each].shown or each for each in verdicts)
    words = {FOLLOWS: "follow"} if counts[FOLLOWS] > 1 else {}
    return ", ".join(f"{counts[each]} {words.get(each, each)}" for each in VERDICTS if counts[each])


def points(value: Fraction | float) -> str:
    """Return points as a decimal."""
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


FIGURES = ("score", "%", "not read", "verdicts")
WIDEST: tuple[Phrase, ...] = (("12.75 of 100",), ("92.9",), ("12",), (" " * 39,))
"""Figures as wide as most: a longer one goes on below itself."""


def overview(reports: Iterable[Report], sheets: Sequence[Whose]) -> Running:
    """Return a row for each file, then which lines and which mistakes trouble most people."""
    names = any(each.name for each in sheets)
    variants = any(each.variant is not None for each in sheets)
    shown = (True, names, variants, True, True, True, True, True)
    columns = tuple(compress(("file", "name", "variant", *FIGURES, "first mistake"), shown))
    measures = tuple(tuple(compress((*_whose(each), *WIDEST), shown)) for each in sheets)
    totals = Totals()
    for each in sheets:
        totals.holders.setdefault(each.variant, []).append(each.name or each.file)

    def rows() -> Iterator[tuple[Phrase, ...]]:
        for report in reports:
            totals.add(report)
            whose, told = Whose(report.file, report.person, report.head.variant), _told(report)
            if report.file in totals.doubted:
                told = (*told, f"; please look: {totals.doubt(report.file)}")
            yield tuple(compress((*_whose(whose), *_figures(report), told), shown))

    def closing() -> Iterator[Block]:
        yield from _interrupted(totals.sheets, sheets)
        yield from _totals(totals)
        if totals.remarks:
            yield Sentences(tuple((each,) for each in totals.remarks))

    dropped = ("%", "variant", "not read", "verdicts", "name")
    return Running(counted_noun(len(sheets), "sheet"), columns, measures, rows(), closing, dropped)


def grouped(reports: Iterable[Report], sheets: Sequence[Whose]) -> Running:
    """Return the groups of sheets that have one first mistake, the largest first."""
    totals = Totals()
    for report in reports:  # none can be shown before the last is known
        totals.add(report)
    rows: list[tuple[Phrase, ...]] = []
    for each in totals.grouped:
        files = each.files
        more = f" and {len(files) - MOST_FILES} more" if len(files) > MOST_FILES else ""
        told = (", ".join(files[:MOST_FILES]) + more,)
        rows.append(((str(len(files)),), each.title, each.lines, told))

    columns = ("sheets", "first mistake", "lines", "files")
    measures = tuple(row[:-1] for row in rows)
    title = counted_noun(len(sheets), "sheet")
    closing = partial(_interrupted, totals.sheets, sheets)
    return Running(title, columns, measures, rows, closing, dropped=("lines",))


def _interrupted(done: int, sheets: Sized, what: str = "sheets are marked") -> Iterator[Block]:
    if done < len(sheets):
        stopped = f"interrupted: {done} of {len(sheets)} {what}"
        yield Sentences(((stopped,),), marked=True)


def _whose(sheet: Whose) -> tuple[Phrase, ...]:
    """The file, whose it is, of which variant."""
    variant = "-" if sheet.variant is None else str(sheet.variant)
    return (sheet.file,), (sheet.name or "-",), (variant,)


def _figures(report: Report) -> tuple[Phrase, ...]:
    """The score in points and in percent, how many lines were not read, the verdicts counted."""
    if report.error:
        return (("-",),) * len(FIGURES)
    percent = "-" if report.percent is None else f"{report.percent:g}"
    score = f"{points(report.score)} of {points(report.points)}"
    counting = (each.verdict for each in report.answers if not each.corrected)
    return (score,), (percent,), (str(len(report.open_lines)),), (counted(counting),)


def _told(report: Report) -> Phrase:
    """The first mistake in a line, or why the file is not marked."""
    if report.error:
        return (f"not marked: {report.error.message}",)
    if report.given is not None:
        return (": ".join(filter(None, ("marked by hand", report.remark))),)
    missing = sum(each.verdict == MISSING for each in report.answers)
    lost = len(report.open_lines)
    gone = {"missing": missing, "not read": lost}  # which a narrow table says here
    said = ", ".join(f"{count} {what}" for what, count in gone.items() if count)
    mistake = _first(report.first)[1:] if report.first else ()
    return (*mistake, "; " if mistake and said else "", said)


def _totals(totals: Totals) -> Iterator[Block]:
    """Which line most people got wrong, and which mistake they made there."""
    if not totals.quantities:
        return
    yield Heading(("Totals for each quantity",))
    every = totals.ordered
    others = [each for each in (CLOSE, UNDECIDED, UNREAD) if any(t.counts[each] for t in every)]
    counted_ones = ("answers", "right", "follows", "wrong", *others, "missing")
    columns = ("quantity", *counted_ones, "most common mistake")
    rows: list[tuple[Phrase, ...]] = []
    for total in every:
        counts = total.counts
        more = (counts[each] for each in (*others, MISSING))
        cells = (total.answers, total.right, counts[FOLLOWS], total.wrong, *more)
        rows.append((total.label, *((str(cell),) for cell in cells), total.usual))
    yield Table(columns, tuple(rows), prose=True)
    most = max(total.wrong for total in every)
    worst = [total for total in every if most and total.wrong == most]
    if 0 < len(worst) <= MOST_WORST:
        on = f", on {most} of {worst[0].answers} sheets" if len(worst) == 1 else f", {most} each"
        yield Sentences((("most often wrong: ", *joined([each.label for each in worst]), on),))


# Printed answers.


def printed_answers(reports: Iterable[Report], files: Sequence[Whose]) -> Running:
    """Return a line for each file, then the figures that are off."""
    off: list[tuple[Report, list[Marked]]] = []
    done: list[str] = []

    def rows() -> Iterator[tuple[Phrase, ...]]:
        for report in reports:
            done.append(report.file)
            wrong = [each for each in report.answers if not each.right]
            off.extend([(report, wrong)] if wrong or report.unread else [])
            yield (report.file,), (_outcome(report),)

    def closing() -> Iterator[Block]:
        yield from _interrupted(len(done), files, "files are tested")
        for report, answers in off:
            yield Heading((report.file,))
            if answers:
                yield _answers(answers, report.lined, report.names)
            yield from not_read(report)
        if any(report.unread and not report.whole for report, _ in off):
            yield Sentences(((UNTESTED,),), marked=True)

    measures = tuple(((each.file,),) for each in files)
    return Running("Printed answers", ("file", "printed answers"), measures, rows(), closing)


def _outcome(report: Report) -> str:
    """What became of one file's printed answers."""
    if report.error:
        return f"not tested: {report.error.message}"
    if not report.answers:
        return "none (no figure was read)" if report.lined else "none (no expect: block)"
    known = [each.name for each in report.answers if each.verdict == KNOWN]
    off = sum(not each.right for each in report.answers)
    right = len(report.answers) - off - len(known)
    words = [f"{off} off" if off else "", f"{right} right"]
    words.append(f"known to be wrong: {listed(dict.fromkeys(known))}" if known else "")
    words.append(f"{len(report.unread)} not read" if report.unread else "")
    return ", ".join(filter(None, words))
