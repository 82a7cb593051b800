"""Everyday sentences, tables and workings about small networks, most of them of equations."""

from __future__ import annotations

import re

import pytest

from backcalc.checking.report import Marking, check
from backcalc.checking.verdict import ABSENT
from backcalc.formulas.notation import phrase_text
from backcalc.loading.loader import load, loads
from backcalc.reading.units import in_units

EQUATIONS = """
inputs: {x1: 0.5, x2: -1}
weights: {w1: 0.4, w2: -0.3, w3: 0.2, w4: 0.6, w5: 0.7, w6: -0.5, b1: 0.1, b2: -0.2, b3: 0.05}
equations:
  z1: w1*x1 + w2*x2 + b1
  h1: sigmoid(z1)
  z2: w3*x1 + w4*x2 + b2
  h2: sigmoid(z2)
  z3: w5*h1 + w6*h2 + b3
  yhat: sigmoid(z3)
targets: {y: 1}
loss: half_l2
learning_rate: 0.5
"""
LATER = "z1 = 0.6\nL = 0.0868\ndL/dw1 = -0.0081\nw1' = 0.404\n"

UNITS = [
    ("h1: z = 0.6, a = 0.6457", {"z1": "0.6", "h1": "0.6457"}),
    ("For h1: z = 0.6, a = 0.6457", {"z1": "0.6", "h1": "0.6457"}),
    ("h1: net = 0.6; out = 0.6457", {"z1": "0.6", "h1": "0.6457"}),
    ("Neuron 1: z = 0.6, a = 0.6457", {"z1": "0.6", "h1": "0.6457"}),
    ("Hidden 1: sum = 0.6, output = 0.6457", {"z1": "0.6", "h1": "0.6457"}),
    ("h1: δ = -0.0162", {"dL/dz1": "-0.0162"}),
    ("Output: z = 0.3361, yhat = 0.5832", {"z3": "0.3361", "yhat": "0.5832"}),
    ("Output neuron: net = 0.3361, out = 0.5832", {"z3": "0.3361", "yhat": "0.5832"}),
    ("Net input to hidden neuron 2 is -0.7", {"z2": "-0.7"}),
    ("z = [0.6, -0.7], h = [0.6457, 0.3318]",
     {"z1": "0.6", "z2": "-0.7", "h1": "0.6457", "h2": "0.3318"}),
    ("$z^{(1)} = (0.6, -0.7)^T$, $a^{(2)} = 0.5832$",
     {"z1": "0.6", "z2": "-0.7", "yhat": "0.5832"}),
    ("$z^{[2]} = 0.3361$, $\\delta^{[2]} = -0.1013$", {"z3": "0.3361", "dL/dz3": "-0.1013"}),
]  # fmt: skip
SECOND_PASS = [
    ("Run the forward pass again with the new weights:\nz1 = 0.6183", {"z1'": "0.6183"}),
    (
        "Finally we run the forward pass a second time with the new weights:\nz1 = 0.6183",
        {"z1'": "0.6183"},
    ),
    ("With the new weights the forward pass gives:\nz1 = 0.6183", {"z1'": "0.6183"}),
    ("The weights become w2 = -0.3081, b1 = 0.1081", {"w2'": "-0.3081", "b1'": "0.1081"}),
    ("The parameters are now:\nw2 = -0.3081", {"w2'": "-0.3081"}),
    ("Die Gewichte lauten nun: w2 = -0.3081", {"w2'": "-0.3081"}),
    ("So the loss fell to 0.0788.", {"L'": "0.0788"}),
    (
        "The loss went down to 0.0788 and the output rises to 0.603",
        {"L'": "0.0788", "yhat'": "0.603"},
    ),
    ("The new output is 0.603 (before: 0.583)", {"yhat'": "0.603"}),
    ("The new output is 0.603 (was 0.583), closer to the target", {"yhat'": "0.603"}),
    ("The new output is 0.603 compared to 0.583 before.", {"yhat'": "0.603"}),
    ("2.5 times the gradient is what we go", {}),
]
LANGUAGES = [
    ("The output is 0.5832 and the loss 0.0868", {"yhat": "0.5832", "L": "0.0868"}),
    ("The output is 0.5832, the target 1", {"yhat": "0.5832"}),
    ("Die Ausgabe beträgt 0,5832 und der Fehler 0,0868", {"yhat": "0.5832", "L": "0.0868"}),
    ("La sortie vaut 0,5832 et la perte 0,0868", {"yhat": "0.5832", "L": "0.0868"}),
    ("La salida vale 0,5832", {"yhat": "0.5832"}),
    ("A saída do neurônio 1 é 0,6457", {"h1": "0.6457"}),
    ("O gradiente em relação a w5 é -0,0654", {"dL/dw5": "-0.0654"}),
    ("w5 的梯度为 -0.0654", {"dL/dw5": "-0.0654"}),
    ("w5の勾配は -0.0654", {"dL/dw5": "-0.0654"}),
    ("w5 更新为 0.7327", {"w5'": "0.7327"}),
    ("delta_output = -0.1013", {"dL/dz3": "-0.1013"}),
]
PARTS = [
    "3.1 Forward: z2 = -0.7", "Step 3.1: Forward pass z2 = -0.7", "Aufgabe 2.1: z2 = -0.7",
    "Exercise 2a) z2 = -0.7", "Q1. (a) z2 = -0.7", "Task 1.2 - Forward: z2 = -0.7",
    "z2 = -0.7 (eq. 3.1)", "Using Eq. (3.2): z2 = -0.7", "**3.2** Forward: z2 = -0.7",
]  # fmt: skip


