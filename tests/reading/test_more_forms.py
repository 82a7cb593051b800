"""Forms in which people hand sheets in: spreadsheets, org tables, word processors, scanners."""

from __future__ import annotations

import re

import pytest

from backcalc.checking.report import Marking, Report, check
from backcalc.loading.loader import load, loads
from backcalc.reading.documents import document

LINE = """
inputs: {x: 2}
targets: {y: 3}
weights: {w: 0.7}
biases: {b: 0.2}
equations: {yhat: w*x + b}
loss: half_l2
learning_rate: 0.05
optimizer: {name: momentum, mu: 0.9}
"""
"""A line whose first step is w' = 0.84, b' = 0.27."""
PAIR = """
inputs: [x1, x2]
targets: [y]
data: [{x1: 1, x2: -1, y: 1}, {x1: -0.5, x2: 2, y: 0}]
weights: {w1: 0.4, w2: 0.2}
biases: {b: -0.1}
nodes: {1: {from: {x1: w1, x2: w2}, bias: b, activation: sigmoid}}
loss: bce
learning_rate: 0.2
"""
"""Two samples: z = 0.1, 0.1; p = 0.525, 0.525."""
LAYERS = """
inputs: {x1: 1, x2: -1}
targets: {y: 0.2}
layers:
  - {name: h, units: 2, activation: sigmoid, weights: [[0.5, 0.2], [-0.3, 0.4]], bias: [0.1, 0.2]}
  - {name: o, units: 1, activation: sigmoid, weights: [[0.6, -0.8]], bias: [0.3]}
loss: half_l2
learning_rate: 0.5
"""


def verdicts(report: Report) -> dict[str, str]:
    return {each.name: each.verdict for each in report.answers}


def test_a_spreadsheet_has_a_title_notes_and_the_residual_beside_the_loss() -> None:
    text = (
        "Lab,,,,,,,\nlr,0.05,mu,0.9,,,,\n,,,,,,,\niter,w,y_hat,err,loss,dL/dw,v_w,w_new\n"
        "1,0.7,1.6,-1.4,0.98,-2.8,-2.8,0.84\n2,0.84,1.95,-1.05,0.55125,-2.1,-4.62,1.071\n"
        ",,,,,,,\nnotes,v is 0 at the start,,,,,,\n"
    )
    told = verdicts(check(Marking(loads(LINE)), text, "a.csv"))
    assert {*told.values()} == {"correct"}
    assert {"yhat", "dL/dyhat", "L", "dL/dw", "v_w'", "w'", "dL'/dyhat'", "v_w''", "w''"} <= {*told}


@pytest.mark.parametrize(
    ("one", "mean"),
    [("ex. {}", "moyenne"), ("Bsp {}", "Mittel"), ("obs. {}", "media"), ("sample {}", "mean")],
)
def test_samples_as_columns_and_their_mean(one: str, mean: str) -> None:
    text = (
        f"| | {one.format(1)} | {one.format(2)} | {mean} |\n|--|--|--|--|\n"
        "| $z$ | 0.1 | 0.1 | |\n| $\\partial\\ell/\\partial w_1$ | -0.4750 | -0.2625 | -0.3688 |\n"
    )
    told = verdicts(check(Marking(loads(PAIR)), text, "a.md"))
    assert [*told] == ["z1[1]", "z1[2]", "dL[1]/dw1", "dL[2]/dw1", "dJ/dw1"]
    assert {*told.values()} <= {"correct", "rounded"}


def test_a_sum_is_not_the_mean_that_the_loss_takes() -> None:
    text = "| | ex. 1 | ex. 2 | sum |\n|--|--|--|--|\n| dL/dw1 | -0.4750 | -0.2625 | -0.7375 |\n"
    report = check(Marking(loads(PAIR)), text, "a.md")
    assert "dJ/dw1" not in verdicts(report)
    assert any("-0.7375" in each.text for each in report.unread)


