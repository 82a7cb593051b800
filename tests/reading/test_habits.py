"""Habits of people that once were not read: numbers above names, words of tables, remarks."""

from __future__ import annotations

import re
from functools import cache

import pytest

from backcalc.checking.report import Marking, Report, check
from backcalc.loading.loader import loads

CHAIN = """
inputs: {x: 2}
targets: {y: 1}
weights: {w1: 0.6, w2: 0.8}
biases: {b1: -0.2, b2: -0.5}
nodes:
  1: {from: {x: w1}, bias: b1, activation: tanh}
  2: {from: {1: w2}, bias: b2, activation: sigmoid}
loss: half_l2
learning_rate: 2
"""
"""Two units in a row, with biases."""

NIELSEN = """
z¹ = w¹·x + b¹ = 0.6·2 - 0.2 = 1
a¹ = tanh(z¹) = 0.7616
z² = w²·a¹ + b² = 0.8·0.7616 - 0.5 = 0.1093
a² = σ(z²) = 0.5273
C = ½(a² - y)² = 0.1117
δ² = (a² - y)·a²·(1 - a²) = -0.1178
∂C/∂w² = δ²·a¹ = -0.0897
∂C/∂b² = -0.1178
δ¹ = w²·δ²·(1 - (a¹)²) = -0.0396
∂C/∂w¹ = δ¹·x = -0.0792
∂C/∂b¹ = δ¹ = -0.0396

| parameter | old | gradient | new |
|---|---|---|---|
| w¹ | 0.6 | -0.0792 | 0.7584 |
| w² | 0.8 | -0.0897 | 0.9794 |
| b¹ | -0.2 | -0.0396 | -0.1208 |
| b² | -0.5 | -0.1178 | -0.2644 |

With the new parameters
z¹ = 0.7584·2 - 0.1208 = 1.396
a¹ = 0.8845
z² = 0.9794·0.8845 - 0.2644 = 0.6019
a² = 0.6461
C = 0.0626
"""
"""The whole step with the numbers of the layers above the names, and no sign around them."""


@cache
def marking(network: str) -> Marking:
    return Marking(loads(network))


def marked(text: str, network: str = CHAIN, file: str = "a.md") -> Report:
    return check(marking(network), text, file)


def read_as(report: Report) -> dict[str, str]:
    """What was said last of each quantity."""
    return {m.name: m.answer.text for m in report.answers if m.verdict != "missing"}


def raised(text: str, form: str) -> str:
    """The sheet with its numbers above in another form."""
    return re.sub(r"([zawbδ])([¹²])", lambda m: m[1] + form.format("¹²".index(m[2]) + 1), text)


def counted_from_two(text: str) -> str:
    """The sheet with the inputs as the first layer."""
    more = {"¹": "²", "²": "³"}
    text = re.sub(r"([zawbδ])([¹²])(?![^\n]*\*)", lambda m: m[1] + more[m[2]], text)
    return "Let a¹ = x = 2.\n" + text.replace("·x", "·a¹")


@pytest.mark.parametrize("form", ["^{}", "^{{{}}}", "^{{({})}}", "^ {{ {} }}", "", "from two"])
def test_numbers_above_names_count_layers(form: str) -> None:
    text = raised(NIELSEN, form) if "{" in form else NIELSEN
    report = marked(counted_from_two(text) if form == "from two" else text)
    assert not report.unread
    verdicts = [m.verdict for m in report.answers if m.verdict != "missing"]
    assert len(verdicts) == 24
    assert {*verdicts} == {"correct", "rounded"}
    assert read_as(report)["z1'"] == "1.396"


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (r"$z^1 = 1$", {}),  # damage, or a power: the sheet has numbers below
        (r"$\frac{\partial L}{\partial z_1} = -0.1178 \cdot 0.8 (1 - h_1^2) = -0.0396$",
         {"dL/dz1": "-0.0396"}),
        (r"$h_1^2 = 0.58$", {}),
    ],
)  # fmt: skip
def test_a_number_above_one_below_is_a_power(line: str, read: dict[str, str]) -> None:
    report = marked(f"$z_1 = 1$\n\n$h_1 = 0.7616$\n\n{line}\n")
    assert read_as(report) == {"z1": "1", "h1": "0.7616", **read}


