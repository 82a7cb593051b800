"""What sheets of a further class had: signs, words and layouts, each with other figures."""

from __future__ import annotations

import pytest

from backcalc.checking.report import Marking, check
from backcalc.loading.loader import load, loads

CLASSES = """
inputs: {x1: 1, x2: 2}
targets: {y1: 1, y2: 0, y3: 0}
weights: {w11: 0.5, w12: -0.1, w21: 0.2, w22: 0.3, w31: -0.4, w32: 0.1}
biases: {b1: 0, b2: 0.1, b3: 0.2}
nodes:
  1: {from: {x1: w11, x2: w12}, bias: b1, activation: softmax}
  2: {from: {x1: w21, x2: w22}, bias: b2, activation: softmax}
  3: {from: {x1: w31, x2: w32}, bias: b3, activation: softmax}
loss: cross_entropy
learning_rate: 0.1
"""
"""Three classes: z = 0.3, 0.9, 0; p = 0.281, 0.511, 0.208."""
LETTERS = """
inputs: {x1: 1, x2: 0.5}
targets: {tC: 1, tD: 0}
weights: {w1: 0.2, w2: 0.6, w3: -0.4, w4: 0.3, w5: 0.5, w6: -0.2, w7: 0.9, w8: 0.1}
biases: {bA: 0.1, bB: -0.1, bC: 0.2, bD: 0.3}
nodes:
  A: {from: {x1: w1, x2: w2}, bias: bA, activation: sigmoid}
  B: {from: {x1: w3, x2: w4}, bias: bB, activation: sigmoid}
  C: {from: {A: w5, B: w6}, bias: bC, activation: sigmoid}
  D: {from: {A: w7, B: w8}, bias: bD, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
"""
"""Four units with letters for names."""
UNROLLED = """
constants: {x1: 1, x2: -0.5, h0: 0, y1: 0.5, y2: 0.2}
weights: {U: 0.8, W: 0.6, V: 1.1, b: 0.1}
equations:
  s1: U*x1 + W*h0 + b
  h1: tanh(s1)
  o1: V*h1
  s2: U*x2 + W*h1 + b
  h2: tanh(s2)
  o2: V*h2
  L: 1/2*(o1 - y1)**2 + 1/2*(o2 - y2)**2
loss: L
learning_rate: 0.3
"""
"""A recurrent net of two steps, written out."""
LEAKY = """
inputs: {x1: 2, x2: -1}
targets: {y: 1}
weights: {w1: 0.5, w2: 0.4, w3: -0.3, w4: 0.6, w5: 0.8, w6: -0.5}
equations:
  z1: w1*x1 + w2*x2
  h1: max(z1, 0.1*z1)
  z2: w3*x1 + w4*x2
  h2: max(z2, 0.1*z2)
  yhat: w5*h1 + w6*h2
loss: half_l2
learning_rate: 0.1
"""
"""Two leaky units, written as equations."""
GRAPH = """
weights: {a: -1.5, b: 2, c: 4, d: -0.8}
equations: {p: a*b, q: p + c, f: q*d}
loss: f
learning_rate: 0.05
"""
"""A graph of three operations."""
PENALTY = """
inputs: {x: 3}
targets: {t: 1}
constants: {lam: 0.2}
weights: {w1: 0.5, w2: -0.1}
equations:
  yhat: w1 + w2*x
  E: 1/2*(yhat - t)**2
  R: lam/2*(w1**2 + w2**2)
  L: E + R
loss: L
learning_rate: 0.1
"""
"""A loss of two parts."""
DEEP = """
inputs: {x1: 1, x2: -0.5}
targets: {y: 1}
layers:
  - {name: a, units: 2, activation: tanh, weights: [[0.5, -0.2], [0.3, 0.4]], bias: [0, 0.1]}
  - {name: b, units: 2, activation: tanh, weights: [[0.6, -0.4], [0.2, 0.5]], bias: [0.1, 0]}
  - {name: c, units: 1, weights: [[0.7, -0.3]], bias: [0.2]}
loss: half_l2
learning_rate: 0.1
"""
"""Three layers: h_b = 0.3304, 0.2032; 1 - h_b^2 = 0.8908, 0.9587."""
HEAD = "| class | dL/dw from x1 | $dL/dw$ (x_2) |\n|---|---|---|\n"
FIRST = "$$\\begin{align*}\n"

