"""Forty questions that deep-learning courses ask of matrices, with right and wrong answers.

The questions are in our own words; the kinds are those of CS224n, CS231n, CSC413 and their like.
"""

from __future__ import annotations

import re

import pytest
from conftest import marking, mostly_swept

import backcalc
from backcalc.checking.report import Marking, check
from backcalc.loading.loader import loads
from backcalc.worksheets.asked import exercise

LINEAR = """
inputs: {X: [[1, 2, -1], [0, -1, 3], [3, 1, 0.5], [-2, 0.5, 1]]}
targets: {y: [1, 0.5, -1, 2]}
weights: {w: [0.3, -0.2, 0.1]}
equations: {yhat: X @ w, r: yhat - y}
loss: mean(r**2)
"""
RIDGE = """
inputs: {X: [[1, 2], [0, -1], [3, 1]]}
targets: {y: [1, 0, -1]}
weights: {w: [0.3, -0.2]}
constants: {lam: 0.1}
equations: {r: X @ w - y}
loss: sum(r**2) + lam*sum(w**2)
"""
SOFTMAX = """
inputs: {x: [0.5, -1, 2]}
targets: {y: [0, 1]}
weights: {W: [[0.2, -0.4, 0.1], [0.7, 0.1, -0.3]], b: [0.1, -0.2]}
equations: {z: W @ x + b, p: softmax(z)}
outputs: [p]
loss: cross_entropy
"""
SOFTMAX_BATCH = """
inputs: {X: [[1, 2], [0, -1], [3, 1]]}
targets: {Y: [[1, 0, 0], [0, 0, 1], [0, 1, 0]]}
weights: {W: [[0.4, -0.2, 0.3], [0.3, 0.5, -0.6]], b: [0, 0.1, -0.1]}
equations: {Z: X @ W + b, P: softmax(Z)}
outputs: [P]
loss: cross_entropy
"""
LAYERS = """
inputs: {x: [0.5, -1]}
targets: {y: [0.8, -0.1]}
weights: {W1: [[0.2, -0.4], [0.7, 0.1], [-0.5, 0.3]], b1: [0.1, 0, -0.2],
          W2: [[1.2, -0.7, 0.4], [0.3, 0.6, -0.9]], b2: [0.05, 0]}
equations: {z1: W1 @ x + b1, h1: sigmoid(z1), z2: W2 @ h1 + b2, yhat: z2}
loss: half_l2
"""
RELU = LAYERS.replace("sigmoid", "relu")
RESIDUAL = """
inputs: {x: [0.5, -1, 0.3]}
targets: {y: [0.8, -0.1, 0]}
weights: {W: [[0.2, -0.4, 0.1], [0.7, 0.1, 0.2], [-0.5, 0.3, 0.4]]}
equations: {z: W @ x, h: tanh(z), yhat: x + h}
loss: half_l2
"""
BILINEAR = """
inputs: {x: [0.5, -1, 2], t: [1, 0.4]}
weights: {A: [[0.2, -0.4], [0.7, 0.1], [0.3, 0.9]]}
equations: {s: x @ A @ t}
loss: s
"""
ATTENTION = """
inputs: {Q: [[0.5, -1], [0.2, 0.3]], K: [[1, 0.5], [-0.3, 0.8], [0.4, 0.1]]}
targets: {Y: [[1, 0], [0, 1]]}
weights: {V: [[0.2, -0.4], [0.7, 0.1], [0.3, 0.9]]}
equations: {S: Q @ K.T, A: softmax(S), O: A @ V}
outputs: [O]
loss: half_l2
reduction: sum
"""
NORM = """
inputs: {x: [0.5, -1, 2]}
targets: {y: [1, 0, 0.5]}
weights: {g: [1, 0.5, 2], b: [0, 0.1, 0]}
equations: {yhat: g*x + b}
loss: half_l2
"""
RNN = """
repeat: 2
inputs: {x: [[0.5, -1], [0.2, 0.3]]}
targets: {y: [[0.8, -0.1], [0.3, 0.5]]}
constants: {"h[0]": [0.1, -0.2]}
weights: {W: [[0.2, -0.4], [0.7, 0.1]], U: [[0.3, 0.2], [-0.5, 0.6]]}
equations: {"h[t]": "tanh(W @ x[t] + U @ h[t-1])"}
outputs: [h]
loss: half_l2
"""

