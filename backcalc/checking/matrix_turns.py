"""Vectors and matrices asked in a quiz: their hints, and an answer as it is marked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from backcalc.checking.key import Key
from backcalc.checking.matrix_marks import right_formula, right_rows, shapes_of
from backcalc.checking.report import Marking, check
from backcalc.checking.verdict import UNDECIDED, Answer, Marked, NumberRows
from backcalc.equations.matrix_form import elements_called, shape_called
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Name, names_in, renamed
from backcalc.formulas.matrices import entrywise
from backcalc.formulas.notation import PLAIN, Phrase, phrase_text, rounded
from backcalc.formulas.quantity import Derivative, Quantity, parsed
from backcalc.loading.policies import policies
from backcalc.reading.matrix_answers import formula_in_signs, readings
from backcalc.sheets.worked import joined


@lru_cache(maxsize=1)
def _marking(key: Key) -> Marking:
    """How the answers of a quiz are marked."""
    return Marking(key.network, key.rate, policies(key.network.marking))


def _place(key: Key, names: Sequence[str]) -> float:
    """Where a quantity stands on the sheet, by the first of its elements."""
    return min(key.order.get(each, -1) for each in names)


def judged_line(key: Key, name: str, text: str, earlier: Sequence[Answer]) -> Marked:
    """The verdict on a text that was typed for a quantity, with the answers before it.

    Raises BackcalcError where it cannot be read, or uses what comes later on the sheet.
    """
    form = key.network.matrix_form
    own = elements_called(parsed(name), form.shapes)
    shape = shape_called(parsed(name), form.shapes)
    if shape and len(own) == 1 and not set("[(=") & {*text} and not any(map(str.isalpha, text)):
        text = f"[{text}]"  # a bare number for a vector of one
    lines = [f"{each.name} = {each.text}" for each in earlier]
    report = check(_marking(key), "\n".join([*lines, f"{name} = {text}"]), "answer", "answers")
    found = [each for each in report.answers if each.name == name and each.answer.text]
    if not found or len(report.unread) > 0:
        reason = report.unread[-1].reason if report.unread else "this does not answer the question"
        hint = f"{name} is {shape}: write [[1, 2], [3, 4]], or a formula" if shape else None
        raise BackcalcError(reason, hint=hint)
    if found[-1].verdict == UNDECIDED:
        said = phrase_text(found[-1].comment, PLAIN).rstrip(".")
        hint = "write it in another way, or in numbers" if found[-1].formula is not None else None
        raise BackcalcError(said, hint=hint)
    for meant in readings(formula_in_signs(text, key.network) or "", form):
        for used in map(parsed, names_in(meant)):
            others = elements_called(used, form.shapes)
            if used != name and _place(key, others) >= _place(key, own):
                raise BackcalcError(f"{used} comes only later on the sheet")
    return found[-1]


def matrix_hints(key: Key, name: Quantity) -> tuple[Phrase, ...]:
    """What a quantity depends on, its rule, the numbers put in; last the answer.

    None for an element, whose formula is one of scalars.
    """
    form = key.network.matrix_form
    formula, shape = right_formula(name, key.network), shape_called(name, form.shapes)
    answer: Phrase = (Name(name), " = ", right_text(key, name))
    if formula is None:
        said: Phrase = (f"{name} is {shape}",)
        return (said, answer, answer, answer) if shape else ()
    steps = name.step - bool(name.step and name.at_step(0) in form.weights)
    moving = {*form.weights, *(line.name for line in form.lines)}

    def at_step(used: str) -> Quantity:
        own = parsed(used)
        moves = isinstance(own, Derivative) or own in moving
        return own.after(steps) if moves else own

    shown = renamed(entrywise(formula, shapes_of(form)), at_step)
    used = names_in(shown)
    depends = joined([(Name(each),) for each in used])
    numbers = joined([(Name(each), " = ", right_text(key, each)) for each in used])
    behind = (f"   ({shape})",) if shape else ()
    rule: Phrase = (Name(name), " = ", shown, *behind)
    told = (Name(name), " depends on ", *depends)
    return told, rule, (*rule, " with ", *numbers), (*rule, " = ", right_text(key, name))


def right_text(key: Key, name: str) -> str:
    """The right numbers of a quantity as they are typed: [[1, 2], [3, 4]]."""
    form = key.network.matrix_form
    if shape_called(parsed(name), form.shapes):
        return _typed(right_rows(parsed(name), key, form))
    return rounded(key.value(name) if name in key.lines else key.given[name])[0]


def _typed(rows: NumberRows) -> str:
    cells = (_typed(each) if isinstance(each, tuple) else rounded(each)[0] for each in rows)
    return f"[{', '.join(cells)}]"
