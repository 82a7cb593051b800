"""The derivatives of a composed loss by sympy: a proof that shares nothing with the equations."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import MIN_EMIN, Context, Decimal, getcontext, localcontext
from functools import reduce
from typing import Any

from backcalc.arithmetic.digits import decimal_of, digits_of
from backcalc.equations.evaluate import run
from backcalc.equations.program import Equation
from backcalc.formulas.expression import Call, Expression, Name, Values, rebuilt, replaced
from backcalc.formulas.functions import FUNCTIONS, formula
from backcalc.symbolic.branch import Branch
from backcalc.symbolic.bridge import to_sympy
from backcalc.symbolic.closed import compose

DIGITS = 40
MOST = 400
"""Operands of a composed loss that sympy differentiates while one waits."""

Worked = dict[Any, Decimal]


def sympy_slopes(
    equations: Sequence[Equation],
    of: str,
    by: Sequence[str],
    samples: Sequence[Values],
    digits: int = DIGITS,
) -> dict[str, list[Decimal]]:
    """The derivative of one value by each name, at the numbers of each sample.

    sympy gets the formula of the branch that the numbers take; among choices it is very slow.

    Raises BackcalcError where the value written out has more than MOST operands, and
    ArithmeticError where a derivative has no number.
    """
    import sympy

    symbols = [sympy.Symbol(name, real=True) for name in by]
    found: dict[str, list[Decimal]] = {name: [] for name in by}
    known: dict[Expression, list[Any]] = {}
    with localcontext(Context(prec=digits, Emin=MIN_EMIN)):
        for values in samples:
            branch = _plainer(compose(_taken(equations, values), of, MOST))
            if branch not in known:
                whole = to_sympy(branch)
                known[branch] = [sympy.diff(whole, symbol) for symbol in symbols]
            place: Worked = {
                sympy.Symbol(name, real=True): decimal_of(value, digits)
                for name, value in values.items()
            }
            for name, slope in zip(by, known[branch], strict=True):
                found[name].append(_worked(slope, place))
    return found


def _taken(equations: Sequence[Equation], values: Values) -> list[Equation]:
    """The equations without choices: on the branch that these numbers take."""
    worked = dict(values)
    run(equations, worked)
    branch = Branch(worked)
    return [Equation(each.name, branch.taken(each.expression)[0]) for each in equations]


TANH = "1 - 2/(1 + exp(2*z))"


def _plainer(node: Expression) -> Expression:
    """The expression with each tanh in words that name its argument only once."""
    node = rebuilt(node, _plainer)
    if isinstance(node, Call) and node.function.name == "tanh":
        return replaced(formula(TANH), {"z": node.arguments[0]})
    return node


_FOLDED: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "Add": operator.add,
    "Mul": operator.mul,
    "Pow": operator.pow,
}


def _worked(node: Any, known: Worked) -> Decimal:
    """The number of an expression of sympy; each part of it is worked out once."""
    if node not in known:
        known[node] = _number(node, known)
    return known[node]


def _number(node: Any, known: Worked) -> Decimal:
    kind = type(node).__name__
    if node.is_Rational:
        return Decimal(int(node.p)) / Decimal(int(node.q))
    if node.is_number and not node.args:
        return Decimal(str(node.evalf(getcontext().prec)))  # pi and e
    parts = [_worked(part, known) for part in node.args]
    if kind in _FOLDED:
        return reduce(_FOLDED[kind], parts)
    if kind.lower() not in FUNCTIONS:
        raise ArithmeticError(kind)
    call = Call(FUNCTIONS[kind.lower()], (Name("z"),))
    return digits_of(call, {"z": parts[0]}, getcontext().prec)
