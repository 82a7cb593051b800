"""The Jacobian of one quantity by another: along a path, in symbols and in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from backcalc.equations.calculation import forward
from backcalc.equations.costs import matrix_form, total
from backcalc.equations.derivation import sum_of_known
from backcalc.equations.matrix_form import MatrixForm, MatrixLine, element_names
from backcalc.equations.network import Network
from backcalc.errors import BackcalcError, did_you_mean
from backcalc.formulas import record
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Call,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Operation,
    Power,
    Product,
    Scalar,
    Sum,
    Values,
    evaluate,
    multiplied,
    names_in,
    walk,
)
from backcalc.formulas.functions import partials, slopes
from backcalc.formulas.matrices import (
    DIAGONAL,
    MATMUL,
    SCALAR,
    SPREAD,
    Row,
    Shape,
    Shapes,
    count,
    elements_of,
    flowing_back,
    identity,
    matmul,
    opened,
    shape_of,
    size_product,
    spread,
    transposed,
)
from backcalc.formulas.notation import formula_text
from backcalc.formulas.quantity import Quantity

MOST_PATHS = 6  # paths that are shown
MOST_ELEMENTS = 4096  # elements of a Jacobian that are worked out


@record(frozen=True, slots=True, eq=False)
class LocalJacobian:
    """The Jacobian of one line by what it uses."""

    of: Quantity
    """The line's quantity."""
    by: str
    """What it uses."""
    shape: Shape
    """Rows and columns, in the layout."""
    expression: Expression | None
    """It in symbols; None where no short formula says it."""
    numbers: tuple[Scalar, ...] | None
    """Its elements row by row; None where there are no numbers or too many."""


@record(frozen=True, slots=True, eq=False)
class JacobianProduct:
    """The product of the local Jacobians along a path."""

    factors: tuple[LocalJacobian, ...]
    """The Jacobians in the order of the product."""
    left_first: Expression
    """Multiplications if the product is worked out from left to right."""
    right_first: Expression
    """Multiplications if it is worked out from right to left."""


@record(frozen=True, slots=True, eq=False)
class Jacobian:
    """The derivatives of all elements of one quantity by all elements of another."""

    of: str
    """The quantity whose elements are differentiated."""
    by: str
    """The quantity by whose elements."""
    layout: str
    """The layout: numerator has a row for each element of the first, denominator a column."""
    shape: Shape
    """Rows and columns."""
    rows: tuple[str, ...]
    """What each row belongs to; empty where sizes are letters."""
    columns: tuple[str, ...]
    """What each column belongs to."""
    chains: tuple[JacobianProduct, ...]
    """The paths, whose products add up to it."""
    paths: int
    """How many paths there are."""
    numbers: tuple[Scalar, ...] | None
    """Its elements row by row; None where there are no numbers."""


def jacobian(network: Network, of: str, by: str, layout: str = "numerator") -> Jacobian:
    """Return the Jacobian of one quantity by another.

    Raises BackcalcError where one is no quantity, or where nothing leads from one to the other.
    """
    form = matrix_form(network)
    lines: dict[str, MatrixLine] = {line.name: line for line in form.lines}
    given = (*form.inputs, *form.weights, *form.constants)
    for name, known in ((of, [*lines]), (by, [*given, *lines])):
        if name not in known:
            message = f"there is no quantity {name[:60]!r} that a Jacobian could be of or by"
            raise BackcalcError(message, hint=did_you_mean(name, known))
    counted = _counted(lines, of, by)
    if not counted[of] or of == by:
        raise BackcalcError(f"{of} does not depend on {by}", hint="--of names the later quantity")
    numbered = network.matrices is None or bool(form.elements)
    sides = form.shapes.get(of, SCALAR), form.shapes.get(by, SCALAR)
    small = numbered and count(sides[0]) * count(sides[1]) <= MOST_ELEMENTS
    if numbered and not small:
        size = f"{count(sides[0])} by {count(sides[1])}"
        message = f"the Jacobian of {of} by {by} has {size} elements"
        raise BackcalcError(message, hint=f"at most {MOST_ELEMENTS} are worked out")
    values: Values | None = None
    if numbered:
        values = forward(replace(network, samples=network.samples[:1])).values
    chains = []
    for path in _paths(lines, of, by, counted):
        factors = tuple(
            _local(form, lines[later], earlier, values, network.conventions, layout)
            for later, earlier in pairwise(path)
        )
        chains.append(_chain(factors if layout == "numerator" else factors[::-1]))
    names = [element_names(each, shape) if numbered else () for each, shape in
             zip((of, by), sides, strict=True)]  # fmt: skip
    numbers = None if values is None else _numbers(form, of, by, values, network.conventions)
    shape = Shape((_flat(sides[0]), _flat(sides[1])))
    if layout == "denominator":
        names, shape = names[::-1], Shape(reversed(shape))
        numbers = None if numbers is None else _flipped(numbers, len(names[0]))
    return Jacobian(of, by, layout, shape, names[0], names[1], tuple(chains), counted[of], numbers)


