"""Formulas as a student tidies them: sympy takes sums apart, the author's own stay as written.

Every name, call, choice and odd power is a generator of a polynomial ring. Past a small bound
nothing is multiplied out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from fractions import Fraction
from math import prod
from typing import Any, TypeAlias

from backcalc.formulas import record
from backcalc.formulas.expression import (
    EXACT_BITS,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    multiplied,
    negated,
    parts,
    rebuilt,
    walk,
)
from backcalc.formulas.functions import simplified

MOST_TERMS, MOST_DEGREE = 80, 16  # of a sum that is multiplied out
MOST_SPREAD = 64  # generators times degree of a sum that sympy factors

LAST = 3  # the class of what is no name, in the order of a product

Rank: TypeAlias = Callable[[str], tuple[int, ...]]
"""The place of a name in a product."""

Summand: TypeAlias = tuple[Fraction, dict[Any, int]]
"""A number times powers of sympy's irreducible polynomials."""


def size(node: Expression) -> int:
    """Count the operands of a formula."""
    return sum(not parts(inner) for inner in walk(node))


def tidied(node: Expression, rank: Rank) -> Expression:
    """Return the shorter of a formula as it stands and with its common factors drawn out."""

    def inside(part: Expression) -> Expression:
        return rebuilt(part, inside if _is_rational(part) else lambda each: tidied(each, rank))

    plain = simplified(inside(node))
    if not parts(plain):
        return plain
    try:
        return min(_Algebra.of(plain, rank).tidied(plain), plain, key=size)
    except ArithmeticError:  # too long, or a division by zero
        return simplified(rebuilt(plain, lambda part: tidied(part, rank)))


def _is_rational(node: Expression) -> bool:
    """Return True if a node adds, multiplies, divides or takes a whole power of its operands."""
    if isinstance(node, Power):
        exponent = node.exponent
        return isinstance(exponent, Number) and Fraction(exponent.value).denominator == 1
    return isinstance(node, (Sum, Product, Negation, Inverse))


def _atoms(node: Expression) -> Iterator[Expression]:
    """Yield the parts of a formula that are no sums, products or whole powers."""
    if _is_rational(node):
        for part in parts(node):
            yield from _atoms(part)
    elif not isinstance(node, Number):
        yield node