def read_of(text: str) -> dict[str, str]:
    report = check(Marking(loads(EQUATIONS)), text, "sheet.md")
    assert not report.unread
    return {each.answer.name: each.answer.text for each in report.answers if each.answer.text}


@pytest.mark.parametrize(("text", "read"), UNITS + LANGUAGES)
def test_equations_are_read_as_units(text: str, read: dict[str, str]) -> None:
    assert read_of(text) == read


@pytest.mark.parametrize(("text", "read"), SECOND_PASS)
def test_sentences_after_the_update(text: str, read: dict[str, str]) -> None:
    said = {"z1": "0.6", "L": "0.0868", "dL/dw1": "-0.0081", "w1'": "0.404"}
    assert read_of(f"{LATER}\n{text}\n") == {**said, **read}


@pytest.mark.parametrize("text", PARTS)
def test_the_number_of_a_part_is_no_figure_and_costs_no_line(text: str) -> None:
    assert read_of(f"z1 = 0.6\n{text}\n") == {"z1": "0.6", "z2": "-0.7"}


def test_a_comparison_costs_the_line_above_nothing() -> None:
    report = check(Marking(loads(EQUATIONS)), f"{LATER}0.0788 < 0.0868, so it learns\n", "a.md")
    assert [each.answer.name for each in report.answers[:4]] == ["z1", "L", "dL/dw1", "w1'"]


@pytest.mark.parametrize(
    ("equation", "units"),
    [
        ("z1: w1*x1 + w2*x2 + b1", ["1", "2", "3"]),
        ("z1: w1*x1 - w2*x2 + b1", []),  # no weighted sum
        ("z1: w1*x1*x2 + w2 + b1", []),
    ],
)
def test_what_are_units(equation: str, units: list[str]) -> None:
    network = loads(EQUATIONS.replace("z1: w1*x1 + w2*x2 + b1", equation))
    assert [unit.name for unit in in_units(network).units] == units


SOFTMAX = """
inputs: {x1: 1, x2: 2}
weights: {w11: 0.1, w12: 0.2, w21: -0.3, w22: 0.4, w31: 0.5, w32: -0.6, b1: 0, b2: 0.1, b3: -0.1}
equations:
  z1: w11*x1 + w12*x2 + b1
  z2: w21*x1 + w22*x2 + b2
  z3: w31*x1 + w32*x2 + b3
  p1, p2, p3: softmax(z1, z2, z3)
targets: {y1: 0, y2: 1, y3: 0}
loss: cross_entropy
"""


