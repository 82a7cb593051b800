"""Vectors and matrices: shapes, THE table of operations, their elements, their derivatives.

A formula of matrices is a tree as any other one; `+`, `*` and the functions of the table work
element by element, with NumPy's rules where the shapes differ, and what works on a whole matrix is
an Operation. A vector is a column; its transpose is a row.
"""

from __future__ import annotations

import copyreg
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeAlias

from backcalc.errors import BackcalcError
from backcalc.formulas import record
from backcalc.formulas.expression import (
    ONE,
    TWO,
    ZERO,
    Call,
    Choice,
    Comparison,
    Expression,
    Inverse,
    Name,
    Negation,
    Number,
    Operation,
    Power,
    Product,
    Sum,
    added,
    chosen,
    multiplied,
    names_in,
    negated,
    parts,
)
from backcalc.formulas.functions import FUNCTIONS, call_derivatives, power_slope

Size: TypeAlias = "int | str"
"""The length of one axis: a number, or a letter where the network has no numbers."""


class Shape(tuple[Size, ...]):
    """The lengths of the axes: () for a scalar, (n,) for a vector, (rows, columns) for a matrix.

    >>> str(Shape((3, 2))), str(Shape((3,))), str(Row((3,))), str(Shape())
    ('3x2', '3', '1x3', 'a scalar')
    """

    def __str__(self) -> str:
        return "x".join(map(str, self)) or "a scalar"


class Row(Shape):
    """The shape of a vector that lies: the transpose of a column."""

    def __str__(self) -> str:
        return f"1x{self[0]}"


SCALAR = Shape()

Shapes: TypeAlias = Mapping[str, Shape]
"""The shape of each name; a name that is missing is a scalar."""

Settings: TypeAlias = Mapping[str, object]
"""Further words of an operation: {"axis": 0}."""


class ShapeError(BackcalcError):
    """Shapes that do not fit each other: the message names both and the operation."""


@record(frozen=True, slots=True, eq=False)
class Array:
    """The elements of a vector or a matrix, as formulas of scalars."""

    shape: Shape
    """The lengths of its axes."""
    elements: tuple[Expression, ...]
    """Its elements, the last axis running fastest."""

    def at(self, *place: int) -> Expression:
        """The element at a place, counted from 0."""
        position = 0
        for index, size in zip(place, self.shape, strict=True):
            position = position * whole(size) + index
        return self.elements[position]


Arrays: TypeAlias = Sequence[Array]

Elements: TypeAlias = Callable[[Arrays, Settings], tuple[Expression, ...]]
"""The elements of a result from those of the operands."""


@record(frozen=True, slots=True, eq=False)
class MatrixOperation:
    """One row of the table: all that backcalc knows of a product of matrices stands in its row."""

    name: str
    """The name that network files use, or the sign that stands between its operands."""
    shape: Callable[[Sequence[Shape], Settings], Shape]
    """The shape of the result from those of the operands; raises ShapeError."""
    elements: Elements
    """The elements of the result from those of the operands."""
    derivative: Callable[[Operation, Expression, Expression, Shapes], Sequence[Expression | None]]
    """What flows back to each operand, from the operation, its answer and the upstream gradient."""
    rule: str
    """The rule in a line, G being the upstream gradient."""
    source: str
    """Where the rule stands."""
    settings: tuple[tuple[str, object], ...] = ()
    """Its further words with what they say where they are left out."""
    numpy: str = ""
    """How NumPy spells it, with {} for each operand; empty: as a call of the same name."""


def whole(size: Size) -> int:
    """The length of an axis as a number; ShapeError for a letter."""
    if isinstance(size, int):
        return size
    raise ShapeError(f"the size {size} is a letter, so there are no elements")


def count(shape: Shape) -> int:
    """How many elements a shape has."""
    return math.prod(map(whole, shape))


def places(shape: Shape) -> Iterator[tuple[int, ...]]:
    """Every place of a shape, counted from 0, the last axis running fastest."""
    return itertools.product(*(range(whole(size)) for size in shape))


# Shapes.


