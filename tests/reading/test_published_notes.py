"""Kinds of writing off published notes: given numbers before an update, matrices, tables, names."""

from __future__ import annotations

import pytest

from backcalc.equations.network import Network
from backcalc.loading.loader import loads
from backcalc.reading import read

CHAIN = loads("""
inputs: {x: 2}
targets: {y: 1}
weights: {u: 0.25, v: 0.5}
nodes:
  h: {from: {x: u}, activation: sigmoid}
  o: {from: {h: v}, activation: sigmoid}
loss: bce
learning_rate: 0.5
""")
"""Two sigmoid units in a row: z_h = 0.5, h = 0.6225, z_o = 0.3112, yhat = 0.5772."""

PLAIN = loads("""
inputs: {x1: 1, x2: 2}
targets: {y: 0}
weights: {w1: 0.5, w2: -0.1, w3: 0.4}
biases: {b0: 0.2, b1: 0.3}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b0, activation: sigmoid}
  2: {from: {1: w3}, bias: b1, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
""")
"""z1 = 0.5, h1 = 0.6225, z2 = 0.549, yhat = 0.6339."""

CODER = loads("""
inputs: {x1: 0, x2: 1}
targets: {t1: 0, t2: 1}
weights: {e1: 0.3, e2: 0.2, d1: 0.6, d2: -0.4}
biases: {b: 0.3}
nodes:
  1: {from: {x1: e1, x2: e2}, bias: b, activation: sigmoid}
  2: {from: {1: d1}, activation: identity}
  3: {from: {1: d2}, activation: identity}
loss: half_l2
learning_rate: 0.1
""")
"""z1 = 0.5, h1 = 0.6225, and the inputs are the targets: yhat1 = 0.3735, yhat2 = -0.249."""

PAIR = loads("""
inputs: {x1: 0, x2: 1}
targets: {t1: 0, t2: 1}
weights: {w1: 0.3, w2: 0.2, w3: 0.6, w4: -0.4}
nodes:
  h1: {from: {x1: w1, x2: w2}, activation: sigmoid}
  o1: {from: {h1: w3}, activation: sigmoid}
  o2: {from: {h1: w4}, activation: sigmoid}
loss: half_l2
learning_rate: 0.1
""")


def said(text: str, network: Network = CHAIN, file: str = "sheet.md") -> list[tuple[str, str]]:
    """What is said, in order."""
    reading = read(text, file, network)
    return [(each.quantity, each.said.plain) for each in reading.assertions]


def unread(text: str, network: Network = CHAIN) -> list[str]:
    """What was not read."""
    reading = read(text, "sheet.md", network)
    return [reading.text(each) for each in reading.unread]


# The number that a weight has before its update.

SLOPES = "dL/du = -0.0994\n\ndL/dv = -0.2632\n\n"


def test_given_number_above_the_working_of_the_new_one_is_no_new_weight() -> None:
    text = (
        SLOPES + "v = 0.5 - 0.5*(-0.2632) = 0.6316\n\nu = 0.25\n\nu = 0.25 - 0.5*(-0.0994) = 0.2997"
    )
    assert said(text) == [("dL/du", "-0.0994"), ("dL/dv", "-0.2632"), ("v'", "0.6316"),
                          ("u'", "0.2997")]  # fmt: skip


def test_given_number_in_a_table_beside_the_new_one_is_no_new_weight() -> None:
    rows = (
        "| $u$ | $v$ | $u^{new}$ | $v^{new}$ |\n|---|---|---|---|\n| 0.25 | 0.5 | 0.2997 | 0.6316 |"
    )
    text = SLOPES + f"u_new = 0.2997\n\nv_new = 0.6316\n\n{rows}"
    assert ("u'", "0.25") not in said(text)
    assert said(text).count(("v'", "0.6316")) == 2


def test_weight_that_was_forgotten_stays_in_a_list_of_new_ones() -> None:
    text = SLOPES + "New weights:\n\nv = 0.6316\n\nu = 0.25"
    assert said(text)[2:] == [("v'", "0.6316"), ("u'", "0.25")]


# Gradient checks.


def test_loss_at_a_nudged_weight_is_unread() -> None:
    text = "L = 0.5495\n\nu = 0.251    L = 0.5494\n\nu = 0.249    L = 0.5496"
    assert said(text) == [("L", "0.5495")]
    assert len(unread(text)) == 2


