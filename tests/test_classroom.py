"""A whole class, marked by one command: every point as the maker of the sheets knows it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from classroom import FORMS, HOMEWORK, MISTAKES, RULES, Handed, handed_in
from conftest import Result

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


def test_a_class_of_twenty(run: Run, tmp_path: Path) -> None:
    sheets, rows, result = marked(run, tmp_path, 1, COUNT)
    assert (result.exit_code, result.stderr) == (1, "")
    assert {each.form for each in sheets} == {form.__name__ for form in FORMS}
    for each, row in zip(sheets, rows, strict=True):
        assert (row["points"], row["score"], row["variant"]) == (
            str(len(RULES)), str(each.points), str(each.variant),
        ), (each.file, each.mistakes)  # fmt: skip
    copies = [each for each in (tmp_path / "back").iterdir() if each.name != "gradebook.csv"]
    assert len(copies) == COUNT + 1
    assert all(each.suffix == ".html" for each in copies)
    assert {kind for each in sheets for kind in each.mistakes.values()} <= {*MISTAKES}