def test_numbers_above_are_powers_where_the_figures_say_so() -> None:
    powers = "$z^1 = 7$\n\n$h^1 = 3$\n\n$z^2 = 49$\n\n$h^2 = 9$\n\n$\\hat y = 0.5273$\n"
    assert read_as(marked(powers)) == {"yhat": "0.5273"}


def test_numbers_above_the_names_of_equations_count_them_too() -> None:
    network = """
inputs: {x: 2}
weights: {w1: 0.5, w2: 1.5}
equations: {z1: w1 * x, h1: relu(z1), z2: w2 * h1, yhat: z2}
targets: {y: 4}
loss: half_l2
"""
    report = marked("z^1 = w^1 x = 1\nh^1 = 1\nz^2 = w^2 h^1 = 1.5\n", network)
    assert read_as(report) == {"z1": "1", "h1": "1", "z2": "1.5"}


HEADS = """
Waga|stara|nowa; Waga|przed|po; Waga|wartość przed|wartość po; Ağırlık|eski|yeni; Ağırlık|önce|sonra
Вес|было|стало; Вес|старое|новое; Вес|до|после; Váha|stará|nová; Váha|před|po; Váha|pôvodná|nová
Peso|antigo|novo; Peso|antes|depois; Peso|antes|después; Peso|valor anterior|valor nuevo
Peso|prima|dopo; Vikt|gammal|ny; Vikt|före|efter; Vægt|før|efter; Vægt|gammel|ny; Vekt|før|etter
Súly|régi|új; Súly|előtte|utána; Βάρος|παλιό|νέο; Βάρος|πριν|μετά; Вага|старе|нове
Pondere|veche|nouă; Pondere|înainte|după; 重み|旧|新; 重み|更新前|更新後
가중치|이전|이후; 가중치|기존|새; 权重|旧值|新值
Paino|vanha|uusi; Paino|ennen|jälkeen; Gewicht|oud|nieuw; Gewicht|voor|na
Gewicht|vorher|nachher; Poids|ancien|nouveau; Težina|stara|nova; Тегло|преди|след; Bobot|lama|baru
Trọng số|cũ|mới; الوزن|القديم|الجديد
"""


@pytest.mark.parametrize("head", re.split(r"[;\n] ?", HEADS.strip()))
def test_heads_of_tables_say_old_and_new(head: str) -> None:
    weights = "| w1 | 0.6 | 0.7584 |\n| b2 | -0.5 | -0.5 + 2·0.1178 = -0.2644 |\n"
    units = "| z1 | 1 | 1.396 |\n| a1 | 0.7616 | 0.8845 |\n"
    table = f"| {head.replace('|', ' | ')} |\n|---|---|---|\n"
    new = {"w1'": "0.7584", "b2'": "-0.2644"}
    both = {"z1": "1", "z1'": "1.396", "h1": "0.7616", "h1'": "0.8845"}
    assert read_as(marked(table + weights + units)) == new | both


@pytest.mark.parametrize(
    "heading",
    ["### Sprawdzenie z nowymi wagami", "Yeni ağırlıklarla:", "### Проверка с новыми весами",
     "### Po aktualizaci", "### Depois da atualização", "Med de nye vægte får vi",
     "### Ellenőrzés az új súlyokkal", "### Επαλήθευση με τα νέα βάρη", "### 更新後の重みで検算",
     "새로운 가중치로 확인", "### Verificare cu noile ponderi", "### Tarkistus uusilla painoilla"],
)  # fmt: skip
def test_headings_say_new(heading: str) -> None:
    before, after = "z1 = 1\n\nh1 = 0.7616\n\n", f"{heading}\n\nz1 = 1.396\n\nh1 = 0.8845\n"
    found = {"z1": "1", "h1": "0.7616", "z1'": "1.396", "h1'": "0.8845"}
    assert read_as(marked(before + after)) == found
    steps = "w1 = 0.6 + 2·0.0792 = 0.7584\n\nb1 = -0.2 + 2·0.0396 = -0.1208\n\n"
    assert read_as(marked(before + steps + after)) == {**found, "w1'": "0.7584", "b1'": "-0.1208"}