def test_softmax_in_equations_has_units_as_well() -> None:
    text = "logits: [0.5, 0.6, -0.8]\nsoftmax = (0.4206, 0.4648, 0.1146)\n\n$dW = \\delta x^T$ =\n"
    assert answers(SOFTMAX, text) == {
        "z1": "0.5", "z2": "0.6", "z3": "-0.8", "p1": "0.4206", "p2": "0.4648", "p3": "0.1146"
    }  # fmt: skip
    assert answers(SOFTMAX, "The probability of class 2 is 0.4648") == {"p2": "0.4648"}
    assert [unit.group for unit in in_units(loads(SOFTMAX)).units] == [("1", "2", "3")] * 3


def test_a_sum_that_the_loss_compares_is_a_unit() -> None:
    old = "  z3: w5*h1 + w6*h2 + b3\n  yhat: sigmoid(z3)"
    network = in_units(loads(EQUATIONS.replace(old, "  yhat: w5*h1 + w6*h2 + b3")))
    assert [unit.lines for unit in network.units] == [("z1", "h1"), ("z2", "h2"), ("yhat", "yhat")]
    assert network.output_units == ("3",)


@pytest.mark.parametrize(
    ("line", "comment"),
    [
        ("w5' = 0.7 + 2*0.0654 = 0.8308", "You read lr as 2: copy the given numbers again."),
        ("z1 = 0.25*0.5 + 0.3 + 0.1 = 0.525", "You read w1 as 0.25: copy the given numbers again."),
        ("z1 = 0.4*0.5 - 0.3*(-1) + 0.2 = 0.7",
         "You read b1 as 0.2: copy the given numbers again."),
        ("dL/dw5 = -0.1013*0.8 = -0.0810",
         "This should be -0.06541. Your working has 0.8 where h1 belongs."),
    ],
)  # fmt: skip
def test_the_working_shows_which_number_was_put_in_wrongly(line: str, comment: str) -> None:
    report = check(Marking(loads(EQUATIONS)), line, "sheet.txt")
    seen = report.answers[0]
    assert (seen.verdict, phrase_text(seen.comment)) == ("wrong", comment)


POINTS = """
constants: {x1: 1, x2: 3, y1: 3, y2: 7}
weights: {w: 0, b: 0}
equations:
  e1: w*x1 + b - y1
  e2: w*x2 + b - y2
  C: 1/2*(e1**2 + e2**2)
loss: C
learning_rate: 0.05
"""
STEPS = """
dC/dw = -24, dC/db = -10

w <- 1.2, b <- 0.5

dC/dw = -10, dC/db = -4.2

w <- 1.7, b <- 0.71
"""
OWN_WORDS = """
constants: {a1: 2, a2: 1}
weights: {k11: 0.5, k12: -1, k21: 1, k22: 0.5, w31: 1, w32: 1, w41: 1, w42: 1}
equations:
  z1: a1*k11 + a2*k12
  z2: a1*k21 + a2*k22
  E: w31*z1 + w32*z2 + w41*z1*z2 + w42
loss: E
names: {k11: W_11, k12: W_12, k21: W_21, k22: W_22, w31: W_31, w32: W_32, w41: W_41, w42: W_42}
"""


def answers(network: str, text: str) -> dict[str, str]:
    report = check(Marking(loads(network)), text, "sheet.md")
    return {each.answer.name: each.answer.text for each in report.answers if each.answer.text}


def test_gradients_of_a_second_step_whose_results_are_left_out() -> None:
    assert answers(POINTS, STEPS) == {
        "dC/dw": "-24", "dC/db": "-10", "w'": "1.2", "b'": "0.5",
        "dC'/dw'": "-10", "dC'/db'": "-4.2", "w''": "1.7", "b''": "0.71",
    }  # fmt: skip
    other = answers(POINTS, STEPS.replace("= -10, dC/db = -4.2", "= -9, dC/db = -4.7"))
    assert "dC'/dw'" not in other  # of no step: it is listed


def test_points_are_no_values_of_a_loss_that_compares_nothing() -> None:
    table = "| x | y |\n|---|---|\n| 1 | 3 |\n| 3 | 7 |\n\ndC/dw = -24\n"
    assert answers(POINTS, table) == {"dC/dw": "-24"}