READ = [
    # percent, and a list of names behind one verb
    (CLASSES, "ŷ1 is 28.1 %, ŷ2 51.1 % and ŷ3 20.8 %.", "ŷ1 ŷ2 ŷ3"),
    (CLASSES, "ŷ₁ wordt daarmee 0,281, ŷ₂ 0,511 en ŷ₃ 0,208.", "ŷ1 ŷ2 ŷ3"),
    (CLASSES, "z1 is 0.3, z2 0.9 and z3 0.", "z1 z2 z3"),
    # a weight by where its edge comes from, at the head of a column
    (CLASSES, f"{HEAD}| 1 | -0.719 | -1.438 |\n| 2 | 0.511 | 1.022 |\n| 3 | 0.208 | 0.416 |",
     "dL/dw11 dL/dw12 dL/dw21 dL/dw22 dL/dw31 dL/dw32"),
    # an arrow of two signs, a weight with its edge, a head that is blank, o - t
    (LETTERS, "w5: 0.5 => 0.5301     w6: -0.2 => -0.1807", "w5' w6'"),
    (LETTERS, ("| Gewicht | $\\partial E/\\partial w$ |\n|---|---|\n| $w_5$ (A→C) | -0,0602 |\n"
     "| $w_6$ (B nach C) | -0,0386 |"), "dL/dw5 dL/dw6"),
    (LETTERS, ("| Neuron | Summe $s$ | | $o$ |\n|---|---|---|---|\n"
     "| A | 0,2·1 + 0,6·0,5 + 0,1 | 0,6 | 0,6457 |\n"
     "| B | -0,4·1 + 0,3·0,5 - 0,1 | -0,35 | 0,4134 |"),
     "z_A h_A z_B h_B"),
    (LETTERS, ("| Neuron | $o - t$ | $o(1-o)$ |\n|---|---|---|\n| C | -0,3917 | 0,2383 |\n"
     "| D | 0,7155 | 0,2035 |"), "dL/dŷ1 dŷ1/dz_C dL/dŷ2 dŷ2/dz_D"),
    # numbers in angles above a name, and steps in time
    (UNROLLED, "$s^{<1>} = 0.9$, $h^{\\langle 1 \\rangle} = 0.7163$", "s1 h1"),
    (UNROLLED, "s1 = 0.9\n\nin the second step: s2 = 0.1298", "s1 s2"),
    # in and out of leaky units written as equations, an x for times, words of India, a correction
    (LEAKY, ("h1_in = 0.5x2 + 0.4x(-1) = 0.6\n\nh1_in positive है तो h1_out = 0.6\n\n"
     "o_in = 0.8x0.6 + (-0.5)x(-0.12) = 0.54"), "z1 h1 ŷ"),
    (LEAKY, "w1 नया = 0.5 + 0.0736 = 0.5736", "w1'"),
    # new values by stars, the derivative of the end by itself
    (GRAPH, "df/df = 1\n\na* = −1.42\nb* = 1.94\np* = −1.42 × 1.94 = −2.7548", "a' b' p'"),
    # derivatives of the parts of a loss side by side
    (PENALTY, ("| parameter | dE/d. | dR/d. | dL/d. |\n|---|---|---|---|\n"
     "| w1 | -0.8 | 0.1 | -0.7 |\n| w2 | -2.4 | -0.02 | -2.42 |"),
     "dE/dw1 dR/dw1 dL/dw1 dE/dw2 dR/dw2 dL/dw2"),
    # slopes of a vector without a name
    (DEEP, f"{FIRST}a^{{(2)}}_1 &= 0.3303\\\\\n1 - (a^{{(2)}}_1)^2 &= 0.8909\n\\end{{align*}}$$",
     "h_b1 dh_b1/dz_b1"),
    (DEEP, "$1 - (a^{(2)})^2 = \\begin{pmatrix} 0.8909 \\\\ 0.9587 \\end{pmatrix}$",
     "dh_b1/dz_b1 dh_b2/dz_b2"),
]  # fmt: skip


