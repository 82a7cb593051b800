"""What mistakes make of a formula of matrices: how it reads with one of them in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from backcalc.checking.mistakes.form import Forms, Spot
from backcalc.formulas.expression import (
    Expression,
    Inverse,
    Negation,
    Number,
    Operation,
    Product,
    parts,
    rebuilt,
)
from backcalc.formulas.matrices import MATMUL, SUM, TRANSPOSE, Shapes, shape_of, transposed

FormulaSlip = Callable[[Expression, Shapes], Iterator[Expression]]
"""Yields a formula as it reads with the mistake in it, in every way in which it can be made."""


def no_forms(spot: Spot) -> Forms:
    """No forms: a mistake that is made with whole matrices only."""
    return iter(())


def everywhere(change: FormulaSlip) -> FormulaSlip:
    """The same change at any part of a formula, one part at a time."""

    def edited(node: Expression, shapes: Shapes) -> Iterator[Expression]:
        yield from change(node, shapes)
        for place, part in enumerate(parts(node)):
            for other in edited(part, shapes):
                yield _with(node, place, other)

    return edited


def _with(node: Expression, place: int, other: Expression) -> Expression:
    """A node with one of its operands replaced."""
    operands = iter(range(len(parts(node))))
    return rebuilt(node, lambda operand: other if next(operands) == place else operand)


def turned(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """The whole formula with its sign turned."""
    yield Negation(node)


def laid(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """The whole formula transposed."""
    if len(shape_of(node, shapes)) == 2:
        yield transposed(node)


@everywhere
def swapped(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """The operands of a product in the other order."""
    match node:
        case Operation(row, (left, right)) if row is MATMUL:
            yield Operation(MATMUL, (right, left))


@everywhere
def entrywise(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """A product of matrices taken element by element."""
    match node:
        case Operation(row, (left, right)) if row is MATMUL:
            yield Product((left, right))
            if isinstance(right, Operation) and right.row is TRANSPOSE:
                yield Product((left, right.arguments[0]))
            if isinstance(left, Operation) and left.row is TRANSPOSE:
                yield Product((left.arguments[0], right))


@everywhere
def as_matrices(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """A product element by element taken as one of matrices."""
    match node:
        case Product(factors) if len(factors) > 1:
            for place in range(1, len(factors)):
                left, right = factors[:place], factors[place:]
                yield Operation(MATMUL, (_product(left), _product(right)))


def _product(factors: tuple[Expression, ...]) -> Expression:
    return factors[0] if len(factors) == 1 else Product(factors)


@everywhere
def outer_missing(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """An outer product of two vectors taken as their dot product, or element by element."""
    match node:
        case Operation(row, (left, Operation(inner, (right,)))) if (
            row is MATMUL and inner is TRANSPOSE and len(shape_of(left, shapes)) == 1
        ):
            yield Operation(MATMUL, (transposed(left), right))
            yield Product((left, right))


@everywhere
def untransposed(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """A factor that should be transposed and is not."""
    match node:
        case Operation(row, (left, right)) if row is MATMUL:
            for sides in ((_upright(left), right), (left, _upright(right))):
                if sides != (left, right):
                    yield Operation(MATMUL, sides)


def _upright(node: Expression) -> Expression:
    """A matrix without its transpose; a row stays, as it is a vector."""
    if isinstance(node, Operation) and node.row is TRANSPOSE:
        return node.arguments[0]
    return node


@everywhere
def not_averaged(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """A division by the size of the batch left out."""
    yield from _less(node, _divides)


def _less(node: Expression, droppable: Callable[[Expression], bool]) -> Iterator[Expression]:
    """A product without one of its factors, for each that may be dropped."""
    factors = node.factors if isinstance(node, Product) else ()
    for place, factor in enumerate(factors):
        if len(factors) > 1 and droppable(factor):
            yield _product((*factors[:place], *factors[place + 1 :]))


def _divides(factor: Expression) -> bool:
    """True for a division by a whole number."""
    if isinstance(factor, Number):
        value = Fraction(factor.value)
        return value.numerator == 1 < value.denominator
    return isinstance(factor, Inverse) and isinstance(factor.operand, Number)


@everywhere
def not_summed(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """A sum over the batch left out."""
    match node:
        case Operation(row, (operand,)) if row is SUM and len(shape_of(operand, shapes)) > 1:
            yield operand


@everywhere
def other_axis(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """A sum over the other axis."""
    match node:
        case Operation(row, operands, settings) if dict(settings).get("axis") in (0, 1, -1):
            words = dict(settings)
            words["axis"] = 1 if words["axis"] == 0 else 0
            yield Operation(row, operands, tuple(words.items()))


@everywhere
def factor_left_out(node: Expression, shapes: Shapes) -> Iterator[Expression]:
    """A factor of a product element by element left out: the activation's derivative."""
    if isinstance(node, Product):
        yield from _less(node, lambda factor: not isinstance(factor, (Inverse, Number)))
        yield node.factors[0]
