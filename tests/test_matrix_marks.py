"""Whole vectors and matrices as answers: right ones accepted, mutated ones not."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, TypeAlias

import pytest
from conftest import NETWORKS, ROOT, marking, mostly_swept, shared

from backcalc.checking.report import Marking, Report, check
from backcalc.checking.verdict import ABSENT
from backcalc.equations.calculation import backward
from backcalc.equations.matrix_form import matrix_gradients
from backcalc.errors import BackcalcError
from backcalc.formulas.notation import PLAIN, formula_text, phrase_text
from backcalc.loading.loader import load, loads

TWO_LAYERS = """
inputs: {x: [0.5, -1]}
weights: {W1: [[0.2, -0.4], [0.7, 0.1], [-0.5, 0.3]], b1: [0.1, 0, -0.2], W2: [[1.2, -0.7, 0.4]],
          b2: [0.05]}
equations:
  z1: W1 @ x + b1
  h1: tanh(z1)
  z2: W2 @ h1 + b2
  yhat: z2
targets: {y: [0.8]}
loss: half_l2
learning_rate: 0.1
"""
BATCH = """
inputs: {X: [[1, 2], [0, -1], [3, 1]]}
targets: {Y: [[1, 0], [0, 1], [1, 1]]}
weights: {W: [[0.4, -0.2], [0.3, 0.5]], b: [0, 0.1]}
equations: {Z: X @ W + b, H: sigmoid(Z)}
outputs: [H]
loss: half_l2
"""


def marked(text: str, network: str = TWO_LAYERS) -> Report:
    return check(marking(network), text, "sheet.md")


def only(text: str, network: str = TWO_LAYERS) -> tuple[str, str]:
    """The verdict on the one line of a sheet, and the name of its mistake."""
    (found,) = marked(text, network).answers
    return found.verdict, found.finding.names[0] if found.finding else ""


RIGHT = [
    "z1 = [0.6, 0.25, -0.75]",
    "z1 = [[0.6], [0.25], [-0.75]]",
    "z_1 = (0.6, 0.25, -0.75)".replace("(", "[").replace(")", "]"),
    "z1 = array([ 0.6 ,  0.25, -0.75])",
    "z1 = np.array([0.6, 0.25, -0.75])",
    "z1 = [0.6 0.25 -0.75]",
    "z1 =\n0.6\n0.25\n-0.75",
    "z1 = (0.6, 0.25, -0.75)^T",
    r"$z_1 = \begin{bmatrix} 0.6 & 0.25 & -0.75 \end{bmatrix}^\top$",
    r"$z_1 = \left[\begin{array}{c} 0.6 \\ 0.25 \\ -0.75 \end{array}\right]$",
    "z1 = [np.float64(0.6), np.float64(0.25), np.float64(-0.75)]",
    "dL/dW1 = [[-0.227, 0.175, -0.0634], [0.453, -0.349, 0.127]]^T",
    r"$\frac{\partial L}{\partial w_{12}^{(1)}} = 0.453$",
    r"$z^{(1)}_3 = -0.75$",
    r"$z_1 = \begin{bmatrix} 0.6 \\ 0.25 \\ -0.75 \end{bmatrix}$",
    r"$\delta_1 = (\hat y - y) W_2^T \odot (1 - h_1^2)$",  # one output is a number on paper
    r"\[ \mathbf{z}_1 = \begin{pmatrix} 0.6 \\ \frac{1}{4} \\ -\frac{3}{4} \end{pmatrix} \]",
    "dL/dW1 = [[-0.227, 0.453], [0.175, -0.349], [-0.0634, 0.127]]",
    "dW1 = [[-0.227, 0.453], [0.175, -0.349], [-0.0634, 0.127]]",
    "grad_W1 = [[-0.227 0.453]\n [0.175 -0.349]\n [-0.0634 0.127]]",
    "dL/dW1 = [-0.227, 0.453; 0.175, -0.349; -0.0634, 0.127]",
    "dL/dW1 =\n-0.227 0.453\n0.175 -0.349\n-0.0634 0.127",
    "∂L/∂W1 = δ1 xᵀ = [[-0.227, 0.453], [0.175, -0.349], [-0.0634, 0.127]]",
    "∂L/∂W₁ = δ₁ xᵀ",
    r"$W_2^{\prime} = W_2 - \eta \delta_2 h_1^T$",
    r"$\delta^{[1]} = \big(W^{[2]}\big)^T \delta^{[2]} \odot \tanh'\big(z^{[1]}\big)$",
    "W2' = [[1.2285, -0.68699, 0.36627]]",
    "dL/dW1 = dL/dz1 @ x.T",
    "dL/dW1 = outer(dL/dz1, x)",
    r"$\frac{\partial L}{\partial W_1} = \delta_1 x^T$",
    r"$\nabla_{W_1} L = \delta_1 x^\top$",
    r"\delta_1 = (W_2^T \delta_2) \odot (1 - h_1^2)",
    r"\delta_1 = W_2^T (\hat{y} - y) \odot \tanh'(z_1)",
    "dL/dz1 = W2.T @ (yhat - y) * (1 - h1**2)",
    "dL/db1 = dL/dz1",
    "dL/db2 = yhat - y",
    "h1 = tanh(z1)",
    "z1 = W1 x + b1",
    r"\[ h_1 = \tanh(z_1). \]",
    r"$a^{(1)} = \tanh(z^{(1)})$",  # the activations of a layer
    r"$a^{[2]} = z_2$ and $\delta^{(1)} = (W_2^T \delta^{(2)}) \odot (1 - a_1^2)$",
    r"$a_1^{(1)} = 0.537$",
    r"\frac{\partial L}{\partial W_2} &= \begin{pmatrix} -0.285 & -0.130 & 0.337 \end{pmatrix} \\",
    r"\( \delta_1 = (W_2^\top \delta_2) \odot (1 - h_1^2) \)",
    r"\[ z_1 = W_1 x + b_1 = \begin{bmatrix} 0.6 \\ 0.25 \\ -0.75 \end{bmatrix} \]",
    "L = 1/2*sum((yhat - y)**2)",
    "z1 = (0.6; 0.25; -0.75)",
    "z1 = (0,6; 0,25; -0,75)",
    "z1 = [0,6 0,25 -0,75]",
    "z1 = (0,6, 0,25, -0,75)",
    r"$z_1 = (0{,}6;\ 0{,}25;\ -0{,}75)^\top$",
    "dL/dW1 = [-0,227 0,453; 0,175 -0,349; -0,0634 0,127]",
    "dL/dW1 = ((-0.227, 0.453), (0.175, -0.349), (-0.0634, 0.127))",
    "\\newcommand{\\vv}[1]{\\begin{bmatrix}#1\\end{bmatrix}}\n\n$z_1 = \\vv{0.6\\\\0.25\\\\-0.75}$",
    "So for the first layer z1 = (0.6, 0.25, -0.75).",
]


@pytest.mark.parametrize("text", RIGHT)
def test_right_in_every_way_of_writing(text: str) -> None:
    assert only(text) in [("correct", ""), ("rounded", "")]


WRONG = [
    ("dL/dW2 = h1 @ dL/dz2.T", "matrix-transposed", TWO_LAYERS),
    ("dL/dW2 = [[-0.285], [-0.130], [0.337]]", "matrix-transposed", TWO_LAYERS),
    ("dL/dh1 = W2 @ dL/dz2", "factor-not-transposed", TWO_LAYERS),
    ("dL/dW1 = dL/dz1 @ x", "factor-not-transposed", TWO_LAYERS),
    ("dL/dW1 = x.T @ dL/dz1", "product-order", TWO_LAYERS),
    ("dL/dz1 = dL/dh1", "activation-derivative-omitted", TWO_LAYERS),
    ("dL/dyhat = y - yhat", "gradient-sign", TWO_LAYERS),
    ("dL/dW1 = -dL/dz1 @ x.T", "gradient-sign", TWO_LAYERS),
    ("dL/dh1 = W2.T * dL/dz2", "", TWO_LAYERS),
    ("dL/dZ = dL/dH @ (H*(1 - H))", "matrix-product", BATCH),
    ("dL/dW = X @ dL/dZ", "factor-not-transposed", BATCH),
    ("dL/dW = dL/dZ.T @ X", "matrix-transposed", BATCH),
    ("dL/dW = dL/dZ @ X.T", "product-order", BATCH),
    ("dL/db = sum(dL/dZ, axis=1)", "axis-confused", BATCH),
    ("dL/db = dL/dZ", "batch-not-summed", BATCH),
    ("Z = X*W + b", "entrywise-product", BATCH),
    ("Z = W @ X + b", "product-order", BATCH),
    ("dL/dZ = dL/dH", "activation-derivative-omitted", BATCH),
    ("dL/dZ = dL/dH*H", "", BATCH),
    ("dL/dW = X.T @ dL/dZ / 3", "", BATCH),
    ("dL/dW = X.T @ dL/dH", "", BATCH),
    ("dL/dZ = dL/dZ", "", BATCH),
]


@pytest.mark.parametrize(("text", "slip", "network"), WRONG)
def test_wrong_and_named(text: str, slip: str, network: str) -> None:
    verdict, name = only(text, network)
    assert verdict == "wrong"
    assert not slip or name == slip


@pytest.mark.sweep
def test_a_matrix_is_one_line_and_its_wrong_elements_are_named(run, tmp_path) -> None:
    (tmp_path / "net.yaml").write_text(TWO_LAYERS)
    sheet = "dL/dW1 = [[-0.227, 0.453], [0.175, -0.5], [-0.0634, 0.127]]\nL = 0.141\n"
    (tmp_path / "sheet.txt").write_text(sheet)
    done = run("check", "net.yaml", "sheet.txt", cwd=tmp_path)
    assert done.exit_code == 1
    assert "Wrong: ∂L/∂W1_22 = -0.5." in done.stdout
    assert "score 1 of 2" in done.stdout
    done = run("check", "net.yaml", "sheet.txt", "--format", "json", cwd=tmp_path)
    first = json.loads(done.stdout)["files"][0]["answers"][0]
    assert (first["name"], first["points"], first["earned"]) == ("dL/dW1", 1.0, 0.0)
    assert first["expected"][1] == pytest.approx([0.174715961, -0.349431922])
    copies = run("check", "net.yaml", "sheet.txt", "--feedback", "copies", cwd=tmp_path)
    assert copies.exit_code == 1
    assert "W1" in (tmp_path / "copies" / "sheet.txt.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "points", "score"),
    [
        ((), "", "score 1 of 2"),
        (("--elements", "each"), "", "score 6 of 7"),
        ((), "points: {dL/dW1: 12, L: 1}\n", "score 1 of 13"),
        (("--elements", "each"), "points: {dL/dW1: 12, L: 1}\n", "score 11 of 13"),
        ((), "marking: {elements: each}\n", "score 6 of 7"),
    ],
)
def test_a_matrix_has_one_mark_or_one_for_each_element(
    options: tuple[str, ...], points: str, score: str, run, tmp_path
) -> None:
    (tmp_path / "net.yaml").write_text(TWO_LAYERS + points)
    sheet = "dL/dW1 = [[-0.227, 0.453], [0.175, -0.5], [-0.0634, 0.127]]\nL = 0.141\n"
    (tmp_path / "sheet.txt").write_text(sheet)
    assert score in run("check", "net.yaml", "sheet.txt", *options, cwd=tmp_path).stdout


@pytest.mark.parametrize(
    "text",
    [
        "$z_1 = W_1 x + b_1$ and $L = 0.141$.",
        "z1 = W1 @ x + b1, with L = 0.141",
        r"$z_1 = (0.6, 0.25, -0.75)^\top$ and $L = 0.141$.",
        r"$z_1 = W_1 x + b_1,\quad L = 0.141$",
    ],
)
def test_two_statements_on_one_line_are_two(text: str) -> None:
    verdicts = [(each.name, each.verdict) for each in marked(text).answers]
    assert verdicts == [("z1", "correct"), ("L", "rounded")]


@pytest.mark.parametrize(
    "text",
    [
        "z1 = W1 x + b1, h1 = tanh(z1)\n  = [0.537, 0.245, -0.635]",
        "z1 = W1 x + b1\n  = [0.6, 0.25, -0.75]; h1 = [0.537, 0.245, -0.635]",
    ],
)
def test_numbers_on_a_line_below_are_of_the_statement_right_before_them(text: str) -> None:
    verdicts = {(each.name, each.verdict) for each in marked(text).answers}
    assert verdicts <= {("z1", "correct"), ("h1", "correct"), ("h1", "rounded")}


def test_of_a_formula_and_its_numbers_the_last_counts() -> None:
    report = marked("z1 = W1 @ x + b1\n  = [0.6, 0.25, -0.75]\n")
    assert [float(each.worth) for each in report.answers] == [0, 1]
    (row,) = marked("dL/dW2 = [[-0.3, -0.1, 0.3]]").answers
    assert phrase_text(row.shown(), PLAIN).startswith("[[")


SQUARE_ROWS = """
inputs: {X: [[-0.47, -1.13], [-0.3, 0.6]]}
targets: {y: [[0.56, 1.46], [0.36, -1.26]]}
weights: {W1: [[-0.21, 1.06], [1.12, 1.3]], b1: [-1.1, 0.56]}
equations: {z1: X @ W1 + b1}
outputs: [z1]
loss: half_l2
learning_rate: 0.5
"""


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("z1 = [[-2.3, -1.4], [-0.37, 1.0]]\ndL/dz1 = [[-1.43, -0.37], [-1.43, 1.13]]",
         "matrix-transposed"),  # of the person's own rounded figures
        ("dL/dz1 = [[-1.4, -1.4], [-0.36, 1.1]]\nW1' = [[-0.593, 0.437], [0.896, 0.179]]",
         "matrix-transposed"),
        ("W1' = [[-0.597, 0.43], [0.894, 0.148]]", "matrix-transposed"),
        ("W1' = [[0.597, -0.894], [-0.43, -0.148]]", "gradient-sign"),
    ],
)  # fmt: skip
def test_mistakes_with_a_matrix_are_found_in_own_figures(text: str, slip: str) -> None:
    found = marked(text, SQUARE_ROWS).answers[-1]
    assert found.verdict == "wrong"
    assert found.finding
    assert found.finding.names == (slip,)


SOFTMAX = """
inputs: {x: [1, -0.5]}
targets: {y: [0, 1, 0]}
weights: {W: [[0.2, -0.3], [0.1, 0.4], [-0.5, 0.6]], b: [0.1, 0, -0.1]}
equations: {z: W @ x + b, p: softmax(z)}
loss: cross_entropy
learning_rate: 1
"""


def test_columns_that_are_interchanged_are_told_by_their_elements() -> None:
    text = "dL/dW = [[-0.2723, 0.5446], [0.3429, -0.6858], [-0.0706, 0.1412]]"
    (found,) = marked(text, SOFTMAX).answers
    assert phrase_text(found.comment, PLAIN).startswith("You took x_2 for x_1: ")


def test_the_diagonal_alone_of_a_softmax_is_a_path_for_each_output_and_no_batch() -> None:
    network = SOFTMAX.replace("cross_entropy", "half_l2")
    text = "p = [0.5446, 0.3142, 0.1412]\ndL/dp = [0.5446, -0.6858, 0.1412]\n"
    (*_, found) = marked(text + "dL/dz = [0.1351, -0.1478, 0.0171]", network).answers
    said = phrase_text(found.comment, PLAIN)
    assert said.startswith("dL/dz_1: You left out every path but the one through p_1: ")


def test_a_number_misread_for_a_whole_matrix_is_its_mistake() -> None:
    report = marked(
        "dL/dz = [0.5446, -0.6858, 0.1412]\n"
        "W' = [[0.1455, -0.2728], [0.1686, 0.3657], [-0.5141, 0.6071]]\n"
        "b' = [0.0455, 0.0686, -0.1141]",
        SOFTMAX,
    )
    first, second = report.answers[1:]
    assert first.finding
    assert first.finding.names == ("misread-given",)
    assert phrase_text(first.comment, PLAIN).startswith("You read lr as 0.1: ")
    assert second.verdict == "again"
    assert phrase_text(second.comment, PLAIN) == "As in W': you read lr as 0.1."


def test_where_no_mistake_explains_all_elements_the_first_wrong_one_is_named() -> None:
    found = marked("z1 = [[-2.27, 5.02], [-0.36, 1.022]]", SQUARE_ROWS).answers[0]
    assert found.verdict == "wrong"
    assert not found.finding
    assert phrase_text(found.comment).startswith("z1_12: This should be -1.4072.")


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("z2 = 0.269", {"z2": "rounded"}),  # one element is written as a number
        ("yhat = 0.31", {"yhat": "wrong"}),
        (r"\[ z_2 = W_2 h_1 + b_2 = 0.269, \qquad L = \tfrac12 (0.269 - 0.8)^2 = 0.141 \]",
         {"z2": "rounded", "L": "rounded"}),
        (r"\[ \delta_2 = \hat y - y \approx -0.531 \]", {"dL/dz2": "rounded"}),
        ("$W_2' = [1.2285, -0.687, 0.3663]$ and $b_2' = 0.1031$.",
         {"W2'": "rounded", "b2'": "rounded"}),
    ],
)  # fmt: skip
def test_a_vector_of_one_element_may_be_written_as_a_number(
    text: str, verdicts: dict[str, str]
) -> None:
    report = marked(text)
    assert {each.name: each.verdict for each in report.answers} == verdicts
    assert report.unread == ()


def test_delta_belongs_to_a_capital_z_too() -> None:
    for name in ("z", "Z"):
        text = rf"$\delta_1 = ({name}_1 - y)/2$"
        (found,) = marked(text, SQUARE_ROWS.replace("z1", f"{name}1")).answers
        assert (found.name, found.verdict) == (f"dL/d{name}1", "correct")


@pytest.mark.parametrize(
    "line",
    [r"$\delta_1 = \frac{\partial L}{\partial z_1}$", r"$\delta_1 = \frac{dE}{d\mathrm{net}}$",
     "We define $\\delta_1 = dE/dz_1$.", r"$$\delta_1 := \partial E/\partial \text{net}$$"],
)  # fmt: skip
def test_what_an_error_term_means_is_no_answer(line: str) -> None:
    report = marked(f"{line}\n\n$\\delta_1 = (z_1 - y)/2$", SQUARE_ROWS)
    assert [(each.name, each.verdict) for each in report.answers] == [("dL/dz1", "correct")]
    assert not report.unread


def test_what_follows_from_a_wrong_matrix_follows() -> None:
    report = marked("z1 = [0.6, 0.25, 0.75]\nh1 = [0.537, 0.245, 0.635]\n")
    assert [each.verdict for each in report.answers] == ["wrong", "follows"]
    assert report.answers[1].sources == ("z1",)
    assert report.touched == 1  # a matrix is one line here too


def test_a_formula_of_unknown_words_is_not_read() -> None:
    report = marked("dL/dW1 = Q @ x.T\nz1 = [0.6, 0.25, -0.75]\n")
    assert [each.verdict for each in report.answers] == ["correct"]
    assert [each.text for each in report.unread] == ["Q @ x.T"]


NETS = tuple(
    each for each in NETWORKS if re.search(r"@|\.T|conv\(|softmax\(", (ROOT / each).read_text())
)
FORMATS = ("text", "markdown", "latex")


@pytest.mark.parametrize("name", mostly_swept(shared(NETS, "a printed sheet", 3)))
def test_a_printed_sheet_is_read_back(name: str, run) -> None:
    network = load(ROOT / name)
    form = network.matrices
    if form is None:
        return
    kind = FORMATS[NETS.index(name) % len(FORMATS)]
    rate = () if network.learning_rate else ("--lr", "1/2")
    sheet = run("step", name, "--format", kind, *rate).stdout
    lines = [*form.lines, *matrix_gradients(form, network.conventions)]
    formulas = "".join(f"{each.name} = {formula_text(each.expression)}\n" for each in lines)
    report = check(
        Marking(network, Fraction(1, 2) if rate else None), f"{formulas}\n{sheet}", "a.md"
    )
    assert [each.text for each in report.unread] == []
    assert {each.verdict for each in report.answers} <= {"correct", "rounded"}
    assert len(report.answers) > 2 * len(lines)


# Mutated formulas, judged by an evaluator of this file's own.

Matrix: TypeAlias = "list[list[float]]"
Tree: TypeAlias = "str | tuple[Any, ...]"


def times(a: Matrix, b: Matrix) -> Matrix:
    if len(a[0]) != len(b):
        raise ValueError
    return [[sum(x * y for x, y in zip(row, col, strict=True)) for col in zip(*b, strict=True)]
            for row in a]  # fmt: skip


def each_with(a: Matrix, b: Matrix, work: Callable[[float, float], float]) -> Matrix:
    if len(a) != len(b) or len(a[0]) != len(b[0]):
        raise ValueError
    return [[work(x, y) for x, y in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)]


def value_of(tree: Tree, names: dict[str, Matrix]) -> Matrix:
    if isinstance(tree, str):
        return names[tree]
    sign, *rest = tree
    parts = [value_of(part, names) for part in rest]
    if sign == "T":
        return [list(row) for row in zip(*parts[0], strict=True)]
    if sign == "-1":
        return [[-x for x in row] for row in parts[0]]
    if sign == "@":
        return times(*parts)
    return each_with(*parts, {"*": lambda x, y: x * y, "+": lambda x, y: x + y,
                              "-": lambda x, y: x - y}[sign])  # fmt: skip


def text_of(tree: Tree) -> str:
    if isinstance(tree, str):
        return tree
    sign, *rest = tree
    parts = [text_of(part) if isinstance(part, str) else f"({text_of(part)})" for part in rest]
    return f"{parts[0]}.T" if sign == "T" else f"-{parts[0]}" if sign == "-1" else (
        f"{parts[0]} {sign} {parts[1]}")  # fmt: skip


def mutated(tree: Tree, names: list[str], draw: random.Random) -> Tree:
    """The tree with one thing changed anywhere in it."""
    if isinstance(tree, str) or draw.random() < 0.3:
        ways: list[Callable[[], Tree]] = [
            lambda: ("T", tree), lambda: ("-1", tree), lambda: draw.choice(names),
            lambda: ("*", tree, draw.choice(names)), lambda: ("+", tree, draw.choice(names)),
        ]  # fmt: skip
        if not isinstance(tree, str):
            sign, *rest = tree
            ways += [lambda: rest[0], lambda: (sign, *reversed(rest))]
            if len(rest) == 2:
                ways += [lambda: (draw.choice("@*+-"), *rest), lambda: rest[1]]
        return draw.choice(ways)()
    place = draw.randrange(1, len(tree))
    return (*tree[:place], mutated(tree[place], names, draw), *tree[place + 1 :])


SQUARE = """
inputs: {X: [[0.5, -1], [0.3, 0.8]]}
targets: {Y: [[0.8, -0.2], [0.1, 0.4]]}
weights: {W: [[0.2, -0.4], [0.7, 0.1]], V: [[0.3, 0.9], [-0.6, 0.5]]}
equations: {Z: X @ W, H: tanh(Z), O: H @ V}
outputs: [O]
loss: half_l2
reduction: sum
"""
TRUE: dict[str, Tree] = {
    "dL/dV": ("@", ("T", "H"), ("-", "O", "Y")),
    "dL/dH": ("@", ("-", "O", "Y"), ("T", "V")),
    "dL/dW": ("@", ("T", "X"), "dL/dZ"),
    "O": ("@", "H", "V"),
}


def at_random(draw: random.Random) -> dict[str, Matrix]:
    """Every quantity of the square network at random inputs and weights."""

    def some() -> Matrix:
        return [[draw.uniform(-1, 1) for _ in range(2)] for _ in range(2)]

    names = {"X": some(), "W": some(), "V": some(), "Y": [[0.8, -0.2], [0.1, 0.4]]}
    names["Z"] = times(names["X"], names["W"])
    names["H"] = [[math.tanh(z) for z in row] for row in names["Z"]]
    names["O"] = times(names["H"], names["V"])
    names["dL/dO"] = each_with(names["O"], names["Y"], lambda o, y: o - y)
    turned = [list(row) for row in zip(*names["V"], strict=True)]
    names["dL/dH"] = times(names["dL/dO"], turned)
    names["dL/dZ"] = each_with(names["dL/dH"], names["H"], lambda g, h: g * (1 - h * h))
    return names


def mutants(count: int, seed: int) -> Iterator[tuple[str, str, bool]]:
    """Yield a quantity, a formula for it, and whether that is true after all."""
    draw = random.Random(seed)
    worlds = [at_random(draw) for _ in range(3)]
    for _ in range(count):
        name = draw.choice([*TRUE])
        names = [each for each in worlds[0] if each != name]
        tree = TRUE[name]
        for _ in range(draw.choice((1, 1, 2))):
            tree = mutated(tree, names, draw)
        try:
            true = all(
                abs(a - b) < 1e-9
                for world in worlds
                for row, other in zip(
                    value_of(tree, world), value_of(TRUE[name], world), strict=True
                )
                for a, b in zip(row, other, strict=True)
            )
        except ValueError:
            true = False
        yield name, text_of(tree), true


@pytest.mark.sweep
def test_no_mutated_formula_is_accepted() -> None:
    for name, formula, true in mutants(150, 1):
        (found,) = check(marking(SQUARE), f"{name} = {formula}\n", "sheet.md").answers
        assert (found.verdict == "correct") == true or found.verdict == "undecided", formula


@pytest.mark.sweep
def test_a_whole_sheet_in_the_other_layout_is_taken_so(run, tmp_path) -> None:
    (tmp_path / "net.yaml").write_text(TWO_LAYERS)
    turned = "dL/dW1 = [[-0.227, 0.175, -0.0634], [0.453, -0.349, 0.127]]\n"
    (tmp_path / "sheet.txt").write_text(f"{turned}dL/dW2 = h1 @ dL/dz2\n")
    assert (
        "took the layout as numerator" in run("check", "net.yaml", "sheet.txt", cwd=tmp_path).stdout
    )
    assert only(turned) == ("wrong", "matrix-transposed")  # one line alone is a slip
    (tmp_path / "net.yaml").write_text(TWO_LAYERS + "conventions: {layout: numerator}\n")
    shown = run("step", "net.yaml", "--format", "latex", cwd=tmp_path).stdout
    report = marked(shown, TWO_LAYERS)
    assert report.taken["the layout"] == "numerator"
    assert {each.verdict for each in report.answers} <= {"correct", "rounded"}
    report = marked(shown, TWO_LAYERS + "conventions: {layout: numerator}\n")
    assert "the layout" not in report.taken
    assert {each.verdict for each in report.answers} <= {"correct", "rounded"}
    right = run("step", "net.yaml", "--layout", "denominator", "--brief", cwd=tmp_path).stdout
    assert marked(right, TWO_LAYERS + "conventions: {layout: numerator}\n").taken == {
        "the layout": "denominator"
    }


SQUARE_LAYERS = """
inputs: {x: [0.5, -1]}
targets: {y: [0.8, 0.2]}
weights: {A: [[0.2, -0.4], [0.7, 0.1]], B: [[0.3, 0.9], [-0.6, 0.5]]}
equations: {h: A @ x, yhat: B @ h}
loss: half_l2
"""


def test_the_layout_of_square_matrices_is_told_by_their_numbers() -> None:
    values = backward(loads(SQUARE_LAYERS)).values
    cells = [float(values[f"dL/d{name}_{at}"]) for name in "AB" for at in ("11", "12", "21", "22")]
    a, b, c, d, e, f, g, h = cells
    sheet = f"dL/dA = [[{a}, {c}], [{b}, {d}]]\ndL/dB = [[{e}, {g}], [{f}, {h}]]\n"
    report = marked(sheet, SQUARE_LAYERS)
    assert report.taken == {"the layout": "numerator"}
    assert {each.verdict for each in report.answers} <= {"correct", "rounded"}


HOSTILE = [
    "z1 = " + "[" * 3000, "z1 = " + "[1, " * 1000 + "]" * 1000, "z1 = " + "⎡" * 3000,
    "a" * 20000 + " = [1, 2, 3]", "dL/dW1 = placed(W1)", "dL/dW1 = max_unpool(W1, W1)",
    "z1 = index(W1)", "dL/dW1 = eye()", "z1 = layer_norm(z1, eps=1/0)", "dL/dW1 = x[:, :, None]",
    "dL/dW1 = zeros(shape=(99999, 99999))", "dL/dW1 = is_max(W1, axis=7)",
]  # fmt: skip


@pytest.mark.parametrize("sheet", HOSTILE)
def test_hostile_matrices_are_not_accepted(sheet: str) -> None:
    try:
        report = marked(f"{sheet}\nL = 0.141\n")
    except BackcalcError:
        return
    assert not {"correct", "rounded"} & {each.verdict for each in report.answers[:-1]}


@pytest.mark.parametrize("layout", ["row", "[1]"])
def test_an_unknown_layout_is_refused(layout: str) -> None:
    with pytest.raises(BackcalcError, match=r"layout|numerator"):
        loads(TWO_LAYERS + f"conventions: {{layout: {layout}}}\n")


def test_a_nought_with_the_decimals_of_its_matrix_is_rounded() -> None:
    """Matrices are written with one number of decimals; alone such a nought tells nothing."""
    saturated = TWO_LAYERS.replace("-0.2]", "-3.2]")
    assert only("dL/dz1 = [-0.58, 0.45, -0.00]", saturated)[0] == "rounded"
    assert only("dL/dW1 = [[-0.3, 0.6], [0.2, -0.4], [0.0, 0.0]]", saturated)[0] == "undecided"


# Several names in one line, words before it, and other letters and signs.

TWO_OUTPUTS = """
inputs: {x: [1, -0.5]}
weights: {W1: [[0.3, -0.2], [0.5, 0.4]], b1: [0.1, -0.1], W2: [[0.6, -0.8], [0.2, 0.5]],
          b2: [0.2, 0]}
