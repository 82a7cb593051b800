"""The derivatives of a value by sympy: one local derivative after another, chained in decimals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import MIN_EMIN, Context, Decimal, localcontext
from typing import Any

import sympy

from backcalc.arithmetic import decimal_of
from backcalc.equations.program import Equation, loss_terms, needed
from backcalc.errors import BackcalcError
from backcalc.formulas.expression import Expression, Name, Values, names_in, replaced
from backcalc.symbolic import Branch, size, to_sympy

MOST = 160_000  # operands times names of all terms that sympy differentiates while one waits


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
    known = {name: decimal_of(value, digits) for name, value in values.items()}
    local: dict[str, list[tuple[str, Decimal]]] = {}
    with localcontext(Context(prec=digits, Emin=MIN_EMIN)):
        for equation in equations:
            if (own := equation.name) in wanted:
                total, local[own] = Decimal(0), []
                for term in loss_terms(branch.taken(equation.expression)[0]):
                    names = names_in(term)
                    shape = replaced(term, {name: Name(str(n)) for n, name in enumerate(names)})
                    place = {
                        _symbol(str(n)): sympy.Float(str(known[name]), digits)
                        for n, name in enumerate(names)
                    }
                    number, *slopes = (
                        Decimal(str(each.evalf(digits, place))) for each in rules[shape]
                    )
                    total += number
                    local[own] += zip(names, slopes, strict=True)
                known[own] = total
        found: defaultdict[str, Decimal] = defaultdict(Decimal, {of: Decimal(1)})
        for name in reversed(local):
            for used, slope in local[name]:
                found[used] += found[name] * slope
    return {name: found[name] for name in by}


class _Rules(dict[Expression, list[Any]]):
    """In sympy's words each shape, a term with its names numbered, and its derivatives."""

    spent = 0

    def __missing__(self, shape: Expression) -> list[Any]:
        names, whole = names_in(shape), to_sympy(shape)
        self.spent += size(shape) * len(names)
        if self.spent > MOST:
            raise BackcalcError("its formulas are too long for sympy")
        self[shape] = [whole, *(sympy.diff(whole, _symbol(name)) for name in names)]
        return self[shape]


def _symbol(name: str) -> Any:
    return sympy.Symbol(name, real=True)
