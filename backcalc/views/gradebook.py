"""Marked sheets for programs: JSON, CSV for a gradebook, JUnit for CI."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from io import StringIO

from backcalc.checking.report import Report
from backcalc.checking.totals import totals
from backcalc.checking.verdict import VERDICTS, Marked
from backcalc.errors import printable
from backcalc.notation import formula_text, phrase_text
from backcalc.views.data import Data, number

SCHEMA = "backcalc/check/1"


def report_data(reports: Sequence[Report]) -> Data:
    """`backcalc/check/1`: every file with its answers, and the totals of each quantity."""
    return {
        "schema": SCHEMA,
        "files": [_file(report) for report in reports],
        "totals": [
            {
                "name": total.name,
                "answers": total.answers,
                **{verdict: total.counts[verdict] for verdict in VERDICTS},
                "slips": dict(total.slips.most_common()),
            }
            for total in totals(reports)
        ],
    }


def _file(report: Report) -> Data:
    return {
        "file": printable(report.file),
        "name": report.head.name or None,
        "variant": report.head.variant,
        "error": str(report.error) if report.error else None,
        "answers": [_answer(marked) for marked in report.answers],
        "first_mistake": report.first.name if report.first else None,
        "touched": report.touched,
        "score": float(report.score),
        "points": float(report.points),
        "percent": report.percent,
    }


def _answer(marked: Marked) -> Data:
    right = number(marked.expected)
    data: Data = {
        "name": marked.name,
        "written": marked.answer.text,
        "expected": right["value"],
        "exact": right["exact"],
        "verdict": marked.verdict,
        "slips": list(dict.fromkeys(name for each in marked.findings for name in each.names)),
        "from": list(marked.sources),
        "comment": phrase_text(marked.comment),
    }
    if marked.formula is not None:
        data["formula"] = formula_text(marked.formula)
    return data


def csv_text(reports: Iterable[Report]) -> str:
    """One row for each file: the score, the first mistake, how many answers have each verdict."""
    import csv  # loaded when used

    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    heads = ("file", "score", "points", "first_mistake", "slips", *VERDICTS, "error")
    writer.writerow((*heads, "name", "variant", "percent"))
    for report in reports:
        counts = Counter(marked.verdict for marked in report.answers)
        first = report.first
        slips = [" + ".join(each.names) for each in first.findings] if first else []
        words = (first.name if first else "", "; ".join(slips))
        error = printable(report.error.message) if report.error else ""
        figures = (f"{float(report.score):g}", f"{float(report.points):g}")
        cells = (cell(report.file), *figures, *words, *(counts[each] for each in VERDICTS))
        percent = "" if report.percent is None else f"{report.percent:g}"
        whose = (cell(report.head.name), report.head.variant, percent)
        writer.writerow((*cells, cell(error), *whose))
    return stream.getvalue()


def cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = printable(text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def junit_text(reports: Iterable[Report]) -> str:
    """A test suite for each file and a test case for each answer."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring  # loaded when used

    root = Element("testsuites")
    for report in reports:
        file = printable(report.file)
        failures = sum(not marked.right for marked in report.answers)
        counts = (len(report.answers), failures, int(report.error is not None))
        numbers = dict(zip(("tests", "failures", "errors"), map(str, counts), strict=True))
        suite = SubElement(root, "testsuite", {"name": file, **numbers})
        for marked in report.answers:
            case = SubElement(suite, "testcase", name=marked.name, classname=file)
            if not marked.right:
                message = printable(f"{marked.verdict}: {phrase_text(marked.comment)}")
                expected = float(marked.expected)
                failure = SubElement(case, "failure", message=message)
                failure.text = printable(f"written {marked.answer.text}, expected {expected!r}")
        if report.error:
            case = SubElement(suite, "testcase", name="file", classname=file)
            SubElement(case, "error", message=printable(str(report.error)))
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'