def test_loss_beside_the_given_weight_is_read() -> None:
    assert ("L", "0.5495") in said("u = 0.25    L = 0.5495")


# Tables and definitions.


def test_title_with_the_rate_says_new() -> None:
    text = ("| Weight | Before | Gradient | After, $\\eta = 0.5$ |\n|---|---|---|---|\n"
            "| $u$ | 0.25 | -0.0994 | 0.2997 |\n| $v$ | 0.5 | -0.2632 | 0.6316 |")  # fmt: skip
    assert said(text) == [("dL/du", "-0.0994"), ("u'", "0.2997"), ("dL/dv", "-0.2632"),
                          ("v'", "0.6316")]  # fmt: skip


def test_error_term_defined_and_worked_out_in_one_line_is_read() -> None:
    text = (
        "$z = v h$\n\n$$\\delta = \\frac{\\partial L}{\\partial z} = \\hat{y} - y$$\n\n$z = 0.31$"
    )
    reading = read(text, "sheet.md", CHAIN)
    formulas = [(each.quantity, *each.said.names) for each in reading.assertions]
    assert ("dL/dz_o", "yhat", "y") in formulas


# What a page takes from LaTeX.


@pytest.mark.parametrize("gap", ["", "\n"])
def test_rows_of_a_matrix_with_one_backslash(gap: str) -> None:
    rows = ["\\begin{bmatrix}\n0.6 \\cdot 0.6225 \\\n-0.4 \\cdot 0.6225\n\\end{bmatrix}",
            "\\begin{bmatrix}\n0.3735 \\\n-0.2490\n\\end{bmatrix}"]  # fmt: skip
    text = f"$$\n\\hat{{x}} =\n{rows[0]}\n=\n{gap}{rows[1]}\n$$"
    assert said(text, CODER) == [("yhat1", "0.3735"), ("yhat2", "-0.2490")]


def test_hat_on_an_input_is_no_output_where_targets_are_others() -> None:
    assert said("$\\hat{x} = 0.6339$\n\n$z_1 = 0.5$", PLAIN) == [("z1", "0.5")]


# Letters.


def test_letters_a_and_z_are_exchanged_by_what_they_are_worked_from() -> None:
    text = ("$$a^{(1)} = 0.3(0) + 0.2(1) + 0.3 = 0.5$$\n\n$$z = \\sigma(0.5) = 0.6225$$\n\n"
            "$$\\hat{x}_1 = 0.6 \\cdot 0.6225 = 0.3735$$")  # fmt: skip
    assert said(text, CODER) == [("z1", "0.5"), ("h1", "0.6225"), ("yhat1", "0.3735")]


def test_sums_weights_and_biases_counted_from_nought() -> None:
    text = ("$Z^{(0)} = B^{(0)} + X W^{(0)} = 0.5$\n\n$A^{(1)} = 0.6225$\n\n"
            "$Z^{(1)} = B^{(1)} + A^{(1)} W^{(1)} = 0.549$\n\n$A^{(2)} = 0.6339$\n\n"
            "$\\delta^{(2)} = 0.1471$\n\n$\\frac{\\partial L}{\\partial W^{(1)}} = 0.0916$\n\n"
            "$W^{(1)} \\rightarrow 0.4 - 0.5 \\times 0.0916 = 0.3542$")  # fmt: skip
    assert said(text, PLAIN) == [
        ("z1", "0.5"), ("h1", "0.6225"), ("z2", "0.549"), ("yhat", "0.6339"),
        ("dL/dz2", "0.1471"), ("dL/dw3", "0.0916"), ("w3'", "0.3542"),
    ]  # fmt: skip


def test_capital_delta_of_a_unit_is_an_error_term_and_of_a_weight_a_change() -> None:
    found = said("$\\Delta_{o1} = 0.5922 \\cdot 0.4078 \\cdot (0 - 0.5922) = -0.1430$\n\n"
                 "$w_3^+ = 0.6 - 0.1 \\cdot 0.1430 \\cdot 0.5498 = 0.5921$", PAIR)  # fmt: skip
    assert found == [("dL/dz_o1", "0.1430"), ("w3'", "0.5921")]
    assert said("$\\Delta w_3 = -0.00786$\n\n$w_3^+ = 0.5921$", PAIR)[-1] == ("w3'", "0.5921")


