"""What the program prints is read back, whichever network, command and format."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import EXAMPLES, mostly_swept, shared

from backcalc.checking.report import Marking, check
from backcalc.commands.working import backward, forward, report, step
from backcalc.commands.worksheet import worksheet
from backcalc.equations import calculation
from backcalc.equations.network import Network
from backcalc.equations.optimizers import OPTIMIZERS, Descent
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


POINTS = """
data: [{x: [0.5, -1], y: Y1}, {x: [1, 2], y: Y2}, {x: [-0.5, 1.5], y: 1}]
inputs: [x]
targets: [y]
learning_rate: 0.5
"""
VECTORS = (
    POINTS
    + """
weights: {W1: [[0.2, -0.4], [0.7, 0.1], [-0.5, 0.3]], b1: [0.1, 0, -0.2], W2: M2, b2: B2}
equations: {z1: W1 @ x + b1, h1: tanh(z1), z2: W2 @ h1 + b2, p: F2(z2)}
"""
)
THREE = {"Y1": "0", "Y2": "2", "M2": "[[1.2, -0.7, 0.4], [0.3, 0.5, -0.6], [-0.2, 0.1, 0.9]]",
         "B2": "[0.05, 0, 0.1]", "F2": "softmax"}  # fmt: skip
ONE = {"Y1": "0", "Y2": "1", "M2": "[1.2, -0.7, 0.4]", "B2": "0.05", "F2": "sigmoid"}
WORDS = "names: {z1: net, h1: a, y: t, dL/dz1: delta, dL/dz2: delta_out, p: o, z2: s, L: E"
OF_CLASSES = """
data: [{x1: 0.5, x2: -1, c: 0}, {x1: 1, x2: 2, c: 2}, {x1: -0.5, x2: 1.5, c: 1}]
inputs: [x1, x2]
targets: [c]
learning_rate: 0.5
layers:
  - {name: h, units: 1, activation: tanh, weights: [[0.2, -0.4]], bias: [0.1]}
  - {name: o, units: 3, activation: softmax, weights: [[1.2], [0.3], [-0.2]], bias: [0.05, 0, 0.1]}
loss: cross_entropy
"""
BATCHES = {
    "softmax": (VECTORS + "loss: cross_entropy\n" + WORDS + "}\n", THREE),
    "sigmoid": (VECTORS + "loss: bce\n" + WORDS + ", J: E_total}\n", ONE),
    "scalars": (OF_CLASSES + "names: {z_h1: net_1, h_h1: a_1, dL/dz_h1: delta_1, L: E}\n", {}),
}
"""Three samples under a course's own words: vectors with two kinds of output, and scalars."""


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("name", "form"), mostly_swept(shared([*product(BATCHES, FORMATS)], "batches"), 4)
)
def test_a_batch_under_own_words_is_read_back_whole(name: str, form: str, tmp_path: Path) -> None:
    text, numbers = BATCHES[name]
    for word, number in numbers.items():
        text = text.replace(word, number)
    (tmp_path / "net.yaml").write_text(text, "utf-8")
    network = load(tmp_path / "net.yaml")
    ways = [(worksheet, "--key")] + ([(report, "--digits=6")] if form != "text" else [])
    ways += [(step, "--compact")] if name == "scalars" else []
    for command, option in ways:
        options = [str(tmp_path / "net.yaml"), option, "--format", form]
        printed = CliRunner().invoke(command, options, standalone_mode=False).output
        marked = check(Marking(network), printed, FORMATS[form])
        assert [each.text for each in marked.unread] == []
        assert {each.verdict for each in marked.answers} == {"correct", "rounded"}
        assert marked.lines == 0  # it has every line of the work


def test_a_general_formula_that_is_wrong_is_listed() -> None:
    network = load("xor")
    said = "dL/dw5 = dL/dz3*h1\ndL/dw6 = dL/dz3*h1\n"
    figures = "dL[1]/dw5 = 0.1\ndL[1]/dw6 = 0.1\n"
    marked = check(Marking(network), said + figures, "sheet.md")
    assert [each.place.line for each in marked.unread] == [2]


ROWS = [*product(OPTIMIZERS, FORMATS)]


@pytest.mark.parametrize(("optimizer", "form"), mostly_swept(shared(ROWS, "rules", 6), 3))
def test_the_rule_of_an_optimizer_is_read_over(optimizer: str, form: str) -> None:
    options = ["mazur", "--lr", "1/2", "--optimizer", optimizer, "--format", form]
    printed = CliRunner().invoke(step, options, standalone_mode=False).output
    network = replace(load("mazur"), descent=Descent(OPTIMIZERS[optimizer]))
    marked = check(Marking(network, Fraction(1, 2)), printed, FORMATS[form])
    assert {each.verdict for each in marked.answers} <= {"correct", "rounded"}
    assert not marked.unread
    new = {f"{each}'" for each in network.weights} - {"b1'", "b2'"}  # which are frozen
    assert new <= {each.name for each in marked.answers}


def test_a_letter_of_the_network_is_not_that_of_the_rule() -> None:
    printed = CliRunner().invoke(step, ["clipped"], standalone_mode=False).output
    assert "at the start v_w = 0" in printed
    assert "v_w' = mu·v_w + g" in printed


@pytest.mark.parametrize(
    "formula", ["m_w0/(1 - beta1^t)", r"$\frac{m_{w_0}}{1 - \beta_1^t}$", "m_w0'/(1 - beta1**t)"]
)
def test_t_above_an_option_is_the_number_of_the_step(formula: str) -> None:
    network = replace(load("skip"), descent=Descent(OPTIMIZERS["adam"]))
    sheet = f"mhat_w0 = {formula}\n"
    kind = "sheet.md" if "$" in formula else "sheet.txt"
    (answer,) = check(Marking(network, Fraction(1)), sheet, kind).answers
    assert answer.verdict == "correct"


@pytest.mark.parametrize(
    ("name", "form"),
    [("skip", "text"), ("activations", "text"), ("activations", "latex"), ("hinge", "text"),
     ("additive_attention", "text"), ("additive_attention", "markdown"), ("conv2d", "text"),
     ("average_pooling", "markdown"), ("lstm_vectors", "text")],
)  # fmt: skip
def test_a_printed_sheet_has_nothing_wrong_or_unread(name: str, form: str) -> None:
    printed = (
        CliRunner()
        .invoke(step, [name, "--lr", "1/10", "--format", form], standalone_mode=False)
        .output
    )
    marked = check(Marking(load(name), Fraction(1, 10)), printed, FORMATS[form])
    assert {each.verdict for each in marked.answers} <= {"correct", "rounded"}
    assert not marked.unread or (name == "lstm_vectors" and len(marked.unread) < 3)


def test_a_rounded_constant_in_a_formula_is_the_exact_one() -> None:
    network = load("activations")
    for constant, verdict in (("2.5066", "correct"), ("2.50662827", "correct"), ("2.4", "wrong")):
        sheet = f"dh2/dz2 = (1 + erf(z2/sqrt(2)))/2 + z2*exp(-z2**2/2)/{constant}\n"
        (answer,) = check(Marking(network), sheet, "a.txt").answers
        assert answer.verdict == verdict, constant
