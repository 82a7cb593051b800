"""Kinds of writing off sixteen further sheets: markup, titles that count, results of two passes."""

from __future__ import annotations

from pathlib import Path

import pytest

import backcalc
from backcalc.loading.loader import load, loads
from backcalc.reading import Reading, read

STARTERS = Path(backcalc.__file__).parent / "starters"
SIGMOIDS = loads("""
inputs: {i1: 0.5, i2: 0.9}
targets: {t: 0.2}
weights: {w1: 0.3, w2: -0.2, w3: 0.8, w4: 0.5, w5: 0.6, w6: -0.4}
biases: {b1: 0.1, b2: 0.25}
nodes:
  1: {from: {i1: w1, i2: w2}, bias: b1, activation: sigmoid}
  2: {from: {i1: w3, i2: w4}, bias: b1, activation: sigmoid}
  3: {from: {1: w5, 2: w6}, bias: b2, activation: sigmoid}
loss: half_l2
learning_rate: 5
""")
"""Two sigmoid units and a sigmoid output."""

FIVE = loads("""
inputs: {x1: 1, x2: 0.5}
targets: {t1: 0, t2: 1}
weights: {w11: 0.3, w12: -0.1, w21: 0.2, w22: 0.4, w31: -0.5, w32: 0.6, v11: 0.5, v12: -0.6,
          v13: 0.3, v21: 0.1, v22: 0.8, v23: -0.4}
nodes:
  1: {from: {x1: w11, x2: w12}, activation: sigmoid}
  2: {from: {x1: w21, x2: w22}, activation: sigmoid}
  3: {from: {x1: w31, x2: w32}, activation: sigmoid}
  4: {from: {1: v11, 2: v12, 3: v13}, activation: sigmoid}
  5: {from: {1: v21, 2: v22, 3: v23}, activation: sigmoid}
loss: half_l2
""")
"""Three hidden units and two outputs."""


def said(reading: Reading) -> list[tuple[str, str]]:
    """What is said, in order."""
    return [(each.quantity, each.said.plain) for each in reading.assertions]


def table(*rows: str, sep: str = "|") -> str:
    """A table in Markdown, or with tabs."""
    if sep == "\t":
        return "\n".join(row.replace(" | ", "\t") for row in rows) + "\n"
    head, *body = (f"| {row} |" for row in rows)
    return "\n".join((head, "|---" * (head.count("|") - 1) + "|", *body, ""))


PASSES = [
    "step 0 | step 1", "iteration 0 | iteration 1", "epoch 0 | epoch 1", "t=0 | t=1",
    "0 steps | 1 step", "after 0 steps | after 1 step", "initial | updated", "k = 0 | k = 1",
    "Schritt 0 | Schritt 1", "it. 0 | it. 1",
]  # fmt: skip


@pytest.mark.parametrize("heads", PASSES)
@pytest.mark.parametrize("sep", ["|", "\t"])
def test_titles_that_count_steps_say_before_and_after(heads: str, sep: str) -> None:
    rows = "w3 | 0.8 | 0.81815", "net o | 0.27205 | -0.09567", "out h1 | 0.51749 | 0.49902"
    titled = heads.replace(" = ", "=") if sep == "\t" else heads
    text = table(f" | {titled}", *rows, sep=sep)
    assert said(read(text, "a.md" if sep == "|" else "a.txt", SIGMOIDS)) == [
        ("w3'", "0.81815"), ("z3", "0.27205"), ("z3'", "-0.09567"), ("h1", "0.51749"),
        ("h1'", "0.49902"),
    ]  # fmt: skip


def test_such_titles_may_stand_before_rows_and_go_on() -> None:
    rows = "step 0 | 0.3 | 0.06756", "step 1 | 0.2617 | 0.03812"
    expected = [("L", "0.06756"), ("w1'", "0.2617"), ("L'", "0.03812")]
    assert said(read(table(" | w1 | E", *rows), "a.md", SIGMOIDS)) == expected
    text = table(" | step 0 | step 1 | step 2", "h1 | 0.51749 | 0.499 | 0.48")
    assert [name for name, _ in said(read(text, "a.md", SIGMOIDS))] == ["h1", "h1'", "h1''"]


