"""What became of a run, and why: the table of diagnoses, row by row, and what attacked it."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from backcalc.equations.calculation import forward
from backcalc.equations.initial import drawn
from backcalc.equations.network import Network
from backcalc.loading.loader import load, loads
from backcalc.loading.sections import parse_descent
from backcalc.training.diagnosis import DIAGNOSES, Case, Symptom, diagnose
from backcalc.training.engines.engine import Batches
from backcalc.training.goal import goal
from backcalc.training.run import Plan, Run, train

XOR = load("networks/xor.yaml")


def weight(loss: str, start: str = "1") -> Network:
    """A network that is one weight w and its loss."""
    return loads(f"weights: {{w: {start}}}\nequations: {{f: {loss}}}\nloss: f\n")


def found(run: Run, asked: str | float | None = None) -> dict[str, Symptom]:
    return {each.name: each for each in diagnose(Case(run, goal(run.network, asked)))}


def values_after(run: Run, sample: int = 0) -> dict[str, float]:
    """The forward pass of one sample with the trained weights, by the calculator itself."""
    lines = forward(trained(run))
    return {step.name: float(step.value) for step in lines.forward}


def trained(run: Run) -> Network:
    from dataclasses import replace
    from fractions import Fraction

    weights = dict(zip(run.network.weights, map(Fraction, run.state.weights), strict=True))
    return replace(run.network, weights=weights)


# Diagnoses: a run for each row, with a reason that does not come from the table.

ABS = ("abs(w)", "0.25")
DEAD = load("networks/dying_relu.yaml")
SYMMETRIC = load("networks/xor_symmetric.yaml")
SATURATED = """
inputs: [x]
targets: [y]
data: [{x: 0.9, y: 1}, {x: 1, y: 0}]
weights: {w: 10, v: 1}
nodes:
  1: {from: {x: w}, activation: sigmoid}
  2: {from: {1: v}, activation: identity}
