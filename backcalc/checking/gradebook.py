"""Marked sheets for programs, one by one as they come: JSON, CSV for a gradebook, JUnit for CI."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sized
from fractions import Fraction

from backcalc.checking.overruled import by_hand
from backcalc.checking.report import Report
from backcalc.checking.totals import Total, Totals
from backcalc.checking.verdict import MISSING, VERDICTS, Marked
from backcalc.errors import printable
from backcalc.formulas.notation import PLAIN, InDigits, Part, Phrase, formula_text, phrase_text
from backcalc.sheets.data import Data, csv_line, guarded

SCHEMA = "backcalc/check/1"

SPELLED = re.compile(r"\\(\\|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
"""How a character that cannot stand in a name is spelled out, and a backslash beside it."""

OF_THEIRS = ("You read", "As in", "Your working")
"""How a sentence begins whose figure is the person's own."""

INTERRUPTED = """\
  <testsuite name="interrupted" tests="1" failures="0" errors="1">
    <testcase name="files" classname="interrupted">
      <error message="{}" />
    </testcase>
  </testsuite>
"""


def report_data(reports: Iterable[Report]) -> Data:
    """`backcalc/check/1`: every file with its answers, and the totals of each quantity."""
    import json  # loaded when used

    found = [*reports]
    return dict(json.loads("".join(json_rows(found, found))))


def json_rows(reports: Iterable[Report], sheets: Sized) -> Iterator[str]:
    """The same as text, a line for each file; where sheets are left out at the end it says so."""
    import json  # loaded when used

    totals = Totals()
    yield f'{{\n  "schema": "{SCHEMA}",\n  "files": ['
    for report in reports:
        comma = "," if totals.sheets else ""
        totals.add(report)
        yield f"{comma}\n    {json.dumps(_file(report), allow_nan=False)}"
    yield '\n  ],\n  "totals": ['
    rows = (json.dumps(_total(total), allow_nan=False) for total in totals.ordered)
    yield ",".join(f"\n    {row}" for row in rows) + ("\n  ]" if totals.quantities else "]")
    yield ',\n  "groups": ['
    mistakes = ((phrase_text(each.title, PLAIN), each.files) for each in totals.grouped)
    groups = (json.dumps({"first_mistake": title, "files": of}) for title, of in mistakes)
    yield ",".join(f"\n    {group}" for group in groups) + ("\n  ]" if totals.groups else "]")
    yield ',\n  "interrupted": true\n}\n' if totals.sheets < len(sheets) else "\n}\n"


def json_lines(reports: Iterable[Report], sheets: Sized) -> Iterator[str]:
    """An object for each file, on a line of its own."""
    import json  # loaded when used

    for report in reports:
        yield json.dumps({"schema": SCHEMA, **_file(report)}, allow_nan=False) + "\n"


def _total(total: Total) -> Data:
    counts = {verdict: total.counts[verdict] for verdict in VERDICTS}
    slips = dict(total.slips.most_common())
    return {"name": total.name, "answers": total.answers, **counts, "slips": slips}


def _file(report: Report) -> Data:
    first, marked = report.first, report.error is None
    data: Data = {
        "file": report.file,
        "name": report.person or None,
        "variant": report.head.variant,
        "error": str(report.error) if report.error else None,
        "answers": [_answer(each) for each in report.answers],
        "unread": [
            {"line": e.place.line, "text": e.text, "reason": e.reason, **_within(e.place.within)}
            for e in report.unread
        ],
        "taken": dict(report.taken),
        "first_mistake": first.name if first else None,
        "touched": report.touched,
        "score": float(report.score) if marked else None,
        "points": float(report.points) if marked else None,
        "percent": report.percent,
    }
    said = {"online": report.online, "other_numbers": report.elsewhere}
    said |= {"by_hand": report.given is not None}
    data |= {} if report.figures_of is None else {"figures_of": report.figures_of}
    return data | {name: True for name, holds in said.items() if holds}


