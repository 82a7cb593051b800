"""Sheets that strangers marked at their desk: what was not read, what it costs, what is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backcalc import step as sheet_of_step
from backcalc.checking.checked import report_sheet
from backcalc.checking.heads import headed
from backcalc.checking.marked_copy import marked_copy
from backcalc.checking.report import Marking, Report, check
from backcalc.formats import text
from backcalc.formulas.notation import UNICODE, phrase_text
from backcalc.loading.loader import load, loads

NETWORK = """\
inputs: {x1: 0.6, x2: -0.8}
targets: {t: 0.2}
weights: {v11: 0.3, v12: -0.5, v21: 0.2, v22: 0.7, w1: 0.9, w2: -0.6}
biases: {c1: 0.1, c2: -0.2, d: 0.25}
nodes:
  1: {from: {x1: v11, x2: v12}, bias: c1, activation: tanh}
  2: {from: {x1: v21, x2: v22}, bias: c2, activation: tanh}
  3: {from: {1: w1, 2: w2}, bias: d, activation: sigmoid}
loss: half_l2
learning_rate: 0.5
names: {z1: a_1, z2: a_2, h1: h_1, h2: h_2, z3: u, yhat: o, L: E,
        dL/dz3: delta_o, dL/dz1: delta_1, dL/dz2: delta_2}
