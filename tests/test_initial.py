"""Random initial weights: what is drawn, from what, and every mistake with its whole message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import sqrt
from pathlib import Path
from random import Random
from statistics import fmean, pstdev

import pytest
from conftest import Result

from backcalc.equations.initial import INITIALISATIONS, Initial, Initialisation, drawn, fans
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.loading import definitions
from backcalc.loading.document import bundled
from backcalc.loading.loader import load, loads
from backcalc.loading.sections import parse_initial

UNIT = """\
inputs: {x: 1}
targets: {y: 1}
weights: {w: random}
biases: {b: random}
nodes:
  0: {from: {x: w}, bias: b}
loss: l2
init: normal
"""

LAYERS = """\
inputs: {x1: 1, x2: 2}
targets: {y: 0}
layers:
  - {name: h, units: 3, activation: tanh, weights: random, bias: random}
  - {name: o, units: 1, weights: random, bias: [0.5]}
loss: l2
"""

EQUATION = """\
weights: {w: random, v: 1/2}
biases: {b: random}
equations: {f: w*v + b}
loss: f
"""

FILES = {"UNIT": UNIT, "LAYERS": LAYERS, "EQUATION": EQUATION}

MISTAKES = r"""
UNIT: normal => norml
net.yaml:8:7: unknown initialisation 'norml'
8 | init: norml
  |       ^^^^^
hint: did you mean 'normal'?

UNIT: normal => {distribution: glorot}
net.yaml:8:22: unknown initialisation 'glorot'
8 | init: {distribution: glorot}
  |                      ^^^^^^
hint: there are INITIALISATIONS

UNIT: normal => [normal]
net.yaml:8:7: expected the name of an initialisation, or a mapping with it, found a list
8 | init: [normal]
  |       ^
hint: write it without [ ]

UNIT: normal => {distribution: uniform, limt: 1}
net.yaml:8:31: the initialisation uniform has no option 'limt'
8 | init: {distribution: uniform, limt: 1}
  |                               ^^^^
hint: did you mean 'limit'?

UNIT: normal => {distribution: uniform, std: 1}
net.yaml:8:31: the initialisation uniform has no option 'std'
8 | init: {distribution: uniform, std: 1}
  |                               ^^^
hint: it takes limit

UNIT: normal => {distribution: he, std: 1}
net.yaml:8:26: the initialisation he has no option 'std'
8 | init: {distribution: he, std: 1}
  |                          ^^^
hint: it is normal with std sqrt(2/fan_in), biases 0

UNIT: normal => {std: 0}
net.yaml:8:13: std must be above 0, not 0
8 | init: {std: 0}
  |             ^

UNIT: normal => {distribution: uniform, limit: 2000000}
net.yaml:8:38: limit must be at most 1000000, not 2000000
8 | init: {distribution: uniform, limit: 2000000}
  |                                      ^^^^^^^

UNIT: normal => {std: one}
net.yaml:8:13: 'one' is not a number
8 | init: {std: one}
  |             ^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

UNIT: normal => {std: [1]}
net.yaml:8:13: expected a number, found a list
8 | init: {std: [1]}
  |             ^
hint: write it without [ ]

UNIT: normal => {seed: 0.5}
net.yaml:8:14: a seed is a whole number from 0 to 1000000000
8 | init: {seed: 0.5}
  |              ^^^

UNIT: normal => {seed: -1}
net.yaml:8:14: a seed is a whole number from 0 to 1000000000
8 | init: {seed: -1}
  |              ^^

UNIT: x: w} => x: random}
net.yaml:6:17: weight 'random' has no value
6 |   0: {from: {x: random}, bias: b}
  |                 ^^^^^^
hint: write a name here, and its number as random under weights:

UNIT: {w: => {random:
net.yaml:3:11: 'random' is the name of a number that is drawn
3 | weights: {random: random}
  |           ^^^^^^
hint: choose another name

UNIT: {x: 1} => {x: random}
net.yaml:1:13: 'random' is not a number
1 | inputs: {x: random}
  |             ^^^^^^
hint: numbers are written as 0.5, -3, 1/2 or 1e-3

LAYERS: weights: random, bias: random} => weights: [random, [1]], bias: random}
net.yaml:4:52: the weights are 2x2 or 1, but 3 units with 2 sources need 3x2
4 |   - {name: h, units: 3, activation: tanh, weights: [random, [1]], bias: random}
  |                                                    ^
hint: a row for each receiving unit

EQUATION: loss: f => loss: f\ninit: xavier
net.yaml:1:11: xavier needs the edges of a weight, and 'w' is on none
1 | weights: {w: random, v: 1/2}
  |           ^