def test_letter_behind_a_number_says_new_where_the_rule_shows_it() -> None:
    text = (
        "$w_{3 n} = w_3 - \\alpha \\frac{\\partial L}{\\partial w_3} = 0.5921$\n\n$w_{4 n} = -0.38$"
    )
    assert said(text, PAIR) == [("w3'", "0.5921"), ("w4'", "-0.38")]
    assert said("$w_{4 n} = -0.38$\n\n$z_{h1} = 0.2$", PAIR) == [("z_h1", "0.2")]


def test_net_input_is_that_of_the_output_it_is_put_into() -> None:
    slope = "\\frac{\\partial output}{\\partial input_{net}}"
    text = f"$${slope} = a'(input_{{net}}) = output (1 - output) = 0.2440$$"
    assert said(text) == [("dyhat/dz_o", "0.2440")]


def test_actual_less_predicted() -> None:
    reading = read("$E = \\frac{1}{2}(Actual - Predicted)^2$", "sheet.md", PLAIN)
    assert [{*each.said.names} for each in reading.assertions] == [{"y", "yhat"}]


# Code.


def test_remark_behind_code_does_not_part_a_statement_that_goes_on() -> None:
    text = ("```python\n∂z_o/∂v = h       # since z_o = v × h\n        = 0.6225\n"
            "∂z_o/∂h = v       # since z_o = v × h\n        = 0.5\n```\n")  # fmt: skip
    assert {("dz_o/dv", "0.6225"), ("dz_o/dh_h", "0.5")} <= {*said(text)}


NODES = """
inputs: {x1: 0.5, x2: -1}
targets: {y: 1}
weights: {w1: 0.4, w2: -0.3, v: 0.5}
biases: {b: 0.1}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b, activation: tanh}
  2: {from: {1: v}, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
"""


def test_the_first_cell_of_a_row_may_describe_its_name() -> None:
    text = (
        "| quantity | value |\n|---|---|\n| sum z1 | 0.6 |\n| hidden output $h_1$ | 0.537 |\n"
        "| Loss $L$ | 0.0939 |\n| new weight w1 | 0.41 |\n| gradient dL/dv | -0.13 |\n"
    )
    assert [name for name, _ in said(text, loads(NODES))] == ["z1", "h1", "L", "w1'", "dL/dv"]


@pytest.mark.parametrize(
    "line", ["$w_1, b$ unchanged", "w2 stays -0.3", "w_1 bleibt gleich", "b remains 0.1"]
)
def test_a_weight_that_is_said_to_stay_is_listed(line: str) -> None:
    reading = read(f"z1 = 0.6\n{line}\n", "sheet.md", loads(NODES))
    assert [each.quantity for each in reading.assertions] == ["z1"]
    assert ["a weight stays" in each.reason for each in reading.unread] == [True]


def test_the_word_of_a_course_for_the_loss_stands_beside_the_noun() -> None:
    text = "The loss is 0.0939.\ndE/dv = -0.13\n"
    assert said(text, loads(NODES + "names: {L: E}\n")) == [("L", "0.0939"), ("dL/dv", "-0.13")]


def test_a_gradient_that_is_first_said_in_a_summary_is_of_the_pass_that_it_fits() -> None:
    network = loads(NODES)
    text = (
        "dL/dv = -0.0571\nv' = 0.5286\nL' = 0.0906\n\nSummary\ndL/dv = -0.0571\ndL/db = -0.0379\n"
    )
    names = [name for name, _ in said(text, network, "sheet.txt")]
    assert names == ["dL/dv", "v'", "L'", "dL/dv", "dL/db"]


def test_a_target_s_letter_behind_workings_is_no_misread_given() -> None:
    text = "w1 = 0.4 - 0.5*(-0.0189) = 0.4095\ny = 0.574\nL = 0.0906\n"
    assert [name for name, _ in said(text, loads(NODES), "sheet.txt")][:1] == ["w1'"]
    assert "y" not in [name for name, _ in said(text, loads(NODES), "sheet.txt")]


def test_a_number_behind_the_only_bias_may_count_steps() -> None:
    network = loads(NODES)
    assert "b" not in dict(said("b_1 = 0.1189\nL = 0.09\n", network, "sheet.txt"))
    assert said("b_1 = 0.1\nz1 = 0.6\n", network, "sheet.txt") == [("b", "0.1"), ("z1", "0.6")]
