"""Sheets for which a cause was invented, a mistake excused or an honest line blamed."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from conftest import ROOT
from test_cases import RIGHT, Seen, marked, sheet

from backcalc.arithmetic.intervals import Range, start, way
from backcalc.checking.checked import report_sheet
from backcalc.checking.key import key_for
from backcalc.checking.report import Marking, check
from backcalc.checking.turns import hints
from backcalc.equations.optimizers import OPTIMIZERS, Descent
from backcalc.formats.text import render
from backcalc.formulas.expression import Name
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import PLAIN, phrase_text
from backcalc.formulas.parser import parse
from backcalc.loading.loader import load, loads

BATCH = """
inputs: [x]
targets: [y]
data:
  - {x: 1, y: 2}
  - {x: 2, y: 3}
  - {x: 3, y: 5}
reduction: mean
weights: {w: 0.5}
biases: {b: 0.1}
nodes:
  1: {from: {x: w}, bias: b, activation: identity}
loss: l2
learning_rate: 0.1
"""
CHAIN = """
weights: {a0: 0.5}
constants: {k: 0.9}
equations:
  a1: a0*k + 0.1
  a2: a1*k + 0.2
  a3: a2*k + 0.3
  a4: a3*k + 0.4
loss: a4
learning_rate: 0.1
"""
NEURON = """
inputs: {x1: 2, x2: -1}
targets: {t: 1}
weights: {w1: 0.3, w2: 0.8}
biases: {b: -0.1}
nodes: {1: {from: {x1: w1, x2: w2}, bias: b, activation: sigmoid}}
loss: half_l2
learning_rate: 0.5
"""


def said(network: str, text: str) -> dict[str, Seen]:
    """What is said of a sheet whose lines are parted by commas; a network by name or text."""
    net = loads(network) if "\n" in network else network
    return marked(net, text.replace(", ", "\n"))[1]


@pytest.mark.sweep
@pytest.mark.parametrize("second", ["1.304", "1.52667"])
def test_a_weight_of_the_second_step_of_a_batch_is_marked(second: str) -> None:
    seen = said(BATCH, f"w' = 0.78, b' = 0.38, w'' = {second}")
    assert seen["w'"].verdict == "wrong"


def test_a_change_that_ends_in_a_nought_leaves_its_last_digit_open() -> None:
    for change, verdict in (("-0.070", "rounded"), ("-0.080", "wrong"), ("-0.07", "rounded")):
        assert said(NEURON, f"dL/dw2 = 0.1404, w2' = 0.8 + ({change})")["w2'"].verdict == verdict


@pytest.mark.parametrize(("change", "right"), [("-0.007", True), ("-0.009", False)])
def test_a_change_of_one_digit_leaves_it_open_too(change: str, right: bool) -> None:
    network = NEURON.replace("learning_rate: 0.5", "learning_rate: 0.05")
    seen = said(network, f"dL/dw2 = 0.1404, w2' = 0.8 + ({change})")["w2'"]
    assert (seen.verdict in ("correct", "rounded")) == right


def test_a_bias_forgotten_in_every_sample_is_one_mistake_where_a_nought_comes_of_it() -> None:
    seen = said(BATCH.replace("{x: 1,", "{x: 0,"), "yhat[1] = 0.00, yhat[2] = 1.00, yhat[3] = 1.50")
    assert {each.slip for each in seen.values()} == {"bias-omitted"}
    assert [each.verdict for each in seen.values()] == ["wrong", "again", "again"]


def test_what_is_rounded_to_one_digit_is_rounded_upward_from_a_half() -> None:
    network = BATCH.replace("b: 0.1", "b: 0.5").replace("{x: 3,", "{x: 4,")
    assert said(network, "yhat[3] = 2.0")["yhat[3]"].slip == "bias-omitted"
    assert said(network, "yhat[3] = 3.0")["yhat[3]"].slip == "rounded-early"


@pytest.mark.parametrize("line", ["dL/dw5 = 0.1385*0.3775 = 0.0523", "dL/dw5 = 0.0523"])
def test_the_sum_before_an_activation_in_place_of_it_has_a_name(line: str) -> None:
    text = f"z1 = 0.3775, h1 = 0.5933, dL/dz3 = 0.1385, {line}, dL/dw6 = 0.0827"
    assert said("mazur", text)["dL/dw5"].slip == "sum-for-input"


def test_a_line_that_fits_with_what_is_given_is_never_wrong() -> None:
    seen = said(CHAIN, "a1 = 0.585, a2 = 0.767, a3 = 0.9903, a4 = 1.2913")
    assert [each.verdict for each in seen.values()] == ["wrong", "wrong", "follows", "follows"]


@pytest.mark.sweep
def test_no_number_is_invented_to_excuse_a_second_mistake() -> None:
    ones = "".join(f"{line.partition('=')[0]}= 1\n" for line in sheet("skip").splitlines())
    seen = marked("skip", ones)[1]
    assert [seen[name].verdict for name in ("w0'", "w1'", "w2'", "ws'")] == ["wrong"] * 4
    text = "dL/dw5 = 0.0821670, dL/dw6 = 0.0826676, w5' = 0.350138, w6' = 0.399834"
    assert [each.verdict for each in said("mazur", text).values()][2:] == ["wrong", "wrong"]
    text = "w' = 0.780, b' = 0.380, z1'[1] = 1.160, z1'[2] = 1.940, z1'[3] = 2.720, w'' = 1.210"
    assert said(BATCH, text)["w''"].verdict == "wrong"


@pytest.mark.parametrize(
    ("given", "first", "others"),
    [
        ("y = 3", "L", ("dL/dyhat", "L'")),
        ("w2 = 0.3", "z2", ("dL/dh1", "w2'")),
        ("lr = 0.1", "w0'", ("w1'", "w2'", "ws'")),
    ],
)
def test_a_number_misread_throughout_is_one_mistake(
    given: str, first: str, others: tuple[str, ...]
) -> None:
    name, _, figure = given.partition(" = ")
    skip, value = load("skip"), Fraction(figure)
    read = replace(skip, learning_rate=value) if name == "lr" else skip
    if name == "w2":
        read = replace(skip, weights={**skip.weights, name: value})
    if name == "y":
        read = replace(skip, samples=({**skip.samples[0], name: value},))
    report, seen = marked("skip", sheet(read))
    assert [line for line, each in seen.items() if each.verdict == "wrong"] == [first]
    assert seen[first].comment.startswith(f"You read {name} as {figure}")
    assert {seen[line].comment for line in others} == {
        f"As in {first}: you read {name} as {figure}."
    }
    assert report.points - report.score == 1


def test_misread_numbers_are_named_in_the_order_of_the_file() -> None:
    network = """
