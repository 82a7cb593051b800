"""Names and signs that a sheet defines itself, and changes of weights: read as it says."""

from __future__ import annotations

from fractions import Fraction

import pytest

from backcalc.checking.report import Marking, check
from backcalc.formulas.expression import evaluate
from backcalc.formulas.notation import formula_text
from backcalc.loading.loader import load, loads
from backcalc.reading import read

DEFINED = [
    # in words
    ("Let $a_7$ denote the output of the first hidden unit.\n\n$a_7 = 0.5$", {"h0": "0.5"}),
    ("Let a_1 denote h_0.\n\na_1 = 0.5\nh1 = 0.25", {"h0": "0.5", "h1": "0.25"}),
    ("We write a1 for h0.\n\na1 = 0.5", {"h0": "0.5"}),
    ("I write $\\sigma_0$ for $h_0$.\n\n$\\sigma_0 = 0.5$", {"h0": "0.5"}),
    ("a1 stands for h0.\n\na1 = 0.5", {"h0": "0.5"}),
    ("$q$ denotes $h_0$.\n\n$q = 0.5$", {"h0": "0.5"}),
    ("$h_0$ is called $q$.\n\n$q = 0.5$", {"h0": "0.5"}),
    ("Let us denote $\\partial L/\\partial z_1$ by $\\rho$.\n\n$\\rho = 0.5$", {"dL/dz1": "0.5"}),
    ("$\\rho = 0.5$, where $\\rho$ denotes $\\partial L/\\partial z_1$.", {"dL/dz1": "0.5"}),
    ("Wir schreiben $q$ für $h_0$.\n\n$q = 0.5$", {"h0": "0.5"}),
    ("Wir bezeichnen $h_0$ mit $q$.\n\n$q = 0.5$", {"h0": "0.5"}),
    ("Let $C$ denote the loss and $p$ the rest.\n\n$C = 3.375$", {"L": "3.375"}),
    # by an equation
    ("Let $a_1 = h_0$.\n\n$a_1 = 0.5$", {"h0": "0.5"}),
    ("$E = L$\n\n$E = 3.375$", {"L": "3.375"}),
    ("Notation: a = h0, E = L\n\na = 0.5\nE = 3.375", {"h0": "0.5", "L": "3.375"}),
    ("$\\delta = 0.5$, where $\\delta = \\partial L/\\partial z_1$", {"dL/dz1": "0.5"}),
    # what is not understood is not guessed, nor are other numbers of a letter that is shifted
    ("Let $a_1$ denote the sum of the outputs of both units.\n\n$a_1 = 0.5$", {}),
    ("Let $h_1$ denote the output of the first hidden unit.\n\n$h_1 = 0.5$", {}),
    ("Let $z_1$ denote $h_0$.\n\n$z_1 = 0.5$", {}),
    ("Let $a_1 = h_0$.\n\n$a_1 = 0.5$, $a_0 = 0.25$", {"h0": "0.5"}),
    ("$D = -\\partial L/\\partial z_1$\n\n$D = -0.5$", {}),
    ("Let $z_1$ denote the weighted sum of unit 1.\n\n$z_1 = 0.25$", {"z1": "0.25"}),
    ("Here $\\eta$ denotes the step size.\n\n$z_1 = 0.25$", {"z1": "0.25"}),
]


def said(network: str, text: str) -> dict[str, str]:
    """What each quantity is said to be, by the last statement about it."""
    reading = read(text, "sheet.md" if "$" in text else "sheet.txt", load(network))
    return {each.quantity: formula_text(each.said.expression) for each in reading.assertions}


