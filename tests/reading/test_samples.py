"""Sheets about several samples: what numbers above names count, of which sample a line is."""

from __future__ import annotations

import pytest

from backcalc.checking.report import Marking, check
from backcalc.checking.verdict import ABSENT
from backcalc.equations.network import Network
from backcalc.formulas.notation import PLAIN, phrase_text
from backcalc.loading.loader import load, loads
from backcalc.reading import Reading, read
from backcalc.reading.names import WHICH_SAMPLE

NETWORK = """
inputs: [x1, x2]
targets: [t]
data: [{x1: 0.5, x2: -1, t: 1}, {x1: 1, x2: 2, t: 0}]
weights: {w1: 0.4, w2: -0.3, w3: 0.2, w4: 0.6, w5: 0.7, w6: -0.5}
biases: {b1: 0.1, b2: -0.2, b3: 0.3}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: sigmoid}
  3: {from: {1: w5, 2: w6}, bias: b3, activation: identity}
loss: mse
learning_rate: 0.5
"""
BY_HEADINGS = """
## Sample 1

$z_1 = 0.6$

### Backward

$\\frac{\\partial \\ell}{\\partial \\hat y} = -0.8279$

## Sample 2

$a_1 = 0.4750$

## Both

$z_1 = -0.1$
"""
CHAIN = """
$\\delta_3^{(1)} = -0.9$, $\\delta_3^{(2)} = 0.4965$

$\\delta_1^{(1)} = \\delta_3^{(1)} w_5 h_1^{(1)} (1 - h_1^{(1)}) = -0.1441$
"""
LAYER_NAMES = "names: {z1: z1_1, z2: z1_2, h1: a1_1, h2: a1_2, z3: z2_1}\n"
TWO = "the numbers above its names may count layers or samples"
WHICH = "it does not say of which sample"


def network(more: str = "") -> Network:
    """The network of two samples, with further lines."""
    return loads(NETWORK + more)


def sheet(text: str, more: str = "") -> Reading:
    """A sheet as it is read."""
    return read(text, "sheet.md", network(more))


def said(text: str, more: str = "") -> list[str]:
    """The quantities that a sheet is read to be about."""
    return [each.quantity for each in sheet(text, more).assertions]


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        # the figures agree in one way alone
        ("$z_1^{(2)} = -0.1$", ["z1[2]"]),
        ("$a_1^{(1)} = 0.6457$, $a_1^{(2)} = 0.4750$", ["h1[1]", "h1[2]"]),
        ("$z_1^{(1)} = 0.6$, $z_1^{(2)} = -0.1$, $z_2^{(2)} = 1.9$", ["z1[1]", "z1[2]", "z2[2]"]),
        ("## Sample 1\n\n$z^{(2)}_1 = 0.5861$", ["z3[1]"]),
        ("## Sample 2\n\n$z^{(1)}_1 = -0.1$, $a^{(1)}_1 = 0.4750$", ["z1[2]", "h1[2]"]),
        # a formula shows it, whatever its figure
        ("## Sample 1\n\n$z^{(2)}_1 = w_5 a^{(1)}_1 + w_6 a^{(1)}_2 + b_3 = 0.77$", ["z3[1]"]),
        # words do
        ("Superscripts count the layers.\n\n## Sample 2\n\n$z^{(1)}_1 = 7$", ["z1[2]"]),
        ("The superscript is the number of the sample.\n\n$z^{(2)}_1 = 7$", ["z1[2]"]),
        # or other names of the sheet
        ("$\\hat y^{(1)} = 0.5861$, $z^{(2)}_1 = 7$", ["yhat[1]", "z1[2]"]),
        # an index at the loss says it of both sides
        ("dL[1]/dyhat = -0.4\n\ndL[2]/dyhat = 0.5", ["dL[1]/dyhat[1]", "dL[2]/dyhat[2]"]),
        # the sample itself is not said, or nothing tells
        ("$z^{(2)}_1 = w_5 a^{(1)}_1 + w_6 a^{(1)}_2 + b_3 = 0.5861$", []),
        ("$z^{(2)}_1 = 7$", []),
        ("$z_3 = 0.5861$", []),
    ],
)
def test_a_number_above_a_name_counts_layers_or_samples(text: str, quantities: list[str]) -> None:
    assert said(text) == quantities