SHORTCUT = """
inputs: {x: 2}
targets: {y: 4}
weights: {w1: 0.5, w2: 1.5, w3: 0.25}
biases: {b1: 0.5, b2: -1}
nodes:
  1: {from: {x: w1}, bias: b1, activation: relu}
  2: {from: {1: w2, x: w3}, bias: b2, activation: identity}
loss: l1
learning_rate: 0.1
"""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dL/dz2 = -1.1 = -1", {"dL/dz2": "-1"}),
        ("dL/dw3 = -1.x = -1.2 = -2", {"dL/dw3": "-2"}),
        ("dL/db2 = -1 . 1 = -1", {"dL/db2": "-1"}),
        ("dL/dw2 = -1 . 1.5 = -1.5", {"dL/dw2": "-1.5"}),
        ("dL/dw2 = -1.h1 = -1.1.5 = -1.5", {"dL/dw2": "-1.5"}),
        ("dL/dw1 = -1.1.5.2 = -3", {"dL/dw1": "-3"}),
        ("z1 = 0.5.2 + 0.5 = 1.5", {"z1": "1.5"}),
        ("z2 = 1.75 = 1.8", {"z2": "1.8"}),  # rounded
        ("dL/dw2 = -1.5 = -1.5", {"dL/dw2": "-1.5"}),
        ("z2 = 1.75 = 0", {}),
        ("dL/dw3 = -1.3 = -2", {}),
    ],
)
def test_a_scanned_dot_between_factors_is_no_point(line: str, said: dict[str, str]) -> None:
    for text in (line, f"$${line}$$"):
        report = marked(f"h1 = 1.5\n\n{text}\n", SHORTCUT)
        assert read_as(report) == {"h1": "1.5", **said}
        assert {m.verdict for m in report.answers} <= {"correct", "rounded", "missing"}
    glued = marked("dL/dz2 = -1.1 = -1\n", SHORTCUT)
    assert glued.taken == {"-1.1": "-1·1"}


@pytest.mark.parametrize(
    "said",
    [
        r"-2.6 \ (z_2 > 0)", r"-2.6 (z_2 > 0)", r"-2.6 \; (\text{since } z_2 > 0)",
        r"-2.6 \quad [z_2 > 0]", r"-2.6 \cdot 1 \ (z_2 > 0)", r"-2.6 \cdot 1 = -2.6 (z_2>0)",
        r"-2.6\ [z_2>0]", r"-2.6 \cdot [z_2 > 0]", r"-2.6 \ (\because z_2 > 0)",
        r"-2.6 \{z_2 > 0\}", r"-2.6 \cdot \mathbb{1}(z_2 > 0)", r"-2.6 \ (0.6 > 0)",
        r"\frac{\partial L}{\partial h_2} (z_2 > 0) = -2.6", r"-2.6 \ (bo z_2 \geq 0)",
    ],
)  # fmt: skip
def test_a_condition_that_holds_changes_no_figure(said: str) -> None:
    above = "$h_1 = 1$\n\n$z_2 = 0.5 + 0.1 = 0.6$\n\n$\\partial L/\\partial h_2 = -2.6$\n\n"
    slope = rf"$$\frac{{\partial L}}{{\partial z_2}} = {said}$$"
    report = marked(f"{above}{slope}\n", RELUS)
    assert not report.unread
    assert read_as(report).keys() == {"h1", "z2", "dL/dh2", "dL/dz2"}
    assert {m.verdict for m in report.answers} <= {"correct", "missing"}
    off = marked(f"{above}{slope.replace('>', '<').replace('geq', 'lt')}\n", RELUS)
    assert "wrong" not in {m.verdict for m in off.answers if m.answer.text == "-2.6"}


def test_a_condition_holds_by_what_the_sheet_says() -> None:
    report = marked("z2 = -0.6\n\nh2 = 0 (z2 <= 0)\n\n$h_1 = 1 \\ (> 0)$\n", RELUS)
    verdicts = {m.name: m.verdict for m in report.answers if m.verdict != "missing"}
    assert verdicts == {"z2": "wrong", "h2": "follows", "h1": "correct"}


RELUS = """
inputs: {x: 3}
targets: {y: 2}
weights: {w1: 0.2, w2: 0.5, w3: 2}
biases: {b1: 0.4, b2: 0.1, b3: -0.5}
nodes:
  1: {from: {x: w1}, bias: b1, activation: relu}
  2: {from: {1: w2}, bias: b2, activation: relu}
  3: {from: {2: w3}, bias: b3, activation: identity}
loss: half_l2
learning_rate: 0.5
"""


