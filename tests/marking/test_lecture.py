"""A lecturer's own sheet, with momentum and words of its own: what its marking must say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

import backcalc

ROOT = Path(__file__).parents[2]
SHEET = "tests/sheets/momentum.yaml"
Run = Callable[..., Result]


def rows(run: Run, sheet: str, *options: str) -> dict[str, Any]:
    """The answers that a sheet gets back, by their names; missing ones left out."""
    result = run("check", SHEET, "-", "--format", "json", *options, stdin=sheet)
    (file,) = json.loads(result.stdout)["files"]
    return {row["name"]: row for row in file["answers"] if row["verdict"] != "missing"}


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("E' = 0.0926", "1 right"),
        ("E' = 0.0962", "1 off"),
        ("E' = 0.100", "1 off"),
        ("o_7 = 0.69\nE = 0.37106", "2 right"),  # from the figure that stands there
        ("E = 0.37106", "1 off"),
    ],
)
def test_lines_that_a_course_leaves_out_were_not_rounded(
    run: Run, tmp_path: Path, printed: str, said: str
) -> None:
    network = (ROOT / SHEET).read_text("utf-8")
    notes = tmp_path / "notes.md"
    notes.write_text(f"```backcalc\n{network}```\n\n{printed}\n".replace("\nE", "\n\nE"), "utf-8")
    assert f"   {said}" in run("lint", str(notes)).stdout
    file = tmp_path / "net.yaml"
    pairs = ", ".join('"{}": {}'.format(*line.split(" = ")) for line in printed.split("\n"))
    file.write_text(f"{network}expect: {{{pairs}}}\n", "utf-8")
    assert f"   {said}" in run("lint", str(file)).stdout


@pytest.mark.parametrize(
    ("sheet", "verdict"),
    [
        ("o_7 = 0.69", "undecided"),
        ("o_7 = 0.691", "undecided"),  # close, but of three digits
        ("o_7 = 69/100", "undecided"),
        ("delta_4 = -0.22", "undecided"),
        ("o_7 = 0.7\ndelta_7 = -0.3", "undecided"),  # only as its own figure has too few
        ("o_7 = 0.7123\ndelta_7 = -0.29", "undecided"),
        ("o_7 = 0.6896 = 0.69", "rounded"),  # the digits stand there
        ("net_4 = 0.7", "correct"),
        ("dE/dw74 = -0.1876\nv_w74' = -0.0976", "rounded"),  # 0.09 - 0.1876, no digit left out
    ],
)
def test_fewer_digits_than_asked_are_undecided_whatever_lines_are_left_out(
    run: Run, sheet: str, verdict: str
) -> None:
    row = [*rows(run, sheet).values()][-1]
    assert row["verdict"] == verdict
    assert ("write at least 4" in row["comment"]) == (verdict == "undecided")


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("sheet", "verdict"),
    [
        ("E' = 0.09341", "close"),  # 0.9 % off
        ("E' = 0.09415", "wrong"),  # 1.7 %, whatever the lines that are left out leave open
        ("v_w74' = -0.09849", "close"),
        ("v_w74' = -0.09927", "wrong"),  # 0.9 % of how far it moves from 0.1
    ],
)
def test_close_is_what_is_off_by_no_more_than_the_tolerance(
    run: Run, sheet: str, verdict: str
) -> None:
    (row,) = rows(run, sheet).values()
    assert row["verdict"] == verdict


WITHIN = "other-optimizer", "momentum with the learning rate in the velocity"


@pytest.mark.parametrize(
    ("sheet", "slips", "said"),
    [
        ("dE/dw41 = -0.2168\nv_w41' = -0.2168", "input-dropped", "the term mu"),
        ("dE/dw74 = -0.1876\nv_w74' = 0.1 - 0.1876 = -0.0876", "scale-omitted", "factor mu:"),
        ("v_w74' = -0.0876\nw74' = 0.5438", "scale-omitted", "factor mu:"),
        ("w41' = 0.3534\nw74' = 0.5038", *WITHIN),
        ("v_w41' = 0.9*(-0.05) + 0.5*(-0.2168) = -0.1534\nw41' = 0.2 + 0.1534 = 0.3534", *WITHIN),
        ("v_w41' = -0.1534\nw41' = 0.3534\nv_w74' = -0.0038", *WITHIN),
        ("v_w74' = 0.9*0.1 - 0.5*(-0.1876) = 0.1838\nw74' = 0.6838", "other-optimizer", "heavy_b"),
    ],
)
def test_mistakes_with_momentum_are_named_once_and_cost_once(
    run: Run, sheet: str, slips: str, said: str
) -> None:
    found = rows(run, sheet)
    wrong = [row for row in found.values() if row["verdict"] == "wrong"]
    assert [row["slips"] for row in wrong] == [[slips]]
    assert said in wrong[0]["comment"]
    assert {row["verdict"] for row in found.values()} <= {"wrong", "again", "follows", "rounded"}


@pytest.mark.parametrize("lines", [("delta_7 = 0.3104", "delta_8 = -0.3104"),
                                   ("delta_8 = -0.3104", "delta_7 = 0.3104")])  # fmt: skip
def test_no_line_that_stands_there_is_said_to_be_left_out(run: Run, lines: list[str]) -> None:
    first, second = rows(run, "\n".join(lines)).values()
    assert first["slips"] == ["softmax-sign"]
    assert first["comment"].startswith("You have the wrong sign in the short form")
    assert second["comment"] == f"The same mistake as in {first['name']}."


@pytest.mark.sweep
def test_tables_of_a_class_use_the_words_of_the_sheet(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "ada.txt"
    file.write_text("E = 0.1614\ndelta_8 = -0.3104\n", "utf-8")
    sheets = SHEET, str(file), str(file)
    assert ",E,log10-for-ln," in run("check", SHEET, str(file), "--format", "csv").stdout
    groups = run("check", *sheets, "--group-by", "mistake", "--format", "csv").stdout
    assert groups.splitlines()[1].endswith(",E")
    totals = run("check", *sheets).stdout
    assert "log10 taken for the natural logarithm (2)" in " ".join(totals.split())
    assert "log10-for-ln" not in totals
    marked = backcalc.check(backcalc.load(ROOT / SHEET), file.read_text())
    found = {row["word"]: row["verdict"] for row in marked.rows()}
    assert found == marked.verdicts
    assert marked.rows()[0]["name"] == "L"
    run("variant", SHEET, "--seed", "1", "--count", "1", "--csv", "-o", str(tmp_path / "out"))
    quantities = (tmp_path / "out" / "answers.csv").read_text("utf-8")
    assert ",delta_4," in quantities
    assert "dL/" not in quantities
