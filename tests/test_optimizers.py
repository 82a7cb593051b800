"""Optimizers: against their papers, worked in plain floats; in files and in commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import cycle
from math import sqrt

import pytest
from conftest import Result

from backcalc.equations.calculation import step
from backcalc.equations.optimizers import OPTIMIZERS, Descent
from backcalc.errors import BackcalcError
from backcalc.formats import FORMATS
from backcalc.loading.loader import load, loads
from backcalc.training.engines.engine import Batches, start
from backcalc.training.engines.equations import Equations
from backcalc.training.engines.plan import Planner
from backcalc.training.engines.python import Python

Run = Callable[..., Result]
BOWL = "weights: {x: 1, y: -2}\nequations: {f: 1/2*(3*x**2 + y**2)}\nloss: f\nlearning_rate: 0.1\n"
SLOPES = {"x": 3.0, "y": 1.0}


BY_HAND = (
    "sgd", "momentum", "heavy_ball", "nesterov", "rmsprop", "adagrad", "adam", "adamw", "lion",
    "nesterov_ahead", "averaged_momentum", "dampened_momentum", "keras_adamw",
)  # fmt: skip
"""The optimizers that are written here once more."""


def by_hand(name: str, steps: int, options: dict[str, float]) -> Iterator[dict[str, float]]:
    """The weights of the bowl after each step, in floats and by the papers' own words."""
    mu, alpha, b1, b2 = 0.9, 0.99, 0.9, 0.999
    weights, lr = {"x": 1.0, "y": -2.0}, 0.1
    memory = {key: [0.0, 0.0] for key in weights}
    for t in range(1, steps + 1):
        ahead = mu if name == "nesterov_ahead" else 0.0
        slopes = {
            key: SLOPES[key] * (value + ahead * memory[key][0]) for key, value in weights.items()
        }
        if "clip_value" in options:
            bound = options["clip_value"]
            slopes = {key: max(-bound, min(bound, g)) for key, g in slopes.items()}
        if "clip_norm" in options:
            length = sqrt(sum(g * g for g in slopes.values()))
            share = min(1.0, options["clip_norm"] / (length + 1e-6))
            slopes = {key: g * share for key, g in slopes.items()}
        for key, w in weights.items():
            g, (m, v) = slopes[key], memory[key]
            if name not in ("adamw", "lion", "keras_adamw"):
                g += options.get("weight_decay", 0.0) * w
            if name in ("momentum", "nesterov"):
                m = mu * m + g
                w -= lr * (g + mu * m if name == "nesterov" else m)
            elif name == "averaged_momentum":  # as in Andrew Ng's course
                m = 0.9 * m + (1 - 0.9) * g
                w -= lr * m
            elif name == "dampened_momentum":  # torch.optim.SGD: the first step takes g whole
                m = g if t == 1 else mu * m + (1 - 0.1) * g
                w -= lr * m
            elif name == "keras_adamw":
                w -= lr * options.get("weight_decay", 0.004) * w
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
                w -= lr * sqrt(1 - b2**t) / (1 - b1**t) * m / (sqrt(v) + 1e-7)
            elif name in ("heavy_ball", "nesterov_ahead"):
                m = mu * m - lr * g
                w += m
            elif name == "rmsprop":
                v = alpha * v + (1 - alpha) * g * g
                w -= lr * g / (sqrt(v) + 1e-8)
            elif name == "adagrad":
                v += g * g
                w -= lr * g / (sqrt(v) + 1e-10)
            elif name in ("adam", "adamw"):
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
                decay = options.get("weight_decay", 0.01) if name == "adamw" else 0.0
                w = w * (1 - lr * decay)
                w -= lr * (m / (1 - b1**t)) / (sqrt(v / (1 - b2**t)) + 1e-8)
            elif name == "lion":  # Chen et al. 2023, algorithm 2; numbers of optax
                step_of = b1 * m + (1 - b1) * g
                m = 0.99 * m + (1 - 0.99) * g
                sign = (step_of > 0) - (step_of < 0)
                w -= lr * (sign + options.get("weight_decay", 0.001) * w)
            elif name == "sgd":
                w -= lr * g
            weights[key], memory[key] = w, [m, v]
        yield dict(weights)