def together(left: Shape, right: Shape, sign: str) -> Shape:
    """The shape of what works element by element, by NumPy's rule.

    Axes are compared from the last one; they fit where equal, where one is 1 or is not there.
    """
    if left == right or not right:
        return left
    if not left:
        return right
    sizes: list[Size] = []
    for mine, other in itertools.zip_longest(reversed(left), reversed(right), fillvalue=1):
        if mine != other and 1 not in (mine, other):
            raise ShapeError(f"{left} {sign} {right} do not fit")
        sizes.append(other if mine == 1 else mine)
    shape = tuple(reversed(sizes))
    return Row(shape) if len(shape) == 1 and Row in (type(left), type(right)) else Shape(shape)


SIGN_OF = {Sum: "+", Product: "*", Power: "**", Call: ",", Choice: ","}


def shape_of(expression: Expression, shapes: Shapes) -> Shape:
    """The shape of a formula's value; ShapeError, naming both shapes, where they do not fit.

    >>> from backcalc.formulas.matrices import MATMUL
    >>> product = Operation(MATMUL, (Name("W"), Name("x")))
    >>> shape_of(product, {"W": Shape((3, 2)), "x": Shape((2,))})
    (3,)
    """
    match expression:
        case Name(name):
            return shapes.get(name, SCALAR)
        case Number():
            return SCALAR
        case Negation(operand) | Inverse(operand):
            return shape_of(operand, shapes)
        case Operation(row, arguments, settings):
            own = [shape_of(each, shapes) for each in arguments]
            return operation(row.name).shape(own, dict(settings))
    shape = SCALAR
    for operand in parts(expression):
        shape = together(shape, shape_of(operand, shapes), SIGN_OF[type(expression)])
    return shape


# Elements.


def spread(array: Array, shape: Shape) -> Array:
    """The same elements as often as a larger shape needs them."""
    if array.shape == shape:
        return array
    offset = len(shape) - len(array.shape)
    elements = tuple(
        array.at(
            *(0 if size == 1 else place[offset + axis] for axis, size in enumerate(array.shape))
        )
        for place in places(shape)
    )
    return Array(shape, elements)


def elements_of(expression: Expression, arrays: Mapping[str, Array]) -> Array:
    """A formula of matrices as formulas of their elements."""
    match expression:
        case Name(name):
            return arrays[name] if name in arrays else Array(SCALAR, (expression,))
        case Number():
            return Array(SCALAR, (expression,))
        case Operation(row, arguments, settings):
            own = [elements_of(each, arrays) for each in arguments]
            chosen_row, words = operation(row.name), dict(settings)
            shape = chosen_row.shape([each.shape for each in own], words)
            return Array(shape, chosen_row.elements(own, words))
        case Choice(Comparison(left, relation, right), then, otherwise):
            return _entrywise(
                (then, left, right, otherwise),
                arrays,
                lambda a, b, c, d: Choice(Comparison(b, relation, c), a, d),
            )
        case Sum(terms):
            return _entrywise(terms, arrays, lambda *each: Sum(each))
        case Product(factors):
            return _entrywise(factors, arrays, lambda *each: Product(each))
        case Negation(operand):
            return _entrywise((operand,), arrays, Negation)
        case Inverse(operand):
            return _entrywise((operand,), arrays, Inverse)
        case Power(base, exponent):
            return _entrywise((base, exponent), arrays, Power)
        case Call(function, arguments, output):
            return _entrywise(arguments, arrays, lambda *each: Call(function, each, output))
    raise TypeError(expression)


def _entrywise(
    operands: Sequence[Expression],
    arrays: Mapping[str, Array],
    build: Callable[..., Expression],
) -> Array:
    own = [elements_of(each, arrays) for each in operands]
    shape = SCALAR
    for each in own:
        shape = together(shape, each.shape, ",")
    columns = [spread(each, shape).elements for each in own]
    return Array(shape, tuple(build(*row) for row in zip(*columns, strict=True)))


# Derivatives.


