"""The bridge to sympy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def to_sympy(expression: Expression, meaning: Mapping[str, Any] | None = None) -> Any:
    """The same expression in sympy, by building objects: no text is read.

    Names are real symbols unless `meaning` says otherwise; a call is what its row defines.
    """
    import sympy

    def built(node: Expression) -> Any:
        match node:
            case Number(value):
                return sympy.Rational(*value.as_integer_ratio())
            case Name(name):
                known = meaning.get(name) if meaning else None
                return sympy.Symbol(name, real=True) if known is None else known
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