@pytest.mark.parametrize(("text", "expected"), DEFINED)
def test_a_name_means_what_the_sheet_says(text: str, expected: dict[str, str]) -> None:
    assert said("skip", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$Err_j = -\\frac{\\partial E}{\\partial I_j}$\n\n$Err_6 = 0.2$", {"dL/dz6": "-0.2"}),
        ("Err_j = -dE/dI_j\nErr_6 = 0.2", {"dL/dz6": "-0.2"}),
        ("$Err_j = \\partial E/\\partial I_j$\n\n$Err_6 = 0.2$", {"dL/dz6": "0.2"}),
        (
            "$\\delta_k := -\\frac{\\partial E}{\\partial net_k}$\n\n$\\delta_6=0.3$",
            {"dL/dz6": "-0.3"},
        ),
        (
            "$\\delta_k := -\\frac{\\partial E}{\\partial net_j}$\n\n$\\delta_6=0.3$",
            {"dL/dz6": "0.3"},
        ),
        ("Backpropagation (δ = −∂E/∂net):\nδ_6 = 0.3", {"dL/dz6": "-0.3"}),
        ("$Err_6 = 0.2$", {}),
    ],
)
def test_the_sign_of_an_error_term_is_the_one_that_the_sheet_defines(
    text: str, expected: dict[str, str]
) -> None:
    assert said("han_kamber", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$\\Delta w_5 = -0.0411$", {"w5'": "2/5 - 0.0411"}),
        ("Δw5 = -0.0411\nΔw6 = -0.0413", {"w5'": "2/5 - 0.0411", "w6'": "9/20 - 0.0413"}),
        ("$\\Delta w_5 = -\\eta\\,\\partial E/\\partial w_5 = -0.0411$", {"w5'": "2/5 - 0.0411"}),
        ("$\\Delta w_5 = 0.0411$, $\\Delta w_6 = 0.0413$",
         {"w5'": "2/5 - 0.0411", "w6'": "9/20 - 0.0413"}),
        ("$\\Delta w_5 = 0.0822$, $\\Delta w_6 = 0.0827$",
         {"dL/dw5": "0.0822", "dL/dw6": "0.0827"}),
        ("$\\Delta w = -\\eta \\frac{\\partial E}{\\partial w}$\n\n$\\Delta w_5 = 0.3$",
         {"w5'": "2/5 + 0.3"}),
        ("$\\Delta w_{ij} = \\eta \\frac{\\partial E}{\\partial w_{ij}}$\n\n$\\Delta w_5 = 0.3$",
         {"w5'": "2/5 - 0.3"}),
        ("$\\Delta w = \\frac{\\partial E}{\\partial w}$\n\n$\\Delta w_5 = 0.3$",
         {"dL/dw5": "0.3"}),
        ("$\\Delta w_5 = 0.3$", {}),
        ("$\\Delta w_5 = -0.0411$, $\\Delta w_6 = 0.0413$", {}),
        ("$\\Delta h_1 = 0.1$", {}),
    ],
)  # fmt: skip
def test_a_change_of_a_weight_has_its_sign_and_rate(text: str, expected: dict[str, str]) -> None:
    assert said("mazur", text) == expected


def test_a_change_is_judged_as_closely_as_it_is_written() -> None:
    """The old weight is exact: 0.45 leaves no room for a change that is off by a tenth."""
    text = (
        "$\\Delta w_5 = -0.0411$, $\\Delta w_6 = -0.0413$, $\\Delta w_7 = 0.0113$, $\\Delta w_8={}$"
    )
    for last, verdict in (("0.0114", "rounded"), ("0.0124", "wrong"), ("-0.0114", "wrong")):
        report = check(Marking(load("mazur")), text.replace("{}", last), "sheet.md")
        assert [each.verdict for each in report.answers] == ["rounded"] * 3 + [verdict]
        assert report.taken["Delta w8"] == "w8'"


TURNED = "L = 0.0304\nδ3 = 0.0609\nδ1 = 0.0101\n"
SIGMOIDS = """
inputs: {x1: 0.5, x2: -1}
targets: {t: 0.8}
weights: {w1: 0.3, w2: -0.2, w3: 0.6, w4: 0.4, w5: 0.7, w6: -0.5}
biases: {b1: 0.1, b2: 0.2, b3: 0.05}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: sigmoid}
  3: {from: {1: w5, 2: w6}, bias: b3, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
"""


@pytest.mark.parametrize(
    ("text", "delta"),
    [
        (TURNED, 0.0609),  # nothing else shows it
        (TURNED.replace("= 0.0609", "= (t - yhat)*yhat*(1 - yhat) = 0.0609"), -0.0609),
        (TURNED.replace("= 0.0609", "= (0.8 - 0.5534)*0.5534*(1 - 0.5534) = 0.0609"), -0.0609),
        (TURNED.replace("= 0.0609", "= (0.5534 - 0.8)*0.5534*(1 - 0.5534) = 0.0609"), 0.0609),
        (TURNED + "dL/dw5 = -0.0372\n", -0.0609),
        (TURNED + "w5' = 0.7186\n", -0.0609),
        (TURNED + "w5' = 0.6814\n", 0.0609),
        (TURNED + "Δw5 = 0.0186\n", -0.0609),
        (TURNED + "w5 becomes 0.7 + 0.5*0.0609*0.61 = 0.7186\n", -0.0609),
        ("delta is minus the derivative of E\n" + TURNED, -0.0609),
        ("δ_k = (t_k - o_k) o_k (1 - o_k)\n" + TURNED, -0.0609),
        ("δ_k = (o_k - t_k) o_k (1 - o_k)\n" + TURNED, 0.0609),
        (TURNED + "dL/dw5 = 0.0372\ndL/dw1 = 0.0051\n", 0.0609),  # carried on: a mistake
        (TURNED + "δ2 = 0.5\ndL/dw5 = -0.0372\n", -0.0609),  # a mistake in one of them
        (TURNED + "δ2 = 0.5\n", 0.0609),
    ],
)
def test_gradients_tell_whether_an_error_term_is_minus_the_derivative(
    text: str, delta: float
) -> None:
    found = read(text, "sheet.txt", loads(SIGMOIDS))
    (first,) = [each for each in found.assertions if each.quantity == "dL/dz3"]
    assert evaluate(first.said.expression, {}) == Fraction(str(delta))
    assert ("-delta_3" in found.taken) == (delta < 0)