@pytest.mark.parametrize(("network", "text", "names"), READ)
def test_right_figures_are_read_and_called_right(network: str, text: str, names: str) -> None:
    report = check(Marking(loads(network)), f"{text}\n", "sheet.md")
    told = {each.name.replace("yhat", "ŷ"): each.verdict for each in report.answers}
    assert [*told] == names.split()
    assert {*told.values()} <= {"correct", "rounded"}


def test_a_spreadsheet_of_tabs_has_remarks_behind_some_rows() -> None:
    text = (
        "1. Forward\tformula\tvalue\t\t\nz_A\tw1*x1 + w2*x2 + bA\t0.6\tthe first\t\n"
        "h_A\ts(z_A)\t0.6457\t\t\n\t\t\t\t\n2. Weights\told\tgradient\tnew\t\n"
        "w5\t0.5\t-0.0603\t0.5301\tA to C\nw6\t-0.2\t-0.0386\t-0.1807\t\n"
    )
    report = check(Marking(loads(LETTERS)), text, "sheet.txt")
    told = {each.name: each.verdict for each in report.answers}
    assert [*told] == ["z_A", "h_A", "dL/dw5", "w5'", "dL/dw6", "w6'"]
    assert {*told.values()} <= {"correct", "rounded"}


def test_points_that_stand_apart_are_signs_of_times() -> None:
    text = (
        "s_A = 0,2 . 1 + 0,6 . 0,5 + 0,1 = 0,6\no_A = o(s_A) = 0,6457\n"
        "s_B = -0,4 . 1 + 0,3 . 0,5 - 0,1 = -0,35\n"
    )
    report = check(Marking(loads(LETTERS)), text, "scan.txt")
    told = {each.name: each.verdict for each in report.answers}
    assert {n for n in told if n[0] == "z"} == {"z_A", "z_B"}
    assert {*told.values()} <= {"correct", "rounded"}


def test_matrices_with_wrong_entries_stand_as_the_others_of_the_sheet_do() -> None:
    text = (
        "$W^{(2)} = \\begin{pmatrix} 0.6211 & -0.3923 \\\\ 0.1903 & 0.4964 \\end{pmatrix}$\n\n"
        "$W^{(1)} = \\begin{pmatrix} 0.5219 & -0.2110 \\\\ 0.2989 & 0.4006 \\end{pmatrix}$\n"
    )
    report = check(Marking(loads(DEEP)), f"After the update:\n\n{text}", "sheet.md")
    told = {each.name: each.answer.text for each in report.answers}
    assert (told["w_a1_x2'"], told["w_a2_x1'"]) == ("-0.2110", "0.2989")


def test_error_terms_with_the_names_of_sums_below_them() -> None:
    """Beside delta_{z_1} the term delta_{h_1} is by what the unit puts out."""
    text = "$\\delta_{h\\_A} = 0.0844$\n\n$\\delta_{z\\_A} = 0.0193$\n".replace("\\_", "_")
    told = {e.name: e.verdict for e in check(Marking(loads(LETTERS)), text, "a.md").answers}
    assert told == {"dL/dh_A": "rounded", "dL/dz_A": "rounded"}


def test_a_row_works_out_what_its_first_cell_states() -> None:
    text = (
        "| Step | Computation | Value |\n|---|---|---|\n"
        "| $z_A = w_1 x_1 + w_2 x_2 + b_A$ | $0.2 + 0.3 + 0.1$ | $0.6$ |\n"
        "| $\\partial L/\\partial w_5 = \\delta_{z_C}\\cdot h_A$ | rule 2 | "
        "$-0.0933 \\times 0.6457 = -0.0602$ |\n"
    )
    told = {e.name: e.verdict for e in check(Marking(loads(LETTERS)), text, "a.md").answers}
    assert (told["z_A"], told["dL/dw5"]) == ("correct", "rounded")


