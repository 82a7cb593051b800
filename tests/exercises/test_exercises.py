"""Sixty sheets of courses: each is set by its command, worked, and marked."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Result, mostly_swept, shared

from backcalc.checking.report import Marking, check
from backcalc.formats import text
from backcalc.formulas.notation import UNICODE
from backcalc.loading.loader import load
from backcalc.loading.sections import parse_asked
from backcalc.sheets.worked import Wishes
from backcalc.worksheets.asked import Exercise, exercise
from backcalc.worksheets.paper import solution

Run = Callable[..., Result]
ROWS = yaml.safe_load((Path(__file__).parent / "sheets.yaml").read_text("utf-8"))
SET = [row for row in ROWS if "missing" not in row]
ENOUGH = 45  # of sixty sheets
OTHERWISE = {"yes": "no", "no": "yes", "none": "yhat", "lr > 0": "0 < lr < 0.125"}
"""A wrong answer for each that is a word."""


def test_most_of_sixty_sheets_can_be_set_worked_and_marked() -> None:
    assert len({row["asks"] for row in ROWS}) == len(ROWS) == 60
    assert len(SET) >= ENOUGH
    named = [row["network"] for row in SET if isinstance(row["network"], str)]
    assert all((ROOT / "networks" / f"{name}.yaml").is_file() for name in named)


@pytest.mark.parametrize(
    "row", mostly_swept(shared(SET, "a sheet"), 5), ids=lambda row: row["asks"][:40]
)
def test_a_sheet(row: dict[str, Any], run: Run, tmp_path: Path) -> None:
    program, command, name, *options = shlex.split(row["set"])
    assert (program, command, options[0], len(options)) == ("backcalc", "worksheet", "--ask", 2)
    file = tmp_path / "network.yaml"
    if isinstance(row["network"], dict):
        file.write_text(yaml.safe_dump(row["network"], sort_keys=False), "utf-8")
    home = str(file) if name == "network.yaml" else row["network"]
    printed = run(command, home, *options)
    assert (printed.exit_code, printed.stderr) == (0, "")
    network = replace(load(home), ask=parse_asked(options[1]), points={})
    sheet = exercise(network)
    assert "solution" in text.render(solution(sheet, Wishes()), UNICODE)
    answers = {each: answer(sheet, each, figure) for each, figure in row["answers"].items()}
    marking = Marking(network)
    report = check(marking, written(answers), "sheet")
    assert not report.unread
    verdicts = {each.name: each.verdict for each in report.answers if each.answer.text}
    assert verdicts.keys() == answers.keys()
    assert {*verdicts.values()} <= {"correct", "rounded"}, verdicts
    assert report.score > 0
    assert not any(each.answer.text and not each.worth for each in report.answers)
    for each in {*[*answers][:1], *[*answers][-1:]}:
        other = check(marking, written({**answers, each: spoilt(answers[each])}), "sheet")
        assert {m.name: m.right for m in other.answers}[each] is False, each
    for line, words in row.get("also", []):
        done = run(*shlex.split(line)[1:])
        assert done.exit_code == 0, done.stderr
        assert words in done.stdout


def answer(sheet: Exercise, name: str, figure: object) -> str:
    """An answer of the list; a star stands for one that the sheet itself draws."""
    drawn = {query.name: query.answer for query in sheet.queries}
    return drawn[name] if figure == "*" else str(figure)


def written(answers: dict[str, str]) -> str:
    return "".join(f"{name} = {each}\n" for name, each in answers.items())


def spoilt(right: str) -> str:
    """A wrong answer of the same kind."""
    if right in OTHERWISE:
        return OTHERWISE[right]
    if "<" in right:
        return "0 < lr < 77"
    if right.startswith(("h", "H")):
        return "none"
    return "5x5" if "x" in right and "." not in right else "7.77"