@pytest.mark.parametrize(
    "verb",
    ["goes to", "is updated to", "wird zu", "ändert sich auf", "passe à", "devient", "pasa a",
     "se convierte en", "passa a", "staje się", "se změní na", "становится", "blir", "gaat naar",
     "is now", "will be", "ist nun", "devient donc", "fica", "queda", "är nu", "będzie", "станет",
     "станет равным"],
)  # fmt: skip
@pytest.mark.parametrize("said", ["0,7584", "0,6 + 2·0,0792 = 0,7584", "w1 + 2·0,0792 = 0,7584"])
def test_what_a_weight_goes_to_is_new(verb: str, said: str) -> None:
    assert read_as(marked(f"z1 = 1\n\nw1 {verb} {said}.\n")) == {"z1": "1", "w1'": "0.7584"}


def test_sentences_of_changes_are_read() -> None:
    both = {"z1": "1", "w1'": "0.7584", "b1'": "-0.1208"}
    for sentence in (
        "$w_1$ passa a $0,6 + 2\\cdot 0,0792 = 0,7584$ e $b_1$ passa a $-0,1208$.",
        "w1 passa de 0,6 a 0,7584 e b1 passa de -0,2 a -0,1208.",
        "w1 goes from 0.6 to 0.7584, b1 changes from -0.2 to -0.1208.",
        "w1 wird zu 0,7584. b1 ändert sich von -0,2 auf -0,1208.",
    ):
        assert read_as(marked(f"z1 = 1\n\n{sentence}\n")) == both
    loss = marked("z1 = 1\n\nThe loss goes to 0.0626. b1 moves to -0.1208.\n")
    assert read_as(loss) == {"z1": "1", "L'": "0.0626", "b1'": "-0.1208"}
    other = marked("z1 = 1\n\nw1 goes from 0.5 to 0.7584.\n")  # it was 0.6
    assert read_as(other) == {"z1": "1"}
    assert other.unread


def test_formulas_without_dollars_whose_digits_stand_apart_are_read() -> None:
    scanned = r"""Sheet 3
z _ { 1 } = 0 . 2 \times 3 + 0 . 4 = 1
{ z _ { 2 } } = 0 . 5 \cdot 1 + 0 . 1 = 0 . 6
\frac { \partial L } { \partial w _ { 3 } } = - 1 . 3 \cdot 0 . 6 = - 0 . 7 8
"""
    assert read_as(marked(scanned, RELUS)) == {"z1": "1", "z2": "0.6", "dL/dw3": "-0.78"}
    assert read_as(marked("dL/dw3 = a^{(2)}{}^T (-1.3) = -0.78\nz1 = 1", RELUS))["z1"] == "1"


def test_words_that_are_parts_of_other_names_say_no_pass() -> None:
    report = marked("z1 = 1\n\ny_pred = 0.5273\n\n| | pred |\n|---|---|\n| L | 0.1117 |\n")
    assert read_as(report) == {"z1": "1", "yhat": "0.5273", "L": "0.1117"}


def test_a_capital_letter_above_a_name_is_the_last_layer() -> None:
    text = "$z^1 = 1$, $a^{L-1} = 0.7616$, $z^L = 0.1093$, $a^L = 0.5273$, $\\delta^L = -0.1178$"
    found = {"z1": "1", "h1": "0.7616", "z2": "0.1093", "yhat": "0.5273", "dL/dz2": "-0.1178"}
    assert read_as(marked(f"$w^1 = 0.6$, $b^1 = -0.2$\n\n{text}\n")) == found


def test_numbers_above_are_no_layers_where_these_have_several_units() -> None:
    network = """
inputs: {x1: 2, x2: -1}
targets: {y: 3}
weights: {w1: 0.5, w2: -1, w3: 1.5, w4: -2}
nodes:
  1: {from: {x1: w1}, activation: relu}
  2: {from: {x2: w2}, activation: relu}
  3: {from: {1: w3, 2: w4}, activation: identity}
loss: l2
"""
    report = marked("z1 = 1\n\n$z^1 = 1$\n\n$z^2 = 1$\n\n$h^1 = 1$\n\n$h^2 = 1$\n", network)
    assert read_as(report) == {"z1": "1"}