loss: l2
"""


def is_diverging() -> None:
    # w' = w - 1.5*2*w = -2w, so that each epoch multiplies w**2 by 4.
    run = train(weight("w**2"), Plan(20, 1.5))
    assert run.loss == 4.0**20
    finding = found(run)["diverging"]
    assert finding.began == 1
    assert finding.sentence == "from epoch 1 on the loss grows, from 1 to 1.09951e12"
    run = train(weight("w**2"), Plan(5000, 1.5))
    assert run.state.epoch == 512  # 4**512 is too large for a number
    (finding,) = found(run).values()
    assert finding.name == "diverging"
    assert "; the run ended in epoch 512: " in finding.sentence
    assert "f is undefined: f = w**2 = " in finding.sentence


def is_converged() -> None:
    run = train(weight("w**2"), Plan(30, 0.1))
    assert run.loss == pytest.approx(0.64**30)
    assert [*found(run, 0.01)] == ["converged"]
    assert [*found(run)] == ["still falling"]  # by a third in each epoch, and no goal is known
    reached = train(weight("w**2"), Plan(30, 0.1, until=0.5))
    assert found(reached, 1e-9)["converged"].sentence == "the loss came down to 0.4096 in epoch 2"


def is_oscillating() -> None:
    run = train(weight("w**2", "1"), Plan(200, 0.1))  # falls at first
    assert "oscillating" not in found(run)
    run = train(weight(*ABS), Plan(200, 1.0))  # w is 1/4, -3/4, 1/4, ...
    assert [loss for _, loss in run.trace.points()[:4]] == [0.25, 0.75, 0.25, 0.75]
    finding = found(run)["oscillating"]
    assert finding.began == 1
    assert finding.sentence.endswith("goes up and down; at last between 0.25 and 0.75")
    late = train(weight("abs(w)", "20.25"), Plan(200, 1.0))  # bounces once it is down there
    assert found(late)["oscillating"].began == pytest.approx(21, abs=10)
    bounce = train(weight("w**2"), Plan(50, 1.0))  # w is 1, -1, 1, ... and the loss always 1
    assert run.state.weights[0] == 0.25
    assert bounce.trace.rises == 0
    assert found(bounce)["oscillating"].began == 0


def is_still_falling() -> None:
    run = train(weight("w**2"), Plan(20, 0.01))
    fell = 100 * (1 - 0.9604**10)
    assert found(run)["still falling"].sentence == (
        f"the loss fell by {fell:.1f} % over the last 10 epochs, to {0.9604**20:.6g}"
    )


def is_plateau() -> None:
    run = train(weight("w**2 + 1"), Plan(40, 0.1))
    finding = found(run)["plateau"]
    since = next(n for n in range(200) if 0.64**n < 0.01)  # 1 + 0.64**n is within 1 % of 1
    assert finding.began == pytest.approx(since, abs=1)
    valley = train(load("rosenbrock"), Plan(50, 0.001))  # first down to it, then along it
    assert valley.loss < valley.trace.start / 5
    assert next(iter(found(valley))) == "plateau"


def is_undefined() -> None:
    # w goes from 1/2 to 0, where the loss is 0 and its derivative has no value.
    run = train(weight("sqrt(w*w)", "0.5"), Plan(10, 0.5))
    assert (run.state.epoch, run.loss) == (1, 0.0)
    (finding,) = found(run).values()
    assert finding.name == "undefined"
    assert finding.sentence.startswith("the run ended in epoch 2: df/d")
    assert finding.sentence.endswith("division by zero")


def is_stuck_by_symmetry() -> None:
    run = train(SYMMETRIC, Plan(100, 1.0))
    w1, w2, w3, w4, w5, w6, b1, b2, _ = run.state.weights
    assert (w1, w2, b1, w5) == (w3, w4, b2, w6) != (0, 0, 0, 0)
    finding = found(run)["stuck by symmetry"]
    assert finding.units == ("1", "2")
    assert finding.sentence == (
        "units 1 and 2 have identical weights, so that they do the same on every sample"
    )
    assert "stuck by symmetry" not in found(train(XOR, Plan(100, 1.0)))


def is_dead_units() -> None:
    run = train(DEAD, Plan(30, 0.3))
    values = values_after(run)
    assert all(values[f"z{unit}[{n}]"] <= 0 for unit in (1, 2) for n in (1, 2, 3))
    finding = found(run)["dead units"]
    assert finding.units == ("1", "2")
    assert finding.sentence == (
        "units 1 and 2 are dead: z <= 0 on all 3 samples, so that relu passes nothing on and"
        " nothing back"
    )
    well = train(DEAD, Plan(30, 0.03))
    assert [*found(well)] == ["converged"]


def is_saturated_units() -> None:
    run = train(loads(SATURATED), Plan(40, 0.2))  # v goes to 1/2, w hardly anywhere
    values = values_after(run)
    slopes = [values[f"h1[{n}]"] * (1 - values[f"h1[{n}]"]) for n in (1, 2)]
    assert max(slopes) < 0.01
    finding = found(run)["saturated units"]
    assert finding.units == ("1",)
    assert finding.sentence.startswith("saturated on most samples (unit 1 on 2 of 2):")


def is_zero_gradient() -> None:
    run = train(DEAD, Plan(60, 0.3))
    again = train(trained(run), Plan(1, 1000.0))
    for before, after in zip(run.state.weights, again.state.weights, strict=True):
        assert after == pytest.approx(before, abs=1e-6)  # a huge step moves nothing
    outcome, *causes = found(run).values()
    assert (outcome.name, outcome.advice) == ("zero gradient", "")  # the dead units' is better
    assert causes[0].name == "dead units"


def is_same_output() -> None:
    run = train(SYMMETRIC, Plan(100, 1.0))
    values = values_after(run)
    assert [values[f"yhat[{n}]"] for n in (1, 2, 3, 4)] == pytest.approx([0.5] * 4, abs=1e-3)
    assert run.loss == pytest.approx(math.log(2), abs=1e-6)
    assert found(run)["same output"].sentence == (
        "the net gives the same output, 0.5004, for every sample; 0.693 = ln 2 is what bce gives"
        " for 1/2, whatever the target"
    )


def is_falling_without_bound() -> None:
    for net, losses in (
        (weight("-w"), [-1 - n / 10 for n in range(101)]),
        (load("circuit"), [-12.0]),
    ):
        run = train(net, Plan(100, 0.1))
        assert [loss for _, loss in run.trace.points()][: len(losses)] == pytest.approx(losses)
        for asked in (None, 0.01):  # below 0.01 it is from the start
            (finding,) = found(run, asked).values()
            assert finding.name == "falling without bound"
            assert finding.sentence.startswith("the loss goes on falling, no slower than before")
    passing = train(load("staged"), Plan(50, 2.0))  # it rises again later
    assert passing.loss < 0
    assert next(iter(found(passing))) == "still falling"
    level = train(weight("w**2 - 5", "3"), Plan(100, 0.01))  # to -5, ever slower
    assert found(level)["still falling"].sentence == (
        f"the loss fell from {9 * 0.9604**90 - 5:.6g} over the last 10 epochs, to"
        f" {9 * 0.9604**100 - 5:.6g}"
    )


def is_too_few_epochs() -> None:
    (finding,) = found(train(XOR, Plan(1, 0.5))).values()
    assert finding.name == "too few epochs"
    assert finding.sentence == "the loss fell by 0.19 %: too few epochs to tell what becomes of it"


def is_steps_too_small() -> None:
    (finding,) = found(train(weight("w**2", "3"), Plan(100, 1e-4))).values()
    assert finding.name == "steps too small"
    share = 100 * (1 - (1 - 2e-4) ** 20)  # of ten epochs, each of which takes w by 1 - 2e-4
    assert finding.sentence.startswith(
        f"the loss fell by {share:.2g} % over the last 10 epochs though the gradient is not small"
    )
    assert finding.advice.startswith("take a larger learning rate")
    (none,) = found(train(weight("w**2", "3"), Plan(100, 0.0))).values()
    assert none.sentence == "the learning rate is 0, so that no weight changes"
    (moons,) = found(train(load("moons"), Plan(30, 1e-6))).values()
    assert moons.name == "steps too small"


@pytest.mark.parametrize("row", DIAGNOSES, ids=lambda row: row.name)
def test_every_diagnosis_is_found_where_it_is_so(row: Any) -> None:
    globals()[f"is_{row.name.replace(' ', '_')}"]()


@pytest.mark.parametrize("seed", range(8))
def test_every_run_has_one_outcome_and_it_stands_first(seed: int) -> None:
    outcomes = {row.name for row in DIAGNOSES if not row.cause}
    for rate in (0.01, 3.0, 300.0):
        run = train(drawn(XOR, seed, XOR.initial), Plan(40, rate))
        first, *causes = found(run)
        assert first in outcomes
        assert outcomes.isdisjoint(causes)


# What an attack found: what is said must be true, and what is advised must help.

LSQ = """
inputs: [x]
targets: [y]
data: [{x: 1, y: 1}, {x: 1, y: 0}]
weights: {w: 0}
nodes: {1: {from: {x: w}, activation: identity}}
loss: l2
"""
CHAIN = """
inputs: [x]
targets: [y]
data: [{x: 1, y: 0}]
weights: {a: 3, c: 0.1}
nodes:
  1: {from: {x: a}, activation: identity}
  2: {from: {1: c}, activation: identity}