hint: draw it with init: normal; only units of nodes: and layers: have edges
"""


def cases() -> Iterator[tuple[str, str]]:
    """Each mistake as a file's text and its message."""
    for block in MISTAKES.strip("\n").split("\n\n"):
        change, _, message = block.partition("\n")
        file, _, words = change.partition(": ")
        old, new = words.encode().decode("unicode_escape").split(" => ")
        assert FILES[file].count(old), change
        message = message.replace("INITIALISATIONS", ", ".join(INITIALISATIONS))
        yield FILES[file].replace(old, new, 1), message


@pytest.mark.parametrize(("text", "message"), tuple(cases()))
def test_mistake(text: str, message: str) -> None:
    with pytest.raises(BackcalcError) as caught:
        loads(text, "net.yaml")
    assert str(caught.value) == message


@pytest.mark.parametrize("text", tuple(FILES.values()), ids=tuple(FILES))
def test_the_files_are_right_unchanged(text: str) -> None:
    network = loads(text)
    assert network.remarks == ()
    assert network.random


def stream(seed: int, *scales: float) -> list[Fraction]:
    """What a stream gives for these standard deviations, with four digits."""
    rng = Random(seed)
    return [Fraction(f"{rng.gauss(0.0, scale):.4g}") for scale in scales]


# What is drawn.


def test_normal_numbers_come_in_file_order() -> None:
    network = loads(UNIT)
    assert network.weights == dict(zip(("w", "b"), stream(0, 1, 1), strict=True))
    assert (network.random, network.biases) == (("w", "b"), ("b",))
    assert network.weights["w"] == Fraction("0.9417")
    assert loads(UNIT.replace("init: normal\n", "")).weights == network.weights


def test_std_and_seed() -> None:
    network = loads(UNIT.replace("normal", "{std: 1/4, seed: 9}"))
    assert list(network.weights.values()) == stream(9, 0.25, 0.25)
    assert (network.initial.seed, network.initial.numbers) == (9, {"std": Fraction(1, 4)})


def test_uniform() -> None:
    rng = Random(2)
    network = loads(UNIT.replace("normal", "{distribution: uniform, limit: 2, seed: 2}"))
    expected = [Fraction(f"{rng.uniform(-2, 2):.4g}") for _ in "wb"]
    assert list(network.weights.values()) == expected


def test_constant_is_exact() -> None:
    network = loads(LAYERS + "init: {distribution: constant, value: -1/3}\n")
    assert {network.weights[name] for name in network.random} == {Fraction(-1, 3)}
    assert network.weights["b_o1"] == Fraction(1, 2)


@pytest.mark.parametrize(
    ("name", "deviations"),
    [
        ("xavier", [sqrt(2 / (2 + 3))] * 6 + [sqrt(2 / (3 + 1))] * 3),
        ("he", [sqrt(2 / 2)] * 6 + [sqrt(2 / 3)] * 3),
    ],
)
def test_by_fans(name: str, deviations: list[float]) -> None:
    network = loads(LAYERS + f"init: {{distribution: {name}, seed: 4}}\n")
    edges = [each for each in network.random if each.startswith("w")]
    assert [network.weights[each] for each in edges] == stream(4, *deviations)
    assert {network.weights[f"b_h{unit}"] for unit in (1, 2, 3)} == {0}
    assert network.weights["b_o1"] == Fraction(1, 2)


def test_fans_count_edges_of_the_first_use_and_skip_edges() -> None:
    network = loads(
        "inputs: {x1: 1, x2: 1}\ntargets: {y: 1}\nweights: {v: 1, w: 1, s: 1}\n"
        "nodes:\n  0: {from: {x1: v, x2: w}}\n  1: {from: {x1: v}}\n"
        "  2: {from: {0: w, 1: w}}\nskip: [{from: x1, to: 2, weight: s}]\nloss: l2\n"
    )
    assert fans(network.units) == {"v": (2, 3), "w": (2, 1), "s": (3, 3)}


def test_a_bias_by_fans_is_0_also_in_equations() -> None:
    text = EQUATION.replace("w: random", "w: 1")
    assert loads(text + "init: he\n").weights == {"w": 1, "v": Fraction(1, 2), "b": 0}


BIG = """\
inputs: {{{inputs}}}
layers: [{{name: h, units: 120, weights: random, bias: random}}]
outputs: [h1]
targets: {{y: 0}}
loss: l2
init: {init}
"""


