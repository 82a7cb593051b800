"""The kinds of questions: what is right is found again in other ways, then asked everywhere."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from conftest import NETWORKS, ROOT, Result, effort

from backcalc.checking.heads import POINTS_TABLE
from backcalc.checking.kinds import QUESTIONS, posed
from backcalc.checking.planted import planted
from backcalc.checking.queries import (
    LINE_ASKED,
    NAME_ASKED,
    RATES,
    WHOLE_NUMBER,
    Query,
    answers_to,
    judged,
)
from backcalc.checking.report import Marking, check
from backcalc.checking.slips import SLIPS
from backcalc.equations import calculation
from backcalc.equations.named import with_numbers
from backcalc.equations.network import Asked, Network
from backcalc.equations.program import assemble
from backcalc.errors import BackcalcError
from backcalc.formats import MARKS
from backcalc.formulas.quantity import Derivative
from backcalc.loading.loader import load, loads
from backcalc.loading.policies import policies
from backcalc.symbolic.rates import falling_rates
from backcalc.worksheets.asked import exercise
from backcalc.worksheets.packages import PACKAGES
from backcalc.worksheets.paper import skeleton

Run = Callable[..., Result]

ASKED_OF = {
    "graph": "skip", "zero": "closed_relu", "structure": "word2vec", "shapes": "matrix_columns",
    "parameters": "mlp", "multiplications": "mazur", "dead": "small_cnn", "slip": "skip_bias",
    "falls": "dying_relu", "rates": "leaky_relu", "vanishing": "rnn_vectors",
}  # fmt: skip
"""A bundled network of which each kind is asked."""


def asking(name: str, kind: str, seed: int | None = None) -> Network:
    return replace(load(name), ask=(Asked(kind, seed=seed),))


def queries(name: str, kind: str, seed: int | None = None) -> dict[str, Query]:
    found = posed(QUESTIONS[kind], Marking(load(name)).key(1), seed)
    return {each.name: each for each in found.queries}


def verdicts(network: Network, text: str, kind: str = "") -> dict[str, str]:
    report = check(Marking(network), text, "sheet", kind)
    return {each.name: each.verdict for each in report.answers}


# What is right, found in other ways.


@pytest.mark.parametrize(
    ("name", "parameters", "forward"),
    [
        ("skip", 4, 4),  # one product for each edge; |yhat - y| has none
        ("mazur", 10, 12),  # eight edges, and 1/2 times a square for each output
        ("matrix_columns", 13, 11),  # (3*2 + 3) + (3 + 1); 6 + 3, and 1/2 times a square
        ("vanishing", 8, 6),
        ("linear_classifier", 15, 15),  # 3x4 and 3; 3x4, and y times log p for each class
        ("small_cnn", None, None),
    ],
)
def test_counts_by_hand(name: str, parameters: int | None, forward: int | None) -> None:
    network = load(name)
    (counted,) = queries(name, "parameters").values()
    assert counted.right == len(network.weights)  # all elements are weights of their own
    if parameters is not None:
        assert counted.right == parameters
        assert queries(name, "multiplications")["multiplications forward"].right == forward


def slope(network: Network, weight: str, at: Fraction = Fraction(1, 1000)) -> float:
    """The slope of the loss along one weight, by a difference of losses on both sides."""

    def loss(shift: Fraction) -> float:
        moved = with_numbers(network, {weight: network.weights[weight] + shift})
        worked = calculation.forward(moved)
        return float(worked.values[worked.of])

    return (loss(at) - loss(-at)) / float(2 * at)


@pytest.mark.parametrize("name", ["closed_relu", "residual_block", "max_gate", "han_kamber", "svm"])
def test_what_is_surely_nought_is_so_for_every_target(name: str) -> None:
    draw, network = random.Random(5), load(name)
    found = {each: query.right for each, query in queries(name, "zero").items()}
    assert {*found.values()} == {True, False}
    largest = dict.fromkeys(found, 0.0)
    for _ in range(4):
        (sample,) = network.samples
        numbers = {each: Fraction(draw.randint(-40, 40), 8) for each in network.targets}
        other = replace(network, samples=({**sample, **numbers},))
        for weight in network.weights:
            own = f"{Derivative(assemble(network).loss, weight)} surely 0"
            largest[own] = max(largest[own], abs(slope(other, weight)))
    for own, right in found.items():
        assert right == (largest[own] < 1e-9), own


def test_paths_that_cancel_are_nought_and_a_target_that_is_met_is_not() -> None:
    text = """
inputs: {x: 1}
targets: {y: 0}
weights: {w: 1, u: 1, v: -1, p: 0.5}
equations: {h: w*x, a: u*h, b: v*h, yhat: p*(a + b)}
loss: l2
"""
    found = posed(QUESTIONS["zero"], Marking(loads(text)).key(0)).queries
    assert {calculation.backward(loads(text)).values[f"dL/d{w}"] for w in "wuvp"} == {0}
    assert [each.right for each in found] == [True, False, False, True]
    assert found[0].why == ("What its paths bring adds up to 0, whatever the target is.",)


def test_what_is_always_nought_has_no_path() -> None:
    text = """
