"""Variants as a QTI 2.1 package: an item for each question, and a test that draws from each line.

The format is described at https://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from backcalc.errors import BackcalcError, texts
from backcalc.worksheets.questions import Handout, Question

XML = texts(__package__, "qti.xml")
SMALLEST = Decimal("0.0001")
"""The smallest number that Canvas takes: what is nearer to 0 becomes 0 as somebody types it."""


def files(handout: Handout) -> dict[str, bytes]:
    """Write the package; raises BackcalcError for an answer that a platform would take for 0."""
    check_sizes(handout)
    items = {f"items/{each.identifier}.xml": _item(each) for each in handout.questions}
    found = {"imsmanifest.xml": _manifest(handout), "test.xml": _test(handout), **items}
    return {"qti.zip": zipped(found)}


def check_sizes(handout: Handout) -> None:
    """Raise BackcalcError for a right answer that a platform would round to 0."""
    for each in handout.questions:
        for bound in () if each.spellings else (each.value, *each.bounds):
            if Decimal(each.value) and 0 < abs(Decimal(bound)) < SMALLEST:
                message = (
                    f"{each.name} of {each.variant} may be {Decimal(bound):f}, and Canvas takes"
                    f" what is smaller than {SMALLEST} for 0"
                )
                hint = "leave the line out (`points: {...: 0}`), or make the file's numbers larger"
                raise BackcalcError(message, hint=hint)


def zipped(texts: Mapping[str, str]) -> bytes:
    """Return a zip file of texts, the same bytes each time."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as package:
        for name, text in texts.items():
            package.writestr(ZipInfo(name), text.encode(), ZIP_DEFLATED)
    return stream.getvalue()


def _item(question: Question) -> str:
    return XML["item"].format(
        question=question, title=escape(question.title), right=_right(question),
        base="identifier" if question.choices else "string" if question.spellings else "float",
        body=question.text.replace("<br>", "<br/>"), interaction=_interaction(question),
        condition=_condition(question),
    )  # fmt: skip


def _interaction(question: Question) -> str:
    """Return the field, or the answers from which one is chosen."""
    choices = "".join(f'<simpleChoice identifier="{escape(each)}">{escape(each)}</simpleChoice>'
                      for each in question.choices)  # fmt: skip
    start = '<choiceInteraction responseIdentifier="RESPONSE" shuffle="false" maxChoices="1">'
    field = '<p><textEntryInteraction responseIdentifier="RESPONSE" expectedLength="12"/></p>'
    return f"{start}{choices}</choiceInteraction>" if choices else field


def _right(question: Question) -> str:
    return escape(question.spellings[0]) if question.spellings else f"{Decimal(question.value):f}"


def _condition(question: Question) -> str:
    """Return what is right: one of several texts, or what lies within the bounds."""
    if question.choices:
        return ('        <match><variable identifier="RESPONSE"/>'
                '<correct identifier="RESPONSE"/></match>')  # fmt: skip
    if question.spellings:
        texts = "\n".join(
            '          <stringMatch caseSensitive="false"><variable identifier="RESPONSE"/>'
            f'<baseValue baseType="string">{escape(each)}</baseValue></stringMatch>'
            for each in question.spellings
        )
        return f"        <or>\n{texts}\n        </or>"
    least, most = question.bounds
    compared = f"          {_compared('gte', least)}\n          {_compared('lte', most)}"
    return f"        <and>\n{compared}\n        </and>"


def _compared(way: str, bound: str) -> str:
    base = f'<baseValue baseType="float">{bound}</baseValue>'
    return f'<{way}><variable identifier="RESPONSE"/>{base}</{way}>'


def _test(handout: Handout) -> str:
    sections = "".join(
        XML["section"].format(
            number=line[:3], title=escape(line), references=_each("reference", questions)
        )
        for line, questions in handout.lines.items()
    )
    return XML["test"].format(title=escape(handout.title), sections=sections)


def _each(text: str, questions: Iterable[Question]) -> str:
    return "".join(XML[text].format(identifier=each.identifier) for each in questions)


def _manifest(handout: Handout) -> str:
    own = [*handout.questions]
    return XML["manifest"].format(
        dependencies=_each("dependency", own), resources=_each("resource", own)
    )
