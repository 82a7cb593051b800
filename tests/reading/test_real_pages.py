"""Ways of writing off thirty published pages, in sheets of our own words and figures."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import loads
from backcalc.reading import Reading, read

SIGMOIDS = loads("""
inputs: {x1: 0.5, x2: -0.4}
targets: {y: 1}
weights: {w1: 0.2, w2: 0.6, w3: -0.3}
biases: {b1: 0.1, b2: 0.25}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {1: w3}, bias: b2, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
""")
"""Two sigmoid units behind each other: z1 = -0.04, h1 = 0.49, z2 = 0.103, yhat = 0.5257."""

LAYERS = loads("""
inputs: {x1: 0.6, x2: 0.9}
targets: {y: 1}
layers:
  - {name: h, units: 2, activation: sigmoid, weights: [[0.1, 0.5], [0.7, 0.3]], bias: [0.2, 0.4]}
  - {name: o, units: 1, activation: sigmoid, weights: [[0.8, 0.6]], bias: [-0.5]}
loss: half_l2
learning_rate: 0.5
""")
"""Two hidden units and an output: z = (0.71, 1.09), h = (0.6704, 0.7484), u = 0.4854."""


def said(reading: Reading) -> list[tuple[str, str]]:
    """What is said, in order."""
    return [(each.quantity, each.said.plain or each.said.text) for each in reading.assertions]


# Delimiters around delimiters.


DOUBLED = [
    r"\( ${}$ \)", r"\(${}$\)", r"\[ $${}$$ \]", "\\[\n$$\n{}\n$$\n\\]", r"$\( {} \)$", r"$$\[ {} \]$$",
    "`${}$`", r"\\( {} \\)", r"\\({}\\)", r"\\[ {} \\]", "\\\\[\n{}\n\\\\]", r"\(\( {} \)\)",
]  # fmt: skip


@pytest.mark.parametrize("around", DOUBLED)
def test_delimiters_may_stand_around_delimiters(around: str) -> None:
    one, two = r"z_1 = 0.1 - 0.24 + 0.1 = -0.04", r"\frac{\partial L}{\partial z_2} = -0.12"
    text = "First:\n\n{}\n\nthen\n\n{}\n".format(*(around.replace("{}", e) for e in (one, two)))
    assert said(read(text, "a.md", SIGMOIDS)) == [("z1", "-0.04"), ("dL/dz2", "-0.12")]


def test_so_they_may_in_a_list_and_a_sentence() -> None:
    text = r"- \( $z_1$ = $-0.04$ \), \( $h_1 = 0.49$ \) here" + "\n"
    assert said(read(text, "a.md", SIGMOIDS)) == [("z1", "-0.04"), ("h1", "0.49")]


@pytest.mark.parametrize(
    "text", [r"\( $z_1 = -0.04 \)", r"\(z_1 = -0.04$\)", r"\( $z_1 = -0$ $.04$ \)"]
)
def test_half_a_delimiter_is_none(text: str) -> None:
    assert said(read(f"{text}\n", "a.md", SIGMOIDS)) == []


def test_a_weight_at_the_start_is_no_gradient() -> None:
    text = r"""$\frac{\partial L}{\partial w_3} = -0.0580$
$w_3^{new} = -0.3 + 0.029 = -0.271$

So the gradient points down: initial $w_3 = -0.3$.
"""
    assert said(read(text, "a.md", SIGMOIDS)) == [("dL/dw3", "-0.0580"), ("w3'", "-0.271")]


# Arrays whose rows go on.


def array(*rows: str) -> str:
    """A display that is an array with a row for each step."""
    inner = " \\\\\n".join(rows)
    return f"$$\n\\begin{{array}}{{ll}}\n{inner}\n\\end{{array}}\n$$\n\n"


def column(*numbers: str) -> str:
    r"""A vector of LaTeX."""
    rows = r" \\ ".join(numbers)
    return rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"


def test_rows_of_an_array_go_on_and_may_end_with_the_name() -> None:
    hidden = column("0.71", "1.09")
    text = array(
        r"\mathbf{z} &= \mathbf{W} \mathbf{x} + \mathbf{b}^h",
        rf"&= {column('0.06 + 0.45 + 0.2', '0.42 + 0.27 + 0.4')}",
        rf"\mathbf{{z}} &= {hidden}",
    )
    text += array(r"\mathbf{h} &= \sigma(\mathbf{z})", rf"&\approx {column('0.6704', '0.7484')}")
    text += array(
        r"u &= \mathbf{V} \mathbf{h} + b^y", r"&= 0.8*0.6704 + 0.6*0.7484 - 0.5", r"u &\approx 0.4854"
    )
    text += array(r"\hat{y} &= \sigma(u)", r"&= \frac{1}{1 + e^{-0.4854}}", r"&\approx 0.6190")
    found = [each for each in said(read(text, "a.md", LAYERS)) if each[1][0].isdigit()]
    assert ("z_h1", "0.71") in found and ("z_h2", "1.09") in found
    assert found[-5:] == [
        ("h_h1", "0.6704"), ("h_h2", "0.7484"), ("z_o1", "0.8*0.6704 + 0.6*0.7484 - 0.5"),
        ("z_o1", "0.4854"), ("yhat", "0.6190"),
    ]  # fmt: skip


@pytest.mark.parametrize("sign", [r"\leftarrow", r"\gets", ":="])
def test_an_arrow_goes_on_in_the_next_row(sign: str) -> None:
    text = array(
        rf"b^y &{sign} b^y - \eta \frac{{\partial L}}{{\partial b^y}}",
        rf"&{sign} -0.5 - 0.5 \cdot (-0.0899)",
        rf"&{sign} -0.455",
        rf"\mathbf{{b^h}} &{sign} {column('0.2', '0.4')} - 0.5 \cdot {column('-0.0159', '-0.0102')}",
        rf"&{sign} {column('0.208', '0.405')}",
    )
    assert said(read(text, "a.md", LAYERS)) == [
        ("b_o1'", "-0.455"), ("b_h1'", "0.208"), ("b_h2'", "0.405"),
    ]  # fmt: skip


def test_a_row_that_goes_on_with_none_stays_unread() -> None:
    assert said(read(array(r"&= 0.71", r"z_{h1} &= 0.5"), "a.md", LAYERS)) == []
    text = r"$$\begin{aligned} &\leftarrow 0.405 \\ b_{h2} &= 0.4 \end{aligned}$$"
    assert said(read(text, "a.md", LAYERS)) == []


def test_a_letter_above_is_an_exponent_elsewhere() -> None:
    assert said(read("$z^k = 0.71$, $b^2 = 0.4$\n", "a.md", LAYERS)) == []