@pytest.mark.parametrize("count", ["", "epoch", "i1"])
@pytest.mark.parametrize("sep", ["|", "\t"])
def test_rows_below_names_alone_are_passes_from_the_given_weights_on(count: str, sep: str) -> None:
    firsts = {"epoch": ("0 | ", "1 | "), "i1": ("0.5 | ", "0.5 | ")}.get(count, ("", ""))
    rows = f"{firsts[0]}0.8 | 0.51749 | 0.06756", f"{firsts[1]}0.81815 | 0.49902 | 0.03812"
    head = f"{count} | w3 | h1 | E" if count else "w3 | h1 | E"
    suffix = "md" if sep == "|" else "txt"
    assert said(read(table(head, *rows, sep=sep), f"a.{suffix}", SIGMOIDS)) == [
        ("h1", "0.51749"), ("L", "0.06756"), ("w3'", "0.81815"), ("h1'", "0.49902"),
        ("L'", "0.03812"),
    ]  # fmt: skip
    torn = table("h1 | E", "0.3 | 0.4", "0.49902 | 0.03812", sep=sep)
    reading = read(torn, f"a.{suffix}", SIGMOIDS)
    assert [name for name, _ in said(reading)] == ["h1", "L"]
    assert len(reading.unread) == 1


@pytest.mark.parametrize("heads", ["A | B", "run 1 | run 2", "step 1 | step 2", "0 | 1", "p | q"])
@pytest.mark.parametrize("sep", ["|", "\t"])
def test_of_two_numbers_whose_columns_say_nothing_none_is_read(heads: str, sep: str) -> None:
    rows = "w3 | 0.8 | 0.81815", "net o | 0.27205 | -0.09567", "E | 0.06756 | 0.03812"
    reading = read(
        table(f" | {heads}", *rows, sep=sep), "a.md" if sep == "|" else "a.txt", SIGMOIDS
    )
    assert not reading.assertions
    assert len(reading.unread) == 3


@pytest.mark.parametrize(
    ("line", "quantity"),
    [
        ("net o = 0.5", "z3"), ("out o: 0.5", "yhat"), ("dE/dout o = 0.5", "dL/dyhat"),
        ("dout o/dnet o = 0.5", "dyhat/dz3"), ("dE/dnet h1 = 0.5", "dL/dz1"),
        ("∂E/∂out h2 = 0.5", "dL/dh2"), ("dE total/dw5 = 0.5", "dL/dw5"),
        ("(dE)/(dw1) = 0.5", "dL/dw1"), ("`(del E)/(del w_1) = 0.5`", "dL/dw1"),
        ("∂E/〖∂w〗_5 = 0.5", "dL/dw5"), ("(∂E)/(∂〖net〗_h1 ) = 0.5", "dL/dz1"),
        ("〖w_1〗^new = 0.5", "w1'"), ("〖out〗_h1 = 1/(1+e^〖-0〗) = 0.5", "h1"),
        ("out_o = σ\u2061├ (net_o )┤ = 0.5", "yhat"), ("net_h1 = w1\u2062i1 + b1 = 0.5", "z1"),
    ],
)  # fmt: skip
def test_names_in_two_words_and_brackets_that_are_not_seen(line: str, quantity: str) -> None:
    assert said(read(f"{line}\n", "a.txt", SIGMOIDS)) == [(quantity, "0.5")]


