"""Equations and numbers to steps, in the arithmetic of the numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import replace
from decimal import Overflow
from fractions import Fraction
from functools import wraps
from typing import ParamSpec, TypeVar

from backcalc.arithmetic.digits import Digits, LostError
from backcalc.equations.network import Network
from backcalc.equations.program import Equation
from backcalc.errors import UndefinedError
from backcalc.formulas.expression import Numbers, Scalar, Values, bounded, evaluate, finite
from backcalc.formulas.notation import PLAIN, formula_text, number_text
from backcalc.formulas.quantity import Quantity, parsed
from backcalc.formulas.record import record

TOO_LARGE = "too large for a number"

SHEET = Digits(50, "nothing")
"""The arithmetic of a sheet."""
WIDE = Digits(400, "nothing")
"""That of a sheet on which too many digits cancel: all that a double can hold is then right, down
to 5e-324."""

FEW = 500  # equations that may be worked out again

P = ParamSpec("P")
T = TypeVar("T")
_chosen: ContextVar[Digits | None] = ContextVar("chosen", default=None)


@record(frozen=True, slots=True, eq=False)
class Step:
    """One equation worked out."""

    equation: Equation
    """The line that was worked out."""
    value: Scalar
    """The result: a Fraction where it is exact, else a float."""
    locals: tuple[Scalar, ...] = ()
    """For a derivative the number of each term's local derivative."""

    @property
    def name(self) -> Quantity:
        """The quantity's name."""
        return self.equation.name


def with_enough_digits(work: Callable[P, T]) -> Callable[P, T]:
    """Do the work, which calls `run`, again with more digits where too many have cancelled."""

    @wraps(work)
    def worked(*args: P.args, **kwargs: P.kwargs) -> T:
        before = _chosen.set(SHEET)
        try:
            return work(*args, **kwargs)
        except LostError:
            _chosen.set(WIDE)
            return work(*args, **kwargs)
        finally:
            _chosen.reset(before)

    return worked


def run(equations: Iterable[Equation], values: dict[str, Scalar]) -> tuple[Step, ...]:
    """Work the equations out in order, adding each result to `values`, in their arithmetic.

    Raises UndefinedError, naming the equation, where there is no answer that a double can hold.
    """
    equations = tuple(equations)
    known: dict[str, Scalar] = values
    if _chosen.get() is SHEET and isinstance(values, Numbers) and len(equations) <= FEW:
        known = Numbers(values, replace(SHEET, lost="error"))
    steps = []
    for equation in equations:
        try:
            value = bounded(evaluate(equation.expression, known))
            local_values = tuple(evaluate(term.local, known) for term in equation.terms)
        except (ArithmeticError, ValueError) as error:
            raise undefined(equation, values, _reason(error)) from None
        if not all(map(finite, (value, *local_values))):
            raise undefined(equation, values, f"the result is {TOO_LARGE}")
        values[equation.name] = known[equation.name] = value
        steps.append(Step(equation, value, local_values))
    return tuple(steps)


work_out = run


def undefined(equation: Equation, values: Values, reason: str) -> UndefinedError:
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


def start_values(network: Network) -> Numbers:
    """Return the numbers before the first equation: weights, constants, inputs and targets."""
    values = Numbers({**network.constants, **network.weights}, _chosen.get() or SHEET)
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