def test_a_matrix_is_called_by_the_words_of_its_file() -> None:
    text = "$W = \\begin{bmatrix} 0.5 & -0.9 \\\\ 1.1 & 0.5 \\end{bmatrix}$\n\nz1 = 0\n"
    assert answers(OWN_WORDS, text) == {"z1": "0"}


def test_words_that_describe_a_quantity_are_no_value_of_it() -> None:
    table = (
        "| Symbol | Meaning | Value |\n|---|---|---|\n| $z_1$ | input | 0.6 |\n"
        "| $z_2$ | error signal at output node | -0.7 |\n"
    )
    assert read_of(table) == {"z1": "0.6", "z2": "-0.7"}


def test_a_sign_may_stand_as_text() -> None:
    text = r"$z_1 = 0.4 \text{×} 0.5 - 0.3 \text{×} (-1) + 0.1 = 0.6$"
    assert read_of(text) == {"z1": "0.6"}


def test_a_number_that_is_exact_leaves_nothing_open() -> None:
    network = EQUATIONS.replace("sigmoid(z1)", "tanh(z1)")
    report = check(Marking(loads(network)), "h1 = tanh(0.6) = 0.5365", "sheet.txt")
    assert report.answers[0].verdict == "wrong"  # 0.537, whatever 0.6 might be rounded from


CHAIN_FROM_TWO = """
inputs: {x: 0.5}
targets: {y: 1.5}
weights: {w1: 0.3, w2: 0.2, b1: 0.1, b2: 0.4}
nodes:
  2: {from: {x: w1}, bias: b1, activation: sigmoid}
  3: {from: {2: w2}, bias: b2, activation: sigmoid}
loss: half_l2
learning_rate: 0.1
"""
LAYERS = """
inputs: {x1: 0.5, x2: 0.8}
targets: {y: 1}
layers:
  - {name: hid, units: 2, activation: relu, weights: [[0.4, 0.6], [-0.3, 0.9]], bias: [0.1, -0.2]}
  - {name: out, units: 1, activation: sigmoid, weights: [[0.7, -0.5]], bias: [0.3]}
loss: bce
learning_rate: 0.1
"""


def test_a_number_above_a_weight_is_its_own_one_where_units_follow_one_by_one() -> None:
    text = "$w^{(2)}_{new} = 0.2103$, $\\partial L/\\partial w^{(1)} = -0.0058$, $z^{(3)} = 0.51$"
    assert answers(CHAIN_FROM_TWO, text) == {"w2'": "0.2103", "dL/dw1": "-0.0058", "z3": "0.51"}


def test_brackets_count_from_nought_where_one_of_them_holds_a_nought() -> None:
    text = "a1[0] = 0.78\na1[1] = 0.37\ndL/dW2[0,1] = -0.126\nW1_new[1,0] = -0.309\n"
    assert answers(LAYERS, text) == {
        "h_hid1": "0.78", "h_hid2": "0.37", "dL/dw_out1_hid2": "-0.126", "w_hid2_x1'": "-0.309"
    }  # fmt: skip


def test_lines_below_a_title_with_another_number_are_of_another_network() -> None:
    text = "z1 = 0.6\n\n{}:\n\n$$z_2 = -1.3$$\n\n## Backward\n\ndL/dw5 = -0.0654\n"
    report = check(Marking(loads(EQUATIONS)), text.format("Check (w4 = 1.2)"), "sheet.md")
    found = {each.answer.name: each.answer.text for each in report.answers if each.answer.text}
    assert found == {"z1": "0.6", "dL/dw5": "-0.0654"}
    assert "z_2 = -1.3" in [each.text for each in report.unread]
    given = answers(EQUATIONS, text.format("Check (w4 = 0.6)"))
    assert given == {"z1": "0.6", "z2": "-1.3", "dL/dw5": "-0.0654"}


def test_the_target_written_first_is_no_output() -> None:
    network = EQUATIONS.replace("{y: 1}", "{Ytrain: 1}")
    text = "With Y = 1.\n\nz1 = 0.6\n\n$Y = \\hat y = 0.5832$\n"
    assert answers(network, text) == {"z1": "0.6", "yhat": "0.5832"}


