"""Kinds of writing off published pages: comments of code, tables of steps, rules as left sides."""

from __future__ import annotations

import pytest

from backcalc.equations.network import Network
from backcalc.loading.loader import loads
from backcalc.reading import read

CHAIN = loads("""
inputs: {x: 3}
targets: {y: 0.2}
weights: {w1: 0.4, w2: -0.6}
biases: {b1: -0.2, b2: 0.3}
nodes:
  1: {from: {x: w1}, bias: b1, activation: sigmoid}
  2: {from: {1: w2}, bias: b2, activation: sigmoid}
loss: l2
learning_rate: 0.5
""")
"""Two sigmoid units in a row."""

SQUARE = loads("""
inputs: {x1: 2, x2: -1}
targets: {y1: 0.3, y2: 0.9}
layers:
  - {name: h, units: 2, activation: sigmoid, weights: [[0.1, 0.3], [0.2, -0.5]], bias: [0.4, 0.4]}
  - {name: o, units: 2, activation: sigmoid, weights: [[0.6, 0.9], [0.7, -0.2]], bias: [0.1, 0.1]}
loss: half_l2
learning_rate: 0.5
""")
"""Two layers of two units, so that a matrix of weights may lie or stand."""


def said(text: str, network: Network = CHAIN, file: str = "sheet.md") -> list[tuple[str, str]]:
    """What is said, in order."""
    reading = read(text, file, network)
    return [(each.quantity, each.said.plain) for each in reading.assertions]


# A function of the weights before a square matrix.

ENTRIES = [("w_o1_h1", "0.0482"), ("w_o2_h1", "-0.0439"), ("w_o1_h2", "0.0659"),
           ("w_o2_h2", "-0.06")]  # fmt: skip


@pytest.mark.parametrize("loss", ["J", "J(W, b)", r"L(y, \hat{y})", "C(w; b)"])
def test_matrix_by_a_loss_with_arguments_lies_as_its_weights_do(loss: str) -> None:
    weights = r"$$W_2 = \begin{bmatrix}0.6 & 0.7\\0.9 & -0.2\end{bmatrix}$$"
    rows = r"\begin{bmatrix}0.0482 & -0.0439\\0.0659 & -0.06\end{bmatrix}"
    text = rf"{weights}{2 * chr(10)}$$\frac{{\partial {loss}}}{{\partial W_2}} = {rows}$$"
    assert said(text, SQUARE) == [(f"dL/d{name}", figure) for name, figure in ENTRIES]


def test_matrix_by_a_loss_with_arguments_that_fits_neither_way_is_unread() -> None:
    rows = r"\begin{bmatrix}0.11 & 0.12\\0.13 & 0.14\end{bmatrix}"
    found = said(rf"$$\frac{{\partial J(W, b)}}{{\partial W_2}} = {rows}$$", SQUARE)
    assert found == [("dL/dw_o1_h1", "0.11"), ("dL/dw_o2_h2", "0.14")]  # alike both ways
