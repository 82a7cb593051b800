"""Variants as one PrairieLearn question, which draws a variant for each person.

The format is described at https://prairielearn.readthedocs.io.
"""

from __future__ import annotations

import json
from math import lcm
from uuid import NAMESPACE_URL, uuid5

from backcalc.errors import texts
from backcalc.worksheets.questions import Handout, Question, sheet_html, shown

SERVER = texts(__package__, "platforms.txt")["prairielearn/server.py"]
BRACES = str.maketrans({"{": "&#123;", "}": "&#125;"})
"""What a template would take for its own, spelled out."""


def files(handout: Handout) -> dict[str, str]:
    """Write the folder of the question: a field for each line."""
    variants = [
        {
            "name": each.name,
            "sheet": sheet_html(each.exercise)
            + "".join(shown(each.exercise, own) for own in each.exercise.questions),
            "lines": {_field(own): _right(own) for own in questions if not own.choices},
            "choices": {_field(own): _offered(own) for own in questions if own.choices},
        }
        for each in handout.variants
        for questions in ([own for own in handout.questions if own.variant == each.name],)
    ]
    rows = "".join(f"    {each!a},\n" for each in variants)
    server = SERVER.format(f"[\n{rows}]")
    info = {
        "uuid": str(uuid5(NAMESPACE_URL, server)), "title": handout.title,
        "topic": "Backpropagation", "type": "v3",
    }  # fmt: skip
    return {
        "prairielearn/info.json": json.dumps(info, indent=2) + "\n",
        "prairielearn/question.html": _page(handout),
        "prairielearn/server.py": server,
    }


def _right(question: Question) -> tuple[float | str, float]:
    """Return the right answer, in its usual spelling, and how far off one may be."""
    if question.spellings:
        return question.spellings[0], 0.0
    return float(question.value), float(question.width)


def _offered(question: Question) -> list[dict[str, str]]:
    """Return the answers from which one is chosen."""
    return [{"name": each, "correct": str(each == question.spellings[0]).lower()}
            for each in question.choices]  # fmt: skip


def _field(question: Question) -> str:
    return f"line{question.place:03}"


def _page(handout: Handout) -> str:
    """Return the page: what is given, then the fields; weights are whole numbers there."""
    lines = [group[0] for group in handout.lines.values()]
    whole = lcm(*(each.worth.denominator for each in lines))
    fields = "\n".join(_input(each, int(each.worth * whole), handout.digits) for each in lines)
    return f"""\
<pl-question-panel>
{{{{{{params.sheet}}}}}}
<p>Work out each line to {handout.digits} significant digits.</p>
</pl-question-panel>
{fields}
"""


def _input(question: Question, weight: int, digits: int) -> str:
    """Return the field of a line: for a number, or for the usual spelling of another answer.

    It tells its digits where they are not those of the page.
    """
    if question.choices:
        field, choices = _field(question), f"params.choices.{_field(question)}"
        return (
            f'<p>{question.sentence}</p><pl-multiple-choice answers-name="{field}"'
            f' weight="{weight}" allow-blank="true">{{{{#{choices}}}}}<pl-answer'
            f' correct="{{{{correct}}}}">{{{{name}}}}</pl-answer>{{{{/{choices}}}}}'
            "</pl-multiple-choice>"
        )
    kind, how = "string", 'remove-spaces="true" ignore-case="true"'
    if not question.spellings:
        kind = "number"
        how = f'comparison="relabs" rtol="0" atol="{{{{params.width.{_field(question)}}}}}"'
    own = f"To {question.digits} significant digits:" if question.digits != digits else ""
    words = question.sentence or own
    said = f"{words.translate(BRACES)}<br>" if words else ""
    label = f"{question.quantity} =".translate(BRACES)
    return (
        f'<p>{said}<pl-{kind}-input answers-name="{_field(question)}" label="{label}"'
        f' {how} weight="{weight}" allow-blank="true" blank-value=""></pl-{kind}-input></p>'
    )