def test_the_loss_may_be_an_equation_and_an_input_a_constant() -> None:
    loss = EQUATIONS.replace("targets: {y: 1}\nloss: half_l2", "constants: {y: 1}\nloss: E")
    network = loss.replace("yhat: sigmoid(z3)", "yhat: sigmoid(z3)\n  E: 1/2*(yhat - y)**2")
    network = network.replace("inputs: {x1", "inputs: {x2: -1}\nconstants: {x1").replace(
        ", x2: -1}\nweights", ", y: 1}\nweights"
    )
    network = network.replace("constants: {y: 1}\n", "")
    seen = in_units(loads(network))
    assert (seen.outputs, seen.output_units) == (("yhat",), ("3",))
    assert answers(network, "h1: z = 0.6, a = 0.6457\n\nOutput neuron: net = 0.3361") == {
        "z1": "0.6", "h1": "0.6457", "z3": "0.3361"
    }  # fmt: skip


def test_units_that_share_a_weight_are_no_layers() -> None:
    network = EQUATIONS.replace("z2: w3*x1", "z2: w1*x1").replace(" w3: 0.2,", "")
    assert not in_units(loads(network)).units


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("In hidden unit h1 we get out = 0.6457, in hidden unit h2 we get out = 0.3318.",
         {"h1": "0.6457", "h2": "0.3318"}),
        ("From h1 we get delta = -0.0162 and from h2 delta = 0.0112.",
         {"dL/dz1": "-0.0162", "dL/dz2": "0.0112"}),
        ("For unit h1 we have net = 0.6 and out = 0.6457.", {"z1": "0.6", "h1": "0.6457"}),
        ("Für h1 erhalten wir net = 0,6 und out = 0,6457.", {"z1": "0.6", "h1": "0.6457"}),
        ("Bei h1 ergibt sich out = 0,6457", {"h1": "0.6457"}),
    ],
)  # fmt: skip
def test_a_sentence_says_of_which_unit_its_names_are(text: str, read: dict[str, str]) -> None:
    assert read_of(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "The contribution of h1 to the output is 0.7 * 0.6457 = 0.452",
        "slope at the output: 0.2431",
        "The weight from h1 to the output is 0.7 and from h2 it is -0.5",
        "Der Beitrag von h1 zur Ausgabe ist 0,452",
    ],
)
def test_a_part_of_a_quantity_is_not_the_whole(text: str) -> None:
    report = check(Marking(loads(EQUATIONS)), f"z1 = 0.6\n\n{text}\n", "sheet.md")
    assert [each.name for each in report.answers if each.verdict not in ABSENT] == ["z1"]
    assert report.unread


def verdicts(network: str, text: str, file: str = "sheet.txt") -> dict[str, tuple[str, str]]:
    report = check(Marking(loads(network)), text, file)
    return {each.name: (each.verdict, each.mistake) for each in report.answers
            if each.verdict not in ABSENT}  # fmt: skip


def test_a_working_with_rounded_numbers_shows_its_mistake() -> None:
    text = (
        "dL/dw1 = -0.008\ndL/dw2 = 0.016\n"
        "w1' = 0.4 - (-0.008) = 0.408\nw2' = -0.3 - 0.016 = -0.316\n"
    )
    report = check(Marking(loads(EQUATIONS)), text, "sheet.txt")
    found = {each.name: phrase_text(each.comment) for each in report.answers}
    assert found["w1'"] == "You left out the learning rate: multiply the gradient by it."
    assert found["w2'"] == "The same mistake as in w1'."


def test_the_old_number_below_new_is_the_new_weight() -> None:
    table = (
        "| weight | old | gradient | new |\n|---|---|---|---|\n"
        "| w1 | 0.4 | -0.0081 | 0.4041 |\n| b1 | 0.1 | -0.0162 | 0.1 |\n"
    )
    assert read_of(table) == {
        "dL/dw1": "-0.0081", "w1'": "0.4041", "dL/db1": "-0.0162", "b1'": "0.1"
    }  # fmt: skip