inputs: {x: 1}
targets: {y: 3}
weights: {w: 1, u: 1, v: -1, s: 2}
equations: {a: w*x, b: detach(u*x), c: sign(v*x), yhat: a + b + c, apart: s*x}
outputs: [yhat]
loss: l2
"""
    found = posed(QUESTIONS["structure"], Marking(loads(text)).key(0)).queries
    answers = {each.name.split("/d")[1].split()[0]: each.right for each in found}
    assert answers == {"w": False, "u": True, "v": True, "s": True}


def test_dead_units_are_those_that_pass_nothing_on_when_pushed() -> None:
    network = load("small_cnn")
    (query,) = queries("small_cnn", "dead").values()
    values = calculation.forward(network).values
    closed = [name for name in values if name.startswith("H_") and values[name] == 0]
    assert [*query.right] == closed
    (query,) = queries("dying_relu", "dead").values()
    assert query.right == ()  # each is open on some sample


@pytest.mark.parametrize(
    "name", ["skip", "skip_bias", "closed_relu", "leaky_relu", "dying_relu", "residual_block",
             "rosenbrock", "conv2d", "ridge", "quadratic", "hinge", "huber", "circuit"],
)  # fmt: skip
def test_the_loss_falls_inside_the_intervals_and_not_outside(name: str) -> None:
    network, draw = load(name), random.Random(3)
    stretches = falling_rates(network)
    ends = [float(end) for each in stretches for end in (each.low, each.high) if end is not None]
    tried = [Fraction(10) ** -draw.randint(0, 4) * draw.randint(1, 99) for _ in range(12)]
    tried += [Fraction(end) * k for end in ends if end for k in (Fraction(999, 1000),
                                                                Fraction(1001, 1000))]  # fmt: skip
    for rate in tried:
        (done,) = calculation.step(network, rate).rounds
        inside = any(
            each.low < rate and (each.high is None or rate < each.high) for each in stretches
        )
        assert (done.loss_after < done.loss_before) == inside, float(rate)


def random_relus(seed: int) -> Network:
    draw = random.Random(seed)
    number = lambda: Fraction(draw.randint(-12, 12), 8)  # noqa: E731
    units = {
        layer: [f"{layer}{n}" for n in range(draw.randint(1, 3))] for layer in ("a", "b")
    }  # fmt: skip
    nodes: dict[str, dict[str, object]] = {}
    weights: dict[str, Fraction] = {}
    for layer, before in (("a", ["x"]), ("b", units["a"]), ("out", units["b"])):
        for unit in units.get(layer, ["out"]):
            edges = {source: f"w_{source}_{unit}" for source in before}
            weights |= dict.fromkeys(edges.values(), Fraction(0))
            kind = draw.choice(["relu", "leaky_relu", "abs"]) if layer != "out" else "identity"
            nodes[unit] = {"from": edges, "activation": kind}
    weights = {name: number() for name in weights}
    loss = draw.choice(["l1", "half_l2", "huber"])
    return loads({"inputs": {"x": number()}, "targets": {"y": number()}, "weights": weights,
                  "nodes": nodes, "loss": loss})  # fmt: skip


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(8))
def test_intervals_of_random_networks(seed: int) -> None:
    network = random_relus(seed)
    stretches = falling_rates(network)
    for number in range(1, 40):
        rate = Fraction(number * number, 97)
        (done,) = calculation.step(network, rate).rounds
        inside = any(
            each.low < rate and (each.high is None or rate < each.high) for each in stretches
        )
        assert (done.loss_after < done.loss_before) == inside, float(rate)


def test_intervals_end_where_the_loss_is_what_it_was() -> None:
    """At 8/3 by hand: w = 1, yhat = w, L = w**2: (1 - 2 lr)**2 < 1 for 0 < lr < 1."""
    square = "inputs: {x: 1}\ntargets: {y: 0}\nweights: {w: 1}\nequations: {yhat: w*x}\nloss: l2"
    ((low, high, exact),) = [(e.low, e.high, e.exact) for e in falling_rates(loads(square))]
    assert (low, high, exact) == (0, 1, True)
    with pytest.raises(BackcalcError, match="polynomials"):
        falling_rates(load("mazur"))


def test_factors_along_the_depth_multiply_to_the_product() -> None:
    key = Marking(load("vanishing")).key(0)
    lines = posed(QUESTIONS["vanishing"], key).lines
    assert lines == ("dyhat/dh3", "dh3/dh2", "dyhat/dh2", "dh2/dh1", "dyhat/dh1")
    report = check(Marking(load("vanishing")), "\n".join(f"{n} = 1" for n in lines), "sheet")
    right = {each.name: float(each.expected) for each in report.answers}
    values = calculation.forward(load("vanishing")).values
    own = {n: float(values[n]) * (1 - float(values[n])) for n in ("h2", "h3", "yhat")}
    factors = [own["yhat"], own["h3"], own["yhat"] * own["h3"], own["h2"]]  # all weights are 1
    assert [*right.values()][:4] == pytest.approx(factors)
    assert right["dyhat/dh1"] == pytest.approx(own["yhat"] * own["h3"] * own["h2"])


@pytest.mark.parametrize("name", ["mazur", "mlp", "deep_relu", "rnn_vectors", "gru_vectors"])
def test_sizes_of_gradients_and_their_factors(name: str) -> None:
    """Layers of several units: worked out again from the derivatives alone."""
    network = load(name)
    values = calculation.backward(network).values
    found = posed(QUESTIONS["vanishing"], Marking(network).key(0))
    right = {each.name: each for each in found.queries}
    groups = {"mazur": [["yhat1", "yhat2"], ["h1", "h2"]],
              "mlp": [["yhat"], ["h_b1", "h_b2"], ["h_a1", "h_a2", "h_a3"]],
              "deep_relu": [[f"a{n}_{i}" for i in (1, 2, 3)] for n in (3, 2, 1)],
              "rnn_vectors": [[f"h_{i}[{t}]" for i in (1, 2)] for t in (3, 2, 1)],
              "gru_vectors": [[f"h_{i}[{t}]" for i in (1, 2)] for t in (2, 1)]}[name]  # fmt: skip
    sizes = [math.hypot(*(float(values[f"dL/d{each}"]) for each in group)) for group in groups]
    expected = [sizes[0]]
    for place, size in enumerate(sizes[1:]):
        expected += [size, size / sizes[place], *([size / sizes[0]] if place else [])]
    assert [float(each.right) for each in right.values()] == pytest.approx(expected)
    assert [*found.lines] == [f"dL/d{each}" for group in groups for each in group]
    sheet = "".join(f"{each.name} = {each.answer}\n" for each in found.queries)
    asked = replace(network, ask=(Asked("vanishing"),))
    assert {*verdicts(asked, sheet).values()} == {"correct", "missing"}
    off = "".join(f"{each.name} = {float(each.right) * 1.05:.4g}\n" for each in found.queries)
    assert {*verdicts(asked, off).values()} == {"wrong", "missing"}
    assert {*verdicts(network, sheet).values()} == {"correct"}


@pytest.mark.parametrize("name", ["skip", "mazur", "xor", "softmax", "rnn", "adam"])
@pytest.mark.parametrize("seed", [0, 7])
def test_a_planted_mistake_is_the_one_that_check_finds(name: str, seed: int) -> None:
    network = load(name)
    rate = network.learning_rate
    sheet = planted(network, rate, seed)
    assert sheet.text == planted(network, rate, seed).text
    first = check(Marking(network, rate), sheet.text, "sheet").first
    assert first is not None
    assert (first.name, first.finding.names) == (sheet.name, (sheet.slip.name,))  # type: ignore[union-attr]


# Asked everywhere.


def test_every_kind_has_a_network_here_and_a_line_in_the_manual() -> None:
    kinds = {name for name in QUESTIONS if not name.startswith("drill")}
    page = (ROOT / "backcalc" / "manual" / "questions.md").read_text("utf-8")
    assert {*ASKED_OF} == {name for name in kinds if f"| `{name}` |" in page} == kinds


@pytest.mark.parametrize("kind", QUESTIONS)
def test_right_answers_are_right_and_none_are_missing(kind: str) -> None:
    network = asking(ASKED_OF.get(kind, "skip"), kind)
    sheet = exercise(network, network.learning_rate)
    lines = [f"{step.name} = {step.value}" for step in sheet.steps]
    lines += [f"{query.name} = {query.answer}" for query in sheet.queries]
    report = check(Marking(network), "\n".join(lines), "sheet")
    assert {each.verdict for each in report.answers} <= {"correct", "rounded"}
    assert report.score == report.points == len(lines) > 0
    assert not report.unread
    blank = check(Marking(network), skeleton(sheet), "sheet")
    assert {each.verdict for each in blank.answers} == {"missing"}
    assert blank.points == report.points


@pytest.mark.sweep
@pytest.mark.parametrize("kind", QUESTIONS)
def test_every_kind_is_printed_in_every_format(run: Run, kind: str) -> None:
    network = ASKED_OF.get(kind, "skip")
    title = QUESTIONS[kind].title
    for form, *key in (("text",), ("text", "--key"), ("html",), ("latex", "--key"), ("markdown",)):
        sheet = run("worksheet", network, "--ask", kind, "--format", form, *key)
        assert sheet.exit_code == 0, sheet.stderr
        assert title in sheet.stdout
    quiz = run("quiz", network, "--ask", kind, stdin="?\n" * 400)
    assert quiz.exit_code == 0, quiz.stderr
    assert title in quiz.stdout
    assert "lines left" not in quiz.stdout


@pytest.mark.parametrize("file", NETWORKS[::8])
def test_of_every_network_something_is_asked(file: str) -> None:
    key, asked = Marking(load(file)).key(0), []
    for kind in ("parameters", "zero", "multiplications", "dead", "falls"):
        with suppress(BackcalcError):
            asked += posed(QUESTIONS[kind], key).queries
    assert len(asked) > 2


@pytest.mark.parametrize(
    ("network", "kind", "why"),
    [
        ("skip", "shapes", "every quantity of this network is a single number"),
        ("mazur", "dead", "no unit of this network can be dead"),
        ("mazur", "rates", "not made of polynomials"),
        ("word2vec", "vanishing", "no two layers or time steps"),
        ("xor", "graph", "there are several"),
    ],
)
def test_what_is_not_asked_says_why(run: Run, network: str, kind: str, why: str) -> None:
    result = run("worksheet", network, "--ask", kind)
    assert result.exit_code == 2
    assert f"{kind} is not asked here: " in result.stderr
    assert why in result.stderr


def test_a_step_needs_a_rate() -> None:
    network = replace(asking("skip", "falls"), learning_rate=None)
    with pytest.raises(BackcalcError, match="falls is not asked here: no learning rate is given"):
        exercise(network)
    assert [each.name for each in exercise(network, Fraction(1)).queries] == ["loss falls"]


def test_a_misspelt_question_is_guessed(run: Run) -> None:
    result = run("worksheet", "skip", "--ask", "paramters")
    assert result.exit_code == 2
    assert "did you mean 'parameters'" in result.stderr
    assert "is nothing to ask" in run("worksheet", "skip", "--ask", "slip:x").stderr


def test_a_quantity_of_the_name_counts_more_than_a_question() -> None:
    text = """
