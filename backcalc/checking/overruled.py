"""Marks that a person has set by hand: a table of corrections, and sheets with them put in."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import PurePath

from backcalc.checking.examples import bare
from backcalc.checking.key import find, steps_named
from backcalc.checking.naming import Finding
from backcalc.checking.points import asked_steps, wanted
from backcalc.checking.report import Marking, Report
from backcalc.checking.slips import SLIPS
from backcalc.checking.verdict import (
    ABSENT,
    AGAIN,
    CLOSE,
    CORRECT,
    FOLLOWS,
    MISSING,
    ROUNDED,
    UNDECIDED,
    UNREAD,
    VERDICTS,
    WRONG,
    Marked,
)
from backcalc.equations.named import whole_lines
from backcalc.errors import BackcalcError, Place, did_you_mean, listed
from backcalc.formulas import record, replace
from backcalc.formulas.parser import parse_number
from backcalc.loading.policies import Policies

COLUMNS = ("sheet", "line", "verdict", "points", "remark", "mistake")
SETTABLE = (CORRECT, ROUNDED, FOLLOWS, CLOSE, AGAIN, WRONG)
"""Verdicts that a person may give."""


@record(frozen=True, slots=True)
class Correction:
    """One mark that is set by hand."""

    place: Place
    """Where it stands."""
    sheet: str
    """The file of the sheet, or the person."""
    line: str = ""
    """The quantity; nothing for the points of the whole sheet."""
    verdict: str = ""
    """The verdict, where one is given."""
    points: Fraction | None = None
    """What it earns, where that is said."""
    remark: str = ""
    """What the person is told."""
    mistake: str = ""
    """What went wrong, in a few words that are counted for the class, or as a known slip."""


def corrections(text: str, file: str) -> tuple[Correction, ...]:
    """Read a table of corrections, with commas or semicolons between its columns.

    Raises BackcalcError, with its place, for what cannot be meant.
    """
    lines = text.splitlines()
    head = lines[0] if lines else ""
    rows = csv.reader(lines, delimiter=";" if ";" in head and "," not in head else ",")
    names = [cell.strip().casefold() for cell in next(rows, ())]
    at_head = Place(file, 1, 1, head, len(head) or 1)
    for name in names:
        if name not in COLUMNS or names.count(name) > 1:
            hint = did_you_mean(name, COLUMNS) or f"the columns are {listed(COLUMNS)}"
            what = "stands here twice" if name in COLUMNS else "is no column of corrections"
            raise BackcalcError(f"{name[:60]!r} {what}", at_head, hint)
    if "sheet" not in names or not {"verdict", "points"} & {*names}:
        hint = "its first line is: sheet,line,points,remark"
        raise BackcalcError(
            "a table of corrections names sheet and points or verdict", at_head, hint
        )
    found = []
    for cells in rows:
        place = Place(file, rows.line_num, 1, lines[rows.line_num - 1])
        if len(cells) > len(names):
            hint = "put a remark with commas in quotes"
            raise BackcalcError(f"{len(cells)} cells for {len(names)} columns", place, hint)
        if any(each.strip() for each in cells):
            found.append(_correction(dict(zip(names, map(str.strip, cells), strict=False)), place))
    return tuple(found)


def _correction(row: dict[str, str], place: Place) -> Correction:
    sheet, verdict, points = (row.get(name, "") for name in ("sheet", "verdict", "points"))
    if not sheet:
        raise BackcalcError("no sheet is named", place, "name its file or its person")
    verdict = {"right": CORRECT}.get(verdict, verdict)
    if verdict and verdict not in SETTABLE:
        hint = did_you_mean(verdict, SETTABLE) or f"known: {listed(SETTABLE)}"
        raise BackcalcError(f"{verdict[:60]!r} is no verdict", _at(place, row["verdict"]), hint)
    if not points and (not verdict or not row.get("line")):
        missing = "neither points nor a verdict" if row.get("line") else "no points"
        raise BackcalcError(f"there are {missing} for this sheet", place)
    worth = parse_number(points.replace(",", "."), _at(place, points)) if points else None
    if worth is not None and worth < 0:
        raise BackcalcError("points cannot be less than 0", _at(place, points))
    line, remark, mistake = (row.get(name, "") for name in ("line", "remark", "mistake"))
    return Correction(place, sheet, line, verdict, worth, remark, mistake)


def _at(place: Place, text: str) -> Place:
    """The place of a cell in its row."""
    return place.moved(max(place.text.find(text), 0), len(text) or 1) if text else place


def of_sheets(
    found: Iterable[Correction], files: Sequence[str], person_of: Callable[[str], str]
) -> dict[str, tuple[Correction, ...]]:
    """Return the corrections of each sheet, found by its file or else by its person.

    Where one sheet is marked alone, the others of its class may be named. Raises BackcalcError
    for a name that is no sheet's, or that of several.
    """
    people: dict[str, str] = {}
    sorted_out: dict[str, tuple[Correction, ...]] = {}
    for each in found:
        own = [file for file in files if each.sheet in _names(file)]
        own = [each.sheet] if each.sheet in own else own
        if not own:
            people = people or {file: person_of(file).casefold() for file in files}
            own = [file for file, person in people.items() if person == each.sheet.casefold()]
        place = _at(each.place, each.sheet)
        if not own and len(files) == 1:
            continue
        if not own:
            names = [*(PurePath(file).name for file in files), *{person_of(file) for file in files}]
            hint = did_you_mean(each.sheet, names) or f"name a file, such as {names[0]}"
            raise BackcalcError(f"no sheet is called {each.sheet[:60]!r}", place, hint)
        if len(own) > 1:
            hint = f"name one of the files {listed(own, 4)}"
            raise BackcalcError(f"{each.sheet[:60]!r} are {len(own)} sheets", place, hint)
        sorted_out[own[0]] = (*sorted_out.get(own[0], ()), each)
    return sorted_out


def _names(file: str) -> tuple[str, ...]:
    """How a sheet may be called: its path, its file with fewer folders, it without its ending."""
    path = PurePath(file)
    ends = ("/".join(path.parts[place:]) for place in range(len(path.parts)))
    return file, *ends, path.stem


def line_called(correction: Correction, marking: Marking) -> str:
    """Return the line that is meant; raises BackcalcError where the network has none."""
    text = correction.line.replace("∂", "d").replace("ŷ", "yhat")
    network = marking.network
    steps = max(steps_named([text], network), asked_steps(network, marking.rate), marking.steps)
    key = marking.key(steps)
    asked = wanted(network, key, steps, marking.policies.elements)
    if text in {*(each.name for each in asked), *whole_lines([*key.lines], network)}:
        return text
    return find(key, text, _at(correction.place, correction.line))


def overruled(report: Report, found: Sequence[Correction], marking: Marking) -> Report:
    """Return a report with the marks that are set by hand.

    Raises BackcalcError where the sheet has no such line, or points are more than there are.
    """
    answers, unread = [*report.answers], [*report.unread]
    settled: set[int] = set()
    for each in found:
        if not each.line:
            report = replace(report, given=each.points, remark=each.remark)
            worth, what = report.points, "the sheet"
        else:
            name = line_called(each, marking)
            places = [n for n, answer in enumerate(answers) if answer.name == name]
            counting = [n for n in places if answers[n].worth] or places
            if not counting:
                hint = "ask it with `ask:` in the network, or give points for the whole sheet"
                place = _at(each.place, each.line)
                raise BackcalcError(f"this sheet has no line {name}", place, hint)
            place_of = counting[-1]
            if report.answers[place_of].verdict == MISSING:
                settled.add(place_of)
            answers[place_of] = _set(answers[place_of], each, marking.policies)
            read = answers[place_of].answer.place
            if not any(e.verdict == UNREAD and e.answer.place == read for e in answers):
                unread = [e for e in unread if e.place != read]  # by whoever marks it
            worth, what = answers[place_of].worth, name
        if each.points is not None and each.points > worth:
            hint = f"{what} has {float(worth):g}"
            said = f"{float(each.points):g}"
            raise BackcalcError(f"{said} points are more than there are", each.place, hint)
    unfound = max(report.unfound - len(settled), 0)
    own = tuple(_in_order(answers))
    return replace(report, answers=own, unread=tuple(unread), unfound=unfound)


def _in_order(answers: Iterable[Marked]) -> Sequence[Marked]:
    """The answers, those that only a person could read in their places too."""
    found: list[Marked] = []
    for each in answers:
        place, at = each.answer.place, len(found)
        if place and not each.answer.text:
            lines = [e.answer.place.line if e.answer.place else 0 for e in found]
            at = next((n for n, line in enumerate(lines) if line > place.line), at)
        found.insert(at, each)
    return found


def _set(marked: Marked, correction: Correction, rules: Policies) -> Marked:
    """One answer with the mark that is set by hand."""
    verdict, earned = correction.verdict, correction.points
    if not verdict and marked.verdict not in (*ABSENT, UNDECIDED):
        verdict = marked.verdict
    elif not verdict:
        verdict = CORRECT if earned is not None and earned >= marked.worth else WRONG
    if earned is None:
        earned = marked.worth * VERDICTS[verdict].share(rules)
    wrong = verdict in (WRONG, AGAIN)
    remark = correction.remark
    stop = "" if remark.endswith((".", "!", "?")) else "."
    head = "Marked by hand" if correction.verdict else "Points by hand"
    said = f"{head}: {remark}{stop}" if remark else f"{head}."
    kept = wrong and not remark and marked.verdict == verdict and marked.comment
    before = (*marked.comment, " ") if kept else ()
    finding, mistake = (marked.finding, correction.mistake) if wrong else (None, "")
    if mistake:
        slip = next((e for e in SLIPS.values() if mistake in (e.name, e.title)), None)
        finding = Finding(slip, marked.name, {}) if slip and "{}" not in slip.title else None
        mistake = bare(slip) if slip else mistake
    return replace(
        marked, verdict=verdict, earned=earned, comment=(*before, said), by_hand=True,
        remark=correction.remark, bears="", finding=finding, mistake=mistake,
        cancelled=False, hollow=False,
    )  # fmt: skip


def by_hand(report: Report) -> Iterator[str]:
    """Say what was set by hand on a sheet, for a gradebook."""
    if report.given is not None:
        yield f"sheet: {report.remark}" if report.remark else "sheet"
    for each in report.answers:
        if each.by_hand:
            name = report.word(each)
            yield f"{name}: {each.remark}" if each.remark else name
