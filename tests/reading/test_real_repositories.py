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


# A table of values and gradients, some of which a quantity has not.

HEADS = [
    "Variable | Value | Gradient | Role", "Größe | Wert | Gradient | Bedeutung",
    "Grandeur | Valeur | Gradient | Rôle", "Magnitud | Valor | Gradiente | Papel",
    "名称 | 值 | 梯度 | 作用",
]  # fmt: skip


@pytest.mark.parametrize("empty", ["-", "—", ""])
@pytest.mark.parametrize("head", HEADS)
def test_values_and_gradients_of_one_table_are_told_apart(head: str, empty: str) -> None:
    rows = (f"| x | 3 | {empty} | input |", "| z1 | 1.0 | -0.0156 | sum |",
            "| w1 | 0.4 | -0.0467 | weight |", f"| L | 0.0704 | {empty} | loss |")  # fmt: skip
    table = "\n".join((f"| {head} |", "|---|---|---|---|", *rows))
    assert said(table) == [
        ("z1", "1.0"), ("dL/dz1", "-0.0156"), ("dL/dw1", "-0.0467"), ("L", "0.0704"),
    ]  # fmt: skip


@pytest.mark.parametrize("head", ["Name | Before | Gradient", "Name | A | Gradient"])
def test_number_beside_an_empty_gradient_is_no_gradient(head: str) -> None:
    found = said(f"| {head} |\n|---|---|---|\n| x | 3 | - |\n| w1 | - | -0.0467 |\n")
    assert found == [("dL/dw1", "-0.0467")]


# A drawing behind the update.

SOLUTION = """z1 = 1.0, h1 = 0.731, z2 = -0.139, yhat = 0.465, L = 0.0704
dL/dw1 = -0.0467, dL/dw2 = 0.0965
w1 = w1 - 0.5 * dL/dw1 = 0.423
w2 = w2 - 0.5 * dL/dw2 = -0.648
"""
DRAWINGS = [
    ["x=3 ──w1=0.4── z1=1.0 ──σ── h1=0.731 ──┐", "      z2=-0.139 ──σ── yhat=0.465"],
    ["x = 3 --w1--> z1 = 1.0 --> h1 = 0.731", "--> z2 = -0.139 --> yhat = 0.465"],
    ["z1 = 1.0", "   |", "   v", "h1 = 0.731", "   |", "   v", "z2 = -0.139", "   ▼",
     "yhat = 0.465"],
    ["┌──────────┐", "│ z1 = 1.0 │", "└──────────┘", "     ↓", "h1 = 0.731", "     ↓",
     "z2 = -0.139", "     ↓", "yhat = 0.465"],
]  # fmt: skip


@pytest.mark.parametrize("lines", DRAWINGS)
def test_drawing_with_the_figures_of_the_first_pass_is_of_it(lines: list[str]) -> None:
    drawing = "\n".join(["```", *lines, "```"])
    first, *_ = [{*said(f"{SOLUTION}\n{drawing}\n")}]
    assert first == {*said(SOLUTION)}


def test_drawing_with_new_figures_is_of_the_next_pass() -> None:
    drawing = "```\nx=3 ──── z1=1.078 ──── h1=0.746 ──── z2=-0.250\n```\n"
    assert said(f"{SOLUTION}\n{drawing}")[-3:] == [("z1'", "1.078"), ("h1'", "0.746"),
                                                   ("z2'", "-0.250")]  # fmt: skip


# Tables of steps, and names that stand for something else.

STEPS = [
    "Step | Computation | Value", "Schritt | Rechnung | Wert", "Étape | Calcul | Valeur",
    "Paso | Cálculo | Valor", "# | Formula | Result", "步骤 | 计算 | 值",
]  # fmt: skip


@pytest.mark.parametrize("sign", ["", r"\approx "])
@pytest.mark.parametrize("head", STEPS)
def test_numbered_steps_have_their_values_in_the_next_column(head: str, sign: str) -> None:
    rows = [
        (r"z_1 = 0.4 \cdot 3 - 0.2", "1.0"), (r"h_1 = \sigma(1.0)", "0.731"),
        (r"\frac{\partial L}{\partial \hat{y}} = 2(\hat{y} - y) = 2(0.465 - 0.2)", "0.530"),
        (r"\frac{\partial L}{\partial w_2} = \frac{\partial L}{\partial z_2} \cdot h_1", "0.0965"),
    ]  # fmt: skip
    body = (f"| {n} | ${name}$ | ${sign}{value}$ |" for n, (name, value) in enumerate(rows, 1))
    table = "\n".join((f"| {head} |", "|---|---|---|", *body, ""))
    assert said(table) == [("z1", "1.0"), ("h1", "0.731"), ("dL/dyhat", "0.530"),
                           ("dL/dw2", "0.0965")]  # fmt: skip


