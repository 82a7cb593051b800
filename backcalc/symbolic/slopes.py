"""The derivatives of a value by sympy: one local derivative after another, chained in decimals."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from decimal import MIN_EMIN, Context, Decimal, getcontext, localcontext
from functools import reduce
from typing import Any

import sympy

from backcalc.arithmetic.digits import decimal_of, digits_of
from backcalc.equations.program import Equation, loss_terms, needed
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Call, Expression, Name, Values, names_in, replaced
from backcalc.formulas.functions import FUNCTIONS
from backcalc.symbolic.branch import Branch
from backcalc.symbolic.bridge import to_sympy
from backcalc.symbolic.tidy import size

MOST = 160_000
"""Operands times names of all terms that sympy differentiates while one waits."""

Worked = dict[Any, Decimal]
"""The numbers of expressions of sympy."""


def sympy_slopes(
    equations: Sequence[Equation], of: str, by: Collection[str], values: Values, digits: int
) -> dict[str, Decimal]:
    """Return the derivative of one value by each name, at the numbers of a calculation.

    sympy differentiates each term once, whatever its names, on the branch that the numbers take;
    among choices it is very slow. The work is linear in the number of equations.

    Raises BackcalcError where the terms are too long for it, and ArithmeticError where a
    derivative has no number.
    """
    wanted = needed(equations, of)
    branch, rules = Branch(values), _Rules()
    with localcontext(Context(prec=digits, Emin=MIN_EMIN)):
        known = _Known(values, digits)
        local: dict[str, list[tuple[str, Decimal]]] = {}
        for equation in equations:
            if equation.name in wanted:
                terms = loss_terms(branch.taken(equation.expression)[0])
                worked = [rules.worked(term, known) for term in terms]
                known[equation.name] = sum((value for value, _ in worked), Decimal(0))
                local[equation.name] = [pair for _, slopes in worked for pair in slopes]
        found: defaultdict[str, Decimal] = defaultdict(Decimal, {of: Decimal(1)})
        for name in reversed(local):
            for used, slope in local[name]:
                found[used] += found[name] * slope
    return {name: found[name] for name in by}


class _Known(dict[str, Decimal]):
    """The digits of every name: given numbers are taken when first used."""

    def __init__(self, values: Values, digits: int) -> None:
        super().__init__()
        self.values_given, self.digits = values, digits

    def __missing__(self, name: str) -> Decimal:
        self[name] = decimal_of(self.values_given[name], self.digits)
        return self[name]


class _Rules:
    """The terms that sympy has differentiated, by their shape: the term with its names numbered."""

    def __init__(self) -> None:
        self.known: dict[Expression, tuple[Any, list[Any]]] = {}
        self.spent = 0

    def worked(self, term: Expression, known: _Known) -> tuple[Decimal, list[tuple[str, Decimal]]]:
        """Return a term's number and its derivative by each name in it."""
        names = names_in(term)
        shape = replaced(term, {name: Name(str(place)) for place, name in enumerate(names)})
        symbols = [sympy.Symbol(str(place), real=True) for place in range(len(names))]
        if shape not in self.known:
            self.spent += size(shape) * len(names)
            if self.spent > MOST:
                raise BackcalcError("its formulas are too long for sympy")
            whole = to_sympy(shape)
            self.known[shape] = whole, [sympy.diff(whole, symbol) for symbol in symbols]
        whole, slopes = self.known[shape]
        place: Worked = {symbol: known[name] for symbol, name in zip(symbols, names, strict=True)}
        return _worked(whole, place), [
            (name, _worked(slope, place)) for name, slope in zip(names, slopes, strict=True)
        ]


_FOLDED: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "Add": operator.add,
    "Mul": operator.mul,
    "Pow": operator.pow,
}


def _worked(node: Any, known: Worked) -> Decimal:
    """Return the number of an expression of sympy; each part of it is worked out once."""
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
