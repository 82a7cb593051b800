"""What `ask:` and `points:` say: of matrices, in their order, on sheet, key, quiz and platforms."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import rendered
from test_questions import Run

from backcalc.checking.points import wanted
from backcalc.checking.report import Marking, check
from backcalc.checking.turns import quiz, reply
from backcalc.equations.network import Asked, Network
from backcalc.errors import BackcalcError
from backcalc.formulas.notation import rounded
from backcalc.loading.loader import load, loads
from backcalc.loading.policies import Policies, policies
from backcalc.sheets.worked import Wishes
from backcalc.worksheets.asked import exercise, room
from backcalc.worksheets.paper import skeleton, solution, worksheet
from backcalc.worksheets.questions import Handout
from backcalc.worksheets.search import Variant

NET = """
inputs: {x: [0.6, -0.1]}
targets: {y: 1}
weights: {W1: [[0.4, -0.7], [-0.2, 0.9], [0.8, 0.3]], b1: [0.1, -0.3, 0.2],
          W2: [[0.5, -0.6, 0.3], [-0.4, 0.7, 0.2]], b2: [0.1, -0.1]}
equations:
  z1: W1 @ x + b1
  a1: tanh(z1)
  z2: W2 @ a1 + b2
  p: softmax(z2)
loss: cross_entropy
learning_rate: 0.5
"""


def net(extra: str) -> Network:
    return loads(NET + extra)


def sheet(network: Network, *, key: bool = False, digits: int = 4) -> str:
    own, wishes = exercise(network), Wishes(digits=digits)
    return rendered("text", (solution if key else worksheet)(own, wishes), wishes, network)


# Points of matrices.


@pytest.mark.sweep
@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize(
    "said",
    [
        "ask: [{z1: 3}, {dL/dW2: 4}]",
        "ask: {z1: 3, dL/dW2: {points: 4, digits: 3}}",
        "ask: [z1, dL/dW2]\npoints: {z1: 3, dL/dW2: 4}",
    ],
)
def test_points_of_a_matrix_are_those_of_all_of_it(said: str, each: bool) -> None:
    """Three and four are seven: in both spellings, as one mark or by elements, and everywhere."""
    policy = "each" if each else "whole"
    network = net(f"{said}\nmarking: {{elements: {policy}}}\n")
    text = sheet(network)
    assert "(3 points)" in text
    assert re.search(r"\(4 points\b", text)
    assert "7 points in all" in text
    assert "Points: 7 in all" in sheet(network, key=True)
    rules = Policies(elements=each)
    right = check(Marking(network, policies=rules), sheet(network, key=True), "key")
    assert (right.score, right.points) == (7, 7)
    partly = check(Marking(network, policies=rules), "z1 = [0.41, -0.51, 9]\n", "sheet")
    assert (partly.score, partly.points) == (2 if each else 0, 7)
    single = check(Marking(network, policies=rules), "z1_1 = 0.41\nz1_2 = -0.51\n", "sheet")
    assert (single.score, single.points) == (2, 7)
    turns = quiz(network, None, None, None)
    assert turns.names == ("z1", "dL/dW2")
    own = exercise(network)
    grades = own.grades
    assert sum(grades.values()) == own.total == 7
    assert [float(grades[f"dL/dW2_{at}"]) for at in (11, 12, 23)] == [0.67, 0.67, 0.66]


@pytest.mark.parametrize(("policy", "total"), [("whole", 5 * 8), ("each", 5 * 27)])
@pytest.mark.parametrize(
    "said", ["ask: [{gradients: 5}]", "ask: [gradients]\npoints: {gradients: 5}"]
)
def test_points_of_a_group_are_those_of_each_line(said: str, policy: str, total: int) -> None:
    network = net(f"{said}\nmarking: {{elements: {policy}}}\n")
    assert exercise(network).total == total
    assert f"{total} points in all" in sheet(network)


def test_a_line_in_points_counts_more_than_its_group() -> None:
    network = net("points: {gradients: 5, L: 3, dL/dW1: 12}\n")
    own = exercise(network)
    assert own.worth_together([f"dL/dW1_{at}" for at in (11, 12, 21, 22, 31, 32)]) == 12
    assert (own.worth("dL/db2_1"), own.worth("L")) == (Fraction(5, 2), 3)
    assert own.total == 5 * 7 + 12 + 3 + 4 + 4 + 5  # forward, update, forward again


def test_a_quantity_is_asked_once() -> None:
    for said, other in (("z1, z1_2", "z1"), ('"W1_11\'", "W1\'"', "W1_11'")):
        with pytest.raises(BackcalcError, match=f"is asked twice: with {other!r} too"):
            exercise(net(f"ask: [{said}]\n"))
    with pytest.raises(BackcalcError, match=r"'z1' is asked twice\n"):
        net("ask: [z1, z1]\n")


def test_validate_finds_a_quantity_that_is_not_there(run: Run, tmp_path) -> None:
    (tmp_path / "net.yaml").write_text(f"{NET}ask: [L, z9]\n")
    result = run("validate", str(tmp_path / "net.yaml"))
    assert result.exit_code == 2
    assert "there is no quantity 'z9'" in result.stderr
    (tmp_path / "net.yaml").write_text(NET.replace("learning_rate: 0.5", "ask: [L, W1']"))
    assert run("validate", str(tmp_path / "net.yaml")).exit_code == 0


def test_derivatives_by_inputs_of_a_recurrence_are_not_among_the_gradients() -> None:
    network = replace(load("rnn_vectors"), ask=(Asked("gradients"),))
    names = [each.name for each in wanted(network, Marking(network).key(0), 0)]
    assert "dL/dh_1[1]" in names
    assert not any("dx" in name for name in names)


# Order, and what is shown.


@pytest.mark.sweep
def test_what_is_asked_comes_in_the_order_of_the_file() -> None:
    network = net("ask: [dL/dW2, z1, L, p, dL/dz2]\n")
    text = skeleton(exercise(network))
    assert re.findall(r"^(.+) =$", text, re.M) == ["name", "dL/dW2", "z1", "L", "p", "dL/dz2"]
    headings = re.findall(r"^# (.*pass)$", text, re.M)
    assert headings == ["Backward pass", "Forward pass", "Backward pass"]
    assert quiz(network, None, None, None).names == ("dL/dW2", "z1", "L", "p", "dL/dz2")
    places = [sheet(network).index(f"\n{line}") for line in ("∂L/∂W2", "z1 =", "L =", "p =")]
    assert places == sorted(places)
    assert "# 1. Forward pass" in skeleton(exercise(net("ask: [L, z1, dL/dz2]\n")))
    with_group = [step.name for step in exercise(net("ask: [{dL/dz2: 3}, forward]\n")).steps]
    assert with_group[:3] == ["dL/dz2_1", "dL/dz2_2", "z1_1"]


def test_two_elements_get_two_blanks() -> None:
    network = net('ask: [z1, "W1_11\'", "W1_12\'"]\n')
    text = sheet(network)
    assert "W1'" not in text
    assert [text.count(f"W1_{at}'") for at in (11, 12, 21)] == [1, 1, 0]
    assert skeleton(exercise(network)).endswith("W1_11' =\nW1_12' =\n")
    assert "∂L/∂W1 =" in sheet(network, key=True)  # what they are worked from


def test_a_key_shows_what_is_asked_and_what_it_needs() -> None:
    network = net("ask: [{z2: 2}, {dL/dW2: 4}]\n")
    text = sheet(network, key=True)
    shown = set(re.findall(r"^(\S+) = ", text, re.M))
    assert shown == {"z1", "a1", "z2", "p", "∂L/∂z2", "∂L/∂W2"}
    assert "3. Update" not in text
    assert "≈ [0.7477, -0.4700] " in text
    assert "≈ [[0.2998, -0.3626, 0.4411], [-0.2998, 0.3626, -0.4411]]   4" in text
    assert "stands above" not in text
    scalars = sheet(replace(load("skip"), ask=(Asked("dL/dw1"),)), key=True)
    assert "∂L/∂w1" in scalars
    assert "∂L/∂h0" not in scalars
    assert "Update" not in scalars


# Platforms.


def bounds(network: Network, digits: int = 4) -> dict[str, tuple[Fraction, Fraction]]:
    handout = Handout("Net", [Variant(1, {}, exercise(network))], {}, digits)
    found = {}
    for each in handout.questions:
        low, high = map(Fraction, each.bounds)
        found[each.name] = low, high
    return found


@pytest.mark.parametrize("digits", [2, 4])
@pytest.mark.parametrize("name", ["net", "mazur", "batch_norm"])
def test_what_is_asked_does_not_change_what_honest_work_may_have_done(
    name: str, digits: int
) -> None:
    """A figure that somebody rounded on the way is right, whether the way is asked or not."""
    network = net("") if name == "net" else load(name)
    full = room(exercise(network), digits)
    *_, last = [step.name for step in exercise(network).calculation.backward]
    alone = replace(network, ask=(Asked(last),))
    assert room(exercise(alone), digits)[last] == full[last]
    worked = {step.name: step.value for step in exercise(alone, kept=digits).steps}
    ((low, high),) = bounds(alone, digits).values()
    assert low <= Fraction(rounded(worked[last], digits)[0]) <= high


def test_a_question_asks_for_the_digits_that_its_line_wants() -> None:
    network = net("ask: [z2, {p: {digits: 6}}]\n")
    handout = Handout("Net", [Variant(1, {}, exercise(network))], {}, 4)
    assert [each.digits for each in handout.questions] == [4, 4, 6, 6]
    wide, narrow = bounds(net("ask: [p]\n"))["p_1"], bounds(network)["p_1"]
    assert narrow[1] - narrow[0] < (wide[1] - wide[0]) / 50


# Vectors of several samples.

SAMPLES = """
inputs: [x]
targets: [y]
data: [{x: [1, 2], y: 0}, {x: [1, 3], y: 1}]
weights: {W: [[0.2, -0.3], [0.4, 0.1]], b: [0.1, -0.2]}
equations:
  z: W @ x + b
  p: softmax(z)