weights: {e: 1, b: 2, f: 3, d: 4, a: 5, c: 6}
equations: {u: e + b + f + d + a + c}
loss: u
"""
    seen = said(network, "e = 2, b = 3, f = 4, d = 5, a = 6, c = 7, u = 27")
    assert (seen["u"].verdict, seen["u"].sources) == ("follows", (*"ebfdac",))


def test_a_line_follows_only_from_what_it_is_worked_out_from() -> None:
    seen = said(BATCH, "dJ/dw = -5.13333, dJ/db = -2.23333")
    assert seen["dJ/db"].verdict == "follows"
    assert "Right from your own" not in seen["dJ/db"].comment
    right = sheet("skip", changes={"h0": "0.7", "z1": "0.35", "h1": "0.35", "dL/dw2": "0.35"})
    assert marked("skip", right)[1]["dL/dw2"].sources == ("h1",)


ADAM = """
weights: {x: 1, y: -2}
equations: {f: '1/2*(3*x**2 + y**2)'}
loss: f
learning_rate: 0.1
optimizer: adam
"""


@pytest.mark.parametrize(
    ("network", "text", "verdict"),
    [
        ("mazur", "w1' = 0.15", "undecided"),
        ("mazur", "w3' = 0.25, w4' = 0.30", "undecided"),
        ("mazur", "w1' = 0.1498", "rounded"),
        ("mazur", "dL/dw1 = 0.000438568, dL/dw2 = 0.000877135, w1' = 0.15", "undecided"),
        ("mazur", "dL/dw1 = 0.000439, dL/dw5 = 0.0822, w1' = 0.15", "rounded"),  # for 0.150
        ("mazur", "w5' = 0.359, w1' = 0.150", "rounded"),
        ("mazur", "w5' = 0.35892, w1' = 0.15", "undecided"),
        ("mazur", "w5' = 0.36", "rounded"),
        (ADAM, "y' = -1.8", "undecided"),
        (ADAM, "y' = -1.90", "rounded"),
        (ADAM.replace("adam", "rmsprop"), "f = 3.5, df/dx = 3, x' = 0.000", "rounded"),
    ],
)
def test_a_new_weight_is_measured_against_its_change(network: str, text: str, verdict: str) -> None:
    *_, seen = said(network, text).values()
    assert seen.verdict == verdict


@pytest.mark.parametrize("network", ["skip", "mazur"])
@pytest.mark.parametrize("figure", ["0", "1e-400", "1e-30", "10000*0.12-1199"])
def test_one_figure_on_every_line_earns_next_to_nothing(network: str, figure: str) -> None:
    names = [line.partition(" =")[0] for line in sheet(network).splitlines()]
    report, _ = marked(network, "".join(f"{name} = {figure}\n" for name in names))
    assert report.score <= report.points / 4


def test_a_nought_that_follows_from_one_mistake_keeps_its_points() -> None:
    text = (
        "z0=0.5, h0=0.5, z1=0.25, h1=0.25, yhat=0.375, L=3.375, dL/dyhat=1, dL/dz2=1, "
        "dL/dw2=0.25, dL/dws=0.5, dL/dh1=0.5, dL/dz1=0, dL/dw1=0, dL/dh0=0.5, dL/dz0=0, "
        "dL/dw0=0, w0'=0.5, w1'=0.5, w2'=0.25, ws'=0"
    )
    report, seen = marked("skip", text.replace(", ", "\n"))
    assert seen["dL/dw1"].comment == "Right from your own dL/dz1."
    assert report.points - report.score == 1


def test_an_exact_figure_that_follows_needs_no_more_digits() -> None:
    net = (
        "inputs: {x: 1}\ntargets: {y: 0}\nweights: {w: 2}\n"
        "nodes: {1: {from: {x: w}, activation: identity}}\nloss: half_l2\nlearning_rate: 0.15\n"
    )
    assert said(net, "z1 = 2, dL/dyhat = 0, dL/dw = 0, w' = 2")["w'"].verdict == "follows"


def test_what_follows_from_close_lines_alone_does_not_fail() -> None:
    net = loads(
        "weights: {a: 2, b: 2}\nequations: {m: 'max(a, b)', f: 3*m}\nloss: f\nlearning_rate: 0.1\n"
    )
    text = "m = 2\nf = 6\ndf/dm = 3\ndf/da = 1.5\ndf/db = 1.5\na' = 1.85"
    report, seen = marked(net, text)
    assert seen["a'"].verdict == "follows"
    assert report.status == 0
    assert marked(net, text.replace("a' = 1.85", "a' = 3"))[0].status == 1


def test_a_line_near_the_right_one_is_not_wrong_by_a_chance_name() -> None:
    assert said("staged", "x' = 2.794043, s' = -1.365177")["s'"].verdict in ("close", "rounded")


@pytest.mark.parametrize(
    "text",
    [
        "dL/dw1 = 0.25, w1 = w1 - 1*0.25 = 0.25",
        "dL/dws = 0.5, ws := ws - lr*0.5 = 0",
        "L = abs(0.38 - (-3)) = 3.375",
    ],
)
def test_numbers_put_in_are_no_other_formula(text: str) -> None:
    *_, seen = said("skip", text).values()
    assert seen.verdict in ("correct", "rounded")
    assert seen.comment == ""


def test_old_weight_minus_a_change_is_the_new_weight() -> None:
    assert said("skip", "w0 = 0.5 - 1*(-0.75) = 1.25")["w0'"].slip == "update-sign"


@pytest.mark.parametrize(
    ("network", "text", "slip"),
    [
        (BATCH, "dJ/dw = -30.8, dJ/db = -13.4", "mean-or-sum"),
        ("xor", "dJ/dw1 = 0.025956, dJ/dw5 = 0.099154", "mean-or-sum"),
        ("softmax", "dL/dz1 = -0.3603, dL/dz2 = 0.6018, dL/dz3 = -0.2415", "softmax-sign"),
        (
            BATCH,
            "dL[1]/dz1[1] = -0.9333, dL[2]/dz1[2] = -1.267, dL[3]/dz1[3] = -2.267",
            "mean-or-sum",
        ),
        (
            "mazur",
            (
                "h1 = 0.5933, h2 = 0.5969, dL/dz3 = 0.1385, dL/dz4 = -0.0381, "
                "dL/dw5 = 0.12325, dL/dw6 = 0.124, dL/dw7 = -0.0339"
            ),
            "common-factor",
        ),
        (
            "softmax",
            "dL/dyhat1 = 0.3603, dL/dyhat2 = -0.6018, dL/dyhat3 = 0.2415",
            "short-form-early",
        ),
    ],
)
def test_one_mistake_has_one_name_and_is_said_first_where_it_stands_first(
    network: str, text: str, slip: str
) -> None:
    seen = [each for each in said(network, text).values() if each.verdict not in RIGHT]
    assert {each.slip for each in seen} == {slip}
    assert [each.verdict for each in seen] == ["wrong"] + ["again"] * (len(seen) - 1)


def test_a_hint_is_not_the_answer() -> None:
    key = key_for(load("skip"), None, 1)
    for name, line in key.lines.items():
        *before, _ = [phrase_text(each, PLAIN) for each in hints(key, name)]
        if isinstance(line.equation.expression, Name):
            assert before[-1].endswith(" itself")


def test_a_figure_is_not_taken_for_that_of_a_line_to_come() -> None:
    assert said("skip", "z0 = 3.375")["z0"].slip != "copied"


def test_what_cost_points_is_said_without_gaps() -> None:
    report, _ = marked("skip", "z1 = 0.35\nL = 2\ndL/dh0 = 0.25\n")
    text = render(report_sheet(report), PLAIN)
    assert "wrong: the path through z2 left out" in text
    assert "first mistake: z1\n" in text
    assert "..." not in text


MEAN = """
inputs: [x]
data: [{x: 1.5}, {x: 1/9}]
nodes: {0: {from: {x: w}, activation: identity, bias: w}}
weights: {w: 1/4}
learning_rate: 1
loss: yhat*sin(yhat)
optimizer: {name: adam, clip_norm: 0.5, weight_decay: 0.25, beta1: 0.01}
"""


@pytest.mark.parametrize("note", ["", "# done with a calculator\n"])
def test_a_mean_follows_from_one_wrong_loss_after_a_step(note: str) -> None:
    text = "w' = -0.7500, L'[1] = 1.435, L'[2] = 0.6168, J' = 1.026"
    wrong, _, mean = [*said(MEAN, note + text.replace(", ", "\n")).values()][1:]
    assert (wrong.verdict, mean.verdict, mean.sources) == ("wrong", "follows", ("L'[1]",))


@pytest.mark.parametrize(
    ("network", "text"),
    [
        ("tanh_neuron", "do/db = 0.4"),
        ("softmax", "z3' = -0.052"),
        ("rnn", "h3' = -0.00462"),
        ("gru", "dL/duz = 0.0019"),
    ],
)
def test_a_line_far_off_is_not_put_down_to_lines_left_out(network: str, text: str) -> None:
    (seen,) = said(network, text).values()
    assert seen.verdict == "undecided"


def descended(network: str, optimizer: str, text: str) -> dict[str, str]:
    """The verdicts on a sheet of a bundled network with another optimizer."""
    net = replace(load(network), descent=Descent(OPTIMIZERS[optimizer]))
    report = check(Marking(net), text.replace(", ", "\n"), "sheet")
    assert not report.unread
    return {each.name: each.verdict for each in report.answers}


def test_a_state_with_a_name_like_a_quantity_is_not_taken_for_it() -> None:
    text = "s_x' = 3.9, x' = 2.9, y' = -4.1, sx' = 0.54, s' = -1.2, q' = 1.4, d' = 1.9"
    assert descended("staged", "adagrad", text)["d'"] == "follows"


def test_figures_that_look_right_behind_a_mistake_out_of_sight_may_be_any() -> None:
    text = """dL[6]/dyhat[6] = 0.08, dL[7]/dyhat[7] = -2.48, dL[7]/dw = -14.88, dL[8]/dw = 5.92