@pytest.mark.parametrize(
    "formula",
    [
        "(diff cal(L)) / (diff w_1) = 0.5",
        "frac(diff cal(L), diff w_1) = 0.5",
        "frac(partial bb(L), partial bold(w)_1) = 0.5",
        "(dif upright(L))/(dif w_1) = 0.5",
        "display(frac(diff italic(L), diff w_1)) = 0.5",
        "diff bold(cal(L)) \\/ diff w_1 = 0.5",
    ],
)
def test_styles_of_typst_are_not_seen(formula: str) -> None:
    text = f'$ {formula} wide w_1^"new" = 0.3, h_1 = frac(1, 1 + e^(-0.07)) = 0.52 $\n'
    expected = [("dL/dw1", "0.5"), ("w1'", "0.3"), ("h1", "0.52")]
    assert said(read(text, "a.typ", SIGMOIDS)) == expected


def test_derivatives_in_a_row_and_ends_of_rows_in_asciimath() -> None:
    text = (
        "stem:[(del E)/(del w_1) = 0.3 * (-1) = -0.3], stem:[(del E)/(del w_2) = 0.1]\n\n"
        "(dE)/(dw3) = 0.3 * (-1) = -0.3, (dE)/(dw4) = 0.1\n\n"
        '[stem]\n++++\nw_1^(new) = 0.3 \\\nw_2^"new" = 0.1 \\\nw_3^(n e w) = 0.2\n++++\n'
    )
    assert said(read(text, "a.adoc", SIGMOIDS)) == [
        ("dL/dw1", "-0.3"), ("dL/dw2", "0.1"), ("dL/dw3", "-0.3"), ("dL/dw4", "0.1"),
        ("w1'", "0.3"), ("w2'", "0.1"), ("w3'", "0.2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"h_1 = 6(2_1) = 6(0.07) = 0.5175", [("h1", "0.5175")]),
        (r"h_1 = \sigma(2_{1}) = 0.5175", [("h1", "0.5175")]),
        (r"\hat y = 2_3 = w_5 h_1 = 0.6", [("yhat", "0.6")]),
        (r"\frac{\partial E}{\partial 2_1} = 0.01", [("dL/dz1", "0.01")]),
        (r"h_1 = 6(w_1) = 1.8", [("h1", "1.8")]),
        (r"2_1 = 0.5", []),  # not its figure
        (r"h_1 = \sigma(2_9) = 0.5", []),
        (r"h_1^2_1 = 0.5", []),
    ],
)
def test_a_z_that_is_read_as_a_two(formula: str, expected: list[tuple[str, str]]) -> None:
    assert said(read(f"$${formula}$$\n", "a.md", SIGMOIDS)) == expected


def test_a_display_that_breaks_off_is_listed() -> None:
    text = "$$\\begin{array}{c} \\frac{\\partial E}{\\partial w_1} \\cdot \\delt\n\n$z_1 = 0.07$\n"
    reading = read(text, "a.md", SIGMOIDS)
    assert said(reading) == [("z1", "0.07")]
    assert [each.reason for each in reading.unread] == ["this formula breaks off"]


FIRST = "z0 = 0.5\nL = 3.375\ndL/dw1 = 0.25\ndL/dw2 = 0.2\nw1 = 0.5 - 0.25 = 0.25\n"
"""A first pass with its step."""


@pytest.mark.parametrize(
    "line",
    [
        "Loss before: 3.375, loss after: 0.125", "Strata przed: 3.375, po: 0.125. Czyli działa.",
        "Loss before: 3.375, after: 0.125 ✅", "Verlust vorher: 3,375, nachher: 0,125",
        "Perte avant : 3,375, après : 0,125", "The loss went down from 3.375 to 0.125.",
        "L'errore scende da 3.375 a 0.125.", "Loss: **3.375** -> **0.125**",
        "L before the update = 3.375 and L after the update = 0.125",
    ],
)  # fmt: skip
def test_a_sentence_says_a_result_before_and_after_the_step(line: str) -> None:
    reading = read(f"{FIRST}\n{line}\n", "a.md", load("skip"))
    assert said(reading)[-2:] == [("L", "3.375"), ("L'", "0.125")]


