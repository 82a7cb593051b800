"""Formulas that may be vectors or matrices of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from backcalc.formulas.expression import (
    Choice,
    Comparison,
    Expression,
    Name,
    Negation,
    Product,
    Sum,
    names_in,
    negated,
)
from backcalc.reading.names import Meaning, OfMatrices, Unreadable, at_step
from backcalc.reading.vocabulary import Quantities, lengths

Value: TypeAlias = "Expression | tuple[Value, ...]"
"""A formula, or a vector or matrix of them."""


def named_by(meaning: Meaning) -> Value:
    """Return the names of what is meant as a formula or a vector of formulas."""
    return values_of(at_step(meaning.quantities, meaning.primes), meaning.turned)


def values_of(quantities: Quantities, turned: bool = False) -> Value:
    """Names as a formula or a vector of formulas."""
    if isinstance(quantities, tuple):
        return tuple(values_of(each, turned) for each in quantities)
    return Negation(Name(quantities)) if turned else Name(quantities)


def mapped(change: Callable[[Expression], Expression], value: Value) -> Value:
    """Return a value with each formula in it changed."""
    if isinstance(value, tuple):
        return tuple(mapped(change, each) for each in value)
    return change(value)


def together(join: Callable[..., Expression], values: Sequence[Value]) -> Value:
    """Values joined element by element; all of one shape, or numbers such as 1 beside them."""
    sizes = {len(value) for value in values if isinstance(value, tuple)}
    if not sizes:
        return join(*values)
    alone = [value for value in values if not isinstance(value, tuple) and names_in(value)]
    if len(sizes) > 1 or alone:
        raise OfMatrices("vectors of different lengths are put together")
    rows = [value if isinstance(value, tuple) else (value,) * max(sizes) for value in values]
    return tuple(together(join, each) for each in zip(*rows, strict=True))


def multiplied(factors: Sequence[Value], signed: bool) -> Value:
    """The product: of numbers, of numbers and one vector, or of vectors element by element.

    What is said of a vector can be no other product of vectors with a sign between them.
    """
    vectors = [n for n, factor in enumerate(factors) if isinstance(factor, tuple)]
    if not vectors:
        return Product(tuple(factors))  # type: ignore[arg-type]
    if len(vectors) > 1:
        shapes = {lengths(factors[n]) for n in vectors}
        if not signed or len(vectors) < len(factors) or {*map(len, shapes)} != {1}:
            raise OfMatrices("which product of these vectors is meant is not clear")
        return together(lambda *each: Product(each), factors)
    (place,) = vectors
    before, after = factors[:place], factors[place + 1 :]
    return mapped(lambda each: Product((*before, each, *after)), factors[place])  # type: ignore[arg-type]


def applied(matrix: Value, vector: Value, size: tuple[int, ...]) -> list[Value]:
    """The product of a matrix and a vector as the one factor; any other two as they are.

    So is that of two vectors whose product has the size of a matrix.
    """
    if size[1:] and size == (*lengths(matrix), *lengths(vector)):
        sides = [each if isinstance(each, tuple) else (each,) for each in (matrix, vector)]
        return [tuple(tuple(Product((a, b)) for b in sides[1]) for a in sides[0])]  # type: ignore[arg-type]
    if not isinstance(vector, tuple) or len(lengths(matrix)) != 2 or len(lengths(vector)) != 1:
        return [matrix, vector]
    if lengths(matrix)[1] != len(vector):
        raise Unreadable("a matrix is multiplied by a vector of another length")
    rows = matrix if isinstance(matrix, tuple) else ()
    pairs = [zip(row, vector, strict=True) for row in rows if isinstance(row, tuple)]
    return [tuple(Sum(tuple(Product(each) for each in row)) for row in pairs)]  # type: ignore[arg-type]


def transposed(value: Value) -> Value:
    """A matrix with its rows as columns; anything else as it is."""
    if isinstance(value, tuple) and all(isinstance(row, tuple) for row in value):
        return tuple(zip(*value, strict=True))
    return value


def chosen(condition: Comparison, then: Value, otherwise: Value) -> Value:
    """Return the choice between two formulas. Raises Unreadable for vectors."""
    if isinstance(then, tuple) or isinstance(otherwise, tuple):
        raise Unreadable("the pieces of this formula are vectors")
    return Choice(condition, then, otherwise)


def all_names(value: Value) -> bool:
    """True if a value is a name, or a vector of names, perhaps with its sign turned."""
    if isinstance(value, tuple):
        return all(map(all_names, value))
    return isinstance(value.operand if isinstance(value, Negation) else value, Name)


def turned_value(value: Value) -> Value:
    """The value with its sign turned."""
    return tuple(map(turned_value, value)) if isinstance(value, tuple) else negated(value)


def same_shape(one: Value, two: Value) -> bool:
    """True if two values are vectors or matrices of one shape, or neither is one."""
    if not isinstance(one, tuple) or not isinstance(two, tuple):
        return not (isinstance(one, tuple) or isinstance(two, tuple))
    return len(one) == len(two) and all(map(same_shape, one, two))


def quantities_of(value: Value) -> Quantities:
    """The quantities that a name or a vector of names stands for."""
    if isinstance(value, tuple):
        return tuple(map(quantities_of, value))
    value = value.operand if isinstance(value, Negation) else value
    assert isinstance(value, Name)
    return value.id