loss: half_l2
"""
TWINS = """
inputs: [x]
targets: [y]
data: [{x: 1, y: 1}, {x: 2, y: 2}]
weights: {a: 0.5, b: 0.5, c: 0.6, d: 0.6}
nodes:
  1: {from: {x: a}, activation: relu}
  2: {from: {x: b}, activation: relu}
  3: {from: {1: c, 2: d}, activation: identity}
loss: l2
"""
NEURON = """
inputs: [x]
targets: [y]
data: [{x: 1, y: 1}, {x: -1, y: 0}]
weights: {w: 1}
nodes: {1: {from: {x: w}, activation: sigmoid}}
loss: bce
"""
LINE = load("noisy_line")


def optimized(network: Network, text: str) -> Network:
    from dataclasses import replace

    return replace(network, descent=parse_descent(text))


@pytest.mark.parametrize("epochs", [5, 10, 300])
def test_a_loss_that_stays_is_not_called_falling(epochs: int) -> None:
    run = train(load("skip"), Plan(epochs, 1.0))  # 3.375, then 3 for ever: the units are dead
    assert [loss for _, loss in run.trace.points()][1:] == [3.0] * epochs
    outcome, dead = found(run).values()
    assert (outcome.name, dead.name) == ("zero gradient", "dead units")


def test_the_window_is_named_by_its_real_length() -> None:
    run = train(load("mazur"), Plan(20, 0.5))
    losses = [loss for _, loss in run.trace.points()]
    fell = 100 * (1 - losses[20] / losses[10])
    (finding,) = found(run).values()
    assert finding.sentence.startswith(f"the loss fell by {fell:.1f} % over the last 10 epochs")


def test_a_momentum_that_swings_is_oscillating() -> None:
    run = train(optimized(weight("w**2", "3"), "momentum,mu=0.99"), Plan(15, 0.1))
    finding = found(run)["oscillating"]
    assert finding.advice == "the learning rate is too high: take a third of it, or a smaller mu"


def test_a_cycle_of_batches_is_told_from_a_plateau() -> None:
    run = train(LINE, Plan(200, 0.5, Batches(1)))
    assert run.loss > 10 * train(LINE, Plan(300, 0.1)).loss  # which is the least there is
    finding = found(run)["oscillating"]
    assert finding.sentence.endswith(
        "(its length is 0.96): the updates of an epoch undo each other"
    )
    assert finding.advice == "the learning rate is too high: take a third of it, or larger batches"


def test_at_the_minimum_of_a_convex_loss_no_hidden_unit_is_blamed() -> None:
    run = train(loads(LSQ), Plan(200, 0.1))
    assert run.state.weights[0] == pytest.approx(0.5, abs=1e-12)
    outcome, same = found(run).values()
    assert (outcome.name, same.name, same.advice) == ("zero gradient", "same output", "")
    assert "as good as 0 (the gradient's length is " in outcome.sentence
    assert outcome.advice.startswith("if it is the minimum, this net cannot do better")


def test_a_saddle_is_not_called_a_minimum() -> None:
    net = loads("weights: {w: 3, v: 0}\nequations: {f: w**2 - v**2 + 1}\nloss: f\n")
    (finding,) = found(train(net, Plan(200, 0.1))).values()
    assert "perhaps a minimum, perhaps a saddle or flat ground; the loss is 1" in finding.sentence


def test_units_that_are_dead_from_the_start_need_other_weights() -> None:
    for start, advice in (
        ("-1", "take other starting weights, or leaky_relu"),
        ("1", "take a smaller learning rate, other starting weights, or leaky_relu"),
    ):
        text = LSQ.replace("w: 0", f"w: {start}, v: 1").replace("identity", "relu")
        text = text.replace("{1: {", "{2: {from: {1: v}, activation: identity}, 1: {")
        run = train(loads(text), Plan(50, 3.0))
        assert run.state.weights[0] < 0
        assert found(run)["dead units"].advice == advice


def test_a_converged_run_is_not_advised() -> None:
    run = train(loads(TWINS), Plan(300, 0.05))
    assert run.state.weights[0] == run.state.weights[1]
    assert [*found(run)] == ["converged"]
    findings = found(train(load("closed_relu"), Plan(1000, 0.1)))
    assert [(each.name, each.advice) for each in findings.values()] == [
        ("converged", ""), ("dead units", "")
    ]  # fmt: skip


def test_a_run_that_has_turned_and_falls_is_neither_diverging_nor_oscillating() -> None:
    run = train(loads(CHAIN), Plan(10, 0.25))
    losses = [round(loss, 3) for _, loss in run.trace.points()]
    assert losses[-4:] == [0.341, 0.293, 0.209, 0.127]
    assert [*found(run)] == ["still falling"]
    died = train(DEAD, Plan(3, 0.3))
    assert [round(loss, 1) for _, loss in died.trace.points()] == [1.4, 92.5, 53.9, 9.2]
    assert next(iter(found(died).values())).sentence.startswith(
        "the loss fell by 83 % over the last epoch"
    )


def test_a_growth_begins_where_the_loss_was_least() -> None:
    run = train(LINE, Plan(200, 1.0))
    losses = [loss for _, loss in run.trace.points()]
    least = losses.index(min(losses))
    assert losses[least:] == sorted(losses[least:])
    assert found(run)["diverging"].began == least + 1 == 4
    run = train(load("micrograd"), Plan(5, 1e-4))  # with falls on the way
    assert [round(loss) for _, loss in run.trace.points()] == [25, 10, 120, 85, 580, 90]
    assert found(run)["diverging"].began == 2


def test_a_negative_rate_is_the_cause() -> None:
    (finding,) = found(train(weight("w**2", "3"), Plan(30, -0.1))).values()
    assert finding.name == "diverging"
    assert finding.advice == (
        "the learning rate is below 0, so that every step goes uphill: take one above 0"
    )


def test_an_output_that_became_exactly_1_is_explained() -> None:
    run = train(loads(NEURON), Plan(100, 500.0))
    assert 1 / (1 + math.exp(-run.state.weights[0])) == 1
    (finding,) = found(run).values()
    assert finding.name == "undefined"
    assert finding.sentence.endswith(
        "an output is so near to 1 that it has become exactly 1 in floating point, and bce takes"
        " the log of 0; the predictions are right, but the loss has no finite value any more"
    )
    assert Case(run, goal(run.network)).success is True


def test_what_is_worked_out_from_the_targets_is_no_prediction(run) -> None:
    # m = max(0, 1 - y*s) of networks/hinge.yaml is a cost, and 0 where s is right by far.
    result = run("train", "hinge", "--epochs", "200", "--lr", "0.1")
    assert "Predictions" not in result.stdout
    assert "same output" not in result.stdout
    refused = run("train", "hinge", "--success", "right")
    assert refused.exit_code == 2
    assert refused.stderr.startswith(
        "no output is a prediction: each is worked out from the targets"
    )


@pytest.mark.parametrize(
    ("name", "epochs"), [("moons", 50), ("logistic_regression", 50), ("nand_gate", 100)]
)
def test_what_more_epochs_would_do_comes_true(name: str, epochs: int) -> None:
    network = load(name)
    rate = float(network.learning_rate or 1)
    advice = found(train(network, Plan(epochs, rate)))["still falling"].advice
    assert advice
    told = re.fullmatch(
        rf"train for more epochs: if it goes on like this, {epochs} more would bring the loss to"
        r" about ([\d.]+)", advice,
    )  # fmt: skip
    assert told, advice
    assert float(told[1]) == pytest.approx(train(network, Plan(2 * epochs, rate)).loss, rel=0.15)
