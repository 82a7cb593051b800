"""The loss over two weights: against closed formulas, against `step`, and as a command."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from conftest import Result

from backcalc.equations import calculation
from backcalc.equations.named import with_numbers
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError
from backcalc.loading.loader import load, loads
from backcalc.training.loss_landscape import AxisEnds, Border, Landscape, landscape

Run = Callable[..., Result]

CORNER = "weights: {a: 1, b: 1}\nequations: {f: relu(a) + abs(b - 1/2)}\nloss: f\n"
LOGS = "weights: {a: 1, b: 2}\nequations: {f: a + log(b)}\nloss: f\nlearning_rate: 3\n"


def ends(low: int | str, high: int | str) -> AxisEnds:
    return Fraction(low), Fraction(high)


def rosenbrock(x: float, y: float) -> float:
    return 100 * (y - x * x) ** 2 + (1 - x) ** 2


def quadratic(x1: float, x2: float) -> float:
    return (x1 * x1 + 10 * x2 * x2) / 2


def skip(w0: float, w1: float) -> float:
    first = max(w0, 0.0)
    return abs(0.5 * max(w1 * first, 0.0) + 0.5 * first + 3)


# The grid.


@pytest.mark.parametrize(
    ("name", "weights", "formula"),
    [
        ("rosenbrock", ("x", "y"), rosenbrock),
        ("quadratic", ("x1", "x2"), quadratic),
        ("skip", ("w0", "w1"), skip),
        ("skip", ("w1", "w0"), lambda w1, w0: skip(w0, w1)),
    ],
)
def test_the_grid_is_the_formula(
    name: str, weights: tuple[str, str], formula: Callable[[float, float], float]
) -> None:
    ranges = {weights[0]: ends(-3, 3), weights[1]: ends(-1, "5/2")}
    found = landscape(load(name), weights, ranges, 13)
    assert (found.xs[0], found.xs[6], found.xs[-1]) == (-3, 0, 3)
    assert (found.ys[0], found.ys[-1], len(found.ys)) == (-1, 2.5, 13)
    for y, row in zip(found.ys, found.losses, strict=True):
        assert row == pytest.approx([formula(x, y) for x in found.xs], rel=1e-12, abs=1e-12)


def test_the_least_loss_is_on_the_grid() -> None:
    found = landscape(load("rosenbrock"), ("x", "y"), {"x": ends(-2, 2), "y": ends(-2, 2)}, 5)
    assert found.lowest == (0, 1, 1)


def test_the_other_weights_are_as_in_the_file_or_as_set() -> None:
    network = with_numbers(load("skip"), {"ws": Fraction(2)})
    found = landscape(network, ("w0", "w1"), {"w0": ends(0, 1), "w1": ends(0, 1)}, 2)
    assert found.losses == ((3, 5), (3, 5.5))


def test_undefined_points_are_none() -> None:
    found = landscape(loads(LOGS), ("a", "b"), {"a": ends(1, 2), "b": ends(-1, 1)}, 3)
    assert found.losses == ((None,) * 3, (None,) * 3, (1, 1.5, 2))


# The path.


@pytest.mark.parametrize("name", ["quadratic", "rosenbrock", "skip", "xor", "adam", "ridge"])
def test_the_path_is_that_of_step(name: str) -> None:
    network = load(name)
    first, second = list(network.weights)[:2]
    found = landscape(network, (first, second), {}, 2, Fraction(1, 10), 3)
    worked = calculation.step(network, Fraction(1, 10), 3)
    expected = [
        tuple(
            float(worked.values[weight if weight in network.frozen else weight + "'" * steps])
            for weight in (first, second)
        )
        for steps in range(4)
    ]
    assert [state.epoch for state in found.path] == [0, 1, 2, 3]
    for place, wanted in zip(found.places, expected, strict=True):
        assert place == pytest.approx(wanted, rel=1e-9)
    losses = [worked.rounds[0].loss_before, *(each.loss_after for each in worked.rounds)]
    assert found.along == pytest.approx([float(loss) for loss in losses], rel=1e-9)


def test_only_the_two_weights_move_if_that_is_asked_for() -> None:
    free = landscape(load("skip"), ("w0", "w1"), {}, 2)
    held = landscape(load("skip"), ("w0", "w1"), {}, 2, only=True)
    assert (free.moved, held.moved) == (("w2", "ws"), ())
    assert {state.weights[2:] for state in held.path} == {(0.5, 0.5)}
    for loss, (w0, w1) in zip(held.along, held.places, strict=True):
        assert loss == pytest.approx(skip(w0, w1))


def test_a_long_path_keeps_its_ends() -> None:
    found = landscape(load("rosenbrock"), ("x", "y"), {}, 2, Fraction(1, 1000), 2500)
    epochs = [state.epoch for state in found.path]
    assert (epochs[0], epochs[1], epochs[-1]) == (0, 3, 2500)
    straight = landscape(load("rosenbrock"), ("x", "y"), {}, 2, Fraction(1, 1000), 3)
    assert found.places[1] == straight.places[-1]


def test_a_path_ends_where_the_next_epoch_is_undefined() -> None:
    found = landscape(loads(LOGS), ("a", "b"), {}, 2)
    assert found.stopped
    assert found.path[-1].weights[1] <= 0


def test_the_range_covers_the_start_and_the_path_but_not_a_divergence() -> None:
    near = landscape(load("quadratic"), ("x1", "x2"), {}, 5)
    assert (near.xs[0], near.xs[-1], near.ys[0], near.ys[-1]) == (-5, 15, -1.9, 2)
    far = landscape(load("quadratic"), ("x1", "x2"), {}, 5, Fraction(1))
    assert max(abs(y) for _, y in far.places) > 1e90
    assert max(map(abs, (*far.xs, *far.ys))) < 200


# Kinks.


def corner(low: str, high: str, size: int) -> Landscape:
    return landscape(loads(CORNER), ("a", "b"), {"a": ends(low, high), "b": ends(low, high)}, size)


def test_kinks_are_where_the_formula_bends() -> None:
    found = corner("-1", "1", 9)  # a is 0 between columns 4 and 5, b 1/2 between rows 6 and 7
    upright = {Border(4, row, upright=True) for row in range(9)}
    flat = {Border(column, 6, upright=False) for column in range(9)}
    assert set(found.kinks) == upright | flat
    assert len(found.bends) == 2


def test_there_are_no_kinks_where_nothing_bends() -> None:
    for name in ("rosenbrock", "quadratic"):
        network = load(name)
        first, second = network.weights
        assert landscape(network, (first, second), {}, 9).kinks == ()
    assert corner("2", "3", 9).kinks == ()


def test_each_sample_has_its_own_kink() -> None:
    text = "inputs: [x]\ndata: [{x: 1}, {x: -1}, {x: 2}]\nweights: {w: 1, b: 1}\n"
    network = loads(text + "equations: {f: relu(w*x + b)}\nloss: f\n")
    found = landscape(network, ("w", "b"), {"w": ends(-1, 1), "b": ends("-13/4", "13/4")}, 14)
    last = {(kink.column, kink.row) for kink in found.kinks if not kink.upright}
    column = [row for place, row in sorted(last) if place == 13]
    between = [(found.ys[row], found.ys[row + 1]) for row in column]
    assert between == [(-2.25, -1.75), (-1.25, -0.75), (0.75, 1.25)]  # b = -2, -1 and 1 at w = 1


def test_conditions_are_kinks_too() -> None:
    network = loads("weights: {a: 1, b: 1}\nequations: {f: a if b > a else b}\nloss: f\n")
    found = landscape(network, ("a", "b"), {"a": ends(0, 1), "b": ends(0, 1)}, 2)
    assert set(found.kinks) == {Border(0, 1, upright=True), Border(0, 0, upright=False)}


# Errors.


@pytest.mark.parametrize(
    ("weights", "ranges", "message"),
    [
        (("w0", "w11"), {}, "there is no weight 'w11'\nhint: did you mean 'w1'?"),
        (("w0", "x"), {}, "there is no weight 'x'\nhint: the weights are w0, w1, w2, ws"),
        (
            ("w0", "w0"), {},
            "the weight 'w0' is named twice\nhint: name two of w0, w1, w2, ws",
        ),
        (
            ("w0", "w1"), {"ws": ends(0, 1)},
            "no axis shows 'ws', which has a --range\nhint: the axes are w0 and w1",
        ),
        (
            ("w0", "w1"), {"w0": ends(1, 0)},
            "the range of 'w0' must go upwards, not from 1 to 0\nhint: write --range w0=-3..3",
        ),
        (
            ("w0", "w1"), {"w0": ends(0, "1e400")},
            "the range of 'w0' is too wide\nhint: 1e100 is the most",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_shown(
    weights: tuple[str, str], ranges: dict[str, AxisEnds], message: str
) -> None:
    with pytest.raises(BackcalcError) as caught:
        landscape(load("skip"), weights, ranges, 3)
    assert str(caught.value) == message


def test_a_path_needs_a_learning_rate() -> None:
    network = loads(CORNER)
    assert landscape(network, ("a", "b"), {}, 2).path == ()
    with pytest.raises(BackcalcError) as caught:
        landscape(network, ("a", "b"), {}, 2, epochs=5)
    assert str(caught.value) == (
        "no learning rate is given for the path\n"
        "hint: add --lr 0.5, or learning_rate: 0.5 to the file"
    )


# The command.


@pytest.mark.sweep
def test_the_command_as_text(run: Run) -> None:
    result = run("landscape", "skip", "w0", "w1", "--lr", "0.1", "--epochs", "5")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Skip connection: the loss L over w0 and w1\n\n")
    assert "Kinks run where z0 = 0 and z1 = 0.\n" in result.stdout
    assert "It moves w2 and ws as well" in result.stdout
    assert "The other weights are held at w2 = 0.5 and ws = 0.5." in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    same = run("landscape", "skip", "w0", "w1", "--lr", "0.1", "--epochs", "5",
               env={"COLUMNS": "200"})  # fmt: skip
    assert same.stdout == result.stdout


def test_the_command_in_plain_ascii(run: Run) -> None:
    env: dict[str, str | None] = {"PYTHONIOENCODING": "ascii"}
    result = run("landscape", "skip", "w0", "w1", "--log", env=env)
    assert result.exit_code == 0
    assert result.stdout.isascii()
    assert "\\u" not in result.stdout
    assert "shades: equal factors" in result.stdout


def test_the_command_as_json(run: Run) -> None:
    result = run("landscape", "skip", "w0", "w1", "--size", "3", "--epochs", "1",
                 "--range", "w0=-1..1", "--range", "w1=-1..1", "--format", "json")  # fmt: skip
    data = json.loads(result.stdout)
    assert data["schema"] == "backcalc/landscape/1"
    assert data["x"] == {"name": "w0", "values": [-1, 0, 1]}
    assert [row["losses"] for row in data["grid"]] == [[3, 3, 3.5], [3, 3, 3.5], [3, 3, 4]]
    assert data["kinks"] == ["z0 = 0", "z1 = 0"]
    assert {(cell["row"], cell["column"]) for cell in data["kink_cells"]} == {
        (row, column) for row in range(3) for column in (1, 2)
    }
    assert data["path"] == [
        {"epoch": 0, "x": 0.5, "y": 0.5, "loss": 3.375},
        {"epoch": 1, "x": -0.25, "y": 0.25, "loss": 3},
    ]
    assert data["path_moves_too"] == ["w2", "ws"]


def test_undefined_points_are_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "logs.yaml").write_text(LOGS, "utf-8")
    arguments = ["landscape", "logs.yaml", "a", "b", "--size", "9"]
    result = run(*arguments, "--plot", "logs.svg", cwd=tmp_path)
    assert re.search(r"\n\? undefined: \d+ of 81 points\n", result.stdout)
    assert "There it ends: the next epoch has no finite answer.\n" in result.stdout
    svg = (tmp_path / "logs.svg").read_text("utf-8")
    ElementTree.fromstring(svg)
    assert "url(#backcalc-hatch)" in svg
    data = json.loads(run(*arguments, "--format", "json", cwd=tmp_path).stdout)
    assert (data["grid"][0]["losses"], data["path"][-1]["loss"]) == ([None] * 9, None)
    for text in (result.stdout, svg):
        assert not re.search(r"\b(nan|inf)\b", text)


def test_files_are_not_overwritten_unasked(run: Run, tmp_path: Path) -> None:
    plot = tmp_path / "chart.svg"
    arguments = ["landscape", "skip", "w0", "w1", "--size", "3", "--plot", str(plot)]
    assert run(*arguments).exit_code == 0
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (
        2, f"{plot} exists already\nhint: add --force to overwrite it\n"
    )  # fmt: skip
    assert run(*arguments, "--force").exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("w0", "'w0' is not of the form w0=-3..3"),
        ("w0=1", "'w0=1' is not of the form w0=-3..3"),
        ("w0=1..x", "'x' is not a number"),
    ],
)
def test_a_range_is_written_with_dots(text: str, said: str, run: Run) -> None:
    result = run("landscape", "skip", "w0", "w1", "--range", text)
    assert result.exit_code == 2
    assert said in result.stderr


def test_every_bundled_network_with_two_weights_has_a_landscape(network_file: str) -> None:
    network: Network = load(network_file)
    weights = list(network.weights)[:2]
    if len(weights) == 2:
        found = landscape(network, (weights[0], weights[1]), {}, 3, Fraction(1, 10), 2)
        assert found.lowest is not None


def test_an_interrupted_landscape_shows_what_is_done(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backcalc.training import loss_landscape as surveying

    whole = json.loads(
        run("landscape", "skip", "w0", "w1", "--size", "5", "--format", "json").stdout
    )
    made = surveying.engine_for

    def stopped(*args: Any, **options: Any) -> tuple[Any, str]:
        engine, note = made(*args, **options)
        asked: list[object] = []

        def loss(state: Any) -> float:
            asked.append(state)
            if len(asked) == 13:
                raise KeyboardInterrupt
            return own(state)

        own, engine.loss = engine.loss, loss  # type: ignore[method-assign]
        return engine, note

    monkeypatch.setattr(surveying, "engine_for", stopped)
    result = run("landscape", "skip", "w0", "w1", "--size", "5")
    assert result.exit_code == 130
    assert "Interrupted: 2 of 5 rows are done, from the bottom; the other rows" in result.stdout
    result = run("landscape", "skip", "w0", "w1", "--size", "5", "--format", "json")
    data = json.loads(result.stdout)
    assert (result.exit_code, data["interrupted_after_rows"]) == (130, 2)
    assert data["grid"][:2] == whole["grid"][:2]
    assert {loss for row in data["grid"][2:] for loss in row["losses"]} == {None}
    assert (data["path"], data["kinks"]) == (whole["path"], [])


def test_a_range_is_not_said_to_cover_what_it_does_not(run: Run) -> None:
    far = run("landscape", "dying_relu", "w1", "b1", "--size", "5").stdout.replace("\n", " ")
    assert "points of the path outside the chart: 99" in far
    assert "chosen to cover the file's value and what of the path is near it;" in far
    near = run("landscape", "skip", "w0", "w1", "--size", "5").stdout.replace("\n", " ")
    assert "chosen to cover the file's value and the path;" in near
