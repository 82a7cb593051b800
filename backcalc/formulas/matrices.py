"""Vectors and matrices: shapes, THE table of operations, their elements, their derivatives.

A formula of matrices is a tree as any other one; `+`, `*` and the functions of the table work
element by element, with NumPy's rules where the shapes differ, and what works on a whole matrix is
an Operation. A vector is a column; its transpose is a row.
"""

from __future__ import annotations

import copyreg
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Any, TypeAlias

from backcalc.errors import BackcalcError
from backcalc.formulas import record
from backcalc.formulas.expression import (
    ONE,
    TWO,
    ZERO,
    Call,
    Choice,
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
    evaluate,
    multiplied,
    names_in,
    negated,
    parts,
    rebuilt,
)
from backcalc.formulas.functions import (
    FUNCTIONS,
    call_derivatives,
    default_conventions,
    formula,
    simplified,
    slopes,
)
from backcalc.formulas.notation import formula_text, place_text

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

Settings: TypeAlias = Mapping[str, Any]  # further words of an operation: {"axis": 0}


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

Flows: TypeAlias = "Sequence[Expression | None]"
"""What flows back to each operand of an operation; None: nothing."""


@record(frozen=True, slots=True, eq=False)
class MatrixOperation:
    """One row of the table: all that backcalc knows of a product of matrices stands in its row."""

    name: str
    """The name that network files use, or the sign that stands between its operands."""
    shape: Callable[[Sequence[Shape], Settings], Shape]
    """The shape of the result from those of the operands; raises ShapeError."""
    elements: Elements
    """The elements of the result from those of the operands."""
    derivative: Callable[[Passed], Flows]
    """What flows back to each operand."""
    rule: str
    """The rule in a line, G being the upstream gradient."""
    source: str
    """Where the rule stands."""
    settings: tuple[tuple[str, object], ...] = ()
    """Its further words with what they say where they are left out."""
    linear: bool = False
    """True if it is linear in each operand: its differential is itself, of one differential."""
    symmetric: bool = False
    """True if its Jacobian is symmetric: its differential is its derivative rule."""
    products: Callable[[Sequence[Shape], Settings], Expression] | None = None
    """How many multiplications it takes; None: none but those by element."""
    derived: bool = False
    """True if it stands in derivatives only, and no file writes it."""


def settings_of(node: Operation) -> dict[str, Any]:
    """The settings of an operation, those that were left out by their defaults."""
    return {**dict(operation(node.row.name).settings), **dict(node.settings)}


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


def nested(elements: Iterable[Any], shape: Sequence[Size]) -> Any:
    """The elements of a vector or a matrix as lists in lists; a scalar as it is.

    >>> nested("abcd", (2, 2))
    [['a', 'b'], ['c', 'd']]
    """
    found = [*elements]
    for width in map(whole, reversed(shape[1:])):
        found = [found[start : start + width] for start in range(0, len(found), width)]
    return found if shape else found[0]


def sized(shape: Shape, sizes: Mapping[str, int]) -> Shape:
    """A shape with numbers put in for its letters.

    >>> sized(Shape(("h + d", 2)), {"h": 3, "d": 4})
    (7, 2)
    """
    return type(shape)(_in_numbers(size, sizes) for size in shape)


def _in_numbers(size: Size, sizes: Mapping[str, int]) -> int:
    numbers = {letter: Fraction(number) for letter, number in sizes.items()}
    return math.floor(evaluate(size_number(size), numbers))


def with_sizes(node: Expression, sizes: Mapping[str, int]) -> Expression:
    """A formula with numbers put in for the letters of sizes, also in its settings."""
    if isinstance(node, Name) and node.id in sizes:
        return Number(Fraction(sizes[node.id]))
    node = rebuilt(node, lambda each: with_sizes(each, sizes))
    if not isinstance(node, Operation):
        return node
    settings = tuple((word, _said_in_numbers(said, sizes)) for word, said in node.settings)
    return Operation(node.row, node.arguments, settings)


def _said_in_numbers(said: object, sizes: Mapping[str, int]) -> object:
    if isinstance(said, Shape):
        return sized(said, sizes)
    if isinstance(said, tuple):
        return tuple(_said_in_numbers(each, sizes) for each in said)
    return _in_numbers(said, sizes) if isinstance(said, str) else said


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
        case Operation(row, arguments):
            own = [shape_of(each, shapes) for each in arguments]
            try:
                return operation(row.name).shape(own, settings_of(expression))
            except ValueError:  # more or fewer operands than the row names
                raise ShapeError(f"{row.name} does not take {len(own)} of them") from None
    shape = SCALAR
    for operand in parts(expression):
        shape = together(shape, shape_of(operand, shapes), SIGN_OF[type(expression)])
    return shape


def entrywise(node: Expression, shapes: Shapes) -> Expression:
    """A formula for print, in which products element by element have a sign of their own.

    Numbers and scalars stand in front, divisors behind.
    """
    node = rebuilt(node, lambda each: entrywise(each, shapes))
    if not isinstance(node, Product):
        return node
    above = [each for each in node.factors if not isinstance(each, Inverse)]
    large = [each for each in above if shape_of(each, shapes)]
    if len(large) < 2:
        return node
    small = [each for each in above if each not in large]
    below = [each for each in node.factors if isinstance(each, Inverse)]
    product = Operation(ENTRYWISE, tuple(large))
    return Product((*small, product, *below)) if small or below else product


# Elements.


def spread(array: Array, shape: Shape) -> Array:
    """The same elements as often as a larger shape needs them."""
    if array.shape == shape:
        return array
    offset = len(shape) - len(array.shape)
    there = (zip(place[offset:], array.shape, strict=True) for place in places(shape))
    elements = (array.at(*(0 if size == 1 else own for own, size in each)) for each in there)
    return Array(shape, tuple(elements))