def test_a_nought_without_its_zeros_is_not_called_wrong() -> None:
    text = "z1 = 0.6\nh1 = 0.65\nz2 = -0.7\nh2 = 0.33\nyhat = 0.58\ndL/dw3 = 0.01\ndL/dw1 = 0\n"
    found = verdicts(EQUATIONS, text.replace("dL/dw1 = 0", "dL/dw3 = 0"))
    assert found["dL/dw3"][0] == "undecided"
    assert verdicts(EQUATIONS, text.replace("dL/dw1 = 0", "dL/dw5 = 0"))["dL/dw5"][0] == "wrong"


RECURRENT = """
inputs: {x1: 1, x2: 0.5}
weights: {wx: 0.6, wh: 0.4, wy: 1.2, b: 0.1}
constants: {h0: 0}
equations:
  a1: wx*x1 + wh*h0 + b
  h1: tanh(a1)
  a2: wx*x2 + wh*h1 + b
  h2: tanh(a2)
  yhat: wy*h2
targets: {y: 1}
loss: half_l2
"""


def test_the_part_of_one_step_is_not_the_whole_derivative() -> None:
    text = "Step 2: dL/dwx = -0.1308\nStep 1: dL/dwx = -0.0664\nTotal: dL/dwx = -0.1972\n"
    report = check(Marking(loads(RECURRENT)), text, "sheet.md")
    found = {each.name: each.verdict for each in report.answers if each.verdict not in ABSENT}
    assert (found, len(report.unread)) == ({"dL/dwx": "rounded"}, 2)
    assert answers(RECURRENT, "Step 2: dL/dwx = -0.1972") == {"dL/dwx": "-0.1972"}


def test_old_weights_kept_are_one_mistake_however_little_they_move() -> None:
    text = "dL/db1 = -0.0162\ndL/db2 = 0.0112\ndL/db3 = -0.1013\n"
    kept = "b1' = 0.100\nb2' = -0.200\nb3' = 0.050\n"
    found = verdicts(EQUATIONS, text + kept)
    assert [found[name][0] for name in ("b1'", "b2'", "b3'")] == ["wrong", "again", "again"]


LAYERS_FROM_INPUTS = """
$n^{[1]} = 2$, $n^{[2]} = 2$, $n^{[3]} = 1$

$z^{[2]} = W^{[2]} a^{[1]} + b^{[2]} = (0.6, -0.7)^T$

$z^{[3]} = 0.3361$, $\\delta^{[3]} = -0.1013$
"""
BARE_BRACKETS = """
[
z_1 = 0.4*0.5 + 0.3 + 0.1 = 0.6
]
[
\\frac{\\partial L}{\\partial w_5}
= -0.1013 \\cdot 0.6457 = -0.0654
]
"""
SAMPLES_AS_UNITS = """
constants: {x1: 1, x2: 3, y1: 0, y2: 1}
weights: {w: 0.5, b: -1.5}
equations:
  z1: w*x1 + b
  z2: w*x2 + b
  p1: sigmoid(z1)
  p2: sigmoid(z2)
  J: 1/2*((p1 - y1)**2 + (p2 - y2)**2)
loss: J
learning_rate: 0.1
"""
BY_SAMPLES = """
The rule is $w := w - \\alpha \\frac{\\partial J}{\\partial w}$.

**Sample 1: Ada ($x = 1, y = 0$)**
1. Score: $z = 0.5 - 1.5 = -1$
2. $p = 0.2689$

**Sample 2: Ben ($x = 3, y = 1$)**
1. Score: $z = 1.5 - 1.5 = 0$
2. $p = 0.5$
"""


def test_layers_may_be_counted_from_the_inputs() -> None:
    assert read_of(LAYERS_FROM_INPUTS) == {
        "z1": "0.6", "z2": "-0.7", "z3": "0.3361", "dL/dz3": "-0.1013"
    }  # fmt: skip


def test_displays_that_have_lost_their_backslashes_are_read() -> None:
    assert read_of(BARE_BRACKETS) == {"z1": "0.6", "dL/dw5": "-0.0654"}