ONE = loads("""
inputs: {x: 4}
targets: {y: 1}
weights: {w: 0.5}
biases: {b: -1.5}
nodes:
  1: {from: {x: w}, bias: b, activation: sigmoid}
names: {z1: z}
loss: l2
""")
"""One sigmoid unit, whose weighted sum is called z."""


def test_name_in_the_formula_of_what_it_should_be_is_of_something_else() -> None:
    text = "z_1 = w x = 2\n\nz = z_1 + b = 2 - 1.5 = 0.5\n"
    assert said(text, ONE) == [("z1", "0.5")]
    assert said("z_1 = w x + b = 0.5\n", ONE) == [("z1", "0.5")]


@pytest.mark.parametrize("text", ["Let $u = 3x + 1$.", "$u = 3x + 1 = 13$", "net = 2 + 7x"])
def test_formula_of_other_numbers_is_of_another_exercise(text: str) -> None:
    assert not said(f"{text}\n\n$y = u^2$\n", ONE)


@pytest.mark.parametrize("text", ["$u = 0.5x - 1.5$", "$u = wx + b$", "$u = 0.5 x + b$"])
def test_formula_of_its_own_numbers_is_read(text: str) -> None:
    assert [name for name, _ in said(f"{text}\n", ONE)] == ["z1"]


# Matrices in blocks of code.

PRODUCTS = [
    ("z1 = W1 @ x + b1\n   = [[0.1, 0.3], [0.2, -0.5]] @ [[2], [-1]]\n   = [[0.3], [1.3]]",
     [("z_h1", "0.3"), ("z_h2", "1.3")]),
    ("z1 = W1 @ x + b1\n\n= [[-0.1], [0.9]] + [[0.4], [0.4]]\n\n= [[0.3],\n   [1.3]]",
     [("z_h1", "0.3"), ("z_h2", "1.3")]),
    ("z1 = np.dot(W1, x) + b1 = [0.3,\n   1.3]", [("z_h1", "0.3"), ("z_h2", "1.3")]),
    ("dW1 = dz1 @ x.T\n    = [[-0.0015, 0.0008],   # first unit\n       [0.0306, -0.0153]]",
     [("dL/dw_h1_x1", "-0.0015"), ("dL/dw_h1_x2", "0.0008"), ("dL/dw_h2_x1", "0.0306"),
      ("dL/dw_h2_x2", "-0.0153")]),
    (("W1_new = W1 - lr * dW1\n  = [[0.1, 0.3],\n  [0.2, -0.5]] - 0.5 * dW1\n"
     "  = [[0.1008, 0.2996],\n  [0.1847, -0.4924]]"),
     [("w_h1_x1'", "0.1008"), ("w_h1_x2'", "0.2996"), ("w_h2_x1'", "0.1847"),
      ("w_h2_x2'", "-0.4924")]),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), PRODUCTS)
def test_product_of_matrices_has_its_figures_on_the_lines_below(
    code: str, expected: list[tuple[str, str]]
) -> None:
    assert said(f"```python\n# work\n{code}\n```\n", SQUARE) == expected
    assert said(f"{code}\n", SQUARE, "sheet.txt") == expected


@pytest.mark.parametrize("code", [
    "z1 = W1 @ x + b1", "z1 = [[0.1, 0.3], [0.2, -0.5]] @ [2, -1] + [0.4, 0.4]",
    "z1 = [[0.3],\n   [1.3]", "z1 = [[0.3],\nthen 1.3]]", "z1 = np.dot(W1, x) + b1",
])  # fmt: skip
def test_product_without_its_figures_and_a_torn_matrix_say_nothing(code: str) -> None:
    assert not said(f"```\n{code}\n```\n", SQUARE)


# A text each line of which is a comment of code.

