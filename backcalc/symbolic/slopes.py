"""The derivatives of a composed loss by sympy: a proof that shares nothing with the equations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from functools import reduce
from typing import Any

from backcalc.expression import Call, Expression, Name, Values, rebuilt, replaced
from backcalc.functions import FUNCTIONS, formula
from backcalc.program import Equation
from backcalc.symbolic.bridge import to_sympy
from backcalc.symbolic.closed import compose
from backcalc.symbolic.digits import decimal_of, digits_of

DIGITS = 40
MOST = 400
"""Operands of a composed loss that sympy differentiates while one waits."""

Worked = dict[Any, Decimal]


def sympy_slopes(
    equations: Sequence[Equation], of: str, by: Sequence[str], samples: Sequence[Values]
) -> dict[str, list[Decimal]]:
    """The derivative of one value by each name, at the numbers of each sample.

    Raises BackcalcError where the value written out has more than MOST operands, and
    ArithmeticError where a derivative has no number.
    """
    import sympy

    whole = to_sympy(_plainer(compose(equations, of, MOST)))
    places: list[Worked] = [
        {sympy.Symbol(name, real=True): decimal_of(value, DIGITS) for name, value in values.items()}
        for values in samples
    ]
    slopes: dict[str, list[Decimal]] = {}
    with localcontext() as context:
        context.prec = DIGITS
        for name in by:
            slope = sympy.diff(whole, sympy.Symbol(name, real=True))
            slopes[name] = [_worked(slope, place) for place in places]
    return slopes


PLAINER = {
    "abs": "z if z > 0 else (-z if z < 0 else 0)",
    "sign": "1 if z > 0 else (-1 if z < 0 else 0)",
    "tanh": "1 - 2/(1 + exp(2*z))",
}
"""Functions that sympy differentiates sooner in other words: it need not ask what is real."""


def _plainer(node: Expression) -> Expression:
    """The expression with every function in the words that sympy is fast with."""
    node = rebuilt(node, _plainer)
    if isinstance(node, Call) and node.function.name in PLAINER:
        return replaced(formula(PLAINER[node.function.name]), {"z": node.arguments[0]})
    return node


_FOLDED: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "Add": operator.add,
    "Mul": operator.mul,
    "Pow": operator.pow,
}
_RELATIONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "StrictGreaterThan": operator.gt,
    "GreaterThan": operator.ge,
    "StrictLessThan": operator.lt,
    "LessThan": operator.le,
    "Equality": operator.eq,
    "Unequality": operator.ne,
}


def _worked(node: Any, known: Worked) -> Decimal:
    """The number of an expression of sympy; each part of it is worked out once."""
    if node not in known:
        known[node] = _number(node, known)
    return known[node]


def _number(node: Any, known: Worked) -> Decimal:
    kind = type(node).__name__
    if kind == "Piecewise":
        return next(
            _worked(side, known) for side, condition in node.args if _holds(condition, known)
        )
    if node.is_Rational:
        return Decimal(int(node.p)) / Decimal(int(node.q))
    if node.is_number and not node.args:
        return Decimal(str(node.evalf(DIGITS)))  # pi and e
    parts = [_worked(part, known) for part in node.args]
    if kind in _FOLDED:
        return reduce(_FOLDED[kind], parts)
    call = Call(FUNCTIONS[kind.lower()], (Name("z"),))
    return digits_of(call, {"z": parts[0]}, DIGITS)


def _holds(condition: Any, known: Worked) -> bool:
    if condition in (True, False):
        return bool(condition)
    kind = type(condition).__name__
    if kind in ("And", "Or", "Not"):
        sides = [_holds(side, known) for side in condition.args]
        return all(sides) if kind == "And" else any(sides) if kind == "Or" else not sides[0]
    if kind == "ITE":
        which, then, otherwise = condition.args
        return _holds(then if _holds(which, known) else otherwise, known)
    left, right = (_worked(side, known) for side in condition.args)
    return _RELATIONS[kind](left, right)
