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


# The title of a weight.


TITLES = [
    "**Weight $w_3$ (from $h_1$ to the output):**", "### Weight $w_3$", "**Peso $w_3$:**",
    "1. **$w_3$:**", "#### Gewicht $w_3$ (von $h_1$)", "Poids w3 :",
]  # fmt: skip
GRADIENTS = [
    r"Gradient = $\delta_2 \cdot h_1 = -0.1183 \cdot 0.49 = -0.0580$", "Gradient: -0.0580",
    r"Gradiente ($\nabla E$) = $-0.1183 \cdot 0.49 = -0.0580$", "Ableitung = -0.1183 * 0.49 = -0.0580",
    "Gradient of the loss = -0.0580", "dérivée : -0.0580",
]  # fmt: skip
NEW = [
    r"New weight: $-0.3 - 0.5 \cdot (-0.0580) = -0.2710$", "updated value = -0.2710",
    r"Nuevo Peso: $w_3^{+} = -0.3 + 0.029 = -0.2710$", "neues Gewicht = -0.3 + 0.029 = -0.2710",
]  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("gradient", GRADIENTS)
def test_a_gradient_below_the_title_of_a_weight_is_by_it(title: str, gradient: str) -> None:
    text = f"{title}\n\n* {gradient}\n\n### Bias $b_2$\n\n* Gradient = -0.1183\n"
    assert said(read(text, "a.md", SIGMOIDS)) == [("dL/dw3", "-0.0580"), ("dL/db2", "-0.1183")]


@pytest.mark.parametrize("new", NEW)
def test_so_is_what_is_called_the_new_weight(new: str) -> None:
    text = f"**Weight $w_3$:**\n\n* Gradient = -0.0580\n* {new}\n"
    assert said(read(text, "a.md", SIGMOIDS)) == [("dL/dw3", "-0.0580"), ("w3'", "-0.2710")]


@pytest.mark.parametrize(
    "text",
    [
        "**Weight $w_3$:**\n\nGradient = -0.1183\n",  # that by the sum of its unit
        "**Weights $w_1$ and $w_3$:**\n\nGradient = -0.0580\n",
        "**Weight $w_3$:**\n\nGradient at the unit = -0.0580\n",
        "### Weight $w_3$\n\n### Further\n\nGradient = -0.0580\n",
        "**Unit $h_1$:**\n\nGradient = -0.0580\n",
    ],
)
def test_a_gradient_of_no_sure_weight_stays_unread(text: str) -> None:
    assert said(read(text, "a.md", SIGMOIDS)) == []


NEW_IN_LAYER = [
    "w_{11}^{(2)+}", "w_{11}^{(2),new}", "w_{11}^{+(2)}", "w_{11}^{(2)*}", "w_{11}^{[2]+}",
    r"w_{11}^{(2),\text{neu}}",
]  # fmt: skip


@pytest.mark.parametrize("name", NEW_IN_LAYER)
def test_a_layer_and_a_mark_may_both_stand_above_a_weight(name: str) -> None:
    text = rf"$\frac{{\partial L}}{{\partial w_{{11}}^{{(2)}}}} = -0.06023$, ${name} = 0.8 + 0.03 = 0.8301$"
    assert said(read(f"{text}\n", "a.md", LAYERS)) == [
        ("dL/dw_o1_h1", "-0.06023"), ("w_o1_h1'", "0.8301"),
    ]  # fmt: skip


# Code, and derivatives by formulas.


@pytest.mark.parametrize(
    "name",
    ["sigmoid_prime(z1)", "sigmoid_derivative(z1)", "dsigmoid(z1)", "sigmoid_deriv(h1)",
     "sigmoidPrime(z1)", "sigmoid_derivada(z1)"],
)  # fmt: skip
def test_code_has_words_for_the_derivative_of_a_function(name: str) -> None:
    text = f"```\n{name} = 0.49 * 0.51 = 0.2499\ndL/dz1 = dL/dh1 * {name} = 0.0355 * 0.2499 = 0.0089\n```\n"
    assert said(read(text, "a.md", SIGMOIDS)) == [("dh1/dz1", "0.2499"), ("dL/dz1", "0.0089")]