"""
DELTAS = "delta_1 = 0.0601\ndelta_2 = -0.0420\n"


def marked(sheet: str, ask: str = "", name: str = "a.txt") -> Report:
    return check(Marking(loads(NETWORK + (f"ask: {ask}\n" if ask else ""))), sheet, name)


def verdicts(report: Report) -> dict[str, str]:
    return {each.name: each.verdict for each in report.answers}


def said(report: Report, name: str) -> str:
    return next(phrase_text(e.comment, UNICODE) for e in report.answers if e.name == name)


@pytest.mark.parametrize(
    ("unread", "line", "verdict"),
    [
        ("E_{v_{12}} = 0.036", "v12' = -0.518", "undecided"),
        ("dE/dv_l2 = 0.0361", "v12' = -0.5180", "undecided"),
        ("G_{12} = 0.036", "v12' = -0.5 - 0.5*0.036 = -0.518", "undecided"),
        ("G = (0.036, 0.060)", "v12' = -0.518", "undecided"),
        ("E_{v_{12}} = 0{,}036", "v12' = -0.518", "undecided"),
        ("E_{v_{12}} = -0.048", "v12' = -0.518", "wrong"),  # what stands there does not give it
        ("G_{12} = 0.2", "v12' = -0.518", "wrong"),
        ("E_{v_{22}} = 0.034", "v22' = 0.7 - (0.034) = 0.666", "wrong"),  # it stands there right
        ("E_{c_1} = 0.0361\nE_{a_1} = 0.0601", "c1' = 0.082", "undecided"),
    ],
)
def test_a_line_that_an_unread_figure_explains_is_undecided(
    unread: str, line: str, verdict: str
) -> None:
    deltas = "" if line.startswith("c1") else DELTAS
    report = marked(f"{deltas}\n{unread}\n{line}\n")
    assert report.unread
    assert [each.verdict for each in report.answers][-1] == verdict
    comments = " ".join(phrase_text(each.comment, UNICODE) for each in report.answers)
    assert "leaves out" not in comments


@pytest.mark.parametrize("said", ["-0.12/0", "log(0)", "\\sqrt{-1}", "1e999", "0.1/0*x1"])
def test_a_line_without_a_value_is_not_read_and_the_others_are_marked(said: str) -> None:
    report = marked(f"a_1 = 0.68\ndE/dw1 = {said}\n")
    assert verdicts(report) == {"z1": "correct"}
    (unread,) = report.unread
    assert unread.reason in ("it has no value", "1e999 cannot be read as a number")
    report = marked(f"$a_1 = {said}$\n\n$h_1 = 0.3$\n", "[a_1, h_1]")
    assert verdicts(report) == {"z1": "unread", "h1": "undecided"}


def test_what_may_stand_unread_is_at_stake() -> None:
    ask = "[a_1, {a_2: {points: 3}}, {h_1: {points: 2}}, u]"
    report = marked("u = 1.1213\nq: .6800, -.6400\n10:00\nLeo: 4\n", ask)
    assert said(report, "z1").startswith("Not found: ")
    assert report.at_stake >= 5
    assert report.score == 1
    assert marked("u = 1.1213\nw1 = ??? 0.9\n", ask).at_stake == 0  # it is of what is known
    assert said(marked("u = 1.1213\n", ask), "z1") == "There is no answer."
    one = marked("u = 1.1213\nq = 0.68\n", ask)
    assert one.at_stake == 3
    shown = text.render(report_sheet(one), UNICODE)
    assert "6 points in lines that were not found (z1, z2, h1), where 3 may be earned in" in shown


@pytest.mark.parametrize(
    ("line", "verdicts", "stake"),
    [
        ("a_1 drops out at 0.68 here", {"z1": "unread", "z2": "missing"}, 1),
        ("a_1 and a_2 may be 0.68 or -0.64", {"z1": "unread"}, 2),
        ("| epoch | q |\n|---|---|\n| 1 | 0.68 |\n| 2 | -0.64 |", {"z1": "missing"}, 2),
        ("a_1 = same = formula 0.68", {"z1": "unread", "z2": "missing"}, 1),
        ("| q | v |\n|---|---|\n| Kram a_1 | 0.68? |", {"z1": "unread", "z2": "missing"}, 1),
        ("| q | v |\n|---|---|\n| summe eins | 0.68 |", {"z1": "missing"}, 1),
    ],
)
def test_what_stands_in_a_line_of_words_or_a_row_is_at_stake_too(
    line: str, verdicts: dict[str, str], stake: int
) -> None:
    report = marked(f"u = 1.1213\n\n{line}\n", "[a_1, a_2, dE/dw1, u]")
    found = {each.name: each.verdict for each in report.answers}
    assert {name: found[name] for name in verdicts} == verdicts
    assert report.at_stake == stake


def test_a_link_holds_with_the_numbers_behind_its_figures() -> None:
    top = "delta_o = 0.1027\ndE/dw1 = 0.0608\ndE/dw2 = -0.0580\nw2' = -0.5710\n"
    report = marked(f"{top}dE/dh2 = 0.1027*(-0.5710) = -0.0587\n")
    assert said(report, "dL/dh2").startswith("You used updated weights")
    report = marked(f"{top}dE/dh2 = 0.1027*(-0.5710) = -0.0597\n")
    assert " is -0.05864, not -0.0597." in said(report, "dL/dh2")


def test_a_line_that_bears_the_points_of_another_says_so() -> None:
    report = marked("delta_o = 0.1027\ndE/dh1 = 0.0893\ndelta_1 = 0.0580\n", "[delta_o, delta_1]")
    assert said(report, "dL/dz1").endswith("Its points are lost for ∂L/∂h1, which is not asked.")


FORWARD = "a_1 = 0.680\na_2 = -0.640\nh_1 = 0.592\nh_2 = -0.565\n"


def test_a_sign_is_the_same_mistake_only_where_the_same_sign_is_meant() -> None:
    report = marked(f"{FORWARD}u = 0.444\ndelta_o = 0.097\ndE/dw2 = 0.055\n")
    assert [name for name, each in verdicts(report).items() if each == "wrong"] == ["z3", "dL/dw2"]
    report = marked(f"{FORWARD}delta_o = 0.1027\ndE/dw1 = -0.0608\ndE/dw2 = 0.0580\n")
    assert verdicts(report)["dL/dw2"] == "again"  # the sign of one delta, in both
    copy = text.render(marked_copy(report), UNICODE)
    assert len(re.findall(r"Right: -?0\.0\d+", copy)) == 2


@pytest.mark.parametrize(
    ("line", "slip"),
    [
        ("dE/dc1 = delta_1*x1 = 0.0361", "input-for-bias"),
        ("dE/dc1 = 0.0601*0.6 = 0.0361", "input-for-bias"),
        ("dE/dc1 = 0.0361", "copied"),
    ],
)
def test_a_bias_has_no_input_as_a_factor(line: str, slip: str) -> None:
    report = marked(f"{DELTAS}dE/dv11 = 0.0361\n{line}\n")
    assert report.first is not None
    assert report.first.finding is not None
    assert report.first.finding.slip.name == slip


@pytest.mark.parametrize(
    ("sheet", "name"),
    [
        ("Student: Ada Byron, student no. 3052290\n", "Ada Byron"),
        ("% Ada Byron, Mat.-Nr. 123\n", "Ada Byron"),
        ("## Ex 4 -- Ada Byron / 2970013\n", "Ada Byron"),
        ("**Ada Byron**, Matrikelnummer 3065432, Gruppe Mi\n", "Ada Byron"),
        ("Ada Byron\nMatriculation 3120077\n", "Ada Byron"),
        ("Subject: Ex\nFrom: Ada Byron <ada@example.org>\n", "Ada Byron"),
        ("From: ada@example.org\n", ""),
        ('{"cells": [{"source": ["Name: Ada Byron\\n"]}]}', "Ada Byron"),
        ("Sheet 5, task 1          Ada Byron, Matr. 4711234\n", "Ada Byron"),
        ("Backward Pass 1234567\nz1 = 12345\n", ""),
        ("Name: Person 1\n", "Person 1"),
    ],
)
def test_whose_sheet_it_is(sheet: str, name: str) -> None:
    assert headed(sheet, "a.ipynb", lambda _: False)[0].name == name


@pytest.mark.parametrize(
    "line", ["# {}", "\\section*{{{}}}", "{}", "{} Aufgabe 2", "{}\u2003Blatt 2"]
)
def test_a_name_may_stand_alone_at_the_head(line: str) -> None:
    for words in ("Ada Byron", "Lee Wei Ming", "Chain Rule", "Mean Squared Error", "TU Berlin"):
        name = headed(f"{line.format(words)}\n\n$z_1 = 1$\n", "a.md", lambda _: False)[0].name
        assert name == (words if words[:3] in ("Ada", "Lee") else "")


def test_the_parameters_are_asked_without_what_lies_between() -> None:
    names = [each.name for each in marked("u = 1.1213\n", "[parameter_gradients]").answers]
    assert names[1:] == [f"dL/d{each}" for each in names_of_parameters()]


def names_of_parameters() -> list[str]:
    network = loads(NETWORK)
    order = [each.name for each in marked("u = 1\n", "[gradients]").answers]
    return [each[4:] for each in order if each[4:] in network.weights]


def test_a_fair_copy_below_the_draft_is_read_as_the_same_pass() -> None:
    net = loads(NETWORK.partition("names:")[0])
    rows = sheet_of_step(net).rows()
    draft = "\n".join(f"{row['name']} = {row['value']:.4f}" for row in rows)
    report = check(Marking(net), f"{draft}\n\n{draft}\n", "a.txt")
    assert (len(report.answers), report.unread) == (2 * len(rows), ())
    assert {each.verdict for each in report.answers} <= {"correct", "rounded"}


def test_what_many_missing_lines_have_in_common_is_said_once() -> None:
    sheet = "u = 1.1213\n\n| epoch | q |\n|---|---|\n| 1 | 0.68 |\n| 2 | -0.64 |\n"
    shown = text.render(report_sheet(marked(sheet, "[a_1, a_2, dE/dw1, u]")), UNICODE)
    assert shown.count("could not be read, see below") == 1


def test_values_that_are_too_few_are_counted(tmp_path: Path) -> None:
    network = tmp_path / "net.yaml"
    network.write_text(
        "inputs: {x1: 1}\ntargets: {t: 1}\nloss: mse\nlayers:\n"
        "  - {name: a, units: 2, activation: tanh, weights: [[1], [2]]}\n"
        "  - {name: o, units: 1, activation: identity, weights: [[1, 1]]}\n", "utf-8",
    )  # fmt: skip
    report = check(Marking(load(network)), "$z^{(1)} = 0.6$\n\n$L = 0.5$\n", "a.md")
    (unread,) = report.unread
    assert unread.reason == "more or fewer values are written here than the quantity has, namely 2"


def test_written_numbers_keep_their_noughts_and_long_ones_are_cut() -> None:
    number = f"0.{'12345' * 80}"
    report = marked("$a = (0.680, -0.640)^T$\n", name="a.md")
    assert [each.answer.text for each in report.answers] == ["0.680", "-0.640"]
    report = marked(f"z1 = 0.68\nL = {number}\n")
    assert "0.123451234512…512345  " in text.render(report_sheet(report), UNICODE)