@pytest.mark.parametrize(
    ("init", "deviation", "of_biases"),
    [
        ("{std: 0.3}", 0.3, 0.3),
        ("{distribution: uniform, limit: 3}", sqrt(3), sqrt(3)),
        ("xavier", sqrt(2 / 200), 0),
        ("he", sqrt(2 / 80), 0),
    ],
)
def test_a_large_layer_has_the_spread_of_the_formula(
    init: str, deviation: float, of_biases: float
) -> None:
    inputs = ", ".join(f"x{place}: 1" for place in range(80))
    network = loads(BIG.format(inputs=inputs, init=init))
    weights = [float(value) for name, value in network.weights.items() if name[0] == "w"]
    biases = [float(value) for name, value in network.weights.items() if name[0] == "b"]
    assert len(weights) == 80 * 120
    assert abs(fmean(weights)) < 4 * deviation / sqrt(len(weights))
    assert pstdev(weights) == pytest.approx(deviation, rel=0.03)
    assert pstdev(biases) == pytest.approx(of_biases, rel=0.2)


@pytest.mark.parametrize("row", INITIALISATIONS.values(), ids=INITIALISATIONS)
def test_every_row(row: Initialisation) -> None:
    """Named alone, with its defaults written out, and by a command it is the same."""
    options = "".join(f", {name}: {value}" for name, value in row.options)
    written = loads(LAYERS + f"init: {{distribution: {row.name}{options}}}\n")
    assert written.weights == loads(LAYERS + f"init: {row.name}\n").weights
    settings = "".join(f",{name}={value}" for name, value in row.options)
    from_command = drawn(loads(LAYERS.replace("0.5", "random")), 0, parse_initial(row.name))
    with_settings = drawn(from_command, 0, parse_initial(row.name + settings))
    assert from_command.weights == with_settings.weights
    for value in written.weights.values():
        assert value == Fraction(f"{float(value):.4g}")


# `random` inside layers.


def test_rows_and_cells() -> None:
    written = "weights: [[1, random], random, [random, w]], bias: [0, random, 1]"
    text = LAYERS.replace("weights: random, bias: random", written, 1)
    network = loads(text + "weights: {w: 2}\n")
    assert network.random == (
        "w_h1_x2", "w_h2_x1", "w_h2_x2", "w_h3_x1", "b_h2", "w_o1_h1", "w_o1_h2", "w_o1_h3"
    )  # fmt: skip
    assert [network.weights[name] for name in network.random] == stream(0, *[1] * 8)
    assert [network.weights[name] for name in ("w", "w_h1_x1", "b_h1", "b_h3")] == [2, 1, 0, 1]


def test_too_many_from_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "MOST_RANDOM", 11)
    with pytest.raises(BackcalcError) as caught:
        loads(LAYERS, "net.yaml")
    assert str(caught.value) == (
        "net.yaml:5:34: more than 11 random weights\n"
        "5 |   - {name: o, units: 1, weights: random, bias: [0.5]}\n"
        "  |                                  ^^^^^^"
    )


# Drawn anew.


def numbers(network: Network) -> list[Fraction]:
    return list(network.weights.values())


def test_another_seed_draws_the_random_ones_anew() -> None:
    network = loads(EQUATION)
    again = drawn(network, 5)
    first, second = stream(5, 1, 1)
    assert list(again.weights.items()) == [("w", first), ("v", Fraction(1, 2)), ("b", second)]
    assert (again.initial.seed, again.random) == (5, ("w", "b"))
    assert drawn(again, 0).weights == network.weights


def test_an_initialisation_draws_all_but_the_frozen() -> None:
    network = loads(EQUATION + "frozen: [v]\n")
    assert drawn(network, 1, Initial()).random == ("w", "b")
    assert numbers(drawn(loads(EQUATION), 1, Initial())) == stream(1, 1, 1, 1)
    frozen = loads(EQUATION + "frozen: [w]\n")
    assert drawn(frozen, 1, Initial()).random == ("w", "v", "b")  # random in the file itself


def test_init_without_random_weights_is_what_a_seed_draws_from() -> None:
    text = EQUATION.replace("random", "3")
    network = loads(text + "init: {std: 2}\n")
    assert (network.random, numbers(network)) == ((), [3, Fraction(1, 2), 3])
    assert numbers(drawn(network, 7)) == stream(7, 2, 2, 2)
    with pytest.raises(BackcalcError) as caught:
        drawn(loads(text), 7)
    assert str(caught.value) == (
        "no weight of this network is random\n"
        "hint: write `random` for a weight's number in the file, or add --init normal"
    )


def test_drawn_numbers_are_decimals_also_among_fractions() -> None:
    text = EQUATION.replace("random", "1/3")
    assert loads(text).fractions
    assert not loads(EQUATION).fractions
    assert not drawn(loads(text), 0, Initial()).fractions


# Commands.


