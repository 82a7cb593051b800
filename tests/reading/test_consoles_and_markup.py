"""What programs print and what other markup holds: tables, lists, drawings, slides, notes."""

from __future__ import annotations

import pytest

from backcalc.loading.loader import loads
from backcalc.reading import read

NETWORK = loads("""
inputs: {x1: 0.6, x2: -0.4}
targets: {y: 1}
weights: {w1: 0.7, w2: 0.2, w3: -0.5, w4: 0.9, w5: 1.1, w6: -0.6}
biases: {b1: 0.05, b2: -0.1, b3: 0.15}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: sigmoid}
  3: {from: {1: w5, 2: w6}, bias: b3, activation: sigmoid}
loss: bce
learning_rate: 0.5
""")
LAYERS = loads("""
inputs: {x1: 1, x2: 2}
targets: {y: 1}
layers:
  - {name: h, units: 2, activation: sigmoid, weights: [[0.1, -0.2], [0.4, 0.3]], bias: [0.1, -0.1]}
  - {name: o, units: 1, activation: sigmoid, weights: [[0.5, -0.6]], bias: [0.2]}
loss: half_l2
learning_rate: 0.5
""")
TWO_OUTPUTS = loads("""
inputs: {x1: 1, x2: -1}
targets: {y1: 1, y2: 0}
weights: {w13: 0.2, w23: -0.3, w14: 0.7, w24: 0.5, w35: 0.4, w45: -0.6, w36: 0.9, w46: 0.1}
biases: {b3: 0, b4: -0.1, b5: 0.3, b6: -0.2}
nodes:
  3: {from: {x1: w13, x2: w23}, bias: b3, activation: sigmoid}
  4: {from: {x1: w14, x2: w24}, bias: b4, activation: sigmoid}
  5: {from: {3: w35, 4: w45}, bias: b5, activation: sigmoid}
  6: {from: {3: w36, 4: w46}, bias: b6, activation: sigmoid}
loss: half_l2
""")


def said(text: str, file: str = "a.txt", network: object = NETWORK) -> dict[str, str]:
    """What is read of a sheet, by quantity."""
    found = read(text, file, network)  # type: ignore[arg-type]
    return {each.quantity: each.said.plain for each in found.assertions}


UNITS = """\
         net       out        f'   dL/dout   dL/dnet
unit
h1  0.390000  0.596283  0.240730 -0.386081 -0.092941
o1  0.614723  0.649017  0.227794 -1.540791 -0.350983
"""


def test_a_table_that_a_library_prints_has_a_row_for_each_unit() -> None:
    assert said(UNITS) == {
        "z1": "0.390000", "h1": "0.596283", "dh1/dz1": "0.240730", "dL/dh1": "-0.386081",
        "dL/dz1": "-0.092941", "z3": "0.614723", "yhat": "0.649017", "dyhat/dz3": "0.227794",
        "dL/dyhat": "-1.540791", "dL/dz3": "-0.350983",
    }  # fmt: skip


def test_a_column_that_stands_elsewhere_than_its_figures_is_not_theirs() -> None:
    shifted = UNITS.replace("         net", "net                 ", 1)
    assert said(shifted).keys() == set()
    assert "h1" not in said("### Ite-\nration 2\n- h1 = 1.25\n", "a.md")


def test_old_gradient_and_new_in_such_a_table() -> None:
    text = (
        "     old      grad       new\nw1  0.70 -0.055765  0.727882\nb3  0.15 -0.350983  0.325491\n"
    )
    assert said(text) == {
        "dL/dw1": "-0.055765", "w1'": "0.727882", "dL/db3": "-0.350983", "b3'": "0.325491",
    }  # fmt: skip


def test_names_with_a_wide_blank_before_their_numbers() -> None:
    text = "net_h1     0.39\nnet_h2    -0.76\nout_o1     0.649\n"
    assert said(text) == {"z1": "0.39", "z2": "-0.76", "yhat": "0.649"}


@pytest.mark.parametrize("sep", ["|", "\t"])
def test_a_column_that_only_numbers_the_rows_is_left_out(sep: str) -> None:
    rows = [
        ["No.", "quantity", "formula", "value"],
        ["1", "z1", "w1*x1 + w2*x2 + b1", "0.39"],
        ["2", "h1", "sigmoid(z1)", "0.596"],
        ["3", "z2", "w3*x1 + w4*x2 + b2", "-0.76"],
    ]
    lines = [sep.join(row) for row in rows]
    text = "\n".join(f"|{line}|" for line in lines) if sep == "|" else "\n".join(lines)
    text = text.replace("|1|z1", "|---|---|---|---|\n|1|z1")
    assert said(text, "a.md" if sep == "|" else "a.txt") == {
        "z1": "0.39", "h1": "0.596", "z2": "-0.76",
    }  # fmt: skip