def flowing_back(
    expression: Expression,
    answer: Expression,
    upstream: Expression,
    shapes: Shapes,
    conventions: Mapping[str, Fraction],
) -> dict[str, Expression]:
    """What flows back to each name of a formula from the gradient of its value.

    `answer` is what the value is called and `upstream` its gradient. What one name gets several
    times is added.
    """
    found: dict[str, list[Expression]] = {}
    flow = _Flow(shapes, conventions, found)
    flow.back(expression, answer, upstream)
    return {name: added(*terms) for name, terms in found.items() if added(*terms) != ZERO}


@record(frozen=True, slots=True, eq=False)
class _Flow:
    """One walk from a formula down to its names, with the gradient that is met on the way."""

    shapes: Shapes
    """The shape of each name."""
    conventions: Mapping[str, Fraction]
    """The derivative at each kind of kink."""
    found: dict[str, list[Expression]]
    """What each name has got so far."""

    def back(self, node: Expression, answer: Expression | None, upstream: Expression) -> None:
        """Add what each name below a node gets from the node's gradient."""
        if not names_in(node):
            return
        answer = node if answer is None else answer
        match node:
            case Name(name):
                self.found.setdefault(name, []).append(upstream)
            case Sum(terms):
                for term in terms:
                    self.fit(node, term, upstream)
            case Negation(operand):
                self.fit(node, operand, negated(upstream))
            case Product(factors):
                for place, factor in enumerate(factors):
                    others = factors[:place] + factors[place + 1 :]
                    self.fit(node, factor, multiplied(upstream, *others))
            case Inverse(operand):
                slope = negated(Inverse(Power(operand, TWO)))
                self.fit(node, operand, multiplied(upstream, slope))
            case Power(base, exponent):
                self.fit(node, base, multiplied(upstream, power_slope(base, exponent)))
                slope = multiplied(answer, Call(FUNCTIONS["log"], (base,)))
                self.fit(node, exponent, multiplied(upstream, slope))
            case Call(_, arguments):
                slopes = call_derivatives(node, [answer], self.conventions)
                for argument, slope in zip(arguments, slopes, strict=False):
                    self.fit(node, argument, multiplied(upstream, slope))
            case Choice(condition, then, otherwise):
                self.fit(node, then, multiplied(upstream, chosen(condition, ONE, ZERO)))
                self.fit(node, otherwise, multiplied(upstream, chosen(condition, ZERO, ONE)))
            case Operation(row, arguments):
                shape = shape_of(node, self.shapes)
                if shape_of(upstream, self.shapes) != shape:
                    upstream = Operation(SPREAD, (upstream,), (("shape", shape),))
                flows = operation(row.name).derivative(node, answer, upstream, self.shapes)
                for argument, flow in zip(arguments, flows, strict=True):
                    if flow is not None:
                        self.back(argument, None, flow)

    def fit(self, node: Expression, operand: Expression, flow: Expression) -> None:
        """Go on to an operand, adding over the axes along which it was used again and again."""
        if flow == ZERO or not names_in(operand):
            return
        small, large = shape_of(operand, self.shapes), shape_of(node, self.shapes)
        have = shape_of(flow, self.shapes)
        for axis in range(len(large)):  # from the first: an axis that goes shifts those behind it
            back = axis - len(large)
            mine = small[back] if -back <= len(small) else None
            if mine == large[axis]:
                continue
            there = -back <= len(have)
            if not there or have[back] != large[axis]:
                flow = multiplied(size_number(large[axis]), flow)
            if there and (mine is None or have[back] == large[axis]):
                words: tuple[tuple[str, object], ...] = (("axis", len(have) + back),)
                words += () if mine is None else (("keep", True),)
                flow = Operation(SUM, (flow,), words)
                have = shape_of(flow, self.shapes)
        self.back(operand, None, flow)


def size_number(size: Size) -> Expression:
    """The length of an axis as part of a formula."""
    return Number(Fraction(size)) if isinstance(size, int) else Name(size)


# The table. Operands are A and B, the upstream gradient is G.


def transposed(operand: Expression) -> Expression:
    """The transpose, without transposing twice."""
    if isinstance(operand, Operation) and operand.row is TRANSPOSE:
        return operand.arguments[0]
    return Operation(TRANSPOSE, (operand,))


