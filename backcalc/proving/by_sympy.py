"""Derivatives by sympy: its local derivative of each equation, chained in decimals."""

from __future__ import annotations

from decimal import Decimal

from backcalc.equations.calculation import Calculation
from backcalc.errors import BackcalcError
from backcalc.formulas.quantity import Derivative
from backcalc.proving.way import DOUBT, NOTHING, Figures, Way, differing

DIGITS, FINE = 40, 400
"""Digits of the first attempt, and of a second where a figure differs: too many may cancel."""


def by_sympy(calculation: Calculation, ours: Figures) -> Way:
    """Let sympy differentiate every equation and chain its derivatives."""
    try:
        figures = _figures(calculation, DIGITS)
        if not differing(ours, figures):
            return Way("sympy", figures)
        more = _figures(calculation, FINE)
    except BackcalcError as error:
        return Way("sympy", {}, error.message)
    except ArithmeticError:
        return Way("sympy", {}, "its formulas have no value at these numbers")
    noise = {name: DOUBT * abs(more[name] - figures[name]) + NOTHING for name in figures}
    return Way("sympy", more, noise=noise)


def _figures(calculation: Calculation, digits: int) -> dict[str, Decimal]:
    """Return sympy's derivatives, worked out with so many digits."""
    from backcalc.symbolic.slopes import sympy_slopes  # sympy takes long to load

    of, weights = calculation.of, list(calculation.network.weights)
    found = sympy_slopes(calculation.program.forward, of, weights, calculation.values, digits)
    return {Derivative(of, name): slope for name, slope in found.items()}