dL[8]/dyhat[8] = 1.48, dL[9]/dw = -44.16, dL[10]/dyhat[10] = 3.36, dL[10]/dw = 23.52
b' = 3.004, z1'[5] = 8.582, z1'[6] = 10.1, L'[6] = 0.02045"""
    assert descended("linear_regression", "rmsprop", text)["L'[6]"] not in ("wrong", "again")


def test_a_square_may_be_least_between_the_ends_of_what_is_squared() -> None:
    honest = start({"a": Fraction(7)})
    honest.set("a", Range(7.0, 7.0, 7.1))
    found = honest.image([way(parse("(a - 7.05)**2", FUNCTIONS))])
    assert found is not None
    assert found.low < 1e-9 < 0.0025 < found.high + 1e-9


HIDDEN = """
outputs: ["h[T]"]
loss: cost[T]
inputs: {x1: [-0.9, 0.7, 0]}
targets: {y1: 1.3}
constants: {"h[0]": -0.5}
repeat: 3
equations:
  z[t]: w0*x1[t] + w1*h[t-1] + w1
  h[t]: relu(z[t])
  cost[t]: (h[3] - y1)^2 + 0.01*abs(w1) + 0.5*h[t]
weights: {w0: -1.2, w1: -1.2}
learning_rate: 1/2
optimizer: nesterov
"""


def test_a_line_behind_a_mistake_out_of_sight_that_rests_on_nothing_wrong_is_marked() -> None:
    seen = said(
        HIDDEN,
        "z[1] = 0.48, h[2] = 0, z[3] = -1.2, cost[1] = 1.60206, cost[3] = 1.4311, "
        "dcost[3]/dw1 = -0.01, v_w1' = -0.01, w1' = -1.181",
    )
    assert seen["cost[1]"].verdict == "wrong"
    assert seen["w1'"].verdict not in RIGHT


def test_a_rounded_1_leaves_a_logarithm_all_that_lies_beside_it() -> None:
    """At 1 itself y·log(p) + (1 - y)·log(1 - p) has no value, and just beside it nearly 0."""
    network = load("sentiment")
    text = "z1' = 10.9\nyhat' = 1\nL' = 0.0000174\n"
    found = {each.name: each.verdict for each in check(Marking(network), text, "sheet").answers}
    assert found["L'"] != "wrong"


TWO_OUTPUTS = """
inputs: {x1: 1, x2: -0.5}
targets: {t1: 1, t2: 0}
weights: {w1: 0.4, w2: -0.6, w3: -0.3, w4: 0.5, w5: 0.7, w6: -0.4, w7: -0.5, w8: 0.9}
nodes:
  1: {from: {x1: w1, x2: w2}, activation: tanh}
  2: {from: {x1: w3, x2: w4}, activation: tanh}
  3: {from: {1: w5, 2: w6}, activation: sigmoid}
  4: {from: {1: w7, 2: w8}, activation: sigmoid}
outputs: [3, 4]
loss: half_l2
"""


@pytest.mark.parametrize(
    ("text", "last", "name"),
    [
        # the numbers put in: a sign was lost, x2 was not taken for x1
        ("z1 = 0.4*1 + (-0.6)*0.5 = 0.1", "z1", "misread-given"),
        # the loss is a sum, so there is no mean whose 2 could be there
        ("dL/dz4 = 2*(yhat2-t2)*yhat2*(1-yhat2)", "dL/dz4", "factor-two"),
        # the formula of another line
        ("dL/dz3 = -0.09, dL/dz4 = 0.11, dL/dw6 = dL/dz4*h1", "dL/dw6", "copied"),
        ("h1 = 0.6044, dL/dz4 = 0.1114, dL/dw6 = dL/dz4*h1 = 0.0673", "dL/dw6", "copied"),
        # it is that of another line too, but one mistake is made throughout
        (
            "dL/dz3 = -0.08877, dL/dz4 = 0.1014, dL/dz1 = w5*dL/dz3 + w7*dL/dz4 = -0.1128",
            "dL/dz1",
            "activation-derivative-omitted",
        ),
        # all is put in as it should be, so it is no mistake with what was put in
        ("z3 = 0.7*0.6044 - 0.4*(-0.5005) = 0.2229", "z3", "gradient-sign"),
    ],
)
def test_a_name_agrees_with_the_working_on_the_line(text: str, last: str, name: str) -> None:
    assert said(TWO_OUTPUTS, text)[last].slip == name


def test_the_parts_of_a_factor_may_be_put_in_and_not_the_factor() -> None:
    text = "yhat1 = 0.75137, dL/dz3 = (0.75137-0.01)*0.75137 = 0.55704"
    assert said("mazur", text)["dL/dz3"].slip == "activation-for-derivative"


def test_the_formula_of_a_line_left_out_tells_its_mistake() -> None:
    text = "h1 = 0.6044, h2 = -0.5005, yhat1 = sigmoid(w5*h1) = 0.6042"
    assert said(TWO_OUTPUTS, text)["yhat1"].slip == "input-dropped"


def test_a_working_may_be_as_far_off_as_its_decimals_are() -> None:
    network = "inputs: {yhat: 0.850647}\nequations: {f: (yhat - 0.5)**2/2}\nloss: f\n"
    assert not said(network, "f = (0.8506-0.5)^2/2 = 0.06148")["f"].comment
    assert said(network, "f = (0.8506-0.5)^2/3 = 0.06148")["f"].comment


def test_digits_in_another_order_are_no_figure_that_is_close() -> None:
    text = "yhat1 = 0.7514, yhat2 = 0.7729, L = 0.2984, dL/dyhat1 = 0.7414, dL/dw5 = 0.08271"
    seen = said("mazur", text)["dL/dw5"]
    assert (seen.verdict, seen.slip) == ("wrong", "digits-transposed")


@pytest.mark.parametrize(
    "line",
    [
        "z3 = 0.4*0.59688 + 0.45*0.59688 + 0.6 = 1.10735",
        "z3 = 0.4*h2 + 0.45*h2 + 0.6 = 1.10735",
        "dL/dw5 = 0.13850*0.59688 = 0.08267",
        "dL/dh2 = 0.1385*0.45 - 0.0381*0.5 = 0.04327",
    ],
)
def test_what_the_working_shows_is_a_mistake_however_near_the_figure(line: str) -> None:
    before = "h1 = 0.59327, h2 = 0.59688, dL/dz3 = 0.13850, dL/dz4 = -0.03810"
    seen = said("mazur", f"{before}, {line}")[line.partition(" ")[0]]
    assert seen.verdict == "wrong"
    assert seen.slip


@pytest.mark.parametrize(
    "line",
    [
        "z3 = 0.4*0.6 + 0.45*0.6 + 0.6 = 1.1100",
        "z3 = 0.4*0.59 + 0.45*0.6 + 0.6 = 1.106",
        "z3 = 1.1074",
        "dL/dw5 = 0.139*0.59 = 0.0820",
    ],
)
def test_rounded_numbers_in_the_working_show_no_mistake(line: str) -> None:
    before = "h1 = 0.59327, h2 = 0.59688, dL/dz3 = 0.13850, dL/dz4 = -0.03810"
    assert said("mazur", f"{before}, {line}")[line.partition(" ")[0]].verdict in (*RIGHT, "close")


@pytest.mark.parametrize("shown", ["dL/dw5 = 0*0.59327 = 0", "dL/dw5 = dL/dz3*h1 = 0"])
def test_a_nought_that_follows_from_one_earns_points_for_its_working_alone(shown: str) -> None:
    report = check(Marking(load("mazur")), f"h1 = 0.59327\ndL/dz3 = 0\n{shown}\ndL/dw6 = 0\n", "")
    assert [each.verdict for each in report.answers][2:] == ["follows", "follows"]
    assert [each.earned for each in report.answers] == [1, 0, 1, 0]


def test_a_number_in_the_formula_shows_which_input_was_taken() -> None:
    network = """
