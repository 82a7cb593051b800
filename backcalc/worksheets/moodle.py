"""Variants as numerical questions for Moodle, and as a table of answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from html import escape
from io import StringIO

from backcalc.checking.checked import points
from backcalc.checking.gradebook import cell
from backcalc.equations.calculation import Calculation, Step
from backcalc.equations.program import needed
from backcalc.errors import printable
from backcalc.formulas.expression import Call, Name, Number, walk
from backcalc.formulas.notation import DIGITS, UNICODE, Phrase, phrase_text, rounded
from backcalc.sheets import worked
from backcalc.sheets.blocks import Sentences
from backcalc.sheets.worked import Wishes
from backcalc.worksheets.asked import Exercise, given, room
from backcalc.worksheets.search import Variant

HEADS = ("variant", "quantity", "value", "exact", "points")
TAKEN = 12  # digits of a right answer


def csv_text(variants: Iterable[Variant]) -> str:
    """Write a row for each answer: variant, quantity, value, exact value, points.

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
    """Write a Moodle quiz: a category for each variant, a numerical question for each answer.

    Work whose figures have this many significant digits is right. The format is described at
    https://docs.moodle.org/en/Moodle_XML_format.
    """
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    for variant in variants:
        parts += _category(title, variant)
        widths = room(variant.exercise, digits)
        for place, step in enumerate(variant.exercise.steps, 1):
            width = rounded(widths[step.name], DIGITS)[0]
            parts += _question(variant, place, step, digits, width)
    return "\n".join([*parts, "</quiz>"]) + "\n"


def _category(title: str, variant: Variant) -> Iterator[str]:
    """Yield the category of a variant's questions; Moodle reads two slashes as one in a name."""
    name = " ".join(printable(title).split()).replace("/", "//")
    yield '  <question type="category">'
    yield f"    <category><text>$course$/top/{escape(name)}/{variant.name}</text></category>"
    yield "  </question>"


def _question(variant: Variant, place: int, step: Step, digits: int, width: str) -> Iterator[str]:
    """Yield one answer as a question."""
    sheet = _sheet(variant.exercise, step)
    quantity = _html((Name(step.name),), variant.exercise.calculation)
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


def _sheet(exercise: Exercise, step: Step) -> str:
    """Return the sheet of a question as HTML, with nothing in it that the file could inject.

    Each question stands alone: of a value it gives what that is computed from, else all.
    """
    calculation, network = exercise.calculation, exercise.network
    forward = calculation.program.forward
    first = any(equation.name == step.name for equation in forward)
    wanted = needed(forward, step.name if first else calculation.of)
    lines = [equation for equation in forward if equation.name in wanted]
    givens: list[Phrase] = [
        (Name(name), " = ", Number(value))
        for name, value in given(network, calculation).items()
        if name in wanted or not first
    ]
    shown: list[Phrase] = [("Given: ", *worked.joined(givens))]
    shown += [(Name(line.name), " = ", line.expression) for line in lines]
    parts = (part for line in lines for part in walk(line.expression))
    if not first or any(isinstance(each, Call) and each.function.name == "log" for each in parts):
        shown += _conventions(calculation)
    return f"<p>{'<br>'.join(_html(line, calculation) for line in shown)}</p>"


def _conventions(calculation: Calculation) -> Iterator[Phrase]:
    """Yield the conventions of derivatives and updates that no formula shows."""
    network = calculation.network
    if network.frozen:
        yield ("frozen: ", *worked.joined([(Name(name),) for name in network.frozen]))
    if not network.descent.plain:
        yield (f"optimizer: {network.descent.optimizer.name}",)
    *_, last = worked.introduction(calculation, Wishes())
    assert isinstance(last, Sentences)
    yield from (line for line in last.lines[:-1] if not str(line[0]).startswith("loss"))


def _html(phrase: Phrase, calculation: Calculation) -> str:
    network = calculation.network
    notation = UNICODE.with_numbers(DIGITS, network.fractions, network.names)
    return escape(printable(phrase_text(phrase, notation)))


def cdata(text: str) -> str:
    """Wrap a text so that XML takes it as it stands."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"
