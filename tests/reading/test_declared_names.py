"""Error terms that a course declares under `names:`: they have that meaning and no other."""

from __future__ import annotations

import pytest

from backcalc.checking.report import Marking, check
from backcalc.formulas.notation import formula_text
from backcalc.loading.loader import loads
from backcalc.reading import read

COURSE = """
inputs: {x1: 0.5, x2: -1}
targets: {y: 0}
weights: {w1: 0.4, w2: -0.6, w3: 0.2, w4: 0.3, w5: 0.8, w6: -0.5}
biases: {b1: 0.1, b2: -0.3, b3: 0.2}
nodes:
  h1: {from: {x1: w1, x2: w2}, bias: b1, activation: sigmoid}
  h2: {from: {x1: w3, x2: w4}, bias: b2, activation: sigmoid}
  o: {from: {h1: w5, h2: w6}, bias: b3, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
names: {z_h1: net_1, z_h2: net_2, z_o: net_3, h_h1: out_1, h_h2: out_2, yhat: out_3,
        dL/dz_h1: delta_1, dL/dz_h2: delta_2, dL/dz_o: delta_3}
"""
LETTERED = COURSE.replace("delta_", "d_")
TURNED = "delta_3 = -0.1475\ndelta_1 = -0.02425\ndelta_2 = 0.01733\n"
"""The error terms as minus the derivatives."""


def verdicts(text: str, course: str = COURSE) -> dict[str, str]:
    answers = check(Marking(loads(course)), text, "sheet.txt").answers
    return {str(each.answer.name): each.verdict for each in answers}


@pytest.mark.parametrize(("text", "course"), [
    ("delta_3 = 0.1475\ndelta_1 = delta_3 w5 = 0.118", COURSE),  # the figure of dL/dh_h1
    ("delta_3 = 0.1475\ndelta_1 = 0.118", COURSE),
    ("d_3 = 0.1475\nd_1 = d_3*w5 = 0.118", LETTERED),
    ("| unit | delta |\n|---|---|\n| delta_3 | 0.1475 |\n| delta_1 | 0.118 |", COURSE),
])  # fmt: skip
def test_a_declared_error_term_is_no_derivative_by_another(text: str, course: str) -> None:
    report = check(Marking(loads(course)), text, "sheet.md")
    assert [(each.answer.name, each.verdict) for each in report.answers] == [
        ("dL/dz_o", "rounded"), ("dL/dz_h1", "wrong"),
    ]  # fmt: skip
    assert not report.unread


@pytest.mark.parametrize("further", [
    "w1' = w1 + lr*delta_1*x1 = 0.3939\nb3' = b3 + lr*delta_3 = 0.1262",
    "dL/dw1 = -delta_1*x1 = 0.01213\ndL/db3 = 0.1475",
    "w1' = 0.3939\nw5' = 0.7476",
])  # fmt: skip
def test_error_terms_whose_whole_sheet_shows_them_turned_are_right(further: str) -> None:
    found = verdicts(TURNED + further)
    assert len(found) == 5
    assert {*found.values()} == {"rounded"}
    report = check(Marking(loads(COURSE)), TURNED + further, "sheet.txt")
    assert report.taken["-delta_3"] == "dL/dz_o"


@pytest.mark.parametrize("further", [
    "",  # nothing shows that this is more than a mistake
    "dL/dw1 = delta_1*x1 = -0.01213\ndL/db3 = -0.1475",
    "w1' = w1 - lr*delta_1*x1 = 0.4061\nb3' = b3 - lr*delta_3 = 0.2738",
])  # fmt: skip
def test_a_flipped_sign_that_is_gone_on_from_is_a_mistake(further: str) -> None:
    found = verdicts(TURNED + further)
    assert found.pop("dL/dz_o") == "wrong"
    assert {*found.values()} == {"follows"}


def test_a_declared_error_term_is_not_in_doubt_for_one_wrong_figure() -> None:
    assert verdicts("d_1 = 0.3", LETTERED) == {"dL/dz_h1": "wrong"}


def test_a_sign_in_words_holds_for_a_declared_name_with_one_figure() -> None:
    text = "Here delta_j = -dL/dnet_j for each unit j.\n\ndelta_3 = -0.1475"
    (found,) = read(text, "sheet.txt", loads(COURSE)).assertions
    assert (found.quantity, formula_text(found.said.expression)) == ("dL/dz_o", "0.1475")
