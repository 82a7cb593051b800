"""`--work rounded`: a sheet that can be followed with a pencil, each line from rounded ones."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest

from backcalc.equations.calculation import forward, step
from backcalc.formulas.expression import Rounded, evaluate
from backcalc.formulas.notation import rounded
from backcalc.loading.loader import load

NETWORKS = ("mazur", "softmax", "lstm", "adam", "xor")


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("digits", [2, 4])
def test_each_line_follows_from_the_rounded_ones_before_it(name: str, digits: int) -> None:
    network = load(name)
    worked = step(network, Fraction(1, 2), kept=digits)
    printed = {name: Fraction(rounded(value, digits)[0]) if isinstance(value, Rounded) else value
               for name, value in worked.values.items()}  # fmt: skip
    (once,) = worked.rounds
    for each in (*once.forward, *once.backward, *once.update, *once.after):
        again = evaluate(each.equation.expression, printed)
        unit = Fraction(10) ** -digits * abs(Fraction(again))
        assert abs(Fraction(again) - Fraction(each.value)) <= 6 * unit, each.name
        assert len(re.sub(r"e.*|\D|^0\.0*", "", rounded(each.value, 17)[0]).strip("0")) <= digits


def test_given_numbers_are_never_rounded() -> None:
    network = load("nand_gate")
    worked = forward(network, kept=2)
    assert all(worked.values[name] == value for name, value in network.weights.items())


def test_the_sheet_says_how_it_goes_on(run) -> None:
    shown = run("forward", "mazur").stdout
    assert "each line is worked out from unrounded numbers" in shown
    shown = run("forward", "mazur", "--work", "rounded", "--digits", "3").stdout
    said = "≈ rounded to 3 significant digits; each line is worked out from rounded numbers"
    assert said in shown
    assert "0.4·0.593 + 0.45·0.597 + 0.6                ≈ 1.11" in shown
    assert "exact fractions" not in run("step", "mazur", "--work", "rounded").stdout


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("digits", ["3", "4"])
def test_what_marks_agrees_with_the_key(name: str, digits: str, run, tmp_path: Path) -> None:
    """A sheet that is the rounded key, line by line, gets all its points."""
    options = ("--lr", "0.5", "--work", "rounded", "--digits", digits)
    worked = json.loads(run("step", name, *options, "--format", "json").stdout)
    answers = run("worksheet", name, "--lr", "0.5", "--answers").stdout
    rows = [
        row for key in ("forward", "backward", "update", "after") for row in rows_of(worked, key)
    ]
    assert rows
    figures = {row["name"]: f"{row['value']:.{digits}g}" for row in rows}
    filled = re.sub(
        r"(?m)^(\S+) =$", lambda found: f"{found[1]} = {figures.get(found[1], '')}", answers
    )
    sheet = tmp_path / "answers.txt"
    sheet.write_text(filled, "utf-8")
    marked = run("check", name, str(sheet), "--lr", "0.5")
    assert not re.search(r"\b(wrong|follows|close)\b", marked.stdout), marked.stdout
    assert "no mistake in" in marked.stdout


def rows_of(worked: dict, key: str) -> list[dict]:
    """The rows of a stage, wherever it stands."""
    return worked.get(key) or [row for each in worked.get("steps", []) for row in each.get(key, [])]


def test_a_key_and_a_worksheet_say_it_too(run) -> None:
    key = run("worksheet", "mazur", "--work", "rounded", "--digits", "3", "--key").stdout
    assert "sigmoid(0.378)                              ≈ 0.593" in key
    sheet = run("worksheet", "mazur", "--work", "rounded", "--digits", "3").stdout
    assert "round each line so, and go on from the rounded figures" in sheet


def test_softmax_of_a_vector_is_one_line(run) -> None:
    """Its exponentials, rounded by themselves, would not give the result that is printed."""
    text = (
        "inputs: {x: [0.7477, -0.47]}\ntargets: {y: [0, 1]}\nweights: {W: [[1, 0], [0, 1]]}\n"
        "equations: {p: softmax(W @ x)}\nloss: -sum(y * log(p))\n"
    )
    whole = run("forward", "-", stdin=text).stdout
    assert "exp(" in whole
    shown = run("forward", "-", "--work", "rounded", "--digits", "4", stdin=text).stdout
    assert "exp(" not in shown
    assert "0.7717" in shown