def test_a_table_of_org_has_rules_between_its_parts() -> None:
    rule = "|---+---+---|\n"
    text = (
        f"| quantity | working | value |\n{rule}| z0 | w0*x | 0.5 |\n{rule}"
        f"| h0 | relu(z0) | 0.5 |\n{rule}| z1 | w1*h0 | 0.25 |\n| h1 | relu(z1) | 0.25 |\n"
    )
    for file in ("a.org", "a.md"):
        report = check(Marking(load("skip")), text, file)
        assert verdicts(report) == dict.fromkeys(("z0", "h0", "z1", "h1"), "correct")
        assert not report.unread


def test_a_table_of_restructured_text_with_commas() -> None:
    text = (
        'z1 = 0.3775\n\n.. csv-table:: Steps\n   :header: "weight", "gradient", "new"\n'
        "   :widths: auto\n\n"
        '   :math:`w_5`, "0,0822", "0,3589"\n   w6, "0,0827", "0,4087"\n'
    )
    told = verdicts(check(Marking(load("mazur")), text, "a.rst"))
    assert {*told.values()} <= {"correct", "rounded"}
    assert {"dL/dw5", "w5'", "dL/dw6", "w6'"} <= {*told}


def test_matrices_and_brackets_of_a_word_processor() -> None:
    text = (
        "z^((1) )=W^((1) ) x+b^((1) )=[■(0.5&0.2@-0.3&0.4)][■(1@-1)]+[■(0.1@0.2)]=[■(0.4@-0.5)]\n"
        "z^((2) )=0.3572\nδ^((2) )=0.0941\n∂L/(∂b^((2) ) )=δ^((2) )=0.0941\n"
    )
    told = verdicts(check(Marking(loads(LAYERS)), text, "a.txt"))
    assert [*told] == ["z_h1", "z_h2", "z_o1", "dL/dz_o1", "dL/db_o1"]
    assert {*told.values()} <= {"correct", "rounded"}
    told = verdicts(check(Marking(load("mazur")), "(y_1 ) ̂=0.7514\n〖w_5〗^+=0.3589\n", "a.txt"))
    assert [*told] == ["yhat1", "w5'"]


SCANNED = """
z1 = 0.15 . 0.05 + O.2 . O.1 + O.35 = O.3775
h1 = 6 (0.3775) = 0.5933
dL/dy^1 = y^1 - y1 = O.7414
dL/dw5 = 0.1385 . h1 = 0.1385 . 0.5933 = O.0822
z3 = 0.4 . 0.5933 + O,45 . 0.5969 + 0.6 = 1.1059
"""


def test_points_sigmas_and_noughts_of_a_scanner() -> None:
    report = check(Marking(load("mazur")), SCANNED, "a.txt")
    assert not report.unread
    assert [*verdicts(report)] == ["z1", "h1", "dL/dyhat1", "dL/dw5", "z3"]
    assert {*verdicts(report).values()} <= {"correct", "rounded"}
    product = check(Marking(load("mazur")), "h1 = 0.5933\nz1 = 6 (0.3775) = 2.265\n", "a.txt")
    assert [each.text for each in product.unread] == ["z1 = 6 (0.3775) = 2.265"]  # no sigmoid


@pytest.mark.parametrize(
    "text",
    [
        "the derivative of the sigmoid at z1 is 0.2413",
        "sigmoid derivative at z1 = 0.2413",
        "Ableitung der Sigmoidfunktion bei z1: 0.2413",
        "la derivada de la sigmoide en z1 es 0.5933*0.4067 = 0.2413, y en z2 es 0.2406",
    ],
)
def test_an_activations_derivative_in_words(text: str) -> None:
    told = verdicts(check(Marking(load("mazur")), f"h1 = 0.5933\n{text}\n", "a.txt"))
    assert {*told} - {"dyhat2/dz2", "dh2/dz2"} == {"h1", "dh1/dz1"}
    assert {*told.values()} <= {"correct", "rounded"}


def test_a_gradient_at_a_sum_is_that_of_the_loss() -> None:
    for words in ("gradient at", "the derivative of the loss at", "gradient behind the sigmoid at"):
        told = verdicts(check(Marking(load("mazur")), f"h1 = 0.59\n{words} z1 = 0.0088\n", "a.txt"))
        assert "dL/dz1" in told, words


