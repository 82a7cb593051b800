"""The marked copy: a person's own document with the verdicts beside its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from backcalc.checking.checked import SIGNS, names_taken, not_read, points, summary, whose
from backcalc.checking.gradebook import without_figures
from backcalc.checking.heads import TITLED, Head, headed, person_in
from backcalc.checking.report import PROSE_ONLY, Marking, Report, unread_in
from backcalc.checking.verdict import ABSENT, AGAIN, CLOSE, MISSING, UNREAD, VERDICTS, WRONG, Marked
from backcalc.equations.optimizers import RATE
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Name, Negation, Number
from backcalc.formulas.notation import PLAIN, Phrase, phrase_text
from backcalc.reading import Document, Reading, read, web
from backcalc.reading.documents import document
from backcalc.sheets.blocks import Block, Copy, CopyLine, Heading, Mark, Sentences, SheetBlocks

CORRECTED = (WRONG, AGAIN, CLOSE)
"""The verdicts beside which the right value stands."""


def marked_copy(report: Report) -> SheetBlocks:
    """Return the document of a report with its verdicts, for the person who wrote it."""
    if report.suspicion:  # its author may still have to work this one
        plain = (replace(e, comment=without_figures(e.comment)) for e in report.answers)
        report = replace(report, answers=tuple(plain))
    if [each.reason for each in report.unread] == [PROSE_ONLY]:  # the summary says so
        report = replace(report, unread=())
    assert report.document, "a report on a sheet holds the sheet"
    copy = Copy(tuple(_lines(report, report.document)), SIGNS)
    words = report.own_words
    taken = {name: of for name, of in report.taken.items() if words.get(of) != name}
    handed_in = replace(report, lines=0, taken=taken)  # `lines` is for the teacher
    blocks = [*_assignment(report.assignment, report.file), *summary(handed_in, to_person=True)]
    blocks += [*names_taken(handed_in), Heading(("Your sheet",)), copy]
    blocks += [*_missing(report), *not_read(report), *_legend(report)]
    score = f"{points(report.score)} of {points(report.points)} points"
    if left := len(report.open_lines):
        score += f", {left} line{'s' * (left > 1)} not read"
    return SheetBlocks(f"{_person(report)}: {score}", tuple(blocks))


def refused_copy(
    marking: Marking, text: str, file: str, kind: str, why: str, head: Head
) -> SheetBlocks:
    """Return a document in which nothing could be marked, for the person who wrote it: and why."""
    try:
        reading = read(headed(text, file, marking.knows)[1], file, marking.network, kind)
    except BackcalcError:  # it is no document of its kind, but its lines can be shown
        reading = Reading(document(text, file, "text"), (), (), {})
    report = Report(file, head=head, unread=unread_in(reading), lined=True)
    blocks: list[Block] = [
        *_assignment(TITLED.sub("", marking.network.title or ""), file),
        Heading(("Summary",)),
        Sentences(((f"Nothing here could be marked: {why}",),)),
    ]
    if text.strip():
        copy = Copy(tuple(_lines(report, reading.document.as_it_was(text))), SIGNS)
        blocks += [Heading(("Your sheet",)), copy, *not_read(report), *_legend(report)]
    return SheetBlocks(f"{_person(report)}: not marked", tuple(blocks))


def _person(report: Report) -> str:
    """Whose a sheet is and of which variant, by its file where it does not say so."""
    return ", ".join((*(() if report.head.name else (person_in(report.file),)), *whose(report)))


def _assignment(title: str | None, file: str) -> tuple[Block, ...]:
    """What the sheet was about and its file, as the person may have several back."""
    about = f"assignment: {' '.join(title.split())}; " if title else ""
    return (Sentences(((f"{about}your file: {Path(file).name}",),)),)


def _lines(report: Report, document: Document) -> Iterator[CopyLine]:
    """The lines of a document with what begins on each, in the order in which it stands there."""
    texts = document.text.removesuffix("\n").split("\n")
    page = web.PAGE.match(document.text)
    shown = web.lines_seen(document.text) if page else texts
    beside: list[list[tuple[int, Mark]]] = [[] for _ in texts]
    homes = _homes(report.answers)
    told: dict[tuple[str, str, Phrase], str] = {}
    for each in report.answers:
        if each.answer.place and each.verdict != UNREAD:
            column, row = each.answer.place.column, each.answer.place.line - 1
            if each.answer.start is not None:
                row = document.row(each.answer.start)
            row = min(row, len(texts) - 1)
            here = document.cells[row] if document.cells else f"line {row + 1}"
            first = told.setdefault((each.name, each.verdict, each.comment), here)
            words = each.comment if report.suspicion else _words(each)
            words = (f"As in {first}.",) if each.comment and first != here else words
            home = each.name if homes[each.name] is each else ""
            mark = Mark(each.word_shown, _statement(each), (*words, *_lost(each)), home)
            beside[row].append((column, mark))
    for left in report.unread:
        at = document.place(left.start, left.start).column
        reason = re.sub(rf"\b{RATE}\b", report.own_words.get(RATE, RATE), left.reason)
        beside[document.row(left.start)].append((at, Mark(UNREAD, (reason,))))
    for row, text in enumerate(shown[: len(texts)]):
        marks = tuple(mark for _, mark in sorted(beside[row], key=lambda pair: pair[0]))
        cell, _, line = (document.cells[row] if document.cells else "").rpartition(", line ")
        number = cell if line == "1" else line or str(row + 1)
        if text or marks or not page:
            yield CopyLine(number, text, marks)


def _homes(answers: Sequence[Marked]) -> dict[str, Marked]:
    """For each quantity the answer to which its name leads: the first that is not right."""
    found: dict[str, Marked] = {}
    for each in answers:
        if each.name not in found or (found[each.name].right and not each.right):
            found[each.name] = each
    return found


def _statement(marked: Marked) -> Phrase:
    """What was read: the name, and its number as it is written or its formula."""
    answer = marked.answer
    if not answer.text:  # marked by hand, as it was not read
        return marked.label
    bare = answer.formula.operand if isinstance(answer.formula, Negation) else answer.formula
    if answer.formula is None or isinstance(bare, Number):
        return (*marked.label, " = ", answer.text)
    return Name(answer.name), " = ", answer.formula


def _words(marked: Marked) -> Phrase:
    """What is said of an answer, and what is right where that is not said."""
    right = marked.shown()
    said = {word.strip(".,") for word in phrase_text(marked.comment, PLAIN).split()}
    if marked.verdict not in CORRECTED or phrase_text(right, PLAIN) in said:
        return marked.comment
    return (*marked.comment, " Right: ", *right, ".")


def _lost(marked: Marked) -> Phrase:
    """The points that a line costs."""
    lost = marked.worth - marked.earned
    if marked.verdict == AGAIN and marked.worth and not lost:
        return (" It costs nothing more.",)
    return (f" (−{points(lost)} point{'' if lost == 1 else 's'})",) if lost > 0 else ()


def _missing(report: Report) -> Iterator[Block]:
    """The lines that are asked for and not there."""
    missing = [each for each in report.answers if each.verdict == MISSING]
    if missing:
        yield Heading(("Missing",))
        yield Sentences(tuple((*each.label, *_lost(each)) for each in missing))
    unread = [each for each in report.answers if each.verdict == UNREAD]
    if unread:
        yield Heading(("Not marked yet",))
        yield Sentences(tuple((*each.label, ": ", *each.comment) for each in unread))
    again = [e for e in report.answers if not e.answer.place and e.verdict not in ABSENT]
    for title, by_hand in (("Answered by another line", False), ("Not on a line of its own", True)):
        if own := [each for each in again if each.by_hand == by_hand]:
            yield Heading((title,))
            yield Sentences(tuple((*e.label, ": ", *e.comment, *_lost(e)) for e in own))


def _legend(report: Report) -> Iterator[Block]:
    """The verdicts that stand on this copy, each with what it means."""
    there = {each.verdict for each in report.answers} | ({UNREAD} if report.unread else set())
    rows = [row for row in VERDICTS.values() if row.name in there and row.meaning]
    if rows:
        yield Heading(("Verdicts",))
        yield Sentences(tuple((f"{row.sign} {row.name}: {row.meaning}",) for row in rows))
