"""The differential of a formula of matrices: how it changes with its names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from backcalc.formulas import expression as tree
from backcalc.formulas import matrices, record
from backcalc.formulas.functions import slopes


def changed(name: str) -> tree.Operation:
    """The differential of a quantity as part of a formula."""
    return tree.Operation(matrices.DIFFERENTIAL, (tree.Name(name),))


def differential(
    node: tree.Expression,
    answer: tree.Expression,
    by: Collection[str],
    shapes: matrices.Shapes,
    conventions: Mapping[str, Fraction],
) -> tree.Expression | None:
    """The differential of a formula as far as it comes from these names; None if none is short.

    >>> from backcalc.formulas.matrix_reader import parse_matrices
    >>> from backcalc.formulas.notation import formula_text
    >>> formula = parse_matrices("W @ x + b").expression
    >>> z = tree.Name("z")
    >>> formula_text(differential(formula, z, {"W", "b"}, {"W": (3, 2), "x": (2,)}, {}))
    'dW @ x + db'
    """
    walk = _Differential(by, shapes, conventions)
    found = walk.of(node, answer)
    return None if found is None else matrices.divided_last(found)


@record(frozen=True, slots=True, eq=False)
class _Differential:
    """One walk from the names of a formula up to its value."""

    by: Collection[str]
    shapes: matrices.Shapes
    conventions: Mapping[str, Fraction]

    def of(
        self, node: tree.Expression, answer: tree.Expression | None = None
    ) -> tree.Expression | None:
        """The differential of a node; ZERO where no name below it changes."""
        if not set(tree.names_in(node)) & set(self.by):
            return tree.ZERO
        answer = node if answer is None else answer
        match node:
            case tree.Name(name):
                return changed(name)
            case tree.Product(factors):  # the differential stands in the factor's place
                return sum_of_known(
                    [
                        self.times(factor, factors[:place], factors[place + 1 :])
                        for place, factor in enumerate(factors)
                    ]
                )
            case tree.Power(_, exponent) if set(tree.names_in(exponent)) & set(self.by):
                return None
            case tree.Sum() | tree.Negation() | tree.Inverse() | tree.Power() | tree.Call():
                pairs = slopes(node, [answer], self.conventions)
                return sum_of_known([self.times(each, (slope,)) for each, slope in pairs])
            case tree.Choice(condition, then, otherwise):
                sides = [self.of(then), self.of(otherwise)]
                kept = [each for each in sides if each is not None]
                return tree.chosen(condition, *kept) if len(kept) == len(sides) else None
            case tree.Operation(row, arguments) if matrices.operation(row.name).linear:
                if row.name == "concat":
                    return self.joined(node)
                return sum_of_known([self.replaced(node, place) for place in range(len(arguments))])
            case tree.Operation(row, (operand,)):
                return self.reduced(node, answer, operand)
        return None

    def times(
        self,
        node: tree.Expression,
        before: tuple[tree.Expression, ...],
        after: tuple[tree.Expression, ...] = (),
    ) -> tree.Expression | None:
        inner = self.of(node)
        return None if inner is None else tree.multiplied(*before, inner, *after)

    def joined(self, node: tree.Operation) -> tree.Expression | None:
        kept: list[tree.Expression] = []
        for each in node.arguments:
            inner = self.of(each)
            if inner is None:
                return None
            words = (("shape", matrices.shape_of(each, self.shapes)),)
            kept.append(tree.Operation(matrices.ZEROS, (), words) if inner == tree.ZERO else inner)
        return tree.Operation(node.row, tuple(kept), node.settings)

    def replaced(self, node: tree.Operation, place: int) -> tree.Expression | None:
        inner = self.of(node.arguments[place])
        if inner is None or inner == tree.ZERO:
            return inner
        arguments = (*node.arguments[:place], inner, *node.arguments[place + 1 :])
        if node.row.name == "@":
            return matrices.matmul(*arguments)
        if node.row.name == ".T":
            return matrices.transposed(inner)
        return tree.Operation(node.row, arguments, node.settings)

    def reduced(
        self, node: tree.Operation, answer: tree.Expression, operand: tree.Expression
    ) -> tree.Expression | None:
        """The differential of an operation that is not linear, where it is short."""
        row, inner = matrices.operation(node.row.name), self.of(operand)
        if inner is None:
            return None
        if row.symmetric:
            (found,) = row.derivative(matrices.Passed(node, answer, inner, self.shapes))
            return found
        if row.settings != matrices.REDUCING:
            return None
        (slope,) = row.derivative(matrices.Passed(node, answer, tree.ONE, self.shapes))
        words = tuple((word, said) for word, said in matrices.settings_of(node).items())
        return (
            None
            if slope is None
            else tree.Operation(matrices.operation("sum"), (tree.multiplied(slope, inner),), words)
        )


def sum_of_known(terms: Sequence[tree.Expression | None]) -> tree.Expression | None:
    """Return the sum of terms; None if one is missing."""
    kept = [term for term in terms if term is not None]
    return tree.added(*kept) if len(kept) == len(terms) else None
