"""Tables with a row for each step of the work, for each epoch or edge, and what programs print."""

from __future__ import annotations

import pytest

from backcalc.checking.report import Marking, check
from backcalc.loading.loader import loads
from backcalc.reading import read

NEURON = """
inputs: {x: 1.5}
targets: {y: 1}
weights: {w: 0.8}
biases: {b: 0.1}
nodes:
  1: {from: {x: w}, bias: b, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
"""
NAMED = """
inputs: {x1: 2, x2: -1}
targets: {y: 0}
weights: {w_x1_h1: 0.5, w_x2_h1: -0.3, w_x1_h2: -0.2, w_x2_h2: 0.4, w_h1_o: 0.6, w_h2_o: -0.4}
nodes:
  h1: {from: {x1: w_x1_h1, x2: w_x2_h1}, activation: sigmoid}
  h2: {from: {x1: w_x1_h2, x2: w_x2_h2}, activation: sigmoid}
  o: {from: {h1: w_h1_o, h2: w_h2_o}, activation: sigmoid}
loss: half_l2
learning_rate: 0.1
"""
WINE = """
inputs: {x1: 7.4, x2: 0.70, x3: 3.51}
targets: {y_true: 1.0}
weights: {w1: 0.3367, w2: 0.1288, w3: 0.2345}
biases: {b: 0}
nodes:
  1: {from: {x1: w1, x2: w2, x3: w3}, bias: b, activation: sigmoid}
loss: bce
learning_rate: 0.01
"""
WORK = {"z1": "1.3", "yhat": "0.786", "dL/dz1": "-0.036"}


def table(*rows: str) -> str:
    """A table in Markdown; its first row is the head."""
    head, *body = (f"| {row} |" for row in rows)
    return "\n".join((head, "|" + "---|" * rows[0].count("|") + "---|", *body))


def printed(text: str) -> str:
    """What a program prints, as it stands in a document."""
    return f"```text\n{text}\n```"


STEPS = ("net input | $z = w x + b$ | 1.3", "prediction | $\\hat y = \\sigma(z)$ | 0.786",
         "output $\\delta$ | $-(y-\\hat y)\\hat y(1-\\hat y)$ | -0.036")  # fmt: skip
COMPARED = r"""
$$L_{BCE} = -[y \log \hat y + (1-y) \log(1-\hat y)]$$
$$= -\log(0.786) = 0.241$$

$z = 1.3$
"""
READ = [
    # words, a formula with its name, and its value
    (NEURON, table("Step | Formula | Result", *STEPS), WORK),
    (NEURON, table("Phase | Step | Formula | Result", *(f"forward | {e}" for e in STEPS)), WORK),
    (NEURON, table("阶段 | 步骤 | 公式 | 结果", *(f"前向 | {e}" for e in STEPS)), WORK),
    (NEURON, table("No. | Step | Formula | Result",
                   *(f"{n} | {e}" for n, e in enumerate(STEPS, 1))), WORK),
    (NEURON, table("Step | Formula | Result", "loss | $z = w x + b$ | 1.3", *STEPS[1:]),
     {"yhat": "0.786", "dL/dz1": "-0.036"}),  # its words name another quantity
    # epochs below words with their names
    (NEURON, table("Epoch | Prediction $\\hat y$ | weight w | Loss (MSE)",
                   "0 | 0.786 | 0.8 | 0.0229", "1 | 0.7955 | 0.827 | 0.0209"),
     {"yhat": "0.786", "L": "0.0229", "yhat'": "0.7955", "w'": "0.827", "L'": "0.0209"}),
    # edges by their ends, and a head with the formula of the new weight
    (NAMED, table("edge | $w_{old}$ | Gradient | $w_{new} = w_{old} - 0.1 \\times \\text{grad}$",
                  "$x_1 \\to h_1$ | 0.5 | 0.0265 | 0.4974",
                  "$h_2 \\to o$ | -0.4 | 0.0428 | -0.4043"),
     {"dL/dw_x1_h1": "0.0265", "w_x1_h1'": "0.4974", "dL/dw_h2_o": "0.0428", "w_h2_o'": "-0.4043"}),
    # a table that gathers the gradients and new weights of the first step, below a new loss
    (NEURON, "$\\partial L/\\partial w = -0.0541$, new loss $L' = 0.0209$\n\n" + table(
        "weight | gradient | new", "$w$ | -0.0541 | 0.827", "$b$ | -0.0360 | 0.118"),
     {"dL/dw": "-0.0541", "L'": "0.0209", "w'": "0.827", "dL/db": "-0.0360", "b'": "0.118"}),
    # the number of a page
    (NEURON, "z = 1.3\n- 2 -\nyhat = 0.786", {"z1": "1.3", "yhat": "0.786"}),
    # another loss, to compare
    (NEURON, COMPARED, {"z1": "1.3"}),
    # what programs print
    (WINE, printed("pre-activation z = w·x + b  : 3.404835"), {"z1": "3.404835"}),
    (WINE, printed("y_hat = sigmoid(z)          : 0.967855"), {"yhat": "0.967855"}),
    (WINE, printed("Binary cross-entropy loss   : 0.032673"), {"L": "0.032673"}),
    (WINE, printed("Gradient dL/dw : tensor([-0.2379, -0.0225, -0.1128])"),
     {"dL/dw1": "-0.2379", "dL/dw2": "-0.0225", "dL/dw3": "-0.1128"}),
    (WINE, printed("Gradient dL/db : tensor([-0.0321])"), {"dL/db": "-0.0321"}),
    (WINE, printed("Weights after update  : tensor([0.3391, 0.1290, 0.2356])\nNew bias: 0.000321"),
     {"w1'": "0.3391", "w2'": "0.1290", "w3'": "0.2356", "b'": "0.000321"}),
    # a change by one number can only be of one weight
    (WINE, "w_new = w_old - 0.01 * (-0.2379)\n\nz = 3.404835", {"z1": "3.404835"}),
    (WINE, "w_new = w_old - lr * dL/dw",
     dict.fromkeys(("w1'", "w2'", "w3'"), "w_old - lr * dL/dw")),
]  # fmt: skip


@pytest.mark.parametrize(("network", "text", "expected"), READ)
def test_rows_and_lines_are_read(network: str, text: str, expected: dict[str, str]) -> None:
    said = read(text, "a.md", loads(network)).assertions
    assert {each.quantity: each.said.plain or each.said.text for each in said} == expected


def test_a_formula_in_a_summary_is_of_the_first_pass() -> None:
    text = "$z = 1.3$\n\n$w' = 0.827$\n\n$\\hat{y}' = 0.7955$\n\n### 汇总\n\n$\\hat y = \\sigma(z)$"
    report = check(Marking(loads(NEURON)), text, "a.md")
    assert [each.name for each in report.answers] == ["z1", "w'", "yhat'", "yhat"]


def test_an_error_is_squared_where_the_sheet_makes_it_a_difference() -> None:
    text = "error = y - y' = 1 - 0.786 = 0.214\n\nE = \\frac{1}{2} error^2 = 0.0229"
    (found,) = check(Marking(loads(NEURON)), text, "a.md").answers
    assert (found.name, found.verdict, found.comment) == ("L", "rounded", ())