inputs: {x: 1}
targets: {y: 3}
weights: {w: 1}
equations: {dead: w*x, yhat: 2*dead}
loss: l2
ask: [dead]
"""
    assert verdicts(loads(text), "dead = 1") == {"dead": "correct"}


@pytest.mark.sweep
def test_a_file_asks_with_points_and_a_seed(tmp_path: Path, run: Run) -> None:
    file = tmp_path / "skip.yaml"
    own = "ask: [z0, {parameters: 2, slip: {points: 3, seed: 5}}]\n"
    file.write_text((ROOT / "networks/skip.yaml").read_text("utf-8") + own, "utf-8")
    sheet = exercise(load(str(file)), Fraction(1))
    assert [each.name for each in sheet.queries] == ["parameters", LINE_ASKED, NAME_ASKED]
    _, slip, named = sheet.queries
    assert slip.right == planted(load("skip"), Fraction(1), 5).name
    answers = f"z0 = 0.5\nparameters = 5\nline with the slip = {slip.right}\n"
    answers += f"name of the slip = {next(e for e in named.choices if e != named.right)}\n"
    result = run("check", str(file), "-", "--lr", "1", "--format", "json", stdin=answers)
    (marked,) = json.loads(result.stdout)["files"]
    assert (marked["score"], marked["points"]) == (4, 9)
    right = [0.5, "4", str(slip.right), named.right]
    assert [each["expected"] for each in marked["answers"]] == right
    assert marked["first_mistake"] == "parameters"
    key = run("worksheet", str(file), "--lr", "1", "--key").stdout
    assert "parameters (2 points)" in key


# How answers are written.


@pytest.mark.parametrize(
    ("kind", "name", "right", "wrong", "unread"),
    [
        ("shapes", "shape of dL/dW1",
         ["3x2", "3 x 2", "3×2", "(3, 2)", "3 by 2", "[3,2]", "a 3x2 matrix"],
         ["2x3", "6", "3", "scalar"], ["big", "h x d"]),
        ("shapes", "shape of h1", ["3", "3x1", "(3,)", "3 x 1", "a vector of length 3"],
         ["1x3", "3x2"], []),
        ("parameters", "parameters", ["23", "23 parameters", "6 + 3 + 6 + 2 + 2 + 1 + 3 = 23",
                                      "2*3+3 + 3*2+2 + 2+1 + 3"], ["20", "24"], ["many", "n"]),
        ("zero", "dL/dw3 surely 0", ["yes", "Yes.", "y", "true", "yes, the relu is closed"],
         ["no", "No!", "false"], ["perhaps", "0"]),
        ("dead", "dead units", ["H_21, H_31, H_33", "H_33 and H_21, H_31", "{H_31,H_21,H_33}"],
         ["none", "H_21", "H_21, H_31, H_33, H_11"], ["some", "Z_99"]),
        ("slip", "line with the slip", [], ["z0", "dL/dw0"], ["somewhere"]),
        ("slip", "name of the slip", ["gradient sign", "Gradient-sign: the one of dL/dh1",
                                      "sign flipped"],
         ["updated-weights", "updated weights used in the backward pass"],
         ["a mistake", "7", "gradient-sign or updated-weights", "updated-weights, sign flipped"]),
        ("vanishing", "factor of dL/dh[2]",
         ["1.58", "1.6", "2.149/1.364 = 1.58", "1,58", "157.6 %", "1.576."],
         ["-1.58", "1.7", "0.634", "15.8"], ["1,576", "1e400", "1/0", "w", "1.5, 1.6"]),
        ("falls", "loss falls", ["no"], ["yes"], ["maybe"]),
        ("rates", "loss falls for",
         ["0 < lr < 0.559", "(0, 0.5588)", "lr < 0.559", "0<η<0.559", "]0; 0.559[",
          "lr between 0 and 0.559"],
         ["lr > 0", "0 < lr < 0.6", "0 < lr < 0.5", "none", "0.1 < lr < 0.559",
          "between 0 and 0.6", "0 < lr < 0.559 or lr > 3"], ["small", "0 < w < 1"]),
    ],
)  # fmt: skip
def test_ways_of_writing_an_answer(
    kind: str, name: str, right: list[str], wrong: list[str], unread: list[str]
) -> None:
    """Of mlp by hand: 3 units of 2 inputs and a bias, 2 units of 3, 1 of 2: 9 + 8 + 3."""
    if kind == "parameters":
        right, wrong = [r.replace("23", "20").replace(" + 3", "", 1) for r in right[:1]], ["23"]
    if kind == "rates":
        right = right[:4]
    query = queries(ASKED_OF[kind], kind, 1)[name]
    for text in right:
        assert told(query, text) == "correct", text
    for text in wrong:
        assert told(query, text) == "wrong", text
    for text in unread:
        with pytest.raises(BackcalcError, match="is no answer to"):
            told(query, text)


def told(query: Query, text: str) -> str:
    (found,), rest = answers_to([query], f"{query.name} = {text}", "sheet")
    assert not rest.strip()
    return judged(found).verdict


@pytest.mark.parametrize(
    ("right", "texts"),
    [
        ("0 < lr < 2 or 3 < lr < 5", ["0 < lr < 2 or 3 < lr < 5", "(0, 2) ∪ (3, 5)"]),
        ("0 < lr < 8/3", ["0 < lr < 8/3", "0 < lr < 2.667", "lr < 2.67", "(0, 8/3)", "0 to 8/3"]),
        ("lr > 0", ["lr > 0", "every rate", "0 < lr < ∞", "(0, inf)", "all"]),
        ("none", ["none", "never"]),
    ],
)
def test_intervals_as_people_write_them(right: str, texts: list[str]) -> None:
    from backcalc.symbolic.rates import Stretch

    ends = RATES.read(right, {})
    number = lambda end: None if end is None else Fraction(end)  # noqa: E731
    stretches = [Stretch(Fraction(low), number(high)) for low, high in ends]
    assert RATES.shown(stretches) == right
    for text in texts:
        assert RATES.fits(stretches, RATES.read(text, {})), text
    for text in ("0 < lr < 2.5", "lr > 1", "(0, 2)"):
        assert not RATES.fits(stretches, RATES.read(text, {})), text


SHEETS = {
    "text": "1. parameters: 9\n- Dead units = h2\ndL/dw3 surely 0: yes  # closed\n",
    "markdown": "## Questions\n| question | answer |\n|---|---|\n| parameters | 9 |\n"
                "| $\\frac{\\partial L}{\\partial w_{3}}$ surely 0 | **yes** |\n"
                "| dead units | $h_2$ |\n",
    "latex": "\\section{Questions}\n\\begin{itemize}\n\\item parameters: $9$\n"
             "\\item dead units: $h_2$\n"
             "\\item $\\frac{\\partial L}{\\partial w_3}$ surely 0: yes\n\\end{itemize}\n",
    "notebook": json.dumps({"cells": [{"cell_type": "markdown", "metadata": {}, "source": [
        "parameters = 9\n", "\n", "dead units: h2\n", "\n", "∂L/∂w3 surely 0? yes"]}],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1, ensure_ascii=False),
}  # fmt: skip


@pytest.mark.parametrize("kind", SHEETS)
def test_answers_are_read_in_every_kind_of_document(kind: str) -> None:
    network = replace(load("closed_relu"), ask=(Asked("parameters"), Asked("dead"), Asked("zero")))
    found = verdicts(network, SHEETS[kind], kind)
    asked = {"parameters", "dead units", "dL/dw3 surely 0"}
    assert {name: found[name] for name in asked} == dict.fromkeys(asked, "correct")
    assert {found[name] for name in found.keys() - asked} == {"missing"}


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("name", "kinds", "form"),
    [
        ("closed_relu", "dead,parameters,multiplications,slip,rates,falls,zero", form)
        for form in ("text", "markdown", "latex")
    ]
    + [("deep_relu", "slip", "markdown"), ("matrix_columns", "shapes,slip", "latex")],
)
def test_a_printed_key_earns_every_point(run: Run, name: str, kinds: str, form: str) -> None:
    """Its third column says why; its names have fractions, subscripts and long explanations."""
    key = run("worksheet", name, "--ask", kinds, "--key", "--format", form, "--lr", "0.1").stdout
    network = replace(load(name), ask=tuple(map(Asked, kinds.split(","))))
    report = check(Marking(network, Fraction(1, 10)), key, "sheet", form.replace("text", ""))
    assert report.score == report.points > 0


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("form", "extra", "points"),
    [("text", "", 8), ("markdown", "marking: {elements: each}", 21),
     ("latex", "points: {dL/dW1: 12, L: 1}", 20)],
)  # fmt: skip
def test_a_full_key_of_matrices_earns_its_points(
    form: str, extra: str, points: int, run: Run, tmp_path: Path
) -> None:
    """Its table of points has each matrix once, as marking counts it, and is no answer itself."""
    net = (ROOT / "networks" / "matrix_columns.yaml").read_text("utf-8")
    (tmp_path / "net.yaml").write_text(f"{net}ask: [gradients, slip, shapes]\n{extra}\n")
    run("variant", "net.yaml", "--seed", "3", "-o", "v", "--format", form, cwd=tmp_path)
    (key,) = (tmp_path / "v" / "keys").glob("variant-01.*")
    text = key.read_text("utf-8")
    table = POINTS_TABLE.search(text)
    assert table
    bare = re.sub(r"\\rule\S*", "", table[0])
    rows = [re.split(r" {2,}|[|&]", row.strip("|\\ ")) for row in bare.splitlines()]
    worth = [float(row[-1]) for row in rows if row[-1].strip().isdigit()]
    network = load(str(tmp_path / "v" / "variant-01" / "network.yaml"))
    rules = policies(network.marking)
    report = check(Marking(network, policies=rules), text, "key", form.replace("text", ""))
    assert (report.score, report.points) == (points + 11, points + 11)
    assert sum(worth) == points + 11
    assert not report.unread


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["deep_relu", "rnn_vectors", "skip"])
def test_a_key_works_out_all_that_it_gives_points_for(name: str, run: Run) -> None:
    """Also what the worked sheet leaves out; an element beside its matrix earns nothing more."""
    ask = ("forward", "gradients", *(["dyhat/dw0"] if name == "skip" else []))
    key = run("worksheet", name, "--ask", ",".join(ask), "--key").stdout
    report = check(Marking(replace(load(name), ask=tuple(map(Asked, ask)))), key, "sheet")
    table = POINTS_TABLE.search(key)
    assert table
    worth = [float(row.split()[-1]) for row in table[0].splitlines()[2:]]
    assert report.score == report.points == sum(worth)


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["graph", "update,after,graph"])
def test_the_drawing_of_a_key_is_of_the_first_pass(name: str, run: Run) -> None:
    key = run("worksheet", "closed_relu", "--ask", name, "--key").stdout
    report = check(Marking(replace(load("closed_relu"), ask=(Asked("graph"),))), key, "sheet")
    assert {each.verdict for each in report.answers} <= {"correct", "rounded"}
    assert not any(each.name.endswith("''") for each in report.answers)
    assert not report.unread  # the cases of a brace that is drawn over two lines are read as well


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_a_sheet_left_blank_earns_nothing(form: str, run: Run) -> None:
    """The worked sheet with a mistake that is printed on it is nobody's answer."""
    blank = run("worksheet", "skip", "--ask", "gradients,slip", "--format", form).stdout
    network = replace(load("skip"), ask=(Asked("gradients"), Asked("slip")))
    report = check(Marking(network), blank, "sheet", form.replace("text", ""))
    assert (report.score, report.points) == (0, 12)
    assert not any("slip" in each.text for each in report.unread)


