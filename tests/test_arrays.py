"""The sheet of a file with matrices: its numbers, its formats, narrow terminals."""

from __future__ import annotations

import io
import json
import re
from xml.dom import minidom

import pytest
from rich.cells import cell_len

import backcalc
from backcalc.equations import calculation
from backcalc.formats import text
from backcalc.formulas.notation import UNICODE
from backcalc.loading.loader import load
from backcalc.sheets.arrays import MATRICES
from backcalc.sheets.blocks import Matrix, SheetBlocks, WorkedOut
from backcalc.sheets.worked import Wishes, worked_sheet

SHOWN = ("matrix_columns", "softmax_batch", "self_attention", "rnn_vectors", "small_cnn")


@pytest.mark.parametrize("form", ["text", "latex"])
def test_whole_sheet(form: str, run, golden) -> None:
    result = run("backward", "matrix_columns", "--format", form)
    assert (result.exit_code, result.stderr) == (0, "")
    golden(f"backward-matrix_columns.{form}", result.stdout)


@pytest.mark.parametrize("name", SHOWN)
def test_json_has_the_matrices_of_its_scalars(name: str, run) -> None:
    data = json.loads(run("step", name, "--lr", "1/2", "--format", "json").stdout)["steps"][0]
    scalars = {row["name"]: row["value"] for part in ("forward", "backward", "update", "after")
               for row in data[part]}  # fmt: skip
    found = 0
    for stage, rows in data["matrices"].items():
        assert rows, stage
        for row in rows:
            flat = row["value"]
            for _ in row["shape"][1:]:
                flat = [each for line in flat for each in line]
            left, stem = re.fullmatch(r"(d\w+'*(?:\[\d\])?/d)?(.*)", row["name"]).groups()
            own = re.fullmatch(r"(\w+?)('*)(\[\d\])?", stem).groups("")
            pattern = re.compile(
                re.escape((left or "") + own[0]) + r"_\d+" + re.escape(own[1] + own[2])
            )
            values = [value for each, value in scalars.items() if pattern.fullmatch(each)]
            if stage != "backward":  # whose lines stand in another order
                assert flat == values, row["name"]
            assert sorted(flat) == sorted([*values, *[0.0] * (len(flat) - len(values))])
            found += 1
    assert found > 8


def test_scalar_view_unfolds(run) -> None:
    shown = run("forward", "matrix_columns", "--view", "scalar").stdout
    assert "W1_11·x_1 + W1_12·x_2 + b1_1" in shown
    assert "⎡" not in shown


@pytest.mark.parametrize(
    "command",
    ["step", "forward", "backward", "report --format markdown", "symbolic", "worksheet",
     "worksheet --answers", "worksheet --key", "quiz", "explain {} dL/dW1_12"],
)  # fmt: skip
def test_every_command_unfolds_matrices(command: str, run) -> None:
    name, *rest = command.replace("{} ", "").split()
    done = run(name, "matrix_columns", *rest, "--view", "scalar", stdin="")
    assert done.exit_code == 0
    assert "z1_1" in done.stdout or name == "report"
    assert not re.search(r"⎡|bmatrix|W1 (@|·|=)", done.stdout)


def test_one_derivative_is_shown_in_scalars(run) -> None:
    assert "W2_11" in run("backward", "matrix_columns", "--wrt", "W1_11").stdout


def test_softmax_is_shown_by_its_exponentials(run) -> None:
    shown = run("forward", "linear_classifier", "--brief").stdout
    assert "exp(⎢" in shown
    assert "  sum(⎢" in shown
    assert " if " not in run("backward", "linear_classifier", "--brief").stdout
    assert "∂L/∂z = p - y" in run("backward", "linear_classifier", "--brief").stdout


