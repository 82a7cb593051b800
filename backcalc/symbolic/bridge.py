"""The bridge to sympy: expressions across, and small sums factored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from backcalc.expression import (
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
from backcalc.functions import defined
from backcalc.symbolic.factored import Factors
from backcalc.symbolic.monomials import Base, Monomial, Polynomial, flat_bases, spread

FACTORINGS = 30  # uses of sympy's factoring for one answer
MOST_TERMS, MOST_BASES, MOST_DEGREE = 40, 8, 8  # of a sum that sympy may factor

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


@dataclass(slots=True)
class Factoring:
    """sympy's factoring of small polynomials, so many times and no more."""

    left: int = FACTORINGS
    """How often it may still be used."""

    def __call__(self, polynomial: Polynomial) -> Factors | None:
        """A number, and each factor's terms with its exponent; None past the bounds."""
        bases = list(dict.fromkeys(flat_bases(polynomial)))
        terms, degree = spread(polynomial)
        too_large = terms > MOST_TERMS or degree > MOST_DEGREE or len(bases) > MOST_BASES
        if too_large or not self.left:
            return None
        self.left -= 1
        from sympy.polys.domains import QQ
        from sympy.polys.rings import PolyRing

        ring = PolyRing([f"b{place}" for place in range(len(bases))], QQ)
        generators = dict(zip(bases, ring.gens, strict=True))
        number, factors = _in_ring(polynomial, ring, generators).factor_list()
        return _fraction(number), [
            ([_from_ring(powers, value, bases) for powers, value in factor.terms()], int(exponent))
            for factor, exponent in factors
        ]


def _in_ring(polynomial: Polynomial, ring: Any, generators: Mapping[Base, Any]) -> Any:
    """The polynomial multiplied out, in sympy's ring."""
    total = ring.zero
    for term in polynomial.terms:
        product = ring(ring.domain(*term.coefficient.as_integer_ratio()))
        for base, power in term.powers.items():
            if isinstance(base, Polynomial):
                product *= _in_ring(base, ring, generators) ** power
            else:
                product *= generators[base] ** power
        total += product
    return total


def _from_ring(powers: Sequence[int], value: Any, bases: Sequence[Base]) -> Monomial:
    exponents = zip(bases, powers, strict=True)
    return Monomial(_fraction(value), {base: power for base, power in exponents if power})


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.numerator), int(value.denominator))