def _answer(marked: Marked) -> Data:
    expected, place = marked.expected, marked.answer.place
    data: Data = {
        "name": marked.name,
        "written": marked.answer.text,
        "expected": float(expected),
        "exact": str(expected) if isinstance(expected, Fraction) else None,
        "verdict": marked.verdict,
        "slips": list(marked.finding.names) if marked.finding else [],
        "from": list(marked.sources),
        "comment": phrase_text(marked.comment, PLAIN),
        "line": place.line if place else None,
        "earned": float(marked.earned),
        "points": float(marked.worth),
        **_within(place.within if place else ""),
    }
    if marked.by_hand:
        data |= {"by_hand": True, **({"mistake": marked.mistake} if marked.mistake else {})}
    if marked.asked:
        data |= {"expected": marked.asked.answer, "exact": None}
    if marked.rows:
        rows = [each if isinstance(each, tuple) else (each,) for each in marked.rows]
        if not isinstance(marked.rows[0], tuple):  # a vector is one row
            rows = [tuple(value for row in rows for value in row)]
        data |= {"expected": [[float(each) for each in row] for row in rows], "exact": None}
    return data if marked.formula is None else {**data, "formula": formula_text(marked.formula)}


def _within(cell: str) -> Data:
    """The cell of a notebook, for what stands in one."""
    return {"within": cell} if cell else {}


def csv_rows(reports: Iterable[Report], sheets: Sized) -> Iterator[str]:
    """One row for each file: the score, the first mistake, how many answers have each verdict."""
    yield csv_head()
    yield from map(csv_row, reports)


def csv_head() -> str:
    """Return the heads of the columns."""
    heads = ("file", "score", "points", "first_mistake", "slips", *VERDICTS, "error")
    return csv_line((*heads, "name", "variant", "percent", "at_stake", "by_hand", "not_read"))


def csv_row(report: Report) -> str:
    """Return the row of one file."""
    counts = Counter(each.verdict for each in report.answers)
    first = report.first
    slips = "; ".join(first.finding.names) if first and first.finding else ""
    slips = slips or cell(first.mistake if first else "")
    figures = (report.score, report.points, report.percent, report.at_stake)
    score, points, percent, stake = ("" if report.error else _figure(each) for each in figures)
    file, mistake = guarded(file_name(report.file)), report.word(first) if first else ""
    mistake = cell(mistake) if report.names else mistake
    reason = report.error.message if report.error else ""
    hand = cell("; ".join(by_hand(report)))
    whose = (cell(reason), cell(report.person), report.head.variant, percent, stake, hand)
    verdicts = (counts[each] for each in VERDICTS)
    lost = len(report.open_lines)
    return csv_line((file, score, points, mistake, slips, *verdicts, *whose, lost))


def csv_groups(reports: Iterable[Report], sheets: Sized) -> Iterator[str]:
    """One row for each first mistake: how many sheets have it, and which."""
    totals, own = Totals(), PLAIN
    for report in reports:
        totals.add(report)
        own = PLAIN.with_names(report.names) if report.names else own
    yield csv_line(("sheets", "first_mistake", "files", "lines"))
    for each in totals.grouped:
        title, files = cell(phrase_text(each.title, own)), map(file_name, each.files)
        told = (phrase_text(label, own) for label in each.places.values())
        lines = cell("; ".join(each.places if own is PLAIN else told))
        yield csv_line((len(each.files), title, guarded("; ".join(files)), lines))


def _figure(number: Fraction | float | None) -> str:
    return "" if number is None else f"{float(number):g}"


def file_name(file: str) -> str:
    r"""A file's very name, on one line; never the same for two files.

    Where it holds characters that cannot stand there, or what looks like one spelled out, those
    are spelled out and backslashes are doubled.

    >>> print(file_name("two\nlines"), file_name(r"C:\sheets"), file_name(r"two\x0alines"))
    two\x0alines C:\sheets two\\x0alines
    """
    if printable(file) == file and not SPELLED.search(file):
        return file
    return "".join(map(_spelled, file))


def _spelled(letter: str) -> str:
    if letter == "\\":
        return "\\\\"
    if printable(letter) == letter:
        return letter
    return f"\\x{ord(letter):02x}" if letter.isascii() else printable(letter)


def cell(text: str) -> str:
    """Words on one line that no spreadsheet takes for a formula."""
    return guarded(printable(text))