def test_titles_of_samples_number_what_the_network_has_of_each() -> None:
    report = check(Marking(loads(SAMPLES_AS_UNITS)), BY_SAMPLES, "sheet.md")
    found = {m.name: m.verdict for m in report.answers if m.verdict not in ABSENT}
    assert {found[name] for name in ("z1", "p1", "z2", "p2")} <= {"correct", "rounded"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("*Initial loss:* $L=0.0868$", {"L": "0.0868"}),
        ("The loss falls from 0.0868 → 0.0788", {"L": "0.0868", "L'": "0.0788"}),
    ],
)
def test_labels_and_arrows(text: str, read: dict[str, str]) -> None:
    assert read_of(text) == read


@pytest.mark.parametrize("text", ["So: $0.527$.", "dyhat = yhat*(1 - yhat) = 0.2431"])
def test_what_is_no_figure_of_a_quantity_of_that_name(text: str) -> None:
    report = check(Marking(loads(EQUATIONS)), f"z1 = 0.6\n\n{text}\n", "sheet.md")
    assert [each.name for each in report.answers if each.verdict not in ABSENT] == ["z1"]
    assert report.unread


def test_the_working_of_a_new_value_may_have_a_column_of_its_own() -> None:
    table = (
        "| weight | update | new value |\n|---|---|---|\n"
        "| $w_5$ | $0.7 - 0.5 \\times (-0.0654)$ | 0.7327 |\n"
    )
    assert read_of(table) == {"w5'": "0.7327"}


def test_the_weights_of_a_lone_output_are_the_matrix_of_its_layer() -> None:
    other = {"w1": "u11", "w2": "u12", "w3": "u21", "w4": "u22", "w5": "v1", "w6": "v2"}
    network = re.sub(r"w\d", lambda m: other[m[0]], EQUATIONS)
    text = "dL/dz3 = -0.1013\n\ndL/dW2 = [-0.0654, -0.0336]\n"
    assert answers(network, text) == {
        "dL/dz3": "-0.1013", "dL/dv1": "-0.0654", "dL/dv2": "-0.0336"
    }  # fmt: skip


def test_an_error_term_whose_number_may_count_layers_is_that_of_its_formula() -> None:
    text = "z1 = 0.6\n\n$\\delta_2 = (\\hat y - y)\\hat y(1 - \\hat y) = -0.1013$\n"
    report = check(Marking(loads(EQUATIONS)), text, "sheet.md")
    told = {each.name: each.verdict for each in report.answers if each.verdict not in ABSENT}
    assert told == {"z1": "correct", "dL/dz3": "rounded"}
    assert read_of("z1 = 0.6\n\n$\\delta_2 = 0.0112$\n") == {"z1": "0.6", "dL/dz2": "0.0112"}


def test_a_unit_may_have_nothing_but_its_bias() -> None:
    network = (
        "inputs: {x: 1}\ntargets: {y: 0}\nweights: {w1: 0.5, w3: 1, w4: 1}\n"
        "biases: {b1: 0.1, b2: 0.2}\nloss: half_l2\nnodes:\n"
        "  1: {from: {x: w1}, bias: b1, activation: tanh}\n"
        "  2: {from: {}, bias: b2, activation: tanh}\n"
        "  3: {from: {1: w3, 2: w4}, activation: identity}\n"
    )
    assert answers(network, "z1 = 0.6\n\nz2 = 0.2\n") == {"z1": "0.6", "z2": "0.2"}


OUTER = [
    r"\delta_2 = (\hat y_2 - y_2) \hat y_2 (1 - \hat y_2) = -0.0381",
    r"\delta_2 = (o_2 - y_2) o_2 (1 - o_2) = -0.0381",
    r"\delta_2 = (y_2 - o_2) o_2 (1 - o_2) = 0.0381",
    r"\delta_2 = (y_2 - out_{o2}) out_{o2} (1 - out_{o2}) = 0.0381",
    r"\delta_2 = (y_2 - o_2)g(z_{o2})(1-g(z_{o2})) = 0.0381",
]


@pytest.mark.parametrize("line", OUTER)
def test_a_numbered_error_term_is_that_of_the_output_whose_formula_it_has(line: str) -> None:
    """Though the unit 2 of the network is a hidden one."""
    report = check(Marking(load("mazur")), f"${line}$\n", "sheet.md")
    assert [(each.name, each.verdict) for each in report.answers] == [("dL/dz4", "rounded")]