MATRICES = """
inputs: {x: [0.6, -0.8]}
targets: {y: [1]}
weights: {W1: [[0.5, -0.3], [0.8, 0.2], [-0.4, 0.9]], b1: [0.1, -0.2, 0.05], V: [[0.7, -0.5, 0.3]],
          c: [0.1]}
equations:
  z1: W1 @ x + b1
  h: tanh(z1)
  z2: V @ h + c
  yhat: sigmoid(z2)
loss: bce
learning_rate: 0.5
"""
BISHOP = r"""
\begin{align*}
 a_1 &= W_1 x + b_1 = \begin{pmatrix} 0.64 \\ 0.12 \\ -0.91\end{pmatrix}\\
 h_1 &= \tanh(a_1) = \begin{pmatrix} 0.565 \\ 0.119 \\ -0.721\end{pmatrix}\\
 a_2 &= V h_1 + c = 0.219 \\
 \hat y &= \sigma(a_2) = 0.555\\
 \frac{\partial L}{\partial a_2} &= \hat y - y = -0.445
\end{align*}
"""


def test_sums_called_a_in_a_network_of_matrices() -> None:
    for text in (BISHOP, BISHOP.replace("_1", "^{(1)}").replace("_2", "^{(2)}")):
        report = check(Marking(loads(MATRICES)), text, "a.tex")
        told = {each.name: each.verdict for each in report.answers}
        assert [*told] == ["z1", "h", "z2", "yhat", "dL/dz2"]
        assert {*told.values()} <= {"correct", "rounded"}


def test_sums_called_a_with_the_number_of_their_layer_above_them() -> None:
    text = (
        "$a^{(1)} = \\begin{pmatrix} 0.6 \\\\ 0.2 \\end{pmatrix}$\n\n"
        "$h = \\tanh(a^{(1)}) = \\begin{pmatrix} 0.5370 \\\\ 0.1974 \\end{pmatrix}$\n"
    )
    net = "\n".join(line for line in DEEP.split("\n") if "name: b" not in line)
    told = {e.name: e.verdict for e in check(Marking(loads(net)), text, "a.md").answers}
    assert told == {"z_a1": "correct", "z_a2": "correct", "h_a1": "rounded", "h_a2": "rounded"}


@pytest.mark.parametrize("title", ["Gradients", "Derivatives:", "## Gradients", "**Ableitungen**"])
def test_bare_names_below_words_for_derivatives(title: str) -> None:
    text = f"z2 = 0.375\n\n{title}\n\nz2: 1\nh1: 0.5\nw2: 0.25\nz0: 7\n"
    report = check(Marking(load("skip")), text, "a.md")
    told = {each.name: each.verdict for each in report.answers}
    assert told == dict.fromkeys(("z2", "dL/dz2", "dL/dh1", "dL/dw2"), "correct")
    assert [each.text for each in report.unread] == ["z0: 7"]


def test_a_letter_for_errors_before_an_error_term() -> None:
    for lead in ("error local ", "error signal ", "der lokale Fehler ", "the error "):
        report = check(Marking(load("mazur")), f"h1 = 0.59\n\n- {lead}δ_1 = 0.0085\n", "a.md")
        assert not report.unread
        assert {each.name for each in report.answers} == {"h1", "dL/dz1"}


def test_a_table_of_classes_has_a_column_and_a_row_of_its_own_for_the_softmax() -> None:
    table = (
        "| class $k$ | $z_k$ | $e^{z_k}$ | $p_k$ |\n|---|---|---|---|\n"
        "| 1 | 0.3 | 1.350 | 0.281 |\n| 2 | 0.9 | 2.460 | 0.511 |\n| 3 | 0 | 1 | 0.208 |\n"
        "| | | $S = 4.810$ | |\n"
    )
    report = check(Marking(loads(CLASSES)), table, "a.md")
    told = {each.name: each.verdict for each in report.answers}
    assert [*told] == ["z1", "yhat1", "z2", "yhat2", "z3", "yhat3"]
    assert {*told.values()} <= {"correct", "rounded"}
    assert any("4.810" in each.text for each in report.unread)