@pytest.mark.parametrize(
    ("asked", "told"),
    [("gradients,slip", True), ("w0',slip", True), ("slip", False), ("forward,slip", False),
     ("gradients,dead", False), ("gradients,slip --show rules", False),
     ("gradients,slip --key", False)],
)  # fmt: skip
def test_formulas_that_the_worked_sheet_gives_away_are_told(
    asked: str, told: bool, run: Run
) -> None:
    done = run("worksheet", "skip", "--ask", *asked.split())
    assert done.exit_code == 0
    assert ("the worked sheet of slip shows the chain rules" in done.stderr) is told


def test_a_worked_sheet_shows_no_figure_beside_lines_that_are_asked() -> None:
    """Its formulas tell the mistake; its figures would be the answers."""
    heads = []
    for asked in (["slip"], ["forward", "slip"], ["parameters", "slip"]):
        sheet = exercise(replace(load("skip"), ask=tuple(map(Asked, asked))), Fraction(1))
        heads.append(sheet.questions[-1].posed.blocks[0].columns)  # type: ignore[union-attr]
    whole = ("line", "formula", "numbers", "result")
    assert heads == [whole, ("line", "formula"), whole]


@pytest.mark.parametrize(
    ("form", "sign"), [("text", "_" * 50), ("latex", "110mm"), ("html", 'class="row"')]
)
def test_a_blank_that_tells_no_shape_has_room_for_every_matrix(
    form: str, sign: str, run: Run
) -> None:
    sheet = run("worksheet", "matrix_columns", "--ask", "L,dL/dW1,shapes", "--format", form).stdout
    assert sheet.count(sign) == 3  # rows of W1; L is a number, as everybody knows


