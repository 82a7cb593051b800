"""Equations and numbers to steps: the one evaluator."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from backcalc.errors import UndefinedError
from backcalc.expression import (
    LEAST,
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Number,
    Power,
    Product,
    Scalar,
    Small,
    Sum,
    Values,
    bounded,
    evaluate,
    finite,
    holds,
    names_in,
    parts,
    rebuilt,
)
from backcalc.functions import in_basic_functions
from backcalc.network import Network
from backcalc.notation import PLAIN, formula_text, number_text
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
        if not all(map(finite, (value, *local_values))):
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
    lost = [name for name in names_in(equation.expression) if type(values.get(name)) is Small]
    if lost:
        reason += f" ({lost[0]} is no exact {number_text(values[lost[0]])} but {TOO_SMALL})"
    shown = formula[:300] + (f" = {numbers[:300]}" if numbers != formula else "")
    return UndefinedError(f"{equation.name} is undefined: {equation.name} = {shown}: {reason}")


def _reason(error: Exception) -> str:
    if isinstance(error, ZeroDivisionError):
        return "division by zero"
    if isinstance(error, OverflowError):
        return "the result is too large for a number"
    return "outside the function's domain (log or root of a number that has none)"


# What a sheet says must be true of the numbers themselves, not only of their floats.

TOO_LARGE = "too large for a number"
TOO_SMALL = "too small for a number"
TINY_FROM = 1000  # bits of a denominator
USUAL = 1e-100  # two numbers above it and below its inverse have a product
ULP = math.ulp(0.0)
HARMLESS = 1e-12  # of a result: nine digits stay right

Doubt = tuple[Expression, float, tuple[Expression, ...]]
"""A part below LEAST or above the largest float, that float, and the factors that follow it."""


def work_out(equations: Iterable[Equation], values: dict[str, Scalar]) -> tuple[Step, ...]:
    """`run` for a sheet: results below LEAST are marked as Small.

    Raises UndefinedError also where a result hangs on a number that is too small or too large.
    """
    steps = []
    for equation in equations:
        (step,) = run((equation,), values)
        for doubt in _doubts(equation.expression, values, isinstance(step.value, float)):
            if _judged(equation, step.value, doubt, values):
                step = replace(step, value=Small(step.value))
                values[equation.name] = step.value
        steps.append(step)
    return tuple(steps)


def _judged(equation: Equation, value: Scalar, doubt: Doubt, values: Values) -> bool:
    """Whether a doubtful part makes the result Small; an error where it makes it wrong."""
    part, number, rest = doubt
    moved: list[float] = []
    for shift in (2 * ULP, LEAST):
        other = number + math.copysign(shift, number)
        if math.isinf(number):
            other = math.copysign(sys.float_info.max, number)
        instead = Product((Number(other), *rest)) if rest else Number(other)
        try:
            moved.append(float(evaluate(_swapped(equation.expression, part, instead), values)))
        except (ArithmeticError, ValueError):
            moved.append(math.inf)
    near, far = moved
    size = abs(float(value))
    if max(size, abs(near)) < LEAST:
        return far != value
    if not abs(near - value) <= HARMLESS * size:
        if rest:
            part = Product(part.factors[: -len(rest)])  # type: ignore[union-attr]
        kind = TOO_LARGE if math.isinf(number) else TOO_SMALL
        raise undefined(equation, values, f"it hangs on {formula_text(part)}, which is {kind}")
    return False


def _swapped(node: Expression, part: Expression, instead: Expression) -> Expression:
    """The expression with something else in the place of a part."""
    return instead if node == part else rebuilt(node, lambda each: _swapped(each, part, instead))


def _doubts(node: Expression, values: Values, rounded: bool) -> Iterator[Doubt]:
    """The parts whose floats may not stand for their numbers; `rounded`: as a float's operand."""
    if isinstance(node, Product) and _unharmed(node, values):
        return
    value = evaluate(node, values)
    if type(value) is Small or (rounded and _exact_and_tiny(value)):
        yield node, float(value), ()
    if isinstance(node, (Name, Number)):
        return
    inner = parts(node)
    if isinstance(node, Choice):
        for side in (node.condition.left, node.condition.right):
            yield from _doubts(side, values, rounded=False)
        inner = (node.then if holds(node.condition, values) else node.otherwise,)
    rounded = isinstance(value, float) and not (isinstance(node, Call) and node.function.whole)
    for operand in inner:
        yield from _doubts(operand, values, rounded)
    if isinstance(value, float):
        yield from _own_doubts(node, value, values)


def _exact_and_tiny(value: Scalar) -> bool:
    if not isinstance(value, Fraction) or value.denominator.bit_length() <= TINY_FROM:
        return False
    return 0 < abs(value) < LEAST


def _unharmed(node: Product, values: Values) -> bool:
    """Whether a product is w*x of a usual size, as nearly all are: a look saves the search."""
    sizes = []
    for factor in node.factors:
        if not isinstance(factor, Name):
            return False
        value = values[factor.id]
        if not isinstance(value, float):
            if value.denominator.bit_length() > TINY_FROM:
                return False
            value = float(value)
        sizes.append(abs(value))
    return len(sizes) == 2 and min(sizes) > USUAL and max(sizes) < 1 / USUAL


def _own_doubts(node: Expression, value: float, values: Values) -> Iterator[Doubt]:
    """Where the node's own operation leaves the range of floats."""
    match node:
        case Product(factors):
            for place in range(2, len(factors) + 1):
                ahead = evaluate(Product(factors[:place]), values)
                if _lost(ahead) and not any(_is_zero(each, values) for each in factors[:place]):
                    yield node, float(ahead), factors[place:]
                    return
        case Sum() if _lost(value) and all(
            isinstance(evaluate(each, values), Fraction) for each in parts(node)
        ):
            yield node, value, ()
        case Power(base) if _lost(value) and not _is_zero(base, values):
            yield node, value, ()
        case Inverse() if _lost(value):
            yield node, value, ()
        case Call() if abs(value) < LEAST and _call_loses(node, values):
            yield node, value, ()


def _lost(value: Scalar) -> bool:
    return isinstance(value, float) and not LEAST <= abs(value) < math.inf


def _is_zero(node: Expression, values: Values) -> bool:
    """Whether a factor is 0 and truly so."""
    if isinstance(node, Inverse):
        return False
    value = evaluate(node, values)
    return value == 0 and type(value) is not Small


def _call_loses(call: Call, values: Values) -> bool:
    """Whether a function comes below LEAST at arguments where it is not 0."""
    given = [evaluate(each, values) for each in call.arguments]
    exact = call.function.exact or call.function.whole
    if not exact and all(isinstance(each, Fraction) for each in given):
        given = [float(each) for each in given]
    names = tuple(Name(f"#{place}") for place in range(len(given)))
    inner = in_basic_functions(replace(call, arguments=names), plain=False)
    if inner is not None:
        own = {name.id: value for name, value in zip(names, given, strict=True)}
        return any(_doubts(inner, own, rounded=True))
    zeros = [at for at, answer in call.function.exact_at if answer == 0]
    return not (call.function.exact or any(given[0] == at for at in zeros))


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
    if isinstance(value, Fraction) and value.numerator.bit_length() > TINY_FROM:
        try:
            float(value)
        except OverflowError:
            message = f"{name} is undefined: {name} = {number_text(value)}: {TOO_LARGE}"
            raise UndefinedError(message) from None
