"""The results of the Python functions: plain data, figures by name, equations in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from backcalc.equations.calculation import Calculation, Step
from backcalc.errors import BackcalcError, did_you_mean
from backcalc.formulas.notation import LATEX, formula_text, name_text, result_text
from backcalc.formulas.quantity import typed
from backcalc.sheets.data import Data, dumped
from backcalc.sheets.worked import worked_stages

if TYPE_CHECKING:
    from backcalc.checking.report import Report  # a forward pass needs none of it


class Sheet(dict[str, Any]):
    """The data of `--format json` as a dictionary."""

    def json(self) -> str:
        """The same text as on the command line."""
        return dumped(self)


class Worked(Sheet):
    """A network worked out, with a notebook display."""

    def __init__(self, data: Data, calculation: Calculation) -> None:
        super().__init__(data)
        self._calculation = calculation

    def number(self, name: str) -> Fraction | float:
        """One figure by its name, `dL/dw0` or `w0'`: a Fraction where it is exact, else a float.

        Raises BackcalcError where there is none of that name.
        """
        values = self._calculation.values
        wanted = typed(name, self._calculation.program.loss)
        if wanted not in values:
            message = f"there is no figure {name[:60]!r} here"
            raise BackcalcError(message, hint=did_you_mean(wanted, values))
        return values[wanted]

    def _repr_latex_(self) -> str:
        """The worked lines, one below the other."""
        lines = (step for _, steps in worked_stages(self._calculation) for step in steps)
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


class Checked(Sheet):
    """Answers, marked."""

    def __init__(self, data: Data, report: Report) -> None:
        super().__init__(data)
        self.score: Fraction = report.score
        """Points earned."""
        self.points: Fraction = report.points
        """Points that could have been earned."""
        self.verdicts: dict[str, str] = {each.name: each.verdict for each in report.answers}
        """For each answer's name its verdict: correct, rounded, follows, close, wrong, ..."""
        self.slips: dict[str, list[str]] = {
            each.name: [*each.finding.names] for each in report.answers if each.finding
        }
        """For each wrong answer with a known mistake its name."""
