"""Sheets as people handed them in, against what a perfect marker reads of them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from backcalc.checking.report import Marking, Report, check
from backcalc.formulas.notation import formula_text
from backcalc.loading.loader import load

SHEETS = Path(__file__).parents[1] / "sheets" / "handed_in"
FOLDERS = sorted(path.parent for path in SHEETS.glob("*/truth.yaml"))
MOSTLY_SWEPT = [
    pytest.param(folder, id=folder.name, marks=pytest.mark.sweep if place % 5 else ())
    for place, folder in enumerate(FOLDERS)
]
"""Of the sheets `make quick` takes one of five."""


@cache
def marked(folder: Path) -> tuple[dict, Report]:
    """What a perfect marker says of a sheet, and what `check` says: it is read and marked once."""
    truth = yaml.safe_load((folder / "truth.yaml").read_text("utf-8"))
    text = (folder / truth["file"]).read_text("utf-8")
    return truth, check(Marking(load(str(folder / "net.yaml"))), text, truth["file"])


def lines_of(row: dict) -> range:
    return range(row["where"], row.get("to", row["where"]) + 1)


def same(one: str, two: str) -> bool:
    """True if two right sides are the same but for blanks, brackets and the zeros at the end."""

    def bare(text: str) -> str:
        text = re.sub(r"(\.\d*?)0+(?!\d)", r"\1", text)
        return re.sub(r"\.(?!\d)|[\s()]", "", text)

    return bare(one) == bare(two)


def parts(row: dict) -> list[str]:
    return [str(each) for each in row.get("chain", [row["written"]])]


@pytest.mark.parametrize("folder", MOSTLY_SWEPT)
def test_every_assertion_is_read_at_its_line(folder: Path) -> None:
    truth, report = marked(folder)
    said = {(each.name, each.answer.place.line) for each in report.answers if each.answer.place}
    for row in truth["lines"]:
        assert any((row["quantity"], line) in said for line in lines_of(row)), row


@pytest.mark.parametrize("folder", MOSTLY_SWEPT)
def test_no_number_is_misread(folder: Path) -> None:
    truth, report = marked(folder)
    rows = [*truth["lines"], *truth["optional"]]
    for each in report.answers:
        value = formula_text(each.answer.formula) if each.answer.formula else ""
        if re.fullmatch(r"-?[\d.]+", value):
            own = [row for row in rows if row["quantity"] == each.name]
            assert any(same(value, part) for row in own for part in parts(row)), (each.name, value)


@pytest.mark.parametrize("folder", MOSTLY_SWEPT)
def test_what_a_careful_reader_leaves_is_unread(folder: Path) -> None:
    truth, report = marked(folder)
    due = set(truth["unreadable"])
    listed = {each.place.line for each in report.unread}
    spoken = {each.answer.place.line for each in report.answers if each.answer.place}
    assert len(due & (listed | spoken)) >= 0.8 * len(due)


@pytest.mark.parametrize("folder", MOSTLY_SWEPT)
def test_every_line_has_the_verdict_of_a_careful_marker(folder: Path) -> None:
    truth, report = marked(folder)
    wrong = []
    for row in truth["lines"]:
        here = [each for each in report.answers if each.name == row["quantity"]]
        here = [each for each in here if each.answer.place.line in lines_of(row)]
        allowed = {row["verdict"], *row.get("also", [])}
        wrong += [(row, each.verdict) for each in here[:1] if each.verdict not in allowed]
        assert "wrong" in allowed or not here or here[0].verdict != "wrong", row
    assert len(wrong) <= 0.03 * len(truth["lines"]), wrong