def test_units_with_letters_are_counted_in_their_layer() -> None:
    lettered = NETWORK.replace("  1: {", "  a: {").replace("  2: {", "  b: {")
    lettered = lettered.replace("{1: w5, 2: w6}", "{a: w5, b: w6}").replace("  3: {", "  c: {")
    text = "## Sample 2\n\n$a_1^{(1)} = 0.4750$, $z_1^{(2)} = 0.2483$"
    found = read(text, "sheet.md", loads(lettered)).assertions
    assert [each.quantity for each in found] == ["h_a[2]", "z_c[2]"]


def test_words_of_the_file_say_that_layers_are_counted() -> None:
    assert said("## Sample 1\n\n$z^{(2)}_1 = 0.5861$, $a^{(1)}_2 = 7$", LAYER_NAMES) == [
        "z3[1]", "h2[1]",
    ]  # fmt: skip
    assert not said("$z^{(2)}_1 = 0.5861$", LAYER_NAMES)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$z^{(2)}_1 = 7$", TWO),
        ("$\\delta^{(2)}_1 = -0.8279$", TWO),
        ("$z^{(2)}_1 = w_5 a^{(1)}_1 + w_6 a^{(1)}_2 + b_3 = 0.5861$", WHICH),
        ("$\\delta_3 = -0.8279$", WHICH),
        ("$\\frac{\\partial L}{\\partial \\hat y} = -0.8279$", WHICH),
    ],
)
def test_what_may_mean_two_things_is_unread_and_says_so(text: str, reason: str) -> None:
    (unread,) = sheet(text).unread
    assert reason in unread.reason


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        ("$\\delta_3^{(1)} = -0.8279$", ["dL[1]/dz3[1]"]),
        ("$\\delta_3^{(1)} = -0.4139$", ["dJ/dz3[1]"]),
        ("$\\frac{\\partial E}{\\partial z_3^{(1)}} = -0.8279$", ["dL[1]/dz3[1]"]),
        ("$\\frac{\\partial J}{\\partial z_3^{(1)}} = -0.8279$", ["dJ/dz3[1]"]),  # its own name
        ("$\\delta_3^{(1)} = -0.9$", []),
        (CHAIN, ["dL[1]/dz3[1]", "dL[2]/dz3[2]", "dL[1]/dz1[1]"]),
    ],
)
def test_an_error_term_is_of_the_total_or_of_its_own_sample(
    text: str, quantities: list[str]
) -> None:
    assert said(text) == quantities


@pytest.mark.parametrize(
    ("text", "quantities"),
    [
        (BY_HEADINGS, ["z1[1]", "dL[1]/dyhat[1]", "h1[2]"]),
        ("Sample 1:\n$$\\frac{\\partial L}{\\partial w_5} = -0.5345$$", ["dL[1]/dw5"]),
        ("## Forward, sample 2 ($t = 0$)\n\n$z_1 = -0.1$, $J = 0.1165$", ["z1[2]", "J"]),
        ("Sample 1: $z_1 = 0.6$\nSample 2: $z_1 = -0.1$\n\n$z_2 = 1.2$", ["z1[1]", "z1[2]"]),
        ("**Sample 2**\n\n$h_1 = \\sigma(z_1) = 0.4750$", ["h1[2]"]),
        # of another sample or of all: not taken for the one above
        ("Sample 1:\n\n$z_1 = -0.1$\n\n$L = 0.1165$", []),
        (
            "For sample 1 we get $z_1 = 0.6$.\n\nFor sample 2, $z_1 = -0.1$.\n\n$z_2 = 1.2$",
            ["z1[1]", "z1[2]"],
        ),
        ("Sample 1:\n\n$\\frac{\\partial L}{\\partial w_5} = -0.1493$", ["dJ/dw5"]),
        ("Sample 1:\n\n$z_1 = 0.6$\n\nThe mean over both:\n\n$L = 0.1165$", ["z1[1]", "J"]),
        (
            "| | sample 1 | sample 2 |\n|---|---|---|\n| $a_1$ | 0.6457 | 0.4750 |\n",
            ["h1[1]", "h1[2]"],
        ),
        ("| sample | $a_1$ |\n|---|---|\n| 1 | 0.6457 |\n| 2 | 0.4750 |\n", ["h1[1]", "h1[2]"]),
    ],
)
def test_words_say_of_which_sample_a_line_is(text: str, quantities: list[str]) -> None:
    assert said(text) == quantities


