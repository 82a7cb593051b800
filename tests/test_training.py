"""Training: runs, what they tell, restarts and sweeps."""

from __future__ import annotations

import csv
import itertools
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Result, mostly_swept
from test_diagnosis import NEURON, XOR, found, weight

from backcalc.equations.calculation import forward, step
from backcalc.equations.initial import drawn
from backcalc.errors import UndefinedError
from backcalc.loading.loader import load, loads
from backcalc.training import run as running
from backcalc.training.diagnosis import Case
from backcalc.training.engines.engine import Batches
from backcalc.training.goal import (
    HALVES,
    NUMBERED,
    ONE_HOT,
    SIGNS,
    Probe,
    coding_of,
    goal,
    is_right,
)
from backcalc.training.restarts import restarts
from backcalc.training.run import MILESTONES, MOST_GROUPS, ROUNDING, Plan, Trace, train

RunCommand = Callable[..., Result]


# A run.


@pytest.mark.sweep
@pytest.mark.parametrize(
    "name", mostly_swept(["xor", "mlp", "quadratic", "adam", "logistic_regression"])
)
def test_a_run_takes_the_steps_of_the_calculator(name: str) -> None:
    network = load(name)
    rate = network.learning_rate
    assert rate is not None
    worked = step(network, rate, 12)
    run = train(network, Plan(12, float(rate)))
    (first, *_), last = run.trace.points(), run.trace.end
    assert first[1] == pytest.approx(float(worked.rounds[0].loss_before), rel=1e-12)
    assert last[0] == 12
    assert last[1] == run.loss == pytest.approx(float(worked.rounds[-1].loss_after), rel=1e-11)
    for name_, value in zip(network.weights, run.state.weights, strict=True):
        after = worked.values[f"{name_}{12 * chr(39)}"] if name_ not in network.frozen else None
        if after is not None:
            assert value == pytest.approx(float(after), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("sizes", [[1], [2, 7, 3], [1000]])
def test_the_size_of_the_chunks_changes_no_figure(
    monkeypatch: pytest.MonkeyPatch, sizes: list[int]
) -> None:
    whole = train(XOR, Plan(60, 5.0))
    given = iter(sizes * 100)
    monkeypatch.setattr(running.Pace, "chunk", lambda self, left: min(next(given), left))
    run = train(XOR, Plan(60, 5.0))
    assert run.state == whole.state
    assert run.trace.points() == whole.trace.points()
    assert (run.trace.rises, run.trace.first_rise) == (whole.trace.rises, whole.trace.first_rise)


def test_a_run_stops_at_the_very_first_epoch_with_the_loss() -> None:
    losses = [loss for _, loss in train(XOR, Plan(200, 5.0)).trace.points()]
    for until in (losses[0], losses[77], losses[77] + 1e-12, min(losses)):
        first = next(epoch for epoch, loss in enumerate(losses) if loss <= until)
        told: list[float] = []
        run = train(XOR, Plan(200, 5.0, until=until), lambda epoch, more: told.extend(more))  # noqa: B023
        assert told == losses[: first + 1]
        assert (run.state.epoch, run.loss, run.reached) == (first, losses[first], True)
        assert run.state == train(XOR, Plan(first, 5.0)).state
        assert run.trace.end == (first, losses[first])
    run = train(XOR, Plan(200, 5.0, until=min(losses) / 2))
    assert (run.state.epoch, run.reached) == (200, False)


def test_batches_shuffle_by_the_seed() -> None:
    def loss(seed: int, shuffled: bool = True) -> float:
        return train(XOR, Plan(5, 5.0, Batches(1, shuffled), seed)).loss

    assert loss(1) == loss(1) != loss(2)
    assert loss(1, shuffled=False) == loss(2, shuffled=False)


def test_an_interrupted_run_is_whole_as_far_as_it_came() -> None:
    calls: list[int] = []

    def watch(epoch: int, losses: Any) -> None:
        calls.append(epoch)
        if len(calls) == 5:
            raise KeyboardInterrupt

    run = train(XOR, Plan(10_000, 5.0), watch)
    assert run.interrupted
    again = train(XOR, Plan(run.state.epoch, 5.0))
    assert 0 < run.state.epoch < 10_000
    assert (run.state, run.loss, run.trace.points()) == (
        again.state,
        again.loss,
        again.trace.points(),
    )


def test_no_first_loss_is_an_error_that_names_the_equation() -> None:
    with pytest.raises(UndefinedError, match="f is undefined: f = log"):
        train(weight("log(w)", "-1"), Plan(3, 0.1))


# The trace.


def by_hand(losses: list[float]) -> list[int]:
    pairs = enumerate(itertools.pairwise(losses), 1)
    return [epoch for epoch, (a, b) in pairs if b - a > ROUNDING * abs(a)]


@pytest.mark.parametrize("count", [1, 2, 999, 1001, 50_000])
def test_a_trace_takes_bounded_memory_and_loses_nothing_that_is_told(count: int) -> None:
    rng = random.Random(count)
    losses = [rng.random() for _ in range(count)]
    trace, done = Trace(), 0
    while done < count:
        size = rng.randrange(1, 700)
        trace.add(done, losses[done : done + size])
        done += size
    points = trace.points()
    assert len(trace.groups) <= MOST_GROUPS
    assert points == [(epoch, losses[epoch]) for epoch, _ in points]
    assert {min(losses), max(losses), losses[0], losses[-1]} <= {loss for _, loss in points}
    rises = by_hand(losses)
    assert trace.rises == len(rises)
    assert trace.first_rise == (rises[0] if rises else None)
    assert [epoch for epoch, _ in trace.milestones] == [e for e in MILESTONES if e < count]
    assert count > MOST_GROUPS or [loss for _, loss in points] == losses


def test_a_trace_knows_since_when_the_loss_is_above_the_start() -> None:
    for losses, since in (
        ([1, 2, 3], 1), ([1, 0.5, 2], 2), ([1, 2, 0.5], None), ([1, 2, 1, 3, 4], 3), ([1], None),
        ([1, 1 + 1e-14], None),
    ):  # fmt: skip
        for size in (1, 2, 5):
            trace = Trace()
            for start in range(0, len(losses), size):
                trace.add(start, [float(loss) for loss in losses[start : start + size]])
            assert trace.above_since == since, (losses, size)


# What counts as success.


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("xor", HALVES), ("xor_relu", HALVES), ("hinge", None), ("softmax", ONE_HOT),
        ("softmax_regression", NUMBERED), ("linear_regression", None), ("saturated", None),
        ("mlp", None), ("circuit", None), ("logistic_regression", HALVES),
    ],
)  # fmt: skip
def test_targets_that_are_classes_are_seen(name: str, coding: object) -> None:
    assert coding_of(load(name)) is coding