loss: cross_entropy
"""


@pytest.mark.sweep
def test_vectors_of_several_samples_are_asked_and_marked_whole() -> None:
    network = loads(f"{SAMPLES}ask: [{{forward: 2}}, {{dJ/dW: 6}}]\n")
    own = exercise(network)
    assert own.total == 7 * 2 + 6
    asked = re.findall(r"^(.+) =$", skeleton(own), re.M)
    assert asked == ["name", "z[1]", "p[1]", "L[1]", "z[2]", "p[2]", "L[2]", "J", "dJ/dW"]
    assert [*quiz(network, None, None, None).names] == asked[1:]
    report = check(Marking(network), sheet(network, key=True), "key")
    assert (report.score, report.points) == (20, 20)
    assert sum(own.grades.values()) == 20


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("z[1] = [-0.3, 0.4]", "correct"),
        ("z[2] = [-0.3, 0.4]", "wrong"),
        ("z[1] = W @ x[1] + b", "correct"),
        ("dL[2]/dz[2] = p[2] - y[2]", "correct"),
        ("dL[2]/dz[2] = y[2] - p[2]", "wrong"),
        ("L[1] = -sum(y[1] * log(p[1]))", "correct"),
        ("dJ/dW = [[-0.2092, -0.2936], [0.2092, 0.2936]]", "rounded"),
        ("dJ/dW = (dL[1]/dW + dL[2]/dW)/2", "undecided"),
        ("z = W @ x + b", ""),
        ("z = [-0.3, 0.4]", ""),
        ("z[3] = [-0.3, 0.4]", ""),
    ],
)
def test_a_vector_is_that_of_the_sample_it_names(line: str, verdict: str) -> None:
    report = check(Marking(loads(SAMPLES)), f"b_1 = 0.1\n{line}\n", "sheet")
    verdicts = [each.verdict for each in report.answers if each.name != "b_1"]
    assert verdicts == ([verdict] if verdict else [])
    assert bool(report.unread) is not bool(verdict)


def test_a_question_of_one_sample_gives_its_vectors() -> None:
    network = loads(f"{SAMPLES}ask: ['p[2]', J]\n")
    handout = Handout("Net", [Variant(1, {}, exercise(network))], {}, 4)
    first, _, last = handout.questions
    given = "Given: x[2] = (1, 3)ᵀ, W = [[0.2, -0.3], [0.4, 0.1]], b = (0.1, -0.2)ᵀ"
    assert f"{given}<br>z[2] = W · x[2] + b<br>p[2] = softmax(z[2])<br>" in first.text
    assert "p_1[2] is p_1 of sample 2</p>" in first.text
    assert "x[1] = (1, 2)ᵀ, x[2] = (1, 3)ᵀ" in last.text
    assert "J = (L[1] + L[2])/2" in last.text


def test_a_vector_without_a_sample_is_asked_whole_of_each() -> None:
    own = exercise(loads(f"{SAMPLES}ask: [{{z: 4}}, {{dL/dz: 6}}]\n"))
    asked = re.findall(r"^(.+) =$", skeleton(own), re.M)
    assert (asked[1:], own.total) == (["z[1]", "z[2]", "dL[1]/dz[1]", "dL[2]/dz[2]"], 20)


def of_two_samples(said: str) -> list[str]:
    """What is asked of a unit with two samples, and their points."""
    network = loads(f"""inputs: [x]
