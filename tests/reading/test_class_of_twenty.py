"""Ways of writing of a class of twenty: two tanh units, two sigmoid outputs, targets called t."""

from __future__ import annotations

import pytest

from backcalc.formulas.notation import formula_text
from backcalc.loading.loader import loads
from backcalc.reading import Reading, read

NETWORK = """
inputs: {x1: 1, x2: -0.5}
targets: {t1: 1, t2: 0}
weights: {w1: 0.4, w2: -0.6, w3: -0.3, w4: 0.5, w5: 0.7, w6: -0.4, w7: -0.5, w8: 0.9}
biases: {b1: 0.1, b2: 0.2, b3: -0.1, b4: 0.3}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: tanh}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: tanh}
  3: {from: {1: w5, 2: w6}, bias: b3, activation: sigmoid}
  4: {from: {1: w7, 2: w8}, bias: b4, activation: sigmoid}
outputs: [3, 4]
loss: half_l2
learning_rate: 0.5
"""
MATRIX = (
    r"$\begin{pmatrix} \frac{\partial L}{\partial w_1} & \frac{\partial L}{\partial w_2} \\"
    r" \frac{\partial L}{\partial w_3} & \frac{\partial L}{\partial w_4} \end{pmatrix} = "
    r"\begin{pmatrix} 0.3 & 0.4 \\ 0.5 & 0.6 \end{pmatrix}$"
)

