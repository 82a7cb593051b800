"""Plain data that a notebook shows as typeset equations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backcalc.calculation import Calculation
from backcalc.evaluate import Step
from backcalc.notation import LATEX, formula_text, name_text, result_text
from backcalc.views.data import Data


class Worked(dict[str, Any]):
    """What `--format json` prints, as a dictionary with a notebook display."""

    def __init__(self, data: Data, calculation: Calculation) -> None:
        super().__init__(data)
        self._calculation = calculation

    def _repr_latex_(self) -> str:
        """The worked lines, one below the other."""
        calculation = self._calculation
        rounds = calculation.rounds
        lines = [*calculation.forward, *calculation.backward]
        for place, each in enumerate(rounds):
            lines += [*(each.backward if place else ()), *each.update, *each.after]
        body = " \\\\\n".join(self._lines(lines))
        return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"

    def _lines(self, steps: Iterable[Step]) -> Iterable[str]:
        for step in steps:
            formula = step.equation.expression
            symbols = formula_text(formula, LATEX)
            numbers = formula_text(formula, LATEX, self._calculation.values)
            shown = [symbols] if symbols == numbers else [symbols, numbers]
            result = result_text(step.value, LATEX)
            yield f"{name_text(step.name, LATEX)} &= {' = '.join(shown)} {result}"