def elements_of(expression: Expression, arrays: Mapping[str, Array]) -> Array:
    """A formula of matrices as formulas of their elements."""
    match expression:
        case Name(name):
            return arrays[name] if name in arrays else Array(SCALAR, (expression,))
        case Number():
            return Array(SCALAR, (expression,))
        case Operation(row, arguments):
            own = [elements_of(each, arrays) for each in arguments]
            chosen_row, words = operation(row.name), settings_of(expression)
            shape = chosen_row.shape([each.shape for each in own], words)
            return Array(shape, chosen_row.elements(own, words))
    operands = parts(expression)
    if isinstance(expression, Choice):  # of which `rebuilt` takes the condition first
        operands = (*operands[1:3], operands[0], operands[3])
    own = [elements_of(each, arrays) for each in operands]
    shape = reduce(lambda before, each: together(before, each.shape, ","), own, SCALAR)
    rows = zip(*(spread(each, shape).elements for each in own), strict=True)
    if isinstance(expression, Sum):
        return Array(shape, tuple(Sum(_opened(row)) for row in rows))
    return Array(shape, tuple(_with_parts(expression, row) for row in rows))


def _with_parts(node: Expression, operands: Iterable[Expression]) -> Expression:
    """The same node with other operands, in the order in which `rebuilt` takes them."""
    left = iter(operands)
    return rebuilt(node, lambda _: next(left))


def _opened(terms: Sequence[Expression]) -> tuple[Expression, ...]:
    """Terms with those of sums among them in their places."""
    return tuple(
        inner for term in terms for inner in (term.terms if isinstance(term, Sum) else (term,))
    )


# Derivatives.


def flowing_back(
    expression: Expression, answer: Expression, upstream: Expression, shapes: Shapes,
    conventions: Mapping[str, Fraction],
) -> dict[str, Expression]:  # fmt: skip
    """What flows back to each name of a formula from the gradient of its value.

    `answer` is what the value is called and `upstream` its gradient. What one name gets several
    times is added.
    """
    found: dict[str, list[Expression]] = {}
    _Flow(shapes, conventions, found).back(expression, answer, upstream)
    sums = {
        name: added(*(opened(divided_last(term), shapes) for term in terms))
        for name, terms in found.items()
    }
    return {name: total for name, total in sums.items() if total != ZERO}


def divided_last(node: Expression) -> Expression:
    """A formula whose products have their divisors at the end: y/n rather than 1/n*y."""
    node = rebuilt(node, divided_last)
    if not isinstance(node, Product):
        return node
    below = [each for each in node.factors if isinstance(each, Inverse)]
    above = [each for each in node.factors if not isinstance(each, Inverse)]
    return multiplied(*above, *below)


def opened(node: Expression, shapes: Shapes) -> Expression:
    """A formula without transposes of products, scalars outside: (2*A @ B).T is 2*(B.T @ A.T)."""
    node = rebuilt(node, lambda each: opened(each, shapes))
    match node:
        case Operation(row, arguments) if row.name in ("@", ".T"):
            split = [_scalars(each, shapes) for each in arguments]
            scalars = [scalar for each, _ in split for scalar in each]
            sides = [side for _, side in split]
            product = matmul(*sides) if row.name == "@" else _turned_round(sides[0], shapes)
            return divided_last(multiplied(*scalars, product)) if scalars else product
    return node


def _scalars(node: Expression, shapes: Shapes) -> tuple[list[Expression], Expression]:
    """The scalar factors of a product, and the rest."""
    if not isinstance(node, Product):
        return [], node
    scalars = [each for each in node.factors if not shape_of(each, shapes)]
    return scalars, multiplied(*(each for each in node.factors if each not in scalars))


def _turned_round(node: Expression, shapes: Shapes) -> Expression:
    """The transpose, of a product by its factors."""
    if isinstance(node, Operation) and node.row.name == "@":
        first, second = (shape_of(each, shapes) for each in node.arguments)
        if len(second) == 2 == len(first) or (len(first) == 1 and isinstance(second, Row)):
            return matmul(*(_turned_round(each, shapes) for each in reversed(node.arguments)))
    return transposed(node)


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
            case Operation(row, arguments):
                shape = shape_of(node, self.shapes)
                have = shape_of(upstream, self.shapes)
                if have != shape and (have or operation(row.name).settings != REDUCING):
                    upstream = Operation(SPREAD, (upstream,), (("shape", shape),))
                flows = operation(row.name).derivative(Passed(node, answer, upstream, self.shapes))
                for argument, flow in zip(arguments, flows, strict=True):
                    if flow is not None:
                        self.back(argument, None, flow)
            case _:
                for operand, slope in slopes(node, [answer], self.conventions):
                    self.fit(node, operand, multiplied(upstream, slope))

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
    return Number(Fraction(size)) if isinstance(size, int) else formula(size)


def size_from(text: str, *sizes: Size) -> Size:
    """A length worked out from others: a number, rounded down, or a formula of their letters.

    >>> size_from("{} + {}", 2, 3), size_from("{} - {} + 1", "n", "k")
    (5, 'n - k + 1')
    """
    whole_text = simplified(formula(text.format(*(f"({size})" for size in sizes))))
    if not names_in(whole_text):
        return math.floor(evaluate(whole_text, {}))
    counts: dict[Expression, Fraction] = {}
    for sign, term in _signed_terms(whole_text):
        own = ONE if isinstance(term, Number) else term
        times = Fraction(term.value) if isinstance(term, Number) else Fraction(1)
        counts[own] = counts.get(own, Fraction(0)) + sign * times
    constant = counts.pop(ONE, Fraction(0))
    terms = [multiplied(Number(times), term) for term, times in counts.items() if times]
    return formula_text(added(*terms, Number(constant)) if terms else Number(constant))


def _signed_terms(node: Expression) -> Iterator[tuple[int, Expression]]:
    """The terms of a sum of sums with their signs."""
    match node:
        case Sum(terms):
            for term in terms:
                yield from _signed_terms(term)
        case Negation(operand):
            yield from ((-sign, term) for sign, term in _signed_terms(operand))
        case _:
            yield 1, node


