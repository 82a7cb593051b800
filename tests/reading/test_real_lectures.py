"""Kinds of writing off lectures, exams and slides: tables of steps, padded columns, other names."""

from __future__ import annotations

import pytest

from backcalc.equations.network import Network
from backcalc.loading.loader import loads
from backcalc.reading import read

CHAIN = loads("""
inputs: {x: 2}
targets: {y: 0.3}
weights: {w1: 0.6, w2: -0.5}
biases: {b1: -0.7, b2: 0.4}
nodes:
  1: {from: {x: w1}, bias: b1, activation: sigmoid}
  2: {from: {1: w2}, bias: b2, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
""")
"""Two sigmoid units in a row."""

PAIR = loads("""
inputs: {I1: 0.2, I2: 0.6}
targets: {t1: 0.1, t2: 0.8}
weights: {w1: 0.3, w2: 0.1, w3: 0.5, w4: 0.7}
nodes:
  o1: {from: {I1: w1, I2: w2}, activation: sigmoid}
  o2: {from: {I1: w3, I2: w4}, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
""")
"""Two sigmoid outputs."""


def said(text: str, network: Network = CHAIN, file: str = "sheet.md") -> list[tuple[str, str]]:
    """What is said, in order."""
    reading = read(text, file, network)
    return [(each.quantity, each.said.plain) for each in reading.assertions]


# Tables of steps that are numbered and described before their formulas.

STEPS = [
    "Step | Component | Formula | Value", "Schritt | Bestandteil | Formel | Wert",
    "Étape | Composante | Formule | Valeur", "Paso | Componente | Fórmula | Valor",
    "# | What | Formula | Result",
]  # fmt: skip


@pytest.mark.parametrize("head", STEPS)
def test_described_steps_have_their_values_in_the_last_column(head: str) -> None:
    rows = (
        r"| 1 | Error by output | $\frac{\partial L}{\partial \hat{y}} = \hat{y} - y$ | $0.27$ |",
        r"| 2 | Input of the unit | $\frac{\partial z_2}{\partial w_2} = h_1$ | $0.62$ |",
        r"| 3 | **Gradient** | $\frac{\partial L}{\partial w_2} = 0.27 \cdot 0.62$ | **$0.167$** |",
        r"| 4 | Weight update | $w_{2,new} = -0.5 - 0.5 \cdot 0.04$ | **$-0.52$** |",
    )
    table = "\n".join((f"| {head} |", "|---|---|---|---|", *rows, ""))
    assert said(table) == [("dL/dyhat", "0.27"), ("dz2/dw2", "0.62"), ("h1", "0.62"),
                           ("dL/dw2", "0.167"), ("w2'", "-0.52")]  # fmt: skip


def test_described_step_whose_words_and_name_are_of_two_quantities_is_unread() -> None:
    rows = (
        r"| 1 | Weighted sum | $z_1 = 0.6 \cdot 2 - 0.7$ | $0.5$ |",
        r"| 2 | Activation | $h_1 = \sigma(0.5)$ | $0.622$ |",
        r"| 3 | Gradient | $w_2 = 0.27 \cdot 0.62$ | $0.167$ |",
        r"| 4 | Gradient | $w_1$ | $0.167$ |",
        r"| 5 | New value | $w_1$ | $0.167$ |",
        r"| 6 | Correction | $0.5 \cdot 0.167$ | $0.084$ |",
    )
    text = "\n".join((f"| {STEPS[0]} |", "|---|---|---|---|", *rows, ""))
    reading = read(text, "sheet.md", CHAIN)
    assert said(text) == [("z1", "0.5"), ("h1", "0.622")]
    assert len(reading.unread) == 4


# What the weights change by, between their gradients and their new values.

CHANGED = [
    r"Weight | Old Value | Gradient | Update ($\Delta w$) | New Value",
    "Weight | Old | Gradient | Update | New", "Weight | Old | Gradient | Updated by | Updated",
    "Gewicht | alt | Gradient | Aktualisierung | neu",
    "Peso | Antiguo | Gradiente | Δw nuevo | Nuevo",
]  # fmt: skip


@pytest.mark.parametrize("head", CHANGED)
def test_column_of_changes_is_none_of_new_values(head: str) -> None:
    rows = "| $w_1$ | 0.6 | +0.032 | -0.016 | 0.584 |\n| $w_2$ | -0.5 | 0.038 | -0.019 | -0.519 |"
    assert said(f"| {head} |\n|---|---|---|---|---|\n{rows}\n") == [
        ("dL/dw1", "0.032"), ("w1'", "0.584"), ("dL/dw2", "0.038"), ("w2'", "-0.519"),
    ]  # fmt: skip