READ: list[tuple[str, str, dict[str, str]]] = [
    # a delta is no output, also where its figure is that of one
    ("a.md", "| k | δ_k |\n|---|---|\n| 3 | -0.378 |\n| 4 | 0.417 |",
     {"dL/dz3": "-0.378", "dL/dz4": "0.417"}),
    ("a.txt", "d2 = 0.417", {}),
    # new weights in the backward pass, where the sheet has said them
    ("a.txt", ("dL/dz3 = -0.08877\ndL/dz4 = 0.1014\nw5' = 0.72947\nw7' = -0.53367\n"
     "dL/dh1 = w5'*dL/dz3 + w7'*dL/dz4 = -0.11887"),
     {"dL/dz3": "-0.08877", "dL/dz4": "0.1014", "w5'": "0.72947", "w7'": "-0.53367",
      "dL/dh1": "-0.11887"}),
    ("a.txt", "dL/dz3 = -0.08877\ndL/dz4 = 0.1014\ndL/dh1 = w5'*dL/dz3 + w7'*dL/dz4 = -0.11887",
     {"dL/dz3": "-0.08877", "dL/dz4": "0.1014"}),
    # y beside targets that are called t
    ("a.txt", "y1 = sigmoid(z3) = 0.6223\nL = 1/2*(y1-t1)^2 + 1/2*(y2-t2)^2 = 0.1583",
     {"yhat1": "0.6223", "L": "0.1583"}),
    ("a.txt", "z3 = 0.4994\ny1 = 0.6455 et y2 = 0.4171\nL = 1/2*(y1-1)^2 + 1/2*y2^2 = 0.1498",
     {"z3": "0.4994", "yhat1": "0.6455", "yhat2": "0.4171", "L": "0.1498"}),
    ("a.txt", "y1 = 1\ny2 = 0", {}),
    ("a.txt", ("yhat1 = 0.6223\nyhat2 = 0.4171\n"
     "L = 1/2*(yhat1-y1)^2 + 1/2*(yhat2-y2)^2 = 0.1583\ny1 = 1"),
     {"yhat1": "0.6223", "yhat2": "0.4171", "L": "0.1583", "t1": "1"}),
    # a formula tells of which quantity a name is
    ("a.txt", "o1 = sigmoid(z3) = 0.65", {"yhat1": "0.65"}),
    ("a.txt", "out1 = sigmoid(z3) = 0.6223\nout1 = 0.6223", {"yhat1": "0.6223"}),
    ("a.txt", "out1 = tanh(z1) = 0.66", {"h1": "0.66"}),
    ("a.txt", "o1 = sigmoid(z3) = 0.6223\no1 = tanh(z1) = 0.664", {}),
    ("a.txt", "y1 = 0.6223\nS3 = (y1-1) y1 (1-y1) = -0.0888\ndL/dw5 = S3 h1 = -0.0589",
     {"yhat1": "0.6223", "dL/dz3": "-0.0888", "dL/dw5": "-0.0589"}),
    ("a.txt", "z3 = 0.4994\nS3 = (y1-1) = -0.3\ndL/db3 = S3 = -0.0736", {"z3": "0.4994"}),
    ("a.md", ("| neuron | net | out |\n|---|---|---|\n| 3 | 0.4994 | 0.6223 |\n\n"
     "| q | formula | value |\n|---|---|---|\n| net3 | (out3-t1)*out3*(1-out3) | -0.0888 |"),
     {"z3": "0.4994", "yhat1": "0.6223"}),
    # a row with fewer cells than columns that say what they hold
    ("a.md", "| | old | gradient | new |\n|---|---|---|---|\n| w1 | 0.4\n| -0.03 | 0.41 |", {}),
    # out1 beside h1 is an output, where its figure says so
    ("a.txt", "h1 = 0.664\nout1 = 0.62", {"h1": "0.664", "yhat1": "0.62"}),
    ("a.txt", "h1 = 0.664\nout1 = 0.9", {"h1": "0.664"}),
    ("a.txt", "out1 = 0.7\nout3 = 0.62", {"h1": "0.7", "yhat1": "0.62"}),
    # d with more numbers than there are targets
    ("a.txt", "d3 = (yhat1-t1)*yhat1*(1-yhat1) = -0.0888\nd1 = (d3*w5+d4*w7)*(1-h1**2) = -0.063",
     {"dL/dz3": "-0.0888", "dL/dz1": "-0.063"}),
    # matrices of names, each at its place
    ("a.md", MATRIX, {"dL/dw1": "0.3", "dL/dw2": "0.4", "dL/dw3": "0.5", "dL/dw4": "0.6"}),
    # names and numbers side by side, in rows of them or where the figure bears it out
    ("a.txt", "z1 0.9\nz2 -0.35\ndb1 -0.0632 db2 0.112",
     {"z1": "0.9", "z2": "-0.35", "dL/db1": "-0.0632", "dL/db2": "0.112"}),
    ("a.txt", "z1 = 0.8\nz2 -0.35", {"z1": "0.8", "z2": "-0.35"}),
    ("a.txt", "z1 = 0.8\nz2 -0.36", {"z1": "0.8"}),
    ("a.txt", "z1 = 0.8\nz2 - 0.35\nz3 0.4994 0.6", {"z1": "0.8"}),
    ("a.txt", "dw5..dw8: -0.059, 0.03, 0.07, -0.034\ndb3, db4: -0.09, 0.1",
     {"dL/dw5": "-0.059", "dL/dw6": "0.03", "dL/dw7": "0.07", "dL/dw8": "-0.034",
      "dL/db3": "-0.09", "dL/db4": "0.1"}),
    ("a.txt", "dw5..dw8: -0.059, 0.03\ndb3, db4: -0.09", {}),
    # a title above the head, the word step in it, titles of blocks, labels
    ("a.csv", ("Exercise 4,Ada,\nstep,expression,result\nforward,,\nz1,w1*x1+w2*x2+b1,0.9\n"
     "new,,\nnew w1,w1-0.5*dL/dw1,0.43\nw2 new,,-0.61\nw3,,-0.35"),
     {"z1": "0.9", "w1'": "0.43", "w2'": "-0.61", "w3'": "-0.35"}),
    ("a.csv", "step,z1,w1\n0,0.8,0.4\n1,0.9,0.43", {"z1": "0.8", "z1'": "0.9", "w1'": "0.43"}),
    ("a.txt", "z3 = 0.4994\nI get 0.622 for y1", {"z3": "0.4994", "yhat1": "0.622"}),
    ("a.csv", "step,z1,w1\n0,0.8,0.43\n1,0.9,0.45", {}),  # before or after each step?
    ("a.csv", "1,z1,0.8\nstep,result,x\n2,z1,0.9", {}),
    # what is put out, what a weight becomes
    ("a.txt", "a1 and a2 the tanh values, o1 and o2 the outputs, C the cost\n\no1 = 0.65\no2 = 0.4",
     {"yhat1": "0.65", "yhat2": "0.4"}),
    ("a.txt", "There are two units, outputs: o1 = 0.65", {}),
    ("a.txt", "w1 devient 0,4 - 0,5·(-0,063) = 0,4315\nw2 wird zu -0,6 - 0,5·0,0315 = -0,6158",
     {"w1'": "0.4315", "w2'": "-0.6158"}),
    # new said twice is one step
    ("a.md", "| | old | new |\n|---|---|---|\n| w1 | 0.4 | 0.43 |\n| L new | | 0.07 |",
     {"w1'": "0.43", "L'": "0.07"}),
    ("a.csv", "Parameter;alt;neu\nw1;0,4;0,43\nL neu;;0,07", {"w1'": "0.43", "L'": "0.07"}),
    ("a.md", "| | old | new |\n|---|---|---|\n| w1' | 0.4 | 0.43 |\n| L' | | 0.07 |",
     {"w1'": "0.43", "L'": "0.07"}),
    ("a.txt", "z1 = 0.8\nw1' = 0.43\nL after update = 0.07",
     {"z1": "0.8", "w1'": "0.43", "L'": "0.07"}),
    # the loss falls, which is no German if
    ("a.md", "z1 = 0.8\n\nw1' = 0.43\n\nThe loss falls to $L' = 0.07$.",
     {"z1": "0.8", "w1'": "0.43", "L'": "0.07"}),
    ("a.md", "z1 = 0.8\n\nFalls $z_2 = 0.9$ ist.", {"z1": "0.8"}),
    # off a page of a PDF
    ("a.txt", ("yˆ1 = σ(z3) = 0.622\n∂E\n∂w5\n= δ3h1 = −0.0589\n∂E\n∂b3\n= −0.0888,\n"
     "δ1 = (w5δ3 + w7δ4)(1 − h\n2\n1\n) = −0.0631\nw\n+\n1 = 0.432\n"
     "b\n+\n1 = 0.132, b\n+\n2 = 0.144"),
     {"yhat1": "0.622", "dL/dw5": "-0.0589", "dL/db3": "-0.0888", "dL/dz1": "-0.0631",
      "w1'": "0.432", "b1'": "0.132", "b2'": "0.144"}),
    ("a.txt", "∂E\n∂w5\n∂E\n∂w6\n= 0.03", {"dL/dw6": "0.03"}),
    ("a.md", "$b' = (b_1', b_2') = (0.1315, 0.1438)$", {"b1'": "0.1315", "b2'": "0.1438"}),
    # derivatives, new losses and what a unit puts out, said in words
    ("a.txt", "L = 0.56\nthe derivative of L by w5 is -1.058. From this dL/dw6 = -0.654",
     {"L": "0.56", "dL/dw5": "-1.058", "dL/dw6": "-0.654"}),
    ("a.txt", "Die Ableitung von L nach w5 ist -0,577", {"dL/dw5": "-0.577"}),
    ("a.txt", "Die Ableitung der Kosten nach w5 ist -0,577", {"dL/dw5": "-0.577"}),
    ("a.txt", "la dérivée de L par w5 est -0,577", {"dL/dw5": "-0.577"}),
    ("a.txt", "The gradient of w5 is -0.577, and the gradient of w6 is -0.4",
     {"dL/dw5": "-0.577", "dL/dw6": "-0.4"}),
    ("a.txt", "L nach dem Schritt = 0,02", {"L'": "0.02"}),
    ("a.txt", "L = 0.5\nso the loss after the step is 0.0011", {"L": "0.5", "L'": "0.0011"}),
    ("a.txt", "L = 0,5\nNeuer Verlust: 0,0011", {"L": "0.5", "L'": "0.0011"}),
    ("a.txt", "The output of the first hidden unit: 0.6177", {"h1": "0.6177"}),
    ("a.txt", "z1 = 0.8\nmultiply the gradient by w5 = -0.9", {"z1": "0.8"}),
    ("a.txt", "z1 = 0.8\ndivide the derivative of L by w5 = -0.9", {"z1": "0.8"}),
    ("a.txt", "z1 = 0.8\nThe derivative of sigmoid by h1 is 0.24", {"z1": "0.8"}),
    # a new letter before the formula of a derivative by a unit, which may be called as a target is
    ("a.txt", "y1 = 0.62\nq = (y1 - t1)*y1*(1 - y1) = -0.0888\ndL/dw5 = q*h1 = -0.0589",
     {"yhat1": "0.62", "dL/dz3": "-0.0888", "dL/dw5": "-0.0589"}),
]  # fmt: skip


