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
    assert said(f"$p_1 = 0.58$\n\n{text}")[1] == {"it is not clear which quantity has this figure"}


def test_several_names_have_the_one_value_behind_them() -> None:
    row = r"| $\partial L/\partial v_{12}$, $\partial L/\partial v_{22}$ | $\ldots\cdot a_2$ | 0 |"
    found, _ = said(table("| what | how | value |", row))
    assert found == [("dL/dv12", "0"), ("dL/dv22", "0")]
    row = r"| $\partial L/\partial v_{12}$ and $\partial L/\partial v_{22}$ | 0.1, 0.2 |"
    assert said(table("| what | value |", row))[0] == [("dL/dv12", "0.1"), ("dL/dv22", "0.2")]
    row = r"| $\partial L/\partial v_{12}$, $\partial L/\partial v_{22}$ | $\ldots\cdot a_2$ | 0 |"
    assert not said(table("| what | how | value |", row.replace("a_2", "0.5, 0.3")))[0]


HIDDEN = [("z1", "0.3775"), ("h1", "0.5933"), ("z2", "0.3925"), ("h2", "0.5969")]
OUTPUT = [("z3", "1.1059"), ("yhat1", "0.7514"), ("z4", "1.2249"), ("yhat2", "0.7729")]
PAIRS = ["0.3775 | 0.5933 |", "0.3925 | 0.5969 |", "1.1059 | 0.7514 |", "1.2249 | 0.7729 |"]


def found_in(text: str, network: str = "mazur", file: str = "a.md") -> list[tuple[str, str]]:
    reading = read(text, file, load(network))
    assert not reading.unread
    return [(each.quantity, each.said.plain) for each in reading.assertions]


@pytest.mark.parametrize(
    "head",
    [
        "node | pre | post", "unit | pre-activation | activation", "neuron | net | out",
        "node | z | a", "neuron | input | output", "Neuron | Eingang | Ausgang", "unit | z | h",
        "| pre | post", "unit | sum | sigmoid", "unit | before activation | after activation",
        "unit | before | after", "Neuron | vor der Aktivierung | nach der Aktivierung",
    ],
)  # fmt: skip
@pytest.mark.parametrize("labels", ["h1 h2 o1 o2", "1 2 3 4", "$h_1$ $h_2$ $o_1$ $o_2$"])
def test_a_row_holds_the_sum_and_the_activation_of_its_unit(head: str, labels: str) -> None:
    rows = [f"| {label} | {pair}" for label, pair in zip(labels.split(), PAIRS, strict=True)]
    assert found_in(table(f"| {head} |", *rows)) == HIDDEN + OUTPUT


def test_rows_are_named_by_their_layer_too() -> None:
    rows = [f"| hidden {n} | {pair}" for n, pair in enumerate(PAIRS[:2], 1)]
    rows += [f"| output {n} | {pair}" for n, pair in enumerate(PAIRS[2:], 1)]
    assert found_in(table("| | pre | post |", *rows)) == HIDDEN + OUTPUT
    rows = [f"| hidden | {n} | {pair}" for n, pair in enumerate(PAIRS[:2], 1)]
    assert found_in(table("| layer | neuron | pre | post |", *rows)) == HIDDEN
    rows = ["| a1 | 0.6 | 0.537 |", "| c1 | 0.1 | 0.0969 |"]
    expected = [("z_a1", "0.6"), ("h_a1", "0.537"), ("z_c1", "0.1"), ("yhat", "0.0969")]
    assert found_in(table("| node | pre | post |", *rows), "mlp") == expected


def test_a_table_of_units_may_have_their_working_or_no_rule() -> None:
    rows = [f"| h{n} | 0.0125 + 0.03 + 0.35 | {pair}" for n, pair in enumerate(PAIRS[:2], 1)]
    assert found_in(table("| unit | calculation | pre | post |", *rows)) == HIDDEN
    rows = [f"h{n}    {pair[:-2].replace(' | ', '  ')}" for n, pair in enumerate(PAIRS[:2], 1)]
    assert found_in("\n".join(["unit  pre     post", *rows]), file="a.txt") == HIDDEN


def test_before_and_after_the_update_stay_so() -> None:
    text = table("| node | before | after |", "| h1 | 0.5933 | 0.59 |", "| h2 | 0.5969 | 0.58 |")
    found = {each.quantity for each in read(text, "a.md", load("mazur")).assertions}
    assert found <= {"h1", "h2", "h1'", "h2'"}
    for head in ("| unit | pre-activation gradient |", "| unit | new output |"):
        reading = read(table(head, "| h1 | 0.5 |", "| h2 | 0.25 |"), "a.md", load("mazur"))
        assert not {each.quantity for each in reading.assertions} & {"z1", "h1"}
    reading = read(table("| unit | input | output |", "| 1 | 0.5 | 0.25 |"), "a.md", load("skip"))
    assert [each.quantity for each in reading.assertions] == ["h1"]  # with one input it may be that


