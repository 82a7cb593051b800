"""Tables with a column for each unit or class, and rows in which several names have one value."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import load, loads
from backcalc.reading import read

NETWORK = loads("""
inputs: {x1: 1, x2: -2}
targets: {y1: 0, y2: 0, y3: 1}
weights: {w11: 0.5, w12: -0.25, w21: 0.3, w22: 0.4, v11: 1, v12: -1, v21: 0.5, v22: 0.2, v31: -0.5,
          v32: 0.3}
nodes:
  1: {from: {x1: w11, x2: w12}, activation: relu}
  2: {from: {x1: w21, x2: w22}, activation: relu}
  3: {from: {1: v11, 2: v12}, activation: softmax}
  4: {from: {1: v21, 2: v22}, activation: softmax}
  5: {from: {1: v31, 2: v32}, activation: softmax}
loss: cross_entropy
""")
OUTPUTS = [("yhat1", "0.58"), ("yhat2", "0.32"), ("yhat3", "0.20")]
UNSURE = "its numbers may be those of classes or of units"


def said(text: str) -> tuple[list[tuple[str, str]], set[str]]:
    reading = read(text, "a.md", NETWORK)
    found = [(each.quantity, each.said.plain) for each in reading.assertions]
    return found, {each.reason for each in reading.unread}


def table(*rows: str) -> str:
    head, *body = rows
    return "\n".join((head, "|---" * (head.count("|") - 1) + "|", *body, ""))


@pytest.mark.parametrize(
    "head",
    [
        "| | clase 1 | clase 2 | clase 3 |", "| $k$ | 1 | 2 | 3 |", "| | **1** | **2** | **3** |",
        "| | $k=1$ | $k=2$ | $k=3$ |", "| Klasse | 1 | 2 | 3 |",
        "| | class 1 | class 2 | class 3 | sum |", "| | Output 1 | output 2 | output 3 |",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["$p_k$", r"$\hat y_k$", "p"])
def test_each_number_of_a_row_is_of_the_unit_above_it(head: str, name: str) -> None:
    total = " 1 |" if "sum" in head else ""
    assert said(table(head, f"| {name} | 0.58 | 0.32 | 0.20 |{total}")) == (OUTPUTS, set())


def test_a_tab_before_the_head_of_a_pasted_table_is_an_empty_cell() -> None:
    assert said("\tclasse 1\tclasse 2\tclasse 3\np_k\t0,58\t0,32\t0,20\n") == (OUTPUTS, set())


def test_a_network_of_several_samples_has_such_tables_too() -> None:
    text = table("| | class 1 | class 2 |", "| h | 0.5 | 0.3 |") + "\nz_o1[1] = 0.5\n"
    found = read(text, "a.md", load("xor_2_8_1"))
    assert [each.quantity for each in found.assertions] == ["z_o1[1]"]
    assert found.unread


def test_the_numbers_of_classes_are_not_those_of_units() -> None:
    rows = "| $p_k$ | 0.58 | 0.32 | 0.20 |", "| $z_k$ | 1.25 | 0.65 | -0.6 |"
    assert said(table("| | class 1 | class 2 | class 3 |", *rows)) == (OUTPUTS, {UNSURE})
    lines = "| 1 | 1.25 | 0.58 |", "| 2 | 0.65 | 0.32 |", "| 3 | -0.6 | 0.20 |"
    assert said(table("| class | $z_k$ | $p_k$ |", *lines)) == (OUTPUTS, {UNSURE})
    found, _ = said(table("| neuron | 3 | 4 | 5 |", "| $z_j$ | 1.25 | 0.65 | -0.6 |"))
    assert found == [("z3", "1.25"), ("z4", "0.65"), ("z5", "-0.6")]


def test_a_row_of_figures_is_not_lost_without_a_word() -> None:
    text = table("| | cat | dog | cow |", "| $p_k$ | 0.58 | 0.32 | 0.20 |")
    assert said(f"$p_1 = 0.58$\n\n{text}")[1] == {"it is not clear of what this figure is"}


def test_several_names_have_the_one_value_behind_them() -> None:
    row = r"| $\partial L/\partial v_{12}$, $\partial L/\partial v_{22}$ | $\ldots\cdot a_2$ | 0 |"
    found, _ = said(table("| what | how | value |", row))
    assert found == [("dL/dv12", "0"), ("dL/dv22", "0")]
    row = r"| $\partial L/\partial v_{12}$ and $\partial L/\partial v_{22}$ | 0.1, 0.2 |"
    assert said(table("| what | value |", row))[0] == [("dL/dv12", "0.1"), ("dL/dv22", "0.2")]
    row = r"| $\partial L/\partial v_{12}$, $\partial L/\partial v_{22}$ | $\ldots\cdot a_2$ | 0 |"
    assert not said(table("| what | how | value |", row.replace("a_2", "0.5, 0.3")))[0]
