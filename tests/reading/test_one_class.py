"""Sheets of one class: lines put right, lists without commas, gradients named in two words."""

from __future__ import annotations

import pytest
from test_declared_names import COURSE

from backcalc.checking.report import Marking, Report, check
from backcalc.loading.loader import loads

FORWARD = (
    "net_1 = 0.9\nout_1 = 0.7109\nnet_2 = -0.5\nout_2 = 0.3775\nnet_3 = 0.58\nout_3 = 0.6411\n"
)
BARE = COURSE.partition("names:")[0]
"""The same network without a word of its course."""


def report_on(text: str, course: str = COURSE, file: str = "sheet.txt") -> Report:
    return check(Marking(loads(course)), text, file)


def verdicts(report: Report) -> dict[str, str]:
    return {each.answer.name: each.verdict for each in report.answers}


@pytest.mark.parametrize("withdrawn", [
    "delta_3 = out_3 - y = 0.6411\nno, that is wrong, it should be\n",
    "delta_3 = out_3 - y = 0.6411\nCorrection:\n",
    "delta_3 = 0.6411 (wrong)\n",
])  # fmt: skip
def test_what_is_put_right_leaves_nothing_open_below(withdrawn: str) -> None:
    right = "delta_3 = (out_3 - y) out_3 (1 - out_3) = 0.1475\n"
    flipped = "delta_2 = delta_3 w6 out_2 (1 - out_2) = 0.01733\n"
    report = report_on(FORWARD + withdrawn + right + flipped)
    assert verdicts(report)["dL/dz_h2"] == "wrong"
    assert (len(report.unread), report.open_lines) == (1, [])


def test_a_line_may_still_follow_from_a_figure_that_is_put_right() -> None:
    """delta_2 is worked out from 0.6411: nobody knows whether it was meant to be put right too."""
    text = "delta_3 = out_3 - y = 0.6411\nCorrection:\ndelta_3 = 0.1475\ndelta_2 = -0.07533\n"
    assert verdicts(report_on(FORWARD + text))["dL/dz_h2"] == "undecided"


NUMBERED = "z1 = w1*x1 + w2*x2 + b1 = 0.9, h1 = 0.7109\nz2 = -0.5, h2 = 0.3775\n"


@pytest.mark.parametrize("text", [
    NUMBERED + "z3 = 0.58\no = 0.6411\n",
    NUMBERED + "z3 = 0.58, the output is o = 0.6411\n",
    ("z1 = 0.4*x1 - 0.6*x2 + 0.1\nz2 = 0.2*x1 + 0.3*x2 - 0.3\nz1 = 0.9 h1 = 0.7109\n"
     "z2 = -0.5 h2 = 0.3775\nz3 = 0.8*h1 - 0.5*h2 + 0.2 = 0.58\no = 0.6411\n"),
    "z1 = 0.9, h1 = 0.7109\nz2 = -0.5, h2 = 0.3775\nz3 = 0.58\no = 0.6411\n",
])  # fmt: skip
def test_units_are_counted_and_the_output_is_called_by_its_own_name(text: str) -> None:
    report = report_on(text + "δ3 = (o - y)·o·(1 - o) = 0.1475\n", BARE)
    assert not report.unread
    found = verdicts(report)
    assert {found[each] for each in ("z_o", "yhat", "dL/dz_o")} <= {"rounded", "correct"}


SLOPES = {"dL/dw1": "rounded", "dL/dw2": "rounded", "dL/dw3": "rounded"}


@pytest.mark.parametrize("text", [
    "∂L/∂w₁ = 0,01213 ∂L/∂w₂ = -0,02425 ∂L/∂w₃ = -0,00867",  # nothing but blanks between them
    "∂L/∂w_{1} = 0.01213 ∂L/∂w_{2} = -0.02425 ∂L/∂w_{3} = -0.00867",
    "grad w1 0.01213\ngrad w2 -0.02425\ngrad w3 -0.00867",
    "gradient of w1 0.01213\ngradient of w2 -0.02425\ngradient of w3 -0.00867",
    "Gradient w1 0,01213 w2 -0,02425 w3 -0,00867",
])  # fmt: skip
def test_names_and_numbers_side_by_side_need_no_sign_between(text: str) -> None:
    report = report_on(text)
    assert (verdicts(report), report.unread) == (SLOPES, ())


