"""The matrix view: the scalar view's figures, in products that hold; what it has no line for."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from conftest import shared
from rich.cells import cell_len

DENSE = ("mazur", "mlp", "softmax", "softmax_regression", "xor", "leaky_relu", "linear_net")
MORE = ((), ("--steps", "2"), ("--online",), ("--optimizer", "adam"))
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
GRID = re.compile(r"(.*?)\\begin\{bmatrix\} (.*?) \\end\{bmatrix\}")

Grid = list[list[float]]


def as_number(text: str) -> float:
    text = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", text)
    above = re.fullmatch(r"(-?)\\frac\{(\d+)\}\{(\d+)\}", text)
    return float(f"{above[1]}{int(above[2]) / int(above[3])}") if above else float(text)


def equations(markdown: str) -> list[list[tuple[str, Grid]]]:
    """The matrices of numbers of each equation, each with the sign before it."""
    found = []
    for block in markdown.split("$$")[1::2]:
        factors = [part for line in block.splitlines() for part in GRID.findall(line)]
        grids = [(sign.strip("& "), numbers(cells)) for sign, cells in factors]
        found.append([(sign, grid) for sign, grid in grids if grid])
    return found


def numbers(cells: str) -> Grid:
    """The rows of a matrix, or none where it holds names."""
    try:
        return [[as_number(cell.strip()) for cell in row.split("&")] for row in cells.split(r"\\")]
    except ValueError:
        return []


def combined(left: Grid, sign: str, right: Grid) -> Grid:
    """Two matrices put together as the sign between them says."""
    if sign == r"\cdot":
        return [
            [sum(a * b for a, b in zip(row, column, strict=True))
             for column in zip(*right, strict=True)]
            for row in left
        ]  # fmt: skip
    rate = re.fullmatch(r"- (.*) \\cdot", sign)
    by = {"+": lambda a, b: a + b, r"\odot": lambda a, b: a * b}.get(
        sign, lambda a, b: a - as_number(rate[1]) * b if rate else None
    )
    return [
        [by(a, b) for a, b in zip(*rows, strict=True)] for rows in zip(left, right, strict=True)
    ]


@pytest.mark.parametrize("name", DENSE)
def test_every_product_holds(name: str, run) -> None:
    """From the printed matrices alone, by another multiplication."""
    arguments = ("--lr", "1/2", "--steps", "2", "--inputs", "--digits", "17")
    result = run("step", name, "--view", "matrix", "--format", "markdown", *arguments)
    assert result.exit_code == 0, result.stderr
    worked = [line for line in equations(result.stdout) if len(line) > 2]
    assert len(worked) > 6
    for line in worked:
        assert line[0][0] in ("=", r"= \frac{")  # a sum over the samples, shared by their number
        value = line[0][1]
        for sign, grid in line[1:-1]:
            value = combined(value, sign, grid)
        assert line[-1][0].endswith(("=", r"\approx"))
        share = len(line) - 1 if "frac" in line[0][0] else 1
        value = [[each / share for each in row] for row in value]
        for row, expected in zip(value, line[-1][1], strict=True):
            assert row == pytest.approx(expected, rel=1e-12, abs=1e-13)


@pytest.mark.sweep
@pytest.mark.parametrize(("name", "more"), shared([*product(DENSE, MORE)], "figures", 3))
def test_the_figures_are_those_of_the_scalar_view(name: str, more: tuple, run) -> None:
    """Each result among the matrices stands in the scalar sheet, digit for digit."""
    scalar, matrix = (
        run("step", name, "--lr", "0.5", "--inputs", "--no-expand", *view, *more)
        for view in ((), ("--view", "matrix"))
    )
    assert scalar.exit_code == matrix.exit_code == 0, matrix.stderr
    known = set(NUMBER.findall(scalar.stdout))
    rounded = run("step", name, "--lr", "0.5", "--inputs", "--no-expand", *more,
                  "--view", "matrix", "--format", "markdown").stdout  # fmt: skip
    lines = [line for line in rounded.splitlines() if line.startswith("&") and "bmatrix" in line]
    results = [GRID.findall(line)[-1][1] for line in lines]
    figures = {
        cell.strip() for cells in results for row in cells.split(r"\\") for cell in row.split("&")
    }
    figures = {re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", figure) for figure in figures}
    figures = {figure for figure in figures if NUMBER.fullmatch(figure)}
    figures = {figure for figure in figures if abs(float(figure)) > 1e-300}  # of softmax's slopes
    assert len(figures) > 10
    assert figures <= known


FIVE = """
inputs: [x]
targets: [y]
data: [{x: [1, 2], y: 1}, {x: [0, 1], y: 0}, {x: [1, 1], y: 0}, {x: [2, 1], y: 0},
       {x: [3, 1], y: 1}]