def test_numbers_of_the_exercise_at_the_head_of_a_sheet_are_those() -> None:
    text = "x = 1\nw0 = 1\nw1 = 1\nw2 = 1\nws = 1\ny = 1\nz0 = 1\nh0 = 1\nz1 = 1\nyhat = 2\nL = 1\n"
    reading = read(text, "a.txt", load("skip"))
    assert not reading.unread
    assert [each.quantity for each in reading.assertions] == [
        line.partition(" ")[0] for line in text.splitlines()
    ]


def test_a_damaged_name_that_stands_elsewhere_too_needs_no_right_figure_in_a_derivative() -> None:
    used = "$$z_1 = w_1 \\cdot ho = 0.5 \\cdot 0.5 = 0.25$$\n"
    line = "$$\\frac{dL}{dho} = \\frac{dL}{dz_1} \\cdot w_1 = 0.5 \\cdot 0.5 = 0.25$$\n"
    before = "$$z_0 = w_0 x = 0.5, \\quad h_0 = 0.5, \\quad \\frac{dL}{dz_1} = 0.5$$\n"
    for text, found in ((before + used + line, True), (before + line, False)):
        names = [each.quantity for each in read(text, "a.md", load("skip")).assertions]
        assert ("dL/dh0" in names) == found


VECTORS = """
inputs: [x]
targets: [t]
data: [{x: [1, 0.5], t: [1, 0]}, {x: [-1, 2], t: [0, 1]}]
weights: {U: [[0.3, -0.2], [0.1, 0.4]], V: [[0.5, -0.4], [-0.3, 0.6]], d: [0, 0.2]}
equations: {net: U @ x, s: tanh(net), o: V @ s + d, p: softmax(o)}
loss: cross_entropy
"""
OWN_WORDS = "names: {L: E, dL/do: delta_o}\n"


@pytest.mark.parametrize(
    ("text", "more", "quantity"),
    [
        (r"$$s^{(1)} = \begin{pmatrix} 0.2 \\ 0.3 \end{pmatrix}$$", "", "s[1]"),
        (r"$$o^{(2)} = \begin{pmatrix} 0.2 \\ 0.3 \end{pmatrix}$$", "", "o[2]"),
        (r"$\frac{\partial E^{(1)}}{\partial o^{(1)}} = [0.2, 0.3]$", "", "dL[1]/do[1]"),
        (r"$\frac{\partial L^{(1)}}{\partial o^{(1)}} = [0.2, 0.3]$", OWN_WORDS, "dL[1]/do[1]"),
        ("$\\delta_o^{(1)} = [0.2, 0.3]$", OWN_WORDS, "dL[1]/do[1]"),
        ("dE[1]/dV = [[0.1, 0.2], [0.3, 0.4]]", OWN_WORDS, "dL[1]/dV"),
    ],
)
def test_a_vector_has_its_sample_above_it_too(text: str, more: str, quantity: str) -> None:
    report = check(Marking(loads(VECTORS + more)), f"Solution\n\n{text}\n", "sheet.md")
    assert [each.name for each in report.answers] == [quantity]


def test_a_derivative_in_one_word_by_a_target_is_by_its_output() -> None:
    reading = read("d_y = yhat - y\n", "sheet.txt", load("skip"))
    assert [each.quantity for each in reading.assertions] == ["dL/dyhat"]


