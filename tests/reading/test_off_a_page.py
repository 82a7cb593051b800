"""The text layer of a page: fallen exponents, statements side by side, and how a matrix lies."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import load, loads
from backcalc.reading import read

SHORTCUT = loads("""
inputs: {x: 2}
targets: {y: 1.5}
weights: {w1: 0.4, w2: -0.5}
biases: {b1: 0.1}
nodes:
  1: {from: {x: w1}, bias: b1, activation: sigmoid}
  2: {from: {1: w2}, activation: identity}
loss: half_l2
learning_rate: 0.2
""")
LAYERS = loads("""
inputs: {x1: 1, x2: 0.5}
targets: {y1: 0, y2: 1}
layers:
  - {name: h, units: 2, activation: tanh, weights: [[0.3, -0.2], [0.1, 0.8]], bias: [0.1, -0.1]}
  - {name: o, units: 2, activation: identity, weights: [[0.5, -0.4], [0.7, 0.2]], bias: [0, 0.2]}
loss: half_l2
""")


def said(text: str, file: str = "a.txt") -> list[tuple[str, str]]:
    found = read(text, file, LAYERS if file.endswith(".md") else SHORTCUT).assertions
    return [(each.quantity, each.said.plain) for each in found]


@pytest.mark.parametrize(
    ("line", "figure"),
    [
        ("h1 = σ(z1) = 1/(1 + e−0,9) = 0,7109", "0.7109"),
        ("h1 = 1/(1 + e−0,9) = 0,7209", "0.7209"),  # wrong, and read all the same
        ("h1 = 1/(1 + e −z1) = 0,7109", "0.7109"), ("h1 = 1/(1 + e-0.9) = 0.7109", "0.7109"),
    ],
)  # fmt: skip
def test_an_exponent_may_have_fallen_to_the_line(line: str, figure: str) -> None:
    assert said(f"z1 = 0,9\n{line}") == [("z1", "0.9"), ("h1", figure)]


def test_an_exponent_with_a_comma_is_one_number() -> None:
    text = "h1 = e0,9/(e0,9 + 1) = 0,7109\nz1 = 0,9"
    assert said(text) == [("h1", "0.7109"), ("z1", "0.9")]


def test_what_follows_from_a_wrong_figure_is_read_as_what_follows_from_a_right_one() -> None:
    for figure, last in (("0.7109", "-0.3555"), ("0.9109", "-0.4555")):
        text = f"$h_1 = {figure}$\n\n$\\hat y = -0.5 h_1 = {last}$"
        assert said(text, "a.tex") == [("h1", figure), ("yhat", last)]


def test_a_square_may_have_fallen_to_the_line() -> None:
    text = "ŷ = −0,3555\nL = ½ (ŷ − y)2 = ½ ∙ (−1,8555)2 = 1,7314"
    assert said(text) == [("yhat", "-0.3555"), ("L", "1.7314")]


@pytest.mark.parametrize("first", ["0,3826", "0,3926"])
@pytest.mark.parametrize("last", ["0,0913", "0,0813"])
def test_a_name_behind_a_number_begins_a_statement_where_no_product_fits(
    first: str, last: str
) -> None:
    line = f"w1* = 0,4 − 0,2 ∙ 0,0870 = {first} b1* = 0,1 − 0,0087 = {last}"
    figures = [each.replace(",", ".") for each in (first, last)]
    assert said(line) == [("w1'", figures[0]), ("b1'", figures[1])]
    pair = "dL/dw2 = dL/dz2·h1 = −1,3190 dL/db1 = dL/dz1 = 0,1907"
    assert {("dL/dw2", "-1.3190"), ("dL/db1", "0.1907")} <= {*said(pair)}
    assert said("L = 0,5 ∙ 3,4429 = 1,7214 ∂L/∂ŷ = −1,8555")[1] == ("dL/dyhat", "-1.8555")


def test_a_product_with_a_name_begins_no_statement() -> None:
    assert said("h1 = 0,7109\ndL/dw2 = -1,8555 h1 = -1,3190")[1:] == [("dL/dw2", "-1.3190")]


def test_a_matrix_lies_as_the_sheets_own_figures_say() -> None:
    text = (
        "$$\\delta^{(1)} = \\begin{bmatrix} 0.2 \\\\ -0.1 \\end{bmatrix}$$\n\n"
        "$$\\frac{\\partial L}{\\partial W^{(1)}} = \\delta^{(1)} x^\\top = "
        "\\begin{bmatrix} 0.2 & 0.1 \\\\ -0.1 & -0.05 \\end{bmatrix}$$\n"
    )
    assert said(text, "a.md")[2:] == [
        ("dL/dw_h1_x1", "0.2"), ("dL/dw_h1_x2", "0.1"), ("dL/dw_h2_x1", "-0.1"),
        ("dL/dw_h2_x2", "-0.05"),
    ]  # fmt: skip


def test_the_number_of_a_page_is_no_part_of_a_figure_that_is_whole() -> None:
    for below in ("\n1", "\n2\nw2' = 0.3", "\n1\f"):
        assert said(f"h1 = 0.7109{below}")[0] == ("h1", "0.7109")
    ends = "∂L/∂yhat = -0.0213, ∂L/∂z2 = -0.0213\n            1\n\nw2' = 0.3"
    assert said(ends)[1] == ("dL/dz2", "-0.0213")  # it is so from the sheet's own figure
    for torn in ("h1 = 0.71\n09", "h1 = 0.710\n9", "h1 = 0.7209\n1"):
        assert not said(torn)


def test_the_number_of_a_page_below_a_formula_ends_it() -> None:
    lines, foot = "w2' = 0.3", f"{' ':40}"
    for page in (f"{foot}- 1 -\n", f"\n{foot}1\n", f"{foot}1\n\f", f"{foot}1/3\n\n"):
        assert said(f"h1 = sigmoid(z1)\n{page}{lines}")[0] == ("h1", "")
    assert not said(f"{foot}1\nL =  (yhat - y)2\n{foot}2\n\n")  # of the half


def test_the_number_of_an_equation_is_no_factor() -> None:
    text = "z1 = w1 x + b1 = 0.9       (1)\nh1 = sigmoid(z1)      (2)\nyhat = -0.3555   (3)\n"
    assert said(text) == [("z1", "0.9"), ("h1", ""), ("yhat", "-0.3555")]
    assert said("z1 = 0.9   (2.1)\nh1 = 0.7109\t(2.2)") == [("z1", "0.9"), ("h1", "0.7109")]
    assert not said("z1 = 0.45   (2)\n") + said("h1 = sigmoid   (1)\nz1 = 0.45   (3)")


def test_a_factor_may_stand_below_the_fraction_that_it_goes_on_with() -> None:
    text = (
        "yˆ = −0.3555\n∂L\n∂z1\n=\n∂L\n∂h1\n· h1(1 − h1) = −0.1907\nL =\n1\n2\n(yˆ − y)\n2 = 1.7214"
    )
    assert said(text) == [("yhat", "-0.3555"), ("dL/dz1", "-0.1907"), ("L", "1.7214")]
    assert said("∂L\n∂z1\n=\n∂L\n∂h1\n= −0.1907\n") == [("dL/dh1", "-0.1907")]


def test_for_example_at_the_end_of_a_line_supposes_nothing() -> None:
    text = "Multiply both factors, for example\n$\\partial L/\\partial w_2 = 0.7$."
    assert said(text, "a.tex") == [("dL/dw2", "0.7")]


def test_a_blank_before_the_point_of_a_number_is_no_sign() -> None:
    text = "dL/dw0 = − 0 .75\nL = 3 .375\n"
    found = read(text, "a.txt", load("skip")).assertions
    assert [(e.quantity, e.chain[-1].plain) for e in found] == [("dL/dw0", "-0.75"), ("L", "3.375")]


@pytest.mark.parametrize("rule", ["-" * 40, f"+{'-' * 14}+{'-' * 14}+", ""])
@pytest.mark.parametrize("above", ["", f"{'—  I  —':>40}\n", "Results      (page 3)\n"])
def test_a_box_of_whole_statements_is_read_cell_by_cell(above: str, rule: str) -> None:
    rows = "| z1 = 0.9     | h1 = 0.7109  |\n|              | yhat = -0.3555 |"
    expected = [("z1", "0.9"), ("h1", "0.7109"), ("yhat", "-0.3555")]
    assert said(f"{above}{rule}\n{rows}\n{rule}\n") == expected


def test_specks_before_a_line_are_no_rest_of_the_line_above() -> None:
    text = "z1 = 0.9     h1 = 0.7109\n\n ~,. ;' yhat = 0 3555\n"
    assert said(text) == [("z1", "0.9"), ("h1", "0.7109")]