def test_answers_beside_quantities_and_unasked() -> None:
    text = "z1 = 1.1\nparameters = 8\nh1 = 1.1\ndead units = h2\n"
    report = check(Marking(load("closed_relu")), text, "sheet")
    assert [each.name for each in report.answers] == ["z1", "parameters", "h1", "dead units"]
    assert [each.verdict for each in report.answers] == ["correct", "wrong", "correct", "correct"]
    assert (report.score, report.points) == (3, 4)


def test_an_answer_that_cannot_be_read_is_listed_and_costs_no_other() -> None:
    network = replace(load("closed_relu"), ask=(Asked("parameters"), Asked("z1")))
    report = check(Marking(network), "parameters = lots\nz1 = 1.1", "sheet")
    assert {each.name: each.verdict for each in report.answers} == {
        "z1": "correct", "parameters": "unread"
    }  # fmt: skip
    (left,) = report.unread
    assert left.place.line == 1
    assert left.reason == "'lots' is no answer to 'parameters': write a whole number"


def test_an_answer_alone_that_cannot_be_read_says_what_to_write() -> None:
    with pytest.raises(BackcalcError) as caught:
        check(Marking(load("closed_relu")), "loss falls for = some\n", "sheet")
    assert caught.value.message == "'some' is no answer to 'loss falls for'"
    assert caught.value.hint.startswith("write an interval such as 0 < lr < 0.125")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("the loss falls for 0 < lr < 0.413", "loss falls for"),
        ("The loss falls for: lr < 0.413", "loss falls for"),
        ("loss falls for $0 < \\eta < 0.413$.", "loss falls for"),
        ("parameters 9", "parameters"),
    ],
)
def test_an_answer_needs_no_sign(text: str, name: str) -> None:
    assert verdicts(load("closed_relu"), text) == {name: "correct"}


