"""Variants as numerical questions for Moodle.

The format is described at https://docs.moodle.org/en/Moodle_XML_format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from math import lcm

from backcalc.worksheets.questions import Handout, Question, sheet_html

WHOLE = "whole sheet"
"""The category of the questions that ask all lines at once."""


def files(handout: Handout) -> dict[str, str]:
    """Write a category for each line, in it the line's question from every variant.

    So a quiz can draw `this line of any variant` at random. A last category has for each variant
    one question with a field for each line (Cloze).
    """
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    for line, questions in handout.lines.items():
        parts += _category(handout.title, line)
        for question in questions:
            parts += _question(question)
    parts += _category(handout.title, WHOLE)
    for variant in handout.variants:
        own = [each for each in handout.questions if each.variant == variant.name]
        parts += _cloze(variant.name, sheet_html(variant.exercise), own)
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


def _cloze(variant: str, sheet: str, questions: Iterable[Question]) -> Iterator[str]:
    """Yield one question with all lines of a variant, which weigh what they are worth."""
    questions = sorted(questions, key=lambda each: each.place)
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
    """HTML in which no brace begins a field."""
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