def test_a_whole_number_before_a_bracket_is_a_factor() -> None:
    text = "dL/dyhat1 = 2 (yhat1 - y1)\nz1 = 0.5 (0.3 + 0.2)\nz2 = 5 (3 + 2)\n"
    report = check(Marking(load("mazur")), text, "a.txt")
    assert [*verdicts(report)] == ["dL/dyhat1"]
    assert len(report.unread) == 2  # a result, and how it came


def test_what_the_optimizer_works_out_has_a_row_and_each_weight_a_column() -> None:
    network = loads(LINE.replace("{name: momentum, mu: 0.9}", "adam"))
    text = (
        "| | $w$ | $b$ |\n|---|---|---|\n| $m_1 = \\beta_1 m_0 + (1-\\beta_1)g$ | -0.28 | -0.14 |\n"
        "| $\\hat{v}_1 = v_1/(1-\\beta_2)$ | 7.84 | 1.96 |\n"
    )
    told = verdicts(check(Marking(network), text, "a.md"))
    assert told == dict.fromkeys(("m_w'", "m_b'", "vhat_w", "vhat_b"), "correct")


def test_a_name_before_a_chain_that_names_the_derivative() -> None:
    text = "$$g_z = \\frac{\\partial L}{\\partial z1} = p - y = -0.475$$\n\nz1[1] = 0.1\n"
    report = check(Marking(load("mazur")), text.replace("p - y = -0.475", "0.0088"), "a.md")
    assert "dL/dz1" in verdicts(report)
    labelled = "- err :: dL/dyhat = yhat - y\n- dL/dws = err*h0\n"
    network = loads("inputs: {x: 1}\ntargets: {y: 2}\nweights: {w: 3}\n"
                    "equations: {yhat: w*x}\nloss: half_l2\n")  # fmt: skip
    report = check(Marking(network), labelled.replace("ws", "w").replace("h0", "x"), "a.md")
    assert verdicts(report) == dict.fromkeys(("dL/dyhat", "dL/dw"), "correct")


def test_statements_apart_by_a_slash_or_behind_words_of_others() -> None:
    text = "dL/dw5 = 0.1385*0.5933 = 0.0822 / dL/dw6 = 0.1385*0.5969 = 0.0827\n"
    text += "as those of z, dL/dw7 = -0.0226 and dL/dw8 = -0.0227\n"
    report = check(Marking(load("mazur")), text, "a.txt")
    assert [*verdicts(report)] == ["dL/dw5", "dL/dw6", "dL/dw7", "dL/dw8"]
    assert not report.unread


@pytest.mark.parametrize(
    ("formula", "sign"),
    [
        (r"o_j(1-o_j)(t_j-o_j)", "-"),
        (r"f'(net_j)(t_j-o_j)", "-"),
        (r"(t_j-o_j) o_j(1-o_j)", "-"),
        (r"-o_j(1-o_j)(t_j-o_j)", ""),
        (r"o_j(1-o_j)(o_j-t_j)", ""),
    ],
)
def test_the_formula_for_all_error_terms_tells_their_sign(formula: str, sign: str) -> None:
    text = f"$\\delta_j = {formula}$\n\n$\\delta_{{o1}} = {sign}0.1385$\n"
    report = check(Marking(load("mazur")), text, "a.md")
    assert verdicts(report) == {"dL/dz3": "rounded"}


def test_a_weight_of_the_exercise_may_be_written_rounded() -> None:
    network = loads("inputs: {x: 1}\nweights: {w: 2/3}\nequations: {z: w*x}\nloss: z\n")
    report = check(Marking(network), "w = 0.667\nz = 0.667\n", "a.txt")
    assert {*verdicts(report).values()} == {"rounded"}  # the plain list states what is given
    assert not report.unread


