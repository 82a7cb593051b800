"""Marked sheets for programs, one by one as they come: JSON, CSV for a gradebook, JUnit for CI."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sized
from io import StringIO

from backcalc.checking.record import Line, Record, plain
from backcalc.checking.totals import Total, Totals
from backcalc.checking.verdict import VERDICTS
from backcalc.errors import printable
from backcalc.sheets.data import Data

SCHEMA = "backcalc/check/1"

SPELLED = re.compile(r"\\(\\|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")
"""How a character that cannot stand in a name is spelled out, and a backslash beside it."""

INTERRUPTED = """\
  <testsuite name="interrupted" tests="1" failures="0" errors="1">
    <testcase name="files" classname="interrupted">
      <error message="{}" />
    </testcase>
  </testsuite>
"""


def report_data(records: Iterable[Record]) -> Data:
    """`backcalc/check/1`: every file with its answers, and the totals of each quantity."""
    totals, files = Totals(), []
    for record in records:
        totals.add(record)
        files.append(_file(record))
    found = [_total(total) for total in totals.quantities.values()]
    return {"schema": SCHEMA, "files": files, "totals": found}


def json_rows(records: Iterable[Record], sheets: Sized) -> Iterator[str]:
    """The same as text, a line for each file; where sheets are left out at the end it says so."""
    import json  # loaded when used

    totals = Totals()
    yield f'{{\n  "schema": "{SCHEMA}",\n  "files": ['
    for record in records:
        comma = "," if totals.sheets else ""
        totals.add(record)
        yield f"{comma}\n    {json.dumps(_file(record), allow_nan=False)}"
    yield '\n  ],\n  "totals": ['
    rows = (json.dumps(_total(total), allow_nan=False) for total in totals.quantities.values())
    yield ",".join(f"\n    {row}" for row in rows) + ("\n  ]" if totals.quantities else "]")
    yield ',\n  "interrupted": true\n}\n' if totals.sheets < len(sheets) else "\n}\n"


def json_lines(records: Iterable[Record], sheets: Sized) -> Iterator[str]:
    """An object for each file, on a line of its own."""
    import json  # loaded when used

    for record in records:
        yield json.dumps({"schema": SCHEMA, **_file(record)}, allow_nan=False) + "\n"


def _total(total: Total) -> Data:
    counts = {verdict: total.counts[verdict] for verdict in VERDICTS}
    slips = dict(total.slips.most_common())
    return {"name": total.name, "answers": total.answers, **counts, "slips": slips}


def _file(record: Record) -> Data:
    first = record.first_line
    return {
        "file": record.file,
        "name": record.name or None,
        "variant": record.variant,
        "error": record.error,
        "answers": [_answer(line) for line in record.lines],
        "first_mistake": first.name if first else None,
        "touched": record.touched,
        "score": None if record.error else record.score,
        "points": None if record.error else record.points,
        "percent": record.percent,
    }


def _answer(line: Line) -> Data:
    data: Data = {
        "name": line.name,
        "written": line.written,
        "expected": line.expected,
        "exact": line.exact,
        "verdict": line.verdict,
        "slips": list(dict.fromkeys(name for names in line.findings for name in names)),
        "from": list(line.sources),
        "comment": plain(line.comment),
    }
    return data if line.formula is None else {**data, "formula": line.formula}


def csv_rows(records: Iterable[Record], sheets: Sized) -> Iterator[str]:
    """One row for each file: the score, the first mistake, how many answers have each verdict."""
    heads = ("file", "score", "points", "first_mistake", "slips", *VERDICTS, "error")
    yield _csv((*heads, "name", "variant", "percent"))
    for record in records:
        counts = Counter(line.verdict for line in record.lines)
        first = record.first_line
        slips = "; ".join(" + ".join(names) for names in first.findings) if first else ""
        earned = (None, None) if record.error else (record.score, record.points)
        score, points, percent = map(_figure, (*earned, record.percent))
        file, mistake = guarded(file_name(record.file)), first.name if first else ""
        whose = (cell(record.reason), cell(record.name), record.variant, percent)
        verdicts = (counts[each] for each in VERDICTS)
        yield _csv((file, score, points, mistake, slips, *verdicts, *whose))


def _figure(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


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


def _csv(cells: Iterable[object]) -> str:
    import csv  # loaded when used

    stream = StringIO()
    csv.writer(stream, lineterminator="\n").writerow(cells)
    return stream.getvalue()


def cell(text: str) -> str:
    """Words on one line that no spreadsheet takes for a formula."""
    return guarded(printable(text))


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula; other text for other text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "'")) else text


def junit_rows(records: Iterable[Record], sheets: Sized) -> Iterator[str]:
    """A test suite for each file and a test case for each answer."""
    done = 0
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
    for record in records:
        done += 1
        yield f"  {_suite(record)}\n"
    if done < len(sheets):
        yield INTERRUPTED.format(f"interrupted: {done} of {len(sheets)} files are done")
    yield "</testsuites>\n"


def _suite(record: Record) -> str:
    from xml.etree.ElementTree import Element, SubElement, indent, tostring  # loaded when used

    file = file_name(record.file)
    failures = sum(not line.right for line in record.lines)
    counts = (len(record.lines), failures, int(record.error is not None))
    numbers = dict(zip(("tests", "failures", "errors"), map(str, counts), strict=True))
    suite = Element("testsuite", {"name": file, **numbers})
    for line in record.lines:
        case = SubElement(suite, "testcase", name=line.name, classname=file)
        if not line.right:
            message = printable(f"{line.verdict}: {plain(line.comment)}")
            failure = SubElement(case, "failure", message=message)
            failure.text = printable(f"written {line.written}, expected {line.expected!r}")
    if record.error:
        case = SubElement(suite, "testcase", name="file", classname=file)
        SubElement(case, "error", message=printable(record.error))
    indent(suite, level=1)
    return tostring(suite, encoding="unicode").rstrip()