def gradescope_rows(reports: Iterable[Report], sheets: Sized) -> Iterator[str]:
    """The results.json of a Gradescope autograder: a test for each line of the one sheet."""
    import json  # loaded when used

    found = [*reports]
    marked = [report for report in found if not report.error]
    if len(marked) == 1:
        data: Data = {"output": _told(marked[0]), "tests": [*_tests(marked[0])]}
        if marked[0].given is not None or not data["tests"]:
            data["score"] = float(marked[0].score)
    else:
        many = f"{len(found)} sheets were handed in, so none is marked: hand in one."
        reasons = [str(report.error) for report in found if report.error]
        data = {"score": 0, "output": many if marked else "\n".join(reasons)}
    yield json.dumps(data, allow_nan=False, indent=1) + "\n"


def _tests(report: Report) -> Iterator[Data]:
    """The lines that count."""
    own = PLAIN.with_names(report.own_words)
    for each in report.answers:
        if each.worth:
            said = phrase_text(without_figures(each.comment), own).strip()
            if each.verdict != MISSING or not said:
                said = f"{each.word_shown}. {said}".strip()
            yield {
                "name": printable(phrase_text(each.label, own)),
                "score": float(each.earned),
                "max_score": float(each.worth),
                "status": "passed" if each.earned == each.worth else "failed",
                "output": printable(said),
                "output_format": "text",
            }


def without_figures(comment: Phrase) -> Phrase:
    """Return a comment without the sentences that give a right figure: people may hand in again."""
    told: list[Part] = []
    sentence: list[Part] = []
    for part in comment:
        for piece in re.split(r"(?<=\.)(?= )", part) if isinstance(part, str) else (part,):
            sentence.append(piece)
            if isinstance(piece, str) and piece.endswith("."):
                own = str(sentence[0]).lstrip().startswith(OF_THEIRS)
                figure = any(isinstance(each, InDigits) for each in sentence)
                told += () if figure and not own else sentence
                sentence = []
    return (*told, *sentence)


def _told(report: Report) -> str:
    """What is said of the whole sheet: its first mistake, and what was not read."""
    first = f"First mistake: {report.kind}." if report.first and not report.suspicion else ""
    unread = [
        f"Not read, {e.place.within or f'line {e.place.line}'}: {e.text} ({e.reason})"
        for e in report.unread
    ]
    return "\n".join(map(printable, filter(None, (report.suspicion, first, *unread))))


def junit_rows(reports: Iterable[Report], sheets: Sized) -> Iterator[str]:
    """A test suite for each file and a test case for each answer."""
    done = 0
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for report in reports:
        done += 1
        yield f"  {_suite(report)}\n"
    if done < len(sheets):
        yield INTERRUPTED.format(f"interrupted: {done} of {len(sheets)} files are done")
    yield "</testsuites>\n"


def _suite(report: Report) -> str:
    from xml.etree.ElementTree import Element, SubElement, indent, tostring  # loaded when used

    file = file_name(report.file)
    failures = sum(map(report.fails, report.answers))
    left_out, whole = len(report.unread_apart), report.whole
    counts = (len(report.answers) + left_out, failures + left_out * whole, int(bool(report.error)))
    numbers = dict(zip(("tests", "failures", "errors"), map(str, counts), strict=True))
    numbers |= {"skipped": str(left_out)} if left_out and not whole else {}
    suite = Element("testsuite", {"name": file, **numbers})
    own = PLAIN.with_names(report.own_words)
    for each in report.answers:
        name = phrase_text(each.label, own)
        case = SubElement(suite, "testcase", name=name, classname=file)
        if report.lined and each.answer.place:
            case.set("line", each.answer.place.shown)
        if report.fails(each):
            said = f"{each.verdict}: {phrase_text(each.comment, own)}"
            message = printable(said.replace("close: Close: ", "Close: "))
            failure = SubElement(case, "failure", message=message)
            failure.text = printable(report.written(each))
    for left in report.unread_apart:
        case = SubElement(suite, "testcase", name=printable(left.text), classname=file)
        case.set("line", left.place.shown)
        said = printable(f"not read: {left.reason}")
        SubElement(case, "failure" if report.whole else "skipped", message=said)
    if report.error:
        case = SubElement(suite, "testcase", name="file", classname=file)
        SubElement(case, "error", message=printable(str(report.error)))
    indent(suite, level=1)
    return tostring(suite, encoding="unicode").rstrip()