COMMENTS = ["# ", "// ", "% ", "-- ", "## ", "  # "]
WORKING = [
    "Forward pass:", "z1 = 0.4 * 3 - 0.2 = 1.0", "h1 = sigmoid(1.0) = 0.731", "",
    "dL/dw2 = dL/dz2 * h1 = 0.132 * 0.731 = 0.0965", "w2_new = -0.6 - 0.5 * 0.0965 = -0.648",
]  # fmt: skip
WORKED = [("z1", "1.0"), ("h1", "0.731"), ("dL/dw2", "0.0965"), ("w2'", "-0.648")]


@pytest.mark.parametrize("mark", COMMENTS)
def test_marks_of_comments_before_all_lines_say_nothing(mark: str) -> None:
    text = "\n".join(f"{mark}{line}" if line else "" for line in WORKING)
    assert said(text, file="sheet.txt") == WORKED
    assert said(text, file="-") == WORKED


@pytest.mark.parametrize(("first", "mark", "last"), [("/*", " * ", " */"), ("/**", "   ", "*/")])
def test_comment_between_slashes_and_stars_is_read(first: str, mark: str, last: str) -> None:
    text = "\n".join([first, *(f"{mark}{line}" for line in WORKING), last])
    assert said(text, file="sheet.txt") == WORKED


def test_line_with_a_mark_among_others_stays_a_comment() -> None:
    assert said("z1 = 1.0\n# h1 = 0.5\nh1 = 0.731\n", file="sheet.txt")[0] == ("z1", "1.0")
    assert said("# a list\n# of answers\n\nz1: 1.0\n", file="a.yaml") == [("z1", "1.0")]


@pytest.mark.parametrize("factor", ["dh1/dw2", "dx/dw2"])
def test_derivative_that_there_is_not_is_no_quotient_of_two(factor: str) -> None:
    text = f"dL/dw2 = dL/dz2 * {factor} = dL/dz2 * h1 = 0.132 * 0.731 = 0.0965\n"
    assert said(text, file="sheet.txt") == [("dL/dw2", "0.0965")]


# A rule that stands where a name should.

NEW = [("w_h1_x1'", "0.1008"), ("w_h1_x2'", "0.2996"), ("w_h2_x1'", "0.1847"),
       ("w_h2_x2'", "-0.4924")]  # fmt: skip
SLOPES = [("dL/dw_o1_h1", "0.0482"), ("dL/dw_o1_h2", "0.0659"), ("dL/dw_o2_h1", "-0.0439"),
          ("dL/dw_o2_h2", "-0.06")]  # fmt: skip
BACK = [("dL/dh_h1", "-0.0031"), ("dL/dh_h2", "0.0908")]
RULES = [
    (r"W^{[1]} - \eta \frac{\partial L}{\partial W^{[1]}}", "0.1008 & 0.2996 \\\\ 0.1847 & -0.4924",
     NEW),
    (r"W_1 - 0.5 \, \frac{\partial L(y, \hat{y})}{\partial W_1}",
     "0.1008 & 0.2996 \\\\ 0.1847 & -0.4924", NEW),
    (r"b_1 - \eta \frac{\partial L}{\partial b_1}", r"0.4004 \\ 0.3924",
     [("b_h1'", "0.4004"), ("b_h2'", "0.3924")]),
    (r"W_2^T \delta_2", r"-0.0031 \\ 0.0908", BACK),
    (r"(W^{(2)})^T \delta^{(2)}", r"-0.0031 \\ 0.0908", BACK),
    (r"\delta_2 h_1^T", r"0.0482 & 0.0659 \\ -0.0439 & -0.06", SLOPES),
    (r"W_2 \delta_2", r"-0.0031 \\ 0.0908", []),
    (r"W_1 + \eta \frac{\partial L}{\partial W_1}", "0.1008 & 0.2996 \\\\ 0.1847 & -0.4924", []),
    (r"W_1 - \frac{\partial L}{\partial W_1}", "0.1008 & 0.2996 \\\\ 0.1847 & -0.4924", []),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "rows", "expected"), RULES)
def test_rule_of_vectors_as_the_left_side_says_whose_it_is(
    rule: str, rows: str, expected: list[tuple[str, str]]
) -> None:
    text = rf"${rule} = \begin{{bmatrix}} {rows} \end{{bmatrix}}$"
    assert said(text, SQUARE) == expected