@pytest.mark.parametrize(
    "written", ["dw1 = {}", "gradient of w1: {}", "$\\nabla_{{w_1}} = {}$", "grad_w1 = {}"]
)
def test_a_gradient_in_the_part_of_a_sample_is_of_its_loss(written: str) -> None:
    net = loads("""
inputs: [x]
targets: [y]
data: [{x: 1, y: 2}, {x: 2, y: 3}]
weights: {w1: 0.5}
nodes: {1: {from: {x: w1}}}
loss: half_l2
""")
    text = f"Sample 1\n{written.format('-1.5')}\n\nSample 2\n{written.format('-4')}\n"
    found = read(text + f"\nTotal\n{written.format('-5.5')}\n", "a.md", net).assertions
    assert [(each.quantity, each.said.plain) for each in found] == [
        ("dL[1]/dw1", "-1.5"), ("dL[2]/dw1", "-4"), ("dJ/dw1", "-5.5"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "title",
    [
        "Sample 1 with x = 1:", "Sample 1 (x = 1)", "**Sample 1** with the inputs:",
        "For sample 1 we have:", "Datapoint 1", "For the first sample:",
    ],
)  # fmt: skip
def test_a_line_that_begins_with_a_sample_is_of_it_and_what_follows(title: str) -> None:
    net = loads("""
inputs: [x]
targets: [y]
data: [{x: 1, y: 2}, {x: 2, y: 3}]
weights: {w1: 0.5, w2: 2}
nodes: {1: {from: {x: w1}, activation: tanh}, 2: {from: {1: w2}}}
loss: half_l2
""")
    found = read(f"{title}\n\nz1 = 0.5\nh1 = 0.4621\n\nz2 = 0.9242\n", "a.md", net).assertions
    assert [each.quantity for each in found] == ["z1[1]", "h1[1]", "z2[1]"]
    inline = "For sample 1 the hidden unit has z1 = 0.5 and h1 = 0.4621.\n"
    assert [e.quantity for e in read(inline, "a.md", net).assertions] == ["z1[1]", "h1[1]"]
    assert read("Sample 1 and 2: z1 = 0.5\n", "a.md", net).assertions == ()


def test_the_reason_says_how_to_name_the_sample() -> None:
    reading = sheet("delta_1 = 0.4\nnet_1 = 0.3", "names: {z1: net_1}\n")
    assert [each.reason for each in reading.unread] == [WHICH_SAMPLE] * 2


def test_reasons_have_the_files_own_words_but_for_names_that_the_sheet_has_itself() -> None:
    for name in ("v_1", "w1"):
        reading = sheet(f"{name} = 0.9", "names: {w1: v_1}\n")
        assert [e.reason for e in reading.unread] == [f"the exercise gives {name} as 0.4"]


CLASSES = """
inputs: [x]
targets: [y]
data: [{x: [1, -0.5], y: [1, 0, 0]}, {x: [0.5, 2], y: [0, 0, 1]}]
weights: {W1: [[0.2, -0.4], [0.7, 0.1]], b1: [0.1, -0.2],
          W2: [[0.5, -0.3], [-0.6, 0.4], [0.1, 0.8]], b2: [0, 0.1, -0.1]}
equations: {z1: W1 @ x + b1, a1: tanh(z1), z2: W2 @ a1 + b2, yhat: softmax(z2)}
loss: cross_entropy
learning_rate: 0.5
ask: [z1, a1, {dL/dz2: 1}, shapes]
"""
ALIGNED = r"""\newcommand{\vv}[1]{\begin{bmatrix}#1\end{bmatrix}}
\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}}
\begin{document}
\begin{align}
z_1^{(1)} &= \vv{0.5\\0.45} & z_1^{(2)} &= \vv{-0.6\\0.35}\\
\pd{L^{(1)}}{z_2^{(1)}} &= \vv{-0.6763\\0.2891\\0.3872} &
\pd{L^{(2)}}{z_2^{(2)}} &= \begin{bmatrix}0.1942\\0.4904\\-0.6846\end{bmatrix}
\end{align}
\end{document}
"""
BY_SAMPLES = [
    ("Sample 1\nz1 = (0.5, 0.45)\n\na1 = (0.46, 0.42)\nSample 2\nz1 = (-0.6, 0.35)",
     "z1[1] a1[1] z1[2]"),
    ("Sample 1: x_1 = 1, x_2 = -0.5, y_1 = 1\n\nz1 = (0.5, 0.45)\n\na1 = (0.46, 0.42)",
     "z1[1] a1[1]"),
    ("## Sample 2\n\n$$z_1 = \\begin{bmatrix}-0.6\\\\0.35\\end{bmatrix}$$", "z1[2]"),
    ("For sample 1 I get z1 = (0.5, 0.45) and $a_1 = (0.46, 0.42)^T$.", "z1[1] a1[1]"),
    ("--- sample 1 ---\nz1 = [[0.5 ]\n [0.45]]\na1 = [[0.4621 0.4219]]", "z1[1] a1[1]"),
    ("Beispiel 1:\nz1 = (0,5; 0,45)\na1 = [0,4621 0,4219]", "z1[1] a1[1]"),
    ("Sample 1\nz1_1 = 0.5\n$z_{1,2} = 0.45$", "z1_1[1] z1_2[1]"),
    ("dL/dz2[1] = (-0.6763; 0.2891; 0.3872)", "dL[1]/dz2[1]"),
    ("$\\delta_2^{(1)} = (-0.6763, 0.2891, 0.3872)$", "dL[1]/dz2[1]"),
    ("$\\frac{\\partial L}{\\partial z_2}^{(1)} = (-0.6763, 0.2891, 0.3872)$", "dL[1]/dz2[1]"),
    ("dL/dz2 of the first sample: (-0.6763, 0.2891, 0.3872)", "dL[1]/dz2[1]"),
    ("$\\nabla_{b_2} J = (-0.2411, 0.3897, -0.1487)$", "dJ/db2"),
    ("db2 = (-0.2411; 0.3897; -0.1487)", "dJ/db2"),
    ("Sample 1\n\nThe mean gradient: db2 = (-0.2411; 0.3897; -0.1487)", "dJ/db2"),
    ("| | sample 1 | sample 2 |\n|-|-|-|\n| z1 | (0.5, 0.45) | (-0,6; 0,35) |\n", "z1[1] z1[2]"),
    ("| sample | z1 | a1 |\n|-|-|-|\n| 1 | $(0.5, 0.45)^T$ | 0.4621, 0.4219 |\n", "z1[1] a1[1]"),
    (ALIGNED, "z1[1] z1[2] dL[1]/dz2[1] dL[2]/dz2[2]"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), BY_SAMPLES)
def test_vectors_are_of_the_sample_of_their_part(text: str, names: str) -> None:
    report = check(
        Marking(loads(CLASSES)), text, "sheet.tex" if "begin{doc" in text else "sheet.md"
    )
    assert [e.name for e in report.answers if e.verdict not in ABSENT] == names.split()
    assert {e.verdict for e in report.answers} <= {"correct", "rounded", *ABSENT}
    assert not report.unread


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("z1_1 = 0.5", WHICH_SAMPLE),
        ("z1 = (0.5, 0.45)", "name the sample too: z1_1[1] to z1_1[2]"),
        ("z1[2] = 0.45", "this network has no quantity called z1^(2)"),  # an element or a sample
        ("The gradient of z1 = (1, 2)", "z1 is a vector or a matrix"),
        (r"Here $Q = W_1 - 0.5\,\frac{\partial J}{\partial W_1} = [[0.35, -0.44], [0.63, 0.28]]$",
         "Q"),
    ],
)  # fmt: skip
def test_a_vector_whose_sample_is_unsaid_is_unread(text: str, reason: str) -> None:
    report = check(Marking(loads(CLASSES)), f"{text}\n\nJ = 1.1409\n", "sheet.md")
    assert [e.name for e in report.answers if e.verdict not in ABSENT] == ["J"]
    assert any(reason in each.reason or reason in each.text for each in report.unread)