QUESTIONS = [
    # question, network, quantity, right answers, wrong answers
    ("least squares: the gradient by the weights", LINEAR, "dL/dw",
     ["X.T @ dL/dyhat", "2*X.T @ (yhat - y)/4", "2/N*X.T @ r"],
     ["X @ dL/dyhat", "X.T @ r", "2*X.T @ r"]),
    ("least squares: what flows to the predictions", LINEAR, "dL/dyhat",
     ["2*r/N", "2*(yhat - y)/4"], ["2*r", "r/N", "2*(y - yhat)/4"]),
    ("least squares: the predictions", LINEAR, "yhat", ["X @ w", "X w"], ["w @ X", "X.T @ w"]),
    ("ridge: the gradient with its penalty", RIDGE, "dL/dw",
     ["2*X.T @ r + 2*lam*w", "2*(X.T @ (X @ w - y) + lam*w)"],
     ["2*X.T @ r", "2*X.T @ r + lam*w", "2*X @ r + 2*lam*w"]),
    ("ridge: what flows to the residual", RIDGE, "dL/dr", ["2*r"], ["r", "2*r/N"]),
    ("softmax regression: the scores' gradient", SOFTMAX, "dL/dz",
     ["p - y", r"$p - y$"], ["y - p", "p*(1 - p)", "p*(p - y)"]),
    ("softmax regression: the weights' gradient", SOFTMAX, "dL/dW",
     ["(p - y) @ x.T", "outer(p - y, x)", r"(p - y) x^\top"],
     ["x @ (p - y).T", "(p - y) @ x", "(y - p) @ x.T"]),
    ("softmax regression: the bias", SOFTMAX, "dL/db", ["p - y", "dL/dz"], ["p", "y - p"]),
    ("softmax regression: the input's gradient goes through the transpose", SOFTMAX, "dL/dp",
     ["-y/p"], ["y/p", "-y*p", "p - y"]),
    ("a batch: the scores' gradient is averaged", SOFTMAX_BATCH, "dL/dZ",
     ["(P - Y)/3", "(P - Y)/N"], ["P - Y", "(Y - P)/N", "(P - Y)/9"]),
    ("a batch: the weights' gradient", SOFTMAX_BATCH, "dL/dW",
     ["X.T @ dL/dZ", "X.T @ (P - Y)/N", r"\frac{1}{N} X^\top (P - Y)"],
     ["dL/dZ.T @ X", "X @ dL/dZ", "X.T @ (P - Y)"]),
    ("a batch: the bias adds up over the rows", SOFTMAX_BATCH, "dL/db",
     ["sum(dL/dZ, axis=0)", "np.sum(dL/dZ, axis=0)"],
     ["dL/dZ", "sum(dL/dZ, axis=1)", "mean(dL/dZ, axis=0)", "sum(dL/dZ)"]),
    ("a batch: the scores", SOFTMAX_BATCH, "Z", ["X @ W + b", "X W + b"], ["W @ X + b", "X*W + b"]),
    ("two layers: the output's error", LAYERS, "dL/dyhat", ["yhat - y"], ["y - yhat", "yhat"]),
    ("two layers: the last weights", LAYERS, "dL/dW2",
     ["(yhat - y) @ h1.T", r"\delta_2 h_1^\top", "outer(dL/dz2, h1)"],
     ["h1 @ dL/dz2.T", "dL/dz2 @ h1", r"\delta_2 \odot h_1"]),
    ("two layers: back through the weights", LAYERS, "dL/dh1",
     ["W2.T @ dL/dz2", r"W_2^T \delta_2"], ["W2 @ dL/dz2", "dL/dz2 @ W2.T", "W2.T * dL/dz2"]),
    ("two layers: back through the sigmoid", LAYERS, "dL/dz1",
     ["dL/dh1 * h1 * (1 - h1)", r"(W_2^T \delta_2) \odot h_1 \odot (1 - h_1)",
      r"W_2^\top \delta_2 \odot \sigma'(z_1)"],
     ["dL/dh1", "dL/dh1 * (1 - h1)", "dL/dh1 @ (h1 * (1 - h1))", "dL/dh1 * h1"]),
    ("two layers: the first weights", LAYERS, "dL/dW1",
     ["dL/dz1 @ x.T", r"\delta_1 x^T"], ["x @ dL/dz1.T", "dL/dz1 @ x", "dL/dh1 @ x.T"]),
    ("two layers: the first bias", LAYERS, "dL/db1", ["dL/dz1", r"\delta_1"], ["dL/dh1", "h1"]),
    ("two layers: all in one line", LAYERS, "dL/dW1",
     ["(W2.T @ (yhat - y) * h1 * (1 - h1)) @ x.T"],
     ["(W2.T @ (yhat - y) * h1) @ x.T", "(W2 @ (yhat - y) * h1 * (1 - h1)) @ x.T"]),
    ("relu: what is closed passes nothing", RELU, "dL/dz1",
     ["dL/dh1 * (1 if z1 > 0 else 0)", r"\delta_1"[:0] or "dL/dh1 * relu'(z1)"],
     ["dL/dh1", "dL/dh1 * z1", "dL/dh1 * h1"]),
    ("relu: the hidden layer", RELU, "h1", ["relu(z1)", "max(0, z1)"], ["z1", "sigmoid(z1)"]),
    ("residual: both ways to the input's sum", RESIDUAL, "dL/dh", ["dL/dyhat", "yhat - y"],
     ["x", "h"]),
    ("residual: the weights", RESIDUAL, "dL/dW",
     ["((yhat - y) * (1 - h**2)) @ x.T", "dL/dz @ x.T"],
     ["dL/dz @ h.T", "(yhat - y) @ x.T", "x @ dL/dz.T"]),
    ("residual: back through tanh", RESIDUAL, "dL/dz",
     ["dL/dh * (1 - h**2)", r"\frac{\partial L}{\partial h} \odot (1 - h^2)"],
     ["dL/dh * (1 - z**2)", "dL/dh * h", "dL/dh*(1 - h)"]),
    ("a bilinear form: the matrix", BILINEAR, "ds/dA",
     ["x @ t.T", "outer(x, t)"], ["t @ x.T", "x.T @ t", "outer(t, x)"]),
    ("a bilinear form: its value", BILINEAR, "s", ["x.T @ A @ t", "sum(x * (A @ t))"], ["sum(A)"]),
    ("attention: the values", ATTENTION, "dL/dV",
     ["A.T @ dL/dO", "A.T @ (O - Y)"], ["A @ dL/dO", "dL/dO @ A.T", "dL/dO.T @ A"]),
    ("attention: the weights of the values", ATTENTION, "dL/dA",
     ["dL/dO @ V.T", "(O - Y) @ V.T"], ["dL/dO @ V", "V @ dL/dO.T", "V.T @ dL/dO"]),
    ("attention: through the softmax, row by row", ATTENTION, "dL/dS",
     ["A*(dL/dA - sum(dL/dA*A, axis=1, keep=True))"],
     ["A*(1 - A)*dL/dA", "A*dL/dA", "A - Y"]),
    ("attention: the scores", ATTENTION, "S", ["Q @ K.T", "Q K^T"], ["Q @ K", "K @ Q.T", "Q*K"]),
    ("attention: what comes out", ATTENTION, "O", ["A @ V", "A V"], ["V @ A", "A.T @ V", "A*V"]),
    ("scale and shift: the scale", NORM, "dL/dg", ["dL/dyhat*x", "(yhat - y)*x"],
     ["dL/dyhat @ x.T", "dL/dyhat", "dL/dyhat*g"]),
    ("scale and shift: the shift", NORM, "dL/db", ["dL/dyhat", "yhat - y"],
     ["sum(dL/dyhat)", "dL/dyhat*x"]),
    ("scale and shift: numbers", NORM, "dL/dyhat", ["[-0.5, -0.4, 3.5]", "[[-0.5], [-0.4], [3.5]]"],
     ["[-0.5, -0.4, 3.9]", "[0.5, 0.4, -3.5]"]),
    ("softmax regression: scores in numbers", SOFTMAX, "z", ["[0.8, -0.55]"],
     ["[0.8, 0.55]", "[0.7, -0.35]"]),
    ("least squares: predictions in numbers", LINEAR, "yhat",
     ["[-0.2, 0.5, 0.75, -0.6]"], ["[-0.2, 0.5, 0.75, 0.6]"]),
    ("a recurrent net: the last state", RNN, "h[2]",
     ["tanh(W @ x[2] + U @ h[1])"], ["tanh(W @ x[2] + U @ h[0])", "tanh(W @ x[1] + U @ h[1])"]),
    ("a recurrent net: back one step", RNN, "dL/dh[2]", ["h[2] - y[2]"],
     ["y[2] - h[2]", "h[1] - y[1]"]),
    ("a recurrent net: the weight between the states adds over time", RNN, "dL/dU",
     ["(dL/dh[2]*(1 - h[2]**2)) @ h[1].T + (dL/dh[1]*(1 - h[1]**2)) @ h[0].T"],
     ["(dL/dh[2]*(1 - h[2]**2)) @ h[1].T", "dL/dh[2] @ h[1].T + dL/dh[1] @ h[0].T"]),
]  # fmt: skip