@pytest.mark.parametrize(
    "line",
    [
        "After 100 steps the loss went down from 3.375 to 0.125.", "Loss: 3.375 -> 3.38",
        "If the loss went down from 3.375 to 0.125, all is well.", "Loss before: 5.1, after: 0.125",
        "w1 before: 0.5, after: 0.125",
    ],
)  # fmt: skip
def test_other_sentences_say_nothing_of_the_next_pass(line: str) -> None:
    reading = read(f"{FIRST}\n{line}\n", "a.md", load("skip"))
    assert "L'" not in [name for name, _ in said(reading)]


def test_derivatives_listed_again_behind_the_next_pass() -> None:
    again = "h0 = 0.2\nL = 0.125\n\nFinal answers\n* dL/dw1 = 0.25\n* dL/dw2 = 0.7\n"
    reading = read(
        f"{FIRST}\nAgain with the new weights:\nz0' = 0.3\n{again}", "a.md", load("skip")
    )
    assert said(reading)[-1] == ("dL/dw1", "0.25")
    assert "dL'/dw2'" in reading.unread[-1].reason


@pytest.mark.parametrize(
    "words",
    [
        "Wait, no, that last one is wrong: it must be 1 **minus** h. Correct is",
        "No, that is wrong: take h1.",
        "Actually:",
        "Scratch that.",
        "Let me redo this.",
    ],
)
def test_what_is_withdrawn_with_a_reason_is_not_read(words: str) -> None:
    text = f"`z1 = 0.5 + 0.2 = 0.7`\n\n{words}\n`z1 = 0.5 - 0.2 = 0.3`\n"
    reading = read(text, "a.md", SIGMOIDS)
    assert said(reading) == [("z1", "0.3")]
    assert [each.reason for each in reading.unread] == ["it is corrected below"]


@pytest.mark.parametrize(
    "line",
    [
        "la ReLU e' attiva, percio' z1 = 0,07",
        "cioe' z1 = 0,07",
        "z1 e' 0,07",
        "z1 è 0,07",
        "L'unita' e' attiva: z1 = 0,07",
        "poiche' i1 > 0 si ha z1 = 0,07",
        "la somma e' z1 = 0,07; piu' avanti si usa",
    ],
)
def test_an_apostrophe_for_an_accent_is_no_prime(line: str) -> None:
    assert said(read(f"{line}\n", "a.txt", SIGMOIDS)) == [("z1", "0.07")]
    assert said(read("w1' = 0,3\n", "a.txt", SIGMOIDS)) == [("w1'", "0.3")]


ROWS = ["1 | 0.35 | 0.58", "2 | 0.4 | 0.59", "3 | -0.4 | 0.4", "4 | 0.25 | 0.56", "5 | 0.27 | 0.57"]


@pytest.mark.parametrize("head", ["$o_j$", r"$o_j = \sigma(s_j)$", "o", "$y_j$"])
def test_a_row_is_of_its_unit_where_other_rows_settle_it(head: str) -> None:
    reading = read(table(f"neurona | $s_j$ | {head}", *ROWS), "a.md", FIVE)
    names = ["z1", "h1", "z2", "h2", "z3", "h3", "z4", "yhat1", "z5", "yhat2"]
    assert [name for name, _ in said(reading)] == names


def test_a_row_may_be_of_an_output_where_nothing_settles_it() -> None:
    reading = read(table("neurona | $o_j$", "1 | 0.56", "2 | 0.57"), "a.md", FIVE)
    assert [each.reason for each in reading.unread] == [
        "o1 may be h1 or yhat1", "o2 may be h2 or yhat2",
    ]  # fmt: skip