def test_two_columns_of_new_values_that_are_no_changes_are_unread() -> None:
    rows = "| $w_1$ | 0.6 | 0.032 | 0.57 | 0.584 |\n| $w_2$ | -0.5 | 0.038 | -0.51 | -0.519 |"
    assert not said(f"| {CHANGED[1]} |\n|---|---|---|---|---|\n{rows}\n")


# Results behind the weighted sums and how the units work them out.

UNITS = [
    "Neuron | Net Input | Formula | Intermediate Steps | Result",
    "Neuron | Netzeingabe | Formel | Zwischenschritte | Ergebnis",
]


@pytest.mark.parametrize("head", UNITS)
def test_results_behind_sums_and_activations_are_what_units_put_out(head: str) -> None:
    rows = "\n".join(
        rf"| ${name}$ | ${z}$ | $\sigma({z})$ | $e^{{-{z}}} \approx 0.9$ <br> $\frac{{1}}{{1.9}}$ "
        rf"| $\boxed{{{out}}}$ |"
        for name, z, out in (("o_1", "0.12", "0.530"), ("o_2", "0.52", "0.627"))
    )
    assert said(f"| {head} |\n|---|---|---|---|---|\n{rows}\n", PAIR) == [
        ("z_o1", "0.12"), ("yhat1", "0.530"), ("z_o2", "0.52"), ("yhat2", "0.627"),
    ]  # fmt: skip


@pytest.mark.parametrize("working", [r"\sigma'(0.12)", r"0.53 \cdot 0.47", "0.2 + 0.1"])
def test_results_of_anything_else_are_unread(working: str) -> None:
    rows = f"| $o_1$ | $0.12$ | ${working}$ | 0.2491 |\n| $o_2$ | $0.52$ | ${working}$ | 0.2338 |"
    head = "| Neuron | Net Input | Formula | Result |\n|---|---|---|---|"
    assert said(f"{head}\n{rows}\n", PAIR) == [("z_o1", "0.12"), ("z_o2", "0.52")]


# Blanks that set the signs of several lines below each other.


@pytest.mark.parametrize("sign", ["←", "<-", "=", ":="])
@pytest.mark.parametrize("term", ["0.5·0.038", "0.5 * 0.038", "(0.5)*(0.038)"])
def test_blanks_before_a_minus_only_set_it(sign: str, term: str) -> None:
    lines = f"w2 {sign} -0.5  - {term}  = -0.519\nb1 {sign} -0.7   - 0.5·0.02  = -0.71\n"
    assert said(f"```\n{lines}```\n") == [("w2'", "-0.519"), ("b1'", "-0.71")]


@pytest.mark.parametrize("after", ["h1 = 0.622", "dL/db2 = 0.061"])
def test_minus_behind_blanks_before_a_name_may_be_a_point_of_a_list(after: str) -> None:
    assert not said(f"z1 = 0.5   - {after}\n", file="sheet.txt")


# Names that their formulas tell, and what a network without targets puts out.

GATES = loads("""
inputs: {x1: 0.8, x2: -0.4}
constants: {c0: 0, y1: 1, y2: 0}
weights: {wf: 0.5, wi: -0.3, wc: 0.7, v1: 0.4, v2: -0.6}
equations:
  af1: wf*x1
  ai1: wi*x1
  ac1: wc*x1
  f1: sigmoid(af1)
  i1: sigmoid(ai1)
  g1: tanh(ac1)
  c1: f1*c0 + i1*g1
  af2: wf*x2
  ai2: wi*x2
  ac2: wc*x2
  f2: sigmoid(af2)
  i2: sigmoid(ai2)
  g2: tanh(ac2)
  c2: f2*c1 + i2*g2
  z1: v1*c2
  z2: v2*c2
  p1: exp(z1)/(exp(z1) + exp(z2))
  p2: exp(z2)/(exp(z1) + exp(z2))
  L: -(y1*log(p1) + y2*log(p2))
loss: L
learning_rate: 0.1
""")
"""A cell with gates over two steps, and two classes."""


@pytest.mark.parametrize("mark", [r"\tilde{c}", r"\tilde c", r"\widetilde{C}"])
def test_letter_with_a_tilde_is_what_its_formula_says(mark: str) -> None:
    lines = (
        rf"${mark}_1 = \tanh(0.7 \cdot 0.8) = 0.508$",
        rf"${mark}_2 = \tanh(-0.28) = -0.273$",
        rf"$\frac{{\partial L}}{{\partial {mark}_2}} = 0.21$",
    )
    text = "\n\n".join(lines)
    assert said(text, GATES) == [("g1", "0.508"), ("g2", "-0.273"), ("dL/dg2", "0.21")]


