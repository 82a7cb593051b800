"""The differential of a formula of matrices: how it changes with its names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from backcalc.formulas import record
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Choice,
    Expression,
    Inverse,
    Name,
    Negation,
    Operation,
    Power,
    Product,
    Sum,
    added,
    chosen,
    multiplied,
    names_in,
)
from backcalc.formulas.functions import slopes
from backcalc.formulas.matrices import (
    DIFFERENTIAL,
    REDUCING,
    ZEROS,
    Passed,
    Shapes,
    divided_last,
    matmul,
    operation,
    settings_of,
    shape_of,
    transposed,
)


def changed(name: str) -> Operation:
    """The differential of a quantity as part of a formula."""
    return Operation(DIFFERENTIAL, (Name(name),))


def differential(
    node: Expression,
    answer: Expression,
    by: Collection[str],
    shapes: Shapes,
    conventions: Mapping[str, Fraction],
) -> Expression | None:
    """The differential of a formula as far as it comes from these names; None if none is short.

    >>> from backcalc.formulas.matrix_reader import parse_matrices
    >>> from backcalc.formulas.notation import formula_text
    >>> formula = parse_matrices("W @ x + b").expression
    >>> formula_text(differential(formula, Name("z"), {"W", "b"}, {"W": (3, 2), "x": (2,)}, {}))
    'dW @ x + db'
    """
    walk = _Differential(by, shapes, conventions)
    found = walk.of(node, answer)
    return None if found is None else divided_last(found)


@record(frozen=True, slots=True, eq=False)
class _Differential:
    """One walk from the names of a formula up to its value."""

    by: Collection[str]
    shapes: Shapes
    conventions: Mapping[str, Fraction]

    def of(self, node: Expression, answer: Expression | None = None) -> Expression | None:
        """The differential of a node; ZERO where no name below it changes."""
        if not set(names_in(node)) & set(self.by):
            return ZERO
        answer = node if answer is None else answer
        match node:
            case Name(name):
                return changed(name)
            case Product(factors):  # the differential stands in the factor's place
                return sum_of_known(
                    [
                        self.times(factor, factors[:place], factors[place + 1 :])
                        for place, factor in enumerate(factors)
                    ]
                )
            case Power(_, exponent) if set(names_in(exponent)) & set(self.by):
                return None
            case Sum() | Negation() | Inverse() | Power() | Call():
                pairs = slopes(node, [answer], self.conventions)
                return sum_of_known([self.times(each, (slope,)) for each, slope in pairs])
            case Choice(condition, then, otherwise):
                sides = [self.of(then), self.of(otherwise)]
                kept = [each for each in sides if each is not None]
                return chosen(condition, *kept) if len(kept) == len(sides) else None
            case Operation(row, arguments) if operation(row.name).linear:
                if row.name == "concat":
                    return self.joined(node)
                return sum_of_known([self.replaced(node, place) for place in range(len(arguments))])
            case Operation(row, (operand,)):
                return self.reduced(node, answer, operand)
        return None

    def times(
        self, node: Expression, before: tuple[Expression, ...], after: tuple[Expression, ...] = ()
    ) -> Expression | None:
        inner = self.of(node)
        return None if inner is None else multiplied(*before, inner, *after)

    def joined(self, node: Operation) -> Expression | None:
        kept: list[Expression] = []
        for each in node.arguments:
            inner = self.of(each)
            if inner is None:
                return None
            words = (("shape", shape_of(each, self.shapes)),)
            kept.append(Operation(ZEROS, (), words) if inner == ZERO else inner)
        return Operation(node.row, tuple(kept), node.settings)

    def replaced(self, node: Operation, place: int) -> Expression | None:
        inner = self.of(node.arguments[place])
        if inner is None or inner == ZERO:
            return inner
        arguments = (*node.arguments[:place], inner, *node.arguments[place + 1 :])
        if node.row.name == "@":
            return matmul(*arguments)
        if node.row.name == ".T":
            return transposed(inner)
        return Operation(node.row, arguments, node.settings)

    def reduced(
        self, node: Operation, answer: Expression, operand: Expression
    ) -> Expression | None:
        """The differential of an operation that is not linear, where it is short."""
        row, inner = operation(node.row.name), self.of(operand)
        if inner is None:
            return None
        if row.symmetric:
            (found,) = row.derivative(Passed(node, answer, inner, self.shapes))
            return found
        if row.settings != REDUCING:
            return None
        (slope,) = row.derivative(Passed(node, answer, ONE, self.shapes))
        words = tuple((word, said) for word, said in settings_of(node).items())
        return (
            None
            if slope is None
            else Operation(operation("sum"), (multiplied(slope, inner),), words)
        )


def sum_of_known(terms: Sequence[Expression | None]) -> Expression | None:
    """Return the sum of terms; None if one is missing."""
    kept = [term for term in terms if term is not None]
    return added(*kept) if len(kept) == len(terms) else None