def test_rows_under_a_title_and_tables_of_two_widths_off_a_spreadsheet() -> None:
    text = (
        '"Sheet 7";;;\n;;;\n"No";"Quantity";"Formula";"Value"\n9;z1;"w1*x1+w2*x2+b1";0,39\n'
        '10;h1;"sigmoid(z1)";0,59628\n;;;\n"By step";;;\nstep;w1;h1;L\n0;0,7;0,59628;0,43230\n'
        "1;0,72788;0,61;0,34265\n"
    )
    assert said(text, "a.csv") == {
        "z1": "0.39", "h1": "0.59628", "L": "0.43230", "w1'": "0.72788", "h1'": "0.61",
        "L'": "0.34265",
    }  # fmt: skip


def test_vectors_and_matrices_as_octave_prints_them() -> None:
    text = (
        "octave:5> z1 = W1*x + b1\nz1 =\n\n  -0.2000\n   0.9000\n\noctave:7> z2 = W2*a1 + b2\n"
        "z2 = -1.4867e-03\noctave:16> dW1 = d1*x'\ndW1 =\n\n  -0.015481  -0.030963\n"
        "   0.015424   0.030848\n\n"
    )
    assert said(text, network=LAYERS) == {
        "z_h1": "-0.2000", "z_h2": "0.9000", "z_o1": "-1.4867e-03", "dL/dw_h1_x1": "-0.015481",
        "dL/dw_h1_x2": "-0.030963", "dL/dw_h2_x1": "0.015424", "dL/dw_h2_x2": "0.030848",
    }  # fmt: skip


@pytest.mark.parametrize(
    "matrix",
    ["[0.1, -0.2; 0.4, 0.3]", "[0.1 -0.2; 0.4 0.3]", "[[0.1 -0.2] [0.4  0.3]]"],
)
def test_lists_with_nothing_but_blanks_between_their_numbers(matrix: str) -> None:
    assert [*said(f"W1 = {matrix}", network=LAYERS).values()] == ["0.1", "-0.2", "0.4", "0.3"]
    assert said("z1 = [ -0.2   0.9 ]", network=LAYERS) == {"z_h1": "-0.2", "z_h2": "0.9"}


def test_a_table_by_lists_in_restructured_text() -> None:
    text = (
        "Update\n======\n\n.. list-table:: Update\n   :header-rows: 1\n\n   * - Parameter\n"
        "     - Gradient\n     - New value\n   * - :math:`w_{1}`\n     - :math:`-0.0558`\n"
        "     - :math:`0.7 + 0.5\\cdot 0.0558 = 0.7279`\n"
    )
    assert said(text, "a.rst") == {"dL/dw1": "-0.0558", "w1'": "0.7279"}
    first = read(text, "a.rst", NETWORK).assertions[0]
    assert text[first.start : first.end] == "-0.0558"


@pytest.mark.parametrize("gap", [" ", "    "])
def test_a_ruler_says_where_the_columns_of_a_table_begin(gap: str) -> None:
    name = r":math:`\partial L/\partial w_1`"
    ruler, head, row = (
        gap.join(f"{cell:32}" for cell in cells)
        for cells in (
            ["=" * 32] * 3,
            ["derivative", "product", "value"],
            [name, "1 × (-0.0558)", "-0.0558"],
        )
    )
    text = f"{ruler}\n{head}\n{ruler}\n{row}\n{ruler}\n"
    assert said(text, "a.rst") == {"dL/dw1": "-0.0558"}
    assert not read(text, "a.rst", NETWORK).unread


def test_what_the_labels_of_a_drawing_state() -> None:
    text = (
        "\\begin{tikzpicture}\n\\node (h1) at (3,2) {$z_1=0.39$ \\\\ $h_1=0.5963$};\n"
        "\\draw[->] (x) -- (h1);\n\\end{tikzpicture}\n"
    )
    assert said(text, "a.tex") == {"z1": "0.39", "h1": "0.5963"}


def test_slides_show_their_formulas_step_by_step() -> None:
    text = (
        "\\begin{frame}\n\\item<2-> $z_1 = 0.42 - 0.08 + 0.05 = \\alert{0.39}$ \\pause\n"
        "\\[\\onslide<3->{h_1 = \\sigma(0.39) = 0.5963}\\]\n\\note{0.6931 would be a guess.}\n"
        "\\end{frame}\n"
    )
    assert said(text, "a.tex") == {"z1": "0.39", "h1": "0.5963"}