def test_targets_of_minus_one_and_one_are_classes() -> None:
    text = (
        "inputs: [x]\ntargets: [y]\ndata: [{x: 2, y: 1}, {x: 1, y: -1}]\nweights: {w: 1, b: 0}\n"
        "nodes: {0: {from: {x: w}, bias: b, activation: identity}}\nloss: hinge\n"
    )
    assert coding_of(loads(text)) is SIGNS


@pytest.mark.parametrize(
    ("coding", "outputs", "targets", "right"),
    [
        (HALVES, (0.6,), (1,), True), (HALVES, (0.6,), (0,), False), (HALVES, (0.5,), (1,), False),
        (HALVES, (0.6, 0.6), (1, 0), False), (SIGNS, (0.1,), (1,), True),
        (SIGNS, (0.1,), (-1,), False), (SIGNS, (0.0,), (1,), False),
        (ONE_HOT, (0.2, 0.5, 0.3), (0, 1, 0), True), (ONE_HOT, (0.5, 0.5), (0, 1), False),
        (NUMBERED, (0.2, 0.5, 0.3), (1,), True), (NUMBERED, (0.2, 0.5, 0.3), (2,), False),
    ],
)  # fmt: skip
def test_right_predictions(coding: Any, outputs: Any, targets: Any, right: bool) -> None:
    assert is_right(coding, outputs, targets) is right


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "rate"), [("xor", 8.0), ("xor_relu", 0.1), ("or_gate", 1.0)])
def test_many_runs_are_judged_as_one_is(name: str, rate: float) -> None:
    network, verdicts = load(name), set()
    probe, aim = Probe(network), goal(network, "right")
    for seed in range(15):
        start = drawn(network, seed, network.initial)
        for epochs in (1, 100, 400):
            run = train(start, Plan(epochs, rate))
            right = all(each.right for each in Case(run, aim).facts.predictions)
            assert probe.reached(aim, run.state, run.loss) is right
            verdicts.add(right)
    assert verdicts == {True, False}