targets: [t]
data: [{{x: 1, t: 0}}, {{x: 2, t: 1}}]
weights: {{w: 0.5, b: 0}}
equations: {{z: w*x + b, p: sigmoid(z)}}
loss: bce
names: {{dL/dz: delta}}
learning_rate: 1
{said}
""")
    own = exercise(network)
    return [f"{step.name} {own.grades[step.name]}" for step in own.steps]


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        ("ask: [{delta: 2}]", ["dL[1]/dz[1] 2", "dL[2]/dz[2] 2"]),
        ("ask: [dL/dz]", ["dL[1]/dz[1] 1", "dL[2]/dz[2] 1"]),
        ("ask: ['dL[2]/dz', p]", ["dL[2]/dz[2] 1", "p[1] 1", "p[2] 1"]),
        ("ask: ['delta[1]', batch_gradients]", ["dL[1]/dz[1] 1", "dJ/dw 1", "dJ/db 1"]),
        ("ask: [p]\npoints: {delta: 3, 'p[2]': 4}", [
            "p[1] 1", "p[2] 4", "dL[1]/dz[1] 3", "dL[2]/dz[2] 3"]),
    ],
)  # fmt: skip
def test_a_name_without_a_sample_asks_that_of_each(said: str, lines: list[str]) -> None:
    assert of_two_samples(said) == lines


@pytest.mark.parametrize(
    ("name", "hint"),
    [("dL/dz[1]", r"name the sample too: delta\[1\] to delta\[2\]"),
     ("dL/dw", r"derivatives here are dJ/dw, or dL\[1\]/dw"),
     ("dL[1]/dz[2]", r"'L\[1\]' does not depend on 'z\[2\]'")],
)  # fmt: skip
def test_a_hint_names_what_may_be_asked(name: str, hint: str) -> None:
    with pytest.raises(BackcalcError, match=hint):
        of_two_samples(f"ask: ['{name}']")


def test_nobody_is_asked_what_is_given() -> None:
    for said in ("ask: [L, x]", "ask: [W1]", "points: {b1: 2}", "ask: [lr]"):
        with pytest.raises(BackcalcError, match="is given, so there is nothing to ask"):
            exercise(net(f"{said}\n"))
    with pytest.raises(BackcalcError, match="'shapes' is a question"):
        exercise(net("ask: [shapes]\npoints: {shapes: 2}\n"))


def test_a_quiz_asks_for_the_digits_of_the_file_but_not_for_zeros_at_the_end() -> None:
    network = net("ask: [{z2: {digits: 4}}, {L: {digits: 4}}]\n")
    turns, said = reply(quiz(network, None, None, None), "[0.7477, -0.47]")
    assert "right to the digits written" in said[0]
    with pytest.raises(BackcalcError, match="Too few digits: write at least 4"):
        reply(turns, "1.5")
    assert reply(turns, "1.477")[0].turn is None
    scalars = quiz(replace(load("mazur"), ask=(Asked("dL/dw5", digits=4),)), None, None, None)
    turns, said = reply(scalars, "0.08")
    assert said == (("Too few digits: write at least 4.",),)
    assert reply(turns, "0.08217")[0].turn is None
    marked = check(Marking(network), "z2 = [0.7477, -0.47]\nL = 1.4\n", "sheet")
    assert [each.verdict for each in marked.answers] == ["rounded", "undecided"]


def test_a_figure_far_from_its_slope_is_still_within_its_room() -> None:
    """micrograd's g' is 10.02, and 5.57 for whoever rounds to three digits on the way."""
    network = load("micrograd")
    exact, width = exercise(network), room(exercise(network), 3)
    for step, own in zip(exact.steps, exercise(network, kept=3).steps, strict=True):
        away = abs(Fraction(rounded(own.value, 3)[0]) - Fraction(step.value))
        assert away <= width[step.name], step.name


def test_what_an_option_asks_is_written_as_yaml_reads_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(f"title: Two samples{SAMPLES}")
    ask = "z[2],dL[1]/dz[1],J"
    done = run("variant", "net.yaml", "--seed", "2", "-o", "out", "--ask", ask, cwd=tmp_path)
    assert done.exit_code == 0
    again = load(str(tmp_path / "out" / "variant-01" / "network.yaml"))
    assert ",".join(each.name for each in again.ask) == ask


def test_points_are_bounded() -> None:
    for said in ("ask: [{L: 1e400}]", "points: {L: 1e7}"):
        with pytest.raises(BackcalcError, match="more than 1000000 points"):
            net(f"{said}\n")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            "[z1, dead]",
            "net.yaml:12:11: dead is not asked here: no unit of this network can be dead",
        ),
        ("[{rates: 2}]", "rates is not asked here: the loss after the step"),
        ("[shapes, falls, slip: {seed: 3}]", ""),
    ],
)
def test_validate_finds_a_question_that_asks_nothing(
    run: Run, tmp_path: Path, ask: str, said: str
) -> None:
    (tmp_path / "net.yaml").write_text(f"{NET.strip()}\nask: {ask}\n", "utf-8")
    result = run("validate", "net.yaml", cwd=tmp_path)
    assert result.exit_code == (2 if said else 0), result.stderr
    assert said in result.stderr


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
@pytest.mark.parametrize("matrices", [False, True])
def test_a_sheet_that_asks_little_gives_all_equations(form: str, matrices: bool) -> None:
    """They are the exercise, and whoever hands the sheet in unfilled has answered none of them."""
    text = NET if matrices else LINEAR.partition("ask:")[0]
    asked = "dL/da1" if matrices else "yhat, dL/dw0"
    own = exercise(network := loads(f"{text}ask: [{asked}]\n"))
    shown = rendered(form, worksheet(own, Wishes()), Wishes(), network)
    part = shown.partition("Equations of the network")[2].partition("pass")[0]
    for name in ("W", "anh", "oftmax") if matrices else ("w", "elu"):
        assert name in part
    with suppress(BackcalcError):  # there are no answers
        assert check(Marking(network), shown, f"sheet.{form[:2]}").score == 0
    whole = exercise(loads(text))
    sheet = rendered(form, worksheet(whole, Wishes()), Wishes(), whole.network)
    assert "Equations of" not in sheet  # each stands beside its blank


@pytest.mark.parametrize(
    ("name", "form"),
    [("skip", "text"), ("mlp", "markdown"), ("matrix_columns", "latex"), ("softmax", "markdown")],
)
def test_a_sheet_that_comes_back_unfilled_earns_nothing(form: str, name: str) -> None:
    """Its printed equations are the exercise, also where each stands beside its blank."""
    own = exercise(load(name))
    shown = rendered(form, worksheet(own, Wishes()), Wishes(), own.network)
    assert check(Marking(own.network), shown, f"sheet.{form[:2]}").score == 0


def test_an_equation_that_is_given_is_no_answer() -> None:
    marking = Marking(loads(LINEAR))
    report = check(marking, "z1 = w1*h0 + b1\n", "a.txt")
    assert {each.name: each.verdict for each in report.answers}["z1"] == "missing"
    for text in ("z1 = w1*h0 + b1\nz1 = 0.5\n", "z1 = 0.5\nz1 = w1*h0 + b1\n"):
        report = check(marking, text, "a.txt")
        assert report.score == 3  # with its other name
    whole = check(Marking(load("skip")), "yhat = ws*w0*x + w2*w1*w0*x\n", "a.txt")
    assert (whole.score, whole.points) == (1, 1)  # worked out in symbols


# One number by two names.

LINEAR = """
inputs: {x: 1}
targets: {y: -3}
weights: {w0: 0.5, w1: 0.5}
biases: {b1: 0.25}
nodes:
  0: {from: {x: w0}, activation: relu}
  1: {from: {0: w1}, bias: b1, activation: identity}