@pytest.mark.parametrize("formula", ["0.508", r"0.2 + 0.308 = 0.508", r"\tanh(0.9) = 0.716"])
def test_letter_with_a_tilde_that_nothing_tells_is_unread(formula: str) -> None:
    assert not said(rf"$\tilde{{c}}_1 = {formula}$", GATES)
    assert not said(r"$\tilde{z}_1 = 0.5$")


def test_error_terms_are_by_the_sums_that_one_of_them_is_defined_by() -> None:
    told = r"$\delta_{i,2} = \frac{\partial L}{\partial a_{i,2}} = 0.31$"
    others = r"$\delta_{f,2} = 0.12$ and $\delta_{c,1} = -0.05$"
    assert said(f"{told}\n\n{others}\n", GATES) == [
        ("dL/dai2", "0.31"), ("dL/daf2", "0.12"), ("dL/dac1", "-0.05"),
    ]  # fmt: skip
    assert not said(f"{others}\n", GATES)


def test_hat_of_a_network_without_targets_is_what_its_loss_compares() -> None:
    assert said(r"$\hat{y} = [0.47, 0.53]$", GATES) == [("p1", "0.47"), ("p2", "0.53")]
    assert said(r"$\hat{y}_2 = 0.53$", GATES) == [("p2", "0.53")]
    assert not said(r"$\hat{y} = 0.47$", GATES)


# Letters with the numbers of units, and a sigma that is another function.

RELUS = loads("""
inputs: {x1: 1, x2: 2}
targets: {y: 0.5}
weights: {w1: 0.3, w2: 0.1, w3: 0.2, w4: 0.4, w5: 0.6, w6: 0.7}
biases: {b1: 0.1, b2: 0.2, b3: 0.3}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: relu}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: relu}
  3: {from: {1: w5, 2: w6}, bias: b3, activation: relu}
loss: half_l2
learning_rate: 0.1
""")
"""Units of ReLU alone."""


@pytest.mark.parametrize("name", ["ReLU", "relu"])
def test_sigma_is_the_function_that_the_sheet_names(name: str) -> None:
    text = (
        f"Activation function: {name}\n\n"
        r"$$y_1 = \sigma(b_1 + x_1 w_1 + x_2 w_2) = \sigma(0.1 + 0.5) = \sigma(0.6) = 0.6$$"
        "\n\n"
        r"$$y_2 = \sigma(b_2 + x_1 w_3 + x_2 w_4) = \sigma(1.2) = 1.2$$"
        "\n"
    )
    assert said(text, RELUS) == [("h1", "0.6"), ("h2", "1.2")]


@pytest.mark.parametrize("told", ["", "The sigmoid, not ReLU: ", "ReLU? $e^{-0.6} = 0.549$. "])
def test_first_number_of_units_is_not_told_without_their_function(told: str) -> None:
    text = rf"{told}$y_1 = \sigma(b_1 + x_1 w_1 + x_2 w_2) = \sigma(0.6) = 0.6$"
    assert ("h1", "0.6") not in said(text, RELUS)


# Hats above a letter with its number, and stars above targets.


@pytest.mark.parametrize("number", ["1", "2"])
def test_hat_above_a_letter_with_its_number(number: str) -> None:
    weight = "w1" if number == "1" else "w3"
    lines = (
        rf"$\hat{{y{number}}} = 0.6$",
        rf"$\frac{{\partial E}}{{\partial \hat{{y{number}}}}} = 0.43$",
        rf"$\frac{{\partial E}}{{\partial {weight}}} = 0.02$",
    )
    text = "\n\n".join(lines)
    assert said(text, PAIR) == [
        (f"yhat{number}", "0.6"), (f"dL/dyhat{number}", "0.43"), (f"dL/d{weight}", "0.02"),
    ]  # fmt: skip


def test_slope_of_a_unit_under_the_name_of_another_derivative_is_unread() -> None:
    slope = r"\hat{y}(1 - \hat{y}) = 0.57(1 - 0.57) = 0.2451"
    assert said(rf"$\frac{{\partial \hat{{y}}}}{{\partial z_2}} = {slope}$") == [
        ("dyhat/dz2", "0.2451")
    ]
    assert not said(rf"$\frac{{\partial \hat{{y}}}}{{\partial h_1}} = {slope}$")
    whole = r"\hat{y}(1 - \hat{y}) w_2 = 0.2451 \cdot (-0.5) = -0.1226"
    assert said(rf"$\frac{{\partial \hat{{y}}}}{{\partial h_1}} = {whole}$") == [
        ("dyhat/dh1", "-0.1226")
    ]


