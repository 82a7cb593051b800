"""Variants as numerical questions for Moodle.

The format is described at https://docs.moodle.org/en/Moodle_XML_format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape
from math import lcm

from backcalc.checking.key import key_for
from backcalc.formulas.quantity import parsed
from backcalc.worksheets.asked import Exercise
from backcalc.worksheets.questions import Handout, Question, sheet_html

WHOLE = "whole sheet"  # the category of the questions that ask all lines at once


def files(handout: Handout) -> dict[str, str]:
    """Write a category for each line, in it the line's question from every variant.

    So a quiz can draw `this line of any variant` at random. A last category has for each variant
    one question with a field for each line (Cloze), or for two that are one number by its nature.
    """
    handout = replace(handout, latex=True)
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    for line, questions in handout.lines.items():
        parts += _category(handout.title, line)
        for question in questions:
            parts += _question(question)
    parts += _category(handout.title, WHOLE)
    for variant in handout.variants:
        own = [each for each in handout.questions if each.variant == variant.name]
        sheet = sheet_html(variant.exercise, latex=True)
        parts += _cloze(variant.name, sheet, _joined(own, variant.exercise))
    return {"moodle.xml": "\n".join([*parts, "</quiz>"]) + "\n"}


def _category(title: str, line: str) -> Iterator[str]:
    """Yield the category of a line; Moodle reads two slashes as one in a name."""
    path = "/".join(escape(part.replace("/", "//")) for part in (title, line))
    yield '  <question type="category">'
    yield f"    <category><text>$course$/top/{path}</text></category>"
    yield "  </question>"


def _question(question: Question) -> Iterator[str]:
    texts = question.choices or question.spellings
    kind = "shortanswer" if question.spellings else "numerical"
    kind = "multichoice" if question.choices else kind
    yield f'  <question type="{kind}">'
    yield f"    <name><text>{escape(question.title)}</text></name>"
    yield f'    <questiontext format="html"><text>{cdata(question.text)}</text></questiontext>'
    yield f"    <defaultgrade>{question.points}</defaultgrade>"
    if question.choices:
        yield "    <single>true</single>"
    elif question.spellings:
        yield "    <usecase>0</usecase>"
    for value in texts or (question.value,):
        right = not question.choices or value == question.spellings[0]
        yield f'    <answer fraction="{100 * right}" format="moodle_auto_format">'
        yield f"      <text>{escape(value)}</text>"
        if not question.spellings:
            yield f"      <tolerance>{question.width}</tolerance>"
        yield "    </answer>"
    yield "  </question>"


def _joined(questions: Iterable[Question], exercise: Exercise) -> Iterator[Question]:
    """The lines of a sheet, two names of one number as one, such as z2 and its identity ŷ.

    `check` takes one of the two for both; Moodle cannot, so that an empty field would cost points.
    """
    names = [step.name for step in exercise.steps]
    key = key_for(exercise.network, None, max((parsed(each).step for each in names), default=0))
    fields: dict[str, Question] = {}
    for each in sorted(questions, key=lambda each: each.place):
        name = names[each.place - 1] if each.place <= len(names) else each.line
        first = next((other for other in key.also_called(name) if other in fields), "")
        if not first:
            fields[name] = each
            continue
        one = fields[first]
        fields[first] = replace(
            max(one, each, key=lambda two: two.digits),
            quantity=f"{one.quantity} = {each.quantity}", worth=one.worth + each.worth,
        )  # fmt: skip
    yield from fields.values()


def _cloze(variant: str, sheet: str, questions: Iterable[Question]) -> Iterator[str]:
    """Yield one question with all lines of a variant, which weigh what they are worth."""
    questions = [*questions]
    parts = lcm(*(each.worth.denominator for each in questions))
    digits = max((each.digits for each in questions if not each.spellings), default=0)
    text, told = sheet, ""
    if digits:
        text += f"<p>Give {digits} significant digits.</p>"
    text = _held(text)
    for each in questions:
        ask = each.sentence
        if ask and told != (told := each.sheet.removeprefix(sheet)):
            text += _held(told)
        if each.digits != digits and not ask:
            ask = f"To {each.digits} significant digits:"
        label = f"{ask}<br>{each.quantity} = " if ask else f"{each.quantity} = "
        text += f"<p>{_held(label)}{_field(each, int(each.worth * parts))}</p>"
    yield '  <question type="cloze">'
    yield f"    <name><text>{escape(f'{variant} {WHOLE}')}</text></name>"
    yield f'    <questiontext format="html"><text>{cdata(text)}</text></questiontext>'
    yield "  </question>"


def _held(text: str) -> str:
    return text.replace("{", "&#123;").replace("}", "&#125;")


def _field(question: Question, weight: int) -> str:
    """Return the field of a line: what is right in it, and for a number how far off it may be."""
    if question.choices:
        texts = (f"{'=' * (each == question.spellings[0])}{_plain(each)}"
                 for each in question.choices)  # fmt: skip
        return f"{{{weight}:MULTICHOICE:{'~'.join(texts)}}}"
    if question.spellings:
        right = "~".join(f"={_plain(each)}" for each in question.spellings)
        return f"{{{weight}:SHORTANSWER:{right}}}"
    return f"{{{weight}:NUMERICAL:={question.value}:{question.width}}}"


def _plain(text: str) -> str:
    """Return an answer of a field, its signs that mean something there behind a backslash."""
    return re.sub(r"([}#~/\"\\])", r"\\\1", escape(text, quote=False))


def cdata(text: str) -> str:
    """Wrap a text so that XML takes it as it stands."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
