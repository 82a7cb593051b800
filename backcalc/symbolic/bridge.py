"""The bridge to sympy."""

from __future__ import annotations

from typing import Any

import sympy

from backcalc.formulas.expression import (
    Call,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Sum,
)
from backcalc.formulas.functions import defined

_BASIC = {name: name for name in ("exp", "log", "sign", "sin", "cos", "erf")} | {"abs": "Abs"}
_RELATIONAL = {">": "Gt", ">=": "Ge", "<": "Lt", "<=": "Le", "==": "Eq", "!=": "Ne"}


def to_sympy(expression: Expression) -> Any:
    """Build the same expression in sympy: no text is read.

    Names are real symbols; a call is what its row defines.
    """

    def built(node: Expression) -> Any:
        match node:
            case Number(value):
                return sympy.Rational(*value.as_integer_ratio())
            case Name(name):
                return sympy.Symbol(name, real=True)
            case Sum(terms):
                return sympy.Add(*map(built, terms))
            case Product(factors):
                return sympy.Mul(*map(built, factors))
            case Negation(operand):
                return -built(operand)
            case Inverse(operand):
                return 1 / built(operand)
            case Power(base, exponent):
                return sympy.Pow(built(base), built(exponent))
            case Call(function, arguments):
                definition = defined(node)
                if definition is not None:
                    return built(definition)
                return getattr(sympy, _BASIC[function.name])(*map(built, arguments))
        condition = getattr(sympy, _RELATIONAL[node.condition.relation])(
            built(node.condition.left), built(node.condition.right)
        )
        return sympy.Piecewise(
            (built(node.then), condition), (built(node.otherwise), True), evaluate=False
        )

    return built(expression)