def test_exponentials_that_are_too_large_are_left_out(run, tmp_path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("inputs: {x: [1, 2]}\ntargets: {y: 1}\nweights: {w: [900, 1]}\n"
                    "equations:\n  p: softmax(w*x)\nloss: cross_entropy\n")  # fmt: skip
    result = run("forward", str(path), "--brief")
    assert result.exit_code in (0, 3)
    assert "inf" not in result.stdout


def test_in_ascii(run) -> None:
    shown = run("backward", "matrix_columns", "--brief", env={"PYTHONIOENCODING": "ascii"})
    assert "dL/dz1 = dL/dh1 * (1 - h1**2)   (3)" in shown.stdout
    assert "dL/dW1 = dL/dz1 @ x.T   (3x2)" in shown.stdout


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", SHOWN)
def test_matrices_fit_a_terminal(name: str, columns: int, monkeypatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    worked = calculation.backward(load(f"networks/{name}.yaml"))
    blocks = worked_sheet(worked, Wishes(digits=4), only="backward", view=MATRICES).blocks
    blocks = tuple(each for each in blocks if isinstance(each, Matrix))
    assert any(isinstance(line, WorkedOut) for each in blocks for line in each.lines)
    shown = text.render(SheetBlocks("T", blocks), UNICODE, Terminal())
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(cell_len, plain.splitlines())) <= columns


@pytest.mark.parametrize("name", SHOWN)
def test_mathml_is_whole(name: str, run) -> None:
    page = run("step", name, "--lr", "0.1", "--format", "html").stdout
    formulas = re.findall("<math>.*?</math>", page, re.DOTALL)
    assert len(formulas) > 20
    for formula in formulas:
        minidom.parseString(formula)
    assert "\ue000" not in page


@pytest.mark.parametrize("name", SHOWN)
def test_latex_is_balanced(name: str, run) -> None:
    shown = run("step", name, "--lr", "0.1", "--format", "latex").stdout
    assert shown.count(r"\begin{bmatrix}") == shown.count(r"\end{bmatrix}") > 10
    plain = shown.replace(r"\{", "").replace(r"\}", "")
    for line in plain.split("\\\\\n"):  # the lines of one display
        assert line.count(r"\left") == line.count(r"\right"), line
    assert plain.count("{") == plain.count("}")


@pytest.mark.parametrize("more", ["--online", "--inputs", "--steps=2", "--optimizer=adam"])
def test_other_steps(more: str, run) -> None:
    for name in ("softmax_batch", "rnn_vectors"):
        result = run("step", name, "--lr", "0.1", more)
        assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.sweep
def test_a_worksheet_has_a_blank_of_the_shape(run) -> None:
    shown = run("worksheet", "matrix_columns").stdout
    assert "z1 = W1 · x + b1   (3)\n    ⎡_______⎤\n  = ⎢_______⎥\n    ⎣_______⎦\n" in shown
    assert "∂L/∂W2   (1x3)\n  = [_______  _______  _______]\n" in shown
    assert "L = 1/2·sum((ŷ - y)²)\n  = ____________\n" in shown
    assert "W1_11" not in shown
    assert r"\underline" in run("worksheet", "matrix_columns", "--format", "latex").stdout
    assert run("worksheet", "softmax_batch", "--format", "html").exit_code == 0


def test_the_derivative_by_one_matrix(run) -> None:
    shown = run("step", "matrix_columns", "--wrt", "W2", "--brief").stdout
    assert "∂L/∂W2 = ∂L/∂z2 · h1ᵀ" in shown
    assert "W2' = W2 - lr·∂L/∂W2" in shown
    assert "∂L/∂W1" not in shown
    explained = run("explain", "matrix_columns", "dL/dW2").stdout
    assert "∂L/∂W2 = ∂L/∂z2 · h1ᵀ" in explained
    assert "∂L/∂h1" not in explained
    data = json.loads(run("explain", "matrix_columns", "dL/dW2", "--format", "json").stdout)
    assert "dL/dW2_13" in {row["name"] for row in data["backward"]}


UPSTREAM = """
inputs: {x: [0.5, -1]}
weights: {W1: [[0.2, -0.4], [0.7, 0.1], [-0.5, 0.3]], b1: [0.1, 0, -0.2]}
equations: {z1: W1 @ x + b1, h1: tanh(z1)}
upstream: {h1: [1, 2, -0.5], z1: [[0], [0], [0]]}
"""


def test_given_gradients_may_be_vectors_and_matrices(run, tmp_path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(UPSTREAM.replace(", z1: [[0], [0], [0]]", ""))
    whole = json.loads(run("backward", str(file), "--format", "json").stdout)
    given = run("backward", "matrix_columns", "--upstream", "h1=[1,2,-1/2]", "--format", "json")
    found = json.loads(given.stdout)["matrices"]["backward"]
    assert [each["value"] for each in found] == [e["value"] for e in whole["matrices"]["backward"]]
    assert found[0]["formula"] == "G"
    assert "∂L/∂h1 = G   (3)" in run("backward", str(file), "--brief").stdout
    sheet = backcalc.backward(load("matrix_columns"), upstream={"h1": [1, 2, "-1/2"]})
    assert sheet["matrices"]["backward"] == json.loads(given.stdout)["matrices"]["backward"]


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("h1=[1,2]", "h1 is 3, but its numbers are 2"),
        ("h1=[[1,2,3]]", "h1 is 3, but its numbers are 1x3"),
        ("W1=[[1,2],[3]]", "the rows of W1 have different lengths"),
        ("h1=1", "h1 is 3, but its numbers are a scalar"),
        ("h1=[1,2", "is no list such as [[1, 2], [3, 4]]"),
        ("h1=[]", "the rows of h1 have different lengths"),
        ("q=[1]", "there is no value 'q'"),
    ],
)
def test_given_gradients_of_another_shape_are_refused(said: str, complaint: str, run) -> None:
    result = run("backward", "matrix_columns", "--upstream", said)
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_report_shows_matrices(run) -> None:
    page = run("report", "softmax_batch", "--format", "latex").stdout
    assert r"\frac{\partial L}{\partial W} = {X}^{\top} \cdot" in page


