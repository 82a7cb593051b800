"""Variants as numerical questions for Moodle, and as a table of answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from html import escape
from io import StringIO

from backcalc.calculation import Calculation
from backcalc.checking.asked import Exercise, room
from backcalc.errors import printable
from backcalc.evaluate import Step
from backcalc.expression import Name
from backcalc.notation import DIGITS, UNICODE, Notation, Phrase, phrase_text, rounded
from backcalc.variants.search import Variant
from backcalc.views import worked
from backcalc.views.checked import points
from backcalc.views.gradebook import cell
from backcalc.views.sheet import Heading, Sentences
from backcalc.views.worked import Wishes

HEADS = ("variant", "quantity", "value", "exact", "points")
TAKEN = 12  # digits of a right answer


def csv_text(variants: Iterable[Variant]) -> str:
    """One row for each answer: the variant, the quantity, its value, the exact value, the points.

    Text that a spreadsheet would take for a formula is marked as text.
    """
    import csv  # loaded when used

    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADS)
    for variant in variants:
        for step in variant.exercise.steps:
            exact = str(step.value) if isinstance(step.value, Fraction) else ""
            worth = points(variant.exercise.worth(step.name))
            row = (variant.name, cell(step.name), rounded(step.value, 17)[0], exact, worth)
            writer.writerow(row)
    return stream.getvalue()


def moodle_text(title: str, variants: Iterable[Variant], digits: int) -> str:
    """The variants as a Moodle quiz: one category, a numerical question for each answer.

    Work whose figures have this many significant digits is right. The format is described at
    https://docs.moodle.org/en/Moodle_XML_format.
    """
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>", *_category(title)]
    for variant in variants:
        sheet = _sheet(variant.exercise, Wishes(digits=digits))
        widths = room(variant.exercise, digits)
        for place, step in enumerate(variant.exercise.steps, 1):
            width = rounded(widths[step.name], DIGITS)[0]
            parts += _question(variant, place, step, sheet, digits, width)
    return "\n".join([*parts, "</quiz>"]) + "\n"


def _category(title: str) -> Iterator[str]:
    """Where Moodle puts the questions; a slash in a name is written twice."""
    name = " ".join(printable(title).split()).replace("/", "//")
    yield '  <question type="category">'
    yield f"    <category><text>$course$/top/{escape(name)}</text></category>"
    yield "  </question>"


def _question(
    variant: Variant, place: int, step: Step, sheet: str, digits: int, width: str
) -> Iterator[str]:
    """One answer as a question."""
    quantity = escape(phrase_text((Name(step.name),), _notation(variant.exercise.calculation)))
    ask = f"<p>What is <b>{quantity}</b>, to {digits} significant digits?</p>"
    value, _ = rounded(step.value, TAKEN)
    yield '  <question type="numerical">'
    yield f"    <name><text>{variant.name} {place:03} {escape(step.name)}</text></name>"
    yield f'    <questiontext format="html"><text>{cdata(sheet + ask)}</text></questiontext>'
    yield f"    <defaultgrade>{points(variant.exercise.worth(step.name))}</defaultgrade>"
    yield '    <answer fraction="100" format="moodle_auto_format">'
    yield f"      <text>{value}</text>"
    yield f"      <tolerance>{width}</tolerance>"
    yield "    </answer>"
    yield "  </question>"


def _sheet(exercise: Exercise, wishes: Wishes) -> str:
    """The network and its numbers as HTML, with nothing in it that the file could inject."""
    notation = _notation(exercise.calculation)
    lines = []
    for block in worked.introduction(exercise.calculation, wishes):
        match block:
            case Heading(text):
                lines.append(f"<h4>{_html(text, notation)}</h4>")
            case Sentences(sentences):
                items = "<br>".join(_html(line, notation) for line in sentences)
                lines.append(f"<p>{items}</p>")
    formulas = [(Name(step.name), " = ", step.equation.expression)
                for step in exercise.calculation.forward]  # fmt: skip
    items = "<br>".join(_html(line, notation) for line in formulas)
    return "".join([*lines, f"<h4>Formulas</h4><p>{items}</p>"])


def _notation(calculation: Calculation) -> Notation:
    return UNICODE.with_numbers(DIGITS, calculation.network.fractions)


def _html(phrase: Phrase, notation: Notation) -> str:
    return escape(printable(phrase_text(phrase, notation)))


def cdata(text: str) -> str:
    """A text that XML takes as it stands."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