@pytest.mark.parametrize("star", ["y^*", "y^{*}", r"y^\ast", "y^{\\star}"])
def test_star_above_the_target_that_is_said_to_be_it(star: str) -> None:
    text = rf"Target: ${star} = 0.3$" + "\n\n" + rf"$L = \frac{{1}}{{2}}(\hat{{y}} - {star})^2"
    assert said(text + " = 0.036$\n") == [("L", "0.036")]


def test_star_above_a_y_that_is_not_the_target_is_unread() -> None:
    text = r"$L = \frac{1}{2}(\hat{y} - y^*)^2 = 0.036$"
    assert not said(text)
    assert not said("$y^* = 0.57$\n\n" + text)


# Derivatives by whole sums, slopes at numbers, frames, labels and remarks.


@pytest.mark.parametrize(
    "total", [r"(h_1 w_2 + b_2)", r"(w_2 \cdot h_1 + b_2)", r"(b_2 + w_2 h_1)"]
)
def test_derivative_by_a_whole_sum(total: str) -> None:
    slope = r"\hat{y}(1 - \hat{y}) = 0.2451"
    assert said(rf"$\frac{{\partial \hat{{y}}}}{{\partial {total}}} = {slope}$") == [
        ("dyhat/dz2", "0.2451")
    ]


@pytest.mark.parametrize(
    "total", ["(h_1 w_2)", "(h_1 w_1 + b_2)", "(h_1 w_2 + 0.4)", "(h_1 + w_2)"]
)
def test_derivative_by_a_sum_that_the_network_has_not_is_unread(total: str) -> None:
    assert not said(rf"$\frac{{\partial \hat{{y}}}}{{\partial {total}}} = 0.2451$")


EQUATIONS = loads("""
inputs: {x: 2}
targets: {y: 0.3}
weights: {w: 0.6, v: -0.5}
equations:
  z1: w*x
  a1: sigmoid(z1)
  z2: v*a1
  a2: sigmoid(z2)
  L: (a2 - y)**2
loss: L
learning_rate: 0.5
""")
"""Two sigmoid units in equations."""


@pytest.mark.parametrize("network", [CHAIN, EQUATIONS], ids=["units", "equations"])
def test_slope_at_a_number_is_that_of_the_unit_with_this_sum(network: Network) -> None:
    name, at = ("h1", "0.5") if network is CHAIN else ("a1", "1.2")
    text = (
        rf"$z_1 = {at}$" + "\n\n" + rf"$\sigma'({at}) = 0.6 \cdot 0.4 = 0.24$, $\sigma'(3) = 0.045$"
    )
    assert said(text, network) == [("z1", at), (f"d{name}/dz1", "0.24")]


@pytest.mark.parametrize("bar", ["│", "║"])
def test_statements_within_a_frame(bar: str) -> None:
    lines = [
        "┌────────────────────────────┐",
        f"{bar}  Update: w2 ← -0.5 - 0.5·0.038 = -0.519 {bar}",
        f"{bar}          w1 ← 0.6 - 0.5·0.02 = 0.59    {bar}",
        "└────────────────────────────┘",
    ]
    assert said("\n".join(["```", *lines, "```", ""])) == [("w2'", "-0.519"), ("w1'", "0.59")]


def test_cells_between_bars_are_no_frame() -> None:
    assert said("```\n│ z1 = 0.5 │ h1 = 0.622 │\n```\n") == [("z1", "0.5"), ("h1", "0.622")]


@pytest.mark.parametrize("label", ["Loss:   L ", "Verlust:     L ", "Loss:\tL "])
def test_blanks_behind_a_label_and_before_a_relation(label: str) -> None:
    assert said(f"```\n{label} = 0.0368\n```\n") == [("L", "0.0368")]


@pytest.mark.parametrize("words", ["full precision ", "presisi penuh ", "exakt: "])
@pytest.mark.parametrize("number", ["0.0368", "-0{,}0368"])
def test_remark_in_text_with_a_number_in_mathematics(words: str, number: str) -> None:
    text = rf"$$L = 0.037\ \text{{({words}}}{number}\text{{)}} \qquad \hat{{y}} = 0.571$$"
    assert said(text) == [("L", "0.037"), ("yhat", "0.571")]