def _flat(shape: Shape) -> int | str:
    size = size_product(shape)
    return int(size.value) if isinstance(size, Number) else formula_text(size)


def _flipped(numbers: Sequence[Scalar], rows: int) -> tuple[Scalar, ...]:
    """The elements of the transpose, which has so many rows."""
    return tuple(each for row in range(rows) for each in numbers[row::rows])


def _counted(lines: Mapping[str, MatrixLine], of: str, by: str) -> dict[str, int]:
    """How many paths lead from one quantity to each line up to another."""
    found = {by: 1}
    for name, line in lines.items():
        if name != by:
            found[name] = sum(found.get(each, 0) for each in names_in(line.expression))
        if name == of:
            break
    return {**dict.fromkeys(lines, 0), **found}


def _paths(
    lines: Mapping[str, MatrixLine], of: str, by: str, counted: Mapping[str, int]
) -> Iterator[tuple[str, ...]]:
    """The first paths from the later quantity to the earlier one."""
    found = 0
    pending: list[tuple[str, ...]] = [(of,)]
    while pending and found < MOST_PATHS:
        path = pending.pop()
        if path[-1] == by:
            found += 1
            yield path
            continue
        used = [each for each in names_in(lines[path[-1]].expression) if counted.get(each)]
        pending += [(*path, each) for each in reversed(used)]


def _chain(factors: tuple[LocalJacobian, ...]) -> JacobianProduct:
    first, last = factors[0].shape[0], factors[-1].shape[1]
    left = [size_product((first, *each.shape)) for each in factors[1:]]
    right = [size_product((*each.shape, last)) for each in factors[:-1]]
    return JacobianProduct(factors, total(left), total(right))


def _local(
    form: MatrixForm, line: MatrixLine, by: str, values: Values | None,
    conventions: Mapping[str, Fraction], layout: str,
) -> LocalJacobian:  # fmt: skip
    """The Jacobian of a line by one of the names in it."""
    small = form.shapes.get(by, SCALAR)
    shape = Shape((_flat(line.shape), _flat(small)))
    expression = numbers = None
    if max(len(line.shape), len(small)) <= 1:
        expression = symbolic_jacobian(line, by, form.shapes, conventions)
    if values is not None and count(line.shape) * count(small) <= MOST_ELEMENTS:
        numbers = _worked(form, line, by, values, conventions)
    if layout == "denominator":
        rows = int(shape[1]) if numbers is not None else 0
        numbers = None if numbers is None else _flipped(numbers, rows)
        shape = Shape(reversed(shape))
        if expression is not None:
            known = {**form.shapes, line.name: line.shape}
            expression = opened(transposed(expression), known) if any(shape) else expression
    return LocalJacobian(line.name, by, shape, expression, numbers)


def _worked(
    form: MatrixForm, line: MatrixLine, by: str, values: Values, conventions: Mapping[str, Fraction]
) -> tuple[Scalar, ...]:
    """The elements of a local Jacobian, each by the derivative of one scalar formula."""
    columns = element_names(by, form.shapes.get(by, SCALAR))
    found: list[Scalar] = []
    elements = spread(elements_of(line.expression, form.elements), line.shape).elements
    for element in elements:
        slopes = partials(element, (), conventions)
        found += [evaluate(slopes.get(each, ZERO), values) for each in columns]
    return tuple(found)


JacobianRows = list[list[Scalar]]