loss: l1
ask: [{z1: 1}, {yhat: 2}, dL/dyhat, dL/dz1, dL/db1]
"""
LINES = ["z1 = 0.5", "dL/dyhat = 1", "dL/db1 = 1"]


@pytest.mark.parametrize(
    ("lines", "score", "strict"),
    [
        (LINES, 6, 6),  # ŷ is z1, and so are the derivatives by them
        ([LINES[0].replace("z1", "yhat"), LINES[1], LINES[2]], 6, 6),
        (["z1 = 0.4", *LINES[1:]], 5, 3),  # one mistake costs the points of one line
        (["z1 = 0.4\nyhat = 0.4", *LINES[1:]], 5, 3),  # as it does for whoever writes both
        (["z1 =", "yhat = 0.5", "dL/dz1 = -1"], 4, 3),
        (LINES[:2], 5, 5),  # that ∂L/∂b1 is ∂L/∂z1 is something to be known
        (["yhat = z1", *LINES[1:]], 3, 3),  # this tells no number
    ],
)
def test_a_line_is_answered_by_its_other_name(lines: list[str], score: int, strict: int) -> None:
    for rules, worth in ((Policies(), score), (policies({}, "strict"), strict)):
        found = check(Marking(loads(LINEAR), policies=rules), "\n".join(lines), "sheet")
        assert (found.score, found.points) == (worth, 6)
    told = [each for each in found.answers if not each.answer.text and each.right]
    assert all("which stands on the sheet" in str(each.comment) for each in told)


def test_an_unread_line_is_unread_by_its_other_name_too() -> None:
    sheet = "z1 = ±0.5??3\ndL/dyhat = 1\n"
    found = {each.name: each for each in check(Marking(loads(LINEAR)), sheet, "sheet").answers}
    assert [found[name].verdict for name in ("z1", "yhat", "dL/dz1")] == [
        "unread", "unread", "correct",
    ]  # fmt: skip


def test_a_mistake_in_a_line_that_nobody_asks_costs_the_asked_one_of_its_number() -> None:
    network = loads(LINEAR.partition("ask:")[0] + "ask: [{yhat: 2}, L]\n")
    found = check(Marking(network), "z1 = 0.4\nL = 3.4\n", "sheet")
    assert (found.score, found.points) == (1, 3)
    assert check(Marking(network), "z1 = 0.5\nL = 3.5\n", "sheet").score == 3


@pytest.mark.parametrize("policy", ["whole", "each"])
def test_a_matrix_is_answered_by_its_other_name(policy: str) -> None:
    text = NET.replace("softmax(z2)", "z2").replace("cross_entropy", "half_l2")
    network = loads(text.replace("{y: 1}", "{y: [1, 0]}") + "ask: [z2, p, dL/dp, dL/dz2]\n")
    rules = Policies(elements=policy == "each")
    values = exercise(network).values
    rows = (
        f"{name} = [{', '.join(str(float(values[f'{name}_{place}'])) for place in (1, 2))}]\n"
        for name in ("p", "dL/dp", "z2")
    )
    *by_output, by_sum = rows
    for sheet in (f"{by_sum}dL/dz2 = p - y\n", "".join(by_output)):
        found = check(Marking(network, policies=rules), sheet, "sheet")
        assert found.score == found.points
        assert found.points == (8 if policy == "each" else 4)
    named = check(Marking(network, policies=rules), "p = z2\ndL/dz2 = dL/dp\n", "sheet")
    assert named.score == named.points / 4


def test_a_sheet_that_has_every_number_lacks_no_line() -> None:
    network = loads(LINEAR.partition("ask:")[0])
    names = [step.name for step in exercise(network).steps]
    right = exercise(network).values
    for left_out, said in (("yhat", False), ("dL/dz1", False), ("dL/db1", True)):
        sheet = "\n".join(f"{name} = {float(right[name])}" for name in names if name != left_out)
        assert bool(check(Marking(network), sheet, "sheet").lines) == said


def test_a_key_lists_new_weights_in_the_order_in_which_they_are_asked(run, tmp_path) -> None:
    key = run("worksheet", "skip", "--key", "--ask", "w1',w0',w2'", cwd=tmp_path).stdout
    update = key.partition("3. Update")[2].partition("Points")[0]
    assert re.findall(r"^w\d'", update, re.MULTILINE) == ["w1'", "w0'", "w2'"]
