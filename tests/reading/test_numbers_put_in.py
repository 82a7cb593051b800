"""Names that are none here, told by the numbers put in behind them; what programs print."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import loads
from backcalc.reading import Reading, read

SHEET = """
inputs: {p: 0.3, q: 0.8}
targets: {goal: 0.6}
weights: {m1: 0.7, m2: -0.2, m3: 0.5, m4: 0.9, k1: -0.4, k2: 1.1}
biases: {c1: 0.15}
nodes:
  A1: {from: {p: m1, q: m2}, bias: c1, activation: sigmoid}
  A2: {from: {p: m3, q: m4}, activation: sigmoid}
  B: {from: {A1: k1, A2: k2}, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
"""
NETWORK = loads(SHEET)
TWO = loads("""
inputs: {x1: 0.4, x2: -0.3}
targets: {T1: 0.2, T2: 0.7}
weights: {w1: 0.6, w2: 0.35, w3: -0.5, w4: 0.85, w5: 0.25, w6: -0.45, w7: 0.75, w8: 0.55}
biases: {b1: 0.05, b2: -0.1}
nodes:
  H1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  H2: {from: {x1: w3, x2: w4}, bias: b1, activation: sigmoid}
  o1: {from: {H1: w5, H2: w6}, bias: b2, activation: sigmoid}
  o2: {from: {H1: w7, H2: w8}, bias: b2, activation: sigmoid}
loss: half_l2
learning_rate: 0.4
""")
THREE = loads("""
inputs: {x1: 2, x2: -1}
targets: {t1: 0, t2: 1, t3: 0}
layers:
  - {name: h, units: 2, activation: relu, weights: [[0.4, 0.3], [-0.6, 0.2]], bias: [0, 0]}
  - name: o
    units: 3
    activation: softmax
    weights: [[0.7, -0.1], [0.2, 0.5], [-0.3, 0.6]]
    bias: [0, 0, 0]
loss: cross_entropy
learning_rate: 1
""")
LONE = loads("""
inputs: {x: 3}
targets: {t: 2}
weights: {w: 0.8}
biases: {b: -0.4}
equations:
  z: w*x + b
  a: z
  L: (a - t)**2
loss: L
learning_rate: 0.1
""")
CHAIN = (
    r"Lw=Laazzw\frac{\partial L}{\partial w} = \frac{\partial L}{\partial a} \cdot "
    r"\frac{\partial a}{\partial z} \cdot \frac{\partial z}{\partial w}"
)
SUMS = """
v_A1 = 0.7*0.3 + (-0.2)*0.8 + 0.15 = 0.2
y_A1 = σ(0.2) = 0.5498
v_A2 = (0.5)(0.3) + (0.9)(0.8) = 0.87
y_A2 = σ(0.87) = 0.7047
"""


def figures(reading: Reading) -> list[tuple[str, str]]:
    return [(each.quantity, reading.shown(each.said)) for each in reading.assertions]


def test_a_name_is_that_of_the_quantity_whose_numbers_are_put_in() -> None:
    assert figures(read(SUMS, "a.md", NETWORK)) == [
        ("z_A1", "0.2"), ("h_A1", "0.5498"), ("z_A2", "0.87"), ("h_A2", "0.7047")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "v_A1 = 0.7*0.3 + (-0.2)*0.8 = 0.05",  # a term is left out
        "v_A1 = 0.7*0.8 + (-0.2)*0.3 + 0.15 = 0.65",  # the inputs are exchanged
        "v_A1 = 0.7*0.3 + (-0.2)*0.8 + 0.15 = 0.9",  # and it comes to another number
        "v_A1 = 0.2",
    ],
)
def test_a_working_of_no_quantity_names_none(line: str) -> None:
    assert not read(f"{line}\nL = 0.01\n", "a.md", NETWORK).assertions[1:]


def test_numbers_of_two_quantities_name_none() -> None:
    twins = loads("""
inputs: {x: 0.5}
targets: {t: 1}
weights: {w1: 0.4, w2: 0.4, u1: 1.5, u2: -0.7}
nodes:
  A: {from: {x: w1}, activation: sigmoid}
  B: {from: {x: w2}, activation: sigmoid}
  C: {from: {A: u1, B: u2}, activation: sigmoid}
loss: half_l2
""")
    assert not read("v_A = 0.4*0.5 = 0.2\n", "a.md", twins).assertions


def test_signs_lost_in_figures_behind_a_formula_cost_no_line() -> None:
    text = "z_A2 = m3*p + m4*q = (0.5)0.3 + 09*8 = 0.87\nL = 0.3\n"
    assert figures(read(text, "a.txt", NETWORK))[0] == ("z_A2", "0.87")


def test_new_weights_tell_the_sign_of_error_terms() -> None:
    text = """
h_A1 = 0.5498
h_A2 = 0.7047
yhat = 0.6354
error_out = goal - yhat = 0.6 - 0.6354 = -0.0354
delta_B = yhat * (1 - yhat) * error_out = 0.6354*(1 - 0.6354)*(-0.0354) = -0.0082
k1 = k1 + 0.5 * delta_B * h_A1 = -0.4 + 0.5 * (-0.0082) * 0.5498 = -0.4023
k2 = k2 + 0.5 * delta_B * h_A2 = 1.1 + 0.5 * (-0.0082) * 0.7047 = 1.0971
"""
    found = figures(read(text, "a.txt", NETWORK))
    assert ("dL/dz_B", "0.0082") in found
    assert ("k1'", "-0.4023") in found


PRINTED = """
H1_net = 0.185 => H1 = sigmoid(H1_net) = 0.5461
H2_net = -0.405 => H2 = sigmoid(H2_net) = 0.4001
y1_net = -0.1435 => y1 = sigmoid(y1_net) = 0.4642
y2_net = 0.5296 => y2 = sigmoid(y2_net) = 0.6294
E1 = 0.5*(T1 - y1)^2 = 0.0349
dE/dy1 = 0.2642, dy1/dnet = 0.2487, => delta1 = 0.0657
dw5 (for w5) = delta1 * H1 = 0.0359
delta_H1 = 0.0009
"""


def test_what_a_program_prints_with_arrows() -> None:
    assert figures(read(PRINTED, "a.txt", TWO)) == [
        ("z_H1", "0.185"), ("h_H1", "0.5461"), ("z_H2", "-0.405"), ("h_H2", "0.4001"),
        ("z_o1", "-0.1435"), ("yhat1", "0.4642"), ("z_o2", "0.5296"), ("yhat2", "0.6294"),
        ("dL/dyhat1", "0.2642"), ("dyhat1/dz_o1", "0.2487"), ("dL/dz_o1", "0.0657"),
        ("dL/dw5", "0.0359"), ("dL/dz_H1", "0.0009"),
    ]  # fmt: skip


def test_a_first_working_under_a_heading_that_says_again_is_of_the_first_pass() -> None:
    fast = loads(SHEET.replace("rate: 0.5", "rate: 60"))
    text = """
Forward pass 2 (the same input again):
z_A1 = 0.7*0.3 + (-0.2)*0.8 + 0.15 = 0.26
"""
    assert figures(read(text, "a.md", fast)) == [("z_A1", "0.26")]
    alone = text.replace("0.7*0.3 + (-0.2)*0.8 + 0.15 = ", "")
    assert not read(alone, "a.md", fast).assertions


def test_a_letter_for_the_function_of_every_unit() -> None:
    text = r"$$\frac{\partial h_{A1}}{\partial m_1} = p \cdot f'(m_1 p + m_2 q + c_1) = 0.0743$$"
    assert figures(read(text, "a.md", NETWORK)) == [("dh_A1/dm1", "0.0743")]
    assert not read(text.replace("A1", "h1").replace("m_", "w_"), "a.md", THREE).assertions


def test_comments_go_on_with_the_numbers_of_a_formula() -> None:
    text = """My work in Python, with the numbers beside it.

z = w * x + b # 0.8 * 3.0 - 0.4 = 2.0
dz_dw = x # 3.0
dL_da = 2 * (a - t)# 2 * (2.0 - 2.0) = 0.0
a = 2.0 # 1.9
"""
    assert figures(read(text, "a.txt", LONE)) == [
        ("z", "2.0"), ("dz/dw", "3.0"), ("dL/da", "0.0"), ("a", "2.0")
    ]  # fmt: skip


def test_a_comment_with_the_working_of_something_else_is_no_result() -> None:
    text = "My work in Python.\n\nw_new = w - 0.1 * dL_dw # 0.1 * 0.5 = 0.05\n"
    assert figures(read(text, "a.txt", LONE)) == [("w'", "w - 0.1*dL/dw")]


@pytest.mark.parametrize(
    ("line", "quantity"),
    [
        ("The sum:z=wx+bz = w \\cdot x + b", "z"), ("Linear:a=za = z", "a"),
        (CHAIN, "dL/dw"),
    ],
)  # fmt: skip
def test_a_formula_copied_as_letters_and_as_latex_counts_once(line: str, quantity: str) -> None:
    assert [each.quantity for each in read(f"{line}\n", "a.txt", LONE).assertions] == [quantity]


def test_the_gradient_at_the_scores_and_one_share_of_a_softmax() -> None:
    text = r"""
$\nabla loss(scores) = \begin{bmatrix}0.4 & -0.7 & 0.3\end{bmatrix}$

$\frac{\partial loss}{\partial scores_0} = \text{softmax}(scores_0)$

$\frac{\partial loss}{\partial scores_1} = \text{softmax}(scores_1) - 1$
"""
    reading = read(text, "a.md", THREE)
    assert figures(reading) == [
        ("dL/dz_o1", "0.4"), ("dL/dz_o2", "-0.7"), ("dL/dz_o3", "0.3"),
        ("dL/dz_o1", "yhat1"), ("dL/dz_o2", "yhat2 - 1"),
    ]  # fmt: skip