@pytest.mark.parametrize("name", [name for name in BY_HAND if name in OPTIMIZERS])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"weight_decay": "0.1"},
        {"clip_value": "1.5"},
        {"clip_norm": "0.5"},
        {"clip_value": "1.5", "clip_norm": "0.5", "weight_decay": "0.1"},
    ],
)
def test_every_optimizer_for_five_steps(name: str, options: dict[str, str]) -> None:
    exact = {key: Fraction(value) for key, value in options.items()}
    network = replace(loads(BOWL), descent=Descent(OPTIMIZERS[name], exact))
    values = step(network, None, 5).values
    floats = {key: float(value) for key, value in options.items()}
    for number, expected in enumerate(by_hand(name, 5, floats), 1):
        for key, value in expected.items():
            assert float(values[key + "'" * number]) == pytest.approx(value, rel=1e-12)


def test_climbing_and_a_memory_from_before(run: Run) -> None:
    text = f"{BOWL}optimizer: momentum\nmaximise: true\nstate: {{v_x: 1/5}}\n"
    values = step(loads(text)).values
    assert values["v_x'"] == Fraction(9, 10) / 5 - 3
    assert values["x'"] == 1 - (Fraction(9, 10) / 5 - 3) / 10
    assert values["y'"] == -2 - Fraction(2) / 10
    for form in FORMATS:
        assert run("step", "-", "--format", form, stdin=text).exit_code == 0
    for engine in ("python", "equations"):
        trained = run("train", "-", "--epochs", "1", "--engine", engine, stdin=text)
        assert trained.exit_code in (0, 1), trained.stderr
        assert "1.282" in run("train", "-", "--epochs", "1", "--engine", engine, "--format", "json",
                              stdin=text).stdout  # fmt: skip


TABLE = """
inputs: [x1, x2]
targets: [y]
data: [{x1: 0, x2: 1, y: 1}, {x1: 1, x2: 0, y: -1}, {x1: 1, x2: 1, y: 1/2}]
weights: {w1: 0.3, w2: -0.2}
biases: {b: 0.1}
nodes: {1: {from: {x1: w1, x2: w2}, bias: b, activation: tanh}}
loss: half_l2
learning_rate: 0.1
optimizer: {name: nesterov_ahead, mu: 0.7}
state: {v_w1: 0.2}
"""


@pytest.mark.sweep
@pytest.mark.parametrize("extra", ["", "maximise: true\n", "frozen: [w2]\n"])
def test_training_takes_the_gradient_at_the_points_ahead(extra: str) -> None:
    network = loads(TABLE + extra)
    values = step(network, None, 4).values
    for engine in (Equations(network, Batches()), Python(Planner(network, Batches()).plan())):
        (done,) = engine.advance([start(network)], 4, 0.1, [0], keep=True)
        trained = dict(zip(network.weights, done.state.weights, strict=True))
        for name in ("w1", "b"):
            assert trained[name] == pytest.approx(float(values[name + "'" * 4]), rel=1e-12)
        level = step(replace(network, descent=Descent()), Fraction(1))
        assert done.losses[0] == pytest.approx(float(level.rounds[0].loss_before))
    for batches in (Batches(1), Batches(2, shuffled=True)):
        code = Python(Planner(network, batches).plan())
        ends = [engine.advance([start(network)], 5, 0.1, [3], keep=True)
                for engine in (Equations(network, batches), code)]  # fmt: skip
        assert ends[0] == ends[1]