@pytest.mark.parametrize("gap", ["&", "&&"])
@pytest.mark.parametrize(
    "rows",
    [
        r"z_1 &= w_1 h_0 | \partial L/\partial w_2 &= h_1 \\ &= 0.25 | &= 0.25",
        r"z_1 &= w_1 h_0 | \partial L/\partial w_2 &= h_1 = 0.25 \\ &= 0.25 | L &= 3.375",
        r"z_1 &= 0.25 | \partial L/\partial w_2 &= h_1 \\ h_1 &= 0.25 | &= 0.25",
    ],
)
def test_columns_of_a_display_go_on_below_themselves(rows: str, gap: str) -> None:
    text = f"\\begin{{align*}}\n{rows.replace('|', gap)}\n\\end{{align*}}\n"
    found = {e.quantity: e.chain[-1].text for e in read(text, "a.tex", load("skip")).assertions}
    assert (found["z1"], found["dL/dw2"]) == ("0.25", "0.25")


def test_a_head_with_a_product_is_how_the_column_beside_it_is_worked_out() -> None:
    table = "| weight | $w - \\eta \\cdot$ gradient | new |\n|---|---|---|\n"
    found = read(f"{table}| $w_1$ | $0.5 - 1 \\cdot 0.25$ | 0.25 |\n", "a.md", load("skip"))
    assert [each.quantity for each in found.assertions] == ["w1'"]


def test_two_names_in_a_row_may_have_their_values_behind_the_working() -> None:
    table = "| what | how | value |\n|---|---|---|\n"
    found = read(f"{table}| $z_0$, $z_1$ | as before | 0.5; 0.25 |\n", "a.md", load("skip"))
    said = [(each.quantity, each.chain[-1].text) for each in found.assertions]
    assert said == [("z0", "0.5"), ("z1", "0.25")]


def test_a_nu_is_the_v_that_a_scanner_saw() -> None:
    net = "inputs: {x: 1}\ntargets: {y: 2}\nweights: {v1: 0.5}\n"
    net += "nodes: {1: {from: {x: v1}}}\nloss: l2\n"
    text = "$$\\frac{\\partial L}{\\partial \\nu_1} = -3$$\n"
    assert [e.quantity for e in read(text, "a.md", loads(net)).assertions] == ["dL/dv1"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("net input of hidden unit 1 = 0.5", "z1"), ("hidden 1 output: tanh(0.5) = 0.5", "h1"),
        ("Pre-activation of neuron 2 = 0.5", "z2"), ("activation of unit 2 = 0.5", "h2"),
        ("h1 in = 0.5, h1 out = 0.5", "z1 h1"), ("delta of the output unit = 0.5", "dL/dz3"),
        ("so the error signal of hidden 2 = 0.5", "dL/dz2"), ("sum at the output = 0.5", "z3"),
        ("Netzeingabe von Neuron 1 = 0,5, Ausgabe von Neuron 1 = 0,5", "z1 h1"),
        ("For h1 the net input is 0.5 and the output of h1 is 0.5", "z1 h1"),
        ("The delta of hidden unit 1 is 0.5 and that of hidden unit 2 is 0.5", "dL/dz1 dL/dz2"),
        ("The output of unit 1 is 0.5 times w5", ""),
        ("first hidden unit: z = 0.5", "z1"), ("o1: net = 0.5, out = 0.5", "z3 yhat"),
        ("Neuron o1: delta = 0.5", "dL/dz3"), ("net input of neuron h2: 0.2 + 0.3 = 0.5", "z2"),
        ("hidden unit 1: net = 0.5, out = 0.5", "z1 h1"), ("For h1: z = 0.5, a = 0.5", "z1 h1"),
        ("For hidden unit 2 we get z = 0.5, so h = 0.5.", "z2 h2"),
        ("The output unit has z = 0.5 and yhat = 0.5", "z3 yhat"),
        ("## Hidden unit 1\n\nz = 0.5\nh = 0.5\n\nThen the output: z = 0.5", "z1 h1 z3"),
        ("Neuron 1:\nnet input = 0.5\noutput = 0.5\nNeuron 3:\nz = 0.5\n", "z1 h1 z3"),
        ("unit 2 has z = 0.5.\nThen z = 0.5 at the output.", "z2"),  # which is not said
        ("Hidden unit 1 and unit 2: z = 0.5", ""), ("net output = 0.5", ""),
        ("output of unit 1 times w5 = 0.5", ""), ("input unit 1 = 0.5", ""),
    ],
)  # fmt: skip
def test_words_say_of_which_unit_a_figure_is(line: str, expected: str) -> None:
    reading = read(f"{line}\n", "a.md", SIGMOIDS)
    assert said(reading) == [(name, "0.5") for name in expected.split()]


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        ("Time step 1: z = 0.5, h = 0.5\nTime step 2: z = 0.5", "z1 h1 z2"),
        ("t = 3: dL/dh_3 = 0.5, z = 0.5", "dL/dh3 z3"),
        ("## t = 2\n\nz = 0.5\nh = 0.5\n\n## Output\n\nz = 0.5", "z2 h2"),
        ("Step 2: z = 0.5", ""),  # of the course, perhaps
    ],
)
def test_words_say_of_which_step_in_time_a_figure_is(sheet: str, expected: str) -> None:
    network = loads((STARTERS / "rnn.yaml").read_text("utf-8"))
    reading = read(f"{sheet}\n", "a.md", network)
    assert [name for name, _ in said(reading)] == expected.split()
    assert "t" not in reading.taken


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("dL/dh1 = -1 / w5 = -1.6667", "dL/dh1"), ("dL/dw1 = dL/dz1 / i1 = 0.5", "dL/dw1"),
        ("h1 = 0.5175 / h2 = 1/(1+exp(-0.95)) = 0.7211", "h1 h2"),
        ("z1 = 0.07 / z2 = 0.95", "z1 z2"),
        ("z1 = 0.07 / z2 = 0.3", ""),  # the second is wrong, or is it the first?
    ],
)  # fmt: skip
def test_a_slash_that_divides_parts_no_statements(line: str, expected: str) -> None:
    reading = read(f"{line}\n", "a.md", SIGMOIDS)
    assert list(dict.fromkeys(name for name, _ in said(reading))) == expected.split()