# Restarts and sweeps.


@pytest.mark.sweep
def test_the_seed_of_a_restart_gives_that_very_run() -> None:
    network = load("xor_2_8_1")
    plan = Plan(60, 2.0, Batches(2, shuffled=True), seed=7)
    many = restarts(network, plan, goal(network), 6)
    assert [trial.seed for trial in many.trials] == [7, 8, 9, 10, 11, 12]
    assert many.ranked == sorted(many.trials, key=lambda trial: trial.loss)
    assert many.told["best"].loss == min(trial.loss for trial in many.trials)
    for trial in many.trials:
        alone = train(drawn(network, trial.seed), Plan(60, 2.0, plan.batches, trial.seed))
        assert (alone.state, alone.loss) == (trial.state, trial.loss)
        assert trial.points == alone.trace.points()
        assert trial.success is Case(alone, many.goal).success
        names = tuple(found(alone))
        assert trial.diagnoses == (() if trial.success else names)
    wrong = [trial for trial in many.trials if not trial.success]
    assert sum(map(len, many.counts().values())) == sum(len(trial.diagnoses) for trial in wrong)


def test_restarts_look_at_few_epochs_and_say_how_few() -> None:
    network = load("xor_2_8_1")
    many = restarts(network, Plan(1000, 5.0), goal(network), 2)
    assert many.stride == 9
    for trial in many.trials:
        alone = train(drawn(network, trial.seed), Plan(1000, 5.0))
        losses = dict(alone.trace.points())
        assert len(trial.points) < 250
        assert trial.points == [(epoch, losses[epoch]) for epoch, _ in trial.points]
        assert trial.reached is not None
        assert trial.reached % 9 == 0


def test_a_run_that_is_undefined_from_the_start_is_counted_as_diverged() -> None:
    network = loads(
        "weights: {w: random}\nequations: {f: log(w)}\nloss: f\n"
        "init: {distribution: uniform, limit: 1}\n"
    )
    many = restarts(network, Plan(3, 0.001), goal(network), 6)
    bad = [trial for trial in many.trials if not trial.points]
    assert 0 < len(bad) < 6
    assert all(trial.diagnoses == ("undefined",) for trial in bad)
    assert many.ranked[-1] in bad
    assert many.diverged >= len(bad)


@pytest.mark.sweep
def test_a_sweep_crosses_everything(run: RunCommand) -> None:
    result = run(
        "sweep", "xor_2_8_1", "--lr", "0.5,5", "--optimizer", "sgd,momentum,mu=0.5", "--set",
        "b_o1=0,1", "--restarts", "2", "--epochs", "20", "--format", "json",
    )  # fmt: skip
    data = strict(result.stdout)
    assert data["schema"] == "backcalc/sweep/1"
    rows = [
        (row["optimizer"]["name"], row["set"]["b_o1"], row["learning_rate"]) for row in data["rows"]
    ]
    assert rows == [
        (name, bias, rate)
        for name in ("sgd", "momentum")
        for bias in (0.0, 1.0)
        for rate in (0.5, 5.0)
    ]
    assert data["rows"][4]["optimizer"]["mu"] == 0.5
    one = run(
        "train", "xor_2_8_1", "--lr", "5", "--optimizer", "momentum,mu=0.5", "--set", "b_o1=1",
        "--restarts", "2", "--epochs", "20", "--format", "json",
    )  # fmt: skip
    same = strict(one.stdout)
    assert {name: data["rows"][7][name] for name in ("median_loss", "seeds", "failures")} == {
        name: same[name] for name in ("median_loss", "seeds", "failures")
    }


