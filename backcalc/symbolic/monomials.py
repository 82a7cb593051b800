"""Products of powers and their sums: formulas as a number times powers of bases.

A base is a name, a call, a choice, a power or a sum. Nothing is multiplied out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from backcalc.expression import EXACT_BITS, Call, Choice, Expression, Name, Power, parts, walk


@dataclass(frozen=True, slots=True)
class Monomial:
    """A number times powers of distinct bases."""

    coefficient: Fraction
    """The number."""
    powers: Mapping[Base, int] = field(default_factory=dict, compare=False)
    """The exponent of each base, never 0, in order of appearance."""
    key: frozenset[tuple[Base, int]] = field(init=False)
    """The same powers, for comparing."""
    size: int = field(init=False, compare=False)
    """How many operands it has."""

    def __post_init__(self) -> None:
        own = abs(self.coefficient) != 1 or not self.powers
        sizes = (base.size if isinstance(base, Polynomial) else _size(base) for base in self.powers)
        object.__setattr__(self, "key", frozenset(self.powers.items()))
        object.__setattr__(self, "size", own + sum(sizes))

    def scaled(self, number: Fraction) -> Monomial:
        """So many times as much."""
        return Monomial(self.coefficient * number, self.powers)


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A sum of monomials, in the order in which it is written."""

    terms: tuple[Monomial, ...] = field(compare=False)
    """The terms."""
    key: frozenset[Monomial] = field(init=False)
    """The same terms, for comparing."""
    size: int = field(init=False, compare=False)
    """How many operands it has."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", frozenset(self.terms))
        object.__setattr__(self, "size", sum(term.size for term in self.terms))

    def turned(self) -> Polynomial:
        """The polynomial with every sign turned."""
        return Polynomial(tuple(term.scaled(MINUS) for term in self.terms))


Base: TypeAlias = Name | Call | Choice | Power | Polynomial
NOTHING, UNIT, MINUS = Monomial(Fraction(0)), Monomial(Fraction(1)), Fraction(-1)


def _size(node: Expression) -> int:
    return sum(not parts(inner) for inner in walk(node))


def times(*factors: Monomial) -> Monomial:
    """The product; what cancels is gone."""
    number = math.prod((factor.coefficient for factor in factors), start=Fraction(1))
    powers: dict[Base, int] = {}
    for factor in factors:
        for base, exponent in factor.powers.items():
            powers[base] = powers.get(base, 0) + exponent
    if not number:
        return NOTHING
    return Monomial(number, {base: power for base, power in powers.items() if power})


def raised(base: Monomial, exponent: int) -> Monomial:
    """An integer power. Raises ArithmeticError for 1/0 and for numbers past all reading."""
    number = base.coefficient
    bits = max(number.numerator.bit_length(), number.denominator.bit_length())
    if bits * abs(exponent) > 4 * EXACT_BITS and abs(number) != 1:
        raise OverflowError
    powers = {inner: power * exponent for inner, power in base.powers.items()} if exponent else {}
    return Monomial(number**exponent, powers)


def flat_bases(polynomial: Polynomial) -> Iterator[Base]:
    """The names, calls, choices and powers in a polynomial, each as often as it occurs."""
    for term in polynomial.terms:
        for base in term.powers:
            if isinstance(base, Polynomial):
                yield from flat_bases(base)
            else:
                yield base


def spread(polynomial: Polynomial) -> tuple[float, float]:
    """At most how many terms a polynomial has when multiplied out, and its degree.

    Both infinite where a base has a negative power.
    """
    terms = degree = 0.0
    for term in polynomial.terms:
        count = 1.0
        height = 0.0
        for base, power in term.powers.items():
            inner, high = spread(base) if isinstance(base, Polynomial) else (1.0, 1.0)
            if power < 0 or power > 100:
                return math.inf, math.inf
            count = min(count * min(inner, 1e3) ** power, 1e9)
            height += high * power
        terms += count
        degree = max(degree, height)
    return terms, degree
