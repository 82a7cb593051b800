"""Marked lines as annotations at their places: GitHub's commands, and SARIF for code scanning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from dataclasses import dataclass

from backcalc.checking.report import Report
from backcalc.checking.slips import SLIPS
from backcalc.checking.verdict import VERDICTS
from backcalc.errors import Place, printable
from backcalc.formulas.notation import PLAIN, phrase_text
from backcalc.reading.names import NO_SUCH
from backcalc.sheets.data import Data

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"

UNTOLD = {
    "wrong": "a wrong figure", "refused": "a file that could not be read",
    "unread": "what could not be read, so is not tested", "close": "a figure that is a little off",
}  # fmt: skip
"""What is said of a rule that is no mistake, where the verdict's own words are to a student."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One thing that is said of one place."""

    level: str
    """error, warning or note."""
    rule: str
    """The mistake's name, or else the verdict."""
    title: str
    """The quantity, or what it is about."""
    message: str
    """What is wrong there."""
    place: Place
    """Where."""


def annotated(report: Report) -> Iterator[Annotation]:
    """Yield what is to be said of one file: why it was refused, what is off, what was not read."""
    if report.error:
        place = report.error.where or Place(report.file)
        hint = f" ({report.error.hint})" if report.error.hint else ""
        yield _annotation("error", "refused", "not read", f"{report.error.message}{hint}", place)
    for each in report.answers:
        if not report.passes(each):
            said = f"{each.verdict}: {report.written(each)}. "
            own = PLAIN.with_names(report.own_words)
            message = (said + phrase_text(each.comment, own)).strip()
            level = "error" if report.fails(each) else "warning"
            rule = each.finding.names[0] if each.finding else each.verdict
            place = each.answer.place or Place(report.file)
            yield _annotation(level, rule, phrase_text(each.label, own), message, place)
    if report.lined and report.strict and not report.answers:
        said = "no figure of this document was read, so none is tested"
        yield _annotation("warning", "unread", "not tested", said, Place(report.file))
    for left in report.unread_apart:
        foreign = left.reason.startswith(NO_SUCH.format(""))  # its name is none of the network
        level = "error" if report.whole else "note" if foreign else "warning"
        said = f"{left.text}: {left.reason}"
        yield _annotation(level, "unread", "not read", said, left.place)


def _annotation(level: str, rule: str, title: str, message: str, place: Place) -> Annotation:
    within = f"{place.within}: " if place.within else ""
    return Annotation(level, rule, title, printable(within + message), place)


def github_rows(reports: Iterable[Report], sheets: Sized) -> Iterator[str]:
    """A command for each annotation, as GitHub's runners read them from a log."""
    words = {"note": "notice"}
    for report in reports:
        for each in annotated(report):
            where = {"file": each.place.file, "line": each.place.line, "col": each.place.column}
            told = {**where, "title": f"backcalc: {each.title}"}
            settings = ",".join(f"{key}={_escaped(str(told[key]), ':,')}" for key in told)
            yield f"::{words.get(each.level, each.level)} {settings}::{_escaped(each.message)}\n"


def _escaped(text: str, more: str = "") -> str:
    """Text of a command, with the signs that end it spelled out."""
    text = text.replace("%", "%25")
    for sign in f"\r\n{more}":
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text


def sarif_rows(reports: Iterable[Report], sheets: Sized) -> Iterator[str]:
    """One SARIF log; where files are left out at the end it says that it was not successful."""
    import json  # loaded when used

    done, results = 0, []
    for report in reports:
        done += 1
        results += [_result(each) for each in annotated(report)]
    named = dict.fromkeys(str(each["ruleId"]) for each in results)
    driver = {"name": "backcalc", "rules": [_rule(name) for name in named]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": done == len(sheets)}],
        "results": results,
    }
    log = {"$schema": SARIF, "version": "2.1.0", "runs": [run]}
    yield json.dumps(log, indent=2, allow_nan=False) + "\n"


def _rule(name: str) -> Data:
    """What a mistake or a verdict is, in all the places in which GitHub looks for it."""
    slip, verdict = SLIPS.get(name), VERDICTS.get(name)
    short = slip.title if slip else UNTOLD.get(name) or (verdict and verdict.meaning) or name
    told = {"text": short.replace("{}", "…")}
    return {"id": name, "shortDescription": told, "fullDescription": told, "help": told}


def _result(each: Annotation) -> Data:
    from urllib.parse import quote  # loaded when used

    uri = quote(each.place.file.replace("\\", "/"), errors="surrogateescape")
    start = each.place.column
    region = {"startLine": each.place.line, "startColumn": start}
    region["endColumn"] = start + each.place.length
    location = {"artifactLocation": {"uri": uri}, "region": region}
    return {
        "ruleId": each.rule,
        "level": each.level,
        "message": {"text": f"{each.title}: {each.message}"},
        "locations": [{"physicalLocation": location}],
    }