def test_several_answers_on_a_line_about_shapes_are_read() -> None:
    text = "shape of z1: 2, shape of a1: (2,)\n\n"
    text += "Shape of $\\hat y$ is $3\\times1$. Shape of L: scalar."
    report = check(Marking(loads(CLASSES)), text, "sheet.md")
    found = [e.name for e in report.answers if e.verdict == "correct"]
    assert found == ["shape of z1", "shape of a1", "shape of yhat", "shape of L"]


@pytest.mark.parametrize(
    "rest", [". I ran out of time.", ", I think.", ". I've no time for the others.", " I guess"]
)
def test_an_i_that_begins_a_sentence_is_no_digit(rest: str) -> None:
    found = read(f"h0 = 0.5{rest}\n", "a.md", load("skip")).assertions
    assert [each.quantity for each in found] == ["h0"]


def test_a_second_letter_for_the_loss_is_no_weight() -> None:
    net = "inputs: [x]\ntargets: [y]\ndata: [{x: 1, y: 2}, {x: 2, y: 3}]\nweights: {w: 0.5}\n"
    net += "equations: {yhat: w*x}\nloss: half_l2\n"
    found = read("J = 1.5625\n\nshape of L = ()\n", "a.md", loads(net))
    assert [each.quantity for each in found.assertions] == ["J"]


@pytest.mark.sweep
def test_a_mistake_made_again_in_another_vector_is_again() -> None:
    text = "dJ/db2 = [-0.4821, 0.7795, -0.2974]\ndJ/db1 = [-0.5609, 0.153]\n"
    report = check(Marking(loads(CLASSES)), text, "sheet.md")
    first, second = (each for each in report.answers if each.verdict != "missing")
    assert (first.verdict, second.verdict) == ("wrong", "again")
    assert phrase_text(second.comment, PLAIN) == "The same mistake as in dJ/db2."


