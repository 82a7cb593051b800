"""A whole class, marked by one command: every point as the maker of the sheets knows it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from classroom import FORMS, HOMEWORK, MISTAKES, RULES, Handed, figure, handed_in
from conftest import Result

from backcalc.checking.report import Marking, check
from backcalc.equations.named import with_numbers
from backcalc.loading.loader import loads

Run = Callable[..., Result]
COUNT = 20


def marked(
    run: Run, folder: Path, seed: int, count: int
) -> tuple[list[Handed], list[dict], Result]:
    """Hand out, hand in, mark: what the maker knows, and the gradebook's rows in the same order."""
    (folder / "homework.yaml").write_text(HOMEWORK, "utf-8")
    done = run("variant", "homework.yaml", "--seed", "3", "--count", str(min(count, 40)),
               "-o", "out", cwd=folder)  # fmt: skip
    assert done.exit_code == 0
    sheets = handed_in(folder / "out", seed, count)
    for each in sheets:
        path = folder / "in" / each.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(each.text, "utf-8")
    result = run("check", "out", "in", "--feedback", "back", cwd=folder)
    rows = {
        row["file"].removeprefix("in/"): row
        for row in csv.DictReader(
            (folder / "back" / "gradebook.csv").read_text("utf-8").split("\n")
        )
    }
    return sheets, [rows[each.file] for each in sheets], result


@pytest.mark.sweep
def test_a_class_of_twenty(run: Run, tmp_path: Path) -> None:
    sheets, rows, result = marked(run, tmp_path, 1, COUNT)
    assert (result.exit_code, result.stderr) == (1, "")
    assert {each.form for each in sheets} == {form.__name__ for form in FORMS}
    for each, row in zip(sheets, rows, strict=True):
        assert (row["points"], row["score"], row["variant"]) == (
            str(len(RULES)), str(each.points), str(each.variant),
        ), (each.file, each.mistakes)  # fmt: skip
    copies = [each for each in (tmp_path / "back").glob("[!.]*") if each.name != "gradebook.csv"]
    assert len(copies) == COUNT + 1
    assert all(each.suffix == ".html" for each in copies)
    assert {kind for each in sheets for kind in each.mistakes.values()} <= {*MISTAKES}


TRIMMED = {"x1": 1.4, "x2": -0.6, "y": 0.5, "w1": -0.9, "w2": 0.7, "w3": -0.1, "w4": -0.3,
           "w5": -0.8, "w6": -0.2, "b1": 0.8, "b2": -0.4, "b3": 0.9}  # fmt: skip


def test_a_new_weight_needs_no_more_digits_than_the_person_s_own_gradient_shows() -> None:
    """w4' is -0.3010 with the zero left out, from the own gradient after a bias forgotten."""
    numbers, lines = dict(TRIMMED), []
    for line, rule in RULES.items():
        value = rule(numbers) - (numbers["b2"] if line == "z2" else 0)
        numbers[line] = float(figure(value, 4))
        lines.append(f"{line} = {figure(value, 4)}")
    network = with_numbers(loads(HOMEWORK), {n: Fraction(str(v)) for n, v in TRIMMED.items()})
    report = check(Marking(network), "\n".join(lines), "sheet")
    assert {each.name for each in report.answers if not each.earned} == {"z2"}
    assert "w4' = -0.301" in lines
