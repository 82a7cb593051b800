"""A network in matrix notation: its lines, their shapes, and the gradients as matrix equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from backcalc.errors import Place
from backcalc.formulas import record
from backcalc.formulas.expression import ONE, Expression, Name, added
from backcalc.formulas.matrices import Array, Shape, count, flowing_back, places, whole
from backcalc.formulas.quantity import Derivative, Quantity, parsed

TEN = 10


@record(frozen=True, slots=True, eq=False)
class MatrixLine:
    """One equation between vectors and matrices: a name, assigned once."""

    name: Quantity
    """The quantity that is computed: `z1`, `h[2]`, `dL/dW1`."""
    expression: Expression
    """How, in the author's order."""
    shape: Shape
    """The lengths of its axes."""
    terms: tuple[Expression, ...] = ()
    """For a derivative what flows back from each line that uses the value; they add up to it."""
    where: Place | None = None
    """Where it stands in the file."""


@record(frozen=True, slots=True, eq=False)
class MatrixForm:
    """A network file as it is written where it has vectors or matrices."""

    shapes: Mapping[str, Shape]
    """The shape of every name: what is given and what is computed; a size may be a letter."""
    inputs: tuple[str, ...]
    """Names of the inputs, in file order."""
    targets: tuple[str, ...]
    """Names of the targets, in file order."""
    weights: tuple[str, ...]
    """Names of the weights and biases, in file order."""
    constants: tuple[str, ...]
    """Names of the constants, in file order."""
    lines: tuple[MatrixLine, ...]
    """The forward pass of the file, the loss last."""
    elements: Mapping[str, Array]
    """The names of the scalars that each one is made of; empty where sizes are letters."""

    @property
    def loss(self) -> Quantity:
        """The name of the loss."""
        return self.lines[-1].name


def element_names(name: str, shape: Shape) -> tuple[str, ...]:
    """The names of the scalars that a vector or a matrix is made of, counted from 1.

    Indices stand together while each is one digit, as on paper; else each has its own dash.

    >>> element_names("W1", Shape((2, 2))), element_names("h[3]", Shape((2,)))
    (('W1_11', 'W1_12', 'W1_21', 'W1_22'), ('h_1[3]', 'h_2[3]'))
    >>> element_names("x", Shape((10,)))[-1], element_names("A", Shape((1, 12)))[-1]
    ('x_10', 'A_1_12')
    """
    if not shape:
        return (name,)
    quantity = parsed(name)
    between = "" if all(whole(size) < TEN for size in shape) else "_"
    return tuple(
        Quantity(
            f"{quantity.stem}_{between.join(str(index + 1) for index in place)}",
            quantity.step,
            quantity.sample,
            quantity.element,
        )
        for place in places(shape)
    )


def array_of(name: str, shape: Shape) -> Array:
    """A vector or matrix as its elements' names."""
    return Array(shape, tuple(map(Name, element_names(name, shape))))


def matrix_gradients(
    form: MatrixForm, conventions: Mapping[str, Fraction], by: Sequence[str] | None = None
) -> tuple[MatrixLine, ...]:
    """The derivatives of the loss as matrix equations, from the loss back to the weights.

    `by` names what is given and differentiated by; nothing said: the weights. Each derivative has
    the shape of what it is taken by.
    """
    wanted = {*(form.weights if by is None else by), *(line.name for line in form.lines)}
    flows: dict[str, list[Expression]] = {form.loss: [ONE]}
    gradients: list[MatrixLine] = []
    shapes = {**form.shapes}

    def gradient(name: str, place: Place | None) -> Expression | None:
        terms = flows.get(name)
        if not terms:
            return None
        derivative = Derivative(form.loss, name)
        shapes[derivative] = shape = form.shapes.get(name, Shape())
        total = added(*terms)
        gradients.append(MatrixLine(derivative, total, shape, tuple(terms), place))
        return Name(derivative)

    for line in reversed(form.lines):
        upstream = ONE if line.name == form.loss else gradient(line.name, line.where)
        if upstream is None:
            continue
        answer = Name(line.name)
        back = flowing_back(line.expression, answer, upstream, shapes, conventions)
        for name, flow in back.items():
            if name in wanted:
                flows.setdefault(name, []).append(flow)
    for name in form.weights if by is None else by:
        gradient(name, None)
    return tuple(gradients)


def size_of(form: MatrixForm) -> int:
    """How many scalars a network in matrix notation is made of."""
    return sum(count(shape) for shape in form.shapes.values())