@pytest.mark.sweep
def test_a_seed_shows_the_derivatives_of_that_run(run: Callable[..., Result]) -> None:
    shown = run("step", "xor_2_8_1", "--seed", "17", "--brief").stdout
    first = drawn(load("xor_2_8_1"), 17)
    given = [f"{name}={value}" for name, value in first.weights.items()]
    sets = [word for each in given for word in ("--set", each)]
    assert run("step", "xor_2_8_1", *sets, "--brief").stdout == shown
    assert run("step", "xor_2_8_1", "--seed", "18", "--brief").stdout != shown


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["noisy_line"], "initial weights: normal with mean 0 and std 1; seed 0"),
        (["noisy_line", "--seed", "17"], "initial weights: normal with mean 0 and std 1; seed 17"),
        (
            ["noisy_line", "--set", "w=2", "--seed", "3"],
            "initial weights (b): normal with mean 0 and std 1; seed 3",
        ),
        (
            ["nand_gate"],
            "initial weights: uniform between -limit and limit = 0.5; seed 0",
        ),
        (
            ["skip", "--init", "xavier"],
            "initial weights: normal with std sqrt(2/(fan_in + fan_out)), biases 0; seed 0",
        ),
        (["skip", "--init", "constant,value=0.25"], "initial weights: all 0.25"),
    ],
)
@pytest.mark.parametrize("command", ["step", "forward", "backward"])
def test_the_sheet_says_where_weights_come_from(
    command: str, arguments: list[str], line: str, run: Callable[..., Result]
) -> None:
    rate = ["--lr", "1"] if command == "step" else []
    result = run(command, *arguments, *rate)
    assert result.exit_code == 0
    assert f"\n  {line}\n" in result.stdout


def test_a_sheet_of_given_weights_says_nothing(run: Callable[..., Result]) -> None:
    assert "initial weights" not in run("forward", "skip").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--init", "norml"],
            "unknown initialisation 'norml' (did you mean 'normal'?)",
        ),
        (["--init", "normal,std"], "'std' is not of the form std=0.5"),
        (["--init", "normal,std=1,std=2"], "std is given twice"),
        (["--init", "normal,std=-1"], "std must be above 0, not -1"),
        (
            ["--init", "normal,seed=1"],
            "the initialisation normal has no option 'seed' (--seed gives the seed)",
        ),
    ],
)
def test_a_wrong_option(arguments: list[str], message: str, run: Callable[..., Result]) -> None:
    result = run("forward", "skip", *arguments)
    assert (result.stdout, result.exit_code) == ("", 2)
    assert result.stderr.endswith(f"Invalid value for '--init': {message}\n")


def test_a_seed_for_a_network_of_given_weights(run: Callable[..., Result]) -> None:
    message = (
        "no weight of this network is random\n"
        "hint: write `random` for a weight's number in the file, or add --init normal\n"
    )
    assert run("forward", "skip", "--seed", "1") == Result("", message, 2)


# Data that come along.

GATE = """\
inputs: [x1, x2]
targets: [y]
data: xor.csv
weights: {w1: random, w2: random}
nodes: {0: {from: {x1: w1, x2: w2}}}
loss: l2
"""


def test_a_csv_file_beside_the_network_wins_over_one_that_comes_along(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(GATE, "utf-8")
    assert [int(sample["y"]) for sample in load(str(path)).samples] == [0, 1, 1, 0]
    (tmp_path / "xor.csv").write_text("x1,x2,y\n1,1,7\n", "utf-8")
    assert [sample["y"] for sample in load(str(path)).samples] == [7]


@pytest.mark.parametrize("name", ["xorr.csv", "xor"])
def test_a_csv_file_that_is_nearly_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("x1,x2,y\n1,1,7\n", "utf-8")
    along = ", ".join(path.name for path in bundled(".csv"))
    for written, meant in ((name, "'xor.csv' or 'or.csv'"), ("mina.csv", "'mine.csv'")):
        with pytest.raises(BackcalcError) as caught:
            loads(GATE.replace("xor.csv", written), "net.yaml", str(tmp_path))
        assert caught.value.hint == f"did you mean {meant}? these come with backcalc: {along}"


TABLES = {
    "and": "0001",
    "or": "0111",
    "nand": "1110",
    "xor": "0110",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_gate(name: str) -> None:
    samples = loads(GATE.replace("xor", name)).samples
    assert [(int(s["x1"]), int(s["x2"])) for s in samples] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert "".join(str(sample["y"]) for sample in samples) == TABLES[name]


@pytest.mark.parametrize("path", bundled(".csv"), ids=lambda path: path.stem)
def test_every_bundled_table_is_small_and_whole(path: Path) -> None:
    header, *rows = path.read_text("utf-8").splitlines()
    assert 4 <= len(rows) <= 80
    for row in rows:
        cells = row.split(",")
        assert len(cells) == len(header.split(","))
        assert all(len(cell.partition(".")[2]) <= 3 for cell in cells)


def test_the_noisy_line_is_near_its_line() -> None:
    left = [float(each["y"] - (2 * each["x"] - 1)) for each in load("noisy_line").samples]
    assert 0.1 < pstdev(left) < 0.3