inputs: {x1: 0.6, x2: -0.4}
targets: {y: 1}
weights: {w1: 0.3, w2: -0.5, w3: 0.7, w4: 0.2, w5: 0.4, w6: -0.6}
biases: {b1: 0.1, b2: -0.2, b3: 0.25}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: sigmoid}
  3: {from: {1: w5, 2: w6}, bias: b3, activation: identity}
loss: half_l2
"""
    assert said(network, "dL/dw4 = 0.0738")["dL/dw4"].slip == ""
    assert said(network, "dL/dw4 = dL/dz2*0.6 = 0.0738")["dL/dw4"].slip == "other-sample"


SIGMOIDS = """
inputs: {x: 1}
targets: {y: 0}
weights: {w1: 0.5, w2: 0.8}
biases: {b1: 0.1, b2: -0.2}
nodes:
  1: {from: {x: w1}, bias: b1, activation: sigmoid}
  2: {from: {1: w2}, bias: b2, activation: sigmoid}
loss: half_l2
"""
FIRST = "h1 = 0.6457, yhat = 0.5785, "


def test_of_two_lines_with_one_mistake_out_of_sight_the_first_on_the_sheet_is_wrong() -> None:
    """dL/db1 leaves out the slope of the sigmoid, and dL/dw1 = x dL/db1 is a copy of it."""
    seen = said(SIGMOIDS, FIRST + "dL/dz2 = 0.1411, dL/db1 = 0.1129, dL/dw1 = 0.1129")
    assert {n: seen[n].verdict for n in ("dL/db1", "dL/dw1")} == {
        "dL/db1": "wrong", "dL/dw1": "follows",
    }  # fmt: skip


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_put_right_further_down_may_be_gone_on_from_as_it_stood(order: int) -> None:
    """Whichever of the two figures stands first, and over lines that stand twice as well."""
    off = "dL/dz2 = 0.3347, dL/dh1 = 0.2678, dL/dz1 = 0.0613, "
    right = "dL/dz2 = 0.1411, dL/dh1 = 0.1129, dL/dz1 = 0.0258, "
    text = FIRST + "".join((off, right)[::order])
    answers = check(Marking(loads(SIGMOIDS)), text, "a.txt").answers
    verdicts = {each.answer.text: each.verdict for each in answers}
    assert verdicts["0.3347"] == "wrong"
    assert [verdicts[n] for n in ("0.2678", "0.0613")] == ["follows", "follows"]
    assert {verdicts[n] for n in ("0.1411", "0.1129", "0.0258")} <= {"correct", "rounded"}


def test_an_unread_formula_holds_no_name_across_its_brackets() -> None:
    text = "$\\sigma'(z) = \\sigma(z)(1 - \\sigma(z))$\n\n$dL/db_1 = 0.1129$\n"
    answers = check(Marking(loads(SIGMOIDS)), text, "a.md").answers
    assert {each.name: each.verdict for each in answers}["dL/db1"] == "wrong"


ASSISTANTS = """
inputs: {x1: 0.6, x2: -0.4}
targets: {y: 1}
weights: {w1: 0.3, w2: -0.5, v1: 0.7, v2: -0.9, w3: 0.8, w4: 0.25}
biases: {b1: 0.1, b2: -0.2, c: 0.4}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: sigmoid}
  3: {from: {1: v1, 2: v2}, bias: c, activation: identity}
loss: half_l2
"""
BEFORE = "h1 = 0.6177\nh2 = 0.5449\nyhat = 0.342\ndL/dyhat = -0.658\n"


@pytest.mark.parametrize(
    ("line", "slip", "said"),
    [
        ("dL/dz1 = dL/dyhat*v1*h1*(1 + h1) = -0.4603", "sign-inside", "wrote a plus"),
        ("dL/dv2 = -0.658*z2 = -0.1184", "sum-for-input", "used the pre-activation"),
        ("dL/dz2 = v2*h2*(1 - h2) = -0.2232", "upstream-omitted", "left out"),
        ("dL/dz1 = dL/dyhat*v1 = -0.4606", "activation-derivative-omitted", "left out"),
        ("dL/dz1 = dL/dyhat*v1*h1*(1 - h1) = -0.4606", "activation-derivative-omitted", "left out"),
    ],
)
@pytest.mark.parametrize("before", [BEFORE, ""])
def test_a_formula_that_gives_the_figure_tells_more_than_a_likely_mistake(
    before: str, line: str, slip: str, said: str
) -> None:
    seen = marked(loads(ASSISTANTS), before + line)[1][line.partition(" ")[0]]
    assert (seen.verdict, seen.slip) == ("wrong", slip)
    assert said in seen.comment


SHEET = """
inputs: {x1: 0.5, x2: -1}
targets: {y: 1}
weights: {w1: 0.3, w2: -0.4, w3: 0.7, w4: -0.6, v1: 0.6, v2: -0.5}
biases: {b1: 0.1, b2: -0.1, c: 0.2}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: tanh}
  2: {from: {x1: w3, x2: w4}, bias: b2, activation: tanh}
  3: {from: {1: v1, 2: v2}, bias: c, activation: sigmoid}