def said(reading: Reading) -> dict[str, str]:
    """What each quantity is said to be, by the last statement about it."""
    return {each.quantity: formula_text(each.said.expression) for each in reading.assertions}


@pytest.mark.parametrize(("file", "text", "expected"), READ)
def test_what_is_sure_is_read(file: str, text: str, expected: dict[str, str]) -> None:
    assert said(read(text, file, loads(NETWORK))) == expected


@pytest.mark.parametrize("text", [
    "z2 -0.36", "dw5..dw8: -0.059, 0.03", "dw5, dw6: 0.8", "z2 - 0.36",
    "about 1.12 then",
])  # fmt: skip
def test_each_figure_in_no_statement_is_listed(text: str) -> None:
    reading = read(f"z3 = 0.4994\n{text}", "a.txt", loads(NETWORK))
    assert [reading.text(each) for each in reading.unread] == [text]


def test_a_figure_said_of_a_name_is_listed_though_it_stands_elsewhere_too() -> None:
    text = "I multiplied by h(1-h): dL/dz1 is -0.175, dL/dz2 is 0.236.\ndL/db1 = -0.175"
    reading = read(text, "a.txt", loads(NETWORK))
    assert "dL/dz1" in said(reading) or any("dL/dz1" in reading.text(u) for u in reading.unread)