@pytest.mark.parametrize(
    ("text", "file", "found"),
    [
        (("* DONE Forward\n- z1 :: 0.42 - 0.08 + 0.05 = 0.39  /a sum/\n#+BEGIN_SRC\n#+END_SRC\n"
          "- err :: dL/dyhat = =-1.5408=\n"), "a.org", {"z1": "0.39", "dL/dyhat": "-1.5408"}),
        ("- [x] $z_1 = 0.42 - 0.08 + 0.05 = 0.39$ ^z-one\n- [x] $h_1 = 0.5963$\n", "a.md",
         {"z1": "0.39", "h1": "0.5963"}),
        ("$ z_1 &= 0.42 - 0.08 + 0.05 = 0.39 \\\n  h_1 &= 1/(1 + e^(-0.39)) approx 0.5963 $\n",
         "a.typ", {"z1": "0.39", "h1": "0.5963"}),
        (("#table(columns: 3,\n  [*weight*], [*working*], [*new*],\n"
          "  [$w_1$], [$0.7 - 0.5 times (-0.0558)$], [$0.7279$],\n)\n"), "a.typ",
         {"w1'": "0.7279"}),
        ("$w_1^{нов} = w_1 - \\eta*\\frac{\\partial E_{общ}}{\\partial w_1} = 0.7279$", "a.md",
         {"w1'": "0.7279"}),
        (("| STT | tên | số | giá |\n|---|---|---|---|\n"
          "| 1 | $w_1$ (mới) | $0.7 + 0.0279$ | 0.7279 |\n"
          "| 2 | $b_1$ (mới) | $0.05 + 0.0465$ | 0.0965 |\n"), "a.md",
         {"w1'": "0.7279", "b1'": "0.0965"}),
        ("- b3+ = 0.15 + 0.1755 = 0.3255\n- vel_w1 = -0.288\n", "a.txt", {"b3'": "0.3255"}),
    ],
)  # fmt: skip
def test_other_markup(text: str, file: str, found: dict[str, str]) -> None:
    assert said(text, file) == found


def test_an_arrow_from_a_formula_to_its_number() -> None:
    text = (
        "z1: 0,7·0,6 - 0,2·0,4 + 0,05 -> 0,39 -> sigmoid -> h1 = 0,5963\n"
        "dL/dw1: -0,0929·0,6 -> -0,0558;  dL/db1 -> -0,0929\n"
        "w1 (nieuw): 0,7 - 0,5·(-0,0558) -> 0,7279\n"
    )
    assert said(text) == {
        "z1": "0.39", "h1": "0.5963", "dL/dw1": "-0.0558", "dL/db1": "-0.0929", "w1'": "0.7279",
    }  # fmt: skip


def test_decimals_in_which_a_scanner_has_seen_letters() -> None:
    text = (
        "zl = O.7.O.6 – O.2 x O.4 + O.O5 = O.39\nhl = O.596\ny^ = O.649\ny = l\n"
        "dL/dzl = –O.O929\ndL/dbl = –O.O93\n"
    )
    found = said(text)
    assert {"h1": "0.596", "dL/dz1": "-0.0929", "dL/db1": "-0.093"}.items() <= found.items()
    assert said("hl = O.596\n").keys() <= {"h1"}


@pytest.mark.parametrize("tail", ["[illegible]", "$[unclear]", ".[torn]"])
def test_a_figure_that_a_transcriber_could_not_read_to_its_end_is_unread(tail: str) -> None:
    assert said(f"z_1 = 0.3{tail}\nh_1 = 0.5963\n", "a.md") == {"h1": "0.5963"}
    assert said("$z_1 = 0.39$ *[arrow to the next line]*\n", "a.md") == {"z1": "0.39"}


def test_y_with_the_number_of_an_output_unit_is_its_target_where_the_number_is() -> None:
    text = "targets $y_5=1$\n\n$\\hat y_5 = 0.5582$, $\\hat y_6 = 0.6018$\n"
    assert said(text, "a.tex", TWO_OUTPUTS) == {"yhat1": "0.5582", "yhat2": "0.6018"}
    assert said("$y_5 = 0.5582$", "a.tex", TWO_OUTPUTS) == {"yhat1": "0.5582"}
    assert said("$\\hat y_5 = 1$", "a.tex", TWO_OUTPUTS) == {"yhat1": "1"}


def test_u_is_what_a_unit_puts_out_where_its_formula_says_so() -> None:
    text = "s1 = 0.39\nu1 = sigmoid(s1) = 0.596\ns2 = -0.76\nu2 = 0.319\ndL/du2 = 0.21\n"
    assert said(text) == {"z1": "0.39", "h1": "0.596", "z2": "-0.76", "h2": "0.319",
                          "dL/dh2": "0.21"}  # fmt: skip
    assert said("u1 = w1*x1 + w2*x2 + b1 = 0.39") == {"z1": "0.39"}


def test_z_is_what_a_unit_puts_out_where_u_is_the_sum() -> None:
    text = (
        "u_1 = w_1*x_1 + w_2*x_2 + b_1 = 0.39\nu_2 = w_3*x_1 + w_4*x_2 + b_2 = -0.76\n"
        "z_1 = sigmoid(u_1) = 0.596\nz_2 = sigmoid(u_2) = 0.319\n"
        "u_3 = w_5*z_1 + w_6*z_2 + b_3 = 0.614\n"
    )
    assert said(text) == {"z1": "0.39", "z2": "-0.76", "h1": "0.596", "h2": "0.319", "z3": "0.614"}


def test_d_before_an_output_is_a_derivative_where_a_formula_stands() -> None:
    text = "o1 = sigmoid(z1) = 0.596\no2 = sigmoid(z2) = 0.319\nd_o1 = dL/dz3*w5 = -0.386\n"
    assert said(text) == {"h1": "0.596", "h2": "0.319", "dL/dh1": "-0.386"}


def test_a_formula_above_a_number_is_no_head_of_a_table() -> None:
    assert said("dL/dw1: dL/dz1*x1\nw1': 0.7279\n").keys() == {"dL/dw1", "w1'"}