loss: bce
learning_rate: 0.5
"""
WORKED = "h1 = 0.572\nh2 = 0.691\nyhat = 0.549\ndL/dz3 = -0.451\ndL/dw3 = 0.059\ndL/dz2 = 0.1177\n"


@pytest.mark.parametrize(
    ("line", "slip", "said"),
    [
        ("z1 = 0.3*0.5 + (-0.4)*(-1) + 0.1 = 0.75", "", "is 0.65, not 0.75."),
        ("z1 = 0.3*0.5 + (-0.4)*(-1) + 0.1 = 0.850", "", "is 0.65, not 0.85."),
        ("dL/dw4 = 0.1177*(-1) = 0.1823", "", "0.1177*(-1) is -0.1177, not 0.1823."),
        ("b2' = -0.1 - 0.5*0.118 = 0.041", "", "is -0.159, not 0.041."),
        ("w3' = 0.7 - 0.5*0.059 = 0.730", "update-sign", "the line is w3 - lr*dL/dw3."),
        ("w3' = 0.7 + 0.5*0.059 = 0.730", "update-sign", "the line is w3 - lr*dL/dw3."),
        ("z1 = 0.3*0.5 + (-0.4)*(-1) + 0.1 = 0.6800", "digit-wrong", "compare digit by digit."),
        ("z1 = 0.3*0.5 + (-0.4)*(-1) + 0.1 = 0.56", "digits-transposed", "digit by digit."),
        (
            "dL/dw4 = 0.1177*(-1) = 0.1177",
            "gradient-sign",
            "follow each minus sign through the line.",
        ),
    ],
)
def test_arithmetic_that_is_right_refutes_a_mistake_with_the_formula(
    line: str, slip: str, said: str
) -> None:
    text = f"{line}\n{WORKED}" if line.startswith("z1") else WORKED + line
    seen = marked(loads(SHEET), text)[1][line.partition(" ")[0]]
    assert (seen.verdict, seen.slip) == ("wrong", slip)
    assert seen.comment.endswith(said)


@pytest.mark.parametrize("line", ["z2 = 0.550", "z2 = 0.1*0.5 + 0.6 - 0.1 = 0.55"])
def test_a_bias_of_another_unit_is_not_taken_for_a_weight(line: str) -> None:
    seen = marked(loads(SHEET), line)[1]["z2"]
    assert seen.slip == ("misread-given" if "*" in line else "digit-wrong")


@pytest.mark.parametrize(
    ("line", "slip", "said"),
    [
        ("dL/dv1 = dL/dz3*z1 = -0.2930", "sum-for-input", "used the pre-activation"),
        ("dL/dv1 = dL/dz3*x1 = -0.2255", "", "Your formula has x1 where h1 belongs."),
        ("dL/dw1 = dL/dz3*v2*(1 - h1^2)*x1 = 0.0759", "", "Your formula has v2 where v1 belongs."),
        ("dL/dz1 = dL/dz3*v2*(1 - h1^2) = 0.15172", "swapped-weights", "You swapped v1 and v2"),
        (
            "dL/dz1 = dL/dz3*v1*(1 - h1^2) = -0.2182",
            "",
            "Your formula is right: work it out again.",
        ),
        ("dL/dw1 = dL/dz2*x1 = 0.0589", "copied", "This is the value of dL/dw3"),
        ("z1 = w3*x1 + w4*x2 + b2 = 0.85", "copied", "This is the value of z2"),
        ("dL/dv1 = dL/dz3*h1 = -0.2930", "sum-for-input", "used the pre-activation"),
    ],
)
def test_the_formula_in_names_tells_what_went_wrong(line: str, slip: str, said: str) -> None:
    text = f"{line}\n{WORKED}" if line.startswith("z1") else WORKED + line
    seen = marked(loads(SHEET), text)[1][line.partition(" ")[0]]
    assert (seen.verdict, seen.slip) == ("wrong", slip)
    assert said in seen.comment
    assert "leaves out" not in seen.comment


@pytest.mark.parametrize("line", ["dL'/dh1' = -0.1966", "dL'/dh1' = -0.3276*0.6 = -0.1966"])
def test_old_weights_in_the_second_backward_pass_are_named(line: str) -> None:
    updated = "v1' = 0.7289\nv2' = -0.3442\nc' = 0.4254\ndL'/dz3' = -0.3276\n"
    seen = marked(loads(SHEET), updated + line)[1]["dL'/dh1'"]
    assert (seen.verdict, seen.slip) == ("wrong", "old-weights")


# One mistake, wherever it shows.


MOMENTUM = """
inputs: {x: 0.6}
targets: {y: 0.3}
weights: {w: 0.7}
nodes: {1: {from: {x: w}, activation: identity}}
loss: half_l2
learning_rate: 0.2
optimizer: momentum
state: {v_w: 0.1}
"""


@pytest.mark.parametrize(
    ("text", "slip", "comment"),
    [
        (
            "yhat = 0.235, L = -log(0.235) = 0.629",
            "log10-for-ln",
            "-log(0.235) is 1.448, not 0.629.",
        ),
        ("yhat = 0.235, L = -log10(0.235) = 0.629", "log10-for-ln", "press ln."),
    ],
)
def test_a_link_that_a_mistake_breaks_is_said_with_its_name(
    text: str, slip: str, comment: str
) -> None:
    network = "inputs: {x: 1}\ntargets: {y: 1}\nweights: {w: -1.1805}\nloss: bce\n"
    network += "nodes: {1: {from: {x: w}, activation: sigmoid}}\n"
    seen = said(network, text)["L"]
    assert (seen.verdict, seen.slip) == ("wrong", slip)
    assert comment in seen.comment


def test_an_input_misread_in_a_line_left_out_is_the_same_mistake_further_down() -> None:
    network = """
inputs: {x: [1, 0.5, -1]}
targets: {y: 0.5}
weights: {w: 0.6, u: 0.8, v: 1.5}
biases: {b: 0.1}
repeat: 3
equations:
  h[0]: 0
  a[t]: w*x[t] + u*h[t-1] + b
  h[t]: tanh(a[t])
  yhat: v*h[3]
loss: half_l2
"""
    seen = said(
        network,
        "h[1] = 0.604, h[2] = 0.708, h[3] = 0.853, yhat = 1.280, dL/da[3] = 0.319, "
        "dL/da[2] = 0.127, dL/da[1] = 0.065, dL/dw = 0.447",
    )
    assert seen["h[3]"].comment.startswith("You read x[3] as 1")
    assert seen["dL/dw"].comment == "As in h[3]: you read x[3] as 1."


def test_a_sign_lost_behind_a_right_difference_has_a_name() -> None:
    seen = said("mazur", "dL/dyhat1 = 0.7514 - 0.01 = -0.7414")["dL/dyhat1"]
    assert (seen.verdict, seen.slip) == ("wrong", "gradient-sign")
    assert seen.comment.startswith("0.7514 - 0.01 is 0.7414, not -0.7414. You flipped a sign")


def test_updates_worked_with_plus_for_minus_are_one_mistake_with_or_without_their_working() -> None:
    for text in (
        "w1' = 0.3 - 0.5*(-0.281) = 0.160, w2' = 0.8 - 0.5*0.140 = 0.870, b' = -0.170",
        "w1' = 0.160, w2' = 0.870, b' = -0.170",
    ):
        seen = said(NEURON, text)
        assert {each.slip for each in seen.values()} == {"update-sign"}
        assert [each.verdict for each in seen.values()] == ["wrong", "again", "again"]
    second = said(NEURON, "w1' = 0.160, w2' = 0.8 - 0.5*0.140 = 0.870")["w2'"].comment
    assert second == "0.8 - 0.5*0.14 is 0.73, not 0.87. The same mistake as in w1'."


def test_a_product_worked_out_before_refutes_no_mistake_with_another_factor() -> None:
    line = "dL/dw = 0.072, w' = 0.7 - (0.09 + 0.072) = 0.538"
    assert said(MOMENTUM, line)["w'"].slip == "rate-omitted"
    assert said(MOMENTUM, line.replace("(0.09 + 0.072)", "0.2*0.81"))["w'"].slip == ""


def test_weights_of_the_matrix_on_the_way_back_are_one_mistake() -> None:
    """w6 for w7 and w7 for w6, as with W in the place of its transpose."""
    text = "h1 = 0.6044, h2 = -0.5005, dL/dz3 = -0.08877, dL/dz4 = 0.1014, "
    seen = said(TWO_OUTPUTS, text + "dL/dh1 = -0.1027, dL/dh2 = 0.1356")
    assert [seen[f"dL/dh{n}"].slip for n in (1, 2)] == ["factor-not-transposed"] * 2
    assert sorted(seen[f"dL/dh{n}"].verdict for n in (1, 2)) == ["again", "wrong"]


def test_a_line_behind_a_mistyped_one_is_right_from_the_figure_that_was_meant() -> None:
    seen = said(SHEET, "z3 = 0.1978, yhat = 0.149, L = 0.598")
    assert seen["L"].verdict in RIGHT
    assert seen["L"].comment == "Right, though not from your own yhat."


def test_two_values_exchanged_are_one_mistake() -> None:
    text = WORKED.partition("dL/dw3")[0]
    seen = said(SHEET, f"{text}dL/dv1 = -0.3116\ndL/dv2 = -0.2580".replace("\n", ", "))
    assert [seen[f"dL/dv{n}"].slip for n in (1, 2)] == ["copied"] * 2
    assert sorted(seen[f"dL/dv{n}"].verdict for n in (1, 2)) == ["again", "wrong"]


def test_digits_of_the_right_figure_exchanged_are_not_close_to_what_a_misprint_gives() -> None:
    network = (
        "inputs: {x: 1}\nweights: {u: 0.5915, v: 0.7653}\nequations: {a: u*x, b: v*a}\nloss: b\n"
    )
    seen = said(network, "a = 0.5951, b = 0.4572")
    assert [each.slip for each in seen.values()] == ["digits-transposed"] * 2
    assert said(network, "a = 0.5951, b = 0.4562")["b"].verdict == "close"


def test_a_short_figure_that_its_working_gives_exactly_is_no_rounded_one() -> None:
    net = """
inputs: {x: 2}
targets: {y: 2}
weights: {w1: 0.5, w2: -1.5, w3: 2, ws: 0.5}
nodes:
  1: {from: {x: w1}, activation: relu}
  2: {from: {1: w2}, activation: identity}
  3: {from: {2: w3}, activation: identity}
skip:
  - {from: 1, to: 3, weight: ws}