def test_a_table_without_bars_around_it() -> None:
    text = (
        "Étape | Calcul | Résultat\n:--|:--|--:\n"
        "net_h1 | 0,15·0,05 + 0,2·0,1 + 0,35 | 0,3775\nh₁ | 1/(1 + e^(−0,3775)) | 0,5933\n\n"
        "Paramètre | Ancien | Nouveau\n:--|--:|--:\nw₅ | 0,4 | 0,3589\n"
    )
    report = check(Marking(load("mazur")), text, "a.md")
    assert [*verdicts(report)] == ["z1", "h1", "w5'"]
    assert not report.unread


def test_a_column_of_what_weights_become() -> None:
    text = "| weight | slope | becomes |\n|---|---|---|\n| w5 | 0.0822 | 0.3589 |\n"
    report = check(Marking(load("mazur")), f"h1 = 0.5933\n\n{text}", "a.md")
    assert [*verdicts(report)] == ["h1", "dL/dw5", "w5'"]


def test_the_french_word_for_a_rate_takes_nothing_back() -> None:
    text = "h1 = 0.5933, pas η = 0,5\n\npas w5' = 0.3589\n"
    report = check(Marking(load("mazur")), text, "a.txt")
    assert {each.text: "crossed" in each.reason for each in report.unread}.get(
        "pas η = 0,5"
    ) is None
    assert any("crossed" in each.reason for each in report.unread)


def test_the_sum_below_a_softmax_without_its_scores() -> None:
    network = loads("""
inputs: {x1: 1}
targets: {y1: 1, y2: 0}
weights: {w1: 0.5, w2: -0.1}
nodes:
  1: {from: {x1: w1}, activation: softmax}
  2: {from: {x1: w2}, activation: softmax}
loss: cross_entropy
""")
    text = (
        "| k | $e^{z_k}$ | $\\hat{y}_k$ |\n|---|---|---|\n"
        "| 1 | 1.6487 | 0.6457 |\n| 2 | 0.9048 | 0.3543 |\n| **Sum** | **2.5535** | **1.0000** |\n"
    )
    report = check(Marking(network), text, "a.md")
    assert [*verdicts(report)] == ["yhat1", "yhat2"]
    assert any("2.5535" in each.text for each in report.unread)


@pytest.mark.parametrize("word", ["新", "새", "neu", "nouveau", "更新后"])
def test_a_word_for_new_below_a_letter_with_its_layer_above(word: str) -> None:
    text = f"$$b^{{(2)}}_{{\\text{{{word}}}}} = 0.2530$$\n\n$$z^{{(2)}} = 0.3572$$\n"
    told = verdicts(check(Marking(loads(LAYERS)), text, "a.md"))
    assert told == {"b_o1'": "rounded", "z_o1": "rounded"}


COLUMNS = """
FORWARD                                  BACKWARD
z1 = 0.15*0.05 + 0.2*0.1                 dL/dz3 = 0.7414*0.1868 = 0.1385
   + 0.35 = 0.3775                       dL/dw5 = 0.1385*0.5933 = 0.0822
z3 = 0.4*0.5933 + 0.45*0.5969 + 0.6      dL/dw6 = 0.1385*0.5969 = 0.0827
   = 0.2373 + 0.2686 + 0.6 = 1.1059      dL/dz4 = -0.0381
"""


def test_the_left_of_two_columns_goes_on_below() -> None:
    report = check(Marking(load("mazur")), COLUMNS, "a.txt")
    told = verdicts(report)
    assert {*told.values()} <= {"correct", "rounded"}
    assert [*told] == ["z1", "dL/dz3", "dL/dw5", "z3", "dL/dw6", "dL/dz4"]
    assert not report.unread


def test_the_numbers_of_equations_and_figures_are_no_answers() -> None:
    text = (
        "$$z_1 = 0.3775 \\tag{4.21}$$\n\nfrom ( 4.21 ) we get $$h_1 = 0.5933 \\tag{4.22}$$\n\n"
        "Fig . 4.7 the network, see Section 2.13 and table 3.11\n"
    )
    report = check(Marking(load("mazur")), text, "a.md")
    assert [*verdicts(report)] == ["z1", "h1"]
    assert not report.unread


