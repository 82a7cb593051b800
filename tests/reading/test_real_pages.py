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
    r"\( ${}$ \)", r"\(${}$\)", r"\[ $${}$$ \]", "\\[\n$$\n{}\n$$\n\\]", r"$\( {} \)$",
    r"$$\[ {} \]$$", "`${}$`", r"\\( {} \\)", r"\\({}\\)", r"\\[ {} \\]", "\\\\[\n{}\n\\\\]",
    r"\(\( {} \)\)",
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
        r"u &= \mathbf{V} \mathbf{h} + b^y",
        r"&= 0.8*0.6704 + 0.6*0.7484 - 0.5",
        r"u &\approx 0.4854",
    )
    text += array(r"\hat{y} &= \sigma(u)", r"&= \frac{1}{1 + e^{-0.4854}}", r"&\approx 0.6190")
    found = [each for each in said(read(text, "a.md", LAYERS)) if each[1][0].isdigit()]
    assert {("z_h1", "0.71"), ("z_h2", "1.09")} <= {*found}
    assert found[-5:] == [
        ("h_h1", "0.6704"), ("h_h2", "0.7484"), ("z_o1", "0.8*0.6704 + 0.6*0.7484 - 0.5"),
        ("z_o1", "0.4854"), ("yhat", "0.6190"),
    ]  # fmt: skip