@pytest.mark.parametrize(
    "line",
    ["sigmoid_prime(z) = sigmoid(z) * (1 - sigmoid(z))", "relu_prime(z1) = 1",
     "prime(z1) = 0.2499", "sigmoid(0.7) = 0.2499"],
)  # fmt: skip
def test_a_function_of_no_unit_is_none_of_its_quantities(line: str) -> None:
    assert said(read(f"```\n{line}\n```\n", "a.md", SIGMOIDS)) == []


def test_a_derivative_may_be_by_the_formula_of_a_sum() -> None:
    text = "dL/d(w3*h1 + b2) = dL/dyhat * yhat * (1 - yhat) = -0.4743 * 0.2493 = -0.1183\n"
    assert said(read(text, "a.txt", SIGMOIDS)) == [("dL/dz2", "-0.1183")]
    text = r"$\frac{\partial L}{\partial (w_3 h_1 + b_2)} = -0.1183$" + "\n"
    assert said(read(text, "a.md", SIGMOIDS)) == [("dL/dz2", "-0.1183")]
    assert said(read("dL/d(w3*h1) = -0.1183\n", "a.txt", SIGMOIDS)) == []


def test_the_sign_of_a_derivative_may_stand_before_the_formula() -> None:
    sign = r"\frac{\partial}{\partial \hat y}"
    text = rf"$$\frac{{\partial L}}{{\partial \hat y}} = {sign}\left(\frac12 (y - \hat y)^2\right) = -(1 - 0.5257) = -0.4743$$"
    assert said(read(f"{text}\n", "a.md", SIGMOIDS)) == [("dL/dyhat", "-0.4743")]


def test_an_activation_may_be_the_call_of_its_function() -> None:
    network = loads("""
constants: {x: 0.4, t: 1}
weights: {a: 0.5, c: -1}
equations: {s: a*x, g: sigmoid(s), L: (t - c*g)**2}
loss: L
""")
    text = "$s = 0.2$\n\n$sigmoid(0.2) = \\frac{1}{1 + e^{-0.2}} = 0.5498$\n\n$sigmoid(0.3) = 0.5744$\n"
    assert said(read(text, "a.md", network)) == [("s", "0.2"), ("g", "0.5498")]


@pytest.mark.parametrize("name", [r"\mathcal{L}_{CE}", "L_{CE}", r"\mathcal{L}_{\text{CE}}", "J_{MSE}"])
def test_a_loss_may_have_its_kind_below_it(name: str) -> None:
    network = loads("""
constants: {y: 1}
weights: {z: 0.6}
equations: {p: sigmoid(z), L: -y*log(p)}
loss: L
""")
    text = rf"${name} = -\log(0.6457) = 0.4375$, $\frac{{\partial {name}}}{{\partial z}} = -0.3543$"
    assert said(read(f"{text}\n", "a.md", network)) == [("L", "0.4375"), ("dL/dz", "-0.3543")]


def test_the_actual_value_is_the_output_beside_what_is_expected() -> None:
    network = loads("""
inputs: {x: 0.5}
targets: {expected: 1}
weights: {w: 0.4}
nodes: {1: {from: {x: w}, activation: identity}}
loss: half_l2
""")
    text = "Loss = (1/2) * (expected - actual)^2\n     = (1/2) * (1 - 0.2)^2\n     = 0.32\n"
    assert said(read(text, "a.txt", network)) == [("L", "0.32")]
    assert said(read("E = (1/2) * (y - actual)^2 = 0.1125\n", "a.txt", SIGMOIDS)) == []


# Where a statement ends.


@pytest.mark.parametrize("behind", ["</details>", "</summary></details>", "</div>", "</center>", "> so", "|x|"])
def test_a_statement_ends_with_its_block_of_code(behind: str) -> None:
    text = f"<details>\n<summary>All of it</summary>\n\n```\nz1 = 0.1 - 0.24 + 0.1 = -0.04\n```\n{behind}\n"
    assert said(read(text, "a.md", SIGMOIDS)) == [("z1", "-0.04")]


def test_what_stands_behind_a_block_goes_on_with_nothing() -> None:
    text = "```\nL = 0.5 * (yhat - y)^2\n```\n\n= 0.1125\n"
    assert said(read(text, "a.md", SIGMOIDS)) == [("L", "0.5 * (yhat - y)^2")]