# The commands.


def strict(text: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in JSON")

    data: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return data


@pytest.mark.parametrize(
    "arguments",
    [
        ("networks/xor.yaml", "--epochs", "20"),
        ("networks/linear_regression.yaml", "--lr", "1"),
        ("networks/xor.yaml", "--epochs", "20", "--restarts", "3", "--init", "normal"),
        ("networks/linear_regression.yaml", "--lr", "1", "--restarts", "2", "--init", "normal"),
        ("networks/conv2d.yaml", "--lr", "1"),
    ],
)
def test_json_is_strict(run: RunCommand, arguments: tuple[str, ...]) -> None:
    result = run("train", *arguments, "--format", "json")
    data = strict(result.stdout)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert data["schema"] == "backcalc/train/1"
    if "1" in arguments:
        assert data.get("loss") is None


def test_the_sheet_tells_the_three_stories(run: RunCommand) -> None:
    stuck = run("train", "xor_symmetric", "--epochs", "300")
    assert "300     0.6931" in stuck.stdout
    assert "stuck by symmetry\n  seen              units 1 and 2 have" in stuck.stdout
    died = run("train", "dying_relu", "--epochs", "50")
    assert "dead units\n  seen              units 1 and 2 are dead" in died.stdout
    some = run("train", "xor_relu", "--epochs", "1")
    assert (
        "relu passes nothing on in unit 1 on 1 of 4, 2 on 3 of 4; being off on some" in some.stdout
    )
    well = run("train", "dying_relu", "--epochs", "300", "--lr", "0.03")
    assert (
        "converged\n  seen              the goal, a loss of at most 0.01, is reached" in well.stdout
    )
    assert "the loss rose in none of 300 epochs" in well.stdout
    assert {stuck.exit_code, died.exit_code, well.exit_code} == {0}


@pytest.mark.sweep
def test_the_same_run_gives_the_same_bytes(run: RunCommand) -> None:
    asked = ("train", "xor_2_8_1", "--epochs", "30", "--restarts", "3", "--lr", "3")
    assert run(*asked) == run(*asked)
    assert run("train", "xor_2_8_1", "--epochs", "30").stdout.isascii() is False
    plain = run("train", "xor", "--epochs", "30", env={"PYTHONIOENCODING": "ascii"})
    assert "epoch   loss" in plain.stdout


def test_saved_networks_give_the_trained_loss(network_file: str, tmp_path: Path) -> None:
    from backcalc.training.saved import saved_text

    network = load(str(ROOT / network_file))
    run = train(network, Plan(2, 0.001))
    weights = dict(zip(network.weights, run.state.weights, strict=True))
    text = saved_text(str(ROOT / network_file), network, weights, str(tmp_path))
    path = tmp_path / "saved.yaml"
    path.write_text(text, "utf-8")
    again = load(str(path))
    assert {name: float(value) for name, value in again.weights.items()} == weights
    assert (again.samples, again.constants) == (network.samples, network.constants)
    keys = [line.split(":")[0] for line in (ROOT / network_file).read_text().splitlines()]
    assert all(key in text for key in keys if key and not key[0].isspace() and key[0] != "#")
    assert float(forward(again).forward[-1].value) == pytest.approx(run.loss, rel=1e-12)


def test_files_of_a_run(run: RunCommand, tmp_path: Path) -> None:
    saved, history, plot = (tmp_path / name for name in ("net.yaml", "loss.csv", "loss.svg"))
    files = ("--save", str(saved), "--history", str(history), "--plot", str(plot))
    result = run("train", "xor", "--epochs", "50", "--lr", "5", *files, "--format", "json")
    data = strict(result.stdout)
    with history.open() as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["epoch"]) for row in rows] == list(range(51))
    assert [[int(row["epoch"]), float(row["loss"])] for row in rows] == data["curve"]
    after = strict(run("forward", str(saved), "--format", "json").stdout)
    assert after["forward"][-1]["value"] == pytest.approx(data["loss"], rel=1e-12)
    assert plot.read_text().startswith("<svg")
    assert {each.name for each in tmp_path.iterdir()} == {"net.yaml", "loss.csv", "loss.svg"}
    again = run("train", "xor", "--epochs", "50", "--save", str(saved))
    assert (again.exit_code, again.stderr) == (
        2,
        f"{saved} exists already\nhint: add --force to overwrite it\n",
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("mlp", "--lr", "0"), ""),
        (("xor", "--online", "--batch-size", "2"), ("--online is --batch-size 1\n"
         "hint: give one of the two\n")),
        (("mlp", "--success", "right"), ("the targets are no classes, so that no prediction is"
         " right or wrong\nhint: name a loss that is low enough: --success 0.01\n")),
        (("xor", "--restarts", "3"), ("no weight of this network is random\n"
         "hint: write `random` for a weight's number in the file, or add --init normal\n")),
        (("xor_2_8_1", "--restarts", "3", "--until-loss", "1"), ("--until-loss is for a single"
         " run\nhint: --success 0.01 says when such a loss was reached, --format json has the"
         " curves\n")),
        (("xor", "--set", "x1=2", "--save", "new.yaml"), ("--save writes the trained weights and"
         " no other number\nhint: put the numbers of --set into the network file first\n")),
        (("xor", "--save", "no/new.yaml"), "cannot write no/new.yaml: there is no folder no\n"),
    ],
)  # fmt: skip
def test_bad_usage_is_said_before_the_run(
    run: RunCommand, arguments: tuple[str, ...], complaint: str
) -> None:
    result = run("train", *arguments, "--epochs", "5")
    assert result.stderr == complaint
    assert result.exit_code == (2 if complaint else 0)


