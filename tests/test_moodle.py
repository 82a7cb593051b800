"""Variants as a Moodle quiz and as a table of answers, read back by a reader of its own."""

from __future__ import annotations

import csv
import itertools
import re
from fractions import Fraction
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import ROOT

from backcalc.formulas.expression import Expression, Negation, Product, Sum, evaluate
from backcalc.loading.loader import load, loads
from backcalc.worksheets import answers_table, moodle
from backcalc.worksheets.asked import last_digit, room
from backcalc.worksheets.class_folder import network_text
from backcalc.worksheets.moodle import cdata
from backcalc.worksheets.questions import Handout
from backcalc.worksheets.search import search, variants

HOSTILE = r"""
title: "=cmd|'/C calc'!A0 <script>document.title='x'</script> ]]> & \\input{x}/y"
inputs: {x: 1}
targets: {y: -3}
weights: {w0: 0.5, größe: 0.5}
nodes:
  0: {from: {x: w0}, activation: relu}
  ü: {from: {0: größe}, activation: identity}
loss: l2
learning_rate: 0.1
points: {dL/dw0: 2}
"""


@pytest.mark.sweep
def test_the_moodle_quiz_holds_every_answer_with_its_tolerance() -> None:
    found = [*variants(search(load("mazur")), 7, 2)]
    text = moodle.files(Handout("Mazur", found, {}, 3))["moodle.xml"]
    categories: dict[str, list[ElementTree.Element]] = {}
    for question in ElementTree.fromstring(text):
        if question.get("type") == "category":
            place = question.findtext("category/text")
            assert place not in categories
            categories[place] = []
        else:
            categories[place].append(question)
    assert [each.get("type") for each in categories.pop("$course$/top/Mazur/whole sheet")] == [
        "cloze", "cloze",
    ]  # fmt: skip
    steps = [*zip(*(each.exercise.steps for each in found), strict=True)]
    for number, (own, (place, questions)) in enumerate(
        zip(steps, categories.items(), strict=True), 1
    ):
        line = f"{number:03} {own[0].name}"
        assert place == "$course$/top/Mazur/" + line.replace("/", "//")
        for question, step, each in zip(questions, own, found, strict=True):
            answer = question.find("answer")
            assert answer.get("fraction") == "100"
            value, width = (float(answer.findtext(tag)) for tag in ("text", "tolerance"))
            exact = float(step.value)
            assert value == pytest.approx(exact, rel=1e-11)
            assert abs(float(f"{exact:.3g}") - value) <= width < abs(exact)
            assert question.findtext("name/text") == f"{each.name} {line}"
            assert question.findtext("defaultgrade") == "1"


FIELD = re.compile(r"\{(\d+):(NUMERICAL|SHORTANSWER|MULTICHOICE):((?:\\.|[^\\}])*)\}")
"""A field, as Moodle finds it in a text (question/type/multianswer/questiontype.php)."""


@pytest.mark.sweep
@pytest.mark.parametrize(
    "ask",
    ["", "ask: [z0, {h0: 2.5}, {dL/dw0: {points: 0.75, digits: 3}}, dead, slip, {falls: 3}]"],
)
def test_one_question_asks_the_whole_sheet(ask: str) -> None:
    """Read back as Moodle does: the weights are in proportion to the points, the answers right."""
    text = (ROOT / "networks" / "skip.yaml").read_text("utf-8").partition("expect:")[0]
    network = loads(f"{text}\n{ask}\n")
    found = [*variants(search(network), 7, 2)]
    root = ElementTree.fromstring(moodle.files(Handout("A", found, {}, 4))["moodle.xml"])
    wholes = [each.findtext("questiontext/text") for each in root.iterfind("*[@type='cloze']")]
    assert [e.findtext("name/text") for e in root.iterfind("*[@type='cloze']")] == [
        "variant-01 whole sheet", "variant-02 whole sheet",
    ]  # fmt: skip
    for variant, whole in zip(found, wholes, strict=True):
        own = variant.exercise
        steps = {each.name: each for each in own.steps}
        points = {each.name: own.worth(each.name) for each in (*own.steps, *own.queries)}
        for one, other in (("yhat", "z2"), ("dL/dz2", "dL/dyhat"), ("yhat'", "z2'")):
            if one in points:  # they have one field, which is worth both
                points[other] += points.pop(one)
                steps.pop(one)
        fields = FIELD.findall(whole)
        worths = zip(fields, points.values(), strict=True)
        parts = {Fraction(int(weight), 1) / worth for (weight, _, _), worth in worths}
        assert len(parts) == 1
        assert "{" not in FIELD.sub("", whole)
        for step, (_, kind, answer) in zip(steps.values(), fields, strict=False):
            right, value, width = re.split("[=:]", answer)
            assert (right, kind) == ("", "NUMERICAL")
            assert float(value) == pytest.approx(float(step.value), rel=1e-11)
            assert 0 < float(width) < max(abs(float(value)), 1)
        for query, (_, kind, answer) in zip(own.queries, fields[len(steps) :], strict=True):
            each = [one.removeprefix("=") for one in answer.split("~") if one[:1] == "="]
            assert kind in ("SHORTANSWER", "MULTICHOICE")
            assert re.sub(r"\\(.)", r"\1", each[0]) == query.form.spellings(query.right)[0]
    assert wholes[0].count("One line is wrong") == ("slip" in ask)
    assert wholes[0].count("what was done") == ("slip" in ask)  # its table stands there once