loss: half_l2
"""
    before = "dL/dz3 = -1, dL/dz2 = -2, "
    seen = said(net.replace("y: 2", "y: -1.5"), before + "dL/dh1 = -2*(-1.5) = 3, dL/dw1 = 6")
    assert (seen["dL/dh1"].verdict, seen["dL/dh1"].slip) == ("wrong", "path-dropped")
    assert seen["dL/dw1"].verdict == "follows"


SAMPLES = """
inputs: [x1, x2]
targets: [y]
data:
  - {x1: 1, x2: 0.5, y: 1}
  - {x1: -1, x2: 2, y: 0}
  - {x1: 0.3, x2: -0.7, y: 0.5}
reduction: mean
weights: {w1: 0.3, w2: -0.2, w3: 0.7}
biases: {b1: 0.1, b2: -0.3}
nodes:
  1: {from: {x1: w1, x2: w2}, bias: b1, activation: tanh}
  2: {from: {1: w3}, bias: b2, activation: identity}
loss: half_l2
learning_rate: 0.5
"""
VELOCITY = """
inputs: {x: 1}
targets: {y: 0.5}
weights: {w: 0.8}
biases: {b: 0.2}
nodes:
  1: {from: {x: w}, bias: b, activation: identity}
loss: half_l2
learning_rate: 0.1
optimizer: {name: momentum, mu: 0.9, weight_decay: 0.1}
state: {v_w: 0.3, v_b: -0.2}
"""
AVERAGES = """
inputs: {x: 0.5}
targets: {y: 1}
weights: {w: 0.4}
nodes:
  1: {from: {x: w}, activation: identity}
loss: half_l2
learning_rate: 0.1
optimizer: {name: adam, beta1: 0.8, beta2: 0.95}
"""
UNIT = """
inputs: {x: 0.5}
targets: {y: 0.5}
weights: {w1: 0.6, w2: 0.9}
nodes:
  1: {from: {x: w1}, activation: tanh}
  2: {from: {1: w2}, activation: identity}
loss: half_l2
learning_rate: 0.1
"""


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("network", "text", "slip"),
    [
        (SAMPLES, "dJ/dw1 = 0.1581, dJ/dw2 = 0.2568, dJ/dw3 = 0.0467, dJ/db1 = 0.4673",
         "loss-sign"),
        (SAMPLES, "dJ/dw1 = -0.1384, dJ/dw2 = -0.3491, dJ/dw3 = -0.0467, dJ/db1 = -0.5481",
         "activation-derivative-omitted"),
        (SAMPLES, "w1' = 0.5372, w2' = 0.1852, w3' = 0.7700, b1' = 0.8009, b2' = 0.8745",
         "mean-or-sum"),
        (SAMPLES, "w1' = 0.3544, w2' = -0.3270, w3' = 0.7919, b1' = 0.2815, b2' = -0.0115",
         "one-sample"),
        (SAMPLES, "w1' = 0.2566, w2' = -0.0883, w3' = 0.6483, b1' = 0.1744, b2' = -0.1585",
         "target-omitted"),
        ("mazur", "w5' = 0.441083, w6' = 0.491334, w1' = 0.150219, w2' = 0.200439", "update-sign"),
        (VELOCITY, "v_w' = 0.328, v_b' = -0.128, v_w'' = 0.35087, v_b'' = -0.06507",
         "other-optimizer"),
        (VELOCITY, "v_w' = 0.212, v_b' = -0.232, w' = 1.012, b' = -0.032", "other-optimizer"),
        (VELOCITY, "g_w = 0.54, g_b = 0.51, v_w' = 0.81", "other-decay"),
        (AVERAGES, "m_w' = -0.32, v_w' = 0.152, mhat_w = -1.6", "averages-interchanged"),
        (AVERAGES, "dL'/dw' = -0.375, m_w'' = -0.075, v_w'' = 0.007031", "input-dropped"),
        (AVERAGES, "m_w'' = -0.139, v_w'' = 0.0146313, mhat_w' = -0.695, vhat_w' = 0.292626",
         "other-clock"),
        ("mazur", "w5' = -0.041083, w6' = -0.041334, w7' = 0.011301", "old-weight-omitted"),
    ],
)  # fmt: skip
def test_a_mistake_made_throughout_costs_one_line(network: str, text: str, slip: str) -> None:
    seen = said(network, text)
    wrong = [each.slip for each in seen.values() if each.verdict == "wrong"]
    assert wrong == [slip]


@pytest.mark.parametrize(
    "text",
    [
        "h1 = 0.2913, yhat = 2.6217, dL/dyhat = 2.1217, dL/dh1 = 19.0953, w2' = 8.9382",
        "h1 = 0.2913, z2 = 0.1748, dL/dyhat = -0.3252, dL/dh1 = -0.1951, w2' = 0.6095",
    ],
)
def test_a_misread_weight_is_one_mistake_whatever_else_gives_a_figure(text: str) -> None:
    seen = said(UNIT, text)
    assert [each.slip for each in seen.values() if each.verdict == "wrong"] == ["misread-given"]


LEAKY = """
inputs: {x: 0.8}
targets: {y: 1}
weights: {w1: -0.5, w2: 0.7}
biases: {b1: 0.1, b2: 0.2}
nodes:
  1: {from: {x: w1}, bias: b1, activation: leaky_relu(0.1)}
  2: {from: {1: w2}, bias: b2, activation: sigmoid}
loss: half_l2
"""
ROOT_STEP = """
inputs: {x: 0.5}
targets: {y: 0}
weights: {w: 0.6}
nodes:
  1: {from: {x: w}, activation: identity}
loss: half_l2
learning_rate: 0.1
optimizer: adagrad
"""


@pytest.mark.parametrize(
    ("network", "text", "name", "verdict", "slip"),
    [
        (LEAKY, "dL/dh1 = -0.0791, dL/dz1 = -0.0791", "dL/dz1", "wrong",
         "activation-derivative-omitted"),
        (ROOT_STEP, "dL/dw = 0.15, s_w' = 0.0225, w' = -0.4000", "w'", "wrong", "rate-omitted"),
        (ROOT_STEP, "dL/dw = 0.15, s_w' = 0.0225, w' = 0.50000000667", "w'", "close", ""),
        ("softmax", "yhat1 = 0.3603, dL/dz1 = -0.6397, dL/dz2 = 0.3982", "dL/dz1", "wrong",
         "other-sample"),
        ("mazur", "dL/dz4 = -0.0380982, dL/db2 = 0.0603", "dL/db2", "wrong", ""),
        ("mazur", "z2 = 0.402500", "z2", "wrong", "misread-given"),  # w5 is of another layer
    ],
)  # fmt: skip
def test_a_name_fits_what_stands_there(
    network: str, text: str, name: str, verdict: str, slip: str
) -> None:
    seen = said(network, text)[name]
    assert (seen.verdict, seen.slip) == (verdict, slip)


CLASSES = """
inputs: [x1, x2]
targets: [t1, t2]
data: [{x1: 1, x2: 0.5, t1: 1, t2: 0}, {x1: -1, x2: 2, t1: 0, t2: 1}]
weights: {w11: 0.7, w12: -0.2, w21: -0.5, w22: 0.3}
biases: {b1: 0.05, b2: -0.05}
nodes:
  1: {from: {x1: w11, x2: w12}, bias: b1, activation: softmax}
  2: {from: {x1: w21, x2: w22}, bias: b2, activation: softmax}