def test_no_learning_rate_is_an_error(run: RunCommand) -> None:
    net = "weights: {w: 1}\nequations: {f: w**2}\nloss: f\n"
    result = run("train", "-", stdin=net)
    assert (result.exit_code, result.stderr) == (
        2,
        "no learning rate is given\nhint: add --lr 0.5, or learning_rate: 0.5 to the file\n",
    )
    result = run("train", "-", "--lr", "0.1", "--save", "new.yaml", stdin=net)
    assert result.stderr == (
        "a network from standard input cannot be saved\nhint: write it to a file first\n"
    )


def test_success_is_right_or_a_loss(run: RunCommand) -> None:
    result = run("train", "xor", "--success", "left")
    assert "Invalid value for '--success': 'left' is not a number" in result.stderr
    assert result.exit_code == 2
    sheet = run("train", "xor", "--epochs", "5", "--success", "0.7").stdout
    assert "goal: a loss of at most 0.7" in sheet
    assert "converged" in sheet


@pytest.mark.usefixtures("signals")
def test_an_interrupted_run_is_shown_and_saved(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stopping(monkeypatch, 100)
    saved, history = tmp_path / "net.yaml", tmp_path / "loss.csv"
    result = run(
        "train", "xor", "--epochs", "100000", "--save", str(saved), "--history", str(history)
    )
    assert result.exit_code == 130
    epochs = len(history.read_text().splitlines()) - 2
    assert f"interrupted after {epochs} of 100000 epochs" in result.stdout
    weights = train(XOR, Plan(epochs, 0.5)).state.weights
    assert tuple(float(value) for value in load(str(saved)).weights.values()) == weights


# What an attack found.


def stopping(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Ctrl-C once so many epochs are done."""
    import signal

    from backcalc.commands import train as command

    def show(epoch: int, losses: Any) -> None:
        if epoch > after:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(command, "_silent", show)


@pytest.mark.sweep
@pytest.mark.usefixtures("signals")
def test_an_interrupted_set_of_runs_judges_no_failure(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backcalc.training import restarts as command

    def diagnosed(case: Case) -> Any:
        raise AssertionError("this may take longer than a person waits")

    monkeypatch.setattr(command, "diagnose", diagnosed)
    stopping(monkeypatch, 1000)
    asked = ("train", "xor_2_8_1", "--lr", "0.1", "--restarts", "5", "--epochs", "100000")
    text = run(*asked)
    assert text.exit_code == 130
    assert "5 runs with the seeds 0 to 4, 100000 epochs each asked for" in text.stdout
    found = re.search(r"interrupted after (\d+) of 100000 epochs", text.stdout)
    assert found
    assert 1000 < int(found[1]) < 100_000
    assert "are so far at the goal, all predictions right" in text.stdout
    assert "failure" not in text.stdout
    data = strict(run(*asked, "--format", "json").stdout)
    assert (data["interrupted"], data["failures"]) == (True, {})
    assert {tuple(each["diagnosis"]) for each in data["runs"]} == {()}


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize(
    "asked",
    [
        ("train", "xor"),
        ("train", "xor_2_8_1", "--lr", "0.1", "--restarts", "3"),
        ("sweep", "xor", "--lr", "0.1,0.5"),
        ("landscape", "skip", "w0", "w1"),
    ],
)
def test_a_signal_ends_the_making_of_code(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch, name: str, status: int, asked: Sequence[str]
) -> None:
    import signal

    from backcalc.training.engines import equations

    went_on = []

    def lowered(*args: Any) -> Any:
        signal.raise_signal(getattr(signal, name))
        went_on.append(True)

    monkeypatch.setattr(equations, "for_loss", lowered)
    result = run(*asked)
    assert (result.exit_code, result.stdout, went_on) == (status, "", [])


@pytest.mark.usefixtures("signals")
def test_a_sweep_that_is_ended_before_a_row_shows_those_before(
    run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal

    from backcalc.training.engines import equations

    made = []

    def lowered(*args: Any) -> Any:
        made.append(True)
        if len(made) == 2:
            signal.raise_signal(signal.SIGINT)
        return for_loss(*args)

    for_loss = equations.for_loss
    monkeypatch.setattr(equations, "for_loss", lowered)
    result = run("sweep", "xor", "--optimizer", "sgd,adam", "--epochs", "20", "--format", "json")
    data = strict(result.stdout)
    assert (result.exit_code, data["interrupted"], len(data["rows"])) == (130, True, 1)


@pytest.mark.sweep
def test_a_person_need_not_wait_for_the_diagnoses() -> None:
    network, calls = load("xor_2_8_1"), []

    def told(done: int) -> None:
        calls.append(done)
        if calls.count(20) == 3:  # the end of the runs, and two diagnoses
            raise KeyboardInterrupt

    many = restarts(network, Plan(20, 0.01), goal(network), 5, told=told)
    assert (many.interrupted, many.epochs, many.counts()) == (True, 20, {})
    whole = restarts(network, Plan(20, 0.01), goal(network), 5)
    assert sum(map(len, whole.counts().values())) >= 5
    assert [(each.loss, each.points) for each in many.trials] == [
        (each.loss, each.points) for each in whole.trials
    ]


@pytest.mark.sweep
def test_runs_that_end_alike_are_counted_alike(run: RunCommand) -> None:
    asked = ("train", "noisy_line", "--init", "normal", "--restarts", "20", "--epochs", "300")
    sheet = run(*asked).stdout  # least squares has one minimum
    assert "0 of 20 (0 %) ended with a loss of at most 0.01" in sheet
    assert "20 of 20 ended at 0.04796, the lowest loss that was found" in sheet
    assert strict(run(*asked, "--format", "json").stdout)["failures"] == {"zero gradient": 20}


def test_without_a_goal_no_run_is_judged(run: RunCommand) -> None:
    sheet = run("train", "circuit", "--epochs", "100").stdout
    assert "goal: none; --success 0.01 names one" in sheet
    assert "falling without bound\n  seen " in sheet
    table = run("sweep", "circuit", "--lr", "0.01,0.1", "--epochs", "100").stdout
    assert re.search(r"\n0.01 +- +- +0 +-219.7 +", table)
    data = strict(run("train", "circuit", "--epochs", "3", "--format", "json").stdout)
    assert (data["goal"], data["success"]) == (None, None)
    many = ("circuit", "--init", "normal", "--restarts", "3", "--epochs", "30")
    assert "no run is judged without a goal" in run("train", *many).stdout
    data = strict(run("train", *many, "--format", "json").stdout)
    assert (data["goal"], data["successes"]) == (None, None)


@pytest.mark.sweep
def test_a_run_at_the_goal_is_better_than_one_with_a_lower_loss() -> None:
    network = load("xor")
    network = replace(network, initial=replace(network.initial, asked=True))
    many = restarts(network, Plan(300, 5.0), goal(network), 40)
    right = [trial.success for trial in many.ranked]
    assert True in right
    assert False in right
    assert right == sorted(right, reverse=True)
    trials = tuple(replace(t, loss=0.0 if not t.success else t.loss) for t in many.trials)
    again = replace(many, trials=trials)
    assert again.told["best"].success
    assert again.told["best"].loss > 0 == again.by_loss[0].loss


def test_a_right_prediction_without_a_loss_is_counted_once(run: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "neuron.yaml"
    path.write_text(NEURON, "utf-8")
    asked = ("--init", "normal", "--restarts", "10", "--epochs", "100", "--lr", "60")
    sheet = run("train", str(path), *asked).stdout
    assert "10 of 10 (100 %) ended with all predictions right" in sheet
    assert "and 2 undefined, 2 of them with all predictions right" in sheet
    assert "failure" not in sheet


TOO_LARGE = (
    "the learning rate is too large for floating point\nhint: give --lr a number below 1e308\n"
)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("train", "xor", "--lr", "1e400"), TOO_LARGE),
        (("sweep", "xor", "--lr", "1,1e400"), TOO_LARGE),
        (("landscape", "xor", "w1", "w2", "--lr", "1e400"), TOO_LARGE),
        (("train", "xor", "--until-loss", "1e400"),
         "Error: Invalid value for '--until-loss': '1e400' is too large; 1e308 is the most\n"),
        (("train", "xor", "--success", "1e400"),
         "Error: Invalid value for '--success': '1e400' is too large; 1e308 is the most\n"),
        (("train", "xor", "--save", "a", "--history", "./a"),
         "--save and --history name the same file, ./a\nhint: give each a file of its own\n"),
        (("train", "xor", "--history", "/dev/null", "--force"),
         "/dev/null is not an ordinary file\n"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_said(
    run: RunCommand, arguments: tuple[str, ...], complaint: str
) -> None:
    result = run(*arguments)
    assert result.stderr.endswith(complaint)
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize("arguments", [("train",), ("sweep",), ("train", "--init", "normal")])
def test_a_net_without_a_trained_weight_is_an_error(
    run: RunCommand, arguments: tuple[str, ...]
) -> None:
    net = "weights: {w: 1}\nfrozen: [w]\nequations: {f: w**2}\nloss: f\nlearning_rate: 1\n"
    result = run(arguments[0], "-", *arguments[1:], stdin=net)
    assert (result.exit_code, result.stderr) == (
        2, "no weight is trained: all are frozen\nhint: take a weight out of frozen:\n"
    )  # fmt: skip


def test_a_negative_rate_is_noted(run: RunCommand) -> None:
    said = "note: the learning rate is below 0: every step goes uphill\n"
    assert run("train", "xor", "--lr", "-1", "--epochs", "2").stderr == said
    assert run("sweep", "xor", "--lr", "1,-1", "--epochs", "2").stderr == said
    assert run("landscape", "xor", "w1", "w2", "--lr", "-1", "--size", "2").stderr == said


def test_a_history_follows_a_link(run: RunCommand, tmp_path: Path) -> None:
    link, real = tmp_path / "link.csv", tmp_path / "real.csv"
    real.write_text("old")
    link.symlink_to(real)
    run("train", "xor", "--epochs", "2", "--history", str(link), "--force")
    assert link.is_symlink()
    assert real.read_text().startswith("epoch,loss\n0,")
    assert {*tmp_path.iterdir()} == {link, real}


@pytest.mark.parametrize("name", ["mazur", "skip", "xor", "micrograd"])
def test_a_saved_network_has_no_old_answers(name: str, run: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "saved.yaml"
    run("train", name, "--epochs", "3", "--lr", "0.1", "--save", str(path))
    before = (ROOT / "networks" / f"{name}.yaml").read_text("utf-8").splitlines()
    after = path.read_text("utf-8").splitlines()
    assert "# expect: is left out: its figures are those of other weights" in after
    assert not any(line.startswith("expect:") for line in after)
    keys = [line for line in before if line[:1] not in ("", " ", "#", "-")]
    kept = [line.split(":")[0] for line in after if line[:1] not in ("", " ", "#", "-")]
    assert kept == [key for line in keys if (key := line.split(":")[0]) not in ("expect", "errata")]
    assert run("lint", str(path)).exit_code == 0


def test_a_run_that_ends_at_once_has_no_curve(run: RunCommand, tmp_path: Path) -> None:
    path = tmp_path / "neuron.yaml"
    path.write_text(NEURON, "utf-8")
    sheet = run("train", str(path), "--lr", "500").stdout
    assert "no epoch has a loss: there is no curve to draw" in sheet
    assert "of 0 epochs" not in sheet


def test_small_curves_show_a_fall_over_decades(run: RunCommand) -> None:
    sheet = run("sweep", "or_gate", "--lr", "1", "--epochs", "3000").stdout
    (line,) = [line for line in sheet.splitlines() if line.startswith("1 ")]
    drawn_line = line.split()[-1]
    assert drawn_line[0] == "█"
    assert len({*drawn_line}) >= 4
    assert drawn_line[-1] == "▁"


def test_a_chart_is_drawn_where_letters_would_not_do(run: RunCommand, tmp_path: Path) -> None:
    line = ("train", "nand_gate", "--epochs", "20", "--restarts", "3")
    for name in ("one.html", "many.html", "one.md"):
        target = str(tmp_path / name)
        assert run(*line[: 6 if "many" in name else 4], "-o", target).exit_code == 0
    one, many, letters = (
        (tmp_path / name).read_text("utf-8") for name in ("one.html", "many.html", "one.md")
    )
    assert one.count("<polyline") == 1
    assert many.count("<polyline") == 2
    assert re.search(r"<pre[^>]*>[\d. ]+ to [\d. ]+ +█", many)
    assert re.search(r"^```text\n.*\nepoch 0 .*\n```$", letters, re.MULTILINE | re.DOTALL)


def test_a_batch_in_one_matrix_is_judged_sample_by_sample() -> None:
    """Of each row the greatest output counts, as where the samples stand one by one."""
    network = loads(
        "inputs: {X: [[1, 2], [0, -1]]}\ntargets: {Y: [[1, 0, 0], [0, 1, 0]]}\n"
        "weights: {W: [[0.2, -0.1, 0], [0.1, 0.05, -0.1]], b: [0, 0.1, 0]}\n"
        "equations:\n  P: softmax(X @ W + b)\nloss: cross_entropy\nlearning_rate: 0.1\n"
    )
    assert goal(network).coding is ONE_HOT