@record(slots=True)
class _Algebra:
    """One formula in sympy's ring, and the way back."""

    atoms: Sequence[Expression]
    """The meaning of each generator, in the order in which they stand in a product."""
    ring: Any
    """sympy's ring of polynomials in them."""
    known: dict[Expression, Summand] = field(default_factory=dict)
    """Formulas taken apart already."""
    sums: dict[Any, tuple[Fraction, Expression]] = field(default_factory=dict)
    """Factors that the author wrote as a sum: so many times that sum."""

    @classmethod
    def of(cls, node: Expression, rank: Rank) -> _Algebra:
        """Return the ring of all names, calls, choices and odd powers of a formula."""
        from sympy.polys.domains import QQ
        from sympy.polys.rings import PolyRing

        def place(atom: Expression) -> tuple[int, ...]:
            return rank(atom.id) if isinstance(atom, Name) else (LAST, size(atom))

        atoms = sorted(dict.fromkeys(_atoms(node)), key=place)
        return cls(atoms, PolyRing([f"g{number}" for number in range(len(atoms))], QQ))

    def tidied(self, node: Expression) -> Expression:
        """Factor the formula. Raises ArithmeticError where it is too long or has no value."""
        return self.written(*self.apart(node))

    def apart(self, node: Expression) -> Summand:
        """Return a formula as a product."""
        if node not in self.known:
            inner = map(self.apart, parts(node) if _is_rational(node) else ())
            match node:
                case Number(value):
                    self.known[node] = Fraction(value), {}
                case Negation():
                    self.known[node] = times((Fraction(-1), {}), *inner)
                case Inverse():
                    self.known[node] = raised(next(inner), -1)
                case Power(_, Number(exponent)) if exponent == int(exponent):
                    self.known[node] = raised(next(inner), int(exponent))
                case Product():
                    self.known[node] = times(*inner)
                case Sum():
                    self.known[node] = self.total([term for term in inner if term[0]])
                case _:
                    self.known[node] = Fraction(1), {self.ring.gens[self.atoms.index(node)]: 1}
        return self.known[node]

    def total(self, terms: Sequence[Summand]) -> Summand:
        """Return a sum as a product: what all terms share, and the rest as sympy factors it."""
        shared = {
            factor: -min(powers.get(factor, 0) for _, powers in terms)
            for factor in dict.fromkeys(factor for _, powers in terms for factor in powers)
        }
        rest = [times(term, (Fraction(1), shared)) for term in terms]
        counts = (prod(len(f) ** power for f, power in powers.items()) for _, powers in rest)
        if sum(counts) > MOST_TERMS:
            raise OverflowError
        total = self.ring.zero
        for number, powers in rest:
            product = (factor**power for factor, power in powers.items())
            total += prod(product, start=self.ring(self.ring.domain(*number.as_integer_ratio())))
        if not total:
            return Fraction(0), {}
        number, factors = self.factored(total)
        for factor in factors:
            if len(factors) == factors[factor] == 1 and len(factor) > 1:
                self.remember(factor, number, rest)
        return times((number, factors), raised((Fraction(1), shared), -1))

    def factored(self, polynomial: Any) -> Summand:
        """Return a number and sympy's factors of a polynomial where these are shorter than it."""
        content, primitive = polynomial.primitive()
        if primitive.LC < 0:
            content, primitive = -content, -primitive
        number = _fraction(content)
        if primitive.is_ground:  # sympy factors no polynomial that has no generators
            return number, {}
        used = sum(degree > 0 for degree in primitive.degrees())
        small = used * max(map(sum, primitive.monoms())) <= MOST_SPREAD
        if small and not self.is_irreducible(primitive):
            more, factors = primitive.factor_list()
            found = times((_fraction(more), dict(factors)))
            brackets = all(len(factor) > 1 for factor in found[1])
            if not (found[1] and brackets) or size(self.written(*found)) < size(
                self.plain(primitive)
            ):
                return times((number, {}), found)
        return number, {primitive: 1}

    def is_irreducible(self, polynomial: Any) -> bool:
        """Return True if this is plain to see: it is A*g + B, and A and B have no common factor."""
        degrees = zip(*polynomial.monoms(), strict=True)
        best = min((each for each in degrees if max(each) == 1), key=sum, default=())
        terms = list(zip(polynomial.terms(), best, strict=False))
        with_it, without = (
            self.ring.from_dict(dict(term for term, degree in terms if degree == side))
            for side in (1, 0)
        )
        return bool(best) and bool(with_it.gcd(without).is_ground)

    def remember(self, factor: Any, number: Fraction, terms: Iterable[Summand]) -> None:
        """Keep a sum as the author wrote it: so many times this factor."""
        decimal = number.denominator % 5 == 0 and any(abs(each) != 1 for each in factor.values())
        drawn = Fraction(1) if decimal else abs(number)
        written = [self.written(own / drawn, powers) for own, powers in terms]
        opened = [part for term in written for part in _opened(term)]
        if all(map(_is_minus, opened)):
            opened, drawn = [negated(part) for part in opened], -drawn
        if factor not in self.sums and sum(map(size, opened)) <= size(self.plain(factor)):
            self.sums[factor] = drawn / number, Sum(tuple(opened))

    def written(self, number: Fraction, factors: dict[Any, int]) -> Expression:
        """Return a product of names, calls and sums, in a fixed order."""
        found: list[tuple[tuple[int, ...], Expression, int]] = []
        for factor, power in sorted(factors.items(), key=lambda pair: pair[0] not in self.sums):
            places = [place for place, degree in enumerate(factor.degrees()) if degree > 0]
            if len(factor) == 1:
                found.append(((places[0],), self.atoms[places[0]], power))
                continue
            turned = number < 0 and power % 2 and any(each < 0 for each in factor.values())
            sign = -1 if turned else 1
            scale, inner = self.sums.get(factor) or (Fraction(sign), self.plain(factor * sign))
            number *= scale**power
            place = (places[0], 1) if len(places) == 1 else (len(self.atoms), size(inner), *places)
            found.append((place, inner, power))
        found.sort(key=lambda entry: entry[0])
        return _product(number, [(inner, power) for _, inner, power in found])

    def plain(self, polynomial: Any) -> Expression:
        """Return a polynomial term by term in sympy's order, subtracted ones last."""
        terms = [
            _product(_fraction(value), zip(self.atoms, powers, strict=True))
            for powers, value in polynomial.terms()
        ]
        return Sum(tuple(sorted(terms, key=_is_minus)))


def times(*terms: Summand) -> Summand:
    """Return the product; what cancels is gone. Raises OverflowError past all reading."""
    powers: dict[Any, int] = {}
    for _, own in terms:
        for factor, power in own.items():
            powers[factor] = powers.get(factor, 0) + power
    number = prod((number for number, _ in terms), start=Fraction(1))
    bits = max(each.bit_length() for each in number.as_integer_ratio())
    if bits > EXACT_BITS or any(abs(power) > MOST_DEGREE for power in powers.values()):
        raise OverflowError
    return number, {factor: power for factor, power in powers.items() if power}


def raised(term: Summand, exponent: int) -> Summand:
    """Return an integer power. Raises ZeroDivisionError for 1/0, OverflowError past all reading."""
    if abs(exponent) > MOST_DEGREE:
        raise OverflowError
    number, powers = term
    return times((number**exponent, {factor: power * exponent for factor, power in powers.items()}))


def _product(number: Fraction, factors: Iterable[tuple[Expression, int]]) -> Expression:
    """Return a number times powers, the divisors last; only a decimal stays a fraction."""
    divisor = number.denominator if number.denominator % 5 else 1
    numbers = Number(number * divisor), Inverse(Number(Fraction(divisor)))
    sides: tuple[list[Expression], list[Expression]] = [], []
    for base, power in factors:
        part = base if abs(power) == 1 else Power(base, Number(Fraction(abs(power))))
        if power:
            sides[power < 0].append(Inverse(part) if power < 0 else part)
    return multiplied(*numbers, *sides[0], *sides[1])


def _opened(node: Expression) -> tuple[Expression, ...]:
    """Return the terms of a sum that stands in another."""
    match node:
        case Sum(terms):
            return terms
        case Negation(Sum(terms)):
            return tuple(map(negated, terms))
    return (node,)


def _is_minus(term: Expression) -> bool:
    return isinstance(term, Negation) or (isinstance(term, Number) and term.value < 0)


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.numerator), int(value.denominator))
