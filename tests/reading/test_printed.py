"""What the program prints is read back, whichever network, command and format."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import EXAMPLES, shared

from backcalc.checking.report import Marking, check
from backcalc.commands.working import backward, forward, step
from backcalc.commands.worksheet import worksheet
from backcalc.equations import calculation
from backcalc.equations.network import Network
from backcalc.formulas.expression import evaluate, names_in
from backcalc.loading.loader import load
from backcalc.reading import read

NETWORKS = sorted(path.stem for path in Path(__file__).parents[2].glob("networks/*.yaml"))
FORMATS = {"text": "sheet.txt", "markdown": "sheet.md", "latex": "sheet.tex"}
COMMANDS = {"step": step, "forward": forward, "backward": backward, "key": worksheet}
STAGES = {"forward": ("forward",), "backward": ("backward",)}
LONGEST = 60  # about so many lines of a sheet that is read back here
WAYS = [*product(COMMANDS, FORMATS)]
BY_SAMPLES = ("huber", "ridge")
"""Small networks with several samples, whose columns and rows are read in every way."""


@cache
def lines_of(name: str) -> tuple[Network, Fraction, dict[str, list[tuple[str, float]]]]:
    """The network, its rate, and its lines by stage with their values."""
    network = load(name)
    rate = network.learning_rate or Fraction(1, 10)
    (turn,) = calculation.step(network, rate, 1).rounds
    return network, rate, {
        stage: [(str(each.name), float(each.value)) for each in getattr(turn, stage)]
        for stage in ("forward", "backward", "update", "after")
    }  # fmt: skip


def size(name: str) -> int:
    """About how many lines a sheet of a network has."""
    network = load(name)
    equations = len(network.definitions) + len(network.units) + len(network.weights)
    return 2 * equations * max(len(network.samples), 1)


def ways_for(place: int, name: str) -> list[tuple[str, str]]:
    """The command and format that are tried for a network, or all of them."""
    return WAYS if name in BY_SAMPLES else [WAYS[place % len(WAYS)]]


OTHERS = [name for name in NETWORKS if name not in EXAMPLES]
CASES = [
    pytest.param(name, way, form, marks=pytest.mark.sweep if place % 8 else ())
    for place, name in enumerate([*dict.fromkeys((*shared(OTHERS, "printed", 3), *BY_SAMPLES))])
    for way, form in ways_for(place, name)
]
"""Networks with one command in one format, and some with all."""


@pytest.mark.parametrize(("name", "way", "form"), CASES)
def test_a_printed_sheet_is_read_back(name: str, way: str, form: str) -> None:
    if size(name) > LONGEST:
        pytest.skip("a long sheet, of the same kind as the others")
    network, rate, stages = lines_of(name)
    if way == "key" and network.matrices is not None:
        pytest.skip("whole matrices have tests of their own")
    lines = [line for each in STAGES.get(way, stages) for line in stages[each]]
    options = [name, "--format", form]
    options += ["--lr", str(rate)] if way in ("step", "key") else []
    options += ["--no-expand"] if way in ("step", "backward") else []
    options += ["--key"] if way == "key" else ["--view", "scalar"]
    printed = CliRunner().invoke(COMMANDS[way], options, standalone_mode=False).output
    if way == "key":
        marked = check(Marking(network, rate), printed, FORMATS[form]).answers
        assert marked
        assert not [each.name for each in marked if each.verdict == "wrong"]
        return
    found = {
        each.quantity: float(evaluate(each.said.expression, {}))
        for each in read(printed, FORMATS[form], network, rate=rate).assertions
        if not names_in(each.said.expression)
    }
    for quantity, value in lines:
        assert found.get(quantity) == pytest.approx(value, rel=1e-6), quantity