def matmul(left: Expression, right: Expression) -> Expression:
    """The product of two matrices, with signs and numbers taken out to the front."""
    negative = False
    operands = []
    for operand in (left, right):
        if isinstance(operand, Negation):
            negative, operand = not negative, operand.operand
        operands.append(operand)
    product = Operation(MATMUL, tuple(operands))
    return Negation(product) if negative else product


def _transpose_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    (shape,) = shapes
    if len(shape) > 2:
        raise ShapeError(f".T of {shape}: only vectors and matrices have a transpose")
    if len(shape) == 1:
        return Shape(shape) if isinstance(shape, Row) else Row(shape)
    return Shape(reversed(shape))


def _transpose_elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
    (array,) = arrays
    if len(array.shape) < 2:
        return array.elements
    rows, columns = map(whole, array.shape)
    return tuple(array.at(row, column) for column in range(columns) for row in range(rows))


def _as_matrices(left: Shape, right: Shape) -> tuple[Shape, Shape]:
    """Both operands of a product as matrices: a column has one column, a row one row."""
    if isinstance(left, Row):
        first = Shape((1, *left))
    elif len(left) == 1:
        lies = not isinstance(right, Row) and right[0] == left[0]
        first = Shape((1, *left)) if lies else Shape((*left, 1))
    else:
        first = left
    if isinstance(right, Row):
        second = Shape((1, *right))
    else:
        second = Shape((*right, 1)) if len(right) == 1 else right
    return first, second


def _matmul_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    left, right = shapes
    if not left or not right:
        raise ShapeError(f"{left} @ {right}: a scalar is multiplied with *")
    if max(len(left), len(right)) > 2:
        raise ShapeError(f"{left} @ {right}: only vectors and matrices are multiplied with @")
    first, second = _as_matrices(left, right)
    if first[1] != second[0]:
        raise ShapeError(f"{left} @ {right} do not fit: {first[1]} columns by {second[0]} rows")
    rows, columns = first[0], second[1]
    column_left = len(left) == 1 and first[1] == 1 and not isinstance(left, Row)
    row_left = len(left) == 1 and not column_left
    if row_left and len(right) == 1 and not isinstance(right, Row):
        return SCALAR
    if row_left:
        return Row((columns,)) if isinstance(left, Row) else Shape((columns,))
    if len(right) == 1 and not isinstance(right, Row):
        return Shape((rows,))
    return Shape((rows, columns))


def _matmul_elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
    left, right = arrays
    first, second = _as_matrices(left.shape, right.shape)
    first_array, second_array = Array(first, left.elements), Array(second, right.elements)
    products = (
        [
            Product((first_array.at(row, k), second_array.at(k, column)))
            for k in range(whole(first[1]))
        ]
        for row in range(whole(first[0]))
        for column in range(whole(second[1]))
    )
    return tuple(each[0] if len(each) == 1 else Sum(tuple(each)) for each in products)


def _matmul_derivative(
    node: Operation, answer: Expression, upstream: Expression, shapes: Shapes
) -> Sequence[Expression]:
    left, right = node.arguments
    first, second = shape_of(left, shapes), shape_of(right, shapes)
    if not shape_of(node, shapes):  # a scalar: of two columns, or of a row and a column
        if isinstance(first, Row):
            left, right = transposed(left), transposed(right)
        return multiplied(upstream, right), multiplied(upstream, left)
    if (
        len(first) == 1
        and not isinstance(first, Row)
        and len(second) == 2
        and second[0] == first[0]
    ):
        return matmul(right, upstream), matmul(left, transposed(upstream))
    return matmul(upstream, transposed(right)), matmul(transposed(left), upstream)


def _axis(settings: Settings, shape: Shape) -> int | None:
    """The axis that an operation runs along, counted from 0; None: all of them."""
    axis = settings.get("axis")
    if axis is None:
        return None
    assert isinstance(axis, int)
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(f"axis={axis} of {shape}: axes are counted from 0")
    return axis % len(shape)


def _reduced_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    (shape,) = shapes
    axis = _axis(settings, shape)
    if axis is None:
        return SCALAR
    if settings.get("keep"):
        return Shape((*shape[:axis], 1, *shape[axis + 1 :]))
    return Shape(shape[:axis] + shape[axis + 1 :])