@pytest.mark.parametrize(
    ("formula", "shown", "said"),
    [
        ("X @ W + b", "+ [5  7]", "b is used in each row of a matrix, and stands there as a row"),
        (
            "c * (X @ W) - (b + 1)",
            "[3  4] ⊙",
            "b and c are used in each row of a matrix, and stand",
        ),
        ("(X @ W) / c", "/[3  4]", "c is used in each row of a matrix"),
        ("W.T @ (b + c)", "⎡5⎤ + ⎡3⎤", ""),
        ("W.T @ b", "· ⎡5⎤", ""),
        ("outer(b, c)", "⎡5⎤, ⎡3⎤", ""),
    ],
)
def test_a_vector_that_meets_each_row_stands_as_a_row(
    formula: str, shown: str, said: str, run
) -> None:
    text = f"""inputs: {{X: [[1, 2], [0, 1]]}}
weights: {{W: [[1, 2], [3, 4]], b: [5, 7], c: [3, 4]}}
equations: {{Z: "{formula}", L: sum(Z + 0*sum(b) + 0*sum(c) + 0*sum(X @ W))}}
loss: L
learning_rate: 1
"""
    sheet = run("step", "-", stdin=text).stdout
    assert shown in sheet
    assert said in sheet
    assert bool(said) is ("each row of a matrix" in sheet)


def test_a_quotient_of_matrices_says_how_it_is_taken(run) -> None:
    said = "a quotient of two matrices is taken element by element"
    assert said in run("backward", "softmax_batch").stdout
    assert said not in run("backward", "matrix_rows").stdout


def test_what_is_done_with_numbers_is_said_where_there_are_any(run) -> None:
    said = "terms with the factor 0 are left out where numbers are put in"
    assert said in run("step", "softmax_batch", "--lr", "1").stdout
    assert said not in run("worksheet", "softmax_batch", "--lr", "1").stdout


@pytest.mark.parametrize("name", ["softmax_batch", "layer_norm_rows"])
def test_an_equation_in_latex_fits_its_page(name: str, run) -> None:
    """Letters of the matrices on a line and the room between columns; 96 are a page's width."""
    shown = run("step", name, "--lr", "1", "--format", "latex").stdout
    lines = re.findall(r"^&.*bmatrix.*$", shown, re.MULTILINE)
    assert len(lines) > 10
    for line in lines:
        boxes = re.findall(r"\\begin\{bmatrix\} (.*?) \\end\{bmatrix\}", line)
        rows = ([row.split(" & ") for row in box.split(r" \\ ")] for box in boxes)
        wide = [max(sum(map(len, row)) + 3 * len(row) for row in box) for box in rows]
        assert sum(wide) <= 96 or len(wide) == 1 or r"\frac{" in line
        assert line.count(r"\left") == line.count(r"\right")


def test_a_sentence_in_a_table_leaves_latex_upright(run) -> None:
    """It goes on below itself, and makes no page broad or its letters tiny."""
    shown = run("worksheet", "matrix_columns", "--ask", "slip:3", "--key", "--format", "latex")
    assert "landscape" not in shown.stdout
    assert r"\raggedright\arraybackslash}p{22em}" in shown.stdout
    assert r"\tiny" not in shown.stdout


@pytest.mark.sweep
def test_a_choice_of_a_matrix_too_large_to_be_written_stays_a_formula() -> None:
    rows = [[(at * 21 + place) % 7 - 3 for place in range(21)] for at in range(21)]
    network = backcalc.loads({
        "inputs": {"X": rows}, "weights": {"v": "1/2"},
        "equations": {"H": "relu(v*X)", "L": "sum(H)"}, "loss": "L",
    })  # fmt: skip
    assert "{1 if v·X > 0, else 0}" in str(backcalc.backward(network))


def test_a_choice_by_an_element_is_made(run) -> None:
    text = """weights: {W: [[0.5, -1.5]], x: 2}
equations: {h: "relu(W[0, 0]*x + 1)", L: 2*h}
loss: L
"""
    shown = run("backward", "-", stdin=text)
    assert "placed(2·1·2, at=[0, 0], shape=(1, 2)) = [4  0]" in shown.stdout