@pytest.mark.parametrize(("text", "expected"), [
    (r"$w_2 - \eta \frac{\partial L}{\partial w_2} = -0.6 - 0.5 \cdot 0.0965 = -0.648$",
     [("w2'", "-0.648")]),
    ("w1 - lr * dL/dw1 = 0.4 - 0.5 * (-0.0467) = 0.423", [("w1'", "0.423")]),
    (r"$\delta_2 h_1 = 0.132 \cdot 0.731 = 0.0965$", [("dL/dw2", "0.0965")]),
    ("w1 + 0.5 * dL/dw1 = 0.423", []), ("w1 * x = 1.2", []), ("yhat - y = 0.265", []),
    ("dL/dw1 - w1 = 0.1", []),
])  # fmt: skip
def test_rule_of_numbers_as_the_left_side(text: str, expected: list[tuple[str, str]]) -> None:
    assert said(f"{text}\n") == expected


@pytest.mark.parametrize("word", ["For", "Für", "Pour", "Para"])
def test_line_that_leads_on_is_no_condition_of_what_stands_above(word: str) -> None:
    text = f"$$\nz_1 = 1.0\n$$\n\n{word} $l=2$,\n\n$$\nh_1 = 0.731\n$$\n"
    assert said(text) == [("z1", "1.0"), ("h1", "0.731")]


# A weight by the two units of its edge.

EDGES = loads("""
inputs: {X1: 2, X2: 1}
targets: {T: 0}
weights: {W_X1_H1: 0.2, W_X2_H1: 0.1, W_X1_H2: -0.6, W_X2_H2: 0.3, W_H1_O1: 0.5, W_H2_O1: 0.7}
nodes:
  H1: {from: {X1: W_X1_H1, X2: W_X2_H1}, activation: sigmoid}
  H2: {from: {X1: W_X1_H2, X2: W_X2_H2}, activation: sigmoid}
  O1: {from: {H1: W_H1_O1, H2: W_H2_O1}, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
""")
"""Two hidden units, whose weights are called by the units that they join."""


@pytest.mark.parametrize("name", [
    "$W_{H1-O1}$", "$W_{H1 \\to O1}$", "$W_{H1→O1}$", "$W_{H1,O1}$", "$W_{H1O1}$", "W_H1-O1",
    "W_{H1-O1}",
])  # fmt: skip
def test_weight_is_named_by_the_units_that_it_joins(name: str) -> None:
    plain = name.strip("$")
    text = f"- ${plain} = 0.5 - (0.5 * 0.07 * 0.6) = 0.5 - 0.021 = 0.479$\n"
    text = text if name[0] == "$" else text.replace("$", "")
    assert said(text, EDGES) == [("W_H1_O1'", "0.479")]


@pytest.mark.parametrize("name", ["$W_{H1-O2}$", "$W_{O1-H1}$", "W_H1 - O1", "$W_{1-1}$"])
def test_name_of_no_edge_is_unread(name: str) -> None:
    assert not said(f"{name} = 0.5 - 0.021 = 0.479\n", EDGES)


def test_remark_with_a_name_in_it_between_underscores_is_no_rest() -> None:
    text = "- $z_1 = 0.4 \\cdot 3 - 0.2 = 1.0$ _(the upper arrow is taken as $w_{1}$)_\n"
    assert said(text) == [("z1", "1.0")]


# Names in words, and a name that is that of the weighted sum.

PAIR = loads("""
inputs: {x1: 0.4, x2: 0.9}
targets: {t1: 0.1, t2: 0.8}
weights: {w1: 0.3, w2: 0.2, w3: -0.5, w4: 0.6, w5: 0.7, w6: 0.1, w7: -0.4, w8: 0.9}
biases: {b1: 0.25, b2: 0.5}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, bias: b1, activation: sigmoid}
  3: {from: {1: w5, 2: w6}, bias: b2, activation: sigmoid}
  4: {from: {1: w7, 2: w8}, bias: b2, activation: sigmoid}
names: {z1: net_h1, h1: out_h1, z2: net_h2, h2: out_h2, z3: net_o1, yhat1: out_o1, z4: net_o2,
        yhat2: out_o2, L: E_total}
loss: half_l2
learning_rate: 0.5
""")
"""Two hidden units and two outputs, with a bias for each layer."""