equations: {z1: W1 @ x + b1, a1: sigmoid(z1), z2: W2 @ a1 + b2, yhat: z2}
targets: {y: [1, 0]}
loss: half_l2
learning_rate: 0.1
"""
COLUMN = r"\begin{pmatrix}-0.1034\\0.2210\end{pmatrix}"
NEW_W2 = r"\begin{pmatrix} 0.6539 & -0.7524\\ 0.1751 & 0.4780\end{pmatrix}"
SLOPE_W2 = "[[-0.5393, -0.4764], [0.2486, 0.2196]]"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # each name of a chain
        ("dL/db1 = dL/dz1 = [-0.1034, 0.2210]", ["dL/db1", "dL/dz1"]),
        (rf"$$\frac{{\partial L}}{{\partial b_1}} = \delta_1 = {COLUMN}$$", ["dL/db1", "dL/dz1"]),
        (rf"$\nabla_{{b_1}} L = W_2^T\delta_2 \odot a_1 \odot (1-a_1) = {COLUMN}$", ["dL/db1"]),
        (r"$\hat y = z_2 = (0.1336, 0.3994)$", ["yhat", "z2"]),
        ("dL/db1 = dL/dz1 = [-0.1034, 0.2210], dL/db2 = dL/dz2 = [-0.8664, 0.3994]",
         ["dL/db1", "dL/dz1", "dL/db2", "dL/dz2"]),
        ("z1 = [0.5, 0.2], dL/dW2 = dL/dz2 @ a1.T = " + SLOPE_W2, ["z1", "dL/dW2"]),
        # the further ones only where nothing else says them, and where they have that shape
        ("dL/dz1 = [-0.1034, 0.2210]\ndL/db1 = dL/dz1 = [-0.1034, 0.2210]", ["dL/dz1", "dL/db1"]),
        ("dL/db1 = dL/dW1 = [-0.1034, 0.2210]", ["dL/db1"]),
        # words that only lead to it
        (r"We get $z_1 = (0.5, 0.2)$ and $a_1 = \begin{pmatrix}0.62\\0.55\end{pmatrix}$.",
         ["z1", "a1"]),
        (r"We get $\delta_1 = W_2^T\delta_2\odot a_1\odot(1-a_1)$.", ["dL/dz1"]),
        # other letters of the loss
        *((f"d{letter}/dW2 = {SLOPE_W2}", ["dL/dW2"]) for letter in ("E", "J", "C", "Loss")),
        (rf"$\frac{{\partial \mathcal{{E}}}}{{\partial b_1}} = {COLUMN}$", ["dL/db1"]),
        # new weights
        (rf"$W_2 \leftarrow W_2 - \eta \delta_2 a_1^T = {NEW_W2}$", ["W2'"]),
        (rf"$W_2 := {NEW_W2}$", ["W2'"]),
        ("W2 <- W2 - lr * dL/dW2", ["W2'"]),
        (rf"$W_2^{{\text{{new}}}} = {NEW_W2}$", ["W2'"]),
        # a number behind a formula of vectors
        (r"$L = \frac12(\hat y - y)^2 = 0.4551$", ["L"]),
        (r"$\mathbf{z}_2 = \mathbf{W}_2\mathbf{a}_1 + \mathbf{b}_2$", ["z2"]),
    ],
)  # fmt: skip
def test_whole_matrices_are_read_as_people_write_them(text: str, names: list[str]) -> None:
    report = marked(text, TWO_OUTPUTS)
    assert [each.name for each in report.answers] == names
    assert {each.verdict for each in report.answers} <= {"correct", "rounded"}
    assert not report.unread


@pytest.mark.parametrize(
    "text",
    [
        rf"The gradient of $W_2 = {NEW_W2}$.",
        rf"Half of $b_1 = {COLUMN}$.",
        r"Suppose $z_1 = \begin{pmatrix} 1\\ 2\end{pmatrix}$.",
    ],
)
def test_words_that_say_more_leave_a_matrix_unread(text: str) -> None:
    report = marked(f"{text}\n\n$L = 0.4551$", TWO_OUTPUTS)
    assert [each.name for each in report.answers] == ["L"]
    assert "no quantity" not in " ".join(each.reason for each in report.unread)


ONE_OUTPUT = (
    TWO_OUTPUTS.replace(", [0.2, 0.5]]", "]").replace("[0.2, 0]", "[0.2]").replace("[1, 0]", "[1]")
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (r"$L = \frac12(\hat y - y)^2 = 0.3753$", ["L"]),  # it has a name in formulas
        (r"$b_2 \leftarrow 0.2 + 0.1\cdot 0.8664 = 0.2866$", ["b2'"]),
        (r"$\hat y = z_2 = 0.1336$", ["yhat", "z2"]),
        # a statement ends where its formula closes, and where another begins
        ("z2 = 0.1336, J = 0.3753", ["z2", "L"]),
        ("z2 = 0.1336, size = 0.3753", ["z2"]),
        (r"\[z_2 = 0.1336\] and we get $L = 0.3753$.", ["z2", "L"]),
        (r"$$z_2 = 0.1336$$ and we get $L = 0.3753$.", ["z2", "L"]),
    ],
)
def test_a_vector_of_one_element_may_stand_as_a_number(text: str, names: list[str]) -> None:
    report = marked(text, ONE_OUTPUT)
    assert [each.name for each in report.answers] == names
    assert {each.verdict for each in report.answers} <= {"correct", "rounded"}


@pytest.mark.parametrize("back", ["W_2\\delta_2", "W_2 \\cdot \\delta_2"])
def test_a_forgotten_transpose_is_named_in_a_formula_put_in(back: str) -> None:
    text = rf"$\delta_1 = {back}\odot a_1\odot(1-a_1)$"
    assert only(text, TWO_OUTPUTS) == ("wrong", "factor-not-transposed")


def test_a_wrong_shape_is_called_one() -> None:
    (found,) = marked("dL/dz1 = dL/dW1", TWO_OUTPUTS).answers
    assert phrase_text(found.comment) == "dL/dz1 has shape 2, and your formula has shape 2x2."


THREE_UNITS = """
inputs: {x: [2, -1]}
targets: {y: [1, 0]}
weights: {A: [[0.2, 0.1], [-0.3, 0.5], [0.4, 0.2]], B: [[0.4, -0.6, 0.3], [0.1, 0.2, -0.5]]}
equations: {z1: A @ x, h1: sigmoid(z1), z2: B @ h1}
outputs: [z2]
loss: half_l2
learning_rate: 0.5
"""
SHOWN = (
    ("z1 = A @ x\nh1 = 1/(1 + np.exp(-z1))\nh1", "array([0.57444252, 0.24973989, 0.64565631])"),
    ("d2 = z2 - y\nd2", "array([-0.72637004, -0.21543592])"),
    ("d1 = B.T @ d2\nprint(d1)", "[-0.31209161  0.39273484 -0.11019305]"),  # without h1*(1 - h1)
    ("dB = np.outer(d2, h1)\ndB",
     "array([[-0.417258, -0.181404, -0.468985],\n       [-0.123756, -0.053803, -0.139098]])"),
    ("B = B - 0.5*dB\nB",
     "array([[ 0.608629, -0.509298,  0.534493],\n       [ 0.161878,  0.226901, -0.430451]])"),
    ("for n in range(9):\n    A = A - 0.5*dA\nA", "array([[1., 2.], [3., 4.], [5., 6.]])"),
)  # fmt: skip


def test_arrays_that_a_notebook_or_a_session_shows_are_those_of_the_names_above_them() -> None:
    expected = {"h1": "correct", "dL/dz2": "correct", "dL/dz1": "wrong", "dL/dB": "correct",
                "B'": "correct"}  # fmt: skip
    cells = [
        {"cell_type": "code", "source": code, "outputs": [{"text": shown}]} for code, shown in SHOWN
    ]
    typed = [[f">>> {line}" for line in code.split("\n")] for code, _ in SHOWN[:-1]]
    session = "\n".join(
        line for code, (_, shown) in zip(typed, SHOWN, strict=False) for line in (*code, shown)
    )
    for text, file in (json.dumps({"cells": cells}), "a.ipynb"), (session, "a.txt"):
        report = check(marking(THREE_UNITS), text, file)
        shown = {each.name: each for each in report.answers if each.answer.text[0] == "["}
        verdicts = {each.name: each.verdict for each in shown.values() if each.verdict != "missing"}
        assert {n: v.replace("rounded", "correct") for n, v in verdicts.items()} == expected
        assert "\u2060" not in "".join(each.answer.text for each in shown.values())


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("B = B - 0.5*dB", ["correct"]), ("B = B + 0.5*dB", ["wrong"]),
        ("B -= 0.5*dB", ["correct"]),
        ("B -= lr*dB", ["correct"]), ("B += 0.5*dB", ["wrong"]),
        ("$B' = B - 0.5\\,\\delta_2 h_1^T$", ["correct"]), ("B' = B - 0.25*dB", ["wrong"]),
        ("B = B - 0.5 dB = [[0.6086, -0.5093, 0.5345], [0.1619, 0.2269, -0.4305]]", ["rounded"]),
    ],
)  # fmt: skip
def test_a_weight_less_a_part_of_itself_is_the_new_one(text: str, verdicts: list[str]) -> None:
    answers = check(marking(THREE_UNITS), text, "a.md").answers
    found = [(each.name, each.verdict) for each in answers if each.verdict != "missing"]
    assert found == [("B'", each) for each in verdicts]


def test_numbered_ds_are_error_terms_where_all_of_them_fit() -> None:
    backwards = "d2 = {} = [-0.7264, -0.2154]\nd1 = (B^T d2) * h1 * (1 - h1)\n"
    found = [
        each.name
        for each in check(marking(THREE_UNITS), backwards.format("z2 - y"), "a.md").answers
    ]
    assert found[:2] == ["dL/dz2", "dL/dz1"]
    others = backwards.replace("d1", "d3"), backwards.replace("d2", "D").replace("d1", "d2")
    for text in (backwards.format("y - z2"), *(other.format("z2 - y") for other in others)):
        with pytest.raises(BackcalcError):
            check(marking(THREE_UNITS), text.replace("D", "d1"), "a.md")


COUNTED_LAYERS = """
inputs: {x: [0.5, -1]}
weights: {W1: [[0.4, -0.3], [0.2, 0.6]], b1: [0.1, -0.2], W2: [[0.7, -0.5]], b2: [0.05]}
equations: {z1: W1 @ x + b1, h1: sigmoid(z1), z2: W2 @ h1 + b2, yhat: sigmoid(z2)}
targets: {y: [1]}
loss: half_l2
"""


@pytest.mark.parametrize(
    ("text", "verdicts", "unread"),
    [
        ("z_1 = 0.6, z_2 = -0.7, L = 0.0868", {"L": "rounded"}, 2),  # of the units
        ("z_1 = 0.6, z_2 = 0.3361", {"z2": "rounded"}, 1),
        ("z_1 = [0.6, -0.7], z_2 = -0.7", {"z1": "correct", "z2": "wrong"}, 0),
        ("z_2 = -0.7", {"z2": "wrong"}, 0),
    ],
)
def test_a_number_for_a_vector_may_count_units(
    text: str, verdicts: dict[str, str], unread: int
) -> None:
    report = check(Marking(loads(COUNTED_LAYERS)), text, "sheet.md")
    found = {each.name: each.verdict for each in report.answers if each.verdict not in ABSENT}
    assert (found, len(report.unread)) == (verdicts, unread)


def test_an_arrow_below_another_display_is_read() -> None:
    arrow = r"\[ b_1 \leftarrow \begin{pmatrix} 0.1 \\ 0.2 \end{pmatrix} \]"
    text = f"Words.\n\\[ L = 0.0868 \\]\n{arrow}\n"
    network = loads(COUNTED_LAYERS + "learning_rate: 0.5\n")
    found = {each.name: each.verdict for each in check(Marking(network), text, "a.tex").answers}
    assert found == {"L": "rounded", "b1'": "wrong"}
