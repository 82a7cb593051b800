"""The shapes of a network's quantities, its parameters, and what both passes cost."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction

from backcalc.equations.calculation import formulas
from backcalc.equations.matrix_form import MatrixForm, MatrixLine, matrix_gradients
from backcalc.equations.network import Network
from backcalc.equations.program import Equation, lower
from backcalc.formulas import record
from backcalc.formulas.expression import (
    ONE,
    ZERO,
    Expression,
    Inverse,
    Number,
    Operation,
    Power,
    Product,
    Sum,
    added,
    multiplied,
    names_in,
    walk,
)
from backcalc.formulas.functions import simplified
from backcalc.formulas.matrices import (
    SCALAR,
    Shape,
    Shapes,
    operation,
    settings_of,
    shape_of,
    size_product,
)
from backcalc.formulas.notation import formula_text
from backcalc.formulas.quantity import Derivative, Quantity

FLOAT = 4  # bytes of a number in the single precision that networks are trained in

COUNTED = (
    "Multiplications and divisions are counted as the formulas write them, on the way to the"
    " weights' derivatives; a function such as tanh counts as none."
)
KEPT = "The backward pass needs these numbers again, so they are kept."


@record(frozen=True, slots=True, eq=False)
class Measured:
    """One quantity with its shape, its number of elements and what it costs."""

    name: Quantity
    """The quantity, or its derivative."""
    kind: str
    """What it is: input, target, weight, constant, value, derivative."""
    shape: Shape
    """The lengths of its axes."""
    elements: Expression
    """How many numbers it holds."""
    products: Expression
    """How many multiplications it takes."""


@record(frozen=True, slots=True, eq=False)
class LayerSize:
    """The parameters of one layer, or of the line that first uses them."""

    name: str
    """The layer's name, or the line's."""
    weights: tuple[str, ...]
    """Its weights and biases."""
    parameters: Expression
    """How many numbers they hold."""


@record(frozen=True, slots=True, eq=False)
class Costs:
    """All shapes of a network, and what both passes cost."""

    given: tuple[Measured, ...]
    """Inputs, targets, weights and constants."""
    forward: tuple[Measured, ...]
    """The values of the forward pass."""
    backward: tuple[Measured, ...]
    """The derivatives of the backward pass."""
    layers: tuple[LayerSize, ...]
    """The parameters layer by layer."""
    kept: tuple[Measured, ...]
    """What is kept for the backward pass."""
    copies: int
    """How many samples each pass is for."""

    @property
    def parameters(self) -> Expression:
        """How many parameters there are."""
        return total(each.parameters for each in self.layers)

    @property
    def kept_bytes(self) -> Expression:
        """The bytes of what is kept."""
        numbers = total(each.elements for each in self.kept)
        return simplified(multiplied(Number(Fraction(FLOAT * self.copies)), numbers))


def total(terms: Iterable[Expression]) -> Expression:
    """A sum of products of letters, equal ones counted together, its numbers last."""
    counts: dict[tuple[str, ...], tuple[Expression, Fraction]] = {}
    for whole in terms:
        for term in whole.terms if isinstance(whole, Sum) else (whole,):
            factors = term.factors if isinstance(term, Product) else (term,)
            numbers = [Fraction(each.value) for each in factors if isinstance(each, Number)]
            letters = [each for each in factors if not isinstance(each, Number)]
            key = tuple(sorted(map(formula_text, letters)))
            first, count = counts.get(key, (multiplied(*letters), Fraction(0)))
            counts[key] = (first, count + math.prod(numbers, start=Fraction(1)))
    _, constant = counts.pop((), (ONE, Fraction(0)))
    kept = [multiplied(Number(count), first) for first, count in counts.values()]
    return added(*kept, Number(constant))


def matrix_form(network: Network) -> MatrixForm:
    """Return a network in matrix notation; one of scalars as a form of scalars."""
    if network.matrices is not None:
        return network.matrices
    lines = tuple(MatrixLine(each.name, each.expression, SCALAR) for each in lower(network))
    return MatrixForm(
        {}, network.inputs, network.targets, tuple(network.weights), tuple(network.constants),
        lines, {},
    )  # fmt: skip


def measure(network: Network) -> Costs:
    """Return all shapes of a network and what both passes cost.

    In a file of scalars everything is a scalar.
    """
    form = matrix_form(network)
    shapes: Shapes = {}
    lines: Sequence[Sequence[Equation | MatrixLine]]
    if network.matrices is None:
        lines = formulas(network)
    else:
        gradients = matrix_gradients(form, network.conventions)
        lines = form.lines, gradients
        shapes = {**form.shapes, **{line.name: line.shape for line in gradients}}
    ahead, back = ([(line.name, line.expression) for line in group] for group in lines)
    sections = (
        ("input", form.inputs), ("target", form.targets),
        ("weight", form.weights), ("constant", form.constants),
    )  # fmt: skip
    back = _to_the_weights(back, form.weights)
    given = tuple(
        _measured(Quantity(name), kind, shapes) for kind, names in sections for name in names
    )
    values = tuple(_measured(name, "value", shapes, line) for name, line in ahead)
    derivatives = tuple(_measured(name, "derivative", shapes, line) for name, line in back)
    wanted = {name for _, line in back for name in names_in(line)}
    kept = tuple(
        each
        for each in (*given, *values)
        if each.name in wanted and each.kind in ("input", "target", "value")
    )
    layers = tuple(
        LayerSize(name, own, total(_measured(Quantity(each), "", shapes).elements for each in own))
        for name, own in _layers(network, ahead, form.weights)
    )
    return Costs(given, values, derivatives, layers, kept, len(network.samples))


def _to_the_weights(
    lines: Sequence[tuple[Quantity, Expression]], weights: Collection[str]
) -> list[tuple[Quantity, Expression]]:
    """The lines that the weights' derivatives need: a short form skips the one before it.

    Without weights all of them.
    """
    wanted: set[str]
    wanted = {name for name, _ in lines if isinstance(name, Derivative) and name.by in weights}
    if not wanted:
        return [*lines]
    for name, line in reversed(lines):
        if name in wanted:
            wanted.update(names_in(line))
    return [(name, line) for name, line in lines if name in wanted]


def _measured(
    name: Quantity, kind: str, shapes: Shapes, line: Expression | None = None
) -> Measured:
    shape = shapes.get(name, SCALAR)
    products = ZERO if line is None else multiplications(line, shapes)
    return Measured(name, kind, shape, size_product(shape), products)


def multiplications(node: Expression, shapes: Shapes) -> Expression:
    """How many multiplications and divisions a formula takes as it is written.

    >>> from backcalc.formulas.matrix_reader import parse_matrices
    >>> formula = parse_matrices("a*(W @ x)").expression
    >>> multiplications(formula, {"W": Shape((3, 2)), "x": Shape((2,)), "a": Shape((3,))})
    Number(value=Fraction(9, 1))
    """
    return total(_own_products(each, shapes) for each in walk(node))


def _own_products(node: Expression, shapes: Shapes) -> Expression:
    times = 0
    match node:
        case Operation(row, arguments):
            products = operation(row.name).products
            own = [shape_of(each, shapes) for each in arguments]
            return ZERO if products is None else products(own, settings_of(node))
        case Product(factors):
            times = sum(factor != ONE for factor in factors) - 1
        case Power(_, Number(value)):
            times = max(int(value) - 1, 0) if value == int(value) else 0
        case Inverse(Number()):
            return ZERO
    return multiplied(Number(Fraction(times)), size_product(shape_of(node, shapes)))


def _layers(
    network: Network, lines: Sequence[tuple[Quantity, Expression]], weights: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The weights of each layer, else of each line that is the first to use them."""
    groups: dict[str, dict[str, None]] = {}
    left = dict.fromkeys(weights)
    for unit in network.units:
        own = [*(edge.weight for edge in unit.edges), *filter(None, [unit.bias])]
        found = groups.setdefault(unit.layer or f"unit {unit.name}", {})
        found.update(dict.fromkeys(each for each in own if each in left))
        for each in own:
            left.pop(each, None)
    for name, line in lines:
        own = [each for each in names_in(line) if each in left]
        if own:
            groups.setdefault(name, {}).update(dict.fromkeys(own))
        for each in own:
            del left[each]
    if left:
        groups["in no line"] = left
    yield from ((name, tuple(own)) for name, own in groups.items() if own)