def lines(array: Array, axis: int | None) -> Iterator[tuple[Expression, ...]]:
    """The elements that stand along an axis, one line after another; all of them for None."""
    if axis is None:
        yield array.elements
        return
    others = Shape(array.shape[:axis] + array.shape[axis + 1 :])
    for place in places(others):
        yield tuple(
            array.at(*place[:axis], index, *place[axis:])
            for index in range(whole(array.shape[axis]))
        )


def _reduced(
    build: Callable[[tuple[Expression, ...]], Expression],
) -> Callable[..., tuple[Expression, ...]]:
    def elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
        (array,) = arrays
        return tuple(build(line) for line in lines(array, _axis(settings, array.shape)))

    return elements


def _sum_of(line: tuple[Expression, ...]) -> Expression:
    return line[0] if len(line) == 1 else Sum(line)


def upright(flow: Expression, node: Operation, shapes: Shapes) -> Expression:
    """A gradient of what was reduced along an axis, set so that it spreads along it again."""
    settings = dict(node.settings)
    axis = _axis(settings, shape_of(node.arguments[0], shapes))
    if not axis or settings.get("keep") or not shape_of(flow, shapes):
        return flow
    return Operation(UPRIGHT, (flow,), (("axis", axis),))


def along(name: str, operand: Expression, node: Operation) -> Operation:
    """The sum or mean of something along the axis of another operation, that axis kept."""
    axis = dict(node.settings).get("axis")
    words = () if axis is None else (("axis", axis), ("keep", True))
    return Operation(operation(name), (operand,), words)


def _sum_derivative(
    node: Operation, answer: Expression, upstream: Expression, shapes: Shapes
) -> Sequence[Expression]:
    return (upright(upstream, node, shapes),)


def _mean_derivative(
    node: Operation, answer: Expression, upstream: Expression, shapes: Shapes
) -> Sequence[Expression]:
    shape = shape_of(node.arguments[0], shapes)
    axis = _axis(dict(node.settings), shape)
    sizes = shape if axis is None else (shape[axis],)
    shares = [Inverse(size_number(size)) for size in sizes]
    return (upright(multiplied(upstream, *shares), node, shapes),)


def _same_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    shape = shapes[0]
    _axis(settings, shape)
    return shape


def _by_line(name: str) -> Elements:
    """The elements of softmax and its like, which work on one line after another."""

    def elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
        (array,) = arrays
        axis = _axis(settings, array.shape)
        assert axis is not None
        return tuple(
            Call(
                FUNCTIONS[name],
                tuple(
                    array.at(*place[:axis], index, *place[axis + 1 :])
                    for index in range(whole(array.shape[axis]))
                ),
                place[axis],
            )
            for place in places(array.shape)
        )

    return elements


def _softmax_derivative(
    node: Operation, answer: Expression, upstream: Expression, shapes: Shapes
) -> Sequence[Expression]:
    mixed = along("sum", multiplied(upstream, answer), node)
    return (multiplied(answer, added(upstream, negated(mixed))),)


def _log_softmax_derivative(
    node: Operation, answer: Expression, upstream: Expression, shapes: Shapes
) -> Sequence[Expression]:
    softmax = Call(FUNCTIONS["exp"], (answer,))
    return (added(upstream, negated(multiplied(softmax, along("sum", upstream, node)))),)


def _outer_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    left, right = shapes
    if len(left) != 1 or len(right) != 1:
        raise ShapeError(f"outer({left}, {right}): the outer product takes two vectors")
    return Shape((*left, *right))


def _dot_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    left, right = shapes
    if len(left) != 1 or tuple(left) != tuple(right):
        raise ShapeError(f"dot({left}, {right}): the dot product takes two vectors of one length")
    return SCALAR


def _upright_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    axis = settings["axis"]
    assert isinstance(axis, int)
    return Shape((*shapes[0][:axis], 1, *shapes[0][axis:]))


def _spread_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    shape = settings["shape"]
    assert isinstance(shape, Shape)
    return shape


