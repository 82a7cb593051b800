"""Whether rows or columns of an output are samples: told by where weights stand, or by softmax."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from backcalc.equations.matrix_form import SampleAxis
from backcalc.formulas.expression import Expression, Name, Operation, names_in, parts
from backcalc.formulas.matrices import MATMUL, TRANSPOSE, Shape, shape_of


def sample_axis(
    output: str,
    meanings: Mapping[str, Expression],
    shapes: Mapping[str, Shape],
    weights: Collection[str],
) -> SampleAxis:
    """Return along which axis of an output, a matrix, its samples stand.

    Units go along the axis that a weight brings: the columns of `W @ X` are samples, and so are
    the rows of `X @ W`. Classes go along the axis of a softmax. Where the two differ, rows are
    taken.
    """
    found: dict[str, int | None] = {}

    def axis(node: Expression) -> int | None:
        if isinstance(node, Name):
            if node.id not in found:
                found[node.id] = None
                found[node.id] = axis(meanings[node.id]) if node.id in meanings else None
            return found[node.id]
        if isinstance(node, Operation):
            if node.row.name in ("softmax", "log_softmax"):
                along, inner = dict(node.settings).get("axis", 1), axis(node.arguments[0])
                told = 1 - along % 2 if isinstance(along, int) else None
                return told if inner in (None, told) else 0
            if node.row is TRANSPOSE:
                inner = axis(node.arguments[0])
                return None if inner is None else 1 - inner
            if node.row is MATMUL:
                fixed = [{*names_in(each)} <= {*weights} for each in node.arguments]
                if fixed[0] != fixed[1]:
                    return 1 if fixed[0] else 0
        shape = shape_of(node, shapes)
        same = (axis(each) for each in parts(node) if len(shape_of(each, shapes)) == len(shape))
        return next((each for each in same if each is not None), None)

    found_at = axis(Name(output))
    place = found_at or 0
    return SampleAxis(output, place, shapes[output][place], found_at is not None)
