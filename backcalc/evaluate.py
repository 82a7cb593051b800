"""Equations and numbers to steps: the one evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from backcalc.errors import UndefinedError
from backcalc.expression import Scalar, bounded, evaluate, finite
from backcalc.network import Network
from backcalc.notation import PLAIN, formula_text
from backcalc.program import Equation


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One equation worked out."""

    equation: Equation
    """What was computed and how."""
    value: Scalar
    """The result: a Fraction where it is exact, else a float."""
    locals: tuple[Scalar, ...] = ()
    """For a derivative the number of each term's local derivative."""

    @property
    def name(self) -> str:
        """The quantity's name."""
        return self.equation.name


def run(equations: Iterable[Equation], values: dict[str, Scalar]) -> tuple[Step, ...]:
    """Work the equations out in order, adding each result to `values`.

    Raises UndefinedError, naming the equation, where there is no finite answer.
    """
    steps = []
    for equation in equations:
        try:
            value = bounded(evaluate(equation.expression, values))
            local_values = tuple(evaluate(term.local, values) for term in equation.terms)
        except (ZeroDivisionError, OverflowError, ValueError) as error:
            raise undefined(equation, values, _reason(error)) from None
        if not finite(value):
            raise undefined(equation, values, "the result is too large for a number")
        values[equation.name] = value
        steps.append(Step(equation, value, local_values))
    return tuple(steps)


def undefined(equation: Equation, values: Mapping[str, Scalar], reason: str) -> UndefinedError:
    """The error that shows an equation, in symbols and with its numbers, that has no answer."""
    formula = formula_text(equation.expression)
    try:
        numbers = formula_text(equation.expression, PLAIN, values)
    except (ArithmeticError, ValueError):
        numbers = formula
    shown = formula[:300] + (f" = {numbers[:300]}" if numbers != formula else "")
    return UndefinedError(f"{equation.name} is undefined: {equation.name} = {shown}: {reason}")


def _reason(error: Exception) -> str:
    if isinstance(error, ZeroDivisionError):
        return "division by zero"
    if isinstance(error, OverflowError):
        return "the result is too large for a number"
    return "outside the function's domain (log or root of a number that has none)"


def start_values(network: Network) -> dict[str, Scalar]:
    """What is known before the first equation: weights, constants, inputs and targets."""
    values: dict[str, Scalar] = {**network.constants, **network.weights}
    values.update(network.descent.numbers)
    for weight in network.weights:
        if network.descent.optimizer.states and weight not in network.frozen:
            values.update(dict.fromkeys(network.descent.state_names(weight), Fraction(0)))
    several = len(network.samples) > 1
    for number, sample in enumerate(network.samples, 1):
        values.update({f"{name}[{number}]" if several else name: sample[name] for name in sample})
    return values