def test_signs_of_a_field_are_told_from_those_of_an_answer() -> None:
    said = moodle._plain('a}b~c#d/e"f\\g<h')
    assert said == 'a\\}b\\~c\\#d\\/e\\"f\\\\g&lt;h'
    assert FIELD.fullmatch(f"{{1:SHORTANSWER:={said}}}")
    assert not FIELD.search(moodle._held("{1:NUMERICAL:=2:0}"))


WORDS = {
    r"\\[()]|\\(?:left|right)(?!\w)|\\(?:left|right)\\[lr]vert|\\[lr]vert": "", r" \\cdot ": "·",
    r"\\(?:operatorname|mathrm)\{(\w+)\}": r"\1", r"\\hat\{(\w)\}": r"\1hat", "yhat": "ŷ",
    r"\\(mu|beta|log|max|tanh)": r"\1", r"\\varepsilon": "eps",
    r"\\frac\{\\partial (.+?)\}\{\\partial (.+)\}": r"∂\1/∂\2",
    r"\^\{2\}": "²", r"\^\{\((\d)\)\}": r"[\1]", r"_\{(\w+)\}": r"\1", r"1·10\^\{-8\}": "1e-8",
    r"\\frac\{([^{}]+)\}\{(\w+)\}": r"\1/\2",
}  # fmt: skip
"""What MathJax shows for the commands of a question, as a line of text."""


def shown(text: str) -> str:
    """A question as a person sees it; MathJax has set what stands between its marks."""
    assert text.count(r"\(") == text.count(r"\)") > 0
    text = unescape(text)
    outside = re.sub(r"\\\(.*?\\\)|<[^>]*>", "", text)
    assert not re.search(r"[\\_^∂·{}]|\w\d", outside), outside
    for command, seen in WORDS.items():
        text = re.sub(command, seen, text)
    return text


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["skip", "xor", "adam", "mazur"])
def test_a_question_gives_all_that_its_answer_needs_and_no_more(name: str) -> None:
    (found,) = variants(search(load(name)), 7, 1)
    text = moodle.files(Handout("", [found], {}, 4))["moodle.xml"]
    root = ElementTree.fromstring(text)
    calculation = found.exercise.calculation
    values = {name.replace("_", ""): value for name, value in found.exercise.values.items()}
    forward = {step.name for step in calculation.forward}
    slopes = {step.name for step in calculation.backward}
    texts = [each.findtext("questiontext/text") for each in root.iterfind("*[@type='numerical']")]
    for step, text in zip(found.exercise.steps, map(shown, texts), strict=True):
        given, *formulas = text.removeprefix("<p>Given: ").partition("</p>")[0].split("<br>")
        numbers = dict(item.split(" = ") for item in given.split(", "))
        for quantity, number in numbers.items():
            assert Fraction(number) == values[quantity.replace("ŷ", "yhat")]
        known, used = {*numbers}, set()
        for line in itertools.takewhile(lambda each: "the old weights" not in each, formulas):
            left, equals, right = line.replace("²", "").partition(" = ")
            if equals and " " not in left:
                read = {*re.findall(r"[^\W\d]\w*(?:\[\d\])?(?!\w*\()", right)}
                assert read <= known, line
                known.add(left)
                used |= read
        assert step.name not in forward or step.name.replace("yhat", "ŷ") in known
        assert step.name not in forward | slopes or {*numbers} <= used
        samples = {*re.findall(r"\[\d\]", step.name)}
        assert not samples or "'" in step.name or {*re.findall(r"\[\d\]", text)} == samples
        assert ("the old weights" in text) == (step.name not in forward | slopes)