COUNTED = ("z_h1", "z_h2", "z_o1")


@pytest.mark.parametrize(
    "sheet",
    ["z1 = 0.4\nz2 = -0.3\nz3 = 0.244\n", "dL/dz1 = -0.013\ndL/dz2 = 0.0159\ndL/dz3 = -0.1082\n"],
)
def test_numbers_below_names_may_count_the_units_of_all_layers(sheet: str) -> None:
    network = loads((STARTERS / "mlp.yaml").read_text("utf-8"))
    names = [name for name, _ in said(read(sheet, "a.txt", network))]
    head = "dL/d" if sheet.startswith("dL") else ""
    assert names == [f"{head}{name}" for name in COUNTED]


def test_a_number_below_that_may_count_layers_or_units_is_told_by_the_figure() -> None:
    network = loads((STARTERS / "mlp.yaml").read_text("utf-8"))
    assert said(read("h1 = 0.5987\ndL/dz2 = 0.01587\n", "a.txt", network)) == [("h_h1", "0.5987")]
    assert said(read("dL/dz2 = -0.1082\n", "a.md", network)) == [("dL/dz_o1", "-0.1082")]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"\frac{\partial L}{\partial z_2} = h_1 \cdot 1 = \frac{1}{8} \quad z_2 > 0", "dL/dz2"),
        (r"z_2 = \frac{1}{8} \quad z_2 > 0, \quad h_2 = 0.5 \quad z_2 > 0", "z2 h2"),
        (r"\frac{\partial L}{\partial z_2} = h_1 \quad z_2 > 0", ""),  # a factor, perhaps
    ],
)
def test_a_comparison_behind_a_gap_is_no_part_of_the_number(formula: str, expected: str) -> None:
    reading = read(f"$${formula}$$\n", "a.md", SIGMOIDS)
    assert [name for name, _ in said(reading)] == expected.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Hidden unit 1: z = 0.5", ""),  # z0, counted from 1, or z1
        ("net input of neuron 1 = 0.5", ""), ("net input of unit 0 = 0.5", "z0"),
        ("Hidden unit 2: z = 0.25", "z1"), ("Hidden unit 0: z = 0.5", "z0"),
    ],
)  # fmt: skip
def test_a_unit_that_may_be_counted_from_0_or_1_is_not_read(line: str, expected: str) -> None:
    assert [name for name, _ in said(read(f"{line}\n", "a.md", load("skip")))] == expected.split()


