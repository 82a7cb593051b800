"""Formulas as a student tidies them: like terms together, common factors in front of the bracket.

A formula is kept as a number times powers of bases, where a base is a name, a call or a sum.
Nothing is multiplied out, so that the cost stays in step with the length of the formula.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import TypeAlias

from backcalc.expression import (
    Call,
    Choice,
    Comparison,
    Expression,
    Function,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    chosen,
    names_in,
    rebuilt,
    walk,
)
from backcalc.functions import defined
from backcalc.symbolic.monomials import (
    MINUS,
    NOTHING,
    UNIT,
    Base,
    Monomial,
    Polynomial,
    flat_bases,
    raised,
    times,
)

MOST_OPENED = 4  # arguments of a mean or variance that is written out
MOST_COMPARED = 4  # names of a sum by which it is put in order
MOST_COMBINED = 6  # terms of a sum that is tried over a common denominator

Rank: TypeAlias = tuple[int, ...]
"""Where a factor stands in a product."""

Factors: TypeAlias = tuple[Fraction, list[tuple[list[Monomial], int]]]
"""A number, and the terms of each factor with its exponent."""

Factoring: TypeAlias = Callable[[Polynomial], Factors | None]
"""Takes a sum apart into factors; None where it is no use."""

Meaning: TypeAlias = Mapping[str, Monomial]
"""What names stand for."""


@dataclass(frozen=True, slots=True)
class Tidier:
    """Turns expressions into monomials and back; a sum keeps the signs it was first met with."""

    rank: Callable[[str], Rank]
    """The place of a name in a product."""
    factoring: Factoring
    """How a small sum is factored."""
    sums: dict[Polynomial, Monomial] = field(default_factory=dict)
    """Every sum that was met, and the one form in which it is written."""
    numbers: dict[Base, int] = field(default_factory=dict)
    """Bases that are no names, numbered as they were first written."""

    # From an expression.

    def tidied(self, node: Expression, meaning: Meaning) -> Monomial:
        """An expression with its names replaced, as a monomial. Raises ArithmeticError for 1/0."""
        match node:
            case Number(value):
                return Monomial(Fraction(value))
            case Name(name):
                return meaning.get(name) or Monomial(Fraction(1), {node: 1})
            case Sum(terms):
                return self.total([self.tidied(term, meaning) for term in terms])
            case Product(factors):
                return times(*(self.tidied(factor, meaning) for factor in factors))
            case Negation(operand):
                return self.tidied(operand, meaning).scaled(MINUS)
            case Inverse(operand):
                return raised(self.tidied(operand, meaning), -1)
            case Power(base, exponent):
                power = self.tidied(exponent, meaning)
                if not power.powers and power.coefficient.denominator == 1:
                    return raised(self.tidied(base, meaning), int(power.coefficient))
            case Call(function, arguments) if is_rational(function):
                definition = defined(node)
                if definition is not None and len(arguments) <= MOST_OPENED:
                    return self.tidied(definition, meaning)
            case Choice(Comparison(left, relation, right), then, otherwise):
                inner = [self.rewritten(part, meaning) for part in (left, right, then, otherwise)]
                choice = chosen(Comparison(inner[0], relation, inner[1]), inner[2], inner[3])
                if isinstance(choice, Choice):
                    return Monomial(Fraction(1), {choice: 1})
                return self.tidied(then, meaning)
        opaque = rebuilt(node, lambda part: self.rewritten(part, meaning))
        assert isinstance(opaque, (Call, Power))
        return Monomial(Fraction(1), {opaque: 1})

    def rewritten(self, node: Expression, meaning: Meaning) -> Expression:
        """An expression with its names replaced, tidied."""
        return self.written(self.tidied(node, meaning))

    # Sums.

    def total(self, terms: Iterable[Monomial], *, sort: bool = False) -> Monomial:
        """The sum, its common factors drawn out, its terms in their order or sorted."""
        gathered = _gathered(terms)
        if len(gathered) < 2:
            return gathered[0] if gathered else NOTHING
        common = _common(gathered)
        rest = [times(term, raised(common, -1)) for term in gathered]
        if any(_opened(term) for term in rest):
            return times(common, self.total(rest, sort=sort))
        if sort:
            rest.sort(key=lambda term: (_is_minus(term), sorted(map(self.place, term.powers))))
        return times(common, self.settled(Polynomial(tuple(rest))))

    def settled(self, polynomial: Polynomial) -> Monomial:
        """The one form of a sum: a shorter one, or with the signs in which it was first met."""
        if polynomial not in self.sums:
            form = self.shortest(polynomial)
            self.sums[polynomial] = form
            self.sums.setdefault(polynomial.turned(), form.scaled(MINUS))
        return self.sums[polynomial]

    def shortest(self, polynomial: Polynomial) -> Monomial:
        """The shortest of the sum as it is, over a common denominator, and factored."""
        plain = Monomial(Fraction(1), {polynomial: 1})
        lowest: dict[Base, int] = {}
        for term in polynomial.terms:
            for base, power in term.powers.items():
                lowest[base] = min(lowest.get(base, 0), power)
        below = Monomial(Fraction(1), {base: power for base, power in lowest.items() if power < 0})
        if below.powers and len(polynomial.terms) <= MOST_COMBINED:
            lifted = raised(below, -1)
            other = times(below, self.total([times(term, lifted) for term in polynomial.terms]))
            return other if other.size <= plain.size else plain
        if below.powers or _cannot_factor(polynomial):
            return plain
        factored = self.apart(polynomial)
        return factored if factored and factored.size < plain.size else plain

    def apart(self, polynomial: Polynomial) -> Monomial | None:
        """The sum as factored, its new factors with a plus first."""
        found = self.factoring(polynomial)
        if found is None:
            return None
        number, factors = found
        product = UNIT
        for terms, power in factors:
            factor = terms[0] if len(terms) == 1 else None
            if factor is None:
                inner = Polynomial(tuple(sorted(terms, key=_is_minus)))
                if number < 0 and power % 2 and inner not in self.sums:
                    turned = sorted(inner.turned().terms, key=_is_minus)
                    inner, number = Polynomial(tuple(turned)), -number
                self.sums.setdefault(inner, Monomial(Fraction(1), {inner: 1}))
                self.sums.setdefault(inner.turned(), self.sums[inner].scaled(MINUS))
                factor = self.sums[inner]
            product = times(product, raised(factor, power))
        return product.scaled(number)

    # Back to an expression.

    def written(self, monomial: Monomial) -> Expression:
        """The monomial as an expression, its factors in a fixed order."""
        number = abs(monomial.coefficient)
        factors: list[Expression] = []
        below: list[Expression] = []
        if number.denominator % 5 and number.denominator > 1:
            below = [Inverse(Number(Fraction(number.denominator)))]
            number = Fraction(number.numerator)
        if number != 1:
            factors.append(Number(number))
        for base in sorted(monomial.powers, key=self.place):
            power = monomial.powers[base]
            inner = self.sum(base) if isinstance(base, Polynomial) else base
            part = inner if abs(power) == 1 else Power(inner, Number(Fraction(abs(power))))
            factors.append(part) if power > 0 else below.append(Inverse(part))
        if not factors and (len(below) != 1 or not monomial.powers):
            factors.append(Number(number))
        factors += below
        product = factors[0] if len(factors) == 1 else Product(tuple(factors))
        if monomial.coefficient >= 0:
            return product
        return Number(-product.value) if isinstance(product, Number) else Negation(product)

    def sum(self, polynomial: Polynomial) -> Expression:
        """A polynomial as an expression; a negative number in it is subtracted."""
        return Sum(
            tuple(
                Negation(self.written(term.scaled(MINUS)))
                if _is_minus(term)
                else self.written(term)
                for term in polynomial.terms
            )
        )

    def place(self, base: Base) -> Rank:
        """Where a factor stands: by its name, 1 - h right after h, other sums by length."""
        if isinstance(base, Name):
            return self.rank(base.id)
        number = self.numbers.setdefault(base, len(self.numbers) + 1)
        inner = flat_bases(base) if isinstance(base, Polynomial) else (base,)
        nodes = (node for node in inner if not isinstance(node, Polynomial))
        names = list(dict.fromkeys(name for node in nodes for name in names_in(node)))
        ranks = [rank for name in names[:MOST_COMPARED] for rank in self.rank(name)]
        if not isinstance(base, Polynomial):
            return (KEPT + 1, *ranks, number)
        if len(names) == 1 and ranks[0] == KEPT:
            return (KEPT, ranks[1], number)
        return (KEPT + 2, base.size, *ranks, number)


TWO = Number(Fraction(2))
KEPT = 2  # the class of names that a closed form keeps, in the order of products


@cache
def is_rational(function: Function) -> bool:
    """Whether a call only adds, multiplies and divides: square, mean, product."""
    if function.definition is None or function.outputs:
        return False
    count = 2 if function.variadic else len(function.parameters)
    definition = defined(Call(function, tuple(Name(f"z{place}") for place in range(count))))
    return definition is not None and not any(
        isinstance(node, (Call, Choice)) or (isinstance(node, Power) and node.exponent != TWO)
        for node in walk(definition)
    )


def _is_minus(term: Monomial) -> bool:
    return term.coefficient < 0


def _opened(term: Monomial) -> tuple[Monomial, ...]:
    """The terms of a plain bracket, with its sign; empty where the term is no bracket."""
    if abs(term.coefficient) != 1 or len(term.powers) != 1:
        return ()
    ((base, power),) = term.powers.items()
    if power != 1 or not isinstance(base, Polynomial):
        return ()
    return tuple(inner.scaled(term.coefficient) for inner in base.terms)


def _gathered(terms: Iterable[Monomial]) -> list[Monomial]:
    """The terms with plain brackets opened and like terms counted together."""
    found: dict[frozenset[tuple[Base, int]], Monomial] = {}
    for outer in terms:
        for term in _opened(outer) or (outer,):
            known = found.get(term.key)
            number = term.coefficient + (known.coefficient if known else 0)
            found[term.key] = Monomial(number, (known or term).powers)
    return [term for term in found.values() if term.coefficient]


def _common(terms: Sequence[Monomial]) -> Monomial:
    """What all terms have as a factor."""
    shared: dict[Base, int] = {}
    for base in terms[0].powers:
        powers = [term.powers.get(base, 0) for term in terms]
        if min(powers) > 0 or max(powers) < 0:
            shared[base] = min(powers)
    number = Fraction(
        math.gcd(*(term.coefficient.numerator for term in terms)),
        math.gcd(*(term.coefficient.denominator for term in terms)),
    )
    return Monomial(-number if all(term.coefficient < 0 for term in terms) else number, shared)


def _cannot_factor(polynomial: Polynomial) -> bool:
    """Whether a sum is plainly in its best form already.

    It is when it has two terms without brackets; or when some base v occurs once, and its term
    is v*C with names in C only (then a factor without v would be in all terms), or has nothing
    in common with the other terms.
    """
    terms = polynomial.terms
    inside = [Counter(flat_bases(Polynomial((term,)))) for term in terms]
    whole = Counter(flat_bases(polynomial))
    plain = [not any(isinstance(base, Polynomial) for base in term.powers) for term in terms]
    if len(terms) == 2 and all(plain):
        return True
    for place, term in enumerate(terms):
        own = inside[place]
        apart = all(inside) and all(whole[base] == count for base, count in own.items())
        if (plain[place] or apart) and any(
            whole[base] == 1 and _is_linear(term, base) for base in own
        ):
            return True
    return False


def _is_linear(term: Monomial, base: Base) -> bool:
    """Whether a base that occurs once in a term is under no power."""
    for inner, power in term.powers.items():
        if inner == base:
            return power == 1
        if isinstance(inner, Polynomial) and base in flat_bases(inner):
            return power == 1 and any(_is_linear(each, base) for each in inner.terms)
    return False