@pytest.mark.parametrize(
    ("text", "name", "verdict"),
    [
        ("9 parameters", "parameters", "correct"),
        ("4) There are 6 + 3 = 9 parameters in all.", "parameters", "correct"),
        ("Number of parameters: 9", "parameters", "correct"),
        ("Anzahl Parameter: 9", "parameters", "correct"),
        ("#parameters = 9", "parameters", "correct"),
        ("The network has 8 parameters.", "parameters", "wrong"),
        ("So 6 weights and 3 biases: 9 parameters", "parameters", "unread"),
        ("Hidden layer: 6 parameters", "parameters", "unread"),
        ("There are 6 parameters.\nThere are 3 parameters.", "parameters", "unread"),
        ("dead: h2", "dead units", "correct"),
        ("h2 is dead.", "dead units", "correct"),
        ("The dead unit is h2", "dead units", "correct"),
        ("h1 is not dead", "dead units", "unread"),
        ("falls: no", "loss falls", "wrong"),
        ("The loss falls.", "loss falls", "correct"),
        ("the loss falls from 1 to 0.9", "loss falls", "unread"),
    ],
)
def test_what_is_asked_is_answered_in_other_words_and_never_lost(
    text: str, name: str, verdict: str
) -> None:
    asked = (Asked("parameters"), Asked("dead"), Asked("falls"))
    network = replace(load("closed_relu"), ask=asked)
    found = check(Marking(network, Fraction(1, 100)), f"{text}\nz1 = 1.1", "sheet")
    told = {each.name: each.verdict for each in found.answers}
    assert (told[name], told["z1"]) == (verdict, "correct")
    assert len(found.unread) == (text.count("\n") + 1 if verdict == "unread" else 0)