@pytest.mark.parametrize("sign", [r"\leftarrow", r"\gets", ":="])
def test_an_arrow_goes_on_in_the_next_row(sign: str) -> None:
    steps = column("-0.0159", "-0.0102")
    text = array(
        rf"b^y &{sign} b^y - \eta \frac{{\partial L}}{{\partial b^y}}",
        rf"&{sign} -0.5 - 0.5 \cdot (-0.0899)",
        rf"&{sign} -0.455",
        rf"\mathbf{{b^h}} &{sign} {column('0.2', '0.4')} - 0.5 \cdot {steps}",
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
    r"Gradiente ($\nabla E$) = $-0.1183 \cdot 0.49 = -0.0580$",
    "Ableitung = -0.1183 * 0.49 = -0.0580", "Gradient of the loss = -0.0580", "dérivée : -0.0580",
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
        "**Weight $w_3$:**\n\nSo much for it; as for b2 we have\n\nGradient = -0.0580\n",
        "**Weight $w_3$:**\n\nNow the bias of this unit.\n\nGradient = -0.0580\n",
        "**Weight $w_3$:**\n\nBias gradient = -0.0580\n",
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
    text = (
        rf"$\frac{{\partial L}}{{\partial w_{{11}}^{{(2)}}}} = -0.06$, ${name} = 0.8 + 0.03 = 0.83$"
    )
    expected = [("dL/dw_o1_h1", "-0.06"), ("w_o1_h1'", "0.83")]
    assert said(read(f"{text}\n", "a.md", LAYERS)) == expected


# Code, and derivatives by formulas.


@pytest.mark.parametrize(
    "name",
    ["sigmoid_prime(z1)", "sigmoid_derivative(z1)", "dsigmoid(z1)", "sigmoid_deriv(h1)",
     "sigmoidPrime(z1)", "sigmoid_derivada(z1)"],
)  # fmt: skip
def test_code_has_words_for_the_derivative_of_a_function(name: str) -> None:
    rest = f"dL/dz1 = dL/dh1 * {name} = 0.0355 * 0.2499 = 0.0089"
    text = f"```\n{name} = 0.49 * 0.51 = 0.2499\n{rest}\n```\n"
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
    slope, sign = (rf"\frac{{\partial{of}}}{{\partial \hat y}}" for of in (" L", ""))
    text = rf"$${slope} = {sign}\left(\frac12 (y - \hat y)^2\right) = -(1 - 0.5257) = -0.4743$$"
    assert said(read(f"{text}\n", "a.md", SIGMOIDS)) == [("dL/dyhat", "-0.4743")]


def test_an_activation_may_be_the_call_of_its_function() -> None:
    network = loads("""
constants: {x: 0.4, t: 1}
weights: {a: 0.5, c: -1}
equations: {s: a*x, g: sigmoid(s), L: (t - c*g)**2}
loss: L
""")
    text = r"$s = 0.2$, $sigmoid(0.2) = \frac{1}{1 + e^{-0.2}} = 0.5498$, $sigmoid(0.3) = 0.5744$"
    assert said(read(text, "a.md", network)) == [("s", "0.2"), ("g", "0.5498")]


@pytest.mark.parametrize(
    "name", [r"\mathcal{L}_{CE}", "L_{CE}", r"\mathcal{L}_{\text{CE}}", "J_{MSE}"]
)
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
    assert said(read("E = (1/2) * (y - actual)^2\n", "a.txt", SIGMOIDS)) == []


# Where a statement ends.


@pytest.mark.parametrize(
    "behind", ["</details>", "</summary></details>", "</div>", "</center>", "> so", "|x|"]
)
def test_a_statement_ends_with_its_block_of_code(behind: str) -> None:
    text = f"<details>\n\n```\nz1 = 0.1 - 0.24 + 0.1 = -0.04\n```\n{behind}\n"
    assert said(read(text, "a.md", SIGMOIDS)) == [("z1", "-0.04")]


def test_what_stands_behind_a_block_goes_on_with_nothing() -> None:
    text = "```\nL = 0.5 * (yhat - y)^2\n```\n\n= 0.1125\n"
    assert said(read(text, "a.md", SIGMOIDS)) == [("L", "0.5 * (yhat - y)^2")]


# Names.


SOFTMAX = loads("""
inputs: {x1: 1, x2: -1}
targets: {y1: 0, y2: 1}
weights: {w1: 0.4, w2: 0.1, w3: -0.2, w4: 0.5, w5: 0.3, w6: 0.6, w7: -0.4, w8: 0.2}
nodes:
  1: {from: {x1: w1, x2: w2}, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, activation: sigmoid}
  3: {from: {1: w5, 2: w6}, activation: softmax}
  4: {from: {1: w7, 2: w8}, activation: softmax}
loss: cross_entropy
""")
"""z = (0.3, -0.7), a = (0.5744, 0.3318), then (0.3714, -0.1634) and (0.6306, 0.3694)."""


def test_numbers_above_sums_may_count_the_units() -> None:
    text = r"""$z^{(1)} = 0.4 - 0.1 = 0.3$, $z^{(2)} = -0.2 - 0.5 = -0.7$
$a^{(1)} = \sigma(z^{(1)}) = 0.5744$, $a^{(2)} = 0.3318$
$z^{(3)} = 0.3714$, $z^{(4)} = -0.1634$
$\frac{\partial L}{\partial w_5} = (\hat y_1 - y_1) a^{(1)} = 0.3622$
"""
    assert said(read(text, "a.md", SOFTMAX)) == [
        ("z1", "0.3"), ("z2", "-0.7"), ("h1", "0.5744"), ("h2", "0.3318"), ("z3", "0.3714"),
        ("z4", "-0.1634"), ("dL/dw5", "0.3622"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "$z^{(1)} = 0.3$, $z^{(2)} = -0.7$",  # which may be of the layers
        "$z^{(2)} = 0.3$, $z^{(3)} = -0.7$",
        "$z^{(1)} = 0.3$, $z^{(4)} = -0.7$, $a^{(1)}_2 = 0.1$",
        "$z^{(1)} = 0.3$, $z^{(5)} = -0.7$",
    ],
)
def test_such_numbers_may_be_of_layers(text: str) -> None:
    assert ("z1", "0.3") not in said(read(f"{text}\n", "a.md", SOFTMAX))


def test_a_name_of_the_file_is_no_other_one_of_its_words() -> None:
    network = loads("""
inputs: {x: 0.5}
targets: {y: 1}
weights: {a: 0.4, b: -0.6, c: 0.3, d: 0.2}
nodes:
  1: {from: {x: a}, activation: sigmoid}
  2: {from: {x: b}, activation: sigmoid}
  3: {from: {1: c, 2: d}, activation: sigmoid}
loss: half_l2
names: {z1: z_11, z2: z_12, z3: z_2}
""")
    text = r"$z_{11} = 0.2$, $z_{12} = -0.3$, $z_2 = 0.2501$, "
    text += r"$\frac{\partial \hat y}{\partial z_2} = 0.2461$"
    assert said(read(f"{text}\n", "a.md", network)) == [
        ("z1", "0.2"), ("z2", "-0.3"), ("z3", "0.2501"), ("dyhat/dz3", "0.2461"),
    ]  # fmt: skip


LINEAR = loads("""
inputs: {x: 2}
targets: {y: 1}
weights: {w: 0.5}
biases: {b: -0.5}
nodes: {1: {from: {x: w}, bias: b, activation: sigmoid}}
loss: bce
learning_rate: 0.1
""")
"""A logistic regression: z = 0.5, yhat = 0.6225."""


@pytest.mark.parametrize("name", ["f(x)", "h(x)", "h_w(x)", r"\hat y(x)"])
def test_the_hypothesis_is_the_output(name: str) -> None:
    text = rf"${name} = \sigma(0.5) = 0.6225$, "
    text += rf"$\frac{{\partial L}}{{\partial w}} = ({name} - y) x = -0.755$"
    assert said(read(f"{text}\n", "a.md", LINEAR)) == [("yhat", "0.6225"), ("dL/dw", "-0.755")]
    assert said(read("$f(2) = 0.6225$\n", "a.md", LINEAR)) == []


@pytest.mark.parametrize(
    "text", [r"$f(x) = \frac{1}{1 + e^{-x}}$", r"$f(x) = \max(0, x)$", "$g(x) = 1/(1 + e^{-x})$"]
)
def test_a_function_for_every_number_says_nothing_of_the_output(text: str) -> None:
    assert said(read(f"{text}\n", "a.md", LINEAR)) == []


def test_a_letter_of_hidden_units_is_no_hypothesis() -> None:
    text = "$h(x) = 0.49$, $g(x_1) = 0.3$, $f(x) = 0.49$, $f(in) = 0.49$\n"
    assert said(read(text, "a.md", SIGMOIDS)) == []


# Signs in formulas.


def test_a_logarithm_behind_a_bracket_is_a_factor() -> None:
    text = r"$L = -[(1)\log(0.6225) + (0)\log(0.3775)] = \log 1.6065 \approx 0.474$"
    assert said(read(f"{text}\n", "a.md", LINEAR)) == [("L", "0.474")]


RELU = loads("""
inputs: {x: 2}
targets: {y: 1}
weights: {w1: 0.3, w2: -0.5}
biases: {b1: 0.2, b2: 0.4}
nodes:
  1: {from: {x: w1}, bias: b1, activation: relu}
  2: {from: {1: w2}, bias: b2, activation: sigmoid}
loss: bce
""")
"""z1 = 0.8, z2 = 0, yhat = 0.5."""


@pytest.mark.parametrize("factor", ["(1 if z1>0)", "(1 wenn z1 > 0)", "(1 si z1 > 0)"])
def test_a_one_under_a_condition_is_a_factor(factor: str) -> None:
    text = f"dL/dw1 = dL/dz2 * w2 * dh1/dz1 * x\n       = (-0.5) * (-0.5) * {factor} * 2 = 0.5\n"
    assert said(read(text, "a.txt", RELU)) == [("dL/dw1", "0.5")]


def test_so_it_is_in_mathematics_but_behind_a_blank_it_is_a_remark() -> None:
    slope = r"\frac{\partial L}{\partial w_1}"
    text = rf"${slope} = 0.25 \cdot (1 \text{{ if }} z_1 > 0) \cdot 2 = 0.5$" + "\n"
    assert said(read(text, "a.md", RELU)) == [("dL/dw1", "0.5")]
    assert said(read("dh1/dz1 = 1   (1 if z1 > 0)\n", "a.txt", RELU)) == [("dh1/dz1", "1")]


@pytest.mark.parametrize("factor", ["(2 if z1>0)", "(1 if open)", "(1 if z1>0, 2)"])
def test_other_conditions_in_brackets_stay_unread(factor: str) -> None:
    assert said(read(f"dL/dw1 = 0.25 * {factor} * 2 = 0.5\n", "a.txt", RELU)) == []


@pytest.mark.parametrize("word", ["より:", "から", "이므로", "可得："])
def test_words_without_blanks_may_stand_behind_a_formula(word: str) -> None:
    text = (
        f"$z_2 = w_3 \\cdot h_1 + b_2${word}\n\n$\\frac{{\\partial z_2}}{{\\partial w_3}} = 0.49$\n"
    )
    assert said(read(text, "a.md", SIGMOIDS)) == [
        ("z2", r"w_3 \cdot h_1 + b_2"), ("dz2/dw3", "0.49"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "around",
    ["{% raw %}$[]${% endraw %}", "{%- katex -%}$[]${%- endkatex -%}",
     "{{< katex >}}$[]${{< /katex >}}", "{% math %}$[]${% endmath %}"],
)  # fmt: skip
def test_tags_of_a_page_stand_around_formulas(around: str) -> None:
    text = f"- {around}\n".replace("[]", r"\frac{\partial L}{\partial w_3}=\delta_2\,h_1=-0.0580")
    assert said(read(text, "a.md", SIGMOIDS)) == [("dL/dw3", "-0.0580")]


# Words between formulas.


@pytest.mark.parametrize(
    "remark",
    ["   (the weighted sum)", "   ← put in", "  <- numbers in", "  → sum", "   (input is 1)"],
)
def test_a_remark_may_stand_between_the_lines_of_a_chain(remark: str) -> None:
    text = f"z1 = 0.1 - 0.24 + 0.1{remark}\n   = -0.04\nh1 = 0.49\n"
    assert said(read(text, "a.txt", SIGMOIDS)) == [("z1", "-0.04"), ("h1", "0.49")]


@pytest.mark.parametrize(
    "remark", ["   (if x2 were 0.4)", "   ← old weights", "   (plus the bias)", "   (wrong)"]
)
def test_a_remark_that_tells_more_is_no_remark(remark: str) -> None:
    text = f"z1 = 0.1 - 0.24 + 0.1{remark}\n   = -0.04\n"
    assert ("z1", "-0.04") not in said(read(text, "a.txt", SIGMOIDS))


@pytest.mark.parametrize(
    "words", ["(error at the output) * (input)", "(error term) × h1", "dL/dz2 · (what it got)"]
)
def test_words_in_brackets_may_stand_for_a_factor(words: str) -> None:
    text = f"dL/dw3 = {words}\n       = -0.1183 * 0.49 = -0.0580\n"
    assert said(read(text, "a.txt", SIGMOIDS)) == [("dL/dw3", "-0.0580")]


@pytest.mark.parametrize("words", ["(if z2 were 0)", "(the old error)", "(delta without y)"])
def test_such_words_that_tell_more_stay_unread(words: str) -> None:
    text = f"dL/dw3 = {words} * h1 = -0.0580\n"
    assert said(read(text, "a.txt", SIGMOIDS)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"**Gradient.** $-0.1183 \cdot 0.49 = -0.0580$", [("dL/dw3", "-0.0580")]),
        (r"**Ableitung:** $-0.1183 \cdot 0.49 = -0.0580$", [("dL/dw3", "-0.0580")]),
        (r"**Gradient.** $-0.1183 \cdot 1 = -0.1183$", []),  # by b2, or by the sum
        (r"**Gradient.** $-0.2 \cdot 0.49 = -0.0980$", []),
        (r"**Result.** $-0.1183 \cdot 0.49 = -0.0580$", []),
    ],
)
def test_figures_below_a_title_of_derivatives_tell_of_which(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert said(read(f"{text}\n", "a.md", SIGMOIDS)) == expected


@pytest.mark.parametrize("word", ["initial", "old", "alte", "ancien"])
def test_what_a_weight_was_at_the_start_is_no_new_value(word: str) -> None:
    text = rf"$w_3^{{new}} = -0.3 + 0.029 = -0.271$, where the {word} $w_3 = -0.3$."
    assert said(read(f"{text}\n", "a.md", SIGMOIDS)) == [("w3'", "-0.271")]
