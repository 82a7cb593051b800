"""Where floats end: results that are too small for one are said, what hangs on them is undefined.

What a sheet says must be true of the numbers themselves, not only of their floats.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from backcalc.evaluate import TOO_LARGE, TOO_SMALL, Step, run, undefined
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
    evaluate,
    holds,
    parts,
    rebuilt,
)
from backcalc.functions import in_basic_functions
from backcalc.notation import formula_text
from backcalc.program import Equation

TINY_FROM = 1000  # bits of a denominator
SAFE = 300  # powers of ten that a float has on either side of 1
ORDINARY = 20  # those of nearly all numbers on a sheet
CANCELLED = 20  # those that a difference of near numbers loses, and a sum of many gains
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
        if _powers_of_ten(equation.expression, values) > SAFE:
            for doubt in _doubts(equation.expression, values, isinstance(step.value, float)):
                if _judged(equation, step.value, doubt, values):
                    step = replace(step, value=Small(step.value))
                    values[equation.name] = step.value
        steps.append(step)
    return tuple(steps)


def _powers_of_ten(node: Expression, values: Values) -> float:
    """So many powers of ten from 1 are all numbers in it at most, but for 0: a look, no search."""
    if isinstance(node, (Name, Number)):
        value = values[node.id] if isinstance(node, Name) else node.value
        return ORDINARY if _ordinary(value) else math.inf
    inner = [_powers_of_ten(each, values) for each in parts(node)]
    if isinstance(node, Product):
        return sum(inner)
    if isinstance(node, Sum):
        return max(inner) + CANCELLED
    if isinstance(node, Power):
        power = float(node.exponent.value) if isinstance(node.exponent, Number) else math.inf
        return inner[0] * abs(power)
    if isinstance(node, Call):
        small = all(abs(float(evaluate(each, values))) <= ORDINARY for each in node.arguments)
        known = small and _ordinary(evaluate(node, values))
        return max(ORDINARY, *inner) if known else math.inf
    return max(inner)


def _ordinary(value: Scalar) -> bool:
    """Whether a number is 0 or within ORDINARY powers of ten from 1."""
    if isinstance(value, Fraction):
        size = value.numerator.bit_length() - value.denominator.bit_length()
        return -3 * ORDINARY < size < 3 * ORDINARY or not value
    return type(value) is float and (not value or 1e-20 < abs(value) < 1e20)


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
