"""True statements that name what comes from the quantity: never wrong, and worth nothing alone."""

from __future__ import annotations

import pytest

from backcalc.checking.report import Marking, check
from backcalc.formulas.notation import PLAIN, phrase_text
from backcalc.loading.loader import loads
from backcalc.loading.policies import policies

NETWORK = """
inputs: {x: 1}
targets: {y: -3}
weights: {w0: 0.5, w1: 0.5, w2: 0.5, ws: 0.5}
nodes:
  0: {from: {x: w0}, activation: relu}
  1: {from: {0: w1}, activation: relu}
  2: {from: {1: w2}, activation: identity}
skip:
  - {from: 0, to: 2, weight: ws}
loss: l1
learning_rate: 1
"""
ALONE = "This is true, but it gives no value. Work it out from the lines before it."
EQUAL = "With these numbers they are equal; in general they are not."


def marked(text: str, ask: str = "", missing: str = "lost") -> tuple[list[str], str]:
    """Each line's verdict and comment, and the score."""
    marking = Marking(loads(NETWORK + ask), policies=policies({"missing": missing}))
    report = check(marking, text.replace("; ", "\n"), "sheet.txt")
    said = [f"{a.verdict}: {phrase_text(a.comment, PLAIN)}".rstrip(": ") for a in report.answers]
    return said, f"{float(report.score):g} of {float(report.points):g}"


@pytest.mark.parametrize(
    ("text", "said", "score"),
    [
        ("z2 = yhat", [f"correct: {ALONE}"], "0 of 0"),
        ("dL/dh0 = dL/dz0", [f"correct: {ALONE}"], "0 of 0"),  # z0 > 0 here
        ("z2 = yhat; z2 = 0.375", ["correct", "correct"], "1 of 1"),
        ("z2 = 0.375; z2 = yhat", ["correct", "correct"], "1 of 1"),
        ("z2 = yhat = 0.375; dL/dh0 = dL/dz0 = 0.75", ["correct"] * 4, "4 of 4"),
        ("z2 = yhat; yhat = 0.375", ["correct", "correct"], "2 of 2"),
        ("dL/dh0 = dL/dz0*x; dL/dz0 = 0.75", [f"correct: {EQUAL}", "correct"], "2 of 2"),
        (
            "z1 = yhat; yhat = 0.375",
            ["wrong: z1 and yhat are not equal in this network.", "correct"],
            "1 of 2",
        ),
    ],
)
def test_what_is_true_is_never_accused(text: str, said: list[str], score: str) -> None:
    assert marked(text) == (said, score)


def test_a_value_that_follows_from_a_wrong_one() -> None:
    said, score = marked("z0 = h0; h0 = 0.6")
    assert said[0] == "follows: Right from your own h0."
    assert (said[1][:5], score) == ("wrong", "1 of 2")


def test_an_asked_line_with_nothing_but_an_identity_is_missing() -> None:
    ask = "ask: [z2, L]\n"
    assert marked("z2 = yhat; L = 3.375", ask) == ([f"missing: {ALONE}", "correct"], "1 of 2")
    said, score = marked("z2 = yhat; L = 3.375", ask, "free")
    assert (said, score) == ([f"correct: {ALONE}", "correct"], "1 of 1")
    said, score = marked("z2 = 9; z2 = yhat; L = 3.375", ask)
    assert ([each[:5] for each in said], score) == (["wrong", "corre", "corre"], "1 of 2")


SUMS = """
inputs: {x1: 1, x2: 2}
targets: {y: 1}
weights: {w1: 0.4, w2: -0.2, w3: 0.3, w4: 0.5, v1: 0.6, v2: -0.4}
biases: {b1: 0.1, b2: -0.3, c: 0.2}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: tanh}
  3: {from: {1: v1, 2: v2}, bias: c, activation: identity}
loss: half_l2
"""


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("dL/dv1 = dL/dyhat*0.525", "correct"),
        ("dL/dz1 = dL/dh1*0.52498*(1-0.52498)", "correct"),
        ("dL/dz2 = dL/dh2*(1-0.7616^2)", "correct"),
        ("dL/dv2 = -0.79*h2", "correct"),
        ("dL/dw1 = dL/dz1", "correct"),  # x1 is 1
        ("dL/dw4 = 2*dL/dw3", "correct"),
        ("dL/dw1 = 0.6*dL/dz1", "wrong"),
        ("dL/dv1 = dL/dyhat*0.6", "wrong"),
        ("dL/dc = 0.79*dL/dyhat", "wrong"),
        ("dL/dw2 = dL/dz1", "wrong"),
        ("dL/dz1 = dL/dh1*0.525*(1-0.76)", "wrong"),
    ],
)
def test_figures_put_in_a_formula_may_be_rounded(line: str, verdict: str) -> None:
    report = check(Marking(loads(SUMS)), f"z1 = 0.1\n{line}\n", "sheet.txt")
    assert report.answers[1].verdict == verdict


def test_noughts_that_follow_from_a_nought_without_a_reason_earn_nothing() -> None:
    zeros = [f"dL/d{n} = 0" for n in ["yhat", "v1", "v2", "c", "h1", "z1", "h2", "z2", "w1", "w2"]]
    report = check(Marking(loads(SUMS)), "\n".join(["z1 = 0.1", *zeros]), "sheet.txt")
    assert float(report.score) == 1
    assert "Anything times 0 is 0" in "".join(map(str, report.answers[2].comment))
    three = check(Marking(loads(SUMS)), "dL/dz1 = 0\ndL/dw1 = 0\ndL/dw2 = 0\n", "sheet.txt")
    assert float(three.score) == 0
    (first, second) = check(Marking(loads(SUMS)), "dL/dv1 = 0\ndL/dw2 = 0\n", "a.txt").answers
    assert (first.verdict, first.finding, second.hollow) == ("wrong", None, True)