@pytest.mark.parametrize(
    ("network", "text", "expected"),
    [
        # the loss of one example, and an e that is upright
        (CHAIN, "$E_n = 0.1117$", {"L": "0.1117"}),
        (CHAIN, "$L_i = \\tfrac12(0.5273 - 1)^2 = 0.1117$", {"L": "0.1117"}),
        (CHAIN, r"$\hat y = \frac{1}{1+\mathrm{e}^{-0.1093}} = 0.5273$", {"yhat": "0.5273"}),
        (CHAIN, r"$\hat y = \frac{1}{1+{\rm e}^{-z_2}} = 0.5273$", {"yhat": "0.5273"}),
        # a numbered error term is the derivative that stands behind its name
        (
            CHAIN, r"$\delta_1 = \frac{\partial L}{\partial z_2} = 0.2493(\hat y - 1) = -0.1178$",
            {"dL/dz2": "-0.1178"},
        ),
        (CHAIN, "δ_3 = ∂L/∂h_1 = -0.0943\n\nδ_3 = -0.0943", {"dL/dh1": "-0.0943"}),
        (CHAIN, "δ_2 = ∂L/∂z_2 = -0.1178", {"dL/dz2": "-0.1178"}),
    ],
)  # fmt: skip
def test_names_of_lectures_are_read(network: str, text: str, expected: dict[str, str]) -> None:
    assert read_as(marked(text, network)) == expected


TWO_OF_EACH = """
inputs: {x1: 2, x2: 1}
targets: {t1: 1, t2: 0}
layers:
  - {name: h, units: 2, activation: relu, weights: [[1, -1], [0.5, 1]], bias: [0, -0.5]}
  - {name: o, units: 2, activation: softmax, weights: [[1, -1], [-0.5, 0.5]], bias: [0.5, 0]}
loss: cross_entropy
learning_rate: 0.1
"""
"""A column for each unit on a sheet, a row for each in the file."""


def test_formulas_of_a_matrix_turn_with_its_entries() -> None:
    text = (
        r"$$\frac{\partial L}{\partial W^{(1)}} ="
        r"\begin{bmatrix} -1.6866 & 1.6866 \\ -0.8433 & 0.8433 \end{bmatrix}$$"
        "\n\n"
        r"$$W^{(1)} := W^{(1)} - \eta \frac{\partial L}{\partial W^{(1)}} ="
        r"\begin{bmatrix} 1.1687 & 0.3313 \\ -0.9157 & 0.9157 \end{bmatrix}$$"
    )  # fmt: skip
    report = marked(text, TWO_OF_EACH)
    assert read_as(report)["w_h2_x1'"] == "0.3313"
    assert not [each for each in report.answers if each.comment and each.verdict == "correct"]


def test_the_biases_of_a_layer_may_be_called_w_0() -> None:
    said = (
        r"$\frac{\partial L}{\partial W^{(2)}_0} = \begin{bmatrix} -0.5622 \\ 0.5622 \end{bmatrix}$"
    )
    assert read_as(marked(said, TWO_OF_EACH)) == {"dL/db_o1": "-0.5622", "dL/db_o2": "0.5622"}


def test_an_arrow_gives_a_vector_its_new_values() -> None:
    arrows = (r"\rightarrow", r"\to", r"\leftarrow", ":=")
    for arrow in arrows:
        value = r"\begin{pmatrix} 0.5562 \\ -0.0562 \end{pmatrix}"
        text = rf"$b^{{(2)}} {arrow} b^{{(2)}} - \eta \delta^{{(2)}} = {value}$"
        assert read_as(marked(text, TWO_OF_EACH)) == {"b_o1'": "0.5562", "b_o2'": "-0.0562"}


def test_a_y_beside_targets_called_t_is_what_comes_out() -> None:
    network = CHAIN.replace("y: 1", "t: 1")
    text = "y = 0.5273\nE = 1/2 (t - y)^2 = 0.1117\ndy/dz2 = y (1 - y) = 0.819"
    assert read_as(marked(text, network)) == {"yhat": "0.5273", "L": "0.1117", "dyhat/dz2": "0.819"}