def size_product(shape: Sequence[Size]) -> Expression:
    """The product of lengths as part of a formula."""
    return multiplied(*map(size_number, shape))


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
    kept = [each for each in operands if getattr(each, "row", None) is not IDENTITY]
    product = Operation(MATMUL, tuple(operands)) if len(kept) == 2 else (kept or operands)[0]
    return Negation(product) if negative else product


@record(frozen=True, slots=True, eq=False)
class Passed:
    """An operation that the backward pass comes to: what its derivative rule goes on from."""

    node: Operation
    """The operation."""
    answer: Expression
    """What its value is called."""
    upstream: Expression
    """The gradient of its value."""
    shapes: Shapes
    """The shape of each name."""

    @property
    def operands(self) -> tuple[Expression, ...]:
        """The operands."""
        return self.node.arguments

    @property
    def settings(self) -> Settings:
        """Its further words, each with what it says."""
        return settings_of(self.node)

    def shape(self, place: int = 0) -> Shape:
        """The shape of an operand."""
        return shape_of(self.operands[place], self.shapes)

    def through(self, name: str, **settings: object) -> Operation:
        """The upstream gradient through an operation."""
        return Operation(operation(name), (self.upstream,), tuple(settings.items()))

    def upright(self, flow: Expression) -> Expression:
        """A gradient of what was reduced along an axis, set so that it spreads along it again."""
        axis = _axis(self.settings, self.shape())
        if not axis or self.settings.get("keep") or not shape_of(flow, self.shapes):
            return flow
        if isinstance(flow, Negation):
            return Negation(self.upright(flow.operand))
        return Operation(UPRIGHT, (flow,), (("axis", axis),))


def _transpose_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    (shape,) = shapes
    if len(shape) > 2:
        raise ShapeError(f".T of {shape}: only vectors and matrices have a transpose")
    if len(shape) == 1:
        return Shape(shape) if isinstance(shape, Row) else Row(shape)
    return Shape(reversed(shape))


def _transpose_elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
    (array,) = arrays
    return tuple(array.at(*place[::-1]) for place in places(Shape(array.shape[::-1])))


def _as_matrices(left: Shape, right: Shape) -> tuple[Shape, Shape]:
    """Both operands of a product as matrices: a column has one column, a row one row."""
    lies = isinstance(left, Row) or (not isinstance(right, Row) and right[0] == left[0])
    if len(left) == 1:
        left = Shape((1, *left) if lies else (*left, 1))
    if len(right) == 1:
        right = Shape((1, *right) if isinstance(right, Row) else (*right, 1))
    return left, right


def _matmul_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    left, right = shapes
    if not left or not right:
        raise ShapeError(f"{left} @ {right}: a scalar is multiplied with *")
    if max(len(left), len(right)) > 2:
        raise ShapeError(f"{left} @ {right}: only vectors and matrices are multiplied with @")
    first, second = _as_matrices(left, right)
    if first[1] != second[0]:
        raise ShapeError(f"{left} @ {right} do not fit: {first[1]} columns by {second[0]} rows")
    row = len(left) == 1 and (first[1] != 1 or isinstance(left, Row))
    column = len(right) == 1 and not isinstance(right, Row)
    if row:
        return SCALAR if column else type(left)(second[1:])
    return Shape(first[:1] if column else (first[0], second[1]))


def _matmul_elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
    left, right = arrays
    first, second = _as_matrices(left.shape, right.shape)
    one, other = Array(first, left.elements), Array(second, right.elements)
    inside = range(whole(first[1]))
    return tuple(
        _sum_of(tuple(Product((one.at(row, k), other.at(k, column))) for k in inside))
        for row, column in places(Shape((first[0], second[1])))
    )


def _matmul_derivative(at: Passed) -> Flows:
    left, right = at.operands
    first, second = shape_of(left, at.shapes), shape_of(right, at.shapes)
    if not shape_of(at.node, at.shapes):  # a scalar: of two columns, or of a row and a column
        if isinstance(first, Row):
            left, right = transposed(left), transposed(right)
        return multiplied(at.upstream, right), multiplied(at.upstream, left)
    upright = len(first) == 1 and not isinstance(first, Row)
    if upright and len(second) == 2 and second[0] == first[0]:
        return matmul(right, at.upstream), matmul(left, transposed(at.upstream))
    return matmul(at.upstream, transposed(right)), matmul(transposed(left), at.upstream)


def _axis(settings: Settings, shape: Shape) -> int | None:
    """The axis that an operation runs along, counted from 0; None: all of them."""
    axis: int | None = settings.get("axis")
    if axis is None:
        return None
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


def along(name: str, operand: Expression, node: Operation) -> Operation:
    """The sum or mean of something along the axis of another operation, that axis kept."""
    axis = settings_of(node).get("axis")
    words = () if axis is None else (("axis", axis), ("keep", True))
    return Operation(operation(name), (operand,), words)


def _mean_derivative(at: Passed) -> tuple[Expression]:
    shape = at.shape()
    axis = _axis(at.settings, shape)
    sizes = shape if axis is None else (shape[axis],)
    return (at.upright(multiplied(at.upstream, *[Inverse(size_number(size)) for size in sizes])),)


def _same_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    shape = shapes[0]
    _axis(settings, shape)
    return shape


def _by_line(
    change: Callable[[tuple[Expression, ...], Settings], Sequence[Expression]],
    axis: int | None = None,
) -> Elements:
    """The elements of an operation that makes another line of each line along an axis."""

    def elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
        (array,) = arrays
        own = _axis(settings if axis is None else {"axis": axis}, array.shape)
        numbers = tuple(Number(Fraction(place)) for place in range(len(array.elements)))
        found: dict[Expression, Expression] = {}
        pairs = zip(lines(array, own), lines(Array(array.shape, numbers), own), strict=True)
        for line, standing in pairs:
            found |= zip(standing, change(line, settings), strict=True)
        return tuple(found[number] for number in numbers)

    return elements