def test_a_number_stands_before_a_name_and_again_before_its_number() -> None:
    text = "h1 = 0.5933\ndL/dw5 = 0.1385 h1 = 0.1385(0.5933) = 0.0822\n"
    report = check(Marking(load("mazur")), text, "a.txt")
    assert [*verdicts(report)] == ["h1", "dL/dw5"]
    assert not report.unread


SKIP_EDGE = """
inputs: {x1: 1, x2: -2}
targets: {y: 1}
weights: {w11: 0.5, w12: -0.3, w31: 0.7, w32: 0.1, v1: 0.6, v3: 0.8, s: 0.3}
biases: {b1: 0.1, b3: -0.1, c: 0.05}
nodes:
  1: {from: {x1: w11, x2: w12}, bias: b1, activation: tanh}
  3: {from: {x1: w31, x2: w32}, bias: b3, activation: relu}
  4: {from: {1: v1, 3: v3}, bias: c, activation: identity}
skip: [{from: 1, to: 3, weight: s}]
loss: half_l2
"""
"""dL/dyhat = 0.0703, dL/dz3 = 0.0562, dL/dz1 = 0.018; without the path through z3 0.0129."""


@pytest.mark.parametrize(
    "line",
    [
        "dL/dz1 = 0.0703*0.6*0.305 = 0.0129",
        "dL/dz1 = dL/dyhat*v1*(1 - 0.8337^2) = 0.0129",
        "dL/dz1 = 0.0703*0.6*(1 - 0.8337^2) = 0.0129 (should be minus 0.2578 * 0.3049)",
    ],
)
def test_a_path_that_the_working_leaves_out_is_named(line: str) -> None:
    text = f"dL/dyhat = 0.0703\ndL/dz3 = 0.0562\n{line}\n"
    report = check(Marking(loads(SKIP_EDGE)), text, "a.txt")
    (found,) = [each for each in report.answers if each.name == "dL/dz1"]
    assert found.finding
    assert found.finding.slip.name == "path-dropped"
    assert [each.text for each in report.unread] == re.findall(r"\(should.*", line)


@pytest.mark.parametrize(
    "words",
    ["is the same, 0.0562", "stays the same: 0.0562", "ist dasselbe, also 0.0562",
     "est la même, 0.0562", "es lo mismo, 0.0562"],
)  # fmt: skip
def test_words_for_the_same_number(words: str) -> None:
    report = check(
        Marking(loads(SKIP_EDGE)),
        f"dL/dh3 = 0.0562\nIt is open, so dL/dz3 {words}.\n",
        "a.txt",
    )
    assert [*verdicts(report)] == ["dL/dh3", "dL/dz3"]
    assert not report.unread


def test_a_figure_behind_a_derivative_in_words_is_never_lost() -> None:
    text = "dL/dh3 = 0.0562\nbecause of that dL/dz3 comes to it too, 0.0562\n"
    report = check(Marking(loads(SKIP_EDGE)), text, "a.txt")
    assert [each.text for each in report.unread] == [text.split("\n")[1]]


def test_words_before_a_name_in_a_table_are_no_formula() -> None:
    text = (
        "| quantity | formula | value |\n|---|---|---|\n"
        "| $\\partial L/\\partial v_3$ | as above but $h_3$ | 0.0457 |\n"
        "| $\\partial L/\\partial h_3$ | times $v_3$ | 0.0562 |\n"
    )
    report = check(Marking(loads(SKIP_EDGE)), text, "a.md")
    assert not any(each.comment for each in report.answers)


@pytest.mark.parametrize("words", ["which gives a loss of", "and we get a total loss of"])
def test_a_loss_of_so_much(words: str) -> None:
    report = check(Marking(load("mazur")), f"yhat1 is 0.7514, {words} 0.2984.\n", "a.txt")
    assert [*verdicts(report)] == ["yhat1", "L"]


def test_a_very_wide_line_is_not_of_two_columns() -> None:
    def columns(gaps: int) -> set[str]:
        text = "h1 = 0.3 + " + "    c" * gaps + "    h2 = 0.5\n   = 0.6\n"
        return {each.column for each in document(text, "a.txt").items}

    assert columns(2) == {"left", "on", "right"}
    assert columns(2000) == {""}  # where the next gap is looked for again and again