def _numbers(
    form: MatrixForm, of: str, by: str, values: Values, conventions: Mapping[str, Fraction]
) -> tuple[Scalar, ...]:
    """The elements of the whole Jacobian: along the lines, each local one times what it uses."""
    size = count(form.shapes.get(by, SCALAR))
    known: dict[str, JacobianRows] = {
        by: [[Fraction(row == column) for column in range(size)] for row in range(size)]
    }
    for line in form.lines:
        used = [name for name in names_in(line.expression) if name in known]
        if line.name == by or not used:
            continue
        total_grid: JacobianRows = [[Fraction(0)] * size for _ in range(count(line.shape))]
        for name in used:
            local = _worked(form, line, name, values, conventions)
            inner = known[name]
            for row, own in enumerate(total_grid):
                slopes = local[row * len(inner) : (row + 1) * len(inner)]
                for slope, below in zip(slopes, inner, strict=True):
                    if slope:
                        own[:] = [a + slope * b for a, b in zip(own, below, strict=True)]
        known[line.name] = total_grid
        if line.name == of:
            break
    return tuple(each for row in known[of] for each in row)


# In symbols, between vectors and scalars.


def symbolic_jacobian(
    line: MatrixLine, by: str, shapes: Shapes, conventions: Mapping[str, Fraction]
) -> Expression | None:
    """The Jacobian of a line in numerator layout; None where no short formula says it."""
    if not line.shape and not shapes:  # in a file of scalars
        several = any(isinstance(e, Call) and e.function.outputs for e in walk(line.expression))
        answers = () if several else (line.name,)
        return partials(line.expression, answers, conventions).get(by, ZERO)
    if not line.shape:
        flows = flowing_back(line.expression, Name(line.name), ONE, shapes, conventions)
        slope, shape = flows.get(by, ZERO), shapes.get(by, SCALAR)
        if tuple(shape_of(slope, shapes)) != tuple(shape):
            slope = Operation(SPREAD, (slope,), (("shape", shape),))
        return transposed(slope) if shape else slope
    found = _Symbols(by, shapes, conventions).of(line.expression, Name(line.name))
    return None if found is None else opened(found, shapes)


@record(frozen=True, slots=True, eq=False)
class _Symbols:
    """One walk from the elements of a vector to those of a formula of it."""

    by: str
    shapes: Shapes
    conventions: Mapping[str, Fraction]

    def of(self, node: Expression, answer: Expression | None = None) -> Expression | None:
        """The Jacobian of a node; ZERO where it does not depend on the vector."""
        if self.by not in names_in(node):
            return ZERO
        answer = node if answer is None else answer
        size = shape_of(node, self.shapes)
        match node:
            case Name():
                return identity(size[0]) if size else ONE
            case Sum(terms) if all(self.is_alike(each, node) for each in terms):
                return sum_of_known(map(self.of, terms))
            case Power(_, exponent) if self.by in names_in(exponent):
                return None
            case Negation() | Product() | Inverse() | Power() | Call():
                pairs = slopes(node, [answer], self.conventions)
                return sum_of_known(self.scaled(multiplied(s), each, node) for each, s in pairs)
            case Operation(row, (left, right)) if row is MATMUL and self.by not in names_in(left):
                inner = self.of(right)
                whole = len(shape_of(left, self.shapes)) == 2
                return None if inner is None or not whole else matmul(left, inner)
            case Operation(row, (operand,)) if row.name == "softmax" and len(size) == 1:
                inner = self.of(operand)
                outer = Operation(MATMUL, (answer, transposed(answer)))
                own = Sum((Operation(DIAGONAL, (answer,)), Negation(outer)))
                return None if inner is None else matmul(own, inner)
        return None

    def scaled(self, slope: Expression, operand: Expression, node: Expression) -> Expression | None:
        """The Jacobian through a factor for each element: diag(slope) @ J."""
        if self.by not in names_in(operand) or slope == ZERO:
            return ZERO
        inner = self.of(operand)
        if inner is None or not self.is_alike(operand, node):
            return None
        size = shape_of(slope, self.shapes)
        if not size:
            return multiplied(slope, inner)
        if tuple(size) != tuple(shape_of(node, self.shapes)):
            return None
        return matmul(Operation(DIAGONAL, (slope,)), inner)

    def is_alike(self, operand: Expression, node: Expression) -> bool:
        """True if an operand has the node's shape, or does not depend on the vector."""
        first, second = shape_of(operand, self.shapes), shape_of(node, self.shapes)
        alike = tuple(first) == tuple(second) and isinstance(first, Row) == isinstance(second, Row)
        return alike or self.by not in names_in(operand)