weights: {W: [[0.1, 0.2], [0.3, 0.4]], s: 2}
equations: {z: s*W @ x, p: softmax(z)}
loss: cross_entropy
"""


@pytest.mark.parametrize(
    ("left_out", "matrix", "number"),
    [
        (0, "(⎡ 0.463   0.926⎤ + … + ⎡ 1.008   0.336⎤)/5", "(-0.139 + … - 0.134)/5"),
        (3, "(⎡ 0.463   0.926⎤ + ⎡0  -1.20⎤)/2", "(-0.139 + 0.120)/2"),
    ],
)
def test_the_mean_over_samples_is_worked_in_numbers(
    left_out: int, matrix: str, number: str, run, tmp_path: Path
) -> None:
    text = FIVE
    for _ in range(left_out):
        text = re.sub(r",\s+\{[^{}]*\}\]", "]", text)
    (tmp_path / "five.yaml").write_text(text)
    shown = run("backward", str(tmp_path / "five.yaml"), "--digits", "3").stdout
    assert f"∂J/∂W = the mean over the samples of ∂L/∂W\n  = {matrix}" in shown
    assert f"= {number} ≈" in shown
    assert "Sample 1: x = (1, 2)ᵀ, y = (0, 1)ᵀ" in shown


def test_whole_sheet(run, golden) -> None:
    result = run("step", "mlp", "--view", "matrix")
    assert (result.exit_code, result.stderr) == (0, "")
    golden("step-mlp-matrix.txt", result.stdout)


@pytest.mark.parametrize("form", ["markdown", "latex"])
def test_formats(form: str, run, golden) -> None:
    result = run("backward", "mazur", "--view", "matrix", "--format", form)
    assert (result.exit_code, result.stderr) == (0, "")
    golden(f"backward-mazur-matrix.{form}", result.stdout)


def test_json_stays_scalar(run) -> None:
    one, other = (
        run("step", "mlp", "--format", "json", "--view", view).stdout
        for view in ("scalar", "matrix")
    )
    assert one == other


def test_in_ascii(run) -> None:
    env = {"PYTHONIOENCODING": "ascii"}
    text = run("forward", "mazur", "--view", "matrix", "--brief", env=env).stdout
    assert text.startswith("""Two inputs, two hidden units, two outputs

Forward pass
------------
Z1 = W1 @ X + B1
    [z1] = [w1  w2] @ [i1] + [b1]
    [z2]   [w3  w4]   [i2]   [b1]
  = [0.15  0.2] @ [0.05] + [0.35] = [0.3775]
    [0.25  0.3]   [ 0.1]   [0.35]   [0.3925]
