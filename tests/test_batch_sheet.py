"""A batch on a sheet: samples as columns, one formula for all, one table with `--compact`."""

from __future__ import annotations

import json
import re
from io import StringIO
from itertools import pairwise

import pytest

from backcalc.equations import calculation as calculating
from backcalc.formats.text import render
from backcalc.formulas.notation import UNICODE, phrase_text
from backcalc.loading.loader import load, loads
from backcalc.sheets.blocks import SheetBlocks, Table
from backcalc.sheets.remarks import backward_notes

NETWORKS = ("nand_gate", "xor", "logistic_regression")


class Terminal(StringIO):
    """A stream that is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("name", ["nand_gate", "xor", "linear_regression"])
@pytest.mark.parametrize("more", [(), ("--brief",)])
def test_each_sample_has_its_own_figures_below_its_head(name: str, more: tuple, run) -> None:
    data = json.loads(run("forward", name, "--format", "json").stdout)
    shown = run("forward", name, *more, "--digits", "4").stdout
    shown = shown[re.search(r"(?m)^quantity.*sample 1   ", shown).start() :]  # type: ignore[union-attr]
    head = shown.splitlines()[0]
    starts = [found.start() for found in re.finditer(r"sample \d+(?=   |$)", head)]
    assert len(starts) >= len(load(name).samples)
    for row in data["forward"]:
        stem, _, sample = row["name"].rstrip("]").partition("[")
        if not sample:
            continue
        label = stem.replace("yhat", "ŷ")
        line = next(each for each in shown.splitlines() if each.startswith(f"{label} "))
        at = starts[-len(load(name).samples) :][int(sample) - 1]
        figure = re.split(" {2,}", line[at:])[0].removeprefix("≈ ")
        assert float(figure) == pytest.approx(row["value"], rel=1e-3), row["name"]


def test_a_formula_is_said_once(run) -> None:
    shown = run("step", "nand_gate", "--digits", "4").stdout
    assert shown.count("sigmoid(z1)") == 1
    assert shown.count("∂ŷ/∂z1 = ŷ·(1 - ŷ)") == 1
    assert "  sample 3          (-1.767)·0.5659·(1 - 0.5659) ≈ -0.4341" in shown


@pytest.mark.parametrize("name", [*NETWORKS, "softmax", "skip", "mazur"])
def test_compact_is_one_table(name: str, run) -> None:
    shown = run("backward", name, "--compact").stdout
    below = shown[shown.index("Backward pass") :]
    assert len(re.findall(r"(?m)^derivative (?!.*output).*(result|all)$", below)) == 1
    assert "\n  chain rule" not in below


@pytest.mark.parametrize("name", ["deep_relu", "softmax_batch", "lora", "moons"])
def test_compact_is_never_longer(name: str, run) -> None:
    whole, compact = (run("backward", name, *more).stdout for more in ((), ("--compact",)))
    assert compact.count("\n") <= whole.count("\n")
    assert "\nderivative " in compact


def test_compact_has_a_matrix_in_a_row(run) -> None:
    shown = run("backward", "deep_relu", "--compact").stdout
    assert re.search(r"\n∂L/∂W4 +∂L/∂z4 · a3ᵀ +\[\[-0\.3580038, -0\.2149917, 0\], ", shown)
    assert run("backward", "deep_relu", "--compact", "--view", "scalar").stdout != shown


@pytest.mark.sweep
@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", ["nand_gate", "softmax", "xor"])
def test_no_line_is_broken_inside_a_number(name: str, columns: int, run, monkeypatch) -> None:
    from backcalc.equations.calculation import backward
    from backcalc.sheets.worked import Wishes, worked_sheet

    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    sheet = worked_sheet(backward(load(name)), Wishes(compact=True), only="backward")
    shown = re.sub(r"\x1b\[[0-9;]*m", "", render(sheet, UNICODE, Terminal()))
    whole = set(re.findall(r"\d+\.\d+", render(sheet, UNICODE)))
    assert max(map(len, shown.splitlines())) <= columns
    assert set(re.findall(r"\d+\.\d+", shown)) == whole
    assert not re.search(r"(?<!because x[12]\[[1-4]\] = 0)(?<=\d)\.$", shown, re.MULTILINE)


def test_a_table_goes_on_in_further_ones_where_it_has_no_room(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    rows = tuple(((name,), *((f"{place}.25",) for place in range(9))) for name in "ab")
    heads = ("row", *(f"c{place}" for place in range(9)))
    sheet = SheetBlocks("", (Table(heads, rows, spread=9),))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", render(sheet, UNICODE, Terminal()))
    tables = [line.split() for line in shown.splitlines() if line.startswith("row")]
    assert [each[0] for each in tables] == ["row"] * len(tables)
    assert [name for each in tables for name in each[1:]] == list(heads[1:])
    assert all(one and other for one, other in pairwise(tables))


def test_classes_are_listed_by_output_minus_target(run) -> None:
    shown = run("backward", "softmax", "--digits", "4", "--no-expand").stdout
    table = shown[shown.index("The short form of softmax with cross entropy gives the same") :]
    rows = [line.split("   ") for line in table.splitlines()[3:6]]
    assert [(row[0].strip(), row[-1].strip()) for row in rows] == [
        ("∂L/∂z1", "≈ 0.3603"), ("∂L/∂z2", "≈ -0.6018"), ("∂L/∂z3", "≈ 0.2415"),
    ]  # fmt: skip


def test_zero_terms_are_left_out_but_said(run) -> None:
    shown = run("forward", "softmax", "--digits", "4").stdout
    assert "-1·log(0.3982)            ≈ 0.9208" in re.sub("  +≈", "            ≈", shown)
    assert "terms with the factor 0 are left out where numbers are put in" in shown
    assert "0·log" not in shown
    assert "left out" not in run("forward", "skip").stdout


def test_what_holds_in_all_samples_is_said_once_however_many_lines_there_are(run) -> None:
    shown = run("backward", "xor_relu").stdout
    assert shown.count("▸ ∂L/∂c1 = 0, because ∂L/∂z1 = 0.\n") == 1
    assert "∂c1 = 0, because ∂L[" not in shown
    assert "8 more remarks of these kinds are left out." in run("backward", "xor_2_8_1").stdout


def test_cases_are_set_as_in_a_textbook(run) -> None:
    shown = run("backward", "skip").stdout
    assert "∂h1/∂z1 = ⎧ 1  if z1 > 0\n                              ⎩ 0  otherwise" in shown
    assert "∂L/∂h1·{1 if z1 > 0, else 0}" in shown
    assert (
        run("check", "skip", "-", stdin="dL/dz1 = ∂L/∂h1·{1 if z1 > 0, else 0} = 0.5").exit_code
        == 0
    )


@pytest.mark.parametrize(
    ("equations", "said"),
    [
        ("p: 1/(1 + exp(-z))\n  L: -(y*log(p) + (1 - y)*log(1 - p))", "∂L/∂z = p - y = "),
        ("p: sigmoid(z)\n  L: -y*log(p) - (1 - y)*log(1 - p)", "∂L/∂z = p - y = "),
        ("s: exp(z) + exp(-2)\n  p: exp(z)/s\n  L: -log(p)", "∂L/∂z = p - 1 = "),
        ("p: 1/(1 + exp(-2*z))\n  L: -log(p)", ""),
        ("p: tanh(z)\n  L: (p - y)**2/2", ""),
    ],
)
def test_a_log_loss_that_is_written_out_has_its_short_form(equations: str, said: str) -> None:
    given = "inputs: {x: 1}\ntargets: {y: 1}\nweights: {w: 0.5}\nloss: L\n"
    network = loads(f"{given}equations:\n  z: w*x\n  {equations}\n")
    worked = calculating.backward(network)
    notes = backward_notes(worked, worked.backward)
    assert said in " ".join(phrase_text(note.text, UNICODE) for note in notes)
    assert said or not [note for note in notes if note.short]