@pytest.mark.parametrize(("name", "quantity", "figure"), [
    (r"\text{out h1}", "h1", "0.634"), (r"\text{Out h1}", "h1", "0.634"),
    (r"\text{net h1}", "z1", "0.55"), (r"\text{net h2}", "z2", "0.59"),
    (r"\text{net o1}", "z3", "1.006"), (r"\text{out o2}", "yhat2", "0.702"),
])  # fmt: skip
def test_name_in_two_words_is_that_of_a_unit(name: str, quantity: str, figure: str) -> None:
    assert said(f"$${name} = {figure}$$\n", PAIR) == [(quantity, figure)]


@pytest.mark.parametrize("name", [r"\text{out of h1}", r"\text{for h1}", r"\text{out h9}"])
def test_words_that_are_no_name_are_unread(name: str) -> None:
    assert not said(f"$${name} = 0.634$$\n", PAIR)


SUM_FIRST = [
    r"$\text{h1} = 0.4 * 0.3 + 0.9 * 0.2 + 0.25 = 0.55$", "",
    r"$\text{out h1} = \frac{1}{1+e^{-h1}}$", "", r"$\text{out h1} = 0.634$", "",
    r"$\text{y1} = \text{out h1} * w5 + \text{out h2} * w6 + b2$", "", r"$\text{y1} = 1.006$", "",
    r"$\text{out y1} = 0.732$", "", r"$\frac{\text{douty1}}{dy1} = 0.196$",
]  # fmt: skip


def test_name_of_which_the_output_is_worked_out_is_the_weighted_sum() -> None:
    numbers = [each for each in said("\n".join(SUM_FIRST), PAIR) if each[1].strip("0123456789.")
               == "" and each[1]]  # fmt: skip
    assert numbers == [("z1", "0.55"), ("h1", "0.634"), ("z3", "1.006"), ("yhat1", "0.732"),
                       ("dyhat1/dz3", "0.196")]  # fmt: skip


def test_name_that_has_the_figure_of_the_output_is_no_weighted_sum() -> None:
    text = "h1 = 0.634\n\nout_h1 = sigmoid(h1)\n\nh1 = 0.634\n"
    assert {*said(text, PAIR)} <= {("h1", "0.634"), ("h1", "")}


def test_formula_with_such_a_name_of_another_unit_is_unread() -> None:
    text = "\n".join([*SUM_FIRST[:6], r"$\text{out o1} = \frac{1}{1+e^{-h1}}$", ""])
    assert "yhat1" not in dict(said(text, PAIR))


# Formulas between doubled backslashes, torn products, the output of the next pass.


@pytest.mark.parametrize("text", [
    r"**Sum**: \\(z_1 = 0.4 \cdot 3 - 0.2 = 1.0\\), then \\(h_1 = 0.731\\).",
    "\\\\[\nz_1 = 0.4 \\cdot 3 - 0.2 = 1.0\n\\\\]\n\n\\\\[h_1 = 0.731\\\\]",
])  # fmt: skip
def test_backslashes_before_a_formula_may_be_doubled(text: str) -> None:
    assert said(f"{text}\n") == [("z1", "1.0"), ("h1", "0.731")]


@pytest.mark.parametrize(("figure", "read_as"), [("1.0", [("z1", "1.0")]), ("0.9", [])])
def test_torn_product_is_left_out_where_the_result_is_right(
    figure: str, read_as: list[tuple[str, str]]
) -> None:
    text = f"$$\nz_1 = w_1 x + b_1 = 0.4003.0 - 0.2 = {figure}\n$$\n"
    assert said(text) == read_as


BEFORE = "yhat = 0.465, L = 0.0704\ndL/dw2 = 0.0965\nw1' = 0.423, w2' = -0.648\n\n"
SENTENCES = [
    ("The output on the next forward pass drops to 0.438.", ("yhat'", "0.438")),
    ("The output on the next forward pass drops to $0.438$, toward $0.2$.", ("yhat'", "0.438")),
    ("Die Ausgabe nach dem Update sinkt auf 0.438.", ("yhat'", "0.438")),
    ("La sortie après la mise à jour descend à 0.438.", ("yhat'", "0.438")),
    ("The loss on the next pass drops to 0.0567.", ("L'", "0.0567")),
    ("The output on the next forward pass drops to 0.465.", None),
    ("The output on the first pass drops to 0.465.", None),
    ("The output of the other network drops to 0.438.", None),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES)
def test_result_of_the_next_pass_in_a_sentence(
    sentence: str, expected: tuple[str, str] | None
) -> None:
    found = said(f"{BEFORE}{sentence}\n")
    assert found[5:] == ([expected] if expected else [])