def verdict(network: str, quantity: str, answer: str) -> tuple[str, str]:
    """The verdict on one answer, and what is said of it."""
    report = check(marking(network), f"{quantity} = {answer}\n", "sheet.md")
    if not report.answers:
        return "unread", ""
    return report.answers[0].verdict, str(report.answers[0].comment)


@pytest.mark.parametrize(
    "place", mostly_swept(range(len(QUESTIONS))), ids=lambda place: QUESTIONS[place][0]
)
def test_a_question_of_a_course(place: int) -> None:
    _, network, quantity, right, wrong = QUESTIONS[place]
    for answer in right:
        assert verdict(network, quantity, answer)[0] in ("correct", "rounded"), answer
    for answer in wrong:
        assert verdict(network, quantity, answer)[0] == "wrong", answer


def test_there_are_forty() -> None:
    assert len({question for question, *_ in QUESTIONS}) == 40


@pytest.mark.sweep
def test_the_worked_sheet_of_a_matrix_file_is_in_matrices() -> None:
    """A line for each matrix, and the matrix is the answer; so is its element."""
    network = loads(
        f"{SOFTMAX}learning_rate: 1\nnames: {{dL/dW: G}}\nask: [{{slip: {{seed: 14}}}}]\n"
    )
    line, _ = exercise(network).queries
    shown = str(backcalc.worksheet(network)).partition("Find the mistake")[2]
    table = shown.partition("name ")[0]
    assert re.findall(r"^(\S+) +\S.*(?:\d|\])$", table, re.MULTILINE) == [
        "z", "p", "L", "∂L/∂p", "∂L/∂z", "G", "∂L/∂b", "W'", "b'",
    ]  # fmt: skip
    assert line.right == "dL/dz"
    for answer, verdict in (
        ("dL/dz", "correct"), ("dL/dz_1", "correct"), ("G", "wrong"), ("W'", "wrong"),
    ):  # fmt: skip
        report = check(Marking(network), f"line with the slip = {answer}\n", "sheet")
        assert (answer, report.answers[0].verdict) == (answer, verdict)