LOGITS = """
inputs: {x: 1.5}
targets: {t1: 1, t2: 0}
weights: {u1: 0.4, v1: 0.5, v2: -0.3}
nodes:
  1: {from: {x: u1}, activation: tanh}
  o1: {from: {1: v1}, activation: softmax}
  o2: {from: {1: v2}, activation: softmax}
loss: cross_entropy
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "$\\hat y_1 = 0.60579$\n\n"
                "$\\frac{\\partial L}{\\partial o_1} = \\hat y_1 - 1 = -0.39421$"
            ),
            {"yhat1": "0.60579", "dL/dz_o1": "-0.39421"},
        ),
        (
            "logits: o1 = 0.26852, o2 = -0.16111\nsoftmax: y1 = 0.60579, y2 = 0.39421\n",
            {"z_o1": "0.26852", "z_o2": "-0.16111", "yhat1": "0.60579", "yhat2": "0.39421"},
        ),
    ],
)
def test_o_is_the_sum_of_an_output_unit_beside_a_word_for_what_comes_out(
    text: str, expected: dict[str, str]
) -> None:
    found = read(text, "sheet.md" if "$" in text else "sheet.txt", loads(LOGITS))
    assert {e.quantity: formula_text(e.said.expression) for e in found.assertions} == expected


CHAIN = """
inputs: {x1: 1, x2: 2}
targets: {y: 1}
weights: {w1: 0.3, w2: -0.1, w3: 0.5}
nodes:
  1: {from: {x1: w1, x2: w2}, activation: sigmoid}
  2: {from: {1: w3}, activation: sigmoid}
loss: half_l2
"""


@pytest.mark.parametrize(
    "text",
    [
        "h1 = w1*x1 + w2*x2\na_h1 = σ(h1)\nh1 = 0.1\na_h1 = 0.525",
        "h1 = w1*x1 + w2*x2 = 0.1\nout_h1 = 1/(1 + exp(-h1)) = 0.525",
        "$h_1 = w_1x_1 + w_2x_2 = 0.1$, $\\sigma(h_1) = 0.525$\n",
        "$h_1 = 0.1$\n\n$a_{h1} = \\frac{1}{1+e^{-h_1}} = 0.525$\n",
    ],
)
def test_a_sum_may_have_the_name_of_an_output_beside_another_for_this(text: str) -> None:
    found = {each.quantity: each.said.plain for each in read(text, "a.md", loads(CHAIN)).assertions}
    assert found == {"z1": "0.1", "h1": "0.525"}


@pytest.mark.parametrize("below", ["z2 = w3*h1 = 0.05", "dh1/dz1 = h1*(1 - h1)", "h1 = σ(z1)"])
def test_a_function_that_is_left_out_makes_no_sum_of_an_output(below: str) -> None:
    text = f"z1 = 0.1\nh1 = w1*x1 + w2*x2 = 0.1\n{below}\n"
    found = [each.quantity for each in read(text, "a.txt", loads(CHAIN)).assertions]
    assert found[:2] == ["z1", "h1"]


def test_a_sign_that_the_sheet_defines_is_that_of_the_files_own_names_too() -> None:
    network = loads(SIGMOIDS + "names: {dL/dz3: delta_3, z3: net_3, L: E}\n")
    text = "Let $\\delta_j = -\\partial E/\\partial net_j$.\n\n$\\delta_3 = 0.0609$"
    (found,) = read(text, "sheet.md", network).assertions
    assert (found.quantity, evaluate(found.said.expression, {})) == ("dL/dz3", Fraction("-0.0609"))