def test_a_row_of_csv_answers_a_question() -> None:
    network = replace(load("closed_relu"), ask=(Asked("parameters"), Asked("dead")))
    text = "quantity,value,how\nz1,1.1,\nh1,1.1,\nparameters,9,counted\ndead units,h2,\n"
    report = check(Marking(network), text, "sheet.csv")
    assert {each.name: each.verdict for each in report.answers} == dict.fromkeys(
        ("z1", "h1", "parameters", "dead units"), "correct"
    )


def test_words_of_a_question_in_prose_are_left_alone() -> None:
    text = "We train all parameters: w0 = 0.5 at first.\nThe loss falls for small rates.\nz0 = 0.5"
    assert "parameters" not in verdicts(load("skip"), text)


# Handed out.


@pytest.mark.sweep
def test_variants_ask_the_same_and_come_back(run: Run, tmp_path: Path) -> None:
    folder, ask = tmp_path / "sheets", "z1,parameters,zero,rates,slip:4"
    flags = [f"--{name}" for name in PACKAGES]
    result = run("variant", "closed_relu", "--seed", "3", "--count", "2", "--ask", ask, *flags,
                 "-o", str(folder))  # fmt: skip
    assert result.exit_code == 0, result.stderr
    for number in ("01", "02"):
        home = folder / f"variant-{number}"
        network = load(str(home / "network.yaml"))
        assert [each.name for each in network.ask] == ["z1", "parameters", "zero", "rates", "slip"]
        sheet = exercise(network)
        right = {query.name: query.answer for query in sheet.queries}
        lines = (home / "answers.txt").read_text("utf-8").splitlines()
        filled = [f"{line} {right.get(line[:-2], '0')}" if line.endswith(" =") else line
                  for line in lines]  # fmt: skip
        (home / "answers.txt").write_text("\n".join(filled), "utf-8")
    done = run("check", str(folder), str(folder), "--format", "json")
    for each in json.loads(done.stdout)["files"]:
        verdict = {row["name"]: row["verdict"] for row in each["answers"]}
        assert {verdict[name] for name in right} == {"correct"}
    quiz = ElementTree.parse(folder / "moodle.xml")
    kinds = {q.find("name/text").text.split(" ", 2)[2]: q.get("type")  # type: ignore[union-attr]
             for q in quiz.findall("question") if q.get("type") != "category"}  # fmt: skip
    assert kinds["parameters"] == "numerical"
    assert kinds["dL/dw3 surely 0"] == kinds["loss falls for"] == "shortanswer"
    slip = next(q for q in quiz.findall("question") if "slip" in str(q.findtext("name/text")))
    assert "<table>" in str(slip.findtext("questiontext/text"))
    named = next(q for q in quiz.findall("question") if q.get("type") == "multichoice")
    fractions = {a.findtext("text"): a.get("fraction") for a in named.findall("answer")}
    assert sorted(fractions.values()) == ["0"] * 4 + ["100"]
    assert {*fractions} < {*SLIPS}
    server: dict[str, Callable[[Any], None]] = {}
    exec((folder / "prairielearn" / "server.py").read_text("utf-8"), server)
    data: dict[str, dict[str, Any]] = {"params": {}, "correct_answers": {}}
    server["generate"](data)
    ((field, choices),) = data["params"]["choices"].items()
    assert [each["correct"] for each in choices].count("true") == 1
    assert field not in data["correct_answers"]
    assert field in (folder / "prairielearn" / "question.html").read_text("utf-8")
    assert "line with the slip" in (folder / "answers.csv").read_text("utf-8")


def test_a_quiz_takes_one_answer_to_a_question(run: Run) -> None:
    ask = ("--ask", "parameters,dead,falls,z1")
    result = run("quiz", "closed_relu", *ask, stdin="eight\n8\nunit 2\nno\n1.1\n")
    assert "'eight' is no answer to 'parameters' (write a whole number)" in result.stdout
    assert "wrong\nthe answer: 9. unit 1: 3, unit 2: 3, unit 3: 3." in result.stdout
    assert "score: 3 of 4 points" in result.stdout