def test_a_local_derivative_is_of_no_loss_whatever_its_figure() -> None:
    net = """
data: [{x1: -3, x2: 0.125, y1: 0.5}, {x1: 0.9, x2: 0.4, y1: 0.8}]
inputs: [x1, x2]
targets: [y1]
weights: {b: -0.7}
layers:
  - {units: 2, bias: b, weights: [[0.2, -0.2], [0.5, 3]], activation: abs, name: g}
  - {units: 1, weights: [[1.1, -0.3]], name: h}
loss: (yhat - y1)*(yhat - y1)/2
"""
    text = "dL[2]/dh_g1[2] = -0.4675\ndh_g1[2]/dz_g1[2] = -0.7\ndL[2]/dz_g1[2] = 0.3273\n"
    report = check(Marking(loads(net)), text, "sheet.txt")
    assert [each.verdict for each in report.answers[:3]] == ["correct", "wrong", "follows"]


@pytest.mark.parametrize(
    "text", ["The mean loss is 0.9.", "Average loss: 0.9", "Mittlerer Verlust: J = 0.9"]
)
def test_the_mean_loss_is_read_whatever_its_figure(text: str) -> None:
    found = read(f"z1[1] = 0.6\n\n{text}\n", "a.md", network()).assertions
    assert [each.quantity for each in found] == ["z1[1]", "J"]


NEURON = """
inputs: [u]
targets: [t]
data: [{u: 1, t: 1}, {u: -2, t: 0}]
weights: {w: 0.6}
biases: {b: 0.2}
nodes:
  1: {from: {u: w}, bias: b, activation: sigmoid}
loss: bce
"""


@pytest.mark.parametrize(
    "text",
    [
        "| $i$ | 1 | 2 |\n|---|---|---|\n| $z$ | 0.8 | -1 |\n| L | 0.371 | 0.313 |",
        "| sample | 1 | 2 |\n|---|---|---|\n| z | 0.8 | -1 |\n| L | 0.371 | 0.313 |",
        "Sample 1: z = 0.8, loss 0.371\n\nSample 2: z = -1, loss 0.313",
    ],
)
def test_the_figures_of_each_sample_stand_below_its_number_or_behind_it(text: str) -> None:
    found = read(text, "a.md", loads(NEURON)).assertions
    said = {each.quantity: each.said.plain for each in found}
    assert said == {"z1[1]": "0.8", "z1[2]": "-1", "L[1]": "0.371", "L[2]": "0.313"}


@pytest.mark.parametrize("head", ["| step | 1 | 2 |", "| i | 1 | 2 | 3 |", "| t | 1 | 2 |"])
def test_other_columns_with_numbers_are_not_those_of_samples(head: str) -> None:
    rows = "|---" * (head.count("|") - 1), "| z | 0.8 | -1 |" + " 0 |" * (head.count("|") - 4)
    assert not read("\n".join((head, *rows)), "a.md", loads(NEURON)).assertions


@pytest.mark.parametrize(
    "lead",
    [
        "Sample (1, 2):", "(1,2):", "x=(1,2):", "Input (1, 2):", "x1=1, x2=2:", "Muster (1; 2):",
        "(x1, x2) = (1, 2):", "**(1, 2)**:", "- (1, 2):", "$(1, 2)$:", "case 2:", "(1, 2, 0):",
    ],
)  # fmt: skip
def test_the_numbers_put_in_say_of_which_sample_a_line_is(lead: str) -> None:
    assert said(f"{lead} z1 = -0.1, z2 = 1.2") == ["z1[2]", "z2[2]"]


@pytest.mark.parametrize("lead", ["(3, 2):", "(1):", "01:", "x1=3:", "(1, 2, 1):"])
def test_numbers_that_no_sample_has_say_nothing(lead: str) -> None:
    assert said(f"z1[1] = 0.6\n\n{lead} z1 = -0.1") == ["z1[1]"]


@pytest.mark.parametrize(
    "table",
    [
        "| x1 | x2 | z1 | L |\n|-|-|-|-|\n| 1 | 2 | -0.1 | 0.3 |\n| 0.5 | -1 | 0.6 | 0.8 |",
        "| $x_1$ | $x_2$ | t | $z_1$ |\n|-|-|-|-|\n| 1 | 2 | 0 | -0.1 |\n| 0.5 | -1 | 1 | 0.6 |",
        "| (x1, x2) | z1 |\n|-|-|\n| (1, 2) | -0.1 |\n| (0.5, -1) | 0.6 |",
        "| sample | z1 |\n|-|-|\n| (1, 2) | -0.1 |\n| (0.5, -1) | 0.6 |",
        "x1   x2  z1\n1    2   -0.1\n0.5  -1  0.6\n",
        "| i | $z_{1,i}$ | $x_{1,i}$ |\n|-|-|-|\n| 2 | -0.1 | 1 |\n| 1 | 0.6 | 0.5 |",
    ],
)
def test_a_row_is_of_the_sample_whose_inputs_stand_in_it(table: str) -> None:
    found = {each.quantity: each.said.plain for each in sheet(table).assertions}
    if "i |" not in table:
        assert (found["z1[2]"], found["z1[1]"]) == ("-0.1", "0.6")
    else:
        assert not {"z1[1]", "z1[2]"} & {n for n, v in found.items() if v not in ("-0.1", "0.6")}