def _outputs(name: str) -> Elements:
    """The elements of softmax and its like, which have an output for each element of a line."""
    row = FUNCTIONS[name]
    return _by_line(lambda line, _: [Call(row, line, place) for place in range(len(line))])


def _shape_together(shapes: Sequence[Shape], settings: Settings) -> Shape:
    return reduce(lambda left, right: together(left, right, "*"), shapes)


def _entrywise_elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
    shape = _shape_together([each.shape for each in arrays], settings)
    columns = (spread(each, shape).elements for each in arrays)
    return tuple(Product(row) for row in zip(*columns, strict=True))


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


def _spread_derivative(at: Passed) -> Flows:
    flow = at.upstream
    for _ in shape_of(at.node, at.shapes)[len(at.shape()) :]:
        flow = Operation(SUM, (flow,), (("axis", 0),))
    return (flow,)


def _square_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    (shape,) = shapes
    if len(shape) != 2 or shape[0] != shape[1]:
        raise ShapeError(f"trace of {shape}: only a square matrix has a trace")
    return SCALAR


def _extreme(name: str) -> MatrixOperation:
    def derivative(at: Passed) -> Flows:
        axis = at.settings.get("axis")
        words = () if axis is None else (("axis", axis),)
        place = Operation(operation(f"is_{name}"), at.operands, words)
        return (multiplied(at.upright(at.upstream), place),)

    return MatrixOperation(
        name, _reduced_shape, _reduced(lambda line: _called(name, line)), derivative,
        f"dA = G where A is the {name}, else 0", "PyTorch, amax", REDUCING,
    )  # fmt: skip


def _called(name: str, line: tuple[Expression, ...]) -> Expression:
    return line[0] if len(line) == 1 else Call(FUNCTIONS[name], line)


def _standing(name: str) -> MatrixOperation:
    return MatrixOperation(
        f"is_{name}", _same_shape, _by_line(lambda line, _: _slopes(name, line)), _constant,
        f"1 where the {name} of a line stands, else 0", "PyTorch, amax", (("axis", None),),
        derived=True,
    )  # fmt: skip