loss: cross_entropy
learning_rate: 0.5
"""


@pytest.mark.sweep
def test_a_sum_for_a_mean_goes_on_in_a_new_weight() -> None:
    """With two samples and a rate of 1/2 the new weight alone looks as if the rate were missing."""
    seen = said(CLASSES, "dJ/dw11 = -0.368322, dJ/dw12 = 0.088581, b1' = 0.1250641")
    assert {each.slip for each in seen.values()} == {"mean-or-sum"}
    assert [each.verdict for each in seen.values()] == ["wrong", "again", "again"]
    assert said(CLASSES, "b1' = 0.1250641")["b1'"].slip != "mean-or-sum"


def test_a_cross_entropy_has_no_square_whose_2_is_lost() -> None:
    assert said(CLASSES, "yhat1[1] = 0.740775, yhat2[2] = 0.890903, J = 0.415578")["J"].slip == (
        "mean-or-sum"
    )


def test_the_exponentials_of_a_softmax_may_be_rounded() -> None:
    seen = said(CLASSES, "z1[1] = 0.6500, z2[1] = -0.4000, yhat1[1] = 0.7409")  # 1.915 of 2.585
    assert seen["yhat1[1]"].verdict == "rounded"


@pytest.mark.parametrize(
    "text",
    [
        "z1 = -0.3, h1 = 0, dL/dh1 = -0.0780, dL/dz1 = 0",
        "z1 = -0.3, h1 = -0.2913, dL/dh1 = -0.08767, dL/dz1 = -0.08023",
    ],
)
def test_another_activation_is_one_mistake_forward_and_back(text: str) -> None:
    seen = said(LEAKY, text)
    assert (seen["h1"].slip, seen["h1"].verdict) == ("other-activation", "wrong")
    assert (seen["dL/dz1"].slip, seen["dL/dz1"].verdict) == ("other-derivative", "again")


def test_a_local_derivative_that_is_left_out_may_be_cut_off() -> None:
    """At h1 = 0.8808 it is 0.10499, and 0.0474*0.9*0.104 is 0.00443 (a soak's seed 778)."""
    text = "h1 = 0.88, z3 = 1.18, dL/dz3 = 0.0474, dL/dv1 = 0.0417, dL/dc = 0.0474, "
    seen = said("column_weights", f"{text}dL/dw12 = 0.000361, dL/dz1 = 0.00443, w11' = 0.499")
    assert seen["dL/dz1"].verdict in ("rounded", "follows")
    seen = said("column_weights", f"{text}dL/dw12 = 0.000361, dL/dz1 = 0.00433, w11' = 0.499")
    assert seen["dL/dz1"].verdict in ("wrong", "close")


NEAR_TANH = """
inputs: {x: 1}
targets: {y: 1}
weights: {w: 0.15, v: -0.65}
nodes:
  1: {from: {x: w}, activation: tanh}
  2: {from: {1: v}, activation: identity}
loss: half_l2
"""


def test_a_formula_that_gives_the_figure_shows_the_mistake_where_right_work_does_not() -> None:
    before = "z1 = 0.15, h1 = 0.1489, dL/dyhat = -1.0968"  # right: 0.6971
    seen = said(NEAR_TANH, f"{before}, dL/dz1 = dL/dyhat*v*(1 - z1^2) = 0.6969")["dL/dz1"]
    assert (seen.verdict, seen.slip) == ("wrong", "derivative-at-z")
    for right in ("dL/dyhat*v*(1 - h1^2) = 0.6971", "dL/dh1*(1 - h1^2) = 0.697"):
        assert said(NEAR_TANH, f"{before}, dL/dz1 = {right}")["dL/dz1"].verdict in RIGHT


def test_what_rests_on_a_wrong_formula_follows_with_the_figures_before_it_unrounded() -> None:
    text = "h1 = 0.149, dL/dz1 = dL/dyhat*v*(1 - z1^2), dL/dw = "
    for figure in ("0.6968634", "0.69688", "0.6969"):  # with -1.096775 behind -1.0968
        assert said(NEAR_TANH, f"dL/dyhat = -1.0968, {text}{figure}")["dL/dw"].verdict == "follows"
    assert said(NEAR_TANH, f"dL/dyhat = -1.0968, {text}0.7011")["dL/dw"].verdict != "follows"


def test_what_is_taken_from_1_may_stand_as_one_number() -> None:
    text = "h1 = 0.148, dL/dyhat = -1.097, dL/dz1 = -1.097*(-0.65)*0.148*{} = 0.0899"
    for written in ("0.852", "(1 - 0.148)"):
        assert said(NEAR_TANH, text.format(written))["dL/dz1"].slip == "other-derivative"


@pytest.mark.parametrize(
    ("before", "slip"),
    [
        ("", "input-for-bias"),
        ("dL/dw1 = -0.2808, ", ""),  # it may also be copied from there
    ],
)
def test_a_bias_s_derivative_multiplied_by_its_input_has_a_name(before: str, slip: str) -> None:
    seen = said(NEURON, f"dL/dz1 = -0.1404, {before}dL/db = -0.2808")["dL/db"]
    assert (seen.verdict, seen.slip) == ("wrong", slip)
    assert "ultiplied by x1" in seen.comment


def test_the_other_term_of_the_log_loss_is_the_target_read_as_the_other_class() -> None:
    network = "inputs: {x: 1}\ntargets: {y: 0}\nweights: {w: 0.3}\nloss: bce\n"
    network += "nodes: {1: {from: {x: w}, activation: sigmoid}}\n"
    seen = said(network, "yhat = 0.5744, L = 0.5544")["L"]  # one digit of 0.8544 is another
    assert seen.comment.startswith("You read y as 1: ")


@pytest.mark.parametrize(
    ("figure", "slip"),
    [("0.177", "digits-transposed"), ("1.707", "digits-transposed"), ("0.180", "")],
)
def test_transposed_digits_stand_at_the_places_of_the_figure(figure: str, slip: str) -> None:
    network = "inputs: {x: 1}\ntargets: {y: 0}\nweights: {w: 1.0766}\nloss: half_l2\n"
    network += "nodes: {1: {from: {x: w}, activation: identity}}\n"
    assert said(network, f"yhat = {figure}")["yhat"].slip == slip


def test_a_bias_alone_may_miss_the_activation_s_derivative() -> None:
    network = NEAR_TANH.replace("nodes:", "biases: {b: 0.4}\nnodes:").replace(
        "{from: {x: w}, ", "{from: {x: w}, bias: b, "
    ).replace("{x: 1}", "{x: 2}")  # fmt: skip
    text = "h1 = 0.604368, dL/dyhat = -1.392839, dL/dh1 = 0.905345, dL/dz1 = 0.574659, "
    seen = said(network, f"{text}dL/db = 0.905345")
    assert (seen["dL/dz1"].verdict, seen["dL/db"].slip) == (
        "rounded", "activation-derivative-omitted",
    )  # fmt: skip


CONVOLUTION = """
inputs: {X: [[1, 0, 2], [-1, 3, 1], [0, 2, -2]]}
targets: {y: 1}
weights: {K: [[0.5, -1], [1, 0.25]], b: [0.5]}
equations: {Z: "conv(X, K) + b", A: relu(Z), p: mean(A), yhat: p}
loss: half_l2
"""


def test_figures_that_many_mistakes_give_are_called_by_none() -> None:
    rows = (
        "Z = [[0.75|1.75]|[-2.5|2.5]]",
        "dL/dyhat = 0.25",
        "dL/dZ = [[0.0625|0.0625]|[0|0.0625]]",
    )
    own = "dL/dK_11 = 0.1875, dL/dK_12 = 0.25, dL/dK_21 = 0.0625, dL/dK_22 = 0.1875"
    seen = said(CONVOLUTION, ", ".join((*rows, own)).replace("|", ","))
    assert {each.slip for name, each in seen.items() if "K" in name} == {""}
    assert "Several mistakes" in seen["dL/dK_11"].comment


def test_a_figure_is_not_said_to_be_copied_from_what_the_line_goes_on_from() -> None:
    seen = said(CONVOLUTION, "dL/dyhat = 0.25, dL/dZ_22 = 0.25")["dL/dZ_22"]
    assert "upstream gradient left out" in seen.comment  # or the 1/4 of the mean


ROLLING = """
inputs: {x: 2}
targets: {y: 1}
weights: {w: 0.9}
biases: {b: -0.3}
equations: {z: w*x + b, yhat: tanh(z)}
loss: half_l2
learning_rate: 0.4
optimizer: {name: heavy_ball, mu: 0.8}
state: {v_w: 0.05, v_b: -0.02}
"""


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("v_w' = 0.0743, v_b' = 0.0011", "rate-omitted"),
        ("v_w' = 0.0263, v_b' = -0.0229", "update-sign"),
        ("v_w' = 0.0537, v_b' = -0.0091, w' = 0.8463, b' = -0.2909", "change-sign"),
    ],
)
def test_a_mistake_in_a_velocity_is_named_and_charged_once(text: str, slip: str) -> None:
    seen = [*said(ROLLING, f"dL/dw = -0.0343, dL/db = -0.0171, {text}").values()][-2:]
    assert [(each.verdict, each.slip) for each in seen] == [("wrong", slip), ("again", slip)]


