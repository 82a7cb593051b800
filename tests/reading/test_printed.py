"""What the program prints is read back, whichever network and format."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from backcalc.commands.working import step
from backcalc.equations import calculation
from backcalc.formulas.expression import evaluate, names_in
from backcalc.loading.loader import load
from backcalc.reading import read
from backcalc.sheets.batch import MOST_COLUMNS

NETWORKS = sorted(path.stem for path in Path(__file__).parents[2].glob("networks/*.yaml"))
FORMATS = {"text": "sheet.txt", "markdown": "sheet.md", "latex": "sheet.tex"}
LONGEST = 60  # lines of a sheet that is read back here
CASES = [
    pytest.param(name, form, marks=pytest.mark.sweep if place % 20 else ())
    for place, name in enumerate(NETWORKS)
    for form in ("text", "latex", "markdown")[place % 3 :][:1]
]
"""Every network in one format."""


@pytest.mark.parametrize(("name", "form"), CASES)
def test_a_printed_sheet_is_read_back(name: str, form: str) -> None:
    network = load(name)
    rate = network.learning_rate or Fraction(1, 10)
    (turn,) = calculation.step(network, rate, 1).rounds
    lines = [*turn.forward, *turn.backward, *turn.update, *turn.after]
    if len(lines) > LONGEST:
        pytest.skip("a long sheet, of the same kind as the others")
    options = [name, "--lr", str(rate), "--format", form, "--no-expand", "--view", "scalar"]
    printed = CliRunner().invoke(step, options, standalone_mode=False).output
    found = {
        each.quantity: float(evaluate(each.said.expression, {}))
        for each in read(printed, FORMATS[form], network, rate=rate).assertions
        if not names_in(each.said.expression)
    }
    columns = 1 < len(network.samples) <= MOST_COLUMNS  # no name stands beside a column's number
    for each in lines:
        if columns and each.name.sample and str(each.name) not in found:
            continue
        assert found.get(str(each.name)) == pytest.approx(float(each.value), rel=1e-6), each.name