def test_the_number_of_a_unit_is_not_that_of_an_output() -> None:
    rows = "| 1 | 0.7 | 0.66 |", "| 2 | -0.3 | 0.42 |"  # its units are 3, 4 and 5
    reading = read(table("| neuron | net | out |", *rows), "a.md", load("geeks"))
    assert not reading.assertions
    assert len(reading.unread) == 2


def test_a_title_ends_behind_its_words_where_the_rows_below_have_more_cells() -> None:
    rows = "Exercise 4 - one step,,\nGiven,,\nx,,1\n,,\nCheck with new weights,,\nz0_new,,0.1\n"
    text = f"{rows}h0_new,,0.25\nz1_new,,0.5\n"
    found = {e.quantity: e.said.plain for e in read(text, "a.csv", load("skip")).assertions}
    assert found == {"x": "1", "z0'": "0.1", "h0'": "0.25", "z1'": "0.5"}


ONE_LAYER = """
inputs: {x1: 2, x2: -1}
targets: {y: 1}
weights: {p1: 0.4, p2: 0.3, q: 0.5}
biases: {b: 0.1}
nodes:
  1: {from: {x1: p1, x2: p2}, bias: b, activation: tanh}
  2: {from: {1: q}, activation: identity}
loss: half_l2
learning_rate: 0.2
"""
SLOPES = ("| q | -0.3928 |", "| p1 | -0.5205 |", "| p2 | -0.2603 |")  # that of p2 is 0.2603
WORKED_OUT = (
    "| q | (yhat - y)*h1 | -0.3928 |",
    "| p1 | (yhat - y)*q*(1 - h1^2)*x1 | -0.5205 |",
    "| p2 | (yhat - y)*q*(1 - h1^2)*x2 | -0.2603 |",
)


@pytest.mark.parametrize(
    ("title", "head", "rows"),
    [
        ("## Gradients", "| parameter | value |", SLOPES),
        ("Here are the gradients:", "| parameter | value |", SLOPES),
        ("## Backward pass", "| weight | value |", SLOPES),
        ("", "| ∂L/∂w | value |", SLOPES),
        ("", "| | ∂L/∂· | value |", WORKED_OUT),
        ("", "| weight | formula | value |", WORKED_OUT),
        ("Gradients:", "| weight | formula | value |", WORKED_OUT),
    ],
)
def test_a_table_of_gradients_holds_them_where_they_are_wrong_too(
    title: str, head: str, rows: tuple[str, ...]
) -> None:
    reading = read(f"{title}\n\n{table(head, *rows)}", "a.md", loads(ONE_LAYER))
    said = [each.quantity for each in reading.assertions]
    assert said == ["dL/dq", "dL/dp1", "dL/dp2"]


@pytest.mark.parametrize("title", ["## Gradients", "## Backward pass", "Gradients:"])
def test_new_weights_and_changes_below_a_title_of_gradients_are_none(title: str) -> None:
    for head, *rows in (
        ("| weight | value |", "| q | 0.5786 |", "| p1 | 0.5041 |", "| p2 | 0.3521 |"),
        ("| weight | Δw |", "| q | 0.0786 |", "| p1 | 0.1041 |"),
        ("| quantity | value |", "| z1 | 0.6 |", "| h1 | 0.5370 |", "| q | -0.3928 |"),
    ):
        reading = read(f"{title}\n\n{table(head, *rows)}", "a.md", loads(ONE_LAYER))
        assert not [each for each in reading.assertions if "/" in each.quantity]


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("| | $∂L/∂·$ | | $∂L/∂·$ |", ("| $q$ | -0.39 | $p_1$ | 0.52 |", "| | | $p_2$ | 0.26 |")),
        ("| w | grad | | w | grad |", ("| q | -0.39 | | p1 | 0.52 |", "| p2 | 0.26 | | | |")),
        ("| $w$ | dL/dw | $v$ | dL/dv |", ("| q | -0.39 | p1 | 0.52 |", "| p2 | 0.26 | | |")),
        ("| w | old | new | w | old | new |", ("| q | 0.5 | 0.58 | p1 | 0.4 | 0.5 |",)),
    ],
)
def test_what_stands_side_by_side_under_the_same_titles_is_of_rows_of_their_own(
    head: str, rows: tuple[str, ...]
) -> None:
    reading = read(table(head, *rows), "a.md", loads(ONE_LAYER))
    slopes = [("dL/dq", "-0.39"), ("dL/dp1", "0.52"), ("dL/dp2", "0.26")]
    assert [(each.quantity, each.said.plain) for each in reading.assertions] == (
        [("q'", "0.58"), ("p1'", "0.5")] if "new" in head else slopes
    )
    assert not reading.unread


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (r"| | $\partial L / \partial\,\cdot$ |", r"| $x_1$ | $0.4 \cdot (-0.26) = -0.104$ |"),
        ("| | gradient |", "| $x_1$ | $p_1 \\cdot (-0.26) = -0.104$ |"),
        ("| node | data | grad |", "| x1 | 2.0 | -0.104 |"),
        ("| variable | slope |", "| x1 | -0.104 |"),
    ],
)
def test_below_a_title_of_derivatives_an_input_has_one_too(head: str, row: str) -> None:
    other = "| q | 0.5 | -0.39 |" if "data" in head else "| $q$ | -0.39 |"
    found = read(table(head, row, other), "a.md", loads(ONE_LAYER)).assertions
    assert [(each.quantity, each.said.plain) for each in found] == [
        ("dL/dx1", "-0.104"), ("dL/dq", "-0.39"),
    ]  # fmt: skip