""")


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("name", DENSE)
def test_matrices_fit_a_terminal(name: str, columns: int, monkeypatch) -> None:
    import io

    from backcalc.equations import calculation
    from backcalc.formats import text
    from backcalc.formulas.notation import UNICODE
    from backcalc.loading.loader import load
    from backcalc.sheets import dense_layers
    from backcalc.sheets.blocks import Matrix, SheetBlocks
    from backcalc.sheets.worked import Wishes, worked_sheet

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("NO_COLOR", "1")
    worked = calculation.backward(load(f"networks/{name}.yaml"))
    view = dense_layers.MATRICES
    blocks = worked_sheet(worked, Wishes(), only="backward", view=view).blocks
    blocks += worked_sheet(worked, Wishes(), only="forward", view=view).blocks
    blocks = tuple(block for block in blocks if isinstance(block, Matrix))
    shown = text.render(SheetBlocks("T", blocks), UNICODE, Terminal())
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(cell_len, plain.splitlines())) <= columns


def test_a_matrix_wider_than_the_terminal_is_shown_in_parts() -> None:
    from backcalc.formats.text import _Screen
    from backcalc.formulas.notation import UNICODE
    from backcalc.sheets.blocks import Factor

    writer = _Screen(UNICODE, None, roomy=False)
    row = tuple(1 / n for n in (3, 7, 9, 11, 13))
    writer.sliced(Factor(None, (row,)), 45)
    assert [line for line in writer.lines if "columns" in line] == [
        "  columns 1 to 3 of 5", "  columns 4 to 5 of 5",
    ]  # fmt: skip


def written(path: Path, nodes: str, loss: str = "l2") -> str:
    file = path / "net.yaml"
    file.write_text(f"inputs: {{x: 1}}\ntargets: {{y: 1}}\n"
                    f"weights: {{a: 1, b: 2, c: 3}}\nnodes:\n{nodes}loss: {loss}\n")  # fmt: skip
    return str(file)


@pytest.mark.parametrize(
    ("nodes", "loss", "reason"),
    [
        ("  1: {from: {x: a}}\n  2: {from: {1: b, x: c}}\n", "l2",
         "unit 2 is in no dense layer: it reads h1, x, which is no whole layer"),
        ("  1: {from: {x: a}}\n  2: {from: {1: b}}\n", "(yhat - y)**2 + a**2",
         "unit 1 is in no dense layer: a is used in L too"),
        ("  1: {from: {x: a}}\n  2: {from: {1: a}}\n", "l2",
         "unit 1 is in no dense layer: a is used in z2 too"),
        ("  1: {from: {x: a}}\n  2: {from: {1: b}}\n", "(yhat - y)**2 + h1",
         "unit 1 is in no dense layer: h1 is used in L too"),
        ("  1: {from: {x: a}, activation: relu}\n  2: {from: {x: b}}\n  3: {from: {1: c, 2: a}}\n",
         "l2", "unit 2 is in no dense layer: its activation is not that of unit 1 beside it"),
    ],
)  # fmt: skip
def test_what_is_not_dense(nodes: str, loss: str, reason: str, run, tmp_path: Path) -> None:
    result = run("backward", written(tmp_path, nodes, loss), "--view", "matrix")
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr
    assert result.stderr.endswith("hint: --view scalar shows every network\n")


def test_a_skip_edge_is_named_whole_message(run) -> None:
    result = run("step", "networks/skip.yaml", "--lr", "1", "--view", "matrix")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0].endswith(
        "networks/skip.yaml:12:3: unit 2 is in no dense layer: a skip edge brings in h0"
    )


def test_equations_have_no_layers(run) -> None:
    result = run("forward", "circuit", "--view", "matrix")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "this network has no units, so it has no dense layers" in result.stderr


@pytest.mark.parametrize("option", [("--wrt", "w1"), ("--compact",), ("--expand",)])
def test_options_for_single_derivatives_are_refused(option: tuple, run) -> None:
    result = run("backward", "mazur", "--view", "matrix", *option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{option[0]} is for single derivatives" in result.stderr


def test_words_between_matrices_are_text_in_html(run) -> None:
    page = run("step", "networks/huber.yaml", "--view", "matrix", "--format", "html").stdout
    assert "<mtext>the\xa0mean\xa0over\xa0the\xa0samples\xa0of\xa0</mtext>" in page
    assert "<mi>mean</mi>" not in page