@pytest.mark.parametrize(
    ("network", "text", "expected"),
    [
        # a name of the network's own, in any typography, whatever other quantity is so large
        ("mlp", r"$\frac{\partial L}{\partial z_{h1}} = -0.05412$", "dL/dz_h1"),
        ("mlp", "$dL/dz_h1 = -0.05412$", "dL/dz_h1"),
        # a name of one meaning, and one whose other meaning the sheet calls something else
        ("mazur", "net_{h1} = 0.3775\nnet_{h2} = 0.3825", "z1 z2"),
        ("mazur", "a_1 = 0.7514", ""),
        ("mazur", "a_1 = 0.7514\nout_{o1} = 0.76", "h1 yhat1"),
        ("mazur", "a_1 = 0.7514\nout_{o1} = 0.7514", "yhat1"),
        ("mazur", "net_{h2} = 0.3775", ""),  # to the last digit
    ],
)
def test_a_figure_puts_no_name_in_doubt_that_has_one_meaning(
    network: str, text: str, expected: str
) -> None:
    file = STARTERS / f"{network}.yaml"
    found = read(text, "a.md", loads(file.read_text("utf-8")) if file.exists() else load(network))
    assert " ".join(name for name, _ in said(found)) == expected


SHORTCUT = loads("""
inputs: {x1: 0.6, x2: -1.2}
targets: {y: 1}
weights: {v11: 0.4, v12: -0.3, v21: -0.7, v22: 0.5, u1: 0.8, u2: -0.6}
nodes:
  h1: {from: {x1: v11, x2: v12}, activation: tanh}
  h2: {from: {x1: v21, x2: v22}, activation: tanh}
  o:  {from: {h1: u1, h2: u2}, activation: sigmoid}
loss: half_l2
""")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d_o = (yhat-y)*yhat*(1-yhat) = -0.07", "dL/dz_o"),
        ("d_out = yhat - y = -0.3", "dL/dyhat"),
        ("d_o = (yhat-y)*yhat*(1-yhat)\nd_h1 = d_o*u1*(1-h_h1**2) = -0.03", "dL/dz_o dL/dz_h1"),
        ("d_o = (yhat-y)*yhat*(1-yhat)\nd_h1 = d_o*u1 = -0.05", "dL/dz_o dL/dh_h1"),
        ("z_h1 = z_h2 = 0.6", "z_h1 z_h2"), ("dL/dv21 = dL/dv22 = 0.3", "dL/dv21 dL/dv22"),
        ("z_h1 = z_h2 = 0.6\nz_h2 = -1.02", "z_h1 z_h2"),
        ("dL/dv11 = dL/dz_h1 = 0.3", "dL/dv11"),  # the one is worked out from the other
    ],
)  # fmt: skip
def test_a_formula_tells_more_than_the_letter_and_two_names_are_two(
    text: str, expected: str
) -> None:
    found = said(read(text, "a.txt", SHORTCUT))
    assert " ".join(name for name, _ in found) == expected


def test_a_damaged_derivative_is_shown_as_one() -> None:
    assert read("dL/dz_hl = -0.0348\n", "a.txt", SHORTCUT).taken == {"dL/dz_hl": "dL/dz_h1"}