def test_dampening_goes_on_from_a_given_state() -> None:
    text = f"{BOWL}optimizer: {{name: dampened_momentum, mu: 0.5}}\nstate: {{v_x: 1}}\n"
    values = step(loads(text)).values
    assert values["v_x'"] == Fraction(1, 2) + Fraction(9, 10) * values["df/dx"]
    assert values["v_y'"] == Fraction(9, 10) * values["df/dy"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("optimizer: adam\nstate: {v_q: 1}", "adam keeps no value called 'v_q'"),
        ("state: {v_x: 1}", "sgd keeps no values"),
        ("maximise: perhaps", "unknown value of maximise 'perhaps'"),
        ("upstream: {f: 1}", "loss and upstream are both given"),
    ],
)
def test_what_makes_no_sense_is_said(run: Run, lines: str, message: str) -> None:
    result = run("step", "-", stdin=f"{BOWL}{lines}\n")
    assert result.exit_code == 2
    assert message in result.stderr


def test_the_perceptron_moves_only_where_it_is_wrong() -> None:
    """Rosenblatt's rule: w + lr·y·x where y·z <= 0, else w."""
    for bias, moves in (("-1", True), ("0", True), ("1/4", False)):
        text = (
            "inputs: {x: 1/2}\ntargets: {y: 1}\nweights: {w: 0}\n"
            f"constants: {{b: {bias}}}\nequations: {{yhat: w*x + b}}\nloss: perceptron\n"
        )
        assert step(loads(text), Fraction(1)).values["w'"] == (Fraction(1, 2) if moves else 0)


def test_gradient_descent_stays_exact() -> None:
    assert step(load("skip"), Fraction(1)).values["w0'"] == Fraction(-1, 4)


def test_online_is_one_update_for_each_sample() -> None:
    network = load("xor")
    whole = step(network, Fraction(1, 2), online=True)
    assert [each.number for each in whole.rounds] == [0, 1, 2, 3]
    weights = dict(network.weights)
    for sample in network.samples:
        alone = replace(network, samples=(sample,), weights=weights)
        after = step(alone, Fraction(1, 2)).values
        weights = {name: Fraction(after[f"{name}'"]) for name in weights}
    for name, value in weights.items():
        assert float(whole.values[f"{name}''''"]) == pytest.approx(float(value), rel=1e-12)


@pytest.mark.sweep
def test_online_has_its_sheet_in_every_format(run: Run) -> None:
    for form, name in zip(FORMATS, cycle(("xor", "hinge", "or_gate")), strict=False):
        result = run("step", name, "--online", "--lr", "0.01", "--format", form)
        assert (result.exit_code, result.stderr) == (0, "")


def test_too_many_updates_of_one_sample(run: Run) -> None:
    result = run("step", "xor", "--online", "--steps", "51")
    assert result.exit_code == 2
    assert "steps must be from 1 to 200, not 204: 204 updates of one sample each" in result.stderr


def test_a_penalty_counts_once_whatever_the_reduction() -> None:
    text = (
        "inputs: [x]\ntargets: [y]\ndata: [{x: 1, y: 2}, {x: 3, y: 1}]\nweights: {w: 0.5}\n"
        "nodes: {1: {from: {x: w}, activation: identity}}\nloss: l2\nregularisation: {l2: 0.1}\n"
    )
    for reduction, losses in (("sum", 2.25 + 0.25), ("mean", 1.25)):
        values = step(loads(f"{text}reduction: {reduction}\n"), Fraction(1, 10)).values
        assert float(values["J"]) == pytest.approx(losses + 0.1 * 0.25)


def test_a_class_that_is_set_must_be_one(run: Run) -> None:
    result = run("step", "softmax_regression", "--set", "c=7")
    assert result.exit_code == 2
    assert "the class c = 7 is no" in result.stderr


