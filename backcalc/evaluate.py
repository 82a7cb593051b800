"""Equations and numbers to steps: the one evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from backcalc.errors import UndefinedError
from backcalc.expression import Scalar, Small, bounded, evaluate, finite, names_in
from backcalc.network import Network
from backcalc.notation import PLAIN, formula_text, number_text
from backcalc.program import Equation

TOO_LARGE = "too large for a number"
TOO_SMALL = "too small for a number"


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
        if not all(map(finite, (value, *local_values))):
            raise undefined(equation, values, f"the result is {TOO_LARGE}")
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
    lost = [name for name in names_in(equation.expression) if type(values.get(name)) is Small]
    if lost:
        reason += f"; {lost[0]} is not exactly {number_text(values[lost[0]])}, but {TOO_SMALL}"
    shown = formula[:300] + (f" = {numbers[:300]}" if numbers != formula else "")
    return UndefinedError(f"{equation.name} is undefined: {equation.name} = {shown}: {reason}")


def _reason(error: Exception) -> str:
    if isinstance(error, ZeroDivisionError):
        return "division by zero"
    if isinstance(error, OverflowError):
        return f"the result is {TOO_LARGE}"
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
    for name, value in values.items():
        check_given(name, value)
    return values


def check_given(name: str, value: Scalar) -> None:
    """Say so where a given number is beyond the largest float."""
    if isinstance(value, Fraction) and value.numerator.bit_length() > 1000:
        try:
            float(value)
        except OverflowError:
            message = f"{name} is undefined: {name} = {number_text(value)}: {TOO_LARGE}"
            raise UndefinedError(message) from None