def test_rows_of_no_sample_are_not_guessed() -> None:
    table = "| x1 | x2 | z1 |\n|-|-|-|\n| 1 | 3 | -0.1 |\n| 0.5 | -1 | 0.6 |"
    assert not [each for each in said(table) if each.startswith("z1")]


@pytest.mark.parametrize("letter", ["o", "l", "O", "q", "p"])
def test_a_letter_of_the_course_is_its_quantity_at_the_head_of_a_table(letter: str) -> None:
    table = f"| sample | z1 | {letter} |\n|-|-|-|\n| 1 | 0.6 | 0.5861 |\n| 2 | -0.1 | 0.3483 |\n"
    found = sheet(table, f"names: {{yhat: {letter}}}\n").assertions
    assert {each.quantity: each.said.plain for each in found} == {
        "z1[1]": "0.6", "yhat[1]": "0.5861", "z1[2]": "-0.1", "yhat[2]": "0.3483",
    }  # fmt: skip


def test_no_column_of_a_table_of_samples_is_dropped_in_silence() -> None:
    rows = "| 1 | 0.6 | 0.17 | 0.586 |\n| 2 | -0.1 | 0.6 | 0.248 |"
    table = f"| sample | z1 | foo | yhat |\n|-|-|-|-|\n{rows}\n"
    reading = sheet(table)
    assert [each.quantity for each in reading.assertions] == [
        "z1[1]", "yhat[1]", "z1[2]", "yhat[2]"
    ]  # fmt: skip
    assert [reading.text(each) for each in reading.unread] == ["0.17", "0.6"]


LINE = """
inputs: [x]
targets: [y]
data: [{x: 1, y: 2}, {x: 2, y: 3}, {x: 4, y: 4}]
weights: {w: 0.5}
biases: {b: 0.5}
nodes: {1: {from: {x: w}, bias: b}}
loss: mse
"""


@pytest.mark.parametrize(
    "heads",
    [
        "error | squared error", "error | error²", "error | $error^2$",
        "Fehler | quadrierter Fehler",
        "erreur | erreur au carré", "error | error al cuadrado", "residual | squared error",
    ],
)  # fmt: skip
def test_an_error_beside_its_square_is_no_loss(heads: str) -> None:
    rows = "| 1 | 1.00 | -1.00 | 1.00 |\n| 2 | 1.50 | -1.50 | 2.25 |\n| 3 | 2.50 | -1.50 | 2.25 |"
    report = check(
        Marking(loads(LINE)), f"| i | $\\hat y_i$ | {heads} |\n|-|-|-|-|\n{rows}\n", "a.md"
    )
    marks = {m.name: m.answer.text for m in report.answers if m.verdict not in ABSENT}
    assert {m.verdict for m in report.answers} <= {"correct", *ABSENT}
    assert (marks["L[2]"], marks["yhat[2]"]) == ("2.25", "1.50")


PARTS = """
Pattern 1: x = (0.5, -1), t = 1
z1 = 0.6
Pattern 2: x = (1, 2), t = 0
z1 = 0.6
"""


def test_a_figure_of_another_sample_is_wrong_where_each_has_its_part() -> None:
    report = check(Marking(network()), f"Some words first.\n{PARTS}", "a.txt")
    marks = {m.name: m.verdict for m in report.answers}
    assert (marks["z1[1]"], marks["z1[2]"]) == ("correct", "wrong")
    torn = check(Marking(network()), PARTS.replace("Pattern 2:", "Pat"), "a.txt")
    assert not [m for m in torn.answers if m.verdict == "wrong"]


@pytest.mark.parametrize("word", ["error", "Fehler", "error = yhat - y"])
def test_an_error_of_a_sample_that_is_a_difference_is_no_loss(word: str) -> None:
    text = f"Sample 3: yhat = 2.5, {word} = -1.5\n"
    report = check(Marking(loads(LINE)), text, "a.md")
    assert {m.name: m.verdict for m in report.answers if m.verdict not in ABSENT} == {
        "yhat[3]": "correct"
    }