GATES = """
inputs: {x: 0.5}
targets: {y: 0.8}
constants: {h0: 0.2}
weights: {wf: 0.7, wo: 0.6, uf: 0.1, uo: 0.4}
equations:
  zf: wf*x + uf*h0
  zo: wo*x + uo*h0
  f: sigmoid(zf)
  o: sigmoid(zo)
  L: 1/2*(f*o - y)**2
loss: L
learning_rate: 0.1
"""
"""Two gates whose weights have the gate's letter below theirs."""


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("|gate|$∂L/∂W$ (× $x$) | dL/dU |", ("| the $f$ | -0.1 | -0.2 |", "| o | -0.3 | -0.4 |")),
        ("| | f | o |", ("| $∂L/∂W$ | -0.1 | -0.3 |", "| $∂L/∂U$ | -0.2 | -0.4 |")),
        ("| gate | dW | dU |", ("| input (f) | -0.1 | -0.2 |", "| output (o) | -0.3 | -0.4 |")),
        ("| $k$ | $∂L/∂w_k$ | $∂L/∂u_k$ |", ("| $f$ | -0.1 | -0.2 |", "| $o$ | -0.3 | -0.4 |")),
    ],
)  # fmt: skip
def test_the_letter_of_a_row_may_stand_below_the_name_above_it(
    head: str, rows: tuple[str, ...]
) -> None:
    reading = read(table(head, *rows), "a.md", loads(GATES))
    assert {each.quantity: each.said.plain for each in reading.assertions} == {
        "dL/dwf": "-0.1", "dL/duf": "-0.2", "dL/dwo": "-0.3", "dL/duo": "-0.4",
    }  # fmt: skip
    text = table("| gate | old W | new W |", "| f | 0.7 | 0.702 |", "| o | 0.6 | 0.603 |")
    found = [each.quantity for each in read(text, "a.md", loads(GATES)).assertions]
    assert found == ["wf'", "wo'"]


def test_a_line_with_a_colon_says_that_a_table_of_weights_holds_their_derivatives() -> None:
    rows = table("| | $w_{j1}$ | $w_{j2}$ |", "| $j=1$ | 0.1 | 0.2 |", "| $j=2$ | 0.3 | 0.4 |")
    for line in "All four derivatives are like this:", "(g) The gradients by the weights:":
        found, unread = said(f"{line}\n\n{rows}")
        assert [name for name, _ in found] == ["dL/dw11", "dL/dw12", "dL/dw21", "dL/dw22"]
        assert not unread
    assert not said(f"The figures are:\n\n{rows}")[0]


def test_an_array_with_words_at_its_head_is_a_table() -> None:
    rows = (
        r"\text{parameter} & \text{old} & \text{new} \\ \hline",
        r"q & 0.5 & 0.5786 \\",
        "p_1 & 0.4 & 0.5041",
    )
    for start, end in (r"\[", r"\]"), ("$$", "$$"), (r"\[\left[", r"\right]\]"):
        text = "\n".join((f"I get\n{start}\\begin{{array}}{{c|cc}}", *rows, f"\\end{{array}}{end}"))
        reading = read(text, "a.tex", loads(ONE_LAYER))
        assert [(each.quantity, each.said.plain) for each in reading.assertions] == [
            ("q'", "0.5786"), ("p1'", "0.5041"),
        ]  # fmt: skip
        assert not reading.unread
    lines = r"\[\begin{array}{rcl}", r"\text{so } z_1 &=& 0.8 - 0.3 + 0.1 = 0.6\\", r"h_1 &=& 0.537"
    aligned = "\n".join((*lines, r"\end{array}\]"))
    reading = read(aligned, "a.tex", loads(ONE_LAYER))
    assert len(reading.assertions) + len(reading.unread) == 2


def test_a_figure_that_a_sentence_states_is_not_lost_where_it_is_only_worked_with() -> None:
    prose = "The hidden units come next. Here the tanh gives 0.4621."
    lines = "$z_1 = 0.5$", prose, "$y = 2 \\cdot 0.4621 = 0.9242$", "Again it is 0.9242."
    assert len(said("\n\n".join(lines))[1]) == 1


@pytest.mark.parametrize(("line", "many"), [("x1, x2 = 1, -2.0", 0), ("w11,w12=.5,-2.5", 1)])
def test_several_given_numbers_in_a_line_of_code_are_no_figure_lost(line: str, many: int) -> None:
    assert len(said(f"```python\nz1 = 1\n{line}\n```\n")[1]) == many
