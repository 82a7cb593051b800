"""Variants as a table of all answers."""

from __future__ import annotations

from fractions import Fraction

from backcalc.checking.checked import points
from backcalc.checking.gradebook import cell
from backcalc.formulas.notation import rounded
from backcalc.formulas.quantity import called, parsed
from backcalc.sheets.data import csv_line
from backcalc.worksheets.questions import Handout

HEADS = ("variant", "quantity", "value", "exact", "points")


def files(handout: Handout) -> dict[str, str]:
    """Write a row for each answer: variant, quantity, value, exact value, points.

    A quantity has the network's own word where there is one. Text that a spreadsheet would take
    for a formula is marked as text.
    """
    rows: list[tuple[str, ...]] = [HEADS]
    for variant in handout.variants:
        grades, names = variant.exercise.grades, variant.exercise.network.names
        for step in variant.exercise.steps:
            exact = str(step.value) if isinstance(step.value, Fraction) else ""
            worth = points(grades[step.name])
            quantity = cell(called(parsed(step.name), names) if names else step.name)
            rows.append((variant.name, quantity, rounded(step.value, 17)[0], exact, worth))
        for query in variant.exercise.queries:
            worth = points(variant.exercise.worth(query.name))
            rows.append((variant.name, cell(query.name), cell(query.answer), "", worth))
    return {"answers.csv": "".join(map(csv_line, rows))}