@pytest.mark.parametrize(
    ("value", "digits", "width"),
    [("1", 3, ".01"), ("999", 3, "1"), ("1000", 3, "10"), ("-.0123", 2, ".001"), ("0", 2, ".01")],
)  # fmt: skip
def test_the_last_digit_is_one_unit(value: str, digits: int, width: str) -> None:
    assert last_digit(float(value), digits) == float(width)


def by_hand(node: Expression, values: dict[str, float], *, by_parts: bool) -> float:
    """A formula worked with four digits: its result alone, or every part of it too."""
    match node:
        case Sum(terms):
            value = sum(by_hand(term, values, by_parts=by_parts) for term in terms)
        case Negation(operand):
            value = -by_hand(operand, values, by_parts=by_parts)
        case Product(factors):
            value = 1.0
            for factor in factors:
                value *= by_hand(factor, values, by_parts=by_parts)
                value = float(f"{value:.4g}") if by_parts else value
        case _:
            value = float(evaluate(node, values))
    return value


@pytest.mark.sweep
@pytest.mark.parametrize("by_parts", [False, True])
@pytest.mark.parametrize("name", ["mazur", "skip"])
def test_faultless_work_with_four_digits_is_right_and_a_wrong_sign_is_not(name, by_parts) -> None:
    outside = 0
    for each in variants(search(load(name)), 3, 10):
        wide = room(each.exercise, 4)
        values = {name: float(value) for name, value in each.exercise.values.items()}
        for step in each.exercise.steps:
            worked = by_hand(step.equation.expression, values, by_parts=by_parts)
            values[step.name] = float(f"{worked:.4g}")
            off = abs(values[step.name] - float(step.value))
            assert off <= wide[step.name] * 1.000001, step.name
            outside += off > last_digit(float(step.value), 4)
            assert abs(-step.value - step.value) > wide[step.name], step.name
    assert bool(outside) == (name == "mazur")


@pytest.mark.sweep
def test_a_matrix_is_shown_whole_and_asked_by_element() -> None:
    found = [*variants(search(load("matrix_columns")), 7, 1)]
    text = moodle.files(Handout("Layers", found, {}, 3))["moodle.xml"]
    rows, vector = r"\[[^\]]+\]", r"\([-0-9., ]+\)\\\({}\^{\\top}\\\)"
    assert re.search(
        rf"Given: \\\(x\\\) = {vector}, \\\(W_\{{1\}}\\\) = \[{rows}, {rows}, {rows}\]", text
    )
    slope = r"\frac{\partial L}{\partial W_{1%s}}"
    assert rf"What is <b>\({slope % ',12'}\) (row 1, column 2 of \({slope % ''}\))</b>" in text
    assert r"What is <b>\(h_{1,3}\) (element 3 of \(h_{1}\))</b>" in text
    assert r"\(z_{1} = W_{1} \cdot x + b_{1}\)" in text


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(HOSTILE, "utf-8")
    network = load(str(path))
    found = [*variants(search(network), 1, 1)]
    handout = Handout(network.title, found, {}, 4)
    text = moodle.files(handout)["moodle.xml"]
    root = ElementTree.fromstring(text)
    assert root[0].findtext("category/text") == (
        "$course$/top/=cmd|'//C calc'!A0 <script>document.title='x'<//script> ]]> & \\input{x}//y"
        "/001 z0"
    )
    assert "<script>" not in "".join(q.findtext("questiontext/text") or "" for q in root)
    assert ElementTree.fromstring(f"<text>{cdata('a]]>b<c>')}</text>").text == "a]]>b<c>"
    rows = [*csv.reader(answers_table.files(handout)["answers.csv"].splitlines())]
    assert rows[0] == ["variant", "quantity", "value", "exact", "points"]
    assert all(len(row) == 5 for row in rows)
    assert not any(row[1].startswith(("=", "+", "-", "@")) for row in rows)
    assert {row[1]: row[4] for row in rows}["dL/dw0"] == "2"
    assert len(loads(network_text(str(path), found[0].exercise)).title) > 60