@pytest.mark.parametrize(
    ("penalty", "cost", "slopes"),
    [("{l2: 0.1}", 0.1 * 1.25, (0.2, -0.1)), ("{l1: 0.1}", 0.1 * 1.5, (0.1, -0.1))],
)
def test_regularisation(penalty: str, cost: float, slopes: tuple[float, float]) -> None:
    text = (
        "inputs: {x: 1}\ntargets: {y: 1}\nweights: {w: 1, v: -0.5}\nbiases: {b: 9}\n"
        "nodes:\n  1: {from: {x: w}, bias: b, activation: identity}\n"
        "  2: {from: {1: v}, activation: identity}\nloss: l2\nlearning_rate: 0.1\n"
    )
    bare, cost_too = (step(loads(t)).values for t in (text, f"{text}regularisation: {penalty}\n"))
    assert float(cost_too["L"] - bare["L"]) == pytest.approx(cost)
    for name, slope in zip(("dL/dw", "dL/dv"), slopes, strict=True):
        assert float(cost_too[name] - bare[name]) == pytest.approx(slope)
    assert cost_too["dL/db"] == bare["dL/db"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("optimizer: adan", "unknown optimizer 'adan'"),
        ("optimizer: {beta1: 0.5}", "this optimizer has no 'name'"),
        ("optimizer: {name: adam, mu: 0.5}", "the optimizer adam has no option 'mu'"),
        ("optimizer: {name: momentum, mu: 1}", "mu must be below 1, not 1"),
        ("optimizer: {name: adam, eps: -1}", "eps must be at least 0, not -1"),
        ("optimizer: [adam]", "expected the name of an optimizer, or a mapping with its name"),
        ("regularisation: {l3: 1}", "unknown key 'l3'"),
        ("regularisation: {l2: 1}", "regularisation needs a loss, not an equation's name"),
    ],
)
def test_mistakes_in_a_file(line: str, message: str) -> None:
    with pytest.raises(BackcalcError) as caught:
        loads(BOWL + line)
    assert caught.value.message.startswith(message)
    assert caught.value.where
    assert caught.value.where.line == 5


@pytest.mark.parametrize("word", ["beta", "momentum"])
def test_other_words_are_said_to_be_mu(word: str) -> None:
    with pytest.raises(BackcalcError, match=f"no option '{word}'") as caught:
        loads(f"{BOWL}optimizer: {{name: momentum, {word}: 0.9}}")
    assert caught.value.hint.startswith("its options are mu (0.9 without it), weight_decay, ")
    assert caught.value.hint.endswith("; mu is what others call momentum or beta")
    with pytest.raises(BackcalcError, match="no 'name'") as caught:
        loads(f"{BOWL}optimizer: {{momentum: 0.8}}")
    assert caught.value.hint == "write {name: momentum, mu: 0.8}"


def test_a_name_that_the_optimizer_needs() -> None:
    text = BOWL.replace("x:", "mu:").replace("x**2", "mu**2")
    with pytest.raises(BackcalcError, match="momentum needs the name 'mu' for itself") as caught:
        loads(f"{text}optimizer: momentum")
    assert caught.value.where
    with pytest.raises(BackcalcError, match="momentum needs the name 'mu' for itself"):
        step(replace(loads(text), descent=Descent(OPTIMIZERS["momentum"])))


def test_the_sheet_shows_formulas_and_states(run: Run) -> None:
    sheet = run("step", "networks/adam.yaml", "--steps", "2").stdout
    for line in (
        "adam, for each weight w with gradient g; at the start m = 0, v = 0",
        "vhat = v'/(1 - beta2**t)",
        "beta1 = 0.9, beta2 = 0.999, eps = 1e-8",
        "v_x''      beta2·v_x' + (1 - beta2)·(∂f'/∂x')²",
    ):
        assert line in sheet


def test_the_command_names_an_optimizer(run: Run) -> None:
    text = run("step", "skip", "--optimizer", "momentum,mu=1/2", "--format", "json").stdout
    data = json.loads(text)
    assert data["optimizer"] == {"name": "momentum", "mu": 0.5}
    assert [row["name"] for row in data["steps"][0]["update"][:2]] == ["v_w0'", "w0'"]
    for wrong, word in (
        ("adan", "unknown optimizer"),
        ("adam,mu=0.5", "no option"),
        ("adam,x", "form"),
    ):
        result = run("step", "skip", "--optimizer", wrong)
        assert result.exit_code == 2
        assert word in result.stderr