def test_a_wrong_gradient_beside_its_name_is_read_where_the_sheet_writes_all_so() -> None:
    found = verdicts(report_on("grad w1 0.05127\ngrad w2 0.3128\ngrad w3 -0.00867"))
    assert found == {"dL/dw1": "wrong", "dL/dw2": "wrong", "dL/dw3": "rounded"}


@pytest.mark.parametrize("text", [
    "after the gradient step w1 0.3939",
    "gradient descent w1 0.3939",
    "grad w1 0.05",  # alone, with a figure that is none of its own
    "grad norm 0.05127\ngrad out_1 0.3128",
])  # fmt: skip
def test_words_of_gradients_beside_other_numbers_are_no_derivatives(text: str) -> None:
    report = report_on(FORWARD + text)
    assert not any(name.startswith("dL/d") for name in verdicts(report))


CLASSES = """
inputs: {x1: 1, x2: 2}
targets: {c: 1}
layers:
  - {name: h, units: 2, activation: relu, weights: [[0.5, -0.2], [0.3, 0.4]], bias: [0.1, 0]}
  - {name: s, units: 3, activation: softmax, bias: [0, 0.1, -0.1],
     weights: [[0.6, -0.3], [0.2, 0.5], [-0.4, 0.1]]}
loss: cross_entropy
"""
BY_CLASS = "| {} | {} |\n|---|---|\n| 1 | 0.2169 |\n| 2 | -0.4664 |\n| 3 | 0.2495 |\n"


@pytest.mark.parametrize(("course", "title", "head", "read"), [
    (CLASSES, "class", "δ", True),
    (CLASSES, "Klasse", "$\\delta$", True),
    (CLASSES, "classe", "delta", True),
    (CLASSES, "class", "y", False),  # what the network puts out, or the target of each
    (CLASSES.replace("units: 2", "units: 3").replace("[0.3, 0.4]]", "[0.3, 0.4], [0, 0]]")
     .replace("[0.1, 0]", "[0.1, 0, 0]").replace("-0.3]", "-0.3, 0]").replace("0.5]", "0.5, 0]")
     .replace("-0.4, 0.1]", "-0.4, 0.1, 0]"), "class", "δ", False),
])  # fmt: skip
def test_error_terms_by_classes_are_those_of_the_outputs(
    course: str, title: str, head: str, read: bool
) -> None:
    """So they are where no layer inside has as many units."""
    text = "z_h1 = 0.2\n\n" + BY_CLASS.format(title, head)
    report = report_on(text, course, "sheet.md")
    slopes = [name for name in verdicts(report) if name.startswith("dL/dz_s")]
    assert slopes == ["dL/dz_s1", "dL/dz_s2", "dL/dz_s3"] * read


TRIED = "net_1 = 0.38\nout_1 = 0.594\n"


@pytest.mark.parametrize("title", [
    "first attempt (wrong!):", "My first try:", "old version, please ignore:",
    "## Erster Versuch (falsch)\n", "**Premier essai**", "Scratch work:",
])  # fmt: skip
def test_an_attempt_below_the_sheet_is_no_second_pass(title: str) -> None:
    text = f"{FORWARD}w1' = 0.3939\n\n{title}\n{TRIED}"
    report = report_on(text, file="sheet.md")
    assert {*verdicts(report).values()} <= {"correct", "rounded"}
    assert (len(report.unread), report.open_lines) == (2, [])


@pytest.mark.parametrize("text", [
    f"First attempt:\n{TRIED}",  # nothing else on the sheet
    f"{FORWARD}\nIn the first attempt I forgot the bias, so again:\nnet_1 = 0.38\n",
    f"{FORWARD}\nThe first attempt was wrong:\nnet_1 = 0.38\n",
])  # fmt: skip
def test_words_of_an_attempt_that_may_mean_what_stands_above_cross_out_nothing(text: str) -> None:
    assert not any(each.reason == "it looks crossed out" for each in report_on(text).unread)
