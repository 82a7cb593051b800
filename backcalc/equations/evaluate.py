"""Equations and numbers to steps: the one evaluator."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal, Overflow
from fractions import Fraction
from functools import wraps
from typing import Any, TypeVar

from backcalc.arithmetic.digits import Adding, LostError, decimal_of, digits_of, or_nothing, surely
from backcalc.equations.network import Network
from backcalc.equations.program import Equation
from backcalc.errors import UndefinedError
from backcalc.formulas.expression import (
    Call,
    Choice,
    Expression,
    Name,
    Rounded,
    Scalar,
    bounded,
    evaluate,
    finite,
    walk,
)
from backcalc.formulas.notation import PLAIN, formula_text, number_text
from backcalc.formulas.quantity import Quantity, parsed
from backcalc.formulas.rounding import SURE

TOO_LARGE = "too large for a number"

DIGITS, MORE_DIGITS = 50, 400
"""What a sheet is worked out with, and what where too many cancel: all that a double can hold is
then right, down to 5e-324."""

FEW = 500  # equations that may be worked out again

F = TypeVar("F", bound=Callable[..., Any])
_digits: ContextVar[int | None] = ContextVar("digits", default=None)


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
    def name(self) -> Quantity:
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


def with_enough_digits(work: F) -> F:
    """Do the work, which calls `work_out`, again with more digits where too many have cancelled."""

    @wraps(work)
    def worked(*args: Any, **kwargs: Any) -> Any:
        before = _digits.set(DIGITS)
        try:
            return work(*args, **kwargs)
        except LostError:
            _digits.set(MORE_DIGITS)
            return work(*args, **kwargs)
        finally:
            _digits.reset(before)

    return worked  # type: ignore[return-value]


def work_out(equations: Iterable[Equation], values: dict[str, Scalar]) -> tuple[Step, ...]:
    """`run` for a sheet, whose every digit is to be right: to 50 digits or more where not exact.

    Raises UndefinedError, naming the equation, where there is no answer that a double can hold.
    """
    equations = tuple(equations)
    known = _Digits(values, _digits.get() or DIGITS)
    add = surely if _digits.get() == DIGITS and len(equations) <= FEW else or_nothing
    steps = []
    for equation in equations:

        def number(expression: Expression, equation: Equation = equation) -> Scalar:
            try:
                return _number(expression, values, known, add)
            except (ArithmeticError, ValueError) as error:
                raise undefined(equation, values, _reason(error)) from None

        value = number(equation.expression)
        steps.append(Step(equation, value, tuple(number(term.local) for term in equation.terms)))
        values[equation.name] = value
    return tuple(steps)


def number_of(expression: Expression, values: Mapping[str, Scalar]) -> Scalar:
    """The number that an expression on a sheet stands for, as `work_out` finds it.

    Raises ArithmeticError or ValueError where there is none.
    """
    return _number(expression, values, _Digits(values, DIGITS), or_nothing)


class _Digits(dict[str, Decimal]):
    """The digits of values, worked out when first used."""

    def __init__(self, values: Mapping[str, Scalar], digits: int) -> None:
        super().__init__()
        self.values_known = values
        self.digits = digits

    def __missing__(self, name: str) -> Decimal:
        value = self.values_known[name]
        found = value.digits if isinstance(value, Rounded) else decimal_of(value, self.digits)
        self[name] = found
        return found


def _number(
    expression: Expression, values: Mapping[str, Scalar], known: _Digits, add: Adding
) -> Scalar:
    """The number that an expression stands for: a fraction, or what is Rounded."""
    try:
        exact = bounded(evaluate(expression, values))
        error = None
        if isinstance(exact, Fraction) and not _hangs_on_rounded(expression, values):
            return exact
    except (ArithmeticError, ValueError) as caught:
        exact, error = 0.0, caught
    try:
        found = digits_of(expression, known, known.digits, add)
    except ArithmeticError as caught:
        raise error or caught from None
    if abs(found) > sys.float_info.max:
        raise OverflowError
    if isinstance(exact, Fraction):
        wanted = decimal_of(exact, known.digits)
        if abs(found - wanted) <= abs(wanted).scaleb(-SURE):
            return exact
    return Rounded(found)


def _hangs_on_rounded(expression: Expression, values: Mapping[str, Scalar]) -> bool:
    """Whether a choice, such as relu's, in something exact may go by a rounded number."""
    parts = tuple(walk(expression))
    calls = [part.function for part in parts if isinstance(part, Call)]
    if not calls and not any(isinstance(part, Choice) for part in parts):
        return False
    names = (part.id for part in parts if isinstance(part, Name))
    return not all(each.exact for each in calls) or any(
        isinstance(values[name], float) for name in names
    )


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
    if isinstance(error, (OverflowError, Overflow)):
        return f"the result is {TOO_LARGE}"
    return "outside the function's domain (log or root of a number that has none)"


def start_values(network: Network) -> dict[str, Scalar]:
    """What is known before the first equation: weights, constants, inputs and targets."""
    values: dict[str, Scalar] = {**network.constants, **network.weights}
    values.update(network.descent.numbers)
    for weight in network.weights:
        if network.descent.optimizer.states and weight not in network.frozen:
            values.update(dict.fromkeys(network.descent.state_names(weight), Fraction(0)))
    for number, sample in enumerate(network.samples, 1):
        own = number if len(network.samples) > 1 else None
        values.update({parsed(name).of_sample(own): value for name, value in sample.items()})
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