def _slopes(name: str, line: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """The derivative of the max or min of a line by each of its elements."""
    if len(line) == 1:
        return (ONE,)
    call = Call(FUNCTIONS[name], line)
    return call_derivatives(call, [call], default_conventions())


# Places: slices, look-ups, what is put together.

At: TypeAlias = "tuple[int | str | tuple[Size | None, Size | None] | None, ...]"


def _picked(shape: Shape, at: At) -> tuple[list[Size | None], list[Size]]:
    """The length of each axis after a look-up, None where it is gone, and where each begins."""
    if len(at) > len(shape):
        raise ShapeError(f"{shape}[{place_text(at)}]: {len(at)} places, {len(shape)} axes")
    sizes: list[Size | None] = []
    starts: list[Size] = []
    for size, own in itertools.zip_longest(shape, at):
        start, stop = own if isinstance(own, tuple) else (own, own)
        if isinstance(start, int) and start < 0:
            start = size_from("{} - {}", size, -start)
        if isinstance(stop, int) and stop < 0:
            stop = size_from("{} - {}", size, -stop)
        single = not isinstance(own, tuple) and own is not None
        if isinstance(size, int):
            ends = [each for each in (start, stop) if isinstance(each, int)]
            if any(not 0 <= each <= size for each in ends) or (single and size in ends):
                message = f"{shape}[{place_text(at)}]: an axis of {size} has places 0 to {size - 1}"
                raise ShapeError(message)
        start = 0 if start is None else start
        starts.append(start)
        end = size if stop is None else stop
        length = size if stop is None and start == 0 else size_from("{} - {}", end, start)
        if isinstance(length, int) and length < 1 and not single:
            raise ShapeError(f"{shape}[{place_text(at)}]: nothing stands there")
        sizes.append(None if single else length)
    return sizes, starts


def _index_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    (shape,) = shapes
    if not shape:
        raise ShapeError(f"a scalar has no element [{place_text(settings['at'])}]")
    left = [size for size in _picked(shape, settings["at"])[0] if size is not None]
    return Row(left) if isinstance(shape, Row) and left else Shape(left)


def _covered(shape: Shape, at: At) -> Iterator[tuple[int, ...]]:
    """Every place of a shape that a look-up takes, in order."""
    ends = ((whole(start), 1 if size is None else whole(size))
            for size, start in zip(*_picked(shape, at), strict=True))  # fmt: skip
    return itertools.product(*(range(start, start + size) for start, size in ends))


def _placed_elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
    shape = _set_shape([], settings)
    found = dict(zip(_covered(shape, settings["at"]), arrays[0].elements, strict=True))
    return tuple(found.get(place, ZERO) for place in places(shape))


def _set_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    shape: Shape = settings["shape"]
    return shape


def _joined_axis(shapes: Sequence[Shape], settings: Settings) -> int:
    first = shapes[0]
    named = ", ".join(map(str, shapes))
    if not all(shapes):
        raise ShapeError(f"concat({named}): a scalar has no axis")
    axis = _axis({"axis": settings.get("axis", 0)}, first)
    assert axis is not None
    for other in shapes:
        apart = (*first[:axis], *first[axis + 1 :]) != (*other[:axis], *other[axis + 1 :])
        if len(other) != len(first) or apart:
            raise ShapeError(f"concat({named}) do not fit along axis={axis}")
    return axis


def _concat_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    axis, first = _joined_axis(shapes, settings), shapes[0]
    total = size_from(" + ".join("{}" for _ in shapes), *(shape[axis] for shape in shapes))
    shape = (*first[:axis], total, *first[axis + 1 :])
    return Row(shape) if isinstance(first, Row) else Shape(shape)


def _concat_elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
    shapes = [each.shape for each in arrays]
    axis, start = _joined_axis(shapes, settings), 0
    found: dict[tuple[int, ...], Expression] = {}
    for each in arrays:
        for place, element in zip(places(each.shape), each.elements, strict=True):
            there = (*place[:axis], place[axis] + start, *place[axis + 1 :])
            found[there] = element
        start += whole(each.shape[axis])
    return tuple(found[place] for place in places(_concat_shape(shapes, settings)))


def _concat_derivative(at: Passed) -> Flows:
    own = [shape_of(each, at.shapes) for each in at.operands]
    axis = _joined_axis(own, at.settings)
    flows: list[Expression] = []
    start: Size = 0
    for shape in own:
        stop = size_from("{} + {}", start, shape[axis])
        flows.append(at.through("index", at=(*([None] * axis), (start, stop))))
        start = stop
    return flows


def _reshape_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    (shape,) = shapes
    if settings.get("shape") is None:
        return Shape((size_from("*".join("{}" for _ in shape), *shape),)) if shape else Shape((1,))
    wanted = _set_shape(shapes, settings)
    sizes = [size_from("*".join(["1", *("{}" for _ in each)]), *each) for each in (shape, wanted)]
    if all(isinstance(each, int) for each in sizes) and sizes[0] != sizes[1]:
        message = f"{shape} has {sizes[0]} elements and cannot be {wanted}"
        raise ShapeError(f"{message}, which has {sizes[1]}")
    return wanted


def _order(settings: Settings, shape: Shape) -> tuple[int, ...]:
    axes = settings.get("axes")
    order = axes if isinstance(axes, tuple) else ()
    if sorted(order) != [*range(len(shape))]:
        raise ShapeError(f"axes={axes} is no order of the {len(shape)} axes of {shape}, from 0 on")
    return order


def _back(order: Sequence[int]) -> tuple[int, ...]:
    """The order that undoes another one."""
    return tuple(order.index(axis) for axis in range(len(order)))


def _permuted_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    return Shape(shapes[0][axis] for axis in _order(settings, shapes[0]))


def _permuted_elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
    (array,) = arrays
    from_axis = _back(_order(settings, array.shape))
    there = places(_permuted_shape([array.shape], settings))
    return tuple(array.at(*(place[axis] for axis in from_axis)) for place in there)


# Normalisation.


def _normal(line: tuple[Expression, ...], settings: Settings) -> list[Expression]:
    mean = _called("mean", line)
    spread_out = _called("variance", line) if len(line) > 1 else ZERO
    below = Inverse(Call(FUNCTIONS["sqrt"], (added(spread_out, _small(settings)),)))
    return [Product((added(element, negated(mean)), below)) for element in line]


def _small(settings: Settings) -> Expression:
    """The number below the root that keeps it from 0."""
    return Number(Fraction(settings.get("eps", SMALL)))


SMALL = Fraction(1, 100_000)  # the eps of PyTorch


def _normalised(name: str, axis: int, source: str) -> MatrixOperation:
    def shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
        (own,) = shapes
        if len(own) < (2 if axis == 0 else 1):
            what = "a batch of rows" if axis == 0 else "rows"
            raise ShapeError(f"{name}({own}): it takes {what}")
        return own

    def derivative(at: Passed) -> Flows:
        (operand,) = at.operands
        line = Operation(operation("mean"), (operand,), (("axis", axis), ("keep", True)))
        spread_out = Operation(operation("variance"), (operand,), line.settings)
        root = Call(FUNCTIONS["sqrt"], (added(spread_out, _small(at.settings)),))
        mixed = along("mean", multiplied(at.upstream, at.answer), line)
        less = along("mean", at.upstream, line), multiplied(at.answer, mixed)
        return (multiplied(added(at.upstream, *map(negated, less)), Inverse(root)),)

    return MatrixOperation(
        name, shape, _by_line(_normal, axis), derivative,
        "dx = (G - mean(G) - xhat * mean(G * xhat)) / sqrt(var(x) + eps)", source,
        (("eps", SMALL),), symmetric=True,
    )  # fmt: skip


# Convolutions, in the sense of neural networks: the kernel is not turned.


def _along_axes(settings: Settings, word: str, axes: int, default: int) -> tuple[int, ...]:
    """A setting that is one number for all axes, or a number for each."""
    value = settings.get(word, default)
    pair = value if isinstance(value, tuple) else (value,) * axes
    lowest = 0 if word == "padding" else 1
    numbers = tuple(each for each in pair if isinstance(each, int) and each >= lowest)
    if not len(numbers) == len(pair) == axes:
        raise ShapeError(f"{word}={value} does not fit {axes} axes: whole numbers from {lowest} on")
    return numbers


def steps_of(kernel: Shape, settings: Settings) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The stride and the padding along the axes that a kernel slides along."""
    axes = len(kernel) if len(kernel) < 3 else len(kernel) - 2
    return _along_axes(settings, "stride", axes, 1), _along_axes(settings, "padding", axes, 0)


def _slid(size: Size, kernel: Size, stride: int, padding: int, names: str) -> Size:
    """The length of an axis that a kernel slides along."""
    found = size_from(f"({{}} + {2 * padding} - {{}})", size, kernel)
    if isinstance(found, int):
        if found < 0:
            raise ShapeError(f"{names}: a window of {kernel} is longer than {size}+{2 * padding}")
        return found // stride + 1
    return size_from("{} + 1", found) if stride == 1 else f"({found})/{stride} + 1"


def _conv_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    image, kernel = shapes
    names = f"conv({image}, {kernel})"
    axes = len(kernel) if len(kernel) < 3 else len(kernel) - 2
    channels = len(kernel) > 2
    if not 1 <= len(kernel) <= 4 or len(image) - axes not in ((1, 2) if channels else (0,)):
        raise ShapeError(
            f"{names}: a kernel (width) or (height, width) runs over what has as many axes,"
            " one (out, in, ...) over (in, ...) or a batch of them"
        )
    if channels and image[-axes - 1] != kernel[1]:
        raise ShapeError(f"{names}: {image[-axes - 1]} channels by {kernel[1]}")
    stride, padding = steps_of(kernel, settings)
    run = zip(image[-axes:], kernel[-axes:], stride, padding, strict=True)
    sizes = [_slid(*each, names) for each in run]
    return Shape((*image[: -axes - 1], kernel[0], *sizes) if channels else sizes)


def _taps(
    image: Shape, kernel: Shape, settings: Settings
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]]:
    """The places in result, image and kernel of every product of a convolution."""
    axes = len(kernel) if len(kernel) < 3 else len(kernel) - 2
    stride, padding = steps_of(kernel, settings)
    for result in places(_conv_shape((image, kernel), settings)):
        for tap in places(kernel):
            if len(kernel) > 2 and tap[0] != result[-axes - 1]:
                continue
            run = zip(result[-axes:], tap[-axes:], stride, padding, strict=True)
            there = tuple(place * step + own - pad for place, own, step, pad in run)
            ends = zip(there, image[-axes:], strict=True)
            if all(0 <= place < whole(size) for place, size in ends):
                before = (*result[: -axes - 1], tap[1]) if len(kernel) > 2 else ()
                yield result, (*before, *there), tap


def _tapped(goal: int) -> Elements:
    """The elements of a convolution (0), or of what flows back to its image (1) or kernel (2)."""

    def elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
        others = [place for place in range(3) if place != goal]
        if goal == 0:
            goal_shape = _conv_shape([each.shape for each in arrays], settings)
            image, kernel = arrays[0].shape, arrays[1].shape
        else:
            goal_shape = _set_shape([], settings)
            image = goal_shape if goal == 1 else arrays[1].shape
            kernel = goal_shape if goal == 2 else arrays[1].shape
        found: dict[tuple[int, ...], list[Expression]] = {each: [] for each in places(goal_shape)}
        for tap in _taps(image, kernel, settings):
            factors = (each.at(*tap[place]) for each, place in zip(arrays, others, strict=True))
            found[tap[goal]].append(Product(tuple(factors)))
        return tuple(_sum_of(tuple(each)) if each else ZERO for each in found.values())

    return elements


def _slide_words(node: Operation) -> tuple[tuple[str, object], ...]:
    return tuple(each for each in node.settings if each[0] != "shape")


def _slid_back(goal: int) -> Callable[[Passed], Flows]:
    """The derivative of a convolution (0) or of what flows back to its image (1) or kernel (2).

    Of result, image and kernel each is found from the other two: by the operation of its place.
    """
    names = ("conv", "full_conv", "correlation")

    def derivative(at: Passed) -> Flows:
        own = [place for place in range(3) if place != goal]
        known = {goal: at.upstream, **dict(zip(own, at.operands, strict=True))}
        flows = []
        for place, operand in zip(own, at.operands, strict=True):
            words = _slide_words(at.node)
            words += (("shape", shape_of(operand, at.shapes)),) if place else ()
            sides = tuple(known[each] for each in range(3) if each != place)
            flows.append(Operation(operation(names[place]), sides, words))
        return flows

    return derivative


def _conv_products(shapes: Sequence[Shape], settings: Settings) -> Expression:
    kernel = shapes[1]
    inside = kernel[1:] if len(kernel) > 2 else kernel
    return multiplied(size_product(_conv_shape(shapes, settings)), size_product(inside))


def _back_products(goal: int) -> Callable[[Sequence[Shape], Settings], Expression]:
    def products(shapes: Sequence[Shape], settings: Settings) -> Expression:
        shape = _set_shape([], settings)
        both = (shape, shapes[1]) if goal == 1 else (shapes[1], shape)
        return _conv_products(both, {word: settings[word] for word in settings if word != "shape"})

    return products


# Pooling.


def windows(shape: Shape, settings: Settings) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The lengths of a window, and its steps, on the last axes."""
    size = settings.get("size", 2)
    axes = len(size) if isinstance(size, tuple) else min(len(shape), 2)
    if not 1 <= axes <= len(shape):
        raise ShapeError(f"pooling {shape} with size={size}: {axes} axes by {len(shape)}")
    window = _along_axes(settings, "size", axes, 2)
    if settings.get("stride") is None:
        return window, window
    return window, _along_axes(settings, "stride", axes, 1)


def _pool_shape(shapes: Sequence[Shape], settings: Settings) -> Shape:
    (shape,) = shapes
    window, stride = windows(shape, settings)
    axes = len(window)
    run = zip(shape[-axes:], window, stride, strict=True)
    sizes = [_slid(size, own, step, 0, f"pooling {shape}") for size, own, step in run]
    return Shape((*shape[:-axes], *sizes))


def _pooled(array: Array, settings: Settings) -> Iterator[list[tuple[int, ...]]]:
    window, stride = windows(array.shape, settings)
    axes = len(window)
    for result in places(_pool_shape([array.shape], settings)):
        starts = [place * step for place, step in zip(result[-axes:], stride, strict=True)]
        yield [
            (*result[:-axes], *(start + own for start, own in zip(starts, inside, strict=True)))
            for inside in itertools.product(*map(range, window))
        ]


def _pool_elements(name: str) -> Elements:
    def elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
        (array,) = arrays
        return tuple(
            _called(name, tuple(array.at(*place) for place in window))
            for window in _pooled(array, settings)
        )

    return elements


def _unpooled(name: str) -> Elements:
    """What flows back from windows to an image: the shares of each element, added."""

    def elements(arrays: Arrays, settings: Settings) -> tuple[Expression, ...]:
        shape = _set_shape([], settings)
        image = arrays[1] if len(arrays) > 1 else Array(shape, (ZERO,) * count(shape))
        found: dict[tuple[int, ...], list[Expression]] = {each: [] for each in places(shape)}
        for flow, window in zip(arrays[0].elements, _pooled(image, settings), strict=True):
            line = tuple(image.at(*place) for place in window)
            share = Inverse(size_number(len(line)))
            shares = _slopes(name, line) if len(arrays) > 1 else (share,) * len(line)
            for place, slope in zip(window, shares, strict=True):
                found[place].append(multiplied(flow, slope))
        return tuple(added(*each) for each in found.values())

    return elements


def _pool_derivative(at: Passed) -> Flows:
    """What flows back from windows; that of a max also asks where each one stands."""
    words = (*at.node.settings, ("shape", at.shape()))
    kind = at.node.row.name.removesuffix("_pool")
    operands = (at.upstream, *(at.operands if kind == "max" else ()))
    return (Operation(operation(f"{kind}_unpool"), operands, words),)


def _constant(at: Passed) -> Flows:
    """Nothing flows back to what only says where something stands."""
    return [None for _ in at.operands]


SettingWords: TypeAlias = "tuple[tuple[str, object], ...]"
"""The settings of an operation as it keeps them."""

REDUCING: SettingWords = (("axis", None), ("keep", False))
SLIDING: SettingWords = (("stride", 1), ("padding", 0))
POOLING: SettingWords = (("size", 2), ("stride", None))

TEXTBOOK = "Petersen and Pedersen, The Matrix Cookbook, section 2"
BATCHES = "Ioffe and Szegedy 2015, section 3, for the sums over a batch"

MATMUL = MatrixOperation(
    "@", _matmul_shape, _matmul_elements, _matmul_derivative,
    "dA = G @ B.T, dB = A.T @ G", TEXTBOOK, linear=True,
    products=lambda shapes, settings: size_product(
        (*_as_matrices(*shapes)[0], _as_matrices(*shapes)[1][1])),
)  # fmt: skip
TRANSPOSE = MatrixOperation(
    ".T", _transpose_shape, _transpose_elements,
    lambda at: (transposed(at.upstream),),
    "dA = G.T", TEXTBOOK, linear=True,
)  # fmt: skip
SUM = MatrixOperation(
    "sum", _reduced_shape, _reduced(_sum_of),
    lambda at: (at.upright(at.upstream),),
    "dA = G for every element that was added", TEXTBOOK, REDUCING, linear=True,
)  # fmt: skip
UPRIGHT = MatrixOperation(
    "upright",
    lambda shapes, settings: Shape(
        (*shapes[0][: settings["axis"]], 1, *shapes[0][settings["axis"] :])),
    lambda arrays, settings: arrays[0].elements,
    lambda at: (at.through("sum", axis=at.settings["axis"]),),
    "dA = sum(G, axis)", BATCHES, (("axis", 1),), linear=True, derived=True,
)  # fmt: skip
SPREAD = MatrixOperation(
    "spread", _set_shape,
    lambda arrays, settings: spread(arrays[0], _set_shape([], settings)).elements,
    _spread_derivative, "dA = the sum of G", BATCHES, linear=True, derived=True,
)  # fmt: skip

IDENTITY = MatrixOperation(
    "eye", lambda shapes, settings: Shape((settings["size"], settings["size"])),
    lambda arrays, settings: tuple(
        ONE if row == column else ZERO
        for row, column in places(Shape((settings["size"], settings["size"])))
    ),
    _constant, "I does not change", TEXTBOOK, derived=True,
)  # fmt: skip

ZEROS = MatrixOperation(
    "zeros", _set_shape, lambda arrays, settings: (ZERO,) * count(_set_shape([], settings)),
    _constant, "0 does not change", TEXTBOOK, derived=True,
)  # fmt: skip
DIAGONAL = MatrixOperation(
    "diag", lambda shapes, settings: Shape((*shapes[0], *shapes[0])),
    lambda arrays, settings: tuple(
        arrays[0].elements[row] if row == column else ZERO
        for row, column in places(Shape(2 * arrays[0].shape))
    ),
    _constant, "stands in Jacobians", TEXTBOOK, derived=True,
)  # fmt: skip
DIFFERENTIAL = MatrixOperation(
    "d", _same_shape, lambda arrays, settings: arrays[0].elements, _constant,
    "a small change", TEXTBOOK, derived=True,
)  # fmt: skip
ENTRYWISE = MatrixOperation(
    "entrywise", _shape_together, _entrywise_elements, _constant, "as *", TEXTBOOK, derived=True
)


def identity(size: Size) -> Operation:
    """The identity matrix of a size."""
    return Operation(IDENTITY, (), (("size", size),))


OPERATIONS: dict[str, MatrixOperation] = {
    row.name: row
    for row in (
        MATMUL, TRANSPOSE, SUM, UPRIGHT, SPREAD,
        MatrixOperation(
            "mean", _reduced_shape,
            _reduced(lambda line: Product((_sum_of(line), Inverse(size_number(len(line)))))),
            _mean_derivative, "dA = G / n for each of n elements", TEXTBOOK,
            REDUCING, linear=True,
        ),
        MatrixOperation(
            "softmax", _same_shape, _outputs("softmax"),
            lambda at: (multiplied(at.answer, added(at.upstream, negated(
                along("sum", multiplied(at.upstream, at.answer), at.node)))),),
            "dz = p * (G - sum(G * p))", "Goodfellow et al. 2016, section 6.2.2.3", (("axis", -1),),
            symmetric=True,
        ),
        MatrixOperation(
            "log_softmax", _same_shape, _outputs("log_softmax"),
            lambda at: (added(at.upstream, negated(multiplied(
                Call(FUNCTIONS["exp"], (at.answer,)), along("sum", at.upstream, at.node)))),),
            "dz = G - p * sum(G)", "Goodfellow et al. 2016, section 6.2.2.3", (("axis", -1),),
        ),
        MatrixOperation(
            "outer", _outer_shape,
            lambda arrays, settings: tuple(
                map(Product, itertools.product(*(each.elements for each in arrays)))),
            lambda at: (matmul(at.upstream, at.operands[1]),
                        matmul(transposed(at.upstream), at.operands[0])),
            "da = G @ b, db = G.T @ a", TEXTBOOK, linear=True,
            products=lambda shapes, settings: size_product((*shapes[0], *shapes[1])),
        ),
        MatrixOperation(
            "dot", _dot_shape,
            lambda arrays, settings: (_sum_of(tuple(
                map(Product, zip(*(each.elements for each in arrays), strict=True)))),),
            lambda at: [multiplied(at.upstream, each) for each in reversed(at.operands)],
            "da = G * b, db = G * a", TEXTBOOK, linear=True,
            products=lambda shapes, settings: size_product(shapes[0]),
        ),
        _extreme("max"), _extreme("min"), _standing("max"), _standing("min"),
        MatrixOperation(
            "variance", _reduced_shape,
            _reduced(lambda line: ZERO if len(line) == 1 else _called("variance", line)),
            lambda at: (multiplied(TWO, *_mean_derivative(at), added(
                at.operands[0], negated(along("mean", at.operands[0], at.node)))),),
            "dA = G * 2/n * (A - mean(A))", BATCHES, REDUCING,
        ),
        MatrixOperation(
            "norm", _reduced_shape,
            _reduced(lambda line: Call(
                FUNCTIONS["sqrt"], (_sum_of(tuple(Power(each, TWO) for each in line)),)
            )),
            lambda at: (multiplied(at.upright(at.upstream), *at.operands,
                                   Inverse(at.upright(at.answer))),),
            "dA = G * A / norm(A)", TEXTBOOK, REDUCING,
        ),
        MatrixOperation(
            "trace", _square_shape,
            lambda arrays, settings: (_sum_of(tuple(
                arrays[0].at(k, k) for k in range(whole(arrays[0].shape[0])))),),
            lambda at: (multiplied(at.upstream, identity(at.shape()[0])),),
            "dA = G * I", TEXTBOOK, linear=True,
        ),
        IDENTITY, ZEROS, DIAGONAL, DIFFERENTIAL, ENTRYWISE,
        MatrixOperation(
            "index", _index_shape,
            lambda arrays, settings: tuple(
                arrays[0].at(*place) for place in _covered(arrays[0].shape, settings["at"])
            ),
            lambda at: (at.through("placed", **dict(at.node.settings), shape=at.shape()),),
            "dA = G at the place that was taken, else 0", "NumPy, indexing", linear=True,
        ),
        MatrixOperation(
            "placed", _set_shape, _placed_elements,
            lambda at: (at.through("index", at=at.settings["at"]),),
            "dA = G at that place", "NumPy, indexing", linear=True, derived=True,
        ),
        MatrixOperation(
            "concat", _concat_shape, _concat_elements, _concat_derivative,
            "each part gets its part of G", "NumPy, concatenate", (("axis", 0),),
            linear=True,
        ),
        MatrixOperation(
            "reshape", _reshape_shape, lambda arrays, settings: arrays[0].elements,
            lambda at: (at.through("reshape", shape=at.shape()),),
            "dA = G in the shape of A", "NumPy, reshape", (("shape", None),), linear=True,
        ),
        MatrixOperation(
            "permute", _permuted_shape, _permuted_elements,
            lambda at: (at.through("permute", axes=_back(_order(at.settings, at.shape()))),),
            "dA = G with its axes back in their order", "NumPy, transpose", (("axes", None),),
            linear=True,
        ),
        _normalised("layer_norm", -1, "Ba, Kiros and Hinton 2016, section 3"),
        _normalised("batch_norm", 0, "Ioffe and Szegedy 2015, section 3"),
        MatrixOperation(
            "conv", _conv_shape, _tapped(0), _slid_back(0),
            "dX = full convolution of G with K, dK = correlation of X with G",
            "Goodfellow et al. 2016, section 9.5", SLIDING, linear=True, products=_conv_products,
        ),
        MatrixOperation(
            "full_conv", _set_shape, _tapped(1), _slid_back(1),
            "dG' = conv(G, K), dK = correlation of G with G'",
            "Goodfellow et al. 2016, section 9.5", SLIDING, linear=True,
            products=_back_products(1), derived=True,
        ),
        MatrixOperation(
            "correlation", _set_shape, _tapped(2), _slid_back(2),
            "dG' = conv(X, G), dX = full convolution of G' with G",
            "Goodfellow et al. 2016, section 9.5", SLIDING, linear=True,
            products=_back_products(2), derived=True,
        ),
        MatrixOperation(
            "max_pool", _pool_shape, _pool_elements("max"), _pool_derivative,
            "dX = G at the max of each window, else 0", "Goodfellow et al. 2016, section 9.3",
            POOLING,
        ),
        MatrixOperation(
            "max_unpool", _set_shape, _unpooled("max"), _constant,
            "G at the max of each window, else 0", "Goodfellow et al. 2016, section 9.3", POOLING,
            derived=True,
        ),
        MatrixOperation(
            "mean_pool", _pool_shape, _pool_elements("mean"), _pool_derivative,
            "dX = G / n for each element of a window of n", "Goodfellow et al. 2016, section 9.3",
            POOLING, linear=True,
        ),
        MatrixOperation(
            "mean_unpool", _set_shape, _unpooled("mean"),
            lambda at: (at.through("mean_pool", **dict(_slide_words(at.node))),),
            "dG' = mean_pool(G)", "Goodfellow et al. 2016, section 9.3", POOLING,
            linear=True, derived=True,
        ),
    )
}  # fmt: skip
"""The table of operations on whole vectors and matrices."""


def operation(name: str) -> MatrixOperation:
    """The row of an operation by its name."""
    return OPERATIONS[name]


copyreg.dispatch_table[MatrixOperation] = lambda row: (operation, (row.name,))