def test_a_drawing_to_be_filled_in_tells_no_answer(run: Run) -> None:
    plain = run("worksheet", "skip", "--ask", "graph")
    assert "z0 = ______" in plain.stdout
    assert "w0 = 0.5" in plain.stdout
    page = run("worksheet", "skip", "--ask", "graph", "--format", "html").stdout
    assert "∂L/∂w0 = ______" in re.sub("<[^>]*>", "", page)
    assert 'class="edge negative"' not in page  # nor the width of an edge
    assert "0.375" not in plain.stdout + page
    key = run("worksheet", "skip", "--ask", "graph", "--key").stdout
    assert "∂L/∂w0 = 0.75" in key


def test_python_asks_too() -> None:
    import backcalc

    network = backcalc.load("closed_relu")
    assert "Dead units" in str(backcalc.worksheet(network, ask=["dead", "parameters"]))
    marked = backcalc.check(network, {"parameters": "9"}, ask="parameters,dead")
    assert marked.verdicts == {"parameters": "correct", "dead units": "missing"}


# Found by attack.


@pytest.mark.parametrize(
    "text",
    ["Parameters: w0 = 0.5, w1 = 0.5", "The parameters are w0 = 0.5.", "parameters: 0.5",
     "Parameters: we use 4 weights"],
)  # fmt: skip
def test_words_that_mean_something_else_are_no_answers(text: str) -> None:
    assert verdicts(load("skip"), f"{text}\nz0 = 0.5") == {"z0": "correct"}


def test_weights_that_differ_in_a_line_below_are_told_apart_and_own_words_are_read() -> None:
    network = loads("""
inputs: {x: 1}
targets: {y: 3}
weights: {w1: 1, w_1: 0}
equations: {h: relu(w1*x), g: relu(w_1*x), yhat: h + g}
names: {L: E, h: o_1}
loss: l2
learning_rate: 1
ask: [zero, dead]
""")
    found = verdicts(network, "dE/dw1 surely 0 = no\ndL/dw_1 surely 0: yes\ndead units: g")
    assert found == dict.fromkeys(found, "correct")
    assert len(found) == 3
    assert verdicts(network, "dead units = o_1")["dead units"] == "wrong"


@pytest.mark.parametrize("text", ["9**9**9**9", "1e999999999", "1/0", "10**-5", "9; z1 = 1", "="])
def test_numbers_that_are_none_are_not_read(text: str) -> None:
    network = replace(load("closed_relu"), ask=(Asked("parameters"), Asked("z1")))
    report = check(Marking(network), f"parameters = {text}\nz1 = 1.1", "sheet")
    assert {each.name: each.verdict for each in report.answers}["z1"] == "correct"
    told = "missing" if text == "=" else "unread"
    assert {each.name: each.verdict for each in report.answers}["parameters"] == told


@pytest.mark.parametrize("text", ["2*3 + 3 = 9", "3**2", "**9**", "9 weights and biases", "9."])
def test_arithmetic_is_an_answer(text: str) -> None:
    assert verdicts(load("closed_relu"), f"parameters = {text}")["parameters"] == "correct"


@pytest.mark.sweep
def test_a_sheet_of_nothing_but_words_ends_soon() -> None:
    many = [Query("parameters", ("parameters",), ("?",), WHOLE_NUMBER, 9, ())]
    text = "a is parameters = 9 is is is is is\n" * 20_000
    found, rest = answers_to(many, text, "sheet")
    assert (any(each.sure for each in found), rest) == (False, text)
    assert effort(lambda: answers_to(many, text, "sheet")) < 3_000_000


@pytest.mark.sweep
def test_every_format_of_marks_tells_the_right_answer(run: Run) -> None:
    for form in MARKS:
        done = run("check", "closed_relu", "-", "--format", form, stdin="dead units = h1\n")
        assert done.exit_code == 1, form
        assert form in ("csv", "gradescope", "latex", "markdown") or "h2" in done.stdout, form


def test_a_formula_for_a_matrix_that_is_asked_is_no_missing_line() -> None:
    asked = (Asked("L"), Asked("dL/dW", points=Fraction(3)))
    network = replace(load("linear_classifier"), ask=asked)
    text = "dL/dW = (p - y) @ x.T\nL = 1.04\ndL/db = p - y\n"
    report = check(Marking(network), text, "sheet")
    assert [(each.name, each.verdict, each.worth, each.earned) for each in report.answers] == [
        ("dL/dW", "correct", 3, 3), ("L", "rounded", 1, 1), ("dL/db", "correct", 0, 0)
    ]  # fmt: skip
    wrong = check(Marking(network), "dL/dW = x @ (p - y).T\nL = 1.04\n", "sheet")
    assert (wrong.score, wrong.points) == (1, 4)


@pytest.mark.parametrize("head", ["quantity result points", "| quantity | result | points |"])
def test_a_heading_of_somebodys_own_like_that_of_a_key_hides_no_answer(head: str) -> None:
    text = f"Ada Byron\n{head}\nz0 = 0.5\nh0 = 0.5\n"
    report = check(Marking(load("skip")), text, "sheet.txt")
    assert [(each.answer.name, each.verdict) for each in report.answers] == [
        ("z0", "correct"), ("h0", "correct"),
    ]  # fmt: skip