def test_a_comment_on_an_update_gives_the_formula_of_its_own_line() -> None:
    seen = said(ROLLING, "dL/dw = -0.0343, dL/db = -0.0171, v_w' = 0.0263, b' = -0.3")
    assert seen["v_w'"].comment.endswith("the line is mu*v_w - lr*dL/dw.")
    assert seen["b'"].comment == "You kept the old weight: the new one is b + v_b'."


STEPS = """
repeat: 2
inputs: {x: [0.9, -0.6]}
targets: {y: 0.4}
weights: {w: 0.7, u: -0.5, v: 1.3}
biases: {b: 0.2, c: -0.1}
constants: {"h[0]": 0.3}
equations:
  z[t]: w*x[t] + u*h[t-1] + b
  h[t]: tanh(z[t])
  yhat: v*h[2] + c
loss: half_l2
learning_rate: 0.2
"""


@pytest.mark.parametrize(
    "line",
    [
        "h[1] = 0.5915, z[2] = 0.7*(-0.6) - 0.5*0.3 + 0.2 = -0.37",
        "h[1] = 0.5915, dL/dz[2] = -1.1250, dL/dz[1] = 0.3657, dL/dw = -1.2319",
    ],
)
def test_values_of_another_time_step_have_a_name_on_both_ways(line: str) -> None:
    *_, last = said(STEPS, line).values()
    assert (last.verdict, last.slip) == ("wrong", "other-step")


def test_two_figures_that_are_exchanged_are_one_mistake() -> None:
    network = """
inputs: {x1: 1, x2: 2}
targets: {y: 0}
weights: {w11: 0.5, w12: 0.3, w21: 0.25, w22: -0.4, v1: 1, v2: -1.5}
biases: {b1: 0.1, b2: 0.2}
equations:
  z1: w11*x1 + w21*x2 + b1
  z2: w12*x1 + w22*x2 + b2
  yhat: v1*tanh(z1) + v2*tanh(z2)
loss: half_l2
"""
    # dL/db2 is as large as dL/dw12, x1 being 1
    key = key_for(loads(network), Fraction(1), 1)
    first, second = (float(key.value(f"dL/dw{n}")) for n in (12, 21))
    seen = said(network, f"dL/dw12 = {second:.4f}, dL/dw21 = {first:.4f}")
    assert [each.verdict for each in seen.values()] == ["wrong", "again"]
    assert "the value of dL/dw21" in seen["dL/dw12"].comment


def test_a_sine_of_a_figure_that_leaves_open_more_than_a_period_may_be_anything() -> None:
    network = "inputs: {x: 1}\ntargets: {y: 0}\nweights: {w: 2289417.3}\nloss: half_l2\n"
    network += "equations: {z: w*x, yhat: sin(z)}\n"
    for figure in ("-0.9202", "0.3111", "0.8744"):
        assert said(network, f"z = 2289000, yhat = {figure}")["yhat"].verdict == "rounded"


def test_a_working_that_is_a_step_leaves_nothing_open() -> None:
    """The sign of a difference is -1, however its figures were rounded: it is another loss's."""
    network = NEURON.replace("half_l2", "l2").replace("{t: 1}", "{t: 0.9}")
    line = "yhat = 0.426, dL/dyhat = sign(0.426 - 0.9) = -1"
    seen = said(network, line)["dL/dyhat"]
    assert (seen.verdict, seen.slip) == ("wrong", "other-loss")
    flat = network.replace("loss: l2", "loss: l1")
    assert said(flat, line)["dL/dyhat"].verdict == "correct"


TWO_UNITS = """
inputs: {x1: 0.6, x2: -0.4}
targets: {t: 1}
weights: {w1: 0.3, w2: -0.5, w3: 0.8, w4: 0.2, w5: 0.7, w6: -0.9}
biases: {b1: 0.1, b2: -0.2, b3: 0.25}
nodes:
  h1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  h2: {from: {x1: w3, x2: w4}, bias: b2, activation: sigmoid}
  o: {from: {h1: w5, h2: w6}, bias: b3, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
"""


def test_the_sign_of_a_given_number_misread_is_told_by_the_working() -> None:
    seen = said(
        TWO_UNITS,
        "z_h1 = 0.3*0.6 + (-0.5)*0.4 + 0.1 = 0.08, z_h2 = 0.8*0.6 + 0.2*0.4 - 0.2 = 0.36",
    )
    assert seen["z_h1"].comment.startswith("You read x2 as 0.4")
    assert seen["z_h2"].comment == "As in z_h1: you read x2 as 0.4."
    flipped = said(TWO_UNITS, "z_h1 = 0.3*0.6 - (-0.5)*(-0.4) + 0.1 = 0.08")["z_h1"]
    assert flipped.slip == "gradient-sign"


def test_biases_that_are_kept_are_one_mistake_however_few_digits_they_have() -> None:
    seen = said(
        TWO_UNITS,
        "dL/db1 = -0.01857, dL/db2 = 0.02502, w1' = 0.3056, w2' = -0.5037, b1' = 0.1, b2' = -0.2",
    )
    assert [(seen[each].verdict, seen[each].slip) for each in ("b1'", "b2'")] == [
        ("wrong", "not-updated"), ("again", "not-updated"),
    ]  # fmt: skip


def test_updated_weights_are_named_behind_another_mistake() -> None:
    text = "z_o = 0.2876, yhat = 0.5714, dL/dz_o = -0.1050, dL/dw5 = -0.06484, "
    seen = said(TWO_UNITS, f"h_h1 = 0.6177, {text}dL/dz_h1 = -0.01815, w5' = 0.7324")
    assert (seen["dL/dz_h1"].verdict, seen["dL/dz_h1"].slip) == ("wrong", "updated-weights")


THREE_CLASSES = """
inputs: {x1: 1, x2: 2}
targets: {c: 1}
layers:
  - {name: s, units: 3, activation: softmax, weights: [[0.6, -0.3], [0.2, 0.5], [-0.4, 0.1]]}
loss: cross_entropy
"""


def test_a_class_counted_from_one_is_one_mistake() -> None:
    seen = said(
        THREE_CLASSES,
        "yhat1 = 0.1946, yhat2 = 0.6461, yhat3 = 0.1593, L = 1.637, dL/dz_s1 = -0.8054, "
        "dL/dz_s2 = 0.6461, dL/dz_s3 = 0.1593",
    )
    assert seen["L"].comment.startswith("You read c as 0")
    assert [each.verdict for each in seen.values()][3:] == ["wrong", "again", "again", "rounded"]


@pytest.mark.parametrize("target", ["5", "-3"])
def test_a_formula_that_holds_on_the_sheet_s_own_side_is_right_there(target: str) -> None:
    """On both sides of the loss's kink, however few points drawn anywhere lie on this one."""
    network = replace_target(target)
    sign = "-" if target == "5" else ""
    seen = said(network, f"dL/dw1 = {sign}w2*h0, dL/dw0 = {sign}(ws + w1*w2)*x, dL/db1 = w2*h0")
    assert [each.verdict for each in seen.values()] == ["correct", "correct", "wrong"]
    assert seen["dL/dw1"].comment.startswith("Correct here; ")


def replace_target(target: str) -> str:
    """The network with a skip edge and biases, with another target."""
    text = (ROOT / "networks" / "skip_bias.yaml").read_text("utf-8").partition("expect:")[0]
    return text.replace("{y: -3}", f"{{y: {target}}}")


@pytest.mark.parametrize("figure", ["0.5", "0.4"])
def test_a_figure_of_one_digit_names_no_mistakes(figure: str) -> None:
    (seen,) = said("mazur", f"L' = {figure}").values()
    assert seen.verdict == "wrong"
    assert seen.comment.endswith("We could not tell what went wrong.")