def _spread_derivative(
    node: Operation, answer: Expression, upstream: Expression, shapes: Shapes
) -> Sequence[Expression]:
    flow = upstream
    for _ in shape_of(node, shapes)[len(shape_of(node.arguments[0], shapes)) :]:
        flow = Operation(SUM, (flow,), (("axis", 0),))
    return (flow,)


TEXTBOOK = "Petersen and Pedersen, The Matrix Cookbook, section 2"
BATCHES = "Ioffe and Szegedy 2015, section 3, for the sums over a batch"

MATMUL = MatrixOperation(
    "@", _matmul_shape, _matmul_elements, _matmul_derivative,
    "dA = G @ B.T, dB = A.T @ G", TEXTBOOK, numpy="{} @ {}",
)  # fmt: skip
TRANSPOSE = MatrixOperation(
    ".T", _transpose_shape, _transpose_elements,
    lambda node, answer, upstream, shapes: (transposed(upstream),),
    "dA = G.T", TEXTBOOK, numpy="{}.T",
)  # fmt: skip
SUM = MatrixOperation(
    "sum", _reduced_shape, _reduced(_sum_of), _sum_derivative,
    "dA = G for every element that was added", TEXTBOOK, (("axis", None), ("keep", False)),
)  # fmt: skip
UPRIGHT = MatrixOperation(
    "upright", _upright_shape, lambda arrays, settings: arrays[0].elements,
    lambda node, answer, upstream, shapes: (
        Operation(SUM, (upstream,), (("axis", dict(node.settings)["axis"]),)),
    ),
    "dA = sum(G, axis)", BATCHES, (("axis", 1),), numpy="numpy.expand_dims({}, {axis})",
)  # fmt: skip
SPREAD = MatrixOperation(
    "spread", _spread_shape,
    lambda arrays, settings: spread(arrays[0], _spread_shape([], settings)).elements,
    _spread_derivative, "dA = the sum of G", BATCHES, numpy="numpy.broadcast_to({}, {shape})",
)  # fmt: skip

OPERATIONS: dict[str, MatrixOperation] = {
    row.name: row
    for row in (
        MATMUL,
        TRANSPOSE,
        SUM,
        UPRIGHT,
        SPREAD,
        MatrixOperation(
            "mean", _reduced_shape,
            _reduced(lambda line: Product((_sum_of(line), Inverse(size_number(len(line)))))),
            _mean_derivative, "dA = G / n for each of n elements", TEXTBOOK,
            (("axis", None), ("keep", False)),
        ),
        MatrixOperation(
            "softmax", _same_shape, _by_line("softmax"), _softmax_derivative,
            "dz = p * (G - sum(G * p))", "Goodfellow et al. 2016, section 6.2.2.3", (("axis", -1),),
        ),
        MatrixOperation(
            "log_softmax", _same_shape, _by_line("log_softmax"), _log_softmax_derivative,
            "dz = G - p * sum(G)", "Goodfellow et al. 2016, section 6.2.2.3", (("axis", -1),),
        ),
        MatrixOperation(
            "outer", _outer_shape,
            lambda arrays, settings: tuple(
                Product(pair) for pair in itertools.product(*(each.elements for each in arrays))
            ),
            lambda node, answer, upstream, shapes: (
                matmul(upstream, node.arguments[1]),
                matmul(transposed(upstream), node.arguments[0]),
            ),
            "da = G @ b, db = G.T @ a", TEXTBOOK,
        ),
        MatrixOperation(
            "dot", _dot_shape,
            lambda arrays, settings: (
                _sum_of(
                    tuple(
                        Product(pair)
                        for pair in zip(arrays[0].elements, arrays[1].elements, strict=True)
                    )
                ),
            ),
            lambda node, answer, upstream, shapes: (
                multiplied(upstream, node.arguments[1]),
                multiplied(upstream, node.arguments[0]),
            ),
            "da = G * b, db = G * a", TEXTBOOK, numpy="{} @ {}",
        ),
    )
}  # fmt: skip
"""The table of operations on whole vectors and matrices."""


def operation(name: str) -> MatrixOperation:
    """The row of an operation by its name."""
    return OPERATIONS[name]


copyreg.dispatch_table[MatrixOperation] = lambda row: (operation, (row.name,))