def test_a_dash_of_a_scanned_sheet_is_a_minus() -> None:
    text = "EXERCISE 4\n\n z1 = 0.6*2 — 0.2 = 1.0\n z2 = 0.8*0.7616 — 0.5  =  0.1093\n"
    text += " dL/dy^ =  y^ — 1  =  —0.4727\n\n turn over ->\n"
    said = {"z1": "1.0", "z2": "0.1093", "dL/dyhat": "-0.4727"}
    assert read_as(marked(text, file="a.txt")) == said


ONE_STEP = """
inputs: {x: 0.5}
targets: {y: 0.8}
constants: {h0: 0.2}
weights: {w: 0.7, u: 0.1}
equations:
  z: w*x + u*h0
  h: tanh(z)
  L: 1/2*(h - y)**2
loss: L
"""


def test_a_step_in_time_stands_below_the_names_of_one_step() -> None:
    text = (
        "$z_t = w x_t + u h_{t-1} = 0.37$ and hₜ = 0.354\n\n"
        "$\\frac{\\partial L}{\\partial h_{t}} = -0.446$\n\n$h_{t+1} = 0.9$\n"
    )
    assert read_as(marked(text, ONE_STEP)) == {"z": "0.37", "h": "0.354", "dL/dh": "-0.446"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z1 = 1.00. Loss: L = 0.1117.", {"z1": "1.00", "L": "0.1117"}),
        ("$h_1 = 0.7616$. Output: $\\hat y = 0.5273$.", {"h1": "0.7616", "yhat": "0.5273"}),
        ("dL/dz2 = -0.1178\nthis becomes dL/dz1 = -0.05", {"dL/dz2": "-0.1178", "dL/dz1": "-0.05"}),
        ("Through the tanh, dL/dz1 = -0.05", {"dL/dz1": "-0.05"}),
        ("yhat = 0.5273, down from 0.6461", {"yhat": "0.5273"}),
        ("η (learning rate) = 2, yhat = 0.5273", {"yhat": "0.5273"}),
        ("E (learning rate) = 0.7\nyhat = 0.5273", {"yhat": "0.5273"}),
        ("E = y - yhat = 0.4727\nL = E^2 / 2 = 0.1117", {"L": "0.1117"}),
        ("```\ndyhat  -0.4727\ndz1    +0.0396\n```", {"dL/dyhat": "-0.4727", "dL/dz1": "0.0396"}),
        ("yhat = сигмоида(0.1093) = 0.5273", {"yhat": "0.5273"}),
        (
            "dL/dw2 = -0.0897\n\nIf I run the forward pass again I get yhat' = 0.6461.",
            {"dL/dw2": "-0.0897", "yhat'": "0.6461"},
        ),
        (
            "| node | dE/dout | dout/dnet |\n|-|-|-|\n| 1 | -0.0942 | 0.4200 |",
            {"dL/dh1": "-0.0942", "dh1/dz1": "0.4200"},
        ),
        (
            (
                "| weight | input | gradient |\n|-|-|-|\n| w1 | 2 | -0.0792 |\n"
                "| w2 | x = 2 | -0.0897 |\n"
            ),
            {"dL/dw1": "-0.0792", "dL/dw2": "-0.0897"},
        ),
    ],
)
def test_sentences_say_what_they_say(text: str, expected: dict[str, str]) -> None:
    assert read_as(marked(f"Some words first.\n\n{text}\n")) == expected


def test_one_number_of_z_1_counts_the_units_of_all_layers() -> None:
    network = CHAIN.replace(
        "1: {from: {x: w1}, bias: b1, activation: tanh}",
        "h1: {from: {x: w1}, bias: b1, activation: tanh}\n  h2: {from: {x: w3}, activation: tanh}",
    )
    network = network.replace("2: {from: {1: w2}", "o: {from: {h1: w2, h2: w4}").replace(
        "w2: 0.8}", "w2: 0.8, w3: 0.5, w4: -0.1}")  # fmt: skip
    said = {"z_h1": "1", "z_h2": "1"}
    assert read_as(marked("$net_1 = 1$ and $net_2 = 1$", network)) == said


def test_an_error_term_of_two_decimals_shows_its_sign_by_all_its_figures() -> None:
    text = "yhat = 0.53\n\nδ_2 = (y - yhat)*yhat*(1 - yhat) = 0.12\n\nδ_1 = 0.04\n"
    assert read_as(marked(text)) == {"yhat": "0.53", "dL/dz2": "-0.12", "dL/dz1": "-0.04"}
