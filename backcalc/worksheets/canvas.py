"""Variants as a Canvas quiz: a group for each line, from which one variant is drawn.

Canvas keeps the tolerance of a number only in QTI 1.2, in the dialect that it exports itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from html import escape

from backcalc.errors import texts
from backcalc.worksheets.qti import check_sizes, zipped
from backcalc.worksheets.questions import Handout, Question

XML = texts(__package__, "canvas.xml")


def files(handout: Handout) -> dict[str, bytes]:
    """Write the package; raises BackcalcError for an answer that Canvas would take for 0."""
    check_sizes(handout)
    groups = "".join(_group(*group) for group in handout.lines.items())
    quiz = XML["quiz"].format(title=escape(handout.title), groups=groups)
    return {"canvas.zip": zipped({"imsmanifest.xml": XML["manifest"], "quiz/quiz.xml": quiz})}


def _group(line: str, questions: list[Question]) -> str:
    """Return the questions of a line, of which Canvas draws one for each person."""
    return XML["group"].format(
        number=line[:3], title=escape(line), points=questions[0].points,
        items="".join(map(_item, questions)),
    )  # fmt: skip


def _item(question: Question) -> str:
    kind = "short_answer_question" if question.spellings else "numerical_question"
    return XML["item"].format(
        question=question, title=escape(question.title), text=escape(question.text),
        kind="multiple_choice_question" if question.choices else kind,
        response=_response(question), condition=_condition(question),
    )  # fmt: skip


def _response(question: Question) -> str:
    """Return the field, or the answers from which one is chosen."""
    if question.choices:
        return XML["choices"].format(labels=_each("choice", question.choices))
    return XML["field"].format(kind="" if question.spellings else ' fibtype="Decimal"')


def _each(text: str, words: Iterable[str]) -> str:
    return "".join(XML[text].format(each=escape(each)) for each in words)


def _condition(question: Question) -> str:
    """Return what is right: one of several texts, or the value and what lies in its bounds."""
    if question.spellings:
        return _each("spelling", question.spellings[: 1 if question.choices else None])
    least, most = question.bounds
    return XML["bounds"].format(value=Decimal(question.value), least=least, most=most)
