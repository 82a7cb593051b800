"""Variants as numerical questions for Moodle.

The format is described at https://docs.moodle.org/en/Moodle_XML_format.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from backcalc.worksheets.questions import Handout, Question


def files(handout: Handout) -> dict[str, str]:
    """Write a category for each line, in it the line's question from every variant.

    So a quiz can draw `this line of any variant` at random.
    """
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    for line, questions in handout.lines.items():
        parts += _category(handout.title, line)
        for question in questions:
            parts += _question(question)
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


def cdata(text: str) -> str:
    """Wrap a text so that XML takes it as it stands."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