THREE_POINTS = """
inputs: [x]
targets: [y]
data: [{x: 1, y: 2}, {x: 2, y: 3.5}, {x: 3, y: 5}]
weights: {w: 0.5, b: 0.5}
equations: {yhat: w*x + b}
loss: half_l2
learning_rate: 0.1
"""
THREE = {"yhat[1]": "1", "yhat[2]": "1.5", "yhat[3]": "2"}


@pytest.mark.parametrize(
    ("text", "expected", "unread"),
    [
        ("For x=1: yhat = 1\nFor x=2: yhat = 1.5\nFor x=3: yhat = 2", THREE, []),
        ("At x = 1, yhat = 1\n\nAt x = 2, yhat = 1.5\n\nAt x = 3, yhat = 2", THREE, []),
        (("| x | ŷ | L |\n|---|---|---|\n| 1 | 1 | 0.5 |\n| 2 | 1.5 | 2 |\n| 3 | 2 | 4.5 |\n"
         "| mean | | 2.333 |"),
         THREE | {"L[1]": "0.5", "L[2]": "2", "L[3]": "4.5", "J": "2.333"}, []),
        (("| x | ŷ | dL/dw |\n|---|---|---|\n| 1 | 1 | -1 |\n| 2 | 1.5 | -4 |\n| 3 | 2 | -9 |\n"
         "| Σ | | -14 |"),
         THREE | {"dL[1]/dw": "-1", "dL[2]/dw": "-4", "dL[3]/dw": "-9"}, ["-14"]),
        ("| x | ŷ | ŷ - y |\n|---|---|---|\n| 1 | 1 | -1 |\n| 2 | 1.5 | 2 |\n| 3 | 2 | -3 |",
         THREE | {"dL[1]/dyhat[1]": "-1", "dL[2]/dyhat[2]": "2", "dL[3]/dyhat[3]": "-3"}, []),
        ("| x | ŷ | (ŷ - y)² |\n|---|---|---|\n| 1 | 1 | 1 |\n| 2 | 1.5 | 4 |\n| 3 | 2 | 8 |",
         THREE, ["8"]),
        ("Run the forward pass again with the new weights:\nyhat = 1.667, 2.633, 3.6",
         {"yhat'[1]": "1.667", "yhat'[2]": "2.633", "yhat'[3]": "3.6"}, []),
    ],
)  # fmt: skip
def test_a_line_for_three_points(text: str, expected: dict[str, str], unread: list[str]) -> None:
    report = check(Marking(loads(THREE_POINTS)), text, "sheet.md")
    answers = {each.answer.name: each.answer.text for each in report.answers if each.answer.text}
    assert answers == expected
    assert [each.text for each in report.unread] == unread


def test_a_sample_named_within_a_line_is_no_total() -> None:
    text = "From sample 1 we get dw = -1; from sample 2 we get dw = -4; sample 3 gives dw = -9.\n"
    report = check(Marking(loads(THREE_POINTS)), f"J = 2.333\n\n{text}", "sheet.md")
    assert [m.name for m in report.answers if m.verdict not in ABSENT] == ["J"]
    below = "Beispiel 3: yhat = 2, L = 4,5\nMittlerer Verlust: 2,333\n"
    report = check(Marking(loads(THREE_POINTS)), below, "sheet.txt")
    found = {m.name: m.verdict for m in report.answers if m.verdict not in ABSENT}
    assert found == {"yhat[3]": "correct", "L[3]": "correct", "J": "rounded"}


def test_an_index_in_brackets_at_the_head_of_a_table_of_samples() -> None:
    net = loads(
        "inputs: [x]\ntargets: [y]\ndata: [{x: 1, y: 1}, {x: 3, y: 0}]\nweights: {w: 0.2}\n"
        "nodes: {1: {from: {x: w}, activation: sigmoid}}\nloss: bce\n"
    )
    head = "| $i$ | $z^{(i)}$ | $\\hat y^{(i)}$ |\n|---|---|---|\n"
    table = f"{head}| 1 | 0.2 | 0.55 |\n| 2 | 0.6 | 0.646 |\n"
    found = {each.quantity: each.said.plain for each in read(table, "a.md", net).assertions}
    assert found == {"z1[1]": "0.2", "yhat[1]": "0.55", "z1[2]": "0.6", "yhat[2]": "0.646"}
