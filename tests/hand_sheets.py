"""Sheets as people write them: right to so many digits, or with one mistake in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from backcalc.checking.key import GRADIENT, Key
from backcalc.checking.mistakes.form import Spot
from backcalc.checking.own_work import OwnWork
from backcalc.checking.slips import Slip
from backcalc.checking.verdict import Answer
from backcalc.formulas.expression import (
    Expression,
    Scalar,
    evaluate,
    finite,
)
from backcalc.formulas.functions import FUNCTIONS
from backcalc.formulas.notation import rounded
from backcalc.formulas.parser import parse
from backcalc.formulas.quantity import derivative


def worked_out(expression: Expression, values: Mapping[str, Scalar]) -> Scalar | None:
    """The value of an expression; None where it has none."""
    try:
        value = evaluate(expression, values)
    except (KeyError, ArithmeticError, ValueError):
        return None
    return value if finite(value) else None


@dataclass(frozen=True)
class HandSheet:
    """Figures as they stand on a sheet, each line worked out from the rounded ones before it."""

    figures: dict[str, str]
    """What is written for each quantity."""


def lines_of_a_step(key: Key) -> list[str]:
    """Every line of a sheet of one step but the derivatives by inputs and those after the step."""
    return [
        name
        for name, line in key.lines.items()
        if line.role != GRADIENT
        or not (line.steps or derivative(name).by.stem in key.network.inputs)
    ]


def written(value: Scalar, digits: int, *, trimmed: bool = False) -> str:
    """A number at so many significant digits, zeros at the end written out."""
    text = rounded(value, digits)[0]
    mantissa, power_mark, power = text.partition("e")
    shown = len(mantissa.lstrip("-").replace(".", "").lstrip("0"))
    if value and shown < digits and not trimmed:
        mantissa += ("" if "." in mantissa else ".") + "0" * (digits - shown)
    return mantissa + power_mark + power


def cut_off(value: Scalar, digits: int) -> str:
    """A number at so many significant digits, the others left out; rounded where it is whole."""
    mantissa, power_mark, power = written(value, digits + 3).partition("e")
    whole = "." not in mantissa[:-4]
    return written(value, digits) if whole else mantissa[:-3] + power_mark + power


def sheet(key: Key, digits: int, *, trimmed: bool = False) -> HandSheet:
    """Right work, each figure rounded and the next line worked out from the rounded ones."""
    own: dict[str, Scalar] = dict(key.given)
    figures = {}
    for name in lines_of_a_step(key):
        value = worked_out(key.lines[name].equation.expression, own)
        assert value is not None
        figures[name] = written(value, digits, trimmed=trimmed)
        own[name] = Fraction(figures[name])
    return HandSheet(figures)


def sheets_with(key: Key, slip: Slip, at: str, digits: int) -> Iterator[HandSheet]:
    """Work with one slip in one line, in each way in which it can be made, right from there on."""
    start: dict[str, Scalar] = dict(key.given)
    figures: dict[str, str] = {}
    names = lines_of_a_step(key)
    for name in names[: names.index(at)]:
        value = worked_out(key.lines[name].equation.expression, start)
        assert value is not None
        figures[name] = written(value, digits)
        start[name] = Fraction(figures[name])
    line = key.lines[at]
    work = OwnWork(key, frozenset(figures))
    work.own.at.update({name: float(value) for name, value in start.items()})
    for form in slip.forms(Spot(line, work, digits)):
        wrong = worked_out(form.expression, start)
        if wrong is None:
            continue
        own = {**start, at: Fraction(written(wrong, digits))}
        found = {**figures, at: written(wrong, digits)}
        for name in names[names.index(at) + 1 :]:
            value = worked_out(key.lines[name].equation.expression, own)
            if value is None:
                break
            found[name] = written(value, digits)
            own[name] = Fraction(found[name])
        yield HandSheet(found)


def answers(figures: dict[str, str]) -> list[Answer]:
    """Figures as answers."""
    return [Answer(name, text, parse(text, FUNCTIONS)) for name, text in figures.items()]