def test_a_date_is_no_figure() -> None:
    assert not read("Ada, 12.11.\nz3 = 0.4994", "a.txt", loads(NETWORK)).unread


@pytest.mark.parametrize(("text", "reason"), [
    ("z3 = 0.4994\nL = 1/2*(y1-t1)^2 = 0.3", "y1 may be t1 or yhat1"),
    ("z3 = 0.4994\nL = 1/2*(o1-1)^2 = 0.3", "o1 may be h1 or yhat1"),
])  # fmt: skip
def test_the_reason_is_the_true_one(text: str, reason: str) -> None:
    assert [each.reason for each in read(text, "a.txt", loads(NETWORK)).unread] == [reason]


def test_a_matrix_that_the_sheet_defines_is_no_weight() -> None:
    text = (
        "$W_1 = \\begin{pmatrix} w_1 & w_2 \\\\ w_3 & w_4 \\end{pmatrix}$\n\n"
        "$(z_1, z_2) = W_1 x + (b_1, b_2) = (0.8, -0.35)$"
    )
    reading = read(text, "a.md", loads(NETWORK))
    assert said(reading) == {"z1": "0.8", "z2": "-0.35"}
    assert all(len(each.chain) == 1 for each in reading.assertions)


@pytest.mark.parametrize("text", [
    "z3 = 0.4994\nS4 = z4^2 = 0.1014",
    "z3 = 0.4994\nout1 = 0.9",
    "$W_1 = \\begin{pmatrix} w_1 & w_2 \\\\ w_3 & w_4 \\end{pmatrix}$, $z_3 = 0.4994$",
])  # fmt: skip
def test_a_name_of_unread_lines_alone_was_not_taken(text: str) -> None:
    reading = read(text, "a.md", loads(NETWORK))
    assert said(reading) == {"z3": "0.4994"}
    assert not reading.taken


def test_a_letter_of_targets_may_be_that_of_a_difference() -> None:
    network = loads("inputs: {x: 1}\ntargets: {y: 1}\nweights: {w: 0.3}\nloss: half_l2\n"
                    "nodes: {1: {from: {x: w}, activation: identity}}\n")  # fmt: skip
    reading = read("yhat = 0.3\nd = yhat - y = -0.7\ndL/dw = d*x = -0.7", "a.txt", network)
    assert said(reading) == {"yhat": "0.3", "dL/dz1": "-0.7", "dL/dw": "-0.7"}
    assert reading.taken == {"d": "dL/dz1"}
    assert read("d = 1\nyhat = 0.3", "a.txt", network).taken == {"d": "y"}


def test_a_name_with_nothing_behind_it_is_a_blank() -> None:
    reading = read("so z1 = 0.8\nand z2 =\n\nd3 =", "a.txt", loads(NETWORK))
    assert (said(reading), reading.blanks) == ({"z1": "0.8"}, ("z2", "dL/dz3"))
